"""What a path means: which kind of source is there, found by content, and what lies beside it."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from itertools import islice

from ..formats import FormatError, dsynth
from ..formats.sniff import HEAD, sniff
from ..model import SourceKind
from ..pidlock import LockState, look
from .files import TO_READ
from .reader import Place
from .tail import RESULTS

_STATS = "stats"
_MONITOR = os.path.join(_STATS, "monitor.dat")
_MONITOR_LOCK = os.path.join(_STATS, "monitor.lk")
_REPORT = "Report"
_SUMMARY = "summary.json"
_POUDRIERE = ".data.json"
_LATEST = "latest"
_RUN_LOCK = "synthtop.lk"
_MONITORS = frozenset({SourceKind.TEXT, SourceKind.JSON, SourceKind.DSYNTH})
_MOST_NAMES = 200_000
"""Names in a directory that are looked at."""
_MOST_FILES = 1000
"""Files in one that are opened to see what they are."""
_SAME_WRITER = 10.0
"""Seconds that a text file may be newer than the JSON beside it, where one build writes both."""


class EmptyDirectory(FileNotFoundError):
    """There is a directory, and nothing in it that could tell whose it is."""


def locate(path: str) -> Place:
    """What is to be read to follow the build at ``path``, a file or a directory of any kind.

    FileNotFoundError, with the name of what is missing, where there is nothing yet; EmptyDirectory with the
    directory's; another OSError where something cannot be read; FormatError says what is there and what was
    expected.
    """
    try:
        found = os.stat(path)
    except FileNotFoundError:
        # The text file of a build that has ended: the JSON beside it stays.
        json = _beside(path, ".json")
        if json != path and _kind_at(json) is SourceKind.JSON:
            return Place(SourceKind.JSON, path, json, lock=_lock_of(path))
        raise
    except ValueError as error:
        raise FormatError(f"{path!r} cannot be a file's name") from error
    return _in_directory(path) if stat.S_ISDIR(found.st_mode) else _of_file(path, path)


# -- files -------------------------------------------------------------------------------------------


def _of_file(path: str, given: str) -> Place:
    kind = _sniffed(path)
    directory = os.path.dirname(os.path.abspath(path))
    if kind is SourceKind.TEXT:
        return _of_text(path, given, directory)
    if kind is SourceKind.JSON:
        return Place(kind, given, path, lock=_lock_of(path))
    if kind is SourceKind.DSYNTH:
        return _of_dsynth(path, given)
    if kind is SourceKind.REPORT:
        return _of_report(path, given, directory)
    if kind is SourceKind.POUDRIERE:
        logs = os.path.join(directory, "logs")
        return Place(kind, given, path, logs=logs if os.path.isdir(logs) else None)
    if kind is SourceKind.LOG:
        return _of_log(path, given, directory)
    return Place(kind, given, path)


def _of_text(path: str, given: str, directory: str) -> Place:
    json = _beside(path, ".json")
    if _kind_at(json) is SourceKind.JSON and _mtime(path) - _mtime(json) <= _SAME_WRITER:
        return Place(SourceKind.JSON, given, json, lock=_lock_of(path))
    results = os.path.join(directory, RESULTS)
    if not os.path.isfile(results):
        return Place(SourceKind.TEXT, given, path, lock=_lock_of(path))
    return Place(SourceKind.TEXT, given, path, lock=_lock_of(path), results=results, logs=directory)


def _of_dsynth(path: str, given: str) -> Place:
    logs = _logs_of(path)
    place = Place(SourceKind.DSYNTH, given, path, lock=_lock_of(path))
    if logs is None:
        return place
    report = os.path.join(logs, _REPORT)
    return place._replace(
        results=os.path.join(logs, RESULTS), logs=logs, report=report if os.path.isdir(report) else None
    )


def _logs_of(path: str) -> str | None:
    """The logs directory of dsynth's monitor file: it lies in ``stats/`` there, or says where that is."""
    directory = os.path.dirname(path) or "."
    parents = [
        os.path.dirname(spelled)
        for spelled in (os.path.abspath(directory), os.path.realpath(directory))
        if os.path.basename(spelled) == _STATS
    ]
    for logs in parents:
        if _is_there(logs, RESULTS):
            return logs
    said = _said_logs(path)
    if said is not None and os.path.isabs(said) and os.path.isdir(said):
        return said
    return parents[0] if parents else None


def _said_logs(path: str) -> str | None:
    with suppress(OSError, FormatError), open(path, "rb", opener=_opener) as file:
        return dsynth.decode(file.read(max(dsynth.SIZES) + 1), now=0.0).source.logs
    return None


def _of_report(path: str, given: str, directory: str) -> Place:
    """Of ``summary.json``, or of a history beside it."""
    summary = os.path.join(os.path.dirname(path), _SUMMARY)
    if os.path.basename(path) != _SUMMARY and _sniffed(summary) is not SourceKind.REPORT:
        raise FormatError(f"{summary}: expected the summary.json of dsynth's Report/")
    place = Place(SourceKind.REPORT, given, summary, report=directory)
    logs = os.path.dirname(directory)
    if _is_there(logs, _STATS) or _is_there(logs, RESULTS):
        return place._replace(logs=logs, lock=os.path.join(logs, _MONITOR_LOCK))
    return place


def _of_log(path: str, given: str, directory: str) -> Place:
    # Whichever builds into this directory: synthtop, or dsynth.
    dsynths = not _is_there(directory, _RUN_LOCK) and _is_there(directory, _MONITOR_LOCK)
    lock = os.path.join(directory, _MONITOR_LOCK if dsynths else _RUN_LOCK)
    return Place(SourceKind.LOG, given, path, lock=lock, results=path, logs=directory)


# -- directories -------------------------------------------------------------------------------------


def _in_directory(path: str) -> Place:
    join = os.path.join
    results = join(path, RESULTS)
    if look(join(path, _RUN_LOCK))[0] is LockState.HELD and _is_there(path, RESULTS):
        return _of_file(results, path)  # what dsynth left there is of another build
    for name in (_POUDRIERE, _MONITOR, _SUMMARY, join(_REPORT, _SUMMARY), join(_LATEST, _POUDRIERE)):
        if _is_there(path, name) and (name != _SUMMARY or _kind_at(join(path, name)) is SourceKind.REPORT):
            return _of_file(join(path, name), path)
    names = _names_in(path)
    if (file := _monitor_file_in(path, names)) is not None:
        return _of_file(file, path)
    if RESULTS in names:
        return _of_file(results, path)
    if (file := _latest_below(path, names)) is not None:
        return _of_file(file, path)
    raise _nothing_in(path, names)


def _monitor_file_in(directory: str, names: list[str]) -> str | None:
    """The one of the build that runs, or else of the last one. FormatError where several run."""
    found: dict[str, str] = {}
    for name in sorted(name for name in names if name.endswith((".dat", ".json")))[:_MOST_FILES]:
        file = os.path.join(directory, name)
        if _kind_at(file) in _MONITORS:
            found.setdefault(os.path.splitext(file)[0], file)  # NAME.dat comes before NAME.json
    live = [file for file in found.values() if look(_lock_of(file))[0] is LockState.HELD]
    if len(live) > 1:
        listed = ", ".join(map(os.path.basename, live[:10]))
        raise FormatError(f"{directory} has {len(live)} builds that run: expected one of {listed}")
    return live[0] if live else max(found.values(), key=_mtime, default=None)


def _latest_below(directory: str, names: list[str]) -> str | None:
    """Of poudriere's ``logs/bulk``, where each MASTERNAME has its ``latest``: the build that wrote last."""
    files = (os.path.join(directory, name, _LATEST, _POUDRIERE) for name in names[:_MOST_FILES])
    return max((file for file in files if os.path.isfile(file)), key=_mtime, default=None)


def _nothing_in(path: str, names: list[str]) -> Exception:
    """A builder's directory will have something; another one will not, and is told from it."""
    base = os.path.basename(os.path.abspath(path))
    expected = {_STATS: "monitor.dat", _REPORT: _SUMMARY, _LATEST: _POUDRIERE}.get(base)
    if expected is None:
        expected = {_STATS: _MONITOR, _REPORT: os.path.join(_REPORT, _SUMMARY)}.get(
            next((name for name in names if name in (_STATS, _REPORT)), "")
        )
    if expected is None and _LATEST in names:
        expected = os.path.join(_LATEST, _POUDRIERE)
    if expected is not None:
        return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), os.path.join(path, expected))
    if not names:
        return EmptyDirectory(errno.ENOENT, os.strerror(errno.ENOENT), path)
    return FormatError(
        f"{path} is no build's directory: expected a monitor file in it, or dsynth's logs "
        f"({_MONITOR}, {_REPORT}/{_SUMMARY} or {RESULTS}), or poudriere's {_POUDRIERE} or {_LATEST}"
    )


def _names_in(directory: str) -> list[str]:
    with os.scandir(directory) as entries:
        return [entry.name for entry in islice(entries, _MOST_NAMES)]


# -- what is there -----------------------------------------------------------------------------------


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | TO_READ)


def _sniffed(path: str) -> SourceKind:
    """What the file at ``path`` is. FormatError names it, and says what it looks like."""
    if not stat.S_ISREG(os.stat(path).st_mode):  # to open a device may do something
        raise FormatError(f"{path}: no regular file: expected a build's file or directory")
    descriptor = os.open(path, TO_READ)
    try:
        found = os.fstat(descriptor)
        if not found.st_size and os.path.basename(path) == RESULTS:
            return SourceKind.LOG  # a build has just begun
        return sniff(os.pread(descriptor, HEAD, 0), found.st_size)
    except FormatError as error:
        error.args = (f"{path}: {error}",)  # still of its class: an empty file may not stay so
        raise
    finally:
        os.close(descriptor)


def _kind_at(path: str) -> SourceKind | None:
    with suppress(OSError, FormatError):
        return _sniffed(path)
    return None


def _is_there(directory: str, name: str) -> bool:
    """OSError where that cannot be seen."""
    try:
        os.stat(os.path.join(directory, name))
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _mtime(path: str) -> float:
    with suppress(OSError):
        return os.stat(path).st_mtime
    return 0.0


def _beside(path: str, suffix: str) -> str:
    return os.path.splitext(path)[0] + suffix


def _lock_of(path: str) -> str:
    """The lock beside a monitor file, or beside what it is a symlink to."""
    lock = _beside(path, ".lk")
    if not os.path.lexists(lock) and os.path.lexists(real := _beside(os.path.realpath(path), ".lk")):
        return real
    return lock
