"""Compressed logs, told by how they begin: unpacked step by step into a temporary file that has no name."""

from __future__ import annotations

import importlib
import lzma
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable
from typing import Any, Protocol

SUFFIXES = (".gz", ".xz", ".zst")
_KINDS = {b"\x1f\x8b\x08": "gzip", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
_HEAD = 6
"""Bytes that tell."""
_IN = 64 << 10
_OUT = 1 << 20
"""Bytes that one step reads and writes at most: a few may unpack to gigabytes."""
_MEMORY = 128 << 20
"""Bytes that an archive may need to be unpacked; the strongest that xz itself makes need half of it."""
_LEAST = 256 << 20
_LEAST_SHARE = 0.05
"""What is left free of the file system for temporary files."""
_ROOM_EVERY = 16 << 20
"""Bytes between two looks at how much that is."""

Room = Callable[[str], tuple[int, int]]
"""Bytes that the file system of a directory has, and how many of them are free."""


class PackedError(Exception):
    """It cannot be unpacked; the text says why."""


class Decompressor(Protocol):
    """As in the standard library's lzma, for one archive of perhaps several in a file."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


def kind_of(head: bytes) -> str | None:
    """How what begins with ``head`` is compressed; None where it is not, or not so that we know it."""
    return next((kind for magic, kind in _KINDS.items() if head.startswith(magic)), None)


class _Gzip:
    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


class _Zstandard:
    """The ``zstandard`` package's decompressor. It knows no limit for what it gives, and is fed in bits."""

    _BIT = 512
    """Bytes, which come to 16 MB at the very most."""

    def __init__(self, module: Any) -> None:
        self._inner = module.ZstdDecompressor(max_window_size=_MEMORY).decompressobj()
        self._waiting = b""

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def needs_input(self) -> bool:
        return not self._waiting

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data) + self._waiting

    def decompress(self, data: bytes, max_length: int) -> bytes:
        self._waiting += data
        parts: list[bytes] = []
        while self._waiting and not self.eof and sum(map(len, parts)) < max_length:
            bit, self._waiting = self._waiting[: self._BIT], self._waiting[self._BIT :]
            parts.append(self._inner.decompress(bit))
        return b"".join(parts)


def _zstd() -> Decompressor:
    """Whatever is there that knows it; PackedError where nothing is."""
    for name in ("compression.zstd", "pyzstd", "zstandard"):
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        made: Decompressor = _Zstandard(module) if name == "zstandard" else module.ZstdDecompressor()
        return made
    raise PackedError("to read .zst, Python 3.14 or the package zstandard is needed (pip install zstandard)")


def _decompressor(kind: str) -> Decompressor:
    if kind == "gzip":
        return _Gzip()
    if kind == "xz":
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY)
    return _zstd()


def room(directory: str) -> tuple[int, int]:
    """Bytes that the file system of ``directory`` has, and how many of them are free."""
    usage = shutil.disk_usage(directory)
    return usage.total, usage.free


class Unpacking:
    """What is compressed in ``descriptor``, somebody else's, comes into the file behind ``output``.

    ``size`` bytes so far. ``waits`` says that the archive ends in its midst, as it may while it is written;
    ``note`` why no more comes of it, ``""`` as long as that is not known. PackedError where nothing can be
    unpacked, OSError where there can be no temporary file.
    """

    def __init__(self, descriptor: int, kind: str, *, room: Room = room) -> None:
        self._descriptor = descriptor
        self._kind = kind
        self._room = room
        self._inner = _decompressor(kind)
        self._at = 0
        self._rest = b""
        """What was read beyond the end of an archive."""
        self._looked = -_ROOM_EVERY
        self._directory = tempfile.gettempdir()
        self._file = tempfile.TemporaryFile(dir=self._directory)  # noqa: SIM115  (closed by close())
        self.output = self._file.fileno()
        self.size = 0
        self.waits = False
        self.note = ""

    @property
    def taken(self) -> int:
        """Bytes of the archive that were read."""
        return self._at

    def step(self) -> bool:
        """Unpack a little more; whether there may be more at once."""
        if self.note:
            return False
        if self.size - self._looked >= _ROOM_EVERY:
            self._looked = self.size
            total, free = self._room(self._directory)
            if free < max(_LEAST, total * _LEAST_SHARE):
                return self._over(f"only its beginning is here: {self._directory} is nearly full")
        try:
            return self._more()
        except (zlib.error, lzma.LZMAError, EOFError, ValueError) as error:
            return self._over(f"the archive is damaged: what comes before that is here ({error})")
        except OSError as error:
            return self._over(f"only its beginning is here: {error.strerror or error}")
        except Exception as error:  # noqa: BLE001  (a zstd package raises its own, and we don't know which)
            return self._over(f"the archive is damaged: what comes before that is here ({error})")

    def _over(self, note: str) -> bool:
        self.note, self.waits = note, False
        return False

    def _more(self) -> bool:
        if self._inner.eof:
            return self._next_part()
        wanted = self._inner.needs_input
        data = self._read() if wanted else b""
        made = self._inner.decompress(data, _OUT)
        self._write(made)
        if self._inner.eof:
            self._rest = self._inner.unused_data
        # Where there is no more to read, there may be something left that was read before.
        self.waits = wanted and not (data or made or self._inner.eof)
        return not self.waits

    def _next_part(self) -> bool:
        """A file may have several archives, one behind the other, and zeros between them."""
        self._rest = self._rest.lstrip(b"\0")
        if len(self._rest) < _HEAD:
            data = self._read()
            self._rest += data
            if data:
                return True
            if not self._rest:
                return False
        if kind_of(self._rest) != self._kind:
            return self._over("what comes after the archive is something else, and is left out")
        self._inner = _decompressor(self._kind)
        self._write(self._inner.decompress(self._rest, _OUT))
        self._rest = self._inner.unused_data if self._inner.eof else b""
        return True

    def _read(self) -> bytes:
        data = os.pread(self._descriptor, _IN, self._at)
        self._at += len(data)
        return data

    def _write(self, data: bytes) -> None:
        while data:
            written = os.pwrite(self.output, data, self.size)
            self.size += written
            data = data[written:]

    def close(self) -> None:
        """Let the temporary file go. Idempotent."""
        self._file.close()
