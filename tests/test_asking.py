"""What is asked of a running build: nothing gets lost, and nothing is taken twice."""

from __future__ import annotations

import pytest

from synthtop.model import Outcome, Stopping
from synthtop.run.asking import Asked, EndPackage, Retry

RETRY = Retry(("t/a",))
END = EndPackage(0, "t/b", Outcome.FAILED)


@pytest.fixture
def wakes() -> list[None]:
    return []


@pytest.fixture
def asked(wakes: list[None]) -> Asked:
    return Asked(lambda: wakes.append(None))


def test_requests_are_taken_once_and_in_their_order(asked: Asked, wakes: list[None]) -> None:
    assert asked.request(RETRY)
    assert asked.request(END)
    assert asked.take() == [RETRY, END]
    assert asked.take() == []
    assert len(wakes) == 2


def test_a_build_cannot_end_while_something_is_to_be_taken(asked: Asked) -> None:
    asked.request(RETRY)
    assert not asked.close()
    assert asked.request(END)
    asked.take()
    assert asked.close()


def test_what_comes_after_the_end_is_refused_and_wakes_nobody(asked: Asked, wakes: list[None]) -> None:
    assert asked.close()
    assert not asked.request(RETRY)
    assert asked.take() == []
    assert wakes == []


def test_a_stronger_wish_to_stop_replaces_a_weaker_one_alone(asked: Asked, wakes: list[None]) -> None:
    assert asked.weaker_than(Stopping.DRAINING)
    asked.stop(Stopping.STOPPING)
    asked.stop(Stopping.DRAINING)
    assert asked.stage is Stopping.STOPPING
    assert not asked.weaker_than(Stopping.STOPPING)
    assert asked.weaker_than(Stopping.KILLING)
    assert len(wakes) == 2
