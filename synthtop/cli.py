"""The command line: what was asked for, and whom to call for it. Nothing is decided here.

Each command imports what it needs when it runs: ``synthtop --version`` loads neither textual nor psutil.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from ._version import __version__

if TYPE_CHECKING:
    from .config import Settings
    from .probes import Probe
    from .run.guard import ScreenFlag
    from .run.package import Plan

USAGE_ERROR = 2
CANNOT_SAY = 74
"""EX_IOERR of sysexits.h: what was to be said could not be."""

_DESCRIPTION = "A full-screen dashboard for package builds."
_COMMANDS = """\
Without a command it shows how this host stands, and what to type next.

commands:
  run PLAN.toml [ORIGIN ...]    build packages under the dashboard
  run -c COMMAND ORIGIN ...     the same without a plan: one command for each origin
  demo                          a small build, to see what it looks like
  stop [BUILD]                  stop a running build

To begin: `synthtop demo`. `synthtop COMMAND --help` tells more about each.
"""
_RUN_EPILOG = """\
A plan says what is to be built and what each package needs:

  [build]
  workers = 4
  phases = ["configure", "build", "package"]
  command = "make -C /usr/ports/{origin} {phase}"
  [[package]]
  origin = "devel/gettext"
  [[package]]
  origin = "devel/gmake"
  needs = ["devel/gettext"]

Without one, `synthtop run -j 4 -c 'make -C {}' devel/gmake lang/python311` builds each origin with
the same command; {} stands for the origin as in xargs, and -a FILE (or -a -) reads more of them.

keys:      q  let what runs finish, stop now, or go back       ctrl+z  suspend all
files:     LOGS/00_last_results.log to 04_skipped_list.log, and a log for each package
exit:      0 all built   1 something failed   2 wrong usage or plan   70 internal error
           130 stopped by hand   143 stopped by SIGTERM
"""


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
    commands: dict[str, Callable[[list[str], Probe | None], int]] = {
        "run": _run,
        "demo": _demo,
        "stop": _stop,
    }
    if words[:1] == ["help"]:
        words = [*words[1:2], "--help"]
    if words and words[0] in commands:
        return commands[words[0]](words[1:], probe)
    if words[:1] == ["--version"]:  # before anything else is imported
        print(f"synthtop {__version__}")
        return 0
    return _wait(words, probe, list(commands))


def _wait(words: list[str], probe: Probe | None, commands: list[str]) -> int:
    """What ``synthtop`` does without a command: shows the host, or says what there is."""
    from .options import add_screen_options, settings_of

    parser = argparse.ArgumentParser(
        prog="synthtop",
        description=_DESCRIPTION,
        usage="synthtop [OPTION ...]\n       synthtop COMMAND ...",
        epilog=_COMMANDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"synthtop {__version__}")
    add_screen_options(parser)
    options, unknown = parser.parse_known_args(words)
    if unknown:
        parser.print_usage(sys.stderr)
        return _refused(_no_command(words, unknown, commands))

    def wait() -> int:
        from .terminal import can_show_screen, looks_for, say

        settings = settings_of(options)
        if settings.plain or not can_show_screen(os.environ):
            parser.print_help(sys.stderr)
            if not settings.plain:
                say("synthtop: there is no terminal that could show the screen: expected a command")
            return USAGE_ERROR
        from .model import BuildState, Listed, SourceKind
        from .monitor import live_builds
        from .waiting import Waiting
        from .watch import watch

        feed = Waiting(
            workers=settings.workers,
            throttle=settings.throttle or "step",
            probe=probe,
            builds=lambda: [
                Listed(live.name, live.path, SourceKind.TEXT, BuildState.BUILDING)
                for live in live_builds(os.environ)
            ],
        )
        return watch(feed, looks_for(os.environ, sys.stderr.encoding, settings.theme, settings.ascii))

    return _reporting(wait)


def _no_command(words: list[str], unknown: list[str], commands: list[str]) -> str:
    """What is wrong with ``words``, of which ``unknown`` is no option, and what was meant perhaps."""
    import shlex

    from .tomlfile import nearest

    first = unknown[0]
    if first in commands:
        return f"{words[0]}: a command comes first, as in: synthtop {first} {words[0]} ..."
    near = nearest(first, [*commands, "--help", "--version", "--theme", "--ascii", "--config"])
    if near:
        return f"{first} is no command; did you mean {near}?"
    if first.startswith("-"):
        return f"{first}: a command comes first, as in: synthtop run {first} ..."
    if first.endswith(".toml") or os.path.isfile(first):
        return f"{first} is no command; did you mean: synthtop run {shlex.join(words)}"
    return f"{first} is no command; expected {', '.join(commands)}"


def _parsed(parser: argparse.ArgumentParser, words: list[str]) -> argparse.Namespace:
    """The options in ``words``, which may stand between other words; what is unknown ends the program."""
    options, unknown = parser.parse_known_intermixed_args(words)
    if unknown:
        import re

        from .text import clean
        from .tomlfile import nearest

        message = f"unrecognized arguments: {' '.join(unknown)}"
        near = nearest(unknown[0].partition("=")[0], re.findall("--[a-z-]+", parser.format_help()))
        if near:
            message += f"; did you mean {near}?"
        elif getattr(options, "command", None):
            message += "; a COMMAND of several words stands in quotes"
        parser.error(clean(message))
    return options


def _run(words: list[str], probe: Probe | None) -> int:
    from .options import add_options, settings_of

    parser = argparse.ArgumentParser(
        prog="synthtop run",
        usage="synthtop run [OPTION ...] PLAN.toml [ORIGIN ...]\n"
        "       synthtop run [OPTION ...] -c COMMAND [-a FILE] [ORIGIN ...]",
        description="Build packages under the dashboard.",
        epilog=_RUN_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "words",
        nargs="*",
        metavar="PLAN.toml",
        help="the plan; then origins to build, with all they need (default: everything in it)",
    )
    parser.add_argument(
        "-c",
        "--command",
        nargs="?",
        const="",
        metavar="COMMAND",
        help="build each ORIGIN with this shell command instead of a plan; {} is the origin",
    )
    parser.add_argument(
        "-a",
        "--arg-file",
        action="append",
        default=[],
        metavar="FILE",
        help="read more origins from FILE, one a line; - is stdin",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="show what would be built in which order, level by level, and stop",
    )
    add_options(parser)
    options = _parsed(parser, words)
    if options.command is None and not options.words:
        here = "; there is one here: synthtop run plan.toml" if os.path.isfile("plan.toml") else ""
        parser.error(f"a plan is needed: synthtop run PLAN.toml, or synthtop run -c COMMAND ORIGIN ...{here}")
    if options.command is not None and not options.command.strip():
        parser.error("-c: a shell command is expected, as in: synthtop run -c 'make -C {}' devel/gmake")

    def plan() -> Plan:
        from .run import plan as plans

        origins = list(options.words)
        if options.command is None:
            loaded = _load(origins.pop(0))
        for file in options.arg_file:
            origins += plans.read_origins(file)
        if options.command is not None:
            return plans.from_command(options.command, origins)
        return loaded.select(origins) if origins or options.arg_file else loaded

    if options.dry_run:
        return _reporting(lambda: _dry_run(plan(), settings_of(options).order))
    return _reporting(lambda: _guarded(plan, settings_of(options), probe))


def _load(path: str) -> Plan:
    """The plan at ``path``; PlanError with what was meant perhaps where there is none."""
    from .run import plan as plans

    try:
        return plans.load(path)
    except plans.PlanError as error:
        if isinstance(error.__cause__, IsADirectoryError):
            inside = os.path.join(path, "plan.toml")
            advice = f"; did you mean {inside}?" if os.path.isfile(inside) else ""
            raise plans.PlanError(f"{path}: expected a plan, found a directory{advice}") from error
        if isinstance(error.__cause__, FileNotFoundError):
            raise plans.PlanError(
                f"{path}: there is no such plan: expected synthtop run PLAN.toml [ORIGIN ...], "
                "or without a plan synthtop run -c COMMAND ORIGIN ..."
            ) from error
        raise


def _demo(words: list[str], probe: Probe | None) -> int:
    from . import demo
    from .options import add_options, settings_of

    parser = argparse.ArgumentParser(
        prog="synthtop demo",
        description=demo.DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_options(parser)
    options = _parsed(parser, words)

    def build() -> int:
        settings = settings_of(options)
        status = _guarded(demo.plan, settings, probe)
        if status == USAGE_ERROR:  # it did not begin, and why has been said
            return status
        status, sentence = demo.verdict(status, Path(settings.logs or "synthtop-logs/demo"))
        print(sentence)
        return status

    return _reporting(build)


def _stop(words: list[str], probe: Probe | None) -> int:
    from .stop import stop

    parser = argparse.ArgumentParser(
        prog="synthtop stop",
        description="Stop a running build: its packages get SIGTERM; what does not end in time is killed.",
        epilog="exit: 0 it was asked to stop, 2 which one is not clear or not yours, 3 no such build runs",
    )
    parser.add_argument(
        "build",
        nargs="?",
        metavar="BUILD",
        help="its name, its logs directory or its monitor file (default: the only one that runs)",
    )
    options = _parsed(parser, words)
    return _reporting(lambda: stop(options.build))


def _reporting(command: Callable[[], int]) -> int:
    """Call ``command``; what is wrong with its input is one readable message and exit status 2."""
    from .config import ConfigError
    from .run.package import PlanError

    try:
        return command()
    except (PlanError, ConfigError) as error:
        return _refused(str(error))
    except KeyboardInterrupt:  # before the build took the signal: while it read origins, say
        return 128 + signal.SIGINT


def _refused(message: str) -> int:
    from .text import clean

    print(clean(f"synthtop: {message}"), file=sys.stderr)
    return USAGE_ERROR


def _dry_run(plan: Plan, order: str | None) -> int:
    from .run.queue import Queue, levels, order_named
    from .text import clean

    queue = Queue(plan.packages)
    skipped = {
        origin: because
        for package in plan.packages
        if package.ignore is not None
        for origin, because in queue.failed(package.origin)
    }
    for number, level in enumerate(levels(plan.packages, order_named(order)), 1):
        print(f"Level {number} ({len(level)})")
        for package in level:
            remark = ""
            if package.ignore is not None:
                remark = f"  ignored: {clean(package.ignore)}"
            elif package.origin in skipped:
                remark = f"  skipped due to {skipped[package.origin]}"
            print(f"  {package.origin}{remark}")
    if plan.skip_if is not None:
        print("What skip_if finds to be built already is left out.")
    return 0


def _guarded(plan: Callable[[], Plan], settings: Settings, probe: Probe | None) -> int:
    """Run the build in a child of the guard. The plan is read there: the guard stays small."""
    from .config import GRACE
    from .run.guard import guarded
    from .terminal import knows_title

    def build(screen: ScreenFlag, orphaned: Callable[[], bool]) -> int:
        from .monitor import MonitorError
        from .run.logsdir import LogsBusy
        from .session import Host, Session

        def session() -> int:
            try:
                opened = Session(plan(), settings, Host(probe, screen, orphaned))
            except (LogsBusy, MonitorError) as error:
                return _refused(str(error))
            except OSError as error:
                return _refused(f"{error.filename}: {error.strerror}" if error.filename else str(error))
            return opened.run()

        return _reporting(session)

    grace = GRACE if settings.grace is None else settings.grace
    return guarded(build, grace, knows_title(os.environ))
