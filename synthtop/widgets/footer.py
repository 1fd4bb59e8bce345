"""The keys that do something now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual import events

from ..parts import Role
from ..text import width
from .fields import Field, Line
from .lineview import LineView


class Hint(NamedTuple):
    """A key as it is written, what it does in a word, and the app's action that it stands for."""

    key: str
    word: str
    action: str | None = None


def hint_places(hints: Sequence[Hint], columns: int) -> list[tuple[int, int, Hint]]:
    """Where each hint stands, as start and end; what does not fit as a whole is left out."""
    places = []
    x = 1
    for hint in hints:
        end = x + width(hint.key) + 1 + width(hint.word)
        if end <= columns:
            places.append((x, end, hint))
            x = end + 2
    return places


class KeyBar(LineView):
    """One line of hints; a click on one is its key."""

    DEFAULT_CSS = """
    KeyBar { background: $surface; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._hints: tuple[Hint, ...] = ()

    def show(self, hints: Sequence[Hint]) -> None:
        """Offer these, the most important first."""
        self._hints = tuple(hints)
        self.redraw()

    def line_at(self, y: int) -> Line:
        if y:
            return ()
        fields: list[Field] = []
        for x, _, hint in hint_places(self._hints, self.columns):
            fields.append(Field(x, hint.key, Role.KEY))
            fields.append(Field(x + width(hint.key) + 1, hint.word, Role.TEXT))
        return tuple(fields)

    async def on_click(self, event: events.Click) -> None:
        for start, end, hint in hint_places(self._hints, self.columns):
            if start <= event.x < end and hint.action is not None:
                event.stop()
                await self.run_action(hint.action)
