"""Broken inputs for decoders, made of valid ones or of nothing; ``rng`` alone decides how."""

from __future__ import annotations

import json
import math
import random
import re
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress

from . import samples

_NOW = int(samples.NOW)

_NUMBER = re.compile(rb"-?[0-9]+(?:\.[0-9]+)?")
_WORD = re.compile(rb"\w+|\W")
_NUMBERS = (
    b"0", b"-1", b"-0", b"1e999", b"1e300", b"-1e300", b"NaN", b"Infinity", b"null", b"true", b'""', b"[]",
    b"{}", b"2147483647", b"2147483648", b"4294967296", b"9007199254740993", b"18446744073709551616", b"0.5",
    b"99:99:99", b"9" * 400, b"9" * 5000, "٣".encode(),
)  # fmt: skip
_VALUES: tuple[object, ...] = (
    None, True, False, 0, -1, 1, 7, 0.5, -0.0, 1e300, 2**31, 2**53, 2**53 + 1, 2**64, 10**400, math.nan,
    math.inf, "", "0", "-1", "99:99:99", " 1:2:3", "x" * 3000, "\0", "\x1b[2J", "\ud800", "日本", [], {},
    [[]], [None], {"": None}, ["a", 1, {}],
)  # fmt: skip
_MARKS = (
    b"\0", b"\n", b"\r\n", b"\x1b[2J", b"\xff", b"\xc3", b"\\u0000", b"\\ud800", b'"', b"{", b"}", b"[", b"]",
    b",", b":", b"=", b"/", b" ", b"\xef\xbb\xbf", "日本".encode(),
)  # fmt: skip
_PIECES = (*_MARKS, b"[" * 2000, b'{"a":' * 500, b"\0" * 400)
_FIELDS = tuple(
    struct.pack(form, value)
    for form, values in (
        ("<i", (0, 1, -1, 7, 8, 60, 1024, 1025, 2**31 - 1, -(2**31))),
        ("<q", (0, 1, -1, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), _NOW, _NOW + 10**6)),
        ("<d", (0.0, -0.0, -1.0, float("nan"), float("inf"), 1e300, 5e-324)),
    )
    for value in values
)


def spoilt(rng: random.Random, valid: Sequence[bytes]) -> bytes:
    """A valid input with one to a few changes."""
    whole = rng.choice(valid)
    if rng.randrange(2) and (changed := _with_other_values(rng, whole)):
        return changed
    data = bytearray(whole)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        rng.choice(_CHANGES)(rng, data, valid)
    return bytes(data)


def _with_other_values(rng: random.Random, data: bytes) -> bytes | None:
    """JSON in which one to three values are others, or missing; None where it is none."""
    if data[:1] not in (b"{", b"["):
        return None
    try:
        value = json.loads(data)
    except ValueError:
        return None
    for _ in range(rng.randrange(1, 4)):
        inner = value
        while inner:
            key = rng.choice([*inner]) if isinstance(inner, dict) else rng.randrange(len(inner))
            if not isinstance(inner[key], dict | list) or not inner[key] or not rng.randrange(4):
                break
            inner = inner[key]
        if inner and rng.randrange(6):
            inner[key] = rng.choice((*_VALUES, str(rng.choice(_VALUES)), inner[key], value))
        elif inner:
            del inner[key]
        with suppress(ValueError, RecursionError):  # it may have been put into itself
            data = json.dumps(value).encode()
        value = json.loads(data)
    return data


def _at(rng: random.Random, data: bytearray) -> int:
    """A place in ``data``; in a large one more often where it begins, which has the most in it."""
    return rng.randrange(min(len(data), rng.choice((128, 4096, len(data)))) + 1) if data else 0


def _span(rng: random.Random, data: bytearray) -> slice:
    start = _at(rng, data)
    return slice(start, start + rng.choice((1, 2, 4, 8, 40, 312, rng.randrange(4096))))


def _flip(rng: random.Random, data: bytearray, _: object) -> None:
    if data:
        at = min(_at(rng, data), len(data) - 1)
        data[at] = rng.choice((data[at] ^ 1 << rng.randrange(8), rng.randrange(256)))


def _cut(rng: random.Random, data: bytearray, _: object) -> None:
    if rng.randrange(3):
        del data[_span(rng, data)]
    else:
        del data[rng.randrange(len(data) + 1) :]


def _duplicate(rng: random.Random, data: bytearray, _: object) -> None:
    span = _span(rng, data)
    data[span.stop : span.stop] = data[span] * rng.choice((1, 1, 1, 2, 50))


def _insert(rng: random.Random, data: bytearray, valid: Sequence[bytes]) -> None:
    at = _at(rng, data)
    other = bytearray(rng.choice(valid))
    data[at:at] = rng.choice(
        (rng.randbytes(rng.randrange(1, 9)), rng.choice(_PIECES), other[_span(rng, other)])
    )


def _swap_numbers(rng: random.Random, data: bytearray, _: object) -> None:
    start = _at(rng, data)
    found = list(_NUMBER.finditer(data, start, start + 2048))
    if not found:
        return
    one, other = rng.choice(found), rng.choice(found)
    data[slice(*one.span())] = rng.choice((other[0], *rng.sample(_NUMBERS, 3)))


def _overwrite(rng: random.Random, data: bytearray, _: object) -> None:
    at = _at(rng, data) & ~3
    field = rng.choice(_FIELDS)
    data[at : at + len(field)] = field[: len(data) - at]


_CHANGES: Sequence[Callable[[random.Random, bytearray, Sequence[bytes]], None]] = (
    _flip,
    _cut,
    _duplicate,
    _insert,
    _swap_numbers,
    _overwrite,
)


def made_up(rng: random.Random, valid: Sequence[bytes]) -> bytes:
    """Noise; a valid input's beginning with noise after it, of the same size; or its words in disorder."""
    choice = rng.randrange(4)
    if choice == 0:
        return rng.randbytes(rng.choice((0, 1, 16, 100, 1000, 6000)))
    if choice == 1:
        data = rng.choice(valid)
        kept = min(len(data), rng.choice((1, 32, 40, 100, 1096)))
        return data[:kept] + rng.randbytes(len(data) - kept)
    known = _WORD.findall(rng.choice(valid)[:8192])
    length = rng.choice((1, 5, 40, 300))
    return b"".join(
        rng.choice(rng.choice((known, known, known, known, known, _MARKS, _NUMBERS)) or _MARKS)
        for _ in range(length)
    )
