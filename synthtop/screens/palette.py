"""The command palette: Textual's, on a terminal of any size, and cheap while it is open."""

from __future__ import annotations

from typing import Any

from textual.command import CommandList, CommandPalette

from .compositor import ExactCompositor


class Palette(CommandPalette):
    """Finds a command, or whatever its ``providers`` have."""

    # Textual's is black: the sign that ASCII has for it would not be seen.
    DEFAULT_CSS = "Palette SearchIcon { color: $text-muted; }"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._compositor = ExactCompositor()

    def _action_command_list(self, action: str) -> None:
        # A list that has no place yet, or none on so small a terminal, has no lines, and fails at some keys.
        if self.query_one(CommandList).scrollable_content_region.area:
            super()._action_command_list(action)
