"""poudriere's list of what it has to build: which ports are in it, and that it is made once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthtop.formats import poudriere
from synthtop.model import Snapshot
from tests import samples

NOW = samples.NOW
PORTS = json.loads(samples.poudriere())["ports"]
REST = ["lang/rust", "devel/git@tiny", "www/firefox", "x11/xterm", "editors/vim"]
"""What the sample's counts leave to be built, with what is in its slots."""
ENDED = ["devel/gmake", "shells/bash", "x11/foo", "lang/baz", "x11/bar"]


def read(before: Snapshot | None = None, **changes: Any) -> Snapshot:
    return poudriere.decode(samples.poudriere(**changes), now=NOW, before=before)


def listed(*origins: str, reason: str = "lang/rust") -> list[dict[str, str]]:
    """As poudriere writes a port: with its flavor apart."""
    entries = []
    for origin in origins:
        name, _, flavor = origin.partition("@")
        entry = {"origin": name, "pkgname": f"{name.partition('/')[2]}-1.0", "reason": reason}
        entries.append({**entry, "flavor": flavor} if flavor else entry)
    return entries


def test_what_is_to_be_built_is_named_whether_it_has_ended_or_not() -> None:
    assert list(read(ports={"tobuild": listed(*REST, *ENDED)}).queue) == [*REST, *ENDED]


def test_the_list_of_what_is_built_says_more_than_that_of_all_that_is_queued() -> None:
    ports = {"tobuild": listed(*REST), "queued": listed(*REST, *ENDED, "devel/old")}
    assert list(read(ports=ports).queue) == REST


def test_an_older_poudriere_has_only_the_list_of_what_is_queued() -> None:
    ports = {"queued": [*listed(*REST, *ENDED[:3]), *listed(*ENDED[3:], reason="listed")]}
    assert list(read(ports=ports).queue) == [*REST, *ENDED]


def test_one_that_says_no_list_names_nothing() -> None:
    assert not read().queue


def test_a_package_in_a_slot_has_the_name_that_it_has_in_the_list() -> None:
    job = {"id": "01", "status": "build:", "origin": "devel/git", "flavor": "tiny", "pkgname": "git-tiny-2"}
    shown = read(jobs=[job], ports={"tobuild": listed(*REST)})
    assert shown.workers[0].origin == "devel/git@tiny"
    assert shown.workers[0].origin in shown.queue


def test_a_port_that_was_asked_for_and_may_be_there_already_is_not_named() -> None:
    # Six are left by the list, and five by the counts: one of the two was built long ago.
    ports = {"queued": [*listed(*REST[:4], *ENDED), *listed("editors/vim", "devel/old", reason="listed")]}
    assert list(read(ports=ports).queue) == [*REST[:4], *ENDED]


def test_one_that_was_asked_for_and_has_ended_is_no_surplus() -> None:
    ports = {"queued": [*listed(*REST[:4]), *listed("editors/vim", *ENDED, "devel/old", reason="listed")]}
    assert list(read(ports=ports).queue) == [*REST[:4], *ENDED]


def test_what_is_fetched_or_only_looked_at_is_not_built() -> None:
    ports = {
        "queued": listed(*REST[:3], "x11/xterm", "editors/vim", *ENDED),
        "fetched": listed("x11/xterm"),
        "inspected": listed("editors/vim"),
    }
    stats = {"fetched": "1", "inspected": "1"}
    assert list(read(ports=ports, stats=stats).queue) == [*REST[:3], *ENDED]


def test_a_list_that_the_counts_contradict_names_nothing() -> None:
    assert not read(ports={"queued": listed(*REST, "a/b")}).queue


def test_where_it_is_not_counted_the_whole_list_is_what_is_known() -> None:
    ports = {"queued": listed(*REST, "a/b")}
    first = read(ports=ports, stats={"queued": ""})
    assert list(first.queue) == [*REST, "a/b"]
    assert not read(first, ports=ports).queue


@pytest.mark.parametrize("name", ["tobuild", "queued"])
def test_the_list_is_made_once_for_a_build(name: str) -> None:
    ports = {name: listed(*REST)}
    first = read(ports=ports)
    second = read(first, ports={**ports, "built": [*PORTS["built"], *listed("lang/rust")]})
    assert second.queue is first.queue
    other = read(second, ports=ports, buildname="another", started="1777639600")
    assert other.queue is not first.queue
    assert list(read(second, ports={name: listed(*REST[1:])}).queue) == REST[1:]


@pytest.mark.parametrize("name", ["tobuild", "queued", "fetched", "inspected"])
@pytest.mark.parametrize(
    "wrong", ["all of them", 7, {"origin": "a/b"}, ["a/b"], [None], [{"pkgname": "b-1"}, {"origin": 7}]]
)
def test_a_list_that_makes_no_sense_is_in_the_way_of_nothing(name: str, wrong: Any) -> None:
    shown = read(ports={"queued": listed(*REST), name: wrong})
    assert list(shown.queue) == ([] if name == "queued" else REST)
    assert len(shown.finished) == 5


_NAMES = st.lists(st.sampled_from([*REST, *ENDED, "a/b", "c/d@e", "f/g"]), max_size=14)


@given(_NAMES, _NAMES, st.integers(0, 12))
@settings(max_examples=50)
def test_no_more_is_named_than_is_counted(needed: list[str], asked: list[str], queued: int) -> None:
    ports = {"queued": [*listed(*needed), *listed(*asked, reason="listed")]}
    shown = read(ports=ports, stats={"queued": str(queued)})
    left = set(shown.queue) - {port.origin for port in shown.finished}
    assert len(shown.queue) == len(set(shown.queue))
    assert shown.totals.remaining is not None
    assert len(left) <= shown.totals.remaining
    assert set(shown.queue) <= {*needed, *asked}
