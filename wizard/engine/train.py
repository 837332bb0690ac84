"""Step 3: a data set to a model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from wizard import fileio
from wizard.engine.errors import Cancelled, UserError
from wizard.engine.events import Tell
from wizard.engine.model import read_card
from wizard.engine.training import folds, keeping, pace, pooling
from wizard.engine.training.checkpoint import Checkpoints
from wizard.engine.training.measure import measure
from wizard.engine.training.outcome import draw_curves, finish, write_tables
from wizard.engine.training.parts import choose_parts, fold_parts
from wizard.engine.training.preparing import Prepared, follow, in_words, open_cells, prepare, remarks, start_or_resume
from wizard.engine.training.take_back import take_back as taken_back
from wizard.project import Project
from wizard.results import TrainResult
from wizard.results_train import CARD
from wizard.train_plan import TrainPlan

__all__ = ["OPTIONS", "Prepared", "prepare", "train"]

OPTIONS = ("resume", "take_back")


def train(
    plan: TrainPlan,
    project: Project,
    tell: Tell,
    folder: Path,
    resume: bool = False,
    take_back: tuple[str, int] | None = None,
) -> TrainResult:
    """Train a network on the project's data set, or one for each fold, and write the model file.

    Stop keeps the best epoch so far; Cancel restores what was there before. `resume` continues an
    interrupted training; `take_back` trains nothing and writes the model of a run's saved epoch.
    Raises UserError when there is nothing to tell apart.
    """
    if take_back is not None:
        run, epoch = take_back
        return _with_card(taken_back(plan, project, tell, folder, run, epoch), project, folder)
    tell.progress(0.0, "Opening the cells")
    files = Checkpoints(project.training_dir)
    try:
        result = (
            _several(plan, project, files, tell, folder, resume)
            if plan.folds > 1
            else _single(plan, project, files, tell, resume)
        )
    except (Cancelled, KeyboardInterrupt):
        files.discard()
        raise
    files.finish()
    folds.tidy(files)
    write_tables(result, [folder, project.training_dir])
    draw_curves(result, project.training_dir)
    return _with_card(result, project, folder)


def _with_card(result: TrainResult, project: Project, folder: Path) -> TrainResult:
    """Lay the model's card beside the result."""
    fileio.write_bytes(folder / CARD, read_card(project.root / result.model).encode())
    result.files["Model card"] = CARD
    return result


def _single(plan: TrainPlan, project: Project, files: Checkpoints, tell: Tell, resume: bool) -> TrainResult:
    made = prepare(plan, project, files, tell)
    training = made.training
    start_or_resume(training, files, resume)
    keeper = keeping.begin(project, plan, made, "", lambda text: tell.notice("warning", text))
    try:
        tell.progress(0.01, "Measuring the speed")
        opening = tell.seconds
        timing = measure(training)
        tell.notice("info", timing.words(plan.minutes))
        told = pace.told_before(project, plan) or pace.told_now(made, plan, timing, opening)
        opening = tell.seconds
        if not resume:
            tell.expect(max(0.0, told.likely - opening))
        follow(made, tell, keeper)
        ended = tell.seconds
        result = finish(training, made.parts, plan, made.options, project, made.data, tell, made.network_name)
    except (Cancelled, KeyboardInterrupt):
        keeper.discard()
        raise
    except (UserError, OSError, MemoryError) as error:
        keeper.fail(in_words(error))
        raise
    except Exception as error:
        keeper.fail(f"{type(error).__name__}: {error}")
        raise
    result.start = made.start
    keeper.finish(training, result)
    if not resume:
        result.expected_seconds = pace.seconds_of(told)
        speed = pace.learned(made, timing, opening, tell.seconds - ended)
        pace.remember(project, plan, pace.counted(made), speed)
    return result


def _several(
    plan: TrainPlan, project: Project, files: Checkpoints, tell: Tell, folder: Path, resume: bool
) -> TrainResult:
    """Train one network for each fold; together they are one model."""
    data = open_cells(project, plan)
    parts = choose_parts(data, plan)
    divided, words = fold_parts(data, parts, plan.folds, plan.seed)
    # Said of all cells at once; how the validation cells of the folds were drawn stands in `words`.
    remarks(data, replace(parts, validation_by=""), plan, tell)
    if words:
        tell.notice("info", words)
    it = folds.whole(plan, project, files, tell, data, divided)
    told = pace.told_before(project, plan)
    done = folds.train_all(it, resume)
    try:
        result = pooling.finish(it, done)
    except (Cancelled, KeyboardInterrupt):
        folds.forget_runs(project, done)
        raise
    result.expected_seconds = [] if resume else pace.seconds_of(told)
    for place in (folder, project.training_dir):
        pooling.write_tables(result, it, done, place)
    return result
