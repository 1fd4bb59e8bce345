"""What a rule is: how a line that tells of an error looks, and what is shown of it. No rule stands here."""

from __future__ import annotations

import enum
import re
from typing import NamedTuple


class Strength(enum.IntEnum):
    """How surely a line is why the build failed.

    The first ``CAUSE`` of a log is shown; where there is none, that it was ``ENDED``; else the first
    ``ERROR``. Of what is weaker, many a build prints some that do no harm: there the last one counts that
    stands before the first ``CONSEQUENCE``, which only says that something failed above it. ``HEADER`` says
    that it is told below.
    """

    HEADER = 0
    CONSEQUENCE = 1
    GUESS = 2
    HINT = 3
    ERROR = 4
    ENDED = 5
    CAUSE = 6


class How(enum.Enum):
    """What becomes the first line of the excerpt, where a rule has found one.

    ``LINE``: the line itself. ``JOINED``: and the next one that is not empty, in the same line.
    ``TRACEBACK``: the exception that ends it. ``CMAKE``: the line with its message. ``OUTPUT``: what is said
    below the line and the command after it. ``ABOVE``: the line before, if that is a message.
    """

    LINE = enum.auto()
    JOINED = enum.auto()
    TRACEBACK = enum.auto()
    CMAKE = enum.auto()
    OUTPUT = enum.auto()
    ABOVE = enum.auto()


class Rule(NamedTuple):
    """One kind of line.

    ``needles`` are lower-case, and one of them is in every such line, whatever its case: they are looked for
    first, since that is a hundred times as fast. ``pattern`` is searched in the line without colours. Lines
    right above that match ``before`` belong to it, and are shown below it. ``example`` is found, ``never``
    are lines that must not be, by no rule at all.
    """

    name: str
    strength: Strength
    needles: tuple[bytes, ...]
    pattern: re.Pattern[bytes]
    example: bytes
    how: How = How.LINE
    before: re.Pattern[bytes] | None = None
    never: tuple[bytes, ...] = ()


def rule(
    name: str,
    strength: Strength,
    needles: bytes | tuple[bytes, ...],
    pattern: bytes,
    example: bytes,
    *,
    how: How = How.LINE,
    before: bytes | None = None,
    never: tuple[bytes, ...] = (),
) -> Rule:
    """The same with its expressions compiled."""
    return Rule(
        name,
        strength,
        (needles,) if isinstance(needles, bytes) else needles,
        re.compile(pattern),
        example,
        how,
        None if before is None else re.compile(before),
        never,
    )
