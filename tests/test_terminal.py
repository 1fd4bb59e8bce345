"""What kind of terminal there is, and whether it is still there: with real pseudo-terminals."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from synthtop import config
from synthtop.terminal import (
    THEMES,
    Looks,
    TerminalWatch,
    colours_of,
    hung_up,
    is_terminal,
    knows_title,
    looks_for,
    say,
    shown_in_time,
    speaks_utf8,
    takes_output,
)

from . import builds
from .terminal import PATIENCE, environment, eventually

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


def test_a_terminal_without_utf8_can_show_the_screen_too(pty: Pty) -> None:
    assert answer(CAN_SHOW, pty.end, pty.end, pty.end, LC_ALL="C", PYTHONIOENCODING="ascii") == 10


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


# -- what it understands -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "understood"),
    [
        ({}, True),
        ({"LANG": "en_US.UTF-8"}, True),
        ({"LANG": "de_DE.utf8"}, True),
        ({"LANG": "C.UTF-8"}, True),
        ({"LC_CTYPE": "UTF-8"}, True),
        ({"LANG": "en_US.ISO8859-1"}, False),
        ({"LANG": "ja_JP.eucJP@x"}, False),
        ({"LANG": "hi_IN"}, True),
        ({"LANG": "C", "LC_CTYPE": "de_DE.UTF-8"}, True),
        ({"LANG": "de_DE.UTF-8", "LC_CTYPE": "C"}, False),
        ({"LC_ALL": "C", "LC_CTYPE": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"}, False),
        ({"LC_ALL": "POSIX"}, False),
        ({"LC_ALL": "C.UTF-8", "LANG": "C"}, True),
        ({"LC_ALL": "", "LC_CTYPE": "", "LANG": "C"}, False),
        ({"LC_ALL": "", "LC_CTYPE": "", "LANG": ""}, True),
    ],
    ids=str,
)
def test_whether_it_understands_utf8_is_what_the_locale_says(
    environ: dict[str, str], understood: bool
) -> None:
    assert speaks_utf8(environ, "utf-8") == understood


@pytest.mark.parametrize("language", ["C", "POSIX"])
@pytest.mark.parametrize("coerced", ["C.UTF-8", "C.utf8", "UTF-8"])
def test_what_python_makes_of_the_locale_c_is_no_word_of_the_user(language: str, coerced: str) -> None:
    assert not speaks_utf8({"LANG": language, "LC_CTYPE": coerced}, "utf-8")
    assert speaks_utf8({"LC_CTYPE": coerced}, "utf-8")


@pytest.mark.parametrize(
    ("environ", "understood"),
    [
        ({"LANG": "C"}, 11),
        ({"LANG": "POSIX"}, 11),
        ({"LC_ALL": "C"}, 11),
        ({"LC_ALL": "C.UTF-8"}, 10),
        ({}, 10),
    ],
    ids=str,
)
def test_a_python_that_changes_its_own_environment_does_not_mislead(
    environ: dict[str, str], understood: int
) -> None:
    code = ANSWER + "sys.exit(10 if speaks_utf8(os.environ, sys.stderr.encoding) else 11)"
    kept = {name: value for name, value in environment().items() if not name.startswith(("LC_", "LANG"))}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**kept, **environ}, timeout=PATIENCE, check=False
    )
    assert done.returncode == understood


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "iso8859-15", ""])
def test_what_stderr_cannot_say_is_not_understood_either(encoding: str) -> None:
    assert not speaks_utf8({"LANG": "en_US.UTF-8"}, encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "utf8", "utf_8"])
def test_utf8_has_several_names(encoding: str) -> None:
    assert speaks_utf8({}, encoding)


@pytest.mark.parametrize(
    ("environ", "colours"),
    [
        ({"TERM": "xterm"}, 16),
        ({"TERM": "linux"}, 16),
        ({"TERM": "cons25"}, 16),
        ({"TERM": "screen"}, 16),
        ({"TERM": "rxvt-16color"}, 16),
        ({}, 16),
        ({"TERM": "xterm-256color"}, 256),
        ({"TERM": "tmux-256color"}, 256),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, 1 << 24),
        ({"TERM": "xterm", "COLORTERM": "24bit"}, 1 << 24),
        ({"TERM": "xterm", "COLORTERM": "yes"}, 16),
        ({"TERM": "xterm-direct"}, 1 << 24),
        ({"TERM": "xterm-kitty"}, 1 << 24),
        ({"TERM": "xterm-ghostty"}, 1 << 24),
        ({"TERM": "foot"}, 1 << 24),
        ({"TERM": "alacritty"}, 1 << 24),
        ({"TERM": "vt100"}, 0),
        ({"TERM": "vt102"}, 0),
        ({"TERM": "vt220"}, 0),
        ({"TERM": "vt100", "COLORTERM": "truecolor"}, 0),
        ({"TERM": "vte-256color"}, 256),
        ({"TERM": "ansi-m"}, 0),
        ({"TERM": "xterm-mono"}, 0),
        ({"TERM": "dumb"}, 0),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, 0),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, 256),
    ],
    ids=str,
)
def test_how_many_colours_it_has_is_told_by_its_name(environ: dict[str, str], colours: int) -> None:
    assert colours_of(environ) == colours


@pytest.mark.parametrize(
    ("term", "titled"),
    [
        *((term, True) for term in ("xterm", "xterm-256color", "xterm-kitty", "tmux-256color", "screen")),
        *((term, True) for term in ("rxvt-unicode", "alacritty", "foot", "st-256color", "vte-direct")),
        *((term, False) for term in ("linux", "vt100", "vt220", "dumb", "cons25", "wsvt25", "")),
    ],
)
def test_a_console_has_no_title(term: str, titled: bool) -> None:
    assert knows_title({"TERM": term}) == titled


# -- how the app looks in it -------------------------------------------------------------------------


def test_the_looks_are_what_fits_the_terminal() -> None:
    environ = {"TERM": "xterm-256color", "LANG": "en_US.UTF-8"}
    assert looks_for(environ, "utf-8", None, None) == Looks(None, False, 256)
    assert looks_for({"TERM": "vt100", "LC_ALL": "C"}, "utf-8", None, None) == Looks(None, True, 0)


@pytest.mark.parametrize("theme", config.THEMES)
def test_each_theme_that_may_be_set_is_one_of_the_apps(theme: str) -> None:
    assert looks_for({}, "utf-8", theme, None).theme in THEMES


def test_the_app_has_no_theme_that_cannot_be_set() -> None:
    assert len(THEMES) == len(config.THEMES)


@pytest.mark.parametrize(
    ("encoding", "language", "asked", "ascii"),
    [
        ("utf-8", "en_US.UTF-8", True, True),
        ("utf-8", "C", False, False),
        ("ascii", "en_US.UTF-8", False, True),
    ],
)
def test_ascii_may_be_asked_for_or_not_but_what_cannot_be_encoded_is_not_sent(
    encoding: str, language: str, asked: bool, ascii: bool
) -> None:
    assert looks_for({"LANG": language}, encoding, None, asked).ascii == ascii


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

    def full() -> bool:
        with suppress(BlockingIOError):
            while True:
                os.write(pty.end, b"x" * 1024)
        return not takes_output(pty.end)

    # The kernel moves on what it has, in its own time: there may be room once more after it was full.
    eventually(full, "a terminal that takes no more")


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


# -- waiting for it ----------------------------------------------------------------------------------


def test_what_has_been_shown_is_not_waited_for() -> None:
    shown = threading.Event()
    shown.set()
    assert shown_in_time(shown)


# More than once: the kernel carries on what a terminal was given by and by, and then takes some more.
STUCK = (
    ANSWER + "import threading, time\n"
    "os.set_blocking(1, False)\n"
    "for _ in range(10):\n"
    "    time.sleep(0.02)\n"
    "    try:\n"
    "        while True: os.write(1, b'x' * 1024)\n"
    "    except BlockingIOError: pass\n"
    "os._exit(10 if shown_in_time(threading.Event()) else 11)"
)


def test_a_terminal_that_takes_nothing_is_not_waited_for_long(pty: Pty) -> None:
    assert answer(STUCK, pty.end, pty.end, pty.end) == 11


def test_whose_terminal_is_another_jobs_waits_until_that_is_not_wanted_any_more(pty: Pty) -> None:
    code = ANSWER + (
        "asked = iter((False, True))\nos._exit(10 if await_foreground(lambda: next(asked)) else 11)"
    )
    assert answer(code, pty.end, pty.end, pty.end) == 11


def test_whose_terminal_it_is_need_not_wait(pty: Pty) -> None:
    code = ANSWER + TAKE + "os._exit(10 if await_foreground(lambda: True) else 11)"
    assert answer(code, pty.end, pty.end, pty.end) == 10


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
