"""Events in, snapshots out: everything that a builder may report, ask and rely on."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.collector import Collector
from synthtop.model import (
    FINISHED_KEPT,
    LOG_KEPT,
    BuildState,
    Eta,
    Finished,
    HostSample,
    LogKind,
    Memory,
    Outcome,
    PhaseSpan,
    Snapshot,
    Space,
    Stopping,
    Totals,
    WorkerRow,
    WorkerState,
)
from synthtop.throttle import Limit

from .terminal import PATIENCE, eventually

GIB = 1 << 30
QUIET = HostSample(load=1.0, ncpus=4, swap_pct=0.0)
RUNNING = WorkerState.RUNNING
BROKEN = OSError("gone")


class Clock:
    """Monotonic seconds that pass when a test says so."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Given:
    """A policy that allows what it is told; None: it raises."""

    name = "given"

    def __init__(self, workers: int | None) -> None:
        self.workers = workers
        self.asked: list[tuple[float, Memory, int]] = []

    def limit(self, now: float, sample: HostSample, memory: Memory, running: int, workers: int) -> Limit:
        self.asked.append((now, memory, running))
        if self.workers is None:
            raise ZeroDivisionError("no such rule")
        return Limit(
            self.workers, "as given" if self.workers < workers else None, self.workers, workers, workers
        )


class Answers:
    """Calls that answer one after the other, the last for ever; an exception among them is raised."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)

    def __call__(self, *arguments: object) -> Any:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Recorder:
    """A consumer that keeps what it got, and does ``act`` with it."""

    def __init__(
        self, name: str = "", log: list[str] | None = None, act: Callable[[], object] = lambda: None
    ) -> None:
        self.name = name
        self.log = [] if log is None else log
        self.seen: list[Snapshot] = []
        self.closed = threading.Event()
        self._act = act

    def on_snapshot(self, snapshot: Snapshot) -> None:
        self.seen.append(snapshot)
        self.log.append(self.name)
        self._act()

    def close(self) -> None:
        self.log.append(f"{self.name} closed")
        self.closed.set()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def collector(clock: Clock) -> Iterator[Collector]:
    """Four workers on a quiet host; the test ticks."""
    made = collecting(4, clock)
    yield made
    made.close()


@pytest.fixture
def thread_switches() -> Iterator[None]:
    """Let threads change places as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def collecting(workers: int, clock: Clock, **options: Any) -> Collector:
    options.setdefault("probe", lambda: QUIET)
    return Collector(workers, clock=clock, wall=lambda: clock.now + 1e9, **options)


def lines(collector: Collector) -> list[str]:
    """All event lines so far."""
    return [line.text for line in collector.tick().log]


def ticking(collector: Collector, clock: Clock, seconds: int) -> list[Snapshot]:
    """A snapshot now, and one at each of the next ``seconds``."""
    found = [collector.tick()]
    for _ in range(seconds):
        clock.now += 1.0
        found.append(collector.tick())
    return found


def adjustments(snapshot: Snapshot) -> list[str]:
    return [line.text for line in snapshot.log if line.kind is LogKind.THROTTLE]


def in_threads(count: int, work: Callable[[int], object]) -> None:
    """Call ``work(number)`` in ``count`` threads that begin together, and see all of them end well."""
    together = threading.Barrier(count)
    ended: list[int] = []

    def one(number: int) -> None:
        together.wait(PATIENCE)
        work(number)
        ended.append(number)

    threads = [threading.Thread(target=one, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(ended) == list(range(count))


def waits(thread: threading.Thread) -> bool:
    """Whether ``thread`` waits for a condition."""
    frame = sys._current_frames().get(thread.ident or 0)
    return frame is not None and frame.f_code is threading.Condition.wait.__code__


@contextmanager
def waiting_for_a_slot(collector: Collector, count: int = 1) -> Iterator[list[int | None]]:
    """``count`` threads that wait in acquire_slot; at the end, what each of them got."""
    got: list[int | None] = []
    threads = [
        threading.Thread(target=lambda: got.append(collector.acquire_slot()), daemon=True)
        for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    eventually(lambda: all(waits(thread) for thread in threads), "threads that wait for a slot")
    assert got == []
    yield got
    for thread in threads:
        thread.join(PATIENCE)
    assert len(got) == count


# -- phases, usage and space -----------------------------------------------------------------------------


def test_a_slot_has_the_phases_of_its_package_with_the_seconds_in_which_they_began(
    collector: Collector, clock: Clock
) -> None:
    collector.record_worker_update(0, RUNNING, "devel/gmake", "fetch")
    clock.now += 30
    collector.record_worker_update(0, RUNNING, phase="fetch", lines=4)
    clock.now += 10
    collector.record_worker_update(0, RUNNING, phase="build")
    clock.now += 5
    collector.record_worker_update(0, RUNNING, phase="fetch")
    first = collector.tick().workers[0]
    assert first.phases == (PhaseSpan("fetch", 0), PhaseSpan("build", 40), PhaseSpan("fetch", 45))
    assert collector.tick().workers[0].phases is first.phases
    collector.record_worker_update(0, RUNNING, "lang/rust", "extract")
    assert collector.tick().workers[0].phases == (PhaseSpan("extract", 0),)
    collector.record_completion("lang/rust", Outcome.BUILT, slot=0)
    assert collector.tick().workers[0].phases == ()


def test_of_very_many_phases_the_last_hundred_are_kept(collector: Collector) -> None:
    collector.record_worker_update(0, RUNNING, "devel/gmake")
    for number in range(10_000):
        collector.record_worker_update(0, RUNNING, phase=f"{number} {'x' * 1000}")
    phases = collector.tick().workers[0].phases
    assert [span.name.split()[0] for span in phases] == [str(number) for number in range(9_900, 10_000)]
    assert max(len(span.name) for span in phases) == 100


def test_what_slots_use_is_shown_until_it_is_said_anew(collector: Collector) -> None:
    for slot in range(3):
        collector.record_worker_update(slot, RUNNING, f"devel/p{slot}")
    collector.record_usage({0: (12.5, 4096), 1: (None, 512), 3: (1.0, 1)})
    found = [(row.cpu, row.rss) for row in collector.tick().workers]
    assert found == [(12.5, 4096), (None, 512), (None, None), (None, None)]
    collector.record_usage({0: None, 2: (0.0, 7)})
    found = [(row.cpu, row.rss) for row in collector.tick().workers]
    assert found == [(None, None), (None, None), (0.0, 7), (None, None)]
    collector.record_usage({})
    assert {(row.cpu, row.rss) for row in collector.tick().workers} == {(None, None)}


def test_the_next_package_does_not_use_what_the_last_one_did(collector: Collector) -> None:
    collector.record_worker_update(0, RUNNING, "devel/gmake")
    collector.record_usage({0: (12.5, 4096)})
    collector.record_worker_update(0, RUNNING, "lang/rust")
    row = collector.tick().workers[0]
    assert (row.origin, row.cpu, row.rss) == ("lang/rust", None, None)


def test_the_usage_of_a_slot_that_is_not_there_changes_nothing(collector: Collector) -> None:
    collector.record_worker_update(0, RUNNING, "devel/gmake")
    with pytest.raises(ValueError, match=r"slot 4: expected 0\.\.3"):
        collector.record_usage({0: (1.0, 1), 4: (1.0, 1)})
    assert collector.tick().workers[0].rss is None


def test_low_space_is_shown_and_told_when_it_comes_and_when_it_goes(collector: Collector) -> None:
    logs, work = Space("/logs", 812 << 20, 1 << 40), Space("/work\n", 500, 1 << 40)
    assert collector.tick().low_space == ()
    for low in ((logs,), (logs._replace(free=3 << 20), work), (work,), ()):
        collector.record_space(low)
        assert collector.tick().low_space == low
    assert lines(collector) == [
        "low space: 812 MB left for /logs",
        "low space: 500 bytes left for /work␊",
        "enough space again for /logs",
        "enough space again for /work␊",
    ]


# -- slots that become more ------------------------------------------------------------------------------


def test_a_build_that_grows_has_the_new_slots_from_then_on(collector: Collector) -> None:
    collector.record_worker_update(3, RUNNING, "a/b")
    before = collector.tick()
    collector.grow(6)
    collector.record_worker_update(5, RUNNING, "c/d")
    after = collector.tick()
    assert [row.origin for row in before.workers] == [None, None, None, "a/b"]
    assert [row.origin for row in after.workers] == [None, None, None, "a/b", None, "c/d"]
    assert (after.max_workers, after.dynmax, after.active) == (6, 6, 2)


def test_a_build_does_not_shrink_and_has_1024_slots_at_most(collector: Collector) -> None:
    collector.grow(2)
    assert collector.workers == 4
    collector.grow(1024)
    with pytest.raises(ValueError, match=r"workers is 1025: expected 1\.\.1024"):
        collector.grow(1025)
    assert collector.workers == 1024


def test_whoever_waits_for_a_slot_gets_a_new_one(collector: Collector) -> None:
    for _ in range(4):
        collector.acquire_slot()
    with waiting_for_a_slot(collector) as got:
        collector.grow(5)
    assert got == [4]


def test_new_slots_are_held_after_those_that_were_there(collector: Collector) -> None:
    collector.acquire_slot()
    collector.grow(6)
    assert [collector.acquire_slot(0) for _ in range(6)] == [1, 2, 3, 4, 5, None]


def test_more_slots_are_no_change_of_dynmax_that_is_told(collector: Collector, clock: Clock) -> None:
    ticking(collector, clock, 2)
    collector.grow(8)
    assert adjustments(ticking(collector, clock, 10)[-1]) == []


def test_a_throttle_that_limits_counts_the_new_slots_too(clock: Clock) -> None:
    busy = collecting(4, clock, probe=lambda: HostSample(load=30.0, ncpus=4, swap_pct=0.0))
    assert busy.tick().dynmax == 3
    busy.grow(8)
    assert busy.snapshot().dynmax == 3, "until it is asked again"
    assert (busy.tick().dynmax, busy.tick().reason) == (6, "high load")


def test_a_limit_that_was_found_for_fewer_slots_does_not_count(clock: Clock) -> None:
    class Growing(Given):
        def limit(self, now: float, sample: HostSample, memory: Memory, running: int, workers: int) -> Limit:
            found = super().limit(now, sample, memory, running, workers)
            made.grow(4)
            return found

    policy = Growing(2)
    made = collecting(2, clock, throttle=policy)
    assert (made.tick().max_workers, made.snapshot().dynmax) == (4, 4)
    policy.workers = 3
    assert made.tick().dynmax == 3


def test_a_duration_and_a_log_that_are_said_count_more_than_the_slots(
    collector: Collector, clock: Clock
) -> None:
    collector.record_worker_update(0, RUNNING, "a/b", log="/l/slot.log")
    clock.now += 5
    found = collector.record_completion("a/b", Outcome.BUILT, slot=0, duration=90, log="/l/said.log")
    assert (found.duration, found.log) == (90, "/l/said.log")
    with pytest.raises(ValueError, match=r"a/b took -1 seconds: expected 0 or more"):
        collector.record_completion("a/b", Outcome.BUILT, duration=-1)


# -- wrong numbers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [0, -1, 1025])
def test_a_build_has_1_to_1024_workers(workers: int) -> None:
    with pytest.raises(ValueError, match=rf"workers is {workers}: expected 1\.\.1024"):
        Collector(workers)


def test_an_unknown_throttle_is_told_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="throttle 'fast': expected one of step, dsynth, off"):
        Collector(1, throttle="fast")


def _limit_by_hand(collector: Collector, workers: int) -> None:
    collector.hand_limit = workers


@pytest.mark.parametrize(
    ("report", "message"),
    [
        (lambda c: c.record_queued(-1), "-1 packages queued: expected 0 or more"),
        (lambda c: c.record_queued(1, ["a/b", "c/d"]), "1 packages queued: expected 2 or more"),
        (lambda c: c.record_queued(origins="a/b"), "origins queued are 'a/b': expected a list"),
        (lambda c: c.record_worker_update(4, RUNNING, "a/b"), r"slot 4: expected 0\.\.3"),
        (lambda c: c.record_worker_update(-1, RUNNING, "a/b"), r"slot -1: expected 0\.\.3"),
        (
            lambda c: c.record_worker_update(0, RUNNING, "a/b", lines=-5),
            "-5 lines in slot 0: expected 0 or more",
        ),
        (lambda c: c.record_completion("a/b", Outcome.BUILT, slot=4), r"slot 4: expected 0\.\.3"),
        (lambda c: c.record_completion("a/b", Outcome.BUILT, slot=-1), r"slot -1: expected 0\.\.3"),
        (
            lambda c: c.record_completion("a/b", Outcome.FAILED, blocks=-2),
            "a/b blocks -2 packages: expected 0",
        ),
        (lambda c: c.record_memory(-1, 5), "memory -1 of 5 bytes: expected 0 or more"),
        (lambda c: c.record_memory(1, -5), "memory 1 of -5 bytes: expected 0 or more"),
        (lambda c: c.log("hello", 4), r"slot 4: expected 0\.\.3"),
        (lambda c: c.log("hello", -1), r"slot -1: expected 0\.\.3"),
        (lambda c: c.release_slot(1), "slot 1 is not held"),
        (lambda c: c.release_slot(99), "slot 99 is not held"),
        (lambda c: _limit_by_hand(c, 0), r"a limit of 0 workers: expected 1\.\.4"),
        (lambda c: _limit_by_hand(c, 5), r"a limit of 5 workers: expected 1\.\.4"),
    ],
)
def test_a_wrong_number_is_told_and_changes_nothing(
    collector: Collector, report: Callable[[Collector], object], message: str
) -> None:
    collector.record_queued(3)
    assert collector.acquire_slot(0) == 0
    collector.record_worker_update(0, RUNNING, "devel/gmake", "build", 7)
    before = collector.tick()
    with pytest.raises(ValueError, match=message):
        report(collector)
    after = collector.tick()
    for figure in ("totals", "workers", "memory", "dynmax", "rate", "active"):
        assert getattr(after, figure) == getattr(before, figure), figure
    assert (list(after.log), list(after.finished)) == (list(before.log), list(before.finished))
    assert [collector.acquire_slot(0) for _ in range(4)] == [1, 2, 3, None]


# -- counts ------------------------------------------------------------------------------------------


def test_every_outcome_has_its_count(collector: Collector) -> None:
    collector.record_queued(20)
    for times, outcome in enumerate(Outcome, 1):
        for number in range(times):
            collector.record_completion(f"{outcome}/{number}", outcome)
    totals = collector.tick().totals
    assert totals == Totals(20, built=1, failed=2, ignored=3, skipped=4, meta=5)
    assert totals.remaining == 5


@pytest.mark.parametrize(
    ("outcome", "rate", "run_rate"),
    [
        (Outcome.BUILT, 60.0, 120.0),
        (Outcome.FAILED, 60.0, 120.0),
        (Outcome.IGNORED, 60.0, 0.0),
        (Outcome.SKIPPED, 0.0, 0.0),
        (Outcome.META, 0.0, 0.0),
    ],
)
def test_what_was_worked_on_is_in_the_rate(
    collector: Collector, clock: Clock, outcome: Outcome, rate: float, run_rate: float
) -> None:
    collector.record_queued()
    clock.now += 29.5
    collector.record_completion("devel/gmake", outcome)
    clock.now += 0.5
    snapshot = collector.tick()
    assert (snapshot.rate, snapshot.impulse) == (rate, rate / 60)
    assert (snapshot.run_rate, snapshot.impulse_10m) == (run_rate, run_rate)


def test_more_completions_than_were_queued_raise_queued_along_with_one_note(collector: Collector) -> None:
    collector.record_queued(2)
    for number in range(5):
        collector.record_completion(f"devel/p{number}", Outcome.BUILT)
    snapshot = collector.tick()
    assert (snapshot.totals.queued, snapshot.totals.remaining) == (5, 0)
    notes = [line.text for line in snapshot.log if line.kind is LogKind.NOTE]
    assert notes == ["more packages ended than were queued, from devel/p2 on"]


def test_what_is_to_be_built_is_named_as_far_as_it_was_said(collector: Collector) -> None:
    collector.record_queued(origins=["lang/rust", "devel/gmake"])
    before = collector.tick()
    collector.record_queued(3, ("www/firefox",))
    collector.record_queued()
    collector.record_completion("lang/rust", Outcome.BUILT)
    after = collector.tick()
    assert (before.totals.queued, list(before.queue)) == (2, ["lang/rust", "devel/gmake"])
    assert (after.totals.queued, list(after.queue)) == (6, ["lang/rust", "devel/gmake", "www/firefox"])


def test_of_a_builder_that_never_ends_the_names_are_bounded_and_the_last_are_there(
    collector: Collector,
) -> None:
    for turn in range(5):
        collector.record_queued(origins=[f"a/b{turn}-{number}" for number in range(FINISHED_KEPT // 2)])
    queue = collector.tick().queue
    assert FINISHED_KEPT <= len(queue) < 2 * FINISHED_KEPT
    assert (queue[-1], collector.tick().totals.queued) == (f"a/b4-{FINISHED_KEPT // 2 - 1}", 125_000)


# -- packages that are tried again -----------------------------------------------------------------------


def test_what_is_tried_again_has_not_ended(collector: Collector) -> None:
    collector.record_queued(5)
    collector.record_completion("lang/rust", Outcome.FAILED)
    collector.record_completion("www/firefox", Outcome.SKIPPED, reason="lang/rust")
    collector.record_completion("devel/gmake", Outcome.BUILT)
    before = collector.tick()
    collector.record_retry(["lang/rust", "www/firefox"])
    after = collector.tick()
    assert after.totals == Totals(5, built=1)
    assert after.totals.remaining == 4
    assert [package.origin for package in after.finished] == ["devel/gmake"]
    assert len(before.finished) == 3
    assert lines(collector) == [line.text for line in before.log]


def test_what_was_not_lost_is_not_tried_again(collector: Collector) -> None:
    collector.record_queued(4)
    collector.record_completion("devel/gmake", Outcome.BUILT)
    collector.record_completion("x11/kde5", Outcome.IGNORED)
    collector.record_completion("devel/meta", Outcome.META)
    collector.record_retry(["devel/gmake", "x11/kde5", "devel/meta", "no/such"])
    assert collector.tick().totals == Totals(4, built=1, ignored=1, meta=1)


def test_what_is_tried_again_may_end_again_and_again(collector: Collector) -> None:
    collector.record_queued(1)
    for _ in range(3):
        collector.record_completion("lang/rust", Outcome.FAILED)
        collector.record_retry(["lang/rust"])
    collector.record_completion("lang/rust", Outcome.BUILT)
    snapshot = collector.tick()
    assert snapshot.totals == Totals(1, built=1)
    assert [package.outcome for package in snapshot.finished] == [Outcome.BUILT]
    assert not [line for line in snapshot.log if line.kind is LogKind.NOTE]


def test_a_build_of_which_something_is_tried_again_is_not_complete(clock: Clock) -> None:
    collector = collecting(1, clock)
    collector.record_queued(1)
    collector.record_completion("lang/rust", Outcome.FAILED)
    collector.record_retry(["lang/rust"])
    collector.close()
    assert collector.snapshot().state is BuildState.INTERRUPTED


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from(Outcome))
        | st.lists(st.sampled_from("abcd"), max_size=3),
        max_size=25,
    )
)
def test_the_counts_are_always_those_of_what_has_ended(
    events: list[tuple[str, Outcome] | list[str]],
) -> None:
    collector = collecting(1, Clock())
    for event in events:
        if isinstance(event, list):
            collector.record_retry(event)
        else:
            collector.record_completion(*event)
        snapshot = collector.tick()
        ended = Counter(package.outcome for package in snapshot.finished)
        assert snapshot.totals[1:] == tuple(ended[Outcome(name)] for name in Totals._fields[1:])
        assert (snapshot.totals.queued or 0) >= snapshot.totals.done


@settings(max_examples=60)
@given(st.lists(st.sampled_from([*Outcome, 1, 3]), max_size=40))
def test_the_build_never_has_less_than_nothing_to_do(events: list[Outcome | int]) -> None:
    collector = collecting(1, Clock())
    for event in events:
        if isinstance(event, int):
            collector.record_queued(event)
        else:
            collector.record_completion("a/b", event)
        totals = collector.tick().totals
        assert totals.queued - totals.done == totals.remaining


@pytest.mark.usefixtures("thread_switches")
def test_reports_from_many_threads_lose_nothing(collector: Collector) -> None:
    threads, times = 8, 200
    outcomes = list(Outcome)

    def hammer(number: int) -> None:
        for turn in range(times):
            origin = f"devel/p{number}-{turn}"
            collector.record_queued(2)
            collector.record_worker_update(number % 4, RUNNING, origin, "build", turn)
            collector.record_completion(origin, outcomes[turn % 5], slot=number % 4)
            collector.record_memory(turn, times)
            collector.log(origin)
            if turn % 50 == 0:
                collector.tick()

    in_threads(threads, hammer)
    snapshot = collector.tick()
    each = threads * times // 5
    assert snapshot.totals == Totals(2 * threads * times, each, each, each, each, each)
    assert len({package.origin for package in snapshot.finished}) == threads * times
    assert [line.seq for line in snapshot.log] == list(range(1, 3 * threads * times + 1))
    assert snapshot.rate == 3 * each * 60


# -- slots and their packages ------------------------------------------------------------------------


def test_a_slot_shows_its_package_from_the_first_update_to_the_completion(
    collector: Collector, clock: Clock
) -> None:
    collector.record_worker_update(2, WorkerState.PENDING, "devel/gmake", "fetch")
    clock.now += 30
    collector.record_worker_update(2, RUNNING, phase="build", lines=1234, log="/logs/devel___gmake.log")
    clock.now += 53
    row = collector.tick().workers[2]
    assert row == WorkerRow(
        2,
        RUNNING,
        "build",
        "devel/gmake",
        1e9 + 1000,
        83,
        1234,
        "/logs/devel___gmake.log",
        phases=(PhaseSpan("fetch", 0), PhaseSpan("build", 30)),
    )
    collector.record_completion("devel/gmake", Outcome.BUILT, slot=2)
    assert collector.tick().workers[2] == WorkerRow(2, WorkerState.IDLE)


def test_what_an_update_does_not_say_stays(collector: Collector) -> None:
    collector.record_worker_update(0, RUNNING, "devel/gmake", "build", 7, "/log")
    collector.record_worker_update(0, WorkerState.DONE)
    row = collector.tick().workers[0]
    assert (row.state, row.phase, row.lines, row.log) == (WorkerState.DONE, "build", 7, "/log")


def test_another_origin_begins_anew(collector: Collector, clock: Clock) -> None:
    collector.record_worker_update(0, RUNNING, "devel/gmake", "build", 7, "/log")
    clock.now += 10
    collector.record_worker_update(0, RUNNING, "lang/rust")
    assert collector.tick().workers[0] == WorkerRow(0, RUNNING, None, "lang/rust", 1e9 + 1010, 0)


def test_the_same_origin_again_is_no_second_start(collector: Collector) -> None:
    for phase in ("fetch", "build"):
        collector.record_worker_update(0, RUNNING, "devel/gmake", phase)
    assert lines(collector) == ["[000] START   devel/gmake"]


@pytest.mark.parametrize("state", [WorkerState.IDLE, WorkerState.NONE])
def test_an_idle_slot_holds_nothing(collector: Collector, state: WorkerState) -> None:
    collector.record_worker_update(1, RUNNING, "devel/gmake", "build", 7)
    collector.record_worker_update(1, state)
    snapshot = collector.tick()
    assert (snapshot.workers[1], snapshot.active) == (WorkerRow(1, state), 0)


@pytest.mark.parametrize("state", [state for state in WorkerState if state not in ("idle", "none")])
def test_slots_that_hold_a_package_now_are_active(collector: Collector, state: WorkerState) -> None:
    collector.record_worker_update(0, RUNNING, "devel/gmake")
    collector.record_worker_update(3, state, "lang/rust")
    holding = state in (WorkerState.PENDING, RUNNING, WorkerState.DONE)
    assert collector.tick().active == 1 + holding


def test_a_slot_without_a_package_is_not_active(collector: Collector) -> None:
    collector.record_worker_update(0, RUNNING)
    assert collector.tick().active == 0


def test_another_packages_completion_leaves_the_slot_alone(collector: Collector) -> None:
    collector.record_worker_update(0, RUNNING, "lang/rust")
    collector.record_completion("devel/gmake", Outcome.BUILT, slot=0)
    snapshot = collector.tick()
    assert snapshot.workers[0].origin == "lang/rust"
    assert snapshot.finished[0].duration is None


def test_1024_workers_are_as_good_as_four(clock: Clock) -> None:
    collector = collecting(1024, clock)
    assert [collector.acquire_slot(0) for _ in range(1025)] == [*range(1024), None]
    for slot in range(1024):
        collector.record_worker_update(slot, RUNNING, f"devel/p{slot}")
    snapshot = collector.tick()
    assert (snapshot.active, snapshot.max_workers, snapshot.dynmax) == (1024, 1024, 1024)
    assert [row.origin for row in snapshot.workers] == [f"devel/p{slot}" for slot in range(1024)]


# -- event lines -------------------------------------------------------------------------------------


def test_a_start_and_its_end_are_lines_of_the_log(collector: Collector, clock: Clock) -> None:
    collector.record_queued()
    clock.now += 5.5
    collector.record_worker_update(1, RUNNING, "shells/bash", "build")
    clock.now += 131
    ended = collector.record_completion("shells/bash", Outcome.BUILT, slot=1)
    final = collector.tick()
    assert [line[1:] for line in final.log] == [
        (5, 1, LogKind.START, "[001] START   shells/bash"),
        (136, 1, LogKind.BUILT, f"{'[001] SUCCESS shells/bash':<70} 00:02:11"),
    ]
    assert list(final.finished) == [ended]


def test_lines_that_nobody_looks_at_are_kept_to_a_bound(collector: Collector) -> None:
    for number in range(3 * LOG_KEPT):
        collector.log(f"line {number}")
    log = collector.tick().log
    assert LOG_KEPT <= len(log) <= 2 * LOG_KEPT
    assert (log[-1].seq, log[-1].text) == (3 * LOG_KEPT, f"line {3 * LOG_KEPT - 1}")


@pytest.mark.parametrize(
    ("outcome", "reported", "text"),
    [
        (
            Outcome.FAILED,
            {"slot": 0, "blocks": 3, "reason": "exit status 1"},
            "[000] FAILURE editors/vim 3                                  configure 00:01:09",
        ),
        (
            Outcome.FAILED,
            {"slot": 0, "phase": "build"},
            "[000] FAILURE editors/vim 0                                      build 00:01:09",
        ),
        (Outcome.IGNORED, {"reason": "BROKEN", "blocks": 2}, "[XXX] editors/vim 2 ignored due to BROKEN"),
        (Outcome.SKIPPED, {"reason": "devel/gmake"}, "[XXX] editors/vim skipped due to devel/gmake"),
        (Outcome.META, {}, "[XXX] editors/vim meta-node complete"),
    ],
)
def test_each_outcome_has_dsynths_line(
    collector: Collector, clock: Clock, outcome: Outcome, reported: dict[str, Any], text: str
) -> None:
    collector.record_worker_update(0, RUNNING, "editors/vim", "configure")
    clock.now += 69
    collector.record_queued()
    collector.record_completion("editors/vim", outcome, **reported)
    last = collector.tick().log[-1]
    assert (last.text.rstrip(), last.kind) == (text, LogKind(outcome.value))


def test_the_time_that_packages_were_held_is_no_part_of_how_long_they_took(
    collector: Collector, clock: Clock
) -> None:
    collector.record_worker_update(0, RUNNING, "editors/vim", "build")
    clock.now += 10
    collector.record_worker_update(1, RUNNING, "shells/zsh", "build")
    clock.now += 100
    collector.record_held(95)
    clock.now += 1
    rows = collector.tick().workers
    assert (rows[0].elapsed, rows[1].elapsed) == (16, 6)
    assert collector.record_completion("editors/vim", Outcome.BUILT, slot=0).duration == 16
    collector.record_held(1000)  # longer than it has run
    assert collector.record_completion("shells/zsh", Outcome.BUILT, slot=1).duration == 0


def test_what_ended_is_kept_with_all_that_was_known_of_it(collector: Collector, clock: Clock) -> None:
    collector.record_worker_update(3, RUNNING, "editors/vim", "configure", 812, "/logs/vim.log")
    clock.now += 69.9
    collector.record_completion("editors/vim", Outcome.FAILED, slot=3, reason="exit status 1", blocks=3)
    assert list(collector.tick().finished) == [
        Finished(
            "editors/vim", Outcome.FAILED, 69, 3, "configure", "exit status 1", 69, 812, "/logs/vim.log", 3
        )
    ]


def test_a_builder_has_lines_of_its_own(collector: Collector) -> None:
    collector.log("the index is old")
    collector.log("patching", 2)
    assert [line[2:] for line in collector.tick().log] == [
        (None, LogKind.NOTE, "the index is old"),
        (2, LogKind.NOTE, "patching"),
    ]


# -- acquiring and releasing -------------------------------------------------------------------------


def test_the_lowest_free_slot_is_given_first(collector: Collector) -> None:
    assert [collector.acquire_slot(0) for _ in range(4)] == [0, 1, 2, 3]
    for slot in (2, 0, 3):
        collector.release_slot(slot)
    assert [collector.acquire_slot(0) for _ in range(3)] == [0, 2, 3]


def test_a_slot_is_released_only_once(collector: Collector) -> None:
    collector.acquire_slot(0)
    collector.release_slot(0)
    with pytest.raises(ValueError, match="slot 0 is not held"):
        collector.release_slot(0)


def test_a_released_slot_is_idle(collector: Collector) -> None:
    assert collector.acquire_slot(0) == 0
    collector.record_worker_update(0, RUNNING, "devel/gmake")
    collector.release_slot(0)
    assert collector.tick().workers[0] == WorkerRow(0, WorkerState.IDLE)


def test_no_slot_within_the_time_limit_is_none(clock: Clock) -> None:
    collector = collecting(1, clock)
    assert [collector.acquire_slot(0.01), collector.acquire_slot(0.01)] == [0, None]


OPERATIONS = st.one_of(
    st.just(("acquire", 0)),
    st.tuples(st.just("release"), st.integers(0, 7)),
    st.tuples(st.just("policy"), st.integers(1, 8)),
    st.tuples(st.just("hand"), st.integers(0, 8)),
    st.tuples(st.just("memory"), st.integers(0, 1)),
)


@settings(max_examples=150)
@given(st.lists(OPERATIONS, max_size=50))
def test_a_slot_is_given_exactly_while_fewer_than_dynmax_are_held(operations: list[tuple[str, int]]) -> None:
    policy = Given(8)
    collector = collecting(8, Clock(), throttle=policy)
    held: list[int] = []
    limit, hand, memory_waits = 8, 8, False
    for operation, number in operations:
        if operation == "policy":
            limit = policy.workers = number
        elif operation == "hand":
            collector.hand_limit = number or None
            hand = number or 8
        elif operation == "memory":
            collector.record_memory(1, 2, waiting=bool(number))
            memory_waits = bool(number)
        elif operation == "release" and number < len(held):
            collector.release_slot(held.pop(number))
            memory_waits = False
        dynmax = min(limit, hand, max(1, len(held)) if memory_waits else 8)
        assert collector.tick().dynmax == dynmax
        if operation == "acquire":
            free = min(set(range(8)) - set(held), default=None)
            slot = collector.acquire_slot(0)
            assert slot == (free if len(held) < dynmax else None)
            held += [] if slot is None else [slot]


@pytest.mark.usefixtures("thread_switches")
def test_threads_never_hold_more_slots_than_dynmax_nor_one_slot_twice(clock: Clock) -> None:
    collector = collecting(8, clock, throttle=Given(3))
    collector.tick()
    guard = threading.Lock()
    held: Counter[int] = Counter()
    seen: set[tuple[int, int]] = set()

    def build(_: int) -> None:
        for _ in range(60):
            slot = collector.acquire_slot()
            assert slot is not None
            with guard:
                held[slot] += 1
                seen.add((held.total(), max(held.values())))
            with guard:
                held[slot] -= 1
            collector.release_slot(slot)

    in_threads(10, build)
    assert max(total for total, _ in seen) <= 3
    assert {twice for _, twice in seen} == {1}


def _allow(collector: Collector, policy: Given, workers: int) -> None:
    policy.workers = workers
    collector.tick()


def test_a_waiting_builder_gets_the_slot_that_is_released(collector: Collector) -> None:
    for _ in range(4):
        collector.acquire_slot()
    with waiting_for_a_slot(collector) as got:
        collector.release_slot(2)
    assert got == [2]


def test_dynmax_is_known_before_the_first_slot_is_taken(clock: Clock) -> None:
    """A builder that begins at once under a high load must not fill all its slots first."""
    busy = HostSample(load=9.0, ncpus=4, swap_pct=0.0)
    collector = collecting(4, clock, probe=lambda: busy)
    collector.start()
    assert [collector.acquire_slot(0) for _ in range(4)] == [0, 1, 2, None]
    collector.close()


def test_waiting_builders_get_what_a_higher_limit_allows(clock: Clock) -> None:
    policy = Given(1)
    collector = collecting(4, clock, throttle=policy)
    collector.tick()
    collector.acquire_slot()
    with waiting_for_a_slot(collector, 2) as got:
        _allow(collector, policy, 3)
    assert sorted(slot for slot in got if slot is not None) == [1, 2]


@pytest.mark.parametrize("workers", [3, None])
def test_waiting_builders_get_what_a_higher_hand_limit_allows(
    collector: Collector, workers: int | None
) -> None:
    collector.hand_limit = 1
    collector.acquire_slot()
    with waiting_for_a_slot(collector, 2) as got:
        collector.hand_limit = workers
    assert sorted(slot for slot in got if slot is not None) == [1, 2]


def test_waiting_builders_get_slots_when_memory_is_no_longer_short(collector: Collector) -> None:
    collector.acquire_slot()
    collector.record_memory(9, 10, waiting=True)
    with waiting_for_a_slot(collector, 2) as got:
        collector.record_memory(1, 10)
    assert sorted(slot for slot in got if slot is not None) == [1, 2]


def test_a_release_lets_builders_look_again_at_what_fits_into_memory(collector: Collector) -> None:
    collector.acquire_slot()
    collector.acquire_slot()
    collector.record_memory(9, 10, waiting=True)
    with waiting_for_a_slot(collector, 2) as got:
        collector.release_slot(0)
    assert sorted(slot for slot in got if slot is not None) == [0, 2]


def test_builders_wait_no_longer_than_the_build(collector: Collector) -> None:
    for _ in range(4):
        collector.acquire_slot()
    with waiting_for_a_slot(collector, 2) as got:
        collector.finish()
    assert got == [None, None]


@pytest.mark.parametrize("timeout", [None, 0, 5.0])
def test_there_are_no_slots_when_the_build_is_over(collector: Collector, timeout: float | None) -> None:
    collector.finish()
    assert collector.acquire_slot(timeout) is None


# -- DynMax and its reasons --------------------------------------------------------------------------


def test_the_policy_is_told_the_moment_the_memory_and_the_slots_that_are_held(clock: Clock) -> None:
    policy = Given(4)
    collector = collecting(4, clock, throttle=policy)
    collector.acquire_slot()
    collector.record_memory(3 * GIB, 8 * GIB)
    snapshot = collector.tick()
    assert policy.asked == [(1000.0, Memory(3 * GIB, 8 * GIB), 1)]
    assert (snapshot.policy, snapshot.memory) == ("given", Memory(3 * GIB, 8 * GIB))


@pytest.mark.parametrize(
    ("sample", "dynmax", "reason"),
    [
        (QUIET, 4, None),
        (QUIET._replace(load=8.5), 3, "high load"),
        (QUIET._replace(swap_pct=50.0), 2, "high swap"),
        (HostSample(), 4, None),
    ],
)
def test_a_snapshot_has_the_limit_with_its_reason_and_the_sample_it_was_found_from(
    clock: Clock, sample: HostSample, dynmax: int, reason: str | None
) -> None:
    snapshot = collecting(4, clock, probe=lambda: sample).tick()
    assert (snapshot.dynmax, snapshot.reason, snapshot.host) == (dynmax, reason, sample)


@pytest.mark.parametrize(
    ("hand", "dynmax", "reason"), [(2, 2, "by hand"), (3, 3, "high load, by hand"), (4, 3, "high load")]
)
def test_of_a_limit_by_hand_and_the_throttles_the_lower_one_counts_or_both(
    clock: Clock, hand: int, dynmax: int, reason: str
) -> None:
    collector = collecting(4, clock, probe=lambda: QUIET._replace(load=8.5))
    collector.hand_limit = hand
    snapshot = collector.tick()
    assert (snapshot.dynmax, snapshot.reason) == (dynmax, reason)
    assert collector.hand_limit == hand


def test_all_workers_by_hand_are_no_limit(collector: Collector) -> None:
    collector.hand_limit = 4
    assert collector.tick().reason is None


def test_waiting_for_memory_limits_to_what_is_held(collector: Collector) -> None:
    collector.acquire_slot()
    collector.acquire_slot()
    collector.record_memory(9, 10, waiting=True)
    snapshot = collector.tick()
    assert (snapshot.dynmax, snapshot.reason) == (2, "memory")


def test_one_slot_is_left_to_whoever_waits_for_memory_alone(collector: Collector) -> None:
    collector.record_memory(0, 10, waiting=True)
    assert collector.tick().dynmax == 1
    assert collector.acquire_slot(0) == 0


def test_a_change_of_dynmax_that_stays_for_five_seconds_is_dsynths_line(clock: Clock) -> None:
    sample = HostSample(load=14.2, ncpus=6, swap_pct=1.2)
    collector = collecting(8, clock, probe=lambda: sample)
    snapshots = ticking(collector, clock, 9)
    line = "[XXX] Load=14.20 ( 6) Swap=1.20% ( 8) Mem=0.00G( 8) Adjust Workers 8->6 (high load)"
    assert [adjustments(snapshot) for snapshot in snapshots] == [[]] * 5 + [[line]] * 5


def test_the_line_of_a_change_back_has_no_reason(clock: Clock) -> None:
    probe = Answers(*[QUIET._replace(load=9.0)] * 6, QUIET)
    collector = collecting(4, clock, probe=probe)
    collector.record_memory(3 * GIB, 8 * GIB)
    assert adjustments(ticking(collector, clock, 20)[-1]) == [
        "[XXX] Load=9.00 ( 3) Swap=0.00% ( 4) Mem=3.00G( 4) Adjust Workers 4->3 (high load)",
        "[XXX] Load=1.00 ( 4) Swap=0.00% ( 4) Mem=3.00G( 4) Adjust Workers 3->4",
    ]


def test_a_limit_by_hand_is_a_line_once_it_has_stayed(collector: Collector, clock: Clock) -> None:
    collector.hand_limit = 2
    assert adjustments(ticking(collector, clock, 5)[-1]) == [
        "[XXX] Load=1.00 ( 4) Swap=0.00% ( 4) Mem=0.00G( 4) Adjust Workers 4->2 (by hand)"
    ]


def test_a_change_that_does_not_stay_is_no_line(clock: Clock) -> None:
    probe = Answers(*[QUIET._replace(load=9.0)] * 5, QUIET)
    collector = collecting(4, clock, probe=probe)
    assert adjustments(ticking(collector, clock, 20)[-1]) == []


def test_a_change_that_changes_must_stay_anew(clock: Clock) -> None:
    probe = Answers(*[QUIET._replace(load=9.0)] * 4, QUIET._replace(swap_pct=20.0))
    collector = collecting(8, clock, probe=probe)
    snapshots = ticking(collector, clock, 9)
    assert [len(adjustments(snapshot)) for snapshot in snapshots] == [0] * 9 + [1]


def test_dsynths_slow_start_is_no_line(clock: Clock) -> None:
    collector = collecting(4, clock, throttle="dsynth")
    assert adjustments(ticking(collector, clock, 30)[-1]) == []


def test_a_change_at_the_end_is_no_line(collector: Collector, clock: Clock) -> None:
    collector.hand_limit = 2
    collector.tick()
    collector.finish()
    assert adjustments(ticking(collector, clock, 20)[-1]) == []


# -- probes, policies and estimators that fail -------------------------------------------------------


def test_a_problem_of_the_probe_is_a_line_once(clock: Clock) -> None:
    blind = HostSample(ncpus=4, problems=("swap unknown: no permission",))
    worse = blind._replace(problems=("swap unknown: no permission", "load average unknown: gone"))
    collector = collecting(4, clock, probe=Answers(blind, blind, worse, QUIET, blind))
    ticking(collector, clock, 5)
    assert lines(collector) == ["swap unknown: no permission", "load average unknown: gone"]


def test_a_probe_that_raises_makes_the_host_unknown_and_throttles_nothing(clock: Clock) -> None:
    busy = QUIET._replace(load=99.0)
    collector = collecting(4, clock, probe=Answers(busy, OSError("no /proc"), busy))
    snapshots = ticking(collector, clock, 2)
    assert [snapshot.dynmax for snapshot in snapshots] == [3, 4, 3]
    assert snapshots[1].host == HostSample()


def test_an_estimator_that_raises_leaves_the_eta_out(clock: Clock) -> None:
    collector = collecting(4, clock, estimator=Answers(Eta(60, 5), OSError("no history"), Eta(58, 5)))
    assert [snapshot.eta for snapshot in ticking(collector, clock, 2)] == [Eta(60, 5), None, Eta(58, 5)]


@pytest.mark.parametrize("wrong", [None, 0, -1, 5])
def test_a_policy_that_raises_or_leaves_its_range_limits_nothing(clock: Clock, wrong: int | None) -> None:
    policy = Given(2)
    collector = collecting(4, clock, throttle=policy)
    collector.tick()
    policy.workers = wrong
    snapshot = collector.tick()
    assert (snapshot.dynmax, snapshot.reason) == (4, None)
    assert [collector.acquire_slot(0) for _ in range(5)] == [0, 1, 2, 3, None]


@pytest.mark.parametrize("whom", ["probe", "estimator"])
def test_a_probe_or_an_estimator_that_raises_is_a_line_once_until_it_works_again(
    clock: Clock, whom: str
) -> None:
    works = QUIET if whom == "probe" else None
    collector = collecting(4, clock, **{whom: Answers(BROKEN, BROKEN, works, BROKEN)})
    counts = [len(snapshot.log) for snapshot in ticking(collector, clock, 5)]
    assert counts == [1, 1, 1, 2, 2, 2]
    assert set(lines(collector)) == {f"the {whom} failed: OSError: gone"}


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        (9, "the throttle failed: ValueError: a limit of 9 workers: expected 1..4"),
        (None, "the throttle failed: ZeroDivisionError: no such rule"),
    ],
)
def test_a_policy_that_fails_is_a_line_once_until_it_works_again(
    clock: Clock, wrong: int | None, line: str
) -> None:
    policy = Given(4)
    collector = collecting(4, clock, throttle=policy)
    counts = []
    for policy.workers in (4, wrong, wrong, 4, wrong, wrong):
        counts.append(len(collector.tick().log))
    assert counts == [0, 1, 1, 1, 2, 2]
    assert set(lines(collector)) == {line}


def test_failing_code_of_the_builders_own_stops_neither_the_pulse_nor_the_build() -> None:
    consumer = Recorder()
    with Collector(1, throttle=Given(None), probe=Answers(BROKEN), estimator=Answers(BROKEN)) as collector:
        collector.add_consumer(consumer)
        collector.record_queued()
        collector.record_completion("devel/gmake", Outcome.BUILT)
    last = consumer.seen[-1]
    assert (last.state, last.totals) == (BuildState.FINISHED, Totals(1, 1))


def _calling_back(collector: Collector) -> None:
    """What code that is called within a tick may want of the collector."""
    collector.log("called back")
    collector.record_queued()
    slot = collector.acquire_slot(0)
    assert slot is not None
    collector.release_slot(slot)
    collector.hand_limit = None


@pytest.mark.parametrize("who", ["probe", "estimator", "throttle", "consumer"])
def test_code_that_a_tick_calls_may_call_back(clock: Clock, who: str) -> None:
    made: list[Collector] = []

    class Callback:
        name = "callback"

        def __call__(self, *_: object) -> Any:
            _calling_back(made[0])
            return QUIET if who == "probe" else None

        def limit(self, *_: object) -> Limit:
            _calling_back(made[0])
            return Limit(4, None, 4, 4, 4)

    callback: Any = Callback()
    made.append(collecting(4, clock, **({} if who == "consumer" else {who: callback})))
    if who == "consumer":
        made[0].add_consumer(Recorder(act=callback))
    ticks = threading.Thread(target=made[0].tick, daemon=True)
    ticks.start()
    ticks.join(PATIENCE)
    assert not ticks.is_alive()
    assert lines(made[0])[0] == "called back"


# -- the ETA -----------------------------------------------------------------------------------------


def test_the_estimator_is_asked_at_each_tick_with_its_moment(clock: Clock) -> None:
    asked: list[float] = []

    def estimator(now: float) -> Eta:
        asked.append(now)
        return Eta(60, 5)

    collector = collecting(4, clock, estimator=estimator)
    assert collector.tick().eta == Eta(60, 5)
    clock.now += 1
    collector.tick()
    collector.tick(1007.0)
    assert asked == [1000.0, 1001.0, 1007.0]


def test_a_build_that_is_over_has_no_eta(clock: Clock) -> None:
    collector = collecting(4, clock, estimator=Answers(Eta(60, 5)))
    collector.finish()
    assert collector.tick().eta is None


# -- snapshots and consumers -------------------------------------------------------------------------


def test_a_snapshot_does_not_change_with_what_comes_later(collector: Collector, clock: Clock) -> None:
    collector.record_queued(3)
    collector.record_worker_update(0, RUNNING, "devel/gmake", "build", 7)
    collector.record_completion("lang/rust", Outcome.FAILED)
    snapshot = collector.tick()
    before = [getattr(snapshot, name) for name in ("seq", "totals", "workers", "rate", "elapsed", "host")]
    log, finished = list(snapshot.log), list(snapshot.finished)
    clock.now += 10
    collector.record_worker_update(0, RUNNING, phase="package", lines=900)
    collector.record_completion("devel/gmake", Outcome.BUILT, slot=0)
    collector.log("later")
    collector.tick()
    after = [getattr(snapshot, name) for name in ("seq", "totals", "workers", "rate", "elapsed", "host")]
    assert (after, list(snapshot.log), list(snapshot.finished)) == (before, log, finished)


def test_snapshots_are_counted_and_the_last_one_stays_until_the_next_tick(collector: Collector) -> None:
    first = collector.snapshot()
    collector.record_queued()
    assert collector.snapshot() is first
    second = collector.tick()
    assert collector.snapshot() is second
    assert [first.seq, second.seq] == [1, 2]


def test_a_snapshot_says_whose_it_is_and_when(clock: Clock) -> None:
    collector = collecting(4, clock, name="ports")
    clock.now += 83.9
    snapshot = collector.tick()
    assert (snapshot.source.name, snapshot.elapsed) == ("ports", 83)
    assert (snapshot.started, snapshot.time) == (1e9 + 1000, 1e9 + 1083.9)


def test_all_consumers_get_the_snapshot_of_the_tick(collector: Collector) -> None:
    consumers = [Recorder(), Recorder()]
    for consumer in consumers:
        collector.add_consumer(consumer)
    snapshot = collector.tick()
    assert [consumer.seen for consumer in consumers] == [[snapshot], [snapshot]]


def test_a_consumer_that_was_removed_gets_nothing_more(collector: Collector) -> None:
    consumer = Recorder()
    collector.add_consumer(consumer)
    collector.remove_consumer(consumer)
    collector.tick()
    assert consumer.log == []


def test_a_consumer_that_raises_is_a_line_of_the_log(collector: Collector) -> None:
    collector.add_consumer(Recorder(act=Answers(BROKEN)))
    collector.tick()
    assert lines(collector) == ["Recorder failed: OSError: gone"]


# -- its end -----------------------------------------------------------------------------------------


def test_the_end_stops_the_clock(collector: Collector, clock: Clock) -> None:
    collector.record_queued()
    clock.now += 30
    collector.record_completion("devel/gmake", Outcome.BUILT)
    clock.now += 1
    collector.finish()
    clock.now += 3600
    snapshot = collector.tick()
    assert (snapshot.elapsed, snapshot.rate, snapshot.impulse) == (31, 60.0, 1)
    assert collector.tick(9999.0).elapsed == 31


def test_the_first_word_on_how_the_build_ended_counts(collector: Collector) -> None:
    collector.finish(BuildState.INTERRUPTED)
    collector.finish(BuildState.FINISHED)
    assert collector.tick().state is BuildState.INTERRUPTED


def test_slots_are_empty_when_the_build_is_over_and_stay_so(collector: Collector, clock: Clock) -> None:
    collector.record_worker_update(0, RUNNING, "devel/gmake")
    collector.finish()
    clock.now += 1
    collector.record_worker_update(1, RUNNING, "lang/rust")
    snapshot = collector.tick()
    assert (snapshot.active, {row.state for row in snapshot.workers}) == (0, {WorkerState.IDLE})


def test_how_a_build_is_being_stopped_shows_until_it_is_over(collector: Collector) -> None:
    assert collector.tick().stopping is None
    collector.record_stopping(Stopping.DRAINING)
    assert collector.tick().stopping is Stopping.DRAINING
    collector.finish()
    assert collector.tick().stopping is None


@pytest.mark.parametrize(
    ("queued", "state"), [(0, BuildState.FINISHED), (1, BuildState.FINISHED), (2, BuildState.INTERRUPTED)]
)
def test_a_build_that_is_closed_is_finished_if_nothing_remains(
    clock: Clock, queued: int, state: BuildState
) -> None:
    collector = collecting(4, clock)
    collector.record_queued(queued)
    collector.record_completion("devel/gmake", Outcome.BUILT)
    collector.close()
    assert collector.snapshot().state is state


def test_closing_hands_the_end_round_and_closes_the_consumers_last_added_first(clock: Clock) -> None:
    log: list[str] = []
    collector = collecting(4, clock)
    consumers = [Recorder(name, log) for name in "ab"]
    for consumer in consumers:
        collector.add_consumer(consumer)
    collector.close()
    collector.close()
    assert log == ["a", "b", "b closed", "a closed"]
    assert [consumer.seen[-1].over for consumer in consumers] == [True, True]


def test_a_consumer_may_close_the_collector_in_its_pulse() -> None:
    made: list[Collector] = []

    def close() -> None:
        made[0].close()

    consumer = Recorder(act=close)
    made.append(Collector(1, probe=lambda: QUIET))
    made[0].add_consumer(consumer)
    made[0].start()
    assert consumer.closed.wait(PATIENCE)
    assert [snapshot.over for snapshot in consumer.seen] == [False, True]


def test_as_a_context_it_ticks_by_itself_and_finishes() -> None:
    ticked = threading.Event()
    consumer = Recorder()
    collector = Collector(1, probe=lambda: QUIET)
    collector.add_consumer(consumer)
    collector.add_consumer(Recorder(act=ticked.set))
    with collector:
        assert ticked.wait(PATIENCE)
    assert consumer.seen[-1].state is BuildState.FINISHED
    assert consumer.closed.is_set()


def test_an_exception_that_leaves_the_context_interrupts_the_build() -> None:
    consumer = Recorder()

    def build() -> None:
        with Collector(1, probe=lambda: QUIET) as collector:
            collector.add_consumer(consumer)
            raise KeyError("devel/gmake")

    with pytest.raises(KeyError, match="devel/gmake"):
        build()
    assert consumer.seen[-1].state is BuildState.INTERRUPTED


def test_what_was_said_of_the_end_within_the_context_counts() -> None:
    with Collector(1, probe=lambda: QUIET) as collector:
        collector.finish(BuildState.INTERRUPTED)
    assert collector.snapshot().state is BuildState.INTERRUPTED
