"""The app's themes: the colours of everything that is drawn.

What Textual draws itself gets them by its variables, what we draw by the roles of roles.py. The values are
at, or next to, those that a terminal of 256 colours has.
"""

from __future__ import annotations

from typing import NamedTuple

from textual.theme import Theme


class Palette(NamedTuple):
    """Colours by what they are for. Texts stand on ``background``, ``surface``, ``panel`` and ``ground``."""

    background: str
    surface: str
    """Under the keys and in dialogs."""
    panel: str
    """Under headings."""
    ground: str
    """Under the selected row."""
    on_ground: str
    text: str
    label: str
    dim: str
    frame: str
    rest: str
    """What is left of a bar, or above one."""
    chart: str
    accent: str
    on_accent: str
    built: str
    meta: str
    failed: str
    ignored: str
    skipped: str
    throttled: str
    phase: str


DARK = Palette(
    background="#121212",
    surface="#1c1c1c",
    panel="#3a3a3a",
    ground="#303030",
    on_ground="#dadada",
    text="#dadada",
    label="#9e9e9e",
    dim="#808080",
    frame="#6c6c6c",
    rest="#585858",
    chart="#56789c",
    accent="#5fd7d7",
    on_accent="#121212",
    built="#87d75f",
    meta="#5fafff",
    failed="#ff6b6b",
    ignored="#ff8700",
    skipped="#bf9068",
    throttled="#ffd75f",
    phase="#5fd7d7",
)
LIGHT = Palette(
    background="#ffffff",
    surface="#eeeeee",
    panel="#dadada",
    ground="#e4e4e4",
    on_ground="#1c1c1c",
    text="#1c1c1c",
    label="#585858",
    dim="#767676",
    frame="#808080",
    rest="#b2b2b2",
    chart="#5f87af",
    accent="#005f87",
    on_accent="#ffffff",
    built="#005f00",
    meta="#005faf",
    failed="#af0000",
    ignored="#a04000",
    skipped="#7a5230",
    throttled="#6b5900",
    phase="#005f5f",
)
CONTRAST = Palette(
    background="#000000",
    surface="#1c1c1c",
    panel="#303030",
    ground="#ffffff",
    on_ground="#000000",
    text="#ffffff",
    label="#d0d0d0",
    dim="#b2b2b2",
    frame="#b2b2b2",
    rest="#808080",
    chart="#87afff",
    accent="#5fffff",
    on_accent="#000000",
    built="#5fff5f",
    meta="#87afff",
    failed="#ff8787",
    ignored="#ffaf5f",
    skipped="#d7af87",
    throttled="#ffff5f",
    phase="#5fffff",
)


def theme_of(name: str, palette: Palette, *, dark: bool) -> Theme:
    """A theme in which Textual's variables are this palette's colours, and not blends of them."""
    return Theme(
        name=name,
        dark=dark,
        primary=palette.meta,
        secondary=palette.phase,
        accent=palette.accent,
        success=palette.built,
        warning=palette.throttled,
        error=palette.failed,
        foreground=palette.text,
        background=palette.background,
        surface=palette.surface,
        panel=palette.panel,
        variables={
            "text": palette.text,
            "text-muted": palette.label,
            "text-disabled": palette.dim,
            "text-primary": palette.meta,
            "text-secondary": palette.phase,
            "text-accent": palette.accent,
            "text-success": palette.built,
            "text-warning": palette.throttled,
            "text-error": palette.failed,
            "panel-darken-1": palette.surface,
            "border": palette.accent,
            "border-blurred": palette.frame,
            "screen-selection-background": palette.ground,
            "screen-selection-foreground": palette.on_ground,
            "block-hover-background": palette.panel,
            "block-cursor-background": palette.accent,
            "block-cursor-foreground": palette.on_accent,
            "block-cursor-text-style": "bold",
            "block-cursor-blurred-background": palette.ground,
            "block-cursor-blurred-foreground": palette.on_ground,
            "block-cursor-blurred-text-style": "bold",
            "scrollbar": palette.frame,
            "scrollbar-hover": palette.label,
            "scrollbar-active": palette.label,
            "scrollbar-background": palette.surface,
            "scrollbar-background-hover": palette.surface,
            "scrollbar-background-active": palette.surface,
            "scrollbar-corner-color": palette.background,
        },
    )


SIXTEEN = Theme(
    name="synthtop-16",
    ansi=True,
    primary="ansi_bright_blue",
    secondary="ansi_cyan",
    accent="ansi_cyan",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    foreground="ansi_default",
    background="ansi_default",
    variables={
        "panel": "ansi_bright_black",
        "panel-darken-1": "ansi_default",
        # Those that Textual leaves out, though its own style sheets may ask for them.
        "surface-active": "ansi_default",
        "foreground-disabled": "ansi_default",
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "panel-lighten-2": "ansi_bright_black",
        "border": "ansi_cyan",
        "border-blurred": "ansi_default",
        "screen-selection-background": "ansi_default",
        "screen-selection-foreground": "ansi_default",
        "block-hover-background": "ansi_default",
        # A list of Textual's loses a style's "reverse"; looks.py makes the terminal's own colours of these.
        "block-cursor-background": "ansi_white",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "ansi_white",
        "block-cursor-blurred-foreground": "ansi_black",
        "block-cursor-blurred-text-style": "bold",
        "scrollbar": "ansi_default",
        "scrollbar-hover": "ansi_default",
        "scrollbar-active": "ansi_default",
        "scrollbar-background": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
        "scrollbar-corner-color": "ansi_default",
    },
)
"""The terminal's own colours on its own background, be that dark or light."""

PALETTES = {"synthtop-dark": DARK, "synthtop-light": LIGHT, "synthtop-contrast": CONTRAST}
BY_NAME = {
    "synthtop-dark": theme_of("synthtop-dark", DARK, dark=True),
    "synthtop-light": theme_of("synthtop-light", LIGHT, dark=False),
    SIXTEEN.name: SIXTEEN,
    "synthtop-contrast": theme_of("synthtop-contrast", CONTRAST, dark=True),
}
