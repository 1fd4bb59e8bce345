"""The keys that do something now; at the right end how the build stands, where the header cannot say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual import events

from ..parts import Parts, Role, cut, joined, whole
from ..text import width
from .fields import Field, Line, placed
from .lineview import LineView

_GAP = 2
"""Blank columns between two hints."""


class Hint(NamedTuple):
    """A key as it is written, what it does in a word, and the app's action that it stands for.

    Where there is no room for all, those of the greatest ``weight`` stay.
    """

    key: str
    word: str
    action: str | None = None
    weight: int = 0

    @property
    def columns(self) -> int:
        """Columns that key and word take."""
        return width(self.key) + 1 + width(self.word)


def fitting(hints: Sequence[Hint], columns: int) -> list[Hint]:
    """Those of ``hints`` that stay in ``columns``, in their order: each as a whole or not at all."""
    room = columns + _GAP
    kept: set[int] = set()
    for index in sorted(range(len(hints)), key=lambda index: -hints[index].weight):
        needed = hints[index].columns + _GAP
        if needed <= room:
            kept.add(index)
            room -= needed
    return [hint for index, hint in enumerate(hints) if index in kept]


def hint_places(hints: Sequence[Hint], start: int, end: int) -> list[tuple[int, int, Hint]]:
    """Where each hint that fits between two columns stands, as its own start and end."""
    places = []
    for hint in fitting(hints, end - start):
        places.append((start, start + hint.columns, hint))
        start += hint.columns + _GAP
    return places


def hint_fields(places: Sequence[tuple[int, int, Hint]]) -> list[Field]:
    """Hints as they are drawn."""
    fields = []
    for x, _, hint in places:
        fields.append(Field(x, hint.key, Role.KEY))
        fields.append(Field(x + width(hint.key) + 1, hint.word, Role.TEXT))
    return fields


class KeyBar(LineView):
    """One line of hints; a click on one is its key."""

    DEFAULT_CSS = """
    KeyBar { background: $surface; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._hints: tuple[Hint, ...] = ()
        self._state: Parts = ()

    def show(self, hints: Sequence[Hint], state: Parts = ()) -> None:
        """Offer these keys, and say ``state`` at the right end."""
        # The same in nearly every second, and to lay them out is more than to compare them.
        if (hints, state) != (self._hints, self._state):
            self._hints, self._state = tuple(hints), state
            self.redraw()

    def _laid_out(self) -> tuple[list[tuple[int, int, Hint]], Line]:
        columns = self.columns
        # The most important key has its place, then the state, and then the other keys.
        first = max((hint.weight, hint.columns) for hint in self._hints)[1] if self._hints else 0
        room = max(0, columns - first - 2)
        state = whole(self._state, room) or cut(self._state, room)
        if not state:
            return hint_places(self._hints, 1, columns), ()
        taken = width(joined(state))
        x = columns - taken - (1 if taken < room else 0)
        return hint_places(self._hints, 1, x - 1), placed(state, x)

    def line_at(self, y: int) -> Line:
        if y:
            return ()
        places, state = self._laid_out()
        return (*hint_fields(places), *state)

    async def on_click(self, event: events.Click) -> None:
        for start, end, hint in self._laid_out()[0]:
            if start <= event.x < end and hint.action is not None:
                event.stop()
                await self.run_action(hint.action)
