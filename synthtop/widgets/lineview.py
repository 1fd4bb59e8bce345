"""A widget that draws visible lines only, and of them only what has changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar, Self

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ..parts import Role
from ..text import width
from .contrast import on_ground
from .fields import Line, changed
from .looks import Ascii
from .roles import GROUND, styles_in

_NEVER_DIMMED = frozenset(
    (
        *(Role.FAILED, Role.THROTTLED, Role.STALLED, Role.FROZEN, Role.KEY, Role.CHOSEN, GROUND),
        # Quiet by themselves: as bright as the text, a bar's remainder would be one with the bar.
        *(Role.REST, Role.FRAME, Role.LIMIT),
    )
)
_QUIET = frozenset((Role.LABEL, Role.DIM, Role.REST, Role.FRAME, Role.LIMIT, Role.CHART))


class LineView(ScrollView, can_focus=False):
    """Subclasses say each line by :meth:`line_at`; whoever changed what they say calls :meth:`redraw`.

    The look of each :class:`~synthtop.parts.Role` is said in ``roles.py``; those in :attr:`NEVER_BOLD` are
    not bold here.
    """

    NEVER_BOLD: ClassVar[frozenset[Role]] = frozenset()
    ALLOW_SELECT = False
    DEFAULT_CSS = """
    LineView { overflow: hidden hidden; scrollbar-size: 0 0; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._drawn: dict[int, tuple[Line, Role | None]] = {}
        self._coming: dict[int, tuple[Line, Role | None]] = {}
        """What redraw() has asked for already, and render_line() need not again."""
        self._coming_for: Region | None = None
        self._window: Region | None = None
        self._styles_by_role: dict[tuple[str, Role | None], Style] = {}
        self._dimmed = False

    def line_at(self, y: int) -> Line:
        """What the line ``y`` of the visible part says now; ``()`` is an empty one."""
        # No ABC: Textual's widgets have a metaclass of their own.
        raise NotImplementedError

    def ground_at(self, y: int) -> Role | None:
        """The role on whose background the whole line ``y`` is drawn; None: on the widget's own."""
        return None

    @property
    def dimmed(self) -> bool:
        """Whether only what needs somebody is bright: the last figures of a build that says nothing more."""
        return self._dimmed

    @dimmed.setter
    def dimmed(self, dimmed: bool) -> None:
        if dimmed != self._dimmed:
            self._dimmed = dimmed
            self._styles_by_role.clear()
            self.refresh()

    @property
    def colourless(self) -> bool:
        """Whether signs have to tell what blocks of a colour tell elsewhere: without colours, or in ASCII."""
        app = self.app
        return app.no_color or any(isinstance(filter, Ascii) for filter in app.get_line_filters())

    @property
    def top(self) -> int:
        """How many lines are scrolled out at the top."""
        return self.scroll_offset.y if self._window is None else self._window.y

    @property
    def columns(self) -> int:
        """Width of what can be drawn on."""
        return (self._window or self.scrollable_content_region).width

    @property
    def rows(self) -> int:
        """Height of what can be drawn on."""
        return (self._window or self.scrollable_content_region).height

    @contextmanager
    def _window_known(self) -> Iterator[Region]:
        """Look up once what is to be seen: Textual does it anew each time, and every line wants to know."""
        _, _, columns, rows = self.scrollable_content_region
        window = Region(0, self.top, columns, rows)
        if window != self._coming_for:
            self._coming.clear()
            self._coming_for = window
        self._window = window
        try:
            yield window
        finally:
            self._window = None

    def redraw(self) -> None:
        """Draw again what differs from what is drawn, and nothing else."""
        regions: list[Region] = []
        drawn, coming = self._drawn, self._coming
        with self._window_known() as window:
            for y in range(window.height):
                before = drawn.get(y)
                if before is None:
                    # Never asked for yet: the widget itself is still to be drawn.
                    continue
                now = self.line_at(y), self.ground_at(y)
                if now == before:
                    coming.pop(y, now)
                    continue
                coming[y] = now
                if now[1] is not before[1]:
                    regions.append(Region(0, y, window.width, 1))
                else:
                    regions += [Region(x, y, span, 1) for x, span in changed(before[0], now[0]) if span > 0]
        if regions:
            self.refresh(*regions)

    def refresh(self, *regions: Region, **options: bool) -> Self:
        if not regions:
            # Whoever asks for all of it may have changed what the lines say.
            self._coming.clear()
        return super().refresh(*regions, **options)

    def render_lines(self, crop: Region) -> list[Strip]:
        with self._window_known():
            return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        line, ground = self._taken(y)
        columns = self.columns
        blank = self.style_of(Role.TEXT, ground)
        segments = []
        end = 0
        for x, text, role in line:
            if x > end:
                segments.append(Segment(" " * (x - end), blank))
            segments.append(Segment(text, self.style_of(role, ground)))
            end = max(x, end) + (len(text) if text.isascii() else cell_len(text))
        if end < columns:
            segments.append(Segment(" " * (columns - end), blank))
        strip = Strip(segments, max(end, columns))
        return strip if end <= columns else strip.crop(0, columns)

    def render_spans(self, y: int, spans: Sequence[tuple[int, int]]) -> list[Sequence[Segment]]:
        """What :meth:`render_line` has from each start to before its stop; ``spans`` from left to right."""
        line, ground = self._taken(y)
        if not all(text.isascii() or width(text) == len(text) == cell_len(text) for _, text, _ in line):
            # Not a cell for each character: Textual knows how to cut that.
            self._coming[y] = line, ground
            strip = self.render_line(y)
            return [list(strip.crop(*span)) for span in spans]
        blank = self.style_of(Role.TEXT, ground)
        rendered: list[Sequence[Segment]] = []
        for start, stop in spans:
            segments = []
            end = start
            for x, text, role in line:
                if x >= stop:
                    break
                if x + len(text) <= end:
                    continue
                if x > end:
                    segments.append(Segment(" " * (x - end), blank))
                    end = x
                segments.append(Segment(text[end - x : stop - x], self.style_of(role, ground)))
                end = min(x + len(text), stop)
            if end < stop:
                segments.append(Segment(" " * (stop - end), blank))
            rendered.append(segments)
        return rendered

    def _taken(self, y: int) -> tuple[Line, Role | None]:
        """What is drawn as line ``y`` from now on."""
        said = self._coming.pop(y) if y in self._coming else (self.line_at(y), self.ground_at(y))
        self._drawn[y] = said
        return said

    def style_of(self, role: str, ground: Role | None = None) -> Style:
        """The look of a role; of ``"one/other"``, the first's colour on the second's.

        On the ``ground`` of another role, where that is given.
        """
        key = role, ground
        style = self._styles_by_role.get(key)
        if style is None:
            front, _, back = role.partition("/")
            style = self._plain_style(front)
            if back:
                style = Style(color=style.color, bgcolor=self._plain_style(back).color)
            elif ground is not None:
                style = on_ground(
                    style,
                    self._plain_style(GROUND if ground is Role.CHOSEN else ground),
                    quiet=front in _QUIET,
                )
            self._styles_by_role[key] = style
        return style

    def _plain_style(self, role: str) -> Style:
        if self._dimmed and role not in _NEVER_DIMMED:
            role = Role.DIM
        app = self.app
        style = self.rich_style + styles_in(app.theme, colourless=app.no_color)[role]
        return style + Style(bold=False) if role in self.NEVER_BOLD else style

    def notify_style_update(self) -> None:
        self._styles_by_role.clear()
        super().notify_style_update()
