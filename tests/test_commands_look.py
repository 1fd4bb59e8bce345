"""Which source a word means, what cannot be followed, and what a relay writes."""

from __future__ import annotations

import os
import pty
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from synthtop.cli import main
from synthtop.commands import sources
from synthtop.commands.relaying import relay
from synthtop.commands.sources import Meant, meant_by, no_pipe
from synthtop.formats import json as monitor_json
from synthtop.model import BuildState, Source, SourceKind
from synthtop.pidlock import PidLock
from synthtop.targets import MonitorError

from . import builds, samples
from .terminal import SYNTHTOP, Terminal, environment


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def environ(here: Path) -> dict[str, str]:
    """Where a build called devtools is listed, whose logs are in logs/."""
    directory = here / "run" / "synthtop"
    directory.mkdir(parents=True, mode=0o700)
    source = Source(SourceKind.RUN, None, "here", "devtools", str(here / "logs"))
    (here / "logs").mkdir()
    (directory / "devtools.json").write_bytes(monitor_json.encode(builds.building(source=source)))
    (directory / "devtools.dat").write_bytes(samples.text())
    return {"XDG_RUNTIME_DIR": str(here / "run")}


@pytest.fixture
def running(here: Path, environ: dict[str, str]) -> Iterator[dict[str, str]]:
    """The same while the build runs."""
    lock = PidLock(str(here / "run/synthtop/devtools.lk"))
    yield environ
    lock.release()


# -- what a word means -------------------------------------------------------------------------------


def test_a_file_is_itself(here: Path, environ: dict[str, str]) -> None:
    (here / "devtools").write_bytes(samples.text())
    assert meant_by("devtools", environ) == Meant("devtools")


@pytest.mark.parametrize("script", [b"#!/bin/sh\nmake\n", b"\x7fELF\0"], ids=["script", "binary"])
def test_a_file_that_is_no_builds_means_the_build_that_runs_under_its_name(
    here: Path, running: dict[str, str], script: bytes
) -> None:
    """A build without a plan is called after the command that it is built with."""
    (here / "devtools").write_bytes(script)
    assert meant_by("devtools", running) == Meant(str(here / "run/synthtop/devtools.json"))
    assert meant_by("./devtools", running) == Meant("./devtools")


def test_so_does_a_directory_that_is_no_builds(here: Path, running: dict[str, str]) -> None:
    (here / "devtools").mkdir()
    assert meant_by("devtools", running) == Meant("devtools")  # a build may write into it yet
    (here / "devtools" / "notes").write_text("buy milk\n")
    assert meant_by("devtools", running) == Meant(str(here / "run/synthtop/devtools.json"))


def test_a_file_that_is_no_builds_is_itself_where_none_of_its_name_runs(
    here: Path, environ: dict[str, str]
) -> None:
    (here / "devtools").write_text("#!/bin/sh\n")
    (here / "run/synthtop/devtools.lk").write_text("4711\n")
    assert meant_by("devtools", environ) == Meant("devtools")


def test_an_empty_file_is_itself(here: Path, running: dict[str, str]) -> None:
    """Events may come into it."""
    (here / "devtools").touch()
    assert meant_by("devtools", running) == Meant("devtools")


def test_a_fifo_is_known_as_one(here: Path, environ: dict[str, str]) -> None:
    os.mkfifo(here / "events")
    assert meant_by("events", environ) == Meant("events", is_fifo=True)


def test_the_name_of_a_build_means_its_monitor_file(running: dict[str, str]) -> None:
    assert Path(meant_by("devtools", running).path).stem == "devtools"
    assert os.path.isabs(meant_by("devtools", running).path)


def test_the_logs_directory_of_a_build_means_its_monitor_file(running: dict[str, str]) -> None:
    assert meant_by("logs", running) == meant_by("devtools", running)
    assert meant_by("./logs/", running) == meant_by("devtools", running)


@pytest.mark.parametrize("word", ["-", "missing", "no/such/file", "", "a\0b", "x" * 5000])
def test_what_is_not_there_is_left_as_it_is(word: str, running: dict[str, str]) -> None:
    assert meant_by(word, running) == Meant(word)


def test_a_file_system_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = threading.Event()
    monkeypatch.setattr(sources, "_PATIENCE", 0.0)
    monkeypatch.setattr(sources, "_found", lambda word, environ: answer.wait() and Meant("late"))
    assert meant_by("/dead/disk", {}) == Meant("/dead/disk")
    answer.set()


# -- standard input ----------------------------------------------------------------------------------


@pytest.fixture
def stdin() -> Iterator[None]:
    """What is on descriptor 0 is put back afterwards."""
    kept = os.dup(0)
    yield
    os.dup2(kept, 0)
    os.close(kept)


@pytest.mark.usefixtures("stdin")
def test_a_terminal_is_no_stream() -> None:
    master, slave = pty.openpty()
    try:
        os.dup2(slave, 0)
        told = no_pipe("--follow -")
        assert told is not None
        assert told.startswith("--follow -: standard input is a terminal: expected a pipe, as in: ")
        assert told.endswith("mybuilder | synthtop --follow -")
    finally:
        os.close(master)
        os.close(slave)


@pytest.mark.usefixtures("stdin")
def test_nothing_is_no_stream() -> None:
    os.close(0)
    assert no_pipe("--follow -") == "--follow -: standard input is closed: expected a pipe or a file"


@pytest.mark.usefixtures("stdin")
def test_a_pipe_and_a_file_are_streams(here: Path) -> None:
    reading, writing = os.pipe()
    os.dup2(reading, 0)
    assert no_pipe("--follow -") is None
    for descriptor in (reading, writing):
        os.close(descriptor)
    file = os.open(here / "events", os.O_RDONLY | os.O_CREAT)
    os.dup2(file, 0)
    os.close(file)
    assert no_pipe("--follow -") is None


# -- relays ------------------------------------------------------------------------------------------


def test_a_relay_writes_what_is_followed_in_another_format(here: Path) -> None:
    relayed = relay(["json:other.json"], "m.dat", pytest.fail)
    relayed.on_snapshot(builds.building())
    relayed.close()
    assert monitor_json.decode((here / "other.json").read_bytes()).totals == builds.building().totals


@pytest.mark.parametrize("state", [BuildState.WAITING, BuildState.UNREADABLE])
def test_what_is_no_build_is_not_relayed(here: Path, state: BuildState) -> None:
    relayed = relay(["other.dat"], "m.dat", pytest.fail)
    relayed.on_snapshot(builds.building(state=state))
    assert sorted(path.name for path in here.iterdir()) == ["other.lk"]
    relayed.close()


@pytest.mark.parametrize(
    ("followed", "target"),
    [
        ("m.dat", "m.dat"),
        ("m.dat", "json:./m.json"),
        ("link.dat", "m.dat"),
        ("dsynth-1.0.2", "dsynth:dsynth-1.0.2/stats/monitor.dat"),
        ("dsynth-1.0.2", "report:dsynth-1.0.2/Report"),
        ("dsynth-1.0.2/stats/monitor.dat", "json:dsynth-1.0.2/stats/monitor.json"),
        ("dsynth-1.0.2/Report", "report:dsynth-1.0.2/Report"),
        ("dsynth-1.0.2/Report", "dsynth:dsynth-1.0.2/stats/monitor.dat"),
        ("dsynth-1.0.2/00_last_results.log", "dsynth:dsynth-1.0.2/stats/monitor.dat"),
        ("dsynth-1.0.2/00_last_results.log", "report:dsynth-1.0.2/Report"),
        ("dsynth-1.0.2/Report/summary.json", "text:dsynth-1.0.2/Report/summary.txt"),
        ("poudriere", "json:poudriere/.data.json"),
    ],
)
def test_nothing_is_written_where_what_is_followed_lies(here: Path, followed: str, target: str) -> None:
    samples.write_all(here)
    (here / "m.dat").write_bytes(samples.text())
    (here / "link.dat").symlink_to("m.dat")
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    with pytest.raises(MonitorError, match="belongs to what is followed: choose a path elsewhere"):
        relay([target], followed, pytest.fail)
    assert {path: path.read_bytes() for path in here.rglob("*") if path.is_file()} == before


# -- in a terminal -----------------------------------------------------------------------------------


def piped(here: Path, command: str) -> Terminal:
    surroundings = environment(XDG_RUNTIME_DIR=str(here), HOME=str(here))
    return Terminal(["/bin/sh", "-c", command.format(synthtop=" ".join(SYNTHTOP))], here, surroundings)


def test_a_stream_on_stdin_is_shown_while_keys_come_from_the_terminal(here: Path) -> None:
    (here / "events").write_text('{"event": "start", "slot": 0, "origin": "devel/gmake", "phase": "build"}\n')
    os.mkfifo(here / "never")
    with piped(here, "(cat events; exec cat never) | {synthtop} --follow -") as terminal:
        terminal.until(
            lambda shown: shown.in_app and "devel/gmake" in shown.text, "the package that is built"
        )
        terminal.press("q")
        terminal.until(lambda shown: not shown.in_app and shown.left_clean, "a clean end of the screen")


def test_a_terminal_on_stdin_is_refused_before_anything_is_shown(here: Path) -> None:
    with piped(here, "exec {synthtop} --follow -") as terminal:
        assert terminal.status() == 2
        assert "standard input is a terminal" in terminal.text


def test_as_text_a_followed_build_ends_with_its_build(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ended = builds.building(state=BuildState.FINISHED)
    (here / "m.json").write_bytes(monitor_json.encode(ended))
    assert main(["--follow", "m.json", "--plain", "--monitor", "json:n.json"]) == 0
    assert "Built 38 Failed 2" in capsys.readouterr().out
    assert monitor_json.decode((here / "n.json").read_bytes()).state is BuildState.FINISHED
