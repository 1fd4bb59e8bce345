"""Pruning lets go of what was asked for, and of nothing that is building."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from synthtop.history.problem import HistoryError, NoHistory
from synthtop.history.pruning import Pruned, prunable, prune
from synthtop.history.reading import SILENT, History
from synthtop.history.writing import Writer

from .histories import HOUR, STARTED, ended, minute, package, run

NOW = STARTED + 10 * HOUR
NONE: dict[str, Any] = {"older_than": None, "keep": None, "name": None, "now": NOW}


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Runs 1 to 4, each begun an hour after the one before: main, other, main, main; and 5 is building."""
    path = str(tmp_path / "history.db")
    writer = Writer(path, tell=print)
    for hours, name in enumerate(("main", "other", "main", "main")):
        begun = writer.begin(ended(STARTED + hours * HOUR, name=name))
        writer.write(begun, [package("a/shared"), package(f"a/only-in-{hours}")], [minute(0)])
    building = writer.begin(run(started=STARTED + 4 * HOUR, updated=NOW - 5))
    writer.write(building, [package("a/shared"), package("a/new")], [minute(0)])
    writer.close()
    return path


def left(path: str) -> list[int]:
    with History(path) as history:
        return [one.id for one in history.runs(now=NOW)]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, []),
        ({"older_than": 7.5 * HOUR}, [3, 2, 1]),
        ({"older_than": 7.5 * HOUR, "name": "main"}, [3, 1]),
        ({"older_than": 7.5 * HOUR, "keep": 3}, [2, 1]),
        ({"keep": 3}, [2, 1]),
        ({"keep": 0}, [4, 3, 2, 1]),
        ({"keep": 1, "name": "other"}, []),
        ({"keep": 9}, []),
        ({"name": "other"}, [2]),
        ({"name": "none"}, []),
        ({"runs": (2, 4, 99)}, [4, 2]),
        ({"runs": (4,), "older_than": 9.5 * HOUR}, [4, 1]),
        ({"runs": (5,)}, []),
    ],
)
def test_what_was_asked_for_goes_and_the_rest_stays(
    path: str, asked: dict[str, Any], expected: list[int]
) -> None:
    before = left(path)
    assert [one.id for one in prunable(path, **{**NONE, **asked})] == expected
    assert left(path) == before
    pruned = prune(path, expected, now=NOW)
    assert (pruned.runs, pruned.packages) == (len(expected), 2 * len(expected))
    assert left(path) == [id for id in before if id not in expected]


def test_what_goes_leaves_nothing_behind(path: str) -> None:
    prune(path, [1, 2, 3, 4, 5], now=NOW)
    with History(path) as history:
        assert history.builds("a/only-in-2") == []
        assert history.minutes(3) == []
        assert [one.origin for one in history.packages(5)] == ["a/shared", "a/new"]
        assert history.near("only") == []
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT count(*) FROM minutes").fetchone() == (1,)


def test_a_build_that_went_silent_is_no_longer_building(path: str) -> None:
    assert [one.id for one in prunable(path, **{**NONE, "runs": (5,), "now": NOW + SILENT})] == [5]


def test_the_file_becomes_smaller_by_what_is_said(path: str) -> None:
    writer = Writer(path, tell=print)
    begun = writer.begin(ended(STARTED - HOUR))
    writer.write(begun, [package(f"big/{number}") for number in range(3000)], [])
    writer.close()
    before = os.path.getsize(path)
    pruned = prune(path, [begun.id], now=NOW)
    assert pruned == Pruned(1, 3000, before - os.path.getsize(path))
    assert pruned.freed > before / 2


def test_a_build_goes_on_writing_while_others_are_pruned(path: str) -> None:
    writer = Writer(path, tell=print)
    begun = writer.begin(run(started=STARTED + 5 * HOUR, updated=NOW))
    writer.write(begun, [package("a/only-in-0")], [])
    prune(path, [1, 2, 3, 4, 5], now=NOW)
    writer.write(begun, [package("a/only-in-1")], [])
    writer.close()
    with History(path) as history:
        assert [one.origin for one in history.packages(begun.id)] == ["a/only-in-0", "a/only-in-1"]


def test_a_build_that_was_taken_for_gone_and_pruned_goes_on_as_another_run(path: str) -> None:
    told: list[str] = []
    writer = Writer(path, tell=told.append)
    begun = writer.begin(run(started=STARTED + 5 * HOUR, updated=NOW))
    assert prune(path, [begun.id], now=NOW + SILENT + 1).runs == 1
    for count in range(2):
        writer.write(begun, [package(f"a/{count}")], [])
    assert told == [f"run {begun.id} was removed from {path}: it goes on as run {begun.id + 1}"]
    writer.close()
    with History(path) as history:
        assert [one.origin for one in history.packages(begun.id + 1)] == ["a/0", "a/1"]


def test_a_locked_history_is_not_pruned(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthtop.history.pruning._PATIENCE", 0.0)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HistoryError, match="is locked"):
            prune(path, [1, 2, 3, 4, 5], now=NOW)
    assert left(path) == [5, 4, 3, 2, 1]


def test_there_is_nothing_to_prune_before_the_first_build(tmp_path: Path) -> None:
    with pytest.raises(NoHistory):
        prune(str(tmp_path / "history.db"), [1], now=NOW)
    assert os.listdir(tmp_path) == []
