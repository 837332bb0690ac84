"""The report over a whole project: cover, methods, every step, checklists, versions and checksums."""

from __future__ import annotations

from pathlib import Path

from wizard.plan import TITLES
from wizard.project import now
from wizard.reports import checklists, cover, methods
from wizard.reports.blocks import Block, Column, Figure, Heading, Report, Section, Table, Text, Value
from wizard.reports.project import outdated, warnings
from wizard.reports.sections import BLOCKS, SUMMARIES
from wizard.reports.sections.common import closing, opening, origin, settings
from wizard.reports.study import Study
from wizard.results import PredictResult, StepResult

_PSEUDONYMS = (
    "Names of files, folders, models and tags are replaced by numbers; class names stay. The key is kept by the "
    "authors and is no part of this report."
)


def compose(study: Study, root: Path, with_checklists: bool, pseudonyms: bool) -> Report:
    """Return the report over a study; `root` holds `results/STEP` with the tables and pictures of the steps."""
    opening_blocks = cover.blocks(study)
    if pseudonyms:
        opening_blocks.insert(0, Text(_PSEUDONYMS, "note"))
    results = list(study.results.values())
    sections = [
        Section("Cover", [*opening_blocks, *outdated(results), *warnings(results)]),
        Section("Methods", _methods(study)),
    ]
    sections += [
        Section(TITLES[step], _part(study.results[step], root / "results" / step, pseudonyms))
        for step in BLOCKS
        if step in study.results
    ]
    if with_checklists:
        sections += checklists.sections(study)
    sections += [Section("Settings", _settings(results)), Section("Versions and hashes", _provenance(study))]
    return Report("Report of the analysis", study.name, now(), sections)


def _methods(study: Study) -> list[Block]:
    found: list[Block] = [Text("Ready to be taken into a paper; read and complete it before.", "note")]
    for title, text in methods.paragraphs(study):
        found += [Heading(title), Text(text)]
    rows: list[list[Value]] = [[number, text] for number, text in enumerate(methods.references(study), 1)]
    return [*found, Table("References", [Column("Number", "whole"), Column("Publication")], rows)]


def _part(result: StepResult, folder: Path, pseudonyms: bool) -> list[Block]:
    if isinstance(result, PredictResult):
        result = result.model_copy(update={"whole_workbook": True})
    blocks = [block for block in BLOCKS[result.step](result, folder) if _is_there(block, pseudonyms)]
    return [*opening(result, SUMMARIES[result.step](result)), *blocks, *closing(result), *origin(result)]


def _is_there(block: Block, pseudonyms: bool) -> bool:
    """Tell whether a block can be shown; with pseudonyms every figure is drawn anew."""
    if not isinstance(block, Figure):
        return True
    return block.path.is_file() or (pseudonyms and block.paint is not None)


def _settings(results: list[StepResult]) -> list[Block]:
    """Return what differs from the preset values, and a sheet with the settings of all steps."""
    columns = [Column("Step")]
    rows: list[list[Value]] = []
    for result in results:
        for table in settings(result):
            if isinstance(table, Table):
                columns = [Column("Step"), *table.columns]
                rows += [[TITLES[result.step], *row] for row in table.rows]
    if not rows:
        return [Text("The steps that are done have no settings.")]
    place = [column.title for column in columns].index("Changed")
    changed = [row for row in rows if row[place]]
    found: list[Block] = (
        [Table("Settings that differ from the default", columns, changed, shown=200)] if changed else []
    )
    if not changed:
        found.append(Text("All settings have their default values."))
    return [*found, Table("Settings of all steps", columns, rows, sheet="All settings", shown=0)]


def _provenance(study: Study) -> list[Block]:
    files: list[list[Value]] = [[one.what, one.name, one.checksum] for one in study.origins]
    found: list[Block] = []
    if files:
        columns = [Column("What"), Column("Name"), Column("Checksum")]
        found.append(Table("Data set, model and settings", columns, files, "The same checksum means the same content."))
    rows: list[list[Value]] = [
        [TITLES[step], result.settings_hash, result.settings.get("seed"), result.id, result.created]
        for step, result in study.results.items()
    ]
    columns = [Column("Step"), Column("Fingerprint of its settings"), Column("Random seed", "any"), Column("Result"),
               Column("Finished (UTC)")]  # fmt: skip
    found.append(Table("Steps", columns, rows))
    kinds = {step: result.versions for step, result in study.results.items()}
    names = list(dict.fromkeys(name for versions in kinds.values() for name in versions))
    versions: list[list[Value]] = [
        [name, ", ".join(dict.fromkeys(one[name] for one in kinds.values() if name in one))] for name in names
    ]
    if versions:
        found.append(Table("Versions", [Column("Program or library"), Column("Version")], versions))
    if study.sources:
        sources: list[list[Value]] = [[path, cells, checksum] for path, cells, checksum in study.sources]
        columns = [Column("Source"), Column("Cells", "whole"), Column("SHA-256")]
        found.append(Table("Everything that was read", columns, sources, sheet="Sources", shown=20))
    return found
