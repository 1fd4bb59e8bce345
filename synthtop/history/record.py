"""What the history has of a build, as values: its run, its packages, its minutes. Pure."""

from __future__ import annotations

from typing import NamedTuple

from ..model import BuildState, Outcome, SourceKind, Totals


class Run(NamedTuple):
    """One build. ``id`` is its number in the history, 0 before it has one.

    ``kind`` says who told of it, and ``own`` that it was synthtop's own build, recorded by the process that
    built. ``path`` is what was followed, ``logs`` the directory of its logs. ``started``, ``ended`` and
    ``updated`` (the last moment at which it was told of) are epoch seconds, ``elapsed`` whole seconds.
    ``average_rate`` and ``peak_rate`` are packages per hour, ``peak_load`` is the adjusted load average.
    None: not known.
    """

    id: int
    host: str
    name: str
    kind: SourceKind
    own: bool
    path: str | None
    logs: str | None
    started: float
    ended: float | None
    updated: float
    state: BuildState
    elapsed: int
    workers: int | None
    average_rate: float | None
    peak_rate: float | None
    peak_load: float | None
    totals: Totals


class PackageRecord(NamedTuple):
    """How one package ended in a run. ``started`` is an epoch second, ``duration`` whole seconds.
    None: not known."""

    origin: str
    outcome: Outcome
    phase: str | None
    reason: str | None
    started: float | None
    duration: int | None
    lines: int | None
    log: str | None


class Minute(NamedTuple):
    """One minute of a run, ``minute`` counted from its start: the most that each figure was in it, but the
    least that DynMax was. As in :class:`~synthtop.trends.sample.Sample`; ``memory`` is bytes."""

    minute: int
    rate: float | None
    impulse: float | None
    load: float | None
    swap: float | None
    active: float | None
    dynmax: float | None
    cpu: float | None
    memory: float | None


class Built(NamedTuple):
    """How one package went in one run: see :class:`Run` and :class:`PackageRecord`."""

    run: int
    host: str
    name: str
    package: PackageRecord
