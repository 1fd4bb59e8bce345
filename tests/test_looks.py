"""Themes, no colours, ASCII: what can be read, and what a terminal gets."""

from __future__ import annotations

import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style
from textual.command import CommandList
from textual.pilot import Pilot

from synthtop.app import SynthtopApp
from synthtop.model import Snapshot
from synthtop.parts import Role
from synthtop.terminal import THEMES, Looks
from synthtop.widgets.contrast import contrast
from synthtop.widgets.footer import KeyBar
from synthtop.widgets.looks import in_ascii
from synthtop.widgets.themes import BY_NAME
from synthtop.widgets.workers import WorkerTable

from . import builds
from .piloting import PaintedDriver, Size

NO_COLOURS = Looks(colours=0)
SIXTEEN = Looks(colours=16)
ASCII = Looks(ascii=True)
DARK, LIGHT, _, CONTRAST = (Looks(theme) for theme in THEMES)
ALL = {
    "dark": DARK,
    "light": LIGHT,
    "16": SIXTEEN,
    "contrast": CONTRAST,
    "no-colours": NO_COLOURS,
    "ascii": ASCII,
    "ascii-no-colours": Looks(ascii=True, colours=0),
}
STATES = (
    builds.just_started(),
    builds.building(),
    builds.throttled(),
    builds.failing(),
    builds.stalled(),
    builds.hostile(),
    builds.stopping(),
    builds.silent(),
    builds.gone(),
    builds.unreadable(),
    builds.waiting(),
    builds.all_built(),
    builds.with_failures(),
    builds.interrupted(),
)
AREAS = (Role.REST, Role.LIMIT)
"""Not read: only seen."""
QUIET = (Role.LABEL, Role.DIM, Role.FRAME, Role.CHART)


@asynccontextmanager
async def painted(
    looks: Looks, snapshot: Snapshot, size: Size = (120, 40), *keys: str
) -> AsyncIterator[tuple[Pilot[Any], PaintedDriver]]:
    """The app on an emulated terminal, after these keys."""
    app = SynthtopApp(builds.Notebook(), looks=looks)
    app.driver_class = PaintedDriver
    app.on_snapshot(snapshot)
    before = signal.getsignal(signal.SIGTSTP)
    try:
        async with app.run_test(headless=False, size=size) as pilot:
            await pilot.press(*keys)
            await pilot.pause()
            driver = app._driver
            assert isinstance(driver, PaintedDriver)
            yield pilot, driver
    finally:
        signal.signal(signal.SIGTSTP, before)


async def styles(looks: Looks, ground: Role | None = None) -> dict[tuple[str, Role], Style]:
    """What each role looks like in the table and beside the keys."""
    async with painted(looks, builds.building()) as (pilot, _):
        views = [pilot.app.screen.query_one(kind) for kind in (WorkerTable, KeyBar)]
        return {(view.id or "", role): view.style_of(role, ground) for view in views for role in Role}


async def in_table(looks: Looks) -> dict[Role, Style]:
    return {role: style for (place, role), style in (await styles(looks)).items() if place == "workers"}


def legibility(style: Style, system: ColorSystem = ColorSystem.TRUECOLOR) -> float:
    assert style.color is not None
    assert style.bgcolor is not None
    return contrast(style.color.downgrade(system), style.bgcolor.downgrade(system))


# -- what can be read --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("looks", "text", "quiet"),
    [(DARK, 4.5, 3.0), (LIGHT, 4.5, 3.0), (CONTRAST, 7.0, 4.5)],
    ids=THEMES[:2] + THEMES[3:],
)
@pytest.mark.parametrize("ground", [None, Role.CHOSEN], ids=["screen", "selected-row"])
async def test_every_text_can_be_read(looks: Looks, text: float, quiet: float, ground: Role | None) -> None:
    for (place, role), style in (await styles(looks, ground)).items():
        least = 1.5 if role in AREAS else quiet if role in QUIET else text
        assert legibility(style) >= least, f"{role} in {place}"


@pytest.mark.parametrize("looks", [DARK, LIGHT, CONTRAST], ids=THEMES[:2] + THEMES[3:])
async def test_every_text_can_be_read_in_256_colours(looks: Looks) -> None:
    for role, style in (await in_table(looks)).items():
        least = 1.5 if role in AREAS else 3.0 if role in QUIET else 4.5
        assert legibility(style, ColorSystem.EIGHT_BIT) >= least, role


APART = (
    *(Role.TEXT, Role.DIM, Role.BUILT, Role.META, Role.FAILED, Role.THROTTLED, Role.PHASE, Role.SKIPPED),
    *(Role.HEADING, Role.CHOSEN),
)


@pytest.mark.parametrize("looks", [DARK, LIGHT, SIXTEEN, CONTRAST], ids=THEMES)
async def test_roles_that_mean_something_else_look_different(looks: Looks) -> None:
    found = await in_table(looks)
    assert len({found[role] for role in APART}) == len(APART)


async def test_without_colours_roles_are_told_apart_by_attributes() -> None:
    found = await in_table(NO_COLOURS)
    signs = {role: (bool(s.bold), bool(s.dim), bool(s.underline)) for role, s in found.items()}
    assert signs[Role.FAILED] == signs[Role.THROTTLED] == (True, False, False)
    # A heading that is reversed would be one with the selected row under it.
    assert signs[Role.STALLED] == signs[Role.HEADING] == (True, False, True)
    assert signs[Role.DIM] == signs[Role.LABEL] == (False, True, False)
    assert signs[Role.BUILT] == signs[Role.TEXT] == (False, False, False)


async def test_without_colours_frozen_is_reversed() -> None:
    async with painted(NO_COLOURS, builds.building(), (120, 40), "space") as (_, driver):
        marked = "".join(cell.data for row in driver.cells() for cell in row if cell.reverse)
    assert marked.split() == ["FROZEN"]


# -- which theme -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("looks", "theme"),
    [
        (Looks(), "synthtop-dark"),
        (Looks(colours=256), "synthtop-dark"),
        (Looks(colours=16), "synthtop-16"),
        (Looks("synthtop-light", colours=16), "synthtop-light"),
        (Looks("synthtop-light", colours=0), "synthtop-16"),
    ],
)
def test_what_is_asked_for_comes_before_what_the_terminal_has(looks: Looks, theme: str) -> None:
    assert SynthtopApp(looks=looks).theme == theme


def test_only_themes_that_can_be_read_are_offered() -> None:
    assert tuple(SynthtopApp().available_themes) == THEMES
    assert tuple(SynthtopApp(looks=NO_COLOURS).available_themes) == ("synthtop-16",)


def test_every_theme_says_every_colour() -> None:
    known = [set(theme.to_color_system().generate()) | set(theme.variables) for theme in BY_NAME.values()]
    missing = set.union(*known[:2]) - known[2]
    assert tuple(BY_NAME) == THEMES
    assert missing == set()


def test_nothing_is_filtered_where_a_terminal_can_show_all() -> None:
    app = SynthtopApp()
    assert app.get_line_filters() == []
    app.theme = "synthtop-16"
    assert len(app.get_line_filters()) == 1


@pytest.mark.parametrize("looks", ALL.values(), ids=ALL)
async def test_every_state_can_be_drawn(looks: Looks) -> None:
    async with painted(looks, STATES[0]) as (pilot, _driver):
        app = pilot.app
        assert isinstance(app, SynthtopApp)
        for snapshot in STATES:
            app.on_snapshot(snapshot)
            await pilot.pause()
            shown = [strip.text for strip in app.screen._compositor.render_strips()]
            assert {cell_len(line) for line in shown} == {120}


# -- what is sent ------------------------------------------------------------------------------------

WALK = (
    *("down", "escape", "space", "space"),
    *("slash", "ä", "日", "enter", "escape"),
    *("question_mark", "escape"),
    *("ctrl+p", "ü", "backspace", "s", "down", "escape"),
    *("q", "down", "escape"),
)
"""Keys after each of which something else is to be seen: all that the app has."""


async def sent_on_a_walk(looks: Looks, snapshot: Snapshot) -> str:
    async with painted(looks, snapshot) as (pilot, driver):
        for key in WALK:
            await pilot.press(key)
            await pilot.pause()
        return driver.sent


def attributes(sent: str) -> set[tuple[str, ...]]:
    """The parameters of every SGR sequence."""
    return {tuple(found.split(";")) for found in re.findall(r"\x1b\[([\d;]*)m", sent)}


_ATTRIBUTES = {"", "0", "1", "2", "4", "7"}


async def test_without_colours_none_is_sent() -> None:
    sent = await sent_on_a_walk(NO_COLOURS, builds.stalled())
    assert {number for numbers in attributes(sent) for number in numbers} <= _ATTRIBUTES


async def test_in_16_colours_the_terminals_own_are_sent() -> None:
    fronts, grounds = ({str(start + number) for number in range(8)} for start in (30, 40))
    fronts |= {str(90 + number) for number in range(8)}
    grounds |= {str(100 + number) for number in range(8)}
    own = {"39", "49"}
    found = attributes(await sent_on_a_walk(SIXTEEN, builds.stalled()))
    assert {number for numbers in found for number in numbers} <= _ATTRIBUTES | fronts | grounds | own
    # Black and white are as good as invisible on one of the two grounds that a terminal may have.
    extremes = {"30", "37", "97"}
    assert not [numbers for numbers in found if extremes & set(numbers) and not grounds & set(numbers)]


async def test_in_ascii_nothing_else_is_sent() -> None:
    assert (await sent_on_a_walk(ASCII, builds.hostile())).isascii()


@pytest.mark.parametrize("looks", [NO_COLOURS, SIXTEEN], ids=["no-colours", "16"])
async def test_what_is_chosen_in_the_palette_is_reversed(looks: Looks) -> None:
    async with painted(looks, builds.building(), (80, 24), "ctrl+p") as (pilot, driver):
        choices = pilot.app.screen.query_one(CommandList)
        for _ in range(100):
            if choices.option_count:
                break
            await pilot.pause()
        await pilot.press("down")
        await pilot.pause()
        top = choices.region.y
        rows = driver.cells()[top : top + choices.region.height]
    reversed_rows = [all(cell.reverse for cell in row) for row in rows]
    assert any(reversed_rows)
    assert not all(reversed_rows)


async def test_in_ascii_frames_and_columns_stay_straight() -> None:
    async with painted(ASCII, builds.hostile(), (120, 40)) as (_, driver):
        lines = driver.screen.display
    corners = [lines[0][0], lines[4][0], lines[0][-1], lines[39 - 1][-1]]
    assert corners == ["+", "+", "+", "+"]
    assert {line[0] for line in lines[1:4]} == {"|"}
    assert len({line.rindex("|") for line in lines[1:4]}) == 1


# -- ASCII, character by character -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("╭─ synthtop ─╮", "+- synthtop -+"),
        ("│ a │", "| a |"),
        ("ETA 0h41 ±6m …", "ETA 0h41 ~6m ~"),
        ("▁▂▃▄▅▆▇█", "_.:-=+*#"),
        ("↑↓ › ≤ → ▲▼", "^v > < > ^v"),
        ("Größe", "Gr??e"),
        ("日本", "????"),
        ("e\u0301", "e"),
        ("👩\u200d💻!", "??!"),
    ],
)
def test_the_nearest_character_or_a_question_mark(text: str, drawn: str) -> None:
    assert in_ascii(text) == drawn


@given(st.text())
def test_ascii_takes_as_many_columns(text: str) -> None:
    drawn = in_ascii(text)
    assert drawn.isascii()
    assert len(drawn) == cell_len(text)
