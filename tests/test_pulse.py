"""The only loop: when it ticks, and what consumers that come, go and fail get from it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.model import BuildState, Snapshot, Source, SourceKind
from synthtop.pulse import Pulse

from .terminal import PATIENCE, eventually


class Feed:
    """Numbered snapshots; the clock moves by ``costs`` while each is taken, and those of ``fails`` raise."""

    def __init__(self, costs: Sequence[float] = (), fails: Sequence[int] = ()) -> None:
        self.now = 1000.25
        self.taken: list[float] = []
        self.asked: list[float | None] = []
        self._costs = costs
        self._fails = fails

    def clock(self) -> float:
        return self.now

    def take(self, now: float | None) -> Snapshot:
        number = len(self.taken)
        self.taken.append(self.now)
        self.asked.append(now)
        self.now += self._costs[number] if number < len(self._costs) else 0.0
        if number in self._fails:
            raise RuntimeError(f"no figures {number}")
        return Snapshot(
            seq=number, state=BuildState.BUILDING, time=self.now, source=Source(SourceKind.RUN, name="test")
        )


class Naps:
    """Sleeps by moving the feed's clock, and says stop after ``beats`` of them."""

    def __init__(self, feed: Feed, beats: int) -> None:
        self.slept: list[float] = []
        self.over = threading.Event()
        self._feed = feed
        self._beats = beats

    def __call__(self, seconds: float) -> bool:
        self.slept.append(seconds)
        self._feed.now += seconds
        if len(self.slept) >= self._beats:
            self.over.set()
        return self.over.is_set()


class Recorder:
    """A consumer that writes down what it gets; ``fails`` are the snapshots at which it raises."""

    def __init__(self, name: str = "", log: list[str] | None = None, fails: Sequence[int] = ()) -> None:
        self.name = name
        self.log = [] if log is None else log
        self.seen: list[Snapshot] = []
        self._fails = fails

    def on_snapshot(self, snapshot: Snapshot) -> None:
        self.seen.append(snapshot)
        self.log.append(f"{self.name}{snapshot.seq}")
        if snapshot.seq in self._fails:
            raise OSError(f"disk full at {snapshot.seq}")

    def close(self) -> None:
        self.log.append(f"{self.name} closed")


class Acting(Recorder):
    """Does ``act`` at its first snapshot."""

    def __init__(self, name: str, log: list[str], act: Callable[[], object]) -> None:
        super().__init__(name, log)
        self._act = act

    def on_snapshot(self, snapshot: Snapshot) -> None:
        super().on_snapshot(snapshot)
        if len(self.seen) == 1:
            self._act()


class Uncloseable(Recorder):
    def close(self) -> None:
        super().close()
        raise ValueError("stuck")


@pytest.fixture
def reports() -> list[str]:
    return []


@pytest.fixture
def pulse(reports: list[str]) -> Iterator[Pulse]:
    """One that nobody starts: the test beats."""
    pulse = Pulse(Feed().take, reports.append)
    yield pulse
    pulse.stop()


def run(feed: Feed, beats: int, report: Callable[[str], None] = print, *consumers: Recorder) -> Naps:
    """Let a pulse tick ``beats`` times, and stop it."""
    naps = Naps(feed, beats)
    pulse = Pulse(feed.take, report, clock=feed.clock, wait=naps)
    for consumer in consumers:
        pulse.add(consumer)
    pulse.start()
    assert naps.over.wait(PATIENCE)
    pulse.stop()
    return naps


# -- time --------------------------------------------------------------------------------------------


def test_it_ticks_once_a_second_however_long_a_tick_takes() -> None:
    feed = Feed([0.5, 0.0, 0.875, 0.25])
    naps = run(feed, 4)
    assert feed.taken == [1000.25, 1001.25, 1002.25, 1003.25]
    assert naps.slept == [0.5, 1.0, 0.125, 0.75]


def test_ticks_that_were_missed_are_left_out() -> None:
    feed = Feed([0.0, 3600.5, 0.0])
    run(feed, 4)
    assert feed.taken == [1000.25, 1001.25, 1001.25 + 3601, 1001.25 + 3602]


def test_a_tick_that_takes_a_whole_second_is_followed_by_the_next_one_at_once() -> None:
    feed = Feed([1.0])
    naps = run(feed, 2)
    assert feed.taken == [1000.25, 1001.25]
    assert naps.slept[0] == 0.0


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 40).map(lambda eighths: eighths / 8), min_size=1, max_size=20))
def test_ticks_keep_to_whole_seconds_and_none_is_late_or_made_up_for(costs: list[float]) -> None:
    feed = Feed(costs)
    run(feed, len(costs))
    seconds = [after - before for before, after in pairwise(feed.taken)]
    assert seconds == [max(1, ceil(cost)) for cost in costs[:-1]]


def test_the_loop_asks_for_this_moment_and_a_beat_for_the_one_that_was_given() -> None:
    feed = Feed()
    run(feed, 1)
    Pulse(feed.take, print).beat(7.0)
    assert feed.asked == [None, 7.0]


# -- a feed that fails -------------------------------------------------------------------------------


def test_the_loop_goes_on_when_no_snapshot_can_be_taken(reports: list[str]) -> None:
    feed, consumer = Feed(fails=[1, 2]), Recorder()
    run(feed, 5, reports.append, consumer)
    assert consumer.log == ["0", "3", "4", " closed"]
    assert feed.taken == [1000.25 + second for second in range(5)]


def test_a_feed_that_fails_is_reported_once_and_again_after_it_worked(reports: list[str]) -> None:
    run(Feed(fails=[0, 1, 3]), 5, reports.append)
    assert reports == [
        "no snapshot could be taken: RuntimeError: no figures 0",
        "no snapshot could be taken: RuntimeError: no figures 3",
    ]


def test_who_beats_himself_gets_the_feeds_error(reports: list[str]) -> None:
    pulse = Pulse(Feed(fails=[0]).take, reports.append)
    with pytest.raises(RuntimeError, match="no figures"):
        pulse.beat()
    assert reports == []


# -- consumers ---------------------------------------------------------------------------------------


def test_every_consumer_gets_the_same_snapshot_in_the_order_they_were_added(pulse: Pulse) -> None:
    log: list[str] = []
    first, second = Recorder("a", log), Recorder("b", log)
    pulse.add(first)
    pulse.add(second)
    snapshot = pulse.beat()
    assert log == ["a0", "b0"]
    assert first.seen[0] is second.seen[0] is snapshot


def test_a_consumer_that_raises_keeps_nothing_from_the_others(pulse: Pulse) -> None:
    log: list[str] = []
    pulse.add(Recorder("bad", log, fails=[0]))
    pulse.add(Recorder("good", log))
    pulse.beat()
    pulse.beat()
    assert log == ["bad0", "good0", "bad1", "good1"]


def test_a_consumer_that_raises_is_reported_once_and_again_after_it_worked(
    pulse: Pulse, reports: list[str]
) -> None:
    pulse.add(Recorder(fails=[1, 2, 4]))
    for _ in range(6):
        pulse.beat()
    assert reports == [
        "Recorder failed: OSError: disk full at 1",
        "Recorder failed: OSError: disk full at 4",
    ]


def test_a_consumer_that_was_removed_gets_nothing_more_and_is_not_closed(pulse: Pulse) -> None:
    consumer = Recorder()
    pulse.add(consumer)
    pulse.beat()
    pulse.remove(consumer)
    pulse.beat()
    pulse.stop()
    assert consumer.log == ["0"]


def test_removing_a_consumer_that_is_not_there_is_no_error(pulse: Pulse) -> None:
    pulse.remove(Recorder())


def test_a_consumer_that_comes_back_after_it_failed_is_reported_anew(
    pulse: Pulse, reports: list[str]
) -> None:
    consumer = Recorder(fails=[0, 1])
    for _ in range(2):
        pulse.add(consumer)
        pulse.beat()
        pulse.remove(consumer)
    assert len(reports) == 2


def test_a_consumer_that_another_one_removed_does_not_get_the_snapshot_under_way(pulse: Pulse) -> None:
    log: list[str] = []
    second = Recorder("b", log)
    pulse.add(Acting("a", log, lambda: pulse.remove(second)))
    pulse.add(second)
    pulse.beat()
    assert log == ["a0"]


def test_consumers_are_closed_last_added_first_and_only_once(pulse: Pulse) -> None:
    log: list[str] = []
    for name in "abc":
        pulse.add(Recorder(name, log))
    pulse.stop()
    pulse.stop()
    assert log == ["c closed", "b closed", "a closed"]


def test_a_consumer_that_cannot_be_closed_is_reported_and_the_others_are_closed(
    pulse: Pulse, reports: list[str]
) -> None:
    log: list[str] = []
    pulse.add(Recorder("a", log))
    pulse.add(Uncloseable("b", log))
    pulse.stop()
    assert log == ["b closed", "a closed"]
    assert reports == ["Uncloseable failed to close: ValueError: stuck"]


# -- its thread --------------------------------------------------------------------------------------


def test_it_is_started_only_once() -> None:
    pulse = Pulse(Feed().take, print, wait=lambda seconds: True)
    pulse.start()
    with pytest.raises(RuntimeError, match="started twice"):
        pulse.start()
    pulse.stop()


class ThreadRecorder(Recorder):
    """Writes down in which threads it is called."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[threading.Thread] = []

    def on_snapshot(self, snapshot: Snapshot) -> None:
        self.threads.append(threading.current_thread())


def test_it_ticks_at_once_and_then_in_a_daemon_thread_that_has_ended_once_it_is_stopped() -> None:
    waits = iter([False])
    recorder = ThreadRecorder()
    pulse = Pulse(Feed().take, print, wait=lambda seconds: next(waits, True))
    pulse.add(recorder)
    pulse.start()
    eventually(lambda: len(recorder.threads) == 2, "the second tick")
    pulse.stop()
    first, second = recorder.threads
    assert first is threading.current_thread()
    assert second.daemon
    assert not second.is_alive()


def test_a_consumer_may_stop_it_and_nobody_gets_a_snapshot_after_that() -> None:
    log: list[str] = []
    feed = Feed()
    pulse = Pulse(feed.take, print, clock=feed.clock, wait=Naps(feed, 3))
    stopped = threading.Event()

    def stop() -> None:
        pulse.stop()
        stopped.set()

    pulse.add(Acting("a", log, stop))
    pulse.add(Recorder("b", log))
    pulse.start()
    assert stopped.wait(PATIENCE)
    pulse.stop()
    assert log == ["a0", "b closed", "a closed"]
    assert len(feed.taken) == 1


def test_a_consumer_may_beat_and_what_it_hands_out_is_not_followed_by_what_is_older() -> None:
    log: list[str] = []
    pulse = Pulse(Feed().take, print)

    def last_beat() -> None:
        pulse.beat()
        pulse.stop()

    pulse.add(Acting("a", log, last_beat))
    pulse.add(Recorder("b", log))
    beating = threading.Thread(target=pulse.beat, daemon=True)
    beating.start()
    beating.join(PATIENCE)
    assert log == ["a0", "a1", "b1", "b closed", "a closed"]
