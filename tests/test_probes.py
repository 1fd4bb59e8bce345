"""What the host says about itself: figures where there are some, None and a reason where not."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.model import HostSample, Pressure
from synthtop.probes import host_probe
from synthtop.probes.linux import LinuxProbe
from synthtop.probes.posix import PosixProbe, probe

MEMINFO = """\
MemTotal:       16000000 kB
MemFree:          100000 kB
MemAvailable:    4000000 kB
SwapCached:           12 kB
SwapTotal:       2000000 kB
SwapFree:        1500000 kB
"""
PRESSURE = "some avg10={} avg60=0.00 avg300=0.00 total=0\nfull avg10=9.99 avg60=0.00 avg300=0.00 total=0\n"


class FakeProc:
    """A process file system of a few files."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "pressure").mkdir()
        self.write("meminfo", MEMINFO)
        self.cpu(user=0, idle=0)

    def write(self, name: str, text: str | bytes) -> None:
        (self.path / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    def remove(self, name: str) -> None:
        (self.path / name).unlink()

    def cpu(self, user: int, idle: int, iowait: int = 0) -> None:
        self.write("stat", f"cpu  {user} 0 0 {idle} {iowait} 0 0 0 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n")

    def swap(self, total: int, free: int) -> None:
        self.write(
            "meminfo", f"MemTotal: 8 kB\nMemAvailable: 4 kB\nSwapTotal: {total} kB\nSwapFree: {free} kB\n"
        )


def no_load() -> tuple[float, float, float]:
    raise OSError("Load averages are unobtainable")


@pytest.fixture
def proc(tmp_path: Path) -> FakeProc:
    return FakeProc(tmp_path)


@pytest.fixture
def linux(proc: FakeProc) -> LinuxProbe:
    return LinuxProbe(proc.path, lambda: (3.24, 2.0, 1.0), ncpus=4)


# -- Linux -------------------------------------------------------------------------------------------


def test_linux_tells_load_cores_swap_and_memory(linux: LinuxProbe) -> None:
    assert linux() == HostSample(
        load=3.24,
        ncpus=4,
        swap_pct=25.0,
        memory_total=16000000 * 1024,
        memory_available=4000000 * 1024,
    )


def test_no_swap_is_not_0_percent_of_swap(linux: LinuxProbe, proc: FakeProc) -> None:
    proc.swap(0, 0)
    sample = linux()
    assert (sample.swap_pct, sample.no_swap, sample.problems) == (None, True, ())


def test_swap_that_is_not_used_is_0_percent(linux: LinuxProbe, proc: FakeProc) -> None:
    proc.swap(1000, 1000)
    sample = linux()
    assert (sample.swap_pct, sample.no_swap) == (0.0, False)


def test_swap_that_is_used_up_is_100_percent(linux: LinuxProbe, proc: FakeProc) -> None:
    proc.swap(1000, 0)
    assert linux().swap_pct == 100.0


def test_more_swap_free_than_there_is_is_0_percent(linux: LinuxProbe, proc: FakeProc) -> None:
    proc.swap(1000, 1004)
    assert linux().swap_pct == 0.0


def test_a_host_without_meminfo_has_its_load_all_the_same(linux: LinuxProbe, proc: FakeProc) -> None:
    proc.remove("meminfo")
    sample = linux()
    assert (sample.load, sample.swap_pct, sample.no_swap, sample.memory_total) == (3.24, None, False, None)
    assert "swap and memory unknown" in sample.problems[0]
    assert "meminfo" in sample.problems[0]


@pytest.mark.parametrize("text", ["", "MemTotal: much kB\n", "SwapTotal: 5 kB\n", b"\xff\0\xfe" * 50])
def test_a_meminfo_of_junk_leaves_swap_unknown_and_says_so(
    linux: LinuxProbe, proc: FakeProc, text: str | bytes
) -> None:
    proc.write("meminfo", text)
    sample = linux()
    assert (sample.swap_pct, sample.no_swap) == (None, False)
    assert [problem.partition(":")[0] for problem in sample.problems] == ["swap unknown"]


def test_a_load_that_cannot_be_had_is_unknown_and_swap_is_not(proc: FakeProc) -> None:
    sample = LinuxProbe(proc.path, no_load)()
    assert (sample.load, sample.swap_pct) == (None, 25.0)
    assert sample.problems == ("load average unknown: Load averages are unobtainable",)


def test_a_figure_that_comes_back_is_no_problem_any_more(linux: LinuxProbe, proc: FakeProc) -> None:
    proc.remove("meminfo")
    assert linux().problems
    proc.write("meminfo", MEMINFO)
    assert linux().problems == ()


def test_cpu_use_is_unknown_at_first_and_then_since_the_last_sample(
    linux: LinuxProbe, proc: FakeProc
) -> None:
    proc.cpu(user=1000, idle=1000)
    first = linux().cpu_pct
    proc.cpu(user=1030, idle=1060, iowait=10)
    assert first is None
    assert linux().cpu_pct == pytest.approx(30.0)


@pytest.mark.parametrize(
    "after",
    [{"user": 1000, "idle": 1000}, {"user": 900, "idle": 1050}, {"user": 0, "idle": 0}],
    ids=["stood still", "went back", "began again"],
)
def test_counters_that_do_not_go_on_say_nothing(
    linux: LinuxProbe, proc: FakeProc, after: dict[str, int]
) -> None:
    proc.cpu(user=1000, idle=1000)
    linux()
    proc.cpu(**after)
    assert linux().cpu_pct is None


@given(st.lists(st.tuples(*[st.integers(0, 10**6)] * 3), min_size=2, max_size=8))
@settings(max_examples=30)
def test_cpu_use_is_a_percentage_whatever_the_counters_do(
    tmp_path_factory: pytest.TempPathFactory, counters: list[tuple[int, int, int]]
) -> None:
    proc = FakeProc(tmp_path_factory.mktemp("proc"))
    linux = LinuxProbe(proc.path)
    for user, idle, iowait in counters:
        proc.cpu(user, idle, iowait)
        pct = linux().cpu_pct
        assert pct is None or 0.0 <= pct <= 100.0


@pytest.mark.parametrize("text", ["", "cpu 1 2 3\n", "cpu one two three four five\n", b"\xff\n"])
def test_a_stat_of_junk_leaves_cpu_use_unknown(linux: LinuxProbe, proc: FakeProc, text: str | bytes) -> None:
    proc.write("stat", text)
    linux()
    assert linux().cpu_pct is None


def test_a_host_without_stat_is_no_problem_worth_a_line(linux: LinuxProbe, proc: FakeProc) -> None:
    proc.remove("stat")
    sample = linux()
    assert (sample.cpu_pct, sample.problems) == (None, ())


def test_pressure_is_that_of_some_task_in_the_last_10_seconds(linux: LinuxProbe, proc: FakeProc) -> None:
    proc.write("pressure/cpu", PRESSURE.format("1.25"))
    proc.write("pressure/memory", PRESSURE.format("0.00"))
    proc.write("pressure/io", PRESSURE.format("33.10"))
    assert linux().pressure == Pressure(cpu=1.25, memory=0.0, io=33.1)


def test_a_kernel_without_pressure_is_no_problem_worth_a_line(linux: LinuxProbe, proc: FakeProc) -> None:
    proc.write("pressure/io", "junk\n")
    sample = linux()
    assert (sample.pressure, sample.problems) == (Pressure(), ())


# -- the others, through psutil ----------------------------------------------------------------------


class FakePsutil:
    """What of psutil is called; ``failing`` calls raise."""

    def __init__(self, *failing: str, swap_total: int = 1000) -> None:
        self._failing = failing
        self._swap_total = swap_total

    def _answer(self, call: str, answer: Any) -> Any:
        if call in self._failing:
            raise OSError(f"{call} failed")
        return answer

    def swap_memory(self) -> Any:
        return self._answer(
            "swap_memory", SimpleNamespace(total=self._swap_total, used=self._swap_total // 4)
        )

    def virtual_memory(self) -> Any:
        return self._answer("virtual_memory", SimpleNamespace(total=64, available=16))

    def cpu_percent(self, interval: float | None) -> Any:
        assert interval is None  # it must not wait
        return self._answer("cpu_percent", 12.5)


def posix(*failing: str, **fake: int) -> HostSample:
    return PosixProbe(lambda: (3.24, 2.0, 1.0), FakePsutil(*failing, **fake), ncpus=4)()


def test_elsewhere_the_figures_come_from_psutil() -> None:
    assert posix() == HostSample(
        load=3.24, ncpus=4, swap_pct=25.0, cpu_pct=12.5, memory_total=64, memory_available=16
    )


def test_elsewhere_too_no_swap_is_not_0_percent_of_swap() -> None:
    sample = posix(swap_total=0)
    assert (sample.swap_pct, sample.no_swap, sample.problems) == (None, True, ())


@pytest.mark.parametrize(
    ("call", "unknown", "problem"),
    [
        ("swap_memory", {"swap_pct": None}, "swap unknown: swap_memory failed"),
        (
            "virtual_memory",
            {"memory_total": None, "memory_available": None},
            "memory unknown: virtual_memory failed",
        ),
        ("cpu_percent", {"cpu_pct": None}, "CPU use unknown: cpu_percent failed"),
    ],
)
def test_a_call_that_fails_leaves_its_own_figure_unknown(
    call: str, unknown: dict[str, Any], problem: str
) -> None:
    assert posix(call) == posix()._replace(problems=(problem,), **unknown)


def test_elsewhere_too_a_load_that_cannot_be_had_is_unknown() -> None:
    sample = PosixProbe(no_load, FakePsutil())()
    assert (sample.load, sample.swap_pct) == (None, 25.0)
    assert sample.problems == ("load average unknown: Load averages are unobtainable",)


def without_psutil() -> HostSample:
    return PosixProbe(lambda: (3.24, 2.0, 1.0), ncpus=4)()


def test_without_psutil_there_is_the_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)
    sample = without_psutil()
    assert (sample.load, sample.swap_pct, sample.no_swap) == (3.24, None, False)
    assert sample.problems[0].startswith("swap and memory unknown: psutil")


def test_a_psutil_that_does_not_know_the_system_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its import says so with NotImplementedError."""
    (tmp_path / "psutil.py").write_text("raise NotImplementedError('platform is not supported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "psutil", raising=False)
    assert without_psutil().load == 3.24


# -- this host ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("probe", [host_probe, probe], ids=["its own", "through psutil"])
def test_this_hosts_figures_are_plausible(probe: Any) -> None:
    sample = probe()()
    assert sample.problems == ()
    assert sample.load is not None
    assert sample.load >= 0
    assert sample.ncpus >= 1
    assert sample.no_swap if sample.swap_pct is None else 0 <= sample.swap_pct <= 100
    assert 0 < sample.memory_available <= sample.memory_total


@pytest.mark.parametrize(
    ("platform", "kind"),
    [("linux", LinuxProbe), *((name, PosixProbe) for name in ("darwin", "freebsd14", "dragonfly6"))],
)
def test_each_system_has_its_probe(monkeypatch: pytest.MonkeyPatch, platform: str, kind: type) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert isinstance(host_probe(), kind)
