"""The order in which things are read: from left to right and from top to bottom, one group after the other."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_OVERLAP = 3
"""Pixels by which neighbours may overlap, e.g. by their frames."""
_ASIDE = ("Menu", "Toplevel")
"""Classes of windows of their own."""


@dataclass(frozen=True)
class Box:
    """Where a thing is."""

    left: int
    top: int
    right: int
    bottom: int


def in_order(boxes: Sequence[Box]) -> list[int]:
    """Return the places of boxes in reading order.

    Rows that a level line parts come one after the other, then columns that an upright line parts, and so on inside
    of each; what nothing parts comes by its upper left corner.
    """
    return _cut(boxes, list(range(len(boxes))))


def _cut(boxes: Sequence[Box], places: list[int]) -> list[int]:
    if len(places) < 2:
        return places
    for low, high in ((_top, _bottom), (_left, _right)):
        groups = _parted(boxes, places, low, high)
        if len(groups) > 1:
            return [place for group in groups for place in _cut(boxes, group)]
    return sorted(places, key=lambda place: (boxes[place].top, boxes[place].left))


def _parted(
    boxes: Sequence[Box], places: list[int], low: Callable[[Box], int], high: Callable[[Box], int]
) -> list[list[int]]:
    groups: list[list[int]] = []
    end = 0
    for place in sorted(places, key=lambda place: low(boxes[place])):
        if not groups or low(boxes[place]) >= end - _OVERLAP:
            groups.append([])
            end = high(boxes[place])
        groups[-1].append(place)
        end = max(end, high(boxes[place]))
    return groups


def _left(box: Box) -> int:
    return box.left


def _top(box: Box) -> int:
    return box.top


def _right(box: Box) -> int:
    return box.right


def _bottom(box: Box) -> int:
    return box.bottom


def box_of(widget: tk.Misc) -> Box:
    """Return where a widget is inside of its parent."""
    left, top = widget.winfo_x(), widget.winfo_y()
    return Box(left, top, left + widget.winfo_width(), top + widget.winfo_height())


def children(widget: tk.Misc) -> list[Any]:
    """Return what is shown inside of a widget in reading order."""
    # Not `winfo_children` of customtkinter, which leaves the canvas of a frame out: it is no place to go to.
    shown = [child for child in widget.winfo_children() if child.winfo_class() not in _ASIDE and child.winfo_ismapped()]
    return [shown[place] for place in in_order([box_of(child) for child in shown])]


def walk(top: tk.Misc) -> Iterator[Any]:
    """Yield everything that is shown below a widget in reading order."""
    for child in children(top):
        yield child
        yield from walk(child)
