"""How a build stands, in a word or two. Pure."""

from __future__ import annotations

from .model import BuildState, Snapshot
from .parts import Part, Role
from .text import clean


def throttle_note(snapshot: Snapshot) -> str:
    """``throttled: high load`` while DynMax is less than all workers, else nothing."""
    if not snapshot.throttled:
        return ""
    return f"throttled: {clean(snapshot.reason)}" if snapshot.reason else "throttled"


def state_word(snapshot: Snapshot) -> Part:
    """The build's state in a word or two, as it stands in the frame."""
    state, failed = snapshot.state, snapshot.totals.failed
    if state is BuildState.BUILDING:
        if snapshot.stopping is None:
            return Part("building", Role.THROTTLED if snapshot.throttled else Role.LABEL)
        return Part(str(snapshot.stopping), Role.THROTTLED)
    if state is BuildState.FINISHED:
        return Part(f"finished, {failed} failed", Role.FAILED) if failed else Part("finished", Role.BUILT)
    role = Role.LABEL if state in (BuildState.WAITING, BuildState.STALE) else Role.FAILED
    return Part(str(state), role)
