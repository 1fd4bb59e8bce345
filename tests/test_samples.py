"""Each builder's files, found, read, and told: on the screen and by ``status --json``."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from synthtop.app import SynthtopApp
from synthtop.follow.follower import Follower
from synthtop.pidlock import PidLock
from synthtop.status import status

from . import samples
from .piloting import screen_of

DSYNTH = "dsynth-1.0.2"


def totals(*counts: int | None) -> dict[str, int | None]:
    names = ("queued", "built", "failed", "ignored", "skipped", "meta", "remaining")
    return dict(zip(names, counts, strict=True))


STATED: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "text/monitor.dat": (
        "text/monitor.lk",
        {
            "load": 3.24, "swap_pct": 2.0, "workers": {"active": 4, "max": 4, "dynmax": 4}, "rate": 24.3,
            "impulse": 3, "elapsed": 943, "slots": [],
            "totals": totals(142, 38, 2, 0, 5, 0, 97),
        },
        (
            "Workers:  4 / 4    Load: 3.24  Swap:  2%    [DynMax: 4]",
            "Elapsed: 00:15:43  Rate: 24.3 pkg/hr  Impulse: 3",
            "Queued: 142  Built: 38  Failed: 2  Ignored: 0  Skipped: 5",
            "A monitor file in text has no per-worker data.",
        ),
    ),
    "go-synth": (
        "go-synth/monitor.lk",
        {
            "workers": {"active": 0, "max": 8, "dynmax": 8}, "elapsed": 61,
            "totals": totals(12, 3, 1, 0, 2, 0, 6),
        },
        ("Queued: 12  Built: 3  Failed: 1", "SUCCESS: devel/gmake", "FAILED: editors/vim"),
    ),
    DSYNTH: (
        f"{DSYNTH}/stats/monitor.lk",
        {
            "load": 14.2, "swap_pct": 2.25, "workers": {"active": 5, "max": 8, "dynmax": 6}, "rate": None,
            "impulse": None, "run_rate": 24.0, "impulse_10m": 31.0, "elapsed": 943,
            "totals": totals(142, 38, 2, 1, 5, 1, 95),
        },
        (
            "Workers:  5 / 8    Load: 14.20  Swap:  2%    [DynMax: 6]",
            "Elapsed: 00:15:43  Rate: 24.0 pkg/hr (run)  Impulse: 31 (10m)",
            "Queued: 142  Built: 38  Failed: 2  Ignored: 1  Skipped: 5",
            "00  00:01:23  build            devel/gmake",
            "01  00:00:07  configure        lang/python311",
            "02  12:34:56  build            lang/rust",
            "03  --:--:--  Idle",
            "04  00:00:00  pending          devel/foo@py311",
            "06  00:01:00  Run-Unknown      misc/from-the-future",
            "12345678",
            "[003] FAILURE editors/vim 3",
        ),
    ),
    "dsynth-1.02/stats/monitor.dat": (
        "dsynth-1.02/stats/monitor.lk",
        {"elapsed": 943, "run_rate": 24.0},
        ("install          www/nginx", "install-mtree    www/apache24"),
    ),
    "dsynth-1.01/stats/monitor.dat": (
        "dsynth-1.01/stats/monitor.lk",
        {"elapsed": 457389, "no_swap": True, "swap_pct": None},
        ("Swap:  -", "Elapsed: 127:03:09", "synthtop  Other"),
    ),
    f"{DSYNTH}/Report": (
        f"{DSYNTH}/stats/monitor.lk",
        {"elapsed": 943, "run_rate": 24.0, "impulse_10m": 31.0, "load": 14.2, "swap_pct": 2.2},
        ("02  12:34:56  build            lang/rust", "[003] FAILURE editors/vim 3", "SUCCESS shells/bash"),
    ),
    f"{DSYNTH}/00_last_results.log": (
        f"{DSYNTH}/stats/monitor.lk",
        {
            "load": None, "elapsed": None,
            "totals": totals(None, 1, 1, 2, 1, 1, None),
        },
        ("Queued: -  Built: 1  Failed: 1  Ignored: 2  Skipped: 1", "devel/gmake", "Adjust Workers 8->6"),
    ),
    "poudriere": (
        "",
        {
            "load": 9.84, "swap_pct": 1.23, "elapsed": 3600,
            "workers": {"active": 2, "max": 3, "dynmax": None},
            "totals": totals(10, 2, 1, 1, 1, 0, 5),
        },
        (
            "Workers:  2 / 3    Load: 9.84  Swap:  1%    [DynMax: -]",
            "01  01:00:00  build            lang/rust",
            "02  --:--:--  Idle",
            "03  00:00:10  configure        devel/git@tiny",
        ),
    ),
}  # fmt: skip
"""By the path that is followed: its lock, what its JSON says, and what is to be read on the screen."""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    samples.write_all(tmp_path)
    for parent, _, names in os.walk(tmp_path):
        for name in names:
            os.utime(os.path.join(parent, name), (samples.NOW, samples.NOW))
    return tmp_path


@contextmanager
def held(directory: Path, lock: str) -> Iterator[None]:
    """As while its builder runs."""
    if not lock:
        yield
        return
    holder = PidLock(str(directory / lock))
    yield
    holder.release()


def follower(directory: Path, path: str) -> Follower:
    return Follower(str(directory / path), clock=lambda: 5000.0, wall=lambda: samples.NOW)


@pytest.mark.parametrize("path", STATED)
def test_status_says_what_the_files_say(directory: Path, path: str) -> None:
    lock, stated, _ = STATED[path]
    out = io.StringIO()
    with held(directory, lock):
        ended = status(
            path,
            watch=False,
            as_json=True,
            out=out,
            follow=lambda path: follower(directory, path),
            builds=list,
        )
    value = json.loads(out.getvalue())
    assert ended == 0
    assert value["state"] == "building"
    assert {name: value[name] for name in stated} == stated


@pytest.mark.parametrize("path", STATED)
async def test_the_screen_shows_what_the_files_say(directory: Path, path: str) -> None:
    lock, _, rows = STATED[path]
    app = SynthtopApp()
    feed = follower(directory, path)
    with held(directory, lock):
        app.on_snapshot(feed.tick())
    async with app.run_test(size=(120, 40)) as pilot:
        shown = "\n".join(screen_of(pilot))
    feed.close()
    for row in rows:
        assert row in shown


@pytest.mark.parametrize("path", STATED)
def test_without_its_lock_no_build_seems_to_run_for_long(directory: Path, path: str) -> None:
    later = Follower(str(directory / path), clock=lambda: 5000.0, wall=lambda: samples.NOW + 31)
    assert later.tick().state == "stale"
    later.close()
