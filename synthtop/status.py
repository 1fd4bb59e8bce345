"""``synthtop status``: how a build stands, as text or as JSON, once or every second.

For scripts and for other programs: what it says is on stdout, why it cannot say it on stderr.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import TextIO

from .formats import json
from .lines import eta_text, header_lines, shown_eta, time_of_day, whole_minute
from .model import (
    HOLDING,
    BuildState,
    Listed,
    Snapshot,
    Source,
    SourceKind,
    WorkerRow,
    WorkerState,
    hms,
)
from .parts import joined
from .protocols import Feed
from .states import READ_AS, state_parts
from .terminal import is_terminal, say
from .text import clean, fit, width

NO_BUILD = 3
LOST = 4
UNREADABLE = 5
WHICH = 2

_STATUS = {
    BuildState.WAITING: NO_BUILD,
    BuildState.BUILDING: 0,
    BuildState.INTERRUPTED: 1,
    BuildState.GONE: LOST,
    BuildState.STALE: LOST,
    BuildState.UNREADABLE: UNREADABLE,
}
_STDIN = "-"
"""The path of standard input."""
_UNANSWERED = "a file system does not answer: say which build, as in: synthtop status PATH"
_PATIENCE = 2.0
"""Seconds to find the builds that there are: on a file system that hangs nobody would ever know."""
_TRIES = 3
"""Looks at what is no build's file before ``--watch`` gives up: half a file may be whole in a second."""
_WIDEST = 256
"""Columns of an origin where no terminal sets a limit."""
_ORIGIN = 36
"""Columns of an origin in 80 columns."""
_BESIDE = 42
"""Columns of all that stands beside an origin, but for the slot's digits."""


def status(
    path: str | None,
    *,
    watch: bool,
    as_json: bool,
    out: TextIO,
    at_its_end: bool = False,
    follow: Callable[[str], Feed],
    builds: Callable[[], Sequence[Listed]],
    say: Callable[[str], None] = say,
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
    wall: Callable[[], float] = time.time,
) -> int:
    """Write to ``out`` how the build at ``path`` stands; the exit status that says it too.

    Without ``path`` it is the only build of ``builds()`` that runs: while there is none it is waited for with
    ``watch``. ``follow(path)`` is a build's feed. With ``watch`` there is a status every second until the
    build is over; ``at_its_end`` only the last of these: what comes through a pipe can be read only once.
    ``as_json`` makes each a ``monitor.json`` on one line, also while there is no build.

    0: it builds, or ended well. 1: it ended with failures, or before its end. 2: several builds run.
    3: there is none. 4: it is stale or gone. 5: its files cannot be read. OSError when ``out`` takes no more.
    """
    feed = follow(path) if path is not None else _OnlyBuild(builds, follow, wall)
    write = _as_json if as_json else _as_text
    due = clock()
    known = False
    try:
        for looks in count(1):
            try:
                snapshot = feed.tick()
            except _Several as several:
                say(str(several))
                return WHICH
            is_build = snapshot.is_build
            known = known or is_build
            hopeless = snapshot.state is BuildState.UNREADABLE and not known and looks >= _TRIES
            goes_on = watch or at_its_end or _only_begun(snapshot)
            last = snapshot.over or hopeless or not goes_on
            if last and not is_build:
                say(_why(snapshot, path))
            if watch or (last and (is_build or as_json)):
                write(snapshot, out, again=looks > 1 and watch)
            if last:
                return exit_status(snapshot)
            due = max(due + 1.0, clock())
            pause(due - clock())
    finally:
        feed.close()
    raise AssertionError("there is always another look")


def exit_status(snapshot: Snapshot) -> int:
    """The exit status that says how the build stands."""
    if snapshot.state is BuildState.FINISHED:
        return 1 if snapshot.totals.failed else 0
    return _STATUS[snapshot.state]


def _only_begun(snapshot: Snapshot) -> bool:
    """Whether a long list of events is still being read, which is what its only problem is."""
    is_read = snapshot.state is BuildState.BUILDING and snapshot.source.kind is SourceKind.EVENTS
    return is_read and snapshot.problem is not None


def _why(snapshot: Snapshot, path: str | None) -> str:
    """Why there is no status to be told, in a line that names the file."""
    problem = clean(snapshot.problem or "there is no build yet")
    named = "" if path is None or clean(path) in problem else f"{clean(path)}: "
    return f"synthtop: {named}{problem}"


def _as_json(snapshot: Snapshot, out: TextIO, *, again: bool) -> None:
    source = snapshot.source
    if source.path is not None and source.path != _STDIN:
        # Whoever reads it may be in another directory.
        with suppress(FileNotFoundError):  # this one was removed
            source = source._replace(path=os.path.abspath(source.path))
    out.write(json.encode(replace(snapshot, source=source)).decode("ascii"))
    out.flush()


def _as_text(snapshot: Snapshot, out: TextIO, *, again: bool) -> None:
    text = "\n".join(status_lines(snapshot, _columns(out)))
    out.write(f"\n{text}\n" if again else f"{text}\n")
    out.flush()


def _columns(out: TextIO) -> int | None:
    """The columns of the terminal at ``out``; None where it is something else."""
    try:
        descriptor = out.fileno()
        return os.get_terminal_size(descriptor).columns or None if is_terminal(descriptor) else None
    except OSError:  # no file at all; a terminal that has just gone
        return None


# -- the only build -------------------------------------------------------------------------------------


class _Several(Exception):
    """More than one build runs, and which is meant nobody has said."""


class _OnlyBuild:
    """A feed of the only build that runs, from when there is one."""

    def __init__(
        self,
        builds: Callable[[], Sequence[Listed]],
        follow: Callable[[str], Feed],
        wall: Callable[[], float],
    ) -> None:
        self._builds = builds
        self._follow = follow
        self._wall = wall
        self._seq = 0
        self._feed: Feed | None = None
        self._search: tuple[threading.Thread, list[Sequence[Listed]]] | None = None

    def tick(self, now: float | None = None) -> Snapshot:
        if self._feed is None:
            listed = self._found()
            if listed is None:
                return self._nothing(BuildState.UNREADABLE, _UNANSWERED)
            live = [build for build in listed if build.state is BuildState.BUILDING]
            if len(live) > 1:
                raise _Several("\n".join(("synthtop: several builds run: say which", *_choices(live))))
            if not live:
                return self._nothing(BuildState.WAITING, _none_runs(listed), listed)
            self._feed = self._follow(live[0].path)
        return self._feed.tick(now)

    def _found(self) -> Sequence[Listed] | None:
        """What ``builds()`` finds; None as long as a file system does not answer."""
        if self._search is None:
            found: list[Sequence[Listed]] = []
            search = threading.Thread(
                target=lambda: found.append(self._builds()), name="synthtop-search", daemon=True
            )
            search.start()
            self._search = search, found
        search, found = self._search
        search.join(_PATIENCE)
        if search.is_alive():
            return None
        self._search = None
        return found[0] if found else ()

    def _nothing(self, state: BuildState, problem: str, listed: Sequence[Listed] = ()) -> Snapshot:
        self._seq += 1
        return Snapshot(
            seq=self._seq,
            state=state,
            time=self._wall(),
            source=Source(SourceKind.RUN, host=socket.gethostname()),
            problem=problem,
            builds=tuple(listed),
        )

    def close(self) -> None:
        if self._feed is not None:
            self._feed.close()


def _choices(builds: Sequence[Listed]) -> list[str]:
    """The command for each of ``builds``."""
    from .discover import ready_commands  # what to look at has been found by it, or nobody needs it

    return ready_commands("synthtop status", [(build.path, build.name) for build in builds])


def _none_runs(listed: Sequence[Listed]) -> str:
    ended = next((build for build in listed if build.state is not BuildState.BUILDING), None)
    if ended is None:
        return (
            "no build runs here that would be found: say which file or directory, as in: synthtop status PATH"
        )
    return f"no build runs here; the last one: {_choices([ended])[0].strip()}, {ended.state}"


# -- text ----------------------------------------------------------------------------------------------


def status_lines(snapshot: Snapshot, columns: int | None) -> list[str]:
    """The three lines, how it stands, when it ends and a line for each slot, cut to ``columns``; None: not
    cut."""
    lines = [] if snapshot.state is BuildState.WAITING else list(header_lines(snapshot))
    state, problem = joined(state_parts(snapshot)), clean(snapshot.problem or "")
    lines.append(f"State: {state}")
    if (eta := shown_eta(snapshot)) is not None:
        ends = time_of_day(whole_minute(snapshot.time + eta.seconds), snapshot.time)
        lines.append(eta_text(eta).replace("ETA", "ETA:", 1) + (f", at {ends}" if ends else ""))
    if problem not in state:
        lines.append(f"Problem: {problem}")
    lines.append(f"Source: {_source(snapshot.source)}")
    if snapshot.workers:
        lines += ["", *_table(snapshot.workers, columns)]
    elif snapshot.is_build:
        lines.append("It has no per-worker data.")
    return lines if columns is None else [fit(line, columns).rstrip() for line in lines]


def _source(source: Source) -> str:
    # At a path, no run is known: what is there, if anything, cannot be told.
    read_as = READ_AS.get(source.kind, "synthtop run" if source.path is None else None)
    said = [clean(word) for word in (read_as, source.name, source.path) if word]
    return ", ".join(said) + (f" on {clean(source.host)}" if source.host else "")


def _table(rows: Sequence[WorkerRow], columns: int | None) -> list[str]:
    """dsynth's columns: slot, duration, phase, origin, lines."""
    used = [row for row in rows if row.state is not WorkerState.NONE]
    digits = max(2, len(str(rows[-1].slot)))
    origins = [clean(row.origin or "") for row in used]
    room = min(max(map(width, origins), default=0), _WIDEST)
    if columns is not None:
        room = min(room, columns - _BESIDE - digits)
    room = max(room, _ORIGIN if columns is None or columns >= 80 else len("Origin"))
    heading = f" {'ID':<{digits}}  Duration  Build Phase      {fit('Origin', room)}  {'Lines':>9}"
    return [heading, *(_row(row, origin, digits, room) for row, origin in zip(used, origins, strict=True))]


def _row(row: WorkerRow, origin: str, digits: int, room: int) -> str:
    phase = clean(row.phase) if row.state in HOLDING and row.phase else row.state.capitalize()
    phase = fit(f"! {phase}" if row.stalled else phase, 15)
    lines = "" if row.lines is None else str(row.lines)
    duration = hms(row.elapsed)
    return f" {row.slot:0{digits}d}  {duration:<9} {phase}  {fit(origin, room)}  {lines:>9}".rstrip()
