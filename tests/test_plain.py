"""The build as plain text: what a log file or a pipe gets to read."""

from __future__ import annotations

import errno
import io
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from synthtop.model import (
    BuildState,
    Eta,
    Finished,
    HostSample,
    LogKind,
    LogLine,
    Outcome,
    Snapshot,
    Source,
    SourceKind,
    Stopping,
    Totals,
    View,
    hms,
)
from synthtop.plain import PlainView, status_line, write_summary
from synthtop.summary import summary_lines

from . import builds
from .terminal import eventually


class Feeding(io.StringIO):
    """Text whose reader lets the build go on by a snapshot whenever it has read what there is."""

    def __init__(self, view: PlainView, snapshots: list[Snapshot]) -> None:
        super().__init__()
        self._view = view
        self._snapshots = snapshots
        self._feed()

    def _feed(self) -> None:
        if self._snapshots:
            self._view.on_snapshot(self._snapshots.pop(0))

    def flush(self) -> None:
        self._feed()


def told(*snapshots: Snapshot) -> list[str]:
    """All lines of a build of ``snapshots``, the last of which is its end."""
    view = PlainView()
    out = Feeding(view, list(snapshots))
    view.show(out)
    return out.getvalue().splitlines()


def at(elapsed: int, *events: tuple[int, int | None, LogKind, str], **changes: object) -> Snapshot:
    """A build at this second, with its event lines so far."""
    return builds.building(elapsed=elapsed, log=builds.log(events), **{"finished": View(), **changes})


def end(elapsed: int, *events: tuple[int, int | None, LogKind, str]) -> Snapshot:
    return at(elapsed, *events, state=BuildState.FINISHED, totals=Totals(2, 2))


START = (0, 0, LogKind.START, "[000] START   a/b")
BUILT = (3, 0, LogKind.BUILT, "[000] SUCCESS a/b 00:00:03")
FAILURE = (3, 0, LogKind.FAILED, "[000] FAILURE a/b 0 build 00:00:03")


# -- the status line ---------------------------------------------------------------------------------


def test_the_status_line_is_said_to_the_character() -> None:
    snapshot = builds.building(rate=24.3)
    assert status_line(snapshot) == "[00:15:43] Load 3.24/4.00 Swap 2% Rate 24.3/hr Built 38 Failed 2"


def test_the_status_line_says_how_far_it_is_throttled_and_why() -> None:
    snapshot = builds.building(rate=24.3, dynmax=3, reason="high load")
    assert status_line(snapshot) == (
        "[00:15:43] Load 3.24/4.00 Swap 2% Rate 24.3/hr Built 38 Failed 2 [throttled to 3/4: high load]"
    )


def test_the_status_line_says_the_eta_where_there_is_one() -> None:
    snapshot = builds.building(rate=24.3, eta=Eta(2460, 360), dynmax=3, reason="high load")
    assert status_line(snapshot).endswith(" Failed 2 ETA 0h41 ±6m [throttled to 3/4: high load]")
    assert "ETA" not in status_line(replace(snapshot, stopping=Stopping.DRAINING))


def test_what_is_unknown_is_a_dash_in_the_status_line() -> None:
    snapshot = builds.building(elapsed=None, host=HostSample(), rate=None, run_rate=None)
    assert status_line(snapshot) == "[--:--:--] Load -/- Swap - Rate - Built 38 Failed 2"


def test_the_whole_runs_rate_is_told_where_there_is_none_of_the_last_minute() -> None:
    assert " Rate 24.0/hr (run) " in status_line(builds.followed_dsynth())


@pytest.mark.parametrize(
    ("snapshot", "end"),
    [
        (builds.silent(), " Failed 2 [not updating for 00:01:10, 2 failed]"),
        (builds.stale(), " Failed 2 [stale, last update 2h ago]"),
        (builds.gone(), " Failed 2 [gone, last update 23s ago]"),
        (builds.hung(), " Failed 2 [stale: the file system has not answered for 12 s]"),
    ],
)
def test_numbers_that_may_be_old_are_said_to_be(snapshot: Snapshot, end: str) -> None:
    assert status_line(snapshot).endswith(end)


def test_where_there_is_no_build_it_says_why_and_where() -> None:
    assert status_line(builds.waiting()) == "waiting"
    assert status_line(builds.waiting_for_file()) == (
        "waiting for a build: /build/synth/logs/stats/monitor.dat: there is no such file yet"
    )
    assert status_line(builds.unreadable()).startswith(
        "unreadable: /build/stats/monitor.dat: no Load= line: expected Load,"
    )
    hostile = replace(builds.unreadable(), source=Source(SourceKind.TEXT, "\x1b[2J"), problem="\x07")
    assert status_line(hostile) == "unreadable: ␛[2J: ␇"


def test_packages_that_do_not_get_on_are_counted_in_the_status_line() -> None:
    assert status_line(builds.stalled()).endswith(" Built 40 Failed 0 [1 stalled]")
    throttled = replace(builds.stalled(), dynmax=3, reason="high load")
    assert status_line(throttled).endswith(" Failed 0 [throttled to 3/4: high load] [1 stalled]")


def test_a_build_that_is_being_stopped_says_what_still_runs() -> None:
    snapshot = builds.building(stopping=Stopping.DRAINING, active=2)
    assert status_line(snapshot).endswith(" Failed 2 [draining: 2 running]")


# -- a build from its begin to its end ---------------------------------------------------------------


def status_seconds(lines: list[str]) -> list[str]:
    return [line[1:9] for line in lines if "] Load " in line]


def test_there_is_a_status_line_every_five_seconds_of_the_build() -> None:
    lines = told(*(at(second) for second in range(12)), end(12))
    assert status_seconds(lines) == ["00:00:00", "00:00:05", "00:00:10", "00:00:12"]


def test_each_state_without_a_build_is_said_once_and_its_end_at_once() -> None:
    waiting, unreadable = builds.waiting_for_file(), builds.unreadable()
    lines = told(waiting, replace(waiting, age=131), unreadable, at(31), at(32), end(33))
    assert [line.partition(":")[0] for line in lines[:2]] == ["waiting for a build", "unreadable"]
    assert status_seconds(lines) == ["00:00:31", "00:00:33"]


def test_a_followed_build_that_says_nothing_more_is_told_when_that_begins_and_when_it_ends() -> None:
    quiet = [at(31, age=age) for age in (29, 30, 31)]
    lines = told(at(31, age=0), *quiet, at(32, age=0), end(33))
    assert [" [not updating" in line for line in lines if "] Load" in line] == [False, True, False, False]


def test_a_build_that_follows_another_is_told_from_its_beginning() -> None:
    first, second = ({"started": builds.STARTED + more} for more in (0, 3600))
    lines = told(at(3000, START, BUILT, **first), at(2, START, **second), at(7, START, **second), end(8))
    assert status_seconds(lines)[:3] == ["00:50:00", "00:00:02", "00:00:07"]
    assert [line for line in lines if "START" in line] == ["[00:00:00] [000] START   a/b"] * 2


def test_one_whose_source_does_not_say_when_it_began_is_known_by_its_time() -> None:
    lines = told(at(3000, started=None), at(2, started=None), end(3))
    assert status_seconds(lines)[:2] == ["00:50:00", "00:00:02"]


def test_what_a_log_without_times_had_before_is_no_news_and_what_comes_is() -> None:
    old = LogLine(1, None, 0, LogKind.START, "[000] START   a/b")
    new = LogLine(2, None, 0, LogKind.BUILT, "[000] SUCCESS a/b 00:00:03")
    followed = {"age": 0, "finished": View()}
    lines = told(
        builds.building(log=View((old,)), **followed),
        builds.building(log=View((old, new)), **followed),
        end(944),
    )
    assert [line for line in lines if "a/b" in line] == ["[--:--:--] [000] SUCCESS a/b 00:00:03"]


def test_a_build_that_was_suspended_goes_on_with_one_status_line() -> None:
    lines = told(at(0), at(723), at(724), at(725), end(726))
    assert status_seconds(lines) == ["00:00:00", "00:12:03", "00:12:05", "00:12:06"]


def test_each_event_is_told_once_in_its_order_and_with_its_second() -> None:
    lines = told(at(0, START), at(1, START), at(3, START, BUILT), end(4, START, BUILT))
    assert lines[:4] == [
        "[00:00:00] [000] START   a/b",
        f"{status_line(at(0))}",
        "[00:00:03] [000] SUCCESS a/b 00:00:03",
        f"{status_line(end(4))}",
    ]


def test_at_the_end_there_is_the_summary() -> None:
    final = replace(builds.with_failures(), log=View())
    assert told(final) == [status_line(final), *summary_lines(final, 80)]


def test_the_summary_is_written_in_lines_for_80_columns() -> None:
    out = io.StringIO()
    write_summary(out, builds.with_failures())
    assert out.getvalue().splitlines() == summary_lines(builds.with_failures(), 80)
    assert out.getvalue().endswith("devel/cscope\n")


def test_no_more_is_written_than_the_events_that_are_left_in_a_long_builds_ledger() -> None:
    kept = View(tuple(LogLine(seq, 0, None, LogKind.NOTE, f"event {seq}") for seq in (8, 9)))
    lines = told(replace(end(0), log=kept))
    assert [line for line in lines if "event" in line] == ["[00:00:00] event 8", "[00:00:00] event 9"]


def test_events_are_harmless_whatever_they_say() -> None:
    lines = told(end(0, (0, None, LogKind.NOTE, "\x1b[2J\u202e")))
    assert lines[0] == "[00:00:00] ␛[2J<202E>"


class TerminalThatGoes(io.StringIO):
    """Takes what is written and loses it all."""

    def flush(self) -> None:
        raise OSError(errno.EIO, "Input/output error")


def test_what_a_lost_terminal_did_not_take_is_written_again_elsewhere() -> None:
    view = PlainView()
    view.on_snapshot(end(4, START, BUILT))
    with pytest.raises(OSError, match="Input/output"):
        view.show(TerminalThatGoes())
    out = io.StringIO()
    view.show(out)
    assert out.getvalue().splitlines()[:2] == [f"[{hms(at)}] {text}" for at, _, _, text in (START, BUILT)]


def test_another_place_to_write_to_ends_the_showing_at_the_first() -> None:
    view, first, second = PlainView(), io.StringIO(), io.StringIO()
    view.on_snapshot(at(0, START))
    showing = threading.Thread(target=view.show, args=(first,))
    showing.start()
    eventually(lambda: "START" in first.getvalue(), "the first line")
    moved = threading.Thread(target=view.show, args=(second,))
    moved.start()
    showing.join()
    view.on_snapshot(end(4, START, BUILT))
    moved.join()
    assert "SUCCESS" not in first.getvalue()
    assert "SUCCESS" in second.getvalue()


# -- a failure ---------------------------------------------------------------------------------------


def failed(log: Path | None, reason: str | None = "exit status 1", slot: int = 0, at: int = 3) -> Finished:
    path = None if log is None else str(log)
    return Finished("a/b", Outcome.FAILED, at, slot, "build", reason, 3, 2, path)


def explained(*finished: Finished) -> list[str]:
    """What follows the line of the failure, up to the next status line."""
    lines = told(at(3, FAILURE, finished=View(finished)), end(4, FAILURE))
    first = lines.index(f"[00:00:03] {FAILURE[3]}") + 1
    return lines[first : next(i for i in range(first, len(lines)) if "] Load " in lines[i])]


def test_a_failure_is_followed_by_its_reason_and_what_its_log_says_of_it(tmp_path: Path) -> None:
    log = tmp_path / "a___b.log"
    log.write_text("cc -c job.c\njob.c:3: error: no such thing\n  a - b\nmake: *** [job.o] Error 1\n")
    assert explained(failed(log)) == [
        "    exit status 1 in phase build",
        f"    {log}",
        "    | job.c:3: error: no such thing",
        "    |   a - b",
        "    | make: *** [job.o] Error 1",
    ]


def test_a_log_that_says_nothing_of_it_is_shown_by_its_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "a___b.log"
    log.write_text("".join(f"step {number}\n" for number in range(100)))
    lines = explained(failed(log))
    assert lines[1] == f"    {log}, its last lines:"
    assert lines[2:] == [f"    | step {number}" for number in range(80, 100)]


def test_what_a_log_says_is_harmless(tmp_path: Path) -> None:
    log = tmp_path / "a___b.log"
    log.write_bytes(b"x.c:1:1: error: \x1b]0;owned\x07 \xff\n")
    assert explained(failed(log))[-1] == "    | x.c:1:1: error: ␛]0;owned␇ \ufffd"


def test_a_failure_without_log_and_reason_stands_for_itself() -> None:
    assert explained(failed(None, None)) == []


def test_a_log_that_is_gone_is_no_reason_to_end(tmp_path: Path) -> None:
    assert explained(failed(tmp_path / "gone.log"))[-1] == "    | (cannot be read: No such file or directory)"


def test_of_several_failures_the_line_is_explained_with_its_own(tmp_path: Path) -> None:
    found = explained(
        failed(None, "earlier", at=2), failed(None, "its own"), failed(None, "another slot's", slot=1)
    )
    assert found == ["    its own in phase build"]


def test_two_failures_of_one_slot_in_a_second_are_each_explained_with_its_own() -> None:
    other = failed(None, "its own")._replace(origin="c/d", reason="the other's")
    assert explained(failed(None, "its own"), other) == ["    its own in phase build"]


def test_a_failure_that_is_not_in_the_ledger_any_more_stands_for_itself() -> None:
    assert explained(failed(None, "another slot's", slot=1)) == []
    assert explained(failed(None, "earlier", at=2)) == []


# -- where it is written -----------------------------------------------------------------------------


class Full(io.StringIO):
    """A terminal that takes nothing any more."""

    def write(self, text: str) -> int:
        raise OSError(5, "Input/output error")


class Calling(io.StringIO):
    """Text on which something happens as soon as it is read."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__()
        self._happens = happens

    def flush(self) -> None:
        happens, self._happens = self._happens, lambda: None
        happens()


def test_an_out_that_takes_nothing_is_the_callers_business() -> None:
    view = PlainView()
    view.on_snapshot(at(0, START))
    with pytest.raises(OSError, match="Input/output error"):
        view.show(Full())


def test_what_the_lost_terminal_did_not_take_is_written_to_the_next_out() -> None:
    view = PlainView()
    view.on_snapshot(at(0, START))
    with pytest.raises(OSError, match="Input/output error"):
        view.show(Full())
    view.on_snapshot(end(3, START, BUILT))
    out = io.StringIO()
    view.show(out)
    assert out.getvalue().splitlines()[:2] == [f"[00:00:00] {START[3]}", f"[00:00:03] {BUILT[3]}"]


def test_who_shows_it_elsewhere_ends_the_earlier_showing() -> None:
    view = PlainView()
    second = io.StringIO()

    def take_over() -> None:
        view.on_snapshot(end(3, START, BUILT))
        view.show(second)

    first = Calling(take_over)
    view.on_snapshot(at(0, START))
    view.show(first)
    assert BUILT[3] not in first.getvalue()
    assert BUILT[3] in second.getvalue()


def test_a_view_that_is_closed_has_nothing_more_to_say() -> None:
    view = PlainView()
    view.on_snapshot(end(0))
    view.close()
    out = io.StringIO()
    view.show(out)
    assert out.getvalue().startswith("[00:00:00] Load")
