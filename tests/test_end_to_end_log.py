"""A package's log on a real terminal, and the programs that it is handed to."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from .terminal import SYNTHTOP, Terminal, alive, environment, eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

READER = """#!/bin/sh
# A program as pagers are: it takes the keys one by one, and does not end by a ctrl+c.
trap 'echo interrupted' INT
echo $$ > reader.pid
stty -icanon -echo
for last; do :; done
echo "reading ${last##*/}"
while key=$(dd bs=1 count=1 2>/dev/null); [ "$key" != q ]; do echo "key <$key>"; done
"""


@pytest.fixture
def build(tmp_path: Path) -> list[str]:
    """A build of one package that says each line that comes from the FIFO `go`, until it says `end`."""
    os.mkfifo(tmp_path / "go")
    # Opened for writing too, so that there is no end of it, and no line is lost between two.
    said = 'while read line <&3 && [ "$line" != end ]; do echo "it says $line"; done'
    job = f"exec 3<>{tmp_path}/go; echo {{}}; {said}"
    return [*SYNTHTOP, "run", "-j1", "--logs", "logs", "--no-monitor", "-c", job, "a/b"]


@pytest.fixture
def reader(tmp_path: Path) -> str:
    """A program to read with, that leaves its pid in `reader.pid`."""
    path = tmp_path / "reader"
    path.write_text(READER)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def say(directory: Path, line: str) -> None:
    """Have the package say this."""
    (directory / "go").write_text(f"{line}\n")


def started(terminal: Terminal) -> None:
    terminal.until(lambda shown: shown.in_app and "a/b" in shown.text, "the dashboard")


def test_a_log_is_read_while_it_grows(build: list[str], tmp_path: Path) -> None:
    with Terminal(build, tmp_path) as terminal:
        started(terminal)
        say(tmp_path, "one")
        terminal.press("l")
        terminal.until_text("it says one")
        say(tmp_path, "\x1b[31mtwo\x1b]0;a title\x07")
        terminal.until_text("it says two␛]0;a title␇")
        assert "FOLLOWING" in terminal.text
        terminal.press("/ONE\r")
        terminal.until_text("not found")
        say(tmp_path, "end")
        terminal.until_text("built")
        terminal.press("qq")
        assert terminal.status() == 0
        assert terminal.left_clean


@pytest.mark.parametrize(("key", "variable"), [("p", "PAGER"), ("v", "EDITOR")])
def test_a_log_is_handed_to_another_program_and_the_build_goes_on(
    key: str, variable: str, build: list[str], reader: str, tmp_path: Path
) -> None:
    surroundings = environment(XDG_RUNTIME_DIR=str(tmp_path), **{variable: f"{reader} 'a b'"})
    surroundings.pop("VISUAL", None)
    with Terminal(build, tmp_path, surroundings) as terminal:
        started(terminal)
        say(tmp_path, "one")
        terminal.press("l")
        terminal.until_text("it says one")
        terminal.press(key)
        terminal.until_text("reading a___b.log")
        assert not terminal.in_app
        # For the program alone, and what would stop it has nobody to bring it back.
        terminal.press("\x03")
        terminal.until_text("interrupted")
        terminal.press("\x1a")
        terminal.press("x")
        terminal.until_text("key <x>")
        say(tmp_path, "two")
        terminal.press("q")
        terminal.until(lambda shown: shown.in_app and "it says two" in shown.text, "the log")
        terminal.press("q")
        terminal.until_text("Workers:")
        say(tmp_path, "end")
        terminal.until_text("Finished in")
        assert "1 built" in terminal.text or "Built: 1" in terminal.text
        terminal.press("q")
        assert terminal.status() == 0
        assert terminal.left_clean


def test_a_program_that_reads_a_log_ends_with_the_build_and_not_before(
    build: list[str], reader: str, tmp_path: Path
) -> None:
    surroundings = environment(XDG_RUNTIME_DIR=str(tmp_path), PAGER=reader)
    with Terminal(build, tmp_path, surroundings) as terminal:
        started(terminal)
        terminal.press("lp")
        terminal.until_text("reading a___b.log")
        [pid] = [int((tmp_path / "reader.pid").read_text())]
        say(tmp_path, "end")
        eventually((tmp_path / "logs" / "summary.txt").exists, "the end of the build")
        assert alive([pid])
        os.kill(terminal.pid, 15)
        assert terminal.status() == 0
        assert terminal.left_clean
        eventually(lambda: not alive([pid]), "the end of the program")
