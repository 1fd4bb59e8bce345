"""dsynth's result lines, to the character, and the names of logs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthtop.formats.results import (
    COLUMNS,
    adjust_line,
    already_built_line,
    completion_line,
    failure_line,
    ignored_line,
    log_name,
    low_space_line,
    meta_line,
    padded,
    skipped_line,
    space_again_line,
    stalled_line,
    start_line,
    success_line,
)
from synthtop.model import Finished, Outcome
from synthtop.text import clean, width

EVIL = "x11/\x1b[2J\nevil\u202e"
SEEN = "x11/␛[2J␊evil<202E>"


def completed(outcome: Outcome) -> str:
    return completion_line(
        Finished("lang/bar", outcome, 943, 7, "configure", "because", duration=69, blocks=14)
    )


# -- to the character --------------------------------------------------------------------------------


def test_a_start_names_slot_and_origin() -> None:
    assert start_line(3, "devel/foo@py311") == "[003] START   devel/foo@py311"


def test_a_success_ends_with_its_duration_in_column_79() -> None:
    line = success_line(3, "devel/foo@py311", 83)
    assert line == "[003] SUCCESS devel/foo@py311                                          00:01:23"
    assert len(line) == COLUMNS


def test_a_failure_says_how_many_it_blocks_and_ends_with_phase_and_duration() -> None:
    line = failure_line(7, "lang/bar", 14, "configure", 69)
    assert line == "[007] FAILURE lang/bar 14                                    configure 00:01:09"
    assert len(line) == COLUMNS


def test_a_failure_without_phase_and_duration_says_so() -> None:
    line = failure_line(None, "a/b", 0, None, None)
    assert line.startswith("[XXX] FAILURE a/b 0 ")
    assert line.endswith(" - --:--:--")


def test_a_duration_of_100_hours_moves_to_the_left() -> None:
    line = success_line(0, "www/chromium", 362439)
    assert line.endswith(" 100:40:39")
    assert len(line) == COLUMNS


def test_an_ignored_package_says_what_it_blocks_and_why() -> None:
    line = ignored_line("lang/baz", 2, "BROKEN: does not fetch")
    assert line == "[XXX] lang/baz 2 ignored due to BROKEN: does not fetch"


def test_an_ignored_package_that_blocks_nothing_does_not_count_it() -> None:
    assert ignored_line("lang/baz", 0, None) == "[XXX] lang/baz ignored due to no reason given"


def test_a_skipped_package_names_what_it_waited_for() -> None:
    assert skipped_line("lang/qux", "lang/bar") == "[XXX] lang/qux skipped due to lang/bar"
    assert skipped_line("lang/qux", None) == "[XXX] lang/qux skipped due to no reason given"


def test_a_meta_package_is_complete_and_a_built_one_is_left_out() -> None:
    assert meta_line("devel/meta") == "[XXX] devel/meta meta-node complete"
    assert already_built_line("shells/zsh") == "[XXX] shells/zsh Already-Built"


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        (Outcome.BUILT, success_line(7, "lang/bar", 69)),
        (Outcome.FAILED, failure_line(7, "lang/bar", 14, "configure", 69)),
        (Outcome.SKIPPED, skipped_line("lang/bar", "because")),
        (Outcome.IGNORED, ignored_line("lang/bar", 14, "because")),
        (Outcome.META, meta_line("lang/bar")),
    ],
)
def test_each_outcome_has_its_line(outcome: Outcome, line: str) -> None:
    assert completed(outcome) == line


def test_a_stall_says_where_and_for_how_long() -> None:
    assert (
        stalled_line(3, "lang/rust", "build", 10_800)
        == "[003] STALLED lang/rust build: nothing new for 03:00:00"
    )
    assert stalled_line(3, EVIL, None, 61) == f"[003] STALLED {SEEN}: nothing new for 00:01:01"


@pytest.mark.parametrize(
    ("free", "left"),
    [(0, "0 bytes"), (812 << 20, "812 MB"), (1536 << 20, "1.5 GB"), (9 << 10, "9.0 KB")],
)
def test_low_space_says_how_much_is_left_and_where(free: int, left: str) -> None:
    assert low_space_line(EVIL, free) == f"low space: {left} left for {SEEN}"
    assert space_again_line(EVIL) == f"enough space again for {SEEN}"


def test_a_change_of_dynmax_is_dsynths_line_with_the_reason_after_it() -> None:
    line = adjust_line(14.2, 6, 1.2, 8, 0, 8, 8, 6, "high load")
    assert line == ("[XXX] Load=14.20 ( 6) Swap=1.20% ( 8) Mem=0.00G( 8) Adjust Workers 8->6 (high load)")


def test_a_change_of_dynmax_shows_memory_in_gib_and_what_is_unknown_as_0() -> None:
    line = adjust_line(None, 8, None, 8, 3328599655, 7, 7, 8, None)
    assert line == "[XXX] Load=0.00 ( 8) Swap=0.00% ( 8) Mem=3.10G( 7) Adjust Workers 7->8"


# -- what is long, wide or hostile -------------------------------------------------------------------


@pytest.mark.parametrize("length", [60, 64, 65, 66, 67, 250])
def test_an_origin_too_long_for_the_line_makes_it_longer(length: int) -> None:
    origin = "o" * length
    assert failure_line(0, origin, 3, "build", 1).endswith(f"{origin} 3 build 00:00:01")
    assert success_line(0, origin, 1).split() == ["[000]", "SUCCESS", origin, "00:00:01"]


def test_wide_characters_keep_the_duration_in_its_column() -> None:
    assert width(success_line(0, "中文/輸入法", 1)) == COLUMNS
    assert width(failure_line(0, "中文/輸入法", 1, "build", 1)) == COLUMNS
    assert width(padded("中文").decode().rstrip("\n")) == COLUMNS


@pytest.mark.parametrize(
    "line",
    [
        start_line(0, EVIL),
        success_line(0, EVIL, 1),
        failure_line(0, EVIL, 1, EVIL, 1),
        ignored_line(EVIL, 1, EVIL),
        skipped_line(EVIL, EVIL),
        meta_line(EVIL),
        already_built_line(EVIL),
    ],
)
def test_no_line_lets_anything_through(line: str) -> None:
    assert SEEN in line
    assert clean(line) == line


@given(st.text(max_size=100), st.integers(0, 1023) | st.none(), st.integers(0, 10**6))
def test_a_failure_is_at_least_a_whole_line_whatever_failed(
    origin: str, slot: int | None, seconds: int
) -> None:
    assert width(failure_line(slot, origin, 1, "build", seconds)) >= COLUMNS


# -- in the file -------------------------------------------------------------------------------------


def test_a_line_in_the_file_is_filled_up_to_79_columns() -> None:
    assert padded("[XXX] a/b Already-Built") == b"[XXX] a/b Already-Built" + b" " * 56 + b"\n"


@given(st.text(st.characters(exclude_categories=()), max_size=120))
def test_whatever_is_said_is_one_line_in_the_file(text: str) -> None:
    data = padded(text)
    assert data.count(b"\n") == 1
    assert width(data.decode("utf-8").removesuffix("\n")) >= COLUMNS


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ("devel/gmake", "devel___gmake.log"),
        ("devel/foo@py311", "devel___foo@py311.log"),
        ("gmake", "gmake.log"),
        ("a/b/c", "a_b___c.log"),
    ],
)
def test_a_log_is_named_after_category_name_and_flavor(origin: str, name: str) -> None:
    assert log_name(origin) == name


@given(st.text(max_size=30))
def test_a_logs_name_is_a_file_in_the_logs_directory(origin: str) -> None:
    assert "/" not in log_name(origin)
