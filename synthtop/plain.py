"""The build as plain text: a line every five seconds and one for each event.

For pipes, logs and dumb terminals. Whoever owns the thread calls :meth:`PlainView.show`; snapshots
only wake it, so that a reader that does not read holds up nothing but this text.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import TextIO

from .lines import summary_lines
from .model import Finished, LogKind, LogLine, Outcome, Snapshot, hms
from .text import clean, decode

STATUS_EVERY = 5
"""Seconds of the build between two status lines."""
EXCERPT_LINES = 20
_EXCERPT_BYTES = 64 * 1024


def status_line(snapshot: Snapshot) -> str:
    """``[00:15:43] Load 3.24/4.00 Swap 2% Rate 24.3/hr Built 38 Failed 2``; what is unknown is ``-``."""
    host = snapshot.host
    load = "-" if host.load is None else f"{host.load:.2f}"
    cores = "-" if host.ncpus is None else f"{host.ncpus:.2f}"
    swap = "-" if host.swap_pct is None else f"{host.swap_pct:.0f}%"
    rate = "-" if snapshot.rate is None else f"{snapshot.rate:.1f}/hr"
    totals = snapshot.totals
    line = (
        f"[{hms(snapshot.elapsed)}] Load {load}/{cores} Swap {swap} Rate {rate} "
        f"Built {totals.built} Failed {totals.failed}"
    )
    if snapshot.throttled:
        line += f" [throttled to {snapshot.dynmax}/{snapshot.max_workers}: {snapshot.reason}]"
    if snapshot.stopping is not None:
        line += f" [{snapshot.stopping}: {snapshot.active} running]"
    return line


def excerpt(path: str) -> list[str]:
    """The last 20 lines of the log at ``path``, made safe; why they cannot be read, otherwise."""
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _EXCERPT_BYTES))
            data = file.read(_EXCERPT_BYTES)
    except OSError as error:
        return [f"(cannot be read: {error.strerror})"]
    return [decode(line.rstrip(b"\r")) for line in data.rstrip(b"\n").split(b"\n")[-EXCERPT_LINES:]]


class PlainView:
    """A consumer that writes what happened since it last wrote."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._latest: Snapshot | None = None
        self._lost = False
        self._seen = 0
        self._next_status = 0

    def on_snapshot(self, snapshot: Snapshot) -> None:
        with self._news:
            self._latest = snapshot
            self._news.notify()

    def close(self) -> None:
        """Nothing to let go of: the last snapshot says that the build is over."""

    def show(self, out: TextIO) -> None:
        """Write to ``out`` until the build is over. OSError when ``out`` takes no more.

        Called again with another ``out``, it goes on where it was.
        """
        shown: Snapshot | None = None
        while shown is None or not shown.over:
            with self._news:
                # A time limit, so that a signal's handler gets its turn in the main thread.
                while self._latest is shown:
                    self._news.wait(0.5)
                snapshot = self._latest
            assert snapshot is not None
            for line in self._fresh(snapshot):
                out.write(line + "\n")
            out.flush()
            shown = snapshot
        for line in summary_lines(shown, 80):
            out.write(line + "\n")
        out.flush()

    def _fresh(self, snapshot: Snapshot) -> Iterator[str]:
        log = snapshot.log
        first = len(log)
        while first > 0 and log[first - 1].seq > self._seen:
            first -= 1
        for line in log[first:]:
            self._seen = line.seq
            yield f"[{hms(line.at)}] {clean(line.text)}"
            if line.kind is LogKind.FAILED and (failed := _failure(snapshot, line)) is not None:
                yield from _explained(failed)
        elapsed = snapshot.elapsed or 0
        if elapsed >= self._next_status or snapshot.over:
            self._next_status = elapsed - elapsed % STATUS_EVERY + STATUS_EVERY
            yield status_line(snapshot)


def _failure(snapshot: Snapshot, line: LogLine) -> Finished | None:
    """The package that the event line is about."""
    finished = snapshot.finished
    for index in range(len(finished) - 1, -1, -1):
        package = finished[index]
        if package.at < line.at:
            return None
        if package.outcome is Outcome.FAILED and package.slot == line.slot and package.at == line.at:
            return package
    return None


def _explained(package: Finished) -> Iterator[str]:
    if package.reason is not None:
        yield f"    {clean(package.reason)} in phase {clean(package.phase or '-')}"
    if package.log is not None:
        yield f"    {clean(package.log)}, its last lines:"
        for text in excerpt(package.log):
            yield f"    | {text}"
