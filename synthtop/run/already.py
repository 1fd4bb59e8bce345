"""Takes out what is built already, before the first package starts: what an earlier run has built, and where
``skip_if`` succeeds."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator

from ..collector import Collector
from .endings import Endings
from .job import Workplace, command_of, not_started
from .package import Command, Package, Phase, Plan
from .processes import JobLayer

_LOOK_EVERY = 1.0
"""Seconds after which it is asked whether to go on, if nothing ends meanwhile."""


def leave_out_built(
    plan: Plan,
    place: Workplace,
    layer: JobLayer,
    collector: Collector,
    endings: Endings,
    going_on: Callable[[], bool],
    before: Collection[str] = frozenset(),
) -> None:
    """Take out those ``before``, which an earlier run has built, and ask about each other package of
    ``plan``, for as long as ``going_on()``. What is not built is queued as it is found, what nobody was asked
    about in the end."""
    asked = [package for package in plan.packages if package.ignore is None]
    collector.record_queued(len(plan.packages) - len(asked))
    endings.already_built(package.origin for package in asked if package.origin in before)
    asked = [package for package in asked if package.origin not in before]
    built: list[str] = []
    queued = 0
    if plan.skip_if is not None:
        collector.log("looking for what is already built")
        for package, succeeded in _answers(asked, plan.skip_if, place, layer, collector, going_on):
            if succeeded:
                built.append(package.origin)
            else:
                queued += 1
                collector.record_queued(1)
        endings.already_built(built)
        if len(built) + queued == len(asked):
            collector.log(f"already built: {len(built)} of {len(asked)}")
    collector.record_queued(len(asked) - len(built) - queued)


def _answers(
    packages: Iterable[Package],
    skip_if: Command,
    place: Workplace,
    layer: JobLayer,
    collector: Collector,
    going_on: Callable[[], bool],
) -> Iterator[tuple[Package, bool]]:
    """Each package with whether its ``skip_if`` succeeded, for as long as ``going_on()``.

    As many are asked about at once as there are workers.
    """
    asking: dict[int, Package] = {}
    null = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    try:
        pending = iter(packages)
        while going_on():
            while len(asking) < collector.workers and (package := next(pending, None)) is not None:
                argv, env = command_of(package, Phase("skip_if", skip_if, None), 0, place)
                try:
                    asking[layer.spawn(argv, env, place.directory, null)] = package
                except OSError as error:
                    collector.log(f"skip_if of {package.origin} {not_started(error)}")
                    yield package, False
            if not asking:
                break
            for pid, code in layer.wait(_LOOK_EVERY):
                answered = asking.pop(pid, None)
                if answered is not None:
                    yield answered, code == 0
    finally:
        os.close(null)
