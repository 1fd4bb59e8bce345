"""The full-screen app: a consumer that shows each snapshot, and the keys that tell a build what to do."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, ClassVar

from textual import events
from textual.app import App, SuspendNotSupported, SystemCommand
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.theme import ThemeProvider

from .model import Chooser, Controls, Snapshot, Stopping
from .screens.driver import QuietDriver
from .screens.help import Help
from .screens.keys import bindings, offers_for
from .screens.main import MainScreen
from .screens.palette import Palette
from .screens.question import Answer
from .screens.quit import QuitDialog, StopDialog
from .screens.title import TerminalTitle, title_of
from .terminal import Looks
from .trends import Trends
from .widgets import looks as appearance
from .widgets.picker import Picker

LEFT = "left"
"""What :meth:`SynthtopApp.run` returns when the user left a build that is over, or not ours."""

_STAGES = (None, *Stopping)
_TAKEN_BY_TEXTUAL = ("SIGTSTP", "SIGCONT", "SIGWINCH", "SIGTTIN", "SIGTTOU")


_USUAL = Looks()
_PALETTE_ROWS = 9
"""Rows of the terminal from which on the palette has room for a command below its line."""


class SnapshotCame(Message):
    """There is a newer snapshot. Says not which: the newest is shown."""


@contextmanager
def _signal_handlers_kept() -> Iterator[None]:
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
    ) -> None:
        super().__init__(driver_class=QuietDriver)
        appearance.apply(self, looks)
        self.title = title
        # A dashboard doesn't glide: each step of an animation is a screen sent.
        self.animation_level = "none"
        self.on_suspend: Callable[[], None] = stop_ourselves
        self.on_title: Callable[[bool], None] = lambda held: None
        self._controls = controls
        self._chooser = chooser
        self._trends = Trends()
        self._main = MainScreen(title, self._trends, chooses=chooser is not None)
        self._title = TerminalTitle(self._write) if title_shown else None
        self._newest: Snapshot | None = None
        self._told = False
        self._leaving = False
        self._suspend_asked = False
        self._resumed = 0.0
        self._loop_running: asyncio.AbstractEventLoop | None = None
        self._asked: Stopping | None = None
        self._hand_limit: int | None = None
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
        loop = self._loop_running
        if loop is not None:
            # As above: a loop that has ended needs no telling.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._end, None)

    # -- its life --------------------------------------------------------------------------------

    def run(self, **options: Any) -> str | None:
        """As in Textual, on the main thread; signal handlers are afterwards what they were before."""
        try:
            with _signal_handlers_kept():
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
            self._main.show(snapshot, own=own, others=others, stage=self._stage, hand_limit=self._hand_limit)
            dialog = self._dialog
            if dialog is not None:
                if snapshot.over:
                    dialog.close_with(Answer.BACK)
                else:
                    dialog.show(self._stage, snapshot.active)
            elif isinstance(self.screen, StopDialog):
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

    @property
    def _dialog(self) -> QuitDialog | None:
        """The open dialog, if there is one."""
        screen = self.screen
        return screen if isinstance(screen, QuitDialog) else None

    @property
    def _stage(self) -> Stopping | None:
        """How far the end has been asked for: what the snapshot says is a second old."""
        said = self._newest.stopping if self._newest is not None else None
        return max(said, self._asked, key=_STAGES.index)

    @property
    def _at_work(self) -> bool:
        """Whether leaving now would leave a build of our own alone."""
        return self._controls is not None and (self._newest is None or not self._newest.over)

    def action_leave(self) -> None:
        """Leave; ask first while a build of our own is at work."""
        if not self._at_work:
            self._end(LEFT)
        elif self._dialog is None:
            self._back_to_main()
            running = self._newest.active if self._newest is not None else None
            self.push_screen(QuitDialog(self._stage, running), self._answered)

    def action_interrupt(self) -> None:
        """ctrl+c: ask, then stop, then kill."""
        if not self._at_work:
            self._end(LEFT)
        elif self._stage in (Stopping.STOPPING, Stopping.KILLING):
            self._ask(Answer.KILL)
        elif self._dialog is not None:
            self._dialog.close_with(Answer.STOP)
        else:
            self.action_leave()

    async def action_quit(self) -> None:
        """What Textual's own ways to quit come to."""
        self.action_leave()

    def _answered(self, answer: Answer | None) -> None:
        if answer is not None:
            self._ask(answer)

    def _ask(self, answer: Answer) -> None:
        controls = self._controls
        if controls is None or not self._at_work:
            return
        if answer is Answer.DRAIN:
            self._asked = Stopping.DRAINING
            controls.drain()
        elif answer is Answer.STOP:
            self._asked = Stopping.STOPPING
            controls.stop()
        elif answer is Answer.KILL:
            self._asked = Stopping.KILLING
            controls.kill()

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

    # -- other keys --------------------------------------------------------------------------------

    def action_limit(self, step: int) -> None:
        """One worker more or fewer may start; as many as there are takes the limit away."""
        snapshot = self._newest
        if self._controls is None or snapshot is None or snapshot.max_workers is None or not self._at_work:
            return
        if self._stage is not None:
            return
        now = self._hand_limit if self._hand_limit is not None else snapshot.max_workers
        if step < 0 and snapshot.dynmax is not None:
            # One fewer than may start now, not one fewer of those that a throttle holds back anyway.
            now = min(now, snapshot.dynmax)
        limit = max(1, now + step)
        self._hand_limit = limit if limit < snapshot.max_workers else None
        self._controls.limit(self._hand_limit)
        self._show(snapshot)

    def _back_to_main(self) -> None:
        """Close whatever stands over the main screen."""
        while self.screen is not self._main:
            self.pop_screen()

    def action_command_palette(self) -> None:
        """ctrl+p; not over a question that waits for its answer, or closes by itself."""
        if self.size.height < _PALETTE_ROWS:
            self.bell()
            return
        if isinstance(self.screen, Help):
            self.pop_screen()
        if self.screen is self._main:
            self.push_screen(Palette(id="--command-palette"))

    def search_themes(self) -> None:
        """What "Theme" in the palette comes to."""
        self.push_screen(Palette(providers=[ThemeProvider], placeholder="Search for themes…"))

    def action_help(self) -> None:
        """Say what the keys do, and what the figures mean."""
        if self.screen is self._main:
            self.push_screen(Help())

    def action_suspend_process(self) -> None:
        """ctrl+z: give the terminal back and stop; once for all that ask for it meanwhile."""
        self._suspend_asked = True
        if self._title is not None:
            self._title.give_back()
        try:
            with self.suspend():
                self._tell_title()
                self.on_suspend()
                self._resumed = time.monotonic()
        except SuspendNotSupported:
            self.bell()
        finally:
            self._suspend_asked = False
            self._take_title()

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
