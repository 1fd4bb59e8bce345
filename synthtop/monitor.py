"""The monitor files: one build's snapshots where others can read them.

A consumer. The files themselves are the business of ``keeping.py``; nothing that happens to them stops the
build: it is reported once and tried again.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from .keeping import FilesPlace, Place
from .model import Snapshot
from .pidlock import PATIENCE, Holder, LockHeld, held_by, holder
from .targets import MonitorBusy, MonitorError, Target, by_lock, pair, parse_target

FALLBACK = "/tmp"
"""Where a user without a runtime directory has the directory of the default files."""


def place_for(targets: Sequence[Target], patience: float = PATIENCE) -> Place:
    """What keeps ``targets``, which share a lock. It is taken at once: MonitorBusy where another build has
    it, tried for ``patience`` seconds, and MonitorError where no such file can be."""
    first = targets[0]
    # Who asks for neither needs to load neither.
    if first.format == "dsynth":
        from .mapped import DsynthPlace

        return DsynthPlace(first, patience)
    if first.format == "report":
        from .webreport import ReportPlace

        return ReportPlace(first, patience)
    return FilesPlace(targets, patience)


class MonitorSink:
    """Keeps ``targets`` up to date. ``report`` gets a line when one cannot be written, and when it can again.

    Making one takes the locks: MonitorBusy where another build has one, MonitorError where no file can be
    or one target is in the way of another.
    """

    def __init__(self, targets: Sequence[Target], report: Callable[[str], None]) -> None:
        self._report = report
        self._places: list[Place] = []
        self._renew: Callable[[], Place] | None = None
        distinct = by_lock(targets)
        try:
            for sharing in distinct:
                self._places.append(place_for(sharing))
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

    @classmethod
    def of_build(
        cls,
        name: str,
        environ: Mapping[str, str],
        wanted: Sequence[str] | None,
        report: Callable[[str], None],
    ) -> MonitorSink:
        """The files that are ``wanted``, as ``--monitor`` takes them; the default ones where that is None."""
        if not wanted:
            return cls.at_default(name, environ, report)
        return cls([target for spec in wanted for target in parse_target(spec)], report)

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the files are now."""
        return tuple(target.path for place in self._places for target in place.targets)

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Write what is due. While there is no build to tell of, what was told last stays."""
        if not snapshot.is_build:
            return
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


def _default_place(name: str, environ: Mapping[str, str]) -> Place:
    directory = next(runtime_directories(environ))
    _own_directory(directory)
    safe = re.sub(r"[^A-Za-z0-9_@%+=:,.~-]", "_", name).lstrip(".") or "build"
    number = 1
    while True:
        path = os.path.join(directory, safe if number == 1 else f"{safe}-{number}")
        try:
            # A live neighbour is no reason to wait: it will be there for hours.
            return place_for(pair(f"{path}.dat"), patience=PATIENCE if holder(f"{path}.lk") is None else 0.0)
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
            # One of another user's in /tmp is not where our builds are.
            ours = os.stat(directory, follow_symlinks=False).st_uid == os.geteuid()
            names = sorted(os.listdir(directory)) if ours else []
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
