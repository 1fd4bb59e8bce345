"""A history of some builds, with what a test puts in the way of reading it; and its screens over the main
one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC

from synthtop.history.lookup import Reader, Records
from synthtop.history.problem import HistoryError
from synthtop.history.record import Built, Minute, PackageRecord, Run
from synthtop.model import BuildState, Outcome, SourceKind, Totals
from synthtop.screens.history import HistoryScreen

from . import builds

NOW = 1_784_034_720.0
"""2026-07-14 13:12 UTC."""
HOUR = 3600.0

_WORDS = ("devel/gmake", "shells/bash", "lang/rust", "editors/vim", "x11/libX11", "databases/sqlite3")


def run(
    id: int,
    started: float,
    *,
    name: str = "ports",
    host: str = "builder",
    state: BuildState = BuildState.FINISHED,
    elapsed: int = 5531,
    totals: Totals = Totals(142, 130, 3, 2, 7),  # noqa: B008  (immutable)
    logs: str | None = "/build/logs",
) -> Run:
    over = state in (BuildState.FINISHED, BuildState.INTERRUPTED)
    ended = started + elapsed
    return Run(
        id, host, name, SourceKind.RUN, True, None, logs, started, ended if over else None, ended, state,
        elapsed, 4, 84.6, 211.0, 6.42, totals,
    )  # fmt: skip


GOING_ON = run(
    7, NOW - 943, state=BuildState.BUILDING, elapsed=943, totals=Totals(142, 38, 2, 0, 5), logs="/build/now"
)
RUNS = (
    GOING_ON,
    run(6, NOW - 30 * HOUR),
    run(5, NOW - 54 * HOUR, name="debian", host="arm-1", totals=Totals(31, 31), elapsed=754),
    run(4, NOW - 55 * HOUR, name="debian", host="arm-1", state=BuildState.INTERRUPTED, totals=Totals(31, 9)),
    run(3, NOW - 78 * HOUR, state=BuildState.GONE, elapsed=88, totals=Totals(142, 2)),
    run(2, NOW - 102 * HOUR, totals=Totals(29_876, 29_004, 311, 12, 549), elapsed=365_000),
    run(1, NOW - 9000 * HOUR, name="world", totals=Totals(None, 12)),
)
"""The newest first."""


def packages(of: Run, *, count: int = 8) -> list[PackageRecord]:
    """``count`` that were built, and two that failed with what one of them blocks, as they ended."""
    began = of.started + 10
    done = [
        PackageRecord(
            f"{_WORDS[at % len(_WORDS)]}{at // len(_WORDS) or ''}",
            Outcome.BUILT,
            "package",
            None,
            began + 60 * at,
            75 + 31 * (at * 7 % 11),
            900 + at,
            f"/build/logs/{at}.log",
        )
        for at in range(count)
    ]
    at = began + 60 * count
    ended = [
        *done,
        PackageRecord(
            "textproc/libxml2", Outcome.FAILED, "build", "exit status 1", at, 156, 812, "/build/logs/xml.log"
        ),
        PackageRecord(
            "devel/automake", Outcome.FAILED, "configure", "timed out", at + 20, 40, 12, "/build/logs/am.log"
        ),
        PackageRecord("www/libproxy", Outcome.SKIPPED, None, "textproc/libxml2", at + 156, 0, None, None),
    ]
    return sorted(ended, key=lambda one: (one.started or 0) + (one.duration or 0))


def minutes(of: Run) -> list[Minute]:
    """A course with a slow beginning, a throttled middle, and a quiet end."""
    count = max(1, of.elapsed // 60)
    made = []
    for at in range(count):
        part = at / count
        held = 0.4 < part < 0.6
        rate = 211.0 * min(1.0, 4 * part) * (0.4 if held else 1.0) * (1.0 if part < 0.9 else 0.3)
        made.append(
            Minute(
                at, rate, float(at % 3), 6.42 if held else 3.0 + part, 12.0 if held else 2.0,
                2.0 if held else 4.0, 2.0 if held else 4.0, 60.0 + 30 * part, (4 + 8 * part) * 2**30,
            )
        )  # fmt: skip
    return made


class Book:
    """What a history says: its ``runs``, and the same of each. ``problem`` is raised when it is opened;
    ``asked`` are the questions, oldest first."""

    def __init__(self, kept: Sequence[Run] = RUNS) -> None:
        self.kept = list(kept)
        self.problem: HistoryError | None = None
        self.asked: list[str] = []
        self.packages_of: Callable[[Run], list[PackageRecord]] = packages
        self.minutes_of: Callable[[Run], list[Minute]] = minutes

    @contextmanager
    def opened(self) -> Iterator[Reader]:
        if self.problem is not None:
            raise self.problem
        yield self

    def runs(self, limit: int | None = None, *, now: float) -> list[Run]:
        self.asked.append("runs")
        assert now == NOW
        return self.kept[:limit]

    def run(self, id: int, *, now: float) -> Run | None:
        self.asked.append(f"run {id}")
        return next((run for run in self.kept if run.id == id), None)

    def packages(self, run_id: int) -> list[PackageRecord]:
        return [one for run in self.kept if run.id == run_id for one in self.packages_of(run)]

    def minutes(self, run_id: int) -> list[Minute]:
        return [one for run in self.kept if run.id == run_id for one in self.minutes_of(run)]

    def builds(self, origin: str, limit: int | None = None) -> list[Built]:
        self.asked.append(f"builds of {origin}")
        found = [
            Built(run.id, run.host, run.name, one._replace(duration=(one.duration or 0) + 9 * run.id))
            for run in self.kept
            for one in self.packages_of(run)
            if one.origin == origin
        ]
        return found[:limit]


def at_once(job: Callable[[], None]) -> None:
    """Have a question answered where it is asked: a test waits for no thread."""
    job()


def records(book: Book, start: Callable[[Callable[[], None]], None] = at_once) -> Records:
    """The screens' way to ``book``."""
    return Records(book.opened, lambda: NOW, start, UTC)


def history_over(book: Book | None = None) -> HistoryScreen:
    """The screen of this history; without one, of :data:`RUNS`."""
    return HistoryScreen(records=records(Book() if book is None else book))


def hostile() -> Book:
    """A history in which every text is hostile, and every number out of measure."""
    kept = [
        run(
            at, number, name=text, host=text, state=state, logs=text, elapsed=10**9,
            totals=Totals(10**12, 10**12, 10**12, 1, 1),
        )._replace(path=text, peak_load=1e300, average_rate=1e300, updated=number)
        for at, (text, state, number) in enumerate(
            zip(
                builds.HOSTILE,
                list(BuildState) * 2,
                (0.0, 1e300, -1e300, float("inf"), float("nan"), 1e12, -1.0, 1e18, 5.0),
                strict=False,
            ),
            1,
        )
    ]  # fmt: skip
    book = Book(kept)
    book.packages_of = lambda run: [
        PackageRecord(text, outcome, text, text, run.started, 10**12, 10**12, text)
        for text, outcome in zip(builds.HOSTILE, list(Outcome) * 2, strict=False)
    ]
    book.minutes_of = lambda run: [
        Minute(at, *[value] * 8) for at, value in enumerate((1e300, -1.0, float("nan"), 0.0, None), 10**9)
    ]
    return book
