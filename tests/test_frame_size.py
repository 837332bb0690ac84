"""A frame is set as one number or as width x height, and is (height, width) from there on."""

from __future__ import annotations

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from wizard.engine.errors import UserError
from wizard.frame_size import FITTED, as_set, in_words, sides
from wizard.plan import Plan, plan_from, to_toml


def frame(value):
    return Plan().with_values({"parse.frame": value}).parse.frame


@pytest.mark.parametrize(
    ("value", "stored", "size"),
    [
        (0, 0, None), (48, 48, (48, 48)), ("48", 48, (48, 48)), (" 48 ", 48, (48, 48)), (48.0, 48, (48, 48)),
        ("64x48", "64x48", (48, 64)), ("64×48", "64x48", (48, 64)), ("64,48", "64x48", (48, 64)),
        (" 64 X 048 ", "64x48", (48, 64)), ("48x48", 48, (48, 48)), ("16x512", "16x512", (512, 16)),
        ("0x0", FITTED, None), ("0", 0, None),
    ],
)  # fmt: skip
def test_ways_to_write_a_frame(value, stored, size):
    found = frame(value)
    assert (found, type(found)) == (stored, type(stored))
    assert sides(found) == size
    assert frame(found) == found


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("64x8", "Each side needs 16 to 512 px"), ("0x64", "Each side needs"), ("513x64", "Each side needs"),
        ("8x8", "Each side needs"), ("1234567890x64", "whole number|integer"), ("64x", "integer"), ("x", "integer"),
        ("64x48x2", "integer"), ("-64x48", "integer"), (900, "512"), (-1, "0"), (None, "integer"), ([64, 48], "integer"),
    ],
)  # fmt: skip
def test_what_is_no_frame(value, why):
    with pytest.raises(UserError, match="Frame size: ") as caught:
        frame(value)
    assert any(word in caught.value.why for word in why.split("|"))
    assert "whole number from 0 to 512 px, or width x height of 16 to 512 px each" in caught.value.action


@given(st.integers(16, 512), st.integers(16, 512))
def test_any_frame_survives_the_plan_file(height, width):
    plan = Plan().with_values({"parse.frame": as_set((height, width))})
    assert sides(plan.parse.frame) == (height, width)
    assert plan_from(tomlkit.parse(to_toml(plan)).unwrap()) == plan


def test_words_are_width_times_height():
    assert in_words((48, 48)) == "48 px"
    assert in_words((48, 64)) == "64 × 48 px"
