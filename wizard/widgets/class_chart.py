"""The recall of every class by epoch: one line for each class, and a legend with the last values, the worst first."""

from __future__ import annotations

import math
import tkinter as tk
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from wizard.widgets import palette
from wizard.widgets.basics import px
from wizard.widgets.curves import dash_of
from wizard.widgets.drawing import Drawing, nice_ticks
from wizard.widgets.focus import take_keys
from wizard.words import catalogue

RECALL = "recall_"
_LEGEND, _LEAST_PLOT, _LINE = 190, 160, 22


@dataclass(frozen=True)
class ClassLine:
    """A class: its name, its look, and its recall (0 to 1) by epoch."""

    name: str
    colour: str
    dash: tuple[int, ...]
    points: list[tuple[float, float]]

    @property
    def last(self) -> float:
        """The newest recall; NaN without any."""
        return self.points[-1][1] if self.points else math.nan


def lines_of(rows: Iterable[Mapping[str, float]]) -> list[ClassLine]:
    """Return a line for each class with a column `recall_CLASS`, the lowest last value first."""
    found: dict[str, ClassLine] = {}
    for index, row in enumerate(rows, start=1):
        for key, value in row.items():
            if not key.startswith(RECALL):
                continue
            if key not in found:
                place = len(found)
                dash = dash_of(place, len(palette.SERIES))
                colour = palette.SERIES[place % len(palette.SERIES)]
                found[key] = ClassLine(key.removeprefix(RECALL), colour, dash, [])
            if value is not None and math.isfinite(value):
                found[key].points.append((float(row.get("epoch", index)), float(value)))
    return sorted(found.values(), key=lambda line: (math.isnan(line.last), line.last if line.points else 0.0))


class ClassChart(Drawing):
    """`show` replaces the data; a class is put forward by the pointer, a click, or the arrow keys (Esc: all again)."""

    def __init__(self, master: tk.Misc, height: int = 280) -> None:
        super().__init__(master, 320, height)
        self.lines: list[ClassLine] = []
        self.epochs = 1
        self.best: int | None = None
        self.chosen = ""
        """The class that was chosen by click or key."""
        self.over = ""
        """The class under the pointer."""
        self.first = 0
        """Place of the uppermost class in the legend, where not all have room."""
        self._room = 0
        take_keys(self)
        self.bind("<Motion>", self._hover)
        self.bind("<Leave>", lambda _event: self._put(""))
        self.bind("<Button-1>", self._click, add="+")
        for key, by in (("<Up>", -1), ("<Down>", 1)):
            self.bind(key, lambda _event, by=by: self.next_class(by))  # type: ignore[misc]
        self.bind("<Escape>", lambda _event: self.choose(""))

    def show(self, rows: Iterable[Mapping[str, float]], epochs: int, best: int | None = None) -> None:
        """Draw the figures of the epochs so far; `epochs` sets the axis, `best` is marked."""
        self.lines, self.epochs, self.best = lines_of(rows), max(1, epochs), best
        self.redraw()

    @property
    def forward(self) -> str:
        """The class that is put forward; empty for none."""
        return self.over or self.chosen

    @property
    def spoken_name(self) -> str:
        """What a screen reader calls it."""
        return catalogue.say("Recall of every class")

    @property
    def spoken_value(self) -> str:
        """What a screen reader says of the class that is put forward, or of all of them."""
        shown = [line for line in self.lines if self.forward in ("", line.name) and not math.isnan(line.last)]
        return ", ".join(f"{line.name} {100 * line.last:.0f} %" for line in shown)

    def choose(self, name: str) -> None:
        """Put a class forward; the same again, or an empty name, shows all alike."""
        self.chosen = "" if name == self.chosen else name
        self._reveal()
        self.redraw()

    def next_class(self, by: int) -> str:
        """Put the next class of the legend forward."""
        names = [line.name for line in self.lines]
        if names:
            at = names.index(self.chosen) + by if self.chosen in names else (0 if by > 0 else -1)
            self.chosen, self.over = names[at % len(names)], ""
            self._reveal()
            self.redraw()
        return "break"

    def _reveal(self) -> None:
        names = [line.name for line in self.lines]
        if self.chosen in names and self._room:
            at = names.index(self.chosen)
            self.first = max(at - self._room + 1, min(self.first, at))

    def on_wheel(self, steps: int) -> bool:
        """Scroll the legend where not all classes have room."""
        if self._room >= len(self.lines):
            return False
        self.first = max(0, min(len(self.lines) - self._room, self.first + steps))
        self.redraw()
        return True

    def _hover(self, event: tk.Event[Any]) -> None:
        self._put(self._at(event.x, event.y))

    def _put(self, name: str) -> None:
        if name != self.over:
            self.over = name
            self.redraw()

    def _click(self, event: tk.Event[Any]) -> None:
        self.choose(self._at(event.x, event.y))

    def _at(self, x: int, y: int) -> str:
        """Return the class whose line or place in the legend is there."""
        reach = px(self, 4)
        for item in reversed(self.find_overlapping(x - reach, y - reach, x + reach, y + reach)):
            name = next((tag[6:] for tag in self.gettags(item) if tag.startswith("class:")), "")
            if name:
                return name
        return ""

    @override
    def draw(self) -> None:
        width, height = self.winfo_width(), self.winfo_height()
        if not self.lines:
            words = "The recall of every class comes with the first epoch."
            self.write(px(self, 4), px(self, 12), words, anchor="nw", width=width - 16, colour=palette.MUTED)
            return
        title = "Recall of every class: share of its validation cells that are recognised"
        head = self.write(px(self, 4), px(self, 12), title, anchor="w", size="body", weight="bold")
        if self.bbox(head)[2] > width:
            self.itemconfigure(head, text=catalogue.say("Recall of every class"))
        legend = min(px(self, _LEGEND), max(px(self, 110), width - px(self, _LEAST_PLOT)))
        right = width - legend - px(self, 20)
        self._plot(px(self, 44), right, px(self, 36), height - px(self, 30))
        self._legend(right + px(self, 20), px(self, 44), height - px(self, 8))

    def _plot(self, left: float, right: float, upper: float, lower: float) -> None:
        def across(epoch: float) -> float:
            return left + (right - left) * (epoch - 1) / max(1, self.epochs - 1)

        def up(value: float) -> float:
            return lower - (lower - upper) * value

        for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
            self.create_line(left, up(tick), right, up(tick), fill=palette.now(palette.LINE))
            self.write(left - px(self, 6), up(tick), f"{100 * tick:g} %", anchor="e", colour=palette.MUTED)
        most = max(3, round((right - left) / px(self, 80)))
        ticks = [tick for tick in nice_ticks(1, self.epochs, most) if 1 < tick <= self.epochs and tick % 1 == 0]
        for tick in [1.0, *ticks]:
            self.create_line(across(tick), lower, across(tick), lower + px(self, 4), fill=palette.now(palette.FRAME))
            name, anchor = (f"Epoch {tick:g}", "w") if tick == 1 else (f"{tick:g}", "center")
            self.write(across(tick), lower + px(self, 14), name, colour=palette.MUTED, anchor=anchor)
        if self.best is not None:
            x = across(self.best)
            self.create_line(x, upper, x, lower, fill=palette.now(palette.MUTED), dash=(3, 3), tags="best")
        for line in sorted(self.lines, key=lambda line: line.name == self.forward):
            self._line(line, [(across(epoch), up(value)) for epoch, value in line.points])

    def _line(self, line: ClassLine, spots: list[tuple[float, float]]) -> None:
        ink, wide = self._ink(line), px(self, 3 if line.name == self.forward else 1.6)
        tags = ("series", f"class:{line.name}")
        if len(spots) > 1:
            flat = [part for spot in spots for part in spot]
            self.create_line(*flat, fill=ink, width=wide, dash=line.dash, tags=tags)
        if spots:
            (x, y), r = spots[-1], px(self, 3)
            self.create_oval(x - r, y - r, x + r, y + r, fill=ink, width=0, tags=("end", f"class:{line.name}"))

    def _ink(self, line: ClassLine) -> str:
        if self.forward in ("", line.name):
            return line.colour
        return palette.mix(palette.now(palette.SURFACE), line.colour, 0.28)

    def _legend(self, left: float, top: float, bottom: float) -> None:
        step = px(self, _LINE)
        fit = max(1, int((bottom - top) // step))
        more = fit < len(self.lines)
        self._room = max(1, fit - 1) if more else fit
        self.first = max(0, min(self.first, len(self.lines) - self._room))
        shown = self.lines[self.first : self.first + self._room]
        for row, line in enumerate(shown):
            self._entry(line, left, top + row * step, step)
        if more:
            words = f"{self.first + 1}\u2013{self.first + len(shown)} of {len(self.lines)}; \u2191 \u2193 or wheel"
            self.write(left, top + len(shown) * step, words, anchor="w", colour=palette.MUTED, tags="more")

    def _entry(self, line: ClassLine, left: float, y: float, step: int) -> None:
        tag = f"class:{line.name}"
        right = self.winfo_width() - px(self, 6)
        if line.name == self.forward:
            soft = palette.now(palette.ACCENT_SOFT)
            self.create_rectangle(left - px(self, 6), y - step / 2, right, y + step / 2, fill=soft, width=0, tags=tag)
        else:
            self.create_rectangle(left - px(self, 6), y - step / 2, right, y + step / 2, fill="", width=0, tags=tag)
        self.create_line(left, y, left + px(self, 22), y, fill=self._ink(line), width=px(self, 3), dash=line.dash,
                         tags=tag)  # fmt: skip
        weight = "bold" if line.name == self.forward else "normal"
        value = "\u2013" if math.isnan(line.last) else f"{100 * line.last:.0f} %"
        item = self.write(right - px(self, 4), y, value, anchor="e", weight=weight, tags=(tag, "value"))
        room = self.bbox(item)[0] - left - px(self, 34)
        name = self.write(
            left + px(self, 28), y, catalogue.own(line.name), anchor="w", weight=weight, tags=(tag, "name")
        )
        text = line.name
        while text and self.bbox(name)[2] - self.bbox(name)[0] > room:
            text = text[:-1]
            self.itemconfigure(name, text=f"{text}\u2026")
