"""Streams of events and of snapshots: what is shown of them, whatever comes and wherever it comes from."""

from __future__ import annotations

import json
import os
import pty
import stat
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.collector import Collector
from synthtop.follow import inflow, streams
from synthtop.follow.inflow import CHUNK
from synthtop.follow.intake import Intake
from synthtop.follow.streams import EventReader, Newest, StreamReader, Undecided, stream
from synthtop.formats import FormatError
from synthtop.formats import json as snapshots
from synthtop.model import (
    BuildState,
    HostSample,
    Outcome,
    PhaseSpan,
    Snapshot,
    SourceKind,
    Totals,
    WorkerRow,
    WorkerState,
)

from .terminal import PATIENCE, eventually

QUIET = HostSample(load=1.0, ncpus=4, swap_pct=0.0)
EPOCH = 1777629600.0
"""Epoch second of monotonic second 0."""


class Clocks:
    """Both clocks, which go on when a test says so."""

    def __init__(self) -> None:
        self.now = 5000.0
        self.ahead = EPOCH

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now + self.ahead


class Told:
    """An intake that is told events, each as its fields or as the line itself."""

    def __init__(self, **options: Any) -> None:
        self.clocks = Clocks()
        self.intake = Intake(
            "-", clock=self.clocks.monotonic, wall=self.clocks.wall, probe=lambda: QUIET, **options
        )

    def tell(self, *said: dict[str, Any] | bytes) -> None:
        lines = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in said]
        self.intake.take(lines, self.clocks.now, self.clocks.wall())

    def end(self) -> None:
        self.intake.end(self.clocks.now, self.clocks.wall())

    def shows(self, behind: bool = False) -> Snapshot:
        return self.intake.snapshot(self.clocks.now, self.clocks.wall(), 0, behind=behind)

    @property
    def notes(self) -> list[str]:
        return [line.text for line in self.shows().log]


@pytest.fixture
def told() -> Told:
    return Told()


def begin(**fields: Any) -> dict[str, Any]:
    return {"event": "begin", **fields}


def start(slot: int, origin: str, **fields: Any) -> dict[str, Any]:
    return {"event": "start", "slot": slot, "origin": origin, **fields}


def done(origin: str, outcome: str = "built", **fields: Any) -> dict[str, Any]:
    return {"event": "done", "origin": origin, "outcome": outcome, **fields}


END = {"event": "end"}


# -- what each event does ------------------------------------------------------------------------------


def test_before_any_event_a_stream_waits(told: Told) -> None:
    shown = told.shows()
    assert (shown.state, shown.problem) == (BuildState.WAITING, "no event has come yet")
    assert (shown.source.kind, shown.source.path) == (SourceKind.EVENTS, "-")
    assert shown.totals.queued is None


def test_begin_says_whose_build_it_is_and_how_large(told: Told) -> None:
    told.tell(begin(name="world", workers=4, queued=9, logs="/build/logs"))
    shown = told.shows()
    assert shown.state is BuildState.BUILDING
    assert (shown.source.name, shown.source.logs) == ("world", "/build/logs")
    assert (shown.max_workers, shown.dynmax, shown.active) == (4, 4, 0)
    assert shown.totals == Totals(queued=9)
    assert shown.host == QUIET


def test_a_start_puts_the_package_into_its_slot(told: Told) -> None:
    told.tell(begin(workers=2), start(1, "a/b", phase="fetch", log="/l/a___b.log"))
    told.clocks.now += 7
    told.tell({"event": "phase", "slot": 1, "phase": "build"}, {"event": "lines", "slot": 1, "n": 120})
    assert told.shows().workers == (
        WorkerRow(0, WorkerState.IDLE),
        WorkerRow(
            1,
            WorkerState.RUNNING,
            "build",
            "a/b",
            EPOCH + 5000,
            7,
            120,
            "/l/a___b.log",
            phases=(PhaseSpan("fetch", 0), PhaseSpan("build", 7)),
        ),
    )


def test_done_counts_the_package_and_frees_its_slot(told: Told) -> None:
    told.tell(begin(workers=2, queued=5), start(1, "a/b", phase="build"))
    told.clocks.now += 30
    told.tell(done("a/b", "failed", reason="exit status 2"))
    shown = told.shows()
    assert (shown.totals.failed, shown.active) == (1, 0)
    (package,) = shown.finished
    assert package[:7] == ("a/b", Outcome.FAILED, 30, 1, "build", "exit status 2", 30)


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_counted(told: Told, outcome: Outcome) -> None:
    told.tell(begin(workers=1, queued=1), done("a/b", outcome.value))
    assert told.shows().totals._asdict()[outcome.value] == 1


def test_a_duration_that_is_said_is_believed(told: Told) -> None:
    told.tell(begin(workers=1), start(0, "a/b"), done("a/b", duration=90))
    assert told.shows().finished[0].duration == 90


def test_a_package_that_was_in_no_slot_counts_all_the_same(told: Told) -> None:
    told.tell(begin(workers=1, queued=2), start(0, "a/b"), done("c/d", slot=0))
    shown = told.shows()
    assert shown.totals.built == 1
    assert [row.origin for row in shown.workers] == ["a/b"]


def test_the_slot_that_done_names_is_freed_where_two_hold_the_same(told: Told) -> None:
    told.tell(begin(workers=2), start(0, "a/b"), start(1, "a/b"), done("a/b", slot=0))
    assert [row.origin for row in told.shows().workers] == [None, "a/b"]


def test_a_slot_that_is_given_away_holds_its_last_package(told: Told) -> None:
    told.tell(begin(workers=1), start(0, "a/b"), start(0, "c/d"), done("a/b"))
    assert [row.origin for row in told.shows().workers] == ["c/d"]


def test_queued_adds_numbers_and_origins(told: Told) -> None:
    told.tell(begin(workers=1), {"event": "queued", "n": 3}, {"event": "queued", "origins": ["a/b", "c/d"]})
    shown = told.shows()
    assert (shown.totals.queued, list(shown.queue)) == (5, ["a/b", "c/d"])


def test_a_log_event_is_a_line(told: Told) -> None:
    told.tell(begin(workers=1), {"event": "log", "text": "the disk fills up", "slot": 0})
    (line,) = told.shows().log
    assert (line.text, line.slot) == ("the disk fills up", 0)


@pytest.mark.parametrize(("said", "state"), [({}, "finished"), ({"state": "interrupted"}, "interrupted")])
def test_end_stops_the_clock(told: Told, said: dict[str, str], state: str) -> None:
    told.tell(begin(workers=1))
    told.clocks.now += 5
    told.tell({"event": "end", **said})
    told.clocks.now += 60
    shown = told.shows()
    assert (shown.state, shown.elapsed) == (BuildState(state), 5)


def test_a_second_begin_starts_everything_at_zero(told: Told) -> None:
    told.tell(begin(name="first", workers=4, queued=9), start(2, "a/b"), done("a/b"), b"nonsense")
    told.clocks.now += 60
    told.tell(begin(name="second", workers=2))
    shown = told.shows()
    assert (shown.source.name, shown.max_workers, shown.elapsed) == ("second", 2, 0)
    assert shown.totals == Totals(None)
    assert (len(shown.log), len(shown.finished)) == (0, 0)


def test_rate_and_dynmax_are_found_here(told: Told) -> None:
    busy = Told()
    busy.intake = Intake(
        "-",
        clock=busy.clocks.monotonic,
        wall=busy.clocks.wall,
        probe=lambda: HostSample(load=30.0, ncpus=4, swap_pct=0.0),
    )
    busy.tell(begin(workers=8), done("a/b"), done("c/d"))
    shown = busy.shows()
    assert (shown.rate, shown.dynmax, shown.reason, shown.policy) == (120.0, 6, "high load", "step")


# -- what was not said ---------------------------------------------------------------------------------


def test_a_start_without_begin_begins_a_build_whose_slots_grow(told: Told) -> None:
    told.tell(start(2, "a/b"))
    shown = told.shows()
    assert (shown.state, shown.max_workers, shown.dynmax) == (BuildState.BUILDING, 3, 3)
    told.tell(start(1023, "c/d"))
    assert [row.slot for row in told.shows().workers if row.origin] == [2, 1023]


def test_a_build_that_names_no_slot_shows_none(told: Told) -> None:
    told.tell(begin(queued=3), done("a/b"))
    shown = told.shows()
    assert (shown.workers, shown.max_workers, shown.active, shown.dynmax) == ((), None, None, None)
    assert shown.totals == Totals(3, built=1)


def test_how_much_remains_is_not_known_where_nothing_was_queued(told: Told) -> None:
    told.tell(start(0, "a/b"), done("a/b"), done("c/d", "skipped"))
    shown = told.shows()
    assert shown.totals == Totals(None, built=1, skipped=1)
    assert not any("queued" in line.text for line in shown.log)


def test_after_the_end_a_start_begins_another_build(told: Told) -> None:
    told.tell(begin(name="first", workers=2), start(0, "a/b"), done("a/b"), END, done("late/one"))
    assert (told.shows().state, told.shows().totals.built) == (BuildState.FINISHED, 2)
    told.tell(start(0, "c/d"))
    shown = told.shows()
    assert (shown.state, shown.totals.built, shown.source.name) == (BuildState.BUILDING, 0, None)


def test_logs_named_as_dsynth_does_are_found_in_the_logs_directory(told: Told, tmp_path: Path) -> None:
    early, late = tmp_path / "a___b.log", tmp_path / "c___d@x.log"
    early.touch()
    told.tell(begin(workers=2, logs=str(tmp_path)), start(0, "a/b"), start(1, "c/d@x"))
    assert [row.log for row in told.shows().workers] == [str(early), None]
    late.touch()
    told.tell({"event": "lines", "slot": 1, "n": 1}, done("a/b", "failed"), done("e/f"))
    shown = told.shows()
    assert [row.log for row in shown.workers] == [None, str(late)]
    assert [package.log for package in shown.finished] == [str(early), None]


# -- times ---------------------------------------------------------------------------------------------


def test_times_are_those_of_the_events(told: Told) -> None:
    began = told.clocks.wall() - 3600
    told.tell(
        begin(workers=1, time=began),
        start(0, "a/b", time=began + 10),
        done("a/b", time=began + 70),
        start(0, "c/d", time=began + 100),
    )
    shown = told.shows()
    assert (shown.started, shown.elapsed, shown.rate) == (began, 3600, 0.0)
    assert (shown.finished[0].at, shown.finished[0].duration) == (70, 60)
    assert (shown.workers[0].started, shown.workers[0].elapsed) == (began + 100, 3500)


def test_whole_seconds_stay_whole_when_they_are_read_at_odd_moments(told: Told) -> None:
    told.clocks.ahead = 1795522507.123456
    began = float(int(told.clocks.wall()))
    for second in range(50):
        told.clocks.now += 1.0000001 / 3 * 3
        told.clocks.ahead += 1e-7
        told.tell(
            start(0, f"a/b{second}", time=began + second), done(f"a/b{second}", time=began + second + 1)
        )
    assert {package.duration for package in told.shows().finished} == {1}


def test_an_event_is_never_before_the_one_that_came_before_it(told: Told) -> None:
    wall = told.clocks.wall()
    told.tell(begin(workers=1, time=wall - 100), start(0, "a/b", time=wall - 50), done("a/b", time=wall - 90))
    assert (told.shows().finished[0].at, told.shows().finished[0].duration) == (50, 0)


@pytest.mark.parametrize("time", [EPOCH * 2, 0, -1e14, 1e14])
def test_a_time_in_the_future_or_of_another_age_is_now(told: Told, time: float) -> None:
    told.tell(begin(workers=1, time=time), start(0, "a/b", time=time))
    told.clocks.now += 3
    told.tell(done("a/b", time=time + 1))
    assert (told.shows().elapsed, told.shows().finished[0].duration) == (3, 3)


def test_a_build_that_lay_in_a_file_since_yesterday_took_as_long_as_it_took(told: Told) -> None:
    began = told.clocks.wall() - 86400
    told.tell(
        begin(workers=1, time=began), b"nonsense", done("a/b", time=began + 40), {**END, "time": began + 60}
    )
    shown = told.shows()
    assert (shown.elapsed, shown.finished[0].at, shown.log[0].at) == (60, 40, 0)


def test_builds_in_one_file_may_be_in_any_order(told: Told) -> None:
    wall = told.clocks.wall()
    told.tell(begin(name="later", time=wall - 10), END, begin(name="earlier", time=wall - 500))
    assert (told.shows().source.name, told.shows().elapsed) == ("earlier", 500)


def test_while_more_is_to_be_read_the_build_stands_as_its_last_event_left_it(told: Told) -> None:
    began = told.clocks.wall() - 3600
    told.tell(begin(workers=1, time=began), start(0, "a/b", time=began + 10), done("a/b", time=began + 70))
    shown = told.shows(behind=True)
    assert (shown.elapsed, shown.rate) == (70, 60.0)


# -- what goes wrong -----------------------------------------------------------------------------------


def test_a_malformed_line_is_told_once_with_its_number_and_counted(told: Told) -> None:
    told.tell(begin(workers=1), b"", b"make: nothing to be done", start(7, "a/b"), start(0, "a/b"))
    assert told.notes == [
        "line 3 of the stream is left out: no JSON: Expecting value at column 1",
        "[000] START   a/b",
    ]
    told.tell(END)
    assert told.notes[-1] == "2 malformed lines of the stream were left out"


def test_one_malformed_line_is_not_told_twice(told: Told) -> None:
    told.tell(begin(workers=1), start(7, "a/b"), END)
    assert told.notes == [r"line 2 of the stream is left out: slot: expected 0..0, found 7"]


def test_what_came_before_the_first_event_is_told_when_there_is_a_build(told: Told) -> None:
    told.tell(b"Welcome to builder1", b"Last login: today")
    shown = told.shows()
    wrong = "line 1 of the stream is left out: no JSON: Expecting value at column 1"
    assert (shown.state, shown.problem) == (BuildState.WAITING, f"no event has come yet; {wrong}")
    told.tell(begin(workers=1), END)
    assert told.notes == [wrong, "2 malformed lines of the stream were left out"]


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (start(2, "a/b"), r"slot: expected 0..1, found 2"),
        (done("a/b", slot=2), r"slot: expected 0..1, found 2"),
        ({"event": "log", "text": "x", "slot": 2}, r"slot: expected 0..1, found 2"),
        ({"event": "phase", "slot": 1, "phase": "build"}, "slot 1 holds no package"),
        ({"event": "lines", "slot": 1, "n": 5}, "slot 1 holds no package"),
    ],
)
def test_an_event_that_cannot_be_changes_nothing(told: Told, event: dict[str, Any], why: str) -> None:
    told.tell(begin(workers=2, queued=1), event)
    shown = told.shows()
    assert [line.text for line in shown.log] == [f"line 2 of the stream is left out: {why}"]
    assert (shown.totals, shown.active) == (Totals(1), 0)


def test_nothing_ends_twice_and_nothing_ends_that_has_not_begun(told: Told) -> None:
    told.tell(END)
    assert told.shows().state is BuildState.WAITING
    told.tell(begin(workers=1), END, {"event": "end", "state": "interrupted"})
    assert told.shows().state is BuildState.FINISHED


def test_an_unknown_event_is_told_once_for_each_name(told: Told) -> None:
    told.tell(begin(workers=1), {"event": "colour"}, {"event": "colour"}, {"event": "smell"})
    assert told.notes == [
        "line 2 of the stream is left out: unknown event 'colour'",
        "line 4 of the stream is left out: unknown event 'smell'",
    ]
    told.tell(END)
    assert told.notes[-1] == "3 unknown events of the stream were left out"


def test_of_very_many_unknown_events_only_some_are_told(told: Told) -> None:
    told.tell(begin(workers=1), *({"event": f"e{number}"} for number in range(1000)), END)
    assert len(told.notes) == 21
    assert told.notes[-1] == "1000 unknown events of the stream were left out"


def test_a_stream_that_ends_without_saying_so_leaves_a_build_that_is_gone(told: Told) -> None:
    told.tell(begin(workers=1, queued=2), start(0, "a/b"))
    told.clocks.now += 5
    told.end()
    told.clocks.now += 60
    shown = told.shows()
    assert (shown.state, shown.elapsed, shown.workers[0].origin) == (BuildState.GONE, 5, "a/b")


def test_a_stream_that_ends_after_its_build_leaves_it_as_it_was(told: Told) -> None:
    told.tell(begin(workers=1), END)
    told.end()
    assert told.shows().state is BuildState.FINISHED


def test_a_stream_that_ends_without_an_event_is_gone(told: Told) -> None:
    told.end()
    assert (told.shows().state, told.shows().problem) == (BuildState.GONE, "it ended, and no event had come")


some_lines = st.lists(
    st.one_of(
        st.binary(max_size=30),
        st.builds(
            lambda fields: json.dumps(fields).encode(),
            st.fixed_dictionaries(
                {},
                optional={
                    "event": st.sampled_from(
                        ["begin", "queued", "start", "phase", "lines", "done", "log", "end", "else"]
                    ),
                    "slot": st.integers(-1, 5) | st.just(1023),
                    "origin": st.sampled_from(["a/b", "c/d", "\ud800/\0"]),
                    "outcome": st.sampled_from([*Outcome, "odd"]),
                    "phase": st.text(max_size=3),
                    "n": st.integers(-1, 10**10),
                    "workers": st.integers(0, 4),
                    "time": st.floats(allow_nan=False),
                    "text": st.text(max_size=3),
                    "logs": st.sampled_from(["/", "\0", ""]),
                },
            ),
        ),
    ),
    max_size=30,
)


@settings(max_examples=80, deadline=None)
@given(some_lines)
def test_whatever_comes_the_counts_stay_possible(lines: list[bytes]) -> None:
    told = Told()
    for line in lines:
        told.tell(line)
        shown = told.shows()
        totals = shown.totals
        assert (totals.remaining or 0) >= 0
        assert totals.done == len(shown.finished)
        assert len(shown.workers) == (shown.max_workers or 0)
        assert 0 <= (shown.active or 0) <= len(shown.workers)
        assert shown.elapsed is None or shown.elapsed >= 0
        assert all((row.elapsed or 0) >= 0 for row in shown.workers)


# -- whole snapshots -----------------------------------------------------------------------------------


def relayed(
    queued: int = 9, *, age: int | None = None, over: bool = False, clock: Clocks | None = None
) -> bytes:
    """A line of `synthtop status --json --watch`."""
    clocks = clock or Clocks()
    collector = Collector(2, clock=clocks.monotonic, wall=clocks.wall, probe=lambda: QUIET, name="far")
    collector.record_queued(queued)
    collector.record_worker_update(0, WorkerState.RUNNING, "a/b")
    collector.record_completion("a/b", Outcome.BUILT, slot=0)
    if over:
        collector.finish()
    line = snapshots.encode(collector.tick())
    return line.replace(b'"age":null', b'"age":%d' % age) if age is not None else line


def newest(*lines: bytes, age: int = 0, ended: bool = False) -> Snapshot:
    shown = Newest("-")
    for line in lines:
        shown.take([line.rstrip(b"\n")], 0.0, EPOCH)
    if ended:
        shown.end(0.0, EPOCH)
    return shown.snapshot(0.0, EPOCH, age, behind=False)


def test_the_newest_snapshot_is_shown_as_it_is() -> None:
    shown = newest(relayed(8), relayed(9))
    assert (shown.state, shown.totals) == (BuildState.BUILDING, Totals(9, built=1))
    assert (shown.source.kind, shown.source.path, shown.source.name) == (SourceKind.JSON, "-", "far")
    assert [package.origin for package in shown.finished] == ["a/b"]


def test_the_lines_of_all_snapshots_are_gathered() -> None:
    def line(*seqs: int) -> bytes:
        value = json.loads(relayed())
        value["log"] = [{"seq": seq, "time": None, "kind": "note", "text": f"line {seq}"} for seq in seqs]
        return json.dumps(value).encode()

    shown = Newest("-")
    for said in (line(1, 2), line(2, 3)):
        shown.take([said], 0.0, EPOCH)
        found = shown.snapshot(0.0, EPOCH, 0, behind=False)
    assert [line.text for line in found.log] == ["line 1", "line 2", "line 3"]


def test_what_is_started_again_has_not_failed_any_more() -> None:
    def said(*lines: tuple[str, str]) -> bytes:
        value = json.loads(relayed())
        value["log"] = [
            {"seq": seq, "time": None, "kind": kind, "text": text}
            for seq, (kind, text) in enumerate(lines, 1)
        ]
        return json.dumps(value).encode()

    failed = ("failed", "[000] FAILURE lang/bar 2   build 00:00:41")
    again = ("start", "[001] START   lang/bar")
    built = ("built", "[001] SUCCESS lang/bar   00:00:41")
    shown = Newest("-")
    found = []
    for told in ((failed,), (failed, again), (failed, again, built)):
        shown.take([said(*told)], 0.0, EPOCH)
        finished = shown.snapshot(0.0, EPOCH, 0, behind=False).finished
        found.append([package.outcome for package in finished])
    assert found == [[Outcome.FAILED], [], [Outcome.BUILT]]


def test_the_times_after_which_slots_stall_are_those_that_are_given() -> None:
    clocks = Clocks()
    intake = Intake(
        "-", clock=clocks.monotonic, wall=clocks.wall, probe=lambda: QUIET, stalled_after={"build": 5.0}
    )
    told = [begin(workers=1), start(0, "a/b", phase="build")]
    intake.take([json.dumps(event).encode() for event in told], clocks.now, clocks.wall())
    found = []
    for seconds in range(7):
        snapshot = intake.snapshot(clocks.now + seconds, clocks.wall() + seconds, 0, behind=False)
        found.append(snapshot.stalled)
    assert found == [0, 0, 0, 0, 0, 0, 1]
    assert snapshot.log[-1].text == "[000] STALLED a/b build: nothing new for 00:00:06"


def test_snapshots_that_stop_coming_are_stale_and_those_that_ended_are_gone() -> None:
    assert newest(relayed(), age=10).state is BuildState.STALE
    assert newest(relayed(), ended=True).state is BuildState.GONE
    assert newest(relayed(over=True), age=99, ended=True).state is BuildState.FINISHED


def test_what_was_old_when_it_was_relayed_is_older_here() -> None:
    assert newest(relayed(age=30), age=2).age == 32


def test_a_snapshot_that_is_none_is_told() -> None:
    with pytest.raises(FormatError, match=r"^-: the newest line: no JSON: "):
        newest(b'{"schema": 1')


def test_what_begins_with_snapshots_is_taken_for_them_whatever_stands_before() -> None:
    clocks = Clocks()
    intake = Intake("-", clock=clocks.monotonic, wall=clocks.wall, probe=lambda: QUIET)
    undecided = Undecided(intake, Newest("-"))
    undecided.take([b"Welcome to builder1"], 0.0, EPOCH)
    assert undecided.snapshot(0.0, EPOCH, 0, behind=False).state is BuildState.WAITING
    undecided.take([b"", relayed().rstrip()], 0.0, EPOCH)
    assert undecided.snapshot(0.0, EPOCH, 0, behind=False).source.kind is SourceKind.JSON


# -- from pipes, FIFOs and files -----------------------------------------------------------------------

Opens = Callable[..., StreamReader]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Opens]:
    """Opens readers that take all that is there at the first poll, and closes them at the end."""
    monkeypatch.setattr(streams, "_FIRST_LOOK", PATIENCE)
    readers: list[StreamReader] = []

    def opens(source: int | str, kind: Callable[..., StreamReader] = stream) -> StreamReader:
        given = "-" if isinstance(source, int) else source
        clocks = Clocks()
        reader = kind(source, given=given, probe=lambda: QUIET, clock=clocks.monotonic, wall=clocks.wall)
        readers.append(reader)
        return reader

    yield opens
    for reader in readers:
        reader.close()
        reader.close()


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for descriptor in (reading, writing):
        with suppress(OSError):
            os.close(descriptor)


def poll(reader: StreamReader) -> Snapshot:
    return reader.poll(5000.0, 5000.0 + EPOCH)


def shows(reader: StreamReader, condition: Callable[[Snapshot], object], what: str) -> Snapshot:
    """What it shows once ``condition`` holds."""
    eventually(lambda: condition(poll(reader)), what)
    return poll(reader)


def built(count: int) -> Callable[[Snapshot], bool]:
    return lambda shown: shown.totals.built == count


def lines(*events: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def test_a_pipe_is_read_as_it_comes_and_its_end_is_the_builds(opened: Opens, pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    reader = opened(reading)
    assert poll(reader).state is BuildState.WAITING
    os.write(writing, lines(begin(workers=1), start(0, "a/b")) + b'{"event":"done","origin":')
    shows(reader, lambda shown: shown.active == 1, "a package in its slot")
    os.write(writing, b'"a/b","outcome":"built"}')
    os.close(writing)
    assert shows(reader, lambda shown: shown.over, "the end").totals.built == 1
    assert poll(reader).state is BuildState.GONE
    assert stat.S_ISFIFO(os.fstat(reading).st_mode), "who opened it closes it"


def test_a_line_without_end_is_left_out_and_takes_no_room(opened: Opens, pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    reader = opened(reading)
    os.write(writing, lines(begin(workers=1)))
    shows(reader, lambda shown: shown.state is BuildState.BUILDING, "a build")
    for _ in range(100):
        os.write(writing, b"x" * 65536)
    os.write(writing, b"\n" + lines(done("a/b"), END))
    shown = shows(reader, lambda shown: shown.over, "the end")
    assert shown.totals.built == 1
    assert (
        shown.log[0].text
        == "line 2 of the stream is left out: the line is too long: expected at most 65536 bytes"
    )
    assert not any("malformed" in line.text for line in shown.log), "it is one line"


def test_a_fifo_stays_open_while_its_writers_come_and_go(opened: Opens, tmp_path: Path) -> None:
    fifo = tmp_path / "events"
    os.mkfifo(fifo)
    reader = opened(str(fifo))
    assert poll(reader).state is BuildState.WAITING
    for count, origin in enumerate(("a/b", "c/d"), 1):
        writing = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        os.write(writing, lines(done(origin)))
        os.close(writing)
        shows(reader, built(count), "its package")
    assert poll(reader).state is BuildState.BUILDING


def test_a_fifo_that_was_replaced_begins_anew_and_one_that_was_removed_stays(
    opened: Opens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inflow, "_QUIET", 0.01)
    fifo = tmp_path / "events"

    def write(descriptor: int, *events: dict[str, Any]) -> None:
        os.write(descriptor, lines(*events))
        os.close(descriptor)

    os.mkfifo(fifo)
    reader = opened(str(fifo))
    poll(reader)
    removed = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    fifo.unlink()
    write(removed, done("a/b"), done("c/d"))
    shows(reader, built(2), "what came through the one that was removed")
    os.mkfifo(fifo)
    shows(reader, lambda shown: shown.state is BuildState.WAITING, "that it is another one")
    write(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK), done("e/f"))
    shows(reader, built(1), "what comes through the new one")


def test_a_file_is_read_from_its_beginning_at_the_first_poll_and_then_as_it_grows(
    opened: Opens, tmp_path: Path
) -> None:
    path = tmp_path / "build.events"
    path.write_bytes(lines(begin(workers=1, queued=3), done("a/b")) + b'{"event":"done","ori')
    reader = opened(str(path), EventReader)
    assert poll(reader).totals == Totals(3, built=1)
    with path.open("ab") as file:
        file.write(b'gin":"c/d","outcome":"built"}\n')
    assert shows(reader, built(2), "what was added").state is BuildState.BUILDING


def test_a_file_that_was_truncated_begins_anew(opened: Opens, tmp_path: Path) -> None:
    path = tmp_path / "build.events"
    path.write_bytes(lines(begin(workers=1), done("a/b"), done("c/d"), END))
    reader = opened(str(path), EventReader)
    assert poll(reader).state is BuildState.FINISHED
    path.write_bytes(lines(begin(name="next", workers=1)))
    assert shows(reader, lambda shown: shown.source.name == "next", "the next build").totals.built == 0


def test_a_file_that_was_replaced_begins_anew_and_one_that_was_removed_stays(
    opened: Opens, tmp_path: Path
) -> None:
    path, fresh = tmp_path / "build.events", tmp_path / "fresh"
    path.write_bytes(lines(begin(workers=1), done("a/b")))
    reader = opened(str(path), EventReader)
    poll(reader)
    path.unlink()
    assert poll(reader).totals.built == 1
    fresh.write_bytes(lines(begin(name="next"), *(done(f"a/b{number}") for number in range(9))))
    fresh.rename(path)
    assert shows(reader, built(9), "the next build").source.name == "next"


def test_a_file_that_cannot_be_read_any_more_is_told_and_read_anew_when_it_can(
    opened: Opens, tmp_path: Path
) -> None:
    path, told = tmp_path / "build.events", []
    path.write_bytes(lines(begin(workers=1), done("a/b")))
    reader = opened(str(path), EventReader)
    poll(reader)
    path.unlink()
    path.mkdir()

    def is_told() -> bool:
        try:
            poll(reader)
        except FormatError as error:
            told.append(str(error))
        return bool(told)

    eventually(is_told, "the directory in its place")
    assert "is no pipe and no file" in told[0]
    path.rmdir()
    path.write_bytes(lines(begin(workers=1), done("a/b")))
    assert poll(reader).totals.built == 1


def test_the_age_of_a_file_is_that_of_its_last_line(opened: Opens, tmp_path: Path) -> None:
    path = tmp_path / "build.events"
    path.write_bytes(lines(begin(workers=1)))
    os.utime(path, (EPOCH, EPOCH + 5000 - 120))
    assert poll(opened(str(path), EventReader)).age == 120


def test_a_file_that_is_not_there_can_be_asked_for_again(opened: Opens, tmp_path: Path) -> None:
    path = tmp_path / "build.events"
    reader = opened(str(path), EventReader)
    with pytest.raises(FileNotFoundError):
        poll(reader)
    path.write_bytes(lines(done("a/b")))
    assert poll(reader).totals.built == 1


def test_of_a_file_that_takes_long_to_read_it_is_told_how_far_that_is(tmp_path: Path) -> None:
    class Slow(Intake):
        go_on = threading.Event()

        def take(self, lines: Iterable[bytes], now: float, wall: float) -> None:
            super().take(lines, now, wall)
            self.go_on.wait(PATIENCE)

    path = tmp_path / "build.events"
    path.write_bytes(lines(begin(workers=1)) + b"\n" * (4 * CHUNK - len(lines(begin(workers=1)))))
    clocks = Clocks()
    slow = Slow(str(path), clock=clocks.monotonic, wall=clocks.wall, probe=lambda: QUIET)
    reader = StreamReader(str(path), slow, clock=clocks.monotonic, wall=clocks.wall)
    try:
        told = "still reading what is there: 25%"
        shown = shows(reader, lambda shown: shown.problem == told, told)
        assert shown.state is BuildState.BUILDING
        slow.go_on.set()
        shows(reader, lambda shown: shown.problem is None, "the end of the file")
    finally:
        slow.go_on.set()
        reader.close()


def test_what_no_events_come_from_is_told(opened: Opens, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"/null is no pipe and no file: expected a pipe, or a file, with"):
        poll(opened("/dev/null"))
    with pytest.raises(FormatError, match=r"is no pipe and no file"):
        poll(opened(str(tmp_path)))
    parent, child = pty.openpty()
    try:
        with pytest.raises(FormatError, match=r"^standard input is a terminal: expected a pipe"):
            poll(opened(child))
    finally:
        os.close(parent)
        os.close(child)


def test_snapshots_of_any_size_come_through_a_pipe(opened: Opens, pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    reader = opened(reading)
    poll(reader)
    value = {**json.loads(relayed()), "comment": "x" * 300_000}
    rest = memoryview(json.dumps(value).encode() + b"\n")
    while rest:
        rest = rest[os.write(writing, rest) :]
    assert (
        shows(reader, lambda shown: shown.totals.queued == 9, "the snapshot").source.kind is SourceKind.JSON
    )
