"""The feed of plain ``synthtop``: a build on this machine, or how the host stands while none is shown."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from .discover import Found, merged, who_builds
from .model import BuildState, Listed, Snapshot
from .protocols import Feed

LOOK_EVERY = 2.0
"""Seconds between two looks at what builds there are, while none is shown."""
_PATIENCE = 0.3
"""Seconds that a snapshot waits for the look that it began: nearly all are over by then."""
_NOTED = 10.0
"""Seconds for which it is said why a build was not asked to end."""

Start = Callable[[Callable[[], object]], object]
"""Does something elsewhere: nothing that may hang on a dead disk holds up a snapshot or a key."""


def ask_to_end(pid: int, kill: Callable[[int, int], None]) -> None:
    """Send SIGTERM to a build's process. ProcessLookupError or PermissionError where that cannot be."""
    kill(pid, signal.SIGTERM)
    with suppress(ProcessLookupError):
        kill(pid, signal.SIGCONT)  # a suspended one hears of it only when it goes on


def _in_thread(work: Callable[[], object]) -> None:
    threading.Thread(target=work, name="synthtop-attach", daemon=True).start()


class Attach:
    """Shows the only build that runs, by itself; else lists those that there are, until one is chosen.

    ``waiting`` says how the host stands, ``searches`` find what there is to show, by whose builds each finds,
    and ``follow(path)`` is the feed of one of them; it is called what the list calls it. A build that was on
    the list when nothing was shown, or that the user has come back from, is shown only when it is chosen;
    one that ends stays until the user leaves it. A feed that one thread ticks, and a chooser for any other.
    """

    def __init__(
        self,
        waiting: Feed,
        searches: Mapping[str, Callable[[], Found]],
        follow: Callable[[str], Feed],
        *,
        kill: Callable[[int, int], None] = os.kill,
        clock: Callable[[], float] = time.monotonic,
        start: Start = _in_thread,
        patience: float = _PATIENCE,
    ) -> None:
        self._waiting = waiting
        self._look = _Look(searches, start, patience)
        self._follow = follow
        self._kill = kill
        self._clock = clock
        self._start = start
        self._offers = _Offers()
        self._feed: Feed | None = None
        self._name = _Name(None)
        self._lock = threading.Lock()  # for what follows
        self._wanted: str | None = None
        self._path: str | None = None
        self._holder: int | None = None
        self._refusal: tuple[str, float | None] | None = None

    # -- feed --------------------------------------------------------------------------------------

    def tick(self, now: float | None = None) -> Snapshot:
        """The build that is shown at this moment, or the host with the builds that there are."""
        now = self._clock() if now is None else now
        self._switch(now)
        builds: Sequence[Listed] = ()
        if self._feed is None:
            answer = self._look.at(now)
            if answer is not None:
                builds = answer.builds
                self._show_by_itself(self._offers.only_new(answer))
                self._switch(now)
        if self._feed is None:
            return replace(self._waiting.tick(now), builds=tuple(builds), problem=self._look.problem(now))
        return self._noted(self._name.given_to(self._feed.tick(now)), now)

    def close(self) -> None:
        """Let go of what is shown. Idempotent."""
        feed, self._feed = self._feed, None
        if feed is not None:
            feed.close()
        self._waiting.close()

    def _switch(self, now: float) -> None:
        """Show what is wanted."""
        with self._lock:
            wanted = self._wanted
            if wanted == self._path:
                return
            self._path = wanted
            self._holder = self._refusal = None
        feed, self._feed = self._feed, None
        if feed is not None:
            self._start(feed.close)
        if wanted is None:
            self._offers.come_back(now)
            self._look.anew()
            return
        self._name = _Name(self._look.name_of(wanted))
        try:
            self._feed = self._follow(wanted)
        except BaseException:
            with self._lock:
                self._wanted = self._path = None
            raise

    def _show_by_itself(self, path: str | None) -> None:
        with self._lock:
            if self._wanted is None:  # and the user has not been quicker
                self._wanted = path

    def _noted(self, snapshot: Snapshot, now: float) -> Snapshot:
        """``snapshot`` with why its build was not asked to end, if that is news."""
        with self._lock:
            self._holder = None if snapshot.over else snapshot.holder
            if self._refusal is None:
                return snapshot
            why, until = self._refusal
            until = now + _NOTED if until is None else until
            self._refusal = None if snapshot.over or now >= until else (why, until)
            if self._refusal is None or snapshot.problem is not None:
                return snapshot
        return replace(snapshot, problem=why)

    # -- chooser -----------------------------------------------------------------------------------

    def choose(self, path: str) -> None:
        """Show the build that is listed with this ``path``, from the next snapshot on."""
        with self._lock:
            self._wanted = path

    def back(self) -> None:
        """Show the list, from the next snapshot on."""
        with self._lock:
            self._wanted = None

    def stop(self) -> None:
        """Ask the build that is shown to end; where it cannot be asked, the next snapshots say why."""
        with self._lock:
            path, pid = self._path, self._holder
        if path is not None and pid is not None:
            self._start(partial(self._ask, path, pid))

    def _ask(self, path: str, pid: int) -> None:
        refusal = self._asked(path, pid)
        with self._lock:
            if self._path == path and refusal is not None:
                self._refusal = refusal, None

    def _asked(self, path: str, pid: int) -> str | None:
        """Ask the build at ``path`` to end; why not, where it cannot be asked."""
        # The snapshot is a second old: its process may have gone, and another have its pid.
        held = who_builds(path)
        if held is None or held.pid != pid:
            return "it was not asked to stop: it runs no more"
        if held.uid not in (os.geteuid(), 0):
            return f"it was not asked to stop: its lock is that of uid {held.uid}"
        try:
            ask_to_end(pid, self._kill)
        except ProcessLookupError:
            return "it was not asked to stop: it runs no more"
        except PermissionError:
            return f"it was not asked to stop: pid {pid} is another user's"
        return None


class _Name:
    """What the list calls the build that is shown: two that run may have one name in their files."""

    def __init__(self, listed: str | None) -> None:
        self._listed = listed
        self._own: str | None = None

    def given_to(self, snapshot: Snapshot) -> Snapshot:
        """``snapshot`` under this name, unless another build is at its path by now."""
        source = snapshot.source
        self._own = self._own or source.name
        if self._listed in (None, source.name) or source.name not in (None, self._own):
            return snapshot
        return replace(snapshot, source=source._replace(name=self._listed))


class _Answer(NamedTuple):
    """What looks have found of which the first began at monotonic second ``begun``."""

    begun: float
    builds: Sequence[Listed]


class _Look:
    """What builds there are, looked for every two seconds; of a search that hangs the last answer stands."""

    def __init__(self, searches: Mapping[str, Callable[[], Found]], start: Start, patience: float) -> None:
        self._changed = threading.Condition()
        self._searches = [_Search(whose, find, self._changed) for whose, find in searches.items()]
        self._start = start
        self._patience = patience
        self._answer: _Answer | None = None

    def at(self, now: float) -> _Answer | None:
        """The newest answer; None before the first one of each search that does not hang."""
        begun = [search for search in self._searches if search.begins(now)]
        for search in begun:
            self._start(search.look)
        with self._changed:
            self._changed.wait_for(lambda: not any(search.busy for search in begun), self._patience)
            known = [search.found for search in self._searches if search.found is not None]
            awaited = [search.found for search in self._searches if not search.hangs_for(now)]
        current = [found for found in awaited if found is not None]
        if known and len(current) == len(awaited):
            first = min(begun for begun, _ in current or known)
            self._answer = _Answer(first, merged(builds for _, builds in known))
        return self._answer

    def name_of(self, path: str) -> str | None:
        """What the build with this path was called on the last list; None where it was not on it."""
        builds = () if self._answer is None else self._answer.builds
        return next((build.name for build in builds if build.path == path), None)

    def problem(self, now: float) -> str | None:
        """Why there may be builds that are not listed."""
        hanging = [(search.hangs_for(now), search.whose) for search in self._searches]
        seconds, whose = max(hanging, default=(0.0, ""))
        if not seconds:
            return None
        return f"the search for {whose} builds has had no answer for {seconds:.0f} s: a file system hangs"

    def anew(self) -> None:
        """Look at once when asked next."""
        for search in self._searches:
            search.anew()


class _Search:
    """Finds one builder's builds, every two seconds. ``changed`` guards it, and is told when it has."""

    def __init__(self, whose: str, find: Callable[[], Found], changed: threading.Condition) -> None:
        self.whose = whose
        self.busy = False
        self.found: tuple[float, Found] | None = None
        self._find = find
        self._changed = changed
        self._begun = 0.0
        self._due = True

    def begins(self, now: float) -> bool:
        """Whether it is time to look again, and nobody does yet: then :meth:`look` is to be called."""
        with self._changed:
            if self.busy or not (self._due or not 0 <= now - self._begun < LOOK_EVERY):
                return False
            self.busy, self._due, self._begun = True, False, now
            return True

    def look(self) -> None:
        """Look what there is, however long that takes."""
        try:
            found = self._find()
        except Exception:  # noqa: BLE001  (it may be anybody's: what there is can be named by hand)
            found = {}
        with self._changed:
            self.found = self._begun, found
            self.busy = False
            self._changed.notify_all()

    def hangs_for(self, now: float) -> float:
        """Seconds for which there has been no answer at monotonic second ``now``; 0 where one is due soon."""
        waited = now - self._begun if self.busy else 0.0
        return waited if waited >= LOOK_EVERY else 0.0

    def anew(self) -> None:
        """It is time to look again."""
        self._due = True


class _Offers:
    """Which builds run that the user has seen on the list."""

    def __init__(self) -> None:
        self._seen: dict[str, int | None] = {}
        self._back_at: float | None = None

    def come_back(self, now: float) -> None:
        """What runs at monotonic second ``now`` is seen on the list, and nothing is shown by itself."""
        self._back_at = now

    def only_new(self, answer: _Answer) -> str | None:
        """The path of the only build that runs, if it began since the list was last seen."""
        if self._back_at is not None and answer.begun < self._back_at:
            return None
        running = {build.path: build.elapsed for build in answer.builds if build.state is BuildState.BUILDING}
        new = [path for path, elapsed in running.items() if self._is_new(path, elapsed)]
        chosen = new[0] if len(running) == len(new) == 1 and self._back_at is None else None
        self._seen = running
        self._back_at = None
        return chosen

    def _is_new(self, path: str, elapsed: int | None) -> bool:
        if path not in self._seen:
            return True
        before = self._seen[path]
        # The next build at the same path: its time is less.
        return before is not None and elapsed is not None and elapsed < before
