"""Maps of cells in the plane and in space: colours, legend, tools, maps side by side, and what is selected."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import customtkinter as ctk
import numpy as np
from numpy.typing import NDArray

from wizard.results import Map
from wizard.widgets import map_saver, palette
from wizard.widgets.basics import Area, Text, choose_button, enable, px, quiet_button
from wizard.widgets.choice import Choice
from wizard.widgets.columns import Line
from wizard.widgets.lasso import combined
from wizard.widgets.later import background, in_chunks, later
from wizard.widgets.map_cells import CellPictures
from wizard.widgets.map_colour import colouring, palettes
from wizard.widgets.map_columns import Source, read_column
from wizard.widgets.map_data import FOUND, Column, MapData
from wizard.widgets.map_frame import MapFrame
from wizard.widgets.map_hover import HoverCard
from wizard.widgets.map_legend import HELP, MapLegend
from wizard.widgets.map_pick import SearchMenu
from wizard.widgets.map_words import TOOLS, Found, below, lines_of, read_all
from wizard.widgets.scatter_layers import Look
from wizard.widgets.tooltip import Tooltip

_SIDE = 216
_COUNTS = {"1 map": 1, "2 maps": 2, "4 maps": 4}


class EmbeddingPanel(Area):
    """Shows the maps in `folder` (maps.parquet or maps.csv).

    `results` is the project's folder of results, whose other tables can colour the points; `features` are groups of
    columns in features.parquet; `data_sets` hold the pictures of the cells. `on_selected` hears the selected cells.
    """

    def __init__(
        self,
        master: tk.Misc,
        folder: Path,
        maps: Sequence[Map],
        tags: Sequence[str],
        colour: str,
        *,
        results: Path | None = None,
        features: Mapping[str, Sequence[str]] | None = None,
        data_sets: Sequence[Path] = (),
    ) -> None:
        super().__init__(master)
        self.maps, self.tags = list(maps), [name for name in tags if name not in FOUND]
        self.colour = colour or next(iter(self.tags), "")
        self.data: MapData | None = None
        self.sources: list[Source] = []
        self.column: Column | None = None
        self.predictions: dict[str, Column] = {}
        self.pictures = CellPictures(data_sets) if data_sets else None
        self.look = Look(colouring(None, 0), np.zeros(0, bool), np.zeros(0, bool))
        self.on_selected: Callable[[NDArray[np.intp]], object] = lambda cells: None
        self.on_shown: Callable[[tk.Misc], object] = lambda widget: None
        self.on_larger: Callable[[], object] = lambda: None
        self.tool = "move"
        self.frames: list[MapFrame] = []
        self._palettes: dict[bool, str] = {}
        self._number = 0
        self.larger_title = "Larger"
        self._found: Found | None = None
        self.tools: dict[str, ctk.CTkButton] = {}
        self.columnconfigure(0, weight=1)
        self.rowconfigure(2, weight=1)
        self._place = Area(self)
        self._place.grid(row=2, column=0, sticky="nsew")
        self._waiting = Text(self._place, "Reading the maps\u2026", colour=palette.MUTED, anchor="center")
        self._waiting.grid(row=0, column=0)
        self._parts = self.parts()
        # Built while the table is read, in pieces: all at once would hold the window up.
        later(self, 1, lambda: in_chunks(self, self._build()))
        numbers = [name for item in self.maps for name in item.columns]
        named, groups, where = self.tags, dict(features or {}), results
        background(self, lambda: read_all(folder, numbers, named, where, groups), self._read, self._not_loaded)

    # The controls around the maps.

    def parts(self) -> list[Callable[[], object]]:
        """Return what builds the controls, piece by piece."""
        return [self._side, self._choices, self._chores, self._tools]

    def _build(self) -> Iterator[Callable[[], object]]:
        while self._parts:
            yield self._parts.pop(0)
        yield self._start
        yield lambda: self.on_shown(self)

    def _side(self) -> None:
        self.note = Text(self, "", size="small", colour=palette.MUTED)
        self.note.grid(row=3, column=0, sticky="ew", pady=(4, 0))
        self.card = HoverCard(self, self.pictures)
        self.side = Area(self, width=px(self, _SIDE))
        self.side.grid(row=1, column=1, rowspan=3, sticky="nsew", padx=(12, 0))
        self.side.grid_propagate(False)
        self.side.columnconfigure(0, weight=1)
        self.side.rowconfigure(1, weight=1)
        self.legend = MapLegend(self.side, self.look)
        self._legend_bar = ctk.CTkScrollbar(self.side, command=self.legend.obey, width=12)
        self.legend.on_scrolled = self._follow_legend

    def _choices(self) -> None:
        row = Area(self)
        row.grid(row=0, column=0, columnspan=2, sticky="ew", pady=(0, 6))
        Text(row, "Colour by", wrap=False, colour=palette.MUTED).pack(side="left", padx=(0, 6))
        self.colour_menu = SearchMenu(row, self, self._choose_source)
        self.colour_menu.say(self.colour or "nothing")
        self.colour_menu.pack(side="left", padx=(0, 10))
        self.palette_menu = Choice(row, ["Viridis"], height=28, width=124, command=self.show_palette)
        self.palette_menu.pack(side="left", padx=(0, 10))
        self.number_menu = Choice(
            row, list(_COUNTS), height=28, width=84,
            command=lambda title: self.show_number(_COUNTS[title]),
        )  # fmt: skip
        self.number_menu.pack(side="left")
        self._row = row

    def _chores(self) -> None:
        row = self._row
        for name, icon, title, act, help_ in (
            ("save", "save", "Save\u2026", self.save, "Save the map as it is shown: PNG, SVG or PDF at 300 dpi."),
            (
                "larger",
                "larger",
                self.larger_title,
                lambda: self.on_larger(),
                "Open the maps in a window of their own.",
            ),
        ):
            self._tool(row, name, title, act, help_, 52, icon).pack(side="right", padx=(6, 0))

    def _tool(
        self, row: Area, name: str, title: str, act: Callable[[], object], help_: str, width: int = 48, icon: str = ""
    ) -> ctk.CTkButton:
        button = self.tools[name] = quiet_button(row, title, act, height=28, width=width, icon=icon)
        Tooltip(button, help_)
        enable(button, False)
        return button

    def _tools(self) -> None:
        row = Line(self)
        row.grid(row=1, column=0, sticky="ew", pady=(0, 6))
        for name, (title, help_) in TOOLS.items():
            self._tool(row, name, title, lambda name=name: self.choose_tool(name), help_)  # type: ignore[misc]
        for name, title, act, help_ in (
            (
                "whole",
                "Whole",
                self.whole,
                "Show the whole map (double click, Home). Arrow keys move, + and - enlarge.",
            ),
            ("dense", "See-through", self.toggle_see_through, "Where many cells lie the colour is stronger."),
        ):
            self._tool(row, name, title, act, help_)
        for name in (*TOOLS, "whole", "dense"):
            self.tools[name].pack(side="left", padx=(0, 14 if name == "box" else 4))

    # What is read.

    def _read(self, found: Found) -> None:
        self._found = found
        self._start()

    def _start(self) -> None:
        """Show the maps once they are read and the controls are there."""
        if self._found is None or self._parts or self.data is not None:
            return
        self.data, self.sources, self.predictions = self._found
        self._waiting.destroy()
        self.look.selected = np.zeros(self.data.total, bool)
        self.look.placed = self.data.placed
        self.colour_menu.put([(one.group, one.title) for one in self.sources])
        for button in self.tools.values():
            enable(button, True)
        self.legend.grid(row=1, column=0, sticky="nsew")
        self.choose_tool("move")
        self.show_column(self.data.columns.get(self.colour))
        later(self, 1, lambda: self.show_number(1))

    def _not_loaded(self, error: Exception) -> None:
        self._waiting.say(f"The maps cannot be read ({error}). Run the step again.", palette.WARN)

    def _choose_source(self, place: int) -> None:
        self.show_source(self.sources[place])

    def show_source(self, source: Source) -> None:
        """Colour the points by a column of any table; it is read in the background."""
        assert self.data is not None
        data = self.data
        self.colour = source.title
        self.colour_menu.say(source.title)
        if source.path is None:
            self.show_column(data.columns[source.column])
            return
        at, total = data.at, data.total
        self.note.say(f"Reading {source.title}\u2026")
        background(
            self, lambda: read_column(source, at, total),
            lambda column: self.show_column(column) if self.colour == source.title else None,
            lambda error: self.note.say(f"{source.title} cannot be read ({error}).", palette.WARN),
        )  # fmt: skip

    def show_colour(self, tag: str) -> None:
        """Colour the points by a tag or another column of the list."""
        self.show_source(next(one for one in self.sources if one.title == tag))

    def show_column(self, column: Column | None) -> None:
        """Colour the points by a column that is there; None is one colour."""
        assert self.data is not None
        self.column = column
        self.look.hidden, self.look.pointed = set(), None
        self._recolour()

    def show_palette(self, name: str) -> None:
        """Use another palette."""
        self._palettes[self.look.colouring.limits is not None] = name
        self._recolour()

    def _recolour(self) -> None:
        assert self.data is not None
        chosen = self._palettes.get(self.column is not None and self.column.scaled, "")
        one = self.look.colouring = colouring(self.column, self.data.total, chosen, self.colour)
        self.palette_menu.configure(values=palettes(one))
        self.palette_menu.set(one.palette or palettes(one)[0])
        self.legend.offset = self.legend.cursor = 0
        self.legend.redraw()
        self.refresh()
        self.say()
        self.on_selected(self.selected)

    # The maps.

    def show_number(self, number: int) -> None:
        """Show 1, 2 or 4 maps side by side; they share colours, legend and selection."""
        self._number = number = min(number, 4)
        self.number_menu.set(next(title for title, count in _COUNTS.items() if count == number))
        while len(self.frames) > number:
            self.frames.pop().destroy()
        self._grow()

    def _grow(self) -> None:
        """Add a map per turn until there are as many as wanted."""
        if len(self.frames) < self._number:
            self._add_frame()
        self._arrange()
        if len(self.frames) < self._number:
            later(self, 1, self._grow)

    def _arrange(self) -> None:
        number = len(self.frames)
        across = 1 if number == 1 else 2
        for index in range(2):
            self._place.columnconfigure(index, weight=1 if index < across else 0, uniform="maps" if across > 1 else "")
            self._place.rowconfigure(index, weight=1 if index < -(-number // across) else 0)
        for index, frame in enumerate(self.frames):
            frame.say(number > 1)
            frame.grid(row=index // across, column=index % across, sticky="nsew", padx=(8 if index % across else 0, 0))
        self.choose_tool(self.tool)
        self.say()
        self.on_shown(self)

    def _add_frame(self) -> None:
        used = [frame.map for frame in self.frames]
        flat = [item for item in self.maps if item.dimensions == 2]
        free = [item for item in [*flat, *self.maps] if item not in used] or self.maps
        frame = MapFrame(self._place, self.maps, self.look)
        frame.map = free[0] if self.frames else self.maps[0]
        frame.on_map = self.say
        scatter = frame.scatter
        scatter.on_point = lambda cell, x, y: self._point(frame, cell, x, y)
        scatter.on_select = self.select
        scatter.on_tool = self.choose_tool
        self.legend.on_changed = self.refresh
        self.legend.on_words = self._hint
        self.legend.on_cells = self.select_line
        self.frames.append(frame)
        if self.data is not None:
            frame.put(self.data)

    def show_map(self, item: Map) -> None:
        """Show another map in the first frame."""
        self.frames[0].show_map(item)

    def refresh(self) -> None:
        """Paint all maps anew."""
        for frame in self.frames:
            frame.scatter.refresh()

    def whole(self) -> None:
        """Show the whole of every map."""
        for frame in self.frames:
            frame.scatter.whole()

    def choose_tool(self, name: str) -> None:
        """Use a tool on all maps."""
        self.tool = name
        for frame in self.frames:
            frame.scatter.tool = name
            frame.scatter.configure(cursor="crosshair" if name != "move" else "")
        for tool in TOOLS:
            choose_button(self.tools[tool], tool == name)

    def toggle_see_through(self) -> None:
        """Let points shine through, or not."""
        self.look.see_through = not self.look.see_through
        choose_button(self.tools["dense"], self.look.see_through)
        self.refresh()

    def _follow_legend(self, first: float, last: float) -> None:
        if first <= 0 and last >= 1:
            self._legend_bar.grid_forget()
        else:
            self._legend_bar.grid(row=1, column=1, sticky="ns")
            self._legend_bar.set(first, last)

    # Pointing and selecting.

    def _point(self, frame: MapFrame, cell: int | None, x: int, y: int) -> None:
        for each in self.frames:
            each.scatter.ring(cell)
        if cell is None or self.data is None:
            self.card.hide()
            return
        place = frame.scatter
        right, down = place.winfo_rootx() - self.winfo_rootx() + x, place.winfo_rooty() - self.winfo_rooty() + y
        self.card.show(cell, self.data.ids[cell], self.lines_of(cell), right, down)

    def lines_of(self, cell: int) -> list[str]:
        """Return what is known of a cell, in lines."""
        assert self.data is not None
        return lines_of(self.data, cell, (self.colour, self.column), self.predictions, self.tags)

    @property
    def selected(self) -> NDArray[np.intp]:
        """The selected cells."""
        return np.flatnonzero(self.look.selected)

    def select(self, cells: NDArray[np.intp], how: str = "new") -> None:
        """Select cells in all maps: `new`, `add` to or `remove` from what was selected before."""
        self.look.selected = combined(self.look.selected, cells, how)
        self.refresh()
        self.on_selected(self.selected)

    def select_line(self, line: int) -> None:
        """Select the visible cells of a line of the legend."""
        lines = self.look.placed if line < 0 else self.look.lines() == line
        self.select(np.flatnonzero(lines & self.look.visible()))

    # Words and figures.

    def _hint(self, words: str) -> None:
        if words:
            self.note.say(words, palette.MUTED)
        else:
            self.say()

    def say(self) -> None:
        """Say below the maps what is drawn and what is not."""
        if self.data is None:
            return
        missing = max((frame.missing for frame in self.frames), default=0)
        deep = any(frame.map.dimensions == 3 for frame in self.frames)
        help_ = "Point at a cell to see it; Lasso selects cells." if self.pictures else HELP
        self.note.say(below(self.data, missing, deep, help_), palette.MUTED)

    def save(self) -> None:
        """Let the user choose which map, then where the figure goes; of several maps all can go into one."""
        map_saver.save(self.frames, self.note, self.tools["save"])
