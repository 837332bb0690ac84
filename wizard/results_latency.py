"""What a latency study leaves behind."""

from __future__ import annotations

from pydantic import BaseModel

from wizard.results_base import StepResult

LEFT_OUT = (
    "Measured is the time from grey levels in memory to scores, with normalisation. Left out: taking the image, moving "
    "it into memory, finding and cutting out the cell, and the delay of the sorter. An ordinary computer promises no "
    "time: a real sort leaves room above the 99 % figure."
)
"""What the figures do not hold, for screens and reports."""


class Timing(BaseModel):
    """How long one way of computing takes; `failed` says why there are no figures."""

    network: str
    network_title: str
    channels: int
    precision: str
    batch: int
    """Cells handed over at once."""
    engine: str = ""
    median_ms: float = 0.0
    p99_ms: float = 0.0
    """Milliseconds for the whole batch: half of the times, and 99 % of them, are at most that."""
    cells_per_second: float = 0.0
    """One batch after the other, by the median."""
    sorting_rate: float = 0.0
    """Cells a second at which 99 % of the batches are done before the next one is there."""
    failed: str = ""


class LatencyResult(StepResult):
    """How long networks need on this computer, and the sorting rates that this allows."""

    frame: int = 0
    """Side of the timed cells in px."""
    timings: list[Timing] = []
    processor: str = ""
    cores: int = 0

    @property
    def fastest(self) -> Timing | None:
        """The shortest median for a single cell (else for the smallest batch)."""
        known = [one for one in self.timings if not one.failed]
        return min(known, key=lambda one: (one.batch, one.median_ms)) if known else None
