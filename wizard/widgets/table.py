"""A table in the theme's colours: sorted by a click on a heading, filled without freezing the window."""

from __future__ import annotations

import heapq
import tkinter as tk
from collections.abc import Sequence
from tkinter import font as tkfont
from tkinter import ttk
from typing import Any

from wizard.widgets import palette
from wizard.widgets.basics import Area, px, tk_font
from wizard.widgets.later import later
from wizard.widgets.scroll import AutoBar
from wizard.words import catalogue, numbers

_CHUNK = 150
_MEASURED = 6
_SAMPLE = 60
_ROW = 26
_BESIDE = 13
"""What stands beside the words of a column, in design pixels."""
_MARKS = {True: "  \u25bc", False: "  \u25b2"}


def style(widget: tk.Misc) -> None:
    """Give ttk tables the colours and sizes of the theme."""
    now = palette.now
    look = ttk.Style(widget)
    look.theme_use("clam")
    look.configure(
        "Treeview", background=now(palette.SURFACE), fieldbackground=now(palette.SURFACE),
        foreground=now(palette.TEXT), bordercolor=now(palette.LINE), lightcolor=now(palette.LINE),
        darkcolor=now(palette.LINE), rowheight=px(widget, _ROW), font=tk_font(widget, "table"), borderwidth=1,
        indent=px(widget, 12),
    )  # fmt: skip
    look.configure(
        "Treeview.Heading", background=now(palette.OFF), foreground=now(palette.TEXT), relief="flat",
        bordercolor=now(palette.LINE), lightcolor=now(palette.OFF), darkcolor=now(palette.OFF),
        font=tk_font(widget, "table", "bold"), padding=(px(widget, 4), px(widget, 5)),
    )  # fmt: skip
    # Words of cells begin and end where those of their heading do.
    look.configure("Treeview.Cell", padding=(px(widget, 2), 0))
    look.map("Treeview.Heading", background=[("active", now(palette.LINE))])
    look.map("Treeview", background=[("selected", now(palette.ACCENT))], foreground=[("selected", "#FFFFFF")])


class Table(Area):
    """Rows of text; numbers are sorted as numbers and aligned to the right.

    A cell may have several `lines`; it is sorted by the first.
    """

    def __init__(
        self,
        master: tk.Misc,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]] = (),
        height: int = 8,
        lines: int = 1,
    ) -> None:
        super().__init__(master)
        style(self)
        self._lines = lines
        name = f"Lines{lines}.Treeview"
        ttk.Style(self).configure(name, rowheight=px(self, _ROW + 18 * (lines - 1)))
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self.columns = list(columns)
        self.rows: list[list[str]] = []
        self._numeric: list[bool] = []
        self._sorted: tuple[int, bool] | None = None
        self._cancel: Any = lambda: None
        self.tree = ttk.Treeview(
            self, columns=self.columns, show="headings", height=height, selectmode="browse", style=name
        )
        self.tree.grid(row=0, column=0, sticky="nsew")
        down = AutoBar(self, self.tree.yview, palette.SURFACE, row=0, column=1, sticky="ns")
        across = AutoBar(self, self.tree.xview, palette.SURFACE, row=1, column=0, sticky="ew")
        self.tree.configure(yscrollcommand=down.follow, xscrollcommand=across.follow)
        for index, name in enumerate(self.columns):
            self._head(index, name)
        self.fill(rows)

    def _head(self, index: int, name: str) -> None:
        self.tree.heading(index, text=catalogue.say(name), anchor="w", command=lambda: self.sort(index))

    def fill(self, rows: Sequence[Sequence[str]]) -> None:
        """Replace the rows, a few at a time."""
        self._cancel()
        self.rows = [[str(value) for value in row] for row in rows]
        self.tree.delete(*self.tree.get_children())
        self._fit()
        self._insert(0)

    def _insert(self, start: int) -> None:
        for row in self.rows[start : start + _CHUNK]:
            self.tree.insert("", "end", values=shown_row(row, self._numeric))
        if start + _CHUNK < len(self.rows):
            self._cancel = later(self, 5, lambda: self._insert(start + _CHUNK))

    def _fit(self) -> None:
        bold = tkfont.Font(root=self, font=tk_font(self, "table", "bold"))
        plain = tkfont.Font(root=self, font=tk_font(self, "table"))
        sample = self.rows[:_SAMPLE]
        self._numeric = [_figures([row[index] for row in sample]) for index in range(len(self.columns))]
        shown = [shown_row(row, self._numeric) for row in sample]
        for index, name in enumerate(self.columns):
            mark = _MARKS[True] if self._sorted is not None and self._sorted[0] == index else ""
            lines = {line for row in shown for line in row[index].split("\n")}
            # To measure one takes a quarter of a millisecond: the widest is among the longest.
            longest = heapq.nlargest(_MEASURED, lines, key=len)
            content = max((plain.measure(line) for line in longest), default=0)
            width = min(px(self, 320), max(content, bold.measure(catalogue.say(name) + mark)) + px(self, _BESIDE))
            # Tk puts the lines of a cell flush left, so their column is.
            right = self._numeric[index] and self._lines == 1
            self.tree.column(
                index, width=width, minwidth=px(self, 48), stretch=index == 0, anchor="e" if right else "w"
            )
            self.tree.heading(index, anchor="e" if right else "w")

    def sort(self, index: int) -> None:
        """Sort by a column; again turns the order round."""
        down = self._sorted == (index, False)
        self._sorted = (index, down)
        rows = sorted(self.rows, key=lambda row: sort_key(row[index]), reverse=down)
        for at, name in enumerate(self.columns):
            self.tree.heading(at, text=catalogue.say(name) + (_MARKS[down] if at == index else ""))
        self._fit()
        self._cancel()
        self.rows = rows
        self.tree.delete(*self.tree.get_children())
        self._insert(0)

    def on_wheel(self, steps: int) -> bool:
        """Scroll by wheel steps; ttk does the scrolling of the rows itself."""
        return bool(self.tree.yview() != (0.0, 1.0))


def shown_row(row: Sequence[str], numeric: Sequence[bool] = ()) -> list[str]:
    """Return the cells of a row as they are shown; single words may be the user's and stay."""
    marks = [*numeric, *[False] * (len(row) - len(numeric))]
    return [numbers.shown(cell) if mark else catalogue.say_cell(cell) for cell, mark in zip(row, marks, strict=True)]


def _figures(cells: Sequence[str]) -> bool:
    """Tell whether a column holds figures; some may be missing."""
    there = [cell for cell in cells if cell not in ("", "\u2013")]
    return bool(there) and all(_number(cell) is not None for cell in there)


def _number(text: str) -> float | None:
    try:
        return float(text.partition("\n")[0].replace(",", "").replace("%", "").strip())
    except ValueError:
        return None


def sort_key(text: str) -> tuple[int, float, str]:
    """Return a key that sorts numbers by size before texts by alphabet."""
    value = _number(text)
    return (1, 0.0, text.casefold()) if value is None else (0, value, "")
