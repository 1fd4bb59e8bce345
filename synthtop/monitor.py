"""The monitor files: one build's snapshots where others can read them.

A consumer. Every file is replaced atomically, and a lock beside it is held as long as the build
runs. Nothing that happens to the files stops the build: it is reported once and tried again.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from .formats import FormatError, json, text
from .model import Snapshot
from .pidlock import PATIENCE, Holder, LockHeld, PidLock, held_by, holder

ENCODERS: Mapping[str, Callable[[Snapshot], bytes]] = {"text": text.encode, "json": json.encode}
TEXT_EVERY = 2
"""Seconds of the build between two writes of the text file; JSON is written at each tick."""
FALLBACK = "/tmp"
"""Where a user without a runtime directory has the directory of the default files."""
_SPEC = re.compile(r"([A-Za-z0-9_-]*):(.*)", re.DOTALL)


class MonitorError(Exception):
    """A monitor file cannot be kept where it was asked for. ``str(error)`` says which, why, what to do."""


class MonitorBusy(MonitorError):
    """Another build keeps this monitor file; ``pid`` is its process, None where that is unreadable."""

    def __init__(self, path: str, pid: int | None) -> None:
        who = "another build" if pid is None else f"another build (pid {pid})"
        super().__init__(f"{path} is kept by {who}: choose another path with --monitor")
        self.pid = pid


class Target(NamedTuple):
    """A file to keep up to date, and its format: ``text`` or ``json``."""

    format: str
    path: str

    @property
    def lock(self) -> str:
        """The lock beside it: the file's name with ``.lk`` for its suffix."""
        return os.path.splitext(self.path)[0] + ".lk"

    @property
    def real_path(self) -> str:
        """The path as no two different files have it. A symlink there is replaced, not followed."""
        directory, name = os.path.split(self.path)
        return os.path.join(os.path.realpath(directory), name)


def parse_target(spec: str) -> tuple[Target, ...]:
    """What ``[FORMAT:]PATH`` asks for. A bare PATH is text with JSON beside it; one with .json, JSON alone.

    MonitorError for a format that is not known, and for a path that cannot be a file's.
    """
    match = _SPEC.fullmatch(spec)
    name, path = match.groups() if match else (None, spec)
    if name is not None and name not in ENCODERS:
        raise MonitorError(
            f"--monitor {spec}: format {name!r} is not known, expected {' or '.join(ENCODERS)} "
            f"(a path with a colon in it begins with ./ or /)"
        )
    if not os.path.basename(path) or "\0" in path:
        raise MonitorError(f"--monitor {spec}: expected a file after the format, found {path!r}")
    if name is not None:
        return (Target(name, path),)
    return (Target("json", path),) if path.endswith(".json") else _pair(path)


def _pair(path: str) -> tuple[Target, ...]:
    return Target("text", path), Target("json", os.path.splitext(path)[0] + ".json")


class _Place:
    """The targets that share one lock, and what is wrong with them at the moment."""

    def __init__(self, targets: Sequence[Target], patience: float = PATIENCE) -> None:
        self.targets = tuple(targets)
        self.broken = False
        self._text_at: int | None = None
        path = self.targets[0].path
        for target in self.targets:
            _check_replaceable(target.path)
        try:
            self._lock = PidLock(self.targets[0].lock, patience)
        except LockHeld as error:
            raise MonitorBusy(path, error.pid) from None
        except OSError as error:
            raise MonitorError(f"{path} cannot be kept: {error.strerror} ({error.filename})") from error
        for target in self.targets:
            _remove_leftovers(target.path)

    def write(self, snapshot: Snapshot) -> None:
        """Replace every file that is due. OSError or LockHeld where one cannot be."""
        if not self._lock.in_place:
            # Somebody removed it: a follower would take us for gone.
            fresh = PidLock(self._lock.path, patience=0.0)
            self._lock.release()
            self._lock = fresh
        elapsed = snapshot.elapsed or 0
        text_due = self._text_at is None or elapsed - self._text_at >= TEXT_EVERY or snapshot.over
        for kind, path in self.targets:
            if kind == "text":
                if not text_due:
                    continue
                self._text_at = None  # due again if this write fails
            replace_file(path, ENCODERS[kind](snapshot))
            if kind == "text":
                self._text_at = elapsed

    def close(self) -> None:
        """Remove the text file, then the lock; JSON stays and tells how the build ended."""
        if self._lock.in_place:
            for kind, path in self.targets:
                if kind == "text":
                    with suppress(OSError):
                        os.unlink(path)
        self._lock.release()


def _check_replaceable(path: str) -> None:
    """MonitorError where something is at ``path`` that a monitor file must not take the place of.

    It would: a device is replaced as easily as a file, and what is replaced goes at the end.
    """
    try:
        found = os.stat(path, follow_symlinks=False)
        if stat.S_ISLNK(found.st_mode):
            return  # replaced, and not followed
        if not stat.S_ISREG(found.st_mode):
            kind = "a directory" if stat.S_ISDIR(found.st_mode) else "no regular file"
            raise MonitorError(f"{path} is {kind}: expected the path of a monitor file")
        with open(path, "rb") as file:
            data = file.read(_LARGEST)
    except FileNotFoundError:
        return
    except OSError as error:
        raise MonitorError(f"{path} cannot be looked at: {error.strerror}") from error
    if data and not _is_monitor_file(data):
        raise MonitorError(
            f"{path} is there and is no monitor file: move it away, or choose another path with --monitor"
        )


def _is_monitor_file(data: bytes) -> bool:
    with suppress(FormatError):
        json.decode(data)
        return True
    with suppress(FormatError):
        text.decode(data, now=0.0)
        return True
    return False


_LARGEST = 16 << 20
"""Bytes of a file that are looked at: no monitor file is larger."""
_TOKEN = 8
"""Random bytes in a new file's name, until it is renamed."""


def replace_file(path: str, data: bytes) -> None:
    """Put ``data`` at ``path`` in one step: no reader ever sees a part of it. OSError where that fails.

    A symlink at ``path`` is replaced, not followed. Nothing is synced: after a power cut the build that
    the file told of is over anyhow.
    """
    directory, name = os.path.split(path)
    fresh = os.path.join(directory, f".{name}.{os.urandom(_TOKEN).hex()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(fresh, flags, 0o644)
    try:
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        finally:
            os.close(descriptor)
        os.rename(fresh, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(fresh)
        raise


def _remove_leftovers(path: str) -> None:
    """Remove the new files for ``path`` of builds that were killed in the midst of :func:`replace_file`."""
    directory, name = os.path.split(path)
    leftover = re.compile(rf"\.{re.escape(name)}\.[0-9a-f]{{{2 * _TOKEN}}}")
    with suppress(OSError), os.scandir(directory or ".") as entries:
        for entry in entries:
            if leftover.fullmatch(entry.name):
                found = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid():
                    os.unlink(entry.path)


def _by_lock(targets: Sequence[Target]) -> list[list[Target]]:
    """The targets that share a lock, each once. MonitorError where one would be in the way of another."""
    distinct: dict[str, Target] = {}
    for target in targets:
        if target.lock == target.path:
            raise MonitorError(
                f"{target.path} is the name of a lock: choose one that does not end in .lk with --monitor"
            )
        other = distinct.setdefault(target.real_path, target)
        if other.format != target.format:
            raise MonitorError(
                f"{target.path} is to be {other.format} and {target.format}: "
                "choose another path for one of them with --monitor"
            )
    sharing: dict[str, list[Target]] = {}
    for path, target in distinct.items():
        sharing.setdefault(os.path.splitext(path)[0], []).append(target)
    return list(sharing.values())


class MonitorSink:
    """Keeps ``targets`` up to date. ``report`` gets a line when one cannot be written, and when it can again.

    Making one takes the locks: MonitorBusy where another build has one, MonitorError where no file can be
    or one target is in the way of another.
    """

    def __init__(self, targets: Sequence[Target], report: Callable[[str], None]) -> None:
        self._report = report
        self._places: list[_Place] = []
        self._renew: Callable[[], _Place] | None = None
        by_lock = _by_lock(targets)
        try:
            for sharing in by_lock:
                self._places.append(_Place(sharing))
        except MonitorError:
            self.close()
            raise

    @classmethod
    def at_default(cls, name: str, environ: Mapping[str, str], report: Callable[[str], None]) -> MonitorSink:
        """The default files of the build called ``name``, which become another live build's neighbours.

        Where their directory vanishes (a runtime directory does at logout) they move to the next one.
        """
        sink = cls((), report)
        sink._renew = lambda: _default_place(name, environ)
        sink._places = [sink._renew()]
        return sink

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the files are now."""
        return tuple(target.path for place in self._places for target in place.targets)

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Write what is due."""
        for index, place in enumerate(self._places):
            path = place.targets[0].path
            try:
                if self._renew is not None and not os.path.isdir(os.path.dirname(path)):
                    fresh = self._renew()
                    fresh.broken = place.broken
                    place.close()
                    self._places[index] = place = fresh
                    before, path = path, place.targets[0].path
                    if path != before:
                        self._report(f"the directory of {before} is gone: the monitor file is {path} now")
                place.write(snapshot)
            except (OSError, LockHeld, MonitorError) as error:
                if not place.broken:
                    place.broken = True
                    why = error.strerror if isinstance(error, OSError) else error
                    self._report(f"monitor file {path} cannot be written ({why}); it is tried again")
            else:
                if place.broken:
                    place.broken = False
                    self._report(f"monitor file {path} is written again")

    def close(self) -> None:
        """The build is over: text files and locks go. Idempotent."""
        places, self._places = self._places, []
        for place in places:
            place.close()


# -- where builds are by default ---------------------------------------------------------------------


def runtime_directories(environ: Mapping[str, str]) -> Iterator[str]:
    """Where default monitor files may be, the preferred one first. Nothing is made."""
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(runtime) and os.path.isdir(runtime):
        yield os.path.join(runtime, "synthtop")
    yield os.path.join(FALLBACK, f"synthtop-{os.geteuid()}")


def _own_directory(path: str) -> None:
    """Make ``path`` if it is missing; MonitorError unless it is our directory and only we may enter."""
    try:
        with suppress(FileExistsError):
            os.mkdir(path, 0o700)
        found = os.stat(path, follow_symlinks=False)
    except OSError as error:
        raise MonitorError(f"{path} cannot be made: {error.strerror}") from error
    problem = None
    permissions = found.st_mode & 0o777  # a directory may get the setgid bit from the one that it is in
    if not stat.S_ISDIR(found.st_mode):
        problem = "it is no directory"
    elif found.st_uid != os.geteuid():
        problem = f"it belongs to uid {found.st_uid}"
    elif permissions != 0o700:
        problem = f"its mode is {permissions:04o}, expected 0700"
    if problem is not None:
        raise MonitorError(
            f"{path} is not safe for monitor files: {problem}. "
            "Remove it, or say --monitor PATH or --no-monitor"
        )


def _default_place(name: str, environ: Mapping[str, str]) -> _Place:
    directory = next(runtime_directories(environ))
    _own_directory(directory)
    safe = re.sub(r"[^A-Za-z0-9_@%+=:,.~-]", "_", name).lstrip(".") or "build"
    number = 1
    while True:
        path = os.path.join(directory, safe if number == 1 else f"{safe}-{number}")
        try:
            # A live neighbour is no reason to wait: it will be there for hours.
            return _Place(_pair(f"{path}.dat"), patience=PATIENCE if holder(f"{path}.lk") is None else 0.0)
        except MonitorBusy:
            number += 1


class LiveBuild(NamedTuple):
    """A build that runs now, by its default monitor file."""

    name: str
    path: str
    holder: Holder


def live_builds(environ: Mapping[str, str]) -> list[LiveBuild]:
    """This user's builds that keep a default monitor file and hold its lock."""
    found = []
    for directory in runtime_directories(environ):
        try:
            names = sorted(os.listdir(directory))
        except OSError:
            continue
        for file in names:
            name, suffix = os.path.splitext(file)
            if suffix == ".lk" and (held := held_by(os.path.join(directory, file))) is not None:
                found.append(LiveBuild(name, os.path.join(directory, f"{name}.dat"), held))
    return found


def who_holds(path: str) -> Holder | None:
    """Who keeps the monitor file at ``path``, or None where nobody does."""
    return held_by(Target("text", path).lock)
