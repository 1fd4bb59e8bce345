"""The terminal as it was at the start, to be put back by whoever is left when an app could not do it."""

from __future__ import annotations

import os
import select
import signal
import termios
import time
from contextlib import suppress

_LEAVE_SCREEN = (
    b"\x1b[<u"  # Kitty keyboard off
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l"  # mouse off
    b"\x1b[?1004l\x1b[?2004l\x1b[?2026l"  # focus reports, bracketed paste, synchronised output off
    b"\x1b[?1049l\x1b[?25h\x1b[0m\r\n"  # normal screen, cursor, colours
)
_TITLE_BACK = b"\x1b[23;0t"


_TRIES = 20
_BETWEEN = 0.01
"""Seconds between two: a thread that was stuck in writing takes a moment to let the terminal go."""


class TerminalState:
    """The controlling terminal's settings at the time of its making. Without a terminal it does nothing."""

    PATH = "/dev/tty"

    def __init__(self) -> None:
        self._settings: list[int | list[bytes | int]] | None = None
        with suppress(OSError, termios.error), open(self.PATH, "rb", buffering=0) as tty:
            self._settings = termios.tcgetattr(tty)

    def restore(self, titled: bool = False) -> None:
        """Put the settings back and leave the full screen. Waits for no terminal that takes nothing.

        From any thread. ``titled`` says that the app has put the title that was there on the terminal's own
        stack and not yet taken it from there: to take one that somebody else put there would lose it.
        """
        if self._settings is None:
            return
        # From the background, writing would stop us; where this thread blocks the signal, it writes.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
        with suppress(OSError):
            descriptor = os.open(self.PATH, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                with suppress(termios.error):
                    termios.tcsetattr(descriptor, termios.TCSANOW, self._settings)
                _write(descriptor, (_TITLE_BACK if titled else b"") + _LEAVE_SCREEN)
            finally:
                os.close(descriptor)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _write(descriptor: int, data: bytes) -> None:
    """Write all of ``data``; what waits before it in a terminal that is full is thrown away."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    for _ in range(_TRIES):
        # Where terminals cannot be polled (macOS) they are taken for full.
        if not any(events & select.POLLOUT for _, events in poll.poll(0)):
            # Before the write and not after it: what is written in part would be thrown away too.
            with suppress(termios.error):
                termios.tcflush(descriptor, termios.TCOFLUSH)
        with suppress(BlockingIOError):
            data = data[os.write(descriptor, data) :]
        if not data:
            return
        time.sleep(_BETWEEN)  # whoever reads the terminal may be about to take some
