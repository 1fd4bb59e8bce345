"""One build that a stream of events tells of: what each event does to it."""

from __future__ import annotations

import os

from ..collector import Collector
from ..formats import events
from ..formats.results import log_name
from ..model import Outcome, WorkerState

_NAMES_TOLD = 20
"""Unknown events that are told by name: a stream may have any number of them."""
_TRIED = (Outcome.BUILT, Outcome.FAILED)


class ToldBuild:
    """Reports to ``collector`` what is told of the build that ``began`` says.

    ``over`` is whether it has ended, ``queue_said`` whether it is known how much is to be done, ``has_slots``
    whether any slot was ever spoken of, ``latest`` the monotonic second of its last event. An event that
    cannot be is a ValueError, and changes nothing.
    """

    def __init__(self, began: events.Begin, collector: Collector, latest: float) -> None:
        self.collector = collector
        self.latest = latest
        self.over = False
        self.queue_said = began.queued is not None
        self.has_slots = self._slots_said = began.workers is not None
        self._logs = began.logs
        self._without_log: set[int] = set()
        self._in_slot: dict[int, str] = {}
        self._slot_of: dict[str, int] = {}
        self._malformed = 0
        self._unknown = 0
        self._unknown_names: set[str] = set()
        collector.record_queued(began.queued or 0)

    # -- what each event does ---------------------------------------------------------------------

    def queued(self, event: events.Queued) -> None:
        self.queue_said = True
        self.collector.record_queued(event.n, event.origins)

    def start(self, event: events.Start) -> None:
        slot, origin = event.slot, event.origin
        self._use(slot)
        self._leave(slot)
        self._slot_of[origin], self._in_slot[slot] = slot, origin
        log = event.log
        if log is None and self._logs is not None and (log := self._log_of(origin)) is None:
            self._without_log.add(slot)
        self.collector.record_worker_update(slot, WorkerState.RUNNING, origin, event.phase, log=log)

    def phase(self, event: events.Phase) -> None:
        self._check_held(event.slot)
        self.collector.record_worker_update(event.slot, WorkerState.RUNNING, phase=event.phase)

    def lines(self, event: events.Lines) -> None:
        self._check_held(event.slot)
        self.collector.record_worker_update(event.slot, WorkerState.RUNNING, lines=event.n)

    def done(self, event: events.Done) -> None:
        origin, outcome, slot = event.origin, event.outcome, event.slot
        if slot is not None:
            self._use(slot)
        if slot is None or self._in_slot.get(slot) != origin:
            slot = self._slot_of.get(origin, slot)
        if slot is not None and self._in_slot.get(slot) == origin:
            self._leave(slot)
        log = self._log_of(origin) if self._logs is not None and outcome in _TRIED else None
        if not self.queue_said:
            self.collector.record_queued(1)
        self.collector.record_completion(
            origin,
            outcome,
            slot=slot,
            reason=event.reason,
            phase=event.phase,
            duration=event.duration,
            log=log,
        )

    def log(self, event: events.Log) -> None:
        if event.slot is not None:
            self._use(event.slot)
        self.collector.log(event.text, event.slot)

    def end(self, event: events.End) -> None:
        if self.over:
            raise ValueError("end: the build was over already")
        self.over = True
        self.sum_up()
        self._in_slot.clear()
        self._slot_of.clear()
        self.collector.finish(event.state)

    # -- slots and logs ---------------------------------------------------------------------------

    def _use(self, slot: int) -> None:
        """See to it that there is such a slot. ValueError where the build was said to have fewer."""
        if slot >= self.collector.workers:
            if self._slots_said:
                raise ValueError(f"slot: expected 0..{self.collector.workers - 1}, found {slot}")
            self.collector.grow(slot + 1)
        self.has_slots = True

    def _leave(self, slot: int) -> None:
        """``slot`` holds nothing any more."""
        origin = self._in_slot.pop(slot, None)
        if origin is not None and self._slot_of.get(origin) == slot:
            del self._slot_of[origin]
        self._without_log.discard(slot)

    def _check_held(self, slot: int) -> None:
        """ValueError where ``slot`` holds no package. A log that was not there at its start may be by now."""
        origin = self._in_slot.get(slot)
        if origin is None:
            raise ValueError(f"slot {slot} holds no package")
        if slot in self._without_log and (log := self._log_of(origin)) is not None:
            self._without_log.discard(slot)
            self.collector.record_worker_update(slot, WorkerState.RUNNING, log=log)

    def _log_of(self, origin: str) -> str | None:
        path = os.path.join(self._logs or "", log_name(origin))
        return path if os.path.isfile(path) else None

    # -- what was left out ------------------------------------------------------------------------

    def malformed(self, why: str, count: int = 1) -> None:
        """``count`` lines are left out; ``why`` the first was is told, if they are the build's first."""
        if self._malformed == 0:
            self.collector.log(why)
        self._malformed += count

    def unknown(self, name: str, why: str) -> None:
        """An event called ``name`` is left out; the first of each name is told."""
        self._unknown += 1
        if name not in self._unknown_names and len(self._unknown_names) < _NAMES_TOLD:
            self._unknown_names.add(name)
            self.collector.log(why)

    def sum_up(self) -> None:
        """Say how much was left out, where it was more than has been told."""
        if self._malformed > 1:
            self.collector.log(f"{self._malformed} malformed lines of the stream were left out")
        if self._unknown > len(self._unknown_names):
            self.collector.log(f"{self._unknown} unknown events of the stream were left out")
