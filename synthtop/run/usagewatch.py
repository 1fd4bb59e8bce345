"""Looks at the processes of all slots every few seconds, in a thread that is there only while wanted."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ..model import Inside, Process
from . import tasks
from .tasks import Task, TasksUnknown
from .usage import Leader, Look, Used, look, tree

_EVERY = 3.0
"""Seconds between two looks."""
_ASKED_WITHIN = 10.0
"""Seconds after which who asked for a slot's inside is taken to have gone."""
_SHOWN = 200
"""Processes of a slot that are shown at most."""


class _Shown(NamedTuple):
    slot: int
    origin: str
    at: float
    processes: tuple[Process, ...]


class UsageWatch:
    """``leaders()`` are those of the slots that hold a package, a mapping that never changes. What they use
    is reported for all slots at each look, and ``{}`` when it is not known any more.

    ``table`` and ``commands`` read the host's processes. All methods but :meth:`look` return at once, from
    any thread.
    """

    def __init__(
        self,
        leaders: Callable[[], Mapping[int, Leader]],
        report: Callable[[Mapping[int, Used | None]], object],
        *,
        table: Callable[[], Mapping[int, Task]] = tasks.table,
        commands: Callable[[Sequence[int]], Mapping[int, str]] = tasks.commands,
        clock: Callable[[], float] = time.monotonic,
        cores: int | None = None,
    ) -> None:
        self._leaders = leaders
        self._report = report
        self._table = table
        self._commands = commands
        self._clock = clock
        self._cores = cores or os.cpu_count() or 1
        self._measured = False
        self._slot: int | None = None
        self._asked_at = 0.0
        self._last: Look | None = None
        self._looked_at: float | None = None
        self._shown: _Shown | None = None
        self._problem: str | None = None
        self._closed = False
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._poke = threading.Event()

    def measure(self, wanted: bool) -> None:
        """Whether what the slots use is to be reported."""
        self._measured = wanted
        self._begin_or_poke()

    def inside(self, slot: int) -> Inside | None:
        """What the last look found in ``slot``; None where it is empty, or was not looked at yet."""
        now = self._clock()
        self._asked_at = now
        fresh, self._slot = slot != self._slot, slot
        leader = self._leaders().get(slot)
        shown, problem = self._shown, self._problem
        found = None
        if leader is not None and problem is not None:
            found = Inside(leader.command, problem=problem)
        elif leader is not None and shown is not None and (shown.slot, shown.origin) == (slot, leader.origin):
            found = Inside(leader.command, shown.processes, max(0.0, now - shown.at))
        if fresh or self._thread is None:
            self._begin_or_poke()
        return found

    def close(self, patience: float = 1.0) -> None:
        """Look no more. Waits for a look that is under way, up to ``patience`` seconds."""
        with self._lock:
            self._closed = True
            thread = self._thread
        self._poke.set()
        if thread is not None:
            thread.join(patience)

    @property
    def wanted(self) -> bool:
        """Whether anybody wants to know."""
        if self._closed:
            return False
        asked = self._slot is not None and self._clock() - self._asked_at < _ASKED_WITHIN
        return self._measured or asked

    def _begin_or_poke(self) -> None:
        with self._lock:
            if self._thread is None and self.wanted:
                self._thread = threading.Thread(target=self._run, name="synthtop-usage", daemon=True)
                self._thread.start()
        self._poke.set()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self.wanted:
                    self._forget()
                    self._thread = None
                    return
            self.look()
            looked = self._looked_at
            due = _EVERY if looked is None else looked + _EVERY - self._clock()
            self._poke.wait(max(0.0, due))
            self._poke.clear()

    def _forget(self) -> None:
        """What is known gets old from now on."""
        self._last = self._looked_at = self._shown = self._problem = self._slot = None
        self._report({})

    def look(self) -> None:
        """Look at the processes, if that is due, and at the commands of the slot that is asked for."""
        now = self._clock()
        last = self._last
        if self._looked_at is None or now - self._looked_at >= _EVERY:
            self._looked_at = now  # also where nothing comes of it, which may have taken as long
            leaders = self._leaders()
            try:
                self._last = last = look(now, self._table(), leaders, last, self._cores)
            except TasksUnknown as error:
                self._last = self._shown = None
                self._problem = str(error)
                self._report({})
                return
            self._problem = None
            self._report(last.used)
        slot = self._slot
        if last is None or slot is None or slot not in last.leaders or now - self._asked_at >= _ASKED_WITHIN:
            self._shown = None
        else:
            self._shown = self._processes(last, slot)

    def _processes(self, last: Look, slot: int) -> _Shown:
        found = tree(last, slot, _SHOWN)
        commands = self._commands([task.pid for task, _ in found])
        processes = tuple(
            Process(task.pid, depth, commands.get(task.pid, ""), last.cpu.get(task.pid), task.rss)
            for task, depth in found
        )
        return _Shown(slot, last.leaders[slot].origin, last.at, processes)
