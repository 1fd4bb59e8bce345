"""Which ready package may start next, as far as memory goes: who declares some waits until it is free."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from .package import Package
from .queue import Queue

_PASSING = 32
"""How many packages that declare memory wait for it aside, so that others which declare none pass them."""


class MemoryQueue:
    """The ready packages of ``queue``, of which together no more than ``target`` bytes run (None: no limit).

    ``record(running, target, waiting)`` is told what the running ones declare whenever that changes, and
    whether packages wait of which none fits.
    """

    def __init__(self, queue: Queue, target: int | None, record: Callable[[int, int, bool], object]) -> None:
        self._queue = queue
        self._target = target
        self._record = record
        self._running = 0
        self._nothing_fits = False
        self._aside: deque[Package] = deque()
        self._put_off: deque[Package] = deque()

    @property
    def may_have_one(self) -> bool:
        """False where :meth:`pop` would find none for certain."""
        return bool(self._put_off or ((self._queue.ready or self._aside) and not self._nothing_fits))

    def pop(self) -> Package | None:
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
        target = self._target
        return target is None or not self._running or self._running + (package.memory or 0) <= target

    def put_off(self, package: Package) -> None:
        """It was handed out and could not start: it is the next one then."""
        self._put_off.append(package)

    def nothing_fits(self) -> None:
        """None was found: until a package ends or :meth:`look_again`, another look would find the same."""
        self._nothing_fits = True
        self.tell()

    def look_again(self) -> None:
        """There are others ready than before."""
        if self._nothing_fits:
            self._nothing_fits = False
            self.tell()

    def take(self, package: Package) -> None:
        """It starts."""
        if package.memory:
            self._running += package.memory
            self.tell()

    def free(self, package: Package) -> None:
        """It has ended."""
        if package.memory:
            self._running -= package.memory
        if package.memory or self._nothing_fits:
            self._nothing_fits = False
            self.tell()

    def tell(self) -> None:
        """Say how it stands, where there is a target."""
        if self._target is not None:
            self._record(self._running, self._target, self._nothing_fits)
