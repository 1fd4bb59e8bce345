"""The three header lines, as wide as there is room for, and the ETA.

Pure functions from a snapshot to text in parts; no drawing here.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from .model import BuildState, Eta, Snapshot, Totals, hms
from .parts import Part, Parts, Role, cut, joined, whole
from .rate import RateMeter
from .states import LIVE, Shown, held_back, last_update, problem_told, state_parts, throttle_note
from .text import clean, width

FULL = 80
"""Columns from which the three lines are there to the character."""
WIDE = 100
"""Columns from which the whole run's rate stands beside the 60 s rate."""
FRAME = 4
"""Columns that a frame's sides take from each line within."""
NARROW = 60
"""Columns under which the header is said in short words."""
TINY = 34
"""Columns under which it is said in figures."""
_SOON = 600
"""Seconds to go under which tens of seconds are worth telling."""
_LONGEST = 1000 * 86_400 - 3600
"""Seconds beyond which an ETA says no more: it keeps its columns whatever somebody's estimator says."""
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RUN_AT = 55
"""Column of the whole run's rate: with a rate of six characters and an impulse of two it is four further."""


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


def _impulse(snapshot: Snapshot) -> tuple[str, str]:
    """Completions in the last second, and a note where it is not those but packages per hour over ten
    minutes."""
    if snapshot.impulse is None and snapshot.impulse_10m is not None:
        return f"{snapshot.impulse_10m:.0f}", " (10m)"
    return _figure(snapshot.impulse, "d"), ""


def _count(snapshot: Snapshot, count: int | None, role: Role) -> Part:
    """A count; ``-`` where there is nobody who could have counted."""
    unknown = count is None or not _counted(snapshot)
    return Part("-" if unknown else str(count), count_role(count, role))


def _counted(snapshot: Snapshot) -> bool:
    """Whether the counts are a build's: of one that cannot be read any more they are the last ones."""
    if snapshot.state is BuildState.UNREADABLE:
        return snapshot.totals != Totals(None)
    return snapshot.is_build


def counts(snapshot: Snapshot) -> tuple[tuple[str, int | None, Role], ...]:
    totals = snapshot.totals
    return (
        ("Queued", totals.queued, Role.VALUE),
        ("Built", totals.built, Role.BUILT),
        ("Failed", totals.failed, Role.FAILED),
        ("Ignored", totals.ignored, Role.IGNORED),
        ("Skipped", totals.skipped, Role.SKIPPED),
    )


def count_role(count: int | None, role: Role) -> Role:
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
        Part(dynmax, Role.THROTTLED if held_back(snapshot) else value),
    )
    rate, note = _rate(snapshot)
    impulse, over = _impulse(snapshot)
    second = (
        Part("Elapsed: ", label),
        Part(hms(snapshot.elapsed), value),
        Part("  Rate: ", label),
        Part(f"{rate} pkg/hr{note}", value),
        Part("  Impulse: ", label),
        Part(f"{impulse}{over}", value),
    )
    third: list[Part] = []
    for word, count, role in counts(snapshot):
        third += (Part(f"{'  ' if third else ''}{word}: ", label), _count(snapshot, count, role))
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
        Part(_figure(snapshot.dynmax, "d"), Role.THROTTLED if held_back(snapshot) else value),
        Part("  Load ", label),
        Part(_load(snapshot).strip(), value),
        Part("  Swap ", label),
        Part(_swap(snapshot).strip(), value),
    )
    rate, _ = _rate(snapshot)
    impulse, over = _impulse(snapshot)
    second = (
        Part(hms(snapshot.elapsed), value),
        Part("  ", label),
        Part(rate, value),
        Part("/hr", label),
        Part("  10m " if over else "  +", label),
        Part(impulse, value),
    )
    third: list[Part] = []
    words = {"Queued": "Queue", "Built": "Built", "Failed": "Fail", "Skipped": "Skip"}
    for word, count, role in counts(snapshot):
        if word in words:
            gap = "  " if third else ""
            third += (Part(f"{gap}{words[word]} ", label), _count(snapshot, count, role))
    return first, second, tuple(third)


def _tiny(snapshot: Snapshot) -> tuple[Parts, Parts, Parts]:
    """The header in figures alone."""
    label, value = Role.LABEL, Role.VALUE
    dynmax_role = Role.THROTTLED if held_back(snapshot) else value
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
        third += (Part(f"{' ' if third else ''}{word[0]}", label), _count(snapshot, count, role))
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


def header_says_state(columns: int, framed: bool) -> bool:
    """Whether a header of ``columns`` has room for the build's state, where there is more to say of it."""
    return framed or columns >= TINY


def header_parts(
    snapshot: Snapshot, columns: int, *, framed: bool, run_rate: bool = False, shown: Shown = LIVE
) -> tuple[Parts, Parts, Parts]:
    """The header in ``columns``: the three lines and what a wider screen adds after them.

    With a frame there are :data:`FRAME` columns less for each line, and the state is the frame's business;
    without one it stands at the right of the second line; when a lost build was last heard of, at that of the
    third, where the second has no room for it. ``run_rate`` says that the screen is :data:`WIDE`: then
    the whole run's rate is there too. The figures keep their places when a state changes.
    """
    inner = columns - FRAME if framed else columns
    first, second, third = _fitting(snapshot, inner)
    wider = second
    if inner >= NARROW:
        if held_back(snapshot):
            first = (*first, *_reason(snapshot, inner - width(joined(first))))
        if run_rate:
            wider = (*second, *_run(snapshot, second))
            wider = wider if width(joined(wider)) <= inner else second
    if framed or not header_says_state(columns, framed):
        return first, wider, third
    states = state_parts(snapshot, shown), state_parts(snapshot, shown, short=True)
    late = last_update(snapshot)
    if late and states[0][-1:] == late and width(joined(states[0])) > _room_beside(wider, columns):
        third = _with_state(third, late, columns)
        states = states[0][:-2], states[1][:-2]
    return first, _with_news(wider, second, states, snapshot, columns, shown), third


def _with_news(
    wider: Parts, second: Parts, states: tuple[Parts, Parts], snapshot: Snapshot, columns: int, shown: Shown
) -> Parts:
    """The second line with the state, said in full or in short; the whole run's rate gives way to one that no
    figure tells.

    So does the impulse, where it is narrow, or where something is in the way of the numbers.
    """
    lines = [wider]
    problem = problem_told(snapshot)
    if not _told_by_figures(snapshot, shown):
        lines.append(second)
        if problem or columns < FULL:
            lines.append(second[:-2])
        if problem:
            # How long it has been building is still true; how fast it was is not.
            lines.append(second[: 2 if columns >= NARROW else 1])
    for all_news in (True, False):
        for line in lines:
            room = _room_beside(line, columns)
            fitting = [whole(state, room) for state in states]
            for state, said in zip(states, fitting, strict=True):
                if said == state:
                    return _with_state(line, state, columns)
            for state, said in zip(states, fitting, strict=True):
                needed = 1 if not all_news else _news(state, columns)
                if len(said) >= needed:
                    return _with_state(line, state, columns)
        if problem:
            # By halves rather than not at all: nothing else says it.
            return _with_state(lines[-1], cut(states[1], _room_beside(lines[-1], columns)), columns)
    return wider


def _news(state: Parts, columns: int) -> int:
    """How many parts of the state are to be said at least: what nothing else says in so many columns."""
    news = {Role.STALLED, Role.THROTTLED} if columns < NARROW else {Role.STALLED}
    return max((end for end, part in enumerate(state, 1) if part.role in news), default=1)


def _told_by_figures(snapshot: Snapshot, shown: Shown) -> bool:
    """Whether the three lines say all that there is to say: it is built, and what failed is counted."""
    plain = snapshot.state is BuildState.BUILDING and snapshot.stopping is None
    hindered = snapshot.stalled or snapshot.silent or snapshot.low_space
    return plain and not (hindered or shown.frozen or problem_told(snapshot))


def _room_beside(line: Parts, columns: int) -> int:
    return columns - width(joined(line)) - 3  # two before it, one after it


def _with_state(line: Parts, state: Parts, columns: int) -> Parts:
    """``line`` with as much of ``state`` as fits whole at the right end of ``columns``."""
    room = _room_beside(line, columns)
    state = whole(state, room)
    if not state:
        return line
    return (*line, Part(" " * (room + 2 - width(joined(state))), Role.LABEL), *state)


def _run(snapshot: Snapshot, second: Parts) -> Parts:
    """The whole run's rate, in a place that is kept while rate and impulse have some digits more or less."""
    if snapshot.rate is None:
        return ()
    begun = snapshot.elapsed is None or snapshot.elapsed >= RateMeter.WARM_UP
    figure = f"{snapshot.run_rate:.1f}" if snapshot.run_rate is not None and begun else "-"
    gap = max(4, _RUN_AT - width(joined(second)))
    return Part(" " * gap + "Run: ", Role.LABEL), Part(f"{figure} pkg/hr", Role.VALUE)


def _reason(snapshot: Snapshot, room: int) -> Parts:
    """Why DynMax is less than all, as much of it as fits into ``room`` columns.

    Where there is room it keeps its place while the load is at ten, or DynMax has a digit less.
    """
    load, most = snapshot.host.load, snapshot.max_workers or 0
    spare = max(0, 5 - len(_load(snapshot))) if load is not None else 1
    spare += len(str(most)) - len(_figure(snapshot.dynmax, "d"))
    note, reason = throttle_note(snapshot), clean(snapshot.reason or "throttled")
    for text in (note, reason):
        for gap in (2 + spare, 2):
            if width(text) + gap <= room:
                return (Part(" " * gap + text, Role.THROTTLED),)
    return ()


def shown_eta(snapshot: Snapshot) -> Eta | None:
    """The ETA, while there is something to be expected: neither of a build that is over or lost, nor of one
    that is being ended before it is."""
    if snapshot.state is not BuildState.BUILDING or snapshot.stopping is not None:
        return None
    return snapshot.eta


def eta_text(eta: Eta, at: str | None = None) -> str:
    """``ETA 0h41 ±6m``: the time to go, and by how much that may be wrong; ``ETA 14:32 ±6m`` with the time of
    day ``at`` in its place.

    Under ten minutes it is minutes and tens of seconds, rounded up and never none, ``ETA 4m20 ±40s``, from a
    hundred hours on days and hours, ``ETA 4d05 ±8h00``. What may be wrong is rounded up, and never less than
    what is counted in.
    """
    seconds = min(max(0, eta.seconds), _LONGEST)
    tens = max(1, -(-seconds // 10)) * 10
    soon = tens < _SOON and at is None
    if at is None:
        at = f"{tens // 60}m{tens % 60:02d}" if soon else _hours((seconds + 30) // 60)
    return f"ETA {at} ±{_wrong_by(min(max(0, eta.plus_minus), _LONGEST), in_seconds=soon)}"


def _hours(minutes: int) -> str:
    hours, minute = divmod(minutes, 60)
    return f"{hours}h{minute:02d}" if hours < 100 else f"{hours // 24}d{hours % 24:02d}"


def _wrong_by(seconds: int, *, in_seconds: bool) -> str:
    """``40s``, ``6m`` or, in tens of minutes, ``2h10``."""
    if in_seconds and seconds <= 50:
        return f"{max(1, -(-seconds // 10)) * 10}s"
    minutes = max(1, -(-seconds // 60))
    return f"{minutes}m" if minutes < 60 else _hours(-(-minutes // 10) * 10)


def whole_minute(moment: float, said: float | None = None) -> float:
    """The whole minute that ``moment`` is told as, both epoch seconds: ``said``, which was told before, as
    long as that is less than a minute off. An end that is reckoned anew each second wavers by one."""
    if said is not None and abs(moment - said) < 60:
        return said
    return (moment + 30) // 60 * 60


def time_of_day(
    moment: float, now: float, local: Callable[[float], time.struct_time] = time.localtime
) -> str | None:
    """``14:32``, or ``Fri 14:32`` where it is on another day than ``now``, or ``12 Jun 14:32`` where that is
    further than a weekday tells: the time on this host's clocks at the epoch second ``moment``.

    None where there is no such time.
    """
    try:
        then, today = local(moment), local(now)
    except (ValueError, OverflowError, OSError):  # what a file says may be in any year
        return None
    clock = f"{then.tm_hour:02d}:{then.tm_min:02d}"
    if (then.tm_year, then.tm_yday) == (today.tm_year, today.tm_yday):
        return clock
    # Not by strftime(): its names are the locale's, of any width.
    if 0 <= moment - now < 6 * 86_400:
        return f"{_WEEKDAYS[then.tm_wday]} {clock}"
    return f"{then.tm_mday} {_MONTHS[then.tm_mon - 1]} {clock}"


def title_parts(title: str, snapshot: Snapshot, role: Role) -> Parts:
    """What stands in a frame of this colour: the program, and which build it shows."""
    source = snapshot.source
    name = clean(source.name or source.path or "")
    of_program, of_build = (Role.LABEL, Role.VALUE) if role is Role.FRAME else (role, role)
    return Part(title, of_program), *((Part(f"  {name}", of_build),) if name else ())
