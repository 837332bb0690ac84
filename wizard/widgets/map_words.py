"""What the maps say in words: of a cell that is pointed at, and below the maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from wizard.widgets.map_columns import Source, read_column, sources
from wizard.widgets.map_data import FIXED, FOUND, Column, MapData, read_maps

_LINES = 10

Found = tuple[MapData, list[Source], dict[str, Column]]
"""What is read for the maps: their table, all columns there are, and what was predicted."""

TOOLS = {
    "move": ("Move", "Drag to move the map, or to turn one in space (with Shift it moves, too). The wheel enlarges."),
    "zoom": ("Zoom", "Drag a box; it will fill the map. Whole shows everything again."),
    "lasso": ("Lasso", "Draw around cells to select them. Shift adds to the selection, Ctrl or Alt takes away."),
    "box": ("Box", "Drag a box around cells to select them. Shift adds to the selection, Ctrl or Alt takes away."),
}
"""The tools of a map: the word on their button, and what they do."""


def predictions(listed: Sequence[Source], data: MapData) -> dict[str, Column]:
    """Read what was predicted of the cells, nothing when the table is damaged; meant for a thread."""
    wanted = [one for one in listed if one.group == "Prediction" and one.title in ("predicted", "confidence")]
    try:
        return {one.title: read_column(one, data.at, data.total) for one in wanted}
    except (OSError, KeyError, ValueError):
        return {}


def lines_of(
    data: MapData, cell: int, coloured: tuple[str, Column | None], predicted: Mapping[str, Column], tags: Sequence[str]
) -> list[str]:
    """Return what is known of a cell, in lines: where it is from, the value that colours it, prediction and tags."""
    number = data.columns["object"].text(cell) if "object" in data.columns else ""
    source = data.columns["source"].text(cell) if "source" in data.columns else ""
    lines = [f"{short(source, 38)}, object {number}" if source else f"Cell {data.ids[cell]}"]
    title, column = coloured
    columns = {**predicted, **data.columns}
    if column is not None and title not in columns:
        lines.append(f"{short(title, 20)}: {column.text(cell) or 'not known'}")
    names = dict.fromkeys([title, *predicted, "cluster", "pseudotime", *tags])
    told = [(name, columns[name].text(cell)) for name in names if name in columns]
    lines += [f"{short(name, 20)}: {short(value or 'not known', 30)}" for name, value in told[:_LINES]]
    return [*lines, "placed into the map"] if data.placed[cell] else lines


def below(data: MapData, missing: int, deep: bool, help_: str) -> str:
    """Say what is drawn and what is not; `missing` cells have no place on a map."""
    words = [f"{data.total:,} cells."]
    if missing:
        words.append(f"{missing:,} have no place on the map and are not drawn.")
    if data.placed.any():
        words.append(f"{int(data.placed.sum()):,} were placed into it (rings).")
    if deep:
        words.append("Drag to turn the map.")
    return " ".join([*words, help_])


def short(text: str, most: int) -> str:
    """Return a text of at most `most` letters."""
    return text if len(text) <= most else text[: most - 1] + "\u2026"


def read_all(
    folder: Path, numbers: Sequence[str], tags: Sequence[str], results: Path | None, groups: Mapping[str, Sequence[str]]
) -> Found:
    """Read the table of the maps in a folder, and list all columns there are; meant for a thread."""
    data = read_maps(folder, list(numbers))
    known = [name for name in tags if name in data.columns]
    own = [name for name in data.columns if name not in (*known, *FIXED)]
    own.sort(key=lambda name: FOUND.index(name) if name in FOUND else len(FOUND))
    listed = sources(known, own, results, groups)
    return data, listed, predictions(listed, data)
