"""What is said while there is no build to show."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.model import BuildState, HostSample, Snapshot, Source, SourceKind, View
from synthtop.pages import of_no_log, page_for, picks
from synthtop.parts import Parts, Role, joined
from synthtop.text import clean, width

from . import builds


def page(snapshot: Snapshot, columns: int = 77) -> list[str]:
    parts = page_for(snapshot, columns)
    assert parts is not None
    return [joined(row).rstrip() for row in parts]


def roles(snapshot: Snapshot, text: str) -> list[Role]:
    parts: list[Parts] = page_for(snapshot, 77) or []
    return [part.role for row in parts for part in row if part.text.strip() == text]


@pytest.mark.parametrize(
    "state", [state for state in BuildState if state not in (BuildState.WAITING, BuildState.UNREADABLE)]
)
def test_where_there_is_a_build_there_is_no_page(state: BuildState) -> None:
    assert page_for(builds.building(state=state), 80) is None


# -- waiting -----------------------------------------------------------------------------------------


def test_while_nothing_is_built_the_page_says_how_the_host_is_and_what_to_type() -> None:
    assert page(builds.waiting()) == [
        "No build was found; one that starts is shown here.",
        "",
        "  load     16.31 on 8 cores",
        "  swap     2%",
        "  workers  6 of 8 could start now: high load",
        "",
        "To begin:",
        "  synthtop demo                       a small build, to see how it looks",
        "  synthtop run PLAN.toml              build what a plan says",
        "  synthtop run -c COMMAND ORIGIN ...  build these, each with one command",
        "  synthtop --follow PATH              show a build by its files",
        "  synthtop --help                     all that it can do",
    ]


def test_where_there_is_something_to_choose_from_there_is_no_page() -> None:
    assert page_for(builds.waiting("LiveSystem", "demo"), 80) is None
    assert picks(builds.waiting("LiveSystem"))
    assert not picks(builds.waiting())
    assert not picks(replace(builds.building(), builds=builds.picker().builds))


def test_what_went_wrong_with_the_last_one_is_said_while_there_is_none() -> None:
    snapshot = replace(builds.waiting(), problem="no build 'demo' runs any more")
    assert "no build 'demo' runs any more" in page(snapshot)
    assert "no build 'demo' runs any more" in page(snapshot, 37)


def test_why_not_all_workers_could_start_has_the_throttles_colour() -> None:
    assert roles(builds.waiting(), "6 of 8") == [Role.THROTTLED]
    assert roles(replace(builds.waiting(), dynmax=8, reason=None), "8") == [Role.VALUE]


def test_an_idle_host_lets_all_start() -> None:
    idle = replace(builds.waiting(), dynmax=8, reason=None, host=HostSample(0.05, 1, None, no_swap=True))
    assert page(idle)[2:5] == ["  load     0.05 on 1 core", "  swap     none", "  workers  8 could start now"]


def test_what_is_not_known_of_the_host_is_a_dash_with_the_reason_below() -> None:
    unknown = HostSample(problems=("load: /proc/loadavg: Permission denied",))
    snapshot = replace(builds.waiting(), host=unknown, dynmax=None, reason=None)
    assert page(snapshot)[2:6] == [
        "  load     -",
        "  swap     -",
        "  workers  -",
        "           load: /proc/loadavg: Permission denied",
    ]


def test_figures_that_change_move_nothing_but_themselves() -> None:
    """But for the load's own digits, as in the header."""
    other = replace(builds.waiting(), dynmax=8, reason=None, host=HostSample(0.1, 8, 11.0))
    before, after = page(builds.waiting()), page(other)
    assert len(before) == len(after)
    assert [line[:11] for line in before] == [line[:11] for line in after]


def test_where_it_is_narrow_every_line_counts() -> None:
    assert page(builds.waiting(), 37) == [
        "No build was found.",
        "6 of 8 could start now: high load",
        " synthtop demo",
        " synthtop run PLAN.toml",
        " synthtop run -c COMMAND ORIGIN ...",
        " synthtop --follow PATH",
        " synthtop --help",
    ]


def test_what_is_to_be_typed_is_not_said_by_halves() -> None:
    assert page(builds.waiting(), 17)[-2:] == [" synthtop demo", " synthtop --help"]


# -- waiting for one that is named -------------------------------------------------------------------


def test_a_file_that_is_waited_for_is_named_with_why_and_for_how_long() -> None:
    assert page(builds.waiting_for_file()) == [
        "Waiting for a build.",
        "",
        "  at       /build/synth/logs/stats/monitor.dat",
        "  so far   there is no such file yet",
        "  waiting  00:02:10",
        "",
        "It is shown as soon as it is there.",
    ]


def test_where_it_is_narrow_what_is_waited_for_is_said_in_a_line_each() -> None:
    assert page(builds.waiting_for_file(), 37) == [
        "Waiting for a build.",
        " /build/synth/logs/stats/monitor.dat",
        " there is no such file yet",
        " 00:02:10",
        "It is shown as soon as it is there.",
    ]


def test_events_are_waited_for_at_standard_input() -> None:
    lines = page(builds.waiting_for_events())
    assert lines[0] == "Waiting for the first event."
    assert lines[2] == "  from     standard input"


def test_what_is_waited_for_goes_before_what_could_be_chosen() -> None:
    snapshot = replace(builds.waiting_for_file(), builds=builds.picker().builds)
    assert page(snapshot)[0] == "Waiting for a build."


# -- what a source does not say ----------------------------------------------------------------------


@pytest.mark.parametrize("state", [BuildState.BUILDING, BuildState.STALE, BuildState.GONE])
def test_a_monitor_file_in_text_says_nothing_of_workers_and_that_is_said(state: BuildState) -> None:
    assert page(builds.followed_text(state=state)) == ["A monitor file in text has no per-worker data."]


def test_where_workers_could_be_known_and_are_not_that_is_said() -> None:
    assert page(builds.followed(workers=())) == ["Nothing is known of its workers."]


@pytest.mark.parametrize("state", [BuildState.FINISHED, BuildState.INTERRUPTED])
def test_a_build_that_is_over_is_summed_up_also_without_workers(state: BuildState) -> None:
    assert page_for(builds.followed_text(state=state), 77) is None


@pytest.mark.parametrize(
    ("kind", "logs", "said"),
    [
        (SourceKind.TEXT, None, "A monitor file in text has no event log."),
        (SourceKind.DSYNTH, None, "dsynth's monitor file has no event log."),
        (SourceKind.DSYNTH, "/build/logs/", "There is no line in /build/logs/00_last_results.log."),
        (SourceKind.DSYNTH, "\x1b[2J", "There is no line in ␛[2J/00_last_results.log."),
        (SourceKind.JSON, None, ""),
        (SourceKind.POUDRIERE, "/build/logs", ""),
        (SourceKind.RUN, "/build/logs", ""),
    ],
)
def test_why_there_is_no_log_is_said_where_it_is_not_that_nothing_happened(
    kind: SourceKind, logs: str | None, said: str
) -> None:
    assert of_no_log(builds.building(source=Source(kind, "/f", logs=logs), log=View())) == said


def test_a_log_that_is_there_is_not_said_to_be_missing() -> None:
    assert of_no_log(builds.followed_text(log=builds.log())) == ""


# -- unreadable --------------------------------------------------------------------------------------


def test_a_file_that_cannot_be_read_is_named_with_what_is_wrong() -> None:
    assert page(builds.unreadable()) == [
        "This file cannot be read.",
        "",
        "  file     /build/stats/monitor.dat",
        "  read as  a monitor file in text",
        "  because  no Load= line: expected Load, Swap, Workers, DynMax, Rate,",
        "           Impulse, Elapsed, Queued, Built, Failed, Ignored, Skipped",
        "",
        "It is tried again every second.",
    ]


def test_where_it_is_narrow_the_names_of_the_lines_go() -> None:
    assert page(builds.unreadable(), 37)[:3] == [
        "This file cannot be read.",
        " /build/stats/monitor.dat",
        " a monitor file in text",
    ]


@pytest.mark.parametrize("kind", [kind for kind in SourceKind if kind is not SourceKind.RUN])
def test_every_kind_of_source_says_as_what_it_is_read(kind: SourceKind) -> None:
    lines = page(replace(builds.unreadable(), source=Source(kind, None)))
    assert lines[0] == "What comes in cannot be read."
    assert lines[2].startswith("  read as  ")


def test_a_source_without_a_problem_is_unreadable_all_the_same() -> None:
    lines = page(replace(builds.unreadable(), problem=None))
    assert not any("because" in line for line in lines)


@given(st.integers(13, 300), st.text("/abcdefgh. ", min_size=1, max_size=300))
@settings(max_examples=100)
def test_a_path_is_said_whole_however_many_lines_it_takes(columns: int, path: str) -> None:
    snapshot = replace(builds.unreadable(), source=Source(SourceKind.TEXT, path), problem=None)
    said = "".join(page(snapshot, columns)).replace(" ", "")
    assert path.replace(" ", "") in said


# -- text from outside, and room ---------------------------------------------------------------------


@given(
    st.sampled_from((BuildState.WAITING, BuildState.UNREADABLE)),
    st.integers(1, 300),
    st.lists(st.text(max_size=40)),
)
@settings(max_examples=150)
def test_no_line_is_wider_than_its_room_or_anything_but_text(
    state: BuildState, columns: int, texts: list[str]
) -> None:
    foreign = texts or list(builds.HOSTILE)
    snapshot = builds.building(
        state=state,
        source=Source(SourceKind.TEXT, foreign[0]),
        problem=foreign[-1],
        builds=tuple(builds.listed(name) for name in foreign),
        dynmax=1,
        reason=foreign[0],
        host=HostSample(problems=tuple(foreign)),
    )
    lines = page(snapshot, columns)
    assert max(map(width, lines)) <= columns
    assert all(clean(line) == line for line in lines)
