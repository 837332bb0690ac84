"""The cells that are explained: which ones, what they are, and what the model says of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wizard.engine import calibration, cells
from wizard.engine.cells import Chosen
from wizard.engine.data import normalisation
from wizard.engine.errors import Cancelled, UserError
from wizard.engine.events import Tell
from wizard.engine.explaining.occlusion import Ask
from wizard.engine.explaining.score import Floats
from wizard.engine.inference import prepare, stream
from wizard.evaluate_plan import EvaluatePlan
from wizard.project import Project

_MOST = 20_000
"""Cells that are looked through for those whose maps are shown."""
_STUDY, _STUDY_BYTES = 3000, 256 * 2**20
"""Cells, and bytes of their images, on which the subsets of channels are tried."""

Rows = NDArray[np.int64]


class Stopped(Exception):
    """The user stopped it in the middle of a cell or of a subset."""


def heedful(report: Callable[[float, str], None], tell: Tell) -> Callable[[float, str], None]:
    """Return a report that raises `Stopped` once the user has stopped the run."""

    def said(share: float, label: str) -> None:
        report(share, label)
        if tell.should_stop():
            raise Stopped

    return said


@dataclass(frozen=True)
class Judged:
    """Labelled cells that the model did not learn, in random order, with the model's answers.

    `true` and `predicted` are class numbers, `confidence` is the calibrated probability of the predicted class.
    """

    chosen: Chosen
    rows: Rows
    true: Rows
    predicted: Rows
    confidence: NDArray[np.float64]
    engine: str
    ask: Ask

    @property
    def classes(self) -> list[str]:
        """The model's classes."""
        return self.chosen.model.classes

    def images(self, places: Rows) -> Floats:
        """Return network input (cell, y, x, channel) of some places among `rows`."""
        return normalisation.apply(
            self.chosen.data.load(self.rows[places]), self.chosen.model.manifest["normalisation"]
        )

    def study(self) -> Rows:
        """Return the places on which subsets of channels are tried: all, or as many at random as fit in memory."""
        each = int(np.prod(self.chosen.data.images.shape[1:])) * 4
        return np.arange(min(len(self.rows), _STUDY, max(1, _STUDY_BYTES // each)))

    def units(self, places: Rows) -> tuple[Rows, int]:
        """Return what the bootstrap draws, numbered for each place, and the number of groups (0 for single cells)."""
        group = self.chosen.model.manifest["data_set"]["group"]
        data = self.chosen.data
        if group in data.tags:
            names, units = np.unique(data.values(group)[self.rows[places]], return_inverse=True)
            if len(names) > 1:
                return units.astype(np.int64), len(names)
        return np.arange(len(places)), 0


def judge(plan: EvaluatePlan, project: Project, tell: Tell) -> Judged:
    """Load model and cells and let the model name them; raises UserError where there are none to judge."""
    chosen = cells.choose(plan.model, plan.input, project, "evaluate", tell)
    rows, true = _labelled(chosen, plan.seed)
    model, data = chosen.model, chosen.data
    inference = prepare(model, [model.network.layers[-1]], plan.engine, project, len(rows), tell)
    found: list[Floats] = []
    order = np.argsort(rows, kind="stable")
    part = tell.part(chosen.start, chosen.start + 0.1)

    def report(share: float, label: str) -> None:
        if tell.should_stop():
            raise Cancelled
        part(share, label)

    for _, (logits,) in stream(inference, data, rows[order], model.manifest["normalisation"], report):
        found.append(logits)
    shares = np.empty((len(rows), len(model.classes)))
    shares[order] = calibration.probabilities(np.concatenate(found), model.manifest["temperature"])

    def ask(images: Floats) -> Floats:
        return inference(images)[0]

    return Judged(chosen, rows, true, shares.argmax(axis=1), shares.max(axis=1), inference.engine, ask)


def _labelled(chosen: Chosen, seed: int) -> tuple[Rows, Rows]:
    """Return rows and class numbers of the labelled cells in random order, at most `_MOST`."""
    data, model = chosen.data, chosen.model
    target = model.manifest["target"]
    pool = data.where("holdout") if chosen.own else np.arange(len(data))
    if not len(pool):
        raise UserError(
            "There are no hold-out cells to explain.", "Explanations are made on cells that were not learned.",
            "Parse again with a hold-out share above 0, or choose other labelled images.",
        )  # fmt: skip
    numbers = cells.class_numbers(data, model) if target in data.tags else np.full(len(data), -1)
    rows = pool[numbers[pool] >= 0]
    if not len(rows):
        raise UserError(
            "None of these cells has a class of this model.",
            f"The model tells {target} apart: {', '.join(model.classes)}.", "Choose other images, or another model.",
        )  # fmt: skip
    rows = np.random.default_rng(seed).permutation(rows)[:_MOST]
    return rows, numbers[rows]


def pick(
    true: Rows, predicted: Rows, confidence: NDArray[np.float64], classes: int, each: int, average: int
) -> tuple[Rows, Rows]:
    """Return the places of the cells that are shown, by class, and of further ones that only go into the averages.

    Of each class half are the surest right ones, a quarter right ones at random (the cells come in random order), a
    quarter the surest mistakes; where one kind runs out the others take its place. The further ones are right.
    """
    shown: list[int] = []
    further: list[int] = []
    for number in range(classes):
        own = np.flatnonzero(true == number)
        sure = own[np.argsort(-confidence[own], kind="stable")].tolist()
        right = [place for place in sure if predicted[place] == number]
        wrong = [place for place in sure if predicted[place] != number][: max(1, each // 4)]
        first = right[: max(1, each // 2)]
        others = [place for place in own.tolist() if predicted[place] == number and place not in set(first)]
        some = first + others[: max(0, each - len(first) - len(wrong))]
        mine = (some + wrong)[:each]
        shown += mine
        further += [place for place in others if place not in set(mine)][:average]
    return np.array(shown, np.int64), np.array(further, np.int64)
