"""A builder of your own: a thread pool under synthtop's statistics, with a monitor file beside it."""

import time
from concurrent.futures import ThreadPoolExecutor

from synthtop import Collector, MonitorSink, Outcome, WorkerState, parse_target

PACKAGES = {
    "devel/gettext": 0.4,
    "devel/gmake": 0.2,
    "shells/bash": 0.3,
    "lang/perl5": 0.3,
    "editors/vim": 0.1,
}


def build(origin: str) -> None:
    slot = collector.acquire_slot()  # waits until DynMax allows one more
    if slot is None:  # the build is over
        return
    collector.record_worker_update(slot, WorkerState.RUNNING, origin, phase="build")
    time.sleep(PACKAGES[origin])  # here the work would be done
    outcome = Outcome.FAILED if origin == "editors/vim" else Outcome.BUILT
    collector.record_completion(origin, outcome, slot=slot)
    collector.release_slot(slot)


with Collector(workers=2) as collector:
    collector.add_consumer(MonitorSink(parse_target("monitor.dat"), collector.log))
    collector.record_queued(len(PACKAGES))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(build, PACKAGES))

totals = collector.snapshot().totals
print(f"Built {totals.built} of {totals.queued}, failed {totals.failed}; see monitor.json")
