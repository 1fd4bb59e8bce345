"""Whatever becomes of the files of a followed build, its state, its numbers and what is wrong are said."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.follow import follow
from synthtop.follow.follower import Follower
from synthtop.follow.liveness import UNKNOWN_END
from synthtop.follow.opening import Opening
from synthtop.follow.reader import Place, Reader
from synthtop.formats import json
from synthtop.model import BuildState, HostSample, Snapshot, SourceKind, WorkerRow, WorkerState
from synthtop.monitor import MonitorSink
from synthtop.targets import parse_target

from . import samples
from .following import World, build, monitor_json, same_numbers
from .samples import Slot
from .terminal import ROOT, environment, eventually

WAITING, BUILDING, FINISHED = BuildState.WAITING, BuildState.BUILDING, BuildState.FINISHED
GONE, STALE, UNREADABLE = BuildState.GONE, BuildState.STALE, BuildState.UNREADABLE
DSYNTH = "logs/stats/monitor.dat"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def told(shown: Snapshot) -> tuple[BuildState, int, str | None]:
    """The state, a number, and what is wrong."""
    return shown.state, shown.totals.built, shown.problem


# -- not there, or not yet ----------------------------------------------------------------------------


def test_a_missing_file_is_waited_for_and_shown_once_it_is_there(world: World) -> None:
    follower = world.follower("m.json")
    shown = follower.tick()
    assert told(shown) == (WAITING, 0, "there is no such file yet")
    assert shown.source.path == str(world.path("m.json"))
    assert (shown.totals.queued, shown.elapsed, shown.age) == (None, None, 0)
    world.passes(7)
    assert follower.tick().age == 7
    world.write("m.json", monitor_json(1, built=5))
    assert told(follower.tick()) == (BUILDING, 5, None)


def test_what_is_missing_in_a_directory_is_named(world: World) -> None:
    world.path("logs/stats").mkdir(parents=True)
    shown = world.follower("logs").tick()
    assert (shown.state, shown.problem) == (
        WAITING,
        f"there is no such file yet: {world.path('logs/stats/monitor.dat')}",
    )


def test_a_directory_in_a_files_place_with_nothing_in_it_is_waited_for(world: World) -> None:
    world.path("m.dat").mkdir()
    follower = world.follower("m.dat")
    assert told(follower.tick()) == (WAITING, 0, "nothing of a build is in it yet")
    world.write("m.dat/b.json", monitor_json(1, built=5))
    assert told(follower.tick()) == (BUILDING, 5, None)


def test_a_file_in_which_nothing_stands_yet_is_waited_for(world: World) -> None:
    world.path("m.dat").touch()
    follower = world.follower("m.dat")
    assert told(follower.tick()) == (WAITING, 0, "there is nothing in it yet")
    world.write_in_place("m.dat", samples.text())
    assert told(follower.tick()) == (BUILDING, 38, None)


def test_a_file_in_which_nothing_stands_for_long_is_still_waited_for(world: World) -> None:
    world.path("build.events").touch()
    follower = world.follower("build.events")
    for _ in range(8):
        assert told(follower.tick()) == (WAITING, 0, "there is nothing in it yet")
        world.passes(1)


def test_a_path_below_a_file_is_one_that_is_not_there(world: World) -> None:
    world.write("file", b"")
    shown = world.follower("file/m.json").tick()
    assert shown.state is WAITING


def test_json_that_is_removed_while_its_build_runs_says_that_it_is_gone(world: World) -> None:
    world.write("m.json", monitor_json(3, built=2))
    follower = world.follower("m.json")
    with world.locked("m.lk"):
        assert told(follower.tick()) == (BUILDING, 2, None)
        world.path("m.json").unlink()
        world.passes(4)
        shown = follower.tick()
    assert told(shown) == (GONE, 2, "its monitor file was removed")
    assert (shown.age, shown.holder) == (4, None)
    world.passes(3)
    assert follower.tick().age == 7


def test_text_that_is_removed_says_that_its_build_has_ended_somehow(world: World) -> None:
    world.write("m.dat", samples.text())
    follower = world.follower("m.dat")
    with world.locked("m.lk"):
        follower.tick()
    world.path("m.dat").unlink()
    assert told(follower.tick()) == (GONE, 38, UNKNOWN_END)


def test_a_finished_build_stays_when_its_file_is_removed(world: World) -> None:
    world.write("m.json", monitor_json(3, built=2, state=FINISHED))
    follower = world.follower("m.json")
    follower.tick()
    world.path("m.json").unlink()
    assert told(follower.tick()) == (FINISHED, 2, None)


def test_other_sources_whose_file_is_removed_are_waited_for(world: World) -> None:
    world.write("stats.dat", samples.dsynth(active=1))
    follower = world.follower("stats.dat")
    with world.locked("stats.lk"):
        assert told(follower.tick()) == (BUILDING, 38, None)
        world.path("stats.dat").unlink()
        assert told(follower.tick()) == (WAITING, 0, "there is no such file yet")


# -- replaced and changed -----------------------------------------------------------------------------


def test_a_file_that_is_replaced_at_each_tick_is_shown_as_it_is(world: World) -> None:
    follower = world.follower("m.json")
    with world.locked("m.lk"):
        for seq in range(1, 5):
            world.write("m.json", monitor_json(seq, built=seq))
            shown = follower.tick()
            assert (shown.state, shown.seq, shown.totals.built) == (BUILDING, seq, seq)
            assert [line.seq for line in shown.log] == list(range(1, seq + 1))
            world.passes(1)


def test_another_build_on_the_same_path_begins_with_nothing_of_the_one_before(world: World) -> None:
    world.write("m.json", monitor_json(50, built=40))
    follower = world.follower("m.json")
    follower.tick()
    world.passes(100)
    world.write("m.json", monitor_json(2, built=1, started=world.wall - 2))
    shown = follower.tick()
    assert told(shown) == (BUILDING, 1, None)
    assert [line.seq for line in shown.log] == [1, 2]


def test_another_kind_of_file_in_its_place_is_read_as_what_it_is(world: World) -> None:
    world.write("monitor.dat", samples.text())
    follower = world.follower("monitor.dat")
    assert follower.tick().source.kind is SourceKind.TEXT
    world.write("monitor.dat", samples.dsynth())
    with world.locked("monitor.lk"):
        shown = follower.tick()
    assert (shown.source.kind, shown.state, shown.host.load) == (SourceKind.DSYNTH, BUILDING, 14.2)


def test_json_that_appears_beside_text_is_followed_instead(world: World) -> None:
    world.write("m.dat", samples.text())
    follower = world.follower("m.dat")
    with world.locked("m.lk"):
        assert follower.tick().source.kind is SourceKind.TEXT
        world.write("m.json", monitor_json(3, built=2))
        world.passes(5)
        world.write("m.dat", samples.text())
        shown = follower.tick()
    assert (shown.source.kind, shown.seq, shown.totals.built) == (SourceKind.JSON, 3, 2)


def test_the_end_is_read_from_the_json_when_the_text_is_gone(world: World) -> None:
    world.write("m.dat", samples.text())
    follower = world.follower("m.dat")
    with world.locked("m.lk"):
        follower.tick()
    world.write("m.json", monitor_json(9, built=7, state=FINISHED))
    world.path("m.dat").unlink()
    assert told(follower.tick()) == (FINISHED, 7, None)


def test_json_beside_text_that_cannot_be_read_is_not_followed(world: World) -> None:
    world.write("m.dat", samples.text())
    follower = world.follower("m.dat")
    with world.locked("m.lk"):
        follower.tick()
        world.write("m.json", b'{"schema": 1, "throttle": {}, "state": 5}')
        world.passes(5)
        world.write("m.dat", samples.text())
        assert told(follower.tick()) == (BUILDING, 38, None)


def test_of_a_directory_the_build_that_is_followed_stays_while_it_runs(world: World) -> None:
    world.write("b.json", monitor_json(3, built=2))
    follower = world.follower("")
    with world.locked("b.lk"):
        follower.tick()
        with world.locked("a.lk"):
            world.write("a.json", monitor_json(3, built=9))
            world.passes(5)
            assert told(follower.tick()) == (BUILDING, 2, None)


def test_of_a_directory_the_next_build_is_shown_when_the_one_before_has_ended(world: World) -> None:
    world.write("b.json", monitor_json(3, built=2, state=FINISHED))
    follower = world.follower("")
    assert told(follower.tick()) == (FINISHED, 2, None)
    with world.locked("a.lk"):
        world.write("a.json", monitor_json(3, built=9))
        world.passes(5)
        assert told(follower.tick()) == (BUILDING, 9, None)


# -- what cannot be read ------------------------------------------------------------------------------


def test_a_truncated_file_is_taken_for_half_written_for_three_seconds(world: World) -> None:
    world.write("m.dat", samples.text())
    follower = world.follower("m.dat")
    with world.locked("m.lk"):
        follower.tick()
        world.passes(1)
        world.write_in_place("m.dat", samples.text()[:40])
        shown = follower.tick()
        assert (*told(shown), shown.age) == (BUILDING, 38, None, 1)
        world.passes(2.9)
        assert told(follower.tick()) == (BUILDING, 38, None)
        world.passes(0.1)
        shown = follower.tick()
        assert (shown.state, shown.totals.built, shown.age) == (UNREADABLE, 38, 4)
        assert shown.problem is not None
        assert shown.problem.startswith("no Rate= line: expected Load, Swap")
        world.write_in_place("m.dat", samples.text(Built=39))
        assert told(follower.tick()) == (BUILDING, 39, None)


def test_each_half_written_moment_is_forgiven_anew(world: World) -> None:
    world.write("m.dat", samples.text())
    follower = world.follower("m.dat")
    with world.locked("m.lk"):
        follower.tick()
        for _ in range(4):
            world.write_in_place("m.dat", b"")
            assert follower.tick().state is BUILDING
            world.passes(2)
            world.write_in_place("m.dat", samples.text())
            assert follower.tick().state is BUILDING
            world.passes(2)


def test_dsynths_file_that_is_cut_says_how_large_it_should_be(world: World) -> None:
    path = world.write(DSYNTH, samples.dsynth())
    follower = world.follower("logs")
    with world.locked("logs/stats/monitor.lk"):
        follower.tick()
        os.truncate(path, 1000)
        follower.tick()
        world.passes(3)
        shown = follower.tick()
    assert (shown.state, shown.totals.built) == (UNREADABLE, 38)
    assert shown.problem is not None
    assert "320584" in shown.problem
    assert "1000" in shown.problem


def test_dsynths_file_that_is_zeroed_at_reset_says_that_a_build_is_about_to_begin(world: World) -> None:
    path = world.write(DSYNTH, samples.dsynth())
    follower = world.follower("logs")
    with world.locked("logs/stats/monitor.lk"):
        assert told(follower.tick()) == (BUILDING, 38, None)
        path.write_bytes(samples.being_reset())
        assert told(follower.tick()) == (WAITING, 0, "a build is about to begin")
        path.write_bytes(samples.dsynth(successful=1, h=0, m=0, s=9))
        assert told(follower.tick()) == (BUILDING, 1, None)


def test_dsynths_file_that_is_zeroed_when_it_is_found_is_waited_for(world: World) -> None:
    world.write(DSYNTH, samples.being_reset())
    assert told(world.follower("logs").tick()) == (WAITING, 0, "a build is about to begin")


def test_an_unknown_version_is_said_with_those_that_are_known(world: World) -> None:
    data = b"9.99\0" + samples.dsynth()[5:]
    world.write(DSYNTH, data)
    shown = world.follower("logs").tick()
    assert shown.state is UNREADABLE
    assert shown.problem is not None
    assert "9.99" in shown.problem
    assert "1.0.2" in shown.problem


def test_a_newer_schema_is_said(world: World) -> None:
    world.write("m.json", monitor_json(1).replace(b'"schema":1', b'"schema":2'))
    shown = world.follower("m.json").tick()
    assert (shown.state, shown.problem) == (
        UNREADABLE,
        "schema 2 is newer than this synthtop, which reads up to 1",
    )


def test_a_half_written_slot_keeps_what_it_was_and_all_else_is_new(world: World) -> None:
    slots = list(samples.SLOTS_1_0_2)
    path = world.write(DSYNTH, samples.dsynth(slots=slots))
    follower = world.follower("logs")
    with world.locked("logs/stats/monitor.lk"):
        follower.tick()
        slots[0] = Slot(state=77, phase=-5, started=-1, lines=-9, origin="devel/gm")
        path.write_bytes(samples.dsynth(slots=slots, successful=39))
        shown = follower.tick()
    assert told(shown) == (BUILDING, 39, None)
    assert (shown.workers[0].origin, shown.workers[0].phase) == ("devel/gmake", "build")
    assert shown.workers[0].state is WorkerState.RUNNING


def unreadable(world: World, follower: Follower) -> Snapshot:
    """What is told of the file that has just come into the place of a good one, when it lasts."""
    assert follower.tick().state is BUILDING, "for a moment"
    world.passes(3)
    shown = follower.tick()
    assert shown.state is UNREADABLE
    return shown


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\x7fELF\0\0\0", "binary data of 7 bytes: expected"),
        (b'{"a": 1}', "a JSON object with a: expected"),
        (b"", "nothing stands in it yet: expected"),
    ],
)
def test_what_is_no_builds_file_in_the_place_of_one_is_told_as_what_it_is_now(
    world: World, data: bytes, problem: str
) -> None:
    world.write("m.dat", samples.text())
    follower = world.follower("m.dat")
    with world.locked("m.lk"):
        follower.tick()
        world.write("m.dat", data)
        shown = unreadable(world, follower)
    assert shown.problem is not None
    assert shown.problem.startswith(problem)
    assert (shown.source.kind, shown.totals.built) == (SourceKind.RUN, 38), (
        "of no kind, with the last figures"
    )
    world.write("m.dat", samples.text(Built=39))
    with world.locked("m.lk"):
        shown = follower.tick()
    assert (shown.source.kind, told(shown)) == (SourceKind.TEXT, (BUILDING, 39, None))


def test_another_kind_of_file_that_cannot_be_read_is_told_as_what_it_is(world: World) -> None:
    world.write("m.dat", samples.text())
    follower = world.follower("m.dat")
    with world.locked("m.lk"):
        follower.tick()
        world.write("m.dat", b"9.99\0" + samples.dsynth()[5:])
        shown = unreadable(world, follower)
    assert shown.source.kind is SourceKind.DSYNTH
    assert shown.problem is not None
    assert shown.problem.startswith("version '9.99'")


def test_a_file_that_is_half_written_is_still_of_its_kind(world: World) -> None:
    world.write("m.dat", samples.text())
    follower = world.follower("m.dat")
    with world.locked("m.lk"):
        follower.tick()
        world.write("m.dat", samples.text()[:40])
        assert unreadable(world, follower).source.kind is SourceKind.TEXT


def test_no_kind_is_told_of_what_was_never_one(world: World) -> None:
    world.write("m.dat", b"9.99\0" + samples.dsynth()[5:])
    follower = world.follower("m.dat")
    assert follower.tick().source.kind is SourceKind.DSYNTH
    world.write("m.dat", b"\x7fELF\0\0\0")
    assert follower.tick().source.kind is SourceKind.RUN


class Forbidden(Opening):
    """Files that may not be read while ``forbidden``: root may read all."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.forbidden = True

    def locate(self) -> Place:
        self._check()
        return super().locate()

    def open(self, place: Place) -> Reader:
        return _Checked(self, super().open(place))

    def _check(self) -> None:
        if self.forbidden:
            raise PermissionError(13, "Permission denied", self.path)


class _Checked:
    def __init__(self, opening: Forbidden, reader: Reader) -> None:
        self._opening, self._reader = opening, reader

    def poll(self, now: float, wall: float) -> Snapshot:
        self._opening._check()
        return self._reader.poll(now, wall)

    def close(self) -> None:
        self._reader.close()


def test_a_file_that_may_not_be_read_is_unreadable_until_it_may(world: World) -> None:
    world.write("m.json", monitor_json(1, built=4))
    opening = Forbidden(str(world.path("m.json")))
    follower = Follower(
        opening.path, clock=lambda: world.now, wall=lambda: world.wall, patience=30, opening=opening
    )
    assert told(follower.tick()) == (UNREADABLE, 0, "Permission denied")
    opening.forbidden = False
    assert told(follower.tick()) == (BUILDING, 4, None)
    opening.forbidden = True
    world.passes(1)
    assert told(follower.tick()) == (BUILDING, 4, None), "for a moment"
    world.passes(3)
    shown = follower.tick()
    assert (*told(shown), shown.age) == (UNREADABLE, 4, "Permission denied", 4)
    follower.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_a_permission_is_unreadable(world: World) -> None:
    world.write("m.json", monitor_json(1)).chmod(0)
    assert told(world.follower("m.json").tick()) == (UNREADABLE, 0, "Permission denied")


def test_what_is_no_builds_file_says_what_it_looks_like(world: World) -> None:
    world.write("m.json", b"\x7fELF\0\0\0")
    shown = world.follower("m.json").tick()
    assert shown.state is UNREADABLE
    assert shown.problem is not None
    assert shown.problem.startswith("binary data of 7 bytes: expected")


def test_a_finished_build_that_becomes_unreadable_is_still_finished(world: World) -> None:
    world.write("m.json", monitor_json(1, built=4, state=FINISHED))
    follower = world.follower("m.json")
    follower.tick()
    world.write("m.json", b"\0")
    follower.tick()
    world.passes(3)
    shown = follower.tick()
    assert (shown.state, shown.totals.built) == (FINISHED, 4)
    assert shown.problem is not None


def test_a_mistake_of_ours_is_told_and_ends_nothing(world: World) -> None:
    class Mistaken(Opening):
        def locate(self) -> Place:
            raise RuntimeError("mistaken")

    follower = Follower("x", clock=lambda: world.now, wall=lambda: world.wall, opening=Mistaken("x"))
    for _ in range(2):
        assert told(follower.tick()) == (UNREADABLE, 0, "internal error: RuntimeError: mistaken")
    follower.close()


# -- finished, gone, stale, not updating --------------------------------------------------------------


def test_a_finished_build_is_shown_as_it_ended(world: World) -> None:
    world.write("m.json", monitor_json(9, built=7, state=FINISHED))
    assert told(world.follower("m.json").tick()) == (FINISHED, 7, None)


def test_a_build_whose_lock_is_free_is_gone_with_its_last_numbers(world: World) -> None:
    world.write("m.json", monitor_json(9, built=7, host=None))
    follower = world.follower("m.json")
    with world.locked("m.lk"):
        assert told(follower.tick()) == (BUILDING, 7, None)
    world.passes(1)
    assert told(follower.tick()) == (GONE, 7, None)


def test_an_export_that_is_old_is_stale(world: World) -> None:
    world.write("m.dat", samples.gosynth_text())
    world.passes(10)
    shown = world.follower("m.dat").tick()
    assert (*told(shown), shown.age) == (STALE, 3, None, 10)


def test_a_build_that_holds_its_lock_and_says_nothing_is_not_updating(world: World) -> None:
    world.write("m.json", monitor_json(9, built=7))
    follower = world.follower("m.json")
    with world.locked("m.lk"):
        follower.tick()
        world.passes(30)
        shown = follower.tick()
    assert (*told(shown), shown.age, shown.silent) == (BUILDING, 7, None, 30, True)


# -- a file system that hangs -------------------------------------------------------------------------


class Hanging(Opening):
    """A file system that does not answer while ``answers`` is not set."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.answers = threading.Event()
        self.left = threading.Event()

    def locate(self) -> Place:
        self.answers.wait()
        return super().locate()

    def open(self, place: Place) -> Reader:
        return _Waited(self, super().open(place))


class _Waited:
    def __init__(self, opening: Hanging, reader: Reader) -> None:
        self._opening, self._reader = opening, reader

    def poll(self, now: float, wall: float) -> Snapshot:
        self._opening.answers.wait()
        return self._reader.poll(now, wall)

    def close(self) -> None:
        self._reader.close()
        self._opening.left.set()


@pytest.fixture
def hanging(world: World) -> Iterator[Hanging]:
    hanging = Hanging(str(world.write("m.json", monitor_json(9, built=7))))
    yield hanging
    hanging.answers.set()


def impatient(world: World, opening: Opening, patience: float = 0.05) -> Follower:
    return Follower(
        opening.path, clock=lambda: world.now, wall=lambda: world.wall, patience=patience, opening=opening
    )


def says(follower: Follower, state: BuildState, built: int) -> Snapshot:
    """What it says once it says this: its thread may need longer than its patience."""
    found: list[Snapshot] = []

    def said() -> bool:
        found.append(follower.tick())
        return told(found[-1]) == (state, built, None)

    eventually(said, f"{state} with {built} built")
    return found[-1]


def test_a_file_system_that_never_answers_is_told(world: World, hanging: Hanging) -> None:
    follower = impatient(world, hanging)
    shown = follower.tick()
    assert (shown.state, shown.totals.queued) == (UNREADABLE, None)
    world.passes(12)
    assert told(follower.tick()) == (UNREADABLE, 0, "the file system has not answered for 12 s")
    follower.close()


def test_one_that_hangs_later_leaves_the_numbers_and_their_age(world: World, hanging: Hanging) -> None:
    hanging.answers.set()
    follower = impatient(world, hanging)
    with world.locked("m.lk"):
        says(follower, BUILDING, 7)
        hanging.answers.clear()
        world.passes(1)
        assert told(follower.tick()) == (STALE, 7, "the file system has not answered for 1 s")
        world.passes(12)
        shown = follower.tick()
        assert told(shown) == (STALE, 7, "the file system has not answered for 12 s")
        assert (shown.age, shown.seq) == (13, 9)
        world.write("m.json", monitor_json(10, built=8))
        hanging.answers.set()
        says(follower, BUILDING, 8)
    follower.close()


def test_a_finished_build_does_not_become_stale(world: World, hanging: Hanging) -> None:
    world.write("m.json", monitor_json(9, built=7, state=FINISHED))
    hanging.answers.set()
    follower = impatient(world, hanging)
    says(follower, FINISHED, 7)
    hanging.answers.clear()
    world.passes(1)
    assert told(follower.tick()) == (FINISHED, 7, "the file system has not answered for 1 s")
    follower.close()


def test_one_that_hangs_holds_up_no_end_and_is_let_go_when_it_answers(world: World, hanging: Hanging) -> None:
    hanging.answers.set()
    follower = impatient(world, hanging)
    says(follower, BUILDING, 7)
    hanging.answers.clear()
    world.passes(1)
    follower.tick()
    follower.close()
    assert not hanging.left.is_set()
    hanging.answers.set()
    assert hanging.left.wait(30)
    assert follower.tick().totals.built == 7, "after its end it says what it said last"


def test_a_follower_may_be_closed_twice_and_before_it_has_begun(world: World) -> None:
    follower = world.follower("m.json")
    follower.close()
    follower.close()
    assert follower.tick().state is WAITING


# -- exactly what was written -------------------------------------------------------------------------


def _as_said(shown: Snapshot) -> tuple[WorkerRow, ...]:
    return tuple(row._replace(phases=()) for row in shown.workers)


@settings(max_examples=25, deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.booleans(), st.integers(0, 50), st.floats(0, 64, width=32), st.sampled_from([1, 2, 3, 30])
        ),
        min_size=1,
        max_size=6,
    )
)
def test_the_numbers_are_exactly_those_that_a_sink_has_written(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[bool, int, float, int]]
) -> None:
    world = World(tmp_path_factory.mktemp("follow"))
    reports: list[str] = []
    sink = MonitorSink(parse_target(str(world.path("m.dat"))), reports.append)
    follower = world.follower("m.dat")
    written = build(1)
    sink.on_snapshot(written)
    for writes, built, load, lines in steps:
        if writes:
            written = replace(build(written.seq + 1, built=built, lines=lines), host=HostSample(load=load))
            sink.on_snapshot(written)
        shown = follower.tick()
        assert shown.state is BUILDING
        assert shown.source.kind is SourceKind.JSON
        # Of what phases a slot has been in, more is shown than the file says.
        assert [[span.name for span in row.phases] for row in shown.workers] == [["build"]]
        assert same_numbers(replace(shown, log=written.log, workers=_as_said(shown)), written)
        world.passes(1)
    sink.on_snapshot(replace(written, seq=written.seq + 1, state=FINISHED))
    sink.close()
    shown = follower.tick()
    assert (shown.state, shown.seq, shown.totals) == (FINISHED, written.seq + 1, written.totals)
    world.close()
    assert reports == []


# -- from outside -------------------------------------------------------------------------------------


def test_follow_is_loaded_without_what_reads_anything() -> None:
    code = "import sys, synthtop.follow; print([n for n in sys.modules if n.startswith('synthtop.')])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == "['synthtop._version', 'synthtop.follow']\n"


def test_follow_gives_a_feed_of_what_is_at_the_path(world: World) -> None:
    world.write("m.json", monitor_json(9, built=7, state=FINISHED))
    feed = follow(str(world.path("m.json")))
    assert told(feed.tick()) == (FINISHED, 7, None)
    feed.close()


@pytest.mark.parametrize(
    ("name", "kind", "queued"),
    [
        ("text/monitor.dat", SourceKind.TEXT, 142),
        ("go-synth", SourceKind.TEXT, 12),
        ("dsynth-1.0.2", SourceKind.DSYNTH, 142),
        ("dsynth-1.0.2/Report", SourceKind.REPORT, 142),
        ("dsynth-1.0.2/00_last_results.log", SourceKind.LOG, None),
        ("poudriere", SourceKind.POUDRIERE, 10),
        ("m.json", SourceKind.JSON, 100),
    ],
)
def test_each_kind_of_source_is_known_by_what_stands_in_it(
    world: World, name: str, kind: SourceKind, queued: int | None
) -> None:
    samples.write_all(world.directory)
    world.write("m.json", monitor_json(1))
    shown = world.follower(name).tick()
    assert (shown.source.kind, shown.source.path) == (kind, str(world.path(name)))
    assert (shown.totals.queued, shown.problem) == (queued, None)


def test_a_file_of_events_is_read_too(world: World) -> None:
    world.write("events", b'{"event": "begin", "name": "mine", "workers": 2, "queued": 7}\n')
    follower = Follower(str(world.path("events")), probe=HostSample)
    eventually(lambda: follower.tick().totals.queued == 7, "its events")
    shown = follower.tick()
    assert (shown.source.kind, shown.source.name, shown.state) == (SourceKind.EVENTS, "mine", BUILDING)
    follower.close()


def test_a_fifo_is_a_stream_and_standard_input_too(world: World) -> None:
    os.mkfifo(world.path("fifo"))
    for path, main in ((str(world.path("fifo")),) * 2, ("-", "-")):
        assert Opening(path).locate() == Place(SourceKind.EVENTS, path, main)


def test_a_name_that_no_file_can_have_is_unreadable(world: World) -> None:
    follower = Follower("a\0b", clock=lambda: world.now, wall=lambda: world.wall)
    assert follower.tick().state is UNREADABLE
    follower.close()


def test_json_in_which_anything_stands_never_raises(world: World) -> None:
    follower = world.follower("m.json")
    for data in (b'{"schema": 1}', b"\xff" * 100, json.encode(build(1)).replace(b"1", b"-1"), b"7"):
        world.write("m.json", data)
        assert follower.tick().state is UNREADABLE
