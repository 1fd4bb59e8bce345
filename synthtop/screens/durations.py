"""How long one package took in the builds of the history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from ..history.lookup import Reader, Records
from ..history.oldlog import Span
from ..history.record import Built
from ..history.replay import finished_of, span_of
from ..historytext.builds import usual
from ..model import Finished, hms
from ..parts import Part, Parts, Role
from ..text import clean
from ..widgets.durationlist import DurationList
from .asker import Asker
from .command import Command, bindings_of
from .rowscreen import LOG, MOVING
from .subscreen import COMMON, heading

MOST = 200
"""Builds that are shown, the newest."""


class Durations(Asker):
    """The last builds of ``origin``, with a bar for each."""

    OFFERED: ClassVar[Sequence[Command[Any]]] = (
        *LOG,
        MOVING[0]._replace(sentence="Mark a build of it."),
        *MOVING[1:],
        *COMMON,
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(OFFERED)
    DEFAULT_CSS = """
    Durations DurationList { height: 1fr; }
    """

    def __init__(self, origin: str, records: Records) -> None:
        super().__init__(records)
        self.rows = self._list = DurationList(records.zone)
        self._origin = origin

    def body(self) -> Iterator[Widget]:
        yield self._list

    def question(self) -> Callable[[Reader, float], list[Built]]:
        origin = self._origin
        return lambda history, now: history.builds(origin, MOST)

    def answered(self, found: list[Built]) -> None:
        self._list.show(found)
        self._list.tell("No build of it is in the history any more.")

    @property
    def changing(self) -> bool:
        return False

    @property
    def looked_at(self) -> Finished | None:
        built = self._list.marked
        return None if built is None else finished_of(built.package)

    def span_of(self, package: Finished) -> Span | None:
        built = self._list.marked
        return None if built is None else span_of(built.package)

    def headline(self) -> Parts:
        noted = self.noted()
        if noted:
            # There is seldom room for both.
            return (*heading("Durations"), *noted)
        builds = self._list.items
        middle = usual(builds)
        median = "" if middle is None else f"  median {hms(round(middle))}"
        count = f"  {len(builds)} build{'' if len(builds) == 1 else 's'}" if builds else ""
        return Part(clean(self._origin), Role.VALUE), Part(median + count, Role.LABEL)
