"""Small hand-made results of the steps that predict stains, for fast tests of the window."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from PIL import Image

from wizard import fileio, results
from wizard.plan import LABEL_STEPS, settings_hash
from wizard.project import UPSTREAM, Project
from wizard.results import (
    Cue,
    LabelCompareResult,
    LabelEvaluateResult,
    LabelExtractResult,
    LabelLookResult,
    LabelParseResult,
    LabelPredictResult,
    LabelTrainResult,
    LabelVisualizeResult,
    NoticeText,
    Skipped,
    StepResult,
)
from wizard.results_label import (
    ComparedHead,
    ObjectFigures,
    PlanesFigures,
    PredictedField,
    SizeFigures,
    StainCheck,
    StainFigures,
)

LABELS = ["DAPI_CONFOCAL", "MAP2_CONFOCAL", "NFH_CONFOCAL"]
FIELDS = ["well-A1", "well-A2", "well-A3"]


def write_project(root: Path, pictures: Path, steps: tuple[str, ...] = LABEL_STEPS) -> Path:
    """Make a project for stains whose steps are done."""
    pictures.mkdir(parents=True, exist_ok=True)
    with Project.open(root) as project:
        project.change({"project.task": "stain", "label_parse.input": [str(pictures)]})
        for step in steps:
            write_result(project, step)
    return root


def write_result(project: Project, step: str) -> None:
    """Write the result of one step, in the state `done`."""
    folder = project.result_dir(step)
    folder.mkdir(parents=True, exist_ok=True)
    result: StepResult = _MAKERS[step](folder)
    plan = getattr(project.plan, step, project.plan.label_train)
    result.step, result.id, result.created, result.seconds = step, f"id-{step}", "2026-01-15T10:30:00+00:00", 41.7
    result.settings, result.settings_hash = plan.model_dump(), settings_hash(project.plan, step)
    result.upstream = {name: f"id-{name}" for name in UPSTREAM.get(step, ("label_parse",))}
    results.save(result, folder)


def _picture(path: Path, seed: int = 0, width: int = 240, height: int = 160) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(seed).integers(0, 255, (height // 8, width // 8, 3), np.uint8)
    Image.fromarray(values.repeat(8, axis=0).repeat(8, axis=1)).save(path)
    return path.name


def _parse(folder: Path) -> LabelParseResult:
    _picture(folder / "preparation.png")
    warning = "well-A2: This field is less sharp than the others."
    return LabelParseResult(
        data_set="data/pictures.fields", n_fields=3, fields={"train": 2, "holdout": 1}, names=FIELDS,
        labels=dict.fromkeys(LABELS, 3), planes=13, sizes=[(1024, 1024), (1024, 1024), (512, 700)],
        pixels={"train": 2_000_000, "holdout": 350_000}, split_by="well",
        levels={"light": "left as they are", **dict.fromkeys(LABELS, "brought to one scale by percentiles")},
        prepared=["median"], previewed=["light: as taken", "DAPI_CONFOCAL: as taken, Median filter"], pixel_size=0.3,
        skipped=[Skipped(file="notes.txt", why="It is no picture.")], files={"Preparation": "preparation.png"},
        cues=[Cue(level="warning", subject="Unlike the others", text=warning, action="Look at it.", count=1,
                  files=["well-A2.tif"])],
        notices=[NoticeText(level="warning", text=warning, file="well-A2.tif")],
    )  # fmt: skip


def _look(folder: Path) -> LabelLookResult:
    _picture(folder / "preparation.png", 3)
    return LabelLookResult(
        n_fields=3, names=FIELDS, labels={LABELS[0]: 3, LABELS[1]: 2}, planes=13, picture="preparation.png",
        previewed=["light: as taken", "DAPI_CONFOCAL: as taken, Median filter"],
        skipped=[Skipped(file="notes.txt", why="It is no picture.")],
    )  # fmt: skip


def _train(folder: Path) -> LabelTrainResult:
    _picture(folder / "preview.png", 1)
    history = [{"step": at + 1.0, "seconds": 0.2 * at, "loss": 1 / (at + 1) + 0.3, "rate": 0.002} for at in range(300)]
    for at in range(20, 300, 20):
        history[at] |= {"check_loss": 0.5 + math.exp(-at / 60)}
    return LabelTrainResult(
        model="models/stains/DAPI.cytomodel", network="unet", network_title="Fast U-Net", head="quantiles",
        labels=LABELS, planes=13, parameters=934_724, steps=300, train_seconds=60.0, crop=128, batch=8,
        n_train_fields=2, train_pixels=1_800_000, check_pixels=200_000, members=2, averaged=True, history=history,
        checks=[StainCheck(label=label, loss=0.4, best_step=280, pearson=0.8 - 0.1 * at, width=1.1)
                for at, label in enumerate(LABELS)], files={"Check crop": "preview.png"},
    )  # fmt: skip


def _figures(label: str, pearson: float) -> StainFigures:
    rows = [[0.0] * 10 for _ in range(10)]
    for at in range(10):
        rows[at][at] = 800.0 / (at + 1)
    return StainFigures(
        label=label, pearson=pearson, pearson_sampled=pearson, pearson_foreground=0.5, linear_pearson=0.6,
        linear_foreground=0.4, ssim=0.9, mae=0.04, coverage=0.79, threshold=0.4, foreground=0.08, pixels=350_000,
        heat_map=rows,
    )  # fmt: skip


def _evaluate(folder: Path) -> LabelEvaluateResult:
    _picture(folder / "errors.png", 2)
    return LabelEvaluateResult(
        model="DAPI.cytomodel", data="data/pictures.fields", n_fields=1, fields=["well-A3"], split_by="well",
        stains=[_figures(label, 0.83 - 0.1 * at) for at, label in enumerate(LABELS)], engine="OpenVINO",
        objects=ObjectFigures(label=LABELS[0], diameter=23, true=44, predicted=41, split=1, merged=2, added=3, missed=4,
                              accuracy=0.77),
        sizes=[SizeFigures(kind="true", live=30, dead=11, live_mean=24.0, dead_mean=15.5, statistic=0.7, p=0.0004)],
        planes=[PlanesFigures(planes=count, pearson=dict.fromkeys(LABELS, 0.6 + 0.01 * count)) for count in (1, 5, 13)],
        predict_seconds=0.5, pixels=350_000, files={"Error panel": "errors.png"},
    )  # fmt: skip


def _predict(folder: Path) -> LabelPredictResult:
    fields = [
        PredictedField(name=name, file=f"pictures/{name}.ome.tif", height=1024, width=1024, seconds=1.2,
                       overlay=f"pictures/{_picture(folder / 'pictures' / f'{name}.png', at)}",
                       unlike="less sharp" if at == 1 else "", bright=dict.fromkeys(LABELS, 0.08))
        for at, name in enumerate(FIELDS)
    ]  # fmt: skip
    return LabelPredictResult(model="DAPI.cytomodel", labels=LABELS, channels=LABELS, fields=fields, n_unlike=1,
                              engine="OpenVINO")  # fmt: skip


def _extract(folder: Path) -> LabelExtractResult:
    return LabelExtractResult(model="DAPI.cytomodel", rows="nucleus", n_rows=127, n_features=32, layer="trunk",
                              n_fields=3, diameter=23.0)  # fmt: skip


def _visualize(folder: Path) -> LabelVisualizeResult:
    fileio.write_bytes(folder / "maps.parquet", b"PAR1")
    for at, name in enumerate(("errors", "stains", "map")):
        _picture(folder / f"{name}.png", at)
    return LabelVisualizeResult(panels={"well-A3": "errors.png"}, overlays={"well-A3": "stains.png"},
                                map="maps.parquet", n_rows=127, explained=[0.6, 0.2])  # fmt: skip


def _compare(folder: Path) -> LabelCompareResult:
    heads = [
        ComparedHead(head=name, title=title, steps=200, seconds=60, seconds_per_megapixel=speed,
                     stains=[_figures(label, 0.7) for label in LABELS])
        for name, title, speed in (("quantiles", "Median and interval", 0.5), ("bins", "Distribution", 4.0))
    ]  # fmt: skip
    return LabelCompareResult(minutes=1.0, split_by="well", heads=heads)


_MAKERS = {
    "label_parse": _parse, "label_train": _train, "label_evaluate": _evaluate, "label_predict": _predict,
    "label_extract": _extract, "label_visualize": _visualize, "label_compare": _compare, "label_look": _look,
}  # fmt: skip
