"""A question over the main screen, with a few answers that each have a key."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen

from ..parts import Role
from ..text import ELLIPSIS, char_width, fit, width
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
    # Not the key that opened the question: held for a moment, it would be the answer.
    FAIL = ("f", "Kill it: it counts as failed")
    SKIP = ("s", "Skip it: it counts as ignored")
    BACK = ("b", "Go back")

    @property
    def key(self) -> str:
        return self.value[0]

    @property
    def words(self) -> str:
        return self.value[1]


First = Callable[[tuple[Answer, ...]], int]
"""On which of the answers the cursor begins."""


def ending(text: str, columns: int) -> str:
    """As much of clean ``text`` as fits into ``columns``, from its end; ``…`` where something is left out."""
    if width(text) <= columns:
        return text
    # Its tail is where one path differs from the next.
    start, taken = len(text), width(ELLIPSIS)
    while start and taken + char_width(text[start - 1]) <= columns:
        start -= 1
        taken += char_width(text[start])
    return ELLIPSIS + text[start:] if columns > 0 else ""


class Choices(LineView):
    """The dialog's lines: how things stand, where, and the answers, one of them under the cursor."""

    DEFAULT_CSS = """
    Choices { background: $surface; border: round $accent; padding: 0 1; }
    """

    class Chosen(Message):
        """An answer was clicked."""

        def __init__(self, answer: Answer) -> None:
            super().__init__()
            self.answer = answer

    def __init__(
        self, title: str, lead: str, answers: tuple[Answer, ...], first: First, most: int, place: str
    ) -> None:
        super().__init__()
        self._most = most
        self._place = place
        self.border_title = Content(fit(title, min(width(title), WIDTH - 6)))
        self._lead = lead
        self._answers = answers
        self._first = first
        self._cursor = first(answers)
        self._leading = True

    @property
    def answer(self) -> Answer:
        """The one under the cursor."""
        return self._answers[self._cursor]

    def put(self, lead: str, answers: tuple[Answer, ...]) -> None:
        """Say this from now on; the cursor stays on its answer where that is still there."""
        chosen = self.answer
        self._lead, self._answers = lead, answers
        self._cursor = answers.index(chosen) if chosen in answers else self._first(answers)
        self.redraw()

    def room(self, columns: int, rows: int) -> None:
        """Take a size that fits on a terminal of this one."""
        self._leading = rows >= _LEAD_FROM
        # As high as with all answers that there may be: it must not move when one is no longer there.
        self.styles.height = min(rows, self._most + 2 + self._above)
        self.styles.width = min(columns, WIDTH)
        self.refresh()

    def move(self, step: int) -> None:
        """Put the cursor on another answer."""
        self._cursor = (self._cursor + step) % len(self._answers)
        self.redraw()

    @property
    def _above(self) -> int:
        """How many lines stand above the answers."""
        return (3 if self._place else 2) if self._leading else 0

    def line_at(self, y: int) -> Line:
        y -= self._above
        if y < -1:
            lead = y == -self._above
            text = fit(self._lead, self.columns) if lead else ending(self._place, self.columns)
            return (Field(0, text, Role.TEXT if lead else Role.DIM),)
        if not 0 <= y < len(self._answers):
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
        index = offset.y - self._above
        if 0 <= index < len(self._answers):
            self.post_message(self.Chosen(self._answers[index]))


class Question(ExactScreen[Answer], ModalScreen[Answer]):
    """Asks; its result is the :class:`Answer`. ``first`` says on which one the cursor begins, ``most`` how
    many there may come to be, ``place`` is the path that it is about."""

    # Or it would be for what is within a subclass alone.
    SCOPED_CSS = False
    CSS = """
    Question { align: center middle; overflow: hidden hidden; background: transparent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,shift+tab", "move(-1)", show=False),
        Binding("down,tab", "move(1)", show=False),
        Binding("enter,space", "choose", show=False),
        *(Binding(key, f"answer('{key}')", show=False) for key in "dskfb"),
        Binding("q,escape", "answer('b')", show=False),
    ]

    def __init__(
        self, title: str, lead: str, answers: tuple[Answer, ...], first: First, most: int, place: str = ""
    ) -> None:
        super().__init__()
        self._offered = answers
        self._choices = Choices(title, lead, answers, first, most, place)

    def compose(self) -> ComposeResult:
        yield self._choices

    def on_mount(self) -> None:
        self._choices.room(*self.app.size)

    def on_resize(self, event: events.Resize) -> None:
        self._choices.room(*event.size)

    def put(self, lead: str, answers: tuple[Answer, ...]) -> None:
        """Say how things stand now, and offer what can still be asked."""
        self._offered = answers
        self._choices.put(lead, answers)

    def action_move(self, step: int) -> None:
        self._choices.move(step)

    def action_choose(self) -> None:
        self.close_with(self._choices.answer)

    def action_answer(self, key: str) -> None:
        answer = next((answer for answer in self._offered if answer.key == key), None)
        if answer is not None:
            self.close_with(answer)

    def on_choices_chosen(self, message: Choices.Chosen) -> None:
        self.close_with(message.answer)

    def close_with(self, answer: Answer) -> None:
        """Close with this answer; of several, as in a double click, the first counts."""
        # Textual would take whatever screen stands here now, the main one at last, and fail.
        if self.app.screen is self:
            self.dismiss(answer)
