"""What is selected on the maps: how many of what, their pictures, and what they can become."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import corrections, selections, selections_export
from wizard.corrections import FILE
from wizard.engine.errors import UserError
from wizard.selections import Cell, Stored
from wizard.steps.session import WindowProject
from wizard.steps.visualize_become import ACTS, BecomeForm, Wish
from wizard.undo import Change
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, choose_button, enable, plural, quiet_button
from wizard.widgets.embedding import EmbeddingPanel
from wizard.widgets.later import background, later
from wizard.widgets.map_cells import Tiles, evenly
from wizard.widgets.map_data import MapData
from wizard.widgets.menu import menu, open_below
from wizard.widgets.tile_gallery import TilePanel
from wizard.words import catalogue

MOST_PICTURES = 100
_LINES = 6
_WAIT_MS = 250
UNDO = "selection"
"""The kind of the changes that are made here."""
NOTHING = "Nothing is selected. Choose Lasso or Box above the map and draw around cells."


class SelectionPanel(Area):
    """Follows the selection of `maps`; `changed` hears that settings changed. What cannot be done is said in it."""

    def __init__(
        self, master: tk.Misc, maps: EmbeddingPanel, project: WindowProject, target: str, classes: Sequence[str],
        data_sets: Sequence[Path], changed: Callable[[], None],
    ) -> None:  # fmt: skip
        super().__init__(master)
        self.maps, self.project, self.target = maps, project, target
        self._data_sets, self._changed = list(data_sets), changed
        self.busy = False
        self.panel: TilePanel | None = None
        self.on_shown: Callable[[tk.Misc], object] = lambda widget: None
        self._cancel: Callable[[], None] = lambda: None
        self._asked = 0
        self.columnconfigure(0, weight=1)
        self.rowconfigure(5, weight=1)
        self.head = Text(self, NOTHING, weight="bold")
        self.head.grid(row=0, column=0, sticky="ew")
        self.mix = Text(self, "", size="small", colour=palette.MUTED)
        self.mix.grid(row=1, column=0, sticky="ew", pady=(2, 6))
        self._buttons()
        self.form = BecomeForm(self, target, classes, self._become)
        self.told = Text(self, "", size="small", colour=palette.MUTED)
        self.told.grid(row=4, column=0, sticky="ew", pady=(4, 4))
        self.holder = Area(self)
        self.holder.grid(row=5, column=0, sticky="nsew")
        self.holder.columnconfigure(0, weight=1)
        self.holder.rowconfigure(0, weight=1)
        deaf = project.undo.hear(self._undone)
        self.bind("<Destroy>", lambda event: deaf() if event.widget is self else None, add="+")
        self.show(maps.selected)

    def _undone(self) -> None:
        enable(self.undo, bool(self.project.undo.words(UNDO)) and not self.busy)

    def _buttons(self) -> None:
        grid = Area(self)
        grid.grid(row=2, column=0, sticky="ew")
        grid.columnconfigure((0, 1), weight=1, uniform="acts")
        self.acts: dict[str, Any] = {}
        for index, (name, title) in enumerate(ACTS.items()):
            self.acts[name] = quiet_button(grid, title, lambda name=name: self.open(name), height=28)  # type: ignore[misc]
            row, column = divmod(index, 2)
            self.acts[name].grid(row=row, column=column, sticky="ew", padx=(4 if column else 0, 0), pady=2)
        self.clear = quiet_button(grid, "Unselect", self._clear, height=28)
        self.clear.grid(row=2, column=0, sticky="ew", pady=2)
        self.undo = quiet_button(grid, "Undo", self.take_back, height=28, icon="undo")
        self.undo.grid(row=2, column=1, sticky="ew", padx=(4, 0), pady=2)
        self.stored = quiet_button(grid, "Stored for Parse\u2026", self.open_stored, height=28)
        self.stored.grid(row=3, column=0, columnspan=2, sticky="ew", pady=2)

    # What is selected.

    def show(self, cells: NDArray[np.intp]) -> None:
        """Show these cells; their pictures follow a moment later."""
        self._enable(len(cells) > 0)
        self._cancel()
        if not len(cells):
            self.head.say(NOTHING)
            self.mix.say("")
            self._put(None)
            self.open("")
            return
        total = self.maps.data.total if self.maps.data is not None else 0
        self.head.say(f"{len(cells):,} of {plural(total, 'cell')} selected")
        self.mix.say("\n".join(self.mix_lines(cells)))
        self._cancel = later(self, _WAIT_MS, lambda: self._read(cells))

    def mix_lines(self, cells: NDArray[np.intp]) -> list[str]:
        """Say how many of the cells are of each line of the legend, the most common first."""
        one = self.maps.look.colouring
        if one.limits is not None:
            return _figures(one.title, self.maps.column.numbers[cells] if self.maps.column else None)  # type: ignore[index]
        counts = np.bincount(one.codes[cells], minlength=len(one.entries))
        order = [int(line) for line in np.argsort(-counts, kind="stable") if counts[line]]
        lines = []
        for line in order[:_LINES]:
            every = one.entries[line].count
            shares = f"{_percent(counts[line], len(cells))} of these, {_percent(counts[line], every)} of all such"
            lines.append(f"{_short(one.entries[line].name)}: {counts[line]:,} ({shares})")
        return [*lines, f"and {len(order) - _LINES} more values"] if len(order) > _LINES else lines

    def _read(self, cells: NDArray[np.intp]) -> None:
        pictures, data = self.maps.pictures, self.maps.data
        if pictures is None or data is None:
            return
        drawn = evenly(cells, MOST_PICTURES)
        ids = [data.ids[cell] for cell in drawn]
        self._asked += 1
        turn = self._asked
        background(
            self, lambda: pictures.read(ids), lambda tiles: self._got(turn, tiles, drawn, len(cells)),
            lambda error: self._say(f"The pictures cannot be read: {error}.", palette.WARN),
        )  # fmt: skip

    def _got(self, turn: int, tiles: Tiles | None, drawn: NDArray[np.intp], total: int) -> None:
        if turn != self._asked or not len(self.maps.selected):
            return
        if tiles is None:
            self._put(None)
            self._say("The data set does not hold the pictures of these cells any more.", palette.MUTED)
            return
        one = self.maps.look.colouring
        names = one.names()
        kept = [int(drawn[place]) for place in tiles.found]
        labels = [str(names[one.codes[cell]]) for cell in kept]
        panel = TilePanel(self.holder, tiles, labels, [", ".join(self.maps.lines_of(cell)[:3]) for cell in kept])
        self._put(panel)
        if total > len(kept):
            panel.caption.say(f"{len(kept)} of {total:,} cells, evenly drawn.")
            calm = panel.cells.on_hover
            told = str(panel.caption.cget("text"))
            panel.cells.on_hover = lambda caption: calm(caption) if caption else panel.caption.say(told)
        self.on_shown(panel)

    def _put(self, panel: TilePanel | None) -> None:
        if self.panel is not None:
            self.panel.destroy()
        self.panel = panel
        if panel is not None:
            panel.grid(row=0, column=0, sticky="nsew")

    def _clear(self) -> None:
        self.maps.select(np.zeros(0, np.intp))

    def _enable(self, on: bool) -> None:
        free = not self.busy
        for button in (*self.acts.values(), self.clear):
            enable(button, on and free)
        if on and free and not self.target:
            enable(self.acts["class"], False)
        self._undone()
        enable(self.stored, free)

    # What it becomes.

    def open(self, name: str) -> None:
        """Show the fields of an act, or close them with "" or when they are open already."""
        name = "" if name == self.form.name else name
        self.form.show(name)
        if name:
            self.form.grid(row=3, column=0, sticky="ew", pady=(4, 0))
            self.on_shown(self.form)
            self.form.start()
        else:
            self.form.grid_forget()
        for act, button in self.acts.items():
            if str(button.cget("state")) != "disabled":
                choose_button(button, act == name)

    def _become(self, wish: Wish) -> None:
        """Do what the form asks for, in the background."""
        cells = self.maps.selected
        work: Callable[[], Any]
        if wish.act == "export":
            work = self._export_work(Path(wish.value), cells, wish.images)
        else:
            data, project, target = self.maps.data, self.project, self.target
            assert data is not None
            work = {
                "tag": lambda: selections.give_tag(project, cells_of(data, cells, wish.tag), wish.tag, wish.value),
                "class": lambda: selections.change_class(project, cells_of(data, cells, target), target, wish.value),
                "exclude": lambda: selections.leave_out(project, cells_of(data, cells, selections.EXCLUDED)),
            }[wish.act]
        self._run(work)

    def _run(self, work: Callable[[], Any]) -> None:
        self.busy = True
        self._enable(len(self.maps.selected) > 0)
        self._say("Working\u2026", palette.MUTED)
        background(self, work, self._ended, self._failed)

    def _ended(self, what: Any) -> None:
        self.busy = False
        self._enable(len(self.maps.selected) > 0)
        self.open("")
        if isinstance(what, Stored):
            taken = not any(what.made.values())
            self._say(f"Taken back: {what.words}." if taken else f"Stored: {what.words}. {selections.TAKES_EFFECT}",
                      palette.ACCENT_TEXT)  # fmt: skip
            if what.cells:
                self.project.undo.did(change_of(self.project, what))
        elif isinstance(what, selections_export.Written):
            images = f" and the images of {what.images:,}" if what.images else ""
            self._say(f"{plural(what.cells, 'cell')}{images} written to {what.folder}.", palette.ACCENT_TEXT)
        else:
            self._say(str(what), palette.ACCENT_TEXT)
        self._enable(len(self.maps.selected) > 0)
        self._changed()

    def _failed(self, error: Exception) -> None:
        self.busy = False
        self._enable(len(self.maps.selected) > 0)
        if not isinstance(error, UserError):
            raise error
        self._say(" ".join(error.lines()), palette.WARN)

    def _export_work(self, parent: Path, cells: NDArray[np.intp], images: bool) -> Callable[[], Any]:
        data, tags = self.maps.data, self.maps.tags
        assert data is not None
        tags = [name for name in tags if name in data.columns]
        others = [name for name in data.columns if name not in (*tags, "source", "object")]
        columns = [data.columns.get(name) for name in ("source", "object", *tags, *others)]
        sets = self._data_sets if images else []

        def work() -> selections_export.Written:
            rows = [
                [data.ids[cell], *(column.text(cell) if column is not None else "" for column in columns),
                 *(f"{float(values[cell]):.6g}" for values in data.points.values())]
                for cell in cells.tolist()
            ]  # fmt: skip
            heads = ["cell_id", "source", "object", *tags, *others, *data.points]
            return selections_export.export(free_folder(parent), heads, rows, len(tags), sets)

        return work

    def take_back(self) -> None:
        """Undo what was stored last on the maps."""
        try:
            words = self.project.undo.take_back(UNDO)
        except UserError as refusal:
            self._say(" ".join(refusal.lines()), palette.WARN)
            return
        if words:
            self._say(f"Undone: {words}.", palette.ACCENT_TEXT)
            self._changed()

    def open_stored(self) -> None:
        """Open a menu of all that is stored, each to be taken back."""
        try:
            found = selections.summary(self.project)
        except UserError as refusal:
            self._say(" ".join(refusal.lines()), palette.WARN)
            return
        shown = menu(self)
        for (tag, value), count in list(found.items())[:30]:
            words = catalogue.say(f"  Take back: {_short(tag)} = {_short(value)} ({plural(count, 'cell')})  ")
            shown.add_command(label=words, command=lambda tag=tag, value=value: self.drop_stored(tag, value))  # type: ignore[misc]
        if not found:
            shown.add_command(label=catalogue.say(f"  Nothing is stored ({FILE})  "), state="disabled")
        open_below(shown, self.stored)

    def drop_stored(self, tag: str, value: str) -> None:
        """Take back all that gives this value of a tag."""
        project = self.project
        self._run(lambda: selections.take_back(project, tag, value))

    def _say(self, words: str, colour: palette.Pair) -> None:
        self.told.say(words, colour)


def change_of(project: WindowProject, stored: Stored) -> Change:
    """Return what was stored as a change that can be taken back and done again."""
    return Change(
        stored.name, lambda: selections.undo(project, stored), UNDO, lambda: corrections.are(project, stored.made),
        lambda: selections.again(project, stored), lambda: corrections.are(project, stored.changed),
    )  # fmt: skip


def cells_of(data: MapData, cells: NDArray[np.intp], tag: str) -> list[Cell]:
    """Return selected cells with the value that a tag has now."""
    columns = [data.columns.get(name) for name in ("source", "object", tag)]
    return [
        Cell(data.ids[cell], *(column.text(cell) if column is not None else "" for column in columns))
        for cell in cells.tolist()
    ]


def free_folder(parent: Path) -> Path:
    """Return a folder for an export that is not there yet."""
    number = 1
    while (parent / (name := "selected_cells" + (f"_{number}" if number > 1 else ""))).exists():
        number += 1
    return parent / name


def _figures(title: str, numbers: NDArray[np.float32] | None) -> list[str]:
    known = numbers[np.isfinite(numbers)] if numbers is not None else np.zeros(0, np.float32)
    if not len(known):
        return [f"{_short(title)}: not known"]
    low, middle, high = np.percentile(known, (5, 50, 95))
    return [f"{_short(title)}: median {middle:.4g}", f"90 % of them from {low:.4g} to {high:.4g}"]


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / max(1, whole):.0f} %"


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:23] + "\u2026"
