"""Follows whatever is at a path, and never waits for a dead disk.

What is followed is found and read in a thread of its own: the file system may not answer for hours.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from ..model import BuildState, Snapshot
from ..probes import Probe
from ..throttle import Policy
from .following import Finds, Following, nothing
from .opening import Opening


class Follower:
    """A feed of whatever build is at ``path``: a file or directory of any kind, a FIFO, or ``-`` for stdin.

    :meth:`tick` never raises and never hangs: what does not answer within ``patience`` seconds is told in the
    snapshot. ``opening`` finds and opens what is read; ``clock`` is monotonic, ``wall`` epoch seconds.
    """

    def __init__(
        self,
        path: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        patience: float = 1.0,
        stdin: int = 0,
        probe: Probe | None = None,
        throttle: str | Policy = "step",
        stalled_after: Mapping[str, float] | None = None,
        opening: Finds | None = None,
    ) -> None:
        self._path = path
        self._clock, self._wall = clock, wall
        self._patience = patience
        self._following = Following(
            opening
            or Opening(
                path,
                stdin=stdin,
                probe=probe,
                throttle=throttle,
                stalled_after=stalled_after,
                clock=clock,
                wall=wall,
            )
        )
        self._changed = threading.Condition()  # guards what follows
        self._thread: threading.Thread | None = None
        self._asked: tuple[float, float] | None = None  # None: it has been answered
        self._answer: Snapshot | None = None
        self._answered_at = 0.0
        self._closing = False

    def tick(self, now: float | None = None) -> Snapshot:
        """How the build stands at monotonic second ``now``."""
        now = self._clock() if now is None else now
        wall = self._wall()
        with self._changed:
            if not self._closing and self._asked is None:
                self._asked = now, wall
                self._begin()
                self._changed.notify_all()
                # Only once: as long as it hangs, nobody waits for it again.
                self._changed.wait_for(lambda: self._asked is None, self._patience)
            if self._asked is not None:
                return self._unanswered(now - self._asked[0], now, wall)
            return self._answer or nothing(
                self._path, BuildState.WAITING, "it is not followed any more", wall
            )

    def _unanswered(self, seconds: float, now: float, wall: float) -> Snapshot:
        problem = f"the file system has not answered for {max(seconds, 1.0):.0f} s"
        said = self._answer
        if said is None:
            return nothing(self._path, BuildState.UNREADABLE, problem, wall)
        state = said.state
        if not said.over:
            known = state in (BuildState.BUILDING, BuildState.STALE)
            state = BuildState.STALE if known else BuildState.UNREADABLE
        age = (said.age or 0) + int(now - self._answered_at)
        return replace(said, state=state, problem=problem, age=age)

    def _begin(self) -> None:
        if self._thread is None:
            # A daemon: a program ends although this hangs.
            self._thread = threading.Thread(target=self._run, name="synthtop-follow", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while (asked := self._next()) is not None:
            answer = self._polled(*asked)
            with self._changed:
                self._answer, self._answered_at = answer, asked[0]
                self._asked = None
                self._changed.notify_all()
        self._following.close()

    def _next(self) -> tuple[float, float] | None:
        """Wait until there is something to do; None once that is to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._asked is not None)
            return None if self._closing else self._asked

    def _polled(self, now: float, wall: float) -> Snapshot:
        try:
            return self._following.poll(now, wall)
        except Exception as error:  # noqa: BLE001  (whatever a file makes of us: told, and it is tried again)
            problem = f"internal error: {type(error).__name__}: {error}"
            return nothing(self._path, BuildState.UNREADABLE, problem, wall)

    def close(self) -> None:
        """Follow no more. Idempotent; what hangs is left behind."""
        with self._changed:
            self._closing = True
            hangs = self._asked is not None
            self._changed.notify_all()
        if self._thread is not None and not hangs:
            self._thread.join(self._patience)
