"""What a user can have done, as data: of one table bindings, footer, help and palette are made. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, NamedTuple, TypeVar

from textual.binding import Binding, BindingType

from ..widgets.footer import Hint

S = TypeVar("S")
_PRESSING = 100


class Key(NamedTuple):
    """A key by Textual's name and the action it stands for; a ``first`` one works in every screen.

    ``id`` is the name by which a user may choose another key, ``""`` where that is always the same.
    """

    name: str
    action: str
    first: bool = False
    id: str = ""


class Offer(NamedTuple):
    """What the palette calls an action."""

    name: str
    action: str


def _always(now: Any) -> bool:
    return True


def _never(now: Any) -> bool:
    return False


def _no_word(now: Any) -> str:
    return ""


def _nothing(now: Any) -> tuple[Offer, ...]:
    return ()


class Command(NamedTuple, Generic[S]):
    """Something that the user can have done in a situation ``S``, with what its keys are called and what it
    does in a sentence.

    While it ``applies``, ``word`` stands in the footer, and the palette has its ``offers``. Where there is no
    room for all in the footer, what is ``pressing`` stays, and then what has more ``weight``. The help shows
    all commands.
    """

    written: str
    sentence: str
    keys: tuple[Key, ...]
    applies: Callable[[S], bool] = _always
    word: Callable[[S], str] = _no_word
    weight: int = 0
    pressing: Callable[[S], bool] = _never
    offers: Callable[[S], tuple[Offer, ...]] = _nothing

    def hint(self, now: S) -> Hint:
        """As it stands in the footer; a click stands for its key, where it is one."""
        action = self.keys[0].action if len(self.keys) == 1 or self.keys[1].first else None
        weight = self.weight + (_PRESSING if self.pressing(now) else 0)
        return Hint(self.written, self.word(now), action, weight)


def bindings_of(commands: Iterable[Command[Any]], *, first: bool = False) -> list[BindingType]:
    """The keys of ``commands``, or those that are looked at ``first`` in every screen."""
    return [
        Binding(key.name, key.action, show=False, priority=first, id=key.id or None)
        for command in commands
        for key in command.keys
        if key.first == first
    ]


def hints_of(commands: Iterable[Command[S]], now: S) -> tuple[Hint, ...]:
    """What the footer offers, from left to right."""
    hints = (command.hint(now) for command in commands if command.applies(now))
    return tuple(hint for hint in hints if hint.word)


def offers_of(commands: Iterable[Command[S]], now: S) -> list[tuple[Offer, str]]:
    """What the palette offers, with a sentence."""
    return [
        (offer, command.sentence)
        for command in commands
        if command.applies(now)
        for offer in command.offers(now)
    ]
