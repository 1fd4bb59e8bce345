"""Lines of a stream of events in, snapshots out: one build after the other, each at the stream's own times.

No file is read here, and time is an argument.
"""

from __future__ import annotations

import math
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..collector import Collector
from ..formats import events
from ..formats.events import UnknownEvent
from ..model import BuildState, Snapshot, Source, SourceKind, Totals
from ..probes import Probe, host_probe
from ..throttle import Policy
from ..units import MAX_SECONDS
from .told import ToldBuild

_DO: dict[type, Callable[[ToldBuild, Any], None]] = {
    events.Queued: ToldBuild.queued,
    events.Start: ToldBuild.start,
    events.Phase: ToldBuild.phase,
    events.Lines: ToldBuild.lines,
    events.Done: ToldBuild.done,
    events.Log: ToldBuild.log,
    events.End: ToldBuild.end,
}
_BEGINNING = {events.Queued, events.Start, events.Done, events.Log}
"""What tells of a build, even if none was said to begin: whoever reads a FIFO may have come late."""
_OF_ANOTHER = {events.Queued, events.Start}
"""What tells of another one where the one before is over."""
_WITHOUT_SLOTS: dict[str, Any] = {
    "workers": (),
    "active": None,
    "max_workers": None,
    "dynmax": None,
    "reason": None,
}
"""What is not known of a build that only tells of what has ended."""
_SAME_CLOCK = 0.5
"""Seconds by which the two clocks may drift apart: as long as it is the same sum that makes one of the other,
whole seconds of the stream are whole seconds here."""


class _Moment(threading.local):
    """The monotonic and the epoch second of what this thread records; None: it happens now."""

    at: float | None = None
    wall: float = 0.0


class Intake:
    """What the stream that the user calls ``given`` says, line by line.

    :meth:`take`, :meth:`end` and :meth:`anew` are called by one thread, :meth:`snapshot` by another.
    ``probe`` samples this host, ``throttle`` names the policy that finds DynMax, ``stalled_after`` has the
    seconds by phase after which a slot is stalled; ``clock`` is monotonic and ``wall`` epoch seconds.
    """

    longest = events.LONGEST
    """Bytes of a line that are worth reading."""

    def __init__(
        self,
        given: str,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
        probe: Probe | None = None,
        throttle: str | Policy = "step",
        stalled_after: Mapping[str, float] | None = None,
    ) -> None:
        self._source = Source(SourceKind.EVENTS, given, socket.gethostname())
        self._clock, self._wall = clock, wall
        self._probe, self._throttle = probe or host_probe(), throttle
        self._stalled_after = stalled_after
        self._moment = _Moment()
        self.anew()

    def anew(self) -> None:
        """Another stream begins: what was is forgotten."""
        self._build: ToldBuild | None = None
        self._number = 0
        self._untold = 0
        self._first_untold = ""
        self._latest = -math.inf
        self._offset = math.nan
        self._ended: float | None = None
        self._last: Snapshot | None = None

    # -- what comes -------------------------------------------------------------------------------

    def take(self, lines: Iterable[bytes], now: float, wall: float) -> None:
        """Lines that were read at monotonic second ``now``, which is epoch second ``wall``."""
        if not abs(now - wall - self._offset) < _SAME_CLOCK:
            self._offset = now - wall
        try:
            for line in lines:
                self._number += 1
                if not line or line.isspace():
                    continue
                try:
                    self._apply(events.parse(line), now)
                except ValueError as error:
                    self._leave_out(error)
        finally:
            self._moment.at = None

    def _apply(self, event: events.Event, now: float) -> None:
        if isinstance(event, events.Begin):
            # A file may be put together of several builds, in any order.
            self._happen(event.time, now, -math.inf)
            self._begin(event)
            return
        self._happen(event.time, now, self._latest)
        kind, build = type(event), self._build
        if build is None or (build.over and kind in _OF_ANOTHER):
            if kind not in _BEGINNING:
                raise ValueError("no build has begun")
            build = self._begin(events.Begin())
        build.latest = self._latest
        _DO[kind](build, event)

    def _happen(self, time: float | None, now: float, last: float) -> None:
        """What is recorded next happened at epoch second ``time``, not before ``last`` and not in the future.

        A time that no build of these years can have is like none.
        """
        moment = now if time is None else time + self._offset
        if not now - MAX_SECONDS <= moment <= now:
            moment = now
        if moment < last:
            moment = last
        self._latest = self._moment.at = moment
        self._moment.wall = moment - self._offset

    def _begin(self, event: events.Begin) -> ToldBuild:
        collector = Collector(
            event.workers or 1,
            throttle=self._throttle,
            probe=self._probe,
            clock=self._event_clock,
            wall=self._event_wall,
            source=self._source._replace(name=event.name, logs=event.logs),
            stalled_after=self._stalled_after,
        )
        build = ToldBuild(event, collector, self._latest)
        if self._untold:
            build.malformed(self._first_untold, self._untold)
            self._untold = 0
        self._build = build
        return build

    def _event_clock(self) -> float:
        at = self._moment.at
        return self._clock() if at is None else at

    def _event_wall(self) -> float:
        return self._wall() if self._moment.at is None else self._moment.wall

    def _leave_out(self, error: ValueError) -> None:
        build, why = self._build, f"line {self._number} of the stream is left out: {error}"
        if build is None:
            self._first_untold = self._first_untold or why
            self._untold += 1
            return
        # Not now: in a file, what comes after it may be of yesterday.
        self._moment.at = self._latest
        if isinstance(error, UnknownEvent):
            build.unknown(error.name[:40], why)
        else:
            build.malformed(why)

    def end(self, now: float, wall: float) -> None:
        """Nothing more will come: a build that no event has ended is gone."""
        build = self._build
        if build is not None and not build.over:
            self._happen(None, now, self._latest)
            build.sum_up()
            self._moment.at = None
        self._ended = now

    # -- what is shown ----------------------------------------------------------------------------

    def snapshot(self, now: float, wall: float, age: int | None, *, behind: bool) -> Snapshot:
        """How the build stands at monotonic second ``now``, which is epoch second ``wall``.

        ``behind`` says that more has come than was taken: it stands as the last event has left it then.
        """
        build, ended = self._build, self._ended
        if build is None:
            return self._nothing(wall, age)
        last = self._last
        if last is None or ended is None:
            gone = ended is not None and not build.over
            # A tick that was held up may be older than what has come meanwhile.
            moment = ended if gone else build.latest if behind else max(now, build.latest)
            taken = build.collector.tick(moment)
            changes: dict[str, Any] = {}
            if gone:
                changes["state"] = BuildState.GONE
            if not build.queue_said:
                changes["totals"] = taken.totals._replace(queued=None)
            if not build.has_slots:
                changes |= _WITHOUT_SLOTS
            last = replace(taken, **changes)
            if ended is not None:
                self._last = last
        return replace(last, time=wall, age=age)

    def _nothing(self, wall: float, age: int | None) -> Snapshot:
        problem = "no event has come yet"
        if self._ended is not None:
            problem = "it ended, and no event had come"
        if self._untold:
            problem = f"{problem}; {self._first_untold}"
        state = BuildState.WAITING if self._ended is None else BuildState.GONE
        return Snapshot(
            seq=0,
            state=state,
            time=wall,
            source=self._source,
            age=age,
            problem=problem,
            totals=Totals(None),
        )
