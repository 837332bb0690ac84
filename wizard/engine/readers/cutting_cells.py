"""The cut-outs of a picture: tiles of sheets and fields, and squares, boxes or labels of marked cells."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from wizard.engine.readers.base import Unreadable
from wizard.engine.readers.cutting_tables import Marked
from wizard.engine.readers.cutting_tiles import counts, extra, filled, grid
from wizard.results import Cue

MOST = 2_000_000
"""Cut-outs of one picture; more are refused."""
_LONGEST = 4096
_MARGIN = 0.25
_DIRECT = 2**20
"""Labels up to this number are looked up directly."""


@dataclass
class Cutouts:
    """What is cut out of one picture (n cut-outs): `boxes` (n, 4) top, left, height, width in its px.

    `numbers` are positions in the list of all marks or tiles (`count` of them), from which objects are
    numbered; `labels` the cells' codes in a label mask; `centres` (n, 2) the objects' y, x in the cut-out.
    """

    boxes: NDArray[np.int32]
    numbers: NDArray[np.int64]
    count: int
    tags: dict[str, list[str]] = field(default_factory=dict)
    figures: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    centres: NDArray[np.float32] | None = None
    labels: NDArray[np.int64] | None = None
    cues: list[Cue] = field(default_factory=list)


def cue(level: str, subject: str, text: str, action: str = "", count: int = 1) -> Cue:
    """Return a cue of a picture; the texts hold no figures, so that those of many pictures can be told as one."""
    return Cue.model_validate({"level": level, "subject": subject, "text": text, "action": action, "count": count})


def sheet_tiles(sheet: Callable[[], NDArray[Any]], height: int, width: int, tile: int) -> Cutouts:
    """Cut a montage sheet; `sheet` decodes it (channels, y, x), tiles without a cell are left out."""
    boxes = _grid(height, width, tile)
    cues = []
    if height % tile or width % tile:
        cues.append(cue(
            "warning", "Montage sheet", "The sheet's sides are no multiple of the tile size; only whole tiles are cut.",
            "Check the tile size (parse.tile): it is the width of one cell on the sheet.",
        ))  # fmt: skip
    held = np.flatnonzero(filled(sheet(), tile)) if len(boxes) else np.zeros(0, np.int64)
    if len(boxes) and not len(held):
        cues.append(cue("warning", "Montage sheet", "The sheet holds no cell."))
    return Cutouts(boxes[held], held, len(boxes), cues=cues)


def field_tiles(height: int, width: int, tile: int) -> Cutouts:
    """Cut a field of view into whole tiles."""
    boxes = _grid(height, width, tile)
    cues = []
    if not len(boxes):
        cues.append(cue("warning", "Tiles", "The picture is smaller than a tile and was left out."))
    elif height % tile or width % tile:
        text = "What is left at the right or bottom of the picture, narrower than a tile, is not used."
        cues.append(cue("note", "Tiles", text))
    return Cutouts(boxes, np.arange(len(boxes)), len(boxes), cues=cues)


def _grid(height: int, width: int, tile: int) -> NDArray[np.int32]:
    if (height // tile) * (width // tile) > MOST:
        raise Unreadable(f"It would be cut into more than {MOST:,} tiles; choose larger ones.")
    return grid(height, width, tile)


def classify(
    tiles: Cutouts, marked: NDArray[np.bool_] | None, tile: int, pixels: int, more: int, seed: int, name: str
) -> None:
    """Add the tag `tile` (positive from `pixels` marked pixels on), and `more` random tiles of the rarer class.

    Where the extra tiles lie depends on the seed and the picture's name only.
    """
    if marked is None:
        tiles.tags["tile"] = ["negative"] * len(tiles.boxes)
        tiles.cues.append(cue("note", "Marks", "The picture has no marks; all its tiles are negative."))
        return
    if not len(tiles.boxes):
        tiles.tags["tile"] = []
        return
    positive = counts(marked, tile) >= pixels
    wanted = bool(2 * positive.sum() <= len(positive))
    draw = int.from_bytes(hashlib.blake2b(f"{seed}\n{name}".encode(), digest_size=8).digest(), "little")
    added = extra(marked, tile, pixels, wanted, more, np.random.default_rng(draw)) if more else tiles.boxes[:0]
    if len(added) < more:
        tiles.cues.append(cue("note", "Extra tiles", "There is no place for all extra tiles.", count=more - len(added)))
    words = np.where(np.concatenate([positive, np.full(len(added), wanted)]), "positive", "negative")
    tiles.tags["tile"] = words.tolist()
    tiles.boxes = np.concatenate([tiles.boxes, added])
    tiles.count += len(added)
    tiles.numbers = np.arange(tiles.count)


def marked_cells(marked: Marked, height: int, width: int, tile: int) -> Cutouts:
    """Cut the squares or boxes of marked cells; those outside of the picture are dropped and told."""
    sizes = np.where(np.isnan(marked.sizes), tile, marked.sizes)
    cues = []
    if marked.size not in (None, (height, width)):
        cues.append(cue(
            "warning", "Marks", "The marks were made on a picture of another size.", "Check that they fit the picture."
        ))  # fmt: skip
    # NaN is below nothing, so that it counts as unknown.
    known = np.asarray((np.abs(marked.middles) < 1e9).all(axis=1) & (sizes >= 1).all(axis=1))
    middles, sizes = np.where(known[:, None], marked.middles, 0.0), np.where(known[:, None], sizes, 1.0)
    # Halves go towards the picture's corner, as in the framing of cells.
    starts = np.ceil(middles - sizes / 2 - 0.5)
    ends = starts + np.minimum(np.rint(sizes), 1e9)
    limits = np.array([height, width])
    alone = np.isnan(marked.sizes).any(axis=1)
    within = np.where(
        alone, ((middles >= 0) & (middles <= limits)).all(axis=1), ((ends > 0) & (starts < limits)).all(axis=1)
    )
    starts, ends = np.clip(starts, 0, limits), np.clip(ends, 0, limits)
    small = (ends - starts <= _LONGEST).all(axis=1)
    for bad, text in (
        (~known, "Marks without a usable position or size are left out."),
        (known & ~within, "Marks outside of the picture are left out."),
        (known & within & ~small, f"Boxes larger than {_LONGEST} px are left out."),
    ):
        if bad.any():
            cues.append(cue("warning", "Marks", text, "Check that they belong to this picture.", int(bad.sum())))
    keep = np.flatnonzero(known & within & small & (ends > starts).all(axis=1))
    boxes = np.concatenate([starts, ends - starts], axis=1)[keep].astype(np.int32)
    return Cutouts(
        boxes, keep, len(known),
        {name: [values[row] for row in keep.tolist()] for name, values in marked.tags.items()},
        {name: values[keep] for name, values in marked.figures.items()},
        centres=(middles[keep] - starts[keep]).astype(np.float32), cues=cues,
    )  # fmt: skip


def label_cells(labels: NDArray[Any]) -> Cutouts:
    """Cut each label of a mask (y, x): its bounding box with a quarter of its sides around it."""
    codes, bounds = _bounds(labels)
    cues = []
    if len(codes) == 1:
        cues.append(cue(
            "warning", "Label mask", "The mask holds a single label, so that the picture gives one cell.",
            "Cells need a number each; use tiles for masks that only say marked or not.",
        ))  # fmt: skip
    sides = bounds[:, 2:] - bounds[:, :2]
    margin = np.ceil(sides * _MARGIN).astype(np.int64)
    starts = np.maximum(bounds[:, :2] - margin, 0)
    ends = np.minimum(bounds[:, 2:] + margin, labels.shape)
    small = (ends - starts <= _LONGEST).all(axis=1)
    if not small.all():
        cues.append(cue("warning", "Label mask", f"Labels larger than {_LONGEST} px are left out.",
                        count=int((~small).sum())))  # fmt: skip
    keep = np.flatnonzero(small)
    middles = (bounds[:, :2] + bounds[:, 2:]) / 2 - starts
    return Cutouts(
        np.concatenate([starts, ends - starts], axis=1)[keep].astype(np.int32), keep, len(codes),
        figures={"label": codes[keep].astype(np.float64)}, centres=middles[keep].astype(np.float32),
        labels=codes[keep], cues=cues,
    )  # fmt: skip


def _bounds(labels: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the labels (n) and the bounds (n, 4) top, left, bottom, right of their pixels."""
    if labels.min(initial=0) < 0:
        raise Unreadable("Its mask holds negative labels.")
    largest = int(labels.max(initial=0))
    codes = np.arange(1, largest + 1) if largest <= _DIRECT else _used(labels)
    if len(codes) > MOST:
        raise Unreadable(f"Its mask holds more than {MOST:,} labels.")
    compact = labels if largest <= _DIRECT else _renumbered(labels, codes)
    found = ndimage.find_objects(compact.astype(np.int32), max_label=len(codes))
    held = np.array([place is not None for place in found], bool)
    bounds = [(y.start, x.start, y.stop, x.stop) for y, x in (place for place in found if place is not None)]
    return codes[held], np.array(bounds, np.int64).reshape(-1, 4)


def _used(labels: NDArray[Any]) -> NDArray[np.int64]:
    used = np.unique(labels).astype(np.int64)
    return used[used > 0]


def _renumbered(labels: NDArray[Any], codes: NDArray[np.int64]) -> NDArray[np.int32]:
    return np.where(labels > 0, np.searchsorted(codes, labels.astype(np.int64)) + 1, 0).astype(np.int32)


def mask_of(labels: NDArray[Any], box: Sequence[int], label: int, channels: int) -> NDArray[np.uint8]:
    """Return the mask (channels, height, width) of a labelled cell: 1 its own pixels, 2 those of others."""
    top, left, height, width = box
    part = labels[top : top + height, left : left + width]
    mask = np.where(part == label, 1, np.where(part != 0, 2, 0)).astype(np.uint8)
    return np.repeat(mask[None], channels, axis=0)
