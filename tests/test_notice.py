"""Notices: what is news and what is not, and commands that hold nobody up."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from synthtop import aside
from synthtop.config import Settings
from synthtop.model import BuildState, Finished, Outcome, Snapshot, Totals, View, WorkerRow, WorkerState
from synthtop.news import News
from synthtop.notice import Notices, notices_for

from . import builds
from .terminal import eventually

ALL = frozenset(("failure", "stall", "end"))
RUST = Finished("lang/rust", Outcome.FAILED, 900, 3, "build", "exit status 2")
GMAKE = Finished("devel/gmake", Outcome.BUILT, 901, 2)


def at(elapsed: int = 900, *, failed: int = 0, stalled: str = "", **changes: Any) -> Snapshot:
    """A build of which ``failed`` packages have failed; each letter in ``stalled`` is a stalled package."""
    rows = tuple(
        WorkerRow(slot, WorkerState.RUNNING, "build", f"lang/{letter}", stalled=letter in stalled)
        for slot, letter in enumerate("abc")
    )
    finished = View([RUST] * failed)
    changes = {"finished": finished, "totals": Totals(142, 38, failed, 0, 5, 1)} | changes
    return builds.building(elapsed=elapsed, workers=rows, **changes)


def told(*snapshots: Snapshot, step: float = 1.0) -> list[str]:
    """The kinds of the news in these, ``step`` seconds apart."""
    news = News()
    return [
        notice.kind
        for number, taken in enumerate(snapshots)
        for notice in news.of(taken, 100.0 + step * number)
    ]


def texts(*snapshots: Snapshot, step: float = 1.0) -> list[str]:
    news = News()
    return [
        notice.said["SYNTHTOP_TEXT"]
        for number, taken in enumerate(snapshots)
        for notice in news.of(taken, 100.0 + step * number)
    ]


# -- what is news ------------------------------------------------------------------------------------


def test_the_first_failure_is_told_and_no_other() -> None:
    assert told(at(), at(), at(failed=1), at(failed=2), at(failed=2)) == ["failure"]


def test_a_failure_says_what_failed_where_and_why() -> None:
    failed = at(failed=1, finished=View([GMAKE, RUST, GMAKE]))
    assert texts(at(), failed) == ["lang/rust failed in phase build: exit status 2"]
    assert texts(at(), at(failed=1, finished=View())) == ["a package has failed"]


def test_what_was_so_when_watching_began_is_no_news() -> None:
    over = at(failed=1, stalled="ab", state=BuildState.FINISHED)
    assert told(at(failed=1, stalled="ab"), at(failed=2, stalled="ab")) == []
    assert told(over, over) == []


def test_in_a_build_that_has_only_begun_all_is_news() -> None:
    assert told(at(3, failed=1)) == ["failure"]
    assert told(at(3, failed=1, state=BuildState.FINISHED)) == []


def test_the_end_is_told_once_with_the_counts() -> None:
    ended = at(943, failed=2, state=BuildState.FINISHED)
    assert told(at(failed=2), ended, ended) == ["end"]
    assert texts(at(failed=2), ended)[-1].endswith(
        " is finished after 00:15:43: 38 built, 2 failed, 5 skipped"
    )


@pytest.mark.parametrize(
    ("state", "words"),
    [(BuildState.INTERRUPTED, "was interrupted"), (BuildState.GONE, "ended without saying so")],
)
def test_each_end_has_its_words(state: BuildState, words: str) -> None:
    assert words in texts(at(), at(state=state))[0]


def test_a_build_that_is_over_by_mistake_ends_once() -> None:
    gone = at(state=BuildState.GONE)
    assert told(at(), gone, at(), at(state=BuildState.FINISHED)) == ["end"]


def test_each_new_stall_is_told_and_none_twice() -> None:
    looks = [at(), at(stalled="a"), at(stalled="a"), at(stalled="ab"), at(stalled="b"), at(stalled="ab")]
    assert texts(*looks, step=60.0) == [
        "lang/a in slot 0 has stalled in phase build",
        "lang/b in slot 1 has stalled in phase build",
        "lang/a in slot 0 has stalled in phase build",
    ]


def test_stalls_within_a_minute_are_told_together_if_they_last() -> None:
    looks = [at(), at(stalled="a"), at(stalled="abc"), at(stalled="bc"), at(stalled="bc"), at(stalled="bc")]
    assert texts(*looks, step=25.0) == [
        "lang/a in slot 0 has stalled in phase build",
        "lang/b in slot 1 has stalled in phase build, and 1 more",
    ]


def test_a_stall_that_is_over_before_it_may_be_told_is_not_told() -> None:
    looks = [at(), at(stalled="a"), at(stalled="ab"), at(stalled="a"), at(stalled="ab")]
    assert texts(*looks[:4], at(stalled="a"), at(stalled="a"), step=25.0) == [
        "lang/a in slot 0 has stalled in phase build"
    ]
    assert len(texts(*looks, at(stalled="ab"), step=25.0)) == 2, "but the next one is"


def test_what_is_no_build_says_nothing_and_changes_nothing() -> None:
    waiting = replace(at(), state=BuildState.WAITING)
    unreadable = replace(at(failed=1), state=BuildState.UNREADABLE)
    assert told(waiting, at(), unreadable, at(failed=1)) == ["failure"]


@pytest.mark.parametrize("changes", [{"started": builds.STARTED + 5000}, {"elapsed": 12}])
def test_another_build_begins_with_what_it_is_like_then(changes: dict[str, Any]) -> None:
    other = {"elapsed": 900} | changes
    assert told(at(), at(failed=1), at(failed=1, **other), at(failed=2, **other)) == ["failure"]
    assert told(at(), at(failed=1), at(**other), at(failed=1, **other)) == ["failure", "failure"]


def test_what_is_said_is_clean_and_not_too_long() -> None:
    evil = Finished("x\x1b[2J\n\0y", Outcome.FAILED, 1, reason="z" * 5000)
    [notice] = [*News().of(at(3, failed=1, finished=View([evil])), 0.0)]
    assert notice.said["SYNTHTOP_ORIGIN"] == "x␛[2J␊␀y"
    assert len(notice.said["SYNTHTOP_TEXT"]) <= 300
    assert notice.said["SYNTHTOP_EVENT"] == "failure"
    assert (notice.said["SYNTHTOP_QUEUED"], notice.said["SYNTHTOP_BUILT"]) == ("142", "38")


def test_what_is_not_known_is_empty() -> None:
    [notice] = News().of(at(3, failed=1, totals=Totals(None, failed=1)), 0.0)
    assert (notice.said["SYNTHTOP_QUEUED"], notice.said["SYNTHTOP_REMAINING"]) == ("", "")


# -- how it is told ----------------------------------------------------------------------------------


class Fake:
    """A command that runs until it is told to end, or gets a signal that it heeds."""

    def __init__(self, pid: int, heeds: int | None) -> None:
        self.pid = pid
        self.over = False
        self.signals: list[int] = []
        self.status: int | None = None
        self._heeds = heeds

    def ended(self) -> bool:
        return self.over

    def kill(self, number: int) -> None:
        self.signals.append(number)
        self.over = self.over or number == self._heeds

    def code(self) -> int | None:
        return self.status


class Desk:
    """Notices with fake commands, a clock that passes when a test says so, and a bell that is counted."""

    def __init__(
        self,
        notify: str = "tell me",
        on: frozenset[str] = ALL,
        heeds: int | None = None,
        hurried: Callable[[], bool] = lambda: False,
    ) -> None:
        self.now = 500.0
        self.rung = 0
        self.started: list[Mapping[str, str]] = []
        self.commands: list[str] = []
        self.running: list[Fake] = []
        self.complaints: list[str] = []
        self._heeds = heeds
        self.notices = Notices(
            notify,
            on,
            bell=self._ring,
            report=self.complaints.append,
            hurried=hurried,
            spawn=self._spawn,
            clock=lambda: self.now,
            pause=self._pass,
        )

    def _ring(self) -> None:
        self.rung += 1

    def _spawn(self, command: str, environment: Mapping[str, str]) -> Fake:
        self.commands.append(command)
        self.started.append(environment)
        self.running.append(Fake(4000 + len(self.running), self._heeds))
        return self.running[-1]

    def _pass(self, seconds: float) -> None:
        self.now += seconds

    def show(self, *snapshots: Snapshot, step: float = 1.0) -> None:
        for taken in snapshots:
            self.notices.on_snapshot(taken)
            self.now += step

    def events(self) -> list[str]:
        return [environment["SYNTHTOP_EVENT"] for environment in self.started]


def test_the_bell_rings_for_each_kind_that_is_asked_for() -> None:
    desk = Desk("bell", frozenset(("failure", "end")))
    desk.show(at(), at(failed=1), at(failed=1, stalled="a"), at(failed=1, state=BuildState.FINISHED))
    desk.notices.close()
    assert (desk.rung, desk.started) == (2, [])


def test_a_command_gets_what_is_known_in_its_environment_and_nothing_in_its_text() -> None:
    desk = Desk("echo $SYNTHTOP_TEXT")
    desk.show(at(), at(failed=1))
    assert desk.commands == ["echo $SYNTHTOP_TEXT"]
    assert desk.started[0]["SYNTHTOP_ORIGIN"] == "lang/rust"
    assert desk.started[0]["PATH"] == os.environ["PATH"]


def test_one_command_runs_at_a_time_and_the_newest_of_each_kind_waits() -> None:
    desk = Desk()
    desk.show(at(), at(failed=1), at(failed=1, stalled="a"))
    desk.show(at(failed=1, stalled="a", state=BuildState.FINISHED))
    desk.show(at(3, started=builds.STARTED + 5000))
    other = at(4, started=builds.STARTED + 5000, state=BuildState.INTERRUPTED)
    desk.show(other)
    assert desk.events() == ["failure"]
    for number in range(3):
        desk.running[number].over = True
        desk.show(other)
        desk.show(other)
    assert desk.events() == ["failure", "stall", "end"]
    assert desk.started[2]["SYNTHTOP_STATE"] == "interrupted"


def test_a_command_that_takes_too_long_is_ended_and_then_killed() -> None:
    desk = Desk()
    desk.show(at(), at(failed=1))
    desk.show(*[at(failed=1)] * 29)
    assert desk.running[0].signals == []
    desk.show(*[at(failed=1)] * 10)
    assert desk.running[0].signals == [signal.SIGTERM, signal.SIGKILL]


def test_that_a_command_fails_is_told_once() -> None:
    desk = Desk()
    desk.show(at(), at(failed=1))
    desk.running[0].status, desk.running[0].over = 1, True
    desk.show(at(failed=1), at(failed=1, stalled="a"))
    desk.running[1].status, desk.running[1].over = 2, True
    desk.show(at(failed=1))
    assert desk.complaints == ["notify: the command failed: exit status 1"]


def test_that_a_command_had_to_be_ended_is_told() -> None:
    desk = Desk(heeds=signal.SIGTERM)
    desk.show(at(), at(failed=1))
    desk.show(*[at(failed=1)] * 35)
    assert desk.complaints == ["notify: the command failed: ended after 30 s"]


def test_what_not_even_a_kill_ends_is_not_waited_for() -> None:
    desk = Desk()
    desk.show(at(), at(failed=1))
    desk.show(at(failed=1, stalled="a"), at(failed=1, stalled="a"), step=40.0)
    assert desk.events() == ["failure", "stall"]


def test_closing_waits_for_the_last_one_and_starts_what_waits() -> None:
    desk = Desk()
    desk.show(at(), at(failed=1), at(failed=1, state=BuildState.FINISHED))

    def passes(seconds: float) -> None:
        desk.now += seconds
        if desk.now > 505.0:
            desk.running[0].over = True
        if desk.now > 507.0:
            desk.running[1].over = True

    desk.notices._pause = passes
    desk.notices.close()
    desk.notices.close()
    assert desk.events() == ["failure", "end"]
    assert [one.signals for one in desk.running] == [[], []]


def test_closing_waits_ten_seconds_and_no_longer() -> None:
    desk = Desk()
    desk.show(at(), at(failed=1))
    before = desk.now
    desk.notices.close()
    assert 10.0 <= desk.now - before < 10.1
    assert desk.running[0].signals == [signal.SIGKILL]


def test_closing_waits_no_longer_once_somebody_is_in_a_hurry() -> None:
    desk = Desk(hurried=lambda: desk.now > 503.0)
    desk.show(at(), at(failed=1), at(failed=1, state=BuildState.FINISHED), step=0.0)
    desk.notices.close()
    assert 503.0 < desk.now < 503.1
    assert desk.running[0].signals == [signal.SIGKILL]
    assert desk.events() == ["failure"], "what waits is not told"


def test_settings_say_what_is_told_and_nothing_is_where_they_do_not() -> None:
    rung: list[int] = []
    assert notices_for(Settings(), lambda: None, print) is None
    notices = notices_for(Settings(notify="bell", notify_on=("end",)), lambda: rung.append(1), print)
    assert notices is not None
    for taken in (at(), at(failed=1), at(failed=1, state=BuildState.FINISHED)):
        notices.on_snapshot(taken)
    assert len(rung) == 1
    everything = notices_for(Settings(notify="bell"), lambda: rung.append(1), print)
    assert everything is not None
    for taken in (at(), at(failed=1)):
        everything.on_snapshot(taken)
    assert len(rung) == 2


# -- real commands -----------------------------------------------------------------------------------


def told_of(notices: Notices) -> frozenset[int]:
    """The process groups that are none of the build's once a first failure was told."""
    before = aside.groups()
    for taken in (at(), at(failed=1)):
        notices.on_snapshot(taken)
    return aside.groups() - before


def test_a_real_command_runs_in_a_group_of_its_own_and_is_waited_for(tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = f'printf "%s|%s" "$SYNTHTOP_EVENT" "$SYNTHTOP_TEXT" > {out}.new; mv {out}.new {out}; sleep 0.1'
    notices = Notices(command, ALL, bell=lambda: None)
    [pid] = told_of(notices)
    assert os.getpgid(pid) == pid
    notices.close()
    assert out.read_text() == "failure|lang/rust failed in phase build: exit status 2"
    assert pid not in aside.groups()


def test_what_a_real_command_leaves_behind_ends_with_its_time(tmp_path: Path) -> None:
    later = [0.0]
    notices = Notices(
        f"sleep 1000 & echo $! > {tmp_path}/pid",
        ALL,
        bell=lambda: None,
        clock=lambda: time.monotonic() + later[0],
    )
    [group] = told_of(notices)
    written = tmp_path / "pid"
    eventually(lambda: written.exists() and written.read_text().strip(), "the pid of what is left")
    later[0] = 31.0
    notices.on_snapshot(at(failed=1))
    assert group in aside.groups(), "as long as something of it is left"
    later[0] = 33.0

    def gone() -> bool:
        notices.on_snapshot(at(failed=1))
        return group not in aside.groups()

    eventually(gone, "the end of the group")
    with suppress(FileNotFoundError):
        left = Path(f"/proc/{written.read_text().strip()}/stat").read_text()
        assert left.rpartition(")")[2].split()[0] == "Z"


def test_a_command_whose_status_somebody_else_has_taken_has_ended() -> None:
    complaints: list[str] = []
    notices = Notices("exit 3", ALL, bell=lambda: None, report=complaints.append)
    [pid] = told_of(notices)
    aside.reaped(pid, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    notices.close()
    assert pid not in aside.groups()
    assert complaints == ["notify: the command failed: exit status 3"]


def test_a_command_that_is_none_is_told() -> None:
    complaints: list[str] = []
    notices = Notices("no-such-command-here", ALL, bell=lambda: None, report=complaints.append)
    told_of(notices)
    notices.close()
    assert complaints == ["notify: the command failed: exit status 127"]
