"""Plans: what a file or a command says is to be built, and what is refused with which words."""

from __future__ import annotations

import io
import itertools
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthtop.run.graph import circle
from synthtop.run.origins import parts, wrong_origin
from synthtop.run.package import Package, Phase, Plan, PlanError
from synthtop.run.plan import check_values, from_command, load, read_origins
from synthtop.run.template import PLACEHOLDERS

HEAD = '[build]\ncommand = "make {origin}"\n'


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Writes a plan and gives its path."""

    def write(text: str, name: str = "ports.toml") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def plan(written: Any) -> Any:
    """The plan of a text."""
    return lambda text, name="ports.toml": load(written(text, name))


@pytest.fixture
def refused(written: Any) -> Any:
    """What is said about a plan that is refused, from the line number on."""

    def message(text: str) -> str:
        path = written(text)
        with pytest.raises(PlanError) as caught:
            load(path)
        said = str(caught.value)
        assert said.startswith(path + ":")
        assert said.isprintable()
        return said.removeprefix(path + ":")

    return message


FULL = """
[build]
name = "ports"
workers = 4
phases = ["fetch", "configure", "build"]
command = "make -C /usr/ports/{origin} {phase}"
skip_if = "test -e /packages/{name}.pkg"
timeout = "30m"
memory = "24G"
jobs = 3
workdir = "work"
env = { BATCH = "yes", LANG = "C" }
[phase.fetch]
command = ["fetch", "{origin}"]
timeout = "1h30m"
[[package]]
origin = "devel/gmake"
needs = ["devel/gettext"]
memory = "2G"
env = { LANG = "C.UTF-8" }
[[package]]
origin = "devel/gettext"
[[package]]
origin = "editors/emacs@nox"
ignore = "BROKEN: does not link"
"""


# -- what a file says ------------------------------------------------------------------------------


def test_the_build_table_is_read(plan: Any, tmp_path: Path) -> None:
    found: Plan = plan(FULL)
    assert (found.name, found.workers, found.memory, found.jobs) == ("ports", 4, 24 << 30, 3)
    assert found.skip_if == "test -e /packages/{name}.pkg"
    assert found.workdir == str(tmp_path / "work")
    assert found.directory == str(tmp_path)
    assert found.path == str(tmp_path / "ports.toml")


def test_packages_stand_in_the_plans_order_with_their_places(plan: Any) -> None:
    found = plan(FULL).packages
    assert [(p.index, p.origin) for p in found] == [
        (0, "devel/gmake"),
        (1, "devel/gettext"),
        (2, "editors/emacs@nox"),
    ]


def test_an_origin_comes_apart_into_category_name_and_flavor(plan: Any) -> None:
    emacs = plan(FULL).get("editors/emacs@nox")
    assert (emacs.category, emacs.name, emacs.flavor) == ("editors", "emacs", "nox")


def test_a_package_has_its_needs_and_its_memory(plan: Any) -> None:
    gmake = plan(FULL).get("devel/gmake")
    assert (gmake.needs, gmake.memory) == (("devel/gettext",), 2 << 30)


def test_a_phases_own_table_is_stronger_than_the_build(plan: Any) -> None:
    make = "make -C /usr/ports/{origin} {phase}"
    assert plan(FULL).get("devel/gmake").phases == (
        Phase("fetch", ("fetch", "{origin}"), 5400.0),
        Phase("configure", make, 1800.0),
        Phase("build", make, 1800.0),
    )


def test_a_packages_env_lies_over_the_builds(plan: Any) -> None:
    found = plan(FULL)
    assert found.get("devel/gmake").env == {"BATCH": "yes", "LANG": "C.UTF-8"}
    assert found.get("devel/gettext").env == {"BATCH": "yes", "LANG": "C"}


def test_an_ignored_package_has_its_reason_and_no_phases(plan: Any) -> None:
    emacs = plan(FULL).get("editors/emacs@nox")
    assert (emacs.ignore, emacs.phases, emacs.scan) == ("BROKEN: does not link", (), False)


def test_packages_that_say_nothing_of_their_own_share_phases_and_env(plan: Any) -> None:
    first, second = plan(HEAD + '[[package]]\norigin = "a/b"\n[[package]]\norigin = "a/c"\n').packages
    assert first.phases is second.phases
    assert first.env is second.env


def test_without_phases_they_come_from_the_output(plan: Any) -> None:
    (found,) = plan(HEAD + '[[package]]\norigin = "a/b"\n').packages
    assert found.scan
    assert found.phases == (Phase("build", "make {origin}"),)


def test_with_phases_the_output_is_not_scanned(plan: Any) -> None:
    assert not plan(FULL).get("devel/gmake").scan


def test_a_package_overrides_command_phases_and_timeout(plan: Any) -> None:
    found = plan(
        FULL + '[[package]]\norigin = "a/b"\ncommand = "x"\nphases = ["fetch", "test"]\ntimeout = 5\n'
    )
    assert found.get("a/b").phases == (Phase("fetch", "x", 5.0), Phase("test", "x", 5.0))


def test_a_package_with_no_phases_of_its_own_is_scanned(plan: Any) -> None:
    found = plan(FULL + '[[package]]\norigin = "a/b"\nphases = []\n').get("a/b")
    assert found.scan
    assert [phase.name for phase in found.phases] == ["build"]


def test_a_timeout_of_0_is_none(plan: Any) -> None:
    found = plan(FULL + '[[package]]\norigin = "a/b"\ntimeout = 0\n')
    assert {phase.timeout for phase in found.get("a/b").phases} == {None}


def test_each_phase_may_bring_the_only_command(plan: Any) -> None:
    found = plan('[build]\nphases = ["x"]\n[phase.x]\ncommand = "true"\n[[package]]\norigin = "a/b"\n')
    assert found.get("a/b").phases == (Phase("x", "true"),)


def test_a_need_named_twice_is_one_need(plan: Any) -> None:
    text = HEAD + '[[package]]\norigin = "a"\nneeds = ["b", "b"]\n[[package]]\norigin = "b"\n'
    assert plan(text).get("a").needs == ("b",)


def test_a_need_on_an_ignored_package_is_allowed(plan: Any) -> None:
    text = HEAD + '[[package]]\norigin = "a"\nneeds = ["b"]\n[[package]]\norigin = "b"\nignore = "old"\n'
    assert plan(text).get("a").needs == ("b",)


def test_an_ignored_package_needs_no_command(plan: Any) -> None:
    assert plan('[[package]]\norigin = "a"\nignore = "old"\n').get("a").phases == ()


def test_an_ignored_package_without_a_command_does_not_spare_the_others_theirs(refused: Any) -> None:
    said = refused('[[package]]\norigin = "a"\nignore = "old"\n[[package]]\norigin = "b"\n')
    assert "[[package]] b: no command" in said


def test_a_byte_order_mark_and_dos_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + '[[package]]\norigin = "a"\n').replace("\n", "\r\n").encode())
    assert load(str(path)).packages[0].origin == "a"


@pytest.mark.parametrize(
    ("file", "name"),
    [("ports.toml", "ports"), ("my tree.toml", "my-tree"), ("-.toml", "build"), ("x.y.toml", "x.y")],
)
def test_without_a_name_the_build_is_called_after_the_file(plan: Any, file: str, name: str) -> None:
    assert plan(HEAD + '[[package]]\norigin = "a"\n', file).name == name


def test_a_plan_called_plan_is_called_after_its_directory(tmp_path: Path) -> None:
    (tmp_path / "debian").mkdir()
    path = tmp_path / "debian" / "plan.toml"
    path.write_text(HEAD + '[[package]]\norigin = "a"\n')
    assert load(str(path)).name == "debian"


def test_a_workdir_below_the_home_is_found(plan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    text = '[build]\ncommand = "x"\nworkdir = "~/work"\n[[package]]\norigin = "a"\n'
    assert plan(text).workdir == "/home/me/work"


def test_no_package_of_that_origin_is_a_key_error(plan: Any) -> None:
    with pytest.raises(KeyError):
        plan(FULL).get("devel/none")


# -- files that are none ---------------------------------------------------------------------------


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"nowhere\.toml: cannot read it: No such file"):
        load(str(tmp_path / "nowhere.toml"))


def test_a_directory_is_no_plan(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="cannot read it: Is a directory"):
        load(str(tmp_path))


def test_a_path_with_a_nul_is_no_plan() -> None:
    with pytest.raises(PlanError, match="cannot read it: embedded null byte"):
        load("a\0b")


def test_what_is_no_utf_8_is_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b'[build]\nname = "caf\xe9"\n')
    with pytest.raises(
        PlanError, match=r"x\.toml:2: expected UTF-8, found the byte 0xe9: save the file as UTF-8"
    ):
        load(str(path))


def test_an_endless_file_is_refused() -> None:
    with pytest.raises(PlanError, match="larger than 64 MiB"):
        load("/dev/zero")


def test_a_syntax_error_is_refused_with_line_and_column(refused: Any) -> None:
    assert refused('[build]\nname = "x\n').startswith("2:10: no valid TOML: ")


@pytest.mark.parametrize("text", ["x = " + "[" * 5000, "x = " + "9" * 5000])
def test_what_the_parser_cannot_bear_is_refused(refused: Any, text: str) -> None:
    assert " no valid TOML: " in refused(text)


# -- plans that are wrong ----------------------------------------------------------------------------

DURATION = "a duration like 90 (seconds), 30m or 1h30m"
SIZE = "a size like 512M, 24G or a number of bytes"
PHASE = "the name of a phase, 1 to 40 characters of A-Za-z0-9_@%+=:,.~-"
COMMAND = "a shell command in quotes, or a list of arguments"
KNOWN = "command, env, ignore, memory, needs, origin, phases, timeout"
ONE = HEAD + '[[package]]\norigin = "a/b"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # unknown keys
        ("[bild]\n", "1: bild: unknown key 'bild'; did you mean build?"),
        (
            "command = 'x'\n" + ONE.replace('command = "make {origin}"\n', ""),
            "1: command: unknown key 'command'; it belongs in [build]",
        ),
        ("[build]\ncomand = 'x'\n", "2: [build] comand: unknown key 'comand'; did you mean command?"),
        ("[build]\nneeds = []\n", "2: [build] needs: unknown key 'needs'; it belongs in [[package]]"),
        (
            ONE + "xyzzy = 1\n",
            f"5: [[package]] xyzzy: unknown key 'xyzzy'; known here are {KNOWN}",
        ),
        (
            "[build]\nphases = ['x']\n[phase.x]\ncomand = 'x'\n",
            "4: [phase.x] comand: unknown key 'comand'; did you mean command?",
        ),
        # wrong types and values
        ("build = 3\n", "1: [build]: expected a table, found the number 3"),
        ("phase = 3\n", "1: [phase]: expected a table, found the number 3"),
        ("[phase]\nx = 3\n", "2: [phase.x]: expected a table, found the number 3"),
        ("[package]\n", "1: expected tables headed [[package]], in two pairs of brackets"),
        ("package = [1]\n", "1: expected tables headed [[package]], in two pairs of brackets"),
        ("[build]\nname = 3\n" + ONE[8:], "2: [build] name: expected a name, found the number 3"),
        (
            "[build]\nworkers = 0\n" + ONE[8:],
            "2: [build] workers: expected a number from 1 to 1024, found the number 0",
        ),
        (
            "[build]\nworkers = '4'\n" + ONE[8:],
            "2: [build] workers: expected a number from 1 to 1024, found '4'",
        ),
        (
            "[build]\nworkers = true\n" + ONE[8:],
            "2: [build] workers: expected a number from 1 to 1024, found true",
        ),
        (
            "[build]\njobs = 1.5\n" + ONE[8:],
            "2: [build] jobs: expected a number from 1 to 1024, found the number 1.5",
        ),
        (
            "[build]\ntimeout = 'soon'\n",
            f"2: [build] timeout: expected {DURATION}, at most 10000d, found 'soon'",
        ),
        (
            "[build]\ntimeout = 2026-01-01\n",
            f"2: [build] timeout: expected {DURATION}, found a date or time",
        ),
        (
            "[build]\nmemory = 'much'\n" + ONE[8:],
            f"2: [build] memory: expected {SIZE}, found 'much'",
        ),
        (
            ONE + "memory = 1.5\n",
            f"5: [[package]] a/b memory: expected {SIZE}, found the number 1.5",
        ),
        ("[build]\nworkdir = ''\n" + ONE[8:], "2: [build] workdir: expected a path, found ''"),
        ('[build]\nworkdir = "a\\u0000"\n' + ONE[8:], "2: [build] workdir: expected a path, found 'a\\x00'"),
        (
            "[build]\ncommand = 3\n",
            f"2: [build] command: expected {COMMAND}, found the number 3",
        ),
        (
            "[build]\ncommand = ' '\n",
            f"2: [build] command: expected {COMMAND}, found ' '",
        ),
        (
            "[build]\ncommand = []\n",
            f"2: [build] command: expected {COMMAND}, found a list without a program",
        ),
        (
            "[build]\ncommand = ['a', 3]\n",
            f"2: [build] command: expected {COMMAND}, found the number 3 in it",
        ),
        (
            '[build]\ncommand = ["a", "\\u0000"]\n',
            "2: [build] command: an argument must not have a NUL character",
        ),
        ("[build]\nphases = 'x'\n", "2: [build] phases: expected a list of phase names, found 'x'"),
        (
            "[build]\nphases = ['a b']\n",
            f"2: [build] phases: expected {PHASE}, found 'a b'",
        ),
        ("[build]\nphases = ['a', 'b', 'a']\n", "2: [build] phases: the phase a stands in it twice"),
        (
            "[build]\nenv = 3\n",
            '2: [build] env: expected a table like { BATCH = "yes" }, found the number 3',
        ),
        ("[build]\nenv = { A = 1 }\n", "2: [build] env A: expected a string, found the number 1"),
        (
            "[build]\n[build.env]\nB = ''\nA = true\n",
            "4: [build] env A: expected a string, found true",
        ),
        (
            "[build]\nenv = { 'A-B' = 'x' }\n",
            "2: [build] env A-B: expected a variable's name, of letters, digits and _",
        ),
        (
            '[build]\nenv = { A = "\\u0000" }\n',
            "2: [build] env A: a value must not have a NUL character",
        ),
        (ONE + "ignore = true\n", "5: [[package]] a/b ignore: expected a reason, found true"),
        (ONE + "ignore = ''\n", "5: [[package]] a/b ignore: expected a reason, found ''"),
        (ONE + "needs = 'a/c'\n", "5: [[package]] a/b needs: expected a list of origins, found 'a/c'"),
        (ONE + "needs = [[]]\n", "5: [[package]] a/b needs: expected a list of origins, found a list in it"),
        (
            HEAD + "[[package]]\norigin = 3\n",
            "4: [[package]] origin: expected an origin like devel/gmake, found the number 3",
        ),
        (HEAD + "[[package]]\nneeds = []\n", "3: [[package]]: has no origin"),
        # what does not fit together
        ("", " no [[package]] in it: nothing to build"),
        (HEAD, " no [[package]] in it: nothing to build"),
        ("[[package]]\norigin = 'a/b'\n", "1: [[package]] a/b: no command: give one in [build] or here"),
        (
            "[build]\nphases = ['x', 'y']\n[phase.x]\ncommand = 'x'\n[[package]]\norigin = 'a/b'\n",
            "5: [[package]] a/b: no command for the phase y: give one in [phase.y] or [build]",
        ),
        (
            ONE + "[phase.fetch]\ntimeout = 3\n",
            "5: [phase.fetch]: no package has a phase fetch: name it in phases = [...]",
        ),
        (
            "[build]\nskip_if = 'test {slot}'\n" + ONE[8:],
            "2: [build] skip_if: {slot} means nothing before a package starts: leave it out",
        ),
        (
            ONE + "[[package]]\norigin = 'a/b'\n",
            "6: [[package]] a/b origin: is in the plan already: an origin stands in it once",
        ),
        (
            ONE + "needs = ['a/bb']\n",
            "5: [[package]] a/b needs: the plan has no package 'a/bb'; did you mean a/b?",
        ),
        (ONE + "needs = ['xyzzy']\n", "5: [[package]] a/b needs: the plan has no package 'xyzzy'"),
        (
            ONE + "needs = ['libiconv']\n[[package]]\norigin = 'x/y/libiconv'\n",
            "5: [[package]] a/b needs: the plan has no package 'libiconv'; did you mean x/y/libiconv?",
        ),
        (
            ONE + "needs = ['a/b']\n",
            "5: [[package]] a/b needs: packages need each other in a circle: a/b -> a/b",
        ),
        (
            ONE + "needs = ['c/d']\n[[package]]\norigin = 'c/d'\nneeds = ['a/b']\n",
            "5: [[package]] a/b needs: packages need each other in a circle: a/b -> c/d -> a/b",
        ),
        (
            HEAD + "[[package]]\norigin = 'a/b/c'\n[[package]]\norigin = 'a_b/c'\n",
            "6: [[package]] a_b/c origin: its log would be the same file as that of a/b/c: rename one",
        ),
    ],
)
def test_a_wrong_plan_is_refused_with_line_key_and_advice(refused: Any, text: str, said: str) -> None:
    assert refused(text) == said


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        ("", "expected an origin like devel/gmake, found ''"),
        ("  ", "expected an origin like devel/gmake, found '  '"),
        ("/etc/passwd", "must not begin with a slash, found '/etc/passwd': leave it out"),
        ("devel/", "must not end with a slash, found 'devel/': leave it out"),
        ("a/../b", "must not have '.', '..' or nothing between its slashes, found 'a/../b'"),
        ("..", "must not have '.', '..' or nothing"),
        ("a/.", "must not have '.', '..' or nothing"),
        ("a//b", "must not have '.', '..' or nothing"),
        ("a/b\n", "control or invisible characters, found 'a/b\\n'"),
        ("a/\x1b[31mb", "control or invisible characters, found 'a/\\x1b[31mb'"),
        ("a/\x7f", "control or invisible characters"),
        ("a/\u202eb", "control or invisible characters"),
        (" a/b", "must not begin or end with a blank, found ' a/b'"),
        ("a/b@", "a flavor was expected behind the @, found 'a/b@'"),
        ("a/" + "b" * 300, "must fit into a log file's name (250 bytes), found one of 302"),
        ("a/" + "ü" * 130, "must fit into a log file's name (250 bytes)"),
        ("synthtop", "its log would be synthtop.log, which is the build's own"),
        ("00_last_results", "its log would be 00_last_results.log, which is the build's own"),
    ],
)
def test_what_is_no_origin_is_refused_with_the_line(refused: Any, origin: str, said: str) -> None:
    escaped = "".join(f"\\U{ord(char):08x}" for char in origin)
    message = refused(f'{HEAD}[[package]]\norigin = "{escaped}"\n')
    assert message.startswith("4: [[package]] origin: ")
    assert said in message


@pytest.mark.parametrize("name", ["", "a/b", "..", ".hidden", "-x", "a\tb", " a", "a ", "x" * 101])
def test_a_name_that_no_file_can_have_is_refused(refused: Any, name: str) -> None:
    assert "2: [build] name: " in refused(f"[build]\nname = {json.dumps(name)}\n{ONE[8:]}")


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_a_variable_that_each_job_has_anyway_is_refused(refused: Any, name: str) -> None:
    variable = "SYNTHTOP_" + name.upper()
    said = refused(f"[build]\nenv = {{ {variable} = 'x' }}\n{ONE[8:]}")
    assert said.startswith(f"2: [build] env {variable}: each job has this variable from synthtop")


def test_lines_are_found_in_a_plan_of_inline_tables(refused: Any) -> None:
    text = HEAD.replace("[build]\n", "build.").replace("build.command", "build = { command").rstrip() + " }\n"
    said = refused(text + "package = [\n  { origin = 'a/b' },\n  { origin = 'a/c', needs = ['x/y/z'] },\n]\n")
    assert said.startswith("4: [[package]] a/c needs: ")


def test_lines_are_not_lost_in_strings_of_several_lines(refused: Any) -> None:
    text = '[build]\ncommand = """\n[[package]]\nneeds = 3\n"""\n[[package]]\norigin = "a/b"\nneeds = 3\n'
    assert refused(text).startswith("8: [[package]] a/b needs: ")


def test_a_long_circle_is_shown_by_both_ends(refused: Any) -> None:
    text = HEAD + "".join(f'[[package]]\norigin = "p{n}"\nneeds = ["p{(n + 1) % 50}"]\n' for n in range(50))
    assert refused(text).endswith(
        "in a circle: p0 -> p1 -> p2 -> p3 -> p4 -> p5 -> (39 more) -> p45 -> p46 -> p47 -> p48 -> p49 -> p0"
    )


def test_a_circle_of_ten_thousand_is_found_and_one_behind_it_is_no_part_of_it(refused: Any) -> None:
    text = HEAD + "[[package]]\norigin = 'first'\nneeds = ['p3']\n"
    text += "".join(f'[[package]]\norigin = "p{n}"\nneeds = ["p{(n + 1) % 10000}"]\n' for n in range(10000))
    assert "circle: p0 -> p1 -> " in refused(text)


# -- values in shell commands --------------------------------------------------------------------------


@pytest.mark.parametrize("origin", ["a/b c", "a/b;reboot", "a/$(reboot)", "a/b'c", "a/`x`", "a/b&", "a/ü"])
def test_an_origin_that_a_shell_could_misread_is_refused_with_advice(refused: Any, origin: str) -> None:
    said = refused(f'{HEAD}[[package]]\norigin = "{origin}"\n')
    assert said.startswith("4: [[package]] " + origin)
    assert f"{{origin}} stands in a shell command, where {origin!r} is not safe" in said
    assert said.endswith('use "$SYNTHTOP_ORIGIN" there instead, or in a plan write the command as a list')


@pytest.mark.parametrize(
    ("origin", "key"), [("devel/gmake", "flavor"), ("gmake@tiny", "category"), ("gmake", "category")]
)
@pytest.mark.parametrize(
    "where", ["command = 'rm -rf /x/{%s}'", "command = 'x'\nskip_if = 'test -e /x/{%s}'"]
)
def test_a_value_that_is_empty_for_a_package_is_refused_in_a_shell_command(
    refused: Any, where: str, origin: str, key: str
) -> None:
    text = f"[build]\n{where % key}\n[[package]]\norigin = '{origin}'\n"
    assert refused(text).endswith(
        f" [[package]] {origin} origin: {{{key}}} stands in a shell command, and is empty for {origin}: "
        f'use "$SYNTHTOP_{key.upper()}" there instead, or in a plan write the command as a list'
    )


def test_a_flavor_in_a_shell_command_is_no_problem_where_every_package_has_one(plan: Any) -> None:
    head = "[build]\ncommand = 'make -C {category}/{name} FLAVOR={flavor}'\n"
    assert plan(head + "[[package]]\norigin = 'editors/vim@tiny'\n").packages


@pytest.mark.parametrize(
    "head",
    [
        "[build]\ncommand = ['make', '{origin}', '{flavor}']\n",
        "[build]\ncommand = 'make \"$SYNTHTOP_ORIGIN\"'\n",
        "[build]\ncommand = 'make ${origin} {slot}'\n",
        "[build]\ncommand = 'make {category}'\n",
    ],
)
def test_where_no_shell_sees_it_an_origin_may_be_odd(plan: Any, head: str) -> None:
    assert plan(head + '[[package]]\norigin = "a/b c; reboot"\n').packages[0].name == "b c; reboot"


def test_a_safe_command_of_the_build_does_not_excuse_that_of_a_package(refused: Any) -> None:
    head = "[build]\ncommand = ['make', '{origin}']\n"
    assert "{name} stands in a shell" in refused(
        head + '[[package]]\norigin = "a/b c"\ncommand = "x {name}"\n'
    )


def test_a_phases_shell_command_is_checked_too(refused: Any) -> None:
    head = "[build]\ncommand = ['x']\nphases = ['a', 'b']\n[phase.b]\ncommand = 'x {}'\n"
    assert "{origin} stands in a shell" in refused(head + '[[package]]\norigin = "a/b c"\n')


def test_skip_if_is_checked_too(refused: Any) -> None:
    head = "[build]\ncommand = ['x']\nskip_if = 'test {name}'\n"
    assert "{name} stands in a shell" in refused(head + '[[package]]\norigin = "a/b c"\n')


def test_a_workdir_in_a_shell_command_asks_for_a_safe_origin(refused: Any) -> None:
    head = "[build]\ncommand = 'cd {workdir}'\n"
    assert "{workdir} stands in a shell" in refused(head + '[[package]]\norigin = "a/b c"\n')


def test_an_ignored_package_may_be_odd(plan: Any) -> None:
    assert plan(HEAD + '[[package]]\norigin = "a/b c"\nignore = "odd"\n').packages


@pytest.mark.parametrize("key", ["logs", "workdir"])
@pytest.mark.parametrize("where", ["command = 'x {%s}'", "command = 'x'\nskip_if = 'x {%s}'"])
def test_a_directory_that_a_shell_could_misread_is_refused_before_the_start(
    plan: Any, key: str, where: str
) -> None:
    found = plan(f"[build]\n{where % key}\n[[package]]\norigin = 'a'\n")
    directories = {"logs": "/l", "workdir": "/w", key: "/my logs"}
    with pytest.raises(PlanError) as caught:
        check_values(found, **directories)
    assert str(caught.value) == (
        f"'/my logs': {{{key}}} stands in a shell command, where it is not safe: take another directory, or "
        f'use "$SYNTHTOP_{key.upper()}" there instead, or in a plan write the command as a list'
    )


@pytest.mark.parametrize("command", ["'x'", "'x ${logs}'", "['x', '{logs}', '{workdir}']"])
def test_a_directory_that_no_shell_sees_may_have_any_name(plan: Any, command: str) -> None:
    found = plan(f"[build]\ncommand = {command}\n[[package]]\norigin = 'a'\n")
    check_values(found, logs="/my logs", workdir="/my work")


def test_safe_directories_are_let_pass(plan: Any) -> None:
    found = plan("[build]\ncommand = 'x {logs} {workdir}'\n[[package]]\norigin = 'a'\n")
    check_values(found, logs="/var/log/x-1", workdir="/tmp/w")


# -- selections ------------------------------------------------------------------------------------------

TREE = HEAD + "".join(
    f'[[package]]\norigin = "{origin}"\nneeds = {needs}\n'
    for origin, needs in (("x/d", ["x/c"]), ("x/a", []), ("x/b", ["x/a"]), ("x/c", ["x/a"]), ("y/lone", []))
)


def test_a_selection_has_all_that_it_needs_in_the_plans_order(plan: Any) -> None:
    found = plan(TREE).select(["x/d"])
    assert [p.origin for p in found.packages] == ["x/d", "x/a", "x/c"]


def test_a_selection_keeps_the_rest_of_the_plan(plan: Any) -> None:
    whole = plan(TREE)
    some = whole.select(["y/lone", "y/lone"])
    assert (some.name, some.directory, some.path) == (whole.name, whole.directory, whole.path)
    assert some.get("y/lone") is whole.get("y/lone")


def test_a_selection_of_something_unknown_names_the_nearest(plan: Any) -> None:
    with pytest.raises(PlanError, match=r"the plan has no package 'lone'; did you mean y/lone\?"):
        plan(TREE).select(["x/d", "lone"])


def test_a_selection_of_nothing_is_refused(plan: Any) -> None:
    with pytest.raises(PlanError, match="no origins are selected"):
        plan(TREE).select([])


def test_a_selection_follows_a_chain_of_any_depth() -> None:
    packages = tuple(
        Package(f"p{n}", "", f"p{n}", None, (f"p{n - 1}",) if n else (), ()) for n in range(20_000)
    )
    assert len(Plan("deep", None, packages).select(["p19999"]).packages) == 20_000


# -- plans from a command ----------------------------------------------------------------------------------


def test_a_command_is_the_only_phase_of_each_origin() -> None:
    found = from_command("make -C {}", ["a/b", "a/c@x"])
    assert [(p.origin, p.index, p.needs, p.scan) for p in found.packages] == [
        ("a/b", 0, (), True),
        ("a/c@x", 1, (), True),
    ]
    assert found.packages[1].flavor == "x"
    assert found.packages[0].phases == (Phase("build", "make -C {}"),)


def test_a_plan_from_a_command_has_no_path_and_runs_here() -> None:
    found = from_command("make", ["a"])
    assert (found.path, found.directory) == (None, os.getcwd())


@pytest.mark.parametrize(
    ("command", "becomes"),
    [
        ("true", "true {origin}"),
        ("make -C ", "make -C {origin}"),
        ("echo ${origin}", "echo ${origin} {origin}"),
        ("echo {}", "echo {}"),
        ("echo {name}", "echo {name}"),
        ('echo "$SYNTHTOP_ORIGIN"', 'echo "$SYNTHTOP_ORIGIN"'),
    ],
)
def test_the_origin_is_appended_only_where_the_command_does_not_ask_for_it(
    command: str, becomes: str
) -> None:
    assert from_command(command, ["a"]).packages[0].phases[0].command == becomes


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("make -C {}", "make"),
        ("/usr/bin/cc x", "cc"),
        ("A=1 B=2 ninja", "ninja"),
        ("A=1", "build"),
        ("'my tool' x", "my"),
        ("(cd x; y)", "cd"),
        ("...", "build"),
    ],
)
def test_the_build_is_called_after_the_program(command: str, name: str) -> None:
    assert from_command(command, ["a"]).name == name


def test_a_name_may_be_given() -> None:
    assert from_command("make", ["a"], name="nightly").name == "nightly"


@pytest.mark.parametrize(
    ("command", "origins", "said"),
    [
        (" ", ["a"], "-c: a shell command was expected, found ' '"),
        ("a\0", ["a"], "-c: a shell command was expected, found 'a\\x00'"),
        ("make", [], "no origins: nothing to build; name some, or give a list with -a"),
        ("make", ["a", "a"], "a is there twice: leave one out"),
        ("make", ["/a"], "an origin must not begin with a slash, found '/a': leave it out"),
        ("make", ["a\udc80"], "an origin must not have control or invisible characters, found 'a\\udc80'"),
        ("make", ["a/b/c", "a_b/c"], "the logs of a/b/c and a_b/c would be the same file: leave one out"),
    ],
)
def test_what_cannot_be_built_by_a_command_is_refused(command: str, origins: list[str], said: str) -> None:
    with pytest.raises(PlanError) as caught:
        from_command(command, origins)
    assert str(caught.value) == said


def test_a_name_that_is_none_is_refused_for_a_command_too() -> None:
    with pytest.raises(PlanError, match="a name that can be a file's was expected"):
        from_command("make", ["a"], name="a/b")


@pytest.mark.parametrize("command", ["make", "make {}", "make {name}"])
def test_an_odd_origin_in_a_shell_command_is_refused_with_advice(command: str) -> None:
    with pytest.raises(PlanError, match=r'is not safe: .*use "\$SYNTHTOP_'):
        from_command(command, ["a b"])


def test_a_command_that_asks_for_a_category_is_refused_for_an_origin_without_one() -> None:
    with pytest.raises(PlanError, match=r"^\{category\} stands in a shell command, and is empty for gmake: "):
        from_command("make -C {category}", ["devel/m4", "gmake"])


def test_a_path_as_a_shell_or_find_writes_it_is_an_origin() -> None:
    found = from_command("make -f {}", ["./Makefile", "./a/Makefile", "b/Makefile"])
    assert [p.origin for p in found.packages] == ["Makefile", "a/Makefile", "b/Makefile"]


def test_one_origin_in_two_ways_to_write_it_is_there_twice() -> None:
    with pytest.raises(PlanError, match="a/b is there twice"):
        from_command("make", ["a/b", "./a/b"])


def test_a_path_that_would_look_like_an_option_keeps_what_prevents_it_and_is_refused() -> None:
    with pytest.raises(PlanError, match=r"must not have '\.'.* found '\./-rf'"):
        from_command("rm {}", ["./-rf"])


def test_in_a_plan_an_origin_is_written_in_one_way_only(refused: Any) -> None:
    assert "must not have '.'" in refused(f"{HEAD}[[package]]\norigin = './a/b'\n")


def test_an_odd_origin_is_let_pass_where_the_command_takes_it_from_its_variable() -> None:
    assert from_command('make "$SYNTHTOP_ORIGIN"', ["a b"]).packages[0].origin == "a b"


def test_a_command_in_a_directory_that_is_gone_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(PlanError, match="the current directory is gone"):
        from_command("make", ["a"])


# -- lists of origins ----------------------------------------------------------------------------------------


def test_origins_are_read_one_a_line_without_comments_and_blanks(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("# tools\n\n  devel/gmake\t\nlang/c#  # the sharp one\r\nx/y")
    assert read_origins(str(path)) == ["devel/gmake", "lang/c#", "x/y"]


def test_what_find_prints_is_a_list_of_origins() -> None:
    assert read_origins("-", io.BytesIO(b"./Makefile\n./a/Makefile\n")) == ["Makefile", "a/Makefile"]


def test_a_dash_is_standard_input() -> None:
    assert read_origins("-", io.BytesIO(b"a/b\nc/d\n")) == ["a/b", "c/d"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a\n\n/b\n", "standard input:3: an origin must not begin with a slash, found '/b': leave it out"),
        (b"a\n#\na\n", "standard input:3: a is there twice: leave one out"),
        (b"a\nb\xff\n", "standard input:2: expected UTF-8, found the byte 0xff: save the file as UTF-8"),
    ],
)
def test_a_bad_line_is_refused_with_its_number(data: bytes, said: str) -> None:
    with pytest.raises(PlanError) as caught:
        read_origins("-", io.BytesIO(data))
    assert str(caught.value) == said


def test_a_list_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="list: cannot read it: No such file"):
        read_origins(str(tmp_path / "list"))


def test_a_closed_standard_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(PlanError, match="there is no standard input"):
        read_origins("-")


# -- for any input -------------------------------------------------------------------------------------------

_NAMES = st.from_regex(r"[a-z][a-z0-9]{0,3}", fullmatch=True)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2000) | st.sampled_from(["a", "a/b", "", "x y", "30m", "{}"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=6,
)


def _toml(value: Any) -> str:
    match value:
        case None:
            return "1979-05-27"
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case str():
            return f'"{value}"'
        case list():
            return "[" + ", ".join(map(_toml, value)) + "]"
        case _:
            return "{" + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + "}"


@given(
    build=st.dictionaries(
        st.sampled_from(["name", "workers", "phases", "command", "skip_if", "timeout", "env"]), _VALUES
    ),
    phase=st.dictionaries(st.sampled_from(["a", "b"]), _VALUES, max_size=2),
    packages=st.lists(
        st.dictionaries(
            st.sampled_from(
                ["origin", "needs", "command", "phases", "timeout", "memory", "ignore", "env", "odd"]
            ),
            _VALUES,
        ),
        max_size=4,
    ),
)
def test_any_toml_is_a_plan_or_one_readable_line(
    tmp_path_factory: pytest.TempPathFactory, build: Any, phase: Any, packages: Any
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(f"build = {_toml(build)}\nphase = {_toml(phase)}\npackage = {_toml(packages)}\n")
    problem = ""
    try:
        load(str(path))
    except PlanError as error:
        problem = str(error)
    assert not problem or (problem.isprintable() and problem.startswith(str(path)))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_plan_or_one_readable_line(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.toml"
    path.write_bytes(data)
    with pytest.raises(PlanError) as caught:
        load(str(path))
    assert str(caught.value).isprintable()


@st.composite
def graphs(draw: st.DrawFn) -> list[Package]:
    count = draw(st.integers(1, 8))
    numbers = st.integers(0, count - 1)
    needs = [draw(st.lists(numbers, unique=True, max_size=2)) for _ in range(count)]
    return [Package(f"p{n}", "", f"p{n}", None, tuple(f"p{m}" for m in needs[n]), ()) for n in range(count)]


def _reaches(packages: list[Package], start: str, goal: str) -> bool:
    by_origin = {p.origin: p for p in packages}
    seen: set[str] = set()
    stack = list(by_origin[start].needs)
    while stack:
        origin = stack.pop()
        if origin not in seen:
            seen.add(origin)
            stack += by_origin[origin].needs
    return goal in seen


@given(graphs())
def test_a_circle_is_found_exactly_where_a_package_needs_itself(packages: list[Package]) -> None:
    found = circle(packages)
    assert (found is not None) == any(_reaches(packages, p.origin, p.origin) for p in packages)


@given(graphs())
def test_a_circle_that_is_shown_is_one(packages: list[Package]) -> None:
    found = circle(packages) or []
    by_origin = {p.origin: p for p in packages}
    assert all(after in by_origin[before].needs for before, after in itertools.pairwise(found))
    assert found[:1] == found[-1:]
    assert len(set(found)) == max(0, len(found) - 1)


@given(st.text(alphabet="ab/.@ -\t\x00é", min_size=1, max_size=12))
def test_a_good_origin_comes_apart_and_together_again(origin: str) -> None:
    if wrong_origin(origin) is not None:
        return
    category, name, flavor = parts(origin)
    assert name
    assert "/" not in name
    assert (f"{category}/" if "/" in origin else "") + name + (
        "" if flavor is None else f"@{flavor}"
    ) == origin


@given(st.text(max_size=20))
def test_a_good_origin_stays_below_its_directory(origin: str) -> None:
    if wrong_origin(origin) is None:
        assert os.path.normpath(os.path.join("/base", origin)) == f"/base/{origin}"
        assert not re.search(r"[\x00-\x1f\x7f]", origin)
