"""synthtop's own monitor files, read again and again: numbers, lock, and what lies beside them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.follow.liveness import UNKNOWN_END
from synthtop.follow.monitorfile import MonitorFileReader
from synthtop.follow.reader import Place
from synthtop.formats import FormatError, json
from synthtop.formats.results import completion_line
from synthtop.model import (
    BuildState,
    Finished,
    LogKind,
    LogLine,
    Outcome,
    Snapshot,
    SourceKind,
    View,
    WorkerRow,
    WorkerState,
)

from . import samples
from .following import HOST, World, build, monitor_json, same_numbers


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


class Read:
    """A reader in a world, polled at the world's time."""

    def __init__(self, world: World, name: str, kind: SourceKind, results: bool = False) -> None:
        self.world = world
        path, directory = world.path(name), str(world.directory)
        self.reader = MonitorFileReader(
            Place(
                kind,
                "given",
                str(path),
                lock=str(path.with_suffix(".lk")),
                results=f"{directory}/00_last_results.log" if results else None,
                logs=directory if results else None,
            ),
            host=HOST,
        )

    def poll(self) -> Snapshot:
        return self.reader.poll(self.world.now, self.world.wall)


def json_in(world: World) -> Read:
    return Read(world, "m.json", SourceKind.JSON)


def text_in(world: World, results: bool = False) -> Read:
    return Read(world, "m.dat", SourceKind.TEXT, results)


# -- JSON ---------------------------------------------------------------------------------------------


def test_the_numbers_are_those_of_the_seq_that_is_named(world: World) -> None:
    written = build(7, built=3)
    world.write("m.json", json.encode(written))
    with world.locked("m.lk"):
        shown = json_in(world).poll()
    assert shown.seq == 7
    assert same_numbers(shown, written)
    assert shown.source == (SourceKind.JSON, "given", HOST, "sample", None)


@settings(max_examples=50, deadline=None)
@given(steps=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 100)), max_size=8))
def test_whatever_is_written_between_two_polls_the_last_of_it_is_shown_whole(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int]]
) -> None:
    world = World(tmp_path_factory.mktemp("follow"))
    written = build(1)
    world.write("m.json", json.encode(written))
    read = json_in(world)
    with world.locked("m.lk"):
        for writes, built in steps:
            for _ in range(writes):
                written = build(written.seq + 1, built=built)
                world.write("m.json", json.encode(written))
            world.passes(1.0)
            shown = read.poll()
            assert same_numbers(shown, written)
            assert [line.seq for line in shown.log] == list(range(1, written.seq + 1))


def test_nothing_is_made_anew_while_nothing_changes(world: World) -> None:
    world.write("m.json", monitor_json(1))
    read = json_in(world)
    with world.locked("m.lk"):
        first = read.poll()
        world.passes(0.5)
        assert read.poll() is first


def test_lines_are_kept_for_longer_than_the_file_has_them_and_are_the_same_objects(world: World) -> None:
    def lines(first: int, last: int) -> bytes:
        log = View([LogLine(seq, seq, None, LogKind.NOTE, f"line {seq}") for seq in range(first, last + 1)])
        taken = build(last)
        return json.encode(
            Snapshot(
                seq=last,
                state=taken.state,
                time=taken.time,
                started=taken.started,
                source=taken.source,
                log=log,
            )
        )

    world.write("m.json", lines(1, 200))
    read = json_in(world)
    first = read.poll().log
    world.write("m.json", lines(101, 300))
    log = read.poll().log
    assert [line.text for line in log] == [f"line {seq}" for seq in range(1, 301)]
    assert all(log[index] is first[index] for index in range(200))


def test_another_build_begins_with_nothing_of_the_one_before(world: World) -> None:
    world.write("m.json", monitor_json(5, lines=9))
    read = json_in(world)
    read.poll()
    # It was started two seconds later, and is as far as the other one was.
    world.write("m.json", monitor_json(6, started=samples.NOW - 8, lines=2))
    shown = read.poll()
    assert [line.seq for line in shown.log] == [1, 2]
    assert len(shown.finished) == 0


def test_a_held_lock_says_that_it_runs_and_by_whom(world: World) -> None:
    world.write("m.json", monitor_json(1))
    read = json_in(world)
    with world.locked("m.lk", pid=4711):
        shown = read.poll()
        assert (shown.state, shown.holder) == (BuildState.BUILDING, 4711)
        world.passes(3600)
        shown = read.poll()
        assert (shown.state, shown.age, shown.silent) == (BuildState.BUILDING, 3600, True)


def test_a_pid_that_none_can_have_is_none(world: World) -> None:
    """0 would be our own process group."""
    world.write("m.json", monitor_json(1))
    with world.locked("m.lk", pid=0):
        assert json_in(world).poll().holder is None


def test_a_free_lock_says_that_it_is_gone(world: World) -> None:
    world.write("m.json", monitor_json(3, built=2))
    read = json_in(world)
    with world.locked("m.lk"):
        read.poll()
    world.passes(1)
    shown = read.poll()
    assert (shown.state, shown.age, shown.holder, shown.problem) == (BuildState.GONE, 1, None, None)
    assert (shown.seq, shown.totals.built) == (3, 2)


def test_what_is_gone_stays_so_until_the_next_build_says_something(world: World) -> None:
    world.write("m.json", monitor_json(3, built=2))
    world.path("m.lk").touch()
    read = json_in(world)
    assert read.poll().state is BuildState.GONE
    with world.locked("m.lk"):
        assert read.poll().state is BuildState.GONE, "its lock is another's"
        world.passes(100)
        world.write("m.json", monitor_json(1, started=world.wall))
        shown = read.poll()
        assert (shown.state, shown.seq, shown.totals.built) == (BuildState.BUILDING, 1, 0)


@pytest.mark.parametrize("state", [BuildState.FINISHED, BuildState.INTERRUPTED])
def test_an_end_that_was_said_is_shown_whatever_the_lock(world: World, state: BuildState) -> None:
    world.write("m.json", monitor_json(3, state=state))
    read = json_in(world)
    assert read.poll().state is state
    with world.locked("m.lk"):
        assert read.poll().state is state


@pytest.mark.parametrize(("age", "state"), [(9, BuildState.BUILDING), (10, BuildState.STALE)])
def test_without_a_lock_its_age_tells(world: World, age: int, state: BuildState) -> None:
    world.write("m.json", monitor_json(1))
    world.passes(age)
    shown = json_in(world).poll()
    assert (shown.state, shown.age) == (state, age)


@pytest.mark.parametrize(("age", "state"), [(9, BuildState.BUILDING), (10, BuildState.GONE)])
def test_a_lock_of_another_host_that_looks_free_is_not_trusted_alone(
    world: World, age: int, state: BuildState
) -> None:
    world.write("m.json", monitor_json(1, host="elsewhere"))
    world.path("m.lk").touch()
    world.passes(age)
    assert json_in(world).poll().state is state


def test_a_relayed_build_is_as_old_as_its_source_was(world: World) -> None:
    relayed = build(1)
    world.write("m.json", json.encode(relayed).replace(b'"age":null', b'"age":40,"problem":"why"', 1))
    world.passes(2)
    with world.locked("m.lk"):
        assert json_in(world).poll().age == 42


def test_what_cannot_be_decoded_is_said_at_each_poll_and_the_next_good_one_goes_on(world: World) -> None:
    world.write("m.json", monitor_json(1))
    read = json_in(world)
    read.poll()
    world.write("m.json", b'{"schema": 1')
    for _ in range(2):
        with pytest.raises(FormatError, match=r"m\.json: no JSON"):
            read.poll()
    world.write("m.json", monitor_json(2))
    assert read.poll().seq == 2


def test_of_many_objects_the_last_whole_one_is_shown(world: World) -> None:
    """As ``synthtop status --json --watch > m.json`` leaves them."""
    world.write("m.json", monitor_json(1) + monitor_json(2) + monitor_json(3)[:50])
    assert json_in(world).poll().seq == 2


def test_of_a_file_of_many_lines_the_last_whole_one_counts_however_large_it_is(world: World) -> None:
    padding = b'{"schema":1,"seq":1}'.ljust(1 << 20) + b"\n"
    world.write("m.json", padding * 20 + monitor_json(7) + monitor_json(8)[:-5])
    assert json_in(world).poll().seq == 7


def test_finished_packages_are_read_out_of_its_lines(world: World) -> None:
    failed = Finished("x11/xterm", Outcome.FAILED, 7, 2, "configure", None, 83, blocks=3)
    taken = build(9, host="elsewhere")
    log = View([LogLine(1, 7, 2, LogKind.FAILED, completion_line(failed))])
    world.write(
        "m.json",
        json.encode(
            Snapshot(
                seq=9, state=taken.state, time=taken.time, started=taken.started, source=taken.source, log=log
            )
        ),
    )
    read = json_in(world)
    assert list(read.poll().finished) == [failed]
    assert list(read.poll().finished) == [failed], "once"


def test_finished_packages_of_a_build_on_this_host_are_those_of_its_result_list(world: World) -> None:
    """It has all of them, and where their logs are."""
    logs = world.path("logs")
    logs.mkdir()
    line = completion_line(Finished("devel/gmake", Outcome.BUILT, None, 0, duration=83))
    (logs / "00_last_results.log").write_text(f"{line}\n")
    (logs / "devel___gmake.log").touch()
    world.write("m.json", monitor_json(300, logs=str(logs), lines=0))
    (package,) = json_in(world).poll().finished
    assert (package.origin, package.duration, package.log) == ("devel/gmake", 83, f"{logs}/devel___gmake.log")


def test_what_the_next_build_does_to_the_list_is_none_of_one_that_has_ended(world: World) -> None:
    logs = world.path("logs")
    logs.mkdir()
    results = logs / "00_last_results.log"
    results.write_text("[000] SUCCESS devel/gmake 00:01:23\n")
    world.write("m.json", monitor_json(3, logs=str(logs), lines=0, state=BuildState.FINISHED))
    read = json_in(world)
    for _ in range(2):
        assert [package.origin for package in read.poll().finished] == ["devel/gmake"]
    results.write_text("")
    assert [package.origin for package in read.poll().finished] == ["devel/gmake"]


def test_no_directory_is_read_that_only_another_host_has(world: World) -> None:
    logs = world.path("logs")
    logs.mkdir()
    (logs / "00_last_results.log").write_text(
        "[XXX] devel/gmake Already-Built\n[XXX] a/b meta-node complete\n"
    )
    world.write("m.json", monitor_json(3, host="elsewhere", logs=str(logs), lines=0))
    assert len(json_in(world).poll().finished) == 0


# -- text ---------------------------------------------------------------------------------------------


def test_text_has_its_twelve_figures_and_nothing_that_it_does_not_say(world: World) -> None:
    world.write("m.dat", samples.text())
    with world.locked("m.lk"):
        shown = text_in(world).poll()
    assert (shown.state, shown.seq, shown.elapsed, shown.rate) == (BuildState.BUILDING, 1, 943, 24.3)
    assert tuple(shown.totals) == (142, 38, 2, 0, 5, 0)
    assert shown.source == (SourceKind.TEXT, "given", None, None, None)
    assert (shown.workers, len(shown.log), shown.eta) == ((), 0, None)
    assert shown.started == samples.NOW - 943


def test_its_changes_are_counted(world: World) -> None:
    world.write("m.dat", samples.text())
    read = text_in(world)
    read.poll()
    assert read.poll().seq == 1
    world.write("m.dat", samples.text(Built=39))
    shown = read.poll()
    assert (shown.seq, shown.totals.built) == (2, 39)


def test_text_alone_does_not_say_how_its_build_ended(world: World) -> None:
    world.write("m.dat", samples.text())
    world.path("m.lk").touch()
    shown = text_in(world).poll()
    assert (shown.state, shown.problem, shown.totals.built) == (BuildState.GONE, UNKNOWN_END, 38)


def test_an_export_without_a_lock_is_stale_when_it_is_old(world: World) -> None:
    world.write("m.dat", samples.gosynth_text())
    read = text_in(world)
    assert read.poll().state is BuildState.BUILDING
    world.passes(10)
    shown = read.poll()
    assert (shown.state, shown.age, shown.totals.built) == (BuildState.STALE, 10, 3)
    world.write("m.dat", samples.gosynth_text())
    assert read.poll().state is BuildState.BUILDING


def test_a_result_list_beside_it_gives_it_lines_and_finished_packages(world: World) -> None:
    world.write("m.dat", samples.gosynth_text())
    world.write("00_last_results.log", samples.gosynth_results())
    shown = text_in(world, results=True).poll()
    assert [package.origin for package in shown.finished] == ["devel/gmake", "editors/vim"]
    assert [line.kind for line in shown.log] == [LogKind.BUILT, LogKind.FAILED]


def test_what_the_list_knows_of_its_slots_is_shown(world: World) -> None:
    world.write("m.dat", samples.text())
    world.write("00_last_results.log", b"[001] START   devel/gmake\n[009] START   devel/beyond\n")
    log = world.write("devel___gmake.log", b"")
    read = text_in(world, results=True)
    assert read.poll().workers == (WorkerRow(1, WorkerState.RUNNING, origin="devel/gmake", log=str(log)),)
    with world.path("00_last_results.log").open("a") as results:
        results.write("[001] SUCCESS devel/gmake 00:00:01\n")
    assert read.poll().workers == ()


# -- both ---------------------------------------------------------------------------------------------


def test_no_file_is_left_open_and_no_lock_held(world: World) -> None:
    world.write("m.json", monitor_json(1))
    world.path("m.lk").touch()
    before = len(os.listdir("/dev/fd"))
    read = json_in(world)
    for _ in range(5):
        read.poll()
    assert len(os.listdir("/dev/fd")) == before
    with world.locked("m.lk"):
        pass  # it could be taken at once
