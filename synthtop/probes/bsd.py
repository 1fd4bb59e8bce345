"""FreeBSD and DragonFly: their load average leaves out who waits for a page, which is what swapping means.

Written from the kernels' headers; nobody has run it on a BSD yet.
"""

from __future__ import annotations

from collections.abc import Callable

from . import sysctl
from .posix import PosixProbe

Ask = Callable[[str], bytes]


def freebsd(ask: Ask = sysctl.ask) -> PosixProbe:
    """Load with who waits for a page; the rest as psutil has it."""
    return PosixProbe(page_waiters=lambda: sysctl.page_waiters_freebsd(ask("vm.vmtotal")))


def dragonfly(ask: Ask = sysctl.ask) -> PosixProbe:
    """Load with who waits for a page, swap and memory through sysctl: psutil does not install there."""
    return PosixProbe(
        page_waiters=lambda: sysctl.page_waiters_dragonfly(ask("vm.vmtotal")),
        swap=lambda: sysctl.swap_dragonfly(ask("vm.swap_info_array")),
        memory=lambda: sysctl.integer(ask("hw.physmem")),
        psutil=None,
    )
