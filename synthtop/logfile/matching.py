"""A process that applies a regular expression to what it is given: some take for ever, and hold up threads.

``expression.py`` runs it as a program of its own; it imports nothing of ours. A request is a line of JSON and
``size`` bytes after it; an answer is a line of JSON. An answer that takes too long ends it.
"""

from __future__ import annotations

import json
import re
import signal
import sys
from collections.abc import Callable
from typing import BinaryIO

MOST = 200
"""Matches in one line that are told."""
# What looks around may look into the next line; what has one of these is applied to each line alone.
_LOOKS_AROUND = re.compile(rb"\\[AZ]|\(\?<?[=!]")


class Expression:
    """``pattern`` matches within lines. ValueError where it is none, with what is wrong."""

    def __init__(self, pattern: bytes, fold: bool) -> None:
        try:
            self._pattern = re.compile(pattern, re.MULTILINE | (re.IGNORECASE if fold else 0))
        except (re.error, ValueError, OverflowError, RecursionError) as error:
            raise ValueError(str(error) or type(error).__name__) from error
        self._by_line = _LOOKS_AROUND.search(pattern) is not None

    def first(self, data: bytes, limit: int, at: int = 0) -> int:
        """Where the first match begins, from ``at`` to before ``limit``; -1 where there is none."""
        while at < limit:
            if self._by_line:
                candidate = at
            else:
                match = self._pattern.search(data, at)
                if match is None or match.start() >= limit:
                    return -1
                candidate = match.start()
                if data.find(b"\n", candidate, match.end()) < 0:
                    return candidate
            # It goes on in the next line, or would: what is left is whether its line has one by itself.
            start = data.rfind(b"\n", 0, candidate) + 1
            end = data.find(b"\n", candidate)
            end = len(data) if end < 0 else end
            match = self._pattern.search(data[start:end], at - start if at > start else 0)
            if match is not None:
                return start + match.start() if start + match.start() < limit else -1
            at = end + 1
        return -1

    def last(self, data: bytes, limit: int) -> int:
        """Where the last one begins before ``limit``; -1 where there is none."""
        found, at = -1, 0
        while (start := self.first(data, limit, at)) >= 0:
            found, at = start, start + 1
        return found

    def spans(self, data: bytes) -> list[list[tuple[int, int]]]:
        """From which byte to before which one each line of ``data`` matches."""
        return [
            [match.span() for match, _ in zip(self._pattern.finditer(line), range(MOST), strict=False)]
            for line in data.split(b"\n")
        ]


def serve(requests: BinaryIO, answers: BinaryIO, allow: Callable[[float], object]) -> None:
    """Answer until there are no requests any more; ``allow`` is told how many seconds each may take."""
    expression: Expression | None = None
    for line in requests:
        request = json.loads(line)
        data = requests.read(request["size"])
        allow(request["seconds"])
        answer: object
        try:
            if request["do"] == "compile":
                expression = Expression(data, request["fold"])
                answer = None
            elif expression is None:
                raise ValueError("there is no expression")
            elif request["do"] == "spans":
                answer = expression.spans(data)
            else:
                find = expression.first if request["do"] == "first" else expression.last
                answer = find(data, request["limit"])
        except ValueError as error:
            answer = {"error": str(error)}
        allow(0.0)
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def main() -> None:
    # Whoever started us may have other plans for it; no expression can be ended otherwise.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
    serve(sys.stdin.buffer, sys.stdout.buffer, lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds))


if __name__ == "__main__":
    main()
