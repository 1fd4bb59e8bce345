"""Tells somebody who does not look: a bell or a command at the first failure, at a stall, at the end.

What is news is found out in ``news.py``. A command never holds up who builds or shows: it is started, and
looked at again with later snapshots. Its process group is none of the build's (``aside.py``); what it leaves
behind as a daemon, in a session of its own, is ended with the build as all is that was left running.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

from . import aside
from .config import NOTICES, Settings
from .model import Snapshot
from .news import News, Notice

BELL = "bell"
"""What says that the terminal is to ring, and no command to run."""
_PATIENCE = 30.0
"""Seconds that a command may take."""
_GRACE = 2.0
"""Seconds from SIGTERM to SIGKILL after that."""
_AT_THE_END = 10.0
"""Seconds that the last ones have in all, once no snapshot comes any more."""


def notices_for(
    settings: Settings,
    bell: Callable[[], None],
    report: Callable[[str], None],
    hurried: Callable[[], bool] = lambda: False,
) -> Notices | None:
    """What gives the notices that are asked for; None where none are."""
    if settings.notify is None:
        return None
    on = frozenset(settings.notify_on or NOTICES)
    return Notices(settings.notify, on, bell=bell, report=report, hurried=hurried)


class Running(Protocol):
    """A command that was started; ``pid`` leads its process group."""

    pid: int

    def ended(self) -> bool:
        """Whether nothing of it is left."""

    def kill(self, number: int) -> None:
        """Send a signal to all of it."""

    def code(self) -> int | None:
        """How it has ended: its exit status, or minus the signal that killed it; None where nobody knows."""


class Notices:
    """A consumer that gives notice by ``notify``: ``bell`` calls ``bell``, else it is a shell's command.

    ``on`` are the kinds that are told: ``failure``, the first one, ``stall``, at most one a minute, and
    ``end``. A command has ``SYNTHTOP_EVENT`` (the kind), ``SYNTHTOP_TEXT`` (one line) and the rest of
    :attr:`Notice.said <synthtop.news.Notice>` in its environment, no terminal, and 30 seconds. One runs at a
    time; of those that wait the newest of each kind is kept. ``report`` is told once if it fails: who
    relies on being told is to know.

    ``hurried()`` says that nobody waits for the last ones any longer. ``spawn`` starts a command with an
    environment; ``clock`` is monotonic, and ``pause`` waits for seconds.
    """

    def __init__(
        self,
        notify: str,
        on: frozenset[str],
        *,
        bell: Callable[[], None],
        report: Callable[[str], None] = lambda complaint: None,
        hurried: Callable[[], bool] = lambda: False,
        spawn: Callable[[str, Mapping[str, str]], Running] | None = None,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._notify, self._on = notify, on
        self._bell = bell
        self._report = report
        self._reported = False
        self._hurried = hurried
        self._spawn = spawn or _Command
        self._clock, self._pause = clock, pause
        self._news = News()
        self._waiting: dict[str, Notice] = {}
        self._running: Running | None = None
        self._began = 0.0
        self._signalled = 0

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Tell what is news in it."""
        now = self._clock()
        for notice in self._news.of(snapshot, now):
            if notice.kind not in self._on:
                continue
            if self._notify == BELL:
                self._bell()
            else:
                self._waiting[notice.kind] = notice
        self._go_on(now)

    def _go_on(self, now: float) -> None:
        """End what runs too long, and start what waits once nothing runs."""
        running = self._running
        # Of what was killed so long ago only zombies can be left, whose parent is none of ours.
        if running is not None and now - self._began < _PATIENCE + 2 * _GRACE and not running.ended():
            self._end_late(running, now - self._began)
            return
        self._let_go()
        if self._waiting:
            notice = self._waiting.pop(next(iter(self._waiting)))
            self._began, self._signalled = now, 0
            self._running = self._spawn(self._notify, {**os.environ, **notice.said})

    def _end_late(self, running: Running, seconds: float) -> None:
        for after, number in ((_PATIENCE + _GRACE, signal.SIGKILL), (_PATIENCE, signal.SIGTERM)):
            if seconds >= after:
                if number != self._signalled:
                    self._signalled = number
                    running.kill(number)
                return

    def _let_go(self) -> None:
        running, self._running = self._running, None
        if running is None:
            return
        code = running.code()
        if not self._reported and (code or self._signalled):
            self._reported = True
            why = f"exit status {code}" if code and not self._signalled else f"ended after {_PATIENCE:g} s"
            self._report(f"notify: the command failed: {why}")

    def close(self) -> None:
        """Give what still runs or waits ten seconds, unless that is hurried. Idempotent."""
        end = self._clock() + _AT_THE_END
        while (now := self._clock()) < end and not self._hurried():
            self._go_on(now)
            if self._running is None:
                return
            self._pause(0.02)
        self._waiting.clear()
        if self._running is not None and not self._running.ended():
            self._running.kill(signal.SIGKILL)
        self._let_go()


class _Command:
    """``command``, run by the shell in a process group and session of its own."""

    def __init__(self, command: str, environment: Mapping[str, str]) -> None:
        self._process = aside.popen(
            ("/bin/sh", "-c", command),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.pid = self._process.pid

    def ended(self) -> bool:
        # Whoever builds here may have reaped it, which is no error; a group lives on with those in it.
        if self._process.poll() is None:
            return False
        with suppress(PermissionError):
            try:
                os.killpg(self.pid, 0)
            except ProcessLookupError:
                return True
        return False

    def kill(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def code(self) -> int | None:
        reaped = aside.done(self.pid)
        return self._process.returncode or reaped
