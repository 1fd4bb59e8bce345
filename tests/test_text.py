"""Text from outside: nothing that a terminal obeys gets through, and columns stay straight."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from synthtop.text import ELLIPSIS, char_width, clean, decode, fit, width

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
"""Surrogates, control characters and unassigned ones too."""
COMBINING = "\u0301\u0308\u20dd\u0e31\u05b8"
HOSTILE = st.lists(
    st.sampled_from(
        [*"a1漢", "\x1b[2J", "\x9b", "\x07", "\r", "\u202e", "\u200b", "\ud800", "\ufe0f", *COMBINING]
    ),
    max_size=60,
).map("".join)
"""What somebody would write who means harm, more often than chance does."""
NEWLY_WIDE = (
    *range(0x2630, 0x2638),
    *range(0x268A, 0x2690),
    *range(0x4DC0, 0x4E00),
    *range(0x1D300, 0x1D377),
)
"""Symbols that Unicode 16 made wide: tables differ by their age."""


def unseen(char: str) -> bool:
    """Whether a terminal obeys ``char``, or shows nothing for it and gives it no base to stand on."""
    named = "\u00ad\u034f\u061c\u115f\u1160\u180e\u3164\ufeff\uffa0"
    return (
        unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(char) in ("LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI")
        or char in named
        or "\u200b" <= char <= "\u200f"
        or "\u2060" <= char <= "\u206f"
        or "\ufe00" <= char <= "\ufe0f"
        or 0xE0000 <= ord(char) <= 0xE0FFF
    )


# -- clean -------------------------------------------------------------------------------------------


@given(ANY_TEXT | HOSTILE)
def test_nothing_that_is_obeyed_or_not_seen_is_left_of_any_text(text: str) -> None:
    assert [char for char in clean(text) if unseen(char)] == []


@given(ANY_TEXT | HOSTILE)
def test_clean_text_stays_as_it_is(text: str) -> None:
    once = clean(text)
    assert clean(once) == once


@given(st.binary(max_size=80))
def test_any_bytes_become_clean_text(data: bytes) -> None:
    text = decode(data)
    assert clean(text) == text


@given(ANY_TEXT | HOSTILE)
def test_clean_text_can_be_written_as_utf_8_on_one_line(text: str) -> None:
    assert len(clean(text).encode("utf-8").splitlines()) <= 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("devel/gmake: 100 %", "devel/gmake: 100 %"),
        ("\x1b[2J", "␛[2J"),
        ("a\tb", "a b"),
        ("a\r\nb", "a␍␊b"),
        ("nul\0", "nul␀"),
        ("\x7f", "␡"),
        ("\x9b31m", "<009B>31m"),
        ("\u202eabc", "<202E>abc"),
        ("ze\u200bro", "ze<200B>ro"),
        ("\u2028", "<2028>"),
        ("soft\u00adhyphen", "soft<00AD>hyphen"),
        ("\U000e0041", "<E0041>"),
        ("\u3164", "<3164>"),
        ("lone \udcff", "lone \ufffd"),
        ("[bold]not markup[/]", "[bold]not markup[/]"),
        ("Grüße, 世界, שלום", "Grüße, 世界, שלום"),
    ],
)
def test_what_would_be_obeyed_becomes_visible_and_the_rest_stays(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_bytes_that_are_no_utf_8_become_replacement_characters() -> None:
    assert decode(b"a\xff\xc3b") == "a\ufffd\ufffdb"


@pytest.mark.parametrize("mark", COMBINING)
def test_a_storm_of_combining_characters_is_cut_to_four(mark: str) -> None:
    """Also of those that have no canonical class: a circle around the letter, a Thai vowel."""
    assert clean("o" + mark * 50 + "k" + mark) == "o" + mark * 4 + "k" + mark


@pytest.mark.parametrize(
    ("text", "shown"),
    [("❤\ufe0f", "❤"), ("1\ufe0f\u20e3", "1\u20e3"), ("👍🏽", "👍"), ("⚠\ufe0f old", "⚠ old")],
)
def test_an_emoji_has_no_variants_since_terminals_disagree_on_their_width(text: str, shown: str) -> None:
    assert clean(text) == shown


# -- width -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("devel/gmake", 11),
        ("Grüße", 5),
        ("e\u0301", 1),
        ("世界", 4),
        ("한국어", 6),
        ("\u1112\u1161\u11ab", 2),  # one Korean syllable in its three parts, as macOS writes file names
        ("ｆｕｌｌ", 8),
        ("ﾊﾝ", 2),
        ("שָׁלוֹם", 4),
        ("नमस्ते", 4),
        ("สวัสดี", 4),
        ("Ελλάδα", 6),
        ("😀", 2),
        ("🇩🇪", 2),
        ("│█▌…", 4),
        ("\U00020000", 2),
        ("\U0010fffd", 1),
    ],
)
def test_a_text_is_as_wide_as_it_is_drawn(text: str, columns: int) -> None:
    assert width(text) == columns


def test_every_character_has_the_width_that_the_screens_library_gives_it() -> None:
    """Where the two differ, a line of the dashboard would not end where its neighbours do."""
    differing = [
        f"{code:04X}"
        for code in (*range(0x20, 0x3400), *range(0xA000, 0xAC00), *range(0xD7A4, 0x20000))
        if code not in NEWLY_WIDE
        and unicodedata.category(char := chr(code)) not in ("Cn", "Co")
        and clean(char) == char
        and char_width(char) != cell_len(char)
    ]
    assert differing == []


ASSIGNED = st.text(
    st.characters(exclude_categories=["Cn", "Co"]).filter(lambda char: ord(char) not in NEWLY_WIDE),
    max_size=40,
)


@given(ASSIGNED | HOSTILE)
def test_any_clean_text_has_the_width_that_the_screens_library_gives_it(text: str) -> None:
    assert width(clean(text)) == cell_len(clean(text))


@pytest.mark.parametrize(("char", "columns"), [("\U0001faff", 2), ("\U0003fffd", 2), ("\u0378", 1)])
def test_a_character_newer_than_python_is_wide_only_where_emoji_and_han_come(char: str, columns: int) -> None:
    assert char_width(char) == columns


# -- fit ---------------------------------------------------------------------------------------------


@given(ANY_TEXT | HOSTILE, st.integers(0, 70))
def test_what_is_fitted_is_exactly_so_many_columns(text: str, columns: int) -> None:
    assert width(fit(clean(text), columns)) == columns


@given(ANY_TEXT | HOSTILE, st.integers(1, 70))
@settings(max_examples=50)
def test_what_has_room_stands_whole_and_what_has_not_says_so(text: str, columns: int) -> None:
    text = clean(text)
    fitted = fit(text, columns)
    assert fitted.startswith(text) if width(text) <= columns else ELLIPSIS in fitted


@pytest.mark.parametrize(
    ("text", "columns", "fitted"),
    [
        ("abc", 5, "abc  "),
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("abcd", 1, "…"),
        ("abcd", 0, ""),
        ("abcd", -1, ""),
        ("", 2, "  "),
        ("世界", 4, "世界"),
        ("世界", 5, "世界 "),
        ("世界", 3, "世…"),
        ("世界", 2, "… "),
        ("cafe\u0301s", 5, "cafe\u0301s"),
        ("cafe\u0301s!", 5, "cafe\u0301…"),
    ],
)
def test_a_text_is_filled_up_or_cut_between_characters(text: str, columns: int, fitted: str) -> None:
    assert fit(text, columns) == fitted
