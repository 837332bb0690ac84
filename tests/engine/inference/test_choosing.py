from __future__ import annotations

import socket
import sys

import numpy as np
import pytest

from wizard.engine.events import Tell
from wizard.engine.inference import BATCH, Inference, choosing, convert, prepare, run
from wizard.engine.inference.engines import OnnxRuntime, OpenVino
from wizard.engine.model import load


def both(model):
    return [model.network.layers[-1], model.layer("pool")]


@pytest.mark.parametrize(
    ("wanted", "named"), [("openvino", "OpenVINO 20"), ("onnx", "ONNX Runtime 1"), ("keras", "Keras on")]
)
def test_every_engine_gives_the_answers_of_keras(analysed, data, model, wanted, named):
    ours, tell = model(data), Tell()
    engine = prepare(ours, both(ours), wanted, analysed, 48, tell)
    assert engine.engine.startswith(named) and tell.notices == []
    images = np.random.default_rng(1).normal(size=(37, *data.frame, 2)).astype(np.float32)
    right = Inference(ours.network, both(ours))(images)
    for count in (37, 1, 0):
        for one, other in zip(engine(images[:count]), right, strict=True):
            assert one.shape == (count, *other.shape[1:]) and one.dtype == np.float32
            assert np.allclose(one, other[:count], atol=1e-4)


def test_batches_come_back_in_their_order(analysed, data, model):
    ours = model(data)
    engine = prepare(ours, both(ours), "openvino", analysed, 1000, Tell())
    images = np.random.default_rng(1).normal(size=(300, *data.frame, 2)).astype(np.float32)
    right = Inference(ours.network, both(ours))(images[:BATCH])
    batches = [images[:BATCH], images[128:130], images[130:130], images[130:300]]
    found = list(engine.each(iter(batches)))
    assert [len(one[0]) for one in found] == [128, 2, 0, 170]
    assert np.allclose(found[0][0], right[0], atol=1e-4)
    assert np.allclose(np.concatenate([one[1] for one in found])[128:], engine(images[128:])[1], atol=1e-4)


def test_automatic_takes_openvino_and_results_name_it(analysed):
    for step in ("evaluate", "predict", "extract"):
        assert analysed.result(step).engine.startswith("OpenVINO 20")
        assert analysed.result(step).engine.endswith("float32")


def test_an_ensemble_is_computed_by_openvino(analysed, data):
    from wizard.engine import ensemble
    from wizard.engine.networks.base import network

    ours = load(analysed.models()[0])
    other = load(analysed.models()[0])
    net, features = ensemble.combine([ours.network, other.network], network(ours.manifest["network"]).stages)
    ours.network, ours.features = net, features
    tell = Tell()
    engine = prepare(ours, both(ours), "int8", analysed, 48, tell)
    assert isinstance(engine, OpenVino) and engine.engine.endswith("float32")
    assert "several networks" in tell.notices[0].text
    rows = np.arange(10)
    answers = run(engine, data, rows, ours.manifest["normalisation"], lambda *_: None)
    right = run(Inference(net, both(ours)), data, rows, ours.manifest["normalisation"], lambda *_: None)
    assert np.allclose(answers[0], right[0], atol=1e-4) and np.allclose(answers[1], right[1], atol=1e-4)


def test_without_openvino_the_next_engine_computes(analysed, data, model, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    ours, tell = model(data), Tell()
    engine = prepare(ours, both(ours), "auto", analysed, 48, tell)
    assert isinstance(engine, OnnxRuntime)
    assert [notice.text for notice in tell.notices] == [
        f"OpenVINO was passed over: it is not installed. {engine.engine} computes instead."
    ]
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    tell = Tell()
    engine = prepare(ours, both(ours), "int8", analysed, 48, tell)
    assert type(engine) is Inference
    assert len(tell.notices) == 3 and "8-bit integers need OpenVINO" in tell.notices[2].text


def test_an_engine_that_fails_or_answers_differently_is_passed_over(analysed, data, model, monkeypatch):
    def broken(*_):
        raise RuntimeError("no such operation\nmore")

    class Wrong(Inference):
        def __call__(self, images):
            return [answer + 0.1 for answer in super().__call__(images)]

    monkeypatch.setattr(choosing, "to_openvino", broken)
    monkeypatch.setattr(choosing, "OnnxRuntime", lambda net: Wrong(net, net.layers[-1:]))
    ours, tell = model(data), Tell()
    assert type(prepare(ours, ours.network.layers[-1:], "auto", analysed, 48, tell)) is Inference
    first, second = (notice.text for notice in tell.notices)
    assert "cannot compute this network (no such operation)" in first
    assert "differ from those of Keras" in second


def test_no_connection_is_opened_and_nothing_is_reported(analysed, data, model, monkeypatch):
    class Deaf(socket.socket):
        def __init__(self, family=-1, *more, **named):
            # Zarr's event loop has a pair of them, within the process.
            assert family == socket.AF_UNIX
            super().__init__(family, *more, **named)

    def never(*_, **__):
        raise AssertionError("a name was looked up")

    monkeypatch.setattr(socket, "socket", Deaf)
    monkeypatch.setattr(socket, "getaddrinfo", never)
    ours = load(analysed.models()[0])
    prepare(ours, both(ours), "int8", analysed, 48, Tell())
    prepare(ours, both(ours), "onnx", analysed, 48, Tell())
    assert sys.modules["openvino_telemetry"] is None
    assert convert.openvino() is sys.modules["openvino"]
