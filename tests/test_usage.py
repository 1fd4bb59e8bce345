"""What the processes of each slot use: nothing counted twice, nothing negative, whoever ends in between."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.run.tasks import Task
from synthtop.run.usage import Leader, Look, look, slots_of, tree

INIT, US = 1, 5
CORES = 4


def leader(pid: int, origin: str = "t/a") -> Leader:
    return Leader(pid, origin, "build", ("/bin/sh", "-c", "make"))


def task(
    pid: int,
    parent: int = US,
    group: int = 0,
    session: int = 0,
    *,
    cpu: float = 0.0,
    waited: float = 0.0,
    rss: int = 1,
    started: int = 1,
    zombie: bool = False,
) -> Task:
    group = group or pid
    return Task(pid, parent, group, session or group, zombie, started, cpu, waited, rss)


def made(*tasks: Task) -> dict[int, Task]:
    return {one.pid: one for one in tasks}


def percent(*tables: dict[int, Task], seconds: float = 1.0) -> list[float | None]:
    """Of slot 0, led by pid 10, at each of these looks, a second apart."""
    found: list[float | None] = []
    last: Look | None = None
    for number, table in enumerate(tables):
        last = look(number * seconds, table, {0: leader(10)}, last, CORES)
        found.append(last.used[0][0])
    return found


# -- who is in which slot --------------------------------------------------------------------------------


def test_a_slot_holds_its_leaders_session_its_group_and_all_that_comes_from_them() -> None:
    table = made(
        task(US, INIT),
        task(10),
        task(11, 10, 10),
        task(12, 11),  # a session of its own, below
        task(13, 12),
        task(14, US, 10),  # an orphan that stayed in the group
        task(15, US, 15, 10),  # and one in the session
        task(20),
        task(21, 20, 20),
        task(99, INIT),
        task(98, US),  # a notice, say
    )
    slots = slots_of(table, {0: leader(10), 7: leader(20)})
    assert slots == {10: 0, 11: 0, 12: 0, 13: 0, 14: 0, 15: 0, 20: 7, 21: 7}


def test_what_a_leader_left_is_still_in_its_slot() -> None:
    assert slots_of(made(task(11, INIT, 10)), {3: leader(10)}) == {11: 3}


def test_who_left_the_session_and_lost_its_parents_stays_where_it_was() -> None:
    leaders = {0: leader(10)}
    first = look(0.0, made(task(10), task(11, 10), task(12, 11)), leaders, None, CORES)
    orphaned = made(task(10), task(12, US), task(13, 12))
    assert slots_of(orphaned, leaders) == {10: 0}
    assert slots_of(orphaned, leaders, first) == {10: 0, 12: 0, 13: 0}
    assert slots_of(orphaned, {0: leader(20)}, first) == {12: 0, 13: 0, 10: 0}, "a later phase of it"
    assert slots_of(orphaned, {0: leader(20, "t/b")}, first) == {}
    assert slots_of(orphaned, {}, first) == {}


def test_a_pid_that_was_given_to_another_process_is_not_where_it_was() -> None:
    leaders = {0: leader(10)}
    first = look(0.0, made(task(10), task(11, 10)), leaders, None, CORES)
    assert slots_of(made(task(10), task(11, INIT, started=2)), leaders, first) == {10: 0}


def test_a_circle_of_parents_is_nobodys() -> None:
    """As a table may have it that is read while pids are given anew."""
    assert slots_of(made(task(11, 12), task(12, 13), task(13, 11)), {0: leader(10)}) == {}


@st.composite
def tables(draw: st.DrawFn) -> dict[int, Task]:
    pids = list(range(2, 2 + draw(st.integers(1, 20))))
    found = {}
    for pid in pids:
        group, session = draw(st.sampled_from(pids)), draw(st.sampled_from(pids))
        found[pid] = task(pid, draw(st.sampled_from([INIT, *pids])), group, session)
    return found


@settings(max_examples=50)
@given(tables(), st.lists(st.integers(2, 21), min_size=1, max_size=4, unique=True))
def test_whoever_comes_from_a_leader_is_in_a_slot_and_nobody_else(
    table: dict[int, Task], pids: list[int]
) -> None:
    def belongs(pid: int) -> bool:
        seen: set[int] = set()
        while pid in table and pid not in seen:
            seen.add(pid)
            if {pid, table[pid].group, table[pid].session} & set(pids):
                return True
            pid = table[pid].parent
        return False

    slots = slots_of(table, {slot: leader(pid) for slot, pid in enumerate(pids)})
    assert set(slots) == {pid for pid in table if belongs(pid)}


# -- what they use ---------------------------------------------------------------------------------------


def test_memory_is_known_at_once_and_cpu_at_the_second_look() -> None:
    table = made(task(10, rss=100), task(11, 10, rss=20), task(99, INIT, rss=5000))
    first = look(0.0, table, {0: leader(10), 1: leader(20)}, None, CORES)
    assert first.used == {0: (None, 120), 1: (None, 0)}
    assert first.cpu == {}


def test_each_process_counts_with_what_it_used_since() -> None:
    before = made(task(10, cpu=1.0), task(11, 10, cpu=5.0))
    after = made(task(10, cpu=1.5), task(11, 10, cpu=5.25))
    assert percent(before, after) == [None, 75.0]
    assert percent(before, after, seconds=3.0) == [None, 25.0]


def test_what_began_since_counts_with_all_that_it_used() -> None:
    assert percent(made(task(10)), made(task(10), task(11, 10, cpu=0.5, waited=0.25))) == [None, 75.0]


def test_compilers_that_came_and_went_between_two_looks_count_by_who_waited_for_them() -> None:
    assert percent(made(task(10, waited=8.0)), made(task(10, waited=8.5))) == [None, 50.0]


def test_what_a_child_had_used_before_is_not_counted_again_when_it_was_waited_for() -> None:
    before = made(task(10), task(11, 10, cpu=100.0, waited=50.0))
    after = made(task(10, waited=150.25))
    assert percent(before, after) == [None, 25.0]


def test_nor_when_a_whole_branch_has_ended() -> None:
    before = made(task(10), task(11, 10, cpu=1.0), task(12, 11, cpu=100.0), task(13, 12, cpu=10.0))
    after = made(task(10, waited=111.5))
    assert percent(before, after) == [None, 50.0]


def test_a_child_that_nobody_waited_for_takes_nothing_away() -> None:
    before = made(task(10), task(11, 10, cpu=100.0), task(12, 10, cpu=7.0))
    assert percent(before, made(task(10, cpu=0.5), task(12, 10, cpu=7.25))) == [None, 75.0]


def test_a_child_that_the_table_missed_for_a_moment_is_not_counted_again_at_the_next_look() -> None:
    """Its parent was read before it had waited for the child, and the child after."""
    assert percent(
        made(task(10), task(11, 10, cpu=100.0)),
        made(task(10, cpu=0.25)),
        made(task(10, cpu=0.5, waited=100.5)),
        made(task(10, cpu=0.5, waited=101.0)),
    ) == [None, 25.0, 75.0, 50.0]


def test_what_nobody_waited_for_takes_nothing_away_after_the_next_look_either() -> None:
    assert percent(
        made(task(10), task(11, 10, cpu=100.0)),
        made(task(10)),
        made(task(10, waited=0.5)),
        made(task(10, waited=1.0)),
    ) == [None, 0.0, 0.0, 50.0]


def test_a_zombie_counts_until_it_is_waited_for_and_not_again_then() -> None:
    assert percent(
        made(task(10), task(11, 10, cpu=3.0)),
        made(task(10), task(11, 10, cpu=3.5, zombie=True)),
        made(task(10, waited=3.5)),
    ) == [None, 50.0, 0.0]


def test_a_pid_that_was_given_anew_is_another_process() -> None:
    before = made(task(10), task(11, 10, cpu=100.0))
    after = made(task(10, waited=100.0), task(11, 10, cpu=0.25, started=2))
    assert percent(before, after) == [None, 25.0]


def test_another_phase_begins_with_all_that_its_processes_used() -> None:
    first = look(0.0, made(task(10, cpu=50.0)), {0: leader(10)}, None, CORES)
    after = look(1.0, made(task(20, cpu=0.5)), {0: leader(20)}, first, CORES)
    assert after.used == {0: (50.0, 1)}


def test_no_slot_uses_more_than_all_cores_and_no_clock_divides_by_nothing() -> None:
    assert percent(made(task(10)), made(task(10, cpu=1e6))) == [None, 100.0 * CORES]
    first = look(5.0, made(task(10)), {0: leader(10)}, None, CORES)
    assert look(5.0, made(task(10, cpu=1.0)), {0: leader(10)}, first, CORES).used == {0: (None, 1)}


def test_a_process_is_told_with_what_it_used_itself() -> None:
    first = look(0.0, made(task(10), task(11, 10, cpu=1.0)), {0: leader(10)}, None, CORES)
    after = look(
        1.0, made(task(10, waited=3.0), task(11, 10, cpu=1.5), task(12, 10, cpu=0.1)), first.leaders, first, 4
    )
    assert after.cpu == {10: 0.0, 11: pytest.approx(50.0), 12: pytest.approx(10.0)}


# -- against a machine that keeps books --------------------------------------------------------------------


@dataclass
class Running:
    parent: int
    cpu: int = 0
    waited: int = 0
    zombie: bool = False
    children: set[int] = field(default_factory=set)


class Machine:
    """Processes that fork, work, end and are waited for, or orphaned; in whole seconds of CPU."""

    def __init__(self) -> None:
        self.running = {10: Running(US)}
        self.next = 11
        self.used = 0

    def step(self, what: str, pick: int) -> None:
        alive = [pid for pid, one in self.running.items() if not one.zombie]
        pid = alive[pick % len(alive)]
        one = self.running[pid]
        if what == "fork":
            self.running[self.next] = Running(pid)
            one.children.add(self.next)
            self.next += 1
        elif what == "work":
            one.cpu += 1
            self.used += 1
        elif what == "end" and pid != 10:
            one.zombie = True
            for child in one.children:  # who waits for them then is no business of ours
                self.running[child].parent = US
                if self.running[child].zombie:
                    del self.running[child]
            one.children = set()
            if one.parent == US:
                del self.running[pid]
        elif what == "finish" and pid != 10:
            self.finish(pid)
        elif what == "wait":
            for child in [child for child in one.children if self.running[child].zombie]:
                ended = self.running.pop(child)
                one.waited += ended.cpu + ended.waited
                one.children.remove(child)

    def finish(self, pid: int) -> None:
        """It ends when all that came from it have, and each is waited for."""
        one = self.running[pid]
        for child in sorted(one.children):
            self.finish(child)
        parent = self.running[one.parent]
        parent.waited += one.cpu + one.waited
        parent.children.remove(pid)
        del self.running[pid]

    def table(self) -> dict[int, Task]:
        return made(
            *(
                task(pid, one.parent, 10, cpu=one.cpu, waited=one.waited, zombie=one.zombie)
                for pid, one in self.running.items()
            )
        )


STEPS = st.lists(
    st.tuples(st.sampled_from(["fork", "work", "work", "end", "wait", "look"]), st.integers(0, 9)),
    max_size=60,
)


def looked_at(steps: list[tuple[str, int]]) -> list[tuple[float, int]]:
    """CPU seconds between looks, as they were found and as they were used."""
    machine, leaders = Machine(), {0: leader(10)}
    last = look(0.0, machine.table(), leaders, None, 1000)
    found = []
    for number, (what, pick) in enumerate([*steps, ("look", 0)]):
        machine.step(what, pick)
        if what == "look":
            last = look(last.at + 1.0, machine.table(), leaders, last, 1000)
            used = last.used[0][0]
            assert used is not None, number
            found.append((used / 100.0, machine.used))
            machine.used = 0
    return found


@settings(max_examples=100)
@given(STEPS)
def test_where_every_child_is_waited_for_what_is_found_is_what_was_used(steps: list[tuple[str, int]]) -> None:
    finishing = [("finish" if what == "end" else what, pick) for what, pick in steps]
    for found, used in looked_at(finishing):
        assert found == pytest.approx(used)


@settings(max_examples=100)
@given(STEPS)
def test_whoever_ends_unheeded_nothing_is_negative_nor_more_than_was_used(
    steps: list[tuple[str, int]],
) -> None:
    looks = looked_at(steps)
    total_found = total_used = 0.0
    for found, used in looks:
        assert found >= 0.0
        total_found, total_used = total_found + found, total_used + used
        assert total_found <= total_used + 1e-9


# -- what is shown of them ------------------------------------------------------------------------------


def shown(*tasks: Task, most: int = 100) -> list[tuple[int, int]]:
    found = look(0.0, made(*tasks), {0: leader(10), 1: leader(90)}, None, CORES)
    return [(one.pid, depth) for one, depth in tree(found, 0, most)]


def test_each_process_comes_before_its_children_and_the_leader_first() -> None:
    found = shown(
        task(8, 11, 10),
        task(10),
        task(11, 10, 10),
        task(12, 10, 10),
        task(13, 11, 10),
        task(90),
        task(91, 90),
    )
    assert found == [(10, 0), (11, 1), (8, 2), (13, 2), (12, 1)]


def test_who_lost_its_parents_comes_last_and_zombies_do_not_come() -> None:
    found = shown(
        task(10), task(11, US, 10), task(12, 11, 10), task(13, 10, 10, zombie=True), task(14, 10, 10)
    )
    assert found == [(10, 0), (14, 1), (11, 1), (12, 2)]


def test_without_the_leader_what_it_left_is_shown() -> None:
    assert shown(task(11, US, 10), task(12, 11, 10)) == [(11, 1), (12, 2)]


def test_no_more_are_shown_than_asked_for() -> None:
    assert len(shown(task(10), *(task(pid, 10, 10) for pid in range(11, 80)), most=5)) == 5


@pytest.mark.parametrize(
    ("argv", "command"),
    [
        (("/bin/sh", "-c", "make -C x | tee y"), "make -C x | tee y"),
        (("make", "-C", "a b"), "make -C 'a b'"),
        (("/bin/sh", "-c"), "/bin/sh -c"),
        ((), ""),
    ],
)
def test_a_command_is_shown_as_it_could_be_typed(argv: tuple[str, ...], command: str) -> None:
    assert Leader(10, "t/a", "build", argv).command == command


def test_a_command_is_shown_no_longer_than_anybody_reads() -> None:
    assert len(Leader(10, "t/a", "build", ("/bin/sh", "-c", "x" * 1_000_000)).command) == 4096
