"""The library as a builder of one's own sees it: what is exported, and the example that uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import synthtop
from synthtop.model import Totals

from .terminal import PATIENCE, ROOT, environment

NOT_CODE = {"__version__", "Probe"}
"""A string, and another name for a type: neither has a docstring of its own."""


@pytest.mark.parametrize("name", synthtop.__all__)
def test_everything_that_is_exported_is_there(name: str) -> None:
    assert getattr(synthtop, name) is not None


@pytest.mark.parametrize("name", sorted(set(synthtop.__all__) - NOT_CODE))
def test_everything_that_is_exported_is_explained(name: str) -> None:
    explained = getattr(synthtop, name).__doc__ or ""
    # What dataclass and NamedTuple make up says nothing that the signature does not.
    assert explained
    assert not explained.startswith(f"{name}(")


def test_what_is_exported_is_listed() -> None:
    assert dir(synthtop) == sorted(synthtop.__all__)


def test_everything_can_be_imported_by_a_star() -> None:
    names: dict[str, object] = {}
    exec("from synthtop import *", names)
    assert set(synthtop.__all__) <= names.keys()


def test_a_name_that_is_not_exported_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'synthtop' has no attribute 'Runner'"):
        _ = synthtop.Runner


def test_the_example_builds_counts_and_leaves_a_monitor_file_that_says_finished(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "embedding.py")],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{Totals(queued=3, built=2, failed=1)}\n"
    assert [file.name for file in tmp_path.iterdir()] == ["monitor.json"]
    assert json.loads((tmp_path / "monitor.json").read_text())["state"] == "finished"
