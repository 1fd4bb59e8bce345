"""What the ETA gets to know of earlier builds."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.eta.past import LAST, NO_PAST
from synthtop.history.durations import SAMPLE
from synthtop.history.problem import HistoryError
from synthtop.history.reading import History
from synthtop.history.record import PackageRecord
from synthtop.history.writing import Writer
from synthtop.model import Outcome

from .histories import HOUR, STARTED, ended, only_line, package, run

HERE = "tinderbox"


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "history.db")


@pytest.fixture
def writer(path: str) -> Iterator[Writer]:
    writer = Writer(path, tell=print)
    yield writer
    writer.close()


def built(writer: Writer, hours: float, packages: Sequence[PackageRecord], host: str = HERE) -> None:
    """A run that began so many hours after the first one."""
    writer.write(writer.begin(ended(STARTED + hours * HOUR, host=host)), packages, [])


def test_the_newest_builds_of_a_package_count_on_this_host_and_on_others(writer: Writer, path: str) -> None:
    for hour in range(8):
        built(writer, hour, [package("devel/gmake", duration=hour)])
        built(writer, hour, [package("devel/gmake", duration=100 + hour)], host=f"other{hour % 2}")
    with History(path) as history:
        past = history.past(["devel/gmake"], HERE)
        assert past.here == {"devel/gmake": [7, 6, 5, 4, 3]}
        assert past.elsewhere == {"devel/gmake": [107, 106, 105, 104, 103]}
        assert history.past(["devel/gmake"], HERE, last=2).here == {"devel/gmake": [7, 6]}


def test_the_newest_builds_are_those_that_began_last_however_they_were_recorded(
    writer: Writer, path: str
) -> None:
    for hour in (3, 1, 2):
        built(writer, hour, [package("devel/gmake", duration=hour)])
    with History(path) as history:
        assert history.past(["devel/gmake"], HERE).here == {"devel/gmake": [3, 2, 1]}
        assert history.past(["devel/gmake"], HERE, last=1).here == {"devel/gmake": [3]}


def test_only_what_was_built_and_took_a_known_time_counts(writer: Writer, path: str) -> None:
    for hour, outcome in enumerate(Outcome):
        built(writer, hour, [package("devel/gmake", outcome, duration=hour), package("a/b", duration=None)])
    with History(path) as history:
        past = history.past(["devel/gmake", "a/b", "new/one"], HERE)
        assert past.here == {"devel/gmake": [list(Outcome).index(Outcome.BUILT)]}
        assert past.elsewhere == {}


def test_a_host_that_never_built_knows_what_others_did(writer: Writer, path: str) -> None:
    built(writer, 0, [package("devel/gmake", duration=7)])
    with History(path) as history:
        past = history.past(["devel/gmake"], "fresh")
        assert (past.here, past.elsewhere, past.categories) == ({}, {"devel/gmake": [7]}, {})


def test_an_empty_history_is_no_past(writer: Writer, path: str) -> None:
    with History(path) as history:
        assert history.past(["devel/gmake"], HERE) == NO_PAST
        assert history.past([], HERE) == NO_PAST


def test_categories_have_the_last_duration_of_each_of_their_packages(writer: Writer, path: str) -> None:
    built(writer, 0, [package("devel/gmake", duration=1), package("devel/cmake", duration=2)])
    built(writer, 1, [package("devel/gmake", duration=3), package("lang/rust", duration=9), package("x")])
    built(writer, 2, [package("devel/elsewhere", duration=77)], host="other")
    with History(path) as history:
        categories = history.past(["devel/new"], HERE).categories
        assert {name: sorted(some) for name, some in categories.items()} == {
            "devel": [2, 3],
            "": [2, 3, 9, 60],
        }


def test_a_large_category_says_its_durations_by_a_sample_that_is_spread_over_it(
    writer: Writer, path: str
) -> None:
    many = [package(f"devel/p{number:04}", duration=number) for number in range(10 * SAMPLE)]
    built(writer, 0, many)
    with History(path) as history:
        sample = history.past(["devel/new"], HERE).categories["devel"]
        assert sorted(sample) == list(range(0, 10 * SAMPLE, 10))


def test_thousands_of_origins_are_asked_for_at_once(writer: Writer, path: str) -> None:
    origins = [f"c{number % 7}/p{number}" for number in range(2500)]
    built(writer, 0, [package(origin, duration=number) for number, origin in enumerate(origins)])
    with History(path) as history:
        past = history.past([*origins, *origins[:3], "x/\udcff"], HERE)
        assert past.here == {origin: [number] for number, origin in enumerate(origins)}


ORIGINS = ["a/a", "a/b", "b/\udcff"]


def test_what_is_recorded_while_the_past_is_read_is_not_in_it(writer: Writer, path: str) -> None:
    for hour in (3, 1, 2):
        built(writer, hour, [package("devel/gmake", duration=hour)])
    begun = threading.Event()

    def meanwhile(statement: str) -> None:
        if "FROM hosts" in statement and not begun.is_set():
            begun.set()
            built(writer, 4, [package("devel/gmake", duration=4)])

    with History(path) as history:
        history._connection.set_trace_callback(meanwhile)
        assert history.past(["devel/gmake"], HERE).here == {"devel/gmake": [3, 2, 1]}
        assert begun.is_set()
        assert history.past(["devel/gmake"], HERE).here == {"devel/gmake": [4, 3, 2, 1]}


@pytest.mark.parametrize("damage", ["UPDATE packages SET duration = 'abc'", "UPDATE runs SET started = 'x'"])
def test_a_past_whose_figures_are_none_is_said_to_be_damaged(writer: Writer, path: str, damage: str) -> None:
    built(writer, 0, [package("devel/gmake")])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(damage)
    with History(path) as history:
        for origins in (["devel/gmake"], ["devel/new"]):
            with pytest.raises(HistoryError) as raised:
                history.past(origins, HERE)
            assert "is damaged" in only_line(raised.value, path)


BUILDS = st.lists(
    st.tuples(
        st.integers(0, 50),
        st.sampled_from([HERE, "other", "third"]),
        st.sampled_from(ORIGINS),
        st.sampled_from([Outcome.BUILT, Outcome.BUILT, Outcome.FAILED]),
        st.one_of(st.none(), st.integers(0, 99)),
    ),
    max_size=20,
    unique_by=lambda build: build[0],
)


@settings(max_examples=40)
@given(BUILDS)
def test_the_past_is_what_its_runs_say(builds: list[tuple[int, str, str, Outcome, int | None]]) -> None:
    with TemporaryDirectory() as directory:
        writer = Writer(f"{directory}/history.db", tell=print)
        for hour, host, origin, outcome, duration in builds:
            built(writer, hour, [package(origin, outcome, duration)], host)
        writer.close()
        with History(f"{directory}/history.db") as history:
            past = history.past(ORIGINS, HERE)
    for origin in ORIGINS:
        newest_first = [
            (host, duration)
            for _, host, known, outcome, duration in sorted(builds, reverse=True, key=lambda one: one[0])
            if known == origin and outcome is Outcome.BUILT and duration is not None
        ]
        here = [duration for host, duration in newest_first if host == HERE]
        assert past.here.get(origin, []) == here[:LAST]
        elsewhere = [duration for host, duration in newest_first if host != HERE]
        assert past.elsewhere.get(origin, []) == elsewhere[:LAST]


def test_the_start_of_a_run_may_be_any(writer: Writer, path: str) -> None:
    writer.write(writer.begin(run(started=0.0)), [package("a/b", duration=5)], [])
    with History(path) as history:
        assert history.past(["a/b"], HERE).here == {"a/b": [5]}
