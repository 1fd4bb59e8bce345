"""poudriere's .data.json: numbers in strings, jobs by their host's clock, and lists of ports that grow."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.formats import FormatError, poudriere
from synthtop.model import (
    BuildState,
    HostSample,
    Snapshot,
    Source,
    SourceKind,
    Totals,
    WorkerRow,
    WorkerState,
)
from tests import samples

NOW = samples.NOW


def read(before: Snapshot | None = None, *, logs: str | None = None, **changes: Any) -> Snapshot:
    return poudriere.decode(samples.poudriere(**changes), now=NOW, before=before, logs=logs)


def value() -> dict[str, Any]:
    found = json.loads(samples.poudriere())
    assert isinstance(found, dict)
    return found


def test_the_file_says_the_numbers_of_the_build() -> None:
    said = read()
    assert said.source == Source(SourceKind.POUDRIERE, name="141amd64-default")
    assert (said.state, said.started, said.elapsed) == (BuildState.BUILDING, 1777629600.0, 3600)
    assert said.totals == Totals(10, 2, 1, 1, 1, 0)
    assert said.totals.remaining == 5
    assert said.host == HostSample(load=9.84, swap_pct=1.23)
    assert (said.run_rate, said.rate, said.impulse, said.impulse_10m) == (3.0, None, None, None)
    assert (said.active, said.max_workers, said.dynmax) == (2, 3, None)


def test_each_job_is_a_row_by_its_number() -> None:
    assert read().workers == (
        WorkerRow(1, WorkerState.RUNNING, "build", "lang/rust", 1777629600.0, 3600),
        WorkerRow(2, WorkerState.IDLE),
        WorkerRow(3, WorkerState.RUNNING, "configure", "devel/git@tiny", 1777633190.0, 10),
    )


def test_jobs_stand_in_the_order_of_their_numbers() -> None:
    jobs = [{"id": "10", "status": "idle:"}, {"id": "9", "status": "idle:"}, {"id": 2, "status": "idle:"}]
    assert [row.slot for row in read(jobs=jobs).workers] == [2, 9, 10]


@pytest.mark.parametrize(
    ("status", "origin", "row"),
    [
        ("build-depends:a/b:x", "a/b", WorkerRow(1, WorkerState.RUNNING, "build-depends", "a/b")),
        ("done:", "a/b", WorkerRow(1, WorkerState.DONE, "done", "a/b")),
        ("crashed:", "a/b", WorkerRow(1, WorkerState.FAILED, "crashed", "a/b")),
        ("crashed:", None, WorkerRow(1, WorkerState.FAILED)),
        ("idle:", "a/b", WorkerRow(1, WorkerState.IDLE)),
        ("stopped:", None, WorkerRow(1, WorkerState.NONE)),
        ("starting:", "", WorkerRow(1, WorkerState.IDLE)),
    ],
)
def test_a_job_is_what_its_status_says(status: str, origin: str | None, row: WorkerRow) -> None:
    assert read(jobs=[{"id": "01", "status": status, "origin": origin}]).workers == (row,)


def test_what_was_only_fetched_or_inspected_is_done_too() -> None:
    totals = read(stats={"fetched": "2", "inspected": 1}).totals
    assert (totals.meta, totals.remaining) == (3, 2)


def test_before_the_queue_is_known_nothing_is_said_of_what_remains() -> None:
    assert read(stats={"queued": ""}).totals.remaining is None


def test_without_a_master_the_build_has_its_own_name() -> None:
    assert read(mastername=None).source.name == "2026-05-01_10h00m00s"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("parallel_build:", BuildState.BUILDING),
        ("starting_jail:", BuildState.BUILDING),
        ("", BuildState.BUILDING),
        ("stopped:done:", BuildState.FINISHED),
        ("stopped:", BuildState.FINISHED),
        ("stopped:crashed:", BuildState.INTERRUPTED),
        ("stopped:sigint:parallel_build:", BuildState.INTERRUPTED),
        ("crashed:err:01", BuildState.INTERRUPTED),
        ("sigint:", BuildState.INTERRUPTED),
        ("sigterm:", BuildState.INTERRUPTED),
    ],
)
def test_the_status_says_whether_it_goes_on(status: str, state: BuildState) -> None:
    assert read(status=status).state is state


@pytest.mark.parametrize(
    ("said", "load"),
    [
        ("(123%) 9.84 8.00 7.10", 9.84),
        ("9.84 8.00 7.10", 9.84),
        ("(0%) 0.08", 0.08),
        (3, 3.0),
        ("", None),
        ("(12%", None),
        ("high", None),
        ("1.2.3 4", None),
        (-1, None),
        (None, None),
        ([], None),
    ],
)
def test_the_load_is_the_first_average(said: object, load: float | None) -> None:
    assert read(snap={"loadavg": said}).host.load == load


@pytest.mark.parametrize(
    ("said", "swap", "no_swap"),
    [("1.23%", 1.23, False), ("", None, True), (None, None, False), ("300%", None, False), (7, 7.0, False)],
)
def test_an_empty_swap_is_none_at_all(said: object, swap: float | None, no_swap: bool) -> None:
    host = read(snap={"swapinfo": said}).host
    assert (host.swap_pct, host.no_swap) == (swap, no_swap)


@pytest.mark.parametrize(
    ("elapsed", "rate"), [("19", 0.0), ("20", 540.0), (3600, 3.0), ("", None), ("-5", None)]
)
def test_the_rate_is_the_whole_runs_and_0_in_its_first_20_seconds(
    elapsed: object, rate: float | None
) -> None:
    assert read(snap={"elapsed": elapsed}).run_rate == rate


@pytest.mark.parametrize("now", ["", "9" * 5000, "4000", -1, 1.5, None])
def test_a_job_whose_time_cannot_be_has_none(now: object) -> None:
    row = read(snap={"now": now}).workers[0]
    assert (row.origin, row.started, row.elapsed) == ("lang/rust", None, None)


@pytest.mark.parametrize("started", ["1e300", "nan", "-5", "soon", "", [], 10**15])
def test_a_start_that_cannot_be_is_none(started: object) -> None:
    said = read(started=started)
    assert said.started is None
    assert said.workers[0].elapsed == 3600


def test_text_that_is_no_utf_8_is_shown_and_no_error() -> None:
    data = samples.poudriere().replace(b"is marked as broken", b"is marked as br\xf6ken")
    assert poudriere.decode(data, now=NOW).finished[3].reason == "IGNORE: is marked as br\ufffdken"


@pytest.mark.parametrize(
    ("path", "wrong", "told"),
    [
        (("status",), None, "status: expected a string, found nothing"),
        (("status",), 7, "status: expected a string, found int 7"),
        (("mastername",), [], "mastername: expected a string, found a list"),
        (("stats",), "x", "stats: expected an object, found the string 'x'"),
        (("stats", "built"), "-1", "stats.built: expected a whole number, 0 or more, found the string '-1'"),
        (("stats", "queued"), 1.5, "stats.queued: expected a whole number, 0 or more, found float 1.5"),
        (("snap",), [], "snap: expected an object, found a list"),
        (("jobs",), {}, "jobs: expected a list, found an object"),
        (("jobs",), [None], "jobs[0]: expected an object, found nothing"),
        (("jobs",), [{"id": None}], "jobs[0].id: expected a whole number, found nothing"),
        (("jobs",), [{"id": "x"}], "jobs[0].id: expected a whole number, 0 or more, found the string 'x'"),
        (("ports",), [], "ports: expected an object, found a list"),
        (("ports", "failed"), {}, "ports.failed: expected a list, found an object"),
        (("ports", "built"), [{"origin": "a/b"}, 7], "ports.built[1]: expected an object, found int 7"),
        (
            ("ports", "built"),
            [{"origin": "a/b"}, {}],
            "ports.built[1].origin: expected a string, found nothing",
        ),
        (("ports", "skipped"), [{"origin": 7}], "ports.skipped[0].origin: expected a string, found int 7"),
    ],
)
def test_a_wrong_value_is_told_with_its_path(path: tuple[str, ...], wrong: object, told: str) -> None:
    changed = value()
    inner = changed
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = wrong
    with pytest.raises(FormatError) as raised:
        poudriere.decode(json.dumps(changed).encode(), now=NOW)
    assert str(raised.value) == told


@pytest.mark.parametrize(
    "data",
    [b"", b"null", b"[]", b"{}", b"{", b"\xff", b"[" * 100_000, b'{"status": NaN}', b"1" * 5000],
)
def test_what_is_no_such_file_is_a_format_error(data: bytes) -> None:
    with pytest.raises(FormatError):
        poudriere.decode(data, now=NOW)


def test_a_thousand_jobs_are_shown_and_no_more() -> None:
    jobs = [{"id": number, "status": "idle:"} for number in range(1, 2001)]
    assert len(read(jobs=jobs).workers) == 1024


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("9" * 5000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
WHERE = st.sampled_from(
    [(name,) for name in value()]
    + [(name, inner) for name in ("stats", "snap", "ports") for inner in value()[name]]
    + [("jobs", 0, name) for name in value()["jobs"][0]]
    + [("ports", name, 0, key) for name, entries in value()["ports"].items() for key in entries[0]]
)


@pytest.mark.parametrize("depth", [500, 950, 970, 980, 990])
def test_no_depth_of_nesting_gives_another_error(depth: int) -> None:
    for name, inner in (
        ("snap", "loadavg"),
        ("snap", "swapinfo"),
        ("stats", "built"),
        ("skipped", "foo-1.0"),
    ):
        data = json.dumps({**value(), name: {inner: "HERE"}})
        data = data.replace('"HERE"', "[" * depth + "]" * depth)
        with contextlib.suppress(FormatError):
            poudriere.decode(data.encode(), now=NOW)


@given(WHERE, JSON, st.booleans())
@settings(max_examples=100)
def test_no_wrong_value_gives_another_error(where: tuple[Any, ...], wrong: object, again: bool) -> None:
    changed: Any = value()
    inner = changed
    for name in where[:-1]:
        inner = inner[name]
    inner[where[-1]] = wrong
    with contextlib.suppress(FormatError):
        said = poudriere.decode(json.dumps(changed).encode(), now=NOW, before=read() if again else None)
        assert len(list(said.log)) == len(list(said.finished))
        read(said)
