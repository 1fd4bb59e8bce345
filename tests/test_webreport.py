"""dsynth's report as we keep it: a summary now and then, and every finished package once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from synthtop import webreport
from synthtop.formats import report
from synthtop.model import BuildState, Finished, Outcome, Snapshot, Totals, View
from synthtop.monitor import MonitorSink
from synthtop.pidlock import PidLock
from synthtop.targets import MonitorBusy, MonitorError, parse_target

from . import builds


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "Report"


@pytest.fixture
def sink(directory: Path) -> Iterator[MonitorSink]:
    sink = MonitorSink(parse_target(f"report:{directory}"), pytest.fail)
    yield sink
    sink.close()


def packages(count: int) -> list[Finished]:
    return [
        Finished(f"devel/package{number}", Outcome.BUILT, number, 3, duration=7) for number in range(count)
    ]


def dsynths(directory: Path) -> PidLock:
    """The lock of a dsynth that builds: another process's."""
    (directory / "stats").mkdir()
    lock = PidLock(str(directory / "stats" / "monitor.lk"))
    (directory / "stats" / "monitor.lk").write_text("1\n")
    return lock


def at(elapsed: int, finished: list[Finished], **changes: object) -> Snapshot:
    return builds.building(
        elapsed=elapsed, finished=View(finished), totals=Totals(9999, len(finished)), **changes
    )


def summary(directory: Path) -> Snapshot:
    return report.decode((directory / "summary.json").read_bytes(), now=builds.STARTED)


def history(directory: Path) -> list[Finished]:
    data = (directory / "summary.json").read_bytes()
    found: list[Finished] = []
    for number in range(1, report.files_of(data) + 1):
        found += report.decode_history((directory / f"{number:02d}_history.json").read_bytes())
    return found


def test_the_summary_is_written_at_once_every_ten_seconds_and_at_the_end(
    sink: MonitorSink, directory: Path
) -> None:
    seen = []
    for elapsed in (0, 9, 10, 19, 20):
        sink.on_snapshot(at(elapsed, []))
        seen.append(summary(directory).elapsed)
    sink.on_snapshot(at(21, [], state=BuildState.FINISHED))
    assert [*seen, summary(directory).elapsed] == [0, 0, 10, 10, 20, 21]
    assert summary(directory).state is not BuildState.BUILDING


def test_every_finished_package_stands_there_once(sink: MonitorSink, directory: Path) -> None:
    done = packages(25)
    for elapsed, count in ((0, 0), (10, 3), (20, 3), (30, 25)):
        sink.on_snapshot(at(elapsed, done[:count]))
        assert [one.origin for one in history(directory)] == [one.origin for one in done[:count]]


def test_past_some_50000_bytes_a_new_file_begins_and_entries_are_numbered_on(
    sink: MonitorSink, directory: Path
) -> None:
    done = packages(1500)
    sink.on_snapshot(at(0, done[:700]))
    sink.on_snapshot(at(10, done))
    files = sorted(directory.glob("*_history.json"))
    assert len(files) >= 3
    assert all(48_000 < file.stat().st_size < 51_000 for file in files[:-1])
    entries = [entry["entry"] for file in files for entry in json.loads(file.read_bytes())]
    assert entries == list(range(1, 1501))


def test_a_build_of_another_start_begins_anew(sink: MonitorSink, directory: Path) -> None:
    sink.on_snapshot(at(0, packages(1500)))
    other = [Finished("x11/other", Outcome.BUILT, 1, 0, duration=1)]
    sink.on_snapshot(at(0, other, started=builds.STARTED + 5000))
    assert [one.origin for one in history(directory)] == ["x11/other"]
    assert len(list(directory.glob("*_history.json"))) == 1


def test_old_packages_that_are_let_go_of_are_not_written_again(
    sink: MonitorSink, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webreport, "FINISHED_KEPT", 10)
    done = packages(30)
    sink.on_snapshot(at(0, done[:20]))
    sink.on_snapshot(at(10, done[15:]))
    assert [one.origin for one in history(directory)] == [one.origin for one in done]


def test_a_source_that_is_read_from_its_beginning_again_is_not_written_twice(
    sink: MonitorSink, directory: Path
) -> None:
    sink.on_snapshot(at(0, packages(25)))
    sink.on_snapshot(at(10, packages(25)))
    assert [one.origin for one in history(directory)] == [one.origin for one in packages(25)]


@pytest.mark.parametrize("again", [0, 3, 24])
def test_what_is_built_again_does_not_stand_among_what_ended_until_it_ends(
    sink: MonitorSink, directory: Path, again: int
) -> None:
    done = packages(25)
    sink.on_snapshot(at(0, done))
    rest = [*done[:again], *done[again + 1 :]]
    sink.on_snapshot(at(1, rest))
    assert [one.origin for one in history(directory)] == [one.origin for one in rest]
    sink.on_snapshot(at(20, [*rest, done[again]]))
    assert [one.origin for one in history(directory)] == [one.origin for one in [*rest, done[again]]]


def test_what_is_built_again_and_ended_since_the_last_write_stands_there_once(
    sink: MonitorSink, directory: Path
) -> None:
    done = packages(25)
    sink.on_snapshot(at(0, done))
    moved = [*done[:3], *done[4:], done[3]._replace(at=5)]
    sink.on_snapshot(at(10, moved))
    assert [one.origin for one in history(directory)] == [one.origin for one in moved]


def test_a_dsynth_that_begins_later_has_its_report_for_itself(directory: Path, tmp_path: Path) -> None:
    reports: list[str] = []
    sink = MonitorSink(parse_target(f"report:{directory}"), reports.append)
    sink.on_snapshot(at(0, packages(3)))
    lock = dsynths(tmp_path)
    (directory / "summary.json").write_text("dsynth's")
    for elapsed in (10, 20):
        sink.on_snapshot(at(elapsed, packages(5)))
    assert (directory / "summary.json").read_text() == "dsynth's"
    assert [report.partition(" (")[0] for report in reports] == [
        f"monitor file {directory} cannot be written"
    ]
    lock.release()
    sink.close()


def test_a_report_of_a_dsynth_that_builds_is_left_to_it(directory: Path, tmp_path: Path) -> None:
    lock = dsynths(tmp_path)
    with pytest.raises(MonitorBusy):
        MonitorSink(parse_target(f"report:{directory}"), pytest.fail)
    lock.release()


def test_dsynths_file_and_its_report_are_kept_side_by_side_as_dsynth_has_them(
    directory: Path, tmp_path: Path
) -> None:
    (tmp_path / "stats").mkdir()
    targets = parse_target(f"dsynth:{tmp_path}/stats/monitor.dat") + parse_target(f"report:{directory}")
    sink = MonitorSink(targets, pytest.fail)
    for elapsed in (0, 10):
        sink.on_snapshot(at(elapsed, packages(3)))
    sink.close()
    assert len(history(directory)) == 3


def test_two_builds_do_not_share_one(sink: MonitorSink, directory: Path) -> None:
    with pytest.raises(MonitorError, match="kept by another build"):
        MonitorSink(parse_target(f"report:{directory}"), pytest.fail)


def test_a_summary_that_is_none_is_refused_and_stays(directory: Path) -> None:
    directory.mkdir()
    (directory / "summary.json").write_text("precious")
    with pytest.raises(MonitorError, match="no monitor file"):
        MonitorSink(parse_target(f"report:{directory}"), pytest.fail)
    assert (directory / "summary.json").read_text() == "precious"


@pytest.mark.parametrize("name", ["file", "missing/Report"])
def test_where_there_can_be_no_directory_it_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MonitorError, match=name.partition("/")[0]):
        MonitorSink(parse_target(f"report:{tmp_path / name}"), pytest.fail)
