"""A terminal for tests: runs a program in a pseudo-terminal and keeps the screen a person would see."""

from __future__ import annotations

import itertools
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pexpect
import pyte

from synthtop.run import proctree
from synthtop.terminal import takes_output

ROOT = Path(__file__).parent.parent
SYNTHTOP = [sys.executable, "-m", "synthtop"]
COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[0-9;]*m")
"""A sequence that sets a colour."""
PATIENCE = 30.0
"""Seconds after which something that should happen has not: generous, for busy machines."""


def environment(**extra: str) -> dict[str, str]:
    """What a user's shell would have, without what this machine's owner has set.

    Nothing is throttled, so that no test depends on the machine's load but those that are about it.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SYNTHTOP_", "XDG_", "TEXTUAL"))
        and name not in ("NO_COLOR", "COLUMNS", "LINES")
    }
    return {
        **kept,
        "TERM": "xterm-256color",
        "PYTHONPATH": str(ROOT),
        "LC_ALL": "C.UTF-8",
        "SYNTHTOP_THROTTLE": "off",
        "XDG_CONFIG_HOME": "/nonexistent",
        # Where a test wants a history, it says where.
        "XDG_STATE_HOME": "/nonexistent",
        "SYNTHTOP_NO_HISTORY": "1",
        **extra,
    }


class Terminal:
    """A program in a terminal of ``rows`` × ``columns``. Leaving the context kills it if it still runs."""

    def __init__(
        self,
        command: Sequence[str],
        cwd: Path,
        env: Mapping[str, str] | None = None,
        rows: int = 24,
        columns: int = 80,
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.process = pexpect.spawn(
            command[0],
            list(command[1:]),
            cwd=str(cwd),
            # What is chosen in one test is remembered in no other, and never by the user's own settings.
            env={
                **(environment(XDG_RUNTIME_DIR=str(cwd)) if env is None else env),
                "XDG_CONFIG_HOME": str(cwd / ".config"),
            },
            dimensions=(rows, columns),
            timeout=PATIENCE,
        )
        self.process.delaybeforesend = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        # A closed terminal ends no build: after a failed assertion all of it has to go by force.
        left = self.descendants()
        if not self.process.closed:
            self.process.close(force=True)
        proctree.signal_all(proctree.still_there(proctree.table(), left), signal.SIGKILL)

    def descendants(self) -> dict[int, proctree.Process]:
        """The living processes that come from the program."""
        return proctree.descendants(proctree.table(), {self.pid})

    @property
    def pid(self) -> int:
        return int(self.process.pid)

    @property
    def rows(self) -> list[str]:
        return [row.rstrip() for row in self.screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.rows)

    def _read(self, timeout: float) -> bool:
        """Feed the screen with what comes within ``timeout``; False at the end of the program."""
        try:
            data = self.process.read_nonblocking(65536, timeout)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += data
        self._stream.feed(data)
        return True

    def until(
        self, condition: Callable[[Terminal], object], what: str = "", patience: float = PATIENCE
    ) -> None:
        """Read until ``condition(self)`` holds; AssertionError with the screen if it does not in time."""
        deadline = time.monotonic() + patience
        alive = True
        while not condition(self):
            assert alive, f"ended before {what or condition}:\n{self.text}"
            assert time.monotonic() < deadline, f"waited in vain for {what or condition}:\n{self.text}"
            alive = self._read(0.1)

    def until_text(self, text: str, patience: float = PATIENCE) -> None:
        self.until(lambda terminal: text in terminal.text, repr(text), patience)
        self.settle(0.03)

    def settle(self, silence: float = 0.1) -> None:
        """Read what is still on its way, until there was ``silence``: a screen may come in parts."""
        before = -1
        while before < len(self.raw):
            before = len(self.raw)
            self._read(silence)

    def press(self, keys: str) -> None:
        self.process.send(keys)

    def resize(self, rows: int, columns: int) -> None:
        self.screen.resize(rows, columns)
        self.process.setwinsize(rows, columns)

    def status(self) -> int:
        """Read to the end; the exit status, or minus the signal that ended the program."""
        deadline = time.monotonic() + PATIENCE
        while self._read(0.1):
            assert time.monotonic() < deadline, f"did not end:\n{self.text}"
        self.process.close()
        if self.process.signalstatus is not None:
            return -int(self.process.signalstatus)
        assert self.process.exitstatus is not None
        return int(self.process.exitstatus)

    def stuff(self) -> None:
        """Read nothing, and make the program draw until the terminal takes no more, as a stuck ssh does."""
        slave = os.open(os.readlink(f"/proc/{self.pid}/fd/2"), os.O_WRONLY | os.O_NOCTTY)
        sizes = itertools.cycle(((50, 200), (49, 199)))
        try:

            def full() -> bool:
                self.process.setwinsize(*next(sizes))
                return not takes_output(slave)

            eventually(full, "a full terminal")
        finally:
            os.close(slave)

    def ended(self) -> int | None:
        """The exit status once the program has ended, without reading what it wrote."""
        return None if self.process.isalive() else self.process.exitstatus

    def hang_up(self) -> None:
        """Close the terminal under the program, as a lost connection does."""
        self.process.ptyproc.fileobj.close()
        self.process.ptyproc.closed = self.process.closed = True

    @property
    def in_app(self) -> bool:
        """Whether the app has the terminal, keys included: bracketed paste is the last thing it turns on."""
        return self.raw.rfind(b"\x1b[?2004h") > self.raw.rfind(b"\x1b[?2004l")

    @property
    def left_clean(self) -> bool:
        """Whether the program left the normal screen, a visible cursor and no mouse reports behind."""
        last = {}
        for mode in (b"1049", b"25", b"1000", b"1003", b"1006", b"2004"):
            on, off = self.raw.rfind(b"\x1b[?%sh" % mode), self.raw.rfind(b"\x1b[?%sl" % mode)
            last[mode] = on > off
        return not any(on for mode, on in last.items() if mode != b"25") and (
            last[b"25"] or b"\x1b[?25l" not in self.raw
        )


def alive(pids: Sequence[int]) -> list[int]:
    """Which of ``pids`` live, zombies not counted."""
    found = []
    for pid in pids:
        try:
            stat = Path(f"/proc/{pid}/stat").read_bytes()
        except OSError:
            continue
        if stat.rpartition(b")")[2].split()[0] not in (b"Z", b"X"):
            found.append(pid)
    return found


def eventually(condition: Callable[[], object], what: str) -> None:
    """Wait until ``condition()`` holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        # Another process's doing has no event that we could wait for.
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    """The child processes of ``pid``."""
    tasks = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in tasks.read_text().split()]


def kill(pid: int, signum: signal.Signals) -> None:
    os.kill(pid, signum)
