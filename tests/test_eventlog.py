"""The event log, line by line as it is drawn; its filter and where it stands as lines come."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.model import Ledger, LogKind, LogLine, View
from synthtop.parts import Role
from synthtop.text import width
from synthtop.widgets.eventlog import EventLog, Matching, log_line
from synthtop.widgets.ordering import finder
from synthtop.widgets.workercolumns import columns_for, heading_line

from . import builds
from .drawing import alone, drawn, lines_of, shown, text_of
from .piloting import screen_of

foreign = st.one_of(st.sampled_from(builds.HOSTILE), st.text(max_size=40))


def logged(kind: LogKind, text: str, columns: int) -> str:
    return text_of(log_line(LogLine(1, 943, None, kind, text), columns))


# -- a line ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (80, " 00:15:43  [001] SUCCESS shells/bash                                  00:02:11"),
        (46, " 00:15:43 [001] SUCCESS shells/bash 00:02:11"),
        (45, " 00:15:43 [001] SUCCESS shells/bash"),
        (27, " [001] SUCCESS shells/bash"),
        (20, " [001] SUCCESS she…"),
    ],
)
def test_a_success_has_its_duration_at_the_right_where_there_is_room(columns: int, expected: str) -> None:
    text = f"{'[001] SUCCESS shells/bash':<70} 00:02:11"
    assert logged(LogKind.BUILT, text, columns).rstrip() == expected


def test_a_failure_has_its_phase_and_duration_at_the_right() -> None:
    text = f"{'[000] FAILURE editors/vim 3':<60} configure 00:01:09"
    line = logged(LogKind.FAILED, text, 80)
    assert line.startswith(" 00:15:43  [000] FAILURE editors/vim 3  ")
    assert line.endswith("  configure 00:01:09")
    assert len(line) == 78


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (80, " 00:15:43  [003] START   devel/foo@py311          idep=12 depi=03/02 dep=0.41G"),
        (60, " 00:15:43  [003] START   devel/foo@py311"),
    ],
)
def test_what_dsynth_says_of_dependencies_stands_at_the_right_where_there_is_room(
    columns: int, expected: str
) -> None:
    text = f"{'[003] START   devel/foo@py311':<50} idep=12 depi=03/02 dep=0.41G"
    assert logged(LogKind.START, text, columns).rstrip() == expected


def test_a_stall_is_said_as_it_is_in_the_colour_of_stalled_workers() -> None:
    text = "[003] STALLED lang/rust build: nothing new for 03:00:00"
    line = log_line(LogLine(1, 943, 3, LogKind.STALLED, text), 80)
    assert text_of(line).rstrip() == f" 00:15:43  {text}"
    assert line[-1].role is Role.STALLED


def test_a_start_without_them_is_said_as_it_is() -> None:
    assert logged(LogKind.START, "[003] START   a/b=c", 80) == " 00:15:43  [003] START   a/b=c"


def test_results_end_under_the_last_column_of_the_table() -> None:
    for columns in (60, 80, 200):
        heading = text_of(heading_line(columns_for(columns - 1, 4), columns)).rstrip()
        line = logged(LogKind.BUILT, "[001] SUCCESS shells/bash 00:02:11", columns)
        assert len(line) == len(heading)


THROTTLE = "[XXX] Load=14.20 ( 6) Swap=2.00% ( 8) Mem=0.00G( 8) Adjust Workers 8->6 (high load)"


def test_what_a_throttle_did_is_said_where_its_figures_do_not_fit() -> None:
    line = logged(LogKind.THROTTLE, THROTTLE, 80)
    assert line.startswith(" 00:15:43  [XXX] Load=14.20 ( 6) ")
    assert line.endswith("… Adjust Workers 8->6 (high load)")
    assert len(line) == 78


def test_a_throttles_line_that_fits_is_said_as_it_is() -> None:
    assert logged(LogKind.THROTTLE, THROTTLE, 120) == f" 00:15:43  {THROTTLE}"


def test_a_note_is_said_as_it_is() -> None:
    assert logged(LogKind.NOTE, "the build  begins 00:00:00", 80) == " 00:15:43  the build  begins 00:00:00"


@given(st.sampled_from(LogKind), foreign, st.integers(3, 200))
@settings(max_examples=200)
def test_no_log_line_is_wider_than_the_log_or_stands_over_itself(
    kind: LogKind, text: str, columns: int
) -> None:
    assert width(logged(kind, f"[001] X {text} build 00:00:01", columns)) <= columns


async def test_the_newest_line_is_the_first() -> None:
    async with shown(builds.building()) as app:
        assert drawn(app, EventLog)[0] == " 00:15:36  [001] START   lang/python311"


async def test_markup_is_shown_and_not_heeded() -> None:
    async with shown(builds.hostile(), (120, 40)) as app:
        log = "\n".join(drawn(app, EventLog))
    for text in ("[/oops]", "[@click=app.quit]x[/]", "[red]devel/red[/red]"):
        assert text in log


@pytest.mark.parametrize(
    ("kind", "role"),
    [(LogKind.BUILT, Role.BUILT), (LogKind.FAILED, Role.FAILED), (LogKind.THROTTLE, Role.DIM)],
)
def test_a_line_has_the_colour_of_what_it_says(kind: LogKind, role: Role) -> None:
    time, *rest = log_line(LogLine(1, 943, None, kind, "[000] WORD a/b build 00:00:01"), 80)
    assert time.role is Role.DIM
    assert {field.role for field in rest} == {role}


# -- scrolling -------------------------------------------------------------------------------------


class Writing:
    """A log that is written, as a build's is: no more than ``keep`` lines are sure to be kept."""

    def __init__(self, keep: int = 1000) -> None:
        self._ledger: Ledger[LogLine] = Ledger(keep)

    def write(self, *texts: str) -> View[LogLine]:
        for text in texts:
            number = self._ledger.total + 1
            self._ledger.append(LogLine(number, number, None, LogKind.NOTE, text))
        return self._ledger.view()


def said(view: EventLog) -> list[str]:
    """What its lines say, without the time."""
    return [line[11:] for line in lines_of(view)]


def numbered(start: int, stop: int, word: str = "line") -> list[str]:
    return [f"{word} {number}" for number in range(start, stop)]


async def test_scrolled_back_it_stays_where_it_is_as_lines_come() -> None:
    view, log = EventLog(), Writing()
    async with alone(view, (80, 6)) as pilot:
        view.show(log.write(*numbered(0, 20)))
        await pilot.pause()
        view.move(3)
        before = said(view)
        assert before[0] == "line 16"
        view.show(log.write("new", "newer"))
        assert said(view) == before
        view.move(-99)
        assert said(view)[:2] == ["newer", "new"]
        view.show(log.write("newest"))
        assert said(view)[0] == "newest"


async def test_it_scrolls_to_the_oldest_line_and_no_further() -> None:
    view, log = EventLog(), Writing()
    async with alone(view, (80, 6)) as pilot:
        view.show(log.write(*numbered(0, 20)))
        await pilot.pause()
        view.move(99)
        assert said(view)[-1] == "line 0"
        view.show(log.write(*numbered(20, 25)))
        assert said(view)[-1] == "line 0"


async def test_lines_that_are_let_go_leave_no_gap() -> None:
    view, log = EventLog(), Writing(keep=10)
    async with alone(view, (80, 6)) as pilot:
        view.show(log.write(*numbered(0, 20)))
        await pilot.pause()
        view.move(99)
        view.show(log.write("line 20"))
        assert said(view)[-1] == "line 10"


@pytest.mark.parametrize("text", ["", "e"])
async def test_the_log_of_another_build_replaces_one_that_began_and_ended_alike(text: str) -> None:
    view = EventLog()
    async with alone(view) as pilot:
        view.filter(text)
        for word in ("one", "else"):
            view.show(Writing().write("the begin", word, "the end"))
            await pilot.pause()
            seen = [line[11:].rstrip() for line in screen_of(pilot)[1:5]]
            assert seen == ["the end", word, "the begin", ""]


async def test_a_filtered_log_that_is_read_again_each_time_stays_where_it_is_too() -> None:
    view, texts = EventLog(), numbered(0, 20, "yes")
    async with alone(view, (80, 6)) as pilot:
        view.filter("yes")
        view.show(Writing().write(*texts))
        await pilot.pause()
        view.move(3)
        before = said(view)
        view.show(Writing().write(*texts, "no", "yes 20"))
        assert said(view) == before


# -- the filter ------------------------------------------------------------------------------------


async def test_a_filter_leaves_what_matches_the_newest_first() -> None:
    view, log = EventLog(), Writing()
    async with alone(view):
        view.show(log.write("a/b", "c/d", "a/e"))
        view.filter("a/")
        assert said(view)[:3] == ["a/e", "a/b", ""]
        assert view.wanted == 2
        view.show(log.write("x/y", "a/f"))
        assert said(view)[:4] == ["a/f", "a/e", "a/b", ""]
        view.filter("")
        assert said(view)[:5] == ["a/f", "x/y", "a/e", "c/d", "a/b"]


@pytest.mark.parametrize(("text", "found"), [("a/b", ["A/B", "a/b"]), ("A/", ["A/B"]), ("␛", ["\x1b"])])
async def test_case_matters_where_there_is_a_capital(text: str, found: list[str]) -> None:
    matching = Matching(text)
    matching.take(Writing().write("\x1b", "a/b", "A/B"))
    assert [line.text for line in reversed(matching.lines)] == found


async def test_where_nothing_matches_it_says_so() -> None:
    view, log = EventLog(), Writing()
    async with alone(view):
        view.show(log.write("a/b", "c/d"))
        view.filter("gcc")
        assert lines_of(view)[:2] == [" nothing matches 'gcc' (2 lines)", ""]
        assert view.line_at(0)[0].role is Role.DIM
        view.show(log.write("lang/gcc13"))
        assert said(view)[:2] == ["lang/gcc13", ""]


async def test_an_empty_log_says_nothing_of_a_filter() -> None:
    view = EventLog()
    async with alone(view):
        view.filter("gcc")
        view.show(View())
        assert set(lines_of(view)) == {""}


async def test_a_filtered_log_stays_where_it_is_as_other_lines_come() -> None:
    view, log = EventLog(), Writing()
    async with alone(view, (80, 6)) as pilot:
        view.show(log.write(*numbered(0, 20, "yes"), *numbered(0, 20, "no")))
        view.filter("yes")
        await pilot.pause()
        view.move(3)
        before = said(view)
        view.show(log.write("no more", "yes 20"))
        assert said(view) == before


async def test_a_new_filter_begins_with_the_newest_line() -> None:
    view, log = EventLog(), Writing()
    async with alone(view, (80, 6)) as pilot:
        view.show(log.write(*numbered(0, 20)))
        await pilot.pause()
        view.move(9)
        view.filter("1")
        assert said(view)[0] == "line 19"


texts = st.lists(st.sampled_from(("a", "b", "ab", "A", "é")), max_size=9)


@given(
    st.lists(st.tuples(st.booleans(), texts), max_size=12),
    st.sampled_from(("a", "A", "b", "é", "z")),
    st.integers(1, 8),
)
@settings(max_examples=150)
def test_what_a_growing_log_is_filtered_to_is_what_all_of_it_would_be(
    writes: Sequence[tuple[bool, list[str]]], text: str, keep: int
) -> None:
    matching, log = Matching(text), Writing(keep)
    for another, lines in writes:
        if another:
            # Its lines may well say the same.
            log = Writing(keep)
        view = log.write(*lines)
        before = list(matching.lines)
        new = matching.take(view)
        assert matching.lines == [line for line in view if finder(text)(line.text)]
        if not another and new == 0:
            assert set(matching.lines) <= set(before)


def test_lines_that_were_looked_at_are_not_looked_at_again() -> None:
    matching, log = Matching("a"), Writing()
    asked: list[str] = []
    finds = matching._finds
    matching._finds = lambda text: asked.append(text) or finds(text)  # type: ignore[func-returns-value]
    matching.take(log.write("a", "b"))
    matching.take(log.write("ab"))
    matching.take(log.write())
    assert asked == ["a", "b", "ab"]
