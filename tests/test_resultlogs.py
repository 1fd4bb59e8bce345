"""dsynth's result lists: their lines to the byte, and what happens when they cannot be written."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from synthtop.model import LogKind, LogLine, View
from synthtop.run.resultlogs import ALL, LISTS, ResultLogs

from .builds import building
from .disks import no_room, room_for


@pytest.fixture
def reports() -> list[str]:
    return []


@pytest.fixture
def lists(tmp_path: Path, reports: list[str]) -> Iterator[ResultLogs]:
    lists = ResultLogs(str(tmp_path), reports.append)
    yield lists
    lists.close()


def line(seq: int, kind: LogKind, text: str) -> LogLine:
    return LogLine(seq, 0, None, kind, text)


def contents(directory: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in directory.iterdir() if file.stat().st_size}


@pytest.mark.parametrize(("kind", "name"), LISTS.items())
def test_an_outcome_stands_in_the_list_of_everything_and_in_its_own(
    lists: ResultLogs, tmp_path: Path, kind: LogKind, name: str
) -> None:
    lists.write(kind, "[XXX] lang/qux skipped due to lang/bar")
    text = "[XXX] lang/qux skipped due to lang/bar" + " " * 41 + "\n"
    assert contents(tmp_path) == {ALL: text, name: text}


def test_a_start_stands_in_the_list_of_everything_alone(lists: ResultLogs, tmp_path: Path) -> None:
    lists.write(LogKind.START, "[003] START   devel/foo@py311")
    assert contents(tmp_path) == {ALL: f"{'[003] START   devel/foo@py311':<79}\n"}


def test_a_long_line_is_not_cut_and_stays_one_line(lists: ResultLogs, tmp_path: Path) -> None:
    lists.write(LogKind.IGNORED, "x" * 100 + "\nnext")
    assert (tmp_path / ALL).read_text() == "x" * 100 + "␊next\n"


def test_the_lists_are_emptied_when_a_build_starts(tmp_path: Path) -> None:
    for name in (ALL, *LISTS.values()):
        (tmp_path / name).write_text("the build before\n")
    ResultLogs(str(tmp_path), print).close()
    assert contents(tmp_path) == {}


def test_where_a_build_is_resumed_what_was_built_before_stays(tmp_path: Path) -> None:
    for name in (ALL, *LISTS.values()):
        (tmp_path / name).write_text("the build before\n")
    lists = ResultLogs(str(tmp_path), print, resumed=True)
    lists.write(LogKind.BUILT, "now")
    lists.close()
    now = "now".ljust(79) + "\n"
    assert contents(tmp_path) == {ALL: now, LISTS[LogKind.BUILT]: f"the build before\n{now}"}


def test_a_symlink_in_a_lists_place_is_refused_and_nothing_stays_open(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("keep")
    (tmp_path / LISTS[LogKind.SKIPPED]).symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="symbolic links"):
        ResultLogs(str(tmp_path), print)
    opened = {os.path.realpath(f"/dev/fd/{name}") for name in os.listdir("/dev/fd")}
    assert not [path for path in opened if path.startswith(str(tmp_path))]
    assert (tmp_path / "precious").read_text() == "keep"


def test_a_fifo_in_a_lists_place_is_refused_and_holds_nothing_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / LISTS[LogKind.BUILT])
    with pytest.raises(OSError, match="No such device"):
        ResultLogs(str(tmp_path), print)


def test_throttle_changes_and_notes_come_from_the_snapshots_once_each(
    lists: ResultLogs, tmp_path: Path
) -> None:
    log = [
        line(1, LogKind.NOTE, "the build begins"),
        line(2, LogKind.START, "[000] START   devel/foo"),
        line(3, LogKind.THROTTLE, "[XXX] Load=14.20 ( 7) Adjust Workers 8->7"),
        line(4, LogKind.NOTE, "more"),
        line(5, LogKind.STALLED, "[003] STALLED lang/rust build: nothing new for 03:00:00"),
    ]
    shot = building()
    for seen in (0, 2, 2, 4, 5):
        lists.on_snapshot(replace(shot, log=View(tuple(log), seen)))
    assert [text.rstrip() for text in (tmp_path / ALL).read_text().splitlines()] == [
        "[XXX] the build begins",
        "[XXX] Load=14.20 ( 7) Adjust Workers 8->7",
        "[XXX] more",
        "[003] STALLED lang/rust build: nothing new for 03:00:00",
    ]


def test_closing_twice_is_closing_once(lists: ResultLogs) -> None:
    lists.close()
    lists.close()


# -- a full disk -----------------------------------------------------------------------------------------


def test_lists_that_cannot_be_written_are_told_once_each(lists: ResultLogs, reports: list[str]) -> None:
    with no_room():
        for number in range(5):
            lists.write(LogKind.BUILT, f"[000] SUCCESS devel/foo{number}")
    assert reports == [
        "00_last_results.log cannot be written (File too large); it will miss lines",
        "01_success_list.log cannot be written (File too large); it will miss lines",
    ]


def test_a_list_that_can_be_written_again_is_told_and_its_next_failure_too(
    lists: ResultLogs, reports: list[str], tmp_path: Path
) -> None:
    for number in range(2):
        with no_room():
            lists.write(LogKind.START, f"[000] START   lost/p{number}")
        lists.write(LogKind.START, f"[000] START   kept/p{number}")
    failed = "00_last_results.log cannot be written (File too large); it will miss lines"
    assert reports == [failed, "00_last_results.log is written again"] * 2
    assert [text.split()[2] for text in (tmp_path / ALL).read_text().splitlines()] == ["kept/p0", "kept/p1"]


def test_half_a_line_is_taken_back_so_that_the_next_one_is_whole(
    lists: ResultLogs, tmp_path: Path, reports: list[str]
) -> None:
    lists.write(LogKind.BUILT, "[000] SUCCESS devel/one")
    with room_for(100):
        lists.write(LogKind.BUILT, "[000] SUCCESS devel/two")
    lists.write(LogKind.BUILT, "[000] SUCCESS devel/three")
    assert [text.split()[2] for text in (tmp_path / ALL).read_text().splitlines()] == [
        "devel/one",
        "devel/three",
    ]
    assert reports[0] == "00_last_results.log cannot be written (No space left on device); it will miss lines"


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_one_broken_list_is_told_once_while_the_others_are_written(
    tmp_path: Path, reports: list[str]
) -> None:
    lists = ResultLogs(str(tmp_path), reports.append)
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, lists._files[LISTS[LogKind.BUILT]])
    os.close(full)
    for number in range(3):
        lists.write(LogKind.BUILT, f"[000] SUCCESS devel/foo{number}")
    lists.close()
    assert reports == ["01_success_list.log cannot be written (No space left on device); it will miss lines"]
    assert len((tmp_path / ALL).read_text().splitlines()) == 3


def test_removed_lists_are_not_begun_anew_in_another_builds_directory(
    tmp_path: Path, reports: list[str]
) -> None:
    lists = ResultLogs(str(tmp_path), reports.append, ours=lambda: False)
    (tmp_path / ALL).unlink()
    (tmp_path / ALL).write_text("another build's")
    lists.on_snapshot(building(log=View()))
    lists.close()
    assert (tmp_path / ALL).read_text() == "another build's"
