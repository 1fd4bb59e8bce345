"""Typing a filter: what each key makes of the text, and how it is drawn."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.text import clean, width
from synthtop.widgets.fields import Line
from synthtop.widgets.filterline import MOST, FilterLine, Typed, edited

from . import builds
from .drawing import shown, text_of


def typed(marked: str) -> Typed:
    """A text with its cursor before the character after ``|``."""
    before, _, after = marked.partition("|")
    return Typed(before + after, len(before))


@pytest.mark.parametrize(
    ("before", "key", "after"),
    [
        ("ab|", "left", "a|b"),
        ("|ab", "left", "|ab"),
        ("a|b", "right", "ab|"),
        ("ab|", "right", "ab|"),
        ("a|b", "home", "|ab"),
        ("a|b", "end", "ab|"),
        ("ab|c", "backspace", "a|c"),
        ("|ab", "backspace", "|ab"),
        ("a|bc", "delete", "a|c"),
        ("ab|", "delete", "ab|"),
        ("one two|", "ctrl+w", "one |"),
        ("one  |two", "ctrl+w", "|two"),
        ("one|", "ctrl+w", "|"),
        ("one| two", "ctrl+u", "| two"),
        ("one| two", "ctrl+k", "one|"),
        ("ae\u0301|", "left", "a|e\u0301"),
        ("ae\u0301|", "backspace", "a|"),
        ("a|e\u0301b", "delete", "a|b"),
    ],
)
def test_what_a_key_makes_of_a_text(before: str, key: str, after: str) -> None:
    assert edited(typed(before), key, None) == typed(after)


def test_a_character_is_put_where_the_cursor_is() -> None:
    assert edited(typed("a|c"), "b", "b") == typed("ab|c")


@pytest.mark.parametrize(
    ("key", "character"), [("up", None), ("f1", None), ("ctrl+x", "\x18"), ("tab", "\t"), ("x", "\u202e")]
)
def test_other_keys_do_not_edit(key: str, character: str | None) -> None:
    assert edited(typed("ab|"), key, character) is None


@given(
    st.lists(
        st.sampled_from(["left", "right", "home", "end", "backspace", "delete", "ctrl+w", "ctrl+u", "ctrl+k"])
        | st.characters(),
        max_size=40,
    )
)
@settings(max_examples=200)
def test_whatever_is_typed_the_cursor_is_in_the_text_and_the_text_is_clean(keys: list[str]) -> None:
    text = Typed()
    for key in keys:
        text = edited(text, key, key if len(key) == 1 else None) or text
        assert 0 <= text.at <= len(text.text) <= MOST
        assert text.text == clean(text.text)


@given(st.text(max_size=300), st.text(max_size=300))
@settings(max_examples=100)
def test_what_is_pasted_is_clean_and_not_too_long(before: str, pasted: str) -> None:
    text = Typed().put(before).put(pasted)
    assert len(text.text) <= MOST
    assert not {char for char in text.text if unicodedata.category(char) in ("Cc", "Cf", "Cs")}


# -- how it is drawn -------------------------------------------------------------------------------


async def line_of(text: str, columns: int, note: str = "3 of 16", left: int = 0) -> Line:
    async with shown(builds.building(), (columns, 24), "slash") as app:
        line = app.screen.query_one(FilterLine)
        line.open(text)
        line.note(note)
        for _ in range(left):
            line._become(line._typed._replace(at=line._typed.step(-1)))
        return line.line_at(0)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (80, " / Filter: gcc" + "3 of 16  enter Keep  esc Back".rjust(65)),
        (55, " / Filter: gcc" + "3 of 16  enter Keep  esc Back".rjust(40)),
        (54, " / Filter: gcc" + "enter Keep  esc Back".rjust(39)),
        (46, " / Filter: gcc" + "enter Keep  esc Back".rjust(31)),
        (45, " / Filter: gcc" + "3 of 16  esc Back".rjust(30)),
        (34, " / Filter: gcc" + "esc Back".rjust(19)),
        (24, " / Filter: gcc"),
        (20, " / gcc"),
    ],
)
async def test_what_stands_beside_the_text_goes_first(columns: int, expected: str) -> None:
    assert text_of(await line_of("gcc", columns)).rstrip() == expected


async def test_a_text_that_is_too_long_shows_where_the_cursor_is() -> None:
    text = "".join(chr(97 + number % 26) for number in range(60))
    assert "defgh" in text_of(await line_of(text, 40))
    assert text_of(await line_of(text, 40, left=60))[11:].startswith("abcdef")


@given(st.text(max_size=60), st.integers(0, 60), st.integers(1, 120))
@settings(max_examples=200)
def test_no_text_is_wider_than_its_place(text: str, at: int, columns: int) -> None:
    line = FilterLine()
    line._typed = Typed().put(text)
    line._typed = line._typed._replace(at=min(at, len(line._typed.text)))
    for field in line._text(3, 3 + columns):
        assert field.x + width(field.text) <= max(3 + columns, 3 + 2)


def test_there_is_room_for_so_many_characters_and_no_more_beside_what_is_there() -> None:
    assert Typed("a" * 90, 90).put("b" * 20).text == "a" * 90 + "b" * 10
    long = Typed("a" * (MOST + 10), 0)
    assert long.put("b") == long
    assert len(edited(Typed("a" * MOST, 0), "b", "b", most=1000).text) == MOST + 1  # type: ignore[union-attr]
