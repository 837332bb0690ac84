"""Type scale, spacing and the plain parts that every page is made of."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from tkinter import font as tkfont
from typing import Any

import customtkinter as ctk

from wizard.widgets import palette
from wizard.widgets.icons import Icon, picture
from wizard.widgets.palette import Pair
from wizard.widgets.redraw import Patient
from wizard.words import catalogue

GRID = 8
"""Spacing unit in pixels at 100 %."""

SIZES = {"small": 12, "table": 13, "body": 14, "heading": 16, "figure": 22, "title": 24}
"""The one type scale, in pixels at 100 %."""

_SIGNS = {"\u26a0 ": "warning", "\u2713 ": "done"}
"""What a text may begin with → the icon in its place."""

_HIDDEN_WIDTH = 20
_SLACK = 4


_LINUX_FONTS = {
    "Inter": 1.0,
    "Noto Sans": 1.0,
    "Open Sans": 1.0,
    "Ubuntu": 1.0,
    "Cantarell": 1.0,
    "Liberation Sans": 1.0,
    "DejaVu Sans": 0.92,
}
"""Fonts with a true bold face, the best first, each with a factor that evens out its width."""


def choose_font(root: tk.Tk) -> None:
    """Pick a font with a true bold face on Linux; the customtkinter font has none there."""
    if root.tk.call("tk", "windowingsystem") != "x11":
        return
    there = set(tkfont.families(root))
    for name, factor in _LINUX_FONTS.items():
        if name in there:
            ctk.ThemeManager.theme["CTkFont"].update(family=name, factor=factor)
            return


def _pixels(size: str) -> float:
    return SIZES[size] * float(ctk.ThemeManager.theme["CTkFont"].get("factor", 1.0))


def family() -> str:
    """Return the name of the window's font."""
    return str(ctk.ThemeManager.theme["CTkFont"]["family"])


def font(size: str = "body", weight: str = "normal") -> Any:
    """Return a font for customtkinter widgets, which scale it themselves."""
    return (family(), round(_pixels(size)), weight)


def scale(widget: tk.Misc) -> float:
    """Return the factor between design pixels and screen pixels at this widget."""
    return float(ctk.ScalingTracker.get_widget_scaling(widget.nametowidget(".")))


def px(widget: tk.Misc, pixels: float) -> int:
    """Return screen pixels for design pixels."""
    return round(pixels * scale(widget))


def tk_font(widget: tk.Misc, size: str = "body", weight: str = "normal") -> tuple[str, int, str]:
    """Return a font for plain tkinter widgets and canvases, scaled."""
    return (family(), -px(widget, _pixels(size)), weight)


class Scaled:
    """Mix-in for plain tkinter widgets: paddings given to `grid` and `pack` are design pixels."""

    def grid(self, **options: Any) -> None:
        """Place in a grid, with scaled paddings."""
        super().grid_configure(**_scaled(self, options))  # type: ignore[misc]

    def pack(self, **options: Any) -> None:
        """Pack, with scaled paddings."""
        super().pack_configure(**_scaled(self, options))  # type: ignore[misc]


def _scaled(widget: Any, options: dict[str, Any]) -> dict[str, Any]:
    for name in ("padx", "pady", "ipadx", "ipady"):
        value = options.get(name)
        if isinstance(value, tuple):
            options[name] = tuple(px(widget, part) for part in value)
        elif value is not None:
            options[name] = px(widget, value)
    return options


class Text(Scaled, tk.Label):  # type: ignore[misc]
    """Text that breaks into lines at its own width; much lighter than a CTkLabel."""

    def __init__(
        self,
        master: tk.Misc,
        text: str = "",
        *,
        size: str = "body",
        weight: str = "normal",
        colour: Pair = palette.TEXT,
        back: Pair = palette.SURFACE,
        wrap: bool = True,
        **options: Any,
    ) -> None:
        options.setdefault("anchor", "w")
        options.setdefault("justify", "left")
        self._ink, self._size, self._beside = colour, size, 0
        super().__init__(
            master,
            font=tk_font(master, size, weight),
            fg=palette.now(colour),
            bg=palette.now(back),
            bd=0,
            padx=0,
            pady=0,
            **options,
        )
        self._show(catalogue.say(text))
        if wrap:
            self.configure(wraplength=px(self, 320))
            self.bind("<Configure>", self._wrap, add="+")

    def _show(self, said: str) -> None:
        """Show words; a sign before them is drawn as the icon that it stands for."""
        name = _SIGNS.get(said[:2], "")
        if name:
            image = picture(self, name, SIZES[self._size] + 2, self._ink, solid=True)
            self._beside = image.width() + px(self, 4)
            self.configure(image=image, compound="left", text=" " + said[2:].lstrip())
        elif self._beside:
            self._beside = 0
            self.configure(image="", text=said)
        else:
            self.configure(text=said)

    def _wrap(self, event: tk.Event[Any]) -> None:
        # A pixel more must not wrap anew: shared columns would hand it to and fro for ever.
        now = int(str(self.cget("wraplength")))
        room = event.width - self._beside
        if room > _HIDDEN_WIDTH and not now <= room <= now + _SLACK:
            self.configure(wraplength=room)

    def say(self, text: str, colour: Pair | None = None) -> None:
        """Change the words, and the colour if one is given."""
        if colour is not None:
            self._ink = colour
            self.configure(fg=palette.now(colour))
        self._show(catalogue.say(text))


class Area(Scaled, tk.Frame):  # type: ignore[misc]
    """A plain rectangle to put things in."""

    def __init__(self, master: tk.Misc, back: Pair = palette.SURFACE, **options: Any) -> None:
        super().__init__(master, bg=palette.now(back), bd=0, highlightthickness=0, **options)


class Card(ctk.CTkFrame):
    """A rounded surface with a thin line around it."""

    def __init__(self, master: tk.Misc, back: Pair = palette.SURFACE) -> None:
        super().__init__(master, fg_color=back, border_width=1, border_color=palette.LINE, corner_radius=8)


def card(master: tk.Misc, back: Pair = palette.SURFACE) -> ctk.CTkFrame:
    """Return a card."""
    return Card(master, back)


class Button(Patient, ctk.CTkButton):
    """A button with words in the language of the window, and an icon in the colour of its words."""

    def __init__(self, master: tk.Misc, text: str, icon: str = "", **options: Any) -> None:
        self.icon, self._tinted = "", ("", "")
        self.on_words: Callable[[], object] = lambda: None
        super().__init__(master, text=catalogue.say(text), **options)
        if icon:
            self.configure(icon=icon)

    def configure(self, require_redraw: bool = False, **options: Any) -> None:
        """Change the look, the words or the icon."""
        if "text" in options:
            options["text"] = catalogue.say(options["text"])
        self.icon = options.pop("icon", self.icon)
        super().configure(require_redraw, **options)
        if self.icon:
            self._tint()
        if "text" in options:
            self.on_words()

    def _tint(self) -> None:
        ink = self._text_color_disabled if str(self._state) == "disabled" else self._text_color
        wanted = (self.icon, palette.now(ink))
        if wanted != self._tinted:
            self._tinted = wanted
            super().configure(image=Icon(self, self.icon, colour=(ink[0], ink[1])))


def act_button(master: tk.Misc, text: str, command: Callable[[], object], **options: Any) -> Button:
    """Return the filled button that does what the page is for."""
    options = {"height": 40, "font": font("body", "bold"), **options}
    return Button(master, text, command=command, **options)


def quiet_button(master: tk.Misc, text: str, command: Callable[[], object], **options: Any) -> Button:
    """Return an outlined button for everything that is not the main act."""
    calm = _calm(str(options.get("state")) == "disabled")
    options = {"height": 32, "width": 72, "font": font(), **options, **calm}
    return Button(master, text, command=command, **options)


def _calm(off: bool) -> dict[str, Any]:
    """Return the colours of a button that is not the main one."""
    return {
        "fg_color": palette.OFF if off else palette.SURFACE, "hover_color": palette.ACCENT_SOFT,
        "text_color": palette.TEXT, "border_width": 0 if off else 1, "border_color": palette.FRAME,
    }  # fmt: skip


def icon_button(master: tk.Misc, icon: str, command: Callable[[], object], **options: Any) -> Button:
    """Return a small flat button that is an icon only; its maker says in a tooltip what it does."""
    options = {"height": 26, "width": 28, "fg_color": palette.SURFACE, "hover_color": palette.ACCENT_SOFT, **options}
    return Button(master, "", icon, text_color=palette.TEXT, command=command, **options)


def emphasise(button: ctk.CTkButton, strong: bool) -> None:
    """Make a button the filled one (`strong`) or an outlined one."""
    off = str(button.cget("state")) == "disabled"
    if strong and not off:
        button.configure(
            fg_color=palette.ACCENT,
            hover_color=palette.ACCENT_HOVER,
            text_color=palette.ON_ACCENT,
            border_width=0,
        )
    else:
        button.configure(**_calm(off))


def choose_button(button: ctk.CTkButton, chosen: bool) -> None:
    """Draw a button of a set as the chosen one, or as one of the others."""
    button.chosen_one = chosen  # for screen readers
    button.configure(
        fg_color=palette.ACCENT_SOFT if chosen else palette.SURFACE,
        text_color=palette.ACCENT_TEXT if chosen else palette.TEXT,
        border_color=palette.ACCENT_TEXT if chosen else palette.FRAME,
        font=font("body", "bold" if chosen else "normal"),
    )


def enable(button: ctk.CTkButton, on: bool, strong: bool = False) -> None:
    """Switch a button on or off and draw it accordingly."""
    if getattr(button, "shown_as", None) != (on, strong):
        button.shown_as = (on, strong)
        button.configure(state="normal" if on else "disabled")
        emphasise(button, strong)


def plural(count: int, one: str, many: str = "") -> str:
    """Return the count with its noun, e.g. `1 cell`, `1,200 cells`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
