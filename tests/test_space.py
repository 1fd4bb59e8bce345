"""Low space: when it is told, and when not again."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.model import Space
from synthtop.run.space import SpaceWatch

from .terminal import PATIENCE, eventually

GIB = 1 << 30
FRAGMENT = 1 << 16


class Disks:
    """File systems by device: bytes free and in all; which directories there are, and on which device."""

    def __init__(self, **directories: tuple[int, int, int]) -> None:
        self.of = {"/": 1, **{f"/{name}": device for name, (device, _, _) in directories.items()}}
        self.free = {1: 1 << 50, **{device: free for device, free, _ in directories.values()}}
        self.total = {1: 1 << 50, **{device: total for device, _, total in directories.values()}}
        self.broken: set[str] = set()
        self.told: list[tuple[Space, ...]] = []

    def watch(self, *paths: str, least: int | None = None) -> SpaceWatch:
        return SpaceWatch(paths, self.told.append, least=least, device=self.device, statvfs=self.statvfs)

    def device(self, path: str) -> int:
        if path in self.broken:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), path)
        if path not in self.of:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return self.of[path]

    def statvfs(self, path: str) -> os.statvfs_result:
        device = self.of[path]
        found = SimpleNamespace(
            f_bavail=self.free[device] // FRAGMENT,
            f_blocks=self.total[device] // FRAGMENT,
            f_frsize=FRAGMENT,
        )
        return cast(os.statvfs_result, found)


def test_a_file_system_with_room_is_not_told() -> None:
    disks = Disks(logs=(2, 2 * GIB, 100 * GIB))
    disks.watch("/logs").look()
    assert disks.told == []


def test_one_that_gets_low_is_told_once_and_again_when_there_is_enough() -> None:
    disks = Disks(logs=(2, 2 * GIB, 100 * GIB))
    watch = disks.watch("/logs")
    for free in (GIB, GIB - FRAGMENT, GIB - FRAGMENT, 2 * GIB, 2 * GIB):
        disks.free[2] = free
        watch.look()
    assert disks.told == [(Space("/logs", GIB - FRAGMENT, 100 * GIB),), ()]


def test_one_that_hovers_at_the_limit_is_told_once() -> None:
    disks = Disks(logs=(2, GIB, 100 * GIB))
    watch = disks.watch("/logs")
    for part in (0.99, 1.01, 0.99, 1.01, 1.19, 0.99):
        disks.free[2] = int(part * GIB)
        watch.look()
    assert [len(low) for low in disks.told] == [1, 1, 1], "the second and third for what changed by a tenth"
    disks.free[2] = int(1.21 * GIB)
    watch.look()
    assert disks.told[-1] == ()


def test_a_small_file_system_is_low_below_a_twentieth_of_it() -> None:
    disks = Disks(logs=(2, 101 * FRAGMENT, 2000 * FRAGMENT))
    watch = disks.watch("/logs")
    watch.look()
    assert disks.told == []
    disks.free[2] = 99 * FRAGMENT
    watch.look()
    assert len(disks.told) == 1


def test_a_limit_that_is_set_counts_for_all_and_nothing_is_below_none() -> None:
    disks = Disks(logs=(2, 5 * GIB, 100 * GIB), work=(3, 0, 1 * GIB))
    disks.watch("/logs", "/work", least=6 * GIB).look()
    assert [space.path for space in disks.told[0]] == ["/logs", "/work"]
    disks.watch("/logs", "/work", least=0).look()
    assert len(disks.told) == 1


def test_what_gets_less_is_told_again_only_after_a_twentieth() -> None:
    disks = Disks(logs=(2, GIB // 2, 100 * GIB))
    watch = disks.watch("/logs")
    for part in (0.5, 0.48, 0.47, 0.46, 0.0, 0.0, FRAGMENT / GIB):
        disks.free[2] = int(part * GIB)
        watch.look()
    told = [round(low[0].free / GIB, 2) for low in disks.told]
    assert told == [0.5, 0.47, 0.0, 0.0]


def test_the_same_file_system_is_told_once_by_the_first_of_its_paths() -> None:
    disks = Disks(logs=(2, 0, GIB), work=(2, 0, GIB), other=(3, 0, GIB))
    disks.watch("/logs", "/work", "/other").look()
    assert [space.path for space in disks.told[0]] == ["/logs", "/other"]


def test_a_directory_that_is_not_there_yet_stands_for_the_one_above_it() -> None:
    disks = Disks(logs=(2, 0, GIB))
    watch = disks.watch("/logs/deep/down", "/nowhere")
    watch.look()
    assert disks.told == [(Space("/logs/deep/down", 0, GIB),)]


def test_what_cannot_be_asked_just_now_is_as_it_was() -> None:
    disks = Disks(logs=(2, 0, GIB))
    watch = disks.watch("/logs")
    watch.look()
    disks.broken.add("/logs")
    watch.look()
    disks.broken.clear()
    watch.look()
    assert len(disks.told) == 1


def test_what_can_never_be_asked_is_never_told() -> None:
    disks = Disks(logs=(2, 0, GIB))
    disks.broken.add("/logs")
    disks.watch("/logs").look()
    assert disks.told == []


def test_a_file_system_that_counts_no_blocks_is_never_low() -> None:
    disks = Disks(logs=(2, 0, 0))
    disks.watch("/logs", least=GIB).look()
    assert disks.told == []


def test_what_only_root_may_take_is_nothing_to_us() -> None:
    disks = Disks(logs=(2, -5 * GIB, 100 * GIB))
    disks.watch("/logs").look()
    assert disks.told[0][0].free == 0


def test_a_closed_watch_reports_nothing() -> None:
    disks = Disks(logs=(2, 0, GIB))
    watch = disks.watch("/logs")
    watch.close()
    watch.look()
    assert disks.told == []


@settings(max_examples=50)
@given(st.lists(st.floats(0, 3), max_size=30))
def test_low_begins_below_the_limit_and_ends_well_above_it(parts: list[float]) -> None:
    disks = Disks(logs=(2, 0, 1000 * GIB))
    watch = disks.watch("/logs")
    low = False
    for part in parts:
        disks.free[2] = free = int(part * GIB) // FRAGMENT * FRAGMENT
        watch.look()
        low = free < 1.2 * GIB if low else free < GIB
        assert bool(disks.told and disks.told[-1]) == low
    for before, after in zip(disks.told, disks.told[1:], strict=False):
        assert before != after


def test_a_real_file_system_is_looked_at_in_a_thread_of_its_own(tmp_path: Path) -> None:
    told: list[tuple[Space, ...]] = []
    watch = SpaceWatch([str(tmp_path / "not there yet")], told.append, least=1 << 62)
    watch.start()
    eventually(lambda: told, f"a report within {PATIENCE} s")
    watch.close()
    [space] = told[0]
    found = os.statvfs(tmp_path)
    assert space.path == str(tmp_path / "not there yet")
    assert space.total == found.f_blocks * found.f_frsize
