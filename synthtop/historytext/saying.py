"""How the figures of the history are said. Pure."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeAlias

from ..history.record import PackageRecord
from ..model import Outcome
from ..text import clean
from ..trends.sample import figure

Local: TypeAlias = Callable[[float], time.struct_time]
"""An epoch second as the time of some zone."""

UNKNOWN = "-"
_ROOMY = 100
"""Columns from which a date has its year."""
_LONGEST = 4096
"""Characters of a name, a reason or a path that are said."""


def date(at: float | None, form: str, local: Local) -> str:
    try:
        return UNKNOWN if at is None else time.strftime(form, local(at))
    except (OverflowError, ValueError, OSError):  # no date has it
        return UNKNOWN


def dates(moments: Sequence[float | None], columns: int | None, now: float, local: Local) -> list[str]:
    """When something was, to the minute; as ``ls`` has it where there is little room."""
    if columns is None or columns >= _ROOMY:
        return [date(at, "%Y-%m-%d %H:%M", local) for at in moments]
    year = date(now, "%Y", local)
    return [date(at, "%b %d %H:%M" if date(at, "%Y", local) == year else "%Y-%m-%d", local) for at in moments]


def rate_said(value: float | None) -> str:
    """Packages per hour."""
    known = figure(value)
    return UNKNOWN if known is None else f"{known:.1f}"


def load_said(value: float | None) -> str:
    known = figure(value)
    return UNKNOWN if known is None else f"{known:.2f}"


def count_said(value: int | None) -> str:
    return UNKNOWN if value is None else str(value)


def said(text: str) -> str:
    return clean(text[:_LONGEST])


def many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def why(package: PackageRecord) -> str:
    """Why it was not built, and in which phase."""
    if package.outcome is Outcome.BUILT:
        return ""
    return ": ".join(said(text) for text in (package.phase, package.reason) if text)
