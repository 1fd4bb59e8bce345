"""Keeps the files that share a lock up to date: text and JSON here, others beside.

While a build runs its lock is held; when it is over the last numbers are left and the lock is let go of.
A build that begins later, as one that is followed may, takes it again.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from .formats import FormatError, json, text
from .model import Snapshot
from .pidlock import LockHeld, PidLock
from .replacing import check_replaceable, remove_leftovers, replace_file
from .targets import MonitorBusy, MonitorError, Target

TEXT_EVERY = 2
"""Seconds of the build between two writes of the text file; JSON is written at each tick."""
_BRIEFLY = 0.1
"""Seconds that a lock is tried for in the midst of a build."""


class Place(Protocol):
    """Files that share a lock. ``broken`` is for whoever reports what is wrong with them."""

    broken: bool
    targets: tuple[Target, ...]

    def write(self, snapshot: Snapshot) -> None:
        """Bring every file up to date that is due. OSError, LockHeld or MonitorError where one cannot be."""

    def close(self) -> None:
        """Nobody writes here any more. Idempotent."""


class Locked:
    """The lock of some targets, held from the beginning to the end of a build."""

    def __init__(self, targets: Sequence[Target], patience: float, *, leave: bool = False) -> None:
        """``leave`` says that the lock's file stays when it is let go of, as dsynth's does."""
        self.targets = tuple(targets)
        self.broken = False
        self._leave = leave
        self._lock: PidLock | None = None
        self._path = self.targets[0].lock
        try:
            self._lock = PidLock(self._path, patience)
        except LockHeld as error:
            raise MonitorBusy(self.targets[0].path, error.pid) from None
        except OSError as error:
            raise MonitorError(
                f"{self.targets[0].path} cannot be kept: {error.strerror} ({error.filename})"
            ) from error

    def hold(self) -> None:
        """See that the lock is ours, and where everybody looks for it."""
        if self._lock is None or not self._lock.in_place:
            # Somebody removed it: a follower would take us for gone. Or another build has begun.
            # A reader's look is over in no time; another build's is not worth holding up the pulse for.
            fresh = PidLock(self._path, _BRIEFLY)
            self.let_go()
            self._lock = fresh

    def let_go(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release(leave=self._leave)

    @property
    def told(self) -> bool:
        """Whether the end has been written."""
        return self._lock is None


class FilesPlace(Locked):
    """Text and JSON files of one name, each replaced in one step.

    At the end the text file goes, and JSON stays to tell how it was.
    """

    def __init__(self, targets: Sequence[Target], patience: float) -> None:
        for target in targets:
            check_replaceable(target.path, _is_monitor_file)
        super().__init__(targets, patience)
        self._text_at: int | None = None
        for target in targets:
            remove_leftovers(target.path)

    def write(self, snapshot: Snapshot) -> None:
        if snapshot.over and self.told:
            return
        self.hold()
        elapsed = snapshot.elapsed or 0
        due = self._text_at is None or not 0 <= elapsed - self._text_at < TEXT_EVERY
        for kind, path in self.targets:
            if kind == "json":
                replace_file(path, json.encode(snapshot))
            elif due and not snapshot.over:
                self._text_at = None  # due again if this write fails
                replace_file(path, text.encode(snapshot))
                self._text_at = elapsed
        if snapshot.over:
            self.close()

    def close(self) -> None:
        lock = self._lock
        self._text_at = None
        if lock is not None and lock.in_place:
            for kind, path in self.targets:
                if kind == "text":
                    with suppress(OSError):
                        os.unlink(path)
        self.let_go()


def _is_monitor_file(data: bytes) -> bool:
    with suppress(FormatError):
        json.decode(data)
        return True
    with suppress(FormatError):
        text.decode(data, now=0.0)
        return True
    return False
