"""The demo: its plan, what is to come of it, and the phases of its packages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from synthtop import demo
from synthtop.run.queue import levels, order_named

from .terminal import PATIENCE, environment

JOB = Path(demo.__file__).with_name("job.py")
PHASES = ("fetch", "extract", "configure", "build", "test", "package")
BEFORE_3_11_4 = """\
import tarfile

if hasattr(tarfile, "data_filter"):
    del tarfile.data_filter
    newer = tarfile.TarFile.extractall

    def extractall(self, path=".", members=None, *, numeric_owner=False):
        newer(self, path, members, numeric_owner=numeric_owner, filter="fully_trusted")

    tarfile.TarFile.extractall = extractall
"""
"""A ``sitecustomize`` that makes ``tarfile`` know as little as that of the first Python 3.11."""


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo puts this Python into it."""
    monkeypatch.setenv("SYNTHTOP_PYTHON", "")


# -- the plan ----------------------------------------------------------------------------------------


def test_the_plan_is_about_forty_packages_deep_enough_for_a_queue() -> None:
    plan = demo.plan()
    assert 35 <= len(plan.packages) <= 45
    assert len(levels(plan.packages, order_named(None))) >= 6


def test_every_package_goes_through_the_phases_that_a_job_knows() -> None:
    for package in demo.plan().packages:
        assert [phase.name for phase in package.phases] == ([] if package.ignore else [*PHASES])


def test_a_package_is_configured_against_exactly_what_it_needs() -> None:
    for package in demo.plan().packages:
        if package.ignore is None:
            assert package.env.get("DEMO_NEEDS", "").split() == list(package.needs)


def test_the_jobs_run_with_this_python() -> None:
    demo.plan()
    assert os.environ["SYNTHTOP_PYTHON"] == sys.executable


def test_exactly_the_package_that_is_said_to_fail_is_broken() -> None:
    broken = [package.origin for package in demo.plan().packages if package.env.get("DEMO_BROKEN") == "yes"]
    assert broken == [demo.FAILS]


# -- what is to come of it ---------------------------------------------------------------------------


def test_every_package_is_expected_in_one_list() -> None:
    expected = demo.expected()
    everything = [origin for origins in expected.values() for origin in origins]
    assert sorted(everything) == sorted(package.origin for package in demo.plan().packages)


def test_one_fails_one_is_ignored_and_what_needs_them_is_skipped() -> None:
    expected = demo.expected()
    assert expected["02_failure_list.log"] == {"textproc/expat"}
    assert expected["03_ignored_list.log"] == {"editors/emacs"}
    assert expected["04_skipped_list.log"] == {
        "devel/git",
        "devel/subversion",
        "editors/emacs-modes",
        "www/apache24",
    }


def lists(directory: Path, **instead: set[str]) -> Path:
    """The result lists of a demo that went as planned, but for those that are given ``instead``."""
    for name, origins in demo.expected().items():
        found = instead.get(name.partition("_")[2].partition("_")[0], origins)
        (directory / name).write_text("".join(f"[000] WHATEVER {origin} 3 and more\n" for origin in found))
    return directory


def test_a_demo_that_went_as_planned_is_status_0_though_a_package_failed(tmp_path: Path) -> None:
    status, sentence = demo.verdict(1, lists(tmp_path))
    assert status == 0
    assert sentence.startswith("demo: all went as planned (")
    assert "1 failed, 1 ignored, 4 skipped; textproc/expat fails its tests on purpose" in sentence
    assert str(tmp_path) in sentence


@pytest.mark.parametrize(
    "instead",
    [
        {"failure": {"textproc/expat", "devel/m4"}},
        {"failure": set()},
        {"success": {"devel/m4"}},
        {"skipped": {"something/else"}},
    ],
    ids=["one more failed", "nothing failed", "hardly anything was built", "an unknown one was skipped"],
)
def test_a_demo_that_went_otherwise_is_status_1(tmp_path: Path, instead: dict[str, set[str]]) -> None:
    status, sentence = demo.verdict(1, lists(tmp_path, **instead))
    assert status == 1
    assert "it came otherwise" in sentence


def test_a_demo_without_lists_went_otherwise(tmp_path: Path) -> None:
    assert demo.verdict(0, tmp_path)[0] == 1


@pytest.mark.parametrize("status", [70, 130, 143])
def test_a_demo_that_was_stopped_keeps_its_status(tmp_path: Path, status: int) -> None:
    assert demo.verdict(status, lists(tmp_path)) == (status, "demo: stopped before its end")


# -- the phases of a package -------------------------------------------------------------------------


class Job:
    """The phases of one small package, each in a process of its own."""

    def __init__(self, directory: Path, origin: str, **env: str) -> None:
        category, _, name = origin.partition("/")
        self.work = directory / "work" / f"{category}___{name}"
        self.packages = directory / "packages"
        self._env = environment(
            SYNTHTOP_ORIGIN=origin,
            SYNTHTOP_NAME=name,
            SYNTHTOP_WORKDIR=str(self.work),
            SYNTHTOP_LOGS=str(directory),
            DEMO_MODULES="1",
            **env,
        )

    def run(self, *phases: str) -> subprocess.CompletedProcess[str]:
        """The last of ``phases``, which all but it succeed."""
        for phase in phases:
            done = subprocess.run(
                [sys.executable, str(JOB), phase],
                env=self._env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
            assert done.returncode == 0 or phase == phases[-1], done.stdout + done.stderr
        return done


def test_a_package_is_built_tested_and_packed_against_what_it_needs(tmp_path: Path) -> None:
    tmp_path.joinpath("packages").mkdir()
    needed = tmp_path / "packages" / "devel___m4.tar.xz"
    with tarfile.open(needed, "w:xz") as archive:
        archive.add(JOB, "m4/module_0.py")
    job = Job(tmp_path, "devel/auto-conf", DEMO_NEEDS="devel/m4")
    done = job.run(*PHASES)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (job.work / "needs" / "m4" / "module_0.py").exists()
    with tarfile.open(job.packages / "devel___auto-conf.tar.xz") as archive:
        names = archive.getnames()
    assert {"auto_conf/config", "auto_conf/module_0.py"} <= set(names)
    assert len([name for name in names if name.endswith(".pyc")]) == 3


def test_a_package_is_unpacked_by_a_python_whose_tarfile_has_no_filters(tmp_path: Path) -> None:
    tmp_path.joinpath("sitecustomize.py").write_text(BEFORE_3_11_4)
    job = Job(tmp_path, "devel/m4", PYTHONPATH=str(tmp_path))
    done = job.run("fetch", "extract")
    assert done.returncode == 0, done.stderr
    assert (job.work / "source" / "module_0.py").exists()


def test_a_package_has_the_same_source_each_time(tmp_path: Path) -> None:
    job = Job(tmp_path, "devel/m4")
    job.run("fetch")
    first = (job.work / "tree" / "module_0.py").read_text()
    (job.work / "rest of the attempt before").write_text("")
    job.run("fetch")
    assert (job.work / "tree" / "module_0.py").read_text() == first
    assert not (job.work / "rest of the attempt before").exists()


def test_a_broken_package_builds_and_fails_its_tests(tmp_path: Path) -> None:
    done = Job(tmp_path, "textproc/expat", DEMO_BROKEN="yes").run("fetch", "extract", "build", "test")
    assert done.returncode == 1
    assert re.search(r"module_0\.function_\d+ is wrong", done.stdout)


def test_a_package_whose_need_is_not_there_fails_in_configure(tmp_path: Path) -> None:
    done = Job(tmp_path, "devel/git", DEMO_NEEDS="textproc/expat").run("fetch", "extract", "configure")
    assert done.returncode != 0
    assert "textproc___expat.tar.xz" in done.stderr
