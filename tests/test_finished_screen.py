"""The screen of all that is done: its table, its keys, and how it stays where it is as packages end."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.model import BuildState, Finished, Ledger, Outcome, Snapshot, Totals, View
from synthtop.screens.finished import FinishedScreen
from synthtop.text import clean, width
from synthtop.widgets.finishedtable import FinishedTable, columns_for, finished_line, heading_of
from synthtop.widgets.listing import HELD
from synthtop.widgets.wanted import Column, Order

from . import builds, events
from .causing import over
from .drawing import SIZES, text_of
from .piloting import screen_of, show

foreign = st.one_of(st.sampled_from(builds.HOSTILE), st.text(max_size=40))

VIM = Finished(
    "editors/vim", Outcome.FAILED, 40, 0, "configure", "exit status 1", 360, 812, "/logs/editors___vim.log"
)
DONE = (
    Finished("devel/gmake", Outcome.BUILT, 10, 0, "package", None, 65, 120, "/logs/devel___gmake.log"),
    Finished("devel/meta", Outcome.META, 20),
    Finished("lang/baz", Outcome.IGNORED, 30, reason="BROKEN: does not fetch"),
    VIM,
    Finished("devel/ctags", Outcome.SKIPPED, 40, reason="editors/vim"),
    Finished("shells/bash", Outcome.BUILT, 50, 1, "package", None, 12, 9000, "/logs/shells___bash.log"),
)


def done(*finished: Finished, seq: int = 943, state: BuildState = BuildState.BUILDING) -> Snapshot:
    return builds.building(seq=seq, state=state, finished=View(finished or DONE))


def line(package: Finished, columns: int) -> str:
    return text_of(finished_line(package, columns_for(columns)))


def rows(lines: list[str]) -> list[str]:
    """The origins that are to be seen, the marked one with its sign."""
    return [
        ("›" if line.startswith("›") else "") + line.replace("›", " ").split()[2]
        for line in lines[2:-1]
        if line.strip()
    ]


# -- a row -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (79, " 00:00:40  failed   editors/vim              configure: exi…  00:06:00     812"),
        (66, " 00:00:40  failed   editors/vim           configure: e…  00:06:00"),
        (60, " 00:00:40  failed   editors/vim                    00:06:00"),
        (39, " failed   editors/vim         00:06:00"),
        (30, " failed   editors/vim"),
        (20, " f editors/vim"),
    ],
)
def test_a_row_has_what_there_is_room_for(columns: int, expected: str) -> None:
    assert line(VIM, columns) == expected


def test_what_is_not_known_is_left_empty() -> None:
    assert line(Finished("a/b", Outcome.META, None), 79).rstrip() == " --:--:--  meta     a/b"
    assert "build" not in line(DONE[0]._replace(phase="build"), 79)


@pytest.mark.parametrize("columns", [79, 110])
def test_the_names_of_the_columns_stand_over_them(columns: int) -> None:
    heading = heading_of(columns_for(columns))
    row = line(VIM, columns)
    assert heading.index("Origin") == row.index("editors/vim")
    assert heading.index("Why") == row.index("configure")
    assert len(heading) == len(row)
    assert not set(heading) & set("▲▼")
    assert heading_of(columns_for(columns), Order(Column.LINES)).endswith("▼Lines")
    assert " Outcome▲ Origin" in heading_of(columns_for(columns), Order(Column.OUTCOME))


@given(
    st.builds(
        Finished,
        foreign,
        st.sampled_from(Outcome),
        st.none() | st.integers(0, 10**6),
        phase=st.none() | foreign,
        reason=st.none() | foreign,
        duration=st.none() | st.integers(0, 10**6),
        lines=st.none() | st.integers(0, 10**9),
    ),
    st.integers(1, 150),
)
@settings(max_examples=50)
def test_a_row_is_clean_and_never_wider_than_the_table(package: Finished, columns: int) -> None:
    text = line(package, columns)
    assert clean(text) == text
    assert width(text) <= max(3, columns)
    assert len(heading_of(columns_for(columns))) <= max(3, columns)


# -- the screen ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
async def test_at_every_size_the_newest_is_the_first(size: tuple[int, int]) -> None:
    async with over(FinishedScreen(), done(), size) as (pilot, _):
        lines = screen_of(pilot)
        assert lines[0].startswith(" Finished  6")
        assert "shells/bash" in lines[2]
        assert "esc Back" in lines[-1]
        await pilot.resize_terminal(50, 7)
        await pilot.pause()
        assert "shells/bash" in screen_of(pilot)[2]


async def test_the_keys_sort_by_each_column_and_turn_it_round() -> None:
    async with over(FinishedScreen(), done()) as (pilot, _):
        newest = rows(screen_of(pilot))
        assert newest == [one.origin for one in reversed(DONE)]
        await pilot.press("r")
        assert rows(screen_of(pilot)) == newest[::-1]
        assert "Time▲" in screen_of(pilot)[1]
        await pilot.press("s")
        assert rows(screen_of(pilot))[:3] == ["shells/bash", "devel/gmake", "editors/vim"]
        await pilot.press("s")
        assert rows(screen_of(pilot)) == sorted(newest)
        await pilot.press("s")
        assert rows(screen_of(pilot))[:3] == ["lang/baz", "editors/vim", "devel/ctags"]
        await pilot.press("s")
        assert rows(screen_of(pilot))[:3] == ["editors/vim", "devel/gmake", "shells/bash"]
        await pilot.press("s")
        assert rows(screen_of(pilot))[:3] == ["shells/bash", "editors/vim", "devel/gmake"]
        assert "▼Lines" in screen_of(pilot)[1]
        await pilot.press("s")
        assert rows(screen_of(pilot)) == newest


async def test_columns_that_are_not_shown_are_not_sorted_by() -> None:
    async with over(FinishedScreen(), done(), (40, 12)) as (pilot, app):
        table = app.screen.query_one(FinishedTable)
        seen = []
        for _ in range(4):
            await pilot.press("s")
            seen.append(table.order.column)
        assert seen == [Column.OUTCOME, Column.ORIGIN, Column.DURATION, Column.OUTCOME]


async def test_a_click_on_a_heading_sorts_and_on_a_row_marks_and_opens() -> None:
    async with over(FinishedScreen(), done()) as (pilot, app):
        await pilot.click(offset=(24, 1))
        assert "Origin▲" in screen_of(pilot)[1]
        await pilot.click(offset=(24, 1))
        assert "Origin▼" in screen_of(pilot)[1]
        await pilot.click(offset=(24, 3))
        assert not app.opened
        assert rows(screen_of(pilot))[1] == "›lang/baz"
        await pilot.click(offset=(24, 5))
        await pilot.click(offset=(24, 5))
        assert not app.opened
        assert "no log of devel/meta is known" in screen_of(pilot)[0]
        await pilot.click(offset=(24, 2))
        await pilot.click(offset=(24, 2))
        assert app.opened == [("/logs/shells___bash.log", "shells/bash", None)]


async def test_enter_opens_the_log_of_the_marked_one_or_of_the_first() -> None:
    async with over(FinishedScreen(), done()) as (pilot, app):
        await pilot.press("enter")
        await pilot.press("end", "l")
        assert [one[1] for one in app.opened] == ["shells/bash", "devel/gmake"]
        await pilot.press("home", "down", "enter")
        assert len(app.opened) == 2
        assert "no log of devel/ctags is known" in screen_of(pilot)[0]
        await pilot.press("pagedown", "up", "pageup", "q")
        assert not isinstance(app.screen, FinishedScreen)


async def test_outcomes_are_shown_one_after_another_and_esc_shows_all_before_it_goes_back() -> None:
    async with over(FinishedScreen(), done()) as (pilot, app):
        for outcome, count in (("built", 2), ("failed", 1), ("ignored", 1), ("skipped", 1), ("meta", 1)):
            await pilot.press("o")
            assert screen_of(pilot)[0].startswith(f" Finished  {count} of 6  {outcome} ")
            assert len(rows(screen_of(pilot))) == count
        await pilot.press("o")
        assert len(rows(screen_of(pilot))) == 6
        await pilot.press("o", "o")
        assert "esc All" in screen_of(pilot)[-1]
        await pilot.press("escape")
        assert len(rows(screen_of(pilot))) == 6
        assert "esc Back" in screen_of(pilot)[-1]
        await pilot.press("escape")
        assert not isinstance(app.screen, FinishedScreen)


async def test_a_filter_is_typed_and_kept_or_taken_back() -> None:
    async with over(FinishedScreen(), done()) as (pilot, app):
        await pilot.press("slash", *">1m dev")
        assert rows(screen_of(pilot)) == ["devel/gmake"]
        assert "/ Filter: >1m dev" in screen_of(pilot)[-1]
        assert "1 of 6" in screen_of(pilot)[-1]
        await pilot.press("enter")
        assert screen_of(pilot)[0].startswith(" Finished  1 of 6  >1m dev ")
        await pilot.press("o", "o")
        assert "nothing matches 'failed >1m dev' (6 packages)" in screen_of(pilot)[2]
        await pilot.press("slash", "ctrl+u", *"VIM")
        assert screen_of(pilot)[0].startswith(" Finished  0 of 6  failed  VIM ")
        await pilot.press("escape")
        assert screen_of(pilot)[0].startswith(" Finished  0 of 6  failed  >1m dev ")
        await pilot.press("escape")
        assert len(rows(screen_of(pilot))) == 6
        assert isinstance(app.screen, FinishedScreen)


# -- as packages end -------------------------------------------------------------------------------


async def test_nothing_is_done_yet_and_then_something_is() -> None:
    nothing = builds.building(totals=Totals(6), finished=View())
    async with over(FinishedScreen(), nothing) as (pilot, app):
        assert screen_of(pilot)[2].strip() == "Nothing is done yet."
        await pilot.press("enter", "down", "end", "pagedown", "s", "r")
        assert not app.opened
        await show(pilot, done(seq=944))
        assert len(rows(screen_of(pilot))) == 6
        await show(pilot, replace(nothing, seq=1, state=BuildState.FINISHED))
        assert screen_of(pilot)[2].strip() == "Nothing is done."


def numbered(count: int) -> Ledger[Finished]:
    ledger: Ledger[Finished] = Ledger(1000)
    for number in range(count):
        ledger.append(Finished(f"a/p{number:03}", Outcome.BUILT, number, duration=number % 10))
    return ledger


async def test_no_row_moves_under_the_cursor_and_then_it_goes_with_its_package() -> None:
    ledger = numbered(5)
    async with over(FinishedScreen(), builds.building(seq=1, finished=ledger.view())) as (pilot, _):
        await pilot.press("down", "down")
        assert rows(screen_of(pilot))[:3] == ["a/p004", "›a/p003", "a/p002"]
        ledger.append(Finished("a/new", Outcome.BUILT, 9))
        await show(pilot, builds.building(seq=2, finished=ledger.view()))
        assert rows(screen_of(pilot))[:3] == ["a/p004", "›a/p003", "a/p002"]
        assert screen_of(pilot)[0].startswith(" Finished  6 ")
        await show(pilot, builds.building(seq=2 + HELD, finished=ledger.view()))
        assert rows(screen_of(pilot))[:3] == ["a/new", "a/p004", "›a/p003"]


async def test_scrolled_back_it_stays_where_it_is_as_packages_end() -> None:
    ledger = numbered(200)
    async with over(FinishedScreen(), builds.building(seq=1, finished=ledger.view())) as (pilot, app):
        table = app.screen.query_one(FinishedTable)
        table.scroll_to(y=50, animate=False, immediate=True)
        await pilot.pause()
        before = rows(screen_of(pilot))
        assert before[0] == "a/p149"
        for number in range(3):
            ledger.append(Finished(f"a/new{number}", Outcome.BUILT, 9))
        await show(pilot, builds.building(seq=2, finished=ledger.view()))
        assert rows(screen_of(pilot)) == before
        # And where the cursor is to be seen it stays in its line.
        await pilot.press("end", "up", "up")
        before = rows(screen_of(pilot))
        ledger.append(Finished("a/newest", Outcome.BUILT, 9))
        await show(pilot, builds.building(seq=3 + HELD, finished=ledger.view()))
        assert rows(screen_of(pilot)) == before
        assert before[-3] == "›a/p002"


async def test_only_rows_that_are_to_be_seen_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Finished] = []

    def counted(package: Finished, at: object) -> object:
        made.append(package)
        return finished_line(package, columns_for(79))

    monkeypatch.setattr("synthtop.widgets.finishedtable.finished_line", counted)
    ledger = numbered(900)
    async with over(FinishedScreen(), builds.building(seq=1, finished=ledger.view())) as (pilot, _):
        await pilot.press("s", "pagedown")
        made.clear()
        await show(pilot, builds.building(seq=2, finished=ledger.view()))
        assert 0 < len(made) <= 2 * 21


async def test_hostile_names_come_out_harmless() -> None:
    evil = [Finished(text, Outcome.IGNORED, 1, reason=text) for text in builds.HOSTILE]
    async with over(FinishedScreen(), done(*evil, events.VIM)) as (pilot, _):
        await pilot.press("enter", "slash", *"\u202e", "enter")
        assert all(clean(line) == line for line in screen_of(pilot))
