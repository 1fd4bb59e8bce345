"""``history`` as a command: what is asked for, in which form, and what is said where it is not there."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from synthtop.history.record import PackageRecord, Run
from synthtop.history.writing import Writer
from synthtop.model import BuildState
from synthtop.text import width

from .commandline import Said, nobodys, run
from .recorded import BEGAN, HOUR, failed, minutes, package
from .recorded import run as a_run
from .terminal import PATIENCE, SYNTHTOP, Terminal, environment

DAY = 24 * HOUR


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of a user whose history is in it, once there is one."""
    nobodys(tmp_path, monkeypatch)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return tmp_path


@pytest.fixture
def history(here: Path) -> Path:
    """Four runs: ports twice, the second on another host, lua, and ports that go on."""
    path = here / "state/synthtop/history.db"
    packages = [package(), failed(), package("editors/vim-gtk3", 30)]
    record(path, a_run(0), packages)
    record(path, a_run(0, host="venus", started=BEGAN + DAY, ended=BEGAN + 2 * DAY), packages[:1])
    record(path, a_run(0, name="lua", logs="/lua", started=BEGAN + 2 * DAY), ())
    now = time.time()
    going_on = a_run(0, started=now - 90, updated=now, ended=None, state=BuildState.BUILDING, elapsed=90)
    record(path, going_on, packages[1:])
    return path


def record(path: Path, of: Run, packages: Sequence[PackageRecord]) -> None:
    writer = Writer(str(path), tell=lambda line: None)
    try:
        writer.write(writer.begin(of), packages, minutes(3))
    finally:
        writer.close()


def said(capsys: pytest.CaptureFixture[str], words: str) -> Said:
    return Said(capsys, "history", *words.split())


def ids(capsys: pytest.CaptureFixture[str], words: str) -> list[int]:
    """The numbers of the runs that are listed for these words."""
    return [found["id"] for found in json.loads(said(capsys, f"{words} --json").out)["runs"]]


pytestmark = pytest.mark.usefixtures("history")


def test_the_runs_are_listed_newest_first(capsys: pytest.CaptureFixture[str]) -> None:
    of_all = said(capsys, "")
    rows = [line.split() for line in of_all.out.splitlines()]
    assert (of_all.status, of_all.err) == (0, "")
    assert [row[0] for row in rows] == ["Run", "4", "3", "2", "1"]
    assert [row[5] for row in rows[1:]] == ["building", "finished", "finished", "finished"]


def test_only_some_are_listed_where_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert ids(capsys, "") == [4, 3, 2, 1]
    assert ids(capsys, "--name ports") == [4, 2, 1]
    assert ids(capsys, "--name ports --host mercury") == [4, 1]
    assert ids(capsys, "-n 2") == [4, 3]
    assert said(capsys, "-n 2").out.splitlines()[-1] == " and earlier ones: --all lists them"
    assert len(said(capsys, "-n 4").out.splitlines()) == 5


def test_twenty_are_listed_as_text_and_all_for_scripts(
    history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(18):
        record(history, a_run(0, name="many", started=BEGAN - DAY * (number + 1)), ())
    assert len(said(capsys, "").out.splitlines()) == 22
    assert len(said(capsys, "--all").out.splitlines()) == 23
    assert len(said(capsys, "--csv").out.splitlines()) == 23
    assert len(ids(capsys, "")) == 22


@pytest.mark.parametrize(
    ("words", "head"),
    [
        ("1", "Run 1: ports on mercury"),
        ("last", "Run 4: ports on mercury"),
        ("last --name lua", "Run 3: lua on mercury"),
        ("lua", "Run 3: lua on mercury"),
        ("ports --host venus", "Run 2: ports on venus"),
        ("--host venus last", "Run 2: ports on venus"),
    ],
)
def test_one_run_is_named_by_its_number_its_build_or_as_the_last(
    words: str, head: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = said(capsys, words)
    assert (told.status, told.out.splitlines()[0]) == (0, head)


def test_a_build_whose_name_is_a_number_is_found_where_no_run_has_it(
    history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(history, a_run(0, name="2026", started=BEGAN - DAY), ())
    assert said(capsys, "2026").out.startswith("Run 5: 2026 on mercury\n")


def test_one_run_has_charts_failures_and_packages(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "1").out
    assert [word for word in (" rate ", " Failed ", " Built ", "0h03", "█") if word not in text] == []
    every = said(capsys, "1 --all").out.splitlines()
    assert [line.split()[4] for line in every[-3:]] == ["lang/rust", "editors/vim", "editors/vim-gtk3"]


def test_one_run_for_scripts_has_its_packages_and_minutes(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(said(capsys, "1 --json").out)
    assert (document["schema"], document["run"]["name"]) == (1, "ports")
    assert [one["outcome"] for one in document["packages"]] == ["built", "failed", "built"]
    assert [minute["minute"] for minute in document["minutes"]] == [0, 1, 2]
    rows = list(csv.DictReader(io.StringIO(said(capsys, "1 --csv").out)))
    assert [row["origin"] for row in rows] == ["lang/rust", "editors/vim", "editors/vim-gtk3"]
    rows = list(csv.DictReader(io.StringIO(said(capsys, "1 --csv --minutes").out)))
    assert [row["dynmax"] for row in rows] == ["8.0", "6.0", "6.0"]


def test_a_package_is_told_over_its_runs(capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "package lang/rust")
    assert (told.status, told.out.splitlines()[0]) == (0, "lang/rust: 2 built")
    document = json.loads(said(capsys, "--json package lang/rust").out)
    assert (document["origin"], document["median"]) == ("lang/rust", 7811)
    assert [one["run"] for one in document["builds"]] == [2, 1]
    rows = list(csv.DictReader(io.StringIO(said(capsys, "package lang/rust --csv --host venus").out)))
    assert [(row["run"], row["host"], row["duration"]) for row in rows] == [("2", "venus", "7811")]


def test_a_package_that_is_not_known_is_answered_with_what_could_be_meant(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = said(capsys, "package vim")
    assert (told.status, told.out) == (3, "")
    assert told.err.splitlines() == [
        "synthtop: the history has no package vim: did you mean",
        "  synthtop history package editors/vim",
        "  synthtop history package editors/vim-gtk3",
    ]
    told = said(capsys, "package lang/rust --name lua")
    assert (told.status, told.err) == (3, "synthtop: the history has no package lang/rust of lua\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("port", "synthtop: the history has no run port; did you mean ports?"),
        ("99", "synthtop: the history has no run 99: synthtop history lists those that there are"),
        (
            "1 --name lua",
            "synthtop: the history has no run 1 of lua: synthtop history lists those that there are",
        ),
        ("--name x", "synthtop: the history has no build of x"),
        ("prune 99", "synthtop: the history has no run 99: nothing was removed"),
        ("prune 1 4", "synthtop: run 4 goes on: nothing was removed"),
    ],
)
def test_what_is_not_there_is_status_3(words: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, words)
    assert (told.status, told.out, told.message) == (3, "", message)
    assert ids(capsys, "") == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("1 2", "unrecognized arguments: 2"),
        ("-n 0", "'0': expected a number of 1 or more"),
        ("--minutes", "add --csv"),
        ("--minutes --csv", "say which, as in: synthtop history last --csv --minutes"),
        ("--json --csv", "not allowed with argument --json"),
        ("package", "required: ORIGIN"),
        ("prune", "nothing says what is to be removed"),
        ("prune --name ports", "nothing says what is to be removed"),
        ("prune ports", "'ports': expected the number of a run"),
        ("prune 1 --keep 3", "expected either RUN ..., or --older-than and --keep"),
        ("prune --older-than soon", "expected a duration"),
        ("prune --keep few", "'few': expected a number"),
    ],
)
def test_wrong_usage_is_status_2(words: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, words)
    assert (told.status, told.out) == (2, "")
    assert message in told.message


def test_an_empty_word_is_a_variables_fault_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    told = Said(capsys, "history", "")
    assert (told.status, told.message) == (
        2,
        "synthtop history: error: argument RUN: expected a name, found ''",
    )


# -- prune ---------------------------------------------------------------------------------------------


def test_prune_removes_runs_by_their_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "prune 1 3")
    assert told.status == 0
    assert told.out.startswith("Removed 2 runs with 3 packages: the history is ")
    assert ids(capsys, "") == [4, 2]


def test_prune_removes_what_is_old_or_too_much_and_never_what_goes_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert said(capsys, "prune --keep 3").status == 0
    assert ids(capsys, "") == [4, 3, 2]
    # Between builds: the one that is meant comes first where the words are in another order.
    assert said(capsys, "--name lua prune --keep 0").status == 0
    assert ids(capsys, "") == [4, 2]
    assert said(capsys, "prune --older-than 0d").status == 0
    assert ids(capsys, "") == [4]
    assert said(capsys, "prune --older-than 0d").out == "There is nothing to remove.\n"


def test_a_dry_run_says_what_would_be_removed_and_removes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = said(capsys, "prune --older-than 0d --dry-run").out.splitlines()
    assert [line.split()[0] for line in lines[:-1]] == ["Run", "3", "2", "1"]
    assert lines[-1] == "3 runs would be removed."
    assert ids(capsys, "prune --older-than 0d --dry-run") == [3, 2, 1]
    assert ids(capsys, "") == [4, 3, 2, 1]


@pytest.mark.parametrize("age", ["5", "0", "1.5"])
def test_an_age_without_a_unit_removes_nothing(age: str, capsys: pytest.CaptureFixture[str]) -> None:
    refused = said(capsys, f"prune --older-than {age}")
    assert refused.status == 2
    assert f"expected a time with its unit, as 90d or 36h, found '{age}'" in refused.message
    assert ids(capsys, "") == [4, 3, 2, 1]


def test_prune_tells_scripts_which_runs_are_gone(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(said(capsys, "prune 1 2 --csv").out)))
    assert [row["id"] for row in rows] == ["2", "1"]


# -- no history ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["", "last", "package a/b", "prune 1"])
def test_where_nothing_was_recorded_yet_that_is_said(
    words: str, history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history.unlink()
    told = said(capsys, words)
    assert (told.status, told.out) == (3, "")
    assert told.message.startswith(f"synthtop: {history}")


def test_where_nothing_was_recorded_yet_scripts_find_nothing_in_a_document(
    history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history.unlink()
    assert ids(capsys, "") == []
    assert json.loads(said(capsys, "package a/b --json").out)["builds"] == []
    assert len(said(capsys, "--csv").out.splitlines()) == 1


def test_there_is_nothing_to_prune_where_nothing_was_recorded(
    history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history.unlink()
    told = said(capsys, "prune --older-than 90d")
    assert (told.status, told.out) == (0, "There is nothing to remove.\n")


def test_without_a_home_there_is_no_history(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.delenv("XDG_STATE_HOME")
    told = said(capsys, "")
    assert (told.status, told.out) == (3, "")
    assert "neither XDG_STATE_HOME nor HOME" in told.message


@pytest.mark.parametrize("words", ["", "1 --json", "package a/b", "prune 1"])
def test_a_history_that_cannot_be_read_is_status_5_and_left_as_it_is(
    words: str, history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history.write_bytes(b"no history at all\n" * 100)
    told = said(capsys, words)
    assert (told.status, told.out) == (5, "")
    assert told.message.startswith(f"synthtop: {history}")
    assert history.read_bytes() == b"no history at all\n" * 100


# -- as a program --------------------------------------------------------------------------------------


def test_in_a_terminal_it_fits_and_in_ascii_where_that_is_all_there_is(here: Path) -> None:
    env = environment(XDG_STATE_HOME=str(here / "state"), LC_ALL="", LC_CTYPE="", LANG="C")
    with Terminal([*SYNTHTOP, "history", "1"], here, env=env, rows=50, columns=60) as terminal:
        terminal.until(lambda seen: "editors/vim-gtk3" in seen.text)
        assert terminal.text.isascii()
        assert "######" in terminal.text
        chart = next(row for row in terminal.rows if row.startswith(" rate"))
        assert width(chart) <= 60


def test_a_pipe_gets_all_columns(here: Path) -> None:
    done = run("history", XDG_STATE_HOME=str(here / "state"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].split()[-3:] == ["Rate", "Peak", "Load"]


def without(modules: str, here: Path) -> subprocess.CompletedProcess[str]:
    """What ``history`` says where these modules cannot be imported."""
    code = (
        f"import sys\nsys.modules.update(dict.fromkeys({modules.split()!r}))\n"
        "from synthtop.cli import main\nsys.exit(main(['history', 'last']))\n"
    )
    env = environment(XDG_STATE_HOME=str(here / "state"))
    return subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def test_nothing_that_draws_has_to_be_there_and_without_sqlite_that_is_told(here: Path) -> None:
    drawn = without("textual rich psutil asyncio", here)
    assert (drawn.returncode, drawn.stderr) == (0, "")
    untold = without("sqlite3 _sqlite3", here)  # the former too: whoever measures has it already
    assert (untold.returncode, untold.stdout) == (5, "")
    assert "synthtop: this Python comes without its module sqlite3" in untold.stderr
