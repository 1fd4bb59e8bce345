"""dsynth's ``Report/``, the data of its web page: ``summary.json`` and the ``NN_history.json`` beside it."""

from __future__ import annotations

import calendar
import json
import math
import re
import time
from collections.abc import Sequence

from ..model import (
    HOLDING,
    BuildState,
    Finished,
    HostSample,
    Outcome,
    Snapshot,
    Source,
    SourceKind,
    Totals,
    WorkerRow,
    WorkerState,
    hms,
)
from ..text import clean
from ..units import MAX_SECONDS, MAX_WORKERS
from . import FormatError
from .objects import LARGEST, Object, described, figure, loads, whole

HISTORY_BYTES = 50_000
"""A history larger than that gets no more entries: the next one is begun."""
MOST_FILES = 10_000
"""No build has so many histories."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_KICKOFF = re.compile(
    r"\s*([0-9]{1,2})-([A-Z][a-z]{2})-([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) (?:UTC|GMT)\s*"
)
_ELAPSED = re.compile(r"\s*([0-9]{1,9}):([0-5][0-9]):([0-5][0-9])\s*")
_NO_TIME = " --:--:--"
_NEVER_USED = "Shutdown"
_NO_SWAP = "-    "
_LAST = 253_402_300_799
"""The last second of the year 9999: there is no date behind it."""

_WORDS = {
    "": WorkerState.NONE,
    "None": WorkerState.NONE,
    "Idle": WorkerState.IDLE,
    "Pending": WorkerState.PENDING,
    "Done": WorkerState.DONE,
    "Failed": WorkerState.FAILED,
    "FROZEN": WorkerState.FROZEN,
    "Exiting": WorkerState.EXITING,
}
"""What stands in a phase's place while there is none."""
_WORD_OF = {state: word for word, state in _WORDS.items()}
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_TAME = str.maketrans({'"': " ", "\\": " ", "'": "’", "<": "‹", ">": "›"})
"""The page puts texts into its HTML, and into scripts there, as they are. dsynth blanks the first two."""


def decode(data: bytes, *, now: float) -> Snapshot:
    """What ``summary.json`` says at epoch second ``now``; FormatError names the key that is wrong.

    A build that has not ended is ``building``: whoever knows about its lock or the file's age decides.
    """
    top = Object(loads(data.decode("utf-8", "replace")), "")
    stats = top.object("stats")
    active = top.count("active")
    if active is None:
        raise top.wrong("active", "0 or 1")
    elapsed = _seconds(stats.get("elapsed"))
    started = _kickoff(top.get("kickoff"))
    if started is None and elapsed is not None:
        started = now - elapsed
    totals = _totals(stats)
    workers = _workers(top, now)
    return Snapshot(
        seq=0,
        state=_state(active, totals),
        time=now,
        source=Source(SourceKind.REPORT, name=top.text("profile")),
        started=started,
        elapsed=elapsed,
        active=sum(row.state in HOLDING for row in workers),
        max_workers=len(workers),
        host=_host(stats),
        run_rate=_positive(stats.get("pkghour")),
        impulse_10m=_positive(stats.get("impulse")),
        totals=totals,
        workers=workers,
    )


def files_of(data: bytes) -> int:
    """How many histories there are, as ``summary.json`` says."""
    top = Object(loads(data.decode("utf-8", "replace")), "")
    files = top.count("kfiles")
    if files is None or files > MOST_FILES:
        raise top.wrong("kfiles", f"a whole number up to {MOST_FILES}")
    return files


def decode_history(data: bytes) -> list[Finished]:
    """The packages in one history, oldest first, without their logs.

    One that ended in a way that is not known is left out. FormatError names the entry that is wrong.
    """
    value = loads(data.decode("utf-8", "replace"))
    if not isinstance(value, list):
        raise FormatError(f"the file: expected a list, found {described(value)}")
    found = (_finished(Object(entry, f"[{index}]")) for index, entry in enumerate(value))
    return [package for package in found if package is not None]


def _finished(entry: Object) -> Finished | None:
    origin, result = entry.text("origin"), entry.text("result")
    if not origin:
        raise entry.wrong("origin", "a string")
    if result is None:
        raise entry.wrong("result", f"one of {', '.join(Outcome)}")
    outcome = _OUTCOMES.get(result)
    if outcome is None:
        return None
    info = entry.text("info") or ""
    phase, reason, blocks = None, info or None, 0
    if outcome is Outcome.FAILED:
        phase, _, number = info.partition(":")
        phase, reason, blocks = phase or None, None, whole(number.strip()) or 0
    elif outcome is Outcome.IGNORED:
        text, mark, number = info.rpartition(":|:")
        if mark:
            reason, blocks = text or None, whole(number.strip()) or 0
    at, took = _seconds(entry.get("elapsed")), _seconds(entry.get("duration"))
    return Finished(origin, outcome, at, _slot(entry.get("ID")), phase, reason, took, None, None, blocks)


def _state(active: int, totals: Totals) -> BuildState:
    if active:
        return BuildState.BUILDING
    return BuildState.INTERRUPTED if totals.remaining else BuildState.FINISHED


def _totals(stats: Object) -> Totals:
    names = ("built", "failed", "ignored", "skipped")
    totals = Totals(stats.count("queued"), *(stats.count(name) or 0 for name in names))
    meta, remains = stats.count("meta"), whole(stats.get("remains"))
    if meta is None and remains is not None and totals.remaining is not None:
        # Older versions count it and don't say it: what neither ended nor remains.
        meta = max(0, totals.remaining - remains)
    return totals._replace(meta=meta or 0)


def _host(stats: Object) -> HostSample:
    said = stats.get("swapinfo")
    swap = _positive(said)
    return HostSample(
        load=_positive(stats.get("load")),
        swap_pct=None if swap is None or swap > 100 else swap,
        no_swap=isinstance(said, str) and said.strip() == "-",
    )


def _workers(top: Object, now: float) -> tuple[WorkerRow, ...]:
    """A row for each builder, in the order of their numbers."""
    rows: dict[int, WorkerRow] = {}
    for builder in top.objects("builders"):
        slot = builder.count("ID")
        if slot is None:
            raise builder.wrong("ID", "a whole number")
        if len(rows) < MAX_WORKERS:
            rows[slot] = _worker(slot, builder, now)
    return tuple(rows[slot] for slot in sorted(rows))


def _worker(slot: int, builder: Object, now: float) -> WorkerRow:
    phase: str | None = builder.text("phase") or ""
    state = _WORDS.get(phase or "", WorkerState.RUNNING)
    origin = builder.text("origin") or None
    if origin is None:
        return WorkerRow(slot, WorkerState.IDLE if state in HOLDING else state)
    if state is not WorkerState.RUNNING:
        phase = "pending" if state is WorkerState.PENDING else None
    elapsed = _seconds(builder.get("elapsed"))
    started = None if elapsed is None else now - elapsed
    return WorkerRow(slot, state, phase, origin, started, elapsed, whole(builder.get("lines")))


def _slot(said: object) -> int | None:
    slot = whole(said)
    return None if slot is None or slot >= MAX_WORKERS else slot


def _positive(said: object) -> float | None:
    number = figure(said)
    return None if number is None or number < 0 else number


def _seconds(said: object) -> int | None:
    """Of ``HH:MM:SS``; None for what is something else, as ``Shutdown`` is."""
    found = _ELAPSED.fullmatch(said) if isinstance(said, str) and len(said) < 32 else None
    if found is None:
        return None
    hour, minute, second = map(int, found.groups())
    seconds = (hour * 60 + minute) * 60 + second
    return seconds if seconds <= MAX_SECONDS else None


def _kickoff(said: object) -> float | None:
    found = _KICKOFF.fullmatch(said) if isinstance(said, str) and len(said) < 64 else None
    if found is None or found[2] not in _MONTHS or int(found[3]) < 1970:
        return None
    day, month, year, hour, minute, second = found.groups()
    return float(
        calendar.timegm((int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second)))
    )


def encode(snapshot: Snapshot, kfiles: int) -> bytes:
    """``summary.json`` as dsynth writes it, with ``kfiles`` histories. A text that says nothing is empty."""
    totals, host = snapshot.totals, snapshot.host
    queued = totals.done if totals.queued is None else totals.queued
    remains = 0 if snapshot.state is BuildState.FINISHED else totals.remaining or 0
    # A source that is silent may go on; one that is over will not, and the page looks no more.
    goes_on = not (snapshot.over or snapshot.state is BuildState.WAITING)
    load = _finite(host.load)
    swap = None if host.no_swap else _finite(host.swap_pct)
    value = {
        "profile": _tame(snapshot.source.name),
        "kickoff": _date(snapshot.started),
        "kfiles": kfiles,
        "active": int(goes_on),
        "stats": {
            "queued": queued,
            "built": totals.built,
            "failed": totals.failed,
            "ignored": totals.ignored,
            "skipped": totals.skipped,
            "remains": remains,
            "meta": totals.meta,
            "elapsed": _clock(snapshot.elapsed),
            "pkghour": _whole(snapshot.run_rate),
            "impulse": _whole(snapshot.impulse_10m),
            "swapinfo": _NO_SWAP if swap is None else f"{swap:5.1f}",
            "load": _NO_SWAP if load is None else f"{load:5.0f}" if load > 999.9 else f"{load:5.1f}",
        },
        "builders": [_builder(row) for row in snapshot.workers],
    }
    return f"{json.dumps(value, indent=1)}\n".encode("ascii")


def _builder(row: WorkerRow) -> dict[str, str]:
    never_used = row.state is WorkerState.NONE
    phase = row.phase or "Running" if row.state is WorkerState.RUNNING else _WORD_OF[row.state]
    return {
        "ID": f"{row.slot:02d}",
        "elapsed": _NEVER_USED if never_used else _clock(row.elapsed),
        "phase": "" if never_used else _tame(phase),
        "origin": _tame(row.origin),
        "lines": "" if row.lines is None else str(row.lines),
    }


def encode_history(first: int, finished: Sequence[Finished]) -> bytes:
    """One history, whose entries are numbered from ``first``."""
    entries = [json.dumps(_entry(number, package)) for number, package in enumerate(finished, first)]
    return "[\n{}\n]\n".format(",\n".join(entries)).encode("ascii")


def _entry(number: int, package: Finished) -> dict[str, int | str]:
    return {
        "entry": number,
        "elapsed": hms(package.at),
        "ID": "-1" if package.slot is None else f"{package.slot:02d}",
        "result": package.outcome.value,
        "origin": _tame(package.origin),
        "info": _tame(_info(package)),
        "duration": "" if package.duration is None else hms(package.duration),
    }


def _info(package: Finished) -> str:
    if package.outcome is Outcome.FAILED:
        phase = (package.phase or "unknown").replace(":", " ")
        return f"{phase}: {package.blocks}" if package.blocks else f"{phase}:"
    if package.outcome is Outcome.IGNORED:
        return f"{package.reason or ''}:|:{package.blocks}"
    return package.reason or "" if package.outcome is Outcome.SKIPPED else ""


def _tame(text: str | None) -> str:
    """``text`` that does nothing in a page but stand there."""
    return clean(text or "").translate(_TAME)


def _finite(value: float | None) -> float | None:
    return max(0.0, value) if value is not None and math.isfinite(value) else None


def _whole(value: float | None) -> int:
    return min(int(_finite(value) or 0), LARGEST)


def _clock(seconds: int | None) -> str:
    """In nine columns: hours may have three digits."""
    return _NO_TIME if seconds is None else hms(seconds).rjust(9)


def _date(seconds: float | None) -> str:
    """The day and time in UTC, in English as dsynth's are, whatever the locale is."""
    if seconds is None or not 0 <= seconds <= _LAST:
        return ""
    at = time.gmtime(seconds)
    return (
        f" {at.tm_mday:02d}-{_MONTHS[at.tm_mon - 1]}-{at.tm_year:04d}"
        f" {at.tm_hour:02d}:{at.tm_min:02d}:{at.tm_sec:02d} UTC"
    )
