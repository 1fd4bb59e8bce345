"""A program that has the terminal to itself for a while, in the foreground as a shell would run it.

While it runs, whatever else this process does goes on in other threads.
"""

from __future__ import annotations

import os
import select
import signal
import termios
import time
from collections.abc import Sequence
from contextlib import suppress

from .. import aside
from ..text import clean

_TERMINAL = 0
"""The descriptor that an app reads its keys from."""
_STEP = 0.1
"""Seconds between two looks whether it was stopped, or is to end."""
_GRACE = 2.0
"""Seconds between asking it to end and killing it."""


class Outside:
    """Runs programs, one at a time: there is one terminal.

    Each has a process group of its own, so that a ctrl+c in it is not for the build. What stops it, as a
    ctrl+z does, is undone: there is no shell to come back from.
    """

    def __init__(self) -> None:
        self._ending = False

    def end(self) -> None:
        """Have the program that runs, and any later one, end at once. From anywhere, signal handlers too."""
        self._ending = True

    def run(self, argv: Sequence[str]) -> str:
        """Run ``argv`` until it has ended; why it could not be started, ``""`` where it could.

        On the main thread, with the terminal as it was before the app. How it ended is not asked: the status
        may have been reaped by whoever waits for all children of this process.
        """
        settings = None
        with suppress(termios.error):
            settings = termios.tcgetattr(_TERMINAL)
        try:
            process = aside.popen(argv, process_group=0)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "not a command"
            return f"cannot run '{clean(argv[0])}': {why}"
        try:
            _give_terminal(process.pid)
            self._await(process.pid)
        finally:
            aside.done(process.pid)
            process.returncode = 0  # keeps Popen from waiting for what is reaped already
            _give_terminal(os.getpgrp())
            if settings is not None:
                with suppress(termios.error):
                    termios.tcsetattr(_TERMINAL, termios.TCSADRAIN, settings)
        return ""

    def _await(self, leader: int) -> None:
        deadline: float | None = None
        pidfd = _pidfd(leader)
        try:
            while not _ended(leader):
                if self._ending and deadline is None:
                    deadline = time.monotonic() + _GRACE
                    for signum in (signal.SIGHUP, signal.SIGTERM, signal.SIGCONT):
                        _signal(leader, signum)
                if deadline is not None and time.monotonic() >= deadline:
                    _signal(leader, signal.SIGKILL)
                _pause(pidfd)
        finally:
            if pidfd >= 0:
                os.close(pidfd)


def _give_terminal(group: int) -> None:
    """Let ``group`` have the terminal; another than ours goes on, if it was stopped because it had not."""
    # From the background, this would stop us. Blocked for no longer: what we start would inherit it.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    with suppress(OSError):
        os.tcsetpgrp(_TERMINAL, group)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    if group != os.getpgrp():
        _signal(group, signal.SIGCONT)


def _ended(leader: int) -> bool:
    """Whether it has ended; one that was stopped goes on."""
    try:
        pid, status = os.waitpid(leader, os.WNOHANG | os.WUNTRACED)
    except ChildProcessError:
        return True  # reaped by somebody else
    if pid and os.WIFSTOPPED(status):
        _give_terminal(leader)
        return False
    return pid != 0


def _pidfd(pid: int) -> int:
    """What is readable once it has ended; -1 where there is no such thing."""
    if hasattr(os, "pidfd_open"):
        with suppress(OSError):
            return os.pidfd_open(pid)
    return -1


def _pause(pidfd: int) -> None:
    if pidfd < 0:
        time.sleep(_STEP / 4)  # without a pidfd nothing tells of its end, so it is looked for
        return
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    poll.poll(_STEP * 1000)


def _signal(group: int, signum: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signum)


_PROGRAMS = Outside()
run, end = _PROGRAMS.run, _PROGRAMS.end
"""Those of this process."""
