"""A feed as text in this process: how it ends, and what is closed then."""

from __future__ import annotations

import io
import signal
import threading
from collections.abc import Sequence

import pytest

from synthtop import watch
from synthtop.model import Snapshot
from synthtop.watch import watch_plain

from . import builds


class Feed:
    """Says these snapshots in turn, the last one for good."""

    def __init__(self, *snapshots: Snapshot) -> None:
        self._snapshots = list(snapshots)
        self.closed = False

    def tick(self, now: float | None = None) -> Snapshot:
        return self._snapshots.pop(0) if len(self._snapshots) > 1 else self._snapshots[0]

    def close(self) -> None:
        self.closed = True


class Sink:
    """A consumer that remembers what it got."""

    def __init__(self, broken: str = "") -> None:
        self.got: list[Snapshot] = []
        self.closed = False
        self._broken = broken

    def on_snapshot(self, snapshot: Snapshot) -> None:
        if self._broken == "write":
            raise OSError("the disk is full")
        self.got.append(snapshot)

    def close(self) -> None:
        if self._broken == "close":
            raise OSError("the disk is gone")
        self.closed = True


class Hanging(Feed):
    """Hangs in its end until it is freed."""

    def __init__(self, *snapshots: Snapshot) -> None:
        super().__init__(*snapshots)
        self.free = threading.Event()

    def close(self) -> None:
        self.free.wait()


class Full(io.StringIO):
    """A disk without room."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def written(feed: Feed, sinks: Sequence[Sink] = ()) -> tuple[int, str]:
    out = io.StringIO()
    return watch_plain(feed, out, consumers=sinks), out.getvalue()


def test_text_ends_with_the_build_and_its_summary() -> None:
    feed, sink = Feed(builds.with_failures()), Sink()
    status, text = written(feed, [sink])
    assert status == 0
    assert "] Load " in text
    assert "blocks editors/vim-tiny" in text
    assert (feed.closed, sink.closed) == (True, True)


def test_what_else_is_written_gets_every_snapshot_that_the_text_shows() -> None:
    over, sink = builds.all_built(), Sink()
    written(Feed(over), [sink])
    assert sink.got == [over]


def test_a_build_that_is_gone_ends_the_text() -> None:
    assert written(Feed(builds.gone()))[0] == 0


def test_text_that_cannot_be_written_is_an_error_after_all_is_closed() -> None:
    feed, sink = Feed(builds.all_built()), Sink()
    with pytest.raises(OSError, match="No space left"):
        watch_plain(feed, Full(), consumers=[sink])
    assert (feed.closed, sink.closed) == (True, True)


@pytest.mark.parametrize("broken", ["write", "close"])
def test_a_consumer_that_fails_is_told_at_once_and_the_others_go_on(
    broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    good = Sink()
    assert written(Feed(builds.all_built()), [good, Sink(broken)])[0] == 0
    assert (len(good.got), good.closed) == (1, True)
    assert "synthtop: Sink failed" in capsys.readouterr().err


def test_a_feed_that_hangs_in_its_end_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_LETTING_GO", 0.01)
    feed, sink = Hanging(builds.all_built()), Sink()
    assert written(feed, [sink])[0] == 0
    assert sink.closed
    feed.free.set()


def test_signals_are_afterwards_what_they_were() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    written(Feed(builds.all_built()))
    assert {number: signal.getsignal(number) for number in before} == before
