"""Strict reading of the TOML files that people write: every key known, every type right.

Each complaint is one line that names file, line and key. Which keys there are, and what they
mean, is the business of the modules that read a plan or settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn, TypeVar

from .text import clean
from .units import parse_duration, parse_size

V = TypeVar("V")

MAX_BYTES = 64 << 20
"""A whole ports tree is a plan of 6 MB; what is larger than this is some other file."""

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"""\s*([A-Za-z0-9_."'-][^=#\[{]*?)\s*=""")
_LONGEST = 60


def nearest(name: str, known: Iterable[str], alike: float = 0.6) -> str | None:
    """The known word that ``name`` most likely was meant to be; 0 < ``alike`` <= 1."""
    import difflib  # only a mistake needs it

    found = difflib.get_close_matches(name, known, n=1, cutoff=alike)
    return found[0] if found else None


def describe(value: object) -> str:
    """A TOML value as an error message calls it."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return f"the number {value}" if value.bit_length() <= 128 else "a huge number"
        case float():
            return f"the number {value}"
        case str():
            return repr(value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…")
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return "a date or time"


def read_text(path: str, error: type[ValueError]) -> str:
    """The text of a UTF-8 file; whatever is wrong with it is an ``error`` with a readable message."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as problem:
        raise error(clean(f"{path}: cannot read it: {problem.strerror}")) from problem
    except ValueError as problem:  # a NUL in the path
        raise error(f"{clean(path)}: cannot read it: {problem}") from problem
    return decode_text(data, path, error)


def decode_text(data: bytes, path: str, error: type[ValueError]) -> str:
    """``data`` as text without a byte order mark; too much of it, or no UTF-8, is an ``error``."""
    if len(data) > MAX_BYTES:
        raise error(clean(f"{path}: larger than {MAX_BYTES >> 20} MiB: this is some other file"))
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        byte = data[problem.start]
        raise error(
            clean(f"{path}:{line}: expected UTF-8, found the byte 0x{byte:02x}: save the file as UTF-8")
        ) from problem


class TomlFile:
    """A parsed file and its source text, in which the line of a complaint is looked up."""

    __slots__ = ("error", "path", "root", "text")

    def __init__(self, path: str, error: type[ValueError], text: str | None = None) -> None:
        self.path = path
        self.error = error
        self.text = read_text(path, error) if text is None else text
        import tomli  # 2 ms of a start, and a build of one command for many origins needs none

        try:
            self.root: dict[str, Any] = tomli.loads(self.text)
        except tomli.TOMLDecodeError as problem:
            message = f"{path}:{problem.lineno}:{problem.colno}: no valid TOML: {problem.msg}"
            raise error(clean(message)) from problem
        except (RecursionError, ValueError) as problem:  # nested too deep; a number of 5000 digits
            raise error(clean(f"{path}: no valid TOML: {problem}")) from problem

    def fail(self, message: str, *path: str | int, label: str = "") -> NoReturn:
        """Raise the file's error about what ``label`` names, with the line at which ``path`` stands."""
        line = self.line_of(path)
        place = self.path if line is None else f"{self.path}:{line}"
        raise self.error(clean(": ".join(part for part in (place, label, message) if part)))

    def line_of(self, path: tuple[str | int, ...]) -> int | None:
        """The line that stands for ``path``, like ``("package", 3, "needs")``, or for most of it."""
        best, line = 0, None
        for number, found in _paths(self.text):
            common = 0
            for wanted, there in zip(path, found, strict=False):
                if wanted != there:
                    break
                common += 1
            if common > best:
                best, line = common, number
        if best <= 1 < len(path):
            line = self._inline(path) or line
        return line

    def _inline(self, path: tuple[str | int, ...]) -> int | None:
        """The line of an item of ``package = [{origin = "..."}, ...]``, by its origin."""
        try:
            origin = self.root[str(path[0])][path[1]]["origin"]
        except (KeyError, TypeError, IndexError):
            return None
        found = re.search(rf"""\borigin\s*=\s*["']{re.escape(str(origin))}["']""", self.text)
        return self.text.count("\n", 0, found.start()) + 1 if found else None


def _paths(text: str) -> Iterator[tuple[int, tuple[str | int, ...]]]:
    """Every header and key with its line, as a path from the root; items of arrays are numbered."""
    here: tuple[str | int, ...] = ()
    counts: dict[str, int] = {}
    quoted = False
    for number, line in enumerate(text.split("\n"), 1):
        inside = quoted
        if (line.count('"""') + line.count("'''")) % 2:
            quoted = not quoted
        if inside:
            continue
        if header := _HEADER.fullmatch(line):
            first, *rest = _parts(header[2])
            if header[1] == "[[" and not rest:
                counts[first] = counts.get(first, -1) + 1
            here = (first, counts[first], *rest) if first in counts else (first, *rest)
            yield number, here
        elif key := _KEY.match(line):
            yield number, (*here, *_parts(key[1]))


def _parts(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]


class Table:
    """One table of a file: its values, where it stands, and what it is called in messages."""

    __slots__ = ("file", "label", "path", "values")

    def __init__(self, file: TomlFile, values: Mapping[str, Any], label: str = "", *path: str | int) -> None:
        self.file = file
        self.values = values
        self.label = label
        self.path = path

    def fail(self, message: str, key: str | None = None) -> NoReturn:
        """Raise the file's error about this table, or about a key of it."""
        if key is None:
            self.file.fail(message, *self.path, label=self.label)
        self.file.fail(message, *self.path, key, label=f"{self.label} {key}".lstrip())

    def only(self, known: frozenset[str], elsewhere: Mapping[str, str] | None = None) -> None:
        """Refuse a key that is not among ``known``; ``elsewhere`` says to which table a key belongs."""
        if self.values.keys() <= known:
            return
        key = next(key for key in self.values if key not in known)
        near = nearest(key, known)
        if near is None and elsewhere and key in elsewhere:
            advice = f"it belongs in {elsewhere[key]}"
        elif near is None:
            advice = f"known here are {', '.join(sorted(known))}"
        else:
            advice = f"did you mean {near}?"
        self.fail(f"unknown key {key!r}; {advice}", key)

    def wrong(self, key: str, expected: str) -> NoReturn:
        self.fail(f"expected {expected}, found {describe(self.values[key])}", key)

    def string(self, key: str, expected: str = "a string") -> str | None:
        """A string that is not blank, or None where the key is missing."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            self.wrong(key, expected)
        return value

    def strings(self, key: str, expected: str = "a list of strings") -> list[str] | None:
        """A list of strings, which may be empty, or None where the key is missing."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, list):
            self.wrong(key, expected)
        for item in value:
            if not isinstance(item, str):
                self.fail(f"expected {expected}, found {describe(item)} in it", key)
        return value

    def integer(self, key: str, low: int, high: int) -> int | None:
        """A whole number in ``low``..``high``, or None where the key is missing."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.wrong(key, f"a number from {low} to {high}")
        return value

    def duration(self, key: str) -> float | None:
        """Seconds, or None where the key is missing."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            self.wrong(key, "a duration like 90 (seconds), 30m or 1h30m")
        try:
            return parse_duration(value)
        except ValueError as problem:
            self.fail(str(problem), key)

    def size(self, key: str) -> int | None:
        """Bytes, or None where the key is missing."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int):
            self.wrong(key, "a size like 512M, 24G or a number of bytes")
        try:
            return parse_size(value)
        except ValueError as problem:
            self.fail(str(problem), key)
