"""What becomes of a log while it is viewed, and copies of it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from synthtop.logfile.opened import Fate
from synthtop.logfile.saving import size_of
from synthtop.logfile.source import Source

from .logfiles import SMALL, Viewed, append, here, numbered, texts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.log"


# -- what becomes of a file ------------------------------------------------------------------------


def test_a_log_that_is_cut_is_begun_anew_at_its_end(path: Path) -> None:
    path.write_bytes(numbered(30))
    viewed = Viewed(path, 20, 3)
    viewed.do(viewed.viewer.to_start)
    os.truncate(path, 0)
    append(path, b"new\n")
    page = viewed.look()
    assert (texts(page), page.following, page.lines) == (["new"], True, 1)
    assert "truncated" in page.note


def test_it_is_noticed_also_where_it_has_grown_beyond_what_it_was(path: Path) -> None:
    path.write_bytes(numbered(3))
    viewed = Viewed(path, 20, 3)
    path.write_bytes(b"other\n" * 30)
    page = viewed.look()
    assert "truncated" in page.note
    assert page.lines == 30


def test_it_is_noticed_also_where_it_has_exactly_the_size_that_it_had(path: Path) -> None:
    path.write_bytes(b"A" * 100 + b"\n")
    viewed = Viewed(path, 20, 3)
    changed = path.stat().st_mtime_ns
    os.utime(path, ns=(changed, changed + 1))
    assert viewed.look().note == "", "it was only touched"
    path.write_bytes(b"B" * 100 + b"\n")
    os.utime(path, ns=(changed, changed + 2))
    page = viewed.look()
    assert "truncated" in page.note
    assert texts(page)[0].startswith("B")


def test_a_log_that_another_took_the_place_of_is_left_for_that(path: Path) -> None:
    path.write_bytes(b"old\n")
    viewed = Viewed(path)
    os.rename(path, path.with_suffix(".1"))
    path.write_bytes(b"new\n")
    page = viewed.look()
    assert (texts(page), page.following) == (["new"], True)
    assert "another log" in page.note


def test_one_that_looks_at_it_stays_until_it_goes_to_the_end(path: Path) -> None:
    path.write_bytes(numbered(30))
    viewed = Viewed(path)
    viewed.do(viewed.viewer.to_start)
    os.rename(path, path.with_suffix(".1"))
    path.write_bytes(b"new\n")
    page = viewed.look()
    assert texts(page)[0] == "line 1"
    assert "the end goes to that" in page.note
    assert texts(viewed.do(viewed.viewer.to_end)) == ["new"]


def test_what_is_put_in_its_place_may_be_unreadable_for_a_while(path: Path) -> None:
    path.write_bytes(b"old\n")
    viewed = Viewed(path)
    other = path.with_suffix(".new")
    other.write_bytes(b"\x28\xb5\x2f\xfd what is no archive")
    os.rename(other, path)
    page = viewed.look()
    assert page.problem or texts(page)


def test_of_a_deleted_log_what_it_had_is_shown(path: Path) -> None:
    path.write_bytes(b"old\n")
    viewed = Viewed(path)
    path.unlink()
    page = viewed.look()
    assert texts(page) == ["old"]
    assert "deleted" in page.note
    path.write_bytes(b"new\n")
    assert texts(viewed.look()) == ["new"]


def test_a_log_that_is_not_there_yet_is_waited_for(path: Path) -> None:
    viewed = Viewed(path)
    assert "there is no" in viewed.page().problem
    for command in (viewed.viewer.phase, viewed.viewer.error, viewed.viewer.scroll, viewed.viewer.to_line):
        assert viewed.do(command, 1).rows == ()
    path.write_bytes(b"here\n")
    page = viewed.look()
    assert (texts(page), page.problem, page.following) == (["here"], "", True)


def test_where_to_go_is_remembered_until_it_is_there(path: Path) -> None:
    viewed = Viewed(path)
    viewed.do(viewed.viewer.to_offset, 70)
    path.write_bytes(numbered(30))
    assert here(viewed.look()) == ["line 10"]


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: path.mkdir(), "a directory"),
        (os.mkfifo, "a FIFO"),
        (lambda path: os.symlink("/dev/null", path), "a device"),
        (lambda path: os.symlink(path, path), "symbolic links"),
    ],
)
def test_what_is_no_log_is_said_to_be_none(path: Path, make: Callable[[Path], None], why: str) -> None:
    make(path)
    problem = Viewed(path).page().problem
    assert why in problem
    assert str(path) in problem


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_says_so(path: Path) -> None:
    path.write_bytes(b"x")
    path.chmod(0)
    assert "Permission denied" in Viewed(path).page().problem


def test_a_file_that_cannot_be_read_any_more_is_a_problem_and_opened_anew(path: Path) -> None:
    class Stale(Source):
        stale = False

        def look(self) -> Fate:
            if self.stale:
                raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
            return super().look()

    opened: list[Stale] = []

    def open_source(path: str) -> Source:
        opened.append(Stale(path, sizes=SMALL))
        return opened[-1]

    path.write_bytes(b"one\n")
    viewed = Viewed(path, open_source=open_source)
    opened[0].stale = True
    page = viewed.look()
    assert (page.rows, page.problem) == ((), f"cannot read {path}: {os.strerror(errno.ESTALE)}")
    page = viewed.look()
    assert (texts(page), page.problem) == (["one"], "")


def test_after_what_could_not_be_read_for_a_moment_one_goes_on_where_one_was(path: Path) -> None:
    path.write_bytes(numbered(30))
    viewed = Viewed(path, 20, 3)
    viewed.do(viewed.viewer.to_start)
    before = texts(viewed.do(viewed.viewer.scroll, 5))
    viewed.viewer.lose("a disk is away")
    assert viewed.page().problem == "a disk is away"
    page = viewed.look()
    assert (texts(page), page.following) == (before, False)


def test_a_name_that_no_file_can_have_is_a_problem_that_is_clean() -> None:
    page = Viewed(Path("/nowhere/\x1b[2J")).page()
    assert "\x1b" not in page.problem
    assert "null" in Viewed(Path("/nowhere/\0")).page().problem


# -- a copy ----------------------------------------------------------------------------------------


def test_a_copy_is_the_whole_log_and_its_note_says_where_it_is(path: Path, tmp_path: Path) -> None:
    data = numbered(500_000)
    path.write_bytes(data)
    viewed = Viewed(path)
    target = tmp_path / "copy"
    mask = os.umask(0o027)
    try:
        page = viewed.do(viewed.viewer.save, str(target))
    finally:
        os.umask(mask)
    assert target.read_bytes() == data
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert page.note == f"saved to {target} (5.9 MB)"


def test_a_name_may_begin_at_home(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    path.write_bytes(b"x\n")
    viewed = Viewed(path)
    assert viewed.do(viewed.viewer.save, "~/copy").note == f"saved to {tmp_path}/copy (2 bytes)"


def test_no_file_is_written_over_and_no_link_followed(path: Path, tmp_path: Path) -> None:
    path.write_bytes(b"x\n")
    viewed = Viewed(path)
    (tmp_path / "there").write_bytes(b"mine")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("there", "link"):
        assert "File exists" in viewed.do(viewed.viewer.save, str(tmp_path / name)).note
    assert (tmp_path / "there").read_bytes() == b"mine"
    assert not (tmp_path / "elsewhere").exists()
    assert "No such file" in viewed.do(viewed.viewer.save, str(tmp_path / "none" / "copy")).note
    assert "no name" in viewed.do(viewed.viewer.save, "").note
    assert "not saved" in viewed.do(viewed.viewer.save, "a\0b").note


def test_what_was_written_of_a_copy_that_is_given_up_is_removed(path: Path, tmp_path: Path) -> None:
    path.write_bytes(numbered(500_000))
    viewed = Viewed(path)
    viewer = viewed.viewer
    viewer.save(str(tmp_path / "copy"))
    viewer.step()
    assert (tmp_path / "copy").stat().st_size > 0
    assert viewer.page().doing.startswith("saving ")
    viewer.scroll(-1)  # which does not give it up
    viewer.step()
    assert viewer.page().doing.startswith("saving ")
    viewer.save(str(tmp_path / "other"))
    assert "already" in viewer.page().note
    viewer.close()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.log"]


def test_a_copy_of_a_log_that_is_cut_meanwhile_is_none(path: Path, tmp_path: Path) -> None:
    path.write_bytes(numbered(500_000))
    viewed = Viewed(path)
    viewed.viewer.save(str(tmp_path / "copy"))
    viewed.viewer.step()
    os.truncate(path, 10)
    assert "not saved" in viewed.look().note
    assert not (tmp_path / "copy").exists()


def test_without_a_log_there_is_nothing_to_save(path: Path) -> None:
    viewed = Viewed(path)
    assert viewed.do(viewed.viewer.save, "copy").note == "there is no log to be saved"


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 KB"), (12_345_678, "12.3 MB"), (999_960, "1.0 MB")],
)
def test_sizes_are_for_people(size: int, said: str) -> None:
    assert size_of(size) == said
