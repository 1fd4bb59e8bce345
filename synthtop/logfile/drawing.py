"""Makes the rows of a page: what each shows of its line, its number, and what it is marked with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from . import phases
from .blocks import Blocks
from .counting import Newlines
from .layout import Spans, pieces, shifted
from .page import Row
from .paging import Paging, Spot
from .search import Matcher
from .sgr import stripped

_BEYOND = 256
"""Characters beyond the edge of the screen that are looked at for what is searched for."""
_MARKS_KEPT = 4096

IsError = Callable[[bytes], bool]


class Marks:
    """Which lines begin a phase, or say what went wrong; each is asked about once."""

    def __init__(self, blocks: Blocks, is_error: IsError) -> None:
        self._blocks = blocks
        self._is_error = is_error
        self._known: dict[tuple[int, int], str] = {}

    def of(self, line: int, end: int) -> str:
        """``"phase"``, ``"error"`` or ``""`` for the line up to ``end``."""
        mark = self._known.get((line, end))
        if mark is None:
            blocks = self._blocks
            content = blocks.content(line, end)
            if phases.begins(blocks, line, content):
                mark = "phase"
            else:
                mark = "error" if self._is_error(stripped(content)) else ""
            if len(self._known) >= _MARKS_KEPT:
                self._known.clear()
            self._known[line, end] = mark
        return mark


def rows_of(
    paging: Paging,
    spots: Sequence[Spot],
    *,
    shift: int,
    newlines: Newlines,
    marks: Marks,
    matcher: Matcher | None,
    here: int | None,
) -> tuple[tuple[Row, ...], bool]:
    """The rows for ``spots``, and whether the last one is the log's last."""
    if not spots:
        return (), True
    shown = [_shown(paging, spot, shift) for spot in spots]
    found = _found(spots, shown, matcher)
    rows = []
    for spot, (start, stop, blanks), spans, number in zip(
        spots, shown, found, _numbers(paging, spots, newlines), strict=True
    ):
        line, part = spot.place
        mark = "here" if line == here else marks.of(line, spot.end)
        rows.append(Row(line, part, number, pieces(spot.laid, start, stop, spans, blanks), mark))
    last = spots[-1]
    at_end = last.end >= paging.blocks.size and last.stop >= len(last.laid.text)
    return tuple(rows), at_end


def _shown(paging: Paging, spot: Spot, shift: int) -> tuple[int, int, int]:
    if paging.wrap:
        return spot.start, spot.stop, 0
    return shifted(spot.laid.text, shift, paging.columns)


def _found(
    spots: Sequence[Spot], shown: Sequence[tuple[int, int, int]], matcher: Matcher | None
) -> Sequence[Spans]:
    if matcher is None:
        return [()] * len(spots)
    # Each line once, however many rows it has.
    stops = {spot.place.line: (spot.laid.text, stop) for spot, (_, stop, _) in zip(spots, shown, strict=True)}
    spans = matcher.spans([text[: stop + _BEYOND] for text, stop in stops.values()])
    by_line = dict(zip(stops, spans, strict=True))
    return [by_line[spot.place.line] for spot in spots]


def _numbers(paging: Paging, spots: Sequence[Spot], newlines: Newlines) -> Iterator[int | None]:
    number = newlines.number_at(spots[0].place.line)
    previous: Spot | None = None
    for spot in spots:
        if previous is not None and previous.place.line != spot.place.line and number is not None:
            if spot.place.line > newlines.counted:
                number = None
            elif paging.blocks.read(previous.end - 1, previous.end) == b"\n":
                number += 1
        yield number
        previous = spot
