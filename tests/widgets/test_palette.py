from __future__ import annotations

import json
from pathlib import Path

import pytest

from wizard.widgets import palette

READABLE = [
    ("TEXT", "SURFACE"), ("TEXT", "BACK"), ("MUTED", "SURFACE"), ("MUTED", "BACK"), ("MUTED", "ACCENT_SOFT"),
    ("ON_ACCENT", "ACCENT"), ("ACCENT_TEXT", "SURFACE"), ("ACCENT_TEXT", "ACCENT_SOFT"), ("WARN", "SURFACE"),
    ("WARN", "WARN_SOFT"), ("TEXT", "OFF"), ("TEXT", "WARN_SOFT"), ("TEXT", "SUNKEN"), ("MUTED", "SUNKEN"),
]  # fmt: skip


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize(("ink", "paper"), READABLE)
def test_text_is_readable_in_both_themes(ink: str, paper: str, theme: int) -> None:
    assert palette.contrast(getattr(palette, ink)[theme], getattr(palette, paper)[theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1])
def test_edges_of_controls_are_visible(theme: int) -> None:
    assert palette.contrast(palette.FRAME[theme], palette.SURFACE[theme]) >= 3.0
    assert palette.contrast(palette.RING[theme], palette.SURFACE[theme]) >= 7.0


def test_contrast_of_black_and_white_is_21() -> None:
    assert palette.contrast("#000000", "#FFFFFF") == pytest.approx(21.0)


def test_theme_file_uses_only_colours_of_the_palette() -> None:
    path = Path(palette.__file__).parents[1] / "assets" / "theme.json"
    pairs = {value for value in vars(palette).values() if isinstance(value, tuple)}
    known = {colour for pair in pairs for colour in pair} | {"#0B3A57"}
    used = {
        colour
        for widget in json.loads(path.read_text(encoding="utf-8")).values()
        for value in widget.values()
        if isinstance(value, list)
        for colour in value
    }
    assert used <= known


def test_classes_differ_in_colour_or_shape() -> None:
    assert len({palette.series_style(index) for index in range(56)}) == 56


def test_mix_ends_and_middle() -> None:
    assert palette.mix("#000000", "#FFFFFF", 0) == "#000000"
    assert palette.mix("#000000", "#FFFFFF", 1) == "#FFFFFF"
    assert palette.mix("#000000", "#C80000", 0.5) == "#640000"
