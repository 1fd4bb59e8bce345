"""Rules for compilers and linkers of C and its kin, and for what they die of."""

from __future__ import annotations

from .rule import How, Rule, Strength, rule

CAUSE, ERROR, HINT = Strength.CAUSE, Strength.ERROR, Strength.HINT
CONSEQUENCE = Strength.CONSEQUENCE

_INCLUDED = (
    rb"^In file included from |Assembler messages:|^ +from |: In (?:\w+ )*(?:function|instantiation|"
    rb"substitution)\b"
    rb"|: At (?:global|top)|required (?:from|by)|^ +\d+ \||^ +\|"
)
_FORTRAN = rb"^\s*$|^\s+\S|^[^\s:]{1,300}:\d+:\d+:\s*$"
_OCAML = rb"^\s*$|^\s|^\d+ \||^File \""

COMPILERS: tuple[Rule, ...] = (
    rule(
        "compiler",
        CAUSE,
        (b"error:", b"error ", b"error #"),
        rb":\d{1,7}(?::\d{1,7}|\.\d{1,7}(?:-\d{1,7})?)?:? (?:fatal |internal compiler |hard |syntax |"
        rb"parse |type )?"
        rb"[Ee]rror(?: [A-Z]{1,9}\d{1,6}| #\d+)?: ?(?!\[[\w-]{1,40}\](?: \[[^\]]{1,60}\])?\s*$)\S",
        b"src/main.c:12:5: error: 'x' undeclared (first use in this function)",
        before=_INCLUDED,
        never=(
            b"main.c:3:5: warning: implicit declaration of function 'error'",
            b"cc -Werror -Werror=format -c -o error.o errors.c",
            b"conftest.c:11:10: fatal error: foo.h: No such file or directory",
            b"main.c:10:3: note: expected 'int' but argument is of type 'error_t'",
        ),
    ),
    rule(
        "compiler-bare",
        CAUSE,
        b"error:",
        rb":\d{1,7}:\d{1,7}: error:(?: \[[\w-]{1,40}\](?: \[[^\]]{1,60}\])?)?\s*$",
        b"src/Main.hs:5:8: error: [GHC-88464]",
        how=How.JOINED,
    ),
    rule(
        "compiler-msvc",
        CAUSE,
        (b"error ", b"error:"),
        rb"\(\d{1,7}(?:,\d{1,7})*\)\s?: (?:fatal )?error(?: #?[A-Z]{0,9}\d{1,6})?: ",
        b"main.c(12): error C2065: 'x': undeclared identifier",
        never=(b"main.c(12): warning C4996: 'strerror': This function may be unsafe",),
    ),
    rule(
        "tsc",
        CAUSE,
        b"error ",
        rb"\berror TS\d+: ",
        b"src/index.ts:3:5 - error TS2304: Cannot find name 'x'.",
    ),
    rule(
        "compiler-killed",
        CAUSE,
        (b"killed", b"signal "),
        rb"(?:Killed signal terminated program|internal compiler error: Killed|terminated (?:with|"
        rb"by) signal \d+)",
        b"c++: fatal error: Killed signal terminated program cc1plus",
    ),
    rule(
        "compiler-driver",
        CAUSE,
        b"error:",
        rb"^(?:[^\s:]{1,200}[/\\])?(?:[\w.+]{1,40}-)*(?:cc1\w*|gcc|g\+\+|c\+\+|cc|clang|clang\+\+|cpp|f951|"
        rb"gfortran|as|"
        rb"nvcc|rustc|swiftc|ldc2|gdc|gnat\w*)(?:-[\d.]{1,9})?: (?:fatal |internal compiler )?[Ee]rror: "
        rb"(?!linker command failed|ld returned|all warnings|error: command)",
        b"gcc: error: unrecognized command-line option '-fnosuch'",
        never=(
            b"cc1: all warnings being treated as errors; see 0 errors",
            b"gcc -c error.c -o error.o",
        ),
    ),
    rule(
        "error-first",
        CAUSE,
        b"error: ",
        rb"^Error: \S",
        b"Error: Symbol 'x' at (1) has no IMPLICIT type",
        before=_FORTRAN + rb"|" + _OCAML,
        never=(b"errors.c: compiled without Errors: 0",),
    ),
    rule(
        "undefined-reference",
        CAUSE,
        b"undefined reference to",
        rb"undefined reference to \S",
        b"/usr/bin/ld: main.c:(.text+0x5): undefined reference to `foo'",
        before=rb": in function ",
        never=(b"checking for undefined reference to foo... no",),
    ),
    rule(
        "linker",
        CAUSE,
        b"error: ",
        rb"^(?:[^\s:]{1,200}/)?(?:ld|ld\.\w+|ld64(?:\.lld)?|lld|lld-link|wasm-ld|mold|gold|rust-lld|"
        rb"ld-wrapper)(?:-[\d.]+)?: "
        rb"(?:fatal )?error: (?!linker command)",
        b"ld.lld: error: undefined symbol: foo",
        never=(b"ld: warning: cannot find entry symbol error",),
    ),
    rule(
        "missing-library",
        CAUSE,
        (b"cannot ", b"not found", b"unable to"),
        rb"(?:cannot find|library not found for|unable to find library) -l\S|ld: library '[^']+' not found",
        b"/usr/bin/ld: cannot find -lnosuch: No such file or directory",
        never=(b"libtool: link: warning: library -lfoo moved",),
    ),
    rule(
        "linker-file",
        CAUSE,
        (b"cannot ", b"not recognized", b"error adding"),
        rb"\bld(?:\.\w+)?: (?:cannot (?:find|open)(?: output file| linker script file)? (?!entry)\S|"
        rb"[^\s:]{1,300}: (?:file not recognized|error adding symbols|undefined reference))",
        b"/usr/bin/ld: cannot find crt1.o: No such file or directory",
    ),
    rule(
        "multiple-definition",
        CAUSE,
        (b"multiple definition of", b"duplicate symbol"),
        rb"multiple definition of \S|^(?:ld: )?duplicate symbols? (?!warn)\S",
        b"/usr/bin/ld: b.o:(.data+0x0): multiple definition of `level'; a.o:(.data+0x0): first defined here",
    ),
    rule(
        "undefined-symbols",
        CAUSE,
        b"undefined symbols for architecture",
        rb"^Undefined symbols for architecture \w+:",
        b"Undefined symbols for architecture arm64:",
        how=How.JOINED,
    ),
    rule(
        "linker-relocation",
        CAUSE,
        (b"recompile with", b"missing ", b"not recognized", b"wrong format", b"isn't defined"),
        rb"^(?>.*?\bld\b).*(?:recompile with -f|DSO missing from command line|[Ff]ile format not recognized|"
        rb"[Ff]ile in wrong format|isn't defined)|: file not recognized: ",
        b"/usr/bin/ld: a.o: relocation R_X86_64_32 against `.rodata' can not be used when making a shared "
        b"object; "
        b"recompile with -fPIC",
    ),
    rule(
        "loader",
        CAUSE,
        (b"error: ", b"error while", b"not found"),
        rb"error while loading shared libraries: |symbol lookup error: |"
        rb"Shared object \"[^\"]+\" not found, required by",
        b"./prog: error while loading shared libraries: libfoo.so.1: cannot open shared object file",
    ),
    rule(
        "link-failed",
        CONSEQUENCE,
        (b"ld returned", b"failed", b"treated as errors"),
        rb"ld returned \d+ exit status|linker command failed|all warnings being treated as errors"
        rb"|final link failed: (?!No space)",
        b"collect2: error: ld returned 1 exit status",
    ),
)
