"""A page in the table's place, as it is drawn."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from synthtop.pages import page_for
from synthtop.parts import Part, Parts, Role
from synthtop.summary import summary_lines, summary_parts
from synthtop.widgets.page import Page

from . import builds
from .drawing import alone, lines_of


def numbered(count: int) -> list[Parts]:
    return [(Part(f"line {number}", Role.TEXT),) for number in range(count)]


async def test_a_page_is_the_lines_that_it_is_given_with_a_blank_before_them() -> None:
    view = Page()
    async with alone(view, (80, 12)):
        view.show(summary_parts(builds.with_failures(), 77))
        said = [f" {line}".rstrip() for line in summary_lines(builds.with_failures(), 77)]
        assert lines_of(view) == [*said, *[""] * (12 - len(said))]


async def test_what_is_too_long_is_cut_with_an_ellipsis_left_of_the_scrollbar() -> None:
    view = Page()
    async with alone(view, (30, 12)):
        view.show(summary_parts(builds.with_failures(), 27))
        lines = lines_of(view)
    assert "    /build/logs/editors___vi…" in lines
    assert max(map(cell_len, lines)) <= 29


async def test_a_page_longer_than_its_room_can_be_scrolled() -> None:
    view = Page()
    async with alone(view, (40, 5)) as pilot:
        view.show(numbered(20))
        await pilot.pause()
        view.scroll_to(y=7, animate=False, immediate=True)
        assert view.wanted == 20
        assert lines_of(view)[0] == " line 7"


async def test_another_page_in_its_place_leaves_nothing_of_the_first() -> None:
    view = Page()
    async with alone(view, (80, 20)) as pilot:
        view.show(numbered(20))
        await pilot.pause()
        view.show(page_for(builds.unreadable(), 77) or [])
        await pilot.pause()
        assert lines_of(view)[0] == " This file cannot be read."
        assert not any("line 1" in line for line in lines_of(view))


@pytest.mark.parametrize("columns", [1, 2, 3, 5])
async def test_a_page_with_hardly_any_room_is_no_reason_to_fail(columns: int) -> None:
    view = Page()
    async with alone(view, (columns, 3)):
        view.show(page_for(builds.waiting("one"), columns) or [])
        assert max(map(cell_len, lines_of(view))) <= columns
