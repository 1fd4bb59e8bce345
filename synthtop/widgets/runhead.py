"""The facts of a build that is in the history, over its packages."""

from __future__ import annotations

from datetime import tzinfo

from ..history.record import Run
from ..history.replay import Replay
from ..lines import count_role, counts
from ..model import BuildState, hms
from ..parts import Part, Parts, Role, cut
from ..text import clean
from .fields import Line, placed
from .lineview import LineView
from .runlist import moment

ALL = 3
"""Lines that it has."""
_AT_LEAST = 6
"""Rows that are left for the packages before it has all of its lines."""


def head_rows(rows: int) -> int:
    """How many of ``rows`` it has beside a list that has the rest."""
    if rows - ALL >= _AT_LEAST:
        return ALL
    return 1 if rows - 1 >= _AT_LEAST else 0


def head_lines(replay: Replay, zone: tzinfo | None = None) -> tuple[Parts, Parts, Parts]:
    """How many packages ended how; when that was; how fast it went. What is worth most first."""
    run = replay.run
    first: list[Part] = []
    for word, count, role in counts(replay.snapshot):
        first += _fact(word, "-" if count is None else str(count), count_role(count, role))
    if run.totals.meta:
        first += _fact("Meta", str(run.totals.meta), Role.META)
    return tuple(first[1:]), _when(run, zone), _how(run)


def as_of(run: Run, zone: tzinfo | None = None) -> Parts:
    """Up to when a build that goes on is shown, where that stands still; nothing of others."""
    if run.state is not BuildState.BUILDING:
        return ()
    return (Part(f"  as of {moment(run.updated, zone, '%H:%M')}", Role.LABEL),)


def _fact(word: str, value: str, role: Role = Role.VALUE) -> tuple[Part, Part, Part]:
    return Part("  ", Role.LABEL), Part(f"{word}: ", Role.LABEL), Part(value, role)


def _when(run: Run, zone: tzinfo | None) -> Parts:
    parts = [*_fact("Started", moment(run.started, zone))[1:]]
    if run.state is BuildState.BUILDING:
        parts += _fact("Elapsed", hms(run.elapsed))
    elif run.ended is not None:
        parts += _fact("Ended", moment(run.ended, zone))
        parts += _fact("Took", hms(run.elapsed))
    else:
        parts += _fact("Last update", moment(run.updated, zone))
        parts += _fact("Elapsed", hms(run.elapsed))
    return tuple(parts)


def _how(run: Run) -> Parts:
    parts: list[Part] = []
    if run.average_rate is not None:
        peak = "" if run.peak_rate is None else f", peak {run.peak_rate:.0f}"
        parts += _fact("Rate", f"{run.average_rate:.0f} pkg/h{peak}")
    if run.peak_load is not None:
        parts += _fact("Peak load", f"{run.peak_load:.2f}")
    if run.workers is not None:
        parts += _fact("Workers", str(run.workers))
    if run.logs is not None:
        parts += _fact("Logs", clean(run.logs), Role.TEXT)
    return tuple(parts[1:])


class RunHead(LineView):
    """As many of the lines as it is high."""

    def __init__(self, zone: tzinfo | None = None) -> None:
        super().__init__()
        self._zone = zone
        self._lines: tuple[Parts, ...] = ()

    def show(self, replay: Replay) -> None:
        """Say what is known of this one."""
        self._lines = head_lines(replay, self._zone)
        self.redraw()

    def line_at(self, y: int) -> Line:
        if y >= len(self._lines):
            return ()
        return placed(cut(self._lines[y], max(0, self.columns - 2)), 1)
