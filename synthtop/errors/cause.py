"""What explains a failure. Values only; ``finding.py`` finds them."""

from __future__ import annotations

from typing import NamedTuple


class Cause(NamedTuple):
    """Why a package failed.

    ``lines`` are the clean lines to be shown, the cause first, and what the log says about it after it; where
    no rule found one, the log's last lines. ``rule`` names the rule that found it, None where none did.
    ``offset`` is the byte of the log at which the line of the cause begins, None where there is no log.
    ``problem`` says why there is none to be read.
    """

    lines: tuple[str, ...]
    rule: str | None = None
    offset: int | None = None
    problem: str | None = None
