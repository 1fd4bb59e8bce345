"""What a path means: files and directories of every kind, and what lies beside them."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from synthtop.follow.place import EmptyDirectory, locate
from synthtop.follow.reader import Place
from synthtop.formats import FormatError, json
from synthtop.formats.sniff import NothingYet
from synthtop.model import SourceKind
from synthtop.pidlock import PidLock

from . import samples
from .builds import building


@pytest.fixture
def builds(tmp_path: Path) -> Path:
    samples.write_all(tmp_path)
    return tmp_path


def write(path: Path, data: bytes, at: float = samples.NOW) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (at, at))
    return path


def held(path: Path) -> PidLock:
    return PidLock(str(path))


def found(path: Path) -> Place:
    place = locate(str(path))
    assert place.given == str(path)
    return place


def dsynths(logs: Path, given: Path, report: bool) -> Place:
    return Place(
        SourceKind.DSYNTH,
        str(given),
        str(logs / "stats" / "monitor.dat"),
        lock=str(logs / "stats" / "monitor.lk"),
        results=str(logs / "00_last_results.log"),
        logs=str(logs),
        report=str(logs / "Report") if report else None,
    )


# -- dsynth -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inside", ["", "stats", "stats/monitor.dat"])
def test_dsynths_monitor_file_is_joined_with_its_logs_directory(builds: Path, inside: str) -> None:
    logs = builds / "dsynth-1.0.2"
    assert found(logs / inside) == dsynths(logs, logs / inside, report=True)


def test_dsynths_logs_are_where_its_file_says_if_it_lies_elsewhere(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    path = write(tmp_path / "mine.dat", samples.dsynth(logs=str(logs)))
    place = found(path)
    assert (place.kind, place.logs, place.results) == (
        SourceKind.DSYNTH,
        str(logs),
        str(logs / "00_last_results.log"),
    )
    assert place.lock == str(tmp_path / "mine.lk")


def test_a_logs_directory_that_is_not_there_is_not_joined(tmp_path: Path) -> None:
    place = found(write(tmp_path / "mine.dat", samples.dsynth(logs=str(tmp_path / "none"))))
    assert (place.logs, place.results, place.report) == (None, None, None)


def test_the_logs_of_a_stats_directory_that_is_a_symlink_are_found(tmp_path: Path) -> None:
    write(tmp_path / "memory" / "monitor.dat", samples.dsynth())
    logs = tmp_path / "logs"
    write(logs / "00_last_results.log", samples.results())
    (logs / "stats").symlink_to(tmp_path / "memory")
    assert found(logs).logs == str(logs)


def test_a_monitor_file_that_is_zeroed_is_dsynths(tmp_path: Path) -> None:
    path = write(tmp_path / "stats" / "monitor.dat", samples.being_reset())
    assert found(path).kind is SourceKind.DSYNTH
    assert found(tmp_path).logs == str(tmp_path)


def test_dsynths_web_data_is_followed_where_there_is_no_monitor_file(builds: Path) -> None:
    logs = builds / "dsynth-1.0.2"
    (logs / "stats" / "monitor.dat").unlink()
    report = logs / "Report"
    for given in (logs, report, report / "summary.json", report / "01_history.json"):
        assert found(given) == Place(
            SourceKind.REPORT,
            str(given),
            str(report / "summary.json"),
            lock=str(logs / "stats" / "monitor.lk"),
            logs=str(logs),
            report=str(report),
        )


def test_a_copy_of_the_web_data_alone_has_no_logs(tmp_path: Path) -> None:
    place = found(write(tmp_path / "summary.json", samples.summary()).parent)
    assert (place.kind, place.lock, place.logs) == (SourceKind.REPORT, None, None)


def test_a_history_without_its_summary_is_not_there_yet(tmp_path: Path) -> None:
    path = write(tmp_path / "01_history.json", samples.history())
    with pytest.raises(FileNotFoundError, match=r"summary\.json"):
        locate(str(path))


def test_the_results_log_is_followed_where_there_is_nothing_else(builds: Path) -> None:
    results = write(builds / "logs" / "00_last_results.log", samples.results())
    for given in (results, results.parent):
        assert found(given) == Place(
            SourceKind.LOG,
            str(given),
            str(results),
            lock=str(results.parent / "synthtop.lk"),
            results=str(results),
            logs=str(results.parent),
        )


def test_a_results_log_is_one_before_anything_stands_in_it(tmp_path: Path) -> None:
    write(tmp_path / "00_last_results.log", b"")
    assert found(tmp_path).kind is SourceKind.LOG


def test_the_lock_of_a_results_log_is_that_of_whoever_builds_there(tmp_path: Path) -> None:
    write(tmp_path / "00_last_results.log", samples.results())
    write(tmp_path / "stats" / "monitor.lk", b"")
    assert found(tmp_path).lock == str(tmp_path / "stats" / "monitor.lk")
    write(tmp_path / "synthtop.lk", b"")
    assert found(tmp_path).lock == str(tmp_path / "synthtop.lk")


def test_a_run_that_holds_a_logs_directory_is_followed_there_and_not_what_dsynth_left(builds: Path) -> None:
    logs = builds / "dsynth-1.0.2"
    lock = held(logs / "synthtop.lk")
    assert found(logs).kind is SourceKind.LOG
    lock.release()
    assert found(logs).kind is SourceKind.DSYNTH


# -- monitor files of synthtop and go-synth ---------------------------------------------------------------


def test_a_text_file_alone_is_followed_with_the_lock_beside_it(builds: Path) -> None:
    path = builds / "text" / "monitor.dat"
    for given in (path, path.parent):
        assert found(given) == Place(
            SourceKind.TEXT, str(given), str(path), lock=str(path.with_suffix(".lk"))
        )


def test_gosynths_text_file_is_joined_with_the_results_log_beside_it(builds: Path) -> None:
    directory = builds / "go-synth"
    for given in (directory, directory / "monitor.dat"):
        place = found(given)
        assert place.kind is SourceKind.TEXT
        assert place.results == str(directory / "00_last_results.log")
        assert place.logs == str(directory)


def test_json_beside_text_has_the_numbers(builds: Path) -> None:
    path = builds / "text" / "monitor.dat"
    beside = write(path.with_suffix(".json"), json.encode(building()), path.stat().st_mtime)
    for given in (path, beside, path.parent):
        assert found(given) == Place(
            SourceKind.JSON, str(given), str(beside), lock=str(path.with_suffix(".lk"))
        )


def test_json_stays_when_its_text_is_gone(tmp_path: Path) -> None:
    write(tmp_path / "monitor.json", json.encode(building()))
    place = found(tmp_path / "monitor.dat")
    assert (place.kind, place.main) == (SourceKind.JSON, str(tmp_path / "monitor.json"))


def test_json_that_another_build_left_beside_a_text_file_is_not_its(tmp_path: Path) -> None:
    write(tmp_path / "monitor.json", json.encode(building()), samples.NOW - 3600)
    place = found(write(tmp_path / "monitor.dat", samples.text()))
    assert (place.kind, place.main) == (SourceKind.TEXT, str(tmp_path / "monitor.dat"))


def test_json_of_another_kind_beside_a_text_file_is_not_its(tmp_path: Path) -> None:
    write(tmp_path / "monitor.json", b'{"name": "a web application"}')
    assert found(write(tmp_path / "monitor.dat", samples.text())).kind is SourceKind.TEXT


def test_the_lock_of_a_symlinked_file_lies_beside_the_file(builds: Path) -> None:
    write(builds / "text" / "monitor.lk", b"")
    link = builds / "here.dat"
    link.symlink_to(builds / "text" / "monitor.dat")
    assert found(link).lock == str(builds / "text" / "monitor.lk")


def test_an_event_stream_in_a_file_is_one(tmp_path: Path) -> None:
    path = write(tmp_path / "events", b'{"event": "begin", "workers": 4}\n')
    assert found(path) == Place(SourceKind.EVENTS, str(path), str(path))


def test_of_several_monitor_files_the_one_whose_build_runs_is_followed(tmp_path: Path) -> None:
    write(tmp_path / "one.dat", samples.text(), samples.NOW)
    write(tmp_path / "two.dat", samples.text(), samples.NOW - 100)
    write(tmp_path / "package.json", b"{}")
    assert found(tmp_path).main == str(tmp_path / "one.dat")
    lock = held(tmp_path / "two.lk")
    assert found(tmp_path).main == str(tmp_path / "two.dat")
    lock.release()


def test_several_builds_that_run_are_told_by_name(tmp_path: Path) -> None:
    locks = []
    for name in ("one", "two"):
        write(tmp_path / f"{name}.dat", samples.text())
        locks.append(held(tmp_path / f"{name}.lk"))
    with pytest.raises(FormatError, match=r"2 builds that run: expected one of one\.dat, two\.dat"):
        locate(str(tmp_path))
    for lock in locks:
        lock.release()


# -- poudriere --------------------------------------------------------------------------------------------


def test_poudrieres_build_is_found_from_its_file_up_to_its_bulk_directory(tmp_path: Path) -> None:
    bulk = tmp_path / "bulk"
    master = bulk / "141amd64-default"
    build = master / "2026-05-01_10h00m00s"
    write(build / ".data.json", samples.poudriere())
    (build / "logs").mkdir()
    (master / "latest").symlink_to(build.name)
    write(bulk / "older" / "latest" / ".data.json", samples.poudriere(), samples.NOW - 86_400)
    for given in (build, build / ".data.json"):
        assert found(given) == Place(
            SourceKind.POUDRIERE, str(given), str(build / ".data.json"), logs=str(build / "logs")
        )
    # By its symlink: it will lead to the next build.
    for given in (bulk, master, master / "latest"):
        assert found(given) == Place(
            SourceKind.POUDRIERE,
            str(given),
            str(master / "latest" / ".data.json"),
            logs=str(master / "latest" / "logs"),
        )


# -- what is not there, and what is something else --------------------------------------------------------


@pytest.mark.parametrize("missing", ["monitor.dat", "none/monitor.dat", "monitor.json", "latest"])
def test_nothing_at_a_path_is_not_there_yet(tmp_path: Path, missing: str) -> None:
    with pytest.raises(FileNotFoundError):
        locate(str(tmp_path / missing))


@pytest.mark.parametrize(
    ("made", "given", "missing"),
    [
        ("stats", "", "stats/monitor.dat"),
        ("stats", "stats", "stats/monitor.dat"),
        ("Report", "", "Report/summary.json"),
        ("Report", "Report", "Report/summary.json"),
        ("latest", "", "latest/.data.json"),
        ("latest", "latest", "latest/.data.json"),
    ],
)
def test_a_builders_directory_in_which_no_build_was_says_what_is_missing(
    tmp_path: Path, made: str, given: str, missing: str
) -> None:
    (tmp_path / made).mkdir()
    with pytest.raises(FileNotFoundError) as caught:
        locate(str(tmp_path / given))
    assert caught.value.filename == str(tmp_path / missing)


def test_a_directory_in_which_nothing_is_is_not_a_builders_yet(tmp_path: Path) -> None:
    with pytest.raises(EmptyDirectory) as caught:
        locate(str(tmp_path))
    assert caught.value.filename == str(tmp_path)


def test_a_directory_of_something_else_is_told_what_is_expected(tmp_path: Path) -> None:
    write(tmp_path / "README", b"hello\n")
    with pytest.raises(
        FormatError, match=r"no build's directory: expected a monitor file in it, or dsynth's"
    ):
        locate(str(tmp_path))


def test_a_file_of_something_else_is_named_with_what_it_looks_like(tmp_path: Path) -> None:
    path = write(tmp_path / "README", b"hello\n")
    with pytest.raises(FormatError, match=r"README: .*expected a monitor file"):
        locate(str(path))


def test_a_file_with_nothing_in_it_yet_says_so(tmp_path: Path) -> None:
    with pytest.raises(NothingYet, match=r"monitor\.dat: nothing stands in it yet"):
        locate(str(write(tmp_path / "monitor.dat", b"")))


def test_a_file_of_a_version_to_come_is_dsynths(tmp_path: Path) -> None:
    path = write(tmp_path / "monitor.dat", struct.pack("32s", b"1.9") + bytes(1000))
    assert found(path).kind is SourceKind.DSYNTH


def test_a_pipe_is_not_opened_for_ever(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FormatError, match="no regular file"):
        locate(str(tmp_path / "pipe"))


@pytest.mark.parametrize("path", ["no\0name", "a\ud800b\0"])
def test_a_name_that_no_file_can_have_is_no_build(path: str) -> None:
    with pytest.raises(FormatError, match="cannot be a file's name"):
        locate(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "monitor.dat", samples.text())
    path.chmod(0)
    with pytest.raises(PermissionError):
        locate(str(path))


def test_a_relative_path_is_followed_from_here(builds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(builds / "dsynth-1.0.2" / "stats")
    place = locate("monitor.dat")
    assert (place.given, place.main, place.lock) == ("monitor.dat", "monitor.dat", "monitor.lk")
    assert place.logs == str(builds / "dsynth-1.0.2")
