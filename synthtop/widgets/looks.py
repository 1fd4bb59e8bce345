"""Makes an app look as its terminal can show it: themes, and filters over all that is drawn."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter
from textual.scrollbar import ScrollBar, ScrollBarRender

from ..terminal import THEMES, Looks
from .themes import BY_NAME

_DEFAULT = "synthtop-dark"
_SIXTEEN = "synthtop-16"


class TerminalColours(LineFilter):
    """Leaves the terminal's own colours alone, in themes that are made of those.

    Textual has some of its own beside them; and where it means reversed, it says black on white at places.
    """

    def __init__(self, app: App[Any]) -> None:
        super().__init__()
        self._app = app

    @property
    def enabled(self) -> bool:
        """Whether the theme is one of those now."""
        return self._app.native_ansi_color

    @enabled.setter
    def enabled(self, enabled: bool) -> None:
        """The theme alone decides."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(text, style and _in_its_colours(style), control) for text, style, control in segments]


class Colourless(LineFilter):
    """Takes every colour away; what has a ground of its own is reversed."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            Segment(text, style and _without_colours(style), control) for text, style, control in segments
        ]


_WHITE = 7
_TERMINALS_OWN = Style(color="default", bgcolor="default")


@lru_cache(1024)
def _in_its_colours(style: Style) -> Style:
    front, ground = style.color, style.bgcolor
    if ground is not None and ground.number == _WHITE:
        return style + _TERMINALS_OWN + Style(reverse=True)
    if front is not None and front.triplet is not None:
        style += Style(color="default")
    if ground is not None and ground.triplet is not None:
        style += Style(bgcolor="default")
    return style


@lru_cache(1024)
def _without_colours(style: Style) -> Style:
    grounded = style.bgcolor is not None and not style.bgcolor.is_default
    return Style(
        bold=style.bold,
        dim=style.dim,
        underline=style.underline,
        reverse=style.reverse or grounded,
        meta=style.meta or None,
    )


class Ascii(LineFilter):
    """Puts in the place of each character one that every terminal has."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment
            if segment.text.isascii()
            else Segment(in_ascii(segment.text), segment.style, segment.control)
            for segment in segments
        ]


_NEAREST = {
    **dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼┏┓┗┛┣┫┳┻╋╔╗╚╝╠╣╦╩╬", "+"),
    **dict.fromkeys("─━═╌╍┄┅┈┉╴╶╸╺▔–—−‐‑", "-"),
    **dict.fromkeys("│┃║╎╏┆┇┊┋╵╷╹╻▏▎▕▐", "|"),
    **dict(zip("▁▂▃▄▅▆▇█", "_.:-=+*#", strict=True)),
    **dict(zip("▍▌▋▊▉", ":-=+*", strict=True)),
    **dict(zip("░▒▓▀■▪●•·∙○◦", '.:%"##o*..oo', strict=True)),
    **dict(zip("↑↓←→▲▼◀▶△▽◁▷‹›«»", "^v<>^v<>^v<><><>", strict=True)),
    **dict(zip("…±×÷≤≥≠≈✓✔✗✘", "~~x/<>#~vvxx", strict=True)),
    **dict(zip("‘’‚“”„\u00a0", "'''\"\"\" ", strict=True)),
    "🔎": "> ",
}


@lru_cache(4096)
def in_ascii(text: str) -> str:
    """``text`` in ASCII, in as many columns: ``?`` for a column of what has nothing like it there."""
    drawn = ""
    columns = 0
    for end in range(1, len(text) + 1):
        # By what the columns come to, since a character's may depend on those before it.
        reached = cell_len(text[:end])
        near = text[end - 1] if text[end - 1].isascii() else _NEAREST.get(text[end - 1], "")
        room = reached - columns
        drawn += near if len(near) == room else "?" * room
        columns = max(columns, reached)
    return drawn


class WholeCells(ScrollBarRender):
    """A scrollbar that begins and ends with a cell: parts of one need more than ASCII."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]


def apply(app: App[Any], looks: Looks) -> None:
    """Have ``app`` look so. To be called before it runs. It has no themes but ours then."""
    colourless = looks.colours == 0
    ours = (_SIXTEEN,) if colourless else THEMES
    for name in ours:
        app.register_theme(BY_NAME[name])
    app.no_color = colourless
    if colourless:
        app.theme = _SIXTEEN
    else:
        app.theme = looks.theme or (_SIXTEEN if looks.colours == 16 else _DEFAULT)
    for name in app.available_themes.keys() - set(ours):
        app.unregister_theme(name)
    # In the place of Textual's own, which make true colours of the terminal's colours, and greys of colours.
    filters: list[LineFilter] = [Colourless() if colourless else TerminalColours(app)]
    if looks.ascii:
        filters.append(Ascii())
    app._filters[:] = filters
    # For all apps of this process, since Textual has it so.
    ScrollBar.renderer = WholeCells if looks.ascii else ScrollBarRender
