"""The recorder shown builds of others: each is in the history once, with whatever its source says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.model import (
    BuildState,
    Finished,
    HostSample,
    Outcome,
    Snapshot,
    Source,
    SourceKind,
    Totals,
    View,
    WorkerRow,
    WorkerState,
)

from .recording import HOST, JSON, STARTED, Shelf, World, built, snapshot


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_who_watches_a_build_that_records_itself_writes_nothing(world: World) -> None:
    own = world.recorder()
    world.tell(own, snapshot(0))
    watcher = world.recorder(own=False)
    world.tell(watcher, snapshot(3, source=JSON))
    world.tell(own, snapshot(20, built("a/a", 15)))
    watcher.close()
    own.close()
    (run,) = world.runs()
    assert run.own
    assert (run.kind, run.elapsed, run.totals.built) == (SourceKind.RUN, 20, 1)


def test_who_watched_before_the_build_recorded_itself_leaves_it_alone_from_then_on(world: World) -> None:
    watcher, own = world.recorder(own=False), world.recorder()
    world.tell(watcher, snapshot(1, source=JSON))
    watcher.close()
    world.tell(own, snapshot(2, built("a/a", 1)))
    own.close()
    world.record(snapshot(3, source=JSON, max_workers=99), own=False)
    (run,) = world.runs()
    assert (run.own, run.kind, run.path, run.workers) == (True, SourceKind.RUN, JSON.path, 4)


def test_a_build_that_several_watch_again_and_again_is_one_with_each_package_once(world: World) -> None:
    a, b = built("a/a", 5), built("b/b", 15)
    one, other = world.recorder(own=False), world.recorder(own=False)
    for elapsed, ended in ((6, [a]), (8, [a]), (20, [a, b])):
        for watcher, jitter in ((one, 0.0), (other, 1.4)):
            said = snapshot(elapsed, *ended, source=JSON)
            world.tell(watcher, replace(said, started=STARTED + jitter))
    one.close()
    other.close()
    world.record(snapshot(30, a, b, source=JSON, state=BuildState.FINISHED), own=False)
    (run,) = world.runs()
    assert (run.own, run.kind, run.state) == (False, SourceKind.JSON, BuildState.FINISHED)
    assert run.path == "/run/synthtop/LiveSystem.json"
    assert [package.origin for package in world.packages(run)] == ["a/a", "b/b"]


def test_a_build_that_is_left_while_it_goes_on_is_not_said_to_be_building(world: World) -> None:
    world.record(snapshot(5, source=JSON), own=False)
    (run,) = world.runs()
    assert (run.state, run.ended) == (BuildState.STALE, None)


def test_another_build_that_is_chosen_is_another_run(world: World) -> None:
    other = JSON._replace(path="/run/synthtop/World.json", name="World", logs="/logs/World")
    recorder = world.recorder(own=False)
    world.tell(recorder, snapshot(5, built("a/a", 1), source=JSON))
    world.tell(recorder, replace(snapshot(6), state=BuildState.WAITING, started=None, elapsed=None))
    world.tell(recorder, replace(snapshot(7, built("b/b", 2), source=other), started=STARTED - 3600))
    world.tell(recorder, snapshot(8, built("a/a", 1), built("c/c", 8), source=JSON))
    recorder.close()
    runs = {run.name: run for run in world.runs()}
    assert [package.origin for package in world.packages(runs["World"])] == ["b/b"]
    assert [package.origin for package in world.packages(runs["LiveSystem"])] == ["a/a", "c/c"]


def test_the_next_build_at_the_same_path_is_another_run(world: World) -> None:
    over = snapshot(4, built("a/a", 1), source=JSON, state=BuildState.FINISHED)
    again = replace(snapshot(0, source=JSON), started=STARTED + 8, time=STARTED + 8)
    world.record(snapshot(0, source=JSON), over, again, own=False)
    assert [(run.started, run.state) for run in world.runs()] == [
        (STARTED + 8, BuildState.STALE),
        (STARTED, BuildState.FINISHED),
    ]


def test_what_is_no_build_or_began_nobody_knows_when_is_not_recorded(world: World) -> None:
    shelf = Shelf()
    recorder = world.recorder(own=False, writer=shelf)
    for said in (
        snapshot(1, state=BuildState.WAITING),
        snapshot(2, state=BuildState.UNREADABLE),
        replace(snapshot(3, source=Source(SourceKind.LOG, "/logs"), started=None), elapsed=None),
        snapshot(4, started=-5.0),
        snapshot(5, started=float("nan")),
        snapshot(6, started=1e300),
    ):
        world.tell(recorder, said)
    recorder.close()
    assert shelf.done.empty()
    assert world.said == []


def test_where_only_the_time_that_it_took_is_known_it_began_so_long_before(world: World) -> None:
    world.record(snapshot(50, source=JSON, started=None), own=False)
    (run,) = world.runs()
    assert (run.started, run.elapsed) == (STARTED, 50)


def test_a_text_file_belongs_to_the_build_whose_json_comes_a_moment_later(world: World) -> None:
    shelf = Shelf()
    text = Source(SourceKind.TEXT, "/run/synthtop/live.dat")
    recorder = world.recorder(own=False, writer=shelf)
    world.tell(recorder, snapshot(1, source=text))
    world.tell(recorder, snapshot(2, source=JSON._replace(path=text.path)))
    recorder.close()
    (run,) = shelf.runs.values()
    assert (run.name, run.kind) == ("LiveSystem", SourceKind.JSON)
    assert shelf.done.qsize() == 1


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/run/synthtop/live.dat", "live"),
        ("/build/synth/world/logs/", "world"),
        ("/build/world/stats/monitor.dat", "world"),
        ("/data/logs/bulk/13amd64-default/latest/.data.json", "13amd64-default"),
        ("/", "build"),
        ("-", "build"),
    ],
)
def test_a_build_that_does_not_say_its_name_and_host_has_those_of_what_is_followed(
    world: World, path: str, name: str
) -> None:
    world.record(snapshot(1, source=Source(SourceKind.REPORT, path)), own=False)
    (run,) = world.runs()
    assert (run.name, run.host) == (name, HOST)
    assert run.path == (None if path == "-" else path.rstrip("/") or "/")


def test_a_finished_build_of_dsynths_is_recorded_only_if_it_was_seen_to_run(world: World) -> None:
    dsynth = Source(SourceKind.DSYNTH, "/build/logs", logs="/build/logs")
    shelf = Shelf()
    found = world.recorder(own=False, writer=shelf)
    world.tell(found, snapshot(90, source=dsynth, state=BuildState.FINISHED))
    found.close()
    assert shelf.done.empty()
    world.record(
        snapshot(80, source=dsynth), snapshot(90, source=dsynth, state=BuildState.FINISHED), own=False
    )
    (run,) = world.runs()
    assert run.state is BuildState.FINISHED


def test_a_file_of_events_that_tells_no_times_is_not_another_build_each_time_it_is_read(
    world: World, tmp_path: Path
) -> None:
    path = tmp_path / "events"
    path.write_text("{}\n")
    shelf = Shelf()
    recorder = world.recorder(own=False, writer=shelf)
    events = Source(SourceKind.EVENTS, str(path), HOST, "LiveSystem")
    world.tell(recorder, snapshot(0, built("a/a", 0), source=events))
    world.tell(recorder, snapshot(20, built("a/a", 0), source=events))
    recorder.close()
    assert shelf.done.empty()
    # From a pipe comes what happens now.
    world.record(snapshot(0, built("a/a", 0), source=events._replace(path="-")), own=False)
    assert len(world.runs()) == 1


# -- what sources may say ----------------------------------------------------------------------------

_NUMBERS = st.none() | st.integers(-(1 << 70), 1 << 70)
_FIGURES = st.none() | st.floats()
_TEXTS = st.none() | st.text(max_size=8) | st.just("x" * 10_000) | st.just("\ud800\0\x1b[31m")


@settings(max_examples=50)
@given(
    started=st.floats(1.0, 2e11),
    elapsed=_NUMBERS,
    time=st.floats(),
    figures=st.tuples(_FIGURES, _FIGURES, _FIGURES),
    totals=st.tuples(*[_NUMBERS] * 6),
    texts=st.tuples(_TEXTS, _TEXTS, _TEXTS, _TEXTS),
    packages=st.lists(
        st.builds(
            Finished, st.text(max_size=8) | st.just("y" * 2000), st.sampled_from(Outcome), _NUMBERS,
            st.none(), _TEXTS, _TEXTS, _NUMBERS, _NUMBERS, _TEXTS,
        ),
        max_size=4,
    ),
    age=_NUMBERS,
)  # fmt: skip
def test_whatever_a_source_says_is_recorded_as_far_as_it_can_be(
    tmp_path_factory: pytest.TempPathFactory, **said: Any
) -> None:
    world = World(tmp_path_factory.mktemp("history"))
    name, host, path, logs = said["texts"]
    rate, load, swap = said["figures"]
    told = Snapshot(
        seq=1,
        state=BuildState.BUILDING,
        time=said["time"],
        source=Source(SourceKind.JSON, path, host, name, logs),
        started=said["started"],
        elapsed=said["elapsed"],
        age=said["age"],
        rate=rate,
        host=HostSample(load=load, swap_pct=swap),
        totals=Totals(said["totals"][0], *[count or 0 for count in said["totals"][1:]]),
        workers=(WorkerRow(0, WorkerState.RUNNING, origin="a/a"),),
        finished=View(said["packages"]),
    )
    recorder = world.recorder(own=False)
    recorder.on_snapshot(told)
    recorder.on_snapshot(replace(told, state=BuildState.FINISHED))
    recorder.close()
    assert world.said == []
    (run,) = world.runs()
    assert run.started == said["started"]
    assert {package.origin for package in world.packages(run)} == {
        package.origin for package in said["packages"] if 0 < len(package.origin) <= 1000
    }
