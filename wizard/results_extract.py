"""What Extract leaves behind."""

from __future__ import annotations

from pydantic import BaseModel

from wizard.results_base import StepResult


class LayerShape(BaseModel):
    """A layer whose output can be read: its name, its stage name or "", and its shape for one cell."""

    name: str
    stage: str = ""
    shape: list[int]


class ExtractResult(StepResult):
    """Features; the table is features.parquet beside result.json."""

    model: str = ""
    data: str = ""
    data_set: str = ""
    """Path of the data set of these cells, from the project folder; "" in results of older programs."""
    layer: str = ""
    layer_in_network: str = ""
    layout: str = "average"
    shape: list[int] = []
    n_cells: int = 0
    n_features: int = 0
    """Features of the network: the columns f0000, f0001 …"""
    classical: list[str] = []
    """Columns of features.parquet that hold classical features."""
    measured: list[str] = []
    """Columns of features.parquet that hold measurements of the instrument's files."""
    layers: list[LayerShape] = []
    """All layers of the network that can be read, in order."""
    target: str = ""
    """Tag to which the features' relation was measured; "" when these cells do not have it."""
    found: dict[str, int] = {}
    """How the pixels of the cells were found for classical features (mask, threshold, nothing) → cells."""
    renamed: dict[str, str] = {}
    """Tag → its column, where that has another name."""
    engine: str = ""
    images_per_second: float = 0.0
