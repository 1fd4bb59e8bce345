"""Load and memory without a /proc: macOS, NetBSD, OpenBSD, and what FreeBSD and DragonFly add to it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from ..model import HostSample

_LOOK_FOR_IT = object()


class PosixProbe:
    """Load average from the C library, memory and swap through psutil where it imports.

    ``page_waiters()`` counts the threads that wait for a page, where the load average leaves them out.
    ``swap()`` says used and total, ``memory()`` the bytes that there are: both stand for psutil where they
    are given. Each may raise OSError or ValueError. ``load`` and ``psutil`` can be injected, so that a test
    can let each call fail; a psutil of None is one that is not there.
    """

    def __init__(
        self,
        load: Callable[[], tuple[float, float, float]] = os.getloadavg,
        psutil: Any = _LOOK_FOR_IT,
        ncpus: int | None = None,
        *,
        page_waiters: Callable[[], int] | None = None,
        swap: Callable[[], tuple[int, int]] | None = None,
        memory: Callable[[], int] | None = None,
    ) -> None:
        self._load = load
        self._ncpus = ncpus or os.cpu_count()
        self._psutil = _import_psutil() if psutil is _LOOK_FOR_IT else psutil
        self._page_waiters = page_waiters
        self._swap = swap or (None if self._psutil is None else self._swap_by_psutil)
        self._memory = memory

    def __call__(self) -> HostSample:
        problems: list[str] = []
        load = self._adjusted_load(problems)
        swap_pct, no_swap = self._swapped(problems)
        total, available = self._memory_figures(problems)
        return HostSample(
            load=load,
            ncpus=self._ncpus,
            swap_pct=swap_pct,
            no_swap=no_swap,
            cpu_pct=self._cpu_pct(problems),
            memory_total=total,
            memory_available=available,
            problems=tuple(problems),
        )

    def _adjusted_load(self, problems: list[str]) -> float | None:
        try:
            load = self._load()[0]
        except OSError as error:
            problems.append(f"load average unknown: {error}")
            return None
        if self._page_waiters is None:
            return load
        try:
            return load + self._page_waiters()
        except (OSError, ValueError) as error:
            problems.append(f"load average without those that wait for a page: {error}")
            return load

    def _swapped(self, problems: list[str]) -> tuple[float | None, bool]:
        """Percent in use, and whether there is none to be used."""
        if self._swap is None:
            problems.append("swap and memory unknown: psutil is not there, or not for this system")
            return None, False
        try:
            used, total = self._swap()
        except (OSError, RuntimeError, ValueError) as error:
            problems.append(f"swap unknown: {error}")
            return None, False
        return (100.0 * used / total, False) if total else (None, True)

    def _swap_by_psutil(self) -> tuple[int, int]:
        swap = self._psutil.swap_memory()
        return swap.used, swap.total

    def _memory_figures(self, problems: list[str]) -> tuple[int | None, int | None]:
        """Bytes that there are, and bytes to be had."""
        try:
            if self._memory is not None:
                return self._memory(), None
            if self._psutil is None:
                return None, None
            memory = self._psutil.virtual_memory()
        except (OSError, RuntimeError, ValueError) as error:
            problems.append(f"memory unknown: {error}")
            return None, None
        return memory.total, memory.available

    def _cpu_pct(self, problems: list[str]) -> float | None:
        if self._psutil is None:
            return None
        try:
            return float(self._psutil.cpu_percent(None))
        except (OSError, RuntimeError) as error:
            problems.append(f"CPU use unknown: {error}")
            return None


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
