"""Typing into a line at the bottom of a screen, in the place of its keys."""

from __future__ import annotations

from textual import events
from textual.screen import Screen

from ..widgets.filterline import FilterLine


class Typing(Screen[None]):
    """Gives its keys to :attr:`line` while that is typed in.

    A key of :attr:`OPENS` opens it by the screen's method of that name: here and not by a binding, which
    comes later than the keys that were typed right after this one.
    """

    OPENS: dict[str, str] = {}  # noqa: RUF012  (each screen has its own)
    line: FilterLine

    def on_key(self, event: events.Key) -> None:
        if self.line.typing:
            if self.line.press(event):
                event.stop()
        elif (opens := self.OPENS.get(event.key)) is not None:
            event.stop()
            getattr(self, opens)()

    def on_paste(self, event: events.Paste) -> None:
        if self.line.typing:
            event.stop()
            self.line.paste(event.text)
