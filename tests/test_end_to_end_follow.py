"""A build that really runs, is killed and has a successor, and those who follow it by its files alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from synthtop.follow.follower import Follower
from synthtop.model import BuildState, LogKind, Snapshot, SourceKind
from synthtop.protocols import Feed

from .terminal import PATIENCE, SYNTHTOP, environment, eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

FOLLOWERS = 8
_PAUSE = 0.01
"""Seconds between two polls of one follower: a hundred times as many as a screen makes."""


class Polling:
    """A follower that polls in a thread of its own, and all that it was told."""

    def __init__(self, path: Path) -> None:
        self.feed: Feed = Follower(str(path), patience=PATIENCE)
        self.told: list[Snapshot] = []
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._enough.wait(_PAUSE):
            self.told.append(self.feed.tick())
        self.feed.close()

    def close(self) -> None:
        self._enough.set()
        self._thread.join(PATIENCE)

    @property
    def states(self) -> list[tuple[BuildState, float | None]]:
        """The states of builds and their starts, each once where it stays."""
        found: list[tuple[BuildState, float | None]] = []
        for snapshot in self.told:
            stands = (snapshot.state, snapshot.started)
            # At its first breath a build has its text file alone.
            if snapshot.source.kind is SourceKind.JSON and found[-1:] != [stands]:
                found.append(stands)
        return found


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Begins a build of two packages of a category, that keeps ``m.dat`` and never ends by itself."""
    begun: list[subprocess.Popen[bytes]] = []

    def begin(category: str) -> subprocess.Popen[bytes]:
        run = (*SYNTHTOP, "run", "-j2", "--monitor", "m.dat", "--logs", category)
        begun.append(
            subprocess.Popen(
                [*run, "-c", "exec sleep 600 #", f"{category}/one", f"{category}/two"],
                cwd=tmp_path,
                env=environment(XDG_RUNTIME_DIR=str(tmp_path)),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        return begun[-1]

    yield begin
    for process in begun:
        process.terminate()
        process.wait(PATIENCE)


def categories(snapshot: Snapshot) -> set[str]:
    """Whose packages have been started."""
    starts = (line.text for line in snapshot.log if line.kind is LogKind.START)
    return {text.split()[2].partition("/")[0] for text in starts}


def until(feed: Feed, state: BuildState, category: str) -> Snapshot:
    """Poll until a build of that category is in this state."""
    found: list[Snapshot] = []

    def there() -> bool:
        found.append(feed.tick())
        return found[-1].state is state and categories(found[-1]) == {category}

    eventually(there, f"{category} {state}")
    return found[-1]


def test_a_killed_build_is_gone_at_the_next_poll_and_the_next_one_takes_over_for_all_that_follow(
    tmp_path: Path, begin: Callable[[str], subprocess.Popen[bytes]]
) -> None:
    path = tmp_path / "m.dat"
    feed = Follower(str(path), patience=PATIENCE)
    others = [Polling(path) for _ in range(FOLLOWERS - 1)]
    killed = begin("old")
    old = until(feed, BuildState.BUILDING, "old")
    assert old.holder is not None
    assert old.source.logs == str(tmp_path / "old")

    os.kill(old.holder, signal.SIGKILL)
    killed.wait(PATIENCE)  # its guard has reaped it
    gone = feed.tick()
    assert (gone.state, gone.totals, gone.holder) == (BuildState.GONE, old.totals, None)
    eventually(lambda: all(other.told[-1].state is BuildState.GONE for other in others), "all know")

    successor = begin("new")
    new = until(feed, BuildState.BUILDING, "new")
    assert new.started != old.started
    assert len(new.log) == 2
    assert new.holder not in (None, old.holder)
    eventually(lambda: all(categories(other.told[-1]) == {"new"} for other in others), "all have the new one")

    successor.terminate()
    assert successor.wait(PATIENCE) == 128 + signal.SIGTERM
    assert feed.tick().state is BuildState.INTERRUPTED
    eventually(
        lambda: all(other.told[-1].state is BuildState.INTERRUPTED for other in others), "all see its end"
    )
    feed.close()
    for other in others:
        other.close()
        assert other.states == [
            (BuildState.BUILDING, old.started),
            (BuildState.GONE, old.started),
            (BuildState.BUILDING, new.started),
            (BuildState.INTERRUPTED, new.started),
        ]
        for snapshot in other.told:
            assert categories(snapshot) <= ({"old"} if snapshot.started == old.started else {"new"})


def test_what_was_written_before_a_poll_is_shown_by_it_exactly(
    tmp_path: Path, begin: Callable[[str], subprocess.Popen[bytes]]
) -> None:
    """Polled once a second, a follower is then never more than a second behind."""
    begin("some")
    feed = Follower(str(tmp_path / "m.dat"), patience=PATIENCE)
    until(feed, BuildState.BUILDING, "some")
    compared: set[int] = set()

    def shown_as_written() -> bool:
        written = json.loads((tmp_path / "m.json").read_bytes())
        shown = feed.tick()
        assert shown.seq >= written["seq"]
        if shown.seq == written["seq"]:
            assert (shown.time, shown.elapsed, shown.host.load) == (
                written["time"], written["elapsed"], written["load"],
            )  # fmt: skip
            assert shown.totals.remaining == written["totals"]["remaining"]
            assert [row.elapsed for row in shown.workers] == [slot["elapsed"] for slot in written["slots"]]
            assert [line.seq for line in shown.log] == [line["seq"] for line in written["log"]]
            compared.add(shown.seq)
        return len(compared) == 2

    eventually(shown_as_written, "two of its seconds")
    feed.close()
