"""``monitor.dat`` as dsynth maps it: one C struct, in each layout that its versions have had.

The file has no sequence lock: a slot may be seen while it is being written, so nothing in it is believed
before its bounds are checked. Little-endian, LP64.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from ..model import (
    HOLDING,
    BuildState,
    HostSample,
    Snapshot,
    Source,
    SourceKind,
    Totals,
    WorkerRow,
    WorkerState,
)
from ..units import MAX_SECONDS, MAX_WORKERS
from . import FormatError

VERSION_AT = 0
VERSION_BYTES = 32
"""Where the version stands. A reader believes nothing while its first byte is 0, so it is written last."""

_SLOT = struct.Struct("<64xiiqq96x128s")
"""What is read of a slot: state, phase, start_time, lines and portdir."""
_WHOLE_SLOT = struct.Struct("<i60xiiqq8xi84x128s")
"""What is written of one: index too, by which dsynth's monitor finds the line to draw it in."""
_HEAD = struct.Struct("<32sii")
_LOADS = struct.Struct("<4d")
_PATHS = struct.Struct("<128s128s128s128s128s128s128s64s")
_PATH, _PROFILE = 128, 64
_NAMES = (
    "active", "pkgimpulse", "pkgrate", "noswap", "h", "m", "s", "total", "successful", "ignored", "remaining",
    "failed", "skipped", "meta", "dynmaxworkers",
)  # fmt: skip
_PHASES = (
    "pending", "install-pkgs", "check-sanity", "pkg-depends", "fetch-depends", "fetch", "checksum",
    "extract-depends", "extract", "patch-depends", "patch", "build-depends", "lib-depends", "configure",
    "build", "run-depends", "stage", "test", "check-plist", "package", "install", "deinstall", "dump-env",
    "dump-var", "show-config", "make-conf",
)  # fmt: skip
_OLD_PHASES = (*_PHASES[:20], "install-mtree", "install", "deinstall")
UNKNOWN_PHASE = "Run-Unknown"
"""What dsynth says of a phase that it has no name for."""
_NO_PHASE = 99
"""A number that no version has a name for."""
_PHASE_NUMBERS = {name: number for number, name in enumerate(_PHASES)}

_STATES = tuple(WorkerState)
_STATE_NUMBERS = {state: number for number, state in enumerate(_STATES)}
_HOLDS = tuple(state in HOLDING for state in _STATES)
"""By number: an enum's hash is computed in Python, and is asked for a thousand times."""
_PENDING = _STATE_NUMBERS[WorkerState.PENDING]
_AHEAD = 60
"""Seconds that a start may seem to be in the future: clocks differ. Beyond, when it was is not known."""
_FUTURE = 86_400
"""Seconds beyond which it is no start at all: another host's clock may be set wrong by hours."""
_MOST_LINES = 1 << 53
_MOST_LOAD = 1e6
_INT32 = (1 << 31) - 1
_INT64 = (1 << 63) - 1


class BeingReset(FormatError):
    """The file is dsynth's and still empty: a build is about to begin."""


class Layout(NamedTuple):
    """What a version's struct looks like: topinfo's integers in their order, and the names of its phases."""

    ints: tuple[str, ...]
    phases: tuple[str, ...]

    @property
    def loads(self) -> int:
        """Where ``dswap`` and ``dload`` are."""
        end = _HEAD.size + 4 * len(self.ints)
        return end + -end % 8

    @property
    def paths(self) -> int:
        return self.loads + _LOADS.size

    @property
    def slots(self) -> int:
        return self.paths + _PATHS.size

    @property
    def size(self) -> int:
        return self.slots + MAX_WORKERS * _SLOT.size


NEWEST = Layout(_NAMES, _PHASES)
_OLDEST = Layout(tuple(name for name in _NAMES if name not in ("active", "meta")), _OLD_PHASES)
_OLD = Layout(tuple(name for name in _NAMES if name != "meta"), _OLD_PHASES)
VERSIONS: Mapping[str, tuple[Layout, ...]] = {"1.01": (_OLDEST,), "1.02": (_OLD, NEWEST), "1.0.2": (NEWEST,)}
"""The layouts that files of a version have; their sizes differ. 13 and 14 integers make the same size."""
NEWEST_VERSION = "1.0.2"
SIZES = frozenset(layout.size for layouts in VERSIONS.values() for layout in layouts)
"""How many bytes such a file may have."""


def decode(data: bytes, *, now: float, before: Snapshot | None = None) -> Snapshot:
    """What the file says at epoch second ``now``. The state is what it claims; its lock knows better.

    ``before`` is what it said last: the row of a slot that is half-written now is taken from there. A figure
    that cannot be is None. FormatError for another version or size, BeingReset while it is still empty.
    """
    version, layout = _layout(data)
    top = dict(zip(layout.ints, struct.unpack_from(f"<{len(layout.ints)}i", data, _HEAD.size), strict=True))
    h, m, s = top["h"], top["m"], top["s"]
    if not (0 <= m < 60 and 0 <= s < 60):
        expected = f"hours, minutes and seconds in the {len(layout.ints)} integers of its header"
        raise FormatError(f"version {version}: expected {expected}, found {h}:{m}:{s}")
    elapsed = (h * 60 + m) * 60 + s if 0 <= h <= MAX_SECONDS // 3600 else None
    swap, load, *_ = _LOADS.unpack_from(data, layout.loads)
    *paths, profile = map(_text, _PATHS.unpack_from(data, layout.paths))
    max_workers = min(max(0, _HEAD.unpack_from(data)[1]), MAX_WORKERS)
    rows, active = _rows(data, layout, max_workers, now, before.workers if before else ())
    return Snapshot(
        seq=0,
        state=_state(top),
        time=now,
        source=Source(SourceKind.DSYNTH, name=profile or None, logs=paths[5] or None),
        started=None if elapsed is None else now - elapsed,
        elapsed=elapsed,
        active=active,
        max_workers=max_workers,
        dynmax=top["dynmaxworkers"] if 0 <= top["dynmaxworkers"] <= MAX_WORKERS else None,
        host=HostSample(
            load=load if 0 <= load <= _MOST_LOAD else None,
            swap_pct=swap if 0 <= swap <= 100 and not top["noswap"] else None,
            no_swap=bool(top["noswap"]),
        ),
        run_rate=float(top["pkgrate"]) if top["pkgrate"] >= 0 else None,
        impulse_10m=float(top["pkgimpulse"]) if top["pkgimpulse"] >= 0 else None,
        totals=_totals(top),
        workers=rows,
    )


def _layout(data: bytes) -> tuple[str, Layout]:
    sizes = " or ".join(map(str, sorted(SIZES)))
    if len(data) in SIZES and not data[VERSION_AT]:
        raise BeingReset("dsynth has emptied its monitor file: a build is about to begin")
    version = bytes(data[:VERSION_BYTES]).partition(b"\0")[0].decode("utf-8", "replace")
    if not version:
        raise FormatError(f"expected a dsynth monitor file of {sizes} bytes, found {len(data)}")
    layouts = VERSIONS.get(version)
    if layouts is None:
        raise FormatError(f"version {version!r}: expected one of dsynth's {', '.join(VERSIONS)}")
    for layout in layouts:
        if layout.size == len(data):
            return version, layout
    sizes = " or ".join(str(layout.size) for layout in layouts)
    raise FormatError(f"version {version}: expected {sizes} bytes, found {len(data)}")


def _state(top: Mapping[str, int]) -> BuildState:
    # The oldest version doesn't say whether it builds.
    if top.get("active", top["remaining"] > 0):
        return BuildState.BUILDING
    return BuildState.INTERRUPTED if top["remaining"] > 0 else BuildState.FINISHED


def _totals(top: Mapping[str, int]) -> Totals:
    names = ("total", "successful", "failed", "ignored", "skipped")
    totals = Totals(*(max(0, top[name]) for name in names))
    if "meta" in top:
        return totals._replace(meta=max(0, top["meta"]))
    # What is neither said nor remaining can only be meta: without it more would seem to remain.
    return totals._replace(meta=max(0, (totals.remaining or 0) - max(0, top["remaining"])))


def _rows(
    data: bytes, layout: Layout, count: int, now: float, before: Sequence[WorkerRow]
) -> tuple[tuple[WorkerRow, ...], int]:
    """The configured slots, and how many of them hold a package."""
    phases, known, holding = layout.phases, len(layout.phases), _HOLDS
    second = int(now)
    earliest, latest, future = max(0, second - MAX_SECONDS), second + _AHEAD, second + _FUTURE
    area = memoryview(data)[layout.slots : layout.slots + count * _SLOT.size]
    rows: list[WorkerRow] = []
    active = 0
    for slot, (number, phase, start, lines, portdir) in enumerate(_SLOT.iter_unpack(area)):
        origin = _text(portdir)
        if origin is None or not (0 <= number < 8 and 0 <= lines <= _MOST_LINES and start <= future):
            # It is being written.
            row = before[slot] if slot < len(before) else WorkerRow(slot, WorkerState.NONE)
            active += row.state in HOLDING
            rows.append(row)
            continue
        holds = holding[number]
        active += holds
        if number < _PENDING or not (origin or holds):
            rows.append(WorkerRow(slot, _STATES[number]))
            continue
        if number == _PENDING:
            phase = 0  # dsynth leaves there that of the slot's last package
        started: float | None = None
        elapsed = None
        if earliest < start <= latest:
            started = float(start)
            if holds:
                elapsed = second - start if second > start else 0
        name = phases[phase] if 0 <= phase < known else UNKNOWN_PHASE
        rows.append(WorkerRow(slot, _STATES[number], name, origin or None, started, elapsed, lines))
    return tuple(rows), active


@lru_cache(maxsize=2 * MAX_WORKERS)
def _text(field: bytes) -> str | None:
    """A C string, None where its end is missing. Most are as they were a second ago."""
    text, end, _ = field.partition(b"\0")
    return text.decode("utf-8", "replace") if end else None


def encode(snapshot: Snapshot) -> bytes:
    """The whole file in the newest layout. What is unknown is 0, as is a slot's start, and swap is none then.

    Texts are cut to what there is room for. Nothing is left of memory, which a snapshot has of no slot.
    """
    layout = NEWEST
    totals, host, source = snapshot.totals, snapshot.host, snapshot.source
    rows = {row.slot: row for row in snapshot.workers if 0 <= row.slot < MAX_WORKERS}
    count = min(max([snapshot.max_workers or 0, *[slot + 1 for slot in rows]]), MAX_WORKERS)
    minutes, s = divmod(snapshot.elapsed or 0, 60)
    h, m = divmod(minutes, 60)
    # A source that is silent may go on; one that is over will not.
    goes_on = not (snapshot.over or snapshot.state is BuildState.WAITING)
    remaining = 0 if snapshot.state is BuildState.FINISHED else totals.remaining or 0
    no_swap = host.no_swap or host.swap_pct is None
    dynmax = snapshot.max_workers if snapshot.dynmax is None else snapshot.dynmax
    top: dict[str, float | None] = {
        "active": goes_on,
        "pkgimpulse": snapshot.impulse_10m,
        "pkgrate": snapshot.run_rate,
        "noswap": no_swap,
        "h": h,
        "m": m,
        "s": s,
        "total": totals.queued,
        "successful": totals.built,
        "ignored": totals.ignored,
        "remaining": remaining,
        "failed": totals.failed,
        "skipped": totals.skipped,
        "meta": totals.meta,
        "dynmaxworkers": dynmax,
    }
    data = bytearray(layout.size)
    _HEAD.pack_into(data, 0, NEWEST_VERSION.encode(), count, count)
    ints = [_whole(top[name], _INT32) for name in layout.ints]
    struct.pack_into(f"<{len(ints)}i", data, _HEAD.size, *ints)
    _LOADS.pack_into(data, layout.loads, _figure(host.swap_pct), _figure(host.load), 0.0, 0.0)
    # A path that was cut would be another directory's.
    logs = _field(source.logs or "", _PATH)
    whole = _text(logs.ljust(_PATH, b"\0")) == source.logs
    paths = (b"", b"", b"", b"", b"", logs if whole else b"", b"/")
    _PATHS.pack_into(data, layout.paths, *paths, _field(source.name or "", _PROFILE))
    for slot in range(count):
        row = rows.get(slot)
        at = layout.slots + slot * _SLOT.size
        if row is None:
            struct.pack_into("<i", data, at, slot)
            continue
        _WHOLE_SLOT.pack_into(
            data,
            at,
            slot,
            _STATE_NUMBERS[row.state],
            _PHASE_NUMBERS.get(row.phase or _PHASES[0], _NO_PHASE),
            _whole(row.started, _INT64),
            _whole(row.lines, _INT64),
            0,
            _field(row.origin or "", _PATH),
        )
    return bytes(data)


def _whole(value: float | None, most: int) -> int:
    return int(min(max(0, value), most)) if value is not None and math.isfinite(value) else 0


def _figure(value: float | None) -> float:
    return max(0.0, value) if value is not None and math.isfinite(value) else 0.0


@lru_cache(maxsize=2 * MAX_WORKERS)
def _field(text: str, room: int) -> bytes:
    """As much of a text as there is room for, with a byte for its end, and never a part of a character."""
    field = text.encode("utf-8", "replace").partition(b"\0")[0]
    return field if len(field) < room else field[: room - 1].decode("utf-8", "ignore").encode()
