"""Builds a plan: keeps slots filled up to DynMax, and ends what is to be ended.

One thread runs it; :class:`Runner` is also the controls that the screen and the signal handlers use.
What a package does is ``job.py``, which one may start ``queue.py`` and ``memory.py``, what becomes of those
that ended ``endings.py``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence

from ..collector import Collector
from ..formats import results
from ..model import BuildState, Inside, LogKind, Outcome, Stopping, WorkerState
from . import tasks
from .already import leave_out_built
from .asking import Asked, EndPackage, Retry
from .endings import Endings
from .holding import Hold
from .job import Due, End, Job, Workplace, not_started
from .logsdir import LogTrouble
from .memory import MemoryQueue
from .package import Package, Plan
from .processes import JobLayer
from .queue import Queue
from .resultlogs import ResultLogs
from .resume import Resumed
from .usage import Leader
from .usagewatch import UsageWatch

_LOOK_EVERY = 1.0
"""Seconds between two looks at the running jobs' logs and time limits."""
_LOOK_EVERY_STOPPING = 0.05
_AT_THE_START = 0.5
"""Seconds that the first package waits for what packages took before."""
_BY_HAND = {Outcome.FAILED: "killed by hand", Outcome.IGNORED: "skipped by hand"}


class Runner:
    """Runs the packages of ``plan`` in the slots of ``collector``.

    ``orphaned()`` says that whoever was to look after us is gone: the build is then stopped. ``spare()`` are
    process groups that are not the build's, and no concern of its end. A package that fails is tried
    ``retry`` times more: only its last end counts. What ``resumed`` has built is left out. ``weights`` says
    how long each package may take, or waits so many seconds and says None: it is asked again then.

    After :meth:`run`, ``state`` says how it ended and ``stage`` how it was asked to, if it was;
    ``failed_fast`` says that a failure asked, by ``fail_fast``. A package that somebody killed by hand is no
    such failure.
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
        retry: int = 0,
        resumed: Resumed | None = None,
        weights: Callable[[float], Sequence[float] | None] = lambda patience: None,
        orphaned: Callable[[], bool] = lambda: False,
        spare: Callable[[], Collection[int]] = frozenset,
        table: Callable[[], Mapping[int, tasks.Task]] = tasks.table,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = BuildState.BUILDING
        self.stage: Stopping | None = None
        self.failed_fast = False
        self._plan = plan
        self._queue = queue
        self._collector = collector
        self._place = place
        self._layer = layer
        self._lists = lists
        self._fail_fast = fail_fast
        self._orphaned = orphaned
        self._spare = spare
        self._clock = clock
        self._asked = Asked(layer.wake)
        self._hold = Hold(layer, clock)
        self._memory = MemoryQueue(queue, plan.memory, collector.record_memory)
        self._endings = Endings(queue, collector, lists, retry)
        self._before: Collection[str] = () if resumed is None else resumed.built
        self._weights: Callable[[float], Sequence[float] | None] | None = weights
        self._leaders: Mapping[int, Leader] = {}  # another one at each change: others read it meanwhile
        self._usage = UsageWatch(lambda: self._leaders, collector.record_usage, table=table, clock=clock)
        self._jobs: dict[int, Job] = {}
        self._dying: list[Job] = []
        self._trouble = LogTrouble(collector.log, clock)
        self._next_look = 0.0
        self._stopping_since: float | None = None

    @property
    def failed(self) -> int:
        """How many packages have failed and were not retried since."""
        return len(self._endings.failed)

    @property
    def asked(self) -> Stopping | None:
        """How the build is to end by the strongest wish so far, heeded or not, and also after its end."""
        return self._asked.stage

    # -- controls: from any thread; those that end the build, and hold it, from signal handlers too ---

    def drain(self) -> None:
        self._asked.stop(Stopping.DRAINING)

    def stop(self) -> None:
        self._asked.stop(Stopping.STOPPING)

    def kill(self) -> None:
        self._asked.stop(Stopping.KILLING)

    def limit(self, workers: int | None) -> None:
        """At most this many, as far as there are slots: fewer than one is one, and all are no limit."""
        slots = self._collector.workers
        self._collector.hand_limit = None if workers is None or workers >= slots else max(1, workers)
        self._layer.wake()

    def end_package(self, slot: int, origin: str, outcome: Outcome) -> None:
        """End ``origin``, if it is still in ``slot``: it has failed, or is ignored (ValueError for others).

        Its processes are asked to, and killed after the grace time, or as soon as they are to be ended again.
        A package whose last phase ended well by itself before was built.
        """
        if outcome not in _BY_HAND:
            raise ValueError(f"{origin} cannot be made {outcome}: expected failed or ignored")
        self._asked.request(EndPackage(slot, origin, outcome))

    def retry(self, origins: Sequence[str]) -> None:
        """Queue those that have failed again, and what was skipped because of them alone.

        Nothing is, once the build is being ended, by ``fail_fast`` too.
        """
        if not self._asked.request(Retry(tuple(origins))):
            self._collector.log("retry: too late, the build has ended")

    def inside(self, slot: int) -> Inside | None:
        """What the last look at the processes found in ``slot``."""
        return self._usage.inside(slot)

    def measure(self, wanted: bool) -> None:
        """Whether the snapshots are to say what each slot uses."""
        self._usage.measure(wanted)

    def hold(self, patience: float = 1.0) -> None:
        """Stop all jobs and start nothing until :meth:`release`.

        Returns when they stand still, after ``patience`` seconds at the latest. Not for the runner's thread.
        """
        self._hold.hold(patience)

    def release(self) -> None:
        """Let the jobs go on; the time that they were held counts for none of their limits."""
        self._hold.release()

    # -- the build ---------------------------------------------------------------------------------

    def run(self) -> None:
        """Build everything that can be built. Returns when no job runs any more."""
        try:
            those = self._plan, self._place, self._layer, self._collector, self._endings
            leave_out_built(*those, self._goes_on, self._before)
            for package in self._plan.packages:
                if package.ignore is not None:
                    self._endings.ignored(package)
            self._memory.tell()
            self._weigh(_AT_THE_START)
            self._build()
        finally:
            self._usage.close()
            self._end_rest()
            self._hold.end()
        interrupted = self._queue.remaining > 0
        self.state = BuildState.INTERRUPTED if interrupted else BuildState.FINISHED

    def _weigh(self, patience: float) -> None:
        """Have the queue ordered by what packages take, once that is known."""
        if self._weights is not None and (weights := self._weights(patience)) is not None:
            self._weights = None
            self._queue.weigh(weights)

    def _goes_on(self) -> bool:
        self._hold.stand_still()
        self._stop_if_orphaned()
        return self._asked.stage is None

    def _build(self) -> None:
        while True:
            self._stand_still()
            self._heed()
            if self.stage is None:
                self._fill()
            over = not self._jobs and not self._dying and (self.stage is not None or self._queue.done)
            if over and self._asked.close():
                return
            self._handle_ends()
            if (now := self._clock()) >= self._next_look:
                self._look(now)

    def _handle_ends(self) -> None:
        due = min(self._next_look, self._clock() + self._look_every)
        self._reap(max(0.0, due - self._clock()))

    def _reap(self, patience: float) -> None:
        for pid, code in self._layer.wait(patience):
            job = self._jobs.pop(pid, None)
            if job is not None:
                self._went_on(job, job.exited(code, self._clock()))

    @property
    def _look_every(self) -> float:
        return _LOOK_EVERY if self._asked.stage is None and not self._dying else _LOOK_EVERY_STOPPING

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
                job.slot, WorkerState.RUNNING, phase=job.phase, lines=job.lines, grew=job.grown
            )
        for verdict, pids in due.items():
            self._send(verdict, pids)
        self._stop_if_orphaned()
        self._weigh(0.0)

    def _send(self, due: Due, pids: Collection[int]) -> None:
        if pids:
            (self._layer.terminate if due is Due.TERMINATE else self._layer.kill)(pids)

    def _stop_if_orphaned(self) -> None:
        if self._asked.weaker_than(Stopping.STOPPING) and self._orphaned():
            self._collector.log("the guard process is gone: the build is stopped")
            self.stop()

    def _stand_still(self) -> None:
        """Heed :meth:`hold`. In the runner's thread, so that nothing is being started meanwhile."""
        away = self._hold.stand_still(lambda: [job.leader for job in self._dying if job.leader is not None])
        if not away:
            return
        for job in (*self._jobs.values(), *self._dying):
            job.was_held(away)
        self._collector.record_held(away)
        if self._stopping_since is not None:
            self._stopping_since += away

    # -- what was asked ------------------------------------------------------------------------------

    def _heed(self) -> None:
        """Do what was asked since the last time."""
        for request in self._asked.take():
            if isinstance(request, EndPackage):
                self._end_by_hand(request)
            elif self._asked.stage is not None:
                self._collector.log("retry: nothing more starts")
            else:
                self._endings.retry(request.origins)
                self._memory.look_again()
        asked = self._asked.stage
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

    def _end_by_hand(self, request: EndPackage) -> None:
        self._reap(0.0)  # whatever has ended before the signal has ended by itself
        now = self._clock()
        for job in (*self._jobs.values(), *self._dying):
            if (job.slot, job.package.origin) == (request.slot, request.origin):
                due = job.give_up(request.outcome, _BY_HAND[request.outcome], now, by_hand=True)
                # Its end may take as long as the grace time: that it was asked for is to be seen at once.
                self._endings.note(f"{job.package.origin} is being {_BY_HAND[request.outcome]}", job.slot)
                if job.pid is not None:
                    self._send(due, (job.pid,))

    # -- starts and ends ----------------------------------------------------------------------------

    def _fill(self) -> None:
        """Start packages while slots, DynMax and memory allow it."""
        while self._may_start():
            slot = self._collector.acquire_slot(0)
            if slot is None:
                break
            package = self._memory.pop()
            if package is None:
                # DynMax stays at what runs, until something else may fit.
                self._collector.release_slot(slot)
                self._memory.nothing_fits()
                break
            self._start(package, slot)

    def _may_start(self) -> bool:
        if self._hold.wanted or self._asked.stage is not None or self._trouble.lasts:
            return False
        return self._memory.may_have_one

    def _start(self, package: Package, slot: int) -> None:
        now = self._clock()
        phase = package.phases[0].name
        try:
            job = Job(package, slot, self._place, self._layer, now)
        except OSError as error:
            if self._trouble.passes(error):
                self._memory.put_off(package)
                self._collector.release_slot(slot)
            else:
                self._begin(package, slot)
                self._ended(package, slot, End(Outcome.FAILED, phase, not_started(error)))
            return
        self._trouble.over()
        self._begin(package, slot)
        self._collector.record_worker_update(slot, WorkerState.RUNNING, log=job.log)
        self._went_on(job, job.next_phase(now))

    def _begin(self, package: Package, slot: int) -> None:
        self._memory.take(package)
        self._lists.write(LogKind.START, results.start_line(slot, package.origin))
        self._collector.record_worker_update(
            slot, WorkerState.RUNNING, package.origin, package.phases[0].name, 0
        )

    def _went_on(self, job: Job, end: End | None) -> None:
        update = self._collector.record_worker_update
        update(job.slot, WorkerState.RUNNING, phase=job.phase, lines=job.lines)
        if end is None and job.pid is not None:
            self._jobs[job.pid] = job
            leader = Leader(job.pid, job.package.origin, job.phase, job.argv)
            self._leaders = {**self._leaders, job.slot: leader}
        elif end is None:
            self._dying.append(job)
        elif job.stopped:
            self._memory.free(job.package)
            self._free_slot(job.slot)
        else:
            self._ended(job.package, job.slot, end)

    def _ended(self, package: Package, slot: int, end: End) -> None:
        self._memory.free(package)
        again = self._asked.stage is None and self._endings.tried_again(package, slot, end)
        if not again:
            self._endings.ended(package, slot, end)
        self._free_slot(slot)
        if not again and self._fail_fast and end.outcome is Outcome.FAILED and not end.by_hand:
            self.failed_fast = self.failed_fast or self._asked.stage is None
            self.drain()

    def _free_slot(self, slot: int) -> None:
        self._leaders = {other: leader for other, leader in self._leaders.items() if other != slot}
        self._collector.release_slot(slot)

    def _end_rest(self) -> None:
        """Whatever happened, leave no process behind: jobs, and what left their sessions."""
        while not self._asked.close():  # after a defect: what was requested since has nobody to do it
            self._asked.take()
        if self._jobs:
            self._layer.kill(self._jobs)
        ended = self._clock()

        def deadline() -> float:
            self._heed()  # whoever waits for this may still ask for a quicker end
            if self.stage is Stopping.KILLING:
                return ended
            since = ended if self._stopping_since is None else min(ended, self._stopping_since)
            return since + self._place.grace

        count = self._layer.end_rest(deadline, self._spare)
        if count and self.stage is None:
            those = (
                "processes that were left running were" if count > 1 else "process that was left running was"
            )
            self._collector.log(f"{count} {those} ended")
