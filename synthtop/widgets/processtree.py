"""The processes of a package as an indented tree, in lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..model import Inside, Process
from ..parts import Part, Parts, Role, broken
from ..states import ago
from ..text import clean, fit, width
from ..units import short_size
from .workercolumns import percent_of_core

SHOWN = 1000
"""Processes that have a line at most."""
_READ = 2000
"""Characters of a problem that are looked at."""
_CHARACTERS = 3
"""Characters of a command that are looked at for each column: some take none."""
_PID, _CPU, _MEMORY = 7, 6, 7
_FIGURES_FROM = 60
"""Columns from which a process has its figures beside its command; below, its CPU alone."""
_ACTIVE = 1.0
"""Percent of a core from which a process is bright: it works, the others wait for it."""
_INDENT = 2
_NO_DEEPER = 3
"""The part of a line, as its divisor, that indentation takes at most: the deepest are what works."""


class ProcessTree:
    """Makes the lines of each look at the processes once: what is shown each second is some seconds old."""

    def __init__(self) -> None:
        self._made: tuple[Sequence[Process], int, list[Parts]] = (), 0, []

    def lines(self, inside: Inside | None, columns: int, *, own: bool, there: bool = True) -> Iterator[Parts]:
        """What is known of the processes ``inside``, under a heading; in one line why that is nothing.

        ``own`` says that the build is ours, of which alone anything is known; ``there`` that the package is
        still in its slot.
        """
        if not own:
            yield from _quietly("Commands and processes are known of builds that synthtop runs.", columns)
            return
        yield _heading(inside, columns, there=there)
        if inside is None:
            yield from _quietly("not looked at yet", columns)
        elif inside.problem is not None:
            problem = broken(clean(inside.problem[:_READ]), columns)
            yield from ((Part(line, Role.STALLED),) for line in problem)
        elif not inside.processes:
            yield from _quietly("none", columns)
        else:
            yield from self._processes(inside.processes, columns)

    def _processes(self, processes: Sequence[Process], columns: int) -> Iterator[Parts]:
        if self._made[0] is not processes or self._made[1] != columns:
            self._made = processes, columns, list(_process_lines(processes[:SHOWN], columns))
        yield from self._made[2]
        if len(processes) > SHOWN:
            yield from _quietly(f"and {len(processes) - SHOWN} more", columns)


def _quietly(text: str, columns: int) -> Iterator[Parts]:
    return ((Part(line, Role.DIM),) for line in broken(text, columns))


def _heading(inside: Inside | None, columns: int, *, there: bool) -> Parts:
    names = "Processes"
    if columns >= _FIGURES_FROM:
        names = f"{'PID':>{_PID}}{'CPU':>{_CPU}}{'Memory':>{_MEMORY}}  Processes"
    elif inside is not None and inside.processes:
        names = f"{'CPU':>{_CPU}}  Processes"
    age = "" if inside is None or inside.age is None else ago(int(inside.age))
    if not there:
        # It was so long ago when that was still the present.
        age = "the last seen"
    room = columns - width(age) - 1
    text = fit(names, room) + age + " " if width(names) + 2 <= room else names
    return (Part(fit(text, columns), Role.HEADING),)


def _process_lines(processes: Sequence[Process], columns: int) -> Iterator[Parts]:
    for pid, depth, command, cpu, rss in processes:
        figures = f"{percent_of_core(cpu):>{_CPU}}"
        if columns >= _FIGURES_FROM:
            figures = f"{pid:>{_PID}}{figures}{short_size(rss):>{_MEMORY}}"
        room = max(0, columns - len(figures) - 2)
        indent = min(_INDENT * max(0, depth), room // _NO_DEEPER)
        said = clean(command[: _CHARACTERS * columns]) or "-"
        text = " " * indent + (said if width(said) <= room - indent else fit(said, room - indent))
        active = cpu is not None and cpu >= _ACTIVE
        role = Role.VALUE if active else Role.TEXT
        yield Part(f"{figures}  ", Role.TEXT if active else Role.DIM), Part(text, role)
