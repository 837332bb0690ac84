"""The training in a report."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from wizard.plan import step_settings
from wizard.reports import charts
from wizard.reports.blocks import Block, Column, Figure, Heading, Kind, Table, Text, Value
from wizard.reports.sections.common import facts, model_name
from wizard.reports.words import count, listed, whole
from wizard.results import TrainResult

_HISTORY: dict[str, tuple[str, Kind]] = {
    "epoch": ("Epoch", "whole"),
    "loss": ("Training loss", "number"),
    "val_loss": ("Validation loss", "number"),
    "accuracy": ("Training accuracy", "number"),
    "val_accuracy": ("Validation accuracy", "number"),
    "val_balanced_accuracy": ("Validation balanced accuracy", "number"),
    "learning_rate": ("Learning rate", "any"),
    "seconds": ("Seconds", "number"),
    "images_per_second": ("Images per second", "any"),
}
_RECALL = "recall_"
OPTIMISTIC = (
    "Validation figures decided when to stop, so they are optimistic. The honest figures come from the hold-out "
    "cells, in the step Evaluate."
)


def summary(result: TrainResult) -> str:
    """Say what was trained and how it ended."""
    network = result.network_title or result.network or "network"
    ended = f" Training ended because {result.ended_because.rstrip('.')}." if result.ended_because else ""
    return (
        f"The network {network} ({whole(result.parameters)} parameters) learned to tell "
        f"{count(len(result.classes), 'class', 'classes')} apart (target: {result.target or 'unknown'}) in "
        f"{count(result.epochs, 'epoch')}; epoch {result.best_epoch} was the best and is kept.{ended}"
    )


def blocks(result: TrainResult, folder: Path) -> list[Block]:
    """Return the model, its cells and its curves."""
    found: list[Block] = [_overview(result), _validation(result), Text(OPTIMISTIC, "note")]
    if result.weak:
        found.append(Text(
            f"The target is {result.target}, a tag of whole samples and not a class of single cells: the network "
            "learns whatever differs between the samples, which may be staining or the instrument.", "warning",
        ))  # fmt: skip
    found.append(_cells(result))
    if result.history:
        found += [Heading("Course of the training"), _curves(result, folder)]
    return [*found, *_history(result), *_adjustments(result)]


def _overview(result: TrainResult) -> Table:
    channels = listed(f"{item.name} ({item.number})" for item in result.channels)
    return facts(
        "Model",
        [
            ["Model file", model_name(result.model)],
            ["Network", result.network_title or result.network],
            ["Parameters", result.parameters],
            ["Target", result.target],
            ["Classes", listed(result.classes, 40)],
            ["Channels (number on the instrument)", channels],
            ["Frame size", f"{result.frame[1]} × {result.frame[0]} px"],
            ["Epochs shown", result.epochs],
            ["Best epoch", result.best_epoch],
            ["Training speed, images per second", round(result.images_per_second, 1) or None],
        ],
    )


def _validation(result: TrainResult) -> Table:
    names = {"loss": "Loss", "accuracy": "Accuracy", "balanced_accuracy": "Balanced accuracy"}
    rows: list[list[Value]] = [
        [title, result.validation[name]] for name, title in names.items() if name in result.validation
    ]
    cells = result.validation.get("n_cells")
    by = f", split by {result.validation_by}" if result.validation_by else ""
    note = f"On {whole(cells)} validation cells{by}." if cells else ""
    return Table("Validation at the best epoch", [Column("Figure"), Column("Value", "number")], rows, note)


def _curves(result: TrainResult, folder: Path) -> Figure:
    caption = (
        "Loss and accuracy over the epochs, on training and on validation cells. Training accuracy far above "
        "validation accuracy means that the network learns single cells by heart."
    )
    draw = partial(charts.curves, result.history, result.best_epoch)
    return Figure(folder / "curves.png", "Training curves", caption, draw)


def _cells(result: TrainResult) -> Table:
    total = sum(parts.get("train", 0) for parts in result.counts.values())
    rows: list[list[Value]] = [
        [name, parts.get("train", 0), parts.get("validation", 0), _share(parts.get("train", 0), total)]
        for name, parts in result.counts.items()
    ]
    columns = [
        Column("Class"), Column("Training cells", "whole"), Column("Validation cells", "whole"),
        Column("Share of the training cells", "percent"),
    ]  # fmt: skip
    return Table("Cells by class", columns, rows)


def _share(number: int, total: int) -> float | None:
    return number / total if total else None


def _history(result: TrainResult) -> list[Block]:
    if not result.history:
        return []
    present = {name for row in result.history for name in row}
    names = [name for name in _HISTORY if name in present] + sorted(present - set(_HISTORY))
    columns = [_column(name) for name in names]
    rows = [[row.get(name) for name in names] for row in result.history]
    note = "Every epoch with its figures."
    return [Table("Epochs", columns, rows, note, sheet="Epochs", shown=15)]


def _column(name: str) -> Column:
    if name.startswith(_RECALL):
        return Column(f"Validation recall of {name.removeprefix(_RECALL)}", "number")
    return Column(*_HISTORY.get(name, (name, "any")))


def _adjustments(result: TrainResult) -> list[Block]:
    """Return the settings that the user changed while the training ran."""
    if not result.adjustments:
        return []
    titles = {item.name: item.title for item in step_settings("train")}
    rows: list[list[Value]] = [
        [change["epoch"], titles.get(change["setting"], change["setting"]), _words(change["old"]),
         _words(change["new"]), change["time"]]
        for change in result.adjustments
    ]  # fmt: skip
    columns = [Column("From epoch", "whole"), Column("Setting"), Column("Old"), Column("New"), Column("Time (UTC)")]
    return [Table("Settings changed while it ran", columns, rows, sheet="Adjustments")]


def _words(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(str(item) for item in value)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
