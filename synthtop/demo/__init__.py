"""``synthtop demo``: a small build that really runs, to see what the dashboard looks like.

``plan.toml`` is its plan, ``job.py`` what each of its phases does. One package fails its tests on
purpose: the demo has gone well when exactly that happened.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ..run.package import Plan
from ..run.plan import load
from ..run.queue import Queue

DESCRIPTION = """\
A demonstration: builds about forty made-up packages under the dashboard, in about a minute. Their
sources are generated, but everything else is real: processes, logs, dependencies, the throttle. One
package fails its tests on purpose, and one is ignored; with exactly these, the exit status is 0.
"""
FAILS = "textproc/expat"
"""The package whose tests fail: ``job.py`` breaks one of its functions."""


def plan() -> Plan:
    """The bundled plan. Its jobs run with this Python."""
    os.environ["SYNTHTOP_PYTHON"] = sys.executable
    return load(str(Path(__file__).with_name("plan.toml")))


def expected() -> dict[str, set[str]]:
    """The origins that are to stand in each result list."""
    packages = plan().packages
    queue = Queue(packages)
    ignored = {package.origin for package in packages if package.ignore is not None}
    skipped = {origin for given_up in (*ignored, FAILS) for origin, _ in queue.failed(given_up)}
    built = {package.origin for package in packages} - ignored - skipped - {FAILS}
    return {
        "01_success_list.log": built,
        "02_failure_list.log": {FAILS},
        "03_ignored_list.log": ignored,
        "04_skipped_list.log": skipped,
    }


def verdict(status: int, logs: Path) -> tuple[int, str]:
    """The demo's exit status and a sentence about it, for a build that ended with ``status``."""
    if status not in (0, 1):
        return status, "demo: stopped before its end"
    wanted = expected()
    found = {name: _origins(logs / name, wanted) for name in wanted}
    counts = ", ".join(
        f"{len(origins)} {word}"
        for word, origins in zip(("built", "failed", "ignored", "skipped"), wanted.values(), strict=True)
    )
    if found == wanted:
        return 0, f"demo: all went as planned ({counts}; {FAILS} fails its tests on purpose). Logs: {logs}"
    return 1, f"demo: expected {counts}, but it came otherwise. See {logs}"


def _origins(path: Path, wanted: Mapping[str, set[str]]) -> set[str]:
    """The origins of the plan that a result list names first in its lines."""
    known = set().union(*wanted.values())
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return set()
    return {next((word for word in line.split() if word in known), line) for line in lines}
