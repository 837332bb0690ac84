"""Ends of a training that are nobody's bug, in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from wizard.engine.backend import keras
from wizard.engine.errors import UserError, from_os_error


class RanAway(Exception):
    """Loss or weights are no numbers any more."""


def _memory_errors() -> tuple[type[Exception], ...]:
    if keras.backend.backend() != "tensorflow":
        return (MemoryError,)
    import tensorflow as tf

    return (MemoryError, tf.errors.ResourceExhaustedError)


@contextmanager
def memory_in_words(batch: int) -> Iterator[None]:
    """Turn every way of running out of memory into a UserError."""
    try:
        yield
    except _memory_errors():
        raise UserError(
            "The computer ran out of memory while training.",
            f"A step takes {batch} cells at once.",
            f"Set the batch size to {max(2, batch // 2)} or less, close other programs, or choose a smaller network "
            "or frame.",
        ) from None


@contextmanager
def disk_in_words(epochs_done: int) -> Iterator[None]:
    """Turn a full or lost disk into a UserError that says what is safe."""
    try:
        yield
    except OSError as error:
        known = from_os_error(error)
        if known is None:
            raise
        raise UserError(
            known.what,
            f"The training ended after {epochs_done} whole epochs; its last checkpoint is intact.",
            f"{known.action.split(', then')[0].rstrip('.')}, then continue with --resume.",
        ) from error
