"""Command lines for tests: in this process where they build nothing, else in one of their own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from synthtop.cli import main

from .terminal import PATIENCE, SYNTHTOP, environment

PLAN = """
[build]
command = "true"
[[package]]
origin = "devel/one"
[[package]]
origin = "devel/two"
needs = ["devel/one"]
[[package]]
origin = "x11/ignored"
ignore = "BROKEN: \\u001b[2J does not link"
"""


def nobodys(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make ``directory`` the current one, of a user without settings."""
    monkeypatch.chdir(directory)
    for name in list(os.environ):
        if name.startswith(("SYNTHTOP_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(directory / "home"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(directory))
    monkeypatch.setenv("XDG_STATE_HOME", str(directory / "state"))
    monkeypatch.setenv("COLUMNS", "100")
    return directory


class Said:
    """Exit status and output of a command line that builds nothing."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *words: str) -> None:
        try:
            self.status: object = main(words)
        except SystemExit as end:
            self.status = end.code
        self.out, self.err = capsys.readouterr()
        self.message = self.err.splitlines()[-1] if self.err else ""


def run(*words: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """A command line that may build something, in a process of its own."""
    here = os.getcwd()
    return subprocess.run(
        [*SYNTHTOP, *words],
        env=environment(XDG_RUNTIME_DIR=here, HOME=f"{here}/home", **env),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
