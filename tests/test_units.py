"""Durations and sizes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthtop.units import MAX_SECONDS, parse_duration, parse_size, short_size


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (90, 90.0),
        (1.5, 1.5),
        (0, 0.0),
        ("90", 90.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("30m", 1800.0),
        ("1h30m", 5400.0),
        ("2d", 172800.0),
        ("1d2h3m4.5s", 93784.5),
        (" 10s ", 10.0),
        ("10S", 10.0),
        ("10000d", float(MAX_SECONDS)),
    ],
)
def test_a_duration_is_seconds(written: str | int | float, seconds: float) -> None:
    assert parse_duration(written) == seconds


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "soon",
        "-1",
        -1,
        "30m1h",
        "1h 30m",
        "10001d",
        "m",
        "1,5",
        True,
        float("nan"),
        float("inf"),
        1e300,
        10**400,
        "9" * 100,
        "٣m",
    ],
)
def test_what_is_no_duration_is_refused_with_an_example(written: str | int | float) -> None:
    with pytest.raises(ValueError, match=r"expected a duration like 90 \(seconds\), 30m or 1h30m, .*found"):
        parse_duration(written)


@pytest.mark.parametrize(
    ("written", "size"),
    [
        (1, 1),
        ("512", 512),
        ("1K", 1024),
        ("512M", 512 << 20),
        ("24G", 24 << 30),
        ("24GiB", 24 << 30),
        ("24 gb", 24 << 30),
        ("1.5G", 3 << 29),
        ("2T", 2 << 40),
        ("7B", 7),
    ],
)
def test_a_size_is_bytes_in_powers_of_1024(written: str | int, size: int) -> None:
    assert parse_size(written) == size


@pytest.mark.parametrize(
    "written",
    [
        "",
        "G",
        "0",
        0,
        -1,
        "-1G",
        "24Q",
        "1e9",
        True,
        1 << 63,
        "9999999T",
        "9" * 100,
        pytest.param(16**5000, id="thousands of digits"),
    ],
)
def test_what_is_no_size_is_refused_with_an_example(written: str | int) -> None:
    with pytest.raises(ValueError, match=r"expected a size like 512M, 24G or a number of bytes, found"):
        parse_size(written)


@pytest.mark.parametrize(
    ("size", "said"),
    [
        *((0, "0"), (1023, "1023"), (1024, "1.0K"), (9_728, "9.5K"), (10_188, "9.9K"), (10_189, "10K")),
        *((1023 << 10, "1023K"), ((1 << 20) - 1, "1.0M"), (512 << 20, "512M"), (1288490189, "1.2G")),
        *((1023 << 40, "1023T"), (1 << 55, "32768T")),
    ],
)
def test_a_size_is_said_in_five_characters(size: int, said: str) -> None:
    assert short_size(size) == said


@given(st.integers(0, 9999), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_a_duration_written_out_comes_back(days: int, hours: int, minutes: int, seconds: int) -> None:
    written = f"{days}d{hours}h{minutes}m{seconds}s"
    assert parse_duration(written) == ((days * 24 + hours) * 60 + minutes) * 60 + seconds


@given(st.text(max_size=50))
def test_any_text_is_a_duration_or_is_said_to_be_none(written: str) -> None:
    try:
        found = parse_duration(written)
    except ValueError as problem:
        found = None
        message = str(problem)
    assert message.startswith("expected a duration") if found is None else found >= 0


@given(st.text(max_size=50))
def test_any_text_is_a_size_or_is_said_to_be_none(written: str) -> None:
    try:
        found = parse_size(written)
    except ValueError as problem:
        found = None
        message = str(problem)
    assert message.startswith("expected a size") if found is None else found > 0
