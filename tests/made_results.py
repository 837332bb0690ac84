"""Small hand-made results of all steps, with real pictures of the demo cells, for fast tests of the window."""

from __future__ import annotations

import csv
import math
import random
from pathlib import Path

import numpy as np
from PIL import Image

from wizard import fileio, results
from wizard.plan import settings_hash
from wizard.project import UPSTREAM, Project
from wizard.results import (
    Channel,
    CheckItem,
    CheckResult,
    Estimate,
    EvaluateResult,
    ExtractResult,
    Gallery,
    GalleryCell,
    Map,
    NoticeText,
    ParseResult,
    PerClass,
    PredictResult,
    Skipped,
    StepResult,
    TrainResult,
    VisualizeResult,
)

DEMO = Path(__file__).parents[1] / "wizard" / "assets" / "demo"
CLASSES = ["G1", "G2", "Metaphase", "Prophase"]
CHANNELS = [Channel(name="Ch3", number=3), Channel(name="Ch4", number=4), Channel(name="Ch6", number=6)]
_SIDE = 40


def write_results(project: Project, steps: tuple[str, ...]) -> None:
    """Write a result for each of `steps`, in the state `done`."""
    for step in steps:
        folder = project.result_dir(step)
        folder.mkdir(parents=True, exist_ok=True)
        result = _MAKERS[step](folder)
        result.step, result.id = step, f"id-{step}"
        result.created, result.seconds = "2026-01-15T10:30:00+00:00", 41.7
        result.settings = getattr(project.plan, step).model_dump() if hasattr(project.plan, step) else {}
        result.settings_hash = settings_hash(project.plan, step)
        result.upstream = {name: f"id-{name}" for name in UPSTREAM[step]}
        result.files = {**result.files, "Report": "report.html", "Workbook": "workbook.xlsx"}
        results.save(result, folder)


def gallery(folder: Path, labels: list[tuple[str, str]]) -> Gallery:
    """Write sheets of demo cells; `labels` gives (class whose picture is taken, label) of each tile."""
    columns = 8
    taken: dict[str, list[Path]] = {name: sorted(DEMO.glob(f"*/*/{name}/*_Ch3.tif")) for name in CLASSES}
    sheets = {}
    picked = [taken[name][index % len(taken[name])] for index, (name, _label) in enumerate(labels)]
    for channel in CHANNELS:
        sheet = np.zeros((-(-len(labels) // columns) * _SIDE, columns * _SIDE), np.uint8)
        for index, path in enumerate(picked):
            plane = np.asarray(Image.open(str(path).replace("_Ch3", f"_{channel.name}")), np.float32)
            low, high = np.percentile(plane, (1, 99.8))
            tile = np.clip((plane - low) / max(1.0, high - low) * 255, 0, 255).astype(np.uint8)
            row, column = divmod(index, columns)
            sheet[row * _SIDE : row * _SIDE + _SIDE, column * _SIDE : column * _SIDE + _SIDE] = tile[:_SIDE, :_SIDE]
        sheets[channel.name] = f"gallery_{channel.name}.png"
        Image.fromarray(sheet).save(folder / sheets[channel.name])
    cells = [
        GalleryCell(cell_id=path.stem, label=label, caption=f"{path.stem}, {label}")
        for path, (_name, label) in zip(picked, labels, strict=True)
    ]
    return Gallery(sheets=sheets, tile=(_SIDE, _SIDE), columns=columns, cells=cells)


def _check(folder: Path) -> CheckResult:
    return CheckResult(
        items=[
            CheckItem(name="Memory", verdict="ok", text="16.0 GiB, 9.2 GiB of it free."),
            CheckItem(name="Disk", verdict="note", text="8 GiB free.", action="Free some space for large data sets."),
            CheckItem(name="Libraries", verdict="problem", text="umap-learn is missing.", action="Install again."),
        ]
    )


def _parse(folder: Path) -> ParseResult:
    labels = [(name, name) for name in CLASSES for _ in range(48)]
    return ParseResult(
        data_set="data/main.cells", n_cells=243, n_files=729, n_skipped=2,
        skipped=[Skipped(file="notes.txt", why="Not an image."), Skipped(file="x_Ch3.tif", why="The file is cut off.")],
        channels=CHANNELS, frame=(48, 48), dtype="uint16",
        tags={"level_1": {"Experiment_1": 243}, "level_2": {"Part_1": 81, "Part_2": 81, "Part_3": 81},
              "class": {"G1": 66, "G2": 66, "Metaphase": 45, "Prophase": 66}},
        targets=["level_2", "class"], target="class", split_by="cell",
        counts={"train": 194, "holdout": 49}, padded=243, larger=0,
        classes={name: {"train": 52, "holdout": 14} for name in CLASSES},
        gallery=gallery(folder, labels), notices=[NoticeText(level="warning", text="No group tag was found.")],
    )  # fmt: skip


def history(epochs: int = 30) -> list[dict[str, float]]:
    """Return plausible figures of a training."""
    rows = []
    for epoch in range(1, epochs + 1):
        gone = 1 - math.exp(-epoch / 8)
        wobble = 0.03 * math.sin(epoch * 1.7)
        rows.append(
            {
                "epoch": float(epoch), "loss": 1.4 - 1.1 * gone, "val_loss": 1.4 - 0.9 * gone + wobble,
                "accuracy": 0.25 + 0.7 * gone, "val_accuracy": 0.25 + 0.6 * gone - wobble,
                "val_balanced_accuracy": 0.24 + 0.57 * gone - wobble, "learning_rate": 0.002,
            }
        )  # fmt: skip
    return rows


def _train(folder: Path) -> TrainResult:
    return TrainResult(
        model="models/compact.cytomodel", model_id="abc123", network="compact", network_title="Compact",
        parameters=271_348, target="class", classes=CLASSES,
        counts={name: {"train": 42, "validation": 10} for name in CLASSES}, channels=CHANNELS, frame=(48, 48),
        epochs=30, best_epoch=22, ended_because="no improvement for 8 epochs", images_per_second=812.0,
        validation={"loss": 0.482, "accuracy": 0.846, "balanced_accuracy": 0.812, "n_cells": 39.0},
        validation_by="cell", history=history(),
        notices=[NoticeText(level="info", text="Validation cells were drawn one by one.")],
    )  # fmt: skip


def _evaluate(folder: Path) -> EvaluateResult:
    confusion = [[12, 2, 0, 0], [3, 10, 0, 1], [0, 0, 8, 1], [0, 2, 0, 12]]
    wrong = [
        (CLASSES[true], f"{CLASSES[true]} \u2192 {CLASSES[guess]}")
        for true in range(4)
        for guess in range(4)
        for _ in range(confusion[true][guess])
        if true != guess
    ]
    return EvaluateResult(
        model="models/compact.cytomodel", data="the hold-out cells of this project", n_cells=51, n_groups=0,
        split_by="cell", interval_by="cell", classes=CLASSES,
        accuracy=Estimate(value=0.8235, low=0.71, high=0.92),
        balanced_accuracy=Estimate(value=0.829, low=0.72, high=0.92), macro_f1=Estimate(value=0.831, low=0.70, high=0.92),
        per_class={name: PerClass(precision=0.8, recall=0.857, f1=0.828, support=14, auc=0.951) for name in CLASSES},
        recall_intervals={name: Estimate(value=0.857, low=0.64, high=1.0) for name in CLASSES},
        confusion=confusion, ece=0.061, engine="keras", images_per_second=2150.0, gallery=gallery(folder, wrong),
    )  # fmt: skip


def _predict(folder: Path) -> PredictResult:
    chance = random.Random(1)
    columns = ["cell_id", "source", "object", "predicted", "confidence", *(f"p_{name}" for name in CLASSES), "unsure"]
    rows, counts = [], dict.fromkeys(CLASSES, 0)
    for index in range(243):
        weights = [chance.random() ** 3 + 0.01 for _ in CLASSES]
        shares = [weight / sum(weights) for weight in weights]
        name = CLASSES[shares.index(max(shares))]
        counts[name] += 1
        unsure = "yes" if max(shares) < 0.6 else "no"
        rows.append([f"cell{index:04d}", f"{name}_{index:04d}_Ch3.tif", index, name, max(shares), *shares, unsure])
    fileio.write_csv(folder / "predictions.csv", columns, rows)
    labels = [(name, name) for name in CLASSES for _ in range(20)]
    return PredictResult(
        model="models/compact.cytomodel", data="all cells of this project", n_cells=243, classes=CLASSES,
        counts=counts, n_unsure=31, n_unfamiliar=4, threshold=0.6, engine="keras", images_per_second=2140.0,
        gallery=gallery(folder, labels), files={"Predictions (CSV)": "predictions.csv"},
    )  # fmt: skip


def _extract(folder: Path) -> ExtractResult:
    return ExtractResult(
        model="models/compact.cytomodel", data="all cells of this project", layer="pool", layer_in_network="pool",
        shape=[192], n_cells=243, n_features=192, engine="keras", images_per_second=2200.0,
        files={"Features (Parquet)": "features.parquet"},
    )  # fmt: skip


def _visualize(folder: Path) -> VisualizeResult:
    chance = np.random.default_rng(0)
    maps = []
    names = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP", "phate": "PHATE"}
    coordinates: dict[str, np.ndarray] = {}
    labels = [CLASSES[index % 4] for index in range(243)]
    for method, title in names.items():
        for dimensions in (2, 3):
            columns = [f"{method}_{dimensions}d_{axis + 1}" for axis in range(dimensions)]
            for axis, name in enumerate(columns):
                centre = np.array([math.cos(CLASSES.index(label) * 1.6 + axis) * 5 for label in labels])
                coordinates[name] = centre + chance.normal(0, 1, 243)
            maps.append(
                Map(
                    method=method, title=f"{title} {dimensions}-D", dimensions=dimensions, columns=columns,
                    figure=f"{method}_{dimensions}d.png", seconds=1.2,
                )
            )  # fmt: skip
    table = {
        "cell_id": [f"cell{index:04d}" for index in range(243)],
        "class": labels,
        "level_2": [f"Part_{1 + index % 3}" for index in range(243)],
        "area": [f"{100 + index * 1.5:g}" for index in range(243)],
        **coordinates,
    }
    with (folder / "maps.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(table)
        writer.writerows(zip(*table.values(), strict=True))
    return VisualizeResult(
        n_cells=243, n_features=192, colour="class", tags=["class", "level_2", "area"], maps=maps,
        files={"Map coordinates (CSV)": "maps.csv"},
    )  # fmt: skip


_MAKERS: dict[str, type[StepResult]] = {
    "check": _check, "parse": _parse, "train": _train, "evaluate": _evaluate, "predict": _predict,
    "extract": _extract, "visualize": _visualize,
}  # type: ignore[dict-item]  # fmt: skip
