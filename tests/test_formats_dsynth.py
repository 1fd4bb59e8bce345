"""dsynth's binary monitor.dat, in all its layouts: what it says, what is not believed, and what we write."""

from __future__ import annotations

import math
import struct
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.formats import FormatError, dsynth
from synthtop.formats.dsynth import BeingReset, decode, encode
from synthtop.model import (
    HOLDING,
    BuildState,
    HostSample,
    Snapshot,
    Source,
    SourceKind,
    Totals,
    WorkerRow,
    WorkerState,
)

from . import samples
from .samples import NOW, Slot

SECOND = int(NOW)
RUNNING = Slot(3, 14, SECOND - 83, 1234, origin="devel/gmake")
ROW = WorkerRow(0, WorkerState.RUNNING, "build", "devel/gmake", NOW - 83, 83, 1234)


def read(version: str = "1.0.2", **said: Any) -> Snapshot:
    return decode(samples.dsynth(version, **said), now=NOW)


def row(slot: Slot, version: str = "1.0.2", **said: Any) -> WorkerRow:
    return read(version, slots=[slot], **said).workers[0]


# -- what it says ------------------------------------------------------------------------------------


def test_the_newest_version_says_all_its_figures() -> None:
    snapshot = read()
    assert snapshot.state is BuildState.BUILDING
    assert snapshot.source == Source(SourceKind.DSYNTH, name="LiveSystem", logs="/build/synth/logs")
    assert (snapshot.active, snapshot.max_workers, snapshot.dynmax) == (5, 8, 6)
    assert (snapshot.host.load, snapshot.host.swap_pct, snapshot.host.no_swap) == (14.2, 2.25, False)
    assert (snapshot.elapsed, snapshot.started, snapshot.time) == (943, NOW - 943, NOW)
    assert snapshot.totals == Totals(142, 38, 2, 1, 5, 1)
    assert snapshot.totals.remaining == 95


def test_its_rates_are_the_whole_runs_and_the_10_minutes() -> None:
    snapshot = read()
    assert (snapshot.run_rate, snapshot.impulse_10m) == (24.0, 31.0)
    assert (snapshot.rate, snapshot.impulse) == (None, None)


def test_each_slot_says_what_it_does() -> None:
    running, none = WorkerState.RUNNING, WorkerState.NONE
    assert read().workers == (
        ROW,
        WorkerRow(1, running, "configure", "lang/python311", NOW - 7, 7, 112),
        WorkerRow(2, running, "build", "lang/rust", NOW - 45296, 45296, 12_345_678),
        WorkerRow(3, WorkerState.IDLE),
        WorkerRow(4, WorkerState.PENDING, "pending", "devel/foo@py311", NOW, 0, 0),
        WorkerRow(5, WorkerState.FAILED, "package", "x11/broken", NOW - 9, None, 88),
        WorkerRow(6, running, "Run-Unknown", "misc/from-the-future", NOW - 60, 60, 3),
        WorkerRow(7, none),
    )


def test_the_14_integers_of_1_02_have_their_own_phases() -> None:
    snapshot = read("1.02")
    assert [worker.phase for worker in snapshot.workers] == ["install", "install-mtree"]
    assert snapshot.totals == Totals(142, 38, 2, 1, 5, 1)
    assert (snapshot.active, snapshot.elapsed, snapshot.host.load) == (2, 943, 14.2)


def test_the_13_integers_of_1_01_too() -> None:
    snapshot = read("1.01")
    assert [worker.phase for worker in snapshot.workers] == ["install", "install-mtree"]
    assert snapshot.source.name == "Other"
    assert snapshot.elapsed == (127 * 60 + 3) * 60 + 9
    assert (snapshot.host.swap_pct, snapshot.host.no_swap) == (None, True)
    assert snapshot.totals.remaining == 95


def test_1_02_came_with_15_integers_too_and_the_new_phases() -> None:
    snapshot = read("1.02", ints=15, slots=samples.SLOTS_1_0_2)
    assert replace(snapshot, workers=()).totals == Totals(142, 38, 2, 1, 5, 1)
    assert snapshot.workers == read().workers


@pytest.mark.parametrize(
    ("version", "ints", "number", "name"),
    [
        ("1.0.2", 15, 0, "pending"),
        ("1.0.2", 15, 1, "install-pkgs"),
        ("1.0.2", 15, 19, "package"),
        ("1.0.2", 15, 20, "install"),
        ("1.0.2", 15, 21, "deinstall"),
        ("1.0.2", 15, 25, "make-conf"),
        ("1.0.2", 15, 26, "Run-Unknown"),
        ("1.0.2", 15, -1, "Run-Unknown"),
        ("1.02", 15, 20, "install"),
        ("1.02", 14, 19, "package"),
        ("1.02", 14, 20, "install-mtree"),
        ("1.02", 14, 22, "deinstall"),
        ("1.02", 14, 23, "Run-Unknown"),
        ("1.01", 13, 21, "install"),
    ],
)
def test_a_phases_number_means_what_its_version_says(version: str, ints: int, number: int, name: str) -> None:
    assert row(RUNNING._replace(phase=number), version, ints=ints).phase == name


def test_how_many_hold_a_package_is_counted_and_not_what_active_says() -> None:
    states = [Slot(state, origin="a/b") for state in range(8)]
    assert read(active=1, slots=states).active == 3
    assert read(active=8, slots=[Slot(1)]).active == 0


@pytest.mark.parametrize(
    ("version", "figures", "state"),
    [
        ("1.0.2", {"active": 1, "remaining": 0}, BuildState.BUILDING),
        ("1.0.2", {"active": 0, "remaining": 0}, BuildState.FINISHED),
        ("1.0.2", {"active": 0, "remaining": 7}, BuildState.INTERRUPTED),
        ("1.02", {"active": 0, "remaining": 7}, BuildState.INTERRUPTED),
        ("1.01", {"remaining": 7}, BuildState.BUILDING),
        ("1.01", {"remaining": 0}, BuildState.FINISHED),
    ],
)
def test_the_state_is_what_active_and_remaining_say(
    version: str, figures: dict[str, Any], state: BuildState
) -> None:
    assert read(version, **figures).state is state


@pytest.mark.parametrize(("remaining", "meta"), [(95, 1), (90, 6), (96, 0), (200, 0), (-5, 96)])
def test_without_a_count_of_its_own_meta_is_what_else_is_done(remaining: int, meta: int) -> None:
    assert read("1.02", remaining=remaining).totals.meta == meta


def test_an_idle_slot_keeps_nothing_of_what_it_held() -> None:
    assert row(RUNNING._replace(state=1)) == WorkerRow(0, WorkerState.IDLE)
    assert row(RUNNING._replace(state=0)) == WorkerRow(0, WorkerState.NONE)


def test_a_pending_slot_has_not_the_phase_of_its_last_package() -> None:
    assert row(RUNNING._replace(state=2)).phase == "pending"


@pytest.mark.parametrize("state", [5, 6, 7])
def test_a_slot_without_a_package_has_only_its_state(state: int) -> None:
    slots = [Slot(state, 19, SECOND - 9, 88)]
    assert read(slots=slots).workers == (WorkerRow(0, list(WorkerState)[state]),)


@pytest.mark.parametrize("profile", ["", "Live\x1b[2J", "日本", "x" * 63])
def test_names_are_kept_as_they_are(profile: str) -> None:
    assert read(profile=profile).source.name == (profile or None)


def test_what_is_no_utf_8_is_replaced() -> None:
    assert row(RUNNING._replace(origin=b"devel/\xff\xfe")).origin == "devel/��"


def test_without_a_logs_directory_there_is_none() -> None:
    assert read(logs="").source.logs is None


# -- what is not believed ----------------------------------------------------------------------------

BEFORE = read(slots=[Slot(1), RUNNING])
HALF_WRITTEN = [
    RUNNING._replace(state=8),
    RUNNING._replace(state=-1),
    RUNNING._replace(lines=-1),
    RUNNING._replace(lines=1 << 60),
    RUNNING._replace(started=SECOND + 90_000),
    RUNNING._replace(started=1 << 62),
    RUNNING._replace(origin="x" * 128),
]


@pytest.mark.parametrize("slot", HALF_WRITTEN)
def test_a_half_written_slot_is_as_it_was_before(slot: Slot) -> None:
    snapshot = decode(samples.dsynth(slots=[Slot(1), slot]), now=NOW, before=BEFORE)
    assert snapshot.workers == BEFORE.workers
    assert snapshot.active == 1


@pytest.mark.parametrize("slot", HALF_WRITTEN)
def test_one_that_was_not_known_before_is_none(slot: Slot) -> None:
    snapshot = decode(samples.dsynth(slots=[Slot(1), RUNNING, slot]), now=NOW, before=BEFORE)
    assert snapshot.workers[2] == WorkerRow(2, WorkerState.NONE)
    assert read(slots=[slot]).workers == (WorkerRow(0, WorkerState.NONE),)


def test_a_whole_slot_is_as_it_is_whatever_was_before() -> None:
    snapshot = decode(samples.dsynth(slots=[RUNNING, Slot(1)]), now=NOW, before=BEFORE)
    assert snapshot.workers == (ROW, WorkerRow(1, WorkerState.IDLE))


@pytest.mark.parametrize("ahead", [0, 1, 60])
def test_a_clock_that_is_a_little_ahead_makes_no_negative_duration(ahead: int) -> None:
    found = row(RUNNING._replace(started=SECOND + ahead))
    assert (found.started, found.elapsed) == (NOW + ahead, 0)


@pytest.mark.parametrize("started", [0, -1, -(1 << 62), SECOND + 61, SECOND + 3600, SECOND - 10**9])
def test_a_start_that_cannot_be_is_not_known_and_the_rest_of_the_slot_is(started: int) -> None:
    found = row(RUNNING._replace(started=started))
    assert found == ROW._replace(started=None, elapsed=None)


@pytest.mark.parametrize("load", [math.nan, math.inf, -math.inf, -1.0, 1e300])
def test_a_load_that_cannot_be_is_not_known(load: float) -> None:
    assert read(load=(load, 1.0, 1.0)).host.load is None


@pytest.mark.parametrize("swap", [math.nan, math.inf, -0.5, 100.5, 1e300])
def test_swap_that_cannot_be_is_not_known_but_there_is_some(swap: float) -> None:
    host = read(swap=swap).host
    assert (host.swap_pct, host.no_swap) == (None, False)


def test_negative_figures_are_none_or_0() -> None:
    names = ("pkgimpulse", "pkgrate", "h", "total", "successful", "ignored", "failed", "skipped", "meta")
    figures: dict[str, Any] = dict.fromkeys((*names, "dynmaxworkers", "remaining"), -1)
    snapshot = read(**figures)
    assert (snapshot.run_rate, snapshot.impulse_10m, snapshot.dynmax) == (None, None, None)
    assert (snapshot.elapsed, snapshot.started) == (None, None)
    assert snapshot.totals == Totals()


@pytest.mark.parametrize(
    ("says", "slots"), [(-1, 0), (0, 0), (3, 3), (1024, 1024), (1025, 1024), (2**31 - 1, 1024)]
)
def test_there_are_no_more_slots_than_the_file_has(says: int, slots: int) -> None:
    snapshot = read(maxworkers=says)
    assert snapshot.max_workers == slots
    assert [worker.slot for worker in snapshot.workers] == list(range(slots))


# -- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize("version", samples.INTS_OF)
def test_an_emptied_file_is_being_reset(version: str) -> None:
    with pytest.raises(BeingReset):
        decode(samples.being_reset(version), now=NOW)


def test_what_stands_behind_a_version_that_is_not_there_yet_is_not_read() -> None:
    with pytest.raises(BeingReset):
        decode(b"\0" + samples.dsynth()[1:], now=NOW)


def test_another_version_is_told_with_those_that_are_known() -> None:
    data = b"1.0.3" + samples.dsynth()[5:]
    with pytest.raises(
        FormatError, match=r"version '1\.0\.3': expected one of dsynth's 1\.01, 1\.02, 1\.0\.2"
    ):
        decode(data, now=NOW)


@pytest.mark.parametrize(
    ("version", "cut", "told"),
    [
        ("1.0.2", 320_583, "version 1.0.2: expected 320584 bytes, found 320583"),
        ("1.0.2", 320_576, "version 1.0.2: expected 320584 bytes, found 320576"),
        ("1.0.2", 40, "version 1.0.2: expected 320584 bytes, found 40"),
        ("1.02", 1000, "version 1.02: expected 320576 or 320584 bytes, found 1000"),
        ("1.01", 320_575, "version 1.01: expected 320576 bytes, found 320575"),
        ("1.0.2", 0, "expected a dsynth monitor file of 320576 or 320584 bytes, found 0"),
    ],
)
def test_a_file_cut_short_is_told_with_both_sizes(version: str, cut: int, told: str) -> None:
    with pytest.raises(FormatError) as error:
        decode(samples.dsynth(version)[:cut], now=NOW)
    assert str(error.value) == told


def test_one_that_is_too_long_too() -> None:
    with pytest.raises(FormatError, match="expected 320584 bytes, found 320585"):
        decode(samples.dsynth() + b"\0", now=NOW)


@pytest.mark.parametrize("figures", [{"m": 60}, {"s": 60}, {"m": -1}, {"s": -1}, {"m": 142}])
def test_minutes_that_are_none_tell_another_layout(figures: dict[str, Any]) -> None:
    with pytest.raises(
        FormatError, match=r"version 1\.02: expected hours, minutes and seconds in the 14 integers"
    ):
        read("1.02", **figures)


# -- what is written ---------------------------------------------------------------------------------

OURS = Snapshot(
    seq=943,
    state=BuildState.BUILDING,
    time=NOW,
    started=NOW - 457389,
    elapsed=457389,
    source=Source(SourceKind.RUN, None, "builder1", "LiveSystem", "/build/logs"),
    active=2,
    max_workers=4,
    dynmax=3,
    host=HostSample(load=3.24, ncpus=4, swap_pct=2.5),
    rate=60.0,
    impulse=3,
    run_rate=152.7,
    impulse_10m=140.0,
    totals=Totals(142, 38, 2, 1, 5, 1),
    workers=(
        ROW,
        WorkerRow(1, WorkerState.RUNNING, "compile", "devel/foo@py311", NOW - 7.5, 7, 12, "/build/foo.log"),
        WorkerRow(2, WorkerState.IDLE),
        WorkerRow(3, WorkerState.NONE),
    ),
)


def ints(data: bytes, at: int, count: int = 1) -> tuple[int, ...]:
    return struct.unpack_from(f"<{count}i", data, at)


def string(data: bytes, at: int) -> bytes:
    return data[at : data.index(0, at)]


def test_each_figure_stands_where_the_newest_version_has_it() -> None:
    data = encode(OURS)
    assert len(data) == 320_584
    assert string(data, 0) == b"1.0.2"
    assert ints(data, 32, 2) == (4, 4)
    assert ints(data, 40, 15) == (1, 140, 152, 0, 127, 3, 9, 142, 38, 1, 95, 2, 5, 1, 3)
    assert struct.unpack_from("<2d", data, 104) == (2.5, 3.24)
    assert string(data, 776) == b"/build/logs"
    assert string(data, 1032) == b"LiveSystem"
    slot = 1096 + 312
    assert ints(data, slot + 64, 2) == (3, 99)
    assert struct.unpack_from("<3q", data, slot + 72) == (SECOND - 8, 12, 0)
    assert string(data, slot + 184) == b"devel/foo@py311"


def test_each_configured_slot_says_its_number_which_is_its_line_in_dsynths_monitor() -> None:
    data = encode(replace(OURS, max_workers=6))
    assert [ints(data, 1096 + 312 * slot)[0] for slot in range(8)] == [0, 1, 2, 3, 4, 5, 0, 0]


def test_what_is_unknown_is_0_and_swap_is_none() -> None:
    data = encode(Snapshot(seq=1, state=BuildState.BUILDING, time=NOW, source=Source(SourceKind.RUN)))
    assert ints(data, 32, 17) == (0, 0, 1, 0, 0, 1, *[0] * 11)
    assert not any(data[40 + 60 : 904])
    assert decode(data, now=NOW).host == HostSample(no_swap=True, load=0.0)


@pytest.mark.parametrize("figure", [math.nan, math.inf, -1.0])
def test_a_figure_that_cannot_be_is_written_as_0(figure: float) -> None:
    data = encode(
        replace(OURS, run_rate=figure, impulse_10m=figure, host=HostSample(load=figure, swap_pct=2.0))
    )
    assert ints(data, 44, 2) == (0, 0)
    assert struct.unpack_from("<d", data, 112) == (0.0,)


def test_a_number_too_large_for_its_field_is_the_largest() -> None:
    data = encode(replace(OURS, totals=Totals(1 << 40, 38), run_rate=1e12))
    assert (ints(data, 68)[0], ints(data, 48)[0]) == (2**31 - 1, 2**31 - 1)


@pytest.mark.parametrize("state", BuildState)
def test_a_build_that_will_go_on_is_active(state: BuildState) -> None:
    ended = {BuildState.FINISHED, BuildState.INTERRUPTED, BuildState.GONE, BuildState.WAITING}
    assert ints(encode(replace(OURS, state=state)), 40) == (int(state not in ended),)


@pytest.mark.parametrize("state", [BuildState.FINISHED, BuildState.INTERRUPTED, BuildState.BUILDING])
def test_how_a_build_ended_is_read_again(state: BuildState) -> None:
    assert decode(encode(replace(OURS, state=state)), now=NOW).state is state


@pytest.mark.parametrize(
    ("origin", "kept"),
    [("x" * 127, "x" * 127), ("x" * 128, "x" * 127), ("日" * 50, "日" * 42), ("a\0b", "a"), ("\ud800", "?")],
)
def test_a_text_is_cut_where_the_room_ends_and_between_characters(origin: str, kept: str) -> None:
    snapshot = replace(OURS, workers=(ROW._replace(origin=origin),))
    assert decode(encode(snapshot), now=NOW).workers[0].origin == kept


@pytest.mark.parametrize("logs", ["/" + "x" * 127, "/a\0b", None])
def test_a_path_that_would_be_cut_is_left_out(logs: str | None) -> None:
    snapshot = replace(OURS, source=OURS.source._replace(logs=logs))
    assert decode(encode(snapshot), now=NOW).source.logs is None


def test_rows_beyond_what_is_configured_are_there_and_those_beyond_the_file_not() -> None:
    rows = (ROW._replace(slot=9), ROW._replace(slot=1024), ROW._replace(slot=-1))
    found = decode(encode(replace(OURS, workers=rows)), now=NOW)
    assert found.max_workers == 10
    assert [worker.slot for worker in found.workers if worker.origin] == [9]


@pytest.mark.parametrize("version", samples.INTS_OF)
def test_a_file_of_any_version_can_be_had_in_the_newest(version: str) -> None:
    snapshot = read(version)
    again = decode(encode(snapshot), now=NOW)
    for name in (
        "state",
        "source",
        "elapsed",
        "active",
        "max_workers",
        "dynmax",
        "host",
        "run_rate",
        "totals",
    ):
        assert getattr(again, name) == getattr(snapshot, name)
    phases = [
        worker.phase if worker.phase != "install-mtree" else "Run-Unknown" for worker in snapshot.workers
    ]
    assert [worker.phase for worker in again.workers] == phases
    assert [worker._replace(phase=None) for worker in again.workers] == [
        worker._replace(phase=None) for worker in snapshot.workers
    ]


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
COUNT = st.integers(0, 2**31 - 1)
STATES = [state for state in WorkerState if state not in (WorkerState.NONE, WorkerState.IDLE)]


@st.composite
def rows(draw: st.DrawFn, slot: int) -> WorkerRow:
    state = draw(st.sampled_from(WorkerState))
    if state not in STATES:
        return WorkerRow(slot, state)
    phase = (
        "pending" if state is WorkerState.PENDING else draw(st.sampled_from(["fetch", "build", "make-conf"]))
    )
    age = draw(st.integers(0, 10**6))
    return WorkerRow(
        slot,
        state,
        phase,
        draw(TEXT.filter(bool)),
        NOW - age,
        age if state in HOLDING else None,
        draw(st.integers(0, 1 << 53)),
    )


@given(
    state=st.sampled_from([BuildState.BUILDING, BuildState.INTERRUPTED]),
    name=TEXT.filter(bool),
    logs=TEXT.filter(bool),
    elapsed=st.integers(0, 10**8),
    dynmax=st.integers(0, 1024),
    load=st.floats(0, 1e6),
    swap=st.none() | st.floats(0, 100),
    rates=st.tuples(COUNT, COUNT),
    done=st.tuples(COUNT, COUNT, COUNT, COUNT, COUNT),
    remaining=st.integers(1, 10**9),
    workers=st.integers(0, 4).flatmap(lambda count: st.tuples(*map(rows, range(count)))),
)
@settings(max_examples=60, deadline=None)
def test_what_is_written_reads_the_same_again(
    state: BuildState,
    name: str,
    logs: str,
    elapsed: int,
    dynmax: int,
    load: float,
    swap: float | None,
    rates: tuple[int, int],
    done: tuple[int, ...],
    remaining: int,
    workers: tuple[WorkerRow, ...],
) -> None:
    snapshot = Snapshot(
        seq=1,
        state=state,
        time=NOW,
        source=Source(SourceKind.RUN, None, None, name, logs),
        elapsed=elapsed,
        max_workers=len(workers),
        dynmax=dynmax,
        host=HostSample(load=load, swap_pct=swap, no_swap=swap is None),
        run_rate=float(rates[0]),
        impulse_10m=float(rates[1]),
        totals=Totals(min(sum(done) + remaining, 2**31 - 1), *done),
        workers=workers,
    )
    again = decode(encode(snapshot), now=NOW)
    assert again.source == Source(SourceKind.DSYNTH, name=name, logs=logs)
    for field in ("max_workers", "elapsed", "dynmax", "host", "run_rate", "impulse_10m", "totals", "workers"):
        assert getattr(again, field) == getattr(snapshot, field)
    assert again.active == sum(worker.state in HOLDING for worker in workers)
    assert encode(again)[40:] == encode(replace(snapshot, state=again.state))[40:]


@given(st.integers(0, 1200), st.binary(min_size=1, max_size=16), st.sampled_from([*samples.INTS_OF]))
@settings(max_examples=100, deadline=None)
def test_no_bytes_in_its_header_or_first_slot_give_another_error(at: int, junk: bytes, version: str) -> None:
    data = samples.dsynth(version)
    spoilt = data[:at] + junk + data[at + len(junk) :]
    try:
        snapshot = decode(spoilt, now=NOW)
    except FormatError:
        return
    assert encode(snapshot)[: dsynth.VERSION_BYTES] == samples.dsynth()[: dsynth.VERSION_BYTES]
