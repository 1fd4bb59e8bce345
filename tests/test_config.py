"""Settings: which of several places is the strongest, and what is refused with which words."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthtop.config import COLUMNS, ConfigError, Settings, from_environ, load, load_with_sources, user_file

NOTHING = Settings()


@pytest.fixture
def said(tmp_path: Path) -> Any:
    """What a file says."""

    def read(text: str, name: str = "config.toml") -> Settings:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return load({"HOME": "/home/me"}, str(path), Settings())

    return read


@pytest.fixture
def refused(tmp_path: Path) -> Any:
    """What is said about a file that is refused, from the line number on."""

    def message(text: str, name: str = "config.toml") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError) as caught:
            load({}, str(path), Settings())
        assert str(caught.value).isprintable()
        return str(caught.value).removeprefix(f"{path}:")

    return message


# -- which place is the strongest ------------------------------------------------------------------


def test_nothing_set_is_nothing() -> None:
    assert load({}, None, NOTHING) == NOTHING
    assert all(getattr(NOTHING, field.name) is None for field in fields(NOTHING))


def test_the_command_line_is_stronger_than_the_environment() -> None:
    found = load({"SYNTHTOP_WORKERS": "3", "SYNTHTOP_ORDER": "plan"}, None, Settings(workers=8))
    assert (found.workers, found.order) == (8, "plan")


def test_each_place_is_stronger_than_the_next(tmp_path: Path) -> None:
    own = tmp_path / "xdg" / "synthtop" / "config.toml"
    own.parent.mkdir(parents=True)
    own.write_text('workers = 1\nthrottle = "off"\norder = "plan"\ngrace = 4\n')
    given_file = tmp_path / "given.toml"
    given_file.write_text('workers = 2\nthrottle = "dsynth"\norder = "chain"\n')
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "xdg"), "SYNTHTOP_WORKERS": "3", "SYNTHTOP_THROTTLE": "step"}
    found = load(environ, str(given_file), Settings(workers=4))
    assert (found.workers, found.throttle, found.order, found.grace) == (4, "step", "chain", 4.0)


def test_false_and_0_are_settings_too() -> None:
    found = load(
        {"SYNTHTOP_FAIL_FAST": "yes", "SYNTHTOP_TIMEOUT": "30m"}, None, Settings(fail_fast=False, timeout=0.0)
    )
    assert (found.fail_fast, found.timeout) == (False, 0.0)


def test_a_monitor_that_is_asked_for_is_stronger_than_a_weaker_no_monitor() -> None:
    found = load({"SYNTHTOP_NO_MONITOR": "1"}, None, Settings(monitor=("/m.dat",)))
    assert (found.monitor, found.no_monitor) == (("/m.dat",), None)


def test_no_monitor_is_stronger_than_a_weaker_monitor() -> None:
    found = load({"SYNTHTOP_MONITOR": "/m.dat"}, None, Settings(no_monitor=True))
    assert (found.monitor, found.no_monitor) == (None, True)


def test_the_users_own_file_need_not_be_there(tmp_path: Path) -> None:
    assert load({"HOME": str(tmp_path)}, None, NOTHING) == NOTHING


def test_the_users_own_file_is_below_the_home_without_xdg(tmp_path: Path) -> None:
    own = tmp_path / ".config" / "synthtop" / "config.toml"
    own.parent.mkdir(parents=True)
    own.write_text("workers = 5\n")
    assert load({"HOME": str(tmp_path)}, None, NOTHING).workers == 5


def test_a_users_own_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "synthtop" / "config.toml").mkdir(parents=True)
    with pytest.raises(ConfigError, match="cannot read it: Is a directory"):
        load({"XDG_CONFIG_HOME": str(tmp_path)}, None, NOTHING)


def test_a_file_that_was_asked_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"mine\.toml: cannot read it: No such file"):
        load({}, str(tmp_path / "mine.toml"), NOTHING)


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"XDG_CONFIG_HOME": "/x", "HOME": "/h"}, "/x/synthtop/config.toml"),
        ({"XDG_CONFIG_HOME": "relative", "HOME": "/h"}, "/h/.config/synthtop/config.toml"),
        ({"XDG_CONFIG_HOME": "", "HOME": "/h"}, "/h/.config/synthtop/config.toml"),
        ({"HOME": ""}, None),
        ({}, None),
    ],
)
def test_the_users_own_file_is_where_xdg_says(environ: dict[str, str], path: str | None) -> None:
    assert user_file(environ) == path


def test_each_setting_is_told_with_the_place_that_has_it(tmp_path: Path) -> None:
    own = tmp_path / "xdg" / "synthtop" / "config.toml"
    own.parent.mkdir(parents=True)
    own.write_text('# mine\nworkers = 1\ngrace = 4\nlogs = "~/l"\n')
    ini = tmp_path / "dsynth.ini"
    ini.write_text("[Global Configuration]\n\nMonitor_file=/m\nMonitor_format=dsynth\nNumber_of_builders=9\n")
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "xdg"), "HOME": "/h", "SYNTHTOP_ORDER": "plan"}
    found = load_with_sources(environ, str(ini), Settings(fail_fast=False))
    assert {key: (value, source) for key, value, source in found if source != "default"} == {
        "workers": (9, f"{ini}:5"),
        "grace": (4.0, f"{own}:3"),
        "logs": ("/h/l", f"{own}:4"),
        "monitor": (("dsynth:/m",), f"{ini}:3"),
        "order": ("plan", "SYNTHTOP_ORDER"),
        "fail_fast": (False, "command line"),
    }
    assert [key for key, _, _ in found] == [field.name for field in fields(Settings)]


def test_what_nobody_has_set_has_its_default_where_that_depends_on_nothing() -> None:
    found = {key: value for key, value, source in load_with_sources({}, None, NOTHING) if source == "default"}
    assert found == {
        "workers": None,
        "throttle": "step",
        "logs": None,
        "monitor": None,
        "no_monitor": False,
        "no_history": False,
        "timeout": 0.0,
        "grace": 10.0,
        "order": "time",
        "retry": 0,
        "fail_fast": False,
        "plain": None,
        "theme": None,
        "ascii": None,
        "notify": None,
        "notify_on": ("failure", "stall", "end"),
        "stalled_after": None,
        "low_space": None,
        "columns": ("slot", "duration", "phase", "origin", "lines"),
        "sort": "slot",
        "keys": None,
    }


def test_a_monitor_that_a_stronger_place_turned_off_has_no_place() -> None:
    found = load_with_sources({"SYNTHTOP_MONITOR": "/m.dat"}, None, Settings(no_monitor=True))
    told = {key: (value, source) for key, value, source in found}
    assert told["monitor"] == (None, "default")
    assert told["no_monitor"] == (True, "command line")


# -- the environment -------------------------------------------------------------------------------


def test_every_setting_has_its_variable() -> None:
    found = from_environ(
        {
            "SYNTHTOP_WORKERS": "8",
            "SYNTHTOP_THROTTLE": "dsynth",
            "SYNTHTOP_LOGS": "/logs",
            "SYNTHTOP_MONITOR": "json:/m.json",
            "SYNTHTOP_NO_MONITOR": "no",
            "SYNTHTOP_TIMEOUT": "1h30m",
            "SYNTHTOP_GRACE": "5",
            "SYNTHTOP_ORDER": "plan",
            "SYNTHTOP_FAIL_FAST": "1",
            "SYNTHTOP_PLAIN": "True",
            "SYNTHTOP_THEME": "16",
            "SYNTHTOP_ASCII": "yes",
            "SYNTHTOP_NOTIFY": 'notify-send "$SYNTHTOP_TEXT"',
            "SYNTHTOP_NOTIFY_ON": "end,failure",
            "SYNTHTOP_STALLED_AFTER": "build=6h other=0",
            "SYNTHTOP_LOW_SPACE": "2G",
            "SYNTHTOP_COLUMNS": "origin,slot,memory",
            "SYNTHTOP_SORT": "-duration",
            "SYNTHTOP_KEYS": "failures=F,help=f1",
            "SYNTHTOP_SOMETHING_ELSE": "x",
        }
    )
    assert found == Settings(
        workers=8,
        throttle="dsynth",
        logs="/logs",
        monitor=("json:/m.json",),
        no_monitor=False,
        timeout=5400.0,
        grace=5.0,
        order="plan",
        fail_fast=True,
        plain=True,
        theme="16",
        ascii=True,
        notify='notify-send "$SYNTHTOP_TEXT"',
        notify_on=("failure", "end"),
        stalled_after={"build": 21600.0, "other": 0.0},
        low_space=2 << 30,
        columns=("slot", "origin", "memory"),
        sort="-duration",
        keys={"failures": "F", "help": "f1"},
    )


def test_an_empty_variable_says_nothing() -> None:
    assert from_environ({"SYNTHTOP_WORKERS": "", "SYNTHTOP_LOGS": " "}) == NOTHING


def test_the_logs_directory_of_the_build_around_a_job_is_no_setting() -> None:
    found = from_environ({"SYNTHTOP_ORIGIN": "a/b", "SYNTHTOP_LOGS": "/outer", "SYNTHTOP_WORKERS": "2"})
    assert found == Settings(workers=2)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("WORKERS", "0", "expected a number from 1 to 1024, found the number 0"),
        ("WORKERS", "1025", "expected a number from 1 to 1024, found the number 1025"),
        ("WORKERS", "four", "expected a number from 1 to 1024, found 'four'"),
        ("WORKERS", "9" * 50, f"expected a number from 1 to 1024, found '{'9' * 50}'"),
        ("THROTTLE", "dsyn", "expected one of step, dsynth, off, found 'dsyn'; did you mean dsynth?"),
        ("THROTTLE", "xyzzy", "expected one of step, dsynth, off, found 'xyzzy'"),
        ("ORDER", "plans", "expected one of time, chain, plan, found 'plans'; did you mean plan?"),
        ("FAIL_FAST", "maybe", "expected true or false, found 'maybe'"),
        ("ASCII", "perhaps", "expected true or false, found 'perhaps'"),
        ("THEME", "drak", "expected one of dark, light, 16, contrast, found 'drak'; did you mean dark?"),
        ("LOGS", "a\0", "expected a directory, found 'a\\x00'"),
        (
            "NOTIFY_ON",
            "fail",
            "expected one or more of failure, stall, end, found 'fail'; did you mean failure?",
        ),
        ("STALLED_AFTER", "6h", "expected a table of durations by phase, like build = \"3h\", found '6h'"),
        ("LOW_SPACE", "-1", "expected a size like 512M, 24G or a number of bytes, found '-1'"),
        ("KEYS", "log=f", "f is the key of both log and failures: give one of them another key"),
        (
            "COLUMNS",
            "slot",
            f"expected some of {', '.join(COLUMNS)}, origin among them, found slot",
        ),
        (
            "TIMEOUT",
            "soon",
            "expected a duration like 90 (seconds), 30m or 1h30m, at most 10000d, found 'soon'",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_the_variables_name(variable: str, value: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        from_environ({f"SYNTHTOP_{variable}": value})
    assert str(caught.value) == f"SYNTHTOP_{variable}: {message}"


A_DURATION = "expected a duration like 90 (seconds), 30m or 1h30m"
A_TABLE_OF_KEYS = 'a table of keys by command, like failures = "F"'
A_COLUMN = f"one of {', '.join(COLUMNS)}, with - before it the other way round"


# -- TOML ------------------------------------------------------------------------------------------


def test_every_setting_may_stand_in_a_file(said: Any) -> None:
    found = said(
        'workers = 8\nthrottle = "off"\nlogs = "/logs"\nmonitor = ["/m.dat", "json:/m.json"]\n'
        'timeout = "30m"\ngrace = 5\norder = "plan"\nfail_fast = true\nplain = false\n'
        "retry = 2\nno_history = true\n"
        'theme = "light"\nascii = false\nnotify = "bell"\nnotify_on = "stall"\nlow_space = 0\n'
        'columns = ["origin", "phase"]\nsort = "phase"\n[stalled_after]\nbuild = "3h"\n"dump-*" = 60\n'
        '[keys]\nlog = "L"\n'
    )
    assert found == Settings(
        workers=8,
        throttle="off",
        logs="/logs",
        monitor=("/m.dat", "json:/m.json"),
        timeout=1800.0,
        grace=5.0,
        order="plan",
        fail_fast=True,
        plain=False,
        retry=2,
        no_history=True,
        theme="light",
        ascii=False,
        notify="bell",
        notify_on=("stall",),
        low_space=0,
        columns=("phase", "origin"),
        sort="phase",
        stalled_after={"build": 10800.0, "dump-*": 60.0},
        keys={"log": "L"},
    )


def test_of_phases_and_keys_each_is_a_setting_of_its_own(said: Any) -> None:
    weaker = said('[stalled_after]\nbuild = 3\nfetch = 4\n[keys]\nlog = "L"\n')
    both = Settings(stalled_after={"build": 5.0}, keys={"help": "f1"}).over(weaker)
    assert (both.stalled_after, both.keys) == ({"build": 5.0, "fetch": 4.0}, {"log": "L", "help": "f1"})


def test_the_theme_16_needs_no_quotes(said: Any) -> None:
    assert said("theme = 16\n").theme == "16"


def test_one_monitor_needs_no_list(said: Any) -> None:
    assert said('monitor = "/m.dat"\n').monitor == ("/m.dat",)


def test_a_tilde_is_the_home(said: Any) -> None:
    found = said('logs = "~/logs"\nmonitor = ["text:~/m.dat", "~/n.dat", "/a/~/b"]\n')
    assert found.logs == "/home/me/logs"
    assert found.monitor == ("text:/home/me/m.dat", "/home/me/n.dat", "/a/~/b")


def test_an_empty_file_says_nothing(said: Any) -> None:
    assert said("") == NOTHING


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\nworker = 3\n", "2: worker: unknown key 'worker'; did you mean workers?"),
        ("workers = '4'\n", "1: workers: expected a number from 1 to 1024, found '4'"),
        ("workers = true\n", "1: workers: expected a number from 1 to 1024, found true"),
        ("throttle = 1\n", "1: throttle: expected one of step, dsynth, off, found the number 1"),
        (
            "throttle = 'dsyth'\n",
            "1: throttle: expected one of step, dsynth, off, found 'dsyth'; did you mean dsynth?",
        ),
        ("order = []\n", "1: order: expected one of time, chain, plan, found a list"),
        ("theme = 256\n", "1: theme: expected one of dark, light, 16, contrast, found the number 256"),
        ("ascii = 1\n", "1: ascii: expected true or false, found the number 1"),
        ("logs = ''\n", "1: logs: expected a directory, found ''"),
        ("fail_fast = 'yes'\n", "1: fail_fast: expected true or false, found 'yes'"),
        ("grace = true\n", "1: grace: expected a duration like 90 (seconds), 30m or 1h30m, found true"),
        (
            "grace = -1\n",
            "1: grace: expected a duration like 90 (seconds), 30m or 1h30m, at most 10000d, found -1",
        ),
        (
            "monitor = []\n",
            "1: monitor: expected [FORMAT:]PATH, or a list of these, found a list",
        ),
        (
            "monitor = ['']\n",
            "1: monitor: expected [FORMAT:]PATH, or a list of these, found a list",
        ),
        ("[workers]\n", "1: workers: expected a number from 1 to 1024, found a table"),
        ("[stalled_after]\nbuild = []\n", f"1: stalled_after: build: {A_DURATION}, found a list"),
        ("[keys]\nlog = 1\n", f"1: keys: expected {A_TABLE_OF_KEYS}, found a table"),
        ("sort = 'speed'\n", f"1: sort: expected {A_COLUMN}, found 'speed'"),
        ("workers = \n", "1:11: no valid TOML: Invalid value"),
    ],
)
def test_a_wrong_file_is_refused_with_line_key_and_advice(refused: Any, text: str, message: str) -> None:
    assert refused(text) == message


# -- dsynth's ini form -----------------------------------------------------------------------------

INI = """\
; ours
[Global Configuration]
Enable_monitor=yes
Monitor_file = /build/monitor.dat
Monitor_format=json
Stats_update_freq=1
Number_of_builders=8
profile_selected=LiveSystem

# dsynth's
[LiveSystem]
Number_of_builders=3
Directory_logs=/build/synth/logs
"""


def test_dsynths_ini_form_is_known_by_its_section(said: Any) -> None:
    assert said(INI, "any.conf") == Settings(workers=8, monitor=("json:/build/monitor.dat",))


def test_a_file_called_ini_need_not_have_the_section(said: Any) -> None:
    assert said("[LiveSystem]\nNumber_of_builders=3\n", "dsynth.ini") == NOTHING


def test_the_monitor_is_text_where_no_format_is_given(said: Any) -> None:
    assert said("[Global Configuration]\nMonitor_file=/m.dat\n").monitor == ("text:/m.dat",)


@pytest.mark.parametrize("form", ["text", "json", "dsynth", "report"])
def test_the_monitor_may_have_any_format_that_synthtop_writes(said: Any, form: str) -> None:
    found = said(f"[Global Configuration]\nMonitor_file=/m\nMonitor_format={form}\n")
    assert found.monitor == (f"{form}:/m",)


def test_the_monitor_may_be_left_to_the_default(said: Any) -> None:
    assert said("[Global Configuration]\nEnable_monitor=yes\n") == Settings(no_monitor=False)


def test_the_monitor_may_be_turned_off_and_its_file_stay(said: Any) -> None:
    found = said("[Global Configuration]\nEnable_monitor=no\nMonitor_file=/m.dat\n")
    assert (found.monitor, found.no_monitor) == (None, True)


def test_keys_may_be_written_in_small_letters(said: Any) -> None:
    assert said("[global configuration]\nnumber_of_builders=2\n").workers == 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Enable_monitor=maybe", "Enable_monitor: expected yes or no, found 'maybe'"),
        ("Monitor_format=xml", "Monitor_format: expected one of text, json, dsynth, report, found 'xml'"),
        ("Monitor_file=", "Monitor_file: expected a path, found ''"),
        ("Stats_update_freq=2", "Stats_update_freq: expected 1 (Hz): no other is supported, found '2'"),
        ("Number_of_builders=0", "Number_of_builders: expected a number from 1 to 1024, found '0'"),
        ("Number_of_builders=many", "Number_of_builders: expected a number from 1 to 1024, found 'many'"),
        ("Monitr_file=/x", "unknown key 'Monitr_file'; did you mean Monitor_file?"),
        ("Monitor_file", "expected Key=value or [Section], found 'Monitor_file'"),
        ("Monitor_file=/x\nmonitor_file=/y", "monitor_file: it is there twice: leave one out"),
    ],
)
def test_a_wrong_line_is_refused_with_its_number(refused: Any, line: str, message: str) -> None:
    number = 2 + line.count("\n")
    assert refused(f"[Global Configuration]\n{line}\n") == f"{number}: {message}"


def test_what_is_dsynths_own_is_let_be(said: Any) -> None:
    assert said("[Global Configuration]\nprofile_selected=X\nTmpfs_workdir=yes\n") == NOTHING


# -- for any input ---------------------------------------------------------------------------------

_SETTINGS = st.builds(
    Settings,
    workers=st.none() | st.integers(1, 1024),
    order=st.none() | st.sampled_from(["time", "chain", "plan"]),
    fail_fast=st.none() | st.booleans(),
    monitor=st.none() | st.just(("/m",)),
    no_monitor=st.none() | st.booleans(),
)


@given(_SETTINGS, _SETTINGS, _SETTINGS)
def test_it_does_not_matter_which_two_places_are_merged_first(a: Settings, b: Settings, c: Settings) -> None:
    assert a.over(b).over(c) == a.over(b.over(c))


@given(_SETTINGS)
def test_silence_changes_nothing(some: Settings) -> None:
    assert some.over(NOTHING) == some
    assert NOTHING.over(some) == some


@given(_SETTINGS)
def test_what_is_told_with_its_place_is_what_is_loaded(some: Settings) -> None:
    environ = {"SYNTHTOP_MONITOR": "/n", "SYNTHTOP_WORKERS": "7"}
    found = load_with_sources(environ, None, some)
    told = {key: value for key, value, source in found if source != "default"}
    assert Settings(**told) == load(environ, None, some)  # type: ignore[arg-type]


@given(st.text(max_size=60) | st.text(max_size=60).map("[Global Configuration]\n{}".format))
def test_any_text_is_settings_or_one_readable_line(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.conf"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    problem = ""
    try:
        load({}, str(path), Settings())
    except ConfigError as error:
        problem = str(error)
    assert problem.isprintable()
