"""The results log of somebody else's build: read once, then only what it grew by."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthtop.follow import tail as module
from synthtop.follow.tail import PackageLogs, ResultsTail
from synthtop.model import Finished, LogKind, Outcome, Totals

from . import samples

START = b"[000] START   devel/gmake\n"
SUCCESS = b"[000] SUCCESS devel/gmake                                              00:00:41\n"
SKIPPED = b"[XXX] lang/qux skipped due to lang/bar\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "00_last_results.log"


@pytest.fixture
def tail(path: Path, tmp_path: Path) -> ResultsTail:
    return ResultsTail(str(path), str(tmp_path))


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def texts(tail: ResultsTail) -> list[str]:
    return [line.text for line in tail.log]


def test_what_was_there_before_following_has_no_time_and_what_comes_has_the_builds(
    tail: ResultsTail, path: Path
) -> None:
    path.write_bytes(START)
    assert tail.poll(700)
    append(path, SUCCESS)
    assert tail.poll(741)
    assert [(line.seq, line.at, line.slot, line.kind) for line in tail.log] == [
        (1, None, 0, LogKind.START),
        (2, 741, 0, LogKind.BUILT),
    ]
    assert list(tail.finished) == [Finished("devel/gmake", Outcome.BUILT, 741, 0, duration=41)]


def test_the_log_of_a_build_that_had_none_yet_has_times_from_its_first_line_on(
    tail: ResultsTail, path: Path
) -> None:
    assert not tail.poll(0)
    path.write_bytes(START)
    assert tail.poll(1)
    assert [line.at for line in tail.log] == [1]


def test_nothing_is_new_in_a_log_that_did_not_grow(tail: ResultsTail, path: Path) -> None:
    path.write_bytes(START)
    tail.poll(1)
    assert not tail.poll(2)
    assert texts(tail) == ["[000] START   devel/gmake"]


def test_a_line_without_its_end_waits_for_it(tail: ResultsTail, path: Path) -> None:
    path.write_bytes(START + SUCCESS[:20])
    tail.poll(1)
    assert texts(tail) == ["[000] START   devel/gmake"]
    append(path, SUCCESS[20:])
    tail.poll(2)
    assert list(tail.finished) == [Finished("devel/gmake", Outcome.BUILT, 2, 0, duration=41)]


def test_a_truncated_log_is_another_builds(tail: ResultsTail, path: Path) -> None:
    path.write_bytes(START + SUCCESS)
    tail.poll(900)
    path.write_bytes(SKIPPED)
    assert tail.poll(3)
    assert [(line.seq, line.at, line.text) for line in tail.log] == [
        (1, 3, "[XXX] lang/qux skipped due to lang/bar")
    ]
    assert tail.totals == Totals(None, skipped=1)
    assert tail.began == 1


def test_a_log_that_was_truncated_and_is_longer_again_is_another_builds(
    tail: ResultsTail, path: Path
) -> None:
    path.write_bytes(SUCCESS)
    tail.poll(900)
    path.write_bytes(SKIPPED * 3)
    tail.poll(3)
    assert texts(tail) == ["[XXX] lang/qux skipped due to lang/bar"] * 3


def test_a_log_that_was_emptied_is_empty(tail: ResultsTail, path: Path) -> None:
    path.write_bytes(SUCCESS)
    tail.poll(900)
    path.write_bytes(b"")
    assert tail.poll(0)
    assert (len(tail.log), len(tail.finished), tail.totals) == (0, 0, Totals(None))


def test_a_replaced_log_is_another_builds_also_where_it_begins_alike(tail: ResultsTail, path: Path) -> None:
    path.write_bytes(START)
    tail.poll(1)
    other = path.with_suffix(".new")
    other.write_bytes(START + SUCCESS)
    other.rename(path)
    tail.poll(2)
    assert [line.at for line in tail.log] == [2, 2]


def test_a_log_that_vanished_is_kept_until_another_comes(tail: ResultsTail, path: Path) -> None:
    path.write_bytes(START)
    tail.poll(1)
    path.unlink()
    assert not tail.poll(2)
    assert isinstance(tail.problem, FileNotFoundError)
    assert texts(tail) == ["[000] START   devel/gmake"]
    path.write_bytes(SKIPPED)
    tail.poll(3)
    assert tail.problem is None
    assert texts(tail) == ["[XXX] lang/qux skipped due to lang/bar"]


@pytest.mark.parametrize("name", ["a directory", "a pipe", "no name\0"])
def test_what_is_no_file_is_an_empty_log(tmp_path: Path, name: str) -> None:
    if name == "a directory":
        (tmp_path / name).mkdir()
    elif name == "a pipe":
        os.mkfifo(tmp_path / name)
    tail = ResultsTail(str(tmp_path / name), None)
    assert not tail.poll(1)
    assert len(tail.log) == 0


def test_who_waits_to_write_into_a_pipe_in_its_place_is_left_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    waiting = threading.Thread(target=lambda: os.close(os.open(tmp_path / "pipe", os.O_WRONLY)), daemon=True)
    waiting.start()
    ResultsTail(str(tmp_path / "pipe"), None).poll(1)
    waiting.join(0.1)
    assert waiting.is_alive()
    os.close(os.open(tmp_path / "pipe", os.O_RDONLY))
    waiting.join()


def test_views_taken_before_are_not_disturbed_by_what_comes(tail: ResultsTail, path: Path) -> None:
    path.write_bytes(START)
    tail.poll(1)
    before = tail.log
    append(path, SUCCESS)
    tail.poll(2)
    path.write_bytes(b"")
    tail.poll(3)
    assert [line.text for line in before] == ["[000] START   devel/gmake"]


def test_it_knows_what_was_started_and_has_not_ended(tail: ResultsTail, path: Path) -> None:
    path.write_bytes(samples.results())
    tail.poll(943)
    assert tail.running == {"devel/gmake": 0}
    assert tail.slots == 2


def test_a_slot_that_takes_another_package_has_let_go_of_its_last_one(tail: ResultsTail, path: Path) -> None:
    path.write_bytes(b"[001] START   lang/go\n[001] START   lang/rust\n")
    tail.poll(1)
    assert tail.running == {"lang/rust": 1}


def test_a_package_that_is_started_again_runs_where_it_was_started_last(
    tail: ResultsTail, path: Path
) -> None:
    path.write_bytes(b"[001] START   lang/go\n[002] START   lang/go\n[002] START   lang/rust\n")
    tail.poll(1)
    assert tail.running == {"lang/rust": 2}


def test_outcomes_are_counted(tail: ResultsTail, path: Path) -> None:
    path.write_bytes(samples.results())
    tail.poll(943)
    assert tail.totals._replace(queued=0) == Totals(0, built=1, failed=1, ignored=2, skipped=1, meta=1)


def test_what_is_started_again_has_not_failed_any_more(tail: ResultsTail, path: Path) -> None:
    failure = b"[000] FAILURE lang/bar 2      build 00:00:41\n"
    path.write_bytes(failure + SKIPPED + SUCCESS)
    tail.poll(700)
    before = tail.finished
    append(path, b"[001] START   lang/bar\n[002] START   lang/qux\n[000] START   devel/gmake\n")
    tail.poll(701)
    assert tail.totals == Totals(None, built=1)
    assert [one.origin for one in tail.finished] == ["devel/gmake"]
    assert len(before) == 3
    append(path, b"[001] SUCCESS lang/bar   00:00:41\n" + SKIPPED)
    tail.poll(702)
    assert tail.totals == Totals(None, built=2, skipped=1)
    assert [one.origin for one in tail.finished] == ["devel/gmake", "lang/bar", "lang/qux"]


def test_what_fails_and_is_started_again_in_one_poll_ends_as_it_does_last(
    tail: ResultsTail, path: Path
) -> None:
    failure, start = b"[000] FAILURE lang/bar 2      build 00:00:41\n", b"[000] START   lang/bar\n"
    path.write_bytes((start + failure) * 3 + start + b"[000] SUCCESS lang/bar   00:00:41\n")
    tail.poll(700)
    assert tail.totals == Totals(None, built=1)
    assert [(one.origin, one.outcome) for one in tail.finished] == [("lang/bar", Outcome.BUILT)]


def test_both_dialects_are_read(tail: ResultsTail, path: Path) -> None:
    path.write_bytes(samples.gosynth_results())
    tail.poll(61)
    assert [(package.origin, package.outcome, package.phase) for package in tail.finished] == [
        ("devel/gmake", Outcome.BUILT, None),
        ("editors/vim", Outcome.FAILED, "configure"),
    ]


def test_what_was_tried_has_its_log_where_there_is_one(tail: ResultsTail, path: Path, tmp_path: Path) -> None:
    for name in ("shells___bash", "lang___baz", "x11___kde5"):
        (tmp_path / f"{name}.log").write_text("")
    path.write_bytes(samples.results())
    tail.poll(943)
    logs = {package.origin: package.log for package in tail.finished if package.log is not None}
    # What was ignored was not built: a log of its name is an earlier build's.
    assert logs == {"shells/bash": str(tmp_path / "shells___bash.log")}


def test_the_logs_of_many_packages_are_found_as_those_of_few(
    tail: ResultsTail, path: Path, tmp_path: Path
) -> None:
    (tmp_path / "devel___p7.log").write_text("")
    (tmp_path / "devel___p8.log").mkdir()
    path.write_bytes(b"".join(b"[000] SUCCESS devel/p%d      00:00:01\n" % number for number in range(600)))
    tail.poll(1)
    logs = {package.origin: package.log for package in tail.finished if package.log is not None}
    assert logs == {"devel/p7": str(tmp_path / "devel___p7.log")}


def test_a_long_log_is_read_in_several_polls_and_all_of_it_was_there_before(
    tail: ResultsTail, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CHUNK", 1000)
    path.write_bytes(SKIPPED * 100)
    while tail.poll(7):
        pass
    append(path, SUCCESS)
    tail.poll(8)
    assert len(tail.log) == 101
    assert {line.at for line in tail.log.tail(101)[:-1]} == {None}
    assert tail.log[-1].at == 8


def test_many_short_lines_are_read_in_several_polls(
    tail: ResultsTail, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_LINES", 10)
    path.write_bytes(b"".join(b"%d\n" % number for number in range(95)))
    tail.poll(7)
    assert len(tail.log) == 10
    while tail.poll(7):
        pass
    assert texts(tail) == [str(number) for number in range(95)]


def test_of_an_endless_line_the_beginning_is_kept_and_the_next_line_is_read(
    tail: ResultsTail, path: Path
) -> None:
    path.write_bytes(b"[XXX] " + b"x" * 70_000)
    tail.poll(1)
    append(path, b"y" * 10_000)
    tail.poll(2)
    append(path, b"y\n" + SKIPPED)
    tail.poll(3)
    assert [line[:10] for line in texts(tail)] == ["[XXX] xxxx", "[XXX] lang"]
    assert len(texts(tail)[0]) == 1024


@given(
    st.lists(
        st.sampled_from([START, SUCCESS, SKIPPED, b"\n", b"\xff\0 odd\n", b"x" * 300 + b"\n"]), max_size=30
    ),
    st.lists(st.integers(0, 3000), max_size=10),
)
def test_it_reads_the_same_in_whatever_pieces_the_log_comes(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], cuts: list[int]
) -> None:
    path = tmp_path_factory.mktemp("pieces") / "00_last_results.log"
    data = b"".join(lines)
    piecewise = ResultsTail(str(path), None)
    for cut in [*sorted(cuts), len(data)]:
        path.open("ab").close()
        append(path, data[path.stat().st_size : cut])
        piecewise.poll(1)
    at_once = ResultsTail(str(path), None)
    at_once.poll(1)
    assert texts(piecewise) == texts(at_once)
    assert piecewise.totals == at_once.totals
    assert piecewise.running == at_once.running


class TestPackageLogs:
    def test_a_log_that_is_not_there_is_asked_for_again_later(self, tmp_path: Path) -> None:
        logs = PackageLogs(str(tmp_path))
        assert logs.path("devel/gmake", 0.0) is None
        (tmp_path / "devel___gmake.log").write_text("")
        assert logs.path("devel/gmake", 0.5) is None
        assert logs.path("devel/gmake", 1.0) == str(tmp_path / "devel___gmake.log")

    def test_a_log_that_was_there_is_not_asked_for_again(self, tmp_path: Path) -> None:
        log = tmp_path / "devel___gmake.log"
        log.write_text("")
        logs = PackageLogs(str(tmp_path))
        logs.path("devel/gmake", 0.0)
        log.unlink()
        assert logs.path("devel/gmake", 99.0) == str(log)

    def test_it_asks_less_and_less_often(self, tmp_path: Path) -> None:
        asked: list[str] = []

        def name_of(origin: str) -> str:
            asked.append(origin)
            return "none.log"

        logs = PackageLogs(str(tmp_path), name_of)
        for second in range(600):
            logs.path("devel/gmake", float(second))
        assert 8 <= len(asked) <= 20

    @pytest.mark.parametrize(
        "name", ["../secret.log", "/etc/passwd", "no\0name.log", "\udc80\ud800.log", "pipe.log", None]
    )
    def test_no_log_is_anywhere_else_or_anything_else(self, tmp_path: Path, name: str | None) -> None:
        (tmp_path / "secret.log").write_text("")
        directory = tmp_path / "logs"
        directory.mkdir()
        os.mkfifo(directory / "pipe.log")
        logs = PackageLogs(str(directory), lambda _: name)
        assert logs.path("devel/gmake", 0.0) is None
        package = Finished("devel/gmake", Outcome.BUILT, 1)
        assert [ended.log for count in (1, 600) for ended in logs.finished([package] * count)] == [None] * 601

    def test_it_does_not_remember_more_than_a_build_can_have_at_once(self, tmp_path: Path) -> None:
        logs = PackageLogs(str(tmp_path))
        for number in range(20_000):
            logs.path(f"devel/p{number}", 0.0)
        assert len(logs._missing) <= 4096
