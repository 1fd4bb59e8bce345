"""What kind of terminal we have, and whether it is still there. No drawing."""

from __future__ import annotations

import os
import re
import select
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NamedTuple

from .model import Snapshot

THEMES = ("synthtop-dark", "synthtop-light", "synthtop-16", "synthtop-contrast")
"""The themes that the app has."""

_TITLED = (
    *("alacritty", "contour", "foot", "ghostty", "iterm", "kitty", "konsole", "mintty", "rxvt", "screen"),
    *("st-", "tmux", "vte", "wezterm", "xterm"),
)
"""How TERM begins where the terminal keeps a title: a console would show it as rubbish."""
_WITHOUT_COLOUR = re.compile(r"dumb|vt(52|[1-4][0-9]{2})\b.*|.*-(m|mono)")
_ALL_COLOURS = re.compile(r"-direct|alacritty|contour|foot|ghostty|iterm2?|kitty|wezterm")
_ASCII_LOCALES = ("C", "POSIX")
_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")
"""What Python itself makes LC_CTYPE where the locale is C (PEP 538)."""

_STUCK = 2.0
"""Seconds that a terminal which takes no output may hold up the end of the program."""
SLOW = 30.0
"""Seconds that one which does may take: a busy host needs some to put the screen away."""
_STEP = 0.25


class Looks(NamedTuple):
    """How the app is to look.

    ``theme`` is one of :data:`THEMES`, or None for the one that fits the terminal. ``ascii`` says that
    nothing but ASCII may be sent. ``colours`` is how many may be used: 0, 16, 256 or 2**24.
    """

    theme: str | None = None
    ascii: bool = False
    colours: int = 1 << 24


def knows_title(environ: Mapping[str, str]) -> bool:
    """Whether the terminal has a title that can be set."""
    return environ.get("TERM", "").lower().startswith(_TITLED)


def speaks_utf8(environ: Mapping[str, str], encoding: str) -> bool:
    """Whether the terminal understands UTF-8: ``encoding`` is what Python uses on stderr.

    That alone does not say it: where the locale is C, Python takes UTF-8 all the same.
    """
    if not _is_utf8(encoding):
        return False
    if environ.get("LC_ALL"):
        return _locale_is_utf8(environ["LC_ALL"])
    ctype, language = environ.get("LC_CTYPE", ""), environ.get("LANG", "")
    if ctype in _COERCED and language in _ASCII_LOCALES:
        # Nobody said this but Python itself, at its start, because of LANG.
        return False
    return _locale_is_utf8(ctype or language)


def _is_utf8(encoding: str) -> bool:
    return encoding.lower().replace("_", "-") in ("utf-8", "utf8")


def _locale_is_utf8(name: str) -> bool:
    """Whether the locale ``name`` may be one of UTF-8; of one that names no encoding, Python knows better."""
    if name in _ASCII_LOCALES:
        return False
    _, dot, codeset = name.partition("@")[0].partition(".")
    return not dot or _is_utf8(codeset)


def colours_of(environ: Mapping[str, str]) -> int:
    """How many colours may be used: 0, 16, 256 or 2**24."""
    term = environ.get("TERM", "").lower()
    if environ.get("NO_COLOR") or _WITHOUT_COLOUR.fullmatch(term):
        return 0
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or _ALL_COLOURS.search(term):
        return 1 << 24
    return 256 if term.endswith("-256color") else 16


def looks_for(environ: Mapping[str, str], encoding: str, theme: str | None, ascii: bool | None) -> Looks:
    """How the app is to look in this terminal. ``theme`` is a user's name of one, None for what fits.

    ``ascii`` None: as the terminal says. What stderr's ``encoding`` cannot say is not sent in any case.
    """
    if ascii is None:
        ascii = not speaks_utf8(environ, encoding)
    return Looks(
        theme=None if theme is None else f"synthtop-{theme}",
        ascii=ascii or not _is_utf8(encoding),
        colours=colours_of(environ),
    )


def can_show_screen(environ: Mapping[str, str]) -> bool:
    """Whether the full-screen app can be shown: a terminal that knows escapes, and one to read keys from.

    The app draws on stderr; stdout has to be a terminal too, since whoever redirects it wants text.
    """
    if environ.get("TERM", "dumb") in ("dumb", "unknown", ""):
        return False
    if not (is_terminal(1) and is_terminal(2)):
        return False
    return is_terminal(0) or _has_own_terminal()


def ring() -> None:
    """Ring the bell of the terminal that stdout is, if it is one. Never waits for it."""
    if is_terminal(1):
        threading.Thread(target=_ring, name="synthtop-bell", daemon=True).start()


def _ring() -> None:
    with suppress(OSError):
        os.write(1, b"\a")


def read_keys_from_terminal() -> None:
    """Put the controlling terminal on descriptor 0 where something else is there.

    To be called before Textual is imported: it takes stdin for the keyboard, reads a pipe's data as
    keys and spins on /dev/null.
    """
    if is_terminal(0):
        return
    descriptor = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    os.dup2(descriptor, 0)
    os.close(descriptor)


def is_terminal(descriptor: int) -> bool:
    """Whether ``descriptor`` is open on a terminal."""
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def _has_own_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC))
    except OSError:
        return False
    return True


def in_foreground(descriptor: int) -> bool:
    """Whether the terminal at ``descriptor`` is ours to draw on, and not that of another job of the shell."""
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return False


def hung_up(descriptor: int) -> bool:
    """Whether the terminal at ``descriptor`` has gone for good."""
    poll = select.poll()
    poll.register(descriptor, 0)  # POLLHUP and POLLERR come unasked
    for _, events in poll.poll(0):
        if events & (select.POLLHUP | select.POLLERR):
            return True
        if events & select.POLLNVAL:  # closed; or a terminal of macOS, which knows no poll for some
            return not is_terminal(descriptor)
    return False


def takes_output(descriptor: int) -> bool:
    """Whether ``descriptor`` would take a write now, and somebody may read it."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    # One that is gone takes whatever it is given, by an error: nobody need wait for that.
    return any(not events & (select.POLLHUP | select.POLLERR) for _, events in poll.poll(0))


def shown_in_time(shown: threading.Event) -> bool:
    """Wait until ``shown`` is set, but not for a terminal that takes nothing; whether it was set."""
    stuck = 0.0
    for _ in range(round(SLOW / _STEP)):
        if shown.wait(_STEP):
            return True
        stuck = 0.0 if takes_output(1) and takes_output(2) else stuck + _STEP
        if stuck >= _STUCK:
            return False
    return False


def await_foreground(unless: Callable[[], bool]) -> bool:
    """Wait until the terminal is ours again, as it is after `fg`; False as soon as ``unless()``.

    Continued in the background, to take the terminal, which is another job's, would stop us again.
    """
    while not in_foreground(0):
        if unless():
            return False
        time.sleep(_STEP)  # nothing tells of the foreground, so it is looked for
    return True


class TerminalWatch:
    """A consumer that looks once a second whether the terminal is still there, and calls ``lost()`` if not.

    A closed terminal is not always told by SIGHUP, and an app that reads from one spins. ``hangup`` is set
    where it was told: nothing else is to be done in a signal handler.
    """

    def __init__(self, descriptor: int, lost: Callable[[], None]) -> None:
        self.hangup = False
        self._descriptor = descriptor
        self._lost: Callable[[], None] | None = lost

    @property
    def gone(self) -> bool:
        """Whether the terminal is there no more."""
        return self.hangup or hung_up(self._descriptor)

    def on_snapshot(self, snapshot: Snapshot) -> None:
        if self._lost is not None and self.gone:
            lost, self._lost = self._lost, None
            lost()

    def close(self) -> None:
        """Nothing to let go of."""


def say(text: str) -> None:
    """One line on stderr, where that still takes any."""
    with suppress(OSError, ValueError):
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
