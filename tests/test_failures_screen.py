"""The screen of what failed: the list, why the marked one failed, and its keys."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.errors.cause import Cause
from synthtop.failures import Failure
from synthtop.model import BuildState, Finished, Outcome, Source, SourceKind, Stopping, Totals, View
from synthtop.parts import Role, joined
from synthtop.screens.failures import split
from synthtop.text import clean, width
from synthtop.widgets.failurelist import columns_for, failure_line
from synthtop.widgets.failurepane import pane_lines

from . import builds, events
from .causing import KNOWN, LAST_LINES, NO_HEADER, NO_LOG, failures_over, over
from .drawing import SIZES, text_of
from .piloting import screen_of, show

XML = Failure(events.MANY[2], tuple(f"x11/libxml2-tool{number}" for number in range(31)))
foreign = st.one_of(st.sampled_from(builds.HOSTILE), st.text(max_size=40))


def pane(failure: Failure, cause: Cause | None, columns: int = 78, rows: int = 14) -> list[str]:
    return [joined(line).rstrip() for line in pane_lines(failure, cause, columns, rows)]


# -- the list --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (79, " textproc/libxml2          build           00:02:36  exit status 1          31"),
        (60, " textproc/libxml2  build          exit status 1          31"),
        (39, " textproc/libxml2     00:02:36      31"),
        (28, " textproc/libxml2        31"),
        (19, " textproc/libxml2"),
    ],
)
def test_a_row_says_how_it_failed_where_there_is_room(columns: int, expected: str) -> None:
    assert text_of(failure_line(XML, columns_for(columns))) == expected


@given(
    st.builds(
        Finished,
        foreign,
        st.just(Outcome.FAILED),
        st.none(),
        phase=st.none() | foreign,
        reason=st.none() | foreign,
        duration=st.none() | st.integers(0, 10**6),
        blocks=st.integers(0, 10**5),
    ),
    st.integers(1, 150),
)
@settings(max_examples=50)
def test_a_row_is_clean_and_never_wider_than_the_list(package: Finished, columns: int) -> None:
    text = text_of(failure_line(Failure(package, ()), columns_for(columns)))
    assert clean(text) == text
    assert width(text) <= max(1, columns)


# -- why it failed ---------------------------------------------------------------------------------


def test_the_cause_stands_first_then_what_the_log_says_and_what_it_blocks() -> None:
    assert pane(XML, NO_HEADER) == [
        " Why textproc/libxml2 failed",
        "✗ xmlIO.c:12:10: fatal error: lzma.h: No such file or directory",
        "     12 | #include <lzma.h>",
        "        |          ^~~~~~~~",
        "  compilation terminated.",
        "  make[2]: *** [Makefile:1020: xmlIO.lo] Error 1",
        "  make[1]: *** [Makefile:700: all-recursive] Error 1",
        "  make: *** [Makefile:500: all] Error 2",
        "",
        "blocks  x11/libxml2-tool0, x11/libxml2-tool1, x11/libxml2-tool2 and 28 more",
        "log     /build/logs/textproc___libxml2.log",
    ]
    roles = [line[0].role for line in pane_lines(XML, NO_HEADER, 78, 14) if line]
    assert roles[1] is Role.FAILED
    assert set(roles[2:8]) == {Role.LABEL}


def test_where_there_is_little_room_the_cause_stays() -> None:
    assert pane(XML, NO_HEADER, 78, 6)[1:] == [
        "✗ xmlIO.c:12:10: fatal error: lzma.h: No such file or directory",
        "     12 | #include <lzma.h>",
        "",
        "blocks  x11/libxml2-tool0, x11/libxml2-tool1, x11/libxml2-tool2 and 28 more",
        "log     /build/logs/textproc___libxml2.log",
    ]
    assert pane(XML, NO_HEADER, 78, 1) == ["✗ xmlIO.c:12:10: fatal error: lzma.h: No such file or directory"]
    assert pane(XML, NO_HEADER, 78, 0) == []


def test_without_an_error_that_is_known_the_end_of_the_log_is_shown() -> None:
    lines = pane(XML, LAST_LINES, 78, 8)
    assert lines[1] == "no error found; the last lines of its log:"
    assert lines[2:6] == ["  line 18 of its log", "  line 19 of its log", "  line 20 of its log", ""]
    assert pane(XML, LAST_LINES, 78, 1) == ["no error found: line 20 of its log"]


def test_a_long_cause_is_broken_and_not_cut() -> None:
    cause = Cause(("ld: " + "undefined reference to `a_long_name' " * 3,), "linker")
    assert pane(XML, cause, 60)[1:4] == [
        "✗ ld: undefined reference to `a_long_name' undefined",
        "  reference to `a_long_name' undefined reference to",
        "  `a_long_name'",
    ]


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (None, "looking for the cause…"),
        (NO_LOG, "its log cannot be read: Permission denied"),
        (Cause(()), "its log is empty"),
        (Cause(("", " ")), "its log is empty"),
    ],
)
def test_where_there_is_no_cause_it_says_why(cause: Cause | None, said: str) -> None:
    assert pane(XML, cause)[1] == said
    assert pane(XML, cause, 78, 1) == [said]


def test_what_the_row_has_no_room_for_stands_below_it() -> None:
    slow = XML._replace(package=XML.package._replace(reason="timed out: no output for 7200 s"))
    assert pane(slow, NO_HEADER)[-1] == "ended   build, 00:02:36, timed out: no output for 7200 s"
    assert pane(XML, NO_HEADER, 50)[-1] == "ended   build, 00:02:36, exit status 1"


def test_of_what_it_blocks_as_much_is_said_as_is_known() -> None:
    alone = XML._replace(blocked=())
    assert "blocks  31 packages, it is not known which" in pane(alone, NO_HEADER)
    nothing = Failure(XML.package._replace(blocks=0, log=None), ())
    assert pane(nothing, NO_LOG) == [
        " Why textproc/libxml2 failed",
        "no log of it is known",
        "",
        "blocks  nothing",
        "log     none",
    ]


@given(
    st.lists(foreign, max_size=30),
    st.booleans(),
    st.none() | foreign,
    st.lists(foreign, max_size=5),
    foreign,
    st.integers(1, 130),
    st.integers(0, 30),
)
@settings(max_examples=50)
def test_the_pane_is_clean_and_never_larger_than_its_place(
    lines: list[str],
    found: bool,
    problem: str | None,
    blocked: list[str],
    text: str,
    columns: int,
    rows: int,
) -> None:
    failure = Failure(
        Finished(text, Outcome.FAILED, 1, 0, text, text, 5, 10, text, 7), tuple(dict.fromkeys(blocked))
    )
    made = pane(failure, Cause(tuple(lines), "a rule" if found else None, 0, problem), columns, rows)
    assert len(made) <= rows
    assert all(clean(line) == line and width(line) <= columns for line in made)


# -- the screen ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "places"), [(22, (8, 14)), (38, (14, 24)), (10, (4, 6)), (9, (8, 1)), (6, (5, 1)), (3, (3, 0))]
)
def test_the_list_has_about_a_third(rows: int, places: tuple[int, int]) -> None:
    assert split(rows) == places


@pytest.mark.parametrize("size", SIZES)
async def test_at_every_size_the_first_failure_is_to_be_seen(size: tuple[int, int]) -> None:
    screen, _ = failures_over(KNOWN)
    async with over(screen, builds.failing(), size) as (pilot, _):
        lines = screen_of(pilot)
        assert lines[0].startswith(" Failures  7")
        assert sum("textproc/libxml2" in line for line in lines) >= 1
        assert any("✗ xmlIO.c:12:10" in line for line in lines) is (size[1] > 5)
        assert "esc Back" in lines[-1]
        await pilot.resize_terminal(30, 8)
        await pilot.pause()
        assert "✗ xmlIO.c:12:10" in screen_of(pilot)[-2]


async def test_the_keys_mark_one_and_open_its_log_at_the_cause() -> None:
    screen, causes = failures_over(KNOWN)
    async with over(screen, builds.failing(), (80, 16)) as (pilot, app):
        await pilot.press("enter", "down", "l", "up", "up")
        opened = [one[1:] for one in app.opened]
        assert opened == [
            ("textproc/libxml2", 12_345),
            ("security/libgpg-error", 777),
        ]
        assert app.opened[0][0] == "/build/logs/textproc___libxml2.log"
        await pilot.press("end")
        assert "Why devel/re2c failed" in "\n".join(screen_of(pilot))
        assert "looking for the cause…" in "\n".join(screen_of(pilot))
        await pilot.press("enter", "home")
        assert app.opened[-1][1:] == ("devel/re2c", None)
        assert "Why textproc/libxml2 failed" in "\n".join(screen_of(pilot))
        await pilot.press("pagedown")
        assert "Why editors/vim failed" in "\n".join(screen_of(pilot))
        await pilot.press("pageup", "escape")
        assert app.screen is not screen
    assert causes().closed


async def test_a_click_marks_and_another_one_opens() -> None:
    screen, _ = failures_over(KNOWN)
    async with over(screen, builds.failing()) as (pilot, app):
        await pilot.click(offset=(5, 3))
        assert not app.opened
        assert "Why security/libgpg-error failed" in "\n".join(screen_of(pilot))
        await pilot.click(offset=(5, 3))
        assert [one[1] for one in app.opened] == ["security/libgpg-error"]
        await pilot.click(offset=(5, 1))
        assert len(app.opened) == 1


async def test_the_causes_of_what_is_seen_are_asked_for_one_by_one_the_marked_one_first() -> None:
    screen, causes = failures_over({})
    async with over(screen, builds.failing(), (80, 14)) as (pilot, _):
        assert set(causes().asked) == {"textproc/libxml2"}
        causes().known["textproc/libxml2"] = NO_HEADER
        causes().tell()
        causes().tell()
        await pilot.pause()
        assert "✗ xmlIO.c:12:10" in "\n".join(screen_of(pilot))
        assert set(causes().asked) == {"textproc/libxml2", "security/libgpg-error"}
        causes().known.update(dict.fromkeys(("security/libgpg-error", "devel/automake"), LAST_LINES))
        causes().tell()
        await pilot.pause()
        # No more than three are to be seen.
        assert set(causes().asked) == {"textproc/libxml2", "security/libgpg-error", "devel/automake"}


async def test_the_marked_one_stays_so_as_others_fail_and_what_comes_after_it_when_it_goes() -> None:
    screen, _ = failures_over(KNOWN)
    before = builds.building(totals=Totals(142, 30, 2), finished=View(events.MANY[:2]))
    async with over(screen, before) as (pilot, _):
        await pilot.press("down")
        assert "Why devel/automake failed" in "\n".join(screen_of(pilot))
        await show(pilot, replace(builds.failing(), seq=944))
        assert "Why devel/automake failed" in "\n".join(screen_of(pilot))
        assert screen_of(pilot)[4].startswith("›devel/automake")
        again = [one for one in builds.failing().finished if one.origin != "devel/automake"]
        await show(pilot, builds.building(seq=945, finished=View(again)))
        assert "Why editors/vim failed" in "\n".join(screen_of(pilot))


async def test_a_list_longer_than_its_place_scrolls_with_the_cursor() -> None:
    failed = [Finished(f"a/p{number:02}", Outcome.FAILED, number, 0, "build") for number in range(60)]
    screen, _ = failures_over({})
    snapshot = builds.building(totals=Totals(142, 30, 60), finished=View(failed))
    async with over(screen, snapshot) as (pilot, _):
        await pilot.press(*["down"] * 7)
        lines = screen_of(pilot)
        assert lines[1].startswith(" Failed")
        assert (lines[2].split()[0], lines[8].split()[0]) == ("a/p01", "›a/p07")
        await pilot.press("end", "up")
        assert screen_of(pilot)[7].startswith("›a/p58")


@pytest.mark.parametrize(
    ("snapshot", "line"),
    [
        (builds.well(), "Nothing has failed so far."),
        (builds.all_built(), "Nothing has failed."),
        (
            builds.building(source=Source(SourceKind.TEXT), finished=View()),
            "What failed, a monitor file in text does not say.",
        ),
    ],
)
async def test_where_nothing_is_known_to_have_failed_it_says_so(snapshot: object, line: str) -> None:
    screen, _ = failures_over({})
    assert isinstance(snapshot, type(builds.well()))
    async with over(screen, snapshot) as (pilot, app):
        lines = screen_of(pilot)
        assert lines[2].strip() == line
        assert "Log" not in lines[-1]
        await pilot.press("enter", "l", "r", "R", "down", "end", "pageup")
        assert not app.opened
        assert not app.build.told


async def test_failures_of_which_nothing_is_known_are_counted() -> None:
    screen, _ = failures_over({})
    async with over(screen, builds.building(totals=Totals(142, 30, 9))) as (pilot, _):
        assert screen_of(pilot)[0].startswith(" Failures  2 of 9 known")


# -- retrying --------------------------------------------------------------------------------------


async def test_one_or_all_are_asked_to_be_built_again_and_it_says_so_for_a_while() -> None:
    screen, _ = failures_over(KNOWN)
    async with over(screen, builds.building()) as (pilot, app):
        assert "r Retry  R Retry all" in screen_of(pilot)[-1]
        await pilot.press("down", "r")
        assert app.build.told == ["retry graphics/cairo"]
        assert "asked to build graphics/cairo again" in screen_of(pilot)[0]
        await pilot.press("R")
        assert app.build.told[1:] == ["retry editors/vim graphics/cairo"]
        assert "asked to build 2 packages again" in screen_of(pilot)[0]
        await show(pilot, builds.building(seq=950))
        assert "asked" not in screen_of(pilot)[0]


@pytest.mark.parametrize(
    ("changes", "own", "said"),
    [
        ({"state": BuildState.FINISHED}, True, "the build is over: nothing can be retried"),
        ({"stopping": Stopping.DRAINING}, True, "the build is being ended: nothing can be retried"),
        ({}, False, "only where the build runs can it be told to retry"),
    ],
)
async def test_where_nothing_can_be_retried_it_is_not_offered_and_says_why(
    changes: dict[str, object], own: bool, said: str
) -> None:
    screen, _ = failures_over(KNOWN, own=own)
    async with over(screen, builds.building(**changes)) as (pilot, app):
        assert "Retry" not in screen_of(pilot)[-1]
        for key in ("r", "R"):
            await pilot.press(key)
            assert said in screen_of(pilot)[0]
        assert not app.build.told


async def test_a_package_without_a_log_says_so() -> None:
    screen, _ = failures_over({})
    snapshot = builds.building(finished=View((events.MESA._replace(origin="x/\x1b[2J"),)))
    async with over(screen, snapshot) as (pilot, app):
        await pilot.press("enter")
        assert "no log of x/␛[2J is known" in screen_of(pilot)[0]
        assert not app.opened


async def test_a_retry_that_nobody_takes_any_more_is_not_said_to_be_asked_for() -> None:
    screen, _ = failures_over(KNOWN)
    async with over(screen, builds.failing()) as (pilot, app):
        # Asked a moment ago: no snapshot says so yet.
        app._deeds._asked = Stopping.DRAINING
        await pilot.press("r")
        await pilot.pause()
        assert "nothing more is started" in screen_of(pilot)[0]
        assert not app.build.told
