"""The bar: what each category gets of it, with colours and without, and the figures beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.lines import time_of_day, whole_minute
from synthtop.model import BuildState, Eta, Source, SourceKind, Totals
from synthtop.parts import Role
from synthtop.text import width
from synthtop.widgets.progress import EIGHTHS, ProgressBar, Segment, bar, figures, shares

from . import builds
from .drawing import drawn, shown

counts = st.lists(st.one_of(st.integers(0, 3), st.integers(0, 10**6)), min_size=1, max_size=6)
totals = st.builds(Totals, st.integers(0, 5000), *[st.integers(0, 1000)] * 5)
PARTS = pytest.mark.parametrize("parts", [8, 1])


@PARTS
@given(counts, st.integers(0, 300))
@settings(max_examples=200)
def test_the_shares_fill_the_bar(parts: int, counts: list[int], cells: int) -> None:
    some = sum(count > 0 for count in counts)
    assert sum(shares(counts, cells, parts)) == (parts * cells if some and cells else 0)


@PARTS
@given(counts, st.integers(6, 300))
@settings(max_examples=200)
def test_what_is_not_0_is_seen_and_what_is_0_is_not(parts: int, counts: list[int], cells: int) -> None:
    for count, share in zip(counts, shares(counts, cells, parts), strict=True):
        assert (share >= max(1, parts - 1)) if count else share == 0


@PARTS
@given(counts.filter(any), st.integers(6, 300))
@settings(max_examples=200)
def test_where_all_have_room_each_share_is_exact_to_a_part(parts: int, counts: list[int], cells: int) -> None:
    total = sum(counts)
    exact = [parts * cells * count / total for count in counts]
    if all(share >= parts for share in exact if share):
        for share, wanted in zip(shares(counts, cells, parts), exact, strict=True):
            assert abs(share - wanted) <= 1


def test_on_fewer_cells_than_categories_the_first_get_one_each() -> None:
    assert shares((5, 0, 5, 5), 2) == [8, 0, 8, 0]


@given(totals, st.integers(0, 200), st.booleans())
@settings(max_examples=200)
def test_the_bar_is_as_long_as_its_room(totals: Totals, cells: int, colourless: bool) -> None:
    assert sum(width(segment.text) for segment in bar(totals, cells, colourless=colourless)) == cells


@given(totals, st.integers(6, 200), st.booleans())
@settings(max_examples=200)
def test_every_category_that_is_not_0_is_in_the_bar(totals: Totals, cells: int, colourless: bool) -> None:
    segments = bar(totals, cells, colourless=colourless)
    present = {segment.role for segment in segments} | {segment.behind for segment in segments}
    named = (Role.BUILT, Role.META, Role.FAILED, Role.IGNORED, Role.SKIPPED, Role.REST)
    some = (*totals[1:2], *totals[5:6], *totals[2:5], totals.remaining)
    if any(some):
        for role, count in zip(named, some, strict=True):
            assert (role in present) == (count > 0)


@given(totals, st.integers(6, 200))
@settings(max_examples=200)
def test_without_colours_a_sign_tells_each_category(totals: Totals, cells: int) -> None:
    segments = bar(totals, cells, colourless=True)
    assert len({segment.text[0] for segment in segments}) == len(segments)
    assert all(segment == Segment(segment.text[0] * len(segment.text), segment.role) for segment in segments)


@given(totals, st.integers(6, 200))
@settings(max_examples=200)
def test_the_line_of_what_remains_is_no_ground_for_what_stands_before_it(totals: Totals, cells: int) -> None:
    segments = bar(totals, cells)
    assert Role.REST not in {segment.behind for segment in segments}
    assert {segment.role for segment in segments if "─" in segment.text} <= {Role.REST}


def test_a_border_within_a_cell_is_drawn_to_the_eighth() -> None:
    assert bar(Totals(64, 20, 24), 8) == [
        Segment("██", Role.BUILT),
        Segment(EIGHTHS[4], Role.BUILT, Role.FAILED),
        Segment("██", Role.FAILED),
        Segment(EIGHTHS[4], Role.FAILED),
        Segment("──", Role.REST),
    ]


def test_what_is_done_ends_within_a_cell_and_the_line_begins_in_the_next() -> None:
    assert bar(Totals(64, 20), 8) == [
        Segment("██", Role.BUILT),
        Segment(EIGHTHS[4], Role.BUILT),
        Segment("─────", Role.REST),
    ]


def test_a_bar_without_colours_says_what_is_what() -> None:
    text = "".join(segment.text for segment in bar(Totals(20, 4, 2, 1, 3, 2), 20, colourless=True))
    assert text == "████▓▓XXisss────────"


def test_a_build_of_nothing_has_an_empty_bar() -> None:
    assert bar(Totals(), 5) == [Segment("─────", Role.REST)]


@pytest.mark.parametrize(
    ("totals", "text"),
    [
        (Totals(142, 38, 2, 0, 5, 0), " 45/142   32%"),
        (Totals(1000, 999), " 999/1000   99%"),
        (Totals(142, 142), "142/142  100%"),
        (Totals(0), "0/0    -%"),
        (Totals(10, 12), "12/10  100%"),
    ],
)
def test_the_figures_beside_the_bar(totals: Totals, text: str) -> None:
    assert figures(builds.building(totals=totals)) == (text, "")


def test_the_eta_beside_the_bar_is_the_time_to_go_or_when_that_is() -> None:
    snapshot = builds.throttled()
    ends = snapshot.time + 2460
    assert figures(snapshot)[1] == "ETA 0h41 ±6m"
    assert figures(snapshot, ends)[1] == f"ETA {time_of_day(ends, snapshot.time)} ±6m"
    assert figures(replace(snapshot, time=1e18), 1e18)[1] == "ETA 0h41 ±6m"


async def test_the_bar_does_not_get_longer_when_the_eta_is_gone() -> None:
    async with shown(builds.throttled()) as app:
        view = app.screen.query_one(ProgressBar)
        with_eta = view.render_line(0).text
        view.show(replace(builds.throttled(), eta=None))
        without = view.render_line(0).text
    assert "ETA 0h41 ±6m" in with_eta
    assert without == with_eta.replace("ETA 0h41 ±6m", "            ")


@pytest.mark.parametrize(
    "changes",
    [{"started": builds.STARTED + 3600}, {"source": Source(SourceKind.JSON, "/elsewhere")}],
    ids=["another start", "another source"],
)
async def test_another_build_has_a_bar_as_long_as_its_own_figures_leave(changes: dict[str, Any]) -> None:
    small = builds.building(totals=Totals(9, 1), **changes)
    async with shown(small) as app:
        (expected,) = drawn(app, ProgressBar)
    async with shown(builds.building(totals=Totals(10_000, 1), eta=builds.throttled().eta)) as app:
        view = app.screen.query_one(ProgressBar)
        view.show(replace(small, state=BuildState.UNREADABLE, started=None, source=builds.building().source))
        view.show(small)
        (line,) = drawn(app, ProgressBar)
    assert line == expected


async def test_a_start_that_a_source_only_reckons_does_not_move_the_bar() -> None:
    async with shown(builds.throttled()) as app:
        view = app.screen.query_one(ProgressBar)
        (before,) = drawn(app, ProgressBar)
        view.show(replace(builds.throttled(), eta=None, started=builds.STARTED + 1))
        (line,) = drawn(app, ProgressBar)
    assert before.startswith(line)


@pytest.mark.parametrize(
    ("columns", "ends"),
    [
        (80, "─   47/142   33%  ETA 0h41 ±6m"),
        (49, "─   47/142   33%  ETA 0h41 ±6m"),
        (48, "─   33%  ETA 0h41 ±6m"),
        (34, "─   33%  ETA 0h41 ±6m"),
        (33, "─   47/142   33%"),
        (27, "─   47/142   33%"),
        (20, "───"),
    ],
)
async def test_the_bar_loses_its_text_before_its_length(columns: int, ends: str) -> None:
    async with shown(builds.throttled(), (columns, 10)) as app:
        (line,) = drawn(app, ProgressBar)
    assert line.endswith(ends)
    assert len(line) <= columns


async def test_a_bar_of_a_large_build_has_its_eta_too() -> None:
    async with shown(builds.building(totals=Totals(30_000, 12_345), eta=Eta(43_500, 7_750))) as app:
        (line,) = drawn(app, ProgressBar)
    assert line.endswith("12345/30000   41%  ETA 12h05 ±2h10")


async def test_a_build_that_is_over_needs_no_room_for_an_eta() -> None:
    done = builds.building(totals=Totals(142, 142), state=BuildState.FINISHED)
    async with shown(done) as app:
        (expected,) = drawn(app, ProgressBar)
    async with shown(builds.throttled()) as app:
        app.screen.query_one(ProgressBar).show(done)
        (line,) = drawn(app, ProgressBar)
    assert line == expected


async def test_the_time_of_day_does_not_waver_with_the_second() -> None:
    snapshot = builds.throttled()
    eta = Eta(round(whole_minute(snapshot.time + 2460) + 29 - snapshot.time), 360)
    async with shown(replace(snapshot, eta=eta)) as app:
        view = app.screen.query_one(ProgressBar)
        view.turn()
        (before,) = drawn(app, ProgressBar)
        view.show(replace(snapshot, time=snapshot.time + 1, eta=eta._replace(seconds=eta.seconds + 2)))
        (line,) = drawn(app, ProgressBar)
        view.show(replace(snapshot, time=snapshot.time + 1, eta=eta._replace(seconds=eta.seconds + 45)))
        (later,) = drawn(app, ProgressBar)
    ends = snapshot.time + eta.seconds
    assert line == before
    assert before.endswith(f"ETA {time_of_day(ends, snapshot.time)} ±6m")
    assert later.endswith(f"ETA {time_of_day(ends + 60, snapshot.time)} ±6m")


async def test_the_bar_of_an_app_without_colours_is_one_of_signs() -> None:
    async with shown(builds.building(totals=Totals(20, 4, 2, 1, 3, 2)), (50, 24)) as app:
        app.no_color = True
        (line,) = drawn(app, ProgressBar)
    assert line == "███████▓▓▓▓XXXiissssss──────────────  12/20   60%"
