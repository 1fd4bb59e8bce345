"""The history for scripts: the names and values that its JSON and CSV have. The names are fixed. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..history.record import Built, Minute, PackageRecord, Run
from ..text import clean

SCHEMA = 1
"""Of the JSON documents."""
_COUNTS = ("queued", "built", "failed", "ignored", "skipped", "meta", "remaining")
RUN_FIELDS = tuple(name for name in Run._fields if name != "totals") + _COUNTS
"""The columns of runs as CSV, in JSON too but for the counts, which are in ``totals`` there."""
PACKAGE_FIELDS = PackageRecord._fields
MINUTE_FIELDS = Minute._fields
BUILT_FIELDS = ("run", "host", "name", *PACKAGE_FIELDS)
_WORDS: Mapping[bool, str] = {True: "true", False: "false"}


def run_fields(run: Run) -> dict[str, Any]:
    """A run by the names of :data:`RUN_FIELDS`."""
    totals = run.totals
    return _known({**run._asdict(), **totals._asdict(), "remaining": totals.remaining}, RUN_FIELDS)


def package_fields(package: PackageRecord) -> dict[str, Any]:
    """A package by the names of :data:`PACKAGE_FIELDS`."""
    return _known(package._asdict(), PACKAGE_FIELDS)


def minute_fields(minute: Minute) -> dict[str, Any]:
    """A minute by the names of :data:`MINUTE_FIELDS`."""
    return _known(minute._asdict(), MINUTE_FIELDS)


def built_fields(built: Built) -> dict[str, Any]:
    """How a package went in a run, by the names of :data:`BUILT_FIELDS`."""
    return _known({**built.package._asdict(), **built._asdict()}, BUILT_FIELDS)


def run_object(run: Run) -> dict[str, Any]:
    """A run as JSON has it: its counts are one object."""
    flat = run_fields(run)
    return {
        **{name: value for name, value in flat.items() if name not in _COUNTS},
        "totals": {name: flat[name] for name in _COUNTS},
    }


def json_text(**content: object) -> str:
    """One JSON document on one line, in ASCII, that says its schema."""
    import json

    return json.dumps({"schema": SCHEMA, **content}, separators=(",", ":"), allow_nan=False)


def csv_lines(names: Sequence[str], rows: Iterable[Mapping[str, object]]) -> Iterable[str]:
    """A header and a line for each of ``rows``, without their ends.

    What is unknown is empty. Text is made fit for a terminal and has no line breaks.
    """
    import csv

    writer = csv.writer(_Echo(), lineterminator="")
    yield str(writer.writerow(names))  # what the file's write() returns
    for row in rows:
        yield str(writer.writerow([_cell(row[name]) for name in names]))


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def _known(values: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """``values`` in the order of ``names``, with null for a number that JSON cannot say."""
    return {
        name: None if isinstance(values[name], float) and not math.isfinite(values[name]) else values[name]
        for name in names
    }


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return _WORDS[value]
    return clean(value) if isinstance(value, str) else value
