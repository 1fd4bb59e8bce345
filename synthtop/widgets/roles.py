"""How each role looks in each theme.

Said here and not in style sheets: a dozen widgets with two dozen roles each are a fifth of the time to the
first frame, for Textual matches each of them against every rule.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style

from ..parts import Role
from .themes import PALETTES, SIXTEEN, Palette

GROUND = "ground"
"""The look of a whole line on CHOSEN: quieter than that of a word."""

Styles = Mapping[str, Style]


def _styles_of(palette: Palette) -> Styles:
    value = Style(color=palette.text, bold=True)
    throttled = Style(color=palette.throttled, bold=True)
    rest = Style(color=palette.rest)
    return {
        Role.TEXT: Style(color=palette.text),
        Role.LABEL: Style(color=palette.label),
        Role.DIM: Style(color=palette.dim),
        Role.VALUE: value,
        Role.ORIGIN: value,
        Role.PHASE: Style(color=palette.phase),
        Role.BUILT: Style(color=palette.built, bold=True),
        Role.META: Style(color=palette.meta, bold=True),
        Role.FAILED: Style(color=palette.failed, bold=True),
        Role.IGNORED: Style(color=palette.ignored),
        Role.SKIPPED: Style(color=palette.skipped),
        Role.THROTTLED: throttled,
        Role.STALLED: throttled,
        Role.HEADING: Style(color=palette.text, bgcolor=palette.panel, bold=True),
        Role.KEY: Style(color=palette.accent, bold=True),
        Role.CHOSEN: Style(color=palette.on_accent, bgcolor=palette.accent, bold=True),
        Role.FROZEN: Style(color=palette.background, bgcolor=palette.accent, bold=True),
        Role.FRAME: Style(color=palette.frame),
        Role.REST: rest,
        Role.LIMIT: rest,
        Role.CHART: Style(color=palette.chart),
        GROUND: Style(color=palette.on_ground, bgcolor=palette.ground),
    }


_QUIET, _BOLD, _REVERSED = Style(dim=True), Style(bold=True), Style(bold=True, reverse=True)
_THROTTLED = Style(color="yellow", bold=True)
_REST = Style(color="bright_black")
_SIXTEEN: Styles = {
    Role.TEXT: Style(),
    Role.LABEL: _QUIET,
    Role.DIM: _QUIET,
    Role.VALUE: _BOLD,
    Role.ORIGIN: _BOLD,
    Role.PHASE: Style(color="cyan"),
    Role.BUILT: Style(color="green", bold=True),
    Role.META: Style(color="bright_blue", bold=True),
    Role.FAILED: Style(color="red", bold=True),
    # There is no orange and no brown, which is what many terminals have for yellow that is not bold.
    Role.IGNORED: Style(color="magenta"),
    Role.SKIPPED: Style(color="yellow"),
    Role.THROTTLED: _THROTTLED,
    Role.STALLED: _THROTTLED,
    Role.HEADING: Style(bold=True, underline=True),
    Role.KEY: Style(color="cyan", bold=True),
    Role.CHOSEN: _REVERSED,
    Role.FROZEN: _REVERSED,
    Role.FRAME: _QUIET,
    Role.REST: _REST,
    Role.LIMIT: _REST,
    Role.CHART: Style(color="bright_blue"),
    GROUND: Style(reverse=True),
}
_COLOURLESS: Styles = {
    **_SIXTEEN,
    # What went well is the rule, and needs no weight where that has to tell what did not.
    Role.BUILT: Style(),
    Role.META: Style(),
    Role.STALLED: Style(bold=True, underline=True),
}
_BY_THEME = {name: _styles_of(palette) for name, palette in PALETTES.items()} | {SIXTEEN.name: _SIXTEEN}


def styles_in(theme: str, *, colourless: bool) -> Styles:
    """The look of each role; what it leaves open is the widget's own. Other themes are like the dark one."""
    return _COLOURLESS if colourless else _BY_THEME.get(theme, _BY_THEME["synthtop-dark"])
