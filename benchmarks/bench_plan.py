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
from pathlib import Path

from synthtop.run.plan import load
from synthtop.run.queue import Queue

PACKAGES = 40_000
NEEDS = 3


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
    queue.peek()
    ordered = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1 << 20 if sys.platform == "darwin" else 1 << 10
    )
    gc.collect()
    begun = time.perf_counter()
    while (package := queue.pop()) is not None:
        queue.built(package.origin)
    scheduled = time.perf_counter()
    if not queue.done:
        raise SystemExit("the queue stopped before its end")
    return {
        "load_s": loaded - start,
        "order_s": ordered - loaded,
        "peak_rss_mb": peak,
        "schedule_us_per_package": (scheduled - begun) / len(plan.packages) * 1e6,
    }


def measured(count: int = PACKAGES, repeats: int = 5) -> dict[str, float]:
    """Medians over ``repeats`` fresh processes: memory once taken is never given back."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "plan.toml")
        path.write_text(plan_of(count), encoding="utf-8")
        runs = []
        for _ in range(repeats):
            command = [sys.executable, "-m", "benchmarks.bench_plan", str(path)]
            runs.append(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1]) if sys.argv[1:] else measured(), indent=None))
