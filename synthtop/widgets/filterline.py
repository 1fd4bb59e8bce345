"""The line in which a filter, or what is looked for, is typed, in the place of the keys.

It is handed its keys by the screen and takes no focus: what is typed right after ``/`` waits in the screen's
queue already, and would be taken for commands by the time something else has the focus.
"""

from __future__ import annotations

from typing import NamedTuple

from textual import events
from textual.message import Message

from ..parts import Role
from ..text import char_width, clean, width
from .fields import Field, Line
from .footer import Hint, hint_fields, hint_places
from .lineview import LineView

MOST = 100
"""Characters of a filter; the rest of what is pasted is left out."""
MOST_OF_A_PATH = 1000
"""The same of a file's name, of which nothing may be left out."""
_TEXT_AT_LEAST = 12
"""Columns for the text that what stands beside it leaves free."""
KEEP = Hint("enter", "Keep", weight=1)
BACK = Hint("esc", "Back", weight=2)


class Typed(NamedTuple):
    """A text, and the index of the character that the cursor stands on."""

    text: str = ""
    at: int = 0

    def put(self, text: str, most: int = MOST) -> Typed:
        """With ``text`` in the cursor's place, and as much of it as there is room for."""
        text = clean(text)[: max(0, most - len(self.text))]
        return Typed(self.text[: self.at] + text + self.text[self.at :], self.at + len(text))

    def step(self, step: int) -> int:
        """The index of the next character (1) or the one before (-1); combining ones belong to theirs."""
        at = self.at + step
        while 0 < at < len(self.text) and not char_width(self.text[at]):
            at += step
        return min(max(0, at), len(self.text))

    def word(self) -> int:
        """Where the word before the cursor begins."""
        return len(self.text[: self.at].rstrip().rpartition(" ")[0]) + (" " in self.text[: self.at].rstrip())

    def without(self, start: int, end: int) -> Typed:
        """With what stands between two indices left out."""
        return Typed(self.text[:start] + self.text[end:], start)


def edited(typed: Typed, key: str, character: str | None, most: int = MOST) -> Typed | None:
    """What a key makes of it; None where that key does not edit."""
    text, at = typed
    match key:
        case "left" | "right":
            return Typed(text, typed.step(1 if key == "right" else -1))
        case "home" | "ctrl+a":
            return Typed(text, 0)
        case "end" | "ctrl+e":
            return Typed(text, len(text))
        case "backspace":
            return typed.without(typed.step(-1), at)
        case "delete" | "ctrl+d":
            return typed.without(at, typed.step(1))
        case "ctrl+w":
            return typed.without(typed.word(), at)
        case "ctrl+u":
            return typed.without(0, at)
        case "ctrl+k":
            return typed.without(at, len(text))
    return typed.put(character, most) if character is not None and character.isprintable() else None


class FilterLine(LineView):
    """One line of text with a cursor. To be seen only while it is :attr:`typing`."""

    DEFAULT_CSS = """
    FilterLine { background: $surface; }
    """

    class Changed(Message):
        """The text is another one."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Done(Message):
        """The line is closed: the text is ``kept``, or what there was before is to come back."""

        def __init__(self, kept: bool) -> None:
            super().__init__()
            self.kept = kept

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.typing = False
        self._typed = Typed()
        self._note = ""
        self._sign = "/"
        self._prompt = ""
        self._most = MOST

    def open(self, text: str, *, sign: str = "/", prompt: str = "Filter: ", most: int = MOST) -> None:
        """Begin with this text, the cursor at its end, behind the key's ``sign`` and the ``prompt``; ``most``
        characters have room."""
        self.typing = True
        self._sign, self._prompt, self._most = sign, prompt, most
        self._typed = Typed(text, len(text))
        self.redraw()

    def note(self, note: str) -> None:
        """Say this beside the text: how much is found."""
        self._note = note
        self.redraw()

    def press(self, event: events.Key) -> bool:
        """Take this key; False where it has no meaning here."""
        if event.key in ("enter", "escape"):
            self.finish(kept=event.key == "enter")
            return True
        typed = edited(self._typed, event.key, event.character, self._most)
        if typed is not None:
            self._become(typed)
        return typed is not None

    def paste(self, text: str) -> None:
        """Take the first line of what was pasted."""
        lines = text.splitlines()
        if lines:
            self._become(self._typed.put(lines[0], self._most))

    def finish(self, *, kept: bool) -> None:
        """Close it."""
        if self.typing:
            self.typing = False
            self.post_message(self.Done(kept))

    def _become(self, typed: Typed) -> None:
        before, self._typed = self._typed, typed
        self.redraw()
        if typed.text != before.text:
            self.post_message(self.Changed(typed.text))

    @property
    def _text_at(self) -> int:
        return 3 + len(self._prompt)

    @property
    def text(self) -> str:
        """What is typed so far."""
        return self._typed.text

    def _hints(self) -> list[tuple[int, int, Hint]]:
        columns = self.columns
        places = hint_places((KEEP, BACK), 0, columns - self._text_at - _TEXT_AT_LEAST - 3)
        taken = places[-1][1] + 1 if places else 0
        return [(columns - taken + start, columns - taken + end, hint) for start, end, hint in places]

    def line_at(self, y: int) -> Line:
        if y:
            return ()
        hints = self._hints()
        edge = hints[0][0] - 2 if hints else self.columns
        beside: list[Field] = []
        note_at = edge - width(self._note)
        if self._note and note_at - 2 - self._text_at >= _TEXT_AT_LEAST:
            beside.append(Field(note_at, self._note, Role.LABEL))
            edge = note_at - 2
        start = self._text_at if edge - self._text_at >= _TEXT_AT_LEAST else 3
        prompt = [Field(1, self._sign, Role.KEY)]
        if start == self._text_at:
            prompt.append(Field(3, self._prompt, Role.TEXT))
        return (*prompt, *self._text(start, edge), *beside, *hint_fields(hints))

    def _text(self, x: int, edge: int) -> list[Field]:
        """As much of the text as fits, with the cursor in it."""
        text, at = self._typed
        after = self._typed.step(1)
        under = text[at:after] or " "
        # Scrolled by as much as it takes to see the cursor: the end, as a rule.
        first = 0
        while first < at and x + width(text[first:at]) + width(under) > edge:
            first += 1
        while 0 < first < at and not char_width(text[first]):
            first += 1
        rest = text[after:]
        while rest and x + width(text[first:at] + under + rest) > edge:
            rest = rest[:-1]
        cursor_at = x + width(text[first:at])
        fields = [
            Field(x, text[first:at], Role.VALUE),
            Field(cursor_at, under, Role.CHOSEN),
            Field(cursor_at + width(under), rest, Role.VALUE),
        ]
        return [field for field in fields if field.text]

    def on_click(self, event: events.Click) -> None:
        for start, end, hint in self._hints():
            if start <= event.x < end:
                self.finish(kept=hint is KEEP)
