"""Settings of the project's report."""

from __future__ import annotations

from typing import Annotated, Literal

from wizard.settings import Listed, StepPlan, setting

ReportFile = Literal["workbook", "html", "pdf"]


class ReportPlan(StepPlan):
    """What the report over the whole project holds, and in which files."""

    files: Annotated[list[ReportFile], Listed] = setting(
        ["workbook", "html", "pdf"], "Files", "An Excel workbook, one page for the browser, a PDF to print.",
        labels={"workbook": "Excel workbook", "html": "HTML page", "pdf": "PDF"},
    )  # fmt: skip
    checklists: bool = setting(
        True, "Checklists", "Add the CLAIM and TRIPOD+AI checklists, filled in as far as the project knows."
    )
    pseudonyms: bool = setting(
        False, "Pseudonyms", "Replace the names of files, folders and tag values by numbers; the key stays here."
    )
