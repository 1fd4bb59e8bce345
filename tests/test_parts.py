"""Text in parts: cut, left out by the word, and broken into lines."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.parts import Part, Role, broken, cut, joined, whole
from synthtop.text import clean, width

from . import builds

cleaned = st.one_of(st.sampled_from(builds.HOSTILE), st.text(max_size=40)).map(clean)
lines = st.lists(st.builds(Part, cleaned, st.sampled_from(Role)), max_size=6).map(tuple)
STATE = Part("building", Role.VALUE), Part(", ", Role.LABEL), Part("2 failed", Role.FAILED)


def test_what_is_cut_keeps_its_roles_and_says_that_it_is_cut() -> None:
    assert cut(STATE, 13) == (STATE[0], STATE[1], Part("2 …", Role.FAILED))


@pytest.mark.parametrize(("columns", "parts"), [(18, 3), (17, 1), (10, 1), (8, 1), (7, 0), (0, 0)])
def test_whole_parts_are_left_out_from_the_end_with_what_separates_them(columns: int, parts: int) -> None:
    assert whole(STATE, columns) == STATE[:parts]


@given(lines, st.integers(0, 120))
@settings(max_examples=100)
def test_nothing_is_wider_than_its_room(parts: tuple[Part, ...], columns: int) -> None:
    assert width(joined(cut(parts, columns))) <= columns
    assert whole(parts, columns) == parts[: len(whole(parts, columns))]
    assert width(joined(whole(parts, columns))) <= columns


@pytest.mark.parametrize(
    ("text", "columns", "broken_up"),
    [
        ("expected Load, Swap", 14, ["expected Load,", "Swap"]),
        ("/build/stats/monitor.dat", 10, ["/build/sta", "ts/monitor", ".dat"]),
        ("a /build/stats", 8, ["a", "/build/s", "tats"]),
        ("日本語", 5, ["日本", "語"]),
        ("日", 1, ["日"]),
        ("", 10, []),
    ],
)
def test_lines_are_broken_between_words_where_that_is_possible(
    text: str, columns: int, broken_up: list[str]
) -> None:
    assert list(broken(text, columns)) == broken_up


@given(cleaned, st.integers(2, 120))
@settings(max_examples=100)
def test_no_word_is_lost_where_lines_are_broken(text: str, columns: int) -> None:
    found = list(broken(text, columns))
    assert "".join(found).replace(" ", "") == text.replace(" ", "")
    assert all(width(line) <= columns for line in found)
