"""Sends to the terminal the changed part of a line alone, also of a screen that another one stands over.

Textual's own partial update begins at the left edge of the widget, whatever the change: three quarters
of what a table with a figure at its right sends each second. And what changes in a screen below another it
draws by sending all of both.
"""

from __future__ import annotations

from rich.color import ColorSystem
from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.screen import Screen, ScreenResultType
from textual.strip import Strip

from ..widgets.lineview import LineView


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


class DirectUpdate(ChopsUpdate):
    """What is sent, made already."""

    def __init__(self, sequences: str) -> None:
        super().__init__([], [], [])
        self._sequences = sequences

    def render_segments(self, console: Console) -> str:
        return self._sequences


class ExactCompositor(Compositor):
    """A compositor whose partial updates are exact.

    What lies in line views it asks them for. Textual's way to the same bytes is by whole lines, cut at the
    borders of all widgets and each of them styled anew: four times the work for a table whose figures change.
    """

    def render_partial_update(self) -> ChopsUpdate | None:
        direct = self._direct_update()
        if direct is not None:
            return direct
        update = super().render_partial_update()
        return None if update is None else ExactUpdate(update.chops, update.spans, update.chop_ends)

    def _direct_update(self) -> DirectUpdate | None:
        """The update, where it lies in line views that nothing stands over; else None."""
        if self.root is None or not self._dirty_regions or len(self.root.app.screen_stack) > 1:
            return None
        spans: dict[tuple[LineView, int, int, int], list[tuple[int, int]]] = {}
        areas: dict[LineView, Region] = {}
        for y, start, stop in self._regions_to_spans(self._dirty_regions):
            view = self._view_at(y, start, stop)
            if view is None:
                return None
            area = areas.get(view)
            if area is None:
                area = areas[view] = view.scrollable_content_region
            if not (area.y <= y < area.bottom and area.x <= start and stop <= area.right):
                return None
            spans.setdefault((view, y - area.y, area.x, y), []).append((start - area.x, stop - area.x))
        self._dirty_regions.clear()
        app = self.root.app
        filters = app.get_line_filters()
        colours = app.console._color_system or ColorSystem.TRUECOLOR
        backgrounds = {view: view.background_colors[1] for view in areas} if filters else {}
        sequences: list[str] = []
        for (view, row, left, y), columns in spans.items():
            for (start, _), segments in zip(columns, view.render_spans(row, columns), strict=True):
                for filter in filters:
                    segments = filter.apply(list(segments), backgrounds[view])
                sequences.append(Control.move_to(left + start, y).segment.text)
                for text, style, _ in segments:
                    sequences.append(text if style is None else Strip.render_style(style, text, colours))
        return DirectUpdate("".join(sequences))

    def _view_at(self, y: int, start: int, stop: int) -> LineView | None:
        """The line view that is foremost in all of these columns."""
        layers = self.layers_visible
        for widget, region, _ in layers[y] if y < len(layers) else ():
            if region.x < stop and start < region.right:
                whole = region.x <= start and stop <= region.right
                return widget if whole and isinstance(widget, LineView) else None
        return None


class ExactScreen(Screen[ScreenResultType]):
    """A screen that sends what has changed alone, at the top and below others of its kind."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = ExactCompositor()

    def _compositor_refresh(self) -> None:
        changed = self._compositor._dirty_regions
        top = self.app.screen
        if self is top or not changed or self not in self.app._background_screens:
            super()._compositor_refresh()
            return
        # As Textual has it, but that it takes itself for changed all over the next time.
        if top.styles.background.a < 1:
            # Not by refresh(): a screen that is to be repainted forgets which of its widgets have changed.
            top._set_dirty(*changed)
            top._dirty_widgets.add(top)
            top.check_idle()
        changed.clear()
        self._dirty_widgets.clear()
