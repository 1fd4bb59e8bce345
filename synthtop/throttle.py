"""The rules that find DynMax: how many slots may hold a package, and why not all.

Each policy is a function of the host's sample, the worker counts and its own small state;
time comes in as an argument. A throttle limits only the start of the next package. A figure
that is unknown never throttles.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from .model import HostSample, Memory

HIGH_LOAD = "high load"
HIGH_SWAP = "high swap"
MEMORY = "memory"
BY_HAND = "by hand"
STARTING = "starting up"


class Limit(NamedTuple):
    """How many workers may hold a package, 1..max. ``reason`` is None where that is all of them.

    ``by_load``, ``by_swap`` and ``by_memory`` are what each rule alone would allow.
    """

    workers: int
    reason: str | None
    by_load: int
    by_swap: int
    by_memory: int


class Policy(Protocol):
    """A way to find the limit. ``name`` is what ``--throttle`` calls it."""

    name: str

    def limit(self, now: float, sample: HostSample, memory: Memory, running: int, workers: int) -> Limit:
        """The limit at monotonic second ``now``, with ``running`` of ``workers`` slots taken."""


def combined(workers: int, by_load: int, by_swap: int, by_memory: int) -> Limit:
    """The smallest of three limits, clamped to 1..workers, with all rules that gave it as the reason."""
    clamped = [max(1, min(workers, value)) for value in (by_load, by_swap, by_memory)]
    smallest = min(clamped)
    reason = None
    if smallest < workers:
        names = (HIGH_LOAD, HIGH_SWAP, MEMORY)
        reason = ", ".join(name for name, value in zip(names, clamped, strict=True) if value == smallest)
    return Limit(smallest, reason, *clamped)


class Off:
    """Never throttles."""

    name = "off"

    def limit(self, now: float, sample: HostSample, memory: Memory, running: int, workers: int) -> Limit:
        return combined(workers, workers, workers, workers)


class Step:
    """Three quarters of the workers above a load of 2.0 a core, half of them above 10 % of swap.

    Evaluated at each tick from that tick's sample alone.
    """

    name = "step"
    LOAD_PER_CPU = 2.0
    SWAP_PCT = 10.0

    def limit(self, now: float, sample: HostSample, memory: Memory, running: int, workers: int) -> Limit:
        by_load = by_swap = workers
        if sample.load is not None and sample.ncpus and sample.load > self.LOAD_PER_CPU * sample.ncpus:
            by_load = workers * 3 // 4
        if sample.swap_pct is not None and sample.swap_pct > self.SWAP_PCT:
            by_swap = workers // 2
        return combined(workers, by_load, by_swap, workers)


class Dsynth:
    """dsynth's rule: load and swap each take workers away along a slope, memory holds or gives one.

    Evaluated every 5 s. The limit falls at once and rises by at most 1 an evaluation, from 1 at the start.
    """

    name = "dsynth"
    EVERY = 5.0
    """Seconds between two evaluations."""
    GROW_EVERY = 30.0
    """Seconds between two workers more while memory is above half of its target."""
    LOAD_SLOPE = (1.5, 5.0)
    """Load a core at which workers begin to go, and at which only a quarter is left."""
    SWAP_SLOPE = (10.0, 40.0)
    """The same for percent of swap."""

    def __init__(self) -> None:
        self._evaluated: float | None = None
        self._last: Limit | None = None
        self._workers = 0
        self._grown: float | None = None

    @staticmethod
    def _sloped(workers: int, value: float | None, low: float, high: float) -> int:
        if value is None or value < low:
            return workers
        if value >= high:
            return workers * 25 // 100
        return workers - int(workers * 0.75 * (value - low) / (high - low))

    def _by_memory(self, now: float, memory: Memory, running: int, workers: int) -> int:
        if memory.running is None or not memory.target:
            return workers
        if memory.running > memory.target:
            return running - 1
        if memory.running * 2 <= memory.target:
            return workers
        if self._grown is not None and now - self._grown < self.GROW_EVERY:
            return running
        self._grown = now
        return running + 1

    def limit(self, now: float, sample: HostSample, memory: Memory, running: int, workers: int) -> Limit:
        due = self._evaluated is None or now - self._evaluated >= self.EVERY
        if self._last is not None and not due and workers == self._workers:
            return self._last
        per_cpu = None if sample.load is None or not sample.ncpus else sample.load / sample.ncpus
        found = combined(
            workers,
            self._sloped(workers, per_cpu, *self.LOAD_SLOPE),
            self._sloped(workers, sample.swap_pct, *self.SWAP_SLOPE),
            self._by_memory(now, memory, running, workers),
        )
        ceiling = 1 if self._last is None else self._last.workers + 1
        if found.workers > ceiling:
            # Nothing limits us now but the slow rise: its reason is what it rises from.
            before = None if self._last is None else self._last.reason
            found = found._replace(workers=ceiling, reason=found.reason or before or STARTING)
        self._evaluated, self._last, self._workers = now, found, workers
        return found


POLICIES: dict[str, Callable[[], Policy]] = {policy.name: policy for policy in (Step, Dsynth, Off)}


def policy_named(name: str) -> Policy:
    """A new policy called ``name``; ValueError names the known ones otherwise."""
    try:
        return POLICIES[name]()
    except KeyError:
        raise ValueError(f"throttle {name!r}: expected one of {', '.join(POLICIES)}") from None
