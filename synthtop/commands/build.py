"""``synthtop run`` and ``synthtop demo``: a build of our own, or what it would be."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .parsing import USAGE_ERROR, parsed, refused, reporting

if TYPE_CHECKING:
    from ..config import Settings
    from ..probes import Probe
    from ..run.guard import ScreenFlag
    from ..run.package import Plan

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
stopped?   synthtop run --resume PLAN.toml builds what is left; `synthtop history` has how it was
files:     LOGS/00_last_results.log to 04_skipped_list.log, and a log for each package
exit:      0 all built   1 something failed   2 wrong usage or plan   70 internal error
           130 stopped by hand   143 stopped by SIGTERM
"""
_DEMO_EPILOG = """\
exit:  0 all went as planned   1 it came otherwise   2 wrong usage   70 internal error
       130 stopped by hand   143 stopped by SIGTERM
"""


def run(words: list[str], probe: Probe | None) -> int:
    from ..options import add_options, settings_of

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
    _add_resuming(parser)
    add_options(parser)
    options = parsed(parser, words)
    if options.command is None and not options.words:
        here = "; there is one here: synthtop run plan.toml" if os.path.isfile("plan.toml") else ""
        parser.error(f"a plan is needed: synthtop run PLAN.toml, or synthtop run -c COMMAND ORIGIN ...{here}")
    if options.command is not None and not options.command.strip():
        parser.error("-c: a shell command is expected, as in: synthtop run -c 'make -C {}' devel/gmake")

    def plan() -> Plan:
        from ..run import plan as plans

        origins = list(options.words)
        if options.command is None:
            loaded = _load(origins.pop(0))
        for file in options.arg_file:
            origins += plans.read_origins(file)
        if options.command is not None:
            return plans.from_command(options.command, origins)
        return loaded.select(origins) if origins or options.arg_file else loaded

    if options.dry_run:
        from .dryrun import dry_run

        return reporting(lambda: dry_run(plan(), settings_of(options), options.resuming))
    return reporting(lambda: _guarded(plan, settings_of(options), probe, options.resuming))


def _add_resuming(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("going on").add_mutually_exclusive_group()
    group.add_argument(
        "--resume",
        dest="resuming",
        action="store_const",
        const="built",
        help="leave out what the last run in this logs directory has built, unless its entry in the plan "
        "changed",
    )
    group.add_argument(
        "--only-failed",
        dest="resuming",
        action="store_const",
        const="failed",
        help="build only what failed in it, with all that it needs and that is not built",
    )


def _load(path: str) -> Plan:
    """The plan at ``path``; PlanError with what was meant perhaps where there is none."""
    from ..run import plan as plans

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


def demo(words: list[str], probe: Probe | None) -> int:
    from .. import demo as small_build
    from ..options import add_options, settings_of

    parser = argparse.ArgumentParser(
        prog="synthtop demo",
        description=small_build.DESCRIPTION,
        epilog=_DEMO_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_options(parser)
    options = parsed(parser, words)

    def build() -> int:
        settings = settings_of(options)
        status = _guarded(small_build.plan, settings, probe)
        if status == USAGE_ERROR:  # it did not begin, and why has been said
            return status
        status, sentence = small_build.verdict(status, Path(settings.logs or "synthtop-logs/demo"))
        print(sentence)
        return status

    return reporting(build)


def _guarded(
    plan: Callable[[], Plan], settings: Settings, probe: Probe | None, resuming: str | None = None
) -> int:
    """Run the build in a child of the guard. The plan is read there: the guard stays small."""
    from ..config import GRACE
    from ..run.guard import guarded
    from ..terminal import knows_title

    def build(screen: ScreenFlag, orphaned: Callable[[], bool]) -> int:
        from ..building import Host, Resuming
        from ..run.logsdir import LogsBusy
        from ..run.resume import NothingFailed, ResumeError
        from ..session import Session
        from ..targets import MonitorError
        from ..text import clean

        def session() -> int:
            try:
                opened = Session(
                    plan(),
                    settings,
                    Host(probe, screen, orphaned),
                    None if resuming is None else Resuming(resuming),
                )
            except NothingFailed as found:
                print(clean(f"synthtop: {found}"))
                return 0
            except (LogsBusy, MonitorError, ResumeError) as error:
                return refused(str(error))
            except OSError as error:
                return refused(f"{error.filename}: {error.strerror}" if error.filename else str(error))
            return opened.run()

        return reporting(session)

    grace = GRACE if settings.grace is None else settings.grace
    return guarded(build, grace, knows_title(os.environ))
