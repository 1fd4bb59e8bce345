"""Whether a followed build still runs: its own words, its lock, and its age."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthtop.follow.liveness import Freshness, with_lock
from synthtop.model import BuildState
from synthtop.pidlock import LockState

BUILDING, STALE, GONE = BuildState.BUILDING, BuildState.STALE, BuildState.GONE
HELD, FREE, MISSING, UNKNOWN = LockState


@pytest.mark.parametrize(
    ("said", "lock", "age", "state"),
    [
        (BUILDING, HELD, 0.0, BUILDING),
        (BUILDING, HELD, 1e6, BUILDING),
        (BUILDING, FREE, 0.0, GONE),
        (BUILDING, MISSING, 9.9, BUILDING),
        (BUILDING, MISSING, 10.0, STALE),
        (BUILDING, UNKNOWN, 9.9, BUILDING),
        (BUILDING, UNKNOWN, 10.0, STALE),
        (STALE, HELD, 0.0, STALE),
        (STALE, FREE, 0.0, GONE),
        (BuildState.WAITING, HELD, 1e6, BuildState.WAITING),
        (BuildState.WAITING, FREE, 0.0, GONE),
        (BuildState.WAITING, MISSING, 10.0, STALE),
        (BuildState.UNREADABLE, MISSING, 10.0, BuildState.UNREADABLE),
    ],
)
def test_the_lock_tells_whether_it_runs_and_the_age_where_there_is_none(
    said: BuildState, lock: LockState, age: float, state: BuildState
) -> None:
    assert with_lock(said, lock, age, 10.0) is state


@given(
    said=st.sampled_from([BuildState.FINISHED, BuildState.INTERRUPTED, GONE]),
    lock=st.sampled_from(LockState),
    age=st.floats(0, 1e9),
    elsewhere=st.booleans(),
)
def test_an_end_that_was_said_stays(said: BuildState, lock: LockState, age: float, elsewhere: bool) -> None:
    assert with_lock(said, lock, age, 10.0, elsewhere=elsewhere) is said


@pytest.mark.parametrize(("lock", "age", "state"), [(FREE, 9.9, BUILDING), (FREE, 10.0, GONE)])
def test_a_lock_that_looks_free_tells_nothing_of_a_build_elsewhere_that_is_still_written(
    lock: LockState, age: float, state: BuildState
) -> None:
    assert with_lock(BUILDING, lock, age, 10.0, elsewhere=True) is state


def test_a_file_that_was_old_when_it_was_first_seen_is_as_old_as_it_says() -> None:
    freshness = Freshness()
    freshness.look(100.0, 50.0)
    assert freshness.age(101.0) == 51.0


def test_what_changed_between_two_looks_is_no_older_than_the_first_of_them() -> None:
    """Its clock may be an hour behind ours."""
    freshness = Freshness()
    freshness.look(100.0, 3600.0)
    freshness.look(101.0, None)
    freshness.look(102.0, 3600.0)
    assert freshness.age(102.0) == 1.0


def test_what_changed_while_nobody_looked_is_as_old_as_it_says() -> None:
    """A follower that was stopped for five minutes must not take what it finds for news."""
    freshness = Freshness()
    freshness.look(100.0, 0.0)
    freshness.look(400.0, 240.0)
    assert freshness.age(400.0) == 240.0


def test_a_file_from_the_future_is_new() -> None:
    freshness = Freshness()
    freshness.look(100.0, -3600.0)
    assert freshness.age(100.0) == 0.0
    assert freshness.age(99.0) == 0.0, "and no age is negative"


def test_what_was_never_there_has_no_age() -> None:
    freshness = Freshness()
    freshness.look(100.0, None)
    assert freshness.age(200.0) == 0.0
