"""Rules for tests that fail, for assertions, and for what sanitizers say when a program is wrong."""

from __future__ import annotations

from .rule import How, Rule, Strength, rule

CAUSE, ERROR, HINT = Strength.CAUSE, Strength.ERROR, Strength.HINT
CONSEQUENCE = Strength.CONSEQUENCE

TESTING: tuple[Rule, ...] = (
    rule(
        "assertion",
        CAUSE,
        b"assertion",
        rb"^(?>.*?Assertion [`'\"]).*['\"] failed|Assertion failed: |assertion failed: ",
        b"prog: main.c:5: main: Assertion `x == 1' failed.",
        never=(b"checking whether Assertion failed: works... yes",),
    ),
    rule(
        "sanitizer",
        CAUSE,
        (b"sanitizer: ", b"error: "),
        rb"(?:ERROR|WARNING): \w+Sanitizer: |:\d+:\d+: runtime error: ",
        b"==123==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000011",
    ),
    rule(
        "heap",
        CAUSE,
        (b"smashing", b"overflow detected", b"invalid ", b"double free", b"malloc(", b"corrupted"),
        rb"\*\*\* (?:stack smashing|buffer overflow) detected|free\(\): |double free or corruption|"
        rb"malloc\(\): "
        rb"|corrupted (?:size|double-linked|top size)",
        b"*** stack smashing detected ***: terminated",
    ),
    rule(
        "terminate",
        CAUSE,
        b"terminate called",
        rb"^terminate called (?:after throwing|without)",
        b"terminate called after throwing an instance of 'std::runtime_error'",
        how=How.JOINED,
    ),
    rule(
        "test-failure",
        CAUSE,
        (b"failure", b"failed"),
        rb":\d+: (?:Failure|FAILED:?)\s*$",
        b"sum_test.cc:10: Failure",
        how=How.JOINED,
    ),
    rule(
        "go-test",
        ERROR,
        b"--- fail:",
        rb"^\s*--- FAIL: \S",
        b"--- FAIL: TestAdd (0.00s)",
        never=(b"--- PASS: TestFail (0.00s)",),
    ),
    rule(
        "tap",
        ERROR,
        b"not ok ",
        rb"^\s*not ok \d+(?!.*# *(?i:todo|skip))",
        b"not ok 3 - parses an empty file",
        never=(b"not ok 3 - parses an empty file # TODO not written", b"ok 4 - not ok is found"),
    ),
    rule(
        "perl-test",
        ERROR,
        (b"failed ", b"dubious,"),
        rb"^\s*#\s+Failed test|Dubious, test returned",
        b"#   Failed test 'adds'",
    ),
    rule(
        "ctest",
        ERROR,
        (b"***", b"failed"),
        rb"^(?>.*?Test +#\d+: ).*\*\*\*(?:Failed|Timeout|Exception|Not Run)|^The following tests FAILED:",
        b" 1/2 Test #1: sums .............................***Failed    0.01 sec",
    ),
    rule(
        "failed-test",
        ERROR,
        (b"fail:", b"fail ", b"failed", b"error: ", b"fail\n", b"error "),
        rb"^\s*(?:FAIL|ERROR): (?!FAIL)\S|^FAIL (?!\d)\S+\.\S|^\[  FAILED  \] [^\d\s]|^(?:FAILED|"
        rb"ERROR) \S+\.py|^test \S+ \.\.\. FAILED"
        rb"|^ *\d+/\d+ .{1,200}\sFAIL(?: |$)|^FAIL: ",
        b"FAIL: check_sums",
        never=(
            b"XFAIL: check_sums",
            b"# FAIL:  0",
            b"PASS: failing-input",
            b"XPASS: fails",
            b"test a::fails ... ok",
        ),
    ),
    rule(
        "tcltest",
        ERROR,
        b"==== ",
        rb"^==== \S+ (?:.* )?FAILED$",
        b"==== parse-1.2 an empty file FAILED",
        never=(b"==== Contents of test case:", b"++++ parse-1.1 PASSED"),
    ),
    rule(
        "jest",
        ERROR,
        "●".encode(),
        "^\\s*● (?!Console)\\S".encode(),
        "  ● adds › two numbers".encode(),
    ),
    rule(
        "tests-failed",
        CONSEQUENCE,
        (b"fail\n", b"failed", b"errors while"),
        rb"^Result: FAIL|\b[1-9]\d* tests? failed\b|^Errors while running CTest",
        b"Errors while running CTest",
        never=(b"XFAIL: 1 tests failed",),
    ),
)
