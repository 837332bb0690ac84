"""Finds what is cut off or covered in a window: works on what Tk laid out, not on pictures.

A place that scrolls may hold more than it shows in the direction in which it scrolls; everything else has to lie
inside its parent, beside its siblings, and has to have room for its words.
"""

from __future__ import annotations

import tkinter as tk
from typing import Any

import customtkinter as ctk

SLACK = 2
"""Pixels that rounding may cost."""
LEAST_VIEW = 44
"""Design pixels that a scrolling place has to show to be of any use."""

Box = tuple[int, int, int, int]


def box(widget: Any) -> Box:
    """Return left, top, right and bottom on the screen."""
    left, top = widget.winfo_rootx(), widget.winfo_rooty()
    return left, top, left + widget.winfo_width(), top + widget.winfo_height()


def called(widget: Any) -> str:
    """Return what a report calls a widget: its kind, and its words or those of its first child that has some."""
    return f"{type(widget).__name__} {_words(widget)[:48]!r}"


def _words(widget: Any) -> str:
    if isinstance(getattr(widget, "title", None), str):
        return str(widget.title)
    try:
        return str(widget.cget("text"))
    except (tk.TclError, ValueError, AttributeError):
        pass
    for child in tk.Misc.winfo_children(widget):
        found = _words(child)
        if found:
            return found
    return ""


def problems(top: Any) -> list[str]:
    """Return a sentence for everything below `top` that is cut off, covered, or too small for its words."""
    found: list[str] = []
    _look(top, found)
    return list(dict.fromkeys(found))


def _look(parent: Any, found: list[str]) -> None:
    shown = [child for child in tk.Misc.winfo_children(parent) if _on_show(child)]
    for child in shown:
        found += _outside(child, parent) + _too_small(child)
        if not isinstance(child, ctk.CTkBaseClass) or isinstance(child, ctk.CTkFrame):
            _look(child, found)
    laid = [child for child in shown if _laid_in(child, parent) and not _backdrop(child)]
    for number, one in enumerate(laid):
        for other in laid[number + 1 :]:
            if _overlap(box(one), box(other)):
                found.append(f"{called(one)} and {called(other)} overlap")


def _on_show(widget: Any) -> bool:
    return widget.winfo_class() not in ("Menu", "Toplevel") and bool(widget.winfo_viewable()) and not _speck(widget)


def _laid_in(child: Any, parent: Any) -> bool:
    """Tell whether a widget has a cell of its own in the layout of its parent."""
    manager = child.winfo_manager()
    if manager not in ("grid", "pack"):
        return False
    return str((child.grid_info() if manager == "grid" else child.pack_info())["in"]) == str(parent)


def _speck(widget: Any) -> bool:
    """Tell whether a widget only holds a place open: a line, or nothing at all."""
    return widget.winfo_width() <= 1 or widget.winfo_height() <= 1


def _backdrop(widget: Any) -> bool:
    """Tell whether a widget is the canvas that a customtkinter widget draws itself on."""
    return isinstance(widget, tk.Canvas) and isinstance(widget.master, ctk.CTkBaseClass)


def _outside(child: Any, parent: Any) -> list[str]:
    """Say how far a widget reaches beyond its parent; a canvas that scrolls may hide what is above and below."""
    inner, outer = box(child), box(parent)
    scrolls = isinstance(parent, tk.Canvas) and bool(str(parent.cget("scrollregion")))
    over = {
        "left": outer[0] - inner[0], "right": inner[2] - outer[2],
        "top": 0 if scrolls else outer[1] - inner[1], "bottom": 0 if scrolls else inner[3] - outer[3],
    }  # fmt: skip
    worst = {side: by for side, by in over.items() if by > SLACK}
    if not worst or _backdrop(child):
        return []
    return [f"{called(child)} reaches {by} px beyond its place at the {side}" for side, by in worst.items()]


def _too_small(widget: Any) -> list[str]:
    if isinstance(widget, ctk.CTkButton):
        return _narrow(widget, widget._text_label, widget.winfo_width())
    if isinstance(widget, ctk.CTkOptionMenu):
        return []
    if isinstance(widget, (ctk.CTkSwitch, ctk.CTkCheckBox)):
        return _narrow(widget, widget._text_label, widget._text_label.winfo_width())
    if isinstance(widget, tk.Label) and str(widget.cget("text")):
        return _narrow(widget, widget, widget.winfo_width()) + _low(widget)
    if isinstance(widget, tk.Canvas) and not isinstance(widget.master, ctk.CTkBaseClass):
        return _canvas(widget)
    return []


def _narrow(widget: Any, words: Any, width: int) -> list[str]:
    need = words.winfo_reqwidth() if words is not None else 0
    return [f"{called(widget)} needs {need} px but is {width} px wide"] if need > width + SLACK else []


def _low(widget: Any) -> list[str]:
    need, height = widget.winfo_reqheight(), widget.winfo_height()
    return [f"{called(widget)} needs {need} px but is {height} px high"] if need > height + SLACK else []


def _canvas(canvas: Any) -> list[str]:
    """Look at the words drawn on a canvas, or at the view of one that scrolls."""
    if str(canvas.cget("scrollregion")):
        scale = float(ctk.ScalingTracker.get_widget_scaling(canvas.nametowidget(".")))
        content = max((child.winfo_reqheight() for child in tk.Misc.winfo_children(canvas)), default=0)
        least = min(content, round(LEAST_VIEW * scale))
        height = canvas.winfo_height()
        return [f"{_near(canvas)} shows only {height} px of {content}"] if height < least - SLACK else []
    found = []
    width, height = canvas.winfo_width(), canvas.winfo_height()
    for item in canvas.find_all():
        if canvas.type(item) != "text" or canvas.itemcget(item, "state") == "hidden":
            continue
        text = canvas.itemcget(item, "text")
        left, top, right, bottom = canvas.bbox(item) or (0, 0, 0, 0)
        over = (
            max(-left, right - width)
            if hasattr(canvas, "on_wheel")
            else max(-left, -top, right - width, bottom - height)
        )
        if text.strip() and over > SLACK + 1:
            found.append(f"{type(canvas).__name__}: the words {text[:48]!r} reach {over} px beyond it")
    return found


def _near(widget: Any) -> str:
    return called(widget.master)


def _overlap(one: Box, other: Box) -> bool:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide > SLACK and high > SLACK
