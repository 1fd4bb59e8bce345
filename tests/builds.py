"""Fixed snapshots of a build in each of its states, for the tests of what shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from synthtop.model import (
    BuildState,
    Eta,
    Finished,
    HostSample,
    Inside,
    Listed,
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

from . import events

STARTED = 1777628657.0
ELAPSED = 943

WORK = (
    ("devel/gmake", "build", 83, 1234),
    ("lang/python311", "configure", 7, 112),
    ("lang/rust", "build", 760, 48211),
    ("x11/xorg-server", "stage", 250, 20411),
    ("devel/foo@py311", "fetch", 1, 3),
    ("www/chromium", "build", 902, 402113),
    ("security/libressl", "extract", 4, 9),
    ("textproc/expat2", "package", 66, 871),
)

LOG = events.BUILDING
FAILURES = (events.VIM, events.MESA)
SKIPPED = (*events.NO_VIM, *events.NO_MESA)
FAILED_SO_FAR = (events.CAIRO, *events.NO_CAIRO, events.VIM, *events.NO_VIM)


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


def log(lines: tuple[events.Event, ...] = LOG) -> View[LogLine]:
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
        finished=View(FAILED_SO_FAR),
    )
    return replace(snapshot, **changes)


def well() -> Snapshot:
    """As :func:`building`, and nothing has failed."""
    return building(totals=Totals(142, 40), log=log(events.WELL), finished=View())


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
        log=log(events.THROTTLED),
    )


def failing() -> Snapshot:
    """Seven have failed and blocked a good part of the rest; it goes on."""
    return building(
        totals=Totals(142, 33, 7, 0, 60),
        log=log(events.FAILING),
        finished=View((*FAILED_SO_FAR, *events.MANY, *events.NO_MANY)),
        eta=Eta(1080, 240),
    )


def stalled() -> Snapshot:
    """Nothing has failed, and one package neither writes nor gets on."""
    workers = rows(3, 4)
    return replace(well(), workers=(*workers[:2], workers[2]._replace(stalled=True), workers[3]))


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
        run_rate=534.5,
        totals=Totals(142, 140, 0, 0, 0, 2),
        workers=rows(0, 4),
        log=log(events.WELL),
        finished=View(),
    )


def with_failures() -> Snapshot:
    """Finished, two packages failed and blocked others."""
    return building(
        state=BuildState.FINISHED,
        active=0,
        rate=240.0,
        impulse=0,
        run_rate=366.5,
        totals=Totals(142, 94, 2, 1, 44, 1),
        workers=rows(0, 4),
        log=log(events.ENDED),
        finished=View((*FAILURES, *SKIPPED)),
    )


def interrupted() -> Snapshot:
    """Stopped before the end."""
    return building(state=BuildState.INTERRUPTED, active=0, rate=60.0, impulse=0, workers=rows(0, 4))


def listed(name: str, **changes: Any) -> Listed:
    """A build of ours that runs."""
    path = f"/run/user/1000/synthtop/{name}.dat"
    return Listed(name, path, SourceKind.TEXT, BuildState.BUILDING)._replace(**changes)


def waiting(*running: str) -> Snapshot:
    """No build to be seen, on a host that has enough to do; these builds of ours run on it."""
    return Snapshot(
        seq=12,
        state=BuildState.WAITING,
        time=STARTED,
        source=Source(SourceKind.RUN, host="builder1"),
        active=0,
        max_workers=8,
        dynmax=6,
        policy="step",
        reason="high load",
        host=HostSample(load=16.31, ncpus=8, swap_pct=2.0),
        builds=tuple(listed(name) for name in running),
    )


def followed(**changes: Any) -> Snapshot:
    """Somebody else's build, read from its monitor file."""
    source = Source(SourceKind.JSON, "/build/monitor.json", "builder1", "LiveSystem")
    return building(**{"source": source, "age": 0, **changes})


def silent() -> Snapshot:
    """The followed build holds its lock, and nothing is heard of it."""
    return followed(age=70)


def gone() -> Snapshot:
    """The followed build's lock is free, though it had not finished."""
    return followed(state=BuildState.GONE, age=23)


def stale() -> Snapshot:
    """A monitor file without a lock that is too old to believe."""
    return followed(state=BuildState.STALE, age=7384)


def unreadable() -> Snapshot:
    """The followed file is not what it should be."""
    return Snapshot(
        seq=4,
        state=BuildState.UNREADABLE,
        time=STARTED,
        source=Source(SourceKind.TEXT, "/build/stats/monitor.dat"),
        problem="no Load= line: expected Load, Swap, Workers, DynMax, Rate, Impulse, Elapsed, Queued, Built, "
        "Failed, Ignored, Skipped",
        totals=Totals(None),
    )


def unreadable_now() -> Snapshot:
    """The followed file is no longer what it was."""
    return followed(state=BuildState.UNREADABLE, age=12, problem="Permission denied")


def picker() -> Snapshot:
    """No build is shown, and there are some to choose from: of every kind, and in every state."""
    others = (
        listed("LiveSystem", done=45, queued=142, failed=2, elapsed=ELAPSED),
        listed(
            "143amd64-default",
            path="/usr/local/poudriere/data/logs/bulk/143amd64-default/latest",
            kind=SourceKind.POUDRIERE,
            done=12034,
            queued=34211,
            failed=118,
            elapsed=127 * 3600 + 189,
            age=2,
        ),
        listed(
            "Release",
            path="/build/synth/logs",
            kind=SourceKind.DSYNTH,
            done=1204,
            queued=1210,
            elapsed=9300,
            age=70,
        ),
        listed("demo", state=BuildState.INTERRUPTED, done=3, queued=12, elapsed=41, age=45),
        listed("wheels", state=BuildState.FINISHED, done=30, queued=30, elapsed=312, age=720),
        listed("exported", state=BuildState.STALE, done=38, elapsed=943, age=3700),
        listed("debian", state=BuildState.FINISHED, done=88, queued=88, failed=3, elapsed=2500, age=7400),
        listed("nightly", state=BuildState.GONE, done=801, queued=1002, failed=1, elapsed=20000, age=80000),
    )
    return replace(waiting(), builds=others)


def picker_of_many() -> Snapshot:
    """More builds than any screen has rows."""
    builds = tuple(listed(f"build-{number:03d}", done=number, queued=200) for number in range(120))
    return replace(waiting(), builds=builds)


def waiting_for_file() -> Snapshot:
    """The file that is to be followed is not there."""
    return Snapshot(
        seq=4,
        state=BuildState.WAITING,
        time=STARTED,
        source=Source(SourceKind.TEXT, "/build/synth/logs/stats/monitor.dat"),
        age=130,
        problem="there is no such file yet",
    )


def waiting_for_events() -> Snapshot:
    """Standard input is open, and nothing has come."""
    return Snapshot(
        seq=4, state=BuildState.WAITING, time=STARTED, source=Source(SourceKind.EVENTS, "-"), age=3
    )


def followed_text(**changes: Any) -> Snapshot:
    """A monitor file in text: no workers, no log, no names."""
    said: dict[str, Any] = {
        "source": Source(SourceKind.TEXT, "/build/stats/monitor.dat"),
        "started": None,
        "policy": None,
        "host": HostSample(load=3.24, swap_pct=2.0),
        "rate": 24.3,
        "run_rate": None,
        "impulse_10m": None,
        "active": 4,
        "workers": (),
        "log": View(),
        "finished": View(),
    }
    return followed(**{**said, **changes})


def followed_text_finished() -> Snapshot:
    """It is over, and its file does not say what failed."""
    return followed_text(state=BuildState.FINISHED, active=0, totals=Totals(142, 94, 2, 1, 45, 0), age=61)


def untimed(lines: tuple[events.Event, ...] = LOG) -> View[LogLine]:
    """A log that was found: it has no times."""
    return View(tuple(line._replace(at=None) for line in log(lines)))


def followed_report() -> Snapshot:
    """dsynth's web page's data: rates of ten minutes and of the whole run."""
    return followed(
        source=Source(SourceKind.REPORT, "/build/synth/logs/Report", None, "LiveSystem"),
        policy=None,
        dynmax=None,
        rate=None,
        run_rate=23.0,
        impulse=None,
        impulse_10m=31.0,
        host=HostSample(load=14.1, swap_pct=1.2),
        age=8,
    )


def followed_poudriere() -> Snapshot:
    """poudriere's status: no lines, no DynMax, and a good part fetched or inspected alone."""
    workers = tuple(row._replace(lines=None) for row in rows(3, 4))
    return followed(
        source=Source(
            SourceKind.POUDRIERE, "/usr/local/poudriere/data/logs/bulk/143amd64-default/latest", None,
            "143amd64-default",
        ),
        policy=None,
        dynmax=None,
        rate=None,
        run_rate=171.8,
        impulse=None,
        impulse_10m=None,
        host=HostSample(load=9.84, swap_pct=1.23),
        totals=Totals(142, 38, 2, 0, 5, 3),
        workers=workers,
        age=2,
    )  # fmt: skip


def followed_log() -> Snapshot:
    """A list of results alone: nobody says how much is to be done, nor when it was."""
    workers = tuple(row._replace(phase=None, lines=None, started=None, elapsed=None) for row in rows(3, 3))
    return followed(
        source=Source(SourceKind.LOG, "/build/synth/logs/00_last_results.log"),
        policy=None,
        started=None,
        elapsed=None,
        dynmax=None,
        max_workers=None,
        rate=None,
        run_rate=None,
        impulse=None,
        impulse_10m=None,
        host=HostSample(),
        totals=Totals(None, 38, 2, 0, 5, 0),
        workers=workers,
        log=untimed(),
        age=12,
    )


def followed_own() -> Snapshot:
    """Another synthtop's build, of this user: it can be stopped from here."""
    source = Source(SourceKind.JSON, "/run/user/1000/synthtop/LiveSystem.json", "builder1", "LiveSystem")
    return followed(holder=4242, source=source._replace(logs="/home/builder/live/logs"))


def hung() -> Snapshot:
    """The file system that the numbers are on does not answer."""
    return followed(
        state=BuildState.STALE, age=12, problem="the file system has not answered for 12 s", holder=None
    )


def followed_dsynth() -> Snapshot:
    """Another build's dsynth, which has no rate of the last minute."""
    return followed(
        source=Source(SourceKind.DSYNTH, "/build/stats/monitor.dat", None, "LiveSystem"),
        rate=None,
        run_rate=24.0,
        impulse=None,
        impulse_10m=31.0,
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


def hostile(state: BuildState = BuildState.BUILDING) -> Snapshot:
    """Every text from outside is hostile."""
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
        state=state,
        source=Source(SourceKind.JSON, HOSTILE[0], HOSTILE[0], HOSTILE[0]),
        age=12345678,
        active=count,
        max_workers=2 * count,
        dynmax=count,
        reason=HOSTILE[0],
        problem=HOSTILE[0],
        builds=tuple(listed(name) for name in HOSTILE),
        workers=workers,
        log=log(lines),
        finished=View(finished),
    )


class Shelf:
    """Other builds: notes which one is to be shown."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def choose(self, path: str) -> None:
        self.told.append(f"choose {path}")

    def back(self) -> None:
        self.told.append("back")

    def stop(self) -> None:
        self.told.append("stop")


class Notebook:
    """A build of one's own: notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.insides: dict[int, Inside] = {}

    def drain(self) -> None:
        self.told.append("drain")

    def stop(self) -> None:
        self.told.append("stop")

    def kill(self) -> None:
        self.told.append("kill")

    def limit(self, workers: int | None) -> None:
        self.told.append(f"limit {workers}")

    def end_package(self, slot: int, origin: str, outcome: Outcome) -> None:
        self.told.append(f"end {origin} in {slot}: {outcome}")

    def retry(self, origins: Sequence[str]) -> None:
        self.told.append(f"retry {' '.join(origins)}")

    def inside(self, slot: int) -> Inside | None:
        return self.insides.get(slot)

    def measure(self, wanted: bool) -> None:
        self.told.append(f"measure {wanted}")
