"""Builds a plan: keeps slots filled up to DynMax, and tells the collector and the result lists.

One thread runs it; :class:`Runner` is also the controls that the screen and the signal handlers use.
What a package does is ``job.py``, which one may start ``queue.py``.
"""

from __future__ import annotations

import errno
import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

from ..collector import Collector
from ..formats import results
from ..model import BuildState, LogKind, Outcome, Stopping, WorkerState
from .job import Due, End, Job, Workplace, command_of, not_started
from .package import Package, Phase, Plan
from .processes import JobLayer
from .queue import Queue, Skipped
from .resultlogs import ResultLogs

_STRENGTH = {None: 0, Stopping.DRAINING: 1, Stopping.STOPPING: 2, Stopping.KILLING: 3}
_LOOK_EVERY = 1.0
"""Seconds between two looks at the running jobs' logs and time limits."""
_LOOK_EVERY_STOPPING = 0.05
_TRY_AGAIN_AFTER = 5.0
"""Seconds until a package is started again that could have no log."""
_PASSES = frozenset(
    (
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EROFS,
        errno.EIO,
        errno.ESTALE,
        errno.ENOENT,
        errno.EACCES,
        errno.EMFILE,
    )
)
"""What is wrong with a disk or a directory, and not with one package."""
_PASSING = 32
"""How many packages that declare memory wait for it aside, so that others which declare none pass them."""


class Runner:
    """Runs the packages of ``plan`` in the slots of ``collector``.

    ``orphaned()`` says that whoever was to look after us is gone: the build is then stopped. After
    :meth:`run`, ``state`` says how it ended and ``stage`` how it was asked to, if it was.
    """

    def __init__(
        self,
        plan: Plan,
        queue: Queue,
        collector: Collector,
        place: Workplace,
        layer: JobLayer,
        lists: ResultLogs,
        *,
        fail_fast: bool = False,
        orphaned: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = BuildState.BUILDING
        self.stage: Stopping | None = None
        self.failed = 0
        self._plan = plan
        self._queue = queue
        self._collector = collector
        self._place = place
        self._layer = layer
        self._lists = lists
        self._fail_fast = fail_fast
        self._orphaned = orphaned
        self._clock = clock
        self._asked: Stopping | None = None
        self._jobs: dict[int, Job] = {}
        self._memory = 0
        self._aside: deque[Package] = deque()
        self._put_off: deque[Package] = deque()
        self._try_again = -math.inf
        self._no_logs = False
        self._nothing_fits = False
        self._next_look = 0.0
        self._stopping_since: float | None = None
        self._dying: list[Job] = []
        self._over = False
        self._holding = False
        self._held = threading.Event()
        self._released = threading.Event()

    # -- controls: from any thread, and from signal handlers --------------------------------------

    def drain(self) -> None:
        self._ask(Stopping.DRAINING)

    def stop(self) -> None:
        self._ask(Stopping.STOPPING)

    def kill(self) -> None:
        self._ask(Stopping.KILLING)

    def limit(self, workers: int | None) -> None:
        """At most this many, as far as there are slots: fewer than one is one, and all are no limit."""
        slots = self._collector.workers
        self._collector.hand_limit = None if workers is None or workers >= slots else max(1, workers)
        self._layer.wake()

    def _ask(self, stage: Stopping) -> None:
        if _STRENGTH[stage] > _STRENGTH[self._asked]:
            self._asked = stage
        self._layer.wake()

    def hold(self, patience: float = 1.0) -> None:
        """Stop all jobs and start nothing until :meth:`release`.

        Returns when they stand still, after ``patience`` seconds at the latest. Not for the runner's thread.
        """
        if self._over:
            return
        self._held.clear()
        self._released.clear()
        self._holding = True
        self._layer.wake()
        self._held.wait(patience)

    def release(self) -> None:
        """Let the jobs go on; the time that they were held counts for none of their limits."""
        self._holding = False
        self._released.set()

    def _stand_still(self) -> None:
        """Heed :meth:`hold`. In the runner's thread, so that nothing is being started meanwhile."""
        if not self._holding:
            return
        began = self._clock()
        left_by = [job.leader for job in self._dying if job.leader is not None]
        self._layer.suspend(left_by)
        self._held.set()
        self._released.wait()
        self._layer.resume(left_by)
        away = self._clock() - began
        for job in (*self._jobs.values(), *self._dying):
            job.was_held(away)
        if self._stopping_since is not None:
            self._stopping_since += away

    # -- the build ---------------------------------------------------------------------------------

    def run(self) -> None:
        """Build everything that can be built. Returns when no job runs any more."""
        try:
            self._leave_out_built()
            self._give_up_ignored()
            self._record_memory()
            self._build()
        finally:
            self._end_rest()
            self._over = True
            self._held.set()  # nothing runs any more: whoever holds us need not wait
        interrupted = self._queue.remaining > 0
        self.state = BuildState.INTERRUPTED if interrupted else BuildState.FINISHED

    def _build(self) -> None:
        while True:
            self._stand_still()
            self._heed()
            if self.stage is None:
                self._fill()
            if not self._jobs and not self._dying and (self.stage is not None or self._queue.done):
                return
            self._handle_ends()
            if (now := self._clock()) >= self._next_look:
                self._look(now)

    def _handle_ends(self) -> None:
        due = min(self._next_look, self._clock() + self._look_every)
        for pid, code in self._layer.wait(max(0.0, due - self._clock())):
            job = self._jobs.pop(pid, None)
            if job is not None:
                self._went_on(job, job.exited(code, self._clock()))

    @property
    def _look_every(self) -> float:
        return _LOOK_EVERY if self._asked is None and not self._dying else _LOOK_EVERY_STOPPING

    def _look(self, now: float) -> None:
        self._next_look = now + self._look_every
        dying, self._dying = self._dying, []
        for job in dying:
            self._went_on(job, job.linger(now))
        due: dict[Due, list[int]] = {Due.TERMINATE: [], Due.KILL: []}
        for pid, job in self._jobs.items():
            verdict = job.look(now)
            if verdict is not None:
                due[verdict].append(pid)
            self._collector.record_worker_update(
                job.slot, WorkerState.RUNNING, phase=job.phase, lines=job.lines
            )
        if due[Due.TERMINATE]:
            self._layer.terminate(due[Due.TERMINATE])
        if due[Due.KILL]:
            self._layer.kill(due[Due.KILL])
        self._stop_if_orphaned()

    def _stop_if_orphaned(self) -> None:
        if _STRENGTH[self._asked] < _STRENGTH[Stopping.STOPPING] and self._orphaned():
            self._collector.log("the guard process is gone: the build is stopped")
            self.stop()

    def _heed(self) -> None:
        """Do what was asked since the last time."""
        asked = self._asked
        if asked is None or asked is self.stage:
            return
        self.stage = asked
        self._next_look = 0.0
        self._collector.record_stopping(asked)
        self._collector.log(f"{asked}: {len(self._jobs)} running, nothing more starts")
        if asked is Stopping.DRAINING:
            return
        now = self._clock()
        if self._stopping_since is None:
            self._stopping_since = now
        for job in self._jobs.values():
            job.stop(now)
        if asked is Stopping.KILLING:
            for job in self._dying:
                job.hurry(now)
            self._layer.kill(self._jobs)
        elif self._jobs:
            self._layer.terminate(self._jobs)

    # -- before the first package -------------------------------------------------------------------

    def _leave_out_built(self) -> None:
        """Take out the packages whose ``skip_if`` succeeds; the others are queued as they are found."""
        asked = [package for package in self._plan.packages if package.ignore is None]
        self._collector.record_queued(len(self._plan.packages) - len(asked))
        built: list[str] = []
        queued = 0
        if self._plan.skip_if is not None:
            self._collector.log("looking for what is already built")
            for package, succeeded in self._answers(asked, self._plan.skip_if):
                if succeeded:
                    built.append(package.origin)
                else:
                    queued += 1
                    self._collector.record_queued(1)
            self._queue.drop(built)
            for origin in built:
                self._lists.write(LogKind.NOTE, results.already_built_line(origin))
            if self._asked is None:
                self._collector.log(f"already built: {len(built)} of {len(asked)}")
        self._collector.record_queued(len(asked) - len(built) - queued)

    def _answers(
        self, packages: list[Package], skip_if: str | tuple[str, ...]
    ) -> Iterator[tuple[Package, bool]]:
        """Each package with whether its ``skip_if`` succeeded, until somebody wants the build to end.

        As many are asked about at once as there are workers.
        """
        asking: dict[int, Package] = {}
        null = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        try:
            pending = iter(packages)
            while self._asked is None:
                self._stand_still()
                while len(asking) < self._collector.workers and (package := next(pending, None)) is not None:
                    argv, env = command_of(package, Phase("skip_if", skip_if, None), 0, self._place)
                    try:
                        asking[self._layer.spawn(argv, env, self._place.directory, null)] = package
                    except OSError as error:
                        self._collector.log(f"skip_if of {package.origin} {not_started(error)}")
                        yield package, False
                if not asking:
                    break
                for pid, code in self._layer.wait(_LOOK_EVERY):
                    answered = asking.pop(pid, None)
                    if answered is not None:
                        yield answered, code == 0
                self._stop_if_orphaned()
        finally:
            os.close(null)

    def _give_up_ignored(self) -> None:
        for package in self._plan.packages:
            if package.ignore is not None:
                blocks = self._queue.blocks(package.origin)
                skipped = self._queue.failed(package.origin)
                ignored = self._collector.record_completion(
                    package.origin, Outcome.IGNORED, reason=package.ignore, blocks=blocks
                )
                self._lists.write(LogKind.IGNORED, results.completion_line(ignored))
                self._give_up(skipped)

    # -- starts and ends ----------------------------------------------------------------------------

    def _fill(self) -> None:
        """Start packages while slots, DynMax and memory allow it."""
        while self._may_start():
            slot = self._collector.acquire_slot(0)
            if slot is None:
                break
            package = self._next_fitting()
            if package is None:
                # Until a package ends, another look finds the same: DynMax stays at what runs.
                self._nothing_fits = True
                self._collector.release_slot(slot)
                self._record_memory()
                break
            self._start(package, slot)

    def _may_start(self) -> bool:
        if self._holding or self._asked is not None or self._clock() < self._try_again:
            return False
        return bool(self._put_off or ((self._queue.ready or self._aside) and not self._nothing_fits))

    def _next_fitting(self) -> Package | None:
        """The next package whose memory is free; one that wants more than there is runs alone with its like.

        One that declares memory never passes another that waits for memory, else a big one would wait for
        ever: it waits aside, in its turn. Each package is set aside once at most.
        """
        if self._put_off:
            return self._put_off.popleft()
        if self._aside and self._fits(self._aside[0]):
            return self._aside.popleft()
        while len(self._aside) < _PASSING and (package := self._queue.pop()) is not None:
            if not package.memory or (not self._aside and self._fits(package)):
                return package
            self._aside.append(package)
        return None

    def _fits(self, package: Package) -> bool:
        target = self._plan.memory
        return target is None or not self._memory or self._memory + (package.memory or 0) <= target

    def _take_memory(self, package: Package) -> None:
        if package.memory:
            self._memory += package.memory
            self._record_memory()

    def _free_memory(self, package: Package) -> None:
        if package.memory:
            self._memory -= package.memory
        if package.memory or self._nothing_fits:
            self._nothing_fits = False
            self._record_memory()

    def _record_memory(self) -> None:
        if self._plan.memory is not None:
            self._collector.record_memory(self._memory, self._plan.memory, self._nothing_fits)

    def _start(self, package: Package, slot: int) -> None:
        now = self._clock()
        phase = package.phases[0].name
        try:
            job = Job(package, slot, self._place, self._layer, now)
        except OSError as error:
            if error.errno in _PASSES:
                self._wait_for_logs(package, slot, error)
            else:
                self._begin(package, slot)
                self._ended(package, slot, End(Outcome.FAILED, phase, not_started(error)))
            return
        if self._no_logs:
            self._no_logs = False
            self._collector.log("logs can be written again")
        self._begin(package, slot)
        self._collector.record_worker_update(slot, WorkerState.RUNNING, log=job.log)
        self._went_on(job, job.next_phase(now))

    def _begin(self, package: Package, slot: int) -> None:
        self._take_memory(package)
        self._lists.write(LogKind.START, results.start_line(slot, package.origin))
        self._collector.record_worker_update(
            slot, WorkerState.RUNNING, package.origin, package.phases[0].name, 0
        )

    def _wait_for_logs(self, package: Package, slot: int, error: OSError) -> None:
        """That there can be no log is not the package's fault: a full disk must not fail a whole tree."""
        self._put_off.append(package)
        self._try_again = self._clock() + _TRY_AGAIN_AFTER
        self._collector.release_slot(slot)
        if not self._no_logs:
            self._no_logs = True
            self._collector.log(f"no log can be begun ({error.strerror}): nothing starts until one can")

    def _went_on(self, job: Job, end: End | None) -> None:
        update = self._collector.record_worker_update
        update(job.slot, WorkerState.RUNNING, phase=job.phase, lines=job.lines)
        if end is None and job.pid is not None:
            self._jobs[job.pid] = job
        elif end is None:
            self._dying.append(job)
        elif job.stopped:
            self._free_memory(job.package)
            self._collector.release_slot(job.slot)
        else:
            self._ended(job.package, job.slot, end)

    def _ended(self, package: Package, slot: int, end: End) -> None:
        """Count a package's end and write it down, before anything that depends on it may start."""
        self._free_memory(package)
        blocks = 0
        skipped: list[Skipped] = []
        if end.outcome is Outcome.FAILED:
            self.failed += 1
            blocks = self._queue.blocks(package.origin)
            skipped = self._queue.failed(package.origin)
        ended = self._collector.record_completion(
            package.origin, end.outcome, slot=slot, reason=end.reason, phase=end.phase, blocks=blocks
        )
        self._lists.write(LogKind(end.outcome.value), results.completion_line(ended))
        self._give_up(skipped)
        if end.outcome is Outcome.BUILT:
            self._queue.built(package.origin)
        self._collector.release_slot(slot)
        if self.failed and self._fail_fast:
            self.drain()

    def _give_up(self, skipped: list[Skipped]) -> None:
        for origin, because in skipped:
            skipped_one = self._collector.record_completion(origin, Outcome.SKIPPED, reason=because)
            self._lists.write(LogKind.SKIPPED, results.completion_line(skipped_one))

    def _end_rest(self) -> None:
        """Whatever happened, leave no process behind: jobs, and what left their sessions."""
        if self._jobs:
            self._layer.kill(self._jobs)
        ended = self._clock()

        def deadline() -> float:
            self._heed()  # whoever waits for this may still ask for a quicker end
            if self.stage is Stopping.KILLING:
                return ended
            since = ended if self._stopping_since is None else min(ended, self._stopping_since)
            return since + self._place.grace

        count = self._layer.end_rest(deadline)
        if count and self.stage is None:
            self._collector.log(f"{count} processes that packages left running were ended")
