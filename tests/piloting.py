"""The app under a pilot: over a build of our own, and on an emulated terminal."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pyte
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot

from synthtop.app import SynthtopApp
from synthtop.model import Snapshot
from synthtop.screens.question import Choices, Question
from synthtop.widgets.lineview import LineView

from . import builds

Size = tuple[int, int]


class PaintedDriver(HeadlessDriver):
    """Draws on a terminal emulator, and keeps what was sent to it."""

    is_headless = False
    can_suspend = True

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.screen = pyte.Screen(*self._get_terminal_size())
        self.sent = ""
        self._stream = pyte.Stream(self.screen)

    def write(self, data: str) -> None:
        self.sent += data
        self._stream.feed(data)

    def cells(self) -> list[list[Any]]:
        """Every cell of the screen, with its colours."""
        screen = self.screen
        return [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]


@asynccontextmanager
async def own(
    snapshot: Snapshot | None = None, size: Size = (80, 24)
) -> AsyncIterator[tuple[Pilot[str | None], builds.Notebook]]:
    """The app over a build of our own, and what the build is told."""
    build = builds.Notebook()
    app = SynthtopApp(build)
    if snapshot is not None:
        app.on_snapshot(snapshot)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot, build


@asynccontextmanager
async def painted(
    snapshot: Snapshot, size: Size = (80, 24), *, title_shown: bool = False
) -> AsyncIterator[tuple[Pilot[Any], PaintedDriver]]:
    """The app on an emulated terminal."""
    app = SynthtopApp(builds.Notebook(), title_shown=title_shown)
    app.driver_class = PaintedDriver
    app.on_snapshot(snapshot)
    before = signal.getsignal(signal.SIGTSTP)
    try:
        async with app.run_test(headless=False, size=size) as pilot:
            await pilot.pause()
            driver = app._driver
            assert isinstance(driver, PaintedDriver)
            yield pilot, driver
    finally:
        signal.signal(signal.SIGTSTP, before)


async def show(pilot: Pilot[Any], snapshot: Snapshot) -> None:
    app = pilot.app
    assert isinstance(app, SynthtopApp)
    app.on_snapshot(snapshot)
    await pilot.pause()


def left(pilot: Pilot[Any]) -> bool:
    """Whether the app has ended or is about to."""
    return pilot.app.return_code is not None


def first_line(pilot: Pilot[Any], kind: type[LineView]) -> str:
    return pilot.app.screen_stack[0].query_one(kind).render_line(0).text.rstrip()


def question(pilot: Pilot[Any]) -> list[str] | None:
    """The lines of the open dialog."""
    if not isinstance(pilot.app.screen, Question):
        return None
    choices = pilot.app.screen.query_one(Choices)
    return [choices.render_line(y).text.rstrip() for y in range(choices.rows)]


def screen_of(pilot: Pilot[Any]) -> list[str]:
    """All the lines that are to be seen."""
    return [strip.text for strip in pilot.app.screen._compositor.render_strips()]
