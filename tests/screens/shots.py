"""Small pictures of the window's pages, and how alike two of them are.

The pages show results that are made up and always the same, so that only the look can differ. The pictures are shrunk
to a third: letters become grey, so hinting does not count, while a control that moved, went, or changed colour does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from tests import made_results, walk
from tests.window import go, settle, wait
from wizard.plan import STEPS
from wizard.project import Project

FOLDER = Path(__file__).parent / "pictures"
FACTS = FOLDER / "made.json"
SIZE = (456, 256)
WINDOW = "1366x768+0+0"
COLOURS = 255

DIFFERS = 26
"""Of 255: how far a blurred pixel may be off before it counts as changed."""
MOST_CHANGED = 0.006
"""The share of changed pixels that may be there: below it are other hinting, a date, a duration."""


@dataclass(frozen=True)
class Shot:
    """A page as it is compared; `hidden` are parts (left, top, right, bottom, as shares) with times or paths."""

    name: str
    step: str = ""
    tab: str = ""
    hidden: tuple[tuple[float, float, float, float], ...] = ()


SHOTS = (
    Shot("start"), Shot("check", "check"), Shot("parse", "parse", "Summary"), Shot("cells", "parse", "Cells"),
    Shot("train", "train", "Summary"), Shot("confusion", "evaluate", "Confusion matrix"),
    Shot("figures", "evaluate", "Figures"), Shot("predict", "predict"), Shot("extract", "extract"),
    Shot("report", "report"), Shot("preferences"), Shot("keys"),
)  # fmt: skip
LOOKS = (("light", "light", "en"), ("dark", "dark", "en"), ("german", "light", "de"))


def made_project(folder: Path) -> Path:
    """Make the project that the pages show."""
    with Project.open(folder / "Jurkat cells") as project:
        project.change({"parse.input": [str(made_results.DEMO)], "train.target": "class"})
        made_results.write_results(project, STEPS)
    return folder / "Jurkat cells"


def take(app: Any, project: Path) -> Iterator[tuple[Shot, str, Image.Image]]:
    """Show each page in each look; yields it with the name of its picture."""
    for look, appearance, language in LOOKS:
        walk.set_up(app, 100, appearance, language)
        yield SHOTS[0], f"start-{look}", small(app)
    app.open_project(str(project))
    for look, appearance, language in LOOKS:
        walk.set_up(app, 100, appearance, language)
        for shot in SHOTS[1:]:
            yield shot, f"{shot.name}-{look}", _show(app, shot)


def _show(app: Any, shot: Shot) -> Image.Image:
    if shot.step:
        page = go(app, shot.step)
        if shot.tab and page.tabs is not None and shot.tab in page.tabs.heads:
            page.tabs.choose(shot.tab)
        settle(app, 0.6)
        return small(app)
    {"preferences": app.desk.show_preferences, "keys": app.show_keys}[shot.name]()
    wait(app, lambda: app.overlay is not None)
    settle(app, 0.5)
    picture = small(app)
    app.overlay.close()
    settle(app, 0.1)
    return picture


def small(app: Any) -> Image.Image:
    """Return the window as a small picture."""
    return walk.picture(app).convert("RGB").resize(SIZE, Image.Resampling.BOX)


def save(picture: Image.Image, name: str) -> None:
    """Keep a picture as the one to compare with."""
    FOLDER.mkdir(exist_ok=True)
    picture.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        FOLDER / f"{name}.png", optimize=True
    )


def kept(name: str) -> Image.Image | None:
    """Return the picture to compare with, or None."""
    path = FOLDER / f"{name}.png"
    return Image.open(path).convert("RGB") if path.is_file() else None


def changed(one: Image.Image, other: Image.Image, hidden: tuple[tuple[float, float, float, float], ...] = ()) -> float:
    """Return the share of pixels that differ clearly."""
    first, second = (
        np.asarray(picture.filter(ImageFilter.GaussianBlur(1.5)), np.int16) for picture in (one, other)
    )  # fmt: skip
    differs = np.abs(first - second).max(axis=2) > DIFFERS
    for left, top, right, bottom in hidden:
        high, wide = differs.shape
        differs[round(top * high) : round(bottom * high), round(left * wide) : round(right * wide)] = False
    return float(differs.mean())


def facts(app: Any) -> dict[str, str]:
    """Return on what the pictures depend beside the program: the font, and how large the window became."""
    from wizard.widgets.basics import family

    return {"font": family(), "window": f"{app.winfo_width()}x{app.winfo_height()}"}


def kept_facts() -> dict[str, str]:
    """Return the facts of the kept pictures."""
    found: dict[str, str] = json.loads(FACTS.read_text(encoding="utf-8")) if FACTS.is_file() else {}
    return found
