"""What of a snapshot goes into the history, as it is stored. Pure.

Sources may say anything: what no build can have is not known, and what is too long is cut.
"""

from __future__ import annotations

import os

from ..model import BuildState, Finished, Snapshot, Source, SourceKind, Totals
from ..trends import starts_differ
from ..trends.sample import Sample
from .record import Minute, PackageRecord, Run

LONGEST_ORIGIN = 1000
"""Characters: one that is longer is no package's, and cut it would be another's."""
_LONGEST = 500
_LONGEST_REASON = 2000
_LONGEST_PATH = 4096
_LATEST = 2e11
"""No time is later, in epoch seconds, than what a date can say."""
_LARGEST = 1 << 53
_LONGEST_BUILD = 1e9
"""Seconds."""
_STREAM = "-"
_UNSPOKEN = frozenset(("", ".data", "latest", "logs", "monitor", "report", "stats", "summary"))
"""What a builder calls its own files: no build's name."""
_SAID = frozenset((BuildState.FINISHED, BuildState.INTERRUPTED))
_WINDOW = 60
"""Seconds of which a rate is that of: a build that took less has no peak."""
_BACK = 2.0
"""Seconds by which a build's time may seem to go back, where a source only says how long ago it began."""


# -- which build -------------------------------------------------------------------------------------


def start_of(snapshot: Snapshot) -> float | None:
    """The epoch second at which its build began; None where it is not known, or cannot be."""
    started, elapsed = snapshot.started, snapshot.elapsed
    if started is None and elapsed is not None:
        started = snapshot.time - elapsed
    return started if started is not None and 0 < started <= _LATEST else None


def elapsed_of(snapshot: Snapshot, started: float) -> int:
    """Whole seconds that its build took so far, which began at epoch second ``started``."""
    elapsed: float | None = snapshot.elapsed
    if elapsed is None:
        elapsed = snapshot.time - started
    return int(elapsed) if 0 <= elapsed <= _LONGEST_BUILD else 0


def is_another(before: Snapshot, snapshot: Snapshot) -> bool:
    """Whether two snapshots with known starts, one after the other, are those of two builds."""
    was, source = before.source, snapshot.source
    if was.path != source.path or _differ(was.name, source.name) or _differ(was.host, source.host):
        return True
    one, other = start_of(before), start_of(snapshot)
    if starts_differ(one, other) or (before.state in _SAID and snapshot.state is BuildState.BUILDING):
        return True
    # The next one may begin a few seconds after one that took no longer.
    later = one is not None and other is not None and other - one > _BACK
    return later and (snapshot.elapsed or 0) < (before.elapsed or 0) - _BACK


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def host_of(source: Source, here: str) -> str:
    """The host of its build: ``here`` where the source, a file, does not say."""
    return text(source.host, _LONGEST) or here


def name_of(source: Source) -> str:
    """The name of its build: of what is followed, where the source does not say."""
    if name := text(source.name, _LONGEST):
        return name
    for path in (source.path, source.logs):
        parts = (_path(path) or "").split("/") if path != _STREAM else []
        for part in reversed(parts):
            stem = os.path.splitext(part)[0]
            if stem.lower() not in _UNSPOKEN:
                return text(stem, _LONGEST) or "build"
    return "build"


# -- what is stored ----------------------------------------------------------------------------------


def run_of(
    snapshot: Snapshot,
    started: float,
    *,
    own: bool,
    here: str,
    updated: float,
    peak_rate: float | None,
    peak_load: float | None,
    left: bool = False,
) -> Run:
    """The run that ``snapshot`` tells of, without its number, which was told of last at ``updated``.

    ``left`` says that nobody will hear how it goes on.
    """
    source, totals, state = snapshot.source, snapshot.totals, snapshot.state
    elapsed = elapsed_of(snapshot, started)
    tried = totals.built + totals.failed
    average = min(3600.0 * tried / elapsed, _LONGEST_BUILD) if elapsed else None
    if average is None or elapsed < _WINDOW:
        peak_rate = None
    elif peak_rate is not None:
        peak_rate = max(peak_rate, average)  # it may have been watched too late to be seen
    return Run(
        id=0,
        host=host_of(source, here),
        name=name_of(source),
        kind=SourceKind.RUN if own else source.kind,
        own=own,
        path=_path(None if own or source.path == _STREAM else source.path),
        logs=_path(source.logs),
        started=started,
        ended=started + elapsed if state in _SAID else None,
        updated=updated if 0 <= updated <= _LATEST else started + elapsed,
        state=BuildState.STALE if left and not snapshot.over else state,
        elapsed=elapsed,
        workers=_whole(snapshot.max_workers),
        average_rate=average,
        peak_rate=peak_rate,
        peak_load=peak_load,
        totals=Totals(_whole(totals.queued), *[_whole(count) or 0 for count in totals[1:]]),
    )


def package_of(package: Finished, started: float) -> PackageRecord | None:
    """How ``package`` ended in the build that began at epoch second ``started``; None for what is none."""
    origin = text(package.origin, LONGEST_ORIGIN + 1)
    if not origin or len(origin) > LONGEST_ORIGIN:
        return None
    at, duration = package.at, _whole(package.duration)
    if duration is not None and duration > _LONGEST_BUILD:
        duration = None
    began = None
    if at is not None and duration is not None and 0 <= at <= _LONGEST_BUILD:
        began = max(started, started + at - duration)
    return PackageRecord(
        origin,
        package.outcome,
        text(package.phase, _LONGEST),
        text(package.reason, _LONGEST_REASON),
        began,
        duration,
        _whole(package.lines),
        text(package.log, _LONGEST_PATH),
    )


def minute_of(minute: int, sample: Sample) -> Minute:
    """What the seconds of ``minute`` were together."""
    rate, impulse, load, swap, active, dynmax, cpu, memory, *_ = sample
    return Minute(minute, rate, impulse, load, swap, active, dynmax, cpu, memory)


def text(value: str | None, longest: int) -> str | None:
    """``value``, cut where it is too long; None for nothing."""
    return value[:longest] if value else None


def _path(value: str | None) -> str | None:
    path = text(value, _LONGEST_PATH)
    if path is None or os.path.isabs(path):
        return path and os.path.normpath(path)
    try:
        return os.path.abspath(path)
    except OSError:  # the directory in which we began is not there any more
        return path


def _whole(value: int | None) -> int | None:
    return value if value is not None and 0 <= value <= _LARGEST else None
