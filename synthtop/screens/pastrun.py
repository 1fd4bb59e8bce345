"""One build of the history: what became of its packages, and the ways to its failures and charts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from ..history.lookup import Reader, Records
from ..history.oldlog import Span
from ..history.record import Run
from ..history.replay import Replay, replayed, span_within
from ..model import BuildState, Finished, Snapshot
from ..parts import Part, Parts, Role
from ..states import state_parts
from ..text import clean
from ..widgets.finishedtable import FinishedTable
from ..widgets.runhead import RunHead, head_rows
from ..widgets.told import ToldRows
from .asker import Asker, put_over
from .command import Command, Key, bindings_of
from .course import CourseScreen
from .durations import Durations
from .finished import FinishedScreen
from .pastfailures import PastFailures
from .rowscreen import RowScreen
from .subscreen import COMMON, heading

_AROUND = 2
"""Lines of title and keys."""
_AT_EASE = 2000
"""Packages that are read again as often as there is something new; of more it is the less often the more."""
_GONE = "This build is not in the history any more."


class PastTable(ToldRows, FinishedTable):
    """As of a build that is shown, but that it may have to be read first."""


class PastRun(Asker, FinishedScreen):
    """The packages of ``run``, those that ended last first until they are sorted otherwise."""

    OFFERED: ClassVar[Sequence[Command[Any]]] = (
        FinishedScreen.OFFERED[0],
        Command(
            "f",
            "What failed and why.",
            (Key("f", "screen.failures"),),
            applies=lambda now: now.replay.run.totals.failed > 0,
            word=lambda now: "Failures",
            weight=88,
        ),
        Command(
            "t",
            "Charts of the whole build: rate, load, workers and more.",
            (Key("t", "screen.charts"),),
            word=lambda now: "Trends",
            weight=75,
        ),
        Command(
            "d",
            "How long the package took in other builds.",
            (Key("d", "screen.durations"),),
            applies=lambda now: now.rows.count > 0,
            word=lambda now: "Durations",
            weight=73,
        ),
        # There are more keys than 80 columns have room for: the one that tells of them is to be seen.
        *(
            command._replace(weight=86) if command is COMMON[0] else command
            for command in FinishedScreen.OFFERED[1:]
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(OFFERED)
    DEFAULT_CSS = """
    PastRun RunHead { height: 3; }
    """

    def __init__(self, run: Run, records: Records) -> None:
        super().__init__(records)
        self.replay = replayed(run)
        """What was read of it; at first only what its line said."""
        self.rows = self.table = PastTable()
        self._facts = RunHead(records.zone)

    def body(self) -> Iterator[Widget]:
        yield from (self._facts, self.table)

    # -- what it shows -----------------------------------------------------------------------------

    def question(self) -> Callable[[Reader, float], Replay | None]:
        number = self.replay.run.id

        def read(history: Reader, now: float) -> Replay | None:
            run = history.run(number, now=now)
            return None if run is None else replayed(run, history.packages(number), history.minutes(number))

        return read

    def answered(self, found: Replay | None) -> None:
        if found is None:
            # Where packages are shown these stay, and the title says it.
            self.problem = _GONE
            self.rows.tell(_GONE)
            return
        self.replay = found
        self.rows.tell("")
        self._facts.show(found)
        self.table.show(found.snapshot)

    @property
    def changing(self) -> bool:
        return self.replay.run.state is BuildState.BUILDING

    @property
    def rests(self) -> int:
        return self.table.total // _AT_EASE

    def span_of(self, package: Finished) -> Span | None:
        return span_within(package, self.replay.run.started)

    def headline(self) -> Parts:
        run = self.replay.run
        noted = self.noted()
        if noted:
            # There is seldom room for both.
            return (*heading(f"Run {run.id}"), *noted)
        parts = [*heading(f"Run {run.id}"), Part(f"  {clean(run.name)}  ", Role.TEXT)]
        parts += state_parts(self.replay.snapshot)
        wanted = self.table.wanted
        if not wanted.everything:
            parts.append(Part(f"  {self.table.count:,} of {self.table.total:,}", Role.LABEL))
        for said, role in (
            (str(wanted.outcome or ""), Role(wanted.outcome.value) if wanted.outcome else Role.VALUE),
            (clean(wanted.text.strip()), Role.VALUE),
        ):
            if said:
                parts += [Part("  ", Role.LABEL), Part(said, role)]
        return (*parts, *(self.behind() if self.table.total else ()))

    def take(self, snapshot: Snapshot) -> None:
        # Not the packages of the build that goes on, which FinishedScreen shows.
        RowScreen.take(self, snapshot)

    def on_mount(self) -> None:
        self._facts.show(self.replay)
        self._arrange()

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        rows = head_rows(max(0, self.app.size.height - _AROUND))
        self._facts.styles.height = rows
        self._facts.display = rows > 0

    # -- keys --------------------------------------------------------------------------------------

    def action_failures(self) -> None:
        """What failed and why."""
        if self.replay.run.totals.failed:
            put_over(self, PastFailures(self.replay, self.records))

    def action_charts(self) -> None:
        """Charts of the whole build."""
        if self.replay.minutes:
            put_over(self, CourseScreen(self.replay, self.records.zone))
        else:
            self.note("no course of this build was recorded")

    def action_durations(self) -> None:
        """How long the package took in other builds."""
        package = self.looked_at
        if package is not None:
            put_over(self, Durations(package.origin, self.records))
