"""``synthtop --follow PATH --monitor TARGET``: keeps a build that others run in formats of ours."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress

from ..follow.place import locate
from ..formats import FormatError
from ..monitor import MonitorSink
from ..targets import MonitorError, Target, parse_target
from .sources import within


def relay(specs: Sequence[str], followed: str, report: Callable[[str], None]) -> MonitorSink:
    """A consumer that writes the snapshots of a followed build.

    ``specs`` are targets as ``--monitor`` takes them; ``followed`` is the path that is followed, and
    ``report`` gets a line about what cannot be written. MonitorError where a target cannot be had.
    """
    targets = [target for spec in specs for target in parse_target(spec)]
    files = within(lambda: _files_of(followed))
    if files is None:
        raise MonitorError(f"{followed}: its file system does not answer; without it nothing is relayed")
    for target in targets:
        _check_apart(target, files)
    return MonitorSink(targets, report)


def _files_of(followed: str) -> list[str]:
    """Where what is followed lies, and its builder may write."""
    files = [followed]
    with suppress(OSError, FormatError):
        place = locate(followed)
        files += [file for file in (place.main, place.results, place.report) if file is not None]
        if place.logs is not None:
            # Whichever of dsynth's is followed; our lock in stats/ would make of what has ended what runs.
            files += [os.path.join(place.logs, "stats"), os.path.join(place.logs, "Report")]
    return list(map(os.path.realpath, files))


def _check_apart(target: Target, files: Sequence[str]) -> None:
    """MonitorError where writing ``target`` would change ``files``, which are what is followed.

    The lock tells only while it runs: the files of a build that has ended nobody else would save.
    """
    path = target.real_path
    for source in files:
        beside = os.path.splitext(source)[0] == os.path.splitext(path)[0]
        if beside or path == source or path.startswith(os.path.join(source, "")):
            raise MonitorError(
                f"{target.path} belongs to what is followed: choose a path elsewhere with --monitor"
            )
