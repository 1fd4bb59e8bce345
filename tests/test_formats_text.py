"""monitor.dat as text: twelve lines, to the byte."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthtop.formats import FormatError, text
from synthtop.model import BuildState, HostSample, Snapshot, Source, SourceKind, Totals

SAMPLE = b"""\
Load=3.24
Swap=2
Workers=4/4
DynMax=4
Rate=24.3
Impulse=3
Elapsed=943
Queued=142
Built=38
Failed=2
Ignored=0
Skipped=5
"""


def snapshot(**figures: object) -> Snapshot:
    values: dict[str, object] = {
        "seq": 1,
        "state": BuildState.BUILDING,
        "time": 1000.0,
        "source": Source(SourceKind.RUN),
        **figures,
    }
    return Snapshot(**values)  # type: ignore[arg-type]


def test_the_lines_are_those_of_the_format_in_its_order() -> None:
    taken = snapshot(
        elapsed=943,
        active=4,
        max_workers=4,
        dynmax=4,
        host=HostSample(load=3.2449, ncpus=4, swap_pct=2.4),
        rate=24.3,
        impulse=3,
        totals=Totals(142, 38, 2, 0, 5),
    )
    assert text.encode(taken) == SAMPLE


def test_what_is_unknown_is_written_as_0() -> None:
    assert text.encode(snapshot()).split() == [
        b"Load=0.00", b"Swap=0", b"Workers=0/0", b"DynMax=0", b"Rate=0.0", b"Impulse=0",
        b"Elapsed=0", b"Queued=0", b"Built=0", b"Failed=0", b"Ignored=0", b"Skipped=0",
    ]  # fmt: skip


@pytest.mark.parametrize("figure", [float("nan"), float("inf")])
def test_a_figure_that_is_no_number_is_written_as_0(figure: float) -> None:
    assert b"Load=0.00\n" in text.encode(snapshot(host=HostSample(load=figure)))


def test_reading_gives_what_the_file_says() -> None:
    read = text.decode(SAMPLE, now=2000.0)
    assert read.host.load == 3.24
    assert read.host.swap_pct == 2.0
    assert (read.active, read.max_workers, read.dynmax) == (4, 4, 4)
    assert (read.rate, read.impulse, read.elapsed, read.started) == (24.3, 3, 943, 1057.0)
    assert read.totals == Totals(142, 38, 2, 0, 5)


def test_keys_may_stand_in_any_order_among_unknown_ones() -> None:
    lines = [*SAMPLE.splitlines(keepends=True), b"Weather=fine\n", b"nonsense\n"]
    assert text.decode(b"".join(reversed(lines)), now=0.0).totals == Totals(142, 38, 2, 0, 5)


@pytest.mark.parametrize("key", text.KEYS)
def test_a_missing_key_is_named(key: str) -> None:
    lines = [line for line in SAMPLE.splitlines(keepends=True) if not line.startswith(key.encode() + b"=")]
    with pytest.raises(FormatError, match=f"no {key}= line"):
        text.decode(b"".join(lines), now=0.0)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"Load=3.24", b"Load=-1"),
        (b"Load=3.24", b"Load=nan"),
        (b"Load=3.24", b"Load=1e9"),
        (b"Swap=2", b"Swap=2%"),
        (b"Workers=4/4", b"Workers=4"),
        (b"Workers=4/4", b"Workers=4/4/4"),
        (b"Built=38", b"Built=-38"),
        (b"Built=38", b"Built=" + b"9" * 5000),
        (b"Elapsed=943", "Elapsed=٩٤٣".encode()),
    ],
)
def test_a_malformed_value_is_told_with_its_key(good: bytes, bad: bytes) -> None:
    with pytest.raises(FormatError, match=good.partition(b"=")[0].decode()):
        text.decode(SAMPLE.replace(good, bad), now=0.0)


def spoilt(at: int, junk: bytes) -> bytes:
    """The sample with one byte replaced."""
    return SAMPLE[:at] + junk + SAMPLE[at + 1 :]


@given(st.binary() | st.builds(spoilt, st.integers(0, len(SAMPLE)), st.binary(max_size=3)))
def test_no_input_whatever_gives_another_error(data: bytes) -> None:
    with contextlib.suppress(FormatError):
        text.decode(data, now=0.0)


COUNT = st.integers(0, 10**9)


@given(
    st.floats(0, 1e6), st.integers(0, 100), COUNT, COUNT, COUNT, COUNT, st.floats(0, 1e6),
    st.tuples(COUNT, COUNT, COUNT, COUNT, COUNT),
)  # fmt: skip
def test_what_is_written_reads_the_same_again(
    load: float,
    swap: int,
    active: int,
    workers: int,
    dynmax: int,
    elapsed: int,
    rate: float,
    totals: tuple[int, ...],
) -> None:
    written = text.encode(
        snapshot(
            elapsed=elapsed,
            active=active,
            max_workers=workers,
            dynmax=dynmax,
            host=HostSample(load=load, swap_pct=float(swap)),
            rate=rate,
            impulse=7,
            totals=Totals(*totals),
        )
    )
    assert written.count(b"\n") == 12
    assert text.encode(text.decode(written, now=1.0)) == written
