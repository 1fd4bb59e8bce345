"""When a slot counts as stalled: dsynth's watchdog times, and what does not count towards them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthtop.collector import Collector
from synthtop.model import HostSample, LogKind, LogLine, WorkerState
from synthtop.watchdog import Limits, Standstill, Watchdog

MINUTE = 60
PHASES = st.one_of(
    st.none(), st.sampled_from(["check-plist", "dump-env", "patch", "configure", "build", "lint"]), st.text()
)
LOADS = st.one_of(st.none(), st.floats(0, 1e4))
CORES = st.one_of(st.none(), st.integers(0, 512))


# -- how long a phase may stand still ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("phase", "minutes"),
    [
        ("check-plist", 5),
        ("dump-env", 10),
        ("dump-vars", 10),
        ("pkg-depends", 10),
        ("patch", 10),
        ("extract", 15),
        ("configure", 15),
        ("install-pkgs", 30),
        ("lib-depends", 60),
        ("deinstall", 60),
        ("fetch", 120),
        ("build", 180),
        ("a homemade one", 60),
        ("dump", 60),
        ("", 60),
        (None, 60),
    ],
)
def test_each_phase_has_its_time(phase: str | None, minutes: int) -> None:
    assert Watchdog().stalled_after(phase, 1.0, 4) == minutes * MINUTE


@pytest.mark.parametrize(
    ("load", "ncpus", "minutes"),
    [(4.0, 4, 15), (8.0, 4, 30), (0.0, 4, 15), (None, 4, 15), (8.0, None, 15), (8.0, 0, 15)],
)
def test_a_load_that_passes_the_cores_gives_more_time(
    load: float | None, ncpus: int | None, minutes: int
) -> None:
    assert Watchdog().stalled_after("configure", load, ncpus) == minutes * MINUTE


GIVEN = {
    "build": 7200.0,
    "dump-env": 30.0,
    "check-*": 90.0,
    "check-s*": 60.0,
    "fetch": 0.0,
    "other": 45.0,
}


@pytest.mark.parametrize(
    ("phase", "seconds"),
    [
        ("build", 7200),
        ("dump-env", 30),
        ("dump-vars", 10 * MINUTE),
        ("check-plist", 90),
        ("check-sanity", 60),
        ("fetch", math.inf),
        ("fetch-depends", 120 * MINUTE),
        ("other", 45),
        ("a homemade one", 45),
        ("builder", 45),
        (None, 45),
    ],
)
def test_times_that_are_given_come_before_dsynths(phase: str | None, seconds: float) -> None:
    assert Watchdog(GIVEN).stalled_after(phase, 1.0, 4) == seconds


def test_one_time_may_be_given_to_all_phases() -> None:
    watchdog = Watchdog({"*": 5.0})
    assert {watchdog.stalled_after(phase, None, None) for phase in ("build", "dump-env", "lint", None)} == {5}


@pytest.mark.parametrize("seconds", [-1.0, math.nan])
def test_a_time_that_is_none_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="in build: expected 0 or more"):
        Watchdog({"build": seconds})


@given(
    PHASES,
    LOADS,
    CORES,
    st.dictionaries(
        st.one_of(PHASES.filter(bool), st.sampled_from(["*", "b*"])), st.floats(0, 1e6), max_size=4
    ),
)
def test_no_phase_has_less_than_the_shortest_time_nor_other_limits_when_asked_twice(
    phase: str | None, load: float | None, ncpus: int | None, given: dict[str, float]
) -> None:
    watchdog = Watchdog(given)
    limits = Limits(watchdog, load, ncpus)
    assert watchdog.shortest <= limits[phase] == limits[phase] == watchdog.stalled_after(phase, load, ncpus)


# -- standing still ----------------------------------------------------------------------------------


def standstills(*times: float) -> list[float]:
    standstill = Standstill()
    return [standstill.before(time) for time in times]


def test_ticks_in_time_or_a_little_late_are_no_standstill() -> None:
    assert standstills(100.0, 101.0, 102.0, 108.0, 109.0) == [0.0] * 5


def test_a_tick_that_is_late_ends_a_standstill() -> None:
    assert standstills(100.0, 101.0, 3702.0, 3703.0) == [0.0, 0.0, 3600.0, 0.0]


def test_who_ticks_seldom_stands_still_only_where_it_is_later_than_usual() -> None:
    assert standstills(0.0, 30.0, 60.0, 90.0, 720.0) == [0.0, 29.0, 0.0, 0.0, 600.0]


def test_a_clock_that_goes_back_is_no_standstill() -> None:
    assert standstills(100.0, 40.0, 41.0) == [0.0, 0.0, 0.0]


@given(st.lists(st.floats(0, 1e6), max_size=20))
def test_a_standstill_is_never_longer_than_the_time_that_passed(gaps: list[float]) -> None:
    standstill, now = Standstill(), 0.0
    for gap in gaps:
        now += gap
        assert 0.0 <= standstill.before(now) <= gap


# -- slots of a build --------------------------------------------------------------------------------


class Building:
    """One slot of a build on a quiet host, ticked every ``step`` seconds of an injected clock."""

    def __init__(
        self, step: float = 1.0, load: float | None = 1.0, stalled_after: dict[str, float] | None = None
    ) -> None:
        self.now = 1000.0
        self.load = load
        self.collector = Collector(
            1,
            stalled_after=stalled_after,
            probe=lambda: HostSample(load=self.load, ncpus=4),
            clock=lambda: self.now,
            wall=lambda: 0.0,
        )
        self._step = step

    def update(
        self,
        phase: str | None = None,
        lines: int | None = None,
        origin: str | None = None,
        grew: bool = False,
    ) -> None:
        self.collector.record_worker_update(0, WorkerState.RUNNING, origin, phase, lines, grew=grew)

    def stalls(self) -> list[LogLine]:
        """The event lines of stalls so far."""
        return [line for line in self.collector.snapshot().log if line.kind is LogKind.STALLED]

    def wait(self, seconds: float) -> bool:
        """Let time pass; whether the slot is stalled then."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(self.now + self._step, end)
            [row] = self.collector.tick().workers
        return row.stalled


def begun(step: float = 1.0, load: float | None = 1.0) -> Building:
    """A build whose package has just begun the phase with the shortest time, of five minutes."""
    building = Building(step, load)
    building.update("check-plist", 10, "devel/gmake")
    building.wait(step)
    building.update("check-plist", 20)
    return building


def test_a_slot_that_does_not_move_is_stalled_after_its_phases_time_and_not_before() -> None:
    building = begun()
    assert not building.wait(5 * MINUTE)
    assert building.wait(1)


def test_stalled_slots_are_counted() -> None:
    building = begun()
    building.wait(6 * MINUTE)
    assert building.collector.snapshot().stalled == 1


def test_under_load_it_takes_longer() -> None:
    building = begun(load=8.0)
    assert not building.wait(10 * MINUTE)
    assert building.wait(1)


def test_being_told_the_same_again_is_no_movement() -> None:
    building = begun()
    for _ in range(6):
        building.wait(MINUTE)
        building.update("check-plist", 20)
    assert building.wait(1)


@pytest.mark.parametrize(
    ("phase", "lines"), [("check-plist", 21), ("patch", 20), (None, 21), ("patch", None)]
)
def test_a_new_phase_or_more_lines_are_movement(phase: str | None, lines: int | None) -> None:
    building = begun()
    assert building.wait(6 * MINUTE)
    building.update(phase, lines)
    assert not building.wait(5 * MINUTE)


def test_the_next_package_begins_anew() -> None:
    building = begun()
    building.wait(6 * MINUTE)
    building.update("check-plist", 20, "lang/rust")
    assert not building.wait(5 * MINUTE)
    assert building.wait(1)


def test_an_empty_slot_is_never_stalled() -> None:
    building = begun()
    building.wait(6 * MINUTE)
    building.collector.record_worker_update(0, WorkerState.IDLE)
    assert not building.wait(90 * MINUTE)


def test_a_package_of_which_neither_phase_nor_lines_are_told_is_never_stalled() -> None:
    building = Building(step=30.0)
    building.update(origin="devel/gmake")
    assert not building.wait(90 * MINUTE)


@pytest.mark.parametrize(("phase", "lines"), [("lint", None), (None, 7)])
def test_one_of_the_two_is_enough(phase: str | None, lines: int | None) -> None:
    building = Building(step=30.0)
    building.update(phase, lines, "devel/gmake")
    assert building.wait(90 * MINUTE)


def test_the_time_in_which_the_process_was_stopped_does_not_count() -> None:
    building = begun()
    building.wait(4 * MINUTE)
    building.now += 3600
    assert not building.wait(1 * MINUTE)
    assert building.wait(2)


def test_what_moved_right_after_a_stop_has_its_whole_time_and_no_more() -> None:
    building = begun()
    building.wait(4 * MINUTE)
    building.now += 3600
    building.update(lines=30)
    building.wait(1)
    assert not building.wait(5 * MINUTE - 1)
    assert building.wait(2)


def test_a_builder_that_ticks_seldom_learns_of_stalled_slots_too() -> None:
    building = begun(step=30.0)
    assert building.wait(6 * MINUTE)


def test_a_log_that_has_grown_by_no_whole_line_is_movement() -> None:
    building = begun()
    assert building.wait(6 * MINUTE)
    building.update(grew=True)
    assert not building.wait(5 * MINUTE)
    assert building.wait(1)


def test_a_slot_is_stalled_after_the_time_that_is_given_though_all_of_dsynths_are_longer() -> None:
    building = Building(stalled_after={"build": 3.0})
    building.update("build", 10, "devel/gmake")
    assert not building.wait(3)
    assert building.wait(1)


def test_a_phase_that_is_given_no_time_never_stalls() -> None:
    building = Building(step=30.0, stalled_after={"build": 0.0})
    building.update("build", 10, "devel/gmake")
    assert not building.wait(500 * MINUTE)


def test_where_no_phase_is_given_a_time_none_ever_stalls() -> None:
    building = Building(step=30.0, stalled_after={"*": 0.0, "other": 0.0})
    building.update("check-plist", 10, "devel/gmake")
    assert not building.wait(500 * MINUTE)


# -- told once ---------------------------------------------------------------------------------------


def test_a_stall_is_one_event_line_with_its_slot_package_phase_and_time() -> None:
    building = begun()
    building.wait(30 * MINUTE)
    [line] = building.stalls()
    assert (line.slot, line.text) == (0, "[000] STALLED devel/gmake check-plist: nothing new for 00:05:01")
    assert line.at == 1 + 5 * MINUTE + 1


def test_what_moves_and_stalls_again_is_told_again() -> None:
    building = begun()
    building.wait(6 * MINUTE)
    building.update(lines=30)
    building.wait(5 * MINUTE)
    assert len(building.stalls()) == 1
    building.wait(1)
    assert len(building.stalls()) == 2


def test_who_counts_as_stalled_only_while_the_load_is_low_is_told_once() -> None:
    building = begun()
    assert building.wait(6 * MINUTE)
    building.load = 40.0
    assert not building.wait(10)
    building.load = 1.0
    assert building.wait(10)
    assert len(building.stalls()) == 1


def test_a_stall_that_outlasts_a_stopped_process_is_told_once() -> None:
    building = begun()
    building.wait(6 * MINUTE)
    building.now += 3600
    assert building.wait(5)
    assert len(building.stalls()) == 1


def test_the_next_package_in_a_slot_is_told_of_by_itself() -> None:
    building = begun()
    building.wait(6 * MINUTE)
    building.update("check-plist", 1, "lang/rust")
    building.wait(6 * MINUTE)
    assert [line.text.split()[2] for line in building.stalls()] == ["devel/gmake", "lang/rust"]


def test_a_package_without_a_phase_is_told_without_one() -> None:
    building = Building(step=30.0)
    building.update(lines=7, origin="devel/gmake")
    building.wait(61 * MINUTE)
    [line] = building.stalls()
    assert line.text == "[000] STALLED devel/gmake: nothing new for 01:00:01"
