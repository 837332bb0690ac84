"""Access keys: Alt and the underlined letter of a button press it."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import customtkinter as ctk

from wizard.widgets.later import later

_SOON_MS = 60
_CONTROL = 0x4
"""With Alt it is AltGr, which writes signs."""
FIRST = ("foot", "bar")
"""What is on every page has the first choice, so that its letters stay the same."""


class AccessKeys:
    """Gives letters to the buttons that are shown; `scope` returns what covers the window, or None."""

    def __init__(self, root: tk.Tk, scope: Callable[[], tk.Misc | None]) -> None:
        self.root, self._scope = root, scope
        self.letters: dict[str, Any] = {}
        self._buttons: list[Any] = []
        self._cancel: Callable[[], None] = lambda: None
        # A Mac writes signs with its Option key.
        self._off = root.tk.call("tk", "windowingsystem") == "aqua"
        root.bind("<Alt-KeyPress>", self._pressed, add="+")

    def take(self, button: Any) -> None:
        """Let a button have a letter while it is shown."""
        self._buttons.append(button)
        button.on_words = self.soon
        for sequence in ("<Map>", "<Unmap>"):
            button._canvas.bind(sequence, lambda _event: self.soon(), add="+")
        self.soon()

    def soon(self) -> None:
        """Give the letters anew when what is shown has settled."""
        self._cancel()
        self._cancel = later(self.root, _SOON_MS, self.assign)

    def assign(self) -> None:
        """Give the letters now."""
        self._buttons = [button for button in self._buttons if button.winfo_exists()]
        scope = str(self._scope() or "")
        shown = [one for one in self._buttons if one.winfo_viewable() and str(one).startswith(scope) and _named(one)]
        shown.sort(key=_rank)  # stable: the others stay in their order
        self.letters = {} if self._off else share_out({one: str(one.cget("text")) for one in shown if not _twin(one)})
        marked = {id(button): letter for letter, button in self.letters.items()}
        for button in self._buttons:
            label = button._text_label
            if label is not None:
                words = str(button.cget("text")).lower()
                place = words.find(marked[id(button)]) if id(button) in marked else -1
                if int(label.cget("underline")) != place:
                    label.configure(underline=place)

    def _pressed(self, event: tk.Event[Any]) -> str | None:
        if self._off or int(event.state) & _CONTROL:
            return None
        self.assign()
        button = self.letters.get(event.keysym.lower())
        if button is None:
            return None
        if str(button.cget("state")) != "disabled":
            button._canvas.focus_set()
            button.invoke()
        return "break"


def share_out(words: dict[Any, str]) -> dict[str, Any]:
    """Return letter → thing: the first letter of one of its words, else any of its letters that is free."""
    found: dict[str, Any] = {}
    for thing, text in words.items():
        letter = next((letter for letter in _wished(text) if letter not in found), "")
        if letter:
            found[letter] = thing
    return found


def _wished(text: str) -> Iterator[str]:
    small = text.lower()
    yield from _usable(word[0] for word in small.split())
    yield from _usable(small)


def _usable(letters: Iterable[str]) -> Iterator[str]:
    return (letter for letter in letters if "a" <= letter <= "z")


def _named(button: Any) -> bool:
    # Where the words are a value or a name, a letter of theirs would move with every choice.
    return not getattr(button, "shows_value", False) and any(True for _ in _usable(str(button.cget("text")).lower()))


def _above(widget: Any) -> Iterator[Any]:
    while isinstance(widget, tk.Misc):
        yield widget
        widget = widget.master


def _rank(button: Any) -> int:
    names = [getattr(above, "window_part", "") for above in _above(button)]
    return next((place for place, name in enumerate(FIRST) if name in names), len(FIRST))


def _twin(button: Any) -> bool:
    """Tell whether it is one of a row of like buttons, or part of a field, which Tab reaches by its label."""
    words, near = button.cget("text"), tk.Misc.winfo_children(button.master)
    like = sum(isinstance(one, ctk.CTkButton) and one.cget("text") == words for one in near)
    return like > 1 or any(hasattr(above, "setting") for above in _above(button))
