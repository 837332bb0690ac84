"""What the history keeps of a training while it runs: its record, and the weights of some epochs."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save as save_tensors

from wizard import fileio, runs
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import from_os_error
from wizard.engine.networks.base import lasting, network
from wizard.engine.training.checkpoint import Arrays, arrays_of
from wizard.engine.training.loop import Training
from wizard.engine.training.outcome import write_tables
from wizard.engine.training.parts import Parts
from wizard.project import Project, now
from wizard.results import TrainResult
from wizard.train_plan import TrainPlan

if TYPE_CHECKING:
    from wizard.engine.training.preparing import Prepared

MOST_BYTES = 500_000_000
"""On the disk, for the weights of one training."""
LAST = "last.safetensors"
CELLS = "cells.npz"
_ABOUT = 10
"""Saved epochs of a training whose plan leaves their number open."""
_TRAIN, _VALIDATION = 1, 2
"""Numbers of the parts in cells.npz."""


def epoch_file(epoch: int) -> str:
    """Return the name of the file with an epoch's weights."""
    return f"epoch_{epoch:04d}.safetensors"


def begin(
    project: Project, plan: TrainPlan, made: Prepared, kind: str = "", say: Callable[[str], None] = lambda text: None
) -> Keeper:
    """Start the record of a training, or go on with that of the training that is resumed.

    Call it after `Training.resume`, if at all. `say` takes sentences for the user. A disk that
    does not take the record is no reason to end a training: it is said, and the training goes on.
    """
    with contextlib.suppress(OSError):
        runs.tidy(project)
    return Keeper(project, plan, made, kind, say)


class Keeper:
    """The record of one training; a disk that fails costs the record, never the training."""

    def __init__(
        self, project: Project, plan: TrainPlan, made: Prepared, kind: str, say: Callable[[str], None]
    ) -> None:
        self._project, self._say = project, say
        training = made.training
        self._every = plan.save_epochs or max(1, round(training.epochs / _ABOUT))
        self._last: tuple[int, Arrays, Arrays] | None = None
        """Epoch, arrays of network and optimizer, and the weights that were validated: after the last whole epoch."""
        self._complained = False
        state = training.state
        before = runs.load(project, state.run) if state.run else None
        self.run = before or _record(state.run or runs.new_id(project), plan, made, kind)
        state.run = self.run.id
        self.run.outcome, self.run.ended_because = "running", ""
        self.run.saved = [epoch for epoch in self.run.saved if epoch <= state.epoch]
        try:
            _write_cells(self.folder / CELLS, made.parts, len(made.data))
            fileio.write_json(self.folder / runs.PROCESS, runs.this_process())
        except OSError as error:
            self._complain(error)
        self._note(training)

    @property
    def id(self) -> str:
        """The name of the training's folder in `runs/`."""
        return self.run.id

    @property
    def folder(self) -> Path:
        """The training's folder."""
        return runs.folder(self._project, self.id)

    def epoch(self, training: Training) -> None:
        """Note an epoch that is done; call it after its checkpoint was written."""
        epoch = training.state.epoch
        judged = training.judged_weights
        self._remember(training, judged)
        if epoch % self._every == 0:
            self._save(epoch, judged, training)
        self._note(training)

    def finish(self, training: Training, result: TrainResult) -> None:
        """Close the record of a training that ended well, and keep its best and its last epoch."""
        run = self.run
        best = training.state.best_epoch
        # Every older epoch gives way to these, should there be too little room.
        if best:
            self._save(best, training.best, training, needed=True)
        if self._last is not None:
            epoch, arrays, judged = self._last
            self._save(epoch, judged, training, needed=True)
            self._save_last(arrays)
        run.outcome = "stopped" if result.stopped else "done"
        run.ended_because = training.ended_because
        run.model, run.validation, run.validation_by = result.model, result.validation, result.validation_by
        result.run = self.id
        self._note(training)
        self._close()

    def fail(self, why: str) -> None:
        """Close the record of a training that could not go on; what was saved stays."""
        self.run.outcome, self.run.ended_because = "failed", why
        self._write()
        self._close()

    def discard(self) -> None:
        """Forget the training: the user cancelled it."""
        runs.delete(self._project, self.id)

    def _remember(self, training: Training, judged: Arrays) -> None:
        arrays = arrays_of(training.network, training.learn.optimizer)
        if _bytes(arrays) > MOST_BYTES:
            # It could not be kept on the disk either.
            arrays = {}
        copies = {name: value.copy() for name, value in arrays.items()}
        self._last = (training.state.epoch, copies, {name: value.copy() for name, value in judged.items()})

    def _save(self, epoch: int, weights: Arrays, training: Training, needed: bool = False) -> None:
        """Keep an epoch's weights if there is room; for those needed older epochs are dropped."""
        if epoch in self.run.saved:
            return
        size = _bytes(weights)
        if needed:
            kept = {training.state.best_epoch, training.state.epoch}
            for other in [number for number in self.run.saved if number not in kept]:
                if self._used() + size <= MOST_BYTES:
                    break
                self._drop(other)
        elif not self._has_room(epoch, size, training):
            return
        if self._used() + size > MOST_BYTES:
            self._say(f"The weights of epoch {epoch} are too large for the history, so they are not kept there.")
            return
        if self._write_arrays(epoch_file(epoch), weights):
            self.run.saved = sorted([*self.run.saved, epoch])

    def _has_room(self, epoch: int, size: int, training: Training) -> bool:
        """Tell whether an epoch on the way may be saved; every second one is dropped where that makes room."""
        after_all = 2 * size + _bytes(arrays_of(training.network, training.learn.optimizer))
        limit = MOST_BYTES - after_all
        while self._used() + size > limit and self.run.saved:
            self._every *= 2
            for other in [number for number in self.run.saved if number % self._every]:
                self._drop(other)
            if epoch % self._every:
                return False
        return self._used() + size <= limit

    def _save_last(self, arrays: Arrays) -> None:
        if arrays and self._used(besides=LAST) + _bytes(arrays) <= MOST_BYTES:
            self._write_arrays(LAST, arrays)

    def _write_arrays(self, name: str, arrays: Arrays) -> bool:
        data = save_tensors({key: np.ascontiguousarray(value) for key, value in arrays.items()})
        try:
            fileio.write_bytes(self.folder / name, data)
        except OSError as error:
            self._complain(error)
            return False
        self.run.saved_sha256[name] = hashlib.sha256(data).hexdigest()
        return True

    def _drop(self, epoch: int) -> None:
        (self.folder / epoch_file(epoch)).unlink(missing_ok=True)
        self.run.saved_sha256.pop(epoch_file(epoch), None)
        self.run.saved = [number for number in self.run.saved if number != epoch]

    def _used(self, besides: str = "") -> int:
        found = (path for path in self.folder.glob("*.safetensors") if path.name != besides)
        return sum(path.stat().st_size for path in found)

    def _note(self, training: Training) -> None:
        run, state = self.run, training.state
        run.history, run.adjustments = list(state.history), list(state.adjustments)
        run.epochs, run.best_epoch, run.seconds = state.epoch, state.best_epoch, round(state.seconds, 2)
        self._write()

    def _write(self) -> None:
        try:
            runs.save(self._project, self.run)
        except OSError as error:
            self._complain(error)

    def _close(self) -> None:
        course = TrainResult(history=self.run.history, adjustments=self.run.adjustments)
        try:
            write_tables(course, [self.folder])
            (self.folder / runs.PROCESS).unlink(missing_ok=True)
        except OSError as error:
            self._complain(error)

    def _complain(self, error: OSError) -> None:
        """Say once that the history cannot be written."""
        if not self._complained:
            self._complained = True
            known = from_os_error(error)
            reason = known.what if known else f"{error}."
            self._say(f"The history of trainings could not keep all of this one: {reason} The training goes on.")


def cells_digest(data: DataSet, target: str) -> str:
    """Return what changes when other cells, another split or other classes are learned from."""
    info = data.info
    parts = [json.dumps([info["fingerprint"], info["frame"], info["channels"], info["dtype"]], sort_keys=True)]
    parts += ["\n".join(column.astype(str)) for column in (data.cells["cell_id"], data.cells["split"])]
    return hashlib.sha256("\n\n".join([*parts, "\n".join(data.values(target))]).encode()).hexdigest()


def kept_parts(project: Project, run: runs.Run, data: DataSet) -> Parts:
    """Return the cells from which a kept training learned and on which it was validated.

    Raises OSError or ValueError when their record is gone or is not of this data set.
    """
    with np.load(runs.folder(project, run.id) / CELLS, allow_pickle=False) as arrays:
        part = arrays["part"]
    if part.shape != (len(data),) or not set(np.unique(part)) <= {0, _TRAIN, _VALIDATION}:
        raise ValueError("the list of its cells is damaged")
    number_of = {name: index for index, name in enumerate(run.classes)}
    class_of = np.array([number_of.get(value, -1) for value in data.values(run.target)])
    train, validation = np.flatnonzero(part == _TRAIN), np.flatnonzero(part == _VALIDATION)
    if not len(train) or not len(validation) or min(class_of[train].min(), class_of[validation].min()) < 0:
        raise ValueError("the list of its cells does not fit its classes")
    return Parts(run.target, run.classes, train, validation, class_of, run.validation_by)


def _record(name: str, plan: TrainPlan, made: Prepared, kind: str) -> runs.Run:
    used = made.network_name
    return runs.Run(
        id=name,
        kind=kind,
        created=now(),
        target=made.parts.target,
        classes=made.parts.classes,
        network=used,
        network_title=network(used).title,
        options=lasting(made.options),
        settings=plan.model_dump(mode="json"),
        data_set=made.data.info["fingerprint"],
        cells=cells_digest(made.data, made.parts.target),
        constants=made.training.task.constants,
        validation_by=made.parts.validation_by,
        start=made.start,
    )


def _write_cells(path: Path, parts: Parts, number: int) -> None:
    part: NDArray[np.uint8] = np.zeros(number, np.uint8)
    part[parts.train], part[parts.validation] = _TRAIN, _VALIDATION

    def fill(place: Path) -> None:
        np.savez_compressed(place, part=part)

    fileio.write_with(path, fill)


def _bytes(arrays: Arrays) -> int:
    return sum(value.nbytes for value in arrays.values())
