"""One ``synthtop run``: a build of our own, whoever looks at it, and the signals that come meanwhile.

The runner works in a thread of its own and so does the pulse; the main thread shows the build and
takes signals. Whatever happens to the view, the build goes on.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from .building import Building, Host, Resuming
from .config import Settings, user_file
from .detached import Detached
from .model import BuildState, Stopping
from .plain import PlainView, write_summary
from .remember import Memory
from .run.guard import INTERNAL_ERROR, stop_ourselves
from .run.package import Plan
from .terminal import (
    SLOW,
    TerminalWatch,
    await_foreground,
    can_show_screen,
    hung_up,
    is_terminal,
    knows_title,
    looks_for,
    read_keys_from_terminal,
    ring,
    say,
    shown_in_time,
)
from .ttystate import TerminalState

if TYPE_CHECKING:
    from .app import SynthtopApp

_ONE_PRESS = 0.3
"""Seconds in which a second SIGINT is the same ctrl+c: it may come from the terminal and from a process."""


class Session:
    """A build from its first to its last moment, as somebody sees it. Making one opens everything and starts
    nothing; what goes wrong then is what :class:`Building` raises.
    """

    def __init__(self, plan: Plan, settings: Settings, host: Host, resuming: Resuming | None = None) -> None:
        self._host = host
        self._settings = settings
        self._on_terminal = is_terminal(1)  # asked now: one that has gone does not say so
        self._app: SynthtopApp | None = None
        self._building = building = Building(plan, settings, host, self._ring, resuming)
        self._collector, self._runner = building.collector, building.runner
        self._memory = Memory(user_file(os.environ), building.complaints.append)
        self._view = PlainView()
        self._signal: signal.Signals | None = None
        self._suspending = self._told_to_end = False
        self._pressed = 0.0
        self._lost = threading.Event()
        self._losing = threading.Lock()
        self._watch: TerminalWatch | None = None
        self._titled = knows_title(os.environ)
        self._terminal = TerminalState()
        self._detached = Detached(self._view, building.logs.path)
        self._over = threading.Event()
        self._shown = threading.Event()

    def _ring(self) -> None:
        if self._app is None:
            ring()
        else:
            self._app.ring()

    # -- its course --------------------------------------------------------------------------------

    def run(self) -> int:
        """Build everything, show it, and return the exit status."""
        full_screen = not self._settings.plain and can_show_screen(os.environ)
        self._take_signals()
        if full_screen:
            self._prepare_app()
        elif self._on_terminal:
            self._watch_terminal(1)
        self._building.start(self._view, self._app, self._watch)
        threading.Thread(target=self._build, name="synthtop-runner", daemon=True).start()
        if self._app is not None:
            self._show_app(self._app)
        else:
            self._show_plain()
        self._await_end()
        self._detached.join(SLOW)
        if self._app is not None and not self._lost.is_set():
            with suppress(OSError, ValueError):
                write_summary(sys.stdout, self._collector.snapshot())
        self._memory.close()
        self._shown.set()
        self._complain()
        return self._status()

    def _complain(self) -> None:
        for complaint in self._building.complaints:
            say(f"synthtop: {complaint}")

    def _build(self) -> None:
        """The build and its end, in a thread that no terminal can hold up."""
        building = self._building
        building.run()
        self._over.set()
        lost = building.crashed or self._lost.is_set() or self._told_to_end
        if building.ended_by_itself and not lost and self._left():
            return
        if self._app is not None:
            self._app.leave()
        if not shown_in_time(self._shown):
            # The terminal takes nothing any more; all files are closed, so nothing is lost.
            os._exit(self._status())

    def _left(self) -> bool:
        """Wait until the user has left the summary; False once the terminal is gone, and nobody can."""
        while not self._shown.wait(1.0):
            if self._watch is not None and self._watch.gone:
                return False
        return True

    def _status(self) -> int:
        if self._building.crashed:
            return INTERNAL_ERROR
        if self._runner.state is BuildState.INTERRUPTED:
            if self._signal is signal.SIGTERM or self._host.orphaned():
                return 128 + signal.SIGTERM
            if not self._building.ended_by_itself:
                return 128 + signal.SIGINT
        return 1 if self._runner.failed else 0

    # -- what is seen ------------------------------------------------------------------------------

    def _prepare_app(self) -> None:
        read_keys_from_terminal()
        from .app import SynthtopApp

        settings = self._settings
        looks = looks_for(os.environ, sys.stderr.encoding, settings.theme, settings.ascii)
        self._app = SynthtopApp(
            self._runner,
            looks=looks,
            title_shown=self._titled,
            settings=settings,
            remember=self._memory.keep,
        )
        self._app.on_suspend = self._suspend_app
        self._app.on_title = self._host.screen.set_titled
        self._watch_terminal(0)

    def _watch_terminal(self, descriptor: int) -> None:
        self._watch = TerminalWatch(descriptor, self._lose_terminal)

    def _show_app(self, app: SynthtopApp) -> None:
        self._host.screen.set(True)
        try:
            app.run()
        except Exception:  # noqa: BLE001  (whatever ends the app, the build goes on as text)
            self._terminal.restore(titled=self._host.screen.titled)
            say(f"synthtop: the screen failed, the build goes on as text:\n{traceback.format_exc()}")
        self._host.screen.set(False)
        if hung_up(0):
            self._lose_terminal()
        if not self._over.is_set() and not self._lost.is_set() and self._runner.stage is None:
            self._show_plain()

    def _show_plain(self) -> None:
        if self._lost.is_set():
            return
        try:
            self._view.show(sys.stdout)
        except OSError:
            self._lose_terminal()

    def _lose_terminal(self) -> None:
        """Nobody can be told any more: go on as text into the logs directory. From any thread; only once."""
        with self._losing:
            if self._lost.is_set():
                return
            self._lost.set()
        if self._app is not None:
            self._app.leave()
        if not self._over.is_set():
            self._detached.begin()

    def _await_end(self) -> None:
        # In steps, so that signal handlers get their turn.
        while not self._over.wait(0.5):
            pass

    # -- signals -----------------------------------------------------------------------------------

    def _take_signals(self) -> None:
        signal.signal(signal.SIGTERM, self._on_stop)
        signal.signal(signal.SIGINT, self._on_interrupt)
        signal.signal(signal.SIGQUIT, self._on_quit)
        signal.signal(signal.SIGTSTP, self._on_suspend)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._on_hangup)

    def _leave_if_over(self) -> None:
        # In this order: what ends meanwhile looks at the one after it has set the other.
        self._told_to_end = True
        if self._app is not None and self._over.is_set():
            self._app.leave()

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        self._signal = signal.SIGTERM
        self._runner.stop()
        self._leave_if_over()

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._runner.asked in (Stopping.STOPPING, Stopping.KILLING):
            if now - self._pressed > _ONE_PRESS:
                self._runner.kill()
        else:
            self._runner.stop()
        self._pressed = now
        self._leave_if_over()

    def _on_quit(self, number: int, frame: FrameType | None) -> None:
        self._runner.kill()
        self._leave_if_over()

    def _on_suspend(self, number: int, frame: FrameType | None) -> None:
        self._suspend()

    def _suspend_app(self) -> None:
        """As :meth:`_suspend`, for an app that has given the terminal back and takes it again afterwards."""
        self._host.screen.set(False)
        self._suspend()
        self._host.screen.set(True)

    def _suspend(self) -> None:
        """Stop the jobs, then ourselves; when somebody continues us, our guard and the jobs go on too."""
        if self._suspending:
            return
        self._suspending = True
        self._runner.hold()
        try:
            stop_ourselves()
            if not self._host.orphaned():
                os.kill(os.getppid(), signal.SIGCONT)
        finally:
            self._runner.release()
            self._suspending = False
        if self._app is None or await_foreground(lambda: self._signal is not None or self._lost.is_set()):
            return
        if self._signal is not None:
            self._end_without_screen()

    def _end_without_screen(self) -> NoReturn:
        """End while suspended: the terminal is the shell's, and to take it back would stop us again."""
        self._await_end()
        with suppress(OSError, ValueError):
            write_summary(sys.stdout, self._collector.snapshot())
        self._complain()
        self._host.screen.set(False)
        os._exit(self._status())

    def _on_hangup(self, number: int, frame: FrameType | None) -> None:
        # Text that goes into a file or a pipe goes on there: nobody watches it.
        if self._watch is not None:
            self._watch.hangup = True
