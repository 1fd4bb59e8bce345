"""Why a package failed, which packages it blocks and where its log is: what stands below the list."""

from __future__ import annotations

from ..errors.cause import Cause
from ..failures import Failure
from ..model import hms
from ..parts import Part, Parts, Role, broken, cut, joined
from ..summary import blocked_parts
from ..text import clean, fit, width
from .failurelist import WIDEST, columns_for
from .fields import Field, Line, placed
from .lineview import LineView

_SIGN = Part("✗ ", Role.FAILED)
_INDENT = "  "
_MOST = 3
"""Lines that the line of the cause may take where it is long, and a path."""
NO_ERROR = "no error found; the last lines of its log:"


def cause_lines(failure: Failure, cause: Cause | None, columns: int) -> tuple[list[Parts], list[Parts]]:
    """What explains a failure in a line, broken where it is too long, and what its log says beside that."""
    room = max(1, columns - len(_INDENT))
    first: list[Parts]
    if cause is None:
        return [(Part("looking for the cause…", Role.LABEL),)], []
    lines = [clean(line).rstrip() for line in cause.lines]
    if cause.problem is not None:
        said = "no log of it is known"
        if failure.package.log is not None:
            said = f"its log cannot be read: {clean(cause.problem)}"
        first = [(Part(line, Role.STALLED),) for line in _few(said, columns)]
    elif not any(lines):
        return [(Part("its log is empty", Role.LABEL),)], []
    elif cause.rule is None:
        first = [(Part(line, Role.LABEL),) for line in broken(NO_ERROR, columns)]
    else:
        error = _few(lines.pop(0).strip(), room)
        first = [(_SIGN, Part(error[0], Role.FAILED))]
        first += [(Part(_INDENT + line, Role.FAILED),) for line in error[1:]]
    rest: list[Parts] = [(Part(_INDENT + line, Role.LABEL),) if line else () for line in lines]
    return first, rest


def _few(text: str, columns: int) -> list[str]:
    """``text`` in at most :data:`_MOST` lines."""
    lines = list(broken(text, columns)) or [""]
    if len(lines) > _MOST:
        lines[_MOST - 1 :] = [fit(" ".join(lines[_MOST - 1 :]), columns)]
    return lines


def _alone(failure: Failure, cause: Cause | None, columns: int) -> Parts:
    """All that one line has room for."""
    if cause is not None and cause.rule is None and cause.problem is None:
        last = next((line for line in reversed(cause.lines) if line.strip()), None)
        if last is not None:
            return (Part("no error found: ", Role.LABEL), Part(clean(last).strip(), Role.TEXT))
    if cause is not None and cause.rule is not None and cause.lines:
        return (_SIGN, Part(clean(cause.lines[0]).strip(), Role.FAILED))
    return cause_lines(failure, cause, columns)[0][0]


def pane_lines(failure: Failure, cause: Cause | None, columns: int, rows: int) -> list[Parts]:
    """All of it in at most ``rows`` lines of ``columns``; in one line the cause alone.

    Where there is no room for all, what the log says beside the line of the cause goes first: of lines that
    explain something the last ones, of the log's last lines the first ones.
    """
    if rows < 2:
        return [cut(_alone(failure, cause, columns), columns)][:rows]
    title = f" Why {clean(failure.package.origin)} failed"
    lines: list[Parts] = [(Part(fit(title, columns), Role.HEADING),)]
    first, rest = cause_lines(failure, cause, columns)
    while rest and not rest[-1]:
        rest.pop()
    lines += first[: rows - 1]
    below: list[list[Parts]] = []
    left = rows - len(lines)
    for paragraph in _below(failure, columns):
        if len(paragraph) <= left:
            below.append(paragraph)
            left -= len(paragraph)
    blank = [()] if left and below else []
    left -= len(blank)
    if len(rest) > left:
        tail = cause is not None and cause.rule is None
        rest = rest[len(rest) - left :] if tail else rest[:left]
    lines += [*rest, *blank]
    for paragraph in below:
        lines += paragraph
    return [cut(line, min(columns, width(joined(line)))) for line in lines]


def _below(failure: Failure, columns: int) -> list[list[Parts]]:
    """What else there is to say, what is worth most first."""
    package = failure.package
    blocks = blocked_parts(failure, columns, "blocks  ")
    if not blocks:
        count = failure.blocks
        some = f"{count} {'package' if count == 1 else 'packages'}, it is not known which"
        blocks = (Part("blocks  ", Role.LABEL), Part(some if count else "nothing", Role.TEXT))
    said: list[list[Parts]] = [[blocks], _labelled("log", clean(package.log or "none"), columns)]
    reason = clean(package.reason or "")
    at = columns_for(columns)
    if not at.duration[1] or width(reason) > at.how[1]:
        words = (clean(package.phase or ""), hms(package.duration), reason)
        said.append(_labelled("ended", ", ".join(word for word in words if word), columns))
    return said


def _labelled(label: str, text: str, columns: int) -> list[Parts]:
    lines = _few(text, max(1, columns - 8))
    first: Parts = (Part(label.ljust(8), Role.LABEL), Part(lines[0], Role.TEXT))
    return [first, *((Part(" " * 8 + line, Role.TEXT),) for line in lines[1:])]


class FailurePane(LineView):
    """Shows what it is given; looks for no cause."""

    def __init__(self) -> None:
        super().__init__()
        self._failure: Failure | None = None
        self._cause: Cause | None = None
        self._made: tuple[tuple[object, ...], list[Parts]] | None = None

    def show(self, failure: Failure | None, cause: Cause | None) -> None:
        """Say why this one failed; None: that is still being looked for."""
        self._failure, self._cause = failure, cause
        self.redraw()

    def line_at(self, y: int) -> Line:
        if self._failure is None:
            return ()
        columns = max(1, min(self.columns, WIDEST + 1) - 2)
        made_for = (self._failure, self._cause, self.columns, self.rows)
        if self._made is None or self._made[0] != made_for:
            self._made = made_for, pane_lines(self._failure, self._cause, columns, self.rows)
        lines = self._made[1]
        if y >= len(lines):
            return ()
        line = lines[y]
        if len(line) == 1 and line[0].role is Role.HEADING:
            return (Field(0, fit(line[0].text, self.columns), Role.HEADING),)
        return placed(line, 1)
