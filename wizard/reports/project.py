"""Writes the report over all finished steps of a project."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from wizard import fileio
from wizard.plan import PLAN_OF, STEPS, TITLES
from wizard.project import UPSTREAM, now
from wizard.reports import html, workbook
from wizard.reports.blocks import Block, Column, Figure, Report, Section, Table, Text, Value
from wizard.reports.sections import BLOCKS, SUMMARIES, evaluate
from wizard.reports.sections.common import closing, opening, origin, versions
from wizard.reports.words import date, duration
from wizard.results import EvaluateResult, StepResult

_MOST_ROWS = 20_000
"""Longer tables are only in the workbook of their step."""


def write_project_report(root: Path, project_name: str, results: list[StepResult]) -> dict[str, str]:
    """Write results/report anew over `results` and return title → path from the project folder."""
    report = compose(root, project_name, results)
    place = root / "results" / "report"
    with fileio.fresh_folder(place) as folder:
        workbook.write(report, folder / "report.xlsx")
        html.write(report, folder / "report.html")
    return {
        "Workbook of the analysis": "results/report/report.xlsx",
        "Report of the analysis": "results/report/report.html",
    }


def compose(root: Path, project_name: str, results: Sequence[StepResult]) -> Report:
    """Return the report over `results`: a summary, a section for each, versions."""
    order = list(BLOCKS)
    ordered = sorted(results, key=lambda result: order.index(result.step))
    sections = [Section("Summary", _summary(ordered))]
    one_kind = all(result.versions == ordered[-1].versions for result in ordered)
    sections += [Section(TITLES[result.step], _part(result, root, not one_kind)) for result in ordered]
    if ordered and one_kind:
        sections.append(Section("Versions", versions(ordered[-1])))
    return Report("Report of the analysis", project_name, now(), sections, _MOST_ROWS)


def _summary(results: Sequence[StepResult]) -> list[Block]:
    rows: list[list[Value]] = [
        [TITLES[result.step], SUMMARIES[result.step](result), date(result.created), duration(result.seconds)]
        for result in results
    ]
    columns = [Column("Step"), Column("What was done"), Column("Finished"), Column("Time taken")]
    blocks: list[Block] = [Table("What was done", columns, rows)]
    for result in results:
        if isinstance(result, EvaluateResult):
            blocks += [evaluate.headline(result), *evaluate.limits(result)]
    about_cells = any(result.step in STEPS for result in results)
    if about_cells and not any(isinstance(result, EvaluateResult) for result in results):
        blocks.append(Text("The model was not evaluated on hold-out cells yet; there are no honest figures.", "note"))
    return [*blocks, *outdated(results), *warnings(results)]


def outdated(results: Sequence[StepResult]) -> list[Block]:
    """Return a warning for each step whose result was made from an earlier result than the one here."""
    newest = {result.step: result.id for result in results}
    found: list[Block] = []
    for result in results:
        for name in UPSTREAM[PLAN_OF.get(result.step, result.step)]:
            used = result.upstream.get(name)
            if used and name in newest and used != newest[name]:
                found.append(Text(
                    f"{TITLES[result.step]} was made before {TITLES[name]} ran again; run it again to bring it up "
                    "to date.", "warning",
                ))  # fmt: skip
    return found


def warnings(results: Sequence[StepResult]) -> list[Block]:
    """Return all warnings of the steps as one table."""
    rows: list[list[Value]] = [
        [TITLES[result.step], item.text, item.file]
        for result in results
        for item in result.notices
        if item.level != "info"
    ]
    columns = [Column("Step"), Column("What was said"), Column("File")]
    return [Table("Warnings", columns, rows, sheet="Warnings", shown=20)] if rows else []


def _part(result: StepResult, root: Path, with_versions: bool) -> list[Block]:
    folder = root / "results" / result.step
    blocks = [
        block for block in BLOCKS[result.step](result, folder) if not isinstance(block, Figure) or block.path.is_file()
    ]
    tail = [*closing(result), *origin(result), *(versions(result) if with_versions else [])]
    return [*opening(result, SUMMARIES[result.step](result)), *blocks, *tail]
