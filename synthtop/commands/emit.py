"""``synthtop emit``: adds one event to a stream, for builders that are scripts."""

from __future__ import annotations

import argparse
import os
import shlex
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..formats.events import Begin, Done, End, Event, Lines, Log, Phase, Queued, Start
from ..model import BuildState, Outcome
from ..text import clean
from .parsing import refused

if TYPE_CHECKING:
    from ..probes import Probe

CANNOT_ADD = 1
_MOST_ORIGINS = 512
"""Bytes that fit into any FIFO at once, by POSIX: a longer list of origins is said as their number."""
_EPILOG = """\
events:
  begin [--name NAME] [--workers N] [--queued N] [--logs DIR]
                                a new build: everything starts at zero
  queued N | ORIGIN ...         so many more packages are to be built
  start ORIGIN --slot N [--phase PHASE] [--log PATH]
                                the slot (a worker, counted from 0) holds this package
  phase SLOT PHASE              its package is in this phase now
  lines SLOT N                  its log has so many lines
  done ORIGIN built|failed|ignored|skipped|meta [--slot N] [--phase PHASE] [--reason TEXT] [--duration S]
                                the package has ended; its slot is free
  log TEXT [--slot N]           a line for the event log
  end [finished|interrupted]    the build is over

examples:
  synthtop emit build.events begin --name world --workers 2 --queued 2
  synthtop emit build.events start devel/gmake --slot 0 --phase configure
  synthtop emit build.events phase 0 build
  synthtop emit build.events done devel/gmake built
  synthtop emit build.events done lang/rust failed --phase build --reason 'exit status 1'
  synthtop emit build.events end

  synthtop --follow build.events               shows it, while it grows or later
  mkfifo /tmp/events; synthtop --follow /tmp/events
                                               the same without a file that grows

An event is one line of JSON, added in one write: any number of processes may emit at once. FILE is
made if it is not there; - is stdout. A FIFO that nobody reads is an error, never a wait.

exit:  0 added   1 it could not be added   2 wrong usage
"""


def run(words: list[str], probe: Probe | None) -> int:
    """Add one event; ``probe`` is not needed."""
    parser = _parser()
    if words and words[0] in _MAKERS and not os.path.exists(words[0]):
        parser.error(clean(f"FILE comes first, as in: synthtop emit build.events {shlex.join(words)}"))
    options = parser.parse_args(words)

    from ..emit import EmitError, emit
    from ..formats import FormatError
    from ..formats.events import encode, parse

    try:
        event = _MAKERS[options.event](options, round(time.time(), 3))
        parse(encode(event))  # whoever reads it must not find fault with it
    except (FormatError, ValueError) as error:
        return refused(f"emit {options.event}: {error}")
    try:
        emit(options.file, event)
    except EmitError as error:
        refused(str(error))
        return CANNOT_ADD
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="synthtop emit",
        usage="synthtop emit FILE EVENT ...",
        description="Add one event to the file or FIFO of a build that `synthtop --follow FILE` shows.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", type=_text, help="a file, a FIFO, or - for stdout")
    kinds = parser.add_subparsers(dest="event", metavar="EVENT", required=True, help="one of those below")

    def kind(name: str) -> Callable[..., Any]:
        return kinds.add_parser(name, prog=f"synthtop emit FILE {name}", add_help=True).add_argument

    add = kind("begin")
    add("--name", type=_text, help="what the build is called")
    add("--workers", type=_number, metavar="N", help="how many slots it has (default: those that are used)")
    add("--queued", type=_number, metavar="N", help="how many packages are to be built")
    add("--logs", type=_path, metavar="DIR", help="where the logs of its packages are, named as dsynth does")
    kind("queued")("what", nargs="+", type=_text, metavar="N | ORIGIN", help="how many, or which")
    add = kind("start")
    add("origin", type=_text, metavar="ORIGIN")
    add("--slot", type=_number, required=True, metavar="N", help="the worker that builds it, counted from 0")
    add("--phase", type=_text)
    add("--log", type=_path, metavar="PATH", help="its log")
    add = kind("phase")
    add("slot", type=_number, metavar="SLOT")
    add("phase", type=_text, metavar="PHASE")
    add = kind("lines")
    add("slot", type=_number, metavar="SLOT")
    add("n", type=_number, metavar="N", help="lines of its log so far")
    add = kind("done")
    add("origin", type=_text, metavar="ORIGIN")
    add("outcome", type=_one_of(list(Outcome)), metavar="OUTCOME", help=", ".join(Outcome))
    add("--slot", type=_number, metavar="N", help="where it was built (default: where it was started)")
    add("--phase", type=_text, help="the phase in which it failed")
    add("--reason", type=_text, metavar="TEXT", help="why; of a skipped one, the package that failed")
    add("--duration", type=_duration, metavar="S", help="how long it took: 90, 90s or 1m30s")
    add = kind("log")
    add("text", nargs="+", type=_text, metavar="TEXT")
    add("--slot", type=_number, metavar="N", help="the worker that it is about")
    ends = [BuildState.FINISHED, BuildState.INTERRUPTED]
    add = kind("end")
    add("state", nargs="?", default=ends[0], type=_one_of(ends), metavar="STATE", help=" or ".join(ends))
    return parser


def _text(word: str) -> str:
    """A word of the command line as text; what is no UTF-8 in it becomes ``�``."""
    return os.fsencode(word).decode("utf-8", "replace")


def _path(word: str) -> str:
    """A path that whoever reads the stream can follow, wherever that is."""
    return os.path.abspath(_text(word))


def _number(word: str) -> int | str:
    """A whole number. What is none is left to whoever reads the event, who says what else is wrong too."""
    try:
        return int(word)
    except ValueError:
        return _text(word)


def _one_of(words: Sequence[str]) -> Callable[[str], str]:
    """What takes one of ``words``, and says which else was meant perhaps."""

    def chosen(word: str) -> str:
        if word in words:
            return word
        from ..tomlfile import nearest

        near = nearest(word, words)
        meant = f"; did you mean {near}?" if near else ""
        raise argparse.ArgumentTypeError(f"expected one of {', '.join(words)}, found {_text(word)!r}{meant}")

    return chosen


def _duration(word: str) -> int:
    from ..units import parse_duration

    try:
        return int(parse_duration(word))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _queued(options: argparse.Namespace, now: float) -> Event:
    from ..formats.events import encode

    what: list[str] = options.what
    if len(what) == 1 and what[0].isascii() and what[0].isdigit():
        return Queued(int(what[0]), time=now)
    named = Queued(len(what), tuple(what), now)
    return named if len(encode(named)) <= _MOST_ORIGINS else Queued(len(what), time=now)


_MAKERS: dict[str, Callable[[argparse.Namespace, float], Event]] = {
    "begin": lambda o, now: Begin(o.name, o.workers, o.queued, o.logs, now),
    "queued": _queued,
    "start": lambda o, now: Start(o.slot, o.origin, o.phase, o.log, now),
    "phase": lambda o, now: Phase(o.slot, o.phase, now),
    "lines": lambda o, now: Lines(o.slot, o.n, now),
    "done": lambda o, now: Done(o.origin, Outcome(o.outcome), o.slot, o.reason, o.phase, o.duration, now),
    "log": lambda o, now: Log(" ".join(o.text), o.slot, now),
    "end": lambda o, now: End(BuildState(o.state), now),
}
