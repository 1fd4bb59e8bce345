"""The phases of followed packages: from the first look on, and never from another package."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.follow.ended import Ended
from synthtop.follow.seenphases import SeenPhases
from synthtop.model import (
    BuildState,
    Finished,
    Outcome,
    PhaseSpan,
    Snapshot,
    Source,
    SourceKind,
    WorkerRow,
    WorkerState,
)

RUNNING = WorkerState.RUNNING


def snapshot(*rows: WorkerRow) -> Snapshot:
    return Snapshot(
        seq=1, state=BuildState.BUILDING, time=0.0, source=Source(SourceKind.DSYNTH), workers=rows
    )


def row(
    phase: str | None, elapsed: int | None, origin: str | None = "devel/gmake", slot: int = 0
) -> WorkerRow:
    return WorkerRow(slot, RUNNING, phase, origin, 1e9, elapsed, 7, "/l")


def phases(seen: SeenPhases, *rows: WorkerRow) -> list[tuple[PhaseSpan, ...]]:
    return [row.phases for row in seen.add(snapshot(*rows)).workers]


def test_a_phase_begins_when_it_is_seen_first() -> None:
    seen = SeenPhases()
    for phase, elapsed in (("fetch", 100), ("fetch", 101), ("build", 130), ("build", 131)):
        [found] = phases(seen, row(phase, elapsed))
    assert found == (PhaseSpan("fetch", 100), PhaseSpan("build", 130))


def test_the_rest_of_a_row_stays_as_it_is() -> None:
    said = row("fetch", 3)._replace(stalled=True, cpu=1.5, rss=4096)
    [filled] = SeenPhases().add(snapshot(said)).workers
    assert filled == said._replace(phases=(PhaseSpan("fetch", 3),))
    assert type(filled) is WorkerRow


def test_another_package_in_the_slot_has_none_of_the_phases_before() -> None:
    seen = SeenPhases()
    phases(seen, row("build", 100))
    assert phases(seen, row("build", 0, "lang/rust")) == [(PhaseSpan("build", 0),)]


def test_the_same_package_from_its_beginning_again_is_another_one() -> None:
    seen = SeenPhases()
    phases(seen, row("build", 100))
    assert phases(seen, row("fetch", 1)) == [(PhaseSpan("fetch", 1),)]


def test_a_clock_that_is_set_back_a_little_loses_no_phase() -> None:
    seen = SeenPhases()
    phases(seen, row("fetch", 100))
    assert phases(seen, row("build", 98)) == [(PhaseSpan("fetch", 100), PhaseSpan("build", 98))]


def test_a_slot_that_was_empty_in_between_begins_anew() -> None:
    seen = SeenPhases()
    phases(seen, row("fetch", 100))
    assert phases(seen, WorkerRow(0, WorkerState.IDLE)) == [()]
    assert phases(seen, row("build", 130)) == [(PhaseSpan("build", 130),)]


def test_what_waits_or_has_ended_is_in_no_new_phase() -> None:
    seen = SeenPhases()
    assert phases(seen, row("pending", 0)._replace(state=WorkerState.PENDING)) == [()]
    phases(seen, row("fetch", 1))
    done = row("done", 9)._replace(state=WorkerState.DONE)
    assert phases(seen, done) == [(PhaseSpan("fetch", 1),)]


def test_where_no_time_is_said_no_phase_is() -> None:
    assert phases(SeenPhases(), row("fetch", None), row(None, 7, slot=1)) == [(), ()]


def test_a_source_that_says_its_phases_is_believed() -> None:
    said = row("build", 9)._replace(phases=(PhaseSpan("fetch", 0), PhaseSpan("build", 5)))
    given = snapshot(said)
    assert SeenPhases().add(given) is given


def test_a_snapshot_that_comes_again_is_the_same_and_so_are_rows_that_do() -> None:
    seen, given = SeenPhases(), snapshot(row("fetch", 3))
    filled = seen.add(given)
    assert seen.add(given) is filled
    older = Snapshot(seq=1, state=BuildState.STALE, time=0.0, source=given.source, workers=given.workers)
    assert seen.add(older).workers is filled.workers
    assert seen.add(older).state is BuildState.STALE


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["x", "y", None]), st.integers(0, 9)),
        max_size=20,
    )
)
def test_the_present_phase_is_always_the_last_one(looks: list[tuple[str | None, str | None, int]]) -> None:
    seen, elapsed = SeenPhases(), 0
    for origin, phase, step in looks:
        elapsed += step
        [found] = phases(seen, row(phase, elapsed, origin))
        if origin is not None and phase is not None:
            assert found[-1].name == phase
        assert len(found) < 2 or all(one.name != other.name for one, other in pairwise(found))


# -- packages that have ended, and are begun again ---------------------------------------------------


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([*Outcome, None])), max_size=30),
    st.integers(1, 5),
)
def test_the_totals_are_those_of_what_has_ended_whenever_one_looks(
    events: list[tuple[str, Outcome | None]], every: int
) -> None:
    ended = Ended()
    for number, (origin, outcome) in enumerate(events):
        if outcome is None:
            ended.begin(origin)
        else:
            ended.add(Finished(origin, outcome, number))
        if number % every == 0:
            counts = [ended.view()[index].outcome.value for index in range(len(ended.view()))]
            totals = ended.totals
            assert {name: counts.count(name) for name in totals._fields[1:]} == {
                name: value for name, value in totals._asdict().items() if name != "queued"
            }


def test_what_is_begun_again_is_gone_and_who_looked_before_keeps_it() -> None:
    ended = Ended()
    for origin, outcome in (("a", Outcome.FAILED), ("b", Outcome.BUILT), ("c", Outcome.SKIPPED)):
        ended.add(Finished(origin, outcome, 1))
    before = ended.view()
    for origin in "abcd":
        ended.begin(origin)
    assert [one.origin for one in ended.view()] == ["b"]
    assert [one.origin for one in before] == ["a", "b", "c"]
