"""A screen of what the history says, and the logs that it tells of: it asks, and goes on meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from textual.message import Message

from ..history.lookup import Answer, Asking, Reader, Records
from ..history.oldlog import GONE, OldLog, Span, log_of
from ..model import Finished
from ..parts import Part, Parts, Role
from ..widgets.told import ToldRows
from .rowscreen import RowScreen
from .subscreen import OpenLog, SubScreen

MEANWHILE = "now "
"""What tells the build that goes on from the one that is looked at."""
READING = "Reading the history…"
_EVERY = 5.0
"""Seconds after which it asks again, as long as it is to be seen."""


def put_over(below: SubScreen, screen: SubScreen) -> None:
    """Put ``screen`` over the one ``below``, if nothing else is there."""
    if below.app.screen is below:
        if below.snapshot is not None:
            screen.show(below.snapshot)
        below.app.push_screen(screen)


class OldLogs(RowScreen):
    """Opens a log only if it is still the one of the package; else it says so, and opens it when asked again.

    Subclasses say :meth:`span_of`. ``records`` say how a file is looked at without waiting for it.
    """

    MEANWHILE = MEANWHILE

    class Looked(Message):
        """It is known what became of a log."""

    def __init__(self, records: Records, *, own: bool = False) -> None:
        super().__init__(own=own)
        self.records = records
        self._looking: Asking[OldLog] | None = None
        self._looked: tuple[str, str, Span | None] | None = None
        """The package whose log was not opened, that log, and when that was: each build has the same log."""
        self._open: Callable[[], None] = lambda: None

    def span_of(self, package: Finished) -> Span | None:
        """When ``package`` was built; None where that is not known."""
        # No ABC: Textual's widgets have a metaclass of their own.
        raise NotImplementedError

    def action_log(self) -> None:
        """Read the log of the package, if it has one, and it is the one of then."""
        package = self.looked_at
        if package is None or self._looking is not None:
            return
        log = package.log
        if log is None:
            self.note(f"no log of {package.origin} is known")
            return
        origin, offset = package.origin, self.offset_of(package)
        span = self.span_of(package)
        which = origin, log, span
        if self._looked == which:
            self.post_message(OpenLog(log, origin, offset))
            return
        self._looking = Asking(lambda: log_of(log, span), self._tell_looked, self.records.start)

        def answered() -> None:
            answer = self._looking.answer if self._looking is not None else None
            if answer is None:
                return
            found = answer.found or OldLog(log)
            if found.fate:
                again = "" if found.fate == GONE else ": enter opens that"
                self._looked = None if found.fate == GONE else which
                self.note(f"{found.fate}{again}")
            elif self.app.screen is self:
                self.post_message(OpenLog(found.path, origin, offset))

        self._open = answered
        self._looking.again()

    def _tell_looked(self) -> None:
        with suppress(RuntimeError):
            self.post_message(self.Looked())

    def on_old_logs_looked(self) -> None:
        self._open()
        self._looking = None


class Asker(OldLogs):
    """Subclasses say their :meth:`question` and take what is :meth:`answered`."""

    rows: ToldRows

    class Answered(Message):
        """There is an answer. Says not which: the newest is shown."""

    def __init__(self, records: Records, *, own: bool = False) -> None:
        super().__init__(records, own=own)
        self.problem = ""
        """Why nothing newer could be read; ``""`` where it could."""
        self._asking: Asking[Any] | None = None
        self._rested = 0
        self._covered = False

    def question(self) -> Callable[[Reader, float], Any]:
        """What the history is asked, in another thread: nothing of the screen is to be used in it."""
        raise NotImplementedError

    def answered(self, found: Any) -> None:
        """Show what was found."""
        raise NotImplementedError

    @property
    def changing(self) -> bool:
        """Whether there may be another answer later."""
        return True

    @property
    def rests(self) -> int:
        """How many times it could ask and does not, after each time that it has."""
        return 0

    def on_mount(self) -> None:
        self.rows.tell(READING)
        self._asking = self.records.asking(self.question(), self._tell_answered)
        self._asking.again()
        self.set_interval(_EVERY, self.time_passed)

    def on_unmount(self) -> None:
        if self._asking is not None:
            self._asking.close()

    def on_screen_suspend(self) -> None:
        self._covered = True

    def on_screen_resume(self) -> None:
        # It comes when the screen is opened, too: then it has just been asked.
        if self._covered and self._rested >= self.rests:
            self.ask_again()
        self._covered = False

    def behind(self) -> Parts:
        """Why what is shown is not the newest; nothing where it is."""
        if not self.problem:
            return ()
        # A path that is said first would leave no room for what is wrong with it.
        file, _, what = self.problem.partition(" ")
        said = f"not the newest: {os.path.basename(file)} {what}"
        return Part("  ", Role.LABEL), Part(said, Role.STALLED)

    def time_passed(self) -> None:
        """Some seconds have gone by: ask again, unless it rests."""
        self._rested += 1
        if self._rested > self.rests or self.problem:
            self.ask_again()

    def ask_again(self) -> None:
        """Ask for what is new, where that would be seen."""
        if self._asking is not None and self.app.screen is self and (self.changing or self.problem):
            self._rested = 0
            self._asking.again()

    def _tell_answered(self) -> None:
        """From another thread."""
        # The loop may have ended: then nobody is there to be told.
        with suppress(RuntimeError):
            self.post_message(self.Answered())

    def on_asker_answered(self) -> None:
        answer = self._asking.answer if self._asking is not None else None
        if answer is not None:
            with self.app.batch_update():
                self._take(answer)
                self.show_lines()

    def _take(self, answer: Answer[Any]) -> None:
        self.problem = answer.problem
        if answer.problem:
            # What was read before stays; the title says that it is not the newest.
            self.rows.tell(answer.problem, alarming=not answer.empty)
        else:
            self.answered(answer.found)
