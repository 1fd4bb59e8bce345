"""How a build stands, the weightiest first, and what it is read from, in a word or two. Pure."""

from __future__ import annotations

from typing import NamedTuple

from .formats.results import low_space_line
from .model import SILENT_AFTER, BuildState, Listed, Snapshot, SourceKind, hms
from .parts import Part, Parts, Role
from .text import clean

_LIVE = (BuildState.WAITING, BuildState.BUILDING)
_COMMA = Part(", ", Role.LABEL)

READ_AS = {
    SourceKind.EVENTS: "a stream of events",
    SourceKind.TEXT: "a monitor file in text",
    SourceKind.JSON: "a monitor file in JSON",
    SourceKind.DSYNTH: "dsynth's monitor file",
    SourceKind.REPORT: "dsynth's report",
    SourceKind.POUDRIERE: "poudriere's status",
    SourceKind.LOG: "a list of results",
}
"""What the numbers of a build that is not ours are read from."""


class Shown(NamedTuple):
    """How the screen itself stands, beside the build.

    ``frozen``: what it shows is old. ``meanwhile`` is then the newest snapshot, if there is one.
    """

    frozen: bool = False
    meanwhile: Snapshot | None = None


LIVE = Shown()
"""As the build is now."""


def held_back(snapshot: Snapshot) -> bool:
    """Whether fewer packages may start now than there are slots, of a build that still starts any."""
    return snapshot.throttled and snapshot.state in _LIVE and snapshot.stopping is None


def throttle_note(snapshot: Snapshot) -> str:
    """``throttled: high load`` while DynMax is less than all workers, else nothing."""
    if not held_back(snapshot):
        return ""
    return f"throttled: {clean(snapshot.reason)}" if snapshot.reason else "throttled"


def _listed(first: Parts, *others: Part) -> Parts:
    """The first words, then others after commas."""
    parts = list(first)
    for other in others:
        parts += (_COMMA, other)
    return tuple(parts)


def problem_told(snapshot: Snapshot) -> bool:
    """Whether something is in the way of the numbers that is told beside the state, and not by a page."""
    return snapshot.problem is not None and snapshot.is_build


def _words(snapshot: Snapshot, *, short: bool) -> Parts:
    words = _own_words(snapshot, short=short)
    if snapshot.problem is None or not problem_told(snapshot):
        return words
    problem = clean(snapshot.problem)
    if snapshot.lost:
        return words[0], Part(f": {problem}", words[0].role)
    said = Part(problem, Role.STALLED)
    return (said, _COMMA, *words) if short else (*words, _COMMA, said)


def _own_words(snapshot: Snapshot, *, short: bool) -> Parts:
    failed = (Part(f"{snapshot.totals.failed} failed", Role.FAILED),) if snapshot.totals.failed else ()
    match snapshot.state:
        case BuildState.BUILDING if snapshot.silent:
            silent = Part("not updating", Role.STALLED), Part(f" for {hms(snapshot.age)}", Role.STALLED)
            return _listed(silent, *failed)
        case BuildState.BUILDING:
            hindered = _hindered(snapshot)
            news = (*hindered, *failed)
            if short and news and snapshot.stopping is None:
                return _listed(news[:1], *news[1:])
            return _listed((_stage(snapshot),), *failed, *hindered)
        case BuildState.FINISHED:
            return _listed((Part("finished", Role.FAILED if failed else Role.BUILT),), *failed)
        case BuildState.INTERRUPTED:
            return _listed((Part("interrupted", Role.THROTTLED),), *failed)
        case BuildState.GONE | BuildState.STALE:
            return _listed((Part(str(snapshot.state), _lost_role(snapshot)),), *last_update(snapshot))
        case BuildState.UNREADABLE:
            return (Part("unreadable", Role.FAILED),)
        case BuildState.WAITING:
            return _waiting(snapshot)


def _lost_role(snapshot: Snapshot) -> Role:
    return Role.FAILED if snapshot.state is BuildState.GONE else Role.STALLED


def last_update(snapshot: Snapshot) -> Parts:
    """How long ago anything was heard, roughly: what the state ends in, of a build that is lost."""
    if snapshot.age is None:
        return ()
    return (Part(f"last update {ago(snapshot.age)}", _lost_role(snapshot)),)


def _waiting(snapshot: Snapshot) -> Parts:
    if snapshot.source.path is not None:
        # For one that is named already, and not for any.
        return Part("waiting", Role.VALUE), Part(" for a build", Role.VALUE)
    if not snapshot.builds:
        return (Part("waiting", Role.VALUE),)
    running = sum(build.state is BuildState.BUILDING for build in snapshot.builds)
    if not running:
        return (Part("no build runs", Role.VALUE),)
    return Part(f"{running} building", Role.VALUE), Part(": choose one", Role.VALUE)


def _stage(snapshot: Snapshot) -> Part:
    if snapshot.stopping is None:
        return Part("building", Role.VALUE)
    return Part(str(snapshot.stopping), Role.THROTTLED)


def _hindered(snapshot: Snapshot) -> Parts:
    """What keeps a build from going on as it could."""
    parts: list[Part] = []
    if snapshot.stalled:
        parts.append(Part(f"{snapshot.stalled} stalled", Role.STALLED))
    if snapshot.low_space:
        parts.append(Part("low space", Role.STALLED))
    if held_back(snapshot):
        parts.append(Part("throttled", Role.THROTTLED))
    return tuple(parts)


def space_told(snapshot: Snapshot) -> str:
    """``low space: 812 MB left for /build/logs``, at most three, the fullest first; ``""`` where there is
    enough, or nothing is built."""
    if snapshot.state is not BuildState.BUILDING:
        return ""
    low = sorted(snapshot.low_space, key=lambda space: space.free)[:3]
    lines = [low_space_line(space.path, space.free) for space in low]
    return ", ".join([*lines[:1], *(line.removeprefix("low space: ") for line in lines[1:])])


def state_parts(snapshot: Snapshot, shown: Shown = LIVE, *, short: bool = False) -> Parts:
    """The state in words, each with the role of its colour, what weighs most first.

    Where room is short, :func:`~synthtop.parts.whole` leaves out the last ones; ``short`` is for where there
    is hardly room for one: what is stalled, throttled or failing is also building.
    """
    if not shown.frozen:
        return _words(snapshot, short=short)
    # What ended meanwhile is not to be missed; of what goes on, the screen says what it shows.
    over = shown.meanwhile is not None and shown.meanwhile.over
    said = shown.meanwhile if shown.meanwhile is not None and over else snapshot
    comma = Part(", meanwhile ", Role.LABEL) if over and not short else _COMMA
    return Part("FROZEN", Role.FROZEN), comma, *_words(said, short=short)


def frame_role(snapshot: Snapshot, shown: Shown = LIVE) -> Role:
    """The look of the frame around the header: quiet while all is well."""
    if shown.frozen:
        # The colour of the word FROZEN, which stands on it.
        return Role.KEY
    match snapshot.state:
        case BuildState.GONE | BuildState.UNREADABLE:
            return Role.FAILED
        case BuildState.FINISHED:
            return Role.FAILED if snapshot.totals.failed else Role.BUILT
        case BuildState.INTERRUPTED:
            return Role.THROTTLED
        case BuildState.STALE:
            return Role.STALLED
        case BuildState.BUILDING:
            if held_back(snapshot) or snapshot.stopping is not None:
                return Role.THROTTLED
            hindered = snapshot.stalled or snapshot.silent or snapshot.low_space
            return Role.STALLED if hindered else Role.FRAME
        case BuildState.WAITING:
            return Role.FRAME


_LISTED = {
    BuildState.WAITING: Role.LABEL,
    BuildState.BUILDING: Role.TEXT,
    BuildState.INTERRUPTED: Role.THROTTLED,
    BuildState.GONE: Role.FAILED,
    BuildState.STALE: Role.STALLED,
    BuildState.UNREADABLE: Role.FAILED,
}


def listed_word(build: Listed) -> Part:
    """The state of a build among others, in a word."""
    if build.state is BuildState.BUILDING and build.age is not None and build.age >= SILENT_AFTER:
        return Part("not updating", Role.STALLED)
    role = _LISTED.get(build.state) or (Role.FAILED if build.failed else Role.BUILT)
    return Part(str(build.state), role)


def ago(seconds: int) -> str:
    """``12m ago``, in at most eight columns up to 999 days: how long ago something was, roughly."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= size:
            return f"{seconds // size}{unit} ago"
    return f"{max(0, seconds)}s ago"
