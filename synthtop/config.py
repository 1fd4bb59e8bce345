"""Settings from the command line, the environment and files, the strongest first.

A file is TOML, or the ini form of dsynth. What the values do is not decided here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from . import dsynthini
from .text import clean
from .throttle import POLICIES
from .tomlfile import Table, TomlFile, describe, nearest, read_text
from .units import FLAGS, MAX_WORKERS, parse_duration

ORDERS = ("chain", "plan")
THEMES = ("dark", "light", "16", "contrast")
"""The themes of the dashboard, as a user names them."""
GRACE = 10.0
"""Seconds between SIGTERM and SIGKILL where nothing else is set."""

_IS_FLAG = frozenset(("no_monitor", "fail_fast", "plain", "ascii"))
_EXPECTED = {
    "workers": f"a number from 1 to {MAX_WORKERS}",
    "throttle": f"one of {', '.join(POLICIES)}",
    "logs": "a directory",
    "monitor": "[FORMAT:]PATH, or a list of these",
    "timeout": "a duration like 90 (seconds), 30m or 1h30m",
    "grace": "a duration like 90 (seconds), 30m or 1h30m",
    "order": f"one of {', '.join(ORDERS)}",
    "no_monitor": "true or false",
    "fail_fast": "true or false",
    "plain": "true or false",
    "theme": f"one of {', '.join(THEMES)}",
    "ascii": "true or false",
}
_KNOWN = {"throttle": tuple(POLICIES), "order": ORDERS, "theme": THEMES}
_TILDE = re.compile(r"(^|^[a-z]+:)~(?=/)")


class ConfigError(ValueError):
    """Settings that are wrong. ``str(error)`` says which file and line, or which variable, and which
    key, what was expected and found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What may be set in more than one place; None where it is not.

    ``workers`` is 1..1024. ``throttle`` is a policy's name. ``logs`` is a directory. ``monitor`` are
    targets as ``--monitor`` takes them. ``timeout`` and ``grace`` are seconds; a timeout of 0 is none.
    ``theme`` is one of :data:`THEMES`; ``ascii`` says whether the dashboard keeps to ASCII.
    """

    workers: int | None = None
    throttle: str | None = None
    logs: str | None = None
    monitor: tuple[str, ...] | None = None
    no_monitor: bool | None = None
    timeout: float | None = None
    grace: float | None = None
    order: str | None = None
    fail_fast: bool | None = None
    plain: bool | None = None
    theme: str | None = None
    ascii: bool | None = None

    def over(self, weaker: Settings) -> Settings:
        """These settings, and what only ``weaker`` says."""
        merged: dict[str, Any] = {}
        for field in fields(self):
            own = getattr(self, field.name)
            merged[field.name] = getattr(weaker, field.name) if own is None else own
        # One question with one answer: who is silent about it takes both halves from the weaker.
        if self.monitor is not None or self.no_monitor is not None:
            merged["monitor"], merged["no_monitor"] = self.monitor, self.no_monitor
        return Settings(**merged)


KEYS = frozenset(field.name for field in fields(Settings))
"""What may be set: in a file by these names, in the environment as ``SYNTHTOP_`` and the name in capitals."""


def load(environ: Mapping[str, str], config_path: str | None, cli: Settings) -> Settings:
    """All settings: ``cli`` over the environment over ``config_path`` over the user's own file.

    The user's own is ``$XDG_CONFIG_HOME/synthtop/config.toml``, else ``~/.config/synthtop/config.toml``;
    it need not be there. Raises ConfigError for a value that is wrong, and for a file that cannot be read.
    """
    home = environ.get("HOME")
    settings = cli.over(from_environ(environ))
    if config_path is not None:
        settings = settings.over(from_file(config_path, home))
    own = user_file(environ)
    if own is not None and os.path.lexists(own):
        settings = settings.over(from_file(own, home))
    return settings


def user_file(environ: Mapping[str, str]) -> str | None:
    """Where the user's own settings would be, or None without a home."""
    base = environ.get("XDG_CONFIG_HOME", "")
    if not os.path.isabs(base):  # such a one is to be ignored, the XDG specification says
        home = environ.get("HOME", "")
        if not home:
            return None
        base = os.path.join(home, ".config")
    return os.path.join(base, "synthtop", "config.toml")


def from_environ(environ: Mapping[str, str]) -> Settings:
    """What the variables ``SYNTHTOP_WORKERS`` and so on say; an empty one says nothing.

    A job has ``SYNTHTOP_LOGS`` and the like from the build around it: inside a job, which
    ``SYNTHTOP_ORIGIN`` tells, the directory is that build's and no setting for another one.
    """
    inside_a_job = "SYNTHTOP_ORIGIN" in environ
    found: dict[str, Any] = {}
    for key in KEYS:
        variable = "SYNTHTOP_" + key.upper()
        value = environ.get(variable, "").strip()
        if value and not (inside_a_job and key == "logs"):
            try:
                found[key] = _checked(key, _from_word(key, value))
            except ValueError as problem:
                raise ConfigError(clean(f"{variable}: {problem}")) from problem
    return Settings(**found)


def from_file(path: str, home: str | None = None) -> Settings:
    """What a file says, in TOML or in dsynth's ini form; ``~/`` in it is ``home``."""
    text = read_text(path, ConfigError)
    if path.endswith(".ini") or dsynthini.is_ini(text):
        settings = Settings(**dsynthini.read(text, path, ConfigError))
    else:
        file = TomlFile(path, ConfigError, text)
        table = Table(file, file.root)
        table.only(KEYS)
        found: dict[str, Any] = {}
        for key, value in file.root.items():
            try:
                found[key] = _checked(key, value)
            except ValueError as problem:
                table.fail(str(problem), key)
        settings = Settings(**found)
    if home:
        logs, monitor = settings.logs, settings.monitor
        settings = replace(
            settings,
            logs=None if logs is None else _at_home(logs, home),
            monitor=None if monitor is None else tuple(_at_home(target, home) for target in monitor),
        )
    return settings


def _at_home(path: str, home: str) -> str:
    """``path``, which may have a format and a colon before it, with ``~/`` at its start as ``home``."""
    return _TILDE.sub(lambda match: match[1] + home, path, count=1)


def _from_word(key: str, word: str) -> str | int | bool:
    """A word as the value that TOML would have for ``key``; as it is where it is no such value."""
    if key == "workers" and word.isascii() and word.isdigit() and len(word) < 10:
        return int(word)
    return FLAGS.get(word.lower(), word) if key in _IS_FLAG else word


def _checked(key: str, value: object) -> object:
    """``value`` as the field ``key`` of :class:`Settings` has it; ValueError with expected and found."""
    match key, value:
        case "workers", int() if not isinstance(value, bool) and 1 <= value <= MAX_WORKERS:
            return value
        case (("timeout" | "grace"), str() | int() | float()) if not isinstance(value, bool):
            return parse_duration(value)
        case "theme", 16:
            return "16"  # a name that looks like a number; without quotes it means the same
        case (("throttle" | "order" | "theme"), str()):
            if value in _KNOWN[key]:
                return value
            near = nearest(value, _KNOWN[key])
            advice = f"; did you mean {near}?" if near else ""
            raise ValueError(f"expected {_EXPECTED[key]}, found {describe(value)}{advice}")
        case "logs", str() if value.strip() and "\0" not in value:
            return value
        case "monitor", str() if value.strip() and "\0" not in value:
            return (value,)
        case "monitor", list() if value and all(
            isinstance(target, str) and target.strip() and "\0" not in target for target in value
        ):
            return tuple(value)
        case _, bool() if key in _IS_FLAG:
            return value
    raise ValueError(f"expected {_EXPECTED[key]}, found {describe(value)}")
