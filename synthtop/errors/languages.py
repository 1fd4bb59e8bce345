"""Rules for languages other than C's kin: their compilers, interpreters and package tools."""

from __future__ import annotations

from .rule import How, Rule, Strength, rule

CAUSE, ERROR, HINT = Strength.CAUSE, Strength.ERROR, Strength.HINT
CONSEQUENCE, HEADER = Strength.CONSEQUENCE, Strength.HEADER

_FRAMES = rb"^\s*$|^\s+\S|^File \"|^[^\s:]{1,300}:\d+$"

LANGUAGES: tuple[Rule, ...] = (
    rule(
        "python",
        CAUSE,
        b"traceback (most",
        rb"Traceback \(most recent call last\):",
        b"Traceback (most recent call last):",
        how=How.TRACEBACK,
    ),
    rule(
        "exception",
        CAUSE,
        (b"error:", b"error\n", b"error [", b"exception"),
        rb"^\s*(?:Uncaught |Fatal error: |Unhandled exception\. |PHP Fatal error: +Uncaught |"
        rb"E +)?(?:[A-Za-z_]\w{0,80}[.:]{1,2}){0,9}[A-Z]\w{0,80}"
        rb"(?:Error|Exception)(?: \[\w+\])?(?::(?: \S|$)|$)",
        b"SyntaxError: invalid syntax",
        before=_FRAMES,
        never=(b"ParseError.java compiled", b"class NotFoundError(Exception):", b"raise ValueError"),
    ),
    rule(
        "pip",
        CAUSE,
        b"error: ",
        rb"^ *ERROR: (?:Could not find a version|No matching distribution|Could not open requirements|"
        rb"Invalid requirement|"
        rb"Package '[^']+' requires|Cannot install|Ignored the following)",
        b"ERROR: Could not find a version that satisfies the requirement nosuch (from versions: none)",
    ),
    rule(
        "python-module",
        ERROR,
        (b"no module named", b"can't "),
        rb"python[\d.]*(?:\.exe)?: (?:No module named|Error while finding module|can't open file)",
        b"/usr/local/bin/python3.11: No module named build",
    ),
    rule(
        "pytest",
        CAUSE,
        b"\ne  ",
        rb"^E {3,}\S",
        b"E       assert 3 == 4",
        never=(b"E2BIG",),
    ),
    rule(
        "pip-build",
        HEADER,
        (b"with-error", b"-failed"),
        rb"subprocess-exited-with-error|metadata-generation-failed",
        b"error: subprocess-exited-with-error",
    ),
    rule(
        "python-consequence",
        CONSEQUENCE,
        (b"failed", b"error: ", b"exited when"),
        rb"Failed building wheel|Could not build wheels|Backend subprocess exited|"
        rb"error: command '[^']+' failed with"
        rb"|ERROR: Failed to build",
        b"error: command '/usr/bin/gcc' failed with exit code 1",
    ),
    rule(
        "rust",
        CAUSE,
        (b"error:", b"error["),
        rb"^error(?:\[E\d+\])?: (?!could not compile|aborting due|linking with|test failed|\d+ target|"
        rb"build failed|"
        rb"command '|subprocess-|metadata-|failed to run custom build|process didn't exit|Could not build|"
        rb"recipe |"
        rb"doctest failed|Bad exit status|builder for|\d+ depend|.*failed: Exit)\S",
        b"error[E0308]: mismatched types",
        never=(b"   Compiling error-chain v0.12.4",),
    ),
    rule(
        "panic",
        CAUSE,
        b"panic",
        rb"^\s*thread '[^']*'(?: \(\d+\))? panicked at .*[^:]$",
        b"thread 'main' panicked at 'no such file', build.rs:3:5",
    ),
    rule(
        "panic-joined",
        CAUSE,
        b"panic",
        rb"^\s*thread '[^']*'(?: \(\d+\))? panicked at .*:$",
        b"thread 'main' panicked at src/main.rs:2:5:",
        how=How.JOINED,
    ),
    rule(
        "rust-consequence",
        CONSEQUENCE,
        (b"error: ", b"failed"),
        rb"^error: could not compile|^error: aborting due to|^error: test failed|build failed, waiting|"
        rb"^test result: FAILED",
        b'error: could not compile `foo` (bin "foo") due to 1 previous error',
    ),
    rule(
        "rust-build",
        HEADER,
        b"error: ",
        rb"^error: (?:failed to run custom build|linking with)",
        b"error: failed to run custom build command for `openssl-sys v0.9.0`",
    ),
    rule(
        "go",
        CAUSE,
        b".go:",
        rb"^(?:vet: )?(?:\.{0,2}/)?[^\s:]{1,300}\.go:\d+:\d+: (?!warning|note)\S",
        b"./main.go:5:2: undefined: x",
        never=(b"2024/01/02 main.go:10: listening",),
    ),
    rule(
        "go-tool",
        CAUSE,
        (b"\ngo: ", b"go.mod:", b"no required module", b"\npackage "),
        rb"^go: (?!downloading|finding|extracting|added|upgraded|downgraded|creating|to add|found|warning|"
        rb"writing|trying|"
        rb"removed|copying|error obtaining buildID)\S|^go\.mod:\d+: |^no required module provides|"
        rb"^package \S+ is not in (?:GOROOT|std)",
        b"go: example.com/x@v1.0.0: reading https://proxy.golang.org/example.com/x/@v/v1.0.0.mod: 404 Not "
        b"Found",
        never=(b"go: downloading golang.org/x/net v0.1.0",),
    ),
    rule(
        "go-panic",
        CAUSE,
        (b"panic", b"error: "),
        rb"^panic: |^fatal error: (?!errors)\S",
        b"panic: runtime error: index out of range [3] with length 3",
    ),
    rule(
        "java-exception",
        CAUSE,
        b"exception",
        rb"^\s*Exception in thread \"",
        b'Exception in thread "main" java.lang.NullPointerException: x is null',
    ),
    rule(
        "maven",
        CAUSE,
        b"error] ",
        rb"^\[(?:ERROR|error)\] \S[^\s.:]*[.:]\S*(?:\[\d+,\d+\]|:\d+:\d+:) ",
        b"[ERROR] /src/main/java/App.java:[5,9] cannot find symbol",
    ),
    rule(
        "maven-line",
        ERROR,
        b"error] ",
        rb"^\s*\[(?:ERROR|error)\]\s+(?!COMPILATION ERROR|\[Help|-> |Re-run|To see|For more|stack trace|"
        rb"Total|Tests run)\S{2}",
        b"[ERROR] Failed to execute goal on project app: Could not resolve dependencies",
        never=(b"[ERROR] COMPILATION 0 errors", b"[INFO] 0 errors"),
    ),
    rule(
        "kotlin",
        CAUSE,
        b"\ne: ",
        rb"^e: (?:file:)?/\S",
        b"e: file:///src/Main.kt:3:5 Unresolved reference: x",
    ),
    rule(
        "gradle",
        ERROR,
        b"\n> ",
        rb"^> (?!Could not resolve all)(?:Could not|Cannot|Failed|No |Unable|A failure|There were|Process|"
        rb"Unresolved|[Tt]ask .* not found)",
        b"> Could not find method compile() for arguments [org.example:widget:2.1]",
        never=(b"> Task :compileJava", b"> Run with --stacktrace option to get the stack trace."),
    ),
    rule(
        "gradle-nested",
        ERROR,
        b" > could not",
        rb"^\s+> Could not (?!resolve all)\S",
        b"   > Could not find org.example:widget:2.1.",
    ),
    rule(
        "gradle-wrong",
        HEADER,
        b"what went wrong",
        rb"^\* What went wrong:",
        b"* What went wrong:",
        how=How.JOINED,
    ),
    rule(
        "npm",
        ERROR,
        (b"npm err", b"gyp err"),
        rb"^(?:npm (?:ERR!|error)|gyp ERR! stack)\s+(?!code |errno |syscall |path |dest |A complete log|"
        rb"command |Lifecycle |"
        rb"\d+ *$|\s|    at |at )\S",
        b"npm ERR! 404 Not Found - GET https://registry.npmjs.org/nosuch - Not found",
        before=rb"^npm (?:ERR!|error)",
        never=(b"npm ERR! code ELIFECYCLE", b"npm ERR! errno 1"),
    ),
    rule(
        "webpack",
        CAUSE,
        (b"not found", b"error in "),
        rb"^Module not found: |^ERROR in \./\S+:\d",
        b"Module not found: Error: Can't resolve './nosuch' in '/src'",
    ),
    rule(
        "yarn",
        ERROR,
        b"\nerror ",
        rb"^error (?!Command failed)(?:[A-Z\"@]|\S+@)\S*[ :]",
        b'error Couldn\'t find package "nosuch@1.0" on the "npm" registry.',
    ),
    rule(
        "perl",
        CAUSE,
        (b"can't ", b"syntax error ", b"global symbol", b"bareword"),
        rb"^\s*(?:#\s*(?:Error:\s*)?)?(?:Can't locate (?:\S+ in @INC|object method)|"
        rb"syntax error at \S+ line \d|Global symbol \"[^\"]+\" "
        rb"requires|Bareword \"[^\"]+\" not allowed|Can't open perl script)",
        b"Can't locate Foo/Bar.pm in @INC (you may need to install the Foo::Bar module) (@INC contains: "
        b"/usr/lib)",
    ),
    rule(
        "perl-died",
        HINT,
        b" line ",
        rb"^(?!BEGIN failed|Compilation failed).{1,2000} at \S{1,300} line \d+(?:, <\w+> line \d+)?\.$",
        b"cannot read the list at build.pl line 7.",
        never=(b"BEGIN failed--compilation aborted at x.pl line 3.",),
    ),
    rule(
        "ruby",
        CAUSE,
        b".rb:",
        rb"\.rb:\d+:(?:in [`'][^'`]{1,200}': .*\([A-Z][\w:]*\)$| syntax error)",
        b"extconf.rb:3:in `<main>': undefined local variable or method `x' for main:Object (NameError)",
    ),
    rule(
        "gem",
        ERROR,
        (b"error:  ", b"could not", b"could not find gem"),
        rb"^ERROR:  (?!Error installing|Failed to build)\S|^Could not find (?:gem |\S+ in (?:any|locally))|"
        rb"^Bundler could not",
        b"ERROR:  Could not find a valid gem 'nosuch' (>= 0) in any repository",
    ),
    rule(
        "haskell-cabal",
        CAUSE,
        (b"cabal: ", b"cabal-", b"error: "),
        rb"^(?:Error: )?\[?cabal(?:-\d+\])?: (?!Failed to build|Warning)\S|^Error: \[(?:S|Cabal)-\d+\]",
        b"cabal: Could not resolve dependencies:",
    ),
    rule(
        "tex",
        CAUSE,
        (b"\n! ", b"error: ", b".tex:"),
        rb"^! (?!Emergency|==>)\S|LaTeX Error: |^!pdfTeX error: |\.tex:\d+: (?!Emergency|  ==>)\S",
        b"! LaTeX Error: File `nosuch.sty' not found.",
    ),
    rule(
        "ada",
        CAUSE,
        (b".adb:", b".ads:"),
        rb"^[^\s:]{1,300}\.ad[bs]:\d+:\d+: (?!warning|\(style\)|info)\S",
        b'main.adb:3:04: "Foo" is undefined',
        never=(b"main.adb:3:04: warning: variable is not referenced",),
    ),
    rule(
        "nix",
        CAUSE,
        b"error: ",
        rb"^\s*error: (?:undefined variable|attribute '[^']+' missing|hash mismatch)",
        b"       error: attribute 'nosuch' missing",
    ),
    rule(
        "gettext",
        CAUSE,
        (b".po:", b".pot:"),
        rb"^[^\s:]{1,300}\.pot?:\d+(?::\d+)?: (?!warning|this (?:is the location|message))\S",
        b"de.po:52: number of format specifications in 'msgid' and 'msgstr' does not match",
        never=(
            b"de.po:7: warning: header field 'Language' missing in header",
            b"de.po: 9 translated messages.",
        ),
    ),
    rule(
        "php",
        CAUSE,
        b"error: ",
        rb"^(?:PHP )?(?:Parse|Fatal) error: +\S",
        b"PHP Parse error:  syntax error, unexpected end of file in /src/x.php on line 3",
    ),
    rule(
        "lua",
        CAUSE,
        b".lua:",
        rb"^lua(?:jit)?[\d.]*: [^\s:]{1,300}:\d+: ",
        b"lua5.4: build.lua:3: attempt to call a nil value (global 'x')",
    ),
)
