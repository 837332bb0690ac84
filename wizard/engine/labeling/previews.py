"""What the preparation does to one field: a row for each channel, a column for the original and each operation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.labeling.fields import Field, chosen_planes, pixels, share
from wizard.engine.labeling.making import Pictures, taken
from wizard.engine.labeling.panels import Colours
from wizard.engine.labeling.preparing.operations import Preparation

_SIDE, _LINE = 320, 4


def preparation(field: Field, how: Pictures) -> tuple[Colours, list[str]]:
    """Return the picture and, for each row, which channel it shows and what its columns are, in words.

    Shown is the middle of the field, 320 px at most, from the 1st to the 99.8th percentile of each picture.
    """
    order = chosen_planes(len(field.inputs), how.planes)
    rows = [("light", share(pixels(field.inputs[order[(how.planes - 1) // 2]])))]
    rows += [(label, taken(field.targets[label])) for label in how.labels if label in field.targets]
    made = [_row(image, how.how[name]) for name, image in rows]
    wide = max(row.shape[1] for row in made)
    whole = [np.pad(row, ((0, _LINE), (0, wide - row.shape[1]), (0, 0)), constant_values=255) for row in made]
    words = [
        f"{name}: {', '.join(['as taken', *(operation.title for operation, _ in how.how[name].steps)])}"
        for name, _ in rows
    ]
    return np.concatenate(whole), words


def _row(image: NDArray[Any], how: Preparation) -> Colours:
    found = [np.asarray(image, np.float32)]
    for operation, measured in how.steps:
        found.append(operation.apply(found[-1], measured))
    return np.concatenate([_tile(one, image.shape) for one in found], axis=1)


def _tile(image: NDArray[np.float32], shape: tuple[int, ...]) -> Colours:
    """Return the middle of a picture in grey, at the size of the original also where it was halved."""
    step = max(1, shape[0] // image.shape[0])
    side = [min(_SIDE, length * step) // step for length in image.shape]
    top, left = ((length - one) // 2 for length, one in zip(image.shape, side, strict=True))
    part = image[top : top + side[0], left : left + side[1]].repeat(step, axis=0).repeat(step, axis=1)
    low, high = np.percentile(part, (1, 99.8))
    grey = np.clip((part - low) / max(float(high - low), 1e-6), 0, 1)
    tile = np.pad(np.round(grey * 255).astype(np.uint8), ((0, 0), (0, _LINE)), constant_values=255)
    return np.repeat(tile[..., None], 3, axis=-1)
