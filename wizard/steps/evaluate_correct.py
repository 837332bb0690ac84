"""The picked cell beside a gallery: its picture, and what says that its label is wrong."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from typing import Any

from PIL import ImageTk

from wizard import corrections
from wizard.corrections import Correction
from wizard.engine.errors import UserError
from wizard.results_base import GalleryCell
from wizard.steps.session import WindowProject
from wizard.undo import Change
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, enable, plural, px, quiet_button
from wizard.widgets.choice import Choice
from wizard.widgets.columns import Line
from wizard.widgets.pick_gallery import PickPanel

UNDO = "labels"
"""The kind of the changes that are made here."""

_SIDE = 88
NOTHING = "Click a cell, or use the arrow keys, to look at it and to say that its label is wrong."


class CorrectPanel(Area):
    """Follows the pick in a gallery; corrections go to the project's table and can be taken back.

    `origin` returns source and object of a cell id, or None; `refuse` hears what could not be stored.
    """

    def __init__(
        self,
        master: tk.Misc,
        panel: PickPanel,
        project: WindowProject,
        target: str,
        classes: Sequence[str],
        origin: Callable[[str], tuple[str, str] | None],
        refuse: Callable[[UserError], None],
    ) -> None:
        super().__init__(master)
        self.panel, self._project, self._target = panel, project, target
        self._classes, self._origin, self._refuse = list(classes), origin, refuse
        self.known: dict[str, str] = {}
        self._photo: Any = None
        self.columnconfigure(1, weight=1)
        self.picture = tk.Label(self, bg=palette.now(palette.SUNKEN), bd=0, width=0)
        self.picture.grid(row=0, column=0, rowspan=3, sticky="n")
        self.words = Text(self, NOTHING)
        self.words.grid(row=0, column=1, sticky="ew")
        row = Line(self)
        row.grid(row=1, column=1, sticky="ew", pady=(6, 0))
        self.choice = Choice(row, self._classes, (), height=28, width=150)
        self.choice.pack(side="left", padx=(0, 8))
        self.wrong = quiet_button(row, "The label is wrong: it is this", self._correct, height=28)
        self.wrong.pack(side="left", padx=(0, 8))
        self.undo = quiet_button(row, "Take back", self._take_back, height=28)
        self.undo.pack(side="left")
        self.told = Text(self, "", size="small", colour=palette.MUTED)
        self.told.grid(row=2, column=1, sticky="ew", pady=(6, 0))
        panel.cells.on_pick = lambda _index: self.show()
        deaf = project.undo.hear(self.refresh)
        self.bind("<Destroy>", lambda event: deaf() if event.widget is self else None, add="+")
        self.refresh()

    @property
    def cell(self) -> GalleryCell | None:
        """The picked cell."""
        index = self.panel.cells.picked
        return None if index is None else self.panel.cells.gallery.cells[index]

    def refresh(self) -> None:
        """Read the corrections anew and mark their cells."""
        try:
            every = corrections.read(self._project)
        except UserError as refusal:
            every = []
            self._refuse(refusal)
        self.known = {one.cell_id: one.after for one in every if one.tag == self._target}
        cells = self.panel.cells.gallery.cells
        self.panel.cells.mark({index for index, cell in enumerate(cells) if cell.cell_id in self.known})
        self.told.say(
            f"{plural(len(self.known), 'label')} corrected in {corrections.FILE} in the project folder. Parse uses "
            "them the next time: parse and train again."
            if self.known else ""
        )  # fmt: skip
        self.show()

    def show(self) -> None:
        """Show the picked cell."""
        cell = self.cell
        for button, on in (
            (self.wrong, cell is not None and bool(self._target) and self._origin(cell.cell_id) is not None),
            (self.undo, cell is not None and cell.cell_id in self.known),
        ):
            enable(button, on)
        if cell is None:
            self.words.say(NOTHING)
            self.picture.configure(image="")
            self.picture.grid_configure(padx=0)
            self._photo = None
            return
        label, _arrow, other = cell.label.partition(" \u2192 ")
        new = self.known.get(cell.cell_id)
        more = f" Corrected to {new}." if new else ""
        self.words.say(f"Labelled {label}, predicted {other}: {cell.caption}.{more}")
        others = [name for name in self._classes if name != label]
        self.choice.configure(values=others or self._classes)
        self.choice.set(new or (other if other in others else (others or self._classes)[0]))
        picture = self.panel.cells.sprite(self.panel.cells.picked or 0, px(self, _SIDE))
        if picture is not None:
            self._photo = ImageTk.PhotoImage(picture, master=self)
            self.picture.configure(image=self._photo)
            self.picture.grid_configure(padx=(0, px(self, 12)))

    def _correct(self) -> None:
        cell = self.cell
        origin = self._origin(cell.cell_id) if cell is not None else None
        if cell is None or origin is None:
            return
        before = cell.label.partition(" \u2192 ")[0]
        new = Correction(cell.cell_id, *origin, self._target, before, self.choice.get())
        self._store(f"1 cell to class {new.after}", new.cell_id, lambda: corrections.put(self._project, [new]))

    def _take_back(self) -> None:
        cell = self.cell
        if cell is not None:
            self._store(
                "took a correction back", cell.cell_id,
                lambda: corrections.take_back(self._project, cell.cell_id, self._target),
            )  # fmt: skip

    def _store(self, words: str, cell_id: str, act: Callable[[], None]) -> None:
        project, target = self._project, self._target
        try:
            before = corrections.of(project, cell_id, target)
            act()
            after = corrections.of(project, cell_id, target)
        except UserError as refusal:
            self._refuse(refusal)
            self.refresh()
            return

        first, then = {(cell_id, target): before}, {(cell_id, target): after}
        project.undo.did(
            Change(
                words, lambda: corrections.restore(project, first), UNDO, lambda: corrections.are(project, then),
                lambda: corrections.restore(project, then), lambda: corrections.are(project, first),
            )
        )  # fmt: skip
