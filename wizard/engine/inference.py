"""The fast path through a trained network, used by train, evaluate, predict and extract."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.backend import keras
from wizard.engine.data import normalisation
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError

if TYPE_CHECKING:
    from wizard.engine.events import Tell
    from wizard.engine.model import Model
    from wizard.project import Project

ENGINE = "Keras on " + keras.config.backend()
BATCH = 128

Floats = NDArray[np.float32]


class Inference:
    """A network prepared to give the outputs of chosen layers, batch by batch of one fixed size."""

    engine = ENGINE
    """What computes it, as every result names it."""

    def __init__(self, network: Any, layers: Sequence[Any]) -> None:
        self._model = keras.Model(network.input, [layer.output for layer in layers])

    def __call__(self, images: Floats) -> list[Floats]:
        """Return one array per layer for normalised images (cell, y, x, channel); any number of cells."""
        count = len(images)
        if count < BATCH:
            # A fixed shape keeps the compiled function; the padding's results are cut off again.
            images = np.concatenate([images, np.zeros((BATCH - count, *images.shape[1:]), np.float32)])
        outputs = self._model.predict_on_batch(images)
        outputs = outputs if isinstance(outputs, list) else [outputs]
        return [np.asarray(output)[:count] for output in outputs]


def prepare(model: Model, layers: Sequence[Any], wanted: str, project: Project, cells: int, tell: Tell) -> Inference:
    """Return the fastest way to the outputs of a model's layers; `wanted` is an `EngineName`, `cells` their number."""
    return Inference(model.network, layers)


def run(
    inference: Inference,
    data: DataSet,
    rows: NDArray[np.int64],
    constants: dict[str, Any],
    report: Callable[[float, str], None],
) -> list[Floats]:
    """Send `rows` of a data set through the network; return one array (cell, ...) per layer.

    Raises UserError when the network answers with values that are not numbers.
    """
    found = [outputs for _, outputs in stream(inference, data, rows, constants, report)]
    return [np.concatenate(parts) for parts in zip(*found, strict=True)]


def stream(
    inference: Inference,
    data: DataSet,
    rows: NDArray[np.int64],
    constants: dict[str, Any],
    report: Callable[[float, str], None],
) -> Iterator[tuple[NDArray[np.int64], list[Floats]]]:
    """Yield (rows, one array per layer) batch by batch, in order, in bounded memory; raises UserError as `run`."""
    done = 0
    for part, images in data.batches(rows, BATCH):
        outputs = inference(normalisation.apply(images, constants))
        if not all(np.isfinite(output).all() for output in outputs):
            first = data.cells["source"][part[0]]
            raise UserError(
                "The network gave values that are not numbers.",
                f"It happened among the {len(part)} cells from {first} on.",
                "Check these images; if they look right, train the model again.",
            )
        yield part, outputs
        done += len(part)
        report(done / len(rows), f"Cell {done} of {len(rows)}")
