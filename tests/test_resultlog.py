"""00_last_results.log: what each line says, in dsynth's words, in our own and in go-synth's."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.formats import resultlog, results
from synthtop.model import Finished, LogKind, Outcome
from tests import samples

KINDS = {outcome: LogKind(outcome.value) for outcome in Outcome}


def package(line: str) -> Finished:
    found = resultlog.parse(line).package
    assert found is not None
    return found


def test_each_line_of_a_dsynth_build_is_of_its_kind() -> None:
    entries = [resultlog.parse(line) for line in samples.results().decode().splitlines()]
    assert [(entry.kind, entry.slot, entry.origin) for entry in entries] == [
        (LogKind.START, 0, "devel/gmake"),
        (LogKind.START, 1, "shells/bash"),
        (LogKind.IGNORED, None, "x11/kde5"),
        (LogKind.IGNORED, None, "lang/baz"),
        (LogKind.BUILT, 1, "shells/bash"),
        (LogKind.FAILED, 3, "editors/vim"),
        (LogKind.SKIPPED, None, "editors/vim-tiny"),
        (LogKind.META, None, "devel/meta"),
        (LogKind.THROTTLE, None, None),
        (LogKind.NOTE, 2, None),
    ]


def test_the_packages_of_a_dsynth_build_have_what_their_lines_say() -> None:
    entries = [resultlog.parse(line) for line in samples.results().decode().splitlines()]
    assert [entry.package for entry in entries if entry.package] == [
        Finished("x11/kde5", Outcome.IGNORED, None, reason="IS_META: nothing to do"),
        Finished("lang/baz", Outcome.IGNORED, None, reason="BROKEN: does not fetch", blocks=2),
        Finished("shells/bash", Outcome.BUILT, None, 1, duration=131),
        Finished("editors/vim", Outcome.FAILED, None, 3, "configure", duration=69, blocks=3),
        Finished("editors/vim-tiny", Outcome.SKIPPED, None, reason="editors/vim"),
        Finished("devel/meta", Outcome.META, None),
    ]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("[004] IGNORD x11/foo - broken", Finished("x11/foo", Outcome.IGNORED, None, 4, reason="broken")),
        (
            "[004] SKIPPD x11/bar 3 - x11/foo",
            Finished("x11/bar", Outcome.SKIPPED, None, 4, reason="x11/foo", blocks=3),
        ),
        (
            "[XXX] lang/qux 7 skipped due to lang/bar",
            Finished("lang/qux", Outcome.SKIPPED, None, reason="lang/bar", blocks=7),
        ),
        (
            "[007] FAILURE lang/bar                              build 101:00:09",
            Finished("lang/bar", Outcome.FAILED, None, 7, "build", duration=363609),
        ),
        (
            f"[007] FAILURE lang/{'x' * 70} 2 extract-depends 00:00:09",
            Finished(f"lang/{'x' * 70}", Outcome.FAILED, None, 7, "extract-depends", duration=9, blocks=2),
        ),
        (
            f"[1023] SUCCESS lang/{'x' * 70} --:--:--",
            Finished(f"lang/{'x' * 70}", Outcome.BUILT, None, 1023),
        ),
    ],
)
def test_a_line_of_dsynths_gives_its_package(line: str, found: Finished) -> None:
    assert package(line) == found


@pytest.mark.parametrize("line", ["[XXX] shells/zsh Already-Built", "[XXX] shells/zsh META-ALREADY-BUILT"])
def test_what_was_built_already_is_a_note_about_it_and_no_package_of_this_build(line: str) -> None:
    assert resultlog.parse(line) == resultlog.Entry(LogKind.NOTE, None, line, "shells/zsh")


@pytest.mark.parametrize("phase", ["build", None])
def test_a_stall_is_about_its_package(phase: str | None) -> None:
    line = results.stalled_line(3, "lang/rust", phase, 10_800)
    assert resultlog.parse(line) == resultlog.Entry(LogKind.STALLED, 3, line, "lang/rust")


def test_go_synths_lines_say_outcome_and_time_of_day() -> None:
    built, failed = [resultlog.parse(line) for line in samples.gosynth_results().decode().splitlines()]
    assert built.package == Finished("devel/gmake", Outcome.BUILT, None)
    assert failed.package == Finished("editors/vim", Outcome.FAILED, None, phase="configure")
    assert (built.clock, failed.clock) == (36041, 36062)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("[15:04:05] SKIPPED: a/b", Finished("a/b", Outcome.SKIPPED, None)),
        ("[15:04:05] IGNORED: a/b (BROKEN (x))", Finished("a/b", Outcome.IGNORED, None, reason="BROKEN (x)")),
        ("[15:04:05] FAILED: a/b", Finished("a/b", Outcome.FAILED, None)),
        (
            "[15:04:05] [a1b2c3d4] [W2] a/b: FAILED: it went wrong (phase: build)",
            Finished("a/b", Outcome.FAILED, None, 2, "build"),
        ),
        ("[15:04:05] [a1b2c3d4] [W0] a/b: SUCCESS: built", Finished("a/b", Outcome.BUILT, None, 0)),
    ],
)
def test_a_line_of_go_synths_gives_its_package(line: str, found: Finished) -> None:
    assert package(line) == found


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[",
        "[XXX]",
        "[XXX] ",
        "[003] SUCCESS",
        "[003] SUCCESS ",
        "[003] FAILURE lang/bar",
        "[003] FAILURE  configure 00:01:09",
        "[003] IGNORD x11/foo",
        "[003] START   ",
        "[XXX]  meta-node complete",
        "[XXX]  ignored due to x",
        "[15:04:05] SUCCESS: ",
        "[15:04:05] INFO: hello",
        "[25:04:05] SUCCESS: a/b",
        "[99999] SUCCESS a/b 00:00:01",
        "dsynth build log - 2026-05-01T10:00:00Z",
        "=" * 70,
    ],
)
def test_what_says_nothing_of_a_package_is_a_note_with_its_text(line: str) -> None:
    entry = resultlog.parse(line)
    assert (entry.kind, entry.package, entry.text) == (LogKind.NOTE, None, line.rstrip())


def test_a_time_that_is_none_is_not_known() -> None:
    assert package("[003] SUCCESS a/b                          00:99:01").duration is None


ORIGINS = st.from_regex(r"[a-z]{1,40}/[a-z0-9]{1,40}(@py3[0-9])?", fullmatch=True)
SLOTS = st.none() | st.integers(0, 1023)
SECONDS = st.none() | st.integers(0, 10**6)
BLOCKS = st.integers(0, 10**4)
PHASES = st.none() | st.sampled_from(["build", "check-plist"])
REASONS = st.none() | st.just("BROKEN: does not fetch - yet")


@st.composite
def packages(draw: st.DrawFn) -> Finished:
    """One that ended in any way, with all that its line says."""
    origin, outcome = draw(ORIGINS), draw(st.sampled_from(Outcome))
    if outcome is Outcome.BUILT:
        return Finished(origin, outcome, None, draw(SLOTS), duration=draw(SECONDS))
    if outcome is Outcome.FAILED:
        slot, phase, took = draw(SLOTS), draw(PHASES), draw(SECONDS)
        return Finished(origin, outcome, None, slot, phase, duration=took, blocks=draw(BLOCKS))
    if outcome is Outcome.IGNORED:
        return Finished(origin, outcome, None, reason=draw(REASONS), blocks=draw(BLOCKS))
    reason = draw(st.none() | ORIGINS) if outcome is Outcome.SKIPPED else None
    return Finished(origin, outcome, None, reason=reason)


@given(packages())
@settings(max_examples=100)
def test_a_line_that_we_write_gives_the_package_back(written: Finished) -> None:
    line = results.padded(results.completion_line(written)).decode()
    entry = resultlog.parse(line)
    assert entry.package == written
    assert entry.kind is KINDS[written.outcome]
    assert entry.text == results.completion_line(written)
    assert resultlog.is_result(line)


@given(ORIGINS, st.integers(0, 1023))
@settings(max_examples=50)
def test_a_start_that_we_write_gives_slot_and_origin_back(origin: str, slot: int) -> None:
    entry = resultlog.parse(results.start_line(slot, origin))
    assert (entry.kind, entry.slot, entry.origin) == (LogKind.START, slot, origin)


def test_an_origin_may_have_blanks() -> None:
    assert package(results.failure_line(1, "my own/pkg", 2, "build it", 9)) == Finished(
        "my own/pkg", Outcome.FAILED, None, 1, "build it", duration=9, blocks=2
    )
    assert resultlog.parse(results.start_line(1, "my own/pkg")).origin == "my own/pkg"


PIECES = [
    "[003] ", "[XXX] ", "[10:00:00] ", "[a] [W1] x: ", "SUCCESS ", "FAILURE ", "IGNORD ", "START   ",
    "FAILED: ", "IGNORED: ", " - ", " ignored due to ", " skipped due to ", " meta-node complete", "a/b",
    " 3", " ", "00:00:01", "(", ")", " (phase: ", "\x1b[31m", "\ud800", "Load=", " Adjust Workers ",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | st.text())
@settings(max_examples=300)
def test_no_line_is_an_error(line: str) -> None:
    entry = resultlog.parse(line)
    resultlog.is_result(line)
    assert entry.text == line.rstrip()
    if entry.package is not None:
        assert entry.origin == entry.package.origin != ""
        assert entry.kind is KINDS[entry.package.outcome]


@pytest.mark.parametrize("line", samples.results().decode().splitlines()[:-1])
def test_a_result_of_dsynths_is_surely_one(line: str) -> None:
    assert resultlog.is_result(line)


@pytest.mark.parametrize("line", samples.gosynth_results().decode().splitlines())
def test_a_result_of_go_synths_is_surely_one(line: str) -> None:
    assert resultlog.is_result(line)


@pytest.mark.parametrize(
    "line", ["", "[003] something else", "Load=3.24", "[10:00:00] hello: world", '{"event": "start"}', "[1]"]
)
def test_any_other_line_is_not_surely_one(line: str) -> None:
    assert not resultlog.is_result(line)
