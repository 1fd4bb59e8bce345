"""Events of a build in, one snapshot a second out.

The statistics of a build that reports to this process. Nothing here draws, stores or starts
anything: consumers do, and they get the same snapshot, outside the lock.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

from .advice import Advice, Estimator
from .gate import Gate
from .journal import Journal
from .model import (
    HOLDING,
    KIND_OF,
    LOG_KEPT,
    BuildState,
    Eta,
    Finished,
    HostSample,
    LogKind,
    Memory,
    Outcome,
    Snapshot,
    Source,
    SourceKind,
    Space,
    Stopping,
    WorkerState,
)
from .probes import Probe
from .protocols import Consumer
from .pulse import Pulse
from .slot import Slots
from .tally import Tally
from .throttle import Policy
from .units import MAX_WORKERS


class Collector:
    """Collects what a builder reports and makes a :class:`Snapshot` of it once a second.

    ``workers`` slots, numbered from 0 (1..1024). ``throttle`` names the policy that finds DynMax
    (``step``, ``dsynth``, ``off``), or is one. ``probe`` samples the host, this one by default.
    ``clock`` is monotonic and ``wall`` epoch seconds. ``estimator`` says the ETA. ``name`` is the build's;
    ``source`` says more of it where there is more to say. ``stalled_after`` has the seconds by phase after
    which a slot is stalled, as :class:`~synthtop.watchdog.Watchdog` takes them.

    The ``record_*`` methods may be called from any thread; none waits for a consumer. A slot outside
    0..workers-1 or a negative number is a ValueError and changes nothing. A probe, a policy or an
    estimator that raises is one event line until it works again; meanwhile the host is unknown, nothing is
    throttled and there is no ETA. As a context manager it starts on entry, and on exit is finished
    (interrupted, if an exception passes) and closed.
    """

    def __init__(
        self,
        workers: int,
        *,
        throttle: str | Policy = "step",
        probe: Probe | None = None,
        clock: Callable[[], float] = time.monotonic,
        estimator: Estimator | None = None,
        name: str = "build",
        source: Source | None = None,
        wall: Callable[[], float] = time.time,
        stalled_after: Mapping[str, float] | None = None,
    ) -> None:
        if not 1 <= workers <= MAX_WORKERS:
            raise ValueError(f"workers is {workers}: expected 1..{MAX_WORKERS}")
        self.workers = workers
        self._clock, self._wall = clock, wall
        self._advice = Advice(probe, throttle, estimator, self.log)
        self._source = source or Source(SourceKind.RUN, host=socket.gethostname(), name=name)
        self._began = now = clock()
        self._started = wall()
        self._ended: float | None = None
        self._state = BuildState.BUILDING
        self._stopping: Stopping | None = None
        self._tally = Tally(now)
        self._slots = Slots(workers, stalled_after)
        self._gate = Gate(workers)
        self._memory = Memory()
        self._sample = HostSample()
        self._low_space: tuple[Space, ...] = ()
        self._journal = Journal(now, LOG_KEPT)
        self._seq = 0
        self._last: Snapshot | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)
        self._pulse = Pulse(self._take, self.log, clock=clock)

    # -- what a builder reports ------------------------------------------------------------------

    def record_queued(self, n: int | None = None, origins: Sequence[str] = ()) -> None:
        """``n`` more packages are to be built, by default as many as there are ``origins``, or one. These are
        their names, or those of some: how long they took before tells when the build may end."""
        with self._lock:
            self._tally.queue(n, origins)

    def grow(self, workers: int) -> None:
        """There are ``workers`` slots from now on (1..1024); fewer than there are change nothing.

        For a builder that does not know beforehand how many it will use.
        """
        if not 1 <= workers <= MAX_WORKERS:
            raise ValueError(f"workers is {workers}: expected 1..{MAX_WORKERS}")
        with self._room:
            if workers > self.workers:
                self._slots.grow(workers)
                self._gate.grow(workers)
                self.workers = workers
                self._room.notify_all()

    def record_worker_update(
        self,
        slot: int,
        state: WorkerState,
        origin: str | None = None,
        phase: str | None = None,
        lines: int | None = None,
        log: str | None = None,
        *,
        grew: bool = False,
    ) -> None:
        """What ``slot`` is doing now; None leaves a field as it was.

        Another ``origin`` begins a package: its duration counts from here, and it is an event line.
        ``lines`` is the total of its log so far, ``log`` its path; ``grew`` says that the log has grown, be
        it by no whole line. A slot in which nothing moves for the phase's watchdog time is stalled, which is
        an event line too. ``idle`` and ``none`` empty the slot. When the build is over, slots stay empty.
        """
        if lines is not None and lines < 0:
            raise ValueError(f"{lines} lines in slot {slot}: expected 0 or more")
        record = self._slots[slot]
        with self._lock:
            if self._ended is not None:
                return
            if record.update(state, origin, phase, lines, log, grew, self._clock, self._wall):
                self._journal.note(record.since, slot, LogKind.START, record.origin or "")

    def record_completion(
        self,
        origin: str,
        outcome: Outcome,
        *,
        slot: int | None = None,
        reason: str | None = None,
        phase: str | None = None,
        blocks: int = 0,
        duration: int | None = None,
        log: str | None = None,
    ) -> Finished:
        """A package has ended; with ``slot`` its duration, lines and log are known, and the slot is emptied.

        Returns what is known of it, as it stands among the finished ones of later snapshots. ``reason`` says
        why it failed, was ignored, or which package made it skipped; ``phase`` where it failed (the slot's
        phase by default); ``blocks`` how many packages cannot be built because of it. ``duration``, in
        seconds, and ``log`` are the slot's by default.
        """
        record = None if slot is None else self._slots[slot]
        if blocks < 0:
            raise ValueError(f"{origin} blocks {blocks} packages: expected 0 or more")
        if duration is not None and duration < 0:
            raise ValueError(f"{origin} took {duration} seconds: expected 0 or more")
        with self._lock:
            now = self._clock()
            lines = None
            if record is not None and record.origin == origin:
                duration = int(now - record.since) if duration is None else duration
                lines, log = record.lines, log or record.log
                phase = phase or record.phase
                record.clear(WorkerState.IDLE)
            package = Finished(
                origin, outcome, int(now - self._began), slot, phase, reason, duration, lines, log, blocks
            )
            self._journal.note(now, slot, KIND_OF[outcome], package)
            if self._tally.add(package, now):
                text = f"more packages ended than were queued, from {origin} on"
                self._journal.note(now, None, LogKind.NOTE, text)
            return package

    def record_retry(self, origins: Sequence[str]) -> None:
        """These packages, which have failed or were skipped, are to be built again: they have not ended.
        Others among ``origins`` are left out. It is no event line."""
        with self._lock:
            self._tally.take_back(frozenset(origins))

    def record_held(self, seconds: float) -> None:
        """What is in the slots was held for so many seconds: they are part of no duration."""
        with self._lock:
            self._slots.were_held(seconds, self._clock())

    def record_usage(self, usage: Mapping[int, tuple[float | None, int] | None]) -> None:
        """What the processes in each slot use: percent of one core, None where that is not known yet, and
        bytes of memory. Of a slot that is left out, or None, neither is known."""
        with self._lock:
            self._slots.measured(usage)

    def record_space(self, low: tuple[Space, ...]) -> None:
        """The file systems that the build is about to fill. Each is an event line when it is among them
        first, and when it is not any more."""
        with self._lock:
            self._journal.note_space(self._clock(), self._low_space, low)
            self._low_space = low

    def record_memory(self, running_bytes: int, target_bytes: int, waiting: bool = False) -> None:
        """What the running packages declare together, against what the build may use.

        ``waiting`` says that packages are ready and slots free, but none fits: DynMax is then the number of
        slots that are held, until one is released or this is called again.
        """
        if running_bytes < 0 or target_bytes < 0:
            raise ValueError(f"memory {running_bytes} of {target_bytes} bytes: expected 0 or more")
        with self._room:
            self._memory = Memory(running_bytes, target_bytes)
            if self._gate.memory_waits and not waiting:
                self._room.notify_all()
            self._gate.memory_waits = waiting

    def log(self, text: str, slot: int | None = None) -> None:
        """An event line of the builder's own."""
        if slot is not None:
            self._slots[slot]
        with self._lock:
            self._journal.note(self._clock(), slot, LogKind.NOTE, text)

    def record_stopping(self, stage: Stopping) -> None:
        """The build is being ended; shown until it is."""
        with self._lock:
            self._stopping = stage

    def finish(self, state: BuildState = BuildState.FINISHED) -> None:
        """The build is over: the clock stops, and later snapshots say ``state``. The first call counts."""
        with self._lock:
            if self._ended is None:
                self._ended = self._clock()
                self._state = state
                self._stopping = None
                self._slots.clear()
                self._room.notify_all()

    # -- slots -----------------------------------------------------------------------------------

    def acquire_slot(self, timeout: float | None = None) -> int | None:
        """Take the lowest free slot once fewer than DynMax are held; taking and checking are one step.

        Waits up to ``timeout`` seconds (None: for ever, 0: not at all) and returns None if there was no
        room, or when the build is over.
        """
        with self._room:
            if timeout != 0:
                self._room.wait_for(lambda: self._ended is not None or self._gate.open, timeout)
            return self._gate.take() if self._ended is None and self._gate.open else None

    def release_slot(self, slot: int) -> None:
        """Give back a slot that :meth:`acquire_slot` gave. ValueError if it is not held."""
        with self._room:
            waited = self._gate.memory_waits
            self._gate.give_back(slot)
            self._slots[slot].clear(WorkerState.IDLE)
            (self._room.notify_all if waited else self._room.notify)()

    @property
    def hand_limit(self) -> int | None:
        """The limit set by hand, or None."""
        return self._gate.hand_limit

    @hand_limit.setter
    def hand_limit(self, workers: int | None) -> None:
        if workers is not None and not 1 <= workers <= self.workers:
            raise ValueError(f"a limit of {workers} workers: expected 1..{self.workers}")
        with self._room:
            self._gate.hand_limit = workers
            self._room.notify_all()

    # -- what consumers get ----------------------------------------------------------------------

    def add_consumer(self, consumer: Consumer) -> None:
        """Hand every later snapshot to ``consumer``, in the pulse's thread."""
        self._pulse.add(consumer)

    def remove_consumer(self, consumer: Consumer) -> None:
        """Hand nothing more to ``consumer``."""
        self._pulse.remove(consumer)

    def snapshot(self) -> Snapshot:
        """The snapshot of the last tick; the first one is made if there was none."""
        return self._last or self.tick()

    def tick(self, now: float | None = None) -> Snapshot:
        """Sample the host, find DynMax, take a snapshot and hand it to the consumers.

        For a builder with a loop of its own; :meth:`start` does it once a second.
        """
        return self._pulse.beat(now)

    def _take(self, now: float | None) -> Snapshot:
        # Outside the lock: it may be the builder's own code.
        advice = self._advice
        sample = advice.sample()
        moment = self._moment(now)
        eta = advice.eta(moment)
        unlimited = self._gate.unlimited
        limit = advice.limit(moment, sample, self._memory, self._gate.held, unlimited)
        with self._room:
            if unlimited.workers != self.workers:
                limit = self._gate.throttle  # it grew meanwhile, and what was found is for fewer
            now = self._moment(now)
            if self._ended is not None:
                eta = None
            self._sample = sample
            for problem in advice.new_problems(sample):
                self._journal.note(now, None, LogKind.NOTE, problem)
            grew = limit.workers > self._gate.throttle.workers
            self._gate.throttle = limit
            if self._ended is None and (change := self._gate.settled(now)) is not None:
                self._journal.note_change(now, change, limit, sample, self._memory)
            if grew:
                self._room.notify_all()
            self._last = snapshot = self._frozen(now, eta)
        return snapshot

    def _moment(self, now: float | None) -> float:
        """``now``, or this moment. The end stops the clock: what is shown then is how long the build took."""
        now = self._clock() if now is None else now
        return now if self._ended is None else min(now, self._ended)

    def _frozen(self, now: float, eta: Eta | None) -> Snapshot:
        rows, stalls = self._slots.rows(now, self._sample)
        for slot in stalls:
            self._journal.note_stall(now, slot.number, slot.origin or "", slot.phase, now - slot.moved)
        dynmax, reason = self._gate.dynmax()
        self._seq += 1
        tally, meter = self._tally, self._tally.meter
        return Snapshot(
            seq=self._seq,
            state=self._state,
            time=self._wall(),
            source=self._source,
            started=self._started,
            elapsed=int(now - self._began),
            active=sum([row.origin is not None and row.state in HOLDING for row in rows]),
            max_workers=self.workers,
            dynmax=dynmax,
            policy=self._advice.policy.name,
            reason=reason if dynmax < self.workers else None,
            stopping=self._stopping,
            host=self._sample,
            memory=self._memory,
            rate=meter.rate(now),
            impulse=meter.impulse(now),
            run_rate=meter.run_rate(now),
            impulse_10m=meter.impulse_10m(now),
            totals=tally.totals(),
            eta=eta,
            workers=tuple(rows),
            log=self._journal.view(),
            finished=tally.finished(),
            low_space=self._low_space,
            queue=tally.named(),
        )

    # -- its life --------------------------------------------------------------------------------

    def start(self) -> None:
        """Tick once a second in a thread of its own, from now on: DynMax is known when this returns."""
        self._pulse.start()

    def close(self) -> None:
        """Take a last snapshot, stop ticking and close the consumers. Idempotent.

        A build that was not said to be finished is, if nothing remains; else it was interrupted.
        """
        with self._lock:
            if self._closed:
                return
            self._closed = True
            remaining = self._tally.remaining
        self.finish(BuildState.INTERRUPTED if remaining > 0 else BuildState.FINISHED)
        self.tick()
        self._pulse.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finish(BuildState.FINISHED if kind is None else BuildState.INTERRUPTED)
        self.close()
