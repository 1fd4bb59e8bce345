"""``00_last_results.log``, read: what one line says, in dsynth's dialect (ours too) or in go-synth's.

What :mod:`results` writes is read here. Texts stay as they are in the file, but for the padding.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..model import KIND_OF, Finished, LogKind, Outcome


class Entry(NamedTuple):
    """One line. ``origin`` is the package that it is about; ``package`` is there where one ended, without its
    ``at`` and its log. ``clock`` is the second of the day, which only go-synth says."""

    kind: LogKind
    slot: int | None
    text: str
    origin: str | None = None
    package: Finished | None = None
    clock: int | None = None


_SLOT = re.compile(r"\[([0-9]{3,4})\] ")
_CLOCK = re.compile(r"\[([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])\] ")
_ABOUT = re.compile(r"\[[0-9A-Za-z-]{0,36}\] \[W([0-9]{1,4})\] (\S+): ")
"""What go-synth puts before a message that it knows the package of: build, worker and origin."""
_DURATION = re.compile(r"([0-9]{1,9}):([0-5][0-9]):([0-5][0-9])")
_RESULT = re.compile(
    r"\[(?:[0-9]{3,4}|XXX)\] (?:START   |SUCCESS |FAILURE |IGNORD |SKIPPD )"
    r"|\[XXX\] (?:.* (?:ignored due to |skipped due to |meta-node complete|Already-Built|META-ALREADY-BUILT)"
    r"|Load=.* Adjust Workers )"
    r"|\[[0-9]{2}:[0-9]{2}:[0-9]{2}\] (?:\[\S*\] \[W[0-9]+\] \S+: )?(?:SUCCESS|FAILED|IGNORED|SKIPPED): "
)

_BUILT, _FAILED, _IGNORED, _SKIPPED, _META = Outcome
_NONE_GIVEN = "no reason given"
"""What :mod:`results` writes where none is known."""


def is_result(line: str) -> bool:
    """Whether ``line`` is surely one of such a file. Not each line of such a file is."""
    return _RESULT.match(line) is not None


def parse(line: str) -> Entry:
    """What ``line`` says. One of neither dialect, or an incomplete one, is a note with its text."""
    text = line.rstrip()
    clock = None
    if match := _SLOT.match(text):
        slot = int(match[1])
        found = _by_worker(slot, text[match.end() :])
    elif text.startswith("[XXX] "):
        slot = None
        found = _by_worker(None, text[6:]) or _by_master(text[6:])
    elif match := _CLOCK.match(text):
        hour, minute, second = match.groups()
        clock = (int(hour) * 60 + int(minute)) * 60 + int(second)
        slot, found = _by_gosynth(text[match.end() :])
    else:
        return Entry(LogKind.NOTE, None, text)
    if found is None:
        return Entry(LogKind.NOTE, slot, text, None, None, clock)
    if isinstance(found, Finished):
        return Entry(KIND_OF[found.outcome], slot, text, found.origin, found, clock)
    kind, origin = found
    return Entry(kind, slot, text, origin, None, clock)


_Found = Finished | tuple[LogKind, str | None] | None
"""A package that ended, or another kind of line and the package it is about; None: a note about nothing."""


def _by_worker(slot: int | None, said: str) -> _Found:
    word, _, rest = said.partition(" ")
    if word == "SUCCESS":
        origin, _, took = rest.rpartition(" ")
        origin = origin.strip()
        return Finished(origin, _BUILT, None, slot, None, None, _seconds(took)) if origin else None
    if word == "START":
        origin = rest.partition(" idep=")[0].strip()
        return (LogKind.START, origin) if origin else None
    if word == "FAILURE":
        return _failure(slot, rest)
    if word == "STALLED":
        origin, _, _ = rest.partition(": nothing new for ")[0].partition(" ")
        return (LogKind.STALLED, origin) if origin else None
    if word in ("IGNORD", "SKIPPD"):
        package, dash, reason = rest.partition(" - ")
        outcome = _IGNORED if word == "IGNORD" else _SKIPPED
        return _blocking(slot, package, outcome, reason) if dash else None
    return None


def _failure(slot: int | None, rest: str) -> Finished | None:
    """Of an origin, the number that it blocks (where it blocks any), its phase, and how long it took."""
    head, _, took = rest.rpartition(" ")
    # What stands at the right is set off by more than one blank, unless the line is too long for that.
    package, wide, phase = head.rpartition("  ")
    if not wide:
        package, _, phase = head.rpartition(" ")
    origin, blocks = _parted(package)
    if not origin:
        return None
    named = None if phase == "-" else phase
    return Finished(origin, _FAILED, None, slot, named, None, _seconds(took), None, None, blocks)


def _by_master(said: str) -> _Found:
    for words, outcome in ((" skipped due to ", _SKIPPED), (" ignored due to ", _IGNORED)):
        package, due, reason = said.partition(words)
        if due:
            return _blocking(None, package, outcome, reason)
    origin, _, what = said.rpartition(" ")
    if what == "complete" and origin.endswith(" meta-node"):
        origin = origin.removesuffix(" meta-node").strip()
        return Finished(origin, _META, None) if origin else None
    if what in ("Already-Built", "META-ALREADY-BUILT"):
        return LogKind.NOTE, origin.strip() or None
    if said.startswith("Load=") and " Adjust Workers " in said:
        return LogKind.THROTTLE, None
    return None


def _by_gosynth(said: str) -> tuple[int | None, _Found]:
    """The slot, where it is known, and what was found."""
    slot, about = None, None
    if match := _ABOUT.match(said):
        slot, about, said = int(match[1]), match[2], said[match.end() :]
    word, colon, rest = said.partition(": ")
    rest = rest.strip()
    origin = rest if about is None else about
    found: _Found = (LogKind.NOTE, about)
    if not colon or not origin:
        pass
    elif word == "SUCCESS":
        found = Finished(origin, _BUILT, None, slot)
    elif word == "SKIPPED":
        found = Finished(origin, _SKIPPED, None, slot)
    elif word == "FAILED":
        package, _, phase = rest.removesuffix(")").rpartition(" (phase: ")
        found = Finished(about or package or rest, _FAILED, None, slot, phase if package else None)
    elif word == "IGNORED":
        package, _, reason = rest.removesuffix(")").partition(" (")
        found = Finished(about or package, _IGNORED, None, slot, None, reason or None)
    return slot, found


def _blocking(slot: int | None, package: str, outcome: Outcome, reason: str) -> Finished | None:
    origin, blocks = _parted(package)
    reason = reason.strip()
    because = None if reason == _NONE_GIVEN else reason or None
    return Finished(origin, outcome, None, slot, None, because, None, None, None, blocks) if origin else None


def _parted(package: str) -> tuple[str, int]:
    """An origin, and how many packages it blocks where that stands behind it."""
    package = package.strip()
    origin, _, number = package.rpartition(" ")
    if origin and len(number) < 10 and number.isascii() and number.isdecimal():
        return origin.rstrip(), int(number)
    return package, 0


def _seconds(took: str) -> int | None:
    """Of ``HH:MM:SS``; None for what is something else, as ``--:--:--`` is."""
    if match := _DURATION.fullmatch(took):
        hour, minute, second = match.groups()
        return (int(hour) * 60 + int(minute)) * 60 + int(second)
    return None
