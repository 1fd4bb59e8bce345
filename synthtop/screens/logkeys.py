"""The commands of a log's screen, much as less has them; but ``?`` is help, here as everywhere. Pure."""

from __future__ import annotations

from typing import Any, Protocol

from ..logfile.page import Page
from .command import Command, Key
from .subscreen import COMMON


class Reading(Protocol):
    """What decides which commands apply."""

    @property
    def page(self) -> Page | None: ...

    @property
    def numbered(self) -> bool: ...


def _searched(now: Reading) -> bool:
    return now.page is not None and bool(now.page.pattern)


def _wraps(now: Reading) -> bool:
    return now.page is not None and now.page.wrap


def _follows(now: Reading) -> bool:
    return now.page is not None and now.page.following


COMMANDS: tuple[Command[Any], ...] = (
    Command[Reading](
        "/",
        "Search from here on, round the end, for a text; ctrl+r while typing: for a regular expression. "
        "Capital letters count only where there is one in it. Empty: as n.",
        (Key("slash", "screen.search"),),
        word=lambda now: "Search",
        weight=80,
    ),
    Command[Reading](
        "n/N",
        "To the next place where it says that, or the one before.",
        (Key("n", "screen.again(1)"), Key("N", "screen.again(-1)")),
        applies=_searched,
        word=lambda now: "Next",
        weight=90,
    ),
    Command[Reading](
        "e/E",
        "To the next line that tells of an error, or the one before.",
        (Key("e", "screen.error(1)"), Key("E", "screen.error(-1)")),
        word=lambda now: "Error",
        weight=75,
    ),
    Command[Reading](
        "[/]",
        "To where the phase before begins, or the next one.",
        (Key("left_square_bracket", "screen.phase(-1)"), Key("right_square_bracket", "screen.phase(1)")),
        word=lambda now: "Phase",
        weight=60,
    ),
    Command[Reading](
        "↑↓",
        "Scroll; also k and j.",
        (
            *(Key("up", "screen.scroll(-1)"), Key("k", "screen.scroll(-1)")),
            *(
                Key("down", "screen.scroll(1)"),
                Key("j", "screen.scroll(1)"),
                Key("enter", "screen.scroll(1)"),
            ),
        ),
    ),
    Command[Reading](
        "pgup pgdn",
        "The same by a screenful; also b and space. By half of one: u and d.",
        (
            *(Key("pageup", "screen.page(-2)"), Key("b", "screen.page(-2)"), Key("u", "screen.page(-1)")),
            *(Key("pagedown", "screen.page(2)"), Key("space", "screen.page(2)"), Key("d", "screen.page(1)")),
        ),
    ),
    Command[Reading](
        "home end",
        "To the start, or to the end and follow it; also g and G.",
        (
            *(Key("home", "screen.edge(-1)"), Key("g", "screen.edge(-1)")),
            *(Key("end", "screen.edge(1)"), Key("G", "screen.edge(1)")),
        ),
    ),
    Command[Reading](
        "F",
        "Follow the end, as G.",
        (Key("F", "screen.edge(1)"),),
        applies=lambda now: not _follows(now),
        word=lambda now: "Follow",
        weight=70,
    ),
    Command[Reading](
        "←→",
        "Shift by eight columns, where lines don't wrap.",
        (Key("left", "screen.shift(-1)"), Key("right", "screen.shift(1)")),
    ),
    Command[Reading](
        "w",
        "Wrap lines that are too long, or cut them off.",
        (Key("w", "screen.wrap"),),
        word=lambda now: "Unwrap" if _wraps(now) else "Wrap",
        weight=55,
    ),
    Command[Reading](
        "#",
        "Put the numbers of the lines before them, or don't; also L.",
        (Key("number_sign", "screen.numbers"), Key("L", "screen.numbers")),
        word=lambda now: "No numbers" if now.numbered else "Numbers",
        weight=25,
    ),
    Command[Reading](
        ":",
        "Go to the line of a number, or so far through the log: 50%.",
        (Key("colon", "screen.ask_line"),),
        word=lambda now: "Line",
        weight=50,
    ),
    Command[Reading](
        "p",
        "Read it in $PAGER, or less; the build goes on meanwhile.",
        (Key("p", "screen.pager"),),
        word=lambda now: "Pager",
        weight=40,
    ),
    Command[Reading](
        "v",
        "Open it in $VISUAL, $EDITOR, or vi.",
        (Key("v", "screen.edit"),),
        word=lambda now: "Edit",
        weight=30,
    ),
    Command[Reading](
        "S",
        "Save a copy of it, unpacked, in a new file.",
        (Key("S", "screen.save"),),
        word=lambda now: "Save",
        weight=35,
    ),
    Command[Reading](
        "ctrl+r",
        "While typing a search: take it for a regular expression, or for a text.",
        (Key("ctrl+r", "screen.regex"),),
    ),
    COMMON[0]._replace(weight=65),
    Command[Reading](
        "esc",
        "Take the search back; where there is none, go back.",
        (Key("escape", "screen.back"),),
        word=lambda now: "Clear" if _searched(now) else "Back",
        weight=100,
    ),
    Command[Reading]("q", "Go back.", (Key("q", "screen.close"),)),
)
