"""Rate and impulse: against a model that keeps the time of every completion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.rate import BucketRing, RateMeter

START = st.floats(0, 1e6)
STEP = st.one_of(
    st.just(0.0),
    st.floats(0, 2.5),
    st.floats(58, 62),
    st.floats(60, 700),
    st.floats(-90, 0),
)
"""Seconds between two events: none, a tick, about the ring's length, a stopped process, a step back."""
BURSTS = st.lists(st.tuples(STEP, st.integers(0, 5)), max_size=40)


def times(start: float, bursts: Sequence[tuple[float, int]]) -> Iterator[tuple[float, int]]:
    """The clock at each event, and how many completions there are at that moment."""
    now = start
    for step, count in bursts:
        now += step
        yield now, count


class Model:
    """All completions with the second in which they count: the latest that the clock has said."""

    def __init__(self, start: float) -> None:
        self.second = floor(start)
        self.seconds: list[int] = []

    def at(self, now: float, count: int = 0) -> None:
        self.second = max(self.second, floor(now))
        self.seconds += [self.second] * count

    def within(self, size: int) -> int:
        return sum(self.second - size < second for second in self.seconds)

    @property
    def last(self) -> int:
        return self.seconds.count(self.second - 1)


@settings(max_examples=200)
@given(START, st.integers(2, 61), BURSTS)
def test_a_ring_has_the_completions_of_its_last_seconds_whatever_the_clock_does(
    start: float, size: int, bursts: Sequence[tuple[float, int]]
) -> None:
    ring, model = BucketRing(size, start), Model(start)
    for now, count in times(start, bursts):
        ring.add(now, count)
        model.at(now, count)
        assert (ring.total(now), ring.last(now)) == (model.within(size), model.last)


@settings(max_examples=200)
@given(START, BURSTS)
def test_reading_a_ring_is_right_however_late_it_is_read(
    start: float, bursts: Sequence[tuple[float, int]]
) -> None:
    ring, model = BucketRing(60, start), Model(start)
    for now, count in times(start, bursts):
        if count:
            ring.add(now, count)
            model.at(now, count)
        else:
            model.at(now)
            assert ring.last(now) == model.last
            assert ring.total(now) == model.within(60)


@pytest.mark.parametrize("size", [1, 0, -60])
def test_a_ring_needs_a_bucket_to_fill_and_one_that_is_full(size: int) -> None:
    with pytest.raises(ValueError, match="expected at least 2"):
        BucketRing(size, 0.0)


@settings(max_examples=150)
@given(START, st.lists(st.tuples(STEP, st.booleans()), max_size=40))
def test_the_meter_agrees_with_a_list_of_all_completions(
    start: float, completions: Sequence[tuple[float, bool]]
) -> None:
    meter, everything, attempts = RateMeter(start), Model(start), Model(start)
    now = start
    for step, attempted in completions:
        now += step
        meter.record(now, attempted=attempted)
        everything.at(now, 1)
        attempts.at(now, attempted)
        assert meter.rate(now) == everything.within(60) * 60
        assert meter.impulse(now) == everything.last
        elapsed = now - start
        warm = elapsed >= 20
        assert meter.run_rate(now) == (len(attempts.seconds) * 3600 / elapsed if warm else 0)
        assert meter.impulse_10m(now) == (attempts.within(600) * 3600 / min(elapsed, 600) if warm else 0)


def test_one_completion_is_sixty_an_hour_for_a_minute_and_then_nothing() -> None:
    meter = RateMeter(100.0)
    meter.record(100.9, attempted=True)
    assert [meter.rate(now) for now in (100.9, 101.0, 159.9, 160.0)] == [60.0, 60.0, 60.0, 0.0]


def test_the_impulse_is_of_the_whole_second_before_this_one() -> None:
    meter = RateMeter(100.0)
    for now in (100.1, 100.5, 100.9):
        meter.record(now, attempted=True)
    assert [meter.impulse(now) for now in (100.9, 101.0, 101.9, 102.0)] == [0, 3, 3, 0]


def test_a_process_that_was_stopped_for_more_than_a_minute_begins_with_an_empty_minute() -> None:
    meter = RateMeter(0.0)
    for second in range(60):
        meter.record(float(second), attempted=True)
    assert meter.rate(59.0) == 3600.0
    assert meter.rate(59.0 + 61) == 0.0


def test_an_ignored_package_counts_in_the_last_minute_and_not_in_dsynths_pair() -> None:
    meter = RateMeter(0.0)
    meter.record(30.0, attempted=False)
    assert (meter.rate(30.0), meter.run_rate(30.0), meter.impulse_10m(30.0)) == (60.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("now", "run_rate", "impulse_10m"),
    [
        (19.9, 0.0, 0.0),
        (20.0, 20 * 180.0, 20 * 180.0),
        (600.0, 20 * 6.0, 19 * 6.0),
        (618.0, 20 * 3600 / 618, 6.0),
        (1200.0, 20 * 3.0, 0.0),
    ],
)
def test_dsynths_pair_warms_up_for_twenty_seconds_and_looks_back_ten_minutes(
    now: float, run_rate: float, impulse_10m: float
) -> None:
    meter = RateMeter(0.0)
    for second in range(20):
        meter.record(float(second), attempted=True)
    assert (meter.run_rate(now), meter.impulse_10m(now)) == (run_rate, impulse_10m)
