"""The pager: a log in a thread of its own, that is told what to do and tells of new pages."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.logfile.commands import Command, Commands, merged
from synthtop.logfile.page import Page
from synthtop.logfile.pager import Pager
from synthtop.logfile.source import Source

from .logfiles import errors_in, found, here, is_error, opening, texts

PATIENCE = 20.0


class Told:
    """A pager with a test that waits for its pages."""

    def __init__(
        self,
        path: Path,
        offset: int | None = None,
        open_source: Callable[[str], Source] | None = None,
    ) -> None:
        self._changed = threading.Condition()
        self.pager = Pager(
            str(path),
            self._tell,
            offset,
            is_error=is_error,
            errors_in=errors_in,
            open_source=open_source or opening(),
        )
        self.pager.resize(20, 4)

    def _tell(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def wait(self, wanted: Callable[[Page], object]) -> Page:
        # The very page that was looked at: the next one may have come by the time that this one is handed on.
        seen: list[Page] = []

        def found() -> bool:
            seen.append(self.pager.page)
            return bool(wanted(seen[-1]))

        with self._changed:
            assert self._changed.wait_for(found, PATIENCE), seen[-1]
        return seen[-1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(b"line %d\n" % number for number in range(1, 31)))
    return path


@pytest.fixture
def told() -> Iterator[Callable[..., Told]]:
    made: list[Told] = []

    def make(*values: object, **options: object) -> Told:
        made.append(Told(*values, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.pager.close(PATIENCE)


def test_it_does_what_it_is_told(told: Callable[..., Told], path: Path, tmp_path: Path) -> None:
    one = told(path)
    pager = one.pager
    assert texts(one.wait(lambda page: page.lines and page.rows))[-1] == "line 30"
    pager.scroll(-4)
    one.wait(lambda page: texts(page)[-1:] == ["line 26"])
    pager.to_start()
    one.wait(lambda page: page.above == 0)
    pager.shift(3)
    one.wait(lambda page: page.shift == 0)
    pager.search("E 2")
    one.wait(lambda page: page.note == "not found: E 2")
    pager.search("e 2")
    one.wait(lambda page: here(page) == ["line 2"] and found(page) == ["e 2"])
    pager.again(forward=True)
    one.wait(lambda page: here(page) == ["line 20"])
    pager.again(forward=False)
    one.wait(lambda page: here(page) == ["line 2"])
    pager.search("2$", regex=True)
    one.wait(lambda page: found(page) == ["2"])
    pager.to_line(7)
    one.wait(lambda page: here(page) == ["line 7"])
    pager.to_offset(70)
    one.wait(lambda page: here(page) == ["line 10"])
    pager.error(1)
    one.wait(lambda page: page.note == "no line says what went wrong")
    pager.phase(1)
    one.wait(lambda page: page.note == "this is the last phase")
    pager.wrap(True)
    one.wait(lambda page: page.wrap)
    pager.to_end()
    one.wait(lambda page: page.following and page.at_end)
    pager.save(str(tmp_path / "copy"))
    one.wait(lambda page: page.note.startswith("saved to "))
    assert (tmp_path / "copy").read_bytes() == path.read_bytes()


def test_it_follows_what_is_written(told: Callable[..., Told], path: Path) -> None:
    one = told(path)
    one.wait(lambda page: page.rows)
    with path.open("ab") as file:
        file.write(b"one more\n")
    one.wait(lambda page: texts(page)[-1] == "one more" and page.lines == 31)
    os.truncate(path, 7)
    one.wait(lambda page: texts(page) == ["line 1"] and "truncated" in page.note)


def test_it_begins_where_it_is_told_to(told: Callable[..., Told], path: Path) -> None:
    assert not told(path, 70).pager.page.following
    page = told(path, 70).wait(lambda page: page.rows)
    assert here(page) == ["line 10"]


def test_a_search_that_takes_for_ever_ends_when_something_else_is_wanted(
    told: Callable[..., Told], path: Path
) -> None:
    path.write_bytes(b"a" * 60 + b"\n" + b"last\n")
    one = told(path)
    one.wait(lambda page: page.rows)
    one.pager.search("(a+)+b", regex=True)
    one.wait(lambda page: page.doing == "searching")
    one.pager.to_start()
    one.wait(lambda page: not page.doing and not page.following)
    one.pager.search("last")
    one.wait(lambda page: found(page) == ["last"])


def test_what_fails_within_is_told_and_tried_again(told: Callable[..., Told], path: Path) -> None:
    opened: list[str] = []

    def at_the_second_try(path: str) -> Source:
        opened.append(path)
        if len(opened) == 1:
            raise RuntimeError("\x1b[2J")
        return opening()(path)

    one = told(path, open_source=at_the_second_try)
    page = one.wait(lambda page: page.problem or page.rows)
    assert page.problem in ("internal error: RuntimeError: ␛[2J", "")
    one.wait(lambda page: page.rows and not page.problem)
    assert len(opened) == 2


def test_it_lets_go_of_everything_and_tells_no_more(told: Callable[..., Told], path: Path) -> None:
    before = os.listdir("/dev/fd")
    one = told(path)
    one.wait(lambda page: page.rows)
    one.pager.search("x+", regex=True)
    one.wait(lambda page: page.note)
    one.pager.close(PATIENCE)
    one.pager.close(PATIENCE)
    assert len(os.listdir("/dev/fd")) == len(before)
    page = one.pager.page
    one.pager.to_start()
    assert one.pager.page is page


def test_no_command_waits_for_a_file_system_that_hangs(told: Callable[..., Told], path: Path) -> None:
    answers = threading.Event()

    def hanging(path: str) -> Source:
        answers.wait(PATIENCE)
        return opening()(path)

    one = told(path, open_source=hanging)
    for _ in range(1000):
        one.pager.scroll(-1)
        one.pager.again(forward=True)
        one.pager.resize(30, 4)
    answers.set()
    assert one.wait(lambda page: page.rows)


# -- many commands ---------------------------------------------------------------------------------


def queue(*commands: tuple[object, ...]) -> list[Command]:
    waiting: list[Command] = []
    for name, *values in commands:
        merged(waiting, Command(str(name), tuple(values)))
    return waiting


@pytest.mark.parametrize(
    ("given_", "left"),
    [
        ([("scroll", 1), ("scroll", 1), ("scroll", -5)], [("scroll", -3)]),
        ([("scroll", 1), ("shift", 2), ("scroll", 1), ("shift", 2)], [("scroll", 2), ("shift", 4)]),
        ([("again", True), ("again", True)], [("again", True)]),
        ([("again", True), ("again", False)], [("again", True), ("again", False)]),
        ([("scroll", 9), ("to_line", 5), ("to_end",)], [("to_end",)]),
        ([("search", "a", False), ("search", "b", True)], [("search", "b", True)]),
        ([("scroll", 1), ("search", "a", False), ("scroll", 1)],) * 2,
        ([("resize", 1, 1), ("scroll", 1), ("resize", 2, 2)], [("resize", 2, 2), ("scroll", 1)]),
        ([("save", "a"), ("save", "b")],) * 2,
    ],
)
def test_what_a_held_key_comes_to_is_one_command(
    given_: list[tuple[object, ...]], left: list[tuple[object, ...]]
) -> None:
    assert [(name, *values) for name, values in queue(*given_)] == left


@settings(max_examples=50)
@given(
    st.lists(
        st.sampled_from(
            [
                ("scroll", 1),
                ("again", True),
                ("again", False),
                ("shift", 1),
                ("save", "a"),
                ("to_end",),
                ("phase", 1),
            ]
        ),
        max_size=400,
    )
)
def test_the_queue_has_an_end(commands: list[tuple[object, ...]]) -> None:
    assert len(queue(*commands)) <= 100


def test_what_may_not_be_done_yet_waits_and_what_is_beside_it_does_not() -> None:
    commands = Commands()
    commands.put("scroll", 1)
    commands.put("resize", 80, 24)
    assert commands.wanted(lambda command: command.name == "scroll")
    assert not commands.wanted(lambda command: False)
    assert commands.take(0.0, lambda command: False) == Command("resize", (80, 24))
    assert commands.take(0.0, lambda command: False) is None
    assert commands.take(0.0, lambda command: True) == Command("scroll", (1,))
    assert commands.take(0.0, lambda command: True) is None
    commands.close()
    assert commands.closed
    assert commands.wanted(lambda command: False)
