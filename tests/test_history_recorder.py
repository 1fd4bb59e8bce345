"""The recorder shown a build of our own: what of it comes into the history, and what where that cannot be
written."""

from __future__ import annotations

import queue
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.history import recorder as recorder_module
from synthtop.history.pruning import prune
from synthtop.history.record import Minute, PackageRecord, Run
from synthtop.history.writing import Writer
from synthtop.model import (
    BuildState,
    Finished,
    HostSample,
    Ledger,
    Outcome,
    SourceKind,
    Totals,
)

from .copying import copy_of, packages_in
from .recording import HOST, JSON, OWN, PATIENCE, STARTED, Shelf, World, built, failed, snapshot


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


# -- a build of our own ------------------------------------------------------------------------------


def test_a_build_is_recorded_with_its_packages_and_how_it_ended(world: World) -> None:
    vim, gmake = built("editors/vim", 20, 12), failed("devel/gmake", 30)
    skipped = Finished("devel/ninja", Outcome.SKIPPED, 30, reason="devel/gmake")
    world.record(
        snapshot(0),
        snapshot(1),
        snapshot(25, vim),
        snapshot(31, vim, gmake, skipped, state=BuildState.FINISHED),
    )
    (run,) = world.runs()
    assert run == Run(
        id=run.id,
        host=HOST,
        name="LiveSystem",
        kind=SourceKind.RUN,
        own=True,
        path=None,
        logs="/logs/LiveSystem",
        started=STARTED,
        ended=STARTED + 31,
        updated=STARTED + 31,
        state=BuildState.FINISHED,
        elapsed=31,
        workers=4,
        average_rate=2 * 3600 / 31,
        peak_rate=None,
        peak_load=1.0,
        totals=Totals(10, 1, 1, 0, 1, 0),
    )
    assert world.packages(run) == [
        PackageRecord(
            "editors/vim",
            Outcome.BUILT,
            "package",
            None,
            STARTED + 8,
            12,
            100,
            "/logs/LiveSystem/editors/vim",
        ),
        PackageRecord("devel/gmake", Outcome.FAILED, "build", "exit status 1", STARTED + 27, 3, 10, None),
        PackageRecord("devel/ninja", Outcome.SKIPPED, None, "devel/gmake", None, None, None, None),
    ]
    assert world.said == []


def test_a_minute_has_the_most_of_each_figure_but_the_least_of_dynmax(world: World) -> None:
    world.record(
        snapshot(58, host=HostSample(load=3.0, swap_pct=10.0), dynmax=4, rate=120.0),
        snapshot(59, host=HostSample(load=2.0, swap_pct=20.0), dynmax=2, rate=60.0),
        snapshot(60, host=HostSample(load=1.0), dynmax=4, rate=30.0),
        snapshot(200, host=HostSample(load=0.5), dynmax=3, rate=None, run_rate=12.0),
    )
    (run,) = world.runs()
    assert (run.peak_load, run.peak_rate) == (3.0, 120.0)
    assert [(m.minute, m.rate, m.load, m.swap, m.dynmax) for m in world.minutes(run)] == [
        (0, 120.0, 3.0, 20.0, 2.0),
        (1, 30.0, 1.0, None, 4.0),
        (3, 12.0, 0.5, None, 3.0),
    ]


def test_what_is_so_after_the_end_changes_nothing(world: World) -> None:
    over = snapshot(30, state=BuildState.FINISHED, host=HostSample(load=1.0))
    busy = replace(over, time=STARTED + 500, host=HostSample(load=50.0))
    world.record(snapshot(29), over, busy)
    (run,) = world.runs()
    assert run.peak_load == 1.0
    assert run.updated == run.ended == STARTED + 30


def test_the_last_moment_of_a_build_counts(world: World) -> None:
    world.record(snapshot(0, rate=0.0), snapshot(60, built("a/a", 9), state=BuildState.FINISHED, rate=120.0))
    (run,) = world.runs()
    assert run.peak_rate == 120.0


def test_a_build_of_less_than_a_minute_has_no_peak_and_none_is_below_its_average(world: World) -> None:
    ended = [built("a/a", 1), built("b/b", 2)]
    shelf = Shelf()
    recorder = world.recorder(writer=shelf)
    for elapsed, peak in ((59, None), (60, 120.0)):
        world.tell(recorder, snapshot(elapsed, *ended, rate=90.0, impulse=3))
        assert shelf.done.get(timeout=PATIENCE).peak_rate == peak
    world.tell(recorder, snapshot(70, *ended, state=BuildState.FINISHED, rate=180.0))
    recorder.close()
    assert shelf.runs[1].peak_rate == 180.0


def test_it_is_written_at_once_then_ever_more_rarely_and_at_once_when_it_is_over(world: World) -> None:
    shelf = Shelf()
    recorder = world.recorder(writer=shelf)
    written = []
    for elapsed in range(60):
        world.tell(recorder, snapshot(elapsed))
        if elapsed in (0, 1, 2, 4, 8, 16, 26, 36, 46, 56):
            written.append(shelf.done.get(timeout=PATIENCE).elapsed)
    assert written == [0, 1, 2, 4, 8, 16, 26, 36, 46, 56]
    world.tell(recorder, snapshot(60, state=BuildState.INTERRUPTED))
    ended = shelf.done.get(timeout=PATIENCE)
    assert (ended.elapsed, ended.state) == (60, BuildState.INTERRUPTED)
    # Nothing of a build that is over is written again and again.
    for elapsed in range(61, 90):
        world.tell(recorder, snapshot(60, state=BuildState.INTERRUPTED, time=STARTED + elapsed))
    recorder.close()
    assert shelf.done.empty()


def test_a_package_is_written_once_and_again_only_if_it_ends_again(world: World) -> None:
    shelf = Shelf()
    ended: Ledger[Finished] = Ledger(100)
    recorder = world.recorder(writer=shelf)

    def tell(elapsed: int) -> None:
        world.tell(recorder, replace(snapshot(elapsed), finished=ended.view()))
        assert shelf.done.get(timeout=PATIENCE).elapsed == elapsed

    for package in (built("a/a", 1), failed("b/b", 2), built("c/c", 3)):
        ended.append(package)
    tell(5)
    ended.drop(lambda package: package.origin == "b/b")
    tell(20)
    assert shelf.packages["b/b"].outcome is Outcome.FAILED
    ended.append(built("b/b", 25))
    tell(30)
    recorder.close()
    assert shelf.written == 4
    assert {package.outcome for package in shelf.packages.values()} == {Outcome.BUILT}


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a/a", "b/b", "c/c", "d/d", "e/e"]),
            st.sampled_from([Outcome.BUILT, Outcome.FAILED]),
            st.booleans(),  # whether the history can be written then
        ),
        max_size=12,
    )
)
def test_whatever_is_retried_and_whenever_it_cannot_be_written_the_last_end_of_each_is_there(
    ends: list[tuple[str, Outcome, bool]],
) -> None:
    shelf, world = Shelf(), World(Path("/nonexistent"))
    ended: Ledger[Finished] = Ledger(3)
    last: dict[str, Finished] = {}
    recorder = world.recorder(writer=shelf)
    for at, (origin, outcome, works) in enumerate(ends):
        shelf.problem = None if works else "it is locked"
        again = last.get(origin)
        ended.drop(lambda package, again=again: package is again)  # type: ignore[misc]
        last[origin] = built(origin, at)._replace(outcome=outcome)
        ended.append(last[origin])
        world.tell(recorder, replace(snapshot(10 * at), finished=ended.view()))
    shelf.problem = None
    recorder.close()
    assert {origin: package.outcome for origin, package in shelf.packages.items()} == {
        origin: package.outcome for origin, package in last.items()
    }


# -- what is in the way ------------------------------------------------------------------------------


def test_a_history_that_cannot_be_written_is_reported_once_and_has_everything_later(world: World) -> None:
    shelf = Shelf()
    recorder = world.recorder(writer=shelf)
    shelf.problem = "/history.db is locked"
    world.tell(recorder, snapshot(0))
    assert (
        world.reports.get(timeout=PATIENCE) == "history: /history.db is locked: the build is not recorded yet"
    )
    for elapsed in (10, 20):
        world.tell(recorder, snapshot(elapsed, *[built(f"a/{number}", number) for number in range(elapsed)]))
    shelf.problem = None
    world.tell(recorder, snapshot(30, *[built(f"a/{number}", number) for number in range(30)]))
    recorder.close()
    assert world.said[1:] == ["history: all of it is recorded now"]
    assert len(shelf.packages) == 30
    assert len(shelf.minutes) == 1


def test_what_is_missing_at_the_end_is_said(world: World) -> None:
    shelf = Shelf()
    shelf.problem = "/history.db is locked"
    recorder = world.recorder(writer=shelf)
    world.tell(recorder, snapshot(5, built("a/a", 1), built("b/b", 2)))
    recorder.close()
    assert world.said[-1] == "history: /history.db is locked: 2 packages are not recorded"


def test_a_defect_is_told_and_ends_no_build(world: World) -> None:
    def broken(path: str, tell: Callable[[str], None]) -> Shelf:
        raise RuntimeError("oh")

    recorder = world.recorder(writer=broken)
    world.tell(recorder, snapshot(5, built("a/a", 1)))
    recorder.close()
    assert world.said[-1] == "history: internal error: RuntimeError: oh: a package is not recorded"


def test_a_damaged_history_is_set_aside_and_the_new_one_has_all_of_the_build(world: World) -> None:
    ended = [built(f"a/{number}", number) for number in range(90)]
    recorder = world.recorder()
    world.tell(recorder, snapshot(50, *ended[:50]))
    world.tell(recorder, snapshot(70, *ended[:70]))
    with pytest.MonkeyPatch.context() as patch:
        # What the writer tells when it has set a file aside: before is as good as in the midst.
        write = Writer.write

        def damaged(self: Writer, run: Run, *rest: Any) -> None:
            patch.setattr(Writer, "write", write)
            Path(world.path).write_bytes(b"no database at all" * 1000)
            write(self, run, *rest)

        patch.setattr(Writer, "write", damaged)
        world.tell(recorder, snapshot(90, *ended))
        recorder.close()
    (run,) = world.runs()
    assert len(world.packages(run)) == 90
    assert [minute.minute for minute in world.minutes(run)] == [0, 1]
    assert any("damaged" in line for line in world.said)


@pytest.mark.parametrize("own", [True, False])
def test_a_build_that_was_pruned_while_it_was_suspended_has_all_of_it_in_another_run(
    world: World, own: bool
) -> None:
    source = OWN if own else JSON
    ended = [built(f"a/{number}", number) for number in range(3)]
    done: queue.Queue[int] = queue.Queue()

    class Telling(Writer):
        def write(self, run: Run, packages: Sequence[PackageRecord], minutes: Sequence[Minute]) -> None:
            super().write(run, packages, minutes)
            done.put(run.elapsed)

    kept = world.recorder(own=own, writer=lambda path, tell: Telling(path, tell=tell))
    for elapsed, count in ((70, 1), (140, 2)):
        world.tell(kept, snapshot(elapsed, *ended[:count], source=source))
        assert done.get(timeout=PATIENCE) == elapsed
    (before,) = world.runs()
    prune(world.path, [before.id], now=world.wall + 200)
    world.tell(kept, snapshot(400, *ended, source=source))
    kept.close()
    (run,) = world.runs()
    assert run.id != before.id
    assert len(world.packages(run)) == 3
    assert [minute.minute for minute in world.minutes(run)] == [1, 2, 6]


def test_a_copy_of_the_files_at_any_moment_is_a_whole_history(world: World, tmp_path: Path) -> None:
    recorder = world.recorder()
    ended: Ledger[Finished] = Ledger(100_000)
    generator = random.Random(6)
    copies = []
    for number in range(20):
        # Whether the recorder is at it, and how far, is a matter of chance.
        for _ in range(generator.randrange(1, 30)):
            ended.append(built(f"a/{ended.total}", ended.total))
            world.tell(recorder, replace(snapshot(10 * ended.total), finished=ended.view()))
        copies.append(copy_of(Path(world.path), tmp_path / f"copy{number}"))
    recorder.close()
    copies.append(copy_of(Path(world.path), tmp_path / "copy"))
    counts = [packages_in(copy) for copy in copies]
    assert counts == sorted(counts)
    assert counts[-1] == ended.total


def test_a_disk_that_hangs_holds_up_no_snapshot_and_no_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "_AT_THE_END", 0.05)
    hanging, answers = threading.Event(), threading.Event()

    def hangs(path: str, tell: Callable[[str], None]) -> Shelf:
        hanging.set()
        answers.wait(PATIENCE)
        return Shelf()

    recorder = world.recorder(writer=hangs)
    world.tell(recorder, snapshot(0))
    assert hanging.wait(PATIENCE)
    for elapsed in range(1, 100):
        world.tell(recorder, snapshot(elapsed))
    recorder.close()
    answers.set()
    assert world.said == [f"history: {world.path} does not answer: the last of the build is not recorded"]


def test_where_there_is_no_home_that_is_said_once(world: World) -> None:
    recorder = world.recorder(path=None)
    for elapsed in range(0, 60, 10):
        world.tell(recorder, snapshot(elapsed))
    recorder.close()
    assert world.said == ["history: neither XDG_STATE_HOME nor HOME is set: nothing is recorded"]


def test_nothing_is_taken_after_the_end_and_closing_twice_is_no_error(world: World) -> None:
    recorder = world.recorder()
    recorder.close()
    world.tell(recorder, snapshot(0))
    recorder.close()
    assert not Path(world.path).exists()
