"""Typing into a line at the bottom of a screen, in the place of its keys."""

from __future__ import annotations

from textual import events
from textual.screen import Screen

from ..widgets.filterline import FilterLine


class Typing(Screen[None]):
    """Gives its keys to :attr:`line` while that is typed in.

    A key of :attr:`OPENS` opens it by the screen's method of that name, and what other keys are bound to is
    done here too: Textual's way to a binding comes later than the keys that were typed right after it. Of
    those that follow one which has opened another screen, each is for that.
    """

    OPENS: dict[str, str] = {}  # noqa: RUF012  (each screen has its own)
    line: FilterLine

    async def on_key(self, event: events.Key) -> None:
        app = self.app
        if app.screen is not self:
            event.stop()
            (app.focused or app.screen)._forward_event(events.Key(event.key, event.character))
        elif self.line.typing:
            if self.line.press(event):
                event.stop()
        elif (opens := self.OPENS.get(event.key)) is not None:
            event.stop()
            getattr(self, opens)()
        else:
            # As Textual does it, in the app's name: a message is not handed on beyond who has sent it.
            with app._context():
                bound = await app._check_bindings(event.key)
            if bound:
                event.stop()

    def on_paste(self, event: events.Paste) -> None:
        if self.line.typing:
            event.stop()
            self.line.paste(event.text)
