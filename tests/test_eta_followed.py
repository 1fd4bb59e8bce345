"""What is left of a build of others."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.eta.followed import FollowedWork
from synthtop.eta.work import Running, Work
from synthtop.model import (
    BuildState,
    Finished,
    Outcome,
    Snapshot,
    Source,
    SourceKind,
    Stopping,
    Totals,
    View,
    WorkerRow,
    WorkerState,
)


def snapshot(
    queued: int | None,
    *,
    ended: Sequence[str] = (),
    running: Sequence[str] = (),
    queue: Sequence[str] = (),
    stopping: Stopping | None = None,
) -> Snapshot:
    rows = [WorkerRow(slot, WorkerState.RUNNING, "build", one, 0.0, 9) for slot, one in enumerate(running)]
    return Snapshot(
        seq=1,
        state=BuildState.BUILDING,
        time=0.0,
        source=Source(SourceKind.POUDRIERE),
        totals=Totals(queued, built=len(ended)),
        workers=(*rows, WorkerRow(len(rows), WorkerState.IDLE)),
        finished=View([Finished(one, Outcome.BUILT, 1) for one in ended]),
        queue=queue,
        stopping=stopping,
    )


def left(seen: Snapshot, last: Sequence[str] = ()) -> tuple[list[str], list[str], int]:
    """The origins of those that wait, of those that run, and how many have no name."""
    work = FollowedWork(lambda asked: last)(seen)
    assert work is not None
    waiting = [work.origins[place] for place in work.waiting]
    return waiting, [one.origin for one in work.running], work.unnamed


def test_what_the_source_names_and_has_neither_ended_nor_begun_is_left() -> None:
    seen = snapshot(4, ended=["a"], running=["c"], queue=["a", "b", "c", "d"])
    assert left(seen) == (["b", "d"], ["c"], 0)


def test_what_it_does_not_name_is_left_without_a_name() -> None:
    assert left(snapshot(10, ended=["a", "b"], running=["c"])) == ([], ["c"], 7)
    assert left(snapshot(10, queue=["a", "b"])) == (["a", "b"], [], 8)


def test_what_ended_in_a_way_that_is_not_seen_is_not_waited_for() -> None:
    assert left(snapshot(2, queue=["a", "b", "c", "d"])) == (["a", "b"], [], 0)


def test_where_nothing_is_named_it_is_what_the_run_before_had() -> None:
    seen = snapshot(5, ended=["a", "b"])
    assert left(seen, ["a", "b", "c", "d", "e"]) == (["c", "d", "e"], [], 0)
    assert left(seen, ["a", "b", "c"]) == (["c"], [], 2)


def test_the_run_before_is_not_asked_about_where_this_one_builds_other_things() -> None:
    last = ["a", "b", "c", "d", "e"]
    assert left(snapshot(2), last) == ([], [], 2)
    assert left(snapshot(5, ended=["x", "y"]), last) == ([], [], 3)


def test_what_the_source_names_goes_before_the_run_before() -> None:
    assert left(snapshot(2, queue=["x", "y"]), ["a", "b"]) == (["x", "y"], [], 0)


def test_nothing_is_said_where_nobody_knows_how_much_is_left() -> None:
    assert FollowedWork(lambda asked: ["a"])(snapshot(None)) is None


def test_of_a_build_that_drains_only_what_runs_is_left() -> None:
    seen = snapshot(9, running=["a"], queue=["a", "b"], stopping=Stopping.DRAINING)
    assert left(seen) == ([], ["a"], 0)


def test_nobody_knows_who_needs_whom_and_what_runs_has_no_place() -> None:
    work = FollowedWork(lambda asked: ())(snapshot(2, running=["a"], queue=["a", "b"]))
    assert work == Work(["a", "b"], [1], running=[Running("a", 9)], running_places=[-1], unnamed=0)


def test_the_run_before_is_asked_for_even_where_it_is_not_needed() -> None:
    # What the history is asked of next depends on it.
    asked: list[Snapshot] = []

    def last_origins(seen: Snapshot) -> Sequence[str]:
        asked.append(seen)
        return ()

    seen = snapshot(1, queue=["a"])
    FollowedWork(last_origins)(seen)
    assert asked == [seen]


names = st.lists(st.sampled_from("abcdefgh"), max_size=8)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 12), names, names, names, names)
def test_as_much_is_left_as_the_totals_say(
    queued: int, ended: list[str], running: list[str], queue: list[str], last: list[str]
) -> None:
    seen = snapshot(queued, ended=ended, running=running, queue=queue)
    waiting, runs, unnamed = left(seen, last)
    assert len(waiting) + unnamed == max(0, max(0, queued - len(ended)) - len(runs))
    assert not set(waiting) & {*ended, *running}
