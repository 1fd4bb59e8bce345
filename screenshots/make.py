"""Makes the pictures in this directory: ``.venv/bin/python screenshots/make.py``.

All but ``demo.svg`` show the fixed snapshots of ``tests/builds.py`` and come out the same every time;
``demo.svg`` is what a terminal really shows after some seconds of ``synthtop demo``.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
import tempfile
from itertools import groupby
from pathlib import Path

import pyte
from rich.console import Console
from rich.style import Style
from rich.text import Text

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
# Textual reads both: pictures are in its own colours, whoever makes them.
os.environ.pop("NO_COLOR", None)
os.environ["TEXTUAL_THEME"] = "textual-dark"
# When something began is told in local time.
os.environ["TZ"] = "UTC"

from synthtop.model import Snapshot  # noqa: E402
from synthtop.terminal import Looks  # noqa: E402
from tests import builds  # noqa: E402
from tests.over import EVERY_SIZE, ONCE  # noqa: E402
from tests.showing import app_showing  # noqa: E402
from tests.terminal import SYNTHTOP, Terminal, environment  # noqa: E402

DEMO_SIZE = (120, 32)
DEMO_MOMENT = "Elapsed: 00:00:34"


async def picture(snapshot: Snapshot, size: tuple[int, int], *keys: str, looks: Looks | None = None) -> str:
    """The screen that shows ``snapshot`` after ``keys``, as SVG."""
    app = app_showing(snapshot, looks)
    async with app.run_test(size=size) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        return app.export_screenshot()


async def over(name: str, size: tuple[int, int]) -> str:
    """One of the screens that stand over the main one."""
    pictured = (EVERY_SIZE | ONCE)[name]
    app = pictured.app()
    async with app.run_test(size=size) as pilot:
        await pictured.get_there(pilot)
        return app.export_screenshot()


def style_of(cell: pyte.screens.Char) -> Style:
    """The look of an emulated terminal's cell; with truecolor all its colours are six hexadecimal figures."""
    front, back = (None if name == "default" else f"#{name}" for name in (cell.fg, cell.bg))
    return Style(color=front, bgcolor=back, bold=cell.bold, reverse=cell.reverse)


def svg(screen: pyte.Screen, title: str) -> str:
    """What an emulated terminal shows."""
    console = Console(
        record=True, width=screen.columns, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    for y in range(screen.lines):
        row = [screen.buffer[y][x] for x in range(screen.columns)]
        stretches = ((style, "".join(cell.data for cell in cells)) for style, cells in groupby(row, style_of))
        line = Text.assemble(*((text, style) for style, text in stretches), no_wrap=True, end="")
        console.print(line, overflow="crop")
    return console.export_svg(title=title)


def demo() -> str:
    """A real demo, looked at in the midst of it and then stopped."""
    columns, rows = DEMO_SIZE
    with tempfile.TemporaryDirectory() as directory:
        env = environment(XDG_RUNTIME_DIR=directory, COLORTERM="truecolor", TEXTUAL_THEME="textual-dark")
        command = [*SYNTHTOP, "demo", "--logs", "logs"]
        with Terminal(command, Path(directory), env, rows, columns) as terminal:
            terminal.until_text(DEMO_MOMENT, patience=90)
            terminal.settle()
            shown = svg(terminal.screen, "synthtop demo")
            # Asks, then stops: the build would survive its terminal.
            terminal.press("\x03")
            terminal.until_text("Quit?")
            terminal.press("\x03")
            terminal.status()
    return shown


def main() -> None:
    pictures = {
        "building": picture(builds.building(), (120, 36)),
        "throttled": picture(builds.throttled(), (120, 30)),
        "failing": picture(builds.failing(), (80, 24)),
        "stalled": picture(builds.stalled(), (80, 24)),
        "finished": picture(builds.with_failures(), (80, 24)),
        "small": picture(builds.failing(), (34, 8)),
        "waiting": picture(builds.waiting(), (80, 24)),
        "picker": picture(builds.picker(), (80, 24), "down"),
        "followed": picture(builds.followed_poudriere(), (80, 24)),
        "gone": picture(builds.gone(), (80, 24)),
        "light": picture(builds.throttled(), (120, 30), looks=Looks(theme="synthtop-light")),
        "ascii": picture(builds.throttled(), (80, 24), looks=Looks(ascii=True, colours=0)),
        "quit": picture(builds.building(), (80, 24), "q"),
        "help": picture(builds.building(), (80, 36), "question_mark"),
    }
    pictures |= {
        "failures": over("failures", (100, 24)),
        "log": over("log", (100, 16)),
        "detail": over("detail", (80, 24)),
        "trends": over("trends-of-a-day", (120, 36)),
        "history": over("history", (90, 16)),
        "past-run": over("past-charts", (90, 24)),
    }
    for name, making in pictures.items():
        (HERE / f"{name}.svg").write_text(asyncio.run(making), encoding="utf-8")
    (HERE / "demo.svg").write_text(demo(), encoding="utf-8")


if __name__ == "__main__":
    main()
