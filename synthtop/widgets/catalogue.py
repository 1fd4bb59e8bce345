"""The builds as they stand in the picker, and which one is chosen. Knows nothing of drawing.

No row changes its place while the cursor is used, and the chosen build is known by its path.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..model import BuildState, Listed
from .listing import HELD

_LIVE = (BuildState.BUILDING, BuildState.WAITING)


def live(build: Listed) -> bool:
    """Whether it still goes on."""
    return build.state in _LIVE


def _place(build: Listed) -> tuple[bool, str, str]:
    """Where it belongs; of those that are over, whoever lists them knows best which are worth most."""
    return (False, build.name.lower(), build.path) if live(build) else (True, "", "")


class Catalogue:
    """Take each snapshot's builds by :meth:`take`; row 0 is the first that is shown."""

    def __init__(self) -> None:
        self.cursor = 0
        """The row that is chosen; there is one wherever there are builds."""
        self._builds: list[Listed] = []
        self._chosen: str | None = None
        self._seq = 0
        self._used: int | None = None

    def __len__(self) -> int:
        return len(self._builds)

    def __getitem__(self, row: int) -> Listed:
        return self._builds[row]

    @property
    def chosen(self) -> Listed | None:
        """The build that the cursor is on."""
        return self._builds[self.cursor] if self._builds else None

    def take(self, builds: Sequence[Listed], seq: int) -> None:
        """These are the builds now, as the snapshot ``seq`` says.

        Those that live come first, by name; then the others, in their order here. While the cursor is used
        what is new comes last.
        """
        self._seq = seq
        new = {build.path: build for build in sorted(builds, key=_place)}
        if self._used is not None and 0 <= seq - self._used <= HELD:
            known = [new.pop(build.path) for build in self._builds if build.path in new]
            self._builds = [*known, *new.values()]
        else:
            self._builds = list(new.values())
        self._follow()

    def put(self, row: int) -> None:
        """Put the cursor on this row, or the nearest that there is."""
        self._used = self._seq
        self.cursor = max(0, min(row, len(self._builds) - 1))
        self._choose()

    def choose(self, path: str) -> None:
        """Put the cursor on the build with this path, as soon as there is one."""
        self._chosen = path
        self._used = None
        self._find()

    def _choose(self) -> None:
        chosen = self.chosen
        self._chosen = None if chosen is None else chosen.path

    def _follow(self) -> None:
        if self._find():
            return
        # It is not there any more: what is in its place now, or the last.
        self.cursor = max(0, min(self.cursor, len(self._builds) - 1))
        if self._builds:
            self._choose()

    def _find(self) -> bool:
        """The cursor on the chosen build, where it is there."""
        for row, build in enumerate(self._builds):
            if build.path == self._chosen:
                self.cursor = row
                return True
        return False
