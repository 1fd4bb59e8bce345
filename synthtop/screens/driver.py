"""Reads the keyboard without waking up for nothing, and leaves the signals to whoever had them.

Textual's own driver looks ten times a second whether it is to end, which is a fifth of all that a dashboard
at rest costs; and it ends the app where a byte is no UTF-8, and spins where the terminal is gone.
"""

from __future__ import annotations

import os
import selectors
import signal
import sys
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

_AT_ONCE = 4096
"""Bytes read at once, as in Textual's own driver."""
# macOS polls no terminals; elsewhere there may be a thousand logs open, and select() ends there.
_Selector = selectors.SelectSelector if sys.platform == "darwin" else selectors.PollSelector


class WakingEvent(threading.Event):
    """An event that can be waited for among file descriptors: its own, ``descriptor``, is then readable."""

    def __init__(self) -> None:
        super().__init__()
        self.descriptor, self._other = os.pipe()
        for end in (self.descriptor, self._other):
            os.set_blocking(end, False)

    def set(self) -> None:
        super().set()
        with suppress(BlockingIOError):  # full: whoever waits has been told often enough
            os.write(self._other, b".")

    def clear(self) -> None:
        super().clear()
        with suppress(BlockingIOError):
            os.read(self.descriptor, _AT_ONCE)

    def close(self) -> None:
        """Let the descriptors go; the event is not to be used any more."""
        os.close(self.descriptor)
        os.close(self._other)


class QuietDriver(LinuxDriver):
    """Textual's driver for terminals, but for how it waits for input."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        # Never closed: a suspended app closes its driver and goes on with it.
        self.exit_event: WakingEvent = WakingEvent()

    def run_input_thread(self) -> None:
        """Make messages of what is typed, until the driver is to end or the terminal is gone."""
        parser = XTermParser(self._debug)
        # Not strict: in a terminal that is not in UTF-8 any letter with an accent would end the app.
        decode = getincrementaldecoder("utf-8")("replace").decode
        with _Selector() as waiting:
            waiting.register(self.fileno, selectors.EVENT_READ)
            waiting.register(self.exit_event.descriptor, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                ready = {key.fd for key, _ in waiting.select(_seconds_left(parser))}
                if self.fileno in ready:
                    data = _read(self.fileno)
                    if not data:
                        # Gone, and so it stays; whoever owns the app looks after that.
                        waiting.unregister(self.fileno)
                        continue
                    # A letter's first byte alone is no text yet, and to be fed nothing is the parser's end.
                    for event in parser.feed(text) if (text := decode(data)) else ():
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)


def _seconds_left(parser: XTermParser) -> float | None:
    """How long an escape that has begun may wait for its rest; None where nothing has begun."""
    # The parser doesn't say so in public: it wants to be asked ten times a second.
    if parser._timeout_time is None:
        return None
    return max(0.0, parser._timeout_time - time.monotonic())


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, _AT_ONCE)
    except OSError:
        return b""


_TAKEN_BY_TEXTUAL = ("SIGTSTP", "SIGCONT", "SIGWINCH", "SIGTTIN", "SIGTTOU")


@contextmanager
def signal_handlers_kept() -> Iterator[None]:
    """Put back afterwards the handlers that Textual leaves its own in place of."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {name: signal.getsignal(getattr(signal, name)) for name in _TAKEN_BY_TEXTUAL}
    try:
        yield
    finally:
        for name, handler in before.items():
            if handler is not None:
                signal.signal(getattr(signal, name), handler)
