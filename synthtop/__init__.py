"""synthtop: a dashboard for package builds, and the statistics behind it.

What a builder of your own needs is exported here; names are looked up when they are
first used, so that ``import synthtop`` alone loads nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .collector import Collector
    from .model import (
        BuildState,
        Eta,
        Finished,
        HostSample,
        LogKind,
        LogLine,
        Outcome,
        Snapshot,
        WorkerRow,
        WorkerState,
    )
    from .monitor import MonitorSink
    from .probes import Probe, host_probe
    from .protocols import Consumer
    from .targets import MonitorBusy, parse_target

_HOME = {
    "Collector": "collector",
    "BuildState": "model",
    "Consumer": "protocols",
    "Eta": "model",
    "Finished": "model",
    "HostSample": "model",
    "LogKind": "model",
    "LogLine": "model",
    "Outcome": "model",
    "Snapshot": "model",
    "WorkerRow": "model",
    "WorkerState": "model",
    "MonitorBusy": "targets",
    "MonitorSink": "monitor",
    "parse_target": "targets",
    "Probe": "probes",
    "host_probe": "probes",
}

__all__ = [  # noqa: RUF022  (the collector first: it is what one comes for)
    "Collector",
    "BuildState",
    "Consumer",
    "Eta",
    "Finished",
    "HostSample",
    "LogKind",
    "LogLine",
    "MonitorBusy",
    "MonitorSink",
    "Outcome",
    "Probe",
    "Snapshot",
    "WorkerRow",
    "WorkerState",
    "__version__",
    "host_probe",
    "parse_target",
]


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{home}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
