"""Shows a feed that is not ours on the full screen: nothing is built here, and nothing is lost by leaving.

The pulse works in a thread of its own and the app in the main one; a third thread sees to it that a
signal ends all, whatever the terminal or the feed is stuck in.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import traceback
from contextlib import suppress
from types import FrameType

from .model import Feed
from .pulse import Pulse
from .run.guard import INTERNAL_ERROR, stop_ourselves
from .terminal import (
    Looks,
    await_foreground,
    hung_up,
    knows_title,
    read_keys_from_terminal,
    say,
    shown_in_time,
)
from .ttystate import TerminalState

_LETTING_GO = 2.0
"""Seconds that a feed may take to close: one that hangs must not keep who has left."""

_BETWEEN_LOOKS = 1000
"""Milliseconds between two looks whether the terminal is still there."""


def watch(feed: Feed, looks: Looks) -> int:
    """Show ``feed`` until the user leaves, then close it; the exit status, 128 + n after signal n.

    On the main thread of a program with a terminal that can show the screen. A terminal that hangs up
    counts as SIGHUP.
    """
    return _Watch(feed, looks).run()


class _Watch:
    def __init__(self, feed: Feed, looks: Looks) -> None:
        titled = knows_title(os.environ)
        self._terminal = TerminalState()
        self._title_held = False
        read_keys_from_terminal()
        from .app import SynthtopApp

        self._feed = feed
        self._app = SynthtopApp(looks=looks, title_shown=titled)
        self._app.on_suspend = self._suspend
        self._app.on_title = self._note_title
        self._complaints: list[str] = []  # said at the end: until then the terminal is the app's
        self._pulse = Pulse(feed.tick, self._complaints.append)
        self._ended_by: signal.Signals | None = None
        self._crashed = False
        self._over = threading.Event()
        self._ending = threading.Lock()
        self._asked, self._ask = os.pipe()
        os.set_blocking(self._ask, False)

    def run(self) -> int:
        self._take_signals()
        threading.Thread(target=self._await_end, name="synthtop-end", daemon=True).start()
        self._pulse.add(self._app)
        # In a thread already for its first snapshot: a file on a dead disk holds up no key and no signal.
        threading.Thread(target=self._pulse.start, name="synthtop-begin", daemon=True).start()
        self._show()
        self._let_go()
        for complaint in self._complaints:
            say(f"synthtop: {complaint}")
        with self._ending:
            self._over.set()
        self._wake()
        return self._status()

    def _show(self) -> None:
        try:
            self._app.run()
        except Exception:  # noqa: BLE001  (whatever it is, the terminal comes first)
            self._crashed = True
            self._terminal.restore(self._title_held)
            self._complaints.append(f"internal error, the screen failed:\n{traceback.format_exc()}")
        else:
            # What goes wrong within the app is told by Textual, and is no exception here.
            self._crashed = bool(self._app.return_code)
        if hung_up(0):
            self._ended_by = self._ended_by or signal.SIGHUP

    def _note_title(self, held: bool) -> None:
        self._title_held = held

    def _let_go(self) -> None:
        closing = threading.Thread(target=self._close, name="synthtop-close", daemon=True)
        closing.start()
        closing.join(_LETTING_GO)

    def _close(self) -> None:
        self._pulse.stop()
        self._feed.close()

    def _status(self) -> int:
        if self._ended_by is not None:
            return 128 + self._ended_by
        return INTERNAL_ERROR if self._crashed else 0

    # -- signals -----------------------------------------------------------------------------------

    def _take_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._end(signal.Signals(number))

    def _end(self, by: signal.Signals) -> None:
        self._ended_by = self._ended_by or by
        self._wake()

    def _wake(self) -> None:
        # A pipe: a signal finds us in anybody's midst, perhaps with the lock that another way would take.
        with suppress(BlockingIOError):
            os.write(self._ask, b"!")

    def _await_end(self) -> None:
        """Wait for the end to be asked for, and see to it that it comes."""
        asked = select.poll()
        asked.register(self._asked, select.POLLIN)
        # Looked for here, not with each snapshot: a feed that hangs has none, and SIGHUP may be ignored.
        while not asked.poll(_BETWEEN_LOOKS):
            if hung_up(0):
                self._ended_by = self._ended_by or signal.SIGHUP
                break
        self._app.leave()
        if shown_in_time(self._over):
            return
        # For good: what was stuck must not run on and end us before the terminal is in order.
        self._ending.acquire()
        # Before the rest goes nowhere: the app takes what it writes there for said, the title's return too.
        title_held = self._title_held
        _let_terminal_go(self._ended_by or signal.SIGTERM)
        self._terminal.restore(title_held)
        os._exit(self._status())

    def _suspend(self) -> None:
        """Stop as ctrl+z does; when this returns, the terminal is ours again."""
        stop_ourselves()
        if not await_foreground(lambda: self._ended_by is not None):
            # The terminal is the shell's, and to take it back would stop us again.
            os._exit(self._status())


def _let_terminal_go(by: signal.Signals) -> None:
    """Make whoever is stuck in writing to the terminal stop that: meanwhile nobody else can write.

    ``by`` is a signal with a handler that does no harm.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    for thread in threading.enumerate():
        # Its write ends with EINTR, and is tried again with what the descriptor is now.
        if thread.ident is not None and thread is not threading.current_thread():
            with suppress(ProcessLookupError):
                signal.pthread_kill(thread.ident, by)
