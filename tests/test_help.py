"""The help: that it says all there is, at every size, and closes."""

from __future__ import annotations

import pytest

from synthtop.model import BuildState, Stopping
from synthtop.parts import Parts, joined
from synthtop.screens.help import Help, HelpText, help_lines
from synthtop.screens.keys import COMMANDS
from synthtop.screens.main import MainScreen
from synthtop.text import width

from . import builds
from .piloting import own, question, screen_of

SIZES = ((20, 5), (40, 10), (80, 24), (120, 40), (200, 50), (1, 1), (36, 12))


def text(lines: list[Parts]) -> str:
    return "\n".join(joined(line) for line in lines)


def flat(lines: list[Parts]) -> str:
    """The words, however they are broken into lines."""
    return " ".join(text(lines).split())


@pytest.mark.parametrize("columns", [12, 20, 35, 36, 40, 72, 200])
def test_no_line_is_wider_than_the_help(columns: int) -> None:
    assert all(width(joined(line)) <= columns for line in help_lines(columns))


@pytest.mark.parametrize("columns", [20, 72])
def test_each_command_is_explained(columns: int) -> None:
    said = flat(help_lines(columns))
    for command in COMMANDS:
        assert f"{command.written} {command.sentence}" in said


@pytest.mark.parametrize("columns", [20, 72])
def test_each_figure_of_the_header_and_each_state_is_explained(columns: int) -> None:
    said = flat(help_lines(columns))
    figures = ("Workers", "Load", "Swap", "DynMax", "Elapsed", "Rate", "Impulse", "Run", "Queued", "ETA")
    states = (*BuildState, *Stopping, "throttled", "stalled", "low space", "FROZEN", "not updating")
    for word in (*figures, *states):
        assert f" {word}" in said, word
    assert "Rate packages per hour, by the last 60 seconds" in said


def test_the_bar_is_explained_by_what_it_is_drawn_with() -> None:
    said = text(help_lines(72))
    for name in ("built", "meta", "failed", "ignored", "skipped"):
        assert f"██ {name}" in said
    assert "── to go" in said
    without = text(help_lines(72, colourless=True))
    signs = {line.split()[0] for line in without.splitlines() if len(line.split()) > 1}
    assert {"██", "▓▓", "XX", "ii", "ss", "──"} <= signs


def test_most_commands_take_one_line_where_there_is_room() -> None:
    lines = text(help_lines(72)).splitlines()
    assert len(lines[: lines.index("")]) <= len(COMMANDS) + 3


async def opened(size: tuple[int, int], *keys: str) -> list[str]:
    async with own(builds.building(), size) as (pilot, _):
        await pilot.press("question_mark", *keys)
        assert isinstance(pilot.app.screen, Help)
        return screen_of(pilot)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_it_fits_on_every_screen_and_its_end_can_be_seen(size: tuple[int, int]) -> None:
    async with own(builds.building(), size) as (pilot, _):
        await pilot.press("question_mark")
        helped = pilot.app.screen.query_one(HelpText)
        assert helped.region.width <= size[0]
        assert helped.region.height <= size[1]
        await pilot.press("end")
        assert "again" in "".join(screen_of(pilot)) or size == (1, 1)
        assert helped.top == helped.virtual_size.height - helped.rows


async def test_it_scrolls_by_lines_and_pages() -> None:
    async with own(builds.building(), (20, 5)) as (pilot, _):
        await pilot.press("question_mark")
        helped = pilot.app.screen.query_one(HelpText)
        for key, top in (("down", 1), ("up", 0), ("pagedown", 4), ("space", 8), ("pageup", 4), ("home", 0)):
            await pilot.press(key)
            assert helped.top == top, key


@pytest.mark.parametrize("key", ["escape", "q", "question_mark", "enter"])
async def test_each_of_these_keys_closes_it(key: str) -> None:
    async with own(builds.building()) as (pilot, build):
        await pilot.press("question_mark", key)
        assert isinstance(pilot.app.screen, MainScreen)
        assert question(pilot) is None
        assert not build.told


async def test_a_click_beside_it_closes_it_and_one_on_it_does_not() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("question_mark")
        await pilot.click(HelpText, offset=(10, 5))
        assert isinstance(pilot.app.screen, Help)
        await pilot.click(offset=(0, 0))
        assert isinstance(pilot.app.screen, MainScreen)


async def test_the_keys_of_the_main_screen_do_nothing_under_it() -> None:
    async with own(builds.building()) as (pilot, build):
        await pilot.press("question_mark", "minus", "s", "slash", "r")
        assert isinstance(pilot.app.screen, Help)
        assert not build.told


async def test_it_takes_the_size_of_a_terminal_that_changes() -> None:
    async with own(builds.building(), (120, 40)) as (pilot, _):
        await pilot.press("question_mark")
        await pilot.resize_terminal(20, 5)
        await pilot.pause()
        now = screen_of(pilot)
    assert now == await opened((20, 5))


@pytest.mark.parametrize("size", [(20, 5), (40, 10)])
async def test_where_no_frame_says_how_it_is_closed_its_first_line_does(size: tuple[int, int]) -> None:
    async with own(builds.building(), size) as (pilot, _):
        await pilot.press("question_mark")
        assert "Keys (esc: close)" in screen_of(pilot)[0]
