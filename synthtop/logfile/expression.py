"""A regular expression, applied by a process of its own (``matching.py``), which can be ended at any time."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from .. import aside
from . import matching
from .layout import Spans

PATIENCE = 10.0
"""Seconds for what is read at once, a few thousand lines."""
_TO_SHOW = 0.5
"""Seconds for what is to be seen: the page waits for it."""
_START = 10.0
"""Seconds for the process to be there."""
_LOOK_EVERY = 20
"""Milliseconds between two looks whether something else is wanted."""
_MOST = 1 << 20
"""Bytes of an answer."""


class BadExpression(Exception):
    """It is none, or cannot be applied. The text says why, not cleaned."""


class Interrupted(Exception):
    """Something else is wanted meanwhile."""


class Expression:
    """Finds ``pattern``, a regular expression for the bytes of UTF-8; with ``fold`` in whatever case it is.

    ``interrupted`` is asked meanwhile whether to give up, with :class:`Interrupted`. BadExpression where the
    expression is wrong, where it takes too long, and where there can be no process. A process begins with the
    first question, and another one with the next question after it was ended.
    """

    def __init__(
        self, pattern: str, *, fold: bool, interrupted: Callable[[], bool], patience: float = PATIENCE
    ) -> None:
        self._pattern = pattern.encode("utf-8", "surrogateescape")
        self._fold = fold
        self._interrupted = interrupted
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self._too_slow = False

    def first(self, data: bytes, limit: int) -> int:
        """Where in ``data`` the first match begins before ``limit``; -1 where there is none."""
        return int(self._ask(self._patience, data, do="first", limit=limit))

    def last(self, data: bytes, limit: int) -> int:
        """Where the last one begins."""
        return int(self._ask(self._patience, data, do="last", limit=limit))

    def spans(self, texts: Sequence[str]) -> Sequence[Spans]:
        """The characters of each text that match; none where that takes too long."""
        lines = [text.encode() for text in texts]
        if not lines or self._too_slow:
            return [()] * len(texts)
        try:
            found = self._ask(_TO_SHOW, b"\n".join(lines), do="spans")
        except BadExpression:
            self._too_slow = True
            return [()] * len(texts)
        return [_characters(line, spans) for line, spans in zip(lines, found, strict=True)]

    def close(self) -> None:
        """End the process. Idempotent."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.kill()
        with suppress(OSError):  # what it has not read
            process.stdin.close()
        process.stdout.close()
        process.wait()
        aside.done(process.pid)

    def _ask(self, seconds: float, data: bytes, **request: object) -> Any:
        if self._process is None:
            self._start()
            self._answer(_START, self._pattern, do="compile", fold=self._fold)
        return self._answer(seconds, data, **request)

    def _start(self) -> None:
        try:
            self._process = aside.popen(
                [sys.executable, "-I", "-S", matching.__file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # It must not keep a file system from being unmounted, nor hear of the terminal's ctrl+c.
                cwd="/",
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise BadExpression(f"no process for the expression: {error}") from error

    def _answer(self, seconds: float, data: bytes, **request: object) -> Any:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        head = json.dumps({**request, "size": len(data), "seconds": seconds}).encode()
        try:
            process.stdin.write(head + b"\n")
            process.stdin.write(data)
            process.stdin.flush()
            line = self._line(process.stdout.fileno(), seconds, request["do"] in ("first", "last"))
        except Interrupted:
            self.close()
            raise
        except OSError as error:  # of the process, which somebody has ended, and not of the log
            self.close()
            raise BadExpression(f"the process for the expression has ended: {error}") from error
        if not line.endswith(b"\n"):
            self.close()
            raise BadExpression("the expression takes too long")
        answer = json.loads(line)
        if isinstance(answer, dict):
            raise BadExpression(str(answer["error"]))
        return answer

    def _line(self, descriptor: int, seconds: float, may_end: bool) -> bytes:
        """What comes up to a newline; less where the process has ended, as it does when its time is up."""
        end = time.monotonic() + seconds + 1.0
        parts: list[bytes] = []
        ready = select.poll()  # and not select(), which knows no descriptors beyond 1023
        ready.register(descriptor, select.POLLIN)
        while time.monotonic() < end and sum(map(len, parts)) < _MOST:
            if not ready.poll(_LOOK_EVERY):
                if may_end and self._interrupted():
                    raise Interrupted
                continue
            part = os.read(descriptor, 1 << 16)
            parts.append(part)
            if not part or part.endswith(b"\n"):
                break
        return b"".join(parts)


def _characters(line: bytes, spans: Sequence[tuple[int, int]]) -> Spans:
    """``spans`` of bytes as those of the characters of ``line``."""
    if line.isascii():
        return [(start, stop) for start, stop in spans if start < stop]
    made = []
    for start, stop in spans:
        first = len(line[:start].decode("utf-8", "ignore"))
        last = len(line[:stop].decode("utf-8", "ignore"))
        if first < last:
            made.append((first, last))
    return made
