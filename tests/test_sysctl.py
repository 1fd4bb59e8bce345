"""What the BSD kernels say: decoding their bytes, and what becomes of a sample."""

from __future__ import annotations

import contextlib
import struct
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.probes import bsd, sysctl
from synthtop.probes.sysctl import SwapBlocks


def vmtotal_freebsd(waiters: int) -> bytes:
    """``struct vmtotal`` since FreeBSD 12: nine 64-bit counts of memory, then the 16-bit ones."""
    return struct.pack("<9q", *range(100, 109)) + struct.pack("<8h", 1, 2, waiters, 4, 5, 0, 0, 0)


def vmtotal_freebsd_11(waiters: int) -> bytes:
    """Before: the 16-bit counts come first."""
    return struct.pack("<5hxx", 1, 2, waiters, 4, 5) + struct.pack("<9i", *range(9))


def vmtotal_dragonfly(waiters: int) -> bytes:
    return struct.pack("<14q", 1, 2, waiters, *range(11))


def device(blocks: int, used: int, size: int = 48) -> bytes:
    """A record of ``vm.swap_info_array``."""
    return struct.pack("<QQQQqq", size, 0, 0, 0, blocks, used).ljust(size, b"\xaa")


class Kernel:
    """Answers what it is given; a missing answer is an error of the kernel's."""

    def __init__(self, **answers: bytes) -> None:
        self._answers = {name.replace("_", ".", 1): answer for name, answer in answers.items()}

    def __call__(self, name: str) -> bytes:
        if name not in self._answers:
            raise OSError(2, "No such file or directory", name)
        return self._answers[name]


# -- decoding -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [vmtotal_freebsd(7), vmtotal_freebsd_11(7)])
def test_freebsd_counts_who_waits_for_a_page_before_and_since_version_12(data: bytes) -> None:
    assert sysctl.page_waiters_freebsd(data) == 7


def test_the_layouts_have_the_sizes_that_tell_them_apart() -> None:
    assert len(vmtotal_freebsd(0)) == 88
    assert len(vmtotal_freebsd_11(0)) == 48
    assert len(vmtotal_dragonfly(0)) == 112


def test_dragonfly_counts_who_waits_for_a_page() -> None:
    assert sysctl.page_waiters_dragonfly(vmtotal_dragonfly(9)) == 9


def test_swap_is_the_sum_over_all_devices_in_use() -> None:
    data = device(1000, 250) + device(0, 0) + device(3000, 750)
    assert sysctl.swap_dragonfly(data) == SwapBlocks(1000, 4000)


def test_a_record_says_its_own_size() -> None:
    assert sysctl.swap_dragonfly(device(100, 1, size=64) + device(100, 2, size=56)) == SwapBlocks(3, 200)


@pytest.mark.parametrize(("blocks", "used"), [(100, 101), (-5, 1), (100, -1)])
def test_figures_that_cannot_be_are_left_out(blocks: int, used: int) -> None:
    assert sysctl.swap_dragonfly(device(blocks, used) + device(10, 5)) == SwapBlocks(5, 10)


def test_no_device_is_no_swap() -> None:
    assert sysctl.swap_dragonfly(b"") == SwapBlocks(0, 0)


@pytest.mark.parametrize("size", [0, 8, 47, 49, 1 << 60])
def test_a_record_that_cannot_be_as_long_as_it_says_is_an_error(size: int) -> None:
    with pytest.raises(ValueError, match="swap_info_array"):
        sysctl.swap_dragonfly(struct.pack("<QQQQqq", size, 0, 0, 0, 10, 5))


@given(st.binary(max_size=400))
@settings(max_examples=200)
def test_any_bytes_decode_to_figures_that_can_be_or_are_a_value_error(data: bytes) -> None:
    for decode in (sysctl.page_waiters_freebsd, sysctl.page_waiters_dragonfly, sysctl.integer):
        with contextlib.suppress(ValueError):
            assert decode(data) >= 0
    try:
        swap = sysctl.swap_dragonfly(data)
    except ValueError:
        return
    assert 0 <= swap.used <= swap.total


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's C library has no sysctlbyname")
def test_without_sysctl_asking_is_an_error_of_the_system() -> None:
    with pytest.raises(OSError, match="no sysctlbyname"):
        sysctl.ask("vm.vmtotal")


# -- what becomes of it -------------------------------------------------------------------------------


def test_dragonfly_adds_who_waits_to_the_load_and_knows_its_swap() -> None:
    kernel = Kernel(
        vm_vmtotal=vmtotal_dragonfly(1000),
        vm_swap_info_array=device(1000, 250),
        hw_physmem=struct.pack("<Q", 8 << 30),
    )
    sample = bsd.dragonfly(kernel)()
    assert sample.load is not None
    assert sample.load >= 1000
    assert (sample.swap_pct, sample.no_swap, sample.memory_total) == (25.0, False, 8 << 30)
    assert sample.problems == ()


def test_what_a_kernel_does_not_say_is_unknown_and_told() -> None:
    sample = bsd.dragonfly(Kernel(vm_vmtotal=b"odd"))()
    assert sample.load is not None
    assert (sample.swap_pct, sample.no_swap, sample.memory_total) == (None, False, None)
    assert [problem.partition(":")[0] for problem in sample.problems] == [
        "load average without those that wait for a page",
        "swap unknown",
        "memory unknown",
    ]


def test_freebsd_adds_who_waits_to_the_load() -> None:
    sample = bsd.freebsd(Kernel(vm_vmtotal=vmtotal_freebsd(1000)))()
    assert sample.load is not None
    assert sample.load >= 1000
