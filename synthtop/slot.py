"""The slots of a build: what each is doing now, and its row in a snapshot.

Not thread-safe: the collector writes them under its lock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from .model import HostSample, PhaseSpan, WorkerRow, WorkerState
from .phases import and_then
from .watchdog import Limits, Standstill, Watchdog

_EMPTY = frozenset((WorkerState.NONE, WorkerState.IDLE))
_row_of = partial(tuple.__new__, WorkerRow)
"""Of all its fields; in two thirds of the time, and there may be a thousand."""


class Slot:
    """``origin`` has been in it since monotonic second ``since``, which was epoch second ``started``.

    Without an ``origin`` it is empty. ``lines``, ``log``, ``cpu``, ``rss`` and ``phases`` as in
    :class:`~synthtop.model.WorkerRow`. ``moved`` is the monotonic second in which the package began, its
    phase changed or its log grew last.
    """

    __slots__ = (
        "_row",
        "_told",
        "cpu",
        "lines",
        "log",
        "moved",
        "number",
        "origin",
        "phase",
        "phases",
        "rss",
        "since",
        "started",
        "state",
    )

    def __init__(self, number: int) -> None:
        self.number = number
        self.since = self.moved = 0.0
        self.started = 0.0
        self._told: float | None = None  # when it had moved last, as it was told that it has stalled
        self._row = WorkerRow(number, WorkerState.IDLE)
        self.clear(WorkerState.IDLE)

    def clear(self, state: WorkerState) -> None:
        """No package is in it."""
        self.state = state
        self.origin: str | None = None
        self.phase: str | None = None
        self.lines: int | None = None
        self.log: str | None = None
        self.cpu: float | None = None
        self.rss: int | None = None
        self.phases: tuple[PhaseSpan, ...] = ()
        self._told = None

    def begin(self, origin: str, now: float, wall: float) -> None:
        """Another package is in it from now on."""
        self.clear(self.state)
        self.origin = origin
        self.since = self.moved = now
        self.started = wall

    def update(
        self,
        state: WorkerState,
        origin: str | None,
        phase: str | None,
        lines: int | None,
        log: str | None,
        grew: bool,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> bool:
        """What it is doing now, None for what is as it was; whether another package began by that."""
        if state in _EMPTY:
            self.clear(state)
            return False
        begins = False
        if origin is not None and origin != self.origin:
            begins = True
            self.begin(origin, clock(), wall())
        self.state = state
        if phase is not None and phase != self.phase:
            self.moved = clock()
            self.phase = phase
            self.phases = and_then(self.phases, phase, int(self.moved - self.since))
        elif grew or (lines is not None and lines != self.lines):
            self.moved = clock()
        if lines is not None:
            self.lines = lines
        if log is not None:
            self.log = log
        return begins

    def was_held(self, seconds: float, now: float) -> None:
        """The package in it was held for ``seconds`` before monotonic second ``now``."""
        self.since = min(self.since + seconds, now)

    def stood_still(self, seconds: float, now: float) -> None:
        """Nothing could move in the ``seconds`` before monotonic second ``now``: they do not count."""
        # What moved since is moved to now and not past it.
        moved = min(self.moved + seconds, now)
        if self._told == self.moved:
            self._told = moved
        self.moved = moved

    def row(
        self, now: float, suspect: float, limits: Mapping[str | None, float], stalls: list[Slot]
    ) -> WorkerRow:
        """The slot at monotonic second ``now``. An empty one's row is made once: there may be a thousand.

        ``limits`` says for each phase after how many seconds it is stalled; nothing that moved since
        monotonic second ``suspect`` is. Nor is what never tells how far it is. Each time that it comes to
        stand still it is put among ``stalls``, once.
        """
        row, state = self._row, self.state
        if self.origin is not None:
            stalled = False
            if (
                self.moved < suspect
                and now - self.moved > limits[self.phase]
                and (self.phase is not None or self.lines is not None)
            ):
                stalled = True
                if self._told != self.moved:
                    self._told = self.moved
                    stalls.append(self)
            row = _row_of(
                (
                    self.number,
                    state,
                    self.phase,
                    self.origin,
                    self.started,
                    int(now - self.since),
                    self.lines,
                    self.log,
                    stalled,
                    self.cpu,
                    self.rss,
                    self.phases,
                )
            )
        elif row.state is not state or row.origin is not None:
            row = WorkerRow(self.number, state)
        self._row = row
        return row


class Slots:
    """The slots 0..``count``-1. ``stalled_after`` is for the :class:`~synthtop.watchdog.Watchdog`."""

    def __init__(self, count: int, stalled_after: Mapping[str, float] | None) -> None:
        self._watchdog = Watchdog(stalled_after)
        self._standstill = Standstill()
        self._slots = [Slot(number) for number in range(count)]

    def __len__(self) -> int:
        return len(self._slots)

    def __getitem__(self, number: int) -> Slot:
        """ValueError where there is no such slot."""
        if not 0 <= number < len(self._slots):
            raise ValueError(f"slot {number}: expected 0..{len(self._slots) - 1}")
        return self._slots[number]

    def grow(self, count: int) -> None:
        """There are ``count`` slots from now on, which is more than before."""
        self._slots += [Slot(number) for number in range(len(self._slots), count)]

    def clear(self) -> None:
        """No package is in any of them."""
        for slot in self._slots:
            slot.clear(WorkerState.IDLE)

    def were_held(self, seconds: float, now: float) -> None:
        """What is in them was held for ``seconds`` before monotonic second ``now``."""
        for slot in self._slots:
            slot.was_held(seconds, now)

    def measured(self, usage: Mapping[int, tuple[float | None, int] | None]) -> None:
        """CPU percent and bytes by slot, which nobody knows of those that are not there."""
        for number in usage:
            self[number]
        for slot in self._slots:
            found = usage.get(slot.number) if slot.origin is not None else None
            slot.cpu, slot.rss = (None, None) if found is None else found

    def rows(self, now: float, sample: HostSample) -> tuple[list[WorkerRow], list[Slot]]:
        """The rows at monotonic second ``now``, on a host like ``sample``, and the slots that have come to
        stand still since they were asked for last."""
        if (still := self._standstill.before(now)) > 0:
            for slot in self._slots:
                slot.stood_still(still, now)
        suspect, limits = now - self._watchdog.shortest, Limits(self._watchdog, sample.load, sample.ncpus)
        stalls: list[Slot] = []
        return [slot.row(now, suspect, limits, stalls) for slot in self._slots], stalls
