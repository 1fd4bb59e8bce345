"""A file as lines, whichever way one comes to them, and the count of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from synthtop.logfile.blocks import Blocks, reader_of
from synthtop.logfile.counting import Newlines

from .logfiles import blocks_of, counted

LONGEST = 8
DATA = st.lists(st.sampled_from([b"\n", b"\n\n", b"a", b"bc", b"d" * 7, b"e" * 8, b"f" * 17])).map(b"".join)


def lines_of(data: bytes) -> list[int]:
    """By the rule as it is written."""
    starts = []
    for offset in range(len(data)):
        after_newline = offset == 0 or data[offset - 1 : offset] == b"\n"
        without_end = (
            offset >= LONGEST and offset % LONGEST == 0 and b"\n" not in data[offset - LONGEST : offset]
        )
        if after_newline or without_end:
            starts.append(offset)
    return starts


@settings(max_examples=50)
@given(DATA)
@example(b"x" * 40)
@example(b"\n" + b"x" * 40 + b"\n")
def test_forwards_and_backwards_there_are_the_same_lines_and_they_are_those_of_the_rule(data: bytes) -> None:
    blocks = blocks_of(data, LONGEST)
    expected = lines_of(data)
    assert list(blocks.lines(0)) == expected
    assert list(blocks.lines_before(len(data)))[::-1] == expected


@settings(max_examples=50)
@given(DATA)
def test_each_byte_is_in_the_line_that_begins_before_it_and_no_line_is_twice_too_long(data: bytes) -> None:
    blocks = blocks_of(data, LONGEST)
    starts = lines_of(data)
    for offset in range(len(data)):
        line = max(start for start in starts if start <= offset)
        end = min((start for start in starts if start > line), default=len(data))
        assert (blocks.start_of(offset), blocks.end_of(line)) == (line, end)
        assert end - line < 2 * LONGEST


@settings(max_examples=50)
@given(DATA)
def test_the_lines_are_the_whole_file(data: bytes) -> None:
    blocks = blocks_of(data, LONGEST)
    ends = [blocks.end_of(line) for line in blocks.lines(0)]
    assert b"".join(blocks.read(*span) for span in zip([0, *ends], ends, strict=False)) == data


def test_what_is_beyond_the_end_is_in_the_last_line() -> None:
    assert blocks_of(b"ab\ncd").start_of(99) == 3
    assert blocks_of(b"ab\ncd\n").start_of(6) == 3
    assert blocks_of(b"").start_of(0) == 0


def test_a_line_is_without_what_ends_it() -> None:
    blocks = blocks_of(b"one\r\ntwo\nab\rcd")
    assert [blocks.content(line, blocks.end_of(line)) for line in blocks.lines(0)] == [
        b"one",
        b"two",
        b"ab\rcd",
    ]


def test_what_was_written_since_is_read_once_it_is_known() -> None:
    data = bytearray(b"one\ntw")
    blocks = Blocks(lambda size, at: bytes(data[at : at + size]), len(data))
    assert blocks.content(4, blocks.end_of(4)) == b"tw"
    data += b"o\n"
    blocks.grow(len(data))
    assert blocks.content(4, blocks.end_of(4)) == b"two"


def test_no_more_is_read_than_is_near_however_large_the_file_is(tmp_path: Path) -> None:
    read: list[int] = []

    def endless(size: int, at: int) -> bytes:
        read.append(size)
        return b"x" * size

    blocks = Blocks(endless, 1 << 50)
    line = blocks.start_of(1 << 49)
    assert blocks.end_of(line) > line
    assert sum(read) < 1 << 20


def test_a_file_that_became_shorter_meanwhile_has_lines_that_end() -> None:
    blocks = Blocks(lambda size, at: b"ab\n"[at : at + size], 100, longest=8, window=32)
    assert list(blocks.lines(0))[-1] < 100
    assert list(blocks.lines_before(100))[-1] == 0


def test_a_file_is_read_without_being_moved(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\ntwo\n")
    descriptor = os.open(path, os.O_RDONLY)
    try:
        read = reader_of(descriptor)
        assert read(3, 4) == b"two"
        assert read(99, 4) == b"two\n"
        assert read(9, 99) == b""
        assert os.lseek(descriptor, 0, os.SEEK_CUR) == 0
    finally:
        os.close(descriptor)


@settings(max_examples=50)
@given(DATA, st.integers(1, 20))
def test_every_line_is_found_by_its_number_and_has_it(data: bytes, block: int) -> None:
    newlines = counted(blocks_of(data), block)
    starts = [0, *(at + 1 for at, byte in enumerate(data) if byte == 10 and at + 1 < len(data))]
    assert newlines.lines == (len(starts) if data else 0)
    for number, start in enumerate(starts, 1):
        assert newlines.offset_of(number) == start
        assert newlines.number_at(start) == number
    assert newlines.offset_of(len(starts) + 5) == starts[-1]


def test_what_is_not_counted_yet_is_not_known() -> None:
    newlines = Newlines(blocks_of(b"a\n" * 20), block=16)
    assert newlines.step()
    assert newlines.counted == 16
    assert newlines.lines is None
    assert newlines.number_at(16) == 9
    assert newlines.number_at(18) is None
    assert newlines.offset_of(9) == 16
    assert newlines.offset_of(10) is None


def test_what_was_written_since_is_counted_on() -> None:
    data = bytearray(b"a\n" * 9)
    blocks = Blocks(lambda size, at: bytes(data[at : at + size]), len(data), longest=8, window=32)
    newlines = counted(blocks)
    assert newlines.lines == 9
    data += b"a\n" * 9 + b"b"
    blocks.grow(len(data))
    assert newlines.lines is None
    while newlines.step():
        pass
    assert newlines.lines == 19
    assert newlines.offset_of(19) == 36


@pytest.mark.parametrize(("data", "lines"), [(b"", 0), (b"a", 1), (b"a\n", 1), (b"a\nb", 2), (b"\n", 1)])
def test_a_last_line_without_an_end_is_one(data: bytes, lines: int) -> None:
    assert counted(blocks_of(data)).lines == lines
