"""The Maps tab of Visualize: the maps, their legend, and what is selected on them."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from typing import Any

import customtkinter as ctk
import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from wizard.project import Project
from wizard.results import VisualizeResult
from wizard.steps.session import WindowProject
from wizard.steps.visualize_selection import SelectionPanel
from wizard.widgets import palette
from wizard.widgets.basics import Area, choose_button, quiet_button
from wizard.widgets.embedding import EmbeddingPanel
from wizard.words import catalogue


class MapsView(EmbeddingPanel):
    """The maps of a result; `changed` hears that settings changed."""

    def __init__(
        self, master: tk.Misc, project: WindowProject, result: VisualizeResult, changed: Callable[[], None]
    ) -> None:
        sets = data_sets(project, result)
        extracted = project.result("extract")
        features = {}
        if extracted is not None:
            features = {"Classical feature": extracted.classical, "Measurement": extracted.measured}
        self._given = (project, sets, changed)
        self.shown = "legend"
        super().__init__(
            master, project.result_dir("visualize"), result.maps, result.tags, result.colour,
            results=project.root / "results", features=features, data_sets=sets,
        )  # fmt: skip
        self.on_larger = lambda: self.enlarge(project, result, changed)

    @override
    def parts(self) -> list[Callable[[], object]]:
        return [*super().parts(), self._heads, self._beside]

    def _heads(self) -> None:
        heads = Area(self.side)
        heads.grid(row=0, column=0, columnspan=2, sticky="ew", pady=(0, 6))
        heads.columnconfigure((0, 1), weight=1)
        self.heads: dict[str, Any] = {}
        for column, (name, title) in enumerate((("legend", "Legend"), ("selection", "Selected"))):
            self.heads[name] = quiet_button(heads, title, lambda name=name: self.show_side(name), height=28, width=60)  # type: ignore[misc]
            self.heads[name].grid(row=0, column=column, sticky="ew", padx=(4 if column else 0, 0))

    def _beside(self) -> None:
        project, sets, changed = self._given
        parsed = project.result("parse")
        target = parsed.target if parsed is not None else ""
        classes = list(parsed.tags.get(target, {})) if parsed is not None else []
        self.selection = SelectionPanel(self.side, self, project, target, classes, sets, changed)
        self.selection.on_shown = lambda widget: self.on_shown(widget)
        self.on_selected = self._selected
        self.show_side("legend")

    def enlarge(self, project: WindowProject, result: VisualizeResult, changed: Callable[[], None]) -> MapsView:
        """Open the maps in a window of their own, which ends with this view."""
        window = _Window(self, bg=palette.now(palette.SURFACE))
        window.title(catalogue.say("Maps"))
        window.protocol("WM_DELETE_WINDOW", window.destroy)
        wide, high = self.winfo_screenwidth(), self.winfo_screenheight()
        window.geometry(f"{round(wide * 0.94)}x{round(high * 0.88)}+{round(wide * 0.03)}+{round(high * 0.04)}")
        window.columnconfigure(0, weight=1)
        window.rowconfigure(0, weight=1)
        view = MapsView(window, project, result, changed)
        view.grid(row=0, column=0, sticky="nsew", padx=16, pady=16)
        view.on_shown = self.on_shown
        view.larger_title = "Close"
        view.on_larger = window.destroy
        window.bind("<Control-w>", lambda _event: window.destroy())
        self.on_shown(view)
        return view

    def show_side(self, name: str) -> None:
        """Show the `legend` or the `selection` beside the maps."""
        self.shown = name
        for each, button in self.heads.items():
            choose_button(button, each == name)
        if name == "legend":
            self.selection.grid_forget()
            if self.data is not None:
                self.legend.grid(row=1, column=0, sticky="nsew")
                self.legend.redraw()
        else:
            self.legend.grid_forget()
            self._legend_bar.grid_forget()
            self.selection.grid(row=1, column=0, columnspan=2, sticky="nsew")
            self.on_shown(self.selection)

    def _selected(self, cells: NDArray[np.intp]) -> None:
        self.heads["selection"].configure(text=f"Selected ({len(cells):,})" if len(cells) else "Selected")
        self.selection.show(cells)
        if len(cells) and self.shown != "selection":
            self.show_side("selection")


class _Window(tk.Toplevel):
    """A window whose end customtkinter is told of: it would ask for its scaling for ever."""

    @override
    def destroy(self) -> None:
        super().destroy()
        for known in (ctk.ScalingTracker.window_widgets_dict, ctk.ScalingTracker.window_dpi_scaling_dict):
            known.pop(self, None)


def data_sets(project: Project, result: VisualizeResult) -> list[Path]:
    """Return the folders with the pictures of the cells: those of the result, else the project's data set."""
    named = [project.root / name for name in result.data_sets]
    parsed = project.result("parse")
    if not named and parsed is not None and parsed.data_set:
        named = [project.root / parsed.data_set]
    return named
