"""Writes the reports of one step into its folder."""

from __future__ import annotations

from pathlib import Path

from wizard import fileio
from wizard.plan import TITLES
from wizard.reports import html, workbook
from wizard.reports.blocks import Block, Report, Section, figures_of
from wizard.reports.sections import BLOCKS, SUMMARIES
from wizard.reports.sections.common import closing, opening, origin, versions
from wizard.results import StepResult


def write_step_reports(project_name: str, result: StepResult, folder: Path) -> dict[str, str]:
    """Draw the step's figures, write its workbook and its page; return title → file name, in reading order.

    `folder` holds the tables and sprites that the step has written. Raises OSError when it cannot be written.
    """
    blocks = BLOCKS[result.step](result, folder)
    figures = figures_of(blocks)
    for figure in figures:
        if figure.paint is not None:
            fileio.write_with(figure.path, figure.paint)
    about: list[Block] = [*closing(result), *origin(result), *versions(result)]
    report = Report(
        title=TITLES[result.step],
        project=project_name,
        created=result.created,
        sections=[
            Section("Results", [*opening(result, SUMMARIES[result.step](result)), *blocks]),
            Section("About this run", about),
        ],
    )
    book = workbook.write(report, folder / f"{result.step}.xlsx")
    page = html.write(report, folder / "report.html")
    return {"Workbook": book.name, "Report": page.name} | {one.title: one.path.name for one in figures}
