"""The line of a log that explains a failure: recorded logs, and scripts that really fail."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.errors.finding import find, is_error
from synthtop.errors.scanning import MOST, errors_in
from synthtop.text import clean

from .failing import LOGS, Expected, first_line, missing_tools, run, score, table

EXPECTED = table("expected")
SCRIPTS = tuple(entry for entry in EXPECTED if entry.script)
SLOW = frozenset(
    ("cargo", "javac", "timeout", "cmake-compile", "cmake-package", "rust", "template", "sanitizer")
)
"""Scripts that take half a second and more, which are not run among the tests."""
TABLES = sorted(path.stem for path in LOGS.glob("*.toml"))
RULE = "-" * 79


def written(directory: Path, text: str | bytes) -> str:
    path = directory / "x.log"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


# -- recorded logs -----------------------------------------------------------------------------------


def test_the_first_line_shown_of_each_failure_is_its_cause() -> None:
    assert score(EXPECTED).missed == ()


def test_so_it_is_of_failures_that_were_recorded_by_somebody_who_did_not_know_the_rules() -> None:
    assert score(table("unseen")).missed == ()


def test_there_are_enough_failures_for_that_to_mean_something() -> None:
    assert len(EXPECTED) >= 30
    assert len(SCRIPTS) >= 15


@pytest.mark.parametrize("name", TABLES)
def test_each_log_of_a_table_is_there(name: str) -> None:
    assert [entry.name for entry in table(name) if not (LOGS / f"{entry.name}.log").is_file()] == []


def test_a_score_tells_what_was_shown_in_place_of_a_cause() -> None:
    assert score((Expected("killed", "something else"),)) == ((), ("killed: killed by SIGKILL",))


@pytest.mark.parametrize("entry", EXPECTED, ids=lambda entry: entry.name)
def test_the_offset_is_that_of_a_line_of_the_log_and_the_lines_are_clean(entry: Expected) -> None:
    path = LOGS / f"{entry.name}.log"
    cause = find(str(path), lines=7)
    assert cause.offset is not None
    assert (b"\n" + path.read_bytes())[cause.offset : cause.offset + 1] == b"\n"
    assert 1 <= len(cause.lines) <= 7
    assert all(clean(line) == line for line in cause.lines)


def test_of_what_no_rule_knows_the_last_lines_are_shown() -> None:
    cause = find(str(LOGS / "unknown.log"))
    assert cause.rule is None
    assert cause.lines == ("step 1: everything is ready", "step 2: the moon is in the wrong phase")


# -- the scripts that wrote them ---------------------------------------------------------------------


def test_what_the_scripts_write_today_is_explained_as_well(tmp_path: Path) -> None:
    chosen = [entry for entry in SCRIPTS if entry.name not in SLOW and not missing_tools(entry.name)]
    with ThreadPoolExecutor(max_workers=4) as pool:
        causes = list(pool.map(lambda entry: run(entry.name, tmp_path), chosen))
    shown = {entry.name: first_line(cause) for entry, cause in zip(chosen, causes, strict=True)}
    assert {entry.name: shown[entry.name] for entry in chosen if entry.cause not in shown[entry.name]} == {}
    assert {"killed"} <= shown.keys()


# -- which line ------------------------------------------------------------------------------------


def test_the_first_error_of_several_is_the_cause(tmp_path: Path) -> None:
    log = written(tmp_path, "a.c:1:2: error: first\nb.c:1:2: error: second\nmake: *** [a.o] Error 1\n")
    assert find(log).lines[0] == "a.c:1:2: error: first"


def test_a_weak_line_counts_only_where_there_is_no_strong_one(tmp_path: Path) -> None:
    weak = "rm: cannot remove 'x': No such file or directory\n"
    assert find(written(tmp_path, weak + "cc -c a.c\na.c:1:2: error: x\n")).lines[0] == "a.c:1:2: error: x"
    assert find(written(tmp_path, weak)).lines[0] == weak.strip()


def test_of_weak_lines_the_last_before_the_consequence_counts(tmp_path: Path) -> None:
    text = (
        "rm: cannot remove 'x': No such file or directory\n"
        "cp: cannot stat 'y': No such file or directory\n"
        "make: *** [install] Error 1\n"
        "rm: cannot remove 'z': No such file or directory\n"
    )
    assert "'y'" in find(written(tmp_path, text)).lines[0]


def test_what_make_ignored_is_no_cause(tmp_path: Path) -> None:
    ignored = "a.c:1:2: error: probe\nmake: [Makefile:2: probe] Error 1 (ignored)\n"
    later = "copying\n" * 9 + "b.c:1:2: error: real\n"
    assert find(written(tmp_path, ignored + later)).lines[0] == "b.c:1:2: error: real"


def test_a_message_right_above_a_consequence_is_the_cause(tmp_path: Path) -> None:
    cause = find(written(tmp_path, "gen: the moon is in the wrong phase\nmake: *** [x] Error 3\n"))
    assert cause.lines == ("gen: the moon is in the wrong phase", "make: *** [x] Error 3")
    assert cause.offset == 0


def test_of_messages_right_above_it_is_the_one_that_names_a_line_of_a_file(tmp_path: Path) -> None:
    above = "units.def:7:2: the unit is used twice\nunits.def: 88 units\n"
    cause = find(written(tmp_path, f"making it\ngen units\r{above}make: *** [x] Error 3\n"))
    assert cause.lines == (*above.splitlines(), "make: *** [x] Error 3")
    assert cause.offset == len("making it\n")


@pytest.mark.parametrize("harmless", ["a.c:7: warning: is old", "a.c:7:2: note: is old"])
def test_a_warning_with_its_place_is_no_cause_of_what_comes_below_it(tmp_path: Path, harmless: str) -> None:
    log = written(tmp_path, f"{harmless}\ngen: the moon is wrong\nmake: *** [x] Error 3\n")
    assert find(log).lines[0] == "gen: the moon is wrong"


def test_the_source_that_a_compiler_shows_is_no_message(tmp_path: Path) -> None:
    warning = "a.c:3:18: warning: always false\n    3 |   return error < 0;\n      |          ^\n"
    log = written(tmp_path, f"{warning}gen: the moon is wrong\nmake: *** [x] Error 3\n")
    assert find(log).lines[0] == "gen: the moon is wrong"


def test_a_consequence_without_one_is_shown_with_what_stands_above(tmp_path: Path) -> None:
    cause = find(written(tmp_path, "generate --all\n\nmake: *** [x] Error 3\n"))
    assert cause.lines == ("make: *** [x] Error 3", "generate --all")


def test_the_part_of_the_failed_phase_alone_is_looked_at(tmp_path: Path) -> None:
    configure = f"{RULE}\n-- Phase: configure\n{RULE}\na.c:1:2: error: no\n"
    log = written(tmp_path, f"{configure}{RULE}\n-- Phase: build\n{RULE}\nall is well\n")
    assert find(log, phase="build").lines == ("all is well",)
    assert find(log).lines == ("all is well",)
    assert find(log, phase="configure").lines[0] == "a.c:1:2: error: no"


def test_a_phase_that_is_not_marked_is_looked_for_in_the_whole_log(tmp_path: Path) -> None:
    assert find(written(tmp_path, "a.c:1:2: error: x\n"), phase="build").rule == "compiler"


@pytest.mark.parametrize("reason", ["killed by SIGKILL", "timed out: no output for 60 s"])
def test_a_package_that_was_ended_failed_of_that_unless_something_strong_is_there(
    tmp_path: Path, reason: str
) -> None:
    weak = written(tmp_path, "ERROR: perhaps\nlinking\n")
    assert find(weak, reason=reason).lines == (reason, "ERROR: perhaps", "linking")
    strong = written(tmp_path, "a.c:1:2: error: x\n")
    assert find(strong, reason=reason).lines == ("a.c:1:2: error: x",)


def test_what_run_writes_below_a_log_is_none_of_its_last_lines(tmp_path: Path) -> None:
    log = written(tmp_path, f"working\n{RULE}\n-- exit status 3\n{RULE}\n")
    assert find(log, reason="exit status 3").lines == ("working",)


def test_warnings_checks_and_names_of_files_are_no_errors(tmp_path: Path) -> None:
    text = (
        "checking for strerror... no\n"
        "cc -Werror -c error.c -o error.o\n"
        "conftest.c:1:10: fatal error: x.h: No such file or directory\n"
        "a.c:1:2: warning: error in the name\n"
        "XFAIL: test-error\n"
        "compiled with 0 errors\n"
    )
    assert find(written(tmp_path, text)).rule is None


def test_colours_do_not_hide_an_error_and_are_not_shown(tmp_path: Path) -> None:
    text = "\x1b[1mcc\x1b[0m -c\n\x1b[01m\x1b[Ka.c:1:2:\x1b[m\x1b[K \x1b[01;31m\x1b[Kerror: \x1b[m\x1b[Kx\n"
    cause = find(written(tmp_path, text))
    assert cause.lines == ("a.c:1:2: error: x",)
    assert cause.offset == text.index("\n") + 1


def test_an_error_behind_a_progress_bar_is_found(tmp_path: Path) -> None:
    cause = find(written(tmp_path, "begun\n 10 %\r 20 %\ra.c:1:2: error: x\r\nnote\r\n"))
    assert cause.lines == ("a.c:1:2: error: x", "note")
    assert cause.offset == 6


# -- what belongs to it ----------------------------------------------------------------------------


def test_who_included_the_file_stands_below_the_error(tmp_path: Path) -> None:
    included = "In file included from a.h:1,\n                 from a.c:2:\n"
    text = f"{included}b.h:3:1: error: x\n    3 | y\n      | ^\nmake: next\n"
    assert find(written(tmp_path, text)).lines == (
        "b.h:3:1: error: x",
        "    3 | y",
        "      | ^",
        "In file included from a.h:1,",
        "                 from a.c:2:",
        "make: next",
    )


def test_no_more_lines_than_asked_for_are_shown(tmp_path: Path) -> None:
    log = written(tmp_path, "a.c:1:2: error: x\n" + "more\n" * 99)
    assert len(find(log).lines) == 10
    assert len(find(log, lines=4).lines) == 4
    assert len(find(log, lines=3).lines) == 3
    assert len(find(log, lines=1).lines) == 1


def test_the_exception_that_ends_a_chain_of_tracebacks_is_the_cause(tmp_path: Path) -> None:
    frames = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    a()\n'
    chain = "\nDuring handling of the above exception, another exception occurred:\n\n"
    text = f"{frames}KeyError: 'x'\n{chain}{frames}ValueError: no x\n"
    cause = find(written(tmp_path, text))
    assert cause.lines[0] == "ValueError: no x"
    assert cause.lines[1:] == tuple(frames.splitlines())
    assert cause.offset == text.index("ValueError")


def test_of_a_deep_traceback_the_innermost_frames_are_shown(tmp_path: Path) -> None:
    frames = "".join(f'  File "a.py", line {line}, in f\n' for line in range(200))
    cause = find(written(tmp_path, f"Traceback (most recent call last):\n{frames}ValueError: x\n"), lines=3)
    assert cause.lines == (
        "ValueError: x",
        '  File "a.py", line 198, in f',
        '  File "a.py", line 199, in f',
    )


def test_a_traceback_without_an_end_is_shown_as_it_is(tmp_path: Path) -> None:
    text = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n'
    assert find(written(tmp_path, text)).lines == tuple(text.splitlines())


def test_of_a_ninja_build_what_the_failed_command_says_is_the_cause(tmp_path: Path) -> None:
    text = "[1/2] run\nFAILED: x\nrun x\nthe moon is wrong\nninja: build stopped: subcommand failed.\n"
    cause = find(written(tmp_path, text))
    assert cause.lines[:3] == ("the moon is wrong", "FAILED: x", "run x")
    assert cause.offset == text.index("the moon")


# -- what can be in the way --------------------------------------------------------------------------


def test_a_log_that_cannot_be_read_is_a_problem_and_no_exception(tmp_path: Path) -> None:
    assert find(str(tmp_path / "gone.log")).problem == "No such file or directory"
    assert find(str(tmp_path)).problem == "is no regular file"
    assert find("a\0b").problem is not None


def test_a_fifo_in_the_place_of_a_log_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.log")
    assert find(str(tmp_path / "x.log")).problem == "is no regular file"


def test_an_empty_log_says_nothing(tmp_path: Path) -> None:
    cause = find(written(tmp_path, b""))
    assert cause == ((), None, 0, None)


def test_of_a_huge_log_the_end_alone_is_read(tmp_path: Path) -> None:
    """A sparse file of a terabyte: who read it whole would not come back."""
    path = tmp_path / "x.log"
    with path.open("wb") as log:
        log.write(b"a.c:1:2: error: long ago\n")
        log.truncate((1 << 40) - MOST)
        log.seek(0, os.SEEK_END)
        log.write(b"\nb.c:1:2: error: near the end\n")
    assert find(str(path)).lines[0] == "b.c:1:2: error: near the end"


def test_an_error_megabytes_before_the_end_is_found_by_its_offset(tmp_path: Path) -> None:
    before, after = "cc -c x.c\n" * 60_000, "generating a table of units\n" * 150_000
    cause = find(written(tmp_path, f"{before}a.c:1:2: error: x\n{after}"))
    assert cause.lines[0] == "a.c:1:2: error: x"
    assert cause.offset == len(before)


def test_a_line_without_an_end_is_cut(tmp_path: Path) -> None:
    cause = find(written(tmp_path, b"a.c:1:2: error: " + b"x" * (1 << 20)))
    assert cause.lines[0].startswith("a.c:1:2: error: xxx")
    assert len(cause.lines[0]) == 1000


@given(
    st.binary(max_size=200),
    st.sampled_from([b"error: ", b"\x1b[1m", b"\r", b"Traceback (most recent call last):\n"]),
)
@settings(max_examples=50)
def test_no_log_is_dangerous_to_read(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, middle: bytes
) -> None:
    log = tmp_path_factory.getbasetemp() / "any.log"
    log.write_bytes(data + b"\n" + middle + data)
    cause = find(str(log))
    assert len(cause.lines) <= 20
    assert all(clean(line) == line for line in cause.lines)
    assert cause.offset is not None
    assert 0 <= cause.offset <= log.stat().st_size


# -- lines alone -----------------------------------------------------------------------------------


def test_each_cause_of_the_recorded_logs_is_a_line_that_is_an_error() -> None:
    data = (LOGS / "gcc-colours.log").read_bytes()
    errors = [line for line in data.split(b"\n") if is_error(line)]
    assert [b"widget" in errors[0], errors[1][:8]] == [True, b"make: **"]


@pytest.mark.parametrize("entry", EXPECTED, ids=lambda entry: entry.name)
def test_errors_in_a_block_are_the_lines_that_are_errors(entry: Expected) -> None:
    data = (LOGS / f"{entry.name}.log").read_bytes()
    offsets = []
    at = 0
    for line in data.splitlines(keepends=True):
        if is_error(line.rstrip(b"\n")):
            offsets.append(at)
        at += len(line)
    assert errors_in(data) == offsets
