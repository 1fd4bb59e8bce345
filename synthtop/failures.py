"""What has failed, and what each failure blocks. Pure."""

from __future__ import annotations

from typing import NamedTuple

from .model import Finished, Snapshot


class Failure(NamedTuple):
    """A failed package, and the origins that were skipped because of it: all that are known."""

    package: Finished
    blocked: tuple[str, ...]


def failures(snapshot: Snapshot) -> tuple[Failure, ...]:
    """The failures of ``snapshot``, those that block most first, then in the order in which they happened."""
    raise NotImplementedError
