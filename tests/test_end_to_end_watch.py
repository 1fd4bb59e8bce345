"""``synthtop`` without a command, in a real terminal: waits, attaches, and is left in any way there is."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from array import array
from fcntl import ioctl
from pathlib import Path
from termios import FIONREAD

import pytest

from .terminal import COLOUR, PATIENCE, SYNTHTOP, Terminal, alive, children, environment, eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

TO_BEGIN = "synthtop demo"
"""What the waiting screen says is to be typed."""
SAVED, SET, BACK = b"\x1b[22;0t", b"\x1b]2;", b"\x1b[23;0t"
"""What is told to a terminal about its title."""
_ALONE = "from synthtop import cli, discover, monitor; "
_ALONE += "import os; monitor.FALLBACK = discover.ROOT = os.environ['XDG_RUNTIME_DIR']; cli.entry()"
ALONE = [sys.executable, "-c", _ALONE]
"""``synthtop`` as on a machine of its own, whatever builds on this one."""
WATCH = """
import sys
from pathlib import Path
from synthtop.terminal import Looks
from synthtop.waiting import Waiting
from synthtop.watch import watch
class Sink:
    def on_snapshot(self, snapshot): pass
    def close(self): Path('closed').touch()
class Feed(Waiting):
    count = 0
    def tick(self, now=None):
        self.count += 1
        return self.say(super().tick(now))
{say}
sys.exit(watch(Feed(), Looks(), consumers=[Sink()]))
"""


def watching(say: str) -> list[str]:
    """A program that shows a feed whose snapshots ``say(self, snapshot)`` makes.

    A consumer beside the screen makes the file ``closed`` when it is closed.
    """
    return [sys.executable, "-c", WATCH.format(say=say)]


def waiting(tmp_path: Path, *options: str, rows: int = 24, columns: int = 80, **env: str) -> Terminal:
    """The waiting screen in a terminal."""
    surroundings = environment(XDG_RUNTIME_DIR=str(tmp_path), HOME=str(tmp_path), **env)
    return Terminal([*ALONE, *options], tmp_path, surroundings, rows, columns)


# -- what it shows, and how it is left ---------------------------------------------------------------


def test_without_a_command_it_shows_the_host_and_what_to_type(tmp_path: Path) -> None:
    with waiting(tmp_path) as terminal:
        terminal.until_text(TO_BEGIN)
        assert "Load" in terminal.text
        assert "waiting" in terminal.text
        terminal.press("q")
        assert terminal.status() == 0
        assert terminal.left_clean


def test_ctrl_c_leaves_it_without_a_question(tmp_path: Path) -> None:
    with waiting(tmp_path) as terminal:
        terminal.until(lambda shown: shown.in_app and TO_BEGIN in shown.text, "the waiting screen")
        terminal.press("\x03")
        assert terminal.status() == 0
        assert terminal.left_clean


def test_the_host_is_what_the_throttle_and_the_workers_that_are_set_make_of_it(tmp_path: Path) -> None:
    with waiting(tmp_path, SYNTHTOP_WORKERS="7") as terminal:
        terminal.until_text("[DynMax: 7]")
        terminal.press("q")
        assert terminal.status() == 0


# -- builds on this machine --------------------------------------------------------------------------


class Build:
    """A ``synthtop run`` somewhere else, whose packages wait until they are told to go on."""

    def __init__(self, directory: Path, name: str, *origins: str) -> None:
        self.directory = directory
        self.go = directory / f"{name}.go"
        os.mkfifo(self.go)
        plan = directory / f"{name}.toml"
        packages = "".join(f'[[package]]\norigin = "{origin}"\n' for origin in origins)
        plan.write_text(f'[build]\nname = "{name}"\ncommand = "read line < {self.go}"\n{packages}')
        self.process = subprocess.Popen(
            [*SYNTHTOP, "run", "--plain", "-j1", "--logs", f"{name}.logs", str(plan)],
            cwd=directory,
            env=environment(XDG_RUNTIME_DIR=str(directory)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        eventually((directory / "synthtop" / f"{name}.json").exists, f"the monitor file of {name}")

    def __enter__(self) -> Build:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)

    def finish(self) -> None:
        """Let the package that runs go on."""
        self.go.write_text("on\n")


def test_it_shows_the_build_that_runs_and_how_that_ended_until_it_is_left(tmp_path: Path) -> None:
    with Build(tmp_path, "ports", "devel/gmake") as build, waiting(tmp_path) as terminal:
        terminal.until_text("devel/gmake")
        assert TO_BEGIN not in terminal.text
        build.finish()
        terminal.until_text("finished")
        terminal.press("q")
        assert terminal.status() == 0
        assert terminal.left_clean


def test_it_waits_for_a_build_and_shows_it_when_it_begins(tmp_path: Path) -> None:
    with waiting(tmp_path) as terminal:
        terminal.until_text(TO_BEGIN)
        with Build(tmp_path, "ports", "devel/gmake"):
            terminal.until_text("devel/gmake")
            terminal.press("q")
            assert terminal.status() == 0


def test_of_several_one_is_chosen_and_left_for_another(tmp_path: Path) -> None:
    with Build(tmp_path, "one", "devel/gmake"), Build(tmp_path, "two", "lang/rust") as two:
        with waiting(tmp_path) as terminal:
            terminal.until(lambda shown: "one" in shown.text and "two" in shown.text, "both builds")
            terminal.press("\x1b[B\r")
            terminal.until_text("lang/rust")
            terminal.press("o")
            terminal.until(lambda shown: "lang/rust" not in shown.text and "one" in shown.text, "the list")
            terminal.press("\x1b[A\r")
            terminal.until_text("devel/gmake")
            terminal.press("q")
            assert terminal.status() == 0
        assert two.process.poll() is None


def test_the_build_that_is_shown_can_be_stopped(tmp_path: Path) -> None:
    with Build(tmp_path, "ports", "devel/gmake") as build, waiting(tmp_path) as terminal:
        terminal.until_text("devel/gmake")
        terminal.press("x")
        terminal.until_text("Stop")
        terminal.press("s")
        terminal.until_text("interrupted")
        assert build.process.wait(PATIENCE) == 143
        terminal.press("q")
        assert terminal.status() == 0


# -- signals and terminals ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "signum", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT], ids=lambda signum: signum.name
)
def test_a_signal_ends_it_and_leaves_the_terminal_in_order(tmp_path: Path, signum: signal.Signals) -> None:
    with waiting(tmp_path) as terminal:
        terminal.until_text(TO_BEGIN)
        os.kill(terminal.pid, signum)
        assert terminal.status() == 128 + signum
        assert terminal.left_clean


def test_a_terminal_that_is_closed_ends_it(tmp_path: Path) -> None:
    with waiting(tmp_path) as terminal:
        terminal.until_text(TO_BEGIN)
        terminal.hang_up()
        eventually(lambda: terminal.ended() is not None, "the end")
        assert terminal.ended() == 128 + signal.SIGHUP


def test_a_terminal_that_is_closed_ends_it_also_where_hangups_are_ignored(tmp_path: Path) -> None:
    command = ["/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh", *ALONE]
    with Terminal(command, tmp_path) as terminal:
        terminal.until_text(TO_BEGIN)
        terminal.hang_up()
        eventually(lambda: terminal.ended() is not None, "the end")
        assert terminal.ended() == 128 + signal.SIGHUP


def test_a_terminal_that_is_closed_ends_it_also_where_the_feed_hangs_and_hangups_are_ignored(
    tmp_path: Path,
) -> None:
    hanging = "    def say(self, snapshot):\n"
    hanging += "        if self.count == 2: (Path.cwd() / 'hangs').touch(), threading.Event().wait()\n"
    hanging += "        return snapshot\n"
    hanging += "import threading"
    command = ["/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh", *watching(hanging)]
    with Terminal(command, tmp_path) as terminal:
        terminal.until_text(TO_BEGIN)
        terminal.until(lambda _: (tmp_path / "hangs").exists(), "the feed to hang")
        terminal.hang_up()
        eventually(lambda: terminal.ended() is not None, "the end")
        assert terminal.ended() == 128 + signal.SIGHUP
        assert (tmp_path / "closed").exists()


def test_an_ignored_hangup_stays_ignored(tmp_path: Path) -> None:
    command = ["/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh", *ALONE]
    with Terminal(command, tmp_path) as terminal:
        terminal.until_text(TO_BEGIN)
        os.kill(terminal.pid, signal.SIGHUP)
        terminal.press("?")
        terminal.until_text("Close")
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.status() == 143


def test_a_stuck_terminal_does_not_delay_the_end(tmp_path: Path) -> None:
    with waiting(tmp_path, rows=50, columns=200) as terminal:
        terminal.until_text(TO_BEGIN)
        terminal.stuff()
        os.kill(terminal.pid, signal.SIGTERM)
        eventually(lambda: terminal.ended() is not None, "the end")
        assert terminal.status() == 143
        assert terminal.left_clean
        assert titles(terminal.raw).count(BACK) == 1


def test_a_key_suspends_it_and_fg_takes_it_up_again(tmp_path: Path) -> None:
    with Terminal(["/bin/bash", "--norc", "--noediting", "-i"], tmp_path) as terminal:
        terminal.press(f"{shlex.join(ALONE)}\n")
        terminal.until(lambda shown: shown.in_app and TO_BEGIN in shown.text, "the waiting screen")
        terminal.press("\x1a")
        terminal.until_text("Stopped")
        assert terminal.left_clean
        terminal.press("fg\n")
        terminal.until(lambda shown: shown.in_app, "the waiting screen")
        terminal.press("q")
        terminal.until(lambda shown: shown.left_clean, "the normal screen")
        # What is typed before the prompt is thrown away.
        terminal.until(lambda shown: b"bash-" in shown.raw.rpartition(b"1049l")[2], "the shell's prompt")
        terminal.press("echo status $?\n")
        terminal.until_text("status 0")


def test_in_the_background_it_waits_for_the_terminal_and_can_be_ended(tmp_path: Path) -> None:
    with Terminal(["/bin/bash", "--norc", "--noediting", "-i"], tmp_path) as terminal:
        terminal.press(f"{shlex.join(ALONE)}\n")
        terminal.until(lambda shown: shown.in_app and TO_BEGIN in shown.text, "the waiting screen")
        [pid] = terminal.descendants()
        terminal.press("\x1a")
        terminal.until_text("Stopped")
        terminal.press("bg\n")
        terminal.until(lambda _: state_of(pid) != "T", "it to go on")
        assert not terminal.in_app
        terminal.press("kill %1\n")
        terminal.until(lambda _: not alive([pid]), "its end")
        terminal.press("wait %1; echo status $?\n")
        terminal.until_text("status 143")
        assert terminal.left_clean


def state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0].decode()


# -- redirections ------------------------------------------------------------------------------------


@pytest.mark.parametrize("stdin", ["< /dev/null", "< pipe"])
def test_keys_come_from_the_terminal_where_stdin_is_something_else(tmp_path: Path, stdin: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    # What the pipe has to say must not be taken for keys.
    talker = threading.Thread(target=(tmp_path / "pipe").write_text, args=("q" * 100,), daemon=True)
    talker.start()
    command = ["/bin/sh", "-c", f'exec "$@" {stdin}', "sh", *ALONE]
    with Terminal(command, tmp_path) as terminal:
        terminal.until(lambda shown: shown.in_app and TO_BEGIN in shown.text, "the waiting screen")
        terminal.press("q")
        assert terminal.status() == 0
        assert terminal.left_clean


@pytest.mark.parametrize("where", ["> out", "2> out", "> out < /dev/null"])
def test_where_the_output_goes_elsewhere_it_says_what_there_is(tmp_path: Path, where: str) -> None:
    with Terminal(["/bin/sh", "-c", f'exec "$@" {where}', "sh", *ALONE], tmp_path) as terminal:
        assert terminal.status() == 2
        assert "there is no terminal" in terminal.text + (tmp_path / "out").read_text()
        assert b"\x1b[" not in terminal.raw


def test_a_dumb_terminal_is_told_what_there_is(tmp_path: Path) -> None:
    with waiting(tmp_path, TERM="dumb") as terminal:
        assert terminal.status() == 2
        assert "there is no terminal" in terminal.text
        assert b"\x1b[" not in terminal.raw


def test_who_has_set_plain_is_told_what_there_is(tmp_path: Path) -> None:
    with waiting(tmp_path, SYNTHTOP_PLAIN="yes") as terminal:
        assert terminal.status() == 2


# -- what goes wrong inside --------------------------------------------------------------------------


def test_a_screen_that_crashes_is_a_traceback_below_a_terminal_in_order(tmp_path: Path) -> None:
    broken = "    def say(self, snapshot):\n"
    broken += "        if self.count > 1: object.__setattr__(snapshot, 'totals', None)\n"
    broken += "        return snapshot"
    with Terminal(watching(broken), tmp_path, columns=120) as terminal:
        assert terminal.status() == 70
        assert terminal.left_clean
        last = terminal.raw.rpartition(b"\x1b[?1049l")[2]
        assert b"Traceback" in last
        assert b"AttributeError" in last
        assert (tmp_path / "closed").exists()


def test_an_app_that_cannot_even_run_is_told_too(tmp_path: Path) -> None:
    broken = "    def say(self, snapshot): return snapshot\n"
    broken += "from synthtop.app import SynthtopApp\n"
    broken += "def run(self): raise RuntimeError('no screen')\n"
    broken += "SynthtopApp.run = run"
    with Terminal(watching(broken), tmp_path) as terminal:
        assert terminal.status() == 70
        assert "RuntimeError: no screen" in terminal.text
        assert titles(terminal.raw) == []


def test_a_feed_that_fails_is_told_at_the_end(tmp_path: Path) -> None:
    broken = "    def say(self, snapshot):\n"
    broken += "        if self.count == 2: raise OSError('gone')\n"
    broken += "        if self.count == 3: object.__setattr__(snapshot, 'max_workers', 77)\n"
    broken += "        return snapshot"
    with Terminal(watching(broken), tmp_path) as terminal:
        terminal.until_text("/ 77")
        terminal.press("q")
        assert terminal.status() == 0
        assert b"no snapshot could be taken: OSError: gone" in terminal.raw.rpartition(b"\x1b[?1049l")[2]


@pytest.mark.parametrize("hangs", ["tick", "close"])
def test_a_feed_that_hangs_keeps_nobody(tmp_path: Path, hangs: str) -> None:
    hanging = "    def say(self, snapshot):\n"
    hanging += "        if self.count == 2 and 'tick' == " + repr(hangs) + ": threading.Event().wait()\n"
    hanging += "        return snapshot\n"
    hanging += "    def close(self):\n"
    hanging += "        if 'close' == " + repr(hangs) + ": threading.Event().wait()\n"
    hanging += "import threading"
    with Terminal(watching(hanging), tmp_path) as terminal:
        terminal.until(lambda shown: shown.in_app and TO_BEGIN in shown.text, "the waiting screen")
        terminal.press("q")
        assert terminal.status() == 0
        assert terminal.left_clean
        assert (tmp_path / "closed").exists()


def test_a_consumer_that_fails_is_told_at_the_end_and_keeps_nobody(tmp_path: Path) -> None:
    failing = "    def say(self, snapshot): return snapshot\n"
    failing += "def fail(*_): raise OSError('the disk is full')\n"
    failing += "Sink.on_snapshot = Sink.close = fail"
    with Terminal(watching(failing), tmp_path, columns=120) as terminal:
        terminal.until(lambda shown: shown.in_app and TO_BEGIN in shown.text, "the waiting screen")
        terminal.press("q")
        assert terminal.status() == 0
        last = terminal.raw.rpartition(b"\x1b[?1049l")[2]
        assert b"Sink failed: OSError: the disk is full" in last
        assert b"Sink failed to close: OSError: the disk is full" in last


def test_consumers_are_closed_also_where_a_stuck_terminal_ends_it(tmp_path: Path) -> None:
    say = "    def say(self, snapshot): return snapshot"
    with Terminal(watching(say), tmp_path, rows=50, columns=200) as terminal:
        terminal.until_text(TO_BEGIN)
        terminal.stuff()
        os.kill(terminal.pid, signal.SIGTERM)
        eventually(lambda: terminal.ended() is not None, "the end")
        assert terminal.status() == 143
        assert (tmp_path / "closed").exists()


# -- as text -----------------------------------------------------------------------------------------

TEXT = """
import sys, threading
from pathlib import Path
from synthtop.model import LogKind, LogLine, View
from synthtop.watch import watch_plain
from tests import builds
class Sink:
    def on_snapshot(self, snapshot): pass
    def close(self): Path('closed').touch()
class Feed:
    count = 0
    def tick(self, now=None):
        self.count += 1
        return self.say()
    def close(self): pass
{say}
sys.exit(watch_plain(Feed(), sys.stdout, consumers=[Sink()]))
"""


class Text:
    """A program that writes a feed as text, whose snapshots ``say(self)`` makes. Nobody reads that text."""

    def __init__(self, directory: Path, say: str, *before: str) -> None:
        self.closed = directory / "closed"
        self._process = subprocess.Popen(
            [*before, sys.executable, "-c", TEXT.format(say=say)],
            cwd=directory,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        self.first = self._process.stdout.readline()

    def tell(self, signum: signal.Signals) -> None:
        self._process.send_signal(signum)

    @property
    def is_stuck(self) -> bool:
        """Whether what it wrote fills the pipe."""
        assert self._process.stdout is not None
        waiting = array("i", [0])
        ioctl(self._process.stdout, FIONREAD, waiting)
        return waiting[0] >= 60_000

    def end(self) -> tuple[int, bytes]:
        """The exit status, and what it said on stderr."""
        try:
            status = self._process.wait(PATIENCE)
            assert self._process.stdout is not None
            assert self._process.stderr is not None
            return status, self._process.stderr.read()
        finally:
            self._process.kill()
            self._process.stdout.close()
            self._process.stderr.close()


BUILDING = "    def say(self): return builds.building()"


@pytest.mark.parametrize(
    "signum", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda signum: signum.name
)
def test_a_signal_ends_the_text_and_closes_what_else_is_written(
    tmp_path: Path, signum: signal.Signals
) -> None:
    text = Text(tmp_path, BUILDING)
    text.tell(signum)
    assert text.end() == (128 + signum, b"")
    assert text.closed.exists()


def test_a_hangup_that_was_ignored_does_not_end_the_text(tmp_path: Path) -> None:
    text = Text(tmp_path, BUILDING, "/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh")
    text.tell(signal.SIGHUP)
    text.tell(signal.SIGTERM)
    assert text.end() == (143, b"")


def test_whoever_does_not_read_the_text_does_not_delay_its_end(tmp_path: Path) -> None:
    say = "    def say(self):\n"
    say += "        line = LogLine(1, 0, None, LogKind.NOTE, 'a' * 1_000_000)\n"
    say += "        return builds.building(log=View([line] if self.count == 2 else []))"
    text = Text(tmp_path, say)
    eventually(lambda: text.is_stuck, "a full pipe")
    text.tell(signal.SIGTERM)
    assert text.end() == (143, b"")
    assert text.closed.exists()


def test_a_feed_that_hangs_does_not_keep_the_text(tmp_path: Path) -> None:
    say = "    def say(self):\n"
    say += "        if self.count == 2: Path('hangs').touch(), threading.Event().wait()\n"
    say += "        return builds.building()"
    text = Text(tmp_path, say)
    eventually((tmp_path / "hangs").exists, "the feed to hang")
    text.tell(signal.SIGTERM)
    assert text.end() == (143, b"")
    assert text.closed.exists()


# -- what the terminal gets --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "env"),
    [
        ((), {"LC_ALL": "C"}),
        ((), {"LC_ALL": "", "LANG": "C"}),
        (("--ascii",), {}),
        ((), {"SYNTHTOP_ASCII": "1"}),
    ],
    ids=str,
)
def test_a_terminal_without_utf8_gets_ascii_alone(
    tmp_path: Path, options: tuple[str, ...], env: dict[str, str]
) -> None:
    with waiting(tmp_path, *options, rows=40, columns=130, **env) as terminal:
        walk_through(terminal)
        assert terminal.raw.isascii()


def test_a_terminal_with_utf8_gets_more(tmp_path: Path) -> None:
    with waiting(tmp_path, rows=40, columns=130) as terminal:
        walk_through(terminal)
        assert not terminal.raw.isascii()


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "vt100"}], ids=str)
def test_who_wants_no_colour_gets_none(tmp_path: Path, env: dict[str, str]) -> None:
    with waiting(tmp_path, rows=40, columns=130, **env) as terminal:
        walk_through(terminal)
        assert COLOUR.findall(terminal.raw) == []


def test_who_says_nothing_gets_colour(tmp_path: Path) -> None:
    with waiting(tmp_path) as terminal:
        walk_through(terminal)
        assert COLOUR.findall(terminal.raw) != []


def test_in_16_colours_no_others_are_sent(tmp_path: Path) -> None:
    with waiting(tmp_path, rows=40, columns=130, TERM="linux", COLORTERM="") as terminal:
        walk_through(terminal)
        assert not re.search(rb"[34]8;[25];", terminal.raw)


def test_a_theme_may_be_chosen(tmp_path: Path) -> None:
    drawn = []
    for theme in ("dark", "light"):
        with waiting(tmp_path, "--theme", theme) as terminal:
            walk_through(terminal)
            drawn.append(set(COLOUR.findall(terminal.raw)))
    assert drawn[0] != drawn[1]


def walk_through(terminal: Terminal) -> None:
    """The waiting screen, the help, the palette, and the end."""
    terminal.until(lambda shown: shown.in_app and TO_BEGIN in shown.text, "the waiting screen")
    terminal.press("?")
    terminal.until_text("Close")
    terminal.press("\x1b")
    terminal.until(lambda shown: "Close" not in shown.text, "the end of the help")
    terminal.press("\x10")
    terminal.until(lambda shown: "Search for" in shown.text, "the palette")
    terminal.press("\x1b")
    terminal.until(lambda shown: "Search for" not in shown.text, "the end of the palette")
    terminal.press("q")
    assert terminal.status() == 0


# -- the title ---------------------------------------------------------------------------------------


def titles(raw: bytes) -> list[bytes]:
    """What a terminal was told about its title, in order."""
    return re.findall(rb"\x1b\[2[23];0t|\x1b\]2;[^\x07\x1b]*", raw)


def test_the_title_is_saved_set_and_given_back(tmp_path: Path) -> None:
    with waiting(tmp_path) as terminal:
        terminal.until_text(TO_BEGIN)
        terminal.press("q")
        assert terminal.status() == 0
        assert titles(terminal.raw) == [SAVED, SET + b"synthtop", BACK]


def test_a_suspended_screen_gives_the_title_back_meanwhile(tmp_path: Path) -> None:
    with Terminal(["/bin/bash", "--norc", "--noediting", "-i"], tmp_path) as terminal:
        terminal.press(f"{shlex.join(ALONE)}\n")
        terminal.until(lambda shown: shown.in_app and TO_BEGIN in shown.text, "the waiting screen")
        terminal.press("\x1a")
        terminal.until_text("Stopped")
        assert titles(terminal.raw)[-1] == BACK
        terminal.press("fg\n")
        terminal.until(lambda shown: shown.in_app, "the waiting screen")
        terminal.until(lambda shown: titles(shown.raw)[-1] == SET + b"synthtop", "the title")
        terminal.press("q")
        terminal.until(lambda shown: shown.left_clean, "the normal screen")
        terminal.until(lambda shown: titles(shown.raw)[-1] == BACK, "the title that was there")


@pytest.mark.parametrize("term", ["linux", "vt220"])
def test_a_console_is_told_nothing_about_titles(tmp_path: Path, term: str) -> None:
    with waiting(tmp_path, TERM=term) as terminal:
        terminal.until_text(TO_BEGIN)
        terminal.press("q")
        assert terminal.status() == 0
        assert titles(terminal.raw) == []


def test_a_build_whose_screen_fails_before_it_takes_the_title_leaves_it_alone(tmp_path: Path) -> None:
    broken = "import sys\n"
    broken += "from synthtop.app import SynthtopApp\n"
    broken += "from synthtop.cli import main\n"
    broken += "def run(self): raise RuntimeError('no screen')\n"
    broken += "SynthtopApp.run = run\n"
    broken += "sys.exit(main())"
    build = [sys.executable, "-c", broken, "run", "--logs", "l", "--no-monitor", "-c", "true # {}", "a/b"]
    with Terminal(build, tmp_path) as terminal:
        assert terminal.status() == 0
        assert "RuntimeError: no screen" in terminal.text
        assert titles(terminal.raw) == []


def test_a_build_that_is_killed_while_suspended_leaves_the_terminal_to_the_shell(tmp_path: Path) -> None:
    job = "'while :; do sleep 9; done #'"
    command = " ".join([*SYNTHTOP, "run", "--logs", "l", "--no-monitor", "-c", job, "a/b"])
    with Terminal(["/bin/bash", "--norc", "--noediting", "-i"], tmp_path) as terminal:
        terminal.press(f"{command}\n")
        terminal.until(lambda shown: shown.in_app and "a/b" in shown.text, "the dashboard")
        [guard] = children(terminal.pid)
        [build] = children(guard)
        terminal.press("\x1a")
        terminal.until_text("Stopped")
        os.kill(build, signal.SIGKILL)
        terminal.press("fg\n")
        terminal.until_text("ended by SIGKILL")
        assert titles(terminal.raw).count(BACK) == 1
        assert terminal.raw.count(b"\x1b[?1049l") == 1
        assert terminal.left_clean


def test_the_title_says_how_far_a_build_is_and_its_guard_gives_it_back(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    job = f"read line < {tmp_path}/go; true # {{}}"
    build = [*SYNTHTOP, "run", "-j1", "--logs", "l", "--no-monitor", "-c", job, "a/b", "c/d"]
    with Terminal(build, tmp_path) as terminal:
        terminal.until(lambda shown: titles(shown.raw)[-1:] == [SET + b"synthtop 0/2"], "the title")
        (tmp_path / "go").write_text("on\n")
        terminal.until(lambda shown: titles(shown.raw)[-1] == SET + b"synthtop 1/2", "the next title")
        [child] = children(terminal.pid)
        os.kill(child, signal.SIGKILL)
        assert terminal.status() == 137
        assert titles(terminal.raw)[0] == SAVED
        assert titles(terminal.raw)[-1] == BACK
        assert titles(terminal.raw).count(BACK) == 1
