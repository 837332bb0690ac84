"""Selected cells as files: a table with tags and coordinates, and the images so that Parse reads them again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wizard import fileio
from wizard.engine.errors import UserError, from_os_error

TABLE, IMAGES, TIFFS = "cells.csv", "images.csv", "images"
_BATCH = 64
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Written:
    """What was written: the folder, the number of cells in the table, and of those with images."""

    folder: Path
    cells: int
    images: int


def export(
    folder: Path, columns: Sequence[str], rows: Sequence[Sequence[object]], tags: int, data_sets: Sequence[Path]
) -> Written:
    """Write cells.csv, and the images of the cells as one TIFF per channel with the table that Parse joins to them.

    `rows` have one entry per column; the first columns are cell_id, source, object and the `tags`. Without data sets no
    image is written. The files are called SOURCE_OBJECT_ID_ChN.tif as IDEAS names them, with the numbers as stored;
    images.csv gives each its tags: parse the folder with it as label table. Meant for a thread.
    Raises UserError when the folder holds an export already or cannot be written, or a data set is damaged.
    """
    if any((folder / name).exists() for name in (TABLE, IMAGES, TIFFS)):
        raise UserError(
            f"The folder {folder.name} holds exported cells already.", "They would be mixed with the new ones.",
            "Choose an empty folder.",
        )  # fmt: skip
    try:
        fileio.write_csv(folder / TABLE, list(columns), rows)
        number = _images(folder, columns[3 : 3 + tags], rows, data_sets)
    except OSError as error:
        raise from_os_error(error) or error from error
    return Written(folder, len(rows), number)


def _images(folder: Path, tags: Sequence[str], rows: Sequence[Sequence[object]], data_sets: Sequence[Path]) -> int:
    import tifffile

    from wizard.engine.data.dataset import DataSet

    wanted = {str(row[0]): place for place, row in enumerate(rows)}
    table: list[list[object]] = []
    for path in data_sets:
        if not path.is_dir():
            continue
        data = DataSet.open(path)
        ids = [str(name) for name in data.cells["cell_id"].tolist()]
        places = np.array([row for row, name in enumerate(ids) if name in wanted], np.int64)
        for part, pixels in data.batches(places, _BATCH):
            for row, image in zip(part.tolist(), pixels, strict=True):
                line = rows[wanted.pop(ids[row])]
                name = file_name(str(line[1]), str(line[2]), ids[row])
                for channel, plane in zip(data.channels, image, strict=True):
                    target = folder / TIFFS / f"{name}_Ch{channel.number}.tif"
                    fileio.write_with(target, lambda place, plane=plane: _tiff(tifffile, place, plane))  # type: ignore[misc]
                table.append([name, *line[3 : 3 + len(tags)]])
    if table:
        fileio.write_csv(folder / IMAGES, ["image", *tags], table)
    return len(table)


def _tiff(tifffile: Any, place: Path, plane: Any) -> None:
    tifffile.imwrite(place, plane, photometric="minisblack")


def file_name(source: str, number: str, cell_id: str) -> str:
    """Return the name of a cell's files before `_ChN.tif`: safe on every system, and its own for every cell."""
    stem = _UNSAFE.sub("_", Path(source.replace("\\", "/")).name.split(".")[0]).strip("_")[:60] or "cell"
    return f"{stem}_{_UNSAFE.sub('_', number)}_{cell_id[:8]}"
