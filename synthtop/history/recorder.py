"""A consumer that records every build it is shown in the history, in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from ..model import Snapshot, SourceKind
from .filing import Filed, Filing, Writing
from .problem import HistoryError
from .recording import Recording
from .told import start_of

MOST_LEFT = 16
"""Builds that are shown no more and wait to be written: who changes that often cares for none of them."""
_AT_THE_END = 2.0
"""Seconds that the last of it may take."""
_FIRST = 1.0
"""Seconds from the first time that a build is written to the second; the pauses grow with it."""
_START_UNSURE = frozenset((SourceKind.DSYNTH,))
"""Kinds of sources that only say how long ago a build began, in a file of which nobody knows when it was
written: of one that is over, the start is anybody's guess."""

RECORDED_AGAIN = "history: all of it is recorded now"
"""Told when what could not be written is."""

OpenWriter = Callable[[str, Callable[[str], None]], Writing]
"""Opens the history at a path; what is to be said of it is told."""


class Recorder:
    """Records builds in the history at ``path``; where that is None, nothing is.

    ``own`` says that this process builds them: what is recorded by who builds it is not written by those who
    watch it. ``host`` is this one's name, for sources that don't say theirs. A build is written at once when
    it is seen first and when it is over, and meanwhile ever more rarely, at last every ``every`` seconds.
    Nobody waits for that: what goes wrong is told ``report``, once until it works again, and tried again.

    ``clock`` is monotonic and ``wall`` epoch seconds; ``writer`` opens what is written to.
    """

    def __init__(
        self,
        path: str | None,
        report: Callable[[str], None],
        *,
        own: bool,
        host: str,
        every: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        writer: OpenWriter | None = None,
    ) -> None:
        self._path = path
        self._report = report
        self._own, self._host = own, host
        self._every = every
        self._clock, self._wall = clock, wall
        self._open_writer = writer or _open_writer
        self._changed = threading.Condition()  # guards what follows, recordings too
        self._current: Recording | None = None
        self._left: list[Recording] = []
        self._due = self._closing = False
        self._asked_at = self._began_at = 0.0
        self._pause = _FIRST
        self._thread: threading.Thread | None = None
        # What only its thread uses:
        self._troubled = False
        self._anew = False

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Take what it says, in a few microseconds."""
        if self._closing:
            return
        now = self._clock()
        with self._changed:
            due = snapshot.is_build and self._take(snapshot, now)
            if due or (self._current is not None and not 0 <= now - self._asked_at < self._pause):
                self._pause = min(self._every, max(_FIRST, now - self._began_at))
                self._asked_at = now
                self._due = True
                self._changed.notify_all()
                self._begin()

    def _take(self, snapshot: Snapshot, now: float) -> bool:
        """Whether it is to be written at once."""
        started = start_of(snapshot)
        if started is None:
            return False
        recording, kind = self._current, snapshot.source.kind
        if recording is not None and recording.continues_with(snapshot):
            return recording.take(snapshot, self._wall())
        self._leave()
        if (snapshot.lost or snapshot.over) and kind in _START_UNSURE:
            return bool(self._left)
        self._current = recording = Recording(snapshot, started)
        recording.take(snapshot, self._wall())
        self._asked_at = self._began_at = now
        self._pause = _FIRST
        # Of a synthtop's build the JSON comes in a moment, and says better whose it is.
        return kind is not SourceKind.TEXT or bool(self._left)

    def _leave(self) -> None:
        recording, self._current = self._current, None
        if recording is not None:
            recording.leave()
            self._left.append(recording)
            del self._left[:-MOST_LEFT]

    def _begin(self) -> None:
        if self._thread is None:
            # A daemon: a program ends although a disk hangs.
            self._thread = threading.Thread(target=self._run, name="synthtop-history", daemon=True)
            self._thread.start()

    # -- in the thread ----------------------------------------------------------------------------

    def _run(self) -> None:
        path = self._path
        if path is None:
            self._report("history: neither XDG_STATE_HOME nor HOME is set: nothing is recorded")
            return
        filing = Filing(lambda: self._open_writer(path, self._tell), own=self._own, here=self._host)
        filed: dict[Recording, Filed] = {}
        closing = False
        while not closing:
            with self._changed:
                self._changed.wait_for(lambda: self._due or self._closing)
                self._due, closing = False, self._closing
                if closing:
                    self._leave()
                recordings = [*self._left, *([] if self._current is None else [self._current])]
            filed = {recording: filed.get(recording) or Filed(recording) for recording in recordings}
            self._file(filing, filed, last=closing)
        filing.close()

    def _file(self, filing: Filing, filed: dict[Recording, Filed], *, last: bool) -> None:
        """Write what is new of all, oldest first; and all again where another file has been begun."""
        try:
            again = self._anew
            for recording, file in filed.items():
                self._file_one(filing, recording, file, again)
            if again is not self._anew:
                for recording, file in filed.items():
                    self._file_one(filing, recording, file, True)
            self._anew = False
            if self._troubled:
                self._troubled = False
                self._report(RECORDED_AGAIN)
        except HistoryError as error:
            self._complain(str(error), filed, last)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is told and tried again)
            self._complain(f"internal error: {type(error).__name__}: {error}", filed, last)

    def _file_one(self, filing: Filing, recording: Recording, file: Filed, again: bool) -> None:
        with self._changed:
            heard = recording.heard(all_again=again)
        if filing.file(file, heard, all_again=again):
            with self._changed:
                heard = recording.heard(all_again=True)
            filing.file(file, heard, all_again=True)
        with self._changed:
            recording.wrote(heard)
            # One that was left meanwhile has to be written as such.
            if heard.left and recording in self._left:
                self._left.remove(recording)

    def _complain(self, why: str, filed: dict[Recording, Filed], last: bool) -> None:
        if self._troubled and not last:
            return
        self._troubled = True
        count = sum(len(file.unwritten) for file in filed.values())
        what = "a package is" if count == 1 else f"{count} packages are" if count else "the build is"
        self._report(f"history: {why}: {what} not recorded{'' if last else ' yet'}")

    def _tell(self, news: str) -> None:
        self._anew = True  # what was written before is in another file
        self._report(f"history: {news}")

    # -- its end ----------------------------------------------------------------------------------

    def close(self) -> None:
        """Record the last of it, for two seconds at most. Idempotent."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            if self._current is not None:
                self._begin()
        if self._thread is not None:
            self._thread.join(_AT_THE_END)
            if self._thread.is_alive():
                self._report(f"history: {self._path} does not answer: the last of the build is not recorded")


def _open_writer(path: str, tell: Callable[[str], None]) -> Writing:
    # Only now: SQLite is not to be loaded on the way to the first frame. Some systems have it in a package
    # of its own.
    try:
        from .writing import Writer
    except ImportError as error:
        raise HistoryError(f"this Python has no SQLite: {error}") from error
    return Writer(path, tell=tell)
