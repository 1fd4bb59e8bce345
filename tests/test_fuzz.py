"""A short form of ``make fuzz``: whatever a file has in it, a decoder says FormatError or what it is."""

from __future__ import annotations

import pytest

from . import fuzzing

COUNT = 300


@pytest.mark.parametrize("name", fuzzing.FORMATS)
def test_no_input_gives_another_error(name: str) -> None:
    found = [harm for harm in fuzzing.harm(name, count=COUNT) if harm is not None]
    assert not found, f"{len(found)}, the first: {found[0].error}{found[0].data[:2000]!r}"


@pytest.mark.parametrize("name", fuzzing.FORMATS)
def test_the_inputs_that_are_spoilt_are_valid_before(name: str) -> None:
    decode, valid = fuzzing.FORMATS[name]
    for data in valid:
        decode(data)


@pytest.mark.parametrize("name", fuzzing.FORMATS)
def test_an_input_can_be_had_again_by_its_seed_and_number(name: str) -> None:
    several = dict(fuzzing.inputs(name, 7, 0, 12))
    assert dict(fuzzing.inputs(name, 7, 11, 1)) == {11: several[11]}
    assert len(set(several.values())) > 6


def test_another_error_is_found_and_told_with_its_input() -> None:
    def decode(data: bytes) -> None:
        raise KeyError("what was asked for")

    harm = fuzzing.harm_of(decode, 5, b"data")
    assert harm is not None
    assert (harm.number, harm.data) == (5, b"data")
    assert "KeyError: 'what was asked for'" in harm.error


def test_the_command_says_what_did_harm_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def decode(data: bytes) -> None:
        if len(data) > 100:
            raise KeyError("what was asked for")

    monkeypatch.setitem(fuzzing.FORMATS, "text", fuzzing.FORMATS["text"]._replace(decode=decode))
    assert fuzzing.main(["--seed", "1", "--count", "20", "text"]) == 1
    said = capsys.readouterr().out
    assert "again: python -m tests.fuzzing --seed 1 --first " in said
    assert "KeyError: 'what was asked for'" in said


def test_the_command_is_content_where_nothing_does_harm(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzzing.main(["--seed", "1", "--count", "20", "text"]) == 0
    assert "nothing but FormatError" in capsys.readouterr().out


def test_a_format_that_is_not_known_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        fuzzing.main(["tar"])
    assert "no format 'tar'" in capsys.readouterr().err
