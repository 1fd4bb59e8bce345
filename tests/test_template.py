"""Placeholders in commands."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthtop.run.template import PLACEHOLDERS, expand, is_safe, placeholders, unsafe

VALUES = {
    "origin": "devel/foo@py311",
    "category": "devel",
    "name": "foo",
    "flavor": "py311",
    "phase": "build",
    "slot": "3",
    "logs": "/logs",
    "workdir": "/work/foo",
    "jobs": "2",
}


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_each_placeholder_becomes_its_value(name: str) -> None:
    assert expand(f"a {{{name}}} b", VALUES) == f"a {VALUES[name]} b"


def test_empty_braces_are_the_origin() -> None:
    assert expand("make -C {}", VALUES) == "make -C devel/foo@py311"


@pytest.mark.parametrize(
    "command",
    [
        "${name}",
        "${}",
        "echo ${origin} $${phase}",
        "{other}",
        "{ name }",
        "{Name}",
        "{name:x}",
        "awk '{print $1}'",
        "a{1,2}b",
        "{",
        "}{",
        "true",
    ],
)
def test_every_other_brace_stays(command: str) -> None:
    assert expand(command, VALUES) == command


def test_a_placeholder_within_braces_is_replaced_and_they_stay() -> None:
    assert expand("{{name}}", VALUES) == "{foo}"


def test_values_are_not_looked_into_again() -> None:
    assert expand("{name} {category}", {"name": "{category}", "category": "{name}"}) == "{category} {name}"


def test_each_argument_of_a_list_stays_one_argument() -> None:
    values = {**VALUES, "name": "a b; rm -rf /"}
    assert expand(("echo", "{name}", "x{name}y", "$HOME"), values) == (
        "echo",
        "a b; rm -rf /",
        "xa b; rm -rf /y",
        "$HOME",
    )


def test_the_placeholders_of_a_command_are_known() -> None:
    assert placeholders("make {} {phase} ${slot} {x}") == {"origin", "phase"}
    assert placeholders(("make", "{jobs}", "{name}{flavor}")) == {"jobs", "name", "flavor"}


@pytest.mark.parametrize("value", ["a", "devel/foo@py311", "a_b%c+d=e:f,g.h~i-j/0", "c++17"])
def test_a_value_that_the_shell_reads_as_one_word_is_safe(value: str) -> None:
    assert is_safe(value)


@pytest.mark.parametrize(
    "value", [" ", "a b", "a;b", "$a", "`a`", "a'b", 'a"b', "a\nb", "a\n", "a\\b", "(a)", "a&b"]
)
@pytest.mark.parametrize("more", ["", "x"])
def test_a_value_that_the_shell_could_take_apart_is_not_safe(value: str, more: str) -> None:
    assert not is_safe(value + more)


def test_an_empty_value_is_not_safe() -> None:
    assert not is_safe("")


def test_only_what_stands_in_the_command_is_checked() -> None:
    assert unsafe(frozenset({"category"}), "devel/a b") is None
    assert unsafe(frozenset({"origin", "name"}), "foo") is None
    assert unsafe(frozenset({"slot", "phase", "jobs"}), "devel/a b") is None


@pytest.mark.parametrize("key", ["origin", "name", "workdir"])
def test_the_advice_names_a_list_and_the_variable(key: str) -> None:
    problem = unsafe(frozenset({key}), "devel/a b")
    assert problem is not None
    assert "as a list" in problem
    assert f"$SYNTHTOP_{key.upper()}" in problem


@pytest.mark.parametrize("key", ["flavor", "category"])
def test_a_flavor_and_a_category_that_an_origin_has_not_are_empty_for_it(key: str) -> None:
    problem = unsafe(frozenset({key}), "foo")
    assert problem is not None
    assert problem.startswith(f"{{{key}}} stands in a shell command, and is empty for foo: use ")


_WORD = st.one_of(
    st.sampled_from(["{", "}", "$", "{}", "${}", "{{", "}}", " "]),
    st.sampled_from(PLACEHOLDERS).map("{{{}}}".format),
    st.sampled_from(PLACEHOLDERS).map("${{{}}}".format),
    st.text(alphabet="ab${} ", max_size=5),
)


def _naive(command: str) -> str:
    """Replaces from the left, character by character."""
    done = ""
    place = 0
    while place < len(command):
        for name in ("", *PLACEHOLDERS):
            mark = f"{{{name}}}"
            if command.startswith(mark, place) and (place == 0 or command[place - 1] != "$"):
                done += VALUES[name or "origin"]
                place += len(mark)
                break
        else:
            done += command[place]
            place += 1
    return done


@given(st.lists(_WORD).map("".join))
def test_expansion_agrees_with_a_naive_one(command: str) -> None:
    assert expand(command, VALUES) == _naive(command)
    assert expand((command, command), VALUES) == (_naive(command), _naive(command))


@given(st.lists(_WORD).map("".join))
def test_a_command_without_placeholders_stays_as_it_is(command: str) -> None:
    if not placeholders(command):
        assert expand(command, {}) == command
    else:
        assert re.search(r"\{[a-z]*\}", command)
