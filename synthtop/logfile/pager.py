"""Reads a log for a screen, in a thread of its own: a file system that hangs stops no key and no build."""

from __future__ import annotations

from collections.abc import Callable

from .page import Page


class Pager:
    """The log at ``path``; where there is none, ``path`` with ``.gz``, ``.xz`` or ``.zst`` behind it.

    Begins with the line that holds the byte ``offset`` in view; None: at its end, following that. Every
    method returns at once, from any thread; ``tell`` is called, from the pager's thread, whenever
    :attr:`page` is another one.
    """

    def __init__(self, path: str, tell: Callable[[], None], offset: int | None = None) -> None:
        self.page = Page(path)
        """The newest page."""

    def resize(self, columns: int, rows: int) -> None:
        """So much of the log is to be seen from now on."""

    def scroll(self, rows: int) -> None:
        """So many rows down, or up where it is negative."""

    def shift(self, columns: int) -> None:
        """So many columns to the right, or the left."""

    def to_start(self) -> None:
        """To the first line."""

    def to_end(self) -> None:
        """To the last line, and follow it."""

    def to_line(self, number: int) -> None:
        """To this line, from 1; beyond the last one: to that."""

    def to_offset(self, offset: int) -> None:
        """To the line that holds this byte, marked as ``"here"``."""

    def search(self, text: str, *, regex: bool = False) -> None:
        """Go to the next occurrence from the first row on, round the end of the log.

        Upper and lower case count where ``text`` has a capital letter. ``""`` takes the search back.
        """

    def again(self, *, forward: bool) -> None:
        """To the next occurrence, or the one before."""

    def phase(self, step: int) -> None:
        """To where the next phase begins (1), or the one before (-1)."""

    def error(self, step: int) -> None:
        """To the next line that says what went wrong, round the end; or the one before."""

    def wrap(self, on: bool) -> None:
        """Whether lines that are too long go on in the next row."""

    def save(self, path: str) -> None:
        """Write a copy of the whole log, as it is (unpacked), to a new file at ``path``; the page's note says
        how that went."""

    def close(self) -> None:
        """Let go of the file and end the thread. Idempotent."""
