"""Files for the TensorBoard projector: vectors, labels, a sprite with a picture of every cell, and their list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from wizard import fileio
from wizard.engine.events import Tell
from wizard.engine.extracting.formats import Source
from wizard.engine.extracting.table import cell_count, groups, matrix

SIDE = 8192
"""Largest side of a sprite (px) that TensorBoard takes."""
_LARGEST, _SMALLEST = 64, 32
"""Sides of a cell's picture in px: smaller ones are used for many cells."""
_AT_ONCE = 1024


def write(source: Source, folder: Path, tell: Tell, report: Callable[[float, str], None]) -> dict[str, str]:
    """Write tensors.tsv, metadata.tsv, sprite.png and projector_config.pbtxt; return title → name.

    Cells that have no place on the sprite are left out evenly, and said so.
    """
    cells = cell_count(source.path)
    tile = _tile(source.data.frame, cells)
    across = SIDE // max(tile)
    kept = np.unique(np.linspace(0, cells - 1, min(cells, across * across)).round().astype(np.int64))
    if len(kept) < cells:
        tell.notice(
            "info", f"The projector shows {len(kept)} of {cells} cells, evenly chosen: more pictures do not fit."
        )
    folder.mkdir(parents=True, exist_ok=True)
    _write_tables(source, folder, kept, report)
    _write_sprite(source, folder / "sprite.png", kept, tile, report)
    fileio.write_text(folder / "projector_config.pbtxt", config(source.about.get("layer", "features"), tile))
    titles = {"vectors": "tensors.tsv", "labels": "metadata.tsv", "pictures": "sprite.png",
              "list for TensorBoard": "projector_config.pbtxt"}  # fmt: skip
    return {f"Projector: {title}": f"{folder.name}/{name}" for title, name in titles.items()}


def _tile(frame: tuple[int, int], cells: int) -> tuple[int, int]:
    """Return height and width of a cell's picture: as large as there is place for all, within bounds."""
    fits = int(SIDE // max(1.0, np.ceil(np.sqrt(max(1, cells)))))
    longest = min(max(frame), _LARGEST, max(_SMALLEST, fits))
    height, width = (max(1, round(side * longest / max(frame))) for side in frame)
    return height, width


def _write_tables(source: Source, folder: Path, kept: NDArray[np.int64], report: Callable[[float, str], None]) -> None:
    names, texts = source.columns.of("network"), source.columns.texts

    def fill(vectors: Path, labels: Path) -> None:
        first = 0
        with vectors.open("w", encoding="utf-8") as numbers, labels.open("w", encoding="utf-8") as words:
            words.write("\t".join(_word(name) for name in texts) + "\n")
            for group in groups(source.path, [*texts, *names]):
                here = kept[(kept >= first) & (kept < first + group.num_rows)] - first
                part = group.take(here)
                for row in matrix(part, names).tolist():
                    numbers.write("\t".join(f"{value:.6g}" for value in row) + "\n")
                for line in zip(*(part.column(name).to_pylist() for name in texts), strict=True):
                    words.write("\t".join(_word(value) for value in line) + "\n")
                first += group.num_rows
                report(0.6 * first / max(1, kept[-1] + 1 if len(kept) else 1), "Writing the projector's files")

    fileio.write_with(
        folder / "tensors.tsv", lambda one: fileio.write_with(folder / "metadata.tsv", lambda two: fill(one, two))
    )


def _word(value: object) -> str:
    """Return text that stays in its field: no tabs or line ends; an empty one is a dash."""
    return " ".join(str("" if value is None else fileio.safe_cell(value)).split()) or "\u2013"


def _write_sprite(
    source: Source, path: Path, kept: NDArray[np.int64], tile: tuple[int, int], report: Callable[[float, str], None]
) -> None:
    """Put the cells row by row into a square; contrast is the same for all of them."""
    data, (height, width) = source.data, tile
    across = int(np.ceil(np.sqrt(max(1, len(kept)))))
    sample = data.load(kept[:: max(1, len(kept) // 500)])
    paint = _painter(sample, [channel.name for channel in data.channels])
    mode = "RGB" if paint(sample[:1]).ndim == 4 else "L"
    sheet = Image.new(mode, (across * width, across * height))
    for start in range(0, len(kept), _AT_ONCE):
        part = kept[start : start + _AT_ONCE]
        for place, picture in enumerate(paint(data.load(part)), start=start):
            one = Image.fromarray(picture)
            if one.size != (width, height):
                one = one.resize((width, height), Image.Resampling.BOX)
            sheet.paste(one, (place % across * width, place // across * height))
        report(0.6 + 0.4 * (start + len(part)) / max(1, len(kept)), "Drawing the cells")
    fileio.write_with(path, lambda target: sheet.save(target, format="PNG"))


def _painter(sample: NDArray[Any], names: list[str]) -> Callable[[NDArray[Any]], NDArray[np.uint8]]:
    """Return what turns images (cell, channel, y, x) into pictures: colour for RGB, else channels added in grey."""
    if len(sample) == 0:
        return lambda images: np.zeros((len(images), *images.shape[2:]), np.uint8)
    if names == ["Red", "Green", "Blue"]:
        white = float(sample.max()) or 1.0
        white = 255.0 if sample.dtype == np.uint8 else white
        return lambda images: (np.clip(np.moveaxis(images, 1, -1) / white, 0, 1) * 255).astype(np.uint8)
    limits = [np.nanpercentile(sample[:, place], (0.5, 99.8)) for place in range(sample.shape[1])]

    def grey(images: NDArray[Any]) -> NDArray[np.uint8]:
        planes = [
            np.clip((images[:, place] - low) / max(high - low, 1e-6), 0, 1) for place, (low, high) in enumerate(limits)
        ]
        return (np.nan_to_num(np.mean(planes, axis=0)) * 255).astype(np.uint8)

    return grey


def config(layer: str, tile: tuple[int, int]) -> str:
    """Return the text of a `ProjectorConfig` message (protobuf text format)."""
    height, width = tile
    return (
        "embeddings {\n"
        f"  tensor_name: {_quoted(f'Features of {layer}')}\n"
        '  tensor_path: "tensors.tsv"\n'
        '  metadata_path: "metadata.tsv"\n'
        "  sprite {\n"
        '    image_path: "sprite.png"\n'
        f"    single_image_dim: {width}\n"
        f"    single_image_dim: {height}\n"
        "  }\n"
        "}\n"
    )


def _quoted(text: str) -> str:
    escaped = text.encode("utf-8", "replace")
    return (
        '"' + "".join(chr(one) if 32 <= one < 127 and one not in (34, 92) else f"\\{one:03o}" for one in escaped) + '"'
    )
