"""dsynth's ini form of the settings: ``[Global Configuration]`` with its keys of the monitor and builders.

What else such a file says is dsynth's own business, but for a key of ours misspelt.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple, NoReturn

from .text import clean
from .tomlfile import nearest
from .units import FLAGS, MAX_WORKERS

_SECTION = re.compile(r"^\s*\[\s*Global Configuration\s*\]", re.IGNORECASE | re.MULTILINE)
_FORMATS = ("text", "json", "dsynth", "report")
_KEYS = {
    key.lower(): key
    for key in ("Enable_monitor", "Monitor_file", "Monitor_format", "Stats_update_freq", "Number_of_builders")
}
_NEAR = 0.8
"""How alike a key must be to one of ours to be taken for a slip: dsynth has many others of its own."""


class Given(NamedTuple):
    """A setting's value, and the line that gives it, counted from 1."""

    value: Any
    line: int


def is_ini(text: str) -> bool:
    """Whether this is the ini form: TOML cannot have a blank in a table's name."""
    return _SECTION.search(text) is not None


def read(text: str, path: str, error: type[ValueError]) -> dict[str, Given]:
    """The settings (``workers``, ``monitor``, ``no_monitor``) that are given; ``error`` for a wrong value."""
    return _Ini(text, path, error).settings()


class _Ini:
    """The lines of the one section, by the key in small letters: line, and value."""

    def __init__(self, text: str, path: str, error: type[ValueError]) -> None:
        self.path = path
        self.error = error
        self.found: dict[str, tuple[int, str]] = {}
        ours = False
        for number, line in enumerate(text.splitlines(), 1):
            line = line.strip()
            if not line or line[0] in "#;":
                continue
            if line[0] == "[":
                ours = _SECTION.match(line) is not None
                continue
            key, equals, value = (part.strip() for part in line.partition("="))
            if ours and not equals:
                self.fail(number, f"expected Key=value or [Section], found {line!r}")
            if ours:
                self._add(number, key, value)

    def _add(self, number: int, key: str, value: str) -> None:
        small = key.lower()
        if small in self.found:
            self.fail(number, f"{key}: it is there twice: leave one out")
        if small not in _KEYS and (near := nearest(small, _KEYS, _NEAR)):
            self.fail(number, f"unknown key {key!r}; did you mean {_KEYS[near]}?")
        self.found[small] = number, value

    def settings(self) -> dict[str, Given]:
        settings: dict[str, Given] = {}
        if builders := self._value("Number_of_builders"):
            number, value = builders
            if not re.fullmatch("[0-9]{1,9}", value) or not 1 <= int(value) <= MAX_WORKERS:
                self._wrong(number, "Number_of_builders", f"a number from 1 to {MAX_WORKERS}", value)
            settings["workers"] = Given(int(value), number)
        if frequency := self._value("Stats_update_freq"):
            number, value = frequency
            if value != "1":
                self._wrong(number, "Stats_update_freq", "1 (Hz): no other is supported", value)
        enabled = self._enabled()
        target = self._target()
        if target is not None and (enabled is None or enabled.value):
            settings["monitor"] = target
        elif enabled is not None:
            settings["no_monitor"] = Given(not enabled.value, enabled.line)
        return settings

    def _enabled(self) -> Given | None:
        if (enable := self._value("Enable_monitor")) is None:
            return None
        number, value = enable
        if value.lower() not in FLAGS:
            self._wrong(number, "Enable_monitor", "yes or no", value)
        return Given(FLAGS[value.lower()], number)

    def _target(self) -> Given | None:
        """What is to be kept up to date as ``--monitor`` takes it: ``text:/build/monitor.dat``."""
        form = "text"
        if given := self._value("Monitor_format"):
            number, value = given
            form = value.lower()
            if form not in _FORMATS:
                self._wrong(number, "Monitor_format", f"one of {', '.join(_FORMATS)}", value)
        if (file := self._value("Monitor_file")) is None:
            return None
        number, value = file
        if not value or "\0" in value:
            self._wrong(number, "Monitor_file", "a path", value)
        return Given((f"{form}:{value}",), number)

    def _value(self, key: str) -> tuple[int, str] | None:
        return self.found.get(key.lower())

    def _wrong(self, number: int, key: str, expected: str, value: str) -> NoReturn:
        self.fail(number, f"{key}: expected {expected}, found {value!r}")

    def fail(self, number: int, message: str) -> NoReturn:
        raise self.error(clean(f"{self.path}:{number}: {message}"))
