"""The lines of a log that may be why a build failed, and which of them it is."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from .rule import How, Rule, Strength

_UNDO = 2048
"""Bytes before an error that make ignored which are taken for what the ignored command said."""
_KEPT = 50


class Sighting(NamedTuple):
    """A line, by the byte at which it begins, and the rule that found it."""

    offset: int
    rule: Rule


class Sightings:
    """What was seen so far, told in the log's order."""

    def __init__(self) -> None:
        self._firsts: dict[Strength, list[Sighting]] = {
            Strength.CAUSE: [],
            Strength.ERROR: [],
            Strength.HEADER: [],
        }
        self._hints: deque[Sighting] = deque(maxlen=_KEPT)
        self._ended: Sighting | None = None
        self._consequence: Sighting | None = None

    def add(self, seen: Sighting) -> None:
        """One more, behind all others."""
        strength = seen.rule.strength
        if (first := self._firsts.get(strength)) is not None:
            if len(first) < _KEPT:
                first.append(seen)
        elif strength is Strength.HINT:
            if self._consequence is None:
                self._hints.append(seen)
        elif strength is Strength.ENDED:
            self._ended = seen
        elif self._consequence is None:
            self._consequence = seen

    def ignore_before(self, offset: int) -> None:
        """Forget what was seen right before ``offset``: nobody minded it."""
        for seen in (*self._firsts.values(), self._hints):
            while seen and seen[-1].offset >= offset - _UNDO:
                seen.pop()

    def sure_before(self, offset: int) -> bool:
        """Whether nothing that is seen from ``offset`` on could change :meth:`best`."""
        causes = self._firsts[Strength.CAUSE]
        return bool(causes) and causes[0].offset < offset - _UNDO

    def best(self, *, ended: bool) -> Sighting | None:
        """What explains the failure best, of what is more than a consequence. ``ended``: it is known that the
        phase was killed or timed out, which is stronger than whatever is no cause for sure."""
        if causes := self._firsts[Strength.CAUSE]:
            return causes[0]
        if self._ended is not None or ended:
            return self._ended
        if errors := self._firsts[Strength.ERROR]:
            return errors[0]
        return self._hints[-1] if self._hints else None

    @property
    def consequence(self) -> Sighting | None:
        """The first line that says that something above it had failed."""
        return self._consequence

    def least(self) -> Sighting | None:
        """What is left to be said where there is nothing better."""
        headers = self._firsts[Strength.HEADER]
        if headers and (self._consequence is None or self._consequence.rule.how is not How.ABOVE):
            return headers[0]
        return self._consequence or (headers[0] if headers else None)
