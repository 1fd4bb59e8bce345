"""The app's life: leaving, its palette, the workers' limit, threads and signals."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from textual import events
from textual.command import CommandPalette
from textual.message import Message
from textual.pilot import Pilot

from synthtop.app import LEFT, SnapshotCame, SynthtopApp
from synthtop.model import Snapshot, Totals
from synthtop.screens.help import Help
from synthtop.screens.main import MainScreen
from synthtop.screens.question import Answer, Choices
from synthtop.screens.quit import QuitDialog
from synthtop.terminal import Looks
from synthtop.widgets.footer import KeyBar
from synthtop.widgets.header import Header

from . import builds
from .piloting import first_line, left, own, painted, question, screen_of, show

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
        assert "Kill what still runs" in (question(pilot) or [""])[2]


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


# -- the command palette ---------------------------------------------------------------------------


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
        await commands["Quit"].callback()
        await pilot.pause()
        assert question(pilot) is not None
        assert not build.told


def offered(pilot: Pilot[Any]) -> set[str]:
    """What the palette has."""
    return {command.title for command in pilot.app.get_system_commands(pilot.app.screen)}


ALWAYS = {
    "Theme",
    "Help",
    "Suspend",
    "Filter",
    "Failures",
    "Finished packages",
    "Trends",
    "History of builds",
}
ROWS = {
    "Sort by the next column",
    "Reverse the order",
    "Columns",
    "Log of the package",
    "Detail of the worker",
}
END = "Kill or skip the package"


@pytest.mark.parametrize(
    ("snapshot", "keys", "offers"),
    [
        (builds.building(), "", {*ROWS, END, "Freeze", "One worker fewer", "Quit"}),
        (
            builds.building(),
            "minus",
            {*ROWS, END, "Freeze", "One worker fewer", "One worker more", "Quit"},
        ),
        (builds.building(), "space", {*ROWS, END, "Unfreeze", "One worker fewer", "Quit"}),
        (
            builds.building(),
            "slash g enter",
            {*ROWS, END, "Freeze", "One worker fewer", "Clear the filter", "Quit"},
        ),
        (builds.stopping(), "", {*ROWS, "Freeze", "Quit"}),
        (builds.all_built(), "", {"Leave"}),
    ],
    ids=["building", "limited", "frozen", "filtered", "stopping", "over"],
)
async def test_the_palette_offers_what_applies_now(snapshot: Snapshot, keys: str, offers: set[str]) -> None:
    async with own(snapshot) as (pilot, _):
        await pilot.press(*keys.split())
        assert offered(pilot) == ALWAYS | offers


async def test_what_is_chosen_in_the_palette_is_done() -> None:
    async with own(builds.building()) as (pilot, build):
        await pilot.press("ctrl+p", *"fewer")
        # Once it has found what there is, the first of it is under the cursor.
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert build.told == ["limit 3"]


async def test_without_colours_there_are_no_others_to_choose() -> None:
    app = SynthtopApp(looks=Looks(colours=0))
    app.on_snapshot(builds.building())
    async with app.run_test() as pilot:
        assert "Theme" not in offered(pilot)


@pytest.mark.parametrize("rows", [8, 9])
async def test_the_palette_opens_where_a_command_has_room(rows: int) -> None:
    app = SynthtopApp(builds.Notebook())
    app.on_snapshot(builds.building())
    rung: list[bool] = []
    app.bell = lambda: rung.append(True)  # type: ignore[method-assign]
    async with app.run_test(size=(60, rows)) as pilot:
        await pilot.press("ctrl+p")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(app.screen, CommandPalette) == (rows == 9)
        if rows == 9:
            assert any("Columns" in line for line in screen_of(pilot))
        assert bool(rung) == (rows == 8)


@pytest.mark.parametrize("size", [(80, 24), (20, 5), (3, 2)], ids=str)
async def test_the_palette_takes_keys_at_any_size_and_before_it_is_drawn(size: tuple[int, int]) -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("ctrl+p")
        await pilot.resize_terminal(*size)
        for key in ("pageup", "pagedown", "up", "down", "home", "end") * 2:
            pilot.app.post_message(events.Key(key, None))
            await pilot.pause()
        await pilot.press("escape", "escape")
        assert isinstance(pilot.app.screen, MainScreen)
        for key in ("ctrl+p", "down", "pageup", "pagedown"):
            pilot.app.post_message(events.Key(key, None))
        await pilot.pause()
        assert not left(pilot)


async def test_another_theme_can_be_chosen() -> None:
    async with own(builds.building()) as (pilot, _):
        pilot.app.action_change_theme()
        await pilot.pause()
        await pilot.press(*"light")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.press("down", "enter")
        await pilot.pause()
        assert pilot.app.theme == "synthtop-light"


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


async def test_one_fewer_than_a_throttle_allows_though_a_limit_by_hand_is_higher() -> None:
    async with own(builds.throttled()) as (pilot, build):
        await pilot.press("minus")
        await show(pilot, replace(builds.throttled(), dynmax=2))
        await pilot.press("minus")
        assert build.told == ["limit 5", "limit 1"]


async def test_the_limit_by_hand_stands_beside_its_keys_at_once() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("minus")
        assert "+/- Workers: 3 by hand" in first_line(pilot, KeyBar)


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


# -- threads and life ------------------------------------------------------------------------------


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


@pytest.mark.parametrize("how", ["keys", "signals", "a signal and a key"])
async def test_what_asks_twice_at_once_suspends_once(how: str) -> None:
    suspended: list[bool] = []
    async with painted(builds.building()) as (pilot, _):
        pilot.app.on_suspend = lambda: suspended.append(True)  # type: ignore[attr-defined]
        for asks in how.split(" and ") if " and " in how else [how, how]:
            if "signal" in asks:
                os.kill(os.getpid(), signal.SIGTSTP)
            else:
                pilot.app.post_message(events.Key("ctrl+z", None))
        await pilot.pause()
        await pilot.pause()
        assert suspended == [True]
        await pilot.press("ctrl+z")
        assert suspended == [True, True]


async def test_a_signal_that_comes_while_suspended_suspends_no_second_time() -> None:
    suspended: list[bool] = []

    def suspend() -> None:
        suspended.append(True)
        os.kill(os.getpid(), signal.SIGTSTP)

    async with painted(builds.building()) as (pilot, _):
        pilot.app.on_suspend = suspend  # type: ignore[attr-defined]
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert suspended == [True]


async def test_a_continue_leaves_the_terminal_alone() -> None:
    def textuals(number: int, frame: object) -> None:
        raise AssertionError("took the terminal a second time")

    before = signal.signal(signal.SIGCONT, textuals)
    try:
        async with painted(builds.building()):
            assert signal.getsignal(signal.SIGCONT) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGCONT, before)


async def test_where_nothing_can_be_suspended_nothing_is_stopped() -> None:
    suspended: list[bool] = []
    async with own(builds.building()) as (pilot, _):
        pilot.app.on_suspend = lambda: suspended.append(True)  # type: ignore[attr-defined]
        await pilot.press("ctrl+z")
        assert not suspended
        assert not left(pilot)


# -- the terminal's title ----------------------------------------------------------------------------

SAVED, RESTORED = "\x1b[22;0t", "\x1b[23;0t"


def titled(done: str) -> str:
    return f"\x1b]2;synthtop{done}\x07"


def of_title(sent: str) -> list[str]:
    """What of ``sent`` is about the title."""
    return re.findall(r"\x1b\[2[23];0t|\x1b\]2;.*?\x07", sent)


async def test_the_title_says_how_far_the_build_is_and_is_given_back() -> None:
    async with painted(builds.building(), title_shown=True) as (pilot, driver):
        await show(pilot, builds.building(active=2))
        await show(pilot, builds.building(totals=Totals(142, 46)))
        assert of_title(driver.sent) == [SAVED, titled(" 45/142"), titled(" 46/142")]
    assert of_title(driver.sent)[3:] == [RESTORED]


async def test_while_suspended_the_title_is_the_shells() -> None:
    async with painted(builds.building(), title_shown=True) as (pilot, driver):
        before: list[str] = []
        pilot.app.on_suspend = lambda: before.extend(of_title(driver.sent))  # type: ignore[attr-defined]
        await pilot.press("ctrl+z")
        assert before == [SAVED, titled(" 45/142"), RESTORED]
        assert of_title(driver.sent)[3:] == [SAVED, titled(" 45/142")]


async def test_whoever_owns_the_app_knows_when_the_title_is_ours() -> None:
    async with painted(builds.building(), title_shown=True) as (pilot, _):
        held: list[bool | None] = []
        pilot.app.on_title = held.append  # type: ignore[attr-defined]
        pilot.app.on_suspend = lambda: held.append(None)  # type: ignore[attr-defined]
        await pilot.press("ctrl+z")
        assert held == [False, None, True]


def test_after_the_end_the_title_is_ours_no_more() -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await pilot.press("q")

    held: list[bool] = []
    app = SynthtopApp(title_shown=True)
    app.on_title = held.append
    app.run(headless=True, size=(80, 24), auto_pilot=act)
    assert held == [True, False]


async def test_a_terminal_without_a_title_is_sent_none() -> None:
    async with painted(builds.building()) as (pilot, driver):
        await show(pilot, builds.building(totals=Totals(142, 46)))
    assert not of_title(driver.sent)


async def test_before_anything_is_queued_the_title_is_the_name_alone() -> None:
    async with painted(builds.waiting(), title_shown=True) as (_, driver):
        assert of_title(driver.sent) == [SAVED, titled("")]


async def test_no_text_from_outside_gets_into_the_title() -> None:
    async with painted(builds.hostile(), title_shown=True) as (_, driver):
        assert re.fullmatch(r"\x1b\]2;synthtop \d+/\d+\x07", of_title(driver.sent)[1])


# -- the help ------------------------------------------------------------------------------------------


async def test_the_build_goes_on_under_the_help() -> None:
    async with painted(builds.building()) as (pilot, driver):
        await pilot.press("question_mark")
        assert isinstance(pilot.app.screen, Help)
        await show(pilot, builds.building(elapsed=1000, totals=Totals(142, 77)))
        await pilot.press("escape")
        assert "00:16:40" in driver.screen.display[1]


@pytest.mark.parametrize("colours", [0, 16, 1 << 24])
@pytest.mark.parametrize("key", ["q", "question_mark"])
async def test_what_stands_over_the_main_screen_leaves_the_rest_to_be_seen(key: str, colours: int) -> None:
    app = SynthtopApp(builds.Notebook(), looks=Looks(colours=colours))
    app.on_snapshot(builds.building())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(key)
        assert screen_of(pilot)[1].startswith("│ Workers:")


@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+q"])
async def test_the_question_comes_in_the_helps_place(key: str) -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("question_mark", key)
        assert question(pilot) is not None
        await pilot.press("b")
        assert isinstance(pilot.app.screen, MainScreen)


async def test_the_palette_comes_in_the_helps_place() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("question_mark", "ctrl+p")
        assert isinstance(pilot.app.screen, CommandPalette)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, MainScreen)


async def test_over_the_question_there_is_no_help() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("q", "question_mark")
        assert question(pilot) is not None
