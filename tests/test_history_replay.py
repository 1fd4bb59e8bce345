"""What the screens make of the history: snapshots and charts of old builds, and questions that nobody waits
for."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.history.lookup import NOWHERE, Answer, Asking, records_at
from synthtop.history.oldlog import GONE, WRITTEN_OVER, OldLog, Span, log_of
from synthtop.history.problem import HistoryError, NoHistory
from synthtop.history.record import Minute, PackageRecord
from synthtop.history.replay import course, finished_of, replayed, span_of, span_within
from synthtop.model import BuildState, Outcome
from synthtop.text import clean
from synthtop.trends import Chart
from synthtop.widgets.axes import after, course_axis

from .drawing import text_of
from .runsbefore import NOW, RUNS, minutes, packages, run

RUN = run(6, NOW)


def charts(*said: Minute, columns: int = 10, workers: int | None = 4) -> dict[str, Chart]:
    return {
        chart.name: chart for chart in course(replayed(RUN._replace(workers=workers), minutes=said), columns)
    }


def minute(at: int, **figures: float) -> Minute:
    return Minute(at, *[figures.get(name) for name in Minute._fields[1:]])


# -- a snapshot ------------------------------------------------------------------------------------


def test_a_run_is_a_snapshot_of_how_it_ended() -> None:
    snapshot = replayed(RUN, packages(RUN)).snapshot
    assert (snapshot.state, snapshot.over, snapshot.totals) == (BuildState.FINISHED, True, RUN.totals)
    assert (snapshot.started, snapshot.elapsed, snapshot.max_workers) == (NOW, 5531, 4)
    assert snapshot.source[1:] == (None, "builder", "ports", "/build/logs")
    assert [one.origin for one in snapshot.finished] == [one.origin for one in packages(RUN)]
    xml = next(one for one in snapshot.finished if one.origin == "textproc/libxml2")
    assert (xml.outcome, xml.at, xml.duration, xml.lines) == (Outcome.FAILED, 10 + 480 + 156, 156, 812)


def test_a_run_that_was_told_of_later_has_a_larger_number() -> None:
    later = RUN._replace(updated=RUN.updated + 10)
    assert replayed(later).snapshot.seq == replayed(RUN).snapshot.seq + 10


@pytest.mark.parametrize(("started", "duration"), [(None, 5), (NOW, None), (1e300, 5), (float("nan"), 5)])
def test_when_a_package_ended_is_not_known_where_its_times_are_not(
    started: float | None, duration: int | None
) -> None:
    package = PackageRecord("a/b", Outcome.BUILT, None, None, started, duration, None, None)
    assert finished_of(package, NOW).at is None
    assert span_within(finished_of(package, NOW), NOW) is None
    if started is None or duration is None:
        assert span_of(package) is None


def test_when_a_package_was_built_is_the_same_of_its_record_and_of_its_row() -> None:
    package = PackageRecord("a/b", Outcome.BUILT, None, None, NOW + 30, 5, None, None)
    assert span_of(package) == Span(NOW + 30, NOW + 35)
    assert span_within(finished_of(package, NOW), NOW) == Span(NOW + 30, NOW + 35)


# -- charts ----------------------------------------------------------------------------------------


def test_a_chart_has_the_whole_run_from_the_first_column_to_the_last() -> None:
    rate = charts(*(minute(at, rate=100.0 + at) for at in range(20)))["rate"]
    assert rate.values == tuple(101.0 + 2 * column for column in range(10))
    assert (rate.latest, rate.most) == ("85 pkg/h on average", "max 119")


def test_where_there_are_fewer_minutes_than_columns_each_has_several() -> None:
    assert charts(minute(0, load=1.0), minute(1, load=3.0))["load"].values == (1.0,) * 5 + (3.0,) * 5
    assert charts(minute(0, load=1.0), minute(1, load=3.0))["load"].latest == "median 2.00"


def test_minutes_that_are_missing_are_not_known() -> None:
    values = charts(minute(0, swap=1.0), minute(9, swap=2.0))["swap"].values
    assert values == (1.0, *[None] * 8, 2.0)


def test_what_was_throttled_is_seen_and_what_nobody_knew_has_no_chart() -> None:
    found = charts(minute(0, active=4.0, dynmax=4.0), minute(1, active=2.0, dynmax=2.0), columns=2)
    assert list(found) == ["workers"]
    assert (found["workers"].limits, found["workers"].throttled) == ((4.0, 2.0), (False, True))
    unlimited = charts(minute(0, active=2.0, dynmax=2.0), columns=1, workers=None)["workers"]
    assert unlimited.throttled == (False,)


number = st.none() | st.floats()


@given(
    st.lists(st.builds(Minute, st.integers(-5, 10**12), *[number] * 8), max_size=6),
    st.integers(0, 40),
    st.none() | st.integers(),
)
@settings(max_examples=50)
def test_whatever_the_minutes_say_each_chart_is_as_wide_as_it_is_to_be(
    said: list[Minute], columns: int, workers: int | None
) -> None:
    for chart in charts(*said, columns=columns, workers=workers).values():
        assert len(chart.values) == columns
        assert all(value is None or 0 <= value <= chart.top for value in chart.values)


def test_the_times_below_count_from_the_beginning() -> None:
    axis = course_axis(92 * 60, 71, 8)
    assert text_of(axis) == (
        "        0 ──────────── 20m ────────── 40m ─────────── 1h ────────── 1h20m 1h32m"
    )
    assert [after(seconds) for seconds in (0, 59, 600, 5400, 90000, 172800)] == [
        "0", "0", "10m", "1h30m", "1d1h", "2d",
    ]  # fmt: skip


@given(st.integers(1, 10**7), st.integers(0, 150))
@settings(max_examples=50)
def test_the_times_fit_below_the_bars(count: int, columns: int) -> None:
    assert len(text_of(course_axis(60 * count, columns, 0))) in (0, columns)


# -- its questions ---------------------------------------------------------------------------------


class Waiting:
    """Jobs that nobody does before a test does."""

    def __init__(self) -> None:
        self.jobs: list[Callable[[], None]] = []

    def start(self, job: Callable[[], None]) -> None:
        self.jobs.append(job)


def test_a_question_is_asked_once_at_a_time() -> None:
    waiting, told = Waiting(), list[str]()
    asking = Asking(lambda: 5, lambda: told.append("told"), waiting.start)
    asking.again()
    asking.again()
    assert (len(waiting.jobs), asking.answer) == (1, None)
    waiting.jobs.pop()()
    assert (asking.answer, told) == (Answer(5), ["told"])
    asking.again()
    assert len(waiting.jobs) == 1


def test_what_is_in_the_way_is_the_answer() -> None:
    def locked() -> int:
        raise HistoryError("history.db is locked")

    def nothing() -> int:
        raise NoHistory("there is no history.db")

    for question, empty in ((locked, False), (nothing, True)):
        asking = Asking(question, lambda: None, lambda job: job())
        asking.again()
        assert asking.answer is not None
        assert asking.answer.found is None
        assert asking.answer.problem.startswith(("history.db is locked", "there is no"))
        assert asking.answer.empty is empty


def test_an_error_that_nobody_has_thought_of_is_an_answer_too() -> None:
    def question() -> int:
        raise TypeError("no\x1b[31m number" + "s" * 1000)

    told: list[str] = []
    asking = Asking(question, lambda: told.append("told"), lambda job: job())
    asking.again()
    assert asking.answer is not None
    said = asking.answer.problem
    assert said.startswith("the history could not be read: TypeError: no")
    assert "numbersss" in said
    assert clean(said) == said
    assert len(said) < 400
    assert told == ["told"]
    assert not asking.answer.empty


def test_nobody_is_told_who_has_closed_it() -> None:
    waiting, told = Waiting(), list[str]()
    asking = Asking(lambda: 5, lambda: told.append("told"), waiting.start)
    asking.again()
    asking.close()
    waiting.jobs.pop()()
    asking.again()
    assert (told, waiting.jobs) == ([], [])


def test_it_is_answered_in_another_thread_and_without_a_place_with_a_sentence() -> None:
    answered = threading.Event()
    by: list[threading.Thread] = []

    def tell() -> None:
        by.append(threading.current_thread())
        answered.set()

    asking = records_at(None).asking(lambda history, now: history.runs(now=now), tell)
    asking.again()
    assert answered.wait(10)
    assert asking.answer == Answer(None, NOWHERE)
    assert by[0] is not threading.current_thread()
    # One that hangs in a file system is not waited for at the end.
    assert by[0].daemon


# -- old logs --------------------------------------------------------------------------------------


def test_a_log_that_was_written_after_its_package_ended_is_of_a_later_build(tmp_path: Path) -> None:
    log = tmp_path / "gmake.log"
    log.write_text("made")
    os.utime(log, (NOW, NOW))
    assert log_of(str(log), built(NOW - 5)) == OldLog(str(log))
    assert log_of(str(log), built(NOW - 3600)) == OldLog(str(log), WRITTEN_OVER)
    assert log_of(str(log), None) == OldLog(str(log))
    assert log_of(str(tmp_path / "none.log"), built(NOW)).fate == GONE
    assert log_of("a\0b", built(NOW)) == OldLog("a\0b", GONE)


def built(ended: float) -> Span:
    return Span(ended - 300, ended)


@pytest.mark.parametrize("later", [True, False])
def test_the_log_that_the_next_build_has_put_aside_is_found_there_by_when_it_was_written(
    tmp_path: Path, later: bool
) -> None:
    log, aside = tmp_path / "gmake.log", tmp_path / "gmake.log.1"
    if later:
        log.write_text("made later")
        os.utime(log, (NOW, NOW))
    aside.write_text("made")
    os.utime(aside, (NOW - 3600, NOW - 3600))
    fate = WRITTEN_OVER if later else GONE
    assert log_of(str(log), built(NOW - 3605)) == OldLog(str(aside))
    assert log_of(str(log), built(NOW - 3595)) == OldLog(str(aside))
    # Of the builds before and after that it is not.
    assert log_of(str(log), built(NOW - 7200)) == OldLog(str(log), fate)
    assert log_of(str(log), built(NOW - 1800)) == OldLog(str(log), fate)
    os.unlink(aside)
    assert log_of(str(log), built(NOW - 3605)) == OldLog(str(log), fate)


def test_minutes_that_are_told_in_any_order_are_of_the_same_course() -> None:
    for one in RUNS:
        said = minutes(one)
        replay = replayed(one, minutes=[*reversed(said), minute(-1)])
        assert list(replay.minutes) == said
        assert replay.span == 60 * max(1, one.elapsed // 60)
