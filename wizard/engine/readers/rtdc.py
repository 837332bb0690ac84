"""RT-DC files (`.rtdc`, HDF5) of deformability cytometers, as AIDeveloper, dclab and Shape-In write them.

`events/image` is (n, y, x) grey or (n, y, x, 3) colour, further layers `image_ch1`, `image_bg` … are (n, y, x);
`events/mask` is 0/255; `pos_x`, `pos_y`, `size_x`, `size_y` are in µm and `area_um` in µm².
Basins (images kept in another file) are never followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.readers.base import (
    Cell,
    Contents,
    Lost,
    OneFile,
    Reading,
    Source,
    Unreadable,
    check_pixels,
    check_size,
    plain_pixels,
    planes_of,
    register,
    source_name,
    uniform,
)
from wizard.engine.readers.hdf5 import DataSet, Group, Hdf5
from wizard.engine.readers.pictures import COLOUR
from wizard.results import Channel, Cue, Skipped

_BATCH, _BATCH_BYTES = 256, 1 << 26
_LABELS = 1 << 25
_NUMBERED = re.compile(r"image_ch(\d{1,3})")
_FACTS = {
    "setup:identifier": "Instrument",
    "setup:module composition": "Modules",
    "setup:software version": "Software",
    "setup:chip region": "Chip region",
    "setup:channel width": "Channel width (µm)",
    "setup:flow rate": "Flow rate (µl/s)",
    "setup:medium": "Medium",
    "imaging:flash device": "Flash",
    "imaging:frame rate": "Frame rate (1/s)",
}


@dataclass(frozen=True, slots=True)
class _Layers:
    """The reader's index: the data set and plane of every channel, and the masks."""

    planes: tuple[tuple[DataSet, int | None], ...]
    mask: DataSet | None


@register
class RtDc(OneFile):
    """One cell per event; the object number is the row, because `events/index` may stand still at 255."""

    name = "RT-DC (.rtdc)"
    extensions: tuple[str, ...] = (".rtdc",)

    def claim(self, root: Path, files: Sequence[Path], how: Reading) -> tuple[list[Source], list[Skipped]]:
        """Make every file a source, together with the labels that AIDeveloper writes beside it."""
        found = []
        for path in files:
            if self.can_open(path):
                labels = _labels_beside(path)
                found.append(Source(source_name(root, path), root, (path, labels) if labels else (path,)))
        return found, []

    def check(self, source: Source, how: Reading) -> Contents:
        """Read the headers and all features; images stay where they are."""
        with Hdf5(source.files[0]) as file:
            root = file.root()
            events = _events(file, root)
            cues: list[Cue] = []
            if file.cut:
                cues.append(_cue("File cut short", "The end of the file is missing; its last cells cannot be read."))
            images = _images(file, events, cues, source.name)
            first = next(iter(images.values()))
            count, height, width = first.shape[:3]
            check_size((height, width), how.longest)
            if count > file.raw.size:
                raise Unreadable("The HDF5 file is damaged: it cannot hold so many events.")
            channels, planes = _channels(images)
            mask = _mask(file, events, first.shape[:3], cues)
            features = _features(file, events, count, cues)
            size = _pixel_size(root.attributes, cues)
        dtype = np.result_type(*(data.dtype.newbyteorder("=") for data, _ in planes))
        return uniform(
            channels, count, height, width, np.dtype(np.float32) if dtype == np.float64 else dtype,
            masks=mask is not None, tags=_labels(source, count, cues), measurements=features,
            centres=_centres(features, size, height, width), extents=_extents(features, size),
            pixel_size=size, facts=_facts(root.attributes, size), cues=cues, index=_Layers(tuple(planes), mask),
        )  # fmt: skip

    def cells(
        self, source: Source, contents: Contents, channels: Sequence[int], picks: Sequence[int]
    ) -> Iterator[Cell | Lost]:
        """Read events a few hundred at a time; every piece of the file is decoded once per such batch."""
        layers: _Layers = contents.index
        wanted = [layers.planes[position] for position in planes_of(contents, channels)]
        with Hdf5(source.files[0]) as file:
            step = max(1, min(_BATCH, _BATCH_BYTES // max(1, sum(data.row for data, _ in wanted))))
            for start in range(0, len(picks), step):
                batch = [int(pick) for pick in picks[start : start + step]]
                rows: dict[str, dict[int, NDArray[Any] | str]] = {}
                for data in [data for data, _ in wanted] + ([layers.mask] if layers.mask else []):
                    if data.name not in rows:
                        rows[data.name] = _rows(file, data, sorted(set(batch)))
                for pick in batch:
                    yield _cell(contents, layers, wanted, rows, pick)


def _cell(
    contents: Contents,
    layers: _Layers,
    wanted: Sequence[tuple[DataSet, int | None]],
    rows: dict[str, dict[int, NDArray[Any] | str]],
    pick: int,
) -> Cell | Lost:
    """Put one event together from its rows."""
    number = int(contents.objects[pick])
    planes = []
    for data, plane in wanted:
        row = rows[data.name][pick]
        if isinstance(row, str):
            return Lost(number, row)
        planes.append(row if plane is None else row[..., plane])
    try:
        image = plain_pixels(np.stack(planes).astype(contents.dtype, copy=False))
    except Unreadable as error:
        return Lost(number, str(error))
    if layers.mask is None:
        return Cell(number, image)
    row = rows[layers.mask.name][pick]
    if isinstance(row, str):
        return Lost(number, row)
    return Cell(number, image, np.broadcast_to((row != 0).astype(np.uint8), image.shape).copy())


def _rows(file: Hdf5, data: DataSet, wanted: Sequence[int]) -> dict[int, NDArray[Any] | str]:
    """Return some rows of a data set (sorted row numbers), or for each why it cannot be read."""
    found: dict[int, NDArray[Any] | str] = {}
    step, at = data.rows, 0
    while at < len(wanted):
        first = wanted[at]
        block = first - first % step
        last = min(block + step, data.shape[0])
        stop = at
        while stop < len(wanted) and wanted[stop] < last:
            stop += 1
        try:
            values = file.read(data, first, wanted[stop - 1] + 1)
            # A copy, so that the whole piece need not be kept for one row of it.
            found.update((row, values[row - first].copy()) for row in wanted[at:stop])
        except Unreadable as error:
            found.update(_one_by_one(file, data, wanted[at:stop], str(error)))
        at = stop
    return found


def _one_by_one(file: Hdf5, data: DataSet, wanted: Sequence[int], why: str) -> Iterator[tuple[int, NDArray[Any] | str]]:
    """Save what can be saved of a damaged piece of uncompressed data."""
    for row in wanted:
        if data.index is not None:
            yield row, why
            continue
        try:
            yield row, file.read(data, row, row + 1)[0]
        except Unreadable as error:
            yield row, str(error)


def _events(file: Hdf5, root: Group) -> Group:
    if "events" not in root.links:
        raise Unreadable("The file has no events: it is not an RT-DC file.")
    events = file.group(root, "events")
    if not any(name.startswith("image") for name in events.links):
        if "basins" in root.links:
            raise Unreadable("The images lie in another file (a basin), which is not followed; export them with dclab.")
        raise Unreadable("The file has events but no images.")
    return events


def _images(file: Hdf5, events: Group, cues: list[Cue], name: str) -> dict[str, DataSet]:
    """Return the image layers that fit the first one, in the order of the channels."""
    names = [each for each in events.links if each == "image" or each.startswith("image_")]
    names.sort(key=lambda each: (each != "image", _number(each) or 1 << 10, each))
    found: dict[str, DataSet] = {}
    for each in names:
        try:
            data = file.data(events, each)
            _check_layer(data, found)
        except Unreadable as error:
            if not found and each == names[-1] or each == "image":
                raise
            cues.append(_cue("Image layer left out", f"The layer {each} of {name} is not used: {error}"))
            continue
        found[each] = data
    return found


def _check_layer(data: DataSet, others: dict[str, DataSet]) -> None:
    check_pixels(data.dtype)
    coloured = data.name == "image" and len(data.shape) == 4 and data.shape[3] == 3
    if len(data.shape) != 3 and not coloured:
        raise Unreadable(f"Images of the shape {data.shape} are neither grey nor colour.")
    if 0 in data.shape:
        raise Unreadable("The file holds no events.")
    first = next(iter(others.values()), data)
    if data.shape[:3] != first.shape[:3]:
        raise Unreadable(f"Its shape {data.shape} differs from that of the images, {first.shape}.")
    if np.result_type(data.dtype, first.dtype).itemsize > max(4, first.dtype.itemsize):
        raise Unreadable(f"Its pixels ({data.dtype}) do not go with those of the images ({first.dtype}).")


def _number(name: str) -> int:
    """Return the instrument's number in the name of a layer, 0 if there is none."""
    match = _NUMBERED.fullmatch(name)
    return int(match[1]) if match else 0


def _channels(images: dict[str, DataSet]) -> tuple[list[Channel], list[tuple[DataSet, int | None]]]:
    """Name the channels: `image` is 1 (in colour 1 to 3), `image_chN` follows as N + 1 (N + 3), then the others."""
    channels: list[Channel] = []
    planes: list[tuple[DataSet, int | None]] = []
    base, last = 1, 0
    for name, data in images.items():
        if len(data.shape) == 4:
            channels += COLOUR
            planes += [(data, plane) for plane in range(3)]
            base = last = 3
            continue
        number = 1 if name == "image" else base + _number(name) if _number(name) else max(last, base) + 1
        # The same name as a grey picture has, so that a model takes both.
        shown = "Grey" if name == "image" else name.replace("_", " ").capitalize()
        channels.append(Channel(name=shown, number=number))
        planes.append((data, None))
        last = number
    return channels, planes


def _mask(file: Hdf5, events: Group, shape: tuple[int, ...], cues: list[Cue]) -> DataSet | None:
    if "mask" not in events.links:
        return None
    try:
        data = file.data(events, "mask")
        if data.shape != shape or data.dtype.kind not in "ui":
            raise Unreadable(f"Its shape {data.shape} differs from that of the images.")
    except Unreadable as error:
        cues.append(_cue("Masks left out", f"The masks are not used: {error}"))
        return None
    return data


def _features(file: Hdf5, events: Group, count: int, cues: list[Cue]) -> dict[str, NDArray[np.float64]]:
    """Read the features: every row of numbers with one value per event; `index` is only a running number."""
    found: dict[str, NDArray[np.float64]] = {}
    failed = []
    for name, link in events.links.items():
        if name.startswith(("image", "mask", "index")) or link.address is None:
            continue
        try:
            if file.is_group(events, name):
                continue
            data = file.data(events, name)
            if len(data.shape) != 1 or data.dtype.kind not in "uif":
                continue
            if data.shape[0] != count:
                raise Unreadable(f"{name} has {data.shape[0]} values for {count} events.")
            values = file.read(data).astype(np.float64)
        except Unreadable:
            failed.append(name)
            continue
        found[name] = np.where(np.isfinite(values), values, np.nan)
    if failed:
        names = ", ".join(failed[:5]) + (" …" if len(failed) > 5 else "")
        cues.append(_cue("Features left out", f"These features cannot be read or do not fit the events: {names}."))
    return found


def _pixel_size(attributes: dict[str, Any], cues: list[Cue]) -> float:
    value = attributes.get("imaging:pixel size")
    if isinstance(value, (int, float)) and 0.001 <= value <= 100:
        return float(value)
    cues.append(_cue("Pixel size", "The file tells no pixel size: where the cells lie in the images is unknown."))
    return 0.0


def _centres(
    features: dict[str, NDArray[np.float64]], size: float, height: int, width: int
) -> NDArray[np.float32] | None:
    """Return the objects' centres (n, 2) as y, x in px, NaN where they lie outside of the image."""
    if size == 0 or "pos_x" not in features or "pos_y" not in features:
        return None
    found = np.stack([features["pos_y"], features["pos_x"]], axis=1) / size
    found[~((found >= 0) & (found <= (height, width))).all(axis=1)] = np.nan
    return found.astype(np.float32)


def _extents(features: dict[str, NDArray[np.float64]], size: float) -> NDArray[np.float32] | None:
    """Return the objects' longer sides (n) in px, from their boxes or else from their areas."""
    if size == 0:
        return None
    if "size_x" in features and "size_y" in features:
        found = np.maximum(features["size_x"], features["size_y"])
    elif "area_um" in features:
        found = 2 * np.sqrt(np.maximum(features["area_um"], 0) / np.pi)
    else:
        return None
    found = found / size
    return np.where((found > 0) & (found < 1e6), found, np.nan).astype(np.float32)


def _facts(attributes: dict[str, Any], size: float) -> dict[str, str]:
    """Return what the file tells of the instrument; texts that could be a path or an address are left out."""
    facts = {"Pixel size (µm)": f"{size:g}"} if size else {}
    for key, title in _FACTS.items():
        value = attributes.get(key)
        text = f"{value:g}" if isinstance(value, (int, float)) else value if isinstance(value, str) else ""
        if text and len(text) <= 80 and text.isprintable() and not set(text) & set("/\\@"):
            facts[title] = text
    return facts


def _labels_beside(path: Path) -> Path | None:
    """Return AIDeveloper's `X_Labels.txt` of `X_Data.rtdc`, if it is there."""
    if not path.stem.endswith("_Data"):
        return None
    labels = path.with_name(path.stem[: -len("_Data")] + "_Labels.txt")
    return labels if labels.is_file() else None


def _labels(source: Source, count: int, cues: list[Cue]) -> dict[str, Sequence[str]]:
    """Return the tag `class` from the labels beside the file: one whole number per line, one line per event."""
    if len(source.files) < 2:
        return {}
    path = source.files[1]
    try:
        if path.stat().st_size > _LABELS:
            raise ValueError("it is too large")
        numbers = [float(line) for line in path.read_text(encoding="utf-8-sig").split()]
        if len(numbers) != count:
            raise ValueError(f"it has {len(numbers)} labels for {count} events")
        if any(number != int(number) for number in numbers):
            raise ValueError("its labels are not whole numbers")
    except (OSError, ValueError, OverflowError) as error:
        why = str(error) if isinstance(error, ValueError) and str(error).startswith("it") else "it cannot be read"
        cues.append(_cue("Labels left out", f"The labels in {path.name} are not used: {why}."))
        return {}
    return {"class": [str(int(number)) for number in numbers]}


def _cue(subject: str, text: str) -> Cue:
    return Cue(level="warning", subject=subject, text=text)
