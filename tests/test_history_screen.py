"""The builds before this one on the screen: the list, one of them, its failures, charts and durations."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from synthtop.history.lookup import NOWHERE
from synthtop.history.problem import HistoryError, NoHistory
from synthtop.history.record import PackageRecord, Run
from synthtop.history.replay import replayed
from synthtop.model import Outcome
from synthtop.screens.course import CourseScreen
from synthtop.screens.durations import Durations
from synthtop.screens.history import MOST, HistoryScreen
from synthtop.screens.pastfailures import PastFailures, causes_in
from synthtop.screens.pastrun import PastRun
from synthtop.text import clean, width

from . import builds
from .causing import over
from .drawing import SIZES
from .piloting import screen_of, show
from .runsbefore import GOING_ON, NOW, RUNS, Book, at_once, history_over, hostile, packages, records, run

FINISHED = RUNS[1]


def body(lines: list[str]) -> list[str]:
    """What stands between title and keys, without what is empty."""
    return [line.rstrip() for line in lines[1:-1] if line.strip()]


# -- the list --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
async def test_at_every_size_the_newest_build_is_the_first_and_opens(size: tuple[int, int]) -> None:
    async with over(history_over(), builds.building(), size) as (pilot, app):
        await pilot.pause()
        lines = screen_of(pilot)
        assert lines[0].startswith(" History  7")
        assert lines[2].startswith("›")
        assert "ports" in lines[2]
        assert "esc Back" in lines[-1]
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, PastRun)
        assert screen_of(pilot)[0].startswith(" Run 7")
        await pilot.resize_terminal(50, 9)
        await pilot.pause()
        assert screen_of(pilot)[1].startswith(" Queued: 142  Built: 38")
        assert "devel/gmake1" in screen_of(pilot)[3]


async def test_keys_move_filter_and_show_one_name_alone() -> None:
    async with over(history_over(), builds.building()) as (pilot, app):
        await pilot.press("down", "down")
        assert screen_of(pilot)[4].startswith("›2026-07-12 07:12  debian")
        await pilot.press("n")
        assert [line.split()[2] for line in body(screen_of(pilot))[1:]] == ["debian"] * 2
        assert screen_of(pilot)[0].startswith(" History  2 of 7  debian")
        assert "n All names" in screen_of(pilot)[-1]
        await pilot.press("slash", *"interrupted")
        assert "1 of 2" in screen_of(pilot)[-1]
        await pilot.press("x", "enter")
        assert "nothing matches 'interruptedx' (2 builds)" in screen_of(pilot)[2]
        await pilot.press("enter")
        assert isinstance(app.screen, HistoryScreen)
        await pilot.press("escape")
        assert len(body(screen_of(pilot))) == 8
        await pilot.press("slash", "x", "escape", "end")
        assert screen_of(pilot)[8].startswith("›2025-07-04 13:12  world")
        await pilot.press("escape")
        assert not isinstance(app.screen, HistoryScreen)


async def test_the_marked_build_stays_marked_as_others_come_and_the_one_that_goes_on_goes_on() -> None:
    book = Book(RUNS[1:])
    screen = history_over(book)
    async with over(screen, builds.building()) as (pilot, _):
        await pilot.press("down", "up")
        assert screen_of(pilot)[2].startswith("›2026-07-13 07:12")
        book.kept = [GOING_ON, *RUNS[1:]]
        screen.ask_again()
        await pilot.pause()
        assert " 2026-07-14 12:56  ports           building      00:15:43" in screen_of(pilot)[2]
        assert screen_of(pilot)[3].startswith("›2026-07-13 07:12")
        book.kept[0] = GOING_ON._replace(elapsed=955)
        screen.ask_again()
        await pilot.pause()
        assert "00:15:55" in screen_of(pilot)[2]


async def test_of_more_builds_than_are_shown_it_says_that_there_are_more() -> None:
    many = [run(at, NOW - 3600 * (MOST - at)) for at in range(MOST + 5, 0, -1)]
    async with over(history_over(Book(many)), builds.building()) as (pilot, _):
        await pilot.press("end")
        assert screen_of(pilot)[0].startswith(f" History  the last {MOST} ")
        assert screen_of(pilot)[-2].startswith("›")


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (NoHistory("Nothing has been recorded yet: there is no /s/history.db."), "Nothing has been recorded"),
        (HistoryError(f"{'/deep' * 30}/history.db is locked"), "history.db is locked"),
        (HistoryError("/s/history.db is no database: moved aside"), "is no database"),
    ],
)
async def test_what_is_in_the_way_is_said_in_whole_and_the_list_comes_when_it_is_gone(
    problem: HistoryError, said: str
) -> None:
    book = Book()
    book.problem = problem
    screen = history_over(book)
    async with over(screen, builds.building()) as (pilot, app):
        assert said in "".join(line.strip() for line in body(screen_of(pilot)))
        await pilot.press("enter", "n", "down")
        assert app.screen is screen
        book.problem = None
        screen.ask_again()
        await pilot.pause()
        assert "ports" in screen_of(pilot)[2]
        book.problem = problem
        screen.ask_again()
        await pilot.pause()
        assert "ports" in screen_of(pilot)[2]
        assert "not the newest: " in screen_of(pilot)[0]


async def test_before_it_is_read_and_where_there_is_nothing_there_is_a_sentence() -> None:
    jobs: list[Callable[[], None]] = []
    screen = HistoryScreen(records=records(Book(()), jobs.append))
    async with over(screen, builds.building()) as (pilot, _):
        assert body(screen_of(pilot))[1:] == [" Reading the history…"]
        await show(pilot, builds.building())
        jobs.pop()()
        await pilot.pause()
        assert body(screen_of(pilot))[1:] == [" No build has been recorded yet."]
    screen = HistoryScreen(None)
    screen.records = screen.records._replace(start=at_once)
    async with over(screen, builds.building()) as (pilot, _):
        assert body(screen_of(pilot))[1:] == [f" {NOWHERE}"]


# -- one build -------------------------------------------------------------------------------------


async def test_a_build_shows_its_packages_whatever_the_one_that_goes_on_does() -> None:
    book = Book()
    async with over(history_over(book), builds.building()) as (pilot, app):
        await pilot.press("down", "enter")
        lines = screen_of(pilot)
        assert lines[0].startswith(" Run 6  ports  finished, 3 failed")
        assert "now building, 2 failed  45/142" in lines[0]
        assert "? Help" in lines[-1]
        assert [line.rstrip() for line in lines[1:4]] == [
            " Queued: 142  Built: 130  Failed: 3  Ignored: 2  Skipped: 7",
            " Started: 2026-07-13 07:12  Ended: 2026-07-13 08:44  Took: 01:32:11",
            " Rate: 85 pkg/h, peak 211  Peak load: 6.42  Workers: 4  Logs: /build/logs",
        ]
        await show(pilot, builds.building())
        assert screen_of(pilot)[4:-1] == lines[4:-1]
        await pilot.press("o", "o")
        assert "2 of 11  failed" in screen_of(pilot)[0]
        assert sum("failed" in line for line in screen_of(pilot)[5:-1]) == 2
        await pilot.press("escape", "s", "s", "s", "s")
        assert "▼Duration" in screen_of(pilot)[4]
        asked = len(book.asked)
        assert isinstance(app.screen, PastRun)
        app.screen.ask_again()
        assert len(book.asked) == asked
        await pilot.press("escape")
        assert screen_of(pilot)[3].startswith("›2026-07-13 07:12")


async def test_a_build_that_goes_on_is_read_again_and_one_that_was_pruned_says_so() -> None:
    book = Book()
    async with over(history_over(book), builds.building()) as (pilot, app):
        await pilot.press("enter", "down")
        assert isinstance(app.screen, PastRun)
        book.kept[0] = GOING_ON._replace(updated=NOW + 30, elapsed=973)
        book.packages_of = lambda run: [
            *packages(run),
            packages(run)[0]._replace(origin="net/new", started=run.started + 960),
        ]
        app.screen.ask_again()
        await pilot.pause()
        assert "Elapsed: 00:16:13" in screen_of(pilot)[2]
        assert "net/new" in screen_of(pilot)[5]
        await pilot.press("escape", "down")
        book.kept = []
        await pilot.press("enter")
        assert "This build is not in the history any more." in screen_of(pilot)[5]


async def test_a_large_build_that_goes_on_is_read_again_less_often() -> None:
    book = Book()
    book.packages_of = lambda run: packages(run, count=4500)
    async with over(history_over(book), builds.building()) as (pilot, app):
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, PastRun)
        before = len(book.asked)
        asked = []
        for _ in range(6):
            app.screen.time_passed()
            asked.append(len(book.asked) - before)
        assert asked == [0, 0, 1, 1, 1, 2]


async def test_its_failures_charts_and_durations_stand_over_it() -> None:
    async with over(history_over(), builds.building()) as (pilot, app):
        await pilot.press("down", "enter", "f")
        await pilot.pause()
        assert isinstance(app.screen, PastFailures)
        assert screen_of(pilot)[0].startswith(" Failures  2 of 3 known  run 6 of ports")
        await show(pilot, builds.failing())
        assert screen_of(pilot)[2].startswith("›textproc/libxml2")
        assert "Retry" not in screen_of(pilot)[-1]
        await pilot.press("r")
        assert "cannot be retried" in screen_of(pilot)[0]
        await show(pilot, builds.failing())
        assert "cannot be retried" in screen_of(pilot)[0]
        await pilot.press("escape", "t")
        await pilot.pause()
        assert isinstance(app.screen, CourseScreen)
        assert screen_of(pilot)[0].startswith(" Run 6  ports  01:32:11  1-4 of 7")
        assert "max 211, after 22m" in screen_of(pilot)[1]
        assert "1h20m 1h32m" in screen_of(pilot)[-4]
        await show(pilot, builds.failing())
        await pilot.press("pagedown", "enter")
        assert screen_of(pilot)[1].strip().startswith("› workers")
        assert "5 of 7" in screen_of(pilot)[0]
        await pilot.press("minus", "home", "escape", "d")
        await pilot.pause()
        assert isinstance(app.screen, Durations)
        assert screen_of(pilot)[0].startswith(" devel/gmake1  median 00:06:30  7 builds")
        assert screen_of(pilot)[2].rstrip().endswith("00:06:57  " + "█" * 18)
        await pilot.press("escape", "escape", "up", "enter", "t", "escape")
        assert isinstance(app.screen, PastRun)


async def test_without_minutes_there_are_no_charts() -> None:
    book = Book()
    book.minutes_of = lambda run: []
    async with over(history_over(book), builds.building()) as (pilot, app):
        await pilot.press("enter", "t")
        assert isinstance(app.screen, PastRun)
        assert "no course of this build was recorded" in screen_of(pilot)[0]


async def test_a_log_is_opened_only_if_it_is_still_that_of_the_package_or_when_asked_again(
    tmp_path: Path,
) -> None:
    still, later = tmp_path / "still.log", tmp_path / "later.log"
    twice, aside = tmp_path / "twice.log", tmp_path / "twice.log.1"
    then = FINISHED.started + 64
    for log, written in ((still, FINISHED.started + 100), (later, NOW), (twice, NOW), (aside, then)):
        log.write_text("")
        os.utime(log, (written, written))
    began = FINISHED.started + 60
    book = Book()
    book.packages_of = lambda run: [
        PackageRecord("a/twice", Outcome.FAILED, None, None, began, 3, 1, str(twice)),
        PackageRecord("a/none", Outcome.BUILT, None, None, began, 4, 1, None),
        PackageRecord("a/gone", Outcome.BUILT, None, None, began, 5, 1, str(tmp_path / "gone.log")),
        PackageRecord("a/later", Outcome.FAILED, None, None, began, 6, 1, str(later)),
        PackageRecord("a/still", Outcome.BUILT, None, None, began, 7, 1, str(still)),
    ]
    async with over(history_over(book), builds.building()) as (pilot, app):
        await pilot.press("down", "enter", "enter")
        await pilot.pause()
        assert app.opened == [(str(still), "a/still", None)]
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert "a later build has written over its log: enter opens that" in screen_of(pilot)[0]
        await pilot.press("enter")
        assert [one[1] for one in app.opened] == ["a/still", "a/later"]
        await pilot.press("down", "enter", "enter")
        await pilot.pause()
        assert "its log is not there" in screen_of(pilot)[0]
        await pilot.press("down", "enter")
        assert "no log of a/none is known" in screen_of(pilot)[0]
        assert len(app.opened) == 2
        await pilot.press("down", "enter")
        await pilot.pause()
        assert app.opened[2:] == [(str(aside), "a/twice", None)]
        await pilot.press("d", "enter")
        await pilot.pause()
        assert isinstance(app.screen, Durations)
        assert app.opened[3:] == [(str(aside), "a/twice", None)]
    causes = causes_in(replayed(FINISHED, book.packages_of(FINISHED)))(lambda: None)
    assert causes._find is not None
    assert causes._find(str(later), phase=None, reason=None).problem == "a later build has written over it"
    assert causes._find(str(still), phase=None, reason=None).problem is None
    aside.write_text("cc -c a.c\na.c:1:1: fatal error: b.h: No such file or directory\n")
    os.utime(aside, (then, then))
    assert "b.h: No such file" in causes._find(str(twice), phase="build", reason="exit status 1").lines[0]


@pytest.mark.parametrize("keys", [(), ("enter",), ("enter", "t"), ("enter", "d"), ("enter", "f")])
async def test_whatever_the_history_says_it_is_shown_as_text(keys: tuple[str, ...]) -> None:
    async with over(history_over(hostile()), builds.hostile(), (100, 20)) as (pilot, _):
        await pilot.press("down", *keys, "down", "down", "pagedown", "home")
        await pilot.pause()
        for line in screen_of(pilot):
            assert clean(line) == line
            assert width(line) <= 100


async def test_each_build_of_a_package_is_asked_for_its_log_though_all_have_the_same(tmp_path: Path) -> None:
    log = tmp_path / "gmake.log"
    log.write_text("")
    os.utime(log, (NOW, NOW))
    book = Book()
    book.packages_of = lambda run: [
        PackageRecord("devel/gmake", Outcome.BUILT, None, None, run.started, 5, 1, str(log))
    ]
    async with over(history_over(book), builds.building()) as (pilot, app):
        await pilot.press("down", "enter", "d", "down", "enter")
        await pilot.pause()
        said = "a later build has written over its log: enter opens that"
        assert said in screen_of(pilot)[0]
        await pilot.press("down", "enter")
        await pilot.pause()
        assert app.opened == []
        assert said in screen_of(pilot)[0]
        await pilot.press("enter")
        await pilot.pause()
        assert [one[1] for one in app.opened] == ["devel/gmake"]


async def test_a_build_that_was_pruned_while_it_is_shown_is_said_to_be_old() -> None:
    book = Book()
    async with over(history_over(book), builds.building(), (120, 24)) as (pilot, app):
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, PastRun)
        book.kept = []
        app.screen.ask_again()
        await pilot.pause()
        assert "not the newest: This build is not in the history any more." in screen_of(pilot)[0]


async def test_why_it_is_not_the_newest_is_seen_however_long_the_path_is() -> None:
    book = Book()
    screen = history_over(book)
    async with over(screen, builds.building()) as (pilot, _):
        book.problem = HistoryError(f"{'/deep' * 30}/history.db is locked")
        screen.ask_again()
        await pilot.pause()
        assert "not the newest: history.db is locked" in screen_of(pilot)[0]


async def test_a_screen_that_is_closed_while_it_is_read_takes_no_answer() -> None:
    jobs: list[Callable[[], None]] = []
    screen = HistoryScreen(records=records(Book(), jobs.append))
    async with over(screen, builds.building()) as (pilot, app):
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is not screen
        jobs.pop()()
        await pilot.pause()
        assert not jobs
        assert not screen.rows.count
        assert screen._asking is not None
        assert screen._asking.answer is None


async def test_it_is_read_once_when_it_is_opened_and_again_when_it_is_come_back_to() -> None:
    book = Book()
    async with over(history_over(book), builds.building()) as (pilot, app):
        await pilot.pause()
        assert book.asked == ["runs"]
        await pilot.press("enter")
        await pilot.pause()
        assert book.asked == ["runs", "run 7"]
        await pilot.press("question_mark", "escape")
        await pilot.pause()
        assert isinstance(app.screen, PastRun)
        assert book.asked == ["runs", "run 7", "run 7"]
        await pilot.press("escape")
        await pilot.pause()
        assert book.asked[3:] == ["runs"]


async def test_a_large_build_that_is_come_back_to_is_read_only_when_it_has_rested() -> None:
    book = Book()
    book.packages_of = lambda run: packages(run, count=4500)
    async with over(history_over(book), builds.building()) as (pilot, app):
        await pilot.press("enter")
        await pilot.pause()
        past = app.screen
        assert isinstance(past, PastRun)
        before = len(book.asked)
        await pilot.press("question_mark", "escape")
        await pilot.pause()
        assert app.screen is past
        assert len(book.asked) == before
        await pilot.press("question_mark")
        await pilot.pause()
        for _ in range(5):
            past.time_passed()
        assert len(book.asked) == before
        await pilot.press("escape")
        await pilot.pause()
        assert len(book.asked) == before + 1


async def test_what_stands_still_of_a_build_that_goes_on_says_as_of_when_it_is() -> None:
    async with over(history_over(), builds.building()) as (pilot, app):
        await pilot.press("enter", "t")
        await pilot.pause()
        assert isinstance(app.screen, CourseScreen)
        assert screen_of(pilot)[0].startswith(" Run 7  ports  00:15:43  as of 13:12")
        assert "now building" in screen_of(pilot)[0]
        await pilot.press("escape", "f")
        await pilot.pause()
        assert isinstance(app.screen, PastFailures)
        assert screen_of(pilot)[0].startswith(" Failures  2  as of 13:12  run 7 of ports")


async def test_a_history_that_breaks_in_a_way_nobody_has_thought_of_says_so() -> None:
    book = Book()

    def broken(run: Run) -> list[PackageRecord]:
        raise TypeError("a number was expected")

    book.packages_of = broken
    async with over(history_over(book), builds.building()) as (pilot, _):
        await pilot.press("enter")
        await pilot.pause()
        said = "".join(body(screen_of(pilot))[4:])
        assert "the history could not be read: TypeError: a number was expected" in said
