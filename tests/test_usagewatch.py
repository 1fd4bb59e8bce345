"""Looking at the processes: only while somebody wants to, in one pass for all slots."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

import pytest

from synthtop.model import Process
from synthtop.run import usagewatch
from synthtop.run.tasks import Task, TasksUnknown
from synthtop.run.usage import Leader, Used
from synthtop.run.usagewatch import UsageWatch

from .terminal import PATIENCE, eventually


def task(pid: int, parent: int, leader: int, cpu: float = 0.0, rss: int = 100) -> Task:
    return Task(pid, parent, leader, leader, False, 1, cpu, 0.0, rss)


class Host:
    """A process table, a clock, and what was reported and asked for."""

    def __init__(self) -> None:
        self.now = 100.0
        self.leaders: dict[int, Leader] = {
            0: Leader(10, "t/a", "build", ("make", "a")),
            1: Leader(20, "t/b", "stage", ("make", "b")),
        }
        self.tasks = {
            one.pid: one for one in (task(10, 1, 10), task(11, 10, 10), task(20, 1, 20), task(99, 1, 99))
        }
        self.problem: str | None = None
        self.tables = 0
        self.asked: list[list[int]] = []
        self.reported: list[dict[int, Used | None]] = []
        self.looked = threading.Event()
        self.watch = UsageWatch(
            lambda: self.leaders,
            self.report,
            table=self.table,
            commands=self.commands,
            clock=lambda: self.now,
            cores=4,
        )

    def table(self) -> Mapping[int, Task]:
        self.tables += 1
        if self.problem is not None:
            raise TasksUnknown(self.problem)
        return dict(self.tasks)

    def commands(self, pids: Sequence[int]) -> Mapping[int, str]:
        self.asked.append(list(pids))
        return {pid: f"command {pid}" for pid in pids if pid != 11}

    def report(self, used: Mapping[int, Used | None]) -> None:
        self.reported.append(dict(used))
        self.looked.set()

    def look(self, seconds: float = 3.0) -> None:
        """A look without the thread, so many seconds later."""
        self.now += seconds
        self.watch.look()


class Unthreaded(Host):
    """The thread is the test's: nothing looks by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.watch._begin_or_poke = lambda: None  # type: ignore[method-assign]


def test_one_pass_is_for_all_slots() -> None:
    host = Unthreaded()
    host.look()
    host.tasks[20] = task(20, 1, 20, cpu=1.5)
    host.look()
    assert host.tables == 2
    assert host.reported == [{0: (None, 200), 1: (None, 100)}, {0: (0.0, 200), 1: (50.0, 100)}]
    assert host.asked == [], "nobody wants to see a command"


def test_a_look_within_three_seconds_of_another_reads_no_table() -> None:
    host = Unthreaded()
    host.look()
    host.look(1.0)
    host.look(1.9)
    assert host.tables == 1
    host.look(0.1)
    assert host.tables == 2


def test_an_inside_has_the_command_and_the_tree_with_its_age() -> None:
    host = Unthreaded()
    assert host.watch.inside(0) is None, "before the first look"
    host.look()
    host.now += 2.0
    inside = host.watch.inside(0)
    assert inside is not None
    assert (inside.command, inside.age, inside.problem) == ("make a", 2.0, None)
    assert inside.processes == (Process(10, 0, "command 10", None, 100), Process(11, 1, "", None, 100))
    host.tasks[11] = task(11, 10, 10, cpu=0.3)
    host.look()
    inside = host.watch.inside(0)
    assert inside is not None
    assert [one.cpu for one in inside.processes] == [0.0, 6.0], "of five seconds"


def test_commands_are_read_for_the_slot_that_is_asked_for_and_no_other() -> None:
    host = Unthreaded()
    host.watch.inside(0)
    host.look()
    assert host.watch.inside(1) is None, "another slot has to be looked at first"
    host.look(0.1)
    assert host.watch.inside(1) is not None
    assert host.asked == [[10, 11], [20]]
    assert host.tables == 1, "the last table does for it"


def test_commands_are_read_no_more_ten_seconds_after_somebody_asked() -> None:
    host = Unthreaded()
    host.watch.inside(0)
    for _ in range(5):
        host.look()
    assert len(host.asked) == 3


def test_an_empty_slot_and_another_package_have_no_inside_yet() -> None:
    host = Unthreaded()
    host.watch.inside(0)
    host.look()
    host.leaders = {0: Leader(30, "t/c", "fetch", ("make", "c"))}
    assert host.watch.inside(0) is None
    assert host.watch.inside(5) is None


def test_another_phase_of_the_same_package_shows_what_was_seen_last() -> None:
    host = Unthreaded()
    host.watch.inside(0)
    host.look()
    host.leaders = {0: Leader(30, "t/a", "stage", ("make", "stage"))}
    inside = host.watch.inside(0)
    assert inside is not None
    assert inside.command == "make stage"
    assert [one.pid for one in inside.processes] == [10, 11]


def test_why_nothing_is_known_is_said_until_something_is() -> None:
    host = Unthreaded()
    host.look()
    host.problem = "too many"
    host.watch.inside(0)
    host.look()
    inside = host.watch.inside(0)
    assert inside is not None
    assert (inside.command, inside.processes, inside.problem) == ("make a", (), "too many")
    assert host.reported[-1] == {}
    host.problem = None
    host.look()
    inside = host.watch.inside(0)
    assert inside is not None
    assert inside.problem is None
    assert host.reported[-1] == {0: (None, 200), 1: (None, 100)}, "the look before is too old to compare with"


def test_where_there_is_no_table_it_is_asked_for_no_sooner_than_otherwise() -> None:
    host = Unthreaded()
    host.problem = "too many"
    host.look()
    for slot in (0, 1, 0):
        host.watch.inside(slot)
        host.look(0.9)
    assert (host.tables, host.reported) == (1, [{}])
    host.look(0.3)
    assert host.tables == 2


def test_a_slot_with_very_many_processes_shows_the_first_two_hundred() -> None:
    host = Unthreaded()
    host.tasks = {pid: task(pid, 10, 10) for pid in range(11, 2000)} | {10: task(10, 1, 10)}
    host.watch.inside(0)
    host.look()
    inside = host.watch.inside(0)
    assert inside is not None
    assert len(inside.processes) == len(host.asked[0]) == 200


# -- the thread --------------------------------------------------------------------------------------------


def threads() -> int:
    return sum(thread.name == "synthtop-usage" for thread in threading.enumerate())


def test_nobody_looks_before_somebody_wants_to() -> None:
    host = Host()
    host.watch.measure(False)
    assert threads() == 0
    host.watch.close()


def test_while_it_is_wanted_somebody_looks_and_afterwards_nothing_is_known() -> None:
    host = Host()
    host.watch.measure(True)
    host.watch.measure(True)
    assert threads() == 1
    assert host.looked.wait(PATIENCE)
    host.looked.clear()
    host.watch.measure(False)
    eventually(lambda: threads() == 0, "the end of the thread")
    assert host.reported == [{0: (None, 200), 1: (None, 100)}, {}]
    host.watch.measure(True)
    eventually(lambda: len(host.reported) == 3, "another look")
    host.watch.close()


def test_who_asks_for_an_inside_has_it_looked_at_until_ten_seconds_after() -> None:
    host = Host()
    eventually(lambda: host.watch.inside(0) is not None, "a look")
    host.now += 9.9
    assert host.watch.wanted
    host.now += 0.2
    assert not host.watch.wanted
    host.watch.close()


def test_another_slot_is_looked_at_as_soon_as_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usagewatch, "_EVERY", 1e6)
    host = Host()
    eventually(lambda: host.watch.inside(0) is not None, "a look")
    eventually(lambda: host.watch.inside(1) is not None, "another one")
    assert host.tables == 1
    host.watch.close()


def test_after_the_close_nobody_looks_and_nothing_is_known() -> None:
    host = Host()
    host.watch.measure(True)
    assert host.looked.wait(PATIENCE)
    host.watch.close(PATIENCE)
    assert threads() == 0
    assert host.reported[-1] == {}
    host.watch.measure(True)
    assert host.watch.inside(0) is None
    assert threads() == 0


def test_a_look_that_hangs_holds_the_close_up_no_longer_than_it_may() -> None:
    host = Host()
    go_on = threading.Event()
    hanging = threading.Event()
    real = host.table

    def hang() -> Mapping[int, Task]:
        hanging.set()
        go_on.wait(PATIENCE)
        return real()

    host.watch._table = hang
    host.watch.measure(True)
    assert hanging.wait(PATIENCE)
    host.watch.close(patience=0.01)
    go_on.set()
    eventually(lambda: threads() == 0, "the end of the thread")
