"""What the host says about itself: one function, one module per operating system.

A probe never raises: a figure it cannot get is None, and ``problems`` says why.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from ..model import HostSample

Probe = Callable[[], HostSample]
"""Takes one sample of the host. Called once a second in the pulse's thread."""


def host_probe() -> Probe:
    """The probe for this operating system."""
    if sys.platform == "linux":
        from .linux import probe as linux_probe

        return linux_probe()
    if sys.platform.startswith("freebsd"):
        from .bsd import freebsd

        return freebsd()
    if sys.platform.startswith("dragonfly"):
        from .bsd import dragonfly

        return dragonfly()
    from .posix import probe as posix_probe

    return posix_probe()
