"""Batches for the network, made ready in a thread of their own: read, normalised, augmented, blended."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import psutil
from numpy.typing import NDArray

from wizard.engine.data import augmentation, normalisation
from wizard.engine.data.dataset import DataSet, cut
from wizard.engine.training import losses, mixing, sampling
from wizard.train_plan import TrainPlan

Floats = NDArray[np.float32]
Members = NDArray[np.int64]
Item = TypeVar("Item")

_IN_MEMORY = 2 * 2**30
"""Bytes of training images that are kept in memory at most (and a third of what is free); more are streamed."""
_BUFFER = 96 * 2**20
"""Bytes of the images that are shuffled together when they come from disk; three such pieces are in memory."""
_BLOCK = 256
"""Neighbouring cells that are read in one go: four chunks of the data set."""
_AHEAD = 4
"""Batches that are ready before they are asked for."""


@dataclass(frozen=True)
class Task:
    """What is to be learned: rows and class numbers of training and validation cells."""

    data: DataSet
    train_rows: Members
    train_classes: Members
    val_rows: Members
    val_classes: Members
    names: tuple[str, ...]
    """The classes."""
    constants: dict[str, Any]

    @property
    def bytes_each(self) -> int:
        """Bytes of one cell's images as stored."""
        return int(np.prod(self.data.images.shape[1:])) * self.data.images.dtype.itemsize


@dataclass(frozen=True)
class Batch:
    """Network input (cell, y, x, channel), truth (cell, class), weights (cell)."""

    images: Floats
    truth: Floats
    weights: Floats


def too_large(task: Task) -> bool:
    """Tell whether the training images must be read from disk again and again."""
    limit = min(_IN_MEMORY, psutil.virtual_memory().available // 3)
    return len(task.train_rows) * task.bytes_each > limit


class Feed:
    """The training cells, kept in memory or streamed from disk.

    What a batch holds follows from seed, epoch and step alone, so that a resume can start at any step.
    """

    def __init__(self, task: Task, streamed: bool) -> None:
        self.task, self.streamed = task, streamed
        # Turned in the whole frame and cut afterwards, so that what comes in at the corners is real.
        self._whole = task.data.middle(None)
        self._images = None if streamed else self._whole.load(task.train_rows)
        self._buffer = max(1, _BUFFER // max(1, task.bytes_each))

    def order(self, plan: TrainPlan, epoch: int) -> Members:
        """Return an epoch's cells (places among the training cells) in the order in which they are shown."""
        rng = np.random.default_rng((plan.seed, epoch))
        order = sampling.members(plan.sampling, self.task.train_classes, plan.cells_per_class, rng)
        if self.streamed:
            order = sampling.in_blocks(order, self.task.train_rows, _BLOCK, self._buffer, rng)
        return order

    def batches(
        self, order: Members, size: int, plan: TrainPlan, weights: Floats, epoch: int, first: int = 0
    ) -> Generator[Batch, None, None]:
        """Yield an epoch's batches of `size` cells from step `first` on; a last smaller one is left out."""
        steps = max(1, len(order) // size)
        parts = [order[step * size : (step + 1) * size] for step in range(first, steps)]

        def made() -> Generator[Batch, None, None]:
            with closing(self._loaded(order, parts, first * size)) as images:
                for step, (part, stored) in enumerate(zip(parts, images, strict=True), first):
                    yield self._batch(part, stored, plan, weights, np.random.default_rng((plan.seed, epoch, step)))

        return ahead(made(), _AHEAD)

    def plain(self, size: int, number: int) -> Iterator[Floats]:
        """Yield batches of some `number` training cells as they are, without augmentation."""
        step = max(1, len(self.task.train_rows) // number)
        for _, images in self.task.data.batches(self.task.train_rows[::step], size):
            yield normalisation.apply(images, self.task.constants)

    def _batch(
        self, part: Members, stored: NDArray[Any], plan: TrainPlan, weights: Floats, rng: np.random.Generator
    ) -> Batch:
        classes = self.task.train_classes[part]
        how = augmentation.of(plan, self.task.data.channels, self.task.constants)
        images = augmentation.augment(normalisation.apply(stored, self.task.constants), how, rng)
        images = cut(images, self.task.data.frame, 1)
        truth = losses.truth(classes, len(self.task.names))
        images, truth, each = mixing.mix(images, truth, weights[classes], plan.mixup, plan.cutmix, rng)
        return Batch(images, losses.smooth(truth, plan.label_smoothing, plan.loss), each)

    def _loaded(self, order: Members, parts: list[Members], start: int) -> Generator[NDArray[Any], None, None]:
        """Yield the stored images of each part; from disk, the next buffer is read while one is used."""
        if self._images is not None:
            for part in parts:
                yield self._images[part]
            return
        rows, data, size = self.task.train_rows, self._whole, self._buffer
        with ThreadPoolExecutor(1) as reader:
            number = start // size
            held = data.load(rows[order[number * size : (number + 1) * size]])
            coming = reader.submit(data.load, rows[order[(number + 1) * size : (number + 2) * size]])
            used = start - number * size
            for part in parts:
                while len(held) - used < len(part):
                    held, used = np.concatenate([held[used:], coming.result()]), 0
                    number += 1
                    coming = reader.submit(data.load, rows[order[(number + 1) * size : (number + 2) * size]])
                yield held[used : used + len(part)]
                used += len(part)


def ahead(items: Iterator[Item], depth: int) -> Generator[Item, None, None]:
    """Yield `items` made in a thread, at most `depth` ahead; its errors are raised here; closing ends the thread."""
    ready: queue.Queue[tuple[Item | None, BaseException | None]] = queue.Queue(depth)
    over = threading.Event()

    def put(item: Item | None, error: BaseException | None = None) -> None:
        while not over.is_set():
            try:
                ready.put((item, error), timeout=0.1)
                return
            except queue.Full:
                continue

    def work() -> None:
        try:
            for item in items:
                put(item)
                if over.is_set():
                    break
            put(None)
        except BaseException as error:  # noqa: BLE001 the thread's border: raised again in the other one
            put(None, error)
        finally:
            if isinstance(items, Generator):
                items.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while True:
            item, error = ready.get()
            if error is not None:
                raise error
            if item is None:
                return
            yield item
    finally:
        over.set()
        thread.join()
