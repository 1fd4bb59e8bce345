"""``synthtop --follow PATH --monitor TARGET``: keeps a build that others run in formats of ours."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress

from ..follow.place import locate
from ..formats import FormatError
from ..model import BuildState, Snapshot
from ..monitor import MonitorSink
from ..targets import MonitorError, Target, parse_target

_NO_BUILD = (BuildState.WAITING, BuildState.UNREADABLE)


class Relay:
    """A consumer that writes the snapshots of a followed build, and none of what is no build.

    ``specs`` are targets as ``--monitor`` takes them; ``followed`` is the path that is followed, and
    ``report`` gets a line about what cannot be written. MonitorError where a target cannot be had.
    """

    def __init__(self, specs: Sequence[str], followed: str, report: Callable[[str], None]) -> None:
        targets = [target for spec in specs for target in parse_target(spec)]
        for target in targets:
            _check_apart(target, followed)
        self._sink = MonitorSink(targets, report)

    def on_snapshot(self, snapshot: Snapshot) -> None:
        if snapshot.state not in _NO_BUILD:
            self._sink.on_snapshot(snapshot)

    def close(self) -> None:
        self._sink.close()


def _check_apart(target: Target, followed: str) -> None:
    """MonitorError where writing ``target`` would change what is followed.

    The lock tells only while it runs: the files of a build that has ended nobody else would save.
    """
    files = [followed]
    with suppress(OSError, FormatError):
        place = locate(followed)
        files += [file for file in (place.main, place.results, place.report) if file is not None]
    path = target.real_path
    for source in map(os.path.realpath, files):
        beside = os.path.splitext(source)[0] == os.path.splitext(path)[0]
        if beside or path == source or path.startswith(os.path.join(source, "")):
            raise MonitorError(
                f"{target.path} belongs to what is followed: choose a path elsewhere with --monitor"
            )
