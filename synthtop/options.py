"""The options that every command which builds has, and the settings that they make."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace

from .config import KEYS, ORDERS, THEMES, Settings, load
from .throttle import POLICIES
from .units import MAX_WORKERS, parse_duration


def _duration(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _workers(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= MAX_WORKERS):
        raise argparse.ArgumentTypeError(f"{text!r}: expected 1..{MAX_WORKERS}")
    return int(text)


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
        help="end a phase that writes nothing to its log for so long (30m, 2h; 0: never, the default); "
        "stronger than the plan's",
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
    one_of = group.add_mutually_exclusive_group()
    one_of.add_argument(
        "--monitor",
        action="append",
        metavar="[FORMAT:]PATH",
        help="monitor file to keep up to date, as text or json; a PATH alone is text, with json beside it "
        "(one that ends in .json is json alone). "
        "May be given again (default: $XDG_RUNTIME_DIR/synthtop/BUILD.dat)",
    )
    one_of.add_argument("--no-monitor", action="store_true", default=None, help="no monitor file")
    group.add_argument(
        "--plain",
        action="store_true",
        default=None,
        help="lines of text instead of the dashboard (without a terminal it is so by itself)",
    )
    add_screen_options(group)


def add_screen_options(group: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """The options of every command that shows the dashboard."""
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
    group.add_argument("--config", metavar="FILE", help="settings from FILE: TOML, or dsynth's ini form")


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings that these options, the environment and the files make together. ConfigError passes."""
    own = Settings(**{name: getattr(options, name, None) for name in KEYS - {"monitor"}})
    targets = getattr(options, "monitor", None)
    if targets:
        own = replace(own, monitor=tuple(targets))
    return load(os.environ, options.config, own)
