"""One package in one slot: its phases as processes, its log, its end.

Decides nothing about other packages and starts nothing by itself: the runner calls it when a
process ended, once a second, and when the build is to stop.
"""

from __future__ import annotations

import enum
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from ..formats import results
from ..model import Outcome
from .growth import LogGrowth
from .package import Package, Phase
from .processes import JobLayer
from .template import expand

_RULE = "-" * 79
_STOPPED = 3.0
"""Seconds between two looks at a job above which we must have been stopped ourselves."""


class Workplace(NamedTuple):
    """What all jobs of a build share: directories, environment and the number of make jobs.

    ``work`` is the directory under which each package gets one of its own; ``directory`` where
    commands run; ``timeout`` the seconds without output for all phases (0: none), None for each phase's own.
    """

    logs: str
    work: str
    directory: str
    env: Mapping[str, str]
    jobs: int
    timeout: float | None
    grace: float


class Due(enum.Enum):
    """What has to be done to a job whose time is up."""

    TERMINATE = enum.auto()
    KILL = enum.auto()


class End(NamedTuple):
    """How a package ended. ``reason`` is None when it was built. ``by_hand``: somebody wanted it to."""

    outcome: Outcome
    phase: str
    reason: str | None
    by_hand: bool = False


def workdir_of(package: Package, place: Workplace) -> str:
    """The package's own directory."""
    return os.path.join(place.work, os.path.splitext(results.log_name(package.origin))[0])


def values_of(package: Package, phase: str, slot: int, place: Workplace) -> dict[str, str]:
    """What the placeholders stand for, and without braces the SYNTHTOP_ variables."""
    return {
        "origin": package.origin,
        "category": package.category,
        "name": package.name,
        "flavor": package.flavor or "",
        "phase": phase,
        "slot": str(slot),
        "logs": place.logs,
        "workdir": workdir_of(package, place),
        "jobs": str(place.jobs),
    }


def command_of(
    package: Package, phase: Phase, slot: int, place: Workplace
) -> tuple[tuple[str, ...], dict[str, str]]:
    """The argv and the environment of one phase. A string command goes to /bin/sh."""
    values = values_of(package, phase.name, slot, place)
    command = expand(phase.command, values)
    argv = ("/bin/sh", "-c", command) if isinstance(command, str) else command
    env = {**place.env, **package.env}
    for name, value in values.items():
        env["SYNTHTOP_" + name.upper()] = value
    return argv, env


class Job:
    """A package that is being built. ``lines``, ``phase`` and ``log`` are what the screen shows.

    ``pid`` is the running phase's process, session and group; None before and after. ``argv`` is what it was
    given. ``leader`` was that of the last phase that ended. ``grown`` says whether the log had grown at the
    last look.
    """

    def __init__(self, package: Package, slot: int, place: Workplace, layer: JobLayer, now: float) -> None:
        """Makes the package's work directory and begins its log, keeping an earlier one as ``.1``.

        OSError where that fails.
        """
        self.package = package
        self.slot = slot
        self.log = os.path.join(place.logs, results.log_name(package.origin))
        self.pid: int | None = None
        self.argv: tuple[str, ...] = ()
        self.phase = package.phases[0].name
        self.stopped = False
        self.grown = False
        self._place = place
        self._layer = layer
        self._index = -1
        self._failure: str | None = None
        self._fails_as = Outcome.FAILED
        self._by_hand = False
        self._kill_at: float | None = None
        self.leader: int | None = None
        self._grew = self._looked = now
        os.makedirs(workdir_of(package, place), exist_ok=True)
        os.makedirs(place.logs, exist_ok=True)
        earlier = self.log + ".1"
        kept = False
        with suppress(FileNotFoundError):
            os.rename(self.log, earlier)
            kept = True
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        self._output = os.open(self.log, flags, 0o644)
        try:
            self._write_rule(f"Phase: {self.phase}")
        except OSError:
            os.close(self._output)
            with suppress(OSError):  # as it was: another try must not put an empty log over the earlier one
                os.unlink(self.log)
                if kept:
                    os.rename(earlier, self.log)
            raise
        self._growth = LogGrowth(self._output, package.scan)

    @property
    def lines(self) -> int:
        return self._growth.lines

    def next_phase(self, now: float) -> End | None:
        """Start the phase after this one; the package's end if there is none or it cannot be started."""
        self._index += 1
        if self._index == len(self.package.phases):
            return self._end(Outcome.BUILT, None)
        phase = self.package.phases[self._index]
        self.phase = phase.name
        self._grew = self._looked = now
        argv, env = command_of(self.package, phase, self.slot, self._place)
        try:
            if self._index > 0:
                with suppress(OSError):  # a full disk: what runs then says so itself
                    self._write_rule(f"Phase: {phase.name}")
            self.pid = self._layer.spawn(argv, env, self._place.directory, self._output)
            self.argv = argv
        except OSError as error:
            return self._end(Outcome.FAILED, not_started(error))
        return None

    def exited(self, code: int, now: float) -> End | None:
        """The running phase ended with ``code``; the package's end, or None.

        It is None if another phase runs now, which ``pid`` tells, or if what the phase left still has to end.
        """
        self.leader, self.pid = self.pid, None
        if self._failure is not None:
            return self.linger(now)
        if self.stopped:
            return self._end(Outcome.FAILED, "stopped")
        if code:
            return self._end(Outcome.FAILED, _said(code))
        return self.next_phase(now)

    def linger(self, now: float) -> End | None:
        """The package's end once all has ended that a phase left whose time was up, by force if need be.

        It has its grace time as the phase itself had; afterwards it must not disturb the next package.
        """
        assert self._failure is not None
        assert self.leader is not None
        assert self._kill_at is not None
        if now < self._kill_at and self._layer.lingers(self.leader):
            return None
        self._layer.kill((self.leader,))
        return self._end(self._fails_as, self._failure)

    def hurry(self, now: float) -> None:
        """The grace time is over."""
        self._kill_at = now

    def was_held(self, seconds: float) -> None:
        """It stood still for so long: that counts for no time limit."""
        self._grew += seconds
        self._looked += seconds
        if self._kill_at is not None:
            self._kill_at += seconds

    def look(self, now: float) -> Due | None:
        """Read the log's growth and see to the time limits. Called about once a second."""
        away = now - self._looked
        self._looked = now
        if away > _STOPPED:
            # We did not run, and neither did the job: that is no silence of its own.
            self._grew += away
        try:
            grown = self._growth.read()
        except OSError:
            # An unreadable log is no reason to stop a build, nor to call the job silent.
            self._grew = now
            self.grown = True
        else:
            self.grown = bool(grown.size)
            if self.grown:
                self._grew = now
            self.phase = grown.phase or self.phase
        if self._kill_at is not None:
            return Due.KILL if now >= self._kill_at else None
        limit = self._place.timeout
        if limit is None:
            limit = self.package.phases[self._index].timeout
        if not limit or now - self._grew < limit:
            return None
        return self.give_up(Outcome.FAILED, f"timed out: no output for {limit:g} s", now)

    def give_up(self, outcome: Outcome, reason: str, now: float, *, by_hand: bool = False) -> Due:
        """It is not waited for any more, and ends as ``outcome``; what is to be done to its processes.

        Where they were asked to end before, whyever, that stands, and there is no more grace.
        """
        if self._kill_at is not None:
            self._kill_at = now
            return Due.KILL
        self._failure = reason
        self._fails_as = outcome
        self._by_hand = by_hand
        self.asked_to_end(now)
        return Due.TERMINATE

    def stop(self, now: float) -> None:
        """The build is stopped: this package did not fail, unless it was given up before."""
        self.stopped = self._failure is None
        self.asked_to_end(now)

    def asked_to_end(self, now: float) -> None:
        """Its processes were asked to end: :meth:`look` says when the grace time is over."""
        if self._kill_at is None:
            self._kill_at = now + self._place.grace

    def _write_rule(self, text: str) -> None:
        """A line of our own between two rules, also behind output that ends in the midst of a line."""
        size = os.fstat(self._output).st_size
        before = "\n" if size > 0 and os.pread(self._output, 1, size - 1) != b"\n" else ""
        os.write(self._output, f"{before}{_RULE}\n-- {text}\n{_RULE}\n".encode())

    def _end(self, outcome: Outcome, reason: str | None) -> End:
        with suppress(OSError):
            scanned = self._growth.read_all()
            self.phase = scanned or self.phase
        if reason is not None and not self.stopped:
            with suppress(OSError):
                self._write_rule(reason)
        os.close(self._output)
        return End(outcome, self.phase, reason, self._by_hand)


def not_started(error: OSError) -> str:
    """Why a package or a process could not start, as a person says it."""
    what = f" ({error.filename})" if error.filename else ""
    return f"could not start: {error.strerror or error}{what}"


def _said(code: int) -> str:
    if code > 0:
        return f"exit status {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
