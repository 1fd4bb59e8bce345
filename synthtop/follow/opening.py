"""Finds what a path means, and the reader for it."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from ..model import SourceKind
from ..probes import Probe
from ..throttle import Policy
from .place import locate
from .reader import Place, Reader

STDIN = "-"
_INHERITED = re.compile(r"/(?:dev|proc/self)/fd/([0-9]{1,6})")
"""A descriptor that we were started with."""


class Opening:
    """Finds what is at ``path``, and what reads it.

    ``stdin`` is the descriptor that ``-`` stands for; ``probe``, ``throttle`` and ``stalled_after`` are for a
    stream of events, whose snapshots are made here.
    """

    def __init__(
        self,
        path: str,
        *,
        stdin: int = 0,
        probe: Probe | None = None,
        throttle: str | Policy = "step",
        stalled_after: Mapping[str, float] | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.path = path
        self._stdin = stdin
        self._probe, self._throttle, self._stalled_after = probe, throttle, stalled_after
        self._clock, self._wall = clock, wall

    def locate(self) -> Place:
        """What the path means. Errors as :func:`~synthtop.follow.place.locate` has them."""
        if self.path == STDIN or _is_fifo(self.path):
            return Place(SourceKind.EVENTS, self.path, self.path)
        return locate(self.path)

    def open(self, place: Place) -> Reader:
        """What reads ``place``. Only the code for the kind that is there is loaded."""
        if place.kind is SourceKind.EVENTS:
            return self._stream(place)
        if place.kind is SourceKind.DSYNTH:
            from .dsynth import DsynthReader

            return DsynthReader(place)
        if place.kind is SourceKind.REPORT:
            from .report import ReportReader

            return ReportReader(place)
        if place.kind is SourceKind.POUDRIERE:
            from .poudriere import PoudriereReader

            return PoudriereReader(place)
        if place.kind is SourceKind.LOG:
            from .resultlog import ResultLogReader

            return ResultLogReader(place)
        from .monitorfile import MonitorFileReader

        return MonitorFileReader(place)

    def _stream(self, place: Place) -> Reader:
        from . import streams

        source: str | int = self._stdin if place.main == STDIN else place.main
        if inherited := _INHERITED.fullmatch(place.main):
            # What the shell's <(builder) passes: opened anew, for writing too, its end would never come.
            source = int(inherited[1])
        # Of a file it is known already that events are in it.
        lines = place.main == STDIN or _is_fifo(place.main)
        return (streams.stream if lines else streams.EventReader)(
            source,
            given=self.path,
            probe=self._probe,
            throttle=self._throttle,
            stalled_after=self._stalled_after,
            clock=self._clock,
            wall=self._wall,
        )


def _is_fifo(path: str) -> bool:
    with suppress(OSError, ValueError):
        return stat.S_ISFIFO(os.stat(path).st_mode)
    return False
