"""A build that stands still, as by ctrl+z: its jobs stopped and nothing started, until it is let go on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection

from .processes import JobLayer


class Hold:
    """:meth:`hold` and :meth:`release` are for whoever suspends the build, the rest for its own thread."""

    def __init__(self, layer: JobLayer, clock: Callable[[], float]) -> None:
        self.wanted = False
        self._layer = layer
        self._clock = clock
        self._over = False
        self._held = threading.Event()
        self._released = threading.Event()

    def hold(self, patience: float) -> None:
        """Returns when the build stands still, after ``patience`` seconds at the latest."""
        if self._over:
            return
        self._held.clear()
        self._released.clear()
        self.wanted = True
        self._layer.wake()
        self._held.wait(patience)

    def release(self) -> None:
        """Let the build go on."""
        self.wanted = False
        self._released.set()

    def stand_still(self, left_by: Callable[[], Collection[int]] = tuple) -> float:
        """Stand still if that is wanted; for how many seconds it was, all of them without limits.

        ``left_by()`` are leaders that have ended and left something, which stands still as well.
        """
        if not self.wanted:
            return 0.0
        began = self._clock()
        leaders = left_by()
        self._layer.suspend(leaders)
        self._held.set()
        self._released.wait()
        self._layer.resume(leaders)
        return self._clock() - began

    def end(self) -> None:
        """Nothing runs any more: whoever holds the build need not wait."""
        self._over = True
        self._held.set()
