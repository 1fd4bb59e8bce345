"""Whole builds on a simulated operating system: order, outcomes, memory, stopping, time limits."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.model import BuildState, HostSample, Inside, LogKind, Outcome, Stopping
from synthtop.run.job import Workplace
from synthtop.run.package import Package, Plan
from synthtop.run.queue import Queue
from synthtop.run.resultlogs import LISTS
from synthtop.run.runner import Runner
from synthtop.run.tasks import Task

from .fakelayer import Act, Spawned, package
from .simulated import GRACE, IDLE_HOST, Build, failing, outcomes
from .terminal import PATIENCE, eventually

# -- invariants of any build ----------------------------------------------------------------------------


@st.composite
def fated(draw: st.DrawFn, memory: bool = False) -> list[tuple[Package, Act]]:
    """A random graph of up to 12 packages with random ends."""
    packages = []
    for number in range(draw(st.integers(1, 12))):
        needs = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        packages.append(
            (
                package(
                    f"t/p{number}",
                    *(f"t/p{need}" for need in sorted(needs)),
                    phases=("configure", "build")[: draw(st.integers(1, 2))],
                    ignore=draw(st.sampled_from([None, None, None, None, "BROKEN"])) if not memory else None,
                    memory=draw(st.sampled_from([None, 1, 2, 3, 7])) if memory else None,
                ),
                Act(takes=draw(st.integers(0, 5)) * 0.5, code=draw(st.sampled_from([0, 0, 0, 0, 1, -9]))),
            )
        )
    return packages


def expected(fates: list[tuple[Package, Act]]) -> dict[str, str]:
    """Each package's outcome, by the rule as it is written: in the plan's order, needs stand before."""
    found: dict[str, str] = {}
    for one, act in fates:
        if one.ignore is not None:
            found[one.origin] = "ignored"
        elif any(found[need] != "built" for need in one.needs):
            found[one.origin] = "skipped"
        else:
            found[one.origin] = "failed" if act.code else "built"
    return found


@settings(max_examples=20, deadline=None)
@given(fated(), st.integers(1, 8))
def test_every_package_ends_in_the_one_outcome_that_the_rules_give_it(
    fates: list[tuple[Package, Act]], workers: int
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        acts = {one.origin: act for one, act in fates}
        build = Build(Path(directory), [one for one, _ in fates], lambda s: acts[s.origin], workers=workers)
        final = build.run()
        assert outcomes(build) == expected(fates)
        assert len(final.finished) == len(fates)
        assert final.totals.remaining == 0
        assert final.state is BuildState.FINISHED
        for kind in LISTS:
            listed = build.listed(kind)
            assert sorted(listed) == sorted(o for o, outcome in outcomes(build).items() if outcome == kind)
            assert len(listed) == getattr(final.totals, kind.value)


@settings(max_examples=20, deadline=None)
@given(fated(), st.integers(1, 8), st.integers(1, 8))
def test_a_package_starts_when_all_it_needs_stand_in_the_list_and_a_slot_is_free(
    fates: list[tuple[Package, Act]], workers: int, limit: int
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        known = {one.origin: (one, act) for one, act in fates}

        def act(started: Spawned) -> Act:
            one, act = known[started.origin]
            assert set(one.needs) <= set(build.listed(LogKind.BUILT))
            return act

        build = Build(Path(directory), [one for one, _ in fates], act, workers=workers)
        build.runner.limit(min(limit, workers))
        build.run()
        assert build.layer.most <= min(limit, workers)


@settings(max_examples=20, deadline=None)
@given(fated(memory=True), st.integers(1, 8), st.integers(2, 6))
def test_what_runs_never_declares_more_memory_than_there_is_unless_it_runs_alone(
    fates: list[tuple[Package, Act]], workers: int, memory: int
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        known = {one.origin: (one, act) for one, act in fates}
        held: list[list[Package]] = []

        def act(started: Spawned) -> Act:
            running = [
                known[one.origin][0] for one in build.layer.spawned if one.pid in build.layer.processes
            ]
            held.append([*running, known[started.origin][0]])
            return known[started.origin][1]

        packages = [one for one, _ in fates]
        build = Build(Path(directory), packages, act, workers=workers, memory=memory)
        build.run()
        for together in held:
            declared = [one.memory for one in together if one.memory]
            assert sum(declared) <= memory or len(declared) == 1
        assert outcomes(build) == expected(fates)


@settings(max_examples=20, deadline=None)
@given(
    fated(),
    st.integers(1, 4),
    st.lists(st.tuples(st.floats(0, 8), st.sampled_from(["drain", "stop", "kill"])), min_size=1, max_size=4),
)
def test_however_a_build_is_stopped_what_it_did_not_finish_is_remaining(
    fates: list[tuple[Package, Act]], workers: int, wishes: list[tuple[float, str]]
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        acts = {one.origin: act for one, act in fates}
        build = Build(Path(directory), [one for one, _ in fates], lambda s: acts[s.origin], workers=workers)
        for second, wish in wishes:
            build.layer.at(second, getattr(build.runner, wish))
        final = build.run()
        right = expected(fates)
        assert {origin: right[origin] for origin in outcomes(build)} == outcomes(build)
        assert final.totals.remaining == len(fates) - len(build.finished)
        interrupted = final.totals.remaining > 0
        assert final.state is (BuildState.INTERRUPTED if interrupted else BuildState.FINISHED)
        assert build.layer.processes == {}
        assert final.active == 0


# -- outcomes --------------------------------------------------------------------------------------------


def test_a_failure_skips_what_depends_on_it_and_nothing_else(tmp_path: Path) -> None:
    packages = [package("t/a"), package("t/b", "t/a"), package("t/c", "t/b"), package("t/d")]
    build = Build(tmp_path, packages, failing("t/a"))
    build.run()
    assert outcomes(build) == {"t/a": "failed", "t/b": "skipped", "t/c": "skipped", "t/d": "built"}
    assert build.finished["t/b"].reason == build.finished["t/c"].reason == "t/a"
    assert build.finished["t/a"].reason == "exit status 3"
    assert build.finished["t/a"].blocks == 2
    assert build.runner.failed == 1


def test_a_package_is_skipped_because_of_the_first_failure_alone(tmp_path: Path) -> None:
    packages = [package("t/a"), package("t/b"), package("t/c", "t/a", "t/b")]
    build = Build(tmp_path, packages, failing("t/a", "t/b"), workers=1)
    build.run()
    assert build.finished["t/c"].reason == "t/a"
    assert build.listed(LogKind.SKIPPED) == ["t/c"]
    assert (build.finished["t/a"].blocks, build.finished["t/b"].blocks) == (1, 0)


def test_an_ignored_package_counts_at_once_with_its_reason_and_skips_its_dependents(tmp_path: Path) -> None:
    packages = [package("t/a", ignore="BROKEN"), package("t/b", "t/a"), package("t/c")]
    build = Build(tmp_path, packages)
    build.run()
    assert outcomes(build) == {"t/a": "ignored", "t/b": "skipped", "t/c": "built"}
    assert build.finished["t/a"].reason == "BROKEN"
    assert build.finished["t/b"].reason == "t/a"
    assert build.layer.started() == ["t/c"]


def test_a_package_runs_its_phases_one_after_the_other_and_fails_in_the_one_that_failed(
    tmp_path: Path,
) -> None:
    phases = ("fetch", "build", "package")
    act = lambda started: Act(takes=2.0, code=1 if started.phase == "build" else 0)  # noqa: E731
    build = Build(tmp_path, [package("t/a", phases=phases)], act)
    build.run()
    assert [(one.phase, one.at) for one in build.layer.spawned] == [("fetch", 0.0), ("build", 2.0)]
    assert build.finished["t/a"].phase == "build"
    assert build.finished["t/a"].duration == 4


def test_a_package_keeps_its_slot_through_all_its_phases(tmp_path: Path) -> None:
    packages = [package(f"t/p{number}", phases=("configure", "build")) for number in range(4)]
    build = Build(tmp_path, packages)
    build.run()
    slots = {(one.origin, one.env["SYNTHTOP_SLOT"]) for one in build.layer.spawned}
    assert slots == {("t/p0", "0"), ("t/p1", "1"), ("t/p2", "0"), ("t/p3", "1")}


def test_a_process_that_a_signal_killed_failed_by_that_signal(tmp_path: Path) -> None:
    build = Build(
        tmp_path, [package("t/a"), package("t/b")], lambda s: Act(code=-11 if s.origin == "t/a" else -63)
    )
    build.run()
    assert build.finished["t/a"].reason == "killed by SIGSEGV"
    assert build.finished["t/b"].reason == "killed by signal 63"


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EAGAIN, "Resource temporarily unavailable"),
        FileNotFoundError(errno.ENOENT, "No such file or directory", "job"),
    ],
)
def test_a_process_that_cannot_be_started_fails_its_package_alone(tmp_path: Path, error: OSError) -> None:
    def act(started: Spawned) -> Act:
        if started.origin == "t/a":
            raise error
        return Act()

    build = Build(tmp_path, [package("t/a"), package("t/b", "t/a"), package("t/c")], act, memory=1)
    build.run()
    assert outcomes(build) == {"t/a": "failed", "t/b": "skipped", "t/c": "built"}
    reason = build.finished["t/a"].reason or ""
    assert reason.startswith(f"could not start: {error.strerror}")
    assert f"-- {reason}\n" in (tmp_path / "t___a.log").read_text()


def test_a_log_that_cannot_be_opened_fails_its_package_alone(tmp_path: Path) -> None:
    (tmp_path / "t___a.log").write_text("earlier")
    (tmp_path / "t___a.log.1").mkdir()
    build = Build(tmp_path, [package("t/a"), package("t/b")])
    build.run()
    assert outcomes(build) == {"t/a": "failed", "t/b": "built"}
    assert (build.finished["t/a"].reason or "").startswith("could not start: ")
    assert build.layer.started() == ["t/b"]


def test_a_log_that_was_deleted_or_replaced_meanwhile_changes_nothing(tmp_path: Path) -> None:
    packages = [package("t/a"), package("t/b")]
    build = Build(tmp_path, packages, lambda _: Act(takes=5.0, output=((4.0, b"one\ntwo\n"),)))
    build.layer.at(2.0, (tmp_path / "t___a.log").unlink)
    build.layer.at(2.0, lambda: os.replace(tmp_path / "t___a.log.new", tmp_path / "t___b.log"))
    (tmp_path / "t___a.log.new").write_text("another\n" * 100)
    build.run()
    assert outcomes(build) == {"t/a": "built", "t/b": "built"}
    assert [build.finished[origin].lines for origin in ("t/a", "t/b")] == [5, 5]
    assert not (tmp_path / "t___a.log").exists()


def test_with_fail_fast_nothing_starts_after_a_failure_and_what_runs_is_finished(
    tmp_path: Path,
) -> None:
    packages = [package(f"t/p{number}") for number in range(4)]
    act = lambda s: Act(takes=1.0, code=1) if s.origin == "t/p0" else Act(takes=3.0)  # noqa: E731
    build = Build(tmp_path, packages, act, fail_fast=True)
    final = build.run()
    assert outcomes(build) == {"t/p0": "failed", "t/p1": "built"}
    assert final.state is BuildState.INTERRUPTED
    assert build.layer.signals == []
    assert build.runner.failed_fast


def test_a_build_that_was_drained_before_a_failure_was_not_by_that(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")], lambda _: Act(takes=3.0, code=1), fail_fast=True)
    build.layer.at(1.0, build.runner.drain)
    build.run()
    assert (build.runner.stage, build.runner.failed_fast) == (Stopping.DRAINING, False)


# -- what is built already -------------------------------------------------------------------------------


def already(*origins: str, takes: float = 1.0) -> Callable[[Spawned], Act]:
    """skip_if succeeds for ``origins``; all else is built."""

    def act(started: Spawned) -> Act:
        if started.phase == "skip_if":
            return Act(takes=takes, code=0 if started.origin in origins else 1)
        return Act()

    return act


def test_what_skip_if_succeeds_for_is_taken_out_and_needed_no_more(tmp_path: Path) -> None:
    packages = [package("t/a"), package("t/b", "t/a"), package("t/c", ignore="no")]
    build = Build(tmp_path, packages, already("t/a"), skip_if=("test", "-e", "{name}"))
    final = build.run()
    assert build.layer.started() == ["t/b"]
    assert final.totals.queued == 2
    assert [one.argv for one in build.layer.spawned[:2]] == [("test", "-e", "a"), ("test", "-e", "b")]
    everything = (tmp_path / "00_last_results.log").read_text().splitlines()
    assert f"{'[XXX] t/a Already-Built':<79}" in everything
    assert "already built: 1 of 2" in build.notes


def test_a_package_that_is_built_already_is_not_skipped_for_what_it_needs(tmp_path: Path) -> None:
    packages = [package("t/a", ignore="no"), package("t/b", "t/a"), package("t/c", "t/b")]
    build = Build(tmp_path, packages, already("t/b"), skip_if="test")
    build.run()
    assert outcomes(build) == {"t/a": "ignored", "t/c": "built"}


def test_as_many_packages_are_asked_about_at_once_as_there_are_workers(tmp_path: Path) -> None:
    packages = [package(f"t/p{number}") for number in range(9)]
    build = Build(tmp_path, packages, already(*(one.origin for one in packages)), skip_if="test", workers=3)
    final = build.run()
    assert build.layer.most == 3
    assert final.totals.queued == 0
    assert final.state is BuildState.FINISHED


def test_a_skip_if_that_cannot_start_is_told_and_the_package_is_built(tmp_path: Path) -> None:
    def act(started: Spawned) -> Act:
        if started.phase == "skip_if":
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", "test")
        return Act()

    build = Build(tmp_path, [package("t/a")], act, skip_if=("test",))
    build.run()
    assert outcomes(build) == {"t/a": "built"}
    assert any("skip_if of t/a could not start" in note for note in build.notes)


def test_a_stop_while_packages_are_asked_about_leaves_all_others_remaining_and_no_process(
    tmp_path: Path,
) -> None:
    packages = [package(f"t/p{number}") for number in range(6)]
    build = Build(tmp_path, packages, already("t/p0", "t/p1", takes=2.0), skip_if="test")
    build.layer.at(3.0, build.runner.stop)
    final = build.run()
    assert build.layer.started() == []
    assert final.totals.queued == final.totals.remaining == 4
    assert final.state is BuildState.INTERRUPTED
    assert build.layer.killed_rest_at == pytest.approx(3.0 + GRACE, abs=0.1)


def test_a_kill_while_packages_are_asked_about_waits_for_none_of_them(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")], already(takes=100.0), skip_if="test")
    build.layer.at(3.0, build.runner.kill)
    build.run()
    assert build.layer.now == 3.0


def test_packages_are_not_asked_about_any_more_when_the_guard_is_gone(tmp_path: Path) -> None:
    packages = [package(f"t/p{number}") for number in range(50)]
    build = Build(tmp_path, packages, already(), skip_if="test", orphaned=lambda: build.layer.now >= 3.0)
    final = build.run()
    assert build.runner.stage is Stopping.STOPPING
    assert len(build.layer.spawned) < 10
    assert final.totals.remaining == 50


# -- slots and the throttle ------------------------------------------------------------------------------


def test_a_high_load_starts_fewer_packages_and_they_recover_when_it_falls(tmp_path: Path) -> None:
    packages = [package(f"t/p{number:02}") for number in range(30)]
    build = Build(
        tmp_path,
        packages,
        lambda _: Act(takes=3.0),
        workers=4,
        probe=lambda: replace_load(9.0 if 4.0 <= build.layer.now < 12.0 else 1.0),
    )
    build.tick_each_second()
    running: list[int] = []
    build.layer.each_second.append(lambda: running.append(len(build.layer.processes)))
    build.run()
    assert set(running[3:5]) == {4}, "what runs is not stopped"
    assert set(running[6:11]) == {3}
    assert 4 in running[12:16]
    assert {shot.reason for shot in build.snapshots[4:11]} == {"high load"}


def replace_load(load: float) -> HostSample:
    return IDLE_HOST._replace(load=load)


def test_a_limit_by_hand_holds_from_the_next_start_on_and_may_be_taken_away(tmp_path: Path) -> None:
    packages = [package(f"t/p{number:02}") for number in range(20)]
    build = Build(tmp_path, packages, lambda _: Act(takes=2.0), workers=4)
    build.tick_each_second()
    build.layer.at(1.0, lambda: build.runner.limit(1))
    build.layer.at(7.0, lambda: build.runner.limit(None))
    build.run()
    starts = [one.at for one in build.layer.spawned]
    assert starts[:6] == [0.0, 0.0, 0.0, 0.0, 2.0, 4.0]
    assert starts[6:11] == [6.0, 7.0, 7.0, 7.0, 8.0]


@pytest.mark.parametrize(("asked", "set_to"), [(-1, 1), (0, 1), (3, 3), (4, None), (99, None), (None, None)])
def test_a_limit_by_hand_is_never_out_of_range(tmp_path: Path, asked: int | None, set_to: int | None) -> None:
    build = Build(tmp_path, [package("t/a")], workers=4)
    build.runner.limit(asked)
    assert build.collector.hand_limit == set_to


def test_the_lines_of_a_running_package_are_looked_at_every_second(tmp_path: Path) -> None:
    output = tuple((second + 0.5, b"line\n") for second in range(5))
    build = Build(tmp_path, [package("t/a", scan=True)], lambda _: Act(takes=5.0, output=output))
    build.tick_each_second()
    build.run()
    assert [shot.workers[0].lines for shot in build.snapshots[:5]] == [3, 4, 5, 6, 7]


def test_the_screen_sees_phase_and_log_of_a_running_package(tmp_path: Path) -> None:
    build = Build(
        tmp_path,
        [package("t/a", scan=True)],
        lambda _: Act(takes=5.0, output=((1.5, b"===>  Configuring for a-1.0\n"),)),
    )
    build.tick_each_second()
    build.run()
    assert [shot.workers[0].phase for shot in build.snapshots[:4]] == [
        "build",
        "build",
        "configure",
        "configure",
    ]
    assert build.snapshots[0].workers[0].log == str(tmp_path / "t___a.log")


# -- memory ----------------------------------------------------------------------------------------------


def test_a_package_that_declares_more_than_there_is_runs_alone(tmp_path: Path) -> None:
    packages = [package("t/a", memory=2), package("t/big", memory=99), package("t/b", memory=2)]
    build = Build(tmp_path, packages, memory=4, workers=3)
    build.run()
    assert {one.origin: one.at for one in build.layer.spawned} == {"t/a": 0.0, "t/big": 1.0, "t/b": 2.0}


def test_a_big_package_is_not_passed_for_ever_by_small_ones_that_declare_memory(tmp_path: Path) -> None:
    """The small ones come from chains, so that they rank before it."""
    packages = [package("t/big", memory=4)]
    for chain in range(2):
        packages.append(package(f"t/c{chain}n00", memory=1))
        packages += [package(f"t/c{chain}n{n:02}", f"t/c{chain}n{n - 1:02}", memory=1) for n in range(1, 30)]
    takes = {"0": 1.0, "1": 1.5}
    act = lambda s: Act(takes=1.0 if s.origin == "t/big" else takes[s.origin[3]])  # noqa: E731
    build = Build(tmp_path, packages, act, memory=4, workers=4)
    build.run()
    assert build.layer.start_of("t/big") < 5.0


def test_those_that_declare_none_pass_one_that_waits_for_memory(tmp_path: Path) -> None:
    packages = [
        package("t/a", memory=3),
        package("t/big", memory=4),
        package("t/small", memory=1),
        package("t/free1"),
        package("t/free2"),
    ]
    build = Build(tmp_path, packages, lambda _: Act(takes=2.0), memory=4, workers=3)
    build.run()
    starts = {one.origin: one.at for one in build.layer.spawned}
    assert starts == {"t/a": 0.0, "t/free1": 0.0, "t/free2": 0.0, "t/big": 2.0, "t/small": 4.0}


def test_the_next_package_starts_at_the_moment_its_memory_is_free(tmp_path: Path) -> None:
    packages = [package(f"t/p{number}", memory=2) for number in range(4)]
    build = Build(tmp_path, packages, lambda _: Act(takes=0.25), memory=4, workers=4)
    build.run()
    assert [one.at for one in build.layer.spawned] == [0.0, 0.0, 0.25, 0.25]


def test_while_memory_is_what_holds_packages_back_every_snapshot_says_so(tmp_path: Path) -> None:
    packages = [package(f"t/p{number}", memory=2) for number in range(4)]
    build = Build(tmp_path, packages, lambda _: Act(takes=8.0), memory=4, workers=4)
    build.tick_each_second()
    build.run()
    assert [(shot.dynmax, shot.reason) for shot in build.snapshots[:7]] == [(2, "memory")] * 7
    assert {shot.memory for shot in build.snapshots[:7]} == {(4, 4)}
    assert build.collector.tick().memory == (0, 4)


class CountingQueue(Queue):
    """Counts how often it is asked for a package."""

    asked = 0

    def pop(self) -> Package | None:
        self.asked += 1
        return super().pop()


def test_thousands_that_wait_for_memory_are_not_searched_at_each_start(tmp_path: Path) -> None:
    """Else a whole ports tree that declares memory would cost a search through it for each package."""
    packages = [package(f"t/p{number}", memory=2) for number in range(400)]
    build = Build(tmp_path, packages, memory=4, workers=8)
    queue = CountingQueue(packages)
    build.runner = Runner(
        Plan("test", 8, tuple(packages), memory=4),
        queue,
        build.collector,
        Workplace(str(tmp_path), str(tmp_path), str(tmp_path), {}, 1, None, GRACE),
        build.layer,
        build.lists,
        clock=build.layer.clock,
    )
    final = build.run()
    assert final.totals.built == 400
    assert queue.asked < 3 * 400


# -- stopping --------------------------------------------------------------------------------------------


def endless(*, on_term: int | None = -15) -> Callable[[Spawned], Act]:
    return lambda _: Act(takes=None, on_term=on_term)


def test_a_drained_build_finishes_what_runs_and_starts_nothing_more(tmp_path: Path) -> None:
    packages = [package(f"t/p{number}", phases=("configure", "build")) for number in range(5)]
    build = Build(tmp_path, packages, lambda _: Act(takes=4.0))
    build.layer.at(1.0, build.runner.drain)
    final = build.run()
    assert outcomes(build) == {"t/p0": "built", "t/p1": "built"}
    assert build.layer.signals == []
    assert final.totals.remaining == 3
    assert final.state is BuildState.INTERRUPTED
    assert build.runner.stage is Stopping.DRAINING


def test_a_drain_that_had_nothing_more_to_start_is_a_finished_build(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")], lambda _: Act(takes=4.0))
    build.layer.at(1.0, build.runner.drain)
    assert build.run().state is BuildState.FINISHED


def test_a_stop_asks_the_running_packages_to_end_and_counts_them_nowhere(tmp_path: Path) -> None:
    packages = [package("t/a"), package("t/b"), package("t/c", "t/a")]
    build = Build(tmp_path, packages, endless())
    build.layer.at(2.5, build.runner.stop)
    final = build.run()
    assert build.layer.signals == [("TERM", 1000), ("TERM", 1001)]
    assert build.layer.now == 2.5
    assert final.totals == (3, 0, 0, 0, 0, 0)
    assert final.totals.remaining == 3
    assert build.runner.failed == 0
    assert [build.listed(kind) for kind in LISTS] == [[]] * 4


def test_what_does_not_end_when_asked_is_killed_after_the_grace_time(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a"), package("t/b")], endless(on_term=None))
    build.layer.at(2.0, build.runner.stop)
    build.run()
    assert build.layer.signals[:4] == [("TERM", 1000), ("TERM", 1001), ("KILL", 1000), ("KILL", 1001)]
    assert build.layer.now == pytest.approx(2.0 + GRACE, abs=0.06)


def test_a_kill_sends_no_sigterm_and_waits_for_nothing(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a"), package("t/b")], endless(on_term=None))
    build.layer.at(2.0, build.runner.kill)
    build.run()
    assert build.layer.signals == [("KILL", 1000), ("KILL", 1001)]
    assert build.layer.now == 2.0


def test_a_kill_after_a_stop_does_not_wait_for_the_grace_time(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")], endless(on_term=None))
    build.layer.at(2.0, build.runner.stop)
    build.layer.at(3.0, build.runner.kill)
    build.run()
    assert build.layer.now == 3.0


def test_a_weaker_wish_after_a_stronger_one_changes_nothing(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")], endless(on_term=None))
    build.layer.at(2.0, build.runner.stop)
    build.layer.at(3.0, build.runner.drain)
    build.layer.at(4.0, build.runner.stop)
    build.run()
    assert build.runner.stage is Stopping.STOPPING
    assert build.layer.sent("TERM") == [1000]
    assert build.layer.now == pytest.approx(2.0 + GRACE, abs=0.06)


def test_the_snapshot_says_how_the_build_is_being_stopped(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")], endless(on_term=None))
    build.tick_each_second()
    build.layer.at(2.5, build.runner.drain)
    build.layer.at(4.5, build.runner.stop)
    build.run()
    assert [shot.stopping for shot in build.snapshots[:5]] == [None, None, "draining", "draining", "stopping"]


def test_a_package_that_ends_well_after_it_was_asked_to_stop_is_remaining(tmp_path: Path) -> None:
    """A job may heed SIGTERM with status 0, and would then be half a package."""
    build = Build(tmp_path, [package("t/a")], endless(on_term=0))
    build.layer.at(2.0, build.runner.stop)
    final = build.run()
    assert final.totals.remaining == 1
    assert final.totals.built == 0


def test_a_package_that_ended_well_at_the_moment_of_the_stop_is_built(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a"), package("t/b", "t/a")], lambda _: Act(takes=2.0))
    build.layer.at(2.0, build.runner.stop)
    final = build.run()
    assert outcomes(build) == {"t/a": "built"}
    assert final.totals.remaining == 1


def test_a_phase_that_began_at_the_moment_of_the_stop_is_stopped_too(tmp_path: Path) -> None:
    packages = [package("t/a", phases=("configure", "build"))]
    act = lambda s: Act(takes=2.0) if s.phase == "configure" else Act(takes=None)  # noqa: E731
    build = Build(tmp_path, packages, act)
    build.layer.at(2.0, build.runner.stop)
    final = build.run()
    assert build.layer.signals == [("TERM", 1001)]
    assert final.totals.remaining == 1


def test_a_package_whose_time_was_up_before_the_stop_has_failed(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")], endless(on_term=None), timeout=5.0)
    build.layer.at(7.0, build.runner.stop)
    build.run()
    assert outcomes(build) == {"t/a": "failed"}
    assert build.finished["t/a"].reason == "timed out: no output for 5 s"


@pytest.mark.parametrize("draining", [False, True])
def test_a_build_without_its_guard_is_stopped_within_a_second(tmp_path: Path, draining: bool) -> None:
    build = Build(tmp_path, [package("t/a")], endless(), orphaned=lambda: build.layer.now >= 3.0)
    if draining:
        build.layer.at(1.0, build.runner.drain)
    build.run()
    assert build.runner.stage is Stopping.STOPPING
    assert build.layer.now <= 4.0
    assert "the guard process is gone: the build is stopped" in build.notes


def test_processes_that_were_left_running_are_ended_and_told(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")])
    build.layer.left = 2
    build.run()
    assert build.layer.killed_rest_at == pytest.approx(1.0 + GRACE, abs=0.1)
    assert "2 processes that were left running were ended" in build.notes


def test_one_is_told_as_one(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")])
    build.layer.left = 1
    build.run()
    assert "1 process that was left running was ended" in build.notes


def test_what_a_stopped_package_left_has_no_grace_time_of_its_own(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")], lambda _: Act(takes=None, on_term=None))
    build.layer.left = 1
    build.layer.at(2.0, build.runner.stop)
    build.run()
    assert build.layer.killed_rest_at == pytest.approx(2.0 + GRACE, abs=0.1)
    assert not any("were ended" in note for note in build.notes)


def test_what_is_left_is_killed_at_once_when_that_is_asked_for_meanwhile(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")])
    build.layer.left = 1
    build.layer.at(2.0, build.runner.stop)
    build.layer.at(4.0, build.runner.kill)
    build.run()
    assert build.runner.stage is Stopping.KILLING
    assert build.layer.killed_rest_at == pytest.approx(4.0, abs=0.1)


def test_whatever_goes_wrong_in_the_build_no_process_is_left(tmp_path: Path) -> None:
    def orphaned() -> bool:
        raise RuntimeError("a defect")

    build = Build(tmp_path, [package("t/a")], endless(), orphaned=orphaned)
    with pytest.raises(RuntimeError, match="a defect"):
        build.run()
    assert build.layer.sent("KILL") == [1000]
    assert build.layer.processes == {}


# -- time limits -----------------------------------------------------------------------------------------


def test_a_phase_without_output_is_asked_to_end_when_its_time_is_up_and_killed_after_the_grace_time(
    tmp_path: Path,
) -> None:
    packages = [package("t/a", phases=("configure", "build")), package("t/b", "t/a")]
    act = lambda s: Act(takes=3.0) if s.phase == "configure" else Act(takes=None, on_term=None)  # noqa: E731
    build = Build(tmp_path, packages, act, timeout=5.0)
    build.run()
    assert build.layer.signals[:2] == [("TERM", 1001), ("KILL", 1001)]
    assert build.layer.sent_at("TERM") == pytest.approx([8.0], abs=1.0)
    assert build.layer.sent_at("KILL")[0] == pytest.approx(build.layer.sent_at("TERM")[0] + GRACE, abs=1.0)
    assert outcomes(build) == {"t/a": "failed", "t/b": "skipped"}
    assert build.finished["t/a"].phase == "build"
    assert build.finished["t/a"].reason == "timed out: no output for 5 s"


def test_what_a_timed_out_phase_left_is_killed_before_the_next_package_starts(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a"), package("t/b")], endless(on_term=0), timeout=5.0, workers=1)
    build.run()
    assert build.layer.signals == [("TERM", 1000), ("KILL", 1000), ("TERM", 1001), ("KILL", 1001)]
    assert outcomes(build) == {"t/a": "failed", "t/b": "failed"}


def test_output_begins_the_time_limit_anew(tmp_path: Path) -> None:
    output = tuple((second, b".") for second in (4.0, 8.0, 12.0))
    build = Build(tmp_path, [package("t/a")], lambda _: Act(takes=16.0, output=output), timeout=5.0)
    build.run()
    assert outcomes(build) == {"t/a": "built"}


@pytest.mark.parametrize(
    ("limit", "ends"),
    [
        (None, {"t/slow": "failed", "t/slower": "built", "t/endless": "built"}),
        (5.0, {"t/slow": "failed", "t/slower": "failed", "t/endless": "failed"}),
        (0.0, {"t/slow": "built", "t/slower": "built", "t/endless": "built"}),
    ],
    ids=["none", "5 s", "never"],
)
def test_a_time_limit_that_is_set_is_stronger_than_the_plans(
    tmp_path: Path, limit: float | None, ends: dict[str, str]
) -> None:
    packages = [package("t/slow", timeout=9.0), package("t/slower", timeout=30.0), package("t/endless")]
    build = Build(tmp_path, packages, lambda _: Act(takes=20.0), timeout=limit, workers=3)
    build.run()
    assert outcomes(build) == ends


def test_the_time_in_which_the_build_itself_was_stopped_counts_for_no_limit(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")], lambda _: Act(takes=3610.0), timeout=20.0)

    def sleep_for_an_hour() -> None:
        build.layer.now += 3600.0

    build.layer.at(5.0, sleep_for_an_hour)
    build.run()
    assert outcomes(build) == {"t/a": "built"}


# -- a disk that takes no log ----------------------------------------------------------------------------


def test_a_logs_directory_that_cannot_be_written_holds_the_build_up_and_fails_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = [package(f"t/p{number}") for number in range(6)]
    build = Build(tmp_path, packages, lambda _: Act(takes=2.0))
    full = [False]
    opened = os.open

    def open_if_there_is_room(path: str, flags: int, mode: int = 0o777, **more: int) -> int:
        if full[0] and str(path).endswith(".log"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        return opened(path, flags, mode, **more)

    monkeypatch.setattr(os, "open", open_if_there_is_room)
    build.layer.at(1.0, lambda: full.__setitem__(0, True))
    build.layer.at(100.0, lambda: full.__setitem__(0, False))
    build.run()
    assert set(outcomes(build).values()) == {"built"}
    assert [one.at for one in build.layer.spawned][:3] == [0.0, 0.0, pytest.approx(103.0, abs=6.0)]
    told = [note for note in build.notes if "log" in note]
    assert told == [
        "no log can be begun (No space left on device): nothing starts until one can",
        "logs can be written again",
    ]


def test_a_logs_directory_that_is_removed_is_made_again(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    build = Build(logs, [package("t/a"), package("t/b", "t/a")], lambda _: Act(takes=2.0))
    build.tick_each_second()
    build.collector.add_consumer(build.lists)
    build.layer.at(0.5, lambda: shutil.rmtree(logs))
    build.run()
    assert outcomes(build) == {"t/a": "built", "t/b": "built"}
    assert build.listed(LogKind.BUILT) == ["t/a", "t/b"]
    assert (logs / "t___b.log").exists()
    assert any("had been removed: begun anew" in note for note in build.notes)


# -- standing still --------------------------------------------------------------------------------------


class Held:
    """A build that is held at second 5 for ``seconds`` of its clock, as by ctrl+z, and then goes on."""

    def __init__(self, build: Build, seconds: float) -> None:
        self._build = build
        self._reached, self._woken = threading.Event(), threading.Event()
        layer = build.layer
        wake = layer.wake

        def told_wake() -> None:
            wake()
            self._woken.set()

        layer.wake = told_wake  # type: ignore[method-assign]
        layer.at(5.0, self._wait_for_the_hold)
        running = threading.Thread(target=build.run)
        running.start()
        assert self._reached.wait(PATIENCE)
        build.runner.hold(PATIENCE)
        self.stopped = list(layer.signals)
        layer.now += seconds
        build.runner.release()
        running.join(PATIENCE)
        assert not running.is_alive()
        stop, go_on = layer.sent_at("STOP")[0], layer.sent_at("CONT")[0]
        self.started_meanwhile = [one for one in layer.spawned if stop < one.at < go_on]
        self.started_after = [one for one in layer.spawned if one.at >= go_on]

    def _wait_for_the_hold(self) -> None:
        self._woken.clear()
        self._reached.set()
        assert self._woken.wait(PATIENCE)


@pytest.mark.parametrize("skip_if", [None, "test"])
def test_a_held_build_stands_still_until_it_is_released(tmp_path: Path, skip_if: str | None) -> None:
    packages = [package(f"t/p{number}", phases=("configure", "build")) for number in range(6)]

    def act(started: Spawned) -> Act:
        return Act(takes=2.0, code=1 if started.phase == "skip_if" else 0)

    build = Build(tmp_path, packages, act, skip_if=skip_if)
    held = Held(build, 100.0)
    assert ("STOP", 0) in held.stopped
    assert held.started_meanwhile == []
    assert held.started_after
    assert set(outcomes(build).values()) == {"built"}


def test_the_time_in_which_it_is_held_counts_for_no_limit(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")], lambda _: Act(takes=7.5), timeout=8.0)
    Held(build, 2.0)
    assert outcomes(build) == {"t/a": "built"}


def test_the_time_in_which_it_is_held_counts_for_no_grace(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")], lambda _: Act(takes=None, on_term=None))
    build.layer.at(4.0, build.runner.stop)
    Held(build, 30.0)
    assert build.layer.sent_at("KILL")[0] == pytest.approx(4.0 + 30.0 + GRACE, abs=0.1)


def test_a_build_that_is_over_holds_nobody_up(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")])
    build.run()
    build.runner.hold(patience=1e9)
    build.runner.release()


# -- what a phase leaves whose time was up ---------------------------------------------------------------


def slow_to_go(seconds: float) -> Callable[[Spawned], Act]:
    """A package that is silent for ever, ends at SIGTERM, and leaves something for some seconds."""
    return lambda started: Act(takes=None, leaves=seconds) if started.origin == "t/slow" else Act()


def test_what_it_left_has_its_grace_time_too(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/slow"), package("t/b")], slow_to_go(4.0), timeout=20.0, workers=1)
    build.run()
    assert outcomes(build) == {"t/slow": "failed", "t/b": "built"}
    assert build.layer.sent_at("TERM") == [pytest.approx(20.0, abs=1.1)]
    assert build.layer.start_of("t/b") == pytest.approx(24.0, abs=1.2)


def test_what_it_left_is_killed_when_the_grace_time_is_over(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/slow"), package("t/b")], slow_to_go(1e9), timeout=20.0, workers=1)
    build.run()
    assert build.layer.sent_at("KILL") == [pytest.approx(20.0 + GRACE, abs=1.2)]
    assert outcomes(build) == {"t/slow": "failed", "t/b": "built"}


def test_a_kill_waits_for_nothing_that_is_left(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/slow")], slow_to_go(1e9), timeout=20.0)
    build.layer.at(23.0, build.runner.kill)
    final = build.run()
    assert build.layer.sent_at("KILL") == [pytest.approx(23.0, abs=0.2)]
    assert final.totals.failed == 1


# -- a package that is ended by hand -----------------------------------------------------------------


def ended_by_hand(build: Build, second: float, outcome: Outcome, origin: str = "t/a", slot: int = 0) -> None:
    build.layer.at(second, lambda: build.runner.end_package(slot, origin, outcome))


def test_a_package_that_is_killed_by_hand_has_failed_and_the_others_go_on(tmp_path: Path) -> None:
    packages = [package("t/a"), package("t/b"), package("t/c", "t/a"), package("t/d", "t/b")]
    act = lambda s: Act(takes=None) if s.origin == "t/a" else Act(takes=5.0)  # noqa: E731
    build = Build(tmp_path, packages, act)
    ended_by_hand(build, 2.0, Outcome.FAILED)
    final = build.run()
    assert build.layer.sent_at("TERM") == [2.0]
    assert build.layer.sent("TERM") == [1000]
    assert outcomes(build) == {"t/a": "failed", "t/b": "built", "t/c": "skipped", "t/d": "built"}
    assert build.finished["t/a"].reason == "killed by hand"
    assert (build.finished["t/a"].phase, build.finished["t/a"].blocks) == ("build", 1)
    assert build.runner.failed == 1
    assert build.listed(LogKind.FAILED) == ["t/a"]
    assert final.state is BuildState.FINISHED
    assert "t/a is being killed by hand" in [line.text for line in final.log]
    assert (tmp_path / "t___a.log").read_text().endswith(f"-- killed by hand\n{'-' * 79}\n")


def test_a_package_that_is_skipped_by_hand_is_ignored_and_no_failure(tmp_path: Path) -> None:
    packages = [package("t/a"), package("t/b"), package("t/c", "t/a")]
    build = Build(tmp_path, packages, endless())
    ended_by_hand(build, 2.0, Outcome.IGNORED)
    ended_by_hand(build, 3.0, Outcome.IGNORED, "t/b", 1)
    final = build.run()
    assert outcomes(build) == {"t/a": "ignored", "t/b": "ignored", "t/c": "skipped"}
    assert build.finished["t/a"].reason == "skipped by hand"
    assert build.finished["t/c"].reason == "t/a"
    assert build.runner.failed == 0
    lines = (tmp_path / LISTS[LogKind.IGNORED]).read_text().splitlines()
    assert [line.rstrip() for line in lines] == [
        "[XXX] t/a 1 ignored due to skipped by hand",
        "[XXX] t/b ignored due to skipped by hand",
    ]
    assert final.totals == (3, 0, 0, 2, 1, 0)


def test_who_does_not_heed_the_end_by_hand_is_killed_after_the_grace_time(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")], endless(on_term=None))
    ended_by_hand(build, 2.0, Outcome.FAILED)
    build.run()
    assert build.layer.sent_at("KILL")[0] == pytest.approx(2.0 + GRACE, abs=1.1)
    assert build.finished["t/a"].reason == "killed by hand"


def test_what_is_ended_by_hand_twice_is_killed_at_once_and_the_first_word_counts(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")], endless(on_term=None))
    ended_by_hand(build, 2.0, Outcome.IGNORED)
    ended_by_hand(build, 4.0, Outcome.FAILED)
    build.run()
    assert build.layer.sent_at("TERM") == [2.0]
    assert build.layer.now == 4.0
    assert build.finished["t/a"].reason == "skipped by hand"


def test_what_a_package_left_that_was_ended_by_hand_has_its_grace_time_and_none_after_the_second(
    tmp_path: Path,
) -> None:
    packages = [package("t/slow"), package("t/b")]
    build = Build(tmp_path, packages, slow_to_go(1e9), workers=1)
    ended_by_hand(build, 2.0, Outcome.FAILED, "t/slow")
    build.layer.at(6.0, lambda: build.snapshots.append(build.collector.tick()))
    ended_by_hand(build, 7.0, Outcome.FAILED, "t/slow")
    build.run()
    assert build.snapshots[0].workers[0].origin == "t/slow"
    assert build.layer.start_of("t/b") == pytest.approx(7.0, abs=0.1)
    assert outcomes(build) == {"t/slow": "failed", "t/b": "built"}


@pytest.mark.parametrize(("slot", "origin"), [(0, "t/b"), (1, "t/a"), (7, "t/a"), (0, "t/nowhere"), (0, "")])
def test_only_the_package_that_is_meant_is_ended_and_only_in_its_slot(
    tmp_path: Path, slot: int, origin: str
) -> None:
    build = Build(tmp_path, [package("t/a"), package("t/b", "t/a")], lambda _: Act(takes=3.0))
    ended_by_hand(build, 2.0, Outcome.FAILED, origin, slot)
    build.run()
    assert build.layer.signals == []
    assert outcomes(build) == {"t/a": "built", "t/b": "built"}


def test_a_package_that_had_ended_well_before_the_signal_was_built(tmp_path: Path) -> None:
    """As nobody has noticed yet when it is to be ended: a look at the logs takes its time."""

    def a_second_passes() -> bool:
        if build.layer.now == 1.0:
            build.layer.now += 1.0
            build.runner.end_package(0, "t/a", Outcome.FAILED)
        return False

    build = Build(tmp_path, [package("t/a")], lambda _: Act(takes=1.5), orphaned=a_second_passes)
    build.run()
    assert build.layer.now == 2.0
    assert build.layer.signals == []
    assert outcomes(build) == {"t/a": "built"}


def test_a_phase_that_began_in_the_moment_of_the_end_by_hand_is_ended(tmp_path: Path) -> None:
    act = lambda s: Act(takes=2.0) if s.phase == "configure" else Act(takes=None)  # noqa: E731
    build = Build(tmp_path, [package("t/a", phases=("configure", "build"))], act)
    ended_by_hand(build, 2.0, Outcome.FAILED)
    build.run()
    assert build.layer.sent("TERM") == [1001]
    assert (build.finished["t/a"].phase, build.finished["t/a"].reason) == ("build", "killed by hand")


def test_a_package_that_heeds_sigterm_with_a_good_end_was_not_built(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")], endless(on_term=0))
    ended_by_hand(build, 2.0, Outcome.FAILED)
    build.run()
    assert outcomes(build) == {"t/a": "failed"}


def test_what_is_being_stopped_is_killed_when_it_is_ended_by_hand_and_stays_remaining(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a"), package("t/b")], endless(on_term=None))
    build.layer.at(2.0, build.runner.stop)
    ended_by_hand(build, 3.0, Outcome.FAILED)
    final = build.run()
    assert build.layer.signals[2] == ("KILL", 1000)
    assert build.layer.sent_at("KILL")[0] == 3.0
    assert final.totals.remaining == 2


def test_an_end_by_hand_outlasts_a_stop_that_comes_after_it(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")], endless(on_term=None))
    ended_by_hand(build, 2.0, Outcome.FAILED)
    build.layer.at(3.0, build.runner.stop)
    build.run()
    assert outcomes(build) == {"t/a": "failed"}


def test_what_is_ended_by_hand_is_no_failure_that_ends_the_build(tmp_path: Path) -> None:
    packages = [package("t/a"), package("t/b"), package("t/c")]
    act = lambda s: Act(takes=None if s.origin == "t/a" else 1.0)  # noqa: E731
    build = Build(tmp_path, packages, act, workers=1, fail_fast=True)
    ended_by_hand(build, 2.0, Outcome.FAILED)
    final = build.run()
    assert outcomes(build) == {"t/a": "failed", "t/b": "built", "t/c": "built"}
    assert (final.state, build.runner.failed_fast) == (BuildState.FINISHED, False)


def test_but_one_that_fails_afterwards_is(tmp_path: Path) -> None:
    packages = [package("t/a"), package("t/b"), package("t/c")]
    act = lambda s: Act(takes=None) if s.origin == "t/a" else Act(code=1)  # noqa: E731
    build = Build(tmp_path, packages, act, workers=1, fail_fast=True)
    ended_by_hand(build, 2.0, Outcome.FAILED)
    build.run()
    assert outcomes(build) == {"t/a": "failed", "t/b": "failed"}
    assert build.runner.failed_fast


@pytest.mark.parametrize("outcome", [Outcome.BUILT, Outcome.SKIPPED, Outcome.META])
def test_nothing_can_be_ended_as_anything_else(tmp_path: Path, outcome: Outcome) -> None:
    with pytest.raises(ValueError, match="expected failed or ignored"):
        Build(tmp_path, [package("t/a")]).runner.end_package(0, "t/a", outcome)


# -- what has failed, again --------------------------------------------------------------------------


def mending(*origins: str, takes: float = 1.0) -> Callable[[Spawned], Act]:
    """These fail the first time and are built the second; all the others are built."""
    seen: set[str] = set()

    def act(started: Spawned) -> Act:
        bad = started.origin in origins and started.origin not in seen
        seen.add(started.origin)
        return Act(takes=takes, code=3 if bad else 0, output=((0.5, b"the first\n" if bad else b"again\n"),))

    return act


def retried(build: Build, second: float, *origins: str) -> None:
    build.layer.at(second, lambda: build.runner.retry(origins))


def test_what_failed_is_built_after_all_and_so_is_what_it_blocked(tmp_path: Path) -> None:
    packages = [
        package("t/a"),
        package("t/b", "t/a"),
        package("t/c", "t/b"),
        package("t/long", phases=("1", "2", "3")),
    ]
    build = Build(tmp_path, packages, mending("t/a", takes=2.0))
    build.tick_each_second()
    retried(build, 3.0, "t/a")
    final = build.run()
    assert build.snapshots[2].totals == (4, 0, 1, 0, 2, 0)
    assert build.snapshots[4].totals == (4, 0, 0, 0, 0, 0)
    assert final.totals == (4, 4, 0, 0, 0, 0)
    assert set(outcomes(build).values()) == {"built"}
    assert build.runner.failed == 0
    assert final.state is BuildState.FINISHED
    assert build.layer.started("build") == ["t/a", "t/a", "t/b", "t/c"]
    assert [one.at for one in build.layer.spawned if one.origin == "t/a"] == [0.0, 3.0]
    assert "retry: t/a, and 2 that it blocked" in build.notes


def test_a_retried_package_has_a_log_of_its_own_and_the_earlier_one_is_kept(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a"), package("t/b")], mending("t/a", takes=2.0), workers=1)
    retried(build, 3.0, "t/a")
    build.run()
    assert "the first\n" in (tmp_path / "t___a.log.1").read_text()
    assert "again\n" in (tmp_path / "t___a.log").read_text()
    assert "the first\n" not in (tmp_path / "t___a.log").read_text()


def test_the_result_lists_are_only_added_to(tmp_path: Path) -> None:
    packages = [package("t/a"), package("t/b", "t/a"), package("t/c")]
    build = Build(tmp_path, packages, mending("t/a", takes=2.0), workers=1)
    retried(build, 3.0, "t/a")
    build.run()
    assert build.listed(LogKind.FAILED) == ["t/a"]
    assert build.listed(LogKind.SKIPPED) == ["t/b"]
    assert sorted(build.listed(LogKind.BUILT)) == ["t/a", "t/b", "t/c"]


def test_what_two_packages_block_stays_skipped_because_of_the_other_one(tmp_path: Path) -> None:
    packages = [package("t/a"), package("t/b"), package("t/c", "t/a", "t/b"), package("t/long")]
    build = Build(
        tmp_path,
        packages,
        lambda s: Act(takes=9.0) if s.origin == "t/long" else Act(code=int(s.at < 2.0 or s.origin == "t/b")),
        workers=3,
    )
    retried(build, 3.0, "t/a")
    final = build.run()
    assert outcomes(build) == {"t/a": "built", "t/b": "failed", "t/c": "skipped", "t/long": "built"}
    assert build.finished["t/c"].reason == "t/b"
    assert final.totals == (4, 2, 1, 0, 1, 0)
    assert "retry: t/a" in build.notes


def test_several_are_retried_at_once_and_told_in_one_line(tmp_path: Path) -> None:
    packages = [package("t/a"), package("t/b"), package("t/c", "t/a", "t/b"), package("t/long")]
    act = mending("t/a", "t/b")
    build = Build(tmp_path, packages, lambda s: Act(takes=9.0) if s.origin == "t/long" else act(s), workers=3)
    retried(build, 3.0, "t/b", "t/a", "t/b")
    build.run()
    assert set(outcomes(build).values()) == {"built"}
    assert "retry: t/b and 1 more, and 1 that they blocked" in build.notes


def test_nothing_but_what_has_failed_is_retried(tmp_path: Path) -> None:
    packages = [
        package("t/ignored", ignore="BROKEN"),
        package("t/skipped", "t/ignored"),
        package("t/built"),
        package("t/running"),
        package("t/by-hand"),
        package("t/waiting", "t/running"),
    ]
    act = lambda s: Act() if s.origin == "t/built" else Act(takes=9.0)  # noqa: E731
    build = Build(tmp_path, packages, act, workers=3)
    ended_by_hand(build, 1.5, Outcome.IGNORED, "t/by-hand", 2)
    retried(build, 3.0, *(one.origin for one in packages), "t/nowhere")
    build.run()
    assert build.layer.started() == ["t/running", "t/built", "t/by-hand", "t/waiting"]
    assert not any("retry" in note for note in build.notes)


@pytest.mark.parametrize("fail_fast", [True, False])
def test_nothing_is_retried_once_nothing_more_starts(tmp_path: Path, fail_fast: bool) -> None:
    packages = [package("t/a"), package("t/b"), package("t/c")]
    act = lambda s: Act(code=1) if s.origin == "t/a" else Act(takes=9.0)  # noqa: E731
    build = Build(tmp_path, packages, act, fail_fast=fail_fast)
    if not fail_fast:
        build.layer.at(0.5, build.runner.drain)
    retried(build, 3.0, "t/a")
    build.run()
    assert outcomes(build) == {"t/a": "failed", "t/b": "built"}
    assert build.runner.failed == 1
    assert "retry: nothing more starts" in build.notes


def test_a_retry_after_the_end_is_told_to_be_too_late(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")], failing("t/a"))
    build.runner.run()
    build.runner.retry(["t/a"])
    assert outcomes(build) == {"t/a": "failed"}
    assert "retry: too late, the build has ended" in build.notes
    build.lists.close()


def test_a_retry_in_the_moment_of_the_last_end_is_done(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")], mending("t/a"))
    retried(build, 1.0, "t/a")
    build.run()
    assert outcomes(build) == {"t/a": "built"}


def test_a_retried_package_that_declares_no_memory_does_not_wait_for_those_that_do(tmp_path: Path) -> None:
    packages = [package("t/a"), package("t/big", memory=4), package("t/big2", memory=4)]
    act = mending("t/a")
    build = Build(
        tmp_path,
        packages,
        lambda s: act(s) if s.origin == "t/a" else Act(takes=9.0),
        memory=4,
    )
    retried(build, 3.0, "t/a")
    build.run()
    assert [one.at for one in build.layer.spawned if one.origin == "t/a"] == [0.0, 3.0]


@settings(max_examples=40, deadline=None)
@given(
    fated(),
    st.integers(1, 4),
    st.lists(st.tuples(st.integers(0, 16), st.sets(st.integers(0, 11), min_size=1)), max_size=6),
)
def test_whenever_packages_are_retried_each_ends_as_its_last_try_did_and_is_counted_once(
    fates: list[tuple[Package, Act]], workers: int, wishes: list[tuple[int, set[int]]]
) -> None:
    """Every other try of a package that is to fail is a good one."""
    with tempfile.TemporaryDirectory() as directory:
        acts = {one.origin: act for one, act in fates}
        codes: dict[str, list[int]] = {one.origin: [] for one, _ in fates}

        def act(started: Spawned) -> Act:
            fate, tries = acts[started.origin], codes[started.origin]
            assert all(codes[need] and not codes[need][-1] for need in needs[started.origin])
            if started.phase == "configure":
                return fate._replace(code=0)
            tries.append(fate.code if not tries or not tries[-1] else 0)
            return fate._replace(code=tries[-1])

        needs = {one.origin: one.needs for one, _ in fates}
        one_phase = [(one if len(one.phases) != 1 else package(one.origin, *one.needs)) for one, _ in fates]
        build = Build(Path(directory), one_phase, act, workers=workers)
        for half_seconds, numbers in wishes:
            origins = [f"t/p{number}" for number in sorted(numbers)]
            retried(build, half_seconds / 2, *origins)
        final = build.run()
        ends = outcomes(build)
        assert len(final.finished) == len(ends) == len(fates)
        for origin, end in ends.items():
            lost = [need for need in needs[origin] if ends[need] != "built"]
            if codes[origin]:
                assert end == ("failed" if codes[origin][-1] else "built")
            else:
                assert end in ("skipped", "ignored")
            if end == "skipped":
                assert lost
                assert ends[build.finished[origin].reason or ""] in ("failed", "ignored")
        counted = list(ends.values())
        assert final.totals.failed == counted.count("failed") == build.runner.failed
        assert final.totals.built == counted.count("built")
        assert final.totals.skipped == counted.count("skipped")
        assert final.totals.remaining == 0


# -- what is seen of the processes ---------------------------------------------------------------------


def test_what_runs_in_a_slot_is_seen_and_measured_while_somebody_wants_to(tmp_path: Path) -> None:
    used = Task(1000, 1, 1000, 1000, False, 1, 1.0, 0.0, 4096)
    build = Build(tmp_path, [package("t/a")], lambda _: Act(takes=5.0), table=lambda: {used.pid: used})
    seen: list[Inside | None] = []

    def look() -> None:
        seen.append(build.runner.inside(1))
        eventually(lambda: build.runner.inside(0) is not None, "a look")
        seen.append(build.runner.inside(0))
        eventually(lambda: build.collector.tick().workers[0].rss == 4096, "the row")

    build.layer.at(1.0, look)
    final = build.run()
    [nothing, inside] = seen
    assert nothing is None
    assert inside is not None
    assert inside.command == "job t/a build"
    assert [(one.pid, one.depth, one.rss) for one in inside.processes] == [(1000, 0, 4096)]
    assert build.runner.inside(0) is None
    assert final.workers[0].rss is None


def test_output_without_a_whole_line_is_told_as_growth(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")], lambda _: Act(takes=5.0, output=((2.5, b"."),)))
    told: list[tuple[float, bool]] = []
    update = build.collector.record_worker_update

    def spy(*arguments: object, grew: bool = False, **more: object) -> None:
        if not arguments[2:] and "lines" in more:
            told.append((build.layer.now, grew))
        update(*arguments, grew=grew, **more)  # type: ignore[arg-type]

    build.collector.record_worker_update = spy  # type: ignore[method-assign]
    build.run()
    assert [at for at, grew in told if grew and at > 1.0] == [3.0]


def test_what_is_not_the_builds_is_spared_at_its_end(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")], spare=lambda: frozenset({77}))
    build.run()
    assert build.layer.spared == {77}
