"""Where the columns of a list stand, of which one takes what the others leave, and what a row says in them.
Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..parts import Part
from ..text import fit, width
from .fields import Field, Line

GAP = 2


class Place(NamedTuple):
    """Where a column begins, and how wide it is."""

    x: int
    room: int


class Table(NamedTuple):
    """The columns of a list by their names, from left to right: how each is called in the heading, and how
    wide it is. ``wide`` has the rest, at least ``least``.

    ``worth`` are the others, those first that are left out last. What is ``right`` stands at the right of its
    column.
    """

    names: Mapping[str, str]
    widths: Mapping[str, int]
    wide: str
    least: int
    worth: tuple[str, ...]
    right: frozenset[str]

    def places(self, columns: int) -> dict[str, Place]:
        """Those for which there is room in a view of ``columns``."""
        room = max(0, columns - 2)
        shown = {self.wide}
        for name in self.worth:
            needed = self.widths[name] + GAP
            if room - needed < self.least:
                break
            shown.add(name)
            room -= needed
        places = {}
        x = 1
        for name in self.names:
            if name in shown:
                places[name] = Place(x, room if name == self.wide else self.widths[name])
                x += places[name].room + GAP
        return places

    def line(self, said: Mapping[str, Part], places: Mapping[str, Place]) -> Line:
        """A row that says this, as far as there is a place for it."""
        return tuple(
            Field(x, self._put(name, said[name].text, room), said[name].role)
            for name, (x, room) in places.items()
            if room and said[name].text
        )

    def heading(self, places: Mapping[str, Place]) -> str:
        """The names of the columns."""
        text = ""
        for name, (x, room) in places.items():
            text = text.ljust(x) + self._put(name, self.names[name], room)
        return text

    def _put(self, name: str, text: str, room: int) -> str:
        if width(text) > room:
            return fit(text, room)
        return text.rjust(room) if name in self.right else fit(text, room)
