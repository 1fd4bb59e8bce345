"""Starting processes, ending them and learning that they ended: the one place that spawns, waits and signals.

Each process leads a session and a group of its own. The runner's thread owns this; only
``wake``, ``suspend`` and ``resume`` may be called from elsewhere.
"""

from __future__ import annotations

import errno
import os
import resource
import select
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple, Protocol

from .. import aside
from . import proctree
from .sweep import end_descendants

_FILES_PER_WORKER = 3
"""Its log, its pidfd, and one that is being opened."""
_FILES_BESIDES = 128
_WITH_FILE_LIMIT = ("/bin/sh", "-c", 'ulimit -S -n "$0"; exec "$@"')
"""Runs the words behind it with the limit in the first of them: the limit is to be there before they are."""


class Exit(NamedTuple):
    """A process that ended: ``code`` is its exit status, or minus the signal that killed it."""

    pid: int
    code: int


class JobLayer(Protocol):
    """What the runner needs of the operating system; a fake one simulates builds."""

    def spawn(self, argv: Sequence[str], env: Mapping[str, str], cwd: str, output: int) -> int: ...

    def wait(self, timeout: float) -> list[Exit]: ...

    def wake(self) -> None: ...

    def terminate(self, leaders: Collection[int]) -> None: ...

    def kill(self, leaders: Collection[int]) -> None: ...

    def lingers(self, leader: int) -> bool: ...

    def suspend(self, left_by: Collection[int] = ()) -> None: ...

    def resume(self, left_by: Collection[int] = ()) -> None: ...

    def end_rest(self, deadline: Callable[[], float], spare: Callable[[], Collection[int]]) -> int: ...

    def close(self) -> None: ...


class Processes:
    """Real processes. On Linux their ends wake :meth:`wait` through pidfds; elsewhere it looks every 20 ms.

    All children are reaped, also orphans that came to us because we are their subreaper. For many
    ``workers`` the limit of open files is raised; what is started has the old one.
    """

    LOOK_EVERY = 0.02

    def __init__(self, workers: int = 1) -> None:
        self._old_limit = _raised_file_limit(_FILES_PER_WORKER * workers + _FILES_BESIDES)
        self._null = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        self._wake_read, self._wake_write = _pipe()
        self._waking = threading.RLock()  # a handler's wake() may come in the midst of another one
        self._running: dict[int, tuple[subprocess.Popen[bytes], int]] = {}
        self._asked: dict[int, dict[int, proctree.Process]] = {}
        # Without pidfds, or once one could not be had, there is no epoll to wait on.
        self._epoll: select.epoll | None = None
        if hasattr(os, "pidfd_open") and hasattr(select, "epoll"):
            self._epoll = select.epoll()
            self._epoll.register(self._wake_read, select.EPOLLIN)

    def spawn(self, argv: Sequence[str], env: Mapping[str, str], cwd: str, output: int) -> int:
        """Start ``argv`` in a session of its own, stdin from /dev/null, stdout and stderr to ``output``.

        Returns its pid, which is its group and session too. OSError where it cannot be started.
        """
        if self._old_limit is not None:
            # That there is no such program is to be known here: the shell would only say so in the log.
            program = os.path.join(cwd, argv[0]) if "/" in argv[0] else argv[0]
            if shutil.which(program, path=env.get("PATH")) is None:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), argv[0])
            argv = (*_WITH_FILE_LIMIT, str(self._old_limit), *argv)
        # All our descriptors are close-on-exec, so that none has to be closed one by one.
        process = subprocess.Popen(
            argv,
            stdin=self._null,
            stdout=output,
            stderr=output,
            env=env,
            cwd=cwd,
            start_new_session=True,
            close_fds=False,
        )
        pidfd = -1
        if self._epoll is not None:
            try:
                pidfd = os.pidfd_open(process.pid)
                self._epoll.register(pidfd, select.EPOLLIN)
            except OSError:
                # Out of descriptors, or a kernel without them: look from time to time instead.
                self._epoll.close()
                self._epoll = None
        self._running[process.pid] = (process, pidfd)
        return process.pid

    def wait(self, timeout: float) -> list[Exit]:
        """Wait up to ``timeout`` seconds for ends or a :meth:`wake`; all ends so far, perhaps none."""
        if self._epoll is not None:
            self._epoll.poll(timeout)
        else:
            select.select([self._wake_read], [], [], min(timeout, self.LOOK_EVERY))
        with suppress(BlockingIOError):
            os.read(self._wake_read, 4096)
        return self._reap()

    def _reap(self) -> list[Exit]:
        ended = []
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            known = self._running.pop(pid, None)
            if known is None:
                # One of ours that is no part of the build, or an orphan that came to us.
                aside.reaped(pid, os.waitstatus_to_exitcode(status))
                continue
            process, pidfd = known
            if pidfd >= 0:
                os.close(pidfd)  # epoll forgets it by itself
            code = os.waitstatus_to_exitcode(status)
            process.returncode = code
            ended.append(Exit(pid, code))
        return ended

    def wake(self) -> None:
        """Make :meth:`wait` return. From any thread and from signal handlers, also after :meth:`close`."""
        # A full pipe wakes as well.
        with self._waking, suppress(BlockingIOError):
            if self._wake_write >= 0:
                os.write(self._wake_write, b"!")

    def terminate(self, leaders: Collection[int]) -> None:
        """Ask the sessions that ``leaders`` lead, and all that come from them, to end."""
        processes = proctree.table()
        for leader in leaders:
            # While the parents live, the tree still shows who left the session: remembered for kill().
            members = self._asked[leader] = proctree.of_session(processes, leader)
            for signum in (signal.SIGTERM, signal.SIGCONT):
                proctree.signal_groups((leader,), signum)
                proctree.signal_all(members.keys() - {leader}, signum)

    def kill(self, leaders: Collection[int]) -> None:
        """Kill the sessions that ``leaders`` lead, all that come from them, and who was asked to end before.

        A leader that has ended already may be named as well: what it left is killed.
        """
        processes = proctree.table()
        for leader in leaders:
            proctree.signal_groups((leader,), signal.SIGKILL)
            proctree.signal_all(proctree.of_session(processes, leader), signal.SIGKILL)
            asked = self._asked.pop(leader, {})
            proctree.signal_all(proctree.still_there(processes, asked), signal.SIGKILL)

    def lingers(self, leader: int) -> bool:
        """Whether anything is left of the session that ``leader``, which has ended, has led, or of what came
        from it when it was asked to end. True where the process table cannot be read."""
        processes = proctree.table()
        if os.getpid() not in processes:
            return True
        asked = self._asked.get(leader, {})
        left = {**proctree.of_session(processes, leader), **proctree.still_there(processes, asked)}
        return bool(left)

    def suspend(self, left_by: Collection[int] = ()) -> None:
        """Stop the groups of all running processes until :meth:`resume`, and what leaders have left."""
        self._signal_all(left_by, signal.SIGSTOP)

    def resume(self, left_by: Collection[int] = ()) -> None:
        """Continue what :meth:`suspend` stopped."""
        self._signal_all(left_by, signal.SIGCONT)

    def _signal_all(self, left_by: Collection[int], signum: signal.Signals) -> None:
        proctree.signal_groups([*self._running, *left_by], signum)
        if left_by:
            processes = proctree.table()
            for leader in left_by:
                proctree.signal_all(proctree.still_there(processes, self._asked.get(leader, {})), signum)

    def end_rest(
        self, deadline: Callable[[], float], spare: Callable[[], Collection[int]] = frozenset
    ) -> int:
        """End all that is left of us, by force from monotonic second ``deadline()`` on; how many it was.

        The process groups that ``spare()`` names, and what comes from them, are none of it.
        """
        return end_descendants(os.getpid(), deadline, self.wait, spare=spare)

    def close(self) -> None:
        """Let go of the descriptors. What still runs is not ours any more."""
        if self._epoll is not None:
            self._epoll.close()
        for process, pidfd in self._running.values():
            process.returncode = 0  # keeps Popen from complaining; who is left is the guard's
            if pidfd >= 0:
                os.close(pidfd)
        self._running.clear()
        with self._waking:
            pipe, self._wake_write = self._wake_write, -1
            for descriptor in (self._null, self._wake_read, pipe):
                os.close(descriptor)


def _raised_file_limit(needed: int) -> int | None:
    """Raise the soft limit of open files as far as it goes, if ``needed`` is more; the old one, if so.

    Only then: a program started with a limit of millions may loop over all of them.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return None
    # macOS says that there is no hard limit, and refuses to do without a soft one.
    most = needed if hard == resource.RLIM_INFINITY else hard
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        return soft
    return None


def _pipe() -> tuple[int, int]:
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    return read, write
