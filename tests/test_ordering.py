"""Sorting and filtering the table's rows, and the row that the cursor is on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.model import HOLDING, WorkerRow, WorkerState
from synthtop.widgets.listing import HELD, Listing
from synthtop.widgets.ordering import BY_SLOT, Column, Order, doing, finder, matching, nothing_found, ordered

IDLE = WorkerState.IDLE
RUNNING = WorkerState.RUNNING


def busy(slot: int, origin: str, phase: str = "build", elapsed: int = 60, lines: int = 10) -> WorkerRow:
    return WorkerRow(slot, RUNNING, phase, origin, 1000.0 - elapsed, elapsed, lines)


def using(row: WorkerRow, cpu: float | None, rss: int | None) -> WorkerRow:
    return row._replace(cpu=cpu, rss=rss)


ROWS = (
    using(busy(0, "devel/gmake", "fetch", 83, 1234), 12.5, 1 << 20),
    WorkerRow(1, IDLE),
    using(busy(2, "Lang/rust", "build", 45296, 12345678), 387.0, 1 << 30),
    using(busy(3, "lang/python311", "configure", 7, 1234), 99.0, 1 << 10),
    WorkerRow(4, IDLE),
)


# -- sorting ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "slots"),
    [
        (Order(Column.SLOT), [0, 2, 3, 1, 4]),
        (Order(Column.SLOT, reverse=True), [3, 2, 0, 1, 4]),
        (Order(Column.DURATION), [2, 0, 3, 1, 4]),
        (Order(Column.DURATION, reverse=True), [3, 0, 2, 1, 4]),
        (Order(Column.PHASE), [2, 3, 0, 1, 4]),
        (Order(Column.PHASE, reverse=True), [0, 3, 2, 1, 4]),
        (Order(Column.ORIGIN), [0, 3, 2, 1, 4]),
        (Order(Column.ORIGIN, reverse=True), [2, 3, 0, 1, 4]),
        (Order(Column.LINES), [2, 0, 3, 1, 4]),
        (Order(Column.LINES, reverse=True), [0, 3, 2, 1, 4]),
        (Order(Column.CPU), [2, 3, 0, 1, 4]),
        (Order(Column.CPU, reverse=True), [0, 3, 2, 1, 4]),
        (Order(Column.MEMORY), [2, 0, 3, 1, 4]),
        (Order(Column.MEMORY, reverse=True), [3, 0, 2, 1, 4]),
    ],
)
def test_rows_are_sorted_by_each_column_and_the_other_way_round(order: Order, slots: list[int]) -> None:
    assert ordered(ROWS, order) == slots


def test_after_the_last_column_comes_the_first() -> None:
    orders = [BY_SLOT]
    for _ in Column:
        orders.append(orders[-1].next())
    assert [order.column for order in orders] == [*Column, Column.SLOT]


def test_the_next_column_is_sorted_its_own_way_round_again() -> None:
    assert BY_SLOT.reversed().next() == Order(Column.DURATION)


@pytest.mark.parametrize("reverse", [False, True])
def test_what_is_not_known_comes_after_what_is_and_before_the_idle_ones(reverse: bool) -> None:
    rows = (
        WorkerRow(0, RUNNING, "build", "a/a"),
        WorkerRow(1, IDLE),
        busy(2, "a/c", elapsed=5),
        busy(3, "a/d", elapsed=0),
    )
    assert ordered(rows, Order(Column.DURATION, reverse))[2:] == [0, 1]


def test_of_two_with_the_same_seconds_the_one_that_began_first_is_the_longer() -> None:
    # In the next second the older one may be shown as one second more: then too it is the first.
    older, younger = (
        WorkerRow(1, RUNNING, "build", "a/a", 10.2, 9),
        WorkerRow(0, RUNNING, "build", "a/b", 10.7, 9),
    )
    assert ordered((younger, older), Order(Column.DURATION)) == [1, 0]
    assert ordered((younger, older), Order(Column.DURATION, reverse=True)) == [0, 1]


states = st.sampled_from((*[RUNNING] * 4, WorkerState.PENDING, WorkerState.NONE, IDLE, WorkerState.FAILED))


@st.composite
def slots(draw: st.DrawFn, workers: int | None = None) -> tuple[WorkerRow, ...]:
    """The slots of one snapshot."""
    count = draw(st.integers(0, 7)) if workers is None else workers
    rows = []
    for slot in range(count):
        state = draw(states)
        origin = draw(st.sampled_from(("a/a", "a/b", "B/c")))
        phase = draw(st.sampled_from((None, "build", "fetch")))
        elapsed, lines = draw(st.none() | st.integers(0, 3)), draw(st.none() | st.integers(0, 3))
        cpu, rss = draw(st.none() | st.sampled_from((0.0, 99.5))), draw(st.none() | st.integers(0, 2))
        row = WorkerRow(slot, state, phase, origin, None, elapsed, lines, cpu=cpu, rss=rss)
        rows.append(row if state in HOLDING else WorkerRow(slot, state))
    return tuple(rows)


orders = st.builds(Order, st.sampled_from(Column), st.booleans())
texts = st.sampled_from(("", "a", "a/b", "B/", "b/", "build", "Idle", "01", "0", "nothing"))


@given(slots(), orders)
@settings(max_examples=150)
def test_in_every_order_idle_rows_are_last_and_equals_stay_by_slot(
    rows: tuple[WorkerRow, ...], order: Order
) -> None:
    places = ordered(rows, order)
    assert sorted(places) == list(range(len(rows)))
    idle = [place for place in places if rows[place].state not in HOLDING]
    assert places[len(places) - len(idle) :] == sorted(idle)
    if order.column is not Column.SLOT:
        for one, other in itertools.pairwise(places[: len(places) - len(idle)]):
            values = [_value(rows[place], order.column) for place in (one, other)]
            if values[0] == values[1]:
                assert one < other
            elif None in values:
                assert values[1] is None
            else:
                assert (values[0] > values[1]) == order.descending


def _value(row: WorkerRow, column: Column) -> object:
    values = {
        Column.DURATION: row.elapsed,
        Column.PHASE: doing(row).lower(),
        Column.LINES: row.lines,
        Column.CPU: row.cpu,
        Column.MEMORY: row.rss,
    }
    return values[column] if column in values else (row.origin or "").lower()


# -- filtering -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("lang", [2, 3]),
        ("Lang", [2]),
        ("LANG", []),
        ("configure", [3]),
        ("03", [3]),
        ("3", [3]),
        ("idle", []),
        ("04", []),
        ("[0-9]", []),
    ],
)
def test_a_filter_is_looked_for_in_origin_phase_and_slot_of_what_is_at_work(
    text: str, slots: list[int]
) -> None:
    assert matching(ROWS, text) == slots


def test_a_slot_is_found_as_it_is_written_in_the_table() -> None:
    rows = tuple(busy(slot, "a/b") for slot in range(1024))
    assert matching(rows, "0007") == [7]
    assert matching(rows, "1023") == [1023]


def test_a_phase_that_a_package_is_not_in_yet_is_found_by_its_slots_state() -> None:
    assert matching((WorkerRow(0, WorkerState.PENDING, None, "a/b"),), "pending") == [0]


def test_what_is_looked_for_is_what_is_seen() -> None:
    rows = (busy(0, "a/b\x1b[2J"),)
    assert matching(rows, "␛[2J") == [0]
    assert matching(rows, "\x1b") == []


def test_case_matters_where_there_is_a_capital() -> None:
    assert [finder("ß")("STRASSE"), finder("é")("CAFÉ"), finder("É")("café"), finder("É")("CAFÉ")] == [
        *(False, True, False, True)
    ]


def test_one_worker_is_one_worker() -> None:
    assert nothing_found("gcc", 1, "worker") == "nothing matches 'gcc' (1 worker)"
    assert nothing_found("gcc", 0, "worker") == "nothing matches 'gcc' (0 workers)"


# -- the cursor ------------------------------------------------------------------------------------


def listed(rows: Sequence[WorkerRow] = ROWS, *, seq: int = 1) -> Listing:
    listing = Listing()
    listing.take(rows, seq)
    return listing


def slots_of(listing: Listing) -> list[int]:
    return [listing[row].slot for row in range(len(listing))]


def changed(slot: int, row: WorkerRow, rows: Sequence[WorkerRow] = ROWS) -> tuple[WorkerRow, ...]:
    return (*rows[:slot], row, *rows[slot + 1 :])


def test_nothing_is_chosen_before_the_cursor_is_used() -> None:
    listing = listed()
    assert (listing.cursor, listing.selected, listing.holding) == (None, None, False)


def test_the_order_is_held_for_ten_snapshots_after_the_cursors_last_move() -> None:
    listing = listed()
    listing.put(1)
    one_more = changed(1, busy(1, "www/chromium"))
    for seq in range(2, 2 + HELD):
        listing.take(one_more, seq)
        assert slots_of(listing) == [0, 2, 3, 1, 4]
        assert listing.holding
    moved = listing.take(one_more, 2 + HELD)
    assert not listing.holding
    assert slots_of(listing) == [0, 1, 2, 3, 4]
    assert moved
    assert listing.selected == ROWS[2]


def test_a_move_holds_the_order_once_more() -> None:
    listing = listed()
    listing.put(1)
    listing.take(ROWS, HELD)
    listing.put(2)
    listing.take(changed(1, busy(1, "www/chromium")), HELD + 5)
    assert slots_of(listing) == [0, 2, 3, 1, 4]


@pytest.mark.parametrize("act", ["sort", "filter"])
def test_a_new_order_or_filter_lets_go_at_once(act: str) -> None:
    listing = listed()
    listing.put(1)
    if act == "sort":
        listing.sort(Order(Column.ORIGIN))
        assert slots_of(listing) == [0, 3, 2, 1, 4]
    else:
        listing.filter("lang")
        assert slots_of(listing) == [2, 3]
    assert not listing.holding
    assert listing.selected == ROWS[2]


def test_another_number_of_slots_is_taken_at_once() -> None:
    listing = listed()
    listing.put(4)
    listing.take(ROWS[:2], 2)
    assert slots_of(listing) == [0, 1]
    assert listing.selected is None


def test_a_package_that_ended_is_not_chosen_any_more_and_neither_is_another() -> None:
    listing = listed()
    listing.put(1)
    listing.take(changed(2, WorkerRow(2, IDLE)), HELD + 2)
    assert slots_of(listing) == [0, 3, 1, 2, 4]
    assert listing.cursor is listing.selected is None


def test_rows_stay_for_a_while_also_where_the_chosen_package_has_ended() -> None:
    listing = listed()
    before = slots_of(listing)
    listing.put(1)
    listing.take(changed(2, WorkerRow(2, IDLE)), 2)
    assert listing.cursor is None
    assert slots_of(listing) == before


def test_a_package_that_a_filter_left_out_is_still_the_chosen_one_afterwards() -> None:
    listing = listed()
    listing.put(1)
    chosen = listing.selected
    listing.filter("no such package")
    assert listing.selected is None
    listing.take(ROWS, 2)
    listing.filter("")
    assert listing.selected == chosen is not None


def test_the_next_package_in_the_slot_is_not_the_chosen_one() -> None:
    listing = listed()
    listing.sort(Order(Column.ORIGIN))
    listing.put(0)
    listing.take(changed(0, busy(0, "www/chromium")), HELD + 2)
    assert slots_of(listing) == [3, 2, 0, 1, 4]
    assert listing.selected is None


def test_what_was_changed_while_the_order_was_held_is_seen_afterwards() -> None:
    # Back at what it was before: the order has to be made again all the same.
    listing = listed()
    listing.put(0)
    listing.take(changed(1, busy(1, "www/chromium")), 2)
    listing.sort(BY_SLOT)
    listing.take(ROWS, 3)
    assert slots_of(listing) == [0, 2, 3, 1, 4]


def test_released_nothing_is_chosen_or_held_any_more() -> None:
    listing = listed()
    listing.put(3)
    listing.take(changed(1, busy(1, "www/chromium")), 2)
    listing.release()
    assert (listing.cursor, listing.selected, listing.holding) == (None, None, False)
    assert slots_of(listing) == [0, 1, 2, 3, 4]


Act = tuple[str, object]
acts = st.lists(
    st.one_of(
        st.tuples(st.just("take"), slots(5)),
        st.tuples(st.just("take"), slots(5)),
        st.tuples(st.just("take"), slots()),
        st.tuples(st.just("skip"), st.integers(1, 15)),
        st.tuples(st.just("put"), st.integers(-2, 9)),
        st.tuples(st.just("sort"), orders),
        st.tuples(st.just("filter"), texts),
        st.tuples(st.just("release"), st.none()),
    ),
    max_size=12,
)


@given(acts)
@settings(max_examples=300)
def test_the_chosen_package_stays_chosen_while_it_is_there(acts: list[Act]) -> None:
    listing, seq, rows = Listing(), 1, ()
    for name, value in acts:
        chosen, shown = listing.selected, slots_of(listing)
        same_slots = False
        match name, value:
            case "take", tuple():
                same_slots = len(value) == len(rows)
                rows, seq = value, seq + 1
                listing.take(rows, seq)
            case "skip", int():
                same_slots, seq = True, seq + value
                listing.take(rows, seq)
            case "put", int():
                listing.put(value)
                chosen = listing.selected
            case "sort", Order():
                listing.sort(value)
            case "filter", str():
                listing.filter(value)
            case _:
                listing.release()
                chosen = None
        now = slots_of(listing)
        if listing.holding and same_slots:
            assert now == shown
        elif name != "put":
            assert now == ordered(rows, listing.order, matching(rows, listing.text))
        assert listing.cursor is None or 0 <= listing.cursor < max(1, len(listing))
        if chosen is not None:
            there = chosen.slot < len(rows) and rows[chosen.slot].origin == chosen.origin
            if there and chosen.slot in now:
                assert listing.selected is rows[chosen.slot]
            else:
                assert listing.selected is None


@pytest.mark.parametrize("order", [Order(column, reverse) for column in Column for reverse in (False, True)])
def test_an_order_is_read_back_from_what_the_settings_call_it(order: Order) -> None:
    assert Order.named(order.word) == order
