"""How long packages took, as the ETA wants to know it: thousands of origins at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence

from ..eta.past import Past
from .rows import check_figures, stored, told

SAMPLE = 200
"""Packages of a category that say how long one of it takes."""
_SAMPLE_OF_ALL = 400
_HOSTS = 8
"""Other hosts that are asked: those with the newest runs."""
_SHUFFLED = 4
"""Times as many runs are looked at where not all were recorded in the order in which they began."""
_AT_ONCE = 500
"""Origins that are asked for in one statement, which takes half the time of one each."""

# Reads nothing but the index, and no more of that than it has to.
_NEWEST = (
    "SELECT origins.name, built.run, built.duration FROM origins"
    " JOIN packages AS built INDEXED BY packages_by_origin"
    " ON built.origin = origins.id AND built.host = :host"
    " AND built.outcome = 'built' AND built.duration IS NOT NULL"
    " AND built.run >= coalesce((SELECT run FROM packages INDEXED BY packages_by_origin"
    " WHERE origin = origins.id AND host = :host AND outcome = 'built' AND duration IS NOT NULL"
    " ORDER BY run DESC LIMIT 1 OFFSET :count - 1), 0)"
    " WHERE origins.name IN ({names})"
)


def past_of(connection: sqlite3.Connection, origins: Sequence[str], host: str, last: int) -> Past:
    """What the history says of ``origins`` for a build on ``host``; of each its newest ``last`` builds.

    To be called within a transaction: runs that are new in between would be those of nobody.
    """
    origins = list(dict.fromkeys(origins))
    starts: dict[int, float] = {}
    newest_of: dict[int, float] = {}
    for run, where, started in connection.execute("SELECT id, host, started FROM runs ORDER BY started, id"):
        check_figures((started,))
        starts[run] = newest_of[where] = started
    row = connection.execute("SELECT id FROM hosts WHERE name = ?", (stored(host),)).fetchone()
    here = None if row is None else int(row[0])
    others = sorted((where for where in newest_of if where != here), key=lambda where: -newest_of[where])
    ids = list(starts)
    in_order = ids == sorted(ids)
    depth = last if in_order else last * _SHUFFLED

    def durations(hosts: Sequence[int]) -> dict[str, Sequence[float]]:
        """Of each origin, the newest first."""
        builds: dict[str | bytes, list[tuple[int, float]]] = {}
        for where in hosts:
            for origin, run, seconds in _newest(connection, origins, where, depth):
                builds.setdefault(origin, []).append((run, seconds))
        # By the number of the run, which is cheaper by half, wherever that says the same.
        began = None if in_order else lambda build: (starts[build[0]], build[0])
        return {
            told(origin): [seconds for _, seconds in sorted(some, key=began, reverse=True)[:last]]
            for origin, some in builds.items()
        }

    return Past(
        {} if here is None else durations((here,)),
        durations(others[:_HOSTS]),
        {} if here is None else _categories(connection, origins, here),
    )


def _newest(
    connection: sqlite3.Connection, origins: Sequence[str], host: int, count: int
) -> Iterator[tuple[str | bytes, int, float]]:
    """Origin as it is stored, run and seconds of each of the ``count`` builds of these origins that were
    recorded last."""
    for at in range(0, len(origins), _AT_ONCE):
        some = origins[at : at + _AT_ONCE]
        values = {f"n{place}": stored(origin) for place, origin in enumerate(some)}
        found = connection.execute(
            _NEWEST.format(names=", ".join(f":{name}" for name in values)),
            {"host": host, "count": count, **values},
        ).fetchall()
        check_figures([seconds for _, _, seconds in found])
        yield from found


def _categories(
    connection: sqlite3.Connection, origins: Sequence[str], host: int
) -> Mapping[str, Sequence[float]]:
    """By category of ``origins`` the last duration of some of its packages; under ``""`` of some of all."""
    wanted = {origin.rpartition("/")[0] for origin in origins}
    all_of_them: list[str] = []
    members: dict[str, list[str]] = {}
    for (name,) in connection.execute("SELECT name FROM origins ORDER BY name"):
        origin = told(name)
        all_of_them.append(origin)
        category = origin.rpartition("/")[0]
        if category and category in wanted:
            members.setdefault(category, []).append(origin)
    samples = {category: _spread(some, SAMPLE) for category, some in members.items()}
    samples[""] = _spread(all_of_them, _SAMPLE_OF_ALL)
    asked = list({origin for sample in samples.values() for origin in sample})
    lasted = {told(origin): seconds for origin, _, seconds in _newest(connection, asked, host, 1)}
    known = {
        category: [lasted[origin] for origin in sample if origin in lasted]
        for category, sample in samples.items()
    }
    return {category: seconds for category, seconds in known.items() if seconds}


def _spread(origins: Sequence[str], count: int) -> Sequence[str]:
    """``count`` of them, evenly: neighbours by name are alike."""
    if len(origins) <= count:
        return origins
    return [origins[place * len(origins) // count] for place in range(count)]
