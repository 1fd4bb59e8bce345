"""How a build ended, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.model import BuildState, Finished, Outcome, Snapshot, Totals, View
from synthtop.parts import Parts, Role, joined
from synthtop.summary import summary_lines, summary_parts
from synthtop.text import clean, width

from . import builds

EVIL = "\x1b[2J\u202e[red]\n"


def failed(*failures: Finished, columns: int = 80, **totals: int) -> list[str]:
    """The table of failures, after one line that is left empty."""
    counts = {"queued": 9, "failed": len(failures), **totals}
    snapshot = replace(builds.with_failures(), totals=Totals(**counts), finished=View(failures))
    lines = summary_lines(snapshot, columns)
    heading = next(y for y, line in enumerate(lines) if line.startswith(" Failed"))
    return ["", *lines[heading:]]


def summary_with(*finished: Finished, columns: int) -> list[Parts]:
    snapshot = replace(builds.with_failures(), totals=Totals(9, failed=1), finished=View(finished))
    return summary_parts(snapshot, columns)


def skipped(because: str, *origins: str) -> list[Finished]:
    return [Finished(origin, Outcome.SKIPPED, 2, reason=because) for origin in origins]


def failure(origin: str, blocks: int = 0, at: int = 1, reason: str | None = None) -> Finished:
    return Finished(origin, Outcome.FAILED, at, 0, "build", reason, 5, 10, None, blocks)


# -- the verdict and the counts -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("snapshot", "verdict", "role"),
    [
        (builds.all_built(), "Finished in 00:15:43, all 142 packages built.", Role.BUILT),
        (builds.with_failures(), "Finished in 00:15:43, 2 packages failed.", Role.FAILED),
        (
            builds.building(state=BuildState.FINISHED, totals=Totals(3, 1, 1, 0, 1)),
            "Finished in 00:15:43, 1 package failed.",
            Role.FAILED,
        ),
        (
            builds.building(state=BuildState.FINISHED, totals=Totals(3, 1, 0, 1, 1)),
            "Finished in 00:15:43, nothing failed.",
            Role.BUILT,
        ),
        (
            builds.building(state=BuildState.FINISHED, totals=Totals(0)),
            "Finished in 00:15:43, there was nothing to build.",
            Role.BUILT,
        ),
        (builds.interrupted(), "Interrupted after 00:15:43: 97 packages not built.", Role.THROTTLED),
        (
            builds.building(state=BuildState.GONE),
            "The build ended after 00:15:43 without saying how.",
            Role.FAILED,
        ),
        (builds.building(), "Not over after 00:15:43: 97 packages to go.", Role.LABEL),
    ],
)
def test_the_first_line_is_the_verdict(snapshot: Snapshot, verdict: str, role: Role) -> None:
    assert summary_parts(snapshot, 80)[0] == ((verdict, role),)


@pytest.mark.parametrize(
    ("totals", "tally"),
    [
        (Totals(142, 94, 2, 1, 44, 1), "94 built  2 failed  1 ignored  44 skipped  1 meta  of 142 packages"),
        (Totals(1, 1), "1 built  0 failed  of 1 package"),
        (Totals(9, 0, 0, 2, 0, 0), "0 built  0 failed  2 ignored  7 remaining  of 9 packages"),
    ],
)
def test_the_tally_counts_what_there_is_and_always_what_failed(totals: Totals, tally: str) -> None:
    assert summary_lines(builds.building(totals=totals), 80)[1] == tally


@pytest.mark.parametrize(
    ("columns", "lines"),
    [
        (
            60,
            [
                "Finished in 00:15:43, 2 packages failed.",
                "94 built  2 failed  1 ignored  44 skipped  1 meta",
                "of 142 packages",
                "",
            ],
        ),
        (
            37,
            [
                "Finished in 00:15:43, 2 failed.",
                "94 built  2 failed  1 ignored",
                "44 skipped  1 meta  of 142 packages",
                " Failed              Blocks",
            ],
        ),
        (
            17,
            [
                "Finished in",
                "00:15:43, 2",
                "failed.",
                "94 built",
                "2 failed",
                "1 ignored",
                "44 skipped",
                "1 meta",
                "of 142 packages",
                " Failed",
            ],
        ),
    ],
)
def test_verdict_and_counts_take_more_lines_and_fewer_words_where_it_is_narrow(
    columns: int, lines: list[str]
) -> None:
    assert summary_lines(builds.with_failures(), columns)[: len(lines)] == lines


@pytest.mark.parametrize(
    ("snapshot", "verdict"),
    [
        (builds.interrupted(), "Interrupted after 00:15:43: 97 left."),
        (builds.all_built(), "Finished in 00:15:43, all 142 built."),
    ],
    ids=["interrupted", "all built"],
)
def test_in_40_columns_a_verdict_takes_one_line(snapshot: Snapshot, verdict: str) -> None:
    assert summary_lines(snapshot, 37)[0] == verdict


@given(st.integers(1, 300))
@settings(max_examples=100)
def test_no_word_of_verdict_and_counts_is_lost(columns: int) -> None:
    def words(at: int) -> str:
        lines = summary_lines(builds.all_built(), at)
        assert at < 20 or max(map(width, lines)) <= at
        return "".join("".join(lines).split())

    assert words(columns) == words(300 if columns >= 60 else 59)


def test_a_build_without_failures_has_no_table() -> None:
    assert len(summary_lines(builds.all_built(), 80)) == 2


def test_the_table_has_a_row_for_each_failure_with_reason_and_log_below() -> None:
    assert summary_lines(builds.with_failures(), 80)[2:] == [
        "",
        " Failed              Phase            Duration  Blocks",
        " graphics/mesa-libs  build            00:10:12      41",
        "   blocks graphics/mesa-dri, x11/xorg-server, x11/gtk3, www/chromium and 37 more",
        " editors/vim         configure        00:01:09       3",
        "   exit status 1",
        "   /build/logs/editors___vim.log",
        "   blocks editors/vim-tiny, devel/ctags, devel/cscope",
    ]


def test_below_a_failure_stands_what_was_skipped_because_of_it() -> None:
    rows = failed(
        failure("a/b", 1, reason="exit status 1")._replace(log="/logs/a___b.log"),
        failure("c/d", 2),
        failure("e/f"),
        *skipped("c/d", "x/one", "x/two"),
        *skipped("g/ignored", "x/three"),
        *skipped("a/b", "x/four"),
        failed=3,
    )
    assert rows[2:] == [
        " c/d       build            00:00:05       2",
        "   blocks x/one, x/two",
        " a/b       build            00:00:05       1",
        "   exit status 1",
        "   /logs/a___b.log",
        "   blocks x/four",
        " e/f       build            00:00:05       -",
    ]


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (37, "   blocks devel/a, www/b, lang/python"),
        (36, "   blocks devel/a, www/b and 1 more"),
        (35, "   blocks devel/a, www/b and 1 more"),
        (34, "   blocks devel/a and 2 more"),
        (20, "   blocks devel/a and 2 more"),
    ],
)
def test_of_what_is_blocked_there_are_as_many_whole_names_as_fit_and_one_at_least(
    columns: int, line: str
) -> None:
    blocked = skipped("x/y", "devel/a", "www/b", "lang/python")
    assert failed(failure("x/y", 3), *blocked, columns=columns, failed=1)[3] == line


def test_what_is_blocked_and_not_known_any_more_is_counted() -> None:
    assert failed(failure("x/y", 9), *skipped("x/y", "a/b", "c/d"), failed=1)[3] == (
        "   blocks a/b, c/d and 7 more"
    )


origins = st.lists(st.text(max_size=30).filter("x/y".__ne__), min_size=1, max_size=12, unique=True)


@given(st.integers(20, 120), origins, st.integers(0, 10**6))
@settings(max_examples=100)
def test_the_names_of_what_is_blocked_are_whole_and_count_up_to_all(
    columns: int, names: list[str], forgotten: int
) -> None:
    total = len(names) + forgotten
    line = joined(summary_with(failure("x/y", total), *skipped("x/y", *names), columns=columns)[-1])
    said = [f"   blocks {', '.join(map(clean, names[:count]))}" for count in range(1, len(names) + 1)]
    lines = [
        lead + (f" and {total - count} more" if total > count else "") for count, lead in enumerate(said, 1)
    ]
    fitting = [one for one in lines if width(one) <= columns]
    assert line == (fitting[-1] if fitting else lines[0])


def test_what_blocks_most_stands_first_then_what_failed_first() -> None:
    rows = failed(failure("z/late", 2, at=9), failure("b/b", 7), failure("a/early", 2, at=3), failure("c/c"))
    assert [row.split()[0] for row in rows[2:]] == ["b/b", "a/early", "z/late", "c/c"]
    assert rows[-1].endswith("      -")


def test_other_outcomes_are_not_in_the_table() -> None:
    others = [Finished("c/d", outcome, 1, reason="e/f") for outcome in Outcome if outcome != Outcome.FAILED]
    assert len(failed(failure("a/b"), *others, failed=1)) == 3


def test_failures_that_are_not_known_any_more_are_counted() -> None:
    assert failed(failure("a/b"), failed=12)[-1] == " and 11 more"


def test_a_failure_without_a_phase_and_duration_says_so() -> None:
    row = failed(Finished("a/b", Outcome.FAILED, 1))[2]
    assert row.split() == ["a/b", "-", "--:--:--", "-"]


def test_a_long_origin_is_cut_in_the_table_and_its_log_is_said_whole() -> None:
    path = "/build/logs/" + "l" * 200
    rows = failed(failure("o" * 200)._replace(log=path))
    assert width(rows[2]) == 80
    assert "o…" in rows[2]
    assert rows[3] == f"   {path}"


@pytest.mark.parametrize(
    ("columns", "titles"),
    [
        (80, ["Failed", "Phase", "Duration", "Blocks"]),
        (52, ["Failed", "Phase", "Duration", "Blocks"]),
        (51, ["Failed", "Phase", "Blocks"]),
        (34, ["Failed", "Blocks"]),
        (20, ["Failed"]),
    ],
)
def test_a_narrow_table_leaves_columns_out_rather_than_origins(columns: int, titles: list[str]) -> None:
    rows = failed(failure("devel/a-long-name-of-a-port", 3), columns=columns)
    assert rows[1].split() == titles
    assert rows[2].startswith(" devel/a-long")


@given(st.integers(20, 200), st.text(max_size=60), st.integers(0, 10**6))
@settings(max_examples=100)
def test_a_row_of_the_table_is_never_wider_than_the_screen(columns: int, origin: str, blocks: int) -> None:
    assert max(map(width, failed(failure(origin, blocks), columns=columns))) <= columns


def test_hostile_names_and_reasons_come_out_harmless() -> None:
    evil = Finished(f"x/{EVIL}", Outcome.FAILED, 1, 0, EVIL, EVIL, 5, 10, EVIL, 1)
    text = "\n".join(failed(evil, *skipped(f"x/{EVIL}", EVIL, f"{EVIL}2"), failed=1))
    assert text.count(clean(EVIL)) == 5  # the phase's column is too narrow for all of it
    assert all(clean(line) == line for line in text.split("\n"))


def test_parts_of_a_line_are_never_empty() -> None:
    for columns in (20, 80):
        rows = summary_parts(builds.with_failures(), columns)
        assert all(part.text for parts in rows for part in parts)


def test_a_source_that_does_not_name_what_failed_is_said_not_to() -> None:
    lines = summary_lines(builds.followed_text_finished(), 80)
    assert lines[-1] == "What failed, a monitor file in text does not say."
    assert max(map(len, summary_lines(builds.followed_text_finished(), 30))) <= 30
    assert not any("does not say" in line for line in summary_lines(builds.with_failures(), 80))
    well = builds.followed_text_finished()
    well = replace(well, totals=Totals(142, 142))
    assert not any("does not say" in line for line in summary_lines(well, 80))
