"""How a build stands, in a word or two, and the colour of the frame around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.model import BuildState, Listed, Snapshot, Space, Stopping, Totals
from synthtop.parts import Part, Role, joined, whole
from synthtop.states import (
    LIVE,
    Shown,
    ago,
    frame_role,
    held_back,
    listed_word,
    space_told,
    state_parts,
    throttle_note,
)
from synthtop.text import clean, width

from . import builds

EVIL = "\x1b[2J\u202e[red]\n"
FROZEN = Shown(frozen=True)


def said(snapshot: Snapshot, shown: Shown = LIVE) -> str:
    return joined(state_parts(snapshot, shown))


def hindered() -> Snapshot:
    """Throttled, with failures, and two packages that don't get on."""
    workers = tuple(row._replace(stalled=row.slot in (1, 2)) for row in builds.rows(6, 8))
    return builds.building(active=6, max_workers=8, dynmax=6, reason="high load", workers=workers)


def short_of_space() -> Snapshot:
    """All is well, but that the logs will have no room soon."""
    return replace(builds.well(), low_space=(Space("/build/logs", 812 << 20, 40 << 30),))


# -- words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (builds.well, "building"),
        (builds.just_started, "building"),
        (builds.building, "building, 2 failed"),
        (builds.throttled, "building, 2 failed, throttled"),
        (builds.failing, "building, 7 failed"),
        (builds.stalled, "building, 1 stalled"),
        (hindered, "building, 2 failed, 2 stalled, throttled"),
        (short_of_space, "building, low space"),
        (builds.draining, "draining, 2 failed"),
        (builds.stopping, "stopping, 2 failed"),
        (builds.all_built, "finished"),
        (builds.with_failures, "finished, 2 failed"),
        (builds.interrupted, "interrupted, 2 failed"),
        (builds.waiting, "waiting"),
        (builds.silent, "not updating for 00:01:10, 2 failed"),
        (builds.gone, "gone, last update 23s ago"),
        (builds.stale, "stale, last update 2h ago"),
        (builds.unreadable, "unreadable"),
        (builds.waiting_for_file, "waiting for a build"),
        (builds.picker, "3 building: choose one"),
        (builds.hung, "stale: the file system has not answered for 12 s"),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
def test_each_state_is_said_in_words(state: Callable[[], Snapshot], words: str) -> None:
    assert said(state()) == words


def test_no_two_states_look_the_same_without_their_figures() -> None:
    states = (
        builds.well, builds.building, builds.throttled, builds.stalled, builds.draining, builds.stopping,
        builds.all_built, builds.with_failures, builds.interrupted, builds.waiting, builds.silent,
        builds.gone, builds.stale, builds.unreadable,
    )  # fmt: skip
    assert len({said(state()) for state in states}) == len(states)


@pytest.mark.parametrize(
    ("snapshot", "parts"),
    [
        (
            hindered(),
            [
                ("building", Role.VALUE),
                ("2 failed", Role.FAILED),
                ("2 stalled", Role.STALLED),
                ("throttled", Role.THROTTLED),
            ],
        ),
        (short_of_space(), [("building", Role.VALUE), ("low space", Role.STALLED)]),
        (builds.stopping(), [("stopping", Role.THROTTLED), ("2 failed", Role.FAILED)]),
        (builds.all_built(), [("finished", Role.BUILT)]),
        (builds.with_failures(), [("finished", Role.FAILED), ("2 failed", Role.FAILED)]),
        (builds.interrupted(), [("interrupted", Role.THROTTLED), ("2 failed", Role.FAILED)]),
        (builds.gone(), [("gone", Role.FAILED), ("last update 23s ago", Role.FAILED)]),
        (builds.stale(), [("stale", Role.STALLED), ("last update 2h ago", Role.STALLED)]),
        (builds.waiting(), [("waiting", Role.VALUE)]),
        (builds.unreadable(), [("unreadable", Role.FAILED)]),
    ],
    ids=lambda value: joined(state_parts(value)) if isinstance(value, Snapshot) else None,
)
def test_each_word_has_the_colour_of_what_it_says(snapshot: Snapshot, parts: list[tuple[str, Role]]) -> None:
    assert [part for part in state_parts(snapshot) if part.text != ", "] == parts


def test_a_build_that_is_killed_says_so() -> None:
    assert said(builds.building(stopping=Stopping.KILLING, totals=Totals(142, 38))) == "killing"


def test_a_build_that_starts_nothing_more_is_not_throttled_any_more() -> None:
    throttled = builds.building(dynmax=2, reason="high load", stopping=Stopping.DRAINING)
    assert said(throttled) == "draining, 2 failed"


def test_a_package_that_is_stalled_while_the_build_is_stopped_is_still_said() -> None:
    stalled = builds.building(workers=builds.stalled().workers, stopping=Stopping.STOPPING)
    assert said(stalled) == "stopping, 2 failed, 1 stalled"


def test_low_space_is_said_between_what_is_stalled_and_what_is_throttled() -> None:
    snapshot = replace(hindered(), low_space=short_of_space().low_space)
    assert said(snapshot) == "building, 2 failed, 2 stalled, low space, throttled"


def test_of_low_space_it_is_told_where_and_how_much_is_left_the_fullest_first() -> None:
    logs, work = Space("/build/logs\x1b[2J", 812 << 20, 40 << 30), Space("/build/work", 0, 40 << 30)
    assert space_told(short_of_space()) == "low space: 812 MB left for /build/logs"
    told = space_told(builds.building(low_space=(logs, work)))
    assert told == f"low space: 0 bytes left for /build/work, 812 MB left for {clean(logs.path)}"
    assert space_told(builds.building()) == ""
    assert space_told(builds.building(low_space=(logs,) * 9)).count("left for") == 3


def test_a_build_that_is_over_needs_no_space() -> None:
    over = builds.building(state=BuildState.FINISHED, low_space=short_of_space().low_space)
    assert space_told(over) == ""
    assert said(over) == "finished, 2 failed"


def test_a_build_that_is_over_is_not_throttled_whatever_its_last_limit_was() -> None:
    over = builds.building(state=BuildState.FINISHED, dynmax=2, reason="high load", totals=Totals(2, 2))
    assert said(over) == "finished"
    assert not held_back(over)


def test_a_source_that_does_not_say_its_age_is_gone_without_it() -> None:
    assert said(builds.followed(state=BuildState.GONE, age=None)) == "gone"


@pytest.mark.parametrize(
    ("age", "words"), [(29, "building, 2 failed"), (30, "not updating for 00:00:30, 2 failed")]
)
def test_a_build_is_silent_after_half_a_minute(age: int, words: str) -> None:
    assert said(builds.followed(age=age)) == words


@pytest.mark.parametrize("state", [BuildState.BUILDING, BuildState.FINISHED, BuildState.INTERRUPTED])
def test_what_is_in_the_way_is_said_after_the_state_and_in_short_before_it(state: BuildState) -> None:
    asked = builds.followed(state=state, problem="it was asked to stop")
    assert said(asked) == f"{state}, 2 failed, it was asked to stop"
    assert joined(state_parts(asked, short=True)).startswith("it was asked to stop, ")
    silent = builds.followed(age=70, problem="it was asked to stop")
    assert joined(state_parts(silent, short=True)) == (
        "it was asked to stop, not updating for 00:01:10, 2 failed"
    )


def test_what_a_page_says_is_not_said_twice() -> None:
    assert said(builds.unreadable()) == "unreadable"
    assert said(replace(builds.waiting(), problem="no build runs any more")) == "waiting"


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ((BuildState.BUILDING, BuildState.GONE), "1 building: choose one"),
        ((BuildState.FINISHED, BuildState.STALE, BuildState.WAITING), "no build runs"),
        ((), "waiting"),
    ],
)
def test_while_one_is_to_be_chosen_it_is_said_how_many_build(
    states: tuple[BuildState, ...], words: str
) -> None:
    there = tuple(builds.listed(state, state=state) for state in states)
    assert said(replace(builds.waiting(), builds=there)) == words


def test_where_room_is_short_it_is_said_how_many_build_without_what_to_do() -> None:
    assert joined(whole(state_parts(builds.picker()), 20)) == "3 building"


# -- among others ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "part"),
    [
        (builds.listed("a"), ("building", Role.TEXT)),
        (builds.listed("a", age=29), ("building", Role.TEXT)),
        (builds.listed("a", age=30), ("not updating", Role.STALLED)),
        (builds.listed("a", state=BuildState.WAITING), ("waiting", Role.LABEL)),
        (builds.listed("a", state=BuildState.FINISHED, age=99), ("finished", Role.BUILT)),
        (builds.listed("a", state=BuildState.FINISHED, failed=1), ("finished", Role.FAILED)),
        (builds.listed("a", state=BuildState.INTERRUPTED), ("interrupted", Role.THROTTLED)),
        (builds.listed("a", state=BuildState.GONE), ("gone", Role.FAILED)),
        (builds.listed("a", state=BuildState.STALE), ("stale", Role.STALLED)),
        (builds.listed("a", state=BuildState.UNREADABLE), ("unreadable", Role.FAILED)),
    ],
    ids=str,
)
def test_of_a_build_among_others_the_state_is_a_word(build: Listed, part: tuple[str, Role]) -> None:
    assert listed_word(build) == part


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0s ago"),
        (59, "59s ago"),
        (60, "1m ago"),
        (3599, "59m ago"),
        (3600, "1h ago"),
        (172799, "1d ago"),
    ],
)
def test_how_long_ago_something_was_is_said_roughly(seconds: int, text: str) -> None:
    assert ago(seconds) == text


# -- frozen ------------------------------------------------------------------------------------------


def test_a_frozen_screen_says_so_first_and_then_what_it_shows() -> None:
    assert said(builds.throttled(), FROZEN) == "FROZEN, building, 2 failed, throttled"
    assert state_parts(builds.throttled(), FROZEN)[0] == Part("FROZEN", Role.FROZEN)


def test_a_build_that_ends_behind_a_frozen_screen_is_not_to_be_missed() -> None:
    assert said(builds.building(), Shown(True, builds.all_built())) == "FROZEN, meanwhile finished"
    gone = said(builds.building(), Shown(True, builds.gone()))
    assert gone == "FROZEN, meanwhile gone, last update 23s ago"


def test_what_else_happens_behind_a_frozen_screen_is_for_later() -> None:
    assert said(builds.well(), Shown(True, builds.failing())) == "FROZEN, building"


# -- where room is short -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (40, "building, 2 failed, 2 stalled, throttled"),
        (39, "building, 2 failed, 2 stalled"),
        (28, "building, 2 failed"),
        (17, "building"),
        (7, ""),
    ],
)
def test_where_room_is_short_whole_words_are_left_out_from_the_end(columns: int, words: str) -> None:
    assert joined(whole(state_parts(hindered()), columns)) == words


@pytest.mark.parametrize(
    ("columns", "words"),
    [(35, "not updating for 00:01:10, 2 failed"), (34, "not updating for 00:01:10"), (24, "not updating")],
)
def test_how_long_nothing_is_heard_goes_before_that(columns: int, words: str) -> None:
    assert joined(whole(state_parts(builds.silent()), columns)) == words


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (hindered, "2 stalled, throttled, 2 failed"),
        (builds.throttled, "throttled, 2 failed"),
        (builds.stalled, "1 stalled"),
        (short_of_space, "low space"),
        (builds.failing, "7 failed"),
        (builds.stopping, "stopping, 2 failed"),
        (builds.with_failures, "finished, 2 failed"),
    ],
)
def test_in_short_that_it_builds_goes_without_saying_where_something_hinders_it(
    state: Callable[[], Snapshot], words: str
) -> None:
    assert joined(state_parts(state(), short=True)) == words


@given(st.integers(0, 300), st.booleans())
@settings(max_examples=100)
def test_of_hostile_words_there_is_never_more_than_fits(columns: int, frozen: bool) -> None:
    for state in BuildState:
        parts = whole(state_parts(builds.hostile(state), Shown(frozen)), columns)
        assert width(joined(parts)) <= columns
        assert not joined(parts).endswith((" ", ","))
        assert clean(joined(parts)) == joined(parts)


# -- the frame ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "role"),
    [
        (builds.well, Role.FRAME),
        (builds.building, Role.FRAME),
        (builds.waiting, Role.FRAME),
        (builds.throttled, Role.THROTTLED),
        (builds.stopping, Role.THROTTLED),
        (builds.draining, Role.THROTTLED),
        (builds.interrupted, Role.THROTTLED),
        (builds.stalled, Role.STALLED),
        (short_of_space, Role.STALLED),
        (builds.silent, Role.STALLED),
        (builds.stale, Role.STALLED),
        (builds.gone, Role.FAILED),
        (builds.unreadable, Role.FAILED),
        (builds.with_failures, Role.FAILED),
        (builds.all_built, Role.BUILT),
    ],
)
def test_the_frame_is_quiet_while_all_is_well(state: Callable[[], Snapshot], role: Role) -> None:
    assert frame_role(state()) is role


def test_the_frame_of_a_frozen_screen_has_the_accent_whatever_the_build_does() -> None:
    assert {frame_role(state(), FROZEN) for state in (builds.well, builds.throttled, builds.gone)} == {
        Role.KEY
    }


# -- the throttle ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("snapshot", "note"),
    [
        (builds.building(), ""),
        (builds.building(dynmax=None), ""),
        (builds.building(dynmax=3), "throttled"),
        (builds.building(dynmax=3, reason="by hand"), "throttled: by hand"),
        (builds.building(dynmax=3, reason=EVIL), f"throttled: {clean(EVIL)}"),
        (builds.building(dynmax=3, reason="high load", state=BuildState.INTERRUPTED), ""),
    ],
    ids=str,
)
def test_the_throttle_is_named_with_its_reason(snapshot: Snapshot, note: str) -> None:
    assert throttle_note(snapshot) == note
