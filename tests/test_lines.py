"""The header: its three lines, and what a wider screen adds to them."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.lines import (
    FRAME,
    eta_text,
    header_lines,
    header_parts,
    header_says_state,
    shown_eta,
    time_of_day,
    title_parts,
    whole_minute,
)
from synthtop.model import BuildState, Eta, HostSample, Snapshot, Source, SourceKind, Space, Stopping, Totals
from synthtop.parts import Role, joined
from synthtop.states import LIVE, Shown, state_parts
from synthtop.text import clean, width

from . import builds

EVIL = "\x1b[2J\u202e[red]\n"


def unknown() -> Snapshot:
    """A source that says nothing but its counts."""
    return builds.building(
        elapsed=None, active=None, max_workers=None, dynmax=None, host=HostSample(), rate=None, run_rate=None,
        impulse=None, impulse_10m=None,
    )  # fmt: skip


def shown(
    snapshot: Snapshot, columns: int, *, framed: bool = False, run_rate: bool = False, at: Shown = LIVE
) -> list[str]:
    lines = header_parts(snapshot, columns, framed=framed, run_rate=run_rate, shown=at)
    return [joined(parts) for parts in lines]


# -- the three lines ---------------------------------------------------------------------------------


def test_the_three_lines_are_said_to_the_character() -> None:
    snapshot = builds.building(
        active=4,
        rate=24.3,
        host=HostSample(load=3.24, ncpus=4, swap_pct=2.0),
        totals=Totals(142, 38, 2, 0, 5),
    )
    assert header_lines(snapshot) == (
        "Workers:  4 / 4    Load: 3.24  Swap:  2%    [DynMax: 4]",
        "Elapsed: 00:15:43  Rate: 24.3 pkg/hr  Impulse: 3",
        "Queued: 142  Built: 38  Failed: 2  Ignored: 0  Skipped: 5",
    )


def test_what_is_unknown_is_a_dash_in_the_same_columns() -> None:
    assert header_lines(unknown()) == (
        "Workers:  - / -    Load:    -  Swap:  -     [DynMax: -]",
        "Elapsed: --:--:--  Rate: - pkg/hr  Impulse: -",
        "Queued: 142  Built: 38  Failed: 2  Ignored: 0  Skipped: 5",
    )


def test_large_figures_take_the_columns_they_need() -> None:
    snapshot = builds.building(
        elapsed=362439,
        active=1000,
        max_workers=1024,
        dynmax=512,
        host=HostSample(load=514.2, ncpus=64, swap_pct=100.0),
        rate=5400.0,
        impulse=12,
    )
    assert header_lines(snapshot)[:2] == (
        "Workers: 1000 / 1024   Load: 514.20  Swap: 100%    [DynMax: 512]",
        "Elapsed: 100:40:39  Rate: 5400.0 pkg/hr  Impulse: 12",
    )


def test_a_build_without_a_rate_of_the_last_minute_shows_the_whole_runs() -> None:
    assert header_lines(builds.followed_dsynth())[1] == (
        "Elapsed: 00:15:43  Rate: 24.0 pkg/hr (run)  Impulse: 31 (10m)"
    )


@pytest.mark.parametrize(
    ("columns", "second"), [(80, "Impulse: 31 (10m)"), (40, "24.0/hr  10m 31"), (20, "24.0/hr")]
)
def test_an_impulse_of_ten_minutes_is_named_as_one_where_it_is_said(columns: int, second: str) -> None:
    assert second in shown(builds.followed_dsynth(), columns)[1]


def test_a_source_with_both_impulses_shows_the_last_seconds() -> None:
    assert "Impulse: 3" in header_lines(builds.building(impulse_10m=31.0))[1]
    assert "10m" not in header_lines(builds.building(impulse_10m=31.0))[1]


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (builds.well, "building"),
        (builds.building, "building, 2 failed"),
        (builds.failing, "building, 7 failed"),
        (builds.throttled, "throttled, 2 failed"),
    ],
)
def test_at_80_columns_the_header_is_the_three_lines_with_the_state_at_the_right(
    state: Callable[[], Snapshot], word: str
) -> None:
    snapshot = state()
    first, second, third = header_lines(snapshot)
    lines = shown(snapshot, 80)
    assert lines[0].startswith(first)
    assert lines[1] == second + word.rjust(79 - len(second))
    assert lines[2] == third


RUN = "Elapsed: 00:15:43  Rate: 180.0 pkg/hr  Impulse: 3      Run: 152.7 pkg/hr"


def test_on_a_wide_screen_the_whole_runs_rate_stands_beside_the_last_minutes() -> None:
    assert "Run:" not in shown(builds.well(), 120)[1]
    assert shown(builds.well(), 120, run_rate=True)[1].startswith(RUN + "  ")


def test_it_stands_in_the_frame_of_a_header_beside_the_trends_too() -> None:
    assert shown(builds.building(), 80, framed=True, run_rate=True)[1] == RUN


def test_it_keeps_its_place_while_the_figures_before_it_get_a_digit_more_or_less() -> None:
    snapshots = [
        builds.building(rate=rate, impulse=impulse)
        for rate, impulse in ((0.0, 0), (60.0, 1), (180.0, 12), (5400.0, 9), (5400.0, 12))
    ]
    lines = [shown(snapshot, 80, framed=True, run_rate=True)[1] for snapshot in snapshots]
    assert {line.index("Run:") for line in lines} == {RUN.index("Run:")}


def test_what_would_not_fit_beside_the_figures_is_left_out_as_a_whole() -> None:
    snapshot = builds.building(elapsed=10**7, rate=123456.0, impulse=123456, run_rate=123456.7)
    assert shown(snapshot, 80, framed=True, run_rate=True)[1] == header_lines(snapshot)[1]


def test_an_unknown_rate_of_the_whole_run_is_a_dash_there() -> None:
    line = shown(builds.building(run_rate=None), 80, framed=True, run_rate=True)[1]
    assert line.endswith("  Run: - pkg/hr")


def test_a_followed_builds_rate_does_not_stand_there_twice() -> None:
    assert "Run:" not in shown(builds.followed_dsynth(), 120, run_rate=True)[1]


def test_a_count_has_its_colour_only_where_there_is_something_to_count() -> None:
    third = header_parts(builds.building(), 80, framed=False)[2]
    assert [(part.text, part.role) for part in third if part.text.isdigit()] == [
        ("142", Role.VALUE),
        ("38", Role.BUILT),
        ("2", Role.FAILED),
        ("0", Role.VALUE),
        ("5", Role.SKIPPED),
    ]


# -- the throttle ------------------------------------------------------------------------------------


def test_while_throttled_dynmax_has_its_colour_and_the_reason_behind_it() -> None:
    first = header_parts(builds.throttled(), 80, framed=False)[0]
    assert joined(first) == "Workers:  6 / 8    Load: 14.20  Swap:  2%    [DynMax: 6]  throttled: high load"
    assert [part.text for part in first if part.role is Role.THROTTLED] == [
        "[DynMax: 6]",
        "  throttled: high load",
    ]


@pytest.mark.parametrize(
    ("columns", "end"),
    [
        (82, "[DynMax: 6]  throttled: high load"),
        (81, "[DynMax: 6]  high load"),
        (70, "[DynMax: 6]"),
        (64, "[DynMax: 6]"),
    ],
)
def test_the_reason_is_said_where_it_fits_whole(columns: int, end: str) -> None:
    assert shown(builds.throttled(), columns, framed=True)[0].endswith(end)


def test_a_throttle_without_a_reason_is_said_in_the_header_too() -> None:
    assert shown(builds.building(dynmax=3), 80)[0].endswith("[DynMax: 3]   throttled")


def test_the_reason_keeps_its_place_while_load_and_dynmax_have_a_digit_more_or_less() -> None:
    places = set()
    for load, dynmax in ((9.98, 9), (10.02, 9), (9.98, 12), (10.02, 12)):
        snapshot = builds.building(
            active=9, max_workers=16, dynmax=dynmax, reason="high load", host=HostSample(load, 4, 2.0)
        )
        first = shown(snapshot, 100)[0]
        assert first.startswith(header_lines(snapshot)[0])
        places.add(first.index("throttled: high load"))
    assert len(places) == 1


@pytest.mark.parametrize("state", [BuildState.FINISHED, BuildState.INTERRUPTED, BuildState.GONE])
def test_what_is_over_is_not_throttled_any_more(state: BuildState) -> None:
    first = header_parts(replace(builds.throttled(), state=state), 100, framed=True)[0]
    assert joined(first).endswith("[DynMax: 6]")
    assert Role.THROTTLED not in {part.role for part in first}


# -- states ------------------------------------------------------------------------------------------


def at_the_right(snapshot: Snapshot, columns: int, *, run_rate: bool = False, at: Shown = LIVE) -> str:
    """What stands after the figures of the second line, but for one blank at the end of the screen."""
    second = shown(snapshot, columns, run_rate=run_rate, at=at)[1]
    figures, _, state = second.rpartition("  ")
    assert not state or width(second) == columns - 1
    return state if figures else ""


@pytest.mark.parametrize(
    ("snapshot", "state"),
    [
        (builds.stalled(), "building, 1 stalled"),
        (builds.draining(), "draining, 2 failed"),
        (builds.stopping(), "stopping, 2 failed"),
        (builds.all_built(), "finished"),
        (builds.with_failures(), "finished, 2 failed"),
        (builds.interrupted(), "interrupted, 2 failed"),
        (builds.waiting(), "waiting"),
        (builds.silent(), "not updating for 00:01:10"),
        (builds.unreadable(), "unreadable"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_without_a_frame_a_state_stands_at_the_right_of_the_second_line(
    snapshot: Snapshot, state: str
) -> None:
    assert at_the_right(snapshot, 80) == state


def test_what_the_figures_tell_too_is_said_if_there_is_room_beside_the_whole_runs_rate() -> None:
    assert at_the_right(builds.failing(), 100, run_rate=True) == "building, 7 failed"
    assert shown(builds.failing(), 80, run_rate=True)[1] == RUN


def test_the_whole_runs_rate_is_not_known_in_the_first_seconds() -> None:
    assert "Run: - pkg/hr" in shown(builds.just_started(), 120, run_rate=True)[1]


@pytest.mark.parametrize("columns", [80, 40, 20])
def test_what_was_counted_is_said_as_long_as_it_cannot_be_read_again(columns: int) -> None:
    assert shown(builds.unreadable_now(), columns)[2] == shown(builds.followed(), columns)[2]


@pytest.mark.parametrize("state", [builds.waiting, builds.unreadable])
@pytest.mark.parametrize("columns", [80, 40, 20])
def test_what_nobody_counted_is_not_said_to_be_nothing(state: Callable[[], Snapshot], columns: int) -> None:
    assert "0" not in shown(state(), columns)[2]


def test_on_a_narrow_screen_a_throttle_is_said_in_a_word() -> None:
    assert at_the_right(builds.throttled(), 40) == "throttled"


@pytest.mark.parametrize(("columns", "there"), [(80, False), (100, True)])
def test_the_whole_runs_rate_gives_way_to_a_state_that_no_figure_tells(columns: int, there: bool) -> None:
    assert at_the_right(builds.stalled(), columns, run_rate=True) == "building, 1 stalled"
    assert ("Run:" in shown(builds.stalled(), columns, run_rate=True)[1]) == there


def test_a_state_that_does_not_fit_is_said_in_fewer_words() -> None:
    assert at_the_right(builds.with_failures(), 60) == "finished"
    assert at_the_right(builds.stalled(), 36) == "1 stalled"


def test_the_impulse_gives_way_to_a_word_that_nothing_else_says() -> None:
    assert shown(builds.unreadable(), 34)[1] == "--:--:--  -/hr  +-     unreadable"
    assert shown(builds.interrupted(), 34)[1] == "00:15:43  60.0/hr     interrupted"
    assert "Impulse: 0" in shown(builds.with_failures(), 60)[1]


def test_when_a_lost_build_was_last_heard_of_moves_no_figure() -> None:
    assert at_the_right(builds.gone(), 80) == "gone, last update 23s ago"
    dsynth = builds.followed_dsynth()
    old = replace(dsynth, state=BuildState.STALE, age=207 * 86400)
    assert shown(old, 80)[1:] == [
        "Elapsed: 00:15:43  Rate: 24.0 pkg/hr (run)  Impulse: 31 (10m)             stale",
        "Queued: 142  Built: 38  Failed: 2  Ignored: 0  Skipped: 5  last update 207d ago",
    ]


HUNG = "stale: the file system has not answered for 12 s"


@pytest.mark.parametrize("columns", [80, 100, 119])
def test_what_is_in_the_way_of_the_numbers_is_said_whole_where_it_can_be(columns: int) -> None:
    assert at_the_right(builds.hung(), columns) == HUNG
    asked = builds.followed(problem="LiveSystem (pid 4242) was asked to stop")
    assert at_the_right(asked, columns) in (
        "LiveSystem (pid 4242) was asked to stop",
        "LiveSystem (pid 4242) was asked to stop, building, 2 failed",
        "building, 2 failed, LiveSystem (pid 4242) was asked to stop",
    )


@pytest.mark.parametrize("columns", [34, 40, 60])
def test_what_is_in_the_way_of_the_numbers_is_said_by_halves_where_there_is_no_room(columns: int) -> None:
    said = at_the_right(builds.hung(), columns)
    assert said.startswith("stale: the file")
    assert said.endswith("…") or said == HUNG


def test_a_stalled_package_is_said_however_many_have_failed() -> None:
    stalled = builds.building(workers=builds.stalled().workers, totals=Totals(142, 38, 12, 0, 5))
    assert at_the_right(stalled, 90) == "building, 12 failed, 1 stalled"
    assert at_the_right(stalled, 80) == "1 stalled, 12 failed"


def test_low_space_is_said_in_the_place_of_the_whole_runs_rate_and_however_many_have_failed() -> None:
    low = (Space("/build/logs", 812 << 20, 40 << 30),)
    few, many = builds.building(low_space=low), builds.building(low_space=low, totals=Totals(142, 38, 12))
    assert at_the_right(few, 80, run_rate=True) == "low space, 2 failed"
    assert at_the_right(many, 90) == "building, 12 failed, low space"
    assert at_the_right(few, 36).startswith("low space")


def test_a_frozen_screen_says_so_at_any_size_that_says_states() -> None:
    for columns in (34, 40, 60, 80, 100):
        assert at_the_right(builds.well(), columns, at=Shown(True)).startswith("FROZEN")


@pytest.mark.parametrize(
    ("columns", "framed", "says"),
    [(20, False, False), (33, False, False), (34, False, True), (60, True, True)],
)
def test_a_screen_that_has_figures_alone_says_its_state_elsewhere(
    columns: int, framed: bool, says: bool
) -> None:
    assert header_says_state(columns, framed) is says
    if not says:
        for state in (builds.stalled, builds.with_failures, builds.gone):
            assert shown(state(), columns)[1].endswith("/hr")


@pytest.mark.parametrize("columns", range(34, 60))
@pytest.mark.parametrize("state", BuildState)
def test_wherever_the_header_says_states_the_first_word_of_each_fits(state: BuildState, columns: int) -> None:
    snapshot = builds.followed(state=state, age=70)
    assert at_the_right(snapshot, columns).startswith(state_parts(snapshot)[0].text)


def test_in_a_frame_the_state_is_the_frames_business() -> None:
    assert "finished" not in "".join(shown(builds.with_failures(), 116, framed=True))


def figures(snapshot: Snapshot, columns: int) -> list[list[tuple[int, str]]]:
    """Where each label and figure of the three lines stands."""
    found = []
    for parts in header_parts(snapshot, columns, framed=False):
        line: list[tuple[int, str]] = []
        x = 0
        for part in parts:
            line.append((x, part.text))
            x += width(part.text)
        found.append(line)
    return found


@pytest.mark.parametrize("columns", [20, 34, 50, 60, 79, 80, 100, 120, 200])
@pytest.mark.parametrize(
    "other",
    [
        {"dynmax": 3, "reason": "high load, high swap"},
        {"stopping": Stopping.DRAINING},
        {"state": BuildState.FINISHED},
        {"state": BuildState.INTERRUPTED},
        {"state": BuildState.GONE},
        {"state": BuildState.GONE, "age": 23},
        {"state": BuildState.STALE, "age": 207 * 86400},
        {"host": HostSample()},
        {"active": None, "max_workers": None, "dynmax": None},
    ],
    ids=str,
)
def test_nothing_shifts_when_the_state_changes(columns: int, other: dict[str, object]) -> None:
    # In a frame they are without the state, which is to be another.
    framed = header_parts(builds.building(), columns + FRAME, framed=True)
    for parts, before, after in zip(
        framed,
        figures(builds.building(), columns),
        figures(builds.building(**other), columns),
        strict=True,
    ):
        if columns < 60 and "host" in other:
            continue  # in short words nothing is kept free for what is unknown
        kept = len(parts)
        if columns == 34 and other.get("state") is BuildState.INTERRUPTED:
            kept -= 2 * ("/hr" in joined(header_parts(builds.building(), columns, framed=False)[1]))
        places = [x for x, _ in before][:kept]
        assert [x for x, _ in after][: len(places)] == places


def _sizes() -> st.SearchStrategy[Snapshot]:
    count = st.integers(0, 10**6)
    some = st.none() | st.integers(0, 1024)
    figure = st.none() | st.floats(0, 10**4)
    return st.builds(
        builds.building,
        state=st.sampled_from(BuildState),
        stopping=st.none() | st.sampled_from(Stopping),
        elapsed=st.none() | st.integers(0, 10**7),
        active=some,
        max_workers=some,
        dynmax=some,
        age=st.none() | count,
        workers=st.sampled_from((builds.stalled().workers, builds.rows(2, 3), ())),
        reason=st.none() | st.text(max_size=40),
        host=st.builds(HostSample, load=figure, swap_pct=st.none() | st.floats(0, 100)),
        rate=figure,
        run_rate=figure,
        impulse=st.none() | count,
        totals=st.builds(Totals, count, count, count, count, count, count),
    )


@given(_sizes(), st.integers(0, 300), st.booleans(), st.booleans(), st.booleans())
@settings(max_examples=150)
def test_no_line_is_ever_wider_than_the_screen(
    snapshot: Snapshot, columns: int, framed: bool, run_rate: bool, frozen: bool
) -> None:
    room = max(0, columns - FRAME) if framed else columns
    lines = shown(snapshot, columns, framed=framed, run_rate=run_rate, at=Shown(frozen))
    assert max(map(width, lines)) <= room
    assert all(clean(line) == line for line in lines)


@given(_sizes())
@settings(max_examples=50)
def test_at_80_columns_no_figure_is_left_out(snapshot: Snapshot) -> None:
    first, second, third = header_lines(snapshot)
    for line, whole in zip(shown(snapshot, 80), (first, second, third), strict=True):
        assert line.startswith(whole)


def test_below_60_columns_it_is_said_in_short_words() -> None:
    assert shown(builds.building(), 50) == [
        "3/4  DynMax 4  Load 3.24  Swap 2%",
        "00:15:43  180.0/hr  +3         building, 2 failed",
        "Queue 142  Built 38  Fail 2  Skip 5",
    ]


def test_below_34_columns_it_is_said_in_figures() -> None:
    assert shown(builds.building(), 30) == ["3/4[4] L3.24 S2%", "00:15:43 180.0/hr", "Q142 B38 F2 I0 S5"]


def test_a_line_with_figures_too_long_is_said_shorter_and_the_others_stay() -> None:
    """A whole ports tree on 64 columns: half a number would be a wrong one."""
    snapshot = builds.building(totals=Totals(40000, 38000, 120, 1000, 500))
    lines = shown(snapshot, 64)
    assert [line[:50].rstrip() for line in lines[:2]] == [line[:50] for line in header_lines(snapshot)[:2]]
    assert lines[2] == "Queue 40000  Built 38000  Fail 120  Skip 500"


def test_what_does_not_fit_even_in_figures_is_cut_and_says_so() -> None:
    snapshot = builds.building(totals=Totals(40000, 38000, 120, 1000, 500))
    assert shown(snapshot, 20)[2] == "Q40000 B38000 F120 …"


# -- the frame's title -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "title"),
    [
        (Source(SourceKind.RUN, None, "builder1", "LiveSystem"), "synthtop  LiveSystem"),
        (Source(SourceKind.TEXT, "/build/monitor.dat"), "synthtop  /build/monitor.dat"),
        (Source(SourceKind.JSON, "/build/monitor.json", "builder1", "LiveSystem"), "synthtop  LiveSystem"),
        (Source(SourceKind.RUN), "synthtop"),
        (Source(SourceKind.RUN, None, None, EVIL), f"synthtop  {clean(EVIL)}"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_title_says_which_build_it_is(source: Source, title: str) -> None:
    assert joined(title_parts("synthtop", builds.building(source=source), Role.FRAME)) == title


def test_the_title_has_the_frames_colour_but_in_a_quiet_one_the_name_is_to_be_read() -> None:
    snapshot = builds.building()
    assert [part.role for part in title_parts("synthtop", snapshot, Role.FAILED)] == [Role.FAILED] * 2
    assert [part.role for part in title_parts("synthtop", snapshot, Role.FRAME)] == [Role.LABEL, Role.VALUE]


# -- ETA ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("eta", "text"),
    [
        (Eta(2460, 360), "ETA 0h41 ±6m"),
        (Eta(2489, 361), "ETA 0h41 ±7m"),
        (Eta(2490, 0), "ETA 0h42 ±1m"),
        (Eta(3600, 3541), "ETA 1h00 ±1h00"),
        (Eta(43500, 7750), "ETA 12h05 ±2h10"),
        (Eta(359_969, 360_000), "ETA 99h59 ±4d04"),
        (Eta(359_970, 60), "ETA 4d04 ±1m"),
        (Eta(10**15, 10**15), "ETA 999d23 ±999d23"),
    ],
)
def test_the_time_to_go_is_hours_and_minutes_with_its_uncertainty(eta: Eta, text: str) -> None:
    assert eta_text(eta) == text


@pytest.mark.parametrize(
    ("eta", "text"),
    [
        (Eta(260, 40), "ETA 4m20 ±40s"),
        (Eta(261, 41), "ETA 4m30 ±50s"),
        (Eta(590, 51), "ETA 9m50 ±1m"),
        (Eta(591, 61), "ETA 0h10 ±2m"),
        (Eta(59, 0), "ETA 1m00 ±10s"),
        (Eta(11, 3), "ETA 0m20 ±10s"),
        (Eta(1, 0), "ETA 0m10 ±10s"),
        (Eta(0, 0), "ETA 0m10 ±10s"),
        (Eta(-5, -5), "ETA 0m10 ±10s"),
    ],
)
def test_the_last_ten_minutes_are_told_in_tens_of_seconds_and_never_as_none(eta: Eta, text: str) -> None:
    assert eta_text(eta) == text


@given(st.integers(-10, 400_000), st.integers(-10, 86_400))
def test_whatever_the_time_to_go_is_the_eta_has_four_columns_of_it_or_five(seconds: int, spread: int) -> None:
    form = r"ETA (\dm[0-5]0|\d?\dh[0-5]\d|\dd[0-2]\d) ±([1-5]0s|[1-5]?\dm|\d?\dh[0-5]0)"
    assert re.fullmatch(form, eta_text(Eta(seconds, spread)))


NOON = 1_777_636_800.0
"""Friday, the first of May 2026, 12:00 UTC."""


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (0, "12:00"),
        (3_660, "13:01"),
        (12 * 3600 - 60, "23:59"),
        (12 * 3600, "Sat 00:00"),
        (6 * 86_400 - 60, "Thu 11:59"),
        (6 * 86_400, "7 May 12:00"),
        (365 * 86_400, "1 May 12:00"),
        (-86_400, "30 Apr 12:00"),
        (1e20, None),
        (math.nan, None),
        (math.inf, None),
    ],
)
def test_an_end_on_another_day_is_told_with_that_day(ahead: float, said: str | None) -> None:
    assert time_of_day(NOON + ahead, NOON, time.gmtime) == said


def test_an_end_in_the_small_hours_that_is_soon_is_of_another_day_where_it_is_late_here() -> None:
    def east(moment: float) -> time.struct_time:
        return time.gmtime(moment + 11 * 3600)

    assert time_of_day(NOON + 3600, NOON, time.gmtime) == "13:00"
    assert time_of_day(NOON + 3600, NOON, east) == "Sat 00:00"


def test_the_time_of_day_stands_in_the_place_of_the_time_to_go() -> None:
    assert eta_text(Eta(2460, 360), "14:32") == "ETA 14:32 ±6m"
    assert eta_text(Eta(100, 20), "Fri 14:32") == "ETA Fri 14:32 ±1m"


def test_an_end_that_wavers_is_told_as_one_minute_until_it_is_really_another() -> None:
    told = [whole_minute(NOON + 29)]
    for moment in (31, 29, 59, -59, 60, 31, 1, -1):
        told.append(whole_minute(NOON + moment, told[-1]))
    assert [moment - NOON for moment in told] == [0, 0, 0, 0, 0, 60, 60, 60, 0]


@given(st.floats(0, 1e12), st.floats(-200, 200))
def test_the_minute_that_is_told_is_less_than_one_away(moment: float, before: float) -> None:
    assert abs(whole_minute(moment, moment + before) - moment) < 60


@pytest.mark.parametrize(
    "changes",
    [{"state": state} for state in BuildState if state is not BuildState.BUILDING]
    + [{"stopping": stage} for stage in Stopping],
    ids=str,
)
def test_of_a_build_that_does_not_go_on_nothing_is_to_be_expected(changes: dict[str, Any]) -> None:
    snapshot = builds.throttled()
    assert shown_eta(snapshot) == Eta(2460, 360)
    assert shown_eta(replace(snapshot, **changes)) is None
