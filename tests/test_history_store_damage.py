"""A damaged history is kept aside, and a build whose history went goes on in a new one."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from synthtop.history import trouble
from synthtop.history.problem import HistoryError
from synthtop.history.reading import History
from synthtop.history.writing import Writer

from .histories import STARTED, aside, filled, only_line, package, run


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "history.db")


# -- a damaged one -----------------------------------------------------------------------------------


def garbage(path: str) -> None:
    Path(path).write_bytes(bytes(range(256)) * 64)


def cut_in_the_midst(path: str) -> None:
    os.truncate(path, os.path.getsize(path) // 2)


def cut_in_its_header(path: str) -> None:
    os.truncate(path, 50)


def tables_overwritten(path: str) -> None:
    data = bytearray(Path(path).read_bytes())
    data[100:4096] = b"\xff" * 3996
    Path(path).write_bytes(data)


DAMAGES = [garbage, cut_in_the_midst, cut_in_its_header, tables_overwritten]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_history_is_set_aside_and_a_new_one_begun(path: str, damage: Callable[[str], None]) -> None:
    filled(path)
    damage(path)
    before = Path(path).read_bytes()
    told: list[str] = []
    writer = Writer(path, tell=told.append)
    writer.write(writer.begin(run()), [package("new/one")], [])
    writer.close()
    (kept,) = aside(path)
    assert re.fullmatch(r"history\.db\.corrupt-\d{8}-\d{6}", kept)
    assert (Path(path).parent / kept).read_bytes() == before
    (line,) = told
    assert line.startswith(f"{path} was damaged: it is kept as {path}.corrupt-")
    with History(path) as history:
        assert [one.origin for one in history.packages(1)] == ["new/one"]


@pytest.mark.parametrize("damage", DAMAGES)
def test_reading_a_damaged_history_says_so_and_leaves_it_there(
    path: str, damage: Callable[[str], None]
) -> None:
    filled(path)
    damage(path)
    before = Path(path).read_bytes()
    with pytest.raises(HistoryError) as raised, History(path) as history:
        history.runs()
    assert "is damaged" in only_line(raised.value, path)
    assert Path(path).read_bytes() == before
    assert aside(path) == []


def overwrite_packages(path: str) -> None:
    """Their pages, and nothing else."""
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'packages'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with open(path, "r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)


def test_where_a_part_is_damaged_the_rest_is_read(path: str) -> None:
    filled(path)
    overwrite_packages(path)
    with History(path) as history:
        assert len(history.runs()) == 1
        with pytest.raises(HistoryError, match="is damaged"):
            history.packages(1)
        assert history.minutes(1) == []


def test_what_was_found_damaged_while_writing_goes_on_in_a_new_one(path: str) -> None:
    filled(path)
    overwrite_packages(path)
    told: list[str] = []
    writer = Writer(path, tell=told.append)
    begun = writer.begin(run(started=STARTED + 5000))
    writer.write(begun, [package("new/one")], [])
    writer.write(begun, [package("new/two")], [])
    writer.close()
    assert len(told) == 1
    assert len(aside(path)) == 1
    with History(path) as history:
        (only,) = history.runs()
        assert only.started == begun.started
        assert [one.origin for one in history.packages(only.id)] == ["new/one", "new/two"]


def test_a_word_that_no_synthtop_writes_is_damage(path: str) -> None:
    filled(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE packages SET outcome = 'lost'")
        connection.execute("UPDATE runs SET state = 'lost'")
        connection.commit()
    with History(path) as history:
        with pytest.raises(HistoryError, match="is damaged"):
            history.packages(1)
        with pytest.raises(HistoryError, match="is damaged"):
            history.runs()


def test_a_text_where_a_number_belongs_is_damage(path: str) -> None:
    filled(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE packages SET duration = x'00ff'")
        connection.execute("INSERT INTO minutes (run, minute, load) VALUES (1, 0, 'high')")
        connection.execute("UPDATE runs SET started = 'x'")
        connection.commit()
    with History(path) as history:
        for asked in (history.packages, history.minutes, lambda run: history.runs()):
            with pytest.raises(HistoryError, match="is damaged"):
                asked(1)


def test_two_damaged_ones_of_one_second_are_both_kept(path: str) -> None:
    for content in (b"one", b"two"):
        Path(path).write_bytes(content)
        identity = trouble.identity_of(path)
        assert identity is not None
        assert trouble.set_aside(path, identity, STARTED, 0.0) is not None
    assert [(Path(path).parent / name).read_bytes() for name in aside(path)] == [b"one", b"two"]


def test_what_is_beside_a_damaged_one_goes_with_it(path: str) -> None:
    for ending in ("", "-wal", "-shm"):
        Path(path + ending).write_text(ending)
    identity = trouble.identity_of(path)
    assert identity is not None
    taken = trouble.set_aside(path, identity, STARTED, 0.0)
    assert os.listdir(os.path.dirname(path)) != []
    assert [Path(f"{taken}{ending}").read_text() for ending in ("", "-wal", "-shm")] == ["", "-wal", "-shm"]
    assert trouble.identity_of(path) is None


def test_what_another_process_has_replaced_already_is_not_set_aside(path: str) -> None:
    Path(path).write_text("damaged")
    found = trouble.identity_of(path)
    assert found is not None
    os.rename(path, f"{path}.old")
    Path(path).write_text("good")
    assert trouble.set_aside(path, found, STARTED, 0.0) is None
    assert Path(path).read_text() == "good"


def test_while_another_process_sets_it_aside_nobody_else_does(path: str) -> None:
    Path(path).write_text("damaged")
    identity = trouble.identity_of(path)
    assert identity is not None
    with trouble.alone(path, 0.0), pytest.raises(HistoryError, match="another process"):
        trouble.set_aside(path, identity, STARTED, 0.0)
    assert trouble.set_aside(path, identity, STARTED, 0.0) is not None


# -- one that went -----------------------------------------------------------------------------------


def test_a_history_deleted_during_a_build_is_begun_anew_and_the_build_with_it(path: str) -> None:
    filled(path)
    told: list[str] = []
    writer = Writer(path, tell=told.append)
    begun = writer.begin(run(started=STARTED + 5000))
    writer.write(begun, [package("a/before")], [])
    os.unlink(path)
    writer.write(begun, [package("a/after")], [])
    writer.write(begun, [package("a/end")], [])
    writer.close()
    assert told == [f"{path} is no longer the file that it was: another one is written now"]
    with History(path) as history:
        (only,) = history.runs()
        assert only.id == 1
        assert [one.origin for one in history.packages(1)] == ["a/after", "a/end"]


def test_a_run_that_was_pruned_during_its_build_is_begun_anew(path: str) -> None:
    writer = Writer(path, tell=print)
    begun = writer.begin(run())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM runs")
        connection.commit()
    writer.write(begun, [package("a/after")], [])
    writer.close()
    with History(path) as history:
        (only,) = history.runs()
        assert only.id != begun.id  # no number is given twice
        assert len(history.packages(only.id)) == 1


def test_a_build_never_writes_into_the_run_of_another_one(path: str) -> None:
    filled(path)
    writer = Writer(path, tell=print)
    other = run(id=1, started=STARTED + 99999)
    writer.write(other, [package("b/b")], [])
    writer.close()
    with History(path) as history:
        assert [one.id for one in history.runs()] == [2, 1]
        assert [one.origin for one in history.packages(2)] == ["b/b"]
        assert len(history.packages(1)) == 3


def test_what_a_deleted_one_left_beside_is_not_taken_for_news(path: str) -> None:
    writer = Writer(path, tell=print)
    writer.write(writer.begin(run()), [package("old/one")], [])
    left = Path(f"{path}-wal").read_bytes()
    writer.close()
    os.unlink(path)
    Path(f"{path}-wal").write_bytes(left)
    filled(path)
    with History(path) as history:
        assert [one.origin for one in history.packages(1)] == ["a/0", "a/1", "a/2"]
