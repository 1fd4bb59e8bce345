"""What followed builds say: each format's samples, found and read, with their lock held and without, and what
comes of everything that happens to their files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from synthtop.follow import reader
from synthtop.follow.dsynth import DsynthReader
from synthtop.follow.monitorfile import MonitorFileReader
from synthtop.follow.place import locate
from synthtop.follow.poudriere import PoudriereReader
from synthtop.follow.reader import Reader
from synthtop.follow.report import ReportReader
from synthtop.follow.resultlog import ResultLogReader
from synthtop.formats import FormatError
from synthtop.formats.dsynth import BeingReset
from synthtop.model import (
    BuildState,
    Finished,
    LogKind,
    Outcome,
    Snapshot,
    SourceKind,
    Totals,
    WorkerRow,
    WorkerState,
)
from synthtop.pidlock import Holder, LockState, PidLock, look

from . import samples
from .samples import NOW, Slot

READERS: dict[SourceKind, Callable[..., Reader]] = {
    SourceKind.TEXT: MonitorFileReader,
    SourceKind.DSYNTH: DsynthReader,
    SourceKind.REPORT: ReportReader,
    SourceKind.POUDRIERE: PoudriereReader,
    SourceKind.LOG: ResultLogReader,
}


@pytest.fixture
def builds(tmp_path: Path) -> Path:
    samples.write_all(tmp_path)
    for directory, _, names in os.walk(tmp_path):
        for name in names:
            os.utime(os.path.join(directory, name), (NOW, NOW))
    return tmp_path


class Followed:
    """A reader of what is at ``path``, and what its clocks say: seconds from when the samples were made."""

    def __init__(self, path: Path, at: float = 0.0) -> None:
        self.path = path
        place = locate(str(path))
        self.reader = READERS[place.kind](place)
        self.at = at

    def poll(self, after: float = 0.0) -> Snapshot:
        self.at += after
        return self.reader.poll(5000.0 + self.at, NOW + self.at)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = PidLock(str(path))
    yield
    lock.release()


def write(path: Path, data: bytes, at: float = NOW) -> None:
    """As whoever maps it: in place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("r+b" if path.exists() else "wb") as file:
        file.write(data)
        file.truncate()
    os.utime(path, (at, at))


def append(path: Path, data: bytes, at: float = NOW) -> None:
    with path.open("ab") as file:
        file.write(data)
    os.utime(path, (at, at))


def make(path: Path) -> str:
    """``path``, in a directory that is there."""
    path.parent.mkdir(exist_ok=True)
    return str(path)


def at_the_next_look(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None]) -> None:
    """Let something happen when a reader has begun to poll, just before it looks at the lock."""
    looks = iter([happens])

    def looked(path: str) -> tuple[LockState, Holder | None]:
        for happen in looks:
            happen()
        return look(path)

    monkeypatch.setattr(reader, "look", looked)


# -- dsynth -----------------------------------------------------------------------------------------------

PENDING, RUNNING, IDLE, FAILED, NONE = (
    WorkerState.PENDING, WorkerState.RUNNING, WorkerState.IDLE, WorkerState.FAILED, WorkerState.NONE,
)  # fmt: skip


def brief(rows: Sequence[WorkerRow]) -> list[tuple[Any, ...]]:
    return [(row.slot, row.state, row.phase, row.origin, row.elapsed, row.lines) for row in rows]


class TestDsynth:
    @pytest.fixture
    def logs(self, builds: Path) -> Path:
        return builds / "dsynth-1.0.2"

    @pytest.fixture
    def monitor(self, logs: Path) -> Path:
        return logs / "stats" / "monitor.dat"

    def test_the_newest_layout_says_what_its_sample_says(self, logs: Path) -> None:
        with locked(logs / "stats" / "monitor.lk"):
            snapshot = Followed(logs).poll()
        assert snapshot.state is BuildState.BUILDING
        assert snapshot.source == (SourceKind.DSYNTH, str(logs), None, "LiveSystem", str(logs))
        assert (snapshot.active, snapshot.max_workers, snapshot.dynmax, snapshot.elapsed) == (5, 8, 6, 943)
        assert (snapshot.host.load, snapshot.host.swap_pct) == (14.2, 2.25)
        assert (snapshot.run_rate, snapshot.impulse_10m, snapshot.rate, snapshot.impulse) == (
            24,
            31,
            None,
            None,
        )
        assert snapshot.totals == Totals(142, 38, 2, 1, 5, 1)
        assert snapshot.totals.remaining == 95
        assert brief(snapshot.workers) == [
            (0, RUNNING, "build", "devel/gmake", 83, 1234),
            (1, RUNNING, "configure", "lang/python311", 7, 112),
            (2, RUNNING, "build", "lang/rust", 45296, 12_345_678),
            (3, IDLE, None, None, None, None),
            (4, PENDING, "pending", "devel/foo@py311", 0, 0),
            (5, FAILED, "package", "x11/broken", None, 88),
            (6, RUNNING, "Run-Unknown", "misc/from-the-future", 60, 3),
            (7, NONE, None, None, None, None),
        ]
        assert (snapshot.age, snapshot.seq) == (0, 1)

    def test_its_log_pane_and_finished_packages_come_from_the_results_log(self, logs: Path) -> None:
        snapshot = Followed(logs).poll()
        assert [line.text for line in snapshot.log][-2:] == [
            "[XXX] Load=14.20 ( 6) Swap=2.25% ( 8) Mem=3.10G( 8) Adjust Workers 8->6",
            "[002] lang/rust WATCHDOG TIMEOUT in build after 181 minutes (180 min scaled)",
        ]
        assert snapshot.log[-2].kind is LogKind.THROTTLE
        assert [(package.origin, package.outcome) for package in snapshot.finished] == [
            ("x11/kde5", Outcome.IGNORED),
            ("lang/baz", Outcome.IGNORED),
            ("shells/bash", Outcome.BUILT),
            ("editors/vim", Outcome.FAILED),
            ("editors/vim-tiny", Outcome.SKIPPED),
            ("devel/meta", Outcome.META),
        ]

    @pytest.mark.parametrize(
        ("name", "elapsed", "profile", "swap", "first"),
        [
            ("dsynth-1.02", 943, "LiveSystem", 2.25, [(0, "install"), (1, "install-mtree")]),
            ("dsynth-1.01", 457_389, "Other", None, [(0, "install"), (1, "install-mtree")]),
        ],
    )
    def test_older_layouts_say_what_their_samples_say(
        self,
        builds: Path,
        name: str,
        elapsed: int,
        profile: str,
        swap: float | None,
        first: list[tuple[int, str]],
    ) -> None:
        with locked(builds / name / "stats" / "monitor.lk"):
            snapshot = Followed(builds / name).poll()
        assert snapshot.state is BuildState.BUILDING
        assert (snapshot.elapsed, snapshot.source.name, snapshot.host.swap_pct) == (elapsed, profile, swap)
        assert snapshot.totals.remaining == 95
        assert [(row.slot, row.phase) for row in snapshot.workers[:2]] == first

    def test_without_a_lock_it_is_a_build_once_it_has_changed_and_for_ten_seconds(
        self, logs: Path, monitor: Path
    ) -> None:
        followed = Followed(logs)
        assert [followed.poll(1).state for _ in range(3)] == [BuildState.STALE] * 3
        write(monitor, samples.dsynth(successful=39, remaining=94))
        assert followed.poll(1).state is BuildState.BUILDING
        assert followed.poll(9).state is BuildState.BUILDING
        assert followed.poll(1).state is BuildState.STALE

    def test_one_that_begins_without_a_lock_is_a_build(self, logs: Path, monitor: Path) -> None:
        write(monitor, samples.being_reset())
        followed = Followed(logs)
        with pytest.raises(BeingReset):
            followed.poll()
        write(monitor, samples.dsynth(h=0, m=0, s=0))
        assert followed.poll(1).state is BuildState.BUILDING

    @pytest.mark.parametrize(("remaining", "state"), [(0, BuildState.FINISHED), (95, BuildState.INTERRUPTED)])
    def test_one_that_ended_needs_no_lock(
        self, logs: Path, monitor: Path, remaining: int, state: BuildState
    ) -> None:
        write(monitor, samples.dsynth(active=0, remaining=remaining))
        assert Followed(logs).poll().state is state

    def test_one_that_was_left_lying_is_as_it_was_then(self, logs: Path) -> None:
        snapshot = Followed(logs, at=86_400).poll()
        assert (snapshot.state, snapshot.age, snapshot.elapsed) == (BuildState.STALE, 86_400, 943)
        # The slot that had just taken its package says how long ago that was at least.
        assert [row.elapsed for row in snapshot.workers if row.origin == "devel/gmake"] == [83]
        assert snapshot.started == NOW - 943

    def test_one_whose_lock_is_free_is_gone(self, logs: Path) -> None:
        followed = Followed(logs)
        with locked(logs / "stats" / "monitor.lk"):
            followed.poll()
        write(logs / "stats" / "monitor.lk", b"4711\n")
        assert followed.poll(1).state is BuildState.GONE

    @pytest.mark.parametrize(("remaining", "state"), [(0, BuildState.FINISHED), (95, BuildState.INTERRUPTED)])
    def test_one_that_ended_stays_so_whatever_its_lock(
        self, logs: Path, monitor: Path, remaining: int, state: BuildState
    ) -> None:
        write(monitor, samples.dsynth(active=0, remaining=remaining))
        with locked(logs / "stats" / "monitor.lk"):
            followed = Followed(logs)
            assert followed.poll().state is state
        assert followed.poll(100).state is state

    def test_one_that_ends_between_two_looks_at_its_files_has_ended(
        self, logs: Path, monitor: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lock = PidLock(make(logs / "stats" / "monitor.lk"))
        followed = Followed(logs)
        followed.poll()

        def ends() -> None:
            write(monitor, samples.dsynth(active=0, remaining=0))
            lock.release(leave=True)

        at_the_next_look(monkeypatch, ends)
        assert followed.poll(1).state is BuildState.FINISHED

    def test_one_whose_header_is_half_filled_builds(self, logs: Path, monitor: Path) -> None:
        write(monitor, samples.dsynth(active=0, remaining=0, total=0, successful=0))
        with locked(logs / "stats" / "monitor.lk"):
            assert Followed(logs).poll().state is BuildState.BUILDING

    def test_one_that_begins_is_no_build_that_is_gone(self, logs: Path, monitor: Path) -> None:
        """dsynth fills its file, and then takes the lock."""
        write(logs / "stats" / "monitor.lk", b"")
        write(monitor, samples.being_reset())
        followed = Followed(logs)
        with pytest.raises(BeingReset):
            followed.poll()
        write(monitor, samples.dsynth(h=0, m=0, s=0))
        assert followed.poll(1).state is BuildState.BUILDING
        assert followed.poll(2).state is BuildState.GONE

    def test_it_does_not_answer_while_it_holds_its_lock_and_says_nothing_new(self, logs: Path) -> None:
        with locked(logs / "stats" / "monitor.lk"):
            followed = Followed(logs)
            followed.poll()
            snapshot = followed.poll(40)
        assert (snapshot.state, snapshot.age, snapshot.silent) == (BuildState.BUILDING, 40, True)

    def test_the_time_of_a_mapped_file_is_not_that_of_its_last_change(self, logs: Path) -> None:
        with locked(logs / "stats" / "monitor.lk"):
            assert Followed(logs, at=7200).poll().age == 0

    def test_a_change_is_found_though_the_file_has_its_old_time(self, logs: Path, monitor: Path) -> None:
        followed = Followed(logs)
        before = followed.poll()
        assert followed.poll() is before
        write(monitor, samples.dsynth(successful=39, remaining=94))
        snapshot = followed.poll(3)
        assert (snapshot.totals.built, snapshot.seq, snapshot.age) == (39, 2, 0)

    def test_its_start_does_not_waver(self, logs: Path, monitor: Path) -> None:
        followed = Followed(logs)
        started = followed.poll().started
        write(monitor, samples.dsynth(s=44))
        assert followed.poll(1.9).started == started

    def test_another_build_begins_anew(self, logs: Path, monitor: Path) -> None:
        followed = Followed(logs)
        followed.poll()
        write(monitor, samples.being_reset())
        (logs / "00_last_results.log").write_bytes(b"")
        with pytest.raises(BeingReset):
            followed.poll(60)
        slots = (Slot(3, 5, int(NOW) + 60, 1, origin="lang/go"), Slot(3, 5, -1, 1, origin=b"x" * 128))
        write(monitor, samples.dsynth(slots=slots, m=0, s=2, successful=0, total=10, remaining=10))
        snapshot = followed.poll(2)
        assert (snapshot.seq, snapshot.started) == (1, NOW + 60)
        assert (len(snapshot.log), len(snapshot.finished)) == (0, 0)
        # Half-written, and nothing of the build before.
        assert snapshot.workers[1] == WorkerRow(1, WorkerState.NONE)

    def test_a_slot_that_is_being_written_stays_as_it_was(self, logs: Path, monitor: Path) -> None:
        (logs / "devel___gmake.log").write_text("")
        followed = Followed(logs)
        before = followed.poll()
        torn = (Slot(3, 14, int(NOW), 1, origin=b"x" * 128), *samples.SLOTS_1_0_2[1:])
        write(monitor, samples.dsynth(slots=torn, s=44))
        after = followed.poll(1)
        assert after.workers[0] == before.workers[0]
        assert after.workers[0].log == str(logs / "devel___gmake.log")

    def test_rows_have_their_packages_logs(self, logs: Path, monitor: Path) -> None:
        followed = Followed(logs)
        assert {row.log for row in followed.poll().workers} == {None}
        (logs / "devel___gmake.log").write_text("")
        write(monitor, samples.dsynth(s=44))
        assert followed.poll(1).workers[0].log == str(logs / "devel___gmake.log")

    def test_an_event_is_news_though_the_numbers_are_the_same(self, logs: Path) -> None:
        followed = Followed(logs)
        before = followed.poll()
        append(logs / "00_last_results.log", b"[000] SUCCESS devel/gmake                 00:01:23\n")
        after = followed.poll(1)
        assert (after.seq, len(after.log)) == (before.seq + 1, len(before.log) + 1)
        assert after.finished[-1] == Finished("devel/gmake", Outcome.BUILT, 943, 0, duration=83)

    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            (
                samples.dsynth().replace(b"1.0.2", b"1.9.0", 1),
                "version '1.9.0': expected one of dsynth's 1.01",
            ),
            (samples.dsynth()[:1000], "expected 320584 bytes, found 1000"),
            (b"", "expected a dsynth monitor file"),
            (bytes(400_000), "400000 bytes"),
        ],
    )
    def test_what_is_no_monitor_file_any_more_is_told_as_long_as_it_is_so(
        self, logs: Path, monitor: Path, data: bytes, problem: str
    ) -> None:
        followed = Followed(logs)
        followed.poll()
        write(monitor, data)
        for _ in range(2):
            with pytest.raises(FormatError, match=problem):
                followed.poll(1)
        write(monitor, samples.dsynth(s=44))
        assert followed.poll(1).state is BuildState.BUILDING, "and it is seen to have changed"

    def test_one_that_vanished_is_not_there(self, logs: Path, monitor: Path) -> None:
        followed = Followed(logs)
        followed.poll()
        monitor.unlink()
        with pytest.raises(FileNotFoundError):
            followed.poll(1)

    def test_logs_are_said_where_the_file_says_they_are_though_they_are_not_here(
        self, monitor: Path, tmp_path: Path
    ) -> None:
        copy = tmp_path / "copy.dat"
        shutil.copyfile(monitor, copy)
        snapshot = Followed(copy).poll()
        assert snapshot.source.logs == "/build/synth/logs"
        assert (len(snapshot.log), len(snapshot.finished)) == (0, 0)


@pytest.mark.parametrize(
    "name", ["dsynth-1.0.2", "dsynth-1.0.2/Report", "dsynth-1.0.2/00_last_results.log", "poudriere", "text"]
)
def test_following_leaves_everything_as_it_was(builds: Path, name: str) -> None:
    def everything() -> dict[Path, tuple[bytes, int]]:
        files = [path for path in builds.rglob("*") if path.is_file()]
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

    before = everything()
    followed = Followed(builds / name)
    followed.poll()
    followed.poll(1)
    followed.reader.close()
    followed.reader.close()
    assert everything() == before


@pytest.mark.parametrize(
    "name",
    [
        "dsynth-1.0.2",
        "dsynth-1.0.2/Report",
        "dsynth-1.0.2/00_last_results.log",
        "poudriere",
        "text",
        "go-synth",
    ],
)
def test_what_was_left_lying_says_when_it_was_written_however_late_it_is_found(
    builds: Path, name: str
) -> None:
    snapshots = [Followed(builds / name, at=at).poll() for at in (3600, 3723)]
    assert [(snapshot.state, snapshot.time, snapshot.age) for snapshot in snapshots] == [
        (BuildState.STALE, NOW, 3600),
        (BuildState.STALE, NOW, 3723),
    ]
    assert snapshots[0].started == snapshots[1].started
    assert snapshots[0].workers == snapshots[1].workers


# -- text -------------------------------------------------------------------------------------------------


class TestText:
    def test_it_says_what_its_sample_says(self, builds: Path) -> None:
        path = builds / "text" / "monitor.dat"
        with locked(path.with_suffix(".lk")):
            snapshot = Followed(path).poll()
        assert snapshot.state is BuildState.BUILDING
        assert (snapshot.host.load, snapshot.host.swap_pct) == (3.24, 2)
        assert (snapshot.active, snapshot.max_workers, snapshot.dynmax) == (4, 4, 4)
        assert (snapshot.rate, snapshot.impulse, snapshot.elapsed) == (24.3, 3, 943)
        assert snapshot.totals == Totals(142, 38, 2, 0, 5)

    @pytest.mark.parametrize("name", ["text", "go-synth"])
    def test_without_a_lock_it_is_believed_for_ten_seconds(self, builds: Path, name: str) -> None:
        followed = Followed(builds / name)
        assert followed.poll(9).state is BuildState.BUILDING
        assert followed.poll(1).state is BuildState.STALE

    def test_gosynths_is_joined_with_its_results_log(self, builds: Path) -> None:
        snapshot = Followed(builds / "go-synth").poll()
        assert snapshot.totals == Totals(12, 3, 1, 0, 2)
        assert [line.text for line in snapshot.log] == [
            "[10:00:41] SUCCESS: devel/gmake",
            "[10:01:02] FAILED: editors/vim (phase: configure)",
        ]
        assert [package.origin for package in snapshot.finished] == ["devel/gmake", "editors/vim"]


# -- poudriere --------------------------------------------------------------------------------------------


class TestPoudriere:
    @pytest.fixture
    def build(self, builds: Path) -> Path:
        (builds / "poudriere" / "logs").mkdir()
        return builds / "poudriere"

    @pytest.fixture
    def path(self, build: Path) -> Path:
        return build / ".data.json"

    def test_it_says_what_its_sample_says(self, build: Path) -> None:
        snapshot = Followed(build).poll()
        assert snapshot.state is BuildState.BUILDING
        assert snapshot.source == (
            SourceKind.POUDRIERE, str(build), None, "141amd64-default", str(build / "logs")
        )  # fmt: skip
        assert (snapshot.host.load, snapshot.host.swap_pct) == (9.84, 1.23)
        assert (snapshot.totals.queued, snapshot.totals.remaining) == (10, 5)
        assert brief(snapshot.workers) == [
            (1, RUNNING, "build", "lang/rust", 3600, None),
            (2, IDLE, None, None, None, None),
            (3, RUNNING, "configure", "devel/git@tiny", 10, None),
        ]
        assert [(package.origin, package.outcome) for package in snapshot.finished] == [
            ("devel/gmake", Outcome.BUILT),
            ("shells/bash", Outcome.BUILT),
            ("x11/foo", Outcome.FAILED),
            ("lang/baz", Outcome.IGNORED),
            ("x11/bar", Outcome.SKIPPED),
        ]
        assert len(snapshot.log) == 5

    def test_it_is_believed_for_thirty_seconds(self, build: Path) -> None:
        followed = Followed(build)
        assert followed.poll(29).state is BuildState.BUILDING
        assert followed.poll(1).state is BuildState.STALE

    @pytest.mark.parametrize(
        ("status", "state"), [("stopped:done:", BuildState.FINISHED), ("crashed:", BuildState.INTERRUPTED)]
    )
    def test_one_that_ended_stays_so_however_old(
        self, build: Path, path: Path, status: str, state: BuildState
    ) -> None:
        write(path, samples.poudriere(status=status))
        assert Followed(build, at=86_400).poll().state is state

    def test_jobs_have_the_logs_that_are_there(self, build: Path) -> None:
        log = build / "logs" / "rust-1.80.0.log"
        log.write_text("")
        assert [row.log for row in Followed(build).poll().workers] == [str(log), None, None]

    def test_what_finishes_while_it_is_followed_has_its_time(self, build: Path, path: Path) -> None:
        followed = Followed(build)
        followed.poll()
        ports = {"built": [
            {"origin": "devel/gmake", "pkgname": "gmake-4.4", "elapsed": "41"},
            {"origin": "shells/bash", "pkgname": "bash-5.2", "elapsed": "131"},
            {"origin": "lang/rust", "pkgname": "rust-1.80.0", "elapsed": "3601"},
        ]}  # fmt: skip
        write(path, samples.poudriere(ports=ports, snap={"elapsed": "3602"}), NOW + 2)
        snapshot = followed.poll(2)
        assert snapshot.finished[-1]._replace(log=None) == Finished(
            "lang/rust", Outcome.BUILT, 3602, duration=3601
        )
        assert (snapshot.seq, snapshot.log[-1].at) == (2, 3602)

    def test_it_is_decoded_only_when_it_changed(self, build: Path) -> None:
        followed = Followed(build, at=60)
        assert followed.poll() is followed.poll(0.5)

    def test_latest_leads_to_the_next_build(self, tmp_path: Path) -> None:
        for name, started in (("one", "1777629600"), ("two", "1777640000")):
            write(
                tmp_path / name / ".data.json",
                samples.poudriere(buildname=name, started=started, ports={"built": []}),
            )
        latest = tmp_path / "latest"
        latest.symlink_to("one")
        followed = Followed(tmp_path)
        followed.poll()
        latest.unlink()
        latest.symlink_to("two")
        snapshot = followed.poll(1)
        assert (snapshot.started, snapshot.seq) == (1777640000, 1)

    def test_what_is_no_data_of_poudrieres_any_more_is_told_as_long_as_it_is_so(
        self, build: Path, path: Path
    ) -> None:
        followed = Followed(build)
        followed.poll()
        write(path, b'{"buildname": "x", "status": 7}')
        for _ in range(2):
            with pytest.raises(FormatError, match=r"\.data\.json: status: expected a string"):
                followed.poll(1)


# -- dsynth's web page ------------------------------------------------------------------------------------


class TestReport:
    @pytest.fixture
    def report(self, builds: Path) -> Path:
        return builds / "dsynth-1.0.2" / "Report"

    def test_it_says_what_its_sample_says(self, report: Path) -> None:
        with locked(report.parent / "stats" / "monitor.lk"):
            snapshot = Followed(report).poll()
        assert snapshot.state is BuildState.BUILDING
        assert snapshot.source == (
            SourceKind.REPORT, str(report), None, "LiveSystem", str(report.parent)
        )  # fmt: skip
        assert snapshot.totals == Totals(142, 38, 2, 1, 5, 1)
        assert (snapshot.elapsed, snapshot.started) == (943, 1777629600.0)
        assert (snapshot.host.load, snapshot.host.swap_pct) == (14.2, 2.2)
        assert (snapshot.run_rate, snapshot.impulse_10m, snapshot.max_workers) == (24, 31, 5)
        assert [
            (row.slot, row.phase, row.origin, row.elapsed, row.lines) for row in snapshot.workers[:3]
        ] == [
            (0, "build", "devel/gmake", 83, 1234),
            (1, "configure", "lang/python311", 7, 112),
            (2, "build", "lang/rust", 45296, 12_345_678),
        ]
        assert [(package.origin, package.outcome, package.at) for package in snapshot.finished] == [
            ("shells/bash", Outcome.BUILT, 134),
            ("editors/vim", Outcome.FAILED, 180),
            ("editors/vim-tiny", Outcome.SKIPPED, 180),
            ("lang/baz", Outcome.IGNORED, 181),
            ("devel/meta", Outcome.META, 181),
        ]
        assert snapshot.log[0] == (1, 134, 1, LogKind.BUILT, f"{'[001] SUCCESS shells/bash':<70} 00:02:11")

    def test_without_a_lock_it_is_believed_for_thirty_seconds(self, report: Path) -> None:
        followed = Followed(report)
        assert followed.poll(29).state is BuildState.BUILDING
        assert followed.poll(1).state is BuildState.STALE

    def test_one_whose_lock_is_free_is_gone_once_a_last_summary_would_have_come(self, report: Path) -> None:
        write(report.parent / "stats" / "monitor.lk", b"")
        followed = Followed(report)
        assert followed.poll(9).state is BuildState.BUILDING
        assert followed.poll(1).state is BuildState.GONE

    def test_one_that_ends_between_two_looks_at_its_files_has_ended(
        self, report: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lock = PidLock(make(report.parent / "stats" / "monitor.lk"))
        followed = Followed(report, at=20)
        followed.poll()

        def ends() -> None:
            write(report / "summary.json", samples.summary(active=0, built=133, remains=0), NOW + 20)
            lock.release(leave=True)

        at_the_next_look(monkeypatch, ends)
        assert followed.poll().state is BuildState.FINISHED

    def test_one_that_ended_stays_so(self, report: Path) -> None:
        write(report / "summary.json", samples.summary(active=0, built=133, remains=0))
        assert Followed(report, at=3600).poll().state is BuildState.FINISHED

    def test_slots_began_as_long_before_it_was_written_as_it_says(self, report: Path) -> None:
        rows = Followed(report, at=20).poll().workers[:3]
        assert [row.started for row in rows] == [NOW - 83, NOW - 7, NOW - 45296]

    def test_packages_have_the_logs_that_are_there(self, report: Path) -> None:
        for name in ("devel___gmake", "editors___vim", "editors___vim-tiny"):
            (report.parent / f"{name}.log").write_text("")
        snapshot = Followed(report).poll()
        assert snapshot.workers[0].log == str(report.parent / "devel___gmake.log")
        assert [package.origin for package in snapshot.finished if package.log] == ["editors/vim"]

    def test_only_what_a_history_grew_by_is_added(self, report: Path) -> None:
        followed = Followed(report)
        before = followed.poll()
        more = samples.entry(6, "00:15:43", "00", "built", "devel/gmake", "", "00:01:23")
        write(report / "01_history.json", samples.history([*samples.ENTRIES, more]), NOW + 10)
        after = followed.poll(10)
        assert (len(before.finished), len(after.finished)) == (5, 6)
        assert after.finished[-1] == Finished("devel/gmake", Outcome.BUILT, 943, 0, duration=83)
        assert after.log[-1].seq == 6
        assert followed.poll(0.5) is after

    def test_the_next_history_is_read_when_the_one_before_is_full(self, report: Path) -> None:
        followed = Followed(report)
        followed.poll()
        more = samples.entry(6, "00:15:43", "00", "built", "devel/gmake", "", "00:01:23")
        write(report / "01_history.json", samples.history([*samples.ENTRIES, more]), NOW + 10)
        last = samples.entry(7, "00:15:44", "01", "built", "lang/go", "", "00:00:23")
        write(report / "02_history.json", samples.history([last]), NOW + 10)
        write(report / "summary.json", samples.summary(kfiles=2), NOW + 10)
        assert [package.origin for package in followed.poll(10).finished.tail(2)] == [
            "devel/gmake",
            "lang/go",
        ]

    def test_a_history_that_is_missing_or_half_written_is_awaited(self, report: Path) -> None:
        history = report / "01_history.json"
        write(history, samples.history()[:100])
        followed = Followed(report)
        assert len(followed.poll().finished) == 0
        history.unlink()
        assert len(followed.poll(1).finished) == 0
        write(history, samples.history(), NOW + 2)
        assert len(followed.poll(1).finished) == 5

    def test_another_build_begins_anew(self, report: Path) -> None:
        followed = Followed(report)
        followed.poll()
        write(report / "summary.json", samples.summary().replace(b"01-May", b"02-May"), NOW + 86_400)
        write(report / "01_history.json", samples.history(samples.ENTRIES[:1]), NOW + 86_400)
        snapshot = followed.poll(86_400)
        assert (snapshot.seq, len(snapshot.finished), snapshot.age) == (1, 1, 0)

    def test_a_history_of_fewer_is_another_builds(self, report: Path) -> None:
        followed = Followed(report)
        followed.poll()
        write(report / "01_history.json", samples.history(samples.ENTRIES[:2]), NOW + 1)
        snapshot = followed.poll(1)
        assert [line.seq for line in snapshot.log] == [1, 2]

    def test_a_history_from_which_something_was_taken_back_is_read_anew(self, report: Path) -> None:
        followed = Followed(report)
        before = followed.poll()
        rest = [*samples.ENTRIES[:2], *samples.ENTRIES[3:]]
        more = samples.entry(5, "00:15:43", "00", "built", "devel/gmake", "", "00:01:23")
        write(report / "01_history.json", samples.history([*rest, more]), NOW + 10)
        after = followed.poll(10)
        origins = [package.origin for package in before.finished]
        assert [one.origin for one in after.finished] == [*origins[:2], *origins[3:], "devel/gmake"]
        assert [line.seq for line in after.log] == [1, 2, 3, 4, 5]

    def test_where_there_are_fewer_histories_than_before_all_are_read_anew(self, report: Path) -> None:
        last = samples.entry(6, "00:15:44", "01", "built", "lang/go", "", "00:00:23")
        write(report / "02_history.json", samples.history([last]), NOW)
        write(report / "summary.json", samples.summary(kfiles=2), NOW)
        followed = Followed(report)
        assert len(followed.poll().finished) == 6
        (report / "02_history.json").unlink()
        write(report / "summary.json", samples.summary(), NOW + 10)
        assert len(followed.poll(10).finished) == 5

    def test_what_is_no_summary_any_more_is_told_as_long_as_it_is_so(self, report: Path) -> None:
        followed = Followed(report)
        followed.poll()
        write(report / "summary.json", samples.summary()[:-1])
        for _ in range(2):
            with pytest.raises(FormatError, match=r"summary\.json: no JSON"):
                followed.poll(1)

    def test_a_summary_that_says_too_many_histories_costs_no_more_than_those_there_are(
        self, report: Path
    ) -> None:
        write(report / "summary.json", samples.summary(kfiles=10_000))
        assert len(Followed(report).poll().finished) == 5


# -- the results log alone --------------------------------------------------------------------------------


class TestResultsLog:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "logs" / "00_last_results.log"
        write(path, samples.results())
        return path

    def test_it_says_what_its_sample_says(self, path: Path) -> None:
        with locked(path.parent / "synthtop.lk"):
            snapshot = Followed(path).poll()
        assert snapshot.state is BuildState.BUILDING
        assert snapshot.source == (SourceKind.LOG, str(path), None, None, str(path.parent))
        assert snapshot.totals == Totals(None, built=1, failed=1, ignored=2, skipped=1, meta=1)
        assert snapshot.totals.remaining is None
        assert brief(snapshot.workers) == [
            (0, RUNNING, None, "devel/gmake", None, None),
            (1, IDLE, None, None, None, None),
        ]
        assert (snapshot.active, snapshot.max_workers, snapshot.elapsed) == (1, None, None)
        assert (len(snapshot.log), len(snapshot.finished)) == (10, 6)

    @pytest.mark.parametrize(
        ("text", "state"),
        [
            (b"Finished in 00:00:04, 1 package failed.\n", BuildState.FINISHED),
            (b"Interrupted after 00:00:04: 3 packages not built.\n", BuildState.INTERRUPTED),
            (b"something else\n", BuildState.BUILDING),
        ],
    )
    def test_the_summary_that_a_run_writes_last_says_how_it_ended(
        self, path: Path, text: bytes, state: BuildState
    ) -> None:
        write(path.parent / "summary.txt", text)
        assert Followed(path).poll().state is state

    def test_a_summary_that_is_older_than_the_log_is_of_the_build_before(self, path: Path) -> None:
        write(path.parent / "summary.txt", b"Finished in 00:00:04, 1 package failed.\n", NOW - 1)
        assert Followed(path).poll().state is BuildState.BUILDING

    def test_as_long_as_a_run_has_its_lock_it_is_not_over(self, path: Path) -> None:
        write(path.parent / "summary.txt", b"Finished in 00:00:04, 1 package failed.\n")
        with locked(path.parent / "synthtop.lk"):
            assert Followed(path).poll().state is BuildState.BUILDING

    def test_gosynths_says_what_its_sample_says(self, builds: Path) -> None:
        snapshot = Followed(builds / "go-synth" / "00_last_results.log").poll()
        assert snapshot.totals == Totals(None, built=1, failed=1)
        assert (snapshot.active, snapshot.workers) == (None, ())

    def test_without_a_lock_it_is_believed_for_thirty_seconds(self, path: Path) -> None:
        followed = Followed(path)
        assert followed.poll(29).state is BuildState.BUILDING
        snapshot = followed.poll(1)
        assert (snapshot.state, snapshot.age) == (BuildState.STALE, 30)

    def test_a_package_that_says_something_keeps_its_build_fresh(self, path: Path) -> None:
        write(path.parent / "devel___gmake.log", b"cc -c main.c\n", at=NOW + 3600)
        snapshot = Followed(path, at=3605).poll()
        assert (snapshot.state, snapshot.age, snapshot.time) == (BuildState.BUILDING, 5, NOW + 3600)

    def test_its_time_is_that_of_its_last_word_and_never_goes_back(self, path: Path) -> None:
        followed = Followed(path, at=0.5)
        times = [followed.poll().time]
        append(path, b"[001] START   lang/go\n", NOW + 1.25)
        times += [followed.poll(seconds).time for seconds in (1, 1, 1)]
        append(path, b"[001] SUCCESS lang/go 00:00:02\n", NOW - 3600)  # its file system's clock was set
        times.append(followed.poll(1).time)
        assert times == [NOW, NOW + 1.25, NOW + 1.25, NOW + 1.25, NOW + 1.25]

    def test_one_whose_lock_is_free_is_gone(self, path: Path) -> None:
        write(path.parent / "stats" / "monitor.lk", b"")
        assert Followed(path).poll().state is BuildState.GONE

    def test_one_that_took_its_lock_away_is_gone_and_nothing_goes_on_in_it(self, path: Path) -> None:
        followed = Followed(path)
        with locked(path.parent / "synthtop.lk"):
            followed.poll()
            append(path, b"[001] START   lang/go\n", NOW + 1)
            followed.poll(1)
        snapshot = followed.poll(5)
        assert (snapshot.state, snapshot.age) == (BuildState.GONE, 5)
        assert [row.elapsed for row in snapshot.workers] == [None, 0]

    def test_a_slot_that_was_seen_to_take_its_package_has_its_time(self, path: Path) -> None:
        followed = Followed(path)
        followed.poll()
        append(path, b"[001] START   lang/go\n", NOW + 1)
        followed.poll(1)
        row = followed.poll(5).workers[1]
        assert (row.origin, row.started, row.elapsed) == ("lang/go", NOW + 1, 5)

    def test_phase_and_lines_are_read_from_the_packages_log(self, path: Path) -> None:
        rule = b"-" * 79 + b"\n"
        log = path.parent / "devel___gmake.log"
        write(log, rule + b"-- Phase: extract\n" + rule + b"x\n" + rule + b"-- Phase: con")
        followed = Followed(path)
        row = followed.poll().workers[0]
        assert (row.phase, row.lines, row.log) == ("extract", 5, str(log))
        append(log, b"figure\n" + rule + b"checking\n")
        row = followed.poll(1).workers[0]
        assert (row.phase, row.lines) == ("configure", 8)

    def test_a_packages_log_that_is_written_anew_is_counted_anew(self, path: Path) -> None:
        log = path.parent / "devel___gmake.log"
        write(log, b"one\ntwo\n")
        followed = Followed(path)
        followed.poll()
        write(log, b"x\n")
        assert followed.poll(1).workers[0].lines == 1

    def test_a_large_log_has_no_lines_until_all_of_it_was_read(self, path: Path) -> None:
        log = path.parent / "devel___gmake.log"
        write(log, b"x\n" * (600 << 10))
        followed = Followed(path)
        assert followed.poll().workers[0].lines is None
        assert followed.poll(1).workers[0].lines == 600 << 10

    def test_nothing_new_is_the_same_snapshot(self, path: Path) -> None:
        followed = Followed(path)
        assert followed.poll() is followed.poll(0.5)

    def test_another_build_begins_anew(self, path: Path) -> None:
        followed = Followed(path)
        followed.poll()
        write(path, b"[000] START   lang/go\n", NOW + 100)
        snapshot = followed.poll(100)
        assert (snapshot.seq, snapshot.totals) == (1, Totals(None))
        assert [row.origin for row in snapshot.workers] == ["lang/go"]
        assert snapshot.age == 0

    def test_one_that_vanished_is_not_there(self, path: Path) -> None:
        followed = Followed(path)
        followed.poll()
        path.unlink()
        with pytest.raises(FileNotFoundError):
            followed.poll(1)
