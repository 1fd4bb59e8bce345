"""The readers of what comes line by line: a stream of events, or of whole snapshots.

``mybuilder | synthtop --follow -``, and ``ssh host synthtop status --json --watch | synthtop --follow -``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from ..formats import FormatError, json
from ..formats.sniff import sniff
from ..model import BuildState, Snapshot, Source, SourceKind
from ..pidlock import LockState
from ..probes import Probe
from ..throttle import Policy
from .gathered import Gathered
from .inflow import Inflow, Sink
from .intake import Intake
from .liveness import with_lock

LONGEST_SNAPSHOT = 4 << 20
"""Bytes of a snapshot in one line: one of 1024 slots and 200 log lines has a quarter of a million."""
_FIRST_LOOK = 0.6
"""Seconds that the first poll waits for what is there already: less than a follower does for an answer."""


class _Shown(Sink, Protocol):
    """A sink that shows what came."""

    def snapshot(self, now: float, wall: float, age: int | None, *, behind: bool) -> Snapshot:
        """What has come says this, at monotonic second ``now``; ``age`` is for how long nothing has come.

        ``behind``: more has come than was taken.
        """


class Newest:
    """The newest of whole snapshots, one a line, of a stream that the user calls ``given``."""

    longest = LONGEST_SNAPSHOT

    def __init__(self, given: str) -> None:
        self._given = given
        self.anew()

    def anew(self) -> None:
        """Another stream begins."""
        self._gathered = Gathered()
        self._line = b""
        self._decoded: tuple[bytes, Snapshot] | None = None
        self._ended = False

    def take(self, lines: Sequence[bytes], now: float, wall: float) -> None:
        """Lines that have come; all but the last can be passed over, since each snapshot is complete."""
        self._line = next((line for line in reversed(lines) if line.strip()), self._line)

    def end(self, now: float, wall: float) -> None:
        """Nothing more will come: a build that has not ended is gone."""
        self._ended = True

    def snapshot(self, now: float, wall: float, age: int | None, *, behind: bool) -> Snapshot:
        """The newest, with its state and age as they are now. FormatError where it is none."""
        line = self._line
        if self._decoded is None or self._decoded[0] is not line:
            try:
                decoded = json.decode(line)
            except FormatError as error:
                raise FormatError(f"{self._given}: the newest line: {error}") from error
            source = Source(SourceKind.JSON, self._given, *decoded.source[2:])
            self._decoded = line, replace(self._gathered.add(decoded), source=source)
        shown = self._decoded[1]
        state = shown.state
        if not shown.over:
            state = BuildState.GONE if self._ended else with_lock(state, LockState.MISSING, age or 0)
        # What is relayed was not new any more when it was written.
        return replace(shown, state=state, age=(age or 0) + (shown.age or 0))


class Undecided:
    """A stream of which the first line that makes sense tells whether it is events or snapshots.

    What comes before it counts as malformed events.
    """

    def __init__(self, intake: Intake, newest: Newest) -> None:
        self._intake, self._newest = intake, newest
        self.anew()

    @property
    def longest(self) -> int:
        """Bytes of a line that are worth reading."""
        return self._shown.longest if self._decided else LONGEST_SNAPSHOT

    def anew(self) -> None:
        """Another stream begins, maybe of the other kind."""
        self._decided = False
        self._intake.anew()
        self._newest.anew()
        self._shown: _Shown = self._intake

    def take(self, lines: Sequence[bytes], now: float, wall: float) -> None:
        """Lines that have come."""
        index = 0
        while not self._decided and index < len(lines):
            kind = _kind_of(lines[index])
            self._decided = kind is not None
            if kind is SourceKind.JSON:
                self._newest.take(lines[index:], now, wall)
                self._shown = self._newest
                return
            index += 1
        self._shown.take(lines, now, wall)

    def end(self, now: float, wall: float) -> None:
        """Nothing more will come."""
        self._shown.end(now, wall)

    def snapshot(self, now: float, wall: float, age: int | None, *, behind: bool) -> Snapshot:
        """What has come says this."""
        return self._shown.snapshot(now, wall, age, behind=behind)


def _kind_of(line: bytes) -> SourceKind | None:
    """EVENTS or JSON, or None where the line is of neither."""
    try:
        kind = sniff(line)
    except FormatError:
        return None
    return kind if kind in (SourceKind.EVENTS, SourceKind.JSON) else None


class StreamReader:
    """Reads ``source``, a path or a descriptor, which is opened at the first poll, into ``shown``.

    ``clock`` is monotonic and ``wall`` epoch seconds.
    """

    def __init__(
        self, source: int | str, shown: _Shown, *, clock: Callable[[], float], wall: Callable[[], float]
    ) -> None:
        self._source, self._shown = source, shown
        self._clock, self._wall = clock, wall
        self._inflow: Inflow | None = None

    def poll(self, now: float, wall: float) -> Snapshot:
        """See :class:`~synthtop.follow.reader.Reader`."""
        inflow = self._inflow
        if inflow is None:
            inflow = self._inflow = Inflow(self._source, self._shown, clock=self._clock, wall=self._wall)
            inflow.wait(_FIRST_LOOK)
            now, wall = self._clock(), self._wall()
        if inflow.problem is not None:
            # It may work again: from its beginning, then.
            inflow.close()
            self._inflow = None
            self._shown.anew()
            raise inflow.problem
        age = None if inflow.fresh is None else max(0, int(now - inflow.fresh))
        shown = self._shown.snapshot(now, wall, age, behind=inflow.behind)
        if (share := inflow.share) is not None and not shown.over:
            shown = replace(shown, problem=f"still reading what is there: {share:.0%}")
        return shown

    def close(self) -> None:
        """See :class:`~synthtop.follow.reader.Reader`."""
        if self._inflow is not None:
            self._inflow.close()


class EventReader(StreamReader):
    """Reads the events in ``source``, which the user calls ``given``, and collects the builds they tell of.

    ``probe`` samples this host, ``throttle`` names the policy that finds DynMax; ``stalled_after`` has the
    seconds by phase after which a slot is stalled.
    """

    def __init__(
        self,
        source: int | str,
        *,
        given: str,
        probe: Probe | None = None,
        throttle: str | Policy = "step",
        stalled_after: Mapping[str, float] | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        intake = Intake(
            given, clock=clock, wall=wall, probe=probe, throttle=throttle, stalled_after=stalled_after
        )
        super().__init__(source, intake, clock=clock, wall=wall)


def stream(
    source: int | str,
    *,
    given: str,
    probe: Probe | None = None,
    throttle: str | Policy = "step",
    stalled_after: Mapping[str, float] | None = None,
    clock: Callable[[], float] = time.monotonic,
    wall: Callable[[], float] = time.time,
) -> StreamReader:
    """The reader of a pipe or a FIFO, whose first line tells whether events or snapshots come from it.

    The arguments are those of :class:`EventReader`.
    """
    intake = Intake(
        given, clock=clock, wall=wall, probe=probe, throttle=throttle, stalled_after=stalled_after
    )
    return StreamReader(source, Undecided(intake, Newest(given)), clock=clock, wall=wall)
