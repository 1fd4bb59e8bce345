"""Rows of things that have a number, of which one is marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from .told import ToldRows

T = TypeVar("T")


class KeyedRows(ToldRows, Generic[T]):
    """The marked one is known by its number, and stays so wherever others make it go."""

    def __init__(self) -> None:
        super().__init__()
        self.items: Sequence[T] = ()
        """What there is, row by row."""
        self._cursor = 0

    def key_of(self, item: T) -> int:
        """The number by which an item is known."""
        # No ABC: Textual's widgets have a metaclass of their own.
        raise NotImplementedError

    def show(self, items: Sequence[T]) -> None:
        """Show these."""
        before = self.marked
        # In the place of one that is gone is what came after it.
        row = min(self._cursor, max(0, len(items) - 1))
        if before is not None:
            keys = [self.key_of(item) for item in items]
            key = self.key_of(before)
            row = keys.index(key) if key in keys else row
        shift, self._cursor = row - self._cursor, row
        self.items = items
        self.changed(follow=bool(shift), shift=shift)

    @property
    def marked(self) -> T | None:
        """The one that the cursor is on; None where there is none."""
        return self.items[self._cursor] if self._cursor < len(self.items) else None

    @property
    def count(self) -> int:
        return len(self.items)

    @property
    def cursor(self) -> int:
        return self._cursor

    def put(self, row: int) -> None:
        self._cursor = row
