"""In silico labeling in a report: one summary and one list of blocks for each of its steps."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from wizard.reports import label_charts
from wizard.reports.blocks import Block, Column, Figure, Table, Text, Value
from wizard.reports.sections.common import facts, model_name
from wizard.reports.words import count, duration, listed, shorten
from wizard.results import (
    LabelEvaluateResult,
    LabelExtractResult,
    LabelParseResult,
    LabelPredictResult,
    LabelTrainResult,
    LabelVisualizeResult,
)
from wizard.results_label import CAUTION

_MOST_PICTURES = 6
_COLOURS = "Left predicted, right true where it is known; each stain in a colour of its own on the transmitted light."
_PANEL = (
    "One row for each stain: transmitted light, predicted (purple frame), true (turquoise frame), and where the two "
    "differ: orange is predicted too bright, blue too dim."
)


def parse_summary(result: LabelParseResult) -> str:
    """Say what was read."""
    stains = listed(f"{label} ({number})" for label, number in result.labels.items())
    return (
        f"{count(result.n_fields, 'field of view', 'fields of view')} with {count(result.planes, 'plane', 'planes')} "
        f"of transmitted light were read; stains (number of fields): {stains}. Held out by {result.split_by}."
    )


def parse_blocks(result: LabelParseResult, folder: Path) -> list[Block]:
    """Return the fields, their grey levels and what is amiss."""
    rows: list[list[Value]] = [
        ["Fields of view", result.n_fields], ["Planes", result.planes], ["Held out by", result.split_by],
        ["Pixels for training", result.pixels.get("train", 0)], ["Pixels held out", result.pixels.get("holdout", 0)],
        ["Pixel size, µm", result.pixel_size or ""], ["Preparation", ", ".join(result.prepared) or "none"],
    ]  # fmt: skip
    found: list[Block] = [facts("The fields of view", rows)]
    found.append(Table("Grey levels", [Column("Channel"), Column("What was done")],
                       [[name, words] for name, words in result.levels.items()]))  # fmt: skip
    sizes: list[list[Value]] = [
        [name, height, width] for name, (height, width) in zip(result.names, result.sizes, strict=True)
    ]
    columns = [Column("Field"), Column("Height, px", "whole"), Column("Width, px", "whole")]
    found.append(Table("Fields", columns, sizes, sheet="Fields"))
    found += _picture(folder, "preparation.png", "Preparation", "Rows from the top: " + "; ".join(result.previewed))
    if result.cues:
        cues: list[list[Value]] = [[cue.level, cue.subject, cue.text, cue.action] for cue in result.cues]
        found.append(Table("What was noticed", [Column("Kind"), Column("About"), Column("What"), Column("What to do")],
                           cues))  # fmt: skip
    if result.skipped:
        found.append(Table("Files left out", [Column("File"), Column("Why")],
                           [[one.file, one.why] for one in result.skipped]))  # fmt: skip
    return found


def train_summary(result: LabelTrainResult) -> str:
    """Say what was trained and how well it does on the check pixels."""
    checks = listed(f"{one.label} {one.pearson:.2f}" for one in result.checks if one.pearson is not None)
    return (
        f"{result.network_title} with {result.parameters:,} weights learnt {count(result.steps, 'step', 'steps')} in "
        f"{duration(result.train_seconds)} from {count(result.n_train_fields, 'field', 'fields')}. Pearson on the "
        f"check pixels, by which the weights were chosen: {checks or 'unknown'}."
    )


def train_blocks(result: LabelTrainResult, folder: Path) -> list[Block]:
    """Return curves, figures of the check pixels and a picture of them."""
    found: list[Block] = [Text("Figures of the check pixels flatter: the weights were chosen by them. Evaluate tells "
                               "honest ones.", "note")]  # fmt: skip
    if result.history:
        found.append(Figure(folder / "curves.png", "Loss",
                            "Mean of ten steps, and the loss of the weights kept on the check pixels.",
                            partial(label_charts.curves, result.history)))  # fmt: skip
    rows: list[list[Value]] = [[one.label, one.pearson, one.loss, one.best_step, one.width] for one in result.checks]
    found.append(Table("Check pixels", [Column("Stain"), Column("Pearson", "number"), Column("Loss", "number"),
                                        Column("Best step", "whole"), Column("Interval widened by", "number")],
                       rows, note="Intervals are widened until they hold 80 % of the check pixels."))  # fmt: skip
    found.append(facts("The training", [
        ["Network", result.network_title], ["Weights", result.parameters], ["Planes", result.planes],
        ["Stains", ", ".join(result.labels)], ["Told of a pixel", result.head], ["Steps", result.steps],
        ["Crop, px", result.crop], ["Crops at once", result.batch], ["Pixels for training", result.train_pixels],
        ["Check pixels", result.check_pixels], ["Networks", result.networks],
        ["Sets of weights", result.members],
        ["Moving average of the weights", "used" if result.averaged else "not better, not used"],
        ["Started from", result.started_from], ["Model", model_name(result.model)],
    ]))  # fmt: skip
    return [*found, *_picture(folder, "preview.png", "A crop of the check pixels", _PANEL)]


def evaluate_summary(result: LabelEvaluateResult) -> str:
    """Say how alike predicted and true stains are."""
    figures = listed(_pearson_words(one.label, one.pearson, one.linear_pearson) for one in result.stains)
    return (
        f"Pearson over all pixels that were held out (by {result.split_by}; "
        f"{count(result.n_fields, 'field', 'fields')}): {figures}. {CAUTION}"
    )


def _pearson_words(label: str, value: float | None, linear: float | None) -> str:
    beside = f" (linear model {linear:.2f})" if linear is not None else ""
    return f"{label} {value:.2f}{beside}" if value is not None else f"{label} unknown"


def evaluate_blocks(result: LabelEvaluateResult, folder: Path) -> list[Block]:
    """Return figures, heat maps, objects, sizes, planes and the error panel."""
    found: list[Block] = [Text(CAUTION, "warning")]
    columns = [
        Column("Stain"), Column("Pearson", "number"), Column("Pearson, 1 million", "number"),
        Column("Pearson, bright", "number"), Column("Linear model", "number"), Column("Linear, bright", "number"),
        Column("SSIM", "number"), Column("Absolute error", "number"), Column("In the interval", "percent"),
        Column("Bright from", "number"), Column("Bright pixels", "percent"), Column("Pixels", "whole"),
    ]  # fmt: skip
    rows: list[list[Value]] = [
        [one.label, one.pearson, one.pearson_sampled, one.pearson_foreground, one.linear_pearson, one.linear_foreground,
         one.ssim, one.mae, one.coverage, one.threshold, one.foreground, one.pixels]
        for one in result.stains
    ]  # fmt: skip
    note = "Bright are the pixels above Otsu's level of the true stain. The interval promises 80 %."
    found.append(Table("Stains", columns, rows, note=note, sheet="Stains"))
    if any(one.heat_map for one in result.stains):
        found.append(Figure(folder / "heat_maps.png", "Heat maps",
                            "Of 1,000 pixels, how many have which true and predicted grey level.",
                            partial(label_charts.heat_maps, result.stains)))  # fmt: skip
    found += _picture(folder, "errors.png", "Error panel", _PANEL)
    found += _objects(result)
    if result.planes:
        found.append(Figure(folder / "planes.png", "Number of planes",
                            "The network learnt all planes; those not given are replaced by the nearest one given.",
                            partial(label_charts.planes, result.planes)))  # fmt: skip
    seconds = result.predict_seconds
    speed = result.pixels / seconds / 1e6 if seconds else None
    found.append(facts("How it was computed", [
        ["Model", model_name(result.model)], ["Engine", result.engine], ["Fields", ", ".join(result.fields)],
        ["Megapixels a second", round(speed, 2) if speed else ""],
    ]))  # fmt: skip
    return found


def _objects(result: LabelEvaluateResult) -> list[Block]:
    found: list[Block] = []
    if result.objects is not None:
        one = result.objects
        row: list[Value] = [one.label, one.diameter, one.true, one.predicted, one.split, one.merged, one.added,
                            one.missed, one.accuracy]  # fmt: skip
        titles = ("True", "Predicted", "Split", "Merged", "Added", "Missed")
        columns = [Column("Stain"), Column("Diameter, px", "number"), *(Column(title, "whole") for title in titles),
                   Column("Accuracy", "percent")]  # fmt: skip
        note = "Accuracy is (true - split - merged - added - missed) / true; it can be negative."
        found.append(Table("Nuclei", columns, [row], note=note))
    if result.sizes:
        rows: list[list[Value]] = [
            [one.kind, one.live, one.dead, one.live_mean, one.dead_mean, one.statistic, one.p] for one in result.sizes
        ]
        columns = [Column("Stain"), Column("Live", "whole"), Column("Dead", "whole"), Column("Live, px", "number"),
                   Column("Dead, px", "number"), Column("Kolmogorov-Smirnov", "number"),
                   Column("p", "number")]  # fmt: skip
        found.append(Table("Diameters of live and dead nuclei", columns, rows))
    return found


def predict_summary(result: LabelPredictResult) -> str:
    """Say what was predicted."""
    unlike = f" {count(result.n_unlike, 'field is', 'fields are')} unlike the training." if result.n_unlike else ""
    return (
        f"{listed(result.labels)} of {count(len(result.fields), 'field', 'fields')} were predicted.{unlike} {CAUTION}"
    )


def predict_blocks(result: LabelPredictResult, folder: Path) -> list[Block]:
    """Return the pictures and the table of the fields."""
    found: list[Block] = [Text(CAUTION, "warning")]
    for one in result.fields[:_MOST_PICTURES]:
        if one.overlay:
            found += _picture(folder, one.overlay, shorten(one.name, 60), "Predicted stains on the transmitted light.")
    rows: list[list[Value]] = [
        [one.name, one.file, one.height, one.width, one.seconds, one.unlike, *one.bright.values()]
        for one in result.fields
    ]
    columns = [Column("Field"), Column("File"), Column("Height, px", "whole"), Column("Width, px", "whole"),
               Column("Seconds", "number"), Column("Unlike the training"),
               *(Column(f"Bright {label}", "percent") for label in result.labels)]  # fmt: skip
    found.append(Table("Fields", columns, rows, note="Bright: predicted above 0.5.", sheet="Fields"))
    found.append(facts("How it was computed", [["Model", model_name(result.model)], ["Engine", result.engine],
                                               ["Channels of a file", ", ".join(result.channels)]]))  # fmt: skip
    return found


def extract_summary(result: LabelExtractResult) -> str:
    """Say what the table holds."""
    return (
        f"{result.n_features} features of {count(result.n_rows, result.rows, _plural(result.rows))} in "
        f"{count(result.n_fields, 'field', 'fields')} were read from the layer {result.layer}."
    )


def _plural(word: str) -> str:
    return {"nucleus": "nuclei", "square": "squares"}.get(word, word)


def extract_blocks(result: LabelExtractResult, folder: Path) -> list[Block]:
    """Return what the rows are."""
    return [facts("The table", [
        ["A row for each", result.rows], ["Rows", result.n_rows], ["Features", result.n_features],
        ["Layer", result.layer], ["Diameter of a nucleus, px", result.diameter or ""],
        ["Model", model_name(result.model)],
    ])]  # fmt: skip


def visualize_summary(result: LabelVisualizeResult) -> str:
    """Say what was drawn."""
    return f"Pictures of {count(len(result.overlays), 'held-out field', 'held-out fields')}. {CAUTION}"


def visualize_blocks(result: LabelVisualizeResult, folder: Path) -> list[Block]:
    """Return panels, pictures and the map."""
    found: list[Block] = [Text(CAUTION, "warning")]
    for name, file in list(result.panels.items())[:_MOST_PICTURES]:
        found += _picture(folder, file, f"Errors: {shorten(name, 60)}", _PANEL)
    for name, file in list(result.overlays.items())[:_MOST_PICTURES]:
        found += _picture(folder, file, f"Stains: {shorten(name, 60)}", _COLOURS)
    table = folder / result.map
    if result.map and table.is_file():
        shares = ", ".join(f"{100 * share:.0f} %" for share in result.explained)
        found.append(Figure(folder / "map.png", "Map of the features",
                            f"Each point is a row of Extract; the two components hold {shares} of the variation.",
                            partial(label_charts.feature_map, table)))  # fmt: skip
    return found


def _picture(folder: Path, name: str, title: str, caption: str) -> list[Block]:
    return [Figure(folder / name, title, caption)] if name and (folder / name).is_file() else []
