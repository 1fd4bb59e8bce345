"""What real builds leave in the history: of those that end, that are killed, and that others watch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from synthtop.history.problem import NoHistory
from synthtop.history.reading import SILENT, History
from synthtop.history.record import Run
from synthtop.model import BuildState, Outcome, SourceKind

from .copying import copy_of, packages_in
from .terminal import PATIENCE, SYNTHTOP, children, environment, eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

COMMAND = 'case {} in */slow) read -r _ < "$GATE" ;; */bad) exit 3 ;; esac'
"""Builds a package at once; a slow one waits until the gate is opened."""
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a synthtop, with its history in ``state`` where one is ``kept``; none outlives the test."""
    os.mkfifo(tmp_path / "gate")
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: str, kept: bool = True) -> subprocess.Popen[bytes]:
        said = {"SYNTHTOP_NO_HISTORY": "false" if kept else "true"}
        places = {"XDG_RUNTIME_DIR": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
        process = subprocess.Popen(
            [*SYNTHTOP, *words, "--plain"],
            cwd=tmp_path,
            env=environment(**places, **said, GATE=str(tmp_path / "gate")),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def build(start: Start, *origins: str, kept: bool = True) -> subprocess.Popen[bytes]:
    words = ("run", "-j", "2", "--logs", "logs", "--monitor", "m.json")
    return start(*words, "-c", COMMAND, *origins, kept=kept)


def open_gate(tmp_path: Path) -> None:
    with open(tmp_path / "gate", "w") as gate:
        gate.write("\n")


def runs(tmp_path: Path, now: float | None = None) -> list[Run]:
    with suppress(NoHistory), History(str(tmp_path / "state/synthtop/history.db")) as history:
        return history.runs(now=now)
    return []


def test_a_build_is_in_the_history_while_it_goes_on_and_whole_when_it_is_over(
    start: Start, tmp_path: Path
) -> None:
    building = build(start, "t/quick", "t/bad", "t/slow")
    eventually(lambda: any(run.totals.built for run in runs(tmp_path)), "the package in the history")
    (run,) = runs(tmp_path)
    assert (run.state, run.own, run.totals.queued) == (BuildState.BUILDING, True, 3)
    packages_in(copy_of(tmp_path / "state/synthtop/history.db", tmp_path / "copy"))
    open_gate(tmp_path)
    output, _ = building.communicate(timeout=PATIENCE)
    assert building.returncode == 1, output
    assert b"history:" not in output
    (run,) = runs(tmp_path)
    assert (run.state, run.name, run.workers) == (BuildState.FINISHED, "case", 2)
    assert run.totals[:3] == (3, 2, 1)
    with History(str(tmp_path / "state/synthtop/history.db")) as history:
        ended = {package.origin: package for package in history.packages(run.id)}
        assert [minute.minute for minute in history.minutes(run.id)] == [0]
    assert {origin: package.outcome for origin, package in ended.items()} == {
        "t/quick": Outcome.BUILT,
        "t/bad": Outcome.FAILED,
        "t/slow": Outcome.BUILT,
    }
    assert ended["t/bad"].reason == "exit status 3"
    assert ended["t/slow"].log == str(tmp_path / "logs/t___slow.log")
    assert packages_in(copy_of(tmp_path / "state/synthtop/history.db", tmp_path / "later")) == 3


def test_a_build_that_was_killed_is_gone_once_nothing_was_heard_of_it(start: Start, tmp_path: Path) -> None:
    guard = build(start, "t/slow")
    eventually(lambda: runs(tmp_path), "the run in the history")
    (builder,) = children(guard.pid)
    os.kill(builder, signal.SIGKILL)
    guard.communicate(timeout=PATIENCE)
    (run,) = runs(tmp_path)
    assert run.state is BuildState.BUILDING
    (run,) = runs(tmp_path, now=run.updated + SILENT + 1)
    assert (run.state, run.ended) == (BuildState.GONE, None)


def test_a_build_that_two_others_watch_is_in_the_history_once(start: Start, tmp_path: Path) -> None:
    building = build(start, "t/quick", "t/slow", kept=False)
    eventually((tmp_path / "m.json").exists, "the monitor file")
    watching = [start("--follow", "m.json") for _ in range(2)]
    eventually(lambda: runs(tmp_path), "the run in the history")
    open_gate(tmp_path)
    for process in (building, *watching):
        output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, output
    # And who comes when it is over.
    start("--follow", "m.json").communicate(timeout=PATIENCE)
    (run,) = runs(tmp_path)
    assert (run.state, run.own, run.kind, run.name) == (
        BuildState.FINISHED,
        False,
        SourceKind.JSON,
        "case",
    )
    with History(str(tmp_path / "state/synthtop/history.db")) as history:
        assert sorted(package.origin for package in history.packages(run.id)) == ["t/quick", "t/slow"]


def test_who_watches_adds_nothing_to_what_a_build_records_itself(start: Start, tmp_path: Path) -> None:
    building = build(start, "t/slow")
    eventually((tmp_path / "m.json").exists, "the monitor file")
    watching = start("--follow", "m.json")
    eventually(lambda: runs(tmp_path), "the run in the history")
    open_gate(tmp_path)
    for process in (building, watching):
        process.communicate(timeout=PATIENCE)
    (run,) = runs(tmp_path)
    assert (run.own, run.kind, run.totals.built) == (True, SourceKind.RUN, 1)
