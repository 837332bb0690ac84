"""Which engine computes a network: the fastest that can be used and gives the answers of Keras."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wizard.engine.cells import of_model
from wizard.engine.data import normalisation
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import Cancelled, UserError
from wizard.engine.inference import eight_bit
from wizard.engine.inference.base import Floats, Inference, in_short, plainly
from wizard.engine.inference.convert import to_openvino
from wizard.engine.inference.engines import OnnxRuntime, OpenVino

if TYPE_CHECKING:
    from wizard.engine.events import Tell
    from wizard.engine.model import Model
    from wizard.project import Project

TOLERANCE = 1e-3
"""Farthest that two engines may be apart in float32, as a share of the largest output (at least of 1)."""
MANY = 64
"""From this number on cells are computed side by side, which keeps a single one waiting."""
_TESTED = 8
_TITLES = {"openvino": "OpenVINO", "onnx": "ONNX Runtime", "keras": "Keras"}
_ORDER = {"onnx": ("onnx", "keras"), "keras": ("keras",)}
FASTEST = ("openvino", "onnx", "keras")


def prepare(model: Model, layers: Sequence[Any], wanted: str, project: Project, cells: int, tell: Tell) -> Inference:
    """Return the fastest way to the outputs of a model's layers; `wanted` is an `EngineName`, `cells` their number.

    An engine that is not installed, cannot take the network or gives other answers than Keras on some cells is
    passed over, and said so. With "auto" 8-bit integers are used where they are proven right; they are prepared
    when the cells would else take more than a minute. With "int8" they are prepared in any case.
    """
    plain = Inference(model.network, layers)
    tested = _some_cells(model, project)
    found, failed = first_that_works(plain, _ORDER.get(wanted, FASTEST), tested, cells >= MANY)
    for name, reason in failed:
        tell.notice("warning", f"{_TITLES[name]} was passed over: {reason}. {found.engine} computes instead.")
    if wanted not in ("auto", "int8"):
        return found
    if not isinstance(found, OpenVino):
        if wanted == "int8":
            tell.notice("warning", "8-bit integers need OpenVINO, so they are not used.")
        return found
    seconds = 0.0 if wanted == "int8" else cells * _seconds_per_cell(found, tested)
    return eight_bit.instead_of(found, model, layers, project, tell, cells >= MANY, wanted, seconds)


def first_that_works(
    plain: Inference, names: Sequence[str], tested: Floats, many: bool
) -> tuple[Inference, list[tuple[str, str]]]:
    """Return the first engine that gives Keras' answers, and name and reason of those before it."""
    makers: dict[str, Callable[[], Inference]] = {
        "openvino": lambda: openvino_engine(plain.model, many),
        "onnx": lambda: OnnxRuntime(plain.model),
    }
    right = plainly(plain.model, tested) if names != ("keras",) else []
    failed = []
    for name in names[:-1]:
        try:
            engine = makers[name]()
            answers = engine(tested)
        except (Cancelled, UserError):
            raise
        except ImportError:
            failed.append((name, "it is not installed"))
        except Exception as error:  # noqa: BLE001 a converter may raise anything, and the next engine is the answer
            failed.append((name, f"it cannot compute this network ({in_short(error)})"))
        else:
            if agree(answers, right):
                return engine, failed
            failed.append((name, "its answers on some test cells differ from those of Keras"))
    return plain, failed


def openvino_engine(model: Any, many: bool) -> OpenVino:
    """Return a Keras model computed by OpenVINO in float32."""
    return OpenVino(
        to_openvino(model, [f"output_{place}" for place in range(len(model.outputs))]), model, "float32", many
    )


def agree(answers: Sequence[Floats], right: Sequence[Floats]) -> bool:
    """Tell whether outputs are the same up to the rounding of float32."""
    return len(answers) == len(right) and all(
        one.shape == other.shape and np.allclose(one, other, rtol=0, atol=TOLERANCE * max(1.0, float(abs(other).max())))
        for one, other in zip(answers, right, strict=True)
    )


def _some_cells(model: Model, project: Project) -> Floats:
    """Return a few cells as network input: the project's own where they fit, and noise."""
    shape = (_TESTED, *model.network.input.shape[1:])
    noise = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    real = real_cells(model, project, _TESTED)
    return noise if real is None else np.concatenate([real, noise[: _TESTED // 2]])


def real_cells(model: Model, project: Project, number: int) -> Floats | None:
    """Return some of the project's cells as network input; None when it has none that fit the model."""
    place = project.data_set(project.plan.parse.name)
    try:
        data = of_model(DataSet.open(place), model.manifest)
    except UserError:
        return None
    channels = [(channel["name"], channel["number"]) for channel in model.manifest["channels"]]
    fits = [(one.name, one.number) for one in data.channels] == channels
    if not len(data) or not fits or list(data.frame) != list(model.manifest["frame"]):
        return None
    rows = np.unique(np.linspace(0, len(data) - 1, number).astype(np.int64))
    return normalisation.apply(data.load(rows), model.manifest["normalisation"])


def _seconds_per_cell(engine: Inference, cells: Floats) -> float:
    many = np.concatenate([cells] * 8)
    engine(many)
    began = time.perf_counter()
    engine(many)
    return (time.perf_counter() - began) / len(many)
