"""Targets that are circumstances of the cells."""

from __future__ import annotations

import pytest

from wizard.weak_targets import after, before, is_weak


@pytest.mark.parametrize(
    ("target", "weak"),
    [("day", True), ("dose", True), ("batch", True), ("class", False), ("phenotype", False), ("", False)],
)
def test_circumstances_are_weak(target: str, weak: bool) -> None:
    assert is_weak(target) == weak


def test_figures_are_compared_with_guessing() -> None:
    good = " ".join(after("day", 4, 0.6))
    assert "would give 25.0 %; 60.0 % is 2.4 times that" in good and "Extract, then Visualize" in good
    assert "hardly more" in " ".join(after("day", 4, 0.26))
    assert "%" not in " ".join(after("day", 4, None))
    assert "low accuracy is expected" in before("day")
