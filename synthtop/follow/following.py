"""How the source at a path stands, poll by poll, whatever becomes of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from ..formats import FormatError
from ..formats.dsynth import BeingReset
from ..formats.sniff import NothingYet
from ..model import BuildState, Snapshot, Source, SourceKind, Totals
from .liveness import UNKNOWN_END
from .place import EmptyDirectory
from .reader import Place, Reader
from .seenphases import SeenPhases

FORGIVEN = 3.0
"""Seconds for which what cannot be read is taken for half-written, after it could be."""
LOOK_AGAIN = 5.0
"""Seconds between two looks at what the path means, while it is read well."""
_SOON = 1.0
"""The same while there is only text: JSON is written after it, and says more."""
_WITH_ITS_FILE = frozenset((SourceKind.TEXT, SourceKind.JSON))
"""Sources whose file stays while their build runs: without it, it is gone."""


class Finds(Protocol):
    """Finds what is at ``path``, and what reads it: see :class:`~synthtop.follow.opening.Opening`."""

    path: str

    def locate(self) -> Place: ...
    def open(self, place: Place) -> Reader: ...


class Following:
    """What comes of a path, poll by poll: of what is there, and of what has become of it. In one thread."""

    def __init__(self, opening: Finds) -> None:
        self._opening = opening
        self._place: Place | None = None
        self._kind = SourceKind.RUN  # of what was last found at the path; RUN where that is nothing known
        self._reader: Reader | None = None
        self._said: Snapshot | None = None  # what was said last, unless it was unreadable
        self._said_at = 0.0
        self._wrong_since: float | None = None
        self._waiting_since: float | None = None
        self._look_at = 0.0
        self._phases = SeenPhases()

    def poll(self, now: float, wall: float) -> Snapshot:
        """How the source stands; whatever is wrong with it is said in the snapshot."""
        try:
            said = self._phases.add(self._read(now, wall))
        except (FileNotFoundError, NotADirectoryError) as error:
            return self._missing(error, now, wall)
        except (OSError, FormatError) as error:
            reset = isinstance(error, BeingReset)
            unsaid = self._said is None or self._said.state is BuildState.WAITING
            if not reset and not (unsaid and _nothing_yet(error)):
                return self._wrong(error, now, wall)
            return self._waiting(
                "a build is about to begin" if reset else "there is nothing in it yet", now, wall
            )
        if said.state is not BuildState.WAITING:
            self._waiting_since = None
        return self._noted(said, now)

    def _noted(self, said: Snapshot, now: float) -> Snapshot:
        self._wrong_since = None
        self._said, self._said_at = said, now
        return said

    # -- reading -----------------------------------------------------------------------------------

    def _read(self, now: float, wall: float) -> Snapshot:
        if self._reader is None:
            self._place = self._located()
            self._reader = self._opening.open(self._place)
            self._look_later(now)
        elif now >= self._look_at:
            self._look_later(now)
            with suppress(OSError, FormatError):  # what is wrong with it is found by reading
                if (better := self._other(now, wall, self._building)) is not None:
                    return better
        try:
            return self._reader.poll(now, wall)
        except BeingReset:
            raise
        except (OSError, FormatError):
            # It may be another kind of file now, or have been one that was in its place for a moment.
            # What is wrong with that one is then what is told.
            with suppress(PermissionError):
                if (other := self._other(now, wall, False)) is not None:
                    return other
            raise

    def _located(self) -> Place:
        try:
            place = self._opening.locate()
        except FormatError:
            self._kind = SourceKind.RUN
            raise
        self._kind = place.kind
        return place

    def _look_later(self, now: float) -> None:
        only_text = self._place is not None and self._place.kind is SourceKind.TEXT
        self._look_at = now + (_SOON if only_text else LOOK_AGAIN)

    @property
    def _building(self) -> bool:
        return self._said is not None and self._said.state is BuildState.BUILDING

    def _other(self, now: float, wall: float, building: bool) -> Snapshot | None:
        """What is said by whatever is at the path now, if it is another source, and can be read.

        While one is ``building``, another file of the same kind is that of another build, and no better.
        """
        place, known = self._located(), self._place
        if place == known:
            return None
        if building and known is not None and place.kind is known.kind and place.main != known.main:
            return None
        reader = self._opening.open(place)
        try:
            said = reader.poll(now, wall)
        except BaseException:
            reader.close()
            raise
        self.close()
        self._place, self._reader = place, reader
        return said

    # -- what is said where it cannot be read ------------------------------------------------------

    def _missing(self, error: OSError, now: float, wall: float) -> Snapshot:
        """There is nothing any more, or not yet."""
        self.close()
        said = self._said
        if said is not None and said.state is not BuildState.WAITING:
            kind = said.source.kind
            if not said.over and kind in _WITH_ITS_FILE:
                problem = UNKNOWN_END if kind is SourceKind.TEXT else "its monitor file was removed"
                self._said = said = replace(said, state=BuildState.GONE, holder=None, problem=problem)
            if said.over:
                return self._aged(said, now)
        if isinstance(error, EmptyDirectory):
            return self._waiting("nothing of a build is in it yet", now, wall)
        missing = error.filename
        where = f": {missing}" if isinstance(missing, str) and missing != self._opening.path else ""
        return self._waiting(f"there is no such file yet{where}", now, wall)

    def _waiting(self, problem: str, now: float, wall: float) -> Snapshot:
        if self._waiting_since is None:
            self._waiting_since = now
        said = self._nothing(BuildState.WAITING, problem, wall, int(now - self._waiting_since))
        return self._noted(said, now)

    def _wrong(self, error: Exception, now: float, wall: float) -> Snapshot:
        """There is something that cannot be read: half-written perhaps, if it could be a moment ago."""
        if self._wrong_since is None:
            self._wrong_since = now
        problem = _why(error).removeprefix(f"{self._opening.path}: ")
        if self._said is None:
            return self._nothing(BuildState.UNREADABLE, problem, wall)
        said = self._aged(self._said, now)
        if now - self._wrong_since < FORGIVEN:
            return said
        if said.over:
            return replace(said, problem=problem)  # what is known of it stays true
        source = said.source._replace(kind=self._kind)
        return replace(said, state=BuildState.UNREADABLE, problem=problem, source=source)

    def _aged(self, said: Snapshot, now: float) -> Snapshot:
        age = (said.age or 0) + int(now - self._said_at)
        return said if age == said.age else replace(said, age=age)

    def _nothing(self, state: BuildState, problem: str, wall: float, age: int | None = None) -> Snapshot:
        return nothing(self._opening.path, state, problem, wall, kind=self._kind, age=age)

    def close(self) -> None:
        """Let go of what is read. Idempotent."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()


def nothing(
    path: str,
    state: BuildState,
    problem: str,
    wall: float,
    *,
    kind: SourceKind = SourceKind.RUN,
    age: int | None = None,
) -> Snapshot:
    """The snapshot of a source at ``path`` of which no number is known."""
    source = Source(kind, path)
    return Snapshot(
        seq=0, state=state, time=wall, source=source, problem=problem, age=age, totals=Totals(None)
    )


def _nothing_yet(error: BaseException) -> bool:
    return isinstance(error, NothingYet) or isinstance(error.__cause__, NothingYet)


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if isinstance(error.filename, str) else error.strerror
    return str(error) or type(error).__name__
