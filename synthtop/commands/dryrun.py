"""``synthtop run --dry-run``: what would be built, in which order, and how long that may take."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence

from ..building import Resuming, logs_of, workers_of
from ..config import Settings
from ..eta.expected import Expected, weights
from ..eta.forecast import forecast
from ..eta.past import Past
from ..eta.work import Work
from ..history.loading import Loading
from ..history.place import history_file
from ..lines import eta_text
from ..model import Eta
from ..run.package import Plan
from ..run.queue import Queue, levels, order_named
from ..run.resume import NothingFailed, ResumeError, resumed
from ..terminal import say
from ..text import clean
from .parsing import refused

_PATIENCE = 5.0
"""Seconds to read the history in."""


def dry_run(plan: Plan, settings: Settings, resuming: str | None) -> int:
    """Print the packages of ``plan`` level by level. PlanError passes."""
    built: frozenset[str] = frozenset()
    if resuming is not None:
        try:
            before = resumed(logs_of(plan, settings), plan, Resuming(resuming) is Resuming.FAILED)
        except NothingFailed as found:
            print(clean(f"synthtop: {found}"))
            return 0
        except ResumeError as error:
            return refused(str(error))
        plan, built = before.plan, before.built
    order = order_named(settings.order)
    origins = [package.origin for package in plan.packages]
    past = Loading(history_file(os.environ), origins, socket.gethostname(), _tell).get(_PATIENCE)
    weighed = None if past is None else weights(past, origins)
    queue = Queue(plan.packages, order)
    queue.drop(built)
    skipped = {
        origin: because
        for package in plan.packages
        if package.ignore is not None
        for origin, because in queue.failed(package.origin)
    }
    for number, level in enumerate(levels(plan.packages, order, weighed), 1):
        print(f"Level {number} ({len(level)})")
        for package in level:
            remark = ""
            if package.origin in built:
                remark = "  built before"
            elif package.ignore is not None:
                remark = f"  ignored: {clean(package.ignore)}"
            elif package.origin in skipped:
                remark = f"  skipped due to {skipped[package.origin]}"
            print(f"  {package.origin}{remark}")
    if plan.skip_if is not None:
        print("What skip_if finds to be built already is left out.")
    if past is not None and weighed is not None:
        queue.weigh(weighed)
        if expected := _expected(origins, queue, past, workers_of(plan, settings)):
            print(expected)
    return 0


def _expected(origins: Sequence[str], queue: Queue, past: Past, workers: int) -> str | None:
    """How long what is left in ``queue`` takes, by what ``past`` says; None where it says nothing."""
    standing, expected = queue.standing(), Expected(past)
    work = Work(origins, standing.waiting, standing.needs, standing.dependents)
    found = forecast(work, expected, workers) if standing.waiting else None
    if found is None:
        return None
    known = sum(expected.known(origins[place]) for place in standing.waiting)
    time = eta_text(Eta(round(found.seconds), round(found.plus_minus))).removeprefix("ETA ")
    slots = f"{workers} worker{'s' if workers > 1 else ''}"
    if not known:
        return f"Expected to take {time} with {slots}, by what other packages took: none of these is known."
    known_of = f"{known} of {len(standing.waiting)} packages"
    return f"Expected to take {time} with {slots}, by what {known_of} took before."


def _tell(complaint: str) -> None:
    say(f"synthtop: {complaint}")
