"""Which rule finds a line. A line is looked at by a rule only where it holds one of the rule's needles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .rule import Rule, Strength
from .rules import ECHO, NO_ERROR, OFTEN, RULES, SOURCE, WARNING

LINE_MOST = 4096
"""Bytes of a line that are looked at."""

ESCAPES = re.compile(rb"\x1b(?:\[[0-9;:]*[mK]|\]8;[^\x07\x1b\n]{0,2000}(?:\x07|\x1b\\)|\(B)")
"""Colours and links: what is text without them."""

ByNeedle = Mapping[bytes, tuple[Rule, ...]]


def _by_needle(rules: Iterable[Rule]) -> ByNeedle:
    found: dict[bytes, list[Rule]] = {}
    for rule in rules:
        for needle in rule.needles:
            found.setdefault(needle, []).append(rule)
    return {needle: tuple(rules) for needle, rules in found.items()}


SURE = _by_needle(rule for rule in RULES if rule.strength is not Strength.GUESS)
GUESSES: ByNeedle = {
    needle: RULES for rule in RULES if rule.strength is Strength.GUESS for needle in rule.needles
}
FAR = {needle: rules for needle, rules in SURE.items() if needle in OFTEN}
"""The rules by needle: all but guesses; all, where one may be; those that count far from the end."""


def _shortest(needles: Iterable[bytes]) -> tuple[bytes, ...]:
    """Of needles that are in others, only these: where they are not, none is."""
    kept: list[bytes] = []
    for needle in sorted(needles, key=len):
        if not any(shorter in needle for shorter in kept):
            kept.append(needle)
    return tuple(kept)


_ANY = _shortest(SURE)


def plain(raw: bytes) -> bytes:
    """``raw`` without colours and links; what a carriage return would overwrite becomes a line of its own."""
    if b"\x1b" in raw:
        raw = ESCAPES.sub(b"", raw)
    if b"\r" in raw:
        raw = raw.replace(b"\r\n", b" \n").replace(b"\r", b"\n")
    return raw


def strongest(line: bytes, rules: Iterable[Rule]) -> Rule | None:
    """The one of ``rules`` that says best what a plain ``line`` tells: that it is only a consequence,
    or else the strongest that finds it, the first of several."""
    found: Rule | None = None
    for rule in rules:
        if (found is None or _sooner(rule, found)) and rule.pattern.search(line):
            found = rule
    if found is None or NO_ERROR.search(line):
        return None
    if Strength.CONSEQUENCE < found.strength < Strength.CAUSE and WARNING.search(line):
        return None
    if found.strength in (Strength.GUESS, Strength.HINT) and (ECHO.match(line) or SOURCE.match(line)):
        return None
    return found


def _sooner(rule: Rule, found: Rule) -> bool:
    if found.strength <= Strength.CONSEQUENCE:
        return False
    return rule.strength <= Strength.CONSEQUENCE or rule.strength > found.strength


def is_error(line: bytes) -> bool:
    """Whether ``line``, as it is in a log, tells of an error, or that something failed because of one."""
    if b"\x1b" in line or b"\r" in line:
        line = plain(line).rstrip(b"\n").rpartition(b"\n")[2]
    line = line[:LINE_MOST].rstrip()
    low = b"\n" + line.lower() + b"\n"
    for needle in _ANY:
        if needle in low:
            break
    else:
        return False
    rules = [rule for needle, rules in SURE.items() if needle in low for rule in rules]
    return strongest(line, rules) is not None
