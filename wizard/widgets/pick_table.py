"""A table of which some rows are picked: by a box in front of each, by click, Ctrl, Shift, or by the keyboard."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from tkinter import font as tkfont
from tkinter import ttk
from typing import Any, Literal

import customtkinter as ctk

from wizard.widgets import palette
from wizard.widgets.basics import Area, px, tk_font
from wizard.widgets.scroll import AutoBar
from wizard.widgets.table import shown_row, sort_key, style
from wizard.words import catalogue, numbers

_BOX = 14
_INDENT = 18
_SAMPLE = 60
_LEAST_BAR = 40


@dataclass(frozen=True)
class Column:
    """A column: heading, greatest width in design pixels, alignment."""

    title: str
    width: int
    anchor: Literal["w", "e"] = "w"


class PickTable(Area):
    """Rows known by a name each; `on_picked` hears which are picked, in the order of the table.

    The box of a picked row has the colour that `colours` gave it, so that it is the legend of a chart, too.
    With `single` one row at most is picked; without `sorts` a click on a heading does nothing.
    """

    def __init__(
        self,
        master: tk.Misc,
        columns: Sequence[Column],
        on_picked: Callable[[list[str]], object],
        single: bool = False,
        sorts: bool = True,
    ) -> None:
        super().__init__(master)
        self._single, self._sorts = single, sorts
        style(self)
        look = ttk.Style(self)
        look.configure("Pick.Treeview", indent=0)
        look.configure("Tree.Pick.Treeview", indent=px(self, _INDENT))
        # A soft mark: the colours of the boxes must be seen on it.
        look.map(
            "Pick.Treeview", background=[("selected", palette.now(palette.ACCENT_SOFT))],
            foreground=[("selected", palette.now(palette.TEXT))],
        )  # fmt: skip
        self.columns, self._on_picked = list(columns), on_picked
        self._rows: dict[str, tuple[str, ...]] = {}
        self._keys: dict[str, tuple[str, ...]] = {}
        self._parents: dict[str, str] = {}
        self._sorted: tuple[int, bool] | None = None
        self._boxes: dict[str, tk.PhotoImage] = {}
        self._told: list[str] = []
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        names = [str(index) for index in range(len(self.columns))]
        self.tree = ttk.Treeview(self, columns=names, height=3, style="Pick.Treeview")
        self.tree.configure(selectmode="browse" if single else "extended")
        self.tree.heading("#0", text="")
        self.tree.column("#0", width=px(self, 44), minwidth=px(self, 44), stretch=False)
        self._name_heads()
        self._fit()
        self.tree.grid(row=0, column=0, sticky="nsew")
        down = AutoBar(self, self.tree.yview, palette.SURFACE, row=0, column=1, sticky="ns")
        across = AutoBar(self, self.tree.xview, palette.SURFACE, row=1, column=0, sticky="ew")
        self.tree.configure(yscrollcommand=down.follow, xscrollcommand=across.follow)
        for bar in self.winfo_children():
            if isinstance(bar, ctk.CTkScrollbar) and bar.cget("orientation") == "vertical":
                bar.configure(height=_LEAST_BAR)  # the bar must not make a low table higher
        self._listen()

    def _listen(self) -> None:
        self.tree.bind("<<TreeviewSelect>>", lambda _event: self._picked())
        self.tree.bind("<Button-1>", self._clicked)
        self.tree.bind("<space>", lambda _event: self._toggle(self.tree.focus()))
        self.tree.bind("<Shift-Up>", lambda _event: self._extend(-1))
        self.tree.bind("<Shift-Down>", lambda _event: self._extend(1))
        for key in ("a", "A"):
            self.tree.bind(f"<Control-{key}>", lambda _event: self._all())
        self.tree.bind("<FocusIn>", lambda _event: self._start_somewhere())

    def _name_heads(self) -> None:
        for index, column in enumerate(self.columns):
            mark = ""
            if self._sorted is not None and self._sorted[0] == index:
                mark = "  \u25bc" if self._sorted[1] else "  \u25b2"
            self.tree.heading(
                str(index), text=catalogue.say(column.title) + mark, anchor=column.anchor,
                command=partial(self.sort, index) if self._sorts else "",
            )  # fmt: skip

    # What is shown.

    def show(
        self, rows: Mapping[str, Sequence[str]], most: int = 6, keys: Mapping[str, Sequence[object]] | None = None,
        parents: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """Show these rows, `most` at a time; what is picked stays so where it is still there.

        `keys` are what the rows are sorted by, where that is not their text; `parents` names the row under which
        others lie folded until it is opened.
        """
        self._keys = {name: tuple(str(key) for key in row) for name, row in (keys or rows).items()}
        wanted = {name: tuple(row) for name, row in rows.items()}
        self.tree.configure(height=max(2, min(most, len(wanted))))
        above = dict(parents or {})
        if list(wanted.items()) == list(self._rows.items()) and above == self._parents:
            return
        opened = {name for name in self._rows if self.tree.item(name, "open")}
        kept, top, held = self.picked, self.tree.yview()[0], self.tree.focus()
        self._rows, self._parents = wanted, above
        self._make_room()
        self.tree.delete(*self.tree.get_children())
        for name in sorted(self._order(), key=lambda name: name in above):
            self.tree.insert(
                above.get(name, ""), "end", iid=name, values=self._shown(wanted[name]), image=self._box(""),
                open=name in opened,
            )  # fmt: skip
        self._keep(kept, held)
        self._fit()
        self.tree.yview_moveto(top)

    def _make_room(self) -> None:
        """Leave room for the sign that unfolds a row, where there are such rows."""
        wide = px(self, 44 + (2 * _INDENT if self._parents else 0))
        self.tree.column("#0", width=wide, minwidth=wide)
        self.tree.configure(style="Tree.Pick.Treeview" if self._parents else "Pick.Treeview")

    def _all_names(self) -> list[str]:
        """Return all rows in the order of the table, folded ones too."""
        names = []
        for name in self.tree.get_children():
            names += [name, *self.tree.get_children(name)]
        return names

    def _seen_names(self) -> list[str]:
        return [name for name in self._all_names() if name not in self._parents or
                self.tree.item(self._parents[name], "open")]  # fmt: skip

    def unfold(self, name: str, on: bool = True) -> None:
        """Show what lies under a row, or fold it."""
        self.tree.item(name, open=on)

    def _shown(self, row: Sequence[str]) -> list[str]:
        """Return the cells of a row as they are shown; columns at the right hold numbers."""
        numeric = [
            column.anchor == "e" and numbers.is_number(cell) for column, cell in zip(self.columns, row, strict=True)
        ]
        return shown_row(row, numeric)

    def _fit(self) -> None:
        """Make each column as wide as what is in it, up to its greatest width."""
        bold = tkfont.Font(root=self, font=tk_font(self, "table", "bold"))
        plain = tkfont.Font(root=self, font=tk_font(self, "table"))
        rows = [self._shown(row) for row in list(self._rows.values())[:_SAMPLE]]
        for index, column in enumerate(self.columns):
            head = bold.measure(catalogue.say(column.title)) + px(self, 20)
            if self._sorted is not None and self._sorted[0] == index:
                head += bold.measure("  \u25bc")
            content = max((plain.measure(row[index]) for row in rows), default=0) + px(self, 18)
            self.tree.column(
                str(index), width=max(head, min(px(self, column.width), content)), minwidth=px(self, 40),
                anchor=column.anchor, stretch=index == len(self.columns) - 1,
            )  # fmt: skip

    def _order(self) -> list[str]:
        names = list(self._rows)
        if self._sorted is not None:
            index, down = self._sorted
            names.sort(key=lambda name: sort_key(self._keys[name][index]), reverse=down)
        return names

    def _keep(self, kept: list[str], held: str) -> None:
        self.tree.selection_set([name for name in kept if name in self._rows])
        if held in self._rows:
            self.tree.focus(held)

    def sort(self, index: int) -> None:
        """Sort by a column; again turns the order round."""
        self._sorted = (index, self._sorted == (index, False))
        self._name_heads()
        self._fit()
        places: dict[str, int] = {}
        for name in self._order():
            above = self._parents.get(name, "")
            self.tree.move(name, above, places.get(above, 0))
            places[above] = places.get(above, 0) + 1
        self._picked()

    def colours(self, colours: Mapping[str, str]) -> None:
        """Fill the boxes of these rows with `#rrggbb` colours, and empty the others."""
        for name in self._rows:
            self.tree.item(name, image=self._box(colours.get(name, "")))

    def _box(self, colour: str) -> tk.PhotoImage:
        if colour not in self._boxes:
            self._boxes[colour] = box_image(self, colour)
        return self._boxes[colour]

    # What is picked.

    @property
    def picked(self) -> list[str]:
        """The picked rows in the order of the table."""
        chosen = set(self.tree.selection())
        return [name for name in self._all_names() if name in chosen]

    def pick(self, *names: str) -> None:
        """Pick rows as a click does."""
        self._keep(list(names), names[0] if names else "")
        if names and names[0] in self._rows:
            self.tree.see(names[0])
        self._picked()

    def _picked(self) -> None:
        if self.picked != self._told:
            self._told = self.picked
            self._on_picked(self._told)

    def _clicked(self, event: tk.Event[Any]) -> str | None:
        name = self.tree.identify_row(event.y)
        if name and self.tree.identify_column(event.x) == "#0":
            # The sign that unfolds has its place in every row, but is there only where something lies under it.
            if self.tree.get_children(name) and "indicator" in str(self.tree.identify_element(event.x, event.y)):
                return None
            self.tree.focus_set()
            return self._toggle(name)
        return None

    def _toggle(self, name: str) -> str:
        if name:
            self.tree.focus(name)
            if self._single:
                self.tree.selection_set(name)
            else:
                self.tree.selection_toggle(name)
        return "break"

    def _extend(self, by: int) -> str:
        names = self._seen_names()
        held = self.tree.focus()
        if not self._single and held in names and 0 <= names.index(held) + by < len(names):
            following = names[names.index(held) + by]
            self.tree.selection_add(held, following)
            self.tree.focus(following)
            self.tree.see(following)
        return "break"

    def _all(self) -> str:
        if not self._single:
            self.tree.selection_set(self.tree.get_children())
        return "break"

    def _start_somewhere(self) -> None:
        names = self._all_names()
        if names and self.tree.focus() not in names:
            self.tree.focus((self.picked or names)[0])

    def on_wheel(self, steps: int) -> bool:
        """Scroll by wheel steps (ttk does the scrolling itself); at its end the page scrolls on."""
        first, last = self.tree.yview()
        return last < 1.0 if steps > 0 else first > 0.0


def box_image(widget: tk.Misc, colour: str) -> tk.PhotoImage:
    """Return the picture of a box: filled with a colour and a tick, or empty."""
    side = px(widget, _BOX)
    image = tk.PhotoImage(master=widget, width=side, height=side)
    edge = palette.now(palette.FRAME)
    rim = palette.now(palette.SURFACE)
    inside = colour or rim
    light = palette.contrast(inside, "#FFFFFF") < 2.0
    tick = _tick(side) if colour else set()
    for y in range(side):
        line = []
        for x in range(side):
            depth = min(x, y, side - 1 - x, side - 1 - y)
            shade = edge if depth == 0 else rim if depth == 1 else inside
            line.append(("#17202B" if light else "#FFFFFF") if (x, y) in tick and depth > 1 else shade)
        image.put("{" + " ".join(line) + "}", to=(0, y))
    return image


def _tick(side: int) -> set[tuple[int, int]]:
    """Return the pixels of a tick: down to the right, then up."""
    found: set[tuple[int, int]] = set()
    turn, low = round(side * 0.42), round(side * 0.70)
    thick = max(2, side // 7)
    for step in range(round(side * 0.20)):
        found |= {(turn - step, low - step - more) for more in range(thick)}
    for step in range(round(side * 0.42)):
        found |= {(turn + step, low - step - more) for more in range(thick)}
    return found
