"""Writes predicted stains while they are made, part by part: TIFF, OME-TIFF or Zarr, and pictures to look at.

Grey levels from 0 to 1 become 0 to 65535. Channels are the labels and, where the head tells an interval, `label low`
and `label high`. Files appear only when they are whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
import zarr
from numpy.typing import NDArray
from PIL import Image

from wizard import fileio
from wizard.engine.errors import UserError
from wizard.engine.labeling.tiling import Write

FORMATS = {"ome-tiff": ".ome.tif", "tiff": ".tif", "zarr": ".ome.zarr"}
"""Kinds of files and their endings."""
_CHUNK = 512
_TOP = 65535


def channel_names(labels: Sequence[str], gives: Sequence[str]) -> list[str]:
    """Return the names of a network's decoded channels, e.g. `DAPI`, `DAPI low`, `DAPI high`."""
    return [label if number == 0 else f"{label} {what}" for label in labels for number, what in enumerate(gives)]


@contextmanager
def opened(
    path: Path, kind: str, shape: tuple[int, int], channels: Sequence[str], pixel_size: float = 0.0
) -> Iterator[Write]:
    """Give a function that writes parts of a picture (y, x, channel); the file takes its name at the end.

    `pixel_size` is in µm, 0 = unknown. Raises UserError for an unknown kind.
    """
    if kind not in FORMATS:
        raise UserError(
            f"There is no output format called {kind!r}.", f"Known are: {', '.join(FORMATS)}.", "Choose one of these."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "zarr":
        with fileio.fresh_folder(path) as folder:
            yield _zarr(folder, path.name, shape, channels, pixel_size)
        return
    temporary = path.with_name(f".{path.name}.part")
    try:
        held = [_tiff(temporary, kind == "ome-tiff", shape, channels, pixel_size)]

        def write(top: int, left: int, part: NDArray[np.float32]) -> None:
            rows, columns = slice(top, top + part.shape[0]), slice(left, left + part.shape[1])
            held[0][:, rows, columns] = np.moveaxis(_levels(part), -1, 0)

        yield write
        held[0].flush()
        # Windows does not rename a file that is still mapped.
        held.clear()
        fileio.sync(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _levels(part: NDArray[Any]) -> NDArray[np.uint16]:
    return np.round(np.clip(part, 0, 1) * _TOP).astype(np.uint16)


def _tiff(path: Path, ome: bool, shape: tuple[int, int], channels: Sequence[str], pixel_size: float) -> Any:
    """Make an empty TIFF of its final size and return its pixels (channel, y, x), which stay on the disk."""
    about: dict[str, Any] = {"axes": "CYX"}
    if ome:
        about["Channel"] = {"Name": list(channels)}
        if pixel_size:
            about |= {"PhysicalSizeX": pixel_size, "PhysicalSizeY": pixel_size}
    elif channels:
        about.update(Labels=list(channels))
    return tifffile.memmap(
        path, shape=(len(channels), *shape), dtype=np.uint16, photometric="minisblack", ome=ome, imagej=not ome,
        metadata=about, bigtiff=ome and len(channels) * shape[0] * shape[1] * 2 > 2**32 - 2**25,
    )  # fmt: skip


def _zarr(folder: Path, name: str, shape: tuple[int, int], channels: Sequence[str], pixel_size: float) -> Write:
    group = zarr.open_group(folder, mode="w", zarr_format=2)
    array = group.create_array(
        "0", shape=(len(channels), *shape), dtype=np.uint16, chunks=(1, min(_CHUNK, shape[0]), min(_CHUNK, shape[1])),
        fill_value=0, chunk_key_encoding={"name": "v2", "separator": "/"},
    )  # fmt: skip
    unit = {"unit": "micrometer"} if pixel_size else {}
    axes = [{"name": "c", "type": "channel"}, *({"name": axis, "type": "space", **unit} for axis in "yx")]
    steps = [{"type": "scale", "scale": [1, pixel_size or 1, pixel_size or 1]}]
    scales: list[Any] = [{"version": "0.4", "name": name, "axes": axes,
                          "datasets": [{"path": "0", "coordinateTransformations": steps}]}]  # fmt: skip
    group.attrs["multiscales"] = scales
    group.attrs["omero"] = {"channels": [{"label": channel, "color": "FFFFFF", "active": True,
                                          "window": {"min": 0, "max": _TOP, "start": 0, "end": _TOP}}
                                         for channel in channels]}  # fmt: skip

    def write(top: int, left: int, part: NDArray[np.float32]) -> None:
        rows, columns = slice(top, top + part.shape[0]), slice(left, left + part.shape[1])
        array[:, rows, columns] = np.moveaxis(_levels(part), -1, 0)

    return write


def save_picture(path: Path, colours: NDArray[np.uint8]) -> Path:
    """Write a picture (y, x, red green blue) as PNG, whole or not at all."""
    return fileio.write_with(path, lambda place: Image.fromarray(colours).save(place, "PNG"))
