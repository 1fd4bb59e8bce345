"""``synthtop stop``: asks a running build to end."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .parsing import parsed, reporting

if TYPE_CHECKING:
    from ..probes import Probe


def run(words: list[str], probe: Probe | None) -> int:
    from ..options import named_path
    from ..stop import stop

    parser = argparse.ArgumentParser(
        prog="synthtop stop",
        description="Stop a running build: its packages get SIGTERM; what does not end in time is killed.",
        epilog="exit: 0 it was asked to stop, 2 which one is not clear or not yours, 3 no such build runs",
    )
    parser.add_argument(
        "build",
        nargs="?",
        type=named_path,
        metavar="BUILD",
        help="its name, its logs directory or its monitor file (default: the only one that runs)",
    )
    options = parsed(parser, words)
    return reporting(lambda: stop(options.build))
