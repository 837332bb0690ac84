"""What a map shows at present, shared by maps side by side, and the layers of points painted from it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wizard.widgets import palette
from wizard.widgets.map_colour import SHAPES, Colouring
from wizard.widgets.scatter_paint import RING, Sheet, packed
from wizard.widgets.scatter_view import View, depth_order

FOG = 8
"""Steps in which points farther away are paler in space."""
_SHAPED = 5.0
"""Diameter in pixels from which shapes can be told and points have a rim."""
_RIMMED = 6000
"""With more points than this in view no rims are painted."""
_MOST_MOVING = 250_000
"""Of more points, only so many are painted while the map moves."""
_PALE = 0.26
"""How much is left of the colour of points that are not selected, or not pointed at."""
_EDGED = 4000
"""With more selected points than this they get no dark edge; all others are pale then anyway."""
_COVER = 0.3
"""How much of what is behind it a see-through point covers."""


@dataclass
class Look:
    """Colours, what is hidden, selected (bool, n) and pointed at; the same for all maps side by side."""

    colouring: Colouring
    selected: NDArray[np.bool_]
    placed: NDArray[np.bool_]
    hidden: set[int] = field(default_factory=set)
    """Lines of the legend that are switched off."""
    hide_placed: bool = False
    pointed: int | None = None
    """Line of the legend that is pointed at: the others are pale meanwhile."""
    see_through: bool = False

    def visible(self) -> NDArray[np.bool_]:
        """Tell for every cell whether it is shown."""
        line = self.lines()
        shown = ~np.isin(line, sorted(self.hidden)) if self.hidden else np.ones(len(line), bool)
        return shown & ~self.placed if self.hide_placed else shown

    def lines(self) -> NDArray[np.int16]:
        """Return for every cell its line of the legend; on a scale -1 for known numbers and 0 for others."""
        codes = self.colouring.codes
        return codes if self.colouring.limits is None else np.where(codes == 256, 0, -1).astype(np.int16)


@dataclass(frozen=True)
class Layer:
    """Points that are painted alike: `cells` (k), their points (k, 2 or 3), and their place in the table of colours."""

    kind: str
    """`plain`, `placed` or `picked`."""
    cells: NDArray[np.intp]
    points: NDArray[np.float32]
    tint: NDArray[np.int32]
    shape: NDArray[np.int8]


class Layers:
    """The layers of one map, made anew when colours, visibility or selection change."""

    def __init__(self, view: View, look: Look, order: NDArray[np.intp]) -> None:
        self.view, self.look = view, look
        cells = view.rows[order]
        shown = look.visible()[cells]
        order, cells = order[shown], cells[shown]
        chosen, placed = look.selected[cells], look.placed[cells]
        tint = look.colouring.codes[cells].astype(np.int32)
        shape = look.colouring.shapes[look.colouring.codes[cells]]
        pale = np.zeros(len(cells), bool)
        if look.pointed is not None:
            pale = look.lines()[cells] != look.pointed
        elif look.selected.any():
            pale = ~chosen
        tint[pale] += len(look.colouring.table)
        self.parts = [
            Layer(kind, cells[part], view.points[order[part]], tint[part], shape[part])
            for kind, part in (("plain", ~chosen & ~placed), ("placed", placed & ~chosen), ("picked", chosen))
            if part.any()
        ]
        self._colours = self._table()

    @property
    def number(self) -> int:
        """Number of points that are not hidden."""
        return sum(len(part.cells) for part in self.parts)

    def _table(self) -> NDArray[np.uint32]:
        """Return the colours of every step of the fog (FOG, 2 × codes): the lines of the legend, then pale ones."""
        back = np.array(palette.rgb(palette.now(palette.SURFACE)), float)
        table = self.look.colouring.table.astype(float)
        both = np.concatenate([table, back + (table - back) * _PALE])
        steps = np.linspace(0.62, 0.0, FOG) if self.view.deep else np.zeros(1)
        mixed = both[None] + (back - both[None]) * steps[:, None, None]
        return packed(np.rint(mixed).astype(np.uint8).reshape(-1, 3)).reshape(len(steps), -1)

    def spots(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.intp]]:
        """Return x, y (pixels) and the cells of all points that are shown, the uppermost last."""
        nothing = np.zeros(0, np.float32)
        found = [(nothing, nothing, np.zeros(0, np.intp))]
        for part in self.parts:
            x, y, _depth = self.view.places(part.points)
            found.append((x, y, part.cells))
        return tuple(np.concatenate(each) for each in zip(*found, strict=True))  # type: ignore[return-value]

    def paint(self, sheet: Sheet, diameter: float, moving: bool) -> None:
        """Paint all layers; `diameter` in pixels of the picture."""
        for part in self.parts:
            self._paint(sheet, part, diameter, moving)

    def _paint(self, sheet: Sheet, part: Layer, diameter: float, moving: bool) -> None:
        thin = slice(None, None, -(-len(part.cells) // _MOST_MOVING)) if moving else slice(None)
        x, y, depth = self.view.places(part.points[thin])
        tint, shape = part.tint[thin], part.shape[thin]
        colours = self._colours[0][tint] if depth is None else np.zeros(0, np.uint32)
        if depth is not None:
            far = depth_order(depth)
            x, y, tint, shape, depth = x[far], y[far], tint[far], shape[far], depth[far]
            reach = max(1e-9, float(np.abs(depth).max()))
            step = np.clip(((depth / reach + 1) * (FOG / 2)).astype(np.int32), 0, FOG - 1)
            colours = self._colours[step, tint]
        fine = sheet.fine
        side = max(1, round(diameter * fine))
        if part.kind == "placed":
            ring = max(side + 2 * fine, round(6 * fine))
            sheet.put(x, y, colours, (RING,), None, ring)
            return
        shaped = diameter >= _SHAPED
        shapes, kinds = (SHAPES, shape) if shaped else (("o",), None)
        if part.kind == "picked":
            edge = packed(np.array([palette.rgb(palette.now(palette.TEXT))], np.uint8))
            edged = len(x) <= _EDGED
            sheet.put(x, y, colours, shapes, kinds, side + fine if edged else side, (fine, edge) if edged else None)
        elif self.look.see_through:
            sheet.blend(x, y, colours, side, _COVER)
        else:
            paper = packed(np.array([palette.rgb(palette.now(palette.SURFACE))], np.uint8))
            rim = (max(1, fine // 2), paper) if shaped and len(x) <= _RIMMED else None
            sheet.put(x, y, colours, shapes, kinds, side, rim)
