"""What the user chose: how the screen begins, and what is to be remembered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synthtop.app import SynthtopApp
from synthtop.config import Settings
from synthtop.terminal import Looks
from synthtop.widgets.workers import WorkerTable

from . import builds
from .piloting import first_line, screen_of


async def test_columns_and_order_are_from_the_beginning_as_they_were_chosen() -> None:
    settings = Settings(columns=("duration", "origin", "cpu"), sort="-duration")
    build = builds.Notebook()
    app = SynthtopApp(build, settings=settings)
    app.on_snapshot(builds.building())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        heading = first_line(pilot, WorkerTable).split()
        assert heading == ["Duration▲", "Origin", "CPU"]
        table = [line for line in screen_of(pilot) if "lang/" in line or "devel/gmake" in line]
        assert [line.split()[1] for line in table[:3]] == ["lang/python311", "devel/gmake", "lang/rust"]
    # What is to be seen in a column has to be measured.
    assert build.told == ["measure True"]


async def test_without_such_columns_nothing_is_measured() -> None:
    build = builds.Notebook()
    app = SynthtopApp(build)
    app.on_snapshot(builds.building())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
    assert not build.told


async def test_what_is_chosen_on_the_screen_is_to_be_remembered() -> None:
    kept: list[Mapping[str, Any]] = []
    app = SynthtopApp(builds.Notebook(), looks=Looks(theme="synthtop-light"), remember=kept.append)
    app.on_snapshot(builds.building())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert not kept
        await pilot.press("s", "r")
        await pilot.pause()
        usual = ("slot", "duration", "phase", "origin", "lines")
        assert kept == [{"columns": usual, "sort": "duration"}, {"columns": usual, "sort": "-duration"}]
        kept.clear()
        await pilot.press("c", "space", "escape")
        assert kept == [{"columns": usual[1:], "sort": "-duration"}]
        kept.clear()
        app.theme = "synthtop-contrast"
        await pilot.pause()
        assert kept == [{"theme": "contrast"}]
