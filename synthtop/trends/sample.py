"""What is known of one moment, or of many together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..model import HostSample, Snapshot
from ..throttle import HIGH_LOAD, HIGH_SWAP

_LARGEST = 1e9
"""No figure of a build or a host is larger: what a broken source says beyond it is not known."""
_LARGEST_BYTES = 1e15
"""The same for its memory."""


class Sample(NamedTuple):
    """What is known of one second, or of some seconds together.

    ``memory`` is bytes in use, ``pressure`` the largest of its kinds. ``throttled`` says that workers were
    held back, ``by_load`` and ``by_swap`` that it was because of these.
    """

    rate: float | None = None
    impulse: float | None = None
    load: float | None = None
    swap: float | None = None
    active: float | None = None
    dynmax: float | None = None
    cpu: float | None = None
    memory: float | None = None
    pressure: float | None = None
    throttled: bool = False
    by_load: bool = False
    by_swap: bool = False


NOTHING = Sample()


def sample_of(snapshot: Snapshot) -> Sample:
    """What ``snapshot`` says."""
    host = snapshot.host
    throttled = snapshot.throttled
    reason = snapshot.reason if throttled and snapshot.reason else ""
    cpu, memory, io = host.pressure
    return Sample(
        figure(snapshot.rate if snapshot.rate is not None else snapshot.run_rate),
        figure(snapshot.impulse),
        figure(host.load),
        figure(host.swap_pct),
        figure(snapshot.active),
        figure(snapshot.dynmax),
        figure(host.cpu_pct),
        memory_in_use(host),
        _larger(figure(io), _larger(figure(memory), figure(cpu))),
        throttled,
        HIGH_LOAD in reason,
        HIGH_SWAP in reason,
    )


def figure(value: float | None) -> float | None:
    """``value`` where it is one that can be: neither negative nor beyond all measure, and a number."""
    return value if value is not None and 0 <= value <= _LARGEST else None


def memory_total(host: HostSample) -> float | None:
    """Bytes of memory that the host has."""
    total = host.memory_total
    return total if total is not None and 0 < total <= _LARGEST_BYTES else None


def memory_in_use(host: HostSample) -> float | None:
    """Bytes of memory that nobody else could have."""
    total, free = memory_total(host), host.memory_available
    return total - free if total is not None and free is not None and 0 <= free <= total else None


def worst_pressure(host: HostSample) -> str:
    """The name of the kind of pressure that is the largest, ``""`` where there is none."""
    found, name = 0.0, ""
    for kind, value in zip(host.pressure._fields, host.pressure, strict=True):
        known = figure(value)
        if known is not None and known > found:
            found, name = known, kind
    return name


def _larger(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return other if one is None else one
    return one if one >= other else other


def together(samples: Sequence[Sample]) -> Sample:
    """The maximum of each figure, but the least that DynMax was: a short throttle is to be seen.

    The maximum and not the mean: what throttled a build or ran it into swap seldom lasts long.
    """
    if len(samples) < 2:
        return samples[0] if samples else NOTHING
    rate, impulse, load, swap, active, dynmax, cpu, memory, pressure, throttled, by_load, by_swap = zip(
        *samples, strict=True
    )
    return Sample(
        _most(rate),
        _most(impulse),
        _most(load),
        _most(swap),
        _most(active),
        min([limit for limit in dynmax if limit is not None], default=None),
        _most(cpu),
        _most(memory),
        _most(pressure),
        any(throttled),
        any(by_load),
        any(by_swap),
    )


def _most(values: Iterable[float | None]) -> float | None:
    return max([value for value in values if value is not None], default=None)
