"""What a finished training shows: headline, facts, folds, layers, changes, and words for weak targets."""

from __future__ import annotations

import tkinter as tk

import customtkinter as ctk

from wizard import training_time, weak_targets
from wizard.live_settings import change_text
from wizard.results import Estimate, TrainResult
from wizard.steps.page import percent, seconds_text
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text, plural
from wizard.widgets.panels import facts, figures
from wizard.widgets.symbols import Symbol
from wizard.widgets.table import Table
from wizard.words import catalogue


def weak_panel(parent: tk.Misc, result: TrainResult) -> ctk.CTkFrame:
    """Return a panel that says how to read the figures of a weak target, and what to do next."""
    panel = ctk.CTkFrame(
        parent, fg_color=palette.ACCENT_SOFT, border_width=1, border_color=palette.LINE, corner_radius=8
    )
    panel.columnconfigure(1, weight=1)
    Symbol(panel, "info", 22, palette.ACCENT_SOFT).grid(row=0, column=0, rowspan=4, sticky="n", padx=12, pady=12)
    accuracy = result.cross_accuracy.value if result.cross_accuracy else result.validation.get("accuracy")
    lines = weak_targets.after(result.target, len(result.classes), accuracy)
    for row, line in enumerate(["Weak target: low accuracy is expected", *lines]):
        last = len(lines)
        Text(panel, line, weight="bold" if row in (0, last) else "normal", back=palette.ACCENT_SOFT).grid(
            row=row, column=1, sticky="ew", padx=(0, 12), pady=(10 if row == 0 else 0, 10 if row == last else 4)
        )
    return panel


def headline(parent: tk.Misc, result: TrainResult) -> Area:
    """Return the figures that come first."""
    cells = int(result.validation.get("n_cells", 0))
    by = f"{plural(cells, 'cell')}, drawn by {result.validation_by or 'cell'}"
    accuracy = ("Validation accuracy", percent(result.validation.get("accuracy")), by)
    balanced = ("Balanced accuracy", percent(result.validation.get("balanced_accuracy")), "every class counts the same")
    last = ("Best epoch", f"{result.best_epoch}", f"of {result.epochs} shown; {result.ended_because}".rstrip("; ")[:80])
    if result.folds:
        cells = sum(fold.n_validation for fold in result.folds)
        if result.cross_accuracy is not None:
            accuracy = (
                "Cross-validated accuracy",
                percent(result.cross_accuracy.value),
                interval(result.cross_accuracy),
            )
        if result.cross_balanced_accuracy is not None:
            value = result.cross_balanced_accuracy
            balanced = ("Balanced accuracy", percent(value.value), interval(value))
        last = (
            "Networks",
            f"{len(result.folds)}",
            f"{plural(cells, 'cell')}, each judged by the one that never saw it",
        )
    return figures(parent, [accuracy, balanced, last])


def interval(value: Estimate) -> str:
    """Return the interval of a share in words."""
    if value.low is None or value.high is None:
        return ""
    return f"[{100 * value.low:.1f} to {100 * value.high:.1f} %], 95 % interval"


def facts_of(parent: tk.Misc, result: TrainResult) -> Area:
    """Return what was trained, from what, and for how long."""
    frame = f"{result.frame[1]} \u00d7 {result.frame[0]} px"
    rows = [
        ("Network", result.network_title or result.network),
        ("Started from", result.start),
        ("Parameters", f"{result.parameters:,}"),
        ("Input", f"{', '.join(item.name for item in result.channels)}; {frame}"),
        ("Target", result.target + (" (weak supervision)" if result.weak else "")),
        ("Epochs", f"{result.epochs}, best: {result.best_epoch}"),
        ("Taken back", f"the saved epoch {result.best_epoch} of an earlier run" if result.taken_back else ""),
        ("Ended because", result.ended_because),
        ("Validation loss", f"{result.validation['loss']:.4f}" if "loss" in result.validation else "\u2013"),
        ("Speed", f"{result.images_per_second:,.0f} images per second"),
        ("Time", seconds_text(result.seconds)),
        ("Told before it began", training_time.stored_words(result.expected_seconds)),
        ("Model", result.model),
        ("Run in the history", result.run),
    ]
    optional = {"Told before it began", "Started from", "Taken back", "Run in the history"}
    return facts(parent, [(name, value) for name, value in rows if value or name not in optional])


def classes_of(parent: tk.Misc, result: TrainResult) -> Table:
    """Return how many cells of each class were learned from."""
    rows = [(name, f"{row.get('train', 0):,}", f"{row.get('validation', 0):,}") for name, row in result.counts.items()]
    return Table(parent, ["Class", "Training cells", "Validation cells"], rows, height=min(10, len(rows) or 1))


def folds_of(parent: tk.Misc, result: TrainResult) -> Table:
    """Return the networks of a cross-validation."""
    rows = [
        (
            f"{fold.fold} of {len(result.folds)}", f"{fold.n_train:,}", f"{fold.n_validation:,}",
            ", ".join(fold.groups) or "\u2013", f"{fold.best_epoch}", percent(fold.accuracy),
            percent(fold.balanced_accuracy),
        )
        for fold in result.folds
    ]  # fmt: skip
    columns = ["Fold", "Trained on", "Judged on", "Groups", "Best epoch", "Accuracy", "Balanced"]
    return Table(parent, columns, rows, height=min(10, len(rows)))


def layers_of(parent: tk.Misc, result: TrainResult) -> Table:
    """Return the layers with weights."""
    rows = [
        (
            layer.name, layer.kind, " \u00d7 ".join(str(side) for side in layer.shape), f"{layer.parameters:,}",
            catalogue.say("frozen" if layer.frozen else "learned"),
        )
        for layer in result.layers
    ]  # fmt: skip
    return Table(parent, ["Layer", "Kind", "Output", "Weights", "Its weights"], rows, height=min(12, len(rows)))


def changes_of(parent: tk.Misc, result: TrainResult) -> Table:
    """Return what was changed while it ran."""
    rows = [
        [
            *([f"{change.get('fold', '')}"] if result.folds else []),
            change_text(str(change["setting"]), change.get("old"), change.get("new")), f"{change['epoch']}",
            catalogue.say(str(change.get("why", ""))),
        ]
        for change in result.adjustments
    ]  # fmt: skip
    columns = [*(["Fold"] if result.folds else []), "Change", "From epoch", "Why"]
    return Table(parent, columns, rows, height=min(8, len(rows)))
