"""Which package may start when: against a scheduler so simple that it cannot be wrong."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.run import queue as queue_module
from synthtop.run.package import Package
from synthtop.run.queue import Order, Queue, Skipped, Standing, levels


def package(origin: str, *needs: str, index: int = 0, ignore: str | None = None) -> Package:
    return Package(origin, "", origin, None, needs, (), index=index, ignore=ignore)


def graph(**needs: str) -> list[Package]:
    """``graph(a="", b="a", c="a b")``: packages in this order, with what each needs."""
    return [package(origin, *words.split(), index=i) for i, (origin, words) in enumerate(needs.items())]


def pop(queue: Queue) -> str | None:
    popped = queue.pop()
    return None if popped is None else popped.origin


def drain(queue: Queue) -> list[str]:
    """Build everything one by one; the origins in their order."""
    order = []
    while (popped := queue.pop()) is not None:
        order.append(popped.origin)
        queue.built(popped.origin)
    return order


def test_a_package_waits_for_all_it_needs() -> None:
    queue = Queue(graph(c="a b", a="", b=""))
    assert {pop(queue), pop(queue)} == {"a", "b"}
    assert queue.pop() is None
    queue.built("a")
    assert queue.pop() is None
    queue.built("b")
    assert pop(queue) == "c"


def test_the_longest_chain_of_dependents_starts_first() -> None:
    assert (
        drain(Queue(graph(lone="", wide="", w1="wide", w2="wide", deep="", d1="deep", d2="d1")))[0] == "deep"
    )


def test_of_equal_chains_the_one_with_more_direct_dependents_starts_first() -> None:
    assert drain(Queue(graph(one="", two="", x="one", y="two", z="two")))[:2] == ["two", "one"]


def test_of_equal_packages_the_first_in_the_plan_starts_first() -> None:
    assert drain(Queue(graph(b="", c="", a=""))) == ["b", "c", "a"]


def test_in_plan_order_a_long_chain_does_not_pass_the_first_of_the_plan() -> None:
    assert drain(Queue(graph(lone="", deep="", d1="deep", d2="d1"), order="plan")) == [
        "lone",
        "deep",
        "d1",
        "d2",
    ]


def test_a_package_that_became_ready_passes_those_with_shorter_chains() -> None:
    queue = Queue(graph(deep="", d1="deep", d2="d1", lone=""))
    assert drain(queue) == ["deep", "d1", "d2", "lone"]


def test_by_time_the_chain_that_takes_longest_starts_first() -> None:
    queue = Queue(graph(deep="", d1="deep", d2="d1", lone="", slow=""))
    queue.weigh([2.0, 3.0, 4.0, 8.0, 10.0])
    assert drain(queue) == ["slow", "deep", "lone", "d1", "d2"]


def test_what_a_package_takes_itself_is_part_of_its_chain() -> None:
    queue = Queue(graph(short="", long="", after_short="short", after_long="long"))
    queue.weigh([1.0, 9.0, 5.0, 5.0])
    assert drain(queue)[0] == "long"


def test_of_chains_that_take_as_long_more_dependents_start_first_and_then_the_first_in_the_plan() -> None:
    queue = Queue(graph(first="", second="", a="second", b="second"))
    queue.weigh([4.0, 1.0, 3.0, 3.0])
    assert drain(queue) == ["second", "first", "a", "b"]


def test_where_all_packages_take_as_long_time_orders_as_chain_does() -> None:
    packages = graph(lone="", wide="", w1="wide", w2="wide", deep="", d1="deep", d2="d1", two="", z="two")
    by_time = Queue(packages)
    by_time.weigh([1.0] * len(packages))
    assert drain(by_time) == drain(Queue(packages, "chain"))


@pytest.mark.parametrize("order", ["chain", "plan"])
def test_other_orders_do_not_ask_how_long_a_package_takes(order: Order) -> None:
    packages = graph(a="", b="", c="b", slow="")
    queue = Queue(packages, order)
    expected = drain(Queue(packages, order))
    queue.weigh([1.0, 1.0, 1.0, 99.0])
    assert pop(queue) == expected[0]
    queue.weigh([1.0, 1.0, 1.0, 999.0])
    queue.built(expected[0])
    assert drain(queue) == expected[1:]


def test_weights_that_come_later_rank_what_has_not_started() -> None:
    queue = Queue(graph(deep="", d1="deep", a="", b="", c=""))
    assert pop(queue) == "deep"
    queue.weigh([1.0, 5.0, 2.0, 9.0, 4.0])
    assert pop(queue) == "b"
    queue.built("deep")
    assert [pop(queue) for _ in range(3)] == ["d1", "c", "a"]


def test_a_weight_is_wanted_for_each_package() -> None:
    with pytest.raises(ValueError, match="1 weights for 2 packages"):
        Queue(graph(a="", b="")).weigh([1.0])


def test_a_package_that_is_to_run_again_is_ready_in_its_old_place() -> None:
    queue = Queue(graph(deep="", d1="deep", a="", b=""))
    assert [pop(queue), pop(queue)] == ["deep", "a"]
    queue.again("deep")
    assert (queue.remaining, queue.ready) == (4, 2)
    assert [pop(queue), pop(queue), pop(queue)] == ["deep", "b", None]
    queue.built("deep")
    assert pop(queue) == "d1"


def test_only_what_runs_can_run_again() -> None:
    queue = Queue(graph(a="", b="a"))
    with pytest.raises(ValueError, match="a was not handed out"):
        queue.again("a")
    queue.pop()
    queue.built("a")
    with pytest.raises(ValueError, match="a was not handed out"):
        queue.again("a")


def test_the_standing_has_what_waits_in_the_order_in_which_it_would_start() -> None:
    queue = Queue(graph(last="", b="a", a="", c="b", done=""))
    queue.drop(["done"])
    before = queue.standing()
    assert (before.waiting, before.running) == ([2, 1, 0, 3], [])
    queue.pop()
    now = queue.standing()
    assert (now.waiting, now.running) == ([1, 0, 3], [2])
    assert [now.needs[place] for place in now.waiting] == [1, 0, 1]
    assert now.dependents[2] == [1]
    assert before.needs == now.needs


def test_a_standing_does_not_change_when_the_build_goes_on() -> None:
    queue = Queue(graph(a="", b="a"))
    queue.pop()
    taken = queue.standing()
    queue.built("a")
    assert (taken.waiting, taken.running, taken.needs) == ([1], [0], [0, 1])


def test_another_thread_never_finds_a_package_that_waits_for_one_that_is_gone() -> None:
    packages = graph(done="", a="done", b="a", c="a b", d="c", bad="", e="bad", f="e", both="c f")
    queue = Queue(packages)
    problems: list[tuple[int, Standing]] = []
    looks = 0
    failing = False  # what a failure is about to skip may wait in vain

    def look(frame: FrameType, event: str, _: object) -> Any:
        """Take a standing before each line of the queue, as another thread might."""
        nonlocal looks
        if frame.f_code.co_filename != queue_module.__file__:
            return None
        if event == "line" and not failing:
            looks += 1
            seen = queue.standing()
            there = {packages[place].origin for place in (*seen.waiting, *seen.running)}
            problems.extend(
                (place, seen)
                for place in seen.waiting
                if seen.needs[place] > len(there.intersection(packages[place].needs))
            )
        return look

    tracing = sys.gettrace()
    sys.settrace(look)
    try:
        queue.drop(["done"])
        while (popped := queue.pop()) is not None:
            if popped.origin == "bad":
                queue.again("bad")
                assert queue.pop() is popped
                failing = True
                queue.failed("bad")
                failing = False
                queue.retry("bad")
                assert queue.pop() is popped
                failing = True
                queue.failed("bad")
                failing = False
            else:
                queue.built(popped.origin)
    finally:
        sys.settrace(tracing)
    assert queue.done
    assert looks > 100
    assert problems == []


def test_the_counts_follow_the_packages() -> None:
    queue = Queue(graph(a="", b="", c="a", d="c"))
    assert (queue.remaining, queue.ready, queue.done) == (4, 2, False)
    queue.pop()
    assert (queue.remaining, queue.ready) == (4, 1)
    queue.failed("a")
    assert (queue.remaining, queue.ready) == (1, 1)
    queue.pop()
    assert (queue.remaining, queue.ready, queue.done) == (1, 0, False)
    queue.built("b")
    assert (queue.remaining, queue.ready, queue.done) == (0, 0, True)


def test_a_queue_of_nothing_is_done() -> None:
    queue = Queue([])
    assert queue.done
    assert queue.pop() is None


def test_a_failure_skips_every_dependent_with_the_reason_in_the_plans_order() -> None:
    queue = Queue(graph(far="near", near="a", a="", other=""))
    queue.pop()
    assert queue.failed("a") == [Skipped("far", "a"), Skipped("near", "a")]


def test_a_package_behind_two_failures_is_skipped_once() -> None:
    queue = Queue(graph(a="", b="", both="a b"))
    queue.pop(), queue.pop()
    assert queue.failed("a") == [Skipped("both", "a")]
    assert queue.failed("b") == []
    assert queue.done


def test_what_was_built_before_a_failure_is_not_skipped() -> None:
    queue = Queue(graph(a="", b="a", c="b"))
    queue.drop(["b"])
    queue.pop()
    assert queue.failed("a") == []
    assert pop(queue) == "c"


def test_blocks_counts_what_a_failure_would_skip() -> None:
    queue = Queue(graph(a="", b="a", c="b", d="b c", e=""))
    assert [queue.blocks(origin) for origin in "abcde"] == [3, 2, 1, 0, 0]


def test_an_ignored_package_is_never_handed_out() -> None:
    queue = Queue([package("a", ignore="broken"), package("b", "a"), package("c")])
    assert queue.failed("a") == [Skipped("b", "a")]
    assert drain(queue) == ["c"]
    assert queue.done


def test_an_ignored_package_is_not_ready_before_it_was_given_up() -> None:
    queue = Queue([package("a", ignore="broken")])
    assert queue.ready == 0
    assert queue.pop() is None
    assert queue.remaining == 1


def test_an_ignored_package_behind_another_stays_ignored_and_is_not_skipped() -> None:
    queue = Queue([package("a", ignore="x"), package("b", "a", ignore="y"), package("c", "b")])
    assert queue.failed("a") == [Skipped("c", "a")]
    assert queue.failed("b") == []
    assert queue.done


def test_what_is_dropped_counts_as_met_and_is_not_built() -> None:
    queue = Queue(graph(a="", b="a", c="b"))
    queue.drop(["a", "b"])
    assert queue.remaining == 1
    assert drain(queue) == ["c"]


def test_what_is_dropped_makes_no_chain_longer() -> None:
    queue = Queue(graph(lone="", l1="lone", deep="", d1="deep", d2="d1"))
    queue.drop(["d1"])
    assert drain(queue)[0] == "lone"


def test_a_package_can_fail_while_it_is_only_ready() -> None:
    queue = Queue(graph(a="", b="", c="b", d="c"))
    assert pop(queue) == "b"
    queue.failed("a")
    queue.built("b")
    assert drain(queue) == ["c", "d"]


def test_what_was_not_handed_out_cannot_have_been_built() -> None:
    with pytest.raises(ValueError, match="a was not handed out"):
        Queue(graph(a="")).built("a")


def test_nothing_ends_twice() -> None:
    queue = Queue(graph(a="", b="a"))
    queue.failed("a")
    with pytest.raises(ValueError, match="b has ended already"):
        queue.failed("b")


def test_what_runs_cannot_be_dropped() -> None:
    queue = Queue(graph(a=""))
    queue.pop()
    with pytest.raises(ValueError, match="a runs already"):
        queue.drop(["a"])


def test_a_need_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="needs 'nowhere', which is not in the queue"):
        Queue(graph(a="nowhere"))


def test_a_circle_is_refused() -> None:
    with pytest.raises(ValueError, match="circle"):
        Queue(graph(a="b", b="a"))


def test_a_chain_of_forty_thousand_is_no_problem() -> None:
    chain = [package(f"p{n}", *([f"p{n - 1}"] if n else [])) for n in range(40_000)]
    queue = Queue(chain)
    assert queue.blocks("p0") == 39_999
    assert len(levels(chain)) == 40_000
    queue.pop()
    assert len(queue.failed("p0")) == 39_999


def test_levels_need_only_what_is_before_them() -> None:
    found = levels(graph(d="b c", c="a", b="a", a="", e=""))
    assert [[p.origin for p in level] for level in found] == [["a", "e"], ["c", "b"], ["d"]]


def test_within_a_level_packages_stand_as_they_would_start() -> None:
    packages = graph(lone="", deep="", d1="deep")
    assert [p.origin for p in levels(packages)[0]] == ["deep", "lone"]
    assert [p.origin for p in levels(packages, "plan")[0]] == ["lone", "deep"]


def test_within_a_level_the_chain_that_takes_longest_stands_first_where_time_orders() -> None:
    packages = graph(slow="", deep="", d1="deep")
    weights = [9.0, 1.0, 1.0]
    assert [p.origin for p in levels(packages, "time", weights)[0]] == ["slow", "deep"]
    assert [p.origin for p in levels(packages, "chain", weights)[0]] == ["deep", "slow"]


def test_nothing_has_no_levels() -> None:
    assert levels([]) == []


# -- what failed, again ----------------------------------------------------------------------------


def failed(queue: Queue, *origins: str) -> None:
    """Hand out whatever is ready, and have these fail."""
    while queue.pop() is not None:
        pass
    for origin in origins:
        queue.failed(origin)


def test_what_failed_is_ready_again_and_what_it_blocked_waits_again_in_the_plans_order() -> None:
    queue = Queue(graph(far="near", near="a", a="", other=""))
    failed(queue, "a")
    assert queue.retry("a") == ["a", "far", "near"]
    assert (queue.remaining, queue.ready) == (4, 1)
    assert drain(queue) == ["a", "near", "far"]


def test_what_two_failures_block_comes_back_with_the_second_of_them() -> None:
    queue = Queue(graph(a="", b="", both="a b", behind="both"))
    failed(queue, "a", "b")
    assert queue.retry("b") == ["b"]
    assert queue.retry("a") == ["a", "both", "behind"]
    assert drain(queue) == ["a", "b", "both", "behind"]


def test_what_stays_skipped_does_so_because_of_what_still_blocks_it() -> None:
    queue = Queue(graph(behind="both", both="a b", a="", b="", only="a"))
    failed(queue, "a", "b")
    assert queue.retry("a") == ["a", "only"]
    assert queue.blamed_anew(["a"]) == [Skipped("behind", "b"), Skipped("both", "b")]
    assert queue.blamed_anew(["a"]) == []


def test_what_needs_an_ignored_package_does_not_come_back() -> None:
    queue = Queue([package("a"), package("i", ignore="broken"), package("both", "a", "i")])
    queue.pop()
    queue.failed("a")
    queue.failed("i")
    assert queue.retry("a") == ["a"]
    assert queue.blamed_anew(["a"]) == [Skipped("both", "i")]


def test_what_was_built_or_dropped_behind_a_failure_stays_so() -> None:
    queue = Queue(graph(a="", b="a", c="b"))
    queue.drop(["b"])
    failed(queue, "a")
    assert queue.retry("a") == ["a"]
    assert drain(queue) == ["a"]
    assert queue.remaining == 1, "c was handed out"


def test_a_package_may_fail_and_be_retried_any_number_of_times() -> None:
    queue = Queue(graph(a="", b="a"))
    for _ in range(3):
        assert pop(queue) == "a"
        assert queue.failed("a") == [Skipped("b", "a")]
        assert queue.done
        assert queue.retry("a") == ["a", "b"]
    assert drain(queue) == ["a", "b"]


@pytest.mark.parametrize("origin", ["ready", "running", "built", "skipped", "ignored"])
def test_what_has_not_failed_cannot_be_retried(origin: str) -> None:
    queue = Queue(
        [
            package("built"),
            package("running"),
            package("bad"),
            package("skipped", "bad"),
            package("ignored", ignore="broken"),
            package("ready"),
        ],
        order="plan",
    )
    queue.failed("ignored")
    queue.pop(), queue.pop(), queue.pop()
    queue.built("built")
    queue.failed("bad")
    with pytest.raises(ValueError, match=f"{origin} has not failed"):
        queue.retry(origin)
    assert (queue.remaining, queue.ready) == (2, 1)


# -- against a naive scheduler ---------------------------------------------------------------------


@st.composite
def plans(draw: st.DrawFn) -> list[Package]:
    """Up to 12 packages in any order, each needing some that are before it in a hidden order."""
    count = draw(st.integers(0, 12))
    hidden = draw(st.permutations(range(count)))
    found: dict[int, Package] = {}
    for place, number in enumerate(hidden):
        before = hidden[:place]
        chosen = draw(st.lists(st.sampled_from(before), unique=True, max_size=3)) if before else []
        ignore = "broken" if draw(st.integers(0, 7)) == 0 else None
        found[number] = package(f"p{number}", *(f"p{n}" for n in chosen), index=number, ignore=ignore)
    return [found[number] for number in range(count)]


class Naive:
    """Recomputes everything from what ended how, each time."""

    def __init__(self, packages: Sequence[Package], order: str) -> None:
        self.packages = packages
        self.order = order
        self.ended: dict[str, str] = {}
        self.because: dict[str, str] = {}
        self.running: set[str] = set()
        self.left: list[str] = []
        self.weights: dict[str, int] = {}

    def dependents(self, origin: str) -> list[Package]:
        return [p for p in self.packages if origin in p.needs and p.origin not in self.left]

    def chain(self, origin: str) -> int:
        behind = max((self.chain(p.origin) for p in self.dependents(origin)), default=0)
        return behind + self.weights.get(origin, 1)

    def start(self) -> None:
        """From here on chains are as long as they are now."""
        self.left = [*self.ended]
        self.rank = {
            p.origin: (-self.chain(p.origin), -len(self.dependents(p.origin)), n)
            if self.order != "plan"
            else (0, 0, n)
            for n, p in enumerate(self.packages)
        }

    def ready(self) -> list[str]:
        return [
            p.origin
            for p in self.packages
            if p.origin not in self.ended
            and p.origin not in self.running
            and all(self.ended.get(need) in ("built", "dropped") for need in p.needs)
        ]

    def best(self) -> str | None:
        return min(self.ready(), key=self.rank.__getitem__, default=None)

    def standing(self) -> tuple[list[str], list[str], list[int]]:
        """What waits in its order, what runs, and how much each that waits still waits for."""
        waiting = [p for p in self.packages if p.origin not in self.ended and p.origin not in self.running]
        waiting.sort(key=lambda p: self.rank[p.origin])
        needs = [sum(self.ended.get(n) not in ("built", "dropped") for n in p.needs) for p in waiting]
        return [p.origin for p in waiting], sorted(self.running), needs

    def lost(self, origin: str) -> list[str]:
        """Not ended, and with a way of needs to ``origin`` on which nothing has ended."""
        behind: set[str] = set()
        grown = True
        while grown:
            more = {
                p.origin
                for p in self.packages
                if p.origin not in self.ended and (set(p.needs) & (behind | {origin}))
            }
            grown = more != behind
            behind = more
        return [p.origin for p in self.packages if p.origin in behind and p.ignore is None]

    def retry(self, origin: str) -> list[str]:
        """It has not ended, and neither has what is skipped without anything that it needs being lost."""
        del self.ended[origin]
        found = [origin]
        grown = True
        while grown:
            back = [
                p.origin
                for p in self.packages
                if self.ended.get(p.origin) == "skipped"
                and not any(self.ended.get(need) in ("failed", "ignored", "skipped") for need in p.needs)
            ]
            for other in back:
                del self.ended[other], self.because[other]
            found += back
            grown = bool(back)
        return [origin, *(p.origin for p in self.packages if p.origin in found[1:])]


def _standing(queue: Queue, packages: Sequence[Package]) -> tuple[list[str], list[str], list[int]]:
    found = queue.standing()
    return (
        [packages[place].origin for place in found.waiting],
        sorted(packages[place].origin for place in found.running),
        [found.needs[place] for place in found.waiting],
    )


@settings(deadline=None)
@given(plans(), st.sampled_from(["time", "chain", "plan"]), st.integers(1, 4), st.data())
def test_a_build_goes_as_with_a_naive_scheduler(
    packages: list[Package], order: Order, workers: int, data: st.DataObject
) -> None:
    queue, naive = Queue(packages, order), Naive(packages, order)
    candidates = [p.origin for p in packages if p.ignore is None]
    dropped = data.draw(st.lists(st.sampled_from(candidates), unique=True)) if candidates else []
    queue.drop(dropped)
    naive.ended.update(dict.fromkeys(dropped, "dropped"))

    def give_up(origin: str, outcome: str) -> None:
        expected = naive.lost(origin)
        assert queue.blocks(origin) == len(expected)
        assert queue.failed(origin) == [Skipped(other, origin) for other in expected]
        naive.ended[origin] = outcome
        for other in expected:
            assert other not in naive.ended
            naive.ended[other] = "skipped"
            naive.because[other] = origin

    for p in packages:
        if p.ignore is not None:
            give_up(p.origin, "ignored")
    naive.start()
    assert _standing(queue, packages) == naive.standing()
    retries = 6
    while not queue.done or retries:
        lost = sorted(origin for origin, end in naive.ended.items() if end == "failed")
        if retries and lost and data.draw(st.booleans()):
            origin = data.draw(st.sampled_from(lost))
            assert queue.retry(origin) == naive.retry(origin)
            left = [p.origin for p in packages if naive.because.get(p.origin) == origin]
            blamed = queue.blamed_anew([origin])
            assert [other for other, _ in blamed] == left
            naive.because.update(blamed)
        retries = max(0, retries - 1)
        if data.draw(st.integers(0, 4)) == 0:
            weights = data.draw(st.lists(st.integers(1, 5), min_size=len(packages), max_size=len(packages)))
            queue.weigh(weights)
            if order == "time":
                naive.weights = {p.origin: weight for p, weight in zip(packages, weights, strict=True)}
                naive.start()
        while len(naive.running) < workers:
            popped = queue.pop()
            assert (popped and popped.origin) == naive.best()
            if popped is None:
                break
            naive.running.add(popped.origin)
        if not naive.running:
            continue
        origin = data.draw(st.sampled_from(sorted(naive.running)))
        naive.running.remove(origin)
        if data.draw(st.integers(0, 4)) == 0:
            queue.again(origin)
        elif data.draw(st.booleans()):
            queue.built(origin)
            naive.ended[origin] = "built"
        else:
            give_up(origin, "failed")
        assert queue.remaining == len(packages) - len(naive.ended)
        assert queue.ready == len(naive.ready())
        assert _standing(queue, packages) == naive.standing()
    assert naive.ended.keys() == {p.origin for p in packages}
    by_origin = {p.origin: p for p in packages}
    for origin, because in naive.because.items():
        assert naive.ended[because] in ("failed", "ignored")
        assert _needs(by_origin, origin, because)


def _needs(by_origin: dict[str, Package], origin: str, other: str) -> bool:
    needs = by_origin[origin].needs
    return other in needs or any(_needs(by_origin, need, other) for need in needs)


@given(plans())
def test_levels_hold_every_package_once_and_each_behind_its_needs(packages: list[Package]) -> None:
    level_of = {p.origin: n for n, level in enumerate(levels(packages)) for p in level}
    assert len(level_of) == len(packages)
    for p in packages:
        assert level_of[p.origin] == max((level_of[need] + 1 for need in p.needs), default=0)
