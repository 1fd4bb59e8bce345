"""What a build of one's own knows of the insides of its slots, for the tests of what shows it."""

from __future__ import annotations

from dataclasses import replace

from synthtop.model import Inside, PhaseSpan, Process, Snapshot, WorkerRow

from . import builds

MB = 1 << 20

RUST_PHASES = (
    ("fetch-depends", 0),
    ("fetch", 2),
    ("checksum", 31),
    ("extract", 33),
    ("patch", 58),
    ("configure", 61),
    ("build", 88),
)
COMMAND = "/usr/bin/make -C /usr/ports/lang/rust build BATCH=yes PACKAGE_BUILDING=yes"
PROCESSES = (
    Process(4242, 0, COMMAND, 0.0, 2 * MB),
    Process(4250, 1, "/bin/sh -e -c (cd /wrkdirs/lang/rust/work/rustc-1.79.0-src && ./x.py build)", 0.0, MB),
    Process(4251, 2, "python3.11 ./x.py build --jobs=8", 0.4, 61 * MB),
    Process(4263, 3, "/wrkdirs/lang/rust/work/bootstrap/debug/bootstrap build --jobs=8", 0.0, 44 * MB),
    Process(4270, 4, "cargo build --target x86_64-unknown-freebsd --release -j 8", 3.0, 212 * MB),
    Process(5111, 5, "rustc --crate-name rustc_middle --edition=2021 src/lib.rs", 99.7, 1900 * MB),
    Process(5112, 5, "rustc --crate-name rustc_hir --edition=2021 src/lib.rs", 100.0, 812 * MB),
    Process(5113, 5, "rustc --crate-name rustc_trait_selection --edition=2021", 98.2, 640 * MB),
)


def with_phases(row: WorkerRow, *phases: tuple[str, int]) -> WorkerRow:
    return row._replace(phases=tuple(PhaseSpan(*phase) for phase in phases))


def in_depth() -> Snapshot:
    """As :func:`~tests.builds.building`, and of each worker it is known what it does."""
    gmake, python, rust, idle = builds.building().workers
    return builds.building(
        workers=(
            with_phases(gmake, ("fetch", 0), ("extract", 3), ("configure", 5), ("build", 40))._replace(
                log="/build/synth/logs/devel___gmake.log", cpu=96.0, rss=88 * MB
            ),
            with_phases(python, ("fetch", 0), ("configure", 3)),
            with_phases(rust, *RUST_PHASES)._replace(
                log="/build/synth/logs/lang___rust.log", cpu=301.3, rss=3672 * MB
            ),
            idle,
        )
    )


def stalled() -> Snapshot:
    """lang/rust neither writes nor gets on."""
    snapshot = in_depth()
    first, second, rust, idle = snapshot.workers
    return replace(snapshot, workers=(first, second, rust._replace(stalled=True, cpu=0.0), idle))


class Looking(builds.Notebook):
    """A build of one's own whose processes are looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []
        self.insides = {
            0: Inside("gmake -j4", (Process(3001, 0, "gmake -j4", 0.5, 2 * MB),), 0.4),
            1: Inside("./configure --prefix=/usr/local", problem="there are more than 4000 processes"),
            2: Inside(COMMAND, PROCESSES, 2.3),
        }

    def inside(self, slot: int) -> Inside | None:
        self.asked.append(slot)
        return super().inside(slot)
