"""Choosing the columns of the table: the list, its keys and the mouse, and what is measured for it."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from synthtop.app import SynthtopApp
from synthtop.screens.columns import ColumnList, Columns
from synthtop.screens.main import MainScreen
from synthtop.widgets.ordering import Column, Order
from synthtop.widgets.workers import WorkerTable

from . import builds
from .drawing import lines_of
from .piloting import first_line, own

FULL = " ID  Duration  Build Phase      Origin                                   Lines"


def listed(pilot: Pilot[Any]) -> list[str]:
    """The lines of the open list."""
    return lines_of(pilot.app.screen.query_one(ColumnList))


def table(pilot: Pilot[Any]) -> WorkerTable:
    return pilot.app.screen_stack[0].query_one(WorkerTable)


async def test_a_column_is_switched_on_and_off_and_seen_at_once() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("c")
        assert listed(pilot) == [
            "› [x] Slot",
            "  [x] Duration",
            "  [x] Build phase",
            f"  [x] Origin{'always':>25}",
            "  [x] Lines",
            f"  [ ] CPU{'own builds':>28}",
            f"  [ ] Memory{'own builds':>25}",
        ]
        await pilot.press("space", "down", "enter")
        assert first_line(pilot, WorkerTable).startswith(" Build Phase      Origin      ")
        assert table(pilot).chosen == ("phase", "origin", "lines")
        assert listed(pilot)[:2] == ["  [ ] Slot", "› [ ] Duration"]
        await pilot.press("space", "up", "space")
        assert first_line(pilot, WorkerTable) == FULL


async def test_the_origin_stays_and_after_the_last_column_comes_the_first() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("c", "down", "down", "down", "space")
        assert first_line(pilot, WorkerTable) == FULL
        await pilot.press(*["down"] * 4)
        assert listed(pilot)[0].startswith("›")
        await pilot.press("up")
        assert listed(pilot)[-1].startswith("›")


async def test_it_is_closed_by_each_of_three_keys() -> None:
    async with own(builds.building()) as (pilot, _):
        for key in ("escape", "q", "c"):
            await pilot.press("c")
            assert isinstance(pilot.app.screen, Columns)
            await pilot.press(key)
            assert isinstance(pilot.app.screen, MainScreen)


async def test_cpu_and_memory_are_measured_as_long_as_one_of_them_is_shown() -> None:
    async with own(builds.building()) as (pilot, build):
        await pilot.press("c", "up", "space")
        assert first_line(pilot, WorkerTable).endswith("    Lines  Memory")
        assert build.told == ["measure True"]
        await pilot.press("up", "space", "space", "down")
        assert build.told == ["measure True"]
        await pilot.press("space")
        assert build.told == ["measure True", "measure False"]
        assert first_line(pilot, WorkerTable) == FULL


async def test_where_the_build_is_not_ours_what_nobody_measures_is_quiet() -> None:
    app = SynthtopApp()
    app.on_snapshot(builds.followed())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("c")
        view = pilot.app.screen.query_one(ColumnList)
        roles = {view.line_at(y)[0].text.strip(): view.line_at(y)[0].role for y in range(view.rows)}
        assert [text for text, role in roles.items() if role == "dim"] == ["[ ] CPU", "[ ] Memory"]
        await pilot.press("escape")
        known = tuple(row._replace(cpu=12.0) for row in builds.followed().workers)
        app.on_snapshot(builds.followed(workers=known))
        await pilot.press("c")
        view = pilot.app.screen.query_one(ColumnList)
        assert [line.role for line in (view.line_at(y)[0] for y in range(5, 7))] == ["text", "dim"]


async def test_a_click_switches_too_and_one_beside_the_list_closes_it() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("c")
        await pilot.click(ColumnList, offset=(5, 6))
        assert table(pilot).chosen == ("slot", "duration", "phase", "origin", "lines", "cpu")
        assert listed(pilot)[5].startswith("› [x] CPU")
        await pilot.click(offset=(1, 1))
        assert isinstance(pilot.app.screen, MainScreen)


@pytest.mark.parametrize(
    ("size", "lines"),
    [
        ((40, 10), ["  [x] Lines", f"  [ ] CPU{'own builds':>26}", f"› [ ] Memory{'own builds':>23}"]),
        ((20, 5), ["  [x] Lines", "  [ ] CPU", "› [ ] Memory"]),
    ],
)  # fmt: skip
async def test_it_fits_on_a_small_terminal(size: tuple[int, int], lines: list[str]) -> None:
    async with own(builds.building(), size) as (pilot, _):
        await pilot.press("down", "c", "up")
        await pilot.pause()
        assert listed(pilot)[-3:] == lines
        await pilot.press("space")
        assert "memory" in table(pilot).chosen
        await pilot.resize_terminal(20, 3)
        await pilot.pause()
        assert listed(pilot)[-1].startswith("› [x]")


async def test_what_the_rows_were_sorted_by_is_the_order_no_more_when_it_goes() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("s")
        assert table(pilot).order == Order(Column.DURATION)
        await pilot.press("c", "down", "space")
        assert table(pilot).order == Order(Column.SLOT)
