from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest
from scipy.special import softmax

from tests.engine.training.conftest import TINY
from wizard.engine import ensemble
from wizard.engine.backend import keras
from wizard.engine.errors import UserError
from wizard.engine.export import EXPORTS, export
from wizard.engine.familiarity import Familiarity
from wizard.engine.inference import Inference
from wizard.engine.model import Model, load, set_weights, weights_of
from wizard.engine.networks.base import NETWORKS, build, network

CELLS = np.random.default_rng(3).normal(size=(5, 20, 20, 2)).astype(np.float32)


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setitem(NETWORKS, TINY.name, TINY)


def made(number=3, name=TINY.name, shape=(20, 20, 2)):
    nets = []
    for seed in range(number):
        keras.utils.set_random_seed(seed)
        nets.append(build(name, shape, 3, {}))
    return nets, *ensemble.combine(nets, network(name).stages)


def saved(path, number=3):
    nets, net, features = made(number)
    manifest = {
        "network": TINY.name, "options": {}, "members": number, "classes": ["a", "b", "c"], "frame": [20, 20],
        "channels": [{"name": "Ch1", "number": 1}, {"name": "Ch2", "number": 2}], "temperature": 1.5,
        "normalisation": {"kind": "none"},
    }  # fmt: skip
    rng = np.random.default_rng(0)
    pooled = rng.normal(size=(20, 4 * number)).astype(np.float32)
    model = Model(manifest, net, Familiarity.fit(pooled, np.arange(20) % 3, pooled), features)
    return model, model.save(path / "m.cytomodel", "card")


def test_probabilities_are_the_mean_of_the_members():
    nets, net, _ = made()
    mean = np.mean([softmax(each(CELLS).numpy(), axis=1) for each in nets], axis=0)
    np.testing.assert_allclose(softmax(net(CELLS).numpy(), axis=1), mean, atol=1e-6)
    np.testing.assert_allclose(np.exp(net(CELLS).numpy()), mean, atol=1e-6)


def test_extreme_logits_give_numbers():
    nets, net, _ = made(2)
    for each in nets:
        each.get_layer("classes").bias.assign([500.0, 0.0, -500.0])
    assert np.isfinite(net(CELLS).numpy()).all()


@pytest.mark.parametrize("name", [TINY.name, "fast"])
def test_features_stand_side_by_side(name):
    nets, net, features = made(2, name)
    for stage, layer in network(name).stages.items():
        (own,) = Inference(net, [features[layer]])(CELLS)
        parts = [Inference(each, [each.get_layer(layer)])(CELLS)[0] for each in nets]
        np.testing.assert_allclose(own, np.concatenate(parts, axis=-1), atol=1e-5, err_msg=stage)


def test_a_saved_ensemble_gives_the_same(tmp_path):
    model, path = saved(tmp_path)
    again = load(path)
    np.testing.assert_array_equal(again.network(CELLS).numpy(), model.network(CELLS).numpy())
    before, after = (Inference(m.network, [m.layer("pool"), m.network.layers[-1]])(CELLS) for m in (model, again))
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)
    assert again.layer("stage 5").output.shape[-1] == 12
    with pytest.raises(UserError, match="no layer"):
        again.layer("stage 9")


def test_weights_are_named_by_member_and_none_is_lost():
    nets, net, _ = made(2)
    values = weights_of(net)
    assert len(values) == sum(len(weights_of(each)) for each in nets)
    assert {name.split("/")[0] for name in values} == {"member_1", "member_2"}
    set_weights(net, {name: np.zeros_like(value) for name, value in values.items()})
    assert not nets[1].get_layer("classes").kernel.numpy().any()


def test_ten_members_keep_their_order():
    assert [part.name for part in ensemble.members(made(11)[1])][-2:] == ["member_10", "member_11"]


@pytest.mark.parametrize("kind", sorted(EXPORTS))
def test_an_ensemble_can_be_exported(tmp_path, kind):
    _, path = saved(tmp_path, 2)
    written = export(path, kind, tmp_path / "out" / ("model.keras" if kind == "keras" else "model"))
    assert written.exists()
    if kind == "keras":
        np.testing.assert_allclose(
            keras.models.load_model(written)(CELLS).numpy(), load(path).network(CELLS).numpy(), atol=1e-5
        )


@pytest.mark.parametrize("number", [0, -1, 2.5, 1000, "two", None, True, [2]])
def test_an_impossible_number_of_members_is_refused(tmp_path, number):
    _, path = saved(tmp_path, 2)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["manifest.json"] = json.dumps(json.loads(parts["manifest.json"]) | {"members": number}).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    with pytest.raises(UserError, match="cannot be used"):
        load(path)
