"""The keyboard for customtkinter: its widgets take no focus by themselves; this mends it for all."""

from __future__ import annotations

import contextlib
import tkinter as tk
from collections.abc import Callable
from functools import partial
from tkinter import ttk
from typing import Any

import customtkinter as ctk

from wizard.widgets import palette, reading_order
from wizard.widgets.access_keys import AccessKeys
from wizard.widgets.basics import px
from wizard.widgets.scroll import Scroll, nearest_scroll

_RING = "focus-ring"


class Focus:
    """Focus of one window: who may have it, how it shows, which keys act on it."""

    def __init__(self, root: tk.Tk) -> None:
        self.root = root
        self.trap: tk.Misc | None = None
        self.on_installed: Callable[[], object] = lambda: None
        self.letters = AccessKeys(root, lambda: self.trap)
        self._by_key = True
        self._allowed, self._readable = root.register(self._may_have), root.register(self._may_read)
        # Bound to the window, not to all: there, Tab and the first button have bindings that win.
        root.bind("<KeyPress>", self._note_key, add="+")
        root.bind("<ButtonPress>", self._note_mouse, add="+")
        root.bind_all("<FocusIn>", self._came, add="+")
        # Tk goes by the order in which widgets were made; here it goes by what is seen.
        root.bind_all("<<NextWindow>>", partial(self._go_on, 1))
        root.bind_all("<<PrevWindow>>", partial(self._go_on, -1))

    def install(self, top: tk.Misc) -> None:
        """Make everything below `top` reachable by Tab; may be called again after additions."""
        for widget in top.winfo_children():
            if widget.winfo_class() in ("Menu", "Toplevel"):
                continue
            self._adopt(widget)
            if not isinstance(widget, (ctk.CTkButton, ctk.CTkSwitch, ctk.CTkCheckBox)):
                self.install(widget)
        self.on_installed()

    def stops(self, top: tk.Misc | None = None) -> list[Any]:
        """Return what Tab reaches below `top` (the window, or the dialog over it), in reading order."""
        found = reading_order.walk(top or self.trap or self.root)
        return [widget for widget in found if str(self.root.tk.call("::tk::FocusOK", str(widget))) == "1"]

    def _go_on(self, by: int, event: tk.Event[Any]) -> str:
        stops = self.stops()
        paths = [str(widget) for widget in stops]
        if not paths:
            return "break"
        if str(event.widget) in paths:
            target = paths[(paths.index(str(event.widget)) + by) % len(paths)]
        else:
            target = paths[0 if by > 0 else -1]
        self._by_key = True
        # As Tk does it: fields mark their text when the keyboard comes in.
        self.root.tk.call("::tk::TabToWindow", target)
        return "break"

    @property
    def acts(self) -> dict[str, Callable[[tk.Event[Any]], object]]:
        """What the keys of the whole window do here."""
        return {
            "page_up": partial(self._turn_page, -1), "page_down": partial(self._turn_page, 1),
            "next_part": partial(self._next_part, 1), "part_before": partial(self._next_part, -1),
            "next_tab": partial(self._next_tab, 1), "tab_before": partial(self._next_tab, -1),
        }  # fmt: skip

    def _next_part(self, by: int, event: tk.Event[Any]) -> str:
        """Go to the first control of the next part of the window: bar, steps, settings, result, footer."""
        stops = self.stops()
        parts = list(dict.fromkeys(_part_of(stop) for stop in stops))
        if parts:
            here = _part_of(event.widget)
            place = parts.index(here) + by if here in parts else 0
            first = next(stop for stop in stops if _part_of(stop) == parts[place % len(parts)])
            self._by_key = True
            self.root.tk.call("::tk::TabToWindow", str(first))
        return "break"

    def _next_tab(self, by: int, _event: tk.Event[Any]) -> str:
        """Show the next view of the result."""
        tabs = next((one for one in reading_order.walk(self.trap or self.root) if hasattr(one, "heads")), None)
        if tabs is not None:
            self._by_key = True
            tabs.go(by)
        return "break"

    def confine(self, top: tk.Misc | None) -> None:
        """Keep the focus inside `top` (a dialog), or set it free with None."""
        self.trap = top
        self.letters.soon()

    def _adopt(self, widget: Any) -> None:
        if getattr(widget, "focus_ready", False):
            return
        self._adopt_whole(widget)
        target, keys = _focus_target(widget)
        if target is None:
            return
        widget.focus_ready = True
        if isinstance(widget, ctk.CTkButton):
            self.letters.take(widget)
        target.configure(takefocus=self._allowed)
        for sequence, act in keys.items():
            target.bind(sequence, _guarded(widget, act), add="+")
        if isinstance(target, tk.Canvas):
            target.bind("<FocusIn>", lambda _event: self._ring(target), add="+")
            target.bind("<FocusOut>", lambda _event: target.delete(_RING), add="+")
            target.bind("<Configure>", lambda _event: self._ring_again(target), add="+")
        else:
            _edge(widget, target)

    def _adopt_whole(self, widget: Any) -> None:
        if isinstance(widget, ttk.Treeview):
            _sort_by_key(widget)
        elif isinstance(widget, Scroll):
            canvas: Any = widget.canvas
            canvas.configure(takefocus=self._readable)
            widget.take_keys()
        else:
            return
        widget.focus_ready = True

    def _may_read(self, path: str) -> str:
        """Let Tab stop at a page of mere words that is higher than its place, so that keys can scroll it."""
        try:
            page: Any = self.root.nametowidget(path).master
        except KeyError:
            return "0"
        shown = page.bar.shown and page.canvas.winfo_viewable() and self._inside_trap(path)
        return "1" if shown and not self.stops(page.inner) else "0"

    def _turn_page(self, by: int, event: tk.Event[Any]) -> str | None:
        """Scroll what holds the focus, else the first that can be scrolled."""
        if not isinstance(event.widget, tk.Misc) or event.widget.winfo_class() in ("Text", "Treeview"):
            return None
        page = nearest_scroll(event.widget)
        if page is None or not page.bar.shown:
            shown = reading_order.walk(self.trap or self.root)
            page = next((one for one in shown if isinstance(one, Scroll) and one.bar.shown), None)
        if page is not None:
            page.canvas.yview_scroll(by, "pages")
        return "break"

    def _may_have(self, path: str) -> str:
        try:
            widget: Any = self.root.nametowidget(path)
        except KeyError:
            return "0"
        if not widget.winfo_viewable() or not self._inside_trap(path):
            return "0"
        owner = widget if hasattr(widget, "focus_ready") else widget.master
        with contextlib.suppress(tk.TclError, ValueError, AttributeError):
            if str(owner.cget("state")) == "disabled":
                return "0"
        return "1"

    def _inside_trap(self, path: str) -> bool:
        return self.trap is None or path.startswith(str(self.trap))

    def _note_key(self, _event: tk.Event[Any]) -> None:
        self._by_key = True

    def _note_mouse(self, event: tk.Event[Any]) -> None:
        self._by_key = False
        if isinstance(event.widget, tk.Canvas):
            event.widget.delete(_RING)

    def _came(self, event: tk.Event[Any]) -> None:
        if not isinstance(event.widget, tk.Misc) or not self._by_key:
            return
        if self.trap is not None and not self._inside_trap(str(event.widget)):
            self.first(self.trap)
            return
        page = nearest_scroll(event.widget)
        if page is not None:
            page.see(event.widget)

    def first(self, top: tk.Misc) -> bool:
        """Give the focus to the first widget below `top` that takes it."""
        stops = self.stops(top)
        if stops:
            stops[0].focus_set()
        return bool(stops)

    def _ring(self, canvas: tk.Canvas) -> None:
        canvas.delete(_RING)
        if not self._by_key:
            return
        line = max(2, px(canvas, 2))
        inset = line // 2
        right, bottom = canvas.winfo_width() - inset - 1, canvas.winfo_height() - inset - 1
        canvas.create_polygon(
            _rounded(inset, inset, right, bottom, px(canvas, 6)),
            smooth=True, fill="", outline=palette.now(palette.RING), width=line, tags=_RING,
        )  # fmt: skip

    def _ring_again(self, canvas: tk.Canvas) -> None:
        if canvas.find_withtag(_RING):
            self._ring(canvas)


def _rounded(left: float, top: float, right: float, bottom: float, radius: float) -> list[float]:
    points: list[float] = []
    for x, y, inward_x, inward_y in (
        (left, top, 1, 1), (right, top, -1, 1), (right, bottom, -1, -1), (left, bottom, 1, -1),
    ):  # fmt: skip
        along_x = [x + inward_x * radius, y] * 2
        along_y = [x, y + inward_y * radius] * 2
        points += along_y + [x, y] + along_x if inward_x == inward_y else along_x + [x, y] + along_y
    return points


def _guarded(widget: Any, act: Callable[[], object]) -> Callable[[tk.Event[Any]], str]:
    def run(_event: tk.Event[Any]) -> str:
        if str(widget.cget("state")) != "disabled":
            act()
        return "break"

    return run


def _edge(widget: Any, entry: Any) -> None:
    calm = widget.cget("border_color"), widget.cget("border_width")

    def leave(_event: object) -> None:
        colour, width = getattr(widget, "calm_border", calm[0]), 2 if hasattr(widget, "calm_border") else calm[1]
        widget.configure(border_color=colour, border_width=width if colour != palette.FRAME else 1)

    entry.bind("<FocusIn>", lambda _event: widget.configure(border_color=palette.RING, border_width=2), add="+")
    entry.bind("<FocusOut>", leave, add="+")


def _focus_target(widget: Any) -> tuple[Any, dict[str, Callable[[], object]]]:
    """Return the inner widget that takes the focus, and what its keys do; (None, {}) for all others."""
    if isinstance(widget, ctk.CTkButton):
        return widget._canvas, _press(widget.invoke)
    if isinstance(widget, (ctk.CTkSwitch, ctk.CTkCheckBox)):
        return widget._canvas, _press(widget.toggle)
    if isinstance(widget, ctk.CTkOptionMenu):
        open_menu = widget._open_dropdown_menu
        return widget._canvas, {**_press(open_menu), "<Down>": open_menu}
    if isinstance(widget, ctk.CTkComboBox):
        return widget._entry, {"<Down>": widget._open_dropdown_menu}
    if isinstance(widget, ctk.CTkEntry):
        return widget._entry, {}
    if isinstance(widget, ctk.CTkTextbox):
        return widget._textbox, {}
    if isinstance(widget, ctk.CTkSlider):
        return widget._canvas, _slide(widget)
    return None, {}


def _slide(slider: Any) -> dict[str, Callable[[], object]]:
    less, more = partial(_nudge, slider, -1), partial(_nudge, slider, 1)
    ends = {"<Home>": partial(_nudge, slider, -1e9), "<End>": partial(_nudge, slider, 1e9)}
    far = {"<Prior>": partial(_nudge, slider, 10), "<Next>": partial(_nudge, slider, -10)}
    return {"<Left>": less, "<Down>": less, "<Right>": more, "<Up>": more, **far, **ends}


def _sort_by_key(tree: Any) -> None:
    """Let the keys 1 to 9 do what a click on the heading of a column does."""

    def sort(place: int, _event: tk.Event[Any]) -> None:
        columns = tree["columns"] if "tree" not in str(tree["show"]) else ("#0", *tree["columns"])
        if place < len(columns):
            act = str(tree.tk.call(str(tree), "heading", columns[place], "-command"))
            if act:
                tree.tk.eval(act)

    for place in range(9):
        tree.bind(f"<Key-{place + 1}>", partial(sort, place), add="+")


def _press(act: Callable[[], object]) -> dict[str, Callable[[], object]]:
    return {"<space>": act, "<Return>": act, "<KP_Enter>": act}


def _nudge(slider: Any, direction: float) -> None:
    low, high = slider.cget("from_"), slider.cget("to")
    steps = slider.cget("number_of_steps") or 20
    value = min(high, max(low, slider.get() + direction * (high - low) / steps))
    slider.set(value)
    command = slider.cget("command")
    if command is not None:
        command(value)


def _part_of(widget: Any) -> str:
    """Return the path of the part of the window that a widget is in."""
    while isinstance(widget, tk.Misc):
        if getattr(widget, "window_part", ""):
            return str(widget)
        widget = widget.master
    return ""


def focused(widget: tk.Misc) -> tk.Misc | None:
    """Return the widget that has the focus; None when it is in a menu, which tkinter does not know."""
    try:
        return widget.focus_get()
    except KeyError:
        return None


def take_keys(canvas: tk.Canvas) -> None:
    """Let an own canvas widget be reached by Tab; it shows a ring of Tk's own while it has the focus."""
    canvas.configure(
        takefocus=1,
        highlightthickness=max(2, px(canvas, 2)),
        highlightcolor=palette.now(palette.RING),
        highlightbackground=str(canvas.cget("bg")),
    )
    canvas.bind("<Button-1>", lambda _event: canvas.focus_set(), add="+")
