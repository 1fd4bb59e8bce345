"""The full-screen app: a consumer that shows each snapshot, and the keys that tell a build what to do."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, ClassVar

from textual import events
from textual.app import App, SuspendNotSupported, SystemCommand
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.theme import Theme, ThemeProvider

from .config import Settings
from .model import Snapshot
from .protocols import Chooser, Controls
from .remember import Choice
from .screens import outside
from .screens.deeds import Deeds
from .screens.driver import QuietDriver, signal_handlers_kept
from .screens.keys import bindings, offers_for
from .screens.main import MainScreen
from .screens.palette import Palette
from .screens.question import Answer
from .screens.quit import StopDialog
from .screens.rooms import Rooms
from .screens.subscreen import EndPackage, OpenLog, Retry, SubScreen
from .screens.title import TerminalTitle, title_of
from .terminal import Looks
from .trends import Trends
from .widgets import looks as appearance
from .widgets.ordering import MEASURED
from .widgets.picker import Picker
from .widgets.workers import WorkerTable

LEFT = "left"
"""What :meth:`SynthtopApp.run` returns when the user left a build that is over, or not ours."""


_USUAL = Looks()
_NOTHING_SET = Settings()
_PALETTE_ROWS = 9
"""Rows of the terminal from which on the palette has room for a command below its line."""


class SnapshotCame(Message):
    """There is a newer snapshot. Says not which: the newest is shown."""


def stop_ourselves() -> None:
    """Stop this process until it is continued."""
    os.kill(os.getpid(), signal.SIGSTOP)


class SynthtopApp(App[str | None]):
    """Shows the snapshots that it is handed, from any thread, by :meth:`on_snapshot`.

    ``controls`` is the way back to a build of our own; without them the app only watches. ``chooser`` is the
    way to another build. ``run()``
    returns :data:`LEFT` when the user left, None when it was ended by :meth:`leave`. ``on_suspend`` is called
    when the user suspends, with the terminal restored: it stops what is to be stopped, this process
    included, and returns when that is continued. ``title_shown`` says that the terminal has a title, and
    that it is to say how far the build is; ``on_title`` is told whether we hold it, the one that was there
    being kept by the terminal meanwhile.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(first=True)
    ALLOW_SELECT = False

    def __init__(
        self,
        controls: Controls | None = None,
        *,
        chooser: Chooser | None = None,
        title: str = "synthtop",
        looks: Looks = _USUAL,
        title_shown: bool = False,
        settings: Settings = _NOTHING_SET,
        remember: Callable[[Mapping[str, Choice]], None] = lambda choices: None,
    ) -> None:
        super().__init__(driver_class=QuietDriver)
        appearance.apply(self, looks)
        self.set_keymap(dict(settings.keys or {}))
        self.title = title
        # A dashboard doesn't glide: each step of an animation is a screen sent.
        self.animation_level = "none"
        self.on_suspend: Callable[[], None] = stop_ourselves
        self._remember = remember
        self._theme_kept = self.theme
        self._columns = settings.columns or ()
        self.on_title: Callable[[bool], None] = lambda held: None
        self._controls = controls
        self._chooser = chooser
        self._trends = Trends()
        self._main = MainScreen(title, self._trends, settings, chooses=chooser is not None)
        self._title = TerminalTitle(self._write) if title_shown else None
        self._newest: Snapshot | None = None
        self._told = False
        self._leaving = False
        self._suspend_asked = False
        self._resumed = 0.0
        self._loop_running: asyncio.AbstractEventLoop | None = None
        self._rooms = Rooms(self, self._main, self._trends, controls)
        self._deeds = Deeds(self, controls, partial(self._end, LEFT), self._rooms.close_all)
        self._holder: int | None = None
        """Who builds what the user was asked about."""

    # -- from other threads ----------------------------------------------------------------------

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Show ``snapshot`` soon, unless a newer one comes before. Never waits; harmless at any time."""
        self._newest = snapshot
        self._trends.record(snapshot)
        if self._loop_running is None or self._told:
            return
        # One message at a time: a loop that a stuck terminal holds up must not collect a day's.
        self._told = True
        # The loop may end between the question and the message: then nobody is there to be told.
        with suppress(RuntimeError):
            self.post_message(SnapshotCame())

    def close(self) -> None:
        """The build sends nothing more; the last snapshot stays until the user leaves."""

    def leave(self) -> None:
        """End the app, from any thread or a signal handler. Harmless when it does not run."""
        self._leaving = True
        outside.end()
        loop = self._loop_running
        if loop is not None:
            # As above: a loop that has ended needs no telling.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._end, None)

    def ring(self) -> None:
        """Ring the terminal's bell, from any thread. Harmless when the app does not run."""
        loop = self._loop_running
        if loop is not None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self.bell)

    # -- its life --------------------------------------------------------------------------------

    def run(self, **options: Any) -> str | None:
        """As in Textual, on the main thread; signal handlers are afterwards what they were before."""
        try:
            with signal_handlers_kept():
                return super().run(**options)
        finally:
            self._loop_running = None
            self._tell_title()

    def get_default_screen(self) -> Screen[None]:
        return self._main

    def on_mount(self) -> None:
        self._loop_running = asyncio.get_running_loop()
        if not self.is_headless and threading.current_thread() is threading.main_thread():
            # Textual's own would stop this process alone, and not what on_suspend stops.
            signal.signal(signal.SIGTSTP, self._on_sigtstp)
            # Textual's own takes the terminal once more at each SIGCONT, also where it has it already: two
            # threads then read the keys. We take it back when on_suspend returns, and not before.
            signal.signal(signal.SIGCONT, signal.SIG_DFL)
        self._take_title()
        self.theme_changed_signal.subscribe(self, self._theme_chosen)
        if self._controls is not None and MEASURED & set(self._columns):
            self._controls.measure(True)
        if self._leaving:
            self._end(None)
        elif self._newest is not None:
            self._show(self._newest)

    def on_unmount(self) -> None:
        self._loop_running = None
        if self._title is not None:
            self._title.give_back()

    async def on_event(self, event: events.Event) -> None:
        # What was typed before a suspension is not for what comes after: a second ctrl+z would stop us again.
        if not (isinstance(event, events.InputEvent) and event.time < self._resumed):
            await super().on_event(event)

    def _end(self, result: str | None) -> None:
        if not self._exit:
            self.exit(result)

    def on_snapshot_came(self) -> None:
        self._told = False
        if self._newest is not None:
            self._show(self._newest)

    def _show(self, snapshot: Snapshot) -> None:
        own, others = self._controls is not None, self._chooser is not None
        with self.batch_update():
            deeds = self._deeds
            deeds.show(snapshot)
            self._main.show(snapshot, own=own, others=others, stage=deeds.stage, hand_limit=deeds.hand_limit)
            self._rooms.show(snapshot)
            if isinstance(self.screen, StopDialog):
                if snapshot.over or snapshot.holder != self._holder:
                    # Another one builds there now, or none: the question was not for that.
                    self.screen.close_with(Answer.BACK)
                else:
                    self.screen.show(snapshot.active)
        if self._title is not None:
            self._title.say(title_of(snapshot))

    def _write(self, text: str) -> None:
        if self._driver is not None:
            self._driver.write(text)

    def _take_title(self) -> None:
        if self._title is not None:
            self._title.take()
            self._tell_title()
            self._title.say(title_of(self._newest))

    def _tell_title(self) -> None:
        # When it has been given back, only after the driver has written that.
        if self._title is not None:
            self.on_title(self._title.taken)

    # -- how a build of our own ends ---------------------------------------------------------------

    def action_leave(self) -> None:
        """Leave; ask first while a build of our own is at work."""
        self._deeds.ask_to_leave()

    def action_interrupt(self) -> None:
        """ctrl+c: ask, then stop, then kill."""
        self._deeds.interrupt()

    async def action_quit(self) -> None:
        """What Textual's own ways to quit come to."""
        self.action_leave()

    def action_limit(self, step: int) -> None:
        """One worker more or fewer may start; as many as there are takes the limit away."""
        if self._deeds.limit(step) and self._newest is not None:
            self._show(self._newest)

    def action_end_package(self) -> None:
        """Ask whether the package that is looked at is to be killed or skipped."""
        now, row = self._main.situation, self._main.looked_at
        if self.screen is self._main and now is not None and now.endable and row is not None:
            self._deeds.ask_to_end(row)

    def on_end_package(self, message: EndPackage) -> None:
        self._deeds.ask_to_end(message.row)

    def on_retry(self, message: Retry) -> None:
        message.answer(self._deeds.retry(message.origins))

    # -- other builds ------------------------------------------------------------------------------

    def action_choose(self) -> None:
        """Show the build that is marked."""
        build = self._main.marked
        if self._chooser is not None and build is not None:
            self._main.open_marked()
            self._chooser.choose(build.path)

    def on_picker_opened(self, message: Picker.Opened) -> None:
        self.action_choose()

    def action_others(self) -> None:
        """List the builds that there are, instead of the one that is shown."""
        now = self._main.situation
        if self._chooser is not None and now is not None and now.leavable:
            self._main.begin_anew()
            self._chooser.back()

    def action_stop(self) -> None:
        """Ask whether the followed build is to be stopped."""
        now = self._main.situation
        if now is None or not now.stoppable or self.screen is not self._main:
            return
        self._holder = now.snapshot.holder
        self.push_screen(StopDialog(now.snapshot.source, now.snapshot.active), self._told_to_stop)

    def _told_to_stop(self, answer: Answer | None) -> None:
        if answer is Answer.STOP and self._chooser is not None:
            self._chooser.stop()

    # -- what stands over the main screen ----------------------------------------------------------

    def action_open(self, name: str) -> None:
        """Put the screen of this name over the main one."""
        self._rooms.open(name)

    def action_enter(self) -> None:
        """Show the build that is marked, or the log of the package that is looked at."""
        if self._main.marked is not None:
            self.action_choose()
        else:
            self._rooms.open("log")

    def on_open_log(self, message: OpenLog) -> None:
        self._rooms.open_log(message)

    # -- other keys --------------------------------------------------------------------------------

    def action_command_palette(self) -> None:
        """ctrl+p; not over a question that waits for its answer, or closes by itself."""
        if self.size.height < _PALETTE_ROWS:
            self.bell()
            return
        from .screens.help import Help

        if isinstance(self.screen, Help) and self.screen_stack[-2] is self._main:
            self.pop_screen()
        if self.screen is self._main:
            self.push_screen(Palette(id="--command-palette"))
        else:
            self.bell()

    def _theme_chosen(self, theme: Theme) -> None:
        # Also told of the one that it begins with, which nobody chose here.
        if theme.name != self._theme_kept:
            self._theme_kept = theme.name
            self._remember({"theme": theme.name.removeprefix("synthtop-")})

    def on_worker_table_arranged(self, message: WorkerTable.Arranged) -> None:
        self._remember({"columns": message.columns, "sort": message.order.word})

    def search_themes(self) -> None:
        """What "Theme" in the palette comes to."""
        self.push_screen(Palette(providers=[ThemeProvider], placeholder="Search for themes…"))

    def action_help(self) -> None:
        """Say what the keys do, and what the figures mean."""
        from .screens.help import Help

        screen = self.screen
        if screen is self._main:
            self.push_screen(Help(self._main.commands))
        elif isinstance(screen, SubScreen):
            self.push_screen(Help(screen.OFFERED, whole=False))

    @contextmanager
    def suspend(self) -> Iterator[None]:
        """As in Textual; the terminal has its own title meanwhile, and keys typed before count no more."""
        if self._title is not None:
            self._title.give_back()
        try:
            with super().suspend():
                self._tell_title()
                yield
                self._resumed = time.monotonic()
        finally:
            self._take_title()

    def action_suspend_process(self) -> None:
        """ctrl+z: give the terminal back and stop; once for all that ask for it meanwhile."""
        self._suspend_asked = True
        try:
            with self.suspend():
                self.on_suspend()
        except SuspendNotSupported:
            self.bell()
        finally:
            self._suspend_asked = False

    def _on_sigtstp(self, number: int, frame: object) -> None:
        loop = self._loop_running
        if loop is not None and not self._suspend_asked:
            # By a message, since a signal finds us in anybody's context; one for all that come meanwhile.
            self._suspend_asked = True
            loop.call_soon_threadsafe(self.call_later, self._suspend_if_asked)

    def _suspend_if_asked(self) -> None:
        if self._suspend_asked:  # and a key has not done it before
            self.action_suspend_process()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the command palette offers: what applies now, and nothing that ends a build without asking."""
        now = self._main.situation
        for offer, sentence in offers_for(now) if now is not None else ():
            yield SystemCommand(offer.name, sentence, partial(self.run_action, offer.action))
        if len(self.available_themes) > 1:
            yield SystemCommand("Theme", "Choose other colours.", self.action_change_theme)
