"""Plain ``synthtop``'s feed: which build it shows by itself, and which when it is told to."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop import attach as attach_module
from synthtop.attach import Attach, ask_to_end
from synthtop.discover import Found
from synthtop.model import BuildState, Listed, Snapshot, Source, SourceKind
from synthtop.pidlock import Holder, PidLock

from . import builds

US = os.getpid()
OVER = BuildState.FINISHED


def listed(path: str, state: BuildState = BuildState.BUILDING, elapsed: int | None = 10) -> Listed:
    return Listed(path, path, SourceKind.JSON, state, elapsed=elapsed)


def found(*there: Listed) -> Found:
    return {build.path: build for build in there}


class Feed:
    """A build, or the host, with what it says at each tick."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.closed = 0

    def tick(self, now: float | None = None) -> Snapshot:
        return self.snapshot

    def close(self) -> None:
        self.closed += 1


class Machine:
    """Builds that may be found and followed. What would happen elsewhere happens at once, unless ``held``."""

    def __init__(self) -> None:
        self.now = 0.0
        self.there: Sequence[Listed] | Exception = ()
        self.looks = 0
        self.feeds: dict[str, Feed] = {}
        self.opened: list[str] = []
        self.waiting = Feed(builds.waiting())
        self.killed: list[tuple[int, int]] = []
        self.held: list[Callable[[], object]] | None = None
        self.attach = Attach(
            self.waiting,
            {"synthtop's": self._look},
            self._follow,
            kill=lambda pid, number: self.killed.append((pid, number)),
            clock=lambda: self.now,
            start=self._start,
            patience=0.0,
        )

    def _look(self) -> Found:
        self.looks += 1
        if isinstance(self.there, Exception):
            raise self.there
        return found(*self.there)

    def _follow(self, path: str) -> Feed:
        self.opened.append(path)
        snapshot = builds.building(source=Source(SourceKind.JSON, path=path))
        return self.feeds.setdefault(path, Feed(snapshot))

    def _start(self, work: Callable[[], object]) -> None:
        if self.held is None:
            work()
        else:
            self.held.append(work)

    def tick(self, *there: Listed, after: float = 2.0) -> Snapshot:
        """The next snapshot, with these builds on the machine."""
        self.now += after
        if there:
            self.there = there
        return self.attach.tick()

    def shown(self, *there: Listed) -> str | None:
        """The path of the build that is shown then."""
        return self.tick(*there).source.path


@pytest.fixture
def machine() -> Iterator[Machine]:
    machine = Machine()
    yield machine
    machine.attach.close()


# -- by itself ---------------------------------------------------------------------------------------


def test_while_there_is_no_build_it_waits_with_the_host_as_it_is(machine: Machine) -> None:
    snapshot = machine.tick()
    assert (snapshot.state, snapshot.builds, snapshot.host) == (
        BuildState.WAITING,
        (),
        machine.waiting.snapshot.host,
    )


def test_the_only_build_is_shown_at_once(machine: Machine) -> None:
    assert machine.shown(listed("a"), listed("past", OVER)) == "a"


def test_several_are_listed_and_none_is_shown(machine: Machine) -> None:
    there = (listed("a"), listed("b"), listed("past", OVER))
    snapshot = machine.tick(*there)
    assert (snapshot.state, snapshot.builds) == (BuildState.WAITING, there)


def test_one_that_is_over_or_stale_is_listed_and_not_shown(machine: Machine) -> None:
    for state in (OVER, BuildState.STALE, BuildState.GONE):
        assert machine.shown(listed("a", state)) is None


def test_a_build_that_starts_while_none_runs_is_shown(machine: Machine) -> None:
    assert machine.shown(listed("past", OVER)) is None
    assert machine.shown(listed("past", OVER), listed("new")) == "new"


def test_of_two_the_one_that_is_left_is_not_shown_by_itself(machine: Machine) -> None:
    """Who looks for one on the list must not find himself in the other."""
    machine.tick(listed("a"), listed("b"))
    assert machine.shown(listed("a"), listed("b", OVER)) is None


def test_a_build_at_the_path_of_one_that_was_listed_is_a_new_one(machine: Machine) -> None:
    machine.tick(listed("a", elapsed=500), listed("b"))
    assert machine.shown(listed("a", elapsed=502), listed("b", OVER)) is None
    assert machine.shown(listed("a", elapsed=1)) == "a"


def test_a_second_build_leaves_the_first_on_the_screen(machine: Machine) -> None:
    machine.tick(listed("a"))
    assert machine.shown(listed("a"), listed("b")) == "a"


def test_one_that_ends_stays_until_it_is_left(machine: Machine) -> None:
    machine.tick(listed("a"))
    machine.feeds["a"].snapshot = replace(builds.all_built(), source=Source(SourceKind.JSON, "a", name="a"))
    assert machine.tick(listed("a", OVER), listed("b")) is machine.feeds["a"].snapshot
    machine.attach.back()
    assert machine.tick().state is BuildState.WAITING


def test_while_one_is_shown_nothing_is_looked_for(machine: Machine) -> None:
    machine.tick(listed("a"))
    looks = machine.looks
    for _ in range(10):
        machine.tick()
    assert machine.looks == looks


def test_what_there_is_is_looked_for_every_two_seconds(machine: Machine) -> None:
    for _ in range(9):
        machine.tick(after=0.5)
    assert machine.looks == 3


# -- by hand -----------------------------------------------------------------------------------------


def test_a_build_is_shown_from_the_next_snapshot_on_when_it_is_chosen(machine: Machine) -> None:
    machine.tick(listed("a"), listed("b"), listed("past", OVER))
    for path in ("b", "past", "a"):
        machine.attach.choose(path)
        assert machine.shown() == path
    assert [machine.feeds[path].closed for path in ("b", "past", "a")] == [1, 1, 0]


def test_who_comes_back_gets_the_list_as_it_is_now(machine: Machine) -> None:
    machine.tick(listed("a", elapsed=10))
    machine.attach.back()
    there = (listed("a", elapsed=11), listed("b", OVER))
    assert machine.tick(*there, after=0.1).builds == there
    assert machine.feeds["a"].closed == 1


def test_a_build_that_the_user_came_back_from_is_not_shown_again_by_itself(machine: Machine) -> None:
    machine.tick(listed("a", elapsed=10))
    machine.attach.back()
    for elapsed in (12, 14, 16):
        assert machine.shown(listed("a", elapsed=elapsed)) is None


def test_after_coming_back_the_next_build_is_shown_by_itself(machine: Machine) -> None:
    machine.tick(listed("a"))
    machine.attach.back()
    machine.tick(listed("a"))
    assert machine.shown(listed("a"), listed("b")) is None
    assert machine.shown(listed("a", OVER), listed("b", OVER), listed("c")) == "c"


def test_a_build_that_began_while_another_was_shown_is_not_shown_by_coming_back(machine: Machine) -> None:
    machine.tick(listed("a"))
    machine.attach.back()
    assert machine.shown(listed("a", OVER), listed("b")) is None


def test_a_choice_between_two_snapshots_counts_as_the_last_one_says(machine: Machine) -> None:
    machine.tick(listed("a"), listed("b"))
    machine.attach.choose("a")
    machine.attach.back()
    machine.attach.choose("b")
    assert (machine.shown(), machine.opened) == ("b", ["b"])


def test_a_build_that_cannot_be_followed_leaves_the_list(machine: Machine) -> None:
    def refuse(path: str) -> Feed:
        raise OSError("no more files")

    attach = Attach(
        machine.waiting, {"synthtop's": lambda: found(listed("a"))}, refuse, start=lambda work: work()
    )
    with pytest.raises(OSError, match="no more files"):
        attach.tick(1.0)
    assert attach.tick(2.0).builds == (listed("a"),)


def named(path: str, name: str, elapsed: int | None = 10) -> Listed:
    return listed(path, elapsed=elapsed)._replace(name=name)


def test_a_build_is_called_what_the_list_calls_it(machine: Machine) -> None:
    """Two that run may have one name in their files."""
    machine.tick(named("1.json", "slow.sh"), named("2.json", "slow.sh-2"))
    for path, name in (("2.json", "slow.sh-2"), ("1.json", "slow.sh")):
        source = Source(SourceKind.JSON, path, "here", "slow.sh", "/logs")
        machine.feeds[path] = Feed(builds.building(source=source))
        machine.attach.choose(path)
        assert machine.tick().source == source._replace(name=name)


def test_one_that_is_shown_by_itself_has_its_name_before_its_file_says_one(machine: Machine) -> None:
    machine.feeds["2.json"] = Feed(builds.waiting())
    assert machine.tick(named("2.json", "slow.sh-2")).source.name == "slow.sh-2"
    machine.feeds["2.json"].snapshot = builds.building(source=Source(SourceKind.JSON, name="slow.sh"))
    assert machine.tick().source.name == "slow.sh-2"


def test_another_build_at_the_path_has_its_own_name(machine: Machine) -> None:
    machine.feeds["m.json"] = Feed(builds.building(source=Source(SourceKind.JSON, name="ports")))
    assert machine.tick(named("m.json", "ports-2")).source.name == "ports-2"
    machine.feeds["m.json"].snapshot = builds.building(source=Source(SourceKind.JSON, name="world"))
    assert machine.tick().source.name == "world"


PATHS = ("a", "b", "c")
STEPS = st.lists(
    st.sampled_from(["tick", "back", *PATHS])
    | st.dictionaries(st.sampled_from(PATHS), st.sampled_from([BuildState.BUILDING, OVER])),
    max_size=20,
)


@given(STEPS)
@settings(max_examples=100)
def test_what_the_user_says_counts_and_whatever_was_opened_is_closed_once(
    steps: list[str | dict[str, BuildState]],
) -> None:
    machine = Machine()
    shown = machine.tick()
    for step in steps:
        if isinstance(step, dict):
            machine.there = [listed(path, state) for path, state in step.items()]
        elif step in PATHS:
            machine.attach.choose(step)
        elif step == "back":
            machine.attach.back()
        was_shown, shown = shown.source.path, machine.tick(after=1.0)
        if step in PATHS:
            assert shown.source.path == step
        elif step == "back" and was_shown is not None:
            assert shown.source.path is None
        closed = sum(feed.closed for feed in machine.feeds.values())
        assert len(machine.opened) - closed == (shown.source.path is not None)
    machine.attach.close()
    assert len(machine.opened) == sum(feed.closed for feed in machine.feeds.values())


# -- what hangs and fails ----------------------------------------------------------------------------


def test_a_look_that_hangs_holds_up_no_snapshot_and_is_not_begun_again(machine: Machine) -> None:
    machine.tick(listed("a"), listed("b"))
    machine.held = []
    for _ in range(5):
        assert len(machine.tick(listed("new")).builds) == 2
    assert len(machine.held) == 1
    hanging, machine.held = machine.held, None
    hanging[0]()
    assert machine.shown() == "new"


class Halves:
    """A machine where two searches find builds; while it ``hangs``, the second has no answer."""

    def __init__(self) -> None:
        self.own: Sequence[Listed] = ()
        self.others: Sequence[Listed] = ()
        self.hangs = True
        self._hanging: list[Callable[[], object]] = []
        self._begun = 0
        self._now = 0.0
        self.attach = Attach(
            Feed(builds.waiting()),
            {"synthtop's": lambda: found(*self.own), "poudriere's": lambda: found(*self.others)},
            lambda path: Feed(builds.building(source=Source(SourceKind.JSON, path))),
            start=self._start,
            patience=0.0,
        )

    def _start(self, work: Callable[[], object]) -> None:
        self._begun += 1
        if self.hangs and self._begun == 2:
            self._hanging.append(work)
        else:
            work()

    def tick(self, after: float = 1.0) -> Snapshot:
        self._now += after
        self._begun = 0
        return self.attach.tick(self._now)

    def answer(self) -> None:
        self.hangs = False
        self._hanging.pop()()


def test_builds_are_listed_although_the_search_for_others_hangs_and_that_is_told() -> None:
    machine = Halves()
    machine.own = (listed("a"), listed("b"))
    assert machine.tick().builds == ()  # the answer may come in a moment
    told = [machine.tick(2.0) for _ in range(3)]
    assert [snapshot.builds for snapshot in told] == [machine.own] * 3
    assert [snapshot.problem for snapshot in told] == [
        f"the search for poudriere's builds has had no answer for {seconds} s: a file system hangs"
        for seconds in (2, 4, 6)
    ]
    machine.own, machine.others = (listed("a"), listed("d")), (listed("c"),)
    machine.answer()
    last = machine.tick(2.0)
    assert (last.problem, [build.path for build in last.builds]) == (None, ["a", "c", "d"])


def test_what_the_search_that_hangs_found_before_stands_beside_what_is_new() -> None:
    machine = Halves()
    machine.hangs = False
    machine.own, machine.others = (listed("a"),), (listed("c"),)
    machine.tick()
    machine.hangs, machine.own, machine.others = True, (listed("a", OVER), listed("b")), ()
    assert [build.path for build in machine.tick(2.0).builds] == ["b", "c", "a"]


def test_the_only_build_waits_for_the_other_search_but_not_for_one_that_hangs() -> None:
    quick, slow, dead = Halves(), Halves(), Halves()
    for machine in (quick, slow, dead):
        machine.own = (listed("a"),)
        assert machine.tick().source.path is None
    quick.answer()
    assert quick.tick().source.path == "a"
    slow.others = (listed("c"),)
    slow.answer()
    assert slow.tick().source.path is None
    assert [dead.tick().source.path for _ in range(2)] == [None, "a"]


def test_a_search_that_hangs_is_told_again_after_coming_back() -> None:
    machine = Halves()
    machine.own = (listed("a"),)
    machine.tick()
    assert machine.tick(9.0).source.path == "a"
    machine.attach.back()
    back = machine.tick()
    assert ([build.path for build in back.builds], back.problem) == (
        ["a"],
        "the search for poudriere's builds has had no answer for 10 s: a file system hangs",
    )


def test_a_build_that_the_user_came_back_from_is_not_shown_again_by_a_late_answer() -> None:
    machine = Halves()
    machine.hangs, machine.others = False, (listed("c", elapsed=10),)
    assert machine.tick().source.path == "c"
    machine.attach.back()
    machine.hangs = True
    assert [machine.tick().source.path for _ in range(5)] == [None] * 5
    machine.others = (listed("c", elapsed=17),)
    machine.answer()
    assert [machine.tick().source.path for _ in range(5)] == [None] * 5


def test_a_look_from_before_the_user_came_back_shows_nothing(machine: Machine) -> None:
    machine.held = []
    machine.tick(listed("a"))
    machine.attach.choose("a")
    machine.tick()
    machine.attach.back()
    machine.tick()
    hanging, machine.held = machine.held, None
    hanging[0]()
    assert machine.shown() is None
    assert machine.shown() is None


def test_where_a_look_fails_nothing_is_listed_until_it_works_again(machine: Machine) -> None:
    machine.there = OSError("gone")
    assert machine.tick().builds == ()
    assert machine.shown(listed("a")) == "a"


def test_a_feed_that_hangs_in_its_end_holds_up_nothing(machine: Machine) -> None:
    machine.tick(listed("a"), listed("b"))
    machine.attach.choose("a")
    machine.tick()
    machine.held = []
    machine.attach.choose("b")
    assert machine.shown() == "b"
    assert (len(machine.held), machine.feeds["a"].closed) == (1, 0)


def test_its_end_is_that_of_what_it_shows(machine: Machine) -> None:
    machine.tick(listed("a"))
    machine.attach.close()
    machine.attach.close()
    assert machine.feeds["a"].closed == 1
    assert machine.waiting.closed


# -- the end of a build ------------------------------------------------------------------------------


@pytest.fixture
def held(tmp_path: Path, machine: Machine) -> Iterator[str]:
    """The path of a build that is shown, and that this process holds the lock of."""
    path = str(tmp_path / "ports.json")
    lock = PidLock(str(tmp_path / "ports.lk"))
    machine.feeds[path] = Feed(builds.building(source=Source(SourceKind.JSON, path=path), holder=US))
    assert machine.shown(listed(path)) == path
    yield path
    lock.release()


def test_the_build_that_is_shown_is_asked_to_end(machine: Machine, held: str) -> None:
    machine.attach.stop()
    assert machine.killed == [(US, signal.SIGTERM), (US, signal.SIGCONT)]
    assert machine.tick().problem is None


@pytest.mark.parametrize("changes", [{"holder": None}, {"state": OVER}], ids=str)
def test_what_is_over_or_not_ours_is_not_asked(
    machine: Machine, held: str, changes: dict[str, object]
) -> None:
    machine.feeds[held].snapshot = replace(machine.feeds[held].snapshot, **changes)  # type: ignore[arg-type]
    machine.tick()
    machine.attach.stop()
    assert machine.killed == []


def test_while_none_is_shown_none_is_asked(machine: Machine, held: str) -> None:
    machine.attach.back()
    machine.tick()
    machine.attach.stop()
    assert machine.killed == []


@pytest.mark.parametrize(
    ("holder", "why"),
    [
        (None, "it was not asked to stop: it runs no more"),
        (Holder(US + 1, os.geteuid()), "it was not asked to stop: it runs no more"),
        (Holder(US, 4711), "it was not asked to stop: its lock is that of uid 4711"),
    ],
)
def test_a_process_that_does_not_hold_the_lock_is_not_asked_and_the_screen_says_so(
    machine: Machine, held: str, holder: Holder | None, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The snapshot is a second old, and pids come again."""
    monkeypatch.setattr(attach_module, "who_builds", lambda path: holder)
    machine.attach.stop()
    assert machine.killed == []
    assert machine.tick().problem == why


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ProcessLookupError(), "it was not asked to stop: it runs no more"),
        (PermissionError(), f"it was not asked to stop: pid {US} is another user's"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_why_a_build_cannot_be_asked_is_said_for_ten_seconds(
    tmp_path: Path, machine: Machine, held: str, error: OSError, why: str
) -> None:
    def refuse(pid: int, number: int) -> None:
        raise error

    attach = Attach(
        machine.waiting,
        {"synthtop's": lambda: found(listed(held))},
        lambda path: machine.feeds[path],
        kill=refuse,
        start=lambda work: work(),
    )
    attach.tick(0.0)
    attach.stop()
    assert [attach.tick(now).problem for now in (1.0, 10.0, 11.0, 12.0)] == [why, why, None, None]


def test_what_is_in_the_way_of_reading_is_said_rather(
    machine: Machine, held: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attach_module, "who_builds", lambda path: None)
    machine.attach.stop()
    machine.feeds[held].snapshot = replace(machine.feeds[held].snapshot, problem="no answer")
    assert machine.tick().problem == "no answer"


def test_why_one_was_not_asked_is_not_said_of_another(
    machine: Machine, held: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attach_module, "who_builds", lambda path: None)
    machine.attach.stop()
    machine.attach.choose("b")
    assert machine.tick().problem is None


def test_a_suspended_build_hears_that_it_is_to_end() -> None:
    sent: list[tuple[int, int]] = []
    ask_to_end(7, lambda pid, number: sent.append((pid, number)))
    assert sent == [(7, signal.SIGTERM), (7, signal.SIGCONT)]
