"""What is left of a build of our own, as its ETA is told."""

from __future__ import annotations

from collections.abc import Sequence

from synthtop.eta.work import Running, Work
from synthtop.model import BuildState, Snapshot, Source, SourceKind, Stopping, WorkerRow, WorkerState
from synthtop.run.outlook import Outlook
from synthtop.run.package import Package, Plan
from synthtop.run.queue import Queue


def plan(**needs: str) -> Plan:
    """``plan(a="", b="a")``: packages in this order, with what each needs."""
    return Plan(
        "test",
        None,
        tuple(
            Package(origin, "", origin, None, tuple(words.split()), (), index=i)
            for i, (origin, words) in enumerate(needs.items())
        ),
    )


def snapshot(*workers: WorkerRow, stopping: Stopping | None = None) -> Snapshot:
    return Snapshot(
        seq=1,
        state=BuildState.BUILDING,
        time=0.0,
        source=Source(SourceKind.RUN),
        workers=workers,
        stopping=stopping,
    )


def row(slot: int, origin: str, elapsed: int, state: WorkerState = WorkerState.RUNNING) -> WorkerRow:
    return WorkerRow(slot, state, "build", origin, 0.0, elapsed)


def pop(queue: Queue, count: int) -> Sequence[str]:
    return [package.origin for package in (queue.pop() for _ in range(count)) if package is not None]


def left(packages: Plan, queue: Queue, seen: Snapshot) -> Work:
    work = Outlook(packages, queue)(seen)
    assert work is not None
    return work


def test_nothing_is_said_before_the_packages_have_their_order() -> None:
    packages = plan(short="", long="")
    queue = Queue(packages.packages)
    outlook = Outlook(packages, queue)
    assert outlook(snapshot()) is None
    queue.weigh([1.0, 100.0])
    assert outlook(snapshot()) is None
    assert pop(queue, 1) == ["long"]
    assert outlook(snapshot()) is not None


def test_what_waits_stands_in_its_order_with_what_it_needs_and_what_needs_it() -> None:
    packages = plan(last="", b="a", a="", c="b")
    queue = Queue(packages.packages)
    assert pop(queue, 1) == ["a"]
    work = left(packages, queue, snapshot())
    assert [work.origins[place] for place in work.waiting] == ["a", "b", "last", "c"]
    assert list(work.needs) == [0, 1, 0, 1]
    assert [list(behind) for behind in work.dependents] == [[], [3], [1], []]
    assert (work.running, work.unnamed) == ([], 0)


def test_what_runs_does_so_for_as_long_as_its_row_says() -> None:
    packages = plan(a="", b="", c="a")
    queue = Queue(packages.packages)
    pop(queue, 2)
    idle = WorkerRow(0, WorkerState.IDLE)
    rows = idle, row(1, "a", 70, WorkerState.DONE), row(2, "b", 5, WorkerState.PENDING)
    work = left(packages, queue, snapshot(*rows))
    assert work.running == [Running("a", 70), Running("b", 5)]
    assert list(work.running_places) == [0, 1]
    assert list(work.waiting) == [2]


def test_what_has_ended_since_the_snapshot_neither_runs_nor_waits() -> None:
    packages = plan(a="", b="a")
    queue = Queue(packages.packages)
    pop(queue, 1)
    seen = snapshot(row(0, "a", 9))
    queue.built("a")
    work = left(packages, queue, seen)
    assert (list(work.running), list(work.running_places), list(work.waiting)) == ([], [], [1])
    assert work.needs[1] == 0


def test_what_was_handed_out_and_has_no_slot_yet_waits_before_all_others() -> None:
    packages = plan(x="", big="", a="", b="big")
    queue = Queue(packages.packages)
    assert pop(queue, 2) == ["big", "x"]
    work = left(packages, queue, snapshot(row(0, "x", 3)))
    assert [work.origins[place] for place in work.waiting] == ["big", "a", "b"]
    assert work.running == [Running("x", 3)]


def test_what_failed_and_what_it_blocks_is_not_left() -> None:
    packages = plan(bad="", behind="bad", other="")
    queue = Queue(packages.packages)
    pop(queue, 1)
    queue.failed("bad")
    assert list(left(packages, queue, snapshot()).waiting) == [2]


def test_once_the_build_is_being_ended_only_what_runs_is_left() -> None:
    packages = plan(a="", b="", c="a")
    queue = Queue(packages.packages)
    pop(queue, 2)
    work = left(packages, queue, snapshot(row(0, "a", 4), stopping=Stopping.DRAINING))
    assert (list(work.waiting), work.running) == ([], [Running("a", 4)])


def test_a_package_whose_row_says_no_time_has_just_begun() -> None:
    packages = plan(a="")
    queue = Queue(packages.packages)
    pop(queue, 1)
    work = left(packages, queue, snapshot(WorkerRow(0, WorkerState.RUNNING, "build", "a")))
    assert work.running == [Running("a", 0)]
