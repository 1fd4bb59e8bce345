"""The three header lines, as wide as there is room for.

Pure functions from a snapshot to text in parts; no drawing here. The screen, plain text and
``status`` all say it with these.
"""

from __future__ import annotations

from .model import Eta, Snapshot, hms
from .parts import Part, Parts, Role, cut, joined
from .states import state_word, throttle_note
from .text import clean, fit, width

WIDE = 100
"""Columns from which the whole run's rate stands beside the 60 s rate."""
FRAME = 4
"""Columns that a frame's sides take from each line within."""
NARROW = 60
"""Columns under which the header is said in short words."""
TINY = 34
"""Columns under which it is said in figures."""


def _figure(value: float | None, spec: str) -> str:
    """``value`` by ``spec`` (``2d``, ``4.2f``), or ``-`` in the same columns."""
    if value is not None:
        return format(value, spec)
    return "-".rjust(int(spec[0])) if spec[0].isdigit() else "-"


def _load(snapshot: Snapshot) -> str:
    return _figure(snapshot.host.load, "4.2f")


def _swap(snapshot: Snapshot) -> str:
    """Percent in three columns, so that what follows stays where it is."""
    percent = snapshot.host.swap_pct
    return " - " if percent is None else f"{percent:2.0f}%"


def _rate(snapshot: Snapshot) -> tuple[str, str]:
    """Packages per hour, and a note where it is not the last minute's but the whole run's."""
    if snapshot.rate is None and snapshot.run_rate is not None:
        return f"{snapshot.run_rate:.1f}", " (run)"
    return _figure(snapshot.rate, ".1f"), ""


def counts(snapshot: Snapshot) -> tuple[tuple[str, int, Role], ...]:
    totals = snapshot.totals
    return (
        ("Queued", totals.queued, Role.VALUE),
        ("Built", totals.built, Role.BUILT),
        ("Failed", totals.failed, Role.FAILED),
        ("Ignored", totals.ignored, Role.IGNORED),
        ("Skipped", totals.skipped, Role.SKIPPED),
    )


def count_role(count: int, role: Role) -> Role:
    return role if count else Role.VALUE


def _full(snapshot: Snapshot) -> tuple[Parts, Parts, Parts]:
    label, value = Role.LABEL, Role.VALUE
    workers = f"{_figure(snapshot.active, '2d')} / "
    workers += "- " if snapshot.max_workers is None else f"{snapshot.max_workers:<2d}"
    dynmax = f"[DynMax: {_figure(snapshot.dynmax, 'd')}]"
    first = (
        Part("Workers: ", label),
        Part(workers, value),
        Part("   Load: ", label),
        Part(_load(snapshot), value),
        Part("  Swap: ", label),
        Part(_swap(snapshot), value),
        Part("    ", label),
        Part(dynmax, Role.THROTTLED if snapshot.throttled else value),
    )
    rate, note = _rate(snapshot)
    second = (
        Part("Elapsed: ", label),
        Part(hms(snapshot.elapsed), value),
        Part("  Rate: ", label),
        Part(f"{rate} pkg/hr{note}", value),
        Part("  Impulse: ", label),
        Part(_figure(snapshot.impulse, "d"), value),
    )
    third: list[Part] = []
    for word, count, role in counts(snapshot):
        third += (Part(f"{'  ' if third else ''}{word}: ", label), Part(str(count), count_role(count, role)))
    return first, second, tuple(third)


def header_lines(snapshot: Snapshot) -> tuple[str, str, str]:
    """The three lines, to the character; a figure that the source does not have is ``-``."""
    first, second, third = _full(snapshot)
    return joined(first), joined(second), joined(third)


def _short(snapshot: Snapshot) -> tuple[Parts, Parts, Parts]:
    """The header for a screen that the three lines don't fit on."""
    label, value = Role.LABEL, Role.VALUE
    slots = _figure(snapshot.max_workers, "d")
    first = (
        Part(f"{_figure(snapshot.active, 'd').rjust(len(slots))}/{slots}", value),
        Part("  DynMax ", label),
        Part(_figure(snapshot.dynmax, "d"), Role.THROTTLED if snapshot.throttled else value),
        Part("  Load ", label),
        Part(_load(snapshot).strip(), value),
        Part("  Swap ", label),
        Part(_swap(snapshot).strip(), value),
    )
    rate, _ = _rate(snapshot)
    second = (
        Part(hms(snapshot.elapsed), value),
        Part("  ", label),
        Part(rate, value),
        Part("/hr  +", label),
        Part(_figure(snapshot.impulse, "d"), value),
    )
    third: list[Part] = []
    words = {"Queued": "Queue", "Built": "Built", "Failed": "Fail", "Skipped": "Skip"}
    for word, count, role in counts(snapshot):
        if word in words:
            gap = "  " if third else ""
            third += (Part(f"{gap}{words[word]} ", label), Part(str(count), count_role(count, role)))
    return first, second, tuple(third)


def _tiny(snapshot: Snapshot) -> tuple[Parts, Parts, Parts]:
    """The header in figures alone."""
    label, value = Role.LABEL, Role.VALUE
    dynmax_role = Role.THROTTLED if snapshot.throttled else value
    first = (
        Part(f"{_figure(snapshot.active, 'd')}/{_figure(snapshot.max_workers, 'd')}", value),
        Part(f"[{_figure(snapshot.dynmax, 'd')}]", dynmax_role),
        Part(" L", label),
        Part(_load(snapshot).strip(), value),
        Part(" S", label),
        Part(_swap(snapshot).strip(), value),
    )
    rate, _ = _rate(snapshot)
    second = (Part(hms(snapshot.elapsed), value), Part(f" {rate}", value), Part("/hr", label))
    third: list[Part] = []
    for word, count, role in counts(snapshot):
        third += (Part(f"{' ' if third else ''}{word[0]}", label), Part(str(count), count_role(count, role)))
    return first, second, tuple(third)


def _fitting(snapshot: Snapshot, columns: int) -> tuple[Parts, Parts, Parts]:
    """The header as ``columns`` are for; a line whose figures are too long for them in shorter words."""
    forms = (_full, _short, _tiny)[(columns < NARROW) + (columns < TINY) :]
    lines = forms[0](snapshot)
    for shorter in forms[1:]:
        if all(width(joined(line)) <= columns for line in lines):
            return lines
        first, second, third = (
            line if width(joined(line)) <= columns else other
            for line, other in zip(lines, shorter(snapshot), strict=True)
        )
        lines = first, second, third
    first, second, third = (cut(line, columns) for line in lines)
    return first, second, third


def header_parts(snapshot: Snapshot, columns: int, *, framed: bool) -> tuple[Parts, Parts, Parts]:
    """The header for a screen of ``columns``: the three lines and what a wider screen adds after them.

    With a frame there are :data:`FRAME` columns less for each line.
    Where there is no frame to hold the state, and it is more than plain building, it stands at the
    right of the second line. The figures keep their places when a state changes.
    """
    inner = columns - FRAME if framed else columns
    first, second, third = _fitting(snapshot, inner)
    if inner >= NARROW:
        if snapshot.throttled:
            first = (*first, *_reason(snapshot, inner - width(joined(first))))
        if columns >= WIDE and snapshot.rate is not None:
            run = "-" if snapshot.run_rate is None else f"{snapshot.run_rate:.1f}"
            second = (*second, Part("    Run: ", Role.LABEL), Part(f"{run} pkg/hr", Role.VALUE))
    state = state_word(snapshot)
    if not framed and state.text != "building":
        room = columns - width(joined(second)) - 3  # two before it, one after it
        text = state.text if width(state.text) <= room else state.text.partition(",")[0]
        if width(text) <= room:
            second = (*second, Part(" " * (room + 2 - width(text)), Role.LABEL), Part(text, state.role))
    return first, second, third


def _reason(snapshot: Snapshot, room: int) -> Parts:
    """Why DynMax is less than all, as much of it as fits into ``room`` columns."""
    note = throttle_note(snapshot)
    reason = clean(snapshot.reason or "throttled")
    text = note if width(note) + 2 <= room else fit(reason, min(width(reason), room - 2))
    return (Part(f"  {text}", Role.THROTTLED),) if text else ()


def eta_text(eta: Eta) -> str:
    """``ETA 0h41 ±6m``: hours and minutes to go, and by how much that may be wrong."""
    minutes = max(0, eta.seconds) // 60
    spread = max(0, eta.plus_minus) // 60
    wrong = f"{spread}m" if spread < 60 else f"{spread // 60}h{spread % 60:02d}"
    return f"ETA {minutes // 60}h{minutes % 60:02d} ±{wrong}"
