"""What an explanation of a model leaves behind."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from wizard.results_base import Channel, Estimate, StepResult

How = Literal["mean", "permuted", "retrained"]

HOW: dict[str, str] = {
    "mean": "other channels blanked",
    "permuted": "other channels swapped between cells",
    "retrained": "trained anew",
}
"""How a subset of channels was tried → in words."""


class ExplainedCell(BaseModel):
    """A cell with maps. The class `predicted` is explained, be it right or wrong."""

    cell_id: str
    source: str
    object: int
    label: str
    """Its true class."""
    predicted: str
    confidence: float
    channels: list[float] = []
    """What each channel adds to the log-odds of that class (the sum of its integrated gradients)."""

    @property
    def right(self) -> bool:
        """True when the network named its class."""
        return self.label == self.predicted


class Average(BaseModel):
    """The mean maps of a class: over `n_cells` rightly named cells that lie in the middle of the frame.

    `occluded` of them went into the mean map of occlusion. `channels` is the share of
    each channel in the evidence: what it adds on average, without its sign.
    """

    label: str
    n_cells: int
    occluded: int = 0
    channels: list[float] = []


class Ablation(BaseModel):
    """A subset of the channels (positions among the model's), and how well it does."""

    channels: list[int]
    how: How
    accuracy: Estimate | None = None
    balanced_accuracy: Estimate | None = None
    change: Estimate | None = None
    """Accuracy minus that with all channels tried the same way, paired by cell."""
    epochs: int = 0
    seconds: float = 0.0
    """Of its training, for one that was trained anew."""
    failed: str = ""


class ExplainResult(StepResult):
    """Where the network looks, and which channels it needs.

    Beside it lies maps.npz. By place I in `cells`: `cell_I` (channel, y, x) as stored, `gradcam_I` (y, x),
    `gradients_I` (channel, y, x), `occlusion_I` (1 + channel, y, x), whose first plane is of all channels together.
    By place in `averages` the same with `mean_` before.
    """

    model: str = ""
    data: str = ""
    """Which cells, in words."""
    engine: str = ""
    target: str = ""
    classes: list[str] = []
    channels: list[Channel] = []
    frame: tuple[int, int] = (0, 0)
    methods: list[str] = []
    """Those of which there are maps."""
    layer: str = ""
    """The layer at which Grad-CAM looks."""
    baseline: str = ""
    """What an empty place looks like, in words."""
    patch: int = 0
    """Side of the covered square in px."""
    gap: float | None = None
    """Integrated gradients: the share by which their sum misses the network's change of mind, at worst (0 is exact)."""
    cells: list[ExplainedCell] = []
    averages: list[Average] = []
    shares: list[float] = []
    """Share of each channel in the evidence, mean over the classes."""
    n_cells: int = 0
    """Cells on which the subsets of channels were tried."""
    n_groups: int = 0
    interval_by: str = ""
    ablation: list[Ablation] = []
    minutes: float = 0.0
    """Time for each network that was trained anew."""
    suggested: list[int] = []
    suggested_by: str = ""
    suggestion: str = ""
    """Which channels suffice, in words."""
    caveats: list[str] = []

    def names(self, channels: list[int]) -> str:
        """Name some of the channels, e.g. `Ch3 + Ch6`."""
        return " + ".join(self.channels[place].shown for place in channels if place < len(self.channels))
