"""Pictures of the screen: each of its states at each size, and each of its looks.

``pytest --snapshot-update`` renews them; each is to be looked at before it is committed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.metadata import version

import pytest

from synthtop.model import Snapshot
from synthtop.terminal import THEMES, Looks

from . import builds
from .over import EVERY_SIZE, ONCE
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
FOLLOWED: dict[str, Callable[[], Snapshot]] = {
    "picker": builds.picker,
    "picker-of-many": builds.picker_of_many,
    "waiting-for-a-file": builds.waiting_for_file,
    "waiting-for-events": builds.waiting_for_events,
    "followed-text": builds.followed_text,
    "followed-text-finished": builds.followed_text_finished,
    "followed-dsynth": builds.followed_dsynth,
    "followed-report": builds.followed_report,
    "followed-poudriere": builds.followed_poudriere,
    "followed-log": builds.followed_log,
    "followed-own": builds.followed_own,
    "file-system-hangs": builds.hung,
}
"""What only a build that is followed, or that could be, looks like."""
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
    # When something began is told in local time.
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def named(size: tuple[int, int]) -> str:
    return "{}x{}".format(*size)


@pytest.mark.parametrize("size", SIZES, ids=named)
@pytest.mark.parametrize("state", STATES)
def test_each_state(state: str, size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(app_showing(STATES[state]()), terminal_size=size)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 10)], ids=named)
@pytest.mark.parametrize("state", FOLLOWED)
def test_each_state_of_a_followed_build(
    state: str, size: tuple[int, int], snap_compare: Callable[..., bool]
) -> None:
    assert snap_compare(app_showing(FOLLOWED[state]()), terminal_size=size)


@pytest.mark.parametrize(
    ("state", "keys"), [("followed-own", ("x",)), ("picker", ("down",))], ids=["stop", "picked"]
)
def test_what_a_user_did_to_a_followed_build(
    state: str, keys: tuple[str, ...], snap_compare: Callable[..., bool]
) -> None:
    assert snap_compare(app_showing(FOLLOWED[state]()), press=keys, terminal_size=(80, 24))


@pytest.mark.parametrize("size", SIZES, ids=named)
@pytest.mark.parametrize("doing", DOINGS)
def test_what_a_user_did(doing: str, size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(app_showing(builds.throttled()), press=DOINGS[doing], terminal_size=size)


@pytest.mark.parametrize("state", ["building", "throttled", "failing", "stalled", "with-failures", "picker"])
def test_the_smallest_screen(state: str, snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(app_showing((STATES | FOLLOWED)[state]()), terminal_size=SMALL)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 10)], ids=named)
@pytest.mark.parametrize("name", EVERY_SIZE)
def test_each_screen_over_the_main_one(
    name: str, size: tuple[int, int], snap_compare: Callable[..., bool]
) -> None:
    pictured = EVERY_SIZE[name]
    assert snap_compare(pictured.app(), terminal_size=size, run_before=pictured.get_there)


@pytest.mark.parametrize("name", ONCE)
def test_what_a_user_did_on_a_screen_over_the_main_one(name: str, snap_compare: Callable[..., bool]) -> None:
    pictured = ONCE[name]
    assert snap_compare(pictured.app(), terminal_size=(80, 24), run_before=pictured.get_there)


@pytest.mark.parametrize("name", ["log", "trends", "failures"])
@pytest.mark.parametrize(
    "looks",
    [Looks(theme="synthtop-light"), Looks(theme="synthtop-16"), Looks(ascii=True, colours=0)],
    ids=["light", "16", "ascii"],
)
def test_other_looks_of_the_screens_over_the_main_one(
    looks: Looks, name: str, snap_compare: Callable[..., bool]
) -> None:
    pictured = EVERY_SIZE[name]
    assert snap_compare(pictured.app(looks), terminal_size=(80, 24), run_before=pictured.get_there)


@pytest.mark.parametrize("state", ["throttled", "with-failures"])
@pytest.mark.parametrize("theme", THEMES)
def test_each_theme(theme: str, state: str, snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(app_showing(STATES[state](), Looks(theme=theme)), terminal_size=(120, 30))


@pytest.mark.parametrize("looks", [Looks(colours=0), Looks(ascii=True), Looks(ascii=True, colours=0)])
def test_without_colours_and_without_utf_8(looks: Looks, snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(app_showing(builds.throttled(), looks), terminal_size=(120, 30))
