"""Lines as fields: drawing what changed over the old line is the new line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.parts import Part, Role
from synthtop.text import char_width, clean, width
from synthtop.widgets.fields import Field, Line, changed, placed

COLUMNS = 160
BLANK = (" ", "")
Cell = tuple[str, str]

CLUSTERS = (
    *"abc0127 /▁▄█─",
    "語",
    "한",
    "é",
    "e\u0301",
    "e\u0301\u0308",
    "e\u0302",
    "語\u0301",
    "🇩",
    "🇪",
    "➜",
)
texts = st.lists(st.sampled_from(CLUSTERS), max_size=9).map("".join).map(clean)
roles = st.sampled_from(("text", "dim"))


def cells(line: Line) -> list[Cell | None]:
    """The row of a terminal after drawing ``line``; None is the right half of a wide character."""
    row: list[Cell | None] = [BLANK] * COLUMNS
    for field in line:
        x = field.x
        for char in field.text:
            wide = char_width(char)
            if wide:
                row[x] = (char, field.role)
                row[x + 1 : x + wide] = [None] * (wide - 1)
                x += wide
            else:
                before = x - 1 if row[x - 1] is not None else x - 2
                base = row[before]
                assert base is not None
                row[before] = (base[0] + char, base[1])
    return row


@st.composite
def lines(draw: st.DrawFn) -> Line:
    fields = []
    x = 0
    for gap, text, role in draw(st.lists(st.tuples(st.integers(0, 3), texts, roles), max_size=4)):
        fields.append(Field(x + gap, text, role))
        x += gap + width(text)
    return tuple(field for field in fields if field.x + width(field.text) < COLUMNS)


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[Line, Line]:
    """Two lines with the same places, texts of the second otherwise at the end or in the middle."""
    old, new = [], []
    x = 0
    for head, one, other, tail in draw(st.lists(st.tuples(texts, texts, texts, texts), max_size=2)):
        role = draw(roles)
        old.append(Field(x, head + one + tail, role))
        new.append(Field(x, head + other + tail, draw(st.just(role) | roles)))
        x += width(head) + max(width(one), width(other)) + width(tail)
    return tuple(old), tuple(new)


def patched(old: Line, new: Line) -> list[Cell | None]:
    """The row of ``old`` after the changed spans of ``new`` were drawn over it."""
    row, fresh = cells(old), cells(new)
    columns = {column for x, span in changed(old, new) for column in range(x, x + span)}
    for column in columns:
        for content in (row, fresh):
            assert content[column] is not None or column - 1 in columns, "begins within a wide character"
            assert content[column + 1] is not None or column + 1 in columns, "ends within a wide character"
    for column in columns:
        row[column] = fresh[column]
    return row


@given(lines(), lines())
@settings(max_examples=150)
def test_the_changed_spans_over_any_old_line_give_the_new_line(old: Line, new: Line) -> None:
    assert patched(old, new) == cells(new)


@given(neighbours())
@settings(max_examples=300)
def test_a_text_that_is_otherwise_in_part_is_redrawn_from_a_border_of_cells(pair: tuple[Line, Line]) -> None:
    assert patched(*pair) == cells(pair[1])


@given(lines())
@settings(max_examples=50)
def test_the_same_line_again_changes_nothing(line: Line) -> None:
    assert changed(line, line) == []


def test_a_counting_second_is_one_column() -> None:
    old, new = (Field(5, "00:01:23", "text"),), (Field(5, "00:01:24", "text"),)
    assert changed(old, new) == [(12, 1)]


@pytest.mark.parametrize(
    ("old", "new", "span"),
    [
        ("00:59:59", "01:00:00", (6, 7)),
        ("00:01:09 rest", "00:01:10 rest", (11, 2)),
        ("  99 of 142", " 100 of 142", (6, 3)),
        ("▁▂▃▄▅▆▇█", "▁▂▃▆▅▆▇█", (8, 1)),
        ("▁▂▃▄▅▆▇█", "▂▂▃▄▅▆▇▇", (5, 8)),
        ("── a ──", "── b ──", (8, 1)),
        ("a", "a and more", (6, 9)),
        ("aaa", "aa", (7, 1)),
    ],
)
def test_only_what_is_between_the_same_beginning_and_the_same_end_changes(
    old: str, new: str, span: tuple[int, int]
) -> None:
    assert changed((Field(5, old, "text"),), (Field(5, new, "text"),)) == [span]


def test_two_letters_that_can_be_one_flag_are_drawn_together() -> None:
    old, new = (Field(0, "a🇩🇪b", "text"),), (Field(0, "a🇩🇰b", "text"),)
    assert changed(old, new) == [(0, 1 + width("🇩🇪") + 1)]


def test_another_role_is_the_whole_field() -> None:
    old, new = (Field(5, "same", "text"),), (Field(5, "same", "dim"),)
    assert {span for span in changed(old, new) if span[1]} == {(5, 4)}


def test_a_field_that_comes_touches_no_other() -> None:
    old = (Field(0, "left", "text"), Field(20, "right", "text"))
    new = (Field(0, "left", "text"), Field(10, "new", "text"), Field(20, "right", "text"))
    assert changed(old, new) == [(10, 3)]


def test_a_second_combining_character_redraws_the_character_it_belongs_to() -> None:
    old, new = (Field(3, "e\u0301\u0302", "text"),), (Field(3, "e\u0301\u0308", "text"),)
    assert changed(old, new) == [(3, 1)]


def test_parts_are_placed_by_their_width() -> None:
    parts = (Part("ab", Role.LABEL), Part("語", Role.VALUE), Part("c", Role.LABEL))
    assert [field.x for field in placed(parts, 4)] == [4, 6, 8]
