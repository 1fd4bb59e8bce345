"""Pictures of the screen: each of its states at each size, and each of its looks.

``pytest --snapshot-update`` renews them; each is to be looked at before it is committed.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version

import pytest

from synthtop.model import Snapshot
from synthtop.terminal import THEMES, Looks

from . import builds
from .showing import app_showing

TEXTUAL = "8.2.8"

STATES: dict[str, Callable[[], Snapshot]] = {
    "waiting": builds.waiting,
    "just-started": builds.just_started,
    "building": builds.building,
    "throttled": builds.throttled,
    "failing": builds.failing,
    "stalled": builds.stalled,
    "draining": builds.draining,
    "stopping": builds.stopping,
    "all-built": builds.all_built,
    "with-failures": builds.with_failures,
    "interrupted": builds.interrupted,
    "gone": builds.gone,
    "stale": builds.stale,
    "not-updating": builds.silent,
    "unreadable": builds.unreadable,
    "hostile": builds.hostile,
    "1024-workers": lambda: builds.big(1024),
}
DOINGS: dict[str, tuple[str, ...]] = {
    "frozen": ("space",),
    "question": ("q",),
    "help": ("question_mark",),
    "selected": ("s", "down", "down"),
    "filtered": ("slash", "l", "a", "n", "g", "enter"),
}
"""What a user may have done to a build that is throttled."""
SIZES = ((80, 24), (120, 40), (200, 50), (40, 10))
SMALL = (20, 5)


@pytest.fixture(autouse=True)
def _comparable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are only comparable from the version they were made with, in its own colours."""
    found = version("textual")
    assert found == TEXTUAL, (
        f"the pictures were made with textual {TEXTUAL}, this is {found}: install that one"
    )
    monkeypatch.delenv("NO_COLOR", raising=False)


def named(size: tuple[int, int]) -> str:
    return "{}x{}".format(*size)


@pytest.mark.parametrize("size", SIZES, ids=named)
@pytest.mark.parametrize("state", STATES)
def test_each_state(state: str, size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(app_showing(STATES[state]()), terminal_size=size)


@pytest.mark.parametrize("size", SIZES, ids=named)
@pytest.mark.parametrize("doing", DOINGS)
def test_what_a_user_did(doing: str, size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(app_showing(builds.throttled()), press=DOINGS[doing], terminal_size=size)


@pytest.mark.parametrize("state", ["building", "throttled", "failing", "stalled", "with-failures"])
def test_the_smallest_screen(state: str, snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(app_showing(STATES[state]()), terminal_size=SMALL)


@pytest.mark.parametrize("state", ["throttled", "with-failures"])
@pytest.mark.parametrize("theme", THEMES)
def test_each_theme(theme: str, state: str, snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(app_showing(STATES[state](), Looks(theme=theme)), terminal_size=(120, 30))


@pytest.mark.parametrize("looks", [Looks(colours=0), Looks(ascii=True), Looks(ascii=True, colours=0)])
def test_without_colours_and_without_utf_8(looks: Looks, snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(app_showing(builds.throttled(), looks), terminal_size=(120, 30))
