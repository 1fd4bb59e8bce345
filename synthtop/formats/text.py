"""``monitor.dat`` as text: twelve ``Key=value`` lines, in a fixed order, nothing else."""

from __future__ import annotations

import math
import re

from ..model import BuildState, HostSample, Snapshot, Source, SourceKind, Totals
from . import FormatError

KEYS = (
    "Load", "Swap", "Workers", "DynMax", "Rate", "Impulse",
    "Elapsed", "Queued", "Built", "Failed", "Ignored", "Skipped",
)  # fmt: skip
_INTEGER = re.compile(r"[0-9]{1,15}")
_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,15})?")


def encode(snapshot: Snapshot) -> bytes:
    """The file's bytes. A figure that is unknown is 0: the format has no other word for it."""
    totals = snapshot.totals
    host = snapshot.host
    return (
        f"Load={_finite(host.load):.2f}\n"
        f"Swap={_finite(host.swap_pct):.0f}\n"
        f"Workers={snapshot.active or 0}/{snapshot.max_workers or 0}\n"
        f"DynMax={snapshot.dynmax or 0}\n"
        f"Rate={_finite(snapshot.rate):.1f}\n"
        f"Impulse={snapshot.impulse or 0}\n"
        f"Elapsed={snapshot.elapsed or 0}\n"
        f"Queued={totals.queued or 0}\n"
        f"Built={totals.built}\n"
        f"Failed={totals.failed}\n"
        f"Ignored={totals.ignored}\n"
        f"Skipped={totals.skipped}\n"
    ).encode("ascii")


def _finite(value: float | None) -> float:
    return value if value is not None and math.isfinite(value) else 0.0


def decode(data: bytes, *, now: float) -> Snapshot:
    """What the file says at epoch second ``now``; keys in any order, unknown ones ignored.

    FormatError names the key that is missing or malformed. The file does not say whether its build
    still runs: the state is ``building``, and whoever knows about its lock decides.
    """
    values: dict[str, str] = {}
    for line in data.decode("utf-8", "replace").split("\n"):
        key, equals, value = line.partition("=")
        if equals and key in KEYS:
            values[key] = value
    for key in KEYS:
        if key not in values:
            raise FormatError(f"no {key}= line: expected {', '.join(KEYS)}")

    def integer(key: str, text: str | None = None) -> int:
        found = values[key] if text is None else text
        if not _INTEGER.fullmatch(found):
            raise FormatError(f"{key}={values[key][:40]!r}: expected {_expected(key)}")
        return int(found)

    def number(key: str) -> float:
        if not _NUMBER.fullmatch(values[key]):
            raise FormatError(f"{key}={values[key][:40]!r}: expected a number, 0 or more")
        return float(values[key])

    active, _, workers = values["Workers"].partition("/")
    elapsed = integer("Elapsed")
    return Snapshot(
        seq=0,
        state=BuildState.BUILDING,
        time=now,
        source=Source(SourceKind.TEXT),
        started=now - elapsed,
        elapsed=elapsed,
        active=integer("Workers", active),
        max_workers=integer("Workers", workers),
        dynmax=integer("DynMax"),
        host=HostSample(load=number("Load"), swap_pct=float(integer("Swap"))),
        rate=number("Rate"),
        impulse=integer("Impulse"),
        totals=Totals(*(integer(key) for key in ("Queued", "Built", "Failed", "Ignored", "Skipped"))),
    )


def _expected(key: str) -> str:
    return "two whole numbers, as in 3/4" if key == "Workers" else "a whole number, 0 or more"
