"""dsynth's result lists in the logs directory: what started, what was built, what was not and why.

Each line is one write, not buffered: what stands in a list has happened, also after a crash.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from contextlib import suppress

from ..formats import results
from ..formats.results import padded
from ..model import LogKind, Snapshot

ALL = "00_last_results.log"
LISTS = {
    LogKind.BUILT: "01_success_list.log",
    LogKind.FAILED: "02_failure_list.log",
    LogKind.IGNORED: "03_ignored_list.log",
    LogKind.SKIPPED: "04_skipped_list.log",
}


class ResultLogs:
    """The five lists of one build, emptied when it starts; ``resumed``, it keeps the one of what was built.

    A consumer too: throttle changes and notes come from the snapshots. A list that cannot be
    written is reported once through ``report``; the build goes on, and so do the other lists.
    """

    def __init__(
        self,
        directory: str,
        report: Callable[[str], None],
        ours: Callable[[], bool] = lambda: True,
        *,
        resumed: bool = False,
    ) -> None:
        """Opens and empties the lists in ``directory``. OSError where that fails.

        ``ours()`` says whether the directory is still this build's: lists are begun anew only then.
        """
        self._report = report
        self._ours = ours
        self._broken: set[str] = set()
        self._seen = 0
        self._directory = directory
        self._kept = LISTS[LogKind.BUILT] if resumed else None
        self._lock = threading.Lock()  # lines come from the runner's thread and from the pulse's
        self._files: dict[str, int] = {}
        try:
            for name in (ALL, *LISTS.values()):
                self._files[name] = self._opened(name)
        except OSError:
            self.close()
            raise

    def _opened(self, name: str) -> int:
        # A FIFO that nobody reads must not hold the build up.
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        if name != self._kept:
            flags |= os.O_TRUNC
        return os.open(os.path.join(self._directory, name), flags, 0o644)

    def write(self, kind: LogKind, text: str) -> None:
        """Append ``text`` to the list of everything, and to the list of its ``kind`` if it has one."""
        line = padded(text)
        self._append(ALL, line)
        if kind in LISTS:
            self._append(LISTS[kind], line)

    def _append(self, name: str, line: bytes) -> None:
        try:
            with self._lock:
                written = os.write(self._files[name], line)
                if written < len(line):
                    self._take_back(self._files[name], written)
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            if name not in self._broken:
                self._broken.add(name)
                self._report(f"{name} cannot be written ({error.strerror}); it will miss lines")
        else:
            if name in self._broken:
                self._broken.remove(name)
                self._report(f"{name} is written again")

    @staticmethod
    def _take_back(file: int, written: int) -> None:
        """Half a line would make the next one unreadable too."""
        with suppress(OSError):
            os.ftruncate(file, os.fstat(file).st_size - written)

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Write the throttle changes, stalls and notes since the last snapshot."""
        self._begin_anew()
        log = snapshot.log
        fresh = []
        for index in range(len(log) - 1, -1, -1):
            line = log[index]
            if line.seq <= self._seen:
                break
            fresh.append(line)
        for line in reversed(fresh):
            self._seen = line.seq
            if line.kind in (LogKind.THROTTLE, LogKind.STALLED):
                self._append(ALL, padded(line.text))
            elif line.kind is LogKind.NOTE and line.slot is None:  # those of a slot are written at once
                self._append(ALL, padded(results.note_line(None, line.text)))

    def _begin_anew(self) -> None:
        """Open lists again that somebody removed: what is written to them would be lost."""
        if not self._ours():
            return
        removed = [name for name, file in self._files.items() if not os.fstat(file).st_nlink]
        with self._lock, suppress(OSError):  # where it is not to be had yet, the next second may bring it
            for name in removed:
                os.makedirs(self._directory, exist_ok=True)
                fresh = self._opened(name)
                os.dup2(fresh, self._files[name], inheritable=False)
                os.close(fresh)
        if removed and all(os.fstat(self._files[name]).st_nlink for name in removed):
            self._report(f"{', '.join(removed)} had been removed: begun anew")

    def close(self) -> None:
        """Close the lists. Idempotent."""
        files, self._files = self._files, {}
        for descriptor in files.values():
            with suppress(OSError):
                os.close(descriptor)
