"""Charts: a figure's course in columns, and how it is said. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..model import HostSample
from ..units import short_size
from .sample import NOTHING, Sample, figure, memory_total, worst_pressure

_FULL = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Times a power of ten: what a full bar may stand for. In steps: not each new maximum moves all bars."""
_RATE_AT_LEAST = 120.0
_IMPULSE_AT_LEAST = 2.0
_LOAD_AT_LEAST = 1.0
_SWAP_AT_LEAST = _PRESSURE_AT_LEAST = 10.0
"""The least that a full bar stands for: a load of 0.02 is none."""


def plain(value: float) -> str:
    """``250``, ``2.5``, ``12k``: a figure in at most five characters, as an axis says it."""
    for unit, power in (("M", 1e6), ("k", 1e3)):
        if value >= 10 * power:
            return plain(value / power) + unit
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def hourly(value: float) -> str:
    """``250/h``."""
    return f"{plain(value)}/h"


def percent(value: float) -> str:
    """``40%``."""
    return f"{plain(value)}%"


def size(value: float) -> str:
    """Bytes as ``812M`` or ``12G``."""
    return short_size(int(value))


class Chart(NamedTuple):
    """One figure over some time.

    ``latest`` and ``most`` say its newest value and its maximum, ``""`` where nothing is known. ``values``
    are one for each column, oldest first, each the maximum of its time and within 0..``top``, None where
    nothing is known. ``limits`` is the least that the value was limited to in each column, and ``throttled``
    whether workers were held back because of it; both are empty where a chart has no such thing. ``top`` is
    the value of a full bar, over 0; ``said`` says a value in seven characters or fewer.
    """

    name: str
    latest: str
    most: str
    values: tuple[float | None, ...]
    limits: tuple[float | None, ...]
    top: float
    throttled: tuple[bool, ...] = ()
    said: Callable[[float], str] = plain


class Latest(NamedTuple):
    """What the newest snapshot says, and of what its figures are a part."""

    sample: Sample = NOTHING
    host: HostSample = HostSample()
    slots: float | None = None


def pane_charts(columns: Sequence[Sample], latest: Latest) -> tuple[Chart, ...]:
    """Rate, impulse, load, swap and workers, said in few words."""
    now, slots = latest.sample, latest.slots
    fields = _fields(columns)
    cpus = max(figure(latest.host.ncpus) or 0.0, _LOAD_AT_LEAST)
    swap = _chart("swap", now.swap, fields.swap, ".0f", "%", least=_SWAP_AT_LEAST, throttled=fields.by_swap)
    if latest.host.no_swap and now.swap is None:
        swap = swap._replace(latest="none")
    workers = _chart("workers", now.active, fields.active, ".0f", least=1.0, throttled=fields.throttled)
    if slots is not None:
        workers = workers._replace(latest=f"{workers.latest} of {slots:.0f}")
    # All of them are a full bar, and not the most that there were: it is a part of a whole.
    full = max(_maximum(fields.active), _maximum(fields.dynmax), slots or 0.0, 1.0)
    return (
        _chart("rate", now.rate, fields.rate, ".0f", per="/h", least=_RATE_AT_LEAST),
        _chart("impulse", now.impulse, fields.impulse, ".0f", least=_IMPULSE_AT_LEAST),
        _chart("load", now.load, fields.load, ".2f", least=cpus, throttled=fields.by_load),
        swap,
        workers._replace(limits=fields.dynmax, top=full),
    )


def all_charts(columns: Sequence[Sample], latest: Latest, known: Sample) -> tuple[Chart, ...]:
    """Those of the pane in more words, with CPU, memory and pressure; not what is None in ``known``."""
    now, host = latest.sample, latest.host
    fields = _fields(columns)
    rate, impulse, load, swap, workers = pane_charts(columns, latest)
    if now.rate is not None:
        rate = rate._replace(latest=f"{now.rate:.0f} pkg/h")
    if now.load is not None and host.ncpus is not None and figure(host.ncpus):
        load = load._replace(latest=f"{load.latest} on {host.ncpus} CPUs")
    cpu = _chart("CPU", now.cpu, fields.cpu, ".0f", "%", least=100.0)
    pressure = _chart("pressure", now.pressure, fields.pressure, ".0f", "%", least=_PRESSURE_AT_LEAST)
    charts = {
        "rate": rate._replace(said=hourly),
        "impulse": impulse,
        "load": load,
        "swap": swap._replace(said=percent),
        "active": workers,
        "cpu": cpu._replace(said=percent, top=max(100.0, _maximum(fields.cpu))),
        "memory": _memory(fields.memory, latest),
        "pressure": pressure._replace(
            latest=f"{pressure.latest} {worst_pressure(host)}".rstrip(), said=percent
        ),
    }
    said = known._asdict()
    return tuple(chart for name, chart in charts.items() if said[name] is not None)


def _memory(values: tuple[float | None, ...], latest: Latest) -> Chart:
    used, total = latest.sample.memory, memory_total(latest.host)
    most = _maximum(values)
    chart = Chart(
        "memory",
        "-" if used is None else size(used),
        "" if values.count(None) == len(values) else f"max {size(most)}",
        values,
        (),
        max(most, total or 0.0, 1.0),
        said=size,
    )
    return chart if total is None else chart._replace(latest=f"{chart.latest} of {size(total)}")


class _Fields(NamedTuple):
    """A :class:`Sample`'s figures, each in all columns."""

    rate: tuple[float | None, ...] = ()
    impulse: tuple[float | None, ...] = ()
    load: tuple[float | None, ...] = ()
    swap: tuple[float | None, ...] = ()
    active: tuple[float | None, ...] = ()
    dynmax: tuple[float | None, ...] = ()
    cpu: tuple[float | None, ...] = ()
    memory: tuple[float | None, ...] = ()
    pressure: tuple[float | None, ...] = ()
    throttled: tuple[bool, ...] = ()
    by_load: tuple[bool, ...] = ()
    by_swap: tuple[bool, ...] = ()


def _fields(columns: Sequence[Sample]) -> _Fields:
    return _Fields(*zip(*columns, strict=True)) if columns else _Fields()


def _chart(
    name: str,
    latest: float | None,
    values: tuple[float | None, ...],
    spec: str,
    unit: str = "",
    *,
    per: str = "",
    least: float,
    throttled: tuple[bool, ...] = (),
) -> Chart:
    """The chart of these values, whose full bar stands for ``least`` at least.

    ``per`` is said once, after the newest value.
    """
    most = _maximum(values)
    return Chart(
        name,
        "-" if latest is None else f"{latest:{spec}}{unit}{per}",
        "" if values.count(None) == len(values) else f"max {most:{spec}}{unit}",
        values,
        (),
        _full(max(most, least)),
        throttled,
    )


def _maximum(values: tuple[float | None, ...]) -> float:
    """The largest of those that are known, 0 where none is."""
    return max(filter(None, values), default=0.0)


def _full(value: float) -> float:
    """The value of a full bar in a chart whose maximum is ``value``, over 0."""
    power = 10.0 ** math.floor(math.log10(value))
    return next((step * power for step in _FULL if step * power >= value), value)
