"""What one measurement says, and how one is taken."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple


class Figure(NamedTuple):
    """``value`` in ``unit``, the median of ``runs``.

    ``budget`` is the most it may be, or the least, if ``at_least``.
    """

    name: str
    value: float
    unit: str
    budget: float | None = None
    at_least: bool = False
    runs: tuple[float, ...] = ()
    note: str = ""

    @property
    def kept(self) -> bool | None:
        if self.budget is None:
            return None
        return self.value >= self.budget if self.at_least else self.value <= self.budget


def median_of(action: Callable[[], float], repeats: int = 5) -> tuple[float, tuple[float, ...]]:
    """The median of what ``action`` returns, and all it returned."""
    runs = tuple(action() for _ in range(repeats))
    return statistics.median(runs), runs


def seconds(action: Callable[[], object]) -> float:
    """Wall seconds that one call takes, without the garbage collector's turn."""
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        action()
        return time.perf_counter() - start
    finally:
        gc.enable()


def per_call(
    action: Callable[[], object],
    calls: int,
    repeats: int = 7,
    before: Callable[[], object] = lambda: None,
) -> tuple[float, tuple[float, ...]]:
    """Median seconds of one call, over ``repeats`` series of ``calls``; ``before`` each series, untimed."""

    def series() -> float:
        def run() -> None:
            for _ in range(calls):
                action()

        before()
        return seconds(run) / calls

    series()  # warm up
    return median_of(series, repeats)
