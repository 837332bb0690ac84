"""The page of the report over the whole project."""

from __future__ import annotations

import tkinter as tk

from typing_extensions import override

from wizard.plan import TITLES
from wizard.results import ReportResult
from wizard.steps.page import StepPage
from wizard.widgets import palette
from wizard.widgets.basics import Area, Text
from wizard.widgets.files import file_list
from wizard.widgets.panels import facts, figures, heading
from wizard.widgets.table import Table
from wizard.widgets.tabs import Builder
from wizard.words import catalogue

_KEY = (
    "Names of files, folders and tags are replaced by numbers in all these files. The key is pseudonyms.csv in the "
    "project's folder; keep it there and do not pass it on."
)
_WITH_NAMES = "Names of files, folders and tags stand in these files as they are. Choose Pseudonyms to replace them."


class ReportPage(StepPage):
    """Everything that is done to a workbook, a page, a PDF, figures and a methods text."""

    step = "report"
    instruction = "Write one report over all steps that are done, fit to be handed on and to begin a paper with."
    act = "Write the report"
    again = "Write the report again"
    promise = "Here you will find the workbook, the page, the PDF, the figures and the methods text."

    @override
    def views(self, result: ReportResult) -> dict[str, Builder]:
        return {
            "Report": lambda parent: self._report(parent, result),
            "Contents": lambda parent: self.tall(parent, lambda inner: _parts(inner, result)),
        }

    def _report(self, parent: tk.Misc, result: ReportResult) -> tk.Misc:
        folder = self.project.result_dir(self.step)
        files = {title: name for title, name in result.files.items() if not title.startswith("Figure:")}
        pictures = {title: name for title, name in result.files.items() if title.startswith("Figure:")}
        if pictures:
            files["All figures as PNG and SVG"] = "figures"
        return self.stack(
            parent,
            [
                lambda inner: figures(inner, _tiles(result, len(pictures))),
                lambda inner: heading(inner, "Open"),
                lambda inner: file_list(inner, folder, files, self.host.tell, self._explain),
                lambda inner: _facts(inner, result, str(folder)),
            ],
            result.notices,
        )


def _tiles(result: ReportResult, pictures: int) -> list[tuple[str, str, str]]:
    """Return the headline figures of a report."""
    covered = catalogue.own(", ".join(catalogue.say_all(TITLES[step] for step in result.steps)))
    tiles = [("Steps", str(len(result.steps)), covered), (_pictures(), str(pictures), "as PNG and SVG")]
    if result.items:
        tiles.append(("Checklist items", f"{result.to_fill_in} of {result.items}", "need you; they are marked"))
    return tiles


def _facts(parent: tk.Misc, result: ReportResult, folder: str) -> Area:
    missing = catalogue.own(", ".join(catalogue.say_all(TITLES[step] for step in result.missing)))
    rows = [("Names", _KEY if result.pseudonyms else _WITH_NAMES), ("Folder", folder)]
    if missing:
        rows.insert(0, ("Not done, so not in it", missing))
    frame = Area(parent)
    frame.columnconfigure(0, weight=1)
    facts(frame, rows).grid(row=0, column=0, sticky="ew")
    note = "The report is not changed by later steps; write it again when they are done."
    Text(frame, note, colour=palette.MUTED).grid(row=1, column=0, sticky="ew", pady=(8, 0))
    return frame


def _parts(parent: tk.Misc, result: ReportResult) -> Table:
    rows = [[catalogue.own(catalogue.say(part.title)), str(part.tables), str(part.figures)] for part in result.parts]
    return Table(parent, ["Section", "Tables", _pictures()], rows, height=max(6, len(rows)))


def _pictures() -> str:
    """The word for drawn figures, which is not that for numbers in every language."""
    return catalogue.own(catalogue.say_in("drawn", "Figures"))
