"""A log's own colours: its sequences of numbers (SGR) told apart from its text, and what they come to.

Left out are what blinks and what hides text. Other escapes are text, made visible as all controls are.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

# GCC, grep and others clear the rest of the line behind each colour; that is taken for a part of it.
SEQUENCE = re.compile(rb"\x1b\[([0-9;:]{0,64})m(?:\x1b\[0?K)?")
REMOVED = re.compile(SEQUENCE.pattern + rb"|\r(?=\n)")
"""What is no part of a line's text."""

_ATTRIBUTES = {1: 1, 2: 2, 3: 3, 4: 4, 7: 7, 9: 9, 21: 4}
_ENDS = {22: (1, 2), 23: (3,), 24: (4,), 27: (7,), 29: (9,)}
_FOREGROUND, _BACKGROUND, _UNDERLINE = 38, 48, 58


class Look(NamedTuple):
    """``attributes`` are on, ascending; ``foreground`` and ``background`` are numbers, or ``""``."""

    attributes: tuple[int, ...] = ()
    foreground: str = ""
    background: str = ""

    def __str__(self) -> str:
        parts = [*map(str, self.attributes), self.foreground, self.background]
        return ";".join(part for part in parts if part)


PLAIN = Look()


def stripped(data: bytes) -> bytes:
    """``data`` as it reads: without colours, and without what stands before a newline to end a line."""
    # One after the other: both at once take ten times as long.
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    return SEQUENCE.sub(b"", data) if b"\x1b[" in data else data


def raw_offset(data: bytes, offset: int) -> int:
    """Where in ``data`` that is which is at ``offset`` once it is :func:`stripped`."""
    removed = 0
    for match in REMOVED.finditer(data):
        if match.start() - removed > offset:
            break
        removed += match.end() - match.start()
    return offset + removed


@lru_cache(maxsize=1024)
def after(look: Look, parameters: bytes) -> Look:
    """What ``look`` becomes by a sequence with these parameters. What is unknown changes nothing."""
    attributes = set(look.attributes)
    foreground, background = look.foreground, look.background
    fields = parameters.decode("ascii").split(";")
    while fields:
        field, *fields = fields
        first, *colons = field.split(":")
        code = _number(first)
        if code == 0:
            attributes.clear()
            foreground = background = ""
        elif code == 4 and colons:
            attributes.discard(4)
            if _number(colons[0]):
                attributes.add(4)
        elif code in _ATTRIBUTES:
            attributes.add(_ATTRIBUTES[code])
        elif code in _ENDS:
            attributes.difference_update(_ENDS[code])
        elif 30 <= code <= 37 or 90 <= code <= 97:
            foreground = str(code)
        elif 40 <= code <= 47 or 100 <= code <= 107:
            background = str(code)
        elif code == 39:
            foreground = ""
        elif code == 49:
            background = ""
        elif code in (_FOREGROUND, _BACKGROUND, _UNDERLINE):
            if colons:
                colour = _colour(code, colons[-3:] if colons[0] == "2" else colons[1:], colons[0])
            else:
                used = {"5": 1, "2": 3}.get(fields[0] if fields else "", 0)
                colour = _colour(code, fields[1 : 1 + used], fields[0] if fields else "")
                fields = fields[1 + used :]
            if code == _FOREGROUND:
                foreground = colour or foreground
            elif code == _BACKGROUND:
                background = colour or background
    return Look(tuple(sorted(attributes)), foreground, background)


def _colour(code: int, given: list[str], kind: str) -> str:
    """``38;5;208`` or ``38;2;255;0;0``; ``""`` where that is none."""
    numbers = [_number(number) for number in given]
    wanted = {"5": 1, "2": 3}.get(kind)
    if len(numbers) != wanted or not all(0 <= number <= 255 for number in numbers):
        return ""
    return f"{code};{kind};" + ";".join(map(str, numbers))


def _number(text: str) -> int:
    """An empty one is 0; -1 for one that no code has."""
    return int(text or "0") if len(text) <= 3 else -1
