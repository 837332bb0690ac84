"""The last augmented batch as a file, for whoever watches the training."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from wizard import fileio
from wizard.engine.training.feed import Batch

FILE = "last_batch.npz"
_CELLS = 24
_BYTES = 16 * 2**20
"""Of the images at most."""
_SECONDS = 3.0
"""Shortest time between two writings."""


class LastBatch:
    """Writes the first batch that it sees, and then one every few seconds; `shown` gets the path of the file.

    Arrays: `images` (cell, y, x, channel) float32 as the network sees them, `classes` (cell,) int64 (the class that
    weighs most where cells are blended), `names` of the classes, `channels`.
    """

    def __init__(
        self, folder: Path, names: Sequence[str], channels: Sequence[str], shown: Callable[[str], None] | None
    ) -> None:
        self._path, self._names, self._channels, self._shown = folder / FILE, names, channels, shown
        self._last = -float("inf")

    def note(self, batch: Batch) -> None:
        """Write a batch if it is time; nothing happens when nobody watches or the disk is full."""
        if self._shown is None or time.monotonic() - self._last < _SECONDS:
            return
        # A picture is not worth a training.
        with suppress(OSError):
            fileio.write_with(self._path, lambda path: self._write(path, batch))
            self._shown(str(self._path))
        self._last = time.monotonic()

    def _write(self, path: Path, batch: Batch) -> None:
        number = min(_CELLS, max(1, _BYTES // batch.images[0].nbytes))
        np.savez(
            path,
            images=batch.images[:number].astype(np.float32),
            classes=batch.truth[:number].argmax(axis=1).astype(np.int64),
            names=np.array(list(self._names)),
            channels=np.array(list(self._channels)),
        )
