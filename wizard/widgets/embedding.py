"""Maps of cells in the plane and in space, coloured by a tag."""

from __future__ import annotations

import contextlib
import tkinter as tk
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import customtkinter as ctk

from wizard.engine.errors import from_os_error
from wizard.results import Map
from wizard.widgets import dialogs, palette
from wizard.widgets.basics import Area, Text, enable, font, px, quiet_button
from wizard.widgets.later import background, later
from wizard.widgets.map_data import MapData, group_points, read_maps, scale_values

_LEGEND_CHARS = 22


def load_drawing() -> None:
    """Import matplotlib and warm it up; meant for a thread, makes no Tk call."""
    from matplotlib.backends import backend_tkagg  # noqa: F401
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from mpl_toolkits.mplot3d import Axes3D  # noqa: F401

    figure = Figure(figsize=(1, 1))
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], "o", label="warm")
    axes.legend()
    FigureCanvasAgg(figure).draw()


class EmbeddingPanel(Area):
    """Shows the maps in `path` (maps.csv): which map, coloured by what, zoom, pan, save."""

    def __init__(self, master: tk.Misc, path: Path, maps: Sequence[Map], tags: Sequence[str], colour: str) -> None:
        super().__init__(master)
        self.path, self.maps, self.tags = path, list(maps), list(tags)
        self.colour = colour if colour in tags else (tags[0] if tags else "")
        self.map = self.maps[0]
        self.data: MapData | None = None
        self.figure: Any = None
        self.canvas: Any = None
        self._tools: Any = None
        self.columnconfigure(0, weight=1)
        self.rowconfigure(1, weight=1)
        self._controls()
        self._place = Area(self)
        self._place.grid(row=1, column=0, sticky="nsew")
        self._place.columnconfigure(0, weight=1)
        self._place.rowconfigure(0, weight=1)
        self._waiting = Text(self._place, "Reading the maps\u2026", colour=palette.MUTED, anchor="center")
        self._waiting.grid(row=0, column=0)
        self.note = Text(self, "", size="small", colour=palette.MUTED)
        self.note.grid(row=2, column=0, sticky="ew", pady=(4, 0))
        numbers = [name for item in self.maps for name in item.columns]
        texts = self.tags
        background(self, lambda: _load(path, numbers, texts), self._loaded, self._not_loaded)

    def _controls(self) -> None:
        first = Area(self)
        first.grid(row=0, column=0, sticky="ew", pady=(0, 8))
        titles = {item.title: item for item in self.maps}
        Text(first, "Map", wrap=False, colour=palette.MUTED).pack(side="left", padx=(0, 8))
        self.map_menu = ctk.CTkOptionMenu(
            first, values=list(titles), height=28, width=110, font=font(), dropdown_font=font(),
            command=lambda title: self.show_map(titles[title]),
        )  # fmt: skip
        self.map_menu.pack(side="left", padx=(0, 12))
        if self.tags:
            Text(first, "Colour by", wrap=False, colour=palette.MUTED).pack(side="left", padx=(0, 8))
            self.colour_menu = ctk.CTkOptionMenu(
                first, values=self.tags, height=28, width=100, font=font(), dropdown_font=font(),
                command=self.show_colour,
            )  # fmt: skip
            self.colour_menu.set(self.colour)
            self.colour_menu.pack(side="left", padx=(0, 12))
        self.tools: dict[str, ctk.CTkButton] = {}
        for name, act in (("Zoom", self._zoom), ("Pan", self._pan), ("Whole", self._whole), ("Save\u2026", self.save)):
            self.tools[name] = quiet_button(first, name, act, height=28, width=52)
            enable(self.tools[name], False)
            self.tools[name].pack(side="left", padx=(0, 4))

    def _loaded(self, data: MapData) -> None:
        self.data = data
        later(self, 1, self._make_canvas)

    def _not_loaded(self, error: Exception) -> None:
        self._waiting.say(f"The maps cannot be read ({error}). Run the step again.", palette.WARN)

    def _make_canvas(self) -> None:
        from matplotlib.backends.backend_tkagg import FigureCanvasTkAgg, NavigationToolbar2Tk
        from matplotlib.figure import Figure

        self._waiting.destroy()
        self.figure = Figure(figsize=(4, 3), dpi=px(self, 96), facecolor=palette.now(palette.SURFACE))
        self.canvas = FigureCanvasTkAgg(self.figure, master=self._place)
        self.canvas.get_tk_widget().configure(
            highlightthickness=0, bd=0, bg=palette.now(palette.SURFACE), width=50, height=50, takefocus=0
        )
        self.canvas.get_tk_widget().grid(row=0, column=0, sticky="nsew")
        self._tools = NavigationToolbar2Tk(self.canvas, self._place, pack_toolbar=False)
        for button in self.tools.values():
            enable(button, True)
        self.draw()

    def show_map(self, item: Map) -> None:
        """Show another map."""
        self.map = item
        self.map_menu.set(item.title)
        self.draw()

    def show_colour(self, tag: str) -> None:
        """Colour the points by another tag."""
        self.colour = tag
        self.colour_menu.set(tag)
        self.draw()

    def draw(self) -> None:
        """Draw the chosen map anew."""
        if self.figure is None or self.data is None:
            return
        self.figure.clear()
        columns = [self.data.numbers[name] for name in self.map.columns]
        axes = self.figure.add_subplot(projection="3d" if self.map.dimensions == 3 else None)
        _dress(axes, self.map)
        values = self.data.texts.get(self.colour)
        scaled = scale_values(values) if values else None
        if scaled is not None:
            self._scaled(axes, columns, scaled)
        else:
            self._grouped(axes, columns, values or ["all cells"] * len(columns[0]))
        self.note.say(self._words(len(columns[0])))
        with contextlib.suppress(AttributeError):
            self._tools.update()
        self.canvas.draw_idle()

    def _grouped(self, axes: Any, columns: list[Any], values: list[str]) -> None:
        size = 5.5 if len(values) < 2000 else 3.0 if len(values) < 8000 else 2.0
        for index, group in enumerate(group_points(values)):
            hue, marker = palette.series_style(index)
            name = group.name if len(group.name) <= _LEGEND_CHARS else group.name[: _LEGEND_CHARS - 1] + "\u2026"
            axes.plot(
                *(column[group.index] for column in columns), linestyle="none", marker=marker, markersize=size,
                color=hue, markeredgewidth=0.3, markeredgecolor=palette.now(palette.SURFACE), alpha=0.85,
                label=f"{name} ({len(group.index):,})",
            )  # fmt: skip
        legend = axes.legend(
            title=self.colour, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=8,
            title_fontsize=9, labelcolor=palette.now(palette.TEXT), markerscale=1.4, borderaxespad=0.2,
        )  # fmt: skip
        legend.get_title().set_color(palette.now(palette.TEXT))
        self.figure.subplots_adjust(left=0.06, right=0.74, bottom=0.08, top=0.96)

    def _scaled(self, axes: Any, columns: list[Any], values: Any) -> None:
        dots = axes.scatter(*columns, c=values, cmap="viridis", s=12, linewidths=0)
        bar = self.figure.colorbar(dots, ax=axes, fraction=0.04, pad=0.08)
        bar.set_label(self.colour, color=palette.now(palette.TEXT))
        bar.ax.tick_params(colors=palette.now(palette.MUTED), labelsize=8)
        self.figure.subplots_adjust(left=0.06, right=0.88, bottom=0.08, top=0.96)

    def _words(self, drawn: int) -> str:
        total = self.data.total if self.data else 0
        cells = f"{total:,} cells" if drawn == total else f"{drawn:,} of {total:,} cells drawn"
        turn = " Drag to turn the map." if self.map.dimensions == 3 else ""
        return f"{cells}. {self.map.note}{turn}".strip()

    def _pan(self) -> None:
        self._tools.pan()
        self._show_mode()

    def _zoom(self) -> None:
        self._tools.zoom()
        self._show_mode()

    def _whole(self) -> None:
        self._tools.home()

    def _show_mode(self) -> None:
        mode = str(getattr(self._tools, "mode", ""))
        for name, word in (("Zoom", "zoom"), ("Pan", "pan")):
            on = word in mode.lower()
            self.tools[name].configure(fg_color=palette.ACCENT_SOFT if on else palette.SURFACE)

    def save(self) -> None:
        """Save the map as it is shown, as PNG, SVG or PDF."""
        path = dialogs.ask_save(self, "Save the map", f"{self.map.method}_{self.map.dimensions}d.png")
        if not path:
            return
        try:
            self.figure.savefig(path, dpi=300)
        except (OSError, ValueError) as error:
            known = from_os_error(error) if isinstance(error, OSError) else None
            self.note.say(" ".join(known.lines()) if known else f"Not saved: {error}.", palette.WARN)
        else:
            self.note.say(f"Saved as {path}.")


def _load(path: Path, numbers: Sequence[str], texts: Sequence[str]) -> MapData:
    data = read_maps(path, numbers, texts)
    load_drawing()
    return data


def _dress(axes: Any, item: Map) -> None:
    ink, back = palette.now(palette.MUTED), palette.now(palette.SURFACE)
    axes.set_facecolor(back)
    name = item.title.split(",")[0].split(" ")[0]
    axes.set_xlabel(f"{name} 1", color=ink, fontsize=9)
    axes.set_ylabel(f"{name} 2", color=ink, fontsize=9)
    axes.set_xticks([])
    axes.set_yticks([])
    if item.dimensions == 3:
        axes.set_zlabel(f"{name} 3", color=ink, fontsize=9)
        axes.set_zticks([])
        for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
            axis.set_pane_color((*(part / 255 for part in palette.rgb(palette.now(palette.SUNKEN))), 1.0))
    else:
        for spine in axes.spines.values():
            spine.set_color(palette.now(palette.LINE))
