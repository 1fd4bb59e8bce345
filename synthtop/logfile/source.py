"""A log that is open: unpacked where it is compressed, its lines counted bit by bit; what becomes of it."""

from __future__ import annotations

import os
from typing import NamedTuple

from ..text import clean
from . import packed
from .blocks import LONGEST, Blocks, reader_of
from .counting import BLOCK, Newlines
from .opened import Fate, Opened, Unreadable, percent, said

_HEAD = 8
"""Bytes that tell whether a file is compressed."""


class Sizes(NamedTuple):
    """Bytes: after which a line is broken, what is read at once, and for which one count is kept."""

    longest: int = LONGEST
    window: int = 128 << 10
    block: int = BLOCK


class Source:
    """The log at ``path``, or at that with a suffix; ``path`` is which. Unreadable where there is none.

    ``blocks`` and ``newlines`` are others once it was :meth:`begin` anew. ``place`` is what is at its path
    now, as :meth:`Opened.place` has it.
    """

    def __init__(self, path: str, *, sizes: Sizes | None = None, room: packed.Room = packed.room) -> None:
        self._sizes = sizes or Sizes()
        self._room = room
        self._opened = Opened(path)
        self.path = self._opened.path
        self._unpacking: packed.Unpacking | None = None
        self._unpacks = False
        self.place = "it"
        try:
            self.begin()
        except BaseException:
            self.close()
            raise

    def begin(self) -> None:
        """Take the file for what it is now, whatever it was. Unreadable where it cannot be unpacked."""
        if self._unpacking is not None:
            self._unpacking.close()
            self._unpacking = None
        descriptor, size = self._opened.descriptor, self._opened.size
        try:
            kind = packed.kind_of(os.pread(descriptor, _HEAD, 0))
            if kind is not None:
                self._unpacking = packed.Unpacking(descriptor, kind, room=self._room)
                descriptor, size = self._unpacking.output, 0
        except packed.PackedError as error:
            raise Unreadable(clean(f"cannot read {self.path}: {error}")) from error
        except OSError as error:
            raise Unreadable(clean(f"cannot read {self.path}: {said(error)}")) from error
        self._unpacks = self._unpacking is not None
        longest, window, block = self._sizes
        self.blocks = Blocks(reader_of(descriptor), size, longest=longest, window=window)
        self.newlines = Newlines(self.blocks, block=block)

    @property
    def unpacks(self) -> bool:
        """Whether more of it is about to be unpacked."""
        return self._unpacks

    @property
    def doing(self) -> str:
        """``unpacking 40 %``; ``""`` where nothing is left to be unpacked."""
        if self._unpacking is None or not self._unpacks:
            return ""
        return f"unpacking {percent(self._unpacking.taken, self._opened.size)}"

    @property
    def note(self) -> str:
        """What is to be known about it."""
        if self.place == "none":
            return "the log was deleted: this is what it had"
        if self.place == "another":
            return "another log has taken its place: the end goes to that"
        if self._unpacking is None:
            return ""
        if self._unpacking.waits:
            return "the archive ends in its midst: this is what it has so far"
        return clean(self._unpacking.note)

    def step(self) -> bool:
        """Unpack some, or else count some; whether there is more to do."""
        if self._unpacks and self._unpacking is not None:
            self._unpacks = self._unpacking.step()
            if self._unpacking.size != self.blocks.size:
                self.blocks.grow(self._unpacking.size)
            if self._unpacks:
                return True
        return self.newlines.step()

    def look(self) -> Fate:
        """See what became of the file. OSError where it cannot be read any more."""
        old = self._opened.size
        fate = self._opened.look()
        self.place = self._opened.place()
        if fate is Fate.CUT or (fate is Fate.GREW and old < _HEAD):
            # With so few bytes it could not be told yet whether it is compressed.
            self.begin()
        elif fate is Fate.GREW and self._unpacking is not None:
            self._unpacks = True
        elif fate is Fate.GREW:
            self.blocks.grow(self._opened.size)
        return fate

    def close(self) -> None:
        """Let go of all files. Idempotent."""
        if self._unpacking is not None:
            self._unpacking.close()
        self._opened.close()
