"""Which training cells an epoch shows, and in which order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Members = NDArray[np.int64]


def members(kind: str, classes: Members, each: int, rng: np.random.Generator) -> Members:
    """Return the places (in `classes`, the class of every training cell) of an epoch's cells, shuffled.

    `all`: every cell once. `equal`: the same number of each class, as many in all as there are cells
    (rounded up). `fixed`: `each` of every class. A class with more cells than are wanted is drawn from
    without replacement; of one with fewer, every cell comes equally often before the rest is drawn.
    """
    if kind == "all":
        return rng.permutation(len(classes))
    present = np.unique(classes)
    wanted = each if kind == "fixed" else -(-len(classes) // len(present))
    drawn = [_draw(np.flatnonzero(classes == number), wanted, rng) for number in present]
    return rng.permutation(np.concatenate(drawn))


def _draw(own: Members, wanted: int, rng: np.random.Generator) -> Members:
    whole, rest = divmod(wanted, len(own))
    return np.concatenate([np.tile(own, whole), rng.permutation(own)[:rest]])


def in_blocks(order: Members, rows: Members, block: int, buffer: int, rng: np.random.Generator) -> Members:
    """Reorder an epoch so that it can be read from disk in large pieces.

    `rows` are the rows on disk of all training cells. Runs of `block` neighbouring rows are shuffled, laid
    end to end and cut into buffers of `buffer` cells; within each the cells are shuffled. What an
    epoch shows is unchanged, and every part of the disk is read once.
    """
    places = rows[order] // block
    blocks = rng.permutation(int(places.max()) + 1)
    laid = order[np.lexsort((rows[order], blocks[places]))]
    return np.concatenate([rng.permutation(laid[start : start + buffer]) for start in range(0, len(laid), buffer)])
