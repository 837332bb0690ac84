"""Numbers and object records of an IDEAS analysis (.daf): columns from its XML text or its binary part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wizard.engine.readers.base import Unreadable

MOST_CHANNELS = 64
CUT = "The analysis is cut off: its end is missing."
SCALARS = ("id", "imgIFD", "mskIFD", "spIFD", "w", "l", "fs", "cl", "ct", "objCenterX", "objCenterY")
_TYPES = ("<u4", "<u8", "<u8", "<u8", "<f8", "<f8", "<f8", "<u4", "<u4", "<f8", "<f8")
ARRAYS = ("bgstd", "bgmean", "satcount", "satpercent")
_FIRST_COUNT = 4 + 24 + 24 + 8 + 16


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects' index (n rows), in the order of the feature values.

    `image_offsets`, `mask_offsets`: uint64 byte offsets of the directories in the image file; `widths` (of all channels
    side by side), `heights` in px; `flow_speed` in mm/s; `camera_line`, `camera_timer` as the instrument counts;
    `centres` (n, 2) y, x in px of the camera strip; the backgrounds' mean and SD, the saturated pixels' count
    and percentage are (n, channels), or (n, 0) where the file has none.
    """

    ids: NDArray[np.int64]
    image_offsets: NDArray[np.uint64]
    mask_offsets: NDArray[np.uint64]
    widths: NDArray[np.float64]
    heights: NDArray[np.float64]
    flow_speed: NDArray[np.float64]
    camera_line: NDArray[np.float64]
    camera_timer: NDArray[np.float64]
    centres: NDArray[np.float64]
    background_sd: NDArray[np.float64]
    background_mean: NDArray[np.float64]
    saturated_count: NDArray[np.float64]
    saturated_percent: NDArray[np.float64]


def number(text: str) -> float:
    """Return the number of a text; NaN when it is none."""
    try:
        return float(text) if "_" not in text else np.nan
    except ValueError:
        return np.nan


def numbers(text: str) -> NDArray[np.float64]:
    """Return the numbers of a text with "|" between them; NaN for what is none."""
    if not text:
        return np.zeros(0)
    parts = pc.split_pattern(pa.array([text], pa.large_string()), "|").values
    try:
        return pc.cast(parts, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return np.array([number(part) for part in text.split("|")])


def table(texts: dict[str, list[str]]) -> dict[str, NDArray[Any]]:
    """Turn the attributes of all objects into columns."""
    columns: dict[str, NDArray[Any]] = {key: numbers("|".join(texts[key])) for key in SCALARS}
    count = len(texts["id"])
    for key in ARRAYS:
        widths = {text.count("|") + 1 if text else 0 for text in texts[key]}
        if len(widths) > 1:
            raise Unreadable("The analysis is damaged: its objects have different numbers of channels.")
        columns[key] = numbers("|".join(texts[key]) if widths != {0} else "").reshape(count, widths.pop())
    return columns


def records(rows: bytes, count: int) -> dict[str, NDArray[Any]]:
    """Return the columns of the objects' records; all have the layout of the first."""
    sizes, at = [], _FIRST_COUNT
    for _ in ARRAYS:
        if at + 4 > len(rows):
            raise Unreadable(CUT)
        sizes.append(int.from_bytes(rows[at : at + 4], "little"))
        if sizes[-1] > MOST_CHANNELS:
            raise Unreadable("The analysis is damaged: an object has too many channels.")
        at += 4 + 8 * sizes[-1]
    arrays: list[Any] = []
    for key, size in zip(ARRAYS, sizes, strict=True):
        arrays += [(f"{key} count", "<u4"), (key, "<f8", (size,))]
    layout = np.dtype([*zip(SCALARS, _TYPES, strict=True), *arrays])
    if len(rows) != count * layout.itemsize:
        raise Unreadable(CUT if len(rows) < count * layout.itemsize else "The analysis is damaged at its end.")
    found = np.frombuffer(rows, layout)
    if any((found[f"{key} count"] != size).any() for key, size in zip(ARRAYS, sizes, strict=True)):
        raise Unreadable("The analysis is damaged: its objects have different numbers of channels.")
    return {key: found[key] for key in (*SCALARS, *ARRAYS)}


def objects(columns: dict[str, NDArray[Any]], count: int, channels: int) -> Objects:
    """Check the columns of the objects and name them."""
    widths = {columns[key].shape[1] for key in ARRAYS} - {0, channels}
    if any(len(column) != count for column in columns.values()) or (widths and channels):
        raise Unreadable("The analysis is damaged: its objects do not fit its numbers of objects and channels.")
    for values in (columns["id"], columns["imgIFD"]):
        if values.dtype.kind == "f" and not ((values >= 0) & (values < 2**53) & (values % 1 == 0)).all():
            raise Unreadable("The analysis is damaged: the place of an object in the image file is missing.")
    if len(np.unique(columns["id"])) != count:
        raise Unreadable("The analysis is damaged: several objects have one number.")
    masks = columns["mskIFD"]
    if masks.dtype.kind == "f":
        masks = np.where((masks >= 0) & (masks < 2**53), masks, 0)  # images without masks
    floats = {key: np.ascontiguousarray(values, np.float64) for key, values in columns.items()}
    return Objects(
        columns["id"].astype(np.int64), columns["imgIFD"].astype(np.uint64), masks.astype(np.uint64),
        floats["w"], floats["l"], floats["fs"], floats["cl"], floats["ct"],
        np.stack([floats["objCenterY"], floats["objCenterX"]], axis=1),
        floats["bgstd"], floats["bgmean"], floats["satcount"], floats["satpercent"],
    )  # fmt: skip
