"""From build to build on the main screen: choosing one, the way back, and how a followed one is stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from synthtop.app import SynthtopApp
from synthtop.model import BuildState, Snapshot, Source, SourceKind, Totals
from synthtop.screens.help import Help
from synthtop.screens.main import MainScreen
from synthtop.screens.question import Choices
from synthtop.text import width
from synthtop.widgets.eventlog import EventLog
from synthtop.widgets.page import Page
from synthtop.widgets.picker import Picker
from synthtop.widgets.progress import ProgressBar
from synthtop.widgets.workers import WorkerTable

from . import builds
from .piloting import left, question, screen_of, show

SIZES = ((20, 5), (40, 10), (80, 24), (120, 40), (300, 100))


@asynccontextmanager
async def choosing(
    snapshot: Snapshot, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Pilot[Any], builds.Shelf]]:
    """The app over builds that are not ours, and what is asked for of them."""
    shelf = builds.Shelf()
    app = SynthtopApp(chooser=shelf)
    app.on_snapshot(snapshot)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot, shelf


def view(pilot: Pilot[Any], kind: Any) -> Any:
    return pilot.app.screen_stack[0].query_one(kind)


def marked(pilot: Pilot[Any]) -> str:
    build = view(pilot, Picker).chosen
    assert build is not None
    return str(build.name)


def text(pilot: Pilot[Any]) -> str:
    return "\n".join(screen_of(pilot))


# -- choosing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        ("", "143amd64-default"),
        ("down", "LiveSystem"),
        ("down down up", "LiveSystem"),
        ("up", "143amd64-default"),
        ("end", "nightly"),
        ("end down home", "143amd64-default"),
        ("pagedown", "nightly"),
        ("pagedown pageup", "143amd64-default"),
    ],
)
async def test_the_arrows_choose_a_build_and_enter_shows_it(keys: str, name: str) -> None:
    async with choosing(builds.picker()) as (pilot, shelf):
        await pilot.press(*keys.split(), "enter")
        path = next(build.path for build in builds.picker().builds if build.name == name)
        assert shelf.told == [f"choose {path}"]
        assert "opening…" in next(line for line in screen_of(pilot) if line.startswith("›"))


async def test_a_click_marks_a_build_and_one_on_the_marked_one_shows_it() -> None:
    async with choosing(builds.picker()) as (pilot, shelf):
        await pilot.click(Picker, offset=(5, 3))
        assert (marked(pilot), shelf.told) == ("Release", [])
        await pilot.click(Picker, offset=(50, 3))
        assert shelf.told == ["choose /build/synth/logs"]


@pytest.mark.parametrize("y", [0, 9, 12])
async def test_a_click_beside_the_builds_is_none(y: int) -> None:
    async with choosing(builds.picker()) as (pilot, shelf):
        await pilot.click(Picker, offset=(5, y))
        assert (marked(pilot), shelf.told) == ("143amd64-default", [])


async def test_the_mark_stays_on_its_build_as_snapshots_come() -> None:
    async with choosing(builds.picker()) as (pilot, _):
        await pilot.press("down")
        more = (builds.listed("Abc"), *builds.picker().builds)
        for seq in (13, 40):
            await show(pilot, replace(builds.picker(), seq=seq, builds=more))
            assert marked(pilot) == "LiveSystem"


async def test_the_list_is_not_frozen_nor_filtered_nor_sorted() -> None:
    async with choosing(builds.picker()) as (pilot, _):
        before = screen_of(pilot)
        await pilot.press("space", "s", "r", "slash")
        await pilot.pause()
        assert screen_of(pilot) == before


async def test_a_build_that_is_chosen_takes_the_place_of_the_list_and_of_what_waits() -> None:
    async with choosing(builds.picker()) as (pilot, _):
        for snapshot, kind in (
            (builds.followed(), WorkerTable),
            (builds.waiting_for_file(), Page),
            (builds.picker(), Picker),
            (builds.waiting(), Page),
        ):
            await show(pilot, snapshot)
            assert [one for one in (WorkerTable, Page, Picker) if view(pilot, one).display] == [kind]


# -- the way back ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["o", "escape"])
@pytest.mark.parametrize(
    "snapshot", [builds.followed(), builds.waiting_for_file(), builds.unreadable(), builds.gone()]
)
async def test_from_a_build_one_comes_back_to_the_list(key: str, snapshot: Snapshot) -> None:
    async with choosing(snapshot) as (pilot, shelf):
        await pilot.press(key)
        assert shelf.told == ["back"]


async def test_escape_takes_back_the_filter_and_the_mark_before_that() -> None:
    async with choosing(builds.followed()) as (pilot, shelf):
        await pilot.press("down", "slash", "r", "enter", "escape")
        assert "Filter:" not in text(pilot)
        await pilot.press("escape")
        assert (view(pilot, WorkerTable).selected, shelf.told) == (None, [])
        await pilot.press("escape")
        assert shelf.told == ["back"]


@pytest.mark.parametrize("snapshot", [builds.picker(), builds.waiting()])
async def test_where_no_build_is_shown_there_is_no_way_back(snapshot: Snapshot) -> None:
    async with choosing(snapshot) as (pilot, shelf):
        await pilot.press("o", "escape")
        assert not shelf.told


async def test_the_build_one_comes_from_is_the_marked_one() -> None:
    path = next(build.path for build in builds.picker().builds if build.name == "debian")
    source = builds.followed().source._replace(path=path)
    async with choosing(builds.followed(source=source)) as (pilot, _):
        await pilot.press("o")
        await show(pilot, builds.picker())
        assert marked(pilot) == "debian"


async def test_nothing_of_what_was_done_to_one_build_is_done_to_the_next() -> None:
    async with choosing(builds.followed()) as (pilot, _):
        await pilot.press("space", "down", "shift+down", "slash", "r", "u", "s", "t", "enter", "o")
        await show(pilot, builds.picker())
        await show(pilot, builds.followed())
        said = text(pilot)
        assert "FROZEN" not in said
        assert "Filter:" not in said
        assert view(pilot, WorkerTable).selected is None
        assert view(pilot, EventLog).top == 0


async def test_a_build_that_is_typed_a_filter_for_takes_o_as_text() -> None:
    async with choosing(builds.followed()) as (pilot, shelf):
        await pilot.press("slash", "o", "x")
        assert not shelf.told
        assert question(pilot) is None


# -- stopping ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("s", ["stop"]),
        ("up enter", ["stop"]),
        ("enter", []),
        ("b", []),
        ("escape", []),
        ("q", []),
        ("x x", []),
        ("d k", []),
    ],
)
async def test_a_followed_build_is_stopped_after_a_question_alone(keys: str, told: list[str]) -> None:
    async with choosing(builds.followed_own()) as (pilot, shelf):
        await pilot.press("x")
        assert question(pilot) == [
            "3 packages are being built.",
            "/home/builder/live/logs",
            "",
            "  Stop now                              s",
            "› Go back                               b",
        ]
        await pilot.press(*keys.split())
        assert shelf.told == told
        assert not left(pilot)


async def test_the_question_says_which_build_is_stopped_and_its_name_is_text() -> None:
    source = builds.followed().source._replace(name="[red]x\x1b[2J[/]")
    async with choosing(builds.followed(source=source, holder=4242)) as (pilot, _):
        await pilot.press("x")
        await pilot.pause()
        assert "Stop [red]x␛[2J[/]?" in text(pilot)


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (
            Source(SourceKind.JSON, "/run/a.json", logs="/" + "x" * 60 + "/日本語/logs"),
            "x" * 29 + "/日本語/logs",
        ),
        (Source(SourceKind.JSON, "/run/[red]\x1b[2J.json"), "/run/[red]␛[2J.json"),
    ],
)
async def test_the_question_says_the_end_of_the_path_which_tells_builds_apart(
    source: Source, place: str
) -> None:
    async with choosing(builds.followed(source=source, holder=4242)) as (pilot, _):
        await pilot.press("x")
        lines = question(pilot)
        assert lines is not None
        assert lines[1].removeprefix("…") == place
        assert {width(line) <= 42 for line in lines} == {True}


async def test_a_click_on_an_answer_of_that_question_gives_it() -> None:
    async with choosing(builds.followed_own()) as (pilot, shelf):
        await pilot.press("x")
        await pilot.click(Choices, offset=(4, 1 + 3))
        assert shelf.told == ["stop"]


@pytest.mark.parametrize(
    "snapshot",
    [
        builds.followed(),
        builds.followed(holder=4242, state=BuildState.FINISHED),
        builds.picker(),
        builds.waiting_for_file(),
    ],
)
async def test_what_cannot_be_stopped_is_not_asked_about(snapshot: Snapshot) -> None:
    async with choosing(snapshot) as (pilot, _):
        await pilot.press("x")
        assert question(pilot) is None


@pytest.mark.parametrize(
    "after",
    [builds.followed(holder=4242, state=BuildState.FINISHED), builds.followed(holder=77), builds.picker()],
)
async def test_the_question_goes_when_it_is_not_for_that_build_any_more(after: Snapshot) -> None:
    async with choosing(builds.followed_own()) as (pilot, shelf):
        await pilot.press("x")
        await show(pilot, after)
        assert question(pilot) is None
        assert not shelf.told


async def test_the_question_follows_the_build() -> None:
    async with choosing(builds.followed_own()) as (pilot, _):
        await pilot.press("x")
        await show(pilot, builds.followed(holder=4242, active=1))
        lines = question(pilot)
        assert lines is not None
        assert lines[0] == "1 package is being built."


async def test_ctrl_c_leaves_a_followed_build_alone_also_while_it_is_asked_about() -> None:
    async with choosing(builds.followed_own()) as (pilot, shelf):
        await pilot.press("x", "ctrl+c")
        assert left(pilot)
        assert not shelf.told


async def test_there_is_no_help_over_the_question() -> None:
    async with choosing(builds.followed_own()) as (pilot, _):
        await pilot.press("x", "question_mark")
        assert not isinstance(pilot.app.screen, Help | MainScreen)


# -- what a source does not say ----------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES[1:])
async def test_a_monitor_file_in_text_says_what_it_does_not_carry(size: tuple[int, int]) -> None:
    async with choosing(builds.followed_text(), size) as (pilot, _):
        said = text(pilot)
        assert "A monitor file in text has no" in said
        assert view(pilot, ProgressBar).display
        if size[1] >= 24:
            assert "A monitor file in text has no event log." in said


async def test_workers_that_come_to_be_known_take_the_place_of_that() -> None:
    async with choosing(builds.followed(workers=())) as (pilot, _):
        assert "Nothing is known of its workers." in text(pilot)
        await show(pilot, builds.followed())
        assert "devel/gmake" in text(pilot)


async def test_where_nobody_says_how_much_is_to_be_done_the_bar_is_not_full() -> None:
    async with choosing(builds.followed_log()) as (pilot, _):
        bar = view(pilot, ProgressBar)
        assert "█" not in bar.render_line(0).text
        assert "45/-" in bar.render_line(0).text
        over = builds.followed_log()
        await show(pilot, replace(over, state=BuildState.FINISHED, totals=Totals(None, 38, 2, 0, 5)))
        assert "█" in bar.render_line(0).text


async def test_lines_of_a_log_without_times_have_dashes_in_their_place() -> None:
    async with choosing(builds.followed_log()) as (pilot, _):
        assert view(pilot, EventLog).render_line(0).text.startswith(" --:--:--  [001] START   lang/python311")


FOLLOWED = (
    builds.picker,
    builds.picker_of_many,
    builds.waiting_for_file,
    builds.waiting_for_events,
    builds.followed_text,
    builds.followed_text_finished,
    builds.followed_report,
    builds.followed_poudriere,
    builds.followed_log,
    builds.followed_own,
    builds.followed_dsynth,
    builds.hung,
)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_each_state_of_a_follower_fits_on_every_screen(size: tuple[int, int]) -> None:
    async with choosing(builds.picker(), size) as (pilot, _):
        for snapshot in (making() for making in FOLLOWED):
            await show(pilot, snapshot)
            lines = screen_of(pilot)
            assert len(lines) == size[1]
            for kind in (WorkerTable, Page, Picker, EventLog):
                widget = view(pilot, kind)
                assert not widget.display or widget.region.bottom <= size[1]
            if snapshot.state is BuildState.STALE:
                assert "stale" in "\n".join(lines)
            if snapshot.source.kind is SourceKind.RUN:
                assert lines[5 if size[1] >= 30 else 3].startswith((" Build", "›"))


async def test_the_palette_shows_and_stops_and_goes_back_as_the_keys_do() -> None:
    async with choosing(builds.followed_own()) as (pilot, _):
        app = pilot.app
        assert isinstance(app, SynthtopApp)
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert {"Other builds", "Stop this build"} <= titles
        await show(pilot, builds.picker())
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert "Show this build" in titles
        assert not {"Other builds", "Stop this build", "Freeze"} & titles
