"""The process table with what each process uses: this host's own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from synthtop.run import tasks
from synthtop.run.tasks import TasksUnknown

PLATFORMS = pytest.mark.parametrize(
    "platform",
    [
        pytest.param("linux", marks=pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")),
        pytest.param("freebsd", marks=pytest.mark.skipif(not os.path.exists("/bin/ps"), reason="asks ps")),
    ],
)
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

BUSY = """
import subprocess, sys, time
memory = b"x" * (32 << 20)
work = "import time\\nwhile time.process_time() < 0.3: pass"
if sys.argv[1:] == ["child"]:
    subprocess.run([sys.executable, "-c", work])
else:
    exec(work)
print("up", flush=True)
sys.stdin.read()
"""


def started(*arguments: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", BUSY, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    return process


@pytest.fixture
def busy() -> Iterator[subprocess.Popen[bytes]]:
    """A child that has used 0.3 s of CPU and holds 32 MiB."""
    process = started()
    yield process
    process.kill()
    process.communicate()


@PLATFORMS
def test_the_table_says_what_a_process_has_used_and_holds(
    busy: subprocess.Popen[bytes], platform: str
) -> None:
    found = tasks.table(platform)[busy.pid]
    assert (found.parent, found.group, found.zombie) == (os.getpid(), busy.pid, False)
    assert found.rss > 32 << 20
    if platform == "linux":  # ps there says whole seconds
        assert 0.25 <= found.cpu < 10.0
        assert found.session == busy.pid


@linux
def test_the_table_says_what_a_process_has_waited_for() -> None:
    process = started("child")
    found = tasks.table()[process.pid]
    process.kill()
    process.communicate()
    assert 0.25 <= found.waited < 10.0


@PLATFORMS
def test_a_process_is_told_from_a_later_one_with_its_pid(
    busy: subprocess.Popen[bytes], platform: str
) -> None:
    first, second = tasks.table(platform), tasks.table(platform)
    assert first[busy.pid].started == second[busy.pid].started
    assert first[busy.pid].started != first[1].started


@PLATFORMS
def test_a_table_of_too_many_is_not_read(platform: str) -> None:
    with pytest.raises(TasksUnknown, match=r"^[\d,]+ processes on this host: more than 1 are not looked at$"):
        tasks.table(platform, most=1)


@PLATFORMS
def test_commands_are_those_that_were_given(busy: subprocess.Popen[bytes], platform: str) -> None:
    found = tasks.commands([busy.pid, 1 << 30], platform)
    assert found.keys() == {busy.pid}
    assert found[busy.pid].startswith(f"{sys.executable} -c ")
    assert tasks.commands([], platform) == {}


@linux
def test_a_zombie_has_but_its_name() -> None:
    process = subprocess.Popen(["true"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    found = tasks.commands([process.pid])
    process.wait()
    assert found == {process.pid: "[true]"}


@linux
def test_a_hostile_command_is_text_and_no_longer_than_it_may_be() -> None:
    code = "print('up', flush=True); import sys; sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable.encode(), b"-c", code.encode(), b"\xff\x1b[2J\n", b"x" * 100_000],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    found = tasks.commands([process.pid])[process.pid]
    process.kill()
    process.communicate()
    assert "�\x1b[2J\n xxx" in found
    assert len(found) <= 4096


def test_no_ps_is_a_problem_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise FileNotFoundError(2, "No such file or directory", "/bin/ps")

    monkeypatch.setattr(subprocess, "run", refuse)
    with pytest.raises(TasksUnknown, match=r"^ps cannot be asked for the processes: .*No such file"):
        tasks.table("freebsd")
    assert tasks.commands([1], "freebsd") == {}


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("0:00.01", 0.01),
        ("12:34.56", 754.56),
        ("00:00:07", 7.0),
        ("2:03:04", 7384.0),
        ("1-02:03:04", 93784.0),
        ("-", 0.0),
        ("", 0.0),
        ("x:y", 0.0),
    ],
)
def test_the_time_of_each_ps_is_understood(time: str, seconds: float) -> None:
    """As FreeBSD and macOS write it, and Linux."""
    assert tasks._seconds(time) == pytest.approx(seconds)


def test_what_ps_says_is_read_as_it_stands_and_what_is_no_line_of_it_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = (
        b"   10     5    10 S    2048   0:01.50 Mon Jul  6 10:00:00 2026\n"
        b"   11    10    10 Z       0   1:00.00 Mon Jul  6 10:00:01 2026\n"
        b"  nonsense\n"
        b"   12    10    10 S    many   1:00.00 Mon Jul  6 10:00:01 2026\n"
    )
    done = subprocess.CompletedProcess((), 0, stdout=said)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    found = tasks.table("freebsd")
    assert found == {
        10: tasks.Task(10, 5, 10, 0, False, "Mon Jul  6 10:00:00 2026", 1.5, 0.0, 2048 * 1024),
        11: tasks.Task(11, 10, 10, 0, True, "Mon Jul  6 10:00:01 2026", 60.0, 0.0, 0),
    }
