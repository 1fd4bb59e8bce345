"""How far the build is: one bar in five colours, or in five signs, and the same in figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..lines import eta_text, shown_eta, time_of_day, whole_minute
from ..model import Snapshot, Totals
from ..parts import Part, Role
from ..text import width
from ..trends import starts_differ
from .fields import Field, Line, placed
from .lineview import LineView

EIGHTHS = " ▏▎▍▌▋▊▉"
_BAR_AT_LEAST = 10
"""Columns of the bar under which its text goes."""


_ROLES = (Role.BUILT, Role.META, Role.FAILED, Role.IGNORED, Role.SKIPPED, Role.REST)
_SIGNS = dict(zip(_ROLES, "█▓Xis─", strict=True))
"""What tells the sections apart where no colour does."""


class Segment(NamedTuple):
    """A stretch of the bar. ``behind`` is the role on its right, where two of them share a cell."""

    text: str
    role: Role
    behind: Role | None = None


def shares(counts: Sequence[int], cells: int, parts: int = 8) -> list[int]:
    """How many parts of a cell (eighths) each count gets of ``cells``; they sum up to ``parts`` × ``cells``.

    Each is its exact share to within one part, but for those that would take less than a cell: these
    get a whole one, so that none vanishes, and no cell has more than two of them; the others pay for it by
    their size. With fewer cells than counts that are not 0 the first get one each. All 0 gives all 0.
    """
    some = [index for index, count in enumerate(counts) if count > 0]
    result = [0] * len(counts)
    if len(some) >= cells:
        for index in some[:cells]:
            result[index] = parts
        return result
    small: set[int] = set()
    while True:
        room = parts * (cells - len(small))
        rest = [index for index in some if index not in small]
        total = sum(counts[index] for index in rest)
        lifted = {index for index in rest if counts[index] * room < parts * total}
        if not lifted:
            break
        small |= lifted
    for index in small:
        result[index] = parts
    # Rounded at the borders, not by share: what is rounded off one goes to the next.
    before = reached = 0
    for index in rest:
        reached += counts[index]
        border = (2 * reached * room + total) // (2 * total)
        result[index] = border - before
        before = border
    return result


def bar(totals: Totals, cells: int, *, colourless: bool = False) -> list[Segment]:
    """The bar in ``cells`` columns: built, meta, failed, ignored, skipped, and a thin line for what remains.

    Without colours each has a sign of its own, in whole cells.
    """
    counts = (
        totals.built,
        totals.meta,
        totals.failed,
        totals.ignored,
        totals.skipped,
        totals.remaining or 0,
    )
    if not any(counts):
        counts = (0, 0, 0, 0, 0, 1)
    if colourless:
        whole = zip(_ROLES, shares(counts, cells, 1), strict=True)
        return [Segment(_SIGNS[role] * part, role) for role, part in whole if part]
    stretches = [(role, part) for role, part in zip(_ROLES, shares(counts, cells), strict=True) if part]
    segments: list[Segment] = []
    used = 0
    for number, (role, part) in enumerate(stretches):
        end = used + part
        full = end // 8 - -(-used // 8)
        if full > 0:
            segments.append(Segment(("─" if role is Role.REST else "█") * full, role))
        if end % 8 and number + 1 < len(stretches):
            behind = stretches[number + 1][0]
            # A line is no ground: what is left of the last cell is left blank.
            segments.append(Segment(EIGHTHS[end % 8], role, None if behind is Role.REST else behind))
        used = end
    return segments


def percent(done: int | None, queued: int | None) -> str:
    """`` 32%``, in four columns; a dash where it is not known, or nothing is to be done."""
    if done is None or not queued:
        return "  -%"
    # 100 % is the end alone; and never over it, also where a source's counts contradict each other.
    return f"{min(100 if done >= queued else 99, round(done * 100 / queued)):3d}%"


def figures(snapshot: Snapshot, ends: float | None = None) -> tuple[str, str]:
    """``45/142  32%``, as wide as it will be at the end, and ``ETA 0h41 ±6m`` once there is one; as a time of
    day, where the build ``ends`` at this epoch second."""
    totals = snapshot.totals
    queued = "-" if totals.queued is None else str(totals.queued)
    done = f"{totals.done:{len(queued)}d}/{queued}  {percent(totals.done, totals.queued)}"
    eta = shown_eta(snapshot)
    if eta is None:
        return done, ""
    return done, eta_text(eta, None if ends is None else time_of_day(ends, snapshot.time))


class ProgressBar(LineView):
    """The bar, and right of it the figures where there is room."""

    # A cell that two sections share has colours alone: what is bold beside it could be another colour.
    NEVER_BOLD = frozenset((Role.BUILT, Role.META, Role.FAILED))

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._snapshot: Snapshot | None = None
        self._started: float | None = None
        self._figures = ("", "")
        self._widest = (0, 0)
        self._clock = False
        self._ends: float | None = None

    def show(self, snapshot: Snapshot) -> None:
        """Say what ``snapshot`` says."""
        before, self._snapshot = self._snapshot, snapshot
        if (
            before is None
            or before.source != snapshot.source
            or starts_differ(self._started, snapshot.started)
        ):
            # Another build: how wide the last one's figures were says nothing of this one's.
            self._widest = (0, 0)
            self._started = self._ends = None
        self._started = self._started if snapshot.started is None else snapshot.started
        if (eta := shown_eta(snapshot)) is not None:
            self._ends = whole_minute(snapshot.time + eta.seconds, self._ends)
        self._measure(snapshot)

    def turn(self) -> None:
        """Say the ETA as a time of day, or again as the time to go."""
        self._clock = not self._clock
        self._widest = (self._widest[0], 0)
        if self._snapshot is not None:
            self._measure(self._snapshot)

    def _measure(self, snapshot: Snapshot) -> None:
        self._figures = done, eta = figures(snapshot, self._ends if self._clock else None)
        # An ETA that comes and goes must not make the bar longer and shorter. After the end none comes.
        eta_width = 0 if snapshot.over else max(self._widest[1], width(eta))
        self._widest = max(self._widest[0], width(done)), eta_width
        self.redraw()

    def line_at(self, y: int) -> Line:
        if self._snapshot is None or y > 0:
            return ()
        columns = self.columns
        beside, text = self._beside(columns, self._snapshot.totals)
        fields: list[Field] = []
        x = 0
        totals = self._snapshot.totals
        if totals.queued is None and not self._snapshot.over:
            # Where nobody knows how much is to be done, a bar that is full would say that all is.
            totals = Totals()
        for segment in bar(totals, columns - beside, colourless=self.colourless):
            role = f"{segment.role}/{segment.behind}" if segment.behind else segment.role
            fields.append(Field(x, segment.text, role))
            x += len(segment.text)
        if text:
            fields += placed((Part(text, Role.VALUE),), columns - beside + 2)
        return tuple(fields)

    def _beside(self, columns: int, totals: Totals) -> tuple[int, str]:
        """How many columns the bar leaves, and the text in them: less of it where the bar gets short.

        The counts stand above too: they go before the ETA does, which is said nowhere else.
        """
        (done, eta), (done_width, eta_width) = self._figures, self._widest
        share = percent(totals.done, totals.queued)
        longest = max(_BAR_AT_LEAST, columns * 2 // 5)
        forms = (
            (done_width + 2 + eta_width, f"{done.ljust(done_width)}  {eta}", longest),
            (len(share) + 2 + eta_width, f"{share}  {eta}", longest),
            (done_width, done, _BAR_AT_LEAST),
        )
        for taken, text, at_least in forms[0 if eta_width else 2 :]:
            beside = taken + 3  # two blanks before it, one after it
            if columns - beside >= at_least:
                return beside, text
        return 0, ""
