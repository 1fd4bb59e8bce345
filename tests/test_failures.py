"""What has failed and what that blocks, out of all that is finished."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.failures import Failed, Failure, failures
from synthtop.model import Finished, Ledger, Outcome, View

from . import builds


def found(*finished: Finished) -> tuple[Failure, ...]:
    return failures(builds.building(finished=View(finished)))


def failure(origin: str, blocks: int = 0, at: int = 1) -> Finished:
    return Finished(origin, Outcome.FAILED, at, 0, "build", "exit status 1", 5, 10, None, blocks)


def skipped(origin: str, because: str | None) -> Finished:
    return Finished(origin, Outcome.SKIPPED, 2, reason=because)


def test_each_failure_has_the_origins_that_were_skipped_for_it() -> None:
    vim, gtk = failure("editors/vim", 2), failure("x11/gtk3", 1)
    others = Finished("lang/baz", Outcome.IGNORED, 3), skipped("www/q", "lang/baz"), skipped("www/r", None)
    one = skipped("a/a", "editors/vim")
    assert found(vim, one, gtk, skipped("b/b", "x11/gtk3"), skipped("c/c", "editors/vim"), *others) == (
        Failure(vim, ("a/a", "c/c")),
        Failure(gtk, ("b/b",)),
    )


def test_what_blocks_most_comes_first_then_what_happened_first() -> None:
    listed = found(failure("z/late", 2, 9), failure("b/b", 7), failure("a/early", 2, 3), failure("c/c"))
    assert [one.package.origin for one in listed] == ["b/b", "a/early", "z/late", "c/c"]


def test_a_failure_of_which_no_number_is_told_blocks_what_is_known() -> None:
    (one,) = found(failure("a/a", 0), skipped("b/b", "a/a"))
    assert one.blocks == 1
    (one,) = found(failure("a/a", 5), skipped("b/b", "a/a"))
    assert one.blocks == 5


def test_what_was_built_after_a_retry_has_not_failed_and_blocks_nothing() -> None:
    built = Finished("a/a", Outcome.BUILT, 9)
    assert found(failure("a/a", 1), skipped("b/b", "a/a"), built) == ()


def test_what_failed_again_is_there_once_with_what_it_blocks_now() -> None:
    again = failure("a/a", 1, at=9)
    before = failure("a/a", 2), skipped("b/b", "a/a"), skipped("c/c", "a/a")
    assert found(*before, Finished("c/c", Outcome.BUILT, 8), again) == (Failure(again, ("b/b",)),)


outcomes = st.sampled_from(Outcome)
origins = st.sampled_from(["a", "b", "c", "d", "e"])
endings = st.lists(
    st.builds(
        Finished, origins, outcomes, st.none() | st.integers(0, 9), reason=origins, blocks=st.integers(0, 3)
    ),
    max_size=20,
)


@given(endings)
@settings(max_examples=50)
def test_they_are_those_whose_last_ending_is_a_failure(finished: list[Finished]) -> None:
    last = {one.origin: one for one in finished}
    failed = {origin for origin, one in last.items() if one.outcome is Outcome.FAILED}
    listed = found(*finished)
    assert {one.package.origin for one in listed} == failed
    assert len(listed) == len(failed)
    assert all(last[one.package.origin] is one.package for one in listed)
    for one in listed:
        because = {
            origin
            for origin, other in last.items()
            if other.outcome is Outcome.SKIPPED and other.reason == one.package.origin
        }
        assert set(one.blocked) == because


def test_the_snapshot_itself_says_what_is_finished() -> None:
    assert failures(replace(builds.building(), finished=View())) == ()
    assert [one.package.origin for one in failures(builds.failing())][:2] == [
        "textproc/libxml2",
        "security/libgpg-error",
    ]


@given(st.lists(endings, max_size=5), st.data())
@settings(max_examples=50)
def test_as_they_come_they_are_what_they_are_all_at_once(
    batches: list[list[Finished]], data: st.DataObject
) -> None:
    ledger: Ledger[Finished] = Ledger(10)
    failed = Failed()
    for batch in batches:
        for one in batch:
            ledger.append(one._replace(slot=0))  # no two are the same object
        if data.draw(st.booleans()):
            gone = data.draw(origins)
            ledger.drop(lambda one, gone=gone: one.origin == gone)  # type: ignore[misc]
        view = ledger.view()
        assert failed.take(view) == found(*view)


def test_where_nothing_is_new_about_failures_they_are_the_same_as_before() -> None:
    ledger: Ledger[Finished] = Ledger(10)
    failed = Failed()
    ledger.append(failure("a/a"))
    first = failed.take(ledger.view())
    ledger.append(Finished("b/b", Outcome.BUILT, 3))
    assert failed.take(ledger.view()) is first
    ledger.append(skipped("c/c", "a/a"))
    assert failed.take(ledger.view()) == (Failure(failure("a/a"), ("c/c",)),)
