"""Cells of a data set through a network: a thread reads and normalises ahead while the network computes."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wizard.engine.data import normalisation
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.inference.base import BATCH, Floats, Inference

Rows = NDArray[np.int64]
Report = Callable[[float, str], None]

_AHEAD = 3
"""Batches that wait, normalised, for the network."""
_READ_CELLS, _READ_BYTES, _BATCH_BYTES = 1024, 32 * 2**20, 64 * 2**20
"""Most that is read from the disk at once, and the most of a batch in network input."""
_SECONDS = 0.2
"""How often the reader looks whether anyone still wants its cells."""


def run(inference: Inference, data: DataSet, rows: Rows, constants: dict[str, Any], report: Report) -> list[Floats]:
    """Send `rows` of a data set through the network; return one array (cell, ...) per layer.

    Raises UserError when the network answers with values that are not numbers.
    """
    found = [outputs for _, outputs in stream(inference, data, rows, constants, report)]
    return [np.concatenate(parts) for parts in zip(*found, strict=True)]


def stream(
    inference: Inference, data: DataSet, rows: Rows, constants: dict[str, Any], report: Report
) -> Iterator[tuple[Rows, list[Floats]]]:
    """Yield (rows, one array per layer) batch by batch, in order, in bounded memory; raises UserError as `run`."""
    done = 0
    parts: deque[Rows] = deque()

    def images() -> Generator[Floats, None, None]:
        with closing(_Reader(data, rows, constants)) as reader:
            for part, batch in reader:
                parts.append(part)
                yield batch

    with closing(images()) as batches, closing(inference.each(batches)) as answers:
        for outputs in answers:
            part = parts.popleft()
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


class _Reader:
    """Reads and normalises in a thread of its own; at most `_AHEAD` batches wait. Close it in any case."""

    def __init__(self, data: DataSet, rows: Rows, constants: dict[str, Any]) -> None:
        self._data, self._rows, self._constants = data, rows, constants
        self._waiting: queue.Queue[tuple[Rows, Floats] | BaseException | None] = queue.Queue(_AHEAD)
        self._unwanted = threading.Event()
        self._thread = threading.Thread(target=self._work, name="reading cells", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[tuple[Rows, Floats]]:
        while (item := self._waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item

    def close(self) -> None:
        """End the thread, whether or not it has read everything."""
        self._unwanted.set()
        self._thread.join()

    def _work(self) -> None:
        last: BaseException | None = None
        try:
            for item in self._batches():
                if not self._hand_over(item):
                    return
        except BaseException as error:  # noqa: BLE001 it is raised again where the cells are wanted
            last = error
        self._hand_over(last)

    def _batches(self) -> Iterator[tuple[Rows, Floats]]:
        channels, (height, width) = len(self._data.channels), self._data.frame
        values = prod((channels, height, width))
        size = max(1, min(BATCH, _BATCH_BYTES // (4 * values)))
        cells = max(1, min(_READ_CELLS, _READ_BYTES // (self._data.images.dtype.itemsize * values)) // size) * size
        for part, images in self._data.batches(self._rows, cells):
            for start in range(0, len(part), size):
                piece = slice(start, start + size)
                yield part[piece], normalisation.apply(images[piece], self._constants)

    def _hand_over(self, item: tuple[Rows, Floats] | BaseException | None) -> bool:
        """Put something into the queue; False when nobody wants it any more."""
        while not self._unwanted.is_set():
            try:
                self._waiting.put(item, timeout=_SECONDS)
            except queue.Full:
                continue
            return True
        return False
