"""The time to go, as it is said at each tick."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from synthtop.eta.estimator import Estimator
from synthtop.eta.feed import Estimating
from synthtop.eta.past import NO_PAST, Past
from synthtop.eta.work import Running, Work
from synthtop.model import (
    BuildState,
    Eta,
    Finished,
    Outcome,
    Snapshot,
    Source,
    SourceKind,
    Stopping,
    Totals,
    View,
    WorkerRow,
    WorkerState,
)

from .terminal import PATIENCE

ORIGINS = [f"a/{number}" for number in range(1000)]
PAST = Past({origin: [100.0] * 3 for origin in ORIGINS})


def at(
    ended: int = 0,
    *,
    dynmax: int | None = 4,
    took: int = 100,
    state: BuildState = BuildState.BUILDING,
    stopping: Stopping | None = None,
    path: str = "x",
    eta: Eta | None = None,
) -> Snapshot:
    finished = [Finished(origin, Outcome.BUILT, 0, duration=took) for origin in ORIGINS[:ended]]
    return Snapshot(
        seq=1,
        state=state,
        time=0.0,
        source=Source(SourceKind.RUN, path),
        max_workers=8,
        dynmax=dynmax,
        active=4,
        stopping=stopping,
        totals=Totals(400, ended),
        workers=(WorkerRow(0, WorkerState.IDLE),),
        finished=View(finished),
        eta=eta,
    )


def remaining(snapshot: Snapshot) -> Work:
    """400 packages, none of which needs another."""
    left = range(len(snapshot.finished), 400)
    return Work(ORIGINS, left, [0] * 1000, [[]] * 1000)


class Setting:
    """An estimator with a clock, without a thread."""

    def __init__(
        self,
        past: Callable[[], Past] = lambda: PAST,
        work: Callable[[Snapshot], Work | None] = remaining,
    ) -> None:
        self.now = 1000.0
        self.estimator = Estimator(work, past, clock=lambda: self.now, start=False)

    def told(self, snapshot: Snapshot) -> Eta | None:
        """What is said right after an estimate of this snapshot."""
        self.estimator.on_snapshot(snapshot)
        self.estimator.estimate()
        return self.estimator(self.now)

    def seconds(self, snapshot: Snapshot) -> int:
        eta = self.told(snapshot)
        assert eta is not None
        return eta.seconds


def test_it_says_how_long_what_is_left_takes() -> None:
    assert Setting().seconds(at()) == pytest.approx(10_000, rel=0.05)
    assert Setting().seconds(at(200)) == pytest.approx(5_000, rel=0.05)


def test_nothing_is_said_before_the_first_estimate() -> None:
    setting = Setting()
    assert setting.estimator(setting.now) is None
    setting.estimator.on_snapshot(at())
    assert setting.estimator(setting.now) is None


def test_nothing_is_said_of_what_nothing_is_known() -> None:
    assert Setting(past=lambda: NO_PAST).told(at()) is None
    assert Setting(work=lambda snapshot: None).told(at()) is None


def test_it_counts_down_between_the_estimates_and_stays_at_nothing() -> None:
    setting = Setting()
    first = setting.seconds(at())
    later = setting.estimator(setting.now + 60)
    assert later is not None
    assert first - later.seconds == pytest.approx(60, abs=1)
    setting = Setting(work=lambda snapshot: Work((), (), running=[Running("a/1", 95.0)], running_places=[-1]))
    assert 0 < setting.seconds(at()) < 50
    end = setting.estimator(setting.now + 55)
    assert end is not None
    assert end.seconds == 0


def test_what_nobody_renews_is_said_for_a_minute() -> None:
    setting = Setting()
    setting.told(at())
    assert setting.estimator(setting.now + 60) is not None
    assert setting.estimator(setting.now + 61) is None


def test_after_a_pause_what_was_said_before_it_counts_for_nothing() -> None:
    setting = Setting()
    setting.told(at())
    setting.now += 3600
    assert setting.seconds(at(6)) == Setting().seconds(at(6))


def test_while_it_is_not_known_what_is_left_the_next_estimate_is_due_soon() -> None:
    known = iter([False, False, True])
    setting = Setting(work=lambda snapshot: remaining(snapshot) if next(known) else None)
    assert setting.estimator.estimate() == 5.0  # no build is on
    setting.estimator.on_snapshot(at())
    assert [setting.estimator.estimate() for _ in range(3)] == [0.5, 0.5, 5.0]


def test_the_thread_heeds_when_the_next_estimate_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthtop.eta.estimator._SOON", 0.0)
    looked = threading.Semaphore(0)

    def nothing(snapshot: Snapshot) -> None:
        looked.release()

    estimator = Estimator(nothing, lambda: PAST, every=3600.0)
    for _ in range(3):
        estimator.on_snapshot(at())
        assert looked.acquire(timeout=PATIENCE)
    estimator.close()


def test_its_thread_begins_with_the_first_snapshot_of_a_build_that_goes_on() -> None:
    def threads() -> int:
        return sum([thread.name == "synthtop-eta" for thread in threading.enumerate()])

    looked = threading.Event()

    def work(snapshot: Snapshot) -> Work:
        looked.set()
        return remaining(snapshot)

    before = threads()
    estimator = Estimator(work, lambda: PAST)
    estimator.on_snapshot(at(state=BuildState.FINISHED))
    assert threads() <= before
    estimator.on_snapshot(at())
    assert looked.wait(PATIENCE)
    estimator.close()
    closed = Estimator(work, lambda: PAST)
    looked.clear()
    closed.close()
    closed.on_snapshot(at())
    assert not looked.is_set()


def test_what_has_ended_is_learnt_once() -> None:
    setting = Setting()
    usual = setting.seconds(at(1))
    slower = replace(
        at(), finished=View([Finished(o, Outcome.BUILT, 0, duration=200) for o in ORIGINS[:100]])
    )
    found = [Setting().seconds(slower)]
    for _ in range(3):
        setting.estimator.on_snapshot(slower)
        setting.estimator.estimate()
    # Told of the same ones three times, it comes to what it does when told once.
    found.append(setting.seconds(slower))
    assert usual < found[1] == pytest.approx(found[0], rel=0.05)


def test_one_that_failed_says_nothing_of_how_long_others_take() -> None:
    failed = [Finished(origin, Outcome.FAILED, 0, duration=5) for origin in ORIGINS[:50]]
    built = replace(at(50), finished=View([Finished(o, Outcome.BUILT, 0, duration=5) for o in ORIGINS[:50]]))
    assert Setting().seconds(replace(at(50), finished=View(failed))) > 2 * Setting().seconds(built)


def test_within_its_uncertainty_a_new_estimate_moves_what_is_said_by_little() -> None:
    setting = Setting()
    first = setting.told(at())
    assert first is not None
    setting.now += 5
    alone = Setting().seconds(at(6))
    assert first.seconds - 5 - alone > 100  # so far would it jump
    assert abs(setting.seconds(at(6)) - (first.seconds - 5)) < 40


def test_what_has_really_changed_is_said_soon() -> None:
    setting = Setting()
    setting.told(at())
    for _ in range(12):
        setting.now += 5
        said = setting.seconds(at(350))
    assert said == pytest.approx(Setting().seconds(at(350)), rel=0.25)


def test_slots_are_those_that_dynmax_allowed_in_the_last_minute_on_average() -> None:
    assert Setting().seconds(at(dynmax=8)) == pytest.approx(5_000, rel=0.05)
    setting = Setting()
    for tick in range(300):
        setting.estimator.on_snapshot(at(dynmax=2 + 4 * (tick % 2)))
    assert setting.seconds(at(dynmax=4)) == pytest.approx(10_000, rel=0.1)


def test_a_limit_that_holds_since_the_second_snapshot_counts_after_a_few() -> None:
    setting = Setting()
    setting.estimator.on_snapshot(at(dynmax=2))
    for _ in range(3):
        setting.estimator.on_snapshot(at(dynmax=1))
    assert setting.seconds(at(dynmax=1)) == Setting().seconds(at(dynmax=1))
    for _ in range(100):
        setting.estimator.on_snapshot(at(dynmax=1))
    for limit in (2, 1, 1, 1):  # of another build they are counted anew
        setting.estimator.on_snapshot(at(dynmax=limit, path="y"))
    assert setting.seconds(at(dynmax=1, path="y")) == Setting().seconds(at(dynmax=1))


def test_of_a_build_that_is_old_the_slots_in_use_count_at_once_and_of_a_young_one_later() -> None:
    def blind(snapshot: Snapshot) -> Work:
        return remaining(snapshot)._replace(needs=(), dependents=())

    young, old = Setting(work=blind), Setting(work=blind)
    for second in range(10):
        young.estimator.on_snapshot(replace(at(dynmax=8), elapsed=second))
        old.estimator.on_snapshot(replace(at(dynmax=8), elapsed=1000 + second))
    assert young.seconds(replace(at(dynmax=8), elapsed=10)) == pytest.approx(5_000, rel=0.05)
    assert old.seconds(replace(at(dynmax=8), elapsed=1010)) == pytest.approx(10_000, rel=0.05)


def test_where_nobody_knows_who_needs_whom_no_more_slots_are_counted_on_than_were_in_use() -> None:
    def blind(snapshot: Snapshot) -> Work:
        return remaining(snapshot)._replace(needs=(), dependents=())

    setting = Setting(work=blind)
    assert setting.seconds(at(dynmax=8)) == pytest.approx(5_000, rel=0.05)
    setting = Setting(work=blind)
    for _ in range(2000):
        setting.estimator.on_snapshot(at(dynmax=8))
    assert setting.seconds(at(dynmax=8)) == pytest.approx(10_000, rel=0.05)


@pytest.mark.parametrize("state", [BuildState.FINISHED, BuildState.GONE, BuildState.UNREADABLE])
def test_nothing_is_said_of_a_build_that_does_not_go_on(state: BuildState) -> None:
    setting = Setting()
    setting.told(at())
    setting.estimator.on_snapshot(at(state=state))
    assert setting.estimator(setting.now) is None
    setting.estimator.estimate()
    assert setting.estimator(setting.now) is None


def test_nothing_is_said_of_a_build_that_is_stopped_but_of_one_that_drains() -> None:
    setting = Setting()
    setting.told(at())
    assert setting.told(at(stopping=Stopping.DRAINING)) is not None
    assert setting.told(at(stopping=Stopping.STOPPING)) is None


def test_an_estimate_that_was_under_way_when_the_build_ended_is_not_said() -> None:
    def ends_meanwhile(snapshot: Snapshot) -> Work:
        setting.estimator.on_snapshot(at(state=BuildState.FINISHED))
        return remaining(snapshot)

    setting = Setting(work=ends_meanwhile)
    assert setting.told(at()) is None


def test_of_another_build_nothing_is_said_that_was_found_of_the_one_before() -> None:
    setting = Setting()
    setting.told(at())
    setting.estimator.on_snapshot(at(390, path="y"))
    assert setting.estimator(setting.now) is None
    assert setting.seconds(at(390, path="y")) == Setting().seconds(at(390, path="y"))


def test_what_was_taken_back_is_learnt_no_more() -> None:
    slow = [Finished(origin, Outcome.BUILT, 0, duration=900) for origin in ORIGINS[:50]]
    setting = Setting()
    setting.told(replace(at(), finished=View(slow)))
    setting.estimator.on_snapshot(at(path="y"))
    assert setting.seconds(at(path="y")) == Setting().seconds(at(path="y"))


def test_a_past_that_comes_later_is_heeded_then() -> None:
    pasts = iter([NO_PAST, PAST])
    setting = Setting(past=lambda: next(pasts))
    assert setting.told(at()) is None
    assert setting.told(at()) is not None


def test_it_estimates_in_a_thread_of_its_own_and_nobody_waits_for_the_past() -> None:
    asked, may_answer, answered = threading.Event(), threading.Event(), threading.Event()

    def slow_past() -> Past:
        asked.set()
        may_answer.wait(PATIENCE)
        return PAST

    def work(snapshot: Snapshot) -> Work:
        if may_answer.is_set():
            answered.set()
        return remaining(snapshot)

    estimator = Estimator(work, slow_past, every=0.0)
    estimator.on_snapshot(at())
    assert asked.wait(PATIENCE)
    assert estimator(0.0) is None
    may_answer.set()
    deadline = time.monotonic() + PATIENCE
    while not answered.is_set():  # the second estimate begins when the first one has been said
        assert time.monotonic() < deadline
        estimator.on_snapshot(at())
    assert estimator(0.0) is not None
    estimator.close()
    estimator.close()
    assert estimator(0.0) is None


def test_what_goes_wrong_is_raised_where_the_eta_is_asked_for_until_it_works_again() -> None:
    broken, looked = threading.Event(), threading.Semaphore(0)
    broken.set()

    def work(snapshot: Snapshot) -> Work:
        looked.release()
        if broken.is_set():
            raise OSError("no work")
        return remaining(snapshot)

    estimator = Estimator(work, lambda: PAST, every=0.0)
    for _ in range(2):  # the first one is over when the second one begins
        estimator.on_snapshot(at())
        assert looked.acquire(timeout=PATIENCE)
    with pytest.raises(OSError, match="no work"):
        estimator(0.0)
    broken.clear()
    for _ in range(3):
        estimator.on_snapshot(at())
        assert looked.acquire(timeout=PATIENCE)
    assert estimator(0.0) is not None
    estimator.close()


# -- over a feed ---------------------------------------------------------------------------------


class Told:
    """A feed that says these snapshots, the last one for ever."""

    def __init__(self, *snapshots: Snapshot) -> None:
        self._snapshots = list(snapshots)
        self.closed = False

    def tick(self, now: float | None = None) -> Snapshot:
        return self._snapshots.pop(0) if len(self._snapshots) > 1 else self._snapshots[0]

    def close(self) -> None:
        self.closed = True


def estimated(snapshots: Sequence[Snapshot], work: Callable[[Snapshot], Work] = remaining) -> Snapshot:
    """What comes of the last of these, with an estimate after each."""
    estimator = Estimator(work, lambda: PAST, clock=lambda: 0.0, start=False)
    feed = Estimating(Told(*snapshots), estimator, clock=lambda: 0.0)
    for _ in snapshots[1:]:
        feed.tick()
        estimator.estimate()
    return feed.tick()


def test_a_snapshot_without_an_eta_gets_one() -> None:
    eta = estimated([at(), at()]).eta
    assert eta is not None
    assert eta.seconds == pytest.approx(10_000, rel=0.05)


def test_an_eta_that_the_source_says_stays() -> None:
    assert estimated([at(), at(eta=Eta(60, 5))]).eta == Eta(60, 5)


def test_a_build_that_is_over_gets_none() -> None:
    assert estimated([at(), at(state=BuildState.FINISHED)]).eta is None


def test_a_feed_goes_on_when_the_eta_fails_and_says_so() -> None:
    def failing(now: float) -> Eta | None:
        raise ZeroDivisionError("oh")

    class Failing(Estimator):
        __call__ = staticmethod(failing)

    told = Told(at())
    feed = Estimating(told, Failing(remaining, lambda: PAST, start=False))
    snapshot = feed.tick(5.0)
    assert (snapshot.totals, snapshot.eta) == (at().totals, None)
    assert snapshot.problem == "there is no ETA: ZeroDivisionError: oh"
    feed.close()
    assert told.closed


def test_one_that_runs_counts() -> None:
    def running(snapshot: Snapshot) -> Work:
        return Work((), (), running=[Running("a/1", 40.0)], running_places=[-1])

    assert Setting(work=running).seconds(at()) == pytest.approx(60, rel=0.15)
