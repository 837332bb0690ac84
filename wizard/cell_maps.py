"""Maps of where a network looks: read from maps.npz, laid over the cell. Orange speaks for the class, blue against."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.explain_plan import METHODS

FOR, AGAINST = (230, 120, 0), (0, 114, 178)
"""Colours (red, green, blue) that every eye tells apart."""

_MOST = 0.85
_PERCENTILE = 99.5

_LARGEST = 2048

Plane = NDArray[Any]
Maps = dict[str, Plane]
"""`cell` (channel, y, x) and the maps of it by method."""


def read_maps(path: Path, wanted: Iterable[int], before: str = "") -> dict[int, Maps]:
    """Read some places of maps.npz; `before` is `mean_` for averages. Odd or missing arrays are left out.

    Raises OSError or ValueError when the file cannot be read.
    """
    found: dict[int, Maps] = {}
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            for place in wanted:
                keys = {name: f"{before}{name}_{place}" for name in ("cell", *METHODS)}
                maps = {name: arrays[key] for name, key in keys.items() if key in arrays}
                if "cell" in maps and _is_cell(maps["cell"]):
                    cell = maps["cell"]
                    found[place] = {name: one for name, one in maps.items() if name == "cell" or _fits(name, one, cell)}
    except (zipfile.BadZipFile, EOFError, KeyError) as error:
        raise ValueError(f"it is damaged: {error}") from None
    return found


def _is_cell(cell: Plane) -> bool:
    good = cell.ndim == 3 and cell.dtype.kind in "uif" and min(cell.shape) > 0
    return good and max(cell.shape[1:]) <= _LARGEST


def _fits(name: str, plane: Plane, cell: Plane) -> bool:
    count, *frame = cell.shape
    wanted = {"gradcam": tuple(frame), "gradients": (count, *frame), "occlusion": (count + 1, *frame)}
    return plane.shape == wanted[name] and plane.dtype.kind == "f"


def strongest(planes: Plane) -> float:
    """Return the size that gets the full colour: nearly the largest one in maps (..., y, x) that belong together."""
    sizes = np.abs(planes[np.isfinite(planes)])
    value = float(np.percentile(sizes, _PERCENTILE)) if sizes.size else 0.0
    return value if value > 0 else 1.0


def laid_over(grey: NDArray[np.uint8], plane: Plane, full: float) -> NDArray[np.uint8]:
    """Return the picture (y, x, 3) of a cell (y, x) under a map (y, x); `full` is the size of the full colour."""
    values = np.nan_to_num(plane.astype(np.float32))
    cover = (np.clip(np.abs(values) / full, 0, 1) * _MOST)[..., None]
    colour = np.where(values[..., None] >= 0, np.array(FOR, np.float32), np.array(AGAINST, np.float32))
    made: NDArray[np.uint8] = (grey[..., None] * (1 - cover) + colour * cover).clip(0, 255).astype(np.uint8)
    return made


def planes_of(maps: Maps, method: str, channel: int) -> tuple[Plane, float] | None:
    """Return the map of a method for a channel (-1 for all together) and the size of its full colour.

    `maps` holds `gradcam` (y, x), `gradients` (channel, y, x), `occlusion` (1 + channel, y, x). Grad-CAM is the same
    for all channels; those of one method share a scale, so that a channel that matters less looks fainter.
    """
    found = maps.get(method)
    if found is None:
        return None
    if method == "gradcam":
        return found, strongest(found)
    if method == "occlusion":
        return (found[0], strongest(found[0])) if channel < 0 else (found[1 + channel], strongest(found[1:]))
    if channel < 0:
        total = found.sum(axis=0)
        return total, strongest(total)
    return found[channel], strongest(found)


def contrast(planes: Plane) -> tuple[float, float]:
    """Return what is black and what is white in pictures (..., y, x) of one channel."""
    values = planes[np.isfinite(planes)].astype(np.float64)
    if not values.size:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(values, (0.5, 99.8)))
    return (low, high) if high > low else (low, low + 1.0)


def grey(plane: Plane, low: float, high: float) -> NDArray[np.uint8]:
    """Return a plane (y, x) as grey levels 0..255: `low` and less is black, `high` and more is white."""
    stretched = (plane.astype(np.float32) - np.float32(low)) * np.float32(255.0 / max(high - low, 1e-12))
    made: NDArray[np.uint8] = np.nan_to_num(stretched).clip(0, 255).astype(np.uint8)
    return made
