"""``synthtop status``: says how a build stands, for people and for scripts."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from .parsing import parsed, refused, reporting

if TYPE_CHECKING:
    from ..probes import Probe

_EPILOG = """\
examples:
  synthtop status                                 the only build that runs here
  synthtop status /build/synth/logs               one by its logs directory or its monitor file
  synthtop status --json | jq .totals.remaining   for a script
  ssh builder synthtop status --json --watch | synthtop --follow -
                                                  another host's build on the full screen

With --json each line of stdout is one object as in monitor.json, also while there is no build (its
state is "waiting" then); with --watch there is one each second until the build is over.

exit:  0 it builds, or ended well   1 it failed, or was interrupted   2 wrong usage, or several builds run
       3 no build   4 stale or gone   5 its files cannot be read   130 --watch was ended by hand
"""


def run(words: list[str], probe: Probe | None) -> int:
    from ..options import named_path

    parser = argparse.ArgumentParser(
        prog="synthtop status",
        usage="synthtop status [--watch] [--json] [PATH]",
        description="Say how a build stands: its numbers and its workers. Nothing is done to the build.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "path",
        nargs="?",
        type=named_path,
        metavar="PATH",
        help="its monitor file, logs directory or poudriere directory, its name, or - for stdin "
        "(default: the only build that runs here)",
    )
    parser.add_argument("-w", "--watch", action="store_true", help="every second, until the build is over")
    parser.add_argument("--json", action="store_true", help="as JSON, one object a line")
    options = parsed(parser, words)

    def tell() -> int:
        from .sources import STREAM, meant_by, no_pipe, stdin_is_file

        meant = None if options.path is None else meant_by(options.path, os.environ)
        if meant is not None and meant.path == STREAM and (wrong := no_pipe("status -")):
            return refused(wrong)
        if meant is not None and meant.is_fifo and not options.watch:
            return refused(
                f"{meant.path} is a FIFO, and what one reads from it nobody else does: "
                "add --watch, to be the one who reads it from now on"
            )
        from ..config import Settings, load
        from ..discover import Discovery
        from ..follow import follow
        from ..status import status

        settings = load(os.environ, None, Settings())
        return status(
            None if meant is None else meant.path,
            watch=options.watch,
            as_json=options.json,
            out=sys.stdout,
            at_its_end=meant is not None and meant.path == STREAM and not stdin_is_file(),
            follow=lambda path: follow(
                path,
                probe=probe,
                throttle=settings.throttle or "step",
                stalled_after=settings.stalled_after,
            ),
            builds=Discovery(os.environ).builds,
        )

    return reporting(tell)
