"""The widgets as they are drawn, line by line, for the tests of what each of them says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from synthtop.app import SynthtopApp
from synthtop.model import Snapshot
from synthtop.text import width
from synthtop.widgets.fields import Line
from synthtop.widgets.lineview import LineView

from . import builds

SIZES = ((20, 5), (40, 10), (80, 24), (120, 40), (200, 50))


def text_of(line: Line) -> str:
    """What ``line`` says, with a check that no field stands over another."""
    text = ""
    for field in sorted(line):
        assert field.x >= width(text), f"{field} stands over {text!r}"
        text += " " * (field.x - width(text)) + field.text
    return text


@asynccontextmanager
async def shown(
    snapshot: Snapshot, size: tuple[int, int] = (80, 24), *keys: str
) -> AsyncIterator[SynthtopApp]:
    """The app, showing ``snapshot`` of a build of its own, after these keys."""
    app = SynthtopApp(builds.Notebook())
    app.on_snapshot(snapshot)
    async with app.run_test(size=size) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        yield app


def drawn(app: SynthtopApp, kind: type[LineView]) -> list[str]:
    """A widget's lines without what is blank at their right; none if it is not to be seen."""
    view = app.screen.query_one(kind)
    if not view.display:
        return []
    return lines_of(view)


@asynccontextmanager
async def alone(view: LineView, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    """An app that is this widget and nothing else."""

    class Alone(App[None]):
        CSS = "LineView { height: 1fr; }"

        def compose(self) -> ComposeResult:
            yield view

    async with Alone().run_test(size=size) as pilot:
        yield pilot


def lines_of(view: LineView) -> list[str]:
    """All lines of a widget without what is blank at their right."""
    return [view.render_line(y).text.rstrip() for y in range(view.rows)]
