"""What is typed becomes messages, whatever bytes it is, and nothing else ends the reading but who owns it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue
from typing import Any

import pytest
from textual import events
from textual.message import Message

from synthtop.screens import driver as reader
from synthtop.screens.driver import QuietDriver, WakingEvent

PATIENCE = 30.0


class Typed(QuietDriver):
    """Reads from a pipe, without a terminal and an app."""

    def __init__(self, descriptor: int) -> None:
        # Not Textual's: it takes signal handlers, and asks for a running app.
        self._debug = False
        self.fileno = descriptor
        self.exit_event = WakingEvent()
        self.messages: Queue[Message] = Queue()

    def process_message(self, message: Message) -> None:
        self.messages.put(message)

    def key(self) -> str:
        message = self.messages.get(timeout=PATIENCE)
        assert isinstance(message, events.Key)
        return message.key


@contextmanager
def reading() -> Iterator[tuple[Typed, int]]:
    """A driver that reads in its thread, and where to type."""
    descriptor, keyboard = os.pipe()
    driver = Typed(descriptor)
    thread = threading.Thread(target=driver.run_input_thread)
    thread.start()
    try:
        yield driver, keyboard
    finally:
        driver.exit_event.set()
        thread.join(PATIENCE)
        driver.exit_event.close()
        os.close(descriptor)
        os.close(keyboard)
    assert not thread.is_alive()


def test_keys_come_as_they_are_typed() -> None:
    with reading() as (driver, keyboard):
        os.write(keyboard, b"q")
        assert driver.key() == "q"
        os.write(keyboard, b"\x1b[B")
        assert driver.key() == "down"


def test_an_escape_alone_comes_when_nothing_follows_it() -> None:
    with reading() as (driver, keyboard):
        os.write(keyboard, b"\x1b")
        assert driver.key() == "escape"


def test_a_letter_in_two_parts_is_one_letter() -> None:
    with reading() as (driver, keyboard):
        os.write(keyboard, b"\xc3")
        os.write(keyboard, b"\xa4")
        message = driver.messages.get(timeout=PATIENCE)
        assert isinstance(message, events.Key)
        assert message.character == "ä"


@pytest.mark.parametrize("data", [b"\xe4", b"\xff\xfe", b"\xc3("])
def test_bytes_that_are_no_utf_8_end_nothing(data: bytes) -> None:
    with reading() as (driver, keyboard):
        os.write(keyboard, data + b"q")
        while driver.key() != "q":
            pass


def test_a_terminal_that_is_gone_is_read_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    descriptor, keyboard = os.pipe()
    driver = Typed(descriptor)
    read: list[bytes] = []

    def noted(descriptor: int) -> bytes:
        read.append(os.read(descriptor, 10))
        return read[-1]

    class EndsInTime(reader._Selector):  # type: ignore[misc,name-defined]
        """Has the driver end in its third wait, which still says what there is to be read."""

        waits = 0

        def select(self, timeout: float | None = None) -> Any:
            self.waits += 1
            if self.waits == 3:
                driver.exit_event.set()
            return super().select(timeout)

    monkeypatch.setattr(reader, "_read", noted)
    monkeypatch.setattr(reader, "_Selector", EndsInTime)
    os.write(keyboard, b"q")
    os.close(keyboard)
    try:
        driver.run_input_thread()
    finally:
        driver.exit_event.close()
        os.close(descriptor)
    assert driver.key() == "q"
    assert read == [b"q", b""]


def test_an_event_can_be_set_and_waited_for_again() -> None:
    event = WakingEvent()
    event.clear()
    for _ in range(2):
        event.set()
        event.set()
        assert event.is_set()
        event.clear()
        assert not event.is_set()
    event.close()
