"""Shows a feed that is not ours, on the full screen or as text: nothing is built here, and nothing is lost by
leaving.

The pulse works in a thread of its own and the app in the main one; a third thread sees to it that a
signal ends all, whatever the terminal or the feed is stuck in.
"""

from __future__ import annotations

import os
import select
import signal
import stat
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType
from typing import TextIO

from .config import Settings, user_file
from .notice import notices_for
from .plain import PlainView
from .protocols import Chooser, Consumer, Feed
from .pulse import Pulse
from .remember import Memory
from .run.guard import INTERNAL_ERROR, stop_ourselves
from .terminal import (
    Looks,
    await_foreground,
    hung_up,
    knows_title,
    read_keys_from_terminal,
    ring,
    say,
    shown_in_time,
)
from .ttystate import TerminalState

_NOTHING_SET = Settings()
_LETTING_GO = 2.0
"""Seconds that a feed may take to close: one that hangs must not keep who has left."""

_BETWEEN_LOOKS = 1000
"""Milliseconds between two looks whether the terminal is still there."""
_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)


def watch(
    feed: Feed,
    looks: Looks,
    *,
    chooser: Chooser | None = None,
    consumers: Sequence[Consumer] = (),
    settings: Settings = _NOTHING_SET,
) -> int:
    """Show ``feed`` until the user leaves, then close it; the exit status, 128 + n after signal n.

    On the main thread of a program with a terminal that can show the screen. A terminal that hangs up
    counts as SIGHUP. ``chooser`` is the way to other builds. ``consumers`` get each snapshot too, and are
    closed whatever ends it. ``settings`` say what the screen has and who is told what; what is chosen on the
    screen is kept in the user's own file of them.
    """
    return _Watch(feed, looks, chooser, consumers, settings).run()


def watch_plain(
    feed: Feed, out: TextIO, *, consumers: Sequence[Consumer] = (), settings: Settings = _NOTHING_SET
) -> int:
    """Write what happens in the build of ``feed`` to ``out`` until it is over, then close ``feed``.

    The exit status: 0, or 128 + n after signal n; a terminal that hangs up counts as SIGHUP. OSError when
    ``out`` takes no more. On the main thread, without need of a terminal. ``consumers`` and who is told as in
    :func:`watch`.
    """
    view = PlainView()
    notices = notices_for(settings, ring, _complain)
    consumers = consumers if notices is None else (*consumers, notices)
    pulse = Pulse(feed.tick, _complain)
    for consumer in (*consumers, view):
        pulse.add(consumer)
    # In a thread already for its first snapshot: a file on a dead disk holds up no key and no signal.
    begin = threading.Thread(target=pulse.start, name="synthtop-begin", daemon=True)
    with _Signals() as signals:
        try:
            begin.start()
            view.show(out)
        except _Signalled as signalled:
            _drop_unwritten(out)
            return 128 + signalled.number
        except OSError:
            if not _lost_terminal(out):
                raise
            return 128 + signal.SIGHUP
        finally:
            signals.raised = False
            _let_go(begin, pulse, feed, consumers, _complain)
    return 0


class _Watch:
    def __init__(
        self,
        feed: Feed,
        looks: Looks,
        chooser: Chooser | None,
        consumers: Sequence[Consumer],
        settings: Settings,
    ) -> None:
        titled = knows_title(os.environ)
        self._terminal = TerminalState()
        self._title_held = False
        read_keys_from_terminal()
        from .app import SynthtopApp

        self._feed = feed
        self._complaints: list[str] = []  # said at the end: until then the terminal is the app's
        self._pulse = Pulse(feed.tick, self._complaints.append)
        # In a thread already for its first snapshot: as in watch_plain.
        self._begin = threading.Thread(target=self._pulse.start, name="synthtop-begin", daemon=True)
        at_once = None if chooser is None else _AtOnce(chooser, self._pulse)
        self._memory = Memory(user_file(os.environ), self._complaints.append)
        self._app = SynthtopApp(
            looks=looks,
            title_shown=titled,
            chooser=at_once,
            settings=settings,
            remember=self._memory.keep,
        )
        notices = notices_for(settings, self._app.ring, self._complaints.append)
        self._consumers = consumers if notices is None else (*consumers, notices)
        self._app.on_suspend = self._suspend
        self._app.on_title = self._note_title
        self._ended_by: signal.Signals | None = None
        self._crashed = False
        self._over = threading.Event()
        self._ending = threading.Lock()
        self._letting_go = threading.Lock()
        self._let = False
        self._asked, self._ask = os.pipe()
        os.set_blocking(self._ask, False)

    def run(self) -> int:
        self._take_signals()
        threading.Thread(target=self._await_end, name="synthtop-end", daemon=True).start()
        for consumer in (*self._consumers, self._app):
            self._pulse.add(consumer)
        self._begin.start()
        self._show()
        self._let_go()
        self._memory.close()
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
        # Once: whoever else ends us meanwhile waits for that.
        with self._letting_go:
            if not self._let:
                self._let = True
                _let_go(self._begin, self._pulse, self._feed, self._consumers, self._complaints.append)

    def _status(self) -> int:
        if self._ended_by is not None:
            return 128 + self._ended_by
        return INTERNAL_ERROR if self._crashed else 0

    # -- signals -----------------------------------------------------------------------------------

    def _take_signals(self) -> None:
        for number in _ENDING:
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
        self._let_go()
        os._exit(self._status())

    def _suspend(self) -> None:
        """Stop as ctrl+z does; when this returns, the terminal is ours again."""
        stop_ourselves()
        if not await_foreground(lambda: self._ended_by is not None):
            # The terminal is the shell's, and to take it back would stop us again.
            self._let_go()
            os._exit(self._status())


class _AtOnce:
    """A chooser whose choice is seen at once, and not with the next second's snapshot."""

    def __init__(self, chooser: Chooser, pulse: Pulse) -> None:
        self._chooser = chooser
        self._pulse = pulse
        self._chosen = threading.Event()
        threading.Thread(target=self._beat, name="synthtop-choice", daemon=True).start()

    def choose(self, path: str) -> None:
        self._chooser.choose(path)
        self._chosen.set()

    def back(self) -> None:
        self._chooser.back()
        self._chosen.set()

    def stop(self) -> None:
        self._chooser.stop()

    def _beat(self) -> None:
        while self._chosen.wait():
            self._chosen.clear()
            # What fails here fails once more at the next tick, and is told then.
            with suppress(Exception):
                self._pulse.beat()


# -- letting go --------------------------------------------------------------------------------------


def _let_go(
    begin: threading.Thread,
    pulse: Pulse,
    feed: Feed,
    consumers: Sequence[Consumer],
    complain: Callable[[str], None],
) -> None:
    """Stop what ``begin`` has started, and close everything; what hangs is left behind."""

    def stop() -> None:
        if begin.ident is not None:
            begin.join()
        pulse.stop()
        feed.close()

    def close() -> None:
        for consumer in reversed(consumers):
            pulse.remove(consumer)
            try:
                consumer.close()
            except Exception as error:  # noqa: BLE001  (the others are closed all the same)
                complain(f"{type(consumer).__name__} failed to close: {type(error).__name__}: {error}")

    if not _within(_LETTING_GO, stop):
        # The snapshot that hangs is handed to nobody any more: they need not wait for it.
        _within(_LETTING_GO, close)


def _within(seconds: float, work: Callable[[], None]) -> bool:
    """Do ``work`` in a thread of its own; whether it was done in time."""
    thread = threading.Thread(target=work, name="synthtop-close", daemon=True)
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()


def _complain(complaint: str) -> None:
    say(f"synthtop: {complaint}")


class _Signalled(BaseException):
    """A signal came that ends the program. Raised wherever it finds the main thread, writing included."""

    def __init__(self, number: signal.Signals) -> None:
        self.number = number


class _Signals:
    """Within it the first signal that ends the program raises :class:`_Signalled`, and later ones do nothing.

    ``raised`` says whether it still is to. Those that were ignored stay so.
    """

    def __enter__(self) -> _Signals:
        self.raised = True
        taken = [number for number in _ENDING if signal.getsignal(number) is not signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._on_signal) for number in taken}
        return self

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.raised:
            self.raised = False
            raise _Signalled(signal.Signals(number))

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def _lost_terminal(out: TextIO) -> bool:
    """Whether ``out`` is a terminal that has gone."""
    try:
        descriptor = out.fileno()
        return stat.S_ISCHR(os.fstat(descriptor).st_mode) and hung_up(descriptor)
    except (OSError, ValueError):
        return False


def _drop_unwritten(out: TextIO) -> None:
    """Let what ``out`` still holds go nowhere: its reader may be stuck, and the end must not wait for it."""
    with suppress(OSError, ValueError):
        descriptor = out.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        os.dup2(nowhere, descriptor)
        os.close(nowhere)


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
