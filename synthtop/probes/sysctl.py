"""What the BSD kernels say through sysctl(3), and how it is read. Decoding is apart from asking.

Written from the kernels' headers; nobody has run it on a BSD yet.
"""

from __future__ import annotations

import os
import struct
from typing import NamedTuple

_MOST = 1 << 20
"""Bytes of an answer: none of those that are asked for is near it."""
_FREEBSD_12 = 88
"""Size of ``struct vmtotal`` since FreeBSD 12, whose first fields became 64 bits wide."""
_DRAGONFLY_VMTOTAL = 112
_NAMED_BLOCKS = 48
"""Bytes of a ``struct xswdev`` up to the end of the figures that are read here."""


class SwapBlocks(NamedTuple):
    """Swap over all devices, in blocks of one size."""

    used: int
    total: int


def ask(name: str) -> bytes:
    """The raw value of a sysctl. OSError where there is none of that name, or no sysctl at all."""
    import ctypes  # only where it is needed: it takes as long to load as all the rest here

    libc = ctypes.CDLL(None, use_errno=True)
    try:
        sysctlbyname = libc.sysctlbyname
    except AttributeError:
        raise OSError(0, "this system has no sysctlbyname", name) from None
    size = ctypes.c_size_t(0)
    # Asked twice: for the size, and then for the value, which may have grown by a record in between.
    if sysctlbyname(name.encode(), None, ctypes.byref(size), None, ctypes.c_size_t(0)) != 0:
        raise _failed(ctypes.get_errno(), name)
    size.value = min(size.value + 256, _MOST)
    buffer = ctypes.create_string_buffer(size.value)
    if sysctlbyname(name.encode(), buffer, ctypes.byref(size), None, ctypes.c_size_t(0)) != 0:
        raise _failed(ctypes.get_errno(), name)
    return buffer.raw[: size.value]


def _failed(number: int, name: str) -> OSError:
    return OSError(number, os.strerror(number), name)


def page_waiters_freebsd(vmtotal: bytes) -> int:
    """How many threads wait for a page, by FreeBSD's ``vm.vmtotal``. ValueError for what is none."""
    if len(vmtotal) == _FREEBSD_12:
        return _count(struct.unpack_from("<h", vmtotal, 76)[0])
    if 6 <= len(vmtotal) < _FREEBSD_12:
        return _count(struct.unpack_from("<h", vmtotal, 4)[0])
    raise ValueError(
        f"vm.vmtotal has {len(vmtotal)} bytes: expected {_FREEBSD_12}, or fewer before FreeBSD 12"
    )


def page_waiters_dragonfly(vmtotal: bytes) -> int:
    """How many threads wait for a page, by DragonFly's ``vm.vmtotal``. ValueError for what is none."""
    if len(vmtotal) != _DRAGONFLY_VMTOTAL:
        raise ValueError(f"vm.vmtotal has {len(vmtotal)} bytes: expected {_DRAGONFLY_VMTOTAL}")
    return _count(struct.unpack_from("<q", vmtotal, 16)[0])


def _count(value: int) -> int:
    if value < 0:
        raise ValueError(f"vm.vmtotal says that {value} threads wait for a page")
    return value


def swap_dragonfly(records: bytes) -> SwapBlocks:
    """Swap by DragonFly's ``vm.swap_info_array``, whose records say their own size; no device is 0 of 0.

    A record whose figures cannot be is left out, as one that is not in use. ValueError for what is no array.
    """
    used = total = at = 0
    while at < len(records):
        left = len(records) - at
        size = struct.unpack_from("<Q", records, at)[0] if left >= 8 else 0
        if not _NAMED_BLOCKS <= size <= left:
            raise ValueError(f"vm.swap_info_array has a record of {size} bytes where {left} are left")
        blocks, taken = struct.unpack_from("<qq", records, at + 32)
        if 0 <= taken <= blocks:
            used, total = used + taken, total + blocks
        at += size
    return SwapBlocks(used, total)


def integer(value: bytes) -> int:
    """A number of 4 or 8 bytes. ValueError for another size."""
    if len(value) not in (4, 8):
        raise ValueError(f"a number of {len(value)} bytes: expected 4 or 8")
    return int.from_bytes(value, "little", signed=False)
