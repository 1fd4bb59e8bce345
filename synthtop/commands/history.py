"""``synthtop history``: what earlier builds were like, for people and for scripts."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..terminal import say
from .parsing import parsed
from .telling import (
    add_forms,
    columns,
    nothing,
    print_lines,
    print_runs,
    print_text,
    told_of_history,
)

if TYPE_CHECKING:
    from ..history.reading import History
    from ..history.record import Built, Run
    from ..probes import Probe

LISTED = 20
"""Runs, or builds of a package, that are listed as text where nobody says how many."""
_LAST = "last"
_TAKE_A_VALUE = ("-n", "--name", "--host")

_EPILOG = """\
examples:
  synthtop history                        the last 20 builds, the newest first
  synthtop history -n 5 --name ports      the last five of one
  synthtop history 12                     one: figures, charts, what failed, which packages took longest
  synthtop history last --all             the newest, with all its packages; or by a build's name
  synthtop history package lang/rust      how long it took, from build to build
  synthtop history --json | jq '.runs[] | select(.totals.failed > 0) | .id'
  synthtop history 12 --csv --minutes > minutes.csv

Rate, Peak: packages per hour, on average and at most. Load: the highest load. `gone` and `stale` is a build
that nobody has heard the end of. In charts each column has the most of its minutes.

With --json there is one document: {"schema": 1, "runs": [...]}, or "run", "packages" and "minutes" of one,
or "origin", "median" and "builds" of a package. With --csv there is a header, and a line for each run,
package or minute. Both have all of them where -n does not say how many. Times are epoch seconds, durations
seconds, rates packages per hour, memory bytes; what is unknown is null, or empty. The fields:
  runs       %(runs)s
             (the counts are in "totals" in JSON)
  packages   %(packages)s
  builds     run host name, and those of packages
  minutes    %(minutes)s

exit:  0 told   2 wrong usage   3 nothing found   5 the history cannot be read
"""


def run(words: list[str], probe: Probe | None) -> int:
    match _first(words):
        case "prune":
            from .pruning import prune

            return prune(_without(words, "prune"))
        case "package":
            return _view(_without(words, "package"), of_package=True)
    return _view(words, of_package=False)


def _first(words: Sequence[str]) -> str | None:
    """The first of ``words`` that is no option."""
    for before, word in zip(["", *words], words, strict=False):
        if not word.startswith("-") and before not in _TAKE_A_VALUE:
            return word
    return None


def _without(words: Sequence[str], word: str) -> list[str]:
    at = next(
        place
        for place, found in enumerate(words)
        if found == word and (not place or words[place - 1] not in _TAKE_A_VALUE)
    )
    return [*words[:at], *words[at + 1 :]]


def _view(words: list[str], *, of_package: bool) -> int:
    parser = _parser()
    if of_package:
        parser.add_argument("origin", type=_word, metavar="ORIGIN", help=argparse.SUPPRESS)
    else:
        parser.add_argument(
            "run",
            nargs="?",
            type=_word,
            metavar="RUN",
            help="one run: its number, `last`, or the name of a build, of which it is the last one",
        )
    options = parsed(parser, words)
    if options.minutes and not options.csv:
        parser.error("--minutes chooses what --csv has: add --csv")
    if options.minutes and (of_package or options.run is None):
        parser.error(
            "--minutes are those of one run: say which, as in: synthtop history last --csv --minutes"
        )
    if of_package:
        return told_of_history(lambda path: _package(path, options))
    return told_of_history(lambda path: _runs(path, options) if options.run is None else _run(path, options))


def _parser() -> argparse.ArgumentParser:
    from ..historytext.export import MINUTE_FIELDS, PACKAGE_FIELDS, RUN_FIELDS

    fields = {"runs": RUN_FIELDS, "packages": PACKAGE_FIELDS, "minutes": MINUTE_FIELDS}
    parser = argparse.ArgumentParser(
        prog="synthtop history",
        usage="synthtop history [OPTION ...] [RUN]\n"
        "       synthtop history package ORIGIN [OPTION ...]\n"
        "       synthtop history prune [--help]",
        description="Say what earlier builds were like: those that synthtop ran, and those it was shown.",
        epilog=_EPILOG % {name: _wrapped(names) for name, names in fields.items()},
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "-n",
        type=_positive,
        metavar="N",
        dest="most",
        help=f"at most so many runs, or builds of a package (default as text: {LISTED}); of one run so many "
        "failures and slowest packages",
    )
    parser.add_argument("-a", "--all", action="store_true", help="all of them; of one run all its packages")
    parser.add_argument("--name", metavar="BUILD", help="only builds of this name")
    parser.add_argument("--host", metavar="HOST", help="only those on this host")
    add_forms(parser)
    parser.add_argument(
        "--minutes", action="store_true", help="with --csv: a run's minutes, not its packages"
    )
    return parser


def _word(text: str) -> str:
    """A word that is to name something: that it is empty is a variable's fault, and told."""
    if not text:
        raise argparse.ArgumentTypeError(f"expected a name, found {text!r}")
    return text


def _positive(text: str) -> int:
    """A number of 1 or more, as an option's value."""
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number of 1 or more")
    return int(text)


def _wrapped(names: Sequence[str]) -> str:
    """Words in lines as the help has them."""
    import textwrap

    return textwrap.fill(" ".join(names), 96, subsequent_indent=" " * 13)


def _runs(path: str, options: argparse.Namespace) -> int:
    from ..history.problem import NoHistory
    from ..history.reading import History

    now, most = time.time(), _most(options)
    limit = None if most is None else most + 1  # to know whether there are more
    try:
        with History(path) as history:
            found = history.runs(limit, name=options.name, host=options.host, now=now)
    except NoHistory:
        print_runs((), options, now)
        raise
    print_runs(found[:most], options, now)
    if not found:
        return nothing(f"the history has no build{_which(options)}")
    if most is not None and len(found) > most and not (options.json or options.csv):
        print_text([" and earlier ones: --all lists them"])
    return 0


def _run(path: str, options: argparse.Namespace) -> int:
    from ..history.reading import History
    from ..historytext import export

    now = time.time()
    with History(path) as history:
        run = _meant(history, options, now)
        if run is None:
            return nothing(_no_run(history, options, now))
        packages = [] if options.minutes else history.packages(run.id)
        minutes = [] if options.csv and not options.minutes else history.minutes(run.id)
    if options.json:
        print(
            export.json_text(
                run=export.run_object(run),
                packages=[export.package_fields(package) for package in packages[: options.most]],
                minutes=[export.minute_fields(minute) for minute in minutes],
            )
        )
    elif options.minutes:
        print_lines(
            export.csv_lines(export.MINUTE_FIELDS, map(export.minute_fields, minutes[: options.most]))
        )
    elif options.csv:
        shown = packages[: options.most]
        print_lines(export.csv_lines(export.PACKAGE_FIELDS, map(export.package_fields, shown)))
    else:
        from ..historytext.onerun import one_run_lines

        print_text(one_run_lines(run, packages, minutes, columns(), every=options.all, most=options.most))
    return 0


def _meant(history: History, options: argparse.Namespace, now: float) -> Run | None:
    """The run that is asked for: of one number, else the newest one of a name."""
    word, host = options.run, options.host
    if word.isascii() and word.isdigit() and len(word) < 19:
        run = history.run(int(word), now=now)
        if run is not None and options.name in (None, run.name) and host in (None, run.host):
            return run
    newest = history.runs(1, name=word, host=host, now=now) if options.name in (None, word) else []
    if not newest and word == _LAST:
        newest = history.runs(1, name=options.name, host=host, now=now)
    return newest[0] if newest else None


def _no_run(history: History, options: argparse.Namespace, now: float) -> str:
    from ..tomlfile import nearest

    names = {run.name for run in history.runs(1000, host=options.host, now=now)}
    near = nearest(options.run, names)
    advice = f"; did you mean {near}?" if near else ": synthtop history lists those that there are"
    return f"the history has no run {options.run}{_which(options)}{advice}"


def _which(options: argparse.Namespace) -> str:
    """What the runs were to be, as words in a sentence."""
    named = f" of {options.name}" if options.name is not None else ""
    return named + (f" on {options.host}" if options.host is not None else "")


def _package(path: str, options: argparse.Namespace) -> int:
    from ..history.problem import NoHistory
    from ..history.reading import History

    try:
        with History(path) as history:
            builds = [
                built
                for built in history.builds(options.origin)
                if options.name in (None, built.name) and options.host in (None, built.host)
            ]
            near = [] if builds else history.near(options.origin)
    except NoHistory:
        _print_builds((), options)
        raise
    _print_builds(builds, options)
    if builds:
        return 0
    # One that is there is only of another build, or on another host.
    near = [origin for origin in near if origin != options.origin]
    status = nothing(
        f"the history has no package {options.origin}{_which(options)}" + (": did you mean" if near else "")
    )
    for line in _commands(near):
        say(line)
    return status


def _print_builds(builds: Sequence[Built], options: argparse.Namespace) -> None:
    """How the package went, in the form that ``options`` want."""
    from ..historytext.builds import builds_lines, usual

    shown = builds[: _most(options)]
    if options.json or options.csv:
        from ..historytext.export import BUILT_FIELDS, built_fields, csv_lines, json_text

        fields = map(built_fields, shown)
        if options.csv:
            print_lines(csv_lines(BUILT_FIELDS, fields))
        else:
            print(json_text(origin=options.origin, median=usual(builds), builds=list(fields)))
    elif builds:
        now, most = time.time(), _most(options)
        print_text(builds_lines(options.origin, builds, columns(), now=now, most=most))


def _commands(origins: Sequence[str]) -> list[str]:
    """The command for each of these packages."""
    import shlex

    from ..text import clean

    return [f"  synthtop history package {shlex.quote(clean(origin))}" for origin in origins]


def _most(options: argparse.Namespace) -> int | None:
    """How many are to be listed; None: all of them."""
    if options.most is not None:
        return int(options.most)
    return None if options.all or options.json or options.csv else LISTED
