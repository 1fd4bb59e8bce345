"""Finds the builds on this machine by the files that they leave where one looks for them.

Nothing is written, and what cannot be read is not listed.
"""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import TypeAlias

from .follow.files import WatchedFile
from .follow.liveness import stale_after, with_lock
from .follow.place import locate
from .follow.reader import Place
from .formats import FormatError, json, text
from .formats.settings import dsynth_logs, poudriere_data
from .model import BuildState, Listed, Snapshot, SourceKind
from .monitor import runtime_directories, who_holds
from .pidlock import Holder, LockState, held_by
from .run.logsdir import LOCK
from .targets import MonitorError, Target, parse_target
from .text import clean, fit, width

ROOT = "/"
"""What the paths of other builders begin at."""
DAY = 24 * 3600
"""Seconds for which a build that is over is listed."""
_OURS = (SourceKind.TEXT, SourceKind.JSON)
_MANY = 1000
"""Names of a directory that are looked at: where builds are watched there are not more of them."""
_CONFIG_BYTES = 256 << 10
_DSYNTH_INI = ("etc/dsynth/dsynth.ini", "usr/local/etc/dsynth/dsynth.ini")
_POUDRIERE_CONF = ("usr/local/etc/poudriere.conf", "etc/poudriere.conf")

Found: TypeAlias = Mapping[str, Listed]
"""Builds, each by what is the same for all ways to its files."""
_Places: TypeAlias = Iterator[tuple[Place, str | None]]
"""Where builds may be, and what they are called where their files don't say it better."""


def named(name: str, environ: Mapping[str, str], *, running: bool = False) -> str | None:
    """The path of the build called ``name``, with ``running`` only of one that runs; None where none is.

    One of our own comes first: where others' are is not looked then.
    """
    for search in Discovery(environ).searches.values():
        for build in merged([search()]):
            if build.name == name and (build.state is BuildState.BUILDING or not running):
                return build.path
    return None


def merged(found: Iterable[Found]) -> list[Listed]:
    """Those that run, by name; then those that were over within the last day, the latest first.

    Of two ways to one build the first counts.
    """
    listed: dict[str, Listed] = {}
    for builds in found:
        listed = {**builds, **listed}
    return sorted(listed.values(), key=_order)


def ready_commands(command: str, builds: Iterable[tuple[str, str]]) -> list[str]:
    """A line for each of ``builds``, which are what names one and what else tells it: ``command`` for it."""
    ready = [(f"{command} {shlex.quote(clean(named))}", clean(told)) for named, told in builds]
    room = max((width(words) for words, _ in ready), default=0)
    return [f"  {fit(words, room)}  # {told}" for words, told in ready]


def of_logs(path: str, environ: Mapping[str, str]) -> str | None:
    """The monitor file of the synthtop build that writes its logs into the directory ``path``, or wrote them
    there last; None where none is known."""
    return Discovery(environ).of_logs(path)


def who_builds(path: str) -> Holder | None:
    """The process of the synthtop build that is watched at, or writes its logs into, ``path``."""
    if os.path.isdir(path):
        held = held_by(os.path.join(path, LOCK))
    else:
        held = None if is_relayed(path) else who_holds(path)
    if held is None:
        # Whatever else is followed when it is named: the directory of a monitor file, a link to one.
        with suppress(OSError, FormatError):
            place = locate(path)
            if place.kind in _OURS and place.lock is not None and not is_relayed(place.main):
                held = held_by(place.lock)
    # 0 in somebody's lock file would be our own process group.
    return held if held is not None and held.pid else None


def is_relayed(path: str) -> bool:
    """Whether the process that keeps the monitor file at ``path`` only passes on what another build says."""
    file = f"{os.path.splitext(path)[0]}.json"
    said = _BuildFile(Place(SourceKind.JSON, file, file)).said(time.time())
    return said is not None and said.source.kind is not SourceKind.RUN


def asked_for(environ: Mapping[str, str]) -> Sequence[Target]:
    """The monitor files that ``$SYNTHTOP_MONITOR`` asks for, the one that says most first.

    None where it is wrong: that is said by whoever is to write one.
    """
    with suppress(MonitorError):
        return parse_target(environ.get("SYNTHTOP_MONITOR", "").strip())[::-1]
    return ()


class Discovery:
    """Looks for builds again and again, and reads again only what has changed since.

    Builds are in this user's runtime directories, at ``$SYNTHTOP_MONITOR``, in the logs directories of
    dsynth's profiles, and poudriere's latest ones. ``searches`` are for each builder's, by whose they are,
    ours first: any may be called in a thread of its own, and one that hangs holds up no other.
    ``root`` is :data:`ROOT` where nothing else is said, ``wall`` tells epoch seconds.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        root: str | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._environ = environ
        self._root = root = ROOT if root is None else root
        self._wall = wall
        self._configs = {path: _Config(os.path.join(root, path)) for path in _DSYNTH_INI + _POUDRIERE_CONF}
        places = {"synthtop's": self._own, "dsynth's": self._dsynth, "poudriere's": self._poudriere}
        self.searches: Mapping[str, Callable[[], Found]] = {
            whose: _Search(where, wall) for whose, where in places.items()
        }

    def builds(self) -> list[Listed]:
        """What all searches find, as :func:`merged` has it."""
        return merged(search() for search in self.searches.values())

    def of_logs(self, path: str) -> str | None:
        """See :func:`of_logs`."""
        known = []
        for place, _ in self._own():
            said = _BuildFile(place).said(self._wall())
            if said is not None and said.source.logs and _same(said.source.logs, path):
                held = place.held() is LockState.HELD
                known.append((held, said.time, place.given))
        return max(known)[2] if known else None

    # -- where they are ----------------------------------------------------------------------------

    def _own(self) -> _Places:
        for directory in runtime_directories(self._environ):
            for stem in _stems(directory):
                yield _default_place(os.path.join(directory, stem)), stem
        for target in asked_for(self._environ):
            yield _kept(target), None

    def _dsynth(self) -> _Places:
        for logs, profile in self._dsynth_logs().items():
            with suppress(OSError, FormatError):
                place = locate(logs)
                yield place, profile if place.kind is SourceKind.LOG else None

    def _dsynth_logs(self) -> dict[str, str]:
        for path in _DSYNTH_INI:
            if (ini := self._configs[path].text()) is not None:
                logs = dsynth_logs(ini, self._environ.get("DSYNTH_PROFILE"))
                return {self._below(directory): profile for directory, profile in logs.items()}
        return {}

    def _poudriere(self) -> _Places:
        found = (self._configs[path].text() for path in _POUDRIERE_CONF)
        data = poudriere_data(next((conf for conf in found if conf is not None), ""))
        bulk = os.path.join(self._below(data), "logs", "bulk")
        for name in _names(bulk):
            latest = os.path.join(bulk, name, "latest")
            if not name.startswith(".") and os.path.isdir(latest):
                yield Place(SourceKind.POUDRIERE, latest, os.path.join(latest, ".data.json")), name

    def _below(self, path: str) -> str:
        return os.path.join(self._root, path.lstrip("/"))


class _Search:
    """Looks at ``places()`` again and again. In one thread at a time."""

    def __init__(self, places: Callable[[], _Places], wall: Callable[[], float]) -> None:
        self._places = places
        self._wall = wall
        self._files: dict[Place, _BuildFile] = {}

    def __call__(self) -> Found:
        listed: dict[str, Listed] = {}
        seen: dict[Place, _BuildFile] = {}
        for place, name in self._places():
            identity = _identity(place)
            if identity not in listed:
                seen[place] = file = self._files.get(place) or _BuildFile(place)
                if (found := file.listed(self._wall(), name)) is not None:
                    listed[identity] = found
        self._files = seen
        return listed


# -- one build ---------------------------------------------------------------------------------------


class _BuildFile:
    """The file that has a build's numbers, and what it said last."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._watched = WatchedFile(place.main, by_content=place.kind is SourceKind.DSYNTH)
        self._said: Snapshot | None = None

    def said(self, wall: float) -> Snapshot | None:
        """What it says; None where it is not there, or says nothing that can be understood."""
        try:
            data = self._watched.read()
            if data is not None:
                before, self._said = self._said, None
                self._said = _decoded(self._place.kind, data, wall, before)
        except OSError:
            self._said = None
            self._watched.forget()
        except FormatError:
            self._said = None
        return self._said

    def listed(self, wall: float, name: str | None) -> Listed | None:
        """How the build stands at epoch second ``wall``; None where there is none any more."""
        kind, given = self._place.kind, self._place.given
        lock = self._place.held()
        held = lock is LockState.HELD
        said = None if kind is SourceKind.LOG else self.said(wall)
        name = name or (said.source.name if said is not None else None) or _name_of(given)
        written = self._written()
        if written is None or (said is None and kind is not SourceKind.LOG):
            # Whoever holds the lock is about to write, or writes what only a later version understands.
            return Listed(name, given, kind, BuildState.BUILDING) if held else None
        age = max(0.0, wall - written)
        state = BuildState.BUILDING if said is None else said.state
        # Of such a file without a lock only a change tells that it lives, and its mtime tells of none.
        unlocked = kind is SourceKind.DSYNTH and lock is LockState.MISSING
        state = with_lock(state, lock, age, 0.0 if unlocked else stale_after(kind))
        if state is not BuildState.BUILDING and age > DAY:
            return None
        # The times of a file that dsynth has mapped stand still while it builds.
        known = kind is not SourceKind.DSYNTH or not held
        listed = Listed(name, given, kind, state)
        if known:
            listed = listed._replace(age=int(age), written=written)
        if said is None:
            return listed
        totals = said.totals
        return listed._replace(
            done=totals.done, queued=totals.queued, failed=totals.failed, elapsed=said.elapsed
        )

    def _written(self) -> float | None:
        """When the build last wrote anything, in epoch seconds; None where nothing is there."""
        files = (self._place.main, self._place.results)
        times = [mtime for path in files if path is not None and (mtime := _mtime(path)) is not None]
        return max(times, default=None)


def _decoded(kind: SourceKind, data: bytes, wall: float, before: Snapshot | None) -> Snapshot:
    # A machine has one of the other builders, if any: the formats of the rest need not be loaded.
    match kind:
        case SourceKind.JSON:
            return json.decode(data)
        case SourceKind.TEXT:
            return text.decode(data, now=wall)
        case SourceKind.DSYNTH:
            from .formats import dsynth

            return dsynth.decode(data, now=wall)
        case SourceKind.REPORT:
            from .formats import report

            return report.decode(data, now=wall)
        case SourceKind.POUDRIERE:
            from .formats import poudriere

            return poudriere.decode(data, now=wall, before=before)
    raise FormatError(f"{kind} is no file with numbers")


def _mtime(path: str) -> float | None:
    with suppress(OSError):
        return os.stat(path).st_mtime
    return None


def _order(listed: Listed) -> tuple[bool, float, str, str]:
    """Nothing moves under who chooses: not by the figures of those that run, nor by the time that passes."""
    live = listed.state is BuildState.BUILDING
    return not live, 0.0 if live else -(listed.written or 0.0), listed.name, listed.path


def _identity(place: Place) -> str:
    """The same for two ways to one build's files."""
    real = os.path.realpath(place.main)
    return os.path.splitext(real)[0] if place.kind in _OURS else real


def _name_of(path: str) -> str:
    return os.path.splitext(os.path.basename(path.rstrip("/")))[0] or path


def _same(path: str, other: str) -> bool:
    return os.path.realpath(path) == os.path.realpath(other)


# -- its files' paths --------------------------------------------------------------------------------


def _names(directory: str) -> Sequence[str]:
    with suppress(OSError), os.scandir(directory) as entries:
        return sorted(entry.name for entry in islice(entries, _MANY))
    return ()


def _stems(directory: str) -> list[str]:
    """What the monitor files in a runtime directory are called, without their suffixes."""
    with suppress(OSError):
        # One of another user's in /tmp is not where our builds are.
        if os.stat(directory, follow_symlinks=False).st_uid == os.geteuid():
            parts = map(os.path.splitext, _names(directory))
            return sorted({stem for stem, suffix in parts if suffix in (".json", ".dat", ".lk")})
    return []


def _default_place(stem: str) -> Place:
    kind, main = SourceKind.JSON, f"{stem}.json"
    if not os.path.exists(main) and os.path.exists(f"{stem}.dat"):
        kind, main = SourceKind.TEXT, f"{stem}.dat"
    return Place(kind, main, main, f"{stem}.lk")


def _kept(target: Target) -> Place:
    main = os.path.join(target.path, "summary.json") if target.format == "report" else target.path
    return Place(SourceKind(target.format), target.path, main, target.lock)


# -- other builders' settings ------------------------------------------------------------------------


class _Config:
    """A settings file of another builder, read again when it has changed."""

    def __init__(self, path: str) -> None:
        self._watched = WatchedFile(path, most=_CONFIG_BYTES)
        self._text: str | None = None

    def text(self) -> str | None:
        """What is in it, None where it cannot be read."""
        try:
            if (data := self._watched.read()) is not None:
                self._text = data.decode("utf-8", "surrogateescape").replace("\0", "")
        except (OSError, FormatError):
            self._text = None
            self._watched.forget()
        return self._text
