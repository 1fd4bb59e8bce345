"""The widgets, line by line as they are drawn, at several sizes and with hostile text."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from synthtop.app import SynthtopApp
from synthtop.model import (
    BuildState,
    Eta,
    HostSample,
    LogKind,
    LogLine,
    Snapshot,
    Stopping,
    Totals,
    WorkerRow,
    WorkerState,
)
from synthtop.parts import Part, Role
from synthtop.screens.main import hints_for
from synthtop.screens.quit import Answer, Choices, answers_at, lead_for
from synthtop.summary import summary_lines
from synthtop.text import clean, width
from synthtop.widgets.eventlog import EventLog, log_line
from synthtop.widgets.fields import Line
from synthtop.widgets.footer import Hint, KeyBar, hint_places
from synthtop.widgets.header import Header, framed_lines
from synthtop.widgets.lineview import LineView
from synthtop.widgets.progress import EIGHTHS, ProgressBar, bar, figures, shares
from synthtop.widgets.summary import Summary
from synthtop.widgets.workers import READABLE, WorkerTable, columns_for, heading_line, row_line

from . import builds

SIZES = ((20, 5), (40, 10), (80, 24), (120, 40), (200, 50))

foreign = st.one_of(st.sampled_from(builds.HOSTILE), st.text(max_size=40))


def text_of(line: Line) -> str:
    """What ``line`` says, with a check that no field stands over another."""
    text = ""
    for field in sorted(line):
        assert field.x >= width(text), f"{field} stands over {text!r}"
        text += " " * (field.x - width(text)) + field.text
    return text


@asynccontextmanager
async def shown(
    snapshot: Snapshot, size: tuple[int, int] = (80, 24), *keys: str
) -> AsyncIterator[SynthtopApp]:
    """The app, showing ``snapshot`` of a build of its own, after these keys."""
    app = SynthtopApp(builds.Notebook())
    app.on_snapshot(snapshot)
    async with app.run_test(size=size) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        yield app


def drawn(app: SynthtopApp, kind: type[LineView]) -> list[str]:
    """A widget's lines without what is blank at their right; none if it is not to be seen."""
    view = app.screen.query_one(kind)
    if not view.display:
        return []
    return [view.render_line(y).text.rstrip() for y in range(view.rows)]


# -- header ----------------------------------------------------------------------------------------


async def test_the_header_without_a_frame_is_the_three_lines() -> None:
    async with shown(builds.building()) as app:
        assert drawn(app, Header) == [
            "Workers:  3 / 4    Load: 3.24  Swap:  2%    [DynMax: 4]",
            "Elapsed: 00:15:43  Rate: 180.0 pkg/hr  Impulse: 3",
            "Queued: 142  Built: 38  Failed: 2  Ignored: 0  Skipped: 5",
        ]


async def test_from_100_columns_on_there_is_the_whole_runs_rate_in_the_frame_too() -> None:
    async with shown(builds.building(), (100, 30)) as app:
        second = drawn(app, Header)[2]
    assert second.rstrip("│ ").endswith("Impulse: 3    Run: 152.7 pkg/hr")


async def test_the_framed_header_has_title_and_state_in_its_frame() -> None:
    async with shown(builds.throttled(), (100, 30)) as app:
        first, *middle, last = drawn(app, Header)
        assert first.startswith("╭─ synthtop  LiveSystem ──")
        assert last.endswith("── building ─╯")
        assert middle[0].startswith(
            "│ Workers:  6 / 8    Load: 14.20  Swap:  2%    [DynMax: 6]  throttled: high load"
        )
        assert {cell_len(line) for line in (first, *middle, last)} == {100}


@pytest.mark.parametrize("size", [(80, 24), (80, 30), (40, 10), (20, 5)])
async def test_no_figure_moves_when_a_build_gets_throttled(size: tuple[int, int]) -> None:
    async with shown(builds.building(), size) as app:
        before = drawn(app, Header)
        app.screen.query_one(Header).show(builds.building(dynmax=3, reason="high load"))
        after = drawn(app, Header)
    figures_before = [
        line.rstrip("│╯╮ ").replace("4]", "3]").replace("DynMax 4", "DynMax 3") for line in before
    ]
    for old, new in zip(figures_before, after, strict=True):
        assert new.startswith(old)


@pytest.mark.parametrize("columns", [60, 61, 80, 200])
@pytest.mark.parametrize("snapshot", [builds.throttled(), builds.big(1024), builds.hostile()], ids=str)
async def test_the_frame_is_straight_whatever_is_in_it(columns: int, snapshot: Snapshot) -> None:
    huge = replace(snapshot, totals=Totals(1234567, 234567, 34567, 4567, 567, 67))
    async with shown(huge, (columns, 30)) as app:
        lines = drawn(app, Header)
    assert {cell_len(line) for line in lines} == {columns}
    assert [line[0] + line[-1] for line in lines] == ["╭╮", "││", "││", "││", "╰╯"]


@given(foreign, foreign, st.integers(8, 120))
@settings(max_examples=100)
def test_every_frame_line_is_as_wide_as_the_screen(title: str, state: str, columns: int) -> None:
    rows = ((Part("x" * (columns - 4), Role.VALUE),), ())
    lines = framed_lines(clean(title), rows, Part(clean(state), Role.LABEL), columns, Role.DIM)
    assert {width(text_of(line)) for line in lines} == {columns}


async def test_a_figure_that_does_not_fit_is_marked_as_cut() -> None:
    host = replace(builds.big(1024), host=HostSample(load=104.5, ncpus=64, swap_pct=12.0))
    async with shown(host, (20, 5)) as app:
        assert drawn(app, Header)[0] == "1024/1024[1024] L10…"


# -- progress --------------------------------------------------------------------------------------

counts = st.lists(st.one_of(st.integers(0, 3), st.integers(0, 10**6)), min_size=1, max_size=6)


@given(counts, st.integers(0, 300))
@settings(max_examples=200)
def test_the_shares_fill_the_bar(counts: list[int], cells: int) -> None:
    some = sum(count > 0 for count in counts)
    assert sum(shares(counts, cells)) == (8 * cells if some and cells else 0)


@given(counts, st.integers(6, 300))
@settings(max_examples=200)
def test_what_is_not_0_is_seen_and_what_is_0_is_not(counts: list[int], cells: int) -> None:
    for count, share in zip(counts, shares(counts, cells), strict=True):
        assert (share >= 7) if count else share == 0


@given(counts.filter(any), st.integers(6, 300))
@settings(max_examples=200)
def test_where_all_have_room_each_share_is_exact_to_an_eighth(counts: list[int], cells: int) -> None:
    total = sum(counts)
    exact = [8 * cells * count / total for count in counts]
    if all(share >= 8 for share in exact if share):
        for share, wanted in zip(shares(counts, cells), exact, strict=True):
            assert abs(share - wanted) <= 1


def test_on_fewer_cells_than_categories_the_first_get_one_each() -> None:
    assert shares((5, 0, 5, 5), 2) == [8, 0, 8, 0]


totals = st.builds(Totals, st.integers(0, 5000), *[st.integers(0, 1000)] * 5)


@given(totals, st.integers(0, 200))
@settings(max_examples=200)
def test_the_bar_is_as_long_as_its_room(totals: Totals, cells: int) -> None:
    assert sum(width(segment.text) for segment in bar(totals, cells)) == cells


@given(totals, st.integers(6, 200))
@settings(max_examples=200)
def test_every_category_that_is_not_0_is_in_the_bar(totals: Totals, cells: int) -> None:
    segments = bar(totals, cells)
    present = {segment.role for segment in segments} | {segment.behind for segment in segments}
    named = (Role.BUILT, Role.META, Role.FAILED, Role.IGNORED, Role.SKIPPED)
    for role, count in zip(named, totals[1:2] + totals[5:6] + totals[2:5], strict=True):
        assert (role in present) == (count > 0)


def test_a_border_within_a_cell_is_drawn_to_the_eighth() -> None:
    built, shared, rest = bar(Totals(64, 20), 8)
    assert (built.text, built.role) == ("██", Role.BUILT)
    assert (shared.text, shared.role, shared.behind) == (EIGHTHS[4], Role.BUILT, Role.REST)
    assert (rest.text, rest.role) == ("█████", Role.REST)


def test_a_build_of_nothing_has_an_empty_bar() -> None:
    assert [(segment.text, segment.role) for segment in bar(Totals(), 5)] == [("█████", Role.REST)]


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


async def test_the_bar_does_not_get_longer_when_the_eta_is_gone() -> None:
    async with shown(builds.throttled()) as app:
        view = app.screen.query_one(ProgressBar)
        with_eta = view.render_line(0).text
        view.show(replace(builds.throttled(), eta=None))
        without = view.render_line(0).text
    assert "ETA 0h41 ±6m" in with_eta
    assert without == with_eta.replace("ETA 0h41 ±6m", "            ")


@pytest.mark.parametrize(
    ("columns", "ends"), [(80, "33%  ETA 0h41 ±6m"), (50, " 47/142   33%"), (27, " 47/142   33%"), (20, "██")]
)
async def test_the_bar_loses_its_text_before_its_length(columns: int, ends: str) -> None:
    async with shown(builds.throttled(), (columns, 10)) as app:
        (line,) = drawn(app, ProgressBar)
    assert line.endswith(ends)
    assert len(line) <= columns


# -- workers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [20, 30, 40, 60, 80, 120])
@pytest.mark.parametrize("workers", [1, 8, 100, 1024])
def test_the_columns_stay_where_they_are_when_figures_grow(columns: int, workers: int) -> None:
    at = columns_for(columns, workers)
    small = WorkerRow(0, WorkerState.RUNNING, "fetch", "a/b", 0.0, 0, 0)
    large = WorkerRow(workers - 1, WorkerState.RUNNING, "configure", "a/b", 0.0, 999 * 3600 + 3599, 123456789)
    places = [[field.x for field in row_line(row, at)] for row in (small, large)]
    assert places[0] == places[1]


@pytest.mark.parametrize("columns", [60, 72, 80, 92, 200])
def test_line_counts_end_under_the_end_of_their_heading(columns: int) -> None:
    at = columns_for(columns, 4)
    heading = text_of(heading_line(at, columns)).rstrip()
    for lines in (3, 12345678):
        row = WorkerRow(0, WorkerState.RUNNING, "build", "lang/rust", 0.0, 45296, lines)
        assert width(text_of(row_line(row, at))) == len(heading)
    assert len(heading) < min(columns, READABLE)


rows = st.builds(
    WorkerRow,
    st.integers(0, 1023),
    st.sampled_from(WorkerState),
    st.none() | foreign,
    st.none() | foreign,
    st.none(),
    st.none() | st.integers(0, 10**9),
    st.none() | st.integers(0, 10**12),
)


@given(rows, st.integers(10, 200))
@settings(max_examples=200)
def test_no_row_is_wider_than_its_table_or_stands_over_itself(row: WorkerRow, columns: int) -> None:
    assert width(text_of(row_line(row, columns_for(columns, 1024)))) <= columns


@pytest.mark.parametrize(
    ("columns", "heading"),
    [
        (80, " ID  Duration  Build Phase      Origin                                    Lines"),
        (56, " ID  Duration  Phase      Origin                  Lines"),
        (40, " ID  Duration  Phase      Origin"),
        (30, " ID  Duration  Origin"),
        (20, " ID  Origin"),
        (7, " ID  O…"),
    ],
)
def test_what_goes_first_where_a_table_gets_narrow(columns: int, heading: str) -> None:
    assert text_of(heading_line(columns_for(columns, 4), columns)).rstrip() == heading


async def test_building_rows_come_first_and_idle_ones_last() -> None:
    states = (WorkerState.IDLE, WorkerState.RUNNING, WorkerState.NONE, WorkerState.PENDING)
    workers = tuple(
        WorkerRow(slot, state, None, "a/b" if slot % 2 else None) for slot, state in enumerate(states)
    )
    async with shown(builds.building(workers=workers)) as app:
        assert drawn(app, WorkerTable)[1:5] == [
            " 01  --:--:--  Running          a/b",
            " 03  --:--:--  Pending          a/b",
            " 00  --:--:--  Idle",
            " 02  --:--:--  -",
        ]


async def test_the_columns_do_not_jump_when_the_scrollbar_comes() -> None:
    async with shown(builds.big(8)) as app:
        heading, first, *_ = drawn(app, WorkerTable)
    async with shown(builds.big(99)) as app:
        assert app.screen.query_one(WorkerTable).show_vertical_scrollbar
        assert drawn(app, WorkerTable)[:2] == [heading, first]


# -- log -------------------------------------------------------------------------------------------


def logged(kind: LogKind, text: str, columns: int) -> str:
    return text_of(log_line(LogLine(1, 943, None, kind, text), columns))


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (80, " 00:15:43  [001] SUCCESS shells/bash                                  00:02:11"),
        (46, " 00:15:43 [001] SUCCESS shells/bash 00:02:11"),
        (45, " 00:15:43 [001] SUCCESS shells/bash"),
        (27, " [001] SUCCESS shells/bash"),
        (20, " [001] SUCCESS she…"),
    ],
)
def test_a_success_has_its_duration_at_the_right_where_there_is_room(columns: int, expected: str) -> None:
    text = f"{'[001] SUCCESS shells/bash':<70} 00:02:11"
    assert logged(LogKind.BUILT, text, columns).rstrip() == expected


def test_a_failure_has_its_phase_and_duration_at_the_right() -> None:
    text = f"{'[000] FAILURE editors/vim 3':<60} configure 00:01:09"
    line = logged(LogKind.FAILED, text, 80)
    assert line.startswith(" 00:15:43  [000] FAILURE editors/vim 3  ")
    assert line.endswith("  configure 00:01:09")
    assert len(line) == 78


def test_results_end_under_the_last_column_of_the_table() -> None:
    for columns in (60, 80, 200):
        heading = text_of(heading_line(columns_for(columns - 1, 4), columns)).rstrip()
        line = logged(LogKind.BUILT, "[001] SUCCESS shells/bash 00:02:11", columns)
        assert len(line) == len(heading)


THROTTLE = "[XXX] Load=14.20 ( 6) Swap=2.00% ( 8) Mem=0.00G( 8) Adjust Workers 8->6 (high load)"


def test_what_a_throttle_did_is_said_where_its_figures_do_not_fit() -> None:
    line = logged(LogKind.THROTTLE, THROTTLE, 80)
    assert line.startswith(" 00:15:43  [XXX] Load=14.20 ( 6) ")
    assert line.endswith("… Adjust Workers 8->6 (high load)")
    assert len(line) == 78


def test_a_throttles_line_that_fits_is_said_as_it_is() -> None:
    assert logged(LogKind.THROTTLE, THROTTLE, 120) == f" 00:15:43  {THROTTLE}"


def test_a_note_is_said_as_it_is() -> None:
    assert logged(LogKind.NOTE, "the build  begins 00:00:00", 80) == " 00:15:43  the build  begins 00:00:00"


@given(st.sampled_from(LogKind), foreign, st.integers(3, 200))
@settings(max_examples=200)
def test_no_log_line_is_wider_than_the_log_or_stands_over_itself(
    kind: LogKind, text: str, columns: int
) -> None:
    assert width(logged(kind, f"[001] X {text} build 00:00:01", columns)) <= columns


async def test_the_newest_line_is_the_first() -> None:
    async with shown(builds.building()) as app:
        assert drawn(app, EventLog)[0] == " 00:15:36  [001] START   lang/python311"


# -- keys ------------------------------------------------------------------------------------------


def keys(hints: Sequence[Hint]) -> list[str]:
    return [f"{hint.key} {hint.word}" for hint in hints]


def offered(snapshot: Snapshot, *, own: bool = True, hand_limit: int | None = None) -> list[str]:
    """The hints before the two that are always there."""
    *hints, suspend, palette = keys(hints_for(snapshot, own=own, hand_limit=hand_limit, scrolls=False))
    assert (suspend, palette) == ("^z Suspend", "^p Commands")
    return hints


def test_a_build_of_our_own_can_be_quit_and_given_fewer_workers() -> None:
    assert offered(builds.building()) == ["q Quit", "+/- Workers"]


def test_a_limit_by_hand_is_said_beside_its_keys() -> None:
    assert offered(builds.building(), hand_limit=2) == ["q Quit", "+/- Workers ≤2"]


def test_another_ones_build_can_only_be_left() -> None:
    assert offered(builds.building(), own=False) == ["q Leave"]


def test_a_build_that_is_over_can_only_be_left() -> None:
    assert offered(builds.all_built()) == ["q Leave"]


def test_a_draining_build_takes_no_limit() -> None:
    assert offered(builds.draining()) == ["q Quit"]


@pytest.mark.parametrize("stage", [Stopping.STOPPING, Stopping.KILLING])
def test_a_build_that_stops_can_be_killed(stage: Stopping) -> None:
    assert offered(builds.building(stopping=stage)) == ["q Quit", "^c Kill"]


def test_scrolling_is_offered_where_something_is_to_be_scrolled() -> None:
    hints = hints_for(builds.building(), own=True, hand_limit=None, scrolls=True)
    assert "↑↓ Scroll" in keys(hints)


@given(st.integers(0, 100))
@settings(max_examples=50)
def test_hints_that_do_not_fit_as_a_whole_are_left_out(columns: int) -> None:
    hints = hints_for(builds.building(), own=True, hand_limit=None, scrolls=True)
    places = hint_places(hints, columns)
    assert all(end <= columns for _, end, _ in places)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(places))


async def test_the_bar_of_keys_says_what_fits() -> None:
    async with shown(builds.building(), (40, 10)) as app:
        assert drawn(app, KeyBar) == [" q Quit  +/- Workers  ^z Suspend"]


# -- the end ---------------------------------------------------------------------------------------


async def test_the_summary_stands_in_the_place_of_the_table() -> None:
    async with shown(builds.with_failures()) as app:
        assert drawn(app, WorkerTable) == []
        assert drawn(app, Summary) == [
            f" {line}".rstrip() for line in summary_lines(builds.with_failures(), 78)
        ]


async def test_what_is_too_long_for_the_summary_is_cut_with_an_ellipsis() -> None:
    async with shown(builds.with_failures(), (30, 24)) as app:
        lines = drawn(app, Summary)
    assert "    /build/logs/editors___vi…" in lines
    assert max(map(cell_len, lines)) <= 29


# -- the question ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "answers"),
    [
        (None, (Answer.DRAIN, Answer.STOP, Answer.BACK)),
        (Stopping.DRAINING, (Answer.STOP, Answer.BACK)),
        (Stopping.STOPPING, (Answer.KILL, Answer.BACK)),
        (Stopping.KILLING, (Answer.KILL, Answer.BACK)),
    ],
)
def test_only_what_is_stronger_than_what_was_asked_is_offered(
    stage: Stopping | None, answers: tuple[Answer, ...]
) -> None:
    assert answers_at(stage) == answers


@pytest.mark.parametrize(
    ("stage", "running", "lead"),
    [
        (None, 3, "3 packages are being built."),
        (None, 1, "1 package is being built."),
        (None, None, "Packages are being built."),
        (Stopping.DRAINING, 2, "2 packages are finishing."),
        (Stopping.KILLING, 1, "1 package is being stopped."),
    ],
)
def test_the_question_says_how_things_stand(stage: Stopping | None, running: int | None, lead: str) -> None:
    assert lead_for(stage, running) == lead


@pytest.mark.parametrize(
    ("size", "lines"),
    [
        (
            (80, 24),
            [
                "3 packages are being built.",
                "",
                "› Let the running packages finish       d",
                "  Stop now                              s",
                "  Go back                               b",
            ],
        ),
        ((20, 5), ["› Let the ru… d", "  Stop now    s", "  Go back     b"]),
    ],
)
async def test_the_question_fits_on_the_screen(size: tuple[int, int], lines: list[str]) -> None:
    async with shown(builds.building(), size, "q") as app:
        assert drawn(app, Choices) == lines


# -- text from outside -----------------------------------------------------------------------------


@pytest.mark.parametrize("state", [BuildState.BUILDING, BuildState.FINISHED])
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_hostile_text_comes_out_as_text_in_straight_columns(
    size: tuple[int, int], state: BuildState
) -> None:
    async with shown(replace(builds.hostile(), state=state, eta=Eta(60, 0)), size) as app:
        for view in app.screen.query(LineView):
            for y in range(view.rows if view.display else 0):
                text = view.render_line(y).text
                assert cell_len(text) == view.columns
                assert not {char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs")}


async def test_markup_is_shown_and_not_heeded() -> None:
    async with shown(builds.hostile(), (120, 40)) as app:
        table, log = "\n".join(drawn(app, WorkerTable)), "\n".join(drawn(app, EventLog))
    for text in ("[/oops]", "[@click=app.quit]x[/]", "[red]devel/red[/red]"):
        assert text in table
        assert text in log


async def test_wide_characters_do_not_move_the_column_after_them() -> None:
    async with shown(builds.hostile(), (80, 40)) as app:
        table = app.screen.query_one(WorkerTable)
        ends = {cell_len(table.render_line(y).text.rstrip()) for y in range(1, 1 + len(builds.HOSTILE))}
    assert len(ends) == 1
