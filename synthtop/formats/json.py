"""``monitor.json``: the whole snapshot as one JSON object. The names in it are fixed."""

from __future__ import annotations

import json
import math
from functools import lru_cache, partial
from itertools import product
from operator import itemgetter
from types import NoneType
from typing import Any

from ..model import (
    BuildState,
    Eta,
    HostSample,
    LogKind,
    LogLine,
    Memory,
    PhaseSpan,
    Pressure,
    Snapshot,
    Source,
    SourceKind,
    Space,
    Stopping,
    Totals,
    View,
    WorkerRow,
    WorkerState,
)
from ..phases import PHASES_KEPT
from ..units import MAX_WORKERS
from . import FormatError
from .objects import LARGEST, Object, loads

SCHEMA = 1
LOG_LINES = 200
"""How many of the last event lines the file has."""

_KINDS = {kind.value: kind for kind in LogKind}
_STATES = {state.value: state for state in WorkerState}
_ROW_OF = itemgetter(*WorkerRow._fields[:9])
"""What an older version writes of a slot too."""
_LINE_OF = itemgetter("seq", "time", "slot", "kind", "text")
_WORD, _COUNT, _FIGURE = (str, NoneType), (int, NoneType), (float, NoneType)
_ROW_TYPES = frozenset(
    product(
        *((int,), (str,), _WORD, _WORD, _FIGURE, _COUNT, _COUNT, _WORD, (bool,)),
        *(_FIGURE, _COUNT, (list, NoneType)),
    )
)
_span = partial(tuple.__new__, PhaseSpan)
"""Of a name and a second; in half the time, and there may be ten thousand."""
_LINE_TYPES = frozenset(product((int,), (float,), _COUNT, (str,), (str,)))


def encode(snapshot: Snapshot) -> bytes:
    """The snapshot as one line of ASCII. A figure that is unknown is null."""
    host, totals, eta = snapshot.host, snapshot.totals, snapshot.eta
    began = snapshot.started or 0.0
    value = {
        "schema": SCHEMA,
        "seq": snapshot.seq,
        "state": snapshot.state,
        "time": _finite(snapshot.time),
        "started": _finite(snapshot.started),
        "elapsed": snapshot.elapsed,
        "source": snapshot.source._asdict(),
        "workers": {"active": snapshot.active, "max": snapshot.max_workers, "dynmax": snapshot.dynmax},
        "throttle": {"policy": snapshot.policy, "reason": snapshot.reason},
        "memory": snapshot.memory._asdict(),
        "stopping": snapshot.stopping,
        "age": snapshot.age,
        "problem": snapshot.problem,
        "load": _finite(host.load),
        "ncpus": host.ncpus,
        "swap_pct": _finite(host.swap_pct),
        "no_swap": host.no_swap,
        "cpu_pct": _finite(host.cpu_pct),
        "memory_total": host.memory_total,
        "memory_available": host.memory_available,
        "pressure": {name: _finite(value) for name, value in host.pressure._asdict().items()},
        "rate": _finite(snapshot.rate),
        "impulse": snapshot.impulse,
        "run_rate": _finite(snapshot.run_rate),
        "impulse_10m": _finite(snapshot.impulse_10m),
        "totals": {**totals._asdict(), "remaining": totals.remaining},
        "eta": None if eta is None else {"seconds": eta.seconds, "plus_minus": eta.plus_minus},
        "low_space": [space._asdict() for space in snapshot.low_space],
        "log": [
            {"seq": seq, "time": None if at is None else began + at, "slot": slot, "kind": kind, "text": text}
            for seq, at, slot, kind, text in snapshot.log.tail(LOG_LINES)
        ],
    }
    rest = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return f'{rest[:-1]},"slots":[{",".join(map(_slot, snapshot.workers))}]}}\n'.encode("ascii")


def _slot(row: WorkerRow) -> str:
    """One slot as JSON. By hand: there may be a thousand each second, of which two figures have changed."""
    slot, state, phase, origin, started, elapsed, lines, log, stalled, cpu, rss, phases = row
    fixed = _fixed(slot, state, phase, origin, started, log, stalled, phases)
    moving = f'{fixed},"elapsed":{_null_or(elapsed)},"lines":{_null_or(lines)}'
    if cpu is None and rss is None:
        return f'{moving},"cpu":null,"rss":null}}'
    return f'{moving},"cpu":{_null_or(_finite(cpu))},"rss":{_null_or(rss)}}}'


@lru_cache(maxsize=2 * MAX_WORKERS)
def _fixed(
    slot: int,
    state: WorkerState,
    phase: str | None,
    origin: str | None,
    started: float | None,
    log: str | None,
    stalled: bool,
    phases: tuple[PhaseSpan, ...],
) -> str:
    """What of a slot stays while it is in one phase."""
    value = {
        "slot": slot,
        "state": state,
        "phase": phase,
        "origin": origin,
        "started": _finite(started),
        "log": log,
        "stalled": stalled,
        "phases": phases,
    }
    return json.dumps(value, separators=(",", ":"))[:-1]


def _null_or(number: float | None) -> float | str:
    return "null" if number is None else number


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def decode(data: bytes) -> Snapshot:
    """What the file says. Unknown names are ignored; FormatError names the key that is wrong."""
    try:
        value = loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise FormatError(f"no JSON: {error}") from error
    top = Object(value, "")
    schema = top.integer("schema")
    if schema is None or schema < 1:
        raise FormatError(f"schema: expected {SCHEMA}, found {schema}")
    if schema > SCHEMA:
        raise FormatError(f"schema {schema} is newer than this synthtop, which reads up to {SCHEMA}")
    workers, throttle, memory = top.object("workers"), top.object("throttle"), top.object("memory")
    source, pressure = top.object("source"), top.object("pressure")
    started = top.number("started")
    eta = top.object("eta") if value.get("eta") is not None else None
    return Snapshot(
        seq=top.integer("seq") or 0,
        state=top.word("state", BuildState),
        time=top.number("time") or 0.0,
        source=Source(source.word("kind", SourceKind), *(source.text(name) for name in Source._fields[1:])),
        started=started,
        elapsed=top.integer("elapsed"),
        active=workers.integer("active"),
        max_workers=workers.integer("max"),
        dynmax=workers.integer("dynmax"),
        policy=throttle.text("policy"),
        reason=throttle.text("reason"),
        stopping=None if value.get("stopping") is None else top.word("stopping", Stopping),
        age=top.integer("age"),
        problem=top.text("problem"),
        host=HostSample(
            load=top.number("load"),
            ncpus=top.integer("ncpus"),
            swap_pct=top.number("swap_pct"),
            no_swap=top.flag("no_swap"),
            cpu_pct=top.number("cpu_pct"),
            memory_total=top.integer("memory_total"),
            memory_available=top.integer("memory_available"),
            pressure=Pressure(*(pressure.number(name) for name in Pressure._fields)),
        ),
        memory=Memory(memory.integer("running"), memory.integer("target")),
        rate=top.number("rate"),
        impulse=top.integer("impulse"),
        run_rate=top.number("run_rate"),
        impulse_10m=top.number("impulse_10m"),
        totals=_totals(top.object("totals")),
        eta=None if eta is None else Eta(eta.integer("seconds") or 0, eta.integer("plus_minus") or 0),
        workers=_rows(top),
        log=View(_lines(top, started or 0.0)),
        low_space=tuple([_space(space) for space in top.objects("low_space")]),
    )


def _totals(totals: Object) -> Totals:
    return Totals(totals.integer("queued"), *(totals.integer(name) or 0 for name in Totals._fields[1:]))


def _space(space: Object) -> Space:
    return Space(space.text("path") or "", space.integer("free") or 0, space.integer("total") or 0)


def _rows(top: Object) -> tuple[WorkerRow, ...]:
    entries = top.entries("slots")
    if len(entries) > MAX_WORKERS:
        raise FormatError(f"slots: expected at most {MAX_WORKERS}, found {len(entries)}")
    return tuple(
        [_row(entry) or _checked_row(Object(entry, f"slots[{at}]")) for at, entry in enumerate(entries)]
    )


def _row(entry: Any) -> WorkerRow | None:
    """The slot in ``entry`` where it is as it is written here, else None.

    Its types are looked at together: one by one, a thousand slots would take longer than to parse their JSON.
    """
    try:
        values = (*_ROW_OF(entry), entry.get("cpu"), entry.get("rss"), entry.get("phases"))
    except (KeyError, TypeError):
        return None
    if tuple(map(type, values)) not in _ROW_TYPES:
        return None
    slot, word, phase, origin, started, elapsed, lines, log, stalled, cpu, rss, said = values
    state = _STATES.get(word)
    counted = 0 <= slot <= LARGEST and 0 <= (elapsed or 0) <= LARGEST and 0 <= (lines or 0) <= LARGEST
    if state is None or not counted or not -LARGEST <= (started or 0.0) <= LARGEST:
        return None
    if not 0 <= (rss or 0) <= LARGEST or not -LARGEST <= (cpu or 0.0) <= LARGEST:
        return None
    phases = _spans(said) if said else ()
    if phases is None:
        return None
    return WorkerRow(slot, state, phase, origin, started, elapsed, lines, log, stalled, cpu, rss, phases)


def _spans(said: list[Any]) -> tuple[PhaseSpan, ...] | None:
    """The phases in ``said`` where they are as they are written here, else None."""
    spans = []
    try:
        for name, began in said[-PHASES_KEPT:]:
            if type(name) is not str or type(began) is not int or not 0 <= began <= LARGEST:
                return None
            spans.append(_span((name, began)))
    except (TypeError, ValueError):
        return None
    return tuple(spans)


def _lines(top: Object, began: float) -> list[LogLine]:
    return [
        _line(entry, began) or _checked_line(Object(entry, f"log[{at}]"), began)
        for at, entry in enumerate(top.entries("log"))
    ]


def _line(entry: Any, began: float) -> LogLine | None:
    """As :func:`_row`, for one event line."""
    try:
        values = _LINE_OF(entry)
    except (KeyError, TypeError):
        return None
    if tuple(map(type, values)) not in _LINE_TYPES:
        return None
    seq, time, slot, word, text = values
    kind = _KINDS.get(word)
    if kind is None or not (0 <= seq <= LARGEST and 0 <= (slot or 0) <= LARGEST and abs(time) <= LARGEST):
        return None
    return LogLine(seq, max(0, round(time - began)), slot, kind, text)


def _checked_row(entry: Object) -> WorkerRow:
    return WorkerRow(
        entry.integer("slot") or 0,
        entry.word("state", WorkerState),
        entry.text("phase"),
        entry.text("origin"),
        entry.number("started"),
        entry.integer("elapsed"),
        entry.integer("lines"),
        entry.text("log"),
        entry.flag("stalled"),
        entry.number("cpu"),
        entry.integer("rss"),
        _checked_spans(entry),
    )


def _checked_spans(entry: Object) -> tuple[PhaseSpan, ...]:
    said = entry.entries("phases")
    phases = _spans(said) if said else ()
    if phases is None:
        raise entry.wrong("phases", "a list of names with the second in which each began")
    return phases


def _checked_line(entry: Object, began: float) -> LogLine:
    time = entry.number("time")
    at = None if time is None else max(0, round(time - began))
    # A kind that a later version adds is still a line that can be shown.
    kind = _KINDS.get(entry.text("kind") or "", LogKind.NOTE)
    return LogLine(entry.integer("seq") or 0, at, entry.integer("slot"), kind, entry.text("text") or "")
