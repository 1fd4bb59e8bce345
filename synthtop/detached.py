"""What becomes of a build's text when the terminal is gone, or whoever read it: it goes on in a file."""

from __future__ import annotations

import os
import threading
from contextlib import suppress

from .plain import PlainView

LOG = "synthtop.log"
"""The file in the logs directory."""


class Detached:
    """Shows ``view`` in :data:`LOG` of the directory ``logs``, from :meth:`begin` on, in a thread."""

    def __init__(self, view: PlainView, logs: str) -> None:
        self._view = view
        self._path = os.path.join(logs, LOG)
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """The build goes on without anybody to see it."""
        self._thread = threading.Thread(target=self._show, name="synthtop-detached", daemon=True)
        self._thread.start()

    def join(self, patience: float) -> None:
        """Wait until all is written, for ``patience`` seconds at most; not at all where nothing began."""
        if self._thread is not None:
            self._thread.join(patience)

    def _show(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        # Where even that fails there is nobody left to tell; lists and monitor file go on.
        with suppress(OSError):
            descriptor = os.open(self._path, flags, 0o644)
            with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as out:
                out.write("the terminal is gone, or whoever read the text: the build goes on here\n")
                self._view.show(out)
