"""File formats: bytes to snapshot and back, one module each. Pure: no file is opened here."""

from __future__ import annotations


class FormatError(ValueError):
    """Bytes that are not what their format says. ``str(error)`` tells what, where, expected and found."""
