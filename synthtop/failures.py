"""What has failed, and what each failure blocks. Pure."""

from __future__ import annotations

from typing import NamedTuple

from .model import Finished, Outcome, Snapshot, View


class Failure(NamedTuple):
    """A failed package, and the origins that were skipped because of it: all that are known."""

    package: Finished
    blocked: tuple[str, ...]

    @property
    def blocks(self) -> int:
        """How many packages it blocks: of some it is known how many, and not which."""
        return max(self.package.blocks, len(self.blocked))


class Failed:
    """The failures among packages that end one after another; of those only the new ones are looked at."""

    def __init__(self) -> None:
        self._ended: View[Finished] = View()
        self._failed: dict[str, Finished] = {}
        self._skipped: dict[str, str | None] = {}
        self._found: tuple[Failure, ...] = ()

    def take(self, ended: View[Finished]) -> tuple[Failure, ...]:
        """These have ended by now. The failures, in the order of :func:`failures`; the same tuple as before
        where nothing about them is new."""
        known = len(self._ended)
        if not ended.continues(self._ended):
            # Some have left it, or it is another build's.
            known = 0
            self._failed.clear()
            self._skipped.clear()
        self._ended = ended
        if self._add(ended, known) or not known:
            self._found = self._grouped()
        return self._found

    def _add(self, ended: View[Finished], start: int) -> bool:
        """Put in what has ended from the index ``start`` on; tells whether there is anything new in it."""
        failed, skipped = self._failed, self._skipped
        new = False
        for one in ended[start:]:
            outcome, origin = one.outcome, one.origin
            if origin in failed or origin in skipped:
                # It was tried again.
                new = True
                failed.pop(origin, None)
                skipped.pop(origin, None)
            if outcome is Outcome.FAILED:
                new = True
                failed[origin] = one
            elif outcome is Outcome.SKIPPED:
                new = True
                skipped[origin] = one.reason
        return new

    def _grouped(self) -> tuple[Failure, ...]:
        failed = self._failed
        blocked: dict[str, list[str]] = {}
        for origin, because in self._skipped.items():
            if because is not None and because in failed:
                blocked.setdefault(because, []).append(origin)
        found = [Failure(one, tuple(blocked.get(one.origin, ()))) for one in failed.values()]
        found.sort(key=lambda failure: (-failure.blocks, failure.package.at or 0, failure.package.origin))
        return tuple(found)


def failures(snapshot: Snapshot) -> tuple[Failure, ...]:
    """The failures of ``snapshot``, those that block most first, then in the order in which they happened.

    What has ended again since, as after a retry, is as it ended last.
    """
    return Failed().take(snapshot.finished)
