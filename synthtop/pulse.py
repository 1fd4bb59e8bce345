"""The only loop: takes a snapshot once a second and hands it to every consumer.

It runs in a daemon thread of its own, so that a stuck terminal, a blocked event loop or an
app that died stop neither sampling nor sinks.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from .model import Snapshot
from .protocols import Consumer


class Pulse:
    """Calls ``take(now)`` at 1 Hz on ``clock``, a monotonic one, without drift.

    ``take`` is a feed's way to make a snapshot; now None means this moment.
    Ticks that were missed (the process was stopped) are left out, not made up for. A consumer that
    raises is reported once through ``report``, keeps getting snapshots, and is reported again only after
    it has worked in between; so is a ``take`` that raises in the loop. A consumer may beat, remove and stop
    from within. ``wait(seconds) -> bool`` sleeps and says whether to stop; it can be injected.
    """

    INTERVAL = 1.0

    def __init__(
        self,
        take: Callable[[float | None], Snapshot],
        report: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self._take = take
        self._report = report
        self._clock = clock
        self._stop = threading.Event()
        self._wait = wait or self._stop.wait
        self._lock = threading.Lock()
        self._beat = threading.RLock()
        self._consumers: tuple[Consumer, ...] = ()
        self._broken: set[int] = set()
        self._taking = True
        self._due = 0.0
        self._thread: threading.Thread | None = None

    def add(self, consumer: Consumer) -> None:
        """Hand every later snapshot to ``consumer``, after those that were added before it."""
        with self._lock:
            self._consumers = (*self._consumers, consumer)

    def remove(self, consumer: Consumer) -> None:
        """Hand nothing more to ``consumer``; one that is not there is no error."""
        with self._lock:
            self._consumers = tuple(known for known in self._consumers if known is not consumer)
            self._broken.discard(id(consumer))

    def beat(self, now: float | None = None) -> Snapshot:
        """Take one snapshot and hand it round, in the caller's thread."""
        # One beat at a time: the last one, made by whoever closes, must not overtake the loop's.
        with self._beat:
            snapshot = self._take(now)
            for consumer in self._consumers:
                # One before it may have stopped us or removed it: what is closed gets nothing more.
                if any(consumer is known for known in self._consumers):
                    self._hand(consumer, snapshot)
            return snapshot

    def _hand(self, consumer: Consumer, snapshot: Snapshot) -> None:
        # Whatever a consumer does wrong, the others and the build go on; it is told, once.
        try:
            consumer.on_snapshot(snapshot)
        except Exception as error:  # noqa: BLE001
            if id(consumer) not in self._broken:
                self._broken.add(id(consumer))
                self._report(f"{type(consumer).__name__} failed: {type(error).__name__}: {error}")
        else:
            self._broken.discard(id(consumer))

    def start(self) -> None:
        """Begin to tick: the first snapshot is taken here and now, so that nobody starts without one.

        Starting twice is an error: there is one loop.
        """
        if self._thread is not None:
            raise RuntimeError("the pulse was started twice")
        self._due = self._clock()
        self._try_to_beat()
        thread = threading.Thread(target=self._run, name="synthtop-pulse", daemon=True)
        thread.start()
        # Not before: whoever stops us from another thread joins it, which it must be running for.
        self._thread = thread

    def _run(self) -> None:
        while not self._wait_for_the_next():
            self._try_to_beat()

    def _wait_for_the_next(self) -> bool:
        """Wait until the next tick is due; True where there is to be none."""
        now = self._clock()
        # Whole intervals from the last due time: no drift, and no burst after a stop.
        self._due += self.INTERVAL * max(1, -int((self._due - now) // self.INTERVAL))
        return self._wait(max(0.0, self._due - now)) or self._stop.is_set()

    def _try_to_beat(self) -> None:
        try:
            self.beat()
        except Exception as error:  # noqa: BLE001  (as in _hand: what fails now may work in a second)
            if self._taking:
                self._report(f"no snapshot could be taken: {type(error).__name__}: {error}")
            self._taking = False
        else:
            self._taking = True

    def stop(self) -> None:
        """Stop ticking, then close every consumer, last added first. Idempotent."""
        self._stop.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()
        with self._lock:
            consumers, self._consumers = self._consumers, ()
        for consumer in reversed(consumers):
            try:
                consumer.close()
            except Exception as error:  # noqa: BLE001  (as in _hand: the others are closed all the same)
                self._report(f"{type(consumer).__name__} failed to close: {type(error).__name__}: {error}")
