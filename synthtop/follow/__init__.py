"""Follows another process's build by its files alone, and never writes to them.

A :class:`~synthtop.follow.reader.Reader` for each kind of source says what its files say now; the follower
chooses one by content, and makes a snapshot of whatever comes of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..probes import Probe
    from ..protocols import Feed
    from ..throttle import Policy


def follow(
    path: str,
    *,
    stdin: int = 0,
    probe: Probe | None = None,
    throttle: str | Policy = "step",
    stalled_after: Mapping[str, float] | None = None,
) -> Feed:
    """A feed of whatever build is at ``path``; ``-`` is the descriptor ``stdin``.

    Where that is a stream of events, ``probe`` samples this host, ``throttle`` finds DynMax, and
    ``stalled_after`` has the seconds by phase after which a slot is stalled; else all that is the source's.
    """
    from .follower import Follower

    return Follower(path, stdin=stdin, probe=probe, throttle=throttle, stalled_after=stalled_after)
