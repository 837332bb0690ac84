"""Files and folders dropped onto a part of the window; without the system's library nothing is offered."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable

Point = tuple[int, int]
"""A place on the screen in pixels."""

_TAKE, _REFUSE = "copy", "refuse_drop"


def load(root: tk.Tk) -> bool:
    """Load the library for drops into the window's interpreter, once; returns False when it cannot be had."""
    known: bool | None = root.__dict__.get("drops_possible")
    if known is None:
        known = root.__dict__["drops_possible"] = _load(root)
    return known


def _load(root: tk.Tk) -> bool:
    try:
        from tkinterdnd2 import TkinterDnD

        TkinterDnD.require(root)
    except (ImportError, RuntimeError, OSError, tk.TclError):
        return False
    return True


def split_paths(widget: tk.Misc, data: str) -> list[str]:
    """Return the paths of a drop: a Tcl list, names with spaces in braces, e.g. `{C:/a b/c} /x/y`."""
    try:
        found = [str(path) for path in widget.tk.splitlist(data)]
    except tk.TclError:
        # A lone brace in a file name makes the list unreadable; then it is one name.
        found = [data]
    return [path for path in found if path.strip()]


class DropZone:
    """Takes drops on `area` and everything inside it.

    `may` tells whether a drop is welcome now, `over` hears where the pointer is while something
    is dragged across (None when it has gone), `dropped` gets the paths and the place.
    `ready` is True once the system's drops arrive here.
    """

    def __init__(
        self,
        area: tk.Misc,
        may: Callable[[], bool],
        over: Callable[[Point | None], object],
        dropped: Callable[[list[str], Point], object],
    ) -> None:
        self.area = area
        self._may, self._over, self._dropped = may, over, dropped
        root = area.nametowidget(".")
        self.ready = load(root) and self._register(area)

    def _register(self, area: tk.Misc) -> bool:
        # While something is only dragged over, its data (%D) must not be asked for: the program that
        # it comes from may take seconds to answer.
        scripts = {
            "<<DropEnter>>": f"{area.register(self.hover)} %X %Y",
            "<<DropPosition>>": f"{area.register(self.hover)} %X %Y",
            "<<DropLeave>>": area.register(self.leave),
            "<<Drop>>": f"{area.register(self.drop)} %X %Y %D",
        }
        try:
            area.tk.call("tkdnd::drop_target", "register", str(area), ("DND_Files",))
            for event, script in scripts.items():
                area.tk.call("bind", str(area), event, script)
        except tk.TclError:
            return False
        return True

    def hover(self, x: str, y: str) -> str:
        """Answer a drag that passes over; the system shows whether it may be dropped."""
        if not self._may():
            return _REFUSE
        self._over((int(x), int(y)))
        return _TAKE

    def leave(self) -> str:
        """The drag went away."""
        self._over(None)
        return _REFUSE

    def drop(self, x: str, y: str, data: str) -> str:
        """Take what was dropped; `data` is the list of paths as the system gives it."""
        self._over(None)
        paths = split_paths(self.area, data)
        if not paths or not self._may():
            return _REFUSE
        self._dropped(paths, (int(x), int(y)))
        return _TAKE
