"""Writes what was recorded of builds, for as long as there is a history that can be written."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from . import told
from .problem import HistoryError
from .record import Minute, PackageRecord, Run
from .recording import Heard, Recording, Unwritten

BATCH = 1000
"""Packages in one transaction: others want to write too, and this process has a build to look after."""


class Writing(Protocol):
    """See :class:`~synthtop.history.writing.Writer`."""

    def begin(self, run: Run) -> Run: ...
    def write(self, run: Run, packages: Sequence[PackageRecord], minutes: Sequence[Minute]) -> None: ...
    def close(self) -> None: ...


class Filed:
    """What is written of the build of ``recording``, and what is not. ``refused``: nothing is to be."""

    def __init__(self, recording: Recording) -> None:
        self.started = recording.started
        self.refused = recording.doubtful and _is_file(recording.path)
        self.unwritten = Unwritten()
        self.found: Run | None = None
        self.written: Run | None = None


class Filing:
    """Writes into the history that ``open_writer()`` opens, when it is needed. In one thread.

    ``own`` says that the builds are those of this process: what these record themselves is not written by
    anybody else. ``here`` is this host's name.
    """

    def __init__(self, open_writer: Callable[[], Writing], *, own: bool, here: str) -> None:
        self._open_writer = open_writer
        self._own, self._here = own, here
        self._writer: Writing | None = None

    def file(self, filed: Filed, heard: Heard, *, all_again: bool = False) -> bool:
        """Write what is new, with ``all_again`` what is not. Whether that is another run than before, as
        somebody removed that one: then all of it is to be written again. HistoryError where it cannot be: it
        may be tried again."""
        if filed.refused:
            return False
        unwritten = filed.unwritten
        unwritten.take(heard.snapshot.finished)
        if all_again:
            unwritten.take_again()
        run = told.run_of(
            heard.snapshot,
            filed.started,
            own=self._own,
            here=self._here,
            updated=heard.updated,
            peak_rate=heard.peak_rate,
            peak_load=heard.peak_load,
            left=heard.left and not self._own,
        )
        if run == filed.written and not unwritten and not all_again:
            return False
        writer = self._writer
        if writer is None:
            writer = self._writer = self._open_writer()
        # What others write too is looked at each time: who builds it may have begun to record it meanwhile.
        before = found = filed.found
        if found is None or not self._own:
            found = filed.found = writer.begin(run)
            if found.own and not self._own:
                filed.refused = True
                return False
            if before is not None and before.id != found.id and not all_again:
                return True
        there = run._replace(id=found.id, path=found.path, logs=found.logs, started=found.started)
        minutes = [told.minute_of(*minute) for minute in reversed(heard.minutes)]
        _write_all(writer, there, unwritten, minutes)
        filed.written = run
        return False

    def close(self) -> None:
        """Let go of the history."""
        writer, self._writer = self._writer, None
        if writer is not None:
            with suppress(HistoryError):  # nothing was written that had not been before
                writer.close()


def _write_all(writer: Writing, run: Run, unwritten: Unwritten, minutes: Sequence[Minute]) -> None:
    while True:
        writer.write(run, unwritten.first(BATCH, run.started), minutes)
        unwritten.wrote(BATCH)
        if not unwritten:
            return
        minutes = ()


def _is_file(path: str | None) -> bool:
    try:
        return path is not None and stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False
