"""What an earlier run in a logs directory has built, what of that still holds, and what has failed.

The lists say what was built and what failed, ``resume.json`` beside them from which entry of the plan each
package was built, and what failed in runs before the last one and waits to be built.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..formats.resultlog import parse
from ..model import LogKind, Outcome
from ..text import clean
from .logsdir import LogsDirectory
from .package import Package, Plan
from .resultlogs import LISTS, ResultLogs

LEDGER = "resume.json"
_VERSION = 1
_MOST = 64 << 20
"""Bytes of a list: that of 800,000 packages."""
_MOST_OF_LEDGER = 32 << 20
_LINE = re.compile(rb"^\[[^\n]*\n", re.M)
_LONGEST = 1024
"""Bytes of a line that are looked at."""


class ResumeError(Exception):
    """What an earlier run left is not there, or cannot be read. ``str(error)`` says what, and what to do."""


class NothingFailed(Exception):
    """Only what failed was to be built, and nothing did. ``str(error)`` says so; it is nobody's fault."""


@dataclass(frozen=True, slots=True, eq=False)
class Resumed:
    """What a build of ``plan`` finds done.

    ``built`` are the origins that need not be built; ``changed`` were built from another entry of the plan,
    and are to be built again. ``failed`` are those of the plan that failed and were not built since.
    ``known``: there was an earlier run. ``notes`` say that to a person. ``lines`` is what the list of built
    packages has to be from now on, None where it is that already; ``entries`` are the fingerprints of what
    stands in it and not in the plan, ``waiting`` all that failed and was not built since.
    """

    plan: Plan
    built: frozenset[str]
    changed: tuple[str, ...]
    failed: tuple[str, ...]
    known: bool
    notes: tuple[str, ...]
    lines: bytes | None
    entries: Mapping[str, str]
    waiting: tuple[str, ...]


def resumed(logs: str, plan: Plan, only_failed: bool = False) -> Resumed:
    """What the runs so far in the directory ``logs`` mean for ``plan``. Reads only.

    With ``only_failed`` its ``plan`` is what of ``plan`` failed and was not built since, with all that this
    needs; NothingFailed where that is nothing. ResumeError for a list that cannot be read, and where there
    was no run of which something could have failed.
    """
    list_, found = _built_in(logs)
    known = list_ is not None
    ledger = _Ledger.of(logs)
    waiting = tuple(o for o in dict.fromkeys((*ledger.failed, *_failed_in(logs))) if o not in found)
    failed = _buildable(plan, waiting)
    if only_failed:
        if not failed and not known:
            raise ResumeError(clean(f"{logs}: no earlier run: nothing can have failed in it"))
        if not failed:
            raise NothingFailed(
                clean(f"nothing to build: nothing of this plan failed in {logs} and was not built since")
            )
        plan = plan.select(failed)
    now = fingerprints(plan.packages)
    before = [origin for origin in now if origin in found]
    changed = tuple(o for o in before if ledger.entries.get(o, now[o]) != now[o])
    for origin in changed:
        del found[origin]
    lines = b"".join(found.values())
    return Resumed(
        plan=plan,
        built=frozenset(before).difference(changed),
        changed=changed,
        failed=failed,
        known=known,
        notes=tuple(_notes(plan, known, len(before), changed, ledger.problem, failed if only_failed else ())),
        lines=None if lines == (list_ or b"") else lines,
        entries={o: entry for o, entry in ledger.entries.items() if o in found and o not in now},
        waiting=waiting,
    )


def begin(
    logs: LogsDirectory, plan: Plan, before: Resumed | None, report: Callable[[str], None]
) -> ResultLogs:
    """The lists of a build of ``plan``, which goes on with what is in ``before``, or begins anew.

    OSError where lists cannot be had. Killed between any two steps it leaves what can be resumed.
    """
    if before is None:
        lists = ResultLogs(logs.path, report, logs.retake)
        _note_entries(logs, fingerprints(plan.packages), (), report)
        return lists
    # In this order: an entry noted anew must not vouch for a line that was written for the one before, and
    # what failed has to wait in the ledger before it goes out of its list.
    if before.lines is not None:
        logs.write(LISTS[LogKind.BUILT], before.lines, lasting=True)
    _note_entries(logs, {**before.entries, **fingerprints(plan.packages)}, before.waiting, report)
    for note in before.notes:
        report(note)
    return ResultLogs(logs.path, report, logs.retake, resumed=True)


def fingerprints(packages: Iterable[Package]) -> dict[str, str]:
    """What tells the entry of each package from another one that builds something else, by its origin.

    That is its phases with their commands, its environment and what it needs; not its limits of time and
    memory. What is ignored has none: it is not built.
    """
    shared: dict[tuple[int, int, bool], Any] = {}  # many packages have the same phases and environment
    found = {}
    for package in packages:
        if package.ignore is not None:
            continue
        key = id(package.phases), id(package.env), package.scan
        begun = shared.get(key)
        if begun is None:
            phases = [(phase.name, phase.command) for phase in package.phases]
            text = json.dumps((phases, package.scan, sorted(package.env.items())))
            begun = shared[key] = hashlib.blake2b(text.encode(), digest_size=12)
        digest = begun.copy()
        digest.update("\n".join(("", *sorted(package.needs))).encode("utf-8", "surrogatepass"))
        found[package.origin] = digest.hexdigest()
    return found


class _Ledger:
    """``resume.json`` as it was found. ``problem`` is why nothing of it is known, None where all is."""

    def __init__(self, entries: Mapping[str, str], failed: Collection[str], problem: str | None) -> None:
        self.entries = entries
        self.failed = failed
        self.problem = problem

    @classmethod
    def of(cls, logs: str) -> _Ledger:
        """What stands in the one in ``logs``: one that is broken is as none."""
        try:
            data = _contents(os.path.join(logs, LEDGER), _MOST_OF_LEDGER)
        except OSError as error:
            return cls({}, (), f"{LEDGER} cannot be read ({error.strerror})")
        if data is None:
            return cls({}, (), f"there is no {LEDGER}")
        try:
            found = json.loads(data)
        except (ValueError, RecursionError):
            return cls({}, (), f"{LEDGER} is broken")
        if isinstance(found, dict) and found.get("version") == _VERSION:
            entries, failed = found.get("packages"), found.get("failed")
            if isinstance(entries, dict) and isinstance(failed, list):
                texts = all(isinstance(text, str) for text in (*entries.values(), *failed))
                if texts:
                    return cls(entries, failed, None)
        return cls({}, (), f"{LEDGER} is not one of this version")


def _note_entries(
    logs: LogsDirectory, entries: Mapping[str, str], failed: Collection[str], report: Callable[[str], None]
) -> None:
    """Write the ledger. Where that fails there is none, since an old one would vouch for other entries.

    OSError where it can be neither written nor removed.
    """
    text = json.dumps({"version": _VERSION, "failed": list(failed), "packages": entries})
    try:
        logs.write(LEDGER, text + "\n")
    except OSError as error:
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(logs.path, LEDGER))
        report(
            f"{LEDGER} cannot be written ({error.strerror}): --resume will not see what changes in the plan"
        )


def _built_in(logs: str) -> tuple[bytes | None, dict[str, bytes]]:
    """The list of what was built, None where there is none; and the last line in it of each origin."""
    data = _listed(logs, LogKind.BUILT)
    return data, dict(_ended(data, Outcome.BUILT))


def _failed_in(logs: str) -> list[str]:
    return [origin for origin, _ in _ended(_listed(logs, LogKind.FAILED), Outcome.FAILED)]


def _ended(data: bytes | None, outcome: Outcome) -> Iterator[tuple[str, bytes]]:
    """The packages in a list that ended so, each with its line."""
    for match in _LINE.finditer(data or b""):
        line = match[0]
        if len(line) <= _LONGEST:
            with suppress(UnicodeDecodeError):
                package = parse(line.decode()).package
                # Half a line, with none of what stands at its end, may name another package.
                if package and package.outcome is outcome and package.duration is not None:
                    yield package.origin, line


def _listed(logs: str, kind: LogKind) -> bytes | None:
    path = os.path.join(logs, LISTS[kind])
    try:
        return _contents(path, _MOST)
    except OSError as error:
        raise ResumeError(
            clean(f"{path}: cannot read it: {error.strerror}; move it away to build all anew")
        ) from error


def _contents(path: str, most: int) -> bytes | None:
    """The bytes of a file, None where there is none. OSError where it is no file, or larger than ``most``."""
    try:
        # Not opened to find out: who waits to write into a FIFO would take us for its reader.
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", path)
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with open(descriptor, "rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most >> 20} MiB", path)
    return data


def _buildable(plan: Plan, origins: Iterable[str]) -> tuple[str, ...]:
    """Those of ``origins`` that the plan has and does not ignore."""
    known = {package.origin for package in plan.packages if package.ignore is None}
    return tuple(origin for origin in origins if origin in known)


def _notes(
    plan: Plan,
    known: bool,
    before: int,
    changed: Collection[str],
    problem: str | None,
    failed: Collection[str],
) -> Iterable[str]:
    """What a person is told of it: one line each. ``failed``: these alone are to be built."""
    if failed:
        needed = len(plan.packages) - len(failed)
        those, they = (
            ("1 package", "it needs") if len(failed) == 1 else (f"{len(failed)} packages", "they need")
        )
        yield f"only what failed: {those}, and {needed} that {they}"
    if not known:
        yield "resume: nothing was built here before"
        return
    total = sum(package.ignore is None for package in plan.packages)
    since = f", {len(changed)} of them changed since" if changed else ""
    yield f"resume: {before} of {total} {'was' if before == 1 else 'were'} built before{since}"
    if before and problem is not None:
        yield f"resume: {problem}: whether they changed since is not known"
