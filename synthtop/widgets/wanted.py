"""Which finished packages there are to be seen, and what of them comes first. Pure."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from ..model import Finished, Outcome
from ..text import clean
from ..units import parse_duration
from .ordering import finder

OUTCOMES = (None, Outcome.BUILT, Outcome.FAILED, Outcome.IGNORED, Outcome.SKIPPED, Outcome.META)
"""What can be asked for, one after another; None is all."""
_COMPARED = re.compile(r"([<>])(=?)(.*)")


class Column(enum.StrEnum):
    """A column of the table, and what it can be sorted by."""

    TIME = "time"
    OUTCOME = "outcome"
    ORIGIN = "origin"
    WHY = "why"
    DURATION = "duration"
    LINES = "lines"


_LARGEST_FIRST = frozenset({Column.TIME, Column.DURATION, Column.LINES})


class Order(NamedTuple):
    """What the rows are sorted by; times, durations and lines the largest first, unless ``reverse``."""

    column: Column = Column.TIME
    reverse: bool = False

    def reversed(self) -> Order:
        """The same the other way round."""
        return Order(self.column, not self.reverse)

    @property
    def descending(self) -> bool:
        """Whether the largest comes first."""
        return (self.column in _LARGEST_FIRST) is not self.reverse


NEWEST_FIRST = Order()


def why(package: Finished) -> str:
    """What there is to say of how it ended: where and how it failed, or for what it was not built."""
    if package.outcome is Outcome.BUILT or package.outcome is Outcome.META:
        return clean(package.reason) if package.reason else ""
    if package.outcome is Outcome.FAILED and package.phase:
        said = f"{package.phase}: {package.reason}" if package.reason else package.phase
        return clean(said)
    return clean(package.reason or "")


_RANK = {outcome: rank for rank, outcome in enumerate(OUTCOMES)}
KEYS: dict[Column, Callable[[Finished], Any]] = {
    Column.OUTCOME: lambda package: _RANK[package.outcome],
    Column.ORIGIN: lambda package: package.origin.lower(),
    Column.WHY: lambda package: why(package).lower() or None,
    Column.DURATION: lambda package: package.duration,
    Column.LINES: lambda package: package.lines,
}
"""What each column sorts by; None is not known. Times are sorted by which package ended first."""


class Wanted(NamedTuple):
    """The packages of one ``outcome``, or all, in which each word of ``text`` occurs.

    A word like ``>5m`` or ``<=30s`` compares the duration, any other is looked for in the origin and in what
    is said of how the package ended; in which case matters where it has a capital letter.
    """

    text: str = ""
    outcome: Outcome | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return self.outcome is None and not self.text.strip()

    def test(self) -> Callable[[Finished], bool]:
        """Whether a package is wanted."""
        outcome = self.outcome
        finds: list[Callable[[str], bool]] = []
        compares: list[Callable[[int], bool]] = []
        for word in self.text.split():
            compared = _comparison(word)
            if compared is None:
                finds.append(finder(word))
            else:
                compares.append(compared)

        def wanted(package: Finished) -> bool:
            if outcome is not None and package.outcome is not outcome:
                return False
            if compares:
                duration = package.duration
                if duration is None or not all(compared(duration) for compared in compares):
                    return False
            if not finds:
                return True
            # No word has a blank in it, so that none is found across both.
            said = f"{clean(package.origin)} {why(package)}"
            return all(found(said) for found in finds)

        return wanted


def _comparison(word: str) -> Callable[[int], bool] | None:
    """What a word like ``>5m`` asks of a duration in seconds; None where it is not one."""
    match = _COMPARED.fullmatch(word)
    if match is None:
        return None
    sign, equal, figure = match.groups()
    if not figure:
        return _any  # there is more to come
    try:
        limit = parse_duration(figure)
    except ValueError:
        return None
    if sign == ">":
        return (lambda seconds: seconds >= limit) if equal else (lambda seconds: seconds > limit)
    return (lambda seconds: seconds <= limit) if equal else (lambda seconds: seconds < limit)


def _any(seconds: int) -> bool:
    return True
