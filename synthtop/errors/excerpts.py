"""What is shown of a log around the line that a rule found: that line first, then what belongs to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from .rule import How, Rule

_RULE = re.compile(rb"^-{20,}$|^={10,}<?phase: ")
"""Where a phase begins, or its end is told: nothing that stands there is of the cause."""
_GOES_ON = re.compile(rb"^\s+\S|^\S.*\bnote: |^[|>^=]|^>>> ")
"""Lines below an error that belong to it: the source with its caret, notes."""
_BEFORE_MOST = 8
_CHAINED = (b"The above exception was the direct cause", b"During handling of the above exception")
_MESSAGE = re.compile(rb"^(?!make|ninja|gmake|bmake)(?:[\w./+-]{1,100}|[\w./+-]{1,100}\[\d+\]): (?:line )?\S")
_PLACE = re.compile(rb"^[\w./+-]{1,100}:\d+(?::\d+)?+: ?(?!warning|note|info)\S")
"""A message with its place in a file."""
_SUMMARY_MOST = 2
"""Messages below one with a place that say the same again, as ``3 errors``."""
_JOINED_MOST = 400
_PLACE_MOST = 60
"""Characters of the place in which CMake found an error, above which its message is shown without."""


class Excerpt(NamedTuple):
    """``lines``, plain and not yet safe to be shown; ``skipped`` lines stand between the one that the rule
    found and the one shown first: negative where it stands above."""

    lines: list[bytes]
    skipped: int = 0


def excerpt(rule: Rule, above: Sequence[bytes], below: Sequence[bytes], most: int) -> Excerpt:
    """At most ``most`` lines of ``below``, the first of which ``rule`` found, and of ``above``."""
    below = _to_rule(below)
    how = rule.how
    if how is How.TRACEBACK:
        return _traceback(below, most)
    if how is How.CMAKE:
        return Excerpt([_cmake(below), *_rest(below[1:])][:most])
    if how is How.JOINED:
        following = _rest(below[1:])
        first = below[0].rstrip()
        if following:
            first = (first + b" " + following[0].strip())[:_JOINED_MOST]
        return Excerpt([first, *following[1:]][:most])
    if how is How.OUTPUT:
        return _output(below, most)
    if how is How.ABOVE:
        return _above(above, below, most)
    return Excerpt(_line(rule, above, below, most))


def _to_rule(lines: Sequence[bytes]) -> list[bytes]:
    kept: list[bytes] = []
    for line in lines:
        if kept and _RULE.match(line):
            break
        kept.append(line)
    while len(kept) > 1 and not kept[-1].strip():
        kept.pop()
    return kept


def _rest(lines: Sequence[bytes]) -> list[bytes]:
    """The same without the empty lines at the begin and the end, and with one where there are several."""
    kept: list[bytes] = []
    for line in lines:
        if line.strip() or (kept and kept[-1].strip()):
            kept.append(line)
    if kept and not kept[-1].strip():
        kept.pop()
    return kept


def _line(rule: Rule, above: Sequence[bytes], below: Sequence[bytes], most: int) -> list[bytes]:
    """The line, what goes on below it, what belongs to it above, and what else follows."""
    block = 1
    while block < len(below) and _GOES_ON.match(below[block]):
        block += 1
    before: list[bytes] = []
    if rule.before is not None:
        for line in reversed(above):
            if len(before) == _BEFORE_MOST or not rule.before.search(line):
                break
            before.insert(0, line)
    before = _rest(before)
    block = min(block, max(1, most - len(before)))
    return [*below[:block], *before, *_rest(below[block:])][:most]


def _traceback(below: Sequence[bytes], most: int) -> Excerpt:
    """The exception at the end of a chain of tracebacks, and its frames."""
    found = 0, 0
    at = 0
    while at < len(below):
        end = _exception(below, at)
        if end is None:
            break
        found = at, end
        at = end + 1
        # An exception's message may have lines of its own.
        chained = next((i for i in range(at, min(at + 20, len(below))) if _is_chain(below[i])), None)
        if chained is None:
            break
        at = next(
            (i for i in range(chained, min(chained + 5, len(below))) if b"Traceback (" in below[i]),
            len(below),
        )
    begin, end = found
    if begin == end:
        return Excerpt(list(below[:most]))
    message = _rest(below[end + 1 :])
    frames = list(below[begin:end])
    said = [line for line in message[:3] if line.startswith(b" ")]
    room = most - 1 - len(said)
    if len(frames) > room:
        # The innermost frames say more.
        frames = frames[len(frames) - room :] if room > 0 else []
    return Excerpt([below[end].strip(), *said, *frames, *message[len(said) :]][:most], end)


def _is_chain(line: bytes) -> bool:
    return line.strip().startswith(_CHAINED)


def _exception(lines: Sequence[bytes], begin: int) -> int | None:
    """The index of the line that ends the traceback that begins at ``begin``."""
    # What a test or pip says is indented as a whole, or behind a mark.
    column = lines[begin].index(b"Traceback (") if b"Traceback (" in lines[begin] else 0
    for index in range(begin + 1, len(lines)):
        line = lines[index][column:]
        if line[:1].strip() and not line.startswith((b"  ", b"[Previous line")):
            return index
    return None


def _cmake(below: Sequence[bytes]) -> bytes:
    """``CMake Error at CMakeLists.txt:5 (find_package): `` and what is wrong."""
    paragraphs: list[list[bytes]] = [[]]
    for line in below[1:60]:
        if not line.strip():
            paragraphs.append([])
        elif not line.startswith(b" "):
            break
        else:
            paragraphs[-1].append(line.strip())
    messages = [b" ".join(lines) for lines in paragraphs if lines]
    place = below[0].strip()
    if not messages:
        return place
    # Of a package that is not there, it says first by which file it would have been found.
    message = next((text for text in messages if text.startswith(b"Could not find")), messages[0])
    message = message.partition(b" with any of the following names")[0]
    if len(place) > _PLACE_MOST:
        place = b"CMake Error:"
    return (place + b" " + message)[:_JOINED_MOST]


def _output(below: Sequence[bytes], most: int) -> Excerpt:
    """What ninja shows of a command that failed: its target, the command, what that said."""
    for index in range(2, min(len(below), 6)):
        line = below[index]
        if line.strip() and not line.startswith((b"[", b"ninja:", b"FAILED:")):
            return Excerpt([line, *below[:2], *_rest(below[index + 1 :])][:most], index)
    return Excerpt(list(below[:most]))


def _above(above: Sequence[bytes], below: Sequence[bytes], most: int) -> Excerpt:
    """A message right above, with the consequence below it; else the consequence with what stands above.

    Of a few messages it is the one that names a line of a file.
    """
    for up, line in enumerate(reversed(above[-1 - _SUMMARY_MOST :]), 1):
        if _PLACE.match(line):
            return Excerpt([*above[-up:], *_rest(below)][:most], -up)
        if not _MESSAGE.match(line):
            break
    if above and _MESSAGE.match(above[-1]):
        return Excerpt([above[-1], *_rest(below)][:most], -1)
    before = _rest(_since_rule(above)[-(most - 1) :]) if most > 1 else []
    return Excerpt([below[0], *before])


def _since_rule(lines: Sequence[bytes]) -> list[bytes]:
    kept: list[bytes] = []
    for line in reversed(lines):
        if _RULE.match(line):
            break
        kept.append(line)
    return kept[::-1]
