"""Fields of view that were taken as overlapping tiles: grouped by their names, laid out by the transmitted light."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.errors import UserError
from wizard.engine.labeling.fields import Field
from wizard.engine.labeling.preparing.stitching import compose, grid, stitch

_LAST_NUMBER = re.compile(r"\d+(?=\D*$)")
_FEATHER = 32


@dataclass(frozen=True)
class Layout:
    """How tiles were taken: row by row, `snake` = every other row backwards; `overlap` is a share of a tile's side."""

    rows: int
    columns: int
    overlap: float = 0.1
    snake: bool = False


@dataclass(frozen=True)
class Mosaic(Field):
    """A field of view made of tiles; its planes and stains are those of the first, whose files messages name."""

    tiles: tuple[Field, ...] = ()
    places: NDArray[np.float64] | None = None
    """Corners of the tiles (tile, y x) in px after the preparation, once they are found."""
    sizes: tuple[int, int] = (0, 0)
    """Height and width of a tile after the preparation."""

    def lay(self, pictures: Callable[[Field], NDArray[Any]]) -> NDArray[np.float32]:
        """Return one picture of all tiles, each given by `pictures`."""
        assert self.places is not None
        return compose([pictures(tile) for tile in self.tiles], self.places, _FEATHER)

    def known(self, masks: Callable[[Field], NDArray[np.bool_]]) -> NDArray[np.bool_]:
        """Return where a stain is known: on some tile, and on no tile masked."""
        covered = self.lay(lambda tile: np.ones(masks(tile).shape, np.float32))
        return (self.lay(lambda tile: masks(tile).astype(np.float32)) > 0.999) & (covered > 0)

    @property
    def whole(self) -> tuple[int, int]:
        """Height and width in px after the preparation."""
        assert self.places is not None
        height, width = self.lay(lambda tile: np.zeros(self.sizes, np.float32)).shape
        return int(height), int(width)


def grouped(fields: Sequence[Field], layout: Layout) -> list[Mosaic]:
    """Put fields together whose names differ in their last number only, in its order.

    Raises UserError, with the first file's name, when their number is not that of the layout, or sizes differ.
    """
    groups: dict[str, list[tuple[int, Field]]] = defaultdict(list)
    for field in fields:
        number = _LAST_NUMBER.search(field.name)
        groups[_LAST_NUMBER.sub("#", field.name)].append((int(number.group()) if number else 0, field))
    made = []
    for name, members in sorted(groups.items()):
        tiles = tuple(field for _, field in sorted(members, key=lambda one: one[0]))
        file = tiles[0].inputs[0].file
        if len(tiles) != layout.rows * layout.columns:
            raise UserError(
                f"{file}: The tiles cannot be stitched.",
                f"There are {len(tiles)} tiles for a grid of {layout.rows * layout.columns} places.",
                "Check the numbers of rows and columns.",
            )
        if len({tile.shape for tile in tiles}) > 1 or len({len(tile.inputs) for tile in tiles}) > 1:
            raise UserError(
                f"{file}: The tiles cannot be stitched.", "They differ in size or in their number of planes.",
                "Export all tiles alike.",
            )  # fmt: skip
        shared = set.intersection(*(set(tile.targets) for tile in tiles))
        first = tiles[0]
        targets = {label: first.targets[label] for label in first.targets if label in shared}
        title = name.replace("#", "").strip(" _-.,/") or first.name
        made.append(Mosaic(title, first.inputs, targets, first.masks, first.tags, first.pixel_size, tiles))
    return made


def placed(mosaic: Mosaic, layout: Layout, light: Callable[[Field], NDArray[Any]]) -> Mosaic:
    """Find the places of the tiles by one plane of each, which `light` gives after the preparation."""
    pictures = [light(tile) for tile in mosaic.tiles]
    height, width = pictures[0].shape
    step = np.array([height * (1 - layout.overlap), width * (1 - layout.overlap)])
    nominal = grid(layout.rows, layout.columns, (1, 1), 0, layout.snake) * step
    search = max(16, round(0.5 * layout.overlap * max(height, width)))
    return replace(mosaic, places=stitch(pictures, np.round(nominal), search), sizes=(height, width))
