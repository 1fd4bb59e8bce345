"""What failed in one build of the history, and why, as far as its logs still tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual.binding import BindingType

from ..errors.cause import Cause
from ..errors.causes import Causes
from ..history.lookup import Records
from ..history.oldlog import WRITTEN_OVER, Span, log_of
from ..history.replay import Replay, span_within
from ..model import Finished, Snapshot
from ..parts import Part, Parts, Role
from ..text import clean
from ..widgets.runhead import as_of
from .asker import OldLogs
from .command import Command, bindings_of
from .failures import Failures
from .rowscreen import LOG, MOVING, RowScreen
from .subscreen import COMMON, heading


def causes_in(replay: Replay) -> Callable[[Callable[[], None]], Causes]:
    """Makes what looks for the causes: in no log that a later build has written over."""
    spans = {
        one.log: span_within(one, replay.run.started)
        for one in replay.snapshot.finished
        if one.log is not None
    }

    def find(path: str, *, phase: str | None, reason: str | None) -> Cause:
        old = log_of(path, spans.get(path))
        if old.fate == WRITTEN_OVER:
            return Cause((), problem="a later build has written over it")
        from ..errors.finding import find

        return find(old.path, phase=phase, reason=reason)

    return lambda tell: Causes(tell, find=find)


class PastFailures(OldLogs, Failures):
    """The failures of ``replay``, whatever the build that goes on does."""

    OFFERED: ClassVar[Sequence[Command[Any]]] = (*LOG, *MOVING, *COMMON)
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(OFFERED)

    def __init__(
        self,
        replay: Replay,
        records: Records,
        *,
        causes: Callable[[Callable[[], None]], Causes] | None = None,
    ) -> None:
        super().__init__(records)
        self._replay = replay
        self._make_causes = causes_in(replay) if causes is None else causes

    def span_of(self, package: Finished) -> Span | None:
        return span_within(package, self._replay.run.started)

    def headline(self) -> Parts:
        run = self._replay.run
        known, total = len(self._failures), max(len(self._failures), run.totals.failed)
        count = f"  {known:,}" if known == total else f"  {known:,} of {total:,} known"
        noted = self.noted()
        if noted:
            # There is seldom room for both.
            return (*heading("Failures"), *noted)
        named = Part(f"  run {run.id} of {clean(run.name)}", Role.TEXT)
        return *heading("Failures"), Part(count, Role.FAILED), *as_of(run, self.records.zone), named

    def take(self, snapshot: Snapshot) -> None:
        # The note's time goes by with the build that goes on.
        RowScreen.take(self, snapshot)
        self.show_failures(self._replay.snapshot)

    def _hindered(self) -> str:
        return "an earlier build cannot be retried"
