"""Every cell as a picture file in the folder of its predicted class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from wizard import fileio
from wizard.engine.data.dataset import DataSet
from wizard.engine.events import Tell
from wizard.engine.predicting.origins import Names
from wizard.engine.predicting.table import Predicted

FOLDER = "cells_by_class"
_BATCH = 256
_SAMPLE = 500


def write(folder: Path, data: DataSet, found: Predicted, kind: str, tell: Tell) -> int:
    """Write cells_by_class/CLASS/SOURCE_OBJECT.png or .tif for all cells and an index; return their number.

    PNG: 8 bits, channels side by side, each with one contrast for all cells; red, green and blue as one colour
    picture. TIFF: as stored, one page per channel.
    """
    names = Names()
    places = {number: names.take(name) for number, name in enumerate(found.classes)}
    inside = {number: Names() for number in places}
    for name in places.values():
        (folder / FOLDER / name).mkdir(parents=True, exist_ok=True)
    limits = _limits(data)
    files: list[str] = []
    for rows, images in data.batches(np.arange(len(data)), _BATCH):
        for row, image in zip(rows.tolist(), images, strict=True):
            number = int(found.number[row])
            wish = f"{str(data.cells['source'][row])[-60:]}_{int(data.cells['object'][row])}"
            name = inside[number].take(wish, ".png" if kind == "png" else ".tif")
            place = folder / FOLDER / places[number] / name
            if kind == "png":
                Image.fromarray(_shown(image, limits, data)).save(place, format="PNG")
            else:
                tifffile.imwrite(place, image, photometric="minisblack", metadata={"axes": "CYX"}, compression="zlib")
            files.append(f"{places[number]}/{name}")
        tell.progress(0.95, f"Pictures by class: {len(files):,} of {len(data):,}")
    columns = ["cell_id", "source", "object", "predicted", "file"]
    cells, predicted = data.cells, found.names
    fileio.write_csv(folder / FOLDER / "index.csv", columns, (
        [cells["cell_id"][row], cells["source"][row], int(cells["object"][row]), predicted[row], file]
        for row, file in enumerate(files)
    ))  # fmt: skip
    return len(files)


def _limits(data: DataSet) -> list[tuple[float, float]]:
    """Return the darkest and brightest shown value of each channel, from a sample of the cells."""
    rows = np.unique(np.linspace(0, len(data) - 1, min(_SAMPLE, len(data))).astype(int))
    sample = data.load(rows)
    if sample.dtype == np.uint8:
        return [(0.0, 255.0)] * sample.shape[1]
    return [
        (float(np.percentile(plane, 0.5)), float(np.percentile(plane, 99.8))) for plane in np.moveaxis(sample, 1, 0)
    ]


def _shown(image: NDArray[Any], limits: list[tuple[float, float]], data: DataSet) -> NDArray[np.uint8]:
    planes = [
        (np.clip((plane.astype(np.float32) - low) / max(high - low, 1e-6), 0, 1) * 255).astype(np.uint8)
        for plane, (low, high) in zip(image, limits, strict=True)
    ]
    colour = [channel.name for channel in data.channels] == ["Red", "Green", "Blue"]
    return np.stack(planes, axis=-1) if colour else np.concatenate(planes, axis=1)
