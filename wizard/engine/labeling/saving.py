"""Keeps a training on the disk while it runs, so that it can be taken up after a stop or a power cut.

The folder holds one checkpoint: arrays, and `state.json` that names them with their hash and is replaced last.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from wizard import fileio
from wizard.engine.errors import UserError
from wizard.engine.labeling.training import State, Training
from wizard.engine.model import set_weights, under, weights_of

_STATE = "state.json"
Arrays = dict[str, NDArray[Any]]


def begin(folder: Path) -> None:
    """Make room for a new training; what was there can be brought back."""
    fileio.set_aside(folder)


def save(training: Training, folder: Path, fingerprint: str) -> None:
    """Write where a training stands, whole or not at all."""
    state = training.state
    arrays = {f"network/{name}": value for name, value in weights_of(training.net).items()}
    arrays |= {f"average/{name}": value for name, value in training.average.arrays().items()}
    for number, variable in enumerate(training.optimizer.variables):
        arrays[f"optimizer/{number}"] = np.asarray(variable.numpy())
    for step, weights in training.kept.items():
        arrays |= {f"kept/{step}/{name}": value for name, value in weights.items()}
    for number, (made, _loss) in enumerate(training.earlier):
        for at, (weights, _labels) in enumerate(made):
            arrays |= {f"earlier/{number}/{at}/{name}": value for name, value in weights.items()}
    data = save_tensors(arrays)
    path = folder / f"checkpoint_{state.step}.safetensors"
    fileio.write_bytes(path, data)
    fileio.write_json(folder / _STATE, {
        "fingerprint": fingerprint, "file": path.name, "sha256": hashlib.sha256(data).hexdigest(), "step": state.step,
        "seconds": training.seconds(), "marks": state.marks, "kept": list(training.kept),
        "best": [[label, loss, step] for label, (loss, step) in state.best.items()],
        "means": list(map(list, state.means.items())), "losses": list(map(list, state.losses.items())),
        "averaged": list(map(list, state.averaged.items())), "history": state.history,
        "first": state.first, "began": state.began,
        "earlier": [[loss, [labels for _weights, labels in made]] for made, loss in training.earlier],
    })  # fmt: skip
    for old in folder.glob("checkpoint_*.safetensors"):
        if old.name != path.name:
            old.unlink(missing_ok=True)


def restore(training: Training, folder: Path, fingerprint: str) -> None:
    """Put a training back to where it stood.

    Raises UserError when there is nothing to take up, or when fields of view or settings have changed since.
    """
    try:
        found = fileio.read_json(folder / _STATE)
        data = (folder / Path(found["file"]).name).read_bytes()
        if hashlib.sha256(data).hexdigest() != found["sha256"]:
            raise ValueError("the checkpoint was changed")
        arrays = load_tensors(data)
        if found["fingerprint"] != fingerprint:
            raise UserError(
                "The training cannot be taken up.",
                "The fields of view or the settings have changed since it was stopped.",
                "Set them back, or start again.",
            )
        _put(training, found, arrays)
    except FileNotFoundError:
        raise UserError("There is no stopped training to take up.", "", "Start one.") from None
    except (OSError, KeyError, TypeError, ValueError, SafetensorError) as error:
        raise UserError("The stopped training cannot be read.", f"{error}.", "Start again.") from None


def _put(training: Training, found: dict[str, Any], arrays: Arrays) -> None:
    set_weights(training.net, under(arrays, "network/"))
    training.average.restore(under(arrays, "average/"))
    training.optimizer.build(training.net.trainable_variables)
    for number, variable in enumerate(training.optimizer.variables):
        variable.assign(arrays[f"optimizer/{number}"])
    training.kept = {int(step): under(arrays, f"kept/{step}/") for step in found["kept"]}
    # JSON knows no NaN.
    nan = float("nan")
    training.earlier = [
        (
            [
                (under(arrays, f"earlier/{number}/{at}/"), [int(label) for label in labels])
                for at, labels in enumerate(made)
            ],
            nan if loss is None else float(loss),
        )
        for number, (loss, made) in enumerate(found["earlier"])
    ]
    training.state = State(
        int(found["step"]), float(found["seconds"]), int(found["marks"]), int(found["first"]), float(found["began"]),
        {int(label): (float(loss), int(step)) for label, loss, step in found["best"]},
        {int(step): float(mean) for step, mean in found["means"]},
        {int(step): [nan if one is None else float(one) for one in values] for step, values in found["losses"]},
        {int(step): bool(value) for step, value in found["averaged"]}, found["history"],
    )  # fmt: skip


def finish(folder: Path) -> None:
    """Drop the checkpoint and what was there before."""
    for path in (*folder.glob("checkpoint_*.safetensors"), folder / _STATE):
        path.unlink(missing_ok=True)
    fileio.forget_aside(folder)


def discard(folder: Path) -> None:
    """Forget this training and restore what was there before."""
    fileio.bring_back(folder)
