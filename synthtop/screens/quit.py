"""The question before a build of our own is left: how it should end, or not at all."""

from __future__ import annotations

import enum
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import ModalScreen

from ..model import Stopping
from ..parts import Role
from ..text import fit
from ..widgets.fields import Field, Line
from ..widgets.lineview import LineView
from .compositor import ExactScreen

WIDTH = 46
_LEAD_FROM = 9
"""Rows of the terminal from which the dialog says how things stand above its answers."""


class Answer(enum.Enum):
    """What is to be done, with its key and its words."""

    DRAIN = ("d", "Let the running packages finish")
    STOP = ("s", "Stop now")
    KILL = ("k", "Kill what still runs")
    BACK = ("b", "Go back")

    @property
    def key(self) -> str:
        return self.value[0]

    @property
    def words(self) -> str:
        return self.value[1]


def answers_at(stage: Stopping | None) -> tuple[Answer, ...]:
    """What can still be asked of a build at ``stage`` of its end, the mildest first."""
    if stage is None:
        return Answer.DRAIN, Answer.STOP, Answer.BACK
    if stage is Stopping.DRAINING:
        return Answer.STOP, Answer.BACK
    return Answer.KILL, Answer.BACK


def lead_for(stage: Stopping | None, running: int | None) -> str:
    """How things stand, in one sentence."""
    packages = "Packages are" if running is None else f"{running} packages are"
    if running == 1:
        packages = "1 package is"
    if stage is None:
        return f"{packages} being built."
    return f"{packages} finishing." if stage is Stopping.DRAINING else f"{packages} being stopped."


def _first(answers: tuple[Answer, ...]) -> int:
    """Where the cursor begins: on the mildest answer, and never on one that kills."""
    return answers.index(Answer.BACK) if answers[0] is Answer.KILL else 0


class Choices(LineView):
    """The dialog's lines: how things stand, and the answers, one of them under the cursor."""

    DEFAULT_CSS = """
    Choices { background: $surface; border: round $accent; padding: 0 1; }
    """

    class Chosen(Message):
        """An answer was clicked."""

        def __init__(self, answer: Answer) -> None:
            super().__init__()
            self.answer = answer

    def __init__(self, lead: str, answers: tuple[Answer, ...]) -> None:
        super().__init__()
        self.border_title = "Quit?"
        self._lead = lead
        self._answers = answers
        self._cursor = _first(answers)
        self._leading = True

    @property
    def answer(self) -> Answer:
        """The one under the cursor."""
        return self._answers[self._cursor]

    def put(self, lead: str, answers: tuple[Answer, ...]) -> None:
        """Say this from now on; the cursor stays on its answer where that is still there."""
        chosen = self.answer
        self._lead, self._answers = lead, answers
        self._cursor = answers.index(chosen) if chosen in answers else _first(answers)
        self.redraw()

    def room(self, columns: int, rows: int) -> None:
        """Take a size that fits on a terminal of this one."""
        self._leading = rows >= _LEAD_FROM
        # As high as with three answers: it must not move when one is no longer there.
        self.styles.height = min(rows, (7 if self._leading else 5))
        self.styles.width = min(columns, WIDTH)
        self.refresh()

    def move(self, step: int) -> None:
        """Put the cursor on another answer."""
        self._cursor = (self._cursor + step) % len(self._answers)
        self.redraw()

    def line_at(self, y: int) -> Line:
        if self._leading:
            if y < 2:
                return () if y else (Field(0, fit(self._lead, self.columns), Role.TEXT),)
            y -= 2
        if y >= len(self._answers):
            return ()
        answer = self._answers[y]
        chosen = y == self._cursor
        text = fit(f"{'›' if chosen else ' '} {answer.words}", self.columns - 3)
        role = Role.CHOSEN if chosen else Role.TEXT
        return (
            Field(0, text, role),
            Field(self.columns - 3, f" {answer.key} ", Role.CHOSEN if chosen else Role.KEY),
        )

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        index = offset.y - (2 if self._leading else 0)
        if 0 <= index < len(self._answers):
            self.post_message(self.Chosen(self._answers[index]))


class QuitDialog(ExactScreen[Answer], ModalScreen[Answer]):
    """Asks; its result is the :class:`Answer`."""

    CSS = """
    QuitDialog { align: center middle; overflow: hidden hidden; background: transparent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,shift+tab", "move(-1)", show=False),
        Binding("down,tab", "move(1)", show=False),
        Binding("enter,space", "choose", show=False),
        Binding("d", "answer('DRAIN')", show=False),
        Binding("s", "answer('STOP')", show=False),
        Binding("k", "answer('KILL')", show=False),
        Binding("b,q,escape", "answer('BACK')", show=False),
    ]

    def __init__(self, stage: Stopping | None, running: int | None) -> None:
        super().__init__()
        self._offered = answers_at(stage)
        self._choices = Choices(lead_for(stage, running), self._offered)

    def compose(self) -> ComposeResult:
        yield self._choices

    def on_mount(self) -> None:
        self._choices.room(*self.app.size)

    def on_resize(self, event: events.Resize) -> None:
        self._choices.room(*event.size)

    def show(self, stage: Stopping | None, running: int | None) -> None:
        """Say how things stand now, and offer what can still be asked."""
        self._offered = answers_at(stage)
        self._choices.put(lead_for(stage, running), self._offered)

    def action_move(self, step: int) -> None:
        self._choices.move(step)

    def action_choose(self) -> None:
        self.close_with(self._choices.answer)

    def action_answer(self, name: str) -> None:
        answer = Answer[name]
        if answer in self._offered:
            self.close_with(answer)

    def on_choices_chosen(self, message: Choices.Chosen) -> None:
        self.close_with(message.answer)

    def close_with(self, answer: Answer) -> None:
        """Close with this answer; of several, as in a double click, the first counts."""
        # Textual would take whatever screen stands here now, the main one at last, and fail.
        if self.app.screen is self:
            self.dismiss(answer)
