"""How the history is told: the forms in which it is printed, and what is said where there is none."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from .parsing import refused, reporting

if TYPE_CHECKING:
    from ..history.record import Run

NOTHING = 3
"""Exit status: nothing was found."""
UNREADABLE = 5
"""Exit status: there is a history that cannot be read, or written."""


def add_forms(parser: argparse.ArgumentParser) -> None:
    """The forms in which scripts read it."""
    one_of = parser.add_mutually_exclusive_group()
    one_of.add_argument("--json", action="store_true", help="as one JSON document")
    one_of.add_argument("--csv", action="store_true", help="as CSV, with a header")


def told_of_history(tell: Callable[[str], int]) -> int:
    """What ``tell`` makes of the history's file; what is wrong with that is told, and an exit status."""

    def telling() -> int:
        from ..history.place import history_file
        from ..history.problem import HistoryError, NoHistory

        path = history_file(os.environ)
        if path is None:
            return nothing("there is no history: neither XDG_STATE_HOME nor HOME says where one would be")
        try:
            return tell(path)
        except NoHistory as error:
            return nothing(str(error))
        except HistoryError as error:
            refused(str(error))
        except ModuleNotFoundError as error:
            if error.name not in ("sqlite3", "_sqlite3"):
                raise
            # Some systems have it in a package of its own.
            refused(
                "this Python comes without its module sqlite3, which the history is kept with: install it"
            )
        return UNREADABLE

    return reporting(telling)


def nothing(message: str) -> int:
    """Say that nothing was found; the exit status for that."""
    refused(message)
    return NOTHING


def print_runs(runs: Sequence[Run], options: argparse.Namespace, now: float) -> None:
    """``runs`` in the form that ``options`` want."""
    from ..historytext import export

    if options.json:
        print(export.json_text(runs=[export.run_object(run) for run in runs]))
    elif options.csv:
        print_lines(export.csv_lines(export.RUN_FIELDS, map(export.run_fields, runs)))
    elif runs:
        from ..historytext.runs import run_lines

        print_text(run_lines(runs, columns(), now))


def print_text(lines: Sequence[str]) -> None:
    """``lines`` in the signs that standard output has."""
    from ..historytext.spark import in_ascii
    from ..terminal import speaks_utf8

    as_it_is = speaks_utf8(os.environ, sys.stdout.encoding or "")
    for line in lines:
        print(line if as_it_is else in_ascii(line).rstrip())


def print_lines(lines: Iterable[str]) -> None:
    """``lines`` as they are."""
    for line in lines:
        print(line)


def columns() -> int | None:
    """The columns of the terminal at standard output; None where it is something else."""
    from ..terminal import is_terminal

    try:
        descriptor = sys.stdout.fileno()
        return os.get_terminal_size(descriptor).columns or None if is_terminal(descriptor) else None
    except OSError:  # no file at all; a terminal that has just gone
        return None
