"""The one place where text from outside is made safe, and where widths are measured.

Origins, reasons, log lines and file names come from builders and their packages; none
of it may reach a terminal raw. Escapes, control characters and bidi overrides become
visible; wide and combining characters keep the columns straight.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# C0, DEL, C1, line and paragraph separators, zero-width characters, bidi controls, lone surrogates, tags.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
_PLAIN = re.compile(r"[\x20-\x7e]*")
_MAX_COMBINING = 4
"""Combining characters kept after one base: more is a storm, not a language."""

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
    a tab as one blank, a lone surrogate as ``�``; combining characters are kept up to four in a row.
    """
    if _PLAIN.fullmatch(text):
        return text
    text = _UNSAFE.sub(_visible, text)
    kept: list[str] = []
    run = 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run <= _MAX_COMBINING:
            kept.append(char)
    return "".join(kept)


def decode(data: bytes) -> str:
    """Bytes from outside as clean text; what is no UTF-8 becomes ``�``."""
    return clean(data.decode("utf-8", "replace"))


@lru_cache(maxsize=4096)
def char_width(char: str) -> int:
    """Columns that one character takes in a terminal: 0, 1 or 2."""
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
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
