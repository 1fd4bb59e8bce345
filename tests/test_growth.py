"""What a log grew by: lines and phases, however its writes are cut into pieces."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from synthtop.run.growth import Grown, LogGrowth

PIECES = st.sampled_from(
    [
        b"===>  Configuring for foo-1.0\n",
        b"===>  Building for foo-1.0\n",
        b"===> Building packages for foo-1.0\n",
        b"===>   Fetching all distfiles required by foo-1.0 for building\n",
        b"===>  Staging for\n",
        b"===>  Patching",
        b" for foo\n",
        b"=",
        b"\n",
        b" " + b"x" * 600,
        b"\xff\x00\x1b[31m\r",
        b"/usr/bin/cc -c a.c\n",
    ]
)


@pytest.fixture
def log() -> Iterator[int]:
    """An empty log's descriptor, as a job has it."""
    with tempfile.TemporaryDirectory() as directory:
        descriptor = os.open(os.path.join(directory, "log"), os.O_RDWR | os.O_APPEND | os.O_CREAT)
        yield descriptor
        os.close(descriptor)


def phase_of(log: int, text: bytes) -> str | None:
    os.write(log, text)
    return LogGrowth(log, scan=True).read().phase


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=12), st.lists(st.integers(0, 3000), max_size=8))
@example([b"===>  Building", b" " + b"x" * 600, b" for foo\n"], [616])
@example([b"===>  Building", b" " + b"x" * 600, b" for foo\n"], [300])
def test_lines_and_the_last_phase_do_not_depend_on_how_the_output_was_cut(
    pieces: list[bytes], cuts: list[int]
) -> None:
    data = b"".join(pieces)
    with tempfile.TemporaryFile() as whole, tempfile.TemporaryFile() as grown:
        os.write(whole.fileno(), data)
        at_once = LogGrowth(whole.fileno(), scan=True)
        phase = at_once.read().phase
        bit_by_bit = LogGrowth(grown.fileno(), scan=True)
        last = None
        for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(data)], strict=True):
            os.write(grown.fileno(), data[start:end])
            last = bit_by_bit.read().phase or last
        assert last == phase
        assert bit_by_bit.lines == at_once.lines == data.count(b"\n")


@pytest.mark.parametrize(
    ("line", "phase"),
    [
        (b"===>  Fetching all distfiles required by foo-1.0 for building\n", "fetch"),
        (b"===>  Extracting for foo-1.0\n", "extract"),
        (b"===>  Patching for foo-1.0\n", "patch"),
        (b"===>  Configuring for foo-1.0\n", "configure"),
        (b"===>  Building for foo-1.0\n", "build"),
        (b"===>  Staging for foo-1.0\n", "stage"),
        (b"===>  Building packages for foo-1.0\n", "package"),
        (b"===>   foo-1.0 depends on file: /usr/bin/make for Building\n", None),
        (b"===>  Buildings for foo-1.0\n", None),
        (b"===>  Building for \n", None),
        (b" ===>  Building for foo-1.0\n", None),
        (b"===>  Building for foo-1.0", None),
    ],
)
def test_a_line_of_the_ports_framework_begins_a_phase(log: int, line: bytes, phase: str | None) -> None:
    assert phase_of(log, b"cc -c a.c\n" + line) == phase


def test_the_last_of_several_phases_counts(log: int) -> None:
    text = b"===>  Configuring for a\nchecking...\n===>  Building for a\n===>  nothing\n"
    assert phase_of(log, text) == "build"


def test_phases_are_only_looked_for_where_the_command_has_none(log: int) -> None:
    os.write(log, b"===>  Building for foo-1.0\n")
    assert LogGrowth(log, scan=False).read() == Grown(27, None)


def test_nothing_new_is_no_growth(log: int) -> None:
    os.write(log, b"one\ntwo")
    growth = LogGrowth(log, scan=True)
    assert [growth.read().size, growth.read().size, growth.lines] == [7, 0, 1]


def test_a_truncated_log_is_followed_from_its_new_end_and_its_lines_still_count(log: int) -> None:
    growth = LogGrowth(log, scan=False)
    os.write(log, b"one\ntwo\nthree\n")
    growth.read()
    os.ftruncate(log, 4)
    assert growth.read().size == 0
    os.write(log, b"four\n")
    assert growth.read().size == 5
    assert growth.lines == 4


def test_what_a_truncated_log_had_begun_is_not_finished_by_what_follows(log: int) -> None:
    growth = LogGrowth(log, scan=True)
    os.write(log, b"===>  Buil")
    growth.read()
    os.ftruncate(log, 0)
    growth.read()
    os.write(log, b"ding for foo\n")
    assert growth.read().phase is None


def test_a_flooding_log_is_read_in_passes_so_that_others_have_their_turn(log: int) -> None:
    size = (64 << 20) + 5
    os.ftruncate(log, size)
    os.write(log, b"\n")
    growth = LogGrowth(log, scan=False)
    assert [growth.read().size, growth.lines] == [64 << 20, 0]
    assert [growth.read().size, growth.lines] == [6, 1]


def test_at_the_end_all_passes_are_read(log: int) -> None:
    os.write(log, b"===>  Building for foo\n")
    os.ftruncate(log, 65 << 20)
    os.write(log, b"\n\n")
    growth = LogGrowth(log, scan=True)
    assert growth.read_all() == "build"
    assert growth.lines == 3


class Racing(LogGrowth):
    """Somebody writes as fast as we read."""

    def read(self) -> Grown:
        os.write(self._descriptor, b"more\n")
        assert self.lines < 1000, "reads for ever"
        return super().read()


def test_what_still_writes_into_the_log_does_not_hold_up_its_end(log: int) -> None:
    os.write(log, b"one\n")
    growth = Racing(log, scan=False)
    growth.read_all()
    assert growth.lines == 2
