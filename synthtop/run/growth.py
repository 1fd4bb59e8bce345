"""What a package's log grew by: its lines, and the ports framework's phases in them.

A job writes straight to its log; this reads behind it. It never reads the same byte twice.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

_PHASES = {
    b"Fetching": "fetch",
    b"Extracting": "extract",
    b"Patching": "patch",
    b"Configuring": "configure",
    b"Building": "build",
    b"Staging": "stage",
    b"Building packages": "package",
}
_MARK = b"===>"
_PHASE = re.compile(rb"===>\s+(Building packages|" + b"|".join(_PHASES) + rb")\b[^\n]* for [^\n]")
_TAIL = 512
"""Bytes of a line that are looked at, so that no more of an unfinished one has to be kept."""
_MARK_BEHIND = b"\n" + _MARK
_CHUNK = 1 << 15
"""Bytes of one read. As much is allocated for each: with a megabyte, it takes three times as long."""
_PASS = 64 << 20
"""Bytes read in one pass at most, so that one flooding log does not hold up the others."""


class Grown(NamedTuple):
    """``size``: bytes read in this pass; ``phase``: the last one that began in them, or None."""

    size: int
    phase: str | None


class LogGrowth:
    """Follows one log through a descriptor that somebody else owns.

    ``lines`` is the number of newlines so far. A log that was truncated is followed from its new end
    on; the lines that it had still count.
    """

    __slots__ = ("_descriptor", "_offset", "_scan", "_tail", "lines")

    def __init__(self, descriptor: int, scan: bool) -> None:
        self._descriptor = descriptor
        self._offset = 0
        self._scan = scan
        self._tail = b""
        self.lines = 0

    def read(self) -> Grown:
        """Read what was written since the last call, up to 64 MiB. OSError passes."""
        start = self._offset
        phase = None
        data = os.pread(self._descriptor, _CHUNK, start)
        while data:
            self._offset += len(data)
            self.lines += data.count(b"\n")
            if self._scan:
                phase = self._phase_in(data) or phase
            if len(data) < _CHUNK or self._offset - start >= _PASS:
                break
            data = os.pread(self._descriptor, _CHUNK, self._offset)
        if self._offset == start:
            size = os.fstat(self._descriptor).st_size
            if size < start:
                self._offset = start = size
                self._tail = b""
        return Grown(self._offset - start, phase)

    def read_all(self) -> str | None:
        """Read to where the log ends now, which may grow on meanwhile; the last phase that began."""
        end = os.fstat(self._descriptor).st_size
        phase = None
        while (grown := self.read()).size:
            phase = grown.phase or phase
            if self._offset >= end:
                break
        return phase

    def _phase_in(self, data: bytes) -> str | None:
        """The last phase that began in the lines which ``data`` completes."""
        data = self._tail + data
        end = data.rfind(b"\n") + 1
        self._tail = data[end : end + _TAIL]
        at = end
        while at > 0:
            # Backwards: the last one is wanted, and it is found in half the time.
            at = data.rfind(_MARK_BEHIND, 0, at) + 1
            if match := _PHASE.match(data, at, at + _TAIL):
                return _PHASES[match.group(1)]
        return None
