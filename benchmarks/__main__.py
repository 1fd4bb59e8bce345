"""``make bench``: measures, prints a table at the end, and keeps the figures as JSON in ``results/``.

``python -m benchmarks [--keep NAME] [GROUP ...]``: only these groups; under another name than ``latest``.
How far it is stands on stderr meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path

from . import core, eta, follow, history, logs, plan, runs, screen
from .figure import Figure

GROUPS = {
    "core": core.figures,
    "plan": plan.figures,
    "follow": follow.figures,
    "logs": logs.figures,
    "history": history.figures,
    "eta": eta.figures,
    "runs": runs.figures,
    "screen": screen.figures,
}
RESULTS = Path(__file__).parent / "results"


def row(figure: Figure) -> str:
    budget = ""
    if figure.budget is not None:
        sign = "≥" if figure.at_least else "≤"
        budget = f"{sign} {figure.budget:g} {figure.unit} {'ok' if figure.kept else 'MISSED'}"
    return f"{figure.name:64} {figure.value:8.3g} {figure.unit:12} {budget}  {figure.note}".rstrip()


def kept_of(figure: Figure) -> dict[str, object]:
    """What of a figure is worth keeping: of its runs how many there were, and how far apart."""
    entry = {**figure._asdict(), "kept": figure.kept, "runs": len(figure.runs)}
    return entry | ({"least": min(figure.runs), "most": max(figure.runs)} if figure.runs else {})


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; all by default")
    parser.add_argument("--keep", default="latest", metavar="NAME", help="the file in results/")
    options = parser.parse_args(arguments)
    if unknown := set(options.groups) - GROUPS.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}")
    measured: list[tuple[str, Figure]] = []
    for name in options.groups or GROUPS:
        print(f"measuring {name}", file=sys.stderr, flush=True)
        for figure in GROUPS[name]():
            print(f"  measured {figure.name}", file=sys.stderr, flush=True)
            measured.append((name, figure))
    for _, figure in measured:
        print(row(figure))
    found = [{"group": name, **kept_of(figure)} for name, figure in measured]
    host = {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps({"time": time.time(), "host": host, "figures": found}, indent=1)
    (RESULTS / f"{options.keep}.json").write_text(text + "\n")
    return 0


sys.exit(main(sys.argv[1:]))
