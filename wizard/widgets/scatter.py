"""One map on a canvas: moved, turned, enlarged, pointed at, and cells selected on it."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ImageTk

from wizard.widgets import palette
from wizard.widgets.basics import Scaled, px, scale, tk_font
from wizard.widgets.focus import take_keys
from wizard.widgets.key_line import KeyLine
from wizard.widgets.lasso import inside_box, inside_line
from wizard.widgets.later import later
from wizard.widgets.scatter_layers import Layers, Look
from wizard.widgets.scatter_paint import Sheet, side_of
from wizard.widgets.scatter_view import View
from wizard.words import catalogue

TOOLS = ("move", "zoom", "lasso", "box")
_REST_MS = 140
_REACH = 9
"""How far (design pixels) a cell may be from the pointer that points at it."""
_SHIFT, _CONTROL, _ALT = 0x1, 0x4, 0x8 | 0x20000
_FINEST_UP_TO, _FINE_UP_TO = 6000, 300_000
"""Up to so many points a picture at rest is painted three times, or twice, as large first."""
_ROUGH_FIRST = 20_000
"""With more points than this a change is shown roughly at once, and finely a moment later."""
_KEYS = {"Left": (1, 0), "Right": (-1, 0), "Up": (0, 1), "Down": (0, -1)}


class Scatter(Scaled, tk.Canvas):  # type: ignore[misc]
    """Shows points with the colours of a shared `Look`.

    `on_point(cell | None, x, y)` hears which cell is pointed at, `on_select(cells, how)` which cells were
    encircled (`how` is `new`, `add` or `remove`), `on_tool` that a tool was put away.
    """

    def __init__(self, master: tk.Misc, look: Look) -> None:
        super().__init__(
            master, bg=palette.now(palette.SURFACE), bd=0, highlightthickness=0, width=px(master, 120),
            height=px(master, 100),
        )  # fmt: skip
        self.look = look
        self.spoken_name = catalogue.say("Map")
        self.view: View | None = None
        self.layers: Layers | None = None
        self.tool = "move"
        self.on_point: Callable[[int | None, int, int], object] = lambda cell, x, y: None
        self.on_select: Callable[[NDArray[np.intp], str], object] = lambda cells, how: None
        self.on_tool: Callable[[str], object] = lambda tool: None
        self.painted = 0
        """How many times a picture was painted."""
        self._axes: Sequence[str] = ()
        self._order: NDArray[np.intp] = np.zeros(0, np.intp)
        self._photo: Any = None
        self._image = self.create_image(0, 0, anchor="nw")
        self._diameter = 2.0
        self._waiting = False
        self._fine_later: Callable[[], None] = lambda: None
        self._spots: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.intp]] | None = None
        self._from: tuple[int, int] | None = None
        self._line: list[tuple[float, float]] = []
        self._by = "move"
        take_keys(self)
        self._listen()
        self.by_key = line = KeyLine(self)
        line.on_moved, line.on_corner, line.on_end = self._key_moved, self._key_corner, self._key_end

    def _listen(self) -> None:
        self.bind("<Configure>", lambda _event: self._sized(), add="+")
        for button in (1, 2, 3):
            self.bind(f"<ButtonPress-{button}>", self._pressed, add="+")
            self.bind(f"<B{button}-Motion>", self._dragged, add="+")
            self.bind(f"<ButtonRelease-{button}>", self._released, add="+")
        self.bind("<Motion>", self._moved, add="+")
        self.bind("<Leave>", lambda _event: self.on_point(None, 0, 0), add="+")
        self.bind("<Double-Button-1>", self._twice, add="+")
        self.bind("<Triple-Button-1>", self._pressed, add="+")
        for key in _KEYS:
            self.bind(f"<{key}>", lambda event, key=key: self._arrow(event, key))  # type: ignore[misc]
        for keys, factor in ((("plus", "KP_Add", "equal"), 1.25), (("minus", "KP_Subtract"), 0.8)):
            for key in keys:
                self.bind(f"<{key}>", lambda _event, by=factor: self.zoom(by))  # type: ignore[misc]
        self.bind("<Home>", lambda _event: self.whole())
        self.bind("<Escape>", lambda _event: self.give_up())

    # What is shown.

    def show(self, points: NDArray[np.float32], axes: Sequence[str]) -> None:
        """Show a map: coordinates (n, 2 or 3) and the names of its axes."""
        self.view, self._axes = View(points), axes
        self._order = np.random.default_rng(0).permutation(len(self.view.rows))
        self._size_view()
        self.refresh()

    def refresh(self) -> None:
        """Paint anew after colours, visibility or selection changed."""
        if self.view is not None:
            self.layers = Layers(self.view, self.look, self._order)
            self.repaint(moving=self.layers.number > _ROUGH_FIRST)

    def repaint(self, moving: bool = True) -> None:
        """Paint soon: at once roughly while it moves, finely when it rests."""
        self._spots = None
        self._fine_later()
        self._fine_later = later(self, _REST_MS if moving else 1, lambda: self.paint(moving=False))
        if moving and not self._waiting:
            self._waiting = True
            later(self, 1, self._now)

    def _now(self) -> None:
        self._waiting = False
        self.paint(moving=True)

    def paint(self, moving: bool) -> None:
        """Paint now."""
        if self.view is None or self.layers is None or self.winfo_width() < 10:
            return
        width, height = self.view.width, self.view.height
        fine = 1 if moving else self._fineness(self.layers.number)
        if not moving:
            self._diameter = side_of(self._in_view(), scale(self))
        back = palette.rgb(palette.now(palette.SURFACE))
        sheet = Sheet(width, height, back, fine, margin=round(14 * scale(self)) * fine)
        self.layers.paint(sheet, self._diameter, moving)
        picture = sheet.picture()
        if self._photo is None or (self._photo.width(), self._photo.height()) != picture.size:
            self._photo = ImageTk.PhotoImage(picture, master=self)
            self.itemconfigure(self._image, image=self._photo)
        else:
            self._photo.paste(picture)
        self.painted += 1
        self._name_axes()

    def _fineness(self, number: int) -> int:
        """Return how many times as large as it is shown a picture at rest is painted."""
        if number > (_ROUGH_FIRST if self.look.see_through else _FINE_UP_TO):
            return 1
        return 3 if number <= _FINEST_UP_TO else 2

    def _in_view(self) -> int:
        assert self.view is not None
        x, y, _cells = self.spots()
        return int(((x >= 0) & (x < self.view.width) & (y >= 0) & (y < self.view.height)).sum())

    def _name_axes(self) -> None:
        self.delete("axes")
        if self.view is None or not self._axes:
            return
        long, left = px(self, 30), px(self, 10)
        ink, font = palette.now(palette.MUTED), tk_font(self, "small")
        x, y = (left, self.view.height - left) if not self.view.deep else (left + long, self.view.height - left - long)
        for name, (right, down) in zip(self._axes, self.view.axes(), strict=False):
            end = x + right * long, y + down * long
            self.create_line(x, y, *end, fill=ink, arrow="last", width=px(self, 1) or 1, tags="axes")
            if self.view.deep:
                place, anchor = (x + right * long * 1.3, y + down * long * 1.3), "center"
            else:
                place, anchor = ((end[0] + 3, end[1]), "w") if right else ((end[0], end[1] - 2), "sw")
            text = name.rpartition(" ")[2] if self.view.deep else name
            self.create_text(*place, text=text, fill=ink, font=font, anchor=anchor, tags="axes")  # type: ignore[call-overload]

    def _sized(self) -> None:
        if self.view is not None and (self.winfo_width(), self.winfo_height()) != (self.view.width, self.view.height):
            self._size_view()
            self.repaint(moving=True)

    def _size_view(self) -> None:
        if self.view is not None and self.winfo_width() > 10:
            self.view.resize(self.winfo_width(), self.winfo_height())

    # Moving about.

    def whole(self) -> None:
        """Show the whole map."""
        if self.view is not None:
            self.view.reset()
            self.repaint()

    def zoom(self, factor: float, x: float | None = None, y: float | None = None) -> None:
        """Enlarge about a point, the middle if none is given."""
        if self.view is not None:
            self.view.zoom_at(factor, self.view.width / 2 if x is None else x, self.view.height / 2 if y is None else y)
            self.repaint()

    def on_wheel(self, steps: int) -> bool:
        """Enlarge at the pointer by wheel steps."""
        x, y = self.winfo_pointerx() - self.winfo_rootx(), self.winfo_pointery() - self.winfo_rooty()
        self.zoom(0.85**steps, x, y)
        return True

    def _arrow(self, event: tk.Event[Any], key: str) -> str:
        right, down = _KEYS[key]
        if self.tool != "move":
            return self.by_key.step(-right, -down, int(event.state))
        if self.view is not None:
            if self.view.deep and not int(event.state) & _SHIFT:
                self.view.rotate(-right * 0.12, down * 0.12)
            else:
                self.view.pan(right * px(self, 40), down * px(self, 40))
            self.repaint()
        return "break"

    def _key_moved(self, place: tuple[float, float]) -> None:
        x, y = round(place[0]), round(place[1])
        self.on_point(self.cell_at(x, y), x, y)
        if self._line:
            self._draw_line(place)

    def _key_corner(self, place: tuple[float, float]) -> None:
        """Put a corner of the lasso, or the first or second one of a box."""
        if self.tool == "move":
            return
        if self._line and self.tool != "lasso":
            self._key_end(place, 0)
            return
        self._by = self.tool
        self._line.append(place)
        self._draw_line(place)

    def _key_end(self, place: tuple[float, float], state: int) -> None:
        if self._line:
            self._line.append(place)
            self._end(*place, state)

    # The pointer.

    def spots(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.intp]]:
        """Return x, y (pixels) and the cells of all points that are shown."""
        if self._spots is None:
            assert self.layers is not None
            self._spots = self.layers.spots()
        return self._spots

    def cell_at(self, x: int, y: int) -> int | None:
        """Return the cell at a place of the canvas, the nearest one; None when there is none."""
        if self.layers is None:
            return None
        right, down, cells = self.spots()
        far = (right - np.float32(x)) ** 2 + (down - np.float32(y)) ** 2
        best = int(np.argmin(far)) if len(far) else -1
        return int(cells[best]) if best >= 0 and far[best] <= px(self, _REACH) ** 2 else None

    def place_of(self, cell: int) -> tuple[float, float] | None:
        """Return where a cell is on the canvas; None when it is not shown."""
        if self.layers is None:
            return None
        x, y, cells = self.spots()
        found = np.flatnonzero(cells == cell)
        return (float(x[found[0]]), float(y[found[0]])) if len(found) else None

    def ring(self, cell: int | None) -> None:
        """Draw a ring around a cell, or take it away."""
        self.delete("ring")
        place = self.place_of(cell) if cell is not None else None
        if place is not None:
            far = self._diameter / 2 + px(self, 4)
            for ink, wide in ((palette.SURFACE, 4), (palette.RING, 2)):
                self.create_oval(
                    place[0] - far, place[1] - far, place[0] + far, place[1] + far, outline=palette.now(ink),
                    width=px(self, wide), tags="ring",
                )  # fmt: skip

    def _moved(self, event: tk.Event[Any]) -> None:
        if self._from is None and self.layers is not None:
            self.on_point(self.cell_at(event.x, event.y), event.x, event.y)

    def _pressed(self, event: tk.Event[Any]) -> None:
        self.focus_set()
        self.on_point(None, 0, 0)
        self._from = (event.x, event.y)
        self._by = self.tool if event.num == 1 else "pan"
        self._line = [self._from]

    def _twice(self, event: tk.Event[Any]) -> None:
        self._pressed(event)
        if self.tool == "move":
            self.whole()

    def _dragged(self, event: tk.Event[Any]) -> None:
        if self._from is None or self.view is None:
            return
        right, down = event.x - self._from[0], event.y - self._from[1]
        if self._by in ("move", "pan"):
            if self.view.deep and self._by == "move" and not int(event.state) & _SHIFT:
                self.view.rotate(right / 160, -down / 160)
            else:
                self.view.pan(right, down)
            self._from = (event.x, event.y)
            self.repaint()
            return
        self._line.append((event.x, event.y))
        self._draw_line()

    def _draw_line(self, *further: tuple[float, float]) -> None:
        self.delete("lasso")
        line = [*self._line, *further]
        if len(line) < 2:
            return
        first, last = line[0], line[-1]
        ink: dict[str, Any] = {"outline": palette.now(palette.ACCENT_TEXT), "width": px(self, 2), "tags": "lasso"}
        if self._by == "lasso":
            self.create_polygon(line, fill="", **ink)
        else:
            self.create_rectangle(*first, *last, **ink)

    def _released(self, event: tk.Event[Any]) -> None:
        self._end(event.x, event.y, int(event.state))

    def _end(self, x_end: float, y_end: float, state: int) -> None:
        line, by = self._line, self._by
        self._from, self._line = None, []
        self.delete("lasso")
        if self.view is None or self.layers is None or by not in TOOLS[1:] or len(line) < 2:
            return
        (left, top), (right, bottom) = line[0], (x_end, y_end)
        if by == "zoom":
            if abs(right - left) > 4 and abs(bottom - top) > 4:
                self.view.zoom_to(left, top, right, bottom)
                self.repaint()
            return
        x, y, cells = self.spots()
        found = (
            inside_line((x, y), line, self.view.width, self.view.height)
            if by == "lasso" else inside_box((x, y), line[0], (right, bottom))
        )  # fmt: skip
        how = "add" if state & _SHIFT else "remove" if state & (_CONTROL | _ALT) else "new"
        self.on_select(cells[found], how)

    def give_up(self) -> str:
        """End the line that is being drawn, else put the tool away, else forget the selection."""
        if self._line and self._by != "move":
            self._line, self._by = [], "none"
            self.delete("lasso")
        elif self.tool != "move":
            self.by_key.forget()
            self.on_tool("move")
        else:
            self.on_select(np.zeros(0, np.intp), "new")
        return "break"
