"""Files and folders dropped anywhere on the window: images, models, projects; what cannot be used is said."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from wizard.engine.errors import UserError
from wizard.plan import plain
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, px
from wizard.widgets.drop import DropZone, Point
from wizard.widgets.later import later
from wizard.widgets.overlay import Overlay
from wizard.widgets.paths_field import shorten
from wizard.words import catalogue

IMAGES = (
    ".bmp", ".cells", ".cif", ".daf", ".gif", ".jpeg", ".jpg", ".mat", ".npy", ".npz", ".png", ".rif", ".rtdc", ".tif",
    ".tiff", ".zarr",
)  # fmt: skip
"""How files of images end."""
TABLES = (".csv", ".tsv", ".txt", ".xlsx")
MODEL = ".cytomodel"

HERE = "Let go: images, a model or a project."
CAN = "Drop folders or files of images, a model (.cytomodel) or the folder of a project."
USES = {"predict": "Predict these cells", "evaluate": "Evaluate on these cells", "extract": "Extract from these cells"}
"""Pages that take images of their own → what they do with them."""
STAIN_USES = {
    "predict": "Predict the stains of these pictures", "evaluate": "Evaluate on these pictures",
    "extract": "Extract from these pictures",
}  # fmt: skip
"""The same where the task is to predict a stain."""
PARSE = "Add to the images of Parse"

_AFTER_MS = 400
"""The library for drops is loaded only after the window was painted."""


@dataclass
class Sorted:
    """What some dropped paths are."""

    projects: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    unusable: list[str] = field(default_factory=list)


def sort(paths: Sequence[str]) -> Sorted:
    """Tell projects, models, images and tables apart by what is there and by their names."""
    found = Sorted()
    for given in paths:
        path = Path(given)
        name = path.name.casefold()
        if (path / "plan.toml").is_file():
            found.projects.append(given)
        elif name == "plan.toml":
            found.projects.append(str(path.parent))
        elif name.endswith(MODEL):
            found.models.append(given)
        elif path.is_dir() or name.endswith(IMAGES) or not path.suffix:
            found.images.append(given)
        elif name.endswith(TABLES):
            found.tables.append(given)
        else:
            found.unusable.append(given)
    return found


class WindowDrops:
    """Takes what is dropped on one window; `window` is the application."""

    def __init__(self, window: Any) -> None:
        self.window = window
        self.zone: DropZone | None = None
        self.marks: list[tk.Misc] = []
        later(window, _AFTER_MS, self._begin)

    def _begin(self) -> None:
        self.zone = DropZone(self.window, self.welcome, self.hover, lambda paths, _point: self.dropped(paths))

    def welcome(self) -> bool:
        """Tell whether something may be dropped now."""
        return bool(self.window.overlay is None)

    def hover(self, point: Point | None) -> None:
        """Mark the window while something is dragged over it."""
        if point is None:
            for mark in self.marks:
                mark.destroy()
            self.marks = []
            return
        if self.marks:
            return
        wide = px(self.window, 5)
        ink = palette.now(palette.ACCENT)
        level, upright = {"relwidth": 1, "height": wide}, {"relheight": 1, "width": wide}
        places: list[dict[str, Any]] = [
            level, {**level, "rely": 1, "y": -wide}, upright, {**upright, "relx": 1, "x": -wide},
        ]  # fmt: skip
        for place in places:
            edge = tk.Frame(self.window, bg=ink)
            edge.place(**place)
            self.marks.append(edge)
        card = Area(self.window, palette.ACCENT)
        words = Text(
            card, HERE, size="heading", weight="bold", colour=palette.ON_ACCENT, back=palette.ACCENT, wrap=False
        )
        words.grid(padx=20, pady=10)
        card.place(relx=0.5, rely=1, y=-px(self.window, 28), anchor="s")
        self.marks.append(card)

    def dropped(self, paths: list[str]) -> None:
        """Use what was dropped beside the fields of Parse."""
        found = sort(paths)
        if self.window.project is None or self.window.step != "parse":
            found.unusable, found.tables = found.unusable + found.tables, []
        if not self._take(found) and found.images:
            self._use_images(found)

    def others(self, paths: list[str]) -> list[str]:
        """Use what was dropped on Parse and is no image or table; return the images and tables."""
        found = sort(paths)
        if self._take(found):
            return []
        return [path for path in paths if path in found.images or path in found.tables]

    def _take(self, found: Sorted) -> bool:
        """Use a project or a model, and say what cannot be used; True when nothing is left to do."""
        window = self.window
        if window.run is not None:
            window.tell(UserError("A step is running.", "", "Wait until it has ended, or stop it first."))
            return True
        if found.projects:
            # The one that is open already needs no opening.
            window.open_project(found.projects[0])
            return True
        if found.models:
            self._use_model(found.models[0], found)
            return True
        if found.unusable and not (found.images or found.tables):
            window.tell(UserError(unusable_words(found.unusable), "", CAN))
            return True
        if found.unusable and window.project is not None and plain(window.step) == "parse":
            window.tell(UserError(unusable_words(found.unusable), "The others were taken.", CAN))
        return False

    def _use_model(self, model: str, found: Sorted) -> None:
        window = self.window
        if window.project is None:
            window.tell(
                UserError("No project is open.", "", "Open or make a project first, then drop the model there.")
            )
        elif plain(window.step) in USES:
            self._put(window.step, "model", [model])
        else:
            choices = {
                "Predict with it": partial(self._put, self._named("predict"), "model", [model]),
                "Evaluate it": partial(self._put, self._named("evaluate"), "model", [model]),
                "Extract features with it": partial(self._put, self._named("extract"), "model", [model]),
            }
            self._ask("What is the model for?", [model], found, choices)

    def _use_images(self, found: Sorted) -> None:
        window = self.window
        if window.project is None:
            window.doors.analyse(found.images)
            return
        own = plain(window.step)
        here = own if own in USES else "predict"
        use = partial(self._put, self._named(here), "input", found.images)
        parse = partial(self._put, self._named("parse"), "input", found.images)
        if plain(window.step) == "parse":
            parse()
            return
        words = (USES if window.project.plan.project.task == "cells" else STAIN_USES)[here]
        first = {words: use, PARSE: parse} if own in USES else {PARSE: parse, words: use}
        self._ask("What are these images for?", found.images, found, first)

    def _named(self, step: str) -> str:
        """Return the step of the project's task that is called so among the seven."""
        return next(name for name in self.window.project.steps if plain(name) == step)

    def _ask(
        self, title: str, paths: Sequence[str], found: Sorted, choices: Mapping[str, Callable[[], object]]
    ) -> None:
        overlay = Overlay(self.window, self.window.keyboard, title, width=600)
        more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        overlay.say(catalogue.own(f"{shorten(paths[0], 60)}{catalogue.say(more)}"), colour=palette.MUTED)
        if found.unusable:
            overlay.say(unusable_words(found.unusable), colour=palette.WARN)

        def chosen(act: Callable[[], object]) -> None:
            overlay.close()
            act()

        self.window.over(overlay)
        buttons = [(words, partial(chosen, act)) for words, act in choices.items()]
        overlay.offer([*buttons, ("Cancel", overlay.close)])

    def _put(self, step: str, name: str, paths: list[str]) -> None:
        """Put paths into a field, on its page."""
        self.window.choose(step)
        page = self.window.page
        page.show_side("settings")
        page.form.fields[name].drop(paths)
        page.scroll.see(page.form.fields[name])


def unusable_words(paths: Sequence[str]) -> str:
    """Say which files cannot be used."""
    names = ", ".join(Path(path).name for path in paths[:3])
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return f"Cannot be used: {names}{more}."
