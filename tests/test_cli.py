"""The command line: what it understands, and what it says to whom it does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from synthtop import __version__
from synthtop.cli import main
from synthtop.pidlock import PidLock

from .terminal import PATIENCE, SYNTHTOP, environment

PLAN = """
[build]
command = "true"
[[package]]
origin = "devel/one"
[[package]]
origin = "devel/two"
needs = ["devel/one"]
[[package]]
origin = "x11/ignored"
ignore = "BROKEN: \\u001b[2J does not link"
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory, and a user without settings."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("SYNTHTOP_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


class Said:
    """Exit status and output of a command line that builds nothing."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *words: str) -> None:
        try:
            self.status: object = main(words)
        except SystemExit as end:
            self.status = end.code
        self.out, self.err = capsys.readouterr()
        self.message = self.err.splitlines()[-1] if self.err else ""


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> object:
    return lambda *words: Said(capsys, *words)


def run(*words: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """A command line that may build something, in a process of its own."""
    here = os.getcwd()
    return subprocess.run(
        [*SYNTHTOP, *words],
        env=environment(XDG_RUNTIME_DIR=here, HOME=f"{here}/home", **env),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


# -- help --------------------------------------------------------------------------------------------


def test_the_version_is_told(said: type[Said]) -> None:
    assert (said("--version").status, said("--version").out) == (0, f"synthtop {__version__}\n")


def test_without_a_word_it_says_what_there_is_and_what_to_type_first(said: type[Said]) -> None:
    nothing = said()
    assert (nothing.status, nothing.out) == (2, "")
    assert "run PLAN.toml" in nothing.err
    assert "To begin: `synthtop demo`" in nothing.err


def test_options_without_a_command_need_a_terminal_too(said: type[Said]) -> None:
    nothing = said("--theme", "light", "--ascii")
    assert (nothing.status, nothing.out) == (2, "")
    assert "To begin: `synthtop demo`" in nothing.err


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["help"]])
def test_help_names_the_commands(said: type[Said], words: list[str]) -> None:
    asked = said(*words)
    assert asked.status == 0
    assert all(f"\n  {command}" in asked.out for command in ("run", "demo", "stop"))
    assert "Without a command" in asked.out
    assert "--theme" in asked.out


@pytest.mark.parametrize("words", [["run", "--help"], ["help", "run"]])
def test_help_for_run_teaches_plans_keys_files_and_exit_statuses(said: type[Said], words: list[str]) -> None:
    asked = said(*words)
    assert asked.status == 0
    for taught in (
        "[[package]]",
        "needs = [",
        "00_last_results.log",
        "130 stopped by hand",
        "--throttle",
        "{}",
    ):
        assert taught in asked.out


def test_the_plan_in_the_help_can_be_built(said: type[Said], here: Path) -> None:
    shown = said("run", "--help").out.partition("\n\n  [build]")
    (here / "plan.toml").write_text("[build]" + shown[2].partition("\n\nWithout one")[0])
    assert (
        said("run", "--dry-run", "plan.toml").out
        == "Level 1 (1)\n  devel/gettext\nLevel 2 (1)\n  devel/gmake\n"
    )


def test_help_for_the_demo_says_that_one_package_fails_on_purpose(said: type[Said]) -> None:
    asked = said("demo", "--help")
    assert asked.status == 0
    assert "fails its tests on purpose" in asked.out


# -- what a new user types wrong ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["plan.toml"], "synthtop: plan.toml is no command; did you mean: synthtop run plan.toml"),
        (
            ["my plan.toml", "-j", "2"],
            "synthtop: my plan.toml is no command; did you mean: synthtop run 'my plan.toml' -j 2",
        ),
        (["rnu"], "synthtop: rnu is no command; did you mean run?"),
        (["xyzzy"], "synthtop: xyzzy is no command; expected run, demo, stop"),
        (["--versoin"], "synthtop: --versoin is no command; did you mean --version?"),
        (["-j4", "run"], "synthtop: -j4: a command comes first, as in: synthtop run -j4 ..."),
        (["\x1b[2J"], "synthtop: ␛[2J is no command; expected run, demo, stop"),
        (["run"], "a plan is needed: synthtop run PLAN.toml, or synthtop run -c COMMAND ORIGIN ..."),
        (["run", "-a", "list"], "a plan is needed: synthtop run PLAN.toml, or"),
        (
            ["run", "-c"],
            "-c: a shell command is expected, as in: synthtop run -c 'make -C {}' devel/gmake",
        ),
        (
            ["run", "-c", "make", "-C", "{}", "devel/gmake"],
            "unrecognized arguments: -C; a COMMAND of several words stands in quotes",
        ),
        (
            ["run", "--dry-run", "-c", "true"],
            "no origins: nothing to build; name some, or give a list with -a",
        ),
        (["--theme", "lihgt"], "argument --theme: invalid choice: 'lihgt' (choose from 'dark', 'light'"),
        (["--theem", "light"], "synthtop: --theem is no command; did you mean --theme?"),
        (
            ["--theme", "light", "run", "plan.toml"],
            "synthtop: --theme: a command comes first, as in: synthtop run --theme ...",
        ),
        (["--config", "mine.toml"], "mine.toml: cannot read it: No such"),
        (["run", "--theme", "blue", "plan.toml"], "argument --theme: invalid choice: 'blue'"),
        (["run", "-j0", "-c", "true", "a/b"], "argument -j/--workers: '0': expected 1..1024"),
        (["run", "-j1025", "-c", "true", "a/b"], "argument -j/--workers: '1025': expected 1..1024"),
        (["run", "-j", "all", "-c", "true", "a/b"], "argument -j/--workers: 'all': expected 1..1024"),
        (["run", "--thorttle", "off", "plan.toml"], "arguments: --thorttle; did you mean --throttle?"),
        (["run", "--throttle", "of", "plan.toml"], "(choose from 'step', 'dsynth', 'off')"),
        (
            ["run", "--timeout", "soon", "plan.toml"],
            "--timeout: expected a duration like 90 (seconds), 30m or 1h30m, at most 10000d, found 'soon'",
        ),
        (
            ["run", "--config", "mine.toml", "--dry-run", "-c", "true", "a/b"],
            "mine.toml: cannot read it: No such",
        ),
        (["run", "--dry-run", "missing.toml"], "or without a plan synthtop run -c COMMAND ORIGIN ..."),
        (["run", "--dry-run", "devel/gmake"], "devel/gmake: there is no such plan: expected"),
        (["run", "--dry-run", "."], "synthtop: .: expected a plan, found a directory"),
        (["run", "--dry-run", "-c", "true", "-a", "list"], "synthtop: list: cannot read it: No such"),
        (["run", "--dry-run", "-c", "true", "a/b", "a/b"], "synthtop: a/b is there twice: leave one out"),
        (["run", "--dry-run", "loop"], "synthtop: loop: cannot read it: Too many levels of symbolic links"),
        (["demo", "plan.toml"], "synthtop demo: error: unrecognized arguments: plan.toml"),
        (["stop", "one", "two"], "synthtop stop: error: unrecognized arguments: two"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_typed_wrong_is_status_2_and_told_in_a_line(
    said: type[Said], here: Path, words: list[str], message: str
) -> None:
    (here / "loop").symlink_to("loop")
    wrong = said(*words)
    assert wrong.status == 2
    assert message in wrong.message
    assert wrong.message.isprintable()


def test_a_plan_that_is_there_is_proposed(said: type[Said], here: Path) -> None:
    (here / "plan.toml").write_text(PLAN)
    assert said("run").message.endswith("; there is one here: synthtop run plan.toml")
    assert said("run", "--dry-run", ".").message.endswith("; did you mean ./plan.toml?")


def test_a_file_of_any_name_is_taken_for_a_plan_that_was_meant(said: type[Said], here: Path) -> None:
    (here / "ports").write_text(PLAN)
    assert said("ports").message.endswith("did you mean: synthtop run ports")


def test_an_origin_that_the_plan_does_not_have_is_told_with_the_nearest(said: type[Said], here: Path) -> None:
    (here / "plan.toml").write_text(PLAN)
    wrong = said("run", "--dry-run", "plan.toml", "devel/tow")
    assert wrong.status == 2
    assert wrong.message == "synthtop: the plan has no package 'devel/tow'; did you mean devel/two?"


def test_a_wrong_setting_is_one_message(said: type[Said], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTHTOP_ORDER", "random")
    wrong = said("run", "--dry-run", "-c", "true", "a/b")
    assert (wrong.status, wrong.err) == (
        2,
        "synthtop: SYNTHTOP_ORDER: expected one of chain, plan, found 'random'\n",
    )


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


# -- stop --------------------------------------------------------------------------------------------


def test_stopping_what_does_not_run_is_status_3(said: type[Said]) -> None:
    nothing = said("stop", "nothing")
    assert nothing.status == 3
    assert nothing.message.startswith("synthtop: no build 'nothing' runs")
