"""Each rule, by the line that it is there for and those that it must leave alone."""

from __future__ import annotations

import re
import time

import pytest

from synthtop.errors import excerpts, matching, rules
from synthtop.errors.matching import LINE_MOST, strongest
from synthtop.errors.rule import Rule, Strength
from synthtop.errors.rules import NOISE, OFTEN, RULES

EACH = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def hidden(line: bytes) -> bytes:
    """A line as needles are looked for in it."""
    low = b"\n" + line.lower() + b"\n"
    for noise, instead in NOISE:
        low = low.replace(noise, instead)
    return low


@EACH
def test_a_rule_finds_its_example_and_none_finds_it_better(rule: Rule) -> None:
    assert any(needle in hidden(rule.example) for needle in rule.needles)
    assert strongest(rule.example, [rule]) is rule
    best = strongest(rule.example, RULES)
    assert best is not None
    assert best.strength is rule.strength


def test_needles_are_lower_case() -> None:
    needles = [needle for rule in RULES for needle in rule.needles]
    assert needles == [needle.lower() for needle in needles]


@EACH
def test_what_a_rule_must_not_find_no_rule_finds(rule: Rule) -> None:
    found = {line: strongest(line, RULES) for line in rule.never}
    assert {line: by.name for line, by in found.items() if by is not None} == {}


@EACH
def test_no_rule_finds_an_empty_line_or_a_command(rule: Rule) -> None:
    lines = (
        b"",
        b"cc -O2 -Werror -c src/error.c -o obj/error.o",
        b"===>  Building for error-1.0",
        b"all is well",
    )
    assert [line for line in lines if strongest(line, [rule]) is not None] == []


def test_rules_have_names_of_their_own() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_most_rules_say_what_they_must_not_find() -> None:
    assert sum(bool(rule.never) for rule in RULES) >= 30


def test_what_is_looked_for_far_above_the_end_is_a_needle_of_something_sure() -> None:
    sure = {needle for rule in RULES if rule.strength is not Strength.GUESS for needle in rule.needles}
    assert sure >= OFTEN


# -- how long they take ----------------------------------------------------------------------------

LONG = 8 * LINE_MOST
"""Bytes of a line, more than are ever looked at: for whatever takes the square of them, 64 times too many."""
ENOUGH = 0.5
"""Seconds of the processor's time for all lines of a rule, of which the slowest needs a fifth."""
FILLINGS = (b"::", b"a:1:", b"a/", b" ", b"- ", b"1", b"a", b"error: ")
OTHERS = {
    name: pattern
    for module in (rules, matching, excerpts)
    for name, pattern in vars(module).items()
    if isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, bytes)
}


def seconds(pattern: re.Pattern[bytes], *beginnings: bytes) -> float:
    """Processor time for long lines that begin so, and go on in ways that those who backtrack mind."""
    lines = {
        (begin + filling * LONG)[:LONG]
        for begin in (b"", *beginnings)
        for filling in (*FILLINGS, *beginnings)
    }
    before = time.thread_time()
    for line in lines:
        pattern.search(line)
    return time.thread_time() - before


@EACH
def test_a_long_line_takes_no_rule_long(rule: Rule) -> None:
    words = rule.example.partition(b"\n")[0]
    beginnings = (words[:20], words[: len(words) // 2], *(needle.strip(b"\n") for needle in rule.needles[:2]))
    patterns = [rule.pattern] if rule.before is None else [rule.pattern, rule.before]
    assert max(seconds(pattern, *beginnings) for pattern in patterns) < ENOUGH


@pytest.mark.parametrize("name", OTHERS)
def test_nor_whatever_else_each_line_is_looked_at_by(name: str) -> None:
    assert seconds(OTHERS[name], b"checking ", b"cc -c ", b"not ok ") < ENOUGH
