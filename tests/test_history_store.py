"""What is written into the history is read from it: by whom, and however many tell of one build."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.history.problem import NoHistory
from synthtop.history.reading import SILENT, History
from synthtop.history.record import Minute, PackageRecord, Run
from synthtop.history.writing import Writer
from synthtop.model import BuildState, Outcome, SourceKind, Totals

from .histories import HOUR, LOGS, STARTED, ended, minute, package, run

NOW = STARTED + 20


def silent(text: str) -> None:
    raise AssertionError(f"nothing was to be told: {text}")


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "state" / "synthtop" / "history.db")


@pytest.fixture
def writer(path: str) -> Iterator[Writer]:
    writer = Writer(path, tell=silent)
    yield writer
    writer.close()


# -- what is written is read -------------------------------------------------------------------------


def test_a_build_is_read_as_it_was_written(writer: Writer, path: str) -> None:
    begun = writer.begin(run())
    packages = [package("devel/gmake"), package("editors/vim", Outcome.FAILED)._replace(reason="exit 1")]
    writer.write(begun, packages, [minute(0), minute(1, None)])
    with History(path) as history:
        assert history.runs(now=NOW) == [begun]
        assert history.run(begun.id, now=NOW) == begun
        assert history.packages(begun.id) == packages
        assert history.minutes(begun.id) == [minute(0), minute(1, None)]


def test_what_was_never_recorded_is_not_found(writer: Writer, path: str) -> None:
    with History(path) as history:
        assert history.runs(now=NOW) == []
        assert history.run(1, now=NOW) is None
        assert history.packages(1) == []
        assert history.minutes(1) == []
        assert history.builds("devel/gmake") == []
        assert history.near("devel/gmake") == []
        assert history.origins_of_last("main", "tinderbox", NOW) == []


def test_there_is_no_history_before_the_first_build(tmp_path: Path) -> None:
    with pytest.raises(NoHistory, match="not there yet"):
        History(str(tmp_path / "history.db"))
    (tmp_path / "history.db").touch()
    with pytest.raises(NoHistory, match="empty"):
        History(str(tmp_path / "history.db"))


def test_the_file_and_its_directory_are_the_users_own(writer: Writer, path: str) -> None:
    writer.write(writer.begin(run()), [], [])
    for name in (path, f"{path}-wal", f"{path}-shm"):
        assert stat.S_IMODE(os.stat(name).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700
    assert sorted(os.listdir(os.path.dirname(path))) == ["history.db", "history.db-shm", "history.db-wal"]


def test_a_closed_history_is_one_file(path: str) -> None:
    writer = Writer(path, tell=silent)
    writer.write(writer.begin(run()), [package("devel/gmake")], [])
    writer.close()
    writer.close()
    assert os.listdir(os.path.dirname(path)) == ["history.db"]
    with History(path) as history:
        assert len(history.packages(1)) == 1


def test_a_history_may_lie_where_a_name_is_no_url(tmp_path: Path) -> None:
    path = str(tmp_path / "100%?a=b#c \udcff" / "history.db")
    writer = Writer(path, tell=silent)
    writer.write(writer.begin(run()), [], [])
    with History(path) as history:
        assert len(history.runs(now=NOW)) == 1
    writer.close()
    assert os.listdir(os.path.dirname(path))


TEXT = st.text(st.characters(), max_size=12)  # with lone surrogates, as file names have them
PATHS = st.one_of(
    st.none(), TEXT, TEXT.map(lambda name: f"{LOGS}/{name}"), st.sampled_from(["*", "*/x", "**/x", LOGS])
)
FIGURES = st.one_of(st.none(), st.floats(allow_nan=False))
COUNTS = st.integers(0, 1 << 53)
TIMES = st.floats(0, 1e11)


@st.composite
def runs(draw: st.DrawFn) -> Run:
    return Run(
        0,
        draw(TEXT),
        draw(TEXT),
        draw(st.sampled_from(SourceKind)),
        draw(st.booleans()),
        draw(PATHS),
        draw(PATHS),
        draw(TIMES),
        draw(st.one_of(st.none(), TIMES)),
        draw(TIMES),
        draw(st.sampled_from([state for state in BuildState if state is not BuildState.BUILDING])),
        draw(COUNTS),
        draw(st.one_of(st.none(), COUNTS)),
        *(draw(FIGURES) for _ in range(3)),
        Totals(draw(st.one_of(st.none(), COUNTS)), *(draw(COUNTS) for _ in range(5))),
    )


PACKAGES = st.builds(
    PackageRecord,
    TEXT,
    st.sampled_from(Outcome),
    st.one_of(st.none(), TEXT),
    st.one_of(st.none(), TEXT),
    st.one_of(st.none(), TIMES),
    st.one_of(st.none(), COUNTS),
    st.one_of(st.none(), COUNTS),
    PATHS,
)
MINUTES = st.builds(Minute, COUNTS, *[FIGURES] * (len(Minute._fields) - 1))


@settings(max_examples=40)
@given(
    runs(),
    st.lists(PACKAGES, max_size=5, unique_by=lambda one: one.origin),
    st.lists(MINUTES, max_size=3, unique_by=lambda one: one.minute),
)
def test_whatever_is_written_is_read(told: Run, packages: list[PackageRecord], minutes: list[Minute]) -> None:
    with TemporaryDirectory() as directory:
        path = f"{directory}/history.db"
        writer = Writer(path, tell=silent)
        begun = writer.begin(told)
        assert begun == told._replace(id=1)
        writer.write(begun, packages, minutes)
        with History(path) as history:
            assert history.run(1) == begun
            assert history.packages(1) == packages
            assert history.minutes(1) == sorted(minutes)
            for one in packages:
                assert history.builds(one.origin)[0].package == one
        writer.close()


# -- in which order, and which of them ---------------------------------------------------------------


def test_runs_come_newest_first_whenever_they_were_recorded(writer: Writer, path: str) -> None:
    for hours, name in ((2, "b"), (3, "a"), (1, "a")):
        writer.begin(ended(STARTED + hours * HOUR, name=name, logs=None))
    with History(path) as history:
        assert [one.id for one in history.runs()] == [2, 1, 3]
        assert [one.id for one in history.runs(2)] == [2, 1]
        assert history.runs(0) == []
        assert [one.id for one in history.runs(name="a")] == [2, 3]
        assert [one.id for one in history.runs(1, name="b")] == [1]
        assert history.runs(host="elsewhere") == []


def test_packages_come_in_the_order_in_which_they_ended(writer: Writer, path: str) -> None:
    begun = writer.begin(run())
    writer.write(begun, [package("z/z"), package("a/a", Outcome.FAILED), package("m/m")], [])
    writer.write(begun, [package("b/b"), package("a/a")], [])  # a/a was built once more
    with History(path) as history:
        assert [one.origin for one in history.packages(begun.id)] == ["z/z", "m/m", "b/b", "a/a"]


def test_a_silent_build_is_gone_and_one_heard_of_is_not(writer: Writer, path: str) -> None:
    begun = writer.begin(run(updated=STARTED))
    with History(path) as history:
        assert history.runs(now=STARTED + SILENT)[0].state is BuildState.BUILDING
        assert history.runs(now=STARTED + SILENT + 1)[0].state is BuildState.GONE
        found = history.run(begun.id, now=STARTED + SILENT + 1)
        assert found == begun._replace(state=BuildState.GONE)


def test_a_build_that_was_heard_of_before_the_clock_was_set_back_is_gone(writer: Writer, path: str) -> None:
    writer.begin(run(updated=STARTED))
    with History(path) as history:
        assert history.runs(now=STARTED - SILENT)[0].state is BuildState.BUILDING
        assert history.runs(now=STARTED - SILENT - 1)[0].state is BuildState.GONE


def test_how_a_package_went_comes_newest_run_first(writer: Writer, path: str) -> None:
    for hours, duration in ((5, 50), (9, 90), (1, 10)):
        begun = writer.begin(ended(STARTED + hours * HOUR))
        writer.write(begun, [package("devel/gmake", duration=duration), package("a/b")], [])
    with History(path) as history:
        builds = history.builds("devel/gmake")
        assert [(one.run, one.package.duration) for one in builds] == [(2, 90), (1, 50), (3, 10)]
        assert {(one.host, one.name) for one in builds} == {("tinderbox", "main")}
        assert [one.run for one in history.builds("devel/gmake", 1)] == [2]


def test_near_origins_contain_the_word_or_resemble_it(writer: Writer, path: str) -> None:
    origins = ("editors/vim", "editors/vim-gtk3", "devel/cmake", "lang/python311", "x/\udcff")
    writer.write(writer.begin(run()), [package(origin) for origin in origins], [])
    with History(path) as history:
        assert history.near("VIM") == ["editors/vim", "editors/vim-gtk3"]
        assert history.near("vim", 1) == ["editors/vim"]
        assert history.near("editor/vim") == ["editors/vim", "editors/vim-gtk3"]
        assert history.near("pyhton311") == ["lang/python311"]
        assert history.near("nothing-like-it") == []
        assert history.near("") == []


# -- what the build before had -----------------------------------------------------------------------


def test_the_last_run_before_says_what_it_had_in_the_order_of_their_ends(writer: Writer, path: str) -> None:
    for hours, origins in ((1, ["old/one"]), (2, ["z/z", "a/a"]), (3, []), (4, ["this/one"])):
        begun = writer.begin(ended(STARTED + hours * HOUR))
        writer.write(begun, [package(origin, Outcome.FAILED) for origin in origins], [])
    with History(path) as history:
        assert history.origins_of_last("main", "tinderbox", STARTED + 4 * HOUR) == ["z/z", "a/a"]
        assert history.origins_of_last("main", "elsewhere", STARTED + 4 * HOUR) == []
        assert history.origins_of_last("other", "tinderbox", STARTED + 4 * HOUR) == []
