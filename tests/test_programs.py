"""The programs that a user reads and edits logs with, and how they are called."""

from __future__ import annotations

import pytest

from synthtop.screens import programs


@pytest.mark.parametrize(
    ("environ", "called"),
    [
        ({}, ["less", "-R", "+7g", "/l/a"]),
        ({"LESS": "-S"}, ["less", "+7g", "/l/a"]),
        ({"PAGER": ""}, ["less", "-R", "+7g", "/l/a"]),
        ({"PAGER": "/usr/bin/less -N"}, ["/usr/bin/less", "-N", "-R", "+7g", "/l/a"]),
        ({"PAGER": "bat --style 'a b'"}, ["bat", "--style", "a b", "/l/a"]),
        ({"PAGER": "more"}, ["more", "+7", "/l/a"]),
        ({"PAGER": "an 'open quote"}, ["an 'open quote", "/l/a"]),
    ],
)
def test_the_users_pager_is_called_at_the_line(environ: dict[str, str], called: list[str]) -> None:
    assert programs.pager(environ, "/l/a", 7, at_end=False, found=lambda name: True) == called


def test_a_pager_begins_at_the_end_where_that_was_seen_and_it_can() -> None:
    def called(**environ: str) -> list[str]:
        return programs.pager(environ, "/l/a", None, at_end=True, found=lambda name: False)

    assert called(PAGER="less", LESS="") == ["less", "+G", "/l/a"]
    assert called() == ["more", "/l/a"]


def test_the_users_editor_is_called_at_the_line_if_it_knows_how() -> None:
    assert programs.editor({}, "/l/a", 7) == ["vi", "+7", "/l/a"]
    assert programs.editor({"EDITOR": "nano", "VISUAL": ""}, "/l/a", None) == ["nano", "/l/a"]
    assert programs.editor({"EDITOR": "nano", "VISUAL": "code -w"}, "/l/a", 7) == ["code", "-w", "/l/a"]
    # A name is never taken for an option.
    assert programs.editor({}, "-rf", None)[1].endswith("/-rf")
