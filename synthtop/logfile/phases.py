"""Where a package's log says that a phase begins, in the words of whoever wrote it.

Our own and dsynth's: ``-- Phase: build`` between rules. poudriere's: ``=======<phase: build    >======``. The
ports framework's own ``===>  Building for …`` counts where none of these has just told the same.
"""

from __future__ import annotations

import re

from .blocks import Blocks
from .sgr import stripped

_HEADING = rb"-- Phase: \S|=+<phase: "
_FRAMEWORK = (
    rb"===>[ \t]+(?:Fetching|Extracting|Patching|Configuring|Building|Staging|Testing|Installing"
    rb"|Deinstalling)\b[^\n]* for [^\n]"
)
_MARK = re.compile(rb"^(?:" + _HEADING + rb"|" + _FRAMEWORK + rb")", re.MULTILINE)
_HEADINGS = re.compile(rb"^(?:" + _HEADING + rb")", re.MULTILINE)
_NEAR = 1024
"""Bytes behind a heading in which the framework says the same once more."""


class Headings:
    """Finds what looks like the mark of a phase; :func:`begins` has the last word."""

    def first(self, data: bytes, limit: int) -> int:
        """Where in ``data`` the first begins before ``limit``; -1 where there is none."""
        match = _MARK.search(data)
        return match.start() if match and match.start() < limit else -1

    def last(self, data: bytes, limit: int) -> int:
        """Where the last one begins."""
        found = -1
        for match in _MARK.finditer(data):
            if match.start() >= limit:
                break
            found = match.start()
        return found


def is_mark(content: bytes) -> bool:
    """Whether a line with this content looks like one."""
    return content[:1] in (b"-", b"=", b"\x1b") and _MARK.match(stripped(content)) is not None


def begins(blocks: Blocks, line: int, content: bytes) -> bool:
    """Whether a phase begins with this line."""
    if not is_mark(content):
        return False
    if content.startswith(b"===>"):
        return _HEADINGS.search(stripped(blocks.read(line - _NEAR, line))) is None
    return True
