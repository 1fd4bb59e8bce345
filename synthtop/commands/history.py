"""``synthtop history``: what earlier builds were like, for people and for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .parsing import refused

if TYPE_CHECKING:
    from ..probes import Probe


def run(words: list[str], probe: Probe | None) -> int:
    return refused("history: there is none yet")
