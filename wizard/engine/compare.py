"""A run beside the steps: several networks and settings trained for the same time on the same cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import fileio, runs
from wizard.engine.errors import Cancelled, UserError
from wizard.engine.events import Tell
from wizard.engine.networks.base import network
from wizard.engine.networks.cost import cost
from wizard.engine.training import keeping
from wizard.engine.training.checkpoint import Checkpoints
from wizard.engine.training.measure import duration, measure
from wizard.engine.training.outcome import describe
from wizard.engine.training.parts import Parts, choose_parts
from wizard.engine.training.preparing import Place, Prepared, follow, in_words, open_cells, prepare, remarks
from wizard.project import Project
from wizard.reports import style
from wizard.reports.words import count
from wizard.results import Candidate, CompareResult
from wizard.train_plan import TrainPlan

Losses = NDArray[np.float64]
_LABELS = {
    "auto": "automatic augmentation",
    "flow cell": "flow cell",
    "smear": "smear",
    "colour": "colour",
    "none": "no augmentation",
}
_COLUMNS = tuple(name for name in Candidate.model_fields)


@dataclass
class Entry:
    """A candidate on its way: its settings, its figures, its cost, and the loss of every validation cell."""

    plan: TrainPlan
    figures: Candidate
    multiplications: int = 0
    seconds_per_epoch: float = 0.0
    losses: Losses | None = None


def compare(plan: TrainPlan, project: Project, tell: Tell, folder: Path) -> CompareResult:
    """Train every combination of the compared networks, learning rates and augmentations, and choose one.

    All start from random weights, learn the same cells, are judged on the same validation cells and get the same
    share of the time (of training; some seconds for making ready each come on top), at whose end their schedule ends.
    The time of those that cannot be trained goes to the others. Stop ends the present training and judges what
    there is. The project's model and its checkpoints stay as they are. Writes compare.csv and compare.png. Raises
    UserError when there is nothing to compare.
    """
    tell.progress(0.0, "Opening the cells")
    entries = candidates(plan)
    if len(entries) < 2:
        raise UserError(
            "There is nothing to compare.", "Only one network with one learning rate and one augmentation is chosen.",
            "Choose at least two networks, learning rates or augmentations to compare.",
        )  # fmt: skip
    data = open_cells(project, plan)
    parts = choose_parts(data, plan)
    remarks(data, parts, plan.model_copy(update={"augmentation": "none"}), tell)
    place = folder / "training"
    try:
        _look(entries, project, tell, place, parts)
        _train_all(entries, plan, project, tell, place, parts)
    except (Cancelled, KeyboardInterrupt):
        for entry in entries:
            runs.delete(project, entry.figures.run)
        raise
    finally:
        fileio.remove_folder(place)
    result = _result(entries, plan, parts, tell)
    _write(result, folder)
    return result


def candidates(plan: TrainPlan) -> list[Entry]:
    """Return every combination once, all from random first weights with nothing frozen."""
    found = []
    names = dict.fromkeys(product(plan.compare_networks, plan.compare_rates, plan.compare_augmentations))
    for name, rate, augmentation in names:
        own: dict[str, Any] = {
            "network": name, "learning_rate": rate, "augmentation": augmentation, "epochs": 0, "folds": 1,
            "start": "", "imagenet": "", "freeze": "none", "freeze_layers": [], "unfreeze": "never",
        }  # fmt: skip
        figures = Candidate(
            network=name, network_title=network(name).title, learning_rate=rate, augmentation=augmentation
        )
        found.append(Entry(plan.model_copy(update=own), figures))
    return found


def _look(entries: list[Entry], project: Project, tell: Tell, place: Path, parts: Parts) -> None:
    """Note what each network costs on this computer; one that cannot take the cells gets the reason."""
    known: dict[str, tuple[int, int, float] | str] = {}
    for number, entry in enumerate(entries):
        name = entry.figures.network
        tell.progress(0.01 + 0.09 * number / len(entries), f"Measuring the speed of {entry.figures.network_title}")
        if name not in known:
            try:
                training = prepare(entry.plan, project, Checkpoints(place), Tell(), parts).training
                known[name] = (*cost(training.network), measure(training).seconds_per_epoch)
            except UserError as error:
                known[name] = _sentence(error)
        found = known[name]
        if isinstance(found, str):
            entry.figures.failed = found
        else:
            entry.figures.parameters, entry.multiplications, entry.seconds_per_epoch = found


def _drop_slow(entries: list[Entry], seconds: float) -> list[Entry]:
    """Return those that can do an epoch in their share of all `seconds`; without the slowest the shares grow."""
    fit = [entry for entry in entries if not entry.figures.failed]
    while fit:
        slowest = max(fit, key=lambda entry: entry.seconds_per_epoch)
        share = seconds / len(fit)
        if slowest.seconds_per_epoch <= share:
            break
        slowest.figures.failed = (
            f"An epoch takes about {duration(slowest.seconds_per_epoch)}, its share of the time is {duration(share)}."
        )
        fit.remove(slowest)
    return fit


def _sentence(error: UserError) -> str:
    return " ".join(part for part in (error.what, error.why) if part)


def _train_all(entries: list[Entry], plan: TrainPlan, project: Project, tell: Tell, place: Path, parts: Parts) -> None:
    left = plan.compare_minutes * 60
    fit = _drop_slow(entries, left)
    begin, step, before = 0.1, 0.87 / max(1, len(fit)), 0
    for number, entry in enumerate(fit):
        if tell.should_stop():
            entry.figures.failed = "Stopped before its turn."
            continue
        words = f"Training {number + 1} of {len(fit)} ({title(entry.figures)}): "
        stretch = Place(begin + step * number, begin + step * (number + 1), words, before)
        tell.progress(stretch.begin, words.rstrip(": "))
        fileio.remove_folder(place)
        place.mkdir(parents=True)
        _train(entry, project, tell, Checkpoints(place), parts, stretch, left / (len(fit) - number))
        left -= min(left, entry.figures.seconds)
        before += entry.figures.epochs


def _train(
    entry: Entry, project: Project, tell: Tell, files: Checkpoints, parts: Parts, place: Place, seconds: float
) -> None:
    """Train a candidate for `seconds`; where it cannot be trained, say why in its figures."""
    figures = entry.figures
    plan = entry.plan.model_copy(update={"minutes": seconds / 60})
    try:
        made = prepare(plan, project, files, Tell(), parts)
    except UserError as error:
        figures.failed = _sentence(error)
        return
    keeper = keeping.begin(project, plan, made, "comparison")
    figures.run = keeper.id
    try:
        # What is changed meanwhile would make the candidates differ in more than their settings.
        follow(made, replace(tell, changes=dict), keeper, place)
        _judge(entry, made)
        keeper.finish(made.training, describe(made.training, parts, made.network_name, made.data))
    except Cancelled:
        keeper.discard()
        figures.run, figures.failed = "", "Stopped before its first epoch was done."
        if tell.cancelled():
            raise
    except UserError as error:
        keeper.fail(in_words(error))
        figures.failed = _sentence(error)


def _judge(entry: Entry, made: Prepared) -> None:
    """Set the figures and the loss of every validation cell."""
    training, figures = made.training, entry.figures
    entry.losses, _ = training.validate()
    history = training.state.history
    figures.epochs, figures.best_epoch = len(history), training.state.best_epoch
    figures.seconds = round(training.state.seconds, 1)
    figures.images_per_second = float(np.median([row["images_per_second"] for row in history]))
    best = history[figures.best_epoch - 1]
    figures.accuracy, figures.balanced_accuracy = best["val_accuracy"], best["val_balanced_accuracy"]
    figures.loss = float(entry.losses.mean())


def choose(losses: Sequence[Losses], costs: Sequence[float]) -> tuple[int, list[float], list[float]]:
    """Choose by the one-standard-error rule (Breiman et al. 1984), paired by cell.

    `losses` are those of the same cells in the same order, one array for each candidate; `costs` say what a
    cell costs it. Candidates whose mean loss is above the lowest by no more than one standard error of the
    difference are taken as equally good; of these the cheapest is chosen, of equally cheap ones that with the
    lowest loss. Returns its place, and for each candidate the difference and its standard error.
    """
    means = [float(each.mean()) for each in losses]
    lowest = int(np.argmin(means))
    apart = [each - losses[lowest] for each in losses]
    worse = [float(each.mean()) for each in apart]
    errors = [float(each.std(ddof=1) / np.sqrt(len(each))) if len(each) > 1 else 0.0 for each in apart]
    equal = [place for place in range(len(losses)) if worse[place] <= errors[place]]
    return min(equal, key=lambda place: (costs[place], means[place])), worse, errors


def _result(entries: list[Entry], plan: TrainPlan, parts: Parts, tell: Tell) -> CompareResult:
    figures = [entry.figures for entry in entries]
    judged = [entry for entry in entries if entry.losses is not None]
    result = CompareResult(
        candidates=figures, minutes=plan.compare_minutes, target=parts.target, n_train=len(parts.train),
        n_validation=len(parts.validation), validation_by=parts.validation_by, stopped=tell.should_stop(),
    )  # fmt: skip
    if not judged:
        if tell.should_stop():
            raise Cancelled
        result.reason = "None of them could be trained; the table says why."
        return result
    chosen, worse, errors = choose([_losses(entry) for entry in judged], [entry.multiplications for entry in judged])
    for entry, difference, error in zip(judged, worse, errors, strict=True):
        entry.figures.worse_by, entry.figures.worse_error = difference, error
    result.choice = figures.index(judged[chosen].figures)
    result.reason = reason(judged, chosen, len(parts.validation))
    return result


def _losses(entry: Entry) -> Losses:
    assert entry.losses is not None
    return entry.losses


def reason(judged: Sequence[Entry], chosen: int, cells: int) -> str:
    """Explain a choice in plain words."""
    own = judged[chosen].figures
    name = title(own)
    if len(judged) == 1:
        return f"{name} is chosen: it is the only one that could be trained."
    best = min(judged, key=lambda entry: entry.figures.loss)
    equal = [entry for entry in judged if entry.figures.worse_by <= entry.figures.worse_error]
    if best is judged[chosen]:
        others = "" if len(equal) > 1 else " The others are worse by more than chance explains."
        if len(equal) > 1:
            rest = "the other is" if len(equal) == 2 else f"{len(equal) - 1} others are"
            others = f" Although {rest} not clearly worse, none of them needs less computing."
        return f"{name} is chosen: it had the lowest loss on the {count(cells, 'validation cell')}.{others}"
    return (
        f"{name} is chosen: it needs the least computing of the {len(equal)} that are about equally good. "
        f"{title(best.figures)} had the lowest loss on the {count(cells, 'validation cell')}, but the difference of "
        f"{own.worse_by:.3f} is within its standard error of {own.worse_error:.3f}, so chance alone can explain it."
    )


def title(figures: Candidate) -> str:
    """Name a candidate, e.g. `Fast, 0.002, flow cell`."""
    return f"{figures.network_title}, {figures.learning_rate:g}, {_LABELS[figures.augmentation]}"


def _write(result: CompareResult, folder: Path) -> None:
    rows = [[getattr(figures, name) for name in _COLUMNS] for figures in result.candidates]
    chosen = [["yes" if place == result.choice else "no", *row] for place, row in enumerate(rows)]
    fileio.write_csv(folder / "compare.csv", ["chosen", *_COLUMNS], chosen)
    result.files["Comparison"] = "compare.csv"
    if result.choice >= 0:
        fileio.write_with(folder / "compare.png", partial(_draw, result))
        result.files["Figure"] = "compare.png"


def _draw(result: CompareResult, path: Path) -> None:
    judged = [figures for figures in result.candidates if not figures.failed]

    def draw(figure: Any) -> None:
        axis = figure.subplots()
        for place, one in enumerate(judged):
            chosen = one is result.candidates[result.choice]
            axis.barh(place, one.worse_by, height=0.62, color=style.BLUE if chosen else "#9ecae9", edgecolor=style.BLUE)
            axis.errorbar(one.worse_by, place, xerr=one.worse_error, color=style.INK, capsize=4, linewidth=1.3)
            axis.text(
                1.03, place, f"accuracy {one.accuracy:.2f}" + (" (chosen)" if chosen else ""), va="center", fontsize=9,
                transform=axis.get_yaxis_transform(),
            )  # fmt: skip
        axis.set_yticks(range(len(judged)), [title(one) for one in judged])
        axis.set_ylim(len(judged) - 0.4, -0.6)
        axis.set(xlabel="Loss above the lowest, with the standard error of the difference")
        axis.grid(axis="x")

    style.paint(path, (7.4, 1.3 + 0.42 * max(2, len(judged))), draw)
