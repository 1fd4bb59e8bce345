"""Files that are read again and again: each change is seen, and nothing is read that has not changed."""

from __future__ import annotations

import mmap
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.follow.files import WatchedFile
from synthtop.formats import FormatError

LONG_AGO = 1_000_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "monitor.dat"


def write(path: Path, data: bytes, at: float = LONG_AGO) -> None:
    """Write in place, and make it look as if it had been at ``at``."""
    path.write_bytes(data)
    os.utime(path, (at, at))


def replace(path: Path, data: bytes) -> None:
    fresh = path.with_suffix(".new")
    write(fresh, data)
    fresh.rename(path)


def watched(path: Path, **more: bool | int) -> WatchedFile:
    return WatchedFile(str(path), wall=lambda: 2e9, **more)  # type: ignore[arg-type]


def test_a_file_is_read_once_while_nothing_changes(path: Path) -> None:
    write(path, b"one")
    file = watched(path)
    assert file.read() == b"one"
    assert file.read() is None
    assert file.read() is None


def test_a_file_that_was_replaced_is_read_again_even_where_size_and_time_are_the_same(path: Path) -> None:
    write(path, b"one")
    file = watched(path)
    file.read()
    replace(path, b"two")
    assert file.read() == b"two"


def test_a_file_that_is_written_in_place_or_cut_is_read_again(path: Path) -> None:
    write(path, b"one")
    file = watched(path)
    file.read()
    write(path, b"two", LONG_AGO + 1)
    assert file.read() == b"two"
    os.truncate(path, 0)
    assert file.read() == b""
    assert file.read() is None


def test_a_file_that_was_written_just_now_is_looked_at_once_more(path: Path) -> None:
    """Two writes in one tick of the file system's clock leave the same times."""
    now = float(LONG_AGO)
    write(path, b"one", now)
    file = WatchedFile(str(path), wall=lambda: now)
    assert file.read() == b"one"
    assert file.read() is None, "looked at, and the same"
    before = path.stat()
    with mmap_of(path) as mapped:
        mapped[:] = b"two"
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.read() == b"two"


def mmap_of(path: Path) -> mmap.mmap:
    with path.open("r+b") as file:
        return mmap.mmap(file.fileno(), 0)


def test_what_is_written_through_a_mapping_is_seen_by_content(path: Path) -> None:
    write(path, b"one")
    file = watched(path, by_content=True)
    assert file.read() == b"one"
    with mmap_of(path) as mapped:
        assert file.read() is None
        mapped[:] = b"two"
        # No write(2), and the times may not have moved: only the bytes tell.
        assert file.read() == b"two"
        assert file.read() is None


def test_what_could_not_be_used_is_said_again_when_it_is_forgotten(path: Path) -> None:
    write(path, b"nonsense")
    file = watched(path)
    assert file.read() == b"nonsense"
    file.forget()
    assert file.read() == b"nonsense"


def test_what_is_forgotten_keeps_its_age(path: Path) -> None:
    write(path, b"one", 1000.0)
    file = watched(path)
    file.read()
    file.forget()
    assert file.age(1001.0) == 1.0


def test_a_mapping_whose_times_alone_have_moved_has_not_changed(path: Path) -> None:
    write(path, b"one")
    file = watched(path, by_content=True)
    file.read()
    os.utime(path, (LONG_AGO + 5, LONG_AGO + 5))
    assert file.read() is None


def test_a_file_that_is_written_anew_with_the_same_bytes_is_read_again(path: Path) -> None:
    """Its writer is alive, and that is news."""
    write(path, b"one")
    file = watched(path)
    file.read()
    replace(path, b"one")
    assert file.read() == b"one"


def test_a_missing_file_is_an_error_until_it_is_there(path: Path) -> None:
    file = watched(path)
    with pytest.raises(FileNotFoundError):
        file.read()
    write(path, b"one")
    assert file.read() == b"one"
    path.unlink()
    with pytest.raises(FileNotFoundError):
        file.read()


def test_a_directory_is_none(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match=re.escape(str(tmp_path))):
        watched(tmp_path).read()


def test_a_fifo_in_the_files_place_is_refused_and_not_opened(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(FormatError, match="is no regular file"):
        watched(path).read()
    with pytest.raises(OSError, match="No such device"):
        # Nobody reads it: what was opened was closed as well.
        os.open(path, os.O_WRONLY | os.O_NONBLOCK)


def test_a_file_that_is_too_large_is_refused_unread(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 40)
    with pytest.raises(FormatError, match="has 1099511627776 bytes: a monitor file has 67108864 at most"):
        watched(path).read()


def test_a_file_without_a_size_is_read_to_its_end_and_no_further_than_it_may_be() -> None:
    """Such as those in /proc: they may have anything."""
    status = Path("/proc/self/stat")
    if not status.exists():
        pytest.skip("no /proc here")
    assert watched(status).read() or pytest.fail("nothing read")
    with pytest.raises(FormatError, match="has 10 at most"):
        watched(status, most=10).read()


def test_a_symlink_is_followed_to_wherever_it_points_now(path: Path, tmp_path: Path) -> None:
    write(tmp_path / "one", b"one")
    write(tmp_path / "two", b"two")
    path.symlink_to("one")
    file = watched(path)
    assert file.read() == b"one"
    path.unlink()
    path.symlink_to("two")
    assert file.read() == b"two"


def test_its_age_is_that_of_what_was_read_last_and_never_negative(path: Path) -> None:
    write(path, b"one", 1000.5)
    file = watched(path)
    file.read()
    assert file.mtime == 1000.5
    assert file.age(1003.0) == 2.5
    assert file.age(900.0) == 0.0


def test_nothing_is_left_open(path: Path) -> None:
    write(path, b"one")
    before = len(os.listdir("/dev/fd"))
    file = watched(path, by_content=True, most=3)
    for _ in range(20):
        file.read()
    write(path, b"more than that")
    for _ in range(20):
        with pytest.raises(FormatError):
            file.read()
    assert len(os.listdir("/dev/fd")) == before


@settings(max_examples=60, deadline=None)
@given(
    by_content=st.booleans(),
    steps=st.lists(st.tuples(st.sampled_from("rwn"), st.binary(max_size=4)), max_size=12),
)
def test_whoever_takes_what_is_read_has_what_is_there(
    tmp_path_factory: pytest.TempPathFactory, by_content: bool, steps: list[tuple[str, bytes]]
) -> None:
    path = tmp_path_factory.mktemp("watched") / "file"
    path.write_bytes(b"")
    file = WatchedFile(str(path), by_content=by_content)
    held = file.read()
    for how, data in steps:
        if how == "r":
            fresh = path.with_suffix(".new")
            fresh.write_bytes(data)
            fresh.rename(path)
        elif how == "w":
            path.write_bytes(data)
        read = file.read()
        held = held if read is None else read
        assert held == path.read_bytes()
