"""What is left of a build, built on paper."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.eta.simulation import simulate
from synthtop.eta.work import Running, Work

Needs = Sequence[Sequence[int]]


def work_of(needs: Needs, waiting: Sequence[int] | None = None, running: Sequence[int] = ()) -> Work:
    """A build of as many packages as ``needs`` has, of which those that neither wait nor run have ended."""
    if waiting is None:
        waiting = [place for place in range(len(needs)) if place not in running]
    left = {*waiting, *running}
    dependents: list[list[int]] = [[] for _ in needs]
    for place, ones in enumerate(needs):
        for one in ones:
            dependents[one].append(place)
    return Work(
        [f"a/{place}" for place in range(len(needs))],
        waiting,
        [len(left.intersection(ones)) for ones in needs],
        dependents,
        [Running(f"a/{place}", 0.0) for place in running],
        running,
    )


def test_one_slot_builds_one_after_the_other() -> None:
    assert simulate(work_of([[], [], []]), [1.0, 2.0, 3.5], 1) == (6.5, 6.5)


def test_what_needs_another_one_starts_when_that_has_ended() -> None:
    assert simulate(work_of([[], [0], [0, 1], []]), [5.0, 1.0, 2.0, 4.0], 2).makespan == 8.0


def test_a_free_slot_takes_the_first_that_is_ready_of_those_that_wait() -> None:
    seconds = [1.0, 1.0, 6.0]
    assert simulate(work_of([[], [], []], [0, 1, 2]), seconds, 2).makespan == 7.0
    assert simulate(work_of([[], [], []], [2, 0, 1]), seconds, 2).makespan == 6.0


def test_a_running_one_takes_what_is_left_of_it_and_then_lets_others_start() -> None:
    work = work_of([[], [0], []], [1, 2], running=[0])
    assert simulate(work, {1: 3.0, 2: 1.0}, 2, left=[4.0]) == (7.0, 8.0)


def test_where_more_run_than_may_so_many_end_before_another_starts() -> None:
    work = work_of([[], [], [], []], [3], running=[0, 1, 2])
    assert simulate(work, {3: 10.0}, 1, left=[1.0, 2.0, 5.0]).makespan == 15.0
    unlinked = work._replace(needs=(), dependents=(), running_places=(-1, -1, -1))
    assert simulate(unlinked, {3: 10.0}, 1, left=[1.0, 2.0, 5.0]).makespan == 15.0


def test_what_has_no_name_takes_as_long_as_is_said_of_it() -> None:
    assert simulate(Work((), (), unnamed=5), (), 2, unnamed=10.0) == (30.0, 50.0)
    assert simulate(work_of([[]])._replace(unnamed=2), [1.0], 2, unnamed=10.0).makespan == 11.0


def test_what_waits_in_vain_is_never_built() -> None:
    work = work_of([[], [], [1]], [0, 2])._replace(needs=[0, 0, 1])
    assert simulate(work, [2.0, 9.0, 9.0], 4).makespan == 2.0


def test_of_nothing_nothing_is_left() -> None:
    assert simulate(Work((), ()), (), 4) == (0.0, 0.0)


def test_what_is_handed_over_is_not_changed() -> None:
    work = work_of([[], [0]])
    before = list(work.needs), list(work.waiting)
    simulate(work, [1.0, 1.0], 2)
    assert (list(work.needs), list(work.waiting)) == before


@st.composite
def _builds(draw: st.DrawFn) -> tuple[Needs, list[int], list[float]]:
    count = draw(st.integers(1, 12))
    needs = [
        sorted(draw(st.sets(st.integers(0, place - 1), max_size=3))) if place else []
        for place in range(count)
    ]
    order = draw(st.permutations(range(count)))
    seconds = [draw(st.integers(1, 40)) / 4 for _ in range(count)]
    return needs, order, seconds


@settings(max_examples=50, deadline=None)
@given(_builds(), st.integers(1, 4))
def test_it_goes_as_a_build_does_that_looks_for_the_next_one_at_each_end(
    build: tuple[Needs, list[int], list[float]], slots: int
) -> None:
    needs, order, seconds = build
    met: set[int] = set()
    waiting, ends, now = list(order), [(0.0, -1)], 0.0
    while ends:
        now, ended = heappop(ends)
        met.add(ended)
        while len(ends) < slots and (ready := [one for one in waiting if met.issuperset(needs[one])]):
            waiting.remove(ready[0])
            heappush(ends, (now + seconds[ready[0]], ready[0]))
    found = simulate(work_of(needs, order), seconds, slots)
    assert found.makespan == pytest.approx(now)
    assert found.work == pytest.approx(sum(seconds))
    assert sum(seconds) / slots - 0.01 <= found.makespan <= sum(seconds) + 0.01


@settings(max_examples=50, deadline=None)
@given(_builds(), st.integers(1, 4))
def test_without_needs_it_goes_as_with_none(build: tuple[Needs, list[int], list[float]], slots: int) -> None:
    _, order, seconds = build
    linked = work_of([[] for _ in order], order)
    unlinked = linked._replace(needs=(), dependents=())
    assert simulate(linked, seconds, slots) == simulate(unlinked, seconds, slots)
