"""Which programs a user has logs read and edited by, and what they are called with. Pure."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping

_TO_LINE = frozenset(
    (
        *("vi", "vim", "nvim", "view", "nvi", "elvis", "gvim", "nano", "pico", "emacs", "emacsclient"),
        *("mg", "joe", "micro", "kak", "ee", "more", "most"),
    )
)
"""They go to a line by ``+N`` before the file's name."""
_LESS = "less"


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:  # a quote that is not closed: a shell would not run it either
        return [command]


def _named(environ: Mapping[str, str], *names: str) -> list[str]:
    for name in names:
        if words := _words(environ.get(name, "")):
            return words
    return []


def editor(environ: Mapping[str, str], path: str, line: int | None) -> list[str]:
    """``$VISUAL``, ``$EDITOR`` or vi, with the file at ``path``, at its ``line`` if that is known."""
    return _called(_named(environ, "VISUAL", "EDITOR") or ["vi"], path, line)


def pager(
    environ: Mapping[str, str],
    path: str,
    line: int | None,
    *,
    at_end: bool,
    found: Callable[[str], object],
) -> list[str]:
    """``$PAGER``, less or more, with the file at ``path``, from its ``line`` on if that is known.

    ``at_end``: less begins at its end. ``found`` says of a program whether there is one.
    """
    argv = _named(environ, "PAGER") or [_LESS if found(_LESS) else "more"]
    if os.path.basename(argv[0]) != _LESS:
        return _called(argv, path, line)
    if "LESS" not in environ:
        argv.append("-R")  # shows colours as colours, and as git has it, where nobody said how it is to be
    if at_end or line is not None:
        argv.append("+G" if at_end else f"+{line}g")
    return [*argv, os.path.abspath(path)]


def _called(argv: list[str], path: str, line: int | None) -> list[str]:
    place = [f"+{line}"] if line is not None and os.path.basename(argv[0]) in _TO_LINE else []
    # Absolute, so that no name is taken for an option.
    return [*argv, *place, os.path.abspath(path)]
