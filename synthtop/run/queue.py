"""Which package may start: the dependency graph while it is built. Pure; starting is not done here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from typing import Literal, NamedTuple

from .graph import chains, edges, in_order
from .package import Package

Order = Literal["time", "chain", "plan"]
"""``time``: the chain of dependents first that takes longest by what packages took before; as ``chain`` where
that is not known. ``chain``: the longest chain of dependents first, then the most direct dependents, then
the plan's order. ``plan``: the plan's order."""

_WAITING, _READY, _RUNNING, _MET, _FAILED, _SKIPPED = range(6)
_ENDED = _MET
"""From this state on a package has ended. ``_MET``: built, or taken out because it need not be."""


def order_named(name: str | None) -> Order:
    """The order called ``name``; the chain that takes longest first where nothing else is said."""
    return "plan" if name == "plan" else "chain" if name == "chain" else "time"


class Skipped(NamedTuple):
    """A package that will not be built. ``because``: the origin that failed or was ignored."""

    origin: str
    because: str


class Standing(NamedTuple):
    """How it stands with the packages at one moment, each by its place in the plan.

    ``waiting`` are those that were neither handed out nor have ended, in the order in which they would start
    where all could; ``running`` were handed out. ``needs`` says by place how many others have to end before
    it, ``dependents`` which ones wait for it: the queue's own list, to be read only.
    """

    waiting: list[int]
    running: list[int]
    needs: list[int]
    dependents: Sequence[Sequence[int]]


class Queue:
    """The packages of a build, each waiting, ready, running or ended.

    Before the first :meth:`pop`, :meth:`drop` takes out what is built already, and :meth:`failed`
    ends each package with an ``ignore`` reason: those are never handed out, nor skipped for others.
    :meth:`retry` is the way back for one that failed. All but :meth:`standing` and :attr:`ranked` are called
    by one thread.
    Each needed origin must be among ``packages``, and there must be no circle (ValueError).
    """

    def __init__(self, packages: Sequence[Package], order: Order = "time") -> None:
        self._packages = packages
        self._order = order
        try:
            self._dependents, self._needs = edges(packages)
        except KeyError as problem:
            raise ValueError(f"a package needs {problem}, which is not in the queue") from problem
        self._sorted = in_order(self._dependents, self._needs)
        if len(self._sorted) < len(packages):
            raise ValueError("packages need each other in a circle")
        self._places = {package.origin: place for place, package in enumerate(packages)}
        self._state = bytearray(len(packages))  # all _WAITING
        self._because: dict[int, int] = {}  # for each that is skipped
        self._ready = 0
        self._remaining = len(packages)
        self._weights: Sequence[float] | None = None
        self._ranks: list[int] | None = None
        self._ranked: list[int] | None = None  # another one at each ranking: others read it meanwhile
        self._heap: list[int] = []
        for place, count in enumerate(self._needs):
            if not count:
                self._make_ready(place)

    @property
    def remaining(self) -> int:
        """Packages that have not ended, the running ones included."""
        return self._remaining

    @property
    def ready(self) -> int:
        """Packages that could start now."""
        return self._ready

    @property
    def done(self) -> bool:
        """Whether every package has ended."""
        return not self._remaining

    @property
    def ranked(self) -> bool:
        """Whether the packages are in the order in which they start: from the first :meth:`pop` on. From
        any thread."""
        return self._ranked is not None

    def weigh(self, weights: Sequence[float]) -> None:
        """From now on each package takes ``weights`` seconds, by its place: what is left is ranked anew.

        Only the order ``time`` heeds it. ValueError where it is not one figure for each package.
        """
        if len(weights) != len(self._packages):
            raise ValueError(f"{len(weights)} weights for {len(self._packages)} packages")
        if self._order == "time":
            self._weights = weights
            if self._ranked is not None:
                self._rank()

    def standing(self) -> Standing:
        """How it stands now. From any thread, and nobody waits for it: each list is copied in one step.

        Whoever waits does so for what is waiting or running. There are two moments at which it is otherwise:
        a package that is just ending may run, with some who wait for it no more; and what a failure is just
        about to skip may wait for what is gone, in vain.
        """
        state = bytes(self._state)
        # Later than the states: what has ended by those has let go of all that needed it by these.
        needs = self._needs.copy()
        ranked = self._ranked
        if ranked is None:
            ranked = self._in_starting_order(state)
        return Standing(
            [place for place in ranked if state[place] <= _READY],
            [place for place, here in enumerate(state) if here == _RUNNING],
            needs,
            self._dependents,
        )

    def pop(self) -> Package | None:
        """The next package to start, now running; None while none is ready."""
        ranked = self._rank() if self._ranked is None else self._ranked
        while self._heap:
            place = ranked[heappop(self._heap)]
            if self._state[place] == _READY:  # it may have ended since
                self._state[place] = _RUNNING
                self._ready -= 1
                return self._packages[place]
        return None

    def built(self, origin: str) -> None:
        """A running package was built: what waited for it alone is ready now."""
        place = self._places[origin]
        if self._state[place] != _RUNNING:
            raise ValueError(f"{origin} was not handed out")
        self._met(place)

    def again(self, origin: str) -> None:
        """A running package is to be handed out once more: it is ready."""
        place = self._places[origin]
        if self._state[place] != _RUNNING:
            raise ValueError(f"{origin} was not handed out")
        self._make_ready(place)

    def drop(self, origins: Iterable[str]) -> None:
        """Take out packages that need not be built, before they start: who needs them needs them no more."""
        for origin in origins:
            place = self._places[origin]
            if self._state[place] >= _RUNNING:
                raise ValueError(f"{origin} runs already, or has ended")
            self._met(place)

    def failed(self, origin: str) -> list[Skipped]:
        """A package failed, or is ignored: it has ended, and so has every dependent that had not.

        Each of those is given exactly once, in the plan's order.
        """
        place = self._places[origin]
        if self._state[place] >= _ENDED:
            raise ValueError(f"{origin} has ended already")
        lost = self._behind(place)
        self._end(place, _FAILED)
        for dependent in lost:
            self._end(dependent, _SKIPPED)
            self._because[dependent] = place
        return [Skipped(self._packages[dependent].origin, origin) for dependent in sorted(lost)]

    def retry(self, origin: str) -> list[str]:
        """A package that failed is to be built after all, and so is what was skipped and needs nothing else
        that failed, is ignored or is skipped. All that wait again: the failed one, then in the plan's order.

        ValueError if it has not failed, or if the plan says that it is ignored.
        """
        place = self._places[origin]
        if self._state[place] != _FAILED or self._packages[place].ignore is not None:
            raise ValueError(f"{origin} has not failed")
        found = [place]
        self._come_back(place)
        for here in found:  # grows as we go
            for dependent in self._dependents[here]:
                if self._state[dependent] == _SKIPPED and not self._lost_needs(dependent):
                    self._come_back(dependent)
                    found.append(dependent)
        return [self._packages[place].origin for place in (place, *sorted(found[1:]))]

    def blamed_anew(self, origins: Iterable[str]) -> list[Skipped]:
        """What was skipped because of ``origins``, which were retried since, and stays so because of another
        one: given with that one, in the plan's order."""
        places = {self._places[origin] for origin in origins}
        left = {place for place, because in self._because.items() if because in places}
        if not left:
            return []
        for place in self._sorted:  # what it needs has its new reason before it
            if place in left:
                need = self._lost_needs(place)[0]
                self._because[place] = self._because.get(need, need)
        packages = self._packages
        return [Skipped(packages[p].origin, packages[self._because[p]].origin) for p in sorted(left)]

    def _lost_needs(self, place: int) -> list[int]:
        """What it needs that failed, is ignored or is skipped."""
        needs = [self._places[need] for need in self._packages[place].needs]
        return [need for need in needs if self._state[need] >= _FAILED]

    def _come_back(self, place: int) -> None:
        self._because.pop(place, None)
        self._state[place] = _WAITING
        self._remaining += 1
        if not self._needs[place]:
            self._make_ready(place)

    def blocks(self, origin: str) -> int:
        """How many packages would be skipped if this one failed."""
        return len(self._behind(self._places[origin]))

    def _behind(self, place: int) -> list[int]:
        """All that depend on ``place``, directly or not, and have not ended; each is looked at once."""
        state, dependents, packages = self._state, self._dependents, self._packages
        seen = {place}
        found: list[int] = []
        trail = [place]
        for here in trail:  # grows as we go
            for dependent in dependents[here]:
                if dependent not in seen and state[dependent] < _ENDED:
                    seen.add(dependent)
                    trail.append(dependent)
                    if packages[dependent].ignore is None:
                        found.append(dependent)
        return found

    def _make_ready(self, place: int) -> None:
        if self._packages[place].ignore is not None:
            return
        self._state[place] = _READY
        self._ready += 1
        if self._ranks is not None:
            heappush(self._heap, self._ranks[place])

    def _end(self, place: int, state: int) -> None:
        if self._state[place] == _READY:
            self._ready -= 1
        self._state[place] = state
        self._remaining -= 1

    def _met(self, place: int) -> None:
        """It has ended well: one need less for those that need it."""
        needs = self._needs
        for dependent in self._dependents[place]:
            needs[dependent] -= 1
            if not needs[dependent] and self._state[dependent] == _WAITING:
                self._make_ready(dependent)
        self._end(place, _MET)  # last, see standing()

    def _rank(self) -> list[int]:
        """Give each package its rank among all, and say who has which. Done at the first start, when what is
        built already and what is ignored has left: they make no chain longer."""
        state = self._state
        self._ranked = ranked = self._in_starting_order(bytes(state))
        self._ranks = ranks = [0] * len(ranked)
        for rank, place in enumerate(ranked):
            ranks[place] = rank
        self._heap = [rank for rank, place in enumerate(ranked) if state[place] == _READY]
        return ranked  # ascending is a heap already

    def _in_starting_order(self, state: bytes) -> list[int]:
        """All places, in the order in which they would start if all could."""
        places = list(range(len(self._packages)))
        if self._order == "plan":
            return places
        behind = self._dependents
        if max(state, default=_WAITING) >= _ENDED:
            behind = [[d for d in ds if state[d] < _ENDED] for ds in behind]
        return _longest_first(places, behind, chains(behind, self._sorted, self._weights))


def _longest_first(
    places: list[int], dependents: Sequence[Sequence[int]], longest: Sequence[float]
) -> list[int]:
    # Each sort is stable: where both are equal the plan's order stays. Two take less time than one by pairs.
    counts = list(map(len, dependents))
    by_count = sorted(places, key=counts.__getitem__, reverse=True)
    return sorted(by_count, key=longest.__getitem__, reverse=True)


def levels(
    packages: Sequence[Package], order: Order = "time", weights: Sequence[float] | None = None
) -> list[list[Package]]:
    """The packages level by level: those of a level need only packages of levels before it.

    Within a level they stand in the order in which they would start, where each takes ``weights`` seconds.
    """
    dependents, needs = edges(packages)
    sorted_places = in_order(dependents, needs)
    level = [0] * len(packages)
    for place in sorted_places:
        for dependent in dependents[place]:
            level[dependent] = max(level[dependent], level[place] + 1)
    found: list[list[int]] = [[] for _ in range(max(level, default=-1) + 1)]
    for place in range(len(packages)):
        found[level[place]].append(place)
    if order != "plan":
        longest = chains(dependents, sorted_places, weights if order == "time" else None)
        found = [_longest_first(places, dependents, longest) for places in found]
    return [[packages[place] for place in places] for places in found]
