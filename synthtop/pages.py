"""What stands in the table's place while there is nothing to fill it with: what is waited for, what cannot be
read, and what a source does not say.

Pure. How a build ended is told in ``summary.py``; what can be chosen from is drawn by ``widgets/picker.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .model import BuildState, Snapshot, SourceKind, hms
from .parts import Part, Parts, Role, broken, cut
from .states import READ_AS
from .text import clean, fit, width

_TO_BEGIN = (
    ("synthtop demo", "a small build, to see how it looks"),
    ("synthtop run PLAN.toml", "build what a plan says"),
    ("synthtop run -c COMMAND ORIGIN ...", "build these, each with one command"),
    ("synthtop --follow PATH", "show a build by its files"),
    ("synthtop --help", "all that it can do"),
)
_RESULTS = "00_last_results.log"
SUMMED_UP = (BuildState.FINISHED, BuildState.INTERRUPTED)
"""The states whose page is a summary."""
_ROOMY = 60
"""Columns from which there is room for blank lines, names of figures, and explanations."""
_READABLE = 78
"""Columns after which a sentence is broken, however wide the screen is."""
_NAMES = 11
"""Columns of the names before figures, and of the blanks around them."""


def page_for(snapshot: Snapshot, columns: int) -> list[Parts] | None:
    """The page in the table's place, no line wider than ``columns``; None where the table or the picker has
    something to show, or the end is to be told."""
    if snapshot.state is BuildState.UNREADABLE:
        rows = _unreadable(snapshot, columns)
    elif snapshot.state is BuildState.WAITING and snapshot.source.path is not None:
        rows = _awaited(snapshot, columns)
    elif picks(snapshot):
        return None
    elif snapshot.state is BuildState.WAITING:
        rows = _waiting(snapshot, columns) if columns >= _ROOMY else _waiting_in_short(snapshot, columns)
    elif not snapshot.workers and snapshot.state not in SUMMED_UP:
        rows = _wrapped(_of_no_workers(snapshot), min(columns, _READABLE), Role.LABEL)
    else:
        return None
    return [cut(row, columns) for row in rows]


def picks(snapshot: Snapshot) -> bool:
    """Whether there are builds to choose from, and none of them is shown."""
    return snapshot.state is BuildState.WAITING and snapshot.source.path is None and bool(snapshot.builds)


def alone(snapshot: Snapshot) -> bool:
    """Whether there is no build: nothing that bar, log and trends could show."""
    return not snapshot.is_build


def to_begin(columns: int) -> list[Parts]:
    """What to type to have a build, in lines of at most ``columns``; nothing where there is hardly room."""
    if columns < _ROOMY:
        return []
    rows = ((Part("To begin:", Role.LABEL),), *_beside(_TO_BEGIN, (Role.KEY, Role.LABEL)))
    return [cut(row, min(columns, _READABLE)) for row in rows]


def _of_no_workers(snapshot: Snapshot) -> str:
    if snapshot.source.kind is SourceKind.TEXT:
        return f"{_said(READ_AS[SourceKind.TEXT])} has no per-worker data."
    return "Nothing is known of its workers."


def of_no_log(snapshot: Snapshot) -> str:
    """Why there are no log lines, where it is not that nothing has happened."""
    if len(snapshot.log) or alone(snapshot):
        return ""
    kind, logs = snapshot.source.kind, snapshot.source.logs
    if kind is SourceKind.DSYNTH and logs is not None:
        return f"There is no line in {clean(logs.rstrip('/'))}/{_RESULTS}."
    if kind in (SourceKind.TEXT, SourceKind.DSYNTH):
        return f"{_said(READ_AS[kind])} has no event log."
    return ""


def _said(noun: str) -> str:
    """At the beginning of a sentence; programs keep their small letters."""
    return f"A{noun[1:]}" if noun.startswith("a ") else noun


def _waiting(snapshot: Snapshot, columns: int) -> Iterator[Parts]:
    columns = min(columns, _READABLE)
    host = snapshot.host
    load = "-" if host.load is None else f"{host.load:.2f}"
    swap = "-" if host.swap_pct is None else f"{host.swap_pct:.0f}%"
    yield (Part("No build was found; one that starts is shown here.", Role.VALUE),)
    yield ()
    yield from _named("load", load, Role.VALUE, columns, _of_cores(snapshot))
    yield from _named("swap", "none" if host.no_swap else swap, Role.VALUE, columns)
    figure, rest = _could_start(snapshot)
    role = Role.THROTTLED if snapshot.throttled else Role.VALUE
    yield from _named("workers", figure, role, columns, rest)
    for problem in host.problems:
        yield from _named("", clean(problem), Role.DIM, columns)
    if snapshot.problem is not None:
        yield ()
        yield from _wrapped(clean(snapshot.problem), columns, Role.STALLED)
    yield ()
    yield from to_begin(columns)


def _waiting_in_short(snapshot: Snapshot, columns: int) -> Iterator[Parts]:
    """For a screen on which every line counts: the header says load and swap."""
    yield from _wrapped("No build was found.", columns, Role.VALUE)
    if snapshot.problem is not None:
        yield from _wrapped(clean(snapshot.problem), columns, Role.STALLED)
    if snapshot.throttled:
        figure, rest = _could_start(snapshot)
        yield from _wrapped(f"{figure}{rest}", columns, Role.THROTTLED)
    commands = [command for command, _ in _TO_BEGIN if width(command) < columns]
    for command in commands or [_TO_BEGIN[-1][0]]:
        yield (Part(f" {command}", Role.KEY),)


def _of_cores(snapshot: Snapshot) -> str:
    cores = snapshot.host.ncpus
    return "" if cores is None else " on 1 core" if cores == 1 else f" on {cores} cores"


def _could_start(snapshot: Snapshot) -> tuple[str, str]:
    """How many workers a build could have now, and why not all."""
    if snapshot.dynmax is None or snapshot.max_workers is None:
        return "-", ""
    if not snapshot.throttled:
        return str(snapshot.dynmax), " could start now"
    because = f": {clean(snapshot.reason)}" if snapshot.reason else ""
    return f"{snapshot.dynmax} of {snapshot.max_workers}", f" could start now{because}"


def _awaited(snapshot: Snapshot, columns: int) -> Iterator[Parts]:
    """What, where, why not yet, and since when."""
    path = snapshot.source.path or ""
    what = "the first event" if snapshot.source.kind is SourceKind.EVENTS else "a build"
    yield from _wrapped(f"Waiting for {what}.", columns, Role.VALUE)
    gap = [()] if columns >= _ROOMY else []
    yield from gap
    where = "standard input" if path == "-" else clean(path)
    yield from _named("from" if path == "-" else "at", where, Role.VALUE, columns)
    if snapshot.problem is not None:
        yield from _named("so far", clean(snapshot.problem), Role.TEXT, min(columns, _READABLE))
    if snapshot.age is not None:
        yield from _named("waiting", hms(snapshot.age), Role.TEXT, columns)
    yield from gap
    yield from _wrapped("It is shown as soon as it is there.", columns, Role.LABEL)


def _unreadable(snapshot: Snapshot, columns: int) -> Iterator[Parts]:
    path, kind = snapshot.source.path, snapshot.source.kind
    what = "What comes in cannot be read." if path is None else "This file cannot be read."
    yield from _wrapped(what, columns, Role.FAILED)
    gap = [()] if columns >= _ROOMY else []
    yield from gap
    if path is not None:
        yield from _named("file", clean(path), Role.VALUE, columns)
    if kind in READ_AS:
        yield from _named("read as", READ_AS[kind], Role.TEXT, min(columns, _READABLE))
    if snapshot.problem is not None:
        yield from _named("because", clean(snapshot.problem), Role.TEXT, min(columns, _READABLE))
    yield from gap
    yield from _wrapped("It is tried again every second.", columns, Role.LABEL)


def _named(name: str, text: str, role: Role, columns: int, rest: str = "") -> Iterator[Parts]:
    """A name, unless it is narrow, then ``text`` and what belongs to it, in as many lines as it takes."""
    indent = _NAMES if columns >= _ROOMY else 1
    for number, line in enumerate(broken(text + rest, columns - indent)):
        lead = f"  {name}" if indent > 1 and not number else ""
        label = Part(lead.ljust(indent), Role.LABEL)
        if number or not rest:
            yield label, Part(line, role)
        else:
            yield label, Part(line[: len(text)], role), Part(line[len(text) :], Role.LABEL)


def _beside(rows: Sequence[tuple[str, str]], roles: tuple[Role, Role]) -> Iterator[Parts]:
    """Two columns."""
    first = min(max(width(one) for one, _ in rows), _ROOMY // 2 + 4)
    for one, other in rows:
        yield Part(f"  {fit(one, first)}  ", roles[0]), Part(other, roles[1])


def _wrapped(text: str, columns: int, role: Role) -> Iterator[Parts]:
    for line in broken(text, columns):
        yield (Part(line, role),)
