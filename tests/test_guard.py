"""The guard: what it returns, what it sends on, and that nobody is left when it has."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from synthtop.run.guard import ScreenFlag

from .terminal import PATIENCE, ROOT, alive, children, eventually

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX")
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

BEGIN = """
import os, pathlib, signal, sys
sys.path.insert(0, sys.argv[1])
from synthtop.run.guard import guarded, stop_ourselves
grace = 100.0
def say(*words):
    print(*words, flush=True)
"""
END = """
status = guarded(build, grace)
print("status", status)
sys.exit(status)
"""


def start(build: str, cwd: Path, *wrapper: str, as_a_job: bool = False) -> subprocess.Popen[str]:
    """A program whose build is ``build``, with its output in a pipe and no terminal.

    ``as_a_job``: in our session and in a group of its own, as a shell with job control starts it.
    """
    return subprocess.Popen(
        [*wrapper, sys.executable, "-c", BEGIN + textwrap.dedent(build) + END, str(ROOT)],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=not as_a_job,
        process_group=0 if as_a_job else None,
    )


def result(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    output, errors = process.communicate(timeout=PATIENCE)
    return process.returncode, output, errors


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ("return 0", 0),
        ("return 3", 3),
        ("sys.exit(4)", 4),
        ("sys.exit()", 0),
        ("os._exit(5)", 5),
    ],
)
def test_the_status_is_the_builds(tmp_path: Path, ending: str, status: int) -> None:
    build = f"def build(screen, orphaned):\n    {ending}"
    assert result(start(build, tmp_path)) == (status, f"status {status}\n", "")


def test_a_build_that_was_killed_is_told_with_its_status(tmp_path: Path) -> None:
    build = "def build(screen, orphaned):\n    os.kill(os.getpid(), signal.SIGKILL)"
    said = "synthtop: the build was ended by SIGKILL\n"
    assert result(start(build, tmp_path)) == (137, "status 137\n", said)


def test_an_exception_is_a_traceback_and_status_70(tmp_path: Path) -> None:
    status, output, errors = result(
        start("def build(screen, orphaned):\n    raise RuntimeError('a defect')", tmp_path)
    )
    assert (status, output) == (70, "status 70\n")
    assert errors.startswith("Traceback")
    assert errors.endswith("RuntimeError: a defect\n")


def test_an_exit_with_a_message_says_it_and_is_status_1(tmp_path: Path) -> None:
    build = "def build(screen, orphaned):\n    sys.exit('no such thing')"
    assert result(start(build, tmp_path)) == (1, "status 1\n", "no such thing\n")


def test_what_was_printed_before_and_in_the_build_is_there_once(tmp_path: Path) -> None:
    build = """
        print("before")
        def build(screen, orphaned):
            print("in the build")
            return 0
    """
    assert result(start(build, tmp_path))[1] == "before\nin the build\nstatus 0\n"


def test_the_status_is_known_also_where_ends_of_children_are_ignored(tmp_path: Path) -> None:
    """Whoever starts us may have done so: it is inherited."""
    ignore = (
        "import os, signal as s, sys; s.signal(s.SIGCHLD, s.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    )
    ignoring = (sys.executable, "-c", ignore)
    build = """
        import subprocess
        def build(screen, orphaned):
            return subprocess.run(["sh", "-c", "exit 3"]).returncode
    """
    assert result(start(build, tmp_path, *ignoring))[0] == 3


def test_the_build_knows_that_its_guard_is_there(tmp_path: Path) -> None:
    build = "def build(screen, orphaned):\n    return 9 if orphaned() else 0"
    assert result(start(build, tmp_path))[0] == 0


def test_a_guard_without_a_terminal_writes_nothing_whatever_the_screen_showed(tmp_path: Path) -> None:
    build = """
        def build(screen, orphaned):
            assert not screen
            screen.set(True)
            assert screen
            return 0
    """
    assert result(start(build, tmp_path)) == (0, "status 0\n", "")


def test_whether_the_screen_is_shown_and_whether_it_has_the_title_are_said_apart() -> None:
    screen = ScreenFlag()
    assert (bool(screen), screen.titled) == (False, False)
    screen.set_titled(True)
    assert (bool(screen), screen.titled) == (False, True)
    screen.set(True)
    screen.set_titled(False)
    assert (bool(screen), screen.titled) == (True, False)
    screen.set_titled(True)
    screen.set(False)
    assert (bool(screen), screen.titled) == (False, True)


# -- signals ---------------------------------------------------------------------------------------------

TAKING = """
def build(screen, orphaned):
    got = []
    signal.signal(signal.{name}, lambda number, frame: got.append(signal.Signals(number).name))
    say("ready", os.getpid())
    while not got:
        signal.pause()
    say(got[0])
    return 7
"""


@linux
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGTSTP"])
def test_a_signal_of_a_process_is_sent_on_to_the_build(tmp_path: Path, name: str) -> None:
    process = start(TAKING.format(name=name), tmp_path)
    assert line_of(process).startswith("ready")
    process.send_signal(signal.Signals[name])
    assert result(process)[:2] == (7, f"{name}\nstatus 7\n")


STOPPING = """
    def build(screen, orphaned):
        say("ready")
        stop_ourselves()
        return 7
"""


@linux
def test_a_build_that_stops_takes_its_guard_along_and_both_go_on_together(tmp_path: Path) -> None:
    process = start(STOPPING, tmp_path, as_a_job=True)
    assert line_of(process) == "ready"
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    process.send_signal(signal.SIGCONT)
    assert result(process)[:2] == (7, "status 7\n")


@linux
def test_where_nobody_could_continue_it_a_build_does_not_stop(tmp_path: Path) -> None:
    """As the leader of a session, alone in its terminal: there is no shell that could say fg."""
    assert result(start(STOPPING, tmp_path))[:2] == (7, "ready\nstatus 7\n")


@linux
def test_who_stops_the_build_alone_may_continue_it_alone(tmp_path: Path) -> None:
    build = """
        def build(screen, orphaned):
            say(os.getpid())
            os.kill(os.getpid(), signal.SIGSTOP)
            return 7
    """
    process = start(build, tmp_path, as_a_job=True)
    pid = int(line_of(process))
    eventually(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T", "the stop")
    os.kill(pid, signal.SIGCONT)
    assert result(process)[:2] == (7, "status 7\n")


@linux
def test_the_build_ends_when_its_guard_is_killed(tmp_path: Path) -> None:
    build = """
        def build(screen, orphaned):
            say(os.getpid())
            while True:
                signal.pause()
    """
    process = start(build, tmp_path)
    pid = int(line_of(process))
    process.kill()
    process.communicate(timeout=PATIENCE)
    eventually(lambda: not alive([pid]), "the end of the build")


# -- what is left ----------------------------------------------------------------------------------------

LEAVING = """
def build(screen, orphaned):
    read, write = os.pipe()
    for ignored in {ignored}:
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                if ignored:
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                os.write(write, b"%d " % os.getpid())
                while True:
                    signal.pause()
            os._exit(0)
        os.wait()
    pids = b""
    while pids.count(b" ") < len({ignored}):
        pids += os.read(read, 64)
    say(pids.decode())
    {ending}
"""


@linux
@pytest.mark.parametrize("ending", ["return 0", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_all_that_the_build_left_has_ended_when_the_guard_ends(tmp_path: Path, ending: str) -> None:
    process = start(LEAVING.format(ignored="(False, False)", ending=ending), tmp_path)
    left = [int(word) for word in line_of(process).split()]
    result(process)
    assert len(left) == 2
    assert alive(left) == []


@linux
def test_what_ignores_sigterm_is_killed_after_the_grace_time(tmp_path: Path) -> None:
    process = start("grace = 0.1\n" + LEAVING.format(ignored="(True,)", ending="return 0"), tmp_path)
    left = [int(word) for word in line_of(process).split()]
    assert result(process)[0] == 0
    assert alive(left) == []


@linux
def test_an_orphan_that_ends_before_the_build_disturbs_nobody(tmp_path: Path) -> None:
    build = """
        def build(screen, orphaned):
            if os.fork() == 0:
                if os.fork() == 0:
                    os.read(read, 1)
                os._exit(9)
            os.wait()
            say("ready")
            os.read(read, 1)
            return 7
        read, write = os.pipe()
    """
    process = start(build.replace("os.read(read, 1)", "os.read(0, 1)"), tmp_path)
    assert line_of(process) == "ready"
    assert result(process)[0] == 7


@linux
def test_the_guard_has_one_child(tmp_path: Path) -> None:
    process = start(TAKING.format(name="SIGTERM"), tmp_path)
    build = int(line_of(process).split()[1])
    assert children(process.pid) == [build]
    process.terminate()
    result(process)
