"""What is to be built: a plan from a TOML file, or from a command and a list of origins."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from typing import BinaryIO

from ..text import clean
from ..tomlfile import MAX_BYTES, decode_text
from . import planfile
from .origins import name_from, parts, same_log, wrong_name, wrong_origin
from .package import Package, Phase, Plan, PlanError
from .template import advice, is_safe, placeholders, unsafe

__all__ = ["PlanError", "check_values", "from_command", "load", "read_origins"]

_USES_VARIABLE = re.compile(r"SYNTHTOP_(?:ORIGIN|CATEGORY|NAME|FLAVOR)\b")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_HERE = re.compile(r"^\./(?=[^-])")  # before a dash it stays: what is left would be an option


def load(path: str) -> Plan:
    """The plan in the TOML file at ``path``.

    Raises PlanError for whatever is wrong with it: a file that cannot be read, no TOML, an unknown key,
    a wrong type, an origin that is none or stands there twice, a need that the plan does not have, a
    circle of needs, a value that must not go into a shell command.
    """
    return planfile.read(path)


def from_command(command: str, origins: Iterable[str], name: str | None = None) -> Plan:
    """The plan that runs one shell command for each of ``origins``, which need nothing of each other.

    ``{}`` and ``{origin}`` stand for the origin, the other placeholders as in a plan. Where the command
    has none, nor one of the variables ``SYNTHTOP_ORIGIN``, ``…_CATEGORY``, ``…_NAME`` and ``…_FLAVOR``,
    the origin is appended, as xargs does. An origin loses the ``./`` that find and shells write before
    a path. The build's name is that of the program. PlanError for an empty command, no origins, a bad
    or doubled one, or one that must not go into a shell command.
    """
    if not command.strip() or "\0" in command:
        raise PlanError(f"-c: a shell command was expected, found {command!r}")
    if name is None:
        program = next((word for word in command.split() if not _ASSIGNMENT.match(word)), "")
        name = name_from(os.path.basename(program))
    elif problem := wrong_name(name):
        raise PlanError(clean(problem))
    if not placeholders(command) and not _USES_VARIABLE.search(command):
        command = f"{command.rstrip()} {{origin}}"
    in_shell = placeholders(command)
    phases = (Phase("build", command),)
    packages: dict[str, Package] = {}
    for origin in origins:
        origin = _HERE.sub("", origin)
        _check(origin, packages)
        category, short, flavor = parts(origin)
        if problem := unsafe(in_shell, origin):
            raise PlanError(clean(problem))
        packages[origin] = Package(
            origin, category, short, flavor, (), phases, scan=True, index=len(packages)
        )
    if not packages:
        raise PlanError("no origins: nothing to build; name some, or give a list with -a")
    if clash := same_log(packages):
        raise PlanError(f"the logs of {clash[0]} and {clash[1]} would be the same file: leave one out")
    return Plan(name, None, tuple(packages.values()), directory=_here())


def read_origins(path: str, stdin: BinaryIO | None = None) -> list[str]:
    """The origins in a file, or in standard input for ``-``: one a line.

    Blank lines are skipped, and what follows a ``#`` at the start of a line or behind a blank. An origin
    loses the ``./`` that find and shells write before a path.
    PlanError, with the line, for what is no origin or stands there twice.
    """
    shown = "standard input" if path == "-" else path
    try:
        if path != "-":
            with open(path, "rb") as file:
                data = file.read(MAX_BYTES + 1)
        elif stdin is None and sys.stdin is None:
            raise PlanError("-a -: there is no standard input")
        else:
            data = (stdin or sys.stdin.buffer).read(MAX_BYTES + 1)
    except OSError as problem:
        raise PlanError(clean(f"{shown}: cannot read it: {problem.strerror}")) from problem
    found: dict[str, int] = {}
    for number, line in enumerate(decode_text(data, shown, PlanError).split("\n"), 1):
        origin = _HERE.sub("", _COMMENT.sub("", line).strip())
        if origin:
            _check(origin, found, f"{shown}:{number}")
            found[origin] = number
    return list(found)


def check_values(plan: Plan, *, logs: str, workdir: str) -> None:
    """PlanError where a directory stands in a shell command of the plan, and must not: call it once
    before the start, with the values that ``{logs}`` and ``{workdir}`` will have."""
    commands = {phase.command for package in plan.packages for phase in package.phases}
    if plan.skip_if is not None:
        commands.add(plan.skip_if)
    for command in commands:
        if not isinstance(command, str):
            continue
        used = placeholders(command)
        for key, value in (("logs", logs), ("workdir", workdir)):
            if key in used and not is_safe(value):
                problem = f"{value!r}: {{{key}}} stands in a shell command, where it is not safe"
                raise PlanError(clean(f"{problem}: take another directory, or {advice(key)}"))


def _check(origin: str, known: Iterable[str], place: str = "") -> None:
    problem = wrong_origin(origin)
    if problem is None and origin in known:
        problem = f"{origin} is there twice: leave one out"
    if problem is not None:
        raise PlanError(clean(f"{place}: {problem}" if place else problem))


def _here() -> str:
    try:
        return os.getcwd()
    except OSError as problem:
        raise PlanError(f"the current directory is gone: {problem.strerror}") from problem
