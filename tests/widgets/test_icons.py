"""The icons: one set, one stroke, drawn at any size in any colour."""

from __future__ import annotations

from typing import Any

import pytest

from tests.window import settle
from wizard.plan import STEPS
from wizard.widgets import icons, palette
from wizard.widgets.basics import Text, enable, quiet_button


@pytest.mark.parametrize("name", icons.shapes())
@pytest.mark.parametrize("size", [14, 16, 27, 48])
def test_every_icon_is_drawn_inside_its_square(name: str, size: int) -> None:
    image = icons.paint(name, size, "#0072B2")
    assert image.size == (size, size)
    found = image.getchannel("A").getbbox()
    assert found is not None and image.getchannel("A").getextrema()[1] > 150
    # At least half of the square is used in one direction, and nothing is cut at its edge.
    assert max(found[2] - found[0], found[3] - found[1]) >= size * 0.4
    for kind, numbers in icons.shapes()[name]:
        points = numbers[:2] if kind in "CDA" else numbers if kind in "LZ" else ()
        assert all(1 <= number <= icons.GRID - 1 for number in points)


def test_no_two_icons_look_the_same() -> None:
    drawn = {icons.paint(name, 24, "#000000").tobytes() for name in icons.shapes()}
    assert len(drawn) == len(icons.shapes())


def test_every_step_has_an_icon() -> None:
    assert {*STEPS, "report"} <= set(icons.shapes())


def test_the_colour_follows_the_button(root: Any) -> None:
    button = quiet_button(root, "Save", lambda: None, icon="save")
    button.grid()
    settle(root, 0.1)
    assert button.cget("image").colour == palette.TEXT
    enable(button, False)
    assert tuple(button.cget("image").colour) == palette.OFF_TEXT
    button.configure(icon="done")
    assert button.cget("image").name == "done"


def test_pictures_are_kept_for_reuse(root: Any) -> None:
    assert icons.picture(root, "add") is icons.picture(root, "add")
    assert icons.picture(root, "add") is not icons.picture(root, "add", colour=palette.WARN)


def test_a_sign_before_words_is_drawn_as_its_icon(root: Any) -> None:
    text = Text(root, "\u26a0 Not found")
    text.grid(row=0, column=0, sticky="ew")
    assert str(text.cget("image")) and text.cget("text").strip() == "Not found"
    text.say("All is well.")
    assert not str(text.cget("image")) and text.cget("text") == "All is well."
