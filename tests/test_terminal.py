"""What kind of terminal there is, and whether it is still there: with real pseudo-terminals."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest

from synthtop.terminal import TerminalWatch, hung_up, is_terminal, say, takes_output

from . import builds
from .terminal import PATIENCE, environment

ANSWER = "import os, sys\nfrom synthtop.terminal import *\n"
CAN_SHOW = ANSWER + "sys.exit(10 if can_show_screen(os.environ) else 11)"
TAKE = "os.close(os.open(os.ttyname(1), os.O_RDWR))\n"
"""A session's first terminal that it opens becomes its own."""


class Pty:
    """A pseudo-terminal: what a program has, and the other end."""

    def __init__(self) -> None:
        self.other, self.end = os.openpty()

    def hang_up(self) -> None:
        os.close(self.other)

    def close(self) -> None:
        for descriptor in (self.other, self.end):
            with suppress(OSError):
                os.close(descriptor)


@pytest.fixture
def pty() -> Iterator[Pty]:
    pty = Pty()
    yield pty
    pty.close()


def answer(code: str, stdin: int, stdout: int, stderr: int, **env: str) -> int:
    """The exit status of ``code`` in a session of its own, with these descriptors."""
    return subprocess.run(
        [sys.executable, "-c", code],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=environment(**env),
        start_new_session=True,
        timeout=PATIENCE,
        check=False,
    ).returncode


# -- whether the screen can be shown -----------------------------------------------------------------


def test_in_a_terminal_the_screen_can_be_shown(pty: Pty) -> None:
    assert answer(CAN_SHOW, pty.end, pty.end, pty.end) == 10


@pytest.mark.parametrize("term", ["dumb", "unknown", ""])
def test_a_terminal_that_knows_no_escapes_gets_text(pty: Pty, term: str) -> None:
    assert answer(CAN_SHOW, pty.end, pty.end, pty.end, TERM=term) == 11


@pytest.mark.parametrize(("encoding", "shown"), [("utf-8", 10), ("latin-1", 11), ("ascii", 11)])
def test_a_terminal_of_another_encoding_gets_text(pty: Pty, encoding: str, shown: int) -> None:
    code = CAN_SHOW.replace("os.environ)", f"os.environ, {encoding!r})")
    assert code != CAN_SHOW
    assert answer(code, pty.end, pty.end, pty.end) == shown


def test_who_redirects_stdout_wants_text(pty: Pty) -> None:
    assert answer(CAN_SHOW, pty.end, subprocess.DEVNULL, pty.end) == 11


def test_without_a_terminal_to_draw_on_there_is_text(pty: Pty) -> None:
    assert answer(CAN_SHOW, pty.end, pty.end, subprocess.DEVNULL) == 11


def test_origins_from_a_pipe_leave_the_keys_of_the_sessions_own_terminal(pty: Pty) -> None:
    code = CAN_SHOW.replace("sys.exit", TAKE + "sys.exit")
    assert answer(code, subprocess.DEVNULL, pty.end, pty.end) == 10


def test_without_any_terminal_to_read_keys_from_there_is_text(pty: Pty) -> None:
    assert answer(CAN_SHOW, subprocess.DEVNULL, pty.end, pty.end) == 11


def test_keys_are_read_from_the_sessions_terminal_where_stdin_is_a_pipe(pty: Pty) -> None:
    code = ANSWER + TAKE + "read_keys_from_terminal(); sys.exit(10 if os.isatty(0) else 11)"
    assert answer(code, subprocess.DEVNULL, pty.end, pty.end) == 10


def test_a_stdin_that_is_a_terminal_stays_as_it_is(pty: Pty) -> None:
    code = ANSWER + "read_keys_from_terminal(); sys.exit(10 if os.isatty(0) else 11)"
    assert answer(code, pty.end, pty.end, pty.end) == 10


def test_a_descriptor_that_is_not_open_is_no_terminal(pty: Pty) -> None:
    assert is_terminal(pty.end)
    os.close(pty.end)
    assert not is_terminal(pty.end)


# -- whether it is still there -----------------------------------------------------------------------


def test_a_terminal_that_is_there_has_not_hung_up(pty: Pty) -> None:
    assert not hung_up(pty.end)


def test_a_terminal_with_keys_waiting_has_not_hung_up(pty: Pty) -> None:
    os.write(pty.other, b"q\n")
    assert not hung_up(pty.end)


def test_a_closed_terminal_has_hung_up(pty: Pty) -> None:
    pty.hang_up()
    assert hung_up(pty.end)


def test_a_descriptor_that_is_not_open_has_hung_up(pty: Pty) -> None:
    os.close(pty.end)
    assert hung_up(pty.end)


def test_a_terminal_that_is_read_takes_output(pty: Pty) -> None:
    assert takes_output(pty.end)


def test_a_terminal_that_nobody_reads_takes_none_once_it_is_full(pty: Pty) -> None:
    os.set_blocking(pty.end, False)
    with suppress(BlockingIOError):
        while True:
            os.write(pty.end, b"x" * 1024)
    assert not takes_output(pty.end)


def test_a_terminal_that_is_gone_takes_none(pty: Pty) -> None:
    pty.hang_up()
    assert not takes_output(pty.end)


def test_a_hangup_that_was_told_is_a_loss_too(pty: Pty) -> None:
    lost: list[str] = []
    watch = TerminalWatch(pty.end, lambda: lost.append("lost"))
    watch.hangup = True
    watch.on_snapshot(builds.building())
    assert lost == ["lost"]


def test_the_loss_of_a_terminal_is_told_once(pty: Pty) -> None:
    lost: list[str] = []
    watch = TerminalWatch(pty.end, lambda: lost.append("lost"))
    watch.on_snapshot(builds.building())
    before = list(lost)
    pty.hang_up()
    for _ in range(3):
        watch.on_snapshot(builds.building())
    watch.close()
    assert (before, lost) == ([], ["lost"])


# -- the last words ----------------------------------------------------------------------------------


class Gone(io.StringIO):
    """A terminal that is gone."""

    def write(self, text: str) -> int:
        raise OSError("Input/output error")


def test_what_is_said_is_one_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    say("the screen failed")
    assert capsys.readouterr() == ("", "the screen failed\n")


def test_where_nobody_listens_any_more_saying_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    for stream in (Gone(), closed):
        monkeypatch.setattr(sys, "stderr", stream)
        say("the screen failed")
