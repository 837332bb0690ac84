"""From coordinates to pixels: where the map lies in the window, how large and how turned."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MOST_ZOOM, _LEAST_ZOOM = 400.0, 0.4
_START = (-0.45, 0.5)
"""Turn of a map in space at first: about the level and the upright axis, in radians."""


class View:
    """A look at `points` (n, 2 or 3); those with NaN are nowhere. Sizes and places are in pixels."""

    def __init__(self, points: NDArray[np.float32]) -> None:
        self.deep = points.shape[1] == 3
        known = np.isfinite(points).all(axis=1)
        self.rows = np.flatnonzero(known)
        """The cells that are on the map."""
        there = points[self.rows]
        # A few points far off must not make all others a speck.
        ends = np.percentile(there, (0.05, 50, 99.95), axis=0) if len(there) else np.zeros((3, points.shape[1]))
        self._middle = ((ends[0] + ends[2]) / 2).astype(np.float32)
        self.points = (there - self._middle).astype(np.float32)
        self._reach = max(1e-9, float((ends[2] - ends[0]).max() / 2))
        self._spans = np.maximum(ends[2] - ends[0], 1e-9)
        self.width = self.height = 100
        self.reset()

    def reset(self) -> None:
        """Show the whole map as at first."""
        self.zoom, self.x, self.y = 1.0, 0.0, 0.0
        self.turn: NDArray[np.float32] = np.eye(3, dtype=np.float32)
        if self.deep:
            self.rotate(_START[1], _START[0])

    def resize(self, width: int, height: int) -> None:
        """Take the size of the picture."""
        old = min(self.width, self.height)
        self.width, self.height = max(10, width), max(10, height)
        self.x *= min(self.width, self.height) / old
        self.y *= min(self.width, self.height) / old

    @property
    def unit(self) -> float:
        """Pixels per unit of the coordinates."""
        if self.deep:
            return self.zoom * 0.36 * min(self.width, self.height) / self._reach
        return self.zoom * 0.92 * min(self.width / float(self._spans[0]), self.height / float(self._spans[1]))

    def places(
        self, points: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32] | None]:
        """Return x, y and depth (higher is nearer; None in the plane) of some of `points`."""
        unit = np.float32(self.unit)
        right, down = np.float32(self.width / 2 + self.x), np.float32(self.height / 2 + self.y)
        if not self.deep:
            return points[:, 0] * unit + right, down - points[:, 1] * unit, None
        # Written out: the threads of a matrix product cost more than they save here.
        one, two, three = points[:, 0], points[:, 1], points[:, 2]
        x, y, depth = (one * turn[0] + two * turn[1] + three * turn[2] for turn in self.turn.T)
        return x * unit + right, down - y * unit, depth

    def pan(self, x: float, y: float) -> None:
        """Move the map by pixels."""
        self.x, self.y = self.x + x, self.y + y

    def zoom_at(self, factor: float, x: float, y: float) -> None:
        """Enlarge about a point of the picture."""
        new = min(_MOST_ZOOM, max(_LEAST_ZOOM, self.zoom * factor))
        factor, self.zoom = new / self.zoom, new
        right, down = x - self.width / 2, y - self.height / 2
        self.x, self.y = right - (right - self.x) * factor, down - (down - self.y) * factor

    def zoom_to(self, left: float, top: float, right: float, bottom: float) -> None:
        """Enlarge so that a box of the picture fills it."""
        factor = min(self.width / max(4.0, abs(right - left)), self.height / max(4.0, abs(bottom - top)))
        x, y = (left + right) / 2, (top + bottom) / 2
        self.pan(self.width / 2 - x, self.height / 2 - y)
        self.zoom_at(factor, self.width / 2, self.height / 2)

    def rotate(self, sideways: float, upwards: float) -> None:
        """Turn a map in space about the upright and then about the level axis of the picture, in radians."""
        cos, sin = np.cos(sideways), np.sin(sideways)
        about_upright = np.array([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]], np.float32)
        cos, sin = np.cos(upwards), np.sin(upwards)
        about_level = np.array([[1, 0, 0], [0, cos, sin], [0, -sin, cos]], np.float32)
        self.turn = (self.turn @ about_upright @ about_level).astype(np.float32)

    def axes(self) -> list[tuple[float, float]]:
        """Return where the ends of the axes point to on the picture, as parts (-1..1) right and down."""
        if not self.deep:
            return [(1.0, 0.0), (0.0, -1.0)]
        return [(float(self.turn[axis, 0]), -float(self.turn[axis, 1])) for axis in range(3)]


def depth_order(depth: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return the order from far to near; steps of 1/65,536 of the depth, which sorts much faster."""
    if not len(depth):
        return np.zeros(0, np.intp)
    low, high = float(depth.min()), float(depth.max())
    steps = ((depth - np.float32(low)) * np.float32(65535 / max(high - low, 1e-12))).astype(np.uint16)
    return np.argsort(steps, kind="stable")
