"""How a run, a package and a minute stand in the tables. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..model import BuildState, Outcome, SourceKind, Totals
from .record import Minute, PackageRecord, Run

_INSIDE = "*/"
"""Begins the log of a package in its run's logs directory: most are, and it would be half of the file."""


def stored(text: str | None) -> str | bytes | None:
    """``text`` as SQLite takes it: a file name may be no UTF-8."""
    if text is None or text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def told(value: Any) -> Any:
    """The text that was :func:`stored`, or None; ValueError for anything else."""
    if value is not None and not isinstance(value, str | bytes):
        raise ValueError("a number where a text belongs")
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value


def check_figures(values: Iterable[Any]) -> None:
    """ValueError where one of them is neither a number nor None: SQLite keeps whatever it is given."""
    for value in values:
        if value is not None and not isinstance(value, int | float):
            raise ValueError("a text where a number belongs")


def stored_log(log: str | None, logs: str | None) -> str | bytes | None:
    """The path of a package's log, of a run with this logs directory."""
    if log is None:
        return None
    if logs and log.startswith(logs) and log[len(logs) :].startswith("/"):
        log = f"*{log[len(logs) :]}"
    elif log.startswith("*"):
        log = f"*{log}"
    return stored(log)


def told_log(value: Any, logs: str | None) -> str | None:
    """The path that was :func:`stored_log`."""
    log: str | None = told(value)
    if log is None or not log.startswith("*"):
        return log
    return f"{logs or ''}{log[1:]}" if log.startswith(_INSIDE) else log[1:]


RUN_COLUMNS = (
    "name, kind, own, path, logs, started, ended, updated, state, elapsed, workers,"
    " average_rate, peak_rate, peak_load, queued, built, failed, ignored, skipped, meta"
)
"""Of the table, in the order of :func:`run_values`; ``id`` and ``host`` are not among them."""


def run_values(run: Run) -> tuple[object, ...]:
    return (
        stored(run.name),
        run.kind.value,
        int(run.own),
        stored(run.path),
        stored(run.logs),
        run.started,
        run.ended,
        run.updated,
        run.state.value,
        run.elapsed,
        run.workers,
        run.average_rate,
        run.peak_rate,
        run.peak_load,
        *run.totals,
    )


def run_of(id: int, host: Any, row: Sequence[Any]) -> Run:
    """The run of this number and host, from its :data:`RUN_COLUMNS`. ValueError for a word that is none."""
    name, kind, own, path, logs, started, ended, updated, state, *rest = row
    elapsed, workers, average_rate, peak_rate, peak_load, *totals = rest
    check_figures((started, ended, updated, *rest))
    if None in (started, updated, elapsed, *totals[1:]):
        raise ValueError("no number where one belongs")
    return Run(
        id,
        told(host),
        told(name),
        SourceKind(kind),
        bool(own),
        told(path),
        told(logs),
        started,
        ended,
        updated,
        BuildState(state),
        elapsed,
        workers,
        average_rate,
        peak_rate,
        peak_load,
        Totals(*totals),
    )


PACKAGE_COLUMNS = "outcome, phase, reason, started, duration, lines, log"
"""Of the table, in the order of :func:`package_values`."""


def package_values(package: PackageRecord, logs: str | None) -> tuple[object, ...]:
    return (
        package.outcome.value,
        stored(package.phase),
        stored(package.reason),
        package.started,
        package.duration,
        package.lines,
        stored_log(package.log, logs),
    )


_OUTCOMES = {outcome.value: outcome for outcome in Outcome}


def package_of(origin: Any, row: Sequence[Any], logs: str | None) -> PackageRecord:
    """The package of a run with this logs directory, from its :data:`PACKAGE_COLUMNS`. KeyError for an
    outcome that is none."""
    outcome, phase, reason, started, duration, lines, log = row
    check_figures((started, duration, lines))
    return PackageRecord(
        told(origin),
        _OUTCOMES[outcome],
        told(phase),
        told(reason),
        started,
        duration,
        lines,
        told_log(log, logs),
    )


MINUTE_COLUMNS = ", ".join(Minute._fields)
