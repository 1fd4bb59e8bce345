"""Pictures of the screen in each of its states, at several sizes.

``pytest --snapshot-update`` renews them; each is to be looked at before it is committed.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version

import pytest

from synthtop.app import SynthtopApp
from synthtop.model import Snapshot

from . import builds

TEXTUAL = "8.2.8"

STATES: dict[str, Callable[[], Snapshot]] = {
    "just-started": builds.just_started,
    "building": builds.building,
    "throttled": builds.throttled,
    "draining": builds.draining,
    "stopping": builds.stopping,
    "all-built": builds.all_built,
    "with-failures": builds.with_failures,
    "interrupted": builds.interrupted,
    "question": builds.building,
    "1024-workers": lambda: builds.big(1024),
    "hostile": builds.hostile,
}
SIZES = {
    (80, 24): tuple(STATES),
    (120, 40): ("building", "throttled", "with-failures", "question", "1024-workers"),
    (200, 50): ("building", "with-failures", "1024-workers"),
    (40, 10): ("building", "throttled", "with-failures", "question"),
    (20, 5): ("throttled", "with-failures", "question"),
}
PICTURES = [(state, size) for size, states in SIZES.items() for state in states]


@pytest.fixture(autouse=True)
def _comparable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are only comparable from the version they were made with, in its own colours."""
    found = version("textual")
    assert found == TEXTUAL, (
        f"the pictures were made with textual {TEXTUAL}, this is {found}: install that one"
    )
    monkeypatch.delenv("NO_COLOR", raising=False)


def app_showing(snapshot: Snapshot, theme: str = "textual-dark") -> SynthtopApp:
    app = SynthtopApp(builds.Notebook())
    app.theme = theme
    app.on_snapshot(snapshot)
    return app


@pytest.mark.parametrize(
    ("state", "size"), PICTURES, ids=[f"{state}-{columns}x{rows}" for state, (columns, rows) in PICTURES]
)
def test_the_screen(state: str, size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    press = ["q"] if state == "question" else []
    assert snap_compare(app_showing(STATES[state]()), press=press, terminal_size=size)


def test_the_screen_in_a_light_theme(snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(app_showing(builds.throttled(), "textual-light"), terminal_size=(100, 30))
