"""What lies beside a build's numbers: its ``00_last_results.log``, of which only the growth is read, and the
logs of its packages."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import islice

from ..formats.resultlog import parse
from ..formats.results import log_name
from ..model import LOG_KEPT, Finished, Ledger, LogKind, LogLine, Outcome, Totals, View
from ..units import MAX_WORKERS
from .ended import Ended
from .files import TO_READ

RESULTS = "00_last_results.log"
_CHUNK = 4 << 20
"""Bytes read in one poll: the log of forty thousand packages. What is more waits for the next one."""
_MOST_LINES = 60_000
"""The same in lines."""
_LONGEST = 1024
"""Bytes of a line that are looked at; dsynth pads its lines to 79."""
_ENDLESS = 64 << 10
"""Bytes without a newline that are no unfinished line any more."""
_GUARD = 128
"""Bytes before what is read next, which tell whether it is still the same log."""
_MOST_NAMES = 200_000
"""Names in a directory that are looked at."""
_MANY = 500
"""Logs that are asked for one by one; for more, their directory is read once."""
_LONGEST_PAUSE = 60.0


class PackageLogs:
    """Where the packages of one build have their logs: those of ``directory`` that are there.

    ``name_of`` says the name that an origin's log would have.
    """

    def __init__(self, directory: str | None, name_of: Callable[[str], str | None] = log_name) -> None:
        self._directory = directory
        self._name_of = name_of
        self._found: dict[str, str] = {}
        self._missing: dict[str, tuple[float, float]] = {}  # when to ask again, and the pause after that

    def path(self, origin: str, now: float) -> str | None:
        """The log of ``origin`` at monotonic second ``now``, None where there is none.

        One that is there is not asked for again; another may come yet, and is asked for less and less often.
        """
        found = self._found.get(origin)
        if found is not None or self._directory is None:
            return found
        due, pause = self._missing.get(origin, (now, 1.0))
        if now < due:
            return None
        found = self._at(origin)
        if len(self._found) + len(self._missing) >= 4 * MAX_WORKERS:
            self._found.clear()
            self._missing.clear()
        if found is None:
            self._missing[origin] = (now + pause, min(2 * pause, _LONGEST_PAUSE))
        else:
            self._found[origin] = found
        return found

    def finished(self, packages: Sequence[Finished], at: int | None = None) -> list[Finished]:
        """``packages`` with the logs that they have, and with the build's second ``at`` where they have none.

        What was not tried to build has no log: one of its name is an earlier build's.
        """
        path = self._paths(len(packages))
        result = []
        for origin, outcome, when, slot, phase, reason, duration, lines, log, blocks in packages:
            tried = outcome is Outcome.BUILT or outcome is Outcome.FAILED or slot is not None
            log = path(origin) if tried else None
            when = at if when is None else when
            result.append(Finished(origin, outcome, when, slot, phase, reason, duration, lines, log, blocks))
        return result

    def _paths(self, count: int) -> Callable[[str], str | None]:
        """Says where an origin's log is. It will be asked ``count`` times: many are found at once."""
        directory = self._directory
        if directory is None or count <= _MANY:
            return self._at
        there: set[str] = set()
        with suppress(OSError), os.scandir(directory) as entries:
            there.update(entry.name for entry in islice(entries, _MOST_NAMES) if entry.is_file())

        def path(origin: str) -> str | None:
            name = self._name_of(origin)
            return f"{directory}/{name}" if name in there else None

        return path

    def _at(self, origin: str) -> str | None:
        name = self._name_of(origin)
        if self._directory is None or name is None or "/" in name:
            return None
        path = f"{self._directory}/{name}"
        with suppress(OSError, ValueError):  # ValueError: a name that no file can have
            if stat.S_ISREG(os.stat(path).st_mode):
                return path
        return None


class ResultsTail:
    """The ``00_last_results.log`` at ``path``, dsynth's or go-synth's, as it grows; None: there is none.

    ``logs`` is where the packages' logs are, None where that is not known. A log that is not there is an
    empty one; one that was replaced or truncated, as when a build begins, is read anew from its beginning.
    ``began`` counts how often that was. ``mtime`` is when it was last written, 0.0 before there was one;
    ``slots`` how many slots it has shown to be there. ``problem`` is why it could not be read just now.
    """

    def __init__(self, path: str | None, logs: str | None) -> None:
        self._path = path
        self._logs = PackageLogs(logs)
        self._file: tuple[int, int] | None = None
        self._stands: tuple[int, int] = (-1, 0)
        self._all_new = False
        self.mtime = 0.0
        self.began = 0
        self.problem: OSError | None = None
        self._begin()

    def _begin(self) -> None:
        self._offset = 0
        self._guard = b""
        self._more = False
        self._in_endless = False
        self._lines: Ledger[LogLine] = Ledger(LOG_KEPT)
        self._ended = Ended()
        self._slot_of: dict[str, int] = {}
        self._origin_in: dict[int, str] = {}
        self.slots = 0
        self.log: View[LogLine] = self._lines.view()
        self.finished: View[Finished] = self._ended.view()

    @property
    def running(self) -> Mapping[str, int]:
        """The slot of each package that was started and has not ended."""
        return self._slot_of

    @property
    def totals(self) -> Totals:
        """How many packages ended in which way. The log does not say how many there are to be."""
        return self._ended.totals

    def poll(self, elapsed: int | None) -> bool:
        """Read what is new at the build's second ``elapsed``; whether anything is.

        What was there before the first poll has no time.
        """
        if self._path is None:
            return False
        try:
            # Not opened to find out: who waits to write into a FIFO would take us for its reader.
            if not stat.S_ISREG(os.stat(self._path).st_mode):
                raise OSError(errno.EINVAL, "it is no regular file", self._path)
            descriptor = os.open(self._path, TO_READ)
        except (OSError, ValueError) as error:  # ValueError: a name that no file can have
            self._all_new = True
            self.problem = (
                error if isinstance(error, OSError) else OSError(errno.EINVAL, str(error), self._path)
            )
            return False
        try:
            self.problem = None
            return self._read(descriptor, elapsed)
        except OSError as error:
            self.problem = error
            return False
        finally:
            os.close(descriptor)

    def _read(self, descriptor: int, elapsed: int | None) -> bool:
        found = os.fstat(descriptor)
        file, stands = (found.st_dev, found.st_ino), (found.st_size, found.st_mtime_ns)
        if file == self._file and stands == self._stands and not self._more:
            return False
        if not stat.S_ISREG(found.st_mode):
            return False
        anew = self._file is not None and (file != self._file or not self._goes_on(descriptor, found.st_size))
        if anew:
            self._begin()
            self._all_new = True
            self.began += 1
        self._file, self._stands = file, stands
        self.mtime = found.st_mtime
        fresh = self._lines_of(os.pread(descriptor, _CHUNK, self._offset))
        if fresh:
            self._take(fresh, elapsed if self._all_new else None)
        if not self._more:
            self._all_new = True
        return anew or bool(fresh)

    def _goes_on(self, descriptor: int, size: int) -> bool:
        """Whether what was read is still there, and only more may have come."""
        guard = self._guard
        return size >= self._offset and os.pread(descriptor, len(guard), self._offset - len(guard)) == guard

    def _lines_of(self, data: bytes) -> list[bytes]:
        """The whole lines in ``data``, which is what comes next. One without its end waits for it."""
        full = len(data) == _CHUNK
        start = 0
        if self._in_endless:
            start = data.find(b"\n") + 1 or len(data)
            self._in_endless = not data.endswith(b"\n", 0, start)
        end = data.rfind(b"\n") + 1
        lines = []
        if end > start:
            lines = data[start:end].split(b"\n", _MOST_LINES)
            full = full or bool(lines[-1])
            end -= len(lines.pop())
        elif len(data) - start > _ENDLESS:
            lines = [data[start : start + _LONGEST]]
            end = len(data)
            self._in_endless = True
        else:
            end = start
        self._more = full
        self._offset += end
        self._guard = (self._guard + data[max(0, end - _GUARD) : end])[-_GUARD:]
        return lines

    def _take(self, lines: Sequence[bytes], at: int | None) -> None:
        texts = (line[:_LONGEST].decode("utf-8", "replace").rstrip() for line in lines)
        entries = [parse(text) for text in texts if text]
        packages = iter(self._logs.finished([entry.package for entry in entries if entry.package], at))
        note, ended = self._lines.append, self._ended
        for seq, (kind, slot, text, origin, package, _) in enumerate(entries, self._lines.total + 1):
            note(LogLine(seq, at, slot, kind, text))
            if package is not None:
                ended.add(next(packages))
                self._vacate(self._slot_of.get(package.origin))
            elif kind is LogKind.START and origin is not None:
                ended.begin(origin)
                self._start(slot, origin)
        self.log = self._lines.view()
        self.finished = ended.view()

    def _start(self, slot: int | None, origin: str) -> None:
        if slot is None or not 0 <= slot < MAX_WORKERS:
            return
        self.slots = max(self.slots, slot + 1)
        self._vacate(slot)
        self._vacate(self._slot_of.get(origin))
        self._slot_of[origin] = slot
        self._origin_in[slot] = origin

    def _vacate(self, slot: int | None) -> None:
        """What ran in ``slot`` does not any more, whether or not its end was said."""
        if slot is not None and (origin := self._origin_in.pop(slot, None)) is not None:
            del self._slot_of[origin]
