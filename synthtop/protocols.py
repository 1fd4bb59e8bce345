"""What the parts of synthtop expect of each other: a feed, its consumers, the ways back from the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .model import Inside, Outcome, Snapshot


class Feed(Protocol):
    """Something that says, once a second, how a build stands."""

    def tick(self, now: float | None = None) -> Snapshot:
        """Take the snapshot of this moment; ``now`` is monotonic seconds."""

    def close(self) -> None:
        """Let go of everything. Idempotent."""


class Consumer(Protocol):
    """Something that shows or stores snapshots.

    Called outside every lock, in the pulse's thread: it must not wait for anything but its own disk.
    """

    def on_snapshot(self, snapshot: Snapshot) -> None: ...

    def close(self) -> None: ...


class Controls(Protocol):
    """The way back from the screen to a build of our own. Each returns at once."""

    def drain(self) -> None:
        """Start nothing more; let what runs finish."""

    def stop(self) -> None:
        """Stop what runs: SIGTERM, and after the grace time SIGKILL."""

    def kill(self) -> None:
        """Kill what runs now."""

    def limit(self, workers: int | None) -> None:
        """Let at most this many slots hold a package; None takes the hand limit away."""

    def end_package(self, slot: int, origin: str, outcome: Outcome) -> None:
        """End ``origin``, if it is still in ``slot``: ``failed`` counts it as killed by hand, ``ignored`` as
        skipped by hand."""

    def retry(self, origins: Sequence[str]) -> None:
        """Queue these failed packages again, and what each of them blocked."""

    def inside(self, slot: int) -> Inside | None:
        """What was found in ``slot`` by the last look at the processes; None for an empty one, and before the
        first look. As long as this is asked for, they are looked at every few seconds; where the host has too
        many of them they never are, and ``problem`` says so."""

    def measure(self, wanted: bool) -> None:
        """Whether the rows are to say CPU and memory of their slots."""


class Chooser(Protocol):
    """The way from the screen to another build that could be shown. Each returns at once."""

    def choose(self, path: str) -> None:
        """Show the build whose :class:`Listed` has this path."""

    def back(self) -> None:
        """Show none: list those that there are."""

    def stop(self) -> None:
        """Ask the build that is shown, one of this user's, to end. What comes of it is seen, or logged."""
