"""``status`` as a whole program: pipes, signals, and builds that it finds."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from synthtop.cli import main
from synthtop.formats import json as monitor_json
from synthtop.model import BuildState, Totals
from synthtop.pidlock import PidLock

from . import builds, samples
from .commandline import nobodys
from .terminal import PATIENCE, SYNTHTOP, environment

ENDED = builds.building(state=BuildState.FINISHED, totals=Totals(3, 3))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory where nothing is found but what a test puts there."""
    nobodys(tmp_path, monkeypatch)
    monkeypatch.setattr("synthtop.monitor.FALLBACK", str(tmp_path / "tmp"))
    monkeypatch.setattr("synthtop.discover.ROOT", str(tmp_path / "root"))
    (tmp_path / "synthtop").mkdir(mode=0o700)
    return tmp_path


def test_the_only_build_of_this_machine_is_found_and_told(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "synthtop/mine.json").write_bytes(monitor_json.encode(builds.building()))
    lock = PidLock(str(here / "synthtop/mine.lk"))
    try:
        assert main(["status"]) == 0
        assert "State: building, 2 failed" in capsys.readouterr().out
        assert main(["status", "mine", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["state"] == "building"
    finally:
        lock.release()
    (here / "synthtop/mine.json").write_bytes(monitor_json.encode(ENDED))
    assert main(["status"]) == 3
    assert capsys.readouterr().err.startswith("synthtop: no build runs here; the last one: synthtop status ")


def test_a_file_system_that_does_not_answer_is_not_waited_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = threading.Event()
    monkeypatch.setattr("synthtop.status._PATIENCE", 0.0)
    monkeypatch.setattr("synthtop.discover.poudriere_data", lambda conf: answer.wait() and "/none")
    status = main(["status"])
    answer.set()
    assert (status, capsys.readouterr()) == (
        5,
        ("", "synthtop: a file system does not answer: say which build, as in: synthtop status PATH\n"),
    )


def test_a_file_that_is_not_there_is_status_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "nowhere"]) == 3
    assert capsys.readouterr() == ("", "synthtop: nowhere: there is no such file yet\n")


def test_an_empty_directory_may_have_a_build_later(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "empty").mkdir()
    assert main(["status", "empty"]) == 3
    assert "nothing of a build is in it yet" in capsys.readouterr().err


def test_a_directory_of_something_else_says_what_was_expected_there(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "notes").write_text("buy milk\n")
    assert main(["status", "."]) == 5
    assert "expected a monitor file" in capsys.readouterr().err


def test_whoever_has_seen_enough_ends_it_quietly(here: Path) -> None:
    (here / "m.dat").write_bytes(samples.text())
    script = f"{' '.join(SYNTHTOP)} status --watch --json m.dat | head -n 2"
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert [json.loads(line)["totals"]["built"] for line in done.stdout.splitlines()] == [38, 38]
    assert done.stderr == ""


def test_events_from_a_pipe_are_told_as_they_stand_at_its_end(here: Path) -> None:
    events = (
        '{"event": "begin", "name": "mine", "workers": 2, "queued": 3}\n'
        '{"event": "done", "origin": "a/b", "outcome": "built"}\n'
        '{"event": "end"}\n'
    )
    done = subprocess.run(
        [*SYNTHTOP, "status", "-", "--json"],
        input=events, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    [line] = done.stdout.splitlines()
    told = json.loads(line)
    assert (told["state"], told["totals"]["built"], told["source"]["name"]) == ("finished", 1, "mine")
    assert (done.returncode, done.stderr) == (0, "")


def test_events_in_a_file_on_stdin_are_told_as_they_stand_now(here: Path) -> None:
    (here / "events").write_text('{"event": "start", "slot": 0, "origin": "a/b"}\n')
    with open(here / "events") as file:
        done = subprocess.run(
            [*SYNTHTOP, "status", "-"],
            stdin=file, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
    assert "State: building" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


def test_ctrl_c_ends_watching_with_status_130(here: Path) -> None:
    (here / "m.dat").write_bytes(samples.text())
    watching = subprocess.Popen(
        [*SYNTHTOP, "status", "--watch", "--json", "m.dat"],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert watching.stdout is not None
        assert watching.stdout.readline().startswith("{")
        watching.send_signal(signal.SIGINT)
        _, err = watching.communicate(timeout=PATIENCE)
        assert (watching.returncode, err) == (130, "")
    finally:
        watching.kill()
        watching.communicate()


def test_another_hosts_status_can_be_piped_into_a_second_one(here: Path) -> None:
    (here / "ended.json").write_bytes(monitor_json.encode(ENDED))
    first = subprocess.run(
        [*SYNTHTOP, "status", "ended.json", "--json", "--watch"],
        env=environment(), capture_output=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    second = subprocess.run(
        [*SYNTHTOP, "status", "-", "--json"],
        input=first.stdout, env=environment(), capture_output=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert (second.returncode, second.stderr) == (0, b"")
    assert monitor_json.decode(second.stdout).totals == ENDED.totals
