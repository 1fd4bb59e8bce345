"""What becomes of packages that end, and of those that depend on them: told to queue, collector and lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..collector import Collector
from ..formats import results
from ..model import LogKind, Outcome
from .job import End
from .package import Package
from .queue import Queue, Skipped
from .resultlogs import ResultLogs


class Endings:
    """``failed`` are the origins that have failed and were not retried since. Before one has, it is tried
    ``tries`` times more.

    The result lists are only added to: a package that is retried stays in the list of the failed ones, and
    what it blocked in that of the skipped ones. Each comes into another list too when it has ended again.
    """

    def __init__(self, queue: Queue, collector: Collector, lists: ResultLogs, tries: int = 0) -> None:
        self.failed: set[str] = set()
        self._queue = queue
        self._collector = collector
        self._lists = lists
        self._tries = tries
        self._tried: dict[str, int] = {}

    def already_built(self, origins: Iterable[str]) -> None:
        """They need not be built: nobody waits for them."""
        origins = list(origins)
        self._queue.drop(origins)
        for origin in origins:
            self._lists.write(LogKind.NOTE, results.already_built_line(origin))

    def ignored(self, package: Package) -> None:
        """The plan says that it is not to be built."""
        blocks = self._queue.blocks(package.origin)
        skipped = self._queue.failed(package.origin)
        ended = self._collector.record_completion(
            package.origin, Outcome.IGNORED, reason=package.ignore, blocks=blocks
        )
        self._lists.write(LogKind.IGNORED, results.completion_line(ended))
        self._give_up(skipped)

    def tried_again(self, package: Package, slot: int, end: End) -> bool:
        """Whether a package that ended so in ``slot`` is tried once more: it has not ended then."""
        origin = package.origin
        tried = self._tried.get(origin, 0)
        if end.outcome is not Outcome.FAILED or end.by_hand or tried >= self._tries:
            return False
        self._tried[origin] = tried + 1
        self._queue.again(origin)
        why = f"{origin} failed in {end.phase}: {end.reason}"
        self.note(f"retry {tried + 1} of {self._tries}: {why}", slot)
        return True

    def note(self, text: str, slot: int) -> None:
        """Say this of what is in ``slot``, in the list at once: before whatever comes next there."""
        self._collector.log(text, slot)
        self._lists.write(LogKind.NOTE, results.note_line(slot, text))

    def ended(self, package: Package, slot: int, end: End) -> None:
        """Count the end of a package in ``slot`` and write it down, before what depends on it may start."""
        self._tried.pop(package.origin, None)
        blocks = 0
        skipped: list[Skipped] = []
        if end.outcome is not Outcome.BUILT:
            blocks = self._queue.blocks(package.origin)
            skipped = self._queue.failed(package.origin)
        if end.outcome is Outcome.FAILED:
            self.failed.add(package.origin)
        ended = self._collector.record_completion(
            package.origin, end.outcome, slot=slot, reason=end.reason, phase=end.phase, blocks=blocks
        )
        self._lists.write(LogKind(end.outcome.value), results.completion_line(ended))
        self._give_up(skipped)
        if end.outcome is Outcome.BUILT:
            self._queue.built(package.origin)

    def _give_up(self, skipped: Sequence[Skipped]) -> None:
        for origin, because in skipped:
            ended = self._collector.record_completion(origin, Outcome.SKIPPED, reason=because)
            self._lists.write(LogKind.SKIPPED, results.completion_line(ended))

    def retry(self, origins: Iterable[str]) -> None:
        """Queue those of ``origins`` that have failed again, and what was skipped because of them alone.

        What another one blocks as well stays skipped, from now on because of that.
        """
        again = [origin for origin in dict.fromkeys(origins) if origin in self.failed]
        if not again:
            return
        waiting = [origin for failed in again for origin in self._queue.retry(failed)]
        self.failed.difference_update(again)
        others = self._queue.blamed_anew(again)
        self._collector.record_retry([*waiting, *(origin for origin, _ in others)])
        self._collector.log(_retried(again, len(waiting) - len(again)))
        self._give_up(others)


def _retried(origins: Sequence[str], blocked: int) -> str:
    """``retry: editors/vim, and 3 that it blocked``."""
    more = f" and {len(origins) - 1} more" if len(origins) > 1 else ""
    those = f", and {blocked} that {'they' if more else 'it'} blocked" if blocked else ""
    return f"retry: {origins[0]}{more}{those}"
