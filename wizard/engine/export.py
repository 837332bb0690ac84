"""Writes a model's network in the formats of other programs; checked against the model before it is kept."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard import fileio
from wizard.engine.backend import keras
from wizard.engine.errors import UserError
from wizard.engine.events import Tell
from wizard.engine.inference import Inference, convert, eight_bit
from wizard.engine.inference.base import in_short, plainly
from wizard.engine.inference.choosing import agree, real_cells
from wizard.engine.inference.engines import OpenVino
from wizard.engine.model import Model, load, read_card
from wizard.project import Project

Cells = NDArray[np.float32]
_CELLS = 8


def export(
    model: Path, kind: str, output: Path, say: Callable[[str], None] = lambda text: None,
    doing: Callable[[str], None] = lambda text: None,
) -> Path:  # fmt: skip
    """Write the network of a model file as one of `EXPORTS` and return the path.

    It takes normalised cells (cell, y, x, channel) and gives logits (cell, class). What was written must give the
    model's own answers: on cells of the project in which the model lies, or on noise; otherwise UserError and no
    file. An OpenVINO network gets one in 8-bit integers beside it where that is proven right; `say` takes sentences,
    `doing` what is being done.
    """
    doing("Loading the model")
    loaded = load(model)
    project = _project(model)
    known = real_cells(loaded, project, _CELLS) if project is not None else None
    noise = np.random.default_rng(0).normal(size=(_CELLS, *loaded.network.input.shape[1:])).astype(np.float32)
    cells = noise if known is None else known
    with tempfile.TemporaryDirectory(prefix="cytowizard-") as place:
        # TensorFlow cannot write to every path that users have (umlauts, shares), so it writes here first.
        doing("Writing the network")
        made, answer = _written(kind, loaded.network, Path(place), cells)
        doing("Checking the answers")
        if not agree([np.asarray(answer)], plainly(Inference(loaded.network, loaded.network.layers[-1:]).model, cells)):
            raise UserError("The exported network answers differently.", "", "Report this with the model file.")
        doing("Saving")
        output = output.with_suffix(".xml") if kind == "openvino" else output
        _put(made, output)
        if kind == "openvino":
            fileio.write_bytes(output.with_suffix(".bin"), made.with_suffix(".bin").read_bytes())
    said = "noise, for want of a project" if known is None else f"{len(known)} cells of the project"
    say(f"Checked against the model on {said}.")
    if kind == "openvino":
        doing("Trying 8-bit integers")
        say(_small(loaded, project, output))
    card = output.with_name(f"{output.stem}_card.md")
    fileio.write_bytes(card, read_card(model).encode())
    say(f"What it takes and gives is said in {card.name}.")
    return output


def _written(kind: str, network: Any, place: Path, cells: Cells) -> tuple[Path, Any]:
    try:
        return EXPORTS[kind](network, place, cells)
    except ImportError as error:
        raise UserError("The library for this format is not installed.", f"{error}.", "Install it first.") from None
    except (RuntimeError, ValueError) as error:
        raise UserError(
            "This network cannot be written in this format.", f"{in_short(error)}.", "Choose another format."
        ) from error


def _project(model: Path) -> Project | None:
    """Return the project in whose folder of models a file lies."""
    root = model.expanduser().resolve().parent.parent
    if model.expanduser().resolve().parent.name != "models":
        return None
    try:
        return Project.open(root, create=False, lock=False)
    except UserError:
        return None


def _put(made: Path, output: Path) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    if made.is_dir():
        with fileio.fresh_folder(output) as staging:
            shutil.copytree(made, staging, dirs_exist_ok=True)
    else:
        fileio.write_bytes(output, made.read_bytes())


def _small(model: Model, project: Project | None, output: Path) -> str:
    """Write the network in 8-bit integers beside `output`, and say so or why not."""
    if project is None:
        return "8-bit integers are left out: they need the project in which the model was trained."
    layers = [model.network.layers[-1]]
    found = eight_bit.made(model, layers, project, Tell(), False)
    if found is None or isinstance(found, str):
        return f"8-bit integers are left out: {found}."
    check, network = found
    if network is None:
        return f"8-bit integers are left out, they failed their check: {check.words()}."
    path = output.with_name(f"{output.stem}_int8.xml")
    xml, weights = convert.openvino_files(eight_bit.with_outputs(network, eight_bit.NAMES[:1]))
    fileio.write_bytes(path, xml)
    fileio.write_bytes(path.with_suffix(".bin"), weights)
    return f"In 8-bit integers: {path} ({check.words()})."


def _keras(network: Any, place: Path, cells: Cells) -> tuple[Path, Any]:
    path = place / "model.keras"
    network.save(path)
    twin = keras.Model.from_config(network.get_config())
    twin.load_weights(path)
    return path, twin(cells, training=False)


def _saved_model(network: Any, place: Path, cells: Cells) -> tuple[Path, Any]:
    import tensorflow as tf

    path = place / "model"
    network.export(path, format="tf_saved_model", verbose=False)
    twin = tf.saved_model.load(str(path))
    return path, twin.serve(cells)


def _onnx(network: Any, place: Path, cells: Cells) -> tuple[Path, Any]:
    import onnxruntime

    path = place / "model.onnx"
    path.write_bytes(convert.to_onnx(network))
    twin = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    return path, twin.run(None, {twin.get_inputs()[0].name: cells})[0]


def _openvino(network: Any, place: Path, cells: Cells) -> tuple[Path, Any]:
    xml, weights = convert.openvino_files(convert.to_openvino(network, ["logits"]))
    path = place / "model.xml"
    path.write_bytes(xml)
    path.with_suffix(".bin").write_bytes(weights)
    twin = OpenVino(convert.from_files(xml, weights), network, "float32", False)
    return path, twin(cells)[0]


EXPORTS: dict[str, Callable[[Any, Path, Cells], tuple[Path, Any]]] = {
    "keras": _keras,
    "savedmodel": _saved_model,
    "onnx": _onnx,
    "openvino": _openvino,
}
