"""poudriere's list of the ports that it has to build, made once, before it builds the first.

Since 3.4 that is ``tobuild``. Before, there is only ``queued``, in which ports that were asked for
(``listed``) stand even if they were built long ago.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from ..model import Totals, View
from .objects import Object
from .ports import origin_of

_DONE_OTHERWISE = ("fetched", "inspected")
"""Lists of ports that are done without being built."""


class Queued(View[str]):
    """The origins in the list, each once, as far as it is known that they are to be built, or were.

    ``seal`` is what it was made of: another reading with the same has the same.
    """

    __slots__ = ("seal",)

    def __init__(self, origins: list[str], seal: object) -> None:
        super().__init__(origins)
        self.seal = seal


def read(
    ports: Object, totals: Totals, finished: Iterable[str], *, build: object, before: Collection[str]
) -> Queued:
    """What the lists in ``ports`` say is to be built: ``before`` itself where it is the same list of the same
    ``build``. ``finished`` are the origins of ports that have ended.

    Of a list that names more than ``totals`` leave to be built, what may be too much is left out.
    """
    exact, queued = _list(ports, "tobuild"), _list(ports, "queued")
    ends = [origin_of(entry) for entries in (exact, queued) for entry in (*entries[:1], *entries[-1:])]
    seal = build, totals.queued, len(exact), len(queued), *ends
    if isinstance(before, Queued) and before.seal == seal:
        return before
    if named := _named(exact):
        return Queued(list(named), seal)
    named, ended = _named(queued), set(finished)
    for name in _DONE_OTHERWISE:
        for origin in map(origin_of, _list(ports, name)):
            named.pop(origin or "", None)
    if _too_many(named, ended, totals):
        named = {
            origin: entry
            for origin, entry in named.items()
            if origin in ended or entry.get("reason") != "listed"
        }
    return Queued([] if _too_many(named, ended, totals) else list(named), seal)


def _named(entries: list[Any]) -> dict[str, Any]:
    return {origin: entry for entry in entries if (origin := origin_of(entry))}


def _too_many(named: Collection[str], ended: set[str], totals: Totals) -> bool:
    """Whether more are named, beside those that have ended, than are left to be built."""
    left = totals.remaining
    return left is not None and sum(origin not in ended for origin in named) > left


def _list(ports: Object, name: str) -> list[Any]:
    """The list; none where it is something else: without it everything else can be shown still."""
    entries = ports.get(name)
    return entries if isinstance(entries, list) else []
