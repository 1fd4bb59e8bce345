"""Which processes come from which, so that none is left behind.

Reads the process table only when something is to be stopped. No state, no signals but :func:`signal_all`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Collection, Iterable
from typing import NamedTuple


class Process(NamedTuple):
    """One line of the process table. ``started``, in whatever unit, tells a pid from a later one like it."""

    pid: int
    parent: int
    group: int
    session: int
    zombie: bool
    started: int | str = 0


def table(platform: str = sys.platform) -> dict[int, Process]:
    """All processes by pid. Empty where the host does not tell."""
    return _from_proc() if platform == "linux" else _from_ps()


def _from_proc() -> dict[int, Process]:
    found = {}
    try:
        names = os.listdir("/proc")
    except OSError:
        return {}
    for name in names:
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                stat = file.read()
        except OSError:
            continue  # it ended meanwhile
        # The command stands in parentheses and may hold blanks and parentheses itself.
        fields = stat[stat.rfind(b")") + 2 :].split(None, 20)
        pid, parent, group, session = int(name), int(fields[1]), int(fields[2]), int(fields[3])
        found[pid] = Process(pid, parent, group, session, fields[0] in (b"Z", b"X"), int(fields[19]))
    return found


def _from_ps() -> dict[int, Process]:
    # The session is 0 on macOS: tree and group find all but what has left both.
    command = ["/bin/ps", "-axo", "pid=,ppid=,pgid=,state=,lstart="]
    try:
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={"LC_ALL": "C"}
        ) as ps:
            try:
                output = ps.communicate(timeout=10)[0]
            except subprocess.TimeoutExpired:
                ps.kill()
                return {}
    except OSError:
        return {}
    found = {}
    for line in output.decode("ascii", "replace").splitlines():
        fields = line.split(None, 4)
        if len(fields) == 5 and all(field.isdigit() for field in fields[:3]):
            pid, parent, group = map(int, fields[:3])
            found[pid] = Process(pid, parent, group, 0, fields[3].startswith("Z"), fields[4])
    # It lists itself, as a child of ours: whoever waits for our last descendant would wait for ever.
    found.pop(ps.pid, None)
    return found


def descendants(processes: dict[int, Process], roots: Collection[int]) -> dict[int, Process]:
    """The living processes that come from ``roots``, the roots not included.

    Zombies are followed, since their children may not have been given to another yet.
    """
    children: dict[int, list[int]] = {}
    for process in processes.values():
        children.setdefault(process.parent, []).append(process.pid)
    found: dict[int, Process] = {}
    pending = list(roots)
    while pending:
        for child in children.get(pending.pop(), ()):
            if child not in found:
                found[child] = processes[child]
                pending.append(child)
    return {pid: process for pid, process in found.items() if pid not in roots and not process.zombie}


def of_session(processes: dict[int, Process], leader: int) -> dict[int, Process]:
    """The living processes of a session and group that ``leader`` leads, and all that come from them.

    What lost its parent is still found here as long as it stayed in either.
    """
    members = {pid for pid, process in processes.items() if leader in (process.group, process.session)}
    found = descendants(processes, members | {leader})
    found.update((pid, processes[pid]) for pid in members if not processes[pid].zombie)
    return found


def still_there(processes: dict[int, Process], earlier: dict[int, Process]) -> dict[int, Process]:
    """Those of ``earlier`` that live on: a pid that was given to another process is not one of them."""
    return {
        pid: process
        for pid, process in earlier.items()
        if pid in processes and processes[pid].started == process.started and not processes[pid].zombie
    }


def signal_all(pids: Iterable[int], signum: signal.Signals) -> None:
    """Send ``signum`` to each; one that has ended or is not ours is none to signal."""
    for pid in pids:
        try:
            os.kill(pid, signum)
        except (ProcessLookupError, PermissionError):
            continue


def signal_groups(groups: Iterable[int], signum: signal.Signals) -> None:
    """Send ``signum`` to each process group; one that is empty or not ours is none to signal."""
    for group in groups:
        try:
            os.killpg(group, signum)
        except (ProcessLookupError, PermissionError):
            continue
