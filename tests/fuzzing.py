"""``python -m tests.fuzzing``: throws broken files at every decoder, and wants FormatError or an answer.

Half of the inputs are valid ones spoilt, half made up. Each comes from the seed and its own number alone, so
one that does harm can be had again. What was decoded must be fit to be written and read again, too.
"""

from __future__ import annotations

import argparse
import os
import random
import shlex
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from synthtop.formats import FormatError, dsynth, events, json, poudriere, report, resultlog, text
from synthtop.formats.sniff import HEAD, sniff
from synthtop.model import Snapshot

from . import builds, samples
from .spoiling import made_up, spoilt

NOW = samples.NOW
_SHOWN = 2000
"""Bytes of a harmful input that are printed."""


class Format(NamedTuple):
    """What is tried: ``decode`` raises FormatError or nothing, and accepts each of ``valid``."""

    decode: Callable[[bytes], object]
    valid: Sequence[bytes]


class Harm(NamedTuple):
    """An input at which a decoder failed otherwise than by FormatError: its number, and a traceback."""

    number: int
    data: bytes
    error: str


def _written_again(snapshot: Snapshot) -> None:
    """Whatever was read can be written in each format, and what was written is valid."""
    json.decode(json.encode(snapshot))
    text.decode(text.encode(snapshot), now=NOW)
    dsynth.decode(dsynth.encode(snapshot), now=NOW)
    report.decode(report.encode(snapshot, 1), now=NOW)


def _text(data: bytes) -> None:
    _written_again(text.decode(data, now=NOW))


def _json(data: bytes) -> None:
    _written_again(json.decode(data))


_DSYNTH_BEFORE = dsynth.decode(samples.dsynth(), now=NOW - 1)
_POUDRIERE_BEFORE = poudriere.decode(samples.poudriere(), now=NOW - 1)


def _dsynth(data: bytes) -> None:
    _written_again(dsynth.decode(data, now=NOW, before=_DSYNTH_BEFORE))


def _report(data: bytes) -> None:
    report.files_of(data)
    _written_again(report.decode(data, now=NOW))


def _history(data: bytes) -> None:
    finished = report.decode_history(data)
    report.decode_history(report.encode_history(1, finished))


def _poudriere(data: bytes) -> None:
    _written_again(poudriere.decode(data, now=NOW, before=_POUDRIERE_BEFORE))


def _resultlog(data: bytes) -> None:
    for line in data.decode("utf-8", "replace").split("\n"):
        resultlog.is_result(line)
        resultlog.parse(line)


def _events(data: bytes) -> None:
    refused: FormatError | None = None
    for line in data.split(b"\n"):
        if not line.strip():
            continue
        try:
            event = events.parse(line)
        except FormatError as error:
            refused = error
        else:
            events.parse(events.encode(event))
    if refused is not None:
        raise refused


def _sniff(data: bytes) -> None:
    sniff(data)
    sniff(data[:HEAD], len(data))


_LINES = b"""\
[003] START   devel/foo@py311                      idep=12 depi=03/02 dep=0.41G
[003] SUCCESS devel/foo@py311                                          00:01:23
[007] FAILURE lang/bar 14                                    configure 00:01:09
[XXX] lang/baz 2 ignored due to BROKEN: does not fetch
[XXX] lang/qux skipped due to lang/bar
[004] IGNORD x11/foo - reason
[004] SKIPPD x11/bar 3 - reason
[XXX] devel/meta meta-node complete
[XXX] shells/zsh Already-Built
[XXX] Load=14.20 ( 7) Swap=1.20% ( 8) Mem=3.10G( 8) Adjust Workers 8->7
"""
_STREAM = b"""\
{"event":"begin","name":"nightly","workers":4,"queued":3,"logs":"/tmp/logs","time":1777629600.0}
{"event":"queued","n":2}
{"event":"queued","origins":["devel/gmake","lang/rust"]}
{"event":"start","slot":0,"origin":"devel/gmake","phase":"fetch","log":"/tmp/logs/devel___gmake.log"}
{"event":"phase","slot":0,"phase":"build"}
{"event":"lines","slot":0,"n":1234}
{"event":"done","origin":"devel/gmake","outcome":"failed","slot":0,"reason":"exit 1","phase":"build"}
{"event":"log","text":"a word","slot":0}
{"event":"end","state":"finished"}
"""
_VALID: Mapping[str, Sequence[bytes]] = {
    "text": (samples.text(), samples.gosynth_text()),
    "json": (json.encode(builds.building()), json.encode(builds.waiting())),
    "dsynth": (
        samples.dsynth(),
        samples.dsynth("1.02"),
        samples.dsynth("1.02", ints=15),
        samples.dsynth("1.01"),
    ),
    "report": (samples.summary(), samples.summary(active=0, without=("meta",), swapinfo="-    ")),
    "history": (samples.history(), samples.history(())),
    "poudriere": (
        samples.poudriere(),
        samples.poudriere(status="crashed:build", ended="1777633200", jobs=[]),
        samples.poudriere(
            ports={
                "tobuild": [{"origin": "lang/rust", "pkgname": "rust-1.80.0", "flavor": "nightly"}],
                "queued": [{"origin": "devel/gmake", "pkgname": "gmake-4.4", "reason": "listed"}],
                "fetched": [{"origin": "x11/xterm", "pkgname": "xterm-390"}],
            }
        ),
    ),
    "resultlog": (samples.results(), samples.gosynth_results(), _LINES),
    "events": (_STREAM, *_STREAM.splitlines()),
}
_DECODERS: Mapping[str, Callable[[bytes], object]] = {
    "text": _text,
    "json": _json,
    "dsynth": _dsynth,
    "report": _report,
    "history": _history,
    "poudriere": _poudriere,
    "resultlog": _resultlog,
    "events": _events,
}
FORMATS: dict[str, Format] = {
    **{name: Format(_DECODERS[name], valid) for name, valid in _VALID.items()},
    "sniff": Format(_sniff, [data for valid in _VALID.values() for data in valid]),
}


def inputs(name: str, seed: int, first: int, count: int) -> Iterator[tuple[int, bytes]]:
    """``count`` inputs for a format, from number ``first`` on, each with its number."""
    valid = FORMATS[name].valid
    for number in range(first, first + count):
        rng = random.Random(f"{seed} {name} {number}")
        yield number, (spoilt(rng, valid) if number % 2 else made_up(rng, valid))


def harm_of(decode: Callable[[bytes], object], number: int, data: bytes) -> Harm | None:
    """What comes of one input, None if nothing bad does."""
    try:
        with suppress(FormatError):
            decode(data)
    except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
        return Harm(number, data, traceback.format_exc())
    return None


def harm(name: str, *, seed: int = 1, first: int = 0, count: int) -> Iterator[Harm | None]:
    """Tries inputs, one after the other: what each does, None for no harm."""
    decode = FORMATS[name].decode
    for number, data in inputs(name, seed, first, count):
        yield harm_of(decode, number, data)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing", description=__doc__)
    parser.add_argument(
        "formats", nargs="*", metavar="FORMAT", help=f"of {', '.join(FORMATS)}; all by default"
    )
    parser.add_argument("--count", type=int, default=100_000, help="inputs for each format (%(default)s)")
    parser.add_argument(
        "--seed", type=int, default=int.from_bytes(os.urandom(4)), help="a random one by default"
    )
    parser.add_argument("--first", type=int, default=0, help="the number of the first input (%(default)s)")
    said = parser.parse_args(argv)
    for name in said.formats:
        if name not in FORMATS:
            parser.error(f"no format {name!r}: expected some of {', '.join(FORMATS)}")
    _say(f"seed {said.seed}\n")
    wrong = sum(_tried(name, said.seed, said.first, said.count) for name in said.formats or FORMATS)
    _say(f"{wrong} inputs did harm\n" if wrong else "nothing but FormatError\n")
    return 1 if wrong else 0


def _tried(name: str, seed: int, first: int, count: int) -> int:
    """Tries one format and prints how that goes. How many inputs did harm."""
    began = last = slow_since = time.monotonic()
    slowest, wrong, done = (0.0, first), 0, 0
    live = sys.stdout.isatty()
    for done, found in enumerate(harm(name, seed=seed, first=first, count=count), 1):
        now = time.monotonic()
        slowest = max(slowest, (now - slow_since, first + done - 1))
        slow_since = now
        if found is not None:
            wrong += 1
            again = shlex.join(("--seed", str(seed), "--first", str(found.number), "--count", "1", name))
            more = f" … ({len(found.data)} bytes)" if len(found.data) > _SHOWN else ""
            shown = f"{found.error}{found.data[:_SHOWN]!r}{more}"
            _say(f"\n{shown}\nagain: python -m tests.fuzzing {again}\n")
        if live and now - last >= 0.5:
            last = now
            _say(f"\r{name:10} {done:7} of {count}")
    took = time.monotonic() - began
    rate = done / took if took else 0.0
    seconds, number = slowest
    _say(
        f"{chr(13) * live}{name:10} {done:7} inputs, {wrong} did harm; {took:.0f} s, {rate:.0f}/s, "
        f"the slowest {seconds * 1000:.0f} ms (number {number})\n"
    )
    return wrong


def _say(words: str) -> None:
    sys.stdout.write(words)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
