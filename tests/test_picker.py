"""The list of builds to choose from: its order, its cursor, its lines at every size."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.model import BuildState, Listed, Snapshot, SourceKind
from synthtop.parts import Role
from synthtop.text import clean, width
from synthtop.widgets.catalogue import Catalogue
from synthtop.widgets.fields import Line
from synthtop.widgets.listing import HELD
from synthtop.widgets.picker import Columns, Picker, build_line, columns_for, heading_line

from . import builds
from .drawing import alone, lines_of, text_of

LIVE = builds.listed("LiveSystem", done=45, queued=142, failed=2, elapsed=943)
ENDED = builds.listed("wheels", state=BuildState.FINISHED, done=30, queued=30, elapsed=312, age=720)


def names(catalogue: Catalogue) -> list[str]:
    return [catalogue[row].name for row in range(len(catalogue))]


def listed(*names: str) -> list[Listed]:
    return [builds.listed(name) for name in names]


def chosen(catalogue: Catalogue) -> str | None:
    build = catalogue.chosen
    return None if build is None else build.name


# -- the order ---------------------------------------------------------------------------------------


def test_what_lives_comes_first_by_name_and_the_others_as_they_are_listed() -> None:
    catalogue = Catalogue()
    catalogue.take(builds.picker().builds, 1)
    assert names(catalogue) == [
        "143amd64-default", "LiveSystem", "Release", "demo", "wheels", "exported", "debian", "nightly",
    ]  # fmt: skip


def test_two_of_one_name_are_told_apart_by_their_paths() -> None:
    catalogue = Catalogue()
    catalogue.take([builds.listed("a", path="/2"), builds.listed("a", path="/1")], 1)
    assert [catalogue[row].path for row in range(2)] == ["/1", "/2"]


def test_no_row_moves_while_the_cursor_is_used_and_what_is_new_comes_last() -> None:
    catalogue = Catalogue()
    catalogue.take(listed("b", "c", "d"), 1)
    catalogue.put(1)
    ended = builds.listed("b", state=BuildState.FINISHED)
    for seq in (2, 1 + HELD):
        catalogue.take([ended, *listed("a", "c", "d")], seq)
        assert names(catalogue) == ["b", "c", "d", "a"]
        assert catalogue[0].state is BuildState.FINISHED
        assert chosen(catalogue) == "c"
    catalogue.take([ended, *listed("a", "c", "d")], 2 + HELD)
    assert names(catalogue) == ["a", "c", "d", "b"]
    assert chosen(catalogue) == "c"


# -- the cursor --------------------------------------------------------------------------------------


def test_the_first_build_is_chosen_to_begin_with_and_stays_so_when_others_come_before_it() -> None:
    catalogue = Catalogue()
    assert catalogue.chosen is None
    catalogue.take(listed("m", "n"), 1)
    assert (catalogue.cursor, chosen(catalogue)) == (0, "m")
    catalogue.take(listed("a", "b", "m", "n"), 2)
    assert (catalogue.cursor, chosen(catalogue)) == (2, "m")


@pytest.mark.parametrize(("left", "cursor", "now"), [("abde", 2, "d"), ("ab", 1, "b"), ("", 0, None)])
def test_when_the_chosen_one_is_gone_what_is_in_its_place_is_chosen(
    left: str, cursor: int, now: str | None
) -> None:
    catalogue = Catalogue()
    catalogue.take(listed(*"abcde"), 1)
    catalogue.put(2)
    catalogue.take(listed(*left), 2)
    assert (catalogue.cursor, chosen(catalogue)) == (cursor, now)


def test_the_build_one_comes_from_is_the_chosen_one_as_soon_as_it_is_there() -> None:
    for before in ("", "abd", "abcd"):
        catalogue = Catalogue()
        catalogue.take(listed(*before), 1)
        catalogue.choose(builds.listed("c").path)
        catalogue.take(listed(*"abcde"), 2)
        assert chosen(catalogue) == "c"


paths = st.lists(st.sampled_from("abcdefgh"), max_size=8, unique=True)


@given(st.lists(st.tuples(paths, st.none() | st.integers(-3, 12)), max_size=12))
@settings(max_examples=100)
def test_there_is_a_choice_wherever_there_are_builds_and_it_stays_on_its_path(
    steps: list[tuple[list[str], int | None]],
) -> None:
    catalogue = Catalogue()
    for seq, (there, put) in enumerate(steps):
        before = chosen(catalogue)
        catalogue.take(listed(*there), seq)
        assert sorted(names(catalogue)) == sorted(there)
        assert (catalogue.chosen is None) is (not there)
        if before in there:
            assert chosen(catalogue) == before
        if put is not None:
            catalogue.put(put)
            assert (catalogue.chosen is None) is (not there)


# -- a build's line ----------------------------------------------------------------------------------


def said(build: Listed, columns: int = 79) -> str:
    return text_of(build_line(build, columns_for(columns)))


def test_a_build_that_lives_is_said_with_how_far_it_is_and_how_long_it_took() -> None:
    assert said(LIVE) == " LiveSystem        building          45/142  32%       2   00:15:43  synthtop"


def test_of_a_build_that_is_over_it_is_said_how_long_ago_that_was() -> None:
    assert said(ENDED) == " wheels            finished           30/30 100%       0    12m ago  synthtop"
    assert said(ENDED._replace(age=None)).endswith("   00:05:12  synthtop")


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        (SourceKind.TEXT, "synthtop"),
        (SourceKind.JSON, "synthtop"),
        (SourceKind.POUDRIERE, "poudriere"),
        (SourceKind.LOG, "log"),
    ],
)
def test_where_its_numbers_are_from_is_said_of_each(kind: SourceKind, source: str) -> None:
    assert said(LIVE._replace(kind=kind)).endswith(f"  {source}")


def test_what_is_not_known_is_a_dash() -> None:
    assert (
        said(builds.listed("a"))
        == " a                 building             -/-   -%       0   --:--:--  synthtop"
    )


def test_all_is_done_at_the_end_alone() -> None:
    assert " 99% " in said(LIVE._replace(done=9999, queued=10000))
    assert " 100% " in said(LIVE._replace(done=11, queued=10))


def test_a_build_without_a_name_is_called_by_its_path() -> None:
    assert said(builds.listed("", path="/b/monitor.dat")).startswith(" /b/monitor.dat ")


def test_what_is_over_is_dim_but_for_how_it_ended() -> None:
    roles = {field.role for field in build_line(ENDED._replace(failed=3), columns_for(79))}
    assert roles == {Role.DIM, Role.FAILED}
    assert {field.role for field in build_line(ENDED, columns_for(79))} == {Role.DIM, Role.BUILT}


@pytest.mark.parametrize(
    ("columns", "heading"),
    [
        (91, " Build                         State               Done    %  Failed       Time  Source"),
        (79, " Build             State               Done    %  Failed       Time  Source"),
        (60, " Build                 State           %  Failed       Time"),
        (39, " Build               State           %"),
        (19, " Build           %"),
        (12, " Build"),
    ],
)
def test_what_is_worth_least_goes_first_where_it_is_narrow(columns: int, heading: str) -> None:
    assert text_of(heading_line(columns_for(columns), columns)).rstrip() == heading


columned = st.integers(1, 300)


@given(columned)
@settings(max_examples=100)
def test_columns_stand_side_by_side_within_the_view(columns: int) -> None:
    at = columns_for(columns)
    ends = [(x, x + room) for x, room in at if room]
    assert all(one[1] < other[0] for one, other in itertools.pairwise(ends))
    assert not ends or ends[-1][1] <= columns
    assert at.state[1] == 0 or at.name[1] >= 12


@given(
    columned,
    st.sampled_from(BuildState),
    st.sampled_from([*builds.HOSTILE, "x" * 300]),
    st.integers(-9, 1 << 60),
)
@settings(max_examples=150)
def test_no_line_is_wider_than_the_list_or_anything_but_text(
    columns: int, state: BuildState, text: str, figure: int
) -> None:
    build = Listed(text, text, SourceKind.DSYNTH, state, figure, figure, figure, abs(figure), figure)
    line: Line = build_line(build, columns_for(columns))
    assert all(clean(field.text) == field.text for field in line)
    assert width(text_of(line)) <= columns


def test_the_columns_are_the_same_whatever_the_builds_are() -> None:
    assert isinstance(columns_for(79), Columns)
    assert columns_for(79) == columns_for(79)
    assert columns_for(200) == columns_for(91)


# -- the widget --------------------------------------------------------------------------------------


async def drawn(snapshot: Snapshot, size: tuple[int, int] = (80, 24), *steps: int) -> list[str]:
    picker = Picker()
    async with alone(picker, size) as pilot:
        picker.show(snapshot)
        await pilot.pause()
        for step in steps:
            picker.move(step)
        await pilot.pause()
        return lines_of(picker)


async def test_the_chosen_one_is_marked_and_its_path_stands_below() -> None:
    lines = await drawn(builds.picker(), (80, 24), 1)
    assert [line[0] for line in lines[1:4]] == [" ", "›", " "]
    assert lines[10] == " /run/user/1000/synthtop/LiveSystem.dat"
    assert lines[12] == " To begin:"
    assert lines[-1] == ""


@pytest.mark.parametrize("rows", range(9, 21))
async def test_below_the_list_stand_whole_paragraphs_or_none(rows: int) -> None:
    lines = await drawn(builds.picker(), (80, rows))
    assert ("" in lines) == (rows >= 10)
    assert any("To begin" in line for line in lines) == any("synthtop --help" in line for line in lines)
    assert lines[8].startswith(" nightly")


async def test_what_is_in_the_way_is_said_below_the_list() -> None:
    lines = await drawn(replace(builds.picker(), problem="no build 'demo' runs any more"))
    assert lines[10] == " no build 'demo' runs any more"


async def test_on_a_line_or_two_there_is_no_heading_but_the_chosen_one() -> None:
    assert [line.split()[0] for line in await drawn(builds.picker(), (20, 1), 1)] == ["›LiveSystem"]
    assert [line[0] for line in await drawn(builds.picker(), (20, 2), 2)] == [" ", "›"]


async def test_a_long_list_scrolls_with_the_cursor_and_the_heading_stays() -> None:
    lines = await drawn(builds.picker_of_many(), (80, 10), 60)
    assert lines[0].startswith(" Build")
    assert lines[-1].startswith("›build-060")
    lines = await drawn(builds.picker_of_many(), (80, 10), 60, -3)
    assert lines[-4].startswith("›build-057")


async def test_what_the_wheel_scrolled_stays_as_snapshots_come() -> None:
    picker = Picker()
    async with alone(picker, (80, 10)) as pilot:
        picker.show(builds.picker_of_many())
        await pilot.pause()
        picker.scroll_to(y=40, animate=False, immediate=True)
        picker.show(builds.picker_of_many())
        await pilot.pause()
        assert lines_of(picker)[1].startswith(" build-040")


async def test_what_is_being_opened_says_so_until_it_has_not_come() -> None:
    picker = Picker()
    async with alone(picker) as pilot:
        picker.show(builds.picker())
        await pilot.pause()
        picker.open_chosen()
        for opening in (True, True, False):
            assert ("opening…" in lines_of(picker)[1]) is opening
            picker.show(builds.picker())


@pytest.mark.parametrize("size", [(1, 1), (20, 1), (20, 5), (40, 6), (300, 100)])
async def test_no_list_is_too_small_and_hostile_names_are_text(size: tuple[int, int]) -> None:
    hostile = tuple(builds.listed(name, path=name, kind=SourceKind.LOG) for name in builds.HOSTILE)
    lines = await drawn(replace(builds.waiting(), builds=hostile), size, 3)
    assert len(lines) == size[1]
    assert all(width(line) <= size[0] and clean(line) == line for line in lines)
