"""What is sent for a change is what Textual would send, without asking it."""

from __future__ import annotations

import pytest
from textual._compositor import Compositor

from synthtop.app import SynthtopApp
from synthtop.model import Totals, View
from synthtop.screens.compositor import DirectUpdate, ExactCompositor, ExactUpdate
from synthtop.widgets.workers import WorkerTable

from . import builds, events
from .causing import failures_over
from .piloting import painted, screen_of, show


@pytest.fixture
def updates(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What was sent directly, each beside Textual's own."""
    made: list[tuple[str, str]] = []
    direct_update = ExactCompositor._direct_update

    def both(self: ExactCompositor) -> DirectUpdate | None:
        regions = set(self._dirty_regions)
        direct = direct_update(self)
        if direct is not None:
            self._dirty_regions.update(regions)
            whole = Compositor.render_partial_update(self)
            assert whole is not None
            exact = ExactUpdate(whole.chops, whole.spans, whole.chop_ends)
            console = self.root.app.console
            made.append((direct.render_segments(console), exact.render_segments(console)))
        return direct

    monkeypatch.setattr(ExactCompositor, "_direct_update", both)
    return made


@pytest.mark.parametrize("size", [(200, 50), (80, 24), (40, 10)], ids=str)
async def test_what_changed_is_sent_to_the_byte_as_textual_would(
    size: tuple[int, int], updates: list[tuple[str, str]]
) -> None:
    app = SynthtopApp(builds.Notebook())
    app.on_snapshot(builds.big(64))
    async with app.run_test(size=size) as pilot:
        for tick, key in enumerate(("s", "down", "r", "slash", "a", "enter", "escape", "pagedown"), 1):
            app.on_snapshot(builds.big(64, tick))
            await pilot.pause()
            await pilot.press(key)
            app.on_snapshot(builds.hostile() if tick == 4 else builds.throttled())
            await pilot.pause()
    assert len(updates) >= 5
    for direct, exact in updates:
        assert direct == exact


async def test_what_stands_under_something_else_is_left_to_textual(updates: list[tuple[str, str]]) -> None:
    app = SynthtopApp(builds.Notebook())
    app.on_snapshot(builds.building())
    async with app.run_test() as pilot:
        await pilot.press("q")
        await pilot.pause()
        updates.clear()
        app.screen_stack[0].query_one(WorkerTable).show(builds.big(4).workers, 2)
        await pilot.pause()
    assert not updates


async def test_what_changes_on_a_screen_over_the_main_one_is_sent_while_that_changes_too() -> None:
    async with painted(builds.building()) as (pilot, driver):
        screen, _ = failures_over({})
        screen.show(builds.building())
        await pilot.app.push_screen(screen)
        await pilot.pause()
        for failed in range(3, 9):
            ended = View((*builds.FAILED_SO_FAR, *events.MANY[: failed - 2]))
            await show(pilot, builds.building(totals=Totals(142, 38, failed, 0, 5), finished=ended))
            seen = [line.rstrip() for line in driver.screen.display]
            assert seen == [line.rstrip() for line in screen_of(pilot)]
            assert any(f"{failed} failed" in line for line in seen)
