"""The dependency graph as lists of numbers: who needs whom, in which order, and where it is a circle.

Nothing here recurses: a chain of packages may be as long as a ports tree.
"""

from __future__ import annotations

from collections.abc import Sequence

from .package import Package


def edges(packages: Sequence[Package]) -> tuple[list[list[int]], list[int]]:
    """For each package the places of those that need it, and how many it needs itself.

    KeyError for a need that is none of ``packages``.
    """
    places = {package.origin: place for place, package in enumerate(packages)}
    dependents: list[list[int]] = [[] for _ in packages]
    for place, package in enumerate(packages):
        for need in package.needs:
            dependents[places[need]].append(place)
    return dependents, [len(package.needs) for package in packages]


def in_order(dependents: list[list[int]], needs: list[int]) -> list[int]:
    """The places so that each comes after all it needs; those in or behind a circle are left out."""
    waiting = needs.copy()
    order = [place for place, count in enumerate(waiting) if not count]
    for place in order:  # grows as we go
        for dependent in dependents[place]:
            waiting[dependent] -= 1
            if not waiting[dependent]:
                order.append(dependent)
    return order


def chains(
    dependents: Sequence[Sequence[int]], order: Sequence[int], weights: Sequence[float] | None = None
) -> list[float]:
    """For each package the length of the longest chain of dependents that begins with it: the ``weights`` of
    all in it together, or how many they are."""
    longest: list[float] = [1] * len(dependents) if weights is None else list(weights)
    for place in reversed(order):
        behind = dependents[place]
        if behind:
            longest[place] += max(map(longest.__getitem__, behind))
    return longest


def circle(packages: Sequence[Package]) -> list[str] | None:
    """The origins of a circle of needs, the first one again at the end; None where there is none."""
    dependents, needs = edges(packages)
    order = in_order(dependents, needs)
    if len(order) == len(packages):
        return None
    left = set(range(len(packages))).difference(order)
    places = {packages[place].origin: place for place in left}
    # Whatever is left needs something that is left: walking on must come back to where it was.
    trail: dict[int, int] = {}
    place = min(left)
    while place not in trail:
        trail[place] = len(trail)
        place = next(places[need] for need in packages[place].needs if need in places)
    walked = list(trail)[trail[place] :]
    first = walked.index(min(walked))
    walked = walked[first:] + walked[:first]
    return [packages[place].origin for place in (*walked, walked[0])]
