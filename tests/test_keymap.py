from __future__ import annotations

import string

import pytest
from textual.keys import _character_to_key

from synthtop.app import SynthtopApp
from synthtop.config import Settings
from synthtop.keymap import DEFAULTS, checked, key_named, said
from synthtop.screens.help import Help
from synthtop.screens.keys import COMMANDS, commands_with
from synthtop.widgets.footer import KeyBar

from . import builds
from .piloting import first_line, screen_of


def test_every_key_of_a_keyboard_has_the_name_that_textual_gives_it() -> None:
    for character in string.printable.strip():
        assert key_named(character) == _character_to_key(character)
        assert said(key_named(character)) == character


@pytest.mark.parametrize("word", ["f5", "ctrl+l", "shift+tab", "space", "question_mark", "alt+x"])
def test_keys_have_names_too(word: str) -> None:
    assert key_named(word) == word


@pytest.mark.parametrize(
    "word", ["", " ", "F 5", "ä", "\x1b", "ctrl-l", "[red]", "ctrl+zz", "ctrl+", "hyper+a", "f99", "up"]
)
def test_what_can_be_no_key_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="expected a key"):
        key_named(word)


def test_the_commands_of_the_settings_are_those_of_the_screen() -> None:
    named = [key.id for command in COMMANDS for key in command.keys if key.id]
    assert sorted(named) == sorted(DEFAULTS)
    assert {key.id: key.name for command in COMMANDS for key in command.keys if key.id} == DEFAULTS


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [
        ({"failure": "F"}, "failure: no such command"),
        ({"log": "f"}, "f is the key of both log and failures"),
        ({"log": "x1 "}, "log: expected a key"),
        ({"log": "enter"}, "log: enter always means the same"),
    ],
)
def test_keys_that_cannot_be_are_refused_with_the_reason(wanted: dict[str, str], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        checked(wanted)


def test_two_commands_may_change_their_keys() -> None:
    assert checked({"log": "f", "failures": "l"}) == {"log": "f", "failures": "l"}


async def test_chosen_keys_do_what_they_say_and_the_old_ones_nothing() -> None:
    app = SynthtopApp(settings=Settings(keys=checked({"freeze": "z", "filter": "F", "help": "f1"})))
    app.on_snapshot(builds.building())
    async with app.run_test(size=(120, 60)) as pilot:
        await pilot.pause()
        assert "z Freeze" in first_line(pilot, KeyBar)
        await pilot.press("space")
        assert "FROZEN" not in "".join(screen_of(pilot))
        await pilot.press("z")
        assert "FROZEN" in "".join(screen_of(pilot))
        await pilot.press("F", "r", "u")
        assert "Filter: ru" in "".join(screen_of(pilot))
        await pilot.press("escape", "slash", "f1")
        assert isinstance(app.screen, Help)
        assert any("│ z " in line and "Freeze" in line for line in screen_of(pilot))


def test_help_and_footer_call_chosen_keys_by_their_signs() -> None:
    written = {
        command.keys[0].id: command.written
        for command in commands_with({"filter": "question_mark", "more": "f9"})
    }
    assert written["filter"] == "?"
    assert written["more"] == "f9/-"
