"""Results that are the same to the last bit on one computer."""

from __future__ import annotations

from wizard.engine.backend import keras


def be_deterministic() -> bool:
    """Make every operation of this process give the same bits each time, on one thread.

    False when the threads could not be changed any more because the process has computed before: then
    sums may be made in another order.
    """
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()
    try:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        threads = tf.config.threading
        return (threads.get_intra_op_parallelism_threads(), threads.get_inter_op_parallelism_threads()) == (1, 1)
    return True
