"""How a terminal is shared out, whatever its size."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from synthtop.screens.arrangement import FRAME_ROWS, Arrangement, arrange, trends_columns

sizes = st.tuples(st.integers(1, 400), st.integers(1, 200), st.integers(1, 1100))


def test_the_rows_are_all_used_and_none_twice_at_every_size() -> None:
    for columns, rows, wanted in itertools.product(range(1, 301), range(1, 101), (1, 5, 17, 1025)):
        *heights, trends = arrange(columns, rows, wanted)
        assert sum(heights) == rows
        assert min(heights) >= 0
        assert 0 <= trends < columns


@given(sizes)
@settings(max_examples=200)
def test_no_part_outlives_one_that_is_worth_more(size: tuple[int, int, int]) -> None:
    header, bar, table, log, keys, trends = arrange(*size)
    assert header == 5 or header == min(3, size[1])
    assert bar or not keys
    assert keys or not table
    assert table or not log
    assert table or not trends


@given(sizes)
@settings(max_examples=200)
def test_another_row_takes_none_from_table_and_log(size: tuple[int, int, int]) -> None:
    columns, rows, wanted = size
    small, large = arrange(columns, rows, wanted), arrange(columns, rows + 1, wanted)
    # Where the frame comes it takes its two rows.
    frame = large.header - small.header if rows >= 3 else 0
    assert large.table + large.log >= small.table + small.log - frame


@given(sizes)
@example((120, 29, 1100))
@settings(max_examples=200)
def test_another_row_takes_none_from_the_log_but_for_the_frame(size: tuple[int, int, int]) -> None:
    columns, rows, wanted = size
    if rows + 1 != FRAME_ROWS:
        assert arrange(columns, rows + 1, wanted).log >= arrange(columns, rows, wanted).log


@given(sizes)
@settings(max_examples=200)
def test_however_many_workers_there_are_the_log_keeps_its_share(size: tuple[int, int, int]) -> None:
    columns, rows, wanted = size
    if rows >= FRAME_ROWS:
        space = rows - 5 - 2
        assert arrange(columns, rows, wanted).log >= space * (40 if rows >= 40 else 33) // 100 - 1


@given(sizes)
@settings(max_examples=200)
def test_few_workers_leave_the_rest_to_the_log(size: tuple[int, int, int]) -> None:
    _, _, table, log, _, _ = arrange(*size)
    if log:
        assert table <= size[2]


@given(st.integers(1, 400), st.integers(1, 200))
@settings(max_examples=300)
def test_the_trends_leave_the_rest_what_it_needs(columns: int, rows: int) -> None:
    trends = trends_columns(columns, rows)
    assert (trends > 0) == (columns >= 120 and rows >= 12)
    if trends:
        assert columns - trends >= 80
        assert trends <= columns * 0.4
        # Ten minutes in columns of whole seconds, beside a blank column, and a frame with a blank within.
        assert 600 % (trends - 5) == 0
        assert trends - 5 >= 30


@given(st.integers(120, 399))
@settings(max_examples=200)
def test_wider_terminals_have_no_smaller_trends(columns: int) -> None:
    assert trends_columns(columns + 1, 30) >= trends_columns(columns, 30)


@pytest.mark.parametrize(
    ("columns", "rows", "wanted", "expected"),
    [
        (80, 24, 5, Arrangement(3, 1, 5, 14, 1, 0)),
        (80, 24, 100, Arrangement(3, 1, 13, 6, 1, 0)),
        (80, 29, 5, Arrangement(3, 1, 5, 19, 1, 0)),
        (80, 30, 5, Arrangement(5, 1, 5, 18, 1, 0)),
        (59, 30, 5, Arrangement(3, 1, 5, 20, 1, 0)),
        (119, 40, 1025, Arrangement(5, 1, 20, 13, 1, 0)),
        (120, 40, 1025, Arrangement(5, 1, 20, 13, 1, 35)),
        (120, 30, 9, Arrangement(5, 1, 9, 14, 1, 35)),
        (200, 50, 17, Arrangement(5, 1, 17, 26, 1, 80)),
        (300, 100, 17, Arrangement(5, 1, 17, 76, 1, 105)),
        (120, 12, 5, Arrangement(3, 1, 7, 0, 1, 35)),
        (120, 11, 5, Arrangement(3, 1, 6, 0, 1, 0)),
        (80, 16, 100, Arrangement(3, 1, 11, 0, 1, 0)),
        (80, 15, 5, Arrangement(3, 1, 5, 5, 1, 0)),
        (80, 10, 5, Arrangement(3, 1, 5, 0, 1, 0)),
        (20, 5, 5, Arrangement(3, 1, 0, 0, 1, 0)),
        (20, 4, 5, Arrangement(3, 1, 0, 0, 0, 0)),
        (20, 2, 5, Arrangement(2, 0, 0, 0, 0, 0)),
        (1, 1, 5, Arrangement(1, 0, 0, 0, 0, 0)),
    ],
)
def test_what_each_terminal_gets(columns: int, rows: int, wanted: int, expected: Arrangement) -> None:
    assert arrange(columns, rows, wanted) == expected


def test_a_log_too_small_to_be_worth_it_leaves_its_rows_to_the_table() -> None:
    assert arrange(80, 12, 5) == Arrangement(3, 1, 7, 0, 1, 0)
