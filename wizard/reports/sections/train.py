"""The training in a report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from html import unescape
from pathlib import Path

from wizard.plan import step_settings
from wizard.reports import charts
from wizard.reports.blocks import Block, Column, Figure, Heading, Kind, Lines, Table, Text, Value
from wizard.reports.sections.common import facts, model_name
from wizard.reports.words import count, listed, whole
from wizard.results import TrainResult
from wizard.results_train import CARD

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
_CHARTS = {
    "Loss": ("loss", "val_loss"),
    "Accuracy": ("accuracy", "val_accuracy", "val_balanced_accuracy"),
}
_RECALL = "recall_"
OPTIMISTIC = (
    "Validation figures decided when to stop, so they are optimistic. The honest figures come from the hold-out "
    "cells, in the step Evaluate."
)
_HONEST = (
    "Each cell was judged by the network that neither learned from it nor from its group, but it helped to decide when "
    "that network stopped, so these figures are still slightly optimistic. The model made of all networks is judged on "
    "the hold-out cells, in the step Evaluate."
)
WEAK = (
    "The target is {target}, a tag of whole samples and not a class of single cells. Many cells look alike whatever "
    "its value, so a low accuracy is expected and is no sign of a failed training. The network learns whatever differs "
    "between the samples, which may be staining or the instrument. What it is for are its features: take them in the "
    "step Extract and look at them in Visualize."
)


def summary(result: TrainResult) -> str:
    """Say what was trained and how it ended."""
    network = result.network_title or result.network or "network"
    ended = f" Training ended because {result.ended_because.rstrip('.')}." if result.ended_because else ""
    if result.folds:
        return (
            f"{count(len(result.folds), 'network')} ({network}, {whole(result.parameters)} parameters in all) learned "
            f"to tell {count(len(result.classes), 'class', 'classes')} apart (target: {result.target or 'unknown'}), "
            f"each from another part of the training cells; together they are one model.{ended}"
        )
    if result.taken_back:
        ended = ""
    return (
        f"The network {network} ({whole(result.parameters)} parameters) learned to tell "
        f"{count(len(result.classes), 'class', 'classes')} apart (target: {result.target or 'unknown'}) in "
        f"{count(result.epochs, 'epoch')}; epoch {result.best_epoch} was the best and is kept.{ended}"
    )


def blocks(result: TrainResult, folder: Path) -> list[Block]:
    """Return the model, its cells and its curves."""
    found: list[Block] = [_overview(result), _validation(result)]
    found.append(Text(_HONEST if result.folds else OPTIMISTIC, "note"))
    if result.taken_back:
        found.append(Text(
            f"The model is that of epoch {result.best_epoch}, taken back from the history of trainings; nothing was "
            "trained for it.", "note",
        ))  # fmt: skip
    if result.weak:
        found.append(Text(WEAK.format(target=result.target), "warning"))
    found.append(_cells(result))
    if result.history:
        found += [Heading("Course of the training"), _curves(result, folder)]
    return [*found, *_folds(result), *_history(result), *_adjustments(result), *_layers(result), *_card(folder)]


def _card(folder: Path) -> list[Block]:
    """Return the model's card as a table; nothing where it is not beside the result."""
    path = folder / CARD
    if not path.is_file():
        return []
    rows, part = [], ""
    for line in path.read_text(encoding="utf-8").splitlines():
        text = unescape(re.sub(r"\\(.)", r"\1", line.strip().removeprefix("- ").strip("*")))
        if line.startswith("#"):
            part = text.lstrip("# ")
        elif text and not set(text) <= set("|-: "):
            rows.append([part, text])
    columns = [Column("Part"), Column("Text")]
    return [Table("Model card", columns, rows, f"The same text is in {CARD} and in the model file.", "Model card", 0)]


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
            ["First weights", result.start],
            ["Layers that kept their weights", _frozen(result)],
            ["Name in the history of trainings", result.run],
        ],
    )


def _frozen(result: TrainResult) -> str:
    frozen = [layer.name for layer in result.layers if layer.frozen]
    return f"{len(frozen)} of {len(result.layers)}: {listed(frozen, 8)}" if frozen else ""


def _validation(result: TrainResult) -> Table:
    names = {"loss": "Loss", "accuracy": "Accuracy", "balanced_accuracy": "Balanced accuracy"}
    rows: list[list[Value]] = [
        [title, result.validation[name]] for name, title in names.items() if name in result.validation
    ]
    cells = result.validation.get("n_cells")
    by = f", split by {result.validation_by}" if result.validation_by else ""
    note = f"On {whole(cells)} validation cells{by}." if cells else ""
    if not result.folds:
        return Table("Validation at the best epoch", [Column("Figure"), Column("Value", "number")], rows, note)
    estimates = {"accuracy": result.cross_accuracy, "balanced_accuracy": result.cross_balanced_accuracy}
    for name, title in names.items():
        estimate = estimates.get(name)
        if estimate is not None:
            place = next(index for index, row in enumerate(rows) if row[0] == title)
            rows[place] = [title, estimate.value, estimate.low, estimate.high]
    rows = [[*row, *[None] * (4 - len(row))] for row in rows]
    columns = [Column("Figure"), Column("Value", "number"), Column("95 % from", "number"), Column("to", "number")]
    return Table("Cross-validation", columns, rows, f"{note} Every one was judged by the network that never saw it.")


def _folds(result: TrainResult) -> list[Block]:
    """Return what came of each network of a cross-validation."""
    if not result.folds:
        return []
    columns = [
        Column("Network", "whole"), Column("Training cells", "whole"), Column("Validation cells", "whole"),
        Column("Validated on"), Column("Epochs", "whole"), Column("Best epoch", "whole"), Column("Loss", "number"),
        Column("Accuracy", "number"), Column("Balanced accuracy", "number"), Column("Name in the history"),
    ]  # fmt: skip
    rows: list[list[Value]] = [
        [fold.fold, fold.n_train, fold.n_validation, listed(fold.groups, 8) if fold.groups else "single cells",
         fold.epochs, fold.best_epoch, fold.loss, fold.accuracy, fold.balanced_accuracy, fold.run]
        for fold in result.folds
    ]  # fmt: skip
    note = "Each network was validated on cells from which it did not learn."
    return [Table("Networks", columns, rows, note, sheet="Networks")]


def _layers(result: TrainResult) -> list[Block]:
    """Return the layers with weights, and which of them kept theirs."""
    if not result.layers:
        return []
    columns = [
        Column("Layer"), Column("Kind"), Column("Output (y × x × channels)"), Column("Weights", "whole"),
        Column("Frozen"),
    ]  # fmt: skip
    rows: list[list[Value]] = [
        [layer.name, layer.kind, " × ".join(str(side) for side in layer.shape), layer.parameters,
         "yes" if layer.frozen else "no"]
        for layer in result.layers
    ]  # fmt: skip
    return [Table("Layers with weights", columns, rows, sheet="Layers", shown=10)]


def _curves(result: TrainResult, folder: Path) -> Figure:
    caption = ("Means over the networks that reached an epoch. " if result.folds else "") + (
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
    return [Table("Epochs", columns, rows, note, sheet="Epochs", shown=15, charts=_charts(names))]


def _charts(names: Sequence[str]) -> list[Lines]:
    """Return the charts of loss and accuracy that the columns allow."""
    if "epoch" not in names:
        return []
    found = []
    for title, wanted in _CHARTS.items():
        columns = [names.index(name) for name in wanted if name in names]
        if columns:
            found.append(Lines(title, names.index("epoch"), columns, "Epoch", title))
    return found


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
         _words(change["new"]), change["time"], change.get("why", "")]
        for change in result.adjustments
    ]  # fmt: skip
    columns = [Column("From epoch", "whole"), Column("Setting"), Column("Old"), Column("New"), Column("Time (UTC)"),
               Column("Why")]  # fmt: skip
    if result.folds:
        rows = [[change.get("fold"), *row] for change, row in zip(result.adjustments, rows, strict=True)]
        columns = [Column("Network", "whole"), *columns]
    return [Table("Settings changed while it ran", columns, rows, sheet="Adjustments")]


def _words(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(str(item) for item in value)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
