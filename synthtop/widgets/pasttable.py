"""The table of all that a build of the past has done."""

from __future__ import annotations

from .finishedtable import FinishedTable
from .told import ToldRows


class PastTable(ToldRows, FinishedTable):
    """As of a build that is shown, but that it may have to be read first."""
