"""Rules for what drives a build: make, ninja, cmake, meson, configure, pkg-config, the ports framework."""

from __future__ import annotations

from .rule import How, Rule, Strength, rule

CAUSE, ENDED, ERROR, HINT = Strength.CAUSE, Strength.ENDED, Strength.ERROR, Strength.HINT
CONSEQUENCE, HEADER = Strength.CONSEQUENCE, Strength.HEADER

BUILDING: tuple[Rule, ...] = (
    rule(
        "make",
        CAUSE,
        b"***",
        rb"^[^\s*][^*]{0,400}: \*\*\* (?!\[|Waiting for|Deleting|Error \d|Error code|wait: |extconf)\S",
        b"make: *** No rule to make target 'x.c', needed by 'x.o'.  Stop.",
        never=(
            b"make: *** Waiting for unfinished jobs....",
            b"rm -f *** make: clean",
            b"/*** make: begin ***/",
        ),
    ),
    rule(
        "make-signal",
        ERROR,
        b"***",
        rb": \*\*\* \[[^\]]{1,400}\] (?!Error|Interrupt|Terminated|Hangup|Deleting)[A-Z]",
        b"make: *** [Makefile:2: all] Segmentation fault (core dumped)",
        never=(b"make: *** [Makefile:2: all] Terminated",),
    ),
    rule(
        "make-failed",
        CONSEQUENCE,
        b"***",
        rb"\*\*\* (?:\[[^\]]{1,400}\] )?Error (?:code )?\d+(?!.*\(ignored\))",
        b"make[1]: *** [Makefile:3: hello.o] Error 1",
        how=How.ABOVE,
        never=(b"make: [Makefile:3: clean] Error 1 (ignored)", b"*** Error code 1 (ignored)"),
    ),
    rule(
        "bmake",
        CAUSE,
        (b"don't know how", b"no target to", b"failed"),
        rb"make(?:\[\d+\])?: (?:[Dd]on't know how to make |no target to make)|^make: exec\([^)]+\) failed \("
        rb"|^exec\([^)]+\) failed \(",
        b"make: don't know how to make nosuch. Stop",
    ),
    rule(
        "bmake-file",
        CAUSE,
        (b" line ",),
        rb"^b?make(?:\[\d+\])?: \"[^\"]{1,400}\" line \d+: (?![Ww]arning)",
        b'make: "/usr/ports/x/y/Makefile" line 12: Could not find bsd.port.mk',
        never=(b'make: "/usr/ports/x/y/Makefile" line 12: warning: duplicate script',),
    ),
    rule(
        "ninja",
        CAUSE,
        b"ninja: ",
        rb"^ninja: (?:error|fatal): (?!rebuilding)",
        b"ninja: error: 'foo.c', needed by 'foo.o', missing and no known rule to make it",
        never=(b"ninja: Entering directory `build'", b"ninja: no work to do."),
    ),
    rule(
        "ninja-failed",
        HEADER,
        b"failed: ",
        rb"^FAILED: (?:\[code=\d+\] )?\S",
        b"FAILED: CMakeFiles/app.dir/main.c.o ",
        how=How.OUTPUT,
    ),
    rule(
        "cmake",
        CAUSE,
        (b"error at ", b"error in ", b"error (dev)"),
        rb"^CMake Error(?: \(dev\))? (?:at|in) ",
        b"CMake Error at CMakeLists.txt:5 (find_package):",
        how=How.CMAKE,
    ),
    rule(
        "cmake-bare",
        CAUSE,
        b"error: ",
        rb"^CMake Error: (?!Error in cmake code at$)",
        b'CMake Error: CMake was unable to find a build program corresponding to "Ninja".',
        never=(
            b"-- Could NOT find Doxygen (missing: DOXYGEN_EXECUTABLE)",
            b"-- Looking for error.h - not found",
        ),
    ),
    rule(
        "meson",
        CAUSE,
        b"error: ",
        rb"(?:^|/)meson(?:\.build|_options\.txt|\.options):\d+(?::\d+)?: ERROR: ",
        b'meson.build:5:0: ERROR: Dependency "foo" not found, tried pkgconfig and cmake',
        never=(b"meson.build:5: WARNING: Project targets '>= 0.50' but uses feature",),
    ),
    rule(
        "configure",
        CAUSE,
        (b"error: ", b"syntax error "),
        rb"configure(?:\.\w+)?: error: (?!in `|\S*configure failed for)|^configure: line \d+: syntax error",
        b"configure: error: libfoo is required, and was not found",
        never=(
            b"checking for strerror... no",
            b"checking for library containing error... none required",
            b"configure: WARNING: errors may follow",
        ),
    ),
    rule(
        "autotools",
        CAUSE,
        b"error: ",
        rb"^(?:autoconf|automake|aclocal|autoheader|autom4te|libtoolize|autopoint|libtool|"
        rb"m4)(?:-[\d.]+)?: error: "
        rb"(?!\S+ failed with exit)",
        b"aclocal: error: aclocal.m4 cannot be made: no AM_INIT_AUTOMAKE",
        never=(b"libtool: compile: cc -c error.c",),
    ),
    rule(
        "pkg-config",
        HINT,
        (b"no package", b"pkg-config search", b"virtual:world", b"version of"),
        rb"^No package '[^']+' found|^Package \S+ was not found in the pkg-config|"
        rb"^Package '[^']+', required by '[^']+', not "
        rb"found|^Requested '[^']+' but version of",
        b"No package 'foo' found",
        before=rb"^Package |^Perhaps |^to the PKG_CONFIG",
        never=(b"Checking for module 'foo': not found",),
    ),
    rule(
        "ports-broken",
        CAUSE,
        b"=>",
        rb"^=+>+\s+\S+ (?:is marked as \w+|is forbidden|is ignored: |is only for|is not for|"
        rb"has known vulnerabilities)",
        b"===>  foo-1.0_2 is marked as broken: does not build with clang 15.",
    ),
    rule(
        "ports-checksum",
        CAUSE,
        b"=>",
        rb"^=> No (?:\w+ )?checksums? recorded for ",
        b"=> No SHA256 checksum recorded for foo-1.0.tar.gz.",
    ),
    rule(
        "pkg",
        CAUSE,
        (b"pkg: ", b"pkg-static: "),
        rb"^(?:\S{1,100}/)?pkg(?:-static)?: (?!Warning|warning|No packages|Repository|Leaving)\S",
        b"pkg-static: Unable to access file /wrkdirs/x/stage/usr/local/bin/foo:No such file or directory",
        never=(b"pkg-static: Warning: error-free",),
    ),
    rule(
        "ports-timeout",
        ENDED,
        (b"=>", b"timeout"),
        rb"^WATCHDOG TIMEOUT FOR |^=>> Killing (?:runaway|timed out) build",
        b"=>> Killing runaway build after 7200 seconds with no output",
    ),
    rule(
        "ended",
        ENDED,
        (b"-- killed", b"timed out"),
        rb"^-- (?:killed by |timed out: )",
        b"-- timed out: no output for 60 s",
        never=(b"-- Phase: build",),
    ),
    rule(
        "ports-failed",
        CONSEQUENCE,
        (b"=>", b"failed ", b"stopped"),
        rb"^=> Couldn't fetch it|failed unexpectedly\.|failed to apply cleanly|^b?make(?:\[\d+\])?: stopped "
        rb"|^=+> Error: Plist issues found",
        b"=> Couldn't fetch it - please try to retrieve this",
        how=How.ABOVE,
    ),
    rule(
        "stopped",
        CONSEQUENCE,
        (b"failed", b"errors occurred", b"stopped", b"errors encountered"),
        rb"^ninja: build stopped|^-- Configuring incomplete|Fatal errors encountered|"
        rb"failed with exit status: \d"
        rb"|configure failed for |^ninja: error: rebuilding",
        b"ninja: build stopped: subcommand failed.",
    ),
)
