"""The question before a build is left: what it offers, says and looks like."""

from __future__ import annotations

import pytest

from synthtop.model import Stopping
from synthtop.screens.question import Answer, Choices
from synthtop.screens.quit import answers_at, lead_for

from . import builds
from .drawing import drawn, shown


@pytest.mark.parametrize(
    ("stage", "answers"),
    [
        (None, (Answer.DRAIN, Answer.STOP, Answer.BACK)),
        (Stopping.DRAINING, (Answer.STOP, Answer.BACK)),
        (Stopping.STOPPING, (Answer.KILL, Answer.BACK)),
        (Stopping.KILLING, (Answer.KILL, Answer.BACK)),
    ],
)
def test_only_what_is_stronger_than_what_was_asked_is_offered(
    stage: Stopping | None, answers: tuple[Answer, ...]
) -> None:
    assert answers_at(stage) == answers


@pytest.mark.parametrize(
    ("stage", "running", "lead"),
    [
        (None, 3, "3 packages are being built."),
        (None, 1, "1 package is being built."),
        (None, None, "Packages are being built."),
        (Stopping.DRAINING, 2, "2 packages are finishing."),
        (Stopping.KILLING, 1, "1 package is being stopped."),
    ],
)
def test_the_question_says_how_things_stand(stage: Stopping | None, running: int | None, lead: str) -> None:
    assert lead_for(stage, running) == lead


@pytest.mark.parametrize(
    ("size", "lines"),
    [
        (
            (80, 24),
            [
                "3 packages are being built.",
                "",
                "› Let the running packages finish       d",
                "  Stop now                              s",
                "  Go back                               b",
            ],
        ),
        ((20, 5), ["› Let the ru… d", "  Stop now    s", "  Go back     b"]),
    ],
)
async def test_the_question_fits_on_the_screen(size: tuple[int, int], lines: list[str]) -> None:
    async with shown(builds.building(), size, "q") as app:
        assert drawn(app, Choices) == lines
