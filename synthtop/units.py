"""Durations and sizes as people write them in plans, settings and options, and read them; their limits."""

from __future__ import annotations

import math
import re

MAX_WORKERS = 1024
"""dsynth's own limit."""
MAX_SECONDS = 10_000 * 86_400
"""No duration is longer: what waits longer waits for ever, and clocks still add up."""

FLAGS = dict.fromkeys(("yes", "true", "on", "1"), True) | dict.fromkeys(("no", "false", "off", "0"), False)
"""Yes and no where there are only words, in small letters."""

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?", re.ASCII)
_NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([kmgt])(?:i?b)?|b)?", re.ASCII | re.IGNORECASE)
_POWERS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_LONGEST = 40
"""Characters of a figure that are looked at: no meaningful one is longer."""


def parse_duration(value: str | int | float) -> float:
    """Seconds, from ``90``, ``"90"``, ``"30m"``, ``"1h30m"``, ``"2d"`` or ``"1.5s"``; never negative.

    Raises ValueError with what was expected and found.
    """
    seconds = math.nan
    if isinstance(value, str):
        text = value.strip().lower()
        if len(text) > _LONGEST:
            pass
        elif _NUMBER.fullmatch(text):
            seconds = float(text)
        elif text and (match := _DURATION.fullmatch(text)):
            days, hours, minutes, rest = (float(part or 0) for part in match.groups())
            seconds = ((days * 24 + hours) * 60 + minutes) * 60 + rest
    elif not isinstance(value, bool):
        seconds = float(value) if abs(value) <= MAX_SECONDS else math.inf
    if not 0 <= seconds <= MAX_SECONDS:
        raise ValueError(
            f"expected a duration like 90 (seconds), 30m or 1h30m, at most 10000d, found {_shown(value)}"
        )
    return seconds


def parse_size(value: str | int) -> int:
    """Bytes, from ``1048576``, ``"512M"``, ``"1.5G"`` or ``"24GiB"``; K, M, G and T are powers of 1024.

    Never 0. Raises ValueError with what was expected and found.
    """
    size = 0
    if isinstance(value, str):
        match = _SIZE.fullmatch(value.strip()) if len(value) <= _LONGEST else None
        if match is not None:
            figure, unit = match.groups()
            power = _POWERS[unit.lower()] if unit else 1
            size = round(float(figure) * power) if "." in figure else int(figure) * power
    elif not isinstance(value, bool):
        size = value
    if not 0 < size < 1 << 63:
        raise ValueError(f"expected a size like 512M, 24G or a number of bytes, found {_shown(value)}")
    return size


def short_size(size: int) -> str:
    """Bytes by powers of 1024, in at most five characters: ``812``, ``9.5K``, ``1.2G``, ``1023G``."""
    if size < 1024:
        return str(size)
    figure = float(size)
    for unit in "KMGT":
        figure /= 1024
        if figure < 9.95:
            return f"{figure:.1f}{unit}"
        if figure < 1023.5 or unit == "T":
            break
    return f"{figure:.0f}{unit}"


def _shown(value: str | int | float) -> str:
    if isinstance(value, int) and value.bit_length() > 128:
        return "a number of more than 38 digits"  # repr() itself refuses thousands of them
    shown = repr(value)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
