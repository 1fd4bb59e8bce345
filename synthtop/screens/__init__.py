"""The screens: how widgets are laid out, and what the keys do there."""
