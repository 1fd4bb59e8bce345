"""What is seen of a log, and what each command makes of that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synthtop.logfile.page import Page
from synthtop.logfile.paging import TOP, Paging, Place

from .logfiles import SMALL, Viewed, append, blocks_of, found, here, numbered, text_of, texts

DATA = st.lists(
    st.sampled_from(
        [b"\n", b"ab\n", b"c" * 7 + b"\n", b"\xe6\x97\xa5" * 5 + b"\n", b"d" * 40, b"\x1b[1me\tf\n"]
    )
).map(b"".join)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.log"


# -- rows ------------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(DATA, st.booleans(), st.integers(1, 12))
def test_rows_are_the_same_forwards_and_backwards(data: bytes, wrap: bool, columns: int) -> None:
    paging = Paging(blocks_of(data), columns, wrap)
    rows = [spot.place for spot in paging.rows(TOP)]
    if not rows:
        assert paging.last() == TOP
        return
    assert paging.last() == rows[-1]
    for index, place in enumerate(rows):
        assert paging.down(TOP, index) == place
        assert paging.up(rows[-1], len(rows) - 1 - index) == place
    assert paging.down(TOP, len(rows) + 3) == rows[-1]
    assert paging.up(rows[-1], len(rows) + 3) == TOP


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    DATA,
    st.lists(
        st.one_of(
            st.integers(-9, 9),
            st.sampled_from(["wrap", "no wrap", "top", "end", "narrow", "wide"]),
        ),
        max_size=8,
    ),
)
def test_however_one_moves_the_page_is_full_and_its_rows_follow_each_other(
    path: Path, data: bytes, moves: list[int | str]
) -> None:
    path.write_bytes(data)
    viewed = Viewed(path, 10, 4)
    viewer, view = viewed.viewer, viewed.viewer.view
    named: dict[int | str, Callable[[], None]] = {
        "wrap": lambda: view.set_wrap(True),
        "no wrap": lambda: view.set_wrap(False),
        "top": viewer.to_start,
        "end": viewer.to_end,
        "narrow": lambda: view.resize(3, 3),
        "wide": lambda: view.resize(30, 5),
    }
    columns, height = 10, 4
    for move in moves:
        page = viewed.do(named[move]) if isinstance(move, str) else viewed.do(viewer.scroll, move)
        columns, height = {"narrow": (3, 3), "wide": (30, 5)}.get(str(move), (columns, height))
        paging = Paging(blocks_of(data, SMALL.longest, SMALL.window), columns, page.wrap)
        rows = [spot.place for spot in paging.rows(TOP)]
        places = [Place(row.offset, row.part) for row in page.rows]
        assert len(places) == min(height, len(rows))
        start = rows.index(places[0]) if places else 0
        assert places == rows[start : start + len(places)]
        assert page.at_end == (start + len(places) == len(rows))
        assert page.at_end or not page.following


def test_a_log_opens_at_its_end_and_follows_it(path: Path) -> None:
    path.write_bytes(numbered(9))
    viewed = Viewed(path, 20, 3)
    page = viewed.page()
    assert texts(page) == ["line 7", "line 8", "line 9"]
    assert [row.number for row in page.rows] == [7, 8, 9]
    assert (page.following, page.at_end, page.lines, page.size, page.above) == (True, True, 9, 63, 42)
    append(path, b"line 10\nand")
    page = viewed.look()
    assert texts(page) == ["line 9", "line 10", "and"]
    assert page.lines == 11
    append(path, b" more")
    assert texts(viewed.look())[-1] == "and more"


def test_one_that_scrolls_up_stays_there_and_follows_again_from_the_end(path: Path) -> None:
    path.write_bytes(numbered(9))
    viewed = Viewed(path, 20, 3)
    viewer = viewed.viewer
    assert texts(viewed.do(viewer.scroll, -2)) == ["line 5", "line 6", "line 7"]
    append(path, b"line 10\n")
    page = viewed.look()
    assert (texts(page)[0], page.following, page.at_end) == ("line 5", False, False)
    assert not viewed.do(viewer.scroll, 2).following
    page = viewed.do(viewer.scroll, 2)
    assert (texts(page)[-1], page.following) == ("line 10", True)
    page = viewed.do(viewer.to_start)
    assert (texts(page)[0], page.following) == ("line 1", False)
    assert texts(viewed.do(viewer.to_end))[-1] == "line 10"


def test_a_short_log_is_followed_whatever_is_scrolled(path: Path) -> None:
    path.write_bytes(b"one\n")
    viewed = Viewed(path)
    assert viewed.do(viewed.viewer.scroll, -5).following
    assert viewed.do(viewed.viewer.scroll, 5).following


def test_an_empty_log_is_a_page_without_rows(path: Path) -> None:
    path.write_bytes(b"")
    page = Viewed(path).page()
    assert (page.rows, page.at_end, page.lines, page.problem) == ((), True, 0, "")


def test_lines_that_are_too_long_are_cut_and_shifted_or_wrapped(path: Path) -> None:
    path.write_bytes(b"abcdefghij\nk\n")
    viewed = Viewed(path, 4, 5)
    view = viewed.viewer.view
    assert texts(viewed.page()) == ["abcd", "k"]
    page = viewed.do(view.shift_by, 3)
    assert (texts(page), page.shift) == (["defg", ""], 3)
    page = viewed.do(view.shift_by, 99)
    assert (texts(page), page.shift) == (["ghij", ""], 6)
    page = viewed.do(view.set_wrap, True)
    assert (texts(page), page.shift, page.wrap) == (["abcd", "efgh", "ij", "k"], 0, True)
    assert [(row.part, row.number) for row in page.rows] == [(0, 1), (1, 1), (2, 1), (0, 2)]
    assert viewed.do(view.shift_by, 3).shift == 0


def test_what_is_at_the_top_stays_there_when_the_screen_changes(path: Path) -> None:
    path.write_bytes(b"abcdefghijklmnopqrstuvwxyz\n" * 4)
    viewed = Viewed(path, 5, 2)
    viewed.do(viewed.viewer.view.set_wrap, True)
    viewed.do(viewed.viewer.to_start)
    assert texts(viewed.do(viewed.viewer.scroll, 3)) == ["pqrst", "uvwxy"]
    assert texts(viewed.do(viewed.viewer.view.resize, 10, 2))[0] == "klmnopqrst"


def test_the_rows_of_a_line_that_was_broken_have_one_number(path: Path) -> None:
    path.write_bytes(b"one\n" + b"x" * 300 + b"\ntwo\n")
    page = Viewed(path, 20, 9).page()
    assert [row.number for row in page.rows] == [1, 2, 2, 2, 2, 3]


def test_marks_say_where_a_phase_begins_and_what_went_wrong(path: Path) -> None:
    path.write_bytes(b"-- Phase: build\nok\nerror: no\n")
    assert [row.mark for row in Viewed(path).page().rows] == ["phase", "", "error"]


# -- jumps -----------------------------------------------------------------------------------------


def test_it_may_begin_with_a_line_in_view(path: Path) -> None:
    path.write_bytes(numbered(50))
    page = Viewed(path, 20, 5, offset=70).page()
    assert here(page) == ["line 10"]
    assert (texts(page)[0], page.following) == ("line 9", False)


def test_to_a_line_by_its_number(path: Path) -> None:
    path.write_bytes(numbered(50))
    viewed = Viewed(path)
    page = viewed.do(viewed.viewer.to_line, 20)
    assert (here(page), page.note) == (["line 20"], "")
    assert here(viewed.do(viewed.viewer.to_line, 0)) == ["line 1"]
    page = viewed.do(viewed.viewer.to_line, 99)
    assert (here(page), page.note) == (["line 50"], "the log has 50 lines")


def test_to_a_line_that_is_not_counted_yet_takes_its_time_and_says_so(path: Path) -> None:
    path.write_bytes(numbered(200))
    viewed = Viewed(path)
    append(path, numbered(200))
    viewer = viewed.viewer
    viewer.look(1000.0)
    viewer.to_line(390)
    viewer.step()
    assert viewer.page().doing.startswith("counting lines ")
    assert viewer.page().lines is None
    page = viewed.page()
    assert (here(page), page.doing, page.lines) == (["line 190"], "", 400)


def test_a_search_goes_from_one_line_to_the_next_and_round(path: Path) -> None:
    path.write_bytes(numbered(30))
    viewed = Viewed(path, 20, 5)
    viewer = viewed.viewer
    viewed.do(viewer.to_start)
    page = viewed.do(viewer.search, "LINE 1", False)
    assert (here(page), page.note, page.pattern) == ([], "not found: LINE 1", "LINE 1")
    page = viewed.do(viewer.search, "ne 1", False)
    assert (here(page), found(page), page.above) == (["line 1"], ["ne 1"], 0)
    page = viewed.do(viewer.again, True)
    assert here(page) == ["line 10"]
    assert found(page)[0] == "ne 1"
    assert here(viewed.do(viewer.again, True)) == ["line 11"]
    assert here(viewed.do(viewer.again, False)) == ["line 10"]
    assert here(viewed.do(viewer.again, False)) == ["line 1"]
    page = viewed.do(viewer.again, False)
    assert (here(page), page.note) == (["line 19"], "the search went on from the end")
    page = viewed.do(viewer.again, True)
    assert (here(page), page.note) == (["line 1"], "the search went on from the top")
    page = viewed.do(viewer.search, "", False)
    assert (here(page), found(page), page.pattern, page.note) == ([], [], "", "")
    assert viewed.do(viewer.again, True).note == "nothing is searched for"


def test_a_search_goes_on_from_the_page_once_that_was_scrolled_away(path: Path) -> None:
    path.write_bytes(numbered(40))
    viewed = Viewed(path, 20, 5)
    viewer = viewed.viewer
    viewed.do(viewer.to_start)
    viewed.do(viewer.search, "line", False)
    viewed.do(viewer.scroll, 20)
    assert here(viewed.do(viewer.again, True)) == ["line 21"]
    viewed.do(viewer.scroll, 10)
    assert here(viewed.do(viewer.again, False)) == ["line 30"]


def test_what_is_found_is_shown_over_a_change_of_colour_and_brought_into_view(path: Path) -> None:
    path.write_bytes(b"x" * 40 + b"\x1b[31mne\x1b[0medle y\n" + b"z\n" * 3)
    viewed = Viewed(path, 10, 5)
    page = viewed.do(viewed.viewer.search, "needle", False)
    assert "".join(found(page)) == "needle"
    assert [piece.sgr for piece in page.rows[0].pieces if piece.found] == ["31", ""]
    assert viewed.do(viewed.viewer.search, "xx", False).shift == 0
    viewed.do(viewed.viewer.view.set_wrap, True)
    viewed.do(viewed.viewer.view.resize, 10, 2)
    viewed.do(viewed.viewer.to_end)
    page = viewed.do(viewed.viewer.search, "needle", False)
    assert "needle y" in texts(page)


def test_an_expression_is_searched_for_or_said_to_be_none(path: Path) -> None:
    path.write_bytes(numbered(30))
    viewed = Viewed(path, 20, 5)
    viewer = viewed.viewer
    page = viewed.do(viewer.search, "e [12]2$", True)
    assert (here(page), found(page)) == (["line 12"], ["e 12"])
    page = viewed.do(viewer.search, "(", True)
    assert page.note.startswith("not searched: missing )")
    assert page.pattern == ""
    viewer.close()


def test_from_phase_to_phase(path: Path) -> None:
    path.write_bytes(b"".join(b"-- Phase: %d\n" % phase + b"x\n" * 9 for phase in range(3)))
    viewed = Viewed(path, 20, 4)
    viewer = viewed.viewer
    page = viewed.do(viewer.phase, -1)
    assert texts(page)[0] == "-- Phase: 2"
    assert here(page) == ["-- Phase: 2"]
    assert texts(viewed.do(viewer.phase, -1))[0] == "-- Phase: 1"
    assert texts(viewed.do(viewer.phase, -1))[0] == "-- Phase: 0"
    page = viewed.do(viewer.phase, -1)
    assert (texts(page)[0], page.note) == ("-- Phase: 0", "there is no phase before this")
    assert texts(viewed.do(viewer.phase, 1))[0] == "-- Phase: 1"
    viewed.do(viewer.phase, 1)
    page = viewed.do(viewer.phase, 1)
    assert (texts(page)[0], page.note) == ("-- Phase: 2", "this is the last phase")
    viewed.do(viewer.to_start)
    viewed.do(viewer.scroll, 10)
    assert texts(viewed.do(viewer.phase, 1))[0] == "-- Phase: 2"


def test_what_the_framework_says_of_a_phase_once_more_is_passed_by(path: Path) -> None:
    phase = b"-- Phase: build\n===>  Building for a\nx\nx\n"
    path.write_bytes(phase * 2)
    viewed = Viewed(path, 20, 2)
    viewer = viewed.viewer
    viewed.do(viewer.to_start)
    page = viewed.do(viewer.phase, 1)
    assert (texts(page)[0], page.above) == ("-- Phase: build", len(phase))
    page = viewed.do(viewer.phase, -1)
    assert (texts(page)[0], page.above) == ("-- Phase: build", 0)


def test_from_error_to_error_round_the_end(path: Path) -> None:
    path.write_bytes(b"x\n" * 9 + b"error: a\n" + b"x\n" * 9 + b"error: b\n" + b"x\n" * 9)
    viewed = Viewed(path, 20, 4)
    viewer = viewed.viewer
    page = viewed.do(viewer.error, 1)
    assert (here(page), page.note) == (["error: a"], "the search went on from the top")
    assert here(viewed.do(viewer.error, 1)) == ["error: b"]
    assert here(viewed.do(viewer.error, -1)) == ["error: a"]
    path.write_bytes(b"x\n")
    viewed.look()
    assert viewed.do(viewer.error, 1).note == "no line says what went wrong"


def test_a_search_is_given_up_for_the_next_command_and_says_how_far_it_is(path: Path) -> None:
    path.write_bytes(numbered(100_000))
    viewed = Viewed(path)
    viewer = viewed.viewer
    viewer.search("nothing", False)
    viewer.step()
    viewer.step()
    assert viewer.page().doing.startswith("searching ")
    viewer.scroll(-1)
    page = viewed.page()
    assert (page.doing, page.note) == ("", "stopped before it was found")
    viewer.scroll(-1)
    assert viewed.page().note == ""


def test_everything_that_is_shown_is_clean(path: Path) -> None:
    path.write_bytes(b"\x1b]0;x\x07\x1b[2J\xff\n\x9b31m\n")
    viewed = Viewed(path)
    page: Page = viewed.do(viewed.viewer.search, "\x1b[2J", False)
    shown = [*texts(page), page.note, page.pattern]
    assert all(text.isprintable() for text in shown)
    assert [text_of(row) for row in page.rows] == ["␛]0;x␇␛[2J�", "�31m"]
