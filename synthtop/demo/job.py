"""One phase of one package of the demo, as a process of its own: ``job.py PHASE``.

A package is a generated Python library: fetched as a tarball, unpacked, configured against the packages
that it needs, byte-compiled, tested, and packed. Nothing but the standard library is used, and nothing
is written outside the package's work directory and ``LOGS/packages``.
"""

from __future__ import annotations

import compileall
import hashlib
import importlib
import os
import random
import shutil
import sys
import tarfile
import unittest
from pathlib import Path
from typing import NamedTuple

ORIGIN = os.environ["SYNTHTOP_ORIGIN"]
NAME = os.environ["SYNTHTOP_NAME"].replace("-", "_")
WORK = Path(os.environ["SYNTHTOP_WORKDIR"])
PACKAGES = Path(os.environ["SYNTHTOP_LOGS"]) / "packages"
MODULES = int(os.environ.get("DEMO_MODULES", "3"))
"""How large the package is."""
NEEDS = os.environ.get("DEMO_NEEDS", "").split()
BROKEN = os.environ.get("DEMO_BROKEN") == "yes"
FUNCTIONS = 680
SOURCE = WORK / "source"
DEPENDENCIES = WORK / "needs"


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def package_file(origin: str) -> Path:
    return PACKAGES / (origin.replace("/", "___") + ".tar.xz")


class Recipe(NamedTuple):
    """The constants of one function: what it is to compute."""

    first: int
    second: int
    third: int

    def value(self, left: int, right: int) -> int:
        """What the function must return, computed without it."""
        total = left * self.first + right
        for step in range(self.second % 7 + 1):
            if total % self.third > step:
                total = (total * self.second + step) % (self.first * 1009)
            else:
                total += step * self.third
        return total


def recipes() -> list[list[Recipe]]:
    """The recipes of all functions, module by module: always the same for an origin."""
    chance = random.Random(ORIGIN)
    return [
        [Recipe(*(chance.randrange(2, 997) for _ in range(3))) for _ in range(FUNCTIONS)]
        for _ in range(MODULES)
    ]


def module_source(number: int, of_module: list[Recipe], broken: bool) -> str:
    """A module with a function for each recipe; ``broken``: the last one has an operator wrong."""
    lines = [f'"""Module {number} of {ORIGIN}."""', ""]
    for function, (first, second, third) in enumerate(of_module):
        sign = "-" if broken and function == FUNCTIONS - 1 else "+"
        lines += [
            f"def function_{function}(left, right):",
            f"    total = left * {first} {sign} right",
            f"    for step in range({second % 7 + 1}):",
            f"        if total % {third} > step:",
            f"            total = (total * {second} + step) % {first * 1009}",
            "        else:",
            f"            total += step * {third}",
            "    return total",
            "",
        ]
    return "\n".join(lines)


def fetch() -> None:
    shutil.rmtree(WORK, ignore_errors=True)
    (WORK / "tree").mkdir(parents=True)
    for number, of_module in enumerate(recipes()):
        text = module_source(number, of_module, BROKEN and number == MODULES - 1)
        (WORK / "tree" / f"module_{number}.py").write_text(text)
    with tarfile.open(WORK / "source.tar.gz", "w:gz") as tarball:
        tarball.add(WORK / "tree", "source")
    digest = hashlib.sha256((WORK / "source.tar.gz").read_bytes()).hexdigest()
    say(f"source.tar.gz  {(WORK / 'source.tar.gz').stat().st_size} bytes")
    say(f"SHA256 {digest}")


def unpack(archive: tarfile.TarFile, directory: Path) -> None:
    # Filters came with Python 3.11.4, and an older one refuses the argument.
    archive.extraction_filter = getattr(tarfile, "data_filter", None)
    archive.extractall(directory)


def extract() -> None:
    with tarfile.open(WORK / "source.tar.gz") as tarball:
        for member in tarball:
            say(f"x {member.name}")
        unpack(tarball, WORK)


def configure() -> None:
    DEPENDENCIES.mkdir(exist_ok=True)
    for check in ("python", "a sane environment", "tar", "lzma", "compileall"):
        say(f"checking for {check}... yes")
    for origin in NEEDS:
        with tarfile.open(package_file(origin)) as package:
            unpack(package, DEPENDENCIES)
        say(f"checking for {origin}... {package_file(origin).stat().st_size} bytes")
    (SOURCE / "config").write_text("\n".join(NEEDS))


def build() -> None:
    for number in range(MODULES):
        module = SOURCE / f"module_{number}.py"
        for level in (0, 1, 2):
            say(f"compile -O{level} {module.name}")
            compileall.compile_file(str(module), quiet=1, force=True, optimize=level)


class Tests(unittest.TestCase):
    """The functions of one compiled module must compute what their recipes say."""

    number = 0

    def runTest(self) -> None:
        module = importlib.import_module(f"module_{self.number}")
        for index, recipe in enumerate(recipes()[self.number]):
            function = getattr(module, f"function_{index}")
            computed = [function(left, right) for left in range(12) for right in range(12)]
            expected = [recipe.value(left, right) for left in range(12) for right in range(12)]
            say(f"module_{self.number}.function_{index} ... {sum(computed)}")
            self.assertEqual(computed, expected, f"module_{self.number}.function_{index} is wrong")


def test() -> None:
    sys.path.insert(0, str(SOURCE))
    suite = unittest.TestSuite()
    for number in range(MODULES):
        case = Tests()
        case.number = number
        suite.addTest(case)
    if not unittest.TextTestRunner(stream=sys.stdout, verbosity=1).run(suite).wasSuccessful():
        sys.exit(1)


def package() -> None:
    PACKAGES.mkdir(parents=True, exist_ok=True)
    fresh = package_file(ORIGIN).with_suffix(".new")
    with tarfile.open(fresh, "w:xz", preset=6) as archive:
        for file in sorted(SOURCE.rglob("*")):
            if file.is_file():
                say(f"a {file.relative_to(SOURCE)}")
                archive.add(file, f"{NAME}/{file.relative_to(SOURCE)}")
    fresh.replace(package_file(ORIGIN))
    say(f"created {package_file(ORIGIN).name}, {package_file(ORIGIN).stat().st_size} bytes")


PHASES = {phase.__name__: phase for phase in (fetch, extract, configure, build, test, package)}

if __name__ == "__main__":
    PHASES[sys.argv[1]]()
