"""Linux: load average as it is, swap and memory from /proc/meminfo, CPU from /proc/stat, pressure.

The load average already counts tasks that wait for a page, so nothing is added to it. The
three files are read directly, 0.1 ms for all: psutil's import costs 40 ms at start, and its
swap call reads a file more each second for figures that nobody shows.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from ..model import HostSample, Pressure

_MEMINFO = re.compile(rb"^(MemTotal|MemAvailable|SwapTotal|SwapFree):\s+(\d+) kB", re.MULTILINE)
_SOME = re.compile(rb"some avg10=(\d+\.\d+)")


class LinuxProbe:
    """``proc`` is where the process file system is mounted; ``load`` can be injected by a test."""

    def __init__(
        self,
        proc: Path = Path("/proc"),
        load: Callable[[], tuple[float, float, float]] = os.getloadavg,
        ncpus: int | None = None,
    ) -> None:
        self._proc = proc
        self._load = load
        self._ncpus = ncpus or os.cpu_count()
        self._cpu: tuple[int, int] | None = None

    def __call__(self) -> HostSample:
        problems: list[str] = []
        load = None
        try:
            load = self._load()[0]
        except OSError as error:
            problems.append(f"load average unknown: {error}")
        memory = self._meminfo(problems)
        swap_total, swap_free = memory.get(b"SwapTotal"), memory.get(b"SwapFree")
        swap_pct = None
        if swap_total and swap_free is not None:
            # While swap is taken out of use the kernel may count more of it free than there is.
            swap_pct = max(0.0, 100.0 * (swap_total - swap_free) / swap_total)
        return HostSample(
            load=load,
            ncpus=self._ncpus,
            swap_pct=swap_pct,
            no_swap=swap_total == 0,
            cpu_pct=self._cpu_pct(),
            memory_total=memory.get(b"MemTotal"),
            memory_available=memory.get(b"MemAvailable"),
            pressure=Pressure(*(self._pressure(name) for name in ("cpu", "memory", "io"))),
            problems=tuple(problems),
        )

    def _meminfo(self, problems: list[str]) -> dict[bytes, int]:
        try:
            data = (self._proc / "meminfo").read_bytes()
        except OSError as error:
            problems.append(f"swap and memory unknown: {error}")
            return {}
        found = {key: int(value) * 1024 for key, value in _MEMINFO.findall(data)}
        if not {b"SwapTotal", b"SwapFree"} <= found.keys():
            problems.append(f"swap unknown: {self._proc}/meminfo has no SwapTotal and SwapFree")
        return found

    def _cpu_pct(self) -> float | None:
        """Percent of all cores since the last sample; None the first time and where it is not told."""
        try:
            with (self._proc / "stat").open("rb") as stat:
                fields = [int(field) for field in stat.readline().split()[1:9]]
        except (OSError, ValueError):
            return None
        if len(fields) < 5:
            return None
        total, idle = sum(fields), fields[3] + fields[4]
        before, self._cpu = self._cpu, (total, idle)
        if before is None or total <= before[0]:
            return None
        # The kernel lets single counters go back now and then, idle ones too.
        idled = min(max(0, idle - before[1]), total - before[0])
        return 100.0 * (1.0 - idled / (total - before[0]))

    def _pressure(self, name: str) -> float | None:
        # A kernel without pressure information is no problem worth a line.
        try:
            found = _SOME.search((self._proc / "pressure" / name).read_bytes())
        except OSError:
            return None
        return float(found.group(1)) if found else None


def probe() -> LinuxProbe:
    return LinuxProbe()
