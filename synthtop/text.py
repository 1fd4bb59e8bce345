"""The one place where text from outside is made safe, and where widths are measured.

Origins, reasons, log lines and file names come from builders and their packages; none
of it may reach a terminal raw. Escapes, control characters and bidi overrides become
visible; wide and combining characters keep the columns straight.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# C0, DEL, C1, line and paragraph separators, zero-width characters, bidi controls, lone surrogates, tags;
# letters and controls of some scripts that are there and not seen.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"
    "\u115f\u1160\u17b4\u17b5\u3164\uffa0\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
_LOOKS = re.compile("[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")
"""Choose another look for the character before: text or emoji, a skin's colour. Terminals disagree on how
many columns it has then, and the text says the same without."""
_MAX_COMBINING = 4
"""Characters without a width kept after one base: more is a storm, not a language."""

ELLIPSIS = "…"


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code == 0x09:
        return " "
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return f"<{code:04X}>"


def clean(text: str) -> str:
    """``text`` as one line that no terminal can take for anything but text.

    Control characters show as their pictures (ESC is ``␛``), other invisible ones as ``<202E>``,
    a tab as one blank, a lone surrogate as ``�``; combining characters are kept up to four in a row,
    and an emoji is without its variants.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _UNSAFE.sub(_visible, _LOOKS.sub("", text))
    kept: list[str] = []
    run = 0
    for char in text:
        run = 0 if char_width(char) else run + 1
        if run <= _MAX_COMBINING:
            kept.append(char)
    return "".join(kept)


def decode(data: bytes) -> str:
    """Bytes from outside as clean text; what is no UTF-8 becomes ``�``."""
    return clean(data.decode("utf-8", "replace"))


@lru_cache(maxsize=4096)
def char_width(char: str) -> int:
    """Columns that one character takes in a terminal: 0, 1 or 2."""
    category = unicodedata.category(char)
    # Vowels and final consonants of a Korean syllable that is written in its parts stand in its first one.
    if category in ("Mn", "Mc", "Me") or "\u1160" <= char <= "\u11ff" or "\ud7b0" <= char <= "\ud7fb":
        return 0
    if category == "Cn":  # newer than our tables, which call it all wide: the new ones there are emoji
        return 2 if "\U0001f300" <= char <= "\U0001faff" or "\U00020000" <= char <= "\U0003ffff" else 1
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def width(text: str) -> int:
    """Columns that clean ``text`` takes."""
    if text.isascii():
        return len(text)
    return sum(map(char_width, text))


def fit(text: str, columns: int) -> str:
    """Clean ``text`` in exactly ``columns`` columns: padded with blanks, or cut with ``…``."""
    if text.isascii() and len(text) <= columns:
        return text.ljust(columns)
    if columns <= 0:
        return ""
    total = width(text)
    if total <= columns:
        return text + " " * (columns - total)
    taken = 0
    kept: list[str] = []
    for char in text:
        wide = char_width(char)
        if taken + wide > columns - 1:
            break
        kept.append(char)
        taken += wide
    return "".join(kept) + ELLIPSIS + " " * (columns - 1 - taken)
