"""What other threads and signal handlers have asked of a running build, and nobody has done yet."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple

from ..model import Outcome, Stopping

_STRENGTH = {None: 0, Stopping.DRAINING: 1, Stopping.STOPPING: 2, Stopping.KILLING: 3}


class EndPackage(NamedTuple):
    """End ``origin``, if it is still in ``slot``, as ``outcome``."""

    slot: int
    origin: str
    outcome: Outcome


class Retry(NamedTuple):
    """Build these again, which have failed, and what each of them blocked."""

    origins: tuple[str, ...]


Request = EndPackage | Retry


class Asked:
    """``stage`` is how the build is to be ended, by the strongest wish so far; ``wake()`` has it looked at.

    A request is either taken or refused: none gets lost in the moment in which the build ends.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self.stage: Stopping | None = None
        self._wake = wake
        self._requests: list[Request] = []
        self._closed = False
        self._lock = threading.Lock()

    def stop(self, stage: Stopping) -> None:
        """End the build; a weaker wish than one before changes nothing. Takes no lock, which a signal
        handler could wait for in vain."""
        if self.weaker_than(stage):
            self.stage = stage
        self._wake()

    def weaker_than(self, stage: Stopping) -> bool:
        """Whether nobody has asked for ``stage`` yet, or for more."""
        return _STRENGTH[self.stage] < _STRENGTH[stage]

    def request(self, request: Request) -> bool:
        """Whether ``request`` will be taken; not from signal handlers."""
        with self._lock:
            if self._closed:
                return False
            self._requests.append(request)
        self._wake()
        return True

    def take(self) -> list[Request]:
        """What was requested since the last time, in its order."""
        with self._lock:
            taken, self._requests = self._requests, []
        return taken

    def close(self) -> bool:
        """Refuse whatever is requested from now on. False, and nothing done, while there is something to
        take."""
        with self._lock:
            if self._requests:
                return False
            self._closed = True
            return True
