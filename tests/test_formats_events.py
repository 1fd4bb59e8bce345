"""The event stream's lines: what each says, what is wrong with it, and that nothing else can happen."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.formats import FormatError
from synthtop.formats.events import (
    LARGEST,
    LONGEST,
    LONGEST_TEXT,
    Begin,
    Done,
    End,
    Event,
    Lines,
    Log,
    Phase,
    Queued,
    Start,
    UnknownEvent,
    encode,
    parse,
)
from synthtop.model import BuildState, Outcome


def line(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ('{"event":"begin"}', Begin()),
        (
            '{"event":"begin","name":"world","workers":4,"queued":9,"logs":"/l"}',
            Begin("world", 4, 9, "/l"),
        ),
        ('{"event":"queued","n":3}', Queued(3)),
        ('{"event":"queued","origins":["a/b","c/d"]}', Queued(2, ("a/b", "c/d"))),
        ('{"event":"start","slot":0,"origin":"a/b"}', Start(0, "a/b")),
        (
            '{"event":"start","slot":1023,"origin":"a/b@py311","phase":"fetch","log":"/l/a___b.log"}',
            Start(1023, "a/b@py311", "fetch", "/l/a___b.log"),
        ),
        ('{"event":"phase","slot":2,"phase":"build"}', Phase(2, "build")),
        ('{"event":"lines","slot":2,"n":1234}', Lines(2, 1234)),
        ('{"event":"done","origin":"a/b","outcome":"built"}', Done("a/b", Outcome.BUILT)),
        (
            '{"event":"done","origin":"a/b","outcome":"failed","slot":1,"reason":"r","phase":"p","duration":9.7}',
            Done("a/b", Outcome.FAILED, 1, "r", "p", 9),
        ),
        ('{"event":"log","text":"hello","slot":3}', Log("hello", 3)),
        ('{"event":"end"}', End(BuildState.FINISHED)),
        ('{"event":"end","state":"interrupted"}', End(BuildState.INTERRUPTED)),
    ],
)
def test_each_event_says_what_its_line_has(text: str, event: Event) -> None:
    assert parse(text.encode()) == event


def test_any_event_may_have_its_time() -> None:
    assert parse(b'{"event":"phase","slot":0,"phase":"build","time":1777629600.5}') == Phase(
        0, "build", 1777629600.5
    )


@pytest.mark.parametrize("text", ['  {"event":"end"}  ', '{"event":"end"}\n', '{"event":"end"}\r\n'])
def test_blanks_and_the_lines_end_around_an_event_do_not_matter(text: str) -> None:
    assert parse(text.encode()) == End()


def test_unknown_fields_are_ignored() -> None:
    assert parse(b'{"event":"end","colour":"red","slot":["?"]}') == End()


def test_null_is_like_nothing_said() -> None:
    fields = {"slot": None, "reason": None, "phase": None, "duration": None, "time": None}
    assert parse(line(event="done", origin="a/b", outcome="built", **fields)) == Done("a/b", Outcome.BUILT)


def test_an_unknown_event_is_told_by_its_name() -> None:
    with pytest.raises(UnknownEvent, match=r"unknown event 'frobnicate'") as caught:
        parse(b'{"event":"frobnicate"}')
    assert caught.value.name == "frobnicate"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("make: Entering directory", "no JSON: Expecting value at column 1"),
        ('{"event":"end"', "no JSON: Expecting ',' delimiter at column 15"),
        ('{"event":"end"} {}', "no JSON: Extra data at column 16"),
        ("[]", 'expected an object with an "event", found a list'),
        ('"end"', "expected an object with an \"event\", found 'end'"),
        ("{}", r"event: expected one of begin, queued, .*, found none"),
        ('{"event":7}', "event: expected one of .*, found 7"),
        ('{"event":["end"]}', "event: expected one of .*, found a list"),
        ('{"event":"begin","workers":0}', r"workers: expected 1\.\.1024, found 0"),
        ('{"event":"begin","workers":1025}', r"workers: expected 1\.\.1024, found 1025"),
        ('{"event":"begin","queued":-1}', r"queued: expected a whole number, 0\.\.1000000000, found -1"),
        ('{"event":"begin","name":""}', "name: expected 1 to 1024 characters, found ''"),
        ('{"event":"queued"}', "n: expected a whole number, .*, found none"),
        ('{"event":"queued","n":1.0}', "n: expected a whole number, .*, found 1.0"),
        ('{"event":"queued","n":true}', "n: expected a whole number, .*, found True"),
        (f'{{"event":"queued","n":{LARGEST + 1}}}', "n: expected a whole number, .*, found 1000000001"),
        ('{"event":"queued","origins":"a/b"}', "origins: expected a list of origins, found 'a/b'"),
        ('{"event":"queued","origins":["a/b",7]}', "origins: expected a list of origins, found a list"),
        ('{"event":"start","origin":"a/b"}', r"slot: expected 0\.\.1023, found none"),
        ('{"event":"start","slot":1024,"origin":"a/b"}', r"slot: expected 0\.\.1023, found 1024"),
        ('{"event":"start","slot":-1,"origin":"a/b"}', r"slot: expected 0\.\.1023, found -1"),
        ('{"event":"start","slot":"0","origin":"a/b"}', r"slot: expected 0\.\.1023, found '0'"),
        ('{"event":"start","slot":0}', "origin: expected 1 to 1024 characters, found none"),
        ('{"event":"start","slot":0,"origin":"a/b","phase":1}', "phase: expected a text, found 1"),
        ('{"event":"phase","slot":0}', "phase: expected a text, found none"),
        ('{"event":"lines","slot":0,"n":-1}', "n: expected a whole number, .*, found -1"),
        ('{"event":"done","origin":"a/b"}', "outcome: expected one of built, failed, .*, found none"),
        ('{"event":"done","origin":"a/b","outcome":"fine"}', "outcome: expected one of .*, found 'fine'"),
        ('{"event":"done","origin":"a/b","outcome":["built"]}', "outcome: expected one of .*, found a list"),
        (
            '{"event":"done","origin":"a/b","outcome":"built","duration":-1}',
            r"duration: expected seconds, 0\.\.864000000, found -1",
        ),
        ('{"event":"done","origin":"a/b","outcome":"built","duration":1e999}', "duration: .*, found inf"),
        ('{"event":"log","text":null}', "text: expected a text, found none"),
        ('{"event":"log","text":{}}', "text: expected a text, found a dict"),
        ('{"event":"end","state":"gone"}', "state: expected one of finished, interrupted, found 'gone'"),
        ('{"event":"end","time":"now"}', "time: expected epoch seconds, found 'now'"),
        ('{"event":"end","time":1e300}', r"time: expected epoch seconds, found 1e\+300"),
        ('{"event":"end","time":NaN}', "no JSON: NaN is no number"),
        (f'{{"event":"end","time":{"9" * 400}}}', "time: expected epoch seconds, found 9"),
        (f'{{"event":"end","time":{"9" * 5000}}}', "no JSON: "),
        ("[" * 60_000, "no JSON: "),
    ],
)
def test_what_is_wrong_with_a_line_is_told(text: str, wrong: str) -> None:
    with pytest.raises(FormatError, match=f"^{wrong}"):
        parse(text.encode())


def test_a_line_may_have_64_kib_and_no_more() -> None:
    head, tail = b'{"event":"log","text":"', b'"}'
    fits = head + b"x" * (LONGEST - len(head) - len(tail)) + tail
    assert isinstance(parse(fits), Log)
    with pytest.raises(FormatError, match=r"^the line is too long: expected at most 65536 bytes"):
        parse(fits.replace(b"xx", b"xxx", 1))


def test_what_is_no_utf_8_is_seen_and_loses_nothing_else() -> None:
    assert parse(b'{"event":"log","text":"caf\xe9 closed"}') == Log("caf\ufffd closed")


def test_long_texts_are_cut_and_long_names_refused() -> None:
    long = "x" * (LONGEST_TEXT + 1)
    assert parse(line(event="log", text=long)) == Log("x" * LONGEST_TEXT)
    with pytest.raises(FormatError, match=r"^origin: expected 1 to 1024 characters, found 'xxx"):
        parse(line(event="start", slot=0, origin=long))


def test_an_event_that_would_be_too_long_is_not_written() -> None:
    with pytest.raises(FormatError, match=r"an event of \d+ bytes: expected at most 65536"):
        encode(Queued(9000, ("devel/gmake",) * 9000))


names = st.text(min_size=1, max_size=20)
texts = st.text(max_size=20)
slots = st.integers(0, 1023)
counts = st.integers(0, LARGEST)
times = st.none() | st.floats(-1e15, 1e15)
some_events: st.SearchStrategy[Event] = st.one_of(
    st.builds(
        Begin,
        st.none() | names,
        st.none() | st.integers(1, 1024),
        st.none() | counts,
        st.none() | names,
        times,
    ),
    st.builds(Queued, counts, st.just(()), times),
    st.builds(
        lambda origins, time: Queued(len(origins), tuple(origins), time),
        st.lists(names, min_size=1, max_size=3),
        times,
    ),
    st.builds(Start, slots, names, st.none() | texts, st.none() | names, times),
    st.builds(Phase, slots, texts, times),
    st.builds(Lines, slots, counts, times),
    st.builds(
        Done,
        names,
        st.sampled_from(Outcome),
        st.none() | slots,
        st.none() | texts,
        st.none() | texts,
        st.none() | st.integers(0, 86400),
        times,
    ),
    st.builds(Log, texts, st.none() | slots, times),
    st.builds(End, st.sampled_from([BuildState.FINISHED, BuildState.INTERRUPTED]), times),
)


@settings(max_examples=100, deadline=None)
@given(some_events)
def test_what_is_written_is_one_line_and_reads_as_it_was(event: Event) -> None:
    written = encode(event)
    assert written.isascii()
    assert written.index(b"\n") == len(written) - 1
    assert parse(written) == event


@settings(max_examples=100, deadline=None)
@given(some_events, st.integers(0, 200), st.binary(max_size=4))
def test_a_mutilated_line_is_an_event_or_a_format_error(event: Event, at: int, with_what: bytes) -> None:
    written = encode(event)
    with suppress(FormatError):
        mutilated = parse(written[:at] + with_what + written[at + 1 :])
        assert parse(encode(mutilated)) == mutilated
