"""Who may start: the slots that are held, how many may be (DynMax), and why not all.

Not thread-safe: the collector asks it under its lock. Which rule limits is ``throttle.py``'s business.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

from .throttle import BY_HAND, MEMORY, STARTING, Limit

SETTLED = 5.0
"""Seconds that a change of DynMax must stay before it is worth telling."""


class Change(NamedTuple):
    """DynMax went from ``old`` to ``new`` and stayed; ``reason`` is None where nothing limits any more."""

    old: int
    new: int
    reason: str | None


class Gate:
    """The slots 0..workers-1 of a build.

    ``throttle`` is what the policy allows. ``hand_limit`` is set by hand, None for none. ``memory_waits``
    says that packages are ready and slots free, but none fits: DynMax is then the number of slots held.
    """

    def __init__(self, workers: int) -> None:
        self.throttle = self.unlimited = Limit(workers, None, workers, workers, workers)
        self.hand_limit: int | None = None
        self.memory_waits = False
        self._free = list(range(workers))
        self._held: set[int] = set()
        self._announced = workers
        self._starting = False
        self._settling: tuple[int, float] | None = None

    @property
    def held(self) -> int:
        """How many slots are held."""
        return len(self._held)

    def dynmax(self) -> tuple[int, str | None]:
        """How many slots may be held now, and why not all."""
        allowed, reason = self.throttle.workers, self.throttle.reason
        hand = self.hand_limit
        if hand is not None and hand < allowed:
            allowed, reason = hand, BY_HAND
        elif hand == allowed < self.unlimited.workers:
            # As with two rules of a throttle: without one of them, the other would still be there.
            reason = f"{reason}, {BY_HAND}" if reason else BY_HAND
        held = max(1, len(self._held))
        if self.memory_waits and held < allowed:
            allowed, reason = held, MEMORY
        return allowed, reason

    def grow(self, workers: int) -> None:
        """There are ``workers`` slots from now on, which is more than before."""
        before = self.unlimited.workers
        self._free += range(before, workers)  # still a heap: they are larger than all in it
        unlimited = Limit(workers, None, workers, workers, workers)
        if self.throttle == self.unlimited:
            self.throttle = unlimited
        if self._announced == before:
            # More slots are no change of what limits them.
            self._announced = workers
        self.unlimited = unlimited

    @property
    def open(self) -> bool:
        """Whether one slot more may be held."""
        return len(self._held) < self.dynmax()[0]

    def take(self) -> int:
        """Hold the lowest free slot. Only while :attr:`open`."""
        slot = heapq.heappop(self._free)
        self._held.add(slot)
        return slot

    def give_back(self, slot: int) -> None:
        """Hold ``slot`` no more. ValueError if it is not held."""
        if slot not in self._held:
            raise ValueError(f"slot {slot} is not held")
        self._held.remove(slot)
        heapq.heappush(self._free, slot)
        # Its memory is free too: whoever waits may look again at what fits.
        self.memory_waits = False

    def settled(self, now: float) -> Change | None:
        """A change of DynMax that has stayed until monotonic second ``now``, said once."""
        allowed, reason = self.dynmax()
        self._starting = self._starting or reason == STARTING
        if self._starting:
            # The steps of a slow start are no news, nor is that it went all the way.
            self._starting = reason == STARTING
            if self._starting or allowed > self._announced:
                self._announced = allowed
        if allowed == self._announced:
            self._settling = None
            return None
        if self._settling is None or self._settling[0] != allowed:
            self._settling = (allowed, now)
        if now - self._settling[1] < SETTLED:
            return None
        change = Change(self._announced, allowed, reason)
        self._announced, self._settling = allowed, None
        return change
