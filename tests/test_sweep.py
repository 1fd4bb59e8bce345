"""Ending what is left under a process: in a process of its own, since it spares nobody."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from .terminal import PATIENCE, ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs a subreaper that tells its orphans")

BEGIN = """
import ctypes, os, signal, sys, time
sys.path.insert(0, sys.argv[1])
from synthtop.run.sweep import end_descendants
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
clock = [0.0]
ends = []
read, write = os.pipe()

def start(*ignored, depth=1):
    "A process; with a depth of 2 its child, which it leaves behind in a session of its own."
    pid = os.fork()
    if pid == 0:
        for signum in ignored:
            signal.signal(signum, signal.SIG_IGN)
        if depth > 1:
            os.setsid()
            start(*ignored, depth=depth - 1)
            os._exit(0)
        os.write(write, b".")
        while True:
            signal.pause()
    if depth == 1 and os.getpid() == root:
        os.read(read, 1)
    return pid

def pause(seconds):
    "Reap what has ended or will end at once; the injected clock goes on meanwhile."
    clock[0] += 0.25
    time.sleep(seconds)  # lets those end that were signalled: real processes take real time
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        ends.append(os.waitstatus_to_exitcode(status))

def sweep(deadline):
    return end_descendants(root, deadline, pause, lambda: clock[0])

root = os.getpid()
"""


def swept(code: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + textwrap.dedent(code), str(ROOT)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_who_heeds_sigterm_is_not_killed() -> None:
    assert swept(
        """
        start(); start()
        print(sweep(lambda: 1e9), sorted(ends))
        """
    ) == ["2 [-15, -15]"]


def test_who_ignores_sigterm_is_killed_at_the_deadline_and_not_before() -> None:
    assert swept(
        """
        start(signal.SIGTERM); start()
        reap = pause
        def pause(seconds):
            reap(seconds)
            if -15 not in ends:
                clock[0] = 0.0  # who heeds it may need its time on a busy machine
        print(sweep(lambda: 2.0), sorted(ends), 2.0 <= clock[0] < 3.0)
        """
    ) == ["2 [-15, -9] True"]


def test_a_stopped_process_is_continued_so_that_it_can_heed_sigterm() -> None:
    assert swept(
        """
        os.kill(start(), signal.SIGSTOP)
        print(sweep(lambda: 1e9), ends)
        """
    ) == ["1 [-15]"]


def test_an_orphan_in_a_session_of_its_own_is_ended_too() -> None:
    assert swept(
        """
        start(signal.SIGTERM, depth=2); os.read(read, 1)
        print(sweep(lambda: 0.0) >= 1, -9 in ends)
        """
    ) == ["True True"]


def test_a_deadline_that_passed_long_ago_still_kills() -> None:
    assert swept(
        """
        clock[0] = 1000.0
        start(signal.SIGTERM)
        print(sweep(lambda: 5.0), ends)
        """
    ) == ["1 [-9]"]


def test_a_deadline_that_is_brought_forward_counts_at_once() -> None:
    assert swept(
        """
        start(signal.SIGTERM)
        print(sweep(lambda: 1e9 if clock[0] < 1.0 else 0.0), ends)
        """
    ) == ["1 [-9]"]


def test_who_cannot_be_reaped_is_given_up_a_second_after_he_was_killed() -> None:
    """As with a process of another user, which cannot even be signalled."""
    assert swept(
        """
        from synthtop.run import proctree
        immortal = proctree.Process(1 << 22, root, 1 << 22, 1 << 22, False)
        proctree.table = lambda: {immortal.pid: immortal, root: proctree.Process(root, 1, root, root, False)}
        print(sweep(lambda: 3.0), 4.0 < clock[0] < 5.0)
        """
    ) == ["1 True"]


def test_a_spared_group_and_what_comes_from_it_is_neither_ended_nor_counted() -> None:
    assert swept(
        """
        def group():
            "A process that leads a group, and a child of it; both heed SIGTERM."
            pid = os.fork()
            if pid == 0:
                os.setpgid(0, 0)
                os.write(write, b"." if os.fork() else b"")
                while True:
                    signal.pause()
            os.read(read, 1)
            return pid

        spared = group()
        start()
        print(end_descendants(root, lambda: 1e9, pause, lambda: clock[0], spare=lambda: {spared}), ends)
        print(sweep(lambda: 1e9), ends)
        """
    ) == ["1 [-15]", "2 [-15, -15, -15]"]


@pytest.mark.parametrize("said", ["{pid}, {}", "{}, {pid}"])
def test_a_group_that_is_spared_only_from_now_on_or_until_now_is_spared(said: str) -> None:
    """It began, or ended, while the process table was read."""
    assert swept(
        f"""
        pid = start()
        os.setpgid(pid, pid)
        said = [{said}]
        print(end_descendants(root, lambda: 1e9, pause, lambda: clock[0], spare=lambda: said.pop()), ends)
        print(sweep(lambda: 1e9), ends)
        """
    ) == ["0 []", "1 [-15]"]


def test_where_nothing_is_left_nothing_is_waited_for() -> None:
    assert swept("print(sweep(lambda: 1e9), clock)") == ["0 [0.0]"]


def test_a_process_table_that_cannot_be_read_is_not_taken_for_nobody_left() -> None:
    assert swept(
        """
        from synthtop.run import proctree
        start()
        real = proctree.table
        proctree.table = lambda: real() if clock[0] > 1.0 else {}
        print(sweep(lambda: 1e9), ends)
        """
    ) == ["1 [-15]"]
