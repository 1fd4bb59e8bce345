"""Placeholders in commands: which ones stand in a command, and putting values in their place.

Nothing is quoted into a shell: a value that the shell could take for anything but text is
refused before the build starts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from .origins import SAFE, parts
from .package import Command

PLACEHOLDERS = ("origin", "category", "name", "flavor", "phase", "slot", "logs", "workdir", "jobs")

_WORD = re.compile(f"[/{SAFE}]+")

# "${name}" is the shell's own; every other brace stays as it is.
_PLACEHOLDER = re.compile(r"(?<!\$)\{(" + "|".join(PLACEHOLDERS) + r"|)\}")


def placeholders(command: Command) -> frozenset[str]:
    """The names of the placeholders in ``command``; ``{}`` counts as ``origin``."""
    words = (command,) if isinstance(command, str) else command
    return frozenset(name or "origin" for word in words for name in _PLACEHOLDER.findall(word))


def expand(command: Command, values: Mapping[str, str]) -> Command:
    """``command`` with each placeholder replaced by its value, once: values are not looked into.

    KeyError where ``values`` lacks a placeholder that stands in the command.
    """

    def value(match: re.Match[str]) -> str:
        return values[match[1] or "origin"]

    if isinstance(command, str):
        return _PLACEHOLDER.sub(value, command) if "{" in command else command
    return tuple(_PLACEHOLDER.sub(value, word) if "{" in word else word for word in command)


def is_safe(value: str) -> bool:
    """Whether a shell takes ``value`` for one word, and for nothing but text.

    The empty value is not safe: ``rm -rf {workdir}/{flavor}`` would mean something else with it.
    """
    return _WORD.fullmatch(value) is not None


def unsafe(used: Collection[str], origin: str) -> str | None:
    """What is wrong with a package of this origin when the placeholders ``used`` stand in its shell
    commands, or None. A package's ``{workdir}`` is named after its origin."""
    category, name, flavor = parts(origin)
    values = {"origin": origin, "category": category, "name": name, "flavor": flavor or "", "workdir": origin}
    for key, value in values.items():
        if key in used and not is_safe(value):
            problem = f"where {value!r} is not safe" if value else f"and is empty for {origin}"
            return f"{{{key}}} stands in a shell command, {problem}: {advice(key)}"
    return None


def advice(key: str) -> str:
    """What to write in place of a placeholder that a shell command must not have."""
    return f'use "$SYNTHTOP_{key.upper()}" there instead, or in a plan write the command as a list'
