"""The directory of one build's logs: for one build at a time, and no file of it is ever half written."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from synthtop.pidlock import holder
from synthtop.run.logsdir import LOCK, LogsBusy, LogsDirectory


def test_a_missing_directory_is_made_with_all_above_it(tmp_path: Path) -> None:
    LogsDirectory(str(tmp_path / "a" / "b")).close()
    assert (tmp_path / "a" / "b").is_dir()


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("keep")
    with pytest.raises(FileExistsError):
        LogsDirectory(str(tmp_path / "file"))


def test_its_builder_is_known_as_long_as_it_is_open(tmp_path: Path) -> None:
    logs = LogsDirectory(str(tmp_path))
    assert holder(str(tmp_path / LOCK)) == os.getpid()
    logs.close()
    logs.close()
    assert holder(str(tmp_path / LOCK)) is None
    assert list(tmp_path.iterdir()) == []


def test_a_second_build_is_told_who_is_there_and_what_to_do(tmp_path: Path) -> None:
    logs = LogsDirectory(str(tmp_path))
    with pytest.raises(LogsBusy) as busy:
        LogsDirectory(str(tmp_path))
    logs.close()
    assert str(busy.value) == (
        f"{tmp_path}: another build writes its logs there (pid {os.getpid()}); "
        f"choose another directory with --logs, or end it with: synthtop stop {tmp_path}"
    )


def test_a_lock_that_a_killed_build_left_keeps_nobody_out(tmp_path: Path) -> None:
    (tmp_path / LOCK).write_text("1\n")
    assert holder(str(tmp_path / LOCK)) is None
    LogsDirectory(str(tmp_path)).close()


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    logs = LogsDirectory(str(tmp_path))
    (tmp_path / "summary.txt").write_text("the build before, which was longer")
    logs.write("summary.txt", "Finished: ü \udcff\n")
    logs.close()
    assert (tmp_path / "summary.txt").read_text() == "Finished: ü \\udcff\n"
    assert [file.name for file in tmp_path.iterdir()] == ["summary.txt"]


def test_what_a_killed_build_left_half_written_is_in_nobodys_way(tmp_path: Path) -> None:
    logs = LogsDirectory(str(tmp_path))
    (tmp_path / "precious").write_text("keep")
    (tmp_path / "summary.txt.new").symlink_to(tmp_path / "precious")
    logs.write("summary.txt", "new\n")
    logs.close()
    assert (tmp_path / "summary.txt").read_text() == "new\n"
    assert (tmp_path / "precious").read_text() == "keep"


def test_a_symlink_in_the_files_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    logs = LogsDirectory(str(tmp_path))
    (tmp_path / "precious").write_text("keep")
    (tmp_path / "summary.txt").symlink_to(tmp_path / "precious")
    logs.write("summary.txt", "new\n")
    logs.close()
    assert (tmp_path / "precious").read_text() == "keep"
    assert not (tmp_path / "summary.txt").is_symlink()


def test_a_file_that_cannot_be_written_leaves_the_earlier_one(tmp_path: Path) -> None:
    logs = LogsDirectory(str(tmp_path))
    (tmp_path / "summary.txt").write_text("earlier\n")
    (tmp_path / "summary.txt.new").mkdir()
    with pytest.raises(OSError, match=r"summary\.txt\.new"):
        logs.write("summary.txt", "new\n")
    logs.close()
    assert (tmp_path / "summary.txt").read_text() == "earlier\n"


def test_a_removed_directory_is_taken_again(tmp_path: Path) -> None:
    logs = LogsDirectory(str(tmp_path / "logs"))
    shutil.rmtree(tmp_path / "logs")
    assert logs.retake()
    assert holder(str(tmp_path / "logs" / LOCK)) == os.getpid()
    logs.close()
    assert list((tmp_path / "logs").iterdir()) == []


def test_a_removed_directory_that_another_build_took_is_left_to_it(tmp_path: Path) -> None:
    logs = LogsDirectory(str(tmp_path / "logs"))
    shutil.rmtree(tmp_path / "logs")
    other = LogsDirectory(str(tmp_path / "logs"))
    assert not logs.retake()
    logs.close()
    assert (tmp_path / "logs" / LOCK).exists()
    other.close()
