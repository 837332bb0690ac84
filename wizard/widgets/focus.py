"""The keyboard for customtkinter: its widgets take no focus by themselves; this mends it for all."""

from __future__ import annotations

import contextlib
import tkinter as tk
from collections.abc import Callable
from typing import Any

import customtkinter as ctk

from wizard.widgets import palette
from wizard.widgets.basics import px
from wizard.widgets.scroll import nearest_scroll

_RING = "focus-ring"


class Focus:
    """Focus of one window: who may have it, how it shows, which keys act on it."""

    def __init__(self, root: tk.Tk) -> None:
        self.root = root
        self.trap: tk.Misc | None = None
        self._by_key = True
        self._allowed = root.register(self._may_have)
        # Bound to the window, not to all: there, Tab and the first button have bindings that win.
        root.bind("<KeyPress>", self._note_key, add="+")
        root.bind("<ButtonPress>", self._note_mouse, add="+")
        root.bind_all("<FocusIn>", self._came, add="+")

    def install(self, top: tk.Misc) -> None:
        """Make everything below `top` reachable by Tab; may be called again after additions."""
        for widget in top.winfo_children():
            if widget.winfo_class() in ("Menu", "Toplevel"):
                continue
            self._adopt(widget)
            if not isinstance(widget, (ctk.CTkButton, ctk.CTkSwitch, ctk.CTkCheckBox)):
                self.install(widget)

    def confine(self, top: tk.Misc | None) -> None:
        """Keep the focus inside `top` (a dialog), or set it free with None."""
        self.trap = top

    def _adopt(self, widget: Any) -> None:
        if getattr(widget, "focus_ready", False):
            return
        target, keys = _focus_target(widget)
        if target is None:
            return
        widget.focus_ready = True
        target.configure(takefocus=self._allowed)
        for sequence, act in keys.items():
            target.bind(sequence, _guarded(widget, act), add="+")
        if isinstance(target, tk.Canvas):
            target.bind("<FocusIn>", lambda _event: self._ring(target), add="+")
            target.bind("<FocusOut>", lambda _event: target.delete(_RING), add="+")
            target.bind("<Configure>", lambda _event: self._ring_again(target), add="+")
        elif isinstance(widget, (ctk.CTkEntry, ctk.CTkComboBox)):
            _edge(widget, target)

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
        for widget in top.winfo_children():
            if self._wants(widget) and self._may_have(str(widget)) == "1":
                widget.focus_set()
                return True
            if self.first(widget):
                return True
        return False

    def _wants(self, widget: tk.Misc) -> bool:
        try:
            return str(self.root.tk.call(str(widget), "cget", "-takefocus")) not in ("", "0")
        except tk.TclError:
            return False

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
    entry.bind("<FocusIn>", lambda _e: widget.configure(border_color=palette.ACCENT, border_width=2), add="+")
    entry.bind(
        "<FocusOut>",
        lambda _e: widget.configure(border_color=getattr(widget, "calm_border", palette.FRAME), border_width=1),
        add="+",
    )


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
    if isinstance(widget, ctk.CTkSlider):
        return widget._canvas, {"<Left>": lambda: _nudge(widget, -1), "<Right>": lambda: _nudge(widget, 1)}
    return None, {}


def _press(act: Callable[[], object]) -> dict[str, Callable[[], object]]:
    return {"<space>": act, "<Return>": act, "<KP_Enter>": act}


def _nudge(slider: Any, direction: int) -> None:
    low, high = slider.cget("from_"), slider.cget("to")
    steps = slider.cget("number_of_steps") or 20
    value = min(high, max(low, slider.get() + direction * (high - low) / steps))
    slider.set(value)
    command = slider.cget("command")
    if command is not None:
        command(value)


def focused(widget: tk.Misc) -> tk.Misc | None:
    """Return the widget that has the focus; None when it is in a menu, which tkinter does not know."""
    try:
        return widget.focus_get()
    except KeyError:
        return None


def take_keys(canvas: tk.Canvas, focus_ring: bool = True) -> None:
    """Let an own canvas widget be reached by Tab; it shows a ring of Tk's own while it has the focus."""
    canvas.configure(
        takefocus=1,
        highlightthickness=2 if focus_ring else 0,
        highlightcolor=palette.now(palette.RING),
        highlightbackground=str(canvas.cget("bg")),
    )
    canvas.bind("<Button-1>", lambda _event: canvas.focus_set(), add="+")
