"""How long a ports tree takes as a plan: loading it, ordering it, scheduling it, and the memory of that."""

from __future__ import annotations

import gc
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from synthtop.run.plan import load
from synthtop.run.queue import Queue

from .figure import Figure

PACKAGES = 40_000
NEEDS = 3
REPEATS = 5


def plan_of(count: int, needs: int = NEEDS, seed: int = 1) -> str:
    """A plan of ``count`` packages in 60 categories, each needing ``needs`` of those before it."""
    chance = random.Random(seed)
    origins = [f"category{number % 60:02d}/package-{number:05d}" for number in range(count)]
    lines = [
        "[build]",
        'name = "bench"',
        "workers = 8",
        'phases = ["fetch", "configure", "build", "package"]',
        'command = "make -C /usr/ports/{origin} {phase}"',
        'timeout = "30m"',
    ]
    for number, origin in enumerate(origins):
        wanted = sorted({chance.choice(origins[:number]) for _ in range(needs)}) if number else []
        lines += ["[[package]]", f'origin = "{origin}"', f"needs = {json.dumps(wanted)}"]
    return "\n".join(lines) + "\n"


def measure(path: str) -> dict[str, float]:
    """Seconds to load and to order the plan, microseconds a package to schedule it, peak RSS in MB."""
    start = time.perf_counter()
    plan = load(path)
    loaded = time.perf_counter()
    queue = Queue(plan.packages)
    package = queue.pop()  # the first one puts all of them into their order
    ordered = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1 << 20 if sys.platform == "darwin" else 1 << 10
    )
    gc.collect()
    begun = time.perf_counter()
    while package is not None:
        queue.built(package.origin)
        package = queue.pop()
    scheduled = time.perf_counter()
    if not queue.done:
        raise SystemExit("the queue stopped before its end")
    return {
        "load_s": loaded - start,
        "order_s": ordered - loaded,
        "peak_rss_mb": peak,
        "schedule_us_per_package": (scheduled - begun) / len(plan.packages) * 1e6,
    }


def figures() -> Iterator[Figure]:
    """Medians over fresh processes: memory once taken is never given back."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "plan.toml")
        path.write_text(plan_of(PACKAGES), encoding="utf-8")
        command = [sys.executable, "-m", "benchmarks.plan", str(path)]
        runs: list[dict[str, float]] = [
            json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            for _ in range(REPEATS)
        ]

    def median(of: Callable[[dict[str, float]], float], name: str, unit: str, budget: float) -> Figure:
        values = tuple(of(run) for run in runs)
        return Figure(name, statistics.median(values), unit, budget, runs=values)

    plan = f"plan of {PACKAGES} packages, {NEEDS} needs each"
    yield median(lambda run: run["load_s"] + run["order_s"], f"{plan}: load and order", "s", 2.0)
    yield median(lambda run: run["peak_rss_mb"], f"{plan}: memory", "MB", 200.0)
    yield median(lambda run: run["schedule_us_per_package"], f"{plan}: schedule", "µs/package", 50.0)


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
