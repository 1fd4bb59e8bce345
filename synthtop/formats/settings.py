"""Where other builders keep their builds, by their settings files."""

from __future__ import annotations

import os
import re
import shlex
from contextlib import suppress

_DSYNTH_PROFILE = "LiveSystem"
_DSYNTH_LOGS = "/build/synth/logs"
_POUDRIERE_BASE = "/usr/local/poudriere"
_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_LONGEST = 4096
"""Characters of a path; what variables in a shell's file make of each other may be much longer."""


def dsynth_logs(ini: str, profile: str | None) -> dict[str, str]:
    """The logs directories that a ``dsynth.ini`` has, each with its profile, that of the one in use first.

    That is ``profile`` where it is given, else ``profile_selected``, else LiveSystem.
    """
    logs: dict[str, str] = {}
    section = ""
    for line in ini.splitlines():
        key, _, value = (part.strip() for part in line.partition("="))
        if key.startswith("["):
            section = line.strip().strip("[]").strip()
        elif section.lower() == "global configuration":
            if key.lower() == "profile_selected":
                profile = profile or value
        elif key.lower() == "directory_logs" and os.path.isabs(value):
            logs.setdefault(section, value)
    profile = profile or _DSYNTH_PROFILE
    found = {logs.get(profile, _DSYNTH_LOGS): profile}
    for other, directory in logs.items():
        found.setdefault(directory, other)
    return found


def poudriere_data(conf: str) -> str:
    """poudriere's data directory as a ``poudriere.conf`` has it: POUDRIERE_DATA, else BASEFS/data."""
    values: dict[str, str] = {}

    def value_of(variable: re.Match[str]) -> str:
        return values.get(variable[1] or variable[2], "")

    for line in conf.splitlines():
        if assignment := _ASSIGNMENT.match(line):
            with suppress(ValueError):  # a quote without its end
                words = shlex.split(assignment[2][:_LONGEST], comments=True)
                value = _VARIABLE.sub(value_of, words[0] if words else "")
                values[assignment[1]] = value[:_LONGEST]
    data = values.get("POUDRIERE_DATA") or os.path.join(values.get("BASEFS") or _POUDRIERE_BASE, "data")
    return data if os.path.isabs(data) else os.path.join(_POUDRIERE_BASE, "data")
