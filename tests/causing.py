"""Causes that are known when a test says so, and the screen of failures over them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from synthtop.app import SynthtopApp
from synthtop.errors.cause import Cause
from synthtop.errors.causes import Causes
from synthtop.model import Finished, Snapshot
from synthtop.screens.failures import Failures
from synthtop.screens.subscreen import OpenLog, SubScreen

from . import builds

NO_HEADER = Cause(
    (
        "xmlIO.c:12:10: fatal error: lzma.h: No such file or directory",
        "   12 | #include <lzma.h>",
        "      |          ^~~~~~~~",
        "compilation terminated.",
        "make[2]: *** [Makefile:1020: xmlIO.lo] Error 1",
        "make[1]: *** [Makefile:700: all-recursive] Error 1",
        "make: *** [Makefile:500: all] Error 2",
    ),
    "compiler",
    12_345,
)
LAST_LINES = Cause(tuple(f"line {number} of its log" for number in range(1, 21)), None, 777)
NO_LOG = Cause((), problem="Permission denied")
KNOWN = {
    "textproc/libxml2": NO_HEADER,
    "security/libgpg-error": LAST_LINES,
    "graphics/cairo": NO_LOG,
}
"""What is known of the failures of :func:`tests.builds.failing`."""


class Known(Causes):
    """What is in ``known``, by origin; ``asked`` are the origins that were asked about, oldest first."""

    def __init__(self, tell: Callable[[], None], known: dict[str, Cause] | None = None) -> None:
        self.tell = tell
        self.known = {} if known is None else known
        self.asked: list[str] = []
        self.closed = False

    def of(self, package: Finished) -> Cause | None:
        self.asked.append(package.origin)
        return self.known.get(package.origin)

    def close(self) -> None:
        self.closed = True


class LogNoting(SynthtopApp):
    """Opens no log; notes which one was asked for."""

    def __init__(self, build: builds.Notebook) -> None:
        super().__init__(build)
        self.build = build
        self.opened: list[tuple[str, str, int | None]] = []

    def on_open_log(self, message: OpenLog) -> None:
        message.prevent_default()
        self.opened.append((message.path, message.origin, message.offset))


@asynccontextmanager
async def over(
    screen: SubScreen, snapshot: Snapshot, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Pilot[Any], LogNoting]]:
    """``screen`` over the main one, showing ``snapshot``."""
    app = LogNoting(builds.Notebook())
    app.on_snapshot(snapshot)
    async with app.run_test(size=size) as pilot:
        screen.show(snapshot)
        await app.push_screen(screen)
        await pilot.pause()
        yield pilot, app


def failures_over(known: dict[str, Cause], *, own: bool = True) -> tuple[Failures, Callable[[], Known]]:
    """A screen of failures whose causes these are, and the way to them once it is shown."""
    made: list[Known] = []

    def make(tell: Callable[[], None]) -> Known:
        made.append(Known(tell, known))
        return made[-1]

    return Failures(own=own, causes=make), lambda: made[-1]
