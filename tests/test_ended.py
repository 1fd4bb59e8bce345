"""Which finished packages the table shows and in which order, as they come."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.model import Finished, Ledger, Outcome, View
from synthtop.widgets.ended import Ended
from synthtop.widgets.listing import HELD
from synthtop.widgets.ordering import finder
from synthtop.widgets.wanted import KEYS, NEWEST_FIRST, Column, Order, Wanted, why


def one(
    origin: str = "devel/gmake",
    outcome: Outcome = Outcome.BUILT,
    *,
    reason: str | None = None,
    phase: str | None = None,
    duration: int | None = None,
    lines: int | None = None,
) -> Finished:
    return Finished(origin, outcome, 1, 0, phase, reason, duration, lines)


def wants(text: str, package: Finished, outcome: Outcome | None = None) -> bool:
    return Wanted(text, outcome).test()(package)


def shown(ended: Ended) -> list[Finished]:
    return [ended[row] for row in range(len(ended))]


def origins(ended: Ended) -> list[str]:
    return [package.origin for package in shown(ended)]


# -- what is wanted --------------------------------------------------------------------------------

VIM = one("editors/Vim", Outcome.FAILED, reason="exit status 2", phase="configure", duration=300)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", True),
        ("  ", True),
        ("vim", True),
        ("Vim", True),
        ("VIM", False),
        ("configure", True),
        ("status editors", True),
        ("status emacs", False),
        (">4m", True),
        (">5m", False),
        (">=5m", True),
        ("<5m", False),
        ("<=300", True),
        ("<1h >1s", True),
        ("vim >1h", False),
        (">", True),
        ("<=", True),
        (">soon", False),
    ],
)
def test_each_word_is_looked_for_or_compares_the_duration(text: str, found: bool) -> None:
    assert wants(text, VIM) is found


def test_where_no_duration_is_known_none_is_longer_or_shorter() -> None:
    assert not wants(">0", one())
    assert not wants("<1h", one())
    assert wants(">", one(duration=1))


def test_a_word_that_only_looks_like_a_comparison_is_text() -> None:
    assert wants(">soon", one(reason=">soon", outcome=Outcome.IGNORED))


def test_what_is_found_is_what_the_row_says() -> None:
    assert not wants("package", one(phase="package"))
    assert wants("<202e>", one("x/\u202ey"))
    assert not wants("gmakeexit", one(outcome=Outcome.FAILED, reason="exit status 1"))


def test_one_outcome_is_shown_alone() -> None:
    assert wants("", VIM, Outcome.FAILED)
    assert not wants("", VIM, Outcome.BUILT)
    assert not wants("emacs", VIM, Outcome.FAILED)


@pytest.mark.parametrize(
    ("package", "said"),
    [
        (VIM, "configure: exit status 2"),
        (one(outcome=Outcome.FAILED, phase="build"), "build"),
        (one(outcome=Outcome.FAILED, reason="killed by SIGKILL"), "killed by SIGKILL"),
        (one(outcome=Outcome.FAILED), ""),
        (one(outcome=Outcome.SKIPPED, reason="lang/rust"), "lang/rust"),
        (one(outcome=Outcome.IGNORED, reason="BROKEN\x1b", phase="fetch"), "BROKEN␛"),
        (one(phase="package"), ""),
    ],
)
def test_why_is_the_phase_and_reason_of_what_was_not_built(package: Finished, said: str) -> None:
    assert why(package) == said


# -- the order -------------------------------------------------------------------------------------

packages = st.builds(
    Finished,
    st.sampled_from(["a/a", "a/B", "b/c", "d/d"]),
    st.sampled_from(Outcome),
    st.just(1),
    reason=st.sampled_from([None, "exit status 1", "x"]),
    phase=st.sampled_from([None, "build"]),
    duration=st.none() | st.integers(0, 5),
    lines=st.none() | st.integers(0, 3),
)
orders = st.builds(Order, st.sampled_from(Column), st.booleans())
wanted = st.builds(
    Wanted,
    st.sampled_from(["", "a", "B", "exit b", ">2", "<=3 a", ">1 <4", "nothing"]),
    st.none() | st.sampled_from(Outcome),
)


def naive(finished: list[Finished], order: Order, wanted: Wanted) -> list[Finished]:
    """What is shown of ``finished``, made anew from all of it."""
    words = wanted.text.split()
    texts = [word for word in words if word[0] not in "<>"]
    kept = [
        (place, package)
        for place, package in enumerate(finished)
        if wanted.outcome in (None, package.outcome)
        and all(any(map(finder(word), (package.origin, why(package)))) for word in texts)
        and all(
            package.duration is not None
            and eval(f"{package.duration} {word}", {})  # the language's own comparison
            for word in words
            if word[0] in "<>"
        )
    ]
    if order.column is Column.TIME:
        return [package for _, package in (kept[::-1] if order.descending else kept)]
    key: Any = KEYS[order.column]
    known = [pair for pair in kept[::-1] if key(pair[1]) is not None]
    known.sort(key=lambda pair: key(pair[1]), reverse=order.descending)
    return [pair[1] for pair in known] + [pair[1] for pair in kept[::-1] if key(pair[1]) is None]


@given(st.lists(st.lists(packages, max_size=8), max_size=4), st.lists(st.tuples(orders, wanted), max_size=4))
@settings(max_examples=50)
def test_however_they_come_they_stand_as_if_all_were_sorted_anew(
    batches: list[list[Finished]], asked: list[tuple[Order, Wanted]]
) -> None:
    ledger: Ledger[Finished] = Ledger(100)
    ended, order, choice = Ended(), NEWEST_FIRST, Wanted()
    for seq in range(max(len(batches), len(asked))):
        for package in batches[seq] if seq < len(batches) else ():
            ledger.append(package)
        ended.take(ledger.view(), seq)
        if seq < len(asked):
            order, choice = asked[seq]
            ended.sort(order)
            ended.filter(choice)
        assert shown(ended) == naive(list(ledger.view()), order, choice)


@given(st.lists(packages, min_size=1, max_size=12), orders, wanted, st.data())
@settings(max_examples=50)
def test_what_leaves_the_list_or_is_another_list_is_seen(
    first: list[Finished], order: Order, choice: Wanted, data: st.DataObject
) -> None:
    ledger: Ledger[Finished] = Ledger(8)
    ended = Ended()
    ended.sort(order)
    ended.filter(choice)
    for seq, package in enumerate(first * 2):
        ledger.append(package._replace(at=seq))  # trimmed now and then: at most 16 are kept
        if seq % 3 == 0:
            ended.take(ledger.view(), seq)
    gone = data.draw(st.sampled_from(first)).origin
    ledger.drop(lambda package: package.origin == gone)
    for package in data.draw(st.lists(packages, max_size=4)):
        ledger.append(package)
    ended.take(ledger.view(), 1000)
    assert shown(ended) == naive(list(ledger.view()), order, choice)


def test_many_that_come_at_once_are_in_order_too() -> None:
    ended = Ended()
    ended.sort(Order(Column.DURATION))
    ledger: Ledger[Finished] = Ledger(5000)
    for number in range(1000):
        ledger.append(one(f"a/{number}", duration=number * 7919 % 1000))
    ended.take(ledger.view(), 1)
    for number in range(1000, 1700):
        ledger.append(one(f"a/{number}", duration=number * 7919 % 1000))
    ended.take(ledger.view(), 2)
    assert shown(ended) == naive(list(ledger.view()), Order(Column.DURATION), Wanted())


def test_only_what_is_new_is_looked_at() -> None:
    looked = []

    class Seen(list[Finished]):
        def __getitem__(self, index: Any) -> Any:
            looked.append(index)
            return super().__getitem__(index)

    finished = Seen(one(f"a/{number}") for number in range(5000))
    ended = Ended()
    ended.filter(Wanted("a"))
    ended.take(View(finished, 4990), 1)
    looked.clear()
    ended.take(View(finished, 5000), 2)
    assert len(ended) == 5000
    assert len(looked) < 50


# -- the cursor ------------------------------------------------------------------------------------


def three() -> tuple[Ended, Ledger[Finished]]:
    """Three packages, the newest first, and the cursor on the second."""
    ledger: Ledger[Finished] = Ledger(100)
    for name in "abc":
        ledger.append(one(f"x/{name}", duration=ord(name)))
    ended = Ended()
    ended.take(ledger.view(), 1)
    ended.put(1)
    return ended, ledger


def test_no_row_moves_for_some_snapshots_after_the_cursor_was_used() -> None:
    ended, ledger = three()
    ledger.append(one("x/d"))
    for seq in range(2, 2 + HELD):
        assert ended.take(ledger.view(), seq, 1) == 1
        assert origins(ended) == ["x/c", "x/b", "x/a"]
    assert ended.total == 4
    assert ended.take(ledger.view(), 2 + HELD, 1) == 2
    assert origins(ended) == ["x/d", "x/c", "x/b", "x/a"]
    assert ended.cursor == 2


def test_of_the_last_snapshot_everything_is_shown() -> None:
    ended, ledger = three()
    ledger.append(one("x/d"))
    ended.take(ledger.view(), 2, last=True)
    assert len(ended) == 4
    assert ended.cursor == 2


def test_the_cursor_stays_on_its_package_in_every_order() -> None:
    ended, _ = three()
    for column in Column:
        for reverse in (False, True):
            ended.sort(Order(column, reverse))
            assert ended.selected is not None
            assert ended.selected.origin == "x/b"


def test_what_the_filter_leaves_out_is_chosen_again_when_it_comes_back() -> None:
    ended, _ = three()
    ended.filter(Wanted("x/c"))
    assert (origins(ended), ended.cursor, ended.selected) == (["x/c"], None, None)
    ended.filter(Wanted())
    assert ended.cursor == 1


def test_the_cursor_finds_its_package_in_a_list_that_was_made_anew() -> None:
    ended, ledger = three()
    ledger.drop(lambda package: package.origin == "x/a")
    ended.take(ledger.view(), 50)
    assert (origins(ended), ended.cursor) == (["x/c", "x/b"], 1)
    ended.take(View([one("x/b"), one("x/z")]), 51)
    assert ended.cursor == 1
    ended.take(View([one("x/z")]), 52)
    assert ended.cursor is None


def test_where_something_stands_now_is_told_as_rows_come() -> None:
    ended, ledger = three()
    ledger.append(one("x/d"))
    assert ended.take(ledger.view(), 99, 2) == 3
    ledger.drop(lambda package: package.origin == "x/d")
    assert ended.take(ledger.view(), 100, 3) == 2
    assert Ended().take(View(), 1, 0) == 0
