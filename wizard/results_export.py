"""What the export of a model leaves behind."""

from __future__ import annotations

from wizard.results_base import StepResult


class ExportResult(StepResult):
    """A model's network that was written for other programs."""

    model: str = ""
    """Name of the model file."""
    kind: str = ""
    """One of `wizard.export_formats.FORMATS`."""
    output: str = ""
    """Where the file (or folder) lies."""
    bytes: int = 0
    checked: str = ""
    """On what it was compared with the model, in words."""
    remarks: list[str] = []
    """What else there is to be said of it."""
