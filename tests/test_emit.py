"""Adding events to a stream: by the function, by `synthtop emit`, and by the examples in shell."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from synthtop.commands.emit import run
from synthtop.emit import EmitError, emit
from synthtop.follow.intake import Intake
from synthtop.formats.events import Begin, Done, End, Event, Lines, Log, Phase, Queued, Start, parse
from synthtop.model import BuildState, HostSample, Outcome, Snapshot, Totals

from .terminal import ROOT, environment

EXAMPLES = ROOT / "examples"
HOOKS = [
    "hook_run_start",
    "hook_run_end",
    "hook_pkg_success",
    "hook_pkg_failure",
    "hook_pkg_ignored",
    "hook_pkg_skipped",
]


def events(data: bytes) -> list[Event]:
    return [parse(line)._replace(time=None) for line in data.splitlines()]


def shown(data: bytes) -> Snapshot:
    """What a follower shows of a stream."""
    intake = Intake("-", clock=lambda: 5000.0, wall=lambda: 2e9, probe=HostSample)
    intake.take(data.splitlines(), 5000.0, 2e9)
    return intake.snapshot(5000.0, 2e9, 0, behind=False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "build.events"


@pytest.fixture
def fifo(path: Path) -> Path:
    os.mkfifo(path)
    return path


@pytest.fixture
def reading(fifo: Path) -> Iterator[int]:
    descriptor = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    yield descriptor
    os.close(descriptor)


# -- one event into a file or a FIFO -------------------------------------------------------------------


def test_a_file_is_made_and_then_appended_to(path: Path) -> None:
    before = os.umask(0o022)
    try:
        emit(str(path), Begin("world"))
    finally:
        os.umask(before)
    emit(str(path), End())
    assert events(path.read_bytes()) == [Begin("world"), End()]
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_fifo_gets_the_line_in_one_piece(fifo: Path, reading: int) -> None:
    emit(str(fifo), Log("hello"))
    assert events(os.read(reading, 4096)) == [Log("hello")]


def test_a_fifo_that_nobody_reads_is_an_error_at_once(fifo: Path) -> None:
    with pytest.raises(
        EmitError, match=r"build.events: nobody reads it: start `synthtop --follow` with it first$"
    ):
        emit(str(fifo), End())


def test_a_fifo_that_is_full_is_an_error_at_once(fifo: Path, reading: int) -> None:
    def fill() -> None:
        while True:
            emit(str(fifo), Log("x" * 1000))

    with pytest.raises(EmitError, match=r"build.events is full: whoever reads it does not keep up$"):
        fill()


def test_what_a_fifo_would_take_in_pieces_is_refused(fifo: Path, reading: int) -> None:
    with pytest.raises(EmitError, match=r"an event of \d+ bytes: a FIFO takes up to \d+ in one piece$"):
        emit(str(fifo), Queued(1000, ("devel/gmake",) * 1000))
    assert os.read(reading, 1) == b""


def test_what_is_neither_a_file_nor_a_fifo_is_left_alone(path: Path) -> None:
    with pytest.raises(EmitError, match=r"^/dev/null is neither a file nor a FIFO$"):
        emit("/dev/null", End())
    path.mkdir()
    with pytest.raises(EmitError, match=r"build.events: Is a directory$"):
        emit(str(path), End())
    with pytest.raises(EmitError, match="no file can have this name"):
        emit("a\0b", End())


def test_a_file_that_holds_no_events_is_left_alone(path: Path) -> None:
    path.write_text("[build]\n")
    with pytest.raises(EmitError, match=r"build.events is there and holds no events: move it away"):
        emit(str(path), End())
    assert path.read_text() == "[build]\n"


def test_a_symlink_is_not_followed(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    path.symlink_to(target)
    with pytest.raises(EmitError, match=r"build.events: it is a symbolic link: name what it stands for$"):
        emit(str(path), End())
    assert not target.exists()


def test_a_directory_that_is_not_there_is_told(path: Path) -> None:
    with pytest.raises(EmitError, match=r"build.events/x: No such file or directory$"):
        emit(f"{path}/x", End())


# -- the command ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "event"),
    [
        ("begin", Begin()),
        ("begin --name world --workers 4 --queued 9 --logs /l", Begin("world", 4, 9, "/l")),
        ("queued 12", Queued(12)),
        ("queued devel/gmake shells/bash", Queued(2, ("devel/gmake", "shells/bash"))),
        (f"queued {'devel/gmake ' * 100}", Queued(100)),
        ("start devel/gmake --slot 3", Start(3, "devel/gmake")),
        ("start devel/gmake --slot 3 --phase fetch --log /l/x", Start(3, "devel/gmake", "fetch", "/l/x")),
        ("phase 3 build", Phase(3, "build")),
        ("lines 3 1234", Lines(3, 1234)),
        ("done devel/gmake built", Done("devel/gmake", Outcome.BUILT)),
        (
            "done a/b failed --slot 1 --phase build --reason 'exit status 1' --duration 1m30s",
            Done("a/b", Outcome.FAILED, 1, "exit status 1", "build", 90),
        ),
        ("log the disk fills up --slot 0", Log("the disk fills up", 0)),
        ("end", End()),
        ("end interrupted", End(BuildState.INTERRUPTED)),
    ],
)
def test_each_event_can_be_emitted(path: Path, words: str, event: Event) -> None:
    assert run([str(path), *shlex.split(words)], None) == 0
    assert events(path.read_bytes()) == [event]


def test_what_is_emitted_has_its_time(path: Path) -> None:
    run([str(path), "end"], None)
    time = parse(path.read_bytes()).time
    assert time is not None
    assert abs(time - path.stat().st_mtime) < 60


def test_a_path_can_be_followed_from_anywhere(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    run([str(path), "start", "a/b", "--slot", "0", "--log", "x.log"], None)
    assert events(path.read_bytes()) == [Start(0, "a/b", log=f"{path.parent}/x.log")]


def test_words_that_are_no_utf_8_are_emitted_all_the_same(path: Path) -> None:
    assert run([str(path), "log", "caf\udce9"], None) == 0
    assert events(path.read_bytes()) == [Log("caf\ufffd")]


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("lines 0 -- -1", "synthtop: emit lines: n: expected a whole number, 0..1000000000, found -1"),
        ("start a/b --slot 1024", "synthtop: emit start: slot: expected 0..1023, found 1024"),
        ("begin --workers 0", "synthtop: emit begin: workers: expected 1..1024, found 0"),
        ("queued 99999999999", "synthtop: emit queued: n: expected a whole number"),
        ("start a/b --slot x", "synthtop: emit start: slot: expected 0..1023, found 'x'"),
        ("start a/b --slot -1", "synthtop: emit start: slot: expected 0..1023, found -1"),
        ("phase zero build", "synthtop: emit phase: slot: expected 0..1023, found 'zero'"),
        ("lines 0 many", "synthtop: emit lines: n: expected a whole number, 0..1000000000, found 'many'"),
        ("begin --workers all", "synthtop: emit begin: workers: expected 1..1024, found 'all'"),
        ("log hello --slot 1.5", "synthtop: emit log: slot: expected 0..1023, found '1.5'"),
    ],
)
def test_what_no_reader_would_take_is_not_emitted(
    path: Path, capsys: pytest.CaptureFixture[str], words: str, wrong: str
) -> None:
    assert run([str(path), *words.split()], None) == 2
    assert capsys.readouterr().err.startswith(wrong)
    assert not path.exists()


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("build.events frobnicate", "invalid choice: 'frobnicate'"),
        (
            "done devel/gmake built",
            "FILE comes first, as in: synthtop emit build.events done devel/gmake built",
        ),
        ("build.events start devel/gmake", "the following arguments are required: --slot"),
        (
            "build.events done devel/gmake bulit",
            "expected one of built, failed, ignored, skipped, meta, found 'bulit'; did you mean built?",
        ),
        ("build.events done devel/gmake x\udce9", "skipped, meta, found 'x\ufffd'\n"),
        (
            "build.events end finish",
            "STATE: expected one of finished, interrupted, found 'finish'; did you mean f",
        ),
        ("build.events done devel/gmake built --duration soon", "argument --duration: "),
        ("build.events", "the following arguments are required: EVENT"),
    ],
)
def test_wrong_usage_is_told(capsys: pytest.CaptureFixture[str], words: str, wrong: str) -> None:
    with pytest.raises(SystemExit) as ended:
        run(words.split(), None)
    assert ended.value.code == 2
    assert wrong in capsys.readouterr().err


def test_a_fifo_without_a_reader_is_exit_status_1(fifo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([str(fifo), "end"], None) == 1
    assert (
        capsys.readouterr().err
        == f"synthtop: {fifo}: nobody reads it: start `synthtop --follow` with it first\n"
    )


def test_the_help_teaches_each_event_and_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["--help"], None)
    assert ended.value.code == 0
    said = capsys.readouterr().out
    for name in ("begin", "queued", "start", "phase", "lines", "done", "log", "end"):
        assert f"\n  {name} " in said
    assert "synthtop emit build.events done devel/gmake built" in said


# -- the examples --------------------------------------------------------------------------------------


def test_dsynths_hooks_tell_of_a_build_with_nothing_but_what_dsynth_gives_them(tmp_path: Path) -> None:
    hooks, logs = tmp_path / "hooks", tmp_path / "logs"
    hooks.mkdir()
    logs.mkdir()
    (logs / "lang___rust.log").touch()
    (logs / "synthtop.events").write_text('{"event":"begin","name":"the one before"}\n')
    (hooks / "synthtop").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m synthtop "$@"\n')
    for name in HOOKS:
        text = (EXAMPLES / "dsynth-hooks" / name).read_text()
        # Installed nowhere, it is found here.
        (hooks / name).write_text(text.replace("PATH=/usr/local/bin:", f"PATH={hooks}:/usr/local/bin:", 1))
    for file in hooks.iterdir():
        file.chmod(0o755)
    directories = ("PACKAGES", "REPOSITORY", "PORTS", "OPTIONS", "DISTFILES", "BUILDBASE")
    given = {
        "PROFILE": "LiveSystem",
        "DIR_LOGS": str(logs),
        **{f"DIR_{name}": "/none" for name in directories},
    }

    def call(name: str, **more: str) -> None:
        subprocess.run([hooks / name], env={**given, **more}, cwd="/", check=True, timeout=60)

    def package(result: str, origin: str, flavor: str | None = None) -> None:
        more = {"RESULT": result, "ORIGIN": origin, "FLAVOR": flavor or origin, "PKGNAME": "x-1.0.pkg"}
        call(f"hook_pkg_{result}", **more)

    call("hook_run_start", PORTS_QUEUED="5")
    package("success", "devel/foo", "py311")
    package("failure", "lang/rust")
    package("ignored", "lang/baz")
    package("skipped", "lang/qux")
    call("hook_run_end", PORTS_BUILT="1", PORTS_FAILED="1", PORTS_IGNORED="1", PORTS_SKIPPED="1")
    build = shown((logs / "synthtop.events").read_bytes())
    assert (build.state, build.source.name) == (BuildState.FINISHED, "LiveSystem")
    assert build.totals == Totals(5, built=1, failed=1, ignored=1, skipped=1)
    assert [package.origin for package in build.finished] == [
        "devel/foo@py311",
        "lang/rust",
        "lang/baz",
        "lang/qux",
    ]
    assert build.finished[1].log == str(logs / "lang___rust.log")


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_is_executable_and_needs_no_path(name: str) -> None:
    hook = EXAMPLES / "dsynth-hooks" / name
    assert os.access(hook, os.X_OK)
    assert hook.read_text().splitlines()[2].startswith("PATH=/usr/local/bin:/usr/bin:/bin")


def test_the_builder_in_shell_speaks_the_event_stream(tmp_path: Path) -> None:
    ran = subprocess.run(
        ["sh", EXAMPLES / "shell" / "build.sh", "a/one", "b/two"],
        env=environment(BUILD="echo building $1; test $1 = a/one", LOGS=str(tmp_path)),
        stdout=subprocess.PIPE,
        check=True,
        timeout=60,
    )
    build = shown(ran.stdout)
    assert build.state is BuildState.FINISHED
    assert build.totals == Totals(2, built=1, failed=1)
    assert not any("left out" in line.text for line in build.log)
    log = build.finished[1].log
    assert log is not None
    assert Path(log).read_text() == "building b/two\n"
