"""What the collector asks others at each tick: the host's figures, a limit, the time to go.

All three may be the builder's own code, and none is trusted to answer: what raises is told once, until it
works again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from .model import Eta, HostSample, Memory
from .probes import Probe, host_probe
from .throttle import Limit, Policy, policy_named

T = TypeVar("T")

Estimator = Callable[[float], Eta | None]
"""Says the ETA at a monotonic second; called once a tick, outside the lock. None: nothing can be said."""


class Advice:
    """Asks ``probe``, this host by default, ``throttle``, a policy or the name of one, and ``estimator``.

    ``tell`` gets a line where one of them fails.
    """

    def __init__(
        self,
        probe: Probe | None,
        throttle: str | Policy,
        estimator: Estimator | None,
        tell: Callable[[str], None],
    ) -> None:
        self.policy = policy_named(throttle) if isinstance(throttle, str) else throttle
        self._probe, self._estimator = probe or host_probe(), estimator
        self._tell = tell
        self._failing: set[str] = set()
        self._problems: set[str] = set()

    def sample(self) -> HostSample:
        """How the host is; unknown where the probe fails."""
        return self._ask("probe", self._probe, HostSample())

    def new_problems(self, sample: HostSample) -> list[str]:
        """What ``sample`` says is wrong and was not said before."""
        new = [problem for problem in dict.fromkeys(sample.problems) if problem not in self._problems]
        self._problems.update(new)
        return new

    def eta(self, now: float) -> Eta | None:
        """The time to go at monotonic second ``now``."""
        estimator = self._estimator
        return None if estimator is None else self._ask("estimator", lambda: estimator(now), None)

    def limit(self, now: float, sample: HostSample, memory: Memory, held: int, unlimited: Limit) -> Limit:
        """How many slots may be held at monotonic second ``now``; ``unlimited`` where the policy fails."""

        def limited() -> Limit:
            workers = unlimited.workers
            limit = self.policy.limit(now, sample, memory, held, workers)
            if not 1 <= limit.workers <= workers:
                raise ValueError(f"a limit of {limit.workers} workers: expected 1..{workers}")
            return limit

        return self._ask("throttle", limited, unlimited)

    def _ask(self, whom: str, question: Callable[[], T], otherwise: T) -> T:
        try:
            answer = question()
        except Exception as error:  # noqa: BLE001  (a monitor must not stop the build, nor itself)
            if whom not in self._failing:
                self._failing.add(whom)
                self._tell(f"the {whom} failed: {type(error).__name__}: {error}")
            return otherwise
        self._failing.discard(whom)
        return answer
