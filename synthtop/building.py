"""Everything of one build of our own but how it is shown: opened, run, and taken apart in order.

What stores, tells or remembers it is put together here. Nothing of that can stop the build.
"""

from __future__ import annotations

import enum
import io
import os
import socket
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from . import aside
from .collector import Collector
from .config import GRACE, Settings
from .eta.estimator import Estimator
from .eta.expected import weights
from .eta.past import NO_PAST
from .history.loading import Loading
from .history.place import history_file
from .history.recorder import RECORDED_AGAIN, Recorder
from .model import BuildState, Source, SourceKind, Stopping
from .monitor import MonitorSink
from .notice import notices_for
from .plain import write_summary
from .probes import Probe
from .protocols import Consumer
from .run.job import Workplace
from .run.logsdir import LogsDirectory
from .run.outlook import Outlook
from .run.package import Plan
from .run.plan import check_values
from .run.processes import Processes
from .run.queue import Queue, order_named
from .run.resume import begin, resumed
from .run.runner import Runner
from .run.space import SpaceWatch
from .units import MAX_WORKERS

if TYPE_CHECKING:
    from .run.guard import ScreenFlag


_PATIENCE = 5.0
"""Seconds for which an estimate waits for what packages took before: a disk that hangs is no reason to have
none."""


class Resuming(enum.Enum):
    """What an earlier run in the logs directory is asked for."""

    BUILT = "built"
    """What it has built is left out."""
    FAILED = "failed"
    """Only what has failed in it is built, with what that needs."""


def workers_of(plan: Plan, settings: Settings) -> int:
    """How many slots a build of ``plan`` has."""
    return min(settings.workers or plan.workers or os.cpu_count() or 1, MAX_WORKERS)


def logs_of(plan: Plan, settings: Settings) -> str:
    """The logs directory of a build of ``plan``."""
    return os.path.abspath(settings.logs or os.path.join("synthtop-logs", plan.name))


@dataclass(frozen=True, slots=True)
class Host:
    """What a build needs from around it; tests inject each.

    ``orphaned()`` says that the guard is gone; ``screen`` tells the guard what the terminal shows.
    """

    probe: Probe | None
    screen: ScreenFlag
    orphaned: Callable[[], bool]


class Building:
    """Making one opens everything and builds nothing; :meth:`start` is called once, then :meth:`run`.

    ``resuming`` says what of an earlier run here is left out. OSError, MonitorError, LogsBusy, ResumeError or
    NothingFailed where the logs directory or a monitor file cannot be had; what was
    opened before is then let go of. ``ring`` is the terminal's bell. ``complaints`` are what is to be said
    once the terminal is free, ``crashed`` whether a defect of ours ended the build.
    """

    def __init__(
        self,
        plan: Plan,
        settings: Settings,
        host: Host,
        ring: Callable[[], None],
        resuming: Resuming | None = None,
    ) -> None:
        self.complaints: list[str] = []
        self._of_history: list[str] = []
        self.crashed = False
        with ExitStack() as opened:
            self._open(plan, settings, host, ring, resuming, opened)
            opened.pop_all()

    def _open(
        self,
        plan: Plan,
        settings: Settings,
        host: Host,
        ring: Callable[[], None],
        resuming: Resuming | None,
        opened: ExitStack,
    ) -> None:
        workers = workers_of(plan, settings)
        logs = logs_of(plan, settings)
        work = plan.workdir or os.path.join(logs, "work")
        check_values(plan, logs=logs, workdir=work)
        self.logs = LogsDirectory(logs)
        opened.callback(self.logs.close)
        before = None
        if resuming is not None:  # read with the lock held: nobody else writes there now
            before = resumed(logs, plan, only_failed=resuming is Resuming.FAILED)
            plan = before.plan
        queue = Queue(plan.packages, order_named(settings.order))
        here = socket.gethostname()
        kept = history_file(os.environ)
        origins = [package.origin for package in plan.packages]
        # It asks after the first snapshot only: there is somebody to tell by then what cannot be read.
        estimator = Estimator(Outlook(plan, queue), lambda: past.get(_PATIENCE) or NO_PAST)
        self.collector = Collector(
            workers,
            throttle=settings.throttle or "step",
            probe=host.probe,
            estimator=estimator,
            source=Source(SourceKind.RUN, host=here, name=plan.name, logs=logs),
            stalled_after=settings.stalled_after,
        )
        past = Loading(kept, origins, here, self._report)
        notices = notices_for(settings, ring, self._report, lambda: self.runner.asked is Stopping.KILLING)
        history = None if settings.no_history else Recorder(kept, self._report_history, own=True, host=here)
        self._space = SpaceWatch((logs, work), self.collector.record_space, least=settings.low_space)
        sink: MonitorSink | None = None
        if not settings.no_monitor:
            sink = MonitorSink.of_build(plan.name, os.environ, settings.monitor, self.collector.log)
            opened.callback(sink.close)
        lists = begin(self.logs, plan, before, self.collector.log)
        place = Workplace(
            logs=logs,
            work=work,
            directory=plan.directory,
            env=dict(os.environ),
            jobs=plan.jobs or max(1, (os.cpu_count() or 1) // workers),
            timeout=settings.timeout,
            grace=GRACE if settings.grace is None else settings.grace,
        )
        by_time = order_named(settings.order) == "time"
        self._layer = Processes(workers)
        self.runner = Runner(
            plan,
            queue,
            self.collector,
            place,
            self._layer,
            lists,
            fail_fast=bool(settings.fail_fast),
            retry=settings.retry or 0,
            # Where nobody heeds them, nobody waits for them.
            weights=partial(self._weights, past, origins) if by_time else lambda patience: None,
            resumed=before,
            orphaned=host.orphaned,
            spare=aside.groups,
        )
        # The last that was added is closed first: who has to wait for something is to hold up nobody.
        self._consumers: Sequence[Consumer | None] = (notices, history, lists, sink, estimator)

    def _weights(self, past: Loading, origins: Sequence[str], patience: float) -> Sequence[float] | None:
        """What packages are expected to take, by place; None as long as that is not known."""
        try:
            known = past.get(patience)
            return None if known is None else weights(known, origins)
        except Exception as error:  # noqa: BLE001  (in the runner's thread: an order is not worth a build)
            self._report(f"the order by time failed: {type(error).__name__}: {error}")
            return [1.0] * len(origins)

    def _report(self, complaint: str) -> None:
        self.collector.log(complaint)
        self.complaints.append(complaint)

    def _report_history(self, news: str) -> None:
        """Of what comes and goes while it is recorded, the last counts at the end."""
        self.collector.log(news)
        self.complaints[:] = [one for one in self.complaints if one not in self._of_history]
        self._of_history = [news] if news != RECORDED_AGAIN else []
        self.complaints += self._of_history

    def start(self, *others: Consumer | None) -> None:
        """Take a snapshot a second from now on, for all that store it and for ``others``."""
        for consumer in (*self._consumers, *others):
            if consumer is not None:
                self.collector.add_consumer(consumer)
        self.collector.start()
        self._space.start()

    def run(self) -> None:
        """The build and its end: returns when every file is closed."""
        try:
            self.runner.run()
            self.collector.finish(self.runner.state)
        except BaseException:  # noqa: BLE001  (told at the end; the status is 70)
            self.collector.finish(BuildState.INTERRUPTED)
            self._tell_crash()
        for part in (
            self._space.close,
            self.collector.close,
            self._write_summary,
            self._layer.close,
            self.logs.close,
        ):
            try:
                part()
            except Exception:  # noqa: BLE001  (as above: the others have their end too)
                self._tell_crash()

    @property
    def ended_by_itself(self) -> bool:
        """Whether nobody asked for the end, but perhaps the first failure, as ``--fail-fast`` wants it."""
        stage = self.runner.stage
        return stage is None or (stage is Stopping.DRAINING and self.runner.failed_fast)

    def _tell_crash(self) -> None:
        self.crashed = True
        self.complaints.append(f"internal error, the build was stopped:\n{traceback.format_exc()}")

    def _write_summary(self) -> None:
        text = io.StringIO()
        write_summary(text, self.collector.snapshot())
        try:
            self.logs.write("summary.txt", text.getvalue())
        except OSError as error:
            self.complaints.append(f"{self.logs.path}/summary.txt cannot be written: {error.strerror}")
