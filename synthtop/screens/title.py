"""The terminal's title: how far the build is, for whoever looks at another window."""

from __future__ import annotations

from collections.abc import Callable

from ..model import Snapshot

_SAVE = "\x1b[22;0t"
_RESTORE = "\x1b[23;0t"
_SET = "\x1b]2;{}\x07"


def title_of(snapshot: Snapshot | None) -> str:
    """``synthtop 45/142``; without the figures where there are none. Nothing in it comes from outside."""
    totals = snapshot.totals if snapshot is not None else None
    return f"synthtop {totals.done}/{totals.queued}" if totals is not None and totals.queued else "synthtop"


class TerminalTitle:
    """Says it to the terminal by ``write``, and only what is new. Between :meth:`take` and :meth:`give_back`
    the title that was there before is kept by the terminal itself; ``taken`` says so."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self.taken = False
        self._said = ""

    def take(self) -> None:
        """Have the terminal save its title."""
        if not self.taken:
            self.taken = True
            self._said = ""
            self._write(_SAVE)

    def say(self, title: str) -> None:
        """Set this title."""
        if self.taken and title != self._said:
            self._said = title
            self._write(_SET.format(title))

    def give_back(self) -> None:
        """Have the terminal restore what it saved."""
        if self.taken:
            self.taken = False
            self._write(_RESTORE)
