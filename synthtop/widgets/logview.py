"""A page of a log as it is drawn, and the line that says where in the log that is."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual.message import Message

from ..logfile.page import Page, Row
from ..parts import Part, Parts, Role, cut, joined
from ..text import clean, fit, width
from ..units import short_size
from .contrast import on_ground
from .fields import Field, Line, placed
from .lineview import LineView
from .roles import GROUND
from .sgr import style_for

_SGR = "sgr "
"""How a role begins that is a log's own look."""
_SIGNS = {"error": ("!", Role.FAILED), "phase": ("■", Role.PHASE), "here": ("›", Role.KEY)}
_ROLES = {"error": Role.FAILED, "phase": Role.PHASE}
"""Of the text that has no look of its own, in a line of a mark."""
_GUTTER = 1
"""Columns at the left for the sign of a line's mark."""
_DIGITS_AT_LEAST = 4
_TEXT_AT_LEAST = 16
"""Columns for the text, or there are no line numbers."""
_GAP = 2


class LogView(LineView):
    """Draws a page; :attr:`room` says how much of a log it has place for."""

    DEFAULT_CSS = """
    LogView { height: 1fr; }
    """

    class Resized(Message):
        """It has place for more, or for less."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._page: Page | None = None
        self._numbered = False

    def on_resize(self) -> None:
        self.post_message(self.Resized())

    def show(self, page: Page | None) -> None:
        """Draw this page from now on; None where nothing is known yet."""
        if page is not self._page:
            self._page = page
            self.redraw()

    @property
    def numbered(self) -> bool:
        """Whether lines have their numbers before them."""
        return self._numbered

    @numbered.setter
    def numbered(self, numbered: bool) -> None:
        self._numbered = numbered
        self.redraw()

    @property
    def room(self) -> tuple[int, int]:
        """Columns and rows for the log's text."""
        return max(1, self.columns - _GUTTER - self._number_columns), max(1, self.rows)

    @property
    def _number_columns(self) -> int:
        page = self._page
        if not self._numbered or page is None:
            return 0
        last = page.lines or max((row.number or 0 for row in page.rows), default=0)
        columns = max(_DIGITS_AT_LEAST, len(str(last))) + 1
        return columns if self.columns - _GUTTER - columns >= _TEXT_AT_LEAST else 0

    def line_at(self, y: int) -> Line:
        page = self._page
        if page is None:
            return ()
        if y < len(page.rows):
            return self._row(page.rows[y])
        if y or page.rows:
            return ()
        text, role = (clean(page.problem), Role.STALLED) if page.problem else (_of_nothing(page), Role.DIM)
        return (Field(_GUTTER, fit(text, max(0, self.columns - _GUTTER)).rstrip(), role),)

    def ground_at(self, y: int) -> Role | None:
        """A line that was jumped to stands out as a chosen row does elsewhere."""
        rows = self._page.rows if self._page is not None else ()
        return Role.CHOSEN if y < len(rows) and rows[y].mark == "here" else None

    def _row(self, row: Row) -> Line:
        fields = []
        if row.mark in _SIGNS and not row.part:
            sign, role = _SIGNS[row.mark]
            fields.append(Field(0, sign, role))
        numbers = self._number_columns
        if numbers and row.number is not None and not row.part:
            fields.append(Field(_GUTTER, f"{row.number:>{numbers - 1}}", Role.DIM))
        x = _GUTTER + numbers
        plain = _ROLES.get(row.mark, Role.TEXT)
        for text, sgr, found in row.pieces:
            look = Role.CHOSEN if found else _SGR + sgr if sgr else plain
            fields.append(Field(x, text, look))
            x += width(text)
        return tuple(fields)

    def style_of(self, role: str, ground: Role | None = None) -> Style:
        if not role.startswith(_SGR):
            # What was found stands out of the line that it was found in.
            return super().style_of(role, None if role == Role.CHOSEN else ground)
        # Not kept by role as ours are: a log may have each letter in another colour.
        style = self.rich_style + style_for(role.removeprefix(_SGR), self.app.theme)
        return style if ground is None else on_ground(style, self.style_of(GROUND), quiet=False)


def _of_nothing(page: Page) -> str:
    if page.doing:
        return ""
    return "nothing is in it so far" if page.following else "it is empty"


class LogStatus(LineView):
    """What the log is doing, and what is to be seen of it."""

    NEVER_BOLD: ClassVar[frozenset[Role]] = frozenset((Role.LABEL,))
    DEFAULT_CSS = """
    LogStatus { height: 1; background: $panel; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._page: Page | None = None
        self._said = ""

    def show(self, page: Page | None, said: str = "") -> None:
        """Tell of this page; ``said`` is what came of something that was not the log's to do."""
        self._page, self._said = page, said
        self.redraw()

    def line_at(self, y: int) -> Line:
        page = self._page
        if y or page is None:
            return ()
        columns = max(0, self.columns - 2)
        news, states = told_of(page, self._said), states_of(page)
        for told in (_joined(news, states), news):
            needed = width(joined(told))
            for place in places(page):
                if needed + (_GAP if told else 0) + width(place) <= columns:
                    x = columns + 1 - width(place)
                    return (*placed(told, 1), Field(x, place, Role.LABEL))
        return placed(cut(news, min(columns, width(joined(news)))), 1)


def told_of(page: Page, said: str = "") -> Parts:
    """What there is to tell: first what is wrong, then what came of the last key."""
    news = (
        # Where there is no text, the problem stands in its place.
        Part(clean(page.problem) if page.rows else "", Role.STALLED),
        *(Part(clean(text), Role.VALUE) for text in (said, page.doing, page.note)),
        Part("FOLLOWING" if page.following and not page.problem else "", Role.KEY),
    )
    return _joined(*((part,) for part in dict.fromkeys(news) if part.text))


def states_of(page: Page) -> Parts:
    """How the log is read."""
    shift = f"→{page.shift}" if page.shift else ""
    states = (f"/{clean(page.pattern)}" if page.pattern else "", "wrapped" if page.wrap else shift)
    return _joined(*((Part(state, Role.LABEL),) for state in states if state))


def _joined(*groups: Parts) -> Parts:
    """All of them, with a gap between two."""
    parts: list[Part] = []
    for group in groups:
        if parts and group:
            parts.append(Part(" " * _GAP, Role.LABEL))
        parts += group
    return tuple(parts)


def places(page: Page) -> tuple[str, ...]:
    """Where in the log the page is, the most telling first, each shorter than the one before."""
    if not page.rows:
        return ()
    first, last = page.rows[0], page.rows[-1]
    share = min(99, last.offset * 100 // page.size) if page.size else 0
    percent = f"{100 if page.at_end else share} %"
    if page.lines is not None and first.number is not None and last.number is not None:
        at = f"{first.number:,}-{last.number:,}" if first.number < last.number else f"{last.number:,}"
        long = f"{at} / {page.lines:,}"
        short = f"{last.number}/{page.lines}"
        return f"{long} lines  {percent}", f"{long}  {percent}", f"{short}  {percent}", percent
    return f"{short_size(page.above)} / {short_size(page.size)}  {percent}", percent
