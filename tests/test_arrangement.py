"""How the rows of a terminal are shared out, whatever its size."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.screens.arrangement import Arrangement, arrange

sizes = st.tuples(st.integers(1, 400), st.integers(1, 200), st.integers(1, 1100))


@given(sizes)
@settings(max_examples=200)
def test_the_rows_are_all_used_and_none_twice(size: tuple[int, int, int]) -> None:
    arrangement = arrange(*size)
    assert sum(arrangement) == size[1]
    assert min(arrangement) >= 0


@given(sizes)
@settings(max_examples=200)
def test_no_part_outlives_one_that_is_worth_more(size: tuple[int, int, int]) -> None:
    header, bar, table, log, keys = arrange(*size)
    assert header == 5 or header == min(3, size[1])
    assert bar or not keys
    assert keys or not table
    assert table or not log


@given(sizes)
@settings(max_examples=200)
def test_another_row_takes_none_from_table_and_log(size: tuple[int, int, int]) -> None:
    columns, rows, wanted = size
    small, large = arrange(columns, rows, wanted), arrange(columns, rows + 1, wanted)
    # Where the frame comes it takes its two rows.
    frame = large.header - small.header if rows >= 3 else 0
    assert large.table + large.log >= small.table + small.log - frame


@pytest.mark.parametrize(
    ("columns", "rows", "wanted", "expected"),
    [
        (80, 24, 5, Arrangement(3, 1, 5, 14, 1)),
        (80, 24, 100, Arrangement(3, 1, 13, 6, 1)),
        (80, 29, 5, Arrangement(3, 1, 5, 19, 1)),
        (80, 30, 5, Arrangement(5, 1, 5, 18, 1)),
        (59, 30, 5, Arrangement(3, 1, 5, 20, 1)),
        (120, 40, 1025, Arrangement(5, 1, 20, 13, 1)),
        (80, 16, 100, Arrangement(3, 1, 11, 0, 1)),
        (80, 15, 5, Arrangement(3, 1, 5, 5, 1)),
        (80, 10, 5, Arrangement(3, 1, 5, 0, 1)),
        (20, 5, 5, Arrangement(3, 1, 0, 0, 1)),
        (20, 4, 5, Arrangement(3, 1, 0, 0, 0)),
        (20, 2, 5, Arrangement(2, 0, 0, 0, 0)),
        (1, 1, 5, Arrangement(1, 0, 0, 0, 0)),
    ],
)
def test_what_each_terminal_gets(columns: int, rows: int, wanted: int, expected: Arrangement) -> None:
    assert arrange(columns, rows, wanted) == expected


def test_a_log_too_small_to_be_worth_it_leaves_its_rows_to_the_table() -> None:
    assert arrange(80, 12, 5) == Arrangement(3, 1, 7, 0, 1)
