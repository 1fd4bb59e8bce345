"""The commands and when they apply; the footer, at every width."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.app import SynthtopApp
from synthtop.model import BuildState, Snapshot, Stopping
from synthtop.parts import Part, Role
from synthtop.screens.keys import COMMANDS, Situation, bindings, hints_for, offers_for
from synthtop.screens.main import MainScreen
from synthtop.text import width
from synthtop.widgets.footer import Hint, KeyBar, fitting, hint_places

from . import builds
from .drawing import drawn, shown
from .piloting import own


def words(now: Situation) -> list[str]:
    return [f"{hint.key} {hint.word}" for hint in hints_for(now)]


def at_work(snapshot: Snapshot | None = None) -> Situation:
    return Situation(builds.building() if snapshot is None else snapshot, own=True, package=True)


# -- when a command applies --------------------------------------------------------------------------


def test_what_a_build_of_our_own_offers_in_its_order() -> None:
    assert words(at_work()) == [
        "l Log",
        "f Failures",
        "b Finished",
        "d Detail",
        "t Trends",
        "h History",
        "/ Filter",
        "s Sort",
        "r Reverse",
        "↑↓ Select",
        "space Freeze",
        "+/- Workers",
        "k Kill",
        "c Columns",
        "ctrl+z Suspend",
        "ctrl+p Commands",
        "? Help",
        "q Quit",
    ]


def test_another_ones_build_takes_no_limit_and_is_left() -> None:
    offered = words(at_work()._replace(own=False))
    assert "q Leave" in offered
    assert not any("Workers" in word for word in offered)


def test_a_build_that_is_over_is_left_and_not_frozen() -> None:
    offered = words(at_work(builds.all_built())._replace(table=False, page=True, package=False))
    assert offered == [
        "f Failures",
        "b Finished",
        "t Trends",
        "h History",
        "/ Filter",
        "ctrl+z Suspend",
        "ctrl+p Commands",
        "? Help",
        "q Leave",
    ]


def test_what_runs_is_looked_at_whoever_builds_it_and_ended_only_by_who_does() -> None:
    looked_at = {"l Log", "d Detail"}
    assert {*looked_at, "k Kill"} <= set(words(at_work()))
    assert looked_at <= set(words(at_work()._replace(own=False)))
    assert "k Kill" not in words(at_work()._replace(own=False))
    assert not {*looked_at, "k Kill"} & set(words(at_work()._replace(package=False)))
    assert "k Kill" not in words(at_work()._replace(stage=Stopping.STOPPING))


def test_where_there_is_no_build_nothing_has_failed_or_finished() -> None:
    for snapshot in (builds.waiting(), builds.picker(), builds.unreadable()):
        assert not {"f Failures", "b Finished"} & set(words(Situation(snapshot)))


def test_a_page_that_is_too_long_is_scrolled() -> None:
    now = at_work(builds.all_built())._replace(table=False, page=True, scrolls=True)
    assert "↑↓ Scroll" in words(now)


@pytest.mark.parametrize("stage", [Stopping.STOPPING, Stopping.KILLING])
def test_a_build_that_stops_can_be_killed_and_takes_no_limit(stage: Stopping) -> None:
    offered = words(at_work()._replace(stage=stage))
    assert "ctrl+c Kill" in offered
    assert not any("Workers" in word for word in offered)


def test_a_draining_build_takes_no_limit_and_is_not_killed() -> None:
    offered = words(at_work()._replace(stage=Stopping.DRAINING))
    assert not {"ctrl+c Kill", "+/- Workers"} & set(offered)


def test_a_limit_by_hand_is_said_beside_its_keys() -> None:
    assert "+/- Workers: 2 by hand" in words(at_work()._replace(hand_limit=2))


def test_a_filter_is_said_with_what_it_finds_and_how_it_goes() -> None:
    offered = words(at_work()._replace(filter="gcc", found=(3, 16)))
    at = offered.index("/ Filter: gcc (3 of 16)")
    assert offered[at + 1] == "esc Clear"


def test_a_filter_of_the_log_alone_finds_no_workers() -> None:
    now = at_work(builds.all_built())._replace(table=False, page=True, filter="gcc", found=(0, 16))
    assert "/ Filter: gcc" in words(now)


def test_a_hostile_filter_is_said_as_text() -> None:
    assert "/ Filter: ␛[2J (0 of 0)" in words(at_work()._replace(filter="\x1b[2J"))


def test_what_is_frozen_goes_on() -> None:
    assert "space Unfreeze" in words(at_work()._replace(frozen=True))


def followed(**changes: object) -> Situation:
    return Situation(builds.followed(**changes), chooser=True)


def test_another_build_can_be_chosen_while_one_is_shown() -> None:
    assert "o Builds" in words(followed())
    assert "o Builds" in words(followed()._replace(snapshot=builds.waiting_for_file(), table=False))
    assert "o Builds" not in words(followed()._replace(chooser=False))
    assert "o Builds" not in words(followed()._replace(snapshot=builds.waiting(), table=False, page=True))


@pytest.mark.parametrize(
    ("snapshot", "chooser", "offered"),
    [
        (builds.followed_own(), True, True),
        (builds.followed_own(), False, False),
        (builds.followed(), True, False),
        (builds.followed(holder=4242, state=BuildState.FINISHED), True, False),
        (builds.followed(holder=4242, state=BuildState.GONE), True, False),
    ],
)
def test_only_a_build_of_ones_own_that_runs_is_stopped_from_here(
    snapshot: Snapshot, chooser: bool, offered: bool
) -> None:
    assert ("x Stop" in words(Situation(snapshot, chooser=chooser))) is offered


def test_among_builds_one_is_chosen_and_shown() -> None:
    now = Situation(builds.picker(), table=False, log=False, builds=True, chooser=True)
    assert words(now)[2:4] == ["enter Show", "↑↓ Select"]
    assert "enter Show" not in words(now._replace(chooser=False))


def test_what_has_no_build_is_not_frozen_and_what_has_no_workers_is() -> None:
    for snapshot in (builds.picker(), builds.waiting_for_file(), builds.unreadable()):
        assert not Situation(snapshot).freezable
    assert Situation(builds.followed_text(), table=False, page=True).freezable


situations = st.builds(
    Situation,
    st.sampled_from(
        [
            builds.building(),
            builds.all_built(),
            builds.waiting(),
            builds.gone(),
            builds.picker(),
            builds.followed_own(),
        ]
    ),
    st.booleans(),
    st.sampled_from((None, *Stopping)),
    st.none() | st.integers(1, 99),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.text(max_size=30),
    builds=st.booleans(),
    chooser=st.booleans(),
    package=st.booleans(),
)


@given(situations)
@settings(max_examples=100)
def test_the_palette_never_ends_a_build_without_asking(now: Situation) -> None:
    actions = {offer.action for offer, _ in offers_for(now)}
    assert not actions & {"app.interrupt", "app.quit"}
    assert "app.leave" in actions


async def test_each_key_and_each_offer_stands_for_something_that_is_there() -> None:
    async with own(builds.building()) as (pilot, _):
        app = pilot.app
        assert isinstance(app, SynthtopApp)
        named = {key.action for command in COMMANDS for key in command.keys}
        named |= {offer.action for offer, _ in offers_for(at_work()._replace(filter="a", hand_limit=1))}
        for action in named:
            where, _, name = action.partition(".")
            node = app if where == "app" else app.screen
            assert hasattr(node, f"action_{name.partition('(')[0]}"), action


def test_no_key_stands_for_two_things() -> None:
    names = [key.name for command in COMMANDS for key in command.keys]
    assert len(names) == len(set(names))
    assert len(bindings(first=True)) + len(bindings(first=False)) == len(names)
    assert bindings(first=False) == MainScreen.BINDINGS


def test_each_command_says_in_a_sentence_what_it_does() -> None:
    for command in COMMANDS:
        assert command.sentence.endswith(".")
        assert command.sentence[0].isupper()


# -- the footer ------------------------------------------------------------------------------------


@given(situations, st.integers(0, 200))
@settings(max_examples=200)
def test_hints_are_left_out_as_a_whole_the_least_important_first(now: Situation, columns: int) -> None:
    hints = hints_for(now)
    places = hint_places(hints, 1, columns)
    assert all(end <= columns for _, end, _ in places)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(places))
    kept = [hint for _, _, hint in places]
    assert kept == [hint for hint in hints if hint in kept]
    for hint in set(hints) - set(kept):
        # What is less important than this one and stays is shorter.
        assert all(other.weight >= hint.weight or other.columns < hint.columns for other in kept)


@given(situations, st.integers(8, 200))
@settings(max_examples=100)
def test_how_one_gets_out_is_always_said(now: Situation, columns: int) -> None:
    assert "q" in [hint.key for _, _, hint in hint_places(hints_for(now), 1, columns)]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (99, "l Log|f Failures|b Finished|d Detail|t Trends|/ Filter|s Sort|space Freeze|? Help|q Quit"),
        (80, "l Log|f Failures|t Trends|/ Filter|s Sort|space Freeze|? Help|q Quit"),
        (40, "l Log|f Failures|/ Filter|q Quit"),
        (20, "f Failures|q Quit"),
        (7, "q Quit"),
        (6, "l Log"),
        (5, ""),
    ],
)
def test_what_the_footer_says_at_each_width(columns: int, expected: str) -> None:
    hints = fitting(hints_for(at_work()), columns - 1)
    assert "|".join(f"{hint.key} {hint.word}" for hint in hints) == expected


async def test_the_bar_of_keys_says_what_fits() -> None:
    async with shown(builds.building(), (40, 10)) as app:
        assert drawn(app, KeyBar) == [" l Log  f Failures  / Filter  q Quit"]


STATE = (Part("building", Role.VALUE), Part(", ", Role.LABEL), Part("2 failed", Role.FAILED))
KEYS = (Hint("x", "Else", weight=1), Hint("q", "Quit", weight=9))


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (40, " x Else  q Quit      building, 2 failed"),
        (34, " q Quit        building, 2 failed"),
        (26, " q Quit building, 2 failed"),
        (25, " x Else  q Quit building"),
        (20, " q Quit    building"),
        (16, " q Quit building"),
        (14, " q Quit build…"),
        (8, " q Quit"),
        (6, ""),
    ],
)
async def test_the_state_at_the_right_end_leaves_the_way_out_its_place(columns: int, line: str) -> None:
    async with shown(builds.building(), (columns, 24)) as app:
        bar = app.screen.query_one(KeyBar)
        bar.show(KEYS, STATE)
        text = bar.render_line(0).text
    assert width(text) == columns
    assert text.rstrip() == line
