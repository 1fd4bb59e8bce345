"""A widget that draws visible lines only, and of them only what has changed."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ..parts import Role
from .fields import Line, changed


class LineView(ScrollView, can_focus=False):
    """Subclasses say each line by :meth:`line_at`; whoever changed what they say calls :meth:`redraw`.

    The look of each :class:`~synthtop.parts.Role` is the component class ``line--ROLE``.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"line--{role}" for role in Role}
    ALLOW_SELECT = False
    DEFAULT_CSS = """
    LineView {
        overflow: hidden hidden;
        scrollbar-size: 0 0;
        scrollbar-color: $panel-lighten-2;
        scrollbar-background: $background;
        & > .line--label, & > .line--dim, & > .line--rest { color: $text-muted; }
        & > .line--value { text-style: bold; }
        & > .line--origin { text-style: bold; }
        & > .line--phase { color: $text-primary; }
        & > .line--built { color: $text-success; text-style: bold; }
        & > .line--meta { color: $text-primary; text-style: bold; }
        & > .line--failed { color: $text-error; text-style: bold; }
        & > .line--ignored, & > .line--skipped { color: $text-warning; }
        & > .line--throttled { color: $text-warning; text-style: bold; }
        & > .line--heading { background: $panel; color: $text; text-style: bold; }
        & > .line--key { color: $accent; text-style: bold; }
        & > .line--chosen { background: $primary; color: $text; text-style: bold; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._drawn: dict[int, Line] = {}
        self._styles_by_role: dict[str, Style] = {}

    def line_at(self, y: int) -> Line:
        """What the line ``y`` of the visible part says now; ``()`` is an empty one."""
        # No ABC: Textual's widgets have a metaclass of their own.
        raise NotImplementedError

    @property
    def top(self) -> int:
        """How many lines are scrolled out at the top."""
        return self.scroll_offset.y

    @property
    def columns(self) -> int:
        """Width of what can be drawn on."""
        return self.scrollable_content_region.width

    @property
    def rows(self) -> int:
        """Height of what can be drawn on."""
        return self.scrollable_content_region.height

    def redraw(self) -> None:
        """Draw again what differs from what is drawn, and nothing else."""
        regions = []
        drawn = self._drawn
        for y in range(self.rows):
            old = drawn.get(y)
            if old is None:
                # Never asked for yet: the widget itself is still to be drawn.
                continue
            new = self.line_at(y)
            regions += [Region(x, y, span, 1) for x, span in changed(old, new) if span > 0]
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        line = self.line_at(y)
        self._drawn[y] = line
        columns = self.columns
        segments = []
        x = 0
        blank = self.style_of(Role.TEXT)
        for field in line:
            if field.x > x:
                segments.append(Segment(" " * (field.x - x), blank))
            segment = Segment(field.text, self.style_of(field.role))
            segments.append(segment)
            x = max(field.x, x) + segment.cell_length
        return Strip(segments, x).adjust_cell_length(columns, blank)

    def style_of(self, role: str) -> Style:
        """The look of a role; of ``"one/other"``, the first's colour on the second's."""
        style = self._styles_by_role.get(role)
        if style is None:
            front, _, back = role.partition("/")
            style = self.get_component_rich_style(f"line--{front}")
            if back:
                behind = self.get_component_rich_style(f"line--{back}").color
                style = Style(color=style.color, bgcolor=behind)
            self._styles_by_role[role] = style
        return style

    def notify_style_update(self) -> None:
        self._styles_by_role.clear()
        super().notify_style_update()
