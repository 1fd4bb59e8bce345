"""How long packages are expected to take."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.eta.expected import Expected, weights
from synthtop.eta.lognormal import POINTS, quantiles, rest
from synthtop.eta.past import NO_PAST, Past
from synthtop.eta.work import Running

LUCK = random.Random(1)
"""Packages whose durations differ from run to run by a factor, sigma 0.3."""


def lucky(seconds: float) -> float:
    return seconds * math.exp(LUCK.gauss(0.0, 0.3))


def test_a_package_takes_about_what_it_took_the_last_times_on_this_host() -> None:
    past = Past({"a/vim": [90, 100, 400]}, {"a/vim": [5000]}, {"": [1]})
    assert Expected(past).kind("a/vim").seconds == pytest.approx(100, rel=0.1)
    assert Expected(past).known("a/vim")


def test_one_that_was_built_on_another_host_alone_takes_what_it_does_there() -> None:
    expected = Expected(Past({}, {"a/vim": [100]}))
    assert expected.kind("a/vim").seconds == pytest.approx(100, rel=0.3)
    assert expected.kind("a/vim").sigma > Expected(Past({"a/vim": [100]})).kind("a/vim").sigma


def test_a_host_that_is_twice_as_slow_as_others_is_so_for_what_was_not_built_there() -> None:
    here = {f"a/{number}": [200.0] for number in range(9)}
    there = {f"a/{number}": [100.0] for number in range(9)}
    expected = Expected(Past(here, {**there, "a/vim": [60.0]}))
    assert expected.kind("a/vim").seconds == pytest.approx(120, rel=0.3)


def test_a_new_package_takes_what_others_of_its_category_do() -> None:
    small = {f"small/{number}": [10.0] for number in range(40)}
    big = {f"big/{number}": [1000.0] for number in range(40)}
    expected = Expected(Past({**small, **big}))
    assert not expected.known("big/new")
    assert expected.kind("big/new").seconds > 900
    assert expected.kind("small/new").seconds < 100
    assert 300 < expected.kind("other/new").seconds < 700  # as long as all together


def test_a_category_of_which_this_build_has_no_other_is_known_from_other_builds() -> None:
    expected = Expected(Past({"a/one": [10.0]}, {}, {"": [10.0] * 50, "big": [1000.0] * 50}))
    assert expected.kind("big/new").seconds > 800


def test_without_a_past_a_package_takes_what_those_did_that_have_ended() -> None:
    expected = Expected(NO_PAST)
    for number in range(20):
        expected.ended(f"a/{number}", 60)
    assert expected.kind("a/new").seconds == expected.unnamed == pytest.approx(60)
    assert not expected.known("a/new")


def test_a_build_that_is_slower_than_those_before_is_so_to_its_end() -> None:
    past = Past({f"a/{number}": [100.0] for number in range(60)})
    expected = Expected(past)
    before = expected.kind("a/59").seconds, expected.kind("a/new").seconds
    for number in range(50):
        expected.ended(f"a/{number}", 150)
    assert expected.kind("a/59").seconds == pytest.approx(1.5 * before[0], rel=0.05)
    assert expected.kind("a/new").seconds == pytest.approx(1.5 * before[1], rel=0.05)


def test_one_package_that_took_far_longer_says_little_of_the_others() -> None:
    past = Past({f"a/{number}": [100.0] for number in range(60)})
    expected = Expected(past)
    before = expected.kind("a/59").seconds
    expected.ended("a/0", 1000)
    assert before < expected.kind("a/59").seconds < 2 * before


def test_those_that_run_count_as_far_as_they_have_come() -> None:
    past = Past({f"a/{number}": [100.0] for number in range(60)})
    expected = Expected(past)
    expected.ended("a/0", 80)  # the first to end of five that began together
    short = expected.kind("a/59").seconds
    expected.heed([Running(f"a/{number}", 80.0) for number in range(1, 5)])
    assert expected.kind("a/59").seconds > short


def test_without_a_past_too_the_first_to_end_are_not_taken_for_all() -> None:
    expected = Expected(NO_PAST)
    for number in range(4):
        expected.ended(f"a/{number}", 20)
    assert expected.kind("a/new").seconds == pytest.approx(20)
    expected.heed([Running(f"a/1{number}", 200.0) for number in range(4)])
    assert expected.kind("a/new").seconds > 100


def test_the_sum_of_many_is_what_they_take_together_and_not_what_the_middle_one_does() -> None:
    usual = [20 * LUCK.paretovariate(2) for _ in range(2000)]
    origins = [f"a/{number}" for number in range(2000)]
    here = {origin: [lucky(one) for _ in range(3)] for origin, one in zip(origins, usual, strict=True)}
    expected = Expected(Past(here))
    took = sum([lucky(one) for one in usual])
    assert sum([expected.kind(origin).seconds for origin in origins]) == pytest.approx(took, rel=0.05)


def test_the_shortest_and_the_longest_of_a_category_are_thought_to_have_had_luck() -> None:
    here = {f"a/{number}": [50.0 * 1.2**number] for number in range(20)}
    expected = Expected(Past(here))
    ratios = [expected.kind(origin).seconds / here[origin][0] for origin in ("a/0", "a/10", "a/19")]
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[0] / ratios[2] < 1.5


def test_how_far_packages_vary_is_found_from_the_past() -> None:
    steady = {f"a/{number}": [100.0, 100.0, 100.0] for number in range(200)}
    moody = {f"a/{number}": [50.0, 100.0, 200.0] for number in range(200)}
    assert Expected(Past(steady)).kind("a/1").sigma < 0.1
    assert Expected(Past(moody)).kind("a/1").sigma > 0.5


def test_the_order_knows_what_the_past_does_and_nothing_else() -> None:
    assert weights(NO_PAST, ["a/b", "a/c"]) == [1.0, 1.0]
    known, new, long = weights(Past({"a/b": [10], "a/d": [1000]}), ["a/b", "a/c", "a/d"])
    assert known < new < long


def test_the_same_list_with_more_origins_in_it_is_looked_up_again() -> None:
    origins = ["a/b"]
    expected = Expected(Past({"a/b": [10], "a/c": [1000]}))
    assert len(expected.by_place(origins)[0]) == 1
    origins.append("a/c")
    assert expected.by_place(origins)[0][1] > 500


seconds = st.one_of(st.integers(-5, 10**9), st.floats(), st.just(0))


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["a/b", "a/c", "", "/", "d"]), st.lists(seconds, max_size=4)),
    st.dictionaries(st.sampled_from(["a/b", "a/e", ""]), st.lists(seconds, max_size=4)),
    st.dictionaries(st.sampled_from(["", "a", "x"]), st.lists(seconds, max_size=4)),
    st.lists(st.tuples(st.sampled_from(["a/b", "a/e", "x/y", "z"]), seconds), max_size=5),
    st.lists(st.tuples(st.sampled_from(["a/c", "a/e", "x/z"]), st.integers(0, 10**9)), max_size=3),
)
def test_whatever_was_recorded_each_takes_a_time(
    here: dict[str, list[float]],
    elsewhere: dict[str, list[float]],
    categories: dict[str, list[float]],
    ended: list[tuple[str, float]],
    running: list[tuple[str, int]],
) -> None:
    expected = Expected(Past(here, elsewhere, categories))
    for origin, took in ended:
        expected.ended(origin, took)
    expected.heed([Running(origin, elapsed) for origin, elapsed in running])
    for origin in ("a/b", "a/e", "x/y", ""):
        assert 0 < expected.kind(origin).seconds < 1e12
        assert 0 < expected.kind(origin).sigma < 20
    assert 0 < expected.unnamed < 1e12


# -- what is left of one that runs ---------------------------------------------------------------


def test_one_that_has_just_begun_takes_what_it_takes() -> None:
    assert rest(100, 0.3, 0).mean() == pytest.approx(100)


def test_one_that_is_where_it_should_end_goes_on_for_a_while() -> None:
    assert 10 < rest(100, 0.3, 100).mean() < 40


def test_one_that_is_far_over_goes_on_for_a_part_of_what_it_took_so_far() -> None:
    for elapsed in (200, 1000, 10_000, 1e9):
        assert 0.1 * elapsed < rest(100, 0.3, elapsed).mean() < 0.6 * elapsed


@settings(max_examples=50, deadline=None)
@given(st.floats(1, 1e5), st.floats(0.05, 1.5), st.floats(0, 1e6))
def test_what_is_drawn_of_one_that_runs_is_on_average_what_is_left(
    mean: float, sigma: float, elapsed: float
) -> None:
    left = rest(mean, sigma, elapsed)
    drawn = [left.drawn(point) for point in range(0, POINTS, 8)]
    assert drawn == sorted(drawn)
    assert drawn[0] >= 0
    assert sum(drawn) / len(drawn) == pytest.approx(left.mean(), rel=0.15, abs=0.02 * (mean + elapsed))


def test_the_points_are_those_of_a_bell_curve() -> None:
    points = quantiles()
    assert len(points) == POINTS
    assert sum(points) == pytest.approx(0, abs=1e-3)
    assert sum([at * at for at in points]) / POINTS == pytest.approx(1, abs=0.01)
    assert points[POINTS // 10] == pytest.approx(-1.28, abs=0.01)
