"""Which format a file is in: told by its content alone, and by how it begins."""

from __future__ import annotations

import json as stdlib_json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthtop.formats import FormatError, json
from synthtop.formats.sniff import HEAD, NothingYet, sniff
from synthtop.model import SourceKind

from . import builds, samples

JSON = json.encode(builds.building())
KINDS = {
    "text/monitor.dat": SourceKind.TEXT,
    "go-synth/monitor.dat": SourceKind.TEXT,
    "go-synth/00_last_results.log": SourceKind.LOG,
    "dsynth-1.0.2/stats/monitor.dat": SourceKind.DSYNTH,
    "dsynth-1.0.2/00_last_results.log": SourceKind.LOG,
    "dsynth-1.0.2/Report/summary.json": SourceKind.REPORT,
    "dsynth-1.0.2/Report/01_history.json": SourceKind.REPORT,
    "dsynth-1.02/stats/monitor.dat": SourceKind.DSYNTH,
    "dsynth-1.01/stats/monitor.dat": SourceKind.DSYNTH,
    "poudriere/.data.json": SourceKind.POUDRIERE,
}


@pytest.mark.parametrize("name", samples.FILES)
def test_each_sample_is_told_by_its_first_bytes(name: str) -> None:
    data = samples.FILES[name]()
    assert sniff(data[:HEAD], len(data)) is KINDS[name]


@pytest.mark.parametrize("name", samples.FILES)
def test_more_than_the_first_bytes_may_be_given(name: str) -> None:
    assert sniff(samples.FILES[name]()) is KINDS[name]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (JSON, SourceKind.JSON),
        (JSON * 3, SourceKind.JSON),  # as `status --json --watch` prints it
        (stdlib_json.dumps(stdlib_json.loads(JSON), indent=2).encode(), SourceKind.JSON),
        (stdlib_json.dumps(stdlib_json.loads(JSON), sort_keys=True).encode(), SourceKind.JSON),
        (b'{"schema": 99}', SourceKind.JSON),
        (b'{"event":"begin","name":"nightly"}\n', SourceKind.EVENTS),
        (b'{"time": 1.5, "event": "end"}', SourceKind.EVENTS),
        (b'{"event":"log","text":"{\\"schema\\": 1}"}\n', SourceKind.EVENTS),
        (b'make: warning\n{"event":"begin"}\n', SourceKind.EVENTS),
        (b'\n\n  {"event":"begin"}\n', SourceKind.EVENTS),
        (b'\xef\xbb\xbf{"event":"begin"}\n', SourceKind.EVENTS),
        (b"Queued=7\nLoad=1.00\n", SourceKind.TEXT),
        (b"Weather=fine\nLoad=1.00\n", SourceKind.TEXT),
        (b"[XXX] Load=14.20 ( 7) Swap=1.20% ( 8) Mem=3.10G( 8) Adjust Workers 8->7\n", SourceKind.LOG),
        (b"[XXX] something that no version has said before\n", SourceKind.LOG),
        (samples.history(()), SourceKind.REPORT),
        (samples.summary(without=("meta",)), SourceKind.REPORT),
        (samples.being_reset(), SourceKind.DSYNTH),
        (samples.being_reset("1.01"), SourceKind.DSYNTH),
        (samples.dsynth()[:1000], SourceKind.DSYNTH),  # cut short: what is wrong, the decoder says
        (samples.dsynth().replace(b"1.0.2", b"7.3.1", 1), SourceKind.DSYNTH),
    ],
)
def test_a_format_is_told_by_what_it_alone_has(data: bytes, kind: SourceKind) -> None:
    assert sniff(data[:HEAD], len(data)) is kind


@pytest.mark.parametrize("first", ["ports", "skipped", "jobs"])
def test_poudriere_is_told_whatever_is_first_and_long(first: str) -> None:
    value = stdlib_json.loads(samples.poudriere())
    long = {f"package-{number}": 1 for number in range(1000)}
    data = stdlib_json.dumps({first: long, **{name: value[name] for name in value if name != first}}).encode()
    assert sniff(data[:HEAD], len(data)) is SourceKind.POUDRIERE


def test_a_name_within_a_value_tells_nothing() -> None:
    with pytest.raises(FormatError):
        sniff(b'{"a": {"schema": 1, "event": "begin"}, "b": ["event", {"jobs": 1}], "c": "schema"}')


@pytest.mark.parametrize(
    ("data", "looks_like"),
    [
        (b'{"name": "left-pad", "version": "1"}', "a JSON object with name, version"),
        (b"{}", "a JSON object without names"),
        (b"#!/bin/sh\nexit 0\n", "text that begins with '#!/bin/sh'"),
        (b"[1, 2, 3]", r"text that begins with '\[1, 2, 3\]'"),
        (b"\x7fELF\x02\x01\x01\0\0\0\0", "binary data of 11 bytes"),
        (bytes(5000), "binary data of 5000 bytes"),
    ],
)
def test_what_it_is_not_is_told_with_what_was_expected(data: bytes, looks_like: str) -> None:
    with pytest.raises(FormatError, match=f"^{looks_like}: expected a monitor file .*event stream$"):
        sniff(data)


@pytest.mark.parametrize("data", [b"", b"\n", b" \r\n\t"])
def test_an_empty_file_is_nothing_yet(data: bytes) -> None:
    with pytest.raises(NothingYet):
        sniff(data)


def test_a_file_of_zeros_is_dsynths_only_in_its_size() -> None:
    size = len(samples.dsynth())
    assert sniff(bytes(HEAD), size) is SourceKind.DSYNTH
    with pytest.raises(FormatError):
        sniff(bytes(HEAD), size + 1)


def test_what_is_shown_of_a_file_is_short() -> None:
    with pytest.raises(FormatError) as told:
        sniff(b"x" * 10_000)
    assert len(str(told.value)) < 300


@given(st.sampled_from([*samples.FILES]), st.integers(1, HEAD))
def test_a_beginning_tells_the_same_or_nothing(name: str, length: int) -> None:
    try:
        found = sniff(samples.FILES[name]()[:length])
    except FormatError:
        return
    assert found is KINDS[name]
