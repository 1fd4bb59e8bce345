"""How a build ended, in words: the verdict, the counts, what failed and what that blocked. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from .failures import Failure, failures
from .lines import count_role, counts
from .model import BuildState, Snapshot, hms
from .parts import Part, Parts, Role, broken, joined
from .states import READ_AS
from .text import clean, fit, width


def _number(count: int | None, word: str = "package") -> str:
    """``3 packages``; where nobody says how many there are to be, of ``some``."""
    if count is None:
        return f"some {word}s"
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _verdict(snapshot: Snapshot, *, short: bool) -> Part:
    """The first line of the summary: how it ended, in one sentence."""
    totals, after = snapshot.totals, hms(snapshot.elapsed)

    def counted(count: int | None) -> str:
        return "some" if count is None else str(count) if short else _number(count)

    if snapshot.state is BuildState.INTERRUPTED:
        rest = "left" if short else "not built"
        return Part(f"Interrupted after {after}: {counted(totals.remaining)} {rest}.", Role.THROTTLED)
    if snapshot.state is BuildState.GONE:
        return Part(f"The build ended after {after} without saying how.", Role.FAILED)
    if snapshot.state is not BuildState.FINISHED:
        return Part(f"Not over after {after}: {counted(totals.remaining)} to go.", Role.LABEL)
    if totals.failed:
        return Part(f"Finished in {after}, {counted(totals.failed)} failed.", Role.FAILED)
    if totals.queued is None:
        return Part(f"Finished in {after}, nothing failed.", Role.BUILT)
    if not totals.queued:
        return Part(f"Finished in {after}, there was nothing to build.", Role.BUILT)
    if totals.built + totals.meta == totals.queued:
        every = "all " if totals.queued > 1 else ""
        return Part(f"Finished in {after}, {every}{counted(totals.queued)} built.", Role.BUILT)
    return Part(f"Finished in {after}, nothing failed.", Role.BUILT)


def _tally(snapshot: Snapshot, columns: int) -> list[Parts]:
    """The counts, in as many lines as it takes."""
    totals = snapshot.totals
    counted: list[tuple[Part, ...]] = []
    rest = (("Meta", totals.meta, Role.META), ("Remaining", totals.remaining, Role.VALUE))
    for word, count, role in (*counts(snapshot)[1:], *rest):
        # A failure that did not happen is worth a word; the rest only counts where there is some.
        if count or word in ("Built", "Failed"):
            counted.append((Part(str(count), count_role(count, role)), Part(f" {word.lower()}", Role.LABEL)))
    if totals.queued is not None:
        counted.append((Part(f"of {_number(totals.queued)}", Role.LABEL),))
    rows: list[Parts] = [counted[0]]
    for parts in counted[1:]:
        longer = (*rows[-1], Part("  ", Role.LABEL), *parts)
        if width(joined(longer)) <= columns:
            rows[-1] = longer
        else:
            rows.append(parts)
    return rows


_BESIDE = {"Duration": 2 + 9, "Phase": 2 + 14, "Blocks": 1 + 7}
"""Columns that stand beside a failure's origin; the first goes first where there is no room for all."""
_ROOMY = 60
"""Columns from which there is room for whole sentences and a blank line."""
_READABLE = 16
"""Columns of origins under which they are worth more than what stands beside them."""


def blocked_parts(failure: Failure, columns: int, lead: str = "   blocks ") -> Parts:
    """Which packages a failure blocks: the first one, and as many more as ``columns`` are for, whole; nothing
    where none is known."""
    if not failure.blocked:
        return ()
    names, total = clean(failure.blocked[0]), failure.blocks

    def rest(shown: int) -> str:
        return f" and {total - shown} more" if shown < total else ""

    shown, fitting = 1, names
    for count, origin in enumerate(failure.blocked[1:], 2):
        names = f"{names}, {clean(origin)}"
        taken = width(lead) + width(names)
        if taken > columns:
            break
        if taken + width(rest(count)) <= columns:
            shown, fitting = count, names
    parts = Part(lead, Role.LABEL), Part(fitting, Role.SKIPPED), Part(rest(shown), Role.LABEL)
    return tuple(part for part in parts if part.text)


def _failure_rows(listed: Sequence[Failure], columns: int) -> list[Parts]:
    """A table of the failures; below each its log and what it blocks."""
    beside = dict(_BESIDE)
    while beside and columns - 1 - sum(beside.values()) < _READABLE:
        del beside[next(iter(beside))]
    longest = max(width(clean(failure.package.origin)) for failure in listed)
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
    for failure in listed:
        package = failure.package
        origin, phase = clean(package.origin), clean(package.phase or "-")
        rows.append(row(origin, phase, hms(package.duration), str(failure.blocks or "-"), roles))
        if package.reason:
            rows.append((Part(f"   {clean(package.reason)}", Role.TEXT),))
        if package.log:
            rows.append((Part(f"   {clean(package.log)}", Role.DIM),))
        if failure.blocked:
            rows.append(blocked_parts(failure, columns))
    return rows


def summary_parts(snapshot: Snapshot, columns: int) -> list[Parts]:
    """How a build ended: the verdict, the counts, and every failure that is known.

    The table of failures is laid out for ``columns``. Reasons, paths and names of what is blocked are said
    whole, since one wants to copy them, and may be longer.
    """
    short = columns < _ROOMY
    verdict = _verdict(snapshot, short=short)
    rows: list[Parts] = [(Part(line, verdict.role),) for line in broken(verdict.text, columns)]
    rows += _tally(snapshot, columns)
    totals = snapshot.totals
    listed = failures(snapshot)
    if listed:
        rows += [] if short else [()]
        rows += _failure_rows(listed, columns)
    read_as = READ_AS.get(snapshot.source.kind)
    if totals.failed and not listed and read_as is not None:
        text = f"What failed, {read_as} does not say."
        rows += [(Part(line, Role.LABEL),) for line in broken(text, columns)]
    unlisted = totals.failed - len(listed)
    if listed and unlisted > 0:
        rows.append((Part(f" and {unlisted} more", Role.LABEL),))
    return rows


def summary_lines(snapshot: Snapshot, columns: int) -> list[str]:
    """:func:`summary_parts` as plain lines, for the terminal after the screen is gone."""
    return [joined(parts).rstrip() for parts in summary_parts(snapshot, columns)]
