"""What is typed ahead is for the screen that the keys before it have opened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from synthtop.model import Snapshot
from synthtop.screens.finished import FinishedScreen
from synthtop.screens.log import LogScreen

from . import builds
from .piloting import own


def with_log(path: Path) -> Snapshot:
    path.write_text("===>  Building for x\nerror: y\n")
    snapshot = builds.failing()
    return replace(snapshot, workers=tuple(row._replace(log=str(path)) for row in snapshot.workers))


async def burst(pilot: Pilot[Any], keys: Iterable[str]) -> None:
    for key in keys:
        pilot.app.simulate_key(key)
    await pilot.pause(0.2)


async def test_what_is_typed_right_after_a_screens_key_is_for_that_screen(tmp_path: Path) -> None:
    async with own(with_log(tmp_path / "x.log")) as (pilot, _):
        await burst(pilot, ["b", "slash", "v", "i", "enter"])
        finished = pilot.app.screen
        assert isinstance(finished, FinishedScreen)
        assert finished.table.wanted.text == "vi"
        await burst(pilot, ["q", "l", "slash", "e", "r", "r", "enter", "number_sign"])
        log = pilot.app.screen
        assert isinstance(log, LogScreen)
        assert log.page is not None
        assert log.page.pattern == "err"
        assert log.numbered
        main = pilot.app.screen_stack[0]
        assert not main.line.typing  # type: ignore[attr-defined]
        assert not main._filter  # type: ignore[attr-defined]


async def test_a_key_that_is_pressed_twice_opens_one_screen(tmp_path: Path) -> None:
    async with own(with_log(tmp_path / "x.log")) as (pilot, _):
        await burst(pilot, ["d", "enter", "enter"])
        assert len(pilot.app.screen_stack) == 3
        await burst(pilot, ["q"])
        await burst(pilot, ["k", "k"])
        assert len(pilot.app.screen_stack) == 3
