"""The questions before something is ended: a build of our own, another one, a single package."""

from __future__ import annotations

from ..model import HOLDING, Snapshot, Source, Stopping, WorkerRow, hms
from ..text import clean
from .question import Answer, Question


def answers_at(stage: Stopping | None) -> tuple[Answer, ...]:
    """What can still be asked of a build at ``stage`` of its end, the mildest first."""
    if stage is None:
        return Answer.DRAIN, Answer.STOP, Answer.BACK
    if stage is Stopping.DRAINING:
        return Answer.STOP, Answer.BACK
    return Answer.KILL, Answer.BACK


def _packages(running: int | None) -> str:
    packages = "Packages are" if running is None else f"{running} packages are"
    return "1 package is" if running == 1 else packages


def lead_for(stage: Stopping | None, running: int | None) -> str:
    """How things stand, in one sentence."""
    if stage is None:
        return f"{_packages(running)} being built."
    return f"{_packages(running)} {'finishing' if stage is Stopping.DRAINING else 'being stopped'}."


def _mildest(answers: tuple[Answer, ...]) -> int:
    """Never one that kills."""
    return answers.index(Answer.BACK) if answers[0] is Answer.KILL else 0


class QuitDialog(Question):
    """How a build of our own at ``stage``, with so many packages ``running``, is to end."""

    def __init__(self, stage: Stopping | None, running: int | None) -> None:
        super().__init__("Quit?", lead_for(stage, running), answers_at(stage), _mildest, 3)

    def show(self, stage: Stopping | None, running: int | None) -> None:
        """Say how things stand now, and offer what can still be asked."""
        self.put(lead_for(stage, running), answers_at(stage))


_ANSWERS = (Answer.STOP, Answer.BACK)


def _harmless(answers: tuple[Answer, ...]) -> int:
    return answers.index(Answer.BACK)


class StopDialog(Question):
    """Whether the followed build of ``source``, with so many packages ``running``, is to be stopped."""

    def __init__(self, source: Source, running: int | None) -> None:
        title = f"Stop {clean(source.name)}?" if source.name else "Stop this build?"
        # Several may have one name, but never one directory.
        place = clean(source.logs or source.path or "")
        super().__init__(title, lead_for(None, running), _ANSWERS, _harmless, 2, place)

    def show(self, running: int | None) -> None:
        """Say how things stand now."""
        self.put(lead_for(None, running), _ANSWERS)


_OF_A_PACKAGE = (Answer.FAIL, Answer.SKIP, Answer.BACK)


class PackageDialog(Question):
    """Whether the package of ``row`` is to be killed or skipped."""

    def __init__(self, row: WorkerRow) -> None:
        self._slot, self._origin = row.slot, row.origin
        lead = f"In {clean(row.phase)}, {hms(row.elapsed)}" if row.phase else hms(row.elapsed)
        super().__init__("End this package?", lead, _OF_A_PACKAGE, _harmless, 3, clean(row.origin or ""))

    def still_there(self, snapshot: Snapshot) -> bool:
        """Whether the package is still in its slot."""
        return any(
            row.slot == self._slot and row.origin == self._origin and row.state in HOLDING
            for row in snapshot.workers
        )
