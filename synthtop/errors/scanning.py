"""Goes through a part of a log, and holds on to the lines that rules find. Reads; shows nothing.

Most of a log is looked at by ``bytes.find`` alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from .matching import ESCAPES, FAR, GUESSES, LINE_MOST, SURE, ByNeedle, plain, strongest
from .rule import Rule, Strength
from .rules import IGNORED, NOISE
from .sightings import Sighting, Sightings

MOST = 16 << 20
"""Bytes at the end of a log, or of its phase, that are looked at."""
_NEAR = 2 << 20
"""Bytes at the end of a part in which all needles are looked for."""
_GUESSED = 1 << 14
"""Bytes before the consequence, or the end, in which a mere guess counts."""
_CHUNK = 1 << 18
_LOOKED = 1 << 19
"""Bytes of lines with a needle up to which the rules look at all of them."""
_LOOKED_ON = 1 << 12
"""Where something is said without end: the bytes that they look at after that, at the begin and at the end of
each chunk."""
_IGNORED_NEEDLE = b"(ignored)"


def scan(descriptor: int, start: int, end: int) -> Sightings:
    """What is seen in the bytes from ``start`` to ``end`` of an open log. OSError passes."""
    seen = Sightings()
    budget = _LOOKED
    for offset, raw in _chunks(descriptor, start, end):
        if seen.sure_before(offset):
            break
        found, looked = _candidates(raw, SURE if end - offset <= _NEAR else FAR, budget)
        budget = max(0, budget - looked)
        for at, rule in found:
            if rule is None:
                seen.ignore_before(offset + at)
            else:
                seen.add(Sighting(offset + at, rule))
    return seen


def guess(descriptor: int, start: int, end: int) -> Sighting | None:
    """The last line before ``end`` that looks as if it told of an error. OSError passes."""
    start = max(start, end - _GUESSED)
    raw = os.pread(descriptor, end - start, start)
    found, _ = _candidates(raw, GUESSES, _GUESSED)
    guesses = [(at, rule) for at, rule in found if rule is not None and rule.strength is Strength.GUESS]
    return Sighting(start + guesses[-1][0], guesses[-1][1]) if guesses else None


def _chunks(descriptor: int, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Pieces of whole lines, each with its offset; of a line without an end, pieces."""
    rest = b""
    at = start
    while at < end:
        data = os.pread(descriptor, min(_CHUNK, end - at), at)
        if not data:
            break
        begin = at - len(rest)
        at += len(data)
        data = rest + data
        cut = data.rfind(b"\n") + 1 if at < end and len(data) < 2 * _CHUNK else len(data)
        rest = data[cut:]
        if cut:
            yield begin, data[:cut]
    if rest:
        yield at - len(rest), rest


def _candidates(raw: bytes, by_needle: ByNeedle, budget: int) -> tuple[list[tuple[int, Rule | None]], int]:
    """Offsets of the lines in ``raw`` that a rule finds, in order, None where an error was ignored; and how
    many bytes were looked at, which may be more than ``budget`` by some."""
    # The line break before the first line is for the needles that begin with one.
    text = b"\n" + plain(raw)
    low = text.lower()
    for noise, hidden in NOISE:
        low = low.replace(noise, hidden)
    lines: dict[int, list[Rule]] = {}
    for needle, rules in by_needle.items():
        for start in _lines_with(low, needle):
            lines.setdefault(start, []).extend(rules)
    ignored = set(_lines_with(low, _IGNORED_NEEDLE))
    found: list[tuple[int, Rule | None]] = []
    looked = 0
    for start, stop in _bounded(text, sorted(lines.keys() | ignored), budget):
        looked += stop - start
        line = text[start:stop].rstrip()
        if start in ignored and IGNORED.search(line):
            found.append((start - 1, None))
        elif (rule := strongest(line, lines.get(start, ()))) is not None:
            found.append((start - 1, rule))
    offsets = _raw_offsets(raw, [start for start, _ in found])
    return list(zip(offsets, [rule for _, rule in found], strict=True)), looked


def _bounded(text: bytes, starts: list[int], budget: int) -> list[tuple[int, int]]:
    """The lines that begin at ``starts``; the first and the last of them, where they are more than ``budget``
    bytes."""
    lines: list[tuple[int, int]] = []
    for start in starts:
        stop = text.find(b"\n", start, start + LINE_MOST)
        lines.append((start, stop if stop >= 0 else min(len(text), start + LINE_MOST)))
    if sum(stop - start for start, stop in lines) <= budget:
        return lines
    first, last, seen = 0, len(lines), 0
    while seen < _LOOKED_ON and first < last:
        seen += lines[first][1] - lines[first][0]
        first += 1
    seen = 0
    while seen < _LOOKED_ON and last > first:
        last -= 1
        seen += lines[last][1] - lines[last][0]
    return lines[:first] + lines[last:]


def _lines_with(low: bytes, needle: bytes) -> Iterator[int]:
    at = low.find(needle)
    begins = needle.startswith(b"\n")
    while at >= 0:
        start = at + 1 if begins else low.rfind(b"\n", 0, at) + 1
        if at - start < LINE_MOST:
            yield start
        stop = low.find(b"\n", at + len(needle))
        if stop < 0:
            return
        at = low.find(needle, stop)


def _raw_offsets(raw: bytes, starts: list[int]) -> Iterator[int]:
    """Where in ``raw`` the lines begin that hold these bytes, in order, of its plain text."""
    # Without the carriage returns that became line breaks, both have the same lines.
    stripped = ESCAPES.sub(b"", raw) if b"\x1b" in raw else raw
    at = line = 0
    for start in starts:
        for _ in range(stripped.count(b"\n", at, start)):
            line = raw.find(b"\n", line) + 1
        at = start
        yield line


def errors_in(block: bytes) -> list[int]:
    """Offsets of the lines in ``block``, whole lines of a log, that tell of errors: of which ``is_error`` is
    true, ten times as fast."""
    found, _ = _candidates(block, SURE, len(block) + 1)
    return list(dict.fromkeys(at for at, rule in found if rule is not None))
