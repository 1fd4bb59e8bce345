"""A plan file becomes a plan: every key known, every value right, or one message that says where not."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from ..tomlfile import Table, TomlFile, describe
from ..units import MAX_WORKERS
from .graph import circle
from .origins import SAFE, name_from, parts, same_log, unknown_origin, wrong_name, wrong_origin
from .package import Command, Package, Phase, Plan, PlanError, no_env
from .template import PLACEHOLDERS, placeholders, unsafe

BUILD_KEYS = frozenset(
    ("name", "workers", "phases", "command", "skip_if", "timeout", "memory", "env", "jobs", "workdir")
)
PHASE_KEYS = frozenset(("command", "timeout"))
PACKAGE_KEYS = frozenset(("origin", "needs", "command", "phases", "timeout", "memory", "ignore", "env"))
_ELSEWHERE = {
    **dict.fromkeys(sorted(PACKAGE_KEYS), "[[package]]"),
    **dict.fromkeys(sorted(BUILD_KEYS), "[build]"),
}

_PHASE_NAME = re.compile(f"[{SAFE}]{{1,40}}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OURS = frozenset("SYNTHTOP_" + name.upper() for name in PLACEHOLDERS)
_SHOWN = 12
"""Packages of a circle that a message names; of a longer one it shows both ends."""


def read(path: str) -> Plan:
    """The plan in the TOML file at ``path``; PlanError for whatever is wrong with it."""
    return _Reader(TomlFile(path, PlanError)).plan()


class _Reader:
    """Reads one plan. What many packages share (phases, environments) is made once."""

    def __init__(self, file: TomlFile) -> None:
        self.file = file
        top = Table(file, file.root)
        top.only(frozenset(("build", "phase", "package")), _ELSEWHERE)
        self.build = Table(file, self._table("build"), "[build]", "build")
        self.build.only(BUILD_KEYS, _ELSEWHERE)
        self.command = _command(self.build, "command")
        self.timeout = self.build.duration("timeout")
        self.names = _phase_names(self.build)
        self.env = _env(self.build)
        self.by_name = {name: self._phase(name) for name in self._table("phase")}
        self.used: set[str] = set(self.names or ())
        self.shared: dict[object, tuple[tuple[Phase, ...], bool, frozenset[str]]] = {}
        self.envs: dict[object, Mapping[str, str]] = {}

    def plan(self) -> Plan:
        build, file = self.build, self.file
        skip_if = _command(build, "skip_if")
        if skip_if is not None and (odd := placeholders(skip_if) & {"phase", "slot"}):
            build.fail(f"{{{min(odd)}}} means nothing before a package starts: leave it out", "skip_if")
        directory = os.path.dirname(os.path.abspath(file.path))
        workdir = build.string("workdir", "a path")
        if workdir is not None:
            if "\0" in workdir:
                build.wrong("workdir", "a path")
            workdir = os.path.normpath(os.path.join(directory, os.path.expanduser(workdir)))
        return Plan(
            name=self._name(directory),
            workers=build.integer("workers", 1, MAX_WORKERS),
            packages=self._packages(skip_if),
            memory=build.size("memory"),
            skip_if=skip_if,
            jobs=build.integer("jobs", 1, MAX_WORKERS),
            workdir=workdir,
            directory=directory,
            path=file.path,
        )

    def _name(self, directory: str) -> str:
        name = self.build.string("name", "a name")
        if name is not None:
            if problem := wrong_name(name):
                self.build.fail(problem, "name")
            return name
        stem, _ = os.path.splitext(os.path.basename(self.file.path))
        return name_from(os.path.basename(directory) if stem == "plan" else stem)

    def _table(self, key: str) -> dict[str, Any]:
        value = self.file.root.get(key, {})
        if not isinstance(value, dict):
            self.file.fail(f"expected a table, found {describe(value)}", key, label=f"[{key}]")
        return value

    def _phase(self, name: str) -> Table:
        label = f"[phase.{name}]"
        values = self._table("phase")[name]
        if not isinstance(values, dict):
            self.file.fail(f"expected a table, found {describe(values)}", "phase", name, label=label)
        table = Table(self.file, values, label, "phase", name)
        table.only(PHASE_KEYS)
        return table

    def _packages(self, skip_if: Command | None) -> tuple[Package, ...]:
        entries = self.file.root.get("package", [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self.file.fail("expected tables headed [[package]], in two pairs of brackets", "package")
        if not entries:
            self.file.fail("no [[package]] in it: nothing to build")
        places: dict[str, int] = {}
        tables: list[Table] = []
        for index, entry in enumerate(entries):
            table = Table(self.file, entry, "[[package]]", "package", index)
            table.only(PACKAGE_KEYS, _ELSEWHERE)
            origin = table.string("origin", "an origin like devel/gmake")
            if origin is None:
                table.fail("has no origin")
            if problem := wrong_origin(origin):
                table.fail(problem, "origin")
            table.label = f"[[package]] {origin}"
            if places.setdefault(origin, index) != index:
                table.fail("is in the plan already: an origin stands in it once", "origin")
            tables.append(table)
        known = {origin: origin for origin in places}  # one string for each origin, not one for each need
        in_skip_if = placeholders(skip_if) if isinstance(skip_if, str) else frozenset[str]()
        packages = tuple(
            self._package(table, index, origin, known, in_skip_if)
            for table, (origin, index) in zip(tables, places.items(), strict=True)
        )
        for name, phase in self.by_name.items():
            if name not in self.used:
                phase.fail(f"no package has a phase {name}: name it in phases = [...]")
        self._check_graph(packages, tables)
        return packages

    def _package(
        self, table: Table, index: int, origin: str, known: dict[str, str], in_skip_if: frozenset[str]
    ) -> Package:
        category, name, flavor = parts(origin)
        needs = table.strings("needs", "a list of origins")
        for need in needs or ():
            if need not in known:
                table.fail(unknown_origin(need, known), "needs")
        ignore = table.string("ignore", "a reason")
        phases, scan, in_shell = self._phases(table)
        if ignore is not None:
            phases, scan = (), False
        elif problem := unsafe(in_shell | in_skip_if, origin):
            table.fail(problem, "origin")
        return Package(
            origin,
            category,
            name,
            flavor,
            tuple(dict.fromkeys([known[need] for need in needs])) if needs else (),
            phases,
            scan,
            table.size("memory"),
            ignore,
            self._env(table),
            index,
        )

    def _phases(self, table: Table) -> tuple[tuple[Phase, ...], bool, frozenset[str]]:
        """Phases of a package, whether they come from its output, and which of its names stand in a
        shell command. What the package says is stronger than the phase's table, and that than [build]."""
        own = table.values
        names = _phase_names(table) if "phases" in own else self.names
        command = _command(table, "command") if "command" in own else None
        timeout = table.duration("timeout") if "timeout" in own else None
        key = (names, command, timeout)
        found = self.shared.get(key)
        if found is None:
            phases = []
            for name in names or ("build",):
                shared = self.by_name.get(name) if names else None
                phase_command = command
                seconds = timeout
                if shared is not None:
                    phase_command = command or _command(shared, "command")
                    seconds = shared.duration("timeout") if timeout is None else timeout
                phase_command = phase_command or self.command
                seconds = self.timeout if seconds is None else seconds
                if phase_command is None:
                    if "ignore" in own:
                        continue
                    table.fail(
                        f"no command for the phase {name}: give one in [phase.{name}] or [build]"
                        if names
                        else "no command: give one in [build] or here"
                    )
                phases.append(Phase(name, phase_command, seconds or None))
            in_shell = frozenset[str]().union(
                *(placeholders(phase.command) for phase in phases if isinstance(phase.command, str))
            )
            found = tuple(phases), not names, in_shell
            if "ignore" not in own:
                self.shared[key] = found
            self.used.update(names or ())
        return found

    def _env(self, table: Table) -> Mapping[str, str]:
        if "env" not in table.values:
            return self.env
        env = {**self.env, **_env(table)}
        return self.envs.setdefault(tuple(sorted(env.items())), env)

    def _check_graph(self, packages: tuple[Package, ...], tables: list[Table]) -> None:
        if clash := same_log([package.origin for package in packages]):
            table = next(table for table in tables if table.values["origin"] == clash[1])
            table.fail(f"its log would be the same file as that of {clash[0]}: rename one", "origin")
        if found := circle(packages):
            first = next(package.index for package in packages if package.origin == found[0])
            tables[first].fail(f"packages need each other in a circle: {_path(found)}", "needs")


def _path(origins: list[str]) -> str:
    if len(origins) > _SHOWN:
        half = _SHOWN // 2
        between = f"({len(origins) - 2 * half} more)"
        origins = [*origins[:half], between, *origins[-half:]]
    return " -> ".join(origins)


def _command(table: Table, key: str) -> Command | None:
    value = table.values.get(key)
    if value is None:
        return None
    expected = "a shell command in quotes, or a list of arguments"
    if isinstance(value, str):
        if not value.strip() or "\0" in value:
            table.wrong(key, expected)
        return value
    words = table.strings(key, expected)
    if not words or not words[0].strip():
        table.fail(f"expected {expected}, found a list without a program", key)
    if any("\0" in word for word in words):
        table.fail("an argument must not have a NUL character", key)
    return tuple(words)


def _phase_names(table: Table) -> tuple[str, ...] | None:
    names = table.strings("phases", "a list of phase names")
    for name in names or ():
        if not _PHASE_NAME.fullmatch(name):
            table.fail(
                f"expected the name of a phase, 1 to 40 characters of {SAFE}, found {describe(name)}",
                "phases",
            )
    if names and len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        table.fail(f"the phase {twice} stands in it twice", "phases")
    return tuple(names) if names else None


def _env(table: Table) -> Mapping[str, str]:
    values = table.values.get("env")
    if values is None:
        return no_env()
    if not isinstance(values, dict):
        table.wrong("env", 'a table like { BATCH = "yes" }')
    for name, value in values.items():
        if not isinstance(value, str):
            _bad_env(table, name, f"expected a string, found {describe(value)}")
        if not _VARIABLE.fullmatch(name):
            _bad_env(table, name, "expected a variable's name, of letters, digits and _")
        if name in _OURS:
            _bad_env(table, name, "each job has this variable from synthtop: use another name")
        if "\0" in value:
            _bad_env(table, name, "a value must not have a NUL character")
    return dict(values)


def _bad_env(table: Table, name: str, problem: str) -> NoReturn:
    table.file.fail(problem, *table.path, "env", name, label=f"{table.label} env {name}")
