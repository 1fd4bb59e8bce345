"""The commands of the main screen: one table, of which bindings, footer, help and palette are made. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from textual.binding import BindingType

from ..keymap import DEFAULTS, said
from ..lines import shown_eta
from ..model import BuildState, Snapshot, Stopping
from ..text import clean
from ..widgets.footer import Hint
from .command import Command, Key, Offer, bindings_of, hints_of, offers_of

NONE_CHOSEN: Mapping[str, str] = MappingProxyType({})


class Situation(NamedTuple):
    """What decides which commands apply.

    ``snapshot`` is the newest one; ``own`` says that its build can be told what to do from here, ``stage``
    how far its end has been asked for, and ``hand_limit`` how many workers the user allows. ``table``,
    ``page`` and ``log`` are to be seen, and ``scrolls`` says that the page is longer than its place.
    ``filter`` is the text that is filtered by, ``found`` how many rows have it, of how many. ``builds`` to
    choose from are to be seen, and with a ``chooser`` another one can be shown. ``package`` says that there
    is a worker whose package can be looked at: the marked one, or else the first.
    """

    snapshot: Snapshot
    own: bool = False
    stage: Stopping | None = None
    hand_limit: int | None = None
    table: bool = True
    page: bool = False
    log: bool = True
    scrolls: bool = False
    frozen: bool = False
    filter: str = ""
    found: tuple[int, int] = (0, 0)
    builds: bool = False
    chooser: bool = False
    package: bool = False

    @property
    def at_work(self) -> bool:
        """Whether there is a build of our own that is not over."""
        return self.own and not self.snapshot.over

    @property
    def killable(self) -> bool:
        """Whether what runs is being stopped already."""
        return self.at_work and self.stage in (Stopping.STOPPING, Stopping.KILLING)

    @property
    def freezable(self) -> bool:
        """Whether there is something that moves."""
        return self.snapshot.is_build and not self.snapshot.over

    @property
    def limitable(self) -> bool:
        """Whether a limit of the workers would change anything."""
        return self.at_work and self.stage is None and self.snapshot.max_workers is not None

    @property
    def leavable(self) -> bool:
        """Whether a build is shown, or waited for, beside which there may be others."""
        named = self.snapshot.state is not BuildState.WAITING or self.snapshot.source.path is not None
        return self.chooser and named

    @property
    def endable(self) -> bool:
        """Whether one of its packages can be ended from here."""
        return self.at_work and self.package and self.stage not in (Stopping.STOPPING, Stopping.KILLING)

    @property
    def stoppable(self) -> bool:
        """Whether the build that is shown can be asked from here to end."""
        return self.chooser and self.snapshot.holder is not None and not self.snapshot.over


def _filter_word(now: Situation) -> str:
    if not now.filter:
        return "Filter"
    found = f" ({now.found[0]} of {now.found[1]})" if now.table else ""
    return f"Filter: {clean(now.filter)}{found}"


def _limit_offers(now: Situation) -> tuple[Offer, ...]:
    fewer = Offer("One worker fewer", "app.limit(-1)")
    return (fewer,) if now.hand_limit is None else (fewer, Offer("One worker more", "app.limit(1)"))


def commands_with(chosen: Mapping[str, str] = NONE_CHOSEN) -> tuple[Command[Situation], ...]:
    """All commands, those that are in ``chosen`` by its keys; as in :data:`~synthtop.keymap.DEFAULTS`."""

    def key(command: str, action: str) -> Key:
        return Key(chosen.get(command, DEFAULTS[command]), action, id=command)

    def sign(command: str) -> str:
        return said(chosen.get(command, DEFAULTS[command]))

    return (
        Command(
            sign("log"),
            "Read the log of the worker's package, and follow it.",
            (key("log", "app.open('log')"),),
            applies=lambda now: now.package,
            word=lambda now: "Log",
            weight=75,
            offers=lambda now: (Offer("Log of the package", "app.open('log')"),),
        ),
        Command(
            sign("failures"),
            "What failed and why, and what that blocks.",
            (key("failures", "app.open('failures')"),),
            applies=lambda now: now.snapshot.is_build,
            word=lambda now: "Failures",
            weight=85,
            pressing=lambda now: now.snapshot.totals.failed > 0,
            offers=lambda now: (Offer("Failures", "app.open('failures')"),),
        ),
        Command(
            sign("finished"),
            "All packages that are done: sort and filter them.",
            (key("finished", "app.open('finished')"),),
            applies=lambda now: now.snapshot.is_build,
            word=lambda now: "Finished",
            weight=48,
            offers=lambda now: (Offer("Finished packages", "app.open('finished')"),),
        ),
        Command(
            sign("detail"),
            "What a worker does: its phases, command and processes.",
            (key("detail", "app.open('detail')"),),
            applies=lambda now: now.package,
            word=lambda now: "Detail",
            weight=46,
            offers=lambda now: (Offer("Detail of the worker", "app.open('detail')"),),
        ),
        Command(
            sign("trends"),
            "Trends on the whole screen, up to 24 hours.",
            (key("trends", "app.open('trends')"),),
            word=lambda now: "Trends",
            weight=55,
            offers=lambda now: (Offer("Trends", "app.open('trends')"),),
        ),
        Command(
            sign("history"),
            "The builds before: how long, how fast, what failed.",
            (key("history", "app.open('history')"),),
            word=lambda now: "History",
            weight=44,
            offers=lambda now: (Offer("History of builds", "app.open('history')"),),
        ),
        Command(
            sign("eta"),
            "Say the ETA as a time of day, or as the time to go.",
            (key("eta", "screen.clock"),),
            applies=lambda now: shown_eta(now.snapshot) is not None,
            word=lambda now: "ETA",
            weight=12,
            offers=lambda now: (Offer("ETA as a time of day, or to go", "screen.clock"),),
        ),
        Command(
            sign("filter"),
            "Show only workers and log lines in which a text occurs.",
            (key("filter", "screen.filter"),),
            applies=lambda now: now.table or now.log,
            word=_filter_word,
            weight=70,
            pressing=lambda now: bool(now.filter),
            offers=lambda now: (Offer("Filter", "screen.filter"),),
        ),
        Command(
            "esc",
            "Show all again; then take the mark off; then as o.",
            (Key("escape", "screen.back"),),
            applies=lambda now: bool(now.filter),
            word=lambda now: "Clear",
            weight=80,
            offers=lambda now: (Offer("Clear the filter", "screen.back"),),
        ),
        Command(
            sign("sort"),
            "Sort the workers by the next column.",
            (key("sort", "screen.sort"),),
            applies=lambda now: now.table,
            word=lambda now: "Sort",
            weight=50,
            offers=lambda now: (Offer("Sort by the next column", "screen.sort"),),
        ),
        Command(
            sign("reverse"),
            "Turn the order of the workers round.",
            (key("reverse", "screen.reverse"),),
            applies=lambda now: now.table,
            word=lambda now: "Reverse",
            weight=20,
            offers=lambda now: (Offer("Reverse the order", "screen.reverse"),),
        ),
        Command(
            "enter",
            "As l; show the build that is marked among others.",
            (Key("enter", "app.enter"),),
            applies=lambda now: now.builds and now.chooser,
            word=lambda now: "Show",
            weight=80,
            offers=lambda now: (Offer("Show this build", "app.choose"),),
        ),
        Command(
            "↑↓",
            "Mark a worker, to keep an eye on it; a build; or scroll.",
            (Key("up", "screen.move(-1)"), Key("down", "screen.move(1)")),
            applies=lambda now: now.table or now.scrolls or now.builds,
            word=lambda now: "Scroll" if now.page else "Select",
            weight=30,
        ),
        Command(
            "pgup pgdn",
            "The same by a screenful.",
            (Key("pageup", "screen.page(-1)"), Key("pagedown", "screen.page(1)")),
        ),
        Command(
            "home end",
            "The same, to the first and the last.",
            (Key("home", "screen.edge(-1)"), Key("end", "screen.edge(1)")),
        ),
        Command(
            "shift+↑↓",
            "Scroll the log; with pgup and pgdn by a screenful.",
            (
                Key("shift+up", "screen.log(-1)"),
                Key("shift+down", "screen.log(1)"),
                Key("shift+pageup", "screen.log_page(-1)"),
                Key("shift+pagedown", "screen.log_page(1)"),
            ),
        ),
        Command(
            sign("freeze"),
            "Freeze the screen to read or copy; the build goes on.",
            (key("freeze", "screen.freeze"),),
            applies=lambda now: now.frozen or now.freezable,
            word=lambda now: "Unfreeze" if now.frozen else "Freeze",
            weight=60,
            pressing=lambda now: now.frozen,
            offers=lambda now: (Offer("Unfreeze" if now.frozen else "Freeze", "screen.freeze"),),
        ),
        Command(
            f"{sign('more')}/{sign('fewer')}",
            "Limit by hand how many packages may be built at once.",
            (key("more", "app.limit(1)"), key("fewer", "app.limit(-1)")),
            applies=lambda now: now.limitable,
            word=lambda now: "Workers" if now.hand_limit is None else f"Workers: {now.hand_limit} by hand",
            weight=40,
            pressing=lambda now: now.hand_limit is not None,
            offers=_limit_offers,
        ),
        Command(
            sign("kill"),
            "Kill or skip the worker's package; asks first.",
            (key("kill", "app.end_package"),),
            applies=lambda now: now.endable,
            word=lambda now: "Kill",
            weight=38,
            offers=lambda now: (Offer("Kill or skip the package", "app.end_package"),),
        ),
        Command(
            sign("columns"),
            "Choose the columns of the table.",
            (key("columns", "app.open('columns')"),),
            applies=lambda now: now.table,
            word=lambda now: "Columns",
            weight=15,
            offers=lambda now: (Offer("Columns", "app.open('columns')"),),
        ),
        Command(
            sign("builds"),
            "Choose another build of those found on this machine.",
            (key("builds", "app.others"),),
            applies=lambda now: now.leavable,
            word=lambda now: "Builds",
            weight=45,
            offers=lambda now: (Offer("Other builds", "app.others"),),
        ),
        Command(
            sign("stop"),
            "Stop the build that is shown, if it is yours; asks first.",
            (key("stop", "app.stop"),),
            applies=lambda now: now.stoppable,
            word=lambda now: "Stop",
            weight=42,
            offers=lambda now: (Offer("Stop this build", "app.stop"),),
        ),
        Command(
            "ctrl+c",
            "As q; again: stop now; and again: kill what still runs.",
            (Key("ctrl+c", "app.interrupt", first=True),),
            applies=lambda now: now.killable,
            word=lambda now: "Kill",
            weight=90,
            pressing=lambda now: True,
        ),
        Command(
            "ctrl+z",
            "Suspend, and a build of your own with it, until the shell's fg.",
            (Key("ctrl+z", "app.suspend_process", first=True),),
            word=lambda now: "Suspend",
            weight=5,
            offers=lambda now: (Offer("Suspend", "app.suspend_process"),),
        ),
        Command(
            "ctrl+p",
            "Find a command by its name; choose other colours.",
            (Key("ctrl+p", "app.command_palette", first=True),),
            word=lambda now: "Commands",
            weight=10,
        ),
        Command(
            sign("help"),
            "Say what keys, figures and colours mean.",
            (key("help", "app.help"),),
            word=lambda now: "Help",
            weight=65,
            offers=lambda now: (Offer("Help", "app.help"),),
        ),
        Command(
            sign("quit"),
            "Leave; a build of your own is not left without a question.",
            (key("quit", "app.leave"), Key("ctrl+q", "app.leave", first=True)),
            word=lambda now: "Quit" if now.at_work else "Leave",
            weight=100,
            pressing=lambda now: True,
            offers=lambda now: (Offer("Quit" if now.at_work else "Leave", "app.leave"),),
        ),
    )


COMMANDS = commands_with()
"""The commands with the keys that they have where nobody chose others."""


def bindings(*, first: bool) -> list[BindingType]:
    """The keys of the main screen, or those that are looked at ``first`` in every screen."""
    return bindings_of(COMMANDS, first=first)


def hints_for(now: Situation, commands: Sequence[Command[Situation]] = COMMANDS) -> tuple[Hint, ...]:
    """What the footer of the main screen offers, from left to right."""
    return hints_of(commands, now)


def offers_for(now: Situation) -> list[tuple[Offer, str]]:
    """What the palette offers over the main screen, with a sentence."""
    return offers_of(COMMANDS, now)
