"""Sends to the terminal the changed part of a line alone, also of a screen that another one stands over.

Textual's own partial update begins at the left edge of the widget, whatever the change: three quarters
of what a table with a figure at its right sends each second. And what changes in a screen below another it
draws by sending all of both.
"""

from __future__ import annotations

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor
from textual.screen import Screen, ScreenResultType


class ExactUpdate(ChopsUpdate):
    """Draws each span, and nothing left or right of it."""

    def render_segments(self, console: Console) -> str:
        sequences: list[str] = []
        for y, start, stop in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                left, right = max(x, start), min(end, stop)
                if strip is None or left >= right:
                    continue
                sequences.append(Control.move_to(left, y).segment.text)
                sequences.append(strip.crop(left - x, right - x).render(console))
        return "".join(sequences)


class ExactCompositor(Compositor):
    """A compositor whose partial updates are exact."""

    def render_partial_update(self) -> ChopsUpdate | None:
        update = super().render_partial_update()
        return None if update is None else ExactUpdate(update.chops, update.spans, update.chop_ends)


class ExactScreen(Screen[ScreenResultType]):
    """A screen that sends what has changed alone, at the top and below others of its kind."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = ExactCompositor()

    def _compositor_refresh(self) -> None:
        changed = self._compositor._dirty_regions
        if self is self.app.screen or not changed or self not in self.app._background_screens:
            super()._compositor_refresh()
            return
        # As Textual has it, but that it takes itself for changed all over the next time.
        self.app.screen.refresh(*changed)
        changed.clear()
        self._dirty_widgets.clear()
