"""JSON from outside: an object with what is wrong in it told by its path."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from . import FormatError

LARGEST = 1 << 53
"""Beyond it, not every reader of JSON keeps an integer exact."""
_LONGEST = 32
"""Characters of a number in a string that are looked at: no meaningful one is longer."""

E = TypeVar("E", bound=StrEnum)


def loads(text: str) -> Any:
    """The JSON value in ``text``. FormatError where it is none, NaN and the like, or nested too deeply."""
    try:
        return json.loads(text.removeprefix("\ufeff"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"no JSON: {error}") from error


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def whole(value: object) -> int | None:
    """A whole number from 0 to LARGEST, or the string of one; None where it is neither."""
    if type(value) is str:
        if not value.isdecimal() or len(value) > _LONGEST:
            return None
        value = int(value)
    if type(value) is int and 0 <= value <= LARGEST:
        return value
    return None


def figure(value: object) -> float | None:
    """A number up to LARGEST, or the string of one, maybe among blanks; None where it is neither."""
    if type(value) is str:
        if len(value) > _LONGEST:
            return None
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST:
        return float(value)
    return None


class Object:
    """A JSON object. A missing name is like null; FormatError where something else is than is asked for."""

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, Mapping):
            raise FormatError(f"{path or 'the file'}: expected an object, found {described(value)}")
        self._value: Mapping[str, Any] = value
        self._path = path

    def get(self, name: str) -> Any:
        """Whatever is there; None where there is nothing."""
        return self._value.get(name)

    def _at(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def wrong(self, name: str, expected: str) -> FormatError:
        found = described(self._value.get(name))
        return FormatError(f"{self._at(name)}: expected {expected}, found {found}")

    def integer(self, name: str) -> int | None:
        value = self._value.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST:
            raise self.wrong(name, "a whole number, 0 or more")
        return value

    def count(self, name: str) -> int | None:
        """As :meth:`integer`, but it may be in a string; an empty one is like null."""
        value = self._value.get(name)
        if value is None or value == "":
            return None
        found = whole(value)
        if found is None:
            raise self.wrong(name, "a whole number, 0 or more")
        return found

    def number(self, name: str) -> float | None:
        value = self._value.get(name)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= LARGEST:
            raise self.wrong(name, "a number")
        return float(value)

    def text(self, name: str) -> str | None:
        value = self._value.get(name)
        if value is None or isinstance(value, str):
            return value
        raise self.wrong(name, "a string")

    def flag(self, name: str) -> bool:
        return self._value.get(name) is True

    def word(self, name: str, words: type[E]) -> E:
        value = self._value.get(name)
        for word in words:
            if word == value:
                return word
        raise self.wrong(name, f"one of {', '.join(words)}")

    def object(self, name: str) -> Object:
        value = self._value.get(name)
        return Object({} if value is None else value, self._at(name))

    def entries(self, name: str) -> list[Any]:
        value = self._value.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.wrong(name, "a list")
        return value

    def objects(self, name: str) -> Iterator[Object]:
        for index, entry in enumerate(self.entries(name)):
            yield Object(entry, f"{self._at(name)}[{index}]")


def described(value: object) -> str:
    """What was found, for an error: its type, and what it is where that is short."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return f"the string {value[:40]!r}"
    return f"{type(value).__name__} {str(value)[:40]}"
