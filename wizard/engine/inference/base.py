"""What every engine is to its users, and the one that always works: Keras itself."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.backend import keras

ENGINE = "Keras on " + keras.config.backend()
BATCH = 128
"""Most cells that are handed over at once."""

Floats = NDArray[np.float32]


class Inference:
    """A network prepared to give the outputs of chosen layers; this one computes them with Keras."""

    engine = ENGINE
    """What computes it, as every result names it."""

    def __init__(self, network: Any, layers: Sequence[Any]) -> None:
        self.model = keras.Model(network.input, [layer.output for layer in layers])
        self._size = 1

    def __call__(self, images: Floats) -> list[Floats]:
        """Return one array per layer for normalised images (cell, y, x, channel); any number of cells."""
        count = len(images)
        # Few different shapes keep the compiled function; the padding's results are cut off again.
        self._size = max(self._size, min(BATCH, 1 << max(0, count - 1).bit_length()))
        if count < self._size:
            images = np.concatenate([images, np.zeros((self._size - count, *images.shape[1:]), np.float32)])
        return [output[:count] for output in _arrays(self.model.predict_on_batch(images))]

    def each(self, batches: Iterable[Floats]) -> Generator[list[Floats], None, None]:
        """Yield what `__call__` returns for every batch, in their order; an engine may work on several at a time."""
        for images in batches:
            yield self(images)


def plainly(model: Any, images: Floats) -> list[Floats]:
    """Return the outputs of a Keras model for a few images without compiling anything."""
    return _arrays(model(images, training=False))


def _arrays(outputs: Any) -> list[Floats]:
    return [np.asarray(output) for output in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]


def in_short(error: Exception) -> str:
    """Return the first line of an error's text, without its full stop."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:160].rstrip(".")
