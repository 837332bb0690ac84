"""The dialogs for a new project and the demo, and the making of both."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from pathlib import Path

import customtkinter as ctk

from wizard.engine.errors import UserError
from wizard.steps.session import WindowProject, open_project
from wizard.widgets import dialogs, palette
from wizard.widgets.basics import Area, Text, font, quiet_button
from wizard.widgets.focus import Focus
from wizard.widgets.overlay import Overlay
from wizard.widgets.paths_field import shorten
from wizard.words import catalogue

DEMO_CELLS = Path(__file__).resolve().parents[1] / "assets" / "demo"
"""The cells that come with the program."""

_FORBIDDEN = set('<>:"/\\|?*')


def make_project(parent: str, name: str, demo: bool) -> WindowProject:
    """Make a project folder `name` in `parent`; raises UserError when that is not possible.

    A demo project gets the bundled cells as input and their class as target.
    """
    name = name.strip()
    if not name or name in (".", "..") or _FORBIDDEN & set(name):
        raise UserError(
            f"{name!r} cannot be the name of a project." if name else "The project needs a name.",
            "", "Give a name without slashes, colons or quotation marks.",
        )  # fmt: skip
    if not parent.strip():
        raise UserError("The project needs a place.", "", "Choose the folder in which it is made.")
    root = Path(parent.strip()).expanduser() / name
    if (root / "plan.toml").is_file():
        raise UserError(f"There is a project {name} there already.", "", "Open it, or give another name.")
    if root.is_dir() and any(root.iterdir()):
        raise UserError(f"The folder {name} is not empty.", "", "Give another name.")
    project = open_project(root)
    if demo:
        project.change({"parse.input": [str(DEMO_CELLS)], "train.target": "class"})
    return project


def usual_place(recent: list[Path], chosen: str = "") -> Path:
    """Return where a new project is offered to go: the chosen folder, beside the last one, among the documents."""
    if chosen and Path(chosen).is_dir():
        return Path(chosen)
    if recent:
        return recent[0].parent
    documents = Path.home() / "Documents"
    return documents if documents.is_dir() else Path.home()


class ProjectDialog:
    """Asks for name and place; `opened` hears of the project that was made."""

    def __init__(
        self,
        root: tk.Tk,
        keyboard: Focus,
        place: Path,
        demo: bool,
        opened: Callable[[WindowProject], object],
        images: Sequence[str] = (),
        name: str = "",
    ) -> None:
        self._demo, self._opened, self._images = demo, opened, list(images)
        self.overlay = Overlay(root, keyboard, "Try the demo" if demo else "New project")
        self.overlay.say(
            "The demo makes a project with 243 real cells of four classes. All steps take about three minutes."
            if demo
            else "A project is a folder. It keeps the settings, the data set, the models and all results.",
            colour=palette.MUTED,
        )
        if images:
            self.overlay.say("Images", weight="bold")
            more = f" and {len(images) - 1} more" if len(images) > 1 else ""
            self.overlay.say(catalogue.own(f"{shorten(images[0], 56)}{catalogue.say(more)}"))
        self.overlay.say("Name", weight="bold")
        self.name = ctk.CTkEntry(self.overlay.body, height=34, font=font())
        self.name.insert(0, _free_name(place, "CytoWizard demo" if demo else _fit_name(name) or "My project"))
        self.overlay.put(self.name)
        self.overlay.say("Place", weight="bold")
        row = Area(self.overlay.body)
        row.columnconfigure(0, weight=1)
        self.place = ctk.CTkEntry(row, height=34, font=font())
        self.place.insert(0, str(place))
        self.place.grid(row=0, column=0, sticky="ew")
        quiet_button(row, "Choose\u2026", self._choose, height=34).grid(row=0, column=1, padx=(8, 0))
        self.overlay.put(row)
        self.refusal = Text(self.overlay.body, "", weight="bold", colour=palette.WARN)
        self.overlay.put(self.refusal)
        self.overlay.offer(
            [("Make the demo project" if demo else "Make the project", self.make), ("Cancel", self.overlay.close)]
        )
        for entry in (self.name, self.place):
            entry.bind("<Return>", lambda _event: self.make())

    def _choose(self) -> None:
        folder = dialogs.ask_folder(self.overlay.body, "Choose where the project is made")
        if folder:
            self.place.delete(0, "end")
            self.place.insert(0, folder)

    def make(self) -> None:
        """Make the project, or say why not."""
        try:
            project = make_project(self.place.get(), self.name.get(), self._demo)
            if self._images:
                project.change({"parse.input": self._images})
        except UserError as error:
            self.refusal.say("\u26a0 " + " ".join(error.lines()))
            return
        self.overlay.close()
        self._opened(project)


def _fit_name(name: str) -> str:
    """Return a name without signs that no folder may have."""
    return "".join(" " if sign in _FORBIDDEN else sign for sign in name).strip(" .")


def _free_name(place: Path, name: str) -> str:
    number, free = 1, name
    while (place / free).exists():
        number += 1
        free = f"{name} {number}"
    return free
