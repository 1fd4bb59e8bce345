"""The main screen under keys, mouse and sizes, in every state."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len
from textual import events
from textual.pilot import Pilot

from synthtop.app import SynthtopApp
from synthtop.lines import time_of_day, whole_minute
from synthtop.model import BuildState, LogKind, Snapshot, Source, SourceKind, Stopping, Totals, View
from synthtop.widgets.eventlog import EventLog
from synthtop.widgets.filterline import FilterLine
from synthtop.widgets.footer import KeyBar
from synthtop.widgets.header import Header
from synthtop.widgets.lineview import LineView
from synthtop.widgets.page import Page
from synthtop.widgets.progress import ProgressBar
from synthtop.widgets.trends import TrendsPane
from synthtop.widgets.workers import WorkerTable

from . import builds
from .piloting import Size, first_line, left, own, painted, question, screen_of, show

ROWS = builds.rows(3, 4)


def view(pilot: Pilot[Any], kind: type[LineView]) -> Any:
    return pilot.app.screen_stack[0].query_one(kind)


def table(pilot: Pilot[Any]) -> WorkerTable:
    found = view(pilot, WorkerTable)
    assert isinstance(found, WorkerTable)
    return found


def origins(pilot: Pilot[Any]) -> list[str]:
    """The origins in the table, from top to bottom."""
    lines = [table(pilot).render_line(y).text for y in range(1, table(pilot).rows)]
    return [line[32:].split()[0] for line in lines if line[32:].strip()]


def chosen(pilot: Pilot[Any]) -> str | None:
    row = table(pilot).selected
    return None if row is None else row.origin


# -- sorting and choosing --------------------------------------------------------------------------


async def test_s_sorts_by_the_next_column_and_r_turns_it_round() -> None:
    async with own(builds.building()) as (pilot, _):
        assert origins(pilot) == ["devel/gmake", "lang/python311", "lang/rust"]
        await pilot.press("s")
        assert origins(pilot) == ["lang/rust", "devel/gmake", "lang/python311"]
        await pilot.press("r")
        assert origins(pilot) == ["lang/python311", "devel/gmake", "lang/rust"]


async def test_what_is_sorted_stays_sorted_as_snapshots_come() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("s")
        workers = (ROWS[0]._replace(elapsed=9999), *ROWS[1:])
        await show(pilot, builds.building(seq=944, workers=workers))
        assert origins(pilot) == ["devel/gmake", "lang/rust", "lang/python311"]


@pytest.mark.parametrize(
    ("keys", "origin"),
    [
        ("down", "devel/gmake"),
        ("down down", "lang/python311"),
        ("down down up", "devel/gmake"),
        ("up", None),
        ("end", None),
        ("end home", "devel/gmake"),
        ("pagedown", None),
    ],
)
async def test_the_arrows_choose_a_worker(keys: str, origin: str | None) -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press(*keys.split())
        # The last row is an idle slot, without an origin.
        assert table(pilot).selected is not None
        assert chosen(pilot) == origin


async def test_rows_stay_under_the_cursor_and_the_choice_on_its_package() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("s", "down", "down")
        assert chosen(pilot) == "devel/gmake"
        workers = (ROWS[0]._replace(elapsed=99999), *ROWS[1:])
        await show(pilot, builds.building(seq=944, workers=workers))
        assert origins(pilot) == ["lang/rust", "devel/gmake", "lang/python311"]
        assert chosen(pilot) == "devel/gmake"
        # After a while nobody is looking there any more: the order counts again, and the choice goes along.
        await show(pilot, builds.building(seq=1000, workers=workers))
        assert origins(pilot) == ["devel/gmake", "lang/rust", "lang/python311"]
        assert chosen(pilot) == "devel/gmake"


async def test_escape_takes_back_the_filter_and_then_the_choice() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("down", "slash", *"make", "enter")
        assert origins(pilot) == ["devel/gmake"]
        await pilot.press("escape")
        assert len(origins(pilot)) == 3
        assert chosen(pilot) == "devel/gmake"
        await pilot.press("escape")
        assert chosen(pilot) is None


async def test_a_thousand_workers_scroll_with_the_cursor() -> None:
    async with own(builds.big(1024)) as (pilot, _):
        visible = table(pilot).rows - 1
        heading = first_line(pilot, WorkerTable)
        for key, top in (("down", 0), ("end", 1024 - visible), ("down", 1024 - visible), ("home", 0)):
            await pilot.press(key)
            assert table(pilot).top == top, key
        await pilot.press("end")
        assert first_line(pilot, WorkerTable) == heading
        assert table(pilot).render_line(visible).text.startswith("›1023  ")


async def test_the_arrows_scroll_the_page_of_a_build_that_is_over() -> None:
    async with own(builds.with_failures(), (80, 10)) as (pilot, _):
        page = view(pilot, Page)
        for key, top in (("down", 1), ("pagedown", 1 + page.rows - 1), ("home", 0)):
            await pilot.press(key)
            assert page.top == top, key
        await pilot.press("end")
        assert page.top == page.wanted - page.rows


LINES = tuple((at, 0, LogKind.START, f"[000] START   a/b{at}") for at in range(100))


async def test_shift_and_the_arrows_scroll_the_log() -> None:
    async with own(builds.building(log=builds.log(LINES))) as (pilot, _):
        log = view(pilot, EventLog)
        page = log.rows - 1
        for key, top in (
            ("shift+down", 1),
            ("shift+pagedown", 1 + page),
            ("shift+up", page),
            ("shift+pageup", 0),
        ):
            await pilot.press(key)
            assert log.top == top, key
        assert table(pilot).selected is None


# -- the ETA -----------------------------------------------------------------------------------------


async def test_e_says_when_the_build_ends_and_again_how_long_that_is() -> None:
    snapshot = builds.throttled()
    ends = time_of_day(whole_minute(snapshot.time + 2460), snapshot.time)
    async with own(snapshot) as (pilot, _):
        said = [first_line(pilot, ProgressBar)]
        for keys in ("e", "e", "space e"):
            await pilot.press(*keys.split())
            said.append(first_line(pilot, ProgressBar))
        await show(pilot, builds.building(seq=945))
        await pilot.press("space", "e")
        without = first_line(pilot, ProgressBar)
        await show(pilot, replace(snapshot, seq=946))
        said.append(first_line(pilot, ProgressBar))
    assert [line.rpartition("ETA ")[2].rstrip() for line in said] == [
        "0h41 ±6m",
        f"{ends} ±6m",
        "0h41 ±6m",
        f"{ends} ±6m",
        f"{ends} ±6m",
    ]
    assert "ETA" not in without


# -- the mouse -------------------------------------------------------------------------------------


async def test_a_click_on_a_row_chooses_it() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.click(WorkerTable, offset=(20, 2))
        assert chosen(pilot) == "lang/python311"


async def test_a_click_on_a_heading_sorts_by_it_and_again_turns_it_round() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.click(WorkerTable, offset=(6, 0))
        assert origins(pilot)[0] == "lang/rust"
        await pilot.click(WorkerTable, offset=(6, 0))
        assert origins(pilot)[-1] == "lang/rust"


@pytest.mark.parametrize(
    ("snapshot", "kind", "size"),
    [
        (builds.big(1024), WorkerTable, (80, 24)),
        (builds.with_failures(), Page, (80, 10)),
        (builds.building(log=builds.log(LINES)), EventLog, (80, 24)),
    ],
    ids=["table", "page", "log"],
)
async def test_the_wheel_scrolls(snapshot: Snapshot, kind: type[LineView], size: Size) -> None:
    async with own(snapshot, size) as (pilot, _):
        scrolled = view(pilot, kind)
        scrolled.post_message(wheel(scrolled))
        await pilot.pause()
        assert scrolled.top > 0


def wheel(over: LineView) -> events.MouseScrollDown:
    return events.MouseScrollDown(over, 5, 3, 0, 1, 0, False, False, False)


async def test_a_log_that_is_scrolled_stays_as_lines_come() -> None:
    async with own(builds.building(log=builds.log(LINES[:3]))) as (pilot, _):
        await show(pilot, builds.building(log=builds.log(LINES[:90])))
        log = view(pilot, EventLog)
        log.post_message(wheel(log))
        await pilot.pause()
        top, looked_at = log.top, first_line(pilot, EventLog)
        await show(pilot, builds.building(log=builds.log(LINES)))
        assert (log.top, first_line(pilot, EventLog)) == (top + 10, looked_at)


async def click_on(pilot: Pilot[Any], word: str) -> None:
    await pilot.click(KeyBar, offset=(first_line(pilot, KeyBar).index(word), 0))


async def test_a_click_on_a_hint_is_its_key() -> None:
    async with own(builds.building()) as (pilot, _):
        await click_on(pilot, "s Sort")
        assert origins(pilot)[0] == "lang/rust"
        await click_on(pilot, "Freeze")
        assert "space Unfreeze" in first_line(pilot, KeyBar)
        await click_on(pilot, "/ Filter")
        await pilot.press(*"make", "enter")
        await click_on(pilot, "Clear")
        assert len(origins(pilot)) == 3
        await click_on(pilot, "Quit")
        assert question(pilot) is not None


async def test_a_click_on_kill_kills() -> None:
    async with own(builds.stopping()) as (pilot, build):
        await click_on(pilot, "Kill")
        assert build.told == ["kill"]


async def test_a_click_between_hints_or_on_one_of_two_keys_does_nothing() -> None:
    async with own(builds.building(), (140, 24)) as (pilot, build):
        before = screen_of(pilot)
        line = first_line(pilot, KeyBar)
        for x in (0, line.index("Workers") - 5, line.index("Workers"), 139):
            await pilot.click(KeyBar, offset=(x, 0))
        assert screen_of(pilot) == before
        assert not build.told


# -- the filter ------------------------------------------------------------------------------------


def typing(pilot: Pilot[Any]) -> str | None:
    """The line that is typed in, if one is."""
    line = view(pilot, FilterLine)
    return line.render_line(0).text.rstrip() if line.display and line.typing else None


async def test_workers_and_log_are_filtered_while_one_types() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("slash", *"rust")
        assert origins(pilot) == ["lang/rust"]
        assert "rust" in (typing(pilot) or "")
        assert "1 of 4" in (typing(pilot) or "")
        assert all("rust" in view(pilot, EventLog).render_line(y).text for y in range(1))


async def test_enter_keeps_the_filter_and_the_keys_say_it() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("slash", *"rust", "enter")
        assert typing(pilot) is None
        assert "  / Filter: rust (1 of 4)  esc Clear  " in first_line(pilot, KeyBar)


@pytest.mark.parametrize(("first", "after"), [("", 3), ("make enter", 1)])
async def test_escape_while_one_types_brings_back_what_was(first: str, after: int) -> None:
    async with own(builds.building()) as (pilot, _):
        for keys in first.split():
            await pilot.press("slash", *keys) if keys != "enter" else await pilot.press(keys)
        await pilot.press("slash", *"xyz", "escape")
        assert typing(pilot) is None
        assert len(origins(pilot)) == after


async def test_what_is_a_command_elsewhere_is_text_while_one_types() -> None:
    async with own(builds.building()) as (pilot, build):
        await pilot.press("slash", "q", "s", "r", "space", "plus", "minus", "question_mark", "slash")
        assert " / Filter: qsr +-?/" in (typing(pilot) or "")
        assert not build.told
        assert table(pilot).order.column == "slot"


async def test_what_was_typed_before_the_line_was_there_is_in_it() -> None:
    async with own(builds.building()) as (pilot, build):
        for key, character in (("slash", "/"), ("s", "s"), ("q", "q"), ("plus", "+")):
            pilot.app.post_message(events.Key(key, character))
        await pilot.pause()
        assert " / Filter: sq+" in (typing(pilot) or "")
        assert not build.told


async def test_the_arrows_choose_a_worker_while_one_types() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("slash", *"lang", "down", "down")
        assert chosen(pilot) == "lang/rust"
        assert "lang" in (typing(pilot) or "")


async def test_ctrl_c_asks_while_one_types_and_the_text_stays() -> None:
    async with own(builds.building()) as (pilot, build):
        await pilot.press("slash", *"ab", "ctrl+c")
        assert question(pilot) is not None
        await pilot.press("b", "c")
        assert " / Filter: abc" in (typing(pilot) or "")
        assert not build.told


async def test_ctrl_z_suspends_while_one_types() -> None:
    suspended: list[bool] = []
    async with painted(builds.building()) as (pilot, _):
        pilot.app.on_suspend = lambda: suspended.append(True)  # type: ignore[attr-defined]
        await pilot.press("slash", "ctrl+z", "a")
        assert suspended == [True]
        assert " / Filter: a" in (typing(pilot) or "")


async def test_what_is_pasted_is_shown_as_text_and_its_first_line_alone() -> None:
    async with own(builds.building()) as (pilot, build):
        await pilot.press("slash")
        pilot.app.post_message(events.Paste("lang\x1b[2J\x07\u202e\tq\nq\x03"))
        await pilot.pause()
        assert " / Filter: lang␛[2J␇<202E> q" in (typing(pilot) or "")
        pilot.app.post_message(events.Paste("x" * 10**6))
        await pilot.pause()
        assert cell_len(view(pilot, FilterLine).render_line(0).text) == 80
        assert not build.told


async def test_what_is_pasted_elsewhere_does_nothing() -> None:
    async with own(builds.building()) as (pilot, build):
        before = screen_of(pilot)
        pilot.app.post_message(events.Paste("sq/\n"))
        await pilot.pause()
        assert screen_of(pilot) == before
        assert not build.told


async def test_the_filter_stays_as_snapshots_come_and_says_how_many_it_finds() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("slash", *"lang", "enter")
        workers = (ROWS[0]._replace(origin="lang/gcc13"), *ROWS[1:])
        await show(pilot, builds.building(seq=944, workers=workers))
        assert "Filter: lang (3 of 4)" in first_line(pilot, KeyBar)


async def test_a_click_beside_the_text_is_its_key() -> None:
    for word, after in (("Keep", 1), ("Back", 3)):
        async with own(builds.building()) as (pilot, _):
            await pilot.press("slash", *"rust")
            await pilot.click(FilterLine, offset=((typing(pilot) or "").index(word), 0))
            await pilot.pause()
            assert typing(pilot) is None
            assert len(origins(pilot)) == after


@pytest.mark.parametrize(
    ("snapshot", "size"),
    [(builds.building(), (20, 5)), (builds.building(), (20, 4)), (builds.waiting(), (80, 24))],
    ids=["no table", "no keys", "no build"],
)
async def test_where_nothing_can_be_filtered_nothing_is_typed(snapshot: Snapshot, size: Size) -> None:
    async with own(snapshot, size) as (pilot, _):
        before = screen_of(pilot)
        await pilot.press("slash", *"rusa")
        assert screen_of(pilot) == before
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert typing(pilot) is None
        assert "rusa" not in first_line(pilot, KeyBar)


async def test_where_the_line_that_is_typed_in_has_no_row_any_more_the_typing_ends() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("slash", *"rust")
        await pilot.resize_terminal(20, 5)
        await pilot.pause()
        assert screen_of(pilot)[-1].startswith(" / rust")
        await pilot.resize_terminal(20, 4)
        await pilot.pause()
        await pilot.press("q")
        assert question(pilot) is not None
        await pilot.press("escape")
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert typing(pilot) is None
        assert "  / Filter: rust (1 of 4)  " in first_line(pilot, KeyBar)


# -- freezing --------------------------------------------------------------------------------------


async def test_what_is_frozen_sends_nothing_until_it_goes_on() -> None:
    async with painted(builds.big(16), (120, 40)) as (pilot, driver):
        await pilot.press("space")
        assert any("FROZEN" in line for line in driver.screen.display)
        driver.sent = ""
        for second in range(1, 4):
            await show(pilot, builds.big(16, second))
        assert driver.sent == ""
        await pilot.press("space")
        assert "Elapsed: 00:15:46" in driver.screen.display[2]
        assert not any("FROZEN" in line for line in driver.screen.display)


async def test_what_is_frozen_can_be_sorted_filtered_and_chosen_from() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("space")
        workers = (ROWS[0]._replace(origin="a/b", elapsed=0), *ROWS[1:])
        await show(pilot, builds.building(seq=944, workers=workers))
        await pilot.press("s")
        assert origins(pilot) == ["lang/rust", "devel/gmake", "lang/python311"]
        await pilot.press("slash", *"gmake", "enter", "down")
        assert origins(pilot) == ["devel/gmake"]
        assert chosen(pilot) == "devel/gmake"
        await pilot.press("escape", "space")
        assert origins(pilot) == ["lang/rust", "lang/python311", "a/b"]


@pytest.mark.parametrize(
    ("size", "words"),
    [((80, 24), "FROZEN, finished, 2 failed"), ((120, 40), "FROZEN, meanwhile finished, 2 failed")],
    ids=["80 columns", "120 columns"],
)
async def test_the_end_of_the_build_is_said_while_it_is_frozen(size: Size, words: str) -> None:
    async with own(builds.building(), size) as (pilot, _):
        await pilot.press("space")
        await show(pilot, builds.with_failures())
        assert words in "\n".join(screen_of(pilot))
        assert len(origins(pilot)) == 3
        assert first_line(pilot, KeyBar).endswith("q Leave")
        await pilot.press("space")
        assert view(pilot, Page).display
        assert "FROZEN" not in "\n".join(screen_of(pilot))


async def test_a_build_that_ended_while_frozen_is_left_without_a_question() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("space")
        await show(pilot, builds.all_built())
        await pilot.press("q")
        assert left(pilot)


async def test_the_question_knows_the_newest_while_it_is_frozen() -> None:
    async with own(builds.building()) as (pilot, build):
        await pilot.press("space")
        await show(pilot, builds.draining())
        await pilot.press("q")
        assert (question(pilot) or [""])[0] == "2 packages are finishing."
        await pilot.press("s")
        assert build.told == ["stop"]


async def test_a_limit_given_while_frozen_is_said_by_the_keys() -> None:
    async with own(builds.building()) as (pilot, build):
        await pilot.press("space", "minus")
        assert build.told == ["limit 3"]
        assert "+/- Workers: 3 by hand" in first_line(pilot, KeyBar)


@pytest.mark.parametrize(
    "snapshot", [builds.all_built(), builds.waiting(), builds.unreadable(), builds.gone()], ids=str
)
async def test_what_does_not_move_is_not_frozen(snapshot: Snapshot) -> None:
    async with own(snapshot) as (pilot, _):
        await pilot.press("space")
        assert "FROZEN" not in "\n".join(screen_of(pilot))


async def test_what_is_frozen_stays_so_through_a_resize() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("space")
        await show(pilot, builds.building(seq=944, elapsed=1000))
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        screen = "\n".join(screen_of(pilot))
        assert "FROZEN" in screen
        assert "00:15:43" in screen


async def test_what_is_frozen_has_the_trends_of_its_moment_at_every_size() -> None:
    def charts() -> list[str]:
        pane = view(pilot, TrendsPane)
        return [pane.render_line(y).text for y in range(pane.rows)] if pane.display else []

    moment = builds.building(rate=600.0)
    course: tuple[Size, ...] = ((130, 40), (100, 40), (200, 50), (300, 60))
    expected: dict[Size, list[str]] = {}
    for size in course:
        async with own(moment, size) as (pilot, _):
            expected[size] = charts()
    for first in ((200, 50), (100, 40)):
        async with own(moment, first) as (pilot, _):
            await pilot.press("space")
            for size in course:
                await show(pilot, builds.building(seq=1143, elapsed=1143, rate=60.0))
                await pilot.resize_terminal(*size)
                await pilot.pause()
                assert charts() == expected[size], (first, size)
            await pilot.press("space")
            assert "60/h" in charts()[1]


async def test_a_later_freeze_has_not_the_trends_of_an_earlier_one() -> None:
    async with own(builds.building(rate=600.0), (200, 50)) as (pilot, _):
        await pilot.press("space", "space")
        await pilot.resize_terminal(100, 40)
        await show(pilot, builds.building(seq=1043, elapsed=1043, rate=60.0))
        await pilot.press("space")
        await pilot.resize_terminal(200, 50)
        await pilot.pause()
        assert " 60/h" in view(pilot, TrendsPane).render_line(1).text


# -- the trends ------------------------------------------------------------------------------------


async def test_from_120_columns_on_the_trends_show_what_was() -> None:
    async with own(builds.building(), (120, 30)) as (pilot, _):
        pane = view(pilot, TrendsPane)
        assert pane.region.height == 29
        assert "last 10 minutes" in first_line(pilot, TrendsPane)
        for second in range(1, 100):
            pilot.app.on_snapshot(builds.building(seq=943 + second, elapsed=943 + second, rate=300.0))  # type: ignore[attr-defined]
        await pilot.pause()
        assert "300/h" in pane.render_line(1).text


async def test_the_trends_know_also_what_came_while_the_screen_was_narrow() -> None:
    async with own(builds.building(rate=600.0)) as (pilot, _):
        await show(pilot, builds.building(seq=1043, elapsed=1043, rate=60.0))
        assert not view(pilot, TrendsPane).display
        await pilot.resize_terminal(120, 30)
        await pilot.pause()
        heading = view(pilot, TrendsPane).render_line(1).text
        assert "60/h" in heading
        assert "max 600" in heading


# -- every state at every size -----------------------------------------------------------------------

STATES = {
    "building": (builds.building(), "2 failed", "", ""),
    "throttled": (builds.throttled(), "throttled", "DynMax 6", "throttled: high load"),
    "stalled": (builds.stalled(), "1 stalled", "! build", "building, 1 stalled"),
    "draining": (builds.draining(), "draining", "draining", "draining, 2 failed"),
    "stopping": (builds.stopping(), "stopping", "stopping", "stopping, 2 failed"),
    "finished": (builds.all_built(), "finished", "finished", "finished"),
    "failed": (builds.with_failures(), "finished", "finished", "finished, 2 failed"),
    "interrupted": (builds.interrupted(), "interrupted", "interrupted", "interrupted, 2 failed"),
    "waiting": (builds.waiting(), "waiting", "waiting", "waiting"),
    "silent": (builds.silent(), "not updating", "not updating", "not updating for 00:01:10"),
    "gone": (builds.gone(), "gone", "gone", "gone, last update 23s ago"),
    "stale": (builds.stale(), "stale", "stale", "stale, last update 2h ago"),
    "unreadable": (builds.unreadable(), "unreadable", "unreadable", "unreadable"),
}
"""What is said of each on 20 columns, on 40, and on more."""
SIZES = ((20, 5), (40, 10), (80, 24), (119, 29), (120, 40), (200, 50), (300, 100))


@pytest.mark.parametrize("state", STATES)
async def test_each_state_is_told_at_every_size(state: str) -> None:
    snapshot, *words = STATES[state]
    async with own(snapshot, SIZES[0]) as (pilot, _):
        for number, (columns, rows) in enumerate(SIZES):
            await pilot.resize_terminal(columns, rows)
            await pilot.pause()
            lines = screen_of(pilot)
            assert {cell_len(line) for line in lines} == {columns}
            assert len(lines) == rows
            assert words[min(number, 2)] in "\n".join(lines), (columns, rows)


@pytest.mark.parametrize("state", ["gone", "stale"])
async def test_the_last_numbers_of_a_build_that_is_lost_are_dimmed(state: str) -> None:
    async with own(STATES[state][0], (120, 40)) as (pilot, _):
        kinds = (WorkerTable, EventLog, TrendsPane)
        assert all(view(pilot, kind).dimmed for kind in kinds)
        assert len(origins(pilot)) == 3
        await show(pilot, builds.building())
        assert not any(view(pilot, kind).dimmed for kind in kinds)


async def test_a_page_stands_alone_where_there_is_no_build() -> None:
    for snapshot in (builds.waiting(), builds.unreadable()):
        async with own(snapshot) as (pilot, _):
            page = view(pilot, Page)
            assert page.rows == 24 - 3 - 1
            await show(pilot, builds.building())
            assert not page.display
            assert len(origins(pilot)) == 3


async def test_the_summary_stands_in_the_place_of_the_table() -> None:
    async with own(builds.with_failures()) as (pilot, _):
        assert not table(pilot).display
        assert view(pilot, EventLog).display
        assert first_line(pilot, Page) == " Finished in 00:15:43, 2 packages failed."


async def test_the_end_is_summed_up_once_for_each_width(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def counted(snapshot: Snapshot, columns: int) -> Any:
        made.append(columns)
        return []

    monkeypatch.setattr("synthtop.screens.main.summary_parts", counted)
    async with own(builds.with_failures()) as (pilot, _):
        for _ in range(3):
            await show(pilot, builds.with_failures())
        assert made == [77]
        await pilot.resize_terminal(60, 24)
        await pilot.pause()
        assert made == [77, 57]


@pytest.mark.parametrize(
    "changes",
    [{"started": builds.STARTED + 3600}, {"source": Source(SourceKind.JSON, "/elsewhere")}],
    ids=["another start", "another source"],
)
async def test_another_build_that_ended_in_the_same_figures_is_summed_up_anew(
    changes: dict[str, Any],
) -> None:
    ended = builds.with_failures()
    first, *rest = ended.finished
    async with own(ended) as (pilot, _):
        assert first.origin in "\n".join(screen_of(pilot))
        other = View((first._replace(origin="other/failure"), *rest))
        await show(pilot, replace(ended, finished=other, log=View(), **changes))
        assert "other/failure" in "\n".join(screen_of(pilot))
        assert first.origin not in "\n".join(screen_of(pilot))


# -- sizes -----------------------------------------------------------------------------------------

STORM = ((300, 100), (20, 5), (80, 24), (1, 1), (60, 30), (59, 30), (40, 10), (200, 50), (2, 3), (100, 29))


@pytest.mark.parametrize(
    ("snapshot", "keys"),
    [
        (builds.building(), ()),
        (builds.building(), ("q",)),
        (builds.building(), ("question_mark",)),
        (builds.building(), ("slash", "g", "enter")),
        (builds.big(1024), ()),
        (builds.with_failures(), ("end",)),
        (builds.gone(), ()),
        (builds.hostile(), ()),
    ],
    ids=["building", "question", "help", "filter", "1024", "failures", "gone", "hostile"],
)
async def test_a_storm_of_resizes_leaves_the_screen_that_a_fresh_start_has(
    snapshot: Snapshot, keys: tuple[str, ...]
) -> None:
    async with own(snapshot, (100, 29)) as (pilot, _):
        await pilot.press(*keys)
        for size in STORM:
            await pilot.resize_terminal(*size)
        for size in ((100, 29), (120, 40)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.press(*(("home",) if keys == ("end",) else ()))
            async with own(snapshot, size) as (fresh, _):
                await fresh.press(*(key for key in keys if key != "end"))
                assert screen_of(pilot) == screen_of(fresh)


async def test_the_keys_follow_the_size_also_when_no_snapshot_comes_any_more() -> None:
    async with own(builds.with_failures()) as (pilot, _):
        assert "Scroll" not in first_line(pilot, KeyBar)
        await pilot.resize_terminal(80, 9)
        await pilot.pause()
        assert "Scroll" in first_line(pilot, KeyBar)


async def test_what_is_not_to_be_seen_is_not_to_be_scrolled() -> None:
    async with own(builds.with_failures(), (20, 5)) as (pilot, _):
        assert "Scroll" not in first_line(pilot, KeyBar)


@pytest.mark.parametrize("key", ["s", "r", "down", "pagedown", "end"])
async def test_what_is_not_to_be_seen_does_not_change(key: str) -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("s", "down")
        before = origins(pilot), chosen(pilot)
        await pilot.resize_terminal(20, 5)
        await pilot.pause()
        await pilot.press(key, "escape", "shift+down")
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert (origins(pilot), chosen(pilot)) == before


async def test_the_same_layout_is_not_laid_out_again() -> None:
    async with own(builds.building(), (120, 40)) as (pilot, _):
        laid_out: list[bool] = []
        screen = pilot.app.screen
        before = screen._refresh_layout

        def counted(*args: Any, **options: Any) -> None:
            laid_out.append(True)
            before(*args, **options)

        screen._refresh_layout = counted  # type: ignore[method-assign]
        await show(pilot, builds.building(seq=944, elapsed=944, totals=Totals(142, 46)))
        assert not laid_out


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (300, 1), (5, 3), (20, 5)], ids=str)
@pytest.mark.parametrize("state", [BuildState.BUILDING, BuildState.FINISHED])
async def test_no_terminal_is_too_small(size: Size, state: BuildState) -> None:
    async with own(replace(builds.hostile(), state=state), size) as (pilot, _):
        await pilot.press("slash", "a", "escape", "question_mark", "down", "escape", "space", "s")
        await pilot.press("q", "down", "pagedown", "end")
        assert len(screen_of(pilot)) == size[1]


KEYS = (
    *("s", "r", "up", "down", "pageup", "pagedown", "home", "end", "space", "plus", "minus", "question_mark"),
    *("slash", "a", "backspace", "left", "enter", "escape", "shift+down", "shift+pageup", "tab", "ctrl+p"),
    *("d", "b", "1", "delete", "ctrl+z", "f1", "q", "ctrl+q"),
    *("f", "l", "t", "c", "k", "n", "e", "o", "colon", "number_sign", "right_square_bracket", "w", "R", "G"),
)
COURSE = (*(state[0] for state in STATES.values() if not state[0].over), builds.hostile(), builds.big(64))


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_is_pressed_while_sizes_and_states_change_the_screen_is_whole(seed: int) -> None:
    chance = random.Random(seed)
    async with own(builds.building()) as (pilot, _):
        for _ in range(30):
            for key in chance.choices(KEYS, k=4):
                # All at once, as they come from somebody who is faster than the screen.
                pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
            if chance.random() < 0.3:
                await pilot.resize_terminal(chance.randrange(1, 220), chance.randrange(1, 60))
            await show(pilot, chance.choice(COURSE))
        while len(pilot.app.screen_stack) > 1:
            pilot.app.pop_screen()
        await pilot.resize_terminal(120, 40)
        await show(pilot, builds.building())
        assert {cell_len(line) for line in screen_of(pilot)} == {120}
        assert "Workers: " in screen_of(pilot)[1]
        assert not left(pilot)


# -- text from outside -----------------------------------------------------------------------------


@pytest.mark.parametrize("state", [BuildState.BUILDING, BuildState.FINISHED])
@pytest.mark.parametrize("size", SIZES[:-1], ids=str)
async def test_hostile_text_comes_out_as_text_in_straight_columns(size: Size, state: BuildState) -> None:
    async with own(replace(builds.hostile(), state=state), size) as (pilot, _):
        for drawn in pilot.app.screen.query(LineView):
            for y in range(drawn.rows if drawn.display else 0):
                text = drawn.render_line(y).text
                assert cell_len(text) == drawn.columns
                assert not {char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs")}


async def test_markup_is_shown_and_not_heeded() -> None:
    async with own(builds.hostile(), (110, 40)) as (pilot, _):
        for kind in (WorkerTable, EventLog):
            drawn = view(pilot, kind)
            text = "\n".join(drawn.render_line(y).text for y in range(drawn.rows))
            for marked in ("[/oops]", "[@click=app.quit]x[/]", "[red]devel/red[/red]"):
                assert marked in text


async def test_wide_characters_do_not_move_the_column_after_them() -> None:
    async with own(builds.hostile(), (80, 40)) as (pilot, _):
        ends = {
            cell_len(table(pilot).render_line(y).text.rstrip()) for y in range(1, 1 + len(builds.HOSTILE))
        }
    assert len(ends) == 1


# -- what it is told -------------------------------------------------------------------------------


async def test_a_stage_asked_elsewhere_changes_the_keys() -> None:
    async with own(builds.building()) as (pilot, _):
        await show(pilot, builds.building(stopping=Stopping.STOPPING))
        assert "ctrl+c Kill" in first_line(pilot, KeyBar)


async def test_another_ones_build_is_only_watched() -> None:
    app = SynthtopApp()
    app.on_snapshot(builds.followed())
    async with app.run_test() as pilot:
        await pilot.press("minus", "plus")
        assert "Workers" not in first_line(pilot, KeyBar)
        assert first_line(pilot, KeyBar).endswith("q Leave")


async def test_where_the_header_has_no_room_for_the_state_the_keys_have() -> None:
    async with own(builds.stopping(), (20, 5)) as (pilot, _):
        assert first_line(pilot, KeyBar) == " q Quit    stopping"
        assert "stopping" not in view(pilot, Header).render_line(1).text


async def test_what_came_while_another_screen_stood_over_it_is_shown_when_that_is_closed() -> None:
    async with own(builds.building()) as (pilot, _):
        await pilot.press("b")
        before = first_line(pilot, Header)
        await show(pilot, builds.throttled())
        assert first_line(pilot, Header) == before
        await pilot.press("escape")
        await pilot.pause()
        assert "throttled: high load" in first_line(pilot, Header)
        assert "FROZEN" not in "".join(screen_of(pilot))
        await pilot.press("space", "b")
        await show(pilot, builds.building())
        await pilot.press("escape")
        await pilot.pause()
        assert "throttled: high load" in first_line(pilot, Header)
        assert "FROZEN" in "".join(screen_of(pilot))
