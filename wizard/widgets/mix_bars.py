"""What groups consist of: one bar per group, divided by the shares of the values of a tag."""

from __future__ import annotations

import re
import tkinter as tk
from collections import Counter
from collections.abc import Mapping, Sequence

from typing_extensions import override

from wizard.widgets import palette
from wizard.widgets.basics import px
from wizard.widgets.drawing import Drawing

MOST = 40
"""Bars at most."""
OTHERS = "all others"
_LINE, _HEAD, _NAMED = 26, 8, 20


def colours_of(totals: Mapping[str, int]) -> dict[str, str]:
    """Return a colour for each of the eight most common values, in natural order."""
    common = [value for value, _ in Counter(totals).most_common(len(palette.SERIES)) if value]
    return dict(zip(sorted(common, key=_natural), palette.SERIES, strict=False))


def _natural(text: str) -> list[tuple[int, float, str]]:
    """Return a sort key that puts `Day 2` before `Day 10`."""
    parts = re.split(r"(\d+(?:\.\d+)?)", text)
    return [(0, float(part), "") if place % 2 else (1, 0.0, part.lower()) for place, part in enumerate(parts) if part]


class MixBars(Drawing):
    """`mixes` maps the name of a group to the counts of its values; a legend stands above, figures in wide parts."""

    def __init__(self, master: tk.Misc, mixes: Mapping[str, Mapping[str, int]]) -> None:
        self.mixes = dict(list(mixes.items())[:MOST])
        totals: Counter[str] = Counter()
        for mix in self.mixes.values():
            totals.update(mix)
        self.colours = colours_of(totals)
        self.others = any(value not in self.colours for value in totals)
        super().__init__(master, 320, self._height(1))

    def _height(self, legend_lines: int) -> int:
        return _HEAD + _NAMED * legend_lines + _LINE * max(1, len(self.mixes))

    @override
    def draw(self) -> None:
        lines = self._legend()
        height = px(self, self._height(lines))
        if abs(int(self["height"]) - height) > 1:
            # A pixel of rounding must not start a new round.
            self.configure(height=height)
        longest = max((len(name) for name in self.mixes), default=1)
        left = px(self, 16) + min(20, longest) * px(self, 7.5)
        right = self.winfo_width() - px(self, 76)
        top = px(self, _HEAD + _NAMED * lines)
        for row, (name, mix) in enumerate(self.mixes.items()):
            y = top + px(self, _LINE) * (row + 0.5)
            self.write(0, y, name if len(name) <= 20 else name[:19] + "\u2026", anchor="w")
            self._bar(mix, left, max(left + px(self, 40), right), y)

    def _legend(self) -> int:
        names = [*self.colours.items(), *([(OTHERS, palette.now(palette.LINE))] if self.others else [])]
        x, line = 0, 0
        for place, (name, colour) in enumerate(names):
            cut = name if len(name) <= 24 else name[:23] + "\u2026"
            shown = f"{letter(place)}  {cut}" if name in self.colours else cut
            wide = px(self, 34 + 7 * len(shown))
            if x and x + wide > self.winfo_width():
                x, line = 0, line + 1
            y = px(self, _NAMED) * (line + 0.5)
            side = px(self, 6)
            self.create_rectangle(x, y - side, x + 2 * side, y + side, fill=colour, width=0, tags="legend")
            item = self.write(x + 3 * side, y, shown, anchor="w", colour=palette.MUTED, tags="legend")
            x = self.bbox(item)[2] + px(self, 14)
        return line + 1 if names else 0

    def _bar(self, mix: Mapping[str, int], left: float, right: float, y: float) -> None:
        total = max(1, sum(mix.values()))
        rest = sum(number for value, number in mix.items() if value not in self.colours)
        x, half = left, px(self, 9)
        parts = [(colour, mix.get(value, 0)) for value, colour in self.colours.items()]
        for place, (colour, number) in enumerate([*parts, (palette.now(palette.LINE), rest)]):
            wide = (right - left) * number / total
            if wide <= 0:
                continue
            self.create_rectangle(
                x, y - half, x + wide, y + half, fill=colour, outline=palette.now(palette.SURFACE), tags="bar"
            )
            sign = letter(place) if place < len(parts) else ""
            if wide > px(self, 60):
                words = f"{sign} {100 * number / total:.0f} %".strip()
                self.write(x + wide / 2, y, words, fill=ink_on(colour), tags="share")
            elif wide > px(self, 14) and sign:
                self.write(x + wide / 2, y, sign, fill=ink_on(colour), tags="share")
            x += wide
        self.write(right + px(self, 10), y, f"{sum(mix.values()):,}", anchor="w", colour=palette.MUTED, tags="count")


def letter(place: int) -> str:
    """Return the letter that stands for a value in legend and bars, so that its colour is not all there is."""
    return chr(ord("A") + place)


def ink_on(colour: str) -> str:
    """Return black or white, whichever is read better on a colour."""
    return max(("#000000", "#FFFFFF"), key=lambda ink: palette.contrast(ink, colour))


def gradient(number: int) -> list[str]:
    """Return colours from dark to light (viridis), for values with an order."""
    stops = ("#440154", "#3B528B", "#21918C", "#5EC962", "#FDE725")
    found = []
    for place in range(number):
        at = 0.95 * place / max(1, number - 1) * (len(stops) - 1)
        low = min(int(at), len(stops) - 2)
        found.append(palette.mix(stops[low], stops[low + 1], at - low))
    return found


def shares_in_words(counts: Mapping[str, int], most: int = 4) -> str:
    """Return the most common values with their shares, e.g. `G1 80 %, S 20 %`."""
    total = max(1, sum(counts.values()))
    parts: Sequence[tuple[str, int]] = sorted(counts.items(), key=lambda pair: -pair[1])
    said = ", ".join(f"{value or 'not known'} {100 * number / total:.0f} %" for value, number in parts[:most])
    return said + (f" and {len(parts) - most} more" if len(parts) > most else "")
