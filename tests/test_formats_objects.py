"""JSON from outside: whatever stands there instead of what was expected is told, by its path."""

from __future__ import annotations

import pytest

from synthtop.formats import FormatError
from synthtop.formats.objects import LARGEST, Object, figure, loads, whole


@pytest.mark.parametrize("text", ["", "{", "NaN", "[" * 100_000, "1" * 5000, "[-Infinity]"])
def test_what_is_no_json_is_a_format_error(text: str) -> None:
    with pytest.raises(FormatError, match="no JSON"):
        loads(text)


def test_a_byte_order_mark_before_json_does_not_matter() -> None:
    assert loads("\ufeff[1]") == [1]


@pytest.mark.parametrize(
    ("value", "number"), [("0", 0), ("38", 38), (38, 38), (LARGEST, LARGEST), (str(LARGEST), LARGEST)]
)
def test_a_whole_number_may_stand_in_a_string(value: object, number: int) -> None:
    assert whole(value) == number


@pytest.mark.parametrize(
    "value", [None, "", " 1", "-1", -1, "1.0", 1.0, True, "x", "²", LARGEST + 1, "9" * 5000, [], {}]
)
def test_what_is_no_whole_number_is_none(value: object) -> None:
    assert whole(value) is None


@pytest.mark.parametrize(("value", "number"), [(" 14.2", 14.2), ("-3", -3.0), (7, 7.0), (0.5, 0.5)])
def test_a_figure_may_stand_in_a_string_among_blanks(value: object, number: float) -> None:
    assert figure(value) == number


@pytest.mark.parametrize(
    "value",
    [None, "", "nan", "inf", "1e300", 1e300, float("inf"), 10**400, "-    ", "9" * 5000, True, [], {}],
)
def test_what_is_no_figure_is_none(value: object) -> None:
    assert figure(value) is None


NESTED = loads("[" * 900 + "]" * 900)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "nothing"),
        ("y" * 1000, f"the string '{'y' * 40}'"),
        (True, "bool True"),
        (1.5, "float 1.5"),
        (NESTED, "a list"),
        ({"a": NESTED}, "an object"),
    ],
)
def test_what_was_found_is_told_in_short(value: object, told: str) -> None:
    error = Object({"built": value}, "stats").wrong("built", "a whole number, 0 or more")
    assert str(error) == f"stats.built: expected a whole number, 0 or more, found {told}"


def test_an_entry_is_told_by_its_place_in_its_list() -> None:
    top = Object({"jobs": [{"id": 1}, 7]}, "")
    with pytest.raises(FormatError, match=r"^jobs\[1\]: expected an object, found int 7$"):
        list(top.objects("jobs"))
