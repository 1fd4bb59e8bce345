"""The screen over a package's log: what each key asks the pager for, and how a page is drawn."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from rich.color import Color
from textual.pilot import Pilot

from synthtop.app import SynthtopApp
from synthtop.logfile.page import Page, Piece, Row
from synthtop.model import Outcome, View, WorkerRow, WorkerState
from synthtop.parts import Role, joined
from synthtop.screens.log import LogScreen
from synthtop.terminal import Looks
from synthtop.widgets.contrast import QUIETLY_LEGIBLE, contrast
from synthtop.widgets.lineview import LineView
from synthtop.widgets.logview import LogStatus, LogView
from synthtop.widgets.sgr import style_for
from synthtop.widgets.themes import DARK, LIGHT

from . import builds, events, logs
from .drawing import lines_of
from .logs import FakePager, Pagers
from .piloting import PaintedDriver, screen_of, show

Reading = tuple[Pilot[Any], LogScreen, FakePager]


@asynccontextmanager
async def reading(
    page: Page | None = None,
    size: tuple[int, int] = (80, 24),
    *,
    run: Callable[[Sequence[str]], str] = lambda argv: "",
    terminal: bool = False,
    looks: Looks | None = None,
    path: str = logs.PATH,
    offset: int | None = None,
) -> AsyncIterator[Reading]:
    """The screen over a log of which this page is to be seen."""
    app = SynthtopApp(builds.Notebook(), looks=Looks() if looks is None else looks)
    app.driver_class = PaintedDriver
    pagers, shown = Pagers(), logs.of_gmake()
    app.on_snapshot(shown)
    before = signal.getsignal(signal.SIGTSTP)
    # A terminal that can be given away, where that is asked for.
    async with app.run_test(size=size, headless=not terminal) as pilot:
        signal.signal(signal.SIGTSTP, before)
        await pilot.pause()
        screen = LogScreen(path, logs.ORIGIN, offset, pager=pagers, run=run)
        screen.show(shown)
        app.push_screen(screen)
        await pilot.pause()
        [pager] = pagers.made
        if page is not None:
            pager.show(page)
            await pilot.pause()
        yield pilot, screen, pager


def drawn(screen: LogScreen, kind: type[LineView] = LogView) -> list[str]:
    return lines_of(screen.query_one(kind))


def status(screen: LogScreen) -> str:
    return drawn(screen, LogStatus)[0].strip()


# -- the keys ------------------------------------------------------------------------------------------


async def test_keys_move_through_the_log_as_in_less() -> None:
    async with reading(logs.failing()) as (pilot, _, pager):
        rows = pager.room[1]
        assert rows == 21
        await pilot.press("up", "k", "down", "j", "enter")
        assert pager.news() == [("scroll", -1), ("scroll", -1), ("scroll", 1), ("scroll", 1), ("scroll", 1)]
        await pilot.press("pageup", "b", "pagedown", "space", "u", "d")
        assert [step for _, step in pager.news()] == [-20, -20, 20, 20, -10, 10]
        await pilot.press("home", "g", "end", "G", "F")
        assert pager.news() == [("start",), ("start",), ("end",), ("end",), ("end",)]
        await pilot.press("left", "right", "w")
        assert pager.news() == [("shift", -8), ("shift", 8), ("wrap", True)]
        await pilot.press("left_square_bracket", "right_square_bracket", "e", "E")
        assert pager.news() == [("phase", -1), ("phase", 1), ("error", 1), ("error", -1)]
        pager.show(logs.failing(wrap=True))
        await pilot.pause()
        await pilot.press("w")
        assert pager.news() == [("wrap", False)]


async def test_the_wheel_scrolls_by_three_rows() -> None:
    async with reading(logs.failing()) as (pilot, screen, pager):
        view = screen.query_one(LogView)
        await pilot._post_mouse_events([_wheel("Down")], view)
        await pilot._post_mouse_events([_wheel("Up")], view)
        assert pager.news() == [("scroll", 3), ("scroll", -3)]


def _wheel(way: str) -> Any:
    from textual import events as messages

    return getattr(messages, f"MouseScroll{way}")


async def test_a_search_is_typed_repeated_and_taken_back() -> None:
    async with reading(logs.failing()) as (pilot, screen, pager):
        await pilot.press("n")
        assert status(screen).startswith("nothing is searched for")
        # What is typed is text, and no command.
        await pilot.press("slash", *"eGvq:/S", "enter", "slash", *"vmsq", "backspace", "enter")
        assert pager.news() == [("search", "eGvq:/S", False), ("search", "vms", False)]
        pager.show(logs.failing(pattern="vms", following=False))
        await pilot.pause()
        assert "/vms" in status(screen)
        # Nothing typed is the same once more, as in less.
        await pilot.press("n", "N", "slash", "enter")
        assert pager.news() == [("again", True), ("again", False), ("again", True)]
        await pilot.press("slash", "x", "escape")
        assert pager.news() == []
        await pilot.press("escape")
        assert pager.news() == [("search", "", False)]
        assert pilot.app.screen is screen


async def test_what_is_typed_is_a_regular_expression_after_ctrl_r_and_stays_so() -> None:
    async with reading(logs.failing()) as (pilot, screen, pager):
        await pilot.press("ctrl+r", "slash", "a", "full_stop", "ctrl+r")
        assert screen.line.text == "a."
        assert "Regex: a." in screen_of(pilot)[-1]
        await pilot.press("b", "enter", "slash", "c", "enter", "slash", "ctrl+r", "d", "enter")
        assert pager.news() == [("search", "a.b", True), ("search", "c", True), ("search", "d", False)]


async def test_what_is_typed_for_one_question_never_answers_the_next() -> None:
    async with reading(logs.failing(), path="/l/a.log") as (pilot, _, pager):
        keys = ["slash", "a", "enter", "colon", "7", "enter", "S", "enter", "slash", "b", "escape"]
        # All at once, as a paste into a terminal without brackets comes.
        for key in keys:
            pilot.app.simulate_key(key)
        await pilot.pause()
        assert pager.news() == [("search", "a", False), ("line", 7), ("save", "./a.log")]


async def test_a_line_is_gone_to_by_its_number_or_by_percent() -> None:
    async with reading(logs.failing(size=1000)) as (pilot, screen, pager):
        await pilot.press("colon", *"1,234", "enter", "colon", *"50%", "enter", "colon", "enter")
        assert pager.news() == [("line", 1234), ("offset", 499)]
        await pilot.press("colon", *"x3", "enter")
        assert pager.news() == []
        assert status(screen).startswith("not a line's number: x3")
        # And it is not said for longer than it is news.
        await pilot.press("e")
        assert "not a line" not in status(screen)


async def test_a_copy_is_saved_under_the_unpacked_name_or_another() -> None:
    async with reading(logs.failing(), path="/l/a b.log.xz") as (pilot, _, pager):
        await pilot.press("S", "enter")
        assert pager.news() == [("save", "./a b.log")]
        await pilot.press("S", "ctrl+u", *"/x", "enter", "S", "ctrl+u", "enter", "S", "escape")
        assert pager.news() == [("save", "/x")]


async def test_lines_have_their_numbers_on_demand_and_the_text_less_room() -> None:
    async with reading(logs.failing()) as (pilot, screen, pager):
        assert pager.room == (79, 21)
        await pilot.press("number_sign")
        assert pager.room == (73, 21)
        assert drawn(screen)[2].startswith("!48205 src/arscan.c:77:10")
        await pilot.press("L")
        assert pager.room == (79, 21)
        assert drawn(screen)[2].startswith("!src/arscan.c:77:10")


async def test_back_goes_back_and_the_pager_is_closed() -> None:
    for key in ("escape", "q"):
        async with reading(logs.failing(pattern="x" if key == "q" else ""), offset=7) as (
            pilot,
            screen,
            pager,
        ):
            assert pager.opened == (logs.PATH, 7)
            await pilot.press(key)
            await pilot.pause()
            assert pilot.app.screen is not screen
            assert pager.closed
            # A pager's last word to a screen that is gone.
            pager.show(logs.empty())


# -- other programs --------------------------------------------------------------------------------------


async def test_other_programs_get_the_log_and_what_they_cannot_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PAGER", "no-such-pager -x")
    monkeypatch.setenv("VISUAL", "vim")
    run: list[Sequence[str]] = []

    def refused(argv: Sequence[str]) -> str:
        run.append(argv)
        return f"cannot run '{argv[0]}': No such file or directory"

    async with reading(logs.failing(), run=refused, terminal=True) as (pilot, screen, pager):
        await pilot.press("p", "v")
        assert run == [["no-such-pager", "-x", logs.PATH], ["vim", "+48203", logs.PATH]]
        assert status(screen).startswith("cannot run 'vim': No such file or directory")
        pager.show(logs.failing(path=f"{logs.PATH}.gz"))
        await pilot.pause()
        await pilot.press("p", "v")
        assert len(run) == 2
        assert status(screen).startswith("it is compressed")


# -- what is drawn ---------------------------------------------------------------------------------------


async def test_the_title_says_whose_log_it_is_and_how_far_the_package_is() -> None:
    async with reading(logs.failing()) as (pilot, screen, _):

        def title() -> str:
            return joined(screen.headline())

        assert title() == "Log  devel/gmake  build 00:01:23"
        snapshot = logs.of_gmake()
        stalled = snapshot.workers[0]._replace(stalled=True)
        await show(pilot, replace(snapshot, workers=(stalled, *snapshot.workers[1:])))
        assert title() == "Log  devel/gmake  build stalled 00:01:23"
        # Another log of the same package is not the one that is written now.
        other = snapshot.workers[0]._replace(log="/another")
        failed = events.VIM._replace(origin=logs.ORIGIN, phase="configure", duration=69)
        ended = View((events.VIM, failed, events.MESA))
        await show(pilot, replace(snapshot, workers=(other,), finished=ended))
        assert title() == "Log  devel/gmake  failed in configure, 00:01:09"
        assert screen.headline()[-2].role is Role.FAILED
        built = failed._replace(outcome=Outcome.BUILT)
        idle = WorkerRow(0, WorkerState.IDLE)
        await show(pilot, replace(snapshot, workers=(idle,), finished=View((failed, built))))
        assert title() == "Log  devel/gmake  built, 00:01:09"
        # Queued again, nothing is known of it.
        await show(pilot, replace(snapshot, workers=(idle,), finished=View((events.VIM, events.MESA))))
        assert title() == f"Log  devel/gmake  {logs.PATH}"


async def test_a_page_is_drawn_with_signs_for_what_is_marked() -> None:
    async with reading(logs.searched(), (60, 12)) as (_, screen, _):
        lines = drawn(screen)
        assert lines[0] == "■===>  Building for gmake-4.4.1"
        assert lines[1] == "›cc -O2 -pipe -fstack-protector-strong -c src/ar.c"
        assert lines[2] == "!src/arscan.c:77:10: fatal error: vms.h: No such file or dir"
        assert lines[7] == " ␛]0;not a title␇  <202E>not turned round"
        found = [field.role for field in screen.query_one(LogView).line_at(1) if field.text == "protector"]
        assert found == [Role.CHOSEN]
        assert status(screen) == "counting lines 40 %  /protector            16K / 1.8M  0 %"


async def test_of_no_text_it_is_said_why_there_is_none() -> None:
    async with reading(None) as (pilot, screen, pager):
        # Before anything is read nobody knows.
        assert not any(drawn(screen))
        for page, said in (
            (logs.empty(), "nothing is in it so far"),
            (logs.empty()._replace(following=False), "it is empty"),
            (logs.missing(), f"{logs.PATH}: No such file or directory"),
        ):
            pager.show(page)
            await pilot.pause()
            assert drawn(screen)[0].strip() == said
        pager.show(logs.failing(problem="the log is gone"))
        await pilot.pause()
        assert status(screen).startswith("the log is gone")


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (120, 40)])
async def test_a_log_is_shown_at_every_size(size: tuple[int, int]) -> None:
    async with reading(logs.failing(note="not found"), size) as (pilot, _screen, pager):
        columns, rows = size
        assert pager.room == (columns - 1, rows - 3)
        lines = screen_of(pilot)
        assert [len(line.encode("utf-16-le")) // 2 for line in lines[:3]] == [columns] * 3
        assert "Building for" in lines[1]
        assert "not found" in lines[-2]
        assert "Back" in lines[-1]
        # Where there is hardly a row, none is for what is no news.
        pager.show(logs.failing())
        await pilot.pause()
        assert pager.room == (columns - 1, rows - (2 if rows < 7 else 3))
        await pilot.press("number_sign", "slash", "x")
        assert screen_of(pilot)[-1].startswith(" / ")


async def test_of_many_pages_in_a_moment_the_last_one_is_drawn_and_of_that_what_is_new() -> None:
    async with reading(logs.failing(rows=logs.rows(1, 9))) as (pilot, screen, pager):
        refreshed: list[tuple[Any, ...]] = []
        view = screen.query_one(LogView)
        view.refresh = lambda *regions, **_: refreshed.append(regions)  # type: ignore[assignment, method-assign]
        for more in range(1, 5):
            pager.show(logs.failing(rows=logs.rows(1, 9 + more)))
        await pilot.pause()
        [regions] = refreshed
        assert [region.y for region in regions] == sorted(region.y for region in regions)
        assert min(region.y for region in regions) == 9
        # Nothing new: nothing is drawn.
        pager.show(pager.page)
        await pilot.pause()
        assert len(refreshed) == 1


async def test_a_logs_own_colours_are_drawn_and_ours_where_it_has_none() -> None:
    pieces = (Piece("a", "31"), Piece("b", "38;5;208"), Piece("c", "1;4;38;2;200;10;10"), Piece("d"))
    page = logs.failing(rows=(Row(0, 0, 1, pieces, "error"),))
    async with reading(page) as (_, screen, _):
        segments = list(screen.query_one(LogView).render_line(0))
        styles = {segment.text: segment.style for segment in segments if segment.text in "!abcd"}
        red, orange, bold, own = (styles[text] for text in "abcd")
        assert red is not None
        assert red.color == Color.parse(DARK.failed)
        assert orange is not None
        assert orange.color == Color.from_rgb(0xFF, 0x87, 0x00)
        assert bold is not None
        assert bold.bold
        assert bold.underline
        assert own is not None
        assert own.color == Color.parse(DARK.failed)
        assert own.bold
        assert styles["!"] == own


async def test_without_colours_a_log_has_none_and_in_sixteen_the_terminals() -> None:
    page = logs.failing(rows=(Row(0, 0, 1, (Piece("a", "1;38;5;196"), Piece("b", "41")), ""),))
    async with reading(page, looks=Looks(colours=0)) as (pilot, screen, _):
        strip = pilot.app.screen._compositor.render_strips()[1]
        styles = [
            style for _, style, _ in strip.apply_filter(pilot.app._filters[0], screen.background_colors[1])
        ]
        assert all(style is None or style.color is None for style in styles)
        assert [style.bold for style in styles if style is not None][1]
    async with reading(page, looks=Looks(colours=16)) as (_, screen, _):
        segments = list(screen.query_one(LogView).render_line(0))
        [bright_red] = [style.color for text, style, _ in segments if text == "a" and style]
        assert bright_red is not None
        assert bright_red.number is not None
        assert bright_red.number < 16


@pytest.mark.parametrize(("theme", "palette"), [("synthtop-dark", DARK), ("synthtop-light", LIGHT)])
def test_no_colour_of_a_log_is_lost_in_the_background(theme: str, palette: Any) -> None:
    for sgr in [
        *map(str, (*range(30, 38), *range(90, 98))),
        *(f"38;5;{n}" for n in range(256)),
        "38;2;9;9;9",
    ]:
        style = style_for(sgr, theme)
        assert style.color is not None
        assert contrast(style.color, Color.parse(palette.background)) >= QUIETLY_LEGIBLE
    for ground in (*range(40, 48), *range(100, 108)):
        style = style_for(f"37;{ground}", theme)
        assert style.color is not None
        assert style.bgcolor is not None
        assert contrast(style.color, style.bgcolor) >= QUIETLY_LEGIBLE


@pytest.mark.parametrize("sgr", ["38", "38;5", "38;5;999", "48;2;1;2", "x", ";;", "38;2;1;2;256", "9" * 5000])
def test_broken_colours_are_none(sgr: str) -> None:
    style = style_for(sgr, "synthtop-dark")
    assert style.color is None
    assert style.bgcolor is None
