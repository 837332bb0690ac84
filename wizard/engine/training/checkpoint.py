"""Checkpoints of a training: the newest two, hashed, each whole; the newest good one is where a resume starts."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from wizard import fileio

Arrays = dict[str, NDArray[Any]]
_KEPT = 2


@dataclass
class TrainingState:
    """Everything besides the arrays that the next step depends on.

    Random choices need no state of their own: they follow from seed, epoch and step.
    """

    fingerprint: str
    """Names the cells and settings; a resume with others is refused."""
    epoch: int = 0
    """Epochs that are done."""
    step: int = 0
    """Steps of the next epoch that are done."""
    sums: list[float] = field(default_factory=lambda: [0.0, 0.0])
    """Loss and accuracy, summed over these steps."""
    epoch_seconds: float = 0.0
    """Time spent on these steps."""
    best_epoch: int = 0
    best_loss: float = float("inf")
    best_file: str = ""
    """Checkpoint that holds the best weights: the one written after the best epoch."""
    best_sha256: str = ""
    history: list[dict[str, float]] = field(default_factory=list)
    seconds: float = 0.0
    batch: int = 0
    """Cells per step as fitted at the start; 0 when the plan says it."""
    streamed: bool = False
    """Whether the order of cells is one for reading from disk."""
    plateau: dict[str, float] = field(default_factory=dict)
    unfreezing: dict[str, float] = field(default_factory=dict)
    """How long the frozen part has waited for a lower loss."""
    adjustments: list[dict[str, Any]] = field(default_factory=list)
    """Settings changed while the training ran, in order: epoch, setting, old, new, time."""
    saves: int = 0
    run: str = ""
    """Name of its folder in the history of trainings."""


class Checkpoints:
    """The folder `training/` of a project.

    A new training moves what was there aside; `discard` brings it back, `finish` drops it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self) -> None:
        """Make room for a new training."""
        fileio.set_aside(self.folder)

    def discard(self) -> None:
        """Forget this training and restore what was there before."""
        fileio.bring_back(self.folder)

    def finish(self) -> None:
        """Keep this training's records; drop its checkpoints and what was there before."""
        for path in self.folder.glob("checkpoint_*"):
            path.unlink()
        fileio.forget_aside(self.folder)

    def save(self, state: TrainingState, arrays: Arrays, is_best: bool) -> None:
        """Write a checkpoint; `is_best` says that its weights are the best so far.

        The best weights stay in the checkpoint that was written after their epoch, which is kept as
        long as a later one names it. Raises OSError; the checkpoints before are then intact.
        """
        state.saves += 1
        path = self.folder / f"checkpoint_{state.saves}.safetensors"
        data = save_tensors(arrays)
        digest = hashlib.sha256(data).hexdigest()
        try:
            fileio.write_bytes(path, data)
            if is_best:
                state.best_file, state.best_sha256 = path.name, digest
            fileio.write_json(path.with_suffix(".json"), {"state": asdict(state), "sha256": digest})
        except OSError:
            path.unlink(missing_ok=True)
            raise
        self._drop_old()

    def load(self) -> tuple[TrainingState, Arrays, Arrays] | None:
        """Return the newest checkpoint that is whole: state, arrays, arrays of the best epoch; None without one."""
        for number in sorted(self._numbers(), reverse=True):
            try:
                record = fileio.read_json(self.folder / f"checkpoint_{number}.json")
                # JSON has no infinity: it is stored as null.
                if record["state"]["best_loss"] is None:
                    record["state"]["best_loss"] = float("inf")
                state = TrainingState(**record["state"])
                arrays = self._arrays(f"checkpoint_{number}.safetensors", record["sha256"])
                best = self._arrays(state.best_file, state.best_sha256) if state.best_file else {}
            except (OSError, KeyError, TypeError, ValueError, SafetensorError):
                continue
            return state, arrays, best
        return None

    def _numbers(self) -> list[int]:
        names = [path.stem.removeprefix("checkpoint_") for path in self.folder.glob("checkpoint_*.json")]
        return [int(name) for name in names if name.isdigit()]

    def _arrays(self, name: str, digest: str) -> Arrays:
        data = (self.folder / Path(name).name).read_bytes()
        if hashlib.sha256(data).hexdigest() != digest:
            raise ValueError("the file was changed")
        arrays: Arrays = load_tensors(data)
        return arrays

    def _drop_old(self) -> None:
        kept = sorted(self._numbers())[-_KEPT:]
        used = {f"checkpoint_{number}.safetensors" for number in kept}
        for number in kept:
            record = fileio.read_json(self.folder / f"checkpoint_{number}.json")
            used.add(record["state"]["best_file"])
        for number in self._numbers():
            if number not in kept:
                (self.folder / f"checkpoint_{number}.json").unlink()
        for path in self.folder.glob("checkpoint_*.safetensors"):
            if path.name not in used:
                path.unlink()


def arrays_of(network: Any, optimizer: Any) -> Arrays:
    """Return weights, drop-out states and optimizer as arrays, named by their place."""
    return {name: np.atleast_1d(np.asarray(v.numpy())) for name, v in _variables(network, optimizer).items()}


def restore(network: Any, optimizer: Any, arrays: Arrays) -> None:
    """Put `arrays_of` back; raises ValueError when they are of another network."""
    variables = _variables(network, optimizer)
    shapes = {name: tuple(v.shape) or (1,) for name, v in variables.items()}
    if shapes != {name: array.shape for name, array in arrays.items()}:
        raise ValueError("the checkpoint is of another network")
    for name, variable in variables.items():
        variable.assign(arrays[name].reshape(tuple(variable.shape)))


def network_weights(network: Any, arrays: Arrays) -> Arrays:
    """Return the weights by path among what `arrays_of` gave."""
    weights = {id(weight) for weight in network.weights}
    return {
        variable.path: arrays[f"network/{index}"].reshape(tuple(variable.shape))
        for index, variable in enumerate(network.variables)
        if id(variable) in weights
    }


def _variables(network: Any, optimizer: Any) -> dict[str, Any]:
    """Name variables by their place: Keras numbers its own names anew in every process."""
    named = {f"network/{index}": variable for index, variable in enumerate(network.variables)}
    return named | {f"optimizer/{index}": variable for index, variable in enumerate(optimizer.variables)}
