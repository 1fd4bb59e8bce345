"""Fixed snapshots of a build in each of its states, for the tests of what shows them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from synthtop.model import (
    BuildState,
    Eta,
    Finished,
    HostSample,
    LogKind,
    LogLine,
    Outcome,
    Snapshot,
    Source,
    SourceKind,
    Stopping,
    Totals,
    View,
    WorkerRow,
    WorkerState,
    hms,
)

STARTED = 1777628657.0
ELAPSED = 943

WORK = (
    ("devel/gmake", "build", 83, 1234),
    ("lang/python311", "configure", 7, 112),
    ("lang/rust", "build", 45296, 12345678),
    ("x11/xorg-server", "stage", 250, 20411),
    ("devel/foo@py311", "fetch", 1, 3),
    ("www/chromium", "build", 10872, 402113),
    ("security/libressl", "extract", 4, 9),
    ("textproc/expat2", "package", 66, 871),
)

LOG = (
    (0, None, LogKind.NOTE, "the build begins"),
    (2, 0, LogKind.START, "[000] START   devel/pkgconf"),
    (780, None, LogKind.META, "[XXX] devel/meta meta-node complete"),
    (840, 4, LogKind.BUILT, f"{'[004] SUCCESS textproc/expat':<70} 00:00:44"),
    (842, None, LogKind.IGNORED, "[XXX] lang/baz 2 ignored due to BROKEN: does not fetch"),
    (871, 0, LogKind.BUILT, f"{'[000] SUCCESS devel/pkgconf':<70} 00:00:31"),
    (
        898,
        None,
        LogKind.THROTTLE,
        "[XXX] Load=14.20 ( 6) Swap=2.00% ( 8) Mem=0.00G( 8) Adjust Workers 8->6 (high load)",
    ),
    (912, 3, LogKind.FAILED, f"{'[003] FAILURE editors/vim 3':<60} configure 00:01:09"),
    (912, None, LogKind.SKIPPED, "[XXX] editors/vim-tiny skipped due to editors/vim"),
    (920, 0, LogKind.START, "[000] START   devel/gmake"),
    (935, 1, LogKind.BUILT, f"{'[001] SUCCESS shells/bash':<70} 00:02:11"),
    (936, 1, LogKind.START, "[001] START   lang/python311"),
)

FAILURES = (
    Finished(
        "editors/vim",
        Outcome.FAILED,
        912,
        3,
        "configure",
        "exit status 1",
        69,
        812,
        "/build/logs/editors___vim.log",
        3,
    ),
    Finished("graphics/mesa-libs", Outcome.FAILED, 930, 1, "build", None, 612, 51234, None, 41),
)

SKIPPED = tuple(
    Finished(origin, Outcome.SKIPPED, failure.at, reason=failure.origin)
    for failure, origins in zip(
        FAILURES,
        (
            ("editors/vim-tiny", "devel/ctags", "devel/cscope"),
            (
                "graphics/mesa-dri",
                "x11/xorg-server",
                "x11/gtk3",
                "www/chromium",
                *(f"x11/plasma{number}-desktop" for number in range(37)),
            ),
        ),
        strict=True,
    )
    for origin in origins
)


def rows(running: int, workers: int) -> tuple[WorkerRow, ...]:
    """``running`` slots at work, of ``workers``."""
    result = []
    for slot in range(workers):
        if slot >= running:
            result.append(WorkerRow(slot, WorkerState.IDLE))
            continue
        origin, phase, elapsed, lines = WORK[slot % len(WORK)]
        if slot >= len(WORK):
            origin = f"{origin}-{slot}"
        started = STARTED + ELAPSED - elapsed
        result.append(WorkerRow(slot, WorkerState.RUNNING, phase, origin, started, elapsed, lines))
    return tuple(result)


def log(lines: tuple[tuple[int, int | None, LogKind, str], ...] = LOG) -> View[LogLine]:
    return View(tuple(LogLine(seq, *line) for seq, line in enumerate(lines, 1)))


def building(**changes: Any) -> Snapshot:
    """Four workers, three of them busy, 45 of 142 done."""
    snapshot = Snapshot(
        seq=943,
        state=BuildState.BUILDING,
        time=STARTED + ELAPSED,
        started=STARTED,
        source=Source(SourceKind.RUN, None, "builder1", "LiveSystem"),
        elapsed=ELAPSED,
        active=3,
        max_workers=4,
        dynmax=4,
        policy="step",
        host=HostSample(load=3.24, ncpus=4, swap_pct=2.0),
        rate=180.0,
        impulse=3,
        run_rate=152.7,
        impulse_10m=140.0,
        totals=Totals(142, 38, 2, 0, 5, 0),
        workers=rows(3, 4),
        log=log(),
        finished=View(FAILURES),
    )
    return replace(snapshot, **changes)


def throttled() -> Snapshot:
    """Six of eight workers may hold a package, all six do; there is an ETA."""
    return building(
        active=6,
        max_workers=8,
        dynmax=6,
        reason="high load",
        host=HostSample(load=14.20, ncpus=6, swap_pct=2.0),
        totals=Totals(142, 38, 2, 1, 5, 1),
        eta=Eta(2460, 360),
        workers=rows(6, 8),
    )


def just_started() -> Snapshot:
    """Nothing has happened yet, and nothing is known of the host."""
    return building(
        seq=1,
        elapsed=0,
        active=0,
        host=HostSample(),
        rate=0.0,
        impulse=0,
        run_rate=0.0,
        totals=Totals(142),
        workers=rows(0, 4),
        log=log(LOG[:1]),
        finished=View(),
    )


def draining() -> Snapshot:
    """The user asked to let the running packages finish."""
    return building(stopping=Stopping.DRAINING, active=2, workers=rows(2, 4))


def stopping() -> Snapshot:
    """The user asked to stop, and two packages take their time."""
    return building(stopping=Stopping.STOPPING, active=2, workers=rows(2, 4))


def all_built() -> Snapshot:
    """Finished, and everything was built."""
    return building(
        state=BuildState.FINISHED,
        active=0,
        rate=60.0,
        impulse=0,
        totals=Totals(142, 140, 0, 0, 0, 2),
        workers=rows(0, 4),
        finished=View(),
    )


def with_failures() -> Snapshot:
    """Finished, two packages failed and blocked others."""
    return building(
        state=BuildState.FINISHED,
        active=0,
        rate=0.0,
        impulse=0,
        totals=Totals(142, 94, 2, 1, 44, 1),
        workers=rows(0, 4),
        finished=View((*FAILURES, *SKIPPED)),
    )


def interrupted() -> Snapshot:
    """Stopped before the end."""
    return building(
        state=BuildState.INTERRUPTED, active=0, rate=60.0, impulse=0, workers=rows(0, 4), finished=View()
    )


def followed_dsynth() -> Snapshot:
    """Another build's dsynth, which has no rate of the last minute."""
    return building(
        source=Source(SourceKind.DSYNTH, "/build/stats/monitor.dat", None, "LiveSystem"),
        rate=None,
        run_rate=24.0,
        impulse=None,
    )


def big(workers: int, tick: int = 0) -> Snapshot:
    """``workers`` busy slots, ``tick`` seconds later: every duration and line count has moved."""
    moved = tuple(
        row._replace(elapsed=(row.elapsed or 0) + tick, lines=(row.lines or 0) + 37 * tick)
        for row in rows(workers, workers)
    )
    return building(
        seq=943 + tick,
        elapsed=ELAPSED + tick,
        active=workers,
        max_workers=workers,
        dynmax=workers,
        workers=moved,
    )


HOSTILE = (
    "a/b\x1b[2J\x1b]0;owned\x07\x9b31m",
    "[/oops]",
    "[@click=app.quit]x[/]",
    "[red]devel/red[/red]",
    "x/\u202egnp.exe",
    "wide/日本語のパッケージ名はとても長いのでここに入らない",
    "c/e" + "\u0301" * 30,
    "tab\there\r\nline",
    "long/" + "x" * 300,
)
"""What builders and packages may call things, and what must be shown as text."""


def hostile() -> Snapshot:
    """Finished like :func:`with_failures`, but every text from outside is hostile."""
    count = len(HOSTILE)
    workers = tuple(
        WorkerRow(slot, WorkerState.RUNNING, text, text, STARTED, 60 + slot, slot)
        for slot, text in enumerate(HOSTILE)
    )
    lines = tuple(
        (index, index, kind, f"[{index:03d}] {text} {hms(index)}")
        for index, (text, kind) in enumerate(zip(HOSTILE, list(LogKind) * 2, strict=False))
    )
    finished = tuple(Finished(text, Outcome.FAILED, 912, 3, text, text, 69, 812, text, 3) for text in HOSTILE)
    return building(
        source=Source(SourceKind.RUN, None, HOSTILE[0], HOSTILE[0]),
        active=count,
        max_workers=2 * count,
        dynmax=count,
        reason=HOSTILE[0],
        workers=workers,
        log=log(lines),
        finished=View(finished),
    )


class Notebook:
    """A build of one's own: notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def drain(self) -> None:
        self.told.append("drain")

    def stop(self) -> None:
        self.told.append("stop")

    def kill(self) -> None:
        self.told.append("kill")

    def limit(self, workers: int | None) -> None:
        self.told.append(f"limit {workers}")
