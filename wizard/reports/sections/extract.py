"""The features in a report."""

from __future__ import annotations

from math import prod
from pathlib import Path

from wizard import feature_lines
from wizard.feature_lines import FeatureLine
from wizard.plan import step_settings
from wizard.reports.blocks import Block, Column, Heading, Table, Text, Value
from wizard.reports.sections.common import facts, model_name
from wizard.reports.words import count, listed
from wizard.results import ExtractResult

_SHOWN = 20
_LAYOUTS = {"average": "averaged over the positions of the frame", "flatten": "every position kept"}
_FOUND = {"mask": "their mask", "threshold": "a threshold"}


def summary(result: ExtractResult) -> str:
    """Say what was read from which layer."""
    beside = [f"{count(len(names), 'feature')} {words}" for names, words in (
        (result.classical, "of outline, intensity and texture"), (result.measured, "measured by the instrument"),
    ) if names]  # fmt: skip
    more = f" Beside them stand {' and '.join(beside)}." if beside else ""
    return (
        f"{count(result.n_features, 'feature')} were read for each of {count(result.n_cells, 'cell')} at the layer "
        f"{_layer(result)}.{more}"
    )


def blocks(result: ExtractResult, folder: Path) -> list[Block]:
    """Return where the features were read, what they are like, and where they are."""
    table = facts(
        "Features",
        [
            ["Model", model_name(result.model)],
            ["Which cells", result.data],
            ["Cells", result.n_cells],
            ["Layer", _layer(result)],
            ["Layer in the network", result.layer_in_network],
            ["Shape of the layer for one cell", _shape(result.shape)],
            ["Layout", _LAYOUTS.get(result.layout, result.layout) if len(result.shape) > 1 else ""],
            ["Features per cell", result.n_features],
            ["Classical features per cell", len(result.classical) or None],
            ["Measurements of the files per cell", len(result.measured) or None],
            ["Tags under another name", listed(f"{tag}: {name}" for tag, name in result.renamed.items())],
            ["Table", "features.parquet" if (folder / "features.parquet").is_file() else ""],
            ["Computed with", result.engine],
            ["Speed, images per second", round(result.images_per_second, 1) or None],
        ],
    )
    last = f"f{max(0, result.n_features - 1):04d}"
    use = (
        f"The table holds one row per cell: cell_id, the tags, and the features f0000 to {last}. Features have no "
        "unit, and their numbering has a meaning only within this model."
    )
    lines = _lines(folder)
    return [table, Text(use), *_summaries(result, lines), *_classical(result, lines), *_layers(result)]


def _lines(folder: Path) -> list[FeatureLine]:
    try:
        return feature_lines.read(folder)
    except (OSError, ValueError):
        return []


def _summaries(result: ExtractResult, lines: list[FeatureLine]) -> list[Block]:
    """Return what each feature is like, on a sheet of its own."""
    if not lines:
        return []
    columns = [
        Column("Feature"), Column("From"), Column("Mean", "number"), Column("Standard deviation", "number"),
        Column("Missing", "percent"), Column("Eta²", "number"), Column("AUC", "number"), Column("AUC of"),
        Column("Unit"), Column("Meaning"),
    ]  # fmt: skip
    rows: list[list[Value]] = [
        [one.name, feature_lines.KINDS.get(one.kind, one.kind), one.mean, one.sd, one.missing, one.eta2, one.auc,
         one.auc_class, one.unit, one.meaning]
        for one in feature_lines.by_relation(lines)
    ]  # fmt: skip
    note = "Over all cells, the strongest relation first."
    if result.target:
        note = (
            f"Over all cells, the strongest relation to {result.target} first. Eta² is the share of the variance that "
            "lies between its values; AUC is the chance that a cell of the named value is larger than another. The "
            "network has learned from some of these cells, so its own features look better than on new cells."
        )
    return [Heading("What each feature is like"), Table("Features and their relation to the target", columns, rows,
                                                        note, "Features summary", _SHOWN)]  # fmt: skip


def _classical(result: ExtractResult, lines: list[FeatureLine]) -> list[Block]:
    """Return what the classical features mean, those of all channels in one line."""
    if not result.classical:
        return []
    same: dict[tuple[str, str], list[str]] = {}
    for one in lines:
        if one.kind == "classical":
            same.setdefault((one.meaning, one.unit), []).append(one.name)
    rows = [[listed(names, 8), unit, meaning] for (meaning, unit), names in same.items()]
    parts = [
        f"{count(result.found[kind], 'cell')} by {words}" for kind, words in _FOUND.items() if result.found.get(kind)
    ]
    lost = result.found.get("nothing", 0)
    without = f"; in {count(lost, 'cell')} nothing stood out, and their classical features are missing" if lost else ""
    found = (
        f"Which pixels are the cell was found {' and '.join(parts) or 'for no cell'}{without}. "
        "The threshold is Otsu's, on the distance of the smoothed channels from the background at the frame's edge; "
        "the largest part is kept and its holes are filled. Pixels that only fill up the frame do not count. "
        "Definitions are those of scikit-image."
    )
    blocks: list[Block] = [Heading("Classical features"), Text(found)]
    if rows:
        columns = [Column("Features"), Column("Unit"), Column("Meaning")]
        blocks.append(Table("Meaning of the classical features", columns, rows, sheet="Classical features", shown=40))
    return blocks


def _layers(result: ExtractResult) -> list[Block]:
    if not result.layers:
        return []
    rows: list[list[Value]] = [
        [one.name, one.stage, _shape(one.shape), one.shape[-1], prod(one.shape)] for one in result.layers
    ]
    columns = [Column("Layer"), Column("Name"), Column("Shape for one cell"), Column("Features, averaged", "whole"),
               Column("Features, all positions", "whole")]  # fmt: skip
    return [Table("Layers that can be read", columns, rows, "In the order of the network.", "Layers", 0)]


def _shape(shape: list[int]) -> str:
    return " × ".join(str(side) for side in shape)


def _layer(result: ExtractResult) -> str:
    labels = {item.name: item.choices for item in step_settings("extract")}["layer"]
    return labels.get(result.layer, result.layer)
