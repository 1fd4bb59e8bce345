"""What a build does about packages that failed or were built before: simulated, from its first start on."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.model import BuildState, LogKind, Outcome, WorkerState
from synthtop.run.package import Package, Plan
from synthtop.run.queue import Order
from synthtop.run.resume import Resumed, resumed

from .fakelayer import Act, Spawned, package
from .simulated import Build, failing, outcomes


def trying(codes: Mapping[str, Sequence[int]]) -> Callable[[Spawned], Act]:
    """Each process of an origin ends with the next of its codes, and well once there are no more."""
    seen: Counter[str] = Counter()

    def act(started: Spawned) -> Act:
        tries = codes.get(started.origin, ())
        seen[started.origin] += 1
        number = seen[started.origin]
        code = tries[number - 1] if number <= len(tries) else 0
        return Act(code=code, output=((0.5, f"try {number}\n".encode()),))

    return act


# -- failed packages are tried again -------------------------------------------------------------------


def test_a_package_that_fails_is_tried_again_and_only_its_last_end_counts(tmp_path: Path) -> None:
    packages = [package("t/a"), package("t/b", "t/a")]
    build = Build(tmp_path, packages, trying({"t/a": [1, -9]}), retry=2)
    final = build.run()
    assert build.layer.started() == ["t/a", "t/a", "t/a", "t/b"]
    assert outcomes(build) == {"t/a": "built", "t/b": "built"}
    assert final.totals == (2, 2, 0, 0, 0, 0)
    assert build.runner.failed == 0
    assert build.notes == [
        "retry 1 of 2: t/a failed in build: exit status 1",
        "retry 2 of 2: t/a failed in build: killed by SIGKILL",
    ]
    assert build.listed(LogKind.FAILED) == []
    assert build.listed(LogKind.BUILT) == ["t/a", "t/b"]
    assert build.finished["t/a"].duration == 1


def test_each_try_stands_in_the_list_of_everything_before_the_next_one_and_once(tmp_path: Path) -> None:
    Build(tmp_path, [package("t/a")], trying({"t/a": [1]}), retry=2).run()
    lines = [line.split()[1] for line in (tmp_path / "00_last_results.log").read_text().splitlines()]
    assert lines == ["START", "retry", "START", "SUCCESS"]


def test_one_that_fails_each_time_has_failed_once_and_blocks_once(tmp_path: Path) -> None:
    packages = [package("t/a"), package("t/b", "t/a"), package("t/c")]
    build = Build(tmp_path, packages, failing("t/a"), retry=2)
    final = build.run()
    assert build.layer.started().count("t/a") == 3
    assert final.totals == (3, 1, 1, 0, 1, 0)
    assert build.finished["t/a"].blocks == 1
    assert build.listed(LogKind.FAILED) == ["t/a"]
    assert build.runner.failed == 1


def test_the_log_of_the_try_before_is_kept(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a")], trying({"t/a": [1, 1]}), retry=2)
    build.run()
    assert "try 3" in (tmp_path / "t___a.log").read_text()
    assert "try 2" in (tmp_path / "t___a.log.1").read_text()


def test_a_package_is_tried_again_from_its_first_phase_on(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a", phases=("one", "two"))], trying({"t/a": [0, 1]}), retry=1)
    build.run()
    assert [one.phase for one in build.layer.spawned] == ["one", "two", "one", "two"]
    assert build.notes == ["retry 1 of 1: t/a failed in two: exit status 1"]


def test_what_waits_to_be_tried_again_holds_no_slot(tmp_path: Path) -> None:
    packages = [package("t/z"), package("t/a"), package("t/b")]
    build = Build(tmp_path, packages, trying({"t/z": [1]}), retry=1, workers=1, order="plan")
    build.tick_each_second()
    build.run()
    assert build.layer.most == 1
    assert build.layer.started() == ["t/z", "t/z", "t/a", "t/b"]
    assert [shot.active for shot in build.snapshots] == [1] * len(build.snapshots)


def test_one_that_cannot_be_started_is_tried_again_too(tmp_path: Path) -> None:
    def act(started: Spawned) -> Act:
        raise FileNotFoundError(2, "No such file or directory", "job")

    build = Build(tmp_path, [package("t/a")], act, retry=3)
    final = build.run()
    assert final.totals == (1, 0, 1, 0, 0, 0)
    assert len(build.notes) == 3


def test_only_the_last_try_fails_fast(tmp_path: Path) -> None:
    packages = [package("t/a"), package("t/b", "t/a")]
    build = Build(tmp_path, packages, trying({"t/a": [1]}), retry=1, fail_fast=True)
    assert build.run().totals.built == 2
    assert not build.runner.failed_fast
    build = Build(tmp_path, packages, failing("t/a"), retry=1, fail_fast=True)
    build.run()
    assert build.runner.failed_fast


def test_what_is_killed_by_hand_is_not_tried_again(tmp_path: Path) -> None:
    build = Build(tmp_path, [package("t/a"), package("t/b")], retry=5)
    build.layer.at(0.5, lambda: build.runner.end_package(0, "t/a", Outcome.FAILED))
    build.run()
    assert outcomes(build) == {"t/a": "failed", "t/b": "built"}
    assert build.layer.started() == ["t/a", "t/b"]


@pytest.mark.parametrize("wish", ["drain", "stop", "kill"])
def test_nothing_is_tried_again_in_a_build_that_is_being_ended(tmp_path: Path, wish: str) -> None:
    build = Build(tmp_path, [package("t/a"), package("t/b", "t/a")], failing("t/a"), retry=5)
    build.layer.at(0.5, getattr(build.runner, wish))
    final = build.run()
    assert build.layer.started() == ["t/a"]
    assert outcomes(build) == ({"t/a": "failed", "t/b": "skipped"} if wish == "drain" else {})
    assert final.state is (BuildState.FINISHED if wish == "drain" else BuildState.INTERRUPTED)


def test_what_is_retried_by_hand_has_all_its_tries_anew(tmp_path: Path) -> None:
    packages = [package("t/a"), package("t/long", phases=tuple("123456789"))]
    build = Build(tmp_path, packages, trying({"t/a": [1, 1, 1]}), retry=1)
    build.layer.at(3.5, lambda: build.runner.retry(["t/a"]))
    build.run()
    assert outcomes(build)["t/a"] == "built"
    assert build.layer.started("build") == ["t/a"] * 4


def test_one_whose_memory_others_wait_for_gives_it_back_between_its_tries(tmp_path: Path) -> None:
    packages = [package("t/a", memory=3), package("t/b", memory=3)]
    build = Build(tmp_path, packages, trying({"t/a": [1, 1]}), retry=2, memory=4)
    assert build.run().totals == (2, 2, 0, 0, 0, 0)
    assert build.layer.most == 1


def test_a_slot_is_empty_while_its_package_waits_for_another_try(tmp_path: Path) -> None:
    packages = [package("t/a", memory=3), package("t/b", memory=3)]
    build = Build(tmp_path, packages, trying({"t/a": [1]}), retry=1, memory=4)
    build.tick_each_second()
    build.run()
    rows = build.snapshots[1].workers
    assert [(row.state, row.origin) for row in rows] == [
        (WorkerState.RUNNING, "t/b"),
        (WorkerState.IDLE, None),
    ]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from([0, 0, 1]), max_size=4), st.booleans()), min_size=1, max_size=8
    ),
    st.integers(0, 3),
    st.integers(1, 4),
)
def test_a_package_is_built_if_one_of_its_tries_ends_well(
    fates: list[tuple[list[int], bool]], retry: int, workers: int
) -> None:
    codes = {f"t/p{number}": codes for number, (codes, _) in enumerate(fates)}
    packages = [
        package(f"t/p{number}", *([f"t/p{number - 1}"] if chained and number else []))
        for number, (_, chained) in enumerate(fates)
    ]
    right: dict[str, str] = {}
    for one in packages:
        tries = [*codes[one.origin], 0][: retry + 1]
        blocked = any(right[need] != "built" for need in one.needs)
        right[one.origin] = "skipped" if blocked else "built" if 0 in tries else "failed"
    with tempfile.TemporaryDirectory() as directory:
        build = Build(Path(directory), packages, trying(codes), retry=retry, workers=workers)
        final = build.run()
        assert outcomes(build) == right
        assert len(final.finished) == len(packages)
        assert final.totals.remaining == 0
        assert max(Counter(build.layer.started()).values(), default=0) <= retry + 1


# -- what an earlier run has built ---------------------------------------------------------------------


def earlier(directory: Path, packages: Sequence[Package], *built: str) -> Resumed:
    """What is found where a build of ``packages`` has built these."""
    others = tuple(one for one in packages if one.origin in built)
    Build(directory, [package(one.origin) for one in others]).run()
    return resumed(str(directory), Plan("test", 2, tuple(packages)))


def test_what_an_earlier_run_built_is_not_asked_about_nor_built_nor_counted(tmp_path: Path) -> None:
    packages = [package("t/a"), package("t/b", "t/a"), package("t/c", "t/b"), package("t/d")]
    before = earlier(tmp_path, packages, "t/a", "t/b")
    build = Build(tmp_path, packages, skip_if="test", resumed=before, act=failing("t/c", "t/d"))
    final = build.run()
    asked = [one.origin for one in build.layer.spawned if one.phase == "skip_if"]
    assert sorted(asked) == ["t/c", "t/d"]
    assert sorted(build.layer.started()) == ["t/c", "t/d"]
    assert final.totals.queued == 2
    assert "already built: 0 of 2" in build.notes
    everything = [line.rstrip() for line in (tmp_path / "00_last_results.log").read_text().splitlines()]
    assert everything[:2] == ["[XXX] t/a Already-Built", "[XXX] t/b Already-Built"]


def test_nobody_waits_for_what_an_earlier_run_built(tmp_path: Path) -> None:
    packages = [package("t/a"), package("t/b", "t/a"), package("t/c", "t/b")]
    build = Build(tmp_path, packages, resumed=earlier(tmp_path, packages, "t/b"))
    build.run()
    assert build.layer.start_of("t/c") == build.layer.start_of("t/a") == 0.0


def test_what_was_built_before_is_not_skipped_for_what_fails_or_is_ignored_now(tmp_path: Path) -> None:
    packages = [
        package("t/x", ignore="BROKEN"),
        package("t/a"),
        package("t/b", "t/a", "t/x"),
        package("t/c", "t/b"),
    ]
    before = earlier(tmp_path, packages, "t/b")
    build = Build(tmp_path, packages, failing("t/a"), resumed=before)
    build.run()
    assert outcomes(build) == {"t/x": "ignored", "t/a": "failed", "t/c": "built"}


def test_where_all_was_built_before_the_build_is_over_at_once(tmp_path: Path) -> None:
    packages = [package("t/a"), package("t/b")]
    build = Build(tmp_path, packages, resumed=earlier(tmp_path, packages, "t/a", "t/b"))
    final = build.run()
    assert (final.state, final.totals.queued, build.layer.now) == (BuildState.FINISHED, 0, 0.0)


# -- what packages took before -------------------------------------------------------------------------

THREE = [package("t/a"), package("t/b"), package("t/c")]


def test_the_first_package_to_start_is_the_one_that_takes_longest(tmp_path: Path) -> None:
    asked: list[float] = []

    def weights(patience: float) -> list[float]:
        asked.append(patience)
        return [1.0, 5.0, 3.0]

    build = Build(tmp_path, THREE, workers=1, weights=weights)
    build.run()
    assert build.layer.started() == ["t/b", "t/c", "t/a"]
    assert asked == [0.5]


def test_what_is_known_later_orders_what_is_left(tmp_path: Path) -> None:
    asked: list[float] = []

    def weights(patience: float) -> list[float] | None:
        asked.append(patience)
        return [1.0, 3.0, 5.0] if len(asked) > 2 else None

    build = Build(tmp_path, THREE, lambda _: Act(takes=2.5), workers=1, weights=weights)
    build.run()
    assert build.layer.started() == ["t/a", "t/c", "t/b"]
    assert asked == [0.5, 0.0, 0.0]


@pytest.mark.parametrize("order", ["chain", "plan"])
def test_another_order_stays_as_it_is(tmp_path: Path, order: Order) -> None:
    build = Build(tmp_path, THREE, workers=1, order=order, weights=lambda _: [1.0, 2.0, 3.0])
    build.run()
    assert build.layer.started() == ["t/a", "t/b", "t/c"]
