"""What a plan is: packages with their phases, and the build that holds them.

Values only. Reading them from a file is ``planfile.py``, from a command line ``plan.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ..text import clean
from .origins import unknown_origin

Command = str | tuple[str, ...]
"""A string goes to ``/bin/sh -c``, a tuple is an argument vector."""

_NO_ENV: Mapping[str, str] = MappingProxyType({})


def no_env() -> Mapping[str, str]:
    """The one empty environment that all packages without one share."""
    return _NO_ENV


class PlanError(ValueError):
    """A plan that cannot be built. ``str(error)`` is the one readable message: file and line or
    key, what was expected and found, what to do."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One step of a package. ``timeout`` is in seconds without new log output; None is for ever."""

    name: str
    command: Command
    timeout: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Package:
    """One package to build.

    ``origin`` is ``category/name[@flavor]``; ``category`` is empty where the origin has no slash.
    ``needs`` are origins of the same plan, each once. ``scan``: the command has no phases of its
    own, so they are read from its output; ``phases`` is then one Phase named ``build``. ``memory``
    is in bytes. ``ignore`` is the reason why it is not built (``phases`` is then empty). ``env``
    is the build's environment with the package's own over it. ``index`` is its place in the plan.
    """

    origin: str
    category: str
    name: str
    flavor: str | None
    needs: tuple[str, ...]
    phases: tuple[Phase, ...]
    scan: bool = False
    memory: int | None = None
    ignore: str | None = None
    env: Mapping[str, str] = field(default_factory=no_env)
    index: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """One build: its packages in the plan's order, every need of each among them, without a cycle.

    ``memory`` (bytes) is what running packages may declare together. ``skip_if`` succeeds for a
    package that is already built. ``jobs`` is what ``{jobs}`` stands for. ``workdir`` is absolute.
    ``directory`` is where jobs run: the plan file's, or the current one. ``path`` is the plan
    file, None for a plan made from a command.
    """

    name: str
    workers: int | None
    packages: tuple[Package, ...]
    memory: int | None = None
    skip_if: Command | None = None
    jobs: int | None = None
    workdir: str | None = None
    directory: str = "."
    path: str | None = None
    _by_origin: dict[str, Package] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_origin", {package.origin: package for package in self.packages})

    def get(self, origin: str) -> Package:
        """The package of this origin; KeyError where the plan has none."""
        return self._by_origin[origin]

    def select(self, origins: Iterable[str]) -> Plan:
        """The plan of these packages and all that they need, in the plan's order.

        PlanError for no origins, and for one that the plan does not have, with the nearest one that it has.
        """
        known = self._by_origin
        wanted: set[str] = set()
        stack = list(origins)
        if not stack:
            raise PlanError("no origins are selected: nothing to build")
        for origin in stack:
            if origin not in known:
                raise PlanError(clean(unknown_origin(origin, known)))
        while stack:
            origin = stack.pop()
            if origin not in wanted:
                wanted.add(origin)
                stack.extend(known[origin].needs)
        return replace(self, packages=tuple(p for p in self.packages if p.origin in wanted))
