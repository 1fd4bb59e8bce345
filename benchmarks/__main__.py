"""Measure everything, print a table, keep the figures as JSON: ``make bench``, or ``-m benchmarks core``."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from pathlib import Path

from . import core, plan, runs

GROUPS = {"core": core.figures, "plan": plan.figures, "runs": runs.figures}
RESULTS = Path(__file__).parent / "results"


def main(names: list[str]) -> int:
    unknown = set(names) - GROUPS.keys()
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}", file=sys.stderr)
        return 2
    found = []
    print(f"{'':58} {'measured':>12} {'budget':>20}")
    for name in names or GROUPS:
        for figure in GROUPS[name]():
            budget = ""
            if figure.budget is not None:
                sign = "≥" if figure.at_least else "≤"
                budget = f"{sign} {figure.budget:g} {figure.unit} {'ok' if figure.kept else 'MISSED'}"
            measured = f"{figure.name:58} {figure.value:8.3g} {figure.unit:12}"
            print(f"{measured} {budget}  {figure.note}", flush=True)
            found.append({"group": name, **figure._asdict(), "kept": figure.kept})
    host = {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps({"time": time.time(), "host": host, "figures": found}, indent=1)
    (RESULTS / "latest.json").write_text(text + "\n")
    return 0


sys.exit(main(sys.argv[1:]))
