"""What is shown of one worker: facts, phases, processes; how it follows its package; its keys."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.pilot import Pilot

from synthtop.app import SynthtopApp
from synthtop.model import (
    Finished,
    Inside,
    Outcome,
    PhaseSpan,
    Process,
    Snapshot,
    Stopping,
    View,
    WorkerRow,
    WorkerState,
)
from synthtop.parts import Parts, Role, joined
from synthtop.screens.detail import Detail
from synthtop.screens.log import LogScreen
from synthtop.screens.main import MainScreen
from synthtop.text import clean, width
from synthtop.widgets.facts import Package, fact_lines, phase_lines
from synthtop.widgets.page import Page
from synthtop.widgets.processtree import SHOWN, ProcessTree

from . import builds, inside
from .drawing import SIZES, lines_of
from .piloting import question, screen_of, show

foreign = st.one_of(st.sampled_from(builds.HOSTILE), st.text(max_size=40))
IDLE = WorkerState.IDLE
ROW = inside.in_depth().workers[2]
FOUND = inside.Looking().insides[2]
CLOCK = time.strftime("%H:%M:%S", time.localtime(ROW.started))


def said(lines: Any) -> list[str]:
    return [joined(line).rstrip() for line in lines]


def facts(package: Package, columns: int = 77) -> list[str]:
    return said(fact_lines(package, columns, now=inside.in_depth().time))


# -- the facts -------------------------------------------------------------------------------------


def test_what_is_known_of_a_package_is_said_from_what_presses_on() -> None:
    assert facts(Package(ROW, FOUND)) == [
        "Phase     build for 00:11:12",
        f"Started   {CLOCK}, 00:12:40 ago",
        "Usage     CPU 301%, memory 3.6G, 8 processes",
        "Log       48211 lines, /build/synth/logs/lang___rust.log",
        "Command   /usr/bin/make -C /usr/ports/lang/rust build BATCH=yes",
        "          PACKAGE_BUILDING=yes",
    ]


def test_what_is_not_known_is_not_mentioned() -> None:
    assert facts(Package(WorkerRow(0, WorkerState.RUNNING, None, "a/b"))) == ["Phase     Running"]
    assert facts(Package(WorkerRow(0, WorkerState.RUNNING, "build", "a/b", elapsed=5, lines=1))) == [
        "Phase     build",
        "Started   00:00:05 ago",
        "Log       1 line",
    ]


def test_what_is_not_measured_for_the_row_is_the_sum_of_its_processes() -> None:
    row = ROW._replace(cpu=None, rss=None)
    assert "Usage     CPU 301%, memory 3.6G, 8 processes" in facts(Package(row, FOUND))
    first = FOUND._replace(processes=(Process(1, 0, "make", None, 5 * inside.MB),))
    assert "Usage     CPU -, memory 5.0M, 1 process" in facts(Package(row, first))


def test_one_that_began_on_another_day_has_its_date() -> None:
    lines = said(fact_lines(Package(ROW), 77, now=builds.STARTED + 2 * 86_400))
    assert lines[1].startswith(time.strftime("Started   %Y-%m-%d %H:%M:%S,", time.localtime(ROW.started)))


@pytest.mark.parametrize("started", [1e300, -1e17, float("nan"), float("inf")])
def test_a_start_that_is_no_time_has_none(started: float) -> None:
    assert facts(Package(ROW._replace(started=started)))[1] == "Started   -, 00:12:40 ago"


def test_a_stalled_one_is_marked_by_word_sign_and_colour() -> None:
    row = ROW._replace(stalled=True)
    lines = list(fact_lines(Package(row), 77, now=0.0))
    assert joined(lines[0]) == "Phase     ! build for 00:11:12, nothing new for too long"
    assert {part.role for part in lines[0][1:]} == {Role.STALLED}
    assert joined(list(phase_lines(row, 77))[-1]).startswith("! build ")


@pytest.mark.parametrize(
    ("end", "line", "role"),
    [
        (
            Finished("lang/rust", Outcome.FAILED, 943, 2, "build", "signal 9", 760, blocks=1),
            "failed in build after 00:12:40: signal 9, blocks 1 package",
            Role.FAILED,
        ),
        (Finished("lang/rust", Outcome.BUILT, 943, 2, None, None, 760), "built after 00:12:40", Role.BUILT),
        (Finished("lang/rust", Outcome.IGNORED, 943, 2, None, "by hand"), "ignored: by hand", Role.IGNORED),
        (None, "is not in this slot any more", Role.DIM),
    ],
)
def test_how_it_ended_is_said_in_the_phases_place(end: Finished | None, line: str, role: Role) -> None:
    lines = list(fact_lines(Package(ROW, FOUND, there=False, end=end), 77, now=0.0))
    assert joined(lines[0]) == f"Ended     {line}"
    assert lines[0][1].role is role
    assert "Usage     CPU 301%, memory 3.6G, 8 processes" in said(lines)
    assert not any("ago" in text for text in said(lines))


def test_what_begins_another_line_begins_with_a_word() -> None:
    end = Finished("lang/rust", Outcome.FAILED, 943, 2, "build", "killed by hand", 760)
    assert facts(Package(ROW, there=False, end=end), 40)[:2] == [
        "Ended     failed in build after 00:12:40",
        "          killed by hand",
    ]
    assert facts(Package(ROW), 17)[:4] == ["build", "for 00:11:12", CLOCK, "00:12:40 ago"]


def test_a_command_of_any_length_takes_four_lines() -> None:
    for command in ("word " * 900, "x" * 100_000, "日本語" * 30_000):
        lines = facts(Package(ROW, FOUND._replace(command=command)))
        assert len(lines) == 8
        assert lines[-1].endswith("…")


# -- the phases ------------------------------------------------------------------------------------


def test_each_phase_has_its_duration_and_the_present_one_goes_on() -> None:
    assert said(phase_lines(ROW, 60)) == [
        "  Phase          Duration",
        "  fetch-depends  00:00:02  ▏",
        "  fetch          00:00:29  █▎",
        "  checksum       00:00:02  ▏",
        "  extract        00:00:25  █▏",
        "  patch          00:00:03  ▏",
        "  configure      00:00:27  █▎",
        f"› build          00:11:12  {'█' * 30}",
    ]
    assert said(phase_lines(ROW, 60, there=False))[-1].startswith("  build  ")


def test_phases_that_nobody_knows_have_no_table() -> None:
    assert said(phase_lines(ROW._replace(phases=()), 60)) == []


def test_where_nobody_knows_how_long_it_takes_the_present_phase_has_no_duration() -> None:
    assert said(phase_lines(ROW._replace(elapsed=None), 60))[-1] == "› build          --:--:--"


def test_of_very_many_phases_the_newest_are_shown() -> None:
    row = ROW._replace(phases=tuple(PhaseSpan(f"p{number}", number) for number in range(5000)))
    lines = said(phase_lines(row, 60))
    assert len(lines) == 102
    assert lines[1] == "  4900 earlier"


# -- the processes ---------------------------------------------------------------------------------


def test_processes_are_a_tree_and_those_at_work_are_bright() -> None:
    lines = list(ProcessTree().lines(FOUND, 70, own=True))
    assert said(lines)[:4] == [
        "    PID   CPU Memory  Processes                                2s ago",
        "   4242    0%   2.0M  /usr/bin/make -C /usr/ports/lang/rust build BAT…",
        "   4250    0%   1.0M    /bin/sh -e -c (cd /wrkdirs/lang/rust/work/rus…",
        "   4251    0%    61M      python3.11 ./x.py build --jobs=8",
    ]
    assert said(lines)[-1] == "   5113   98%   640M            rustc --crate-name rustc_trait_select…"
    assert [line[1].role for line in lines[1:]] == [*[Role.TEXT] * 4, *[Role.VALUE] * 4]


def test_where_it_is_narrow_a_process_has_its_cpu_alone() -> None:
    assert said(ProcessTree().lines(FOUND, 37, own=True))[-1] == "   98%           rustc --crate-name …"


def test_the_deepest_process_is_readable() -> None:
    deep = Inside("make", (Process(1, 500, "cc -c source.c", 99.0, 0),), 0.0)
    assert said(ProcessTree().lines(deep, 80, own=True))[-1].endswith("  cc -c source.c")


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (None, "not looked at yet"),
        (Inside("make"), "none"),
        (Inside("make", problem="more than 4000 processes\x1b[2J"), "more than 4000 processes␛[2J"),
    ],
)
def test_why_there_are_no_processes_is_said(found: Inside | None, line: str) -> None:
    assert said(ProcessTree().lines(found, 70, own=True))[1:] == [line]


def test_the_lines_of_one_look_are_made_once() -> None:
    tree = ProcessTree()
    first = list(tree.lines(FOUND, 70, own=True))
    later = list(tree.lines(FOUND._replace(age=4.0), 70, own=True))
    assert all(one is other for one, other in zip(first[1:], later[1:], strict=True))
    assert said(later)[0].endswith("4s ago")
    for other, columns in ((FOUND, 60), (FOUND._replace(processes=FOUND.processes[:2]), 60)):
        assert said(tree.lines(other, columns, own=True)) == said(
            ProcessTree().lines(other, columns, own=True)
        )


def test_of_very_many_processes_it_is_said_how_many_are_not_shown() -> None:
    many = Inside("make", tuple(Process(number, 0, "cc", 1.0, 0) for number in range(SHOWN + 7)), 0.0)
    lines = said(ProcessTree().lines(many, 70, own=True))
    assert (len(lines), lines[-1]) == (SHOWN + 2, "and 7 more")


spans = st.lists(st.builds(PhaseSpan, foreign, st.integers(0, 10**6)), max_size=4).map(tuple)
processes = st.lists(
    st.builds(Process, st.integers(0, 10**7), st.integers(0, 99), foreign, st.none() | st.floats(0, 1e6),
              st.integers(0, 1 << 45)), max_size=4,
).map(tuple)  # fmt: skip


@given(
    foreign,
    foreign,
    spans,
    processes,
    st.none() | st.integers(0, 10**7),
    st.integers(1, 130),
    st.booleans(),
)
@settings(max_examples=50)
def test_whatever_it_is_each_line_is_clean_and_fits(
    text: str,
    other: str,
    phases: tuple[PhaseSpan, ...],
    found: tuple[Process, ...],
    elapsed: int | None,
    columns: int,
    there: bool,
) -> None:
    row = WorkerRow(0, WorkerState.RUNNING, text, other, builds.STARTED, elapsed, 7, other, phases=phases)
    end = Finished(other, Outcome.FAILED, 1, 0, text, other, elapsed, blocks=2)
    known = Inside(text, found, 1.0, other)
    lines: list[Parts] = [
        *fact_lines(Package(row, known, there, end), columns, now=builds.STARTED),
        *ProcessTree().lines(known, columns, own=True, there=there),
        *phase_lines(row, columns, there=there),
    ]
    for line in lines:
        assert clean(joined(line)) == joined(line)
        # A wide character may need two columns where there is but one.
        assert width(joined(line)) <= max(columns, 20)


# -- the screen ------------------------------------------------------------------------------------


@asynccontextmanager
async def looking(
    snapshot: Snapshot, size: tuple[int, int] = (80, 24), *, own: bool = True
) -> AsyncIterator[tuple[Pilot[Any], inside.Looking]]:
    """The app, with the detail of lang/rust open."""
    build = inside.Looking()
    app = SynthtopApp(build if own else None)
    app.on_snapshot(snapshot)
    async with app.run_test(size=size) as pilot:
        await pilot.press("down", "down", "down", "d")
        await pilot.pause()
        assert isinstance(app.screen, Detail)
        yield pilot, build


def page(pilot: Pilot[Any], number: int = 0) -> list[str]:
    return [line[1:] for line in lines_of(list(pilot.app.screen.query(Page))[number])]


def without_rust(*finished: Finished) -> Snapshot:
    """lang/rust is gone, and another package in its slot."""
    snapshot = inside.in_depth()
    first, second, rust, _ = snapshot.workers
    after = (first, second, rust._replace(origin="www/chromium", phases=()), WorkerRow(3, IDLE))
    return replace(snapshot, workers=after, finished=View((*builds.FAILED_SO_FAR, *finished)))


async def test_all_of_it_is_on_one_page_or_side_by_side_where_it_is_wide() -> None:
    async with looking(inside.in_depth()) as (pilot, _):
        assert screen_of(pilot)[0].split() == [
            *("Worker", "02:", "lang/rust", "building,", "2", "failed", "45/142")
        ]
        assert page(pilot)[0] == "Phase     build for 00:11:12"
        assert page(pilot)[7].split() == ["Phase", "Duration"]
        assert page(pilot)[16].split() == ["PID", "CPU", "Memory", "Processes", "2s", "ago"]
        assert screen_of(pilot)[-1].split() == [
            *("l", "Log", "k", "Kill", "n", "Next", "worker", "p", "Previous"),
            *("↑↓", "Scroll", "?", "Help", "esc", "Back"),
        ]
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert page(pilot, 1)[0].split() == ["PID", "CPU", "Memory", "Processes", "2s", "ago"]
        assert "Scroll" not in screen_of(pilot)[-1]


async def test_every_size_has_its_place_for_what_presses_most() -> None:
    async with looking(inside.stalled()) as (pilot, _):
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert "! build" in page(pilot)[0]
            assert " lang/rust" in screen_of(pilot)[0]
            assert "esc Back" in screen_of(pilot)[-1]


async def test_an_origin_that_the_title_has_no_room_for_is_said_below() -> None:
    snapshot = inside.in_depth()
    first, second, rust, idle = snapshot.workers
    long = rust._replace(origin="lang/" + "rust-" * 20)
    async with looking(replace(snapshot, workers=(first, second, long, idle))) as (pilot, _):
        assert page(pilot)[2:4] == [
            f"Origin    lang/{'rust-' * 12}ru",
            f"          st-{'rust-' * 7}",
        ]


async def test_a_followed_build_says_in_a_line_what_nobody_knows() -> None:
    async with looking(builds.followed(workers=inside.in_depth().workers), own=False) as (pilot, _):
        assert "Commands and processes are known of builds that synthtop runs." in page(pilot)
        assert " k " not in screen_of(pilot)[-1]
        await pilot.press("k")
        assert question(pilot) is None


async def test_it_goes_on_with_its_package_and_asks_for_the_inside_each_time() -> None:
    async with looking(inside.in_depth()) as (pilot, build):
        snapshot = inside.in_depth()
        later = snapshot.workers[2]._replace(elapsed=761, lines=50000)
        del build.asked[:]
        await show(pilot, replace(snapshot, workers=(*snapshot.workers[:2], later, snapshot.workers[3])))
        assert page(pilot)[:2] == ["Phase     build for 00:11:13", f"Started   {CLOCK}, 00:12:41 ago"]
        assert build.asked == [2]
        await pilot.press("l")
        assert isinstance(pilot.app.screen, LogScreen)
        del build.asked[:]
        await show(pilot, inside.in_depth())
        assert build.asked == []
        await pilot.press("escape")
        await pilot.pause()
        assert build.asked == [2]


async def test_it_says_how_its_package_ended_and_does_not_take_the_next_one_for_it() -> None:
    end = Finished("lang/rust", Outcome.FAILED, 943, 2, "build", "exit status 2", 760)
    async with looking(inside.in_depth()) as (pilot, _):
        await show(pilot, without_rust())
        assert page(pilot)[0] == "Ended     is not in this slot any more"
        await show(pilot, without_rust(end, *builds.SKIPPED))
        assert page(pilot)[0] == "Ended     failed in build after 00:12:40: exit status 2"
        assert "lang/rust" in screen_of(pilot)[0]
        assert page(pilot)[16].endswith("the last seen")
        assert "k Kill" not in screen_of(pilot)[-1]
        await pilot.press("k")
        assert question(pilot) is None
        # Queued again, it may come back to the same slot.
        await show(pilot, inside.in_depth())
        assert page(pilot)[0] == "Phase     build for 00:11:12"


async def test_next_and_previous_go_round_the_workers_that_have_a_package() -> None:
    async with looking(inside.in_depth()) as (pilot, _):
        seen = []
        for key in ("n", "right", "n", "p", "left"):
            await pilot.press(key)
            seen.append(screen_of(pilot)[0].split()[1:3])
        assert seen == [
            ["00:", "devel/gmake"],
            ["01:", "lang/python311"],
            ["02:", "lang/rust"],
            ["01:", "lang/python311"],
            ["00:", "devel/gmake"],
        ]
        assert page(pilot)[0] == "Phase     build for 00:00:43"
        await show(pilot, without_rust())
        assert page(pilot)[0] == "Phase     build for 00:00:43"


async def test_it_scrolls_and_another_worker_begins_at_the_top() -> None:
    async with looking(inside.in_depth(), (80, 12)) as (pilot, _):
        tops = []
        for key in ("down", "down", "up", "pagedown", "home", "end", "pageup"):
            await pilot.press(key)
            tops.append(pilot.app.screen.query(Page).first().top)
        # 25 lines in 10 rows.
        assert tops == [1, 2, 1, 10, 0, 15, 6]
        await pilot.press("n")
        await pilot.pause()
        assert page(pilot)[0].startswith("Phase ")


async def test_the_log_of_the_package_is_opened_over_it() -> None:
    async with looking(inside.in_depth()) as (pilot, _):
        for key in ("l", "enter"):
            await pilot.press(key)
            assert isinstance(pilot.app.screen, LogScreen)
            await pilot.press("escape")
            assert isinstance(pilot.app.screen, Detail)


async def test_a_package_without_a_log_has_none_to_open() -> None:
    snapshot = inside.in_depth()
    workers = tuple(row._replace(log=None) for row in snapshot.workers)
    async with looking(replace(snapshot, workers=workers)) as (pilot, _):
        assert "Log" not in screen_of(pilot)[-1]
        await pilot.press("l")
        assert isinstance(pilot.app.screen, Detail)


async def test_its_package_can_be_killed_after_a_question_as_long_as_the_build_goes_on() -> None:
    async with looking(inside.in_depth()) as (pilot, build):
        await pilot.press("k")
        assert question(pilot) is not None
        # Held for a moment, the key that asks is no answer.
        await pilot.press("k")
        assert not build.told
        await pilot.press("f")
        assert build.told == ["end lang/rust in 2: failed"]
        await show(pilot, replace(inside.in_depth(), stopping=Stopping.STOPPING))
        assert "k Kill" not in screen_of(pilot)[-1]
        await pilot.press("k")
        assert question(pilot) is None


async def test_it_is_left_for_the_table() -> None:
    async with looking(inside.in_depth()) as (pilot, _):
        for key in ("escape", "q"):
            await pilot.press(key)
            assert isinstance(pilot.app.screen, MainScreen)
            await pilot.press("d")


async def test_hostile_text_is_shown_as_text() -> None:
    async with looking(inside.in_depth()) as (pilot, build):
        for slot, text in enumerate(builds.HOSTILE):
            build.insides[slot] = Inside(text, (Process(1, 0, text, 1.0, 1),), 1.0)
        hostile = builds.hostile()
        workers = tuple(row._replace(phases=(PhaseSpan(row.phase or "", 0),)) for row in hostile.workers)
        await show(pilot, replace(hostile, workers=workers))
        for _ in builds.HOSTILE:
            await pilot.press("n")
            assert all(clean(line) == line for line in screen_of(pilot))
