"""Whether there is room left where a build writes: told before there is none."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence

from ..model import Space

_EVERY = 5.0
"""Seconds between two looks."""
_LEAST = 1 << 30
_LEAST_PART = 0.05
"""Without a limit of its own a file system is low below a gigabyte, a small one below this part of it."""
_ENOUGH = 1.2
"""It is not low any more with so much more than what it was low below: what hovers there is told once."""
_NEWS = 0.05
"""The part by which a low one has to change to be told again."""


class SpaceWatch:
    """Looks every 5 s at the file systems of ``paths``, each once, by the first of its paths.

    ``report`` gets all that are low whenever these change, in a daemon thread of its own: a file system that
    hangs holds up nothing else. ``least`` is how many bytes have to be free; None is a gigabyte, or 5 % of a
    smaller one. A directory that is not there yet stands for the nearest one above it that is. What cannot be
    asked just now is as it was.
    """

    def __init__(
        self,
        paths: Sequence[str],
        report: Callable[[tuple[Space, ...]], object],
        *,
        least: int | None = None,
        device: Callable[[str], int] = lambda path: os.stat(path).st_dev,
        statvfs: Callable[[str], os.statvfs_result] = os.statvfs,
    ) -> None:
        self._paths = [os.path.abspath(path) for path in paths]
        self._report = report
        self._least = least
        self._device = device
        self._statvfs = statvfs
        self._low: dict[str, Space] = {}
        self._told: tuple[Space, ...] = ()
        self._ended = threading.Event()

    def start(self) -> None:
        """Look from now on."""
        threading.Thread(target=self._run, name="synthtop-space", daemon=True).start()

    def close(self) -> None:
        """Report nothing more. Returns at once, whatever a file system does."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.is_set():
            self.look()
            self._ended.wait(_EVERY)

    def look(self) -> None:
        """Look once, and report what is new."""
        seen: set[int] = set()
        low: dict[str, Space] = {}
        for path in self._paths:
            before = self._low.get(path)
            try:
                place, device = self._nearest(path)
                if device in seen:
                    continue
                seen.add(device)
                space = self._space(path, place)
            except OSError:
                space = before
            if space is not None and space.free < self._needed(space, path in self._low):
                low[path] = space
        self._low = low
        now = tuple(low.values())
        if _is_news(now, self._told) and not self._ended.is_set():
            self._told = now
            self._report(now)

    def _nearest(self, path: str) -> tuple[str, int]:
        """The nearest directory at or above ``path`` that is there, and its file system."""
        while True:
            try:
                return path, self._device(path)
            except (FileNotFoundError, NotADirectoryError):
                parent = os.path.dirname(path)
                if parent == path:
                    raise
                path = parent

    def _space(self, path: str, place: str) -> Space | None:
        """None for a file system that does not count blocks."""
        found = self._statvfs(place)
        if not found.f_blocks:
            return None
        # What is left for root alone may make it negative.
        return Space(path, max(0, found.f_bavail) * found.f_frsize, found.f_blocks * found.f_frsize)

    def _needed(self, space: Space, low: bool) -> float:
        least = min(_LEAST, _LEAST_PART * space.total) if self._least is None else self._least
        return least * _ENOUGH if low else least


def _is_news(now: tuple[Space, ...], told: tuple[Space, ...]) -> bool:
    if [space.path for space in now] != [space.path for space in told]:
        return True
    return any(
        abs(space.free - before.free) > _NEWS * before.free for space, before in zip(now, told, strict=True)
    )
