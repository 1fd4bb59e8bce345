"""What the commands share: how their words are taken, and how a mistake in them is told."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable

USAGE_ERROR = 2
COMMANDS = ("run", "demo", "status", "stop", "history", "emit", "config")
"""In the order in which the help has them."""


def parsed(parser: argparse.ArgumentParser, words: list[str]) -> argparse.Namespace:
    """The options in ``words``, which may stand between other words; what is unknown ends the program."""
    options, unknown = parser.parse_known_intermixed_args(words)
    if unknown:
        import re

        from ..text import clean
        from ..tomlfile import nearest

        message = f"unrecognized arguments: {' '.join(unknown)}"
        near = nearest(unknown[0].partition("=")[0], re.findall("--[a-z-]+", parser.format_help()))
        if near:
            message += f"; did you mean {near}?"
        elif getattr(options, "command", None):
            message += "; a COMMAND of several words stands in quotes"
        parser.error(clean(message))
    return options


def reporting(command: Callable[[], int]) -> int:
    """Call ``command``; what is wrong with its input is one readable message and exit status 2."""
    from ..config import ConfigError
    from ..run.package import PlanError

    try:
        return command()
    except (PlanError, ConfigError) as error:
        return refused(str(error))
    except KeyboardInterrupt:  # before the build took the signal: while it read origins, say
        return 128 + signal.SIGINT


def refused(message: str) -> int:
    """Say what is wrong with the command line or its files; the exit status for that."""
    from ..text import clean

    print(clean(f"synthtop: {message}"), file=sys.stderr)
    return USAGE_ERROR
