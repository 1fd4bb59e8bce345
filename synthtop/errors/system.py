"""Rules for what shells and the system say (full disks, no memory, signals), for fetching and patching."""

from __future__ import annotations

from .rule import Rule, Strength, rule

CAUSE, ERROR, HINT, GUESS = Strength.CAUSE, Strength.ERROR, Strength.HINT, Strength.GUESS

SYSTEM: tuple[Rule, ...] = (
    rule(
        "disk-full",
        CAUSE,
        (b"no space left", b"exceeded", b"failed"),
        rb"No space left on device|Disk quota exceeded|[Ff]ile ?system full",
        b"cat: write error: No space left on device",
        never=(b"checking for No space left on device... yes",),
    ),
    rule(
        "memory",
        CAUSE,
        (b"memory", b"bad_alloc", b"cannot "),
        rb"virtual memory exhausted|[Cc]annot allocate memory|(?:: |^)[Oo]ut of memory\b|std::bad_alloc|"
        rb"[Cc]annot fork|"
        rb"JavaScript heap out of memory|OutOfMemoryError|memory exhausted",
        b"cc1plus: out of memory allocating 65536 bytes after a total of 31395840 bytes",
    ),
    rule(
        "limit",
        CAUSE,
        (b"exceeded", b" too ", b"unavailable"),
        rb"(?:[Ff]ile ?size|CPU time|Cputime) limit exceeded|: File too large|"
        rb"Resource temporarily unavailable|"
        rb"Too many open files|[Aa]rgument list too long",
        b"File size limit exceeded (core dumped)",
    ),
    rule(
        "signal",
        ERROR,
        (
            b"segmentation",
            b"segfault",
            b"bus error",
            b"illegal ",
            b"exception",
            b"killed",
            b"abort",
            b"signal",
            b"trace/",
        ),
        rb"(?:^|: |\s\d{2,9} |\*{3}Exception: *)(?:Segmentation fault|Bus error|Illegal instruction|"
        rb"Floating point exception|Killed|"
        rb"Aborted|Abort trap|SegFault|Trace/breakpoint trap)\b(?!\w)|\(signal: \d+, SIG[A-Z]+|"
        rb"signal SIG(?:SEGV|KILL|ABRT|BUS)",
        b"/bin/sh: line 1: 12345 Segmentation fault      (core dumped) ./generate > table.h",
        never=(b"checking whether sigsegv is Killed... no", b"ok 3 - child was killed"),
    ),
    rule(
        "file-system",
        ERROR,
        (b"read-only file", b"input/output"),
        rb": (?:Read-only file system|Input/output error|Stale (?:NFS )?file handle)",
        b"install: cannot create regular file '/usr/lib/x.so': Read-only file system",
    ),
    rule(
        "shell-syntax",
        CAUSE,
        b"syntax error",
        rb"^[^\s:]{1,300}: (?:line )?\d+: .{0,80}[Ss]yntax error\b|^-?(?:ba|da|k|"
        rb"z)?sh: (?:-c: )?(?:line \d+: )?[Ss]yntax error",
        b"build.sh: line 7: syntax error near unexpected token `fi'",
    ),
    rule(
        "shell-variable",
        ERROR,
        (b"unbound", b" not set", b"or not set", b"bad substitution"),
        rb": (?:unbound variable|parameter not set|parameter null or not set|[Bb]ad substitution)",
        b"build.sh: 4: PREFIX: parameter not set",
    ),
    rule(
        "command",
        HINT,
        (b"not found", b"no such file"),
        rb"^(?:[^\s:]{1,200}: )?(?:(?:line )?\d+: )?(?!checking|Package|"
        rb"configure)[^:]{1,200}: (?:[Cc]ommand )?not found$"
        rb"|^env: .*No such file or directory|: command not found",
        b"/bin/sh: 1: nosuchtool: not found",
        never=(b"===>   foo-1.0 depends on executable: gmake - not found", b"checking for foo: not found"),
    ),
    rule(
        "missing-file",
        HINT,
        (b"no such file", b"cannot ", b"not exist"),
        rb": No such file or directory|^[^\s:]{1,200}: .*(?:does not exist|cannot stat)",
        b"install: cannot stat 'doc/foo.1': No such file or directory",
        never=(b"checking for x.h: No such file or directory... no",),
    ),
    rule(
        "denied",
        HINT,
        (b"denied", b"permitted", b"exec format", b"a directory", b"file exists", b"cannot "),
        rb": (?:Permission denied|Operation not permitted|Exec format error|Is a directory|Not a directory|"
        rb"File exists|"
        rb"Directory not empty|Text file busy|cannot execute)",
        b"/bin/sh: 1: ./configure: Permission denied",
    ),
    rule(
        "patch",
        CAUSE,
        (b"hunk", b"***", b"can't ", b"patch"),
        rb"(?<!\d)\d+ out of \d+ hunks? (?:FAILED|failed|ignored)|^patch: \*{4} |^can't find file to patch|"
        rb"^error: (?:patch failed: |.*: patch does not apply)|^(?:Ignoring p|P|"
        rb"R)?r?e?versed \(or previously applied\) patch",
        b"1 out of 3 hunks FAILED -- saving rejects to file hello.c.rej",
        before=rb"^Hunk #|^patching file |^Patching file |^checking file ",
        never=(b"Hunk #1 succeeded at 12 (offset 3 lines).", b"3 out of 5 tests run"),
    ),
    rule(
        "hunk", HINT, b"hunk", rb"^Hunk #\d+ FAILED at", b"Hunk #1 FAILED at 3.", before=rb"^patching file "
    ),
    rule(
        "checksum",
        CAUSE,
        (b"mismatch", b"failed", b"not match", b"bad signature", b"checksum for"),
        rb"(?i:\b(?:checksum|hash|digest|md5|sha-?\d*|size|integrity|"
        rb"signature)\w*\s(?:[\w()]+ ){0,3}mismatch)|^\S{1,300}: FAILED"
        rb"(?: open or read)?$|gpgv?: BAD signature|^error: checksum for|\b(?:checksums?|hash|"
        rb"digest) did NOT match",
        b"=> SHA256 Checksum mismatch for foo-1.0.tar.gz.",
        never=(b"checking whether a hash mismatch is found... no", b"PASS: checksum mismatch"),
    ),
    rule(
        "fetch",
        HINT,
        (
            b"fetch: ",
            b"curl: (",
            b"error 4",
            b"error 5",
            b"wget: ",
            b"resolve",
            b"unable to",
            b"refused",
            b"timed out",
            b"failed ",
        ),
        rb"^fetch: |^curl: \(\d+\) |ERROR [45]\d\d: |^wget: |[Cc]ould not resolve host|"
        rb"^fatal: unable to access|Connection refused|"
        rb"Connection timed out|[Nn]ame or service not known|[Ff]ailed to connect to",
        b"fetch: https://example.org/foo-1.0.tar.gz: Not Found",
        never=(
            b"=> Attempting to fetch https://example.org/foo-1.0.tar.gz",
            b"fetch: transfer warning: none",
        ),
    ),
    rule(
        "archive",
        ERROR,
        (b"tar: ", b"zip: ", b"xz: "),
        rb"^(?:g|bsd)?(?:tar|zip|xz|unzip|bzip2|zstd): (?!Removing|Exiting|Error is not|Error exit|Warning|"
        rb"Ignoring)\S",
        b"tar: This does not look like a tar archive",
        never=(b"tar: Removing leading `/' from member names",),
    ),
    rule(
        "git",
        HINT,
        b"fatal: ",
        rb"^fatal: (?!not a git repository|clone of |Could not read from|No names|No tags|detected dub)\S",
        b"fatal: repository 'https://example.org/x.git/' not found",
        never=(b"fatal: not a git repository (or any of the parent directories): .git",),
    ),
    rule(
        "says-error",
        ERROR,
        (b"error:", b"error]", b"\ne:", b"fatal", b"critical"),
        rb"^(?:[^\s:]{1,200}: )(?:[^\s:]{1,100}: )?(?:fatal |internal )?[Ee](?:rror|RROR): \S|"
        rb"^\s*(?:\[?ERROR\]?|E|FATAL|CRITICAL)"
        rb"(?:: ?|\] ?)(?! *$)\S",
        b"dh_install: error: missing files, aborting",
        never=(b"x.c: warning: error: is a label",),
    ),
    rule(
        "timestamped-error",
        ERROR,
        (b"error ", b"error]", b"error:", b"fatal", b"critical"),
        rb"^\[?\d{4}-\d\d-\d\d[T ][\d:.,Z+-]{5,20}\]?[ \t]+(?:\S+[ \t]+)?(?:\[?ERROR\]?|FATAL|"
        rb"CRITICAL)\b:? (?!4|5)\S",
        b"2024-01-02 10:11:12,345 ERROR build: cannot read the recipe",
    ),
    rule(
        "says-failed",
        GUESS,
        (
            b"error:",
            b"error ",
            b"fatal",
            b"failed",
            b"failure",
            b"cannot ",
            b"can't ",
            b"could not",
            b"couldn't",
            b"unable to",
            b"invalid ",
            b"missing ",
            b"unknown ",
            b"unrecogni",
            b"unsupported",
            b"undefined ",
        ),
        rb"(?i:(?<![\w./*=+-])(?:error|fatal|failed|failure|cannot|can't|could not|couldn't|unable to|"
        rb"invalid|missing|unknown|"
        rb"unrecogni[sz]ed|unsupported|undefined|is required|are required|requires)(?![\w./*=-]))",
        b"gen: cannot read the table of units",
        never=(b"cc -o error.o errors.c -DMISSING=1", b"compiled with 0 errors"),
    ),
)
