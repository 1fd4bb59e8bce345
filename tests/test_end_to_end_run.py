"""The whole program in a terminal, as a person uses it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .terminal import PATIENCE, ROOT, SYNTHTOP, Terminal, alive, children, environment, eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

PLAN = """
[build]
name = "sample"
workers = 2
phases = ["configure", "build"]
command = "./job {origin} {phase}"
[[package]]
origin = "devel/one"
[[package]]
origin = "devel/two"
needs = ["devel/one"]
[[package]]
origin = "lang/broken"
[[package]]
origin = "lang/blocked"
needs = ["lang/broken"]
[[package]]
origin = "x11/ignored"
ignore = "BROKEN: does not link"
"""
JOB = """#!/bin/sh
echo "$1 in $2"
case $1/$2 in
lang/broken/build) echo "job.c:3: error: no such thing"; exit 3;;
esac
[ ! -p "$PWD/go" ] || read line < "$PWD/go" || true
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan of five packages: two are built, one fails, one is skipped, one ignored."""
    (tmp_path / "plan.toml").write_text(PLAN)
    job = tmp_path / "job"
    job.write_text(JOB)
    job.chmod(0o755)
    return tmp_path / "plan.toml"


def run(*arguments: str, cwd: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SYNTHTOP, *arguments],
        cwd=cwd,
        env=environment(XDG_RUNTIME_DIR=str(cwd)),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def outcomes(directory: Path) -> dict[str, list[str]]:
    """The origins in each of the result lists."""
    names = {
        "built": ("01_success_list.log", 2),
        "failed": ("02_failure_list.log", 2),
        "ignored": ("03_ignored_list.log", 1),
        "skipped": ("04_skipped_list.log", 1),
    }
    return {
        outcome: [line.split()[word] for line in (directory / name).read_text().splitlines()]
        for outcome, (name, word) in names.items()
    }


def test_a_build_without_a_terminal_is_text_and_leaves_lists_and_logs(plan: Path, tmp_path: Path) -> None:
    done = run("run", "plan.toml", cwd=tmp_path)
    logs = tmp_path / "synthtop-logs" / "sample"
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    assert "job.c:3: error: no such thing" in done.stdout
    assert outcomes(logs) == {
        "built": ["devel/one", "devel/two"],
        "failed": ["lang/broken"],
        "ignored": ["x11/ignored"],
        "skipped": ["lang/blocked"],
    }
    assert "-- Phase: build" in (logs / "devel___one.log").read_text()
    assert "lang/broken" in (logs / "summary.txt").read_text()


def test_the_monitor_file_goes_at_the_end_and_the_json_says_how_it_ended(plan: Path, tmp_path: Path) -> None:
    run("run", "plan.toml", "--monitor", "m.dat", cwd=tmp_path)
    assert not (tmp_path / "m.dat").exists()
    assert not (tmp_path / "m.lk").exists()
    final = json.loads((tmp_path / "m.json").read_text())
    assert final["state"] == "finished"
    assert final["totals"]["built"] == 2
    assert final["totals"]["remaining"] == 0


def test_nothing_failed_is_status_0(tmp_path: Path) -> None:
    done = run("run", "-j2", "-c", "echo {}", "a/b", "c/d", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "synthtop-logs" / "echo" / "a___b.log").read_text().endswith("a/b\n")


def test_origins_come_from_stdin_too(tmp_path: Path) -> None:
    done = run("run", "-a", "-", "-c", "true", "--logs", "l", cwd=tmp_path, stdin="a/b\n# none\nc/d\n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert outcomes(tmp_path / "l")["built"] == ["a/b", "c/d"]


def test_options_may_stand_between_the_origins(plan: Path, tmp_path: Path) -> None:
    done = run("run", "plan.toml", "-j", "1", "devel/two", "--logs", "l", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert outcomes(tmp_path / "l")["built"] == ["devel/one", "devel/two"]


def test_a_dry_run_shows_the_levels_and_starts_nothing(plan: Path, tmp_path: Path) -> None:
    done = run("run", "--dry-run", "plan.toml", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.index("devel/one") < done.stdout.index("Level 2") < done.stdout.index("devel/two")
    assert not (tmp_path / "synthtop-logs").exists()


def test_a_bad_plan_is_one_message_and_status_2(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text(PLAN.replace('needs = ["devel/one"]', 'needs = ["devel/on"]'))
    done = run("run", "bad.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "bad.toml" in done.stderr
    assert "devel/one" in done.stderr
    assert not (tmp_path / "synthtop-logs").exists()


def test_a_logs_directory_serves_one_build_at_a_time(plan: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    first = subprocess.Popen(
        [*SYNTHTOP, "run", "--plain", "plan.toml"],
        cwd=tmp_path,
        env=environment(XDG_RUNTIME_DIR=str(tmp_path)),
        stdout=subprocess.DEVNULL,
    )
    try:
        lock = tmp_path / "synthtop-logs" / "sample" / "synthtop.lk"
        eventually(lambda: lock.exists() and lock.read_text().strip(), "the lock")
        second = run("run", "plan.toml", "--no-monitor", cwd=tmp_path)
        assert second.returncode == 2
        assert lock.read_text().strip() in second.stderr
    finally:
        first.terminate()
        assert first.wait(PATIENCE) == 143


def test_synthtop_stop_ends_a_build_by_its_name(plan: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    build = subprocess.Popen(
        [*SYNTHTOP, "run", "--plain", "plan.toml"],
        cwd=tmp_path,
        env=environment(XDG_RUNTIME_DIR=str(tmp_path)),
        stdout=subprocess.DEVNULL,
    )
    try:
        eventually((tmp_path / "synthtop" / "sample.json").exists, "the monitor file")
        assert run("stop", "sample", cwd=tmp_path).returncode == 0
        assert build.wait(PATIENCE) == 143
        assert run("stop", "sample", cwd=tmp_path).returncode == 3
    finally:
        build.kill()


def test_the_dashboard_shows_the_build_and_its_summary_stays(plan: Path, tmp_path: Path) -> None:
    with Terminal([*SYNTHTOP, "run", "plan.toml"], tmp_path) as terminal:
        terminal.until_text("1 package failed")
        terminal.until_text("Built: 2")
        assert "Failed: 1" in terminal.text
        assert "lang/broken" in terminal.text
        terminal.press("q")
        assert terminal.status() == 1
        assert terminal.left_clean
        assert "1 package failed" in terminal.text


def test_a_signal_ends_the_dashboard_of_a_build_that_is_over_with_the_builds_status(
    plan: Path, tmp_path: Path
) -> None:
    with Terminal([*SYNTHTOP, "run", "plan.toml"], tmp_path) as terminal:
        terminal.until_text("1 package failed")
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.status() == 1
        assert terminal.left_clean
        assert "Traceback" not in terminal.text


def test_with_fail_fast_the_first_failure_is_the_last_start(tmp_path: Path) -> None:
    done = run("run", "--fail-fast", "-j1", "-c", "false", "a/b", "c/d", "--logs", "l", cwd=tmp_path)
    assert done.returncode == 1
    assert outcomes(tmp_path / "l")["failed"] == ["a/b"]
    assert "1 package not built" in done.stdout


def test_a_stop_by_hand_of_a_fail_fast_build_is_a_stop_by_hand(plan: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    with Terminal([*SYNTHTOP, "run", "--fail-fast", "plan.toml"], tmp_path) as terminal:
        terminal.until_text("devel/one")
        terminal.press("\x03")
        terminal.until_text("Stop now")
        terminal.press("\x03")
        assert terminal.status() == 130


def test_quitting_asks_first_and_stops_on_demand(plan: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    with Terminal([*SYNTHTOP, "run", "plan.toml"], tmp_path) as terminal:
        terminal.until_text("devel/one")
        terminal.press("q")
        terminal.until_text("Stop now")
        terminal.press("\x1b")
        terminal.until(lambda shown: "Stop now" not in shown.text, "the dialog to close")
        terminal.press("\x03")
        terminal.until_text("Stop now")
        terminal.press("\x03")
        assert terminal.status() == 130
        assert terminal.left_clean


def test_a_dashboard_whose_build_is_killed_leaves_the_terminal_in_order(plan: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    with Terminal([*SYNTHTOP, "run", "plan.toml"], tmp_path) as terminal:
        terminal.until_text("devel/one")
        [child] = children(terminal.pid)
        os.kill(child, signal.SIGKILL)
        assert terminal.status() == 137
        assert terminal.left_clean
        assert "ended by SIGKILL" in terminal.text


def test_sigterm_ends_the_dashboard_and_leaves_the_terminal_in_order(plan: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    with Terminal([*SYNTHTOP, "run", "plan.toml"], tmp_path) as terminal:
        terminal.until_text("devel/one")
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.status() == 143
        assert terminal.left_clean


def test_a_dumb_terminal_gets_text(plan: Path, tmp_path: Path) -> None:
    env = environment(TERM="dumb", XDG_RUNTIME_DIR=str(tmp_path))
    with Terminal([*SYNTHTOP, "run", "plan.toml"], tmp_path, env) as terminal:
        assert terminal.status() == 1
        assert b"\x1b[" not in terminal.raw


def test_outside_text_reaches_the_terminal_harmless(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(
        '[build]\ncommand = "true"\n[[package]]\norigin = "devel/fine"\n'
        '[[package]]\norigin = "x11/evil"\nignore = "\\u001b]0;owned\\u0007[/oops] \\u202e"\n'
    )
    with Terminal([*SYNTHTOP, "run", "plan.toml"], tmp_path) as terminal:
        terminal.until_text("[/oops]")
        terminal.press("q")
        assert terminal.status() == 0
        assert b"\x1b]0;owned" not in terminal.raw


def test_a_key_suspends_the_build_and_fg_takes_it_up_again(plan: Path, tmp_path: Path) -> None:
    """In a shell with job control, as a person does it."""
    os.mkfifo(tmp_path / "go")
    command = " ".join([*SYNTHTOP, "run", "plan.toml"])
    # Without readline: it would throw away what is typed before its prompt.
    with Terminal(["/bin/bash", "--norc", "--noediting", "-i"], tmp_path) as terminal:
        terminal.press(f"{command}\n")
        terminal.until(lambda shown: "devel/one" in shown.text and "DynMax" in shown.text, "the dashboard")
        # What leads a session is a job of the build; the rest of it is in the terminal's own.
        jobs = [process.pid for process in terminal.descendants().values() if process.session == process.pid]
        assert jobs
        terminal.press("\x1a")
        terminal.until_text("Stopped")
        for pid in jobs:
            stat = Path(f"/proc/{pid}/stat").read_bytes()
            assert stat.rpartition(b")")[2].split()[0] == b"T"
        terminal.press("fg\n")
        # Before that, the terminal itself would make a SIGINT of the key.
        terminal.until(lambda shown: shown.in_app, "the dashboard")
        terminal.press("\x03")
        terminal.until_text("Stop now")
        terminal.press("\x03")
        terminal.until(lambda shown: shown.left_clean, "the normal screen")
        terminal.until(lambda shown: b"not built" in shown.raw.rpartition(b"1049l")[2], "the summary")
        terminal.press("echo status $?\n")
        terminal.until_text("status 130")


def test_a_suspended_build_can_be_stopped_from_elsewhere(plan: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    command = " ".join([*SYNTHTOP, "run", "plan.toml"])
    with Terminal(["/bin/bash", "--norc", "--noediting", "-i"], tmp_path) as terminal:
        terminal.press(f"{command}\n")
        terminal.until(lambda shown: "devel/one" in shown.text and shown.in_app, "the dashboard")
        terminal.press("\x1a")
        terminal.until_text("Stopped")
        build = list(terminal.descendants())
        assert run("stop", "sample", cwd=tmp_path).returncode == 0
        terminal.until(lambda _: not alive(build), "the end of all processes")
        final = json.loads((tmp_path / "synthtop" / "sample.json").read_text())
        assert final["state"] == "interrupted"
        assert not (tmp_path / "synthtop" / "sample.lk").exists()


def test_a_suspended_build_goes_on_in_the_background_and_comes_back_with_fg(
    plan: Path, tmp_path: Path
) -> None:
    command = " ".join([*SYNTHTOP, "run", "-j1", "-c", "'sleep 2 #'", "a/b"])
    with Terminal(["/bin/bash", "--norc", "--noediting", "-i"], tmp_path) as terminal:
        terminal.press(f"{command}\n")
        terminal.until(lambda shown: "a/b" in shown.text and shown.in_app, "the dashboard")
        terminal.press("\x1a")
        terminal.until_text("Stopped")
        terminal.press("bg\n")
        final = tmp_path / "synthtop" / "sleep.json"
        eventually(lambda: json.loads(final.read_text())["state"] == "finished", "the end of the build")
        terminal.press("fg\n")
        terminal.until(lambda shown: shown.in_app, "the dashboard")
        terminal.until_text("Finished in")
        terminal.press("q")
        terminal.until(lambda shown: shown.left_clean, "the normal screen")


def test_a_continue_that_nobody_waits_for_leaves_the_dashboard_as_it_is(plan: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    with Terminal([*SYNTHTOP, "run", "plan.toml"], tmp_path) as terminal:
        terminal.until(lambda shown: "devel/one" in shown.text and shown.in_app, "the dashboard")
        [child] = children(terminal.pid)
        for _ in range(3):
            os.kill(child, signal.SIGCONT)
        terminal.press("\x03")
        terminal.until_text("Stop now")
        terminal.press("\x03")
        assert terminal.status() == 130
        assert terminal.raw.count(b"\x1b[?1049h") == 1


def test_the_dashboard_follows_its_terminal_through_all_sizes_sorts_and_freezes(tmp_path: Path) -> None:
    for origin in ("a/b", "c/d", "e/f"):
        (tmp_path / origin).parent.mkdir()
        os.mkfifo(tmp_path / origin)
    job = f"read line < {tmp_path}/{{}}"
    build = [*SYNTHTOP, "run", "-j2", "--logs", "l", "--monitor", "m.dat", "-c", job, "a/b", "c/d", "e/f"]

    def told() -> dict[str, Any]:
        found: dict[str, Any] = json.loads((tmp_path / "m.json").read_text())
        return found

    def drawn(first: str, *others: str) -> Callable[[Terminal], bool]:
        """Whether all of a frame is there, from its first row to the footer in the last."""
        return lambda shown: (
            shown.rows[0].startswith(first)
            and shown.rows[-1].endswith(" Quit")
            and all(other in shown.text for other in ("a/b", "c/d", *others))
        )

    with Terminal(build, tmp_path) as terminal:
        wide = drawn("Workers:  2 / 2", "Queued: 3", "START   c/d")
        terminal.until(lambda shown: shown.in_app and wide(shown), "80 × 24")
        terminal.settle()
        before = without_figures(terminal.rows[1:])
        terminal.resize(40, 120)
        terminal.until(drawn("╭─ synthtop", "last 10 minutes"), "120 × 40")
        terminal.until(lambda shown: len(shown.rows[0]) == 120, "all of its width")
        assert "last 10 minutes" in terminal.rows[0]
        terminal.resize(10, 40)
        terminal.until(drawn("2/2  DynMax 2", "Queue 3"), "40 × 10")
        terminal.settle()
        assert not any("╭" in row or "│" in row or "last 10 minutes" in row for row in terminal.rows)
        terminal.resize(24, 80)
        terminal.until(wide, "80 × 24 again")
        terminal.settle()
        assert without_figures(terminal.rows[1:]) == before

        heading = next(row for row in terminal.rows if "Origin" in row)
        place = terminal.rows.index(heading)
        assert "▼" not in heading
        assert "▲" not in heading
        terminal.press("s")
        terminal.until(lambda shown: "Duration▼" in shown.rows[place], "the sorting by duration")
        terminal.press("s")
        terminal.until(lambda shown: "Phase▲" in shown.rows[place], "the sorting by phase")
        assert "▼" not in terminal.rows[place]

        terminal.press(" ")
        terminal.until_text("FROZEN")
        terminal.settle()
        frozen = terminal.rows
        (tmp_path / "a/b").write_text("on\n")
        eventually(lambda: told()["totals"]["built"] == 1, "the end of a package")
        shown_by_then = told()["seq"]
        eventually(lambda: told()["seq"] > shown_by_then, "one more snapshot")
        terminal.settle()
        assert terminal.rows == frozen
        terminal.press(" ")
        terminal.until_text("Built: 1")
        assert "FROZEN" not in terminal.text
        assert "e/f" in terminal.text
        terminal.press("\x03")
        terminal.until_text("Stop now")
        terminal.press("\x03")
        assert terminal.status() == 130
        assert terminal.left_clean


def without_figures(rows: list[str]) -> list[str]:
    """What of ``rows`` stays the same from one second to the next."""
    return [re.sub(r"\d", "0", row) for row in rows]


THROTTLED = """
import sys, pathlib
from synthtop.cli import main
from synthtop.model import HostSample
load = pathlib.Path("load")
sys.exit(main(sys.argv[1:], probe=lambda: HostSample(load=float(load.read_text()), ncpus=4, swap_pct=0.0)))
"""


def test_a_high_load_starts_fewer_packages_says_why_and_recovers(tmp_path: Path) -> None:
    (tmp_path / "load").write_text("9.0")
    (tmp_path / "throttled.py").write_text(THROTTLED)
    os.mkfifo(tmp_path / "go")
    origins = [f"devel/p{number}" for number in range(8)]
    build = [
        "run",
        "-j4",
        "--throttle",
        "step",
        "--logs",
        "l",
        "-c",
        f"read line < {tmp_path}/go || true # {{}}",
    ]
    env = environment(PYTHONPATH=str(ROOT), XDG_RUNTIME_DIR=str(tmp_path))
    command = [sys.executable, "throttled.py", *build, *origins]
    with Terminal(command, tmp_path, env, columns=100) as terminal:
        terminal.until_text("[DynMax: 3]")
        terminal.until_text("high load")
        terminal.until_text("Workers:  3 / 4")
        started = (tmp_path / "l" / "00_last_results.log").read_text()
        assert started.count("START") == 3
        (tmp_path / "load").write_text("1.0")
        terminal.until_text("[DynMax: 4]")
        terminal.until_text("Workers:  4 / 4")
        assert "high load" not in terminal.rows[0]
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.status() == 143


BURNERS = """#!/bin/sh
case $SYNTHTOP_NAME in
burn*)
    for one in $(seq "$1"); do
        (while [ ! -e enough ]; do i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done; done) &
    done
    wait;;
*)
    read line < go || true;;
esac
"""
OWN_LOAD = """
import sys
from synthtop.cli import main
from synthtop.probes import host_probe
host = host_probe()
before = host().load
def probe():
    sample = host()
    return sample._replace(load=max(0.0, sample.load - before), swap_pct=0.0)
sys.exit(main(sys.argv[1:], probe=probe))
"""
"""The real load average, less what others had brought it to before."""


@pytest.mark.slow
def test_real_busy_loops_throttle_and_their_end_lets_all_workers_start(tmp_path: Path) -> None:
    (tmp_path / "job").write_text(BURNERS)
    (tmp_path / "own_load.py").write_text(OWN_LOAD)
    os.mkfifo(tmp_path / "go")
    # The load average takes a minute to tell: eight times the threshold's processes get there in seconds.
    each = 4 * (os.cpu_count() or 1)
    origins = [f"load/burn{number}" for number in range(4)] + [f"load/wait{number}" for number in range(4)]
    build = ["run", "-j4", "--throttle", "step", "--grace", "1s", "-c", f"exec nice -n 19 sh ./job {each}"]
    env = environment(PYTHONPATH=str(ROOT), XDG_RUNTIME_DIR=str(tmp_path))
    with Terminal([sys.executable, "own_load.py", *build, *origins], tmp_path, env, columns=100) as terminal:
        terminal.until_text("[DynMax: 3]  throttled: high load", patience=90)
        (tmp_path / "enough").touch()
        terminal.until(lambda shown: "Built: 4" in shown.text and "Workers:  3 / 4" in shown.text)
        terminal.until_text("Adjust Workers 4->3 (high load)")
        terminal.until_text("[DynMax: 4]", patience=150)
        terminal.until_text("Workers:  4 / 4")
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.status() == 143
