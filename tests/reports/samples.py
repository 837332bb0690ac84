"""Small but real results of every step: cells from the demo data, figures as a run leaves them."""

from __future__ import annotations

import csv
import math
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import tifffile
from PIL import Image

from wizard import fileio, results
from wizard.plan import MODELS

DEMO = Path(results.__file__).parent / "assets" / "demo"
CHANNELS = [(3, "Ch3"), (4, "Ch4"), (6, "Ch6")]
VERSIONS = {"cytowizard": "0.1.0", "python": "3.11.2", "keras": "3.15.1", "numpy": "2.4.6"}


@cache
def demo_cells() -> list[tuple[str, str, str, np.ndarray]]:
    """Return (cell id, part, class, image (channel, y, x)) of every demo cell."""
    cells = []
    for first in sorted(DEMO.rglob("*_Ch3.tif")):
        stem = first.name.removesuffix("_Ch3.tif")
        planes = [tifffile.imread(first.with_name(f"{stem}_{name}.tif")) for _, name in CHANNELS]
        cells.append((stem, first.parent.parent.name, first.parent.name, np.stack(planes)))
    return cells


def classes() -> list[str]:
    return sorted({cell[2] for cell in demo_cells()})


def sign(result: results.StepResult, step: str, **extra: object) -> results.StepResult:
    result.step, result.id, result.created = step, f"{step}00000000"[:12], "2025-11-21T05:17:00+00:00"
    result.seconds, result.versions = 74.2, dict(VERSIONS)
    result.settings = MODELS[step]().model_dump() if step in MODELS else {}
    result.settings_hash = "0123456789abcdef"
    for name, value in extra.items():
        setattr(result, name, value)
    return result


def gallery(folder: Path, places: list[int], labels: list[str], captions: list[str]) -> results.Gallery:
    """Write one sprite sheet per channel, 16 tiles wide, and describe it."""
    images = np.stack([demo_cells()[place][3] for place in places])
    height, width = images.shape[-2:]
    columns = min(16, len(places))
    sheets = {}
    for index, (_, name) in enumerate(CHANNELS):
        plane = images[:, index].astype(float)
        low, high = np.percentile(plane, (0.5, 99.8))
        grey = (np.clip((plane - low) / (high - low), 0, 1) * 255).astype(np.uint8)
        sheet = np.zeros((math.ceil(len(places) / columns) * height, columns * width), np.uint8)
        for tile, one in enumerate(grey):
            top, left = tile // columns * height, tile % columns * width
            sheet[top : top + height, left : left + width] = one
        sheets[name] = f"gallery_{name}.png"
        Image.fromarray(sheet).save(folder / sheets[name])
    cells = [
        results.GalleryCell(cell_id=demo_cells()[place][0], label=label, caption=caption)
        for place, label, caption in zip(places, labels, captions, strict=True)
    ]
    return results.Gallery(sheets=sheets, tile=(height, width), columns=columns, cells=cells)


def check() -> results.CheckResult:
    items = [
        results.CheckItem(name="Python", verdict="ok", text="3.11.2"),
        results.CheckItem(name="Free disk space", verdict="note", text="4.1 GB in the project folder.",
                          action="Keep 10 GB free for large data sets."),
    ]  # fmt: skip
    return sign(results.CheckResult(items=items), "check")


def parse(folder: Path) -> results.ParseResult:
    cells = demo_cells()
    places = [place for name in classes() for place, cell in enumerate(cells) if cell[2] == name][::4]
    held = [cell[1] == "Part_3" for cell in cells]
    counts = {
        name: {
            "train": sum(cell[2] == name and not out for cell, out in zip(cells, held, strict=True)),
            "holdout": sum(cell[2] == name and out for cell, out in zip(cells, held, strict=True)),
        }
        for name in classes()
    }
    return sign(
        results.ParseResult(
            data_set="data/main.cells",
            n_cells=len(cells),
            n_files=3 * len(cells),
            skipped=[results.Skipped(file="Part_1/G1/broken_Ch3.tif", why="The file ends too early.")],
            n_skipped=1,
            channels=[results.Channel(name=name, number=number) for number, name in CHANNELS],
            frame=(40, 40),
            dtype="uint16",
            tags={
                "part": {"1": 81, "2": 81, "3": 81},
                "class": {name: sum(parts.values()) for name, parts in counts.items()},
            },
            targets=["part", "class"],
            target="class",
            group="part",
            split_by="group part",
            counts={"train": held.count(False), "holdout": held.count(True)},
            classes=counts,
            padded=12,
            larger=2,
            gallery=gallery(folder, places, [cells[p][2] for p in places], [cells[p][0] for p in places]),
        ),
        "parse",
        notices=[results.NoticeText(level="warning", text="Left out: The file ends too early.",
                                    file="Part_1/G1/broken_Ch3.tif")],
    )  # fmt: skip


def history(epochs: int = 34) -> list[dict[str, float]]:
    random = np.random.default_rng(1)
    rows = []
    for epoch in range(1, epochs + 1):
        rise = 1 - math.exp(-epoch / 8)
        wobble = float(random.normal(0, 0.02))
        rows.append({
            "epoch": epoch, "loss": 1.5 - 1.1 * rise + wobble / 2, "val_loss": 1.5 - 0.85 * rise - wobble,
            "accuracy": 0.27 + 0.68 * rise, "val_accuracy": 0.27 + 0.55 * rise + wobble,
            "val_balanced_accuracy": 0.25 + 0.54 * rise + 1.3 * wobble, "learning_rate": 0.002 * (1 - rise),
            "seconds": 1.1 + wobble,
        })  # fmt: skip
    return rows


def train() -> results.TrainResult:
    names = classes()
    return sign(
        results.TrainResult(
            model="models/compact-class.cytomodel", model_id="ab12", network="compact", network_title="Compact",
            parameters=312_404, target="class", classes=names,
            counts={name: {"train": 35, "validation": 9} for name in names},
            channels=[results.Channel(name=name, number=number) for number, name in CHANNELS], frame=(40, 40),
            epochs=34, best_epoch=26, ended_because="it no longer improved", images_per_second=1234.5,
            validation={"loss": 0.62, "accuracy": 0.81, "balanced_accuracy": 0.8, "n_cells": 36},
            validation_by="group part", history=history(),
        ),
        "train",
    )  # fmt: skip


def estimate(value: float, reach: float = 0.08) -> results.Estimate:
    return results.Estimate(value=value, low=max(0.0, value - reach), high=min(1.0, value + reach))


def evaluate(folder: Path, names: list[str] | None = None, seed: int = 2) -> results.EvaluateResult:
    """Return figures as for `names` (the demo's classes unless told); wrong cells are demo cells."""
    names = names or classes()
    random = np.random.default_rng(seed)
    size = len(names)
    matrix = random.integers(0, 4, (size, size)) + np.diag(random.integers(9, 20, size))
    per_class, recalls = {}, {}
    for index, name in enumerate(names):
        support, found = int(matrix[index].sum()), int(matrix[:, index].sum())
        recall, precision = matrix[index, index] / support, matrix[index, index] / found
        per_class[name] = results.PerClass(
            precision=precision, recall=recall, f1=2 * recall * precision / (recall + precision), support=support,
            auc=0.93,
        )  # fmt: skip
        recalls[name] = estimate(recall, 0.12)
    places = list(range(0, 240, 12))
    labels = [f"{names[place % size]} → {names[(place + 1) % size]}" for place in range(len(places))]
    captions = [f"Part_1/{place}.tif ({0.99 - 0.02 * place:.0%})" for place in range(len(places))]
    total = int(matrix.sum())
    return sign(
        results.EvaluateResult(
            model="models/compact-class.cytomodel", data="the hold-out cells of this project", n_cells=total,
            n_groups=1, split_by="group part", interval_by="cell", classes=names,
            accuracy=estimate(float(np.trace(matrix)) / total), per_class=per_class, recall_intervals=recalls,
            balanced_accuracy=estimate(float(np.mean([one.recall for one in per_class.values()]))),
            macro_f1=estimate(0.79), confusion=matrix.tolist(), ece=0.041, engine="ONNX", images_per_second=5210.0,
            gallery=gallery(folder, places, labels, captions),
        ),
        "evaluate",
    )  # fmt: skip


def write_predictions(path: Path, names: list[str], rows: int) -> dict[str, int]:
    """Write predictions.csv as the engine does and return the counts per class."""
    random = np.random.default_rng(3)
    counts = dict.fromkeys(names, 0)
    header = ["cell_id", "source", "object", "predicted", "confidence", *(f"p_{n}" for n in names), "unsure",
              "unfamiliar", "part", "class"]  # fmt: skip

    def yes(flag: bool) -> str:
        return "yes" if flag else "no"

    def lines():
        for row in range(rows):
            chances = random.dirichlet(np.full(len(names), 0.3)).round(4).tolist()
            best = int(np.argmax(chances))
            counts[names[best]] += 1
            yield [f"{row:06x}", f"Part_1/{names[best]}/{row}.tif", row, names[best], chances[best], *chances,
                   yes(chances[best] < 0.6), yes(row % 97 == 0), row % 3 + 1, names[best]]  # fmt: skip

    fileio.write_csv(path, header, lines())
    return counts


def predict(
    folder: Path, names: list[str] | None = None, rows: int = 243, pictures: bool = True
) -> results.PredictResult:
    names = names or classes()
    counts = write_predictions(folder / "predictions.csv", names, rows)
    with (folder / "predictions.csv").open(encoding="utf-8-sig", newline="") as stream:
        table = list(csv.DictReader(stream)) if rows <= 10_000 else []
    places = list(range(0, 240, 8))
    shown = (
        gallery(folder, places, [names[p % len(names)] for p in places], ["Part_1/a.tif (91%)"] * len(places))
        if pictures
        else None
    )
    return sign(
        results.PredictResult(
            model="models/compact-class.cytomodel", data="all cells of this project", n_cells=rows, classes=names,
            counts=counts, n_unsure=sum(row["unsure"] == "yes" for row in table),
            n_unfamiliar=sum(row["unfamiliar"] == "yes" for row in table), threshold=0.6, engine="ONNX",
            images_per_second=5210.0, gallery=shown,
        ),
        "predict",
        files={"Predictions": "predictions.csv"},
    )  # fmt: skip


def extract() -> results.ExtractResult:
    return sign(
        results.ExtractResult(
            model="models/compact-class.cytomodel", data="all cells of this project", layer="pool",
            layer_in_network="global_average_pooling2d", shape=[256], n_cells=243, n_features=256, engine="ONNX",
        ),
        "extract",
        files={"Features": "features.parquet"},
    )  # fmt: skip


MAP_NAMES = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP", "phate": "PHATE"}


def visualize(folder: Path, names: list[str] | None = None, rows: int = 243) -> results.VisualizeResult:
    names = names or classes()
    random = np.random.default_rng(4)
    kinds = random.integers(0, len(names), rows)
    table: dict[str, object] = {
        "cell_id": [f"{row:06x}" for row in range(rows)],
        "class": [names[kind] for kind in kinds],
        "part": [str(row % 3 + 1) for row in range(rows)],
    }
    maps = []
    for method, title in MAP_NAMES.items():
        for dimensions in (2, 3):
            columns = [f"{method}_{dimensions}d_{axis + 1}" for axis in range(dimensions)]
            centres = random.normal(0, 3, (len(names), dimensions))
            points = centres[kinds] + random.normal(0, 0.8, (rows, dimensions))
            table.update({name: points[:, axis].astype(np.float32) for axis, name in enumerate(columns)})
            maps.append(results.Map(method=method, title=f"{title} {dimensions}-D", dimensions=dimensions,
                                    columns=columns, figure=f"{method}_{dimensions}d.png", seconds=1.4,
                                    note="62 % of the variance" if method == "pca" else ""))  # fmt: skip
    pq.write_table(pa.table(table), folder / "maps.parquet")
    return sign(
        results.VisualizeResult(
            n_cells=rows, n_features=256, colour="class", tags=["class", "part"], maps=maps
        ),
        "visualize",
    )  # fmt: skip


def every_step(root: Path) -> dict[str, tuple[results.StepResult, Path]]:
    """Return step → (result, folder) with the folders laid out as in a project."""
    made = {}
    for step in ("check", "parse", "train", "evaluate", "predict", "extract", "visualize"):
        folder = root / "results" / step
        folder.mkdir(parents=True)
        needs_folder = step not in ("check", "train", "extract")
        made[step] = (globals()[step](folder) if needs_folder else globals()[step](), folder)
    return made
