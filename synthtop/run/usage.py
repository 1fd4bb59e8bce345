"""What the processes of each slot use, from two looks at the process table. Pure: neither table nor clock."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from .tasks import Task

Used = tuple[float | None, int]
"""Percent of one core, None before there was a look to compare with, and bytes of resident memory."""

_COMMAND = 4096
"""Characters of a command that are shown at most."""


class Leader(NamedTuple):
    """The process of a package's present phase, or of its last one while what that left is ended: leader of a
    session and a group."""

    pid: int
    origin: str
    phase: str
    argv: tuple[str, ...]

    @property
    def command(self) -> str:
        """What it runs, as it stands in the plan: a line for the shell, or arguments quoted for one."""
        shell = self.argv[:2] == ("/bin/sh", "-c") and len(self.argv) == 3
        return (self.argv[2] if shell else shlex.join(self.argv))[:_COMMAND]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Look:
    """The processes in slots at monotonic second ``at``, and what they used since the look before.

    ``slots`` says for each pid the slot; ``cpu`` percent of one core that it used itself, empty at the first
    look; ``used`` the sums of each slot that has a leader. ``owed`` is CPU time of ended children that each
    pid may still have to be told of.
    """

    at: float
    leaders: Mapping[int, Leader]
    tasks: Mapping[int, Task]
    slots: Mapping[int, int]
    cpu: Mapping[int, float] = field(default_factory=dict)
    used: Mapping[int, Used] = field(default_factory=dict)
    owed: Mapping[int, float] = field(default_factory=dict)


def look(
    now: float, table: Mapping[int, Task], leaders: Mapping[int, Leader], before: Look | None, cores: int
) -> Look:
    """What ``table``, read at ``now``, says of the slots that ``leaders`` lead.

    The sum of a slot's CPU time is what its processes used themselves, and what they waited for since: that
    holds compilers which came and went between two looks. No slot uses more than all ``cores``.
    """
    slots = slots_of(table, leaders, before)
    tasks = {pid: table[pid] for pid in slots}
    rss = dict.fromkeys(leaders, 0)
    for pid, slot in slots.items():
        rss[slot] += tasks[pid].rss
    if before is None or now <= before.at:
        used = {slot: (None, bytes_) for slot, bytes_ in rss.items()}
        return Look(at=now, leaders=leaders, tasks=tasks, slots=slots, used=used)
    seconds = now - before.at
    gone, still_owed = _counted_of_the_ended(tasks, before), {}
    own: dict[int, float] = {}
    spent = dict.fromkeys(leaders, 0.0)
    for pid, task in tasks.items():
        earlier = _same(task, before)
        own[pid] = max(0.0, task.cpu - (earlier.cpu if earlier else 0.0))
        waited = max(0.0, task.waited - (earlier.waited if earlier else 0.0))
        # What children had used up to the look before was counted then.
        counted = gone.get(pid, 0.0)
        old = min(waited, counted + before.owed.get(pid, 0.0))
        # The table is not read in one moment: a child may have been missed in it that its parent, read
        # earlier, had not waited for yet. The next look will tell; later ones cannot.
        if (owed := min(counted, counted + before.owed.get(pid, 0.0) - old)) > 0.0:
            still_owed[pid] = owed
        spent[slots[pid]] += own[pid] + waited - old
    most = 100.0 * cores
    return Look(
        at=now,
        leaders=leaders,
        tasks=tasks,
        slots=slots,
        cpu={pid: min(most, 100.0 * used / seconds) for pid, used in own.items()},
        used={slot: (min(most, 100.0 * spent[slot] / seconds), rss[slot]) for slot in leaders},
        owed=still_owed,
    )


def _same(task: Task, before: Look) -> Task | None:
    """The process as it was at the look before, if it was there."""
    earlier = before.tasks.get(task.pid)
    return earlier if earlier is not None and earlier.started == task.started else None


def slots_of(
    table: Mapping[int, Task], leaders: Mapping[int, Leader], before: Look | None = None
) -> dict[int, int]:
    """The slot of each process that is in one: of a leader's session or group, or from a process that is.

    Who has left both and lost its parents stays where it was at the look before, as long as the same package
    is in the slot.
    """
    led_by = {leader.pid: slot for slot, leader in leaders.items()}
    known: dict[int, int | None] = {}
    for pid in table:
        trail: list[int] = []
        here = pid
        slot: int | None = None
        while here not in known and (task := table.get(here)) is not None:
            known[here] = None  # of a table read in passing nobody can say that no circle is in it
            trail.append(here)
            slot = led_by.get(here, led_by.get(task.session, led_by.get(task.group)))
            if slot is None and before is not None and _same(task, before) is not None:
                slot = _where_it_was(here, leaders, before)
            if slot is not None:
                break
            here = task.parent
        else:
            slot = known.get(here)
        for passed in trail:
            known[passed] = slot
    return {pid: slot for pid, slot in known.items() if slot is not None}


def _where_it_was(pid: int, leaders: Mapping[int, Leader], before: Look) -> int | None:
    slot = before.slots[pid]
    leader = leaders.get(slot)
    return slot if leader is not None and leader.origin == before.leaders[slot].origin else None


def _counted_of_the_ended(tasks: Mapping[int, Task], before: Look) -> dict[int, float]:
    """CPU seconds, counted up to the look before, of processes that have ended since: by the nearest living
    one that each came from, which has them among what it waited for."""
    ended = {
        pid for pid, task in before.tasks.items() if pid not in tasks or tasks[pid].started != task.started
    }
    found: defaultdict[int, float] = defaultdict(float)
    for pid in ended:
        task = before.tasks[pid]
        passed = {pid}
        parent = task.parent
        while parent in ended and parent not in passed:
            passed.add(parent)
            parent = before.tasks[parent].parent
        if parent in tasks and parent not in ended:
            found[parent] += task.cpu + task.waited
    return found


def tree(look: Look, slot: int, most: int) -> list[tuple[Task, int]]:
    """The living processes of ``slot``, each with its depth and before its children: ``most`` of them.

    The leader has depth 0. What has lost its parents comes last, as if it were the leader's.
    """
    leader = look.leaders[slot].pid
    mine = {pid: task for pid, task in look.tasks.items() if look.slots[pid] == slot and not task.zombie}
    children: defaultdict[int, list[int]] = defaultdict(list)
    lost: list[int] = []
    for pid in sorted(mine):
        if pid != leader:
            parent = mine[pid].parent
            (children[parent] if parent in mine else lost).append(pid)
    pending = [(pid, 1) for pid in reversed(lost)]
    if leader in mine:
        pending.append((leader, 0))
    found: list[tuple[Task, int]] = []
    while pending and len(found) < most:
        pid, depth = pending.pop()
        found.append((mine[pid], depth))
        pending.extend((child, depth + 1) for child in reversed(children.pop(pid, [])))
    return found
