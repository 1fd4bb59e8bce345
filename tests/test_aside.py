"""Processes that are no part of a build, and are left alone at its end."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable

import pytest

from synthtop import aside
from synthtop.aside import Aside
from synthtop.logfile.expression import BadExpression, Expression
from synthtop.screens.outside import Outside

from .terminal import PATIENCE, eventually


def started(programs: Aside, *argv: str) -> int:
    process = programs.popen(argv, start_new_session=True)
    process.wait()
    return process.pid


def test_what_was_started_is_known_until_it_is_done() -> None:
    programs = Aside()
    one, other = started(programs, "true"), started(programs, "true")
    assert programs.groups() == {one, other}
    programs.done(one)
    programs.done(one)
    assert programs.groups() == {other}


def test_what_cannot_be_started_is_not_known_and_not_waited_for() -> None:
    programs = Aside(patience=PATIENCE)
    with pytest.raises(FileNotFoundError):
        programs.popen(["/nowhere/program"])
    assert programs.groups() == frozenset()


def asked_meanwhile(programs: Aside, patience: float) -> list[frozenset[int]]:
    """The groups, asked for while a program is being started, and in these seconds not yet told of."""
    told: list[frozenset[int]] = []
    asked = threading.Event()

    def ask() -> None:
        asked.set()
        told.append(programs.groups())

    thread = threading.Thread(target=ask)

    def before() -> None:  # in the child, while its parent waits for it: a byte lets it go on
        os.read(read, 1)

    read, write = os.pipe()
    starting = threading.Thread(
        target=lambda: programs.popen(["true"], start_new_session=True, preexec_fn=before).wait()
    )
    starting.start()
    eventually(lambda: programs._starting == 1, "the start")
    thread.start()
    asked.wait(PATIENCE)
    thread.join(patience)
    os.write(write, b"!")
    for one in (starting, thread):
        one.join(PATIENCE)
    os.close(read)
    os.close(write)
    return told


def test_one_that_is_being_started_is_waited_for() -> None:
    programs = Aside(patience=PATIENCE)
    [told] = asked_meanwhile(programs, 0.0)
    assert told == programs.groups()
    assert len(told) == 1


def test_a_start_that_hangs_is_waited_for_no_longer_than_a_moment() -> None:
    programs = Aside(patience=0.01)
    assert asked_meanwhile(programs, PATIENCE) == [frozenset()]


def test_the_process_that_applies_an_expression_is_one_of_them_as_long_as_it_is_there() -> None:
    one = Expression("a+", fold=True, interrupted=lambda: False)
    before = aside.groups()
    assert one.first(b"baa", 3) == 1
    [leader] = aside.groups() - before
    assert os.getpgid(leader) == leader
    one.close()
    assert aside.groups() == before


def test_one_that_somebody_has_ended_is_told_as_that_and_there_is_another() -> None:
    one = Expression("a+", fold=True, interrupted=lambda: False)
    before = aside.groups()
    assert one.first(b"baa", 3) == 1
    [leader] = aside.groups() - before
    os.kill(leader, signal.SIGKILL)
    os.waitid(os.P_PID, leader, os.WEXITED | os.WNOWAIT)
    with pytest.raises(BadExpression):
        one.first(b"baa" * 100_000, 3)
    assert aside.groups() == before
    assert one.first(b"baa", 3) == 1
    one.close()


@pytest.mark.parametrize("argv", [(sys.executable, "-c", "pass"), ("/nowhere/program",)])
def test_a_program_that_had_the_terminal_is_none_of_them_any_more(argv: tuple[str, ...]) -> None:
    seen: list[frozenset[int]] = []
    before = aside.groups()
    programs = Outside()
    wait: Callable[[int], None] = programs._await

    def look(leader: int) -> None:
        seen.append(aside.groups() - before)
        assert seen == [{leader}]
        wait(leader)

    programs._await = look  # type: ignore[method-assign]
    programs.run(argv)
    assert len(seen) == (argv[0] == sys.executable)
    assert aside.groups() == before
