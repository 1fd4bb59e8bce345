"""A simulated operating system: whole builds without processes, and without a second of real time."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from synthtop.run.package import Package, Phase
from synthtop.run.processes import Exit


class Act(NamedTuple):
    """What a process does: it ends with ``code`` after ``takes`` seconds (None: never by itself).

    ``output`` is written at seconds after its start. ``on_term`` is its end when it gets SIGTERM, None
    if it ignores that. For ``leaves`` seconds after it something of it is left.
    """

    takes: float | None = 1.0
    code: int = 0
    output: tuple[tuple[float, bytes], ...] = ()
    on_term: int | None = -signal.SIGTERM
    leaves: float = 0.0


class Spawned(NamedTuple):
    """One start: when, and what the process was given."""

    pid: int
    at: float
    argv: tuple[str, ...]
    env: dict[str, str]
    cwd: str

    @property
    def origin(self) -> str:
        return self.env["SYNTHTOP_ORIGIN"]

    @property
    def phase(self) -> str:
        return self.env["SYNTHTOP_PHASE"]


@dataclass
class _Process:
    act: Act
    ends: float
    code: int
    descriptor: int
    output: list[tuple[float, bytes]]


class FakeLayer:
    """The operating system of one build: a :class:`JobLayer` whose :meth:`wait` lets time pass.

    ``act(spawned)`` says what a new process does, and may raise OSError. ``at(second, call)`` has something
    happen during the build; each of ``each_second`` is called once a second. ``signals`` are those that were
    sent, in their order; ``left`` is how many processes :meth:`end_rest` finds, beside the ``spared`` groups.
    """

    def __init__(self, act: Callable[[Spawned], Act] = lambda _: Act()) -> None:
        self.act = act
        self.now = 0.0
        self.spawned: list[Spawned] = []
        self.most = 0
        self.signals: list[tuple[str, int]] = []
        self.each_second: list[Callable[[], object]] = []
        self.left = 0
        self.spared: set[int] = set()
        self.killed_rest_at: float | None = None
        self.closed = False
        self.processes: dict[int, _Process] = {}
        self._left_until: dict[int, float] = {}
        self._signalled: list[float] = []
        self._calls: list[tuple[float, Callable[[], object]]] = []
        self._ticked = 0
        self._woken = False

    def clock(self) -> float:
        return self.now

    def at(self, second: float, call: Callable[[], object]) -> None:
        self._calls.append((second, call))
        self._calls.sort(key=lambda entry: entry[0])

    def started(self, phase: str | None = None) -> list[str]:
        """The origins in the order in which they (or their ``phase``) started, skip_if left out."""
        return [
            one.origin
            for one in self.spawned
            if one.phase != "skip_if" and (phase is None or one.phase == phase)
        ]

    def start_of(self, origin: str) -> float:
        return next(one.at for one in self.spawned if one.origin == origin)

    def sent(self, name: str) -> list[int]:
        """Whom the signal of this name was sent to."""
        return [pid for sent, pid in self.signals if sent == name]

    def sent_at(self, name: str) -> list[float]:
        """When it was sent."""
        return [at for (sent, _), at in zip(self.signals, self._signalled, strict=True) if sent == name]

    def _signal(self, name: str, pid: int = 0) -> None:
        self.signals.append((name, pid))
        self._signalled.append(self.now)

    # -- the protocol ------------------------------------------------------------------------------

    def spawn(self, argv: Sequence[str], env: Mapping[str, str], cwd: str, output: int) -> int:
        started = Spawned(1000 + len(self.spawned), self.now, tuple(argv), dict(env), cwd)
        act = self.act(started)
        self.spawned.append(started)
        ends = float("inf") if act.takes is None else self.now + act.takes
        pending = [(self.now + after, data) for after, data in act.output]
        self.processes[started.pid] = _Process(act, ends, act.code, output, pending)
        self.most = max(self.most, len(self.processes))
        return started.pid

    def wait(self, timeout: float) -> list[Exit]:
        until = self.now + timeout
        while not self._woken and not self._ended():
            due = min([until, *self._pending()])
            if due >= until:
                self._advance(until)
                break
            self._advance(due)
        self._woken = False
        ended = self._ended()
        for pid, _ in ended:
            process = self.processes.pop(pid)
            self._left_until[pid] = process.ends + process.act.leaves
        return ended

    def _pending(self) -> list[float]:
        times = [process.ends for process in self.processes.values()]
        times += [at for process in self.processes.values() for at, _ in process.output]
        times += [at for at, _ in self._calls[:1]]
        if self.each_second:
            times.append(self._ticked + 1.0)
        return times

    def _advance(self, now: float) -> None:
        self.now = max(self.now, now)
        for process in self.processes.values():
            while process.output and process.output[0][0] <= self.now:
                os.write(process.descriptor, process.output.pop(0)[1])
        while self._calls and self._calls[0][0] <= self.now:
            self._calls.pop(0)[1]()
        while self.each_second and self._ticked + 1.0 <= self.now:
            self._ticked += 1
            for call in self.each_second:
                call()

    def _ended(self) -> list[Exit]:
        return [
            Exit(pid, process.code) for pid, process in self.processes.items() if process.ends <= self.now
        ]

    def wake(self) -> None:
        self._woken = True

    def terminate(self, leaders: Collection[int]) -> None:
        for pid in list(leaders):
            self._signal("TERM", pid)
            process = self.processes.get(pid)
            if process is not None and process.act.on_term is not None and process.ends > self.now:
                process.ends, process.code = self.now, process.act.on_term

    def kill(self, leaders: Collection[int]) -> None:
        for pid in list(leaders):
            self._signal("KILL", pid)
            process = self.processes.get(pid)
            if process is not None and process.ends > self.now:
                process.ends, process.code = self.now, -signal.SIGKILL

    def lingers(self, leader: int) -> bool:
        return self.now < self._left_until.get(leader, 0.0)

    def suspend(self, left_by: Collection[int] = ()) -> None:
        self._signal("STOP")

    def resume(self, left_by: Collection[int] = ()) -> None:
        self._signal("CONT")

    def end_rest(
        self, deadline: Callable[[], float], spare: Callable[[], Collection[int]] = frozenset
    ) -> int:
        """What is left heeds nothing but SIGKILL."""
        self.spared = set(spare())
        count = self.left + len(self.processes)
        while count and self.now < deadline():
            self.wait(0.03)
        if count:
            self.killed_rest_at = self.now
        self.processes.clear()
        return count

    def close(self) -> None:
        self.closed = True


def package(
    origin: str,
    *needs: str,
    phases: Sequence[str] = ("build",),
    memory: int | None = None,
    ignore: str | None = None,
    scan: bool = False,
    timeout: float | None = None,
    env: Mapping[str, str] | None = None,
) -> Package:
    """A package whose commands are ``job ORIGIN PHASE``."""
    category, _, name = origin.rpartition("/")
    command = ("job", "{origin}", "{phase}")
    steps = () if ignore else tuple(Phase(phase, command, timeout) for phase in phases)
    return Package(origin, category, name, None, needs, steps, scan, memory, ignore, env or {})
