"""Several may tell of one build, at the same time too: it is one run, and nothing of it is lost."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from synthtop.history.reading import History
from synthtop.history.writing import SAME_BUILD, Writer
from synthtop.model import BuildState, Outcome, SourceKind

from .histories import LOGS, STARTED, followed, minute, package, run

NOW = STARTED + 20


def silent(text: str) -> None:
    raise AssertionError(f"nothing was to be told: {text}")


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "state" / "synthtop" / "history.db")


@pytest.fixture
def writer(path: str) -> Iterator[Writer]:
    writer = Writer(path, tell=silent)
    yield writer
    writer.close()


# -- one after the other ------------------------------------------------------------------------------


def test_watchers_of_one_build_make_one_run(writer: Writer, path: str) -> None:
    first = writer.begin(followed(started=STARTED))
    second = writer.begin(followed(started=STARTED + SAME_BUILD, path="/elsewhere", name="other"))
    assert second.id == first.id  # by its logs
    assert second.started == first.started
    third = writer.begin(followed(logs=None, name="?"))
    assert third.id == first.id  # by what is followed
    fourth = writer.begin(followed(logs=None, path=None, kind=SourceKind.JSON))
    assert fourth.id == first.id  # by its name
    assert (fourth.logs, fourth.path) == (LOGS, "/build/Logs/monitor.dat")
    with History(path) as history:
        assert len(history.runs()) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"host": "elsewhere"},
        {"started": STARTED + SAME_BUILD + 1},
        {"started": STARTED - SAME_BUILD - 1},
        {"name": "other", "logs": None, "path": "/x"},
        {"name": "other", "logs": "/x", "path": None},
    ],
)
def test_another_build_is_another_run(writer: Writer, other: dict[str, object]) -> None:
    assert writer.begin(followed()).id != writer.begin(followed(**other)).id


def test_builds_without_a_name_are_not_one_for_that() -> None:
    with TemporaryDirectory() as directory:
        writer = Writer(f"{directory}/history.db", tell=silent)
        one = writer.begin(followed(name="", logs=None, path="/a"))
        other = writer.begin(followed(name="", logs=None, path="/b"))
        writer.close()
    assert one.id != other.id


def test_a_build_that_had_ended_is_not_the_one_that_begins_after_it(writer: Writer) -> None:
    short = writer.begin(followed(ended=STARTED + 3, state=BuildState.FINISHED))
    assert writer.begin(followed(started=STARTED + 5)).id != short.id
    assert writer.begin(followed(started=STARTED + 1)).id == short.id


def test_each_build_of_our_own_is_a_run_however_soon_it_begins_again(writer: Writer) -> None:
    assert writer.begin(run()).id != writer.begin(run(started=STARTED + 1)).id


def test_whoever_builds_takes_over_from_those_who_watch(writer: Writer, path: str) -> None:
    watched = writer.begin(followed(started=STARTED + 2))
    writer.write(watched, [package("seen/first")], [minute(0)])
    own = writer.begin(run())
    assert own == run(id=watched.id, path="/build/Logs/monitor.dat")
    writer.write(watched._replace(elapsed=999, updated=NOW), [package("seen/after")], [minute(1)])
    with History(path) as history:
        assert history.runs(now=NOW) == [own]
        assert [one.origin for one in history.packages(own.id)] == ["seen/first"]
        assert history.minutes(own.id) == [minute(0)]


def test_a_watcher_is_told_that_the_build_records_itself(writer: Writer, path: str) -> None:
    own = writer.begin(run())
    watched = writer.begin(followed())
    assert (watched.id, watched.own) == (own.id, True)
    with History(path) as history:
        assert history.runs(now=NOW) == [own]


def test_to_begin_a_run_again_is_the_same_run(writer: Writer) -> None:
    begun = writer.begin(run())
    assert writer.begin(begun) == begun


def test_what_one_watcher_does_not_know_the_other_ones_word_for_it_stays(writer: Writer, path: str) -> None:
    begun = writer.begin(followed())
    writer.write(begun, [package("devel/gmake")], [minute(0, 5.0)])
    unknown = package("devel/gmake")._replace(started=None, duration=None, lines=99, log=None)
    later = begun._replace(updated=NOW, workers=None, peak_rate=1.0, peak_load=50.0, logs="/moved", path=None)
    writer.write(later, [unknown], [minute(0, None)])
    with History(path) as history:
        assert history.runs(now=NOW) == [begun._replace(updated=NOW, peak_load=50.0)]
        assert history.packages(begun.id) == [package("devel/gmake")._replace(lines=99)]
        assert history.minutes(begun.id) == [minute(0, 5.0)]


def test_who_finds_a_build_gone_that_another_saw_end_does_not_know_better(writer: Writer, path: str) -> None:
    begun = writer.begin(followed())
    over = begun._replace(state=BuildState.FINISHED, ended=NOW, updated=NOW)
    writer.write(over, [], [])
    writer.write(over._replace(state=BuildState.GONE, ended=None, updated=NOW + 60), [], [])
    with History(path) as history:
        (known,) = history.runs(now=NOW + 60)
        assert (known.state, known.ended) == (BuildState.FINISHED, NOW)


def test_a_minute_is_the_most_of_what_was_said_of_it_and_the_least_dynmax(writer: Writer, path: str) -> None:
    begun = writer.begin(followed())
    for figure in (4.0, 2.0, 6.0):
        writer.write(begun, [], [minute(0, figure)])
    with History(path) as history:
        assert history.minutes(begun.id) == [minute(0, 6.0)._replace(dynmax=2.0)]


def test_of_a_package_built_again_nothing_of_before_is_kept(writer: Writer, path: str) -> None:
    begun = writer.begin(run())
    failed = package("editors/vim", Outcome.FAILED)._replace(phase="build", reason="exit 1")
    built = package("editors/vim")._replace(log=None)
    writer.write(begun, [failed], [])
    writer.write(begun, [built], [])
    with History(path) as history:
        assert history.packages(begun.id) == [built]


def test_a_watcher_that_is_late_takes_nothing_back(writer: Writer, path: str) -> None:
    begun = writer.begin(followed())
    over = begun._replace(updated=NOW, ended=NOW, state=BuildState.FINISHED)
    writer.write(over, [], [])
    writer.write(begun, [package("devel/gmake")], [])
    with History(path) as history:
        assert history.run(begun.id) == over
        assert len(history.packages(begun.id)) == 1


def test_a_followed_build_ends_although_the_clock_was_set_back(writer: Writer, path: str) -> None:
    begun = writer.begin(followed(updated=NOW))
    over = begun._replace(elapsed=15, updated=NOW - 3600, ended=STARTED + 15, state=BuildState.FINISHED)
    writer.write(over, [], [])
    with History(path) as history:
        assert history.run(begun.id) == over


def test_what_was_killed_is_gone_once_the_next_build_of_its_logs_begins(writer: Writer, path: str) -> None:
    others = [
        writer.begin(other)
        for other in (
            run(started=STARTED, logs="/elsewhere"),
            run(started=STARTED, host="elsewhere"),
            followed(started=STARTED - 3600),
        )
    ]
    killed = writer.begin(run(started=STARTED - 60))
    over = writer.begin(run(started=STARTED - 90, ended=STARTED - 80, state=BuildState.FINISHED))
    new = writer.begin(run(started=STARTED))
    with History(path) as history:
        known = {one.id: one.state for one in history.runs(now=NOW)}
    assert known.pop(killed.id) is BuildState.GONE
    assert known.pop(over.id) is BuildState.FINISHED
    assert known == dict.fromkeys([new.id, *[other.id for other in others]], BuildState.BUILDING)


# -- at the same time -------------------------------------------------------------------------------


def _tell(path: str, number: int) -> None:
    writer = Writer(path, patience=30.0, tell=silent)
    begun = writer.begin(followed(started=STARTED + number))
    for turn in range(10):
        writer.write(begun, [package(f"process{number}/package{turn}")], [minute(turn, float(number))])
    writer.close()


def test_processes_that_write_at_once_lose_nothing_and_make_one_run(path: str) -> None:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_tell, args=(path, number)) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    with History(path) as history:
        (only,) = history.runs()
        assert len(history.packages(only.id)) == 40
        assert history.minutes(only.id) == [minute(turn, 3.0)._replace(dynmax=0.0) for turn in range(10)]


def test_a_writer_that_is_killed_loses_nothing_that_was_written(path: str) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            writer = Writer(path, tell=silent)
            begun = writer.begin(run())
            for turn in range(1 << 30):
                writer.write(begun, [package(f"a/{turn}-{number}") for number in range(20)], [minute(turn)])
                os.write(writing, b".")
        finally:
            os.kill(os.getpid(), signal.SIGKILL)  # nothing of pytest's may run in it
    os.close(writing)
    for _ in range(5):
        assert os.read(reading, 1) == b"."
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    written = 5 + len(os.read(reading, 1 << 20))
    os.close(reading)
    with History(path) as history:
        packages = len(history.packages(1))
        assert packages in (20 * written, 20 * (written + 1))
        assert 20 * len(history.minutes(1)) == packages
    writer = Writer(path, tell=silent)  # and it goes on with the same file
    assert writer.begin(run(started=0.0)).id == 2
    writer.close()


def test_it_is_read_while_it_is_written(writer: Writer, path: str) -> None:
    begun = writer.begin(run())
    with History(path) as history:
        for count in range(3):
            writer.write(begun, [package(f"a/{count}")], [])
            assert len(history.packages(begun.id)) == count + 1


def test_a_copy_of_its_files_is_consistent_while_it_is_written(
    writer: Writer, path: str, tmp_path: Path
) -> None:
    begun = writer.begin(run())
    for count in range(20):
        writer.write(begun, [package(f"a/{count}-{number}") for number in range(200)], [minute(count)])
        copy = tmp_path / str(count) / "history.db"
        copy.parent.mkdir()
        for ending in ("", "-wal"):
            Path(f"{copy}{ending}").write_bytes(Path(f"{path}{ending}").read_bytes())
        connection = sqlite3.connect(copy)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.close()
        with History(str(copy)) as history:
            assert len(history.packages(begun.id)) == 200 * (count + 1)
