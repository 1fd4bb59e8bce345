"""The packages of a log that have ended: those that are begun again have not."""

from __future__ import annotations

import pytest

from synthtop.follow.ended import Ended
from synthtop.model import Finished, Outcome, Totals


def ended(*packages: tuple[str, Outcome]) -> Ended:
    made = Ended()
    for at, (origin, outcome) in enumerate(packages):
        made.add(Finished(origin, outcome, at))
    return made


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.SKIPPED])
def test_what_is_begun_again_has_not_ended_and_does_not_count(outcome: Outcome) -> None:
    made = ended(("a/a", outcome), ("b/b", Outcome.BUILT), ("c/c", Outcome.FAILED))
    made.begin("a/a")
    assert [one.origin for one in made.view()] == ["b/b", "c/c"]
    assert made.totals == Totals(None, built=1, failed=1)
    made.add(Finished("a/a", Outcome.BUILT, 9))
    assert [one.origin for one in made.view()] == ["b/b", "c/c", "a/a"]
    assert made.totals == Totals(None, built=2, failed=1)


def test_one_that_fails_again_counts_once() -> None:
    made = ended(("a/a", Outcome.FAILED))
    for at in (5, 6):
        made.begin("a/a")
        made.add(Finished("a/a", Outcome.FAILED, at))
    assert [(one.origin, one.at) for one in made.view()] == [("a/a", 6)]
    assert made.totals.failed == 1


@pytest.mark.parametrize("outcome", [Outcome.BUILT, Outcome.IGNORED, Outcome.META])
def test_what_cannot_be_tried_again_stays_where_it_is(outcome: Outcome) -> None:
    made = ended(("a/a", outcome))
    made.begin("a/a")
    made.begin("never/seen")
    assert len(made.view()) == 1
    assert getattr(made.totals, outcome) == 1


def test_what_is_lost_again_without_having_been_begun_has_ended_once() -> None:
    # Queued again with the failure that blocked it, and skipped again as that failed again.
    made = ended(("a/a", Outcome.FAILED), ("b/b", Outcome.SKIPPED))
    made.begin("a/a")
    for at, (origin, outcome) in enumerate([("a/a", Outcome.FAILED), ("b/b", Outcome.SKIPPED)], 5):
        made.add(Finished(origin, outcome, at))
    assert [(one.origin, one.at) for one in made.view()] == [("a/a", 5), ("b/b", 6)]
    assert made.totals == Totals(None, failed=1, skipped=1)
