"""What following costs: a poll of each kind of source, changed and not, and the stream of events."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from synthtop.follow.dsynth import DsynthReader
from synthtop.follow.monitorfile import MonitorFileReader
from synthtop.follow.place import locate
from synthtop.follow.poudriere import PoudriereReader
from synthtop.follow.reader import Reader
from synthtop.follow.streams import EventReader
from synthtop.follow.tail import ResultsTail
from synthtop.formats import dsynth
from synthtop.formats import json as json_format
from synthtop.formats.results import failure_line, padded, start_line, success_line
from synthtop.model import HostSample

from .core import WORKERS, busy, snapshot
from .figure import Figure, median_of, seconds

PORTS = 30_000
LINES = 40_000
EVENTS = 300_000


def poll(
    name: str, reader: Reader, change: Callable[[int], object], budget: float | None, unchanged: float
) -> Iterator[Figure]:
    """One poll after each ``change``, in ms, and one after none, in µs."""
    numbers = iter(range(1, 1000))

    def polled(times: int) -> float:
        now = time.monotonic()
        return seconds(lambda: [reader.poll(now, time.time()) for _ in range(times)]) / times

    def after_change() -> float:
        change(next(numbers))
        return polled(1) * 1e3

    reader.poll(time.monotonic(), time.time())
    value, runs = median_of(after_change, 31)
    yield Figure(f"poll: {name}, changed", value, "ms", budget, runs=runs)
    value, runs = median_of(lambda: polled(200) * 1e6, 15)
    yield Figure(f"poll: {name}, unchanged", value, "µs", unchanged, runs=runs)
    reader.close()


def dsynth_file(directory: Path) -> Iterator[Figure]:
    """As dsynth changes it: in place, the header and every slot's lines."""
    path = directory / "logs" / "stats" / "monitor.dat"
    path.parent.mkdir(parents=True)
    collector = busy()
    path.write_bytes(dsynth.encode(collector.tick()))
    (directory / "logs" / "00_last_results.log").write_bytes(b"")
    file = os.open(path, os.O_RDWR)
    clock = time.monotonic()

    def change(number: int) -> None:
        os.pwrite(file, dsynth.encode(collector.tick(clock + number)), 0)

    yield from poll(
        f"dsynth's binary, {WORKERS} workers", DsynthReader(locate(str(path))), change, 2.0, 100.0
    )
    os.close(file)


def json_file(directory: Path) -> Iterator[Figure]:
    path = directory / "monitor.json"

    def change(number: int) -> None:
        data = json_format.encode(taken).replace(b'"elapsed":0', f'"elapsed":{number}'.encode(), 1)
        (directory / "new").write_bytes(data)
        os.rename(directory / "new", path)

    taken = snapshot()
    change(0)
    yield from poll(f"JSON, {WORKERS} workers", MonitorFileReader(locate(str(path))), change, None, 100.0)


def data_json(directory: Path) -> Iterator[Figure]:
    path = directory / ".data.json"
    ports = [
        {"origin": f"devel/port{number}", "pkgname": f"port-{number}.0", "elapsed": str(number % 4000)}
        for number in range(PORTS)
    ]

    def change(number: int) -> None:
        value = {
            "buildname": "2026-05-01_10h00m00s",
            "mastername": "141amd64-default",
            "started": "1777629600",
            "status": "parallel_build:",
            "stats": {"queued": "36000", "built": str(PORTS), "failed": "0", "ignored": "0", "skipped": "0"},
            "snap": {"elapsed": str(3600 + number), "loadavg": "(9%) 9.84 8.00 7.10", "now": "8600"},
            "jobs": [{"id": f"{job:02d}", "status": "build", "origin": "lang/rust", "pkgname": "rust-1.80.0",
                      "started": "5000", "elapsed": "5100"} for job in range(16)],
            "ports": {"built": ports, "failed": [], "ignored": [], "skipped": []},
        }  # fmt: skip
        (directory / "new").write_text(json.dumps(value))
        os.rename(directory / "new", path)

    change(0)

    def first() -> float:
        reader = PoudriereReader(locate(str(path)))
        return seconds(lambda: reader.poll(time.monotonic(), time.time())) * 1e3

    value, runs = median_of(first, 7)
    yield Figure(f"poll: poudriere's data, {PORTS} ports finished, the first", value, "ms", 60.0, runs=runs)
    name = f"poudriere's data, {PORTS} ports finished"
    yield from poll(name, PoudriereReader(locate(str(path))), change, 60.0, 100.0)


def results(directory: Path) -> Iterator[Figure]:
    path = directory / "00_last_results.log"
    lines = []
    for number in range(LINES // 2):
        origin = f"devel/package{number}"
        lines.append(padded(start_line(number % 64, origin)))
        end = (
            failure_line(number % 64, origin, 3, "build", 83)
            if number % 50 == 0
            else success_line(number % 64, origin, 83)
        )
        lines.append(padded(end))
    path.write_bytes(b"".join(lines))

    def attach() -> float:
        tail = ResultsTail(str(path), None)
        return seconds(lambda: tail.poll(943))

    value, runs = median_of(attach, 7)
    yield Figure(f"results log of {LINES} lines: attach", value, "s", 0.5, runs=runs)
    tail = ResultsTail(str(path), None)
    tail.poll(943)

    def grown() -> float:
        with path.open("ab") as file:
            file.write(b"".join(lines[2:22]))
        return seconds(lambda: tail.poll(944)) * 1e6

    value, runs = median_of(grown, 31)
    yield Figure(f"results log of {LINES} lines: 20 more", value, "µs", runs=runs)


def stream(directory: Path) -> Iterator[Figure]:
    """Packages that start, go through three phases, tell their lines and end, read from a file."""
    path = directory / "events.jsonl"
    lines = ['{"event":"begin","name":"bench","workers":64,"queued":1000000}']
    for number in range(EVENTS // 10):
        slot, origin = number % 64, f"devel/package{number}"
        lines.append(f'{{"event":"start","slot":{slot},"origin":"{origin}"}}')
        for phase in ("configure", "build", "package"):
            lines.append(f'{{"event":"phase","slot":{slot},"phase":"{phase}"}}')
            lines.append(f'{{"event":"lines","slot":{slot},"n":{number}}}')
            lines.append(f'{{"event":"lines","slot":{slot},"n":{number + 1}}}')
        lines.append(f'{{"event":"done","origin":"{origin}","outcome":"built","slot":{slot}}}')
    path.write_text("\n".join(lines[:-1]) + "\n" + lines[-1] + "\n")
    done = EVENTS // 10

    def rate() -> float:
        began = time.perf_counter()
        reader = EventReader(str(path), given=str(path), probe=HostSample)
        while reader.poll(time.monotonic(), time.time()).totals.built < done:
            time.sleep(0.01)  # the reader has a thread of its own, which is what is measured
        took = time.perf_counter() - began
        reader.close()
        return len(lines) / took

    value, runs = median_of(rate, 5)
    yield Figure("event stream", value, "events/s", 100_000.0, at_least=True, runs=runs)


def figures() -> Iterator[Figure]:
    for group in (dsynth_file, json_file, data_json, results, stream):
        with tempfile.TemporaryDirectory() as directory:
            yield from group(Path(directory))
