"""Builds that are killed and resumed, by the real program: nothing is lost, and nothing is built twice."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from synthtop.run import proctree

from .terminal import PATIENCE, SYNTHTOP, alive, environment

KILLS = 20


class Runs:
    """One run after the other of the plan in ``directory``, each of which logs what it starts."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.logs = directory / "logs"
        self.journal = directory / "started"
        self.journal.touch()

    def begin(self, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*SYNTHTOP, "run", "plan.toml", "--plain", "-j", "3", "--logs", str(self.logs), *options],
            cwd=self.directory,
            env=environment(XDG_RUNTIME_DIR=str(self.directory)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *options: str) -> tuple[int, str, list[str]]:
        """A whole run: its status, what it said, and what it has started."""
        before = len(self.started)
        process = self.begin(*options)
        said, _ = process.communicate(timeout=PATIENCE)
        return process.returncode, said, self.started[before:]

    @property
    def started(self) -> list[str]:
        return self.journal.read_text().splitlines()

    @property
    def recorded(self) -> list[str]:
        try:
            return [line.split()[2] for line in (self.logs / "01_success_list.log").read_text().splitlines()]
        except FileNotFoundError:
            return []


def kill_all(process: subprocess.Popen[str]) -> None:
    """End a run and all that comes from it, so that none of it can do anything about that."""
    process.send_signal(signal.SIGSTOP)
    while found := alive(list(proctree.descendants(proctree.table(), {process.pid}))):
        proctree.signal_all(found, signal.SIGKILL)
    process.kill()
    process.communicate()


def state_of(file: Path) -> tuple[int, int, int] | None:
    """What differs once it was written again, be it within the same second."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def moment(runs: Runs, rng: random.Random) -> Callable[[], bool]:
    """Any one between the first steps of a run and its third package."""
    started, recorded, count = len(runs.started), len(runs.recorded), rng.randrange(1, 4)

    def changed(name: str) -> Callable[[], bool]:
        file = runs.logs / name
        before = state_of(file)
        return lambda: state_of(file) not in (None, before)

    return rng.choice(
        [
            changed("synthtop.lk"),
            changed("resume.json"),
            changed("00_last_results.log"),
            lambda: len(runs.started) >= started + count,
            lambda: len(runs.recorded) >= recorded + count,
        ]
    )


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_killed_at_twenty_random_moments_a_build_loses_nothing_and_builds_nothing_twice(
    tmp_path: Path,
) -> None:
    origins = [f"test/p{number}" for number in range(240)]
    needs = [[], [], [], *([origin] for origin in origins[:-3])]
    entries = [f'[[package]]\norigin = "{o}"\nneeds = {n}\n' for o, n in zip(origins, needs, strict=True)]
    command = '[build]\ncommand = "echo {origin} >> started; sleep 0.05"\n'
    (tmp_path / "plan.toml").write_text(command + "".join(entries))
    runs = Runs(tmp_path)
    rng = random.Random(20)
    recorded: list[str] = []
    for _ in range(KILLS):
        before = len(runs.started)
        come = moment(runs, rng)
        process = runs.begin("--resume")
        deadline = time.monotonic() + PATIENCE
        while not come():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.002)
        kill_all(process)
        assert runs.recorded[: len(recorded)] == recorded
        assert not set(runs.started[before:]) & set(recorded)
        recorded = runs.recorded
    assert 0 < len(recorded) < len(origins)
    status, said, started = runs.run("--resume")
    assert status == 0
    assert f"resume: {len(recorded)} of {len(origins)} were built before\n" in said
    assert sorted(started + recorded) == sorted(runs.recorded) == sorted(origins)


PLAN = """
[build]
command = "echo {origin} >> started; test {name} != flaky || test -e mended"
[[package]]
origin = "test/good"
[[package]]
origin = "test/flaky"
needs = ["test/good"]
[[package]]
origin = "test/blocked"
needs = ["test/flaky"]
"""


def test_what_failed_is_built_alone_then_what_it_blocked_then_what_changes(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(PLAN)
    runs = Runs(tmp_path)
    status, said, started = runs.run("--retry", "1")
    assert (status, started) == (1, ["test/good", "test/flaky", "test/flaky"])
    assert "retry 1 of 1: test/flaky failed in build: exit status 1" in said
    (tmp_path / "mended").touch()
    status, said, started = runs.run("--only-failed")
    assert (status, started) == (0, ["test/flaky"])
    assert "only what failed: 1 package, and 1 that it needs" in said
    status, said, started = runs.run("--only-failed")
    assert (status, started) == (0, [])
    assert "nothing of this plan failed" in said
    entry = 'origin = "test/good"\n'
    (tmp_path / "plan.toml").write_text(PLAN.replace(entry, f"{entry}env = {{ CC = 'clang' }}\n"))
    status, said, started = runs.run("--resume")
    assert (status, sorted(started)) == (0, ["test/blocked", "test/good"])
    assert "resume: 2 of 3 were built before, 1 of them changed since" in said
    assert sorted(runs.recorded) == ["test/blocked", "test/flaky", "test/good"]
