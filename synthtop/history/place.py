"""Where the history is."""

from __future__ import annotations

import os
from collections.abc import Mapping

NAME = "history.db"


def history_file(environ: Mapping[str, str]) -> str | None:
    """``$XDG_STATE_HOME/synthtop/history.db``, else under ``~/.local/state``; None without a home."""
    base = environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(base):  # such a one is to be ignored, the XDG specification says
        home = environ.get("HOME", "")
        if not home:
            return None
        base = os.path.join(home, ".local", "state")
    return os.path.join(base, "synthtop", NAME)
