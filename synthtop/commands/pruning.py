"""``synthtop history prune``: lets go of builds that nobody wants to know of any more."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .parsing import parsed
from .telling import add_forms, nothing, print_runs, told_of_history

if TYPE_CHECKING:
    from ..history.record import Run

_EPILOG = """\
examples:
  synthtop history prune --older-than 180d            builds that began more than half a year ago
  synthtop history prune --older-than 30d --keep 10   of these not the ten newest of all
  synthtop history prune --name test --keep 3         all but the last three of this name
  synthtop history prune 12 13                        these two, by their numbers
  synthtop history prune --older-than 1d --dry-run    say which builds that would be

A build that goes on is never removed. What is removed is no longer counted in any ETA. With --json and --csv
those that are removed, or with --dry-run would be, are told as by `synthtop history`.

exit:  0 done, also where there was nothing to remove   2 wrong usage   3 no such run
       5 the history cannot be read or written
"""


def prune(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="synthtop history prune",
        usage="synthtop history prune [--older-than TIME] [--keep N] [--name BUILD] [OPTION ...]\n"
        "       synthtop history prune RUN ... [OPTION ...]",
        description="Remove builds from the history. Logs and packages stay.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("runs", nargs="*", type=_number, metavar="RUN", help="its number")
    parser.add_argument("--older-than", type=_age, metavar="TIME", help="that began so long ago: 90d, 36h")
    parser.add_argument("--keep", type=_count, metavar="N", help="all but the N newest")
    parser.add_argument("--name", metavar="BUILD", help="only builds of this name")
    parser.add_argument("--dry-run", action="store_true", help="remove nothing, say what would be")
    add_forms(parser)
    options = parsed(parser, words)
    ruled = options.older_than is not None or options.keep is not None
    if options.runs and (ruled or options.name is not None):
        parser.error("expected either RUN ..., or --older-than and --keep")
    if not options.runs and not ruled:
        parser.error("expected RUN ..., --older-than TIME or --keep N: nothing says what is to be removed")
    return told_of_history(lambda path: _prune(path, options))


def _prune(path: str, options: argparse.Namespace) -> int:
    from ..history.problem import NoHistory
    from ..history.pruning import Pruned, prunable, prune

    now = time.time()
    gone = Pruned(0, 0, 0)
    try:
        found = prunable(
            path,
            older_than=options.older_than,
            keep=options.keep,
            name=options.name,
            runs=options.runs,
            now=now,
        )
    except NoHistory:
        if options.runs:
            raise
        found = []  # as a cron job on a new machine finds it
    if missing := set(options.runs) - {run.id for run in found}:
        return nothing(_missing(path, min(missing), now))
    if found and not options.dry_run:
        gone = prune(path, [run.id for run in found], now=now)
    if options.json or options.csv or options.dry_run:
        print_runs(found, options, now)
    if not (options.json or options.csv):
        print(_done(found, gone, dry_run=options.dry_run))
    return 0


def _missing(path: str, number: int, now: float) -> str:
    """Why this run cannot be removed."""
    from ..history.reading import History

    with History(path) as history:
        there = history.run(number, now=now) is not None
    if there:
        return f"run {number} goes on: nothing was removed"
    return f"the history has no run {number}: nothing was removed"


def _done(found: Sequence[Run], gone: tuple[int, int, int], *, dry_run: bool) -> str:
    from ..historytext.saying import many
    from ..units import short_size

    if not found:
        return "There is nothing to remove."
    if dry_run:
        return f"{many(len(found), 'run')} would be removed."
    runs, packages, freed = gone
    removed = f"{many(runs, 'run')} with {many(packages, 'package')}"
    return f"Removed {removed}: the history is {short_size(max(0, freed))} smaller."


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise argparse.ArgumentTypeError(f"{text!r}: expected the number of a run")
    return int(text)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number")
    return int(text)


def _age(text: str) -> float:
    from ..units import parse_duration

    if text.strip().replace(".", "").isdigit():
        # Who leaves out the unit means days more often than seconds, and what is removed is gone.
        raise argparse.ArgumentTypeError(f"expected a time with its unit, as 90d or 36h, found {text!r}")
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
