"""Causes that are looked for while a screen is up."""

from __future__ import annotations

import threading
from collections.abc import Callable

from synthtop.errors.cause import Cause
from synthtop.errors.causes import Causes
from synthtop.model import Finished, Outcome

from .terminal import eventually


def failed(origin: str, at: int = 3, log: str | None = "x.log") -> Finished:
    return Finished(origin, Outcome.FAILED, at, 0, "build", "exit status 1", 3, 2, log)


class Finder:
    """Finds what it is asked for, once it may; and knows what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, object, object]] = []
        self.begun = threading.Semaphore(0)
        self.may = threading.Semaphore(0)

    def __call__(self, path: str, *, phase: str | None, reason: str | None) -> Cause:
        self.asked.append((path, phase, reason))
        self.begun.release()
        self.may.acquire()
        return Cause((f"why {path}",), "rule", 0)


def causes_with(finder: Callable[..., Cause]) -> tuple[Causes, threading.Semaphore]:
    told = threading.Semaphore(0)
    return Causes(told.release, find=finder), told


def test_a_cause_is_none_until_it_is_found_and_then_it_is_told() -> None:
    finder = Finder()
    causes, told = causes_with(finder)
    package = failed("a/b")
    assert causes.of(package) is None
    finder.may.release()
    assert told.acquire(timeout=10)
    assert causes.of(package) == Cause(("why x.log",), "rule", 0)
    assert finder.asked == [("x.log", "build", "exit status 1")]
    causes.close()


def test_what_is_asked_for_last_is_looked_for_first() -> None:
    finder = Finder()
    causes, told = causes_with(finder)
    causes.of(failed("a/first", log="first"))
    assert finder.begun.acquire(timeout=10)
    for name in ("second", "third", "second"):
        causes.of(failed(f"a/{name}", log=name))
    for _ in range(3):
        finder.may.release()
        assert told.acquire(timeout=10)
    assert [path for path, _, _ in finder.asked] == ["first", "second", "third"]
    causes.close()


def test_a_package_that_was_tried_again_is_looked_for_again() -> None:
    finder = Finder()
    causes, told = causes_with(finder)
    for at in (3, 9):
        assert causes.of(failed("a/b", at)) is None
        finder.may.release()
        assert told.acquire(timeout=10)
    assert len(finder.asked) == 2
    causes.close()


def test_a_package_without_a_log_is_known_at_once() -> None:
    causes, _ = causes_with(Finder())
    assert causes.of(failed("a/b", log=None)) == Cause((), problem="there is no log")
    causes.close()


def test_nothing_is_looked_for_once_it_is_closed() -> None:
    finder = Finder()
    causes, told = causes_with(finder)
    causes.of(failed("a/b"))
    assert finder.begun.acquire(timeout=10)
    causes.close()
    causes.close()
    finder.may.release()
    assert causes.of(failed("a/c")) is None
    eventually(
        lambda: not any(thread.name == "causes" for thread in threading.enumerate()), "the thread's end"
    )
    assert not told.acquire(blocking=False)
    assert len(finder.asked) == 1


def test_it_finds_by_the_rules_where_nothing_else_is_said(tmp_path: object) -> None:
    told = threading.Event()
    causes = Causes(told.set)
    package = failed("a/b", log=f"{tmp_path}/gone.log")
    assert causes.of(package) is None
    assert told.wait(10)
    assert causes.of(package) == Cause((), problem="No such file or directory")
    causes.close()
