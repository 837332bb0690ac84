"""Numbers are shown and typed with the sign of the language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from wizard.words import numbers


@pytest.fixture
def comma() -> Iterator[None]:
    numbers.use(",")
    yield
    numbers.use(".")


@pytest.mark.parametrize(
    ("typed", "read"),
    [("0,5", "0.5"), ("0.5", "0.5"), (" 12 ", "12"), ("-1,25", "-1.25"), ("1e-3", "1e-3"), ("2,5e-3", "2.5e-3"),
     ("1,2,3", "1,2,3"), ("1,234.5", "1,234.5"), ("x,5", "x,5"), ("", "")],
)  # fmt: skip
def test_a_number_may_be_typed_with_comma_or_point(typed: str, read: str) -> None:
    assert numbers.typed(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("0.002, 0.0005", "0.002, 0.0005"),
        ("0.1,0.2", "0.1,0.2"),
        ("1,2", "1,2"),
        ("0,002; 0,0005", "0.002, 0.0005"),
        ("0,002\n0,0005", "0.002, 0.0005"),
        ("0,002;", "0.002"),
        ("0,002, 0,0005", "0.002, 0.0005"),
        ("0.002; 0.0005", "0.002, 0.0005"),
        ("0.002", "0.002"),
    ],
)
def test_a_list_may_be_typed_in_both_ways(typed: str, read: str) -> None:
    assert numbers.listed(typed) == read


def test_one_number_with_a_comma_is_one_where_commas_are_shown(comma: None) -> None:
    assert numbers.listed("0,002") == "0.002"
    assert numbers.listed("0.1,0.2") == "0.1,0.2"


def test_rules_that_end_in_a_number() -> None:
    assert numbers.after_equals("G1 = 2,5; Anaphase = 10") == "G1 = 2.5; Anaphase = 10"
    assert numbers.after_equals("a, b = 3") == "a, b = 3"


def test_numbers_are_shown_with_the_sign(comma: None) -> None:
    assert numbers.shown("1,234.5") == "1.234,5"
    assert numbers.in_text("ECE 0.031 of 1,200 cells, version 1.2.3") == "ECE 0,031 of 1.200 cells, version 1.2.3"


def test_numbers_stay_as_they_are_with_a_point() -> None:
    assert numbers.shown("1,234.5") == "1,234.5" and numbers.in_text("0.5") == "0.5"


@pytest.mark.parametrize("text", ["12", "1,234", "83.1 %", "0.5", "\u22121.5", "<0.001", "3.2e-05", "48 px", "950/s"])
def test_a_number_of_the_program_is_known(text: str) -> None:
    assert numbers.is_number(text)


@pytest.mark.parametrize("text", ["", "1.2.3", "Day 7", "3,6,9", "12 cells", "a", "10:30", "2026-01-15"])
def test_other_texts_are_no_numbers(text: str) -> None:
    assert not numbers.is_number(text)
