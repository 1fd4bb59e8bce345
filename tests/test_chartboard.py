"""Axes, and the board of charts at every size."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.events import MouseScrollDown, MouseScrollUp

from synthtop.parts import Role
from synthtop.text import width
from synthtop.trends import Chart, Trends
from synthtop.widgets.axes import GUTTER, SPANS, time_axis, value_axis
from synthtop.widgets.chartboard import ChartBoard, layout
from synthtop.widgets.fields import Line, changed

from . import passing
from .drawing import alone, lines_of, text_of

# -- axes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("span", "columns", "line"),
    [
        (600, 71, "-10m ──────── -8m ───────── -6m ───────── -4m ───────── -2m ─────── now"),
        (600, 30, "-10m ──────── -5m ──────── now"),
        (3600, 60, "-1h ──────── -45m ───────── -30m ───────── -15m ──────── now"),
        (6 * 3600, 30, "-6h ───────── -3h ──────── now"),
        (86_400, 40, "-24h ──────────── -12h ───────────── now"),
        (600, 8, "-10m now"),
        (600, 7, " ── now"),
        (600, 2, ""),
    ],
)
def test_the_times_stand_below_their_columns(span: int, columns: int, line: str) -> None:
    assert text_of(time_axis(span, columns, 0)) == line


@given(st.sampled_from(tuple(SPANS)), st.integers(3, 400), st.integers(0, 20))
def test_the_times_end_with_now_at_the_right(span: int, columns: int, x: int) -> None:
    said = text_of(time_axis(span, columns, x))
    assert width(said) == x + columns
    assert said.endswith("now")


def a_chart(top: float = 8.0) -> Chart:
    return Chart("load", "1.00", "max 1.00", (1.0,), (), top)


@pytest.mark.parametrize(
    ("rows", "said"),
    [(0, []), (1, ["8┤"]), (2, ["8┤", "0┤"]), (4, ["8┤", "│", "│", "0┤"]), (5, ["8┤", "│", "4┤", "│", "0┤"])],
)
def test_the_values_stand_beside_their_rows(rows: int, said: list[str]) -> None:
    axis = value_axis(a_chart(), rows, 0)
    assert [field.text for field in axis] == said
    assert {field.x + width(field.text) for field in axis} <= {GUTTER}


# -- how they are laid out -----------------------------------------------------------------------------


@given(st.integers(0, 300), st.integers(0, 100), st.integers(0, 8), st.booleans())
@settings(max_examples=200)
def test_the_charts_have_the_room_that_there_is(columns: int, rows: int, charts: int, large: bool) -> None:
    at = layout(columns, rows, charts, large=large)
    assert at.across * at.columns <= columns
    assert at.gutter + at.values < max(2, at.columns + 1)
    assert at.tiers == 1 or at.tiers * at.rows <= rows + 1 - at.times
    assert at.tiers == 1 or at.bars >= 3
    assert (at.tiers - 1) * at.across < max(1, charts)


@pytest.mark.parametrize(
    ("size", "charts"), [((80, 22), 4), ((120, 38), 8), ((200, 48), 8), ((40, 8), 1), ((20, 3), 1)]
)
def test_so_many_charts_are_seen_at_once(size: tuple[int, int], charts: int) -> None:
    at = layout(*size, 8, large=False)
    assert at.across * at.tiers == charts


# -- the board -----------------------------------------------------------------------------------------


def of_ten_minutes() -> Trends:
    trends = Trends()
    for snapshot in passing.seconds(604):
        trends.record(snapshot)
    return trends


def fill(board: ChartBoard, trends: Trends, span: int = 600) -> None:
    board.show(trends.over(span, board.values), span)


async def test_a_chart_has_a_heading_and_both_axes() -> None:
    board = ChartBoard()
    async with alone(board, (80, 22)):
        fill(board, of_ten_minutes())
        lines = lines_of(board)
    assert lines[0] == "      › rate             180 pkg/h   max 240, 42s ago"
    assert [line[:9] for line in lines[1:5]] == ["  250/h┤▇", "       │█", "      0┤█", ""]
    assert lines[5].split() == ["impulse", "0", "max", "3,", "8s", "ago"]
    assert lines[19].startswith("        -10m ──")
    assert lines[19].endswith("── now")
    assert {width(line) for line in lines[1:4]} == {79}


@pytest.mark.parametrize("size", [(1, 1), (12, 2), (20, 3), (23, 7), (40, 8), (80, 22), (120, 38), (300, 90)])
@pytest.mark.parametrize("large", [False, True])
async def test_at_every_size_no_line_is_wider_than_the_board(size: tuple[int, int], large: bool) -> None:
    board = ChartBoard()
    trends = of_ten_minutes()
    async with alone(board, size) as pilot:
        fill(board, trends)
        board.enlarge(large)
        fill(board, trends)
        await pilot.pause()
        for y in range(size[1]):
            assert size[0] < 12 or width(text_of(board.line_at(y))) <= size[0]
            board.render_line(y)


async def test_the_marked_chart_is_always_seen_and_the_marks_move_as_the_charts_stand() -> None:
    board = ChartBoard()
    async with alone(board, (120, 16)):
        fill(board, of_ten_minutes())
        seen = []
        for step in (0, 1, 1, 1, 1, -1, -1, -1):
            board.move(step)
            seen.append((board.marked, board.seen))
        board.mark(-1)
        assert (board.marked, board.seen) == ("pressure", (3, 8, 8))
        board.page(-1)
        assert (board.marked, board.seen) == ("impulse", (1, 6, 8))
        board.page(-9)
        assert (board.marked, board.seen) == ("rate", (1, 6, 8))
    assert [name for name, _ in seen] == [
        "rate", "load", "workers", "memory", "memory", "workers", "load", "rate",
    ]  # fmt: skip
    assert seen[2][1] == (1, 6, 8)
    assert seen[3][1] == seen[6][1] == (3, 8, 8)
    assert seen[7][1] == (1, 6, 8)


async def test_the_marked_chart_stays_the_same_when_others_come() -> None:
    board = ChartBoard()
    async with alone(board, (80, 22)):
        charts = of_ten_minutes().over(600, board.values)
        board.show(charts[2:4], 600)
        board.move(1)
        board.show(charts, 600)
        assert board.marked == "swap"
        board.show(charts[:1], 600)
        assert board.marked == "rate"
        assert "›" not in lines_of(board)[0]


async def test_where_nothing_is_known_that_is_said() -> None:
    board = ChartBoard()
    async with alone(board, (80, 22)):
        board.show((), 600)
        board.move(1)
        board.page(1)
        board.enlarge(True)
        assert lines_of(board)[0] == " nothing is known yet"
        assert not board.large


async def test_a_click_marks_a_chart_and_another_enlarges_it() -> None:
    board = ChartBoard()
    async with alone(board, (120, 38)) as pilot:
        fill(board, of_ten_minutes())
        await pilot.click(board, offset=(90, 12))
        assert (board.marked, board.large) == ("swap", False)
        await pilot.click(board, offset=(90, 12))
        assert (board.marked, board.large, board.seen) == ("swap", True, (4, 4, 8))
        await pilot.click(board, offset=(5, 30))
        assert (board.marked, board.large) == ("swap", False)


async def test_the_wheel_marks_the_chart_below_and_above() -> None:
    board = ChartBoard()
    async with alone(board, (120, 38)) as pilot:
        fill(board, of_ten_minutes())
        turns = {"widget": board, "x": 1, "y": 1, "delta_x": 0, "delta_y": 0, "button": 0}
        rest = {"shift": False, "meta": False, "ctrl": False}
        for turn, marked in ((MouseScrollDown, "load"), (MouseScrollUp, "rate")):
            board.post_message(turn(**turns, **rest))
            await pilot.pause()
            assert board.marked == marked


async def test_a_second_that_changes_the_last_columns_draws_those_alone() -> None:
    trends = of_ten_minutes()
    board = ChartBoard()
    async with alone(board, (200, 48)):

        def lines() -> list[Line]:
            fill(board, trends)
            return [board.line_at(y) for y in range(48)]

        before = lines()
        trends.record(passing.at(604, 603))
        after = lines()
    cells = sum(span for old, new in zip(before, after, strict=True) for _, span in changed(old, new))
    assert before != after
    # Of the 7000 that all bars have.
    assert cells < 8 * 60


async def test_of_charts_that_did_not_change_no_line_is_made_again() -> None:
    trends = of_ten_minutes()
    board = ChartBoard()
    async with alone(board, (80, 40)):
        fill(board, trends)
        before = dict(board._drawn_charts)
        newest = passing.at(603, 603)
        trends.record(replace(newest, rate=9999.0))
        fill(board, trends)
        made = [name for name, drawn in board._drawn_charts.items() if drawn.lines is not before[name].lines]
    assert made == ["rate"]


async def test_a_board_that_was_shown_every_second_looks_as_one_that_is_shown_the_first_time() -> None:
    trends = of_ten_minutes()
    watched, once = ChartBoard(), ChartBoard()
    async with alone(watched, (120, 38)):
        for second in range(604, 640):
            trends.record(passing.at(second, 640))
            fill(watched, trends)
        lines = lines_of(watched)
    async with alone(once, (120, 38)):
        fill(once, trends)
        assert lines_of(once) == lines


async def test_what_throttled_is_drawn_in_the_colour_of_that() -> None:
    board = ChartBoard()
    async with alone(board, (80, 60)):
        fill(board, of_ten_minutes())
        roles = {
            name: {field.role for line in drawn.lines[1:] for field in line}
            for name, drawn in board._drawn_charts.items()
        }
    assert {name for name, found in roles.items() if Role.THROTTLED in found} == {"load", "workers"}
    assert any(role.endswith(Role.LIMIT) for role in roles["workers"])
