"""The snapshots of a long build, oldest first: what its trends are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import sin

from synthtop.model import HostSample, Pressure, Snapshot

from . import builds

DAY = 86_400
_GIB = 1 << 30


def at(second: int, last: int) -> Snapshot:
    """A build of eight workers on eight CPUs at ``second`` of ``last``: its load, its swap and what waits
    rise towards the end, and from three quarters of its time on it is throttled now and then."""
    way = second / last if last else 1.0
    wave = 1 + sin(9 * way * 6.3) / 3 + sin(37 * way * 6.3) / 12
    held = way > 0.75 and sin(23 * way * 6.3) > 0
    host = HostSample(
        load=8 * (0.4 + 0.6 * way) * wave,
        ncpus=8,
        swap_pct=30 * max(0.0, 2 * way - 1),
        cpu_pct=min(100.0, 70 * wave),
        memory_total=32 * _GIB,
        memory_available=int(32 * _GIB * (1 - 0.7 * way)),
        pressure=Pressure(4 * wave, 20 * max(0.0, way - 0.5), 9 * way),
    )
    return replace(
        builds.throttled() if held else builds.building(),
        seq=second + 1,
        time=builds.STARTED + second,
        elapsed=second,
        rate=60.0 * round(3 * wave),
        impulse=(second * 7919 % 23 < 4) * (second % 4),
        active=6 if held else 8 - (second % 97 > 80),
        max_workers=8,
        dynmax=6 if held else 8,
        reason="high load" if held else None,
        host=host,
    )


def minutes(count: int, gap: tuple[int, int] = (0, 0)) -> Iterator[Snapshot]:
    """A snapshot in every 20 s of ``count`` minutes, but for those of the minutes in ``gap``, as when a
    laptop was asleep."""
    last = 60 * count
    for second in range(0, last + 1, 20):
        if not gap[0] <= second // 60 < gap[1]:
            yield at(second, last)


def seconds(count: int) -> Iterator[Snapshot]:
    """A snapshot in each of ``count`` seconds."""
    return (at(second, count - 1) for second in range(count))
