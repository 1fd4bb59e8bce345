"""How long a phase may stand still before its slot counts as stalled: dsynth's watchdog times, or others."""

from __future__ import annotations

import math
from collections.abc import Mapping

OTHER = "other"
"""What the times call every phase that has none of its own."""
_MINUTES = {
    "dump-*": 10,
    "check-plist": 5,
    **dict.fromkeys(("check-sanity", "pkg-depends", "checksum", "patch-depends", "patch"), 10),
    **dict.fromkeys(("extract-depends", "extract", "configure"), 15),
    "install-pkgs": 30,
    **dict.fromkeys(("build-depends", "lib-depends", "run-depends"), 60),
    **dict.fromkeys(("stage", "package", "install", "deinstall"), 60),
    **dict.fromkeys(("fetch-depends", "fetch"), 120),
    "build": 180,
    OTHER: 60,
}


class Watchdog:
    """The time of each phase: dsynth's, and before them those in ``given``, in seconds.

    A name that ends in ``*`` stands for all that begin so, a longer one before a shorter; ``other`` for
    all the rest. 0 seconds: such a phase never stalls. ValueError where a time is none.
    """

    def __init__(self, given: Mapping[str, float] | None = None) -> None:
        given = given or {}
        for name, seconds in given.items():
            if not seconds >= 0:
                raise ValueError(f"stalled after {seconds} seconds in {name}: expected 0 or more")
        own = {name: seconds or math.inf for name, seconds in given.items()}
        usual = {name: 60.0 * minutes for name, minutes in _MINUTES.items()}
        self._other = own.pop(OTHER, usual.pop(OTHER))
        self._tables = [(table, _beginnings(table)) for table in (own, usual)]
        self.shortest = min(self._other, *own.values(), *usual.values())
        """Seconds after which no phase is stalled yet, under whatever load."""

    def stalled_after(self, phase: str | None, load: float | None, ncpus: int | None) -> float:
        """Seconds without any progress after which ``phase`` is stalled, infinite where it never is.

        Where the load passes the cores, everything is slower by that, and so may be the phase.
        """
        crowded = load / ncpus if load is not None and ncpus else 1.0
        return self._of(phase or "") * max(1.0, crowded)

    def _of(self, phase: str) -> float:
        for table, beginnings in self._tables:
            if (seconds := table.get(phase)) is not None:
                return seconds
            for beginning in beginnings:
                if phase.startswith(beginning):
                    return table[f"{beginning}*"]
        return self._other


def _beginnings(table: Mapping[str, float]) -> list[str]:
    """What the names with a ``*`` begin with, the longest first."""
    return sorted((name[:-1] for name in table if name.endswith("*")), key=len, reverse=True)


class Limits(dict[str | None, float]):
    """A watchdog's times by phase, at one load. Each is found once: a tick may ask a thousand times."""

    def __init__(self, watchdog: Watchdog, load: float | None, ncpus: int | None) -> None:
        super().__init__()
        self._watchdog = watchdog
        self._host = load, ncpus

    def __missing__(self, phase: str | None) -> float:
        self[phase] = limit = self._watchdog.stalled_after(phase, *self._host)
        return limit


class Standstill:
    """Finds out from the times of the ticks how long the whole process stood still, by ctrl+z say.

    Measured by the tick before, since not everybody ticks once a second.
    """

    LATE = 5.0
    """Seconds that a tick may be late on a busy host."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._usual = 1.0

    def before(self, now: float) -> float:
        """Seconds of standstill that end with the tick at monotonic second ``now``: 0 where there is none."""
        last, self._last = self._last, now
        if last is None:
            return 0.0
        passed, usual = now - last, self._usual
        self._usual = max(1.0, passed)
        return passed - usual if passed > usual + self.LATE else 0.0
