"""The build as plain text: a line every five seconds and one for each event.

For pipes, logs and dumb terminals. Whoever owns the thread calls :meth:`PlainView.show`; snapshots
only wake it, so that a reader that does not read holds up nothing but this text.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import NamedTuple, TextIO

from .lines import eta_text, shown_eta
from .model import Finished, LogKind, LogLine, Outcome, Snapshot, hms
from .pages import alone
from .parts import joined
from .states import problem_told, space_told, state_parts
from .summary import summary_lines
from .text import clean
from .trends import starts_differ

STATUS_EVERY = 5
"""Seconds of the build between two status lines."""
_BACK = 2 * STATUS_EVERY
"""Seconds that a build's elapsed ones go back by at least where it is another build."""


def status_line(snapshot: Snapshot) -> str:
    """``[00:15:43] Load 3.24/4.00 Swap 2% Rate 24.3/hr Built 38 Failed 2 ETA 0h41 ±6m``; what is unknown is
    ``-``, but there is no ETA where nothing can be said.

    While there is no build, why that is, and where it would be.
    """
    if alone(snapshot):
        return _why_none(snapshot)
    host = snapshot.host
    load = "-" if host.load is None else f"{host.load:.2f}"
    cores = "-" if host.ncpus is None else f"{host.ncpus:.2f}"
    swap = "-" if host.swap_pct is None else f"{host.swap_pct:.0f}%"
    rate = "-" if snapshot.rate is None else f"{snapshot.rate:.1f}/hr"
    if snapshot.rate is None and snapshot.run_rate is not None:
        rate = f"{snapshot.run_rate:.1f}/hr (run)"
    totals = snapshot.totals
    line = (
        f"[{hms(snapshot.elapsed)}] Load {load}/{cores} Swap {swap} Rate {rate} "
        f"Built {totals.built} Failed {totals.failed}"
    )
    if (eta := shown_eta(snapshot)) is not None:
        line += f" {eta_text(eta)}"
    if snapshot.throttled:
        because = f": {snapshot.reason}" if snapshot.reason else ""
        line += f" [throttled to {snapshot.dynmax}/{snapshot.max_workers}{because}]"
    if snapshot.stalled:
        line += f" [{snapshot.stalled} stalled]"
    if space := space_told(snapshot):
        line += f" [{space}]"
    if snapshot.stopping is not None:
        line += f" [{snapshot.stopping}: {snapshot.active} running]"
    if snapshot.silent or snapshot.lost or problem_told(snapshot):
        line += f" [{joined(state_parts(snapshot))}]"
    return line


def _why_none(snapshot: Snapshot) -> str:
    line = joined(state_parts(snapshot))
    if snapshot.source.path is not None:
        line += f": {clean(snapshot.source.path)}"
    return line if snapshot.problem is None else f"{line}: {clean(snapshot.problem)}"


def write_summary(out: TextIO, snapshot: Snapshot) -> None:
    """Write to ``out`` how the build ended, laid out for 80 columns. OSError when ``out`` takes no more."""
    for line in summary_lines(snapshot, 80):
        out.write(line + "\n")
    out.flush()


class _Written(NamedTuple):
    """How far the text has come: the last event line, the build's second of the next status line, which
    build that was, and how it stood."""

    seq: int = 0
    next_status: int = 0
    begun: bool = False
    started: float | None = None
    stood: tuple[object, ...] | None = None

    def lines_to(self, snapshot: Snapshot) -> Iterator[str]:
        """What is to be written for ``snapshot``."""
        before = self._of(snapshot)
        log = snapshot.log
        first = len(log)
        while first > 0 and log[first - 1].seq > before.seq:
            first -= 1
        # What a log without times had before anybody looked is no news.
        old = not before.begun and snapshot.age is not None
        for line in log[first:]:
            if line.at is None and old:
                continue
            yield f"[{hms(line.at)}] {clean(line.text)}"
            if line.kind is LogKind.FAILED and (failed := _failure(snapshot, line)) is not None:
                yield from _explained(failed)
        if before._status_due(snapshot):
            yield status_line(snapshot)

    def and_then(self, snapshot: Snapshot) -> _Written:
        """How far it has come when ``snapshot`` is written too."""
        before = self._of(snapshot)
        next_status = before.next_status
        if before._status_due(snapshot) and not alone(snapshot):
            elapsed = snapshot.elapsed or 0
            next_status = elapsed - elapsed % STATUS_EVERY + STATUS_EVERY
        return _Written(
            snapshot.log[-1].seq if len(snapshot.log) else before.seq,
            next_status,
            before.begun or not alone(snapshot),
            before.started if snapshot.started is None else snapshot.started,
            _standing(snapshot),
        )

    def _of(self, snapshot: Snapshot) -> _Written:
        """The same, where ``snapshot`` is of another build as nothing is written of that."""
        back = snapshot.elapsed is not None and snapshot.elapsed + _BACK < self.next_status
        if back or starts_differ(self.started, snapshot.started):
            return _Written(begun=self.begun)
        if len(snapshot.log) and snapshot.log[-1].seq < self.seq:
            return self._replace(seq=0)
        return self

    def _status_due(self, snapshot: Snapshot) -> bool:
        news = _standing(snapshot) != self.stood
        if alone(snapshot) or (news and self.stood is not None):
            return news
        return (snapshot.elapsed or 0) >= self.next_status or snapshot.over


def _standing(snapshot: Snapshot) -> tuple[object, ...]:
    """How it stands, but for what has figures in it."""
    return snapshot.state, snapshot.silent, snapshot.problem is None


class PlainView:
    """A consumer that writes what happened since it last wrote."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._latest: Snapshot | None = None
        self._out: TextIO | None = None
        self._written = _Written()

    def on_snapshot(self, snapshot: Snapshot) -> None:
        with self._news:
            self._latest = snapshot
            self._news.notify_all()

    def close(self) -> None:
        """Nothing to let go of: the last snapshot says that the build is over."""

    def show(self, out: TextIO) -> None:
        """Write to ``out`` until the build is over. OSError when ``out`` takes no more.

        Called again with another ``out``, also from another thread, it goes on there with what has not
        been written, and the earlier call returns.
        """
        with self._news:
            self._out = out
            self._news.notify_all()
        shown: Snapshot | None = None
        while shown is None or not shown.over:
            snapshot = self._newer_than(shown, out)
            if snapshot is None:
                return
            for line in self._written.lines_to(snapshot):
                out.write(line + "\n")
            out.flush()
            with self._news:
                if self._out is not out:
                    return
                # Only now: what a terminal that is gone did not take is written again elsewhere.
                self._written = self._written.and_then(snapshot)
            shown = snapshot
        write_summary(out, shown)

    def _newer_than(self, shown: Snapshot | None, out: TextIO) -> Snapshot | None:
        """Wait for a newer snapshot than ``shown``; None once another ``out`` is written to."""
        with self._news:
            # A time limit, so that a signal's handler gets its turn in the main thread.
            while self._latest is shown and self._out is out:
                self._news.wait(0.5)
            return self._latest if self._out is out else None


def _failure(snapshot: Snapshot, line: LogLine) -> Finished | None:
    """The package that the event line is about."""
    finished = snapshot.finished
    for index in range(len(finished) - 1, -1, -1):
        package = finished[index]
        if package.at is not None and line.at is not None and package.at < line.at:
            return None
        # Several may fail in one slot within a second.
        named = f" {clean(package.origin)} " in line.text
        if named and package.outcome is Outcome.FAILED and package.slot == line.slot:
            return package
    return None


def _explained(package: Finished) -> Iterator[str]:
    if package.reason is not None:
        yield f"    {clean(package.reason)} in phase {clean(package.phase or '-')}"
    if package.log is None:
        return
    # Its hundred expressions take long to compile: not before there is a failure.
    from .errors.finding import find

    cause = find(package.log, phase=package.phase, reason=package.reason)
    which = "" if cause.rule is not None or cause.problem is not None else ", its last lines:"
    yield f"    {clean(package.log)}{which}"
    if cause.problem is not None:
        yield f"    | (cannot be read: {clean(cause.problem)})"
    for text in cause.lines:
        yield f"    | {text}"
