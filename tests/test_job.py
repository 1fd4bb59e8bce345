"""One package in one slot: what its processes are given, and what its log says."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from synthtop.model import Outcome
from synthtop.run.job import Due, End, Job, Workplace, command_of
from synthtop.run.package import Package, Phase

from .fakelayer import Act, FakeLayer, Spawned, package

RULE = "-" * 79


@pytest.fixture
def layer() -> FakeLayer:
    return FakeLayer()


def workplace(
    directory: Path, env: Mapping[str, str] | None = None, timeout: float | None = None
) -> Workplace:
    return Workplace(
        logs=str(directory),
        work=str(directory / "work"),
        directory="/ports",
        env=env or {},
        jobs=3,
        timeout=timeout,
        grace=10.0,
    )


def job_of(one: Package, directory: Path, layer: FakeLayer, **options: float) -> Job:
    return Job(one, 7, workplace(directory, **options), layer, layer.now)  # type: ignore[arg-type]


def finish(job: Job, layer: FakeLayer) -> End:
    """Run all phases to the job's end."""
    end = job.next_phase(layer.now)
    while end is None:
        [(_, code)] = layer.wait(1000.0)
        end = job.exited(code, layer.now)
    return end


# -- commands --------------------------------------------------------------------------------------------


def test_a_job_knows_its_package_by_environment(tmp_path: Path) -> None:
    one = replace(package("devel/foo@py311", env={"BATCH": "yes"}), name="foo", flavor="py311")
    _, env = command_of(one, one.phases[0], 7, workplace(tmp_path, {"PATH": "/bin", "BATCH": "no"}))
    assert env == {
        "PATH": "/bin",
        "BATCH": "yes",
        "SYNTHTOP_ORIGIN": "devel/foo@py311",
        "SYNTHTOP_CATEGORY": "devel",
        "SYNTHTOP_NAME": "foo",
        "SYNTHTOP_FLAVOR": "py311",
        "SYNTHTOP_PHASE": "build",
        "SYNTHTOP_SLOT": "7",
        "SYNTHTOP_LOGS": str(tmp_path),
        "SYNTHTOP_WORKDIR": str(tmp_path / "work" / "devel___foo@py311"),
        "SYNTHTOP_JOBS": "3",
    }


def test_without_a_flavor_its_variable_is_empty(tmp_path: Path) -> None:
    one = package("devel/foo-1.2")
    _, env = command_of(one, one.phases[0], 0, workplace(tmp_path))
    assert env["SYNTHTOP_FLAVOR"] == ""
    assert env["SYNTHTOP_WORKDIR"].endswith("work/devel___foo-1.2")


def test_a_string_goes_to_the_shell_and_a_list_is_argv(tmp_path: Path) -> None:
    one = package("devel/foo")
    shell, _ = command_of(one, Phase("build", "make -C {origin} -j{jobs} ${HOME}"), 0, workplace(tmp_path))
    plain, _ = command_of(one, Phase("build", ("make", "-C", "{}", "{phase}")), 0, workplace(tmp_path))
    assert shell == ("/bin/sh", "-c", "make -C devel/foo -j3 ${HOME}")
    assert plain == ("make", "-C", "devel/foo", "build")


def test_a_job_runs_where_the_plan_is_with_a_directory_of_its_own(tmp_path: Path, layer: FakeLayer) -> None:
    finish(job_of(package("devel/foo"), tmp_path, layer), layer)
    [started] = layer.spawned
    assert started.cwd == "/ports"
    assert Path(started.env["SYNTHTOP_WORKDIR"]).is_dir()


def test_a_full_disk_leaves_the_earlier_log_where_it_was(
    tmp_path: Path, layer: FakeLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "devel___foo.log").write_text("the attempt before")

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        for _ in range(2):
            with pytest.raises(OSError, match="No space left"):
                job_of(package("devel/foo"), tmp_path, layer)
    finish(job_of(package("devel/foo"), tmp_path, layer), layer)
    assert (tmp_path / "devel___foo.log.1").read_text() == "the attempt before"


def test_a_work_directory_that_cannot_be_made_is_an_error(tmp_path: Path, layer: FakeLayer) -> None:
    (tmp_path / "work").write_text("a file")
    with pytest.raises(NotADirectoryError):
        job_of(package("devel/foo"), tmp_path, layer)
    assert layer.spawned == []


def test_a_rule_stands_on_a_line_of_its_own_whatever_was_before_it(tmp_path: Path, layer: FakeLayer) -> None:
    layer.act = lambda started: Act(output=((0.5, b"no newline"),), code=3 if started.phase == "build" else 0)
    end = finish(job_of(package("devel/foo", phases=("configure", "build")), tmp_path, layer), layer)
    assert end.reason == "exit status 3"
    rule = "-" * 79
    assert (tmp_path / "devel___foo.log").read_text() == (
        f"{rule}\n-- Phase: configure\n{rule}\nno newline\n"
        f"{rule}\n-- Phase: build\n{rule}\nno newline\n{rule}\n-- exit status 3\n{rule}\n"
    )


# -- the log ---------------------------------------------------------------------------------------------


def test_each_phase_has_a_header_in_the_log_and_its_lines_count(tmp_path: Path, layer: FakeLayer) -> None:
    layer.act = lambda started: Act(output=((0.5, f"in {started.phase}\n".encode()),))
    job = job_of(package("devel/foo", phases=("configure", "build")), tmp_path, layer)
    assert finish(job, layer) == End(Outcome.BUILT, "build", None)
    assert (tmp_path / "devel___foo.log").read_text().splitlines() == [
        RULE,
        "-- Phase: configure",
        RULE,
        "in configure",
        RULE,
        "-- Phase: build",
        RULE,
        "in build",
    ]
    assert job.lines == 8


def test_why_a_package_failed_stands_at_the_end_of_its_log(tmp_path: Path, layer: FakeLayer) -> None:
    layer.act = lambda _: Act(code=3, output=((0.5, b"error: no such thing\n"),))
    finish(job_of(package("devel/foo"), tmp_path, layer), layer)
    assert (
        (tmp_path / "devel___foo.log")
        .read_text()
        .endswith(f"error: no such thing\n{RULE}\n-- exit status 3\n{RULE}\n")
    )


def test_a_stopped_package_has_no_reason_in_its_log(tmp_path: Path, layer: FakeLayer) -> None:
    job = job_of(package("devel/foo"), tmp_path, layer)
    job.next_phase(0.0)
    job.stop(0.0)
    assert job.exited(-15, 0.0) == End(Outcome.FAILED, "build", "stopped")
    assert job.stopped
    assert "stopped" not in (tmp_path / "devel___foo.log").read_text()


def test_the_log_of_the_attempt_before_is_kept(tmp_path: Path, layer: FakeLayer) -> None:
    log, before = tmp_path / "devel___foo.log", tmp_path / "devel___foo.log.1"
    log.write_text("the attempt before\n")
    before.write_text("the one before that\n")
    finish(job_of(package("devel/foo"), tmp_path, layer), layer)
    assert before.read_text() == "the attempt before\n"
    assert "the attempt before" not in log.read_text()


def test_a_symlink_in_the_logs_place_is_not_followed(tmp_path: Path, layer: FakeLayer) -> None:
    (tmp_path / "precious").write_text("keep")
    (tmp_path / "devel___foo.log").symlink_to(tmp_path / "precious")
    finish(job_of(package("devel/foo"), tmp_path, layer), layer)
    assert (tmp_path / "precious").read_text() == "keep"
    assert not (tmp_path / "devel___foo.log").is_symlink()


def test_a_job_that_rewinds_its_output_overwrites_nothing(tmp_path: Path) -> None:
    class Rewinding(FakeLayer):
        def spawn(self, *arguments: object) -> int:
            descriptor = arguments[3]
            assert isinstance(descriptor, int)
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, b"output\n")
            return super().spawn(*arguments)  # type: ignore[arg-type]

    layer = Rewinding()
    finish(job_of(package("devel/foo"), tmp_path, layer), layer)
    assert (tmp_path / "devel___foo.log").read_text() == f"{RULE}\n-- Phase: build\n{RULE}\noutput\n"


def test_a_log_that_is_given_over_is_not_left_open(tmp_path: Path, layer: FakeLayer) -> None:
    descriptors: list[int] = []
    layer.act = lambda _: Act()
    job = job_of(package("devel/foo"), tmp_path, layer)
    job.next_phase(0.0)
    descriptors += [process.descriptor for process in layer.processes.values()]
    job.exited(0, 0.0)
    with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
        os.fstat(descriptors[0])


# -- phases in the output --------------------------------------------------------------------------------

PORTS = (
    (0.5, b"===>  Fetching all distfiles required by foo-1.0 for building\n"),
    (1.5, b"===>  Configuring for foo-1.0\nchecking for gcc... no\n"),
)


def test_the_phases_of_the_ports_framework_are_read_from_the_output(tmp_path: Path, layer: FakeLayer) -> None:
    layer.act = lambda _: Act(takes=5.0, output=PORTS)
    job = job_of(package("devel/foo", scan=True), tmp_path, layer)
    job.next_phase(0.0)
    seen = [job.phase]
    for second in (1.0, 2.0, 3.0):
        layer.wait(1.0)
        job.look(second)
        seen.append(job.phase)
    assert seen == ["build", "fetch", "configure", "configure"]


def test_a_failure_is_in_the_last_phase_of_the_output_however_quick(tmp_path: Path, layer: FakeLayer) -> None:
    layer.act = lambda _: Act(takes=2.0, code=1, output=PORTS)
    end = finish(job_of(package("devel/foo", scan=True), tmp_path, layer), layer)
    assert end == End(Outcome.FAILED, "configure", "exit status 1")


# -- time limits -----------------------------------------------------------------------------------------


def test_silence_up_to_the_limit_is_no_reason(tmp_path: Path, layer: FakeLayer) -> None:
    job = job_of(package("devel/foo"), tmp_path, layer, timeout=5.0)
    job.next_phase(0.0)
    assert [job.look(second) for second in (0.0, 2.0, 4.0, 4.9)] == [None] * 4
    assert job.look(5.0) is Due.TERMINATE
    assert [job.look(second) for second in (7.0, 9.0, 12.0, 14.9)] == [None] * 4
    assert job.look(15.0) is Due.KILL


def test_each_phase_has_the_whole_time(tmp_path: Path, layer: FakeLayer) -> None:
    job = job_of(package("devel/foo", phases=("configure", "build")), tmp_path, layer, timeout=5.0)
    job.next_phase(0.0)
    for second in (0.0, 2.0, 4.0):
        job.look(second)
    job.exited(0, 4.5)
    assert [job.look(second) for second in (4.5, 7.0, 9.4)] == [None] * 3
    assert job.look(9.5) is Due.TERMINATE


def test_a_log_that_cannot_be_read_is_no_silence(tmp_path: Path, layer: FakeLayer) -> None:
    descriptors: list[int] = []

    class Closing(FakeLayer):
        """Takes the log away under the job."""

        def spawn(self, *arguments: object) -> int:
            assert isinstance(arguments[3], int)
            descriptors.append(arguments[3])
            return super().spawn(*arguments)  # type: ignore[arg-type]

    layer = Closing()
    job = job_of(package("devel/foo"), tmp_path, layer, timeout=5.0)
    job.next_phase(0.0)
    unreadable = os.open(tmp_path / "other", os.O_WRONLY | os.O_CREAT)
    os.dup2(unreadable, descriptors[0])
    os.close(unreadable)
    assert [job.look(float(second)) for second in range(0, 20, 2)] == [None] * 10
    assert job.exited(0, 20.0) == End(Outcome.BUILT, "build", None)


def test_the_reason_of_a_time_out_outlasts_a_later_stop(tmp_path: Path, layer: FakeLayer) -> None:
    job = job_of(package("devel/foo"), tmp_path, layer, timeout=2.5)
    job.next_phase(0.0)
    assert [job.look(0.0), job.look(2.0), job.look(3.0)] == [None, None, Due.TERMINATE]
    job.stop(4.0)
    assert job.exited(-15, 5.0) == End(Outcome.FAILED, "build", "timed out: no output for 2.5 s")
    assert not job.stopped


def test_a_process_that_never_started_is_nobody_to_kill(tmp_path: Path) -> None:
    def refuse(_: Spawned) -> Act:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    layer = FakeLayer(refuse)
    end = finish(job_of(package("devel/foo"), tmp_path, layer), layer)
    assert end.outcome is Outcome.FAILED
    assert layer.signals == []


# -- given up by hand -------------------------------------------------------------------------------------


def test_a_package_that_is_given_up_is_asked_to_end_and_then_killed(tmp_path: Path, layer: FakeLayer) -> None:
    job = job_of(package("devel/foo"), tmp_path, layer)
    job.next_phase(0.0)
    assert job.give_up(Outcome.IGNORED, "skipped by hand", 2.0) is Due.TERMINATE
    assert [job.look(11.9), job.look(12.0)] == [None, Due.KILL]
    assert job.exited(0, 12.5) == End(Outcome.IGNORED, "build", "skipped by hand")
    assert (tmp_path / "devel___foo.log").read_text().endswith(f"-- skipped by hand\n{RULE}\n")


def test_what_was_to_end_before_has_no_more_grace_when_it_is_given_up(
    tmp_path: Path, layer: FakeLayer
) -> None:
    job = job_of(package("devel/foo"), tmp_path, layer, timeout=2.5)
    job.next_phase(0.0)
    assert [job.look(0.0), job.look(2.0), job.look(3.0)] == [None, None, Due.TERMINATE]
    assert job.give_up(Outcome.IGNORED, "skipped by hand", 4.0) is Due.KILL
    assert job.look(4.0) is Due.KILL
    assert job.exited(-9, 4.0) == End(Outcome.FAILED, "build", "timed out: no output for 2.5 s")


def test_a_look_says_whether_the_log_has_grown_be_it_by_no_whole_line(
    tmp_path: Path, layer: FakeLayer
) -> None:
    layer.act = lambda _: Act(takes=9.0, output=((1.5, b"."), (3.5, b"\n")))
    job = job_of(package("devel/foo"), tmp_path, layer)
    job.next_phase(0.0)
    grown = []
    for second in (1.0, 2.0, 3.0, 4.0, 5.0):
        layer.wait(1.0)
        job.look(second)
        grown.append(job.grown)
    assert grown == [True, True, False, True, False]


def test_a_job_says_what_its_present_phase_runs(tmp_path: Path, layer: FakeLayer) -> None:
    job = job_of(package("devel/foo", phases=("configure", "build")), tmp_path, layer)
    job.next_phase(0.0)
    assert job.argv == ("job", "devel/foo", "configure")
    job.exited(0, 1.0)
    assert job.argv == ("job", "devel/foo", "build")
