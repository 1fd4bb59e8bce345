"""Reads lines as they come, in a thread of its own, so that whoever writes them never waits for a screen.

From a pipe, a FIFO that writers open and close, or a file that grows.
"""

from __future__ import annotations

import os
import select
import stat
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from ..formats import FormatError

CHUNK = 64 << 10
"""Bytes that are read at once: what a pipe holds on Linux."""
_AGAIN = 0.2
"""Seconds until a file is looked at again, or a FIFO without any writer."""
_QUIET = 1.0
"""Seconds without a line after which it is looked whether the FIFO is still the one at its path."""
_PATIENCE = 1.0
"""Seconds that the thread may take to end: it may be stuck in a file system."""
_FLAGS = os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


class Sink(Protocol):
    """What lines flow into. All of it is called in one thread; times are monotonic and epoch seconds."""

    @property
    def longest(self) -> int:
        """Bytes of a line that are worth keeping."""

    def take(self, lines: Sequence[bytes], now: float, wall: float) -> None:
        """Lines without their ends. One that is longer than ``longest`` may be cut, but not to that."""

    def anew(self) -> None:
        """What comes next is the beginning of another file."""

    def end(self, now: float, wall: float) -> None:
        """Nothing more will come."""


class Inflow:
    """Opens ``source``, a path or a descriptor, and hands ``sink`` its lines.

    OSError where it cannot be opened, FormatError for what no lines come from. A descriptor is not closed.
    ``behind`` says that more may be there than was taken, ``fresh`` is the monotonic second of the newest
    bytes (of a file found there: when it was written), None before any came; ``problem`` is why no more can
    be read. ``clock`` is monotonic and ``wall`` epoch seconds.
    """

    def __init__(
        self, source: int | str, sink: Sink, *, clock: Callable[[], float], wall: Callable[[], float]
    ) -> None:
        self._source, self._sink = source, sink
        self._clock, self._wall = clock, wall
        self.behind = True
        self.fresh: float | None = None
        self.problem: OSError | FormatError | None = None
        self._caught_up = threading.Event()
        self._stopping = False
        self._descriptor = -1
        self._open()
        self._woken, self._waker = os.pipe()
        self._thread = threading.Thread(target=self._run, name="synthtop-inflow", daemon=True)
        self._thread.start()

    def _open(self) -> None:
        source = self._source
        descriptor = source if isinstance(source, int) else _opened(source)
        found = os.fstat(descriptor)
        kind = stat.S_IFMT(found.st_mode)
        if kind not in (stat.S_IFREG, stat.S_IFIFO, stat.S_IFSOCK):
            what = "a terminal" if os.isatty(descriptor) else "no pipe and no file"
            name = "standard input" if isinstance(source, int) else source
            self._let_go(descriptor)
            raise FormatError(f"{name} is {what}: expected a pipe, or a file, with a build's events")
        self._let_go(self._descriptor)
        self._descriptor, self._is_file = descriptor, kind == stat.S_IFREG
        self._age = max(0.0, self._wall() - found.st_mtime) if self._is_file else 0.0
        self._position, self._size = 0, found.st_size
        self._rest, self._dropping = b"", False

    def _let_go(self, descriptor: int) -> None:
        if descriptor >= 0 and not isinstance(self._source, int):
            os.close(descriptor)

    def wait(self, seconds: float) -> None:
        """Wait for up to ``seconds`` until what is there has been taken."""
        self._caught_up.wait(seconds)

    @property
    def share(self) -> float | None:
        """How much of a file that was found has been taken, 0..1; None once that is all of it."""
        return None if self._caught_up.is_set() or not self._size else min(1.0, self._position / self._size)

    # -- in the thread ----------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._stopping and self._flow():
                pass
        except (OSError, FormatError) as error:  # another kind of file is in its place, say
            self.problem = error
        finally:
            self._is_caught_up()
            self._let_go(self._descriptor)
            os.close(self._woken)

    def _flow(self) -> bool:
        """Take what is there, or wait for more. False at the end."""
        if not self._is_file and not self._ready(0.0):
            self._is_caught_up()
            named = isinstance(self._source, str)
            if not self._ready(_QUIET if named else None) and not self._stopping:
                self._follow_path()
            return True
        try:
            data = os.read(self._descriptor, CHUNK)
        except BlockingIOError:  # somebody else reads the same FIFO
            return True
        if data:
            self._split(data)
        elif self._is_file:
            self._is_caught_up()
            self._age = 0.0
            self._sleep()
            self._look_again()
        elif isinstance(self._source, str):
            self._is_caught_up()
            self._sleep()  # a FIFO without a writer
            self._follow_path()
        else:
            if self._rest:
                self._sink.take([self._rest], self._clock(), self._wall())
            self._sink.end(self._clock(), self._wall())
            return False
        return True

    def _is_caught_up(self) -> None:
        self.behind = False
        self._caught_up.set()

    def _ready(self, seconds: float | None) -> bool:
        """Whether something is there within ``seconds`` (None: until it is, or we are to stop)."""
        found = self._polled((self._descriptor, self._woken), seconds)
        return any(descriptor == self._descriptor for descriptor, _ in found)

    def _sleep(self) -> None:
        self._polled((self._woken,), _AGAIN)

    def _polled(self, descriptors: Sequence[int], seconds: float | None) -> list[tuple[int, int]]:
        poll = select.poll()
        for descriptor in descriptors:
            poll.register(descriptor, select.POLLIN)
        return poll.poll(None if seconds is None else 1000 * seconds)

    def _split(self, data: bytes) -> None:
        self.behind = True
        self._position += len(data)
        lines = (self._rest + data).split(b"\n")
        rest = lines.pop()
        if self._dropping and lines:
            del lines[0]
            self._dropping = False
        longest = self._sink.longest
        if self._dropping:
            rest = b""
        elif len(rest) > longest:
            lines.append(rest[: longest + 1])
            rest, self._dropping = b"", True
        self._rest = rest
        now = self._clock()
        self.fresh = now - self._age
        if lines:
            self._sink.take(lines, now, self._wall())

    def _look_again(self) -> None:
        """Begin anew where the file was truncated, or where another one is in its place."""
        if not self._follow_path() and os.fstat(self._descriptor).st_size < self._position:
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            self._position, self._rest, self._dropping = 0, b"", False
            self._sink.anew()

    def _follow_path(self) -> bool:
        """Begin anew where another file is at the path now; whether one is."""
        if not isinstance(self._source, str):
            return False
        with suppress(FileNotFoundError):  # removed, and what is open of it stays
            if not os.path.samestat(os.fstat(self._descriptor), os.stat(self._source)):
                self._open()
                self._sink.anew()
                return True
        return False

    # -- its end ----------------------------------------------------------------------------------

    def close(self) -> None:
        """Read no more. Idempotent."""
        if self._stopping:
            return
        self._stopping = True
        with suppress(OSError):  # it has ended by itself
            os.write(self._waker, b"\0")
        self._thread.join(_PATIENCE)
        os.close(self._waker)


def _opened(path: str) -> int:
    try:
        # Open for writing too, which we never do: so a FIFO has no end while its writers come and go.
        return os.open(path, (os.O_RDWR if stat.S_ISFIFO(os.stat(path).st_mode) else os.O_RDONLY) | _FLAGS)
    except PermissionError:
        return os.open(path, os.O_RDONLY | _FLAGS)
