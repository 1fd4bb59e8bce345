"""Logs of builds that failed, with what has to be found in them; and the scripts that wrote some of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import NamedTuple

from synthtop.errors.cause import Cause
from synthtop.errors.finding import find

LOGS = Path(__file__).parent / "failures"
EXAMPLES = Path(__file__).parent.parent / "examples" / "failing"


class Expected(NamedTuple):
    """``cause`` is what has to be in the first line shown; ``script`` says that a script wrote the log."""

    name: str
    cause: str
    script: bool = False


class Score(NamedTuple):
    found: tuple[str, ...]
    missed: tuple[str, ...]
    """Each with what was shown in place of the cause."""


def table(name: str) -> tuple[Expected, ...]:
    """The table ``NAME.toml`` beside the logs; a log without a table is nobody's."""
    with (LOGS / f"{name}.toml").open("rb") as file:
        entries = tomllib.load(file)
    return tuple(Expected(key, entry["cause"], entry.get("script", False)) for key, entry in entries.items())


def first_line(cause: Cause) -> str:
    return cause.lines[0] if cause.lines else f"nothing: {cause.problem}"


def score(entries: tuple[Expected, ...]) -> Score:
    """In how many of the logs the first line shown is the cause."""
    found: list[str] = []
    missed: list[str] = []
    for entry in entries:
        shown = first_line(find(str(LOGS / f"{entry.name}.log")))
        if entry.cause in shown:
            found.append(entry.name)
        else:
            missed.append(f"{entry.name}: {shown}")
    return Score(tuple(found), tuple(missed))


def missing_tools(name: str) -> list[str]:
    """What the script ``name`` needs and this host doesn't have."""
    first = (EXAMPLES / "breaks" / f"{name}.sh").read_text().partition("\n")[0]
    needs = first.removeprefix("# needs:").split() if first.startswith("# needs:") else []
    return [tool for tool in needs if shutil.which(tool) is None]


def run(name: str, directory: Path) -> Cause:
    """Why the script ``name`` fails when it is run now."""
    log = directory / f"{name}.log"
    env = {**os.environ, "SYNTHTOP_WORKDIR": str(directory / name)}
    with log.open("wb") as output:
        command = ["sh", str(EXAMPLES / "fail.sh"), name]
        code = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env, check=False, timeout=60
        ).returncode
    return find(str(log), reason=f"exit status {code}" if code >= 0 else "killed by SIGKILL")
