"""Charts as bars, exact to an eighth of a cell, and the pane that shows them at every size."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from synthtop.model import HostSample, Snapshot
from synthtop.parts import Role
from synthtop.text import width
from synthtop.trends import Chart, Trends
from synthtop.widgets.bars import (
    BARS_AT_MOST,
    COLOURED,
    COLOURLESS,
    Plan,
    Signs,
    column_of,
    columns_of,
    eighths,
    heading,
    lines_of,
    plan,
)
from synthtop.widgets.fields import Line, changed
from synthtop.widgets.trends import FRAMED, SIDES, TITLE, TrendsPane

from . import builds
from .drawing import text_of

# -- bars ------------------------------------------------------------------------------------------

CELLS = " ▁▂▃▄▅▆▇█"
shares = st.floats(0, 1)
rows_of_bars = st.integers(1, 5)
signs = st.sampled_from((COLOURED, COLOURLESS))


@given(shares, st.floats(1e-3, 1e9), rows_of_bars)
@settings(max_examples=200)
def test_a_bar_is_never_wrong_by_more_than_an_eighth_of_a_cell(share: float, top: float, rows: int) -> None:
    assert abs(eighths(share * top, top, rows) - 8 * rows * share) <= 1


@given(shares, shares, st.booleans(), rows_of_bars, signs)
@settings(max_examples=200)
def test_a_column_is_as_high_as_its_value(
    value: float, limit: float, held: bool, rows: int, signs: Signs
) -> None:
    cells = column_of(value, limit, held, 1.0, rows, signs)
    role = Role.THROTTLED if held else Role.CHART
    bar = [sign for sign, kind in cells if kind.partition("/")[0] == role]
    assert len(cells) == rows
    assert sum(CELLS.index("█" if sign == signs.held else sign) for sign in bar) == eighths(value, 1.0, rows)


@given(shares, shares, rows_of_bars)
@settings(max_examples=200)
def test_the_room_that_a_limit_leaves_is_exact_where_it_is_over_the_bars_last_cell(
    value: float, limit: float, rows: int
) -> None:
    cells = column_of(value, limit, False, 1.0, rows, COLOURED)
    bar, room = eighths(value, 1.0, rows), eighths(limit, 1.0, rows)
    drawn = sum(CELLS.index(sign) for sign, role in cells if role == Role.LIMIT)
    drawn += sum(8 - CELLS.index(sign) for sign, role in cells if role.endswith(f"/{Role.LIMIT}"))
    if room // 8 > bar // 8 or bar % 8 == 0:
        assert drawn == max(0, room - bar)
    else:
        assert drawn == 0


@pytest.mark.parametrize("signs", [COLOURED, COLOURLESS])
def test_nothing_known_and_0_and_next_to_0_are_told_apart(signs: Signs) -> None:
    unknown, zero, little = (column_of(value, None, False, 10.0, 2, signs) for value in (None, 0.0, 1e-9))
    assert unknown == ((" ", ""), (" ", ""))
    assert zero == ((signs.zero, Role.REST), (" ", ""))
    assert little == (("▁", Role.CHART), (" ", ""))


def test_without_colours_signs_alone_tell_what_is_what() -> None:
    cells = {column_of(value, 8.0, False, 8.0, 1, COLOURLESS)[0][0] for value in (None, 0.0, 0.5, 8.0)}
    assert cells == {" ", "░", "▁", "█"}
    assert column_of(0.0, 0.0, False, 8.0, 1, COLOURLESS)[0][0] == "_"
    assert column_of(8.0, 8.0, True, 8.0, 1, COLOURLESS)[0][0] == "▒"


def chart(values: tuple[float | None, ...], **changes: object) -> Chart:
    return Chart("load", "14.20", "max 19.80", values, (), 8.0)._replace(**changes)


@given(st.lists(st.none() | st.floats(0, 8), max_size=40).map(tuple), st.integers(0, 50), rows_of_bars)
@settings(max_examples=200)
def test_the_newest_value_is_at_the_right_whatever_the_room(
    values: tuple[float | None, ...], columns: int, rows: int
) -> None:
    lines = lines_of(columns_of(chart(values), columns, rows, COLOURED), rows, 3)
    assert len(lines) == rows
    for line in lines:
        assert width(text_of(line)) == (columns + 3 if columns else 0)
    kept = values[-columns:] if columns else ()
    known = [value is not None for value in kept]
    bottom = text_of(lines[-1])[3:]
    assert [sign != " " for sign in bottom] == [False] * (columns - len(kept)) + known


@given(st.text("0123456789./%", max_size=14), st.integers(0, 40))
@settings(max_examples=100)
def test_a_heading_is_no_wider_than_its_chart(latest: str, columns: int) -> None:
    assert width(text_of(heading(chart((), latest=latest), columns))) <= columns


def test_the_figures_of_a_heading_keep_their_places() -> None:
    lines = [
        text_of(heading(chart((), latest=latest, most=most), 30))
        for latest, most in (("9.99", "max 9.99"), ("10.00", "max 10.00"))
    ]
    assert lines == ["load         9.99   max 9.99", "load        10.00   max 10.00"]


@given(st.integers(0, 100), st.integers(0, 5))
def test_the_charts_fit_into_their_rows_and_use_them(rows: int, charts: int) -> None:
    shown, bars, gap = plan(rows, charts)
    assert shown == min(charts, rows // 2)
    assert shown * (1 + bars) + gap * (shown - 1) <= rows or not shown
    assert (1 <= bars <= BARS_AT_MOST) if shown else not bars
    if shown and bars < BARS_AT_MOST:
        assert shown * (2 + bars) + gap * (shown - 1) > rows


@pytest.mark.parametrize(
    ("rows", "expected"),
    [(9, Plan(4, 1, 0)), (10, Plan(5, 1, 0)), (18, Plan(5, 2, 0)), (22, Plan(5, 2, 1)), (37, Plan(5, 3, 1))],
)
def test_what_the_charts_get_of_some_rows(rows: int, expected: Plan) -> None:
    assert plan(rows, 5) == expected


# -- the pane --------------------------------------------------------------------------------------


def at(second: int, **changes: object) -> Snapshot:
    return builds.building(elapsed=second, **changes)


class PaneApp(App[None]):
    """Nothing but the pane."""

    def compose(self) -> ComposeResult:
        yield TrendsPane()


def a_history(seconds: int) -> Trends:
    trends = Trends()
    for second in range(seconds):
        host = HostSample(load=second / 60, ncpus=4, swap_pct=0.0)
        trends.record(at(second, host=host, active=2, dynmax=3 if second > 500 else 4, reason="by hand"))
    return trends


def room_of(pane: TrendsPane) -> int:
    """Columns of values that there is room for."""
    return max(0, pane.columns - SIDES)


async def test_the_pane_is_framed_and_titled() -> None:
    app = PaneApp()
    async with app.run_test(size=(35, 29)) as pilot:
        pane = app.query_one(TrendsPane)
        pane.show(a_history(700).charts(room_of(pane)))
        await pilot.pause()
        lines = [pane.render_line(y).text for y in range(pane.rows)]
    assert lines[0] == f" ╭─ {TITLE} {'─' * 14}╮"
    assert lines[1] == " │ rate        180/h   max 180    │"
    assert lines[-1] == f" ╰{'─' * 32}╯"
    assert {width(line) for line in lines} == {35}
    assert {line[:3] + line[-2:] for line in lines[1:-1]} == {" │  │"}


async def test_where_it_is_low_the_pane_has_a_rule_at_its_left() -> None:
    app = PaneApp()
    async with app.run_test(size=(35, FRAMED - 1)) as pilot:
        pane = app.query_one(TrendsPane)
        pane.show(a_history(700).charts(room_of(pane)))
        await pilot.pause()
        lines = [pane.render_line(y).text.rstrip() for y in range(pane.rows)]
    assert lines[0] == f" │ {TITLE}"
    assert {line[:2] for line in lines} == {" │"}


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (5, 5), (9, 40), (35, 11), (35, 29), (80, 49), (105, 99)])
async def test_at_every_size_no_line_is_wider_than_the_pane(size: tuple[int, int]) -> None:
    app = PaneApp()
    async with app.run_test(size=size) as pilot:
        pane = app.query_one(TrendsPane)
        pane.show(a_history(700).charts(room_of(pane)))
        await pilot.pause()
        for y in range(pane.rows):
            pane.render_line(y)
            assert size[0] < SIDES or width(text_of(pane.line_at(y))) <= size[0]


async def test_after_a_resize_the_newest_values_stay_at_the_right() -> None:
    app = PaneApp()
    async with app.run_test(size=(35, 29)) as pilot:
        pane = app.query_one(TrendsPane)
        pane.show(a_history(200).charts(room_of(pane)))
        await pilot.resize_terminal(45, 29)
        await pilot.pause()
        line = pane.render_line(4).text
    assert width(line) == 45
    assert line[-3] != " "
    assert line[3 : -2 - 10].isspace()


async def test_a_second_that_changes_the_last_column_draws_that_alone() -> None:
    trends = a_history(604)
    app = PaneApp()
    async with app.run_test(size=(80, 49)) as pilot:
        pane = app.query_one(TrendsPane)

        def lines() -> list[Line]:
            pane.show(trends.charts(room_of(pane)))
            return [pane.line_at(y) for y in range(pane.rows)]

        before = lines()
        trends.record(at(605, rate=60.0, active=3, host=HostSample(load=10.4, ncpus=4, swap_pct=0.1)))
        after = lines()
        await pilot.pause()
    cells = sum(span for old, new in zip(before, after, strict=True) for _, span in changed(old, new))
    assert before != after
    assert cells < 5 * 5 + 40


async def test_of_charts_that_did_not_change_no_line_is_made_again() -> None:
    trends = a_history(604)
    app = PaneApp()
    async with app.run_test(size=(80, 49)):
        pane = app.query_one(TrendsPane)
        pane.show(trends.charts(room_of(pane)))
        before = [pane.line_at(y) for y in range(pane.rows)]
        trends.record(at(605, active=2, host=HostSample(load=10.05, ncpus=4, swap_pct=50.0), dynmax=3))
        pane.show(trends.charts(room_of(pane)))
        made = [pane.line_at(y) is not line for y, line in enumerate(before)]
    # One in the frame, then for each chart its heading, its bars and a blank line.
    assert [any(made[start : start + 4]) for start in range(1, 26, 5)] == [False, False, False, True, False]


async def test_a_pane_that_was_shown_every_second_looks_as_one_that_is_shown_the_first_time() -> None:
    trends = a_history(595)
    app = PaneApp()
    async with app.run_test(size=(35, 49)) as pilot:
        pane = app.query_one(TrendsPane)
        for second in range(595, 645):
            trends.record(at(second, rate=60.0 * (second % 7), host=HostSample(load=second / 60, ncpus=4)))
            pane.show(trends.charts(room_of(pane)))
        await pilot.pause()
        watched = [pane.render_line(y).text for y in range(pane.rows)]
    app = PaneApp()
    async with app.run_test(size=(35, 49)):
        pane = app.query_one(TrendsPane)
        pane.show(trends.charts(room_of(pane)))
        assert [pane.render_line(y).text for y in range(pane.rows)] == watched
