"""What the full screen costs: CPU and bytes beside btop, the first frame, and how soon a key is answered.

Everything runs in a pseudo-terminal of 200 × 50 that this process reads. CPU is that of the program's own
processes, to the nanosecond; the packages that it builds only sleep, and their logs are written from here.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from .figure import Figure, median_of

COLUMNS, ROWS = 200, 50
SETTLE = 4.0
"""Seconds after the first output until the screen is said to be steady."""
WATCHED = 10.0
"""Seconds over which CPU and bytes are counted."""
ROUNDS = 3
FEW, MANY = 16, 1024
UNANSWERED = 2.0
"""Seconds after which a key that has no answer is said to have taken so long."""
SOURCE = str(Path(__file__).parent.parent)
BEFORE = "1f6074a"
"""The last version that knew of no failures, logs, stalls and day-long trends."""
SYNTHTOP = [sys.executable, "-m", "synthtop"]
# Without what a developer's shell may say: an installed package has its bytecode, as this one after one run.
ENVIRONMENT = {
    **{
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SYNTHTOP_", "TEXTUAL", "PYTHON", "NO_COLOR"))
    },
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "LC_ALL": "C.UTF-8",
}
ONE_WIDGET = """
from textual.app import App
from textual.widgets import Static
class Small(App):
    def compose(self):
        yield Static("hello")
Small().run()
"""


class Screen:
    """A program in a pseudo-terminal. What it writes is read, counted and thrown away."""

    def __init__(self, command: Sequence[str], cwd: str, **environment: str) -> None:
        self.began = time.perf_counter()
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execvpe(command[0], list(command), {**ENVIRONMENT, **environment})
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.bytes = 0

    def read(self, timeout: float) -> bytes:
        """What comes within ``timeout`` seconds, nothing if nothing does."""
        ready, _, _ = select.select([self._terminal], [], [], timeout)
        data = b""
        if ready:
            with suppress(OSError):  # EIO: the program has ended
                data = os.read(self._terminal, 1 << 16)
        self.bytes += len(data)
        return data

    def pump(self, seconds: float) -> None:
        """Read for so long."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.read(left)

    def until(self, done: Callable[[bytes], bool], patience: float = 60.0) -> float:
        """Read until ``done`` of all that came since the call; the seconds since the program's start."""
        end = time.perf_counter() + patience
        seen = b""
        while not done(seen):
            if time.perf_counter() > end:
                raise SystemExit(f"waited in vain; the terminal got {seen[-300:]!r}")
            seen += self.read(0.5)
        return time.perf_counter() - self.began

    def press(self, keys: bytes) -> None:
        os.write(self._terminal, keys)

    def processes(self) -> list[int]:
        """The program's own: what was started, and where that is a guard the build under it."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children[:1])]

    def end(self, *keys: bytes) -> None:
        """Leave by ``keys``; by force after some seconds."""
        left = self.processes()
        for key in keys:
            self.press(key)
            self.pump(0.5)
        deadline = time.perf_counter() + 15
        while os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            if time.perf_counter() > deadline:
                for pid in left:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            self.read(0.05)
        os.close(self._terminal)


def cpu(pids: Sequence[int]) -> tuple[float, float]:
    """Seconds of CPU of all threads of ``pids``, and of the first one of the last of them, which draws."""
    used = drawing = 0
    for pid in pids:
        for thread in os.listdir(f"/proc/{pid}/task"):
            took = int(Path(f"/proc/{pid}/task/{thread}/schedstat").read_text().split()[0])
            used += took
            if thread == str(pids[-1]):
                drawing = took
    return used / 1e9, drawing / 1e9


class Cost(NamedTuple):
    """Percent of a core, that of the thread that draws, and bytes a second to the terminal."""

    cpu: float
    drawing: float
    bytes: float


def steady(screen: Screen) -> Cost:
    """What ``screen`` costs once it is steady."""
    screen.until(lambda seen: len(seen) > 200)
    screen.pump(SETTLE)
    pids = screen.processes()
    before, screen.bytes, began = cpu(pids), 0, time.perf_counter()
    screen.pump(WATCHED)
    took = time.perf_counter() - began
    used, drawn = (now - then for now, then in zip(cpu(pids), before, strict=True))
    return Cost(used / took * 100, drawn / took * 100, screen.bytes / took)


@contextmanager
def written(logs: Path) -> Iterator[None]:
    """Write a line a second into each package's log, as the packages would."""
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(1.0):
            for path in logs.glob("bench___*.log"):
                with path.open("ab") as log:
                    log.write(b"cc -O2 -pipe -c -o object.o source.c\n")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def build(workers: int, source: str = SOURCE) -> Iterator[Screen]:
    """``synthtop run`` of the tree at ``source`` with so many workers at work, each with a log that grows."""
    origins = [f"bench/package{number}" for number in range(workers)]
    with tempfile.TemporaryDirectory() as directory, written(Path(directory, "logs")):
        command = [*SYNTHTOP, "run", f"-j{workers}", "--grace", "1s", "--throttle", "off", "--logs", "logs"]
        command += ["-c", "exec sleep 3600 # {}", *origins]
        screen = Screen(command, directory, XDG_RUNTIME_DIR=directory, PYTHONPATH=source)
        try:
            yield screen
        finally:
            screen.end(b"q", b"s")


def btop() -> Cost:
    """btop at 1 Hz, with the settings that it comes with."""
    with tempfile.TemporaryDirectory() as directory:
        config = Path(directory, "btop", "btop.conf")
        config.parent.mkdir()
        config.write_text("update_ms = 1000\n")
        screen = Screen(["btop", "--utf-force"], directory, XDG_CONFIG_HOME=directory)
        try:
            return steady(screen)
        finally:
            screen.end(b"q")


@contextmanager
def followed(workers: int) -> Iterator[Screen]:
    """``synthtop --follow`` on the monitor file of such a build, which shows itself nowhere."""
    origins = [f"bench/package{number}" for number in range(workers)]
    with tempfile.TemporaryDirectory() as directory, written(Path(directory, "logs")):
        command = [*SYNTHTOP, "run", "--plain", f"-j{workers}", "--grace", "1s", "--throttle", "off"]
        command += ["--logs", "logs", "--monitor", "monitor.dat", "-c", "exec sleep 3600 # {}", *origins]
        environment = {"XDG_RUNTIME_DIR": directory, "PYTHONPATH": SOURCE}
        builder = subprocess.Popen(
            command, cwd=directory, env={**ENVIRONMENT, **environment}, stdout=subprocess.DEVNULL
        )
        screen = Screen([*SYNTHTOP, "--follow", "monitor.dat"], directory, **environment)
        try:
            yield screen
        finally:
            screen.end(b"q")
            builder.terminate()
            builder.wait()


def follow(workers: int) -> Cost:
    with followed(workers) as screen:
        return steady(screen)


def run(workers: int, source: str = SOURCE) -> Cost:
    with build(workers, source) as screen:
        return steady(screen)


def beside_before() -> Iterator[Figure]:
    """The main screen beside that of :data:`BEFORE`, by turns; where there is no history, not at all."""
    with tempfile.TemporaryDirectory() as directory:
        archive = subprocess.run(
            ["git", "-C", SOURCE, "archive", BEFORE, "synthtop"], stdout=subprocess.PIPE, check=False
        )
        if archive.returncode:
            print(f"  {BEFORE} is not there: nothing to be compared with", file=sys.stderr)
            return
        subprocess.run(["tar", "-x", "-C", directory], input=archive.stdout, check=True)
        pairs = [(run(FEW, directory), run(FEW)) for _ in range(2 * ROUNDS - 1)]
    for what, ratios in (
        ("", tuple(now.cpu / before.cpu for before, now in pairs)),
        (", what draws", tuple(now.drawing / before.drawing for before, now in pairs)),
    ):
        name = f"screen: {FEW} workers, to {BEFORE}{what}"
        yield Figure(name, statistics.median(ratios), "×", None if what else 1.1, runs=ratios)


def beside_btop() -> Iterator[Figure]:
    """By turns, so that a noisy minute falls on all of them."""
    few: list[Cost] = []
    many: list[Cost] = []
    theirs: list[Cost] = []
    others: list[Cost] = []
    for _ in range(ROUNDS):
        if shutil.which("btop"):
            others.append(btop())
        few.append(run(FEW))
        theirs.append(follow(FEW))
        many.append(run(MANY))

    def median(costs: list[Cost]) -> Cost:
        return Cost(*(statistics.median(column) for column in zip(*costs, strict=True)))

    def both(name: str, costs: list[Cost], budget: float | None = None) -> Iterator[Figure]:
        middle = median(costs)
        yield Figure(f"screen: {name}", middle.cpu, "% of a core", runs=tuple(cost.cpu for cost in costs))
        if costs is not others:
            drawing = tuple(cost.drawing for cost in costs)
            yield Figure(f"screen: {name}, what draws", middle.drawing, "% of a core", runs=drawing)
        sent = tuple(cost.bytes / 1000 for cost in costs)
        yield Figure(f"screen: {name}, to the terminal", middle.bytes / 1000, "KB/s", budget, runs=sent)

    if not others:
        print("  btop is not there: nothing to be compared with", file=sys.stderr)
    yield from both(f"synthtop run, {FEW} workers", few, 5.0)
    yield from both(f"synthtop run, {MANY} workers", many)
    yield from both(f"synthtop --follow, {FEW} workers", theirs, 5.0)
    ratios = tuple(their.cpu / own.cpu for their, own in zip(theirs, few, strict=True))
    yield Figure("screen: a followed build to an own one", statistics.median(ratios), "×", 1.0, runs=ratios)
    if others:
        yield from both("btop", others)
        ratios = tuple(own.cpu / other.cpu for own, other in zip(few, others, strict=True))
        yield Figure(
            f"screen: {FEW} workers to btop", statistics.median(ratios), "×", 1.5, runs=ratios, note="aim 1.0"
        )
    pairs = list(zip(many, few, strict=True))
    for what, ratios in (
        ("", tuple(own.cpu / other.cpu for own, other in pairs)),
        (", what draws", tuple(own.drawing / other.drawing for own, other in pairs)),
    ):
        ratio = statistics.median(ratios)
        yield Figure(f"screen: {MANY} workers to {FEW}{what}", ratio, "×", 1.2, runs=ratios)


def first_frame() -> Iterator[Figure]:
    """Until the header stands there, to until a textual app of one widget says hello."""
    own: list[float] = []
    other: list[float] = []
    with tempfile.TemporaryDirectory() as directory:
        for _ in range(7):
            small = Screen([sys.executable, "-c", ONE_WIDGET], directory)
            other.append(small.until(lambda seen: b"hello" in seen))
            small.end(b"\x11")
            command = [*SYNTHTOP, "run", "-j2", "--no-monitor", "--grace", "1s", "-c", "exec sleep 3600 # {}"]
            screen = Screen([*command, "a/b"], directory, PYTHONPATH=SOURCE, XDG_RUNTIME_DIR=directory)
            own.append(screen.until(lambda seen: b"Elapsed" in seen))
            screen.end(b"q", b"s")
    value, runs = median_of(iter(own).__next__, len(own))
    yield Figure("screen: first frame of a build", value * 1e3, "ms", runs=tuple(s * 1e3 for s in runs))
    small_value, runs = median_of(iter(other).__next__, len(other))
    yield Figure(
        "screen: first frame of a one-widget textual app",
        small_value * 1e3,
        "ms",
        runs=tuple(s * 1e3 for s in runs),
    )
    yield Figure("screen: first frame, to that of a one-widget textual app", value / small_value, "×", 1.4)


def keys() -> Iterator[Figure]:
    """From a key press to the mark on the row that it chooses, with many workers."""
    taken = []
    with build(MANY) as screen:
        screen.until(lambda seen: len(seen) > 200)
        screen.pump(SETTLE)
        screen.press(b"\x1b[B")  # the first row: from there it can go down and up again
        for number in range(60):
            # Not at the same moment of each second: the tick has its own output.
            screen.pump(0.15 + number % 10 / 100)
            while screen.read(0.02):
                pass
            pressed = time.perf_counter()
            screen.press(b"\x1b[A" if number % 2 else b"\x1b[B")
            seen = b""
            while "›".encode() not in seen and time.perf_counter() - pressed < UNANSWERED:
                seen += screen.read(0.5)
            taken.append((time.perf_counter() - pressed) * 1e3)
    taken.sort()
    yield Figure(
        f"screen: a key's answer with {MANY} workers, the 95th of 100",
        taken[int(len(taken) * 0.95)],
        "ms",
        50.0,
        runs=tuple(taken),
    )


def figures() -> Iterator[Figure]:
    yield from first_frame()
    yield from keys()
    yield from beside_btop()
    yield from beside_before()
