"""Ten minutes and a day of snapshots as charts, whatever the snapshots say."""

from __future__ import annotations

import math
import pickle
import threading
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.model import BuildState, HostSample, Pressure, Snapshot, Source, SourceKind
from synthtop.trends import SECONDS, Chart, Trends
from synthtop.trends.chart import plain

from . import builds


def at(second: int, **changes: object) -> Snapshot:
    return builds.building(elapsed=second, **changes)


def charts_of(snapshots: Iterable[Snapshot], columns: int = 30) -> dict[str, Chart]:
    """The charts, by name, after these snapshots."""
    trends = Trends()
    for snapshot in snapshots:
        trends.record(snapshot)
    return {chart.name: chart for chart in trends.charts(columns)}


# -- what is kept ----------------------------------------------------------------------------------


def test_a_column_is_the_maximum_of_its_seconds() -> None:
    rates = charts_of(at(second, rate=float(second)) for second in range(605))["rate"].values
    # 600..604 are in the last one, which is being filled.
    assert rates == (*(20.0 * column + 39 for column in range(29)), 604.0)


def test_what_is_older_than_ten_minutes_is_forgotten() -> None:
    chart = charts_of(at(second, rate=999.0 if second == 10 else 5.0) for second in range(700))["rate"]
    assert set(chart.values) == {5.0}
    assert chart.most == "max 5"


def test_a_second_alone_is_in_the_last_column() -> None:
    assert charts_of([at(61)])["impulse"].values == (None,) * 29 + (3.0,)


def test_seconds_without_a_snapshot_stay_unknown() -> None:
    values = charts_of([at(20), at(101)])["rate"].values
    assert values[-6:] == (None, 180.0, None, None, None, 180.0)


def test_after_a_gap_of_ten_minutes_nothing_older_is_known() -> None:
    values = charts_of([*(at(second) for second in range(600)), at(1700)])["rate"].values
    assert values == (None,) * 29 + (180.0,)


def test_a_figure_that_is_unknown_for_a_second_is_no_zero() -> None:
    known = HostSample(load=1.0, swap_pct=0.0)
    chart = charts_of([at(0, host=known), at(20, host=HostSample()), at(40, host=known)])["swap"]
    assert chart.values[-3:] == (0.0, None, 0.0)


@pytest.mark.parametrize(
    "then",
    [
        at(99),
        at(200, source=Source(SourceKind.JSON, "/elsewhere")),
        at(200, started=builds.STARTED + 3600),
        replace(at(200), elapsed=None, time=1e9),
    ],
    ids=["a step back", "another source", "another start", "another way to tell the time"],
)
def test_another_build_begins_anew(then: Snapshot) -> None:
    values = charts_of([*(at(second) for second in range(101)), then])["rate"].values
    assert values == (None,) * 29 + (180.0,)


def test_a_start_that_a_source_only_reckons_may_waver() -> None:
    snapshots = [at(second, started=builds.STARTED + second % 3) for second in range(600)]
    assert None not in charts_of(snapshots)["rate"].values


def test_without_an_elapsed_second_the_time_tells_it() -> None:
    snapshots = [replace(at(0), elapsed=None, time=1000.0 + second) for second in (0.4, 1.5, 20.1)]
    assert charts_of(snapshots)["rate"].values[-3:] == (None, 180.0, 180.0)


def test_a_source_that_cannot_be_read_says_nothing() -> None:
    chart = charts_of([at(5, rate=60.0), at(6, rate=600.0, state=BuildState.UNREADABLE)])["rate"]
    assert (chart.latest, chart.most) == ("60/h", "max 60")


def test_a_short_throttle_is_seen_in_its_column() -> None:
    quick = [at(second, dynmax=2 if second == 30 else 4, reason="high load") for second in range(60)]
    workers = charts_of(quick)["workers"]
    assert workers.limits[-3:] == (4.0, 2.0, 4.0)
    assert workers.throttled[-3:] == (False, True, False)


def test_the_figure_that_throttled_is_marked_and_no_other() -> None:
    charts = charts_of([at(0, dynmax=2, reason="high load"), at(20, dynmax=2, reason="by hand"), at(40)])
    assert charts["load"].throttled[-3:] == (True, False, False)
    assert charts["swap"].throttled[-3:] == (False, False, False)
    assert charts["workers"].throttled[-3:] == (True, True, False)


def test_what_is_kept_stays_as_it_was_at_every_width() -> None:
    trends = Trends()
    for second in range(700):
        trends.record(at(second, rate=float(second % 50), dynmax=2 + second % 3, reason="high load"))
    before = {columns: trends.charts(columns) for columns in (30, 75, 150)}
    kept = trends.kept()
    trends.record(at(760, rate=999.0, host=HostSample(no_swap=True), max_workers=9))
    assert {columns: kept.charts(columns) for columns in (30, 75, 150)} == before
    assert trends.charts(30) != before[30]


def test_what_is_kept_goes_on_by_itself() -> None:
    trends = Trends()
    trends.record(at(61))
    kept = trends.kept()
    for one in (trends, kept):
        one.record(at(101))
    assert kept.charts(30) == trends.charts(30)


# -- a day of them ---------------------------------------------------------------------------------

HOUR, DAY = 3600, 86_400


def over(snapshots: Iterable[Snapshot], span: int, columns: int) -> dict[str, Chart]:
    """The charts of the last ``span`` seconds, by name, after these snapshots."""
    trends = Trends()
    for snapshot in snapshots:
        trends.record(snapshot)
    return {chart.name: chart for chart in trends.over(span, columns)}


def test_up_to_ten_minutes_are_as_the_pane_has_them() -> None:
    snapshots = [at(second, rate=float(second)) for second in range(605)]
    assert over(snapshots, 600, 30)["rate"].values == charts_of(snapshots, 30)["rate"].values


def test_of_more_a_column_is_the_maximum_of_its_minutes() -> None:
    # Every 10 s, the minute's last one the largest.
    snapshots = [at(second, rate=float(second)) for second in range(0, 2 * HOUR + 1, 10)]
    values = over(snapshots, HOUR, 6)["rate"].values
    # Minute 120 has just begun and is in a column of its own.
    assert values == (*(60.0 * (minute + 10) - 10 for minute in range(70, 120, 10)), 7200.0)


def test_a_peak_of_one_second_is_seen_a_day_later_and_then_no_more() -> None:
    peak = [at(0, rate=5.0), at(31, rate=999.0), at(60, rate=5.0)]
    assert over([*peak, at(DAY - 1, rate=5.0)], DAY, 24)["rate"].most == "max 999"
    assert over([*peak, at(DAY + 60, rate=5.0)], DAY, 24)["rate"].most == "max 5"


def test_where_there_are_more_columns_than_minutes_some_have_the_same() -> None:
    snapshots = [at(60 * minute, rate=float(minute)) for minute in range(61)]
    values = over(snapshots, HOUR, 120)["rate"].values
    assert values == tuple(float(minute) for minute in range(1, 61) for _ in range(2))


def test_the_minute_that_is_being_filled_is_seen_already() -> None:
    assert over([at(61, rate=7.0)], DAY, 48)["rate"].values == (None,) * 47 + (7.0,)


def test_minutes_without_a_snapshot_stay_unknown() -> None:
    snapshots = [at(60 * minute, rate=1.0) for minute in range(120) if not 20 <= minute < 100]
    values = over(snapshots, 2 * HOUR, 12)["rate"].values
    assert values == (1.0, 1.0, *(None,) * 8, 1.0, 1.0)


def test_a_gap_of_more_than_ten_minutes_leaves_the_day_before_it() -> None:
    snapshots = [at(second, rate=1.0) for second in (0, 30, 2 * HOUR)]
    assert over(snapshots, 6 * HOUR, 6)["rate"].values == (None, None, None, 1.0, None, 1.0)


def test_another_build_begins_its_day_anew() -> None:
    snapshots = [*(at(second, rate=9.0) for second in range(0, HOUR, 30)), at(5, rate=1.0)]
    chart = over(snapshots, DAY, 24)["rate"]
    assert (chart.most, chart.values) == ("max 1", (None,) * 23 + (1.0,))


def test_what_is_kept_of_a_day_stays_as_it_was() -> None:
    trends = Trends()
    for second in range(0, 5 * HOUR, 45):
        trends.record(at(second, rate=float(second % 50)))
    before = trends.over(DAY, 48)
    kept = trends.kept()
    trends.record(at(5 * HOUR + 90, rate=999.0))
    assert kept.over(DAY, 48) == before
    assert trends.over(DAY, 48) != before


def test_a_day_takes_no_more_room_than_its_minutes() -> None:
    trends = Trends()
    for second in range(0, 3 * DAY, 40):
        trends.record(at(second))
    assert len(pickle.dumps(trends.kept()._minutes)) < 1440 * 200


FULL_HOST = HostSample(
    load=3.24,
    ncpus=4,
    swap_pct=2.0,
    cpu_pct=87.4,
    memory_total=32 << 30,
    memory_available=20 << 30,
    pressure=Pressure(1.0, None, 12.3),
)


def test_each_large_chart_says_its_unit_and_of_what_it_is_a_part() -> None:
    charts = over([at(1, host=FULL_HOST)], 600, 30)
    assert [(chart.name, chart.latest, chart.said(chart.top)) for chart in charts.values()] == [
        ("rate", "180 pkg/h", "200/h"),
        ("impulse", "3", "3"),
        ("load", "3.24 on 4 CPUs", "4"),
        ("swap", "2%", "10%"),
        ("workers", "3 of 4", "4"),
        ("CPU", "87%", "100%"),
        ("memory", "12G of 32G", "32G"),
        ("pressure", "12% io", "15%"),
    ]


def test_a_figure_that_was_never_known_has_no_large_chart() -> None:
    silent = HostSample(load=1.0)
    assert set(over([at(1, host=silent)], 600, 30)) == {"rate", "impulse", "load", "workers"}
    assert over([], 600, 30) == {}


def test_a_figure_that_was_known_once_has_one_whatever_the_span() -> None:
    snapshots = [at(0, host=FULL_HOST), at(HOUR, host=HostSample())]
    chart = over(snapshots, 600, 30)["memory"]
    assert (chart.latest, chart.most, set(chart.values)) == ("-", "", {None})


@pytest.mark.parametrize(
    ("total", "available"), [(None, 5), (5, None), (0, 0), (4, 5), (-5, -7), (10**40, 1), (5, -1)]
)
def test_memory_that_cannot_be_is_not_known(total: int | None, available: int | None) -> None:
    host = HostSample(memory_total=total, memory_available=available)
    assert "memory" not in over([at(1, host=host)], 600, 30)


# -- what is said of it ----------------------------------------------------------------------------


def test_each_chart_says_its_newest_value_and_its_maximum() -> None:
    early = at(1, rate=420.0, impulse=7, active=4, host=HostSample(load=19.8, ncpus=4, swap_pct=4.2))
    charts = charts_of([early, at(2)])
    assert [(chart.name, chart.latest, chart.most) for chart in charts.values()] == [
        ("rate", "180/h", "max 420"),
        ("impulse", "3", "max 7"),
        ("load", "3.24", "max 19.80"),
        ("swap", "2%", "max 4%"),
        ("workers", "3 of 4", "max 4"),
    ]


def test_of_what_is_not_known_nothing_is_said() -> None:
    unknown = at(1, rate=None, run_rate=None, impulse=None, host=HostSample(), active=None, max_workers=None)
    assert {(chart.latest, chart.most) for chart in charts_of([unknown]).values()} == {("-", "")}


def test_before_the_first_snapshot_there_are_charts_of_nothing() -> None:
    assert [(chart.latest, set(chart.values)) for chart in Trends().charts(30)] == [("-", {None})] * 5


def test_a_host_without_swap_is_told_from_one_whose_swap_is_unknown() -> None:
    assert charts_of([at(1, host=HostSample(no_swap=True))])["swap"].latest == "none"


def test_a_source_without_the_minutes_rate_has_the_whole_runs() -> None:
    assert charts_of([builds.followed_dsynth()])["rate"].latest == "24/h"


@pytest.mark.parametrize(
    ("changes", "name", "top"),
    [
        ({"host": HostSample(load=0.02)}, "load", 1.0),
        ({"host": HostSample(load=0.02, ncpus=16)}, "load", 20.0),
        ({"host": HostSample(load=14.2, ncpus=6)}, "load", 15.0),
        ({"host": HostSample(swap_pct=0.3)}, "swap", 10.0),
        ({"host": HostSample(swap_pct=31.0)}, "swap", 40.0),
        ({"rate": 1.0}, "rate", 120.0),
        ({"rate": 4100.0}, "rate", 5000.0),
        ({"impulse": 1}, "impulse", 2.0),
        ({"active": 3, "max_workers": 9, "dynmax": 9}, "workers", 9.0),
        ({"active": None, "max_workers": None, "dynmax": None}, "workers", 1.0),
    ],
)
def test_a_full_bar_is_something_sensible(changes: dict[str, object], name: str, top: float) -> None:
    assert charts_of([at(1, **changes)])[name].top == pytest.approx(top)


def test_a_maximum_that_rises_a_little_moves_no_bar() -> None:
    loads = [
        charts_of([at(1, host=HostSample(load=load, ncpus=4))])["load"].top for load in (12.1, 13.0, 14.9)
    ]
    assert set(loads) == {15.0}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.5"),
        (2.0, "2"),
        (99.96, "100"),
        (999.7, "1000"),
        (5000.0, "5000"),
        (12500.0, "12.5k"),
        (800_000.0, "800k"),
        (1e9, "1000M"),
    ],
)
def test_an_axis_says_a_figure_in_five_characters(value: float, text: str) -> None:
    assert plain(value) == text


# -- whatever comes ----------------------------------------------------------------------------------

odd = (
    st.none()
    | st.sampled_from((0, 0.0, -1, math.nan, math.inf, -math.inf, 1e308, 1e-300, 10**400))
    | st.floats(0, 1e4)
)
hosts = st.builds(HostSample, odd, odd, odd, st.booleans(), odd, odd, odd, st.builds(Pressure, odd, odd, odd))
steps = st.sampled_from((0, 1, 1, 1, 2, 5, 19, 20, 21, 599, 600, 10**12, -1, -500))


@st.composite
def histories(draw: st.DrawFn) -> list[Snapshot]:
    """Snapshots of builds whose clocks step, and that know little and lie."""
    second, snapshots = draw(st.integers(-30, 1000)), []
    for step in draw(st.lists(steps, max_size=30)):
        second += step
        known = draw(st.sampled_from((True, True, True, True, False)))
        snapshots.append(
            builds.building(
                elapsed=second if known else None,
                time=draw(st.sampled_from((float(second), 1e9, math.nan, math.inf))),
                started=draw(st.sampled_from((None, 0.0, 0.0, 0.0, 5.0, math.nan, 1e300))),
                state=draw(st.sampled_from(BuildState)),
                rate=draw(odd),
                run_rate=draw(odd),
                impulse=draw(odd),
                active=draw(odd),
                dynmax=draw(odd),
                max_workers=draw(odd),
                reason=draw(st.none() | st.text(max_size=5)),
                host=draw(hosts),
            )
        )
    return snapshots


@given(histories(), st.integers(-1, 700))
@settings(max_examples=80, deadline=None)
def test_whatever_is_recorded_the_charts_are_sound(history: list[Snapshot], columns: int) -> None:
    for chart in charts_of(history, columns).values():
        assert len(chart.values) <= max(0, columns)
        assert 0 < chart.top < math.inf
        assert all(value is None or 0 <= value <= chart.top for value in (*chart.values, *chart.limits))
        for beside in (chart.limits, chart.throttled):
            assert len(beside) in (0, len(chart.values))


spans = st.sampled_from((600, 3600, 6 * 3600, 86_400))


@given(histories(), spans, st.integers(-1, 300))
@settings(max_examples=50, deadline=None)
def test_whatever_is_recorded_the_large_charts_are_sound(
    history: list[Snapshot], span: int, columns: int
) -> None:
    for chart in over(history, span, columns).values():
        assert len(chart.values) == max(0, columns)
        assert 0 < chart.top < math.inf
        assert len(chart.said(chart.top)) <= 7
        assert all(value is None or 0 <= value <= chart.top for value in (*chart.values, *chart.limits))


@given(histories(), spans, st.integers(1, 300), st.integers(1, 300))
@settings(max_examples=50, deadline=None)
def test_large_charts_asked_for_each_second_are_those_asked_for_once(
    history: list[Snapshot], span: int, columns: int, others: int
) -> None:
    watched, once = Trends(), Trends()
    for number, snapshot in enumerate(history):
        watched.record(snapshot)
        once.record(snapshot)
        watched.over(span, others if number % 7 == 3 else columns)
    assert watched.over(span, columns) == once.over(span, columns)


@given(histories(), st.integers(1, 600), st.integers(1, 600))
@settings(max_examples=80, deadline=None)
def test_charts_asked_for_each_second_are_those_asked_for_once(
    history: list[Snapshot], columns: int, others: int
) -> None:
    watched, once = Trends(), Trends()
    for number, snapshot in enumerate(history):
        watched.record(snapshot)
        once.record(snapshot)
        watched.charts(others if number % 7 == 3 else columns)
    assert watched.charts(columns) == once.charts(columns)


@given(st.integers(1, 700))
def test_columns_are_whole_seconds_and_as_many_as_there_is_room_for(columns: int) -> None:
    count = len(charts_of([at(1)], columns)["rate"].values)
    assert count <= columns
    assert count == SECONDS // math.ceil(SECONDS / min(columns, SECONDS))


def test_the_bars_move_on_once_a_column_and_not_each_second() -> None:
    trends = Trends()
    pictures = []
    for second in range(700):
        trends.record(at(second, rate=float(second // 100)))
        pictures.append(trends.charts(30)[0].values)
    moved = [second for second in range(600, 700) if pictures[second] != pictures[second - 1]]
    assert moved == [600, 620, 640, 660, 680]


def test_the_same_charts_are_the_same_objects() -> None:
    trends = Trends()
    trends.record(at(601))
    before = trends.charts(30)
    assert trends.charts(30) is before
    trends.record(at(602))
    assert trends.charts(30) is before
    trends.record(at(603, rate=240.0))
    after = trends.charts(30)
    assert [one is other for one, other in zip(before, after, strict=True)] == [False, True, True, True, True]


def test_the_same_large_charts_are_the_same_objects() -> None:
    trends = Trends()
    trends.record(at(601))
    before = trends.over(DAY, 30)
    assert trends.over(DAY, 30) is before
    trends.record(at(603, rate=240.0))
    after = trends.over(DAY, 30)
    assert [one is other for one, other in zip(before, after, strict=True)] == [False, True, True, True, True]


def test_one_thread_records_while_another_asks() -> None:
    trends = Trends()
    snapshots = [at(second, rate=float(second)) for second in range(1500)]
    asked: list[tuple[Chart, ...]] = []
    started, done = threading.Event(), threading.Event()

    def ask() -> None:
        while not done.is_set():
            asked.append(trends.charts(100))
            started.set()

    thread = threading.Thread(target=ask)
    thread.start()
    started.wait()
    for snapshot in snapshots:
        trends.record(snapshot)
    done.set()
    thread.join()
    assert all(len(charts) == 5 for charts in asked)
    assert trends.charts(100)[0] == charts_of(snapshots, 100)["rate"]
