"""``synthtop stop``: finds a running build by its lock and asks it to end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence

from .attach import ask_to_end
from .discover import asked_for, is_relayed, ready_commands, who_builds
from .monitor import live_builds
from .pidlock import Holder
from .text import clean

NO_BUILD = 3


def stop(
    build: str | None,
    environ: Mapping[str, str] = os.environ,
    kill: Callable[[int, int], None] = os.kill,
) -> int:
    """Send SIGTERM to the build named, or kept in, or watched at ``build``; to the only one where it is None.

    Those that can be named are the ones with a default monitor file; ``$SYNTHTOP_MONITOR`` has another.
    Returns the exit status: 0 when it was asked, 2 when it cannot be told which is meant, 3 when none runs.
    """
    # 0 in somebody's lock file would be our own process group; to end who relays a build would end no build.
    own = [live for live in live_builds(environ) if live.holder.pid and not is_relayed(live.path)]
    live = {live.name: live.holder for live in own}
    found = _all(live, environ) if build is None else _named(build, live)
    if not found:
        what = f"no build {build!r} runs" if build is not None else "no build of yours runs"
        where = "one with --monitor PATH or --no-monitor is named by that PATH or by its logs directory"
        return _told(f"{what} ({where})", NO_BUILD)
    if len(found) > 1:
        choices = [(name, f"pid {holder.pid}") for name, holder in sorted(found.items())]
        return _told("several builds run: say which", 2, ready_commands("synthtop stop", choices))
    [(name, holder)] = found.items()
    if holder.uid not in (os.geteuid(), 0):
        whose = f"its lock is that of uid {holder.uid}, who may have written any pid into it"
        return _told(f"the build {name!r} is not stopped: {whose}; ask as that user", 2)
    try:
        ask_to_end(holder.pid, kill)
    except ProcessLookupError:
        return _told(f"no build {name!r} runs any more", NO_BUILD)
    except PermissionError:
        return _told(f"the build {name!r} (pid {holder.pid}) is another user's", 2)
    print(clean(f"{name} (pid {holder.pid}) was asked to stop"))
    return 0


def _all(live: Mapping[str, Holder], environ: Mapping[str, str]) -> dict[str, Holder]:
    """``live``, and the builds whose monitor files the environment asks for. Each process once."""
    found = dict(live)
    for target in asked_for(environ):
        held = who_builds(target.path)
        if held is not None and held not in found.values():
            found[target.path] = held
    return found


def _named(build: str, live: Mapping[str, Holder]) -> dict[str, Holder]:
    """The build that ``build`` means, and who holds its lock: the name of a live one first, then a path."""
    held = live.get(build) or who_builds(build)
    return {} if held is None else {build: held}


def _told(message: str, status: int, more: Sequence[str] = ()) -> int:
    print(clean(f"synthtop: {message}"), *more, sep="\n", file=sys.stderr)
    return status
