"""Real processes: how they start, how their ends are learnt, and that nobody escapes a signal."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from synthtop.run.processes import Exit, Processes

from .terminal import PATIENCE, ROOT, alive, eventually

ENV = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")


class Shell:
    """Processes, and shell commands to start in them."""

    def __init__(self, layer: Processes, directory: Path) -> None:
        self.layer = layer
        self.directory = directory
        self.output = os.open(directory / "output", os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC)

    def spawn(self, command: str) -> int:
        return self.layer.spawn(("/bin/sh", "-c", command), ENV, str(self.directory), self.output)

    def ends(self, count: int = 1) -> list[Exit]:
        """The next ``count`` ends."""
        found: list[Exit] = []

        def all_there() -> bool:
            found.extend(self.layer.wait(PATIENCE))
            return len(found) >= count

        eventually(all_there, f"{count} ends")
        return found

    @property
    def said(self) -> str:
        return (self.directory / "output").read_text()

    def heard(self, text: str) -> None:
        eventually(lambda: text in self.said, repr(text))


def no_pidfds(patch: pytest.MonkeyPatch) -> None:
    """As on the BSDs and macOS."""
    patch.delattr(os, "pidfd_open", raising=False)


def pidfds_that_fail(patch: pytest.MonkeyPatch) -> None:
    """As on an old kernel, or where no descriptor is left."""

    def refuse(pid: int) -> int:
        raise OSError(errno.ENOSYS, "Function not implemented")

    patch.setattr(os, "pidfd_open", refuse, raising=False)


@pytest.fixture(params=[lambda _: None, no_pidfds, pidfds_that_fail], ids=["pidfds", "none", "failing"])
def shell(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    prepare: Callable[[pytest.MonkeyPatch], None] = request.param
    prepare(monkeypatch)
    shell = Shell(Processes(), tmp_path)
    yield shell
    shell.layer.close()
    os.close(shell.output)


# -- starts and ends -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("command", "code"), [("exit 0", 0), ("exit 3", 3), ("kill -9 $$", -9)])
def test_an_end_is_an_exit_status_or_the_signal_that_killed(shell: Shell, command: str, code: int) -> None:
    pid = shell.spawn(command)
    assert shell.ends() == [Exit(pid, code)]


def test_every_process_of_many_is_told_once(shell: Shell) -> None:
    started = {shell.spawn(f"exit {number}"): number for number in range(20)}
    assert dict(shell.ends(20)) == started
    assert shell.layer.wait(0) == []


def test_a_process_leads_a_session_and_a_group_of_its_own(shell: Shell) -> None:
    pid = shell.spawn("exec sleep 1000")
    try:
        assert os.getsid(pid) == os.getpgid(pid) == pid != os.getsid(0)
    finally:
        shell.layer.kill((pid,))
        shell.ends()


def test_stdin_is_empty_and_both_outputs_go_to_the_log_in_their_order(shell: Shell) -> None:
    shell.spawn("cat; echo one; echo two >&2; echo three")
    shell.ends()
    assert shell.said == "one\ntwo\nthree\n"


def test_a_process_gets_its_directory_and_nothing_but_its_environment(shell: Shell) -> None:
    shell.layer.spawn(("/bin/sh", "-c", "pwd; env"), {"A": "b"}, str(shell.directory), shell.output)
    shell.ends()
    where, *environment = shell.said.splitlines()
    assert where == str(shell.directory)
    assert {line.partition("=")[0] for line in environment} <= {"A", "PWD", "OLDPWD", "SHLVL", "_"}


def test_a_process_inherits_no_descriptor_of_ours(shell: Shell) -> None:
    shell.spawn("for fd in 3 4 5 6 7 8 9; do (: <&$fd) 2>/dev/null && echo $fd; done; true")
    shell.ends()
    assert shell.said == ""


@pytest.mark.parametrize("argv", [("/no/such/program",), ("/",)])
def test_a_program_that_cannot_be_started_is_an_error_and_leaves_nothing(
    shell: Shell, argv: tuple[str, ...]
) -> None:
    with pytest.raises(OSError, match=r"No such file|denied"):
        shell.layer.spawn(argv, ENV, str(shell.directory), shell.output)
    assert shell.layer.wait(0) == []


def test_waiting_is_over_when_the_time_is_up(shell: Shell) -> None:
    assert shell.layer.wait(0.01) == []


def test_a_wake_ends_the_waiting(shell: Shell) -> None:
    waiter = threading.Thread(target=shell.layer.wait, args=(2 * PATIENCE,))
    waiter.start()
    shell.layer.wake()
    waiter.join(PATIENCE)
    assert not waiter.is_alive()


def test_any_number_of_wakes_blocks_nobody(shell: Shell) -> None:
    for _ in range(70_000):
        shell.layer.wake()
    assert shell.layer.wait(PATIENCE) == []


def test_a_wake_after_the_close_writes_into_nobody_elses_file(tmp_path: Path) -> None:
    layer = Processes()
    layer.close()
    # The lowest free descriptors: those that the layer had.
    others = [os.open(tmp_path / str(number), os.O_RDWR | os.O_CREAT) for number in range(8)]
    layer.wake()
    assert [os.fstat(other).st_size for other in others] == [0] * 8
    for other in others:
        os.close(other)


def test_what_a_leader_has_left_is_suspended_too(shell: Shell) -> None:
    pid = shell.spawn("trap '' TERM; sleep 1000 & echo $! is left; exec sleep 1000")
    shell.heard("is left")
    left = int(shell.said.split()[0])
    shell.layer.terminate((pid,))
    os.kill(pid, signal.SIGKILL)
    shell.ends()
    shell.layer.suspend((pid,))
    state = Path(f"/proc/{left}/stat")
    eventually(lambda: state.read_text().rpartition(")")[2].split()[0] == "T", "the stop")
    shell.layer.resume((pid,))
    eventually(lambda: state.read_text().rpartition(")")[2].split()[0] == "S", "its going on")
    shell.layer.kill((pid,))


def test_what_a_leader_leaves_lingers_until_it_is_gone(shell: Shell) -> None:
    pid = shell.spawn("sleep 1000 & echo $!")
    shell.ends()
    assert shell.layer.lingers(pid)
    shell.layer.kill((pid,))
    eventually(lambda: not shell.layer.lingers(pid), "the end of what it left")


# -- signals ---------------------------------------------------------------------------------------------

STUBBORN = """
import os, signal, sys
if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("grandchild", os.getpid(), flush=True)
    while True:
        signal.pause()
signal.pause()
"""


def stubborn(shell: Shell) -> tuple[int, int]:
    """A process that heeds SIGTERM, and its child in a session of its own, which does not."""
    pid = shell.layer.spawn((sys.executable, "-c", STUBBORN), ENV, str(shell.directory), shell.output)
    shell.heard("grandchild")
    eventually(lambda: shell.said.endswith("\n"), "the whole line")
    return pid, int(shell.said.split()[1])


@linux
def test_what_left_the_session_and_ignores_sigterm_is_killed_after_its_parent_has_gone(shell: Shell) -> None:
    pid, grandchild = stubborn(shell)
    shell.layer.terminate((pid,))
    assert shell.ends() == [Exit(pid, -signal.SIGTERM)]
    assert alive([grandchild]) == [grandchild]
    shell.layer.kill((pid,))
    eventually(lambda: not alive([grandchild]), "the end of the grandchild")


@linux
def test_a_kill_reaches_what_left_the_session(shell: Shell) -> None:
    pid, grandchild = stubborn(shell)
    shell.layer.kill((pid,))
    assert shell.ends() == [Exit(pid, -signal.SIGKILL)]
    eventually(lambda: not alive([grandchild]), "the end of the grandchild")


@linux
def test_a_signal_reaches_the_asked_alone(shell: Shell) -> None:
    asked, other = shell.spawn("exec sleep 1000"), shell.spawn("sleep 1000")
    shell.layer.terminate((asked,))
    assert shell.ends() == [Exit(asked, -signal.SIGTERM)]
    assert alive([other]) == [other]
    shell.layer.kill((other,))
    assert shell.ends() == [Exit(other, -signal.SIGKILL)]


@linux
def test_a_suspended_process_stands_still_until_it_is_resumed(shell: Shell) -> None:
    os.mkfifo(shell.directory / "go")
    pid = shell.spawn("read line < go; echo done")
    shell.layer.suspend()

    def state() -> bytes:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0]

    eventually(lambda: state() == b"T", "the stop")
    shell.layer.resume()
    (shell.directory / "go").write_text("go\n")
    assert shell.ends() == [Exit(pid, 0)]


@linux
def test_a_suspended_process_can_be_terminated(shell: Shell) -> None:
    pid = shell.spawn("exec sleep 1000")
    shell.layer.suspend()
    shell.layer.terminate((pid,))
    assert shell.ends() == [Exit(pid, -signal.SIGTERM)]


# -- the limit of open files -----------------------------------------------------------------------------


@pytest.fixture
def few_files() -> Iterator[int]:
    """A soft limit of open files that is not enough for many workers."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    yield 512
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@linux
def test_for_many_workers_the_limit_of_files_is_raised_but_not_for_what_they_start(
    few_files: int, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "go")
    shell = Shell(Processes(workers=1000), tmp_path)
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > few_files
    shell.spawn("read line < go; ulimit -n")
    (tmp_path / "go").write_text("go\n")
    shell.ends()
    shell.layer.close()
    os.close(shell.output)
    assert shell.said == f"{few_files}\n"


def test_for_few_workers_the_limit_of_files_stays(few_files: int) -> None:
    Processes(workers=4).close()
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == few_files


def test_what_still_runs_when_the_layer_is_closed_is_not_waited_for(shell: Shell, tmp_path: Path) -> None:
    other = Shell(Processes(), tmp_path)
    pid = other.spawn("exec sleep 1000")
    other.layer.close()
    os.close(other.output)
    assert alive([pid]) == [pid] or sys.platform != "linux"
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


# -- orphans ---------------------------------------------------------------------------------------------

SUBREAPER = """
import ctypes, os, sys, time
sys.path.insert(0, sys.argv[1])
from synthtop.run.processes import Processes
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
layer = Processes()

def run(command):
    pid = layer.spawn(("/bin/sh", "-c", command), dict(os.environ), ".", 1)
    while not (ended := layer.wait(10.0)):
        pass
    assert ended == [(pid, 0)], ended
"""


def as_subreaper(code: str) -> str:
    """In a process of its own, to which orphans come."""
    done = subprocess.run(
        [sys.executable, "-c", SUBREAPER + textwrap.dedent(code), str(ROOT)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@linux
def test_an_orphan_that_ends_is_reaped_and_is_nobodys_end() -> None:
    assert (
        as_subreaper(
            """
        # Three are left behind; all read what nobody writes, and end when it is closed.
        read, write = os.pipe()
        os.set_inheritable(read, True)
        run("for n in 1 2 3; do (cat <&%d >/dev/null) & done" % read)
        print(layer.wait(0))
        os.close(write)
        while True:
            ended = layer.wait(0.02)
            assert ended == [], ended
            try:
                os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                break
        print("all reaped")
        """
        )
        == "[]\nall reaped\n"
    )


@linux
def test_what_packages_left_running_is_ended_and_counted() -> None:
    assert (
        as_subreaper(
            """
        run("setsid sleep 1000 & sleep 1000 &")
        print(layer.end_rest(lambda: time.monotonic() + 100))
        print(layer.end_rest(lambda: 0.0))
        """
        )
        == "2\n0\n"
    )


@linux
def test_what_is_spared_at_the_end_lives_on_and_is_not_counted() -> None:
    assert (
        as_subreaper(
            """
        import subprocess
        spared = subprocess.Popen(["sleep", "1000"], start_new_session=True)
        run("sleep 1000 &")
        print(layer.end_rest(lambda: time.monotonic() + 100, lambda: {spared.pid}), spared.poll())
        print(layer.end_rest(lambda: 0.0))
        """
        )
        == "1 None\n1\n"
    )
