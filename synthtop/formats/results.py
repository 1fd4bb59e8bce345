"""dsynth's result lines: what ``00_last_results.log`` says of each event, and where a package's log lies.

Texts only, not padded; :func:`padded` makes the file's line of one. Each is called for every package.
"""

from __future__ import annotations

from ..model import Finished, Outcome, hms
from ..text import clean, width
from ..units import short_size

COLUMNS = 79
"""Width of a line in the file."""


def _who(slot: int | None) -> str:
    return "[XXX]" if slot is None else f"[{slot:03d}]"


def _ending_at_the_right(head: str, tail: str) -> str:
    """A whole line of the file, or more where an origin is too long for one."""
    room = COLUMNS - 1 - width(tail)
    head = head.ljust(room) if head.isascii() else head + " " * (room - width(head))
    return f"{head} {tail}"


def start_line(slot: int | None, origin: str) -> str:
    return f"{_who(slot)} START   {clean(origin)}"


def success_line(slot: int | None, origin: str, seconds: int | None) -> str:
    return _ending_at_the_right(f"{_who(slot)} SUCCESS {clean(origin)}", hms(seconds))


def failure_line(slot: int | None, origin: str, blocks: int, phase: str | None, seconds: int | None) -> str:
    """``blocks`` is how many packages cannot be built because of it."""
    head = f"{_who(slot)} FAILURE {clean(origin)} {blocks}"
    return _ending_at_the_right(head, f"{clean(phase or '-')} {hms(seconds)}")


def ignored_line(origin: str, blocks: int, reason: str | None) -> str:
    """``blocks`` is how many packages cannot be built because of it; none is not said."""
    blocked = f" {blocks}" if blocks else ""
    return f"[XXX] {clean(origin)}{blocked} ignored due to {clean(reason or 'no reason given')}"


def skipped_line(origin: str, because: str | None) -> str:
    """``because`` is the origin that failed or was ignored."""
    return f"[XXX] {clean(origin)} skipped due to {clean(because or 'no reason given')}"


def stalled_line(slot: int | None, origin: str, phase: str | None, seconds: int) -> str:
    """Nothing of the package in ``slot`` has moved for so long that its phase counts as stalled."""
    where = f" {clean(phase)}" if phase else ""
    return f"{_who(slot)} STALLED {clean(origin)}{where}: nothing new for {hms(seconds)}"


def note_line(slot: int | None, text: str) -> str:
    """Something else that is said, of what is in ``slot`` where there is one."""
    return f"{_who(slot)} {clean(text)}"


def low_space_line(path: str, free: int) -> str:
    """The file system of ``path`` has only ``free`` bytes left."""
    size = short_size(free)
    figure, unit = (size[:-1], f"{size[-1]}B") if size[-1].isalpha() else (size, "bytes")
    return f"low space: {figure} {unit} left for {clean(path)}"


def space_again_line(path: str) -> str:
    return f"enough space again for {clean(path)}"


def meta_line(origin: str) -> str:
    return f"[XXX] {clean(origin)} meta-node complete"


def already_built_line(origin: str) -> str:
    return f"[XXX] {clean(origin)} Already-Built"


def completion_line(package: Finished) -> str:
    """The line of a package that ended."""
    outcome = package.outcome
    if outcome is Outcome.BUILT:
        return success_line(package.slot, package.origin, package.duration)
    if outcome is Outcome.FAILED:
        return failure_line(package.slot, package.origin, package.blocks, package.phase, package.duration)
    if outcome is Outcome.SKIPPED:
        return skipped_line(package.origin, package.reason)
    if outcome is Outcome.IGNORED:
        return ignored_line(package.origin, package.blocks, package.reason)
    return meta_line(package.origin)


def adjust_line(
    load: float | None,
    by_load: int,
    swap_pct: float | None,
    by_swap: int,
    memory_bytes: int,
    by_memory: int,
    old: int,
    new: int,
    reason: str | None,
) -> str:
    """A change of DynMax from ``old`` to ``new``, with what each rule alone would allow; unknown is 0."""
    because = f" ({reason})" if reason else ""
    return (
        f"[XXX] Load={load or 0:.2f} ({by_load:2d}) Swap={swap_pct or 0:.2f}% ({by_swap:2d}) "
        f"Mem={memory_bytes / (1 << 30):.2f}G({by_memory:2d}) Adjust Workers {old}->{new}{because}"
    )


def padded(line: str) -> bytes:
    """``line`` as the file has it: one line, filled up to 79 columns."""
    text = clean(line)
    return f"{text}{' ' * (COLUMNS - width(text))}\n".encode()


def log_name(origin: str) -> str:
    """The name of a package's own log: ``{category}___{name}[@flavor].log``.

    Slashes within the category become underscores too; an origin without one has only its name.
    """
    category, slash, name = origin.rpartition("/")
    return f"{category.replace('/', '_')}___{name}.log" if slash else f"{name}.log"
