"""The event stream: JSON Lines in which any builder can tell how its build goes, one event a line.

Every event may have its ``time``, in epoch seconds; None is the moment in which it is read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, NoReturn

from ..model import BuildState, Outcome
from ..units import MAX_SECONDS, MAX_WORKERS
from . import FormatError

LONGEST = 64 << 10
"""Bytes of a line; a longer one is malformed."""
LONGEST_TEXT = 1024
"""Characters of a name or a path; other texts are cut there. What is kept of a stream is bounded by it."""
LARGEST = 10**9
"""Packages in one event, or lines of a log."""
_FARTHEST = 1e15
"""Epoch seconds that still add up: whether they make sense is for whoever has a clock to say."""


class UnknownEvent(FormatError):
    """A well-formed line whose event, ``name``, is none of those known here."""

    def __init__(self, name: str) -> None:
        super().__init__(f"unknown event {name[:40]!r}")
        self.name = name


class Begin(NamedTuple):
    """A new build begins. ``workers`` is None where the slots show in what is started, ``queued`` counts
    packages, ``logs`` is the directory of the package logs."""

    name: str | None = None
    workers: int | None = None
    queued: int | None = None
    logs: str | None = None
    time: float | None = None


class Queued(NamedTuple):
    """``n`` more packages are to be built; ``origins`` are their names, if they are said."""

    n: int
    origins: tuple[str, ...] = ()
    time: float | None = None


class Start(NamedTuple):
    """From now on ``slot`` holds the package ``origin``; ``log`` is the path of its log."""

    slot: int
    origin: str
    phase: str | None = None
    log: str | None = None
    time: float | None = None


class Phase(NamedTuple):
    """The package in ``slot`` is in this phase now."""

    slot: int
    phase: str
    time: float | None = None


class Lines(NamedTuple):
    """The log of the package in ``slot`` has ``n`` lines so far."""

    slot: int
    n: int
    time: float | None = None


class Done(NamedTuple):
    """A package has ended, ``duration`` seconds after it began, and is in its slot no more."""

    origin: str
    outcome: Outcome
    slot: int | None = None
    reason: str | None = None
    phase: str | None = None
    duration: int | None = None
    time: float | None = None


class Log(NamedTuple):
    """An event line of the builder's own."""

    text: str
    slot: int | None = None
    time: float | None = None


class End(NamedTuple):
    """The build is over: ``finished`` or ``interrupted``."""

    state: BuildState = BuildState.FINISHED
    time: float | None = None


Event = Begin | Queued | Start | Phase | Lines | Done | Log | End

_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_ENDS = {state.value: state for state in (BuildState.FINISHED, BuildState.INTERRUPTED)}
_Object = Mapping[str, Any]


def parse(line: bytes) -> Event:
    """The event in one line, with or without its line end. Unknown fields are ignored, null is like none.

    FormatError says what is wrong. What is no UTF-8 becomes ``�``.
    """
    if len(line) > LONGEST:
        raise FormatError(f"the line is too long: expected at most {LONGEST} bytes")
    text = line.decode("utf-8", "replace").strip(" \t\r\n")
    try:
        # What decode() does beside it takes as long as the decoding.
        value, end = _JSON.raw_decode(text)
        if end < len(text):
            raise json.JSONDecodeError("Extra data", text, end)
    except json.JSONDecodeError as error:
        raise FormatError(f"no JSON: {error.msg} at column {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise FormatError(f"no JSON: {error}") from error
    if not isinstance(value, dict):
        raise FormatError(f'expected an object with an "event", found {_described(value)}')
    name = value.get("event")
    if not isinstance(name, str):
        _wrong(value, "event", f"one of {', '.join(_PARSERS)}")
    parser = _PARSERS.get(name)
    if parser is None:
        raise UnknownEvent(name)
    return parser(value)


def encode(event: Event) -> bytes:
    """The event as one line of ASCII. FormatError where it would be too long."""
    value: dict[str, object] = {"event": type(event).__name__.lower()}
    fields = event._asdict()
    if isinstance(event, Queued):
        del fields["n" if event.origins else "origins"]
    value.update((name, said) for name, said in fields.items() if said is not None)
    line = json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"
    if len(line) > LONGEST:
        raise FormatError(f"an event of {len(line)} bytes: expected at most {LONGEST}")
    return line


def _begin(value: _Object) -> Begin:
    workers = value.get("workers")
    if workers is not None and not (type(workers) is int and 1 <= workers <= MAX_WORKERS):
        _wrong(value, "workers", f"1..{MAX_WORKERS}")
    queued = None if value.get("queued") is None else _count(value, "queued")
    return Begin(_maybe_name(value, "name"), workers, queued, _maybe_name(value, "logs"), _time(value))


def _queued(value: _Object) -> Queued:
    origins = value.get("origins")
    if origins is None:
        return Queued(_count(value, "n"), (), _time(value))
    if not isinstance(origins, list) or not all(_is_name(origin) for origin in origins):
        _wrong(value, "origins", "a list of origins")
    return Queued(len(origins), tuple(origins), _time(value))


def _start(value: _Object) -> Start:
    return Start(
        _slot(value),
        _name(value, "origin"),
        _maybe_text(value, "phase"),
        _maybe_name(value, "log"),
        _time(value),
    )


def _phase(value: _Object) -> Phase:
    return Phase(_slot(value), _text(value, "phase"), _time(value))


def _lines(value: _Object) -> Lines:
    return Lines(_slot(value), _count(value, "n"), _time(value))


def _done(value: _Object) -> Done:
    outcome = value.get("outcome")
    known = _OUTCOMES.get(outcome) if isinstance(outcome, str) else None
    if known is None:
        _wrong(value, "outcome", f"one of {', '.join(_OUTCOMES)}")
    duration = value.get("duration")
    if duration is not None:
        if type(duration) not in (int, float) or not 0 <= duration <= MAX_SECONDS:
            _wrong(value, "duration", f"seconds, 0..{MAX_SECONDS}")
        duration = int(duration)
    return Done(
        _name(value, "origin"),
        known,
        None if value.get("slot") is None else _slot(value),
        _maybe_text(value, "reason"),
        _maybe_text(value, "phase"),
        duration,
        _time(value),
    )


def _log(value: _Object) -> Log:
    return Log(_text(value, "text"), None if value.get("slot") is None else _slot(value), _time(value))


def _end(value: _Object) -> End:
    state = value.get("state")
    if state is None:
        return End(time=_time(value))
    known = _ENDS.get(state) if isinstance(state, str) else None
    if known is None:
        _wrong(value, "state", f"one of {', '.join(_ENDS)}")
    return End(known, _time(value))


_PARSERS: dict[str, Callable[[_Object], Event]] = {
    "begin": _begin,
    "queued": _queued,
    "start": _start,
    "phase": _phase,
    "lines": _lines,
    "done": _done,
    "log": _log,
    "end": _end,
}


def _slot(value: _Object) -> int:
    slot = value.get("slot")
    # Not isinstance: true and false are ints in Python.
    if type(slot) is not int or not 0 <= slot < MAX_WORKERS:
        _wrong(value, "slot", f"0..{MAX_WORKERS - 1}")
    return slot


def _count(value: _Object, key: str) -> int:
    count = value.get(key)
    if type(count) is not int or not 0 <= count <= LARGEST:
        _wrong(value, key, f"a whole number, 0..{LARGEST}")
    return count


def _time(value: _Object) -> float | None:
    time = value.get("time")
    if time is None or (type(time) is float and -_FARTHEST <= time <= _FARTHEST):
        return time
    if type(time) not in (int, float) or not -_FARTHEST <= time <= _FARTHEST:
        _wrong(value, "time", "epoch seconds")
    return float(time)


def _is_name(found: object) -> bool:
    return isinstance(found, str) and 0 < len(found) <= LONGEST_TEXT


def _name(value: _Object, key: str) -> str:
    found = value.get(key)
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST_TEXT:
        _wrong(value, key, f"1 to {LONGEST_TEXT} characters")
    return found


def _maybe_name(value: _Object, key: str) -> str | None:
    return None if value.get(key) is None else _name(value, key)


def _text(value: _Object, key: str) -> str:
    found = value.get(key)
    if not isinstance(found, str):
        _wrong(value, key, "a text")
    return found[:LONGEST_TEXT]


def _maybe_text(value: _Object, key: str) -> str | None:
    return None if value.get(key) is None else _text(value, key)


def _wrong(value: _Object, key: str, expected: str) -> NoReturn:
    raise FormatError(f"{key}: expected {expected}, found {_described(value.get(key))}")


def _described(found: object) -> str:
    if found is None:
        return "none"
    if isinstance(found, str):
        return repr(found[:40])
    return repr(found)[:40] if isinstance(found, int | float) else f"a {type(found).__name__}"


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


_JSON = json.JSONDecoder(parse_constant=_no_number)
