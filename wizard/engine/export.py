"""Writes a model's network in the formats of other programs; checked against the model before it is kept."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from wizard import fileio
from wizard.engine.backend import keras
from wizard.engine.errors import UserError
from wizard.engine.model import load

_TOLERANCE = 1e-4


def export(model: Path, kind: str, output: Path) -> Path:
    """Write the network of a model file as `keras` or `savedmodel` and return the path.

    The written network must give the model's own answers on test cells; otherwise UserError and no file.
    """
    network = load(model).network
    cells = np.random.default_rng(0).normal(size=(8, *network.input.shape[1:])).astype(np.float32)
    with tempfile.TemporaryDirectory(prefix="cytowizard-") as place:
        # TensorFlow cannot write to every path that users have (umlauts, shares), so it writes here first.
        made, answer = EXPORTS[kind](network, Path(place), cells)
        if not np.allclose(answer.numpy(), network(cells, training=False).numpy(), atol=_TOLERANCE):
            raise UserError("The exported network answers differently.", "", "Report this with the model file.")
        output.parent.mkdir(parents=True, exist_ok=True)
        if made.is_dir():
            with fileio.fresh_folder(output) as staging:
                shutil.copytree(made, staging, dirs_exist_ok=True)
        else:
            fileio.write_bytes(output, made.read_bytes())
    return output


def _keras(network: Any, place: Path, cells: Any) -> tuple[Path, Any]:
    path = place / "model.keras"
    network.save(path)
    twin = keras.Model.from_config(network.get_config())
    twin.load_weights(path)
    return path, twin(cells, training=False)


def _saved_model(network: Any, place: Path, cells: Any) -> tuple[Path, Any]:
    import tensorflow as tf

    path = place / "model"
    network.export(path, format="tf_saved_model", verbose=False)
    twin = tf.saved_model.load(str(path))
    return path, twin.serve(cells)


EXPORTS: dict[str, Callable[[Any, Path, Any], tuple[Path, Any]]] = {
    "keras": _keras,
    "savedmodel": _saved_model,
}
