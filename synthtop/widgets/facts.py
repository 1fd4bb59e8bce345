"""What is known of a worker's package, in lines: how it is and how it got there, what runs, its log. Pure."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..model import Finished, Inside, Outcome, PhaseSpan, WorkerRow, hms
from ..parts import Part, Parts, Role, broken
from ..text import clean, fit, width
from ..units import short_size
from .bars import eighths
from .ordering import doing
from .progress import EIGHTHS
from .workercolumns import percent_of_core

_TERM = 10
"""Columns of what a fact is called, with the blank ones after it."""
_BELOW_UNDER = 28
"""Columns under which a fact is said without that."""
_COMMAND_LINES = 4
_READ = 2000
"""Characters of a command or path that are looked at."""
_PHASES = 100
"""Phases that have a line at most, the newest."""
_BAR = 30
"""Columns of the longest phase's bar at most."""
_FULL = 8
_DAY = 86_400


class Package(NamedTuple):
    """A slot's package: its ``row`` and what was ``inside`` at the last look at which it was there.

    ``there`` says that it is still; where it is not, ``end`` is how it ended, as far as that is known.
    """

    row: WorkerRow
    inside: Inside | None = None
    there: bool = True
    end: Finished | None = None


def fact_lines(package: Package, columns: int, *, now: float, origin: bool = False) -> Iterator[Parts]:
    """What is known of ``package`` beside its phases and processes; ``now`` is an epoch second.

    With ``origin`` that is said too.
    """
    row, inside = package.row, package.inside
    yield from _fact("Phase" if package.there else "Ended", _state(package), columns)
    if row.started is not None or row.elapsed is not None:
        yield from _fact("Started", _started(row, now, there=package.there), columns)
    if origin and row.origin is not None:
        yield from _fact("Origin", (Part(clean(row.origin[:_READ]), Role.ORIGIN),), columns)
    usage = _usage(row, inside)
    if usage:
        yield from _fact("Usage", usage, columns)
    if row.log is not None or row.lines is not None:
        yield from _fact("Log", _log(row), columns)
    if inside is not None and inside.command is not None:
        lines = list(_fact("Command", (Part(clean(inside.command[:_READ]), Role.TEXT),), columns))
        if len(lines) > _COMMAND_LINES:
            *lines, last = lines[:_COMMAND_LINES]
            lines.append((*last[:-1], Part(fit(f"{last[-1].text}…", width(last[-1].text)), Role.TEXT)))
        yield from lines


def _fact(name: str, said: Parts, columns: int) -> Iterator[Parts]:
    """What is said beside its name; what is too long for one line goes on in the next."""
    indent = _TERM if columns >= _BELOW_UNDER else 0
    term = Part(f"{name:<{indent}}", Role.LABEL)
    room = max(1, columns - indent)
    for line in _wrapped(said, room):
        yield (term, *line) if indent else line
        term = Part(" " * indent, Role.LABEL)


def _wrapped(said: Parts, columns: int) -> Iterator[Parts]:
    """Parts one after another, in lines; one that does not fit begins a new one, without its comma."""
    line: list[Part] = []
    left = columns
    for text, role in said:
        if width(text) > left and line:
            yield tuple(line)
            line, left = [], columns
            for between in (", ", ": ", " "):
                text = text.removeprefix(between)
        *whole, rest = broken(text, columns) if width(text) > left else (text,)
        for piece in whole:
            yield (Part(piece, role),)
        line.append(Part(rest, role))
        left -= width(rest)
    if line:
        yield tuple(line)


def _state(package: Package) -> Parts:
    row = package.row
    if not package.there:
        return _ended(package.end)
    since = ""
    if row.phases and row.elapsed is not None:
        since = f" for {hms(max(0, row.elapsed - row.phases[-1].began))}"
    if row.stalled:
        return Part(f"! {doing(row)}{since}", Role.STALLED), Part(", nothing new for too long", Role.STALLED)
    return Part(doing(row), Role.PHASE), Part(since, Role.TEXT)


def _ended(end: Finished | None) -> Parts:
    if end is None:
        return (Part("is not in this slot any more", Role.DIM),)
    phase = f" in {clean(end.phase)}" if end.phase and end.outcome is Outcome.FAILED else ""
    after = "" if end.duration is None else f" after {hms(end.duration)}"
    parts = [Part(f"{end.outcome}{phase}", Role(end.outcome.value)), Part(after, Role.TEXT)]
    if end.reason:
        parts.append(Part(f": {clean(end.reason[:_READ])}", Role.TEXT))
    if end.blocks:
        parts.append(Part(f", blocks {end.blocks} package{'' if end.blocks == 1 else 's'}", Role.SKIPPED))
    return tuple(parts)


def _started(row: WorkerRow, now: float, *, there: bool) -> Parts:
    if row.started is None:
        return (Part(f"{hms(row.elapsed)} ago", Role.TEXT),)
    form = "%H:%M:%S" if abs(now - row.started) < _DAY else "%Y-%m-%d %H:%M:%S"
    try:
        clock = time.strftime(form, time.localtime(row.started))
    except (ValueError, OverflowError, OSError):
        # A file may say any number.
        clock = "-"
    if row.elapsed is None or not there:
        return (Part(clock, Role.TEXT),)
    return Part(clock, Role.TEXT), Part(f", {hms(row.elapsed)} ago", Role.TEXT)


def _usage(row: WorkerRow, inside: Inside | None) -> Parts:
    """CPU and memory of the slot; where it is not measured, of the processes that were found."""
    processes = inside.processes if inside is not None else ()
    cpu, rss = row.cpu, row.rss
    if cpu is None:
        known = [process.cpu for process in processes if process.cpu is not None]
        cpu = sum(known) if known else None
    if rss is None and processes:
        rss = sum(process.rss for process in processes)
    if cpu is None and rss is None:
        return ()
    memory = "-" if rss is None else short_size(rss)
    parts = [Part(f"CPU {percent_of_core(cpu)}", Role.TEXT), Part(f", memory {memory}", Role.TEXT)]
    if processes:
        count = len(processes)
        parts.append(Part(f", {count} process{'' if count == 1 else 'es'}", Role.TEXT))
    return tuple(parts)


def _log(row: WorkerRow) -> Parts:
    path = "" if row.log is None else clean(row.log[:_READ])
    if row.lines is None:
        return (Part(path, Role.TEXT),)
    lines = f"{row.lines} line{'' if row.lines == 1 else 's'}"
    return Part(lines, Role.TEXT), *((Part(f", {path}", Role.TEXT),) if path else ())


def phase_lines(row: WorkerRow, columns: int, *, there: bool = True) -> Iterator[Parts]:
    """The phases that ``row`` has come to, each with its duration, the present one marked; none if they are
    not known."""
    spans = row.phases[-_PHASES:]
    if not spans:
        return
    durations = _durations(spans, row.elapsed)
    names = [clean(span.name[:_READ]) for span in spans]
    left = max(8, min(max(map(width, (*names, "Phase"))) + 4, columns // 2))
    title = f"{fit('  Phase', left)}Duration"
    yield (Part(fit(title, columns), Role.HEADING),)
    if len(spans) < len(row.phases):
        yield (Part(f"  {len(row.phases) - len(spans)} earlier", Role.DIM),)
    most = max(1, *(duration or 0 for duration in durations))
    said = [hms(duration) for duration in durations]
    cells = min(_BAR, columns - left - max(map(len, said)) - 2)
    for number, (name, duration, text) in enumerate(zip(names, durations, said, strict=True), 1):
        present = there and number == len(spans)
        sign = "! " if present and row.stalled else "› " if present else "  "
        role = Role.STALLED if present and row.stalled else Role.PHASE if present else Role.TEXT
        parts = (
            Part(fit(sign + name, left - 2) + "  ", role),
            Part(text, Role.VALUE if present else Role.TEXT),
        )
        bar = "" if duration is None or cells < 4 else _bar(duration, most, cells)
        yield (*parts, Part(f"  {bar}", role if present else Role.CHART)) if bar else parts


def _durations(spans: Sequence[PhaseSpan], elapsed: int | None) -> list[int | None]:
    """The seconds that each took, the last one until now."""
    ends: list[int | None] = [span.began for span in spans[1:]]
    ends.append(elapsed)
    return [None if end is None else max(0, end - span.began) for span, end in zip(spans, ends, strict=True)]


def _bar(value: int, most: int, cells: int) -> str:
    full, part = divmod(eighths(value, most, cells), _FULL)
    return "█" * full + (EIGHTHS[part] if part else "")
