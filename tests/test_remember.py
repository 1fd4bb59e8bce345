from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.config import COLUMNS, THEMES, ConfigError, Settings, load
from synthtop.remember import Memory, write_choices

THEIRS = """\
# my build host
workers = 8   # as many as the disk takes
theme = "light"

[stalled_after]  # rust is slow here
build = "6h"

[keys]
failures = "F"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "synthtop" / "config.toml"


def loaded(path: Path) -> Settings:
    return load({"XDG_CONFIG_HOME": str(path.parent.parent)}, None, Settings())


def test_the_first_choice_makes_a_file_that_only_its_user_reads(path: Path) -> None:
    write_choices(str(path), {"theme": "contrast"})
    assert path.read_text() == 'theme = "contrast"\n'
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_all_that_is_not_chosen_anew_stays_to_the_letter(path: Path) -> None:
    path.parent.mkdir()
    path.write_text(THEIRS)
    path.chmod(0o640)
    write_choices(str(path), {"theme": "16", "sort": "-lines", "columns": ("origin", "cpu")})
    written = path.read_text()
    kept = [line for line in THEIRS.splitlines() if not line.startswith("theme")]
    assert [line for line in written.splitlines() if line in kept] == kept
    settings = loaded(path)
    assert (settings.theme, settings.sort, settings.columns) == ("16", "-lines", ("origin", "cpu"))
    assert (settings.workers, settings.stalled_after, settings.keys) == (
        8,
        {"build": 21600.0},
        {"failures": "F"},
    )
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    "theirs", ["theme = ", "worker = 8\n", "[Global Configuration]\nNumber_of_builders=8\n", "\xff"]
)
def test_what_is_no_settings_of_ours_is_never_written_over(path: Path, theirs: str) -> None:
    path.parent.mkdir()
    path.write_bytes(theirs.encode("latin-1"))
    with pytest.raises(ConfigError, match=r"config\.toml"):
        write_choices(str(path), {"theme": "dark"})
    assert path.read_bytes() == theirs.encode("latin-1")
    assert os.listdir(path.parent) == ["config.toml"]


def test_a_link_to_settings_that_are_kept_elsewhere_stays_a_link(path: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "dotfiles.toml"
    elsewhere.write_text("workers = 2\n")
    path.parent.mkdir()
    path.symlink_to(elsewhere)
    write_choices(str(path), {"sort": "phase"})
    assert path.is_symlink()
    assert elsewhere.read_text() == 'workers = 2\nsort = "phase"\n'


def test_a_device_or_a_directory_in_its_place_is_left_alone(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(ConfigError, match="expected a regular file"):
        write_choices(str(path), {"sort": "phase"})
    path.rmdir()
    path.symlink_to("/dev/null")
    with pytest.raises(ConfigError, match="expected a regular file"):
        write_choices(str(path), {"sort": "phase"})


def test_a_file_of_somebody_else_is_left_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_choices(str(path), {"theme": "dark"})
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(ConfigError, match="a regular file of yours"):
        write_choices(str(path), {"theme": "light"})
    assert path.read_text() == 'theme = "dark"\n'


def test_what_could_not_be_read_again_is_not_written(path: Path) -> None:
    write_choices(str(path), {"theme": "dark"})
    with pytest.raises(ConfigError, match="theme"):
        write_choices(str(path), {"theme": "pink"})
    assert path.read_text() == 'theme = "dark"\n'


def test_the_files_mode_stays_whatever_the_mask_says(path: Path) -> None:
    write_choices(str(path), {"theme": "dark"})
    path.chmod(0o664)
    before = os.umask(0o077)
    try:
        write_choices(str(path), {"theme": "light"})
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o664


def test_after_something_unexpected_which_is_told_the_next_choice_is_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(text: str) -> None:
        raise RecursionError("too\x1bdeep")

    told: list[str] = []
    memory = Memory(str(path), told.append)
    with monkeypatch.context() as broken:
        broken.setattr("tomlkit.parse", fails)
        memory.keep({"theme": "light"})
        memory.close()
    assert told == ["theme not remembered: RecursionError: too␛deep"]
    memory.keep({"theme": "dark"})
    memory.close()
    assert loaded(path).theme == "dark"


def test_the_last_of_several_choices_counts_and_why_none_is_kept_is_told_once(path: Path) -> None:
    told: list[str] = []
    memory = Memory(str(path), told.append)
    for theme in THEMES:
        memory.keep({"theme": theme})
    memory.close()
    assert loaded(path).theme == THEMES[-1]
    path.write_text("broken")
    for _ in range(2):
        memory.keep({"theme": "dark"})
        memory.close()
    (complaint,) = told
    assert complaint.startswith(f"theme not remembered: {path}:1")


def test_without_a_home_nothing_is_kept_and_nothing_fails() -> None:
    memory = Memory(None, pytest.fail)
    memory.keep({"theme": "dark"})
    memory.close()


@settings(max_examples=30)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "theme": st.sampled_from(THEMES),
            "sort": st.sampled_from(COLUMNS) | st.sampled_from(COLUMNS).map("-{}".format),
            "columns": st.sets(st.sampled_from(COLUMNS)).map(
                lambda some: tuple(name for name in COLUMNS if name in some | {"origin"})
            ),
        },
    )
)
def test_what_is_kept_is_what_is_read_next_time(
    tmp_path_factory: pytest.TempPathFactory, choices: dict[str, str]
) -> None:
    path = tmp_path_factory.mktemp("home") / "synthtop" / "config.toml"
    path.parent.mkdir()
    path.write_text(THEIRS)
    write_choices(str(path), choices)
    found = loaded(path)
    assert {key: getattr(found, key) for key in choices} == choices
