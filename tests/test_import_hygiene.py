"""What each command and each part of the library may not load: start-up time, and places without a screen."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from synthtop.formats import json as monitor_json
from synthtop.model import BuildState, Totals

from . import builds
from .terminal import PATIENCE, environment

SCREEN = {"textual", "rich"}
SCREEN_AND_HOST = SCREEN | {"psutil"}
LIBRARY = "".join(
    f"import synthtop.{module}\n"
    for module in ("collector", "formats.json", "formats.results", "formats.text", "monitor", "pulse")
)
RUNNER = "import synthtop.run.runner, synthtop.run.plan, synthtop.run.guard\n"


def command(words: str) -> str:
    """Python that does what the command ``synthtop WORDS`` does."""
    return f"from synthtop.cli import main\nassert not main({words.split()!r})"


def loaded_by(code: str, cwd: Path) -> set[str]:
    """The names of all modules that a fresh Python has loaded after ``code``."""
    program = (
        "import json, sys\n"
        "try:\n" + "".join(f"    {line}\n" for line in code.splitlines()) + "except SystemExit as end:\n"
        "    assert not end.code, end\n"
        "with open('loaded.json', 'w') as file:\n"
        "    json.dump(sorted(sys.modules), file)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=cwd,
        env=environment(XDG_RUNTIME_DIR=str(cwd)),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads((cwd / "loaded.json").read_text()))


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.toml"
    path.write_text('[build]\ncommand = "true"\n[[package]]\norigin = "devel/gmake"\n')
    return path


@pytest.mark.parametrize(
    ("code", "forbidden"),
    [
        ("import synthtop", SCREEN_AND_HOST | {"asyncio"}),
        (command("--version"), SCREEN_AND_HOST | {"asyncio"}),
        (command("--help"), SCREEN_AND_HOST | {"asyncio"}),
        (command("run --help"), SCREEN_AND_HOST | {"asyncio"}),
        (command("run --dry-run plan.toml"), SCREEN_AND_HOST | {"asyncio"}),
        ("from synthtop import Collector\nCollector(1)", SCREEN | {"asyncio"}),
        ("from synthtop import MonitorSink, parse_target", SCREEN | {"asyncio"}),
        (LIBRARY, SCREEN_AND_HOST | {"asyncio"}),
        (RUNNER, SCREEN_AND_HOST | {"asyncio"}),
        ("import synthtop.plain, synthtop.session", SCREEN | {"asyncio"}),
    ],
    ids=[
        "synthtop",
        "--version",
        "--help",
        "run --help",
        "run --dry-run",
        "Collector",
        "MonitorSink",
        "formats",
        "runner",
        "plain",
    ],
)
@pytest.mark.usefixtures("plan")
def test_nothing_loads_what_it_has_no_use_for(code: str, forbidden: set[str], tmp_path: Path) -> None:
    assert not loaded_by(code, tmp_path) & forbidden


@pytest.mark.parametrize(
    ("words", "forbidden"),
    [
        ("config", SCREEN_AND_HOST),
        ("status ended.json", SCREEN_AND_HOST),
        ("status ended.json --watch --json", SCREEN_AND_HOST),
        ("--follow ended.json --plain", SCREEN_AND_HOST),
        ("--follow ended.json --monitor relayed.dat", SCREEN_AND_HOST),
    ],
)
def test_a_followed_build_is_told_without_what_draws_or_samples_this_host(
    words: str, forbidden: set[str], tmp_path: Path
) -> None:
    snapshot = builds.building(state=BuildState.FINISHED, totals=Totals(1, 1))
    (tmp_path / "ended.json").write_bytes(monitor_json.encode(snapshot))
    assert not loaded_by(command(words), tmp_path) & (forbidden | {"asyncio"})


def test_importing_the_package_loads_its_version_and_no_other_part(tmp_path: Path) -> None:
    loaded = {name for name in loaded_by("import synthtop", tmp_path) if name.startswith("synthtop")}
    assert loaded == {"synthtop", "synthtop._version"}


def test_the_screen_loads_what_draws_it(tmp_path: Path) -> None:
    assert loaded_by("import synthtop.app", tmp_path) >= SCREEN


def test_a_plain_build_runs_where_nothing_that_draws_can_be_imported(plan: Path) -> None:
    code = (
        "import sys\n"
        "sys.modules.update(dict.fromkeys(('textual', 'rich', 'psutil')))\n"
        "from synthtop.cli import main\n"
        "sys.exit(main(['run', '--plain', '--no-monitor', 'plan.toml']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=plan.parent,
        env=environment(XDG_RUNTIME_DIR=str(plan.parent)),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "SUCCESS devel/gmake" in done.stdout
