"""Which format bytes are in, by what stands in them and never by their file's name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..model import SourceKind
from . import FormatError, dsynth, resultlog, text

HEAD = 4096
"""How many bytes from a file's beginning tell its format."""
EXPECTED = (
    "a monitor file (text, JSON or dsynth's), dsynth's summary.json, poudriere's .data.json, "
    "a 00_last_results.log or an event stream"
)
_VERSION = re.compile(rb"[0-9][0-9A-Za-z.+_-]*\0+")
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)(?:"(\s*:)?|\\?\Z)|[][{}]', re.DOTALL)
"""A bracket, or a string, which is a name where a colon follows. One that is cut off ends with the text."""
_NOTED = re.compile(r"\[(?:[0-9]{3,4}|XXX)\] \S")
_TELLING: Mapping[SourceKind, frozenset[str]] = {
    SourceKind.EVENTS: frozenset({"event"}),
    SourceKind.JSON: frozenset({"schema", "throttle", "swap_pct", "cpu_pct", "run_rate"}),
    SourceKind.REPORT: frozenset({"kickoff", "kfiles", "builders"}),
    SourceKind.POUDRIERE: frozenset(
        {"buildname", "mastername", "jailname", "snap", "jobs", "ports", "skipped"}
    ),
}
"""Names that an object of a format has and none of another's, in the order in which they are looked for.

Several of each: tools sort them, and what comes first may be longer than what is looked at.
"""
_ENTRY = frozenset({"entry", "result"})
_SHOWN = 40


class NothingYet(FormatError):
    """There is nothing in the file that could tell what it is."""

    def __init__(self) -> None:
        super().__init__(f"nothing stands in it yet: expected {EXPECTED}")


def sniff(head: bytes, size: int | None = None) -> SourceKind:
    """The format of a file that begins with ``head``, of which ``HEAD`` bytes are looked at.

    ``size`` is the whole file's in bytes, ``head``'s own where it is None. A history of dsynth's is REPORT.
    FormatError says what the bytes look like, NothingYet that there are none.
    """
    size = len(head) if size is None else size
    head = head[:HEAD]
    if _is_dsynth(head, size):
        return SourceKind.DSYNTH
    if b"\0" in head:
        raise FormatError(f"binary data of {size} bytes: expected {EXPECTED}")
    words = head.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = [line for line in map(str.strip, words.splitlines()) if line]
    if not lines:
        raise NothingYet
    kind = _of_json(words.lstrip()) or _of_lines(lines)
    if kind is None:
        raise FormatError(f"{_looks_like(lines[0])}: expected {EXPECTED}")
    return kind


def _is_dsynth(head: bytes, size: int) -> bool:
    field = head[dsynth.VERSION_AT : dsynth.VERSION_AT + dsynth.VERSION_BYTES]
    # Whatever version it is: what to say of a new one, or of a file cut short, the decoder knows.
    return _VERSION.fullmatch(field) is not None or (size in dsynth.SIZES and not any(field))


def _of_json(words: str) -> SourceKind | None:
    if words.startswith("{"):
        names = set(_names(words))
        return next((kind for kind, telling in _TELLING.items() if names & telling), None)
    inside = words[1:].lstrip()
    if words.startswith("[") and (inside.startswith("]") or set(_names(inside)) >= _ENTRY):
        return SourceKind.REPORT
    return None


def _names(words: str) -> Iterator[str]:
    """The names in the JSON object with which ``words`` begin, as far as they go; within its values none."""
    depth = 0
    for token in _TOKEN.finditer(words):
        mark = token[0]
        if mark in ("{", "["):
            depth += 1
        elif mark in ("}", "]"):
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1 and token[2]:
            yield token[1]
        elif depth == 0:
            return


def _of_lines(lines: list[str]) -> SourceKind | None:
    if any(line.partition("=")[0] in text.KEYS for line in lines):
        return SourceKind.TEXT
    if any(map(resultlog.is_result, lines)):
        return SourceKind.LOG
    # What comes before a stream's first event may be anything: it is told where the stream is read.
    if any(line.startswith("{") and "event" in _names(line) for line in lines):
        return SourceKind.EVENTS
    # A build may say a lot before it has a result.
    return SourceKind.LOG if any(map(_NOTED.match, lines)) else None


def _looks_like(line: str) -> str:
    if line.startswith("{"):
        names = ", ".join(name for _, name in zip(range(4), _names(line), strict=False))
        return f"a JSON object with {names[:_SHOWN]}" if names else "a JSON object without names"
    return f"text that begins with {line[:_SHOWN]!r}"
