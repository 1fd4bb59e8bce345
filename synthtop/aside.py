"""Processes of this program that are no part of a build: what tells somebody, shows a log, or searches one.

Whoever starts one ends it. Whatever else is left of a build is ended with it, so that these have to be known.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

_PATIENCE = 1.0
"""Seconds that a start is waited for: a program on a dead disk must not hold up the end of a build."""


class Aside:
    """The process groups that are known, each by its leader. All methods from any thread."""

    def __init__(self, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self._groups: set[int] = set()
        self._codes: dict[int, int] = {}
        self._starting = 0
        self._news = threading.Condition()

    def popen(self, argv: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        """Start ``argv`` as subprocess does, and know it from then on. ``options`` have to make it the leader
        of a group. OSError or ValueError where it cannot be started."""
        with self._begun():
            process = subprocess.Popen(argv, **options)
            with self._news:
                self._groups.add(process.pid)
            return process

    @contextmanager
    def _begun(self) -> Iterator[None]:
        with self._news:
            self._starting += 1
        try:
            yield
        finally:
            with self._news:
                self._starting -= 1
                self._news.notify_all()

    def reaped(self, pid: int, code: int) -> None:
        """Whoever waits for all children of this process has seen one end that is not theirs, with ``code``:
        its exit status, or minus the signal that killed it."""
        with self._news:
            if pid in self._groups:
                self._codes[pid] = code

    def done(self, leader: int) -> int | None:
        """What ``leader`` led has ended, or is nobody's any more; its code, where it is known from
        :meth:`reaped`. One that is not known is no error."""
        with self._news:
            self._groups.discard(leader)
            return self._codes.pop(leader, None)

    def groups(self) -> frozenset[int]:
        """Those that run now. Waits a moment for one that is being started."""
        with self._news:
            self._news.wait_for(lambda: not self._starting, self._patience)
            return frozenset(self._groups)


_ASIDE = Aside()
popen, reaped, done, groups = _ASIDE.popen, _ASIDE.reaped, _ASIDE.done, _ASIDE.groups
"""Those of this process."""
