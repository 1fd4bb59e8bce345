"""What an earlier run built is left out by a later one: nothing is lost, and nothing wrong is kept."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.formats import results
from synthtop.model import LogKind
from synthtop.run.logsdir import LogsDirectory
from synthtop.run.package import Package, Phase, Plan
from synthtop.run.resultlogs import ALL, LISTS, ResultLogs
from synthtop.run.resume import LEDGER, NothingFailed, Resumed, ResumeError, begin, fingerprints, resumed

from .disks import room_for
from .fakelayer import package

BUILT, FAILED = LISTS[LogKind.BUILT], LISTS[LogKind.FAILED]


def plan(*packages: Package) -> Plan:
    return Plan("test", 2, packages)


def other(one: Package) -> Package:
    """The same package, built in another way."""
    return replace(one, phases=(Phase("build", ("another", "command")),))


A, B, C, D = package("t/a"), package("t/b", "t/a"), package("t/c", "t/b"), package("t/d@flavor")
EVERYTHING = plan(A, B, C, D)


class Directory:
    """A logs directory, and one run after the other in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.told: list[str] = []

    def begin(self, plan: Plan, *, resume: bool = True, only_failed: bool = False) -> ResultLogs:
        logs = LogsDirectory(str(self.path))
        try:
            before = resumed(str(self.path), plan, only_failed) if resume or only_failed else None
            return begin(logs, plan if before is None else before.plan, before, self.told.append)
        finally:
            logs.close()

    def run(
        self,
        plan: Plan,
        built: Iterable[str] = (),
        failed: Iterable[str] = (),
        *,
        resume: bool = True,
        only_failed: bool = False,
    ) -> None:
        lists = self.begin(plan, resume=resume, only_failed=only_failed)
        for origin in built:
            lists.write(LogKind.BUILT, results.success_line(0, origin, 61))
        for origin in failed:
            lists.write(LogKind.FAILED, results.failure_line(1, origin, 2, "build", 7))
        lists.close()

    def resumed(self, plan: Plan) -> Resumed:
        return resumed(str(self.path), plan)

    def listed(self, name: str = BUILT) -> list[str]:
        return [line.split()[2] for line in (self.path / name).read_text().splitlines()]


@pytest.fixture
def logs(tmp_path: Path) -> Directory:
    return Directory(tmp_path)


# -- what was built ------------------------------------------------------------------------------------


def test_what_an_earlier_run_built_is_left_out_and_stays_in_its_list(logs: Directory) -> None:
    logs.run(EVERYTHING, ["t/a", "t/d@flavor"], resume=False)
    found = logs.resumed(EVERYTHING)
    assert (set(found.built), found.changed, found.known) == ({"t/a", "t/d@flavor"}, (), True)
    assert found.plan is EVERYTHING
    logs.run(EVERYTHING, ["t/b"])
    assert logs.listed() == ["t/a", "t/d@flavor", "t/b"]
    assert logs.listed(ALL) == ["t/b"]
    assert logs.resumed(EVERYTHING).built == {"t/a", "t/b", "t/d@flavor"}


def test_a_run_that_does_not_resume_begins_anew(logs: Directory) -> None:
    logs.run(EVERYTHING, ["t/a"], ["t/d@flavor"], resume=False)
    logs.run(EVERYTHING, ["t/b"], resume=False)
    found = logs.resumed(EVERYTHING)
    assert (set(found.built), found.failed) == ({"t/b"}, ())


def test_a_first_run_may_be_told_to_resume(logs: Directory) -> None:
    logs.run(EVERYTHING, ["t/a"])
    assert logs.told == ["resume: nothing was built here before"]
    assert logs.resumed(EVERYTHING).built == {"t/a"}


@pytest.mark.parametrize(
    "changed",
    [
        other(A),
        replace(A, phases=(Phase("test", A.phases[0].command),)),
        replace(A, phases=(Phase("build", "job {origin} {phase}"),)),
        replace(A, phases=A.phases * 2),
        replace(A, scan=True),
        replace(A, env={"CC": "clang"}),
        replace(A, needs=("t/d@flavor",)),
    ],
)
def test_a_package_whose_entry_changed_is_built_again(logs: Directory, changed: Package) -> None:
    logs.run(EVERYTHING, ["t/a", "t/b"], resume=False)
    now = plan(changed, B, C, D)
    found = logs.resumed(now)
    assert (set(found.built), found.changed) == ({"t/b"}, ("t/a",))
    logs.run(now)
    assert logs.listed() == ["t/b"]
    assert logs.resumed(EVERYTHING).built == {"t/b"}


@pytest.mark.parametrize(
    "same",
    [
        replace(A, phases=tuple(replace(phase, timeout=60.0) for phase in A.phases)),
        replace(A, memory=1 << 30),
        replace(A, index=7, needs=tuple(reversed(A.needs))),
    ],
)
def test_limits_and_places_are_no_change(logs: Directory, same: Package) -> None:
    logs.run(EVERYTHING, ["t/a"], resume=False)
    assert logs.resumed(plan(same, B, C, D)).built == {"t/a"}


def test_the_order_of_needs_and_variables_is_no_change() -> None:
    one = replace(C, needs=("t/a", "t/b"), env={"A": "1", "B": "2"})
    two = replace(C, needs=("t/b", "t/a"), env={"B": "2", "A": "1"})
    assert fingerprints([one]) == fingerprints([two])
    assert fingerprints([one]) != fingerprints([replace(one, env={"A": "2", "B": "1"})])


def test_packages_that_share_their_phases_differ_by_what_they_need() -> None:
    shared = A.phases
    found = fingerprints([replace(A, phases=shared), replace(A, origin="t/e", phases=shared, needs=("t/a",))])
    assert len(set(found.values())) == 2


def test_a_change_that_is_taken_back_before_it_was_built_was_never_one(logs: Directory) -> None:
    logs.run(EVERYTHING, ["t/a"], resume=False)
    assert logs.resumed(plan(other(A), B, C, D)).built == set()
    assert logs.resumed(EVERYTHING).built == {"t/a"}


def test_what_was_built_of_another_choice_or_plan_is_kept(logs: Directory) -> None:
    logs.run(EVERYTHING, ["t/a", "t/b"], ["t/d@flavor"], resume=False)
    some = plan(package("x/y"))
    assert logs.resumed(some).built == set()
    logs.run(some, ["x/y"])
    found = logs.resumed(EVERYTHING)
    assert (set(found.built), found.failed) == ({"t/a", "t/b"}, ("t/d@flavor",))
    assert logs.resumed(plan(other(A), B, C, D)).changed == ("t/a",)


def test_what_is_ignored_for_a_while_was_built_all_the_same(logs: Directory) -> None:
    logs.run(EVERYTHING, ["t/a", "t/d@flavor"], resume=False)
    ignoring = plan(A, B, C, package("t/d@flavor", ignore="BROKEN"))
    found = logs.resumed(ignoring)
    assert (set(found.built), found.changed) == ({"t/a"}, ())
    assert found.notes == ("resume: 1 of 3 was built before",)
    logs.run(ignoring)
    assert logs.resumed(EVERYTHING).built == {"t/a", "t/d@flavor"}


# -- what failed ---------------------------------------------------------------------------------------


def test_what_failed_and_was_not_built_since_is_known_over_many_runs(logs: Directory) -> None:
    logs.run(EVERYTHING, [], ["t/a", "t/d@flavor"], resume=False)
    assert logs.resumed(EVERYTHING).failed == ("t/a", "t/d@flavor")
    logs.run(EVERYTHING)  # ended before it came to anything
    assert logs.listed(FAILED) == []
    logs.run(EVERYTHING, ["t/a"], ["t/b"])
    assert logs.resumed(EVERYTHING).failed == ("t/d@flavor", "t/b")


def test_a_package_that_was_built_when_it_was_tried_again_has_not_failed(logs: Directory) -> None:
    logs.run(EVERYTHING, ["t/a"], ["t/a"], resume=False)
    found = logs.resumed(EVERYTHING)
    assert (set(found.built), found.failed) == ({"t/a"}, ())


def test_only_what_failed_is_a_plan_of_it_and_of_all_that_it_needs(logs: Directory) -> None:
    logs.run(EVERYTHING, ["t/a", "t/d@flavor"], ["t/b"], resume=False)
    found = resumed(str(logs.path), plan(A, B, C, other(D)), only_failed=True)
    assert [one.origin for one in found.plan.packages] == ["t/a", "t/b"]
    assert (set(found.built), found.changed, found.failed) == ({"t/a"}, (), ("t/b",))
    assert found.notes == (
        "only what failed: 1 package, and 1 that it needs",
        "resume: 1 of 2 was built before",
    )
    logs.run(EVERYTHING, ["t/b"], only_failed=True)
    assert logs.listed() == ["t/a", "t/d@flavor", "t/b"]
    with pytest.raises(NothingFailed, match=r"nothing of this plan failed in .* and was not built since"):
        resumed(str(logs.path), EVERYTHING, only_failed=True)


def test_a_need_that_changed_is_built_again_for_what_failed(logs: Directory) -> None:
    logs.run(EVERYTHING, ["t/a"], ["t/b"], resume=False)
    found = resumed(str(logs.path), plan(other(A), B, C, D), only_failed=True)
    assert (found.built, found.changed) == (frozenset(), ("t/a",))


def test_what_failed_and_is_not_in_the_plan_or_ignored_is_not_built(logs: Directory) -> None:
    logs.run(EVERYTHING, [], ["t/c", "t/d@flavor"], resume=False)
    with pytest.raises(NothingFailed):
        resumed(str(logs.path), plan(A, B, replace(C, ignore="BROKEN")), only_failed=True)
    assert logs.resumed(EVERYTHING).failed == ("t/c", "t/d@flavor")


def test_that_nothing_can_have_failed_without_a_run_is_an_error(logs: Directory) -> None:
    with pytest.raises(ResumeError, match="no earlier run"):
        resumed(str(logs.path / "elsewhere"), EVERYTHING, only_failed=True)


# -- what is said --------------------------------------------------------------------------------------


def test_a_person_is_told_how_many_were_built_and_how_many_of_those_changed(logs: Directory) -> None:
    logs.run(EVERYTHING, ["t/a", "t/b", "t/d@flavor"], resume=False)
    assert logs.told == []
    logs.run(plan(A, other(B), C, D))
    assert logs.told == ["resume: 3 of 4 were built before, 1 of them changed since"]


def test_only_what_failed_is_said_first(logs: Directory) -> None:
    logs.run(EVERYTHING, ["t/a"], ["t/b", "t/d@flavor"], resume=False)
    found = resumed(str(logs.path), EVERYTHING, only_failed=True)
    assert found.notes[0] == "only what failed: 2 packages, and 1 that they need"


# -- what other versions, full disks and strangers leave --------------------------------------------------


def test_a_run_that_noted_no_entries_is_trusted_and_that_is_said(logs: Directory) -> None:
    logs.run(EVERYTHING, ["t/a"], resume=False)
    (logs.path / LEDGER).unlink()
    found = logs.resumed(plan(other(A), B, C, D))
    assert (set(found.built), found.changed) == ({"t/a"}, ())
    assert found.notes == (
        "resume: 1 of 4 was built before",
        "resume: there is no resume.json: whether they changed since is not known",
    )


def test_entries_are_noted_from_the_next_run_on(logs: Directory) -> None:
    logs.run(EVERYTHING, ["t/a"], resume=False)
    (logs.path / LEDGER).unlink()
    logs.run(EVERYTHING)
    assert logs.resumed(plan(other(A), B, C, D)).changed == ("t/a",)


def test_a_package_that_a_version_without_entries_built_in_between_is_trusted(logs: Directory) -> None:
    logs.run(plan(D), ["t/d@flavor"], resume=False)
    (logs.path / BUILT).write_bytes(results.padded(results.success_line(0, "t/a", 3)))
    assert logs.resumed(EVERYTHING).built == {"t/a"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"", "is broken"),
        (b"\xff\xfe", "is broken"),
        (b'{"version": 1, "packages": {', "is broken"),
        (b"[" * 100_000, "is broken"),
        (b"[1, 2]", "is not one of this version"),
        (b'{"version": 2, "packages": {}, "failed": []}', "is not one of this version"),
        (b'{"version": 1, "packages": [], "failed": []}', "is not one of this version"),
        (b'{"version": 1, "packages": {"t/a": 1}, "failed": []}', "is not one of this version"),
        (b'{"version": 1, "packages": {}, "failed": {}}', "is not one of this version"),
        (b'{"version": 1, "packages": {}, "failed": [null]}', "is not one of this version"),
        (b'{"version": 1}', "is not one of this version"),
    ],
)
def test_entries_that_make_no_sense_are_as_none(logs: Directory, text: bytes, problem: str) -> None:
    logs.run(EVERYTHING, ["t/a"], ["t/d@flavor"], resume=False)
    (logs.path / LEDGER).write_bytes(text)
    found = logs.resumed(EVERYTHING)
    assert (set(found.built), found.failed) == ({"t/a"}, ("t/d@flavor",))
    assert found.notes[1] == f"resume: resume.json {problem}: whether they changed since is not known"
    logs.run(EVERYTHING)
    assert json.loads((logs.path / LEDGER).read_text())["failed"] == ["t/d@flavor"]


@pytest.mark.parametrize("name", [BUILT, FAILED])
def test_a_list_that_is_none_is_refused_and_nothing_is_emptied(logs: Directory, name: str) -> None:
    logs.run(EVERYTHING, ["t/a"], ["t/d@flavor"], resume=False)
    before = {file.name: file.read_bytes() for file in logs.path.iterdir() if file.name != name}
    (logs.path / name).rename(logs.path / "elsewhere")
    for make in (
        lambda: os.mkfifo(logs.path / name),
        lambda: (logs.path / name).symlink_to("elsewhere"),
        lambda: os.truncate(os.open(logs.path / name, os.O_CREAT | os.O_WRONLY), (64 << 20) + 1),
    ):
        make()
        with pytest.raises(ResumeError, match=f"{name}: cannot read it: .*; move it away"):
            logs.begin(EVERYTHING)
        (logs.path / name).unlink()
    (logs.path / "elsewhere").unlink()
    assert {file.name: file.read_bytes() for file in logs.path.iterdir()} == before


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: os.symlink("elsewhere", path)])
def test_entries_in_what_is_no_file_are_as_none(logs: Directory, make: Callable[[Path], object]) -> None:
    logs.run(EVERYTHING, ["t/a"], resume=False)
    (logs.path / LEDGER).unlink()
    make(logs.path / LEDGER)
    found = logs.resumed(EVERYTHING)
    assert found.built == {"t/a"}
    assert found.notes[1].startswith("resume: resume.json cannot be read (it is no regular file): ")
    logs.run(EVERYTHING)
    assert (logs.path / LEDGER).is_file()


def test_lines_that_say_nothing_go_and_of_many_the_last_one_stays(logs: Directory) -> None:
    logs.run(EVERYTHING, [], resume=False)
    first, last = (results.padded(results.success_line(n, "t/a", n)) for n in (1, 2))
    junk = b"\n\xff\n[XXX] \n" + b"x" * 5000 + b"\n[000] SUCCESS " + b"y" * 2000 + b" 00:00:01\n"
    (logs.path / BUILT).write_bytes(junk + first + last + b"[000] FAILURE t/b 0  build 00:00:01\n")
    logs.run(EVERYTHING)
    assert (logs.path / BUILT).read_bytes() == last


def test_a_list_in_which_all_holds_is_left_as_it_is(logs: Directory) -> None:
    logs.run(EVERYTHING, ["t/a"], resume=False)
    before = (logs.path / BUILT).stat().st_ino
    logs.run(EVERYTHING, ["t/b"])
    assert (logs.path / BUILT).stat().st_ino == before


def test_without_room_for_the_entries_the_build_goes_on_and_old_ones_do_not_vouch(logs: Directory) -> None:
    logs.run(EVERYTHING, ["t/a"], resume=False)
    with room_for(20):  # the lock
        logs.begin(plan(other(A), B, C, D), resume=False).close()
    assert logs.told == [
        "resume.json cannot be written (File too large): --resume will not see what changes in the plan"
    ]
    assert not (logs.path / LEDGER).exists()


def test_without_room_for_the_list_nothing_is_lost(logs: Directory) -> None:
    logs.run(EVERYTHING, ["t/a", "t/b"], resume=False)
    with room_for(20), pytest.raises(OSError, match="File too large"):
        logs.begin(plan(other(A), B, C, D))
    assert logs.listed() == ["t/a", "t/b"]
    assert logs.resumed(EVERYTHING).built == {"t/a", "t/b"}


NESTED = ("t/a", "t/ab", "t/a b", "t/a b c", "x/" + "y" * 90, "t/ä")
"""Origins of which some begin as others do."""


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_a_list_that_was_torn_anywhere_names_nobody_else(data: st.DataObject) -> None:
    origins = data.draw(st.lists(st.sampled_from(NESTED), unique=True))
    whole = b"".join(results.padded(results.success_line(0, origin, 5)) for origin in origins)
    torn = whole[: data.draw(st.integers(0, len(whole)))]
    every = plan(*map(package, NESTED))
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / BUILT).write_bytes(torn)
        assert resumed(directory, every).built == set(origins[: torn.count(b"\n")])
        (Path(directory) / BUILT).write_bytes(torn + b"\n")
        assert resumed(directory, every).built <= set(origins)


# -- killed anywhere -----------------------------------------------------------------------------------


ORIGINS = tuple(one.origin for one in EVERYTHING.packages)


def versions(chosen: Mapping[str, int]) -> Plan:
    """The plan that has each of these packages in one of two versions."""
    return plan(*(other(package(o)) if version else package(o) for o, version in chosen.items()))


class Killed(BaseException):
    """As ``kill -9``: nothing is done after it."""


@contextmanager
def killed_after(left: int) -> Iterator[None]:
    """Only so many steps are done that change a file in the logs directory."""
    real_write, real_open, real_line = LogsDirectory.write, ResultLogs._opened, ResultLogs.write

    def step() -> None:
        nonlocal left
        if not left:
            raise Killed
        left -= 1

    def write(logs: LogsDirectory, name: str, text: str | bytes, *, lasting: bool = False) -> None:
        step()
        real_write(logs, name, text, lasting=lasting)

    def opened(lists: ResultLogs, name: str) -> int:
        step()
        return real_open(lists, name)

    def line(lists: ResultLogs, kind: LogKind, text: str) -> None:
        step()
        real_line(lists, kind, text)

    with (
        patch.object(LogsDirectory, "write", write),
        patch.object(ResultLogs, "_opened", opened),
        patch.object(ResultLogs, "write", line),
        suppress(Killed),
    ):
        yield


@pytest.mark.parametrize("steps", range(10))
def test_killed_at_any_step_while_it_begins_a_run_can_be_resumed_all_the_same(
    logs: Directory, steps: int
) -> None:
    logs.run(EVERYTHING, ["t/a", "t/b"], ["t/d@flavor"], resume=False)
    now = plan(A, other(B), C, D)
    with killed_after(steps):
        logs.run(now, ["t/b"])
    found = logs.resumed(now)
    written = steps > 7
    assert found.built == ({"t/a", "t/b"} if written else {"t/a"})
    assert found.failed == ("t/d@flavor",)
    assert "t/b" not in logs.resumed(EVERYTHING).built or steps == 0


@pytest.mark.parametrize("steps", range(10))
def test_killed_while_it_begins_anew_a_run_leaves_nothing_that_would_be_wrong(
    logs: Directory, steps: int
) -> None:
    logs.run(EVERYTHING, ["t/a", "t/b"], resume=False)
    now = plan(A, other(B), C, D)
    with killed_after(steps):
        logs.run(now, ["t/d@flavor"], resume=False)
    found = logs.resumed(now).built
    assert found == ({"t/a"} if steps < 2 else {"t/d@flavor"} if steps > 6 else set())


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from(ORIGINS), st.integers(0, 1)),
            st.booleans(),
            st.lists(st.sampled_from(ORIGINS), unique=True),
            st.integers(0, 12),
        ),
        max_size=6,
    )
)
def test_however_often_it_is_killed_nothing_is_lost_and_nothing_wrong_is_kept(
    runs: list[tuple[dict[str, int], bool, list[str], int]],
) -> None:
    """Each run has some packages in one of two versions, builds some of them, and is killed at some step."""
    with tempfile.TemporaryDirectory() as name:
        directory = Directory(Path(name))
        as_built: dict[str, int] = {}  # the version of each that was written down last
        listed: set[str] = set()
        for chosen, resuming, built, steps in runs:
            with killed_after(steps):
                lists = directory.begin(versions(chosen), resume=resuming)
                for origin in built:
                    if origin in chosen:
                        lists.write(LogKind.BUILT, results.success_line(0, origin, 1))
                        as_built[origin] = chosen[origin]
            before, listed = listed, set(directory.listed() if (directory.path / BUILT).exists() else ())
            if resuming:
                assert {o for o in before if chosen.get(o, as_built[o]) == as_built[o]} <= listed
            for asked in (chosen, dict.fromkeys(ORIGINS, 0), dict.fromkeys(ORIGINS, 1)):
                right = {o for o, version in asked.items() if o in listed and as_built[o] == version}
                assert directory.resumed(versions(asked)).built == right
