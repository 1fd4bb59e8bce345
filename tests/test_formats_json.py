"""monitor.json: nothing of a snapshot gets lost, and nothing that is no such file is taken for one."""

from __future__ import annotations

import contextlib
import json as stdlib_json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.formats import FormatError, json
from synthtop.model import (
    BuildState,
    Eta,
    HostSample,
    LogKind,
    LogLine,
    Memory,
    PhaseSpan,
    Pressure,
    Snapshot,
    Source,
    SourceKind,
    Space,
    Stopping,
    Totals,
    View,
    WorkerRow,
    WorkerState,
)

FULL = Snapshot(
    seq=943,
    state=BuildState.BUILDING,
    time=1777629600.0,
    started=1777628657.0,
    elapsed=943,
    source=Source(SourceKind.RUN, None, "builder1", "LiveSystem"),
    active=3,
    max_workers=4,
    dynmax=3,
    policy="step",
    reason="high load",
    stopping=Stopping.DRAINING,
    host=HostSample(3.24, 4, 2.0, False, 40.5, 1 << 34, 1 << 33, Pressure(1.5, 0.0, 2.25)),
    memory=Memory(1 << 30, 24 << 30),
    rate=24.3,
    impulse=3,
    run_rate=152.7,
    impulse_10m=140.0,
    totals=Totals(142, 38, 2, 0, 5, 1),
    eta=Eta(2460, 360),
    workers=(
        WorkerRow(
            *(0, WorkerState.RUNNING, "build", "devel/gmake", 1777629517.0, 83, 1234, "/build/gmake.log"),
            *(False, 87.5, 1 << 28, (PhaseSpan("fetch", 0), PhaseSpan("build", 12))),
        ),
        WorkerRow(1, WorkerState.RUNNING, "fetch", "www/chromium", 1777620000.0, 9600, 12, None, True),
        WorkerRow(3, WorkerState.IDLE),
    ),
    log=View([LogLine(1, 0, 0, LogKind.START, "[000] START   devel/gmake")]),
    low_space=(Space("/logs", 1 << 29, 1 << 40),),
)
EMPTY = Snapshot(seq=1, state=BuildState.WAITING, time=0.0, source=Source(SourceKind.RUN))


def fields(data: bytes) -> dict[str, Any]:
    value = stdlib_json.loads(data)
    assert isinstance(value, dict)
    return value


def test_the_names_are_those_of_the_format() -> None:
    value = fields(json.encode(FULL))
    assert value["schema"] == 1
    assert value["source"] == {
        "kind": "run",
        "path": None,
        "host": "builder1",
        "name": "LiveSystem",
        "logs": None,
    }
    assert value["workers"] == {"active": 3, "max": 4, "dynmax": 3}
    assert value["throttle"] == {"policy": "step", "reason": "high load"}
    assert value["totals"]["remaining"] == 96
    assert value["eta"] == {"seconds": 2460, "plus_minus": 360}
    assert value["slots"][0] == {
        "slot": 0, "state": "running", "phase": "build", "origin": "devel/gmake", "started": 1777629517.0,
        "elapsed": 83, "lines": 1234, "log": "/build/gmake.log",
        "stalled": False, "cpu": 87.5, "rss": 1 << 28, "phases": [["fetch", 0], ["build", 12]],
    }  # fmt: skip
    assert value["low_space"] == [{"path": "/logs", "free": 1 << 29, "total": 1 << 40}]
    assert value["log"] == [
        {"seq": 1, "time": 1777628657.0, "slot": 0, "kind": "start", "text": "[000] START   devel/gmake"}
    ]


def test_the_object_is_one_line() -> None:
    assert json.encode(FULL).count(b"\n") == 1
    assert json.encode(FULL).endswith(b"}\n")


def test_what_is_unknown_is_null_and_never_0() -> None:
    value = fields(json.encode(EMPTY))
    for name in ("started", "elapsed", "load", "swap_pct", "rate", "impulse", "run_rate", "eta"):
        assert value[name] is None


@pytest.mark.parametrize("figure", [float("nan"), float("inf")])
def test_a_figure_that_is_no_number_is_null(figure: float) -> None:
    taken = Snapshot(seq=1, state=BuildState.BUILDING, time=0.0, source=Source(SourceKind.RUN), rate=figure)
    assert fields(json.encode(taken))["rate"] is None


def test_only_the_last_200_event_lines_are_written() -> None:
    log = View([LogLine(number, 0, None, LogKind.NOTE, "x") for number in range(1, 501)])
    taken = Snapshot(seq=1, state=BuildState.BUILDING, time=0.0, source=Source(SourceKind.RUN), log=log)
    assert [line["seq"] for line in fields(json.encode(taken))["log"]] == list(range(301, 501))


def test_reading_gives_the_snapshot_back() -> None:
    read = json.decode(json.encode(FULL))
    for name in Snapshot.__dataclass_fields__:
        if name not in ("log", "finished"):
            assert getattr(read, name) == getattr(FULL, name), name
    assert list(read.log) == list(FULL.log)


def test_unknown_names_are_ignored() -> None:
    value = {**fields(json.encode(FULL)), "weather": {"sun": True}}
    assert json.encode(json.decode(stdlib_json.dumps(value).encode())) == json.encode(FULL)


def test_a_file_of_an_older_version_says_nothing_of_what_it_did_not_know() -> None:
    value = fields(json.encode(FULL))
    for slot in value["slots"]:
        for name in ("cpu", "rss", "phases"):
            del slot[name]
    del value["low_space"]
    read = json.decode(stdlib_json.dumps(value).encode())
    assert read.workers == tuple(row._replace(cpu=None, rss=None, phases=()) for row in FULL.workers)
    assert read.low_space == ()


@pytest.mark.parametrize("name", ["cpu", "rss", "phases"])
def test_each_of_the_newer_names_may_be_missing_or_null_by_itself(name: str) -> None:
    value = fields(json.encode(FULL))
    value["slots"][0][name] = None
    read = json.decode(stdlib_json.dumps(value).encode())
    assert read.workers[0] == FULL.workers[0]._replace(**{name: () if name == "phases" else None})
    del value["slots"][0][name]
    assert json.decode(stdlib_json.dumps(value).encode()).workers == read.workers


def test_of_more_phases_than_are_kept_the_last_ones_are_read() -> None:
    value = fields(json.encode(FULL))
    value["slots"][0]["phases"] = [[f"step {number}", number] for number in range(250)]
    [row, *_] = json.decode(stdlib_json.dumps(value).encode()).workers
    assert row.phases == tuple(PhaseSpan(f"step {number}", number) for number in range(150, 250))


def test_a_figure_of_a_slot_that_is_no_number_is_null() -> None:
    row = FULL.workers[0]._replace(cpu=float("nan"))
    assert fields(json.encode(replace(FULL, workers=(row,))))["slots"][0]["cpu"] is None


def test_phases_that_go_on_are_written_as_they_are_then() -> None:
    row = FULL.workers[0]
    longer = row._replace(phases=(*row.phases, PhaseSpan("check", 40), PhaseSpan("build", 50)))
    written = [fields(json.encode(replace(FULL, workers=(one,))))["slots"][0] for one in (row, longer, row)]
    assert [len(slot["phases"]) for slot in written] == [2, 4, 2]


def test_a_newer_schema_is_refused() -> None:
    value = {**fields(json.encode(FULL)), "schema": 2}
    with pytest.raises(FormatError, match="schema 2 is newer"):
        json.decode(stdlib_json.dumps(value).encode())


def test_what_another_writer_leaves_out_is_unknown() -> None:
    value = fields(json.encode(FULL))
    value["slots"] = [{"slot": 2, "state": "running", "started": 5}]
    value["log"] = [{"kind": "note", "text": "x"}]
    read = json.decode(stdlib_json.dumps(value).encode())
    assert read.workers == (WorkerRow(2, WorkerState.RUNNING, started=5.0),)
    assert type(read.workers[0].started) is float
    assert list(read.log) == [LogLine(0, None, None, LogKind.NOTE, "x")]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("slot", -1), ("slot", True), ("state", "dancing"), ("state", ["running"]), ("origin", 7),
        ("started", 1e300), ("started", "then"), ("elapsed", -1), ("elapsed", 1 << 60),
        ("lines", 1.5), ("log", {}), ("cpu", "much"), ("cpu", 1e300), ("rss", -1), ("rss", 0.5),
        ("phases", {}), ("phases", "ab"), ("phases", [1]), ("phases", [[]]), ("phases", [["a"]]),
        ("phases", [["a", 1, 2]]), ("phases", [["a", -1]]), ("phases", [["a", 1.0]]),
        ("phases", [["a", True]]),
        ("phases", [["a", 1 << 60]]), ("phases", [[None, 1]]), ("phases", [["a", 1], None]),
        ("phases", ["ab"]),
    ],
)  # fmt: skip
def test_a_wrong_value_in_a_slot_is_told_with_its_path(name: str, wrong: object) -> None:
    value = fields(json.encode(FULL))
    value["slots"][1][name] = wrong
    with pytest.raises(FormatError, match=rf"slots\[1\]\.{name}"):
        json.decode(stdlib_json.dumps(value).encode())


@pytest.mark.parametrize(("name", "wrong"), [("seq", -1), ("time", "x"), ("slot", 1 << 60), ("text", 5)])
def test_a_wrong_value_in_a_line_is_told_with_its_path(name: str, wrong: object) -> None:
    value = fields(json.encode(FULL))
    value["log"][0][name] = wrong
    with pytest.raises(FormatError, match=rf"log\[0\]\.{name}"):
        json.decode(stdlib_json.dumps(value).encode())


def test_more_slots_than_there_can_be_are_refused() -> None:
    value = fields(json.encode(FULL))
    value["slots"] = [{"slot": number, "state": "idle"} for number in range(1025)]
    with pytest.raises(FormatError, match="slots: expected at most 1024, found 1025"):
        json.decode(stdlib_json.dumps(value).encode())


def test_a_kind_of_line_that_is_not_known_is_a_note() -> None:
    value = fields(json.encode(FULL))
    value["log"][0]["kind"] = "weather"
    assert json.decode(stdlib_json.dumps(value).encode()).log[0].kind is LogKind.NOTE


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("schema",), None),
        (("schema",), 0),
        (("state",), "dancing"),
        (("state",), None),
        (("source", "kind"), 7),
        (("workers",), []),
        (("workers", "active"), True),
        (("workers", "active"), -1),
        (("totals", "built"), "38"),
        (("totals", "built"), 1 << 80),
        (("load",), "high"),
        (("load",), 1e300),
        (("slots",), {}),
        (("slots",), [7]),
        (("log",), "x"),
        (("throttle", "reason"), 5),
        (("eta",), [1]),
        (("low_space",), {}),
        (("low_space",), [7]),
        (("stopping",), "soon"),
    ],
)
def test_a_wrong_value_is_told_with_its_path(path: tuple[str, ...], wrong: object) -> None:
    value = fields(json.encode(FULL))
    inner = value
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = wrong
    with pytest.raises(FormatError, match=r"\.".join(path)):
        json.decode(stdlib_json.dumps(value).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"schema": NaN}',
        b'{"schema": 1' + b"0" * 5000 + b"}",
    ],
)
def test_what_is_no_such_object_is_a_format_error(data: bytes) -> None:
    with pytest.raises(FormatError):
        json.decode(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(sorted(fields(json.encode(FULL))))


@given(st.binary() | st.dictionaries(NAMES, JSON).map(lambda value: stdlib_json.dumps(value).encode()))
@settings(max_examples=300)
def test_no_input_whatever_gives_another_error(data: bytes) -> None:
    with contextlib.suppress(FormatError):
        json.decode(data)


@given(NAMES, JSON)
@settings(max_examples=300)
def test_no_single_wrong_value_gives_another_error(name: str, wrong: object) -> None:
    value = {**fields(json.encode(FULL)), name: wrong}
    with contextlib.suppress(FormatError):
        json.decode(stdlib_json.dumps(value).encode())


TEXT = st.text(max_size=20)
COUNT = st.integers(0, 1 << 40)
FIGURE = st.none() | st.floats(0, 1e9)
ROWS = st.builds(
    WorkerRow,
    st.integers(0, 1023),
    st.sampled_from(WorkerState),
    st.none() | TEXT,
    st.none() | TEXT,
    FIGURE,
    st.none() | COUNT,
    st.none() | COUNT,
    st.none() | TEXT,
    st.booleans(),
    FIGURE,
    st.none() | COUNT,
    st.lists(st.builds(PhaseSpan, TEXT, COUNT), max_size=3).map(tuple),
)
LINES = st.builds(
    LogLine, COUNT, st.integers(0, 10**6), st.none() | st.integers(0, 9), st.sampled_from(LogKind), TEXT
)


@given(
    st.builds(
        Snapshot,
        seq=COUNT,
        state=st.sampled_from(BuildState),
        time=st.floats(0, 1e10),
        started=st.none() | st.integers(0, 10**10).map(float),
        elapsed=st.none() | COUNT,
        source=st.builds(
            Source, st.sampled_from(SourceKind), st.none() | TEXT, st.none() | TEXT, st.none() | TEXT
        ),
        rate=FIGURE,
        totals=st.builds(Totals, COUNT, COUNT, COUNT, COUNT, COUNT, COUNT),
        workers=st.lists(ROWS, max_size=4).map(tuple),
        log=st.lists(LINES, max_size=4).map(View),
        low_space=st.lists(st.builds(Space, TEXT, COUNT, COUNT), max_size=2).map(tuple),
    )
)
def test_what_is_written_reads_the_same_again(snapshot: Snapshot) -> None:
    written = json.encode(snapshot)
    assert json.encode(json.decode(written)) == written
