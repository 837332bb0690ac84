"""The run `report`: workbook, page, PDF, figures and methods over a whole project."""

from __future__ import annotations

from pathlib import Path

from wizard import fileio
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.plan import LABEL, LABEL_STEPS, STEPS, TITLES
from wizard.project import Project
from wizard.report_plan import ReportPlan
from wizard.reports import figures, full, html, methods, pdf, workbook
from wizard.reports.blocks import BLANK, Figure, Report, Section, Table
from wizard.reports.pseudonym_names import names_of
from wizard.reports.pseudonym_tables import stage
from wizard.reports.sections import BLOCKS
from wizard.reports.study import Study, nameless, study_of
from wizard.results import ReportResult, StepResult
from wizard.results_report import ReportPart

_CORE: tuple[str, ...] = ("parse", "train", "evaluate", "predict", "extract", "visualize")


def report(plan: ReportPlan, project: Project, tell: Tell, folder: Path) -> ReportResult:
    """Write the report over all steps that are done into `folder`; raises UserError when none is."""
    everything = {step: project.result(step) for step in BLOCKS}
    found = {step: result for step, result in everything.items() if not step.startswith(LABEL)}
    core, first = _CORE, f"Run {TITLES['parse']} first; the report can be written after any step."
    if project.plan.project.task == "stain":
        found = {step: result for step, result in everything.items() if step.startswith(LABEL)}
        core, first = LABEL_STEPS, "Run the steps for stains first."
    results = [result for result in found.values() if result is not None]
    if not any(result.step in core for result in results):
        raise UserError("There is nothing to report yet.", "No step of this project is done.", first)
    if not plan.files:
        raise UserError("No file was chosen for the report.", "", "Choose a workbook, an HTML page or a PDF.")
    missing = [step for step in core if found.get(step) is None]
    if missing:
        named = ", ".join(TITLES[step] for step in missing)
        tell.notice("info", f"Not done yet, so not in the report: {named}.")
    tell.progress(0.02, "Checksums of data and model")
    study = study_of(project.root, project.name, results)
    if not plan.pseudonyms:
        return _write(plan, study, project.root, tell, folder)
    # A folder of this kind is removed when the project is opened again after a kill.
    place = folder.with_name(".names.new")
    try:
        tell.progress(0.1, "Replacing names")
        return _write(plan, _without_names(study, project, results, place), place, tell, folder)
    finally:
        fileio.remove_folder(place)


def _files(plan: ReportPlan, made: Report, tell: Tell, folder: Path) -> dict[str, str]:
    """Write the chosen files of a report; return title → name."""
    written: dict[str, str] = {}
    writers = {"workbook": ("Workbook", "report.xlsx", workbook.write), "html": ("Report", "report.html", html.write),
               "pdf": ("PDF", "report.pdf", pdf.write)}  # fmt: skip
    for number, name in enumerate(plan.files):
        title, file, write = writers[name]
        tell.progress(0.5 + 0.45 * number / len(plan.files), f"Writing {file}")
        write(made, folder / file)
        written[title] = file
    return written


def _without_names(study: Study, project: Project, results: list[StepResult], place: Path) -> Study:
    """Copy what the report reads to `place` without names; the key stays in the project."""
    names = names_of(project.root, project.name, results)
    changed = stage(project.root, results, names, place)
    study = nameless(study, changed, names)
    names.save()
    return study


def _write(plan: ReportPlan, study: Study, root: Path, tell: Tell, folder: Path) -> ReportResult:
    made = full.compose(study, root, plan.checklists, plan.pseudonyms)
    made, files = _with_figures(plan, made, tell, folder)
    fileio.write_text(folder / "methods.txt", methods.as_text(study))
    written = {"Methods in words": "methods.txt"} | _files(plan, made, tell, folder)
    order = ("Report", "Workbook", "PDF", "Methods in words")
    rows = [row for section in made.sections for block in section.blocks
            if isinstance(block, Table) and "checklist" in section.title for row in block.rows]  # fmt: skip
    return ReportResult(
        parts=[_counted(section) for section in made.sections],
        steps=[step for step in (*STEPS, *LABEL_STEPS) if step in study.results],
        missing=[step for step in (LABEL_STEPS if study.of_stains else _CORE) if step not in study.results],
        pseudonyms=plan.pseudonyms,
        to_fill_in=sum(BLANK in str(row[4]) for row in rows),
        items=len(rows),
        files={title: written[title] for title in order if title in written} | files,
    )


def _with_figures(plan: ReportPlan, made: Report, tell: Tell, folder: Path) -> tuple[Report, dict[str, str]]:
    """Put all figures as PNG and SVG into the report's folder; with pseudonyms each is drawn anew first."""
    drawn = figures.drawn(made.sections)
    for number, figure in enumerate(drawn):
        tell.progress(0.15 + 0.2 * number / len(drawn), "Drawing the figures")
        if plan.pseudonyms:
            figures.paint(figure)
    tell.progress(0.35, "Drawing the figures to edit")
    sections, files = figures.gather(made.sections, folder / "figures")
    return Report(made.title, made.project, made.created, sections, made.rows_limit), files


def _counted(section: Section) -> ReportPart:
    kinds = [type(block) for block in section.blocks]
    return ReportPart(title=section.title, tables=kinds.count(Table), figures=kinds.count(Figure))
