"""``synthtop stop``: finds a running build by its lock and asks it to end."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping

from .monitor import live_builds, who_holds
from .run.logsdir import builder_of

NO_BUILD = 3


def stop(
    build: str | None,
    environ: Mapping[str, str] = os.environ,
    kill: Callable[[int, int], None] = os.kill,
) -> int:
    """Send SIGTERM to the build named, or kept in, or watched at ``build``; to the only one where it is None.

    Returns the exit status: 0 when it was asked, 2 when it cannot be told which is meant, 3 when none runs.
    """
    live = {live.name: live.pid for live in live_builds(environ)}
    found = live if build is None else _named(build, live)
    if not found:
        what = f"no build {build!r} runs" if build is not None else "no build of yours runs"
        return _told(f"{what} (a build with --no-monitor is named by its logs directory)", NO_BUILD)
    if len(found) > 1:
        return _told(f"several builds run: {', '.join(sorted(found))}; say which", 2)
    [(name, pid)] = found.items()
    try:
        kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return _told(f"no build {name!r} runs any more", NO_BUILD)
    except PermissionError:
        return _told(f"the build {name!r} (pid {pid}) is another user's", 2)
    print(f"{name} (pid {pid}) was asked to stop")
    return 0


def _named(build: str, live: Mapping[str, int]) -> dict[str, int]:
    """Name and pid of the build that ``build`` means: the name of a live one first, then a path."""
    if build in live:
        return {build: live[build]}
    pid = builder_of(build) if os.path.isdir(build) else who_holds(build)
    return {build: pid} if pid else {}  # 0 in somebody's lock file would be our own process group


def _told(message: str, status: int) -> int:
    print(f"synthtop: {message}", file=sys.stderr)
    return status
