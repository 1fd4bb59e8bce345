"""How long a phase may stand still before its slot counts as stalled: dsynth's watchdog times."""

from __future__ import annotations

_MINUTES = {
    "check-plist": 5,
    **dict.fromkeys(("check-sanity", "pkg-depends", "checksum", "patch-depends", "patch"), 10),
    **dict.fromkeys(("extract-depends", "extract", "configure"), 15),
    "install-pkgs": 30,
    **dict.fromkeys(("build-depends", "lib-depends", "run-depends"), 60),
    **dict.fromkeys(("stage", "package", "install", "deinstall"), 60),
    **dict.fromkeys(("fetch-depends", "fetch"), 120),
    "build": 180,
}
_DUMP = 10
_OTHER = 60
"""For phases that dsynth does not know."""

SHORTEST = 60.0 * min(_MINUTES.values())
"""Seconds after which no phase is stalled yet, under whatever load."""


def stalled_after(phase: str | None, load: float | None, ncpus: int | None) -> float:
    """Seconds without any progress after which ``phase`` is stalled.

    Where the load passes the cores, everything is slower by that, and so may be the phase.
    """
    name = phase or ""
    minutes = _DUMP if name.startswith("dump-") else _MINUTES.get(name, _OTHER)
    crowded = load / ncpus if load is not None and ncpus else 1.0
    return 60.0 * minutes * max(1.0, crowded)


class Limits(dict[str | None, float]):
    """:func:`stalled_after` by phase, at one load. Each is found once: a tick may ask a thousand times."""

    def __init__(self, load: float | None, ncpus: int | None) -> None:
        super().__init__()
        self._host = load, ncpus

    def __missing__(self, phase: str | None) -> float:
        self[phase] = limit = stalled_after(phase, *self._host)
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
