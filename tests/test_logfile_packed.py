"""Compressed logs: unpacked bit by bit, as far as they go."""

from __future__ import annotations

import gzip
import importlib
import lzma
import os
import sys
import types
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from synthtop.logfile import packed
from synthtop.logfile.opened import Unreadable
from synthtop.logfile.source import Source

from .logfiles import Viewed, opening, texts

TEXT = b"".join(b"line %d of the log\n" % number for number in range(20_000))
PACKERS: list[Callable[[bytes], bytes]] = [gzip.compress, lzma.compress]


@pytest.fixture
def unpacking(tmp_path: Path) -> Iterator[Callable[..., packed.Unpacking]]:
    made: list[packed.Unpacking] = []
    descriptors: list[int] = []

    def make(data: bytes, **options: Any) -> packed.Unpacking:
        path = tmp_path / "archive"
        path.write_bytes(data)
        descriptors.append(os.open(path, os.O_RDONLY))
        kind = packed.kind_of(data)
        assert kind is not None
        made.append(packed.Unpacking(descriptors[-1], kind, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()
    for descriptor in descriptors:
        os.close(descriptor)


def all_of(unpacking: packed.Unpacking) -> bytes:
    while unpacking.step():
        pass
    return os.pread(unpacking.output, unpacking.size, 0)


@pytest.mark.parametrize("pack", PACKERS)
def test_an_archive_is_unpacked_whole(
    unpacking: Callable[..., packed.Unpacking], pack: Callable[[bytes], bytes]
) -> None:
    one = unpacking(pack(TEXT))
    assert all_of(one) == TEXT
    assert (one.note, one.waits) == ("", False)


@pytest.mark.parametrize("pack", PACKERS)
def test_several_archives_in_a_file_are_one_log(
    unpacking: Callable[..., packed.Unpacking], pack: Callable[[bytes], bytes]
) -> None:
    one = unpacking(pack(b"one\n") + pack(TEXT) + b"\0" * 8 + pack(b"two\n"))
    assert all_of(one) == b"one\n" + TEXT + b"two\n"
    assert (one.note, one.waits) == ("", False)


def test_no_step_writes_more_than_so_much_however_well_it_was_packed(
    unpacking: Callable[..., packed.Unpacking],
) -> None:
    one = unpacking(gzip.compress(b"\0" * (20 << 20)))
    sizes = [0]
    while one.step():
        sizes.append(one.size)
    assert one.size == 20 << 20
    assert max(after - before for before, after in pairwise(sizes)) <= 1 << 20


@pytest.mark.parametrize("pack", PACKERS)
def test_one_that_ends_in_its_midst_gives_what_it_has_and_goes_on_when_more_of_it_comes(
    unpacking: Callable[..., packed.Unpacking], pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    data = pack(os.urandom(300_000).hex().encode())
    one = unpacking(data[:200_000])
    begun = all_of(one)
    assert len(begun) > 100_000
    assert one.waits
    with (tmp_path / "archive").open("ab") as file:
        file.write(data[200_000:])
    assert len(all_of(one)) == 600_000
    assert not one.waits


@pytest.mark.parametrize("pack", PACKERS)
def test_one_that_is_damaged_gives_what_comes_before_that(
    unpacking: Callable[..., packed.Unpacking], pack: Callable[[bytes], bytes]
) -> None:
    data = bytearray(pack(os.urandom(300_000).hex().encode()))
    data[200_000:200_400] = b"\xff" * 400
    one = unpacking(bytes(data))
    assert all_of(one)
    assert one.note.startswith("the archive is damaged")
    assert not one.step()


def test_one_that_needs_too_much_memory_is_not_unpacked(unpacking: Callable[..., packed.Unpacking]) -> None:
    data = bytearray(lzma.compress(TEXT))
    end = 12 + 4 * (data[12] + 1)
    header = data[12 : end - 4]
    place = header.index(b"\x21\x01") + 2  # the one property of LZMA2: how large its dictionary is
    for size, note in ((34, "emory"), (26, "")):  # 512 MB, and 32
        header[place] = size
        data[12:end] = header + zlib.crc32(header).to_bytes(4, "little")
        one = unpacking(bytes(data))
        assert all_of(one) == (b"" if note else TEXT)
        assert note in one.note
        assert bool(note) == bool(one.note)


def test_what_is_behind_an_archive_and_is_none_is_left_out(
    unpacking: Callable[..., packed.Unpacking],
) -> None:
    one = unpacking(gzip.compress(b"one\n") + b"what is this?")
    assert all_of(one) == b"one\n"
    assert "left out" in one.note


@pytest.mark.parametrize(
    ("total", "free"), [(1 << 40, (1 << 40) // 21), (1 << 30, (256 << 20) - 1)], ids=["5 %", "256 MB"]
)
def test_a_file_system_that_is_nearly_full_is_left_alone(
    unpacking: Callable[..., packed.Unpacking], total: int, free: int
) -> None:
    asked: list[int] = []

    def room(directory: str) -> tuple[int, int]:
        asked.append(1)
        return (total, total) if len(asked) < 3 else (total, free)

    one = unpacking(gzip.compress(b"\0" * (64 << 20)), room=room)
    all_of(one)
    assert 32 << 20 <= one.size < 34 << 20
    assert "nearly full" in one.note


def test_nobody_sees_the_file_that_it_is_unpacked_into(
    unpacking: Callable[..., packed.Unpacking], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed.tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    all_of(unpacking(gzip.compress(TEXT)))
    assert list((tmp_path / "tmp").iterdir()) == []


# -- zst, where something is there that knows it ---------------------------------------------------

ZSTD = b"\x28\xb5\x2f\xfd"


class Fake:
    """Knows archives of a magic, a length in one byte, and so many bytes."""

    def __init__(self) -> None:
        self._given = b""
        self.eof = False
        self.unused_data = b""

    @property
    def needs_input(self) -> bool:
        return not self.eof

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        before = max(0, len(self._given) - 5)
        self._given += data
        end = 5 + self._given[4] if len(self._given) > 4 else 5
        if len(self._given) >= end:
            self.eof, self.unused_data, self._given = True, self._given[end:], self._given[:end]
        return self._given[5:][before:]

    def decompressobj(self) -> Fake:
        return self


@pytest.fixture
def without_zstd(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("compression.zstd", "pyzstd", "zstandard"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.usefixtures("without_zstd")
@pytest.mark.parametrize("name", ["pyzstd", "zstandard"])
def test_zst_is_read_by_whatever_is_there(
    unpacking: Callable[..., packed.Unpacking], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    module = types.ModuleType(name)
    module.ZstdDecompressor = lambda **options: Fake()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, name, module)
    one = unpacking(ZSTD + b"\x03abc" + ZSTD + b"\x02de")
    assert all_of(one) == b"abcde"
    assert (one.note, one.waits) == ("", False)


@pytest.mark.usefixtures("without_zstd")
def test_where_nothing_is_there_it_says_what_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "log.zst"
    path.write_bytes(ZSTD + b"\x03abc")
    with pytest.raises(Unreadable, match="pip install zstandard"):
        Source(str(path))


def test_a_real_zst_is_read_where_a_library_for_it_is_there(
    unpacking: Callable[..., packed.Unpacking],
) -> None:
    for name in ("compression.zstd", "pyzstd", "zstandard"):
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        data: bytes = module.ZstdCompressor().compress(TEXT) if name == "zstandard" else module.compress(TEXT)
        assert all_of(unpacking(data + data)) == TEXT + TEXT
        return
    # None is needed to run: those who have one are to have it tested.
    pytest.skip("no library for zst is installed")


# -- as a log --------------------------------------------------------------------------------------


def test_a_log_that_has_been_packed_since_is_found_under_that_name(tmp_path: Path) -> None:
    (tmp_path / "a.log.gz").write_bytes(gzip.compress(b"one\ntwo\n"))
    viewed = Viewed(tmp_path / "a.log")
    page = viewed.page()
    assert page.path == str(tmp_path / "a.log.gz")
    assert (texts(page), page.lines, page.size) == (["one", "two"], 2, 8)


def test_what_a_log_is_says_how_it_begins_and_not_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(lzma.compress(b"one\n"))
    (tmp_path / "b.gz").write_bytes(b"plain\n")
    assert texts(Viewed(tmp_path / "a.log").page()) == ["one"]
    assert texts(Viewed(tmp_path / "b.gz").page()) == ["plain"]


def test_it_is_seen_as_it_grows_and_a_jump_waits_for_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress(b"x" * 63 + b"\n" + b"line\n" * 500_000))
    viewed = Viewed(tmp_path / "none", offset=64 + 5 * 400_000)
    os.rename(path, tmp_path / "none")
    viewer = viewed.viewer
    viewer.look(1000.0)
    viewer.step()
    page = viewer.page()
    assert page.doing.startswith("unpacking")
    assert 0 < page.size < 2_000_000
    page = viewed.page()
    assert page.size == 64 + 2_500_000
    assert [row.offset for row in page.rows if row.mark == "here"] == [64 + 5 * 400_000]
    assert viewed.do(viewer.to_line, 500_001).rows[-1].number == 500_001


def test_one_that_is_still_written_goes_on_with_what_comes(tmp_path: Path) -> None:
    path = tmp_path / "a.log.gz"
    data = gzip.compress(b"one\n" + os.urandom(2000).hex().encode() + b"\nend\n")
    path.write_bytes(data[:1000])
    viewed = Viewed(path)
    assert "ends in its midst" in viewed.page().note
    path.write_bytes(data)
    page = viewed.look()
    assert (texts(page)[-1], page.note) == ("end", "")


def test_no_room_is_said_with_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress(b"one\n"))
    viewed = Viewed(path, open_source=opening(room=lambda directory: (1 << 40, 1)))
    assert "nearly full" in viewed.page().note
