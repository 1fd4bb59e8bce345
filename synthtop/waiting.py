"""A feed for when no build is shown: this host as it is, and what DynMax would be.

Standard library only, like the collector beside it.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable

from .model import BuildState, HostSample, Memory, Snapshot, Source, SourceKind
from .probes import Probe, host_probe
from .throttle import Limit, Policy, combined, policy_named
from .units import MAX_WORKERS


class Waiting:
    """Says how a build would find the host, a snapshot a tick; its state is waiting.

    ``workers`` are as many as a build would have (1..1024), one a core by default. ``throttle`` names the
    policy that would find DynMax, or is one. Whatever of these raises leaves its part of the snapshot unknown
    until it works again, and ``host.problems`` say why.
    """

    def __init__(
        self,
        *,
        workers: int | None = None,
        throttle: str | Policy = "step",
        probe: Probe | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._workers = workers
        self._policy = policy_named(throttle) if isinstance(throttle, str) else throttle
        self._probe = probe or host_probe()
        self._clock = clock
        self._wall = wall
        self._source = Source(SourceKind.RUN, host=socket.gethostname())
        self._seq = 0

    def tick(self, now: float | None = None) -> Snapshot:
        """The host at this moment; ``now`` is monotonic seconds."""
        now = self._clock() if now is None else now
        problems: list[str] = []
        sample = self._sample(problems)
        workers = min(self._workers or sample.ncpus or os.cpu_count() or 1, MAX_WORKERS)
        limit = self._limit(now, sample, workers, problems)
        self._seq += 1
        return Snapshot(
            seq=self._seq,
            state=BuildState.WAITING,
            time=self._wall(),
            source=self._source,
            active=0,
            max_workers=workers,
            dynmax=limit.workers,
            policy=self._policy.name,
            reason=limit.reason,
            host=sample._replace(problems=(*sample.problems, *problems)),
        )

    def close(self) -> None:
        """Nothing to let go of."""

    def _sample(self, problems: list[str]) -> HostSample:
        try:
            return self._probe()
        except Exception as error:  # noqa: BLE001  (it may be anybody's: said, and the host is unknown)
            problems.append(f"the probe failed: {type(error).__name__}: {error}")
            return HostSample()

    def _limit(self, now: float, sample: HostSample, workers: int, problems: list[str]) -> Limit:
        try:
            return self._policy.limit(now, sample, Memory(), 0, workers)
        except Exception as error:  # noqa: BLE001  (as above: unknown does not throttle)
            problems.append(f"the throttle failed: {type(error).__name__}: {error}")
            return combined(workers, workers, workers, workers)
