"""The command line: what it understands, and what it says to whom it does not."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from synthtop import __version__, discover, monitor
from synthtop.commands import sources
from synthtop.commands.parsing import COMMANDS
from synthtop.formats import json as monitor_json
from synthtop.pidlock import PidLock

from . import builds, samples
from .commandline import PLAN, Said, nobodys


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory, a user without settings, and a machine without builds."""
    monkeypatch.setattr(monitor, "FALLBACK", str(tmp_path / "tmp"))
    monkeypatch.setattr(discover, "ROOT", str(tmp_path / "root"))
    return nobodys(tmp_path, monkeypatch)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> object:
    return lambda *words: Said(capsys, *words)


# -- help --------------------------------------------------------------------------------------------


def test_the_version_is_told(said: type[Said]) -> None:
    assert (said("--version").status, said("--version").out) == (0, f"synthtop {__version__}\n")


@pytest.mark.parametrize("words", [[], ["--theme", "light", "--ascii"]])
def test_without_a_terminal_it_says_in_a_line_what_to_type(said: type[Said], words: list[str]) -> None:
    nothing = said(*words)
    assert (nothing.status, nothing.out) == (2, "")
    assert nothing.err == (
        "synthtop: there is no terminal that could show the screen: "
        "expected --follow PATH, or synthtop status\n"
    )


@pytest.mark.parametrize("words", [[], ["--plain"]])
def test_what_runs_is_named_with_its_command(said: type[Said], here: Path, words: list[str]) -> None:
    (here / "synthtop").mkdir(mode=0o700)
    names = ("ports", "ports-2", "past")
    for name in names:
        (here / f"synthtop/{name}.json").write_bytes(monitor_json.encode(builds.building()))
        (here / f"synthtop/{name}.lk").write_text("4711\n")
    with ExitStack() as held:
        for name in names[:2]:
            held.callback(PidLock(str(here / f"synthtop/{name}.lk")).release)
        told = said(*words)
    command = " ".join(["synthtop", *words])
    assert told.status == 2
    assert told.err.splitlines()[1:] == [
        f"  {command} --follow {here}/synthtop/ports.json    # ports",
        f"  {command} --follow {here}/synthtop/ports-2.json  # ports-2",
    ]


def test_a_search_for_builds_that_hangs_holds_up_no_message(
    said: type[Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = threading.Event()
    monkeypatch.setattr(sources, "_PATIENCE", 0.0)
    monkeypatch.setattr(discover, "poudriere_data", lambda conf: answer.wait() and "/none")
    told = said()
    answer.set()
    assert (told.status, len(told.err.splitlines())) == (2, 1)


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["help"]])
def test_help_names_the_commands(said: type[Said], words: list[str]) -> None:
    asked = said(*words)
    assert asked.status == 0
    assert all(f"\n  {command}" in asked.out for command in COMMANDS)
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


@pytest.mark.parametrize("command", COMMANDS)
def test_help_for_each_command_has_its_exit_statuses(said: type[Said], command: str) -> None:
    asked = said(command, "--help")
    assert (asked.status, asked.err) == (0, "")
    assert "\nexit: " in asked.out


def test_help_shows_how_a_build_is_followed_piped_and_relayed(said: type[Said]) -> None:
    shown = said("--help").out
    for taught in (
        "--follow /build/synth/logs",
        "mybuilder | synthtop --follow -",
        "--monitor dsynth:",
        "exit:",
    ):
        assert taught in shown
    assert "ssh builder synthtop status --json --watch | synthtop --follow -" in said("status", "--help").out


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
        (["xyzzy"], "synthtop: xyzzy is no command; expected run, demo, status, stop, history, emit, config"),
        (["--versoin"], "synthtop: --versoin is no command; did you mean --version?"),
        (["-j4", "run"], "synthtop: -j4: a command comes first, as in: synthtop run -j4 ..."),
        (["\x1b[2J"], "synthtop: ␛[2J is no command; expected run, demo, status, stop, history, emit,"),
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
        (["--follow"], "synthtop: error: argument --follow: expected one argument"),
        (["--follow", "a", "b"], "synthtop: b: expected one PATH after --follow"),
        (["status", "--follow", "a"], "synthtop status: error: unrecognized arguments: --follow"),
        (["--folow", "a"], "synthtop: --folow is no command; did you mean --follow?"),
        (["--follow", "a", "status"], "--follow: a command comes first, as in: synthtop status --follow ..."),
        (["--monitor", "m.dat"], "--monitor relays what is followed: expected --follow PATH with it"),
        (
            ["--plain"],
            "--plain shows no list to choose a build from: expected --follow PATH, or synthtop status",
        ),
        (["--follow", ""], "synthtop: error: argument --follow: expected a path, found ''"),
        (["status", ""], "synthtop status: error: argument PATH: expected a path, found ''"),
        (["stop", ""], "synthtop stop: error: argument BUILD: expected a path, found ''"),
        (["."], "synthtop: . is no command; did you mean: synthtop --follow ."),
        (["status", "a", "b"], "synthtop status: error: unrecognized arguments: b"),
        (["status", "--wacth"], "unrecognized arguments: --wacth; did you mean --watch?"),
        (["status", "fifo"], "fifo is a FIFO, and what one reads from it nobody else does: add --watch"),
        (["config", "--jsno"], "unrecognized arguments: --jsno; did you mean --json?"),
        (["config", "--config", "no.ini"], "synthtop: no.ini: cannot read it: No such file"),
        (
            ["--follow", "m.dat", "--monitor", "yaml:n.dat"],
            "--monitor yaml:n.dat: format 'yaml' is not known, expected one of text, json, dsynth, report",
        ),
        (["--follow", "m.dat", "--monitor", "m.json"], "m.json belongs to what is followed: choose a path"),
        (["stop", "one", "two"], "synthtop stop: error: unrecognized arguments: two"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_typed_wrong_is_status_2_and_told_in_a_line(
    said: type[Said], here: Path, words: list[str], message: str
) -> None:
    (here / "loop").symlink_to("loop")
    os.mkfifo(here / "fifo")
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


def test_a_monitor_file_is_taken_for_what_was_to_be_followed(said: type[Said], here: Path) -> None:
    (here / "m").write_bytes(samples.text())
    assert said("m").message == "synthtop: m is no command; did you mean: synthtop --follow m"


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
        "synthtop: SYNTHTOP_ORDER: expected one of time, chain, plan, found 'random'\n",
    )


# -- stop --------------------------------------------------------------------------------------------


def test_stopping_what_does_not_run_is_status_3(said: type[Said]) -> None:
    nothing = said("stop", "nothing")
    assert nothing.status == 3
    assert nothing.message.startswith("synthtop: no build 'nothing' runs")
