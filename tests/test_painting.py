"""What a terminal gets of the app, cell by cell and byte by byte."""

from __future__ import annotations

import pyte
import pytest

from synthtop.model import WorkerRow

from . import builds
from .piloting import Size, painted, show


async def test_the_same_snapshot_again_sends_nothing() -> None:
    async with painted(builds.building()) as (pilot, driver):
        driver.sent = ""
        await show(pilot, builds.building())
        assert driver.sent == ""


async def test_a_second_that_passes_sends_only_its_figures() -> None:
    async with painted(builds.building()) as (pilot, driver):
        driver.sent = ""
        slots = (WorkerRow(0, *builds.rows(3, 4)[0][1:5], 84, 1234), *builds.rows(3, 4)[1:])
        await show(pilot, builds.building(elapsed=944, workers=slots))
        # Each figure with where it stands and its colours: two cells, and no more of the lines.
        assert len(driver.sent) < 120
        text = "".join(char for char in pyte_text(driver.sent))
        assert text == "44"


async def test_a_line_in_a_log_that_has_no_room_sends_nothing() -> None:
    async with painted(builds.building(log=builds.log(builds.LOG[:3])), (40, 10)) as (pilot, driver):
        driver.sent = ""
        await show(pilot, builds.building())
        assert driver.sent == ""


def pyte_text(sent: str) -> str:
    """What of ``sent`` is printed, in the order in which it comes."""
    printed: list[str] = []

    class Listener(pyte.Screen):
        def draw(self, data: str) -> None:
            printed.append(data)

    pyte.Stream(Listener(300, 100)).feed(sent)
    return "".join(printed)


COURSE = (
    builds.just_started(),
    builds.building(),
    builds.throttled(),
    builds.building(dynmax=4),
    builds.hostile(),
    builds.big(64),
    builds.big(64, 37),
    builds.draining(),
    builds.stopping(),
    builds.interrupted(),
)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 10), (20, 5)], ids=str)
async def test_what_changes_over_what_stood_there_is_the_new_screen(size: Size) -> None:
    async with painted(COURSE[0], size) as (pilot, driver):
        for number, snapshot in enumerate(COURSE[1:], 1):
            driver.sent = ""
            await show(pilot, snapshot)
            assert driver.sent, number
            drawn = driver.cells()
            pilot.app.refresh(layout=True)
            await pilot.pause()
            assert drawn == driver.cells(), number


async def test_under_the_question_the_build_goes_on() -> None:
    async with painted(builds.building()) as (pilot, driver):
        await pilot.press("q")
        await show(pilot, builds.building(elapsed=1000))
        assert driver.screen.display[1].startswith("Elapsed: 00:16:40")


@pytest.mark.parametrize("key", ["q", "question_mark"])
async def test_a_second_under_another_screen_sends_what_a_second_without_it_does(key: str) -> None:
    async with painted(builds.big(16)) as (pilot, driver):
        await show(pilot, builds.big(16, 1))
        driver.sent = ""
        await show(pilot, builds.big(16, 2))
        without = len(driver.sent)
        await pilot.press(key)
        await show(pilot, builds.big(16, 3))
        driver.sent = ""
        await show(pilot, builds.big(16, 4))
        await pilot.pause()
        # A figure that is cut in two by an edge of the other screen is sent in two.
        assert len(driver.sent) < 1.6 * without


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=str)
@pytest.mark.parametrize(
    "keys", ["q", "question_mark", "slash g", "space", "down", "s", "slash g enter escape"]
)
async def test_what_a_key_changes_is_the_new_screen(size: Size, keys: str) -> None:
    async with painted(builds.big(16), size) as (pilot, driver):
        await pilot.press(*keys.split())
        await show(pilot, builds.big(16, 1))
        drawn = driver.cells()
        pilot.app.refresh(layout=True)
        await pilot.pause()
        assert drawn == driver.cells()


async def test_a_screen_that_was_over_the_main_one_leaves_nothing() -> None:
    async with painted(builds.building()) as (pilot, driver):
        before = driver.cells()
        await pilot.press("question_mark", "escape", "q", "b", "slash", "escape")
        await pilot.pause()
        assert driver.cells() == before
