"""Which builds there are on a machine, found where their files are."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthtop import discover, monitor
from synthtop.discover import DAY, Discovery, merged, named, of_logs, ready_commands, who_builds
from synthtop.formats import json as json_format
from synthtop.formats.settings import dsynth_logs, poudriere_data
from synthtop.model import BuildState, Listed, Snapshot, Source, SourceKind
from synthtop.pidlock import PidLock
from synthtop.run.logsdir import LogsDirectory

from . import builds as snapshots
from . import samples

NOW = samples.NOW
US = os.getpid()
INI = """\
[Global Configuration]
profile_selected= Desktop

[LiveSystem]
Directory_packages= /build/synth/live_packages
Directory_logs= /build/synth/logs

[Desktop]
Directory_logs= /build/desktop/logs
"""


class Machine:
    """A machine with builds on it; ``now`` is its time."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.runtime = root / "run" / "synthtop"
        self.now = NOW
        self.environ = {"XDG_RUNTIME_DIR": str(root / "run")}
        self.runtime.mkdir(parents=True)
        self._held = ExitStack()

    def writes(self, path: Path | str, data: bytes, age: float = 0.0) -> Path:
        """A file at ``path``, relative to the root, written ``age`` seconds ago."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        os.utime(file, (self.now - age, self.now - age))
        return file

    def keeps(self, stem: Path | str, age: float = 0.0, logs: str | None = None, **changes: Any) -> Path:
        """synthtop's monitor.json of a build; ``changes`` are what differs from the usual one."""
        source = Source(SourceKind.RUN, host="h", name="LiveSystem", logs=logs)
        snapshot = replace(snapshots.building(), source=source, **changes)
        return self.writes(f"{stem}.json", json_format.encode(snapshot), age)

    def holds(self, lock: Path | str) -> None:
        """Somebody builds who holds this lock."""
        path = self.root / lock
        path.parent.mkdir(parents=True, exist_ok=True)
        self._held.callback(PidLock(str(path)).release)

    def end(self) -> None:
        """Nobody builds any more."""
        self._held.close()

    def discovery(self) -> Discovery:
        return Discovery(self.environ, root=str(self.root), wall=lambda: self.now)

    def listed(self) -> list[Listed]:
        return self.discovery().builds()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    monkeypatch.setattr(monitor, "FALLBACK", str(tmp_path / "fallback"))
    machine = Machine(tmp_path)
    yield machine
    machine.end()


def names(found: list[Listed]) -> list[str]:
    return [build.name for build in found]


# -- synthtop's own ----------------------------------------------------------------------------------


def test_where_nothing_is_nothing_is_listed(machine: Machine) -> None:
    assert machine.listed() == []


def test_a_build_that_runs_is_listed_with_how_far_it_is(machine: Machine) -> None:
    path = machine.keeps("run/synthtop/ports")
    machine.holds("run/synthtop/ports.lk")
    assert machine.listed() == [
        Listed("ports", str(path), SourceKind.JSON, BuildState.BUILDING, 45, 142, 2, 943, 0, NOW)
    ]


def test_one_that_was_killed_is_gone(machine: Machine) -> None:
    machine.keeps("run/synthtop/ports", age=5)
    machine.writes("run/synthtop/ports.dat", samples.text())
    machine.writes("run/synthtop/ports.lk", b"4711\n")
    [build] = machine.listed()
    assert (build.state, build.age) == (BuildState.GONE, 5)


def test_builds_of_the_last_day_are_listed_after_those_that_run_and_older_ones_are_not(
    machine: Machine,
) -> None:
    machine.keeps("run/synthtop/old", age=DAY + 1, state=BuildState.FINISHED)
    machine.keeps("run/synthtop/noon", age=DAY - 1, state=BuildState.FINISHED)
    machine.keeps("run/synthtop/evening", age=60, state=BuildState.INTERRUPTED)
    for name in ("zsh", "bash"):
        machine.keeps(f"run/synthtop/{name}")
        machine.holds(f"run/synthtop/{name}.lk")
    assert names(machine.listed()) == ["bash", "zsh", "evening", "noon"]


def test_those_that_are_over_keep_their_places_whatever_time_it_is(machine: Machine) -> None:
    for name, age in (("a", 9.9), ("b", 9.2), ("c", 8.3)):
        machine.keeps(f"run/synthtop/{name}", age=age, state=BuildState.FINISHED)
    seen = []
    for _ in range(20):
        machine.now += 0.1
        seen.append(names(machine.listed()))
    assert seen == [["c", "b", "a"]] * 20


def test_builds_that_run_stand_still_whatever_their_figures_do(machine: Machine) -> None:
    for name in ("b", "a"):
        machine.holds(f"run/synthtop/{name}.lk")
    seen = []
    for elapsed in ((1, 9), (10, 2)):
        for name, second in zip(("a", "b"), elapsed, strict=True):
            machine.keeps(f"run/synthtop/{name}", elapsed=second)
        seen.append(names(machine.listed()))
    assert seen == [["a", "b"]] * 2


def test_what_has_only_a_text_file_is_listed_by_it(machine: Machine) -> None:
    path = machine.writes("run/synthtop/ports.dat", samples.text())
    machine.holds("run/synthtop/ports.lk")
    [build] = machine.listed()
    assert (build.path, build.kind, build.state) == (str(path), SourceKind.TEXT, BuildState.BUILDING)
    assert (build.done, build.queued, build.failed, build.elapsed) == (45, 142, 2, 943)


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"schema": 99}', b"\0" * 100], ids=repr)
def test_one_whose_file_says_nothing_yet_is_listed_while_it_runs(
    machine: Machine, content: bytes | None
) -> None:
    if content is not None:
        machine.writes("run/synthtop/new.json", content)
    assert machine.listed() == []
    machine.holds("run/synthtop/new.lk")
    path = str(machine.runtime / "new.json")
    assert machine.listed() == [Listed("new", path, SourceKind.JSON, BuildState.BUILDING)]


def test_a_directory_of_another_user_is_not_looked_into(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.keeps("run/synthtop/ports")
    machine.holds("run/synthtop/ports.lk")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert machine.listed() == []


@pytest.mark.parametrize("name", ["\x1b[2J", "a\nb", "\udcff", "-", " "], ids=ascii)
def test_a_hostile_name_is_a_name(machine: Machine, name: str) -> None:
    machine.keeps(f"run/synthtop/{name}")
    machine.holds(f"run/synthtop/{name}.lk")
    assert names(machine.listed()) == [name]


def test_what_is_no_file_is_passed_over(machine: Machine) -> None:
    os.mkfifo(machine.runtime / "fifo.json")
    (machine.runtime / "directory.json").mkdir()
    (machine.runtime / "loop.json").symlink_to("loop.json")
    machine.writes("run/synthtop/huge.json", b"")
    os.truncate(machine.runtime / "huge.json", 1 << 40)
    assert machine.listed() == []


def test_a_build_whose_monitor_file_the_environment_names_is_listed_once(machine: Machine) -> None:
    machine.environ["SYNTHTOP_MONITOR"] = str(machine.root / "m" / "monitor.dat")
    machine.writes("m/monitor.dat", samples.text())
    path = machine.keeps("m/monitor")
    machine.holds("m/monitor.lk")
    [build] = machine.listed()
    assert (build.name, build.path, build.kind) == ("LiveSystem", str(path), SourceKind.JSON)


@pytest.mark.parametrize(
    ("spec", "file", "data", "kind"),
    [
        ("text:m/monitor.dat", "m/monitor.dat", samples.text(), SourceKind.TEXT),
        ("dsynth:m/monitor.dat", "m/monitor.dat", samples.dsynth(), SourceKind.DSYNTH),
        ("report:m", "m/summary.json", samples.summary(), SourceKind.REPORT),
    ],
    ids=["text", "dsynth", "report"],
)
def test_the_environment_may_name_a_format(
    machine: Machine, spec: str, file: str, data: bytes, kind: SourceKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(machine.root)
    machine.environ["SYNTHTOP_MONITOR"] = spec
    machine.writes(file, data)
    [build] = machine.listed()
    assert (build.kind, build.path) == (kind, spec.partition(":")[2])


@pytest.mark.parametrize("spec", ["", " ", "nonsense:x", "text:", "x.lk", "\udcff"], ids=ascii)
def test_what_the_environment_says_wrongly_is_no_build(machine: Machine, spec: str) -> None:
    machine.environ["SYNTHTOP_MONITOR"] = spec
    assert machine.listed() == []


def test_one_build_at_two_paths_is_listed_once(machine: Machine) -> None:
    machine.keeps("run/synthtop/ports")
    machine.holds("run/synthtop/ports.lk")
    (machine.root / "link").symlink_to(machine.runtime)
    machine.environ["SYNTHTOP_MONITOR"] = str(machine.root / "link" / "ports.json")
    assert names(machine.listed()) == ["ports"]


# -- dsynth ------------------------------------------------------------------------------------------


def test_dsynths_build_is_found_by_its_settings(machine: Machine) -> None:
    machine.writes("etc/dsynth/dsynth.ini", INI.encode())
    machine.writes("build/desktop/logs/stats/monitor.dat", samples.dsynth(profile="Desktop"), age=9999)
    machine.holds("build/desktop/logs/stats/monitor.lk")
    logs = str(machine.root / "build/desktop/logs")
    assert machine.listed() == [
        Listed("Desktop", logs, SourceKind.DSYNTH, BuildState.BUILDING, 47, 142, 2, 943)
    ]


def test_every_profile_is_looked_at(machine: Machine) -> None:
    machine.writes("usr/local/etc/dsynth/dsynth.ini", INI.encode())
    for profile, logs in (("Desktop", "desktop"), ("LiveSystem", "synth")):
        machine.writes(f"build/{logs}/logs/stats/monitor.dat", samples.dsynth(profile=profile))
        machine.holds(f"build/{logs}/logs/stats/monitor.lk")
    assert names(machine.listed()) == ["Desktop", "LiveSystem"]


def test_a_build_of_dsynths_that_is_over_ended_when_it_last_wrote_a_result(machine: Machine) -> None:
    machine.writes("etc/dsynth/dsynth.ini", INI.encode())
    over = samples.dsynth(profile="Desktop", active=0, remaining=0)
    machine.writes("build/desktop/logs/stats/monitor.dat", over, age=9999)
    machine.writes("build/desktop/logs/stats/monitor.lk", b"4711\n", age=9999)
    machine.writes("build/desktop/logs/00_last_results.log", samples.results(), age=60)
    [build] = machine.listed()
    assert (build.state, build.age) == (BuildState.FINISHED, 60)


def test_what_dsynth_has_mapped_is_read_anew_although_its_times_stand_still(machine: Machine) -> None:
    machine.writes("etc/dsynth/dsynth.ini", INI.encode())
    machine.holds("build/desktop/logs/stats/monitor.lk")
    discovery = machine.discovery()
    seen = []
    for built in (38, 39):
        data = samples.dsynth(successful=built, remaining=133 - built)
        file = machine.root / "build/desktop/logs/stats/monitor.dat"
        if file.exists():
            with file.open("r+b") as written:
                written.write(data)
            os.utime(file, (NOW, NOW))
        else:
            machine.writes("build/desktop/logs/stats/monitor.dat", data)
        [build] = discovery.builds()
        seen.append(build.done)
    assert seen == [47, 48]


def test_a_directory_with_results_alone_is_listed_without_figures(machine: Machine) -> None:
    machine.writes("etc/dsynth/dsynth.ini", INI.encode())
    machine.writes("build/desktop/logs/00_last_results.log", samples.results(), age=100)
    [build] = machine.listed()
    assert (build.name, build.kind, build.state) == ("Desktop", SourceKind.LOG, BuildState.STALE)
    assert (build.done, build.queued, build.age) == (None, None, 100)


def test_without_dsynth_its_directories_are_not_looked_for(machine: Machine) -> None:
    machine.writes("build/synth/logs/stats/monitor.dat", samples.dsynth())
    assert machine.listed() == []


@pytest.mark.parametrize(
    ("profile", "logs"),
    [
        (None, ["/build/desktop/logs", "/build/synth/logs"]),
        ("LiveSystem", ["/build/synth/logs", "/build/desktop/logs"]),
        ("Missing", ["/build/synth/logs", "/build/desktop/logs"]),
    ],
)
def test_the_logs_of_the_profile_in_use_come_first(profile: str | None, logs: list[str]) -> None:
    assert list(dsynth_logs(INI, profile)) == logs


def test_a_profile_that_nobody_selects_is_livesystem() -> None:
    ini = "[Other]\nDirectory_logs=/o\n[LiveSystem]\nDirectory_logs = /l\n"
    assert dsynth_logs(ini, None) == {"/l": "LiveSystem", "/o": "Other"}
    assert dsynth_logs("", None) == {"/build/synth/logs": "LiveSystem"}


def test_profiles_that_share_a_directory_share_its_builds() -> None:
    ini = "[A]\nDirectory_logs=/l\n[LiveSystem]\nDirectory_logs=/l\n"
    assert dsynth_logs(ini, None) == {"/l": "LiveSystem"}
    assert dsynth_logs(ini, "A") == {"/l": "A"}


# -- poudriere ---------------------------------------------------------------------------------------


def test_poudrieres_latest_builds_are_listed_by_their_masters(machine: Machine) -> None:
    machine.writes("usr/local/etc/poudriere.conf", b"BASEFS=/pou\n")
    for master in ("141amd64-default", "150arm64-quarterly"):
        machine.writes(f"pou/data/logs/bulk/{master}/2026-05-01/.data.json", samples.poudriere(), age=3)
        (machine.root / f"pou/data/logs/bulk/{master}/latest").symlink_to("2026-05-01")
    machine.writes("pou/data/logs/bulk/.hidden/latest/.data.json", samples.poudriere())
    machine.writes("pou/data/logs/bulk/none/other/.data.json", samples.poudriere())
    found = machine.listed()
    assert names(found) == ["141amd64-default", "150arm64-quarterly"]
    latest = str(machine.root / "pou/data/logs/bulk/141amd64-default/latest")
    assert found[0] == Listed(
        "141amd64-default", latest, SourceKind.POUDRIERE, BuildState.BUILDING, 5, 10, 1, 3600, 3, NOW - 3
    )


def test_poudriere_is_found_where_it_is_by_default(machine: Machine) -> None:
    machine.writes("usr/local/poudriere/data/logs/bulk/j/latest/.data.json", samples.poudriere(), age=31)
    [build] = machine.listed()
    assert (build.name, build.state) == ("j", BuildState.STALE)


@pytest.mark.parametrize(
    ("conf", "data"),
    [
        ("", "/usr/local/poudriere/data"),
        ("BASEFS=/pou", "/pou/data"),
        ('BASEFS="/pou dir" # comment', "/pou dir/data"),
        ("#BASEFS=/no\nexport BASEFS=/pou\nPOUDRIERE_DATA=${BASEFS}/d", "/pou/d"),
        ("BASEFS=/pou\nPOUDRIERE_DATA=$BASEFS/d\n", "/pou/d"),
        ("POUDRIERE_DATA=relative", "/usr/local/poudriere/data"),
        ("POUDRIERE_DATA='/without its end", "/usr/local/poudriere/data"),
        ("BASEFS=\nPOUDRIERE_DATA=\n", "/usr/local/poudriere/data"),
    ],
)
def test_poudrieres_data_is_where_its_settings_say(conf: str, data: str) -> None:
    assert poudriere_data(conf) == data


def test_variables_that_multiply_each_other_stay_within_a_path() -> None:
    conf = "A=/aaaaaaaa\n" + 'A="$A$A$A$A"\n' * 64 + "POUDRIERE_DATA=$A\n"
    assert len(poudriere_data(conf)) <= 4096


WORDS = st.sampled_from(["[", "]", "=", "\n", " ", '"', "'", "$", "{BASEFS}", "BASEFS", "POUDRIERE_DATA"])


@given(st.lists(WORDS | st.text(max_size=4), max_size=30).map("".join))
def test_whatever_stands_in_settings_gives_absolute_paths(text: str) -> None:
    assert os.path.isabs(poudriere_data(text))
    assert all(os.path.isabs(path) for path in dsynth_logs(text, None))


# -- again and again ---------------------------------------------------------------------------------


def test_only_what_has_changed_is_read_again(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[bytes] = []
    decode = json_format.decode

    def counted(data: bytes) -> Snapshot:
        decoded.append(data)
        return decode(data)

    monkeypatch.setattr(json_format, "decode", counted)
    for name in ("a", "b"):
        machine.keeps(f"run/synthtop/{name}", age=60)
        machine.holds(f"run/synthtop/{name}.lk")
    discovery = machine.discovery()
    discovery.builds()
    discovery.builds()
    assert len(decoded) == 2
    machine.keeps("run/synthtop/b", age=30, elapsed=970)
    assert [build.elapsed for build in discovery.builds()] == [943, 970]
    assert len(decoded) == 3


def test_one_that_could_not_be_read_for_a_moment_is_there_again(machine: Machine) -> None:
    path = machine.keeps("run/synthtop/ports", age=60)
    machine.holds("run/synthtop/ports.lk")
    discovery = machine.discovery()
    before = discovery.builds()
    path.rename(path.with_suffix(".away"))
    assert [build.done for build in discovery.builds()] == [None]
    path.with_suffix(".away").rename(path)
    assert discovery.builds() == before


def test_settings_that_change_are_read_again(machine: Machine) -> None:
    discovery = machine.discovery()
    assert discovery.builds() == []
    machine.writes("pou/data/logs/bulk/j/latest/.data.json", samples.poudriere())
    machine.writes("etc/poudriere.conf", b"BASEFS=/pou\n")
    assert names(discovery.builds()) == ["j"]
    machine.writes("usr/local/etc/poudriere.conf", b"BASEFS=/elsewhere\n")
    assert discovery.builds() == []


def test_nothing_that_is_found_is_written_to(machine: Machine) -> None:
    machine.writes("etc/dsynth/dsynth.ini", INI.encode())
    machine.writes("build/desktop/logs/stats/monitor.dat", samples.dsynth())
    machine.writes("build/desktop/logs/stats/monitor.lk", b"")
    machine.keeps("run/synthtop/ports")

    def all_files() -> list[tuple[Path, int, int]]:
        return [
            (path, path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(machine.root.rglob("*"))
        ]

    before = all_files()
    machine.listed()
    assert all_files() == before


# -- other ways to a build ---------------------------------------------------------------------------


def test_the_monitor_file_of_a_build_is_found_by_its_logs(machine: Machine) -> None:
    logs = machine.root / "logs"
    logs.mkdir()
    (machine.root / "link").symlink_to(logs)
    path = machine.keeps("run/synthtop/ports", logs=str(logs))
    machine.keeps("run/synthtop/other", logs=str(machine.root / "elsewhere"))
    machine.keeps("run/synthtop/none")
    for way in (logs, machine.root / "link"):
        assert of_logs(str(way), machine.environ) == str(path)
    assert of_logs(str(machine.root), machine.environ) is None


def test_of_several_builds_in_one_directory_the_one_that_runs_counts_then_the_last(machine: Machine) -> None:
    logs = str(machine.root / "logs")
    machine.keeps("run/synthtop/a", logs=logs, time=3.0, state=BuildState.FINISHED)
    machine.keeps("run/synthtop/b", logs=logs, time=2.0)
    machine.keeps("run/synthtop/c", logs=logs, time=1.0, state=BuildState.FINISHED)
    assert of_logs(logs, machine.environ) == str(machine.runtime / "a.json")
    machine.holds("run/synthtop/b.lk")
    assert of_logs(logs, machine.environ) == str(machine.runtime / "b.json")


def test_who_builds_is_said_by_the_locks_of_monitor_file_and_logs(machine: Machine) -> None:
    machine.keeps("m/ports")
    machine.holds("m/ports.lk")
    (machine.root / "link.json").symlink_to(machine.root / "m" / "ports.json")
    with closing(LogsDirectory(str(machine.root / "logs"))):
        for name in ("m/ports.json", "m/ports.dat", "m", "link.json", "logs"):
            held = who_builds(str(machine.root / name))
            assert held is not None, name
            assert held.pid == US, name
    for name in ("logs", "missing", "m/other.json"):
        assert who_builds(str(machine.root / name)) is None


def test_a_build_is_found_by_its_name_or_only_if_it_runs(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discover, "ROOT", str(machine.root))
    path = str(machine.keeps("run/synthtop/ports", state=BuildState.FINISHED))
    os.utime(path)
    assert [named("ports", machine.environ, running=running) for running in (False, True)] == [path, None]
    machine.keeps("run/synthtop/ports")
    machine.holds("run/synthtop/ports.lk")
    assert [named("ports", machine.environ, running=running) for running in (False, True)] == [path, path]
    assert named("world", machine.environ) is None


def test_a_build_of_ours_is_found_by_its_name_without_a_look_where_others_are(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(machine.keeps("run/synthtop/ports"))
    machine.holds("run/synthtop/ports.lk")
    monkeypatch.setattr(discover, "poudriere_data", lambda conf: pytest.fail("their disk may be dead"))
    assert named("ports", machine.environ) == path


def test_each_builders_builds_are_looked_for_by_themselves(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any of their file systems may be dead."""
    machine.writes("etc/dsynth/dsynth.ini", INI.encode())
    machine.writes("build/desktop/logs/00_last_results.log", samples.results())
    machine.writes("usr/local/poudriere/data/logs/bulk/j/latest/.data.json", samples.poudriere())
    machine.keeps("run/synthtop/ports")
    found = {whose: search() for whose, search in machine.discovery().searches.items()}
    assert {whose: [build.name for build in builds.values()] for whose, builds in found.items()} == {
        "synthtop's": ["ports"],
        "dsynth's": ["Desktop"],
        "poudriere's": ["j"],
    }
    monkeypatch.setattr(discover, "locate", lambda path: pytest.fail("their disk may be dead"))
    monkeypatch.setattr(discover, "poudriere_data", lambda conf: pytest.fail("their disk may be dead"))
    assert machine.discovery().searches["synthtop's"]() == found["synthtop's"]
    assert merged(found.values()) == sorted(
        merged(reversed(found.values())), key=merged(found.values()).index
    )


def test_a_build_that_two_searches_find_is_listed_once_as_the_first_has_it(machine: Machine) -> None:
    machine.writes("etc/dsynth/dsynth.ini", INI.encode())
    file = machine.writes("build/desktop/logs/stats/monitor.dat", samples.dsynth(profile="Desktop"))
    machine.environ["SYNTHTOP_MONITOR"] = f"dsynth:{file}"
    assert [build.path for build in machine.listed()] == [str(file)]


def test_the_commands_for_builds_stand_in_a_column_and_can_be_typed() -> None:
    assert ready_commands("synthtop stop", [("a", "one"), ("two of\x1b them", "two\n")]) == [
        "  synthtop stop a               # one",
        "  synthtop stop 'two of\N{SYMBOL FOR ESCAPE} them'  # two\N{SYMBOL FOR LINE FEED}",
    ]
    assert ready_commands("synthtop stop", []) == []


def test_a_json_file_that_a_later_version_wrote_is_listed_while_it_runs(machine: Machine) -> None:
    path = machine.keeps("run/synthtop/ports")
    machine.writes(
        "run/synthtop/ports.json", json.dumps({**json.loads(path.read_text()), "schema": 2}).encode()
    )
    machine.holds("run/synthtop/ports.lk")
    assert [(build.name, build.done) for build in machine.listed()] == [("ports", None)]
