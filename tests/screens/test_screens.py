"""The pages look as they looked when their pictures were kept (`python -m tests.screens.renew` takes them anew)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from tests import walk
from tests.screens import shots
from tests.window import PICTURES, settle


@pytest.mark.slow
def test_the_pages_look_as_before(open_app: Callable[..., Any], tmp_path: Path) -> None:
    app = open_app()
    settle(app, 0.3)
    walk.set_up(app)
    settle(app, 0.3)
    known, here = shots.kept_facts(), shots.facts(app)
    for fact, value in here.items():
        if known.get(fact) != value:
            pytest.skip(f"the kept pictures have another {fact}: {known.get(fact)} instead of {value}")
    far: dict[str, str] = {}
    for shot, name, now in shots.take(app, shots.made_project(tmp_path)):
        before = shots.kept(name)
        share = shots.changed(before, now, shot.hidden) if before is not None else 1.0
        if share > shots.MOST_CHANGED:
            PICTURES.mkdir(parents=True, exist_ok=True)
            now.save(PICTURES / f"changed-{name}.png")
            far[name] = f"{100 * share:.1f} % of the picture changed" if before is not None else "has no picture yet"
    assert far == {}, "see test-results/screenshots; if it is meant: python -m tests.screens.renew"


@pytest.fixture
def picture() -> Image.Image:
    found = Image.new("RGB", shots.SIZE, "#f4f5f7")
    draw = ImageDraw.Draw(found)
    for row in range(10, 250, 12):
        draw.line((20, row, 400, row), fill="#303030")
    draw.rectangle((300, 200, 360, 214), fill="#0b6b5d")
    return found


def test_the_same_picture_is_the_same(picture: Image.Image) -> None:
    assert shots.changed(picture, picture) == 0.0


def test_other_hinting_is_no_change(picture: Image.Image) -> None:
    softer = picture.point(lambda value: min(255, value + 8))
    assert shots.changed(picture, softer) < shots.MOST_CHANGED


def test_a_button_that_went_is_a_change(picture: Image.Image) -> None:
    without = picture.copy()
    ImageDraw.Draw(without).rectangle((300, 200, 360, 214), fill="#f4f5f7")
    assert shots.changed(picture, without) > shots.MOST_CHANGED
    assert shots.changed(picture, without, ((0.6, 0.7, 0.85, 0.9),)) < shots.MOST_CHANGED


def test_lines_that_moved_are_a_change(picture: Image.Image) -> None:
    moved = Image.new("RGB", shots.SIZE, "#f4f5f7")
    moved.paste(picture, (0, 6))
    assert shots.changed(picture, moved) > shots.MOST_CHANGED


def test_the_kept_pictures_are_small() -> None:
    files = list(shots.FOLDER.glob("*.png"))
    assert len(files) == len(shots.SHOTS) * len(shots.LOOKS)
    assert max(path.stat().st_size for path in files) < 30_000
