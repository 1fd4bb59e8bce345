"""The app under keys, mouse, threads and sizes; and what a terminal gets of it, cell by cell."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pyte
import pytest
from textual import events
from textual.command import CommandPalette
from textual.drivers.headless_driver import HeadlessDriver
from textual.message import Message
from textual.pilot import Pilot

from synthtop.app import LEFT, SnapshotCame, SynthtopApp
from synthtop.model import BuildState, LogKind, Snapshot, Stopping, WorkerRow
from synthtop.screens.main import MainScreen
from synthtop.screens.quit import Answer, Choices, QuitDialog
from synthtop.widgets.eventlog import EventLog
from synthtop.widgets.footer import KeyBar
from synthtop.widgets.header import Header
from synthtop.widgets.lineview import LineView
from synthtop.widgets.summary import Summary
from synthtop.widgets.workers import WorkerTable

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
    snapshot: Snapshot, size: Size = (80, 24)
) -> AsyncIterator[tuple[Pilot[Any], PaintedDriver]]:
    """The app on an emulated terminal."""
    app = SynthtopApp(builds.Notebook())
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
    if not isinstance(pilot.app.screen, QuitDialog):
        return None
    choices = pilot.app.screen.query_one(Choices)
    return [choices.render_line(y).text.rstrip() for y in range(choices.rows)]


# -- leaving ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_a_build_of_our_own_is_asked_about_before_it_is_left(key: str) -> None:
    async with own(builds.building()) as (pilot, build):
        await pilot.press(key)
        assert isinstance(pilot.app.screen, QuitDialog)
        assert not build.told
        assert not left(pilot)


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_a_build_that_is_over_is_left_at_once(key: str) -> None:
    async with own(builds.all_built()) as (pilot, build):
        await pilot.press(key)
        assert pilot.app.return_value == LEFT
        assert not build.told


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_another_ones_build_is_left_at_once(key: str) -> None:
    app = SynthtopApp()
    app.on_snapshot(builds.followed_dsynth())
    async with app.run_test() as pilot:
        await pilot.press(key)
    assert app.return_value == LEFT


async def test_a_build_that_said_nothing_yet_is_asked_about_too() -> None:
    async with own() as (pilot, _):
        await pilot.press("q")
        assert question(pilot) is not None
        assert not left(pilot)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("d", ["drain"]),
        ("s", ["stop"]),
        ("b", []),
        ("escape", []),
        ("q", []),
        ("k", None),
        ("x", None),
        ("ctrl+q", None),
        ("enter", ["drain"]),
        ("space", ["drain"]),
        ("down enter", ["stop"]),
        ("tab enter", ["stop"]),
        ("down down enter", []),
        ("up enter", []),
        ("shift+tab up enter", ["stop"]),
        ("down down down enter", ["drain"]),
    ],
)
async def test_each_answer_has_its_key_and_none_leaves_the_screen(keys: str, told: list[str] | None) -> None:
    async with own(builds.building()) as (pilot, build):
        await pilot.press("q", *keys.split())
        await pilot.pause()
        # None: that is no answer, and the question stays.
        assert (question(pilot) is not None) == (told is None)
        assert build.told == (told or [])
        assert not left(pilot)


async def test_a_second_ctrl_c_stops_and_a_third_kills() -> None:
    async with own(builds.building()) as (pilot, build):
        await pilot.press("ctrl+c", "ctrl+c")
        assert build.told == ["stop"]
        await pilot.press("ctrl+c")
        assert build.told == ["stop", "kill"]


async def test_three_ctrl_c_at_once_are_three() -> None:
    async with own(builds.building()) as (pilot, build):
        for _ in range(3):
            pilot.app.post_message(events.Key("ctrl+c", None))
        await pilot.pause()
        assert build.told == ["stop", "kill"]


async def test_ctrl_c_kills_what_something_else_is_stopping() -> None:
    async with own(builds.stopping()) as (pilot, build):
        await pilot.press("ctrl+c")
        assert build.told == ["kill"]


@pytest.mark.parametrize(
    ("before", "key", "told"),
    [
        (builds.draining(), "d", None),
        (builds.draining(), "s", ["stop"]),
        (builds.stopping(), "k", ["kill"]),
        (builds.stopping(), "s", None),
    ],
    ids=str,
)
async def test_what_was_asked_before_is_not_offered_again(
    before: Snapshot, key: str, told: list[str] | None
) -> None:
    async with own(before) as (pilot, build):
        await pilot.press("q", key)
        assert (question(pilot) is not None) == (told is None)
        assert build.told == (told or [])


async def test_the_question_knows_what_was_just_answered_before_a_snapshot_says_it() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("q", "s", "q")
        assert (question(pilot) or [""])[2].startswith("› Kill what still runs")


async def test_a_click_on_an_answer_is_its_key() -> None:
    async with own(builds.building()) as (pilot, build):
        await pilot.press("q")
        await pilot.click(Choices, offset=(5, 4))
        assert build.told == ["stop"]


async def test_a_click_beside_the_answers_is_none() -> None:
    async with own(builds.building()) as (pilot, build):
        await pilot.press("q")
        for offset in ((5, 0), (5, 1), (5, 6)):
            await pilot.click(Choices, offset=offset)
        assert question(pilot) is not None
        assert not build.told


async def test_of_two_answers_at_once_the_first_counts() -> None:
    async with own(builds.building()) as (pilot, build):
        await pilot.press("q")
        # As from a double click that waits while a terminal is slow.
        choices = pilot.app.screen.query_one(Choices)
        choices.post_message(Choices.Chosen(Answer.STOP))
        choices.post_message(Choices.Chosen(Answer.DRAIN))
        await pilot.pause()
        assert build.told == ["stop"]
        assert question(pilot) is None
        assert not left(pilot)


async def test_the_question_goes_when_the_build_ends_meanwhile() -> None:
    async with own(builds.building()) as (pilot, build):
        await pilot.press("q")
        await show(pilot, builds.all_built())
        assert question(pilot) is None
        assert not build.told
        assert not left(pilot)


async def test_the_question_follows_the_build() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("q", "down")
        await show(pilot, builds.draining())
        lead, _, *answers = question(pilot) or []
        assert lead == "2 packages are finishing."
        assert answers == [f"› {'Stop now':<38}s", f"  {'Go back':<38}b", ""]


# -- the command palette -----------------------------------------------------------------------------


async def test_the_palette_opens_and_closes_and_the_build_goes_on() -> None:
    async with own(builds.building()) as (pilot, build):
        await pilot.press("ctrl+p")
        assert isinstance(pilot.app.screen, CommandPalette)
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, CommandPalette)
        assert not build.told
        assert not left(pilot)


async def test_quit_in_the_palette_asks() -> None:
    async with own(builds.building()) as (pilot, build):
        commands = {command.title: command for command in pilot.app.get_system_commands(pilot.app.screen)}
        assert set(commands) == {"Theme", "Quit"}
        commands["Quit"].callback()
        await pilot.pause()
        assert question(pilot) is not None
        assert not build.told


async def test_the_palette_does_not_open_over_the_question() -> None:
    async with own(builds.building()) as (pilot, build):
        await pilot.press("q", "ctrl+p")
        assert question(pilot) is not None
        await pilot.press("ctrl+c")
        assert build.told == ["stop"]


async def test_the_question_comes_in_the_palettes_place_and_goes_with_the_build() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("ctrl+p", "ctrl+c")
        assert question(pilot) is not None
        await show(pilot, builds.all_built())
        assert isinstance(pilot.app.screen, MainScreen)


async def test_textuals_own_way_to_quit_asks_too() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.app.run_action("app.quit")
        await pilot.pause()
        assert question(pilot) is not None


# -- workers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("minus", ["limit 3"]),
        ("minus minus plus", ["limit 3", "limit 2", "limit 3"]),
        ("minus plus", ["limit 3", "limit None"]),
        ("minus minus minus minus", ["limit 3", "limit 2", "limit 1", "limit 1"]),
    ],
)
async def test_plus_and_minus_limit_the_workers(keys: str, told: list[str]) -> None:
    async with own(builds.building()) as (pilot, build):
        await pilot.press(*keys.split())
        assert build.told == told


async def test_one_fewer_is_one_fewer_than_a_throttle_allows() -> None:
    async with own(builds.throttled()) as (pilot, build):
        await pilot.press("minus")
        assert build.told == ["limit 5"]


async def test_the_limit_by_hand_stands_beside_its_keys_at_once() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("minus")
        assert "Workers ≤3" in first_line(pilot, KeyBar)


@pytest.mark.parametrize(
    "snapshot",
    [builds.all_built(), builds.draining(), builds.stopping(), builds.building(max_workers=None)],
    ids=str,
)
async def test_no_limit_where_it_would_change_nothing(snapshot: Snapshot) -> None:
    async with own(snapshot) as (pilot, build):
        await pilot.press("minus")
        assert not build.told


async def test_another_ones_build_takes_no_limit() -> None:
    app = SynthtopApp()
    app.on_snapshot(builds.building())
    async with app.run_test() as pilot:
        await pilot.press("minus", "plus")
        assert "Workers" not in first_line(pilot, KeyBar)


# -- scrolling and clicking ------------------------------------------------------------------------


def tops(pilot: Pilot[Any], kind: type[LineView]) -> int:
    return pilot.app.screen.query_one(kind).top


async def test_the_arrows_scroll_the_workers() -> None:
    async with own(builds.big(1024)) as (pilot, _):
        table = pilot.app.screen.query_one(WorkerTable)
        visible = table.rows - 1
        for key, top in (
            ("down", 1),
            ("up", 0),
            ("up", 0),
            ("pagedown", visible - 1),
            ("pageup", 0),
            ("end", 1024 - visible),
            ("down", 1024 - visible),
            ("home", 0),
        ):
            await pilot.press(key)
            assert table.top == top, key


async def test_the_heading_stays_when_the_workers_scroll() -> None:
    async with own(builds.big(1024)) as (pilot, _):
        heading = first_line(pilot, WorkerTable)
        await pilot.press("end")
        table = pilot.app.screen.query_one(WorkerTable)
        assert first_line(pilot, WorkerTable) == heading
        assert table.render_line(table.rows - 1).text.startswith(" 1023  ")


async def test_the_arrows_scroll_the_summary_of_a_build_that_is_over() -> None:
    async with own(builds.with_failures(), (80, 10)) as (pilot, _):
        await pilot.press("down")
        assert tops(pilot, Summary) == 1


def wheel(kind: type[events.MouseScrollDown], view: LineView) -> events.MouseScrollDown:
    return kind(view, 5, 3, 0, 1, 0, False, False, False)


async def test_the_log_scrolls_by_wheel_and_stays_as_lines_come() -> None:
    lines = tuple((at, 0, LogKind.START, f"[000] START   a/b{at}") for at in range(100))
    async with own(builds.building(log=builds.log(lines[:3]))) as (pilot, _):
        await show(pilot, builds.building(log=builds.log(lines[:90])))
        log = pilot.app.screen.query_one(EventLog)
        log.post_message(wheel(events.MouseScrollDown, log))
        await pilot.pause()
        assert log.top > 0
        top, looked_at = log.top, first_line(pilot, EventLog)
        await show(pilot, builds.building(log=builds.log(lines)))
        assert (log.top, first_line(pilot, EventLog)) == (top + 10, looked_at)


async def test_a_click_on_a_hint_is_its_key() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.click(KeyBar, offset=(2, 0))
        assert question(pilot) is not None


async def test_a_click_on_kill_kills() -> None:
    async with own(builds.stopping()) as (pilot, build):
        await pilot.click(KeyBar, offset=(first_line(pilot, KeyBar).index("Kill"), 0))
        assert build.told == ["kill"]


async def test_a_click_between_hints_does_nothing() -> None:
    async with own(builds.building()) as (pilot, build):
        line = first_line(pilot, KeyBar)
        for x in (0, line.index("Workers"), 79):
            await pilot.click(KeyBar, offset=(x, 0))
        assert question(pilot) is None
        assert not build.told


# -- threads and life --------------------------------------------------------------------------------


async def test_each_snapshot_from_a_thread_is_shown() -> None:
    async with own(builds.just_started()) as (pilot, _):
        for active in (3, 2, 4):
            snapshot = builds.building(active=active)
            await asyncio.to_thread(pilot.app.on_snapshot, snapshot)  # type: ignore[attr-defined]
            await pilot.pause()
            assert first_line(pilot, Header).startswith(f"Workers:  {active} / 4")


async def test_of_many_snapshots_the_newest_is_shown_and_told_once() -> None:
    came: list[Message] = []

    def note(message: Message) -> None:
        if isinstance(message, SnapshotCame):
            came.append(message)

    app = SynthtopApp()
    async with app.run_test(message_hook=note) as pilot:
        for active in range(4):
            app.on_snapshot(builds.building(active=active))
        await pilot.pause()
        assert first_line(pilot, Header).startswith("Workers:  3 / 4")
    # The hook hears of it once for the app, whatever number of snapshots came.
    assert len(came) == 1


async def test_snapshots_after_the_end_are_harmless() -> None:
    app = SynthtopApp()
    async with app.run_test():
        app.on_snapshot(builds.building())
    app.on_snapshot(builds.building())
    app.leave()
    app.close()


async def test_leaving_from_a_thread_ends_the_app_unasked() -> None:
    async with own(builds.building()) as (pilot, build):
        await pilot.press("q")
        await asyncio.to_thread(pilot.app.leave)  # type: ignore[attr-defined]
        await pilot.pause()
        assert left(pilot)
        assert pilot.app.return_value is None
        assert not build.told


async def test_an_app_that_was_to_leave_before_it_ran_ends_at_once() -> None:
    app = SynthtopApp()
    app.leave()
    assert await app.run_async(headless=True, size=(80, 24)) is None


def test_running_gives_the_signal_handlers_back() -> None:
    taken = (signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH)
    before = [signal.getsignal(signum) for signum in taken]

    async def act(pilot: Pilot[Any]) -> None:
        await pilot.press("q")

    app = SynthtopApp()
    assert app.run(headless=True, size=(80, 24), auto_pilot=act) == LEFT
    assert [signal.getsignal(signum) for signum in taken] == before


async def test_it_runs_in_any_thread() -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await pilot.press("q")

    app = SynthtopApp()
    assert await asyncio.to_thread(app.run, headless=True, size=(80, 24), auto_pilot=act) == LEFT


@pytest.mark.parametrize("how", [lambda pilot: pilot.press("ctrl+z"), None], ids=["key", "signal"])
async def test_suspending_gives_the_terminal_back_and_stops_what_it_is_told_to(
    how: Callable[[Pilot[Any]], Any] | None,
) -> None:
    suspended: list[bool] = []
    async with painted(builds.building()) as (pilot, _):
        pilot.app.on_suspend = lambda: suspended.append(True)  # type: ignore[attr-defined]
        if how is not None:
            await how(pilot)
        else:
            os.kill(os.getpid(), signal.SIGTSTP)
            await pilot.pause()
        await pilot.pause()
        assert suspended == [True]


async def test_where_nothing_can_be_suspended_nothing_is_stopped() -> None:
    suspended: list[bool] = []
    async with own(builds.building()) as (pilot, _):
        pilot.app.on_suspend = lambda: suspended.append(True)  # type: ignore[attr-defined]
        await pilot.press("ctrl+z")
        assert not suspended
        assert not left(pilot)


# -- what the terminal gets --------------------------------------------------------------------------


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


STORM = ((300, 100), (20, 5), (80, 24), (1, 1), (60, 30), (59, 30), (40, 10), (200, 50), (2, 3), (100, 29))


@pytest.mark.parametrize(
    ("snapshot", "keys"),
    [
        (builds.building(), ()),
        (builds.building(), ("q",)),
        (builds.big(1024), ("end",)),
        (builds.with_failures(), ()),
        (builds.hostile(), ()),
    ],
    ids=["building", "question", "1024", "failures", "hostile"],
)
async def test_a_storm_of_resizes_leaves_the_screen_that_a_fresh_start_has(
    snapshot: Snapshot, keys: tuple[str, ...]
) -> None:
    async with own(snapshot) as (pilot, _):
        await pilot.press(*keys)
        for size in STORM:
            await pilot.resize_terminal(*size)
        for size in ((100, 29), (40, 10), (120, 40)):
            await pilot.resize_terminal(*size)
            await pilot.press("home")
            async with own(snapshot, size) as (fresh, _):
                await fresh.press(*(key for key in keys if key == "q"))
                assert screen_of(pilot) == screen_of(fresh)


def screen_of(pilot: Pilot[Any]) -> list[str]:
    """All the lines that are to be seen."""
    return [strip.text for strip in pilot.app.screen._compositor.render_strips()]


async def test_the_keys_follow_the_size_also_when_no_snapshot_comes_any_more() -> None:
    async with own(builds.with_failures()) as (pilot, _):
        assert "Scroll" not in first_line(pilot, KeyBar)
        await pilot.resize_terminal(80, 9)
        await pilot.pause()
        assert "Scroll" in first_line(pilot, KeyBar)


async def test_what_is_not_to_be_seen_is_not_to_be_scrolled() -> None:
    async with own(builds.with_failures(), (20, 5)) as (pilot, _):
        assert "Scroll" not in first_line(pilot, KeyBar)


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (300, 1), (5, 3), (20, 5)], ids=str)
@pytest.mark.parametrize("state", [BuildState.BUILDING, BuildState.FINISHED])
async def test_no_terminal_is_too_small(size: Size, state: BuildState) -> None:
    async with own(replace(builds.hostile(), state=state), size) as (pilot, _):
        await pilot.press("q", "down", "pagedown", "end")
        assert len(screen_of(pilot)) == size[1]


async def test_a_stage_asked_elsewhere_changes_the_keys() -> None:
    async with own(builds.building()) as (pilot, _):
        await show(pilot, builds.building(stopping=Stopping.STOPPING))
        assert "^c Kill" in first_line(pilot, KeyBar)
