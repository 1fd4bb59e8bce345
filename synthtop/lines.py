"""What the screen says in words: the three header lines, the state, the end's summary.

Pure functions from a snapshot to text in parts, each with a role that a screen may colour; no
drawing here. The screen, plain text and ``status`` all say it with these.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .model import BuildState, Eta, Finished, Outcome, Snapshot, hms
from .text import clean, fit, width

WIDE = 100
"""Columns from which the whole run's rate stands beside the 60 s rate."""
FRAME = 4
"""Columns that a frame's sides take from each line within."""
NARROW = 60
"""Columns under which the header is said in short words."""
TINY = 34
"""Columns under which it is said in figures."""


class Role(enum.StrEnum):
    """What a piece of text is, for whoever gives it a colour."""

    TEXT = "text"
    LABEL = "label"
    VALUE = "value"
    BUILT = "built"
    META = "meta"
    FAILED = "failed"
    IGNORED = "ignored"
    SKIPPED = "skipped"
    THROTTLED = "throttled"
    PHASE = "phase"
    ORIGIN = "origin"
    DIM = "dim"
    HEADING = "heading"
    KEY = "key"
    CHOSEN = "chosen"
    REST = "rest"


class Part(NamedTuple):
    """A piece of one line: clean text, and what it is."""

    text: str
    role: Role


Parts = tuple[Part, ...]


def joined(parts: Iterable[Part]) -> str:
    """The text of a line's parts."""
    return "".join(part.text for part in parts)


def _figure(value: float | None, spec: str) -> str:
    """``value`` by ``spec`` (``2d``, ``4.2f``), or ``-`` in the same columns."""
    if value is not None:
        return format(value, spec)
    return "-".rjust(int(spec[0])) if spec[0].isdigit() else "-"


def _load(snapshot: Snapshot) -> str:
    return _figure(snapshot.host.load, "4.2f")


def _swap(snapshot: Snapshot) -> str:
    """Percent in three columns, so that what follows stays where it is."""
    percent = snapshot.host.swap_pct
    return " - " if percent is None else f"{percent:2.0f}%"


def _rate(snapshot: Snapshot) -> tuple[str, str]:
    """Packages per hour, and a note where it is not the last minute's but the whole run's."""
    if snapshot.rate is None and snapshot.run_rate is not None:
        return f"{snapshot.run_rate:.1f}", " (run)"
    return _figure(snapshot.rate, ".1f"), ""


def _counts(snapshot: Snapshot) -> tuple[tuple[str, int, Role], ...]:
    totals = snapshot.totals
    return (
        ("Queued", totals.queued, Role.VALUE),
        ("Built", totals.built, Role.BUILT),
        ("Failed", totals.failed, Role.FAILED),
        ("Ignored", totals.ignored, Role.IGNORED),
        ("Skipped", totals.skipped, Role.SKIPPED),
    )


def _count_role(count: int, role: Role) -> Role:
    return role if count else Role.VALUE


def _full(snapshot: Snapshot) -> tuple[Parts, Parts, Parts]:
    label, value = Role.LABEL, Role.VALUE
    workers = f"{_figure(snapshot.active, '2d')} / "
    workers += "- " if snapshot.max_workers is None else f"{snapshot.max_workers:<2d}"
    dynmax = f"[DynMax: {_figure(snapshot.dynmax, 'd')}]"
    first = (
        Part("Workers: ", label),
        Part(workers, value),
        Part("   Load: ", label),
        Part(_load(snapshot), value),
        Part("  Swap: ", label),
        Part(_swap(snapshot), value),
        Part("    ", label),
        Part(dynmax, Role.THROTTLED if snapshot.throttled else value),
    )
    rate, note = _rate(snapshot)
    second = (
        Part("Elapsed: ", label),
        Part(hms(snapshot.elapsed), value),
        Part("  Rate: ", label),
        Part(f"{rate} pkg/hr{note}", value),
        Part("  Impulse: ", label),
        Part(_figure(snapshot.impulse, "d"), value),
    )
    third: list[Part] = []
    for word, count, role in _counts(snapshot):
        third += (Part(f"{'  ' if third else ''}{word}: ", label), Part(str(count), _count_role(count, role)))
    return first, second, tuple(third)


def header_lines(snapshot: Snapshot) -> tuple[str, str, str]:
    """The three lines, to the character; a figure that the source does not have is ``-``."""
    first, second, third = _full(snapshot)
    return joined(first), joined(second), joined(third)


def throttle_note(snapshot: Snapshot) -> str:
    """``throttled: high load`` while DynMax is less than all workers, else nothing."""
    if not snapshot.throttled:
        return ""
    return f"throttled: {clean(snapshot.reason)}" if snapshot.reason else "throttled"


def state_word(snapshot: Snapshot) -> Part:
    """The build's state in a word or two, as it stands in the frame."""
    state, failed = snapshot.state, snapshot.totals.failed
    if state is BuildState.BUILDING:
        if snapshot.stopping is None:
            return Part("building", Role.THROTTLED if snapshot.throttled else Role.LABEL)
        return Part(str(snapshot.stopping), Role.THROTTLED)
    if state is BuildState.FINISHED:
        return Part(f"finished, {failed} failed", Role.FAILED) if failed else Part("finished", Role.BUILT)
    role = Role.LABEL if state in (BuildState.WAITING, BuildState.STALE) else Role.FAILED
    return Part(str(state), role)


def _short(snapshot: Snapshot) -> tuple[Parts, Parts, Parts]:
    """The header for a screen that the three lines don't fit on."""
    label, value = Role.LABEL, Role.VALUE
    slots = _figure(snapshot.max_workers, "d")
    first = (
        Part(f"{_figure(snapshot.active, 'd').rjust(len(slots))}/{slots}", value),
        Part("  DynMax ", label),
        Part(_figure(snapshot.dynmax, "d"), Role.THROTTLED if snapshot.throttled else value),
        Part("  Load ", label),
        Part(_load(snapshot).strip(), value),
        Part("  Swap ", label),
        Part(_swap(snapshot).strip(), value),
    )
    rate, _ = _rate(snapshot)
    second = (
        Part(hms(snapshot.elapsed), value),
        Part("  ", label),
        Part(rate, value),
        Part("/hr  +", label),
        Part(_figure(snapshot.impulse, "d"), value),
    )
    third: list[Part] = []
    words = {"Queued": "Queue", "Built": "Built", "Failed": "Fail", "Skipped": "Skip"}
    for word, count, role in _counts(snapshot):
        if word in words:
            gap = "  " if third else ""
            third += (Part(f"{gap}{words[word]} ", label), Part(str(count), _count_role(count, role)))
    return first, second, tuple(third)


def _tiny(snapshot: Snapshot) -> tuple[Parts, Parts, Parts]:
    """The header in figures alone."""
    label, value = Role.LABEL, Role.VALUE
    dynmax_role = Role.THROTTLED if snapshot.throttled else value
    first = (
        Part(f"{_figure(snapshot.active, 'd')}/{_figure(snapshot.max_workers, 'd')}", value),
        Part(f"[{_figure(snapshot.dynmax, 'd')}]", dynmax_role),
        Part(" L", label),
        Part(_load(snapshot).strip(), value),
        Part(" S", label),
        Part(_swap(snapshot).strip(), value),
    )
    rate, _ = _rate(snapshot)
    second = (Part(hms(snapshot.elapsed), value), Part(f" {rate}", value), Part("/hr", label))
    third: list[Part] = []
    for word, count, role in _counts(snapshot):
        third += (Part(f"{' ' if third else ''}{word[0]}", label), Part(str(count), _count_role(count, role)))
    return first, second, tuple(third)


def _fitting(snapshot: Snapshot, columns: int) -> tuple[Parts, Parts, Parts]:
    """The header as ``columns`` are for; a line whose figures are too long for them in shorter words."""
    forms = (_full, _short, _tiny)[(columns < NARROW) + (columns < TINY) :]
    lines = forms[0](snapshot)
    for shorter in forms[1:]:
        if all(width(joined(line)) <= columns for line in lines):
            return lines
        first, second, third = (
            line if width(joined(line)) <= columns else other
            for line, other in zip(lines, shorter(snapshot), strict=True)
        )
        lines = first, second, third
    first, second, third = (_cut(line, columns) for line in lines)
    return first, second, third


def _cut(parts: Parts, columns: int) -> Parts:
    rest = fit(joined(parts), columns)
    kept: list[Part] = []
    for text, role in parts:
        kept.append(Part(rest[: len(text)], role))
        rest = rest[len(text) :]
    return tuple(part for part in kept if part.text)


def header_parts(snapshot: Snapshot, columns: int, *, framed: bool) -> tuple[Parts, Parts, Parts]:
    """The header for a screen of ``columns``: the three lines and what a wider screen adds after them.

    With a frame there are :data:`FRAME` columns less for each line.
    Where there is no frame to hold the state, and it is more than plain building, it stands at the
    right of the second line. The figures keep their places when a state changes.
    """
    inner = columns - FRAME if framed else columns
    first, second, third = _fitting(snapshot, inner)
    if inner >= NARROW:
        if snapshot.throttled:
            first = (*first, *_reason(snapshot, inner - width(joined(first))))
        if columns >= WIDE and snapshot.rate is not None:
            run = "-" if snapshot.run_rate is None else f"{snapshot.run_rate:.1f}"
            second = (*second, Part("    Run: ", Role.LABEL), Part(f"{run} pkg/hr", Role.VALUE))
    state = state_word(snapshot)
    if not framed and state.text != "building":
        room = columns - width(joined(second)) - 3  # two before it, one after it
        text = state.text if width(state.text) <= room else state.text.partition(",")[0]
        if width(text) <= room:
            second = (*second, Part(" " * (room + 2 - width(text)), Role.LABEL), Part(text, state.role))
    return first, second, third


def _reason(snapshot: Snapshot, room: int) -> Parts:
    """Why DynMax is less than all, as much of it as fits into ``room`` columns."""
    note = throttle_note(snapshot)
    reason = clean(snapshot.reason or "throttled")
    text = note if width(note) + 2 <= room else fit(reason, min(width(reason), room - 2))
    return (Part(f"  {text}", Role.THROTTLED),) if text else ()


def eta_text(eta: Eta) -> str:
    """``ETA 0h41 ±6m``: hours and minutes to go, and by how much that may be wrong."""
    minutes = max(0, eta.seconds) // 60
    spread = max(0, eta.plus_minus) // 60
    wrong = f"{spread}m" if spread < 60 else f"{spread // 60}h{spread % 60:02d}"
    return f"ETA {minutes // 60}h{minutes % 60:02d} ±{wrong}"


# -- the end ---------------------------------------------------------------------------------------


def _number(count: int, word: str = "package") -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _verdict(snapshot: Snapshot) -> Part:
    """The first line of the summary: how it ended, in one sentence."""
    totals, after = snapshot.totals, hms(snapshot.elapsed)
    if snapshot.state is BuildState.INTERRUPTED:
        return Part(f"Interrupted after {after}: {_number(totals.remaining)} not built.", Role.THROTTLED)
    if snapshot.state is BuildState.GONE:
        return Part(f"The build ended after {after} without saying how.", Role.FAILED)
    if snapshot.state is not BuildState.FINISHED:
        return Part(f"Not over after {after}: {_number(totals.remaining)} to go.", Role.LABEL)
    if totals.failed:
        return Part(f"Finished in {after}, {_number(totals.failed)} failed.", Role.FAILED)
    if not totals.queued:
        return Part(f"Finished in {after}, there was nothing to build.", Role.BUILT)
    if totals.built + totals.meta == totals.queued:
        every = "all " if totals.queued > 1 else ""
        return Part(f"Finished in {after}, {every}{_number(totals.queued)} built.", Role.BUILT)
    return Part(f"Finished in {after}, nothing failed.", Role.BUILT)


def _tally(snapshot: Snapshot) -> Parts:
    totals = snapshot.totals
    parts: list[Part] = []
    rest = (("Meta", totals.meta, Role.META), ("Remaining", totals.remaining, Role.VALUE))
    for word, count, role in (*_counts(snapshot)[1:], *rest):
        # A failure that did not happen is worth a word; the rest only counts where there is some.
        if count or word in ("Built", "Failed"):
            parts += (
                Part("  " if parts else "", Role.LABEL),
                Part(str(count), _count_role(count, role)),
                Part(f" {word.lower()}", Role.LABEL),
            )
    parts.append(Part(f"  of {_number(totals.queued)}", Role.LABEL))
    return tuple(parts)


_BESIDE = {"Duration": 2 + 9, "Phase": 2 + 14, "Blocks": 1 + 7}
"""Columns that stand beside a failure's origin; the first goes first where there is no room for all."""
_READABLE = 16
"""Columns of origins under which they are worth more than what stands beside them."""


def _blocked(failure: Finished, skipped: Sequence[str], columns: int) -> Parts:
    """Which packages a failure blocks: the first one, and as many more as ``columns`` are for, whole."""
    lead, names = "   blocks ", clean(skipped[0])
    total = max(failure.blocks, len(skipped))

    def rest(shown: int) -> str:
        return f" and {total - shown} more" if shown < total else ""

    shown, fitting = 1, names
    for count, origin in enumerate(skipped[1:], 2):
        names = f"{names}, {clean(origin)}"
        taken = width(lead) + width(names)
        if taken > columns:
            break
        if taken + width(rest(count)) <= columns:
            shown, fitting = count, names
    parts = Part(lead, Role.LABEL), Part(fitting, Role.SKIPPED), Part(rest(shown), Role.LABEL)
    return tuple(part for part in parts if part.text)


def _failure_rows(
    failures: Sequence[Finished], skipped: Mapping[str, Sequence[str]], columns: int
) -> list[Parts]:
    """A table of the failures, those that block most first; below each its log and what it blocks.

    ``skipped`` are the origins that were skipped for an origin that failed.
    """
    beside = dict(_BESIDE)
    while beside and columns - 1 - sum(beside.values()) < _READABLE:
        del beside[next(iter(beside))]
    longest = max(width(clean(failure.origin)) for failure in failures)
    origin_width = max(8, min(longest, columns - 1 - sum(beside.values())))

    def row(origin: str, phase: str, duration: str, blocks: str, roles: tuple[Role, Role, Role]) -> Parts:
        rest = f"  {duration:>9}" if "Duration" in beside else ""
        rest += f" {blocks:>7}" if "Blocks" in beside else ""
        parts = (
            Part(f" {fit(origin, origin_width)}", roles[0]),
            Part(f"  {fit(phase, 14)}" if "Phase" in beside else "", roles[1]),
            Part(rest, roles[2]),
        )
        return tuple(part for part in parts if part.text)

    rows = [row("Failed", "Phase", "Duration", "Blocks", (Role.LABEL, Role.LABEL, Role.LABEL))]
    roles = Role.FAILED, Role.PHASE, Role.TEXT
    for failure in sorted(failures, key=lambda one: (-one.blocks, one.at, one.origin)):
        origin, phase = clean(failure.origin), clean(failure.phase or "-")
        rows.append(row(origin, phase, hms(failure.duration), str(failure.blocks or "-"), roles))
        if failure.reason:
            rows.append((Part(f"   {clean(failure.reason)}", Role.TEXT),))
        if failure.log:
            rows.append((Part(f"   {clean(failure.log)}", Role.DIM),))
        if failure.origin in skipped:
            rows.append(_blocked(failure, skipped[failure.origin], columns))
    return rows


def summary_parts(snapshot: Snapshot, columns: int) -> list[Parts]:
    """How a build ended: the verdict, the counts, and every failure that is known.

    The table of failures is laid out for ``columns``. Reasons, paths and names of what is blocked are said
    whole, since one wants to copy them, and may be longer.
    """
    rows: list[Parts] = [(_verdict(snapshot),), _tally(snapshot)]
    totals = snapshot.totals
    failures: list[Finished] = []
    skipped: dict[str, list[str]] = {}
    for one in snapshot.finished:
        if one.outcome is Outcome.FAILED:
            failures.append(one)
        elif one.outcome is Outcome.SKIPPED and one.reason is not None:
            skipped.setdefault(one.reason, []).append(one.origin)
    if failures:
        rows.append(())
        rows += _failure_rows(failures, skipped, columns)
    unlisted = totals.failed - len(failures)
    if failures and unlisted > 0:
        rows.append((Part(f" and {unlisted} more", Role.LABEL),))
    return rows


def summary_lines(snapshot: Snapshot, columns: int) -> list[str]:
    """:func:`summary_parts` as plain lines, for the terminal after the screen is gone."""
    return [joined(parts).rstrip() for parts in summary_parts(snapshot, columns)]
