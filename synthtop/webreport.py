"""Keeps the directory that dsynth's web page reads."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from .formats import FormatError, report
from .keeping import Locked
from .model import FINISHED_KEPT, Finished, Snapshot
from .pidlock import LockState, look
from .replacing import check_replaceable, remove_leftovers, replace_file
from .targets import MonitorBusy, MonitorError, Target
from .trends import starts_differ

EVERY = 10
"""Seconds of the build between two writes, as dsynth has it."""
_HISTORY = re.compile(r"[0-9]{2,}_history\.json")


class _History(NamedTuple):
    """How far the numbered files are: how many, what is in those before the last one and in that, its size in
    bytes, and the package that was written last, with its place among the finished ones then."""

    files: int = 0
    before: int = 0
    entries: tuple[Finished, ...] = ()
    size: int = 0
    last: Finished | None = None
    place: int = 0


def _after(finished: Sequence[Finished], last: Finished | None) -> list[Finished]:
    """What comes after the last one known; it is looked for from the end, since old ones may be let go."""
    news: list[Finished] = []
    for index in range(len(finished) - 1, -1, -1):
        if finished[index] is last:
            break
        news.append(finished[index])
    return news[::-1]


def _is_report(data: bytes) -> bool:
    with suppress(FormatError):
        report.decode(data, now=0.0)
        return True
    return False


class ReportPlace(Locked):
    """The directory that dsynth's web page reads: a summary, and the finished packages in numbered files.

    It is made where it is missing. Each file is replaced in one step, the summary after what it counts.
    """

    def __init__(self, target: Target, patience: float) -> None:
        directory = target.path
        try:
            with suppress(FileExistsError):
                os.mkdir(directory, 0o755)
        except OSError as error:
            raise MonitorError(f"{directory} cannot be made: {error.strerror}") from error
        if not os.path.isdir(directory):
            raise MonitorError(f"{directory} is no directory: expected one for a report")
        self._builders = os.path.join(os.path.dirname(os.path.abspath(directory)), "stats", "monitor.lk")
        self._check_free(directory)
        self._summary = os.path.join(directory, "summary.json")
        check_replaceable(self._summary, _is_report)
        super().__init__((target,), patience)
        remove_leftovers(self._summary)
        self._begin(None)

    def _check_free(self, directory: str) -> None:
        """MonitorBusy while dsynth itself builds, and writes there."""
        state, builder = look(self._builders)
        # Ours where we keep dsynth's file there too.
        if state is LockState.HELD and (builder is None or builder.pid != os.getpid()):
            raise MonitorBusy(directory, builder.pid if builder else None)

    def hold(self) -> None:
        """As above; MonitorBusy too where dsynth has begun since."""
        self._check_free(self.targets[0].path)
        super().hold()

    def _begin(self, started: float | None) -> None:
        """Another build: nothing of it is written yet."""
        self._started = started
        self._written_at: int | None = None
        self._history = _History()

    def write(self, snapshot: Snapshot) -> None:
        if snapshot.over and self.told:
            return
        self.hold()
        if starts_differ(self._started, snapshot.started) or self._read_anew(snapshot.finished):
            self._begin(snapshot.started)
        self._started = snapshot.started
        elapsed = snapshot.elapsed or 0
        due = self._written_at is None or not 0 <= elapsed - self._written_at < EVERY
        if not (due or snapshot.over):
            return
        self._written_at = None  # due again if this write fails
        if not self._history.files:
            self._remove_history()
        self._history = self._with_news(snapshot.finished)
        replace_file(self._summary, report.encode(snapshot, self._history.files))
        self._written_at = elapsed
        if snapshot.over:
            self.close()

    def _read_anew(self, finished: Sequence[Finished]) -> bool:
        """Whether what was written last is not where it was among ``finished``: its source was read from the
        beginning again, has another build that does not say when it began, or builds something again."""
        last, place = self._history.last, self._history.place
        if last is None or (place < len(finished) and finished[place] is last):
            return False
        # Of so many the oldest may have been let go: as long as it is there, what follows is new.
        return place < FINISHED_KEPT or not any(package is last for package in reversed(finished))

    def _with_news(self, finished: Sequence[Finished]) -> _History:
        """Write what has ended since the last time; how the files stand then."""
        history = self._history
        files, before, entries, size = history.files, history.before, list(history.entries), history.size
        news = _after(finished, history.last)
        for package in news:
            if not files or size > report.HISTORY_BYTES:
                if files:
                    self._write_file(files, before, entries)
                files, before, entries, size = files + 1, before + len(entries), [], 0
            entries.append(package)
            size += len(report.encode_history(before + len(entries), [package]))
        if not news:
            return history
        self._write_file(files, before, entries)
        return _History(files, before, tuple(entries), size, news[-1], len(finished) - 1)

    def _write_file(self, number: int, before: int, entries: Sequence[Finished]) -> None:
        path = os.path.join(self.targets[0].path, f"{number:02d}_history.json")
        replace_file(path, report.encode_history(before + 1, entries))

    def _remove_history(self) -> None:
        """Remove the finished packages of an earlier build."""
        directory = self.targets[0].path
        with os.scandir(directory) as entries:
            for entry in entries:
                if _HISTORY.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                    os.unlink(entry.path)

    def close(self) -> None:
        self.let_go()
