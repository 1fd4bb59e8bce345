"""The options that build or show a build, and the settings that they make."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from .config import COLUMNS, KEYS, NOTICES, ORDERS, THEMES, Settings, from_word, load
from .throttle import POLICIES
from .units import MAX_WORKERS, parse_duration

_Group: TypeAlias = argparse.ArgumentParser | argparse._ArgumentGroup
_TARGETS = (
    "text, json, dsynth (for `dsynth monitor`) or report (the directory of dsynth's web page); "
    "a PATH alone is text, with json beside it, and one that ends in .json is json alone"
)


def _duration(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _workers(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= MAX_WORKERS):
        raise argparse.ArgumentTypeError(f"{text!r}: expected 1..{MAX_WORKERS}")
    return int(text)


def _setting(key: str) -> Callable[[str], object]:
    """What reads a word as the setting ``key``."""

    def read(word: str) -> object:
        try:
            return from_word(key, word)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return read


def named_path(text: str) -> str:
    """A word that is to name something: that it is empty is a variable's fault, and told."""
    if not text:
        raise argparse.ArgumentTypeError(f"expected a path, found {text!r}")
    return text


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of every command that builds."""
    group = parser.add_argument_group("building")
    group.add_argument(
        "-j",
        "--workers",
        type=_workers,
        metavar="N",
        help="packages built at once (default: the plan's, else one a core)",
    )
    _add_throttle(group, "rule that lowers DynMax, the packages at once, under load and swapping")
    group.add_argument(
        "--order",
        choices=ORDERS,
        help="which ready package starts first: time (default): the one whose chain of dependents takes "
        "longest, by what packages took before; chain: the one whose chain is of most packages; plan: as "
        "in the plan",
    )
    group.add_argument(
        "--retry",
        type=_setting("retry"),
        metavar="N",
        help="build a package that fails up to N times more before it has failed (default: 0)",
    )
    group.add_argument(
        "--fail-fast", action="store_true", default=None, help="start nothing more after the first failure"
    )
    group.add_argument(
        "--timeout",
        type=_duration,
        metavar="TIME",
        help="end a phase that writes nothing to its log for so long (30m, 2h; 0: never, the default); "
        "stronger than the plan's",
    )
    group.add_argument(
        "--grace",
        type=_duration,
        metavar="TIME",
        help="time between SIGTERM and SIGKILL when stopping (default: 10s)",
    )
    _add_stalled(group)
    group.add_argument(
        "--low-space",
        type=_setting("low_space"),
        metavar="SIZE",
        help="warn when less is free where logs and work directories are (0: never; default: 1G, or 5 %% of "
        "a smaller file system)",
    )
    group = parser.add_argument_group("watching")
    group.add_argument(
        "--logs", metavar="DIR", help="where logs and lists go (default: ./synthtop-logs/BUILD)"
    )
    one_of = group.add_mutually_exclusive_group()
    one_of.add_argument(
        "--monitor",
        action="append",
        metavar="[FORMAT:]PATH",
        help=f"monitor file to keep up to date: {_TARGETS}. "
        "May be given again (default: $XDG_RUNTIME_DIR/synthtop/BUILD.dat)",
    )
    one_of.add_argument("--no-monitor", action="store_true", default=None, help="no monitor file")
    _add_history(group)
    _add_plain(group)
    add_screen_options(group)


def add_look_options(parser: argparse.ArgumentParser) -> None:
    """The options of what shows a build and makes none."""
    parser.add_argument(
        "--follow",
        type=named_path,
        metavar="PATH",
        help="show the build at PATH: a monitor file of any kind, a logs directory of synthtop, dsynth or "
        "go-synth, a Report directory of dsynth, a build directory of poudriere or its `latest`, an event "
        "stream (a file, a FIFO, or - for stdin), or the name of a build that is found by itself",
    )
    parser.add_argument(
        "--monitor",
        action="append",
        metavar="[FORMAT:]PATH",
        help=f"keep what is followed there too: {_TARGETS}. May be given again",
    )
    _add_history(parser)
    _add_throttle(parser, "rule that finds DynMax for an event stream, and while no build is shown")
    _add_stalled(parser)
    _add_plain(parser)
    add_screen_options(parser)


def _add_throttle(group: _Group, what: str) -> None:
    group.add_argument("--throttle", choices=list(POLICIES), help=f"{what} (default: step)")


def _add_history(group: _Group) -> None:
    group.add_argument(
        "--no-history",
        action="store_true",
        default=None,
        help="do not record this build in the history (see `synthtop history`)",
    )


def _add_stalled(group: _Group) -> None:
    group.add_argument(
        "--stalled-after",
        type=_setting("stalled_after"),
        metavar="PHASE=TIME,...",
        help="when a phase without news is called stalled, as build=3h,configure=20m,other=1h (0: never; "
        "default: dsynth's times, from 5m for check-plist to 3h for build)",
    )


def _add_plain(group: _Group) -> None:
    group.add_argument(
        "--plain",
        action="store_true",
        default=None,
        help="lines of text instead of the dashboard (without a terminal it is so by itself)",
    )


def add_screen_options(group: _Group) -> None:
    """The options of every command that shows a build to somebody."""
    group.add_argument(
        "--notify",
        type=_setting("notify"),
        metavar="bell|COMMAND",
        help="ring, or run a shell command, at the first failure, at a stall and at the end; the command "
        "finds what happened in $SYNTHTOP_EVENT and $SYNTHTOP_TEXT",
    )
    group.add_argument(
        "--notify-on",
        type=_setting("notify_on"),
        metavar="WHAT,...",
        help=f"only at some of {', '.join(NOTICES)}",
    )
    group.add_argument(
        "--theme",
        choices=THEMES,
        help="colours of the dashboard (default: dark, or 16 where the terminal has no more)",
    )
    group.add_argument(
        "--ascii",
        action="store_true",
        default=None,
        help="nothing but ASCII in the dashboard (where the locale is not UTF-8 it is so by itself)",
    )
    group.add_argument(
        "--columns",
        type=_setting("columns"),
        metavar="NAME,...",
        help=f"columns of the workers: {', '.join(COLUMNS)} (the last two of builds that synthtop runs)",
    )
    group.add_argument(
        "--sort",
        type=_setting("sort"),
        metavar="COLUMN",
        help="what the workers are sorted by; --sort=-COLUMN: the other way round",
    )
    group.add_argument("--config", metavar="FILE", help="settings from FILE: TOML, or dsynth's ini form")


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings that these options, the environment and the files make together. ConfigError passes."""
    return load(os.environ, options.config, settings_of_options(options))


def settings_of_options(options: argparse.Namespace) -> Settings:
    """What these options alone say."""
    own = Settings(**{name: getattr(options, name, None) for name in KEYS - {"monitor"}})
    targets = getattr(options, "monitor", None)
    return replace(own, monitor=tuple(targets)) if targets else own
