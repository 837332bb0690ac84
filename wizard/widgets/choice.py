"""Fields to choose in, all of one look: a field with an edge and one chevron at its right end."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Collection, Sequence
from typing import Any

import customtkinter as ctk
from typing_extensions import override

from wizard.widgets import icons, palette
from wizard.widgets.basics import Button, emphasise, font
from wizard.widgets.tooltip import Tooltip
from wizard.words import catalogue

_LEAST_LETTERS = 18
_ARROW = "dropdown_arrow"


def _paint(field: Any, engine: Any, border: int, edge: Any) -> str:
    """Draw the field of a choice and return the colour of its inside."""
    scaled = field._apply_widget_scaling
    high, wide = scaled(field._current_height), scaled(field._current_width)
    off = str(field._state) == "disabled"
    face = palette.now(palette.OFF if off else palette.SURFACE)
    rim = face if off else palette.now(edge)
    canvas = field._canvas
    engine.draw_rounded_rect_with_border_vertical_split(
        wide, high, scaled(field._corner_radius), scaled(border), wide - high
    )
    canvas.configure(bg=field._apply_appearance_mode(field._bg_color))
    for parts, colour in (("inner_parts", face), ("border_parts", rim)):
        for side in ("left", "right"):
            canvas.itemconfig(f"{parts}_{side}", fill=colour, outline=colour)
    chevron = icons.picture(field, "down", icons.SMALL, palette.OFF_TEXT if off else palette.TEXT)
    place = (round(wide - high / 2), round(high / 2))
    if canvas.find_withtag(_ARROW):
        canvas.coords(_ARROW, *place)
        canvas.itemconfigure(_ARROW, image=chevron)
    else:
        canvas.create_image(*place, image=chevron, tags=_ARROW)
    canvas.tag_raise(_ARROW)
    return face


class Choice(ctk.CTkOptionMenu):
    """`words` are the choices that the program named; the others are the user's and stay as they are (None: all).

    A text that is longer than the field ends in dots and is told on hover.
    """

    def __init__(
        self, master: tk.Misc, values: Sequence[str], words: Collection[str] | None = None, **options: Any
    ) -> None:
        self.words = words
        self.tip: Tooltip | None = None
        options = {"font": font(), "dropdown_font": font(), **options}
        super().__init__(master, values=list(values), **options)
        self._text_label.bind("<Configure>", lambda _event: self._write(), add="+")
        self._write()
        self._fill()

    def shown(self, value: str) -> str:
        """Return a choice as it is shown."""
        return catalogue.say(value) if self.words is None or value in self.words else value

    def _write(self) -> None:
        """Show the chosen value, cut at the end where the field is too narrow for it."""
        text = self.shown(self._current_value)
        short = text if self._dynamic_resizing else fitted(self._text_label, text)
        if short != text and self.tip is None:
            self.tip = Tooltip(self._canvas)
            self._text_label.bind("<Enter>", self.tip._soon, add="+")
            self._text_label.bind("<Leave>", self.tip.hide, add="+")
        if self.tip is not None:
            self.tip.text = catalogue.own(text) if short != text else ""
        if str(self._text_label.cget("text")) != short:
            self._text_label.configure(text=short)

    def _fill(self) -> None:
        if catalogue.language() == "en":
            return
        menu = self._dropdown_menu
        menu.delete(0, "end")
        for value in self._values:
            label = f"  {self.shown(value).ljust(_LEAST_LETTERS)}  "
            # The menu hands the choice on, not its label.
            menu.add_command(label=label, command=lambda value=value: self._dropdown_callback(value))

    @override
    def _draw(self, no_color_updates: bool = False) -> None:
        face = _paint(self, self._draw_engine, 1, palette.FRAME)
        off = str(self._state) == "disabled"
        self._text_label.configure(bg=face, fg=palette.now(palette.OFF_TEXT if off else palette.TEXT))

    @override
    def _on_leave(self, event: Any = 0) -> None:
        if str(self._state) != "disabled":
            super()._on_leave(event)

    @override
    def configure(self, require_redraw: bool = False, **options: Any) -> None:
        super().configure(require_redraw, **options)
        if "values" in options and hasattr(self, "words"):
            self._fill()

    @override
    def set(self, value: str) -> None:
        super().set(value)
        self._write()

    @override
    def _dropdown_callback(self, value: str) -> None:
        self._current_value = value
        self._write()
        command: Callable[[str], object] | None = self._command
        if command is not None:
            command(value)


class Combo(ctk.CTkComboBox):
    """An entry that also offers values; what does not fit is told on hover."""

    def __init__(self, master: tk.Misc, **options: Any) -> None:
        options = {"font": font(), "dropdown_font": font(), **options}
        super().__init__(master, **options)
        self.tip = Tooltip(self._entry)
        for sequence in ("<Configure>", "<KeyRelease>"):
            self._entry.bind(sequence, lambda _event: self._tell(), add="+")

    def _tell(self) -> None:
        text = str(self._entry.get())
        self.tip.text = catalogue.own(text) if fitted(self._entry, text) != text else ""

    @override
    def _draw(self, no_color_updates: bool = False) -> None:
        face = _paint(self, self.draw_engine, self._border_width, self._border_color)
        ink = palette.now(palette.TEXT)
        self._entry.configure(
            bg=face, fg=ink, readonlybackground=face, disabledbackground=face, highlightcolor=face,
            disabledforeground=palette.now(palette.OFF_TEXT), insertbackground=ink,
        )  # fmt: skip

    @override
    def _on_leave(self, event: Any = 0) -> None:
        if str(self._state) != "disabled":
            super()._on_leave(event)

    @override
    def set(self, value: str) -> None:
        super().set(value)
        if hasattr(self, "tip"):
            self._tell()


class DropButton(Button):
    """A button that looks like the other choices and opens a list of its own."""

    def __init__(self, master: tk.Misc, text: str, command: Callable[[], object], **options: Any) -> None:
        options = {"height": 32, "width": 120, "font": font(), **options}
        super().__init__(master, text, "down", compound="right", anchor="w", command=command, **options)
        self.shows_value = True
        emphasise(self, False)

    @override
    def _create_grid(self) -> None:
        super()._create_grid()
        # The chevron stands at the right end, not behind the words.
        self.grid_columnconfigure(2, weight=1000)
        self.grid_columnconfigure((1, 3, 4), weight=0)


def fitted(widget: Any, text: str) -> str:
    """Return a text as far as it fits into a label or entry as it is now, with dots where it was cut."""
    room = widget.winfo_width() - 2
    face = str(widget.cget("font"))

    def wide(part: str) -> int:
        return int(widget.tk.call("font", "measure", face, part))

    if room < 20 or wide(text) <= room:
        return text
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if wide(text[:middle].rstrip() + "\u2026") <= room else (low, middle - 1)
    return text[:low].rstrip() + "\u2026"
