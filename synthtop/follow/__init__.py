"""Follows another process's build by its files alone, and never writes to them.

A :class:`~synthtop.follow.reader.Reader` for each kind of source says what its files say now; the follower
chooses one by content, and makes a snapshot of whatever comes of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..probes import Probe
    from ..protocols import Feed
    from ..throttle import Policy


def follow(path: str, *, stdin: int = 0, probe: Probe | None = None, throttle: str | Policy = "step") -> Feed:
    """A feed of whatever build is at ``path``; ``-`` is the descriptor ``stdin``.

    ``probe`` samples this host and ``throttle`` finds DynMax where the source is a stream of events; else
    the numbers are all the source's.
    """
    from .follower import Follower

    return Follower(path, stdin=stdin, probe=probe, throttle=throttle)
