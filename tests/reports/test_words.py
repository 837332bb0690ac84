"""Figures, dates and names in words."""

from __future__ import annotations

import pytest

from wizard.reports import words
from wizard.reports.tables import plain_number, unguarded
from wizard.results import Estimate


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "number", "–"), (float("nan"), "percent", "–"), (float("inf"), "any", "–"), (True, "any", "Yes"),
        (0.12345, "number", "0.123"), (0.12345, "percent", "12.3 %"), (9999, "whole", "9999"),
        (1234567, "whole", "1\u202f234\u202f567"),
        (0.002, "any", "0.002"), (0.0869656, "any", "0.08697"), (5210.4, "any", "5210"),
        ("a\x00b", "text", "a\ufffdb"),
    ],
)  # fmt: skip
def test_values_are_shown(value, kind, text):
    assert words.shown(value, kind) == text


def test_an_estimate_without_value_or_interval():
    assert words.with_interval(None) == "–"
    assert words.with_interval(Estimate(value=None, low=None, high=None)) == "–"
    assert words.with_interval(Estimate(value=0.5, low=None, high=None)) == "0.50"
    assert words.with_interval(Estimate(value=0.5, low=0.4, high=0.6)) == "0.50 (95 % interval 0.40 to 0.60)"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.44, "0.4 s"), (9.96, "10 s"), (59.7, "1 min 0 s"), (185, "3 min 5 s"), (7800, "2 h 10 min")],
)
def test_durations(seconds, text):
    assert words.duration(seconds) == text


def test_dates():
    assert words.date("2025-11-21T05:17:00+00:00") == "21 November 2025, 05:17 UTC"
    assert words.date("") == "" and words.date("soon\n") == "soon"


def test_long_names_keep_both_ends():
    assert words.shorten("abcdefghij", 10) == "abcdefghij"
    assert words.shorten("abcdefghijk", 10) == "abcdef…ijk" and len(words.shorten("x" * 99, 3)) == 3


def test_lists():
    assert words.listed([]) == "" and words.listed(["a"]) == "a" and words.listed("abc") == "a, b and c"
    assert words.listed(range(20), 3) == "0, 1, 2 and 17 more"


def test_natural_order():
    assert sorted(["Day 10", "Day 2", "day 1", "10", "9"], key=words.natural) == ["9", "10", "day 1", "Day 2", "Day 10"]


@pytest.mark.parametrize("text", ["007", "1e5", "1.10", "-0", "", "1_000", "٣", "nan", "12345678901234567890", " 1"])
def test_text_that_only_looks_like_a_number_stays_text(text):
    assert plain_number(text) == text and isinstance(plain_number(text), str)


def test_numbers_become_numbers():
    assert plain_number("7") == 7 and plain_number("-2.5") == -2.5 and isinstance(plain_number("7"), int)


def test_only_a_guarding_apostrophe_is_removed():
    assert unguarded("'=1") == "=1" and unguarded("'tis") == "'tis" and unguarded("=1") == "=1"
