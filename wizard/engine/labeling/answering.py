"""Trained networks as plain functions from tiles to answers, by the fastest way that this PC has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wizard.engine.inference import convert
from wizard.engine.inference.base import ENGINE
from wizard.engine.inference.engines import OpenVino
from wizard.engine.labeling.heads import decoded
from wizard.engine.labeling.networks.base import build
from wizard.engine.labeling.tiling import Floats, Net

_CLOSE = 1e-3


def of_keras(net: Any) -> Net:
    """Return a network as a function, computed by Keras; the first call prepares it."""
    run = net.predict_on_batch

    def answer(pictures: Floats) -> Floats:
        return np.asarray(run(pictures), np.float32)

    return answer


def fixed(
    name: str, planes: int, labels: Sequence[str], told: str, weights: Sequence[Any], side: int,
    options: Mapping[str, Any] | None = None,
) -> Any:  # fmt: skip
    """Return a trained network, decoded, for tiles of `side` px; `weights` are those of the trained one."""
    net = build(name, planes, labels, told, (side, side), **(options or {}))
    net.set_weights(list(weights))
    return decoded(net, told)


def fastest(net: Any) -> tuple[Net, str]:
    """Return a network for tiles of one size as a function, and the name of the engine that computes it.

    OpenVINO, where it can take the network and says what Keras says; else Keras.
    """
    slow = of_keras(net)
    side = net.input.shape[1:]
    probe = np.random.default_rng(0).uniform(0, 1, (1, *side)).astype(np.float32)
    try:
        fast = OpenVino(_converted(net), net, "float32", False)
        found = fast(probe)[0]
    except (RuntimeError, ValueError, TypeError, ImportError, NotImplementedError):
        return slow, ENGINE
    if np.abs(found - slow(probe)).max() > _CLOSE:
        return slow, ENGINE
    # One tile fills the processor; several would only need more memory.
    return lambda pictures: np.concatenate([fast(picture[None])[0] for picture in pictures]), fast.engine


def _converted(net: Any) -> Any:
    """Return the OpenVINO model for one tile; with an open number of them, interpolation brings outputs of its own."""
    import tensorflow as tf

    kind = tf.TensorSpec([1, *net.input.shape[1:]], tf.float32)
    whole = tf.function(lambda tiles: net(tiles, training=False), autograph=False)
    return convert.openvino().convert_model(whole.get_concrete_function(kind))
