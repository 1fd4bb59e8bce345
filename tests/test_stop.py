"""``synthtop stop``: which build is meant, and what is said where none is."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from synthtop import monitor
from synthtop.pidlock import PidLock
from synthtop.run.logsdir import LogsDirectory
from synthtop.stop import NO_BUILD, stop

from . import samples

US = os.getpid()
ASKED = [(US, signal.SIGTERM), (US, signal.SIGCONT)]


class Builds:
    """Builds that run, by their locks: this process holds them. What is sent to it is only written down."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.sent: list[tuple[int, int]] = []
        self.errors: dict[int, OSError] = {}
        self._held = ExitStack()

    def runs(self, name: str) -> None:
        """A build that keeps its default monitor file."""
        self.watched_at(self.directory / "synthtop" / f"{name}.dat")

    def watched_at(self, path: Path, pid: str | None = None) -> None:
        """A build that keeps a monitor file at ``path``, and wrote ``pid`` into its lock."""
        path.parent.mkdir(exist_ok=True)
        lock = path.with_suffix(".lk")
        self._held.callback(PidLock(str(lock)).release)
        if pid is not None:
            lock.write_text(pid)

    def kept_in(self, path: Path) -> None:
        """A build that writes its logs into ``path``."""
        self._held.enter_context(closing(LogsDirectory(str(path))))

    def stop(self, build: str | None = None, **environ: str) -> int:
        return stop(build, {"XDG_RUNTIME_DIR": str(self.directory), **environ}, self._kill)

    def _kill(self, pid: int, signum: int) -> None:
        if signum in self.errors:
            raise self.errors[signum]
        self.sent.append((pid, signum))

    def close(self) -> None:
        self._held.close()


@pytest.fixture
def builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Builds]:
    """No builds yet; those that really run on this machine are out of sight."""
    monkeypatch.setattr(monitor, "FALLBACK", str(tmp_path / "fallback"))
    builds = Builds(tmp_path)
    yield builds
    builds.close()


@pytest.mark.parametrize("build", [None, "ports"])
def test_the_only_build_is_asked_to_stop_by_its_name_or_without(
    builds: Builds, build: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    builds.runs("ports")
    assert builds.stop(build) == 0
    assert builds.sent == ASKED
    assert capsys.readouterr().out == f"ports (pid {US}) was asked to stop\n"


def test_a_build_is_found_by_its_logs_directory(builds: Builds, tmp_path: Path) -> None:
    builds.kept_in(tmp_path / "logs")
    assert builds.stop(str(tmp_path / "logs")) == 0
    assert builds.sent == ASKED


@pytest.mark.parametrize("name", ["m.dat", "m.json", "m.lk", "m"])
def test_a_build_is_found_by_its_monitor_file(builds: Builds, tmp_path: Path, name: str) -> None:
    builds.watched_at(tmp_path / "m.dat")
    assert builds.stop(str(tmp_path / name)) == 0
    assert builds.sent == ASKED


def test_a_build_is_found_by_the_directory_of_its_monitor_file(builds: Builds, tmp_path: Path) -> None:
    builds.watched_at(tmp_path / "m" / "ports.dat")
    (tmp_path / "m" / "ports.dat").write_bytes(samples.text())
    assert builds.stop(str(tmp_path / "m")) == 0
    assert builds.sent == ASKED


@pytest.mark.parametrize("spec", ["{}/m.dat", "json:{}/m.json", "dsynth:{}/m.dat", "text:{}/m.dat"])
def test_the_only_build_may_be_the_one_that_the_environment_asks_for(
    builds: Builds, tmp_path: Path, spec: str
) -> None:
    builds.watched_at(tmp_path / "m.dat")
    assert builds.stop(SYNTHTOP_MONITOR=spec.format(tmp_path)) == 0
    assert builds.sent == ASKED


def test_a_build_that_is_known_in_two_ways_is_one(builds: Builds, tmp_path: Path) -> None:
    builds.runs("ports")
    assert builds.stop(SYNTHTOP_MONITOR=str(tmp_path / "synthtop" / "ports.dat")) == 0


def test_one_that_the_environment_asks_for_and_another_are_several(
    builds: Builds, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    builds.watched_at(tmp_path / "m.dat", "4711\n")
    builds.runs("ports")
    assert builds.stop(SYNTHTOP_MONITOR=f"json:{tmp_path}/m.json") == 2
    assert [line.split()[2] for line in capsys.readouterr().err.splitlines()[1:]] == [
        f"{tmp_path}/m.json",
        "ports",
    ]


def test_a_name_is_stronger_than_a_directory_that_is_called_so(
    builds: Builds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ports").mkdir()
    builds.runs("ports")
    assert builds.stop("ports") == 0


def test_of_several_builds_one_has_to_be_named(builds: Builds, capsys: pytest.CaptureFixture[str]) -> None:
    builds.runs("ports")
    builds.runs("kernels")
    assert (builds.stop(), builds.sent) == (2, [])
    assert capsys.readouterr().err.splitlines() == [
        "synthtop: several builds run: say which",
        f"  synthtop stop kernels  # pid {US}",
        f"  synthtop stop ports    # pid {US}",
    ]
    assert builds.stop("kernels") == 0


@pytest.mark.parametrize(
    ("build", "said"), [(None, "no build of yours runs"), ("nothing", "no build 'nothing' runs")]
)
def test_where_no_build_runs_the_status_is_3(
    builds: Builds, build: str | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert builds.stop(build) == NO_BUILD
    assert said in capsys.readouterr().err


def test_where_no_build_is_found_it_says_how_others_are_named(
    builds: Builds, capsys: pytest.CaptureFixture[str]
) -> None:
    builds.stop()
    assert capsys.readouterr().err == (
        "synthtop: no build of yours runs "
        "(one with --monitor PATH or --no-monitor is named by that PATH or by its logs directory)\n"
    )


def test_a_logs_directory_and_a_monitor_file_of_the_past_are_no_build(builds: Builds, tmp_path: Path) -> None:
    LogsDirectory(str(tmp_path / "logs")).close()
    (tmp_path / "m.lk").write_text(f"{US}\n")  # killed: nobody removed its lock, and nobody holds it
    assert builds.stop(str(tmp_path / "logs")) == NO_BUILD
    assert builds.stop(str(tmp_path / "m.dat")) == NO_BUILD
    assert builds.sent == []


def test_a_build_that_ended_at_that_moment_is_no_build(
    builds: Builds, capsys: pytest.CaptureFixture[str]
) -> None:
    builds.runs("ports")
    builds.errors[signal.SIGTERM] = ProcessLookupError()
    assert builds.stop("ports") == NO_BUILD
    assert capsys.readouterr().err == "synthtop: no build 'ports' runs any more\n"


def test_a_build_that_ends_at_once_was_asked_to_stop(builds: Builds) -> None:
    builds.runs("ports")
    builds.errors[signal.SIGCONT] = ProcessLookupError()
    assert (builds.stop("ports"), builds.sent) == (0, [(US, signal.SIGTERM)])


@pytest.mark.parametrize("place", ["logs", "m.dat", None])
def test_a_pid_that_another_user_wrote_is_not_trusted(
    builds: Builds,
    tmp_path: Path,
    place: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    builds.kept_in(tmp_path / "logs")
    builds.watched_at(tmp_path / "m.dat")
    builds.runs("ports")
    # Only root can give a file away; for all others their own is another's once they are somebody else.
    if os.geteuid() == 0:
        for lock in tmp_path.rglob("*.lk"):
            os.chown(lock, 65534, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert (builds.stop(None if place is None else str(tmp_path / place)), builds.sent) == (2, [])
    assert "is not stopped: its lock is that of uid" in capsys.readouterr().err


def test_another_users_build_is_named_as_such(builds: Builds, capsys: pytest.CaptureFixture[str]) -> None:
    builds.runs("ports")
    builds.errors[signal.SIGTERM] = PermissionError()
    assert builds.stop("ports") == 2
    assert capsys.readouterr().err == f"synthtop: the build 'ports' (pid {US}) is another user's\n"


@pytest.mark.parametrize("pid", ["0\n", "", "-1\n", "all of them\n"])
@pytest.mark.parametrize("name", ["m.dat", None])
def test_a_lock_that_names_no_process_is_no_build(
    builds: Builds, tmp_path: Path, pid: str, name: str | None
) -> None:
    """0 and -1 would be whole groups of processes, our own among them."""
    builds.watched_at(tmp_path / (name or "synthtop/m.dat"), pid)
    assert (builds.stop(name and str(tmp_path / name)), builds.sent) == (NO_BUILD, [])
