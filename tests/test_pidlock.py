"""Lock files: one holder, whom others can name, and nothing of another's is removed."""

from __future__ import annotations

import fcntl
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from synthtop.pidlock import Holder, LockHeld, PidLock, held_by, holder

from .terminal import ROOT


def never(seconds: float) -> None:
    pytest.fail("waits")


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "lock")


@pytest.fixture
def other(path: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from synthtop.pidlock import PidLock\n"
        "lock = PidLock(sys.argv[2])\n"
        "print('held', flush=True); sys.stdin.read()\n"
        "lock.release()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(ROOT), path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_lock_that_another_process_holds_is_refused_with_its_pid(
    other: subprocess.Popen[str], path: str
) -> None:
    assert held_by(path) == Holder(other.pid, os.geteuid())
    with pytest.raises(LockHeld) as held:
        PidLock(path, patience=0.0)
    assert held.value.pid == other.pid
    assert str(held.value) == f"{path} is held by pid {other.pid}"


def test_a_lock_without_a_readable_pid_is_held_by_another_process(
    other: subprocess.Popen[str], path: str
) -> None:
    Path(path).write_text("nonsense")
    with pytest.raises(LockHeld, match="is held by another process"):
        PidLock(path, patience=0.0)


def test_a_lock_is_removed_by_whoever_lets_it_go(other: subprocess.Popen[str], path: str) -> None:
    other.communicate("")
    assert not os.path.exists(path)
    assert holder(path) is None


def test_the_file_of_a_killed_holder_is_taken_over(other: subprocess.Popen[str], path: str) -> None:
    other.kill()
    other.wait()
    assert Path(path).read_text() == f"{other.pid}\n"
    assert holder(path) is None
    lock = PidLock(path, sleep=never)
    assert Path(path).read_text() == f"{os.getpid()}\n"
    lock.release()


def test_a_longer_pid_of_an_earlier_holder_leaves_no_rest(path: str) -> None:
    Path(path).write_text("12345678901234567890\n")
    lock = PidLock(path, sleep=never)
    assert holder(path) == os.getpid()
    lock.release()


@pytest.mark.parametrize("content", ["notes\n", "123", "-5\n", "12 apples\n", "1\n2\n", "1" * 40 + "\n"])
def test_a_file_that_is_no_locks_is_refused_and_left_as_it_is(path: str, content: str) -> None:
    Path(path).write_text(content)
    with pytest.raises(FileExistsError, match="no build's lock: move it away") as refused:
        PidLock(path, sleep=never)
    assert refused.value.filename == path
    assert Path(path).read_text() == content


def test_what_is_no_file_is_refused(path: str) -> None:
    os.mkfifo(path)
    with pytest.raises(FileExistsError, match="no build's lock"):
        PidLock(path, sleep=never)
    assert os.path.exists(path)


def test_a_symlink_in_its_place_is_not_followed(path: str, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("1")
    os.symlink(tmp_path / "precious", path)
    with pytest.raises(OSError, match="symbolic links"):
        PidLock(path, sleep=never)
    assert holder(path) is None
    assert (tmp_path / "precious").read_text() == "1"


def test_a_lock_that_is_removed_while_one_waits_for_it_is_made_anew(path: str) -> None:
    """What the waiting one had opened is not the lock any more when it gets it."""
    first = PidLock(path)
    old = os.stat(path).st_ino
    keep = os.open(path, os.O_RDONLY)  # so that its inode is not used again

    second = PidLock(path, sleep=lambda _: first.release())
    assert second.in_place
    assert os.stat(path).st_ino != old
    assert holder(path) == os.getpid()
    second.release()
    os.close(keep)


def test_a_lock_whose_file_was_removed_is_not_in_place(path: str) -> None:
    lock = PidLock(path)
    assert lock.in_place
    os.unlink(path)
    assert not lock.in_place
    lock.release()


def test_a_release_removes_no_file_of_another(path: str) -> None:
    first = PidLock(path)
    os.unlink(path)
    second = PidLock(path, sleep=never)
    first.release()
    assert second.in_place
    assert holder(path) == os.getpid()
    second.release()
    assert not os.path.exists(path)


def test_a_second_release_does_nothing(path: str) -> None:
    first = PidLock(path)
    first.release()
    second = PidLock(path)
    first.release()
    assert second.in_place
    second.release()


def test_a_look_that_succeeds_leaves_the_lock_free(path: str) -> None:
    Path(path).write_text("1\n")
    assert holder(path) is None
    PidLock(path, sleep=never).release()


def test_where_there_can_be_no_file_it_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        PidLock(str(tmp_path / "no" / "lock"), sleep=never)
    with pytest.raises(IsADirectoryError):
        PidLock(str(tmp_path), sleep=never)


def test_a_lock_into_which_no_pid_can_be_written_is_let_go(path: str) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            PidLock(path, sleep=never)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    descriptor = os.open(path, os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(descriptor)
