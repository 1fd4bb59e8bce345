"""poudriere's lists of finished ports: what was read of them is taken over, and no view of it changes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.formats import FormatError, poudriere
from synthtop.model import (
    Finished,
    LogKind,
    LogLine,
    Outcome,
    Snapshot,
)
from tests import samples

NOW = samples.NOW
FINISHED = [
    Finished("devel/gmake", Outcome.BUILT, None, duration=41),
    Finished("shells/bash", Outcome.BUILT, None, duration=131),
    Finished("x11/foo", Outcome.FAILED, None, None, "configure", "configure_error", 33, blocks=1),
    Finished("lang/baz", Outcome.IGNORED, None, reason="IGNORE: is marked as broken"),
    Finished("x11/bar", Outcome.SKIPPED, None, reason="x11/foo"),
]


def read(before: Snapshot | None = None, *, logs: str | None = None, **changes: Any) -> Snapshot:
    return poudriere.decode(samples.poudriere(**changes), now=NOW, before=before, logs=logs)


def value() -> dict[str, Any]:
    found = json.loads(samples.poudriere())
    assert isinstance(found, dict)
    return found


def more(name: str, *entries: dict[str, Any]) -> dict[str, list[Any]]:
    """The sample's ports with more in one list."""
    return {name: [*value()["ports"][name], *entries]}


def test_the_finished_ports_stand_list_after_list() -> None:
    assert list(read().finished) == FINISHED


def test_a_skipped_port_names_the_origin_that_failed_or_else_the_package() -> None:
    ports = more("skipped", {"origin": "x11/other", "pkgname": "other-1", "depends": "strange-9"})
    assert [port.reason for port in read(ports=ports).finished][-2:] == ["x11/foo", "strange-9"]


@pytest.mark.parametrize(
    ("origin", "flavor", "shown"),
    [
        ("devel/git", "tiny", "devel/git@tiny"),
        ("devel/git@tiny", "tiny", "devel/git@tiny"),
        ("devel/git", "", "devel/git"),
        ("devel/git", None, "devel/git"),
        ("devel/git", 7, "devel/git"),
    ],
)
@pytest.mark.parametrize("name", ["built", "failed"])
def test_a_flavor_stands_behind_its_origin(name: str, origin: str, flavor: object, shown: str) -> None:
    ports = {name: [{"origin": origin, "flavor": flavor, "pkgname": "git-2.45"}]}
    assert shown in [port.origin for port in read(ports=ports).finished]


def test_there_is_an_event_line_for_each_finished_port() -> None:
    log = read().log
    assert [line.kind for line in log] == [
        LogKind.BUILT, LogKind.BUILT, LogKind.FAILED, LogKind.IGNORED, LogKind.SKIPPED,
    ]  # fmt: skip
    assert [line.seq for line in log] == [1, 2, 3, 4, 5]
    assert log[4] == LogLine(5, None, None, LogKind.SKIPPED, "[XXX] x11/bar skipped due to x11/foo")
    assert log[3].text == "[XXX] lang/baz ignored due to IGNORE: is marked as broken"
    assert log[2].text.split() == ["[XXX]", "FAILURE", "x11/foo", "1", "configure", "00:00:33"]
    assert log.tail(2) == [log[3], log[4]]


def test_a_finished_port_has_its_log_in_the_logs_directory() -> None:
    said = read(logs="/data/latest/logs")
    assert [port.log for port in said.finished] == [
        "/data/latest/logs/gmake-4.4.log", "/data/latest/logs/bash-5.2.log", "/data/latest/logs/foo-1.0.log",
        None, None,
    ]  # fmt: skip
    assert [row.log for row in said.workers] == [
        "/data/latest/logs/rust-1.80.0.log", None, "/data/latest/logs/git-tiny-2.45.log",
    ]  # fmt: skip
    assert said.source.logs == "/data/latest/logs"


@pytest.mark.parametrize("name", ["../../etc/passwd", "", None, 7])
def test_no_package_name_leads_out_of_the_logs_directory(name: object) -> None:
    jobs = [{"id": "01", "status": "build", "origin": "a/b", "pkgname": name}]
    said = read(logs="/data/logs", jobs=jobs, ports={"built": [{"origin": "a/b", "pkgname": name}]})
    assert said.workers[0].log is None
    assert said.finished[0].log is None


@pytest.mark.parametrize("reason", ["", None, 7])
def test_an_ignored_port_without_a_reason_has_none(reason: object) -> None:
    said = read(ports=more("ignored", {"origin": "lang/go", "pkgname": "go-1", "reason": reason}))
    assert said.finished[4] == Finished("lang/go", Outcome.IGNORED, None)
    assert said.log[4].text == "[XXX] lang/go ignored due to no reason given"


GIT = {"origin": "devel/git", "flavor": "tiny", "pkgname": "git-tiny-2.45", "elapsed": "410"}


def test_what_has_finished_since_the_last_reading_has_finished_now() -> None:
    before = read()
    said = read(before, snap={"elapsed": "3700"}, ports=more("built", GIT))
    assert list(said.finished) == [*FINISHED, Finished("devel/git@tiny", Outcome.BUILT, 3700, duration=410)]
    assert [line.at for line in said.log] == [None] * 5 + [3700]


def test_an_earlier_reading_keeps_what_it_said() -> None:
    before = read()
    read(before, ports=more("built", GIT))
    assert list(before.finished) == FINISHED
    assert len(before.log) == len(list(before.log)) == 5


def test_where_nothing_new_has_finished_all_is_taken_over() -> None:
    before = read()
    said = read(replace(before), snap={"elapsed": "3700"})
    assert said.finished is before.finished
    assert said.log is before.log
    assert said.elapsed == 3700


def test_in_a_build_seen_from_its_beginning_each_port_has_its_time() -> None:
    nothing = {name: [] for name in value()["ports"]}
    said = read(read(ports=nothing), snap={"elapsed": "77"})
    assert {port.at for port in said.finished} == {77}


def test_two_readings_after_the_same_one_do_not_mix() -> None:
    before = read()
    one = read(before, ports=more("built", GIT))
    other = read(before, ports=more("built", {**GIT, "flavor": "full"}))
    assert one.finished[5].origin == "devel/git@tiny"
    assert other.finished[5].origin == "devel/git@full"
    assert "git@full" in other.log[5].text


def test_a_reading_that_failed_leaves_nothing_behind() -> None:
    before = read()
    with pytest.raises(FormatError):
        read(before, ports={**more("built", GIT), **more("failed", {"origin": None})})
    assert [port.origin for port in read(before, ports=more("built", GIT)).finished][5:] == ["devel/git@tiny"]


@pytest.mark.parametrize(
    "changes",
    [
        {"buildname": "2026-05-02_10h00m00s"},
        {"started": "1777700000"},
        {"ports": {"built": [GIT]}},
        {"ports": {"built": [GIT, GIT]}},
    ],
)
def test_of_another_build_or_other_lists_all_is_read_anew(changes: dict[str, Any]) -> None:
    said = read(read(), **changes)
    assert list(said.finished) == list(read(**changes).finished)
    assert {port.at for port in said.finished} == {None}


def test_how_many_a_failure_blocks_grows_with_what_is_skipped() -> None:
    before = read()
    said = read(before, skipped={"foo-1.0": "3", "baz-2.0": 2})
    assert [port.blocks for port in said.finished] == [0, 0, 3, 2, 0]
    assert said.log[2].text.split()[2:4] == ["x11/foo", "3"]
    assert [port.blocks for port in before.finished] == [0, 0, 1, 0, 0]
    assert before.log[2].text.split()[2:4] == ["x11/foo", "1"]


@pytest.mark.parametrize("skipped", [None, [], "many", {"foo-1.0": "x"}, {"foo-1.0": -1}, {"foo-1.0": [[]]}])
def test_where_it_does_not_say_how_many_are_blocked_none_are_said(skipped: object) -> None:
    changed = {**value(), "skipped": skipped}
    said = poudriere.decode(json.dumps(changed).encode(), now=NOW)
    assert said.finished[2].blocks == 0


PORTS = st.lists(st.sampled_from(["a/a", "b/b", "c/c"]), max_size=6)


@given(PORTS, PORTS, PORTS, st.lists(st.integers(0, 6), max_size=4).map(sorted))
@settings(max_examples=60)
def test_read_in_any_steps_the_lists_say_the_same(
    built: list[str], failed: list[str], skipped: list[str], steps: list[int]
) -> None:
    lists = {"built": built, "failed": failed, "skipped": skipped, "ignored": []}
    said = None
    for step in [*steps, 6]:
        ports = {name: [{"origin": origin} for origin in origins[:step]] for name, origins in lists.items()}
        said = read(said, ports=ports)
    assert said is not None
    for name, origins in lists.items():
        assert [port.origin for port in said.finished if port.outcome == name] == origins
