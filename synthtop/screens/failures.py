"""What failed, and why: a list, and below it what explains the failure that is marked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget

from ..errors.causes import Causes
from ..failures import Failed, Failure
from ..model import Finished, Snapshot
from ..parts import Part, Parts, Role
from ..states import READ_AS
from ..widgets.failurelist import FailureList
from ..widgets.failurepane import FailurePane
from ..widgets.rows import Rows
from .command import Command, Key, bindings_of
from .rowscreen import LOG, MOVING, RowScreen
from .subscreen import COMMON, Retry, heading

_AROUND = 2
"""Lines of title and keys."""
_ALONE_UNDER = 6
"""Lines under which there is room for the list alone."""
_SPLIT_FROM = 10
"""Lines from which there is room for more than the line of the cause."""
_LIST_AT_LEAST = 4


def split(rows: int) -> tuple[int, int]:
    """Lines of the list, its heading included, and of what stands below it, out of so many."""
    if rows < _ALONE_UNDER:
        return max(0, rows), 0
    if rows < _SPLIT_FROM:
        return rows - 1, 1
    listed = max(_LIST_AT_LEAST, round(rows * 0.36))
    return listed, rows - listed


class Failures(RowScreen):
    """``causes`` makes what looks for the causes, and is told whom to tell when one is known."""

    OFFERED: ClassVar[Sequence[Command[Any]]] = (
        LOG[0],
        Command(
            "r",
            "Have the failed package built again, and what it blocks (in a build of your own).",
            (Key("r", "screen.retry(False)"),),
            applies=lambda now: now.retriable,
            word=lambda now: "Retry",
            weight=80,
        ),
        Command(
            "R",
            "The same with all that have failed.",
            (Key("R", "screen.retry(True)"),),
            applies=lambda now: now.retriable,
            word=lambda now: "Retry all",
            weight=70,
        ),
        LOG[1],
        *MOVING,
        *COMMON,
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(OFFERED)

    class Known(Message):
        """One more cause is known. Says not which."""

    def __init__(self, *, own: bool = False, causes: Callable[[Callable[[], None]], Causes] = Causes) -> None:
        super().__init__(own=own)
        self.rows = self._list = FailureList()
        self._pane = FailurePane()
        self._make_causes = causes
        self._causes: Causes | None = None
        self._told = False
        self._failures: tuple[Failure, ...] = ()
        self._failed = Failed()

    def body(self) -> Iterator[Widget]:
        yield from (self._list, self._pane)

    # -- its life ----------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self._causes = self._make_causes(self._tell)
        self._arrange()

    def on_unmount(self) -> None:
        if self._causes is not None:
            self._causes.close()

    def _tell(self) -> None:
        """From another thread: one message at a time."""
        if not self._told:
            self._told = True
            # The loop may have ended: then nobody is there to be told.
            with suppress(RuntimeError):
                self.post_message(self.Known())

    def on_failures_known(self, message: Known) -> None:
        self._told = False
        self._explain()

    def on_resize(self) -> None:
        self._arrange()

    # -- what it shows -----------------------------------------------------------------------------

    @property
    def looked_at(self) -> Finished | None:
        marked = self._list.marked
        return marked.package if marked is not None else None

    def offset_of(self, package: Finished) -> int | None:
        cause = self._causes.of(package) if self._causes is not None else None
        return cause.offset if cause is not None else None

    def headline(self) -> Parts:
        known = len(self._failures)
        total = max(known, self.snapshot.totals.failed) if self.snapshot is not None else known
        count = f"  {known:,}" if known == total else f"  {known:,} of {total:,} known"
        return (*heading("Failures"), Part(count, Role.FAILED if total else Role.LABEL), *self.noted())

    def take(self, snapshot: Snapshot) -> None:
        super().take(snapshot)
        self.show_failures(snapshot)

    def show_failures(self, snapshot: Snapshot) -> None:
        """Show what has failed in the build of ``snapshot``."""
        self._failures = self._failed.take(snapshot.finished)
        self._list.show(self._failures, self._of_none(snapshot))
        self._arrange()
        self._explain()

    def _of_none(self, snapshot: Snapshot) -> str:
        if not snapshot.is_build:
            return "There is no build to be shown."
        read_as = READ_AS.get(snapshot.source.kind)
        if snapshot.totals.failed and read_as is not None:
            return f"What failed, {read_as} does not say."
        return "Nothing has failed." if snapshot.over else "Nothing has failed so far."

    def _arrange(self) -> None:
        listed, below = split(max(0, self.app.size.height - _AROUND))
        if not self._failures:
            listed, below = listed + below, 0
        self._list.styles.height = listed
        self._pane.styles.height = below
        self._pane.display = below > 0

    def on_rows_moved(self, message: Rows.Moved) -> None:
        self._explain()

    def _explain(self) -> None:
        """Say why the marked one failed, and have looked for it, and then for the others to be seen."""
        marked, causes = self._list.marked, self._causes
        if marked is None or causes is None:
            self._pane.show(marked, None)
            return
        cause = causes.of(marked.package)
        self._pane.show(marked, cause)
        if cause is None:
            return
        for failure in self._list.seen:
            # One at a time: whoever moves on is to wait for none of them.
            if causes.of(failure.package) is None:
                return

    # -- retrying ----------------------------------------------------------------------------------

    @property
    def retriable(self) -> bool:
        """Whether what failed can be built again."""
        return bool(self._failures) and not self._hindered()

    def _hindered(self) -> str:
        """What is in the way of building anything again; nothing where nothing is."""
        snapshot = self.snapshot
        if not self.own:
            return "only where the build runs can it be told to retry"
        if snapshot is None or snapshot.over:
            return "the build is over: nothing can be retried"
        return "the build is being ended: nothing can be retried" if snapshot.stopping is not None else ""

    def action_retry(self, every: bool) -> None:
        """Have the marked one built again, or ``every`` one."""
        marked = self._list.marked
        if marked is None:
            return
        hindered = self._hindered()
        if hindered:
            self.note(hindered)
            return
        origins = tuple(one.package.origin for one in (self._failures if every else (marked,)))
        what = origins[0] if len(origins) == 1 else f"{len(origins):,} packages"

        def told(taken: bool) -> None:
            self.note(f"asked to build {what} again" if taken else "nothing more is started")

        self.post_message(Retry(origins, told))
