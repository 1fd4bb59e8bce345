"""dsynth's binary file as we keep it: changed in place, whole at each moment, and nobody else's taken."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop import mapped
from synthtop.formats import dsynth
from synthtop.mapped import changed
from synthtop.model import BuildState, Snapshot
from synthtop.monitor import MonitorSink
from synthtop.pidlock import LockState, PidLock, look
from synthtop.targets import MonitorBusy, MonitorError, parse_target

from . import builds, samples

NOW = builds.STARTED + builds.ELAPSED


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "monitor.dat"


@pytest.fixture
def reports() -> list[str]:
    return []


@pytest.fixture
def sink(path: Path, reports: list[str]) -> Iterator[MonitorSink]:
    sink = MonitorSink(parse_target(f"dsynth:{path}"), reports.append)
    yield sink
    sink.close()


def read(path: Path) -> Snapshot:
    return dsynth.decode(path.read_bytes(), now=NOW)


def test_it_says_what_the_snapshot_says(sink: MonitorSink, path: Path) -> None:
    sink.on_snapshot(builds.building())
    found = read(path)
    assert (found.state, found.totals.built, found.run_rate) == (BuildState.BUILDING, 38, 152)
    assert [(row.phase, row.origin, row.elapsed, row.lines) for row in found.workers[:2]] == [
        ("build", "devel/gmake", 83, 1234),
        ("configure", "lang/python311", 7, 112),
    ]
    assert look(str(path.with_suffix(".lk")))[0] is LockState.HELD


def test_whoever_has_it_mapped_sees_each_change(sink: MonitorSink, path: Path) -> None:
    sink.on_snapshot(builds.building())
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapping:
        for tick in range(1, 4):
            sink.on_snapshot(builds.big(40, tick))
            assert dsynth.decode(bytes(mapping), now=NOW).workers[39].lines == 871 + 37 * tick


def test_only_what_changed_is_written(sink: MonitorSink, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sink.on_snapshot(builds.big(1024))
    written: list[tuple[int, int]] = []
    pwrite = os.pwrite

    def noted(file: int, data: bytes, at: int) -> int:
        written.append((at, len(data)))
        return pwrite(file, data, at)

    monkeypatch.setattr(mapped.os, "pwrite", noted)
    row = builds.big(1024).workers[500]
    snapshot = builds.big(1024)
    workers = (*snapshot.workers[:500], row._replace(lines=99), *snapshot.workers[501:])
    sink.on_snapshot(replace(snapshot, workers=workers))
    assert sum(size for _, size in written) <= 512
    assert read(path).workers[500].lines == 99


def test_at_the_end_it_stays_and_its_lock_is_free(sink: MonitorSink, path: Path) -> None:
    sink.on_snapshot(builds.building())
    sink.on_snapshot(builds.with_failures())
    assert read(path).state is not BuildState.BUILDING
    assert look(str(path.with_suffix(".lk")))[0] is LockState.FREE


def test_a_build_that_begins_later_takes_it_again(sink: MonitorSink, path: Path) -> None:
    sink.on_snapshot(builds.with_failures())
    sink.on_snapshot(builds.building(started=builds.STARTED + 5000))
    assert read(path).state is BuildState.BUILDING
    assert look(str(path.with_suffix(".lk")))[0] is LockState.HELD


def test_where_nothing_is_known_the_last_numbers_stay(sink: MonitorSink, path: Path) -> None:
    sink.on_snapshot(builds.building())
    before = path.read_bytes()
    sink.on_snapshot(builds.waiting())
    sink.on_snapshot(builds.unreadable())
    assert path.read_bytes() == before


def test_an_earlier_ones_layout_is_made_anew_without_ever_being_shorter(path: Path) -> None:
    path.write_bytes(samples.dsynth("1.01"))
    sink = MonitorSink(parse_target(f"dsynth:{path}"), pytest.fail)
    sink.on_snapshot(builds.building())
    assert len(path.read_bytes()) == 320584
    assert read(path).totals.built == 38
    sink.close()


@pytest.mark.parametrize("content", [b"precious", b"\0" * 1000])
def test_what_is_no_such_file_is_refused_and_stays(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(MonitorError, match="no monitor file"):
        MonitorSink(parse_target(f"dsynth:{path}"), pytest.fail)
    assert path.read_bytes() == content


def test_a_symlink_in_its_place_is_refused(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(samples.dsynth())
    path.symlink_to(other)
    with pytest.raises(MonitorError, match="symbolic link"):
        MonitorSink(parse_target(f"dsynth:{path}"), pytest.fail)
    assert other.read_bytes() == samples.dsynth()


def test_a_symlink_that_came_into_its_place_is_not_followed(
    sink: MonitorSink, path: Path, tmp_path: Path, reports: list[str]
) -> None:
    sink.on_snapshot(builds.building())
    other = tmp_path / "other"
    other.write_bytes(b"precious")
    path.unlink()
    path.symlink_to(other)
    sink.on_snapshot(builds.building())
    assert other.read_bytes() == b"precious"
    assert len(reports) == 1


def test_a_dsynth_that_builds_there_is_not_disturbed(path: Path) -> None:
    held = PidLock(str(path.with_suffix(".lk")))
    with pytest.raises(MonitorBusy):
        MonitorSink(parse_target(f"dsynth:{path}"), pytest.fail)
    held.release()


def test_one_that_was_removed_is_made_again(sink: MonitorSink, path: Path, reports: list[str]) -> None:
    sink.on_snapshot(builds.building())
    path.unlink()
    sink.on_snapshot(builds.building())
    assert read(path).totals.built == 38
    assert reports == []


def test_after_a_failed_write_all_is_written_anew(
    sink: MonitorSink, path: Path, reports: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sink.on_snapshot(builds.building())

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(mapped.os, "pwrite", full)
        sink.on_snapshot(builds.big(8))
    sink.on_snapshot(builds.big(8))
    assert read(path).max_workers == 8
    assert [report.rpartition("monitor.dat ")[2] for report in reports] == [
        "cannot be written (No space left on device); it is tried again",
        "is written again",
    ]


@given(st.binary(min_size=1, max_size=2000), st.data())
@settings(max_examples=60)
def test_what_changed_and_what_was_there_make_the_new_image(before: bytes, data: st.DataObject) -> None:
    image = bytearray(before)
    for at in data.draw(st.lists(st.integers(0, len(before) - 1), max_size=6)):
        image[at] ^= 0x55
    result = bytearray(before)
    for start, stop in changed(before, bytes(image)):
        result[start:stop] = image[start:stop]
    assert result == image
