"""Class maps: the predicted class of every cell drawn where it lies in its original picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from wizard import fileio
from wizard.engine.data.dataset import BOX, DataSet
from wizard.engine.events import Tell
from wizard.engine.predicting.origins import Names, file_of, sources
from wizard.engine.predicting.table import Predicted
from wizard.engine.readers import READERS
from wizard.engine.readers.base import Cell, Contents, Reader, Reading, Source, Unreadable

COLOURS = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#FFFFFF",
    "#332288", "#999933", "#882255", "#44AA99", "#CC6677", "#117733", "#DDCC77", "#AA4499",
)  # fmt: skip
"""Okabe and Ito's colours (white for black, which no dark picture shows), then eight of Tol's muted ones."""

FOLDER = "maps"
_MOST = 200
_LONGEST = 2000
"""Longest side of a map in px; larger pictures are shown smaller."""
_LEAST = 700
"""Shortest width of a map in px; smaller pictures are shown larger, so that boxes and letters stay apart."""
_PICTURE_SIDE = 65535


@dataclass(frozen=True)
class _Picture:
    """An original picture with the rows and boxes (top, left, height, width) of its cells."""

    name: str
    pixels: NDArray[np.uint8]
    rows: NDArray[np.int64]
    boxes: NDArray[np.int64]


def write(folder: Path, data: DataSet, found: Predicted, inputs: Sequence[str], tell: Tell) -> dict[str, str]:
    """Write one map (PNG) per picture whose cells have a place in it; return picture → file beside result.json."""
    if not all(name in data.cells for name in BOX):
        return {}
    names = Names()
    written: dict[str, str] = {}
    missing: list[str] = []
    for picture in _pictures(data, inputs, missing):
        tell.progress(0.92, f"Class map of {picture.name}")
        file = f"{FOLDER}/{names.take(picture.name, '.png')}"
        image = _draw(picture, found)
        fileio.write_with(folder / file, lambda place, image=image: image.save(place, format="PNG"))  # type: ignore[misc]
        written[picture.name] = file
        if len(written) == _MOST:
            tell.notice("info", f"Class maps were drawn for the first {_MOST} pictures only.")
            break
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        tell.notice("warning", f"No class map of {missing[0]}{more}: the original picture cannot be read again.")
    return written


def _pictures(data: DataSet, inputs: Sequence[str], missing: list[str]) -> Iterator[_Picture]:
    tags = data.values("picture") if "picture" in data.tags else data.cells["source"].astype(str)
    columns = np.stack([np.asarray(data.cells[name], float) for name in BOX], axis=1)
    for source, rows in sources(data):
        rows = rows[np.isfinite(columns[rows]).all(axis=1)]
        if not len(rows):
            continue
        path = file_of(source, inputs)
        planes = _planes(path, source) if path is not None else {}
        for name in np.unique(tags[rows]).tolist():
            own = rows[tags[rows] == name]
            boxes = columns[own].astype(np.int64)
            pixels = planes.get(name)
            if pixels is None or (boxes[:, :2] + boxes[:, 2:] > pixels.shape[:2]).any() or (boxes < 0).any():
                missing.append(name)
                continue
            yield _Picture(name, pixels, own, boxes)


def _planes(path: Path, name: str) -> dict[str, NDArray[np.uint8]]:
    """Return the pictures of a file by the name that their cells carry, 8 bits (y, x) or (y, x, 3); empty if unread."""
    how = Reading(longest=_PICTURE_SIDE)
    for reader in READERS.values():
        if not reader.can_open(path):
            continue
        try:
            claimed, _ = reader.claim(path.parent, [path], how)
            return {} if not claimed else _decoded(reader, claimed[0], how, name)
        except (Unreadable, OSError):
            return {}
    return {}


def _decoded(reader: Reader, source: Source, how: Reading, name: str) -> dict[str, NDArray[np.uint8]]:
    contents = reader.check(source, how)
    numbers = [channel.number for channel in contents.channels]
    found = {}
    for pick, cell in enumerate(reader.cells(source, contents, numbers, list(range(len(contents))))):
        if isinstance(cell, Cell):
            found[_key(contents, pick, name)] = _shown(cell.image, [channel.name for channel in contents.channels])
    return found


def _key(contents: Contents, pick: int, name: str) -> str:
    return name if len(contents) == 1 else f"{name} {int(contents.objects[pick])}"


def _shown(image: NDArray[Any], names: Sequence[str]) -> NDArray[np.uint8]:
    """Return a picture (channel, y, x) as 8 bits: in colour if it is, else its first channel."""
    planes = image[:3] if list(names[:3]) == ["Red", "Green", "Blue"] else image[:1]
    low, high = np.percentile(planes, (0.5, 99.8)) if planes.dtype != np.uint8 else (0, 255)
    scaled = np.clip((planes.astype(np.float32) - low) / max(high - low, 1e-6) * 255, 0, 255).astype(np.uint8)
    return np.moveaxis(scaled, 0, -1) if len(planes) == 3 else scaled[0]


def _draw(picture: _Picture, found: Predicted) -> Image.Image:
    height, width = picture.pixels.shape[:2]
    size = min(max(1.0, _LEAST / width), _LONGEST / max(height, width))
    base = Image.fromarray(picture.pixels).convert("RGB")
    base = base.resize((max(1, round(width * size)), max(1, round(height * size))), Image.Resampling.BILINEAR)
    over = Image.new("RGBA", base.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(over)
    line = max(1, round(min(base.size) / 350))
    for row, box in zip(picture.rows.tolist(), picture.boxes.tolist(), strict=True):
        number = int(found.number[row])
        colour = _rgb(COLOURS[number % len(COLOURS)])
        top, left, tall, wide = (round(value * size) for value in box)
        corners = (left, top, left + max(wide, 2) - 1, top + max(tall, 2) - 1)
        doubtful = bool(found.unsure[row] or found.unfamiliar[row])
        pen.rectangle(corners, fill=None if doubtful else (*colour, 60), outline=(*colour, 255), width=line)
        if doubtful:
            pen.line((corners[0], corners[3], corners[2], corners[1]), fill=(*colour, 255), width=line)
        if min(tall, wide) >= 22:
            _number(pen, corners, number, colour)
    return _with_legend(Image.alpha_composite(base.convert("RGBA"), over).convert("RGB"), picture, found)


def _number(pen: ImageDraw.ImageDraw, corners: tuple[int, int, int, int], number: int, colour: tuple[int, ...]) -> None:
    """Write the number of the class into a corner: no class is told by its colour alone."""
    side = min(corners[2] - corners[0], corners[3] - corners[1])
    text, font = str(number + 1), _font(min(40, max(13, side // 4)))
    left, top, right, bottom = pen.textbbox((corners[0] + 3, corners[1] + 2), text, font=font)
    pen.rectangle((left - 2, top - 2, right + 2, bottom + 2), fill=(0, 0, 0, 190))
    pen.text((corners[0] + 3, corners[1] + 2), text, font=font, fill=(*colour, 255))


def _with_legend(image: Image.Image, picture: _Picture, found: Predicted) -> Image.Image:
    """Put the classes with their numbers, colours and counts below the picture."""
    font, row, pad = _font(15), 24, 10
    counts = np.bincount(found.number[picture.rows], minlength=len(found.classes))
    doubtful = int((found.unsure[picture.rows] | found.unfamiliar[picture.rows]).sum())
    shown = [(number, f"{number + 1}  {found.classes[number]}: {count:,}")
             for number, count in enumerate(counts.tolist()) if count]  # fmt: skip
    measure = ImageDraw.Draw(image)
    column = max([int(measure.textlength(text, font=font)) for _, text in shown] + [120]) + 44
    across = max(1, (image.width - pad) // column)
    lines = -(-len(shown) // across) + 1
    width = max(image.width, column + 2 * pad)
    sheet = Image.new("RGB", (width, image.height + lines * row + 2 * pad), "#FFFFFF")
    sheet.paste(image, (0, 0))
    pen = ImageDraw.Draw(sheet)
    for place, (number, text) in enumerate(shown):
        x, y = pad + place % across * column, image.height + pad + place // across * row
        pen.rectangle((x, y + 3, x + 16, y + 19), fill=COLOURS[number % len(COLOURS)], outline="#1F2933")
        pen.text((x + 24, y + 2), text, font=font, fill="#1F2933")
    words = f"Crossed out, without fill: unsure or unlike the training cells ({doubtful:,})"
    pen.text((pad, image.height + pad + (lines - 1) * row + 2), words, font=font, fill="#52606D")
    return sheet


def _font(size: int) -> Any:
    return ImageFont.load_default(size)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
