"""What the lists of old builds and of a package's durations say, and what stands over the packages."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.history.record import Built, PackageRecord, Run
from synthtop.history.replay import replayed
from synthtop.historytext.builds import usual
from synthtop.model import BuildState, Outcome, SourceKind, Totals
from synthtop.text import clean, width
from synthtop.widgets import durationlist, runlist
from synthtop.widgets.durationlist import built_line
from synthtop.widgets.runhead import as_of, head_lines, head_rows
from synthtop.widgets.runlist import moment, run_line, wanted_runs

from . import builds
from .drawing import text_of
from .runsbefore import NOW, RUNS, packages

FINISHED = RUNS[1]
foreign = st.one_of(st.sampled_from(builds.HOSTILE), st.text(max_size=40))
some = st.none() | st.integers(0, 10**18)
figure = st.none() | st.floats()


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            119,
            (
                " 2026-07-13 07:12  ports                  builder         finished      01:32:11"
                "      130/142       3     85/h    6.42"
            ),
        ),
        (79, " 2026-07-13 07:12  ports           finished      01:32:11      130/142       3"),
        (59, " 07-13 07:12  ports         finished      01:32:11       3"),
        (39, " 07-13 07:12  ports        finished"),
        (25, " 07-13 07:12  ports"),
        (19, " ports"),
    ],
)
def test_a_row_says_how_it_went_where_there_is_room(columns: int, expected: str) -> None:
    assert text_of(run_line(FINISHED, columns, UTC)).rstrip() == expected


def test_the_names_of_the_columns_stand_over_them() -> None:
    table, places = runlist.table_for(119)
    heading = table.heading(places)
    row = text_of(run_line(FINISHED, 119, UTC))
    for name, said in (("Build", "ports"), ("Host", "builder"), ("State", "finished")):
        assert heading.index(name) == row.index(said)
    assert len(heading) == len(row)


@given(
    st.builds(
        Run, st.integers(), foreign, foreign, st.sampled_from(SourceKind), st.booleans(), st.none() | foreign,
        st.none() | foreign, st.floats(), figure, st.floats(), st.sampled_from(BuildState),
        st.integers(0, 10**18), some, figure, figure, figure, st.builds(Totals, some),
    ),
    st.integers(1, 150),
)  # fmt: skip
@settings(max_examples=50)
def test_a_row_and_the_head_are_clean_and_a_row_is_never_wider_than_the_list(run: Run, columns: int) -> None:
    text = text_of(run_line(run, columns))
    assert clean(text) == text
    assert width(text) <= max(1, columns)
    for line in head_lines(replayed(run)):
        assert all(clean(part.text) == part.text for part in line)


@given(
    foreign,
    st.sampled_from(Outcome),
    figure,
    some,
    st.integers(0, 10**18),
    st.integers(1, 150),
)
@settings(max_examples=50)
def test_a_package_s_row_is_clean_and_never_wider_than_the_list(
    text: str, outcome: Outcome, started: float | None, duration: int | None, most: int, columns: int
) -> None:
    package = PackageRecord(text, outcome, text, text, started, duration, None, text)
    said = text_of(built_line(Built(7, text, text, package), max(most, duration or 0), columns))
    assert clean(said) == said
    assert width(said) <= max(1, columns)
    table, places = durationlist.table_for(columns)
    assert len(table.heading(places)) <= max(1, columns)


def test_what_is_no_time_is_not_said() -> None:
    assert moment(NOW, UTC) == "2026-07-14 13:12"
    assert [moment(when, UTC) for when in (float("nan"), float("inf"), 1e300, -1e300)] == ["-"] * 4


def test_each_word_is_looked_for_in_all_that_is_said_of_a_run() -> None:
    def found(text: str) -> list[int]:
        return [one.id for one in wanted_runs(RUNS, text, UTC)]

    assert found("  ") == [one.id for one in RUNS]
    assert found("debian interrupted") == [4]
    assert found("2026-07-13") == [6]
    assert found("arm-1") == [5, 4]
    assert found("/build/NOW") == []
    assert found("/build/now") == [7]
    assert found("failed finished") == [6, 2]


def test_the_median_is_of_what_was_built() -> None:
    def of(*ends: tuple[Outcome, int | None]) -> float | None:
        return usual(
            [
                Built(at, "h", "n", packages(FINISHED)[0]._replace(outcome=outcome, duration=duration))
                for at, (outcome, duration) in enumerate(ends)
            ]
        )

    built, failed = Outcome.BUILT, Outcome.FAILED
    assert of((built, 10), (failed, 1), (built, 30), (built, 12), (built, None)) == 12
    assert of((failed, 1)) is None


def test_what_goes_on_is_shown_as_of_a_time_and_what_is_over_is_not() -> None:
    assert [part.text for part in as_of(RUNS[0], UTC)] == ["  as of 13:12"]
    assert [part.text for part in as_of(RUNS[0]._replace(updated=float("nan")), UTC)] == ["  as of -"]
    assert [as_of(one, UTC) for one in RUNS[1:]] == [()] * len(RUNS[1:])


@pytest.mark.parametrize(("rows", "head"), [(22, 3), (9, 3), (8, 1), (7, 1), (6, 0), (3, 0)])
def test_the_packages_have_room_before_the_head_has(rows: int, head: int) -> None:
    assert head_rows(rows) == head
