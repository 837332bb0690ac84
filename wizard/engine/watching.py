"""A run that predicts new files of one folder until the user stops; the window follows the table as it grows."""

from __future__ import annotations

from pathlib import Path

from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.predicting.watch import Summary, watch
from wizard.engine.predicting.watch_table import WatchTable
from wizard.predict_plan import PredictPlan
from wizard.project import Project
from wizard.results_predict import CLASS, WatchResult

OPTIONS = ("watched", "settle")

_MOST_NOTICES = 60
"""A watch may last for weeks: only the last sentences are kept."""


def watching(
    plan: PredictPlan, project: Project, tell: Tell, folder: Path, watched: str = "", settle: float = 5.0
) -> WatchResult:
    """Watch the folder `watched`; how the table stands is told after every batch as a metric, its place as a preview.

    Stop and Cancel do the same: what was predicted stays in the table. `settle` is as in `watch`. Raises UserError
    without a folder or a model.
    """
    if not Path(watched).expanduser().is_dir():
        raise UserError(f"There is no folder {watched}.", "It was moved or deleted, or its drive is not connected.",
                        "Choose a folder that is there.")  # fmt: skip
    told: list[dict[str, float]] = []

    def seen(table: WatchTable, summary: Summary) -> None:
        told.append(figures(table, summary))
        del tell.notices[:-_MOST_NOTICES]
        tell.preview(str(table.path))
        tell.metric(len(told), len(told), told[-1])

    either = Tell(tell.emit, lambda: tell.should_stop() or tell.cancelled(), step=tell.step, notices=tell.notices)
    summary = watch(plan.model_copy(update={"input": [watched]}), project, either, settle=settle, seen=seen)
    result = WatchResult.of(watched, summary.table.relative_to(project.root).as_posix(), told[-1])
    result.stopped = True
    return result


def figures(table: WatchTable, summary: Summary) -> dict[str, float]:
    """Return how a watch stands as figures by name, those of the classes behind `CLASS`."""
    found = {
        "n_files": summary.files, "n_new": summary.cells, "n_refused": summary.refused, "n_cells": len(table.known),
        "n_unsure": table.unsure, "n_unfamiliar": table.unfamiliar,
    }  # fmt: skip
    return {**found, **{CLASS + name: number for name, number in table.counts.items()}}
