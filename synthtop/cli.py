"""The command line: what was asked for, and whom to call for it. Nothing is decided here.

Each command imports what it needs when it runs: ``synthtop --version`` loads neither textual nor psutil.
"""

from __future__ import annotations

import argparse
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

_DESCRIPTION = "A full-screen dashboard for package builds."
_COMMANDS = """\
commands:
  run PLAN.toml [ORIGIN ...]    build packages under the dashboard
  run -c COMMAND ORIGIN ...     the same without a plan: one command for each origin
  demo                          a small build, to see what it looks like
  stop [BUILD]                  stop a running build

`synthtop COMMAND --help` tells more about each.
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
    sys.exit(main())


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
    if words and words[0] in commands:
        return commands[words[0]](words[1:], probe)
    parser = argparse.ArgumentParser(
        prog="synthtop",
        description=_DESCRIPTION,
        usage="synthtop [-h] [--version] COMMAND ...",
        epilog=_COMMANDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"synthtop {__version__}")
    parser.add_argument("command", choices=commands, help=argparse.SUPPRESS)
    parser.parse_args(words[:1])
    return USAGE_ERROR


def _duration(text: str) -> float:
    from .units import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _workers(text: str) -> int:
    from .units import MAX_WORKERS

    if not text.isdecimal() or not 1 <= int(text) <= MAX_WORKERS:
        raise argparse.ArgumentTypeError(f"{text!r}: expected 1..{MAX_WORKERS}")
    return int(text)


def _build_options(parser: argparse.ArgumentParser) -> None:
    """The options of every command that builds."""
    from .config import ORDERS
    from .throttle import POLICIES

    group = parser.add_argument_group("building")
    group.add_argument(
        "-j",
        "--workers",
        type=_workers,
        metavar="N",
        help="packages built at once (default: the plan's, else one a core)",
    )
    group.add_argument(
        "--throttle",
        choices=list(POLICIES),
        help="rule that lowers DynMax, the packages at once, under load and swapping (default: step)",
    )
    group.add_argument(
        "--order",
        choices=ORDERS,
        help="which ready package starts first: the one with the longest chain of dependents (default), "
        "or as in the plan",
    )
    group.add_argument(
        "--fail-fast", action="store_true", default=None, help="start nothing more after the first failure"
    )
    group.add_argument(
        "--timeout",
        type=_duration,
        metavar="TIME",
        help="end a phase that writes nothing to its log for so long (30m, 2h; 0: never, the default)",
    )
    group.add_argument(
        "--grace",
        type=_duration,
        metavar="TIME",
        help="time between SIGTERM and SIGKILL when stopping (default: 10s)",
    )
    group = parser.add_argument_group("watching")
    group.add_argument(
        "--logs", metavar="DIR", help="where logs and lists go (default: ./synthtop-logs/BUILD)"
    )
    group.add_argument(
        "--monitor",
        action="append",
        metavar="[FORMAT:]PATH",
        help="monitor file to keep up to date, as text or json; a PATH alone is text, with json beside it. "
        "May be given again (default: $XDG_RUNTIME_DIR/synthtop/BUILD.dat)",
    )
    group.add_argument("--no-monitor", action="store_true", default=None, help="no monitor file")
    group.add_argument(
        "--plain",
        action="store_true",
        default=None,
        help="lines of text instead of the dashboard (without a terminal it is so by itself)",
    )
    group.add_argument("--config", metavar="FILE", help="settings from FILE: TOML, or dsynth's ini form")


def _settings(options: argparse.Namespace) -> Settings:
    import os

    from . import config

    names = ("workers", "throttle", "order", "fail_fast", "timeout", "grace", "logs", "no_monitor", "plain")
    own = config.Settings(
        **{name: getattr(options, name) for name in names},
        monitor=tuple(options.monitor) if options.monitor else None,
    )
    return config.load(os.environ, options.config, own)


def _run(words: list[str], probe: Probe | None) -> int:
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
    _build_options(parser)
    options = parser.parse_intermixed_args(words)
    if options.command is None and not options.words:
        parser.error("a plan is needed: synthtop run PLAN.toml, or synthtop run -c COMMAND ORIGIN ...")

    def plan() -> Plan:
        from .run import plan as plans

        origins = list(options.words)
        if options.command is None:
            loaded = plans.load(origins.pop(0))
        for file in options.arg_file:
            origins += plans.read_origins(file)
        if options.command is not None:
            return plans.from_command(options.command, origins)
        return loaded.select(origins) if origins or options.arg_file else loaded

    if options.dry_run:
        return _reporting(lambda: _dry_run(plan(), _settings(options).order))
    return _reporting(lambda: _guarded(plan, _settings(options), probe))


def _demo(words: list[str], probe: Probe | None) -> int:
    from . import demo

    parser = argparse.ArgumentParser(
        prog="synthtop demo",
        description=demo.DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _build_options(parser)
    options = parser.parse_args(words)

    def build() -> int:
        settings = _settings(options)
        status = _guarded(demo.plan, settings, probe)
        status, sentence = demo.verdict(status, Path(settings.logs or "synthtop-logs/demo"))
        print(sentence)
        return status

    return _reporting(build)


def _stop(words: list[str], probe: Probe | None) -> int:
    from .stop import stop

    parser = argparse.ArgumentParser(
        prog="synthtop stop",
        description="Stop a running build: its packages get SIGTERM; what does not end in time is killed.",
        epilog="exit: 0 it was asked to stop   3 no such build runs",
    )
    parser.add_argument(
        "build",
        nargs="?",
        metavar="BUILD",
        help="its name, its logs directory or its monitor file (default: the only one that runs)",
    )
    options = parser.parse_args(words)
    return _reporting(lambda: stop(options.build))


def _reporting(command: Callable[[], int]) -> int:
    """Call ``command``; what is wrong with its input is one readable message and exit status 2."""
    from .config import ConfigError
    from .run.package import PlanError

    try:
        return command()
    except (PlanError, ConfigError) as error:
        print(f"synthtop: {error}", file=sys.stderr)
        return USAGE_ERROR


def _dry_run(plan: Plan, order: str | None) -> int:
    from .run.queue import levels, order_named

    for number, level in enumerate(levels(plan.packages, order_named(order)), 1):
        print(f"Level {number} ({len(level)})")
        for package in level:
            print(f"  {package.origin}" + (f"  ignored: {package.ignore}" if package.ignore else ""))
    return 0


def _guarded(plan: Callable[[], Plan], settings: Settings, probe: Probe | None) -> int:
    """Run the build in a child of the guard. The plan is read there: the guard stays small."""
    from .config import GRACE
    from .run.guard import guarded

    def build(screen: ScreenFlag, orphaned: Callable[[], bool]) -> int:
        from .monitor import MonitorError
        from .run.logsdir import LogsBusy
        from .session import Host, Session

        def session() -> int:
            try:
                opened = Session(plan(), settings, Host(probe, screen, orphaned))
            except (LogsBusy, MonitorError) as error:
                print(f"synthtop: {error}", file=sys.stderr)
                return USAGE_ERROR
            except OSError as error:
                print(f"synthtop: {error.filename or ''}: {error.strerror}", file=sys.stderr)
                return USAGE_ERROR
            return opened.run()

        return _reporting(session)

    return guarded(build, GRACE if settings.grace is None else settings.grace)
