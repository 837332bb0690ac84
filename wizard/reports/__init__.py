"""Results to files: figures, workbooks, pages and model cards. Pure functions; reached from the engine only."""

from __future__ import annotations

from wizard.reports.card import model_card
from wizard.reports.project import write_project_report
from wizard.reports.step import write_step_reports

__all__ = ["model_card", "write_project_report", "write_step_reports"]
