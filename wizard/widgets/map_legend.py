"""The legend of a map: one line per class to switch on and off, or a colour scale."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from tkinter import font as tkfont
from typing import Any

from PIL import Image, ImageTk
from typing_extensions import override

from wizard.widgets import palette
from wizard.widgets.basics import px, tk_font
from wizard.widgets.drawing import ScrolledDrawing
from wizard.widgets.map_colour import SHAPES, Colouring, scale_table
from wizard.widgets.menu import menu
from wizard.widgets.scatter_layers import Look
from wizard.widgets.scatter_paint import stamp
from wizard.words import catalogue

PLACED = -2
"""Stands for the line of placed cells."""
HELP = "Click a line to hide or show it, Only to see it alone; the right button has more. Keys: Space, O, S (select)."
_ROW, _BAR = 26, 130


class MapLegend(ScrolledDrawing):
    """Follows a `Look`; `on_changed` hears that lines were switched or pointed at, `on_cells(line)` to select them.

    `on_words` hears the whole of a line that is pointed at.
    """

    def __init__(self, master: tk.Misc, look: Look) -> None:
        super().__init__(master, 120, 120)
        self.look = look
        self.on_changed: Callable[[], object] = lambda: None
        self.on_cells: Callable[[int], object] = lambda line: None
        self.on_words: Callable[[str], object] = lambda words: None
        self.cursor = 0
        self._photos: list[Any] = []
        self.bind("<Button-1>", self._clicked, add="+")
        for button in ("2", "3"):
            self.bind(f"<Button-{button}>", self._menu, add="+")
        self.bind("<Motion>", lambda event: self._point(self._row_at(event.y)), add="+")
        self.bind("<Leave>", lambda _event: self._point(None), add="+")
        self.bind("<FocusIn>", lambda _event: self.redraw(), add="+")
        self.bind("<FocusOut>", lambda _event: self._point(None), add="+")
        for key, by in (("Up", -1), ("Down", 1)):
            self.bind(f"<{key}>", lambda _event, by=by: self._move(by))  # type: ignore[misc]
        for keys, act in (
            (("space",), self.toggle), (("o", "O", "Return"), self.only), (("s", "S"), self._select),
        ):  # fmt: skip
            for key in keys:
                self.bind(f"<{key}>", lambda _event, act=act: self._act(act))  # type: ignore[misc]

    @property
    def spoken_name(self) -> str:
        """What a screen reader calls it."""
        return f"{catalogue.say('Legend')}: {self.look.colouring.title or catalogue.say('One colour')}"

    @property
    def spoken_value(self) -> str:
        """What a screen reader says of the line that the keys have reached."""
        if self.cursor >= len(self.rows):
            return ""
        line, name, count = self.rows[self.cursor]
        words = catalogue.say("hidden" if self.hidden(line) else "shown")
        return f"{name}, {catalogue.say(f'{count:,} cells')}, {words}"

    @property
    def rows(self) -> list[tuple[int, str, int]]:
        """All lines: number (`PLACED` for placed cells), name, cells."""
        entries = [(index, entry.name, entry.count) for index, entry in enumerate(self.look.colouring.entries)]
        placed = int(self.look.placed.sum())
        return [*entries, (PLACED, "placed (rings)", placed)] if placed else entries

    def hidden(self, line: int) -> bool:
        """Tell whether a line is switched off."""
        return self.look.hide_placed if line == PLACED else line in self.look.hidden

    def toggle(self, line: int) -> None:
        """Switch the cells of a line on or off."""
        if line == PLACED:
            self.look.hide_placed = not self.look.hide_placed
        else:
            self.look.hidden ^= {line}
        self._changed()

    def only(self, line: int) -> None:
        """Show the cells of one line only; all again when it is alone already."""
        if line == PLACED:
            return
        others = set(range(len(self.look.colouring.entries))) - {line}
        if self.look.colouring.limits is not None:
            return
        self.look.hidden = set() if self.look.hidden == others else others
        self._changed()

    def all(self) -> None:
        """Show the cells of all lines."""
        self.look.hidden, self.look.hide_placed = set(), False
        self._changed()

    def _changed(self) -> None:
        self.look.pointed = None
        self.redraw()
        self.on_changed()

    def _select(self, line: int) -> None:
        self.on_cells(line)

    def _act(self, act: Callable[[int], object]) -> str:
        if self.cursor < len(self.rows):
            act(self.rows[self.cursor][0])
        return "break"

    def _move(self, by: int) -> str:
        self.cursor = max(0, min(len(self.rows) - 1, self.cursor + by))
        self._point(self.cursor)
        top = self._top() + self.cursor * px(self, _ROW)
        if top < self.offset or top + px(self, _ROW) > self.offset + self.winfo_height():
            self.scroll_to(top - px(self, _ROW))
        self.redraw()
        return "break"

    def _point(self, row: int | None) -> None:
        line = self.rows[row][0] if row is not None and row < len(self.rows) else None
        if line is not None:
            self.on_words(f"{self.rows[row or 0][1]}: {self.rows[row or 0][2]:,} cells. {HELP}")
        else:
            self.on_words("")
        usable = line is not None and line != PLACED and not self.hidden(line) and len(self.rows) > 1
        pointed = line if usable else None
        if pointed != self.look.pointed:
            self.look.pointed = pointed
            self.redraw()
            self.on_changed()

    def _row_at(self, y: int) -> int | None:
        row = (y + self.offset - self._top()) // px(self, _ROW)
        return row if 0 <= row < len(self.rows) else None

    def _clicked(self, event: tk.Event[Any]) -> None:
        row = self._row_at(event.y)
        if row is None:
            return
        self.cursor = row
        line = self.rows[row][0]
        only = event.x > self.winfo_width() - px(self, 44) and self.look.pointed == line
        (self.only if only else self.toggle)(line)

    def _menu(self, event: tk.Event[Any]) -> None:
        row = self._row_at(event.y)
        if row is None:
            return
        self.cursor = row
        line = self.rows[row][0]
        shown = menu(self)
        for title, act in (
            ("Show only these", lambda: self.only(line)), ("Show all", self.all),
            ("Select these cells", lambda: self.on_cells(line)),
        ):  # fmt: skip
            shown.add_command(label=f"  {catalogue.say(title)}  ", command=act)
        shown.tk_popup(event.x_root, event.y_root)

    def _top(self) -> int:
        title = px(self, 26)
        return title + (px(self, _BAR + 24) if self.look.colouring.limits is not None else 0)

    @override
    def draw(self) -> None:
        one, row = self.look.colouring, px(self, _ROW)
        self.fit(self._top() + len(self.rows) * row + px(self, 4))
        self._photos = []
        title = self._cut(one.title or "One colour", self.winfo_width() - px(self, 8), "bold")
        self.write(2, px(self, 11) - self.offset, title, size="body", weight="bold", anchor="w")
        if one.limits is not None:
            self._bar(one, one.limits)
        for place, (line, name, count) in enumerate(self.rows):
            y = self._top() + place * row - self.offset
            if -row < y < self.winfo_height():
                self._row(place, line, name, count, y + row // 2)
        self.say_place()

    def _row(self, place: int, line: int, name: str, count: int, y: int) -> None:
        off = self.hidden(line)
        width, half = self.winfo_width(), px(self, 7)
        if self.focus_get() is self and place == self.cursor:
            self.create_rectangle(
                0, y - px(self, 12), width - 2, y + px(self, 12), outline=palette.now(palette.ACCENT_TEXT),
                width=px(self, 1), tags="cursor",
            )  # fmt: skip
        left = px(self, 10)
        self.create_rectangle(left - half, y - half, left + half, y + half, outline=palette.now(palette.FRAME),
                              fill=palette.now(palette.SURFACE if off else palette.ACCENT), width=1)  # fmt: skip
        if not off:
            tick = [left - half * 0.5, y, left - half * 0.1, y + half * 0.5, left + half * 0.6, y - half * 0.5]
            self.create_line(tick, fill=palette.now(palette.ON_ACCENT), width=px(self, 2))
        self._marker(line, px(self, 30), y)
        ink = palette.MUTED if off else palette.TEXT
        pointed = self.look.pointed == line and self.look.colouring.limits is None
        note = "Only" if pointed else f"{count:,}"
        self.write(width - px(self, 6), y, note, anchor="e", colour=palette.ACCENT_TEXT if pointed else palette.MUTED)
        room = width - px(self, 48) - tkfont.Font(root=self, font=tk_font(self, "small")).measure(note)
        weight = "bold" if pointed else "normal"
        self.write(px(self, 42), y, self._cut(name, room, weight), anchor="w", colour=ink, weight=weight, tags="name")

    def _cut(self, text: str, room: int, weight: str) -> str:
        letters = tkfont.Font(root=self, font=tk_font(self, "body" if weight == "bold" else "small", weight))
        if letters.measure(text[:80]) <= room and len(text) <= 80:
            return text
        kept = len(text[:80])
        while kept > 1 and letters.measure(text[:kept] + "\u2026") > room:
            kept -= 1
        return text[:kept] + "\u2026"

    def _marker(self, line: int, x: int, y: int) -> None:
        if line == PLACED:
            far = px(self, 5)
            self.create_oval(x - far, y - far, x + far, y + far, outline=palette.now(palette.TEXT), width=px(self, 2))
            return
        entry = self.look.colouring.entries[line]
        side = px(self, 12)
        mask = Image.fromarray(stamp(SHAPES[entry.shape], side * 4)).convert("L").resize((side, side))
        picture = Image.new("RGB", (side, side), palette.now(palette.SURFACE))
        picture.paste(entry.colour, (0, 0), mask)
        photo = ImageTk.PhotoImage(picture, master=self)
        self._photos.append(photo)
        self.create_image(x, y, image=photo)

    def _bar(self, one: Colouring, limits: tuple[float, float]) -> None:
        wide, high, top = px(self, 18), px(self, _BAR), px(self, 32) - self.offset
        bar = Image.fromarray(scale_table(one.palette)[::-1].reshape(-1, 1, 3)).resize((wide, high))
        photo = ImageTk.PhotoImage(bar, master=self)
        self._photos.append(photo)
        self.create_image(px(self, 4), top, image=photo, anchor="nw", tags="scale")
        low, high_end = limits
        for part in (0.0, 0.25, 0.5, 0.75, 1.0):
            y = top + high * (1 - part)
            self.create_line(px(self, 4) + wide, y, px(self, 8) + wide, y, fill=palette.now(palette.MUTED))
            text = f"{low + (high_end - low) * part:.4g}"
            self.write(px(self, 12) + wide, y, text, anchor="w", colour=palette.MUTED)
