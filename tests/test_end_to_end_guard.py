"""Whatever ends a build, nothing is left behind: real processes, real signals, real terminals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .terminal import PATIENCE, SYNTHTOP, Terminal, alive, children, environment, eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

WORKERS = 8
STUBBORN = """
import os, pathlib, signal, sys
for signum in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(signum, signal.SIG_IGN)
here = pathlib.Path(os.environ["SYNTHTOP_WORKDIR"])
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        (here / "new").write_text(f"{os.getpid()} {os.getppid()} {sys.argv[1]}")
        (here / "new").rename(here / "pids")
        while True:
            signal.pause()
    os._exit(0)
(here / "own").write_text(str(os.getpid()))
while True:
    sum(range(100_000))
"""


@pytest.fixture
def stubborn(tmp_path: Path) -> list[str]:
    """A build of 8 busy packages that ignore SIGTERM, each with a grandchild in a session of its own."""
    script = tmp_path / "stubborn.py"
    script.write_text(STUBBORN)
    origins = [f"test/busy{number}" for number in range(WORKERS)]
    command = f"exec nice {sys.executable} {script} {{}}"
    return [*SYNTHTOP, "run", "-j", str(WORKERS), "--grace", "1s", "--logs", "logs", "-c", command, *origins]


def jobs(tmp_path: Path) -> list[int]:
    """The pids of all packages and of their grandchildren, once all are there."""
    found: list[int] = []

    def complete() -> bool:
        texts = [file.read_text().split() for file in tmp_path.glob("logs/work/*/[po]*")]
        found[:] = [int(words[0]) for words in texts if words]
        return len(found) == 2 * WORKERS

    eventually(complete, "16 processes")
    return found


@contextmanager
def running(command: list[str], cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    with open(cwd / "output", "wb") as output:
        process = subprocess.Popen(
            [*command, "--plain"],
            cwd=cwd,
            env=environment(XDG_RUNTIME_DIR=str(cwd)),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


@pytest.mark.parametrize(
    ("signum", "status"),
    [(signal.SIGTERM, 143), (signal.SIGINT, 130)],
)
def test_a_signal_stops_the_build_and_all_that_came_from_it(
    stubborn: list[str], tmp_path: Path, signum: signal.Signals, status: int
) -> None:
    with running(stubborn, tmp_path) as build:
        pids = jobs(tmp_path)
        build.send_signal(signum)
        assert build.wait(PATIENCE) == status
        assert alive(pids) == []


def test_a_killed_build_is_cleaned_up_by_its_guard(stubborn: list[str], tmp_path: Path) -> None:
    with running(stubborn, tmp_path) as build:
        pids = jobs(tmp_path)
        [child] = children(build.pid)
        os.kill(child, signal.SIGKILL)
        assert build.wait(PATIENCE) == 128 + signal.SIGKILL
        assert alive([child, *pids]) == []


def test_a_build_whose_guard_was_killed_stops_by_itself(stubborn: list[str], tmp_path: Path) -> None:
    with running(stubborn, tmp_path) as build:
        pids = jobs(tmp_path)
        [child] = children(build.pid)
        build.kill()
        build.wait(PATIENCE)
        eventually(lambda: not alive([child, *pids]), "the end of all processes")
        assert b"8 packages not built" in (tmp_path / "output").read_bytes()


def test_the_build_goes_on_when_its_terminal_is_closed(stubborn: list[str], tmp_path: Path) -> None:
    with Terminal(stubborn, tmp_path) as terminal:
        pids = jobs(tmp_path)
        terminal.until_text("test/busy7")
        [child] = children(terminal.pid)
        terminal.hang_up()
        detached = tmp_path / "logs" / "synthtop.log"
        eventually(lambda: detached.exists() and "Built 0" in detached.read_text(), "lines in synthtop.log")
        assert sorted(alive(pids)) == sorted(pids)
        os.kill(child, signal.SIGTERM)
        eventually(lambda: not alive([child, terminal.pid, *pids]), "the end of all processes")
        assert "8 packages not built" in detached.read_text()
        assert not (tmp_path / "synthtop" / "exec.dat").exists()


def test_an_ignored_hangup_stays_ignored(tmp_path: Path) -> None:
    """What nohup does must be respected: the text goes on where it went before."""
    command = [*SYNTHTOP, "run", "--plain", "-j1", "--logs", "logs", "-c", "read line < go; true # {}", "a/b"]
    os.mkfifo(tmp_path / "go")
    with running(["/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh", *command], tmp_path) as build:
        eventually(lambda: b"START   a/b" in (tmp_path / "output").read_bytes(), "the start")
        build.send_signal(signal.SIGHUP)
        (tmp_path / "go").write_text("on\n")
        assert build.wait(PATIENCE) == 0
        assert b"SUCCESS a/b" in (tmp_path / "output").read_bytes()
        assert not (tmp_path / "logs" / "synthtop.log").exists()
