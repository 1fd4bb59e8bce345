"""Which key stands for which command of the main screen, as it is and as a user wants it. Pure.

Keys are named as Textual names them: a letter, ``f5``, ``ctrl+l``, ``question_mark``; ``?`` is understood
too.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType

DEFAULTS: Mapping[str, str] = MappingProxyType(
    {
        "log": "l",
        "failures": "f",
        "finished": "b",
        "detail": "d",
        "trends": "t",
        "history": "h",
        "eta": "e",
        "filter": "slash",
        "sort": "s",
        "reverse": "r",
        "columns": "c",
        "freeze": "space",
        "kill": "k",
        "more": "plus",
        "fewer": "minus",
        "builds": "o",
        "stop": "x",
        "help": "question_mark",
        "quit": "q",
    }
)
"""The commands whose keys may be chosen, by the name that they have in the settings."""
_TAKEN = frozenset(
    (
        *("up", "down", "left", "right", "pageup", "pagedown", "home", "end", "enter", "escape"),
        *("shift+up", "shift+down", "shift+pageup", "shift+pagedown", "ctrl+c", "ctrl+p", "ctrl+q", "ctrl+z"),
    )
)
"""What is always the same."""
_NAMES = frozenset(
    (*("space", "tab", "backspace", "delete", "insert"), *(f"f{number}" for number in range(1, 25)))
)
_ALIASES = {"+": "plus", "-": "minus", "/": "slash", "\\": "backslash", "@": "at", "_": "underscore"}
"""Where Textual's name is not made of Unicode's."""


_LETTERS = frozenset(string.ascii_lowercase + string.digits)


def _unicodes(sign: str) -> str:
    return unicodedata.name(sign).lower().replace("-", "_").replace(" ", "_")


_UNICODES = frozenset(_ALIASES.get(sign) or _unicodes(sign) for sign in string.punctuation)
"""The names of what is neither letter nor figure."""


def key_named(word: str) -> str:
    """Textual's name of the key that a user calls ``word``; ValueError where it can be none."""
    if word in _ALIASES:
        return _ALIASES[word]
    if len(word) == 1 and word != " ":
        if word.isalnum() and word.isascii():
            return word
        if word.isprintable() and word.isascii():
            return _unicodes(word)
    else:
        held, _, last = word.rpartition("+")
        if set(held.split("+")) <= {"", "ctrl", "shift", "alt"} and (
            last in _NAMES or last in _UNICODES or (held and len(last) == 1 and last in _LETTERS)
        ):
            return word
    raise ValueError(f"expected a key like g, G, f5 or ctrl+l, found {word!r}")


_SIGNS = {key_named(sign): sign for sign in string.punctuation}


def said(key: str) -> str:
    """How the footer calls a key."""
    return _SIGNS.get(key, key)


def checked(wanted: Mapping[str, str]) -> dict[str, str]:
    """What a user wants, with Textual's names; ValueError for an unknown command, or a key that two have."""
    chosen = {}
    for command, word in wanted.items():
        if command not in DEFAULTS:
            raise ValueError(f"{command}: no such command; there are {', '.join(DEFAULTS)}")
        if word in _TAKEN:
            raise ValueError(f"{command}: {word} always means the same here: choose another key")
        try:
            chosen[command] = key_named(word)
        except ValueError as problem:
            raise ValueError(f"{command}: {problem}") from problem
    clash = _clash({**DEFAULTS, **chosen}.items())
    if clash is not None:
        key, one, other = clash
        raise ValueError(f"{said(key)} is the key of both {one} and {other}: give one of them another key")
    return chosen


def _clash(keys: Iterable[tuple[str, str]]) -> tuple[str, str, str] | None:
    owner: dict[str, str] = {}
    for command, key in keys:
        if key in owner:
            return key, owner[key], command
        owner[key] = command
    return None
