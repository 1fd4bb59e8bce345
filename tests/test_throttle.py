"""How DynMax is found: each policy by the examples of its rule, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.model import HostSample, Memory
from synthtop.throttle import POLICIES, Dsynth, Limit, Off, Policy, Step, combined, policy_named

NOTHING = Memory()

LOADS = st.none() | st.floats(0, 200)
PERCENTS = st.none() | st.floats(0, 100)
CPUS = st.none() | st.integers(1, 16)
SAMPLES = st.builds(HostSample, LOADS, CPUS, PERCENTS)
MEMORIES = st.builds(Memory, st.none() | st.integers(0, 100), st.none() | st.integers(0, 100))
WORKERS = st.integers(1, 1024)
MOMENTS = st.lists(
    st.tuples(st.floats(0, 40), SAMPLES, MEMORIES, st.integers(0, 20)), min_size=1, max_size=20
)
"""Seconds passed, the host, the memory and the running packages, moment by moment."""


def host(load: float = 0.0, swap: float = 0.0, ncpus: int = 4) -> HostSample:
    return HostSample(load=load, ncpus=ncpus, swap_pct=swap)


def once(
    policy: Policy, sample: HostSample, workers: int, running: int = 0, memory: Memory = NOTHING
) -> Limit:
    return policy.limit(0.0, sample, memory, running, workers)


def risen(policy: Policy, workers: int, now: float = 0.0) -> float:
    """Let ``policy`` rise to all ``workers`` on a quiet host; the moment of its next evaluation."""
    for _ in range(workers):
        limit = policy.limit(now, host(), NOTHING, workers, workers)
        now += Dsynth.EVERY
    assert limit.workers == workers
    return now


# -- step --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("workers", "load", "swap", "limit", "reason"),
    [
        (8, 0.0, 0.0, 8, None),
        (8, 8.0, 10.0, 8, None),
        (8, 8.01, 0.0, 6, "high load"),
        (8, 0.0, 10.1, 4, "high swap"),
        (8, 9.0, 50.0, 4, "high swap"),
        (1, 9.0, 50.0, 1, None),
        (2, 9.0, 0.0, 1, "high load"),
        (2, 9.0, 50.0, 1, "high load, high swap"),
        (3, 9.0, 50.0, 1, "high swap"),
        (3, 9.0, 0.0, 2, "high load"),
        (1024, 9.0, 0.0, 768, "high load"),
        (1024, 0.0, 11.0, 512, "high swap"),
    ],
)
def test_step_takes_a_quarter_above_twice_the_cores_and_half_above_ten_percent_of_swap(
    workers: int, load: float, swap: float, limit: int, reason: str | None
) -> None:
    assert once(Step(), host(load, swap), workers)[:2] == (limit, reason)


def test_step_looks_at_each_sample_alone() -> None:
    policy = Step()
    found = [policy.limit(now, host(load), NOTHING, 8, 8).workers for now, load in enumerate((0, 9, 0, 9, 0))]
    assert found == [8, 6, 8, 6, 8]


def test_step_does_not_look_at_memory() -> None:
    assert once(Step(), host(), 8, running=8, memory=Memory(100, 10)).workers == 8


def test_step_says_what_each_rule_alone_would_allow() -> None:
    assert once(Step(), host(9.0, 50.0), 8) == Limit(4, "high swap", by_load=6, by_swap=4, by_memory=8)


# -- dsynth ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("load", "allowed"),
    [(0.0, 16), (5.99, 16), (6.0, 16), (8.8, 14), (13.0, 10), (19.99, 5), (20.0, 4), (90.0, 4)],
)
def test_dsynth_takes_workers_away_between_a_load_of_one_and_a_half_and_five_a_core(
    load: float, allowed: int
) -> None:
    assert once(Dsynth(), host(load), 16).by_load == allowed


@pytest.mark.parametrize(
    ("swap", "allowed"), [(0.0, 16), (9.9, 16), (10.0, 16), (16.0, 14), (25.0, 10), (40.0, 4), (100.0, 4)]
)
def test_dsynth_takes_workers_away_between_ten_and_forty_percent_of_swap(swap: float, allowed: int) -> None:
    assert once(Dsynth(), host(swap=swap), 16).by_swap == allowed


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_dsynth_leaves_one_worker_of_a_few_whatever_the_load(workers: int) -> None:
    assert once(Dsynth(), host(90.0, 100.0), workers).workers == 1


def test_dsynth_begins_with_one_worker_and_adds_one_every_five_seconds() -> None:
    policy = Dsynth()
    found = [policy.limit(float(now), host(), NOTHING, 0, 4)[:2] for now in range(17)]
    start = "starting up"
    assert found == [(1, start)] * 5 + [(2, start)] * 5 + [(3, start)] * 5 + [(4, None)] * 2


def test_dsynth_is_evaluated_every_five_seconds_and_not_in_between() -> None:
    policy = Dsynth()
    now = risen(policy, 8)
    assert policy.limit(now - 0.01, host(90.0), NOTHING, 8, 8).workers == 8
    assert policy.limit(now, host(90.0), NOTHING, 8, 8).workers == 2
    assert policy.limit(now + 4.99, host(), NOTHING, 8, 8).workers == 2
    assert policy.limit(now + 5.0, host(), NOTHING, 8, 8).workers == 3


def test_dsynth_falls_at_once_and_rises_by_one() -> None:
    policy = Dsynth()
    now = risen(policy, 16)
    loads = (90.0, 0.0, 0.0, 13.0, 0.0, 90.0)
    found = [policy.limit(now + 5.0 * i, host(load), NOTHING, 16, 16).workers for i, load in enumerate(loads)]
    assert found == [4, 5, 6, 7, 8, 4]


def test_dsynth_names_what_it_recovers_from_while_it_rises() -> None:
    policy = Dsynth()
    now = risen(policy, 8)
    policy.limit(now, host(90.0), NOTHING, 8, 8)
    assert policy.limit(now + 5.0, host(), NOTHING, 8, 8)[:2] == (3, "high load")


def test_dsynth_heeds_another_number_of_workers_at_once() -> None:
    policy = Dsynth()
    risen(policy, 8)
    assert policy.limit(0.0, host(), NOTHING, 2, 2).workers == 2


GIB = 1 << 30


@pytest.mark.parametrize(
    ("declared", "target", "running", "allowed"),
    [
        (11 * GIB, 10 * GIB, 5, 4),
        (11 * GIB, 10 * GIB, 1, 1),
        (11 * GIB, 10 * GIB, 0, 1),
        (5 * GIB, 10 * GIB, 5, 8),
        (0, 10 * GIB, 5, 8),
        (11 * GIB, 0, 5, 8),
        (11 * GIB, None, 5, 8),
        (None, 10 * GIB, 5, 8),
    ],
)
def test_dsynth_takes_one_worker_away_above_the_memory_target_and_none_up_to_half_of_it(
    declared: int | None, target: int | None, running: int, allowed: int
) -> None:
    assert once(Dsynth(), host(), 8, running, Memory(declared, target)).by_memory == allowed


def test_dsynth_gives_one_worker_every_thirty_seconds_above_half_of_the_memory_target() -> None:
    policy = Dsynth()
    found = [
        policy.limit(float(now), host(), Memory(6 * GIB, 10 * GIB), 3, 8).by_memory for now in range(0, 65, 5)
    ]
    assert found == [4, 3, 3, 3, 3, 3, 4, 3, 3, 3, 3, 3, 4]


def test_dsynth_allows_what_runs_again_once_memory_is_back_under_its_target() -> None:
    policy = Dsynth()
    found = [
        policy.limit(5.0 * i, host(), Memory(declared * GIB, 10 * GIB), 5, 8).by_memory
        for i, declared in enumerate((6, 11, 9, 9))
    ]
    assert found == [6, 4, 5, 5]


def test_dsynth_says_memory_where_memory_limits() -> None:
    policy = Dsynth()
    now = risen(policy, 8)
    assert policy.limit(now, host(), Memory(11 * GIB, 10 * GIB), 6, 8)[:2] == (5, "memory")


@settings(max_examples=100)
@given(WORKERS, MOMENTS)
def test_dsynth_is_the_smallest_of_its_rules_but_one_more_than_before_at_most(
    workers: int, moments: Sequence[tuple[float, HostSample, Memory, int]]
) -> None:
    policy, now, evaluated, last = Dsynth(), 0.0, 0.0, Limit(0, None, 0, 0, 0)
    for step, sample, memory, running in moments:
        now += step
        limit = policy.limit(now, sample, memory, running, workers)
        if last.workers and now - evaluated < 5.0:
            assert limit == last
        else:
            assert limit.workers == min(limit.by_load, limit.by_swap, limit.by_memory, last.workers + 1)
            evaluated = now
        last = limit


# -- all of them -------------------------------------------------------------------------------------


@settings(max_examples=100)
@given(st.sampled_from(sorted(POLICIES)), WORKERS, MOMENTS)
def test_every_limit_is_between_one_and_all_and_has_a_reason_exactly_while_it_is_not_all(
    name: str, workers: int, moments: Sequence[tuple[float, HostSample, Memory, int]]
) -> None:
    policy, now = policy_named(name), 0.0
    for step, sample, memory, running in moments:
        now += step
        limit = policy.limit(now, sample, memory, running, workers)
        assert 1 <= limit.workers <= workers
        assert (limit.reason is None) == (limit.workers == workers)


@settings(max_examples=100)
@given(st.sampled_from(sorted(POLICIES)), WORKERS, SAMPLES, SAMPLES)
def test_an_unknown_figure_throttles_nothing(
    name: str, workers: int, before: HostSample, sample: HostSample
) -> None:
    policy = policy_named(name)
    last = once(policy, before, workers)
    blind = policy.limit(5.0, sample._replace(load=None, swap_pct=None), NOTHING, 0, workers)
    assert (blind.by_load, blind.by_swap) == (workers, workers)
    assert blind.workers >= last.workers
    assert once(policy_named(name), sample._replace(ncpus=None), workers).by_load == workers


@settings(max_examples=150)
@given(st.sampled_from(sorted(POLICIES)), WORKERS, st.floats(0, 200), st.floats(0, 200), PERCENTS, PERCENTS)
def test_more_load_or_swap_never_allows_more_workers(
    name: str, workers: int, load: float, other: float, swap: float | None, swap_after: float | None
) -> None:
    low, high = sorted((load, other))
    calm, full = sorted((swap or 0.0, swap_after or 0.0))
    quiet = once(policy_named(name), host(low, calm), workers)
    busy = once(policy_named(name), host(high, full), workers)
    assert quiet.by_load >= busy.by_load
    assert quiet.by_swap >= busy.by_swap
    assert quiet.workers >= busy.workers


@settings(max_examples=50)
@given(SAMPLES, MEMORIES, st.integers(0, 2000), WORKERS)
def test_off_never_throttles(sample: HostSample, memory: Memory, running: int, workers: int) -> None:
    assert once(Off(), sample, workers, running, memory)[:2] == (workers, None)


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ((4, 8, 8), "high load"),
        ((8, 4, 8), "high swap"),
        ((8, 8, 4), "memory"),
        ((4, 4, 8), "high load, high swap"),
        ((4, 8, 4), "high load, memory"),
        ((4, 4, 4), "high load, high swap, memory"),
        ((0, -3, 8), "high load, high swap"),
        ((8, 99, 8), None),
    ],
)
def test_the_reason_is_every_rule_that_gave_the_smallest_limit(
    limits: tuple[int, int, int], reason: str | None
) -> None:
    assert combined(8, *limits).reason == reason


@pytest.mark.parametrize(("name", "kind"), [("step", Step), ("dsynth", Dsynth), ("off", Off)])
def test_a_policy_is_found_by_the_name_it_bears(name: str, kind: Callable[[], Policy]) -> None:
    policy = policy_named(name)
    assert (policy.name, type(policy)) == (name, kind)


def test_two_builds_do_not_share_a_policys_state() -> None:
    assert policy_named("dsynth") is not policy_named("dsynth")


def test_an_unknown_policy_is_told_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="throttle 'fast': expected one of step, dsynth, off"):
        policy_named("fast")
