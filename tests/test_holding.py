"""A build that stands still: what is stopped goes on again, and for how long it was is told."""

from __future__ import annotations

from collections.abc import Collection

from synthtop.run.holding import Hold

from .fakelayer import FakeLayer


class Layer(FakeLayer):
    """Releases the hold after 5 seconds, as soon as all stands still."""

    def __init__(self) -> None:
        super().__init__()
        self.hold = Hold(self, self.clock)
        self.told: list[tuple[str, list[int]]] = []

    def suspend(self, left_by: Collection[int] = ()) -> None:
        self.told.append(("stop", list(left_by)))
        self.now += 5.0
        self.hold.release()

    def resume(self, left_by: Collection[int] = ()) -> None:
        self.told.append(("go on", list(left_by)))


def test_what_leaders_have_left_stands_still_and_goes_on_with_the_rest() -> None:
    layer = Layer()
    layer.hold.hold(patience=0.0)
    assert layer.hold.wanted
    assert layer.hold.stand_still(lambda: [7, 9]) == 5.0
    assert layer.told == [("stop", [7, 9]), ("go on", [7, 9])]
    assert not layer.hold.wanted


def test_nothing_is_stopped_unless_that_is_wanted() -> None:
    layer = Layer()
    assert layer.hold.stand_still() == 0.0
    assert layer.told == []


def test_a_build_that_has_ended_keeps_nobody_waiting() -> None:
    layer = Layer()
    layer.hold.end()
    layer.hold.hold(patience=1e9)
    assert not layer.hold.wanted
