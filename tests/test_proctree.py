"""Which processes come from which: by tables made up, and by this host's own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.run import proctree
from synthtop.run.proctree import Process

INIT = 1


def made(*processes: Process) -> dict[int, Process]:
    return {process.pid: process for process in processes}


def process(
    pid: int, parent: int = INIT, group: int = 0, session: int = 0, zombie: bool = False, started: int = 1
) -> Process:
    return Process(pid, parent, group or pid, session or group or pid, zombie, started)


@st.composite
def tables(draw: st.DrawFn) -> dict[int, Process]:
    """Up to 30 processes, each a child of another one or of init, groups and sessions at random."""
    pids = list(range(2, 2 + draw(st.integers(1, 30))))
    found = {}
    for pid in draw(st.permutations(pids)):
        group = draw(st.sampled_from(pids))
        session = draw(st.sampled_from(pids))
        parent = draw(st.sampled_from([INIT, *pids]))
        found[pid] = Process(pid, parent, group, session, draw(st.booleans()))
    return found


def comes_from(table: dict[int, Process], pid: int, roots: set[int]) -> bool:
    """By climbing from the process up: as slow as it is plain."""
    seen: set[int] = set()
    while pid in table and pid not in seen:
        seen.add(pid)
        pid = table[pid].parent
        if pid in roots:
            return True
    return False


@settings(max_examples=80)
@given(tables(), st.sets(st.integers(1, 31), max_size=3))
def test_all_living_descendants_are_found_and_nobody_else(table: dict[int, Process], roots: set[int]) -> None:
    right = {
        pid for pid in table if comes_from(table, pid, roots) and pid not in roots and not table[pid].zombie
    }
    assert set(proctree.descendants(table, roots)) == right


@settings(max_examples=80)
@given(tables(), st.integers(2, 31))
def test_a_session_is_its_leader_its_members_and_all_that_come_from_them(
    table: dict[int, Process], leader: int
) -> None:
    members = {pid for pid, one in table.items() if leader in (one.group, one.session)}
    right = {
        pid
        for pid, one in table.items()
        if not one.zombie and (pid in members or comes_from(table, pid, members | {leader}))
    }
    assert set(proctree.of_session(table, leader)) - {leader} == right - {leader}


def test_what_left_the_session_is_found_while_its_parents_live() -> None:
    table = made(process(10), process(11, 10, 10), process(12, 11), process(13, 12), process(99))
    assert set(proctree.of_session(table, 10)) == {10, 11, 12, 13}


def test_an_orphan_that_stayed_in_the_session_is_found() -> None:
    table = made(process(12, INIT, 10), process(13, INIT, 12, 10), process(99))
    assert set(proctree.of_session(table, 10)) == {12, 13}


def test_the_children_of_a_zombie_are_found_but_not_the_zombie() -> None:
    table = made(process(10), process(11, 10, zombie=True), process(12, 11))
    assert set(proctree.descendants(table, {10})) == {12}


def test_a_pid_that_was_given_to_another_process_is_not_the_same_process() -> None:
    earlier = made(process(10), process(11), process(12), process(13))
    now = made(process(10), process(11, started=2), process(12, zombie=True))
    assert set(proctree.still_there(now, earlier)) == {10}


def test_a_signal_to_who_has_ended_goes_to_nobody() -> None:
    child = subprocess.Popen(["true"])
    child.wait()
    proctree.signal_all([child.pid], signal.SIGTERM)
    proctree.signal_groups([child.pid], signal.SIGTERM)


# -- the host's table ------------------------------------------------------------------------------------


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A child in a session of its own."""
    code = "import sys; print('up', flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    yield process
    process.kill()
    process.communicate()


PLATFORMS = pytest.mark.parametrize(
    "platform",
    [
        pytest.param("linux", marks=pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")),
        pytest.param("freebsd", marks=pytest.mark.skipif(not os.path.exists("/bin/ps"), reason="asks ps")),
    ],
)


@PLATFORMS
def test_the_table_knows_parent_group_and_life_of_a_child(
    child: subprocess.Popen[bytes], platform: str
) -> None:
    found = proctree.table(platform)[child.pid]
    assert (found.parent, found.group, found.zombie) == (os.getpid(), child.pid, False)


@PLATFORMS
def test_the_table_knows_a_zombie(child: subprocess.Popen[bytes], platform: str) -> None:
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert proctree.table(platform)[child.pid].zombie


@PLATFORMS
def test_looking_at_the_table_adds_no_descendant(child: subprocess.Popen[bytes], platform: str) -> None:
    """Else whoever waits until none is left waits in vain."""
    others = set(proctree.descendants(proctree.table("linux"), {os.getpid()}))
    assert set(proctree.descendants(proctree.table(platform), {os.getpid()})) == others


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_command_cannot_forge_its_line_of_the_table() -> None:
    """A process may call itself whatever it likes, with blanks and parentheses."""
    code = (
        "import sys; open('/proc/self/comm', 'w').write('a) Z 1 1 (b'); print('up', flush=True);"
        "sys.stdin.read()"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    found = proctree.table()[process.pid]
    process.communicate()
    assert (found.parent, found.zombie) == (os.getpid(), False)
