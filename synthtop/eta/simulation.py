"""What is left of a build, built on paper: list scheduling of its packages on so many slots. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush, heapreplace
from typing import NamedTuple

from .work import Work

# An end is one whole number: its millisecond above, and in the low bits who ends. Heaps of those are three
# times as fast as heaps of pairs, and the ends of 30,000 packages on 64 slots are to take 30 ms.
_WHO_BITS = 24
_WHO = (1 << _WHO_BITS) - 1
_WHEN = ~_WHO
_SECOND = 1000 << _WHO_BITS


class Schedule(NamedTuple):
    """``makespan`` seconds until all is built, and the seconds of ``work`` of all packages together."""

    makespan: float
    work: float


def simulate(
    work: Work,
    seconds: Mapping[int, float] | Sequence[float],
    slots: int,
    *,
    left: Sequence[float] = (),
    unnamed: float = 0.0,
) -> Schedule:
    """Build what is left of ``work`` on ``slots`` slots (1 or more).

    A free slot takes the first of ``work.waiting`` that needs nothing any more. ``seconds`` says by place how
    long each of these takes, ``left`` how long each of ``work.running`` still does (none: they are as good as
    done), ``unnamed`` how long one takes of which nothing is known. What waits for something that is neither
    waiting nor running is never built, and takes no time.
    """
    waiting = work.waiting
    lasting = [int(seconds[place] * 1000) << _WHO_BITS | who for who, place in enumerate(waiting)]
    ends = [int(one * 1000) << _WHO_BITS | who for who, one in enumerate(left, len(waiting))]
    one = int(unnamed * 1000) << _WHO_BITS
    count = len(lasting) + len(ends)
    total = sum(ends) + sum(lasting) - count * (count - 1) // 2 + one * work.unnamed
    heapify(ends)
    if not work.dependents:
        lasting.extend([one] * work.unnamed)
        end = _in_turn(lasting, ends, slots)
    else:
        end = _as_needed(work, lasting, ends, slots)
        if work.unnamed:
            # Nobody who says who needs whom leaves out a name: this need not be near.
            end += _in_turn([one] * work.unnamed, [], slots)
    return Schedule(end / _SECOND, total / _SECOND)


def _in_turn(lasting: list[int], ends: list[int], slots: int) -> int:
    """When all has ended where nothing needs anything; ``ends`` is a heap, and is used up."""
    while len(ends) > slots:
        heappop(ends)  # DynMax has fallen: so many have to end before another starts
    for one in lasting:
        if len(ends) < slots:
            heappush(ends, one)
        else:
            heapreplace(ends, (ends[0] & _WHEN) + one)
    return max(ends, default=0) & _WHEN


def _as_needed(work: Work, lasting: list[int], ends: list[int], slots: int) -> int:
    """When all has ended that can be built; ``ends`` is a heap of those that run, and is used up."""
    waiting, dependents = work.waiting, work.dependents
    places = [*waiting, *work.running_places]
    needs = list(work.needs)
    turn = [0] * len(needs)
    for who, place in enumerate(waiting):
        turn[place] = who
    # The first that is ready is found by memchr: a heap of those that are ready took a quarter longer.
    ready = bytearray([not needs[place] for place in waiting])
    first = 0  # none before it is ready
    count = len(ready)
    idle = slots - len(ends)  # below 0 where DynMax has fallen
    end = 0
    while True:
        while idle > 0 and first < count:
            who = ready.find(1, first)
            if who < 0:
                first = count
                break
            ready[who] = 0
            first = who + 1
            heappush(ends, end + lasting[who])
            idle -= 1
        if not ends:
            return end
        key = ends[0]
        end = key & _WHEN
        for dependent in dependents[places[key & _WHO]]:
            needs[dependent] = unmet = needs[dependent] - 1
            if not unmet:
                who = turn[dependent]
                ready[who] = 1
                if who < first:
                    first = who
        if not idle and (who := ready.find(1, first)) >= 0:
            # The usual case, once more for its speed: one ends, one starts.
            ready[who] = 0
            first = who + 1
            heapreplace(ends, end + lasting[who])
        else:
            heappop(ends)
            idle += 1
