"""What a log of 2 GB costs: until its end is seen, to scroll in it, to search and to count it.

Each measure is a process of its own, so that its memory is: ``python -m benchmarks.logs MEASURE PATH``.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from synthtop.logfile.page import Page
from synthtop.logfile.pager import Pager

from .figure import Figure, median_of

SIZE = 2_000_000_000
LEFT = 1 << 30
"""Bytes that stay free in the temporary directory; the log is smaller where there is less."""
COLUMNS, ROWS = 200, 50
PAGES = 1000
PATIENCE = 600.0
_BLOCK = 1 << 20


def _chunk() -> bytes:
    """A megabyte of what a build writes: mostly compiler calls, some of it in colours."""
    lines = []
    size = number = 0
    while size < _BLOCK:
        flags = " ".join(f"-I/usr/local/include/part{(number + part) % 97}" for part in range(number % 5))
        lines.append(f"cc -O2 -pipe {flags} -c source{number}.c -o object{number}.o")
        if number % 20 == 0:
            lines.append(f"source{number}.c:7:3: \x1b[1;35mwarning:\x1b[0m unused variable ‘x{number}’")
        size += sum(len(line.encode()) + 1 for line in lines[-2:])
        number += 1
    return "\n".join(lines).encode()[: _BLOCK - 1] + b"\n"


def make_log(path: str, size: int) -> None:
    chunk = _chunk()
    with open(path, "wb", buffering=0) as file:
        for _ in range(size // len(chunk)):
            file.write(chunk)
        file.write(b"the end of it\n")
        # So that it can be forgotten: what is not on the disk yet is kept.
        os.fsync(file.fileno())
        _forget(file.fileno())


def _forget(descriptor: int) -> None:
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


class Watched:
    """A pager, and a way to wait until its page is as it should be."""

    def __init__(self, path: str) -> None:
        self._told = threading.Condition()
        self.pager = Pager(path, self._tell)

    def _tell(self) -> None:
        with self._told:
            self._told.notify_all()

    def wait(self, wanted: Callable[[Page], object]) -> None:
        with self._told:
            if not self._told.wait_for(lambda: wanted(self.pager.page), PATIENCE):
                raise TimeoutError(str(self.pager.page)[:400])


@contextmanager
def opened(path: str) -> Iterator[Watched]:
    watched = Watched(path)
    watched.pager.resize(COLUMNS, ROWS)
    try:
        yield watched
    finally:
        watched.pager.close(10.0)


def _memory(now: bool) -> float:
    """MB of memory that this process has, or at most had."""
    with suppress(OSError), open("/proc/self/status") as file:
        name = "VmRSS:" if now else "VmHWM:"
        for line in file:
            if line.startswith(name):
                return int(line.split()[1]) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def first_page(path: str) -> float:
    """Milliseconds from nothing to a page with the end, of a file that nobody has read lately."""
    descriptor = os.open(path, os.O_RDONLY)
    _forget(descriptor)
    os.close(descriptor)
    start = time.perf_counter()
    with opened(path) as watched:
        watched.wait(lambda page: page.rows and page.at_end)
        return (time.perf_counter() - start) * 1e3


def counted(path: str) -> float:
    """MB a second."""
    start = time.perf_counter()
    with opened(path) as watched:
        watched.wait(lambda page: page.lines is not None)
        return os.path.getsize(path) / 1e6 / (time.perf_counter() - start)


def scrolled(watched: Watched) -> None:
    for number in range(PAGES):
        above = watched.pager.page.above
        watched.pager.scroll(-ROWS if number < PAGES // 2 else ROWS)
        watched.wait(lambda page, above=above: page.above != above)


def memory(path: str) -> float:
    """MB by which memory grows at most while a log is opened, scrolled, counted and searched to its end."""
    before = _memory(now=True)
    with opened(path) as watched:
        watched.wait(lambda page: page.rows)
        scrolled(watched)
        watched.wait(lambda page: page.lines is not None)
        for regex in (False, True):
            watched.pager.search("there is no such line", regex=regex)
            watched.wait(lambda page: page.note.startswith("not found"))
        return _memory(now=False) - before


def scrolling(path: str) -> float:
    """Milliseconds for a page."""
    with opened(path) as watched:
        watched.wait(lambda page: page.lines is not None)
        start = time.perf_counter()
        scrolled(watched)
        return (time.perf_counter() - start) / PAGES * 1e3


def _searched(path: str, text: str, regex: bool) -> float:
    with opened(path) as watched:
        watched.wait(lambda page: page.lines is not None)
        start = time.perf_counter()
        watched.pager.search(text, regex=regex)
        watched.wait(lambda page: page.note.startswith("not found"))
        return os.path.getsize(path) / 1e6 / (time.perf_counter() - start)


def literal(path: str) -> float:
    return _searched(path, "no such Line", regex=False)


def either_case(path: str) -> float:
    return _searched(path, "no such line", regex=False)


def expression(path: str) -> float:
    return _searched(path, r"no such .*Line", regex=True)


MEASURES = (first_page, counted, scrolling, memory, literal, either_case, expression)


def measured(measure: Callable[[str], float], path: str) -> float:
    command = [sys.executable, "-m", "benchmarks.logs", measure.__name__, path]
    ended = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return float(json.loads(ended.stdout))


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as directory:
        size = min(SIZE, shutil.disk_usage(directory).free - LEFT)
        note = "" if size == SIZE else f"of {size / 1e9:.2g} GB: there is no room for more"
        if size < _BLOCK:
            return
        path = os.path.join(directory, "package.log")
        make_log(path, size)

        def figure(
            name: str,
            measure: Callable[[str], float],
            unit: str,
            budget: float | None = None,
            repeats: int = 3,
        ) -> Figure:
            value, runs = median_of(lambda: measured(measure, path), repeats)
            return Figure(f"log of 2 GB: {name}", value, unit, budget, runs=runs, note=note)

        yield figure("open, to the page at its end", first_page, "ms", 100.0, 7)
        yield figure(f"one of {PAGES} pages", scrolling, "ms")
        yield figure(f"memory for {PAGES} pages and two searches", memory, "MB", 20.0)
        yield figure("count its lines", counted, "MB/s")
        yield figure("search", literal, "MB/s")
        yield figure("search, either case", either_case, "MB/s")
        yield figure("search for an expression", expression, "MB/s")


if __name__ == "__main__":
    name, path = sys.argv[1:]
    print(json.dumps({measure.__name__: measure for measure in MEASURES}[name](path)))
