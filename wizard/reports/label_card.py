"""The card of a model for stains (Markdown)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wizard.results import LabelTrainResult
from wizard.results_label import CAUTION


def card(name: str, manifest: Mapping[str, Any], result: LabelTrainResult) -> str:
    """Return what a user of the model should know."""
    lines = [
        f"# {name}", "", "Predicts stains from pictures of transmitted light. For research use only.", "", CAUTION, "",
        f"- Stains: {', '.join(result.labels)}", f"- Planes: {result.planes}",
        f"- Network: {result.network_title}, {result.parameters:,} weights; told of a pixel: {result.head}",
        f"- Preparation: {', '.join(manifest['prepare']) or 'none'}",
        f"- Trained on {result.n_train_fields} fields, {result.train_pixels:,} pixels, {result.steps:,} steps",
    ]  # fmt: skip
    lines += [
        f"- Pearson of {one.label} on the check pixels, by which the weights were chosen: {one.pearson:.3f}"
        for one in result.checks if one.pearson is not None
    ]  # fmt: skip
    return "\n".join(lines) + "\n"
