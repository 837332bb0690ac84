"""The explanations in a report: where the network looks, and which channels it needs."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from wizard.cell_maps import read_maps
from wizard.explain_plan import METHODS
from wizard.reports import explained
from wizard.reports.blocks import Block, Column, Figure, Heading, Table, Text, Value
from wizard.reports.sections.common import facts, model_name
from wizard.reports.words import count, listed, percent
from wizard.results import Estimate, ExplainResult
from wizard.results_explain import HOW

_COLOURS = (
    "Orange speaks for the class that the network named, blue against it. The channels of one method share a scale, so "
    "a channel that matters less looks fainter."
)


def summary(result: ExplainResult) -> str:
    """Say what was explained, and which channels suffice."""
    parts = []
    if result.methods:
        names = listed(METHODS[name] for name in result.methods)
        parts.append(
            f"Maps of {count(len(result.cells), 'cell')} show where {model_name(result.model)} looks ({names})."
        )
    subsets = {tuple(row.channels) for row in result.ablation}
    if subsets:
        parts.append(f"{count(len(subsets), 'channel subset')} were tried on {count(result.n_cells, 'cell')}.")
    return " ".join([*parts, result.suggestion]).strip()


def blocks(result: ExplainResult, folder: Path) -> list[Block]:
    """Return caveats, channel study and maps."""
    found: list[Block] = [Text(" ".join(result.caveats), "note")] if result.caveats else []
    found.append(_facts(result))
    if result.ablation:
        found += [Heading("Which channels suffice"), *_channels(result, folder)]
    if result.shares:
        found.append(_shares(result))
    path = folder / "maps.npz"
    if result.cells and path.is_file():
        found += [Heading("Where the network looks"), *_maps(result, folder, path)]
    return found


def _facts(result: ExplainResult) -> Table:
    group = count(result.n_groups, "group") if result.interval_by == "group" else "single cells"
    return facts(
        "What was explained",
        [
            ["Model", model_name(result.model)],
            ["Which cells", result.data],
            ["Cells with maps", len(result.cells)],
            ["Cells of the channel study", result.n_cells],
            ["Intervals were drawn over", group],
            ["Minutes for each network trained anew", result.minutes or None],
            ["Layer of Grad-CAM", result.layer],
            ["An empty place is", result.baseline],
            ["Covered square, px", result.patch or None],
            ["Integrated gradients: largest gap to their sum", percent(result.gap) if result.gap is not None else None],
            ["Computed with", result.engine],
        ],
    )


def _channels(result: ExplainResult, folder: Path) -> list[Block]:
    rows: list[list[Value]] = []
    hows = list(HOW)[::-1]
    subsets = explained.ordered(result.ablation)
    for row in sorted(result.ablation, key=lambda row: (hows.index(row.how), subsets.index(tuple(row.channels)))):
        chosen = row.channels == result.suggested and (row.how == "retrained") == (result.suggested_by == "retrained")
        rows.append([
            f"{result.names(row.channels)}{' (suggested)' if chosen else ''}", len(row.channels), HOW[row.how],
            *_ends(row.accuracy), *_ends(row.balanced_accuracy), *_ends(row.change), row.epochs or None,
            row.failed or None,
        ])  # fmt: skip
    numbers = [
        Column(f"{name}{end}", "number")
        for name in ("Accuracy", "Balanced accuracy", "Change of accuracy")
        for end in ("", " 95 % from", " 95 % to")
    ]
    columns = [Column("Channels"), Column("Number", "whole"), Column("How"), *numbers, Column("Epochs", "whole"),
               Column("Why not")]  # fmt: skip
    note = (
        "Change of accuracy: against all channels tried the same way, on the same cells. Blanked: the other channels "
        "have the mean grey level of the training cells. Swapped: they come from another cell."
    )
    caption = "Accuracy with each subset of the channels and its 95 % interval; grey band: that of all channels."
    draw = partial(explained.paint_channels, result)
    return [
        Text(result.suggestion),
        Figure(folder / "channels.png", "Accuracy by channels", caption, draw),
        Table("Every subset of channels", columns, rows, note, sheet="Channel subsets"),
    ]


def _ends(one: Estimate | None) -> tuple[float | None, float | None, float | None]:
    return (one.value, one.low, one.high) if one is not None else (None, None, None)


def _shares(result: ExplainResult) -> Table:
    names = [channel.shown for channel in result.channels]
    rows: list[list[Value]] = [[one.label, one.n_cells, *one.channels] for one in result.averages if one.channels]
    rows.append(["All classes", sum(one.n_cells for one in result.averages if one.channels), *result.shares])
    columns = [Column("Class"), Column("Cells in the average", "whole"), *(Column(name, "percent") for name in names)]
    note = (
        "What each channel adds to the network's evidence for the class, on average and without its sign (integrated "
        "gradients of rightly named cells)."
    )
    return Table("Share of the channels in the evidence", columns, rows, note)


def _maps(result: ExplainResult, folder: Path, path: Path) -> list[Block]:
    found: list[Block] = []
    means = list(range(len(result.averages)))[: explained.MOST_ROWS]
    if means:
        caption = f"Mean over rightly named cells in the middle of the frame, class by class. {_COLOURS}"
        draw = partial(_paint, result, path, means, "mean_")
        found.append(Figure(folder / "average_maps.png", "Average maps", caption, draw))
    examples = _examples(result)
    caption = f"The surest right cell of each class, and mistakes (true → named). {_COLOURS}"
    draw = partial(_paint, result, path, examples, "")
    return [*found, Figure(folder / "example_maps.png", "Maps of single cells", caption, draw)]


def _examples(result: ExplainResult) -> list[int]:
    """Return the first right and the first mistaken cell of each class; with many classes the right ones only."""
    first: dict[tuple[str, bool], int] = {}
    for place, cell in enumerate(result.cells):
        first.setdefault((cell.label, cell.right), place)
    right = [place for (_, good), place in first.items() if good]
    wrong = [place for (_, good), place in first.items() if not good]
    return sorted([*right[: explained.MOST_ROWS], *wrong[: max(0, explained.MOST_ROWS - len(right))]])


def _paint(result: ExplainResult, maps: Path, places: list[int], before: str, path: Path) -> None:
    found = read_maps(maps, places, before)
    rows = []
    for place, arrays in found.items():
        if before:
            one = result.averages[place]
            rows.append((f"{one.label} (n = {one.n_cells})", arrays))
        else:
            cell = result.cells[place]
            named = cell.label if cell.right else f"{cell.label} → {cell.predicted}"
            rows.append((f"{named} {cell.confidence:.0%}", arrays))
    explained.paint_maps(result, rows, path)
