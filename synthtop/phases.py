"""The phases that a package has been through: how they are put together, and how many are kept."""

from __future__ import annotations

from .model import PhaseSpan

PHASES_KEPT = 100
"""Phases of one package that are kept at most, the last ones: a script may have any number of them."""
_LONGEST = 100
"""Characters of a phase's name that are kept beside the others."""


def and_then(phases: tuple[PhaseSpan, ...], name: str, began: int) -> tuple[PhaseSpan, ...]:
    """``phases``, and after them the one called ``name``, which began ``began`` seconds after its package."""
    return (*phases[1 - PHASES_KEPT :], PhaseSpan(name[:_LONGEST], began))
