"""Terminals that fail the build: stuck, closed, or only the place where its text began."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .terminal import COLOUR, PATIENCE, SYNTHTOP, Terminal, alive, children, environment, eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def build(tmp_path: Path) -> list[str]:
    """A build of two packages, one after the other, each waiting until somebody writes to the FIFO `go`."""
    os.mkfifo(tmp_path / "go")
    job = f"echo in {{}}; read line < {tmp_path}/go; echo {{}} goes on"
    return [*SYNTHTOP, "run", "-j1", "--logs", "logs", "--monitor", "m.dat", "-c", job, "a/b", "c/d"]


def let_one_go(directory: Path) -> None:
    """End the package that runs."""
    (directory / "go").write_text("on\n")


def built(directory: Path) -> int:
    return int(json.loads((directory / "m.json").read_text())["totals"]["built"])


def test_a_stuck_terminal_stops_neither_the_build_nor_its_files(build: list[str], tmp_path: Path) -> None:
    with Terminal(build, tmp_path, rows=50, columns=200) as terminal:
        terminal.until_text("a/b")
        terminal.stuff()
        let_one_go(tmp_path)
        eventually(lambda: built(tmp_path) == 1, "the first package in m.json")
        let_one_go(tmp_path)
        eventually(lambda: not (tmp_path / "m.lk").exists(), "the end")
        assert json.loads((tmp_path / "m.json").read_text())["state"] == "finished"
        # Read again, the terminal shows how it ended.
        terminal.until_text("Finished in")
        terminal.press("q")
        assert terminal.status() == 0
        assert terminal.left_clean


def test_a_stuck_terminal_does_not_delay_a_stop(build: list[str], tmp_path: Path) -> None:
    with Terminal(build, tmp_path, rows=50, columns=200) as terminal:
        terminal.until_text("a/b")
        terminal.stuff()
        os.kill(terminal.pid, signal.SIGTERM)
        eventually(lambda: terminal.ended() is not None, "the end of the build")
        assert terminal.status() == 143
        assert terminal.left_clean
        assert json.loads((tmp_path / "m.json").read_text())["state"] == "interrupted"
        assert not (tmp_path / "m.lk").exists()


def test_plain_text_on_a_closed_terminal_goes_on_in_the_logs_directory(
    build: list[str], tmp_path: Path
) -> None:
    with Terminal([*build, "--plain"], tmp_path) as terminal:
        terminal.until_text("START   a/b")
        [child] = children(terminal.pid)
        terminal.hang_up()
        detached = tmp_path / "logs" / "synthtop.log"
        eventually(detached.exists, "synthtop.log")
        let_one_go(tmp_path)
        eventually(lambda: "SUCCESS a/b" in detached.read_text(), "the first package's end")
        let_one_go(tmp_path)
        eventually(lambda: "all 2 packages built" in detached.read_text(), "the end")
        eventually(lambda: not Path(f"/proc/{child}").exists(), "the end of the process")


def test_a_hangup_leaves_text_that_goes_into_a_file_where_it_is(build: list[str], tmp_path: Path) -> None:
    output = tmp_path / "output"
    with output.open("wb") as file:
        process = subprocess.Popen(
            build, cwd=tmp_path, env=environment(XDG_RUNTIME_DIR=str(tmp_path)), stdout=file, stderr=file
        )
    try:
        eventually(lambda: "START   a/b" in output.read_text(), "the start")
        process.send_signal(signal.SIGHUP)
        let_one_go(tmp_path)
        eventually(lambda: "START   c/d" in output.read_text(), "the second package")
        let_one_go(tmp_path)
        assert process.wait(PATIENCE) == 0
        assert "all 2 packages built" in output.read_text()
        assert not (tmp_path / "logs" / "synthtop.log").exists()
    finally:
        process.kill()


def test_a_terminal_that_is_closed_when_all_is_over_ends_the_dashboard(
    build: list[str], tmp_path: Path
) -> None:
    with Terminal(build, tmp_path) as terminal:
        terminal.until_text("a/b")
        let_one_go(tmp_path)
        terminal.until_text("Built: 1")
        let_one_go(tmp_path)
        terminal.until_text("Finished in")
        processes = [terminal.pid, *children(terminal.pid)]
        terminal.hang_up()
        eventually(lambda: not alive(processes), "the end of both processes")


# -- what a terminal gets ----------------------------------------------------------------------------


def whole_run(tmp_path: Path, *options: str, **env: str) -> bytes:
    """All that a terminal gets of a build with a failure, from the first frame to the summary."""
    os.mkfifo(tmp_path / "go")
    job = f"read line < {tmp_path}/go; test {{}} != c/d"
    command = [*SYNTHTOP, "run", "-j1", "--logs", "logs", *options, "-c", job, "a/b", "c/d"]
    surroundings = environment(XDG_RUNTIME_DIR=str(tmp_path), **env)
    with Terminal(command, tmp_path, surroundings, rows=40, columns=130) as terminal:
        terminal.until(lambda shown: shown.in_app and "a/b" in shown.text, "the dashboard")
        terminal.press("-")
        terminal.press("q")
        terminal.until_text("Stop now")
        terminal.press("\x1b")
        terminal.until(lambda shown: "Stop now" not in shown.text, "the end of the question")
        let_one_go(tmp_path)
        terminal.until_text("Built: 1")
        let_one_go(tmp_path)
        terminal.until_text("Finished in")
        terminal.press("q")
        assert terminal.status() == 1
        return terminal.raw


def test_a_build_in_a_terminal_without_utf8_sends_it_ascii_alone(tmp_path: Path) -> None:
    assert whole_run(tmp_path, LC_ALL="C").isascii()


def test_a_build_sends_no_colour_to_who_wants_none(tmp_path: Path) -> None:
    assert COLOUR.findall(whole_run(tmp_path, NO_COLOR="1")) == []


def test_a_theme_that_is_chosen_is_the_builds(tmp_path: Path) -> None:
    raw = whole_run(tmp_path, "--theme", "16")
    assert COLOUR.findall(raw) != []
    assert b"8;5;" not in raw
    assert b"8;2;" not in raw
