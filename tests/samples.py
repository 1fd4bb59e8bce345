"""What builders leave behind, made here byte by byte from the layouts: one build in each format.

What a test wants to differ is an argument. Nothing of the product takes part.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

NOW = 1777629600.0
"""The moment at which the samples were taken, in epoch seconds."""

_TEXT = {
    "Load": "3.24",
    "Swap": "2",
    "Workers": "4/4",
    "DynMax": "4",
    "Rate": "24.3",
    "Impulse": "3",
    "Elapsed": "943",
    "Queued": "142",
    "Built": "38",
    "Failed": "2",
    "Ignored": "0",
    "Skipped": "5",
}


def text(**changes: str | int) -> bytes:
    """synthtop's ``monitor.dat``; ``changes`` by its keys."""
    return "".join(f"{key}={value}\n" for key, value in {**_TEXT, **changes}.items()).encode()


def gosynth_text() -> bytes:
    """go-synth's export, in which some figures are placeholders."""
    return text(
        Load="0.00", Swap=0, Workers="0/8", DynMax=8, Rate="0.0", Impulse=0,
        Elapsed=61, Queued=12, Built=3, Failed=1, Ignored=0, Skipped=2,
    )  # fmt: skip


def gosynth_results() -> bytes:
    return (
        b"[10:00:41] SUCCESS: devel/gmake\n"
        b"[10:01:02] FAILED: editors/vim (phase: configure)\n"
    )  # fmt: skip


class Slot(NamedTuple):
    """One worker of dsynth's struct, with its ``portdir``; ``state`` and ``phase`` are its numbers."""

    state: int
    phase: int = 0
    started: int = 0
    lines: int = 0
    memory: int = 0
    pid: int = 0
    origin: str | bytes = ""


SLOTS = 1024
SLOT_BYTES = 312
MIB = 1 << 20
SLOTS_1_0_2 = (
    Slot(3, 14, int(NOW) - 83, 1234, 512 * MIB, 4101, "devel/gmake"),
    Slot(3, 13, int(NOW) - 7, 112, 96 * MIB, 4102, "lang/python311"),
    Slot(3, 14, int(NOW) - 45296, 12_345_678, 6144 * MIB, 4103, "lang/rust"),
    Slot(1),
    Slot(2, 0, int(NOW), 0, 0, 0, "devel/foo@py311"),
    Slot(5, 19, int(NOW) - 9, 88, 0, 0, "x11/broken"),
    Slot(3, 99, int(NOW) - 60, 3, 0, 4107, "misc/from-the-future"),
    Slot(0),
)
SLOTS_1_02 = (
    Slot(3, 21, int(NOW) - 5, 40, 0, 0, "www/nginx"),
    Slot(3, 20, int(NOW) - 6, 41, 0, 0, "www/apache24"),
)
_INTS = (
    "active", "pkgimpulse", "pkgrate", "noswap", "h", "m", "s", "total", "successful", "ignored", "remaining",
    "failed", "skipped", "meta", "dynmaxworkers",
)  # fmt: skip
INTS_OF = {"1.01": 13, "1.02": 14, "1.0.2": 15}
"""How many integers the samples' versions have; ``1.02`` came with 15, too."""
_FIGURES = {
    "active": 1, "pkgimpulse": 31, "pkgrate": 24, "noswap": 0, "h": 0, "m": 15, "s": 43, "total": 142,
    "successful": 38, "ignored": 1, "remaining": 95, "failed": 2, "skipped": 5, "meta": 1, "dynmaxworkers": 6,
}  # fmt: skip
_LOST = {13: ("active", "meta"), 14: ("meta",), 15: ()}


def dsynth(
    version: str = "1.0.2",
    *,
    ints: int | None = None,
    slots: Sequence[Slot] | None = None,
    maxworkers: int | None = None,
    profile: str | None = None,
    logs: str = "/build/synth/logs",
    swap: float | None = None,
    load: Sequence[float] = (14.2, 11.0, 6.5),
    **figures: int,
) -> bytes:
    """dsynth's mapped ``monitor.dat``; ``figures`` are topinfo's integers by their names in C.

    What is not said is as in that version's sample. ``ints`` is how many integers topinfo has.
    """
    old = version == "1.01"
    ints = INTS_OF[version] if ints is None else ints
    numbers = {**_FIGURES, **({"noswap": 1, "h": 127, "m": 3, "s": 9} if old else {}), **figures}
    if slots is None:
        slots = SLOTS_1_0_2 if version == "1.0.2" else SLOTS_1_02
    swap = (0.0 if old else 2.25) if swap is None else swap
    topinfo = struct.pack(f"<{ints}i", *(numbers[name] for name in _INTS if name not in _LOST[ints]))
    head = (
        struct.pack("<32sii", version.encode(), len(slots) if maxworkers is None else maxworkers, 8) + topinfo
    )
    head += bytes(-len(head) % 8) + struct.pack("<d3d", swap, *load)
    base = "/build/synth"
    for path in (
        f"{base}/live_packages",
        f"{base}/live_packages/All",
        f"{base}/options",
        f"{base}/distfiles",
        f"{base}/build",
        logs,
        "/",
    ):
        head += struct.pack("128s", path.encode())
    head += struct.pack("64s", (("Other" if old else "LiveSystem") if profile is None else profile).encode())
    body = b"".join(_slot(index, slot) for index, slot in enumerate(slots))
    return head + body.ljust(SLOTS * SLOT_BYTES, b"\0")


def _slot(index: int, slot: Slot) -> bytes:
    origin = slot.origin if isinstance(slot.origin, bytes) else slot.origin.encode()
    return struct.pack(
        "<5i4x5Qiiqqqiii64s4xQ128s",
        *(index, 0, 0, 0, 0),
        *(0x800A00000, 0, 0x800B00000, 0x800C00000, 0),
        *(slot.state, slot.phase, slot.started, slot.lines, slot.memory, slot.pid),
        *(0, 0, b"", 0, origin),
    )


def being_reset(version: str = "1.0.2") -> bytes:
    """dsynth's ``monitor.dat`` in the moment in which a build begins."""
    return bytes(len(dsynth(version)))


_RESULTS = """\
[000] START   devel/gmake                          idep=02 depi=31/04 dep=0.01G
[001] START   shells/bash                          idep=05 depi=02/01 dep=0.05G
[XXX] x11/kde5 ignored due to IS_META: nothing to do
[XXX] lang/baz 2 ignored due to BROKEN: does not fetch
[001] SUCCESS shells/bash                                              00:02:11
[003] FAILURE editors/vim 3                                  configure 00:01:09
[XXX] editors/vim-tiny skipped due to editors/vim
[XXX] devel/meta meta-node complete
[XXX] Load=14.20 ( 6) Swap=2.25% ( 8) Mem=3.10G( 8) Adjust Workers 8->6
[002] lang/rust WATCHDOG TIMEOUT in build after 181 minutes (180 min scaled)
"""


def results() -> bytes:
    """dsynth's ``00_last_results.log``."""
    return _RESULTS.encode()


_STATS: Mapping[str, int | str] = {
    "queued": 142,
    "built": 38,
    "failed": 2,
    "ignored": 1,
    "skipped": 5,
    "remains": 95,
    "meta": 1,
    "elapsed": " 00:15:43",
    "pkghour": 24,
    "impulse": 31,
    "swapinfo": "  2.2",
    "load": " 14.2",
}
BUILDERS: Sequence[Mapping[str, str]] = (
    {"ID": "00", "elapsed": " 00:01:23", "phase": "build", "origin": "devel/gmake", "lines": "1234"},
    {"ID": "01", "elapsed": " 00:00:07", "phase": "configure", "origin": "lang/python311", "lines": "112"},
    {"ID": "02", "elapsed": " 12:34:56", "phase": "build", "origin": "lang/rust", "lines": "12345678"},
    {"ID": "03", "elapsed": " --:--:--", "phase": "Idle", "origin": "", "lines": ""},
    {"ID": "04", "elapsed": "Shutdown", "phase": "", "origin": "", "lines": ""},
)


def summary(
    *,
    active: int = 1,
    kfiles: int = 1,
    builders: Sequence[Mapping[str, str]] = BUILDERS,
    without: Sequence[str] = (),
    **stats: int | str,
) -> bytes:
    """dsynth's ``Report/summary.json``; ``stats`` by their names, but for those ``without`` which it is."""
    value = {
        "profile": "LiveSystem",
        "kickoff": " 01-May-2026 10:00:00 UTC",
        "kfiles": kfiles,
        "active": active,
        "stats": {name: value for name, value in {**_STATS, **stats}.items() if name not in without},
        "builders": builders,
    }
    return json.dumps(value, indent=1).encode()


def entry(
    number: int, elapsed: str, ID: str, result: str, origin: str, info: str = "", duration: str = ""
) -> dict[str, int | str]:
    """One package of a history file."""
    return {
        "entry": number,
        "elapsed": elapsed,
        "ID": ID,
        "result": result,
        "origin": origin,
        "info": info,
        "duration": duration,
    }


ENTRIES = (
    entry(1, "00:02:14", "01", "built", "shells/bash", "", "00:02:11"),
    entry(2, "00:03:00", "03", "failed", "editors/vim", "configure: 3", "00:01:09"),
    entry(3, "00:03:00", "-1", "skipped", "editors/vim-tiny", "editors/vim"),
    entry(4, "00:03:01", "-1", "ignored", "lang/baz", "BROKEN: does not fetch:|:2"),
    entry(5, "00:03:01", "-1", "meta", "devel/meta"),
)


def history(entries: Sequence[Mapping[str, int | str]] = ENTRIES) -> bytes:
    """One ``Report/NN_history.json`` of dsynth's."""
    return json.dumps(entries, indent=1).encode()


_POUDRIERE: Mapping[str, Any] = {
    "buildname": "2026-05-01_10h00m00s",
    "mastername": "141amd64-default",
    "jailname": "141amd64",
    "ptname": "default",
    "started": "1777629600",
    "status": "parallel_build:",
    "stats": {
        "queued": "10",
        "tobuild": "8",
        "built": "2",
        "failed": "1",
        "ignored": "1",
        "skipped": "1",
        "fetched": "0",
        "inspected": "0",
    },
    "snap": {"elapsed": "3600", "loadavg": "(123%) 9.84 8.00 7.10", "now": "8600", "swapinfo": "1.23%"},
    "jobs": [
        {
            "id": "01",
            "status": "build",
            "origin": "lang/rust",
            "pkgname": "rust-1.80.0",
            "started": "5000",
            "elapsed": "5100",
        },
        {"id": "02", "status": "idle:"},
        {
            "id": "03",
            "status": "configure",
            "origin": "devel/git@tiny",
            "pkgname": "git-tiny-2.45",
            "started": "8590",
            "elapsed": "8595",
        },
    ],
    "ports": {
        "built": [
            {"origin": "devel/gmake", "pkgname": "gmake-4.4", "elapsed": "41"},
            {"origin": "shells/bash", "pkgname": "bash-5.2", "elapsed": "131"},
        ],
        "failed": [
            {
                "origin": "x11/foo",
                "pkgname": "foo-1.0",
                "phase": "configure",
                "errortype": "configure_error",
                "elapsed": "33",
            }
        ],
        "ignored": [{"origin": "lang/baz", "pkgname": "baz-2.0", "reason": "is marked as broken"}],
        "skipped": [{"origin": "x11/bar", "pkgname": "bar-1.0", "depends": "foo-1.0"}],
    },
    "skipped": {"foo-1.0": 1},
}


def poudriere(**changes: Any) -> bytes:
    """poudriere's ``.data.json``. ``changes`` by its top names; of objects only the values said."""
    value = dict(_POUDRIERE)
    for name, change in changes.items():
        value[name] = {**value.get(name, {}), **change} if isinstance(change, Mapping) else change
    return json.dumps(value).encode()


def _dsynth_1_02() -> bytes:
    return dsynth("1.02")


def _dsynth_1_01() -> bytes:
    return dsynth("1.01")


FILES: Mapping[str, Callable[[], bytes]] = {
    "text/monitor.dat": text,
    "go-synth/monitor.dat": gosynth_text,
    "go-synth/00_last_results.log": gosynth_results,
    "dsynth-1.0.2/stats/monitor.dat": dsynth,
    "dsynth-1.0.2/00_last_results.log": results,
    "dsynth-1.0.2/Report/summary.json": summary,
    "dsynth-1.0.2/Report/01_history.json": history,
    "dsynth-1.02/stats/monitor.dat": _dsynth_1_02,
    "dsynth-1.01/stats/monitor.dat": _dsynth_1_01,
    "poudriere/.data.json": poudriere,
}
"""What :func:`write_all` makes, by its path."""


def write_all(directory: Path) -> None:
    """One build in every format, each in a directory as its builder lays it out. No locks lie beside them."""
    for name, made in FILES.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made())
