"""Says the ETA at each tick, from an estimate that is made now and then in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from ..model import BuildState, Eta, Finished, Outcome, Snapshot, Source, Stopping, View
from .expected import Expected
from .forecast import Forecast, forecast
from .past import NO_PAST, Past
from .work import Work

_DYNMAX_TICKS, _ACTIVE_TICKS = 60, 300
"""Over so many snapshots slots are averaged, or as many as there were: DynMax moves up and down with the load
all the time."""

_SOON = 0.5
"""Seconds after which it is tried again, where it is not known yet what is left."""

_STALE = 60.0
"""Seconds after which an estimate says nothing any more: the build was suspended, or a disk hangs."""


class _Shown(NamedTuple):
    """What is said: the monotonic second at which the build ends, how sure that is, and when it was found."""

    end: float
    plus_minus: float
    at: float


class Estimator:
    """The time to go of the build that its snapshots tell of.

    ``work`` says what is left at a snapshot, or None where that is not known, and after it ``past`` what
    earlier builds say; both are asked in the thread, before each estimate, and may wait. An estimate is
    made of the newest snapshot, each ``every`` seconds at most; in between the time counts down. ``clock`` is
    monotonic. The thread begins with the first snapshot of a build that goes on. Without ``start`` there is
    none, and somebody else calls :meth:`estimate`.
    """

    def __init__(
        self,
        work: Callable[[Snapshot], Work | None],
        past: Callable[[], Past],
        *,
        every: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
        start: bool = True,
    ) -> None:
        self._work = work
        self._past = past
        self._every = every
        self._clock = clock
        self._source: Source | None = None
        self._newest: tuple[Snapshot, float] | None = None
        self._shown: _Shown | None = None
        self._failure: Exception | None = None
        self._ticks = 0  # of this build
        self._dynmax: float | None = None
        self._active: float | None = None
        self._known = NO_PAST
        self._expected = Expected(NO_PAST)
        self._learnt: View[Finished] = View()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._to_start = start

    # -- what others ask and tell, at once -------------------------------------------------------

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """How the build is now."""
        if snapshot.state is not BuildState.BUILDING or snapshot.stopping in (
            Stopping.STOPPING,
            Stopping.KILLING,
        ):
            self._newest = self._shown = None
            return
        if snapshot.source != self._source:  # another build was chosen
            self._source = snapshot.source
            self._shown = self._dynmax = self._active = None
            self._ticks = 0
        self._ticks += 1
        limit = snapshot.dynmax or snapshot.max_workers
        if limit is not None:
            self._dynmax = _averaged(self._dynmax, limit, min(self._ticks, _DYNMAX_TICKS))
        # It begins with all slots: the first package, which all others need, is alone for a while, and nobody
        # knows yet how many will be in use. Of a build that is older, what is seen counts at once.
        young = _ACTIVE_TICKS - (snapshot.elapsed or 0)
        ticks = min(max(self._ticks, young), _ACTIVE_TICKS)
        self._active = _averaged(self._active or limit, snapshot.active or len(snapshot.workers), ticks)
        self._newest = snapshot, self._clock()
        self._wake.set()
        if self._to_start and not self._closing.is_set():
            self._to_start = False
            threading.Thread(target=self._run, name="synthtop-eta", daemon=True).start()

    def __call__(self, now: float) -> Eta | None:
        """The time to go at monotonic second ``now``; None while nothing can be said.

        What went wrong with the last estimate is raised here.
        """
        failure, shown = self._failure, self._shown
        if failure is not None:
            raise failure
        if shown is None or now - shown.at > _STALE:
            return None
        return Eta(max(0, round(shown.end - now)), round(shown.plus_minus))

    def close(self) -> None:
        """Estimate nothing more. Idempotent."""
        self._closing.set()
        self._wake.set()
        self._newest = self._shown = None

    # -- the thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            if self._closing.is_set():
                return
            pause = self._every
            try:
                pause = self.estimate()
            except Exception as error:  # noqa: BLE001  (whoever asks for the ETA is told, and there may be one again)
                self._failure = error
            else:
                self._failure = None
            if self._closing.wait(pause):
                return

    def estimate(self) -> float:
        """Make an estimate of the newest snapshot. Returns in how many seconds the next one is due."""
        newest = self._newest
        if newest is None:
            return self._every
        snapshot, at = newest
        found = None
        work = self._work(snapshot)
        if work is not None:
            self._learn(snapshot)
            found = forecast(work, self._expected, self._slots(work))
        shown = None if found is None else _calmed(self._shown, found, at)
        # The build may have ended meanwhile, or another one be shown.
        newest = self._newest
        if newest is not None and newest[0].source == snapshot.source:
            self._shown = shown
        return self._every if work is not None else min(_SOON, self._every)

    def _slots(self, work: Work) -> int:
        """How many slots will be in use: those that DynMax allows. Where nobody knows who needs whom, as many
        as were in use in the last minutes: others are empty since one package needs another, and will be."""
        slots = self._dynmax or self._active or 1.0
        if not work.dependents and self._active is not None:
            slots = min(slots, self._active)
        return max(1, round(slots))

    def _learn(self, snapshot: Snapshot) -> None:
        """Learn from what has ended since the last time; from all where that is another build's, or something
        was taken back."""
        past, finished = self._past(), snapshot.finished
        if past is not self._known or not finished.continues(self._learnt):
            self._known, self._expected, self._learnt = past, Expected(past), View()
        for package in finished[len(self._learnt) :]:
            # One that failed says little of how long it takes when it does not.
            if package.outcome is Outcome.BUILT and package.duration is not None:
                self._expected.ended(package.origin, package.duration)
        self._learnt = finished


def _averaged(before: float | None, now: float, ticks: int) -> float:
    return now if before is None else before + (now - before) / ticks


def _calmed(before: _Shown | None, found: Forecast, at: float) -> _Shown:
    """What is to be said after an estimate made at monotonic second ``at``.

    Within its own uncertainty a new estimate is hardly better than the one before, and moves it by little;
    far outside it, something has happened.
    """
    end = at + found.seconds
    if before is None or at - before.at > _STALE:
        return _Shown(end, found.plus_minus, at)
    off = end - before.end
    share = abs(off) / (abs(off) + found.plus_minus + 1)
    return _Shown(before.end + share * off, found.plus_minus, at)
