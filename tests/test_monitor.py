"""Monitor files in the file system: atomic, locked, out of nobody's way, and never followed elsewhere."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from synthtop import monitor
from synthtop.formats import json as json_format
from synthtop.formats import text as text_format
from synthtop.model import BuildState, Snapshot, Source, SourceKind, Totals
from synthtop.monitor import (
    LiveBuild,
    MonitorSink,
    live_builds,
    runtime_directories,
    who_holds,
)
from synthtop.pidlock import Holder, LockHeld, PidLock, holder
from synthtop.replacing import replace_file
from synthtop.targets import MonitorBusy, MonitorError, Target, parse_target

from .terminal import ROOT


def snapshot(elapsed: int, state: BuildState = BuildState.BUILDING, built: int = 0) -> Snapshot:
    return Snapshot(
        seq=elapsed + 1,
        state=state,
        time=1000.0 + elapsed,
        started=1000.0,
        elapsed=elapsed,
        source=Source(SourceKind.RUN, name="test"),
        totals=Totals(1 << 20, built),
    )


@pytest.fixture
def reports() -> list[str]:
    return []


@pytest.fixture
def sink(tmp_path: Path, reports: list[str]) -> Iterator[MonitorSink]:
    sink = MonitorSink(parse_target(str(tmp_path / "monitor.dat")), reports.append)
    yield sink
    sink.close()


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that keeps monitor.dat."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from synthtop.monitor import MonitorSink\n"
        "from synthtop.targets import parse_target\n"
        "sink = MonitorSink(parse_target(sys.argv[2]), print)\n"
        "print('held', flush=True); sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(ROOT), str(tmp_path / "monitor.dat")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


# -- what is asked for --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "targets"),
    [
        ("m.dat", (Target("text", "m.dat"), Target("json", "m.json"))),
        ("/a/b/monitor", (Target("text", "/a/b/monitor"), Target("json", "/a/b/monitor.json"))),
        ("m.json", (Target("json", "m.json"),)),
        ("text:m.dat", (Target("text", "m.dat"),)),
        ("json:/x/y", (Target("json", "/x/y"),)),
        ("./odd:name.dat", (Target("text", "./odd:name.dat"), Target("json", "./odd:name.json"))),
    ],
)
def test_a_path_is_a_pair_and_a_format_is_one_file(spec: str, targets: tuple[Target, ...]) -> None:
    assert parse_target(spec) == targets


@pytest.mark.parametrize("spec", ["yaml:m.dat", ":m.dat", "text:", "", "json:dir/", "a\0b"])
def test_what_cannot_be_a_target_is_an_error_that_names_it(spec: str) -> None:
    with pytest.raises(MonitorError, match="--monitor"):
        parse_target(spec)


def test_the_lock_has_the_files_name_with_another_suffix() -> None:
    assert Target("text", "/x/monitor.dat").lock == Target("json", "/x/monitor.json").lock == "/x/monitor.lk"


# -- what is written ----------------------------------------------------------------------------------


def test_text_is_written_every_two_seconds_and_json_at_each_tick(sink: MonitorSink, tmp_path: Path) -> None:
    seen = []
    for elapsed in range(5):
        sink.on_snapshot(snapshot(elapsed))
        text = text_format.decode((tmp_path / "monitor.dat").read_bytes(), now=0.0)
        read = json_format.decode((tmp_path / "monitor.json").read_bytes())
        seen.append((text.elapsed, read.elapsed))
    assert seen == [(0, 0), (0, 1), (2, 2), (2, 3), (4, 4)]


def test_files_can_be_read_by_all_and_written_by_the_owner(sink: MonitorSink, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        sink.on_snapshot(snapshot(0))
    finally:
        os.umask(before)
    assert (tmp_path / "monitor.dat").stat().st_mode & 0o777 == 0o644


def test_nothing_but_the_files_and_the_lock_is_left_in_the_directory(
    sink: MonitorSink, tmp_path: Path
) -> None:
    for elapsed in range(3):
        sink.on_snapshot(snapshot(elapsed))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["monitor.dat", "monitor.json", "monitor.lk"]


def test_at_the_end_the_json_stays_with_the_final_state(sink: MonitorSink, tmp_path: Path) -> None:
    sink.on_snapshot(snapshot(0))
    sink.on_snapshot(snapshot(1, BuildState.FINISHED))
    sink.close()
    sink.close()
    assert [file.name for file in tmp_path.iterdir()] == ["monitor.json"]
    assert json.loads((tmp_path / "monitor.json").read_bytes())["state"] == "finished"


def test_a_reader_at_full_speed_never_sees_a_mixture_or_nothing(sink: MonitorSink, tmp_path: Path) -> None:
    sink.on_snapshot(snapshot(0, built=7))
    done = threading.Event()
    wrong: list[str] = []
    reads = 0

    def read() -> None:
        nonlocal reads
        while not done.is_set():
            text = text_format.decode((tmp_path / "monitor.dat").read_bytes(), now=0.0)
            full = json_format.decode((tmp_path / "monitor.json").read_bytes())
            reads += 1
            for taken in (text, full):
                if taken.totals.built != (taken.elapsed or 0) + 7:
                    wrong.append(f"{taken.totals.built} built at {taken.elapsed}")

    reader = threading.Thread(target=read)
    reader.start()
    for elapsed in range(1, 1500):
        sink.on_snapshot(snapshot(elapsed, built=elapsed + 7))
    done.set()
    reader.join()
    assert wrong == []
    assert reads > 10


# -- links, directories, faults -----------------------------------------------------------------------


def test_a_symlink_in_the_files_place_is_replaced_and_not_followed(sink: MonitorSink, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep")
    (tmp_path / "monitor.dat").symlink_to(precious)
    sink.on_snapshot(snapshot(0))
    assert precious.read_text() == "keep"
    assert not (tmp_path / "monitor.dat").is_symlink()


def test_a_symlink_in_the_locks_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("keep")
    (tmp_path / "monitor.lk").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(MonitorError, match=r"monitor\.dat"):
        MonitorSink(parse_target(str(tmp_path / "monitor.dat")), print)
    assert (tmp_path / "elsewhere").read_text() == "keep"


def test_a_file_in_the_locks_place_that_is_no_lock_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "monitor.lk").write_text("the keys of the house\n")
    with pytest.raises(MonitorError, match=r"monitor\.dat cannot be kept: .*move it away \(.*monitor\.lk\)"):
        MonitorSink(parse_target(str(tmp_path / "monitor.dat")), print)
    assert (tmp_path / "monitor.lk").read_text() == "the keys of the house\n"


def test_a_device_or_a_fifo_in_the_files_place_is_refused_and_stays(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "m.dat")
    with pytest.raises(MonitorError, match="no regular file"):
        MonitorSink(parse_target(str(tmp_path / "m.dat")), print)
    assert (tmp_path / "m.dat").is_fifo()
    with pytest.raises(MonitorError, match="no regular file"):
        MonitorSink(parse_target("json:/dev/null"), print)
    assert not list(tmp_path.glob("*.lk"))


@pytest.mark.parametrize("name", ["m.dat", "m.json"])
def test_a_file_that_is_no_monitor_file_is_refused_and_stays(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("precious\n")
    with pytest.raises(MonitorError, match="is no monitor file"):
        MonitorSink(parse_target(str(tmp_path / "m.dat")), print)
    assert (tmp_path / name).read_text() == "precious\n"


@pytest.mark.parametrize("left", [b"", text_format.encode(snapshot(3)), json_format.encode(snapshot(3))])
def test_what_an_earlier_build_left_is_replaced(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "m.dat").write_bytes(left)
    sink = MonitorSink(parse_target(str(tmp_path / "m.dat")), print)
    sink.on_snapshot(snapshot(0, built=7))
    assert "Built=7" in (tmp_path / "m.dat").read_text()
    sink.close()


def test_a_directory_in_the_files_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "monitor.dat").mkdir()
    with pytest.raises(MonitorError, match="is a directory"):
        MonitorSink(parse_target(str(tmp_path / "monitor.dat")), print)


def test_a_missing_directory_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(MonitorError, match="No such file or directory"):
        MonitorSink(parse_target(str(tmp_path / "no" / "monitor.dat")), print)


def test_a_removed_directory_is_reported_once_and_writing_resumes(tmp_path: Path, reports: list[str]) -> None:
    place = tmp_path / "place"
    place.mkdir()
    sink = MonitorSink(parse_target(str(place / "monitor.dat")), reports.append)
    sink.on_snapshot(snapshot(0))
    for file in place.iterdir():
        file.unlink()
    place.rmdir()
    for elapsed in (1, 2, 3):
        sink.on_snapshot(snapshot(elapsed))
    assert len(reports) == 1
    assert "No such file or directory" in reports[0]
    place.mkdir()
    sink.on_snapshot(snapshot(4))
    assert len(reports) == 2
    assert "written again" in reports[1]
    assert holder(str(place / "monitor.lk")) == os.getpid()
    assert (place / "monitor.dat").exists()
    sink.close()


def test_a_full_disk_is_reported_and_leaves_the_last_file_as_it_was(
    sink: MonitorSink, tmp_path: Path, reports: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sink.on_snapshot(snapshot(0))
    before = (tmp_path / "monitor.json").read_bytes()

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("synthtop.replacing.os.write", full)
        for elapsed in (2, 3, 4):
            sink.on_snapshot(snapshot(elapsed))
    assert len(reports) == 1
    assert "No space left on device" in reports[0]
    assert (tmp_path / "monitor.json").read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["monitor.dat", "monitor.json", "monitor.lk"]
    sink.on_snapshot(snapshot(5))
    assert text_format.decode((tmp_path / "monitor.dat").read_bytes(), now=0.0).elapsed == 5


def leftover(path: Path) -> Path:
    return path.with_name(f".{path.name}.0123456789abcdef")


def test_what_a_killed_build_had_not_renamed_yet_is_removed_by_the_next(tmp_path: Path) -> None:
    for name in ("monitor.dat", "monitor.json"):
        leftover(tmp_path / name).write_text("half a snapsh")
    MonitorSink(parse_target(str(tmp_path / "monitor.dat")), print).close()
    assert list(tmp_path.iterdir()) == []


def test_leftovers_in_the_working_directory_are_found_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    leftover(tmp_path / "monitor.dat").write_text("half a snapsh")
    MonitorSink(parse_target("monitor.dat"), print).close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        ".other.dat.0123456789abcdef",
        ".monitor.dat.0123456789abcde",
        ".monitor.dat.0123456789ABCDEF",
        ".monitor.dat.0123456789abcdef0",
        ".monitor_dat.0123456789abcdef",
        "monitor.dat.0123456789abcdef",
    ],
)
def test_what_is_called_otherwise_is_no_leftover(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("keep")
    MonitorSink(parse_target(str(tmp_path / "monitor.dat")), print).close()
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_what_is_no_file_is_no_leftover(tmp_path: Path) -> None:
    leftover(tmp_path / "monitor.dat").symlink_to("elsewhere")
    leftover(tmp_path / "monitor.json").mkdir()
    MonitorSink(parse_target(str(tmp_path / "monitor.dat")), print).close()
    assert len(list(tmp_path.iterdir())) == 2


def test_another_builds_new_files_are_left_to_it(holding: subprocess.Popen[str], tmp_path: Path) -> None:
    leftover(tmp_path / "monitor.dat").write_text("at work")
    with pytest.raises(MonitorBusy):
        MonitorSink(parse_target(str(tmp_path / "monitor.dat")), print)
    assert leftover(tmp_path / "monitor.dat").exists()


def test_a_write_in_pieces_is_put_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.write
    monkeypatch.setattr("synthtop.replacing.os.write", lambda descriptor, data: whole(descriptor, data[:3]))
    replace_file(str(tmp_path / "file"), b"0123456789")
    assert (tmp_path / "file").read_bytes() == b"0123456789"


# -- locks --------------------------------------------------------------------------------------------


def test_the_lock_holds_our_pid_while_the_build_runs(sink: MonitorSink, tmp_path: Path) -> None:
    assert (tmp_path / "monitor.lk").read_text() == f"{os.getpid()}\n"
    assert who_holds(str(tmp_path / "monitor.dat")) == Holder(os.getpid(), os.geteuid())
    sink.close()
    assert who_holds(str(tmp_path / "monitor.dat")) is None


def test_a_second_writer_is_refused_with_the_others_pid(
    holding: subprocess.Popen[str], tmp_path: Path
) -> None:
    with pytest.raises(MonitorBusy, match=str(holding.pid)) as refused:
        MonitorSink(parse_target(str(tmp_path / "monitor.dat")), print)
    assert refused.value.pid == holding.pid


def test_the_lock_of_a_killed_writer_is_free(holding: subprocess.Popen[str], tmp_path: Path) -> None:
    holding.send_signal(signal.SIGKILL)
    holding.wait()
    assert who_holds(str(tmp_path / "monitor.dat")) is None
    sink = MonitorSink(parse_target(str(tmp_path / "monitor.dat")), print)
    assert who_holds(str(tmp_path / "monitor.dat")) == Holder(os.getpid(), os.geteuid())
    sink.close()


def test_a_removed_lock_is_made_again(sink: MonitorSink, tmp_path: Path, reports: list[str]) -> None:
    (tmp_path / "monitor.lk").unlink()
    sink.on_snapshot(snapshot(0))
    assert who_holds(str(tmp_path / "monitor.dat")) == Holder(os.getpid(), os.geteuid())
    assert reports == []


def test_a_lock_that_another_build_took_meanwhile_is_respected(tmp_path: Path, reports: list[str]) -> None:
    sink = MonitorSink(parse_target(str(tmp_path / "monitor.dat")), reports.append)
    sink.on_snapshot(snapshot(0))
    (tmp_path / "monitor.lk").unlink()
    other = PidLock(str(tmp_path / "monitor.lk"))
    (tmp_path / "monitor.dat").write_text("the other's")
    for elapsed in (2, 3):
        sink.on_snapshot(snapshot(elapsed))
    sink.close()
    assert len(reports) == 1
    assert (tmp_path / "monitor.dat").read_text() == "the other's"
    assert other.in_place
    other.release()


def test_targets_with_one_lock_share_it(tmp_path: Path) -> None:
    targets = [*parse_target(f"text:{tmp_path}/m.dat"), *parse_target(f"json:{tmp_path}/m.json")]
    sink = MonitorSink(targets, print)
    sink.on_snapshot(snapshot(0))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["m.dat", "m.json", "m.lk"]
    sink.close()


def test_a_file_that_is_asked_for_by_two_paths_is_kept_once(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(".")
    specs = (f"{tmp_path}/m.dat", f"json:{tmp_path}/link/m.json", f"text:{tmp_path}/./m.dat")
    sink = MonitorSink([target for spec in specs for target in parse_target(spec)], print)
    assert sink.paths == (f"{tmp_path}/m.dat", f"{tmp_path}/m.json")
    sink.close()


@pytest.mark.parametrize(
    "specs",
    [
        ("text:x.dat", "json:x.dat"),
        ("x", "text:x.json"),
        ("text:x.dat", "json:./x.dat"),
        ("text:x.dat", "json:link/x.dat"),
    ],
)
def test_one_file_cannot_have_two_formats(
    tmp_path: Path, specs: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(".")
    with pytest.raises(MonitorError, match=r"x\.\w+ is to be (text and json|json and text)"):
        MonitorSink([target for spec in specs for target in parse_target(spec)], print)
    assert [file.name for file in tmp_path.iterdir()] == ["link"]


@pytest.mark.parametrize("specs", [("text:m.dat", "text:m.lk"), ("json:m.lk",), ("m.lk",)])
def test_a_locks_name_is_no_monitor_files(
    tmp_path: Path, specs: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MonitorError, match=r"m\.lk is the name of a lock"):
        MonitorSink([target for spec in specs for target in parse_target(spec)], print)
    assert list(tmp_path.iterdir()) == []


def test_a_refused_target_leaves_no_lock_of_the_others_behind(tmp_path: Path) -> None:
    targets = [*parse_target(str(tmp_path / "first.dat")), *parse_target(str(tmp_path / "no" / "second.dat"))]
    with pytest.raises(MonitorError):
        MonitorSink(targets, print)
    assert list(tmp_path.iterdir()) == []


def test_a_look_that_is_in_the_way_for_a_moment_refuses_nobody(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    first = PidLock(path)
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            first.release()

    second = PidLock(path, clock=lambda: 0.02 * len(naps), sleep=nap)
    assert naps == [0.02] * 3
    assert second.in_place
    second.release()


def test_a_lock_that_stays_held_is_given_up_after_a_second(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    first = PidLock(path)
    naps: list[float] = []
    with pytest.raises(LockHeld) as held:
        PidLock(path, clock=lambda: 0.02 * len(naps), sleep=naps.append)
    assert held.value.pid == os.getpid()
    assert len(naps) == 50
    first.release()


@pytest.mark.parametrize("content", ["", "nonsense", "-5"])
def test_an_unreadable_pid_is_no_pid(tmp_path: Path, content: str) -> None:
    lock = PidLock(str(tmp_path / "lock"))
    (tmp_path / "lock").write_text(content)
    assert holder(str(tmp_path / "lock")) is None
    lock.release()


# -- where builds are by default ------------------------------------------------------------------------


def test_the_default_is_in_the_runtime_directory(tmp_path: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    sink = MonitorSink.at_default("ports", environ, print)
    assert sink.paths == (f"{tmp_path}/synthtop/ports.dat", f"{tmp_path}/synthtop/ports.json")
    assert (tmp_path / "synthtop").stat().st_mode & 0o777 == 0o700
    assert live_builds(environ) == [
        LiveBuild("ports", f"{tmp_path}/synthtop/ports.dat", Holder(os.getpid(), os.geteuid()))
    ]
    sink.close()
    assert live_builds(environ) == []


def test_without_a_runtime_directory_it_is_under_tmp() -> None:
    assert list(runtime_directories({})) == [f"/tmp/synthtop-{os.geteuid()}"]
    assert list(runtime_directories({"XDG_RUNTIME_DIR": "/no/such"})) == [f"/tmp/synthtop-{os.geteuid()}"]


def test_a_second_build_of_the_same_name_gets_a_number(tmp_path: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    sinks = [MonitorSink.at_default("ports", environ, print) for _ in range(3)]
    assert [os.path.basename(sink.paths[0]) for sink in sinks] == ["ports.dat", "ports-2.dat", "ports-3.dat"]
    for sink in sinks:
        sink.close()


@pytest.mark.parametrize(
    ("name", "file"), [("a/b c", "a_b_c.dat"), ("..", "build.dat"), (".hidden", "hidden.dat")]
)
def test_a_build_name_becomes_a_safe_file_name(tmp_path: Path, name: str, file: str) -> None:
    sink = MonitorSink.at_default(name, {"XDG_RUNTIME_DIR": str(tmp_path)}, print)
    assert os.path.basename(sink.paths[0]) == file
    sink.close()


def test_a_directory_that_others_may_enter_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "synthtop").mkdir()
    (tmp_path / "synthtop").chmod(0o755)
    with pytest.raises(MonitorError, match="mode is 0755"):
        MonitorSink.at_default("ports", {"XDG_RUNTIME_DIR": str(tmp_path)}, print)


def test_a_directory_that_got_its_group_from_the_one_it_is_in_is_as_good(tmp_path: Path) -> None:
    (tmp_path / "synthtop").mkdir()
    (tmp_path / "synthtop").chmod(0o2700)
    sink = MonitorSink.at_default("ports", {"XDG_RUNTIME_DIR": str(tmp_path)}, print)
    assert sink.paths[0] == f"{tmp_path}/synthtop/ports.dat"
    sink.close()


def test_a_directory_of_another_user_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "synthtop").mkdir(mode=0o700)
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(MonitorError, match=f"it belongs to uid {owner}"):
        MonitorSink.at_default("ports", {"XDG_RUNTIME_DIR": str(tmp_path)}, print)


def test_a_directory_that_cannot_be_made_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor, "FALLBACK", str(tmp_path / "missing"))
    with pytest.raises(MonitorError, match="cannot be made: No such file or directory"):
        MonitorSink.at_default("ports", {}, print)


def test_a_symlink_in_the_directorys_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "synthtop").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(MonitorError, match="is no directory"):
        MonitorSink.at_default("ports", {"XDG_RUNTIME_DIR": str(tmp_path)}, print)


def test_the_default_directory_is_made_again_when_it_vanishes(tmp_path: Path, reports: list[str]) -> None:
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    sink = MonitorSink.at_default("ports", environ, reports.append)
    sink.on_snapshot(snapshot(0))
    for file in (tmp_path / "synthtop").iterdir():
        file.unlink()
    (tmp_path / "synthtop").rmdir()
    sink.on_snapshot(snapshot(1))
    assert reports == []
    assert (tmp_path / "synthtop" / "ports.dat").exists()
    assert [live.name for live in live_builds(environ)] == ["ports"]
    sink.close()


def test_where_the_runtime_directory_vanishes_the_files_move_to_the_fallback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "FALLBACK", str(tmp_path))
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    sink = MonitorSink.at_default("ports", {"XDG_RUNTIME_DIR": str(runtime)}, print)
    shutil.rmtree(runtime)
    sink.on_snapshot(snapshot(0))
    moved = tmp_path / f"synthtop-{os.geteuid()}"
    assert sink.paths == (f"{moved}/ports.dat", f"{moved}/ports.json")
    assert sorted(file.name for file in moved.iterdir()) == ["ports.dat", "ports.json", "ports.lk"]
    sink.close()
