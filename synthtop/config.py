"""Settings from the command line, the environment and files, the strongest first.

A file is TOML, or the ini form of dsynth. What the values do is not decided here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from . import dsynthini, keymap
from .text import clean
from .throttle import POLICIES
from .tomlfile import Table, TomlFile, describe, nearest, read_text
from .units import FLAGS, MAX_WORKERS, parse_duration, parse_size

ORDERS = ("time", "chain", "plan")
THEMES = ("dark", "light", "16", "contrast")
"""The themes of the dashboard, as a user names them."""
GRACE = 10.0
"""Seconds between SIGTERM and SIGKILL where nothing else is set."""

NOTICES = ("failure", "stall", "end")
"""What somebody may be told of who does not look."""
COLUMNS = ("slot", "duration", "phase", "origin", "lines", "cpu", "memory")
"""The columns of the table of workers."""

_IS_FLAG = frozenset(("no_monitor", "no_history", "fail_fast", "plain", "ascii"))
RETRIES_AT_MOST = 100
_EXPECTED = {
    "workers": f"a number from 1 to {MAX_WORKERS}",
    "throttle": f"one of {', '.join(POLICIES)}",
    "logs": "a directory",
    "monitor": "[FORMAT:]PATH, or a list of these",
    "timeout": "a duration like 90 (seconds), 30m or 1h30m",
    "grace": "a duration like 90 (seconds), 30m or 1h30m",
    "order": f"one of {', '.join(ORDERS)}",
    "retry": f"a number from 0 to {RETRIES_AT_MOST}",
    "no_monitor": "true or false",
    "no_history": "true or false",
    "fail_fast": "true or false",
    "plain": "true or false",
    "theme": f"one of {', '.join(THEMES)}",
    "ascii": "true or false",
    "notify": "bell, or a command",
    "notify_on": f"one or more of {', '.join(NOTICES)}",
    "stalled_after": 'a table of durations by phase, like build = "3h"',
    "low_space": "a size like 512M, 24G or a number of bytes; 0 is never",
    "columns": f"some of {', '.join(COLUMNS)}, origin among them",
    "sort": f"one of {', '.join(COLUMNS)}, with - before it the other way round",
    "keys": 'a table of keys by command, like failures = "F"',
}
_WORDS = {"notify_on": NOTICES, "columns": COLUMNS}
_TABLES = frozenset(("stalled_after", "keys"))
_KNOWN = {"throttle": tuple(POLICIES), "order": ORDERS, "theme": THEMES}
_TILDE = re.compile(r"(^|^[a-z]+:)~(?=/)")


class ConfigError(ValueError):
    """Settings that are wrong. ``str(error)`` says which file and line, or which variable, and which
    key, what was expected and found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What may be set in more than one place; None where it is not.

    ``workers`` is 1..1024. ``throttle`` is a policy's name. ``logs`` is a directory. ``monitor`` are
    targets as ``--monitor`` takes them. ``retry`` is how many times more a package that fails is tried.
    ``timeout`` and ``grace`` are seconds; a timeout of 0 is none.
    ``theme`` is one of :data:`THEMES`; ``ascii`` says whether the dashboard keeps to ASCII. ``notify`` is
    ``bell`` or a command, ``notify_on`` some of :data:`NOTICES`. ``stalled_after`` has the seconds of some
    phases (0: never), ``low_space`` is in bytes (0: never). ``columns`` are some of :data:`COLUMNS`, ``sort``
    is one of them, perhaps with ``-`` before it. ``keys`` are Textual's, by command.
    """

    workers: int | None = None
    throttle: str | None = None
    logs: str | None = None
    monitor: tuple[str, ...] | None = None
    no_monitor: bool | None = None
    no_history: bool | None = None
    timeout: float | None = None
    grace: float | None = None
    order: str | None = None
    retry: int | None = None
    fail_fast: bool | None = None
    plain: bool | None = None
    theme: str | None = None
    ascii: bool | None = None
    notify: str | None = None
    notify_on: tuple[str, ...] | None = None
    stalled_after: Mapping[str, float] | None = None
    low_space: int | None = None
    columns: tuple[str, ...] | None = None
    sort: str | None = None
    keys: Mapping[str, str] | None = None

    def over(self, weaker: Settings) -> Settings:
        """These settings, and what only ``weaker`` says."""
        merged: dict[str, Any] = {}
        for field in fields(self):
            own = getattr(self, field.name)
            theirs = getattr(weaker, field.name)
            if field.name in _TABLES and own is not None and theirs is not None:
                own = {**theirs, **own}  # of each phase and each command by itself
            merged[field.name] = theirs if own is None else own
        # One question with one answer: who is silent about it takes both halves from the weaker.
        if self.monitor is not None or self.no_monitor is not None:
            merged["monitor"], merged["no_monitor"] = self.monitor, self.no_monitor
        return Settings(**merged)


KEYS = frozenset(field.name for field in fields(Settings))
"""What may be set: in a file by these names, in the environment as ``SYNTHTOP_`` and the name in capitals."""


DEFAULTS: Mapping[str, object] = {
    "throttle": "step",
    "no_monitor": False,
    "no_history": False,
    "timeout": 0.0,
    "grace": GRACE,
    "order": ORDERS[0],
    "retry": 0,
    "fail_fast": False,
    "notify_on": NOTICES,
    "columns": COLUMNS[:5],
    "sort": "slot",
}
"""What counts where nothing is set, as far as that is known without a build."""
DEFAULT = "default"
COMMAND_LINE = "command line"
_Where = Callable[[str], str]
"""Says of a key which variable, or which line of which file, has set it."""
_LineOf = Callable[[str], int | None]


def load(environ: Mapping[str, str], config_path: str | None, cli: Settings) -> Settings:
    """All settings: ``cli`` over the environment over ``config_path`` over the user's own file.

    The user's own is ``$XDG_CONFIG_HOME/synthtop/config.toml``, else ``~/.config/synthtop/config.toml``;
    it need not be there. Raises ConfigError for a value that is wrong, and for a file that cannot be read.
    """
    settings = Settings()
    for weaker, _ in _layers(environ, config_path, cli):
        settings = settings.over(weaker)
    return settings


def load_with_sources(
    environ: Mapping[str, str], config_path: str | None, cli: Settings
) -> list[tuple[str, object, str]]:
    """Each key, what :func:`load` finds for it, and where: ``command line``, a variable, ``FILE:LINE``.

    What nobody has set has its value from ``default``, None where that depends: on plan, terminal or host.
    """
    settings = Settings()
    sources: dict[str, str] = {}
    for weaker, where in _layers(environ, config_path, cli):
        merged = settings.over(weaker)
        for key in KEYS:
            if getattr(settings, key) is None and getattr(merged, key) is not None:
                sources[key] = where(key)
        settings = merged
    names = [field.name for field in fields(Settings)]
    return [
        (name, getattr(settings, name), sources[name])
        if name in sources
        else (name, DEFAULTS.get(name), DEFAULT)
        for name in names
    ]


def _layers(
    environ: Mapping[str, str], config_path: str | None, cli: Settings
) -> Iterator[tuple[Settings, _Where]]:
    """What each place says, the strongest first."""
    yield cli, lambda key: COMMAND_LINE
    yield from_environ(environ), _variable
    own = user_file(environ)
    home = environ.get("HOME")
    if config_path is not None:
        yield _from_file(config_path, home)
    if own is not None and os.path.lexists(own):
        yield _from_file(own, home)


def _variable(key: str) -> str:
    return "SYNTHTOP_" + key.upper()


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
        variable = _variable(key)
        value = environ.get(variable, "").strip()
        if value and not (inside_a_job and key == "logs"):
            try:
                found[key] = from_word(key, value)
            except ValueError as problem:
                raise ConfigError(clean(f"{variable}: {problem}")) from problem
    return Settings(**found)


def _from_file(path: str, home: str | None) -> tuple[Settings, _Where]:
    """What a file says, in TOML or in dsynth's ini form, and where in it; ``~/`` in it is ``home``."""
    text = read_text(path, ConfigError)
    is_ini = path.endswith(".ini") or dsynthini.is_ini(text)
    found, line_of = (_from_ini if is_ini else _from_toml)(path, text)
    settings = Settings(**found)
    if home:
        logs, monitor = settings.logs, settings.monitor
        settings = replace(
            settings,
            logs=None if logs is None else _at_home(logs, home),
            monitor=None if monitor is None else tuple(_at_home(target, home) for target in monitor),
        )
    return settings, lambda key: path if (line := line_of(key)) is None else f"{path}:{line}"


def check_file(path: str, text: str) -> None:
    """ConfigError where ``text``, of the file at ``path``, is no settings in TOML."""
    _from_toml(path, text)


def _from_ini(path: str, text: str) -> tuple[dict[str, Any], _LineOf]:
    given = dsynthini.read(text, path, ConfigError)
    return {key: value for key, (value, _) in given.items()}, lambda key: given[key].line


def _from_toml(path: str, text: str) -> tuple[dict[str, Any], _LineOf]:
    file = TomlFile(path, ConfigError, text)
    table = Table(file, file.root)
    table.only(KEYS)
    found: dict[str, Any] = {}
    for key, value in file.root.items():
        try:
            found[key] = _checked(key, value)
        except ValueError as problem:
            table.fail(str(problem), key)
    return found, lambda key: file.line_of((key,))


def _at_home(path: str, home: str) -> str:
    """``path``, which may have a format and a colon before it, with ``~/`` at its start as ``home``."""
    return _TILDE.sub(lambda match: match[1] + home, path, count=1)


def from_word(key: str, word: str) -> Any:
    """What a word on a command line or in a variable says for ``key``; ValueError with expected and found."""
    return _checked(key, _as_in_toml(key, word))


def _as_in_toml(key: str, word: str) -> object:
    """A word as the value that TOML would have for ``key``; as it is where it is no such value."""
    if key in _WORDS:
        return word.replace(",", " ").split()
    if key in _TABLES:
        pairs = [pair.partition("=") for pair in word.replace(",", " ").split()]
        return {name: value for name, _, value in pairs} if all(sign for _, sign, _ in pairs) else word
    if key in ("workers", "retry") and word.isascii() and word.isdigit() and len(word) < 10:
        return int(word)
    return FLAGS.get(word.lower(), word) if key in _IS_FLAG else word


def _checked(key: str, value: object) -> object:
    """``value`` as the field ``key`` of :class:`Settings` has it; ValueError with expected and found."""
    match key, value:
        case "workers", int() if not isinstance(value, bool) and 1 <= value <= MAX_WORKERS:
            return value
        case "retry", int() if not isinstance(value, bool) and 0 <= value <= RETRIES_AT_MOST:
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
        case "notify", str() if value.strip() and "\0" not in value:
            return value
        case "low_space", 0 | "0" if not isinstance(value, bool):
            return 0
        case "low_space", str() | int() if not isinstance(value, bool):
            return parse_size(value)
        case (("notify_on" | "columns"), str()):
            return _words(key, [value])
        case (("notify_on" | "columns"), list()):
            return _words(key, value)
        case "sort", str() if value.removeprefix("-") in COLUMNS:
            return value
        case "stalled_after", dict():
            return {phase: _seconds(phase, time) for phase, time in value.items()}
        case "keys", dict() if all(isinstance(word, str) for word in value.values()):
            return keymap.checked(value)
    raise ValueError(f"expected {_EXPECTED[key]}, found {describe(value)}")


def _words(key: str, words: list[Any]) -> tuple[str, ...]:
    known = _WORDS[key]
    for word in words:
        if word not in known:
            near = nearest(str(word), known)
            advice = f"; did you mean {near}?" if near else ""
            raise ValueError(f"expected {_EXPECTED[key]}, found {describe(word)}{advice}")
    if not words or (key == "columns" and "origin" not in words):
        raise ValueError(f"expected {_EXPECTED[key]}, found {' '.join(words) or 'none'}")
    # In the order in which they are shown, each once.
    return tuple(word for word in known if word in words)


def _seconds(phase: str, time: object) -> float:
    try:
        if isinstance(time, bool) or not isinstance(time, str | int | float):
            raise ValueError(f"expected a duration like 90 (seconds), 30m or 1h30m, found {describe(time)}")
        return parse_duration(time)
    except ValueError as problem:
        raise ValueError(f"{phase}: {problem}") from problem
