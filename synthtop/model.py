"""The ground floor: what a build looks like at one moment, as immutable values.

No I/O, no clock, no third-party import. A :class:`Snapshot` is complete: whoever
holds one needs nothing else to draw the main screen or to write a monitor file.
What is made a thousand at a time is a NamedTuple: a frozen slotted dataclass costs
three times as much to make.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar, overload

T = TypeVar("T")


class Outcome(enum.StrEnum):
    """How a package ended. The words are dsynth's."""

    BUILT = "built"
    FAILED = "failed"
    IGNORED = "ignored"
    SKIPPED = "skipped"
    META = "meta"


class WorkerState(enum.StrEnum):
    """What a slot is doing, in dsynth's words and in dsynth's order."""

    NONE = "none"
    IDLE = "idle"
    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    FROZEN = "frozen"
    EXITING = "exiting"


HOLDING = frozenset({WorkerState.PENDING, WorkerState.RUNNING, WorkerState.DONE})
"""The states in which a slot holds a package and counts as active."""


class BuildState(enum.StrEnum):
    """The state of a whole build.

    ``gone``: it ended without saying so (lock free, or process dead).
    ``stale``: a source without a lock that is too old.
    """

    WAITING = "waiting"
    BUILDING = "building"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    GONE = "gone"
    STALE = "stale"
    UNREADABLE = "unreadable"


class Stopping(enum.StrEnum):
    """How a build is being ended, each stage stronger than the one before."""

    DRAINING = "draining"
    STOPPING = "stopping"
    KILLING = "killing"


class SourceKind(enum.StrEnum):
    """Where a snapshot's numbers come from."""

    RUN = "run"
    EVENTS = "events"
    TEXT = "text"
    JSON = "json"
    DSYNTH = "dsynth"
    REPORT = "report"
    POUDRIERE = "poudriere"
    LOG = "log"


class LogKind(enum.StrEnum):
    """What an event line is about."""

    START = "start"
    BUILT = "built"
    FAILED = "failed"
    IGNORED = "ignored"
    SKIPPED = "skipped"
    META = "meta"
    THROTTLE = "throttle"
    STALLED = "stalled"
    NOTE = "note"


KIND_OF = {outcome: LogKind(outcome.value) for outcome in Outcome}
"""The kind of the event line that tells of an outcome."""


class PhaseSpan(NamedTuple):
    """A phase that a package has come to, ``began`` whole seconds after its slot took it. It lasts until the
    next one begins."""

    name: str
    began: int


class WorkerRow(NamedTuple):
    """One slot at one moment.

    ``started`` is the epoch second at which the slot took its package, ``elapsed``
    the whole seconds since then (monotonic: not their difference after the wall
    clock was set). ``lines`` counts the log's lines, ``log`` is its path. All but
    ``slot`` and ``state`` are None where the source does not know, and in an idle slot.
    ``stalled`` says that neither phase nor log has moved for longer than the phase's watchdog time. ``cpu``
    (percent of one core) and ``rss`` (bytes of resident memory) are those of all processes in the slot, of
    which only an own build knows, and only while somebody wants to. ``phases`` are those so far, the present
    one last.
    """

    slot: int
    state: WorkerState
    phase: str | None = None
    origin: str | None = None
    started: float | None = None
    elapsed: int | None = None
    lines: int | None = None
    log: str | None = None
    stalled: bool = False
    cpu: float | None = None
    rss: int | None = None
    phases: tuple[PhaseSpan, ...] = ()


class LogLine(NamedTuple):
    """One event line. ``at`` is the build's elapsed second, None where a log without times was found when
    following began; ``slot`` is None for the master.

    ``seq`` counts from 1 without gaps. ``text`` is what ``00_last_results.log`` says, not padded.
    """

    seq: int
    at: int | None
    slot: int | None
    kind: LogKind
    text: str


class Finished(NamedTuple):
    """One package that has ended. ``at``, the build's elapsed second, and ``duration`` are whole seconds,
    each None where it is not known."""

    origin: str
    outcome: Outcome
    at: int | None
    slot: int | None = None
    phase: str | None = None
    reason: str | None = None
    duration: int | None = None
    lines: int | None = None
    log: str | None = None
    blocks: int = 0


class View(Sequence[T], Generic[T]):
    """A :class:`Ledger` as it was at one tick: bounded by its length then, never copied."""

    __slots__ = ("_items", "_stop")

    def __init__(self, items: Sequence[T] = (), stop: int | None = None) -> None:
        self._items = items
        self._stop = len(items) if stop is None else stop

    def __len__(self) -> int:
        return self._stop

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return [self._items[i] for i in range(*index.indices(self._stop))]
        if index < 0:
            index += self._stop
        if not 0 <= index < self._stop:
            raise IndexError(f"index {index} outside a view of {self._stop}")
        return self._items[index]

    def __iter__(self) -> Iterator[T]:
        items = self._items
        return (items[i] for i in range(self._stop))

    def continues(self, before: View[T]) -> bool:
        """Whether ``before``, an earlier view, is the beginning of this one: nothing of it was let go."""
        known = len(before)
        return len(self) >= known and (not known or (self[known - 1] is before[-1] and self[0] is before[0]))

    def tail(self, count: int) -> Sequence[T]:
        """The last ``count`` items, oldest first."""
        return self[max(0, self._stop - count) :]

    def __repr__(self) -> str:
        return f"<View of {self._stop}>"


LOG_KEPT = 10_000
"""Event lines that a snapshot's log has at least, once there were so many."""
FINISHED_KEPT = 50_000
"""Finished packages that a snapshot has at least: more than any ports tree."""


class Ledger(Generic[T]):
    """What only grows. Readers take a :meth:`view` and are never disturbed by later appends.

    At least the last ``keep`` items are there; what is older is let go now and then by moving
    on to a new list, so that views taken before keep the old one.
    """

    __slots__ = ("_items", "_keep", "total")

    def __init__(self, keep: int) -> None:
        self._items: list[T] = []
        self._keep = keep
        self.total = 0

    def append(self, item: T) -> None:
        items = self._items
        if len(items) >= 2 * self._keep:
            self._items = items = items[-self._keep :]
        items.append(item)
        self.total += 1

    def view(self) -> View[T]:
        return View(self._items, len(self._items))

    def drop(self, leaves: Callable[[T], bool]) -> None:
        """Let go of the items of which ``leaves`` is true; views taken before keep them."""
        self._items = [item for item in self._items if not leaves(item)]


class Source(NamedTuple):
    """Who says the numbers: the kind of source, its path (None for a build of our own),
    the host it runs on, the build's name, and the directory of its package logs and result lists."""

    kind: SourceKind
    path: str | None = None
    host: str | None = None
    name: str | None = None
    logs: str | None = None


class Space(NamedTuple):
    """A file system that a build writes to, by one of its directories: bytes ``free``, of ``total``."""

    path: str
    free: int
    total: int


class Process(NamedTuple):
    """One process of a package: ``depth`` below the phase's own, which has 0.

    ``command`` is its arguments with blanks between, as they were given: text from outside. ``cpu`` is
    percent of one core since the look before, None at the first; ``rss`` bytes of resident memory.
    """

    pid: int
    depth: int
    command: str
    cpu: float | None
    rss: int


class Inside(NamedTuple):
    """What is known of a slot of an own build beside its row.

    ``command`` is what the present phase runs. ``processes`` are its process tree, each parent before its
    children, as it was ``age`` seconds ago; ``problem`` says why there are none.
    """

    command: str | None
    processes: tuple[Process, ...] = ()
    age: float | None = None
    problem: str | None = None


class Listed(NamedTuple):
    """A build that could be shown: where its files are, and how far it is.

    ``path`` is what would be followed. ``done`` and ``queued`` count packages, ``elapsed`` and ``age`` whole
    seconds: how long it took so far, and since when nothing has changed. ``written`` is the epoch second at
    which that was. None: its files don't say.
    """

    name: str
    path: str
    kind: SourceKind
    state: BuildState
    done: int | None = None
    queued: int | None = None
    failed: int = 0
    elapsed: int | None = None
    age: int | None = None
    written: float | None = None


class Pressure(NamedTuple):
    """Linux pressure stall information: percent of the last 10 s in which some task waited."""

    cpu: float | None = None
    memory: float | None = None
    io: float | None = None


class HostSample(NamedTuple):
    """What a probe found: each figure a number, or None where it is unknown.

    ``load`` is the adjusted 1-minute load average; ``swap_pct`` 0..100; ``cpu_pct`` of all cores
    together, 0..100; memory in bytes. ``problems`` says why a figure is unknown, one line each.
    """

    load: float | None = None
    ncpus: int | None = None
    swap_pct: float | None = None
    no_swap: bool = False
    cpu_pct: float | None = None
    memory_total: int | None = None
    memory_available: int | None = None
    pressure: Pressure = Pressure()
    problems: tuple[str, ...] = ()


class Totals(NamedTuple):
    """The build's counts. ``remaining`` is what is neither done nor given up, never negative.

    ``queued``, and with it ``remaining``, is None where the source does not say how much is to be done.
    ``meta`` has what else is done without being built: what poudriere only fetched or inspected.
    """

    queued: int | None = 0
    built: int = 0
    failed: int = 0
    ignored: int = 0
    skipped: int = 0
    meta: int = 0

    @property
    def done(self) -> int:
        return self.built + self.failed + self.ignored + self.skipped + self.meta

    @property
    def remaining(self) -> int | None:
        return None if self.queued is None else max(0, self.queued - self.done)


SILENT_AFTER = 30
"""Seconds without news after which a followed build that holds its lock is shown as not updating."""


class Eta(NamedTuple):
    """Seconds to go, and the half width of its uncertainty in seconds."""

    seconds: int
    plus_minus: int


class Memory(NamedTuple):
    """Bytes that running packages declare, and the bytes that the build may use."""

    running: int | None = None
    target: int | None = None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Snapshot:
    """One build at one moment. Compared by identity: two are never equal by accident.

    ``seq`` counts the build's snapshots from 1; ``time`` and ``started`` are epoch seconds,
    ``elapsed`` whole monotonic seconds since the start. ``max_workers`` slots are configured,
    ``dynmax`` of them may hold a package now for ``reason`` (None while not throttled), as the
    throttle ``policy`` found. ``rate`` is packages per hour over 60 s, ``impulse`` completions in
    the last whole second, ``run_rate`` and ``impulse_10m`` dsynth's pair (packages per hour over
    the whole run, and over 10 minutes). ``age`` is how many whole seconds ago the source last said anything
    new, None for a build of our own; ``problem`` what is in the way of reading it. ``holder`` is the process
    that builds, where it is a followed synthtop of this user's. ``builds`` are those that could be shown,
    said while none is; ``stalled`` is how many slots are. ``low_space`` are the file systems that the build
    is about to fill. ``queue`` are the origins of all that is to be built, whether it has ended or not, as
    far as the source names them. None: not said.
    """

    seq: int
    state: BuildState
    time: float
    source: Source
    started: float | None = None
    elapsed: int | None = None
    active: int | None = None
    max_workers: int | None = None
    dynmax: int | None = None
    policy: str | None = None
    reason: str | None = None
    stopping: Stopping | None = None
    age: int | None = None
    problem: str | None = None
    holder: int | None = None
    host: HostSample = HostSample()
    memory: Memory = Memory()
    rate: float | None = None
    impulse: int | None = None
    run_rate: float | None = None
    impulse_10m: float | None = None
    totals: Totals = Totals()
    eta: Eta | None = None
    workers: tuple[WorkerRow, ...] = ()
    log: View[LogLine] = field(default_factory=View)
    finished: View[Finished] = field(default_factory=View)
    stalled: int = field(init=False, default=0)
    builds: tuple[Listed, ...] = ()
    low_space: tuple[Space, ...] = ()
    queue: Sequence[str] = ()

    def __post_init__(self) -> None:
        # Once: it is asked for several times a second, and there may be a thousand slots.
        object.__setattr__(self, "stalled", sum([row.stalled for row in self.workers]))

    @property
    def throttled(self) -> bool:
        """Whether fewer slots may hold a package than are configured."""
        return self.dynmax is not None and self.max_workers is not None and self.dynmax < self.max_workers

    @property
    def silent(self) -> bool:
        """Whether a build that is still there has said nothing new for too long.

        Whoever sends events says something only when something happens.
        """
        if self.state is not BuildState.BUILDING or self.source.kind is SourceKind.EVENTS:
            return False
        return self.age is not None and self.age >= SILENT_AFTER

    @property
    def is_build(self) -> bool:
        """Whether it tells of a build: neither is one waited for, nor is it not to be read."""
        return self.state not in (BuildState.WAITING, BuildState.UNREADABLE)

    @property
    def lost(self) -> bool:
        """Whether its last numbers are all that there will be, of a build that did not say how it ended."""
        return self.state in (BuildState.GONE, BuildState.STALE)

    @property
    def over(self) -> bool:
        """Whether this build will not change any more."""
        return self.state in (BuildState.FINISHED, BuildState.INTERRUPTED, BuildState.GONE)


_TWO_DIGITS = tuple(f"{number:02d}" for number in range(100))
"""Formatting each anew costs four times as much, and durations are said for every package and row."""


def hms(seconds: int | None) -> str:
    """Seconds as ``HH:MM:SS``; hours may pass 99. None is ``--:--:--``."""
    if seconds is None:
        return "--:--:--"
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    hours = _TWO_DIGITS[hour] if hour < 100 else str(hour)
    return f"{hours}:{_TWO_DIGITS[minute]}:{_TWO_DIGITS[second]}"
