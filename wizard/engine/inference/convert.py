"""Keras networks as OpenVINO and ONNX ones, in memory. Nothing is reported to anyone."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

INPUT = "cells"


def openvino() -> Any:
    """Import and return OpenVINO without its module that reports its use over the network.

    It and NNCF do without that module when it cannot be imported. Raises ImportError.
    """
    if "openvino_telemetry" not in sys.modules:
        sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import openvino as found

    return found


def to_openvino(model: Any, names: Sequence[str]) -> Any:
    """Return a Keras model as an OpenVINO one, float32, for any number of cells; `names` are those of its outputs.

    Raises whatever TensorFlow or OpenVINO raise for a network that cannot be converted.
    """
    import tensorflow as tf

    ov = openvino()
    kind = tf.TensorSpec([None, *model.input.shape[1:]], tf.float32)
    made = ov.convert_model(tf.function(lambda cells: model(cells, training=False)).get_concrete_function(kind))
    for port, name in [*zip(made.inputs, [INPUT], strict=True), *zip(made.outputs, names, strict=True)]:
        port.tensor.set_names({name})
    return made


def openvino_files(model: Any) -> tuple[bytes, bytes]:
    """Return the two files of an OpenVINO model: what the .xml and the .bin hold."""
    ov = openvino()
    with tempfile.TemporaryDirectory(prefix="cytowizard-") as place:
        path = Path(place) / "model.xml"
        ov.save_model(model, path, compress_to_fp16=False)
        return path.read_bytes(), path.with_suffix(".bin").read_bytes()


def from_files(xml: bytes, weights: bytes) -> Any:
    """Return the OpenVINO model of two files; raises RuntimeError when they hold none."""
    ov = openvino()
    return ov.Core().read_model(xml, ov.Tensor(np.frombuffer(weights, np.uint8).copy()))


def to_onnx(model: Any) -> bytes:
    """Return a Keras model as an ONNX file, float32, for any number of cells; raises as `to_openvino`."""
    model(np.zeros((1, *model.input.shape[1:]), np.float32), training=False)
    with tempfile.TemporaryDirectory(prefix="cytowizard-") as place:
        path = Path(place) / "model.onnx"
        model.export(path, format="onnx", verbose=False)
        return path.read_bytes()
