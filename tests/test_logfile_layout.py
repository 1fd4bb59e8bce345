"""A line as clean text with its looks, and in rows."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.logfile.layout import Laid, lay, pieces, shifted, wrapped
from synthtop.logfile.sgr import raw_offset, stripped
from synthtop.text import clean, width

CODES = [b"\x1b[31m", b"\x1b[0m", b"\x1b[1;32m\x1b[K", b"\x1b[m", b"\x1b[38;5;208m"]
TEXTS = ["a", "bc ", "\t", "日本", "e\u0301", "\x1b]0;t\x07", "\x1b[2J", "\u202e", "‘x’"]
LINES = st.lists(st.sampled_from([*CODES, *(text.encode() for text in TEXTS), b"\xff"])).map(b"".join)


def looks(data: bytes) -> list[tuple[str, str]]:
    laid = lay(data)
    return [(piece.text, piece.sgr) for piece in pieces(laid, 0, len(laid.text))]


@pytest.mark.parametrize(
    ("codes", "look"),
    [
        (b"31", "31"),
        (b"1;31", "1;31"),
        (b"31;1", "1;31"),
        (b"01;031", "1;31"),
        (b"91", "91"),
        (b"44;97", "97;44"),
        (b"38;5;208", "38;5;208"),
        (b"38:5:208", "38;5;208"),
        (b"48;2;1;2;3", "48;2;1;2;3"),
        (b"38:2::1:2:3", "38;2;1;2;3"),
        (b"38;5;208;1", "1;38;5;208"),
        (b"4:3", "4"),
        (b"21", "4"),
        (b"1;2;3;4;7;9", "1;2;3;4;7;9"),
        (b"1;31;22", "31"),
        (b"1;31;39", "1"),
        (b"31;42;49", "31"),
        (b"31;0", ""),
        (b"31;", ""),
        (b"", ""),
        # what blinks, hides, or is none
        (b"5;8", ""),
        (b"38;5;999", ""),
        (b"38;5", ""),
        (b"38;2;1;2", ""),
        (b"58;5;9;31", "31"),
        (b"99999", ""),
    ],
)
def test_a_sequence_comes_to_its_numbers_in_one_order(codes: bytes, look: str) -> None:
    assert looks(b"\x1b[" + codes + b"mx") == [("x", look)]


def test_a_look_lasts_to_the_next_one_and_is_none_of_the_text() -> None:
    assert looks(b"a\x1b[1mb\x1b[31mc\x1b[md") == [("a", ""), ("b", "1"), ("c", "1;31"), ("d", "")]


def test_what_gcc_puts_behind_its_colours_is_taken_for_a_part_of_them() -> None:
    assert looks(b"\x1b[01;31m\x1b[Kerror: \x1b[m\x1b[Kx") == [("error: ", "1;31"), ("x", "")]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\x1b[2Ja", "␛[2Ja"),
        (b"\x1b]0;title\x07", "␛]0;title␇"),
        (b"\x1b[K", "␛[K"),
        (b"10%\r20%", "10%␍20%"),
        (b"a\x1b[31", "a␛[31"),
        (b"\xff\xfe", "��"),
        ("\u202eabc".encode(), "<202E>abc"),
        (b"\x1b[" + b"1;" * 40 + b"m", "␛[" + "1;" * 40 + "m"),
    ],
)
def test_every_other_escape_is_made_visible(data: bytes, text: str) -> None:
    assert lay(data).text == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a\tb", "a       b"),
        (b"\tb", "        b"),
        (b"12345678\tb", "12345678        b"),
        ("日本\tb".encode(), "日本    b"),
        (b"ab\x1b[31mc\td", "abc     d"),
    ],
)
def test_tabs_lead_to_the_next_stop(data: bytes, text: str) -> None:
    assert lay(data).text == text


@settings(max_examples=50)
@given(LINES)
def test_the_text_of_a_line_is_clean_and_its_pieces_are_all_of_it(data: bytes) -> None:
    laid = lay(data)
    assert clean(laid.text) == laid.text
    assert "".join(text for text, _ in looks(data)) == laid.text


@settings(max_examples=50)
@given(LINES, st.integers(2, 9))
def test_wrapped_rows_cover_the_text_and_none_is_too_wide(data: bytes, columns: int) -> None:
    text = lay(data).text
    starts = wrapped(text, columns)
    rows = [text[start:stop] for start, stop in zip(starts, [*starts[1:], len(text)], strict=True)]
    assert "".join(rows) == text
    assert all(width(row) <= columns for row in rows)
    # None could have held more, and only an empty line has an empty row.
    assert all(width(row + after[:1]) > columns for row, after in pairwise(rows))


def test_where_there_is_one_column_a_wide_character_has_it() -> None:
    assert wrapped("日本", 1) == [0, 1]


@settings(max_examples=50)
@given(LINES, st.integers(0, 12), st.integers(1, 9))
def test_a_shifted_row_has_what_stands_wholly_in_its_columns(data: bytes, shift: int, columns: int) -> None:
    text = lay(data).text
    start, stop, blanks = shifted(text, shift, columns)
    left, seen = width(text[:start]), width(text[start:stop])
    assert blanks + seen <= columns
    if start < stop:
        assert left == shift + blanks
        assert blanks <= 1
    if stop < len(text):
        assert left + seen + width(text[stop]) > shift + columns or start == stop


def test_a_wide_character_that_is_cut_at_the_left_is_a_blank() -> None:
    assert shifted("a日b", 2, 5) == (2, 3, 1)


def test_pieces_are_cut_where_the_look_changes_and_where_something_is_found() -> None:
    laid = Laid("abcdef", ((0, ""), (2, "31"), (4, "")))
    assert [tuple(piece) for piece in pieces(laid, 1, 6, [(1, 3), (5, 6)])] == [
        ("b", "", True),
        ("c", "31", True),
        ("d", "31", False),
        ("e", "", False),
        ("f", "", True),
    ]


@settings(max_examples=50)
@given(LINES, st.integers(0, 40))
def test_what_is_stripped_is_found_where_it_was_written(data: bytes, offset: int) -> None:
    text = stripped(data)
    if offset < len(text):
        assert data[raw_offset(data, offset)] == text[offset]
        assert stripped(data[: raw_offset(data, offset)]) == text[:offset]
