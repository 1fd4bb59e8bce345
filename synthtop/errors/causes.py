"""Finds causes in a thread of its own, the newest asked for first, and remembers them."""

from __future__ import annotations

from collections.abc import Callable

from ..model import Finished
from .cause import Cause


class Causes:
    """``tell`` is called, from the thread, whenever one more is known."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell

    def of(self, package: Finished) -> Cause | None:
        """Why ``package`` failed; None while that is being looked for. Returns at once."""

    def close(self) -> None:
        """Look for no more, and end the thread. Idempotent."""
