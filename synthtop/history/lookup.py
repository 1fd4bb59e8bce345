"""Asks the history for whoever must not wait for a disk: each question is answered in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import tzinfo
from typing import Generic, NamedTuple, Protocol, TypeVar

from ..text import clean
from .problem import HistoryError, NoHistory
from .record import Built, Minute, PackageRecord, Run

T = TypeVar("T")
NOWHERE = "no history is kept: neither XDG_STATE_HOME nor HOME is set"
_LONGEST = 300
"""Characters that are said of an error that nobody has thought of."""


class Reader(Protocol):
    """What a history that is open can be asked; see :class:`~synthtop.history.reading.History`."""

    def runs(self, limit: int | None = None, *, now: float) -> list[Run]: ...

    def run(self, id: int, *, now: float) -> Run | None: ...

    def packages(self, run_id: int) -> list[PackageRecord]: ...

    def minutes(self, run_id: int) -> list[Minute]: ...

    def builds(self, origin: str, limit: int | None = None) -> list[Built]: ...


class Answer(NamedTuple, Generic[T]):
    """What was ``found``; None where there is a ``problem``, one clean line. ``empty``: the problem is that
    there is no history yet."""

    found: T | None
    problem: str = ""
    empty: bool = False


def in_a_thread(job: Callable[[], None]) -> None:
    """Have ``job`` done without waiting for it."""
    # A daemon: a file system that hangs must not keep the program from ending.
    threading.Thread(target=job, name="history", daemon=True).start()


class Asking(Generic[T]):
    """Asks ``question`` as often as :meth:`again` is called, once at a time. ``tell`` is called, from the
    thread that ``start`` has the question answered in, whenever there is another :attr:`answer`."""

    def __init__(
        self,
        question: Callable[[], T],
        tell: Callable[[], None],
        start: Callable[[Callable[[], None]], None] = in_a_thread,
    ) -> None:
        self._question = question
        self._tell = tell
        self._start = start
        self._lock = threading.Lock()
        self._asked = False
        self._closed = False
        self.answer: Answer[T] | None = None
        """The newest one; None before there is any."""

    def again(self) -> None:
        """Ask once more, unless that is being done already. Returns at once."""
        with self._lock:
            if self._asked or self._closed:
                return
            self._asked = True
        self._start(self._ask)

    def close(self) -> None:
        """Ask no more, and tell nobody. Idempotent."""
        with self._lock:
            self._closed = True

    def _ask(self) -> None:
        answer: Answer[T] | None = None
        try:
            answer = Answer(self._question())
        except HistoryError as error:
            answer = Answer(None, str(error), isinstance(error, NoHistory))
        except Exception as error:  # noqa: BLE001  (or whoever asked would wait for ever)
            said = clean(f"{type(error).__name__}: {error}"[:_LONGEST])
            answer = Answer(None, f"the history could not be read: {said}")
        finally:
            with self._lock:
                self._asked = False
                closed = self._closed
                if not closed and answer is not None:
                    # Before another may be asked, whose answer is newer.
                    self.answer = answer
        if not closed:
            self._tell()


class Records(NamedTuple):
    """How the screens come to the history.

    ``opened`` opens it, and raises :class:`~synthtop.history.problem.HistoryError`; ``now`` says the epoch
    second, ``start`` is as in :class:`Asking`. ``zone`` is where the times of day that are shown are of;
    None: where this host is.
    """

    opened: Callable[[], AbstractContextManager[Reader]]
    now: Callable[[], float] = time.time
    start: Callable[[Callable[[], None]], None] = in_a_thread
    zone: tzinfo | None = None

    def asking(self, question: Callable[[Reader, float], T], tell: Callable[[], None]) -> Asking[T]:
        """Ask this of the history, opened anew each time, and of the present epoch second."""

        def asked() -> T:
            with self.opened() as history:
                return question(history, self.now())

        return Asking(asked, tell, self.start)


def records_at(path: str | None) -> Records:
    """Those of the file at ``path``; None: there is nowhere to keep one."""

    def opened() -> AbstractContextManager[Reader]:
        if path is None:
            raise HistoryError(NOWHERE)
        # Here and not above: SQLite takes its time, and is in nobody's way before a history is looked at.
        from .reading import History

        return History(path)

    return Records(opened)
