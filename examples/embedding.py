"""A builder of your own: a thread pool under synthtop's statistics, with a monitor file beside it."""

from concurrent.futures import ThreadPoolExecutor
from subprocess import call

from synthtop import Collector, MonitorSink, Outcome, WorkerState, parse_target

COMMANDS = {"devel/gettext": "sleep 0.4", "devel/gmake": "sleep 0.2", "editors/vim": "false"}


def build(origin: str) -> None:
    slot = collector.acquire_slot()  # waits until DynMax allows one more; None once the build is over
    if slot is not None:
        collector.record_worker_update(slot, WorkerState.RUNNING, origin, phase="build")
        outcome = Outcome.FAILED if call(COMMANDS[origin], shell=True) else Outcome.BUILT
        collector.record_completion(origin, outcome, slot=slot)
        collector.release_slot(slot)


with Collector(workers=2) as collector, ThreadPoolExecutor(2) as pool:
    collector.add_consumer(MonitorSink(parse_target("monitor.dat"), collector.log))
    collector.record_queued(origins=list(COMMANDS))
    list(pool.map(build, COMMANDS))
print(collector.snapshot().totals)
