"""The words of the screen: three header lines, states, and how a build ended."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.lines import FRAME, eta_text, header_lines, header_parts
from synthtop.model import BuildState, Eta, Finished, HostSample, Outcome, Snapshot, Stopping, Totals, View
from synthtop.parts import Parts, Role, joined
from synthtop.states import state_word, throttle_note
from synthtop.summary import summary_lines, summary_parts
from synthtop.text import clean, width

from . import builds

EVIL = "\x1b[2J\u202e[red]\n"


def unknown() -> Snapshot:
    """A source that says nothing but its counts."""
    return builds.building(
        elapsed=None, active=None, max_workers=None, dynmax=None, host=HostSample(), rate=None, run_rate=None,
        impulse=None,
    )  # fmt: skip


def shown(snapshot: Snapshot, columns: int, *, framed: bool = False) -> list[str]:
    return [joined(parts) for parts in header_parts(snapshot, columns, framed=framed)]


def failed(*failures: Finished, columns: int = 80, **totals: int) -> list[str]:
    """The table of failures: the summary from its third line on."""
    counts = {"queued": 9, "failed": len(failures), **totals}
    snapshot = replace(builds.with_failures(), totals=Totals(**counts), finished=View(failures))
    return summary_lines(snapshot, columns)[2:]


def summary_with(*finished: Finished, columns: int) -> list[Parts]:
    snapshot = replace(builds.with_failures(), totals=Totals(9, failed=1), finished=View(finished))
    return summary_parts(snapshot, columns)


def skipped(because: str, *origins: str) -> list[Finished]:
    return [Finished(origin, Outcome.SKIPPED, 2, reason=because) for origin in origins]


def failure(origin: str, blocks: int = 0, at: int = 1, reason: str | None = None) -> Finished:
    return Finished(origin, Outcome.FAILED, at, 0, "build", reason, 5, 10, None, blocks)


# -- the three lines ---------------------------------------------------------------------------------


def test_the_three_lines_are_said_to_the_character() -> None:
    snapshot = builds.building(
        active=4,
        rate=24.3,
        host=HostSample(load=3.24, ncpus=4, swap_pct=2.0),
        totals=Totals(142, 38, 2, 0, 5),
    )
    assert header_lines(snapshot) == (
        "Workers:  4 / 4    Load: 3.24  Swap:  2%    [DynMax: 4]",
        "Elapsed: 00:15:43  Rate: 24.3 pkg/hr  Impulse: 3",
        "Queued: 142  Built: 38  Failed: 2  Ignored: 0  Skipped: 5",
    )


def test_what_is_unknown_is_a_dash_in_the_same_columns() -> None:
    assert header_lines(unknown()) == (
        "Workers:  - / -    Load:    -  Swap:  -     [DynMax: -]",
        "Elapsed: --:--:--  Rate: - pkg/hr  Impulse: -",
        "Queued: 142  Built: 38  Failed: 2  Ignored: 0  Skipped: 5",
    )


def test_large_figures_take_the_columns_they_need() -> None:
    snapshot = builds.building(
        elapsed=362439,
        active=1000,
        max_workers=1024,
        dynmax=512,
        host=HostSample(load=514.2, ncpus=64, swap_pct=100.0),
        rate=5400.0,
        impulse=12,
    )
    assert header_lines(snapshot)[:2] == (
        "Workers: 1000 / 1024   Load: 514.20  Swap: 100%    [DynMax: 512]",
        "Elapsed: 100:40:39  Rate: 5400.0 pkg/hr  Impulse: 12",
    )


def test_a_build_without_a_rate_of_the_last_minute_shows_the_whole_runs() -> None:
    assert header_lines(builds.followed_dsynth())[1] == (
        "Elapsed: 00:15:43  Rate: 24.0 pkg/hr (run)  Impulse: -"
    )


def test_at_80_columns_the_header_is_the_three_lines_and_nothing_else() -> None:
    assert shown(builds.building(), 80) == list(header_lines(builds.building()))


def test_from_100_columns_on_the_whole_runs_rate_stands_beside_the_last_minutes() -> None:
    assert "Run:" not in shown(builds.building(), 99)[1]
    assert shown(builds.building(), 100)[1] == header_lines(builds.building())[1] + "    Run: 152.7 pkg/hr"


def test_a_frame_takes_nothing_from_the_columns_of_the_screen_that_count_for_it() -> None:
    assert "Run:" not in shown(builds.building(), 99, framed=True)[1]
    assert shown(builds.building(), 100, framed=True)[1].endswith("    Run: 152.7 pkg/hr")


def test_an_unknown_rate_of_the_whole_run_is_a_dash_there() -> None:
    assert shown(builds.building(run_rate=None), 100)[1].endswith("    Run: - pkg/hr")


def test_a_followed_builds_rate_does_not_stand_there_twice() -> None:
    assert "Run:" not in shown(builds.followed_dsynth(), 120)[1]


def test_a_count_has_its_colour_only_where_there_is_something_to_count() -> None:
    third = header_parts(builds.building(), 80, framed=False)[2]
    assert [(part.text, part.role) for part in third if part.text.isdigit()] == [
        ("142", Role.VALUE),
        ("38", Role.BUILT),
        ("2", Role.FAILED),
        ("0", Role.VALUE),
        ("5", Role.SKIPPED),
    ]


# -- the throttle ------------------------------------------------------------------------------------


def test_while_throttled_dynmax_has_its_colour_and_the_reason_behind_it() -> None:
    first = header_parts(builds.throttled(), 80, framed=False)[0]
    assert joined(first) == "Workers:  6 / 8    Load: 14.20  Swap:  2%    [DynMax: 6]  throttled: high load"
    assert [part.text for part in first if part.role is Role.THROTTLED] == [
        "[DynMax: 6]",
        "  throttled: high load",
    ]


@pytest.mark.parametrize(
    ("columns", "end"),
    [
        (82, "[DynMax: 6]  throttled: high load"),
        (81, "[DynMax: 6]  high load"),
        (70, "[DynMax: 6]  high lo…"),
        (64, "[DynMax: 6]  h…"),
    ],
)
def test_of_the_reason_there_is_as_much_as_fits(columns: int, end: str) -> None:
    assert shown(builds.throttled(), columns, framed=True)[0].endswith(end)


@pytest.mark.parametrize(
    ("snapshot", "note"),
    [
        (builds.building(), ""),
        (builds.building(dynmax=None), ""),
        (builds.building(dynmax=3), "throttled"),
        (builds.building(dynmax=3, reason="high swap"), "throttled: high swap"),
        (builds.building(dynmax=3, reason=EVIL), f"throttled: {clean(EVIL)}"),
    ],
)
def test_the_throttle_is_named_with_its_reason(snapshot: Snapshot, note: str) -> None:
    assert throttle_note(snapshot) == note


def test_a_throttle_without_a_reason_is_said_in_the_header_too() -> None:
    assert shown(builds.building(dynmax=3), 80)[0].endswith("[DynMax: 3]  throttled")


# -- states ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("snapshot", "word", "role"),
    [
        (builds.building(), "building", Role.LABEL),
        (builds.throttled(), "building", Role.THROTTLED),
        (builds.draining(), "draining", Role.THROTTLED),
        (builds.building(stopping=Stopping.KILLING), "killing", Role.THROTTLED),
        (builds.all_built(), "finished", Role.BUILT),
        (builds.with_failures(), "finished, 2 failed", Role.FAILED),
        (builds.interrupted(), "interrupted", Role.FAILED),
        (builds.building(state=BuildState.WAITING), "waiting", Role.LABEL),
        (builds.building(state=BuildState.STALE), "stale", Role.LABEL),
        (builds.building(state=BuildState.GONE), "gone", Role.FAILED),
        (builds.building(state=BuildState.UNREADABLE), "unreadable", Role.FAILED),
    ],
)
def test_each_state_has_its_word_and_its_look(snapshot: Snapshot, word: str, role: Role) -> None:
    assert state_word(snapshot) == (word, role)


def test_without_a_frame_a_state_stands_at_the_right_of_the_second_line() -> None:
    second = shown(builds.with_failures(), 80)[1]
    assert second.endswith("  finished, 2 failed")
    assert width(second) == 79


def test_a_state_that_does_not_fit_is_said_shorter_or_not_at_all() -> None:
    assert shown(builds.with_failures(), 60)[1].endswith("  finished")
    assert "finished" not in "".join(shown(builds.with_failures(), 20))


def test_in_a_frame_the_state_is_the_frames_business() -> None:
    assert "finished" not in "".join(shown(builds.with_failures(), 116, framed=True))


def figures(snapshot: Snapshot, columns: int) -> list[list[tuple[int, str]]]:
    """Where each label and figure of the three lines stands."""
    found = []
    for parts in header_parts(snapshot, columns, framed=False):
        line: list[tuple[int, str]] = []
        x = 0
        for part in parts:
            line.append((x, part.text))
            x += width(part.text)
        found.append(line)
    return found


@pytest.mark.parametrize("columns", [20, 34, 50, 60, 79, 80, 100, 120, 200])
@pytest.mark.parametrize(
    "other",
    [
        {"dynmax": 3, "reason": "high load, high swap"},
        {"stopping": Stopping.DRAINING},
        {"state": BuildState.FINISHED},
        {"state": BuildState.INTERRUPTED},
        {"state": BuildState.GONE},
        {"state": BuildState.STALE},
        {"host": HostSample()},
        {"active": None, "max_workers": None, "dynmax": None},
    ],
    ids=str,
)
def test_nothing_shifts_when_the_state_changes(columns: int, other: dict[str, object]) -> None:
    for before, after in zip(
        figures(builds.building(), columns), figures(builds.building(**other), columns), strict=True
    ):
        places = [x for x, _ in before]
        if columns >= 60 or "host" not in other:  # in short words nothing is kept free for what is unknown
            assert [x for x, _ in after][: len(places)] == places


def _sizes() -> st.SearchStrategy[Snapshot]:
    count = st.integers(0, 10**6)
    some = st.none() | st.integers(0, 1024)
    figure = st.none() | st.floats(0, 10**4)
    return st.builds(
        builds.building,
        state=st.sampled_from(BuildState),
        stopping=st.none() | st.sampled_from(Stopping),
        elapsed=st.none() | st.integers(0, 10**7),
        active=some,
        max_workers=some,
        dynmax=some,
        reason=st.none() | st.text(max_size=40),
        host=st.builds(HostSample, load=figure, swap_pct=st.none() | st.floats(0, 100)),
        rate=figure,
        run_rate=figure,
        impulse=st.none() | count,
        totals=st.builds(Totals, count, count, count, count, count, count),
    )


@given(_sizes(), st.integers(24, 200), st.booleans())
@settings(max_examples=100)
def test_no_line_is_ever_wider_than_the_screen(snapshot: Snapshot, columns: int, framed: bool) -> None:
    room = columns - FRAME if framed else columns
    assert max(map(width, shown(snapshot, columns, framed=framed))) <= room


@given(_sizes(), st.integers(0, 19))
@settings(max_examples=50)
def test_a_screen_of_hardly_any_columns_is_no_reason_to_fail(snapshot: Snapshot, columns: int) -> None:
    assert max(map(width, shown(snapshot, columns))) <= columns


@given(_sizes())
@settings(max_examples=50)
def test_at_80_columns_no_figure_is_left_out(snapshot: Snapshot) -> None:
    for line, whole in zip(shown(snapshot, 80), header_lines(snapshot), strict=True):
        assert line.startswith(whole)


def test_below_60_columns_it_is_said_in_short_words() -> None:
    assert shown(builds.building(), 50) == [
        "3/4  DynMax 4  Load 3.24  Swap 2%",
        "00:15:43  180.0/hr  +3",
        "Queue 142  Built 38  Fail 2  Skip 5",
    ]


def test_below_34_columns_it_is_said_in_figures() -> None:
    assert shown(builds.building(), 30) == ["3/4[4] L3.24 S2%", "00:15:43 180.0/hr", "Q142 B38 F2 I0 S5"]


def test_a_line_with_figures_too_long_is_said_shorter_and_the_others_stay() -> None:
    """A whole ports tree on 64 columns: half a number would be a wrong one."""
    snapshot = builds.building(totals=Totals(40000, 38000, 120, 1000, 500))
    lines = shown(snapshot, 64)
    assert lines[:2] == list(header_lines(snapshot)[:2])
    assert lines[2] == "Queue 40000  Built 38000  Fail 120  Skip 500"


def test_what_does_not_fit_even_in_figures_is_cut_and_says_so() -> None:
    snapshot = builds.building(totals=Totals(40000, 38000, 120, 1000, 500))
    assert shown(snapshot, 20)[2] == "Q40000 B38000 F120 …"


# -- ETA ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("eta", "text"),
    [
        (Eta(2460, 360), "ETA 0h41 ±6m"),
        (Eta(59, 0), "ETA 0h00 ±0m"),
        (Eta(3600, 3599), "ETA 1h00 ±59m"),
        (Eta(360000, 3660), "ETA 100h00 ±1h01"),
        (Eta(-5, -5), "ETA 0h00 ±0m"),
    ],
)
def test_the_time_to_go_is_hours_and_minutes_with_its_uncertainty(eta: Eta, text: str) -> None:
    assert eta_text(eta) == text


# -- the end -----------------------------------------------------------------------------------------


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


origins = st.lists(st.text(max_size=30), min_size=1, max_size=12)


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
    text = "\n".join(failed(evil, *skipped(f"x/{EVIL}", EVIL, EVIL), failed=1))
    assert text.count(clean(EVIL)) == 5  # the phase's column is too narrow for all of it
    assert all(clean(line) == line for line in text.split("\n"))


def test_parts_of_a_line_are_never_empty() -> None:
    for columns in (20, 80):
        rows: list[Parts] = summary_parts(builds.with_failures(), columns)
        assert all(part.text for parts in rows[2:] for part in parts)
