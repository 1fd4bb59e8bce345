"""What happened in the builds of ``builds.py``: one package after another in each slot, and its log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from synthtop.formats.results import completion_line, start_line
from synthtop.model import Finished, LogKind, Outcome

Event = tuple[int, int | None, LogKind, str]
Sequences = tuple[Sequence[tuple[str, int]], ...]
"""For each slot origins and how many seconds each took, from second 0 on."""

_KINDS = {
    Outcome.BUILT: LogKind.BUILT,
    Outcome.FAILED: LogKind.FAILED,
    Outcome.IGNORED: LogKind.IGNORED,
    Outcome.SKIPPED: LogKind.SKIPPED,
    Outcome.META: LogKind.META,
}


def _sequence(text: str) -> tuple[tuple[str, int], ...]:
    words = text.split()
    return tuple(zip(words[::2], map(int, words[1::2]), strict=True))


_SLOT_0 = _sequence(
    """
    devel/pkgconf 31 devel/gettext-runtime 74 devel/libffi 38 devel/m4 45 devel/bison 96
    textproc/expat 44 archivers/zstd 62 devel/pcre2 118 security/ca_root_nss 9 ftp/curl 143
    devel/autoconf 27 devel/automake 35 devel/libtool 138 devel/gmake 0
    """
)
_SLOT_1 = _sequence(
    """
    print/indexinfo 6 converters/libiconv 88 devel/readline 52 math/gmp 129 math/mpfr 71 math/mpc 33
    archivers/xz 58 archivers/lz4 21 devel/popt 29 security/libgcrypt 112 security/libgpg-error 49
    textproc/libxml2 156 shells/bash 132 lang/python311 0
    """
)
_SLOT_2 = _sequence(
    """
    devel/ninja 47 devel/cmake-core 98 devel/meson 38 lang/rust 0
    """
)
_SLOT_3 = _sequence(
    """
    archivers/unzip 18 devel/git-lite 167 databases/sqlite3 121 graphics/cairo 64 sysutils/tmux 76
    misc/help2man 14 lang/lua54 42 devel/libevent 93 devel/re2c 110 devel/tree-sitter 138 editors/vim 69
    """
)
_MORE = (
    (("lang/perl5.36", 693), ("x11/xorg-server", 0)),
    (("lang/go", 942), ("devel/foo@py311", 0)),
    (("x11/xcb-proto", 41), ("www/chromium", 0)),
)
"""What three slots more do."""


def _failed(origin: str, at: int, slot: int, phase: str, took: int, lines: int, blocks: int) -> Finished:
    log = f"/build/logs/{origin.replace('/', '___')}.log"
    return Finished(origin, Outcome.FAILED, at, slot, phase, "exit status 1", took, lines, log, blocks)


def _skipped(failure: Finished, *origins: str) -> tuple[Finished, ...]:
    return tuple(Finished(origin, Outcome.SKIPPED, failure.at, reason=failure.origin) for origin in origins)


CAIRO = _failed("graphics/cairo", 370, 3, "build", 64, 2210, 2)
VIM = _failed("editors/vim", 912, 3, "configure", 69, 812, 3)
MESA = Finished("graphics/mesa-libs", Outcome.FAILED, 930, 2, "build", None, 612, 51234, None, 41)
MANY = tuple(
    _failed(origin, at, slot, phase, took, 318, blocks)
    for origin, at, slot, phase, took, blocks in (
        ("devel/automake", 722, 0, "configure", 35, 9),
        ("security/libgpg-error", 648, 1, "build", 49, 14),
        ("textproc/libxml2", 804, 1, "build", 156, 31),
        ("devel/re2c", 705, 3, "stage", 110, 0),
        ("shells/bash", 936, 1, "package", 132, 1),
    )
)
NO_MANY = tuple(
    one
    for failure in MANY
    for one in _skipped(
        failure, *(f"x11/{failure.origin.split('/')[1]}-tool{number}" for number in range(failure.blocks))
    )
)
NO_CAIRO = _skipped(CAIRO, "x11/pango", "x11/gtk2")
NO_VIM = _skipped(VIM, "editors/vim-tiny", "devel/ctags", "devel/cscope")
NO_MESA = _skipped(
    MESA,
    "graphics/mesa-dri",
    "x11/xorg-server",
    "x11/gtk3",
    "www/chromium",
    *(f"x11/plasma{number}-desktop" for number in range(37)),
)
BAZ = Finished("lang/baz", Outcome.IGNORED, 842, reason="BROKEN: does not fetch")
META = Finished("devel/meta", Outcome.META, 780)


def _happened(slots: Sequences, ended: Iterable[Finished], adjusted: str | None = None) -> tuple[Event, ...]:
    """The log, oldest first; ``ended`` are those that were not simply built.

    ``adjusted`` is what was said when DynMax changed, at second 898.
    """
    others = list(ended)
    failed = {one.origin: one for one in others if one.outcome is Outcome.FAILED}
    events: list[tuple[int, int, Event]] = [(0, 0, (0, None, LogKind.NOTE, "the build begins"))]
    for slot, sequence in enumerate(slots):
        at = 0
        for origin, took in sequence:
            events.append((at, 3, (at, slot, LogKind.START, start_line(slot, origin))))
            at += took
            if took and origin not in failed:
                others.append(Finished(origin, Outcome.BUILT, at, slot, duration=took))
    for one in others:
        rank = 2 if one.outcome is Outcome.SKIPPED else 1
        events.append((one.at, rank, (one.at, one.slot, _KINDS[one.outcome], completion_line(one))))
    if adjusted is not None:
        events.append((898, 4, (898, None, LogKind.THROTTLE, f"[XXX] {adjusted}")))
    return tuple(event for _, _, event in sorted(events, key=lambda event: event[:2]))


BUILDING = _happened((_SLOT_0, _SLOT_1, _SLOT_2, _SLOT_3), (CAIRO, *NO_CAIRO, VIM, *NO_VIM))
"""38 built, 2 failed, 5 skipped, and three at work."""
WELL = _happened((_SLOT_0, _SLOT_1, _SLOT_2, _SLOT_3), ())
"""The same, and nothing has failed: 40 built."""
THROTTLED = _happened(
    (_SLOT_0, _SLOT_1, _SLOT_2, *_MORE, _SLOT_3),
    (CAIRO._replace(slot=6), *NO_CAIRO, VIM._replace(slot=6), *NO_VIM, BAZ, META),
    "Load=14.20 ( 6) Swap=2.00% ( 8) Mem=0.00G( 8) Adjust Workers 8->6 (high load)",
)
FAILING = _happened((_SLOT_0, _SLOT_1, _SLOT_2, _SLOT_3), (CAIRO, *NO_CAIRO, VIM, *NO_VIM, *MANY, *NO_MANY))
ENDED = _happened(
    (
        (*_SLOT_0[:-1], ("devel/gmake", 79)),
        (*_SLOT_1[:-1], ("lang/python311", 7)),
        (*_SLOT_2[:-1], ("devel/bmake", 135), ("graphics/mesa-libs", 612)),
        _SLOT_3,
    ),
    (VIM, *NO_VIM, MESA, *NO_MESA, BAZ, META),
)
