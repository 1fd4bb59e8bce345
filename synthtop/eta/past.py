"""What earlier builds say of how long packages take. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

LAST = 5
"""Successful builds of a package that count: the newest ones."""


class Past(NamedTuple):
    """Seconds that packages took when they were built.

    ``here`` and ``elsewhere`` have by origin the last :data:`LAST` successful builds on this host and on
    others, the newest first. ``categories`` has by category the seconds of packages built on this host, one
    figure for each of a sample of its packages; under ``""`` those of all categories.
    """

    here: Mapping[str, Sequence[float]] = {}
    elsewhere: Mapping[str, Sequence[float]] = {}
    categories: Mapping[str, Sequence[float]] = {}


NO_PAST = Past()
