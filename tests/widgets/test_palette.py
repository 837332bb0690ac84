from __future__ import annotations

import json
from pathlib import Path

import pytest

from wizard.widgets import palette


@pytest.mark.parametrize(("ink", "paper", "least", "light", "dark"), palette.ratios())
def test_words_and_edges_stand_out_in_both_themes(
    ink: str, paper: str, least: float, light: float, dark: float
) -> None:
    assert min(light, dark) >= least, (ink, paper, light, dark)


def test_every_colour_of_the_palette_has_a_known_use() -> None:
    named = {name for name, value in vars(palette).items() if name.isupper() and _is_pair(value)}
    used = {ink for ink, _least, _papers in palette.USES} | {
        paper for _ink, _least, papers in palette.USES for paper in papers
    }
    # A line only parts what belongs together; nothing is read from it.
    assert named - used == {"LINE"}


def _is_pair(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(str(part).startswith("#") for part in value)


def test_the_two_accents_differ_for_colour_blind_readers() -> None:
    # Blue and orange differ in the share of blue light, which red-green blindness does not touch.
    for theme in (0, 1):
        one, two = palette.rgb(palette.ACCENT_TEXT[theme]), palette.rgb(palette.WARN[theme])
        assert one[2] - two[2] > 100 and two[0] - one[0] > 100


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
