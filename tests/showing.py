"""The app over a fixed snapshot, and the ten minutes before that: what the trends have to show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import sin

from synthtop.app import SynthtopApp
from synthtop.model import Snapshot
from synthtop.terminal import Looks

from . import builds

SECONDS = 600


def before(snapshot: Snapshot) -> Iterator[Snapshot]:
    """The snapshots of the seconds before ``snapshot``, oldest first, as it may have come to that."""
    last = snapshot.elapsed
    if last is None:
        return
    for second in range(max(0, last - SECONDS), last):
        way = 1 - (last - second) / SECONDS
        wave = 1 + sin(second / 47) / 3 + sin(second / 11) / 12
        host = snapshot.host
        load = None if host.load is None else host.load * (0.35 + 0.65 * way) * wave / 1.3
        swap = None if host.swap_pct is None else host.swap_pct * max(0.0, 2 * way - 1)
        limited = way > 0.7
        workers = snapshot.max_workers or 0
        dynmax = snapshot.dynmax if limited else snapshot.max_workers
        yield replace(
            snapshot,
            seq=second + 1,
            elapsed=second,
            host=host._replace(load=load, swap_pct=swap),
            rate=None if snapshot.rate is None else 60.0 * round(3 * wave),
            impulse=None if snapshot.impulse is None else (second * 7919 % 23 < 4) * (second % 4),
            dynmax=dynmax,
            active=min(dynmax or 0, workers - (second % 97 > 80)),
        )


def app_showing(snapshot: Snapshot, looks: Looks | None = None) -> SynthtopApp:
    """The app over this snapshot and what was before it; over a build of our own where it says so, with a way
    to others where there are any, or this one can be stopped."""
    own = snapshot.age is None and snapshot.elapsed is not None
    app = SynthtopApp(
        builds.Notebook() if own else None,
        chooser=builds.Shelf() if snapshot.builds or snapshot.holder is not None else None,
        looks=Looks() if looks is None else looks,
    )
    for earlier in before(snapshot):
        app.on_snapshot(earlier)
    app.on_snapshot(snapshot)
    return app
