"""Copies a log to a new file, chunk by chunk."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import suppress

from ..text import clean
from .opened import percent, said
from .source import Source

_CHUNK = 1 << 20
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

Saving = Generator[str, None, str]
"""Yields after each step how far it is, and returns what came of it."""


def save(source: Callable[[], Source | None], path: str) -> Saving:
    """Copy the log that is open now to ``path``, which must not be there yet, with what is still to be
    unpacked of it. What was written of a copy that failed, or was given up, is removed."""
    target = os.path.expanduser(path)
    shown = clean(target)
    opened = source()
    if opened is None:
        return "there is no log to be saved"
    if not path:
        return "not saved: no name was given"
    try:
        descriptor = os.open(target, _FLAGS, 0o644)
    except (OSError, ValueError) as error:
        why = said(error) if isinstance(error, OSError) else str(error)
        return clean(f"not saved to {target}: {why}")
    copied, finished = 0, False
    try:
        blocks = opened.blocks
        grows, end = opened.unpacks, blocks.size
        while copied < end or opened.unpacks:
            data = blocks.read(copied, min(end, copied + _CHUNK))
            if not data and copied < end:
                return f"not saved to {shown}: the log was cut meanwhile"
            _write(descriptor, data)
            copied += len(data)
            yield f"saving {percent(copied, end)}"
            if grows:  # what is written by a build meanwhile is not waited for: that might never end
                end = blocks.size
            if source() is not opened or opened.blocks is not blocks:
                return f"not saved to {shown}: the log was replaced meanwhile"
        finished = True
    except OSError as error:
        return clean(f"not saved to {target}: {said(error)}")
    finally:
        os.close(descriptor)
        if not finished:
            with suppress(OSError):
                os.unlink(target)
    return f"saved to {shown} ({size_of(copied)})"


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def size_of(size: int) -> str:
    """``size`` bytes for people: ``512 bytes``, ``12.3 MB``."""
    if size < 1000:
        return f"{size} bytes"
    figure, units = size / 1000, ["KB", "MB", "GB", "TB"]
    while figure >= 999.95 and len(units) > 1:
        figure /= 1000
        units.pop(0)
    return f"{figure:.1f} {units[0]}"
