"""``status``: what is told of a build, in which words, with which exit status, and when it ends."""

from __future__ import annotations

import io
import json
import os
import pty
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from synthtop.formats import json as monitor_json
from synthtop.lines import time_of_day, whole_minute
from synthtop.model import BuildState, Listed, Snapshot, Source, SourceKind, WorkerRow, WorkerState
from synthtop.status import exit_status, status, status_lines
from synthtop.text import width

from . import builds

GONE = builds.building(state=BuildState.GONE, age=3)
NOTHING = builds.building(state=BuildState.WAITING, problem="there is no such file yet", workers=())
BROKEN = builds.building(state=BuildState.UNREADABLE, problem="/x: expected a monitor file, found a poem")


class Fed:
    """A feed of fixed snapshots, the last of which stays."""

    def __init__(self, *snapshots: Snapshot) -> None:
        self._snapshots = list(snapshots)
        self.ticks = 0
        self.closed = False

    def tick(self, now: float | None = None) -> Snapshot:
        snapshot = self._snapshots[min(self.ticks, len(self._snapshots) - 1)]
        self.ticks += 1
        return snapshot

    def close(self) -> None:
        self.closed = True


class Told:
    """What ``status`` does with feeds by their path, and with the builds that are found, a list a look."""

    def __init__(
        self,
        path: str | None,
        feeds: dict[str, Fed],
        found: Sequence[Sequence[Listed]] = ((),),
        *,
        watch: bool = False,
        as_json: bool = False,
        at_its_end: bool = False,
        out: io.StringIO | None = None,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        self.said: list[str] = []
        self.pauses: list[float] = []
        looks: Iterator[Sequence[Listed]] = iter(found)
        out = out or io.StringIO()
        self.status = status(
            path,
            watch=watch,
            as_json=as_json,
            at_its_end=at_its_end,
            out=out,
            follow=lambda path: feeds[path],
            builds=lambda: next(looks),
            say=self.said.append,
            pause=pause or self.pauses.append,
            clock=lambda: 0.0 + sum(self.pauses),
            wall=lambda: 1777629600.0,
        )
        self.out = out.getvalue()

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


def told(*snapshots: Snapshot, path: str = "/x", **options: Any) -> Told:
    feed = Fed(*snapshots)
    found = Told(path, {path: feed}, **options)
    assert feed.closed
    return found


def listed(name: str, state: BuildState = BuildState.BUILDING) -> Listed:
    return Listed(name, f"/run/{name}.json", SourceKind.JSON, state)


# -- text --------------------------------------------------------------------------------------------


def test_a_build_is_three_lines_how_it_stands_and_its_workers() -> None:
    shown = told(builds.building(source=Source(SourceKind.DSYNTH, "/logs", "builder1", "LiveSystem")))
    assert shown.out == (
        "Workers:  3 / 4    Load: 3.24  Swap:  2%    [DynMax: 4]\n"
        "Elapsed: 00:15:43  Rate: 180.0 pkg/hr  Impulse: 3\n"
        "Queued: 142  Built: 38  Failed: 2  Ignored: 0  Skipped: 5\n"
        "State: building, 2 failed\n"
        "Source: dsynth's monitor file, LiveSystem, /logs on builder1\n"
        "\n"
        " ID  Duration  Build Phase      Origin                                    Lines\n"
        " 00  00:01:23  build            devel/gmake                                1234\n"
        " 01  00:00:07  configure        lang/python311                              112\n"
        " 02  00:12:40  build            lang/rust                                 48211\n"
        " 03  --:--:--  Idle\n"
    )
    assert (shown.status, shown.said) == (0, [])


def test_a_source_without_workers_says_so() -> None:
    assert told(builds.building(workers=())).out.endswith("\nIt has no per-worker data.\n")


def test_when_the_build_may_end_is_told_in_both_ways_and_in_json_in_seconds() -> None:
    snapshot = builds.throttled()
    ends = time_of_day(whole_minute(snapshot.time + 2460), snapshot.time)
    lines = told(snapshot).out.splitlines()
    assert lines[lines.index(f"ETA: 0h41 ±6m, at {ends}") - 1].startswith("State: building")
    assert json.loads(told(snapshot, as_json=True).out)["eta"] == {"seconds": 2460, "plus_minus": 360}
    assert "ETA: 0h41 ±6m" in told(replace(snapshot, time=1e18)).out.splitlines()
    for other in (builds.building(), replace(snapshot, state=BuildState.GONE)):
        assert "ETA" not in told(other).out


@pytest.mark.parametrize("state", list(BuildState))
def test_a_problem_is_told_once_in_every_state(state: BuildState) -> None:
    lines = status_lines(builds.building(state=state, problem="the disk is on fire"), None)
    assert sum("the disk is on fire" in line for line in lines) == 1


def test_a_slot_that_was_never_used_has_no_line_and_a_stalled_one_a_mark() -> None:
    rows = (
        WorkerRow(0, WorkerState.NONE),
        WorkerRow(1000, WorkerState.RUNNING, "configure-long-name", "a/b", elapsed=5, lines=1, stalled=True),
    )
    last = status_lines(builds.building(workers=rows), None)[-1]
    assert last == " 1000  00:00:05  ! configure-lo…  a/b                                           1"
    assert sum("  Build Phase" in line for line in status_lines(builds.building(workers=rows), None)) == 1


def test_text_from_outside_is_made_harmless_wherever_it_stands() -> None:
    evil = "\x1b[2J\n\u202e"
    row = WorkerRow(0, WorkerState.RUNNING, evil, evil, elapsed=5)
    source = Source(SourceKind.JSON, evil, evil, evil)
    lines = status_lines(builds.building(workers=(row,), source=source, problem=evil), None)
    assert all(line.isprintable() for line in lines)
    assert "␛[2J" in lines[-1]


@pytest.mark.parametrize("columns", [1, 20, 40, 79, 80, 81, 200])
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    row = WorkerRow(0, WorkerState.RUNNING, "建" * 40, "x11/" + "建" * 200, elapsed=360000, lines=10**9)
    lines = status_lines(builds.building(workers=(row,), problem="p" * 300), columns)
    assert max(map(width, lines)) <= columns


def test_an_origin_is_whole_where_no_terminal_cuts_it() -> None:
    origin = "devel/" + "x" * 90
    rows = (WorkerRow(0, WorkerState.RUNNING, "build", origin, elapsed=5, lines=7),)
    assert f"  {origin}  " in status_lines(builds.building(workers=rows), None)[-1]
    assert origin not in status_lines(builds.building(workers=rows), 80)[-1]


def test_in_a_terminal_its_width_is_what_cuts() -> None:
    master, slave = pty.openpty()
    try:
        with open(slave, "w") as terminal:
            # A new one has no size: nobody knows how wide it is.
            assert os.get_terminal_size(slave).columns == 0
            status(
                "/x", watch=False, as_json=False, out=terminal, builds=list,
                follow=lambda _: Fed(builds.building(problem="p" * 300)),
            )  # fmt: skip
            assert b"p" * 300 in os.read(master, 65536)
    finally:
        os.close(master)


# -- JSON --------------------------------------------------------------------------------------------


def test_as_json_it_is_what_the_monitor_file_says_on_one_line() -> None:
    snapshot = builds.building()
    shown = told(snapshot, as_json=True)
    assert shown.out.encode() == monitor_json.encode(snapshot)
    assert shown.out.count("\n") == 1


@pytest.mark.parametrize(
    ("path", "told_path"),
    [
        ("m.json", os.path.join(os.getcwd(), "m.json")),
        ("../logs/", os.path.join(os.path.dirname(os.getcwd()), "logs")),
        ("/logs", "/logs"),
        ("-", "-"),
        (None, None),
    ],
)
def test_as_json_the_path_is_one_from_anywhere(path: str | None, told_path: str | None) -> None:
    (one,) = told(builds.building(source=Source(SourceKind.JSON, path)), as_json=True).objects
    assert one["source"]["path"] == told_path


def test_as_json_there_is_an_object_also_while_there_is_no_build() -> None:
    shown = told(NOTHING, as_json=True)
    assert [(one["state"], one["problem"]) for one in shown.objects] == [
        ("waiting", "there is no such file yet")
    ]
    assert (shown.status, shown.said) == (3, ["synthtop: /x: there is no such file yet"])


# -- exit statuses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "failed", "expected"),
    [
        (BuildState.BUILDING, 0, 0),
        (BuildState.BUILDING, 9, 0),
        (BuildState.FINISHED, 0, 0),
        (BuildState.FINISHED, 1, 1),
        (BuildState.INTERRUPTED, 0, 1),
        (BuildState.WAITING, 0, 3),
        (BuildState.GONE, 0, 4),
        (BuildState.STALE, 0, 4),
        (BuildState.UNREADABLE, 0, 5),
    ],
)
def test_the_exit_status_says_how_the_build_stands(state: BuildState, failed: int, expected: int) -> None:
    totals = builds.building().totals._replace(failed=failed)
    assert exit_status(builds.building(state=state, totals=totals)) == expected


@pytest.mark.parametrize(("snapshot", "expected"), [(NOTHING, 3), (BROKEN, 5)])
def test_what_is_no_build_is_told_on_stderr_alone(snapshot: Snapshot, expected: int) -> None:
    shown = told(snapshot)
    assert (shown.status, shown.out, len(shown.said)) == (expected, "", 1)


def test_a_file_is_not_named_twice() -> None:
    assert told(BROKEN).said == ["synthtop: /x: expected a monitor file, found a poem"]


# -- watching ----------------------------------------------------------------------------------------


def test_watched_it_is_told_every_second_until_the_build_is_over() -> None:
    shown = told(builds.building(), builds.building(), GONE, watch=True, as_json=True)
    assert [one["state"] for one in shown.objects] == ["building", "building", "gone"]
    assert (shown.status, shown.pauses) == (4, [1.0, 1.0])


def test_watched_text_has_an_empty_line_between_two_statuses() -> None:
    shown = told(
        builds.building(workers=()), builds.building(workers=(), state=BuildState.FINISHED), watch=True
    )
    first, second = shown.out.split("\n\n")
    assert first.splitlines()[0] == second.splitlines()[0]
    assert "State: building" in first
    assert "State: finished" in second
    assert shown.status == 1


def test_a_build_that_is_not_there_yet_is_waited_for() -> None:
    shown = told(NOTHING, NOTHING, builds.building(), GONE, watch=True)
    assert "State: waiting\nProblem: there is no such file yet\nSource:" in shown.out
    assert shown.status == 4


def test_of_a_path_at_which_nothing_is_known_no_kind_is_told() -> None:
    shown = told(replace(BROKEN, source=Source(SourceKind.RUN, "/x")), watch=True)
    assert "\nSource: /x\n" in shown.out
    assert "synthtop run" not in shown.out


def test_a_file_that_is_no_builds_is_not_watched_for_ever() -> None:
    shown = told(BROKEN, watch=True)
    assert (shown.status, shown.said) == (5, ["synthtop: /x: expected a monitor file, found a poem"])


def test_a_build_that_cannot_be_read_for_a_while_is_not_given_up() -> None:
    shown = told(builds.building(), *[BROKEN] * 9, GONE, watch=True, as_json=True)
    assert [one["state"] for one in shown.objects[-2:]] == ["unreadable", "gone"]


def test_a_late_look_is_not_made_up_for() -> None:
    shown = told(*[builds.building()] * 3, GONE, watch=True)
    assert shown.pauses == [1.0, 1.0, 1.0]


def test_what_comes_through_a_pipe_is_told_as_it_stands_at_the_end() -> None:
    shown = told(NOTHING, builds.building(), GONE, path="-", at_its_end=True, as_json=True)
    assert [one["state"] for one in shown.objects] == ["gone"]


def test_a_long_list_of_events_is_read_to_where_it_is_now() -> None:
    events = builds.building(source=Source(SourceKind.EVENTS, "/x"))
    begun = replace(events, problem="still reading what is there: 15%")
    shown = told(begun, begun, events, as_json=True)
    assert [one["problem"] for one in shown.objects] == [None]


def test_who_ends_it_by_hand_leaves_a_closed_feed() -> None:
    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    feed = Fed(builds.building())
    with pytest.raises(KeyboardInterrupt):
        Told("/x", {"/x": feed}, watch=True, pause=interrupted)
    assert feed.closed


# -- which build -------------------------------------------------------------------------------------


def test_without_a_path_it_is_the_only_build_that_runs() -> None:
    found = [listed("old", BuildState.FINISHED), listed("new"), listed("dead", BuildState.STALE)]
    feed = Fed(builds.building())
    assert Told(None, {"/run/new.json": feed}, [found]).status == 0
    assert feed.closed


def test_of_several_builds_none_is_taken_and_each_is_named_with_its_command() -> None:
    shown = Told(None, {}, [[listed("one"), listed("two of\x1b them")]], as_json=True)
    assert (shown.status, shown.out) == (2, "")
    assert shown.said[0].splitlines() == [
        "synthtop: several builds run: say which",
        "  synthtop status /run/one.json             # one",
        "  synthtop status '/run/two of␛ them.json'  # two of␛ them",
    ]


def test_without_a_build_the_last_one_is_named() -> None:
    shown = Told(None, {}, [[listed("one", BuildState.FINISHED), listed("two", BuildState.GONE)]])
    assert (shown.status, shown.out) == (3, "")
    assert shown.said == [
        "synthtop: no build runs here; the last one: synthtop status /run/one.json  # one, finished"
    ]


def test_without_any_build_it_says_what_could_be_named() -> None:
    shown = Told(None, {}, as_json=True)
    assert (shown.status, shown.objects[0]["state"]) == (3, "waiting")
    assert shown.said[0].startswith("synthtop: no build runs here that would be found: say which file")


def test_watched_without_a_path_the_first_build_that_starts_is_told_to_its_end() -> None:
    feed = Fed(builds.building(), GONE)
    found = [[], [], [listed("new")], [listed("new"), listed("another")]]
    shown = Told(None, {"/run/new.json": feed}, found, watch=True, as_json=True)
    assert [one["state"] for one in shown.objects] == ["waiting", "waiting", "building", "gone"]
    assert [one["seq"] for one in shown.objects[:2]] == [1, 2]
    assert shown.status == 4


def test_the_waiting_status_can_be_followed_as_a_monitor_file_can() -> None:
    shown = Told(None, {}, as_json=True)
    assert monitor_json.decode(shown.out.encode()).state is BuildState.WAITING


def test_a_hostile_snapshot_is_still_a_line_of_json() -> None:
    evil = replace(
        builds.building(), problem="\ud800\n\x00", source=Source(SourceKind.TEXT, "\udcff", None, "\u2028")
    )
    assert len(told(evil, as_json=True).objects) == 1
