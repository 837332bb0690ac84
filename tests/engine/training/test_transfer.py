from __future__ import annotations

import hashlib
import json
import zipfile

import numpy as np
import pytest
from safetensors.numpy import save as save_tensors

from tests.engine.training.conftest import TINY
from wizard import fileio, runs
from wizard.engine import ensemble
from wizard.engine.backend import keras
from wizard.engine.data.dataset import DataSet
from wizard.engine.errors import UserError
from wizard.engine.familiarity import Familiarity
from wizard.engine.model import Model, load, set_weights, weights_of
from wizard.engine.networks.base import NETWORKS, Network, build, network
from wizard.engine.training import checkpoint, matching, transfer
from wizard.engine.training.loop import Hooks
from wizard.results import Channel
from wizard.train_plan import TrainPlan

BRIGHT = Channel(name="Ch1", number=1)
DARK = Channel(name="Ch2", number=2)
DNA = Channel(name="Ch5", number=5, label="DNA")
CONSTANTS = {"kind": "none"}
ABOUT = {"data_set": {"fingerprint": "other", "group": "donor", "training_groups": []}}


def randomised(net, seed=0):
    rng = np.random.default_rng(seed)
    set_weights(net, {name: np.abs(rng.normal(size=value.shape)).astype(np.float32) + np.float32(0.1)
                      for name, value in weights_of(net).items()})  # fmt: skip
    return net


def write(path, channels=(BRIGHT, DARK), classes=("bright", "dim"), name=TINY.name, frame=(24, 20), members=1, **more):
    """Write a model with random weights and return its networks."""
    nets = [randomised(build(name, (*frame, len(channels)), len(classes), {}), seed) for seed in range(members)]
    net = ensemble.combine(nets, network(name).stages)[0] if members > 1 else nets[0]
    manifest = {
        "id": "0123456789ab", "network": name, "options": {}, "classes": list(classes), "frame": list(frame),
        "channels": [channel.model_dump() for channel in channels], "temperature": 1.0, "members": members,
        "normalisation": CONSTANTS, "settings": {}, **ABOUT, **more,
    }  # fmt: skip
    features = np.random.default_rng(1).normal(size=(30, 4)).astype(np.float32)
    Model(manifest, net, Familiarity.fit(features, np.arange(30) % 2, features)).save(path, "card")
    return nets


def begun(project, path, channels, classes, frame=(24, 20), **values):
    """Start a network from a model; return it and the words."""
    plan = TrainPlan(start=str(path), normalisation="none", **values)
    name, options = transfer.network_of(plan)
    net = build(name, (*frame, len(channels)), len(classes), options)
    return net, transfer.begin(net, plan, channels, classes, project)


def cells(channels, frame=(24, 20)):
    return np.random.default_rng(3).normal(size=(7, *frame, channels)).astype(np.float32)


def answers(net, images):
    return np.asarray(net(images, training=False))


@pytest.fixture
def path(tmp_path, tiny):
    return tmp_path / "class_tiny_0123456789ab.cytomodel"


@pytest.mark.parametrize("name", [TINY.name, "fast", "MLP_24_16_24", "VGG_small_2", "mobilenetv2"])
@pytest.mark.parametrize("channels", [[BRIGHT, DARK], [DARK, DNA, BRIGHT]])
def test_it_starts_as_the_same_function_whatever_a_new_channel_shows(path, easy_parsed, name, channels):
    frame = (32, 32) if name == "mobilenetv2" else (24, 24) if name == "VGG_small_2" else (24, 20)
    if name == "VGG_small_2" and not NETWORKS[name].side(24):
        side = next(side for side in range(18, 60) if NETWORKS[name].side(side))
        frame = (side, side)
    (donor,) = write(path, name=name, frame=frame)
    net, words = begun(easy_parsed, path, channels, ["bright", "dim"], frame)
    images = cells(len(channels), frame)
    places = [channels.index(BRIGHT), channels.index(DARK)]
    wanted = answers(donor, images[..., places])
    np.testing.assert_allclose(answers(net, images), wanted, rtol=1e-3, atol=1e-3 * np.abs(wanted).max())
    number = len(net.weights)
    assert words.startswith(f"Starts from {path.name}") and f"{number} of {number} arrays" in words
    assert ("New channels, which have no weight at first: Ch5 DNA." in words) == (len(channels) == 3)


def test_classes_are_matched_by_name_and_new_ones_keep_random_values(path, easy_parsed):
    (donor,) = write(path, classes=["a", "b", "c"])
    keras.utils.set_random_seed(5)
    fresh = build(TINY.name, (24, 20, 2), 3, {})
    random = weights_of(fresh)["classes/kernel"].copy()
    keras.utils.set_random_seed(5)
    net, words = begun(easy_parsed, path, [BRIGHT, DARK], ["c", "new", "a"])
    images = cells(2)
    np.testing.assert_allclose(answers(net, images)[:, [0, 2]], answers(donor, images)[:, [2, 0]], rtol=1e-5)
    np.testing.assert_array_equal(weights_of(net)["classes/kernel"][:, 1], random[:, 1])
    assert weights_of(net)["classes/bias"][1] == 0
    assert "New classes: new." in words and "Classes left out: b." in words


def test_other_classes_keep_the_output_random_and_the_rest_is_taken(path, easy_parsed):
    (donor,) = write(path)
    net, words = begun(easy_parsed, path, [BRIGHT, DARK], ["x", "y", "z"])
    same = {name for name, value in weights_of(net).items() if np.array_equal(value, weights_of(donor).get(name))}
    assert same == {name for name in weights_of(net) if not name.startswith("classes/")}
    assert "6 of 8 arrays" in words and "New classes: x, y, z." in words


def test_channels_without_a_match_go_by_place_or_by_the_mean(path, easy_parsed):
    (donor,) = write(path)
    others = [Channel(name="Red", number=1), Channel(name="Green", number=2), Channel(name="Blue", number=3)]
    net, words = begun(easy_parsed, path, others[:2], ["bright", "dim"])
    np.testing.assert_array_equal(answers(net, cells(2)), answers(donor, cells(2)))
    assert "matched by their place" in words and "Red, Green" in words
    net, words = begun(easy_parsed, path, others, ["bright", "dim"])
    assert "mean of all" in words
    # Where all channels show the same, old and new sum up to the same.
    grey = cells(1)
    wanted = answers(donor, np.repeat(grey, 2, axis=-1))
    np.testing.assert_allclose(answers(net, np.repeat(grey, 3, axis=-1)), wanted, rtol=1e-4)


def test_a_channel_that_is_gone_is_named(path, easy_parsed):
    write(path, channels=[BRIGHT, DNA, DARK])
    net, words = begun(easy_parsed, path, [DARK, BRIGHT], ["bright", "dim"])
    assert "no longer used: Ch5 DNA." in words and "New channels" not in words
    kernel, old = weights_of(net)["conv/kernel"], weights_of(load(path).network)["conv/kernel"]
    np.testing.assert_array_equal(kernel, old[:, :, [2, 0]])


def test_another_frame_keeps_what_depends_on_it_random(path, easy_parsed):
    write(path, name="MLP_24_16_24", channels=[BRIGHT, DARK])
    net, words = begun(easy_parsed, path, [BRIGHT, DARK], ["bright", "dim"], (20, 20))
    assert "dense_1" in words and f"{len(net.weights) - 1} of {len(net.weights)} arrays" in words


def test_a_batch_norm_over_the_image_follows_its_channels():
    spread = matching.spread_of([BRIGHT, DARK], [DARK, DNA, BRIGHT])
    like = np.array([1, 1, 1], np.float32)
    np.testing.assert_array_equal(spread.vector(np.array([3, 4], np.float32), like), [4, 1, 3])
    mean = matching.spread_of([BRIGHT, DARK], [DNA]).vector(np.array([3, 4], np.float32), like[:1])
    np.testing.assert_array_equal(mean, [3.5])


def test_an_ensemble_gives_its_first_network(path, easy_parsed):
    nets = write(path, members=3)
    net, words = begun(easy_parsed, path, [BRIGHT, DARK], ["bright", "dim"])
    np.testing.assert_array_equal(answers(net, cells(2)), answers(nets[0], cells(2)))
    assert "first of its 3 networks" in words


def test_nothing_to_take_over_is_refused(path, easy_parsed, monkeypatch):
    def line(shape, classes, options):
        inputs = keras.Input(shape, name="cells")
        x = keras.layers.Flatten(name="pool")(inputs)
        return keras.Model(inputs, keras.layers.Dense(classes, name="classes")(x))

    monkeypatch.setitem(NETWORKS, "line", Network("line", "Line", "", 4, line, {"pool": "pool"}))
    write(path, name="line")
    with pytest.raises(UserError, match="cannot start from"):
        begun(easy_parsed, path, [BRIGHT, DARK], ["x", "y"], (20, 20))


def damage(path, **values):
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["manifest.json"] = json.dumps({**json.loads(parts["manifest.json"]), **values})
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


@pytest.mark.parametrize(
    "values",
    [{"network": "nobody"}, {"network": 3}, {"options": []}, {"channels": [1, 2]}, {"settings": 1}, {"schema": 99},
     {"weights_sha256": "0"}],
)  # fmt: skip
def test_damaged_models_are_refused(path, easy_parsed, values):
    write(path)
    damage(path, **values)
    with pytest.raises(UserError):
        begun(easy_parsed, path, [BRIGHT, DARK], ["bright", "dim"])


def test_a_missing_model_and_overruled_settings_are_said(path, easy_parsed, tmp_path):
    with pytest.raises(UserError, match="does not exist"):
        transfer.network_of(TrainPlan(start=str(tmp_path / "none.cytomodel")))
    assert transfer.network_of(TrainPlan(network="fast")) == ("fast", {})
    write(path)
    plan = TrainPlan(start=str(path), network="fast", imagenet="x.h5")
    assert transfer.network_of(plan) == (TINY.name, {})
    net = build(TINY.name, (24, 20, 2), 2, {})
    words = transfer.begin(net, plan, [BRIGHT, DARK], ["bright", "dim"], easy_parsed)
    assert "The network is that of the model." in words
    assert "ImageNet weights are not used" in words and "another normalisation (none)" in words


def test_cells_that_the_model_knows_already_are_named(path, easy_parsed):
    data = DataSet.open(easy_parsed.data_set("main"))
    held = sorted(set(data.values("donor")[data.where("holdout")].tolist()))
    about = {"fingerprint": data.info["fingerprint"], "group": "donor", "training_groups": held}
    write(path, data_set=about, settings={"seed": 2})
    _, words = begun(easy_parsed, path, [BRIGHT, DARK], ["bright", "dim"])
    assert f"donor {', '.join(held)} of the hold-out" in words and "some of the validation cells" in words
    write(path, data_set={**about, "training_groups": []}, settings={"seed": 1})
    _, words = begun(easy_parsed, path, [BRIGHT, DARK], ["bright", "dim"])
    assert "hold-out" not in words and "validation cells" not in words


@pytest.fixture
def trained(make, easy_parsed, path):
    """A training with its model file and its record in the history."""
    training = make("first", epochs=2)
    last = {}
    training.run(Hooks(kept=lambda: last.update(copied(training))))
    frame, classes = tuple(training.task.data.frame), training.task.names
    write(path, channels=training.task.data.channels, classes=classes, frame=frame)
    run = runs.Run(
        id="run", network=TINY.name, classes=list(classes), settings={"optimizer": "adamw"}, epochs=2,
        model=f"models/{path.name}",
    )  # fmt: skip
    data = save_tensors(last)
    run.saved_sha256["last.safetensors"] = hashlib.sha256(data).hexdigest()
    fileio.write_bytes(runs.folder(easy_parsed, "run") / "last.safetensors", data)
    runs.save(easy_parsed, run)
    yield last
    runs.delete(easy_parsed, "run")


def copied(training):
    return {
        name: value.copy() for name, value in checkpoint.arrays_of(training.network, training.learn.optimizer).items()
    }


def test_continue_takes_the_last_weights_and_the_optimizer(trained, make, easy_parsed, path):
    again = make("again", epochs=2)
    words = transfer.continue_optimizer(again, TrainPlan(start=str(path)), easy_parsed)
    assert "goes on after epoch 2" in words
    arrays = copied(again)
    assert arrays.keys() == trained.keys()
    for name, value in trained.items():
        np.testing.assert_array_equal(arrays[name], value)
    assert int(again.learn.optimizer.iterations.numpy()) > 0
    again.run(Hooks())
    assert again.state.epoch == 2


@pytest.mark.parametrize(
    ("values", "change", "why"),
    [({"optimizer": "sgd"}, {}, "optimizer is another"), ({}, {"classes": ["x", "y"]}, "classes are others"),
     ({}, {"saved_sha256": {}}, "not kept"), ({}, {"model": "models/other.cytomodel"}, "no record")],
)  # fmt: skip
def test_what_does_not_fit_lets_the_optimizer_start_anew(trained, make, easy_parsed, path, values, change, why):
    runs.save(easy_parsed, runs.load(easy_parsed, "run").model_copy(update=change))
    again = make("again", epochs=2, **values)
    before = copied(again)
    words = transfer.continue_optimizer(again, TrainPlan(start=str(path), **values), easy_parsed)
    assert "starts anew" in words and why in words
    for name, value in before.items():
        np.testing.assert_array_equal(copied(again)[name], value)


def test_continue_is_not_done_unasked(trained, make, easy_parsed, path):
    again = make("again", epochs=2)
    assert transfer.continue_optimizer(again, TrainPlan(), easy_parsed) == ""
    assert transfer.continue_optimizer(again, TrainPlan(start=str(path), keep_optimizer=False), easy_parsed) == ""
    write(path, members=2, frame=(20, 20))
    assert "several networks" in transfer.continue_optimizer(again, TrainPlan(start=str(path)), easy_parsed)
    write(path, channels=[DARK, BRIGHT], frame=(20, 20))
    assert "channels are others" in transfer.continue_optimizer(again, TrainPlan(start=str(path)), easy_parsed)
