"""``synthtop config``: shows each setting, and what has set it."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from .parsing import parsed, reporting

if TYPE_CHECKING:
    from ..probes import Probe

_EPILOG = """\
The strongest first: an option on the command line, SYNTHTOP_KEY in the environment, --config FILE,
$XDG_CONFIG_HOME/synthtop/config.toml (~/.config without it), the default. A file is TOML,

  workers = 8
  throttle = "dsynth"
  monitor = ["/build/monitor.dat", "report:/build/Report"]
  notify = "bell"
  columns = ["slot", "duration", "phase", "origin", "cpu", "memory"]

  [stalled_after]
  build = "6h"

  [keys]
  failures = "F"

or dsynth's ini form:

  [Global Configuration]
  Enable_monitor=yes
  Monitor_file=/build/monitor.dat
  Monitor_format=text
  Number_of_builders=8

Options given here count as they would after `synthtop run`:  synthtop config -j 4

exit:  0 told   2 wrong usage, or a setting that is wrong
"""
_DEPENDS = {
    "workers": "the plan's, else one a core",
    "logs": "./synthtop-logs/BUILD",
    "monitor": "$XDG_RUNTIME_DIR/synthtop/BUILD.dat",
    "plain": "where there is no terminal",
    "theme": "as the terminal has colours",
    "ascii": "where the locale is not UTF-8",
    "notify": "nobody is told",
    "stalled_after": "dsynth's times",
    "keys": "as the help says",
    "low_space": "1G, or 5 % of a smaller file system",
}
"""What a default is that depends on plan, terminal or host, in words."""


def run(words: list[str], probe: Probe | None) -> int:
    from ..options import add_options, settings_of_options

    parser = argparse.ArgumentParser(
        prog="synthtop config",
        usage="synthtop config [--json] [OPTION ...]",
        description="Show each setting, its value, and where it comes from.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    add_options(parser)
    options = parsed(parser, words)

    def tell() -> int:
        from ..config import load_with_sources

        found = load_with_sources(os.environ, options.config, settings_of_options(options))
        if options.json:
            import json

            print(json.dumps({key: {"value": value, "source": source} for key, value, source in found}))
        else:
            _print(found)
        return 0

    return reporting(tell)


def _print(found: list[tuple[str, object, str]]) -> None:
    from ..text import clean, fit, width

    depends = dict(_DEPENDS)
    if any(key == "no_monitor" and value for key, value, _ in found):
        del depends["monitor"]
    rows = []
    for key, value, source in found:
        words = f"({depends[key]})" if value is None and key in depends else _in_words(value)
        rows.append((key, clean(words), clean(source)))
    keys, values = (max(width(row[column]) for row in rows) for column in (0, 1))
    for key, value, source in rows:
        print(f"{fit(key, keys)}  {fit(value, values)}  {source}")


def _in_words(value: object) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:g}"
        case tuple():
            return " ".join(map(str, value))
        case dict():
            return " ".join(f"{name}={_in_words(one)}" for name, one in value.items()) or "-"
        case _:
            return str(value)
