"""The features in a report."""

from __future__ import annotations

from pathlib import Path

from wizard.plan import step_settings
from wizard.reports.blocks import Block, Text
from wizard.reports.sections.common import facts, model_name
from wizard.reports.words import count
from wizard.results import ExtractResult


def summary(result: ExtractResult) -> str:
    """Say what was read from which layer."""
    return (
        f"{count(result.n_features, 'feature')} were read for each of {count(result.n_cells, 'cell')} at the layer "
        f"{_layer(result)}."
    )


def blocks(result: ExtractResult, folder: Path) -> list[Block]:
    """Return where the features were read and where they are."""
    table = facts(
        "Features",
        [
            ["Model", model_name(result.model)],
            ["Which cells", result.data],
            ["Cells", result.n_cells],
            ["Layer", _layer(result)],
            ["Layer in the network", result.layer_in_network],
            ["Shape of the layer for one cell", " × ".join(str(side) for side in result.shape)],
            ["Features per cell", result.n_features],
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
    return [table, Text(use)]


def _layer(result: ExtractResult) -> str:
    labels = {item.name: item.choices for item in step_settings("extract")}["layer"]
    return labels.get(result.layer, result.layer)
