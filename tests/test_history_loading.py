"""What earlier builds took, read for whoever does not wait for it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from synthtop.eta.past import NO_PAST, Past
from synthtop.history import loading as loading_module
from synthtop.history.loading import MOST_ORIGINS, Loading, LoadingFollowed
from synthtop.history.problem import HistoryError, NoHistory
from synthtop.model import Source, SourceKind, WorkerRow, WorkerState

from . import builds
from .recording import JSON, PATIENCE, STARTED, World, built, snapshot

HERE = "builder1"


class Shelf:
    """A history of packages that took ten seconds each; ``asked`` has the questions."""

    def __init__(self, *last: str) -> None:
        self.last = [*last]
        self.problem: Exception | None = None
        self.asked: list[Any] = []

    def __call__(self, path: str) -> Shelf:
        if self.problem is not None:
            raise self.problem
        return self

    def past(self, origins: Sequence[str], host: str) -> Past:
        self.asked.append((list(origins), host))
        return Past(dict.fromkeys(origins, (10.0,)))

    def origins_of_last(self, name: str, host: str, before: float) -> list[str]:
        self.asked.append((name, host, before))
        return self.last

    def close(self) -> None:
        pass


def followed(shelf: Shelf, said: list[str] | None = None) -> LoadingFollowed:
    report = (lambda line: None) if said is None else said.append
    return LoadingFollowed("/history.db", HERE, report, reader=shelf)


# -- a build of our own ------------------------------------------------------------------------------


def test_what_earlier_builds_took_is_there_once_it_is_read(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.record(snapshot(0), snapshot(30, built("a/a", 20, 7), built("b/b", 25, 9)))
    loading = Loading(world.path, ["a/a", "c/c"], HERE, world.report)
    past = loading.get(None)
    assert past is not None
    assert {origin: [*seconds] for origin, seconds in past.here.items()} == {"a/a": [7]}
    assert world.said == []


def test_nobody_waits_longer_than_he_wants() -> None:
    answers = threading.Event()

    def hangs(path: str) -> Shelf:
        answers.wait(PATIENCE)
        return Shelf()

    loading = Loading("/history.db", ["a/a"], HERE, lambda line: None, reader=hangs)
    assert loading.get(0.0) is None
    answers.set()
    assert loading.get(None) == Past({"a/a": (10.0,)})


def test_without_a_home_or_a_history_nothing_is_known_and_nothing_is_wrong(tmp_path: Path) -> None:
    said: list[str] = []
    assert Loading(None, ["a/a"], HERE, said.append).get(0.0) is NO_PAST
    assert Loading(str(tmp_path / "history.db"), ["a/a"], HERE, said.append).get(None) is NO_PAST
    assert said == []


def test_what_is_wrong_with_the_history_is_said(tmp_path: Path) -> None:
    said: queue.Queue[str] = queue.Queue()
    shelf = Shelf()
    shelf.problem = HistoryError("/history.db is of a newer synthtop: update it")
    assert Loading("/history.db", ["a/a"], HERE, said.put, reader=shelf).get(None) is NO_PAST
    shelf.problem = RuntimeError("oh")
    assert Loading("/history.db", ["a/a"], HERE, said.put, reader=shelf).get(None) is NO_PAST
    assert [said.get(timeout=PATIENCE), said.get(timeout=PATIENCE)] == [
        "what earlier builds took is not known: /history.db is of a newer synthtop: update it",
        "what earlier builds took is not known: internal error: RuntimeError: oh",
    ]


# -- builds of others --------------------------------------------------------------------------------


def test_what_a_followed_build_had_to_build_the_last_time_is_asked_once() -> None:
    shelf = Shelf("a/a", "b/b")
    loading = followed(shelf)
    assert loading.past() is NO_PAST
    assert loading.last_origins(snapshot(5, source=JSON)) == ["a/a", "b/b"]
    assert loading.last_origins(snapshot(6, source=JSON)) == ["a/a", "b/b"]
    assert shelf.asked == [("LiveSystem", HERE, STARTED - 10)]


def test_the_past_is_of_all_packages_of_the_build_and_each_is_read_once() -> None:
    shelf = Shelf("a/a", "b/b")
    loading = followed(shelf)
    row = WorkerRow(0, WorkerState.RUNNING, origin="r/r")
    said = replace(snapshot(5, built("e/e", 1), source=JSON), queue=("q/q", "a/a"), workers=(row,))
    loading.last_origins(said)
    shelf.asked.clear()
    past = loading.past()
    assert loading.past() is past
    assert shelf.asked == [(["r/r", "q/q", "a/a", "b/b", "e/e"], HERE)]
    loading.last_origins(replace(said, queue=("q/q", "a/a", "n/n")))
    assert loading.past().here.keys() == {"r/r", "q/q", "a/a", "b/b", "e/e", "n/n"}
    assert shelf.asked[1:] == [(["n/n"], HERE)]
    assert "n/n" not in past.here


def test_another_build_has_another_past() -> None:
    shelf = Shelf("a/a")
    loading = followed(shelf)
    loading.last_origins(snapshot(5, source=JSON))
    assert loading.past().here.keys() == {"a/a"}
    shelf.last = ["b/b"]
    other = Source(SourceKind.POUDRIERE, "/data/logs/bulk/13amd64/latest", name="13amd64")
    assert loading.last_origins(snapshot(5, source=other)) == ["b/b"]
    assert loading.past().here.keys() == {"b/b"}
    assert shelf.asked[-2:] == [("13amd64", HERE, STARTED - 10), (["b/b"], HERE)]


def test_a_history_that_cannot_be_read_is_asked_again_and_said_once() -> None:
    shelf, said = Shelf("a/a"), list[str]()
    loading = followed(shelf, said)
    shelf.problem = HistoryError("/history.db is locked")
    for elapsed in range(3):
        assert loading.last_origins(snapshot(elapsed, source=JSON)) == ()
    assert said == ["what earlier builds took is not known: /history.db is locked"]
    shelf.problem = NoHistory("nothing yet")
    assert loading.last_origins(snapshot(3, source=JSON)) == ()
    shelf.problem = None
    assert loading.last_origins(snapshot(4, source=JSON)) == ["a/a"]
    assert loading.past().here.keys() == {"a/a"}
    assert len(said) == 1


def test_a_disk_that_hangs_holds_up_no_eta_and_is_asked_one_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading_module, "_PATIENCE", 0.0)
    answers, opened = threading.Event(), list[str]()
    shelf = Shelf("a/a")

    def hangs(path: str) -> Shelf:
        opened.append(path)
        assert answers.wait(PATIENCE)
        return shelf

    def answered() -> None:
        answers.set()
        for thread in threading.enumerate():
            if thread.name == "synthtop-past":
                thread.join(PATIENCE)
        answers.clear()

    loading = LoadingFollowed("/history.db", HERE, lambda line: None, reader=hangs)
    for elapsed in range(5):
        assert loading.last_origins(snapshot(elapsed, source=JSON)) == ()
        assert loading.past() is NO_PAST
    assert len(opened) == 1
    answered()
    assert loading.last_origins(snapshot(6, source=JSON)) == ["a/a"]
    for waiting in (("b/b",), ("c/c",)):
        loading.last_origins(replace(snapshot(7, source=JSON), queue=waiting))
        assert loading.past() is NO_PAST
    assert len(opened) == 2
    answered()
    # What it was asked first, although there is more to ask by now.
    assert loading.past().here.keys() == {"b/b", "a/a"}
    loading.past()
    answered()
    assert loading.past().here.keys() == {"b/b", "a/a", "c/c"}
    # An answer that came for another build is nobody's.
    loading.last_origins(replace(snapshot(8, source=JSON), queue=("d/d",)))
    loading.past()
    answered()
    other = Source(SourceKind.POUDRIERE, "/data/logs/bulk/13amd64/latest", name="13amd64")
    assert loading.last_origins(snapshot(9, source=other)) == ()
    answered()
    assert loading.last_origins(snapshot(10, source=other)) == ["a/a"]


def test_a_source_that_names_any_number_of_packages_is_asked_for_so_many() -> None:
    shelf = Shelf()
    loading = followed(shelf)
    for start in (0, MOST_ORIGINS):
        names = [f"a/{number}" for number in range(start, start + MOST_ORIGINS)]
        loading.last_origins(replace(snapshot(5, source=JSON), queue=names))
        loading.past()
    assert [len(origins) for origins, _ in shelf.asked[1:]] == [MOST_ORIGINS]


def test_without_a_home_or_a_start_nothing_is_known_of_a_followed_build() -> None:
    nowhere = LoadingFollowed(None, HERE, lambda line: None)
    assert nowhere.last_origins(builds.building()) == ()
    assert nowhere.past() is NO_PAST
    shelf = Shelf("a/a")
    loading = followed(shelf)
    assert loading.last_origins(replace(snapshot(5), started=None, elapsed=None)) == ()
    assert loading.past() is NO_PAST
    assert shelf.asked == []
