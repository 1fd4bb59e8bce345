"""One ``synthtop run``: puts plan, collector, sinks, runner and view together, and takes them apart.

The runner works in a thread of its own and so does the pulse; the main thread shows the build and
takes signals. Whatever happens to the view, the build goes on.
"""

from __future__ import annotations

import io
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from . import aside
from .collector import Collector
from .config import GRACE, Settings, user_file
from .detached import Detached
from .model import BuildState, Source, SourceKind, Stopping
from .monitor import MonitorSink
from .notice import notices_for
from .plain import PlainView, write_summary
from .probes import Probe
from .remember import Memory
from .run.guard import INTERNAL_ERROR, stop_ourselves
from .run.job import Workplace
from .run.logsdir import LogsDirectory
from .run.package import Plan
from .run.plan import check_values
from .run.processes import Processes
from .run.queue import Queue, order_named
from .run.resultlogs import ResultLogs
from .run.runner import Runner
from .run.space import SpaceWatch
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
from .units import MAX_WORKERS

if TYPE_CHECKING:
    from .app import SynthtopApp
    from .run.guard import ScreenFlag

_ONE_PRESS = 0.3
"""Seconds in which a second SIGINT is the same ctrl+c: it may come from the terminal and from a process."""


@dataclass(frozen=True, slots=True)
class Host:
    """What a session needs from around it; tests inject each.

    ``orphaned()`` says that the guard is gone; ``screen`` tells the guard what the terminal shows.
    """

    probe: Probe | None
    screen: ScreenFlag
    orphaned: Callable[[], bool]


class Session:
    """A build from its first to its last moment. Making one opens everything and starts nothing.

    OSError, MonitorError or LogsBusy where the logs directory or a monitor file cannot be had; what was
    opened before is then let go of.
    """

    def __init__(self, plan: Plan, settings: Settings, host: Host) -> None:
        with ExitStack() as opened:
            self._open(plan, settings, host, opened)
            opened.pop_all()

    def _open(self, plan: Plan, settings: Settings, host: Host, opened: ExitStack) -> None:
        self._host = host
        self._complaints: list[str] = []  # said at the end: the terminal may be the app's until then
        self._settings = settings
        self._on_terminal = is_terminal(1)  # asked now: one that has gone does not say so
        workers = min(settings.workers or plan.workers or os.cpu_count() or 1, MAX_WORKERS)
        logs = os.path.abspath(settings.logs or os.path.join("synthtop-logs", plan.name))
        work = plan.workdir or os.path.join(logs, "work")
        check_values(plan, logs=logs, workdir=work)
        self._logs = LogsDirectory(logs)
        opened.callback(self._logs.close)
        self._collector = Collector(
            workers,
            throttle=settings.throttle or "step",
            probe=host.probe,
            source=Source(SourceKind.RUN, host=socket.gethostname(), name=plan.name, logs=logs),
            stalled_after=settings.stalled_after,
        )
        self._notices = notices_for(
            settings, self._ring, self._report, lambda: self._runner.asked is Stopping.KILLING
        )
        self._space = SpaceWatch((logs, work), self._collector.record_space, least=settings.low_space)
        self._memory = Memory(user_file(os.environ), self._complaints.append)
        self._sink: MonitorSink | None = None
        if not settings.no_monitor:
            self._sink = MonitorSink.of_build(plan.name, os.environ, settings.monitor, self._collector.log)
            opened.callback(self._sink.close)
        self._lists = ResultLogs(logs, self._collector.log, self._logs.retake)
        place = Workplace(
            logs=logs,
            work=work,
            directory=plan.directory,
            env=dict(os.environ),
            jobs=plan.jobs or max(1, (os.cpu_count() or 1) // workers),
            timeout=settings.timeout,
            grace=GRACE if settings.grace is None else settings.grace,
        )
        self._layer = Processes(workers)
        self._runner = Runner(
            plan,
            Queue(plan.packages, order_named(settings.order)),
            self._collector,
            place,
            self._layer,
            self._lists,
            fail_fast=bool(settings.fail_fast),
            orphaned=host.orphaned,
            spare=aside.groups,
        )
        self._app: SynthtopApp | None = None
        self._view = PlainView()
        self._signal: signal.Signals | None = None
        self._suspending = self._told_to_end = self._crashed = False
        self._pressed = 0.0
        self._lost = threading.Event()
        self._losing = threading.Lock()
        self._watch: TerminalWatch | None = None
        self._titled = knows_title(os.environ)
        self._terminal = TerminalState()
        self._detached = Detached(self._view, logs)
        self._over = threading.Event()
        self._shown = threading.Event()

    def _report(self, complaint: str) -> None:
        self._collector.log(complaint)
        self._complaints.append(complaint)

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
        # The last that was added is closed first: who has to wait for something is to hold up nobody.
        for consumer in (self._notices, self._lists, self._sink, self._view):
            if consumer is not None:
                self._collector.add_consumer(consumer)
        if full_screen:
            self._prepare_app()
        elif self._on_terminal:
            self._watch_terminal(1)
        self._collector.start()
        self._space.start()
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
        for complaint in self._complaints:
            say(f"synthtop: {complaint}")

    def _build(self) -> None:
        """The build and its end, in a thread that no terminal can hold up."""
        try:
            self._runner.run()
            self._collector.finish(self._runner.state)
        except BaseException:  # noqa: BLE001  (told at the end; the status is 70)
            self._collector.finish(BuildState.INTERRUPTED)
            self._tell_crash()
        for part in (
            self._space.close,
            self._collector.close,
            self._write_summary,
            self._layer.close,
            self._logs.close,
        ):
            try:
                part()
            except Exception:  # noqa: BLE001  (as above: the others have their end too)
                self._tell_crash()
        self._over.set()
        stays = self._ended_by_itself and not (self._crashed or self._lost.is_set() or self._told_to_end)
        if stays and self._left():
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

    def _tell_crash(self) -> None:
        self._crashed = True
        self._complaints.append(f"internal error, the build was stopped:\n{traceback.format_exc()}")

    @property
    def _ended_by_itself(self) -> bool:
        """Whether nobody asked for the end, but perhaps the first failure, as ``--fail-fast`` wants it."""
        stage = self._runner.stage
        return stage is None or (stage is Stopping.DRAINING and self._runner.failed_fast)

    def _status(self) -> int:
        if self._crashed:
            return INTERNAL_ERROR
        if self._runner.state is BuildState.INTERRUPTED:
            if self._signal is signal.SIGTERM or self._host.orphaned():
                return 128 + signal.SIGTERM
            if not self._ended_by_itself:
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
        self._collector.add_consumer(self._app)
        self._watch_terminal(0)

    def _watch_terminal(self, descriptor: int) -> None:
        self._watch = TerminalWatch(descriptor, self._lose_terminal)
        self._collector.add_consumer(self._watch)

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

    def _write_summary(self) -> None:
        text = io.StringIO()
        write_summary(text, self._collector.snapshot())
        try:
            self._logs.write("summary.txt", text.getvalue())
        except OSError as error:
            self._complaints.append(f"{self._logs.path}/summary.txt cannot be written: {error.strerror}")

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
