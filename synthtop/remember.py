"""Keeps what the user chose on the screen in the user's own file of settings.

The file is the user's: all that is not chosen anew stays as it is, comments too, and one that cannot be read
as settings is left alone.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

from .config import ConfigError, check_file
from .replacing import replace_file
from .text import clean
from .tomlfile import read_text

Choice = str | tuple[str, ...]


class Memory:
    """Keeps choices in the file at ``path``; with None nowhere.

    ``complain`` is told, once for each reason, why one could not be kept. The work is done in a thread of its
    own: a home on a dead disk holds up no key.
    """

    def __init__(self, path: str | None, complain: Callable[[str], None]) -> None:
        self._path = path
        self._complain = complain
        self._told: set[str] = set()
        self._waiting: dict[str, Choice] = {}
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def keep(self, choices: Mapping[str, Choice]) -> None:
        """Keep these settings, each by its key; of several for one the last counts. Returns at once."""
        if self._path is None:
            return
        with self._lock:
            self._waiting |= choices
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="synthtop-memory", daemon=True)
                self._thread.start()

    def close(self, patience: float = 2.0) -> None:
        """Wait until all is kept, for ``patience`` seconds at most."""
        thread = self._thread
        if thread is not None:
            thread.join(patience)

    def _work(self) -> None:
        assert self._path is not None
        while True:
            with self._lock:
                choices, self._waiting = self._waiting, {}
                if not choices:
                    self._thread = None
                    return
            try:
                write_choices(self._path, choices)
            except ConfigError as error:
                self._tell(f"{', '.join(choices)} not remembered: {error}")
            except OSError as error:
                reason = error.strerror or str(error)
                self._tell(f"{', '.join(choices)} not remembered: {clean(self._path)}: {reason}")
            except Exception as error:  # noqa: BLE001  (tomlkit's own defects; the next choice is tried again)
                reason = clean(f"{type(error).__name__}: {error}")
                self._tell(f"{', '.join(choices)} not remembered: {reason}")

    def _tell(self, reason: str) -> None:
        if reason not in self._told:
            self._told.add(reason)
            self._complain(reason)


def write_choices(path: str, choices: Mapping[str, Choice]) -> None:
    """Put ``choices`` into the settings at ``path``, a file that need not be there yet, in one step.

    ConfigError where it holds what is no settings of ours: it is left as it is then. OSError where it cannot
    be written. A symlink is followed to a file of our own alone.
    """
    import tomlkit  # 30 ms, which nobody needs who chooses nothing

    # People keep their settings elsewhere and link to them: the link is to stay.
    path = os.path.realpath(path)
    text, mode = "", 0o600
    with suppress(FileNotFoundError):
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise ConfigError(clean(f"{path}: expected a regular file of yours"))
        mode = stat.S_IMODE(found.st_mode)
        text = read_text(path, ConfigError)
    check_file(path, text)
    document = tomlkit.parse(text)
    for key, value in choices.items():
        document[key] = list(value) if isinstance(value, tuple) else value
    fresh = tomlkit.dumps(document)
    if fresh == text:
        return
    check_file(path, fresh)
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    replace_file(path, fresh.encode(), mode=mode, durable=True)
