"""The header as it is drawn, with and without its frame."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from synthtop.model import BuildState, HostSample, Snapshot, Totals
from synthtop.parts import Part, Role
from synthtop.states import LIVE, Shown
from synthtop.text import clean, width
from synthtop.widgets.fields import Line
from synthtop.widgets.header import Header, framed_lines

from . import builds
from .drawing import alone, lines_of, text_of

foreign = st.one_of(st.sampled_from(builds.HOSTILE), st.text(max_size=40))


async def header(
    snapshot: Snapshot, columns: int, rows: int, *, run_rate: bool = False, shown: Shown = LIVE
) -> list[str]:
    """The lines of a header that has this room for itself."""
    view = Header("synthtop")
    async with alone(view, (columns, rows)):
        view.show(snapshot, run_rate=run_rate, shown=shown)
        return lines_of(view)


async def test_without_a_frame_it_is_the_three_lines() -> None:
    assert await header(builds.building(), 80, 3) == [
        "Workers:  3 / 4    Load: 3.24  Swap:  2%    [DynMax: 4]",
        "Elapsed: 00:15:43  Rate: 180.0 pkg/hr  Impulse: 3            building, 2 failed",
        "Queued: 142  Built: 38  Failed: 2  Ignored: 0  Skipped: 5",
    ]


async def test_in_the_frame_there_are_which_build_it_is_and_how_it_stands() -> None:
    assert await header(builds.throttled(), 80, 5, run_rate=True) == [
        "╭─ synthtop  LiveSystem ───────────────────────────────────────────────────────╮",
        "│ Workers:  6 / 8    Load: 14.20  Swap:  2%    [DynMax: 6]  high load          │",
        "│ Elapsed: 00:15:43  Rate: 180.0 pkg/hr  Impulse: 3      Run: 152.7 pkg/hr     │",
        "│ Queued: 142  Built: 38  Failed: 2  Ignored: 1  Skipped: 5                    │",
        "╰────────────────────────────────────────────── building, 2 failed, throttled ─╯",
    ]


@pytest.mark.parametrize(
    ("state", "shown", "words"),
    [
        (builds.stalled, LIVE, "building, 1 stalled"),
        (builds.gone, LIVE, "gone, last update 23s ago"),
        (builds.building, Shown(True, builds.all_built()), "FROZEN, meanwhile finished"),
    ],
)
async def test_a_state_is_said_in_the_frame_and_without_it(
    state: Callable[[], Snapshot], shown: Shown, words: str
) -> None:
    assert (await header(state(), 80, 5, shown=shown))[-1].endswith(f"─ {words} ─╯")
    assert (await header(state(), 80, 3, shown=shown))[1].endswith(f"  {words}")


async def test_what_is_in_the_way_is_said_by_halves_where_the_frame_has_no_room_for_it() -> None:
    assert (await header(builds.hung(), 80, 5))[-1].endswith(
        "─ stale: the file system has not answered for 12 s ─╯"
    )
    long = replace(builds.hung(), problem="the file system " * 20)
    last = (await header(long, 60, 5))[-1]
    assert "─ stale: the file system the file" in last
    assert last.endswith("… ─╯")
    assert cell_len(last) == 60


async def test_a_change_of_state_moves_no_figure() -> None:
    view = Header("synthtop")
    async with alone(view, (80, 5)):
        view.show(builds.well())
        before = lines_of(view)
        view.show(replace(builds.well(), workers=builds.stalled().workers))
        assert lines_of(view)[:4] == before[:4]
        view.show(replace(builds.well(), dynmax=3, reason="high load"))
        first, *rest = lines_of(view)[1:4]
        assert rest == before[2:4]
        assert first.startswith(before[1].rstrip("│ ").replace("4]", "3]"))


async def test_it_follows_when_its_room_gets_another() -> None:
    view = Header("synthtop")
    async with alone(view, (80, 5)) as pilot:
        view.show(builds.building())
        await pilot.resize_terminal(30, 3)
        assert lines_of(view) == ["3/4[4] L3.24 S2%", "00:15:43 180.0/hr", "Q142 B38 F2 I0 S5"]
        await pilot.resize_terminal(62, 5)
        assert {cell_len(line) for line in lines_of(view)} == {62}


@pytest.mark.parametrize(
    ("state", "dimmed"),
    [
        (builds.gone, True),
        (builds.stale, True),
        (builds.unreadable_now, True),
        (builds.silent, False),
        (builds.all_built, False),
    ],
)
async def test_the_last_figures_of_a_build_that_is_lost_are_dimmed(
    state: Callable[[], Snapshot], dimmed: bool
) -> None:
    view = Header("synthtop")
    async with alone(view, (80, 5)):
        view.show(state())
        assert view.dimmed is dimmed
        view.show(builds.building())
        assert not view.dimmed


async def test_a_figure_that_does_not_fit_is_marked_as_cut() -> None:
    host = replace(builds.big(1024), host=HostSample(load=104.5, ncpus=64, swap_pct=12.0))
    assert (await header(host, 20, 3))[0] == "1024/1024[1024] L10…"


@pytest.mark.parametrize("columns", [60, 61, 80, 200])
@pytest.mark.parametrize("state", [builds.throttled, lambda: builds.big(1024), builds.hostile])
async def test_the_frame_is_straight_whatever_is_in_it(columns: int, state: Callable[[], Snapshot]) -> None:
    huge = replace(state(), totals=Totals(1234567, 234567, 34567, 4567, 567, 67))
    lines = await header(huge, columns, 5, run_rate=columns >= 100)
    assert {cell_len(line) for line in lines} == {columns}
    assert [line[0] + line[-1] for line in lines] == ["╭╮", "││", "││", "││", "╰╯"]


@given(foreign, st.lists(foreign, min_size=1, max_size=4), st.integers(8, 300))
@settings(max_examples=100)
def test_every_frame_line_is_as_wide_as_its_room(title: str, words: list[str], columns: int) -> None:
    rows = ((Part("x" * (columns - 4), Role.VALUE),), ())
    state = tuple(Part(clean(word), Role.LABEL) for word in words)
    lines = framed_lines((Part(clean(title), Role.FRAME),), rows, state, columns, Role.FRAME)
    assert {width(text_of(line)) for line in lines} == {columns}


def of_role(lines: list[Line], role: Role) -> str:
    return "".join(field.text for line in lines for field in line if field.role == role)


def test_only_its_own_lines_have_the_frames_colour() -> None:
    state = Part("building", Role.VALUE), Part(", ", Role.LABEL), Part("2 failed", Role.FAILED)
    lines = framed_lines((Part("synthtop", Role.LABEL),), ((), (), ()), state, 40, Role.THROTTLED)
    assert not set(of_role(lines, Role.THROTTLED)) - set("╭─╮│╰╯ ")
    assert of_role(lines, Role.FAILED) == "2 failed"


@pytest.mark.parametrize(
    ("columns", "end"),
    [(24, "╰─ building, 2 failed ─╯"), (23, "╰────────── building ─╯"), (12, "╰─ build… ─╯")],
)
def test_a_frame_says_as_many_words_of_the_state_as_fit_whole(columns: int, end: str) -> None:
    state = Part("building", Role.VALUE), Part(", ", Role.LABEL), Part("2 failed", Role.FAILED)
    last = framed_lines((), (), state, columns, Role.FRAME)[-1]
    assert text_of(last) == end


@pytest.mark.parametrize("state", BuildState)
@pytest.mark.parametrize("size", [(8, 5), (20, 3), (40, 3), (80, 5)])
async def test_hostile_text_comes_out_as_text_in_straight_columns(
    size: tuple[int, int], state: BuildState
) -> None:
    view = Header("synth\x1btop")
    async with alone(view, size):
        view.show(builds.hostile(state))
        for y in range(view.rows):
            text = view.render_line(y).text
            assert cell_len(text) == size[0]
            assert not {char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs")}
