"""What was asked for and is not done yet. Many of a kind, as from a held key, come to one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple

_ADD = frozenset({"scroll", "shift"})
"""Two of these come to one with the sum."""
_LAST = frozenset({"resize", "wrap", "to_start", "to_end", "to_line", "to_offset", "search"})
"""Of these only the last one matters."""
ONCE = frozenset({"again", "phase", "error"})
"""Of these one waits at most: each may take its time, and the next one goes on from where it came to."""
BESIDE = frozenset({"resize", "wrap", "shift", "save"})
"""These change nothing of where the others go, and interrupt nothing."""
_MOVES = frozenset({"scroll", "to_start", "to_end", "to_line", "to_offset"})
"""These are made void by what goes to some place, wherever one was before."""
_PLACES = frozenset({"to_start", "to_end", "to_line", "to_offset"})
_MOST = 100


class Command(NamedTuple):
    """``name`` is that of the pager's method."""

    name: str
    values: tuple[object, ...] = ()


class Commands:
    """A queue that any thread puts commands in, and one takes them from."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[Command] = []
        self._closed = False

    def put(self, name: str, *values: object) -> None:
        """Have this done. Returns at once."""
        with self._changed:
            merged(self._waiting, Command(name, values))
            self._changed.notify()

    def take(self, timeout: float, may: Callable[[Command], bool]) -> Command | None:
        """The next one, after ``timeout`` seconds at most. One that ``may`` not be done yet waits on, and
        only what stands beside the others goes before it."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed, timeout)
            for index, command in enumerate(self._waiting):
                if command.name in BESIDE or (index == 0 and may(command)):
                    return self._waiting.pop(index)
            return None

    def wanted(self, may: Callable[[Command], bool]) -> bool:
        """Whether something waits for what is being done to be given up."""
        with self._changed:
            others = (command for command in self._waiting if command.name not in BESIDE)
            first = next(others, None)
            return self._closed or (first is not None and may(first))

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        """Take no more. Idempotent."""
        with self._changed:
            self._closed = True
            self._changed.notify()


def merged(waiting: list[Command], command: Command) -> None:
    """Put ``command`` behind those that wait, or in the place of what it makes void."""
    name = command.name
    if name in _PLACES:
        waiting[:] = [other for other in waiting if other.name not in _MOVES]
    for index in range(len(waiting) - 1, -1, -1):
        other = waiting[index]
        if other.name == name:
            if name in _ADD:
                waiting[index] = Command(name, (_sum(other, command),))
                return
            if name in _LAST or (name in ONCE and other.values == command.values):
                waiting[index] = command
                return
        if other.name not in BESIDE and name not in BESIDE:
            break  # one after the other: it matters from where each sets out
    if len(waiting) < _MOST:
        waiting.append(command)


def _sum(first: Command, second: Command) -> int:
    (one,), (other,) = first.values, second.values
    assert isinstance(one, int)
    assert isinstance(other, int)
    return one + other
