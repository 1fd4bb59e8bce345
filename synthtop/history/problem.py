"""What can be wrong with the history."""

from __future__ import annotations


class HistoryError(Exception):
    """What is wrong, with which file, and what to do, in one line that is fit for a terminal."""


class NoHistory(HistoryError):
    """Nothing has been recorded yet."""
