"""Checkpoints of a training: two, hashed, each whole; the newest good one is where a resume starts."""

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


@dataclass
class TrainingState:
    """Everything besides the arrays that the next epoch depends on."""

    fingerprint: str
    """Names the cells and settings; a resume with others is refused."""
    epoch: int = 0
    best_epoch: int = 0
    best_loss: float = float("inf")
    history: list[dict[str, float]] = field(default_factory=list)
    seconds: float = 0.0


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
        for path in [*self.folder.glob("checkpoint_*"), *self.folder.glob("best_*")]:
            path.unlink()
        fileio.forget_aside(self.folder)

    def save(self, state: TrainingState, arrays: Arrays, best: Arrays) -> None:
        """Write the state after an epoch into the older of the two slots; `best` are the best weights."""
        best_name = f"best_{state.best_epoch}.safetensors"
        if not (self.folder / best_name).exists():
            fileio.write_bytes(self.folder / best_name, save_tensors(best))
        slot = "ab"[state.epoch % 2]
        data = save_tensors(arrays)
        fileio.write_bytes(self.folder / f"checkpoint_{slot}.safetensors", data)
        record = {
            "state": asdict(state),
            "sha256": hashlib.sha256(data).hexdigest(),
            "best": best_name,
            "best_sha256": _hash(self.folder / best_name),
        }
        fileio.write_json(self.folder / f"checkpoint_{slot}.json", record)
        self._drop_unused_best()

    def load(self) -> tuple[TrainingState, Arrays, Arrays] | None:
        """Return the newest checkpoint that is whole: state, arrays, best weights; None without one."""
        records = []
        for slot in "ab":
            try:
                records.append((slot, fileio.read_json(self.folder / f"checkpoint_{slot}.json")))
            except (OSError, ValueError):
                continue
        for slot, record in sorted(records, key=lambda item: -item[1]["state"]["epoch"]):
            try:
                data = (self.folder / f"checkpoint_{slot}.safetensors").read_bytes()
                best = (self.folder / record["best"]).read_bytes()
                hashes = (hashlib.sha256(data).hexdigest(), hashlib.sha256(best).hexdigest())
                if hashes == (record["sha256"], record["best_sha256"]):
                    return TrainingState(**record["state"]), load_tensors(data), load_tensors(best)
            except (OSError, KeyError, TypeError, SafetensorError):
                continue
        return None

    def _drop_unused_best(self) -> None:
        used = {fileio.read_json(path)["best"] for path in self.folder.glob("checkpoint_?.json")}
        for path in self.folder.glob("best_*.safetensors"):
            if path.name not in used:
                path.unlink()


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


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


def _variables(network: Any, optimizer: Any) -> dict[str, Any]:
    """Name variables by their place: Keras numbers its own names anew in every process."""
    named = {f"network/{index}": variable for index, variable in enumerate(network.variables)}
    return named | {f"optimizer/{index}": variable for index, variable in enumerate(optimizer.variables)}
