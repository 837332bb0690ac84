"""A tour of the window: one part after the other gets a frame, and a small card beside it says what it is for."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, act_button, card, px, quiet_button
from wizard.widgets.focus import Focus, focused
from wizard.widgets.later import later
from wizard.words.catalogue import own

_LINE = 3
_AIR = 3
_GAP = 12
_WIDTH = 340
_FOLLOW_MS = 150
"""How often the frame looks where its part is now: pages are laid out anew when the window changes."""

Box = tuple[int, int, int, int]
"""Left, top, width and height in pixels of the window."""


@dataclass(frozen=True)
class Stop:
    """A stop of the tour: its words, the part it is about (None when it is not there), and what shows that part."""

    title: str
    text: str
    target: Callable[[], tk.Misc | None]
    before: Callable[[], object] = lambda: None


class Tour:
    """Leads through the stops; Enter and Right go on, Left goes back, Esc and a click elsewhere end it.

    `words` name the buttons: `back`, `next`, `end` (at the last stop), `skip`, and `count` with `{at}` and `{all}`.
    """

    def __init__(self, root: tk.Tk, focus: Focus, stops: Sequence[Stop], words: Mapping[str, str]) -> None:
        self.root, self._focus, self.stops, self._words = root, focus, list(stops), words
        self.at = 0
        self.on_close: Callable[[], None] = lambda: None
        self.clicked_away = False
        """True when a click elsewhere ended it: the user is at work already."""
        self._before = focused(root)
        self._lines = [tk.Frame(root, bg=palette.now(palette.ACCENT), bd=0) for _side in range(4)]
        self._shown: tuple[Box | None, tuple[int, int]] | None = None
        self.card = card(root)
        self.card.configure(border_color=palette.ACCENT, border_width=2)
        self._build()
        self._listen()
        self._show()
        self._follow()

    @property
    def open(self) -> bool:
        """True until it has ended."""
        return bool(self.card.winfo_exists())

    def _build(self) -> None:
        inside = Area(self.card)
        inside.grid(row=0, column=0, padx=18, pady=16)
        inside.columnconfigure(1, weight=1)
        inside.columnconfigure(0, minsize=px(self.root, 1))
        self.count = Text(inside, "", size="small", colour=palette.MUTED, wrap=False)
        self.count.grid(row=0, column=0, columnspan=3, sticky="w")
        self.title = Text(inside, "", size="heading", weight="bold", wrap=False)
        self.text = Text(inside, "", wrap=False)
        for row, words in ((1, self.title), (2, self.text)):
            words.configure(wraplength=px(self.root, _WIDTH))
            words.grid(row=row, column=0, columnspan=3, sticky="w", pady=(4, 0))
        buttons = Area(inside)
        buttons.grid(row=3, column=0, columnspan=3, sticky="w", pady=(14, 0))
        self.next = act_button(buttons, self._words["next"], self.forward, height=34, width=92)
        self.back = quiet_button(buttons, self._words["back"], self.backward, height=34)
        self.skip = quiet_button(buttons, self._words["skip"], self.close, height=34)
        for column, button in enumerate((self.next, self.back, self.skip)):
            button.grid(row=0, column=column, padx=(0, 8))

    def _listen(self) -> None:
        self._focus.install(self.card)
        self._focus.confine(self.card)
        acts: dict[str, Callable[[], object]] = {
            "<Right>": self.forward, "<Left>": self.backward, "<Escape>": self.close,
        }  # fmt: skip
        for button in (self.next, self.back, self.skip):
            for key, act in acts.items():
                button._canvas.bind(key, lambda _event, act=act: act(), add="+")
        later(self.card, 1, self.next._canvas.focus_set)

    # Going on and back.

    def forward(self) -> None:
        """Go to the next stop; after the last one the tour ends."""
        if self.at + 1 < len(self.stops):
            self.at += 1
            self._show()
        else:
            self.close()

    def backward(self) -> None:
        """Go to the stop before."""
        if self.at:
            self.at -= 1
            self._show()

    def clicked(self, widget: object) -> None:
        """End the tour when something else than its card was clicked; the click does its own work."""
        if self.open and not str(widget).startswith(str(self.card)):
            self.clicked_away, self._before = True, None
            self.close()

    def close(self) -> None:
        """Take frame and card away and give the focus back."""
        if not self.open:
            return
        self._focus.confine(None)
        for line in self._lines:
            line.destroy()
        self.card.destroy()
        if self._before is not None and self._before.winfo_exists():
            self._before.focus_set()
        self.on_close()

    # Showing.

    def _show(self) -> None:
        stop = self.stops[self.at]
        last = self.at + 1 == len(self.stops)
        stop.before()
        self.count.say(own(self._words["count"].format(at=self.at + 1, all=len(self.stops))))
        self.title.say(stop.title)
        self.text.say(stop.text)
        self.next.configure(text=self._words["end" if last else "next"])
        self.back.configure(state="normal" if self.at else "disabled")
        if last:
            self.skip.grid_remove()
        else:
            self.skip.grid()
        self._shown = None
        self.place()

    def _follow(self) -> None:
        self.place()
        later(self.card, _FOLLOW_MS, self._follow)

    def place(self) -> None:
        """Put the frame around the part and the card beside it, if anything moved."""
        part = self._part()
        room = (self.root.winfo_width(), self.root.winfo_height())
        if (part, room) == self._shown:
            return
        self._shown = (part, room)
        self.card.update_idletasks()
        size = (self.card.winfo_reqwidth(), self.card.winfo_reqheight())
        x, y = beside(part, size, room, px(self.root, _GAP))
        # customtkinter scales what it is given to place.
        factor = px(self.root, 1000) / 1000
        self.card.place(x=x / factor, y=y / factor)
        self._frame(part)
        self.card.lift()

    def _part(self) -> Box | None:
        part = self.stops[self.at].target()
        if part is None or not part.winfo_exists() or not part.winfo_viewable():
            return None
        left, top = part.winfo_rootx() - self.root.winfo_rootx(), part.winfo_rooty() - self.root.winfo_rooty()
        return left, top, part.winfo_width(), part.winfo_height()

    def _frame(self, part: Box | None) -> None:
        line, air = px(self.root, _LINE), px(self.root, _LINE + _AIR)
        if part is None:
            for side in self._lines:
                side.place_forget()
            return
        left, top = max(0, part[0] - air), max(0, part[1] - air)
        right = min(self.root.winfo_width(), part[0] + part[2] + air)
        bottom = min(self.root.winfo_height(), part[1] + part[3] + air)
        boxes = (
            (left, top, right - left, line), (left, bottom - line, right - left, line),
            (left, top, line, bottom - top), (right - line, top, line, bottom - top),
        )  # fmt: skip
        for side, (x, y, width, height) in zip(self._lines, boxes, strict=True):
            side.place(x=x, y=y, width=width, height=height)
            side.lift()


def beside(part: Box | None, size: tuple[int, int], room: tuple[int, int], gap: int) -> tuple[int, int]:
    """Return where a card of a size goes: right of a part, left, below or above it, else into a corner of it."""
    width, height = size
    most_x, most_y = max(0, room[0] - width - gap), max(0, room[1] - height - gap)
    if part is None:
        return max(0, (room[0] - width) // 2), max(0, (room[1] - height) // 2)
    left, top, across, down = part
    level_x, level_y = min(max(left, gap), most_x), min(max(top, gap), most_y)
    if left + across + gap + width + gap <= room[0]:
        return left + across + gap, level_y
    if left - gap - width >= gap:
        return left - gap - width, level_y
    if top + down + gap + height + gap <= room[1]:
        return level_x, top + down + gap
    if top - gap - height >= gap:
        return level_x, top - gap - height
    return max(0, min(most_x, left + across - width - gap)), max(0, min(most_y, top + down - height - gap))
