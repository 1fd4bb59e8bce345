"""A history that cannot be used is told of, a damaged one is kept aside, and another program's left alone."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from synthtop.history import opening, schema
from synthtop.history.problem import HistoryError, NoHistory
from synthtop.history.reading import History
from synthtop.history.trouble import problem_of
from synthtop.history.writing import Writer

from .histories import aside, filled, only_line, package, run

NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "history.db")


# -- what is in the way ------------------------------------------------------------------------------


def test_a_locked_history_is_said_to_be_and_written_once_it_is_free(path: str) -> None:
    writer = Writer(path, patience=0.0, tell=print)
    begun = writer.begin(run())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HistoryError) as raised:
            writer.write(begun, [package("a/b")], [])
        assert "is locked by another process" in only_line(raised.value, path)
        with pytest.raises(HistoryError, match="is locked"):
            writer.begin(run(started=0.0))
        with History(path) as history:  # which is no reason not to read it
            assert len(history.runs()) == 1
        other.execute("ROLLBACK")
    writer.write(begun, [package("a/b")], [])
    writer.close()
    with History(path) as history:
        assert [one.origin for one in history.packages(1)] == ["a/b"]


def test_a_history_that_is_wholly_locked_is_opened_by_nobody(path: str) -> None:
    filled(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HistoryError, match="is locked"):
            Writer(path, patience=0.0, tell=print)
        with pytest.raises(HistoryError, match="is locked"), History(path, patience=0.0):
            pass
    assert aside(path) == []


def test_on_a_full_disk_all_of_it_is_written_later_or_nothing(path: str) -> None:
    writer = Writer(path, tell=print)
    begun = writer.begin(run())
    packages = [package(f"a/{number}") for number in range(500)]
    connection = writer._opened.connection  # type: ignore[union-attr]
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(HistoryError) as raised:
        writer.write(begun, packages, [])
    assert "the disk is full" in only_line(raised.value, path)
    with History(path) as history:
        assert history.packages(1) == []
    connection.execute("PRAGMA max_page_count = 100000")
    writer.write(begun, packages, [])
    writer.close()
    with History(path) as history:
        assert history.packages(1) == packages


def test_a_disk_that_is_full_once_the_tables_are_made_leaves_nothing(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(sqlite3.Connection):
        def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
            if "wal_checkpoint" in statement:
                raise failure(sqlite3.SQLITE_FULL)
            return super().execute(statement, *values)

    connect = sqlite3.connect
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", lambda *how, **more: connect(*how, **more, factory=Full))
        with pytest.raises(HistoryError) as raised:
            Writer(path, tell=print)
    assert "the disk is full" in only_line(raised.value, path)
    assert os.listdir(os.path.dirname(path)) == []
    filled(path)


def failure(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMOPEN])
def test_a_disk_without_room_for_what_is_beside_the_file_is_full(path: str, code: int) -> None:
    assert "the disk is full" in only_line(problem_of(path, failure(code)), path)


def test_a_row_that_cannot_be_is_said_and_nothing_is_set_aside_for_it(path: str) -> None:
    writer = Writer(path, tell=print)
    begun = writer.begin(run())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET logs = x'ff'")
    with pytest.raises(HistoryError) as raised:
        writer.write(begun, [package("a/b")], [])
    assert "is damaged" in only_line(raised.value, path)
    assert writer.begin(run(started=0.0)).id == begun.id + 1
    writer.close()
    assert aside(path) == []


def test_a_number_that_is_none_is_no_reason_to_crash(path: str) -> None:
    writer = Writer(path, tell=print)
    begun = writer.begin(run())
    for bad in (package("a/b", duration=1 << 64), package("a/b", duration={})):  # type: ignore[arg-type]
        with pytest.raises(HistoryError, match="cannot be used"):
            writer.write(begun, [bad], [])
    with pytest.raises(HistoryError, match="cannot be used"):
        writer.begin(run(started=float("nan")))
    writer.write(begun, [package("a/b")], [])
    writer.close()
    assert aside(path) == []


def test_a_symbolic_link_is_not_followed(path: str, tmp_path: Path) -> None:
    filled(str(tmp_path / "real.db"))
    os.symlink("real.db", path)
    for use in (lambda: Writer(path, tell=print), lambda: History(path)):
        with pytest.raises(HistoryError) as raised:
            use()
        assert "symbolic link" in only_line(raised.value, path)
    os.unlink(path)
    os.symlink("nowhere.db", path)
    with pytest.raises(HistoryError, match="symbolic link"):
        Writer(path, tell=print)
    assert not (tmp_path / "nowhere.db").exists()


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_is_left_alone_and_not_waited_for(path: str, make: Callable[[str], None]) -> None:
    make(path)
    for use in (lambda: Writer(path, tell=print), lambda: History(path)):
        with pytest.raises(HistoryError, match="is no file"):
            use()


def test_a_file_where_its_directory_should_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "synthtop").touch()
    path = str(tmp_path / "synthtop" / "history.db")
    with pytest.raises(HistoryError) as raised:
        Writer(path, tell=print)
    assert "cannot be used" in only_line(raised.value, path)


def test_what_is_said_is_fit_for_a_terminal(tmp_path: Path) -> None:
    with pytest.raises(NoHistory) as raised:
        History(str(tmp_path / "\x1b[31m\n\udcff"))
    assert str(raised.value).isprintable()


# -- of another program, and of another time ---------------------------------------------------------


def test_another_programs_file_is_left_alone(path: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url)")
    before = Path(path).read_bytes()
    for use in (lambda: Writer(path, tell=print), lambda: History(path)):
        with pytest.raises(HistoryError) as raised:
            use()
        assert "is no history of synthtop" in only_line(raised.value, path)
    assert Path(path).read_bytes() == before
    assert os.listdir(os.path.dirname(path)) == ["history.db"]


def test_the_history_of_a_newer_synthtop_is_left_alone(path: str) -> None:
    filled(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(schema.STEPS) + 1}")
    for use in (lambda: Writer(path, tell=print), lambda: History(path)):
        with pytest.raises(HistoryError) as raised:
            use()
        assert "newer synthtop (schema 2, this one knows 1): update synthtop" in only_line(raised.value, path)
    assert aside(path) == []


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A synthtop with one more step."""
    steps = (*schema.STEPS, ("ALTER TABLE runs ADD COLUMN colour TEXT DEFAULT 'green'",))
    monkeypatch.setattr(opening, "STEPS", steps)
    monkeypatch.setattr(opening, "migrate", lambda connection: schema.migrate(connection, steps))


def colours(path: str) -> list[tuple[str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT colour FROM runs").fetchall()


@pytest.mark.usefixtures("later")
def test_an_earlier_history_keeps_what_it_has_in_the_newest_schema(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(opening, "STEPS", schema.STEPS)
        earlier.setattr(opening, "migrate", schema.migrate)
        filled(path)
    Writer(path, tell=print).close()
    assert colours(path) == [("green",)]
    with History(path) as history:
        assert len(history.packages(1)) == 3


def test_reading_an_earlier_history_brings_it_to_the_newest_schema(
    path: str, request: pytest.FixtureRequest
) -> None:
    filled(path)
    request.getfixturevalue("later")
    with History(path) as history:
        assert len(history.packages(1)) == 3
    assert colours(path) == [("green",)]


def test_a_step_that_fails_leaves_the_history_as_it_was(path: str) -> None:
    filled(path)
    steps = (*schema.STEPS, ("CREATE TABLE fresh (x)", "ALTER TABLE missing ADD COLUMN y"))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        with pytest.raises(sqlite3.OperationalError):
            schema.migrate(connection, steps)
        assert schema.schema_of(connection) == len(schema.STEPS)
        assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'fresh'").fetchone() is None


# -- where nothing may be written --------------------------------------------------------------------


@pytest.fixture
def readable() -> Iterator[str]:
    """A history in a directory that everybody may look into."""
    directory = tempfile.mkdtemp(prefix="synthtop-test-")
    os.chmod(directory, 0o755)
    path = f"{directory}/history.db"
    filled(path)
    yield path
    os.chmod(directory, 0o755)
    for name in os.listdir(directory):
        os.unlink(f"{directory}/{name}")
    os.rmdir(directory)


def as_somebody_else(action: Callable[[], str]) -> str:
    """What it returns to a user to whom permissions apply, or the HistoryError that it raises."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            try:
                said = action()
            except HistoryError as error:
                said = f"{type(error).__name__}: {error}"
            except BaseException as error:  # noqa: BLE001 - told to the parent
                said = f"unexpected {error!r}"
            os.write(writing, said.encode("utf-8", "replace"))
        finally:
            os.kill(os.getpid(), signal.SIGKILL)  # nothing of pytest's may run in it
    os.close(writing)
    with open(reading, encoding="utf-8") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


def read(path: str) -> str:
    with History(path) as history:
        return f"{len(history.packages(1))} packages"


def write(path: str) -> str:
    writer = Writer(path, tell=print)
    writer.write(writer.begin(run(started=0.0)), [], [])
    return "written"


@pytest.mark.parametrize("open_elsewhere", [False, True])
def test_a_history_is_read_where_nothing_may_be_written(readable: str, open_elsewhere: bool) -> None:
    writer = Writer(readable, tell=print)
    if not open_elsewhere:
        writer.close()
    for entry in os.scandir(os.path.dirname(readable)):
        os.chmod(entry.path, 0o444)
    os.chmod(os.path.dirname(readable), 0o555)
    assert as_somebody_else(lambda: read(readable)) == "3 packages"
    writer.close()


def test_where_nothing_may_be_written_it_is_not_read_without_its_news(readable: str) -> None:
    writer = Writer(readable, tell=print)
    writer.write(writer.begin(run(started=0.0)), [], [])
    news = Path(f"{readable}-wal").read_bytes()
    writer.close()
    Path(f"{readable}-wal").write_bytes(news)
    for entry in os.scandir(os.path.dirname(readable)):
        os.chmod(entry.path, 0o444)
    os.chmod(os.path.dirname(readable), 0o555)
    assert as_somebody_else(lambda: read(readable)).startswith(f"HistoryError: {readable} is read-only")


def test_a_read_only_history_is_said_to_be(readable: str) -> None:
    os.chmod(readable, 0o444)
    os.chmod(os.path.dirname(readable), 0o555)
    assert as_somebody_else(lambda: write(readable)).startswith(f"HistoryError: {readable} is read-only")


def test_a_directory_in_which_none_can_be_made_is_said(readable: str) -> None:
    os.chmod(os.path.dirname(readable), 0o555)
    missing = f"{os.path.dirname(readable)}/other/history.db"
    said = as_somebody_else(lambda: write(missing))
    assert said.startswith(f"HistoryError: {missing} cannot be used: Permission denied")


def test_a_history_of_somebody_else_is_not_read(readable: str) -> None:
    os.chmod(readable, 0o000)
    said = as_somebody_else(lambda: read(readable))
    assert said.startswith(f"HistoryError: {readable} cannot be opened")
    assert stat.S_IMODE(os.stat(readable).st_mode) == 0
