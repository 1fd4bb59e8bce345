"""The table of workers, line by line as it is drawn; the cursor, the filter and the mouse in it."""

from __future__ import annotations

import random
from collections.abc import Collection

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual import events
from textual.message import Message

from synthtop.model import WorkerRow, WorkerState
from synthtop.parts import Role
from synthtop.text import width
from synthtop.widgets.ordering import BY_SLOT, DEFAULT, Column, Order
from synthtop.widgets.workercolumns import READABLE, column_at, columns_for, heading_line, row_line
from synthtop.widgets.workers import WorkerTable

from . import builds
from .drawing import alone, drawn, lines_of, shown, text_of

foreign = st.one_of(st.sampled_from(builds.HOSTILE), st.text(max_size=40))
IDLE = WorkerState.IDLE


def running(slot: int, origin: str, elapsed: int = 60, *, phase: str = "build") -> WorkerRow:
    return WorkerRow(slot, WorkerState.RUNNING, phase, origin, 1000.0 - elapsed, elapsed, 10 * elapsed)


def many(workers: int) -> tuple[WorkerRow, ...]:
    return tuple(running(slot, f"devel/p{slot:03d}", 100 + slot) for slot in range(workers))


def chosen(table: WorkerTable) -> list[str]:
    """The lines that stand out as the chosen one."""
    return [
        line
        for y, line in enumerate(lines_of(table))
        if line.startswith("›") or table.ground_at(y) is not None
    ]


# -- columns ---------------------------------------------------------------------------------------


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
    st.none(),
    st.booleans(),
    st.none() | st.floats(0),
    st.none() | st.integers(0, 10**18),
)
choices = st.just(DEFAULT) | st.sets(st.sampled_from(Column))


@given(rows, st.integers(10, 200), choices)
@settings(max_examples=200)
def test_no_row_is_wider_than_its_table_or_stands_over_itself(
    row: WorkerRow, columns: int, chosen: Collection[Column]
) -> None:
    line = row_line(row, columns_for(columns, 1024, chosen))
    assert width(text_of(line)) <= columns
    assert list(line) == sorted(line)
    assert not line or line[0].x >= 1


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


@pytest.mark.parametrize(
    ("columns", "heading"),
    [
        (120, f" ID  Duration  Build Phase      Origin{'Lines':>52}    CPU  Memory"),
        (88, " ID  Duration  Build Phase      Origin                             Lines    CPU  Memory"),
        (79, " ID  Duration  Phase      Origin                          Lines    CPU  Memory"),
        (70, " ID  Duration  Phase      Origin                        Lines  Memory"),
        (63, " ID  Duration  Phase      Origin                         Lines"),
        (40, " ID  Duration  Phase      Origin"),
    ],
)
def test_what_is_measured_goes_first_where_a_table_gets_narrow(columns: int, heading: str) -> None:
    at = columns_for(columns, 4, tuple(Column))
    assert text_of(heading_line(at, columns)).rstrip() == heading


@pytest.mark.parametrize(
    ("chosen", "columns", "heading"),
    [
        ({"duration", "cpu"}, 60, " Duration  Origin                                       CPU"),
        ({"slot", "memory"}, 40, " ID  Origin                      Memory"),
        ({"phase"}, 40, " Phase      Origin"),
        (set(), 40, " Origin"),
    ],
)
def test_a_column_that_was_not_chosen_leaves_its_room_to_the_others(
    chosen: set[Column], columns: int, heading: str
) -> None:
    assert text_of(heading_line(columns_for(columns, 4, chosen), columns)).rstrip() == heading


@pytest.mark.parametrize(
    ("order", "heading"),
    [
        (Order(Column.SLOT), " ID  Duration  Phase      Origin                  Lines"),
        (Order(Column.SLOT, True), " ID▼ Duration  Phase      Origin                  Lines"),
        (Order(Column.DURATION), " ID  Duration▼ Phase      Origin                  Lines"),
        (Order(Column.PHASE), " ID  Duration  Phase▲     Origin                  Lines"),
        (Order(Column.ORIGIN, True), " ID  Duration  Phase      Origin▼                 Lines"),
        (Order(Column.LINES), " ID  Duration  Phase      Origin                 ▼Lines"),
        (Order(Column.LINES, True), " ID  Duration  Phase      Origin                 ▲Lines"),
    ],
)
def test_the_heading_marks_what_the_rows_are_sorted_by(order: Order, heading: str) -> None:
    assert text_of(heading_line(columns_for(56, 4), 56, order)).rstrip() == heading


@given(
    st.integers(10, 200),
    st.sampled_from((1, 8, 1024)),
    st.builds(Order, st.sampled_from(Column), st.booleans()),
    choices,
)
@settings(max_examples=150)
def test_the_mark_moves_no_column(
    columns: int, workers: int, order: Order, chosen: Collection[Column]
) -> None:
    at = columns_for(columns, workers, chosen)
    plain, marked = (text_of(heading_line(at, columns, each)) for each in (BY_SLOT, order))
    assert len(plain) == len(marked) == columns
    different = [(one, other) for one, other in zip(plain, marked, strict=True) if one != other]
    assert different in ([], [(" ", "▼")], [(" ", "▲")])


@pytest.mark.parametrize(
    ("x", "column"),
    [
        *((0, Column.SLOT), (4, Column.SLOT), (5, Column.DURATION), (20, Column.PHASE)),
        *((33, Column.ORIGIN), (69, Column.ORIGIN), (70, Column.LINES), (79, Column.LINES)),
    ],
)
def test_a_place_in_the_heading_is_a_column(x: int, column: Column) -> None:
    assert column_at(columns_for(80, 4), x) is column


def test_a_column_that_is_not_shown_is_nowhere_in_the_heading() -> None:
    at = columns_for(30, 4)
    assert [column_at(at, x) for x in (16, 29)] == [Column.ORIGIN, Column.ORIGIN]
    at = columns_for(60, 4, {Column.PHASE, Column.CPU})
    assert [column_at(at, x) for x in (0, 20, 58)] == [Column.PHASE, Column.ORIGIN, Column.CPU]


# -- rows ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (80, " 02  03:01:12  ! build          www/chromium"),
        (40, " 02  03:01:12  ! build    www/chromium"),
        (30, " 02! 03:01:12  www/chromium"),
        (20, " 02! www/chromium"),
    ],
)
def test_a_stalled_row_has_a_sign_and_the_colour_for_it(columns: int, line: str) -> None:
    row = WorkerRow(2, WorkerState.RUNNING, "build", "www/chromium", 0.0, 10872, None, None, True)
    fields = row_line(row, columns_for(columns, 4))
    assert text_of(fields) == line
    assert [field.text[0] for field in fields if field.role is Role.STALLED] == ["!"]


@pytest.mark.parametrize(
    ("chosen", "line"),
    [({Column.DURATION}, " 03:01:12  ! www/chromium"), ({Column.SLOT}, " 02! www/chromium")],
)
def test_a_stalled_row_has_its_sign_whatever_columns_there_are(chosen: set[Column], line: str) -> None:
    row = WorkerRow(2, WorkerState.RUNNING, "build", "www/chromium", 0.0, 10872, None, None, True)
    fields = row_line(row, columns_for(60, 4, chosen))
    assert text_of(fields) == line
    assert [field.text[0] for field in fields if field.role is Role.STALLED] == ["!"]


@pytest.mark.parametrize(
    ("cpu", "rss", "figures"),
    [
        (387.4, 1288490189, "  387%    1.2G"),
        (0.0, 812, "    0%     812"),
        (102400.0, 1 << 50, "10240…   1024T"),
        (None, None, "     -       -"),
    ],
)
def test_what_a_row_uses_is_said_in_short_figures(cpu: float | None, rss: int | None, figures: str) -> None:
    at = columns_for(79, 4, tuple(Column))
    row = running(0, "a/b")._replace(cpu=cpu, rss=rss)
    assert text_of(row_line(row, at))[64:] == figures
    assert text_of(row_line(WorkerRow(3, IDLE), at)) == " 03  --:--:--  Idle"


def test_an_idle_row_is_dim_but_for_its_number() -> None:
    fields = row_line(WorkerRow(3, IDLE), columns_for(80, 4))
    assert text_of(fields) == " 03  --:--:--  Idle"
    assert [field.role for field in fields] == [Role.LABEL, Role.DIM, Role.DIM]


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
    few, more = WorkerTable(), WorkerTable()
    async with alone(few):
        few.show(many(8), 1)
        heading, first, *_ = lines_of(few)
    async with alone(more) as pilot:
        more.show(many(99), 1)
        await pilot.pause()
        assert more.show_vertical_scrollbar
        assert lines_of(more)[:2] == [heading, first]


async def test_markup_is_shown_and_not_heeded() -> None:
    async with shown(builds.hostile(), (120, 40)) as app:
        table = "\n".join(drawn(app, WorkerTable))
    for text in ("[/oops]", "[@click=app.quit]x[/]", "[red]devel/red[/red]"):
        assert text in table


async def test_wide_characters_do_not_move_the_column_after_them() -> None:
    async with shown(builds.hostile(), (80, 40)) as app:
        table = app.screen.query_one(WorkerTable)
        ends = {cell_len(table.render_line(y).text.rstrip()) for y in range(1, 1 + len(builds.HOSTILE))}
    assert len(ends) == 1


# -- the cursor ------------------------------------------------------------------------------------


async def test_the_cursor_comes_on_the_first_row_or_the_last_and_goes_again() -> None:
    table = WorkerTable()
    async with alone(table):
        table.show(many(4), 1)
        assert (chosen(table), table.selected) == ([], None)
        table.move(1)
        (line,) = chosen(table)
        assert line.startswith("›00  00:01:40  build            devel/p000")
        table.release()
        assert (chosen(table), table.selected) == ([], None)
        table.move(-1)
        assert table.selected == many(4)[3]


async def test_the_rows_under_the_cursor_keep_their_columns() -> None:
    table = WorkerTable()
    async with alone(table):
        table.show(many(4), 1)
        before = lines_of(table)
        table.move(1)
        assert [line[1:] for line in lines_of(table)] == [line[1:] for line in before]


async def test_the_cursor_stops_at_the_ends() -> None:
    table = WorkerTable()
    async with alone(table):
        table.show(many(4), 1)
        for step in (1, -1, -5):
            table.move(step)
            assert table.selected == many(4)[0]
        table.move(9)
        assert table.selected == many(4)[3]


async def test_the_view_scrolls_with_the_cursor() -> None:
    table = WorkerTable()
    async with alone(table, (80, 6)) as pilot:
        table.show(many(20), 1)
        await pilot.pause()
        table.move(1)
        tops = []
        for step in (4, 1, 1, -4, -1, -1):
            table.move(step)
            tops.append(table.top)
            assert len(chosen(table)) == 1
        assert tops == [0, 1, 2, 2, 1, 0]


async def test_pages_move_the_view_and_the_cursor() -> None:
    table = WorkerTable()
    async with alone(table, (80, 6)) as pilot:
        table.show(many(20), 1)
        await pilot.pause()
        seen = []
        for act in (
            lambda: table.page(1),
            lambda: table.page(1),
            lambda: table.page(9),
            lambda: table.page(-1),
        ):
            act()
            assert table.selected is not None
            seen.append((table.top, table.selected.slot))
        assert seen == [(4, 4), (8, 8), (15, 19), (11, 15)]


async def test_home_and_end_are_the_first_row_and_the_last() -> None:
    table = WorkerTable()
    async with alone(table, (80, 6)) as pilot:
        table.show(many(20), 1)
        await pilot.pause()
        table.move_to(-1)
        assert (table.selected, table.top) == (many(20)[19], 15)
        table.move_to(0)
        assert (table.selected, table.top) == (many(20)[0], 0)


async def test_a_row_that_moves_takes_the_cursor_along_and_stays_visible() -> None:
    table = WorkerTable()
    async with alone(table, (80, 6)) as pilot:
        table.show(many(20), 1)
        await pilot.pause()
        table.move(1)
        table.sort_by(Column.DURATION)
        assert table.selected == many(20)[0]
        assert table.top == 15
        (line,) = chosen(table)
        assert "devel/p000" in line


async def test_rows_do_not_move_under_the_cursor_while_it_is_used() -> None:
    table = WorkerTable()
    async with alone(table):
        table.show(many(3), 1)
        table.move(1)
        before = lines_of(table)
        ended = (WorkerRow(0, IDLE), *many(3)[1:])
        table.show(ended, 2)
        assert table.holding
        assert lines_of(table)[2:] == before[2:]
        assert lines_of(table)[1] == " 00  --:--:--  Idle"
        table.show(ended, 20)
        assert not table.holding
        assert [line[1:3] for line in lines_of(table)[1:4]] == ["01", "02", "00"]


async def test_a_table_of_nothing_has_nothing_to_choose() -> None:
    table = WorkerTable()
    async with alone(table):
        for act in (table.reverse, table.sort_by_next, table.release):
            table.move(1)
            table.page(-1)
            table.move_to(-1)
            act()
            assert (table.selected, chosen(table)) == (None, [])


async def test_whatever_is_done_the_chosen_row_is_the_one_that_is_marked() -> None:
    dice = random.Random(3)
    table = WorkerTable()
    async with alone(table, (60, 8)) as pilot:
        for seq in range(1, 60):
            ended = {dice.randrange(16) for _ in range(4)}
            slots = tuple(WorkerRow(row.slot, IDLE) if row.slot in ended else row for row in many(16))
            table.show(slots[: dice.choice((16, 16, 16, 3))], seq)
            acts = (
                lambda: table.move(dice.choice((-3, -1, 1, 3))),
                lambda: table.page(dice.choice((-1, 1))),
                lambda: table.move_to(dice.choice((0, -1))),
                lambda: table.filter(dice.choice(("", "p00", "p01", "nothing"))),
                table.sort_by_next,
                table.reverse,
            )
            dice.choice(acts)()
            if dice.random() < 0.3:
                await pilot.pause()
            row = table.selected
            if row is not None:
                (line,) = chosen(table)
                assert line.startswith(f"›{row.slot:02d}")
                assert (row.origin or "Idle") in line
            else:
                assert not chosen(table)


# -- sorting ---------------------------------------------------------------------------------------


async def test_the_next_column_to_sort_by_is_one_that_is_shown() -> None:
    table = WorkerTable()
    async with alone(table, (30, 10)):
        table.show(many(3), 1)
        columns = []
        for _ in range(3):
            table.sort_by_next()
            columns.append(table.order.column)
        assert columns == [Column.DURATION, Column.ORIGIN, Column.SLOT]


async def test_a_column_that_was_not_chosen_is_not_sorted_by_but_for_the_slots() -> None:
    table = WorkerTable()
    async with alone(table):
        table.show(many(3), 1)
        table.choose_columns(("phase", "memory"))
        columns = []
        for _ in range(4):
            table.sort_by_next()
            columns.append(table.order.column)
        assert columns == [Column.PHASE, Column.ORIGIN, Column.MEMORY, Column.SLOT]
        table.choose_columns(())
        assert (table.chosen, lines_of(table)[:2]) == (("origin",), [" Origin", " devel/p000"])


async def test_only_what_the_user_arranges_is_told() -> None:
    told: list[tuple[tuple[str, ...], Order]] = []

    class Listening(WorkerTable):
        def post_message(self, message: Message) -> bool:
            if isinstance(message, WorkerTable.Arranged):
                told.append((message.columns, message.order))
            return super().post_message(message)

    table = Listening()
    async with alone(table) as pilot:
        table.show(many(3), 1)
        table.begin_with(("lines", "no such column", "cpu"), Order(Column.CPU))
        assert lines_of(table)[0] == f" Origin{'Lines':>64}   ▼CPU"
        table.filter("p00")
        table.move(1)
        assert told == []
        table.choose_columns(("origin", "lines", "cpu"))
        assert told == []
        table.reverse()
        await pilot.click(WorkerTable, offset=(3, 0))
        table.choose_columns(("lines", "slot"))
        table.sort_by_next()
        table.choose_columns(("slot",))
        assert told == [
            (("origin", "lines", "cpu"), Order(Column.CPU, reverse=True)),
            (("origin", "lines", "cpu"), Order(Column.ORIGIN)),
            (("slot", "origin", "lines"), Order(Column.ORIGIN)),
            (("slot", "origin", "lines"), Order(Column.LINES)),
            (("slot", "origin"), BY_SLOT),
        ]


async def test_reversed_the_last_is_the_first() -> None:
    table = WorkerTable()
    async with alone(table):
        table.show((*many(3), WorkerRow(3, IDLE)), 1)
        table.reverse()
        heading, *lines = lines_of(table)[:5]
        assert heading.startswith(" ID▼")
        assert [line[1:3] for line in lines] == ["02", "01", "00", "03"]


# -- the filter ------------------------------------------------------------------------------------


async def test_a_filter_leaves_what_matches_and_changes_no_column() -> None:
    table = WorkerTable()
    async with alone(table):
        table.show((*many(12), WorkerRow(12, IDLE)), 1)
        heading, *lines = lines_of(table)
        table.filter("p01")
        assert lines_of(table)[:4] == [heading, lines[10], lines[11], ""]
        assert (table.shown, table.total, table.wanted) == (2, 13, 14)
        table.filter("")
        assert lines_of(table) == [heading, *lines]


async def test_a_filter_goes_on_with_what_comes_and_goes() -> None:
    table = WorkerTable()
    async with alone(table):
        table.show(many(3), 1)
        table.filter("rust")
        assert table.shown == 0
        table.show((running(0, "lang/rust"), *many(3)[1:]), 2)
        assert [line[1:3] for line in lines_of(table)[1:3]] == ["00", ""]


@pytest.mark.parametrize(
    ("columns", "text", "line"),
    [
        (80, "gcc", " nothing matches 'gcc' (16 workers)"),
        (20, "gcc", " nothing matches 'g…"),
        (80, "\x1b[2J", " nothing matches '␛[2J' (16 workers)"),
    ],
)
async def test_where_nothing_matches_it_says_so(columns: int, text: str, line: str) -> None:
    table = WorkerTable()
    async with alone(table, (columns, 10)):
        table.show(many(16), 1)
        table.filter(text)
        assert lines_of(table)[1:3] == [line, ""]
        assert table.line_at(1)[0].role is Role.DIM


async def test_what_a_filter_leaves_is_seen_wherever_the_view_was() -> None:
    table = WorkerTable()
    async with alone(table, (80, 6)) as pilot:
        table.show(many(200), 1)
        await pilot.pause()
        table.scroll_to(y=150, animate=False, immediate=True)
        table.filter("p01")
        assert [line[1:4] for line in lines_of(table)[1:]] == ["015", "016", "017", "018", "019"]


async def test_a_view_that_gets_lower_keeps_the_cursor() -> None:
    table = WorkerTable()
    async with alone(table, (80, 12)) as pilot:
        table.show(many(20), 1)
        await pilot.pause()
        table.move(10)
        table.move(9)
        await pilot.resize_terminal(80, 6)
        await pilot.pause()
        assert len(chosen(table)) == 1


async def test_a_filter_that_leaves_few_scrolls_back_to_them() -> None:
    table = WorkerTable()
    async with alone(table, (80, 6)) as pilot:
        table.show(many(200), 1)
        await pilot.pause()
        table.move_to(-1)
        table.filter("p01")
        await pilot.pause()
        assert "p01" in lines_of(table)[1]
        assert table.selected is None
        table.filter("p010")
        await pilot.pause()
        assert table.top == 0
        assert not chosen(table)


# -- the mouse -------------------------------------------------------------------------------------


async def test_a_click_chooses_a_row() -> None:
    table = WorkerTable()
    async with alone(table, (80, 6)) as pilot:
        table.show(many(20), 1)
        await pilot.pause()
        table.move_to(-1)
        await pilot.click(WorkerTable, offset=(20, 3))
        assert table.selected == many(20)[17]


async def test_a_click_under_the_rows_chooses_nothing() -> None:
    table = WorkerTable()
    async with alone(table) as pilot:
        table.show(many(3), 1)
        await pilot.click(WorkerTable, offset=(20, 9))
        assert table.selected is None


async def test_a_click_on_a_heading_sorts_by_it_and_another_reverses() -> None:
    table = WorkerTable()
    async with alone(table) as pilot:
        table.show(many(3), 1)
        orders = []
        for x in (7, 7, 40, 2, 2):
            await pilot.click(WorkerTable, offset=(x, 0))
            orders.append(table.order)
        assert orders == [
            Order(Column.DURATION),
            Order(Column.DURATION, reverse=True),
            Order(Column.ORIGIN),
            Order(Column.SLOT),
            Order(Column.SLOT, reverse=True),
        ]


async def test_the_wheel_scrolls_under_the_heading_and_leaves_the_cursor() -> None:
    table = WorkerTable()
    async with alone(table, (80, 6)) as pilot:
        table.show(many(20), 1)
        await pilot.pause()
        table.move(1)
        heading = lines_of(table)[0]
        table.post_message(events.MouseScrollDown(table, 10, 3, 0, 1, 0, False, False, False))
        await pilot.pause()
        assert table.top > 0
        assert lines_of(table)[0] == heading
        assert table.selected == many(20)[0]
        table.move(1)
        assert table.top <= 1


# -- what it costs ---------------------------------------------------------------------------------


async def test_only_visible_rows_are_looked_at_closely() -> None:
    table = WorkerTable()
    asked: list[int] = []

    class Watched(WorkerRow):
        @property
        def origin(self) -> str:  # type: ignore[override]
            asked.append(self.slot)
            return "a/b"

    async with alone(table, (80, 6)):
        table.show(tuple(Watched(slot, WorkerState.RUNNING) for slot in range(1024)), 1)
        lines_of(table)
    assert set(asked) == set(range(5))


async def test_a_line_that_says_the_same_is_not_made_again() -> None:
    table = WorkerTable()
    snapshot = builds.building()
    async with alone(table) as pilot:
        table.show(snapshot.workers, 1)
        await pilot.pause()
        before = [table.line_at(y) for y in range(5)]
        later = tuple(
            row._replace(elapsed=row.elapsed + 1) if row.elapsed is not None else row
            for row in snapshot.workers
        )
        table.show(later, 2)
        after = [table.line_at(y) for y in range(5)]
        assert [one is other for one, other in zip(before, after, strict=True)] == [
            True,
            False,
            False,
            False,
            True,
        ]
