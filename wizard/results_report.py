"""What the run `report` leaves behind."""

from __future__ import annotations

from pydantic import BaseModel

from wizard.results_base import StepResult


class ReportPart(BaseModel):
    """A section of the report, with its tables and figures counted."""

    title: str
    tables: int = 0
    figures: int = 0


class ReportResult(StepResult):
    """The report over a whole project; its files lie beside result.json."""

    parts: list[ReportPart] = []
    steps: list[str] = []
    """Steps that it covers."""
    missing: list[str] = []
    """Steps that are not done yet, by name."""
    pseudonyms: bool = False
    to_fill_in: int = 0
    """Items of the checklists that need the user, in whole or in part."""
    items: int = 0
