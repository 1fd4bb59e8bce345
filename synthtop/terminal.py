"""What kind of terminal we have, and whether it is still there. No drawing."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress

from .model import Snapshot


def can_show_screen(environ: Mapping[str, str], encoding: str = "utf-8") -> bool:
    """Whether the full-screen app can be shown: a terminal that knows escapes, and one to read keys from.

    The app draws on stderr, in UTF-8, which has to be that one's ``encoding``; stdout has to be a terminal
    too, since whoever redirects it wants text.
    """
    if encoding.lower().replace("_", "-") not in ("utf-8", "utf8"):
        return False
    if environ.get("TERM", "dumb") in ("dumb", "unknown", ""):
        return False
    if not (is_terminal(1) and is_terminal(2)):
        return False
    return is_terminal(0) or _has_own_terminal()


def read_keys_from_terminal() -> None:
    """Put the controlling terminal on descriptor 0 where something else is there.

    To be called before Textual is imported: it takes stdin for the keyboard, reads a pipe's data as
    keys and spins on /dev/null.
    """
    if is_terminal(0):
        return
    descriptor = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    os.dup2(descriptor, 0)
    os.close(descriptor)


def is_terminal(descriptor: int) -> bool:
    """Whether ``descriptor`` is open on a terminal."""
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def _has_own_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC))
    except OSError:
        return False
    return True


def in_foreground(descriptor: int) -> bool:
    """Whether the terminal at ``descriptor`` is ours to draw on, and not that of another job of the shell."""
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return False


def hung_up(descriptor: int) -> bool:
    """Whether the terminal at ``descriptor`` has gone for good."""
    poll = select.poll()
    poll.register(descriptor, 0)  # POLLHUP and POLLERR come unasked
    for _, events in poll.poll(0):
        if events & (select.POLLHUP | select.POLLERR):
            return True
        if events & select.POLLNVAL:  # closed; or a terminal of macOS, which knows no poll for some
            return not is_terminal(descriptor)
    return False


def takes_output(descriptor: int) -> bool:
    """Whether ``descriptor`` would take a write now, and somebody may read it."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    # One that is gone takes whatever it is given, by an error: nobody need wait for that.
    return any(not events & (select.POLLHUP | select.POLLERR) for _, events in poll.poll(0))


class TerminalWatch:
    """A consumer that looks once a second whether the terminal is still there, and calls ``lost()`` if not.

    A closed terminal is not always told by SIGHUP, and an app that reads from one spins. ``hangup`` is set
    where it was told: nothing else is to be done in a signal handler.
    """

    def __init__(self, descriptor: int, lost: Callable[[], None]) -> None:
        self.hangup = False
        self._descriptor = descriptor
        self._lost: Callable[[], None] | None = lost

    @property
    def gone(self) -> bool:
        """Whether the terminal is there no more."""
        return self.hangup or hung_up(self._descriptor)

    def on_snapshot(self, snapshot: Snapshot) -> None:
        if self._lost is not None and self.gone:
            lost, self._lost = self._lost, None
            lost()

    def close(self) -> None:
        """Nothing to let go of."""


def say(text: str) -> None:
    """One line on stderr, where that still takes any."""
    with suppress(OSError, ValueError):
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
