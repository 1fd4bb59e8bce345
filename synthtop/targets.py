"""What is asked to be kept up to date: formats, paths, and which go together. Nothing is opened here."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import NamedTuple

FILES = ("text", "json")
"""Formats that are a file which is replaced: several of one name share a lock."""
FORMATS = (*FILES, "dsynth", "report")
_SPEC = re.compile(r"([A-Za-z0-9_-]*):(.*)", re.DOTALL)


class MonitorError(Exception):
    """A monitor file cannot be kept where it was asked for. ``str(error)`` says which, why, what to do."""


class MonitorBusy(MonitorError):
    """Another build keeps this monitor file; ``pid`` is its process, None where that is unreadable."""

    def __init__(self, path: str, pid: int | None) -> None:
        who = "another build" if pid is None else f"another build (pid {pid})"
        super().__init__(f"{path} is kept by {who}: choose another path with --monitor")
        self.pid = pid


class Target(NamedTuple):
    """A file to keep up to date, and its format: one of :data:`FORMATS`. A report's is a directory."""

    format: str
    path: str

    @property
    def lock(self) -> str:
        """The lock beside it: the file's name with ``.lk`` for its suffix; a report's is in its directory."""
        if self.format == "report":
            return os.path.join(self.path, "synthtop.lk")
        return os.path.splitext(self.path)[0] + ".lk"

    @property
    def real_path(self) -> str:
        """The path as no two different files have it. A symlink there is replaced, not followed."""
        directory, name = os.path.split(self.path.rstrip("/"))
        return os.path.join(os.path.realpath(directory), name)


def parse_target(spec: str) -> tuple[Target, ...]:
    """What ``[FORMAT:]PATH`` asks for. A bare PATH is text with JSON beside it; one with .json, JSON alone.

    MonitorError for a format that is not known, and for a path that cannot be a file's.
    """
    match = _SPEC.fullmatch(spec)
    name, path = match.groups() if match else (None, spec)
    if name is not None and name not in FORMATS:
        raise MonitorError(
            f"--monitor {spec}: format {name!r} is not known, expected one of {', '.join(FORMATS)} "
            f"(a path with a colon in it begins with ./ or /)"
        )
    what = path.rstrip("/") if name == "report" else path
    if not os.path.basename(what) or "\0" in path:
        kind = "a directory" if name == "report" else "a file"
        raise MonitorError(f"--monitor {spec}: expected {kind} after the format, found {path!r}")
    if name is not None:
        return (Target(name, path),)
    return (Target("json", path),) if path.endswith(".json") else pair(path)


def pair(path: str) -> tuple[Target, ...]:
    return Target("text", path), Target("json", os.path.splitext(path)[0] + ".json")


def by_lock(targets: Sequence[Target]) -> list[list[Target]]:
    """The targets that share a lock, each once. MonitorError where one would be in the way of another."""
    distinct: dict[str, Target] = {}
    for target in targets:
        if target.lock == target.path:
            raise MonitorError(
                f"{target.path} is the name of a lock: choose one that does not end in .lk with --monitor"
            )
        other = distinct.setdefault(target.real_path, target)
        if other.format != target.format:
            raise MonitorError(
                f"{target.path} is to be {other.format} and {target.format}: "
                "choose another path for one of them with --monitor"
            )
    sharing: dict[str, list[Target]] = {}
    for path, target in distinct.items():
        beside = sharing.setdefault(target._replace(path=path).lock, [])
        beside.append(target)
        if len(beside) > 1 and not {one.format for one in beside} <= {*FILES}:
            raise MonitorError(
                f"{target.path} would have the lock of {beside[0].path}: "
                "choose another name for one of them with --monitor"
            )
    return list(sharing.values())
