"""The command line: which command was asked for. Nothing is decided here.

Each command imports what it needs when it runs: ``synthtop --version`` loads neither textual nor psutil.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

from ._version import __version__

if TYPE_CHECKING:
    from .probes import Probe

CANNOT_SAY = 74
"""EX_IOERR of sysexits.h: what was to be said could not be."""


def entry() -> NoReturn:
    """What the ``synthtop`` command calls."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who called us: what we open must not become it
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115  (stays open to the end)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names are not always in the locale's encoding
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has seen enough, as `head` has; Python must not try again to write the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = 128 + signal.SIGPIPE
    except OSError as error:
        if error.filename is not None:
            raise
        # What was said does not fit where it was to go: a full disk.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        print(f"synthtop: standard output: {error.strerror}", file=sys.stderr)
        status = CANNOT_SAY
    sys.exit(status)


def main(argv: Sequence[str] | None = None, *, probe: Probe | None = None) -> int:
    """Run the command in ``argv`` (sys.argv by default) and return its exit status.

    ``probe`` samples the host instead of the real one.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["help"]:
        words = [*words[1:2], "--help"]
    if words[:1] == ["--version"]:  # before anything else is imported
        print(f"synthtop {__version__}")
        return 0
    command = _command(words[0]) if words else None
    if command is not None:
        return command(words[1:], probe)
    from .commands import look

    return look.run(words, probe)


def _command(word: str) -> Callable[[list[str], Probe | None], int] | None:
    """What runs the command called ``word``; None where there is no such."""
    match word:
        case "run":
            from .commands.build import run
        case "demo":
            from .commands.build import demo as run
        case "status":
            from .commands.status import run
        case "stop":
            from .commands.stop import run
        case "history":
            from .commands.history import run
        case "emit":
            from .commands.emit import run
        case "config":
            from .commands.config import run
        case _:
            return None
    return run
