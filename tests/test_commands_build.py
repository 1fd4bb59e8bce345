"""``run`` and ``demo`` from the command line: dry runs, and builds in a process of their own."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from synthtop.formats.results import padded
from synthtop.history.place import history_file
from synthtop.history.writing import Writer
from synthtop.pidlock import PidLock

from .commandline import PLAN, Said, nobodys, run
from .histories import package as one_package
from .histories import run as one_run
from .terminal import PATIENCE, SYNTHTOP, environment


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory, and a user without settings."""
    return nobodys(tmp_path, monkeypatch)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> object:
    return lambda *words: Said(capsys, *words)


# -- dry runs ----------------------------------------------------------------------------------------


def test_a_dry_run_shows_levels_and_why_a_package_is_ignored_harmlessly(said: type[Said], here: Path) -> None:
    (here / "plan.toml").write_text(PLAN)
    assert said("run", "--dry-run", "plan.toml").out == (
        "Level 1 (2)\n"
        "  devel/one\n"
        "  x11/ignored  ignored: BROKEN: ␛[2J does not link\n"
        "Level 2 (1)\n"
        "  devel/two\n"
    )


def test_a_dry_run_says_what_will_be_skipped_and_that_skip_if_is_not_asked(
    said: type[Said], here: Path
) -> None:
    blocked = '[[package]]\norigin = "x11/blocked"\nneeds = ["x11/ignored"]\n'
    (here / "plan.toml").write_text(PLAN.replace("[build]\n", '[build]\nskip_if = "false"\n') + blocked)
    out = said("run", "--dry-run", "plan.toml").out
    assert "  x11/blocked  skipped due to x11/ignored\n" in out
    assert out.endswith("What skip_if finds to be built already is left out.\n")


CHAIN = """
[build]
name = "chain"
workers = 2
command = "true"
[[package]]
origin = "devel/one"
[[package]]
origin = "devel/two"
needs = ["devel/one"]
[[package]]
origin = "devel/three"
"""


def remembered(origin: str, seconds: int, started: float) -> None:
    """This host's history has that this package was built in so long."""
    path = history_file(os.environ)
    assert path is not None
    host = socket.gethostname()
    writer = Writer(path, tell=print)
    begun = writer.begin(one_run(host=host, name="chain", started=started, logs=None))
    writer.write(begun, [one_package(origin)._replace(duration=seconds)], [])
    writer.close()


def test_a_dry_run_says_how_long_it_may_take_by_what_packages_took(said: type[Said], here: Path) -> None:
    (here / "plan.toml").write_text(CHAIN)
    assert "Expected" not in said("run", "--dry-run", "plan.toml").out
    for number, (origin, seconds) in enumerate(
        [("devel/one", 600), ("devel/two", 1200), ("devel/three", 60)]
    ):
        remembered(origin, seconds, 1_700_000_000.0 + number * 7200)
    last = said("run", "--dry-run", "plan.toml").out.splitlines()[-1]
    found = re.fullmatch(
        r"Expected to take 0h(\d\d) ±(\d+)m with 2 workers, by what 3 of 3 packages took before\.", last
    )
    assert found is not None, last
    assert 28 <= int(found[1]) <= 33  # the chain of 30 minutes, which the third package fits beside


def test_a_dry_run_of_a_resumed_build_says_what_is_built(said: type[Said], here: Path) -> None:
    (here / "plan.toml").write_text(CHAIN)
    logs = here / "synthtop-logs" / "chain"
    logs.mkdir(parents=True)
    (logs / "01_success_list.log").write_bytes(padded("[000] SUCCESS devel/one 00:00:10"))
    out = said("run", "--dry-run", "--resume", "plan.toml").out
    assert "  devel/one  built before\n" in out
    assert "  devel/two\n" in out
    assert said("run", "--dry-run", "--only-failed", "plan.toml").out.startswith("synthtop: nothing to build")


def test_a_build_is_resumed_or_what_failed_is_built(said: type[Said], here: Path) -> None:
    (here / "plan.toml").write_text(CHAIN)
    refused = said("run", "--resume", "--only-failed", "plan.toml")
    assert refused.status == 2
    assert "not allowed with" in refused.message


def test_what_cannot_be_said_for_a_full_disk_is_one_line_and_a_status_of_its_own(here: Path) -> None:
    (here / "plan.toml").write_text(PLAN)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*SYNTHTOP, "run", "--dry-run", "plan.toml"],
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (74, "synthtop: standard output: No space left on device\n")


def test_a_dry_run_of_one_package_shows_what_it_needs(said: type[Said], here: Path) -> None:
    (here / "plan.toml").write_text(PLAN)
    out = said("run", "plan.toml", "--dry-run", "devel/two").out
    assert out == "Level 1 (1)\n  devel/one\nLevel 2 (1)\n  devel/two\n"


def test_origins_come_from_the_command_line_and_from_files_together(said: type[Said], here: Path) -> None:
    (here / "list").write_text("c/d\n")
    (here / "more").write_text("e/f  # the last one\n")
    shown = said("run", "a/b", "--dry-run", "-a", "list", "-c", "true", "-a", "more", "g/h")
    assert shown.out == "Level 1 (4)\n  a/b\n  g/h\n  c/d\n  e/f\n"


def test_origins_of_a_plan_may_come_from_a_file_too(said: type[Said], here: Path) -> None:
    (here / "plan.toml").write_text(PLAN)
    (here / "list").write_text("devel/one\n")
    assert said("run", "--dry-run", "plan.toml", "-a", "list").out == "Level 1 (1)\n  devel/one\n"


def test_an_empty_list_of_origins_is_not_the_whole_plan(said: type[Said], here: Path) -> None:
    (here / "plan.toml").write_text(PLAN)
    (here / "list").write_text("# none today\n")
    assert said("run", "--dry-run", "plan.toml", "-a", "list").status == 2


def test_the_order_may_be_the_plans(said: type[Said], here: Path) -> None:
    lone = '[[package]]\norigin = "a/lone"\n'
    deep = '[[package]]\norigin = "b/deep"\n'
    deeper = '[[package]]\norigin = "c/deeper"\nneeds = ["b/deep"]\n'
    (here / "plan.toml").write_text(f'[build]\ncommand = "true"\n{lone}{deep}{deeper}')
    by_chain = said("run", "--dry-run", "plan.toml").out.split()
    by_plan = said("run", "--dry-run", "--order", "plan", "plan.toml").out.split()
    assert by_chain[3:5] == ["b/deep", "a/lone"]
    assert by_plan[3:5] == ["a/lone", "b/deep"]


def test_ctrl_c_while_origins_are_read_is_no_error(said: type[Said], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(size: int) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=SimpleNamespace(read=interrupted)))
    stopped = said("run", "--dry-run", "-c", "true", "-a", "-")
    assert (stopped.status, stopped.err) == (130, "")


def test_who_reads_only_the_beginning_is_not_told_of_a_broken_pipe() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*SYNTHTOP, "run", "--dry-run", "-c", "true", "a/b"],
            env=environment(), stdout=writing, stderr=subprocess.PIPE, timeout=PATIENCE, check=False,
        )  # fmt: skip
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_name_that_the_locale_cannot_write_is_escaped() -> None:
    done = run("run", "--dry-run", "-c", "echo $SYNTHTOP_ORIGIN", "x/é", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout) == (0, "Level 1 (1)\n  x/\\xe9\n")


# -- builds ------------------------------------------------------------------------------------------


def test_a_build_whose_stdout_is_closed_is_built() -> None:
    script = f'exec "{sys.executable}" -m synthtop run --logs l -c true a/b >&-'
    done = subprocess.run(
        ["/bin/sh", "-c", script], env=environment(XDG_RUNTIME_DIR=os.getcwd()), stderr=subprocess.PIPE,
        timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert Path("l/01_success_list.log").read_text().split()[2] == "a/b"


def test_each_place_of_a_setting_reaches_the_build_and_the_strongest_wins(here: Path) -> None:
    (here / "home/.config/synthtop").mkdir(parents=True)
    (here / "home/.config/synthtop/config.toml").write_text(
        'workers = 1\nthrottle = "off"\nmonitor = "own.json"\n'
    )
    (here / "given.toml").write_text('workers = 2\nmonitor = "given.json"\nlogs = "given-logs"\n')
    done = run(
        "run", "-j", "4", "--config", "given.toml", "-c", "true", "a/b",
        SYNTHTOP_WORKERS="3", SYNTHTOP_LOGS="env-logs",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    final = json.loads((here / "given.json").read_text())
    assert (final["workers"]["max"], final["throttle"]["policy"]) == (4, "off")
    assert (here / "env-logs/summary.txt").exists()
    assert not (here / "given-logs").exists()


def test_a_monitor_file_of_another_build_is_left_to_it(here: Path) -> None:
    lock = PidLock("m.lk")
    try:
        refused = run("run", "--monitor", "m.dat", "-c", "true", "a/b")
    finally:
        lock.release()
    assert refused.returncode == 2
    assert refused.stderr == (
        f"synthtop: m.dat is kept by another build (pid {os.getpid()}): choose another path with --monitor\n"
    )


def test_a_monitor_file_and_none_cannot_be_had_together(said: type[Said]) -> None:
    refused = said("run", "--monitor", "m.dat", "--no-monitor", "-c", "true", "a/b")
    assert refused.status == 2
    assert "--no-monitor: not allowed with argument --monitor" in refused.message


def test_monitor_files_in_each_others_way_are_one_message(here: Path) -> None:
    refused = run("run", "--monitor", "text:x.dat", "--monitor", "json:x.dat", "-c", "true", "a/b")
    assert (refused.returncode, refused.stderr) == (
        2,
        "synthtop: x.dat is to be text and json: choose another path for one of them with --monitor\n",
    )
    assert not (here / "x.dat").exists()


def test_a_monitor_of_an_unknown_format_is_one_message() -> None:
    refused = run("run", "--monitor", "yaml:m.dat", "-c", "true", "a/b")
    assert refused.returncode == 2
    assert refused.stderr.startswith("synthtop: --monitor yaml:m.dat: format 'yaml' is not known")


def test_a_logs_directory_that_cannot_be_made_is_one_message(here: Path) -> None:
    (here / "file").write_text("")
    refused = run("run", "--logs", "file/\x1b[2J", "-c", "true", "a/b")
    assert refused.returncode == 2
    assert refused.stderr == f"synthtop: {here}/file/␛[2J: Not a directory\n"


def test_a_demo_that_does_not_begin_says_why_and_nothing_more(here: Path) -> None:
    (here / "file").write_text("")
    refused = run("demo", "--logs", "file/logs")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert len(refused.stderr.splitlines()) == 1


def test_a_demo_that_is_stopped_says_that_it_was() -> None:
    demo = subprocess.Popen(
        [*SYNTHTOP, "demo", "--plain", "-j1", "--no-monitor"],
        env=environment(HOME=os.getcwd()), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert demo.stdout is not None
        assert demo.stdout.readline().startswith("[00:00:00]")
        demo.terminate()
        rest, _ = demo.communicate(timeout=PATIENCE)
        assert (demo.returncode, rest.splitlines()[-1]) == (143, "demo: stopped before its end")
    finally:
        demo.kill()
        demo.communicate()
