"""``config``: each setting in a line, with where it comes from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from synthtop.cli import main

from .commandline import nobodys


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nobodys(tmp_path, monkeypatch)


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["config", *words]) == 0
    return capsys.readouterr().out


def test_what_nobody_has_set_is_told_with_what_it_depends_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys) == (
        "workers        (the plan's, else one a core)          default\n"
        "throttle       step                                   default\n"
        "logs           (./synthtop-logs/BUILD)                default\n"
        "monitor        ($XDG_RUNTIME_DIR/synthtop/BUILD.dat)  default\n"
        "no_monitor     false                                  default\n"
        "no_history     false                                  default\n"
        "timeout        0                                      default\n"
        "grace          10                                     default\n"
        "order          time                                   default\n"
        "retry          0                                      default\n"
        "fail_fast      false                                  default\n"
        "plain          (where there is no terminal)           default\n"
        "theme          (as the terminal has colours)          default\n"
        "ascii          (where the locale is not UTF-8)        default\n"
        "notify         (nobody is told)                       default\n"
        "notify_on      failure stall end                      default\n"
        "stalled_after  (dsynth's times)                       default\n"
        "low_space      (1G, or 5 % of a smaller file system)  default\n"
        "columns        slot duration phase origin lines       default\n"
        "sort           slot                                   default\n"
        "keys           (as the help says)                     default\n"
    )


def test_each_value_names_the_option_the_variable_or_the_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SYNTHTOP_FAIL_FAST", "yes")
    (tmp_path / "dsynth.ini").write_text(
        "[Global Configuration]\nMonitor_file=/m\x1b[2J\nMonitor_format=report\nNumber_of_builders=8\n"
    )
    lines = told(capsys, "--config", "dsynth.ini", "-j", "4", "--grace", "1.5").splitlines()
    words = {line.split()[0]: line.split(maxsplit=2)[1:] for line in lines}
    assert words["workers"] == ["4", "command line"]
    assert words["grace"] == ["1.5", "command line"]
    assert words["fail_fast"] == ["true", "SYNTHTOP_FAIL_FAST"]
    assert words["monitor"] == ["report:/m␛[2J", "dsynth.ini:2"]


def test_a_monitor_that_is_turned_off_has_no_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert "\nmonitor        -  " in told(capsys, "--no-monitor")


def test_as_json_it_is_an_object_of_values_and_sources(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(told(capsys, "--json", "--monitor", "a", "--monitor", "json:b"))
    assert found["monitor"] == {"value": ["a", "json:b"], "source": "command line"}
    assert found["throttle"] == {"value": "step", "source": "default"}
    assert found["workers"] == {"value": None, "source": "default"}
