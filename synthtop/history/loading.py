"""What earlier builds say, read in a thread of its own: nobody waits who does not want to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol, TypeVar

from ..eta.past import NO_PAST, Past
from ..model import Snapshot
from ..trends import starts_differ
from .problem import HistoryError, NoHistory
from .told import host_of, name_of, start_of

MOST_ORIGINS = 100_000
"""Origins of one followed build that are looked for: more than any ports tree has."""

_BEFORE = 10.0
"""Seconds by which the last build began before this one at least: this one is recorded too, and may seem to
have begun a little earlier."""
_PATIENCE = 5.0
"""Seconds for which an answer is waited for: a dead disk has none, and there is an ETA without it."""
T = TypeVar("T")


class Reading(Protocol):
    """See :class:`~synthtop.history.reading.History`."""

    def past(self, origins: Sequence[str], host: str) -> Past: ...
    def origins_of_last(self, name: str, host: str, before: float) -> list[str]: ...
    def close(self) -> None: ...


OpenReader = Callable[[str], Reading]
"""Opens the history at a path."""


class Loading:
    """Begins to read what the history at ``path`` has of ``origins``, which are to be built on ``host``.

    ``report`` is told what is wrong with it; that there is none is not wrong. ``reader`` opens it.
    """

    def __init__(
        self,
        path: str | None,
        origins: Sequence[str],
        host: str,
        report: Callable[[str], None],
        *,
        reader: OpenReader | None = None,
    ) -> None:
        self._past = NO_PAST
        self._loaded = threading.Event()
        if path is None:
            self._loaded.set()
            return
        asking = _Asking(path, report, reader or _open_reader)

        def load() -> None:
            try:
                self._past = asking.ask(lambda history: history.past(origins, host)) or NO_PAST
            finally:
                self._loaded.set()

        # A daemon: a program ends although a disk hangs.
        threading.Thread(target=load, name="synthtop-past", daemon=True).start()

    def get(self, timeout: float | None) -> Past | None:
        """What was found, :data:`NO_PAST` where there is nothing; None if that takes longer than ``timeout``
        seconds (None: it is waited for)."""
        return self._past if self._loaded.wait(timeout) else None


class LoadingFollowed:
    """What the history at ``path`` has of the builds that are followed, whichever is shown.

    Its methods ask only for what they do not know yet, and wait a few seconds for it: what takes longer is
    there at a later call. The other arguments are those of :class:`Loading`, ``host`` for sources that don't
    say theirs.
    """

    def __init__(
        self,
        path: str | None,
        host: str,
        report: Callable[[str], None],
        *,
        reader: OpenReader | None = None,
    ) -> None:
        self._asking = None if path is None else _AskingAside(_Asking(path, report, reader or _open_reader))
        self._host = host
        self._build: tuple[str, str] | None = None
        self._started = 0.0
        self._last: Sequence[str] | None = None
        self._shown: Snapshot | None = None
        self._asked: set[str] = set()
        self._past = NO_PAST

    def last_origins(self, snapshot: Snapshot) -> Sequence[str]:
        """What the build that ``snapshot`` tells of had to build the last time. What :meth:`past` says next
        is of this build."""
        asking, started = self._asking, start_of(snapshot)
        if asking is None or started is None:
            return ()
        build = name_of(snapshot.source), host_of(snapshot.source, self._host)
        if build != self._build or starts_differ(self._started, started):
            self._build, self._started = build, started
            self._last, self._asked, self._past = None, set(), NO_PAST
        self._shown = snapshot
        if self._last is None:
            before = self._started - _BEFORE
            key = ("last", build, self._started)
            self._last = asking.ask(key, lambda history: history.origins_of_last(*build, before))
        return self._last or ()

    def past(self) -> Past:
        """What is known of the packages of the build that was asked for last: the same object while there is
        nothing new."""
        asking, build, shown = self._asking, self._build, self._shown
        if asking is None or build is None or shown is None:
            return NO_PAST
        new = self._new(shown)
        if new:
            key = ("past", build, self._started)
            found = asking.ask(key, lambda history: (new, history.past(new, build[1])))
            if found is not None:
                # What was asked for some time ago, if that took so long.
                origins, past = found
                self._asked.update(origins)
                self._past = _joined(self._past, past)
        return self._past

    def _new(self, shown: Snapshot) -> Sequence[str]:
        """The origins of its packages that were not looked for: of those to be built, of those that are or
        have been, since they tell whether it goes as it did."""
        asked, room = self._asked, MOST_ORIGINS - len(self._asked)
        # Later, what has ended was seen to run.
        ended = () if asked else [package.origin for package in shown.finished.tail(room)]
        running = [row.origin for row in shown.workers if row.origin is not None]
        named = dict.fromkeys([*running, *shown.queue[:room], *(self._last or ())[:room], *ended])
        return [origin for origin in named if origin not in asked][: max(0, room)]


class _Asking:
    """Asks the history, which is opened for each question: between two it may have been moved or pruned.

    What is wrong is reported once until there is an answer.
    """

    def __init__(self, path: str, report: Callable[[str], None], reader: OpenReader) -> None:
        self._path, self._report, self._reader = path, report, reader
        self._troubled = False

    def ask(self, question: Callable[[Reading], T]) -> T | None:
        """What ``question`` makes of it; None where there is no history, or it cannot be read."""
        try:
            history = self._reader(self._path)
            try:
                answer = question(history)
            finally:
                history.close()
        except NoHistory:
            return None
        except HistoryError as error:
            self._complain(str(error))
        except Exception as error:  # noqa: BLE001  (whatever it is, a build goes on without it)
            self._complain(f"internal error: {type(error).__name__}: {error}")
        else:
            self._troubled = False
            return answer
        return None

    def _complain(self, why: str) -> None:
        if not self._troubled:
            self._troubled = True
            self._report(f"what earlier builds took is not known: {why}")


class _AskingAside:
    """Asks in a thread of its own, one question after the other, and waits for a few seconds only."""

    def __init__(self, asking: _Asking) -> None:
        self._asking = asking
        self._answer: _Answer | None = None

    def ask(self, key: Hashable, question: Callable[[Reading], T]) -> T | None:
        """As :meth:`_Asking.ask`; None too while an answer is waited for. Questions with the same ``key``
        have the same answer: it is that to the one that was asked first."""
        answer = self._answer
        if answer is not None and answer.there.is_set() and answer.key != key:
            answer = None  # nobody wants to know any more
        if answer is None:
            answer = self._answer = _Answer(key)
            # A daemon: as in Loading.
            threading.Thread(
                target=answer.find, args=(self._asking, question), name="synthtop-past", daemon=True
            ).start()
            answer.there.wait(_PATIENCE)
        if not answer.there.is_set():
            return None
        self._answer = None
        found: T | None = answer.found
        return found


class _Answer:
    """What is found for the question with this ``key``, once it is ``there``."""

    def __init__(self, key: Hashable) -> None:
        self.key = key
        self.found: Any = None
        self.there = threading.Event()

    def find(self, asking: _Asking, question: Callable[[Reading], object]) -> None:
        try:
            self.found = asking.ask(question)
        finally:
            self.there.set()


def _open_reader(path: str) -> Reading:
    # Only now, and perhaps not at all: as in recorder.py.
    try:
        from .reading import History
    except ImportError as error:
        raise HistoryError(f"this Python has no SQLite: {error}") from error
    return History(path)


def _joined(past: Past, found: Past) -> Past:
    # What was handed out before is somebody else's by now.
    return Past(
        {**past.here, **found.here},
        {**past.elsewhere, **found.elsewhere},
        {**past.categories, **found.categories},
    )
