"""poudriere's lists of finished ports, which only grow: what was read of them before is taken over.

They may have tens of thousands of entries, none of which says when it ended, and all come anew every 2 s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, overload

from ..model import KIND_OF, Finished, LogLine, Outcome, View
from . import FormatError
from .objects import Object, whole
from .results import completion_line

_BUILT, _FAILED, _IGNORED, _SKIPPED, _ = Outcome
_LISTS = (_BUILT, _FAILED, _IGNORED, _SKIPPED)
"""In the order in which they are read: a port is skipped because of one in a list before."""
_new = tuple.__new__  # of 30,000 NamedTuples, each made by its own name takes twice as long


class _Lines(Sequence[LogLine]):
    """An event line for each finished port, put into words when somebody looks: most never are."""

    def __init__(self, finished: Sequence[Finished]) -> None:
        self._finished = finished
        self._worded: dict[int, LogLine] = {}

    def __len__(self) -> int:
        return len(self._finished)

    @overload
    def __getitem__(self, index: int) -> LogLine: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[LogLine]: ...
    def __getitem__(self, index: int | slice) -> LogLine | Sequence[LogLine]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        line = self._worded.get(index)
        if line is None:
            port = self._finished[index]
            line = LogLine(index + 1, port.at, None, KIND_OF[port.outcome], completion_line(port))
            self._worded[index] = line
        return line


class _Taken(NamedTuple):
    """How many entries of a list were read, and the origin of the last."""

    length: int = 0
    last: str | None = None

    def begins(self, entries: Sequence[Any]) -> bool:
        """Whether what was read is the beginning of ``entries``, as far as one look can tell."""
        if self.length > len(entries):
            return False
        return self.length == 0 or origin_of(entries[self.length - 1]) == self.last


class _Past(NamedTuple):
    """What is taken over: ``names`` are the origins of packages because of which others may be skipped,
    ``blockers`` where in ``items`` these stand, and ``blocked`` how many others each blocks."""

    build: object
    items: list[Finished]
    lines: _Lines
    taken: tuple[_Taken, ...]
    names: Mapping[str, str]
    blockers: Mapping[str, int]
    blocked: Mapping[str, int]


class Ended(View[Finished]):
    """The finished ports of one reading, in the order in which they were found, and a line of each."""

    __slots__ = ("log", "past")

    def __init__(self, past: _Past) -> None:
        super().__init__(past.items)
        self.past = past
        self.log: View[LogLine] = View(past.lines)


def read(
    ports: Object,
    blocked: Mapping[str, Any],
    *,
    build: object,
    at: int | None,
    logs: str | None,
    before: View[Finished] | None,
) -> Ended:
    """What the lists in ``ports`` say: ``before`` itself where nothing is new.

    What has come since ``before`` ended at second ``at``, where that is of the same ``build``.
    ``blocked`` says how many ports each package blocks, ``logs`` is the directory of package logs.
    FormatError names the entry that is wrong.
    """
    lists = [ports.entries(outcome.value) for outcome in _LISTS]
    numbers = {name: number for name, value in blocked.items() if (number := whole(value))}
    if (
        isinstance(before, Ended)
        and before.past.build == build
        and all(map(_Taken.begins, before.past.taken, lists))
    ):
        past, stop = before.past, len(before)
        if numbers == past.blocked and [taken.length for taken in past.taken] == list(map(len, lists)):
            return before
    else:
        past, stop, at = _nothing(build), 0, None
    items, lines, names, blockers = past.items, past.lines, dict(past.names), dict(past.blockers)
    others = [(index, numbers.get(name, 0)) for name, index in blockers.items()]
    others = [(index, number) for index, number in others if items[index].blocks != number]
    if others or len(items) != stop:
        # Who has an earlier snapshot keeps what it says, and a reading that failed has left a part of itself.
        items = items[:stop]
        lines = _Lines(items)
        for index, number in others:
            items[index] = items[index]._replace(blocks=number)
    now_taken = tuple(_Taken(len(entries), origin_of(entries[-1]) if entries else None) for entries in lists)
    _add_built(items, lists[0], past.taken[0].length, at, logs)
    for outcome, entries, taken in zip(_LISTS[1:], lists[1:], past.taken[1:], strict=True):
        for index, entry in enumerate(entries[taken.length :], taken.length):
            origin = origin_of(entry)
            if origin is None:
                raise _wrong(entry, outcome, index)
            if name := _text(entry, "pkgname"):
                names.setdefault(name, origin)
                if outcome is not _SKIPPED:
                    blockers[name] = len(items)
            items.append(_ended(entry, outcome, origin, at, logs, names, numbers.get(name or "", 0)))
    return Ended(_Past(build, items, lines, now_taken, names, blockers, numbers))


def _nothing(build: object) -> _Past:
    items: list[Finished] = []
    return _Past(build, items, _Lines(items), (_Taken(),) * len(_LISTS), {}, {}, {})


def _add_built(
    items: list[Finished], entries: list[Any], count: int, at: int | None, logs: str | None
) -> None:
    """Those that were built, as nearly all are: without a call for each it takes half the time."""
    add = items.append
    for index in range(count, len(entries)):
        entry = entries[index]
        entries[index] = None  # let go of at once, there is less for the garbage collector to look at
        if type(entry) is not dict or type(origin := entry.get("origin")) is not str:
            raise _wrong(entry, _BUILT, index)
        if flavor := entry.get("flavor"):
            origin = flavored(origin, flavor)
        said = entry.get("elapsed")
        took = int(said) if type(said) is str and said.isdecimal() and len(said) < 15 else whole(said)
        log = log_of(entry.get("pkgname"), logs) if logs else None
        add(_new(Finished, (origin, _BUILT, at, None, None, None, took, None, log, 0)))


def _ended(
    entry: Mapping[str, Any],
    outcome: Outcome,
    origin: str,
    at: int | None,
    logs: str | None,
    names: Mapping[str, str],
    blocks: int,
) -> Finished:
    if outcome is _FAILED:
        phase, error, took = _text(entry, "phase"), _text(entry, "errortype"), whole(entry.get("elapsed"))
        log = log_of(entry.get("pkgname"), logs)
        return Finished(origin, outcome, at, None, phase, error, took, None, log, blocks)
    if outcome is _IGNORED:
        reason = _text(entry, "reason")
        # It goes on from the port's name, "is marked as broken", as the variable has it that it comes from.
        reason = f"IGNORE: {reason}" if reason else None
        return Finished(origin, outcome, at, None, None, reason, None, None, None, blocks)
    depends = _text(entry, "depends")
    return Finished(origin, outcome, at, None, None, names.get(depends, depends) if depends else None)


def origin_of(entry: Any) -> str | None:
    """With the flavor, where it has one; None where there is no origin."""
    origin = _text(entry, "origin")
    return None if origin is None else flavored(origin, entry.get("flavor"))


def flavored(origin: str, flavor: object) -> str:
    """``devel/git@tiny``, as a port is named that is built in several flavors."""
    return f"{origin}@{flavor}" if flavor and type(flavor) is str and "@" not in origin else origin


def _wrong(entry: Any, outcome: Outcome, index: int) -> FormatError:
    return Object(entry, f"ports.{outcome}[{index}]").wrong("origin", "a string")


def _text(entry: Any, name: str) -> str | None:
    value = entry.get(name) if type(entry) is dict else None
    return value if type(value) is str else None


def log_of(package: object, logs: str | None) -> str | None:
    """The path of a package's log in ``logs``; none for a name that would lead out of it."""
    if logs is None or type(package) is not str or not package or "/" in package:
        return None
    return f"{logs}/{package}.log"
