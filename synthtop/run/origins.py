"""Origins and build names: which ones there may be, and how an origin comes apart."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from ..formats.results import log_name
from ..text import clean
from ..tomlfile import nearest

SAFE = "A-Za-z0-9_@%+=:,.~-"
"""Characters that a shell takes for nothing but text, as they stand in the brackets of a pattern."""
_PART = rf"(?!\.)[{SAFE}]+"
_PLAIN = re.compile(f"{_PART}(?:/{_PART})*")  # so is nearly every origin: the longer look is for the rest
_MAX_LOG_NAME = 250
"""Bytes: a file name may have 255, and ``.1`` comes behind the log of an earlier attempt."""
_OURS = re.compile(r"0\d_\w+|synthtop")
"""Names in the logs directory that are the build's own."""
_MAX_NAME = 100
"""Bytes of a build's name: ``-2.json`` and the like come behind it."""


def parts(origin: str) -> tuple[str, str, str | None]:
    """``(category, name, flavor)``. What is before the last slash is the category, or nothing; in what
    is behind it the flavor begins at the first ``@`` that is not its first character."""
    category, _, rest = origin.rpartition("/")
    at = rest.find("@", 1)
    return (category, rest, None) if at < 0 else (category, rest[:at], rest[at + 1 :])


def wrong_origin(origin: str) -> str | None:
    """What is wrong with an origin, or None."""
    found = f"found {origin!r}"
    if not _PLAIN.fullmatch(origin):
        if not origin.strip():
            return f"an origin like devel/gmake was expected, {found}"
        if origin != clean(origin):
            return f"an origin must not have control or invisible characters, {found}"
        if origin != origin.strip():
            return f"an origin must not begin or end with a blank, {found}"
        if origin.startswith("/"):
            return f"an origin must not begin with a slash, {found}: leave it out"
        if origin.endswith("/"):
            return f"an origin must not end with a slash, {found}: leave it out"
        if any(part in ("", ".", "..") for part in origin.split("/")):
            return f"an origin must not have '.', '..' or nothing between its slashes, {found}"
    if origin.endswith("@"):
        return f"a flavor was expected behind the @, {found}: leave the @ out where there is none"
    if len(origin) > _MAX_LOG_NAME // 2 and len(log_name(origin).encode()) > _MAX_LOG_NAME:
        return (
            f"an origin must fit into a log file's name ({_MAX_LOG_NAME} bytes), found one of {len(origin)}"
        )
    if _OURS.fullmatch(origin):
        return f"its log would be {log_name(origin)}, which is the build's own, found {origin!r}: rename it"
    return None


def wrong_name(name: str) -> str | None:
    """What is wrong with a build's name, or None: it becomes a file name."""
    if name != clean(name) or "/" in name or name != name.strip() or not name or name[0] in ".-":
        return (
            "a name that can be a file's was expected (no slash, no control character, no dot, dash or "
            f"blank at its start), found {name!r}"
        )
    if len(name.encode()) > _MAX_NAME:
        return f"a name of at most {_MAX_NAME} bytes was expected, found one of {len(name.encode())}"
    return None


def name_from(text: str) -> str:
    """A build name made of ``text``: what cannot stand in one becomes a dash."""
    name = re.sub(r"[^\w.+-]+", "-", text).strip("-.")
    return name if name and wrong_name(name) is None else "build"


def unknown_origin(origin: str, known: Collection[str]) -> str:
    """The message about an origin that the plan does not have, with the nearest one that it has."""
    end = "/" + origin
    near = next((other for other in known if other.endswith(end)), None) or nearest(origin, known)
    advice = f"; did you mean {near}?" if near else ""
    return f"the plan has no package {origin!r}{advice}"


def same_log(origins: Iterable[str]) -> tuple[str, str] | None:
    """Two different origins whose logs would be the same file, or None."""
    seen: dict[str, str] = {}
    for origin in origins:
        other = seen.setdefault(log_name(origin), origin)
        if other != origin:
            return other, origin
    return None
