"""What a snapshot is made of: ledgers and their views, totals, and durations as text."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.model import BuildState, Ledger, Snapshot, Totals, View, hms

from .builds import building, throttled

ITEMS = st.lists(st.integers(), max_size=20)
INDEX = st.none() | st.integers(-25, 25)


@given(ITEMS, ITEMS, INDEX, INDEX, st.sampled_from([None, -3, -1, 1, 2]))
def test_a_view_is_a_list_that_ends_where_the_ledger_did(
    before: list[int], after: list[int], start: int | None, stop: int | None, step: int | None
) -> None:
    ledger: Ledger[int] = Ledger(100)
    for item in before:
        ledger.append(item)
    view = ledger.view()
    for item in after:
        ledger.append(item)
    assert len(view) == len(before)
    assert list(view) == before
    assert view[start:stop:step] == before[start:stop:step]
    assert list(reversed(view)) == before[::-1]


@given(ITEMS, ITEMS, st.integers(-25, 25))
def test_an_index_of_a_view_is_one_of_the_list(before: list[int], after: list[int], index: int) -> None:
    view = View([*before, *after], len(before))
    if -len(before) <= index < len(before):
        assert view[index] == before[index]
    else:
        with pytest.raises(IndexError, match=f"outside a view of {len(before)}"):
            view[index]


@given(ITEMS, st.integers(0, 25))
def test_the_tail_of_a_view_is_its_last_items_oldest_first(items: list[int], count: int) -> None:
    assert list(View(items).tail(count)) == items[len(items) - min(count, len(items)) :]


@settings(max_examples=50)
@given(st.integers(1, 7), st.lists(st.integers(0, 9), max_size=15))
def test_a_ledger_keeps_its_last_items_and_no_view_of_it_ever_changes(keep: int, bursts: list[int]) -> None:
    ledger: Ledger[int] = Ledger(keep)
    everything: list[int] = []
    views: list[tuple[View[int], list[int]]] = []
    for burst in bursts:
        for _ in range(burst):
            ledger.append(len(everything))
            everything.append(len(everything))
        view = ledger.view()
        assert ledger.total == len(everything)
        assert min(keep, len(everything)) <= len(view) <= 2 * keep
        views.append((view, list(view)))
        assert list(view) == everything[len(everything) - len(view) :]
    for view, as_it_was in views:
        assert list(view) == as_it_was


def test_a_view_says_how_long_it_is_and_not_all_it_holds() -> None:
    assert repr(View(range(40_000))) == "<View of 40000>"


@pytest.mark.parametrize(
    ("totals", "done", "remaining"),
    [
        (Totals(), 0, 0),
        (Totals(142, 38, 2, 1, 5, 3), 49, 93),
        (Totals(5, 5), 5, 0),
        (Totals(5, 3, 2, 2, 2), 9, 0),
    ],
)
def test_what_remains_is_what_has_not_ended_and_never_negative(
    totals: Totals, done: int, remaining: int
) -> None:
    assert (totals.done, totals.remaining) == (done, remaining)


def test_a_snapshot_cannot_be_changed() -> None:
    snapshot: Any = building()
    with pytest.raises(FrozenInstanceError):
        snapshot.rate = 1.0


def test_two_snapshots_are_never_equal_by_accident() -> None:
    snapshot = building()
    assert snapshot != replace(snapshot)


@pytest.mark.parametrize(
    ("snapshot", "is_throttled"),
    [
        (throttled(), True),
        (building(), False),
        (building(dynmax=None), False),
        (building(dynmax=2, max_workers=None), False),
    ],
)
def test_a_build_is_throttled_while_fewer_slots_may_hold_a_package_than_there_are(
    snapshot: Snapshot, is_throttled: bool
) -> None:
    assert snapshot.throttled is is_throttled


@pytest.mark.parametrize("state", BuildState)
def test_a_build_is_over_when_it_finished_was_interrupted_or_is_gone(state: BuildState) -> None:
    ended = {BuildState.FINISHED, BuildState.INTERRUPTED, BuildState.GONE}
    assert building(state=state).over is (state in ended)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "--:--:--"),
        (0, "00:00:00"),
        (943, "00:15:43"),
        (359_999, "99:59:59"),
        (360_000, "100:00:00"),
        (3_723_004, "1034:10:04"),
    ],
)
def test_a_duration_has_two_digits_each_but_for_hours_past_99(seconds: int | None, text: str) -> None:
    assert hms(seconds) == text
