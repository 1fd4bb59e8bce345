"""Finding lines in chunks: what is found is what a look at every line would find."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from synthtop.logfile import matching, phases, tasks
from synthtop.logfile.blocks import Blocks
from synthtop.logfile.expression import BadExpression, Expression, Interrupted
from synthtop.logfile.search import Finder, Literal, Offsets, matcher, scan
from synthtop.logfile.sgr import stripped

from .logfiles import blocks_of, errors_in, result_of

LINES = st.lists(
    st.sampled_from(
        [
            b"foo",
            b"FOO bar",
            b"bar",
            b"",
            b"a\x1b[31mfo\x1b[0mo",
            b"x" * 20,
            b"error: foo",
            b"fo\r",
            b"ofo oo",
        ]
    ),
    max_size=12,
)


def found(blocks: Blocks, finder: Finder, start: int, stop: int, forward: bool, chunk: int) -> int | None:
    return result_of(scan(blocks, finder, start, stop, forward=forward, chunk=chunk))


def by_each_line(blocks: Blocks, wanted: Callable[[bytes], object], start: int, forward: bool) -> int | None:
    lines = [
        line
        for line in blocks.lines(0)
        if (line >= start) == forward and wanted(stripped(blocks.content(line, blocks.end_of(line))))
    ]
    return (lines[0] if forward else lines[-1]) if lines else None


@settings(max_examples=50)
@given(
    LINES, st.sampled_from(["foo", "Foo", "o", "bar", "x" * 20, "nothing"]), st.integers(0, 12), st.booleans()
)
@example([b"foo", b"foo"], "foo", 1, False)
def test_a_text_is_found_where_each_line_by_itself_says(
    lines: list[bytes], text: str, index: int, forward: bool
) -> None:
    blocks = blocks_of(b"\n".join(lines), longest=64, window=256)
    start = [*blocks.lines(0), blocks.size][: index + 1][-1]
    start, stop = (start, blocks.size) if forward else (0, start)
    needle = text.encode()
    fold = text == text.lower()

    def wanted(line: bytes) -> bool:
        return needle in (line.lower() if fold else line)

    expected = by_each_line(blocks, wanted, start if forward else stop, forward)
    finder = Literal(text, fold=fold)
    for chunk in (130, 1000):
        assert found(blocks, finder, start, stop, forward, chunk) == expected


@settings(max_examples=50)
@given(
    LINES,
    st.sampled_from(
        [b"^fo", b"o$", b"f(o+)", b"r\\s*", b"foo\\s+", b"[^x]+", b"^$", b"foo\\Z", b"o(?!\\s*b)"]
    ),
    st.booleans(),
)
def test_an_expression_is_found_where_each_line_by_itself_says(
    lines: list[bytes], pattern: bytes, forward: bool
) -> None:
    blocks = blocks_of(b"\n".join(lines), longest=64, window=256)
    compiled = re.compile(pattern, re.MULTILINE)
    expected = by_each_line(blocks, compiled.search, 0 if forward else blocks.size, forward)
    finder = matching.Expression(pattern, fold=False)
    for chunk in (130, 1000):
        assert found(blocks, finder, 0, blocks.size, forward, chunk) == expected


@pytest.mark.parametrize("forward", [True, False])
def test_in_a_line_that_was_broken_it_is_found_also_where_that_was(forward: bool) -> None:
    data = b"x" * 125 + b"needle" + b"x" * 300
    blocks = blocks_of(data, longest=64, window=256)
    for chunk in (130, 200):
        assert found(blocks, Literal("needle", fold=True), 0, len(data), forward, chunk) == 64


@settings(max_examples=50)
@given(LINES, st.booleans())
def test_an_error_is_found_where_each_line_by_itself_says(lines: list[bytes], forward: bool) -> None:
    blocks = blocks_of(b"\n".join(lines), longest=64, window=256)
    expected = by_each_line(
        blocks, lambda line: line.startswith(b"error:"), 0 if forward else blocks.size, forward
    )
    assert found(blocks, Offsets(errors_in), 0, blocks.size, forward, 130) == expected


def test_what_is_found_is_shown_in_the_text() -> None:
    assert Literal("ab", fold=True).spans(["xABab", "日ab", ""]) == [[(1, 3), (3, 5)], [(1, 3)], []]
    assert Literal("日", fold=True).spans(["a日b日"]) == [[(1, 2), (3, 4)]]


@pytest.mark.parametrize(
    ("text", "regex", "line", "matches"),
    [
        ("error", False, b"ERROR", True),
        ("Error", False, b"ERROR", False),
        (r"\Serror", True, b":ERROR", True),
        (r"\\Serror", True, rb"\serror", False),
        (r"Err\w", True, b"error", False),
    ],
)
def test_case_counts_where_a_capital_letter_is_searched_for(
    text: str, regex: bool, line: bytes, matches: bool
) -> None:
    finder = matcher(text, regex=regex, interrupted=lambda: False)
    assert (finder.first(line, len(line)) >= 0) == matches
    finder.close()


# -- the process that applies expressions ----------------------------------------------------------


@pytest.fixture
def expression() -> Iterator[Callable[..., Expression]]:
    made: list[Expression] = []

    def make(
        pattern: str, interrupted: Callable[[], bool] = lambda: False, patience: float = 9.0
    ) -> Expression:
        made.append(Expression(pattern, fold=True, interrupted=interrupted, patience=patience))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_an_expression_is_applied_by_a_process_of_its_own(expression: Callable[..., Expression]) -> None:
    one = expression("e(r+)o?r|日")
    assert one.first(b"an\nERROR\nerr\n", 13) == 3
    assert one.last(b"an\nERROR\nerr\n", 13) == 9
    assert one.spans(["an error 日", "", "日本err"]) == [[(3, 8), (9, 10)], [], [(0, 1), (2, 5)]]
    assert one.spans([]) == []


def test_one_that_is_wrong_says_what_is(expression: Callable[..., Expression]) -> None:
    with pytest.raises(BadExpression, match="missing \\)"):
        expression("a(b").first(b"ab", 2)


def test_one_that_takes_for_ever_is_ended_and_may_be_asked_again(
    expression: Callable[..., Expression],
) -> None:
    one = expression("(a+)+b", patience=0.05)
    with pytest.raises(BadExpression, match="takes too long"):
        one.first(b"a" * 60, 60)
    assert one.first(b"aab", 3) == 0


def test_of_one_that_takes_for_ever_nothing_is_shown_and_the_page_does_not_wait_again(
    expression: Callable[..., Expression],
) -> None:
    one = expression("(a+)+b")
    assert one.spans(["a" * 60, "aab"]) == [(), ()]
    assert one.spans(["aab"]) == [()]


def test_one_that_takes_long_is_given_up_when_something_else_is_wanted(
    expression: Callable[..., Expression],
) -> None:
    one = expression("(a+)+b", interrupted=lambda: True)
    with pytest.raises(Interrupted):
        one.first(b"a" * 60, 60)


def answers(*requests: tuple[dict[str, Any], bytes]) -> tuple[list[Any], list[float]]:
    given = b"".join(
        json.dumps({"seconds": 5.0, "size": len(data), **request}).encode() + b"\n" + data
        for request, data in requests
    )
    allowed: list[float] = []
    told = io.BytesIO()
    matching.serve(io.BytesIO(given), told, allowed.append)
    return [json.loads(line) for line in told.getvalue().splitlines()], allowed


def test_it_answers_what_it_is_asked_and_may_take_so_long_for_each() -> None:
    told, allowed = answers(
        ({"do": "compile", "fold": True}, b"B+"),
        ({"do": "first", "limit": 6}, b"a\nbb\nb"),
        ({"do": "last", "limit": 5}, b"a\nbb\nb"),
        ({"do": "spans"}, b"abba\n"),
    )
    assert told == [None, 2, 3, [[[1, 3]], []]]
    assert allowed == [5.0, 0.0] * 4


@pytest.mark.parametrize("pattern", [b"(", b"a{2,1}", b"(?u)a", b"(" * 400, b"a{99999999999999999999}"])
def test_what_is_no_expression_is_told_as_such(pattern: bytes) -> None:
    told, _ = answers(({"do": "compile", "fold": False}, pattern), ({"do": "first", "limit": 1}, b"a"))
    assert told[0]["error"]
    assert told[1] == {"error": "there is no expression"}


# -- round the end ---------------------------------------------------------------------------------


def around(data: bytes, start: int, forward: bool) -> tasks.Found:
    finder = Literal("foo", fold=True)
    return result_of(
        tasks.around(blocks_of(data), finder, start, forward=forward, doing="searching", missing="not found")
    )


def test_a_search_goes_on_round_the_end() -> None:
    data = b"foo\nbar\nfoo\n"
    assert around(data, 4, True) == (8, "")
    assert around(data, 12, True) == (0, "the search went on from the top")
    assert around(data, 8, False) == (0, "")
    assert around(data, 0, False) == (8, "the search went on from the end")
    assert around(b"bar\n", 0, True) == (None, "not found")


# -- phases ----------------------------------------------------------------------------------------

RULE = b"-" * 40 + b"\n"
OWN = RULE + b"-- Phase: build\n" + RULE
POUDRIERE = b"=======================<phase: build          >============================\n"
PORTS = b"===>  Building for gmake-4.3\n"


def phases_of(data: bytes) -> list[int]:
    blocks = blocks_of(data, longest=4096, window=1 << 16)
    return [
        line
        for line in blocks.lines(0)
        if phases.begins(blocks, line, blocks.content(line, blocks.end_of(line)))
    ]


@pytest.mark.parametrize(
    ("data", "starts"),
    [
        (OWN, [len(RULE)]),
        (POUDRIERE, [0]),
        (PORTS, [0]),
        (b"\x1b[1m" + PORTS, [0]),
        (b"===> Building packages for gmake-4.3\n", [0]),
        # the framework says the same once more
        (OWN + b"===>  License GPLv3 accepted by the user\n" + PORTS, [len(RULE)]),
        (POUDRIERE + PORTS, [0]),
        (POUDRIERE + b"x" * 1100 + b"\n" + PORTS, [0, len(POUDRIERE) + 1101]),
        (b"===>   gmake-4.3 depends on file: /usr/local/sbin/pkg - found\n", []),
        (b"  ===>  Building for x\n-- Phase:\n=====\n", []),
    ],
)
def test_a_phase_begins_where_whoever_wrote_the_log_says_so(data: bytes, starts: list[int]) -> None:
    assert phases_of(data) == starts


def test_the_marks_of_phases_are_found_in_chunks_too() -> None:
    data = (OWN + b"line\n" * 50) * 3
    blocks = blocks_of(data, longest=64, window=256)
    one = len(data) // 3
    headings = phases.Headings()
    assert found(blocks, headings, 0, len(data), True, 130) == len(RULE)
    assert found(blocks, headings, one, len(data), True, 130) == one + len(RULE)
    assert found(blocks, headings, 0, len(data), False, 130) == 2 * one + len(RULE)
    assert found(blocks, headings, 0, len(RULE), True, 130) is None
