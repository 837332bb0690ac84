"""Tabs: a row of words, one shown at a time, built when first looked at."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from typing import Any

from wizard.widgets import palette
from wizard.widgets.basics import Area, Scaled, px, tk_font
from wizard.widgets.focus import take_keys
from wizard.widgets.icons import picture
from wizard.words import catalogue

Builder = Callable[[tk.Misc], tk.Misc]
"""Makes the content of a tab inside the given parent."""


_ICONS = {"Files": "folder"}
"""Tabs with an icon before their word."""


class _Head(Scaled, tk.Canvas):  # type: ignore[misc]
    """One word of the row; underlined when chosen."""

    spoken_kind = "tab"

    def __init__(self, master: tk.Misc, title: str, choose: Callable[[], None]) -> None:
        super().__init__(master, bg=palette.now(palette.SURFACE), bd=0, highlightthickness=0, cursor="hand2")
        self.title = title
        take_keys(self)
        word = self.create_text(0, 0, text=catalogue.say(title), font=tk_font(self, "body", "bold"))
        left, _top, right, _bottom = self.bbox(word)
        self.delete(word)
        self._icon = _ICONS.get(title, "")
        self._before = px(self, 22) if self._icon else 0
        self.configure(width=right - left + self._before + px(self, 20), height=px(self, 32))
        self.bind("<Button-1>", lambda _event: choose(), add="+")
        for key in ("<space>", "<Return>"):
            self.bind(key, lambda _event: choose())
        self.show(False)

    @property
    def spoken_name(self) -> str:
        """What a screen reader calls it."""
        return catalogue.say(self.title)

    def show(self, chosen: bool) -> None:
        self.chosen_one = chosen
        self.delete("all")
        width, height = int(self["width"]), int(self["height"])
        ink = palette.now(palette.ACCENT_TEXT if chosen else palette.MUTED)
        if self._icon:
            image = picture(self, self._icon, 16, palette.ACCENT_TEXT if chosen else palette.MUTED)
            self.create_image(px(self, 18), height / 2, image=image)
        self.create_text(
            (width + self._before) / 2 + 2, height / 2, text=catalogue.say(self.title), fill=ink,
            font=tk_font(self, "body", "bold" if chosen else "normal"),
        )  # fmt: skip
        if chosen:
            bar = px(self, 3)
            self.create_rectangle(px(self, 6), height - bar, width - px(self, 2), height + 2, fill=ink, width=0)


class Tabs(Area):
    """A set of views of which one is shown; Left and Right move along the row."""

    def __init__(self, master: tk.Misc, views: dict[str, Builder], chosen: str = "") -> None:
        super().__init__(master)
        self._views = views
        self._built: dict[str, tk.Misc] = {}
        self.on_built: Callable[[tk.Misc], None] = lambda widget: None
        self.on_chosen: Callable[[str], None] = lambda title: None
        self.chosen = ""
        row = self._row = Area(self)
        row.grid(row=0, column=0, sticky="ew")
        tk.Frame(self, bg=palette.now(palette.LINE), height=1).grid(row=1, column=0, sticky="ew")
        self.rowconfigure(2, weight=1)
        self.columnconfigure(0, weight=1)
        self.heads = {title: self._head(row, title) for title in views}
        self._arrange(px(self, 480))
        row.bind("<Configure>", lambda event: self._arrange(event.width), add="+")
        self.choose(chosen if chosen in views else next(iter(views)))

    def _head(self, row: tk.Misc, title: str) -> _Head:
        head = _Head(row, title, lambda: self.choose(title))
        head.bind("<Left>", lambda _event: self._move(title, -1))
        head.bind("<Right>", lambda _event: self._move(title, 1))
        return head

    def _arrange(self, width: int) -> None:
        """Put the words side by side, closer where room is short, and further ones into the next line."""
        wide = [int(head["width"]) + 2 * self._edge(head) for head in self.heads.values()]
        gap = px(self, 8) if sum(wide) + px(self, 8) * (len(wide) - 1) <= width else 0
        x = y = high = 0
        for head, room in zip(self.heads.values(), wide, strict=True):
            high = int(head["height"]) + 2 * self._edge(head)
            if x and x + room > width:
                x, y = 0, y + high
            head.place(x=x, y=y)
            x += room + gap
        if int(self._row["height"]) != y + high:
            self._row.configure(height=y + high)

    @staticmethod
    def _edge(head: _Head) -> int:
        return int(head["highlightthickness"])

    def go(self, by: int) -> None:
        """Show the next view, or the one before, and go to its word."""
        self._move(self.chosen, by)

    def _move(self, title: str, by: int) -> None:
        names = list(self._views)
        target = names[(names.index(title) + by) % len(names)]
        self.choose(target)
        self.heads[target].focus_set()

    def choose(self, title: str) -> None:
        """Show a view, building it at its first time."""
        for name, head in self.heads.items():
            head.show(name == title)
        if self.chosen in self._built:
            shown: Any = self._built[self.chosen]
            shown.grid_forget()
        if title not in self._built:
            self._built[title] = self._views[title](self)
            self.on_built(self._built[title])
        view: Any = self._built[title]
        view.grid(row=2, column=0, sticky="nsew", pady=(12, 0))
        self.chosen = title
        self.on_chosen(title)

    def view(self, title: str) -> tk.Misc:
        """Return a view's widget, building it if needed."""
        if title not in self._built:
            self.choose(title)
        return self._built[title]
