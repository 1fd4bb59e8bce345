"""What is left of a build, as far as it is known: what an ETA is made from. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Running(NamedTuple):
    """A package in a slot, for ``elapsed`` seconds so far."""

    origin: str
    elapsed: float


class Work(NamedTuple):
    """What is left of a build at one moment.

    Packages are numbered by their place in ``origins``. ``waiting`` are the places of those that have neither
    ended nor begun, in the order in which they would start where all could; ``needs`` says by place how many
    others have to end before it, and ``dependents`` by place which ones wait for it. Both are empty where
    nobody knows who needs whom. ``running`` are in slots. ``unnamed`` more are to be built of which not even
    the origin is known. ``running_places`` has the place of each that runs, -1 where it has none.

    What is handed over is never changed: neither by who made it, nor by who reads it.
    """

    origins: Sequence[str]
    waiting: Sequence[int]
    needs: Sequence[int] = ()
    dependents: Sequence[Sequence[int]] = ()
    running: Sequence[Running] = ()
    running_places: Sequence[int] = ()
    unnamed: int = 0
