"""Type scale, spacing and the plain parts that every page is made of."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from tkinter import font as tkfont
from typing import Any

import customtkinter as ctk

from wizard.widgets import palette
from wizard.widgets.palette import Pair

GRID = 8
"""Spacing unit in pixels at 100 %."""

SIZES = {"small": 12, "table": 13, "body": 14, "heading": 16, "figure": 22, "title": 24}
"""The one type scale, in pixels at 100 %."""

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
        super().__init__(
            master,
            text=text,
            font=tk_font(master, size, weight),
            fg=palette.now(colour),
            bg=palette.now(back),
            bd=0,
            padx=0,
            pady=0,
            **options,
        )
        if wrap:
            self.configure(wraplength=px(self, 320))
            self.bind("<Configure>", self._wrap, add="+")

    def _wrap(self, event: tk.Event[Any]) -> None:
        # A pixel more must not wrap anew: shared columns would hand it to and fro for ever.
        now = int(str(self.cget("wraplength")))
        if event.width > _HIDDEN_WIDTH and not now <= event.width <= now + _SLACK:
            self.configure(wraplength=event.width)

    def say(self, text: str, colour: Pair | None = None) -> None:
        """Change the words, and the colour if one is given."""
        self.configure(text=text)
        if colour is not None:
            self.configure(fg=palette.now(colour))


class Area(Scaled, tk.Frame):  # type: ignore[misc]
    """A plain rectangle to put things in."""

    def __init__(self, master: tk.Misc, back: Pair = palette.SURFACE, **options: Any) -> None:
        super().__init__(master, bg=palette.now(back), bd=0, highlightthickness=0, **options)


def card(master: tk.Misc, back: Pair = palette.SURFACE) -> ctk.CTkFrame:
    """Return a rounded surface with a thin line around it."""
    return ctk.CTkFrame(master, fg_color=back, border_width=1, border_color=palette.LINE, corner_radius=8)


def act_button(master: tk.Misc, text: str, command: Callable[[], object], **options: Any) -> ctk.CTkButton:
    """Return the filled button that does what the page is for."""
    options = {"height": 40, "font": font("body", "bold"), **options}
    return ctk.CTkButton(master, text=text, command=command, **options)


def quiet_button(master: tk.Misc, text: str, command: Callable[[], object], **options: Any) -> ctk.CTkButton:
    """Return an outlined button for everything that is not the main act."""
    options = {"height": 32, "width": 72, "font": font(), **options}
    button = ctk.CTkButton(master, text=text, command=command, **options)
    emphasise(button, False)
    return button


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
        button.configure(
            fg_color=palette.OFF if off else palette.SURFACE,
            hover_color=palette.ACCENT_SOFT,
            text_color=palette.TEXT,
            border_width=0 if off else 1,
            border_color=palette.FRAME,
        )


def choose_button(button: ctk.CTkButton, chosen: bool) -> None:
    """Draw a button of a set as the chosen one, or as one of the others."""
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
