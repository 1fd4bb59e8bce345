"""Load and memory where the load average needs no correction: macOS, and what Linux shares with it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from ..model import HostSample


class PosixProbe:
    """Load average from the C library, memory and swap through psutil where it imports.

    ``load`` and ``psutil`` can be injected, so that a test can let each call fail.
    """

    def __init__(
        self,
        load: Callable[[], tuple[float, float, float]] = os.getloadavg,
        psutil: Any = None,
        ncpus: int | None = None,
    ) -> None:
        self._load = load
        self._ncpus = ncpus or os.cpu_count()
        self._psutil = psutil or _import_psutil()

    def __call__(self) -> HostSample:
        problems: list[str] = []
        load = swap_pct = cpu_pct = total = available = None
        no_swap = False
        try:
            load = self._load()[0]
        except OSError as error:
            problems.append(f"load average unknown: {error}")
        if self._psutil is None:
            problems.append("swap and memory unknown: psutil is not there, or not for this system")
        else:
            try:
                swap = self._psutil.swap_memory()
                no_swap = swap.total == 0
                swap_pct = None if no_swap else 100.0 * swap.used / swap.total
            except (OSError, RuntimeError) as error:
                problems.append(f"swap unknown: {error}")
            try:
                memory = self._psutil.virtual_memory()
                total, available = memory.total, memory.available
            except (OSError, RuntimeError) as error:
                problems.append(f"memory unknown: {error}")
            try:
                cpu_pct = self._psutil.cpu_percent(None)
            except (OSError, RuntimeError) as error:
                problems.append(f"CPU use unknown: {error}")
        return HostSample(
            load=load,
            ncpus=self._ncpus,
            swap_pct=swap_pct,
            no_swap=no_swap,
            cpu_pct=cpu_pct,
            memory_total=total,
            memory_available=available,
            problems=tuple(problems),
        )


def _import_psutil() -> Any:
    # A figure less is better than no monitor: psutil does not build everywhere, and where it does
    # its import may say that the system is not supported.
    try:
        import psutil
    except (ImportError, NotImplementedError):
        return None
    return psutil


def probe() -> PosixProbe:
    return PosixProbe()
