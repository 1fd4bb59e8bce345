"""Finds in a log the line that explains a failure. Reads at most 16 MiB of it, and waits for no writer."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress

from ..text import clean, decode
from .cause import Cause
from .excerpts import excerpt
from .matching import LINE_MOST, is_error, plain
from .rule import Strength
from .scanning import MOST, guess, scan
from .sightings import Sighting

LINES = 20
"""Lines of an excerpt, where nothing else is said."""
__all__ = ["LINES", "find", "is_error"]
_TO_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
_ABOVE = 1 << 14
_BELOW = 1 << 16
_SHOWN = 1000
"""Bytes of a line that are shown."""
_LAST = 1 << 16
"""Bytes at the end of a log in which its last lines are looked for."""
_CHUNK = 1 << 20
_MARK_MOST = 200
_ENDED = re.compile(r"killed by|timed out|timeout|\bsignal\b|could not start|by hand")
_OWN_END = re.compile(rb"\n?-{79}\n-- [^\n]{1,400}\n-{79}\n?\Z")
"""What ``run`` writes below the output of a package that failed."""


_EXPLAINED = 10
"""Lines that a found cause is shown in at most: what comes later is of something else, as a rule."""


def find(path: str, *, phase: str | None = None, reason: str | None = None, lines: int = LINES) -> Cause:
    """Why the package failed whose log is at ``path``, in at most ``lines`` lines; ten where a rule knows.

    Looks at what the log has of ``phase`` (of its last phase, where None); ``reason`` is what is known of
    the end, like ``exit status 1`` or ``killed by SIGKILL``. Raises nothing: what is in the way is the
    cause's ``problem``.
    """
    try:
        descriptor = os.open(path, _TO_READ)
    except (OSError, ValueError) as error:
        return Cause((), problem=_said(error))
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return Cause((), problem="is no regular file")
        return _find(descriptor, found.st_size, phase, reason, lines)
    except OSError as error:
        return Cause((), problem=_said(error))
    finally:
        os.close(descriptor)


def _said(error: OSError | ValueError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def _find(descriptor: int, size: int, phase: str | None, reason: str | None, most: int) -> Cause:
    start = _phase_begin(descriptor, size, phase)
    ended = reason is not None and _ENDED.search(reason) is not None
    seen = scan(descriptor, start, size)
    best = seen.best(ended=ended)
    if best is None and not ended:
        consequence = seen.consequence
        best = guess(descriptor, start, size if consequence is None else consequence.offset) or seen.least()
    if best is not None:
        return _explained(descriptor, best, start, size, most)
    last = _last_lines(descriptor, start, size, most)
    if reason is not None and ended:
        return last._replace(lines=(clean(reason), *last.lines)[:most], rule="ended")
    return last


def _explained(descriptor: int, best: Sighting, start: int, size: int, most: int) -> Cause:
    offset, rule = best
    begin = max(start, offset - _ABOVE)
    above = plain(os.pread(descriptor, offset - begin, begin)).split(b"\n")[:-1]
    raw = os.pread(descriptor, min(_BELOW, size - offset), offset)
    below = plain(raw).split(b"\n")
    # A progress bar may stand before the error in the same line.
    first = next(
        (i for i, line in enumerate(below[:64]) if rule.pattern.search(line[:LINE_MOST].rstrip())), 0
    )
    if rule.strength is Strength.ENDED:
        last = _last_lines(descriptor, start, size, most)
        text = decode(below[first]).removeprefix("-- ")
        return Cause((text, *last.lines)[:most], rule.name, offset)
    found = excerpt(
        rule,
        [line[:LINE_MOST] for line in above],
        [line[:LINE_MOST] for line in below[first:]],
        min(most, _EXPLAINED),
    )
    if found.skipped < 0:
        before = os.pread(descriptor, offset - begin, begin)
        back = sum(map(len, before.splitlines(keepends=True)[found.skipped :]))
        offset = begin + before.rfind(b"\n", 0, len(before) - back) + 1
    else:
        for _ in range(found.skipped):
            offset += raw.find(b"\n", offset - best.offset) + 1 - (offset - best.offset)
    return Cause(_shown([found.lines[0].lstrip(), *found.lines[1:]]), rule.name, offset)


def _shown(lines: list[bytes]) -> tuple[str, ...]:
    return tuple(decode(line.rstrip()[:_SHOWN]) for line in lines)


def _phase_begin(descriptor: int, size: int, phase: str | None) -> int:
    """Where the output of ``phase`` begins, or of the last phase, as far as it is within the last 16 MiB."""
    floor = max(0, size - MOST)
    name = (
        rb"[^\s>]{1,80}" if phase is None else re.escape(phase.partition("/")[0].encode("utf-8", "replace"))
    )
    mark = re.compile(rb"^(?:-- Phase: |=+<phase: )" + name + rb"(?![\w-])[^\n]*\n(?:-{79}\n)?", re.MULTILINE)
    stop = size
    while stop > floor:
        begin = max(floor, stop - _CHUNK)
        data = os.pread(descriptor, stop - begin + _MARK_MOST, begin)
        if b"hase: " in data and (marks := list(mark.finditer(data))):
            return begin + marks[-1].end()
        stop = begin
    return floor


def _last_lines(descriptor: int, start: int, size: int, most: int) -> Cause:
    begin = max(start, size - _LAST)
    raw = _OWN_END.sub(b"", os.pread(descriptor, size - begin, begin)).rstrip(b"\n")
    pieces = raw.split(b"\n")
    kept = pieces[-most:] if most > 0 else []
    offset = begin + len(raw) - len(b"\n".join(kept))
    with suppress(IndexError):
        if not kept[0] and len(kept) == 1:
            kept = []
    texts = [plain(line).rstrip(b"\n") for line in kept]
    return Cause(_shown([line.rpartition(b"\n")[2] for line in texts]), None, offset)
