"""The process table with what each process uses: CPU seconds and resident memory.

:mod:`proctree` reads what is needed to end processes, when some are to be ended; this is read every few
seconds while somebody wants to know, and costs accordingly.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import NamedTuple

MOST_TASKS = 3000
"""Processes on the host above which the table is not read: a pass over so many takes 50 ms of CPU. That is 14
us for each to open, read and parse, and one to find its slot, measured with Python 3.11 on Linux 6.18."""
_COMMAND = 4096
"""Bytes of a command that are read."""
_PATIENCE = 10.0
"""Seconds after which ps is not waited for."""


class TasksUnknown(Exception):
    """The table was not read. ``str(error)`` says why, in one line."""


class Task(NamedTuple):
    """One process. ``cpu`` are the seconds that it used itself, ``waited`` those of the children that it has
    waited for, with what these had waited for; ``rss`` is in bytes. ``started``, in whatever unit, tells a
    pid from a later one like it."""

    pid: int
    parent: int
    group: int
    session: int
    zombie: bool
    started: int | str
    cpu: float
    waited: float
    rss: int


def table(platform: str = sys.platform, most: int = MOST_TASKS) -> dict[int, Task]:
    """All processes by pid. TasksUnknown where there are more than ``most``, or the host does not tell."""
    return _from_proc(most) if platform == "linux" else _from_ps(most)


def commands(pids: Sequence[int], platform: str = sys.platform) -> dict[int, str]:
    """The arguments of each process with blanks between, as far as it is still there: text from outside.

    A zombie has but its name, in brackets.
    """
    if platform == "linux":
        return {pid: command for pid in pids if (command := _command_in_proc(pid)) is not None}
    return _commands_by_ps(pids) if pids else {}


# -- Linux ---------------------------------------------------------------------------------------


def _from_proc(most: int) -> dict[int, Task]:
    tick, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    try:
        pids = [name for name in os.listdir("/proc") if name.isdigit()]
        _refuse_more_than(most, len(pids))
        proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise TasksUnknown(f"/proc cannot be read: {error.strerror}") from None
    found = {}
    try:
        for name in pids:
            stat = _content(f"{name}/stat", 1024, proc)
            # The command stands in parentheses and may hold blanks and parentheses itself.
            fields = stat[stat.rfind(b")") + 2 :].split(None, 22)
            if len(fields) < 23:
                continue  # it ended meanwhile
            pid = int(name)
            found[pid] = Task(
                pid,
                int(fields[1]),
                int(fields[2]),
                int(fields[3]),
                fields[0] in (b"Z", b"X"),
                int(fields[19]),
                (int(fields[11]) + int(fields[12])) / tick,
                (int(fields[13]) + int(fields[14])) / tick,
                int(fields[21]) * page,
            )
    finally:
        os.close(proc)
    return found


def _content(path: str, size: int, directory: int | None = None) -> bytes:
    """The first ``size`` bytes of a file in /proc; none where the process has ended, or is not ours to read.

    A third faster than a file object, which matters for thousands.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=directory)
    except OSError:
        return b""
    try:
        return os.read(descriptor, size)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _command_in_proc(pid: int) -> str | None:
    arguments = _content(f"/proc/{pid}/cmdline", _COMMAND).rstrip(b"\0").replace(b"\0", b" ")
    if not arguments:
        name = _content(f"/proc/{pid}/comm", _COMMAND).rstrip(b"\n")
        arguments = b"[%b]" % name if name else b""
    return arguments.decode("utf-8", "replace") or None


def _refuse_more_than(most: int, count: int) -> None:
    if count > most:
        raise TasksUnknown(f"{count:,} processes on this host: more than {most:,} are not looked at")


# -- elsewhere: ps, which does not tell what was waited for -----------------------------------------


def _from_ps(most: int) -> dict[int, Task]:
    lines = _ps("-axo", "pid=,ppid=,pgid=,state=,rss=,time=,lstart=")
    _refuse_more_than(most, len(lines))
    found = {}
    for line in lines:
        fields = line.split(None, 6)
        if len(fields) == 7 and all(fields[place].isdigit() for place in (0, 1, 2, 4)):
            pid, parent, group = map(int, fields[:3])
            zombie, rss, cpu = fields[3].startswith("Z"), int(fields[4]) * 1024, _seconds(fields[5])
            found[pid] = Task(pid, parent, group, 0, zombie, fields[6], cpu, 0.0, rss)
    return found


def _commands_by_ps(pids: Sequence[int]) -> dict[int, str]:
    try:
        lines = _ps("-wwo", "pid=,command=", "-p", ",".join(map(str, pids)))
    except TasksUnknown:
        return {}
    found = {}
    for line in lines:
        pid, _, command = line.strip().partition(" ")
        if pid.isdigit():
            found[int(pid)] = command.strip()[:_COMMAND]
    return found


def _ps(*arguments: str) -> list[str]:
    try:
        done = subprocess.run(
            ("/bin/ps", *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LC_ALL": "C"},
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TasksUnknown(f"ps cannot be asked for the processes: {error}") from None
    return done.stdout.decode("utf-8", "replace").splitlines()


def _seconds(time: str) -> float:
    """``[[days-]hours:]minutes:seconds``, as each ps writes it; 0 for anything else."""
    days, _, clock = time.rpartition("-")
    total = 0.0
    try:
        for part in clock.split(":"):
            total = total * 60 + float(part)
        return total + (int(days) * 86_400 if days else 0)
    except ValueError:
        return 0.0
