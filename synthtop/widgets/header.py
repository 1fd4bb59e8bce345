"""The three header lines, in a frame where there is room for one."""

from __future__ import annotations

from collections.abc import Sequence

from ..lines import FRAME, header_parts
from ..model import Snapshot
from ..parts import Part, Parts, Role
from ..states import state_word
from ..text import clean, fit, width
from .fields import Line, placed
from .lineview import LineView


def framed_lines(title: str, rows: Sequence[Parts], state: Part, columns: int, role: Role) -> list[Line]:
    """``rows`` in a frame of ``columns``, titled at the upper left, with the state at the lower right."""
    inner = columns - FRAME
    title = fit(title, min(width(title), inner - 2)) if inner > 2 else ""
    word = fit(state.text, min(width(state.text), inner - 2)) if inner > 2 else ""
    top = [Part("╭─ ", role), Part(title, role), Part(" ", role)]
    top.append(Part("─" * (columns - 5 - width(title)) + "╮", role))
    bottom = [Part("╰" + "─" * (columns - 5 - width(word)) + " ", role)]
    bottom += [Part(word, role if role is Role.THROTTLED else state.role), Part(" ─╯", role)]
    side, other = Part("│ ", role), Part(" │", role)
    middle = [(*placed((side,)), *placed(row, 2), *placed((other,), columns - 2)) for row in rows]
    return [placed(top), *middle, placed(bottom)]


class Header(LineView):
    """What :func:`~synthtop.lines.header_parts` says; with a frame it is five lines high, else three."""

    FRAMED = 5
    BARE = 3

    def __init__(self, title: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = clean(title)
        self._snapshot: Snapshot | None = None
        self._lines: list[Line] = []
        self._made_for: tuple[int, int] = (-1, -1)

    def show(self, snapshot: Snapshot) -> None:
        """Say what ``snapshot`` says."""
        self._snapshot = snapshot
        self._make()
        self.redraw()

    def _make(self) -> None:
        self._made_for = columns, rows = self.columns, self.rows
        self._lines = []
        if self._snapshot is None:
            return
        snapshot = self._snapshot
        if rows < self.FRAMED or columns < 8:
            self._lines = [placed(parts) for parts in header_parts(snapshot, columns, framed=False)]
            return
        name = snapshot.source.name
        title = f"{self._title}  {clean(name)}" if name else self._title
        role = Role.THROTTLED if snapshot.throttled and not snapshot.over else Role.DIM
        parts = header_parts(snapshot, columns, framed=True)
        self._lines = framed_lines(title, parts, state_word(snapshot), columns, role)

    def line_at(self, y: int) -> Line:
        if self._made_for != (self.columns, self.rows):
            self._make()
        return self._lines[y] if y < len(self._lines) else ()
