"""Whole commands: building beside xargs and parallel, the cost while idle, and how fast it starts."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from .figure import Figure, median_of

PACKAGES = 1000
WATCHED = 20
"""Seconds over which the CPU of a build at work is counted: told in steps of 10 ms, 0.05 % of a core."""
SYNTHTOP = [sys.executable, "-m", "synthtop"]


def _wall(command: list[str], stdin: str = "", cwd: str | None = None) -> float:
    start = time.perf_counter()
    subprocess.run(command, input=stdin.encode(), stdout=subprocess.DEVNULL, check=True, cwd=cwd)
    return time.perf_counter() - start


def beside_xargs() -> Iterator[Figure]:
    """1,000 packages of `true` with 8 workers. Start-up is what a build of one package takes."""
    origins = "".join(f"bench/package{number}\n" for number in range(PACKAGES))
    own: list[float] = []
    started: list[float] = []
    others: dict[str, list[float]] = {"xargs": [], "parallel": []}
    commands = {
        "xargs": ["xargs", "-P8", "-I{}", "sh", "-c", "true"],
        "parallel": ["parallel", "-j8", "--will-cite", "true", "#"],
    }
    if shutil.which("parallel") is None:
        del commands["parallel"]
    with tempfile.TemporaryDirectory() as directory:
        monitor = os.path.join(directory, "monitor.dat")
        build = [*SYNTHTOP, "run", "--plain", "-j8", "--monitor", monitor, "-a", "-", "-c", "true"]

        def run(stdin: str) -> float:
            logs = tempfile.mkdtemp(dir=directory)
            return _wall([*build, "--logs", logs], stdin, directory)

        for _ in range(5):  # by turns, so that a noisy minute falls on all of them
            own.append(run(origins))
            started.append(run("bench/one\n"))
            for name, command in commands.items():
                others[name].append(_wall(command, origins))
    start_up, _ = median_of(iter(started).__next__, len(started))
    value, runs = median_of(iter(own).__next__, len(own))
    yield Figure("start-up of a plain build", start_up * 1e3, "ms", runs=tuple(s * 1e3 for s in started))
    yield Figure(f"{PACKAGES} packages of true, 8 workers", value, "s", runs=runs)
    for name, taken in others.items():
        if not taken:
            continue
        other, _ = median_of(iter(taken).__next__, len(taken))
        yield Figure(f"the same with {name}", other, "s", runs=tuple(taken))
        if name == "xargs":
            ratio = (value - start_up) / other
            yield Figure("beyond start-up, to xargs", ratio, "×", 1.5, note="stretch 1.3")
        else:
            ratio = other / (value - start_up)
            yield Figure("parallel to us, beyond start-up", ratio, "×", 3.0, at_least=True)


def beside_the_screen() -> Iterator[Figure]:
    """CPU of everything but the screen while 16 workers run and write a log, over 20 s."""
    origins = [f"bench/package{number}" for number in range(16)]
    job = "while sleep 1; do echo line; done"
    with tempfile.TemporaryDirectory() as directory:
        monitor = os.path.join(directory, "monitor.dat")
        command = [
            *SYNTHTOP,
            "run",
            "--plain",
            "-j16",
            "--grace",
            "1s",
            "--monitor",
            monitor,
            "-c",
            job + " # {}",
        ]
        build = subprocess.Popen([*command, *origins], stdout=subprocess.DEVNULL, cwd=directory)
        time.sleep(3)  # what the start costs is a figure of its own
        children = subprocess.run(
            ["pgrep", "-P", str(build.pid)], capture_output=True, text=True, check=True
        ).stdout.split()
        before = _cpu(int(children[0]))
        time.sleep(WATCHED)  # what is measured is the cost of passing time
        used = _cpu(int(children[0])) - before
        build.terminate()
        build.wait()
    yield Figure("everything but the screen, 16 workers", used / WATCHED * 100, "% of a core", 1.0)


def _cpu(pid: int) -> float:
    with open(f"/proc/{pid}/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def version() -> Iterator[Figure]:
    def ratio() -> float:
        own = min(_wall([*SYNTHTOP, "--version"]) for _ in range(5))
        bare = min(_wall([sys.executable, "-c", "import argparse"]) for _ in range(5))
        return own / bare

    value, runs = median_of(ratio, 5)
    yield Figure("synthtop --version to python -c 'import argparse'", value, "×", 2.0, runs=runs)


def figures() -> Iterator[Figure]:
    yield from version()
    yield from beside_xargs()
    yield from beside_the_screen()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    yield Figure("largest process of these", peak, "MB")
