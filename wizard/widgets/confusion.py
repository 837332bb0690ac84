"""The confusion matrix: true classes down, predicted classes across; a cell can be chosen."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from typing import Any, Literal

from typing_extensions import override

from wizard.widgets import palette
from wizard.widgets.basics import px, tk_font
from wizard.widgets.drawing import Drawing
from wizard.widgets.focus import take_keys
from wizard.widgets.mix_bars import ink_on
from wizard.words import catalogue, numbers

Shares = Literal["counts", "rows", "columns"]

_LEAST = 30
_SMALL_CLASSES = 14
_NARROW = 44
"""Below this side of a cell (design pixels) shares stand without their sign."""


class Confusion(Drawing):
    """Counts, or shares of each row or column; a click, or arrows and Enter, chooses a cell."""

    def __init__(
        self,
        master: tk.Misc,
        classes: Sequence[str],
        counts: Sequence[Sequence[int]],
        on_choose: Callable[[str, str], None] = lambda true, predicted: None,
    ) -> None:
        side = 110 + max(240, _LEAST * len(classes))
        super().__init__(master, min(side, 420), min(side, 420))
        self.classes, self.counts = list(classes), [list(row) for row in counts]
        self.shares: Shares = "counts"
        self.chosen: tuple[int, int] | None = None
        self._on_choose = on_choose
        take_keys(self)
        self.bind("<Button-1>", self._clicked, add="+")
        for key, move in (("Left", (0, -1)), ("Right", (0, 1)), ("Up", (-1, 0)), ("Down", (1, 0))):
            self.bind(f"<{key}>", lambda _event, by=move: self._move(*by))  # type: ignore[misc]

    def show_as(self, shares: Shares) -> None:
        """Show counts, shares of the true class (`rows`), or shares of the predicted class (`columns`)."""
        self.shares = shares
        self.redraw()

    @property
    def spoken_name(self) -> str:
        """What a screen reader calls it."""
        return catalogue.say("Confusion matrix")

    @property
    def spoken_value(self) -> str:
        """What a screen reader says of the chosen cell."""
        if self.chosen is None:
            return ""
        row, column = self.chosen
        return catalogue.say(f"True {self.classes[row]}, predicted {self.classes[column]}: {self.words(row, column)}")

    def _share(self, row: int, column: int) -> float | None:
        """Return the share by which a cell is coloured; None for nothing out of nothing."""
        by_column = self.shares == "columns"
        total = sum(line[column] for line in self.counts) if by_column else sum(self.counts[row])
        return self.counts[row][column] / total if total else None

    def choose(self, row: int, column: int) -> None:
        """Choose a cell and tell about it."""
        self.chosen = (row, column)
        self.redraw()
        self._on_choose(self.classes[row], self.classes[column])

    def words(self, row: int, column: int) -> str:
        """Return the text of a cell."""
        count = self.counts[row][column]
        if self.shares == "counts":
            return numbers.shown(f"{count:,}")
        share = self._share(row, column)
        return "\u2013" if share is None else f"{100 * share:.0f} %"

    def _geometry(self) -> tuple[float, float, float]:
        """Return left edge, top edge and side of a cell in screen pixels."""
        longest = max((len(name) for name in self.classes), default=1)
        left = px(self, 34) + min(longest, 14) * px(self, 7)
        fit = self._names_fit(left)
        top = px(self, 52 if fit else 40 + 5 * min(longest, 12))
        right = px(self, 8) if fit else self._slanted(left, min(longest, 12))
        room = min(self.winfo_width() - left - right, self.winfo_height() - top - px(self, 8))
        return left, top, max(px(self, 14), room / max(1, len(self.classes)))

    def _slanted(self, left: float, letters: int) -> float:
        """Return the room that the last slanted name needs beside the matrix."""
        reach, classes = letters * px(self, 7) * 0.82, max(1, len(self.classes))
        side = (self.winfo_width() - left - reach) / classes
        return max(float(px(self, 36)), reach - side / 2)

    def _names_fit(self, left: float) -> bool:
        side = (self.winfo_width() - left) / max(1, len(self.classes))
        return max((len(name) for name in self.classes), default=0) * px(self, 7) < side

    @override
    def draw(self) -> None:
        left, top, side = self._geometry()
        size = side * len(self.classes)
        self.write(left + size / 2, px(self, 14), "Predicted class", weight="bold")
        self.write(px(self, 12), top + size / 2, "True class", weight="bold", angle=90)
        for index, name in enumerate(self.classes):
            middle = (index + 0.5) * side
            self.write(left - px(self, 8), top + middle, catalogue.own(_cut(name, 14)), anchor="e")
            if self._names_fit(left):
                self.write(left + middle, top - px(self, 14), catalogue.own(name))
            else:
                self.write(
                    left + middle - px(self, 4), top - px(self, 6), catalogue.own(_cut(name, 12)), angle=35, anchor="w"
                )
        for row in range(len(self.classes)):
            for column in range(len(self.classes)):
                self._cell(row, column, left + column * side, top + row * side, side)
        if self.chosen is not None:
            row, column = self.chosen
            x, y = left + column * side, top + row * side
            self.create_rectangle(
                x + 1, y + 1, x + side - 1, y + side - 1, outline=palette.now(palette.RING),
                width=px(self, 3), tags="chosen",
            )  # fmt: skip

    def _cell(self, row: int, column: int, x: float, y: float, side: float) -> None:
        fill = palette.mix(palette.now(palette.SUNKEN), palette.SERIES[0], self._share(row, column) or 0.0)
        self.create_rectangle(
            x, y, x + side, y + side, fill=fill, outline=palette.now(palette.LINE), tags=("cell", f"{row},{column}")
        )
        ink = ink_on(fill)
        if len(self.classes) <= _SMALL_CLASSES:
            font = tk_font(self, "heading" if side > px(self, 56) else "small", "bold" if row == column else "normal")
            words = self.words(row, column)
            if side < px(self, _NARROW):
                words = words.removesuffix(" %")
            self.create_text(x + side / 2, y + side / 2, text=words, fill=ink, font=font)

    def _clicked(self, event: tk.Event[Any]) -> None:
        left, top, side = self._geometry()
        column, row = int((event.x - left) // side), int((event.y - top) // side)
        if 0 <= row < len(self.classes) and 0 <= column < len(self.classes):
            self.choose(row, column)

    def _move(self, down: int, right: int) -> str:
        last = len(self.classes) - 1
        row, column = self.chosen or (0, 0)
        if self.chosen is not None:
            row, column = min(last, max(0, row + down)), min(last, max(0, column + right))
        self.choose(row, column)
        return "break"


def _cut(name: str, most: int) -> str:
    return name if len(name) <= most else name[: max(1, most - 1)] + "\u2026"
