"""What a user asks of a build of our own: how it is to end, how many workers, which packages.

Asks before anything is ended, and remembers what was asked: what a snapshot says of it is a second old.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from textual.app import App

from ..model import Outcome, Snapshot, Stopping, WorkerRow
from ..protocols import Controls
from .question import Answer, Question
from .quit import PackageDialog, QuitDialog

_STAGES = (None, *Stopping)


class Deeds:
    """The way from the keys to ``controls``; without them, of a build that is only watched, nothing is done.

    ``leave`` ends the app, ``back_to_main`` closes whatever stands over the main screen.
    """

    def __init__(
        self,
        app: App[Any],
        controls: Controls | None,
        leave: Callable[[], None],
        back_to_main: Callable[[], None],
    ) -> None:
        self.hand_limit: int | None = None
        self._app = app
        self._controls = controls
        self._leave = leave
        self._back_to_main = back_to_main
        self._newest: Snapshot | None = None
        self._asked: Stopping | None = None

    def show(self, snapshot: Snapshot) -> None:
        """Bring an open question up to date."""
        self._newest = snapshot
        screen = self._app.screen
        if isinstance(screen, QuitDialog):
            if snapshot.over:
                screen.close_with(Answer.BACK)
            else:
                screen.show(self.stage, snapshot.active)
        elif isinstance(screen, PackageDialog) and not screen.still_there(snapshot):
            # It has ended meanwhile: the question was not for what came after it.
            screen.close_with(Answer.BACK)

    @property
    def stage(self) -> Stopping | None:
        """How far the end has been asked for."""
        said = self._newest.stopping if self._newest is not None else None
        return max(said, self._asked, key=_STAGES.index)

    @property
    def at_work(self) -> bool:
        """Whether leaving now would leave a build of our own alone."""
        return self._controls is not None and (self._newest is None or not self._newest.over)

    def ask_to_leave(self) -> None:
        """Leave; ask first while a build of our own is at work."""
        if not self.at_work:
            self._leave()
        elif not isinstance(self._app.screen, QuitDialog):
            self._back_to_main()
            running = self._newest.active if self._newest is not None else None
            self._app.push_screen(QuitDialog(self.stage, running), self._answered)

    def interrupt(self) -> None:
        """ctrl+c: ask, then stop, then kill."""
        screen = self._app.screen
        if not self.at_work:
            self._leave()
        elif self.stage in (Stopping.STOPPING, Stopping.KILLING):
            self._ask(Answer.KILL)
        elif isinstance(screen, QuitDialog):
            screen.close_with(Answer.STOP)
        else:
            self.ask_to_leave()

    def _answered(self, answer: Answer | None) -> None:
        if answer is not None:
            self._ask(answer)

    def _ask(self, answer: Answer) -> None:
        controls = self._controls
        if controls is None or not self.at_work:
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

    def limit(self, step: int) -> bool:
        """One worker more or fewer may start; all are no limit. Whether that could be asked for."""
        snapshot, controls = self._newest, self._controls
        if controls is None or snapshot is None or snapshot.max_workers is None or not self.at_work:
            return False
        if self.stage is not None:
            return False
        now = self.hand_limit if self.hand_limit is not None else snapshot.max_workers
        if step < 0 and snapshot.dynmax is not None:
            # One fewer than may start now, not one fewer of those that a throttle holds back anyway.
            now = min(now, snapshot.dynmax)
        limit = max(1, now + step)
        self.hand_limit = limit if limit < snapshot.max_workers else None
        controls.limit(self.hand_limit)
        return True

    # -- single packages -----------------------------------------------------------------------------

    def ask_to_end(self, row: WorkerRow) -> None:
        """Ask whether the package of this row is to be killed or skipped."""
        snapshot = self._newest
        if snapshot is None or not self.at_work or row.origin is None:
            return
        if isinstance(self._app.screen, Question):
            return  # the key was pressed twice, or how all of it is to end was asked meanwhile
        self._app.push_screen(PackageDialog(row), partial(self._end_package, row.slot, row.origin))

    def _end_package(self, slot: int, origin: str, answer: Answer | None) -> None:
        if self._controls is None:
            return
        if answer is Answer.FAIL:
            self._controls.end_package(slot, origin, Outcome.FAILED)
        elif answer is Answer.SKIP:
            self._controls.end_package(slot, origin, Outcome.IGNORED)

    def retry(self, origins: tuple[str, ...]) -> bool:
        """Queue these failed packages again; whether that could be asked for."""
        if self._controls is None or not self.at_work or self.stage is not None or not origins:
            return False
        self._controls.retry(origins)
        return True
