"""The builds before this one, a line each: the way to what each of them did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from ..history.lookup import Reader, Records, records_at
from ..history.record import Run
from ..model import Finished
from ..parts import Part, Parts, Role
from ..text import clean
from ..widgets.filterline import FilterLine
from ..widgets.ordering import nothing_found
from ..widgets.runlist import RunList, wanted_runs
from .asker import Asker, put_over
from .command import Command, Key, bindings_of
from .pastrun import PastRun
from .rowscreen import MOVING
from .subscreen import COMMON, heading

MOST = 200
"""Runs that are shown, the newest."""
_NONE = "No build has been recorded yet."


def _last(history: Reader, now: float) -> list[Run]:
    # One more, to know whether there are more.
    return history.runs(MOST + 1, now=now)


class HistoryScreen(Asker):
    """The last runs in the history at ``path``; None: there is nowhere to keep one. ``records`` is another
    way to it."""

    OFFERED: ClassVar[Sequence[Command[Any]]] = (
        Command(
            "enter",
            "Say what the build did, or click it once more.",
            (Key("enter", "screen.log"),),
            applies=lambda now: now.rows.count > 0,
            word=lambda now: "Open",
            weight=90,
        ),
        Command(
            "/",
            "Show only builds in whose name, host, date, state or paths each word occurs.",
            (Key("slash", "screen.filter"),),
            word=lambda now: "Filter",
            weight=80,
        ),
        Command(
            "n",
            "Show only builds with the name of the marked one; all again.",
            (Key("n", "screen.name"),),
            applies=lambda now: now.rows.count > 0 or now.name_wanted is not None,
            word=lambda now: "Same name" if now.name_wanted is None else "All names",
            weight=60,
        ),
        MOVING[0]._replace(sentence="Mark a build."),
        *MOVING[1:],
        COMMON[0],
        Command(
            "esc",
            "Show all again; then go back.",
            (Key("escape", "screen.back"),),
            word=lambda now: "Back" if now.everything else "All",
            weight=100,
        ),
        Command("q", "Go back.", (Key("q", "screen.close"),)),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(OFFERED)
    OPENS = {"slash": "action_filter"}  # noqa: RUF012
    DEFAULT_CSS = """
    HistoryScreen RunList { height: 1fr; }
    """

    def __init__(self, path: str | None = None, *, own: bool = False, records: Records | None = None) -> None:
        super().__init__(records_at(path) if records is None else records, own=own)
        self.rows = self._list = RunList(self.records.zone)
        self.name_wanted: str | None = None
        self._runs: Sequence[Run] = ()
        self._text = self._text_before = ""

    def body(self) -> Iterator[Widget]:
        yield self._list

    # -- what it shows -----------------------------------------------------------------------------

    def question(self) -> Callable[[Reader, float], list[Run]]:
        return _last

    def answered(self, found: list[Run]) -> None:
        self._runs = found
        self._arrange()

    @property
    def looked_at(self) -> Finished | None:
        return None

    @property
    def everything(self) -> bool:
        """Whether no run is left out."""
        return self.name_wanted is None and not self._text.strip()

    def _arrange(self) -> None:
        """Show the runs that are wanted."""
        name = self.name_wanted
        named = [run for run in self._runs[:MOST] if name is None or run.name == name]
        shown = wanted_runs(named, self._text, self.records.zone)
        self._list.show(shown)
        if not shown and not self.problem:
            self._list.tell(nothing_found(self._text.strip(), len(named), "build") if named else _NONE)
        if self.line.typing:
            self.line.note(f"{len(shown)} of {len(named)}")

    def headline(self) -> Parts:
        total = min(len(self._runs), MOST)
        more = "the last " if len(self._runs) > MOST else ""
        count = f"{more}{total}" if self.everything else f"{self._list.count} of {more}{total}"
        parts = [*heading("History"), Part(f"  {count}" if self._runs else "", Role.LABEL)]
        for said in (self.name_wanted, self._text.strip()):
            if said:
                parts += [Part("  ", Role.LABEL), Part(clean(said), Role.VALUE)]
        return (*parts, *(self.behind() if self._runs else ()), *self.noted())

    # -- keys --------------------------------------------------------------------------------------

    def action_log(self) -> None:
        """Say what the marked build did."""
        run = self._list.marked
        if run is not None:
            put_over(self, PastRun(run, self.records))

    def action_name(self) -> None:
        """Show the builds with the name of the marked one alone, or all again."""
        marked = self._list.marked
        self.name_wanted = marked.name if self.name_wanted is None and marked is not None else None
        self._show_all()

    def action_back(self) -> None:
        """Show all again; where all is shown, go back."""
        if self.everything:
            self.action_close()
        else:
            self.name_wanted, self._text = None, ""
            self._show_all()

    def _show_all(self) -> None:
        self._arrange()
        self.show_lines()

    def action_filter(self) -> None:
        """Have a filter typed."""
        if not self.line.typing:
            self._text_before = self._text
            self.line.open(self._text)
            self._show_all()

    def on_filter_line_changed(self, message: FilterLine.Changed) -> None:
        self._text = message.text
        self._show_all()

    def on_filter_line_done(self, message: FilterLine.Done) -> None:
        self._text = self.line.text if message.kept else self._text_before
        self._show_all()
