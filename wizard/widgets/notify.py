"""Tells a user who works in another window that a long step has ended: a sound and a mark, no names."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import tkinter as tk
from typing import Any

from wizard.widgets import palette
from wizard.widgets.later import later
from wizard.words import catalogue

LONG_SECONDS = 60.0
"""A step that took longer than this is worth a notification."""

MARK = "\u25cf "
"""Stands before the title of the window until the user looks at it."""

TITLE, DONE, FAILED = "CytoWizard", "A step has ended.", "A step could not be finished."
_REAP_MS = 500
_TIMES = 5


class Notifier:
    """The notifications of one window; `title` is kept marked until the window has the focus again."""

    def __init__(self, root: tk.Tk) -> None:
        self._root = root
        self._badge: tk.PhotoImage | None = None
        self.waiting = False
        """True from a notification until the user comes back."""
        root.bind("<FocusIn>", self._came_back, add="+")

    def ended(self, seconds: float, on: bool, *, failed: bool = False) -> bool:
        """Note that a step ended; tell the user if it was long and the window is not looked at."""
        if not on or seconds < LONG_SECONDS or self.in_focus():
            return False
        self.waiting = True
        self._mark()
        with contextlib.suppress(tk.TclError):
            self._root.bell()
        if sys.platform == "win32":
            _flash(self._root)
        elif sys.platform == "linux":
            self._send(FAILED if failed else DONE)
        return True

    def in_focus(self) -> bool:
        """Tell whether the window, a menu or a dialog of it has the keyboard."""
        try:
            return self._root.focus_get() is not None
        except KeyError:
            # A menu or a dialog of Tk's own, which tkinter does not know.
            return True

    def title(self, words: str) -> str:
        """Return the title to show for these words, with the mark while there is something to look at."""
        return MARK + words if self.waiting else words

    def _mark(self) -> None:
        title = self._root.title()
        if not title.startswith(MARK):
            self._root.title(MARK + title)
        self._show_icon(badge=True)

    def _came_back(self, _event: tk.Event[Any]) -> None:
        if self.waiting:
            self.waiting = False
            self._root.title(self._root.title().removeprefix(MARK))
            self._show_icon(badge=False)

    def _show_icon(self, *, badge: bool) -> None:
        """Put an orange dot on the icon in the task bar, or take it away (Windows flashes instead)."""
        plain: tk.PhotoImage | None = getattr(self._root, "icon_picture", None)
        if plain is None:
            return
        if badge and self._badge is None:
            self._badge = _dotted(self._root, plain)
        with contextlib.suppress(tk.TclError):
            self._root.iconphoto(True, self._badge if badge and self._badge is not None else plain)

    def _send(self, text: str) -> None:
        """Ask the desktop to show a sentence, where it has the usual program for that."""
        program = shutil.which("notify-send")
        if program is None:
            return
        try:
            sent = subprocess.Popen(  # noqa: S603 a fixed text, no shell
                [program, "--app-name", TITLE, "--expire-time", "8000", TITLE, catalogue.say(text)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError:
            return
        self._reap(sent, _TIMES)

    def _reap(self, sent: subprocess.Popen[bytes], times: int) -> None:
        """Let the helper go when it has ended; one that hangs is ended."""
        if sent.poll() is None:
            if times:
                later(self._root, _REAP_MS, lambda: self._reap(sent, times - 1))
            else:
                sent.kill()
                sent.wait(1.0)


def _dotted(root: tk.Tk, plain: tk.PhotoImage) -> tk.PhotoImage:
    badge = tk.PhotoImage(master=root, width=plain.width(), height=plain.height())
    badge.tk.call(str(badge), "copy", str(plain))
    size = max(4, plain.width() // 3)
    left, right = plain.width() - size, plain.width()
    for row in range(size):
        # A disc, line by line: Tk has no drawing on images.
        half = ((size / 2) ** 2 - (row + 0.5 - size / 2) ** 2) ** 0.5
        middle = (left + right) / 2
        badge.put(palette.SERIES[1], to=(round(middle - half), row, max(round(middle + half), 1), row + 1))
    return badge


def _flash(root: tk.Tk) -> None:
    """Let the button in the task bar of Windows blink until the window is looked at."""
    import ctypes
    from ctypes import wintypes

    class Info(ctypes.Structure):
        _fields_ = (
            ("size", wintypes.UINT), ("window", wintypes.HWND), ("flags", wintypes.DWORD),
            ("count", wintypes.UINT), ("timeout", wintypes.DWORD),
        )  # fmt: skip

    tray, until_looked_at = 0x2, 0xC
    user32: Any = ctypes.windll.user32  # type: ignore[attr-defined, unused-ignore]
    window = user32.GetParent(root.winfo_id()) or root.winfo_id()
    info = Info(ctypes.sizeof(Info), window, tray | until_looked_at, 0, 0)
    user32.FlashWindowEx(ctypes.byref(info))
