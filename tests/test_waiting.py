"""The feed while there is no build: the host as it is, and how many workers could start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from synthtop.model import BuildState, HostSample, Memory, Totals
from synthtop.throttle import Limit
from synthtop.waiting import Waiting

QUIET = HostSample(load=1.0, ncpus=8, swap_pct=0.0)


class Clock:
    """Monotonic seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Broken:
    """A policy that always raises."""

    name = "broken"

    def limit(self, now: float, sample: HostSample, memory: Memory, running: int, workers: int) -> Limit:
        raise ZeroDivisionError("no such rule")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def waiting(clock: Clock) -> Callable[..., Waiting]:
    def make(**options: Any) -> Waiting:
        return Waiting(**{"probe": lambda: QUIET, "clock": clock, "wall": lambda: 5e9, **options})

    return make


def failing() -> HostSample:
    raise OSError("no /proc")


def test_it_waits_with_the_host_as_it_is(waiting: Callable[..., Waiting]) -> None:
    snapshot = waiting().tick()
    assert (snapshot.state, snapshot.time, snapshot.host) == (BuildState.WAITING, 5e9, QUIET)
    assert (snapshot.source.path, snapshot.source.name) == (None, None)
    assert (snapshot.totals, snapshot.workers, snapshot.elapsed) == (Totals(), (), None)
    assert not snapshot.over


def test_each_snapshot_is_a_new_one(waiting: Callable[..., Waiting]) -> None:
    feed = waiting()
    assert [feed.tick().seq for _ in range(3)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("sample", "dynmax", "reason"),
    [
        (QUIET, 8, None),
        (QUIET._replace(load=20.0), 6, "high load"),
        (QUIET._replace(swap_pct=50.0), 4, "high swap"),
    ],
)
def test_it_says_how_many_workers_could_start_and_why_not_all(
    waiting: Callable[..., Waiting], sample: HostSample, dynmax: int, reason: str | None
) -> None:
    snapshot = waiting(probe=lambda: sample).tick()
    assert (snapshot.active, snapshot.max_workers) == (0, 8)
    assert (snapshot.dynmax, snapshot.policy, snapshot.reason) == (dynmax, "step", reason)


def test_workers_and_policy_may_be_chosen(waiting: Callable[..., Waiting]) -> None:
    snapshot = waiting(workers=3, throttle="off", probe=lambda: QUIET._replace(load=99.0)).tick()
    assert (snapshot.max_workers, snapshot.dynmax, snapshot.policy) == (3, 3, "off")


def test_more_cores_than_a_build_may_have_workers_are_as_many_as_it_may(
    waiting: Callable[..., Waiting],
) -> None:
    assert waiting(probe=lambda: QUIET._replace(ncpus=4096)).tick().max_workers == 1024


def test_where_the_cores_are_unknown_there_is_one_worker_at_least(waiting: Callable[..., Waiting]) -> None:
    workers = waiting(probe=HostSample).tick().max_workers
    assert workers is not None
    assert workers >= 1


def test_a_policy_that_needs_time_is_told_it(waiting: Callable[..., Waiting], clock: Clock) -> None:
    feed = waiting(throttle="dsynth")
    assert [feed.tick(now).dynmax for now in (0.0, 5.0, 10.0)] == [1, 2, 3]


def test_a_probe_that_fails_is_told_and_leaves_the_host_unknown(waiting: Callable[..., Waiting]) -> None:
    host = waiting(probe=failing).tick().host
    assert host == HostSample(problems=("the probe failed: OSError: no /proc",))


def test_a_policy_that_fails_is_told_and_limits_nothing(waiting: Callable[..., Waiting]) -> None:
    snapshot = waiting(throttle=Broken()).tick()
    assert snapshot.dynmax == snapshot.max_workers == 8
    assert snapshot.host.problems == ("the throttle failed: ZeroDivisionError: no such rule",)


def test_it_has_nothing_to_let_go_of(waiting: Callable[..., Waiting]) -> None:
    feed = waiting()
    feed.close()
    feed.close()


def test_on_this_host_it_finds_its_figures_itself() -> None:
    snapshot = Waiting().tick()
    assert snapshot.host.ncpus == snapshot.max_workers
