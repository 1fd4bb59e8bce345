"""The history as text: its tables in terminals of any width, its charts, its JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.history.record import Built, Minute, PackageRecord, Run
from synthtop.historytext import export
from synthtop.historytext.builds import builds_lines, usual
from synthtop.historytext.charts import chart_lines
from synthtop.historytext.onerun import one_run_lines
from synthtop.historytext.runs import run_lines
from synthtop.historytext.spark import bar, in_ascii, over, spark
from synthtop.model import BuildState, Outcome, SourceKind, Totals
from synthtop.text import clean, width

from .recorded import BEGAN, HOUR, built, failed, minutes, package, run

NOW = BEGAN + 24 * HOUR


def listed(columns: int | None, *runs: Run) -> list[str]:
    return run_lines(runs, columns, NOW, time.gmtime)


def told(
    columns: int | None, *packages: PackageRecord, of: Run | None = None, every: bool = False
) -> list[str]:
    return one_run_lines(of or run(), packages, (), columns, every=every, local=time.gmtime)


def over_time(columns: int | None, *builds: Built, most: int | None = 20) -> list[str]:
    return builds_lines("lang/rust", builds, columns, now=NOW, most=most, local=time.gmtime)


# -- runs ----------------------------------------------------------------------------------------------


def test_runs_are_a_table_of_what_they_were_like() -> None:
    assert listed(None, run(host="sun"), run(9, host="moon", started=BEGAN - 400 * 24 * HOUR)) == [
        " Run  Started           Host  Build  State     Duration  Built  Failed  Queued   Rate   Peak  Load",
        "  12  2026-07-03 14:32  sun   ports  finished  03:30:00    803       2     812  231.4  512.0  9.41",
        "   9  2025-05-29 14:32  moon  ports  finished  03:30:00    803       2     812  231.4  512.0  9.41",
    ]


def test_in_80_columns_the_less_important_figures_are_left_out() -> None:
    assert listed(80, run(), run(9, started=BEGAN - 400 * 24 * HOUR)) == [
        " Run  Started       Build  State     Duration  Built  Failed  Queued   Rate",
        "  12  Jul 03 14:32  ports  finished  03:30:00    803       2     812  231.4",
        "   9  2025-05-29    ports  finished  03:30:00    803       2     812  231.4",
    ]


def test_hosts_are_told_in_80_columns_where_there_are_several() -> None:
    first, *rows = listed(80, run(), run(9, host="venus"))
    assert "Host" in first
    assert ["mercury" in rows[0], "venus" in rows[1]] == [True, True]


def test_a_long_name_is_cut_and_leaves_no_figure_out_that_a_short_one_leaves() -> None:
    heading, row = listed(80, run(name="a-name-" * 20))
    assert heading.split() == listed(80, run())[0].split()
    assert "a-name-a" in row
    assert "…" in row


def test_what_is_not_known_of_a_run_is_a_dash() -> None:
    unknown = run(
        started=1e18,
        workers=None,
        average_rate=None,
        peak_rate=math.nan,
        peak_load=-1.0,
        totals=Totals(None, 3),
    )
    assert listed(None, unknown)[1].split() == [
        "12", "-", "mercury", "ports", "finished", "03:30:00", "3", "0", "-", "-", "-", "-",
    ]  # fmt: skip


# -- one run -------------------------------------------------------------------------------------------


def test_a_run_begins_with_what_it_was_as_a_whole() -> None:
    assert told(80)[:7] == [
        "Run 12: ports on mercury",
        "State: finished, 2 failed",
        "Started: 2026-07-03 14:32:10  Ended: 18:02:10  Elapsed: 03:30:00",
        "Queued: 812  Built: 803  Failed: 2  Ignored: 3  Skipped: 4",
        "Workers: 8  Rate: 231.4 pkg/hr  Peak: 512.0 pkg/hr  Peak load: 9.41",
        "Source: synthtop run",
        "Logs: /build/logs",
    ]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"state": BuildState.BUILDING, "ended": None, "totals": Totals(812, 300)},
            "Started: 2026-07-03 14:32:10  Elapsed: 03:30:00",
        ),
        (
            {"state": BuildState.GONE, "ended": None},
            "Started: 2026-07-03 14:32:10  Last heard of: 18:02:10  Elapsed: 03:30:00",
        ),
        (
            {"ended": BEGAN + 30 * HOUR},
            "Started: 2026-07-03 14:32:10  Ended: 2026-07-04 20:32:10  Elapsed: 03:30:00",
        ),
    ],
    ids=["building", "gone", "over night"],
)
def test_when_it_ended_is_said_as_far_as_it_is_known(changes: dict[str, object], line: str) -> None:
    assert told(80, of=run(**changes))[2] == line


def test_a_followed_run_says_what_it_was_read_from() -> None:
    of = run(own=False, kind=SourceKind.POUDRIERE, path="/bulk/latest", logs=None)
    assert told(80, of=of)[-1] == "Source: poudriere's status, /bulk/latest"


def test_failures_come_first_with_reason_and_log_and_then_what_took_longest() -> None:
    packages = (package("a/short", 60), failed(), package("a/long", 120), package("a/unknown", None))
    assert told(80, *packages)[8:] == [
        " Failed       Phase  Duration  Lines",
        " editors/vim  build  00:12:31  91022",
        "   exit status 1",
        "   /build/logs/editors___vim.log",
        "",
        " Slowest of 3 built  Duration  Lines",
        " a/long              00:02:00  91022  " + "█" * 40,
        " a/short             00:01:00  91022  " + "█" * 20,
    ]


def test_only_so_many_failures_and_packages_are_listed() -> None:
    packages = [failed(f"a/f{number}") for number in range(5)]
    packages += [package(f"a/b{number}") for number in range(5)]
    lines = one_run_lines(run(), packages, (), 80, most=2, local=time.gmtime)
    assert [line.split()[0] for line in lines if line.startswith(" a/")] == ["a/f0", "a/f1", "a/b0", "a/b1"]
    assert " and 3 more: --all lists them" in lines


def test_all_packages_are_listed_in_the_order_in_which_they_ended() -> None:
    skipped = package("a/skipped", None, outcome=Outcome.SKIPPED, reason="editors/vim failed")
    packages = (package(), failed(), skipped._replace(started=None, lines=None))
    assert told(80, *packages, every=True)[-4:] == [
        "    Began  Duration  Outcome  Lines  Origin",
        " 00:01:00  02:10:11  built    91022  lang/rust",
        " 00:01:00  00:12:31  failed   91022  editors/vim  build: exit status 1",
        " --:--:--  --:--:--  skipped      -  a/skipped  editors/vim failed",
    ]


# -- charts --------------------------------------------------------------------------------------------


def test_charts_show_the_course_of_each_figure_and_the_time_below() -> None:
    assert [line.rstrip() for line in chart_lines(run(), minutes(8), 80)] == [
        " rate     ▁▁▁▁▁▁▅▅▅▅▅▅▇▇▇▇▇▇▅▅▅▅▅▅▁▁▁▁▁▁▅▅▅▅▅▅▇▇▇▇▇▇▅▅▅▅▅▅  max 512/h",
        " load     ▂▂▂▂▂▂▅▅▅▅▅▅▇▇▇▇▇▇▅▅▅▅▅▅▂▂▂▂▂▂▅▅▅▅▅▅▇▇▇▇▇▇▅▅▅▅▅▅  max 9.41",
        " swap     ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇  max 12%",
        " workers  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆  max 8, DynMax min 6",
        " CPU      ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇  max 97%",
        " memory   ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇  max 12G",
        "          0h00                  0h04                  0h08",
    ]


def test_a_figure_that_nobody_knows_has_no_chart() -> None:
    known = [minute._replace(swap=None, cpu=math.nan, memory=-1.0) for minute in minutes(8)]
    assert [line.split()[0] for line in chart_lines(run(), known, 80)] == ["rate", "load", "workers", "0h00"]


def test_two_minutes_are_no_course() -> None:
    assert chart_lines(run(), minutes(2), 80) == []


def test_a_minute_without_news_is_a_gap() -> None:
    heard = [minute for minute in minutes(6) if minute.minute not in (2, 3)]
    (line,) = (line for line in chart_lines(run(), heard, 50) if line.startswith(" CPU"))
    assert line.split() == ["CPU", "▇▇▇▇▇▇", "▇▇▇▇▇▇", "max", "97%"]


def test_a_minute_far_away_costs_no_memory() -> None:
    far = [*minutes(2), Minute(10**15, *minutes(1)[0][1:])]
    lines = chart_lines(run(), far, 80)
    assert all(width(line) == 80 for line in lines)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.none() | st.floats(0, 1e6)), max_size=60),
    st.integers(1, 90),
)
@settings(max_examples=50)
def test_the_most_of_a_course_is_in_it_however_narrow_it_is(
    points: list[tuple[int, float | None]], columns: int
) -> None:
    places, values = [place for place, _ in points], [value for _, value in points]
    found = over(places, values, 61, columns)
    assert len(found) <= columns
    known = [value for value in values if value is not None]
    assert max((value for value in found if value is not None), default=None) == max(known, default=None)


@pytest.mark.parametrize(
    ("value", "sign"),
    [(None, " "), (math.nan, " "), (0.0, "▁"), (0.001, "▂"), (5.0, "▅"), (10.0, "▇"), (11.0, "▇")],
)
def test_a_sign_is_as_high_as_its_value_and_zero_differs_from_little(value: float | None, sign: str) -> None:
    assert spark([value], 10.0) == sign


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.integers(0, 60))
@settings(max_examples=50)
def test_a_bar_has_its_columns_and_what_is_more_than_nothing_can_be_seen(
    value: float, top: float, columns: int
) -> None:
    drawn = bar(value, top, columns)
    assert width(drawn) == columns
    assert bool(drawn.strip()) == (value > 0 and top > 0 and columns > 0)


# -- one package ---------------------------------------------------------------------------------------


def test_a_package_is_shown_over_time_beside_its_median() -> None:
    failure = built(11, 500, outcome=Outcome.FAILED, phase="build", reason="exit status 1")
    assert over_time(80, built(12, 7200), failure, built(10, 3600), built(9, 5400)) == [
        "lang/rust: 3 built, 1 failed",
        "Built in 01:00:00 to 02:00:00, median 01:30:00",
        "",
        " Run  Started       Host     Build  Outcome  Duration",
        "  12  Jul 03 14:33  mercury  ports  built    02:00:00  █████████████████████████",
        "  11  Jul 02 14:33  mercury  ports  failed   00:08:20  build: exit status 1",
        "  10  Jul 01 14:33  mercury  ports  built    01:00:00  ████████████▌     │",
        "   9  Jun 30 14:33  mercury  ports  built    01:30:00  ██████████████████▊",
    ]


def test_what_it_takes_on_each_host_is_told_where_there_are_several() -> None:
    lines = over_time(80, built(12, 7200), built(11, 60)._replace(host="venus"))
    assert lines[2:4] == ["  on mercury: 02:00:00", "  on venus: 00:01:00"]


def test_one_that_was_never_built_has_no_median() -> None:
    lines = over_time(80, built(12, 500, outcome=Outcome.FAILED, phase=None, reason=None))
    assert lines[:2] == ["lang/rust: 1 failed", ""]
    assert lines[3].endswith("failed   00:08:20")


def test_earlier_runs_are_counted_where_only_some_are_listed() -> None:
    lines = over_time(80, *[built(number, 60) for number in range(12, 0, -1)], most=3)
    assert lines[-1] == " and 9 earlier runs: --all lists them"
    assert len(lines) == 8


# -- for any terminal ----------------------------------------------------------------------------------

HOSTILE = "世界\x1b[31m\x1b]0;x\x07\u202e\ud800e\u0301\n" * 3


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal_nor_has_what_a_terminal_obeys(columns: int) -> None:
    strange = failed(HOSTILE, reason=HOSTILE, phase=HOSTILE, log=None)
    of = run(name=HOSTILE, host=HOSTILE)
    tables = [
        *listed(columns, of, run(host="venus")),
        *one_run_lines(of, [strange._replace(reason=None)], minutes(90), columns, local=time.gmtime)[7:],
        *over_time(columns, Built(12, HOSTILE, HOSTILE, strange), built(11, 60))[5:],
    ]
    assert max(map(width, tables)) <= columns
    # What one wants to copy is said whole, however long it is.
    every = [*tables, *told(columns, strange, of=of), *told(columns, strange, of=of, every=True)]
    assert all(line == clean(line) for line in every)
    assert all(line == line.rstrip() for line in listed(columns, of))


def test_in_ascii_a_table_has_as_many_columns() -> None:
    lines = [
        *told(80, package(), failed()),
        *chart_lines(run(), minutes(90), 80),
        *over_time(80, built(12, 9)),
    ]
    assert all(in_ascii(line).isascii() and len(in_ascii(line)) == width(line) for line in lines)


# -- for scripts ---------------------------------------------------------------------------------------


def test_csv_has_a_header_and_empty_cells_for_what_is_unknown() -> None:
    rows = map(export.package_fields, [package(), failed(reason='of "x", y\n', started=None)])
    assert list(csv.reader(io.StringIO("\n".join(export.csv_lines(export.PACKAGE_FIELDS, rows))))) == [
        ["origin", "outcome", "phase", "reason", "started", "duration", "lines", "log"],
        [
            "lang/rust", "built", "", "", "1783089190.0", "7811", "91022", "/build/logs/lang___rust.log",
        ],
        [
            "editors/vim", "failed", "build", 'of "x", y␊', "", "751", "91022",
            "/build/logs/editors___vim.log",
        ],
    ]  # fmt: skip


def test_a_run_as_csv_has_its_counts_as_columns_and_as_json_as_an_object() -> None:
    flat = export.run_fields(run())
    assert tuple(flat) == export.RUN_FIELDS
    assert (flat["queued"], flat["remaining"]) == (812, 0)
    document = json.loads(export.json_text(run=export.run_object(run(peak_load=math.nan))))
    assert document["schema"] == 1
    assert document["run"]["peak_load"] is None
    assert document["run"]["totals"]["built"] == 803
    assert "built" not in document["run"]


def test_json_says_a_name_as_it_is_and_in_ascii() -> None:
    text = export.json_text(package=export.package_fields(package(HOSTILE)))
    assert text.isascii()
    assert json.loads(text)["package"]["origin"] == HOSTILE


def test_the_median_is_of_what_was_built() -> None:
    failure = built(11, 1, outcome=Outcome.FAILED)
    assert usual([built(12, 10), failure, built(10, 20), built(9, None)]) == 15
    assert usual([failure]) is None
