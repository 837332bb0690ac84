from __future__ import annotations

import shutil

import numpy as np
import pytest

from wizard.engine import export as module
from wizard.engine.errors import UserError
from wizard.engine.export import EXPORTS, export
from wizard.engine.inference import Inference, convert, eight_bit
from wizard.engine.inference.engines import OpenVino
from wizard.engine.model import load


def test_onnx_gives_the_models_answers_elsewhere(analysed, tmp_path):
    import onnxruntime

    said = []
    path = export(analysed.models()[0], "onnx", tmp_path / "für Jürgen" / "m.onnx", said.append)
    assert said == [
        "Checked against the model on 8 cells of the project.", "What it takes and gives is said in m_card.md.",
    ]  # fmt: skip
    assert "## How to use" in path.with_name("m_card.md").read_text(encoding="utf-8")
    session = onnxruntime.InferenceSession(path.read_bytes())
    net = load(analysed.models()[0]).network
    cells = np.random.default_rng(0).normal(size=(3, *net.input.shape[1:])).astype(np.float32)
    (answer,) = session.run(None, {session.get_inputs()[0].name: cells})
    assert np.allclose(answer, Inference(net, net.layers[-1:])(cells)[0], atol=1e-4)


def test_openvino_comes_with_8_bit_integers_where_they_are_proven(analysed, tmp_path, monkeypatch):
    monkeypatch.setattr(eight_bit, "_FEW", 0)
    check = eight_bit.Check(8, 1.0, 0.0, "dim", 1.0, 1.0, 1.0)
    monkeypatch.setattr(eight_bit, "_compare", lambda *_: check)
    root = tmp_path / "copy"
    shutil.copytree(analysed.root, root, ignore=shutil.ignore_patterns("*.int8", ".lock*"))
    (model,) = (root / "models").glob("*.cytomodel")
    said = []
    path = export(model, "openvino", tmp_path / "Ä" / "m", said.append)
    assert path.name == "m.xml" and said[1].startswith("In 8-bit integers: ")
    assert sorted(one.name for one in path.parent.iterdir()) == [
        "m.bin", "m.xml", "m_card.md", "m_int8.bin", "m_int8.xml",
    ]  # fmt: skip
    net = load(model).network
    plain = Inference(net, net.layers[-1:])
    cells = np.random.default_rng(0).normal(size=(3, *net.input.shape[1:])).astype(np.float32)
    right = plain(cells)[0]
    for name, near in (("m", 1e-4), ("m_int8", 1.0)):
        files = [(path.parent / f"{name}{end}").read_bytes() for end in (".xml", ".bin")]
        (answer,) = OpenVino(convert.from_files(*files), plain.model, "x", False)(cells)
        assert answer.shape == right.shape and np.allclose(answer, right, atol=near)


def test_a_model_without_its_project_is_checked_on_noise(analysed, tmp_path):
    alone = shutil.copy(analysed.models()[0], tmp_path / "m.cytomodel")
    said = []
    export(alone, "openvino", tmp_path / "m.xml", said.append)
    assert "noise" in said[0] and "need the project" in said[1]


@pytest.mark.parametrize("kind", EXPORTS)
def test_a_network_that_answers_differently_is_not_written(analysed, tmp_path, monkeypatch, kind):
    monkeypatch.setattr(module, "plainly", lambda model, cells: [model(cells).numpy() + 1])
    with pytest.raises(UserError, match="answers differently"):
        export(analysed.models()[0], kind, tmp_path / "out" / "m")
    assert not (tmp_path / "out").exists()


def test_a_network_that_cannot_be_converted_is_refused(analysed, tmp_path, monkeypatch):
    def fail(*_):
        raise RuntimeError("no such operation")

    monkeypatch.setattr(convert, "to_onnx", fail)
    with pytest.raises(UserError, match="cannot be written"):
        export(analysed.models()[0], "onnx", tmp_path / "m.onnx")
