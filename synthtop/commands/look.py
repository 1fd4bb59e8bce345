"""``synthtop`` without a command: shows a build of this machine, or the one that is to be followed."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from .._version import __version__
from .parsing import COMMANDS, USAGE_ERROR, refused, reporting

if TYPE_CHECKING:
    from ..config import Settings
    from ..probes import Probe
    from ..protocols import Feed

_DESCRIPTION = """\
A full-screen dashboard for package builds.

Without a command it shows the build that runs on this machine: one of synthtop, dsynth or poudriere.
Of several it asks which; while there is none, it shows how the host stands and waits.
"""
_EPILOG = """\
commands:
  run PLAN.toml [ORIGIN ...]    build packages under the dashboard
  run -c COMMAND ORIGIN ...     the same without a plan: one command for each origin
  demo                          a small build, to see what it looks like
  status [PATH]                 say how a build stands, for people and for scripts
  stop [BUILD]                  stop a running build
  history [RUN]                 what earlier builds were like, and what packages took
  emit FILE EVENT ...           add an event to a stream, for builders of any kind
  config                        show the settings, and where each comes from

examples:
  synthtop --follow /build/synth/logs            dsynth's or go-synth's build, by its logs directory
  synthtop --follow .../logs/bulk/NAME/latest    poudriere's
  mybuilder | synthtop --follow -                one that speaks the event stream
  ssh builder synthtop status --json --watch | synthtop --follow -
                                                 another host's
  synthtop --follow .../bulk/NAME/latest --monitor dsynth:/tmp/monitor.dat
                                                 relays poudriere's build to `dsynth monitor`

exit:  0 left, or as text: the build is over   2 wrong usage   70 internal error
       129, 130, 143 ended by SIGHUP, SIGINT, SIGTERM

To begin: `synthtop demo`. `synthtop COMMAND --help` tells more about each.
"""
_OPTIONS = (
    "--help",
    "--version",
    "--follow",
    "--monitor",
    "--throttle",
    "--plain",
    "--theme",
    "--ascii",
    "--config",
)
_NO_TERMINAL = "there is no terminal that could show the screen"
_PLAIN = "--plain shows no list to choose a build from"
_WANTED = "expected --follow PATH, or synthtop status"
_COMPLAINTS = 20
"""Complaints that are kept until the screen is gone."""


def run(words: list[str], probe: Probe | None) -> int:
    """Show a build. ``probe`` samples the host while there is none, and beside an event stream."""
    from ..options import add_look_options

    parser = argparse.ArgumentParser(
        prog="synthtop",
        description=_DESCRIPTION,
        usage="synthtop [--follow PATH] [OPTION ...]\n       synthtop COMMAND ...",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"synthtop {__version__}")
    add_look_options(parser)
    options, unknown = parser.parse_known_args(words)
    if unknown:
        parser.print_usage(sys.stderr)
        return refused(_no_command(words, unknown, following=options.follow is not None))
    if options.follow is not None:
        return reporting(lambda: _follow(options, probe))
    if options.monitor:
        return refused("--monitor relays what is followed: expected --follow PATH with it")
    return reporting(lambda: _attach(options, probe))


def _attach(options: argparse.Namespace, probe: Probe | None) -> int:
    """Show the build that runs here, or the host while there is none."""
    from ..options import settings_of
    from ..terminal import can_show_screen, looks_for

    settings = settings_of(options)
    if settings.plain or not can_show_screen(os.environ):
        return _choice(plain=bool(settings.plain))
    from ..attach import Attach
    from ..discover import Discovery
    from ..waiting import Waiting
    from ..watch import watch
    from .remembering import Remembered

    throttle = settings.throttle or "step"
    waiting = Waiting(workers=settings.workers, throttle=throttle, probe=probe)
    complaints = _Complaints(held=True)
    remembered = Remembered(settings, complaints.tell)
    attach = Attach(
        waiting,
        Discovery(os.environ).searches,
        lambda path: remembered.with_eta(_feed(path, settings, probe)),
    )
    looks = looks_for(os.environ, sys.stderr.encoding, settings.theme, settings.ascii)
    status = watch(attach, looks, chooser=attach, consumers=remembered.consumers, settings=settings)
    complaints.say_all()
    return status


def _choice(*, plain: bool) -> int:
    """Say why no list is shown, and how those that run are followed."""
    from ..discover import Discovery, merged, ready_commands
    from ..model import BuildState
    from ..terminal import say
    from .sources import within

    found = [within(search) or {} for search in Discovery(os.environ).searches.values()]
    running = [build for build in merged(found) if build.state is BuildState.BUILDING]
    command = "synthtop --plain --follow" if plain else "synthtop --follow"
    ready = ready_commands(command, [(build.path, build.name) for build in running])
    say("\n".join((f"synthtop: {_PLAIN if plain else _NO_TERMINAL}: {_WANTED}", *ready)))
    return USAGE_ERROR


def _follow(options: argparse.Namespace, probe: Probe | None) -> int:
    """Show the build at a path, on the screen or as text."""
    from ..options import settings_of
    from ..targets import MonitorError
    from ..terminal import can_show_screen, looks_for
    from .remembering import Remembered
    from .sources import STREAM, meant_by, no_pipe

    settings = settings_of(options)
    path, _ = meant_by(options.follow, os.environ)
    if path == STREAM and (wrong := no_pipe("--follow -")):
        return refused(wrong)
    full_screen = not settings.plain and can_show_screen(os.environ)
    complaints = _Complaints(held=full_screen)
    remembered = Remembered(settings, complaints.tell)
    consumers = remembered.consumers
    if options.monitor:
        from .relaying import relay

        # In what is written, a path has to mean the same wherever it is read.
        path = path if path == STREAM else os.path.abspath(path)
        try:
            consumers = (*consumers, relay(options.monitor, path, complaints.tell))
        except MonitorError as error:
            return refused(str(error))
    if not full_screen:
        from ..watch import watch_plain

        feed = remembered.with_eta(_feed(path, settings, probe))
        return watch_plain(feed, sys.stdout, consumers=consumers, settings=settings)
    from ..watch import watch

    # The screen will have the terminal on descriptor 0.
    feed = remembered.with_eta(_feed(path, settings, probe, os.dup(0) if path == STREAM else 0))
    looks = looks_for(os.environ, sys.stderr.encoding, settings.theme, settings.ascii)
    status = watch(feed, looks, consumers=consumers, settings=settings)
    complaints.say_all()
    return status


class _Complaints:
    """What is wrong with files of ours beside what is followed: said at once, or ``held`` until the screen is
    gone."""

    def __init__(self, *, held: bool) -> None:
        self._held = held
        self._complaints: list[str] = []

    def tell(self, complaint: str) -> None:
        if not self._held:
            _say(complaint)
        elif len(self._complaints) < _COMPLAINTS:
            self._complaints.append(complaint)

    def say_all(self) -> None:
        for complaint in self._complaints:
            _say(complaint)


def _say(complaint: str) -> None:
    from ..terminal import say

    say(f"synthtop: {complaint}")


def _feed(path: str, settings: Settings, probe: Probe | None, stdin: int = 0) -> Feed:
    from ..follow import follow

    return follow(
        path,
        stdin=stdin,
        probe=probe,
        throttle=settings.throttle or "step",
        stalled_after=settings.stalled_after,
    )


def _no_command(words: list[str], unknown: list[str], *, following: bool) -> str:
    """What is wrong with ``words``, of which ``unknown`` is no option, and what was meant perhaps."""
    import shlex

    from ..tomlfile import nearest

    first = unknown[0]
    if first in COMMANDS:
        return f"{words[0]}: a command comes first, as in: synthtop {first} {words[0]} ..."
    near = nearest(first, [*COMMANDS, *_OPTIONS])
    if near:
        return f"{first} is no command; did you mean {near}?"
    if first.startswith("-"):
        return f"{first}: a command comes first, as in: synthtop run {first} ..."
    if following:
        return f"{first}: expected one PATH after --follow"
    if os.path.isdir(first) or _is_source(first):
        return f"{first} is no command; did you mean: synthtop --follow {shlex.join(words)}"
    if first.endswith(".toml") or os.path.isfile(first):
        return f"{first} is no command; did you mean: synthtop run {shlex.join(words)}"
    return f"{first} is no command; expected {', '.join(COMMANDS)}"


def _is_source(path: str) -> bool:
    """Whether the file at ``path`` has a build's numbers in a format that can be followed."""
    from ..formats import FormatError
    from ..formats.sniff import HEAD, sniff

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return False
    with open(descriptor, "rb") as file:
        try:
            sniff(file.read(HEAD) or b"", os.fstat(descriptor).st_size)
        except (OSError, FormatError):
            return False
    return True
