"""Finds causes in a thread of its own, the newest asked for first, and remembers them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from ..model import Finished
from .cause import Cause

_KEPT = 500
"""Causes that are remembered, the last asked for."""
_WAITING = 500
"""Packages that are waited for at most: who asked for the oldest of more has scrolled on."""

_Key = tuple[str, str, int | None]


class Causes:
    """``tell`` is called, from the thread, whenever one more is known."""

    def __init__(self, tell: Callable[[], None], *, find: Callable[..., Cause] | None = None) -> None:
        self._tell = tell
        self._find = find
        self._known: OrderedDict[_Key, Cause] = OrderedDict()
        self._asked: OrderedDict[_Key, Finished] = OrderedDict()
        self._news = threading.Condition()
        self._doing: _Key | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def of(self, package: Finished) -> Cause | None:
        """Why ``package`` failed; None while that is being looked for. Returns at once.

        A package that was built again has failed at another second, and is looked for anew.
        """
        if package.log is None:
            return Cause((), problem="there is no log")
        key = package.log, package.origin, package.at
        with self._news:
            if (cause := self._known.get(key)) is not None:
                self._known.move_to_end(key)
                return cause
            if self._closed or key == self._doing:
                return None
            self._asked[key] = package
            self._asked.move_to_end(key)
            if len(self._asked) > _WAITING:
                self._asked.popitem(last=False)
            if self._thread is None:
                # A daemon: a file system that hangs must not keep the program from ending.
                self._thread = threading.Thread(target=self._run, name="causes", daemon=True)
                self._thread.start()
            self._news.notify()
        return None

    def close(self) -> None:
        """Look for no more, and end the thread. Idempotent."""
        with self._news:
            self._closed = True
            self._asked.clear()
            self._news.notify()

    def _run(self) -> None:
        look = self._find or _finder()
        while True:
            with self._news:
                while not self._asked and not self._closed:
                    self._news.wait()
                if self._closed:
                    return
                key, package = self._asked.popitem()
                self._doing = key
            cause = look(key[0], phase=package.phase, reason=package.reason)
            with self._news:
                self._doing = None
                if self._closed:
                    return
                self._known[key] = cause
                if len(self._known) > _KEPT:
                    self._known.popitem(last=False)
            self._tell()


def _finder() -> Callable[..., Cause]:
    # Its hundred expressions take long to compile: not before a failure is looked at.
    from .finding import find

    return find
