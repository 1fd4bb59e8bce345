"""The screens that stand over the main one: which key opens which, each imported when it is first needed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from textual.app import App
from textual.screen import Screen

from ..model import Snapshot
from ..protocols import Controls
from ..trends import Trends
from .main import MainScreen
from .subscreen import OpenLog, SubScreen


class Rooms:
    """Opens them over ``main``, and hands each snapshot to those that are open. ``controls`` as the app's."""

    def __init__(self, app: App[Any], main: MainScreen, trends: Trends, controls: Controls | None) -> None:
        self._app = app
        self._main = main
        self._trends = trends
        self._controls = controls
        self._newest: Snapshot | None = None
        self._doors: Mapping[str, Callable[[Snapshot], Screen[None] | None]] = {
            "log": self._log,
            "failures": self._failures,
            "finished": self._finished,
            "detail": self._detail,
            "trends": self._charts,
            "history": self._history,
            "columns": self._columns,
        }

    def show(self, snapshot: Snapshot) -> None:
        """Show this snapshot wherever one is to be seen."""
        self._newest = snapshot
        for screen in self._app.screen_stack:
            if isinstance(screen, SubScreen):
                screen.show(snapshot)

    def open(self, name: str) -> None:
        """Put the screen of this name over the main one; ring where there is nothing to be seen in it."""
        if self._app.screen is not self._main or self._newest is None:
            return
        screen = self._doors[name](self._newest)
        if screen is None:
            self._app.bell()
        else:
            self._put(screen)

    def open_log(self, message: OpenLog) -> None:
        """Put this log over whatever there is, but for another log: that was asked for a moment before."""
        from .log import LogScreen

        if not isinstance(self._app.screen, LogScreen):
            self._put(LogScreen(message.path, message.origin, message.offset))

    def close_all(self) -> None:
        """Close whatever stands over the main screen."""
        while self._app.screen is not self._main:
            self._app.pop_screen()

    def _put(self, screen: Screen[None]) -> None:
        if isinstance(screen, SubScreen) and self._newest is not None:
            screen.show(self._newest)
        self._app.push_screen(screen)

    def _log(self, snapshot: Snapshot) -> Screen[None] | None:
        from .log import LogScreen

        row = self._main.looked_at
        if row is None or row.log is None or row.origin is None:
            return None
        return LogScreen(row.log, row.origin)

    def _failures(self, snapshot: Snapshot) -> Screen[None] | None:
        from .failures import Failures

        return Failures(own=self._controls is not None) if snapshot.is_build else None

    def _finished(self, snapshot: Snapshot) -> Screen[None] | None:
        from .finished import FinishedScreen

        return FinishedScreen(own=self._controls is not None) if snapshot.is_build else None

    def _detail(self, snapshot: Snapshot) -> Screen[None] | None:
        from .detail import Detail

        row = self._main.looked_at
        return None if row is None else Detail(row, self._controls)

    def _charts(self, snapshot: Snapshot) -> Screen[None] | None:
        from .trends import TrendsScreen

        return TrendsScreen(self._trends)

    def _history(self, snapshot: Snapshot) -> Screen[None] | None:
        from ..history.place import history_file
        from .history import HistoryScreen

        return HistoryScreen(history_file(os.environ), own=self._controls is not None)

    def _columns(self, snapshot: Snapshot) -> Screen[None] | None:
        from .columns import Columns

        return Columns(self._main.table, self._controls)
