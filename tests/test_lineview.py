"""Lines that are drawn again only where they changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot
from textual.strip import Strip

from synthtop.parts import Role
from synthtop.terminal import Looks
from synthtop.widgets.fields import Field, Line
from synthtop.widgets.lineview import LineView
from synthtop.widgets.looks import apply

USUAL = Looks()


class Lines(LineView):
    """Says what it is given, and notes what it is asked and what it wants to have drawn again."""

    def __init__(self, *lines: Line) -> None:
        super().__init__()
        self.lines = list(lines)
        self.grounds: dict[int, Role] = {}
        self.asked: list[int] = []
        self.asked_for: list[tuple[Region, ...]] = []

    def line_at(self, y: int) -> Line:
        self.asked.append(y)
        return self.lines[y] if y < len(self.lines) else ()

    def ground_at(self, y: int) -> Role | None:
        return self.grounds.get(y)

    def refresh(self, *regions: Region, **options: bool) -> Self:
        if self.is_mounted:
            self.asked_for.append(regions)
        return super().refresh(*regions, **options)

    def forget(self) -> None:
        self.asked.clear()
        self.asked_for.clear()


class Shown(App[None]):
    def __init__(self, lines: Lines, looks: Looks) -> None:
        super().__init__()
        apply(self, looks)
        self.lines = lines

    def compose(self) -> ComposeResult:
        yield self.lines


def text(words: str, role: str = Role.TEXT, x: int = 0) -> Line:
    return (Field(x, words, role),)


@asynccontextmanager
async def shown(*lines: Line, looks: Looks = USUAL) -> AsyncIterator[tuple[Pilot[Any], Lines]]:
    view = Lines(*lines)
    async with Shown(view, looks).run_test(size=(20, 4)) as pilot:
        await pilot.pause()
        view.forget()
        yield pilot, view


def style_at(view: Lines, y: int, x: int = 0) -> Style:
    for segment in view.render_line(y):
        x -= segment.cell_length
        if x < 0:
            assert segment.style is not None
            return segment.style
    raise AssertionError("nothing stands there")


async def test_a_redraw_wants_what_changed_and_no_more() -> None:
    async with shown(text("one"), text("lines 12", x=4)) as (_, view):
        view.lines[1] = text("lines 13", x=4)
        view.redraw()
        assert view.asked_for == [(Region(11, 1, 1, 1),)]


async def test_a_redraw_of_what_is_drawn_already_wants_nothing() -> None:
    async with shown(text("one")) as (_, view):
        view.lines[0] = text("one")
        view.redraw()
        assert view.asked_for == []


async def test_each_line_is_asked_for_once_a_redraw() -> None:
    async with shown(text("one"), text("two")) as (pilot, view):
        view.lines[1] = text("three")
        view.redraw()
        await pilot.pause()
        assert sorted(view.asked) == [0, 1, 2, 3]
        assert view.render_line(1).text.rstrip() == "three"


async def test_what_changes_back_before_it_is_drawn_is_right() -> None:
    async with shown(text("one")) as (pilot, view):
        view.lines[0] = text("two")
        view.redraw()
        view.lines[0] = text("one")
        view.redraw()
        await pilot.pause()
        assert view.render_line(0).text.rstrip() == "one"


class Filled(Lines):
    """Lines as wide as the widget, and each that was drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.letter = "a"
        self.drawn: list[str] = []

    def line_at(self, y: int) -> Line:
        return text(self.letter * self.columns)

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        self.drawn.append(strip.text)
        return strip


async def test_what_was_asked_before_a_resize_is_never_drawn_after_it() -> None:
    view = Filled()
    async with Shown(view, USUAL).run_test(size=(20, 4)) as pilot:
        await pilot.pause()
        view.letter = "b"
        view.redraw()
        await pilot.resize_terminal(30, 4)
    assert {line for line in view.drawn if len(line) == 30} == {"b" * 30}


async def test_whoever_repaints_all_has_all_asked_for_anew() -> None:
    async with shown(text("one")) as (_, view):
        view.lines[0] = text("two")
        view.redraw()
        view.lines[0] = text("three")
        view.refresh()
        assert view.render_line(0).text.rstrip() == "three"


async def test_a_line_is_as_wide_as_the_widget() -> None:
    async with shown(text("x" * 30), text("日本語" * 5), ()) as (_, view):
        assert [view.render_line(y).cell_length for y in range(4)] == [20] * 4


# -- on a ground -------------------------------------------------------------------------------------


async def test_a_ground_fills_the_whole_line() -> None:
    async with shown(text("one"), text("one")) as (_, view):
        view.grounds[0] = Role.CHOSEN
        there = {segment.style.bgcolor for segment in view.render_line(0) if segment.style}
        elsewhere = {segment.style.bgcolor for segment in view.render_line(1) if segment.style}
        assert len(there) == len(elsewhere) == 1
        assert there != elsewhere


async def test_another_ground_redraws_the_whole_line() -> None:
    async with shown(text("one"), text("two")) as (pilot, view):
        view.grounds[1] = Role.CHOSEN
        view.redraw()
        await pilot.pause()
        view.grounds.clear()
        view.redraw()
        assert view.asked_for == [(Region(0, 1, 20, 1),)] * 2


async def test_what_can_be_read_keeps_its_colour_on_a_ground() -> None:
    async with shown(text("failed", Role.FAILED), looks=Looks("synthtop-dark")) as (_, view):
        before = style_at(view, 0)
        view.grounds[0] = Role.CHOSEN
        assert style_at(view, 0).color == before.color
        assert style_at(view, 0).bold


async def test_what_cannot_be_read_on_a_ground_takes_that_ones_colour() -> None:
    async with shown(text("failed", Role.FAILED), looks=Looks("synthtop-contrast")) as (_, view):
        before = style_at(view, 0)
        view.grounds[0] = Role.CHOSEN
        assert style_at(view, 0).color != before.color
        assert style_at(view, 0).bold


async def test_in_the_terminals_own_colours_a_ground_is_reversed() -> None:
    for looks in (Looks(colours=16), Looks(colours=0)):
        async with shown(text("failed", Role.FAILED), looks=looks) as (_, view):
            view.grounds[0] = Role.CHOSEN
            assert style_at(view, 0).reverse
            assert style_at(view, 0).bold
            assert style_at(view, 0, x=10).reverse


# -- dimmed, and without colours -----------------------------------------------------------------------


async def test_dimmed_only_what_needs_somebody_is_bright() -> None:
    async with shown(text("built", Role.BUILT), text("failed", Role.FAILED), text("q", Role.KEY)) as (
        _,
        view,
    ):
        failed, key = style_at(view, 1), style_at(view, 2)
        view.dimmed = True
        assert style_at(view, 0) == view.style_of(Role.DIM)
        assert style_at(view, 1) == failed
        assert style_at(view, 2) == key
        view.dimmed = False
        assert style_at(view, 0) != view.style_of(Role.DIM)


async def test_to_dim_repaints_all_and_once() -> None:
    async with shown(text("one")) as (_, view):
        view.dimmed = True
        view.dimmed = True
        assert view.asked_for == [()]


async def test_signs_are_needed_without_colours_and_in_ascii() -> None:
    for looks, needed in (
        (Looks(), False),
        (Looks(colours=16), False),
        (Looks(colours=0), True),
        (Looks(ascii=True), True),
    ):
        async with shown((), looks=looks) as (_, view):
            assert view.colourless is needed


async def test_a_theme_chosen_later_is_seen_at_once() -> None:
    async with shown(text("failed", Role.FAILED)) as (pilot, view):
        before = style_at(view, 0)
        pilot.app.theme = "synthtop-light"
        await pilot.pause()
        assert style_at(view, 0) != before
