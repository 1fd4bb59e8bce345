"""Trends on the whole screen: what its keys do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot

from synthtop.app import SynthtopApp
from synthtop.model import Snapshot
from synthtop.screens.main import MainScreen
from synthtop.screens.trends import TrendsScreen
from synthtop.terminal import Looks

from . import builds, passing
from .piloting import screen_of, show


@asynccontextmanager
async def opened(
    snapshots: Iterable[Snapshot], size: tuple[int, int] = (80, 24), looks: Looks | None = None
) -> AsyncIterator[tuple[Pilot[Any], TrendsScreen]]:
    """The screen over a build of our own, after these snapshots."""
    app = SynthtopApp(builds.Notebook(), looks=Looks() if looks is None else looks)
    for snapshot in snapshots:
        app.on_snapshot(snapshot)
    async with app.run_test(size=size) as pilot:
        await pilot.press("t")
        await pilot.pause()
        assert isinstance(app.screen, TrendsScreen)
        yield pilot, app.screen


def names(pilot: Pilot[Any]) -> list[str]:
    """The charts that are to be seen, by their headings."""
    known = {"rate", "impulse", "load", "swap", "workers", "CPU", "memory", "pressure"}
    found = []
    for line in screen_of(pilot)[1:-1]:
        words = line.split()
        found += [word for word in words if word in known and line[8:].startswith(word)]
    return found


async def test_the_keys_choose_the_time_and_the_footer_says_which() -> None:
    async with opened(passing.minutes(24 * 60)) as (pilot, _):
        for key, span in (
            ("2", "hour"), ("3", "6 hours"), ("4", "24 hours"), ("1", "10 minutes"), ("left", "hour"),
            ("left", "6 hours"), ("left", "24 hours"), ("left", "24 hours"), ("right", "6 hours"),
        ):  # fmt: skip
            await pilot.press(key)
            lines = screen_of(pilot)
            assert f"the last {span} " in lines[0], key
            assert f"1-4 {span} " in lines[-1], key
        assert "-6h ──" in "\n".join(screen_of(pilot))


async def test_arrows_and_pages_mark_charts_and_show_those_that_are_further_down() -> None:
    async with opened(passing.seconds(100)) as (pilot, screen):
        assert names(pilot) == ["rate", "impulse", "load", "swap"]
        assert "1-4 of 8" in screen_of(pilot)[0]
        await pilot.press("down", "down", "down", "down")
        assert (screen.board.marked, names(pilot)) == ("workers", ["impulse", "load", "swap", "workers"])
        await pilot.press("pagedown")
        assert (screen.board.marked, names(pilot)) == ("pressure", ["workers", "CPU", "memory", "pressure"])
        assert "5-8 of 8" in screen_of(pilot)[0]
        await pilot.press("home")
        assert (screen.board.marked, names(pilot)[0]) == ("rate", "rate")
        await pilot.press("end", "up")
        assert screen.board.marked == "memory"
        await pilot.press("pageup")
        assert screen.board.marked == "load"


async def test_enter_and_plus_show_one_chart_alone_and_all_of_them_again() -> None:
    async with opened(passing.seconds(100)) as (pilot, _):
        await pilot.press("down", "enter")
        assert names(pilot) == ["impulse"]
        assert "2 of 8" in screen_of(pilot)[0]
        assert "enter All" in screen_of(pilot)[-1]
        await pilot.press("down")
        assert names(pilot) == ["load"]
        await pilot.press("minus")
        assert len(names(pilot)) == 4
        await pilot.press("minus", "plus", "plus")
        assert names(pilot) == ["load"]
        await pilot.press("enter")
        assert len(names(pilot)) == 4


async def test_alone_a_chart_has_as_many_columns_as_it_is_wide() -> None:
    async with opened(passing.seconds(640), (120, 30)) as (pilot, screen):
        await pilot.press("end", "enter")
        await pilot.pause()
        rows = [line[8:] for line in screen_of(pilot)[2:-2]]
        assert screen.board.values == 111
        assert rows[-1].rstrip() == "█" * 111


async def test_while_it_is_frozen_the_charts_stand_still_and_it_says_so() -> None:
    async with opened(passing.seconds(100)) as (pilot, _):
        await pilot.press("space")
        before = screen_of(pilot)
        assert "FROZEN" in before[0]
        assert "Unfreeze" in before[-1]
        await show(pilot, passing.at(160, 170))
        assert screen_of(pilot)[1:] == before[1:]
        await pilot.press("space")
        after = screen_of(pilot)
        assert "FROZEN" not in after[0]
        assert after[1:-1] != before[1:-1]


async def test_each_snapshot_is_shown() -> None:
    async with opened(passing.seconds(100)) as (pilot, _):
        await show(pilot, builds.building(elapsed=100, rate=777.0))
        assert "777 pkg/h" in screen_of(pilot)[1]


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_it_goes_back(key: str) -> None:
    async with opened(passing.seconds(10)) as (pilot, _):
        await pilot.press("2", key)
        assert isinstance(pilot.app.screen, MainScreen)


async def test_after_a_resize_the_charts_have_the_new_room_of_a_build_that_is_over_too() -> None:
    async with opened([*passing.seconds(640), builds.all_built()]) as (pilot, screen):
        await pilot.resize_terminal(160, 40)
        await pilot.pause()
        lines = screen_of(pilot)
        assert screen.board.values == 71
        assert {len(line) for line in lines} == {160}
        assert lines[1].count("max") == 2


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (12, 3), (1, 1), (200, 50)])
async def test_at_every_size_it_can_be_looked_at(size: tuple[int, int]) -> None:
    async with opened(passing.minutes(180, (60, 80)), size) as (pilot, screen):
        await pilot.press("3", "down", "pagedown", "enter", "left", "end", "minus")
        assert screen.board.marked == "pressure"
        assert [len(line) for line in screen_of(pilot)] == [size[0]] * size[1]


async def test_of_a_build_of_which_nothing_is_known_yet_that_is_said() -> None:
    async with opened([builds.unreadable()]) as (pilot, _):
        assert "nothing is known yet" in screen_of(pilot)[1]
        await pilot.press("down", "enter", "4", "space")
        assert "nothing is known yet" in screen_of(pilot)[1]


@pytest.mark.parametrize("looks", [Looks(colours=0), Looks(ascii=True)], ids=str)
async def test_without_colours_signs_tell_what_throttled(looks: Looks) -> None:
    async with opened(passing.seconds(640), (80, 24), looks) as (pilot, screen):
        await pilot.press("end", "pageup", "down", "down")
        text = "\n".join(screen.board.render_line(y).text for y in range(screen.board.rows))
        assert "▒" in text


async def test_the_help_says_what_its_keys_do() -> None:
    async with opened(passing.seconds(10), (80, 40)) as (pilot, _):
        await pilot.press("question_mark")
        said = " ".join(" ".join(screen_of(pilot)).split())
        for command in TrendsScreen.OFFERED:
            assert f"{command.written} " in said
            assert command.sentence.split(",")[0] in said
