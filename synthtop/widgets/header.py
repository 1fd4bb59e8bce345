"""The three header lines, in a frame where there is room for one."""

from __future__ import annotations

from collections.abc import Sequence

from ..lines import FRAME, header_parts, title_parts
from ..model import BuildState, Snapshot
from ..parts import Part, Parts, Role, cut, joined, whole
from ..states import LIVE, Shown, frame_role, problem_told, state_parts
from ..text import clean, width
from .fields import Line, placed
from .lineview import LineView


def framed_lines(title: Parts, rows: Sequence[Parts], state: Parts, columns: int, role: Role) -> list[Line]:
    """``rows`` in a frame of ``columns``, with the title at the upper left and the state at the lower right.

    Of the state there is as much as fits whole.
    """
    inner = columns - FRAME
    title, state = cut(title, inner - 2), whole(state, inner - 2) or cut(state, inner - 2)
    top = _rule("╭─", title, "─╮", columns, role, left=True)
    bottom = _rule("╰─", state, "─╯", columns, role, left=False)
    side, other = Part("│ ", role), Part(" │", role)
    middle = [(*placed((side,)), *placed(row, 2), *placed((other,), columns - 2)) for row in rows]
    return [top, *middle, bottom]


def _rule(start: str, text: Parts, end: str, columns: int, role: Role, *, left: bool) -> Line:
    """One of a frame's horizontal lines, with text in it."""
    set_in = (Part(" ", role), *text, Part(" ", role)) if text else ()
    dashes = Part("─" * (columns - len(start) - len(end) - width(joined(set_in))), role)
    between = (*set_in, dashes) if left else (dashes, *set_in)
    return placed(part for part in (Part(start, role), *between, Part(end, role)) if part.text)


class Header(LineView):
    """What :func:`~synthtop.lines.header_parts` says; with a frame it is five lines high, else three."""

    FRAMED = 5

    def __init__(self, title: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = clean(title)
        self._snapshot: Snapshot | None = None
        self._run_rate = False
        self._shown = LIVE
        self._lines: list[Line] = []
        self._made_for: tuple[int, int] = (-1, -1)

    def show(self, snapshot: Snapshot, *, run_rate: bool = False, shown: Shown = LIVE) -> None:
        """Say what ``snapshot`` says; ``run_rate`` and ``shown`` as for the lines."""
        self._snapshot, self._run_rate, self._shown = snapshot, run_rate, shown
        # Of a build that nobody hears of any more, these are the last numbers.
        self.dimmed = snapshot.state in (BuildState.GONE, BuildState.STALE, BuildState.UNREADABLE)
        self._make()
        self.redraw()

    def _make(self) -> None:
        self._made_for = columns, rows = self.columns, self.rows
        self._lines = []
        if self._snapshot is None:
            return
        snapshot, shown = self._snapshot, self._shown
        framed = rows >= self.FRAMED and columns >= 8
        lines = header_parts(snapshot, columns, framed=framed, run_rate=self._run_rate, shown=shown)
        if not framed:
            self._lines = [placed(parts) for parts in lines]
            return
        role = frame_role(snapshot, shown)
        title = title_parts(self._title, snapshot, role)
        state = state_parts(snapshot, shown)
        if problem_told(snapshot):
            # By halves rather than not at all: nothing else says it.
            state = cut(state, min(columns - FRAME - 2, width(joined(state))))
        self._lines = framed_lines(title, lines, state, columns, role)

    def line_at(self, y: int) -> Line:
        if self._made_for != (self.columns, self.rows):
            self._make()
        return self._lines[y] if y < len(self._lines) else ()
