"""dsynth's Report/: what its page would show, read and written."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.formats import FormatError, report
from synthtop.model import (
    BuildState,
    Finished,
    HostSample,
    Outcome,
    Snapshot,
    Source,
    SourceKind,
    Totals,
    WorkerRow,
    WorkerState,
)
from tests import samples

NOW = samples.NOW
FINISHED = [
    Finished("shells/bash", Outcome.BUILT, 134, 1, duration=131),
    Finished("editors/vim", Outcome.FAILED, 180, 3, "configure", duration=69, blocks=3),
    Finished("editors/vim-tiny", Outcome.SKIPPED, 180, reason="editors/vim"),
    Finished("lang/baz", Outcome.IGNORED, 181, reason="BROKEN: does not fetch", blocks=2),
    Finished("devel/meta", Outcome.META, 181),
]


def read(**changes: Any) -> Snapshot:
    return report.decode(samples.summary(**changes), now=NOW)


def fields(data: bytes) -> dict[str, Any]:
    value = json.loads(data)
    assert isinstance(value, dict)
    return value


def test_the_summary_says_the_numbers_of_the_build() -> None:
    said = read()
    assert said.source == Source(SourceKind.REPORT, name="LiveSystem")
    assert (said.state, said.elapsed, said.started) == (BuildState.BUILDING, 943, 1777629600.0)
    assert said.totals == Totals(142, 38, 2, 1, 5, 1)
    assert said.totals.remaining == 95
    assert said.host == HostSample(load=14.2, swap_pct=2.2)
    assert (said.run_rate, said.impulse_10m, said.rate, said.impulse) == (24.0, 31.0, None, None)
    assert (said.active, said.max_workers, said.dynmax) == (3, 5, None)


def test_each_builder_is_a_row() -> None:
    assert read().workers == (
        WorkerRow(0, WorkerState.RUNNING, "build", "devel/gmake", NOW - 83, 83, 1234),
        WorkerRow(1, WorkerState.RUNNING, "configure", "lang/python311", NOW - 7, 7, 112),
        WorkerRow(2, WorkerState.RUNNING, "build", "lang/rust", NOW - 45296, 45296, 12_345_678),
        WorkerRow(3, WorkerState.IDLE),
        WorkerRow(4, WorkerState.NONE),
    )


@pytest.mark.parametrize(
    ("phase", "state", "shown"),
    [
        ("Pending", WorkerState.PENDING, "pending"),
        ("Done", WorkerState.DONE, None),
        ("FROZEN", WorkerState.FROZEN, None),
        ("Failed", WorkerState.FAILED, None),
        ("Exiting", WorkerState.EXITING, None),
        ("pending", WorkerState.RUNNING, "pending"),
        ("Run-Unknown", WorkerState.RUNNING, "Run-Unknown"),
    ],
)
def test_a_state_stands_in_the_place_of_a_phase(phase: str, state: WorkerState, shown: str | None) -> None:
    builder = {"ID": "07", "elapsed": " 00:00:10", "phase": phase, "origin": "a/b", "lines": "3"}
    assert read(builders=[builder]).workers == (WorkerRow(7, state, shown, "a/b", NOW - 10, 10, 3),)


def test_hours_may_have_three_digits() -> None:
    assert read(elapsed="127:03:09").elapsed == 457389


@pytest.mark.parametrize(
    "kickoff", ["", " 31-Foo-2026 10:00:00 UTC", "yesterday", " 01-May-2026 10:00:00 CEST"]
)
def test_without_a_start_that_can_be_read_it_is_reckoned_from_what_has_elapsed(kickoff: str) -> None:
    value = {**fields(samples.summary()), "kickoff": kickoff}
    assert report.decode(json.dumps(value).encode(), now=NOW).started == NOW - 943


def test_without_swap_it_says_so() -> None:
    host = read(swapinfo="-    ").host
    assert (host.swap_pct, host.no_swap) == (None, True)


def test_an_older_version_has_its_meta_packages_in_what_remains() -> None:
    totals = read(without=["meta"]).totals
    assert (totals.meta, totals.remaining) == (1, 95)


@pytest.mark.parametrize(
    ("built", "state"), [(38, BuildState.INTERRUPTED), (133, BuildState.FINISHED), (200, BuildState.FINISHED)]
)
def test_a_build_that_is_not_active_is_over(built: int, state: BuildState) -> None:
    assert read(active=0, built=built).state is state


@pytest.mark.parametrize(
    ("name", "value"),
    [("load", "nan"), ("load", "-1"), ("swapinfo", "300.0"), ("elapsed", "99999999:00:00"), ("elapsed", "x")],
)
def test_a_figure_that_cannot_be_is_none(name: str, value: str) -> None:
    said = read(**{name: value})
    found = {"load": said.host.load, "swapinfo": said.host.swap_pct, "elapsed": said.elapsed}
    assert found[name] is None
    assert said.totals.built == 38


@pytest.mark.parametrize(
    ("path", "wrong", "told"),
    [
        (("stats",), [], "stats: expected an object, found a list"),
        (("stats", "built"), -1, "stats.built: expected a whole number, 0 or more, found int -1"),
        (("stats", "built"), "x", "stats.built: expected a whole number, 0 or more, found the string 'x'"),
        (("active",), None, "active: expected 0 or 1, found nothing"),
        (("active",), True, "active: expected a whole number, 0 or more, found bool True"),
        (("builders",), {}, "builders: expected a list, found an object"),
        (("builders",), [7], "builders[0]: expected an object, found int 7"),
        (("builders",), [{}], "builders[0].ID: expected a whole number, found nothing"),
        (("builders",), [{"ID": 1, "phase": 3}], "builders[0].phase: expected a string, found int 3"),
        (("profile",), 3, "profile: expected a string, found int 3"),
    ],
)
def test_a_wrong_value_is_told_with_its_path(path: tuple[str, ...], wrong: object, told: str) -> None:
    value = fields(samples.summary())
    inner = value
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = wrong
    with pytest.raises(FormatError) as raised:
        report.decode(json.dumps(value).encode(), now=NOW)
    assert str(raised.value) == told


def test_the_summary_says_how_many_histories_there_are() -> None:
    assert report.files_of(samples.summary(kfiles=12)) == 12


@pytest.mark.parametrize("kfiles", [10**9, -1])
def test_more_histories_than_any_build_has_are_a_format_error(kfiles: int) -> None:
    with pytest.raises(FormatError, match="kfiles"):
        report.files_of(samples.summary(kfiles=kfiles))


def test_a_history_has_the_packages_that_ended() -> None:
    assert report.decode_history(samples.history()) == FINISHED


def test_an_outcome_that_is_not_known_is_left_out() -> None:
    entries = [samples.entry(1, "00:00:01", "00", "Unknown", "a/b"), *samples.ENTRIES]
    assert report.decode_history(samples.history(entries)) == FINISHED


@pytest.mark.parametrize(
    ("result", "info", "phase", "reason", "blocks"),
    [
        ("failed", "build:0", "build", None, 0),
        ("failed", "build:", "build", None, 0),
        ("failed", "build: 12", "build", None, 12),
        ("failed", "", None, None, 0),
        ("failed", "build:many", "build", None, 0),
        ("ignored", "a :|: b:|:4", None, "a :|: b", 4),
        ("ignored", "no mark", None, "no mark", 0),
        ("skipped", "a/b", None, "a/b", 0),
        ("built", "", None, None, 0),
    ],
)
def test_the_info_of_an_entry_is_read_by_its_outcome(
    result: str, info: str, phase: str | None, reason: str | None, blocks: int
) -> None:
    (package,) = report.decode_history(
        samples.history([samples.entry(1, "00:00:01", "02", result, "c/d", info)])
    )
    assert (package.phase, package.reason, package.blocks) == (phase, reason, blocks)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"{}", "the file: expected a list, found an object"),
        (b"[7]", r"\[0\]: expected an object, found int 7"),
        (b"[{}]", r"\[0\].origin: expected a string, found nothing"),
        (b'[{"origin": "a/b"}]', r"\[0\].result: expected one of built, "),
        (b'[{"origin": "a/b", "result": "built"}', "no JSON"),
    ],
)
def test_a_wrong_history_is_told(data: bytes, told: str) -> None:
    with pytest.raises(FormatError, match=told):
        report.decode_history(data)


def test_what_is_written_says_the_same_as_dsynths_own() -> None:
    assert json.loads(report.encode(read(), 1)) == json.loads(samples.summary())
    assert json.loads(report.encode_history(1, FINISHED)) == json.loads(samples.history())


def test_entries_are_numbered_from_where_the_last_history_ended() -> None:
    entries = json.loads(report.encode_history(301, FINISHED))
    assert [entry["entry"] for entry in entries] == [301, 302, 303, 304, 305]


def test_a_history_of_nothing_is_an_empty_list() -> None:
    assert json.loads(report.encode_history(1, [])) == []


@pytest.mark.parametrize(
    ("state", "active"),
    [
        (BuildState.BUILDING, 1),
        (BuildState.STALE, 1),
        (BuildState.FINISHED, 0),
        (BuildState.INTERRUPTED, 0),
        (BuildState.GONE, 0),
    ],
)
def test_the_page_looks_on_until_the_build_is_over(state: BuildState, active: int) -> None:
    assert fields(report.encode(replace(read(), state=state), 1))["active"] == active


def test_what_is_unknown_has_a_word_of_its_own() -> None:
    nothing = Snapshot(
        seq=1,
        state=BuildState.BUILDING,
        time=NOW,
        source=Source(SourceKind.TEXT),
        totals=Totals(None, 3, 1),
        workers=(WorkerRow(0, WorkerState.RUNNING, None, "a/b"), WorkerRow(1, WorkerState.NONE)),
    )
    value = fields(report.encode(nothing, 0))
    assert (value["profile"], value["kickoff"]) == ("", "")
    stats = value["stats"]
    assert (stats["queued"], stats["remains"]) == (4, 0)
    assert (stats["elapsed"], stats["swapinfo"], stats["load"]) == (" --:--:--", "-    ", "-    ")
    assert [tuple(builder.values()) for builder in value["builders"]] == [
        ("00", " --:--:--", "Running", "a/b", ""),
        ("01", "Shutdown", "", "", ""),
    ]


@pytest.mark.parametrize("figure", [float("nan"), float("inf"), -1.0, 1e300])
def test_a_figure_that_cannot_be_is_written_as_one_that_can(figure: float) -> None:
    wild = replace(read(), run_rate=figure, impulse_10m=figure, host=HostSample(load=figure, swap_pct=figure))
    report.decode(report.encode(wild, 1), now=NOW)


def test_no_text_can_do_anything_in_the_page() -> None:
    hostile = "x/<script>alert('\"\\\x1b[31m\ud800"
    row = WorkerRow(0, WorkerState.RUNNING, hostile, hostile)
    written = replace(read(), source=Source(SourceKind.RUN, name=hostile), workers=(row,))
    package = Finished(hostile, Outcome.IGNORED, 1, reason=hostile)
    for data in (report.encode(written, 1), report.encode_history(1, [package])):
        assert not any(mark in text for text in strings(json.loads(data)) for mark in "<>'\"\\\x1b\ud800")


def strings(value: Any) -> list[str]:
    """Every string in a JSON value."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for one in inner for text in strings(one)]


ORIGINS = st.from_regex(r"[a-z]{1,9}/[a-z0-9]{1,9}", fullmatch=True)
SECONDS = st.none() | st.integers(0, 10**6)
ROWS = st.one_of(
    st.builds(
        lambda origin, phase, elapsed, lines: WorkerRow(
            0, WorkerState.RUNNING, phase, origin, None if elapsed is None else NOW - elapsed, elapsed, lines
        ),
        ORIGINS, st.sampled_from(["build", "Run-Unknown"]), SECONDS, SECONDS,
    ),
    st.sampled_from([WorkerRow(0, WorkerState.NONE), WorkerRow(0, WorkerState.IDLE)]),
)  # fmt: skip


@given(st.lists(ROWS, max_size=5), st.lists(st.integers(0, 10**6), min_size=6, max_size=6), SECONDS)
@settings(max_examples=80)
def test_what_is_written_reads_the_same_again(
    rows: list[WorkerRow], counts: list[int], elapsed: int | None
) -> None:
    written = replace(
        read(),
        elapsed=elapsed,
        totals=Totals(*counts),
        workers=tuple(row._replace(slot=slot) for slot, row in enumerate(rows)),
    )
    again = report.decode(report.encode(written, 3), now=NOW)
    for name in (
        "state",
        "source",
        "started",
        "elapsed",
        "host",
        "totals",
        "run_rate",
        "impulse_10m",
        "workers",
    ):
        assert getattr(again, name) == getattr(written, name), name


@st.composite
def packages(draw: st.DrawFn) -> Finished:
    """One that ended in any way, with all that a history says of it."""
    origin, outcome, at = draw(ORIGINS), draw(st.sampled_from(Outcome)), draw(SECONDS)
    slot = draw(st.none() | st.integers(0, 1023))
    took = draw(SECONDS)
    blocks = draw(st.integers(0, 10**4))
    if outcome is Outcome.FAILED:
        return Finished(
            origin, outcome, at, slot, draw(st.sampled_from(["build", "test"])), None, took, blocks=blocks
        )
    if outcome is Outcome.IGNORED:
        return Finished(origin, outcome, at, reason=draw(st.none() | st.just("BROKEN: x")), blocks=blocks)
    if outcome is Outcome.SKIPPED:
        return Finished(origin, outcome, at, reason=draw(st.none() | ORIGINS))
    return Finished(origin, outcome, at, slot, duration=took)


@given(st.lists(packages(), max_size=5))
@settings(max_examples=80)
def test_a_history_that_is_written_reads_the_same_again(finished: list[Finished]) -> None:
    assert report.decode_history(report.encode_history(1, finished)) == finished


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("9" * 5000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
WHERE = st.sampled_from(
    [(name,) for name in fields(samples.summary())]
    + [("stats", name) for name in fields(samples.summary())["stats"]]
    + [("builders", 0, name) for name in samples.BUILDERS[0]]
)


@given(WHERE, JSON)
@settings(max_examples=100)
def test_no_wrong_value_gives_another_error(where: tuple[Any, ...], wrong: object) -> None:
    value: Any = fields(samples.summary())
    inner = value
    for name in where[:-1]:
        inner = inner[name]
    inner[where[-1]] = wrong
    data = json.dumps(value).encode()
    with contextlib.suppress(FormatError):
        report.decode(data, now=NOW)
    with contextlib.suppress(FormatError):
        report.files_of(data)


@given(st.sampled_from(list(samples.ENTRIES[0])), JSON)
@settings(max_examples=80)
def test_no_wrong_entry_gives_another_error(name: str, wrong: object) -> None:
    with contextlib.suppress(FormatError):
        report.decode_history(json.dumps([{**samples.ENTRIES[1], name: wrong}]).encode())


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"stats":' * 50_000])
def test_what_is_no_summary_is_a_format_error(data: bytes) -> None:
    with pytest.raises(FormatError):
        report.decode(data, now=NOW)
