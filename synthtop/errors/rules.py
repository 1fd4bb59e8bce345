"""All rules, and what tells a line that looks like an error from one."""

from __future__ import annotations

import re

from .building import BUILDING
from .compilers import COMPILERS
from .languages import LANGUAGES
from .rule import Rule
from .system import SYSTEM
from .testing import TESTING

RULES: tuple[Rule, ...] = (*COMPILERS, *BUILDING, *LANGUAGES, *TESTING, *SYSTEM)

NO_ERROR = re.compile(
    rb"\bconftest\b(?!\.py)|CMakeTmp|CMakeScratch|\bcmTC_\w+|\bCheck(?:Symbol|Function|Include|Type)\w*\.c|"
    rb"\btestCCompiler|\btestfile\.c:"
    rb"|(?<!\d)0 (?:errors?|failures?|tests? failed|failed)\b|^\s*not ok\b.*# *TODO\b|\(TODO\)|"
    rb"\bno errors?(?:\s*$|[.,;)]| (?:found|detected|were|in)\b)|"
    rb"\bwithout errors?\b|\berrors?: 0\b|\(ignored\)\s*$"
    rb"|^\s*(?:-- )?[Cc]hecking (?!.*configure: error)|^-- (?:Looking for|Performing Test|Could NOT|Check |"
    rb"Detecting)"
    rb"|^\s*(?:XFAIL|XPASS|PASS|SKIP|UNSUPPORTED|EXPECTED)\b|^configure:\d+: (?!error)|not a git repository"
)
"""Lines that are none, whatever else is in them."""
WARNING = re.compile(rb"(?i:(?:^|[\s:\[])warning\b)")
"""Lines that are none, but for a rule of the strongest kind."""
ECHO = re.compile(
    rb"^\s*(?:\+ |\[ *\d+(?:/\d+|%)\] |libtool: |/bin/(?:ba)?sh (?:\./|\.\./|-c)|(?:\S*/)?(?:g?cc|[gc]\+\+|"
    rb"clang(?:\+\+)?|gfortran|rustc|g?make|"
    rb"ninja|echo|printf|test|if|rm|cp|mv|mkdir|install|cd|sed|grep|javac|ar|ld|cmake) [^:]*(?:$|\s-))"
)
"""Commands as make and shells print them, before they say anything."""
NOISE = ((b"-werror", b"-w_____"), (b"strerror", b"str_____"))
"""Lower-case bytes that would be looked at in each line of a log, with what hides the needle in them."""
SOURCE = re.compile(rb"^\s+\d+ \| ")
"""The source that a compiler shows below what it says of it: its words are not meant."""
IGNORED = re.compile(rb"\(ignored\)\s*$")
"""What make says of a command's failure that stops nothing: what was printed right before is no cause."""
OFTEN = frozenset(
    (
        b"error:",
        b"error: ",
        b"error ",
        b"error at ",
        b"error in ",
        b"error[",
        b"error]",
        b"error] ",
        b"***",
        b"failed",
        b"failed: ",
        b"fail:",
        b"undefined reference to",
        b"multiple definition of",
        b"cannot ",
        b"traceback (most",
        b"exception",
        b"panic",
        b"no space left",
        b"killed",
        b"memory",
        b".go:",
        b"mismatch",
        b"sanitizer: ",
        b"assertion",
        b"segmentation",
    )
)
"""Needles of what most builds fail of: these are looked for in a whole part, the others only near its end."""
