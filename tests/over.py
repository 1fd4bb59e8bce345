"""Each screen over the main one as it is to be pictured: what is shown, and how one gets there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from textual.pilot import Pilot

from synthtop.app import SynthtopApp
from synthtop.history.problem import HistoryError
from synthtop.history.replay import replayed
from synthtop.logfile.page import Page
from synthtop.model import Eta, Finished, Outcome, Snapshot, Space, Totals, View
from synthtop.screens.failures import Failures
from synthtop.screens.log import LogScreen
from synthtop.screens.pastfailures import PastFailures
from synthtop.screens.subscreen import SubScreen
from synthtop.terminal import Looks

from . import builds, inside, logs, passing
from .causing import KNOWN, Known, failures_over
from .runsbefore import RUNS, Book, history_over, hostile, packages, records
from .test_detail import without_rust

Getting = Callable[[Pilot[Any]], Awaitable[None]]


class Pictured(NamedTuple):
    """``before`` are the snapshots that came, the last one being shown; ``keys`` are pressed, and what is
    ``put`` is a screen that no key opens with what it needs here. ``after`` comes when it is there."""

    before: Callable[[], Iterable[Snapshot]]
    keys: Sequence[str] = ()
    put: Callable[[], tuple[SubScreen, Callable[[], None]]] | None = None
    then: Sequence[str] = ()
    after: Callable[[], Snapshot] | None = None
    own: bool = True

    def app(self, looks: Looks | None = None) -> SynthtopApp:
        """The app, before it runs."""
        app = SynthtopApp(inside.Looking() if self.own else None, looks=Looks() if looks is None else looks)
        for snapshot in self.before():
            app.on_snapshot(snapshot)
        return app

    async def get_there(self, pilot: Pilot[Any]) -> None:
        """Press and put what it takes."""
        await pilot.pause()
        await pilot.press(*self.keys)
        if self.put is not None:
            screen, ready = self.put()
            screen.show(list(self.before())[-1])
            await pilot.app.push_screen(screen)
            await pilot.pause()
            ready()
            await pilot.pause()
        await pilot.press(*self.then)
        if self.after is not None:
            app = pilot.app
            assert isinstance(app, SynthtopApp)
            app.on_snapshot(self.after())
        await pilot.pause()


def _failures(*, own: bool = True) -> tuple[Failures, Callable[[], None]]:
    return failures_over(KNOWN, own=own)[0], lambda: None


def _log(page: Page) -> Callable[[], tuple[LogScreen, Callable[[], None]]]:
    def made() -> tuple[LogScreen, Callable[[], None]]:
        pagers = logs.Pagers()
        screen = LogScreen(logs.PATH, logs.ORIGIN, pager=pagers)
        return screen, lambda: pagers.made[0].show(page)

    return made


def _ended() -> Snapshot:
    rust = Finished("lang/rust", Outcome.FAILED, 943, 2, "build", "exit status 2", 760, blocks=3)
    return without_rust(rust)


def low() -> Snapshot:
    """All goes well, but the disk is nearly full."""
    return replace(builds.well(), low_space=(Space("/build/logs", 812 << 20, 100 << 30),))


def _nothing_yet() -> Snapshot:
    return builds.building(totals=Totals(6), finished=View())


def _failing() -> list[Snapshot]:
    return [builds.failing()]


def _gmake() -> list[Snapshot]:
    return [logs.of_gmake()]


def _depth() -> list[Snapshot]:
    return [inside.in_depth()]


def _day() -> Iterable[Snapshot]:
    return passing.minutes(24 * 60, (600, 690))


def _building() -> list[Snapshot]:
    return [builds.building()]


def _history(book: Callable[[], Book] = Book) -> Callable[[], tuple[SubScreen, Callable[[], None]]]:
    return lambda: (history_over(book()), lambda: None)


def _locked() -> Book:
    book = Book()
    book.problem = HistoryError("/state/synthtop/history.db is locked by another process: try again soon")
    return book


def _past_failures() -> tuple[SubScreen, Callable[[], None]]:
    run = replayed(RUNS[1], packages(RUNS[1]))
    screen = PastFailures(run, records(Book()), causes=lambda tell: Known(tell, KNOWN))
    return screen, lambda: None


EVERY_SIZE = {
    "failures": Pictured(_failing, put=_failures),
    "ended-packages": Pictured(_failing, "b"),
    "log": Pictured(_gmake, put=_log(logs.failing())),
    "detail": Pictured(_depth, ("down", "down", "down", "d")),
    "trends": Pictured(lambda: passing.seconds(640), "t"),
    "low-space": Pictured(lambda: [low()]),
    "history": Pictured(_building, put=_history(), then=("down",)),
    "past-run": Pictured(_building, put=_history(), then=("down", "enter", "down")),
    "past-charts": Pictured(_building, put=_history(), then=("down", "enter", "t")),
    "past-durations": Pictured(_building, put=_history(), then=("down", "enter", "d")),
}
"""What is to be seen at three sizes."""
ONCE = {
    "failures-last-lines": Pictured(_failing, put=_failures, then=("down",)),
    "failures-still-looking": Pictured(_failing, put=_failures, then=("end",)),
    "failures-retried": Pictured(_failing, put=_failures, then=("r",)),
    "failures-none": Pictured(lambda: [builds.well()], put=_failures),
    "failures-of-what-is-over": Pictured(lambda: [builds.with_failures()], put=_failures),
    "ended-packages-none": Pictured(lambda: [_nothing_yet()], "b"),
    "ended-packages-failed": Pictured(_failing, ("b", "o", "o", "down")),
    "ended-packages-filtered": Pictured(_failing, ("b", "slash", "v", "i", "m")),
    "log-searched": Pictured(_gmake, put=_log(logs.searched()), then=("number_sign",)),
    "log-typing": Pictured(
        _gmake, put=_log(logs.failing(pattern="vms", note="not found")), then=("slash", "a", "ctrl+r")
    ),
    "log-missing": Pictured(_gmake, put=_log(logs.missing())),
    "detail-followed": Pictured(
        lambda: [builds.followed(workers=inside.in_depth().workers)], ("down", "down", "down", "d"), own=False
    ),
    "detail-ended": Pictured(_depth, ("down", "down", "down", "d"), after=_ended),
    "trends-of-a-day": Pictured(_day, ("t", "4")),
    "trends-enlarged": Pictured(_day, ("t", "4", "down", "down", "enter")),
    "columns": Pictured(_depth, ("c", "up", "space", "up", "space")),
    "kill": Pictured(_depth, ("down", "k")),
    "past-failures": Pictured(_building, put=_past_failures),
    "history-locked": Pictured(_building, put=_history(_locked)),
    "history-hostile": Pictured(_building, put=_history(hostile)),
    "history-none": Pictured(_building, put=_history(lambda: Book(()))),
    "past-run-failed": Pictured(_building, put=_history(), then=("down", "enter", "o", "o")),
    "eta-as-time-of-day": Pictured(lambda: [builds.throttled()], ("e",)),
    "eta-soon": Pictured(lambda: [replace(builds.throttled(), eta=Eta(260, 40))]),
    "eta-of-many": Pictured(lambda: [builds.building(totals=Totals(30_000, 12_345), eta=Eta(43_500, 7_750))]),
    "help-of-a-log": Pictured(_gmake, put=_log(logs.failing()), then=("question_mark",)),
}
"""What is to be seen at 80x24 alone."""
